/*
 * provider/github/gh_driver.c - plan/driver.h for GitHub: a leg's main steps in order, then its post tasks, the last
 * registered first (specification 7.1, 16.11). What is next is the job's frame's business (gh_frame.c).
 */
#include "core/base.h"
#include "provider/github/gh_run_priv.h"
#include "provider/process.h"

#include "core/buf.h"
#include "core/path.h"
#include "core/vec.h"

/* ---- begin ---- */

static struct str under(struct gh_run *r, const char *path)
{
    return arena_printf(r->arena, "%.*s%s", STR_ARG(r->prefix), path);
}

/* The folders of a hosted runner, at their usual places. */
static void place_rooms(struct gh_run *r, struct leg_room *room)
{
    struct str name = r->facts->repo.name.n > 0 ? r->facts->repo.name : STR("repo");
    struct str work = under(r, "/home/runner/work");
    r->work = work;
    r->home = under(r, "/home/runner");
    r->temp = arena_printf(r->arena, "%.*s/_temp", STR_ARG(work));
    r->workspace = arena_printf(r->arena, "%.*s/%.*s/%.*s", STR_ARG(work), STR_ARG(name), STR_ARG(name));
    r->tools = under(r, "/opt/hostedtoolcache");
    r->file_commands = path_join(r->arena, r->temp, STR("_runner_file_commands"));
    struct str event_dir = path_join(r->arena, r->temp, STR("_github_workflow"));
    r->event_path = path_join(r->arena, event_dir, STR("event.json"));
    room->home = r->home;
    room->workspace = r->workspace;
    room->temp = r->temp;
    vec_push_in(r->arena, &room->dirs, r->tools);
    vec_push_in(r->arena, &room->dirs, r->file_commands);
    vec_push_in(r->arena, &room->dirs, event_dir);
}

static bool says_true(const struct map *m, const char *name)
{
    return str_is_nocase(map_get_str(m, str_from(name)), "true");
}

/* As git sends a token over https. */
static void mask_token(struct gh_run *r)
{
    CLEAN(buf) struct buf pair = BUF(BUF_LINE), coded = BUF(BUF_LINE * 2);
    struct str token = map_get_str(&r->facts->secrets, STR("GITHUB_TOKEN"));
    if (token.n > 0 && buf_printf(&pair, "x-access-token:%.*s", STR_ARG(token)) >= 0 &&
        buf_add_base64(&coded, buf_str(&pair)) == 0)
        gh_mask(r, buf_str(&coded));
}

static void mask_secrets(struct gh_run *r)
{
    mask_token(r);
    const struct map *secrets = &r->facts->secrets;
    for (size_t i = 0; i < secrets->n; i++) {
        const struct str *value = secrets->entries[i].value;
        gh_mask(r, *value);
    }
    for (size_t i = 0; i < r->secrets->object.n; i++) { /* a call may have made others of them */
        const struct value *value = r->secrets->object.entries[i].value;
        gh_mask(r, value->string);
    }
}

/* Workflow, then job, then --env; what a later one says wins. */
static int job_env(struct gh_run *r, struct err *e)
{
    struct gh_eye eye = {r, NULL};
    const struct map *given = &r->facts->env;
    struct map env;
    map_init(&env, r->arena, MAP_CASE);
    if (gh_pairs_into(&eye, &r->workflow->env, &env, e) < 0 || gh_pairs_into(&eye, &r->def->env, &env, e) < 0)
        return err_wrap(e, "env");
    for (size_t i = 0; i < given->n; i++)
        map_set(&env, given->entries[i].key, given->entries[i].value);
    for (size_t i = 0; i < env.n; i++)
        gh_world_set(r, &r->world, env.entries[i].key, map_get_str(&env, env.entries[i].key));
    return 0;
}

