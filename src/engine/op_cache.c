/*
 * engine/op_cache.c - OP_RESTORE and OP_SAVE: places of a job, kept by key.
 *
 * An entry's tree holds `places`, the absolute path of each thing that is kept with a NUL behind it, and the things
 * themselves as 0, 1, 2 ... (a file, a link, a folder with all that is in it). Where a sandbox is plain, folders of the
 * job lie below a prefix that is another one in each run, so a path below the prefix is kept without it.
 * Finding, globbing and copying take their time, and so are done in a thread; only the views are mounted on the loop.
 * A view is there at once, but it cannot be removed as a whole (rm -rf says EBUSY). Jobs do that to folders of their
 * workspace (make clean, a checkout that comes later), so what belongs there is written, by reflink where there is one.
 */
#include "engine/engine_priv.h"

#include "core/path.h"
#include "engine/glob_priv.h"
#include "store/cache.h"
#include "sys/file.h"
#include "sys/inside.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#define PLACES_NAME "places"
#define PLACES_MAX ((size_t)256 << 20) /* bytes of them */
#define VIEWS_MAX 64                   /* of one entry; what is past them is copied */
#define STORE_MAX ((uint64_t)10 << 30) /* bytes of all entries, as a repository has them at the service */

struct keeping {
    const char *store; /* the folder of store/cache.h */
    struct cache_query query;
    struct strs paths, owned; /* owned: where folders of the job lie that are below the prefix */
    struct str root, home, prefix;
    bool plain, look_only;
    struct str matched;
    VEC(struct sandbox_mount) views;
};

/* ---- what both do first: copies for the thread ---- */

static struct strs strs_copy(struct arena *a, const struct strs *from)
{
    struct strs ret = {0};
    for (size_t i = 0; i < from->n; i++)
        vec_push_in(a, &ret, arena_str(a, from->p[i]));
    return ret;
}

static struct cache_query query_of(struct arena *a, const struct op *op)
{
    return (struct cache_query){
        .space = arena_str(a, op->cache.space),
        .scope = arena_str(a, op->cache.scope),
        .version = arena_str(a, op->cache.version),
        .key = arena_str(a, op->cache.key),
        .scopes = strs_copy(a, &op->cache.scopes),
        .restore_keys = strs_copy(a, &op->cache.restore_keys),
    };
}

static struct keeping *keeping_of(struct leg_run *lr, const struct op *op, struct arena *a)
{
    struct keeping *k = ARENA_NEW(a, struct keeping);
    *k = (struct keeping){.store = arena_str(a, lr->engine->o->cache_dir).p,
                          .query = query_of(a, op),
                          .paths = strs_copy(a, &op->cache.paths),
                          .owned = strs_copy(a, &lr->room.dirs),
                          .root = arena_str(a, op->cache.root),
                          .home = arena_str(a, lr->room.home),
                          .prefix = arena_str(a, lr->room.prefix),
                          .plain = sandbox_mode_of(lr->sandbox) == SANDBOX_PLAIN,
                          .look_only = op->cache.look_only};
    struct str more[] = {lr->room.home, lr->room.workspace, lr->room.temp};
    for (size_t i = 0; i < ARRAY_LEN(more); i++)
        vec_push_in(a, &k->owned, arena_str(a, more[i]));
    return k;
}

static void start(struct leg_run *lr, const struct op *op, struct op_work *w)
{
    struct err err = {0};
    w->data = keeping_of(lr, op, w->arena);
    w->fd = leg_root(lr, &err);
    if (w->fd < 0)
        op_work_refuse(lr, op, w, &err);
    else
        op_work_start(lr, op, w);
}

/* ---- places with and without the prefix ---- */

static struct str place_kept(const struct keeping *k, struct str path)
{
    return k->prefix.n > 0 && path_under(path, k->prefix) ? str_from_index(path, k->prefix.n) : path;
}

static struct str place_here(const struct keeping *k, struct arena *a, struct str kept)
{
    for (size_t i = 0; k->prefix.n > 0 && i < k->owned.n; i++)
        if (path_under(kept, place_kept(k, k->owned.p[i])))
            return arena_printf(a, "%.*s%.*s", STR_ARG(k->prefix), STR_ARG(kept));
    return kept;
}

/* ---- restoring ---- */

