#include "core/base.h"
#include "plan/plan.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static int setup(void **state)
{
    *state = plan_new(STR("github"), STR("ci.yml"), NULL);
    return 0;
}

static int teardown(void **state)
{
    plan_free(*state);
    return 0;
}

static struct job *add(struct plan *p, const char *id)
{
    return plan_add_job(p, str_from(id), str_from(id), SPAN_NONE);
}

static void need(struct job *j, struct job *other)
{
    struct job **needs = arena_array(j->plan->arena, j->n_needs + 1, sizeof(struct job *));
    for (size_t i = 0; i < j->n_needs; i++)
        needs[i] = j->needs[i];
    needs[j->n_needs++] = other;
    j->needs = needs;
}

static void assert_cycle(struct plan *p, const char *want)
{
    struct job **path = NULL;
    size_t n = plan_cycle(p, p->arena, &path);
    struct buf b = BUF(BUF_LINE);
    for (size_t i = 0; i < n; i++) {
        buf_printf(&b, "%.*s ", STR_ARG(path[i]->id));
        bool found = false;
        for (size_t k = 0; k < path[i]->n_needs; k++)
            found |= path[i]->needs[k] == path[(i + 1) % n];
        assert_true(found);
    }
    assert_string_equal(buf_cstr(&b), want);
    buf_done(&b);
}

static void jobs_are_kept_in_order_and_found(void **state)
{
    struct plan *p = *state;
    char id[20];
    for (int i = 0; i < 300; i++) {
        snprintf(id, sizeof id, "Job-%d", i);
        add(p, id);
    }
    assert_int_equal(p->n_jobs, 300);
    assert_true(str_is(p->jobs[299]->id, "Job-299"));
    assert_ptr_equal(plan_find_job(p, STR("jOB-7")), p->jobs[7]);
    assert_null(plan_find_job(p, STR("job")));
    assert_ptr_equal(p->jobs[0]->plan, p);
    assert_true(p->jobs[0]->wanted);
    assert_int_equal(p->jobs[0]->result, RESULT_NONE);
    assert_true(str_is(p->service, "github"));
    assert_true(str_is(p->file, "ci.yml"));
}

static void legs_are_numbered(void **state)
{
    struct plan *p = *state;
    struct job *j = add(p, "test");
    for (int i = 0; i < 100; i++)
        plan_add_leg(j, STR("test"), STR("Test"));
    assert_int_equal(j->n_legs, 100);
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(j->legs[i]->index, i);
        assert_int_equal(j->legs[i]->total, 100);
        assert_ptr_equal(j->legs[i]->job, j);
    }
    map_set_str(&j->legs[0]->matrix, STR("os"), STR("x"));
    assert_true(str_is(map_get_str(&j->legs[0]->matrix, STR("OS")), "x"));
    assert_int_equal(j->legs[1]->matrix.n, 0);
}

static void plans_without_cycles_have_none(void **state)
{
    struct plan *p = *state;
    assert_cycle(p, "");
    struct job *a = add(p, "a"), *b = add(p, "b"), *c = add(p, "c"), *d = add(p, "d");
    need(b, a);
    need(c, a);
    need(d, b);
    need(d, c);
    need(a, add(p, "e"));
    assert_cycle(p, "");
}

static void cycles_are_told_in_order(void **state)
{
    struct plan *p = *state;
    struct job *a = add(p, "a"), *b = add(p, "b"), *c = add(p, "c"), *d = add(p, "d");
    need(a, b);
    need(b, c);
    need(c, d);
    need(d, b);
    assert_cycle(p, "b c d ");
}

static void a_job_that_needs_itself_is_a_cycle(void **state)
{
    struct plan *p = *state;
    struct job *a = add(p, "a"), *b = add(p, "b");
    need(b, a);
    need(b, b);
    assert_cycle(p, "b ");
}

static void long_chains_do_not_exhaust_the_stack(void **state)
{
    struct plan *p = *state;
    struct job *last = NULL;
    for (int i = 0; i < 100000; i++) {
        struct job *j = add(p, "x");
        if (last)
            need(last, j);
        last = j;
    }
    assert_cycle(p, "");
    struct job **path = NULL;
    need(last, p->jobs[50000]);
    assert_int_equal(plan_cycle(p, p->arena, &path), 50000);
    assert_ptr_equal(path[0], p->jobs[50000]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    plan_free(NULL);
    const struct CMUnitTest tests[] = {
        TEST(jobs_are_kept_in_order_and_found),   TEST(legs_are_numbered),
        TEST(plans_without_cycles_have_none),     TEST(cycles_are_told_in_order),
        TEST(a_job_that_needs_itself_is_a_cycle), TEST(long_chains_do_not_exhaust_the_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