static int run_init(struct gh_run *r, struct leg_room *room, struct err *e)
{
    char uuid[37];
    r->facts = r->host->facts;
    r->planned = r->leg->impl;
    r->workflow = r->planned->workflow;
    r->def = r->planned->def;
    r->prefix = room->prefix;
    r->debug = r->facts->debug || says_true(&r->facts->secrets, "ACTIONS_STEP_DEBUG") ||
               says_true(&r->facts->vars, "ACTIONS_STEP_DEBUG");
    r->matchers = gh_matchers_new();
    gh_world_init(r, &r->world);
    r->host->uuid(r->host->ctx, uuid);
    r->tracking = arena_printf(r->arena, "github_%s", uuid);
    place_rooms(r, room);
    gh_frame_init(r, &r->job, NULL);
    gh_contexts_init(r);
    r->job.steps = r->def->steps;
    r->job.n_steps = r->def->n_steps;
    r->job.sources = r->workflow->sources;
    r->job.file = r->workflow->called;
    r->job.inputs = r->inputs;
    mask_secrets(r);
    return job_env(r, e);
}

static void driver_end(void *run)
{
    struct gh_run *r = run;
    if (r == NULL)
        return;
    gh_frame_done(&r->job);
    for (size_t i = 0; i < r->heaps.n; i++)
        arena_free(r->heaps.p[i]->arena);
    gh_matchers_free(r->matchers);
    sources_free(r->sources);
    arena_free(r->arena);
}

static void *driver_begin(struct leg *leg, const struct host *host, struct leg_room *room, struct err *e)
{
    struct arena *a = arena_new();
    struct gh_run *r = ARENA_NEW(a, struct gh_run);
    r->arena = a;
    r->leg = leg;
    r->host = host;
    if (run_init(r, room, e) < 0) {
        driver_end(r);
        return NULL;
    }
    return r;
}

/* ---- next ---- */

static void note_machine(struct gh_run *r)
{
    if (r->began)
        return;
    r->began = true;
    struct str name = process_machine(r->arena, r->facts);
    if (r->leg->label.n > 0 && r->planned->mapped)
        gh_note(r, 0, HOW_SUBSTITUTED, r->leg->label,
                arena_printf(r->arena, "this host, %.*s, as --platform says", STR_ARG(name)));
    else if (r->leg->label.n > 0)
        gh_note(r, 0, HOW_EMULATED, r->leg->label, arena_printf(r->arena, "this host, %.*s", STR_ARG(name)));
}

static enum drive driver_next(void *run, struct op *op)
{
    struct gh_run *r = run;
    note_machine(r);
    return gh_frame_next(r, &r->job, op);
}

/* ---- while ops are under way ---- */

static struct gh_task *task_of(struct gh_run *r, unsigned token)
{
    return gh_task_find(&r->job, token);
}

static enum line_verdict driver_line(void *run, unsigned token, enum event_stream stream, struct str text,
                                     struct buf *replacement)
{
    struct gh_task *t = task_of(run, token);
    return t != NULL ? gh_talk_line(t, stream, text, replacement) : LINE_SHOW;
}

static void driver_exited(void *run, const struct op_end *end)
{
    struct gh_run *r = run;
    struct gh_task *t = task_of(r, end->token);
    if (t == NULL)
        return;
    t->token = 0;
    for (struct gh_task *x = t; x != NULL; x = gh_task_home(x)->owner)
        x->elapsed_ns += end->elapsed_ns;
    t->action->exited(r, t, end);
}

static void driver_cancel(void *run, enum cancel_why why)
{
    struct gh_run *r = run;
    if (!r->cancelled)
        r->why = why;
    r->cancelled = true;
    gh_frame_cancelled(&r->job);
}

/* cancel has stopped what does not hold any more, and all below it. */
static bool driver_spares(void *run, unsigned token)
{
    const struct gh_task *t = task_of(run, token);
    return t != NULL && !t->stopped;
}

/* ---- finish ---- */

struct outputs {
    struct gh_run *run;
    struct map *into;
};

static int take_output(void *ctx, struct str key, struct str value, struct err *e)
{
    struct outputs *o = ctx;
    UNUSED(e);
    if (value.n == 0)
        return 0;
    if (gh_has_secret(o->run, value)) {
        struct event ev = {
            .kind = EVENT_ANNOTATION,
            .level = LEVEL_WARNING,
            .text = arena_printf(o->run->arena, "Skip output '%.*s' since it may contain secret.", STR_ARG(key))};
        o->run->host->emit(o->run->host->ctx, &ev);
        return 0;
    }
    map_set_str(o->into, key, value);
    return 0;
}

