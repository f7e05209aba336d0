/*
 * The life of a step (specification 7.2): its env, its condition, its name and its time are evaluated, then its action
 * runs; continue-on-error tells outcome (what happened) from conclusion (what it counts as). A step never ends the job:
 * only the conditions of later steps look at the job's status.
 */
#include "core/base.h"
#include "provider/github/gh_run_priv.h"

#include "core/vec.h"

#define NS_PER_MINUTE 60e9
#define MINUTES_MAX 525600 /* a year */

/* ---- opening ---- */

static struct gh_task *task_new(struct gh_run *r, const struct gh_step *def)
{
    struct gh_task *t = ARENA_NEW(r->arena, struct gh_task);
    struct place at = sources_place(r->workflow->sources, def->where.file != 0 ? def->where : def->span);
    t->run = r;
    t->def = def;
    t->file = r->workflow->file;
    t->line = at.line;
    t->status = -1;
    t->capture = BUF(GH_CAPTURE_MAX);
    t->talk.later = BUF(GH_LATER_MAX);
    t->talk.echo = r->debug;
    t->outputs = value_object(r->arena, MAP_NOCASE);
    t->with = value_object(r->arena, MAP_NOCASE);
    map_init(&t->env, r->arena, MAP_CASE);
    map_init(&t->state, r->arena, MAP_CASE);
    return t;
}

/* A name that cannot be evaluated is shown as it is written: it is no reason to fail. */
static void name_task(struct gh_task *t)
{
    struct gh_eye eye = {t->run, t};
    struct gh_scope scope = gh_eye_scope(&eye);
    struct str name = STR_NONE;
    if (t->def->name.set && gh_text_string(t->run->arena, &t->def->name, &scope, &name, NULL) < 0)
        name = t->def->name.literal;
    if (str_trim(name).n == 0)
        name = gh_step_title(t->run->arena, t->def, t->def->kind == GH_STEP_RUN ? gh_script_text(t) : STR_NONE);
    t->name = name;
}

static void time_task(struct gh_task *t)
{
    struct gh_eye eye = {t->run, t};
    struct gh_scope scope = gh_eye_scope(&eye);
    struct err err = {0};
    double minutes = 0;
    if (gh_text_number(t->run->arena, &t->def->timeout, &scope, 0, &minutes, &err) < 0) {
        gh_fail(t, "timeout-minutes: %s", err.text);
        return;
    }
    if (!(minutes > 0))
        return;
    t->timeout_minutes = minutes < MINUTES_MAX ? minutes : MINUTES_MAX;
    t->timeout_ns = (int64_t)(t->timeout_minutes * NS_PER_MINUTE);
}

static int take_input(void *ctx, struct str key, struct str value, struct err *e)
{
    struct gh_task *t = ctx;
    UNUSED(e);
    value_set(t->with, key, value_string(t->run->arena, value));
    return 0;
}

static void read_inputs(struct gh_task *t)
{
    struct gh_eye eye = {t->run, t};
    struct gh_scope scope = gh_eye_scope(&eye);
    struct err err = {0};
    if (gh_pairs_each(t->run->arena, &t->def->with, &scope, take_input, t, &err) < 0)
        gh_fail(t, "%s", err.text);
}

/* An action that slipway does not have: passed over and counted, or a failure. Never a success. */
static void unknown_action(struct gh_task *t, struct str name)
{
    if (!t->run->facts->skip_unknown) {
        gh_fail(t, "slipway has no %.*s of its own: this step cannot run here", STR_ARG(name));
        return;
    }
    gh_note(t->run, t->number, HOW_SKIPPED, t->def->uses, STR("not known to slipway: the step was left out"));
    t->result = RESULT_SKIPPED;
    t->error = arena_printf(t->run->arena, "%.*s is not known to slipway", STR_ARG(t->def->uses));
}

