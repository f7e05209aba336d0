/*
 * actions/download-artifact (specification 13.7), in the words of the original. Other runs are those that this machine
 * remembers; other repositories have none here.
 */
#include "core/base.h"
#include "provider/github/artifact_priv.h"

#include "core/num.h"
#include "core/path.h"
#include "core/vec.h"

enum phase { PHASE_LIST, PHASE_GET, PHASE_DONE };
enum mismatch { MISMATCH_ERROR, MISMATCH_WARN, MISMATCH_INFO, MISMATCH_IGNORE };

struct download {
    struct str name, ids, pattern;
    struct str path; /* absolute */
    bool merge, keep_packed;
    enum mismatch mismatch;
    uint64_t run; /* 0: this one */
    struct gh_artifacts all;
    size_t at;
};

#define UNABLE "Unable to download artifact(s): "

/* ---- inputs ---- */

static enum mismatch read_mismatch(struct gh_task *t)
{
    static const char *const WORDS[] = {"error", "warn", "info", "ignore"};
    struct str text = gh_input(t, "digest-mismatch");
    for (size_t i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_is(text, WORDS[i]))
            return (enum mismatch)i;
    if (text.n > 0)
        gh_fail(t, UNABLE "Invalid value for 'digest-mismatch': '%.*s'. Valid options are: ignore, info, warn, error",
                STR_ARG(text));
    return MISMATCH_ERROR;
}

/* With a token, run-id and repository count; without one they do not. */
static uint64_t read_run(struct gh_run *r, struct gh_task *t)
{
    struct str repository = gh_input(t, "repository"), id = gh_input(t, "run-id"), own, rest;
    uint64_t run = 0;
    if (gh_input(t, "github-token").n == 0)
        return 0;
    if (repository.n > 0 && (!str_cut(repository, '/', &own, &rest) || own.n == 0 || rest.n == 0))
        gh_fail(t, UNABLE "Invalid repository: '%.*s'. Must be in format owner/repo", STR_ARG(repository));
    else if (repository.n > 0 && !str_eq_nocase(repository, value_get_str(r->github, "repository")))
        gh_fail(t, UNABLE "slipway keeps no artifacts of other repositories (repository: %.*s)", STR_ARG(repository));
    else if (id.n > 0 && num_parse_u64(id, UINT64_MAX, &run) < 0)
        gh_fail(t, UNABLE "Invalid run-id: '%.*s'", STR_ARG(id));
    return str_eq(id, value_get_str(r->github, "run_id")) ? 0 : run;
}

static struct str read_path(struct gh_run *r, struct gh_task *t)
{
    struct str path = gh_input(t, "path");
    if (str_starts(path, STR("~")))
        path = arena_printf(r->arena, "%.*s%.*s", STR_ARG(r->home), STR_ARG(str_from_index(path, 1)));
    return path_clean(r->arena, path_join(r->arena, r->workspace, path.n > 0 ? path : STR(".")));
}

static void read_inputs(struct gh_run *r, struct gh_task *t, struct download *d)
{
    d->name = gh_input(t, "name");
    d->ids = gh_input(t, "artifact-ids");
    d->pattern = gh_input(t, "pattern");
    d->path = read_path(r, t);
    d->merge = gh_input_bool(t, "merge-multiple", false);
    d->keep_packed = gh_input_bool(t, "skip-decompress", false);
    d->mismatch = read_mismatch(t);
    if (d->name.n > 0 && d->ids.n > 0)
        gh_fail(t, UNABLE "Inputs 'name' and 'artifact-ids' cannot be used together. Please specify only one.");
    d->run = read_run(r, t);
}

/* ---- which ones ---- */

static void choose_name(struct gh_task *t, struct download *d)
{
    gh_say(t, "Downloading single artifact");
    for (size_t i = 0; i < d->all.n; i++)
        if (str_eq(d->all.p[i].name, d->name)) {
            d->all.p[0] = d->all.p[i];
            d->all.n = 1;
            return;
        }
    gh_fail(t,
            UNABLE "Artifact not found for name: %.*s. Please ensure that your artifact is not expired and the "
                   "artifact was uploaded using a compatible version of toolkit/upload-artifact.",
            STR_ARG(d->name));
}

static bool lists(const struct gh_artifacts *all, uint64_t id)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->p[i].id == id)
            return true;
    return false;
}

struct ids {
    uint64_t *p;
    size_t n, cap;
};

static void read_ids(struct gh_task *t, struct str text, struct ids *ret)
{
    struct str one;
    while (str_next(&text, ',', &one)) {
        uint64_t id = 0;
        one = str_trim(one);
        if (one.n == 0)
            continue;
        if (num_parse_u64(one, UINT64_MAX, &id) < 0) {
            gh_fail(t, UNABLE "Invalid artifact ID: '%.*s'. Must be a number.", STR_ARG(one));
            return;
        }
        vec_push_in(t->run->arena, ret, id);
    }
    if (ret->n == 0)
        gh_fail(t, UNABLE "No valid artifact IDs provided in 'artifact-ids' input");
}

