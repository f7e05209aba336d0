#include "core/base.h"
#include "gh_load.h"

static void accepts_a_common_workflow(void **state)
{
    UNUSED(state);
    struct load l;
    load_init(&l);
    load_text(&l, "name: CI\n"
                  "on:\n"
                  "  push:\n"
                  "    branches: [main]\n"
                  "  pull_request:\n"
                  "jobs:\n"
                  "  test:\n"
                  "    runs-on: ubuntu-latest\n"
                  "    strategy:\n"
                  "      matrix:\n"
                  "        python: ['3.9', '3.10']\n"
                  "    steps:\n"
                  "      - uses: actions/checkout@v4\n"
                  "      - uses: actions/setup-python@v5\n"
                  "        with:\n"
                  "          python-version: ${{ matrix.python }}\n"
                  "      - run: python -m pytest\n"
                  "        shell: bash\n"
                  "      - run: echo\n"
                  "        id: last\n");
    assert_string_equal(load_said(&l).n ? load_said(&l).p : "", "");
    assert_true(str_is(l.w->name, "CI"));
    assert_int_equal(l.w->n_on, 2);
    assert_int_equal(l.w->n_jobs, 1);
    const struct gh_job *j = &l.w->jobs[0];
    assert_int_equal(j->n_steps, 4);
    assert_true(str_is(j->steps[0].context_name, "__actions_checkout"));
    assert_true(str_is(j->steps[2].context_name, "__run"));
    assert_true(str_is(j->steps[3].context_name, "last"));
    assert_int_equal(j->steps[1].with.n, 1);
    load_done(&l);
}

static void unknown_keys_are_named(void **state)
{
    UNUSED(state);
    assert_said("on: push\nnmae: x\n" JOBS, "2:1 E GH030 Unexpected value 'nmae' | did you mean 'name'?\n");
    assert_said("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    NAME: x\n    steps:\n      - run: x\n",
                "5:5 E GH030 Unexpected value 'NAME' | did you mean 'name'?\n");
    assert_said("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - runn: echo hi\n",
                "6:9 E GH030 Unexpected value 'runn' | did you mean 'run'?\n"
                "6:9 E GH033 There's not enough info to determine what you meant. Add one of these properties: "
                "parallel, run, shell, uses, with, working-directory\n");
}

static void duplicates_ignore_case(void **state)
{
    UNUSED(state);
    assert_said("on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: x\n  A:\n    runs-on: x\n    steps:\n"
                "      - run: x\n",
                "7:3 E GH031 'A' is already defined\n");
    assert_said("on: push\nenv:\n  X: 1\n  x: 2\n" JOBS, "4:3 E GH031 'x' is already defined\n");
    assert_said("on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - id: s\n        run: x\n      - id: S\n"
                "        run: x\n",
                "8:13 E GH037 The identifier 'S' may not be used more than once within the same scope.\n");
}

static void required_keys(void **state)
{
    UNUSED(state);
    assert_said("on: push\n", "1:1 E GH032 Required property is missing: jobs\n");
    assert_said("name: x\n" JOBS, "1:1 E GH032 Required property is missing: on\n");
    assert_said("on: push\njobs:\n  a:\n    steps:\n      - run: x\n",
                "4:5 E GH032 Required property is missing: runs-on\n3:3 N GH032 'a' is what lacks 'runs-on'\n");
    assert_said("on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - with:\n          foo: bar\n",
                "6:9 E GH032 Required property is missing: uses\n");
    assert_said("on: push\njobs: {}\n",
                "2:7 E GH040 The workflow must contain at least one job with no dependencies.\n");
}

static void jobs_are_of_one_kind(void **state)
{
    UNUSED(state);
    assert_said("on: push\njobs:\n  a:\n    runs-on: x\n    uses: ./.github/workflows/b.yml\n",
                "4:5 E GH032 Required property is missing: steps\n3:3 N GH032 'a' is what lacks 'steps'\n"
                "5:5 E GH030 Unexpected value 'uses' | 'uses' cannot stand beside 'runs-on'\n"
                "4:5 N GH030 'runs-on' stands here\n");
}

static void needs_are_checked(void **state)
{
    UNUSED(state);
    assert_said("on: push\njobs:\n  build:\n    runs-on: x\n    steps: [{run: x}]\n  b:\n    needs: [buildd]\n"
                "    runs-on: x\n    steps: [{run: x}]\n",
                "7:13 E GH038 Job 'b' depends on unknown job 'buildd'. | did you mean 'build'?\n");
    assert_said("on: push\njobs:\n  a:\n    runs-on: x\n    steps: [{run: x}]\n  b:\n    needs: [A, c]\n"
                "    runs-on: x\n    steps: [{run: x}]\n  c:\n    needs: b\n    runs-on: x\n    steps: [{run: x}]\n",
                "11:12 E GH039 Job 'c' depends on job 'b' which creates a cycle in the dependency graph.\n");
}

