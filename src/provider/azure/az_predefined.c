/*
 * az_predefined.c - the variables that the service sets (specification 7.4), filled in from this machine and
 * repository.
 *
 * Those of folders are the agent's, which knows where its root is. What only the service can know is an identity of
 * zeros or is not set, as there.
 */
#include "core/base.h"
#include "provider/azure/plan_priv.h"

#define NO_ONE STR("00000000-0000-0000-0000-000000000000")
#define COLLECTION STR("https://dev.azure.com/local/")

/* Where a variable goes: the run's, with those that `${{ }}` sees. */
struct filling {
    struct arena *a;
    const struct facts *f;
    struct az_value *early; /* for `${{ }}`: an object; or NULL */
    struct az_vars *vars;   /* or NULL */
};

static void both(const struct filling *to, const char *name, struct str value)
{
    if (to->early)
        az_set(to->a, to->early, str_from(name), az_string(to->a, value));
    if (to->vars)
        az_vars_set(to->vars, str_from(name), value, false, true);
}

static void late(const struct filling *to, const char *name, struct str value)
{
    if (to->vars)
        az_vars_set(to->vars, str_from(name), value, false, true);
}

/* ---- the change ---- */

const char *az_repository_provider(const struct facts *f)
{
    struct str url = f->repo.remote_url;
    if (str_find(url, STR("dev.azure.com")) >= 0 || str_find(url, STR("visualstudio.com")) >= 0)
        return "TfsGit";
    if (str_find(url, STR("github.com")) >= 0)
        return "GitHub";
    if (str_find(url, STR("bitbucket.org")) >= 0)
        return "Bitbucket";
    return str_find(url, STR("github")) >= 0 ? "GitHubEnterprise" : "Git";
}

static bool is_pull(const struct facts *f)
{
    return str_is(f->change.event, "pull_request");
}

static struct str pull_number(struct arena *a, const struct facts *f)
{
    const struct value *pull = value_get(f->payload, STR("pull_request"));
    const struct value *number = pull ? value_get(pull, STR("number")) : NULL;
    number = number ? number : value_get(f->payload, STR("number"));
    return number && number->kind == VALUE_NUMBER ? arena_printf(a, "%.0f", number->number) : STR("1");
}

static struct str reason(const struct facts *f)
{
    if (is_pull(f))
        return STR("PullRequest");
    if (str_is(f->change.event, "schedule"))
        return STR("Schedule");
    return str_is(f->change.event, "push") ? STR("IndividualCI") : STR("Manual");
}

static struct str source_branch(struct arena *a, const struct facts *f)
{
    if (is_pull(f))
        return arena_printf(a, "refs/pull/%.*s/merge", STR_ARG(pull_number(a, f)));
    if (f->change.tag.n > 0)
        return arena_printf(a, "refs/tags/%.*s", STR_ARG(f->change.tag));
    return arena_printf(a, "refs/heads/%.*s", STR_ARG(f->change.branch));
}

static struct str last_part(struct str ref)
{
    ssize_t at = str_rfind_ch(ref, '/');
    return at < 0 ? ref : str_from_index(ref, (size_t)at + 1);
}

static void fill_pull(const struct filling *to)
{
    const struct facts *f = to->f;
    bool repos = strcmp(az_repository_provider(f), "TfsGit") == 0; /* the only one that names whole refs */
    const char *front = repos ? "refs/heads/" : "";
    if (!is_pull(f))
        return;
    late(to, "System.PullRequest.PullRequestId", pull_number(to->a, f));
    late(to, "System.PullRequest.PullRequestNumber", pull_number(to->a, f));
    late(to, "System.PullRequest.PullRequestIteration", STR("1"));
    late(to, "System.PullRequest.SourceBranch", arena_printf(to->a, "%s%.*s", front, STR_ARG(f->change.branch)));
    late(to, "System.PullRequest.SourceCommitId", f->repo.sha);
    late(to, "System.PullRequest.SourceRepositoryURI", f->repo.remote_url);
    late(to, "System.PullRequest.TargetBranch", arena_printf(to->a, "%s%.*s", front, STR_ARG(f->change.base)));
    late(to, "System.PullRequest.targetBranchName", last_part(f->change.base));
}

static void fill_source(const struct filling *to)
{
    const struct facts *f = to->f;
    struct str branch = source_branch(to->a, f), line, rest;
    str_cut(f->repo.message, '\n', &line, &rest);
    both(to, "Build.Reason", reason(f));
    both(to, "Build.SourceBranch", branch);
    both(to, "Build.SourceBranchName", last_part(branch));
    both(to, "Build.SourceVersion", f->repo.sha);
    both(to, "Build.SourceVersionAuthor", f->repo.author_name);
    late(to, "Build.SourceVersionMessage", str_sub(line, 0, 200));
    both(to, "System.PullRequest.IsFork", STR("False"));
    fill_pull(to);
}

