/*
 * gh_frame.c - steps in order, and several tasks at once (specification 16.11).
 *
 * A run is a tree: the job's frame holds tasks, a task of a composite action holds a frame of its own, and so on. What
 * is next is asked from the root down: every task under way may start an op, unless one of its own is under way; when
 * the front task is over, the frame opens its next step. Few tasks are under way at once, so lists are walked through.
 */
#include "core/base.h"
#include "provider/github/gh_run_priv.h"

#include "core/vec.h"

/* ---- worlds ---- */

void gh_world_init(struct gh_run *r, struct gh_world *w)
{
    *w = (struct gh_world){.values = value_object(r->arena, MAP_CASE), .version = 1};
    map_init(&w->env, r->arena, MAP_CASE);
}

void gh_world_set(struct gh_run *r, struct gh_world *w, struct str name, struct str value)
{
    map_set_str(&w->env, name, value);
    value_set(w->values, name, value_string(r->arena, value));
    w->version++;
}

/* ---- frames ---- */

void gh_frame_init(struct gh_run *r, struct gh_frame *f, struct gh_task *owner)
{
    *f = (struct gh_frame){.owner = owner,
                           .world = owner != NULL ? owner->world : &r->world,
                           .context = value_object(r->arena, MAP_NOCASE),
                           .depth = owner != NULL ? owner->frame->depth + 1 : 0};
    map_init(&f->env, r->arena, MAP_CASE);
}

struct gh_frame *gh_task_home(struct gh_task *t)
{
    return t->main != NULL || t->early ? &t->run->job : t->frame;
}

struct gh_task *gh_task_find(struct gh_frame *f, unsigned token)
{
    if (token == 0)
        return NULL;
    for (size_t i = 0; i < f->tasks.n; i++) {
        struct gh_task *t = f->tasks.p[i];
        if (t->token == token)
            return t;
        struct gh_task *below = t->inner != NULL ? gh_task_find(t->inner, token) : NULL;
        if (below != NULL)
            return below;
    }
    return NULL;
}

/* Opens the next step; false when there is none left. It may be over at once: then the front is still free. */
static bool open_next(struct gh_run *r, struct gh_frame *f)
{
    if (f->owner == NULL && !r->set_up) {
        r->set_up = true;
        gh_setup_open(r);
        return true;
    }
    if (f->owner == NULL && !r->started && gh_status(r) == RESULT_SUCCESS) {
        r->started = true;
        gh_hook_open(r, GH_HOOK_STARTED);
        return true;
    }
    if (f->owner == NULL && r->next_pre < r->pres.n) {
        gh_pre_open(r, r->pres.p[r->next_pre++]);
        return true;
    }
    if (f->next < f->n_steps) {
        const struct gh_step *def = &f->steps[f->next++];
        if (def->kind == GH_STEP_PARALLEL)
            gh_parallel_open(r, f, def);
        else
            gh_step_open(r, f, def, def->background);
        return true;
    }
    if (f->owner != NULL)
        return false;
    if (!r->waited) {
        r->waited = true;
        gh_background_end(r);
        return true;
    }
    if (r->posts.n > 0) {
        gh_post_open(r, r->posts.p[--r->posts.n]);
        return true;
    }
    if (r->started && !r->completed) {
        r->completed = true;
        gh_hook_open(r, GH_HOOK_COMPLETED);
        return true;
    }
    return false;
}

/*
 * What failed is over, but for the problem matchers that it named: they tell why it failed. What is to stop is over,
 * unless steps of its own are still on their way.
 */
static bool goes_on(struct gh_task *t)
{
    if (t->stopped && t->inner == NULL && t->result == RESULT_NONE) {
        t->result = RESULT_CANCELLED;
        t->error = STR("The operation was canceled.");
    }
    if (t->result == RESULT_FAILURE)
        return t->talk.matchers.n > 0 && !t->stopped;
    return t->result == RESULT_NONE;
}

static enum drive task_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    if (t->token != 0)
        return DRIVE_WAIT;
    if (goes_on(t)) {
        if (t->background && !gh_background_may(t))
            return DRIVE_WAIT;
        enum drive drive = t->action->next(r, t, op);
        if (drive != DRIVE_DONE)
            return drive;
    }
    gh_task_close(t);
    return DRIVE_DONE;
}

/* DRIVE_DONE: one of the tasks was closed, which may be what another waited for. */
static enum drive tasks_next(struct gh_run *r, struct gh_frame *f, struct op *op)
{
    for (size_t i = 0; i < f->tasks.n; i++) {
        enum drive drive = task_next(r, f->tasks.p[i], op);
        if (drive != DRIVE_WAIT)
            return drive;
    }
    return DRIVE_WAIT;
}

enum drive gh_frame_next(struct gh_run *r, struct gh_frame *f, struct op *op)
{
    for (;;) {
        enum drive drive = tasks_next(r, f, op);
        if (drive == DRIVE_OP)
            return DRIVE_OP;
        if (drive == DRIVE_DONE || (f->front == NULL && open_next(r, f)))
            continue;
        return f->tasks.n > 0 ? DRIVE_WAIT : DRIVE_DONE;
    }
}

/* ---- the end of what is under way ---- */

static void frame_stop(struct gh_frame *f)
{
    f->next = f->n_steps;
    for (size_t i = 0; i < f->tasks.n; i++)
        gh_task_stop(f->tasks.p[i]);
}

void gh_task_stop(struct gh_task *t)
{
    t->stopped = true;
    if (t->inner != NULL)
        frame_stop(t->inner);
}

void gh_frame_cancelled(struct gh_frame *f)
{
    for (size_t i = 0; i < f->tasks.n; i++) {
        struct gh_task *t = f->tasks.p[i];
        bool holds = false;
        if (t->background || gh_task_holds(t, &holds, NULL) < 0 || !holds)
            gh_task_stop(t);
        else if (t->inner != NULL)
            gh_frame_cancelled(t->inner);
    }
}

void gh_frame_abandon(struct gh_frame *f)
{
    f->next = f->n_steps;
    while (f->tasks.n > 0) {
        struct gh_task *t = f->tasks.p[f->tasks.n - 1];
        if (t->inner != NULL)
            gh_frame_abandon(t->inner);
        if (t->result == RESULT_NONE)
            t->result = RESULT_CANCELLED;
        gh_task_close(t);
    }
}

void gh_frame_done(struct gh_frame *f)
{
    for (size_t i = 0; i < f->tasks.n; i++) {
        struct gh_task *t = f->tasks.p[i];
        buf_done(&t->capture);
        buf_done(&t->talk.later);
        if (t->inner != NULL)
            gh_frame_done(t->inner);
    }
}
