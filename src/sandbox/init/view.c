/*
 * sandbox/init/view.c - mounts that are added while the job runs.
 *
 * The source is found, and the mount made, in the outer mount namespace, where the host is visible; then it is attached
 * in the inner one, to a path that is resolved inside the job's root.
 */
#include "sandbox/init/init.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

enum { KIND_VIEW, KIND_RO, KIND_RW, KIND_TMPFS, KIND_DIR }; /* enum mount_kind of sandbox.h, in its order */

/* The folders above a hidden path, in the upper layer, with the modes and owners that the lower ones have. */
static long hide_parent(int upper, int lower, const char *path)
{
    struct statx st;
    long rc = sc(__NR_statx, lower, path, AT_SYMLINK_NOFOLLOW, STATX_MODE | STATX_UID | STATX_GID, &st);
    if (rc == 0 && !S_ISDIR(st.stx_mode))
        rc = -ENOTDIR;
    if (rc == 0)
        rc = sc(__NR_mkdirat, upper, path, 0700);
    if (rc < 0)
        return rc == -EEXIST ? 0 : rc;
    if (st.stx_uid != 0 || st.stx_gid != 0)
        sc(__NR_fchownat, upper, path, st.stx_uid, st.stx_gid, AT_SYMLINK_NOFOLLOW);
    return sc(__NR_fchmodat, upper, path, st.stx_mode & 07777);
}

static bool is_inner(const char *path)
{
    if (*path == '\0' || *path == '/')
        return false;
    for (const char *p = path; *p != '\0';) {
        size_t n = 0;
        while (p[n] != '\0' && p[n] != '/')
            n++;
        if (n == 0 || (p[0] == '.' && (n == 1 || (n == 2 && p[1] == '.'))))
            return false;
        p += n;
        if (*p == '/' && p[1] == '\0')
            return false;
        p += *p == '/';
    }
    return true;
}

/* A whiteout is a character device 0:0, which every user may make. What is not in the lower tree needs none. */
static long hide(int upper, int lower, char *path)
{
    if (!is_inner(path))
        return -EINVAL;
    for (char *p = path; *p != '\0'; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        long rc = hide_parent(upper, lower, path);
        *p = '/';
        if (rc < 0)
            return rc == -ENOENT || rc == -ENOTDIR ? 0 : rc;
    }
    long rc = sc(__NR_mknodat, upper, path, S_IFCHR, 0);
    return rc == -EEXIST || rc == -ENOTDIR ? 0 : rc;
}

