#include "core/base.h"
#include "gh_load.h"

#define RUN_X "    runs-on: ubuntu-latest\n    steps: [{run: x}]\n"

/* The legs of a job after its gate: "id | name | label | skip" lines; or why there are none. */
static struct str gate(struct load *l, const char *id, bool preview)
{
    struct job *j = plan_find_job(l->plan, str_from(id));
    struct str why = STR("");
    CLEAN(buf) struct buf out = BUF(BUF_TEXT);
    enum gate g = gh_gate(l->plan, j, &l->facts, preview, &why);
    if (g != GATE_RUN)
        buf_printf(&out, "%s: %.*s\n", g == GATE_SKIP ? "skip" : "fail", STR_ARG(why));
    for (size_t i = 0; i < j->n_legs; i++) {
        const struct leg *leg = j->legs[i];
        buf_printf(&out, "%.*s | %.*s | %.*s | %.*s\n", STR_ARG(leg->id), STR_ARG(leg->name), STR_ARG(leg->label),
                   STR_ARG(leg->skip));
    }
    return arena_str(l->a, buf_str(&out));
}

static void assert_gate(const char *text, const char *id, const char *expected)
{
    struct load l;
    load_init(&l);
    load_plan(&l, text);
    assert_string_equal(load_said(&l).n ? load_said(&l).p : "", "");
    assert_non_null(l.plan);
    assert_string_equal(gate(&l, id, false).p, expected);
    load_done(&l);
}

static void legs_are_named(void **state)
{
    UNUSED(state);
    assert_gate("on: push\njobs:\n  test:\n    strategy:\n      matrix:\n        python: ['3.9', '3.10']\n" RUN_X,
                "test", "test (3.9) | test (3.9) | ubuntu-latest | \ntest (3.10) | test (3.10) | ubuntu-latest | \n");
    assert_gate(
        "on: push\njobs:\n  test:\n    name: On ${{ matrix.v }}\n    strategy:\n      matrix:\n        v: [1]\n" RUN_X,
        "test", "test (1) | On 1 | ubuntu-latest | \n");
    assert_gate("on: push\njobs:\n  test:\n    name: Tests\n" RUN_X, "test", "test | Tests | ubuntu-latest | \n");
}

static void machines_that_are_not_here(void **state)
{
    UNUSED(state);
    assert_gate("on: push\njobs:\n  t:\n    strategy:\n      matrix:\n"
                "        os: [ubuntu-24.04, windows-latest, macos-14, linux]\n    runs-on: ${{ matrix.os }}\n"
                "    steps: [{run: x}]\n",
                "t",
                "t (ubuntu-24.04) | t (ubuntu-24.04) | ubuntu-24.04 | \n"
                "t (windows-latest) | t (windows-latest) | windows-latest | needs windows-latest\n"
                "t (macos-14) | t (macos-14) | macos-14 | needs macos-14\n"
                "t (linux) | t (linux) | linux | \n");
    assert_gate("on: push\njobs:\n  t:\n    runs-on: [self-hosted, linux, X64]\n    steps: [{run: x}]\n", "t",
                "t | t | self-hosted, linux, X64 | \n");
    assert_gate("on: push\njobs:\n  t:\n    runs-on: [self-hosted, gpu]\n    steps: [{run: x}]\n", "t",
                "t | t | self-hosted, gpu | needs gpu\n");
}

static void containers_are_left_out(void **state)
{
    UNUSED(state);
    assert_gate("on: push\njobs:\n  t:\n    container: node:20\n" RUN_X, "t",
                "t | t | ubuntu-latest | needs a container engine, which this version does not have: container "
                "node:20\n");
    assert_gate("on: push\njobs:\n  t:\n    services:\n      db:\n        image: postgres\n" RUN_X, "t",
                "t | t | ubuntu-latest | needs a container engine, which this version does not have: service "
                "postgres\n");
    assert_gate("on: push\njobs:\n  t:\n    container: ${{ vars.IMAGE }}\n" RUN_X, "t", "t | t | ubuntu-latest | \n");
}

static void container_actions_are_errors(void **state)
{
    UNUSED(state);
    const char *text = "on: push\njobs:\n  t:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: octo/act@v1\n"
                       "      - uses: docker://alpine:3\n      - uses: ./x\n"
                       "  w:\n    runs-on: windows-latest\n    steps:\n      - uses: docker://x\n";
    struct load l;
    load_init(&l);
    load_plan(&l, text);
    assert_null(l.plan);
    assert_string_equal(load_said(&l).p,
                        "7:15 E GH090 action 'docker://alpine:3' needs a container engine, which this version does not "
                        "have | --skip-unknown skips these steps and counts them\n");
    load_done(&l);
    load_init(&l);
    l.facts.skip_unknown = true;
    load_plan(&l, text);
    assert_non_null(l.plan);
    load_done(&l);
    load_init(&l);
    l.facts.change.event = STR("pull_request");
    load_plan(&l, text);
    assert_non_null(l.plan);
    assert_false(l.verdict.starts);
    load_done(&l);
}

