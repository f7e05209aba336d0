/* Legs: matrices of the file and of other jobs, slices, names, limits, machines (specification 3.4). */
#include "plan_load.h"

static void test_matrix(void **state)
{
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    load_plan(l, "jobs:\n"
                 "- job: T\n"
                 "  displayName: Test $(python.version)\n"
                 "  strategy:\n"
                 "    maxParallel: 2\n"
                 "    matrix:\n"
                 "      py39: {python.version: '3.9', image: ubuntu-22.04}\n"
                 "      py310-x: {python.version: '3.10', image: windows-latest}\n"
                 "  pool: {vmImage: $(image)}\n"
                 "  steps: [{script: x}]\n");
    assert_int_equal(load_gate(l, "T"), GATE_RUN);
    struct job *j = load_job(l, "T");
    assert_int_equal(j->n_legs, 2);
    assert_int_equal(j->max_parallel, 2);
    assert_false(j->fail_fast);
    assert_text(j->legs[0]->id, "T py39");
    assert_text(j->legs[0]->name, "Test 3.9 py39");
    assert_text(j->legs[0]->label, "ubuntu-22.04");
    assert_text(j->legs[0]->skip, "");
    assert_text(j->legs[1]->id, "T py310-x");
    assert_text(j->legs[1]->skip, "needs windows-latest");
    assert_text(map_get_str(&j->legs[1]->matrix, STR("python.version")), "3.10");
    assert_string_equal(load_var(l, "T", 1, "System.JobPositionInPhase"), "2");
    assert_string_equal(load_var(l, "T", 1, "System.TotalJobsInPhase"), "2");
    assert_string_equal(load_var(l, "T", 1, "System.JobName"), "py310-x");
    assert_string_equal(load_var(l, "T", 1, "System.JobIdentifier"), "T.py310-x");
    assert_string_equal(load_var(l, "T", 0, "Agent.JobName"), "Test 3.9 py39");
    assert_string_equal(load_var(l, "T", 0, "System.ParallelExecutionType"), "MultiConfiguration");
    load_done(l);
}

static void test_slices(void **state)
{
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    load_plan(l, "variables: {n: 3}\njobs:\n"
                 "- {job: T, strategy: {parallel: '$[ variables.n ]'}, steps: [{script: x}]}\n");
    assert_int_equal(load_gate(l, "T"), GATE_RUN);
    assert_int_equal(load_job(l, "T")->n_legs, 3);
    assert_text(load_job(l, "T")->legs[2]->name, "T 3");
    assert_string_equal(load_var(l, "T", 2, "System.JobPositionInPhase"), "3");
    assert_string_equal(load_var(l, "T", 2, "System.ParallelExecutionType"), "MultiMachine");
    load_done(l);
}

static const char *const from_output =
    "jobs:\n"
    "- {job: M, steps: [{script: x}]}\n"
    "- {job: T, dependsOn: M, strategy: {matrix: \"$[ dependencies.M.outputs['s.m'] ]\"}, steps: [{script: x}]}\n";

/* What the other job says, the gate of this one, how many legs it has, and why it does not run. */
static void check_output(const char *json, enum gate gate, size_t n, const char *why)
{
    struct load load, *l = &load;
    load_init(l);
    load_plan(l, from_output);
    assert_int_equal(load_gate(l, "M"), GATE_RUN);
    if (json)
        load_output(l, "M", 0, "s.m", json);
    load_end(l, "M", AZ_SUCCEEDED);
    assert_int_equal(load_gate(l, "T"), gate);
    assert_int_equal(load_job(l, "T")->n_legs, n);
    if (why)
        assert_text(l->why, why);
    load_done(l);
}

static void test_of_output(void **state)
{
    UNUSED(state);
    check_output("{\"a\": {\"v\": 1, \"w\": true}, \"b\": {}}", GATE_RUN, 2, NULL);
    check_output("{'a': {'v': 'x'}}", GATE_RUN, 1, NULL);
    check_output("{'a': {\"v\": 'x\"\\'y\\n', 'w': \"it's\"}}", GATE_RUN, 1, NULL);
    check_output("{}", GATE_SKIP, 0, "its matrix is empty");
    check_output("", GATE_SKIP, 0, "its matrix is empty");
    check_output(NULL, GATE_SKIP, 0, "its matrix is empty");
    check_output("[1]", GATE_FAIL, 0, "the matrix is no mapping of mappings");
    check_output("{\"a\": 1}", GATE_FAIL, 0, "the matrix is no mapping of mappings: 'a' is none");
    check_output("{", GATE_FAIL, 0, NULL);
}

