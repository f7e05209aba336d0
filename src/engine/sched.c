/*
 * engine/sched.c - the order of things, as a pure state machine.
 *
 * A job goes WAITING -> GATING -> RUNNING -> SETTLING -> OVER, a leg QUEUED -> RUNNING -> OVER. A whole pipeline, a
 * leg, and the pipeline that a leg calls enter concurrency groups by the same code, as members of engine/group.h.
 *
 * A leg that calls runs nothing: it is open (RUNNING) while the jobs of its call are not over, takes no slot, and lets
 * none of them begin before it is open. It counts against max_parallel of its job, and what cancels it cancels them.
 * When it is dropped before it was open they are all turned out.
 */
#include "engine/sched.h"

#include "core/vec.h"

enum job_phase { JOB_WAITING, JOB_GATING, JOB_RUNNING, JOB_SETTLING, JOB_OVER };
enum leg_phase { LEG_QUEUED, LEG_OFFERED, LEG_RUNNING, LEG_OVER };

struct leg_state;
/* What groups give back is one of these, or that of a plan. */
struct leg_member {
    struct member m; /* first */
    struct leg_state *leg;
};

struct leg_state {
    struct leg *leg;
    struct job_state *job;
    enum leg_phase phase;
    bool cancel, cancel_told, drop;
    enum cancel_why why;
    struct leg_member own, called; /* called: the pipeline that it calls */
    size_t n_inner, inner_over;    /* jobs of its call */
    bool dropped;                  /* it was over before it was open */
};

struct job_state {
    struct job *job;
    struct plan_state *plan;
    struct leg_state *caller; /* NULL: a job of the plan itself */
    enum job_phase phase;
    struct leg_state *legs;
    size_t n_legs, running, over;
};

struct plan_state {
    struct member member;
    struct plan *plan;
    size_t jobs_over, n_jobs; /* n_jobs: those that have a state */
    bool failed_fast;         /* nothing of it starts any more */
};

struct sched {
    struct plan_state *plans;
    size_t n_plans;
    VEC(struct job_state *) jobs; /* in order of appearance */
    struct groups groups;
    unsigned slots, running;
};

static struct job_state *state_of(const struct job *j)
{
    MUST(j->sched != NULL);
    return j->sched;
}

static struct leg_state *state_of_leg(const struct leg *leg)
{
    struct job_state *j = state_of(leg->job);
    for (size_t i = 0; i < j->n_legs; i++)
        if (j->legs[i].leg == leg)
            return &j->legs[i];
    BUG("a leg that its job does not have");
}

/* ---- cancelling ---- */

/* Is the job a part of the call that the leg makes, at any depth? */
static bool is_inside(const struct job_state *j, const struct leg_state *call)
{
    for (const struct leg_state *c = j->caller; c != NULL; c = c->job->caller)
        if (c == call)
            return true;
    return false;
}

static void mark_cancelled(struct leg_state *l, enum cancel_why why)
{
    if (l->phase == LEG_OVER || l->cancel || l->drop)
        return;
    l->why = why;
    if (l->phase == LEG_RUNNING)
        l->cancel = true;
    else
        l->drop = true;
}

static void leg_cancel(struct sched *s, struct leg_state *l, enum cancel_why why)
{
    mark_cancelled(l, why);
    if (!l->cancel || !l->job->job->calls)
        return;
    l->leg->cancelled = true;
    for (size_t i = 0; i < s->jobs.n; i++)
        for (size_t k = 0; k < s->jobs.p[i]->n_legs && is_inside(s->jobs.p[i], l); k++) {
            struct leg_state *inner = &s->jobs.p[i]->legs[k];
            mark_cancelled(inner, why);
            inner->leg->cancelled = inner->leg->cancelled || inner->cancel;
        }
}

static void plan_cancel(struct sched *s, struct plan *p, enum cancel_why why)
{
    p->cancelled = true;
    for (size_t i = 0; i < s->jobs.n; i++)
        if (s->jobs.p[i]->job->plan == p)
            for (size_t k = 0; k < s->jobs.p[i]->n_legs; k++)
                leg_cancel(s, &s->jobs.p[i]->legs[k], why);
}

/* ---- concurrency groups ---- */

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
            leg_cancel(s, ((struct leg_member *)m)->leg, m->why);
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

/* Is a pipeline, or a leg, that is over only when this leg is in the group? Then the leg would wait for itself. */
static bool is_around(const struct sched *s, const struct leg_state *l, struct str group)
{
    for (const struct leg_state *c = l->job->caller; c != NULL; c = c->job->caller)
        if (group_has(&s->groups, group, &c->own.m) || group_has(&s->groups, group, &c->called.m))
            return true;
    return group_has(&s->groups, group, &l->job->plan->member) || group_has(&s->groups, group, &l->own.m);
}

