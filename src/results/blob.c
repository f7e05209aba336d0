/*
 * results/blob.c - blobs behind signed URLs: what the Azure SDK's BlockBlob asks for, and downloads.
 */
#include "core/base.h"
#include "results/results_priv.h"

#include "core/num.h"
#include "core/path.h"
#include "sys/clock.h"
#include "sys/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_LIST_MAX ((size_t)8 << 20)
#define BLOCK_ID_MAX 128

/* ---- replies as Azure has them ---- */

static void reply_azure_error(struct call *c, unsigned status, const char *code, const char *why)
{
    struct str xml = arena_printf(c->a,
                                  "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
                                  "<Error><Code>%s</Code><Message>%s</Message></Error>",
                                  code, why);
    http_reply_text(c->r, status, "application/xml", xml);
    http_reply_header(c->r, "x-ms-error-code", str_from(code));
}

static void reply_storage(struct call *c, const struct err *e)
{
    bool full = e->num == -ENOSPC || e->num == -EDQUOT || e->num == -EFBIG;
    reply_azure_error(c, full ? 507 : 500, full ? "OutOfSpace" : "InternalError",
                      full ? "the disk is full, or the blob too large" : "the store cannot be written");
}

/* "Tue, 24 Nov 2026 02:09:44 GMT" */
static struct str http_date(struct arena *a, int64_t epoch_s)
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    CLEAN(buf) struct buf b = BUF(64);
    uint64_t month = 1;
    num_add_time(&b, epoch_s * 1000);
    struct str iso = buf_str(&b); /* 2026-11-24T02:09:44.000Z */
    if (num_parse_u64(str_sub(iso, 5, 7), 12, &month) < 0 || month == 0)
        return STR("Thu, 01 Jan 1970 00:00:00 GMT");
    return arena_printf(a, "%s, %.2s %s %.4s %.8s GMT", days[epoch_s / 86400 % 7], iso.p + 8, months[month - 1], iso.p,
                        iso.p + 11);
}

static void reply_created(struct call *c)
{
    http_reply_text(c->r, 201, NULL, STR(""));
    http_reply_header(c->r, "ETag", arena_printf(c->a, "\"0x%s\"", c->upload->id));
    http_reply_header(c->r, "Last-Modified", http_date(c->a, clock_wall_ms() / 1000));
    http_reply_header(c->r, "x-ms-request-id", arena_cstr(c->a, c->upload->id));
    http_reply_header(c->r, "x-ms-version", STR("2021-12-02"));
    http_reply_header(c->r, "x-ms-request-server-encrypted", STR("false"));
}

/* ---- writing ---- */

static bool signed_for(struct call *c, char may, struct str *ret_kind)
{
    if (blob_url_check(c->s, c->q, may, ret_kind, &c->blob) == 0)
        return true;
    reply_azure_error(c, 403, "AuthenticationFailed", "this URL is not signed for it, or too old");
    return false;
}

static void block_open(struct call *c)
{
    struct err e = {0};
    struct str id = http_query(c->q, "blockid");
    uint64_t n = http_length(c->q);
    if (n == HTTP_CHUNKED) {
        reply_azure_error(c, 411, "MissingContentLengthHeader", "a block tells its length");
        return;
    }
    if (id.n == 0 || id.n > BLOCK_ID_MAX) {
        reply_azure_error(c, 400, "InvalidQueryParameterValue", "a block needs an id");
        return;
    }
    c->q->into_max = n;
    if (upload_stage(c->s, c->upload, n, &c->q->into, &c->at, &e) < 0)
        reply_storage(c, &e);
    c->q->into_at = c->at;
}

static void put_open(struct call *c)
{
    struct str kind, comp = http_query(c->q, "comp");
    if (!signed_for(c, 'w', &kind))
        return;
    c->upload = str_is(kind, BLOB_UPLOAD) ? upload_use(c->s, c->blob) : NULL;
    if (c->upload == NULL) {
        reply_azure_error(c, 404, "BlobNotFound", "this blob is not being made any more");
    } else if (str_is(comp, "block")) {
        block_open(c);
    } else if (str_is(comp, "blocklist")) {
        c->q->max_memory = BLOCK_LIST_MAX;
    } else if (comp.n > 0) {
        reply_azure_error(c, 400, "InvalidQueryParameterValue", "of comp only block and blocklist are known");
    } else {
        c->q->into = c->upload->fd;
        c->q->into_max = c->s->o.max_bytes;
    }
}

