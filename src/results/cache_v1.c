/*
 * results/cache_v1.c - the older cache service, below _apis/artifactcache/ (github-actions specification 12.6).
 *
 * `GET caches?key=` is left out: clients ask it to print what there is after a miss, in debug logs only, and take
 * any other answer than a list for none.
 */
#include "core/base.h"
#include "results/results_priv.h"

#include "core/num.h"
#include "sys/file.h"

#include <sys/stat.h>

#define BASE "/_apis/artifactcache/"
#define KEYS_MAX 10

static void reply_nothing(struct call *c)
{
    http_reply_text(c->r, 204, NULL, STR(""));
}

static void find(struct call *c)
{
    struct err e = {0};
    struct strs keys = {0};
    struct str rest = http_query(c->q, "keys"), key;
    struct hit hit;
    while (str_next(&rest, ',', &key)) {
        if (!cache_key_good(c, key))
            return;
        vec_push_in(c->a, &keys, key);
    }
    if (keys.n == 0 || keys.n > KEYS_MAX) {
        reply_error(c, 400, "invalid_argument", "1 to %d keys are looked for", KEYS_MAX);
        return;
    }
    int r = cache_look(c, &keys, http_query(c->q, "version"), &hit, &e);
    if (r < 0) {
        reply_err(c, &e);
        return;
    }
    if (r == 0) {
        reply_nothing(c);
        return;
    }
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    buf_add_cstr(&b, "{\"cacheKey\":");
    buf_add_json(&b, hit.key);
    buf_add_cstr(&b, ",\"scope\":");
    buf_add_json(&b, hit.scope);
    buf_add_cstr(&b, ",\"cacheVersion\":");
    buf_add_json(&b, http_query(c->q, "version"));
    buf_add_cstr(&b, ",\"archiveLocation\":");
    buf_add_json(&b, hit.url);
    buf_add_cstr(&b, ",\"creationTime\":\"");
    num_add_time(&b, hit.created_ms);
    buf_add_cstr(&b, "\"}");
    reply_json(c, 200, &b);
}

static void reserve(struct call *c)
{
    struct err e = {0};
    struct reserved_as as;
    enum reserved how = RESERVED;
    uint64_t size = 0;
    struct reservation want = cache_reservation(c);
    if (!cache_key_good(c, want.name))
        return;
    if (in_number(c, "cacheSize", &size) && size > c->s->o.max_bytes) {
        reply_error(c, 400, "invalid_argument", "a cache of %llu bytes is too large", (unsigned long long)size);
        return;
    }
    if (upload_reserve(c->s, &want, &how, &as, &e) < 0) {
        reply_err(c, &e);
        return;
    }
    if (how != RESERVED) {
        reply_error(c, 409, "already_exists", "there is a cache with this key and version, or one is being made");
        return;
    }
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    buf_printf(&b, "{\"cacheId\":%llu}", (unsigned long long)as.number);
    reply_json(c, 201, &b);
}

static void chunk_open(struct call *c)
{
    struct http_range range;
    uint64_t number = 0, n = http_length(c->q);
    if (num_parse_u64(c->rest, INT64_MAX, &number) == 0)
        c->upload = upload_use_number(c->s, number, c->who.grant.job);
    if (c->upload == NULL) {
        reply_error(c, 404, "not_found", "this job makes no such cache");
        return;
    }
    if (http_content_range_parse(http_header(c->q, "Content-Range"), &range) < 0 ||
        (n != HTTP_CHUNKED && n != range.n)) {
        reply_error(c, 400, "invalid_argument", "the Content-Range is none of this chunk");
        return;
    }
    if (range.n > c->s->o.max_bytes || range.from > c->s->o.max_bytes - range.n) {
        reply_error(c, 413, "out_of_range", "the cache is too large");
        return;
    }
    c->q->into = c->upload->fd;
    c->q->into_at = range.from;
    c->q->into_max = range.n;
}

static void chunk_answer(struct call *c)
{
    if (c->q->n_body != c->q->into_max)
        reply_error(c, 400, "invalid_argument", "the chunk is shorter than its Content-Range");
    else
        reply_nothing(c);
}

/* All chunks have come: the blob is as long as its file. */
static int mark_whole(struct call *c, uint64_t number, struct err *e)
{
    struct stat st;
    struct upload *u = upload_use_number(c->s, number, c->who.grant.job);
    if (u == NULL)
        return 0;
    int r = fstat(u->fd, &st) < 0 ? err_sys(e, errno, "cannot look at a cache") : 0;
    if (r == 0)
        r = upload_whole(c->s, u, (uint64_t)st.st_size, e);
    upload_release(c->s, u);
    return r;
}

static void commit(struct call *c)
{
    struct err e = {0};
    struct upload *u = NULL;
    uint64_t number = 0, size = 0;
    if (num_parse_u64(c->rest, INT64_MAX, &number) < 0 || !in_number(c, "size", &size)) {
        reply_error(c, 400, "invalid_argument", "a commit names a cache and its size");
        return;
    }
    int r = mark_whole(c, number, &e);
    if (r < 0) {
        reply_err(c, &e);
        return;
    }
    r = upload_take_number(c->s, number, c->who.grant.job, &u);
    if (r < 0) {
        reply_untaken(c, r, "cache");
        return;
    }
    r = cache_finish(u, size, &e);
    if (r == -EBADMSG)
        reply_error(c, 400, "invalid_argument", "%s", e.text);
    else if (r < 0)
        reply_err(c, &e);
    else
        reply_nothing(c);
}

const struct route cache_v1_routes[] = {
    {.method = "GET", .path = BASE "cache", .answer = find},
    {.method = "POST", .path = BASE "caches", .json = true, .answer = reserve},
    {.method = "PATCH", .path = BASE "caches/", .prefix = true, .open = chunk_open, .answer = chunk_answer},
    {.method = "POST", .path = BASE "caches/", .prefix = true, .json = true, .answer = commit},
    {.method = NULL},
};
