/* Deployments: hooks as jobs of their own, one after another (specification 3.5, 7.3). */
#include "plan_load.h"

#define S "{steps: [{script: x}]}"

static const char *const run_once = "jobs:\n"
                                    "- deployment: D\n"
                                    "  environment: prod.web\n"
                                    "  strategy: {runOnce: {preDeploy: " S ", deploy: " S ", routeTraffic: " S
                                    ", postRouteTraffic: " S ", on: {failure: " S ", success: " S "}}}\n"
                                    "- job: R\n"
                                    "  dependsOn: D\n"
                                    "  condition: always()\n"
                                    "  variables:\n"
                                    "    job: $[ dependencies.D.outputs['D.s.v'] ]\n"
                                    "    hook: $[ dependencies.D.outputs['deploy.s.v'] ]\n"
                                    "    resource: $[ dependencies.D.outputs['Deploy_web.s.v'] ]\n"
                                    "    result: $[ dependencies.D.result ]\n"
                                    "  steps: [{script: x}]\n";

/* The deployment's end, as the engine would bring it about. */
static void end(struct load *l, const char *id)
{
    struct job *j = load_job(l, id);
    struct leg_outcome out, all;
    az_gather(j->legs[0], &out);
    az_settle(j, &out, 1, &all);
    j->result = all.conclusion;
}

static void test_run_once(void **state)
{
    static const char *const order[] = {"D/preDeploy", "D/deploy", "D/routeTraffic", "D/postRouteTraffic",
                                        "D/on.success"};
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    load_plan(l, run_once);
    assert_int_equal(load_gate(l, "D"), GATE_EXPAND);
    assert_int_equal(l->plan->n_jobs, 8);
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        assert_int_equal(load_gate(l, order[i]), GATE_RUN);
        assert_string_equal(load_var(l, order[i], 0, "Environment.Name"), "prod");
        assert_string_equal(load_var(l, order[i], 0, "Environment.ResourceName"), "web");
        assert_string_equal(load_var(l, order[i], 0, "Strategy.Name"), "runOnce");
        assert_false(load_leg(l, order[i], 0)->implicit_checkout);
        assert_int_equal(load_leg(l, order[i], 0)->implicit_download, i == 1);
        if (i == 1)
            load_output(l, order[i], 0, "s.v", "out");
        load_end(l, order[i], AZ_SUCCEEDED);
    }
    assert_int_equal(load_gate(l, "D/on.failure"), GATE_SKIP);
    assert_text(l->why, "no hook failed");
    end(l, "D");
    assert_int_equal(load_gate(l, "R"), GATE_RUN);
    assert_string_equal(load_var(l, "R", 0, "job"), "out");
    assert_string_equal(load_var(l, "R", 0, "hook"), "out");
    assert_string_equal(load_var(l, "R", 0, "resource"), "out");
    assert_string_equal(load_var(l, "R", 0, "result"), "Succeeded");
    load_done(l);
}

static void test_failure(void **state)
{
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    load_plan(l, run_once);
    load_gate(l, "D");
    load_gate(l, "D/preDeploy");
    load_end(l, "D/preDeploy", AZ_FAILED);
    assert_int_equal(load_gate(l, "D/deploy"), GATE_SKIP);
    assert_text(l->why, "hook 'preDeploy' did not succeed");
    assert_int_equal(load_gate(l, "D/routeTraffic"), GATE_SKIP);
    assert_int_equal(load_gate(l, "D/postRouteTraffic"), GATE_SKIP);
    assert_int_equal(load_gate(l, "D/on.success"), GATE_SKIP);
    assert_int_equal(load_gate(l, "D/on.failure"), GATE_RUN);
    load_end(l, "D/on.failure", AZ_SUCCEEDED);
    end(l, "D");
    assert_int_equal(load_gate(l, "R"), GATE_RUN);
    assert_string_equal(load_var(l, "R", 0, "result"), "Failed");
    load_done(l);
}

static void test_canary(void **state)
{
    static const struct {
        const char *id, *increment, *cycle;
    } order[] = {{"D/preDeploy", "(none)", "PreIteration"}, {"D/deploy_10", "10", "Iteration"},
                 {"D/routeTraffic_10", "10", "Iteration"},  {"D/deploy_50", "50", "Iteration"},
                 {"D/routeTraffic_50", "50", "Iteration"},  {"D/on.success", "(none)", "PostIteration"}};
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    load_plan(l, "jobs: [{deployment: D, environment: e, strategy: {canary: {increments: [10, 50], preDeploy: " S
                 ", deploy: " S ", routeTraffic: " S ", on: {success: " S "}}}}]");
    assert_int_equal(load_gate(l, "D"), GATE_EXPAND);
    assert_int_equal(l->plan->n_jobs, 1 + ARRAY_LEN(order));
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        assert_text(l->plan->jobs[i + 1]->id, order[i].id);
        assert_int_equal(load_gate(l, order[i].id), GATE_RUN);
        assert_string_equal(load_var(l, order[i].id, 0, "strategy.increment"), order[i].increment);
        assert_string_equal(load_var(l, order[i].id, 0, "Strategy.CycleName"), order[i].cycle);
        load_end(l, order[i].id, AZ_SUCCEEDED);
    }
    load_done(l);
}

static void test_rolling(void **state)
{
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    load_plan(l, "jobs: [{deployment: D, environment: e, variables: {a: 1}, strategy: {rolling: {maxParallel: 50%, "
                 "deploy: {steps: [{download: none}, {script: x}]}}}}]");
    assert_int_equal(load_gate(l, "D"), GATE_EXPAND);
    assert_int_equal(l->plan->n_jobs, 2);
    assert_int_equal(load_gate(l, "D/deploy"), GATE_RUN);
    assert_string_equal(load_var(l, "D/deploy", 0, "Strategy.Name"), "rolling");
    assert_string_equal(load_var(l, "D/deploy", 0, "a"), "1");
    assert_false(load_leg(l, "D/deploy", 0)->implicit_download);
    load_done(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_run_once), cmocka_unit_test(test_failure),
                                       cmocka_unit_test(test_canary), cmocka_unit_test(test_rolling)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
