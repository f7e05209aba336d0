/*
 * sandbox/init/mount.c - the pieces a root is made of: detached mounts, and the places they are put on.
 *
 * Everything goes through descriptors (fsopen, open_tree, move_mount: Linux 5.2), so that a path of the job is resolved
 * once, inside its root, and a mount can be made where the host is visible and attached where it is not.
 */
#include "sandbox/init/init.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
#define ST_RELATIME 0x1000

long dir_open(int root, const char *path)
{
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    return sc(__NR_openat2, root, path, &how, sizeof how);
}

/* One component of a path that is being created: its descriptor, whatever it is a link to inside root. */
static long step_into(int root, char *path, size_t end, uint32_t mode)
{
    char after = path[end];
    path[end] = '\0';
    long fd = dir_open(root, path);
    if (fd == -ENOENT) {
        size_t slash = end;
        while (slash > 0 && path[slash - 1] != '/')
            slash--;
        char first = path[slash];
        const char *parent = slash > 1 ? path : "/";
        path[slash] = '\0';
        long dir = dir_open(root, parent);
        path[slash] = first;
        if (dir >= 0) {
            long rc = sc(__NR_mkdirat, dir, path + slash, mode);
            sc(__NR_close, dir);
            fd = rc < 0 && rc != -EEXIST ? rc : dir_open(root, path);
        } else {
            fd = dir;
        }
    }
    path[end] = after;
    return fd;
}

/* mkdir -p inside root; the last folder gets `mode`. Returns a descriptor of it. */
static long dir_make_open(int root, const char *path, uint32_t mode)
{
    char at[PATH_BYTES];
    at[0] = '\0';
    if (!text_add(at, sizeof at, path))
        return -ENAMETOOLONG;
    long fd = dir_open(root, at);
    if (fd != -ENOENT)
        return fd;
    size_t n = text_len(at);
    for (size_t i = 1; i <= n; i++) {
        if (at[i] != '/' && at[i] != '\0')
            continue;
        if (fd >= 0)
            sc(__NR_close, fd);
        fd = step_into(root, at, i, i == n ? mode : 0755);
        if (fd < 0)
            return fd;
    }
    return fd;
}

long dir_make_at(int root, const char *path, uint32_t mode)
{
    long fd = dir_make_open(root, path, mode);
    if (fd < 0)
        return fd;
    sc(__NR_close, fd);
    return 0;
}

long target_open(int root, const char *path, bool folder)
{
    if (folder)
        return dir_make_open(root, path, 0755);
    long fd = dir_open(root, path);
    if (fd != -ENOENT)
        return fd;
    char at[PATH_BYTES];
    at[0] = '\0';
    if (!text_add(at, sizeof at, path))
        return -ENAMETOOLONG;
    size_t slash = text_len(at);
    while (slash > 0 && at[slash - 1] != '/')
        slash--;
    char first = at[slash];
    at[slash] = '\0';
    long dir = dir_make_open(root, slash > 1 ? at : "/", 0755);
    at[slash] = first;
    if (dir < 0)
        return dir;
    fd = sc(__NR_openat, dir, at + slash, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644);
    sc(__NR_close, dir);
    if (fd < 0)
        return fd;
    sc(__NR_close, fd);
    return dir_open(root, path);
}

/* ---- detached mounts ---- */

static long fs_finish(long fs)
{
    long rc = sc(__NR_fsconfig, fs, FSCONFIG_CMD_CREATE, 0, 0, 0);
    if (rc == 0)
        rc = sc(__NR_fsmount, fs, FSMOUNT_CLOEXEC, 0);
    sc(__NR_close, fs);
    return rc;
}

int tmpfs_make(struct box *b, uint64_t bytes, uint32_t mode)
{
    char size[24] = "";
    text_add_num(size, sizeof size, bytes);
    long fs = sc(__NR_fsopen, "tmpfs", FSOPEN_CLOEXEC);
    if (fs < 0)
        return box_fail(b, fs, "tmpfs", NULL);
    long rc = sc(__NR_fsconfig, fs, FSCONFIG_SET_STRING, "size", size, 0);
    if (rc == 0)
        rc = sc(__NR_fsconfig, fs, FSCONFIG_SET_STRING, "mode", mode == 01777 ? "1777" : "755", 0);
    if (rc < 0) {
        sc(__NR_close, fs);
        return box_fail(b, rc, "tmpfs", NULL);
    }
    rc = fs_finish(fs);
    return rc < 0 ? box_fail(b, rc, "tmpfs", NULL) : (int)rc;
}