static void test_preview(void **state)
{
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    load_plan(l, from_output);
    struct job *j = load_job(l, "T");
    assert_int_equal(az_gate(l->plan, j, &l->facts, true, &l->why), GATE_RUN);
    assert_int_equal(j->n_legs, 1);
    assert_text(j->legs[0]->id, "T");
    load_done(l);
}

static void check_machine(const char *pool, const char *label, const char *skip)
{
    struct load load, *l = &load;
    load_init(l);
    map_set_str(&l->facts.platforms, STR("windows-2025"), STR("host"));
    map_set_str(&l->facts.platforms, STR("mine"), STR("debian:12"));
    load_plan(l, arena_printf(l->a, "pool: %s\nsteps: [{script: x}]\n", pool).p);
    assert_int_equal(load_gate(l, "Job"), GATE_RUN);
    assert_text(load_job(l, "Job")->legs[0]->label, label);
    assert_text(load_job(l, "Job")->legs[0]->skip, skip);
    load_done(l);
}

static void test_machines(void **state)
{
    UNUSED(state);
    check_machine("{vmImage: ubuntu-latest}", "ubuntu-latest", "");
    check_machine("{vmImage: macOS-14}", "macOS-14", "needs macOS-14");
    check_machine("{vmImage: windows-2025}", "windows-2025", "");
    check_machine("{name: mine}", "mine", "needs the image debian:12");
    check_machine("{name: own, demands: Agent.OS -equals Windows_NT}", "own", "needs an agent of Windows_NT");
    check_machine("{name: own, demands: [git, Agent.OS -equals Linux]}", "own", "");
    check_machine("server", "server", "an agentless job (pool: server) can only wait here, and has CmdLine@2");
}

static void test_limits(void **state)
{
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    load_plan(l, "variables: {t: 5, yes: 'true'}\njobs:\n"
                 "- {job: A, steps: [{script: x}]}\n"
                 "- {job: B, timeoutInMinutes: 0, cancelTimeoutInMinutes: 1, steps: [{script: x}]}\n"
                 "- {job: C, timeoutInMinutes: '$[ variables.t ]', continueOnError: '$[ variables.yes ]', "
                 "container: '$[ variables.none ]', steps: [{script: x}]}\n"
                 "- {job: D, services: {db: pg}, container: node:20, steps: [{script: x}]}\n");
    const int64_t minute = 60000000000;
    const char *ids[] = {"A", "B", "C", "D"};
    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        assert_int_equal(load_gate(l, ids[i]), GATE_RUN);
    assert_int_equal(load_job(l, "A")->legs[0]->timeout_ns, 60 * minute);
    assert_int_equal(load_job(l, "A")->legs[0]->cancel_timeout_ns, 5 * minute);
    assert_int_equal(load_job(l, "B")->legs[0]->timeout_ns, 0);
    assert_int_equal(load_job(l, "B")->legs[0]->cancel_timeout_ns, minute);
    assert_int_equal(load_job(l, "C")->legs[0]->timeout_ns, 5 * minute);
    assert_text(load_leg(l, "C", 0)->continue_on_error, "true");
    assert_text(load_leg(l, "C", 0)->container, "");
    assert_text(load_leg(l, "D", 0)->container, "node:20");
    assert_text(load_job(l, "D")->legs[0]->skip,
                "needs a container engine, which this version does not have: services");
    load_done(l);
}

static void test_refused(void **state)
{
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    load_plan(l, "jobs: [{job: A, strategy: {parallel: \"$['many']\"}, steps: [{script: x}]}]");
    assert_null(l->plan);
    assert_text(l->d.p[0].message, "parallel: 'many' is no number from 0 to 1000");
    load_done(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_matrix),    cmocka_unit_test(test_slices),
                                       cmocka_unit_test(test_of_output), cmocka_unit_test(test_preview),
                                       cmocka_unit_test(test_machines),  cmocka_unit_test(test_limits),
                                       cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
