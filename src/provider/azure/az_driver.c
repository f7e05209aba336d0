/*
 * provider/azure/az_driver.c - plan/driver.h for Azure Pipelines: the agent of one leg. Its steps run in order, then
 * the second halves of their tasks, the last one first (specification 7.7).
 */
#include "core/base.h"
#include "provider/azure/agent_priv.h"

#include "core/path.h"
#include "provider/process.h"

/* ---- begin ---- */

static struct str below(const struct az_run *r, struct str dir, const char *name)
{
    return path_join(r->arena, dir, str_from(name));
}

/* The folders of specification 7.5. */
static void place_rooms(struct az_run *r, struct leg_room *room)
{
    r->home = arena_printf(r->arena, "%.*s/home/vsts", STR_ARG(r->prefix));
    r->work = below(r, r->home, "work");
    r->root = below(r, r->work, "1");
    r->sources = below(r, r->root, "s");
    r->staging = below(r, r->root, "a");
    r->binaries = below(r, r->root, "b");
    r->results = below(r, r->root, "TestResults");
    r->temp = below(r, r->work, "_temp");
    r->tools = below(r, r->work, "_tool");
    r->tasks = below(r, r->work, "_tasks");
    room->home = r->home;
    room->workspace = r->sources;
    room->temp = r->temp;
    const struct str dirs[] = {r->staging, r->binaries, r->results, r->tools, r->tasks};
    for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
        vec_push_in(r->arena, &room->dirs, dirs[i]);
}

static void set(struct az_run *r, const char *name, struct str value)
{
    struct az_vars *v = &az_agent(r)->raw;
    az_vars_set(v, str_from(name), value, false, true);
}

/* The variables that only the agent knows (specification 7.4): its places. */
static void set_agent_variables(struct az_run *r)
{
    const struct {
        const char *name;
        struct str value;
    } all[] = {
        {"Agent.BuildDirectory", r->root},
        {"Agent.HomeDirectory", r->home},
        {"Agent.RootDirectory", r->work},
        {"Agent.WorkFolder", r->work},
        {"Agent.TempDirectory", r->temp},
        {"Agent.ToolsDirectory", r->tools},
        {"Pipeline.Workspace", r->root},
        {"Build.ArtifactStagingDirectory", r->staging},
        {"Build.StagingDirectory", r->staging},
        {"System.ArtifactsDirectory", r->staging},
        {"Build.BinariesDirectory", r->binaries},
        {"Build.SourcesDirectory", r->sources},
        {"Build.Repository.LocalPath", r->sources},
        {"Common.TestResultsDirectory", r->results},
        {"System.DefaultWorkingDirectory", r->sources},
    };
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        set(r, all[i].name, all[i].value);
    if (az_vars_find(&az_agent(r)->raw, STR("System.Debug")) == NULL && r->facts->debug)
        set(r, "System.Debug", STR("true"));
}

static struct az_step implied(const char *task, struct az_run *r)
{
    struct az_step s = {.task = str_from(task), .version = STR("1"), .enabled = true};
    map_init(&s.inputs, r->arena, MAP_NOCASE);
    map_init(&s.env, r->arena, MAP_CASE);
    return s;
}

/* What says that there is none is no step: the agent never hears of it. */
static bool is_no_checkout(const struct az_step *s)
{
    return str_is_nocase(s->task, AZ_CHECKOUT_TASK) &&
           str_is_nocase(map_get_str(&s->inputs, STR("repository")), "none");
}

/* The steps as written, behind what a job does without being told. */
static void collect_steps(struct az_run *r)
{
    struct az_agent *a = az_agent(r);
    if (r->az->implicit_download) {
        struct az_step s = implied(AZ_DOWNLOAD_TASK, r);
        map_set_str(&s.inputs, STR("alias"), STR("current"));
        vec_push_in(r->arena, &a->steps, s);
    }
    if (r->az->implicit_checkout) {
        struct az_step s = implied(AZ_CHECKOUT_TASK, r);
        map_set_str(&s.inputs, STR("repository"), STR("self"));
        vec_push_in(r->arena, &a->steps, s);
    }
    for (size_t i = 0; i < r->az->steps->n; i++)
        if (!is_no_checkout(&r->az->steps->p[i]))
            vec_push_in(r->arena, &a->steps, r->az->steps->p[i]);
}

