/*
 * az_step.c - the life of a step (specification 7.7, 9.1): variables are settled, its condition is asked, its task runs
 * with expanded inputs, what commands asked for is done, results are merged; a failure may be tried again, or be
 * forgiven.
 */
#include "core/base.h"
#include "provider/azure/agent_priv.h"
#include "provider/azure/known_priv.h"

#define NS_PER_S ((int64_t)1000000000)

/* ---- opening ---- */

static struct az_step_run *new_step(struct az_run *r, const struct az_step *step)
{
    struct az_step_run *s = ARENA_NEW(r->arena, struct az_step_run);
    s->t.run = r;
    s->t.step = step;
    s->t.number = ++r->number;
    s->t.status = -1;
    s->t.result = AZ_SUCCEEDED;
    map_init(&s->t.inputs, r->arena, MAP_NOCASE);
    map_init(&s->t.env, r->arena, MAP_CASE);
    map_init(&s->t.task_vars, r->arena, MAP_NOCASE);
    return s;
}

static void say_started(struct az_step_run *s)
{
    struct az_run *r = s->t.run;
    struct event ev = {.kind = EVENT_STEP_STARTED, .step = s->t.number, .id = s->t.step->name, .name = s->name};
    struct place at = {0};
    if (s->t.step->at != NULL && r->model->sources != NULL)
        at = sources_place(r->model->sources, s->t.step->at->span);
    ev.file = at.file;
    ev.line = at.line;
    if (!s->t.post)
        ev.text = az_macros(r->arena, &r->vars, az_task_script(s->t.step), NULL);
    az_emit(r, &ev);
}

static void say_finished(const struct az_step_run *s)
{
    struct event ev = {.kind = EVENT_STEP_FINISHED,
                       .step = s->t.number,
                       .id = s->t.step->name,
                       .name = s->name,
                       .result = az_result_plain(s->result),
                       .conclusion = az_result_plain(s->conclusion),
                       .status = s->t.status,
                       .elapsed_ns = s->elapsed_ns,
                       .text = s->t.error};
    az_emit(s->t.run, &ev);
}

/* The job's status is that of its steps; what was skipped says nothing. */
static void count(struct az_run *r, enum az_result conclusion)
{
    if (conclusion == AZ_FAILED || conclusion == AZ_WITH_ISSUES)
        az_job_status(r, az_step_merge(r->result, conclusion));
}

static void close_step(struct az_step_run *s, enum az_result result)
{
    az_banner_end(&s->t);
    s->phase = AZ_PHASE_OVER;
    s->result = s->conclusion = result;
    if (result == AZ_FAILED && az_step_forgiven(s))
        s->conclusion = AZ_WITH_ISSUES;
    count(s->t.run, s->conclusion);
    say_finished(s);
}

/* A condition that cannot be evaluated fails the step; it is not skipped. */
static bool ask_condition(struct az_step_run *s)
{
    struct err err = {0};
    bool holds = false;
    if (az_condition(s->t.run, s->condition, &holds, &err) < 0) {
        az_fail(&s->t, "%s", err.text);
        close_step(s, AZ_FAILED);
        return false;
    }
    if (!holds) {
        s->t.error = arena_printf(s->t.run->arena, "Skipping step due to condition evaluation: %.*s is False",
                                  STR_ARG(s->condition));
        close_step(s, AZ_SKIPPED);
    }
    return holds;
}

static struct str task_words(const struct az_step_run *s)
{
    const struct az_step *step = s->t.step;
    return arena_printf(s->t.run->arena, "%.*s%s%.*s", STR_ARG(step->task), step->version.n > 0 ? "@" : "",
                        STR_ARG(step->version));
}

/* Slipway has no such task: it is passed over where that was asked, and a failure else. Never a success. */
static void unknown_task(struct az_step_run *s)
{
    struct az_run *r = s->t.run;
    struct str words = task_words(s);
    if (!r->facts->skip_unknown) {
        az_fail(&s->t, "slipway has no task %.*s: this step cannot run here (--skip-unknown leaves such steps out)",
                STR_ARG(words));
        close_step(s, AZ_FAILED);
        return;
    }
    s->t.error = arena_printf(r->arena, "%.*s is not known to slipway", STR_ARG(words));
    az_note(r, HOW_SKIPPED, words, STR("not known to slipway: the step was left out"));
    close_step(s, AZ_SKIPPED);
}

struct az_step_run *az_step_open(struct az_run *r, const struct az_step *step)
{
    struct az_step_run *s = new_step(r, step);
    s->condition = str_trim(step->condition).n > 0 ? step->condition : STR("succeeded()");
    r->task = &s->t;
    az_step_variables(r);
    s->name = az_step_title(r, step);
    say_started(s);
    if (!ask_condition(s))
        return NULL;
    s->t.task = az_task_of(r->arena, r->facts, step->task, step->version);
    if (s->t.task == NULL) {
        unknown_task(s);
        return NULL;
    }
    az_step_limits(s);
    if (step->target.n > 0 && !str_is_nocase(step->target, "host"))
        az_note(r, HOW_SUBSTITUTED, arena_printf(r->arena, "container %.*s", STR_ARG(step->target)),
                STR("this host: the step runs where the others do"));
    return s;
}

/* The second half of a task: "always attempted", with the inputs and variables of the first. */
struct az_step_run *az_post_open(struct az_run *r, struct az_step_run *main)
{
    struct az_step_run *s = new_step(r, main->t.step);
    s->condition = STR("always()");
    s->name = arena_printf(r->arena, "Post-job: %.*s", STR_ARG(main->name));
    s->t.task = main->t.task;
    s->t.post = true;
    s->t.inputs = main->t.inputs;
    s->t.env = main->t.env;
    s->t.task_vars = main->t.task_vars;
    s->t.state = main->t.state;
    s->t.at = 0;
    s->spared = r->cancelled;
    r->task = &s->t;
    az_step_variables(r);
    say_started(s);
    return s;
}

