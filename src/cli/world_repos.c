#include "core/base.h"
#include "cli/world_repos.h"

#include "core/map.h"
#include "core/path.h"
#include "store/repos.h"
#include "sys/file.h"
#include "sys/run.h"

#include <poll.h>
#include <pthread.h>

#define NS_PER_S 1000000000
#define LOOK_NS 50000000 /* how often who waits for another asks whether it is wanted still */
#define PUBLIC_BASE "https://github.com"
#define NO_COMMIT "0000000000000000000000000000000000000000"

struct local {
    struct str repo, ref, dir; /* ref: empty for any */
};

/* What came of asking for one repo@ref, for the rest of the run. */
struct answer {
    bool pending; /* a thread is asking */
    int rc;       /* -ECANCELED: not known */
    struct err err;
    struct fetched got; /* without its note, which only the first one who asked gets */
};

struct world_repos {
    struct arena *arena;
    struct repos repos;
    VEC(struct local) local;
    pthread_mutex_t lock;    /* of arena and answers, once it is open */
    pthread_cond_t answered; /* one of them is pending no more */
    struct map answers;      /* "repo@ref" -> struct answer */
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
    f.note = arena_printf(a, "the folder %.*s, as %s says", STR_ARG(l->dir),
                          str_starts(l->repo, STR("task/")) ? "--task" : "--local-repository");
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

static bool is_stopped(const struct fetch_query *q)
{
    struct pollfd p = {.fd = q->stop, .events = POLLIN};
    return poll(&p, 1, 0) > 0;
}

/* Waits until the answer is there, with the lock held; false when nobody wants it any more. */
static bool await(struct world_repos *w, const struct answer *x, const struct fetch_query *q)
{
    while (x->pending && !is_stopped(q)) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += LOOK_NS;
        if (until.tv_nsec >= NS_PER_S) {
            until.tv_nsec -= NS_PER_S;
            until.tv_sec++;
        }
        pthread_cond_timedwait(&w->answered, &w->lock, &until);
    }
    return !x->pending;
}

/* The answer for key; *ret_mine: it is the caller's to find and to settle. NULL: stopped while another was at it. */
static struct answer *answer_for(struct world_repos *w, struct str key, const struct fetch_query *q, bool *ret_mine)
{
    pthread_mutex_lock(&w->lock);
    struct answer *x = map_get(&w->answers, key);
    if (x == NULL) {
        x = ARENA_NEW(w->arena, struct answer);
        x->rc = -ECANCELED;
        map_set(&w->answers, key, x);
    }
    bool there = await(w, x, q);
    *ret_mine = there && x->rc == -ECANCELED; /* nobody has asked yet, or who did was stopped */
    if (*ret_mine)
        x->pending = true;
    pthread_mutex_unlock(&w->lock);
    return there ? x : NULL;
}

static void settle(struct world_repos *w, struct answer *x, int rc, const struct fetched *got, const struct err *why)
{
    pthread_mutex_lock(&w->lock);
    x->rc = rc;
    x->err = *why;
    if (rc == 0)
        x->got = (struct fetched){.dir = arena_str(w->arena, got->dir), .commit = arena_str(w->arena, got->commit)};
    x->pending = false;
    pthread_cond_broadcast(&w->answered);
    pthread_mutex_unlock(&w->lock);
}

static int find(const struct world_repos *w, struct arena *a, const struct fetch_query *q, struct fetched *ret,
                struct err *e)
{
    const struct local *l = local_find(w, q->repo, q->ref);
    if (!l)
        return ask(w, a, q, ret, e);
    *ret = of_local(a, l);
    return 0;
}

int world_repos_fetch(void *ctx, struct arena *a, const struct fetch_query *q, struct fetched *ret, struct err *e)
{
    struct world_repos *w = ctx;
    struct fetched got = {0};
    struct err err = {0};
    bool mine = false;
    struct answer *x = answer_for(w, arena_printf(a, "%.*s@%.*s", STR_ARG(q->repo), STR_ARG(q->ref)), q, &mine);
    if (x == NULL)
        return err_set(e, ECANCELED, "stopped");
    if (!mine) { /* settled: it does not change any more, and lives as long as w */
        if (x->rc == 0)
            *ret = x->got;
        else if (e)
            *e = x->err;
        return x->rc;
    }
    int rc = find(w, a, q, &got, &err);
    settle(w, x, rc, &got, &err);
    if (rc == 0)
        *ret = got;
    else if (e)
        *e = err;
    return rc;
}

int world_repos_open(const struct world_repos_spec *spec, struct world_repos **ret, struct err *e)
{
    struct world_repos *w = mem_alloc(sizeof *w);
    *w = (struct world_repos){.arena = arena_new()};
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->answered, NULL);
    map_init(&w->answers, w->arena, MAP_CASE);
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
    pthread_cond_destroy(&w->answered);
    pthread_mutex_destroy(&w->lock);
    arena_free(w->arena);
    free(w);
}
