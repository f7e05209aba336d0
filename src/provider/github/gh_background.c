/*
 * gh_background.c - steps in the background, and those that wait for them, end them, or start several together
 * (specification 7.9). What a background step does to outputs, variables and PATH shows where it is waited for: there
 * its changes are made again, in their order, in the job's world. Its failure fails the step that waits for it, and at
 * the end of the main steps the job, whatever that step forgave.
 */
#include "core/base.h"
#include "provider/github/gh_run_priv.h"

#include "core/buf.h"
#include "core/vec.h"

#define AT_ONCE 10 /* in the background; more of them queue ("background steps", limits) */

/* ---- in the background ---- */

void gh_background_begin(struct gh_task *t)
{
    struct gh_run *r = t->run;
    const struct gh_world *from = t->frame->world;
    struct gh_world *w = ARENA_NEW(r->arena, struct gh_world);
    gh_world_init(r, w);
    for (size_t i = 0; i < from->env.n; i++)
        gh_world_set(r, w, from->env.entries[i].key, map_get_str(&from->env, from->env.entries[i].key));
    for (size_t i = 0; i < from->path.n; i++)
        vec_push_in(r->arena, &w->path, from->path.p[i]);
    w->notes = true;
    t->background = true;
    t->world = w;
    vec_push_in(r->arena, &r->background, t);
}

bool gh_background_may(const struct gh_task *t)
{
    const struct gh_tasks *all = &t->run->background;
    size_t before = 0;
    for (size_t i = 0; i < all->n && all->p[i] != t; i++) {
        if (all->p[i]->conclusion == RESULT_NONE)
            before++;
    }
    return before < AT_ONCE;
}

/* Makes its changes in the world of its frame, once. */
static void cover(struct gh_task *t)
{
    struct gh_world *job = t->frame->world;
    if (t->covered)
        return;
    t->covered = true;
    for (size_t i = 0; i < t->world->changes.n; i++) {
        const struct gh_change *c = &t->world->changes.p[i];
        if (c->is_path)
            gh_path_add(t->run, job, c->value);
        else
            gh_world_set(t->run, job, c->name, c->value);
    }
    gh_task_publish(t);
}

/* ---- wait, cancel ---- */

struct targets {
    struct gh_tasks tasks;
};

static struct gh_task *find(const struct gh_run *r, struct str id)
{
    for (size_t i = r->background.n; i-- > 0;) {
        if (str_eq_nocase(r->background.p[i]->def->id, id))
            return r->background.p[i];
    }
    return NULL;
}

/* Those that the step names. A step that was never opened (its frame was stopped) has nothing to wait for. */
static struct targets *named(struct gh_task *t)
{
    struct targets *ret = ARENA_NEW(t->run->arena, struct targets);
    for (size_t i = 0; i < t->def->targets.n; i++) {
        struct gh_task *one = find(t->run, t->def->targets.p[i]);
        if (one != NULL)
            vec_push_in(t->run->arena, &ret->tasks, one);
    }
    return ret;
}

static struct targets *uncovered(struct gh_run *r)
{
    struct targets *ret = ARENA_NEW(r->arena, struct targets);
    for (size_t i = 0; i < r->background.n; i++) {
        if (!r->background.p[i]->covered)
            vec_push_in(r->arena, &ret->tasks, r->background.p[i]);
    }
    return ret;
}

static void say_names(struct gh_task *t, const char *what, const struct targets *to)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    for (size_t i = 0; i < to->tasks.n; i++)
        buf_printf(&b, "%s%.*s", i > 0 ? ", " : "", STR_ARG(to->tasks.p[i]->name));
    gh_say(t, "%s: %s", what, to->tasks.n > 0 ? buf_cstr(&b) : "(none)");
}

static void say_results(struct gh_task *t, const char *what, const struct targets *to)
{
    gh_say(t, "%s", what);
    for (size_t i = 0; i < to->tasks.n; i++) {
        const struct gh_task *one = to->tasks.p[i];
        gh_say(t, "  %.*s: %s", STR_ARG(one->name), result_name(one->conclusion));
    }
}

static bool all_over(const struct targets *to)
{
    for (size_t i = 0; i < to->tasks.n; i++) {
        if (to->tasks.p[i]->conclusion == RESULT_NONE)
            return false;
    }
    return true;
}

/* The worst of them is the result of the step that waited. */
static void judge(struct gh_task *t, const struct targets *to)
{
    enum result worst = RESULT_SUCCESS;
    for (size_t i = 0; i < to->tasks.n; i++) {
        struct gh_task *one = to->tasks.p[i];
        cover(one);
        worst = gh_worse(worst, one->conclusion);
        if (one->conclusion == RESULT_FAILURE && t->error.n == 0)
            t->error = arena_printf(t->run->arena, "'%.*s' failed: %.*s", STR_ARG(one->name), STR_ARG(one->error));
    }
    t->result = worst;
}

