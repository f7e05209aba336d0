/* Scheduling without processes: what starts when, and what a failure cancels. */
#include "core/base.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "engine/sched.h"

static const struct driver no_driver;

struct world {
    struct plan *plan;
    struct sched *s;
    struct str group, call_group; /* of legs that are added, and of the pipelines that they call */
    bool call_fails;
    char log[2000];
};

static struct job *job(struct plan *p, const char *id, struct job *need)
{
    struct job *j = plan_add_job(p, str_from(id), str_from(id), SPAN_NONE);
    if (need != NULL) {
        j->needs = arena_array(p->arena, 1, sizeof(struct job *));
        j->needs[0] = need;
        j->n_needs = 1;
    }
    return j;
}

static void note(struct world *w, const char *what, struct str id)
{
    size_t n = strlen(w->log);
    snprintf(w->log + n, sizeof w->log - n, "%s%s %.*s", n > 0 ? ", " : "", what, STR_ARG(id));
}

/* The jobs of a call: x, and y that needs it. */
static void add_call(struct leg *leg)
{
    struct job *x = plan_add_called(leg, STR("x"), STR("x"), SPAN_NONE);
    struct job *y = plan_add_called(leg, STR("y"), STR("y"), SPAN_NONE);
    y->needs = arena_array(leg->job->plan->arena, 1, sizeof(struct job *));
    y->needs[y->n_needs++] = x;
}

/* Jobs get `legs` legs, those of a call one; those that call get a call in each. */
static void gate(struct world *w, struct job *j, unsigned legs)
{
    if (sched_turned_out(j, &(enum cancel_why){0})) {
        note(w, "out", j->id);
        sched_gated(w->s, j, GATE_SKIP);
        j->result = RESULT_CANCELLED;
        sched_settled(w->s, j);
        return;
    }
    if (j->caller != NULL && !j->calls)
        legs = 1;
    for (unsigned i = 0; i < legs; i++) {
        struct str id = arena_printf(w->plan->arena, "%.*s%u", STR_ARG(j->id), i + 1);
        struct leg *leg = plan_add_leg(j, legs == 1 ? j->id : id, j->id);
        leg->group = w->group;
        leg->call_group = j->calls ? w->call_group : STR_NONE;
        if (j->calls)
            add_call(leg);
    }
    sched_gated(w->s, j, j->calls ? GATE_EXPAND : GATE_RUN);
}

/* Plays the engine until nothing is left to say; legs keep running. */
static void play(struct world *w, unsigned legs)
{
    struct job *j = NULL;
    struct leg *l = NULL;
    enum cancel_why why;
    for (int guard = 0; guard < 1000; guard++) {
        switch (sched_next(w->s, &j, &l, &why)) {
        case SCHED_GATE:
            gate(w, j, legs);
            break;
        case SCHED_GATHER:
            note(w, "gather", l->id);
            sched_ended(w->s, l, w->call_fails);
            break;
        case SCHED_START:
            note(w, "start", l->id);
            sched_started(w->s, l);
            break;
        case SCHED_SETTLE:
            note(w, "settle", j->id);
            j->result = RESULT_SUCCESS;
            sched_settled(w->s, j);
            break;
        case SCHED_CANCEL:
            note(w, "cancel", l->id);
            break;
        case SCHED_DROP:
            note(w, "drop", l->id);
            break;
        case SCHED_WAIT:
            note(w, "idle", STR_NONE);
            return;
        case SCHED_DONE:
            note(w, "done", STR_NONE);
            return;
        }
    }
    fail_msg("the scheduler never rests: %s", w->log);
}

static void open_world(struct world *w, struct plan *p, unsigned slots)
{
    *w = (struct world){.plan = p, .s = sched_new(&p, 1, slots, NULL)};
}

static void close_world(struct world *w)
{
    sched_free(w->s);
    plan_free(w->plan);
}

static void expect(struct world *w, const char *log)
{
    assert_string_equal(w->log, log);
    w->log[0] = '\0';
}

static void needs_are_waited_for(void **state)
{
    UNUSED(state);
    struct plan *p = plan_new(STR("x"), STR("f"), &no_driver);
    struct job *a = job(p, "a", NULL), *b = job(p, "b", a);
    struct world w;
    open_world(&w, p, 4);
    play(&w, 1);
    expect(&w, "start a, idle ");
    sched_ended(w.s, a->legs[0], false);
    play(&w, 1);
    expect(&w, "settle a, start b, idle ");
    sched_ended(w.s, b->legs[0], false);
    play(&w, 1);
    expect(&w, "settle b, done ");
    close_world(&w);
}

