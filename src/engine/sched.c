/*
 * engine/sched.c - the order of things, as a pure state machine.
 *
 * A job goes WAITING -> GATING -> RUNNING -> SETTLING -> OVER, a leg QUEUED -> RUNNING -> OVER. A whole pipeline and a
 * single leg enter concurrency groups by the same code, as members of engine/group.h.
 */
#include "engine/sched.h"

#include "core/vec.h"

enum job_phase { JOB_WAITING, JOB_GATING, JOB_RUNNING, JOB_SETTLING, JOB_OVER };
enum leg_phase { LEG_QUEUED, LEG_OFFERED, LEG_RUNNING, LEG_OVER };

struct leg_state {
    struct member member; /* first: what groups give back is this leg, or a plan */
    struct leg *leg;
    struct job_state *job;
    enum leg_phase phase;
    bool cancel, cancel_told, drop;
    enum cancel_why why;
};

struct job_state {
    struct job *job;
    struct plan_state *plan;
    enum job_phase phase;
    struct leg_state *legs;
    size_t n_legs, running, over;
};

struct plan_state {
    struct member member;
    struct plan *plan;
    size_t jobs_over, n_jobs;
};

struct sched {
    struct plan_state *plans;
    size_t n_plans;
    struct job_state *jobs; /* in order of appearance */
    size_t n_jobs;
    struct job_state **by_job; /* the same, sorted by address of the job */
    struct groups groups;
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

static struct plan_state *plan_of(const struct sched *s, const struct member *m)
{
    for (size_t i = 0; i < s->n_plans; i++)
        if (&s->plans[i].member == m)
            return &s->plans[i];
    return NULL;
}

/* What groups marked is cancelled: a plan as a whole, or one leg. */
static void take_up_marks(struct sched *s)
{
    for (struct member *m; (m = groups_marked(&s->groups)) != NULL;) {
        struct plan_state *p = plan_of(s, m);
        if (p != NULL)
            plan_cancel(s, p->plan, m->why);
        else
            leg_cancel((struct leg_state *)m, m->why);
    }
}

static void plan_enter(struct sched *s, struct plan_state *p)
{
    struct plan *plan = p->plan;
    if (plan->group.n == 0 || plan->n_jobs == 0)
        return;
    group_enter(&s->groups, &p->member,
                &(struct group_entry){plan->group, plan->name, plan->cancel_in_progress, plan->queue_max});
    take_up_marks(s);
}

/* A pipeline that holds the group of one of its own jobs would wait for itself: the service ends such a job. */
static void leg_enter(struct sched *s, struct leg_state *l)
{
    const struct leg *leg = l->leg;
    if (leg->group.n == 0)
        return;
    if (group_held_by(&s->groups, leg->group, &l->job->plan->member)) {
        leg_cancel(l, CANCEL_DEADLOCK);
        return;
    }
    group_enter(&s->groups, &l->member,
                &(struct group_entry){leg->group, leg->name, leg->cancel_in_progress, leg->queue_max});
    take_up_marks(s);
}

/* ---- life cycle ---- */

struct sched *sched_new(struct plan **plans, size_t n, unsigned slots, const struct group_share *share)
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
        s->plans[i] = (struct plan_state){.plan = plans[i], .n_jobs = plans[i]->n_jobs};
        for (size_t j = 0; j < plans[i]->n_jobs; j++, k++) {
            s->jobs[k] = (struct job_state){.job = plans[i]->jobs[j], .plan = &s->plans[i]};
            s->by_job[k] = &s->jobs[k];
        }
    }
    if (s->n_jobs > 0)
        qsort(s->by_job, s->n_jobs, sizeof *s->by_job, cmp_job);
    s->groups.share = share;
    for (size_t i = 0; i < n; i++)
        plan_enter(s, &s->plans[i]);
    return s;
}

void sched_free(struct sched *s)
{
    if (s == NULL)
        return;
    groups_done(&s->groups);
    for (size_t i = 0; i < s->n_jobs; i++)
        free(s->jobs[i].legs);
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
    if (l->phase != LEG_QUEUED || !group_holds(&l->member))
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
        group_leave(&s->groups, &l->member);
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
    if (j->phase == JOB_WAITING && needs_over(j->job) && (group_holds(&j->plan->member) || j->plan->member.out)) {
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
        *l = (struct leg_state){.leg = job->legs[i], .job = j};
    }
    for (size_t i = 0; i < job->n_legs; i++)
        leg_enter(s, &j->legs[i]);
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
    group_leave(&s->groups, &l->member);
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
        group_leave(&s->groups, &j->plan->member);
}

bool sched_turned_out(const struct sched *s, const struct plan *p, enum cancel_why *ret_why)
{
    for (size_t i = 0; i < s->n_plans; i++)
        if (s->plans[i].plan == p && s->plans[i].member.out) {
            *ret_why = s->plans[i].member.why;
            return true;
        }
    return false;
}

bool sched_poll(struct sched *s)
{
    bool news = groups_poll(&s->groups);
    take_up_marks(s);
    return news;
}

bool sched_waits(const struct sched *s)
{
    return groups_wait(&s->groups);
}

void sched_cancel_all(struct sched *s, enum cancel_why why)
{
    for (size_t i = 0; i < s->n_plans; i++) {
        struct member *m = &s->plans[i].member;
        if (!group_holds(m) && !m->out) { /* it waits: none of its jobs will run */
            m->out = true;
            m->why = why;
        }
        plan_cancel(s, s->plans[i].plan, why);
    }
}
