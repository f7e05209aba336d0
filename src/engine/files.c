/*
 * engine/files.c - the small files that travel between a driver and its job: scripts in, outputs back.
 *
 * A job of a thousand steps writes and reads six thousand of them, so their folders are opened once through the
 * sandbox and kept. The last component is never followed as a link, and a job that replaces a folder only hurts itself:
 * the descriptor is its own folder's.
 */
#include "engine/engine_priv.h"

#include "core/path.h"
#include "sys/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

void files_done(struct leg_run *lr)
{
    for (size_t i = 0; i < lr->n_dirs; i++) {
        fd_close(&lr->dirs[i].fd);
        free((void *)(uintptr_t)lr->dirs[i].path.p);
    }
    lr->n_dirs = 0;
}

/* The folder's descriptor, borrowed; fresh: open it anew even when it is kept. */
static int folder(struct leg_run *lr, struct str path, bool fresh, struct err *e)
{
    struct dir_slot *slot = NULL;
    for (size_t i = 0; i < lr->n_dirs && slot == NULL; i++)
        if (str_eq(lr->dirs[i].path, path))
            slot = &lr->dirs[i];
    if (slot != NULL && !fresh)
        return slot->fd;
    int fd = sandbox_openat(lr->sandbox, path, O_RDONLY | O_DIRECTORY, 0, e);
    if (fd < 0)
        return fd;
    if (slot == NULL && lr->n_dirs < ARRAY_LEN(lr->dirs)) {
        slot = &lr->dirs[lr->n_dirs++];
        *slot = (struct dir_slot){.fd = -1};
    } else if (slot == NULL) {
        slot = &lr->dirs[lr->next_dir++ % ARRAY_LEN(lr->dirs)];
    }
    fd_close(&slot->fd);
    free((void *)(uintptr_t)slot->path.p);
    *slot = (struct dir_slot){.path = str_of(mem_dup_str(path), path.n), .fd = fd};
    return fd;
}

static int open_file(struct leg_run *lr, struct str path, int flags, mode_t mode, struct err *e)
{
    CLEAN(free) char *name = mem_dup_str(path_base(path));
    for (int round = 0; round < 2; round++) {
        int dir = folder(lr, path_dir(path), round > 0, e);
        if (dir < 0)
            return dir;
        int fd = openat(dir, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, mode);
        if (fd >= 0)
            return fd;
        if (errno != ENOENT && errno != ESTALE)
            break;
    }
    return err_sys(e, errno, "%.*s", STR_ARG(path));
}

int files_write(struct leg_run *lr, const struct op_file *f, struct err *e)
{
    mode_t mode = f->mode != 0 ? f->mode : 0644;
    CLEAN(fd) int fd = open_file(lr, f->path, O_WRONLY | O_CREAT | O_TRUNC, mode, e);
    if (fd < 0)
        return fd;
    int rc = f->text.n > 0 ? fd_write(fd, f->text, e) : 0;
    return rc == 0 ? 0 : err_wrap(e, "%.*s", STR_ARG(f->path));
}

int files_read(struct leg_run *lr, struct arena *a, struct str path, size_t max, struct str *ret, struct err *e)
{
    CLEAN(fd) int fd = open_file(lr, path, O_RDONLY, 0, e);
    struct stat st;
    if (fd < 0)
        return fd;
    if (fstat(fd, &st) != 0)
        return err_sys(e, errno, "%.*s", STR_ARG(path));
    if (!S_ISREG(st.st_mode))
        return err_set(e, EINVAL, "%.*s is not a regular file any more", STR_ARG(path));
    if (st.st_size > (off_t)max)
        return err_set(e, EFBIG, "%.*s has %lld bytes; %zu are allowed", STR_ARG(path), (long long)st.st_size, max);
    char *p = arena_alloc(a, (size_t)st.st_size + 1);
    size_t n = 0;
    while (n < (size_t)st.st_size) {
        ssize_t got = read(fd, p + n, (size_t)st.st_size - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_sys(e, errno, "%.*s", STR_ARG(path));
        if (got == 0)
            break;
        n += (size_t)got;
    }
    *ret = str_of(p, n);
    return 0;
}