static void slots_and_max_parallel_limit(void **state)
{
    UNUSED(state);
    struct plan *p = plan_new(STR("x"), STR("f"), &no_driver);
    struct job *a = job(p, "a", NULL);
    a->max_parallel = 2;
    struct world w;
    open_world(&w, p, 3);
    play(&w, 4);
    expect(&w, "start a1, start a2, idle ");
    sched_ended(w.s, a->legs[0], false);
    play(&w, 4);
    expect(&w, "start a3, idle ");
    close_world(&w);
}

static void fail_fast_cancels_siblings_only(void **state)
{
    UNUSED(state);
    struct plan *p = plan_new(STR("x"), STR("f"), &no_driver);
    struct job *a = job(p, "a", NULL);
    a->fail_fast = true;
    job(p, "b", NULL);
    struct world w;
    open_world(&w, p, 2);
    play(&w, 3);
    expect(&w, "start a1, start a2, idle ");
    sched_ended(w.s, a->legs[0], true);
    play(&w, 3);
    expect(&w, "cancel a2, drop a3, start b1, idle ");
    close_world(&w);
}

/* Of a batch: what runs is stopped, what waits for a slot is dropped, and what is gated later never starts. */
static void fail_fast_of_a_plan_stops_all_of_it(void **state)
{
    UNUSED(state);
    struct plan *p = plan_new(STR("x"), STR("f"), &no_driver);
    struct job *a = job(p, "a", NULL), *b = job(p, "b", NULL);
    job(p, "c", NULL);
    job(p, "d", b);
    p->fail_fast = true;
    struct world w;
    open_world(&w, p, 2);
    play(&w, 1);
    expect(&w, "start a, start b, idle ");
    sched_ended(w.s, a->legs[0], true);
    play(&w, 1);
    expect(&w, "settle a, cancel b, drop c, settle c, idle ");
    sched_ended(w.s, b->legs[0], false);
    play(&w, 1);
    expect(&w, "settle b, drop d, settle d, done ");
    close_world(&w);
}

/* A failure that is ignored is told as none. */
static void fail_fast_of_a_plan_needs_a_failure_that_counts(void **state)
{
    UNUSED(state);
    for (int i = 0; i < 2; i++) {
        struct plan *p = plan_new(STR("x"), STR("f"), &no_driver);
        struct job *a = job(p, "a", NULL);
        job(p, "b", NULL);
        p->fail_fast = true;
        a->keep_going = i == 0;
        struct world w;
        open_world(&w, p, 1);
        play(&w, 1);
        sched_ended(w.s, a->legs[0], i == 0);
        w.log[0] = '\0';
        play(&w, 1);
        expect(&w, "settle a, start b, idle ");
        close_world(&w);
    }
}

/* Pipelines of one run do not share their failures. */
static void fail_fast_of_a_plan_leaves_others_alone(void **state)
{
    UNUSED(state);
    struct plan *p[2] = {plan_new(STR("x"), STR("f"), &no_driver), plan_new(STR("x"), STR("g"), &no_driver)};
    struct job *a = job(p[0], "a", NULL);
    job(p[1], "b", NULL);
    p[0]->fail_fast = p[1]->fail_fast = true;
    struct world w = {.plan = p[0], .s = sched_new(p, 2, 4, NULL)};
    play(&w, 1);
    sched_ended(w.s, a->legs[0], true);
    w.log[0] = '\0';
    play(&w, 1);
    expect(&w, "settle a, idle ");
    sched_free(w.s);
    plan_free(p[0]);
    plan_free(p[1]);
}

static void keep_going_overrules_fail_fast(void **state)
{
    UNUSED(state);
    struct plan *p = plan_new(STR("x"), STR("f"), &no_driver);
    struct job *a = job(p, "a", NULL);
    a->fail_fast = a->keep_going = true;
    struct world w;
    open_world(&w, p, 1);
    play(&w, 2);
    sched_ended(w.s, a->legs[0], true);
    w.log[0] = '\0';
    play(&w, 2);
    expect(&w, "start a2, idle ");
    close_world(&w);
}