/* The service ends what would wait for a group that it is a part of. */
static void leg_enter(struct sched *s, struct leg_member *m, const struct group_entry *entry)
{
    if (entry->name.n == 0 || m->leg->drop)
        return;
    if (is_around(s, m->leg, entry->name)) {
        leg_cancel(s, m->leg, CANCEL_DEADLOCK);
        return;
    }
    group_enter(&s->groups, &m->m, entry);
    take_up_marks(s);
}

/* ---- life cycle ---- */

/* Gives states to the jobs that the plan has got since. */
static void take_jobs(struct sched *s, struct plan_state *ps)
{
    for (; ps->n_jobs < ps->plan->n_jobs; ps->n_jobs++) {
        struct job_state *j = mem_alloc(sizeof *j);
        *j = (struct job_state){.job = ps->plan->jobs[ps->n_jobs], .plan = ps};
        if (j->job->caller != NULL) {
            j->caller = state_of_leg(j->job->caller);
            j->caller->n_inner++;
        }
        j->job->sched = j;
        vec_push(&s->jobs, j);
    }
}

struct sched *sched_new(struct plan **plans, size_t n, unsigned slots, const struct group_share *share)
{
    struct sched *s = mem_alloc(sizeof *s);
    s->slots = slots == 0 ? 1 : slots;
    s->plans = mem_array(n, sizeof *s->plans);
    s->n_plans = n;
    s->groups.share = share;
    for (size_t i = 0; i < n; i++) {
        s->plans[i] = (struct plan_state){.plan = plans[i]};
        take_jobs(s, &s->plans[i]);
    }
    for (size_t i = 0; i < n; i++)
        plan_enter(s, &s->plans[i]);
    return s;
}

