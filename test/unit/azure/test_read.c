/* The structs of a pipeline: what the plan and the agent see. */
#include "az_tree.h"

static const struct az_pipeline *read(struct az_tree *t, const char *text)
{
    az_tree_init(t, AZ_SHAPE_PIPELINE, text);
    const struct az_pipeline *p = az_pipeline_read(t->arena, t->canonical, NULL, &t->d);
    assert_int_equal(t->d.errors, 0);
    return p;
}

static void is(struct str text, const char *expected)
{
    assert_true(text.n == strlen(expected) && memcmp(text.p, expected, text.n) == 0);
}

static void steps_are_one_job(void **state)
{
    struct az_tree t;
    UNUSED(state);
    const struct az_pipeline *p = read(&t, "pool: {vmImage: v}\ncontinueOnError: true\nsteps:\n- checkout: none\n"
                                           "- script: make\n  name: n\n  condition: ' always() '\n  env: {A: b}\n"
                                           "  retryCountOnTaskFailure: 3\n  timeoutInMinutes: $(t)\n"
                                           "- task: Cache@2\n  enabled: false\n  inputs: {KEY: k}\n"
                                           "  target: {container: c, commands: restricted, settableVariables: none}\n");
    assert_true(p->implicit_stage);
    assert_int_equal(p->n_stages, 1);
    is(p->stages[0].id, "__default");
    const struct az_job *j = &p->stages[0].jobs[0];
    is(j->id, "Job");
    is(j->continue_on_error, "true");
    is(j->pool.vm_image, "v");
    assert_int_equal(j->steps.n, 3);
    is(j->steps.p[0].task, AZ_CHECKOUT_TASK);
    is(j->steps.p[0].version, "1");
    is(j->steps.p[0].condition, "false");
    is(map_get_str(&j->steps.p[1].inputs, STR("SCRIPT")), "make");
    is(j->steps.p[1].condition, "always()");
    is(j->steps.p[1].retries, "3");
    is(j->steps.p[1].timeout_minutes, "$(t)");
    is(map_get_str(&j->steps.p[1].env, STR("A")), "b");
    assert_true(j->steps.p[1].enabled);
    assert_false(j->steps.p[2].enabled);
    is(map_get_str(&j->steps.p[2].inputs, STR("key")), "k");
    is(j->steps.p[2].target, "c");
    assert_true(j->steps.p[2].restricted && j->steps.p[2].settable.set);
    assert_int_equal(j->steps.p[2].settable.n, 0);
    az_tree_done(&t);
}

static void names_of_the_nameless(void **state)
{
    struct az_tree t;
    UNUSED(state);
    const struct az_pipeline *p =
        read(&t, "stages:\n- stage:\n  jobs:\n  - job:\n    steps: [bash: a]\n  - job: JOB1\n    steps: [bash: a]\n"
                 "  - job:\n    steps: [bash: a]\n- stage: stage2\n  jobs: [{job: x, steps: [bash: a]}]\n- stage:\n"
                 "  jobs: [{job: x, steps: [bash: a]}]\n");
    is(p->stages[0].id, "Stage1");
    is(p->stages[1].id, "stage2");
    is(p->stages[2].id, "Stage3");
    is(p->stages[0].jobs[0].id, "Job2");
    is(p->stages[0].jobs[2].id, "Job3");
    assert_false(p->implicit_stage);
    az_tree_done(&t);
}

static void pools_are_inherited(void **state)
{
    struct az_tree t;
    UNUSED(state);
    const struct az_pipeline *p =
        read(&t, "pool: root\nstages:\n- stage: a\n  jobs: [{job: x, steps: [bash: a]}]\n- stage: b\n"
                 "  pool: {vmImage: stage}\n  jobs:\n  - {job: x, steps: [bash: a]}\n"
                 "  - {job: y, pool: {name: own, demands: d}, steps: [bash: a]}\n");
    is(p->stages[0].jobs[0].pool.name, "root");
    is(p->stages[1].jobs[0].pool.vm_image, "stage");
    is(p->stages[1].jobs[0].pool.name, "");
    is(p->stages[1].jobs[1].pool.name, "own");
    is(p->stages[1].jobs[1].pool.demands.p[0], "d");
    az_tree_done(&t);
}

static void what_waits_for_what(void **state)
{
    struct az_tree t;
    UNUSED(state);
    const struct az_pipeline *p =
        read(&t, "stages:\n- stage: a\n  trigger: manual\n  jobs: [{job: x, steps: [bash: a]}]\n"
                 "- stage: b\n  dependsOn: []\n  condition: always()\n"
                 "  jobs: [{job: x, dependsOn: y, steps: [bash: a]}, {job: y, steps: [bash: a]}]\n");
    assert_true(p->stages[0].manual);
    assert_false(p->stages[0].depends_on.set);
    assert_true(p->stages[1].depends_on.set);
    assert_int_equal(p->stages[1].depends_on.n, 0);
    is(p->stages[1].condition, "always()");
    is(p->stages[1].jobs[0].depends_on.p[0], "y");
    az_tree_done(&t);
}

