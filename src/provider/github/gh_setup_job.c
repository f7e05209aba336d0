/*
 * gh_setup_job.c - "Set up job" (specification 7.1): gets the actions that the job names and that are no native ones,
 * those of composite actions too, and finds the files that want to run before the main steps. A job that names none has
 * no such step.
 */
#include "core/base.h"
#include "provider/github/gh_run_priv.h"

#include "core/vec.h"

/* ---- how deep they go ---- */

#define HEIGHT_ENDLESS 1000 /* while it is being counted: an action that leads back to itself */

static unsigned height(struct gh_run *r, struct gh_got *g)
{
    unsigned below = 0;
    if (g->height > 0)
        return g->height;
    g->height = HEIGHT_ENDLESS;
    g->has_pre = g->manifest != NULL && g->manifest->using == GH_USING_NODE && g->manifest->pre.n > 0;
    for (size_t i = 0; g->manifest != NULL && i < g->manifest->n_steps; i++) {
        struct gh_got *inner = gh_got_of(r, &g->manifest->steps[i]);
        unsigned one = inner != NULL ? height(r, inner) : 0;
        g->has_pre = g->has_pre || (inner != NULL && inner->has_pre);
        if (one > below)
            below = one;
    }
    g->height = below < HEIGHT_ENDLESS ? below + 1 : HEIGHT_ENDLESS;
    return g->height;
}

/* ---- pre tasks ---- */

static struct gh_task *early_task(struct gh_run *r, struct gh_frame *f, const struct gh_step *def, struct gh_got *g)
{
    struct gh_task *t = gh_task_new(r, f, def);
    t->early = true;
    t->got = g;
    struct gh_early *e = ARENA_NEW(r->arena, struct gh_early);
    *e = (struct gh_early){.task = t, .next = f->early};
    f->early = e;
    return t;
}

static void find_early(struct gh_run *r, struct gh_frame *f, const struct gh_step *steps, size_t n);

static void find_early_of(struct gh_run *r, struct gh_frame *f, const struct gh_step *def)
{
    struct gh_got *g = gh_got_of(r, def);
    if (g == NULL || !g->has_pre)
        return;
    const struct gh_manifest *m = g->manifest;
    struct gh_task *t = early_task(r, f, def, g);
    if (m->using == GH_USING_NODE) {
        t->action = &gh_javascript;
        t->hook_if = m->pre_if.set ? &m->pre_if : NULL;
        vec_push_in(r->arena, &r->pres, t);
    } else {
        gh_task_evaluate(t);
        gh_composite_frame(r, t);
        find_early(r, t->inner, m->steps, m->n_steps);
    }
}

static void find_early(struct gh_run *r, struct gh_frame *f, const struct gh_step *steps, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        find_early(r, f, steps[i].children, steps[i].n_children);
        find_early_of(r, f, &steps[i]);
    }
}

/* ---- the task ---- */

static void judge(struct gh_run *r, struct gh_task *t)
{
    for (size_t i = 0; i < r->gots.n; i++) {
        const struct gh_got *g = r->gots.p[i];
        if (g->error.n == 0 || (g->missing && r->facts->skip_unknown))
            continue;
        if (t->result != RESULT_NONE) /* the first is the step's own */
            gh_complain(t, LEVEL_ERROR, "%.*s", STR_ARG(g->error));
        gh_fail(t, "%.*s", STR_ARG(g->error));
    }
    for (size_t i = 0; i < r->gots.n; i++) {
        if (height(r, r->gots.p[i]) > GH_DEPTH_MAX + 1)
            gh_fail(t, "Composite action depth exceeded max depth %d", GH_DEPTH_MAX);
    }
}

static enum drive setup_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    if (gh_errand_next(r, t, op, t->impl) == DRIVE_OP)
        return DRIVE_OP;
    judge(r, t);
    if (t->result == RESULT_NONE)
        find_early(r, &r->job, r->job.steps, r->job.n_steps);
    else
        r->job.next = r->job.n_steps;
    return DRIVE_DONE;
}

static void setup_exited(struct gh_run *r, struct gh_task *t, const struct op_end *end)
{
    if (!gh_errand_exited(r, t, end, t->impl))
        r->job.next = r->job.n_steps;
}

const struct gh_action gh_setup = {.name = "setup", .next = setup_next, .exited = setup_exited};

void gh_setup_open(struct gh_run *r)
{
    struct gh_errand *errand = ARENA_NEW(r->arena, struct gh_errand);
    gh_errand_steps(r, errand, r->job.steps, r->job.n_steps);
    if (errand->n == 0)
        return;
    struct gh_step *def = ARENA_NEW(r->arena, struct gh_step);
    *def = (struct gh_step){.kind = GH_STEP_WAIT_ALL, .span = r->def->span};
    struct gh_task *t = gh_task_new(r, &r->job, def);
    t->action = &gh_setup;
    t->impl = errand;
    t->name = STR("Set up job");
    gh_task_open(t, STR_NONE);
}