static void choose_ids(struct gh_task *t, struct download *d)
{
    struct ids ids = {0};
    struct gh_artifacts in = d->all;
    struct str missing = STR("");
    gh_say(t, "Downloading artifacts by ID");
    read_ids(t, d->ids, &ids);
    d->all.n = 0;
    for (size_t i = 0; i < in.n; i++)
        for (size_t k = 0; k < ids.n; k++)
            if (in.p[i].id == ids.p[k]) {
                d->all.p[d->all.n++] = in.p[i];
                break;
            }
    if (t->result == RESULT_NONE && d->all.n == 0)
        gh_fail(t, UNABLE "None of the provided artifact IDs were found");
    if (t->result != RESULT_NONE)
        return;
    for (size_t k = 0; k < ids.n; k++)
        if (!lists(&d->all, ids.p[k]))
            missing = arena_printf(t->run->arena, "%.*s%s%llu", STR_ARG(missing), missing.n > 0 ? ", " : "",
                                   (unsigned long long)ids.p[k]);
    if (missing.n > 0)
        gh_complain(t, LEVEL_WARNING, "Could not find the following artifact IDs: %.*s", STR_ARG(missing));
}

static void choose(struct gh_task *t, struct download *d)
{
    if (d->name.n > 0) {
        choose_name(t, d);
    } else if (d->ids.n > 0) {
        choose_ids(t, d);
    } else if (d->pattern.n > 0) {
        gh_say(t, "Filtering artifacts by pattern '%.*s'", STR_ARG(d->pattern));
        gh_artifacts_filter(t, &d->all, d->pattern);
    } else {
        gh_say(t, "No input name, artifact-ids or pattern filtered specified, downloading all artifacts");
        if (!d->merge)
            gh_say(t, "An extra directory with the artifact name will be created for each download");
    }
    if (t->result != RESULT_NONE || d->all.n == 0)
        return;
    gh_say(t, "Preparing to download the following artifacts:");
    for (size_t i = 0; i < d->all.n; i++)
        gh_say(t, "- %.*s (ID: %llu, Size: %llu, Expected Digest: sha256:%.*s)", STR_ARG(d->all.p[i].name),
               (unsigned long long)d->all.p[i].id, (unsigned long long)d->all.p[i].size, STR_ARG(d->all.p[i].digest));
}

/* ---- getting them ---- */

static void get_op(struct gh_run *r, struct gh_task *t, struct op *op, const struct download *d)
{
    const struct op_artifact *one = &d->all.p[d->at];
    bool straight = d->name.n > 0 || d->merge || (d->ids.n > 0 && d->all.n == 1);
    gh_op_other(r, t, op, OP_DOWNLOAD);
    op->artifact.id = one->id;
    op->artifact.run = d->run;
    op->artifact.keep_packed = d->keep_packed;
    op->artifact.path = straight ? d->path : path_join(r->arena, d->path, one->name);
    r->dirty = true;
}

static void check_digest(struct gh_task *t, const struct download *d, const struct op_end *end)
{
    const struct op_artifact *one = &d->all.p[d->at];
    static const char words[] = "digest validation failed. Please verify the integrity of the artifact.";
    if (str_eq(end->matched, one->digest))
        return;
    switch (d->mismatch) {
    case MISMATCH_ERROR:
        gh_fail(t, UNABLE "Artifact '%.*s' %s", STR_ARG(one->name), words);
        break;
    case MISMATCH_WARN:
        gh_complain(t, LEVEL_WARNING, "Artifact '%.*s' %s", STR_ARG(one->name), words);
        break;
    case MISMATCH_INFO:
        gh_say(t, "Artifact '%.*s' %s", STR_ARG(one->name), words);
        break;
    case MISMATCH_IGNORE:
        break;
    }
}

static void finish(struct gh_task *t, const struct download *d)
{
    gh_say(t, "Total of %zu artifact(s) downloaded", d->all.n);
    gh_set_output(t, "download-path", d->path);
    gh_say(t, "Download artifact has finished successfully");
    t->phase = PHASE_DONE;
}

static enum drive download_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    struct download *d = t->impl;
    if (d == NULL) {
        d = ARENA_NEW(r->arena, struct download);
        t->impl = d;
        read_inputs(r, t, d);
    }
    if (t->result != RESULT_NONE || t->phase == PHASE_DONE)
        return DRIVE_DONE;
    if (t->phase == PHASE_GET) {
        get_op(r, t, op, d);
        return DRIVE_OP;
    }
    gh_op_other(r, t, op, OP_ARTIFACTS);
    op->artifact.run = d->run;
    return DRIVE_OP;
}

static void download_exited(struct gh_run *r, struct gh_task *t, const struct op_end *end)
{
    struct download *d = t->impl;
    UNUSED(r);
    if (end->how == OP_NOT_STARTED && !t->run->cancelled)
        gh_fail(t, UNABLE "%s", end->err.text);
    else if (gh_ended(t, end) && t->phase == PHASE_LIST) {
        gh_artifacts_take(t, end, &d->all);
        choose(t, d);
        t->phase = PHASE_GET;
    } else if (end->how == OP_EXITED) {
        check_digest(t, d, end);
        d->at++;
    }
    t->status = -1;
    if (t->result == RESULT_NONE && d->at == d->all.n)
        finish(t, d);
}

const struct gh_action gh_download_artifact = {
    .name = "actions/download-artifact", .next = download_next, .exited = download_exited};
