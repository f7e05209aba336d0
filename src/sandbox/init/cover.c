/*
 * sandbox/init/cover.c - the host's folders, shown copy-on-write.
 *
 * A folder becomes one overlay with its own upper layer. Three things stand in the way, and each is met by making the
 * folder a plain one and covering what is in it, one by one:
 *  - the scratch folder lies below it: overlayfs refuses an upper layer inside its lower one (ELOOP), and what slipway
 *    keeps there, for this job and for others, is not to be seen;
 *  - the user's home lies below it: that is not to be seen either;
 *  - something is mounted below it: a user namespace may not uncover what a mount hides (EINVAL).
 * The last of these is only followed in the folders that a job may want to change; elsewhere, and where overlayfs
 * cannot work at all, the folder is shown read-only.
 */
#include "sandbox/init/init.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/mman.h>
#include <sys/stat.h>

struct entry64 {
    uint64_t ino;
    int64_t off;
    uint16_t len;
    uint8_t type;
    char name[];
};

static long mountinfo_read(struct box *b)
{
    if (b->mountinfo != NULL)
        return 0;
    long fd = sc(__NR_openat, AT_FDCWD, "/proc/self/mountinfo", O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return fd;
    b->mountinfo = map_new(MOUNTINFO_MAX);
    long got = b->mountinfo == NULL ? -ENOMEM : 0;
    for (size_t at = 0; b->mountinfo != NULL && at + 1 < MOUNTINFO_MAX; at += (size_t)got) {
        got = sc(__NR_read, fd, b->mountinfo + at, MOUNTINFO_MAX - 1 - at);
        if (got <= 0)
            break;
    }
    sc(__NR_close, fd);
    return got < 0 ? got : 0;
}

/* A mount point of mountinfo with its octal escapes undone; p is left behind it. */
static const char *mount_point(const char *p, char *at, size_t size)
{
    size_t n = 0;
    while (*p != '\0' && *p != ' ' && *p != '\n' && n + 1 < size) {
        if (p[0] == '\\' && p[1] >= '0' && p[1] <= '3' && p[2] >= '0' && p[3] >= '0') {
            at[n++] = (char)((p[1] - '0') * 64 + (p[2] - '0') * 8 + (p[3] - '0'));
            p += 4;
        } else {
            at[n++] = *p++;
        }
    }
    at[n] = '\0';
    return p;
}

bool mounts_below(struct box *b, const char *path)
{
    char at[PATH_BYTES];
    if (mountinfo_read(b) < 0)
        return false;
    const char *p = b->mountinfo;
    while (*p != '\0') {
        for (int field = 0; field < 4; field++) {
            while (*p != '\0' && *p != ' ' && *p != '\n')
                p++;
            p += *p == ' ';
        }
        p = mount_point(p, at, sizeof at);
        if (text_under(at, path) && !text_eq(at, path))
            return true;
        while (*p != '\0' && *p != '\n')
            p++;
        p += *p == '\n';
    }
    return false;
}

static bool is_hidden(const struct box *b, const char *path)
{
    return text_under(path, b->hidden) || (b->home_host[0] == '/' && text_under(path, b->home_host));
}

static bool leads_to_hidden(const struct box *b, const char *path)
{
    return text_under(b->hidden, path) || (b->home_host[0] == '/' && text_under(b->home_host, path));
}

/* Those that installers write to. */
static bool is_system(const char *path)
{
    static const char *const tops[] = {"/usr", "/etc", "/opt", "/var", "/srv"};
    for (size_t i = 0; i < ARRAY_LEN(tops); i++)
        if (text_under(path, tops[i]))
            return true;
    return false;
}

/* Where installers put much. What is written elsewhere is small, and its upper layer is made faster in memory. */
bool is_large(const char *path)
{
    return text_under(path, "/usr") || text_under(path, "/var") || text_under(path, "/opt");
}

static long cover_link(struct box *b, const char *path)
{
    char to[PATH_BYTES];
    long n = sc(__NR_readlinkat, AT_FDCWD, path, to, sizeof to - 1);
    if (n < 0)
        return n;
    to[n] = '\0';
    long rc = sc(__NR_symlinkat, to, b->root, path + 1);
    return rc == -EEXIST ? 0 : rc;
}

/* The folder itself, plain and empty, with the host's mode. */
static long cover_plain(struct box *b, const char *path)
{
    struct statx st;
    long rc = sc(__NR_statx, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_MODE | STATX_UID | STATX_GID, &st);
    if (rc < 0)
        return rc;
    rc = dir_make_at(b->root, path, 0755);
    if (rc == 0 && (st.stx_uid != 0 || st.stx_gid != 0))
        sc(__NR_fchownat, b->root, path + 1, st.stx_uid, st.stx_gid, 0);
    return rc == 0 ? sc(__NR_fchmodat, b->root, path + 1, st.stx_mode & 07777) : rc;
}

int dir_each(const char *path, int (*each)(void *ctx, const char *path), void *ctx)
{
    _Alignas(struct entry64) char bytes[8192];
    char at[PATH_BYTES];
    long dir = sc(__NR_openat, AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW, 0);
    if (dir < 0)
        return (int)dir;
    int rc = 0;
    for (long got; rc == 0 && (got = sc(__NR_getdents64, dir, bytes, sizeof bytes)) > 0;) {
        for (long i = 0; i < got && rc == 0;) {
            const struct entry64 *d = (const struct entry64 *)(void *)(bytes + i);
            i += d->len;
            if (text_eq(d->name, ".") || text_eq(d->name, ".."))
                continue;
            at[0] = '\0';
            if (text_add(at, sizeof at, text_eq(path, "/") ? "" : path) && text_add(at, sizeof at, "/") &&
                text_add(at, sizeof at, d->name))
                rc = each(ctx, at);
        }
    }
    sc(__NR_close, dir);
    return rc;
}

static int cover_readonly(struct box *b, const char *path)
{
    long rc = b->parking_now ? 0 : bind_at(b, path, path, BIND_RO);
    if (rc == -EACCES || rc == -EPERM) /* what we may not open, the job may not either */
        return 0;
    return rc < 0 ? box_fail(b, rc, "read-only view of", path) : 0;
}

static long overlay_new(struct box *b, const char *path)
{
    long lower = sc(__NR_openat, AT_FDCWD, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    if (lower < 0)
        return lower;
    long rc = layer_new(b, (int)lower, b->memory_layers && !is_large(path) ? b->memory : b->disk, path);
    if (rc == 0)
        rc = names_fill(b, path);
    if (rc == 0)
        rc = overlay_make(b, (int)lower);
    sc(__NR_close, lower);
    return rc;
}

/* 0, -EINVAL or -ELOOP when it has to be covered piece by piece, another errno when it cannot be an overlay. */
static long cover_overlay(struct box *b, const char *path)
{
    struct part *p = b->parts != NULL ? part_find(b, PART_COVER, path) : NULL;
    if (p != NULL && (p->rc < 0 || b->parking_now))
        return p->rc;
    long mnt = p != NULL ? part_take(b, p) : overlay_new(b, path);
    if (b->parking_now && (p = part_new(b, PART_COVER, path)) != NULL) {
        long rc = part_keep(b, p, mnt);
        if (rc == -ENOSPC || rc == -EDQUOT || rc == -ENOMEM)
            p->path = NULL; /* another time, perhaps */
        return rc;
    }
    if (mnt < 0)
        return mnt;
    long rc = put_at(b, (int)mnt, path);
    sc(__NR_close, mnt);
    return rc;
}

static int stop_here(void *ctx, const char *path)
{
    (void)ctx, (void)path;
    return 1;
}

struct piece {
    struct box *b;
    unsigned depth;
};

static int cover_piece(void *ctx, const char *path)
{
    const struct piece *p = ctx;
    return cover(p->b, path, p->depth);
}

static int cover_pieces(struct box *b, const char *path, unsigned depth)
{
    struct piece p = {b, depth + 1};
    if (depth >= COVER_DEPTH)
        return box_fail(b, -ELOOP, "too deep:", path);
    long rc = b->parking_now ? 0 : cover_plain(b, path);
    if (rc < 0)
        return box_fail(b, rc, "folder", path);
    b->why[0] = '\0';
    rc = dir_each(path, cover_piece, &p);
    if (rc == -EACCES && b->why[0] == '\0') /* what we may not read, the job may not either */
        return 0;
    return rc < 0 && b->why[0] == '\0' ? box_fail(b, rc, "folder", path) : (int)rc;
}

static int cover_folder(struct box *b, const char *path, unsigned depth)
{
    bool pieces = leads_to_hidden(b, path) || (depth == 0 && dir_each(path, stop_here, NULL) == 0);
    if (!pieces) {
        long rc = cover_overlay(b, path);
        if (rc == 0)
            return 0;
        /* The job has one that it can write to: a command of it is not started with less. */
        if (b->parts != NULL && (rc == -ENOSPC || rc == -EDQUOT || rc == -ENOMEM))
            return box_fail(b, rc, "upper layer of", path);
        pieces = is_system(path) && (rc == -EINVAL || rc == -ELOOP) && mounts_below(b, path);
    }
    return pieces ? cover_pieces(b, path, depth) : cover_readonly(b, path);
}

int cover(struct box *b, const char *path, unsigned depth)
{
    struct statx st;
    if (is_hidden(b, path))
        return 0;
    long rc = sc(__NR_statx, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &st);
    if (rc == -EACCES || rc == -ENOENT)
        return 0;
    if (rc < 0)
        return box_fail(b, rc, "cannot read", path);
    if (S_ISLNK(st.stx_mode)) {
        rc = b->parking_now ? 0 : cover_link(b, path);
        return rc < 0 ? box_fail(b, rc, "link", path) : 0;
    }
    if (!S_ISDIR(st.stx_mode) && (!S_ISREG(st.stx_mode) || depth == 0))
        return 0;
    if (++b->mounts > COVER_MAX)
        return box_fail(b, -E2BIG, "too many folders beside the scratch folder, at", path);
    return S_ISDIR(st.stx_mode) ? cover_folder(b, path, depth) : cover_readonly(b, path);
}
