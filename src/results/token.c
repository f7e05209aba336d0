/*
 * results/token.c - bearer tokens and signed URLs.
 *
 * A token is a JSON Web Token (HS256): clients take the backend ids of run and job from its `scp`, and look at `exp`
 * and `ac`; all else they leave to us. Signed texts begin with what they are for, so that none stands for another.
 */
#include "core/base.h"
#include "results/results_priv.h"

#include "core/num.h"
#include "sys/clock.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define TOKEN_S (INT64_C(35) * 24 * 3600) /* as long as a run may last on the service */
#define URL_S (INT64_C(6) * 3600)
#define TOKEN_MAX ((size_t)8 << 10)

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void add_base64url(struct buf *b, const unsigned char *p, size_t n)
{
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < n; i++) {
        bits = (bits << 8 | p[i]) & 0xffff;
        held += 8;
        for (; held >= 6; held -= 6)
            buf_add_ch(b, letters[bits >> (held - 6) & 63]);
    }
    if (held > 0)
        buf_add_ch(b, letters[bits << (6 - held) & 63]);
}

static int base64url_decode(struct arena *a, struct str s, struct str *ret)
{
    char *to = arena_alloc(a, s.n + 1);
    uint32_t bits = 0;
    unsigned held = 0;
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        const char *at = s.p[i] != '\0' ? strchr(letters, s.p[i]) : NULL;
        if (at == NULL)
            return -EINVAL;
        bits = (bits << 6 | (uint32_t)(at - letters)) & 0x3fff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            to[n++] = (char)(bits >> held & 255);
        }
    }
    *ret = str_of(to, n);
    return 0;
}

static void sign(const struct results *s, struct str text, unsigned char ret[SIGN_BYTES])
{
    unsigned n = SIGN_BYTES;
    MUST(HMAC(EVP_sha256(), s->key, sizeof s->key, (const unsigned char *)text.p, text.n, ret, &n) != NULL);
}

static void add_signature(const struct results *s, struct buf *b, struct str text)
{
    unsigned char sum[SIGN_BYTES];
    sign(s, text, sum);
    add_base64url(b, sum, sizeof sum);
}

static bool is_signed(const struct results *s, struct str text, struct str signature)
{
    CLEAN(buf) struct buf want = BUF(100);
    add_signature(s, &want, text);
    return want.n == signature.n && CRYPTO_memcmp(want.p, signature.p, want.n) == 0;
}

struct str backend_id(const struct results *s, struct arena *a, struct str job)
{
    unsigned char p[SIGN_BYTES];
    struct str text = arena_printf(a, "backend %.*s", STR_ARG(job));
    sign(s, text, p);
    return arena_printf(a, "%02x%02x%02x%02x-%02x%02x-4%01x%02x-8%01x%02x-%02x%02x%02x%02x%02x%02x", p[0], p[1], p[2],
                        p[3], p[4], p[5], p[6] & 15U, p[7], p[8] & 15U, p[9], p[10], p[11], p[12], p[13], p[14], p[15]);
}

/* ---- tokens ---- */

/* `ac`: which scopes of caches the job reads (1) and writes (2), first the one that it writes. */
static void add_access(const struct results_grant *g, struct buf *b)
{
    CLEAN(buf) struct buf ac = BUF(TOKEN_MAX);
    buf_add_cstr(&ac, "[{\"Scope\":");
    buf_add_json(&ac, g->ref);
    buf_add_cstr(&ac, ",\"Permission\":3}");
    for (size_t i = 0; i < g->refs.n; i++) {
        buf_add_cstr(&ac, ",{\"Scope\":");
        buf_add_json(&ac, g->refs.p[i]);
        buf_add_cstr(&ac, ",\"Permission\":1}");
    }
    buf_add_ch(&ac, ']');
    buf_add_json(b, buf_str(&ac));
}

