/* The run number: tokens, the revision, what cannot be one (specification 7.6). The clock says 2026-01-02 15:04:05. */
#include "plan_load.h"

static void check(const char *name, const char *number)
{
    struct load load, *l = &load;
    load_init(l);
    l->facts.change.branch = STR("topic/x");
    load_plan(l, arena_printf(l->a,
                              "name: '%s'\nvariables: {major: 2, both: $(major).x, n: \"$[counter('n', 4)]\"}\n"
                              "steps: [{script: x}]\n",
                              name)
                     .p);
    assert_int_equal(load_gate(l, "Job"), GATE_RUN);
    assert_string_equal(load_var(l, "Job", 0, "Build.BuildNumber"), number);
    load_done(l);
}

static void test_tokens(void **state)
{
    UNUSED(state);
    check("", "20260102.1");
    check("$(Date:yyyyMMdd)$(Rev:.r)", "20260102.1");
    check("$(Date:yy-M-d HH.mm.ss)", "26-1-2 15.04.05");
    check("$(Year:yyyy)_$(Year:yy)_$(Month)_$(DayOfMonth)_$(DayOfYear)", "2026_26_1_2_2");
    check("$(Hours).$(Minutes).$(Seconds)", "15.4.5");
    check("$(Date:ddd MMM)", "Fri Jan");
    check("$(BuildDefinitionName)-$(BuildID)-$(TeamProject)", "demo-7-octo");
    check("$(SourceBranchName) $(Build.SourceBranch)", "x refs_heads_topic_x");
    check("$(major).$(both).$(n)", "2.2.x.4");
    check("r$(Rev:rrr)", "r001");
    check("$(none).1", "$(none).1");
}

static void test_revisions(void **state)
{
    UNUSED(state);
    struct load load, *l = &load;
    load_init(l);
    for (int i = 1; i <= 3; i++) {
        load_plan(l, "name: v$(Rev:rr)\nsteps: [{script: x}]\n");
        assert_int_equal(load_gate(l, "Job"), GATE_RUN);
        assert_string_equal(load_var(l, "Job", 0, "Build.BuildNumber"), arena_printf(l->a, "v%02d", i).p);
        plan_free(l->plan);
        l->plan = NULL;
    }
    load_done(l);
}

/* A preview, and a pipeline that does not start, count nothing. */
static void test_previews(void **state)
{
    UNUSED(state);
    struct load load, *l = &load;
    load_init(l);
    load_plan(l, "variables: {n: \"$[counter('n', 4)]\"}\nsteps: [{script: x}]\n");
    az_gate(l->plan, load_job(l, "Job"), &l->facts, true, &l->why);
    assert_string_equal(load_var(l, "Job", 0, "n"), "4");
    assert_int_equal(l->counters.n, 0);
    assert_int_equal(load_gate(l, "Job"), GATE_RUN);
    assert_int_equal(l->counters.n, 2);
    load_done(l);
}

static void refused(const char *name, const char *why)
{
    struct load load, *l = &load;
    load_init(l);
    load_plan(l, arena_printf(l->a, "name: '%s'\nsteps: [{script: x}]\n", name).p);
    assert_null(l->plan);
    assert_string_equal(l->d.p[0].code, "AZ471");
    assert_text(l->d.p[0].message, why);
    load_done(l);
}

static void test_refused(void **state)
{
    UNUSED(state);
    refused("a?b", "the run number 'a?b' must not contain '?'");
    refused("$(Date:HH:mm)", "the run number '15:04' must not contain ':'");
    refused("v1.", "the run number 'v1.' must not end with a full stop");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_tokens), cmocka_unit_test(test_revisions),
                                       cmocka_unit_test(test_previews), cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
