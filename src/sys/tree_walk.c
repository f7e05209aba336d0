#include "core/base.h"
#include "sys/descent_priv.h"
#include "core/buf.h"
#include "sys/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int dir_list(struct arena *a, const char *path, struct strs *ret, struct err *e)
{
    CLEAN(fd) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = fd < 0 ? -errno : folder_names(a, fd, ret);
    return r < 0 ? err_sys(e, r, "cannot list the folder '%s'", path) : 0;
}

struct walk {
    struct descent d;
    int (*each)(void *ctx, struct str rel, const struct stat *st);
    void *ctx;
    struct err *e;
};

static int walk_fail(const struct walk *w, int num, struct str name)
{
    return descent_fail(&w->d, w->e, num, "read", name);
}

static int names_here(struct walk *w)
{
    struct level *here = descent_level(&w->d);
    int r = folder_names(here->arena, here->fd, &here->names);
    return r < 0 ? walk_fail(w, r, STR_NONE) : 0;
}

/* What each() says to the entry `name` of the current folder. */
static int walk_tell(struct walk *w, struct str name, const struct stat *st)
{
    struct buf *path = &w->d.path;
    size_t before = path->n;
    if (before)
        buf_add_ch(path, '/');
    buf_add(path, name);
    bool over = path->over;
    int r = over ? 0 : w->each(w->ctx, buf_str(path), st);
    buf_cut(path, before);
    return over ? walk_fail(w, ENAMETOOLONG, name) : r;
}

/* One entry of the current folder: 0 to go on, negative to stop. What vanished meanwhile is passed over. */
static int walk_entry(struct walk *w, struct str name)
{
    struct stat st;
    if (fstatat(descent_here(&w->d), name.p, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : walk_fail(w, errno, name);
    int r = walk_tell(w, name, &st);
    if (r != 0 || !S_ISDIR(st.st_mode))
        return r < 0 ? r : 0;
    r = descent_enter(&w->d, name);
    if (r == -ENOENT)
        return 0;
    return r < 0 ? walk_fail(w, r, name) : names_here(w);
}

static int walk_all(struct walk *w)
{
    int r = names_here(w);
    while (r == 0) {
        struct level *here = descent_level(&w->d);
        if (here->next < here->names.n) {
            r = walk_entry(w, here->names.p[here->next++]);
        } else if (w->d.levels.n == 1) {
            break;
        } else {
            r = descent_leave(&w->d);
            if (r < 0)
                return walk_fail(w, r, STR_NONE);
        }
    }
    return r;
}

int tree_walk_fd(int fd, const char *name, int (*each)(void *ctx, struct str rel, const struct stat *st), void *ctx,
                 struct err *e)
{
    struct walk w = {.each = each, .ctx = ctx, .e = e};
    int r = descent_start(&w.d, name, fd);
    r = r < 0 ? walk_fail(&w, r, STR_NONE) : walk_all(&w);
    clean_descent(&w.d);
    return r;
}

int tree_walk(const char *dir, int (*each)(void *ctx, struct str rel, const struct stat *st), void *ctx, struct err *e)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? err_sys(e, errno, "cannot read '%s'", dir) : tree_walk_fd(fd, dir, each, ctx, e);
}