/* a fails, b needs a, c needs b and runs always, d needs c. */
static const char chain[] =
    "on: push\njobs:\n  a:\n" RUN_X "  b:\n    needs: a\n" RUN_X "  c:\n    needs: [b]\n    if: always()\n" RUN_X
    "  d:\n    needs: [c]\n" RUN_X "  e:\n    needs: [c]\n    if: failure()\n" RUN_X
    "  f:\n    needs: [c]\n    if: needs.c.outputs.x == 'yes' && !failure()\n" RUN_X;

static void set_result(struct load *l, const char *id, enum result r)
{
    plan_find_job(l->plan, str_from(id))->result = r;
}

static void status_is_transitive(void **state)
{
    UNUSED(state);
    struct load l;
    load_init(&l);
    load_plan(&l, chain);
    assert_non_null(l.plan);
    set_result(&l, "a", RESULT_FAILURE);
    assert_string_equal(gate(&l, "b", false).p, "skip: needed job 'a' failed\n");
    set_result(&l, "b", RESULT_SKIPPED);
    assert_string_equal(gate(&l, "c", false).p, "c | c | ubuntu-latest | \n");
    set_result(&l, "c", RESULT_SUCCESS);
    assert_string_equal(gate(&l, "d", false).p, "skip: a job before its needs did not succeed\n");
    assert_string_equal(gate(&l, "e", false).p, "e | e | ubuntu-latest | \n");
    load_done(&l);
}

static void outputs_reach_conditions(void **state)
{
    UNUSED(state);
    struct load l;
    load_init(&l);
    load_plan(&l, chain);
    set_result(&l, "a", RESULT_SUCCESS);
    set_result(&l, "b", RESULT_SUCCESS);
    set_result(&l, "c", RESULT_SUCCESS);
    assert_string_equal(gate(&l, "f", true).p, "f | f | ubuntu-latest | \n");
    assert_string_equal(gate(&l, "f", false).p,
                        "skip: its condition is false: needs.c.outputs.x == 'yes' && !failure()\n");
    map_set_str(&plan_find_job(l.plan, STR("c"))->outputs, STR("x"), STR("yes"));
    assert_string_equal(gate(&l, "f", false).p, "f | f | ubuntu-latest | \n");
    load_done(&l);
}

static void matrix_of_another_job(void **state)
{
    UNUSED(state);
    struct load l;
    load_init(&l);
    load_plan(&l, "on: push\njobs:\n  a:\n" RUN_X "  t:\n    needs: a\n    name: T ${{ matrix.v }}\n    strategy:\n"
                  "      matrix: ${{ fromJSON(needs.a.outputs.m) }}\n    runs-on: ${{ matrix.os }}\n"
                  "    steps: [{run: x}]\n");
    assert_non_null(l.plan);
    assert_string_equal(gate(&l, "t", true).p, "t | T ${{ matrix.v }} | ${{ matrix.os }} | \n");
    set_result(&l, "a", RESULT_SUCCESS);
    struct str fail = gate(&l, "t", false);
    assert_true(str_starts(fail, STR("fail: ")));
    map_set_str(&plan_find_job(l.plan, STR("a"))->outputs, STR("m"), STR("{\"v\":[1,2],\"os\":[\"linux\"]}"));
    assert_string_equal(gate(&l, "t", false).p, "t (1, linux) | T 1 | linux | \nt (2, linux) | T 2 | linux | \n");
    load_done(&l);
}

static void limits_and_groups(void **state)
{
    UNUSED(state);
    struct load l;
    load_init(&l);
    load_plan(&l,
              "on: push\nconcurrency: ci-${{ github.ref }}\njobs:\n  t:\n    timeout-minutes: 2\n"
              "    concurrency:\n      group: g-${{ matrix.v }}\n      cancel-in-progress: true\n"
              "    continue-on-error: ${{ matrix.v == 2 }}\n"
              "    strategy:\n      fail-fast: false\n      max-parallel: 2\n      matrix:\n        v: [1, 2]\n" RUN_X);
    assert_non_null(l.plan);
    assert_true(str_is(l.plan->group, "ci-refs/heads/main"));
    gate(&l, "t", false);
    struct job *j = l.plan->jobs[0];
    assert_int_equal(j->n_legs, 2);
    assert_false(j->fail_fast);
    assert_int_equal(j->max_parallel, 2);
    assert_true(str_is(j->legs[1]->group, "g-2"));
    assert_true(j->legs[1]->cancel_in_progress);
    assert_int_equal(j->legs[0]->timeout_ns, 120 * (int64_t)1000000000);
    assert_int_equal(j->legs[0]->cancel_timeout_ns, 300 * (int64_t)1000000000);
    assert_true(str_is(map_get_str(&j->legs[1]->matrix, STR("v")), "2"));
    const struct gh_leg *impl = j->legs[1]->impl;
    assert_true(impl->continue_on_error);
    assert_int_equal((int)value_get(impl->strategy, STR("job-index"))->number, 1);
    load_done(&l);
}

