/*
 * results/artifacts.c - ArtifactService, version 4 (github-actions specification 12.2).
 *
 * A job makes and finishes artifacts as itself only; to read and delete it may name the job that made them, which is
 * how clients ask for what they listed.
 */
#include "core/base.h"
#include "results/results_priv.h"

#include "core/num.h"

#define BASE "/twirp/github.actions.results.api.v1.ArtifactService/"
#define LIST_MAX ((size_t)64 << 20)
#define NAME_MAX_BYTES 1000

static bool run_matches(struct call *c)
{
    if (str_eq(in_text(c, "workflow_run_backend_id"), c->s->run))
        return true;
    reply_error(c, 403, "permission_denied", "the token is not for this run");
    return false;
}

static bool job_matches(struct call *c)
{
    if (!run_matches(c))
        return false;
    if (str_eq(in_text(c, "workflow_job_run_backend_id"), c->who.backend))
        return true;
    reply_error(c, 403, "permission_denied", "the token is not for this job");
    return false;
}

static bool name_good(struct call *c, struct str name)
{
    bool good = name.n > 0 && name.n <= NAME_MAX_BYTES;
    for (size_t i = 0; i < name.n && good; i++)
        good = (unsigned char)name.p[i] >= ' ' && strchr("\":<>|*?\\/", name.p[i]) == NULL;
    if (!good)
        reply_error(c, 400, "invalid_argument", "'%.*s' cannot name an artifact", STR_ARG(name));
    return good;
}

static void create(struct call *c)
{
    struct err e = {0};
    struct reserved_as as;
    enum reserved how = RESERVED;
    struct reservation want = {
        .kind = UPLOAD_ARTIFACT, .job = c->who.grant.job, .name = in_text(c, "name"), .mime = in_text(c, "mime_type")};
    if (!job_matches(c) || !name_good(c, want.name))
        return;
    if (upload_reserve(c->s, &want, &how, &as, &e) < 0) {
        reply_err(c, &e);
        return;
    }
    if (how == RESERVED_TOO_MANY) {
        reply_error(c, 403, "resource_exhausted", "too many artifacts are being made at once");
        return;
    }
    if (how != RESERVED) {
        reply_error(c, 409, "already_exists", "an artifact with this name already exists on the workflow run");
        return;
    }
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    buf_add_cstr(&b, "{\"ok\":true,\"signed_upload_url\":");
    buf_add_json(&b, blob_url(c->s, c->a, BLOB_UPLOAD, str_from(as.id), 'w'));
    buf_add_ch(&b, '}');
    reply_json(c, 200, &b);
}

static void reply_done(struct call *c, uint64_t id)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    buf_printf(&b, "{\"ok\":true,\"artifact_id\":\"%llu\"}", (unsigned long long)id);
    reply_json(c, 200, &b);
}

/* Keeps it, and takes it back when its bytes are not those that were announced. */
static int keep(struct call *c, struct upload *u, struct artifact *ret, struct err *e)
{
    struct str hash = in_text(c, "hash");
    struct artifact what = {
        .name = u->name, .job = u->job, .mime = u->mime, .raw = u->mime.n > 0 && !str_is(u->mime, "application/zip")};
    int r = artifact_keep(c->a, u->artifact, &what, false, ret, e);
    if (r < 0)
        return r;
    u->artifact = NULL;
    if (hash.n > 0 && !str_eq_nocase(hash, arena_printf(c->a, "sha256:%.*s", STR_ARG(ret->digest)))) {
        artifact_remove(c->s->o.artifacts.p, ret->id, NULL);
        return err_set(e, EBADMSG, "the artifact has another hash: sha256:%.*s", STR_ARG(ret->digest));
    }
    return 0;
}

static void finalize(struct call *c)
{
    struct err e = {0};
    struct upload *u = NULL;
    struct artifact kept = {0};
    struct reservation which = {.kind = UPLOAD_ARTIFACT, .job = c->who.grant.job, .name = in_text(c, "name")};
    uint64_t size = 0;
    if (!job_matches(c))
        return;
    bool sized = in_number(c, "size", &size);
    int r = upload_take(c->s, &which, &u);
    if (r < 0) {
        reply_untaken(c, r, "artifact");
        return;
    }
    if (!sized || size != u->size)
        r = err_set(&e, EBADMSG, "the artifact has %llu bytes, not as many as were announced",
                    (unsigned long long)u->size);
    if (r == 0)
        r = keep(c, u, &kept, &e);
    upload_free(u);
    if (r == -EEXIST)
        reply_error(c, 409, "already_exists", "an artifact with this name already exists on the workflow run");
    else if (r == -EBADMSG)
        reply_error(c, 400, "invalid_argument", "%s", e.text);
    else if (r < 0)
        reply_err(c, &e);
    else
        reply_done(c, kept.id);
}