static void deployments(void **state)
{
    struct az_tree t;
    UNUSED(state);
    const struct az_pipeline *p = read(
        &t,
        "pool: p\njobs:\n- deployment: d\n  environment: staging.vm\n  strategy:\n    canary:\n"
        "      increments: [10, 20]\n      preDeploy: {pool: q, steps: [bash: a]}\n      deploy: {steps: [bash: b]}\n"
        "      on: {failure: {steps: [bash: c, bash: d]}}\n"
        "- deployment:\n  environment: {name: prod, resourceName: r}\n"
        "  strategy: {rolling: {maxParallel: 50%, deploy: {steps: [bash: b]}}}\n");
    const struct az_job *j = &p->stages[0].jobs[0];
    assert_true(j->deployment);
    assert_int_equal(j->strategy, AZ_CANARY);
    is(j->environment, "staging");
    is(j->resource, "vm");
    is(j->increments.p[1], "20");
    is(j->hooks[AZ_PRE_DEPLOY].pool.name, "q");
    is(j->hooks[AZ_DEPLOY].pool.name, "p");
    assert_false(j->hooks[AZ_ON_SUCCESS].set);
    assert_int_equal(j->hooks[AZ_ON_FAILURE].steps.n, 2);
    j = &p->stages[0].jobs[1];
    is(j->id, "Job1");
    assert_int_equal(j->strategy, AZ_ROLLING);
    is(j->max_parallel, "50%");
    is(j->resource, "r");
    az_tree_done(&t);
}

static void containers_and_strategies(void **state)
{
    struct az_tree t;
    UNUSED(state);
    const struct az_pipeline *p = read(
        &t, "resources:\n  containers: [{container: c, image: i}]\n  pipelines: [{pipeline: up, source: s}]\njobs:\n"
            "- {job: a, container: C, steps: [bash: a], strategy: {matrix: {x: {v: 1}}, maxParallel: 2}}\n"
            "- {job: b, container: {image: own}, services: {db: c}, steps: [bash: a], strategy: {parallel: 3}}\n"
            "- {job: c, container: alpine, workspace: {clean: all}, steps: [bash: a]}\n");
    const struct az_job *j = p->stages[0].jobs;
    is(j[0].container, "C");
    is(j[0].container_image, "i");
    assert_int_equal(j[0].strategy, AZ_MATRIX);
    assert_int_equal(j[0].matrix->object.n, 1);
    is(j[0].max_parallel, "2");
    is(j[1].container_image, "own");
    assert_true(j[1].services);
    is(j[1].parallel, "3");
    is(j[2].container, "alpine");
    is(j[2].container_image, "");
    is(j[2].clean, "all");
    is(p->pipelines[0].source, "s");
    az_tree_done(&t);
}

static void triggers_and_variables(void **state)
{
    struct az_tree t;
    UNUSED(state);
    const struct az_pipeline *p =
        read(&t, "name: n\ntrigger: none\npr: {branches: [main], drafts: false}\n"
                 "schedules: [{cron: '0 0 * * *', always: yes, branches: {include: [main]}}]\n"
                 "variables:\n- {name: a, value: $(b), readonly: true}\n- group: g\nsteps: [bash: a]\n");
    assert_int_equal(p->trigger.how, AZ_TRIGGER_NONE);
    assert_int_equal(p->pr.how, AZ_TRIGGER_SET);
    assert_true(p->pr.no_drafts && p->pr.branches.set);
    is(p->pr.branches.include.p[0], "main");
    assert_true(p->schedules[0].always);
    is(p->variables.p[0].value, "$(b)");
    assert_true(p->variables.p[0].readonly);
    is(p->variables.p[1].group, "g");
    is(p->name, "n");
    az_tree_done(&t);
    p = read(&t, "steps: [bash: a]\n");
    assert_int_equal(p->trigger.how, AZ_TRIGGER_ABSENT);
    az_tree_done(&t);
}

static void told_when_read(void **state)
{
    UNUSED(state);
    az_tree_tells(AZ_SHAPE_PIPELINE, "steps: []\n", "1:8 AZ313 warning: The job has no steps and is skipped\n");
    az_tree_tells(AZ_SHAPE_PIPELINE, "stages: [{stage: a, jobs: []}]\n",
                  "1:18 AZ313 warning: The stage has no jobs and is skipped\n");
    az_tree_tells(AZ_SHAPE_PIPELINE, "stages: []\n", "1:9 AZ313 warning: The pipeline has no stages: nothing runs\n");
    az_tree_tells(AZ_SHAPE_PIPELINE, "steps:\n- checkout: none\n- checkout: self\n",
                  "2:3 AZ316 error: checkout: none stands beside another checkout (leave one of them out)\n");
    az_tree_tells(AZ_SHAPE_PIPELINE, "jobs: [{job: a, strategy: {matrix: {x: {}}, parallel: 2}, steps: [bash: x]}]\n",
                  "1:55 AZ315 error: A strategy has matrix or parallel, not both\n");
    az_tree_tells(AZ_SHAPE_PIPELINE, "jobs: [{deployment: a, strategy: {runOnce: {deploy: {steps: [bash: x]}}}}]\n",
                  "1:21 AZ317 error: The deployment has no environment\n");
    az_tree_tells(AZ_SHAPE_PIPELINE, "steps: [task: Bash]\n",
                  "1:15 AZ318 warning: task 'Bash' has no version (the service wants its major version, as in "
                  "Bash@3)\n");
    az_tree_tells(AZ_SHAPE_PIPELINE, "steps: [{bash: x, retryCountOnTaskFailure: 50}]\n",
                  "1:44 AZ320 warning: a task is tried again 10 times at most\n");
    az_tree_tells(AZ_SHAPE_PIPELINE, "jobs: [{job: a, cancelTimeoutInMinutes: 0, steps: [bash: x]}]\n",
                  "1:41 AZ320 warning: cancelTimeoutInMinutes is 1 to 35790\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_one_job),
        cmocka_unit_test(names_of_the_nameless),
        cmocka_unit_test(pools_are_inherited),
        cmocka_unit_test(what_waits_for_what),
        cmocka_unit_test(deployments),
        cmocka_unit_test(containers_and_strategies),
        cmocka_unit_test(triggers_and_variables),
        cmocka_unit_test(told_when_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
