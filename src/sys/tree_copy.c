/*
 * sys/tree_copy.c - copying a whole tree, or the listed parts of one.
 *
 * Two descents walk side by side, one that reads and one that makes. A new folder is writable for its owner until it
 * is left; then it gets the mode and the times of its original. Files with several links become links of each other
 * again when the copy has seen the first of them.
 */
#include "core/base.h"
#include "sys/copy_priv.h"
#include "sys/descent_priv.h"
#include "core/buf.h"
#include "core/map.h"
#include "core/path.h"
#include "sys/file.h"

#include <fcntl.h>
#include <unistd.h>

struct copy {
    struct descent from, to;
    struct arena *a;
    struct map linked; /* "device:inode" -> the first copy's path below `to`, for files with several links */
    int root;          /* the folder `to` */
    dev_t root_dev;
    ino_t root_ino;
    struct str prefix; /* where the descents start below both roots, with a slash behind; or empty */
    bool listed;       /* what is there already came by an earlier name of the list */
    bool merge;        /* what is there already gives way, save a folder to a folder */
    struct err *e;
};

static int copy_fail(const struct copy *c, int num, struct str name)
{
    return descent_fail(&c->from, c->e, num, "copy", name);
}

static struct str link_key(struct arena *a, const struct stat *st)
{
    return arena_printf(a, "%llu:%llu", (unsigned long long)st->st_dev, (unsigned long long)st->st_ino);
}

