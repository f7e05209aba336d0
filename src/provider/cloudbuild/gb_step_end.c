/*
 * gb_step_end.c - how a step ended, and what that means for the build: allowFailure and allowExitCodes, timeouts, the
 * first failure (specification 3, 10).
 */
#include "core/base.h"
#include "provider/cloudbuild/run_priv.h"

#define SIGNAL_BASE 128 /* what a container's exit code is made of when a signal ended its process */
#define NOT_STARTED 127 /* what Docker answers when there is no such program */

/* allowExitCodes takes precedence over allowFailure. */
static bool is_allowed(const struct gb_task *t)
{
    const struct gb_step *s = t->def;
    if (s->n_allow_exit_codes == 0)
        return s->allow_failure;
    for (size_t i = 0; i < s->n_allow_exit_codes; i++)
        if (s->allow_exit_codes[i] == t->exit_code)
            return true;
    return false;
}

/* The first failure decides what becomes of the build; gb_driver.c ends the other steps. */
static void fail_build(struct gb_task *t, enum gb_status status)
{
    struct gb_run *r = t->run;
    if (r->status != GB_WORKING)
        return;
    r->status = status;
    r->error = arena_printf(r->arena, "build step %zu \"%.*s\" failed: %.*s", t->index, STR_ARG(t->def->name.text),
                            STR_ARG(t->error));
}

void gb_task_close(struct gb_task *t, enum gb_status status, struct str error)
{
    struct gb_run *r = t->run;
    if (t->status == GB_WORKING) {
        struct str label = gb_task_label(r->arena, t);
        if (r->n_tasks > 1)
            gb_say(r, t->number, "Finished %.*s", STR_ARG(label));
    }
    t->closed = true;
    t->status = status;
    t->error = error;
    t->allowed = status == GB_FAILURE && is_allowed(t);
    if (t->allowed)
        gb_say_in(t, "%.*s, which %s allows", STR_ARG(error),
                  t->def->n_allow_exit_codes > 0 ? "allowExitCodes" : "allowFailure");
    else if (status == GB_FAILURE || status == GB_TIMEOUT)
        fail_build(t, status);
    gb_say_finished(t);
    while (r->first_open < r->n_tasks && gb_task_over(&r->tasks[r->first_open]))
        r->first_open++;
}

struct str gb_why_cancelled(const struct gb_run *r)
{
    return r->cancelled ? STR("") : STR("another step of the build failed");
}

/* ---- BUILDER_OUTPUT ---- */

static void tell_output(struct gb_task *t, struct str text)
{
    struct str line;
    bool cut = text.n > GB_OUTPUT_MAX;
    text = str_sub(text, 0, GB_OUTPUT_MAX);
    gb_say_in(t, "results.buildStepOutputs[%zu]: %zu bytes%s", t->index, text.n,
              cut ? ", the first 4096 of what $BUILDER_OUTPUT/output holds" : "");
    while (str_next(&text, '\n', &line))
        gb_say_in(t, "  %.*s", STR_ARG(line));
}

/* Captured when the step failed, too. */
static void take_output(struct gb_task *t, const struct op_end *end)
{
    if (end->reads == NULL)
        return;
    if (end->read_errors != NULL && end->read_errors[0] != 0)
        gb_say_in(t,
                  "results.buildStepOutputs[%zu]: $BUILDER_OUTPUT/output cannot be read, or holds more than a mebibyte",
                  t->index);
    else if (end->reads[0].p != NULL)
        tell_output(t, end->reads[0]);
}

/* ---- ends ---- */

static struct str seconds(struct arena *a, int64_t ns)
{
    return arena_printf(a, "%gs", (double)ns / 1e9);
}

static void timed_out(struct gb_task *t)
{
    struct str after = seconds(t->run->arena, t->def->timeout_ns);
    gb_task_close(t, GB_TIMEOUT, arena_printf(t->run->arena, "step exceeded its timeout of %.*s", STR_ARG(after)));
}

/* The build's time is up: then its status stays WORKING (cloud-build-local). */
static void stopped(struct gb_task *t)
{
    const struct gb_run *r = t->run;
    if (r->cancelled && r->why == CANCEL_TIMEOUT)
        gb_task_close(t, GB_WORKING, STR("WORKING when the build timed out"));
    else
        gb_task_close(t, GB_CANCELLED, gb_why_cancelled(r));
}

static void exited(struct gb_task *t, int code)
{
    t->exit_code = code;
    if (code == 0)
        gb_task_close(t, GB_SUCCESS, STR(""));
    else
        gb_task_close(t, GB_FAILURE, arena_printf(t->run->arena, "step exited with non-zero status: %d", code));
}

static void not_started(struct gb_task *t, const struct op_end *end)
{
    t->exit_code = NOT_STARTED;
    gb_task_close(t, GB_FAILURE, arena_printf(t->run->arena, "starting step container failed: %s", end->err.text));
}

static void ended(struct gb_task *t, const struct op_end *end)
{
    switch (end->how) {
    case OP_EXITED:
        exited(t, end->status);
        break;
    case OP_SIGNALLED:
        exited(t, SIGNAL_BASE + end->status);
        break;
    case OP_TIMED_OUT:
        timed_out(t);
        break;
    case OP_STOPPED:
        stopped(t);
        break;
    case OP_NOT_STARTED: /* or given up, because it did not end in time after a cancel */
        if (t->run->cancelled)
            stopped(t);
        else
            not_started(t, end);
        break;
    }
}

void gb_task_exited(struct gb_task *t, const struct op_end *end)
{
    t->token = 0;
    t->elapsed_ns += end->elapsed_ns;
    if (t->phase == GB_TASK_FOLDER && end->how == OP_EXITED && end->status == 0) {
        t->phase = GB_TASK_RUN;
        if (t->run->status != GB_WORKING)
            gb_task_close(t, GB_CANCELLED, gb_why_cancelled(t->run));
        return;
    }
    if (t->phase == GB_TASK_RUN)
        take_output(t, end);
    ended(t, end);
}
