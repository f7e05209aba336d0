/*
 * engine/sched.c - the order of things, as a pure state machine.
 *
 * A job goes WAITING -> GATING -> RUNNING -> SETTLING -> OVER, a leg QUEUED -> RUNNING -> OVER. Concurrency groups have
 * one holder and one that waits; a newcomer turns out the one that waits (GitHub: at most one pending run in a group).
 * A whole pipeline and a single leg enter groups by the same code, as members.
 */
#include "engine/sched.h"

#include "core/vec.h"

enum job_phase { JOB_WAITING, JOB_GATING, JOB_RUNNING, JOB_SETTLING, JOB_OVER };
enum leg_phase { LEG_QUEUED, LEG_OFFERED, LEG_RUNNING, LEG_OVER };

/* What enters a concurrency group: a plan with all its jobs, or one leg. */
struct member {
    struct plan *plan;
    struct leg_state *leg; /* NULL: the plan as a whole */
    struct group *group;
    bool out; /* turned out before it held the group */
};

struct group {
    struct str name;
    struct member *holder, *waiting;
};

struct leg_state {
    struct leg *leg;
    struct job_state *job;
    enum leg_phase phase;
    bool cancel, cancel_told, drop;
    enum cancel_why why;
    struct member member;
};

struct job_state {
    struct job *job;
    struct plan_state *plan;
    enum job_phase phase;
    struct leg_state *legs;
    size_t n_legs, running, over;
};

struct plan_state {
    struct plan *plan;
    struct member member;
    size_t jobs_over, n_jobs;
};

struct sched {
    struct plan_state *plans;
    size_t n_plans;
    struct job_state *jobs; /* in order of appearance */
    size_t n_jobs;
    struct job_state **by_job; /* the same, sorted by address of the job */
    VEC(struct group *) groups;
    unsigned slots, running;
};

static int cmp_job(const void *a, const void *b)
{
    const struct job_state *const *x = a, *const *y = b;
    uintptr_t p = (uintptr_t)(*x)->job, q = (uintptr_t)(*y)->job;
    return p < q ? -1 : p > q;
}

static struct job_state *state_of(const struct sched *s, struct job *j)
{
    struct job_state key = {.job = j}, *k = &key;
    struct job_state **hit = bsearch(&k, s->by_job, s->n_jobs, sizeof *s->by_job, cmp_job);
    MUST(hit != NULL);
    return *hit;
}

static struct leg_state *state_of_leg(const struct sched *s, struct leg *leg)
{
    struct job_state *j = state_of(s, leg->job);
    for (size_t i = 0; i < j->n_legs; i++)
        if (j->legs[i].leg == leg)
            return &j->legs[i];
    BUG("a leg that its job does not have");
}

/* ---- concurrency groups ---- */

static void leg_cancel(struct leg_state *l, enum cancel_why why)
{
    if (l->phase == LEG_OVER || l->cancel || l->drop)
        return;
    l->why = why;
    if (l->phase == LEG_RUNNING)
        l->cancel = true;
    else
        l->drop = true;
}

static void plan_cancel(struct sched *s, struct plan *p, enum cancel_why why)
{
    p->cancelled = true;
    for (size_t i = 0; i < s->n_jobs; i++)
        if (s->jobs[i].job->plan == p)
            for (size_t k = 0; k < s->jobs[i].n_legs; k++)
                leg_cancel(&s->jobs[i].legs[k], why);
}

static void member_cancel(struct sched *s, struct member *m, enum cancel_why why)
{
    if (m->leg != NULL)
        leg_cancel(m->leg, why);
    else
        plan_cancel(s, m->plan, why);
}