/* GitHub keeps one that runs and one that waits; a third turns out the second. */
static void a_group_has_one_holder_and_one_waiting(void **state)
{
    UNUSED(state);
    struct plan *p[3];
    for (int i = 0; i < 3; i++) {
        p[i] = plan_new(STR("x"), STR("f"), &no_driver);
        p[i]->group = i == 1 ? STR("CI") : STR("ci");
        job(p[i], i == 0 ? "a" : i == 1 ? "b" : "c", NULL);
    }
    struct world w = {.plan = p[0], .s = sched_new(p, 3, 8, NULL)};
    enum cancel_why why = CANCEL_USER;
    assert_true(sched_turned_out(p[1]->jobs[0], &why));
    assert_int_equal(why, CANCEL_SUPERSEDED);
    assert_true(p[1]->cancelled);
    assert_false(sched_turned_out(p[2]->jobs[0], &why));
    struct job *j;
    struct leg *l;
    assert_int_equal(sched_next(w.s, &j, &l, &why), SCHED_GATE);
    assert_ptr_equal(j->plan, p[0]);
    plan_add_leg(j, STR("a"), STR("a"));
    sched_gated(w.s, j, GATE_RUN);
    assert_int_equal(sched_next(w.s, &j, &l, &why), SCHED_START);
    sched_started(w.s, l);
    assert_int_equal(sched_next(w.s, &j, &l, &why), SCHED_GATE); /* only to be told as cancelled */
    assert_ptr_equal(j->plan, p[1]);
    sched_gated(w.s, j, GATE_SKIP);
    j->result = RESULT_CANCELLED;
    sched_settled(w.s, j);
    assert_int_equal(sched_next(w.s, &j, &l, &why), SCHED_WAIT); /* c waits for a */
    sched_ended(w.s, p[0]->jobs[0]->legs[0], false);
    assert_int_equal(sched_next(w.s, &j, &l, &why), SCHED_SETTLE);
    p[0]->jobs[0]->result = RESULT_SUCCESS;
    sched_settled(w.s, p[0]->jobs[0]);
    assert_int_equal(sched_next(w.s, &j, &l, &why), SCHED_GATE);
    assert_ptr_equal(j->plan, p[2]);
    sched_free(w.s);
    for (int i = 0; i < 3; i++)
        plan_free(p[i]);
}

/* Groups as another run sees them: tickets are told what to answer. */
struct share {
    enum group_answer answer;
    unsigned entered, left;
};

static void *share_enter(void *ctx, const struct group_entry *entry)
{
    struct share *sh = ctx;
    UNUSED(entry);
    sh->entered++;
    return sh;
}

static enum group_answer share_ask(void *ctx, void *ticket)
{
    UNUSED(ticket);
    return ((struct share *)ctx)->answer;
}

static void share_leave(void *ctx, void *ticket)
{
    UNUSED(ticket);
    ((struct share *)ctx)->left++;
}

static void another_run_is_waited_for_and_obeyed(void **state)
{
    UNUSED(state);
    struct share sh = {.answer = GROUP_WAITS};
    struct group_share share = {&sh, share_enter, share_ask, share_leave};
    struct plan *p = plan_new(STR("x"), STR("f"), &no_driver);
    p->group = STR("deploy");
    job(p, "a", NULL);
    struct world w = {.plan = p, .s = sched_new(&p, 1, 8, &share)};
    play(&w, 1);
    expect(&w, "idle ");
    assert_true(sched_waits(w.s));
    assert_false(sched_poll(w.s));
    sh.answer = GROUP_HOLDS;
    assert_true(sched_poll(w.s));
    assert_false(sched_poll(w.s)); /* no news */
    assert_false(sched_waits(w.s));
    w.log[0] = '\0';
    play(&w, 1);
    expect(&w, "start a, idle ");
    sh.answer = GROUP_OUT;
    assert_true(sched_poll(w.s));
    assert_false(sched_poll(w.s)); /* cancelled once */
    w.log[0] = '\0';
    play(&w, 1);
    expect(&w, "cancel a, idle ");
    sched_ended(w.s, p->jobs[0]->legs[0], false);
    w.log[0] = '\0';
    play(&w, 1);
    expect(&w, "settle a, done ");
    assert_int_equal(sh.entered, 1);
    assert_int_equal(sh.left, 1);
    close_world(&w);
}