/* ---- the run ---- */

static void fill_repository(const struct filling *to)
{
    const struct facts *f = to->f;
    struct str full = arena_printf(to->a, "%.*s/%.*s", STR_ARG(f->repo.owner), STR_ARG(f->repo.name));
    both(to, "Build.Repository.ID", full);
    both(to, "Build.Repository.Name", full);
    both(to, "Build.Repository.Uri", f->repo.remote_url);
    late(to, "Build.Repository.Provider", str_from(az_repository_provider(f)));
    late(to, "Build.Repository.Clean", STR("False"));
    late(to, "Build.Repository.Git.SubmoduleCheckout", STR("False"));
    both(to, "Build.DefinitionName", f->repo.name);
    both(to, "Build.DefinitionVersion", STR("1"));
    both(to, "Build.DefinitionFolderPath", STR("\\"));
}

static void fill_people(const struct filling *to)
{
    static const char *const names[] = {"Build.QueuedBy", "Build.RequestedFor"};
    static const char *const ids[] = {"Build.QueuedById", "Build.RequestedForId"};
    const struct facts *f = to->f;
    struct str who = f->actor.n > 0 ? f->actor : f->repo.author_name.n > 0 ? f->repo.author_name : f->machine.user;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        both(to, names[i], who);
        both(to, ids[i], NO_ONE);
    }
    both(to, "Build.RequestedForEmail", f->repo.author_email);
}

static void fill_system(const struct filling *to)
{
    const struct facts *f = to->f;
    both(to, "System.CollectionId", NO_ONE);
    both(to, "System.CollectionUri", COLLECTION);
    both(to, "System.TeamFoundationCollectionUri", COLLECTION);
    both(to, "System.TeamProject", f->repo.owner);
    both(to, "System.TeamProjectId", NO_ONE);
    both(to, "System.DefinitionId", STR("1"));
    both(to, "System.HostType", STR("build"));
    both(to, "System.IsTriggeringRepository", STR("True"));
    late(to, "System.Culture", STR("en-US"));
    late(to, "System.ServerType", STR("Hosted"));
    late(to, "System.StageAttempt", STR("1"));
    late(to, "TF_BUILD", STR("True"));
    if (f->debug)
        late(to, "System.Debug", STR("true"));
}

static const char *architecture(const struct facts *f)
{
    struct str machine = f->machine.machine;
    if (str_is(machine, "aarch64"))
        return "ARM64";
    if (str_is(machine, "i686") || str_is(machine, "i386"))
        return "X86";
    return str_starts(machine, STR("arm")) ? "ARM" : "X64";
}

static void fill_agent(const struct filling *to)
{
    late(to, "Agent.Id", STR("1"));
    late(to, "Agent.Name", STR("slipway"));
    late(to, "Agent.MachineName", to->f->machine.hostname);
    late(to, "Agent.Version", STR("4.255.0"));
    late(to, "Agent.OS", STR("Linux"));
    late(to, "Agent.OSArchitecture", str_from(architecture(to->f)));
    late(to, "Agent.IsSelfHosted", STR("1"));
}

/* A name of 128 bits for what the service would have made one of, the same in each run of that number. */
static struct str identity(struct arena *a, const struct facts *f, struct str what)
{
    struct str seed = arena_printf(a, "%llu %.*s", (unsigned long long)f->run_id, STR_ARG(what));
    uint64_t x = str_hash(seed, false), y = str_hash(arena_printf(a, "%.*s again", STR_ARG(seed)), false);
    return arena_printf(a, "%08x-%04x-4%03x-a%03x-%012llx", (unsigned)(x >> 32), (unsigned)(x >> 16) & 0xffff,
                        (unsigned)x & 0xfff, (unsigned)(y >> 48) & 0xfff, (unsigned long long)(y & 0xffffffffffff));
}

static void fill_run(const struct filling *to)
{
    fill_source(to);
    fill_repository(to);
    fill_people(to);
    fill_system(to);
    fill_agent(to);
}

/* --secret System.AccessToken, also as the environment has it. */
static struct str access_token(const struct facts *f)
{
    struct str token = map_get_str(&f->secrets, STR("System.AccessToken"));
    return token.n > 0 ? token : map_get_str(&f->secrets, STR("SYSTEM_ACCESSTOKEN"));
}

struct az_value *az_predefined(struct arena *a, const struct facts *f)
{
    struct filling to = {.a = a, .f = f, .early = az_object(a, true)};
    fill_run(&to);
    both(&to, "System.AccessToken", STR(""));
    return to.early;
}

