/* The turns of jobs: conditions, what they see, and what becomes of stages (specification 7.1 to 7.3). */
#include "plan_load.h"

#define STEPS "steps: [{script: x}]"

static void test_default(void **state)
{
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    load_plan(l, "jobs:\n"
                 "- {job: A, condition: false, " STEPS "}\n"
                 "- {job: B, dependsOn: A, condition: always(), " STEPS "}\n"
                 "- {job: C, dependsOn: B, " STEPS "}\n"
                 "- {job: D, dependsOn: B, condition: not(failed()), " STEPS "}\n");
    assert_int_equal(load_gate(l, "A"), GATE_SKIP);
    assert_text(l->why, "its condition is false: false");
    assert_int_equal(load_gate(l, "B"), GATE_RUN);
    load_end(l, "B", AZ_SUCCEEDED);
    assert_int_equal(load_gate(l, "C"), GATE_SKIP); /* A, which B came after, was skipped */
    assert_text(l->why, "a job before it did not succeed");
    assert_int_equal(load_gate(l, "D"), GATE_RUN);
    load_done(l);
}

static void test_failure(void **state)
{
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    load_plan(l, "jobs:\n"
                 "- {job: A, " STEPS "}\n"
                 "- {job: B, dependsOn: A, " STEPS "}\n"
                 "- {job: C, dependsOn: A, condition: failed('a'), " STEPS "}\n"
                 "- {job: D, dependsOn: A, condition: \"eq(dependencies.A.result, 'Failed')\", " STEPS "}\n"
                 "- {job: E, dependsOn: A, condition: \"eq(1, lower(dependencies))\", " STEPS "}\n");
    load_gate(l, "A");
    load_end(l, "A", AZ_FAILED);
    assert_int_equal(load_gate(l, "B"), GATE_SKIP);
    assert_text(l->why, "it depends on 'A', which failed");
    assert_int_equal(load_gate(l, "C"), GATE_RUN);
    assert_int_equal(load_gate(l, "D"), GATE_RUN);
    assert_int_equal(load_gate(l, "E"), GATE_FAIL);
    assert_int_equal(az_job_result(load_job(l, "E")), AZ_ABANDONED);
    load_done(l);
}

static void test_canceled(void **state)
{
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    load_plan(l, "jobs:\n"
                 "- {job: A, " STEPS "}\n"
                 "- {job: B, condition: canceled(), " STEPS "}\n"
                 "- {job: C, condition: \"eq(variables['Build.Reason'], 'IndividualCI')\", " STEPS "}\n");
    l->plan->cancelled = true;
    assert_int_equal(load_gate(l, "A"), GATE_SKIP);
    assert_text(l->why, "the run was cancelled");
    assert_int_equal(load_gate(l, "B"), GATE_SKIP); /* so its stage: succeeded() is its condition */
    load_done(l);
}

static void test_forgiven(void **state)
{
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    load_plan(l, "jobs:\n"
                 "- {job: A, " STEPS "}\n"
                 "- {job: B, dependsOn: A, condition: \"and(succeeded(), eq(dependencies.A.result, "
                 "'SucceededWithIssues'))\", " STEPS "}\n");
    load_gate(l, "A");
    load_end(l, "A", AZ_WITH_ISSUES);
    assert_int_equal(load_job(l, "A")->result, RESULT_SUCCESS);
    assert_int_equal(load_gate(l, "B"), GATE_RUN);
    load_done(l);
}

static const char *const stages =
    "stages:\n"
    "- stage: A\n"
    "  variables: {in_stage: a}\n"
    "  jobs:\n"
    "  - {job: J, " STEPS "}\n"
    "  - {job: K, dependsOn: J, " STEPS "}\n"
    "- stage: B\n"
    "  condition: \"and(succeeded(), eq(dependencies.A.outputs['J.s.v'], 'yes'))\"\n"
    "  jobs: [{job: J, condition: always(), " STEPS "}]\n"
    "- stage: C\n"
    "  dependsOn: [A, B]\n"
    "  condition: not(canceled())\n"
    "  jobs:\n"
    "  - job: J\n"
    "    variables:\n"
    "      near: $[ stageDependencies.A.J.outputs['s.v'] ]\n"
    "      result: $[ stageDependencies.a.j.result ]\n"
    "      wrong: $[ dependencies.A.outputs['J.s.v'] ]\n"
    "    " STEPS "\n"
    "- stage: D\n"
    "  jobs: [{job: J, variables: {far: \"$[ stageDependencies.A.J.result ]\"}, " STEPS "}]\n";

static void run_a(struct load *l, const char *value)
{
    assert_int_equal(load_gate(l, "A.J"), GATE_RUN);
    load_output(l, "A.J", 0, "s.v", value);
    load_end(l, "A.J", AZ_SUCCEEDED);
    assert_int_equal(load_gate(l, "A.K"), GATE_RUN);
    load_end(l, "A.K", AZ_SUCCEEDED);
}

static void test_stages(void **state)
{
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    load_plan(l, stages);
    assert_int_equal(load_job(l, "B.J")->n_needs, 2);
    assert_int_equal(load_job(l, "C.J")->n_needs, 3);
    assert_text(load_job(l, "C.J")->name, "C / J");
    run_a(l, "yes");
    assert_string_equal(load_var(l, "A.K", 0, "in_stage"), "a");
    assert_int_equal(load_gate(l, "B.J"), GATE_RUN);
    assert_string_equal(load_var(l, "B.J", 0, "in_stage"), "(none)");
    load_end(l, "B.J", AZ_SUCCEEDED);
    assert_int_equal(load_gate(l, "C.J"), GATE_RUN);
    assert_string_equal(load_var(l, "C.J", 0, "near"), "yes");
    assert_string_equal(load_var(l, "C.J", 0, "result"), "Succeeded");
    assert_string_equal(load_var(l, "C.J", 0, "wrong"), "");
    load_end(l, "C.J", AZ_SUCCEEDED);
    assert_int_equal(load_gate(l, "D.J"), GATE_RUN);
    assert_string_equal(load_var(l, "D.J", 0, "far"), ""); /* A is not one that D depends on itself */
    load_done(l);
}