static void choose_action(struct gh_task *t)
{
    struct str name = STR_NONE, ref = STR_NONE;
    struct err err = {0};
    if (gh_uses_parse(t->def->uses, &name, &ref, &err) < 0) {
        gh_fail(t, "%s", err.text);
        return;
    }
    const struct gh_native *native = gh_native_find(name);
    if (native == NULL || native->action == NULL) {
        unknown_action(t, name);
        return;
    }
    t->action = native->action;
    read_inputs(t);
}

/* What it will do. Kinds of steps that are not done yet are refused by name. */
static void prepare(struct gh_task *t, struct str *ret_paste)
{
    struct err err = {0};
    if (t->def->background) {
        gh_fail(t, "background steps are not supported by slipway yet");
        return;
    }
    switch (t->def->kind) {
    case GH_STEP_RUN:
        t->action = &gh_script;
        if (gh_script_prepare(t->run, t, ret_paste, &err) < 0)
            gh_fail(t, "%s", err.text);
        return;
    case GH_STEP_USES:
        choose_action(t);
        return;
    case GH_STEP_WAIT:
    case GH_STEP_WAIT_ALL:
    case GH_STEP_CANCEL:
    case GH_STEP_PARALLEL:
        gh_fail(t, "wait, cancel and parallel steps are not supported by slipway yet");
        return;
    }
}

int gh_task_holds(struct gh_task *t, bool *ret, struct err *e)
{
    struct gh_eye eye = {t->run, t};
    struct gh_scope scope = gh_eye_scope(&eye);
    if (t->main == NULL)
        return gh_if_true(t->run->arena, &t->def->cond, &scope, ret, e);
    *ret = t->post_always || gh_status(t->run) == RESULT_SUCCESS;
    return 0;
}

/* A condition that cannot be evaluated fails the step; it is not skipped. */
static void ask_condition(struct gh_task *t)
{
    struct err err = {0};
    bool holds = false;
    if (gh_task_holds(t, &holds, &err) < 0)
        gh_fail(t, "if: %s", err.text);
    else if (!holds)
        t->result = RESULT_SKIPPED;
}

static void say_started(struct gh_task *t, struct str paste)
{
    struct event ev = {.kind = EVENT_STEP_STARTED,
                       .step = t->number,
                       .id = t->def->id,
                       .name = t->name,
                       .file = t->file,
                       .line = t->line,
                       .text = paste};
    t->run->host->emit(t->run->host->ctx, &ev);
}

/* The head of an action's log: its inputs and the env. */
static void say_inputs(struct gh_task *t)
{
    struct map inputs;
    gh_group(t, t->name);
    map_init(&inputs, t->run->arena, MAP_NOCASE);
    for (size_t i = 0; i < t->with->object.n; i++)
        map_set_str(&inputs, t->with->object.entries[i].key,
                    gh_to_string(t->run->arena, t->with->object.entries[i].value));
    gh_say_map(t, "with", &inputs);
    gh_say_map(t, "env", &t->run->env);
    gh_group_end(t);
}

/* Announces the task; one that is settled already is closed at once. */
static void open_task(struct gh_task *t, struct str paste)
{
    say_started(t, paste);
    if (t->result != RESULT_NONE) {
        gh_task_close(t);
        return;
    }
    if (t->action == &gh_script)
        gh_script_say(t);
    else
        say_inputs(t);
}

void gh_step_open(struct gh_run *r, const struct gh_step *def)
{
    struct gh_task *t = task_new(r, def);
    struct gh_eye outer = {r, NULL};
    struct err err = {0};
    struct str paste = STR_NONE;
    t->number = ++r->number;
    r->task = t;
    gh_contexts_enter(r, t);
    if (gh_pairs_into(&outer, &def->env, &t->env, &err) < 0)
        gh_fail(t, "env: %s", err.text);
    if (t->result == RESULT_NONE)
        ask_condition(t);
    if (t->result == RESULT_NONE)
        time_task(t);
    if (t->result == RESULT_NONE)
        prepare(t, &paste);
    name_task(t);
    open_task(t, paste);
}

/* ---- post tasks ---- */