/* What of the job could not be evaluated; it fails. */
static void job_error(struct gh_run *r, const char *what, const struct err *e)
{
    struct event ev = {
        .kind = EVENT_ANNOTATION, .level = LEVEL_ERROR, .text = arena_printf(r->arena, "%s: %s", what, e->text)};
    r->host->emit(r->host->ctx, &ev);
    r->job.worst = RESULT_FAILURE;
}

static void job_outputs(struct gh_run *r, struct leg_outcome *ret)
{
    struct gh_eye eye = {r, NULL};
    struct gh_scope scope = gh_eye_scope(&eye);
    struct outputs o = {r, &ret->outputs};
    struct err err = {0};
    map_init(&ret->outputs, r->leg->job->plan->arena, MAP_NOCASE);
    if (gh_pairs_each(r->arena, &r->def->outputs, &scope, take_output, &o, &err) == 0)
        return;
    job_error(r, "outputs", &err);
}

/* Evaluated behind the last step, as outputs are; a wrong url fails the job. */
static void tell_environment(struct gh_run *r)
{
    struct gh_eye eye = {r, NULL};
    struct gh_scope scope = gh_eye_scope(&eye);
    struct str url = STR("");
    struct err err = {0};
    if (r->planned->environment.n == 0)
        return;
    if (gh_text_string(r->arena, &r->def->environment_url, &scope, &url, &err) != 0)
        job_error(r, "environment.url", &err);
    gh_note(r, 0, HOW_EMULATED, arena_printf(r->arena, "environment %.*s", STR_ARG(r->planned->environment)),
            arena_printf(r->arena, "nobody approves, and its secrets are those of -s%s%.*s", url.n ? "; " : "",
                         STR_ARG(url)));
}

static struct str why_cancelled(const struct gh_run *r, struct arena *a)
{
    switch (r->why) {
    case CANCEL_USER:
        break;
    case CANCEL_FAIL_FAST:
        return STR("another leg of its matrix failed (fail-fast)");
    case CANCEL_TIMEOUT:
        return arena_printf(a,
                            "The job running on runner slipway has exceeded the maximum execution time of %g minutes.",
                            (double)r->leg->timeout_ns / 60e9);
    case CANCEL_SUPERSEDED:
        return STR("a newer run of its concurrency group took its place");
    case CANCEL_QUEUE_FULL:
    case CANCEL_DEADLOCK:
        break; /* such a leg never began */
    }
    return STR("");
}

static void driver_finish(void *run, struct leg_outcome *ret)
{
    struct gh_run *r = run;
    *ret = (struct leg_outcome){0};
    gh_frame_abandon(&r->job); /* the engine gave up on what was under way */
    job_outputs(r, ret);
    tell_environment(r);
    if (r->token_missed)
        gh_note(r, 0, HOW_SUBSTITUTED, STR("GITHUB_TOKEN"), STR("empty; -s GITHUB_TOKEN passes yours to the jobs"));
    ret->result = r->job.worst == RESULT_FAILURE ? RESULT_FAILURE : RESULT_SUCCESS;
    if (r->cancelled) {
        ret->why = why_cancelled(r, r->leg->job->plan->arena);
        if (r->why == CANCEL_TIMEOUT)
            ret->result = RESULT_FAILURE;
        else if (ret->result == RESULT_SUCCESS)
            ret->result = RESULT_CANCELLED;
    } else if (r->job.worst == RESULT_CANCELLED) {
        ret->result = RESULT_CANCELLED;
    }
    ret->conclusion = ret->result;
    if (ret->result == RESULT_FAILURE && r->planned->continue_on_error)
        ret->conclusion = RESULT_SUCCESS;
}

const struct driver gh_driver = {
    .service = "github",
    .gate = gh_gate,
    .begin = driver_begin,
    .next = driver_next,
    .line = driver_line,
    .exited = driver_exited,
    .cancel = driver_cancel,
    .spares = driver_spares,
    .finish = driver_finish,
    .end = driver_end,
    .gather = gh_call_gather,
    .settle = gh_settle,
};