/* ---- a try ---- */

void az_scratch(struct az_run *r)
{
    arena_free(r->scratch);
    r->scratch = arena_new();
    az_agent(r)->env = (struct strs){0};
}

static void begin_try(struct az_step_run *s)
{
    struct az_task_run *t = &s->t;
    s->tries++;
    s->started = true;
    s->try_ns = 0;
    s->completed = AZ_NOT_RUN;
    t->result = AZ_SUCCEEDED;
    t->error = STR("");
    t->status = -1;
    t->stderr_bytes = 0;
    if (t->post)
        return;
    t->at = 0;
    t->state = NULL;
    az_step_inputs(s);
    if (s->tries == 1)
        az_banner(t);
}

/* Its own ops' time is up when the step's is. */
static void limit(struct az_step_run *s, struct op *op)
{
    int64_t left = s->timeout_ns - s->try_ns;
    s->limits_op = s->timeout_ns > 0 && (op->timeout_ns == 0 || left < op->timeout_ns);
    if (s->limits_op)
        op->timeout_ns = left > 0 ? left : 1;
}

static enum drive ask_task(struct az_run *r, struct az_step_run *s, struct op *op)
{
    if (!s->started)
        begin_try(s);
    if (s->timed_out || s->stopped || s->t.result == AZ_FAILED)
        return DRIVE_DONE;
    az_scratch(r);
    *op = (struct op){0};
    enum drive next = s->t.task->next(&s->t, op);
    az_banner_end(&s->t);
    if (next != DRIVE_OP)
        return DRIVE_DONE;
    limit(s, op);
    az_agent(r)->under = AZ_UNDER_TASK;
    return DRIVE_OP;
}

/* ---- judging ---- */

/* A failure of its own is tried again; what ran out of time or was cancelled is not. */
static bool tries_again(const struct az_step_run *s, enum az_result result)
{
    return result == AZ_FAILED && s->tries <= s->retries && !s->timed_out && !s->stopped && !s->t.run->cancelled;
}

static void delay(struct az_run *r, struct az_step_run *s, struct op *op)
{
    unsigned seconds = (s->tries + 1) * (s->tries + 1);
    struct str *argv = arena_array(r->arena, 2, sizeof *argv);
    az_say(&s->t, "RetryHelper encountered task failure, will retry (attempt #: %u out of %u) after %u000 ms", s->tries,
           s->retries, seconds);
    argv[0] = STR("sleep");
    argv[1] = arena_printf(r->arena, "%u", seconds);
    az_op_exec(&s->t, op, argv, 2);
    az_agent(r)->under = AZ_UNDER_DELAY;
}

static enum az_result judge(const struct az_step_run *s)
{
    enum az_result result = s->t.result;
    if (s->completed != AZ_NOT_RUN)
        result = az_step_merge(result, s->completed);
    return result;
}

/* Its post task runs behind all steps. */
static void push_post(struct az_step_run *s)
{
    if (s->t.task->post && !s->t.post)
        vec_push_in(s->t.run->arena, &az_agent(s->t.run)->posts, s);
}

/* ---- next ---- */

enum drive az_step_next(struct az_run *r, struct az_step_run *s, struct op *op)
{
    if (az_later_op(s, op)) {
        az_agent(r)->under = AZ_UNDER_LATER;
        return DRIVE_OP;
    }
    if (s->phase == AZ_PHASE_TRY && ask_task(r, s, op) == DRIVE_OP)
        return DRIVE_OP;
    enum az_result result = judge(s);
    if (s->phase == AZ_PHASE_TRY && tries_again(s, result)) {
        s->phase = AZ_PHASE_DELAY;
        az_scratch(r);
        delay(r, s, op);
        return DRIVE_OP;
    }
    push_post(s);
    close_step(s, result);
    return DRIVE_DONE;
}

/* The agent's own sentences for what the task does not know of. */
static void tell_end(struct az_step_run *s, const struct op_end *end)
{
    if (end->how == OP_TIMED_OUT && s->limits_op) {
        s->timed_out = true;
        az_fail(&s->t, "The task has timed out.");
    } else if (end->how == OP_STOPPED) {
        s->stopped = true;
        s->completed = az_step_merge(s->completed, AZ_CANCELED);
        if (s->t.error.n == 0)
            s->t.error = STR("The operation was canceled.");
    }
}

void az_step_exited(struct az_run *r, struct az_step_run *s, const struct op_end *end)
{
    enum az_under under = az_agent(r)->under;
    az_agent(r)->under = AZ_UNDER_NOTHING;
    s->elapsed_ns += end->elapsed_ns;
    s->try_ns += end->elapsed_ns;
    switch (under) {
    case AZ_UNDER_NOTHING:
        return;
    case AZ_UNDER_LATER:
        az_later_exited(s, end);
        return;
    case AZ_UNDER_DELAY:
        s->phase = AZ_PHASE_TRY;
        s->started = end->how != OP_EXITED; /* cancelled while it waited: the failure stays */
        if (end->how == OP_STOPPED)
            s->stopped = true;
        return;
    case AZ_UNDER_TASK:
        break;
    }
    tell_end(s, end);
    s->t.task->exited(&s->t, end);
}

void az_step_abandon(struct az_run *r, struct az_step_run *s)
{
    UNUSED(r);
    s->t.error = STR("The operation was canceled.");
    close_step(s, AZ_CANCELED);
}
