/*
 * sandbox/plain.c - the sandbox of a machine that has none: folders below scratch/root, copies for views.
 */
#include "sandbox/sandbox_priv.h"

#include "core/map.h"
#include "core/path.h"
#include "sys/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_DEPTH 256

/* ---- a copy without the hidden ---- */

struct copying {
    struct arena *arena;
    const char *from;
    struct map hidden; /* path -> itself, and every folder above one -> NULL */
    VEC(struct str) paths;
};

static void hide_one(struct copying *c, struct str path)
{
    map_set(&c->hidden, path, c);
    for (;;) {
        ssize_t slash = str_rfind_ch(path, '/');
        if (slash <= 0)
            return;
        path = str_sub(path, 0, (size_t)slash);
        if (map_find(&c->hidden, path) == NULL)
            map_set(&c->hidden, path, NULL);
    }
}

/* Lists what is to be copied below rel: a folder that hides nothing is one entry. */
static int list(struct copying *c, struct str rel, unsigned depth, struct err *e)
{
    struct strs names = {0};
    if (depth > COPY_DEPTH)
        return err_set(e, ELOOP, "%s is nested too deeply", c->from);
    int rc = dir_list(c->arena, arena_printf(c->arena, "%s/%.*s", c->from, STR_ARG(rel)).p, &names, e);
    for (size_t i = 0; i < names.n && rc == 0; i++) {
        struct str path = rel.n > 0 ? path_join(c->arena, rel, names.p[i]) : names.p[i];
        const struct map_entry *hidden = map_find(&c->hidden, path);
        if (hidden == NULL)
            vec_push_in(c->arena, &c->paths, path);
        else if (hidden->value == NULL)
            rc = list(c, path, depth + 1, e);
    }
    return rc;
}

int copy_without(struct arena *a, const char *from, const char *to, const struct strs *hide, struct err *e)
{
    if (hide->n == 0)
        return tree_copy(from, to, e);
    struct copying c = {.arena = a, .from = from};
    map_init(&c.hidden, a, MAP_CASE);
    for (size_t i = 0; i < hide->n; i++) {
        if (!path_is_inner(hide->p[i]))
            return err_set(e, EINVAL, "hidden path %.*s", STR_ARG(hide->p[i]));
        hide_one(&c, path_clean(a, hide->p[i]));
    }
    int rc = list(&c, STR(""), 0, e);
    if (rc == 0)
        rc = dir_make(to, 0755, e);
    return rc < 0 ? rc : tree_copy_listed(from, to, c.paths.p, c.paths.n, e);
}

/* ---- the sandbox ---- */

static int make_dir(struct sandbox *sb, struct str path, struct err *e)
{
    struct arena *a CLEAN(arena) = arena_new();
    return path.n == 0 ? 0 : dir_make(arena_str(a, sandbox_path(sb, a, path)).p, 0755, e);
}

int plain_open(struct sandbox *sb, const struct sandbox_spec *spec, struct err *e)
{
    sb->root = arena_printf(sb->arena, "%.*s/root", STR_ARG(sb->scratch));
    int rc = dir_make(sb->root.p, 0755, e);
    if (rc == 0)
        rc = make_dir(sb, STR("/tmp"), e);
    if (rc == 0)
        rc = make_dir(sb, spec->home, e);
    for (size_t i = 0; i < spec->dirs.n && rc == 0; i++)
        rc = make_dir(sb, spec->dirs.p[i], e);
    for (size_t i = 0; i < spec->memory_dirs.n && rc == 0; i++)
        rc = make_dir(sb, spec->memory_dirs.p[i], e);
    for (size_t i = 0; i < spec->n_mounts && rc == 0; i++)
        rc = sandbox_mount(sb, &spec->mounts[i], e);
    return rc;
}

/* Removes the empty folder that stands where a copy or a link is to be. */
static int make_way(const char *to, struct err *e)
{
    struct arena *a CLEAN(arena) = arena_new();
    int rc = dir_make(arena_str(a, path_dir(str_from(to))).p, 0755, e);
    if (rc == 0 && rmdir(to) != 0 && errno != ENOENT)
        rc = err_sys(e, errno == EEXIST ? ENOTEMPTY : errno, "%s", to);
    return rc;
}

int plain_mount(struct sandbox *sb, const struct sandbox_mount *m, struct err *e)
{
    struct arena *a CLEAN(arena) = arena_new();
    const char *to = arena_str(a, sandbox_path(sb, a, m->path)).p, *from = arena_str(a, m->source).p;
    switch (m->kind) {
    case MOUNT_TMPFS:
    case MOUNT_DIR:
        return dir_make(to, 0755, e);
    case MOUNT_VIEW:
    case MOUNT_RO:
    case MOUNT_RW:
        break;
    }
    int rc = make_way(to, e);
    if (rc < 0)
        return rc;
    if (m->kind == MOUNT_VIEW)
        return copy_without(a, from, to, &m->hide, e);
    if (!path_exists(from))
        return err_sys(e, ENOENT, "%s", from);
    return symlink(from, to) == 0 ? 0 : err_sys(e, errno, "%s", to);
}

int plain_openat(struct sandbox *sb, struct str path, int flags, mode_t mode, struct err *e)
{
    struct arena *a CLEAN(arena) = arena_new();
    bool waits = (flags & (O_NONBLOCK | O_PATH)) == 0;
    int all = flags | O_CLOEXEC | O_NOCTTY | (waits ? O_NONBLOCK : 0);
    int fd = open(arena_str(a, sandbox_path(sb, a, path)).p, all, mode);
    if (fd < 0 && errno == ENOENT && (flags & (O_ACCMODE | O_CREAT)) == O_RDONLY)
        fd = open(arena_str(a, path).p, all); /* the job sees the host, and so may who reads for it */
    if (fd < 0)
        return err_sys(e, errno, "%.*s", STR_ARG(path));
    if (waits)
        fcntl(fd, F_SETFL, flags & (O_APPEND | O_DIRECT | O_NOATIME));
    return fd;
}