/* kind, number, and the path with dashes for slashes: whoever looks into a kept scratch folder finds his way. */
static bool layer_name(struct box *b, char *at, const char *where, const char *kind, const char *path)
{
    at[0] = '\0';
    if (!text_add(at, PATH_BYTES, where) || !text_add(at, PATH_BYTES, "/") || !text_add(at, PATH_BYTES, kind) ||
        !text_add_num(at, PATH_BYTES, b->layers))
        return false;
    size_t n = text_len(at), path_len = text_len(path), from = path_len > 64 ? path_len - 64 : 0;
    for (size_t i = from; i < path_len && n + 1 < PATH_BYTES; i++)
        at[n++] = path[i] == '/' || path[i] == ':' || path[i] == ',' || path[i] == '\\' ? '-' : path[i];
    at[n] = '\0';
    return n + 1 < PATH_BYTES;
}

int layer_new(struct box *b, int lower, const char *where, const char *path)
{
    struct statx st;
    b->layers++;
    if (!layer_name(b, b->work, where, "work", path) || !layer_name(b, b->upper, where, "upper", path))
        return box_fail(b, -ENAMETOOLONG, "upper folder", path);
    long rc = sc(__NR_statx, lower, "", AT_EMPTY_PATH, STATX_MODE | STATX_UID | STATX_GID, &st);
    if (rc == 0)
        rc = sc(__NR_mkdirat, AT_FDCWD, b->work, 0700);
    if (rc == 0)
        rc = sc(__NR_mkdirat, AT_FDCWD, b->upper, 0755);
    if (rc == 0 && (st.stx_uid != 0 || st.stx_gid != 0)) /* an id that is not mapped stays ours */
        sc(__NR_fchownat, AT_FDCWD, b->upper, st.stx_uid, st.stx_gid, 0);
    if (rc == 0 && (st.stx_mode & 07777) != 0755)
        rc = sc(__NR_fchmodat, AT_FDCWD, b->upper, st.stx_mode & 07777);
    return rc < 0 ? box_fail(b, rc, "upper folder", b->upper) : 0;
}

long disk_make(struct box *b, const char *path, uint32_t mode)
{
    char at[PATH_BYTES];
    bool late;
    struct part *p = b->parts != NULL ? part_find(b, PART_FOLDER, path) : NULL;
    if (p != NULL)
        return bind_make(b, AT_FDCWD, p->upper, BIND_RW, &late);
    b->layers++;
    if (!layer_name(b, at, b->disk, "dir", path))
        return -ENAMETOOLONG;
    long rc = sc(__NR_mkdirat, AT_FDCWD, at, 0755);
    if (rc == 0 && mode != 0755)
        rc = sc(__NR_fchmodat, AT_FDCWD, at, mode);
    if (rc == 0 && b->parts != NULL && (p = part_new(b, PART_FOLDER, path)) != NULL)
        rc = part_born(b, p, at, "");
    return rc < 0 ? rc : bind_make(b, AT_FDCWD, at, BIND_RW, &late);
}

/* The working folder becomes the lower one: then its name needs no escapes. */
static long overlay_options(struct box *b, long fs, int lower)
{
    long rc = sc(__NR_fchdir, lower);
    if (rc == 0)
        rc = sc(__NR_fsconfig, fs, FSCONFIG_SET_STRING, "lowerdir", ".", 0);
    if (rc == 0)
        rc = sc(__NR_fsconfig, fs, FSCONFIG_SET_STRING, "upperdir", b->upper, 0);
    if (rc == 0)
        rc = sc(__NR_fsconfig, fs, FSCONFIG_SET_STRING, "workdir", b->work, 0);
    if (rc == 0)
        rc = sc(__NR_fsconfig, fs, FSCONFIG_SET_FLAG, "userxattr", 0, 0);
    /* No upper layer outlives its sandbox: nothing needs to reach the disk, neither at fsync nor at the end. */
    if (rc == 0)
        rc = sc(__NR_fsconfig, fs, FSCONFIG_SET_FLAG, "volatile", 0, 0);
    return rc;
}

int overlay_make(struct box *b, int lower)
{
    if (b->flags & WIRE_NO_OVERLAY)
        return box_fail(b, -EOPNOTSUPP, "overlay", NULL);
    long fs = sc(__NR_fsopen, "overlay", FSOPEN_CLOEXEC);
    if (fs < 0)
        return box_fail(b, fs, "overlay", NULL);
    long rc = overlay_options(b, fs, lower);
    if (rc < 0)
        sc(__NR_close, fs);
    else
        rc = fs_finish(fs);
    if (rc < 0)
        return box_fail(b, rc, "overlay", NULL);
    b->got |= WIRE_GOT_OVERLAY;
    return (int)rc;
}

/* ---- binds ---- */

