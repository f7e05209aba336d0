/*
 * sandbox/init/remove.c - removing a tree that a job with several user ids left behind.
 *
 * Never follows a link and never leaves the file system; keeps going past what it cannot remove and tells the first
 * reason. Depth costs a descriptor each, so it is limited.
 */
#include "sandbox/init/init.h"

#include <fcntl.h>
#include <sys/stat.h>

#define REMOVE_DEPTH 512

struct removal {
    long first;   /* what went wrong first */
    uint64_t dev; /* the file system we stay on */
    unsigned depth;
};

struct name64 {
    uint64_t ino;
    int64_t off;
    uint16_t len;
    uint8_t type;
    char name[];
};

static void failed(struct removal *r, long rc)
{
    if (rc < 0 && rc != -ENOENT && r->first == 0)
        r->first = rc;
}

static bool same_device(const struct removal *r, int dir)
{
    struct statx st;
    return sc(__NR_statx, dir, "", AT_EMPTY_PATH, STATX_TYPE, &st) == 0 &&
           ((uint64_t)st.stx_dev_major << 32 | st.stx_dev_minor) == r->dev;
}

static void empty_dir(struct removal *r, int dir);

static void remove_one(struct removal *r, int dir, const char *name)
{
    long rc = sc(__NR_unlinkat, dir, name, 0);
    if (rc == 0 || rc == -ENOENT)
        return;
    if (rc != -EISDIR && rc != -EPERM && rc != -EACCES) {
        failed(r, rc);
        return;
    }
    long sub = sc(__NR_openat, dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    if (sub == -EACCES && sc(__NR_fchmodat, dir, name, 0700) == 0)
        sub = sc(__NR_openat, dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    if (sub < 0) {
        failed(r, sub == -ENOTDIR ? rc : sub);
        return;
    }
    if (++r->depth > REMOVE_DEPTH)
        failed(r, -ELOOP);
    else if (same_device(r, (int)sub))
        empty_dir(r, (int)sub);
    else
        failed(r, -EXDEV);
    r->depth--;
    sc(__NR_close, sub);
    failed(r, sc(__NR_unlinkat, dir, name, AT_REMOVEDIR));
}

static void empty_dir(struct removal *r, int dir)
{
    _Alignas(struct name64) char bytes[2048];
    for (long got; (got = sc(__NR_getdents64, dir, bytes, sizeof bytes)) > 0;)
        for (long i = 0; i < got;) {
            const struct name64 *d = (const struct name64 *)(void *)(bytes + i);
            i += d->len;
            if (!text_eq(d->name, ".") && !text_eq(d->name, ".."))
                remove_one(r, dir, d->name);
        }
}

long tree_unlink(const char *path)
{
    struct removal r = {0};
    struct statx st;
    long dir = sc(__NR_openat, AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    if (dir < 0)
        return dir == -ENOENT ? 0 : dir;
    sc(__NR_statx, dir, "", AT_EMPTY_PATH, STATX_TYPE, &st);
    r.dev = (uint64_t)st.stx_dev_major << 32 | st.stx_dev_minor;
    empty_dir(&r, (int)dir);
    sc(__NR_close, dir);
    failed(&r, sc(__NR_unlinkat, AT_FDCWD, path, AT_REMOVEDIR));
    return r.first;
}