/* Makes room for an entry that is no folder. 0 or -errno. */
static int give_way(const struct copy *c, struct place to)
{
    return c->merge && unlinkat(to.dir, to.name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

/* A folder that is there will do; anything else gives way when merging. 0 or -errno. */
static int make_folder(bool merge, struct place at)
{
    struct stat st;
    if (mkdirat(at.dir, at.name, 0700) == 0)
        return 0;
    if (errno != EEXIST || !merge)
        return errno == EEXIST ? 0 : -errno;
    if (fstatat(at.dir, at.name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return 0;
    return unlinkat(at.dir, at.name, 0) < 0 || mkdirat(at.dir, at.name, 0700) < 0 ? -errno : 0;
}

/* Copies an entry that is no folder; rel is its path below both roots. 0 or -errno. */
static int copy_leaf(struct copy *c, struct place from, struct place to, const struct stat *st, struct str rel)
{
    int r = give_way(c, to);
    if (r < 0)
        return r;
    if (!S_ISREG(st->st_mode) || st->st_nlink < 2)
        return copy_entry(from, to, st);
    struct str key = link_key(c->a, st), first = map_get_str(&c->linked, key);
    if (first.p && linkat(c->root, first.p, to.dir, to.name, 0) == 0)
        return 0;
    r = copy_entry(from, to, st);
    if (r == 0 && !first.p)
        map_set_str(&c->linked, key, rel);
    return r;
}

/* The path of an entry of the folder where the copy stands, below both roots. */
static struct str rel_path(struct copy *c, struct str at, struct str name)
{
    return arena_printf(c->a, "%.*s%.*s%s%.*s", STR_ARG(c->prefix), STR_ARG(at), at.n ? "/" : "", STR_ARG(name));
}

static int names_here(struct copy *c)
{
    struct level *here = descent_level(&c->from);
    struct stat st;
    if (fstat(here->fd, &st) < 0)
        return copy_fail(c, errno, STR_NONE);
    if (st.st_dev == c->root_dev && st.st_ino == c->root_ino)
        return err_set(c->e, EINVAL, "cannot copy '%s' into itself", c->from.root);
    int r = folder_names(here->arena, here->fd, &here->names);
    return r < 0 ? copy_fail(c, r, STR_NONE) : 0;
}

static int copy_enter(struct copy *c, struct str name)
{
    int r = descent_enter(&c->from, name);
    if (r == -ENOENT)
        return 0;
    if (r < 0)
        return copy_fail(c, r, name);
    r = make_folder(c->merge, (struct place){descent_here(&c->to), name.p});
    if (r == 0)
        r = descent_enter(&c->to, name);
    return r < 0 ? copy_fail(c, r, STR_NONE) : names_here(c);
}

/* What vanished since the folder was listed is passed over, as if the copy had come a moment later. */
static int copy_one(struct copy *c, struct str name)
{
    struct place from = {descent_here(&c->from), name.p}, to = {descent_here(&c->to), name.p};
    struct stat st;
    if (fstatat(from.dir, from.name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : copy_fail(c, errno, name);
    if (S_ISDIR(st.st_mode))
        return copy_enter(c, name);
    struct str rel = st.st_nlink > 1 ? rel_path(c, buf_str(&c->from.path), name) : STR_NONE;
    int r = copy_leaf(c, from, to, &st, rel);
    if (r == 0 || r == -ENOENT || (r == -EEXIST && c->listed))
        return 0;
    return copy_fail(c, r, name);
}

/* The folder is complete: its mode and times are set now, as every new entry would have changed them. */
static int copy_finish(struct copy *c)
{
    struct stat st;
    int r = fstat(descent_here(&c->from), &st) < 0 ? -errno : copy_traits(descent_here(&c->to), &st);
    if (r == 0 && c->from.levels.n > 1) {
        r = descent_leave(&c->to);
        if (r == 0)
            r = descent_leave(&c->from);
    }
    return r < 0 ? copy_fail(c, r, STR_NONE) : 0;
}

/* Copies what is in one open folder into the other; takes both over. */
static int copy_folder(struct copy *c, const char *root, int from, int to)
{
    int r = descent_start(&c->from, root, from), s = descent_start(&c->to, root, to);
    r = r < 0 || s < 0 ? copy_fail(c, r < 0 ? r : s, STR_NONE) : names_here(c);
    while (r == 0) {
        struct level *here = descent_level(&c->from);
        bool last = c->from.levels.n == 1;
        if (here->next < here->names.n) {
            r = copy_one(c, here->names.p[here->next++]);
        } else {
            r = copy_finish(c);
            if (last)
                break;
        }
    }
    clean_descent(&c->from);
    clean_descent(&c->to);
    return r;
}

/* Makes c ready for the root `to`, an open folder. */
static int copy_start(struct copy *c, int root)
{
    struct stat st;
    if (fstat(root, &st) < 0)
        return -errno;
    c->root = root;
    c->root_dev = st.st_dev;
    c->root_ino = st.st_ino;
    map_init(&c->linked, c->a, MAP_CASE);
    return 0;
}

static int copy_whole_folder(const char *from, const char *to, bool merge, struct err *e)
{
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(fd) int in = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), root = -1, out = -1;
    if (in < 0)
        return err_sys(e, errno, "cannot copy '%s'", from);
    int r = merge ? make_folder(true, (struct place){AT_FDCWD, to}) : mkdir(to, 0700) < 0 ? -errno : 0;
    if (r < 0)
        return err_sys(e, r, "cannot make the folder '%s'", to);
    struct copy c = {.a = a, .e = e, .merge = merge};
    root = folder_open_at(AT_FDCWD, to);
    out = folder_open_at(AT_FDCWD, to);
    r = root < 0 ? root : out < 0 ? out : copy_start(&c, root);
    if (r < 0) {
        r = err_sys(e, r, "cannot open '%s'", to);
    } else {
        r = copy_folder(&c, from, in, out);
        in = out = -1;
    }
    if (r < 0 && !merge)
        tree_remove(to, NULL);
    return r;
}

static int copy_any(const char *from, const char *to, bool merge, struct err *e)
{
    struct stat st;
    if (lstat(from, &st) < 0)
        return err_sys(e, errno, "cannot copy '%s'", from);
    if (S_ISDIR(st.st_mode))
        return copy_whole_folder(from, to, merge, e);
    if (merge && unlink(to) < 0 && errno != ENOENT)
        return err_sys(e, errno, "cannot replace '%s'", to);
    if (path_exists(to))
        return err_sys(e, EEXIST, "cannot copy '%s' to '%s'", from, to);
    int r = copy_entry((struct place){AT_FDCWD, from}, (struct place){AT_FDCWD, to}, &st);
    if (r == 0)
        return 0;
    if (r != -EEXIST)
        unlink(to);
    return err_sys(e, r, "cannot copy '%s' to '%s'", from, to);
}

int tree_copy(const char *from, const char *to, struct err *e)
{
    return copy_any(from, to, false, e);
}

int tree_merge(const char *from, const char *to, struct err *e)
{
    return copy_any(from, to, true, e);
}

/* The folder that holds the listed path that was copied last: a list is mostly sorted, so the next needs it too. */
struct parents {
    struct str dir; /* p is NULL before the first */
    int from, to;   /* -1 when the folder is absent in the original */
};

static void clean_parents(void *slot)
{
    struct parents *p = slot;
    fd_close(&p->from);
    fd_close(&p->to);
}

/* One folder down on both sides. 1 when the original has no such folder. */
static int parents_step(struct parents *p, const char *name)
{
    struct stat st;
    CLEAN(fd) int from = folder_open_at(p->from, name), to = -1;
    if (from == -ENOENT || from == -ENOTDIR || from == -ELOOP)
        return 1;
    if (from < 0 || fstat(from, &st) < 0)
        return from < 0 ? from : -errno;
    bool made = mkdirat(p->to, name, 0700) == 0;
    if (!made && errno != EEXIST)
        return -errno;
    to = folder_open_at(p->to, name);
    if (to < 0)
        return to;
    st.st_mode |= 0700;
    int r = made ? copy_traits(to, &st) : 0;
    if (r < 0)
        return r;
    clean_parents(p);
    p->from = from;
    p->to = to;
    from = to = -1;
    return 0;
}

static int parents_open(struct copy *c, struct parents *p, int root, struct str dir)
{
    if (p->dir.p && str_eq(p->dir, dir))
        return 0;
    clean_parents(p);
    p->dir = arena_str(c->a, dir);
    p->from = folder_open_at(root, ".");
    p->to = folder_open_at(c->root, ".");
    int r = p->from < 0 ? p->from : p->to < 0 ? p->to : 0;
    struct str rest = str_is(dir, ".") ? STR_NONE : dir, part;
    while (r == 0 && str_next(&rest, '/', &part))
        r = parents_step(p, arena_str(c->a, part).p);
    if (r != 0)
        clean_parents(p);
    return r < 0 ? r : 0;
}

/* A listed folder with all that is in it; `path` is its place below both roots. */
static int copy_listed_folder(struct copy *c, const struct parents *p, const char *label, struct str path)
{
    struct str name = path_base(path);
    CLEAN(fd) int from = folder_open_at(p->from, name.p), to = -1;
    if (from < 0)
        return err_sys(c->e, from, "cannot copy '%s'", label);
    if (mkdirat(p->to, name.p, 0700) < 0 && errno != EEXIST)
        return err_sys(c->e, errno, "cannot copy '%s'", label);
    to = folder_open_at(p->to, name.p);
    if (to < 0)
        return err_sys(c->e, to, "cannot copy '%s'", label);
    c->prefix = arena_printf(c->a, "%.*s/", STR_ARG(path));
    int in = from, out = to;
    from = to = -1;
    return copy_folder(c, label, in, out);
}

static int copy_listed_one(struct copy *c, struct parents *p, int root, const char *from, struct str listed)
{
    struct str path = path_clean(c->a, listed), name = path_base(path);
    const char *label = arena_printf(c->a, "%s/%.*s", from, STR_ARG(path)).p;
    if (!path_is_inner(listed) || str_is(path, "."))
        return err_set(c->e, EINVAL, "cannot copy '%.*s': it does not name anything in '%s'", STR_ARG(listed), from);
    int r = parents_open(c, p, root, path_dir(path));
    if (r < 0)
        return err_sys(c->e, r, "cannot copy '%s'", label);
    struct stat st;
    if (p->from < 0)
        return 0;
    if (fstatat(p->from, name.p, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : err_sys(c->e, errno, "cannot copy '%s'", label);
    if (S_ISDIR(st.st_mode))
        return copy_listed_folder(c, p, label, path);
    r = copy_leaf(c, (struct place){p->from, name.p}, (struct place){p->to, name.p}, &st, path);
    return r == 0 || r == -EEXIST || r == -ENOENT ? 0 : err_sys(c->e, r, "cannot copy '%s'", label);
}

int tree_copy_listed(const char *from, const char *to, const struct str *paths, size_t n, struct err *e)
{
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(fd) int in = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC), root = -1;
    struct stat st;
    if (in < 0 || fstat(in, &st) < 0)
        return err_sys(e, errno, "cannot copy '%s'", from);
    bool made = mkdir(to, (st.st_mode & 0777) | 0700) == 0;
    if (!made && errno != EEXIST)
        return err_sys(e, errno, "cannot make the folder '%s'", to);
    struct copy c = {.a = a, .e = e, .listed = true};
    root = folder_open_at(AT_FDCWD, to);
    int r = root < 0 ? root : copy_start(&c, root);
    if (r < 0)
        return err_sys(e, r, "cannot open '%s'", to);
    CLEAN(parents) struct parents p = {STR_NONE, -1, -1};
    for (size_t i = 0; r == 0 && i < n; i++)
        r = copy_listed_one(&c, &p, in, from, paths[i]);
    if (r < 0 && made)
        tree_remove(to, NULL);
    return r;
}
