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

/* Plays the engine until nothing is left to say; jobs get `legs` legs, legs keep running. */
static void play(struct world *w, unsigned legs)
{
    struct job *j = NULL;
    struct leg *l = NULL;
    enum cancel_why why;
    for (int guard = 0; guard < 1000; guard++) {
        switch (sched_next(w->s, &j, &l, &why)) {
        case SCHED_GATE:
            for (unsigned i = 0; i < legs; i++) {
                struct str id = arena_printf(w->plan->arena, "%.*s%u", STR_ARG(j->id), i + 1);
                plan_add_leg(j, legs == 1 ? j->id : id, j->id);
            }
            sched_gated(w->s, j, GATE_RUN);
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
        case SCHED_IDLE:
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
    assert_true(sched_turned_out(w.s, p[1], &why));
    assert_int_equal(why, CANCEL_SUPERSEDED);
    assert_true(p[1]->cancelled);
    assert_false(sched_turned_out(w.s, p[2], &why));
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
    assert_int_equal(sched_next(w.s, &j, &l, &why), SCHED_IDLE); /* c waits for a */
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
    assert_true(sched_turned_out(w.s, p, &why));
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
    assert_int_equal(sched_next(s, &j, &l, &why), SCHED_IDLE);
    sched_free(s);
    plan_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(needs_are_waited_for),
        cmocka_unit_test(slots_and_max_parallel_limit),
        cmocka_unit_test(fail_fast_cancels_siblings_only),
        cmocka_unit_test(keep_going_overrules_fail_fast),
        cmocka_unit_test(a_group_has_one_holder_and_one_waiting),
        cmocka_unit_test(another_run_is_waited_for_and_obeyed),
        cmocka_unit_test(a_plan_that_waits_for_another_run_can_be_given_up),
        cmocka_unit_test(a_job_in_the_group_of_its_own_plan_is_dropped),
        cmocka_unit_test(members_of_a_queue_wait_in_order),
        cmocka_unit_test(cancelling_all_reaches_what_runs_and_what_waits),
        cmocka_unit_test(a_leg_that_cannot_run_takes_no_slot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