static enum drive wait_for(struct gh_task *t, const char *before, const char *after)
{
    struct targets *to = t->impl;
    if (t->phase == 0)
        say_names(t, before, to);
    t->phase = 1;
    if (!all_over(to))
        return DRIVE_WAIT;
    say_results(t, after, to);
    judge(t, to);
    return DRIVE_DONE;
}

static enum drive wait_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    UNUSED(r);
    UNUSED(op);
    if (t->impl == NULL)
        t->impl = named(t);
    return wait_for(t, "Waiting for background step(s) to complete", "Finished waiting for background step(s).");
}

static enum drive wait_all_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    UNUSED(op);
    if (t->impl == NULL)
        t->impl = uncovered(r);
    const struct targets *to = t->impl;
    if (to->tasks.n > 0)
        return wait_for(t, "Waiting for all background step(s) to complete",
                        "Finished waiting for all background step(s).");
    gh_say(t, "No background steps remaining to wait for.");
    return DRIVE_DONE;
}

/* An op of the task, or below it, that nobody has asked to stop; NULL: none. */
static struct gh_task *still_runs(struct gh_task *t)
{
    if (t->token != 0 && t->stopping != t->token)
        return t;
    for (size_t i = 0; t->inner != NULL && i < t->inner->tasks.n; i++) {
        struct gh_task *below = still_runs(t->inner->tasks.p[i]);
        if (below != NULL)
            return below;
    }
    return NULL;
}

static void begin_cancel(struct gh_task *t)
{
    struct targets *to = named(t);
    t->impl = to;
    say_names(t, "Cancelling background step(s)", to);
    for (size_t i = 0; i < to->tasks.n; i++) {
        if (to->tasks.p[i]->conclusion != RESULT_NONE)
            continue;
        to->tasks.p[i]->cancelled = true;
        gh_task_stop(to->tasks.p[i]);
    }
}

static enum drive cancel_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    if (t->impl == NULL)
        begin_cancel(t);
    struct targets *to = t->impl;
    for (size_t i = 0; i < to->tasks.n; i++) {
        struct gh_task *runs = still_runs(to->tasks.p[i]);
        if (runs == NULL)
            continue;
        runs->stopping = runs->token;
        gh_op_other(r, t, op, OP_STOP);
        op->target = runs->token;
        return DRIVE_OP;
    }
    if (!all_over(to))
        return DRIVE_WAIT;
    say_results(t, "Finished cancelling background step(s).", to);
    for (size_t i = 0; i < to->tasks.n; i++)
        cover(to->tasks.p[i]);
    return DRIVE_DONE;
}

static void control_exited(struct gh_run *r, struct gh_task *t, const struct op_end *end)
{
    UNUSED(r);
    gh_ended(t, end);
    t->status = -1;
}

const struct gh_action gh_wait = {.name = "wait", .next = wait_next, .exited = control_exited};
const struct gh_action gh_wait_all = {.name = "wait-all", .next = wait_all_next, .exited = control_exited};
const struct gh_action gh_cancel = {.name = "cancel", .next = cancel_next, .exited = control_exited};

/* ---- parallel ---- */

void gh_parallel_open(struct gh_run *r, struct gh_frame *f, const struct gh_step *def)
{
    struct targets *group = ARENA_NEW(r->arena, struct targets);
    for (size_t i = 0; i < def->n_children; i++) {
        struct gh_task *one = gh_step_open(r, f, &def->children[i], true);
        vec_push_in(r->arena, &group->tasks, one);
    }
    struct gh_task *t = gh_task_new(r, f, def);
    t->action = &gh_wait;
    t->impl = group;
    t->name = STR("Parallel group");
    gh_task_open(t, STR_NONE);
}

/* ---- the end of the main steps ---- */

static void add_up(struct gh_run *r)
{
    for (size_t i = 0; i < r->background.n; i++) {
        const struct gh_task *t = r->background.p[i];
        bool wanted = t->cancelled && t->conclusion == RESULT_CANCELLED;
        if (!wanted)
            r->job.worst = gh_worse(r->job.worst, t->conclusion);
    }
}

static enum drive end_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    enum drive drive = wait_all_next(r, t, op);
    if (drive == DRIVE_DONE)
        add_up(r);
    return drive;
}

static const struct gh_action wait_for_rest = {.name = "wait-all", .next = end_next, .exited = control_exited};

void gh_background_end(struct gh_run *r)
{
    struct targets *rest = uncovered(r);
    if (rest->tasks.n == 0) {
        add_up(r);
        return;
    }
    struct gh_step *def = ARENA_NEW(r->arena, struct gh_step);
    *def = (struct gh_step){.kind = GH_STEP_WAIT_ALL, .span = r->def->span, .context_name = STR("__wait-all")};
    struct gh_task *t = gh_task_new(r, &r->job, def);
    t->action = &wait_for_rest;
    t->impl = rest;
    t->name = gh_step_title(r->arena, def, STR_NONE);
    gh_task_open(t, STR_NONE);
}
