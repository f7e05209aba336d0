/*
 * az_task_download.c - DownloadPipelineArtifact@2 (and @0, @1), DownloadBuildArtifacts@1 (and @0), and what `download:`
 * becomes (specification 3.6, 9.9).
 *
 * Artifacts of the run that is under way are in the store of this machine, and so are those of earlier runs, by their
 * numbers. Which run of another pipeline is its latest is known to the service alone: that is refused, with the mend.
 */
#include "core/base.h"
#include "provider/azure/files_priv.h"

#include "core/num.h"
#include "core/path.h"

static const struct az_input PIPELINE_INPUTS[] = {
    {.name = "source", .alias = "buildType", .kind = AZ_INPUT_TEXT, .fallback = "current"},
    {.name = "project", .kind = AZ_INPUT_TEXT},
    {.name = "pipeline", .alias = "definition", .kind = AZ_INPUT_TEXT},
    {.name = "preferTriggeringPipeline",
     .alias = "specificBuildWithTriggering",
     .kind = AZ_INPUT_BOOL,
     .fallback = "false"},
    {.name = "runVersion", .alias = "buildVersionToDownload", .kind = AZ_INPUT_TEXT, .fallback = "latest"},
    {.name = "runBranch", .alias = "branchName", .kind = AZ_INPUT_TEXT, .fallback = "refs/heads/master"},
    {.name = "runId", .alias = "buildId", .kind = AZ_INPUT_TEXT},
    {.name = "pipelineId", .kind = AZ_INPUT_TEXT},
    {.name = "tags", .kind = AZ_INPUT_TEXT},
    {.name = "allowPartiallySucceededBuilds", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "allowFailedBuilds", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "artifact", .alias = "artifactName", .kind = AZ_INPUT_TEXT},
    {.name = "patterns", .alias = "itemPattern", .kind = AZ_INPUT_LINES, .fallback = "**"},
    {.name = "path", .alias = "targetPath", .kind = AZ_INPUT_TEXT, .fallback = "$(Pipeline.Workspace)"},
    {.name = "downloadPath", .kind = AZ_INPUT_TEXT},
    {0},
};

