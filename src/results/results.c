/*
 * results/results.c - the service: its life, and the way of a request from its path to its answer.
 */
#include "core/base.h"
#include "results/results_priv.h"

#include "core/path.h"
#include "sys/file.h"

#include <openssl/rand.h>

#define BLOB_MAX ((uint64_t)10 << 30) /* as much as a repository's caches have on the service */
#define GRACE_MS 2000                 /* at the end; the jobs are over by then */

/* ---- the way of a request ---- */

static const struct route *find_route(const struct http_request *q, struct str *ret_rest, bool *ret_path_known)
{
    const struct route *const lists[] = {artifact_routes, cache_routes, cache_v1_routes, blob_routes};
    *ret_path_known = false;
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        for (const struct route *r = lists[i]; r->method != NULL; r++) {
            struct str path = str_from(r->path);
            if (r->prefix ? !str_starts(q->path, path) : !str_eq(q->path, path))
                continue;
            *ret_path_known = true;
            *ret_rest = str_from_index(q->path, path.n);
            if (str_is(q->method, r->method))
                return r;
        }
    return NULL;
}

static void route_open(void *ctx, struct http_request *q, struct http_reply *r)
{
    struct call *c = ARENA_NEW(q->arena, struct call);
    bool path_known = false;
    *c = (struct call){.s = ctx, .q = q, .r = r, .a = q->arena};
    q->own = c;
    c->route = find_route(q, &c->rest, &path_known);
    if (c->route == NULL) {
        if (path_known)
            reply_error(c, 405, "bad_route", "%.*s is not for %.*s", STR_ARG(q->path), STR_ARG(q->method));
        else
            reply_error(c, 404, "bad_route", "there is nothing at %.*s", STR_ARG(q->path));
        return;
    }
    if (!c->route->is_signed && token_check(c->s, c->a, http_header(q, "Authorization"), &c->who) < 0) {
        reply_error(c, 401, "unauthenticated", "this token is none of this run's jobs");
        return;
    }
    q->max_memory = BODY_MAX;
    if (c->route->open != NULL)
        c->route->open(c);
}

static void route_answer(void *ctx, struct http_request *q, struct http_reply *r)
{
    struct call *c = q->own;
    struct err e = {0};
    UNUSED(ctx);
    c->r = r;
    if (c->route->json) {
        int bad = value_from_json(c->a, q->body, MAP_CASE, &c->in, &e);
        if (bad == 0 && c->in->kind != VALUE_OBJECT)
            bad = err_set(&e, EINVAL, "it is no object");
        if (bad < 0) {
            reply_error(c, 400, "malformed", "the body is not what it should be: %s", e.text);
            return;
        }
    }
    c->route->answer(c);
}

static void route_done(void *ctx, struct http_request *q)
{
    struct call *c = q->own;
    upload_release(ctx, c->upload);
}

/* ---- life ---- */

/* Not by results_open: the first use of libcrypto costs 1.5 ms. */
static int make_key(struct results *s, struct err *e)
{
    if (RAND_bytes(s->key, sizeof s->key) != 1)
        return err_set(e, EIO, "this system has no random numbers");
    s->run = backend_id(s, s->arena, STR("the run"));
    return 0;
}

static int start(struct results *s, struct err *e)
{
    struct http_service service = {.ctx = s, .open = route_open, .answer = route_answer, .done = route_done};
    struct http_limits limits = {.connections = 200};
    int r = 0;
    pthread_mutex_lock(&s->lock);
    if (s->server == NULL && s->listening < 0)
        r = err_set(e, ENOTCONN, "the service for artifacts and caches did not start");
    if (s->server == NULL && r == 0)
        r = make_key(s, e);
    if (s->server == NULL && r == 0) {
        r = http_start(s->listening, &service, &limits, &s->server, e);
        s->listening = -1;
    }
    pthread_mutex_unlock(&s->lock);
    return r;
}

int results_token(struct results *s, const struct results_grant *grant, struct buf *ret, struct err *e)
{
    int r = start(s, e);
    return r < 0 ? r : token_add(s, grant, ret, e);
}

struct str results_url(const struct results *s)
{
    return s->url;
}

struct str cache_scope(const struct results *s, struct arena *a, struct str ref)
{
    return arena_printf(a, "%.*s %.*s", STR_ARG(s->o.repo), STR_ARG(ref)); /* as native caches have it */
}

static void copy_options(struct results *s, const struct results_options *o)
{
    s->o = (struct results_options){.artifacts = arena_str(s->arena, o->artifacts),
                                    .caches = arena_str(s->arena, o->caches),
                                    .repo = arena_str(s->arena, o->repo),
                                    .max_bytes = o->max_bytes > 0 ? o->max_bytes : BLOB_MAX};
}

int results_open(const struct results_options *o, struct results **ret, struct err *e)
{
    uint16_t port = 0;
    int fd = -1;
    int r = http_listen(o->port, &fd, &port, e);
    if (r < 0)
        return r;
    struct results *s = mem_alloc(sizeof *s);
    s->arena = arena_new();
    s->listening = fd;
    copy_options(s, o);
    s->url = arena_printf(s->arena, "http://127.0.0.1:%u/", port);
    pthread_mutex_init(&s->lock, NULL);
    *ret = s;
    return 0;
}

void results_close(struct results *s)
{
    if (s == NULL)
        return;
    http_stop(s->server, GRACE_MS);
    fd_close(&s->listening);
    uploads_drop(s);
    pthread_mutex_destroy(&s->lock);
    arena_free(s->arena);
    free(s);
}
