/* Names, dependencies, circles, and expressions that do not parse. */
#include "az_tree.h"

static void tells(const char *text, const char *told)
{
    az_tree_tells(AZ_SHAPE_PIPELINE, text, told);
}

#define RUN ", steps: [bash: x]}"

static void names(void **state)
{
    UNUSED(state);
    tells("jobs:\n- {job: a" RUN "\n- {job: A" RUN "\n",
          "3:9 AZ400 error: The job name 'A' appears more than once\n2:9 AZ400 note: here it is first\n");
    tells("stages:\n- {stage: a, jobs: [{job: x" RUN "]}\n- {stage: A, jobs: [{job: x" RUN "]}\n",
          "3:11 AZ400 error: The stage name 'A' appears more than once\n2:11 AZ400 note: here it is first\n");
    tells("steps:\n- bash: x\n  name: n\n- bash: y\n  name: N\n",
          "5:9 AZ400 error: The step name 'N' appears more than once\n3:9 AZ400 note: here it is first\n");
    tells("jobs:\n- {job: build-it" RUN "\n",
          "2:9 AZ405 error: The job name 'build-it' is not valid: letters, digits and _, no digit in front (write "
          "'build_it')\n");
    tells("stages: [{stage: 1st, jobs: [{job: x" RUN "]}]\n",
          "1:18 AZ405 error: The stage name '1st' is not valid: letters, digits and _, no digit in front (write "
          "'_1st')\n");
    tells("jobs:\n- {deployment: deploy, environment: e, strategy: {runOnce: {deploy: {steps: [bash: x]}}}}\n",
          "2:16 AZ407 error: 'deploy' is reserved: a deployment is called something else (its hook is called so, and "
          "outputs would be mistaken)\n");
    /* The same name in another stage is another job. */
    tells("stages:\n- {stage: a, jobs: [{job: x" RUN "]}\n- {stage: b, jobs: [{job: x" RUN "]}\n", "");
}

static void variables(void **state)
{
    UNUSED(state);
    tells("variables: {system.hosttype: x, system.debug: true, system.mine: y}\nsteps: [bash: x]\n",
          "1:13 AZ408 error: Cannot override system variable 'system.hosttype'\n");
    tells("jobs: [{job: a, variables: [{name: System.PullRequest.SourceBranch, value: x}]" RUN "]\n",
          "1:36 AZ408 error: Cannot override system variable 'System.PullRequest.SourceBranch'\n");
}

static void targets(void **state)
{
    UNUSED(state);
    tells("jobs:\n- {job: build" RUN "\n- {job: test, dependsOn: [BUILD, biuld]" RUN "\n",
          "3:34 AZ401 error: Job 'test' depends on unknown job 'biuld' (did you mean 'build'?)\n");
    tells("jobs:\n- {job: a" RUN "\n- {job: b, dependsOn: b" RUN "\n", "3:23 AZ402 error: Job 'b' depends on itself\n");
    /* Jobs of another stage are none. */
    tells("stages:\n- {stage: s, jobs: [{job: x" RUN "]}\n- {stage: t, jobs: [{job: y, dependsOn: x" RUN "]}\n",
          "3:41 AZ401 error: Job 'y' depends on unknown job 'x'\n");
}

static void circles(void **state)
{
    UNUSED(state);
    tells("jobs:\n- {job: a, dependsOn: c" RUN "\n- {job: b, dependsOn: a" RUN "\n- {job: c, dependsOn: b" RUN
          "\n- {job: d" RUN "\n",
          "2:23 AZ403 error: Jobs depend on each other: a -> c -> b -> a\n");
    tells("stages:\n- {stage: a, dependsOn: b, jobs: [{job: x" RUN "]}\n- {stage: b, jobs: [{job: x" RUN "]}\n",
          "1:1 AZ404 error: The pipeline must contain at least one stage with no dependencies\n"
          "2:25 AZ403 error: Stages depend on each other: a -> b -> a\n");
    tells("stages: [{stage: s, jobs: [{job: a, dependsOn: a" RUN "]}]\n",
          "1:18 AZ404 error: Stage s must contain at least one job with no dependencies\n"
          "1:48 AZ402 error: Job 'a' depends on itself\n");
    /* What is behind a circle is not in it. */
    tells("jobs:\n- {job: z, dependsOn: a" RUN "\n- {job: a, dependsOn: b" RUN "\n- {job: b, dependsOn: a" RUN
          "\n- {job: r" RUN "\n",
          "3:23 AZ403 error: Jobs depend on each other: a -> b -> a\n");
}

static void conditions(void **state)
{
    UNUSED(state);
    tells("jobs:\n- job: a\n  condition: eq(parameters.x, 'y')\n  steps: [bash: x]\n",
          "3:17 AZ410 error: Unrecognized value: 'parameters'. Located at position 4 within expression: "
          "'eq(parameters.x, 'y')'. (parameters are there in ${{ }} only: write ${{ parameters.name }})\n");
    tells("steps:\n- bash: x\n  condition: succeeded() && true\n",
          "3:26 AZ410 error: Unexpected symbol: '&&'. Located at position 13 within expression: 'succeeded() && "
          "true'. (there are no operators: write and(a, b))\n");
    tells(
        "steps:\n- bash: x\n  condition: eq($(x), 'y')\n",
        "3:17 AZ410 error: Unrecognized value: '$'. Located at position 4 within expression: 'eq($(x), 'y')'. (macros "
        "are not put into expressions: write variables['name'])\n");
    /* A step looks its names up when it is reached. */
    tells("steps:\n- bash: x\n  condition: eq(dependencies.a, 'y')\n", "");
    tells("stages:\n- stage: a\n  condition: and(succeeded('b', 'c'), eq(stageDependencies.x, pipeline.y))\n"
          "  jobs: [{job: x" RUN "]\n",
          "");
}

static void runtime_expressions(void **state)
{
    UNUSED(state);
    tells("variables: {a: '$[ counter(''x'', 1) ]', b: '$[ dependencies.x ]'}\nsteps: [bash: x]\n",
          "1:49 AZ411 error: Unrecognized value: 'dependencies'. Located at position 1 within expression: "
          "'dependencies.x'.\n");
    tells("jobs: [{job: a, variables: {v: '$[ eq(a ]'}" RUN "]\n",
          "1:36 AZ411 error: Unclosed function: 'eq'. Located at position 1 within expression: 'eq(a'.\n");
    tells("jobs: [{job: a, variables: {v: '$[ parameters.x ]'}" RUN "]\n",
          "1:32 AZ414 warning: Unrecognized value: 'parameters'. Located at position 1 within expression: "
          "'parameters.x'. (parameters are there in ${{ }} only: write ${{ parameters.name }})\n");
    tells("jobs: [{job: a, strategy: {matrix: '$[ x( ]'}" RUN "]\n",
          "1:40 AZ411 error: Unclosed function: 'x'. Located at position 1 within expression: 'x('.\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),   cmocka_unit_test(variables),  cmocka_unit_test(targets),
        cmocka_unit_test(circles), cmocka_unit_test(conditions), cmocka_unit_test(runtime_expressions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