static void inputs_are_typed(void **state)
{
    UNUSED(state);
    const char *text = "on:\n  workflow_dispatch:\n    inputs:\n      level:\n        type: choice\n"
                       "        options: [low, high]\n      dry:\n        type: boolean\n      n:\n"
                       "        type: number\n        default: 3\n"
                       "jobs:\n  t:\n    if: inputs.dry && inputs.n == 3 && inputs.level == 'high'\n" RUN_X;
    struct load l;
    load_init(&l);
    l.facts.change.event = STR("workflow_dispatch");
    map_set_str(&l.facts.inputs, STR("level"), STR("high"));
    map_set_str(&l.facts.inputs, STR("dry"), STR("true"));
    load_plan(&l, text);
    assert_non_null(l.plan);
    assert_string_equal(gate(&l, "t", false).p, "t | t | ubuntu-latest | \n");
    load_done(&l);
    load_init(&l);
    l.facts.change.event = STR("workflow_dispatch");
    map_set_str(&l.facts.inputs, STR("level"), STR("middle"));
    map_set_str(&l.facts.inputs, STR("drry"), STR("true"));
    load_plan(&l, text);
    assert_null(l.plan);
    assert_string_equal(load_said(&l).p,
                        "2:3 W GH045 This workflow has no input 'drry' | did you mean 'dry'?\n"
                        "4:7 E GH045 Input 'level' cannot be 'middle': it is a choice | its options begin with "
                        "'low'\n");
    load_done(&l);
}

static void results_settle(void **state)
{
    UNUSED(state);
    struct load l;
    struct leg_outcome legs[3] = {0}, out;
    load_init(&l);
    load_plan(&l, "on: push\n" JOBS);
    for (size_t i = 0; i < 3; i++) {
        legs[i].result = legs[i].conclusion = RESULT_SUCCESS;
        map_init(&legs[i].outputs, l.a, MAP_NOCASE);
    }
    map_set_str(&legs[0].outputs, STR("v"), STR("one"));
    map_set_str(&legs[2].outputs, STR("V"), STR("three"));
    legs[1].result = RESULT_FAILURE;
    gh_settle(l.plan->jobs[0], legs, 3, &out);
    assert_int_equal(out.result, RESULT_FAILURE);
    assert_int_equal(out.conclusion, RESULT_SUCCESS);
    assert_true(str_is(map_get_str(&out.outputs, STR("v")), "three"));
    legs[2].result = RESULT_FAILURE;
    gh_settle(l.plan->jobs[0], legs, 3, &out);
    assert_true(str_is(map_get_str(&out.outputs, STR("v")), "three"));
    l.plan->jobs[0]->calls = true; /* of calls, the last that succeeded */
    gh_settle(l.plan->jobs[0], legs, 3, &out);
    assert_true(str_is(map_get_str(&out.outputs, STR("v")), "one"));
    load_done(&l);
}

static void contexts_are_filled(void **state)
{
    UNUSED(state);
    struct load l;
    load_init(&l);
    load_text(&l, "name: CI\non: push\n" JOBS);
    struct value *g = gh_github_context(l.a, l.w, &l.facts);
    assert_true(str_is(value_get_str(g, "ref"), "refs/heads/main"));
    assert_true(str_is(value_get_str(g, "repository"), "octo/demo"));
    assert_true(str_is(value_get_str(g, "workflow_ref"), "octo/demo/ci.yml@refs/heads/main"));
    assert_true(str_is(value_get_str(value_get(g, STR("event")), "ref"), "refs/heads/main"));
    l.facts.change = (struct change){.event = STR("pull_request"), .branch = STR("f"), .base = STR("main")};
    g = gh_github_context(l.a, l.w, &l.facts);
    assert_true(str_is(value_get_str(g, "ref"), "refs/pull/1/merge"));
    assert_true(str_is(value_get_str(g, "head_ref"), "f"));
    assert_true(str_is(value_get_str(g, "base_ref"), "main"));
    load_done(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(legs_are_named),          cmocka_unit_test(machines_that_are_not_here),
        cmocka_unit_test(containers_are_left_out), cmocka_unit_test(container_actions_are_errors),
        cmocka_unit_test(status_is_transitive),    cmocka_unit_test(outputs_reach_conditions),
        cmocka_unit_test(matrix_of_another_job),   cmocka_unit_test(limits_and_groups),
        cmocka_unit_test(inputs_are_typed),        cmocka_unit_test(results_settle),
        cmocka_unit_test(contexts_are_filled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