static int view_make(struct box *b, const struct mounted *v)
{
    long lower = sc(__NR_openat, AT_FDCWD, v->source, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (lower < 0)
        return box_fail(b, lower, v->source, NULL);
    int rc = layer_new(b, (int)lower, b->disk, v->path);
    long upper = -1;
    if (rc == 0 && v->n_hide > 0) {
        upper = sc(__NR_openat, AT_FDCWD, b->upper, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
        rc = upper < 0 ? box_fail(b, upper, b->upper, NULL) : 0;
    }
    for (size_t i = 0; i < v->n_hide && rc == 0; i++) {
        long hid = hide((int)upper, (int)lower, v->hide[i]);
        rc = hid < 0 ? box_fail(b, hid, "hide", v->hide[i]) : 0;
    }
    if (rc == 0)
        rc = overlay_make(b, (int)lower);
    if (upper >= 0)
        sc(__NR_close, upper);
    sc(__NR_close, lower);
    return rc;
}

/* In the outer namespace: the detached mount, or -errno. */
static int source_make(struct box *b, const struct mounted *v, bool *ret_late)
{
    long rc;
    *ret_late = false;
    switch (v->kind) {
    case KIND_VIEW:
        return view_make(b, v);
    case KIND_RO:
    case KIND_RW:
        rc = bind_make(b, AT_FDCWD, v->source, v->kind == KIND_RO ? BIND_RO : BIND_RW, ret_late);
        return rc < 0 ? box_fail(b, rc, v->source, NULL) : (int)rc;
    case KIND_TMPFS:
        return tmpfs_make(b, v->bytes, 0755);
    case KIND_DIR:
        rc = disk_make(b, v->path, 0755);
        return rc < 0 ? box_fail(b, rc, "folder on disk", NULL) : (int)rc;
    default:
        return box_fail(b, -EINVAL, "kind of mount", NULL);
    }
}

static bool is_folder(int mnt)
{
    struct statx st = {.stx_mode = S_IFDIR};
    sc(__NR_statx, mnt, "", AT_EMPTY_PATH, STATX_TYPE, &st);
    return S_ISDIR(st.stx_mode);
}

/* Puts a detached mount at v->path below root; closes it. */
static int source_put(struct box *b, const struct mounted *v, int mnt, int root, bool late)
{
    long target = root < 0 ? root : target_open(root, v->path, is_folder(mnt));
    long rc = target < 0 ? target : mount_attach(mnt, (int)target, late);
    if (target >= 0)
        sc(__NR_close, target);
    sc(__NR_close, mnt);
    return rc < 0 ? box_fail(b, rc, v->path, NULL) : 0;
}

/* Remembers what the message asked for. */
static int mount_keep(struct box *b, const struct mounted *v)
{
    struct mounted *kept = map_new(sizeof *kept);
    char **texts = texts_copy(b->m.all, b->m.n);
    if (kept == NULL || texts == NULL)
        return box_fail(b, -ENOMEM, "memory", NULL);
    *kept = *v;
    kept->source = texts[0];
    kept->path = texts[1];
    kept->hide = texts + 2;
    if (b->last_mounted != NULL)
        b->last_mounted->next = kept;
    else
        b->first_mounted = kept;
    b->last_mounted = kept;
    b->n_mounted++;
    return 0;
}

static int found_one(void *ctx, const char *path)
{
    (void)ctx, (void)path;
    return 1;
}

int view_mount(struct box *b)
{
    const struct message *m = &b->m;
    bool late = false;
    if (m->n < 2 || m->all[1][0] != '/')
        return box_fail(b, -EPROTO, "mount", NULL);
    struct mounted v = {.kind = m->head.a,
                        .only_one = m->head.b == 1,
                        .bytes = m->head.id,
                        .source = m->all[0],
                        .path = m->all[1],
                        .hide = m->all + 2,
                        .n_hide = m->n - 2};
    if (v.kind == KIND_VIEW && dir_each(v.path, found_one, NULL) == 1)
        return box_fail(b, -ENOTEMPTY, v.path, NULL);
    long rc = sc(__NR_setns, b->outer, CLONE_NEWNS);
    if (rc < 0)
        return box_fail(b, rc, "outer namespace", NULL);
    int mnt = source_make(b, &v, &late);
    rc = sc(__NR_setns, b->inner, CLONE_NEWNS);
    if (rc < 0) /* nothing may run where the host is visible */
        sc(__NR_exit_group, 1);
    if (mnt < 0)
        return mnt;
    long root = dir_open(AT_FDCWD, "/");
    rc = source_put(b, &v, mnt, (int)root, late);
    if (root >= 0)
        sc(__NR_close, root);
    return rc == 0 ? mount_keep(b, &v) : (int)rc;
}

int views_park(struct box *b)
{
    for (const struct mounted *v = b->first_mounted; v != NULL; v = v->next) {
        if (v->kind != KIND_VIEW || part_find(b, PART_VIEW, v->path) != NULL)
            continue;
        struct part *p = part_new(b, PART_VIEW, v->path);
        if (p == NULL)
            return 0;
        int mnt = view_make(b, v);
        int rc = (int)part_keep(b, p, mnt);
        if (rc < 0) {
            p->path = NULL; /* another time, perhaps */
            return mnt < 0 ? rc : box_fail(b, rc, "view of", v->source);
        }
    }
    return 0;
}

int views_again(struct box *b)
{
    for (const struct mounted *v = b->first_mounted; v != NULL; v = v->next) {
        bool late;
        if (v->only_one)
            return box_fail(b, -EOPNOTSUPP, "a second copy for", v->path);
        const struct part *p = v->kind == KIND_VIEW ? part_find(b, PART_VIEW, v->path) : NULL;
        int mnt = p != NULL ? (int)part_take(b, p) : source_make(b, v, &late);
        int rc = mnt < 0 ? mnt : source_put(b, v, mnt, b->root, p == NULL && late);
        if (rc < 0)
            return rc;
    }
    return 0;
}
