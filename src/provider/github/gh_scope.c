#include "core/base.h"
#include "provider/github/gh_run_priv.h"

#include "core/path.h"

enum result gh_status(const struct gh_run *r)
{
    if (r->cancelled)
        return RESULT_CANCELLED;
    return r->job.worst == RESULT_NONE || r->job.worst == RESULT_SKIPPED ? RESULT_SUCCESS : r->job.worst;
}

/* Main steps of a composite action ask for the action's status, all others for the job's. */
static enum result status_of(const struct gh_eye *eye)
{
    const struct gh_task *t = eye->task;
    if (t == NULL || eye->run->cancelled || gh_task_home(eye->task)->owner == NULL)
        return gh_status(eye->run);
    return t->frame->worst == RESULT_NONE ? RESULT_SUCCESS : t->frame->worst;
}

/* ---- contexts that stay ---- */

static struct str or_empty(struct str s)
{
    return s.p != NULL ? s : STR("");
}

static struct str runner_arch(struct str machine)
{
    static const struct {
        const char *machine, *arch;
    } ARCHES[] = {{"aarch64", "ARM64"}, {"arm64", "ARM64"}, {"armv7l", "ARM"}, {"i686", "X86"}, {"i386", "X86"}};
    for (size_t i = 0; i < ARRAY_LEN(ARCHES); i++) {
        if (str_is(machine, ARCHES[i].machine))
            return str_from(ARCHES[i].arch);
    }
    return STR("X64");
}

static struct value *runner_context(struct gh_run *r)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a, MAP_NOCASE);
    value_set_str(a, v, "name", STR("slipway"));
    value_set_str(a, v, "os", STR("Linux"));
    value_set_str(a, v, "arch", runner_arch(r->facts->machine.machine));
    value_set_str(a, v, "temp", r->temp);
    value_set_str(a, v, "tool_cache", r->tools);
    value_set_str(a, v, "environment", STR("github-hosted"));
    value_set_str(a, v, "workspace", path_dir(r->workspace));
    if (r->debug)
        value_set_str(a, v, "debug", STR("1"));
    return v;
}

/* Without a token both places hold the same empty text, so that asking for it can be told. */
static void watch_token(struct gh_run *r)
{
    const struct str *given = map_get(&r->facts->secrets, STR("GITHUB_TOKEN"));
    if (given != NULL && given->n > 0)
        return;
    struct value *none = value_string(r->arena, STR(""));
    value_set(r->github, STR("token"), none);
    value_set(r->secrets, STR("GITHUB_TOKEN"), none);
    r->no_token = none;
}

void gh_contexts_init(struct gh_run *r)
{
    struct arena *a = r->arena;
    const struct gh_workflow *started = r->leg->job->plan->model;
    const struct gh_call *call = r->planned->call;
    r->github = gh_github_context(a, started, r->facts); /* in a called workflow, too */
    r->needs = gh_needs_context(a, r->leg->job);
    r->inputs = call != NULL ? call->inputs : gh_inputs_context(a, started, r->facts);
    r->vars = gh_vars_context(a, r->facts);
    r->secrets = call != NULL ? call->secrets : gh_secrets_context(a, r->facts);
    r->matrix = r->planned->matrix;
    r->strategy = r->planned->strategy;
    r->runner = runner_context(r);
    value_set_str(a, r->github, "job", r->def->id);
    value_set_str(a, r->github, "workspace", r->workspace);
    value_set_str(a, r->github, "event_path", r->event_path);
    value_set_str(a, r->github, "secret_source", STR("Actions"));
    watch_token(r);
    gh_contexts_enter(r, NULL);
}

/* action, action_repository, action_ref: of the action, or of the composite action that a script is part of. */
static void enter_action(struct gh_run *r, const struct gh_task *t)
{
    const struct gh_got *got = t->got != NULL ? t->got : t->frame->got;
    struct str name = STR_NONE, ref = STR_NONE;
    if (got != NULL) {
        name = got->repository;
        ref = got->ref;
    } else if (t->def->kind == GH_STEP_USES && gh_uses_parse(t->def->uses, &name, &ref, NULL) == 0) {
        name = gh_uses_repository(name);
    }
    value_set_str(r->arena, r->github, "action", or_empty(t->def->context_name));
    value_set_str(r->arena, r->github, "action_repository", ref.n > 0 ? name : STR(""));
    value_set_str(r->arena, r->github, "action_ref", or_empty(ref));
}