static void add_artifact(struct call *c, struct buf *b, const struct artifact *one)
{
    buf_printf(b, "%s{\"workflow_run_backend_id\":\"%.*s\",\"workflow_job_run_backend_id\":\"%.*s\"",
               b->p[b->n - 1] == '[' ? "" : ",", STR_ARG(c->s->run), STR_ARG(backend_id(c->s, c->a, one->job)));
    buf_printf(b, ",\"database_id\":\"%llu\",\"size\":\"%llu\",\"name\":", (unsigned long long)one->id,
               (unsigned long long)one->size);
    buf_add_json(b, one->name);
    buf_add_cstr(b, ",\"created_at\":\"");
    num_add_time(b, one->created_ms);
    buf_printf(b, "\",\"digest\":\"sha256:%.*s\"}", STR_ARG(one->digest));
}

static void list(struct call *c)
{
    struct err e = {0};
    struct artifact *all = NULL;
    size_t n = 0;
    uint64_t id = 0;
    struct str name = in_text(c, "name_filter");
    bool by_id = in_value(c, "id_filter") != NULL && in_value(c, "id_filter")->kind != VALUE_NULL;
    if (!run_matches(c))
        return;
    if (by_id && !in_number(c, "id_filter", &id)) {
        reply_error(c, 400, "invalid_argument", "id_filter is no number");
        return;
    }
    if (artifact_list(c->a, c->s->o.artifacts.p, &all, &n, &e) < 0) {
        reply_err(c, &e);
        return;
    }
    CLEAN(buf) struct buf b = BUF(LIST_MAX);
    buf_add_cstr(&b, "{\"artifacts\":[");
    for (size_t i = 0; i < n; i++)
        if ((name.p == NULL || str_eq(name, all[i].name)) && (!by_id || id == all[i].id))
            add_artifact(c, &b, &all[i]);
    buf_add_cstr(&b, "]}");
    if (b.over)
        reply_error(c, 500, "internal", "there are too many artifacts to list");
    else
        reply_json(c, 200, &b);
}

/* The artifact that `name` of the body names; false: refused. */
static bool named(struct call *c, struct artifact *ret)
{
    struct err e = {0};
    struct artifact *all = NULL;
    struct str name = in_text(c, "name");
    size_t n = 0;
    if (!run_matches(c))
        return false;
    if (artifact_list(c->a, c->s->o.artifacts.p, &all, &n, &e) < 0) {
        reply_err(c, &e);
        return false;
    }
    for (size_t i = 0; i < n; i++)
        if (str_eq(all[i].name, name)) {
            *ret = all[i];
            return true;
        }
    reply_error(c, 404, "not_found", "there is no artifact '%.*s'", STR_ARG(name));
    return false;
}

static void get_url(struct call *c)
{
    struct artifact one;
    if (!named(c, &one))
        return;
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    struct str number = arena_printf(c->a, "%llu", (unsigned long long)one.id);
    buf_add_cstr(&b, "{\"signed_url\":");
    buf_add_json(&b, blob_url(c->s, c->a, BLOB_ARTIFACT, number, 'r'));
    buf_add_ch(&b, '}');
    reply_json(c, 200, &b);
}

static void delete_artifact(struct call *c)
{
    struct artifact one;
    struct err e = {0};
    if (!named(c, &one))
        return;
    int r = artifact_remove(c->s->o.artifacts.p, one.id, &e);
    if (r < 0 && r != -ENOENT) /* somebody was faster */
        reply_err(c, &e);
    else
        reply_done(c, one.id);
}

const struct route artifact_routes[] = {
    {.method = "POST", .path = BASE "CreateArtifact", .json = true, .answer = create},
    {.method = "POST", .path = BASE "FinalizeArtifact", .json = true, .answer = finalize},
    {.method = "POST", .path = BASE "ListArtifacts", .json = true, .answer = list},
    {.method = "POST", .path = BASE "GetSignedArtifactURL", .json = true, .answer = get_url},
    {.method = "POST", .path = BASE "DeleteArtifact", .json = true, .answer = delete_artifact},
    {.method = NULL},
};
