/*
 * az_task_artifact.c - PublishPipelineArtifact@1 (and @0) and PublishBuildArtifacts@1 (specification 9.9).
 */
#include "core/base.h"
#include "provider/azure/files_priv.h"

#include "core/path.h"

static const struct az_input PIPELINE_INPUTS[] = {
    {.name = "path",
     .alias = "targetPath",
     .kind = AZ_INPUT_PATH,
     .fallback = "$(Pipeline.Workspace)",
     .required = true},
    {.name = "artifactName", .alias = "artifact", .kind = AZ_INPUT_TEXT},
    {.name = "artifactType", .alias = "publishLocation", .kind = AZ_INPUT_TEXT, .fallback = "pipeline"},
    {.name = "fileSharePath", .kind = AZ_INPUT_TEXT},
    {.name = "parallel", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "parallelCount", .kind = AZ_INPUT_TEXT, .fallback = "8"},
    {.name = "properties", .kind = AZ_INPUT_TEXT},
    {0},
};

static const struct az_input BUILD_INPUTS[] = {
    {.name = "PathtoPublish", .kind = AZ_INPUT_PATH, .fallback = "$(Build.ArtifactStagingDirectory)", .required = true},
    {.name = "ArtifactName", .kind = AZ_INPUT_TEXT, .fallback = "drop", .required = true},
    {.name = "ArtifactType", .alias = "publishLocation", .kind = AZ_INPUT_TEXT, .fallback = "Container"},
    {.name = "MaxArtifactSize", .kind = AZ_INPUT_TEXT, .fallback = "0"},
    {.name = "TargetPath", .kind = AZ_INPUT_TEXT},
    {.name = "Parallel", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "ParallelCount", .kind = AZ_INPUT_TEXT, .fallback = "8"},
    {.name = "FileCopyOptions", .kind = AZ_INPUT_TEXT},
    {.name = "StoreAsTar", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {0},
};

enum { PUBLISH_BEGIN, PUBLISH_TAR, PUBLISH_UPLOAD };

static struct az_upload *begin(struct az_task_run *t, struct str name, struct str path)
{
    struct az_upload *u = t->state = ARENA_NEW(t->run->arena, struct az_upload);
    u->name = name;
    u->path = path;
    if (!az_artifact_name_ok(name))
        az_fail(t,
                "Artifact name is not valid: %.*s. It cannot contain '\\', '/', '\"', ':', '<', '>', '|', '*', and '?'",
                STR_ARG(name));
    return u;
}

static void refuse_share(struct az_task_run *t)
{
    az_fail(t,
            "Publishing artifacts from a Linux agent to a file share is not supported: publish them to the pipeline");
}

static void exited(struct az_task_run *t, const struct op_end *end)
{
    if (t->at == PUBLISH_TAR && az_batch_good(t, end, "The files could not be put into a tar file"))
        t->at = PUBLISH_UPLOAD;
    else if (t->at == PUBLISH_UPLOAD)
        az_upload_exited(t, t->state, end);
}

/* ---- pipeline artifacts ---- */

static enum drive pipeline_next(struct az_task_run *t, struct op *op)
{
    if (t->at == PUBLISH_BEGIN) {
        struct str name = az_input(t, "artifactName");
        begin(t, name.n > 0 ? name : az_artifact_default(t->run), az_input_path(t, "path"));
        if (str_is_nocase(az_input(t, "artifactType"), "filepath"))
            refuse_share(t);
        t->at = PUBLISH_UPLOAD;
    }
    return t->error.n == 0 && az_upload_next(t, t->state, op) ? DRIVE_OP : DRIVE_DONE;
}

/* ---- build artifacts ---- */

/* The folder's content, or the file, as NAME.tar; $1 what, $2 the tar file. */
static void tar_op(struct az_task_run *t, struct az_upload *u, struct op *op)
{
    static const char SCRIPT[] = "mkdir -p -- \"$(dirname -- \"$2\")\" || exit\n"
                                 "if [ -d \"$1\" ]; then exec tar -cf \"$2\" -C \"$1\" .; fi\n"
                                 "exec tar -cf \"$2\" -C \"$(dirname -- \"$1\")\" -- \"$(basename -- \"$1\")\"\n";
    struct str folder = az_temp_path(t->run, "");
    struct str tar = arena_printf(t->run->arena, "%.*s/%.*s.tar", STR_ARG(folder), STR_ARG(u->name));
    struct str args[] = {u->path, tar};
    az_batch(t, op, SCRIPT, args, ARRAY_LEN(args), NULL);
    u->path = tar;
    t->at = PUBLISH_TAR;
}

static enum drive build_next(struct az_task_run *t, struct op *op)
{
    if (t->at == PUBLISH_BEGIN) {
        struct az_upload *u = begin(t, az_input(t, "ArtifactName"), az_input_path(t, "PathtoPublish"));
        u->merge = true;
        if (str_is_nocase(az_input(t, "ArtifactType"), "FilePath"))
            refuse_share(t);
        t->at = PUBLISH_UPLOAD;
        if (t->error.n == 0 && az_input_bool(t, "StoreAsTar")) {
            tar_op(t, u, op);
            return DRIVE_OP;
        }
    }
    return t->error.n == 0 && az_upload_next(t, t->state, op) ? DRIVE_OP : DRIVE_DONE;
}

const struct az_task az_task_publish_pipeline = {.name = "PublishPipelineArtifact",
                                                 .id = "ecdc45f6-832d-4ad9-b52b-ee49e94659be",
                                                 .majors = "0 1",
                                                 .title = "Publish Pipeline Artifacts",
                                                 .inputs = PIPELINE_INPUTS,
                                                 .next = pipeline_next,
                                                 .exited = exited};

const struct az_task az_task_publish_build = {.name = "PublishBuildArtifacts",
                                              .id = "2ff763a7-ce83-4e1f-bc89-0ae63477cebe",
                                              .majors = "1",
                                              .title = "Publish build artifacts",
                                              .inputs = BUILD_INPUTS,
                                              .next = build_next,
                                              .exited = exited};