static void a_plan_that_waits_for_another_run_can_be_given_up(void **state)
{
    UNUSED(state);
    struct share sh = {.answer = GROUP_WAITS};
    struct group_share share = {&sh, share_enter, share_ask, share_leave};
    struct plan *p = plan_new(STR("x"), STR("f"), &no_driver);
    p->group = STR("deploy");
    job(p, "a", NULL);
    struct world w = {.plan = p, .s = sched_new(&p, 1, 8, &share)};
    enum cancel_why why = CANCEL_TIMEOUT;
    sched_cancel_all(w.s, CANCEL_USER);
    assert_true(sched_turned_out(p->jobs[0], &why));
    assert_int_equal(why, CANCEL_USER);
    struct job *j;
    struct leg *l;
    assert_int_equal(sched_next(w.s, &j, &l, &why), SCHED_GATE); /* to be told as cancelled */
    sched_gated(w.s, j, GATE_SKIP);
    j->result = RESULT_CANCELLED;
    sched_settled(w.s, j);
    assert_int_equal(sched_next(w.s, &j, &l, &why), SCHED_DONE);
    assert_int_equal(sh.left, 1);
    close_world(&w);
}

static void a_job_in_the_group_of_its_own_plan_is_dropped(void **state)
{
    UNUSED(state);
    struct plan *p = plan_new(STR("x"), STR("f"), &no_driver);
    struct job *a = job(p, "a", NULL);
    struct job *j;
    struct leg *l;
    enum cancel_why why = CANCEL_USER;
    p->group = STR("deploy");
    struct sched *s = sched_new(&p, 1, 8, NULL);
    assert_int_equal(sched_next(s, &j, &l, &why), SCHED_GATE);
    plan_add_leg(a, STR("a"), STR("a"))->group = STR("Deploy");
    sched_gated(s, a, GATE_RUN);
    assert_int_equal(sched_next(s, &j, &l, &why), SCHED_DROP);
    assert_int_equal(why, CANCEL_DEADLOCK);
    assert_int_equal(sched_next(s, &j, &l, &why), SCHED_SETTLE);
    sched_free(s);
    plan_free(p);
}

/* queue: max: up to 100 wait in order, and one more is turned out itself. */
static void members_of_a_queue_wait_in_order(void **state)
{
    UNUSED(state);
    struct groups gs = {0};
    struct member m[GROUP_QUEUE + 3] = {0};
    struct group_entry queue = {.name = STR("g"), .queue_max = true};
    for (size_t i = 0; i < GROUP_QUEUE + 2; i++)
        group_enter(&gs, &m[i], &queue);
    assert_true(group_holds(&m[0]));
    assert_false(m[GROUP_QUEUE].out);
    assert_true(m[GROUP_QUEUE + 1].out);
    assert_int_equal(m[GROUP_QUEUE + 1].why, CANCEL_QUEUE_FULL);
    assert_ptr_equal(groups_marked(&gs), &m[GROUP_QUEUE + 1]);
    assert_null(groups_marked(&gs));
    group_leave(&gs, &m[2]);
    group_leave(&gs, &m[0]);
    assert_true(group_holds(&m[1]));
    group_leave(&gs, &m[1]);
    assert_true(group_holds(&m[3]));
    /* one that does not queue turns out all that wait, not the holder */
    group_enter(&gs, &m[GROUP_QUEUE + 2], &(struct group_entry){.name = STR("G")});
    assert_true(m[4].out && m[GROUP_QUEUE].out && !m[3].out);
    group_leave(&gs, &m[3]);
    assert_true(group_holds(&m[GROUP_QUEUE + 2]));
    groups_done(&gs);
}

static void cancelling_all_reaches_what_runs_and_what_waits(void **state)
{
    UNUSED(state);
    struct plan *p = plan_new(STR("x"), STR("f"), &no_driver);
    struct job *a = job(p, "a", NULL);
    job(p, "b", a);
    struct world w;
    open_world(&w, p, 1);
    play(&w, 2);
    w.log[0] = '\0';
    sched_cancel_all(w.s, CANCEL_USER);
    assert_true(p->cancelled);
    play(&w, 2);
    expect(&w, "cancel a1, drop a2, idle ");
    sched_ended(w.s, a->legs[0], false);
    play(&w, 2);
    expect(&w, "settle a, start b1, idle "); /* b is still gated: always() decides, not the scheduler */
    close_world(&w);
}

