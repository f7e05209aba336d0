/*
 * actions/upload-artifact/merge (specification 13.6): artifacts of the run become one. They are unpacked into a folder
 * of the job's work folder, on disk, that goes when all went well, and with the sandbox when it did not.
 */
#include "core/base.h"
#include "provider/github/artifact_priv.h"

#include "core/path.h"
#include "core/vec.h"
#include "provider/github/cache_priv.h"

enum phase { PHASE_LIST, PHASE_GET, PHASE_UPLOAD, PHASE_UNLINK, PHASE_CLEAN, PHASE_DONE };

struct merge {
    struct gh_upload u;
    struct gh_artifacts all;
    size_t at; /* the artifact that is got, or forgotten */
    struct str folder;
    bool separate, forget;
};

static void read_inputs(struct gh_run *r, struct gh_task *t, struct merge *m)
{
    struct str name = gh_input(t, "name");
    char id[37];
    r->host->uuid(r->host->ctx, id);
    m->folder = arena_printf(r->arena, "%.*s/_merge_%s", STR_ARG(path_dir(path_dir(r->workspace))), id);
    vec_push_in(r->arena, &m->u.paths, gh_glob_escape(r->arena, m->folder));
    m->u.name = name.n > 0 ? name : STR("merged-artifacts");
    m->separate = gh_input_bool(t, "separate-directories", false);
    m->forget = gh_input_bool(t, "delete-merged", false);
    gh_upload_read(t, &m->u);
    if (t->result == RESULT_NONE)
        gh_artifact_name_ok(t, m->u.name);
}

static void take_list(struct gh_task *t, struct merge *m, const struct op_end *end)
{
    struct str pattern = gh_input(t, "pattern");
    pattern = pattern.n > 0 ? pattern : STR("*");
    if (!gh_ended(t, end))
        return;
    gh_artifacts_take(t, end, &m->all);
    gh_artifacts_filter(t, &m->all, pattern);
    if (t->result != RESULT_NONE)
        return;
    if (m->all.n == 0) {
        gh_fail(t, "No artifacts found matching pattern '%.*s'", STR_ARG(pattern));
        return;
    }
    gh_say(t, "Preparing to download the following artifacts:");
    for (size_t i = 0; i < m->all.n; i++)
        gh_say(t, "- %.*s (ID: %llu, Size: %llu)", STR_ARG(m->all.p[i].name), (unsigned long long)m->all.p[i].id,
               (unsigned long long)m->all.p[i].size);
}

static void get_op(struct gh_task *t, struct op *op, const struct merge *m)
{
    const struct op_artifact *one = &m->all.p[m->at];
    gh_op_other(t->run, t, op, OP_DOWNLOAD);
    op->artifact.id = one->id;
    op->artifact.path = m->folder;
    if (m->separate)
        op->artifact.path = arena_printf(t->run->arena, "%.*s/%.*s", STR_ARG(m->folder), STR_ARG(one->name));
}

static void clean_op(struct gh_task *t, struct op *op, const struct merge *m)
{
    struct str words[] = {STR("rm"), STR("-rf"), STR("--"), m->folder};
    gh_op_tool(t->run, t, op, &(struct strs){.p = words, .n = ARRAY_LEN(words)}, NULL, true);
}

static enum drive merge_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    struct merge *m = t->impl;
    if (m == NULL) {
        m = ARENA_NEW(r->arena, struct merge);
        t->impl = m;
        read_inputs(r, t, m);
    }
    switch ((enum phase)t->phase) {
    case PHASE_LIST:
        if (t->result != RESULT_NONE)
            return DRIVE_DONE;
        gh_op_other(r, t, op, OP_ARTIFACTS);
        return DRIVE_OP;
    case PHASE_GET:
        get_op(t, op, m);
        return DRIVE_OP;
    case PHASE_UPLOAD:
        gh_op_upload(t, op, &m->u);
        return DRIVE_OP;
    case PHASE_UNLINK:
        gh_op_other(r, t, op, OP_UNLINK_ARTIFACT);
        op->artifact.id = m->all.p[m->at].id;
        return DRIVE_OP;
    case PHASE_CLEAN:
        clean_op(t, op, m);
        return DRIVE_OP;
    case PHASE_DONE:
        break;
    }
    return DRIVE_DONE;
}

/* After an artifact was got or forgotten: the next of them, or the next phase. */
static enum phase next_of(struct merge *m, enum phase now, enum phase then)
{
    if (++m->at < m->all.n)
        return now;
    m->at = 0;
    return then;
}

static void uploaded(struct gh_task *t, struct merge *m, const struct op_end *end)
{
    gh_uploaded(t, &m->u, end);
    if (t->result == RESULT_NONE && end->n_artifacts == 0)
        gh_fail(t, "No files were found in the artifacts that were merged");
    if (t->result != RESULT_NONE)
        return;
    gh_say(t, "The %zu artifact(s) have been successfully merged!", m->all.n);
    t->phase = m->forget ? PHASE_UNLINK : PHASE_CLEAN;
}

static void merge_exited(struct gh_run *r, struct gh_task *t, const struct op_end *end)
{
    struct merge *m = t->impl;
    enum phase now = t->phase;
    UNUSED(r);
    t->phase = PHASE_DONE; /* unless it goes well */
    switch (now) {
    case PHASE_LIST:
        take_list(t, m, end);
        if (t->result == RESULT_NONE)
            t->phase = PHASE_GET;
        break;
    case PHASE_GET:
        if (gh_ended(t, end))
            t->phase = next_of(m, PHASE_GET, PHASE_UPLOAD);
        break;
    case PHASE_UPLOAD:
        uploaded(t, m, end);
        break;
    case PHASE_UNLINK:
        if (gh_ended(t, end))
            t->phase = next_of(m, PHASE_UNLINK, PHASE_CLEAN);
        if (t->phase == PHASE_CLEAN && t->result == RESULT_NONE)
            gh_say(t, "The %zu artifact(s) have been deleted", m->all.n);
        break;
    case PHASE_CLEAN:
    case PHASE_DONE:
        gh_ended(t, end);
        break;
    }
    t->status = -1;
}

const struct gh_action gh_merge_artifacts = {
    .name = "actions/upload-artifact/merge", .next = merge_next, .exited = merge_exited};