struct gh_task *gh_post_push(struct gh_task *t, const struct gh_action *action)
{
    struct gh_run *r = t->run;
    struct gh_task *post = task_new(r, t->def);
    post->main = t;
    post->action = action;
    post->env = t->env; /* as it was at main time */
    post->state = t->state;
    post->with = t->with;
    vec_push_in(r->arena, &r->posts, post);
    return post;
}

void gh_post_open(struct gh_run *r, struct gh_task *post)
{
    post->number = ++r->number;
    post->name = arena_printf(r->arena, "Post %.*s", STR_ARG(post->main->name));
    post->state = post->main->state;
    r->task = post;
    gh_contexts_enter(r, post);
    ask_condition(post);
    open_task(post, STR_NONE);
}

/* ---- closing ---- */

static enum result worse(enum result a, enum result b)
{
    if (a == RESULT_FAILURE || b == RESULT_FAILURE)
        return RESULT_FAILURE;
    if (a == RESULT_CANCELLED || b == RESULT_CANCELLED)
        return RESULT_CANCELLED;
    return RESULT_SUCCESS;
}

/* Outcome to conclusion: a failure that may be counts as success. */
static enum result conclude(struct gh_task *t)
{
    struct gh_eye eye = {t->run, t};
    struct gh_scope scope = gh_eye_scope(&eye);
    struct err err = {0};
    bool forgiven = false;
    if (t->result != RESULT_FAILURE || t->main != NULL)
        return t->result;
    if (gh_text_bool(t->run->arena, &t->def->continue_on_error, &scope, false, &forgiven, &err) < 0) {
        gh_complain(t, LEVEL_ERROR, "continue-on-error: %s", err.text);
        return t->result;
    }
    return forgiven ? RESULT_SUCCESS : t->result;
}

/* steps.<id>: of main steps that people gave an id. */
static void publish(struct gh_task *t, enum result conclusion)
{
    struct gh_run *r = t->run;
    if (t->main != NULL || t->def->id.n == 0)
        return;
    struct value *v = value_object(r->arena, MAP_NOCASE);
    value_set(v, STR("outputs"), t->outputs);
    value_set_str(r->arena, v, "outcome", str_from(result_name(t->result)));
    value_set_str(r->arena, v, "conclusion", str_from(result_name(conclusion)));
    value_set(r->steps, t->def->id, v);
}

void gh_task_close(struct gh_task *t)
{
    struct gh_run *r = t->run;
    if (t->result == RESULT_NONE)
        t->result = RESULT_SUCCESS;
    enum result conclusion = conclude(t);
    publish(t, conclusion);
    r->worst = worse(r->worst, conclusion);
    struct event ev = {.kind = EVENT_STEP_FINISHED,
                       .step = t->number,
                       .id = t->def->id,
                       .name = t->name,
                       .file = t->file,
                       .line = t->line,
                       .result = t->result,
                       .conclusion = conclusion,
                       .status = t->status,
                       .elapsed_ns = t->elapsed_ns,
                       .text = t->error};
    r->host->emit(r->host->ctx, &ev);
    buf_done(&t->capture);
    buf_done(&t->talk.later);
    if (r->task == t)
        r->task = NULL;
}

/* ---- inputs and outputs of actions ---- */

struct str gh_input(const struct gh_task *t, const char *name)
{
    return str_trim(value_get_str(t->with, name));
}

bool gh_input_bool(struct gh_task *t, const char *name, bool absent)
{
    static const char *const YES[] = {"true", "True", "TRUE"}, *const NO[] = {"false", "False", "FALSE"};
    struct str text = gh_input(t, name);
    if (text.n == 0)
        return absent;
    for (size_t i = 0; i < ARRAY_LEN(YES); i++) {
        if (str_is(text, YES[i]))
            return true;
        if (str_is(text, NO[i]))
            return false;
    }
    gh_fail(t,
            "Input does not meet YAML 1.2 \"Core Schema\" specification: %s. Support boolean input list: "
            "`true | True | TRUE | false | False | FALSE`",
            name);
    return absent;
}

void gh_set_output(struct gh_task *t, const char *name, struct str value)
{
    value_set(t->outputs, str_from(name), value_string(t->run->arena, value));
}
