/*
 * results/cache.c - CacheService, version 2 (github-actions specification 12.5), and what version 1 shares with it.
 */
#include "core/base.h"
#include "results/results_priv.h"

#include "core/path.h"

#include <sys/stat.h>

#define BASE "/twirp/github.actions.results.api.v1.CacheService/"
#define KEYS_MAX 10

bool cache_key_good(struct call *c, struct str key)
{
    if (key.n > 0 && key.n <= CACHE_KEY_MAX && str_find_ch(key, ',') < 0)
        return true;
    reply_error(c, 400, "invalid_argument", "a cache key has 1 to %d bytes and no comma", CACHE_KEY_MAX);
    return false;
}

/* ---- looking ---- */

/* ROOT/archive/<scope>/<key>/tree as "<scope>-<key>". */
static struct str blob_name(struct arena *a, struct str tree)
{
    struct str entry = path_dir(tree);
    return arena_printf(a, "%.*s-%.*s", STR_ARG(path_base(path_dir(entry))), STR_ARG(path_base(entry)));
}

static int look_in(struct call *c, struct str ref, const struct strs *keys, struct str version, struct hit *ret,
                   struct err *e)
{
    struct str tree;
    struct stat st;
    struct cache_query q = {.space = STR(CACHE_SPACE),
                            .scope = cache_scope(c->s, c->a, ref),
                            .version = version,
                            .key = keys->p[0],
                            .restore_keys = *keys}; /* the first one is a prefix as well */
    int r = cache_find(c->a, c->s->o.caches.p, &q, &tree, &ret->key, e);
    if (r <= 0)
        return r;
    if (stat(arena_printf(c->a, "%.*s/" CACHE_FILE, STR_ARG(tree)).p, &st) < 0)
        return 0; /* evicted since */
    ret->scope = ref;
    ret->created_ms = (int64_t)st.st_mtim.tv_sec * 1000;
    ret->url = blob_url(c->s, c->a, BLOB_CACHE, blob_name(c->a, tree), 'r');
    return 1;
}

int cache_look(struct call *c, const struct strs *keys, struct str version, struct hit *ret, struct err *e)
{
    int r = look_in(c, c->who.grant.ref, keys, version, ret, e);
    for (size_t i = 0; r == 0 && i < c->who.grant.refs.n; i++)
        r = look_in(c, c->who.grant.refs.p[i], keys, version, ret, e);
    return r;
}

/* ---- keeping ---- */

struct reservation cache_reservation(const struct call *c)
{
    return (struct reservation){.kind = UPLOAD_CACHE,
                                .job = c->who.grant.job,
                                .name = in_text(c, "key"),
                                .version = in_text(c, "version"),
                                .ref = c->who.grant.ref};
}

int cache_finish(struct upload *u, uint64_t size, struct err *e)
{
    int r = 0;
    if (size != u->size)
        r = err_set(e, EBADMSG, "the cache has %llu bytes, not as many as were announced", (unsigned long long)u->size);
    if (r == 0) {
        r = cache_keep(u->cache, e); /* of two savers the first wins, and both are content */
        u->cache = NULL;
    }
    upload_free(u);
    return r < 0 ? r : 0;
}

static void create(struct call *c)
{
    struct err e = {0};
    struct reserved_as as;
    enum reserved how = RESERVED;
    struct reservation want = cache_reservation(c);
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    if (!cache_key_good(c, want.name))
        return;
    if (upload_reserve(c->s, &want, &how, &as, &e) < 0) {
        reply_err(c, &e);
        return;
    }
    if (how == RESERVED) {
        buf_add_cstr(&b, "{\"ok\":true,\"signed_upload_url\":");
        buf_add_json(&b, blob_url(c->s, c->a, BLOB_UPLOAD, str_from(as.id), 'w'));
        buf_add_ch(&b, '}');
    } else {
        static const char *const why[] = {[RESERVED_THERE_ALREADY] = "there is a cache with this key and version",
                                          [RESERVED_BY_ANOTHER] = "another job is making a cache with this key",
                                          [RESERVED_TOO_MANY] = "too many caches are being made at once"};
        buf_printf(&b, "{\"ok\":false,\"signed_upload_url\":\"\",\"message\":\"%s\"}", why[how]);
    }
    reply_json(c, 200, &b);
}

static void finalize(struct call *c)
{
    struct err e = {0};
    struct upload *u = NULL;
    struct reservation which = cache_reservation(c);
    uint64_t size = 0, number = 0;
    bool sized = in_number(c, "size_bytes", &size);
    int r = upload_take(c->s, &which, &u);
    if (r < 0) {
        reply_untaken(c, r, "cache");
        return;
    }
    number = u->number;
    r = cache_finish(u, sized ? size : UINT64_MAX, &e);
    if (r == -EBADMSG) {
        reply_error(c, 400, "invalid_argument", "%s", e.text);
        return;
    }
    if (r < 0) {
        reply_err(c, &e);
        return;
    }
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    buf_printf(&b, "{\"ok\":true,\"entry_id\":\"%llu\",\"message\":\"\"}", (unsigned long long)number);
    reply_json(c, 200, &b);
}

/* The key and the restore keys of the body, in order; false: refused. */
static bool read_keys(struct call *c, struct strs *ret)
{
    const struct value *more = in_value(c, "restore_keys");
    struct str key = in_text(c, "key");
    size_t n = more != NULL && more->kind == VALUE_ARRAY ? more->array.n : 0;
    if (!cache_key_good(c, key))
        return false;
    vec_push_in(c->a, ret, key);
    if (n + 1 > KEYS_MAX) {
        reply_error(c, 400, "invalid_argument", "more than %d keys", KEYS_MAX);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        const struct value *one = more->array.p[i];
        if (!cache_key_good(c, one->kind == VALUE_STRING ? one->string : STR_NONE))
            return false;
        vec_push_in(c->a, ret, one->string);
    }
    return true;
}

static void get_url(struct call *c)
{
    struct err e = {0};
    struct strs keys = {0};
    struct hit hit;
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    if (!read_keys(c, &keys))
        return;
    int r = cache_look(c, &keys, in_text(c, "version"), &hit, &e);
    if (r < 0) {
        reply_err(c, &e);
        return;
    }
    if (r == 0) {
        buf_add_cstr(&b, "{\"ok\":false,\"signed_download_url\":\"\",\"matched_key\":\"\"}");
    } else {
        buf_add_cstr(&b, "{\"ok\":true,\"signed_download_url\":");
        buf_add_json(&b, hit.url);
        buf_add_cstr(&b, ",\"matched_key\":");
        buf_add_json(&b, hit.key);
        buf_add_ch(&b, '}');
    }
    reply_json(c, 200, &b);
}

const struct route cache_routes[] = {
    {.method = "POST", .path = BASE "CreateCacheEntry", .json = true, .answer = create},
    {.method = "POST", .path = BASE "FinalizeCacheEntryUpload", .json = true, .answer = finalize},
    {.method = "POST", .path = BASE "GetCacheEntryDownloadURL", .json = true, .answer = get_url},
    {.method = NULL},
};
