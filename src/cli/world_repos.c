#include "core/base.h"
#include "cli/world_repos.h"

#include "core/map.h"
#include "core/path.h"
#include "store/repos.h"
#include "sys/file.h"
#include "sys/run.h"

#include <pthread.h>

#define PUBLIC_BASE "https://github.com"
#define NO_COMMIT "0000000000000000000000000000000000000000"

struct local {
    struct str repo, ref, dir; /* ref: empty for any */
};

struct world_repos {
    struct arena *arena;
    struct repos repos;
    VEC(struct local) local;
    pthread_mutex_t lock; /* of arena and seen, once it is open */
    struct map seen;      /* "repo@ref" -> struct fetched without its note */
};

/* ---- folders in their stead ---- */

/* act takes https://host/owner/name as well. */
static struct str without_host(struct str repo)
{
    ssize_t at = str_find(repo, STR("://"));
    if (at < 0)
        return repo;
    struct str host, rest;
    str_cut(str_from_index(repo, (size_t)at + 3), '/', &host, &rest);
    return rest;
}

static int local_add(struct world_repos *w, struct str text, struct err *e)
{
    struct str what, dir, repo, ref, owner, name;
    struct local l = {.ref = STR_NONE};
    if (!str_cut(text, '=', &what, &dir) || dir.n == 0)
        return err_set(e, EINVAL, "--local-repository takes OWNER/NAME@REF=DIR, not '%.*s'", STR_ARG(text));
    str_cut(what, '@', &repo, &ref);
    repo = without_host(repo);
    if (!str_cut(repo, '/', &owner, &name) || owner.n == 0 || name.n == 0 || str_find_ch(name, '/') >= 0)
        return err_set(e, EINVAL, "--local-repository takes OWNER/NAME@REF=DIR, not '%.*s'", STR_ARG(text));
    l.repo = arena_str(w->arena, repo);
    if (ref.n && !str_is(ref, "*"))
        l.ref = arena_str(w->arena, ref);
    int rc = path_real(w->arena, arena_str(w->arena, dir).p, &l.dir, e);
    if (rc < 0)
        return err_wrap(e, "--local-repository %.*s", STR_ARG(what));
    if (!path_is_dir(l.dir.p))
        return err_set(e, EINVAL, "--local-repository %.*s: '%s' is not a folder", STR_ARG(what), l.dir.p);
    vec_push_in(w->arena, &w->local, l);
    return 0;
}

/* The folder for repo@ref, one for just that ref before one for any; NULL: none. */
static const struct local *local_find(const struct world_repos *w, struct str repo, struct str ref)
{
    const struct local *any = NULL;
    for (size_t i = 0; i < w->local.n; i++) {
        const struct local *l = &w->local.p[i];
        if (!str_eq_nocase(l->repo, repo))
            continue;
        if (l->ref.n && str_eq(l->ref, ref))
            return l;
        if (l->ref.n == 0)
            any = l;
    }
    return any;
}

static struct fetched of_local(struct arena *a, const struct local *l)
{
    struct fetched f = {.dir = arena_str(a, l->dir), .commit = STR(NO_COMMIT)};
    const char *const argv[] = {"git", "rev-parse", "--verify", "--quiet", "HEAD", NULL};
    struct str commit;
    if (run_line(a, argv, f.dir.p, &commit, NULL) == 0 && commit.n == sizeof NO_COMMIT - 1)
        f.commit = commit;
    f.note = arena_printf(a, "the folder %.*s, as --local-repository says", STR_ARG(l->dir));
    return f;
}

/* ---- what is asked for ---- */

static int ask(const struct world_repos *w, struct arena *a, const struct fetch_query *q, struct fetched *ret,
               struct err *e)
{
    struct repos repos = w->repos;
    struct repo_tree tree;
    repos.stop = q->stop >= 0 ? &q->stop : NULL;
    int rc = repos_tree(a, &repos, q->repo, q->ref, &tree, e);
    if (rc == -ENETUNREACH && e)
        return err_set(e, ENETUNREACH, "%.300s%s; --local-repository %.*s@%.*s=DIR takes a folder instead",
                       arena_cstr(a, e->text).p, repos.offline ? "" : "; what was fetched before works without",
                       STR_ARG(q->repo), STR_ARG(q->ref));
    if (rc < 0)
        return rc;
    *ret = (struct fetched){.dir = tree.dir, .commit = tree.commit};
    if (tree.stale && tree.why.n)
        ret->note = arena_printf(a, "commit %.7s, as last seen: %.*s", tree.commit.p, STR_ARG(tree.why));
    else if (tree.stale)
        ret->note = arena_printf(a, "commit %.7s, as last seen: offline", tree.commit.p);
    return 0;
}

