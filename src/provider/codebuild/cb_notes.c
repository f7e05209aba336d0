/*
 * provider/codebuild/cb_notes.c - what a build or its project asks for and does not get here, told once a build.
 *
 * Emulated is what makes no difference to the commands that run; skipped is what they would have at the service and
 * lack here, so that --strict fails. What has the service's usual value is not told.
 */
#include "core/base.h"
#include "provider/codebuild/run_priv.h"

static void emulated(struct cb_run *r, const char *name, const char *text)
{
    cb_note(r, HOW_EMULATED, str_from(name), str_from(text));
}

/* ---- the source ---- */

static void note_checkout(struct cb_run *r)
{
    const struct cb_project *p = r->project;
    const struct cb_model *model = r->leg->job->plan->model;
    const struct repo_facts *repo = &r->facts->repo;
    struct str version = p->source_version;
    if (repo->is_git && (str_is(p->source_type, "S3") || str_is(p->source_type, "CODEPIPELINE")))
        emulated(r, p->source_type.p, "this work tree, with its .git, which is not there at the service");
    if (p->clone_depth > 0)
        emulated(r, "GitCloneDepth", "the history is that of the work tree");
    if (p->submodules)
        emulated(r, "GitSubmodulesConfig", "submodules are as they lie in the work tree");
    if (model->by_hand && version.n > 0 && !str_eq(version, repo->branch) && !str_eq(version, repo->sha))
        cb_note(r, HOW_EMULATED, arena_printf(r->arena, "SourceVersion %.*s", STR_ARG(version)),
                STR("the work tree is built as it is"));
}

static void note_source(struct cb_run *r)
{
    const struct strs *others = &r->project->secondary_sources;
    if (r->spec->git_credential_helper)
        emulated(r, "git-credential-helper", "git has no credentials of the service here");
    if (r->facts->repo.is_git && r->facts->repo.dirty)
        emulated(r, "source", "this work tree, with its uncommitted changes");
    note_checkout(r);
    for (size_t i = 0; i < others->n; i++)
        cb_note(r, HOW_SKIPPED, arena_printf(r->arena, "source %.*s", STR_ARG(others->p[i])),
                arena_printf(r->arena, "secondary sources are not fetched: CODEBUILD_SRC_DIR_%.*s is not set",
                             STR_ARG(others->p[i])));
}

/* ---- the machine ---- */

static void note_docker(struct cb_run *r)
{
    if (!r->build->privileged || cb_spec_calls(r->spec, "docker") == NULL)
        return;
    if (r->prefix.n > 0)
        emulated(r, "docker", "the daemon is that of this machine, if there is one");
    else
        cb_note(r, HOW_SKIPPED, STR("docker"), STR("the build is privileged, and a sandbox has no Docker daemon"));
}

static void note_machine(struct cb_run *r)
{
    const struct cb_item *it = r->build->item;
    const struct cb_batch *batch = r->build->batch;
    struct str fleet = it != NULL && it->fleet.n > 0 ? it->fleet : batch != NULL ? batch->fixed.fleet : STR_NONE;
    struct str compute = r->build->compute_type;
    fleet = fleet.n > 0 ? fleet : r->project->fleet;
    if (compute.n > 0 && !str_is(compute, "BUILD_GENERAL1_SMALL"))
        cb_note(r, HOW_EMULATED, compute, STR("this machine, whatever its size"));
    if (fleet.n > 0)
        cb_note(r, HOW_EMULATED, arena_printf(r->arena, "fleet %.*s", STR_ARG(fleet)), STR("this machine"));
    if (it != NULL && it->debug_session)
        emulated(r, "debug-session", "there is no session, and no breakpoint holds the build");
    if (r->spec->proxied)
        emulated(r, "proxy", "no proxy is in the way of logs and artifacts");
    note_docker(r);
}

/* ---- values, caches, artifacts ---- */

static bool has_version(const struct cb_ref *ref)
{
    return ref->secret && ((ref->stage.n > 0 && !str_is(ref->stage, "AWSCURRENT")) || ref->version_id.n > 0);
}

static void note_version(struct cb_run *r, struct str name, const struct cb_ref *ref)
{
    if (has_version(ref))
        cb_note(r, HOW_EMULATED, name, STR("the value that was given, whatever version of the secret is asked for"));
}

static void note_secrets(struct cb_run *r)
{
    for (size_t i = 0; i < r->spec->n_refs; i++)
        note_version(r, r->spec->refs[i].name, &r->spec->refs[i]);
    for (size_t i = 0; i < r->project->n_vars; i++) {
        const struct cb_var *v = &r->project->vars[i];
        struct cb_ref ref = {.secret = v->type == CB_SECRETS_MANAGER};
        if (ref.secret && cb_secret_parse(v->value, &ref, NULL) == 0)
            note_version(r, v->name, &ref);
    }
}

static void note_kept(struct cb_run *r)
{
    const struct cb_project *p = r->project;
    if (p->cache_source)
        emulated(r, "LOCAL_SOURCE_CACHE", "the work tree is here already");
    if (p->cache_layers)
        emulated(r, "LOCAL_DOCKER_LAYER_CACHE", "nothing is kept for Docker");
    if (p->cache == CB_CACHE_S3 && p->cache_namespace.n > 0)
        emulated(r, "CacheNamespace", "entries are kept by the project's name");
    if (p->combine_artifacts && r->build->batch != NULL)
        emulated(r, "CombineArtifacts", "each build of the batch leaves its own");
}

void cb_note_differences(struct cb_run *r)
{
    note_source(r);
    note_machine(r);
    note_secrets(r);
    note_kept(r);
}