static void literals_refuse_expressions(void **state)
{
    UNUSED(state);
    assert_said("on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: x\n        shell: ${{ env.SHELL }}\n",
                "7:16 E GH035 A template expression is not allowed in this context\n");
    assert_said("on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: x\n        shell: ${{ 'sh {0}' }}\n",
                "");
}

static void values_have_types(void **state)
{
    UNUSED(state);
    assert_said("on: push\njobs:\n  a:\n    runs-on: x\n    timeout-minutes: '5'\n    steps:\n      - run: x\n"
                "        continue-on-error: yes\n",
                "5:22 E GH030 Unexpected value '5'\n8:28 E GH030 Unexpected value 'yes'\n");
    assert_said("on: push\njobs:\n  a:\n    runs-on: x\n    timeout-minutes: ${{ fromJSON('5') }}\n"
                "    steps: [{run: x}]\n",
                "");
}

static void identifiers_follow_rules(void **state)
{
    UNUSED(state);
    assert_said("on: push\njobs:\n  __a:\n    runs-on: x\n    steps: [{run: x}]\n",
                "3:3 E GH036 The identifier '__a' is invalid. IDs starting with '__' are reserved.\n");
    assert_said("on: push\njobs:\n  1a:\n    runs-on: x\n    steps: [{run: x}]\n",
                "3:3 E GH036 The identifier '1a' is invalid. IDs may only contain alphanumeric characters, '_', and "
                "'-'. IDs must start with a letter or '_' and must be less than 100 characters.\n");
}

static void contexts_are_checked_by_place(void **state)
{
    UNUSED(state);
    struct load l;
    load_init(&l);
    load_text(&l, "on: push\njobs:\n  a:\n    env:\n      A: ${{ env.B }}\n    runs-on: x\n    steps: [{run: x}]\n");
    assert_int_equal(l.d.errors, 1);
    assert_true(str_starts(l.d.p[0].message, STR("Unrecognized named-value: 'env'.")));
    load_done(&l);
}

static void traps_are_warned_of(void **state)
{
    UNUSED(state);
    assert_said("on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: actions/setup-python@v5\n"
                "        with:\n          python-version: 3.10\n",
                "8:27 W GH060 3.10 is a number and becomes the text 3.1 | quote it: '3.10'\n");
    assert_said("on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: x\n"
                "        if: ${{ github.ref }} == 'x'\n",
                "7:13 W GH062 Text around ${{ }} makes this condition a text, which is always true | write the whole "
                "condition without ${{ }}, or inside of one\n");
}

static void events_and_filters(void **state)
{
    UNUSED(state);
    assert_said("on: pusch\n" JOBS, "1:5 E GH030 Unexpected value 'pusch' | did you mean 'push'?\n");
    assert_said("on:\n  push:\n    branches: [a]\n    branches-ignore: [b]\n" JOBS,
                "4:5 E GH041 you may only define one of 'branches' and 'branches-ignore' for a single event\n");
    assert_said("on:\n  pull_request:\n    types: [opend]\n    tags: [v1]\n" JOBS,
                "3:13 E GH030 Unexpected value 'opend' | did you mean 'opened'?\n"
                "4:5 E GH030 Unexpected value 'tags'\n");
    assert_said("on:\n  schedule:\n    - cron: '61 * * * *'\n" JOBS,
                "3:13 E GH043 Invalid cron expression '61 * * * *': '61' is no minute\n");
    assert_said("on:\n  schedule:\n    - cron: '*/4 * * * *'\n    - cron: '*/5 * * * mon-FRI'\n" JOBS,
                "3:13 W GH063 The shortest interval of a schedule is once every 5 minutes\n");
}

static void inputs_are_declared(void **state)
{
    UNUSED(state);
    assert_said("on:\n  workflow_dispatch:\n    extra: 1\n    inputs:\n      a:\n        type: choice\n      b:\n"
                "        type: boolean\n        default: maybe\n" JOBS,
                "3:5 W GH064 'extra' means nothing to workflow_dispatch and is ignored\n"
                "5:7 E GH032 Required property is missing: options\n"
                "9:18 E GH030 Unexpected value 'maybe' | the default of a boolean input must be true or false\n");
}

static void permissions_and_concurrency(void **state)
{
    UNUSED(state);
    assert_said("on: push\npermissions:\n  contents: invalid\n  id-token: read\n  pull-request: read\n" JOBS,
                "3:13 E GH030 Unexpected value 'invalid'\n4:13 E GH030 Unexpected value 'read'\n"
                "5:3 E GH030 Unexpected value 'pull-request' | did you mean 'pull-requests'?\n");
    assert_said("on: push\nconcurrency:\n  cancel-in-progress: true\n" JOBS,
                "3:3 E GH032 Required property is missing: group\n"
                "2:1 N GH032 'concurrency' is what lacks 'group'\n");
    assert_said("on: push\nconcurrency: ''\n" JOBS, "2:14 E GH047 Concurrency group name cannot be empty\n");
}