static bool recall(struct world_repos *w, struct arena *a, struct str key, struct fetched *ret)
{
    pthread_mutex_lock(&w->lock);
    const struct fetched *f = map_get(&w->seen, key);
    if (f)
        *ret = (struct fetched){.dir = arena_str(a, f->dir), .commit = arena_str(a, f->commit)};
    pthread_mutex_unlock(&w->lock);
    return f != NULL;
}

/* Keeps an answer; when another thread was faster its answer is the run's, and told without a note. */
static void keep(struct world_repos *w, struct arena *a, struct str key, struct fetched *f)
{
    pthread_mutex_lock(&w->lock);
    const struct fetched *there = map_get(&w->seen, key);
    if (there) {
        *f = (struct fetched){.dir = arena_str(a, there->dir), .commit = arena_str(a, there->commit)};
    } else {
        struct fetched *copy = ARENA_NEW(w->arena, struct fetched);
        *copy = (struct fetched){.dir = arena_str(w->arena, f->dir), .commit = arena_str(w->arena, f->commit)};
        map_set(&w->seen, arena_str(w->arena, key), copy);
    }
    pthread_mutex_unlock(&w->lock);
}

int world_repos_fetch(void *ctx, struct arena *a, const struct fetch_query *q, struct fetched *ret, struct err *e)
{
    struct world_repos *w = ctx;
    struct str key = arena_printf(a, "%.*s@%.*s", STR_ARG(q->repo), STR_ARG(q->ref));
    if (recall(w, a, key, ret))
        return 0;
    const struct local *l = local_find(w, q->repo, q->ref);
    int rc = 0;
    if (l)
        *ret = of_local(a, l);
    else
        rc = ask(w, a, q, ret, e);
    if (rc == 0)
        keep(w, a, key, ret);
    return rc;
}

int world_repos_open(const struct world_repos_spec *spec, struct world_repos **ret, struct err *e)
{
    struct world_repos *w = mem_alloc(sizeof *w);
    *w = (struct world_repos){.arena = arena_new()};
    pthread_mutex_init(&w->lock, NULL);
    map_init(&w->seen, w->arena, MAP_CASE);
    w->repos = (struct repos){.root = path_join(w->arena, spec->cache_dir, STR("repos")),
                              .base = spec->base.n ? arena_str(w->arena, spec->base) : STR(PUBLIC_BASE),
                              .offline = spec->offline};
    int rc = 0;
    for (size_t i = 0; i < spec->local.n && rc == 0; i++)
        rc = local_add(w, spec->local.p[i], e);
    struct str first, rest;
    str_cut(w->repos.base, '/', &first, &rest);
    if (rc == 0 && first.n > 0 && str_find_ch(first, ':') < 0) { /* no https://, no git@host, no /: from where we are */
        rc = path_real(w->arena, w->repos.base.p, &w->repos.base, e);
        rc = rc < 0 ? err_wrap(e, "--actions-base") : 0;
    }
    if (rc < 0) {
        world_repos_free(w);
        return rc;
    }
    *ret = w;
    return 0;
}

void world_repos_locals(const struct world_repos *w, struct arena *a, struct strs *ret)
{
    for (size_t i = 0; i < w->local.n; i++) {
        const struct local *l = &w->local.p[i];
        vec_push_in(a, ret, l->ref.n > 0 ? arena_printf(a, "%.*s@%.*s", STR_ARG(l->repo), STR_ARG(l->ref)) : l->repo);
    }
}

void world_repos_free(struct world_repos *w)
{
    if (w == NULL)
        return;
    pthread_mutex_destroy(&w->lock);
    arena_free(w->arena);
    free(w);
}
