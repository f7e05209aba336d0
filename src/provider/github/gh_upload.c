/*
 * actions/upload-artifact (specification 13.6), in the words of the original.
 */
#include "core/base.h"
#include "provider/github/artifact_priv.h"

#include "core/num.h"
#include "core/vec.h"

#define RAW_ONE "When 'archive' is set to false, only a single file can be uploaded. "

/* ---- what both do ---- */

void gh_upload_read(struct gh_task *t, struct gh_upload *u)
{
    struct str level = gh_input(t, "compression-level"), days = gh_input(t, "retention-days");
    int64_t number = 6;
    if (level.n > 0 && num_parse_i64(level, INT32_MIN, INT32_MAX, &number) < 0)
        gh_fail(t, "Invalid compression-level");
    else if (number < 0 || number > 9)
        gh_fail(t, "Invalid compression-level. Valid values are 0-9");
    u->level = (int)number;
    u->hidden = gh_input_bool(t, "include-hidden-files", false);
    if (days.n > 0 && num_parse_i64(days, INT32_MIN, INT32_MAX, &number) < 0)
        gh_fail(t, "Invalid retention-days");
    else if (days.n > 0)
        gh_note_action(t, STR("retention-days is ignored: artifacts stay as long as those of the last runs do"));
}

void gh_op_upload(struct gh_task *t, struct op *op, const struct gh_upload *u)
{
    gh_op_other(t->run, t, op, OP_UPLOAD);
    op->artifact.name = u->name;
    op->artifact.patterns = u->paths;
    op->artifact.root = t->run->workspace;
    op->artifact.hidden = u->hidden;
    op->artifact.overwrite = u->overwrite;
    op->artifact.raw = u->raw;
    op->artifact.level = u->level;
}

static void tell_uploaded(struct gh_task *t, const struct op_artifact *one)
{
    struct gh_run *r = t->run;
    struct str url =
        arena_printf(r->arena, "%.*s/%.*s/actions/runs/%.*s/artifacts/%llu",
                     STR_ARG(value_get_str(r->github, "server_url")), STR_ARG(value_get_str(r->github, "repository")),
                     STR_ARG(value_get_str(r->github, "run_id")), (unsigned long long)one->id);
    gh_say(t, "With the provided path, there will be %zu file%s uploaded", one->n_files, one->n_files == 1 ? "" : "s");
    gh_say(t, "SHA256 digest of uploaded artifact%s is %.*s", one->raw ? "" : " zip", STR_ARG(one->digest));
    gh_say(t, "Artifact %.*s has been successfully uploaded! Final size is %llu bytes. Artifact ID is %llu",
           STR_ARG(one->name), (unsigned long long)one->size, (unsigned long long)one->id);
    gh_say(t, "Artifact download URL: %.*s", STR_ARG(url));
    gh_set_output(t, "artifact-id", arena_printf(r->arena, "%llu", (unsigned long long)one->id));
    gh_set_output(t, "artifact-digest", arena_str(r->arena, one->digest));
    gh_set_output(t, "artifact-url", url);
}

void gh_uploaded(struct gh_task *t, const struct gh_upload *u, const struct op_end *end)
{
    bool refused = end->how == OP_NOT_STARTED && !t->run->cancelled;
    if (refused && end->err.num == -EEXIST)
        gh_fail(t, "Failed to CreateArtifact: Received non-retryable error: Failed request: (409) Conflict: an "
                   "artifact with this name already exists on the workflow run");
    else if (refused && u->raw && end->err.num == -E2BIG)
        gh_fail(t, RAW_ONE "%s", end->err.text);
    else if (gh_ended(t, end) && end->n_artifacts > 0)
        tell_uploaded(t, &end->artifacts[0]);
    t->status = -1;
}

/* ---- upload-artifact ---- */

enum phase { PHASE_BEGIN, PHASE_DONE };
enum nothing { NOTHING_WARN, NOTHING_ERROR, NOTHING_IGNORE };

struct upload {
    struct gh_upload u;
    enum nothing nothing; /* what is done when no file was found */
    struct str path;
};

static enum nothing read_nothing(struct gh_task *t)
{
    static const char *const WORDS[] = {"warn", "error", "ignore"};
    struct str text = gh_input(t, "if-no-files-found");
    for (size_t i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_is(text, WORDS[i]))
            return (enum nothing)i;
    if (text.n > 0)
        gh_fail(t, "Unrecognized if-no-files-found input. Provided: %.*s. Available options: warn,error,ignore",
                STR_ARG(text));
    return NOTHING_WARN;
}

static void upload_read(struct gh_task *t, struct upload *up)
{
    struct str name = gh_input(t, "name");
    up->path = gh_input(t, "path");
    if (up->path.n == 0)
        gh_fail(t, "Input required and not supplied: path");
    vec_push_in(t->run->arena, &up->u.paths, up->path);
    up->u.name = name.n > 0 ? name : STR("artifact");
    up->u.raw = !gh_input_bool(t, "archive", true);
    up->u.overwrite = gh_input_bool(t, "overwrite", false);
    up->nothing = read_nothing(t);
    gh_upload_read(t, &up->u);
    if (t->result == RESULT_NONE)
        gh_artifact_name_ok(t, up->u.name);
}

static enum drive upload_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    if (t->phase == PHASE_DONE)
        return DRIVE_DONE;
    struct upload *up = ARENA_NEW(r->arena, struct upload);
    t->impl = up;
    t->phase = PHASE_DONE;
    upload_read(t, up);
    if (t->result != RESULT_NONE)
        return DRIVE_DONE;
    gh_op_upload(t, op, &up->u);
    return DRIVE_OP;
}

#define NOTHING "No files were found with the provided path: %.*s. No artifacts will be uploaded."

static void tell_nothing(struct gh_task *t, const struct upload *up)
{
    switch (up->nothing) {
    case NOTHING_WARN:
        gh_complain(t, LEVEL_WARNING, NOTHING, STR_ARG(up->path));
        break;
    case NOTHING_ERROR:
        gh_fail(t, NOTHING, STR_ARG(up->path));
        break;
    case NOTHING_IGNORE:
        gh_say(t, NOTHING, STR_ARG(up->path));
        break;
    }
}

static void upload_exited(struct gh_run *r, struct gh_task *t, const struct op_end *end)
{
    const struct upload *up = t->impl;
    UNUSED(r);
    gh_uploaded(t, &up->u, end);
    if (t->result == RESULT_NONE && end->how == OP_EXITED && end->n_artifacts == 0)
        tell_nothing(t, up);
}

const struct gh_action gh_upload_artifact = {
    .name = "actions/upload-artifact", .next = upload_next, .exited = upload_exited};
