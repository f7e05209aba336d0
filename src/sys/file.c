#include "core/base.h"
#include "sys/file.h"
#include "core/path.h"
#include "sys/clock.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

void fd_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void clean_fd(void *fd)
{
    fd_close(fd);
}

int fd_write(int fd, struct str s, struct err *e)
{
    while (s.n) {
        ssize_t n = write(fd, s.p, s.n);
        if (n > 0) {
            s = str_from_index(s, (size_t)n);
        } else if (n < 0 && errno == EAGAIN) {
            struct pollfd ready = {.fd = fd, .events = POLLOUT};
            poll(&ready, 1, -1);
        } else if (n == 0 || errno != EINTR) {
            return err_sys(e, n == 0 ? ENOSPC : errno, "cannot write");
        }
    }
    return 0;
}

int fd_write_at(int fd, struct str s, uint64_t at, struct err *e)
{
    while (s.n > 0) {
        ssize_t n = pwrite(fd, s.p, s.n, (off_t)at);
        if (n > 0) {
            s = str_from_index(s, (size_t)n);
            at += (uint64_t)n;
        } else if (n == 0 || errno != EINTR) {
            return err_sys(e, n == 0 ? ENOSPC : errno, "cannot write");
        }
    }
    return 0;
}

int file_nameless(const char *dir, struct err *e)
{
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(free) char *path = mem_dup(arena_printf(a, "%s/nameless-XXXXXX", dir).p);
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return err_sys(e, errno, "cannot make a file in '%s'", dir);
    unlink(path);
    return fd;
}

/* Reads to the end, as the size that fstat tells is 0 for files of /proc and may change for others. */
/* size: what the file is said to have; when a longer read gives just that, no other is needed to see its end. */
static int fd_read_all(int fd, struct buf *b, size_t size)
{
    for (;;) {
        size_t want = b->max - b->n < BUF_LINE ? b->max - b->n : BUF_LINE;
        char over, *to = want ? buf_room(b, want) : &over;
        ssize_t n = read(fd, to, want ? want : 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : 0;
        if (to == &over)
            return -EFBIG;
        buf_grew(b, (size_t)n);
        if (b->n == size && (size_t)n < want)
            return 0;
    }
}

static int check_kind(const struct stat *st, const char *path, size_t max, struct err *e)
{
    if (S_ISDIR(st->st_mode))
        return err_set(e, EISDIR, "cannot read '%s': it is a folder", path);
    if (!S_ISREG(st->st_mode))
        return err_set(e, EINVAL, "cannot read '%s': it is not a regular file", path);
    if ((uint64_t)st->st_size > max)
        return err_set(e, EFBIG, "cannot read '%s': it is larger than %zu bytes", path, max);
    return 0;
}

int file_read_at(struct arena *a, int dir, const char *path, size_t max, struct str *ret, struct err *e)
{
    /* Without O_NONBLOCK the open of a pipe that nobody writes to would wait. */
    CLEAN(fd) int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        return err_sys(e, errno, "cannot read '%s'", path);
    int r = check_kind(&st, path, max, e);
    if (r < 0)
        return r;
    CLEAN(buf) struct buf b = BUF(max < SIZE_MAX / 2 ? max : SIZE_MAX / 2);
    buf_room(&b, (size_t)st.st_size);
    r = fd_read_all(fd, &b, (size_t)st.st_size);
    if (r == -EFBIG)
        return err_set(e, EFBIG, "cannot read '%s': it is larger than %zu bytes", path, max);
    if (r < 0)
        return err_sys(e, r, "cannot read '%s'", path);
    *ret = arena_str(a, buf_str(&b));
    return 0;
}

int file_read(struct arena *a, const char *path, size_t max, struct str *ret, struct err *e)
{
    return file_read_at(a, AT_FDCWD, path, max, ret, e);
}

/* Writes and closes; the close counts too, as some file systems tell only then that the disk is full. */
static int write_close(int *fd, struct str text)
{
    int r = fd_write(*fd, text, NULL);
    int closed = close(*fd) < 0 ? -errno : 0;
    *fd = -1;
    return r < 0 ? r : closed;
}

int file_write(const char *path, struct str text, mode_t mode, struct err *e)
{
    CLEAN(arena) struct arena *a = arena_new();
    char unique[37];
    clock_uuid(unique);
    struct str dir = path_dir(str_from(path));
    const char *temporary = arena_printf(a, "%.*s/.slipway-%s", STR_ARG(dir), unique).p;
    CLEAN(fd) int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0)
        return err_sys(e, errno, "cannot write '%s'", path);
    int r = write_close(&fd, text);
    if (r == 0 && rename(temporary, path) < 0)
        r = -errno;
    if (r == 0)
        return 0;
    unlink(temporary);
    return err_sys(e, r, "cannot write '%s'", path);
}

bool path_exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

bool path_is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int dir_make(const char *path, mode_t mode, struct err *e)
{
    CLEAN(free) char *p = mem_dup(path);
    size_t n = strlen(p);
    while (n > 1 && p[n - 1] == '/')
        p[--n] = '\0';
    /* A parent that cannot be made may still be there (an automounted or read-only one): the last mkdir tells. */
    for (size_t i = 1; i < n; i++) {
        if (p[i] != '/')
            continue;
        p[i] = '\0';
        mkdir(p, mode | S_IWUSR | S_IXUSR);
        p[i] = '/';
    }
    if (mkdir(p, mode) == 0)
        return 0;
    int num = errno;
    if (path_is_dir(p))
        return 0;
    return err_sys(e, num == EEXIST ? ENOTDIR : num, "cannot make the folder '%s'", path);
}

int path_real(struct arena *a, const char *path, struct str *ret, struct err *e)
{
    CLEAN(free) char *real = realpath(path, NULL);
    if (!real)
        return err_sys(e, errno, "cannot find '%s'", path);
    *ret = arena_cstr(a, real);
    return 0;
}

/* Of the open file, not of the process: no close of another descriptor of the same file loses it. */
static int lock_wait(int fd, bool wait)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    while (fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &whole) < 0)
        if (errno != EINTR)
            return errno == EACCES ? -EWOULDBLOCK : -errno;
    return 0;
}

int file_lock(const char *path, bool wait, int *ret_fd, struct err *e)
{
    for (;;) {
        CLEAN(fd) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
        int r = fd < 0 ? -errno : lock_wait(fd, wait);
        if (fd >= 0 && r == -EWOULDBLOCK)
            return err_set(e, r, "'%s' is locked by another process", path);
        if (r < 0)
            return err_sys(e, r, "cannot lock '%s'", path);
        /* Who held the lock may have removed the file: then this is a lock on nothing. */
        struct stat ours, there;
        if (fstat(fd, &ours) < 0)
            return err_sys(e, errno, "cannot lock '%s'", path);
        if (stat(path, &there) < 0 || there.st_ino != ours.st_ino || there.st_dev != ours.st_dev)
            continue;
        *ret_fd = fd;
        fd = -1;
        return 0;
    }
}

int disk_free(const char *path, uint64_t *ret_bytes, struct err *e)
{
    struct statvfs fs;
    if (statvfs(path, &fs) < 0)
        return err_sys(e, errno, "cannot tell the free space at '%s'", path);
    if (__builtin_mul_overflow((uint64_t)fs.f_bavail, (uint64_t)fs.f_frsize, ret_bytes))
        *ret_bytes = UINT64_MAX;
    return 0;
}