int token_add(const struct results *s, const struct results_grant *grant, struct buf *ret, struct err *e)
{
    static const char head[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
    struct arena *a CLEAN(arena) = arena_new();
    CLEAN(buf) struct buf body = BUF(TOKEN_MAX), text = BUF(2 * TOKEN_MAX);
    struct str id = backend_id(s, a, grant->job);
    long long now = clock_wall_ms() / 1000, until = now + TOKEN_S;
    buf_printf(&body, "{\"scp\":\"Actions.Results:%.*s:%.*s\",\"nbf\":%lld,\"exp\":%lld,\"ac\":", STR_ARG(s->run),
               STR_ARG(id), now, until);
    add_access(grant, &body);
    buf_add_cstr(&body, ",\"job\":");
    buf_add_json(&body, grant->job);
    buf_add_ch(&body, '}');
    add_base64url(&text, (const unsigned char *)head, sizeof head - 1);
    buf_add_ch(&text, '.');
    add_base64url(&text, (const unsigned char *)buf_cstr(&body), body.n);
    if (body.over || text.over)
        return err_set(e, E2BIG, "the name of a job is too long for a token");
    buf_add(ret, buf_str(&text));
    buf_add_ch(ret, '.');
    add_signature(s, ret, buf_str(&text));
    return ret->over ? err_set(e, E2BIG, "a token is too long") : 0;
}

static int read_access(struct arena *a, struct str text, struct results_grant *ret)
{
    struct value *all = NULL;
    if (value_from_json(a, text, MAP_CASE, &all, NULL) < 0 || all->kind != VALUE_ARRAY || all->array.n == 0)
        return -EACCES;
    ret->ref = value_get_str(all->array.p[0], "Scope");
    for (size_t i = 1; i < all->array.n; i++)
        vec_push_in(a, &ret->refs, value_get_str(all->array.p[i], "Scope"));
    return 0;
}

int token_check(const struct results *s, struct arena *a, struct str authorization, struct who *ret)
{
    struct str scheme, token, payload;
    struct value *v = NULL;
    if (!str_cut(authorization, ' ', &scheme, &token) || !str_is_nocase(scheme, "bearer"))
        return -EACCES;
    token = str_trim(token);
    ssize_t dot = str_rfind_ch(token, '.');
    if (dot < 0 || !is_signed(s, str_sub(token, 0, (size_t)dot), str_from_index(token, (size_t)dot + 1)))
        return -EACCES;
    struct str text = str_sub(token, 0, (size_t)dot), head;
    if (!str_cut(text, '.', &head, &payload) || base64url_decode(a, payload, &payload) < 0 ||
        value_from_json(a, payload, MAP_CASE, &v, NULL) < 0)
        return -EACCES;
    const struct value *until = value_get(v, STR("exp"));
    if (until == NULL || until->kind != VALUE_NUMBER || until->number < (double)clock_wall_ms() / 1000)
        return -EACCES;
    *ret = (struct who){.grant.job = value_get_str(v, "job")};
    ret->backend = backend_id(s, a, ret->grant.job);
    return read_access(a, value_get_str(v, "ac"), &ret->grant);
}

/* ---- signed URLs ---- */

/* Shaped as an account, a container and a blob, which is how the Azure SDK takes a URL apart. */
#define BLOB_ROOT "/_blob/"

static struct str blob_text(struct arena *a, struct str kind, struct str name, char may, int64_t until)
{
    return arena_printf(a, "blob %.*s %.*s %c %lld", STR_ARG(kind), STR_ARG(name), may, (long long)until);
}

struct str blob_url(const struct results *s, struct arena *a, const char *kind, struct str name, char may)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    int64_t until = clock_wall_ms() / 1000 + URL_S;
    buf_printf(&b, "%.*s", STR_ARG(str_sub(s->url, 0, s->url.n - 1)));
    buf_printf(&b, BLOB_ROOT "%s/%.*s?se=%lld&sig=", kind, STR_ARG(name), (long long)until);
    add_signature(s, &b, blob_text(a, str_from(kind), name, may, until));
    MUST(!b.over);
    return arena_str(a, buf_str(&b));
}

int blob_url_check(const struct results *s, const struct http_request *q, char may, struct str *ret_kind,
                   struct str *ret_name)
{
    struct str kind, name, rest;
    int64_t until = 0;
    if (!str_starts(q->path, STR(BLOB_ROOT)))
        return -EACCES;
    rest = str_from_index(q->path, sizeof BLOB_ROOT - 1);
    if (!str_cut(rest, '/', &kind, &name) || num_parse_i64(http_query(q, "se"), 0, INT64_MAX / 1000, &until) < 0)
        return -EACCES;
    if (!is_signed(s, blob_text(q->arena, kind, name, may, until), http_query(q, "sig")))
        return -EACCES;
    if (until < clock_wall_ms() / 1000)
        return -EACCES;
    *ret_kind = kind;
    *ret_name = name;
    return 0;
}