static void a_leg_that_cannot_run_takes_no_slot(void **state)
{
    UNUSED(state);
    struct plan *p = plan_new(STR("x"), STR("f"), &no_driver);
    struct job *a = job(p, "a", NULL);
    struct sched *s = sched_new(&p, 1, 1, NULL);
    struct job *j;
    struct leg *l;
    enum cancel_why why;
    assert_int_equal(sched_next(s, &j, &l, &why), SCHED_GATE);
    plan_add_leg(a, STR("a1"), STR("a1"));
    plan_add_leg(a, STR("a2"), STR("a2"))->skip = STR("no Python 3.9 here");
    sched_gated(s, a, GATE_RUN);
    assert_int_equal(sched_next(s, &j, &l, &why), SCHED_START);
    sched_started(s, l);
    assert_int_equal(sched_next(s, &j, &l, &why), SCHED_START);
    assert_string_equal(l->id.p, "a2");
    sched_ended(s, l, false);
    assert_int_equal(sched_next(s, &j, &l, &why), SCHED_WAIT);
    sched_free(s);
    plan_free(p);
}

/* ---- calls ---- */

static void end(struct world *w, const char *id, bool failed)
{
    for (size_t i = 0; i < w->plan->n_jobs; i++)
        for (size_t k = 0; k < w->plan->jobs[i]->n_legs; k++)
            if (str_is(w->plan->jobs[i]->legs[k]->id, id)) {
                w->log[0] = '\0';
                sched_ended(w->s, w->plan->jobs[i]->legs[k], failed);
                return;
            }
    fail_msg("no leg %s", id);
}

static struct job *caller(struct plan *p, const char *id)
{
    struct job *j = job(p, id, NULL);
    j->calls = true;
    return j;
}

static void a_call_is_over_when_its_jobs_are(void **state)
{
    UNUSED(state);
    struct plan *p = plan_new(STR("x"), STR("f"), &no_driver);
    job(p, "after", caller(p, "a"));
    struct world w;
    open_world(&w, p, 1);
    play(&w, 1);
    expect(&w, "start a/x, idle ");
    end(&w, "a/x", false);
    play(&w, 1);
    expect(&w, "settle a/x, start a/y, idle ");
    end(&w, "a/y", false);
    play(&w, 1);
    expect(&w, "settle a/y, gather a, settle a, start after, idle ");
    close_world(&w);
}

/* A call itself takes no slot, or with one slot nothing in it could begin; its matrix has max_parallel all the same. */
static void max_parallel_limits_calls(void **state)
{
    UNUSED(state);
    struct plan *p = plan_new(STR("x"), STR("f"), &no_driver);
    caller(p, "a")->max_parallel = 1;
    struct world w;
    open_world(&w, p, 8);
    play(&w, 2);
    expect(&w, "start a1/x, idle ");
    end(&w, "a1/x", false);
    play(&w, 2);
    end(&w, "a1/y", false);
    play(&w, 2);
    expect(&w, "settle a1/y, gather a1, start a2/x, idle ");
    close_world(&w);
}

static void a_failed_call_cancels_its_siblings(void **state)
{
    UNUSED(state);
    struct plan *p = plan_new(STR("x"), STR("f"), &no_driver);
    struct job *a = caller(p, "a");
    a->fail_fast = true;
    a->max_parallel = 2;
    struct world w;
    open_world(&w, p, 8);
    w.call_fails = true;
    play(&w, 3);
    expect(&w, "start a1/x, start a2/x, idle ");
    end(&w, "a1/x", true);
    play(&w, 3);
    end(&w, "a1/y", true);
    play(&w, 3);
    /* a2 is under way: its job is told to stop, and what comes after it finds it cancelled; a3 never opens */
    expect(&w, "settle a1/y, gather a1, drop a3, cancel a2/x, out a3/x, out a3/y, idle ");
    assert_true(job_cancelled(a->legs[1]->job->plan->jobs[4]));
    assert_false(p->cancelled);
    end(&w, "a2/x", false);
    play(&w, 3);
    expect(&w, "settle a2/x, start a2/y, idle ");
    end(&w, "a2/y", false);
    play(&w, 3);
    expect(&w, "settle a2/y, gather a2, settle a, done ");
    close_world(&w);
}