/* What only steps of a composite action see. */
static void enter_composite(struct gh_run *r, const struct gh_task *t)
{
    if (t == NULL || t->frame->owner == NULL) {
        map_remove(&r->github->object, STR("action_path"));
        map_remove(&r->github->object, STR("action_status"));
        return;
    }
    enum result status = t->frame->worst == RESULT_NONE ? RESULT_SUCCESS : t->frame->worst;
    value_set_str(r->arena, r->github, "action_path", t->frame->got->dir);
    value_set_str(r->arena, r->github, "action_status", str_from(result_name(status)));
}

void gh_contexts_enter(struct gh_run *r, const struct gh_task *t)
{
    static const char *const NAMES[GH_FILES] = {[GH_FILE_PATH] = "path",
                                                [GH_FILE_ENV] = "env",
                                                [GH_FILE_OUTPUT] = "output",
                                                [GH_FILE_STATE] = "state",
                                                [GH_FILE_SUMMARY] = "step_summary"};
    if (t != NULL && r->entered == t)
        return;
    r->entered = t;
    enter_composite(r, t);
    if (t == NULL) {
        value_set_str(r->arena, r->github, "action", STR(""));
        value_set_str(r->arena, r->github, "action_ref", STR(""));
        value_set_str(r->arena, r->github, "action_repository", STR(""));
        return;
    }
    enter_action(r, t);
    for (size_t i = 0; i < GH_FILES; i++) {
        if (t->files[i].n > 0)
            value_set_str(r->arena, r->github, NAMES[i], t->files[i]);
    }
}

/* ---- contexts that change ---- */

static void add_texts(struct arena *a, struct value *into, const struct map *m)
{
    for (size_t i = 0; i < m->n; i++) {
        const struct str *text = m->entries[i].value;
        value_set(into, m->entries[i].key, value_string(a, *text));
    }
}

/*
 * Only what the workflow and GITHUB_ENV set; never what the process inherits. Case counts, as it does on Linux. A task
 * without variables of its own sees the world's object itself; else a copy that is kept until something changes.
 */
static struct value *env_context(struct gh_eye *eye)
{
    struct gh_task *t = eye->task;
    if (t == NULL)
        return eye->run->world.values;
    if (t->env.n == 0 && t->frame->env.n == 0)
        return t->world->values;
    if (t->values != NULL && t->values_of == t->world->version && t->values_n == t->env.n)
        return t->values;
    struct arena *a = gh_task_arena(t);
    t->values = value_object(a, MAP_CASE);
    t->values_of = t->world->version;
    t->values_n = t->env.n;
    for (size_t i = 0; i < t->world->values->object.n; i++)
        value_set(t->values, t->world->values->object.entries[i].key, t->world->values->object.entries[i].value);
    add_texts(a, t->values, &t->frame->env);
    add_texts(a, t->values, &t->env);
    return t->values;
}

/* workflow_* are of the file that the job is written in, which others may have called. */
static struct value *job_context(struct arena *a, const struct gh_run *r)
{
    const struct gh_workflow *w = r->workflow;
    struct value *v = value_object(a, MAP_NOCASE);
    bool ours = w->repo.n == 0;
    struct str repo = ours ? value_get_str(r->github, "repository") : w->repo;
    struct str ref = ours ? value_get_str(r->github, "ref") : w->ref;
    value_set_str(a, v, "status", str_from(result_name(gh_status(r))));
    value_set_str(a, v, "workflow_ref",
                  arena_printf(a, "%.*s/%.*s@%.*s", STR_ARG(repo), STR_ARG(w->file), STR_ARG(ref)));
    value_set_str(a, v, "workflow_sha", or_empty(ours ? value_get_str(r->github, "workflow_sha") : w->commit));
    value_set_str(a, v, "workflow_repository", or_empty(repo));
    value_set_str(a, v, "workflow_file_path", w->file);
    return v;
}

static struct value *eye_context(void *ctx, struct arena *a, const char *name)
{
    struct gh_eye *eye = ctx;
    struct gh_run *r = eye->run;
    const struct gh_frame *f = eye->task != NULL ? eye->task->frame : &r->job;
    const struct {
        const char *name;
        struct value *value;
    } FIXED[] = {{"github", r->github},   {"runner", r->runner}, {"steps", f->context},
                 {"needs", r->needs},     {"inputs", f->inputs}, {"vars", r->vars},
                 {"secrets", r->secrets}, {"matrix", r->matrix}, {"strategy", r->strategy}};
    for (size_t i = 0; i < ARRAY_LEN(FIXED); i++) {
        if (strcmp(name, FIXED[i].name) != 0)
            continue;
        if (i == 0)
            gh_contexts_enter(r, eye->task);
        return FIXED[i].value;
    }
    if (strcmp(name, "env") == 0)
        return env_context(eye);
    return strcmp(name, "job") == 0 ? job_context(a, r) : NULL;
}

