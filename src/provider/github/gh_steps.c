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
#define PRE_NAME "Pre "

struct arena *gh_task_arena(struct gh_task *t)
{
    if (t->arena == NULL) {
        t->arena = arena_new();
        vec_push_in(t->run->arena, &t->run->heaps, t);
    }
    return t->arena;
}

/* ---- opening ---- */

struct gh_task *gh_task_new(struct gh_run *r, struct gh_frame *f, const struct gh_step *def)
{
    struct gh_task *t = ARENA_NEW(r->arena, struct gh_task);
    struct place at = sources_place(f->sources, def->where.file != 0 ? def->where : def->span);
    t->run = r;
    t->frame = f;
    t->world = f->world;
    t->def = def;
    t->file = f->file;
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

/* An action of a repository: one of ours, unless it is to run for real. */
static void choose_of_repository(struct gh_task *t)
{
    struct str name = STR_NONE, ref = STR_NONE;
    struct err err = {0};
    if (gh_uses_parse(t->def->uses, &name, &ref, &err) < 0) {
        gh_fail(t, "%s", err.text);
        return;
    }
    const struct gh_native *native = gh_native_for(t->run->facts, name);
    if (native != NULL && native->action == NULL) {
        unknown_action(t, name);
        return;
    }
    t->action = native != NULL ? native->action : &gh_real;
    t->got = native != NULL ? NULL : gh_got_remote(t->run, t->def->uses);
}

static void choose_action(struct gh_task *t)
{
    switch (gh_uses_kind(t->def->uses)) {
    case GH_USES_DOCKER:
        gh_refuse_container(t);
        return;
    case GH_USES_LOCAL:
        t->action = &gh_real;
        t->got = gh_got_local(t->run, t->frame, t->def->uses);
        break;
    case GH_USES_REPOSITORY:
        choose_of_repository(t);
        break;
    }
    if (t->action == &gh_real)
        gh_files_name(t->run, t);
    if (t->result == RESULT_NONE)
        read_inputs(t);
}

/* What it will do. */
static void prepare(struct gh_task *t, struct str *ret_paste)
{
    struct err err = {0};
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
        t->action = &gh_wait;
        return;
    case GH_STEP_WAIT_ALL:
        t->action = &gh_wait_all;
        return;
    case GH_STEP_CANCEL:
        t->action = &gh_cancel;
        return;
    case GH_STEP_PARALLEL: /* opened by gh_parallel_open */
        return;
    }
}

/* Steps that steer others have no condition: they are there whatever came before them. */
static bool steers(const struct gh_step *def)
{
    return def->kind != GH_STEP_RUN && def->kind != GH_STEP_USES;
}