static void runners_and_shells(void **state)
{
    UNUSED(state);
    assert_said("on: push\njobs:\n  a:\n    runs-on:\n      group: ent/org/x\n    steps:\n      - run: x\n"
                "        shell: zsh\n",
                "5:14 E GH049 Invalid runs-on group name 'ent/org/x'. Please use 'organization/' or 'enterprise/' "
                "prefix to target a single runner group.\n"
                "8:16 E GH051 Invalid shell option. Shell must be a valid built-in (bash, sh, cmd, powershell, pwsh) "
                "or a format string containing '{0}'\n");
}

static void generated_ids_collide(void **state)
{
    UNUSED(state);
    struct load l;
    load_init(&l);
    load_text(&l, "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: x\n      - run: x\n"
                  "      - uses: docker://alpine:latest\n      - uses: ./x\n      - uses: o/run_2/sub@v1\n");
    MUST(l.w != NULL);
    const struct gh_step *s = l.w->jobs[0].steps;
    assert_true(str_is(s[0].context_name, "__run"));
    assert_true(str_is(s[1].context_name, "__run_2"));
    assert_true(str_is(s[2].context_name, "__alpine_latest"));
    assert_true(str_is(s[3].context_name, "__self"));
    assert_true(str_is(s[4].context_name, "__o_run_2"));
    load_done(&l);
}

static void background_steps(void **state)
{
    UNUSED(state);
    assert_said("on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: x\n        id: bg\n"
                "        background: true\n      - wait: bg\n      - wait: [nobody]\n      - wait-all:\n"
                "      - parallel:\n          - run: x\n          - run: y\n            background: true\n",
                "10:15 E GH053 There is no background step 'nobody' before this one\n"
                "15:13 E GH030 Unexpected value 'background'\n");
}

static void names_that_nobody_gives(void **state)
{
    UNUSED(state);
    assert_said(
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    outputs:\n      x: ${{ steps.tset.outputs.v }}\n"
        "    steps:\n      - run: echo ${{ steps.test.outputs.v }}\n      - run: x\n        id: test\n"
        "      - run: echo ${{ steps.test.output.v }}\n",
        "6:14 W GH068 No step of this job has the id 'tset' | did you mean 'test'?\n"
        "8:23 W GH068 The step 'test' has not run yet when this is evaluated\n"
        "11:23 W GH068 'test' has no property 'output' | did you mean 'outputs'?\n");
    assert_said("on:\n  workflow_dispatch:\n    inputs:\n      level:\njobs:\n  a:\n    runs-on: ubuntu-latest\n"
                "    outputs:\n      ok: 1\n    strategy:\n      matrix:\n        os: [x]\n    steps:\n"
                "      - run: echo ${{ matrix.so }} ${{ inputs.levl }} ${{ github.evnt_name }}\n"
                "  b:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ needs.a.outputs.ok }}\n"
                "  c:\n    needs: a\n    runs-on: ubuntu-latest\n    steps:\n"
                "      - run: echo ${{ needs.a.outputs.okk }} ${{ needs.a.result }}\n",
                "14:23 W GH068 'matrix' has no property 'so' | did you mean 'os'?\n"
                "14:40 W GH068 This workflow declares no input 'levl' | did you mean 'level'?\n"
                "14:59 W GH068 'github' has no property 'evnt_name' | did you mean 'event_name'?\n"
                "18:23 W GH068 'a' is not among the needs of this job | add it to 'needs'\n"
                "23:23 W GH068 The job 'a' has no output 'okk' | did you mean 'ok'?\n");
}

static void strangers_in_scripts(void **state)
{
    UNUSED(state);
    assert_said("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
                "      - run: echo ${{ github.event.commits[0].message }}\n        env:\n"
                "          T: ${{ github.head_ref }}\n",
                "6:23 W GH069 'github.event.commits.*.message' is text of strangers, and becomes a part of this script "
                "| hand it over in 'env' and use the variable in double quotes\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_a_common_workflow),
        cmocka_unit_test(unknown_keys_are_named),
        cmocka_unit_test(duplicates_ignore_case),
        cmocka_unit_test(required_keys),
        cmocka_unit_test(jobs_are_of_one_kind),
        cmocka_unit_test(needs_are_checked),
        cmocka_unit_test(literals_refuse_expressions),
        cmocka_unit_test(values_have_types),
        cmocka_unit_test(identifiers_follow_rules),
        cmocka_unit_test(contexts_are_checked_by_place),
        cmocka_unit_test(traps_are_warned_of),
        cmocka_unit_test(events_and_filters),
        cmocka_unit_test(inputs_are_declared),
        cmocka_unit_test(permissions_and_concurrency),
        cmocka_unit_test(runners_and_shells),
        cmocka_unit_test(generated_ids_collide),
        cmocka_unit_test(background_steps),
        cmocka_unit_test(names_that_nobody_gives),
        cmocka_unit_test(strangers_in_scripts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