/* ---- functions ---- */

#define FOLLOW_OPTION "--follow-symbolic-links"

/* The option that the first argument may be, and the patterns: the others as lines (specification 4.11). */
static int hash_patterns(struct arena *a, struct value **args, size_t n, struct strs *ret, bool *ret_follow,
                         struct err *e)
{
    struct str first = gh_to_string(a, args[0]);
    bool option = str_starts(first, STR("--"));
    if (option && !str_is_nocase(first, FOLLOW_OPTION))
        return err_set(e, EINVAL, "Invalid glob option %.*s, avaliable option: '" FOLLOW_OPTION "'.", STR_ARG(first));
    for (size_t i = option ? 1 : 0; i < n; i++) {
        struct str rest = gh_to_string(a, args[i]), line;
        while (str_next(&rest, '\n', &line)) {
            line = str_trim(line);
            if (line.n > 0 && line.p[0] != '#')
                vec_push_in(a, ret, line);
        }
    }
    *ret_follow = option;
    return 0;
}

/* The runner's own sentence, with the cause in it. */
static int hash_failed(struct gh_run *r, struct arena *a, const struct strs *patterns, struct err *e)
{
    struct str all = STR("");
    for (size_t i = 0; i < patterns->n; i++)
        all = arena_printf(a, "%.*s%s%.*s", STR_ARG(all), i > 0 ? ", " : "", STR_ARG(patterns->p[i]));
    return err_wrap(e, "hashFiles('%.*s') failed. Fail to hash files under directory '%.*s'", STR_ARG(all),
                    STR_ARG(r->workspace));
}

static int hash_files(struct gh_run *r, struct arena *a, struct value **args, size_t n, struct value **ret,
                      struct err *e)
{
    struct strs patterns = {0};
    char hex[65] = "";
    bool follow = false;
    if (r->host->hash_files == NULL)
        return err_set(e, ENOSYS, "hashFiles cannot be evaluated before the job runs");
    int rc = hash_patterns(a, args, n, &patterns, &follow, e);
    if (rc < 0)
        return rc;
    rc = r->host->hash_files(r->host->ctx, r->workspace, &patterns, follow, hex, e);
    if (rc < 0)
        return hash_failed(r, a, &patterns, e);
    *ret = value_string(a, str_from(hex));
    return 0;
}

static int eye_call(void *ctx, struct arena *a, const char *name, struct value **args, size_t n, struct value **ret,
                    struct err *e)
{
    struct gh_eye *eye = ctx;
    enum result status = status_of(eye);
    if (strcmp(name, "hashfiles") == 0)
        return hash_files(eye->run, a, args, n, ret, e);
    if (strcmp(name, "always") == 0)
        *ret = value_bool(a, true);
    else if (strcmp(name, "success") == 0)
        *ret = value_bool(a, status == RESULT_SUCCESS);
    else if (strcmp(name, "failure") == 0)
        *ret = value_bool(a, status == RESULT_FAILURE);
    else if (strcmp(name, "cancelled") == 0)
        *ret = value_bool(a, status == RESULT_CANCELLED);
    else
        return err_set(e, EINVAL, "Unrecognized function: '%s'", name);
    return 0;
}

struct gh_scope gh_eye_scope(struct gh_eye *eye)
{
    return (struct gh_scope){.ctx = eye,
                             .context = eye_context,
                             .call = eye_call,
                             .watch = eye->run->no_token,
                             .watched = &eye->run->token_missed};
}

static int take_pair(void *ctx, struct str key, struct str value, struct err *e)
{
    UNUSED(e);
    map_set_str(ctx, key, value.p != NULL ? value : STR(""));
    return 0;
}

int gh_pairs_into(struct gh_eye *eye, const struct gh_pairs *pairs, struct map *into, struct err *e)
{
    /* Pairs do not see their siblings: they are gathered apart and added when all are known. */
    struct map fresh;
    struct gh_scope scope = gh_eye_scope(eye);
    map_init(&fresh, eye->run->arena, into->fold);
    int rc = gh_pairs_each(eye->run->arena, pairs, &scope, take_pair, &fresh, e);
    for (size_t i = 0; rc == 0 && i < fresh.n; i++)
        map_set(into, fresh.entries[i].key, fresh.entries[i].value);
    return rc;
}