int gh_task_holds(struct gh_task *t, bool *ret, struct err *e)
{
    struct gh_eye eye = {t->run, t};
    struct gh_scope scope = gh_eye_scope(&eye);
    if ((t->main != NULL || t->early) && t->hook_if == NULL) {
        *ret = t->early || t->post_always || gh_status(t->run) == RESULT_SUCCESS;
        return 0;
    }
    if (steers(t->def)) {
        *ret = t->action != &gh_setup || !t->run->cancelled; /* what is being fetched is for nobody any more */
        return 0;
    }
    return gh_if_true(t->run->arena, t->hook_if != NULL ? t->hook_if : &t->def->cond, &scope, ret, e);
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

void gh_say_inputs(struct gh_task *t)
{
    struct map inputs, env;
    gh_group(t, t->name);
    gh_env_shown(t, &env);
    map_init(&inputs, t->run->arena, MAP_NOCASE);
    for (size_t i = 0; i < t->with->object.n; i++)
        map_set_str(&inputs, t->with->object.entries[i].key,
                    gh_to_string(t->run->arena, t->with->object.entries[i].value));
    gh_say_map(t, "with", &inputs);
    gh_say_map(t, "env", &env);
    gh_group_end(t);
}

/* What shows it: a step of the job has a number of its own, a step of a composite action that of the action. */
static unsigned number_of(struct gh_task *t)
{
    const struct gh_frame *home = gh_task_home(t);
    return home->owner != NULL ? home->owner->number : ++t->run->number;
}

void gh_task_open(struct gh_task *t, struct str paste)
{
    struct gh_run *r = t->run;
    struct gh_frame *home = gh_task_home(t);
    vec_push_in(r->arena, &home->tasks, t);
    if (!t->background)
        home->front = t;
    if (t->number == 0)
        t->number = number_of(t);
    if (home->owner == NULL)
        say_started(t, paste);
    if (t->result != RESULT_NONE)
        gh_task_close(t);
    else if (t->action == &gh_script)
        gh_script_say(t);
    else if (!steers(t->def) && t->action != &gh_real) /* which knows them once it has its manifest */
        gh_say_inputs(t);
}

/* What ran before the main steps for the same step: its state goes on. */
static void find_before(struct gh_task *t)
{
    for (struct gh_early *e = t->frame->early; e != NULL; e = e->next) {
        if (e->task->def != t->def)
            continue;
        t->before = e->task;
        for (size_t i = 0; i < e->task->state.n; i++)
            map_set(&t->state, e->task->state.entries[i].key, e->task->state.entries[i].value);
        return;
    }
}

struct gh_task *gh_step_open(struct gh_run *r, struct gh_frame *f, const struct gh_step *def, bool background)
{
    struct gh_task *t = gh_task_new(r, f, def);
    struct gh_eye eye = {r, t};
    struct err err = {0};
    struct str paste = STR_NONE;
    t->number = number_of(t);
    if (background)
        gh_background_begin(t);
    find_before(t);
    if (gh_pairs_into(&eye, &def->env, &t->env, &err) < 0)
        gh_fail(t, "env: %s", err.text);
    if (t->result == RESULT_NONE)
        ask_condition(t);
    if (t->result == RESULT_NONE)
        time_task(t);
    if (t->result == RESULT_NONE)
        prepare(t, &paste);
    name_task(t);
    gh_task_open(t, paste);
    return t;
}

/* ---- post tasks ---- */

void gh_post_adopt(struct gh_task *post, struct gh_task *main)
{
    post->main = main;
    post->env = main->env; /* as it was at main time */
    post->with = main->with;
}

struct gh_task *gh_post_push(struct gh_task *t, const struct gh_action *action)
{
    struct gh_run *r = t->run;
    struct gh_task *post = gh_task_new(r, t->frame, t->def);
    post->action = action;
    post->world = &r->world;
    gh_post_adopt(post, t);
    vec_push_in(r->arena, &r->posts, post);
    return post;
}

void gh_post_open(struct gh_run *r, struct gh_task *post)
{
    post->number = number_of(post);
    struct str name = post->main->name;
    if (post->main->early) /* its main task was skipped */
        name = str_from_index(name, sizeof PRE_NAME - 1);
    post->name = arena_printf(r->arena, "Post %.*s", STR_ARG(name));
    post->state = post->main->state;
    ask_condition(post);
    gh_task_open(post, STR_NONE);
}

/* ---- pre tasks ---- */

void gh_task_evaluate(struct gh_task *t)
{
    struct gh_eye eye = {t->run, t};
    struct err err = {0};
    if (gh_pairs_into(&eye, &t->def->env, &t->env, &err) < 0)
        gh_fail(t, "env: %s", err.text);
    if (t->result == RESULT_NONE)
        read_inputs(t);
    if (t->result == RESULT_NONE)
        gh_real_inputs(t);
}

void gh_pre_open(struct gh_run *r, struct gh_task *pre)
{
    pre->number = number_of(pre);
    gh_task_evaluate(pre);
    if (pre->result == RESULT_NONE)
        ask_condition(pre);
    name_task(pre);
    pre->name = arena_printf(r->arena, PRE_NAME "%.*s", STR_ARG(pre->name));
    gh_task_open(pre, STR_NONE);
}

/* ---- closing ---- */

enum result gh_worse(enum result a, enum result b)
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
    if (t->result != RESULT_FAILURE || t->main != NULL || t->early)
        return t->result;
    if (gh_text_bool(t->run->arena, &t->def->continue_on_error, &scope, false, &forgiven, &err) < 0) {
        gh_complain(t, LEVEL_ERROR, "continue-on-error: %s", err.text);
        return t->result;
    }
    return forgiven ? RESULT_SUCCESS : t->result;
}

void gh_task_publish(struct gh_task *t)
{
    struct gh_run *r = t->run;
    if (t->main != NULL || t->early || t->def->id.n == 0)
        return;
    struct value *v = value_object(r->arena, MAP_NOCASE);
    value_set(v, STR("outputs"), t->outputs);
    value_set_str(r->arena, v, "outcome", str_from(result_name(t->result)));
    value_set_str(r->arena, v, "conclusion", str_from(result_name(t->conclusion)));
    value_set(t->frame->context, t->def->id, v);
}

static void say_finished(struct gh_task *t)
{
    struct event ev = {.kind = EVENT_STEP_FINISHED,
                       .step = t->number,
                       .id = t->def->id,
                       .name = t->name,
                       .file = t->file,
                       .line = t->line,
                       .result = t->result,
                       .conclusion = t->conclusion,
                       .status = t->status,
                       .elapsed_ns = t->elapsed_ns,
                       .text = t->error};
    t->run->host->emit(t->run->host->ctx, &ev);
}

/* What it means for the steps behind it. A background step counts where it is waited for. */
static void count(struct gh_task *t, struct gh_frame *home)
{
    bool steered = steers(t->def) && t->conclusion != RESULT_FAILURE;
    if (!t->background && !steered)
        home->worst = gh_worse(home->worst, t->conclusion);
    if (!t->background)
        gh_task_publish(t);
}

static void leave(struct gh_task *t, struct gh_frame *home)
{
    for (size_t i = 0; i < home->tasks.n; i++) {
        if (home->tasks.p[i] == t) {
            vec_remove(&home->tasks, i);
            break;
        }
    }
    if (home->front == t)
        home->front = NULL;
}

void gh_task_close(struct gh_task *t)
{
    struct gh_frame *home = gh_task_home(t);
    if (t->result == RESULT_NONE)
        t->result = RESULT_SUCCESS;
    t->conclusion = conclude(t);
    leave(t, home);
    count(t, home);
    if (home->owner == NULL)
        say_finished(t);
    else
        gh_composite_closed(home->owner, t);
    t->run->entered = NULL; /* github.action_status */
    gh_matchers_forget(t->run->matchers, t->number);
    buf_done(&t->capture);
    buf_done(&t->talk.later);
    arena_free(TAKE(t->arena));
    t->values = NULL;
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
