#include "core/base.h"
#include "sys/copy_priv.h"
#include "core/mem.h"
#include "sys/file.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

static bool owner_differs(const struct stat *st)
{
    return st->st_uid != geteuid() || st->st_gid != getegid();
}

/* Only root may give files away; for others the copy is theirs, as with cp -a. */
static bool owner_refused(int r)
{
    return r < 0 && errno != EPERM && errno != EINVAL;
}

int copy_traits(int fd, const struct stat *st)
{
    struct timespec times[2] = {st->st_atim, st->st_mtim};
    /* The owner comes first, as a change of owner takes the set-id bits away. */
    if (owner_differs(st) && owner_refused(fchown(fd, st->st_uid, st->st_gid)))
        return -errno;
    if (fchmod(fd, st->st_mode & 07777) < 0 || futimens(fd, times) < 0)
        return -errno;
    return 0;
}

/* As copy_traits for what cannot be opened; the mode of a link is not ours to set. */
static int traits_at(struct place at, const struct stat *st)
{
    struct timespec times[2] = {st->st_atim, st->st_mtim};
    if (owner_differs(st) && owner_refused(fchownat(at.dir, at.name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW)))
        return -errno;
    if (!S_ISLNK(st->st_mode) && fchmodat(at.dir, at.name, st->st_mode & 07777, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    return utimensat(at.dir, at.name, times, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

static int copy_regular(struct place from, struct place to)
{
    struct stat st;
    CLEAN(fd) int in = openat(from.dir, from.name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (in < 0 || fstat(in, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return -ESTALE;
    CLEAN(fd) int out = openat(to.dir, to.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (out < 0)
        return -errno;
    int r = copy_data(in, out, &st);
    if (r == 0)
        r = copy_traits(out, &st);
    int closed = close(out) < 0 ? -errno : 0;
    out = -1;
    return r < 0 ? r : closed;
}

static int copy_link(struct place from, struct place to, const struct stat *st)
{
    CLEAN(free) char *target = mem_alloc(PATH_MAX + 1);
    ssize_t n = readlinkat(from.dir, from.name, target, PATH_MAX + 1);
    if (n < 0)
        return -errno;
    if (n > PATH_MAX)
        return -ENAMETOOLONG;
    target[n] = '\0';
    return symlinkat(target, to.dir, to.name) < 0 ? -errno : traits_at(to, st);
}

int copy_entry(struct place from, struct place to, const struct stat *st)
{
    switch (st->st_mode & S_IFMT) {
    case S_IFREG:
        return copy_regular(from, to);
    case S_IFLNK:
        return copy_link(from, to, st);
    case S_IFSOCK:
        return 0;
    case S_IFIFO:
    case S_IFCHR:
    case S_IFBLK:
        return mknodat(to.dir, to.name, st->st_mode, st->st_rdev) < 0 ? -errno : traits_at(to, st);
    default:
        return -EINVAL;
    }
}