static int commit(struct call *c, struct err *e)
{
    struct strs ids = {0};
    int r = block_list_parse(c->a, c->q->body, &ids, e);
    return r < 0 ? r : upload_commit(c->s, c->upload, &ids, e);
}

static void put_answer(struct call *c)
{
    struct str comp = http_query(c->q, "comp");
    struct err e = {0};
    int r;
    if (str_is(comp, "block"))
        r = upload_staged(c->s, c->upload, http_query(c->q, "blockid"), c->at, c->q->n_body, &e);
    else if (str_is(comp, "blocklist"))
        r = commit(c, &e);
    else
        r = upload_whole(c->s, c->upload, c->q->n_body, &e);
    if (r == 0)
        reply_created(c);
    else if (r == -EINVAL)
        reply_azure_error(c, 400, "InvalidBlockList", "the block list is wrong, or names a block that was not sent");
    else
        reply_storage(c, &e);
}

/* ---- reading ---- */

static void reply_file(struct call *c, const char *path, struct str type)
{
    struct stat st;
    CLEAN(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        reply_azure_error(c, 404, "BlobNotFound", "this blob is gone");
        return;
    }
    http_reply_file(c->r, fd, (uint64_t)st.st_size, type);
    http_reply_header(c->r, "Last-Modified", http_date(c->a, st.st_mtim.tv_sec));
    http_reply_header(c->r, "x-ms-blob-type", STR("BlockBlob"));
    fd = -1;
}

/* The name of a download: of an artifact that is a zip with ".zip" behind. Percent-encoded, as clients decode it. */
static struct str disposition(struct call *c, const struct artifact *one)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    buf_add_cstr(&b, "attachment; filename=\"");
    http_escape(&b, one->name);
    buf_add_cstr(&b, one->raw ? "\"" : ".zip\"");
    return b.over ? STR("attachment") : arena_str(c->a, buf_str(&b));
}

static void reply_artifact(struct call *c)
{
    struct artifact *all = NULL;
    struct err e = {0};
    uint64_t id = 0;
    size_t n = 0, i = 0;
    if (artifact_list(c->a, c->s->o.artifacts.p, &all, &n, &e) < 0) {
        reply_storage(c, &e);
        return;
    }
    if (num_parse_u64(c->blob, UINT64_MAX, &id) < 0)
        n = 0;
    while (i < n && all[i].id != id)
        i++;
    if (i == n) {
        reply_azure_error(c, 404, "BlobNotFound", "this artifact was deleted");
        return;
    }
    reply_file(c, all[i].blob.p, all[i].mime);
    if (c->r->status == 200)
        http_reply_header(c->r, "Content-Disposition", disposition(c, &all[i]));
}

static void reply_cache(struct call *c)
{
    struct str scope, key;
    if (!str_cut(c->blob, '-', &scope, &key) || !path_is_inner(scope) || !path_is_inner(key))
        reply_azure_error(c, 404, "BlobNotFound", "this names no cache");
    else
        reply_file(c,
                   arena_printf(c->a, "%s/" CACHE_SPACE "/%.*s/%.*s/tree/" CACHE_FILE, c->s->o.caches.p, STR_ARG(scope),
                                STR_ARG(key))
                       .p,
                   STR("application/octet-stream"));
}

static void get_answer(struct call *c)
{
    struct str kind;
    if (!signed_for(c, 'r', &kind))
        return;
    if (str_is(kind, BLOB_ARTIFACT))
        reply_artifact(c);
    else if (str_is(kind, BLOB_CACHE))
        reply_cache(c);
    else
        reply_azure_error(c, 404, "BlobNotFound", "there are artifacts and caches");
}

const struct route blob_routes[] = {
    {.method = "PUT", .path = "/_blob/", .prefix = true, .is_signed = true, .open = put_open, .answer = put_answer},
    {.method = "GET", .path = "/_blob/", .prefix = true, .is_signed = true, .answer = get_answer},
    {.method = "HEAD", .path = "/_blob/", .prefix = true, .is_signed = true, .answer = get_answer},
    {.method = NULL},
};