static void run_init(struct az_run *r, struct leg_room *room)
{
    struct az_agent *a = ARENA_NEW(r->arena, struct az_agent);
    r->agent = a;
    r->facts = r->host->facts;
    r->az = r->leg->impl;
    r->model = r->az->job->model;
    r->prefix = room->prefix;
    r->result = AZ_SUCCEEDED;
    r->scratch = arena_new();
    map_init(&r->outputs, r->arena, MAP_NOCASE);
    az_vars_init(&r->vars, r->arena); /* the status of the job is set before they are settled */
    az_vars_init(&a->raw, r->arena);
    az_vars_init(&r->vars, r->arena);
    az_vars_copy(&a->raw, &r->az->vars);
    place_rooms(r, room);
    set_agent_variables(r);
    az_job_status(r, AZ_SUCCEEDED);
    az_secret_inputs(r);
    az_mask_vars(r, &a->raw);
    collect_steps(r);
    az_checkout_variables(r);
    az_step_variables(r);
}

static void driver_end(void *run)
{
    struct az_run *r = run;
    if (r == NULL)
        return;
    arena_free(r->scratch);
    arena_free(r->arena);
}

static void *driver_begin(struct leg *leg, const struct host *host, struct leg_room *room, struct err *e)
{
    struct arena *a = arena_new();
    struct az_run *r = ARENA_NEW(a, struct az_run);
    UNUSED(e);
    r->arena = a;
    r->leg = leg;
    r->host = host;
    run_init(r, room);
    return r;
}

/* ---- next ---- */

static void note_machine(struct az_run *r)
{
    struct az_agent *a = az_agent(r);
    if (a->began)
        return;
    a->began = true;
    if (r->leg->label.n > 0)
        az_note(r, HOW_EMULATED, r->leg->label,
                arena_printf(r->arena, "this host, %.*s", STR_ARG(process_machine(r->arena, r->facts))));
    if (r->az->container.n > 0)
        az_note(r, HOW_SUBSTITUTED, arena_printf(r->arena, "container %.*s", STR_ARG(r->az->container)),
                arena_printf(r->arena, "this host, %.*s", STR_ARG(process_machine(r->arena, r->facts))));
}

/* The next step of the job or post task; NULL: there is none, or it was over at once (*ret_more). */
static struct az_step_run *pick(struct az_run *r, bool *ret_more)
{
    struct az_agent *a = az_agent(r);
    *ret_more = true;
    if (r->next_step < a->steps.n) {
        const struct az_step *step = &a->steps.p[r->next_step++];
        return step->enabled ? az_step_open(r, step) : NULL; /* a disabled one never reaches an agent */
    }
    r->post = true;
    if (a->posts.n > 0)
        return az_post_open(r, a->posts.p[--a->posts.n]);
    *ret_more = false;
    return NULL;
}

static enum drive driver_next(void *run, struct op *op)
{
    struct az_run *r = run;
    struct az_agent *a = az_agent(r);
    bool more = true;
    if (a->under != AZ_UNDER_NOTHING)
        return DRIVE_WAIT;
    note_machine(r);
    while (more) {
        if (a->step == NULL)
            a->step = pick(r, &more);
        if (a->step == NULL)
            continue;
        r->task = &a->step->t;
        if (az_step_next(r, a->step, op) == DRIVE_OP)
            return DRIVE_OP;
        a->step = NULL;
        r->task = NULL;
    }
    return DRIVE_DONE;
}

/* ---- while an op is under way ---- */