static void group_enter(struct sched *s, struct member *m, struct str name, bool cancel_holder)
{
    struct group *g = NULL;
    for (size_t i = 0; i < s->groups.n && g == NULL; i++)
        if (str_eq_nocase(s->groups.p[i]->name, name))
            g = s->groups.p[i];
    if (g == NULL) {
        g = mem_alloc(sizeof *g);
        g->name = name;
        vec_push(&s->groups, g);
    }
    m->group = g;
    if (g->holder == NULL) {
        g->holder = m;
        return;
    }
    if (g->waiting != NULL) {
        g->waiting->out = true;
        member_cancel(s, g->waiting, CANCEL_SUPERSEDED);
    }
    g->waiting = m;
    if (cancel_holder)
        member_cancel(s, g->holder, CANCEL_SUPERSEDED);
}

static void group_leave(struct member *m)
{
    struct group *g = m->group;
    if (g == NULL)
        return;
    if (g->waiting == m)
        g->waiting = NULL;
    if (g->holder == m) {
        g->holder = g->waiting;
        g->waiting = NULL;
    }
    m->group = NULL;
}

static bool holds(const struct member *m)
{
    return m->group == NULL || m->group->holder == m;
}

/* ---- life cycle ---- */

struct sched *sched_new(struct plan **plans, size_t n, unsigned slots)
{
    struct sched *s = mem_alloc(sizeof *s);
    s->slots = slots == 0 ? 1 : slots;
    s->plans = mem_array(n, sizeof *s->plans);
    s->n_plans = n;
    for (size_t i = 0; i < n; i++)
        s->n_jobs += plans[i]->n_jobs;
    s->jobs = mem_array(s->n_jobs, sizeof *s->jobs);
    s->by_job = mem_array(s->n_jobs, sizeof(struct job_state *));
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        s->plans[i] = (struct plan_state){.plan = plans[i], .n_jobs = plans[i]->n_jobs, .member = {.plan = plans[i]}};
        for (size_t j = 0; j < plans[i]->n_jobs; j++, k++) {
            s->jobs[k] = (struct job_state){.job = plans[i]->jobs[j], .plan = &s->plans[i]};
            s->by_job[k] = &s->jobs[k];
        }
    }
    if (s->n_jobs > 0)
        qsort(s->by_job, s->n_jobs, sizeof *s->by_job, cmp_job);
    for (size_t i = 0; i < n; i++)
        if (plans[i]->group.n > 0 && plans[i]->n_jobs > 0)
            group_enter(s, &s->plans[i].member, plans[i]->group, plans[i]->cancel_in_progress);
    return s;
}

void sched_free(struct sched *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->n_jobs; i++)
        free(s->jobs[i].legs);
    for (size_t i = 0; i < s->groups.n; i++)
        free(s->groups.p[i]);
    vec_done(&s->groups);
    free(s->by_job);
    free(s->jobs);
    free(s->plans);
    free(s);
}

static bool needs_over(const struct job *j)
{
    for (size_t i = 0; i < j->n_needs; i++)
        if (j->needs[i]->result == RESULT_NONE)
            return false;
    return true;
}

static bool may_start(const struct sched *s, const struct leg_state *l)
{
    const struct job_state *j = l->job;
    if (l->phase != LEG_QUEUED || !holds(&l->member))
        return false;
    if (l->leg->skip.n > 0)
        return true; /* needs no slot: it is only reported */
    if (s->running >= s->slots)
        return false;
    return j->job->max_parallel == 0 || j->running < j->job->max_parallel;
}

/* The next thing to tell of one leg; SCHED_IDLE when there is none. */
static enum sched_act leg_act(struct sched *s, struct leg_state *l, enum cancel_why *why)
{
    if (l->drop && l->phase == LEG_QUEUED) {
        l->phase = LEG_OVER;
        l->job->over++;
        group_leave(&l->member);
        *why = l->why;
        return SCHED_DROP;
    }
    if (l->cancel && !l->cancel_told && l->phase == LEG_RUNNING) {
        l->cancel_told = true;
        *why = l->why;
        return SCHED_CANCEL;
    }
    if (may_start(s, l)) {
        l->phase = LEG_OFFERED;
        return SCHED_START;
    }
    return SCHED_IDLE;
}