void az_predefined_run(struct az_vars *v, const struct facts *f, struct str build_number)
{
    struct filling to = {.a = v->arena, .f = f, .vars = v};
    struct str id = arena_printf(v->arena, "%llu", (unsigned long long)f->run_id);
    fill_run(&to);
    late(&to, "Build.BuildId", id);
    late(&to, "Build.BuildUri", arena_printf(v->arena, "vstfs:///Build/Build/%.*s", STR_ARG(id)));
    late(&to, "Build.ContainerId", id);
    if (build_number.n > 0) {
        az_vars_set(v, STR("Build.BuildNumber"), build_number, false, true);
    }
    late(&to, "System.PlanId", identity(v->arena, f, STR("plan")));
    late(&to, "System.TimelineId", identity(v->arena, f, STR("timeline")));
    az_vars_set(v, STR("System.AccessToken"), access_token(f), true, true);
}

/* ---- the job ---- */

static const char *parallel_type(enum az_strategy s)
{
    switch (s) {
    case AZ_MATRIX:
        return "MultiConfiguration";
    case AZ_PARALLEL:
        return "MultiMachine";
    case AZ_SINGLE:
    case AZ_RUN_ONCE:
    case AZ_ROLLING:
    case AZ_CANARY:
        return "None";
    }
    BUG("no such strategy: %d", (int)s);
}

static struct str display_of(struct str display, struct str id)
{
    return display.n > 0 ? display : id;
}

static void fill_stage(const struct filling *to, const struct az_stage *stage)
{
    late(to, "System.StageName", stage->id);
    late(to, "System.StageDisplayName", display_of(stage->display_name, stage->id));
    late(to, "Checks.StageAttempt", STR("1"));
}

static void fill_strategy(const struct filling *to, const struct az_job_run *run)
{
    static const char *const names[] = {[AZ_SINGLE] = "",          [AZ_MATRIX] = "",         [AZ_PARALLEL] = "",
                                        [AZ_RUN_ONCE] = "runOnce", [AZ_ROLLING] = "rolling", [AZ_CANARY] = "canary"};
    const struct az_job *job = run->job;
    if (!job->deployment)
        return;
    late(to, "Environment.Name", job->environment);
    late(to, "Environment.Id", STR("1"));
    if (job->resource.n > 0) {
        late(to, "Environment.ResourceName", job->resource);
        late(to, "Environment.ResourceId", STR("1"));
    }
    late(to, "Strategy.Name", str_from(names[job->strategy]));
    if (!run->hook || job->strategy != AZ_CANARY)
        return;
    late(to, "Strategy.CycleName",
         run->increment.n > 0              ? STR("Iteration")
         : run->hook_kind == AZ_PRE_DEPLOY ? STR("PreIteration")
                                           : STR("PostIteration"));
    if (run->increment.n > 0) {
        late(to, "strategy.increment", run->increment);
        late(to, "strategy.action", STR("deploy"));
    }
}

void az_predefined_job(struct az_vars *v, const struct az_leg *leg, const struct az_slice *slice)
{
    const struct az_job_run *run = leg->job;
    struct filling to = {.a = v->arena, .f = run->model->facts, .vars = v};
    const struct az_job *job = run->job;
    struct str name = leg->name.n > 0 ? leg->name
                      : run->hook     ? str_from(az_hook_key(run->hook_kind))
                                      : STR("__default");
    struct str stage = run->model->pipeline->implicit_stage
                           ? STR("")
                           : arena_printf(v->arena, "%.*s.", STR_ARG(run->stage->stage->id));
    struct str identifier = arena_printf(v->arena, "%.*s%.*s.%.*s", STR_ARG(stage), STR_ARG(job->id), STR_ARG(name));
    fill_stage(&to, run->stage->stage);
    late(&to, "System.JobId", identity(v->arena, to.f, identifier));
    late(&to, "System.JobAttempt", STR("1"));
    late(&to, "System.JobName", name);
    late(&to, "System.JobDisplayName", leg->display_name);
    late(&to, "System.JobIdentifier", identifier);
    late(&to, "System.PhaseName", job->id);
    late(&to, "System.PhaseDisplayName", display_of(job->display_name, job->id));
    late(&to, "System.PhaseAttempt", STR("1"));
    late(&to, "System.ParallelExecutionType", str_from(parallel_type(slice->strategy)));
    if (slice->total > 0) {
        late(&to, "System.JobPositionInPhase", arena_printf(v->arena, "%u", slice->position));
        late(&to, "System.TotalJobsInPhase", arena_printf(v->arena, "%u", slice->total));
    }
    late(&to, "Agent.JobName", leg->display_name);
    late(&to, "Agent.JobStatus", STR("Succeeded"));
    fill_strategy(&to, run);
}