static void test_stage_passed_over(void **state)
{
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    load_plan(l, stages);
    run_a(l, "no");
    assert_int_equal(load_gate(l, "B.J"), GATE_SKIP); /* whatever its own condition says */
    assert_text(l->why, "the condition of stage 'B' is false: and(succeeded(), eq(dependencies.A.outputs['J.s.v'], "
                        "'yes'))");
    assert_int_equal(load_gate(l, "C.J"), GATE_RUN);
    load_end(l, "C.J", AZ_SUCCEEDED);
    assert_int_equal(load_gate(l, "D.J"), GATE_SKIP); /* B before C was skipped */
    load_done(l);
}

static void test_outputs(void **state)
{
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    load_plan(l, "jobs:\n"
                 "- {job: M, strategy: {matrix: {x: {}, y: {}}}, " STEPS "}\n"
                 "- {job: P, strategy: {parallel: 2}, " STEPS "}\n"
                 "- job: R\n"
                 "  dependsOn: [M, P]\n"
                 "  variables:\n"
                 "    x: $[ dependencies.M.outputs['x.s.v'] ]\n"
                 "    y: $[ dependencies.m.outputs['Y.S.V'] ]\n"
                 "    p: $[ dependencies.P.outputs['job2.s.v'] ]\n"
                 "    none: $[ dependencies.P.outputs['s.v'] ]\n"
                 "  " STEPS "\n");
    load_gate(l, "M");
    load_output(l, "M", 0, "s.v", "1");
    load_output(l, "M", 1, "s.v", "2");
    load_end(l, "M", AZ_SUCCEEDED);
    load_gate(l, "P");
    load_output(l, "P", 1, "s.v", "3");
    load_end(l, "P", AZ_SUCCEEDED);
    assert_int_equal(load_gate(l, "R"), GATE_RUN);
    assert_string_equal(load_var(l, "R", 0, "x"), "1");
    assert_string_equal(load_var(l, "R", 0, "y"), "2");
    assert_string_equal(load_var(l, "R", 0, "p"), "3");
    assert_string_equal(load_var(l, "R", 0, "none"), "");
    load_done(l);
}

/* A unit's condition sees its variables as far as they need no evaluation. */
static void test_own_variables(void **state)
{
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    load_plan(l, "jobs:\n"
                 "- {job: A, variables: {x: 1}, condition: \"eq(variables.x, 1)\", " STEPS "}\n"
                 "- {job: B, variables: {x: \"$['1']\"}, condition: \"eq(variables.x, 1)\", " STEPS "}\n");
    assert_int_equal(load_gate(l, "A"), GATE_RUN);
    assert_int_equal(load_gate(l, "B"), GATE_SKIP);
    load_done(l);
}

static void test_empty_stage(void **state)
{
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    load_plan(l, "stages:\n"
                 "- {stage: A, jobs: [{job: J, " STEPS "}]}\n"
                 "- {stage: B, jobs: []}\n"
                 "- {stage: C, condition: always(), jobs: [{job: J, " STEPS "}]}\n");
    assert_int_equal(load_job(l, "C.J")->n_needs, 1);
    assert_text(load_job(l, "C.J")->needs[0]->id, "A.J");
    load_done(l);
}

static void test_manual(void **state)
{
    struct load load, *l = &load;
    struct str named = STR("m");
    UNUSED(state);
    load_init(l);
    load_plan(l, "stages: [{stage: M, trigger: manual, jobs: [{job: J, " STEPS "}]}]");
    assert_int_equal(load_gate(l, "M.J"), GATE_SKIP);
    assert_text(l->why, "stage 'M' waits to be started by hand: --job names it");
    load_done(l);
    load_init(l);
    l->facts.jobs = (struct strs){&named, 1, 1};
    load_plan(l, "stages: [{stage: M, trigger: manual, jobs: [{job: J, " STEPS "}]}]");
    assert_int_equal(load_gate(l, "M.J"), GATE_RUN);
    load_done(l);
}

static void test_checkout(void **state)
{
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    load_plan(l, "jobs: [{job: A, " STEPS "}, {job: B, steps: [{checkout: none}, {script: x}]}]");
    load_gate(l, "A");
    load_gate(l, "B");
    assert_true(load_leg(l, "A", 0)->implicit_checkout);
    assert_false(load_leg(l, "B", 0)->implicit_checkout);
    load_done(l);
}

static void test_unknown_task(void **state)
{
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    load_plan(l, "steps: [{task: NobodyKnows@1}]");
    assert_null(l->plan);
    assert_string_equal(l->d.p[0].code, "AZ600");
    load_done(l);
    load_init(l);
    l->facts.skip_unknown = true;
    load_plan(l, "steps: [{task: NobodyKnows@1}]");
    assert_non_null(l->plan);
    load_done(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_default),  cmocka_unit_test(test_failure),       cmocka_unit_test(test_canceled),
        cmocka_unit_test(test_forgiven), cmocka_unit_test(test_stages),        cmocka_unit_test(test_stage_passed_over),
        cmocka_unit_test(test_outputs),  cmocka_unit_test(test_own_variables), cmocka_unit_test(test_empty_stage),
        cmocka_unit_test(test_manual),   cmocka_unit_test(test_checkout),      cmocka_unit_test(test_unknown_task)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