/* Is there nothing at `place`, or an empty folder? */
static bool is_free(int root, struct str place)
{
    int fd = inside_open(root, place, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return fd == -ENOENT;
    DIR *d = fdopendir(fd);
    if (d == NULL) {
        fd_close(&fd);
        return false;
    }
    bool empty = true;
    for (const struct dirent *ent; empty && (ent = readdir(d)) != NULL;)
        empty = strcmp(ent->d_name, ".") == 0 || strcmp(ent->d_name, "..") == 0;
    closedir(d);
    return empty;
}

static int put_copy(int root, const char *from, struct str place, struct err *e)
{
    char to[PATH_MAX];
    CLEAN(fd) int dir = inside_make(root, path_dir(place));
    if (dir < 0)
        return err_sys(e, dir, "%.*s", STR_ARG(path_dir(place)));
    int n = snprintf(to, sizeof to, "/proc/self/fd/%d/%.*s", dir, STR_ARG(path_base(place)));
    if (n < 0 || (size_t)n >= sizeof to)
        return err_set(e, ENAMETOOLONG, "%.*s", STR_ARG(place));
    int rc = tree_merge(from, to, e);
    return rc < 0 ? err_wrap(e, "%.*s", STR_ARG(place)) : 0;
}

static int put_back(struct op_work *w, struct str from, struct str place, struct err *e)
{
    struct keeping *k = w->data;
    int rc = op_work_asked(w, e);
    if (rc < 0)
        return rc;
    if (!path_is_abs(place) || str_is(place, "/"))
        return err_set(e, EINVAL, "the cache entry is damaged: '%.*s'", STR_ARG(place));
    bool show = !k->plain && !path_under(place, k->root) && k->views.n < VIEWS_MAX;
    if (!show || !path_is_dir(from.p) || !is_free(w->fd, place))
        return put_copy(w->fd, from.p, place, e);
    vec_push_in(w->arena, &k->views,
                ((struct sandbox_mount){.kind = MOUNT_VIEW, .source = from, .path = arena_str(w->arena, place)}));
    return 0;
}

static int put_all(struct op_work *w, struct str tree, struct err *e)
{
    const struct keeping *k = w->data;
    struct str places, place;
    int rc = file_read(w->arena, path_join(w->arena, tree, STR(PLACES_NAME)).p, PLACES_MAX, &places, e);
    for (size_t i = 0; rc == 0 && str_next(&places, '\0', &place); i++)
        rc = put_back(w, arena_printf(w->arena, "%.*s/%zu", STR_ARG(tree), i), place_here(k, w->arena, place), e);
    return rc;
}

static int restore_run(struct op_work *w, struct err *e)
{
    struct keeping *k = w->data;
    struct str tree, key;
    int rc = cache_find(w->arena, k->store, &k->query, &tree, &key, e);
    if (rc <= 0)
        return rc;
    k->matched = key;
    return k->look_only ? 0 : put_all(w, tree, e);
}

static int restore_done(struct op_run *o, struct err *e)
{
    struct leg_run *lr = o->leg;
    const struct keeping *k = o->work->data;
    int rc = 0;
    files_done(lr); /* folders below the views are others from now on */
    for (size_t i = 0; i < k->views.n && rc == 0; i++)
        rc = sandbox_mount(lr->sandbox, &k->views.p[i], e);
    if (rc == 0)
        o->end.matched = k->matched;
    return rc;
}

void op_restore(struct leg_run *lr, const struct op *op)
{
    start(lr, op, op_work_new(restore_run, restore_done));
}

/* ---- saving ---- */

struct saving {
    struct op_work *work;
    const char *tree;
    struct buf places;
    struct str whole; /* the folder that was taken last: what is below it came with it */
    size_t n;
    struct err *err;
};

/* The paths that match, each as tar would take it: a folder whole, a link as a link. */
static int save_hit(void *ctx, const struct glob_hit *hit)
{
    struct saving *s = ctx;
    struct keeping *k = s->work->data;
    char from[PATH_MAX], to[PATH_MAX];
    struct stat st;
    int rc = op_work_asked(s->work, s->err);
    if (rc < 0 || (s->whole.n > 0 && path_under(hit->path, s->whole)))
        return rc;
    if (fstatat(hit->dir, hit->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? 0 : err_sys(s->err, errno, "%.*s", STR_ARG(hit->path));
    if (S_ISSOCK(st.st_mode))
        return 0;
    snprintf(from, sizeof from, "/proc/self/fd/%d/%s", hit->dir, hit->name);
    snprintf(to, sizeof to, "%s/%zu", s->tree, s->n);
    rc = tree_copy(from, to, s->err);
    if (rc < 0)
        return err_wrap(s->err, "%.*s", STR_ARG(hit->path));
    if (S_ISDIR(st.st_mode))
        s->whole = arena_str(s->work->arena, hit->path);
    buf_add(&s->places, place_kept(k, hit->path));
    s->n++;
    return buf_add_ch(&s->places, '\0') < 0 ? err_set(s->err, E2BIG, "too many paths are to be kept") : 0;
}

static int save_places(struct op_work *w, const char *tree, struct err *e)
{
    const struct keeping *k = w->data;
    struct glob_options o = {
        .who = "", .root = k->root, .home = k->home, .follow = true, .hidden = true, .folders = true};
    struct saving s = {.work = w, .tree = tree, .places = BUF(PLACES_MAX), .err = e};
    struct glob *g = NULL;
    int rc = glob_read(w->arena, &o, k->paths.p, k->paths.n, &g, e);
    if (rc == 0)
        rc = glob_walk(g, w->fd, save_hit, &s, e);
    if (rc == 0 && s.n == 0)
        rc = err_set(e, ENOENT, "none of the paths is there");
    if (rc == 0)
        rc = file_write(arena_printf(w->arena, "%s/" PLACES_NAME, tree).p, buf_str(&s.places), 0600, e);
    buf_done(&s.places);
    return rc;
}

static int save_run(struct op_work *w, struct err *e)
{
    struct keeping *k = w->data;
    struct cache_draft *d = NULL;
    const char *tree = NULL;
    int rc = cache_begin(k->store, &k->query, &d, &tree, e);
    if (rc <= 0)
        return rc;
    rc = save_places(w, tree, e);
    if (rc < 0) {
        cache_drop(d);
        return rc;
    }
    rc = cache_keep(d, e);
    if (rc > 0)
        k->matched = k->query.key;
    cache_trim(k->store, STORE_MAX, NULL);
    return rc < 0 ? rc : 0;
}

static int save_done(struct op_run *o, struct err *e)
{
    const struct keeping *k = o->work->data;
    UNUSED(e);
    o->end.matched = k->matched;
    return 0;
}

void op_save(struct leg_run *lr, const struct op *op)
{
    start(lr, op, op_work_new(save_run, save_done));
}