static void calls_call(void **state)
{
    UNUSED(state);
    struct plan *p = plan_new(STR("x"), STR("f"), &no_driver);
    struct job *a = caller(p, "a"), *j = NULL;
    struct leg *l = NULL;
    enum cancel_why why;
    struct world w;
    open_world(&w, p, 8);
    assert_int_equal(sched_next(w.s, &j, &l, &why), SCHED_GATE);
    plan_add_called(plan_add_leg(a, STR("a"), STR("a")), STR("b"), STR("b"), SPAN_NONE)->calls = true;
    sched_gated(w.s, a, GATE_EXPAND);
    play(&w, 1);
    expect(&w, "start a/b/x, idle ");
    sched_cancel_all(w.s, CANCEL_USER);
    end(&w, "a/b/x", false);
    play(&w, 1);
    assert_true(p->cancelled);
    end(&w, "a/b/y", false);
    play(&w, 1);
    expect(&w, "settle a/b/y, gather a/b, settle a/b, gather a, settle a, done ");
    close_world(&w);
}

/* The service cancels what waits for a group that it is a part of ("a deadlock was detected"). */
static void waiting_for_oneself_is_cancelled(void **state)
{
    UNUSED(state);
    struct plan *p = plan_new(STR("x"), STR("f"), &no_driver);
    p->group = STR("all");
    job(p, "a", NULL);
    struct world w;
    open_world(&w, p, 8);
    w.group = STR("ALL");
    play(&w, 1);
    expect(&w, "drop a, settle a, done ");
    close_world(&w);
    p = plan_new(STR("x"), STR("f"), &no_driver);
    caller(p, "a");
    open_world(&w, p, 8);
    w.group = STR("one");
    play(&w, 1);
    expect(&w, "drop a/x, settle a/x, drop a/y, settle a/y, gather a, settle a, done ");
    close_world(&w);
    p = plan_new(STR("x"), STR("f"), &no_driver);
    caller(p, "a");
    open_world(&w, p, 8);
    w.group = w.call_group = STR("one");
    play(&w, 1);
    expect(&w, "drop a, settle a, out a/x, out a/y, done ");
    close_world(&w);
}

static void called_pipelines_have_groups(void **state)
{
    UNUSED(state);
    struct plan *p = plan_new(STR("x"), STR("f"), &no_driver);
    caller(p, "a");
    struct world w;
    open_world(&w, p, 8);
    w.call_group = STR("deploy");
    play(&w, 2);
    expect(&w, "start a1/x, idle ");
    end(&w, "a1/x", false);
    play(&w, 2);
    end(&w, "a1/y", false);
    play(&w, 2);
    expect(&w, "settle a1/y, gather a1, start a2/x, idle ");
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(needs_are_waited_for),
        cmocka_unit_test(slots_and_max_parallel_limit),
        cmocka_unit_test(fail_fast_cancels_siblings_only),
        cmocka_unit_test(fail_fast_of_a_plan_stops_all_of_it),
        cmocka_unit_test(fail_fast_of_a_plan_needs_a_failure_that_counts),
        cmocka_unit_test(fail_fast_of_a_plan_leaves_others_alone),
        cmocka_unit_test(keep_going_overrules_fail_fast),
        cmocka_unit_test(a_group_has_one_holder_and_one_waiting),
        cmocka_unit_test(another_run_is_waited_for_and_obeyed),
        cmocka_unit_test(a_plan_that_waits_for_another_run_can_be_given_up),
        cmocka_unit_test(a_job_in_the_group_of_its_own_plan_is_dropped),
        cmocka_unit_test(members_of_a_queue_wait_in_order),
        cmocka_unit_test(cancelling_all_reaches_what_runs_and_what_waits),
        cmocka_unit_test(a_leg_that_cannot_run_takes_no_slot),
        cmocka_unit_test(a_call_is_over_when_its_jobs_are),
        cmocka_unit_test(max_parallel_limits_calls),
        cmocka_unit_test(a_failed_call_cancels_its_siblings),
        cmocka_unit_test(calls_call),
        cmocka_unit_test(waiting_for_oneself_is_cancelled),
        cmocka_unit_test(called_pipelines_have_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