/* Without mount_setattr (before Linux 5.12) the top alone can be made read-only, once it is attached. */
static long readonly_old(int mnt)
{
    char at[48] = "/proc/self/fd/";
    struct statfs st;
    text_add_num(at, sizeof at, (unsigned)mnt);
    long rc = sc(__NR_fstatfs, mnt, &st);
    if (rc < 0)
        return rc;
    unsigned long kept = (unsigned long)st.f_flags & (MS_NOEXEC | MS_NOATIME | MS_NODIRATIME);
    if ((unsigned long)st.f_flags & ST_RELATIME)
        kept |= MS_RELATIME;
    return sc(__NR_mount, 0, at, 0, kept | MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, 0);
}

/* In a user namespace a tree with mounts below it can only be copied whole. */
static long tree_clone(int dir, const char *path, bool *ret_whole)
{
    unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (path[0] == '\0' ? AT_EMPTY_PATH : 0);
    long mnt = sc(__NR_open_tree, dir, path, flags);
    *ret_whole = mnt == -EINVAL;
    return mnt == -EINVAL ? sc(__NR_open_tree, dir, path, flags | AT_RECURSIVE) : mnt;
}

static long attrs_set(struct box *b, long mnt, enum bind_how how)
{
    struct mount_attr attr = {.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV};
    if (how == BIND_DEVICE)
        return 0;
    if (how == BIND_RO)
        attr.attr_set |= MOUNT_ATTR_RDONLY;
    if (b->flags & WIRE_NO_SETATTR)
        return -ENOSYS;
    return sc(__NR_mount_setattr, mnt, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr);
}

long bind_make(struct box *b, int dir, const char *path, enum bind_how how, bool *ret_late)
{
    bool whole;
    *ret_late = false;
    long mnt = tree_clone(dir, path, &whole);
    if (mnt < 0)
        return mnt;
    long rc = attrs_set(b, mnt, how);
    if (rc == -ENOSYS && how == BIND_RO && !whole) {
        *ret_late = true;
        rc = 0;
    } else if (rc == -ENOSYS && how == BIND_RW) {
        rc = 0; /* no_new_privs and the lack of CAP_MKNOD say the same */
    }
    if (rc == 0)
        return mnt;
    sc(__NR_close, mnt);
    return rc;
}

static long share_attrs(struct box *b, const char *from, long mnt, bool read_only, bool *ret_late)
{
    long rc = attrs_set(b, mnt, read_only ? BIND_RO : BIND_RW);
    if (rc != -ENOSYS || !read_only)
        return rc == -ENOSYS ? 0 : rc;
    *ret_late = true;
    bool below = mounts_below(b, from);
    map_free(b->mountinfo, MOUNTINFO_MAX); /* of another namespace than the next question */
    b->mountinfo = NULL;
    return below ? rc : 0; /* only the top would be read-only */
}

long share_make(struct box *b, const char *from, bool read_only, bool *ret_folder, bool *ret_late)
{
    struct statx st;
    *ret_late = false;
    long at = dir_open(AT_FDCWD, from);
    long rc = at < 0 ? at : sc(__NR_statx, at, "", AT_EMPTY_PATH, STATX_TYPE, &st);
    if (rc == 0)
        rc = sc(__NR_open_tree, at, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
    if (at >= 0)
        sc(__NR_close, at);
    if (rc < 0)
        return rc;
    long mnt = rc;
    *ret_folder = S_ISDIR(st.stx_mode);
    rc = share_attrs(b, from, mnt, read_only, ret_late);
    if (rc == 0)
        return mnt;
    sc(__NR_close, mnt);
    return rc;
}

long mount_attach(int mnt, int target, bool late)
{
    long rc = sc(__NR_move_mount, mnt, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
    return rc == 0 && late ? readonly_old(mnt) : rc;
}

long bind_at(struct box *b, const char *source, const char *path, enum bind_how how)
{
    struct statx st;
    bool late;
    long rc = sc(__NR_statx, AT_FDCWD, source, 0, STATX_TYPE, &st);
    if (rc < 0)
        return rc;
    long mnt = bind_make(b, AT_FDCWD, source, how, &late);
    if (mnt < 0)
        return mnt;
    long target = target_open(b->root, path, S_ISDIR(st.stx_mode));
    rc = target < 0 ? target : mount_attach((int)mnt, (int)target, late);
    if (target >= 0)
        sc(__NR_close, target);
    sc(__NR_close, mnt);
    return rc;
}

long put_at(struct box *b, int mnt, const char *path)
{
    long target = target_open(b->root, path, true);
    long rc = target < 0 ? target : mount_attach(mnt, (int)target, false);
    if (target >= 0)
        sc(__NR_close, target);
    return rc;
}