void sched_free(struct sched *s)
{
    if (s == NULL)
        return;
    groups_done(&s->groups);
    for (size_t i = 0; i < s->jobs.n; i++) {
        s->jobs.p[i]->job->sched = NULL;
        free(s->jobs.p[i]->legs);
        free(s->jobs.p[i]);
    }
    vec_done(&s->jobs);
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

/* The call around the job, at any depth, that never opened; NULL: none. */
static const struct leg_state *dropped_call(const struct job_state *j)
{
    for (const struct leg_state *c = j->caller; c != NULL; c = c->job->caller)
        if (c->dropped)
            return c;
    return NULL;
}

/* May the job be gated, as far as what is around it is concerned? */
static bool is_open(const struct job_state *j)
{
    if (j->caller != NULL)
        return j->caller->phase == LEG_RUNNING || dropped_call(j) != NULL;
    return group_holds(&j->plan->member) || j->plan->member.out;
}

static bool may_start(const struct sched *s, const struct leg_state *l)
{
    const struct job_state *j = l->job;
    if (l->phase != LEG_QUEUED || !group_holds(&l->own.m) || !group_holds(&l->called.m))
        return false;
    if (l->leg->skip.n > 0)
        return true; /* needs no slot: it is only reported */
    if (s->running >= s->slots && !j->job->calls)
        return false;
    return j->job->max_parallel == 0 || j->running < j->job->max_parallel;
}

static void leg_over(struct sched *s, struct leg_state *l)
{
    l->phase = LEG_OVER;
    l->job->over++;
    group_leave(&s->groups, &l->called.m);
    group_leave(&s->groups, &l->own.m);
}

static enum sched_act offer(struct leg_state *l)
{
    if (!l->job->job->calls || l->leg->skip.n > 0) {
        l->phase = LEG_OFFERED;
        return SCHED_START;
    }
    l->phase = LEG_RUNNING; /* from now on its jobs take their turns */
    l->job->running++;
    return SCHED_WAIT;
}

/* The next thing to tell of one leg; SCHED_WAIT when there is none. */
static enum sched_act leg_act(struct sched *s, struct leg_state *l, enum cancel_why *why)
{
    bool calls = l->job->job->calls;
    if (l->drop && l->phase == LEG_QUEUED) {
        leg_over(s, l);
        l->dropped = true;
        *why = l->why;
        return SCHED_DROP;
    }
    if (l->cancel && !l->cancel_told && !calls && l->phase == LEG_RUNNING) {
        l->cancel_told = true;
        *why = l->why;
        return SCHED_CANCEL;
    }
    if (calls && l->phase == LEG_RUNNING && l->inner_over == l->n_inner)
        return SCHED_GATHER;
    return may_start(s, l) ? offer(l) : SCHED_WAIT;
}

static enum sched_act job_act(struct sched *s, struct job_state *j, struct leg **leg, enum cancel_why *why)
{
    if (j->phase == JOB_WAITING && needs_over(j->job) && is_open(j)) {
        j->phase = JOB_GATING;
        return SCHED_GATE;
    }
    if (j->phase != JOB_RUNNING)
        return SCHED_WAIT;
    for (size_t i = 0; i < j->n_legs; i++) {
        enum sched_act act = leg_act(s, &j->legs[i], why);
        if (act != SCHED_WAIT) {
            *leg = j->legs[i].leg;
            return act;
        }
    }
    if (j->over == j->n_legs) {
        j->phase = JOB_SETTLING;
        return SCHED_SETTLE;
    }
    return SCHED_WAIT;
}

enum sched_act sched_next(struct sched *s, struct job **job, struct leg **leg, enum cancel_why *why)
{
    bool over = true;
    for (size_t i = 0; i < s->jobs.n; i++) {
        struct job_state *j = s->jobs.p[i];
        if (j->phase == JOB_OVER)
            continue;
        over = false;
        enum sched_act act = job_act(s, j, leg, why);
        if (act != SCHED_WAIT) {
            *job = j->job;
            return act;
        }
    }
    return over ? SCHED_DONE : SCHED_WAIT;
}

static void enter_groups(struct sched *s, struct leg_state *l)
{
    const struct leg *leg = l->leg;
    leg_enter(s, &l->own, &(struct group_entry){leg->group, leg->name, leg->cancel_in_progress, leg->queue_max});
    leg_enter(s, &l->called,
              &(struct group_entry){leg->call_group, leg->name, leg->call_cancel_in_progress, leg->call_queue_max});
}

void sched_gated(struct sched *s, struct job *job, enum gate g)
{
    struct job_state *j = state_of(job);
    MUST(j->phase == JOB_GATING);
    if ((g != GATE_RUN && g != GATE_EXPAND) || job->n_legs == 0) {
        j->phase = JOB_SETTLING;
        return; /* the caller settles at once */
    }
    j->legs = mem_array(job->n_legs, sizeof *j->legs);
    j->n_legs = job->n_legs;
    j->phase = JOB_RUNNING;
    for (size_t i = 0; i < job->n_legs; i++) {
        struct leg_state *l = &j->legs[i];
        *l = (struct leg_state){.leg = job->legs[i], .job = j};
        l->own.leg = l->called.leg = l;
    }
    take_jobs(s, j->plan);
    for (size_t i = 0; i < job->n_legs; i++) {
        if (j->plan->failed_fast)
            leg_cancel(s, &j->legs[i], CANCEL_FAIL_FAST);
        enter_groups(s, &j->legs[i]);
    }
}

void sched_started(struct sched *s, struct leg *leg)
{
    struct leg_state *l = state_of_leg(leg);
    MUST(l->phase == LEG_OFFERED);
    l->phase = LEG_RUNNING;
    if (l->drop) { /* turned out between the offer and the start */
        l->drop = false;
        l->cancel = true;
    }
    l->job->running++;
    s->running++;
}

/* What the first failure stops: its plan, its job, or nothing. */
static void fail_fast(struct sched *s, struct job_state *failed)
{
    if (failed->job->keep_going)
        return;
    failed->plan->failed_fast = failed->plan->failed_fast || failed->job->plan->fail_fast;
    for (size_t i = 0; i < s->jobs.n; i++) {
        struct job_state *j = s->jobs.p[i];
        bool stops =
            j == failed ? j->job->fail_fast || j->plan->failed_fast : j->plan == failed->plan && j->plan->failed_fast;
        for (size_t k = 0; k < j->n_legs && stops; k++)
            leg_cancel(s, &j->legs[k], CANCEL_FAIL_FAST);
    }
}

void sched_ended(struct sched *s, struct leg *leg, bool failed)
{
    struct leg_state *l = state_of_leg(leg);
    MUST(l->phase == LEG_RUNNING || l->phase == LEG_OFFERED);
    if (l->phase == LEG_RUNNING)
        l->job->running--;
    if (l->phase == LEG_RUNNING && !l->job->job->calls)
        s->running--;
    leg_over(s, l);
    if (failed)
        fail_fast(s, l->job);
}

void sched_settled(struct sched *s, struct job *job)
{
    struct job_state *j = state_of(job);
    MUST(j->phase == JOB_SETTLING && job->result != RESULT_NONE);
    j->phase = JOB_OVER;
    if (j->caller != NULL)
        j->caller->inner_over++;
    if (++j->plan->jobs_over == j->plan->n_jobs)
        group_leave(&s->groups, &j->plan->member);
}

bool sched_turned_out(const struct job *job, enum cancel_why *ret_why)
{
    const struct job_state *j = state_of(job);
    const struct leg_state *call = dropped_call(j);
    if (call == NULL && !j->plan->member.out)
        return false;
    *ret_why = call != NULL ? call->why : j->plan->member.why;
    return true;
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