static const struct az_input BUILD_INPUTS[] = {
    {.name = "buildType", .kind = AZ_INPUT_TEXT, .fallback = "current"},
    {.name = "project", .kind = AZ_INPUT_TEXT},
    {.name = "pipeline", .alias = "definition", .kind = AZ_INPUT_TEXT},
    {.name = "specificBuildWithTriggering", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "buildVersionToDownload", .kind = AZ_INPUT_TEXT, .fallback = "latest"},
    {.name = "allowPartiallySucceededBuilds", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "branchName", .kind = AZ_INPUT_TEXT, .fallback = "refs/heads/master"},
    {.name = "buildId", .kind = AZ_INPUT_TEXT},
    {.name = "tags", .kind = AZ_INPUT_TEXT},
    {.name = "downloadType", .kind = AZ_INPUT_TEXT, .fallback = "single"},
    {.name = "artifactName", .kind = AZ_INPUT_TEXT},
    {.name = "itemPattern", .kind = AZ_INPUT_LINES, .fallback = "**"},
    {.name = "downloadPath", .kind = AZ_INPUT_TEXT, .fallback = "$(System.ArtifactsDirectory)"},
    {.name = "cleanDestinationFolder", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "parallelizationLimit", .kind = AZ_INPUT_TEXT, .fallback = "8"},
    {.name = "checkDownloadedFiles", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "retryDownloadCount", .kind = AZ_INPUT_TEXT, .fallback = "4"},
    {.name = "extractTars", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {0},
};

static const struct az_input DOWNLOAD_INPUTS[] = {
    {.name = "alias", .alias = "download", .kind = AZ_INPUT_TEXT, .fallback = "current"},
    {.name = "artifact", .alias = "artifactName", .kind = AZ_INPUT_TEXT},
    {.name = "patterns", .alias = "itemPattern", .kind = AZ_INPUT_LINES, .fallback = "**"},
    {.name = "path", .kind = AZ_INPUT_TEXT},
    {.name = "mode", .kind = AZ_INPUT_TEXT},
    {0},
};

enum { GET_BEGIN, GET_CLEAN, GET_DOWNLOAD, GET_TARS, GET_END };

static struct az_download *begin(struct az_task_run *t)
{
    t->at = GET_DOWNLOAD;
    return t->state = ARENA_NEW(t->run->arena, struct az_download);
}

/* The number of a run of this machine; it fails when there is none. */
static uint64_t run_number(struct az_task_run *t, struct str id)
{
    uint64_t run = 0;
    if (num_parse_u64(id, UINT64_MAX, &run) < 0 || run == 0)
        az_fail(t, "Run Id is not valid: %.*s. Here it is the number of an earlier run, as slipway's history has it",
                STR_ARG(id));
    return run;
}

static uint64_t chosen_run(struct az_task_run *t, const char *type, const char *version, struct str id)
{
    struct str kind = az_input(t, type);
    if (str_is_nocase(kind, "current"))
        return 0;
    if (!str_is_nocase(kind, "specific")) {
        az_fail(t, "Build type '%.*s' is not recognized.", STR_ARG(kind));
        return 0;
    }
    if (id.n > 0 && (str_is_nocase(az_input(t, version), "specific") || az_input(t, version).n == 0))
        return run_number(t, id);
    az_fail(t,
            "The %.*s run of another pipeline is known to the service alone: name an earlier run of this machine with "
            "%s: specific and its number",
            STR_ARG(az_input(t, version)), version);
    return 0;
}

static struct str destination(struct az_task_run *t, struct str path)
{
    struct str base = az_var(t->run, "System.DefaultWorkingDirectory");
    return az_path_below(t->run, base.n > 0 ? base : t->run->sources, path);
}

static void check_name(struct az_task_run *t, struct str name)
{
    if (name.n > 0 && !az_artifact_name_ok(name))
        az_fail(t, "Artifact name is not valid: %.*s", STR_ARG(name));
}

static enum drive go_on(struct az_task_run *t, struct op *op)
{
    return t->error.n == 0 && az_download_next(t, t->state, op) ? DRIVE_OP : DRIVE_DONE;
}

static void exited(struct az_task_run *t, const struct op_end *end)
{
    if (t->at == GET_DOWNLOAD)
        az_download_exited(t, t->state, end);
    else if (t->at == GET_CLEAN && az_batch_good(t, end, "The destination folder could not be cleaned"))
        t->at = GET_DOWNLOAD;
    else if (t->at == GET_TARS && az_batch_good(t, end, "The tar files of the artifact could not be extracted"))
        t->at = GET_END;
}

/* ---- DownloadPipelineArtifact ---- */

static enum drive pipeline_next(struct az_task_run *t, struct op *op)
{
    if (t->at == GET_BEGIN) {
        struct az_download *d = begin(t);
        struct str path = az_input(t, "downloadPath"), id = az_input(t, "runId");
        d->name = az_input(t, "artifact");
        d->path = destination(t, path.n > 0 ? path : az_input(t, "path"));
        d->run = chosen_run(t, "source", "runVersion", id.n > 0 ? id : az_input(t, "pipelineId"));
        az_input_lines(t, "patterns", &d->lines);
        check_name(t, d->name);
    }
    return go_on(t, op);
}

/* ---- DownloadBuildArtifacts ---- */

static void build_begin(struct az_task_run *t)
{
    struct az_download *d = begin(t);
    if (str_is_nocase(az_input(t, "downloadType"), "single")) {
        d->name = az_input(t, "artifactName");
        if (d->name.n == 0)
            az_fail(t, "Input required: artifactName");
    }
    d->path = destination(t, az_input(t, "downloadPath"));
    d->in_folders = true;
    d->with_name = true;
    d->run = chosen_run(t, "buildType", "buildVersionToDownload", az_input(t, "buildId"));
    az_input_lines(t, "itemPattern", &d->lines);
    check_name(t, d->name);
}

/* $1 is the folder; its other content goes. */
static void clean_op(struct az_task_run *t, const struct az_download *d, struct op *op)
{
    static const char SCRIPT[] = "[ ! -d \"$1\" ] || find \"$1/\" -mindepth 1 -delete";
    struct str args[] = {d->path};
    az_batch(t, op, SCRIPT, args, ARRAY_LEN(args), NULL);
    t->at = GET_CLEAN;
}

/* The tar files that StoreAsTar made, in the folders of what came. */
static void tars_op(struct az_task_run *t, const struct az_download *d, struct op *op)
{
    static const char SCRIPT[] =
        "cd -- \"$1\" || exit\n"
        "xargs -0 -r sh -c 'for d; do (cd -- \"$d\" && for f in *.tar; do\n"
        "    [ ! -f \"$f\" ] || { tar -xf \"$f\" && rm -f -- \"$f\"; } || exit; done) || exit 255;"
        " done' sh <\"$LIST\"\n";
    struct az_names names = {0};
    struct str args[] = {d->path};
    for (size_t i = 0; i < d->got.n; i++)
        az_names_add(&names, d->got.p[i]);
    az_batch(t, op, SCRIPT, args, ARRAY_LEN(args), &names);
    t->at = GET_TARS;
}

static enum drive build_next(struct az_task_run *t, struct op *op)
{
    if (t->at == GET_BEGIN) {
        build_begin(t);
        if (t->error.n == 0 && az_input_bool(t, "cleanDestinationFolder")) {
            clean_op(t, t->state, op);
            return DRIVE_OP;
        }
    }
    if (t->at == GET_END || t->error.n > 0)
        return DRIVE_DONE;
    if (az_download_next(t, t->state, op))
        return DRIVE_OP;
    const struct az_download *d = t->state;
    if (t->error.n > 0)
        return DRIVE_DONE;
    struct str build = az_var(t->run, "Build.BuildId");
    az_set_variable(t, STR("BuildNumber"), d->run > 0 ? az_input(t, "buildId") : build, false, true);
    if (d->got.n > 0 && az_input_bool(t, "extractTars")) {
        tars_op(t, d, op);
        return DRIVE_OP;
    }
    return DRIVE_DONE;
}

/* ---- download: ---- */

/* The run that a pipeline resource stands for, as the variables say. */
static uint64_t resource_run(struct az_task_run *t, struct str alias)
{
    struct str name = arena_printf(t->run->arena, "resources.pipeline.%.*s.runID", STR_ARG(alias));
    struct str id = az_vars_get(&t->run->vars, name.p);
    if (id.n > 0)
        return run_number(t, id);
    az_fail(t,
            "download: %.*s: which run of that pipeline is meant is known to the service alone: set the variable %.*s "
            "to the number of an earlier run of this machine",
            STR_ARG(alias), STR_ARG(name));
    return 0;
}

static void download_begin(struct az_task_run *t)
{
    struct az_download *d = begin(t);
    struct str alias = az_input(t, "alias"), path = az_input(t, "path");
    bool current = str_is_nocase(alias, "current");
    d->name = az_input(t, "artifact");
    d->path = t->run->root;
    d->in_folders = true;
    d->may_be_missing = true;
    az_input_lines(t, "patterns", &d->lines);
    check_name(t, d->name);
    if (!current) {
        d->run = resource_run(t, alias);
        d->path = path_join(t->run->arena, d->path, alias);
    }
    if (path.n > 0)
        d->path = destination(t, path);
}

static enum drive download_next(struct az_task_run *t, struct op *op)
{
    if (t->at == GET_BEGIN) {
        if (str_is_nocase(az_input(t, "alias"), "none")) {
            az_say(t, "Nothing is downloaded: download: none");
            t->at = GET_END;
            return DRIVE_DONE;
        }
        download_begin(t);
    }
    return t->at == GET_END ? DRIVE_DONE : go_on(t, op);
}

const struct az_task az_task_download_pipeline = {.name = "DownloadPipelineArtifact",
                                                  .id = "61f2a582-95ae-4948-b34d-a1b3c4f6a737",
                                                  .majors = "0 1 2",
                                                  .title = "Download pipeline artifacts",
                                                  .inputs = PIPELINE_INPUTS,
                                                  .next = pipeline_next,
                                                  .exited = exited};

const struct az_task az_task_download_build = {.name = "DownloadBuildArtifacts",
                                               .id = "a433f589-fce1-4460-9ee6-44a624aeb1fb",
                                               .majors = "0 1",
                                               .title = "Download build artifacts",
                                               .inputs = BUILD_INPUTS,
                                               .next = build_next,
                                               .exited = exited};

/* Its name is what lists show; nobody can write it. */
const struct az_task az_task_download = {.name = "Download artifacts",
                                         .id = AZ_DOWNLOAD_TASK,
                                         .majors = "0 1",
                                         .title = "Download",
                                         .inputs = DOWNLOAD_INPUTS,
                                         .next = download_next,
                                         .exited = exited};