static enum sched_act job_act(struct sched *s, struct job_state *j, struct leg **leg, enum cancel_why *why)
{
    if (j->phase == JOB_WAITING && needs_over(j->job) && (holds(&j->plan->member) || j->plan->member.out)) {
        j->phase = JOB_GATING;
        return SCHED_GATE;
    }
    if (j->phase != JOB_RUNNING)
        return SCHED_IDLE;
    for (size_t i = 0; i < j->n_legs; i++) {
        enum sched_act act = leg_act(s, &j->legs[i], why);
        if (act != SCHED_IDLE) {
            *leg = j->legs[i].leg;
            return act;
        }
    }
    if (j->over == j->n_legs) {
        j->phase = JOB_SETTLING;
        return SCHED_SETTLE;
    }
    return SCHED_IDLE;
}

enum sched_act sched_next(struct sched *s, struct job **job, struct leg **leg, enum cancel_why *why)
{
    bool over = true;
    for (size_t i = 0; i < s->n_jobs; i++) {
        struct job_state *j = &s->jobs[i];
        if (j->phase == JOB_OVER)
            continue;
        over = false;
        enum sched_act act = job_act(s, j, leg, why);
        if (act != SCHED_IDLE) {
            *job = j->job;
            return act;
        }
    }
    return over ? SCHED_DONE : SCHED_IDLE;
}

void sched_gated(struct sched *s, struct job *job, enum gate g)
{
    struct job_state *j = state_of(s, job);
    MUST(j->phase == JOB_GATING);
    if (g != GATE_RUN || job->n_legs == 0) {
        j->phase = JOB_SETTLING;
        return; /* the caller settles at once */
    }
    j->legs = mem_array(job->n_legs, sizeof *j->legs);
    j->n_legs = job->n_legs;
    j->phase = JOB_RUNNING;
    for (size_t i = 0; i < job->n_legs; i++) {
        struct leg_state *l = &j->legs[i];
        *l = (struct leg_state){.leg = job->legs[i], .job = j, .member = {.plan = job->plan, .leg = l}};
        if (l->leg->group.n > 0)
            group_enter(s, &l->member, l->leg->group, l->leg->cancel_in_progress);
    }
}

void sched_started(struct sched *s, struct leg *leg)
{
    struct leg_state *l = state_of_leg(s, leg);
    MUST(l->phase == LEG_OFFERED);
    l->phase = LEG_RUNNING;
    if (l->drop) { /* turned out between the offer and the start */
        l->drop = false;
        l->cancel = true;
    }
    l->job->running++;
    s->running++;
}

void sched_ended(struct sched *s, struct leg *leg, bool failed)
{
    struct leg_state *l = state_of_leg(s, leg);
    MUST(l->phase == LEG_RUNNING || l->phase == LEG_OFFERED);
    if (l->phase == LEG_RUNNING) {
        l->job->running--;
        s->running--;
    }
    l->phase = LEG_OVER;
    l->job->over++;
    group_leave(&l->member);
    if (failed && l->job->job->fail_fast && !l->job->job->keep_going)
        for (size_t i = 0; i < l->job->n_legs; i++)
            leg_cancel(&l->job->legs[i], CANCEL_FAIL_FAST);
}

void sched_settled(struct sched *s, struct job *job)
{
    struct job_state *j = state_of(s, job);
    MUST(j->phase == JOB_SETTLING && job->result != RESULT_NONE);
    j->phase = JOB_OVER;
    if (++j->plan->jobs_over == j->plan->n_jobs)
        group_leave(&j->plan->member);
}

bool sched_superseded(const struct sched *s, const struct plan *p)
{
    for (size_t i = 0; i < s->n_plans; i++)
        if (s->plans[i].plan == p)
            return s->plans[i].member.out;
    return false;
}

void sched_cancel_all(struct sched *s, enum cancel_why why)
{
    for (size_t i = 0; i < s->n_plans; i++)
        plan_cancel(s, s->plans[i].plan, why);
}
