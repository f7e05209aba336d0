#include "core/base.h"
#include "plan/plan.h"

struct plan *plan_new(struct str service, struct str file, const struct driver *driver)
{
    struct arena *a = arena_new();
    struct plan *p = ARENA_NEW(a, struct plan);
    p->arena = a;
    p->service = arena_str(a, service);
    p->file = arena_str(a, file);
    p->driver = driver;
    return p;
}

void plan_free(struct plan *p)
{
    if (p)
        arena_free(p->arena);
}

struct job *plan_add_job(struct plan *p, struct str id, struct str name, struct span span)
{
    struct job *j = ARENA_NEW(p->arena, struct job);
    j->plan = p;
    j->id = j->own_id = arena_str(p->arena, id);
    j->name = arena_str(p->arena, name);
    j->span = span;
    j->wanted = true;
    j->index = (unsigned)p->n_jobs;
    map_init(&j->outputs, p->arena, MAP_NOCASE);
    if (p->n_jobs == p->cap_jobs)
        p->jobs = vec_grow_(p->arena, p->jobs, p->n_jobs, &p->cap_jobs, sizeof(struct job *));
    p->jobs[p->n_jobs++] = j;
    return j;
}

/* Legs come in one go and are few: the array grows to the next power of two, which its length tells. */
static void make_room(struct job *j)
{
    if (j->n_legs & (j->n_legs - 1))
        return;
    size_t cap = j->n_legs ? j->n_legs * 2 : 1;
    struct leg **legs = arena_array(j->plan->arena, cap, sizeof(struct leg *));
    if (j->n_legs)
        memcpy(legs, j->legs, j->n_legs * sizeof(struct leg *));
    j->legs = legs;
}

struct leg *plan_add_leg(struct job *j, struct str id, struct str name)
{
    struct arena *a = j->plan->arena;
    struct leg *leg = ARENA_NEW(a, struct leg);
    leg->job = j;
    leg->id = arena_str(a, id);
    leg->name = arena_str(a, name);
    map_init(&leg->matrix, a, MAP_NOCASE);
    make_room(j);
    j->legs[j->n_legs++] = leg;
    for (size_t i = 0; i < j->n_legs; i++) {
        j->legs[i]->index = (unsigned)i;
        j->legs[i]->total = (unsigned)j->n_legs;
    }
    return leg;
}

struct job *plan_add_called(struct leg *caller, struct str id, struct str name, struct span span)
{
    struct plan *p = caller->job->plan;
    struct str full = arena_printf(p->arena, "%.*s/%.*s", STR_ARG(caller->id), STR_ARG(id));
    struct str shown = arena_printf(p->arena, "%.*s / %.*s", STR_ARG(caller->name), STR_ARG(name));
    struct job *j = plan_add_job(p, full, shown, span);
    j->own_id = arena_str(p->arena, id);
    j->caller = caller;
    j->wanted = caller->job->wanted;
    j->keep_going = caller->job->keep_going;
    return j;
}

void plan_cut(struct plan *p, size_t n)
{
    if (n < p->n_jobs)
        p->n_jobs = n;
    for (size_t i = 0; i < p->n_jobs; i++) {
        p->jobs[i]->legs = NULL;
        p->jobs[i]->n_legs = 0;
    }
}

bool job_cancelled(const struct job *j)
{
    for (const struct leg *c = j->caller; c != NULL; c = c->job->caller)
        if (c->cancelled)
            return true;
    return j->plan->cancelled;
}

struct job *plan_find_job(const struct plan *p, struct str id)
{
    for (size_t i = 0; i < p->n_jobs; i++)
        if (str_eq_nocase(p->jobs[i]->id, id))
            return p->jobs[i];
    return NULL;
}