static enum line_verdict driver_line(void *run, unsigned token, enum event_stream stream, struct str text,
                                     struct buf *replacement)
{
    struct az_run *r = run;
    struct az_agent *a = az_agent(r);
    struct az_step_run *s = a->step;
    if (s != NULL && a->under == AZ_UNDER_LATER)
        s = s->sub;
    else if (a->under != AZ_UNDER_TASK)
        s = NULL;
    if (s == NULL || token != r->token)
        return LINE_SHOW;
    if (stream == STREAM_ERR)
        s->t.stderr_bytes += text.n + 1;
    if (s->t.task->line != NULL)
        s->t.task->line(&s->t, stream, text);
    enum line_verdict verdict = az_command_line(s, text, replacement);
    return verdict == LINE_SHOW && az_hide_passwords(text, replacement) ? LINE_REPLACED : verdict;
}

static void driver_exited(void *run, const struct op_end *end)
{
    struct az_run *r = run;
    struct az_agent *a = az_agent(r);
    if (a->step == NULL || a->under == AZ_UNDER_NOTHING || end->token != r->token)
        return;
    az_step_exited(r, a->step, end);
}

/* The job's status is Canceled from now on; the condition of the step under way is asked once more. */
static void driver_cancel(void *run, enum cancel_why why)
{
    struct az_run *r = run;
    struct az_agent *a = az_agent(r);
    struct err err = {0};
    bool holds = false;
    if (r->cancelled)
        return;
    r->cancelled = true;
    r->why = why;
    az_job_status(r, AZ_CANCELED);
    if (a->step != NULL)
        a->step->spared = az_condition(r, a->step->condition, &holds, &err) == 0 && holds;
}

static bool driver_spares(void *run, unsigned token)
{
    struct az_run *r = run;
    const struct az_agent *a = az_agent(r);
    return a->step != NULL && token == r->token && a->step->spared;
}

/* ---- finish ---- */

static struct str why_cancelled(const struct az_run *r, struct arena *a)
{
    switch (r->why) {
    case CANCEL_USER:
        break;
    case CANCEL_FAIL_FAST:
        return STR("another leg of its matrix failed");
    case CANCEL_TIMEOUT:
        return arena_printf(a, "The job running on agent slipway ran longer than the maximum time of %g minutes.",
                            (double)r->leg->timeout_ns / 60e9);
    case CANCEL_SUPERSEDED:
        return STR("a newer run took its place");
    case CANCEL_QUEUE_FULL:
    case CANCEL_DEADLOCK:
        break; /* such a leg never began */
    }
    return STR("");
}

static void take_outputs(struct az_run *r, struct map *into)
{
    map_init(into, r->leg->job->plan->arena, MAP_NOCASE);
    for (size_t i = 0; i < r->outputs.n; i++)
        map_set_str(into, r->outputs.entries[i].key, map_get_str(&r->outputs, r->outputs.entries[i].key));
}

static void driver_finish(void *run, struct leg_outcome *ret)
{
    struct az_run *r = run;
    struct az_agent *a = az_agent(r);
    struct az_leg *leg = r->leg->impl;
    *ret = (struct leg_outcome){0};
    if (a->step != NULL)
        az_step_abandon(r, a->step);
    take_outputs(r, &ret->outputs);
    take_outputs(r, &leg->outputs);
    leg->result = r->result;
    ret->result = az_result_plain(r->result);
    if (r->cancelled)
        ret->why = why_cancelled(r, r->leg->job->plan->arena);
    ret->conclusion = ret->result;
    if (r->result == AZ_FAILED && str_is_nocase(leg->continue_on_error, "true")) {
        leg->result = AZ_WITH_ISSUES;
        ret->conclusion = RESULT_SUCCESS;
    }
}

const struct driver az_driver = {
    .service = "azure",
    .failed_fast = NULL,
    .gate = az_gate,
    .begin = driver_begin,
    .next = driver_next,
    .line = driver_line,
    .exited = driver_exited,
    .cancel = driver_cancel,
    .spares = driver_spares,
    .finish = driver_finish,
    .end = driver_end,
    .gather = az_gather,
    .settle = az_settle,
};
