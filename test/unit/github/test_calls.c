/* Called workflows: what is refused when they are read, what their jobs see, and what comes back. */
#include "core/base.h"
#include "gh_load.h"

#define STEPS "    runs-on: ubuntu-latest\n    steps: [{run: x}]\n"
#define CALLEE "on:\n  workflow_call:\n"
#define BODY "jobs:\n  in:\n" STEPS
#define CALL(more) "on: push\njobs:\n  c:\n    uses: ./b.yml\n" more

/* The caller is ci.yml, b.yml what it calls; everything that is said. */
static void assert_call(const char *caller, const char *callee, const char *expected)
{
    struct load l;
    struct load_file files[] = {{"b.yml", callee, 0}, {NULL, NULL, 0}};
    load_init(&l);
    load_files(&l, files);
    load_plan(&l, caller);
    assert_string_equal(load_said(&l).n ? load_said(&l).p : "", expected);
    load_done(&l);
}

static void inputs_fit_what_is_declared(void **state)
{
    UNUSED(state);
    const char *callee = CALLEE "    inputs:\n      name: {type: string, required: true}\n      flag: {type: boolean}\n"
                                "      count: {type: number}\n" BODY;
    assert_call(CALL("    with: {name: 1, flag: true, count: 2}\n"), callee, "");
    assert_call(CALL("    with: {name: n, flag: '${{ github.ref == 1 }}', count: \"${{ fromJSON('1') }}\"}\n"), callee,
                "");
    assert_call(CALL(""), callee,
                "4:11 E GH081 Input name is required, but not provided while calling.\n"
                "4:7 N GH081 it is declared here\n");
    assert_call(CALL("    with: {name: n, falg: true}\n"), callee,
                "5:27 E GH081 Invalid input, falg is not defined in the referenced workflow. | did you mean 'flag'?\n"
                "2:3 N GH081 what it takes is declared here\n");
    assert_call(CALL("    with:\n      name: n\n      flag: 'true'\n      count: three\n"), callee,
                "7:13 E GH081 Unexpected value 'true'\n5:7 N GH081 its type is declared here\n"
                "8:14 E GH081 Unexpected value 'three'\n6:7 N GH081 its type is declared here\n");
}

static void secrets_fit_what_is_declared(void **state)
{
    UNUSED(state);
    const char *callee = CALLEE "    secrets:\n      token: {required: true}\n      other:\n" BODY;
    assert_call(CALL("    secrets: {token: '${{ secrets.x }}', OTHER: y}\n"), callee, "");
    assert_call(CALL("    secrets: inherit\n"), callee, "");
    assert_call(CALL("    secrets: {other: y}\n"), callee,
                "4:11 E GH081 Secret token is required, but not provided while calling.\n"
                "4:7 N GH081 it is declared here\n");
    assert_call(CALL("    secrets: {token: x, foo: bar}\n"), callee,
                "5:30 E GH081 Invalid secret, foo is not defined in the referenced workflow.\n"
                "2:3 N GH081 what it takes is declared here\n");
}

static void what_is_called_is_a_workflow_for_it(void **state)
{
    UNUSED(state);
    assert_call("on: push\njobs:\n  c:\n    uses: ./gone.yml\n", "",
                "4:11 E GH080 error parsing called workflow \"./gone.yml\": workflow was not found. | there is no "
                "gone.yml\n");
    assert_call(
        "on: push\njobs:\n  c:\n    uses: octo/other/w.yml@v1\n", "",
        "4:11 E GH080 error parsing called workflow \"octo/other/w.yml@v1\": workflow was not found. | there is "
        "no octo/other/w.yml@v1\n");
    assert_call("on: push\njobs:\n  c:\n    uses: far/away/w.yml@v1\n", "",
                "4:11 W GH084 The called workflow 'far/away/w.yml@v1' is not checked: far/away was never fetched\n");
    assert_call("on: release\njobs:\n  c:\n    uses: far/away/w.yml@v1\n", "",
                ""); /* what does not start asks nobody */
    assert_call(CALL(""), "on: push\n" BODY,
                "4:11 E GH080 error parsing called workflow \"./b.yml\": workflow is not reusable as it is missing a "
                "`on.workflow_call` trigger\n1:5 N GH080 what starts it is declared here\n");
    assert_call(CALL(""), "on: workflow_call\njobs:\n  in:\n    runs_on: x\n    steps: [{run: x}]\n",
                "4:11 E GH080 Error from called workflow ./b.yml: Unexpected value 'runs_on'\n"
                "4:5 E GH030 Unexpected value 'runs_on' | did you mean 'runs-on'?\n"
                "4:5 E GH032 Required property is missing: runs-on\n3:3 N GH032 'in' is what lacks 'runs-on'\n");
    assert_call(CALL(""), "on: workflow_call\njobs: {\n",
                "4:11 E GH080 Error from called workflow ./b.yml: a value was expected here\n"
                "3:1 E YA001 a value was expected here\n");
}

static void permissions_only_shrink(void **state)
{
    UNUSED(state);
    const char *asks = "on: workflow_call\njobs:\n  in:\n    permissions: {actions: write, id-token: write}\n" STEPS;
    assert_call(CALL(""), asks, ""); /* what a token may by itself is the repository's setting */
    assert_call(CALL("    permissions: write-all\n"), asks, "");
    assert_call(CALL("    permissions: {actions: read}\n"), asks,
                "3:3 E GH082 Error calling workflow './b.yml'. The nested job 'in' is requesting 'actions: write, "
                "id-token: write', but is only allowed 'actions: read, id-token: none'.\n"
                "3:3 N GH082 it asks for them here\n");
    assert_call("permissions: {}\n" CALL(""), "permissions: {contents: read}\non: workflow_call\n" BODY,
                "4:3 E GH082 Error calling workflow './b.yml'. The workflow './b.yml' is requesting 'contents: read', "
                "but is only allowed 'contents: none'.\n2:5 N GH082 it asks for them here\n");
}

static void calls_end(void **state)
{
    UNUSED(state);
    assert_call(CALL(""), "on: workflow_call\njobs:\n  in:\n    uses: ./b.yml\n",
                "4:11 E GH083 Nested reusable workflow depth exceeded 9. | it calls itself: b.yml -> b.yml\n");
    struct load l;
    struct load_file files[12] = {{NULL, NULL, 0}};
    CLEAN(arena) struct arena *a = arena_new();
    for (unsigned i = 0; i < 10; i++) {
        files[i].name = arena_printf(a, "%u.yml", i).p;
        files[i].text = arena_printf(a, "on: workflow_call\njobs: {a: {uses: ./%u.yml}}\n", i + 1).p;
    }
    files[10] = (struct load_file){"10.yml", CALLEE BODY, 0};
    load_init(&l);
    load_files(&l, files);
    load_plan(&l, "on: push\njobs: {a: {uses: ./1.yml}}\n");
    assert_string_equal(load_said(&l).p, "2:18 E GH083 Nested reusable workflow depth exceeded 9.\n");
    load_done(&l);
    load_init(&l);
    for (unsigned i = 0; i < 10; i++)
        files[i].source = 0;
    files[10].source = 0;
    load_files(&l, files);
    load_plan(&l, "on: push\njobs: {a: {uses: ./2.yml}}\n"); /* nine below the one that starts */
    assert_string_equal(load_said(&l).n ? load_said(&l).p : "", "");
    load_done(&l);
}

static void fifty_workflows_and_not_one_more(void **state)
{
    UNUSED(state);
    struct load l;
    struct load_file files[52] = {{NULL, NULL, 0}};
    CLEAN(buf) struct buf text = BUF(BUF_TEXT);
    load_init(&l);
    buf_add_cstr(&text, "on: push\njobs:\n");
    for (unsigned i = 0; i < 51; i++) {
        files[i] = (struct load_file){arena_printf(l.a, "%u.yml", i).p, CALLEE BODY, 0};
        buf_printf(&text, "  j%u: {uses: ./%u.yml}\n  again%u: {uses: ./%u.yml}\n", i, i, i, i);
    }
    load_files(&l, files);
    load_plan(&l, buf_cstr(&text));
    assert_int_equal(l.d.errors, 2); /* both jobs that call the last one */
    assert_int_equal(sources_place(l.sources, l.d.p[0].span).line, 103);
    load_done(&l);
}

/* ---- plans ---- */

#define NEEDS_OUT "on: push\njobs:\n  up:\n    outputs: {x: y}\n" STEPS

struct play {
    struct load l;
    struct load_file files[4];
};

static void play_init(struct play *p, const char *caller, const char *callee)
{
    load_init(&p->l);
    map_set_str(&p->l.facts.secrets, STR("A"), STR("secret a"));
    map_set_str(&p->l.facts.secrets, STR("GITHUB_TOKEN"), STR("ghs"));
    map_set_str(&p->l.facts.vars, STR("V"), STR("a variable"));
    p->files[0] = (struct load_file){"b.yml", callee, 0};
    p->files[1] =
        (struct load_file){"octo/far/dir/w.yml@v1", "on: workflow_call\njobs: {x: {uses: ./dir/near.yml}}\n", 0};
    p->files[2] = (struct load_file){"octo/far/dir/near.yml@v1", callee, 0};
    p->files[3] = (struct load_file){NULL, NULL, 0};
    load_files(&p->l, p->files);
    load_plan(&p->l, caller);
    assert_string_equal(load_said(&p->l).n ? load_said(&p->l).p : "", "");
    assert_non_null(p->l.plan);
}

static struct job *expand(struct play *p, const char *id)
{
    struct job *j = plan_find_job(p->l.plan, str_from(id));
    struct str why = STR("");
    assert_non_null(j);
    enum gate g = gh_gate(p->l.plan, j, &p->l.facts, false, &why);
    assert_string_equal(arena_str(p->l.a, why).p, "");
    assert_int_equal(g, GATE_EXPAND);
    return j;
}

static enum gate gate_of(struct play *p, const char *id, struct str *why)
{
    struct job *j = plan_find_job(p->l.plan, str_from(id));
    assert_non_null(j);
    return gh_gate(p->l.plan, j, &p->l.facts, false, why);
}

static const struct gh_call *call_of(const struct job *j, size_t leg)
{
    const struct gh_leg *impl = j->legs[leg]->impl;
    return impl->made;
}

static const char *json(struct play *p, const struct value *v)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    value_add_json(&b, v, VALUE_COMPACT);
    return arena_str(p->l.a, buf_str(&b)).p;
}

static void jobs_are_added_for_each_leg(void **state)
{
    UNUSED(state);
    struct play p;
    play_init(
        &p,
        "on: push\njobs:\n  c:\n    strategy: {matrix: {v: [1, 2]}, max-parallel: 1}\n    uses: ./b.yml\n    with: "
        "{v: '${{ matrix.v }}'}\n",
        CALLEE "    inputs: {v: {type: number}}\njobs:\n  one:\n    name: On ${{ inputs.v }}\n" STEPS
               "  two:\n    needs: [one]\n    strategy: {matrix: {w: [x, y]}}\n" STEPS);
    struct job *c = expand(&p, "c");
    assert_int_equal(p.l.plan->n_jobs, 5);
    assert_int_equal(c->max_parallel, 1);
    struct job *one = p.l.plan->jobs[3], *two = p.l.plan->jobs[4];
    assert_string_equal(one->id.p, "c (2)/one");
    assert_string_equal(one->own_id.p, "one");
    assert_ptr_equal(two->needs[0], one);
    assert_int_equal(one->n_needs, 0);
    assert_int_equal(gate_of(&p, "c (2)/one", &(struct str){0}), GATE_RUN);
    assert_string_equal(one->legs[0]->name.p, "c (2) / On 2");
    one->result = RESULT_SUCCESS;
    assert_int_equal(gate_of(&p, "c (2)/two", &(struct str){0}), GATE_RUN);
    assert_string_equal(two->legs[1]->id.p, "c (2)/two (y)");
    assert_string_equal(two->legs[1]->name.p, "c (2) / two (y)");
    load_done(&p.l);
}

static void inputs_are_typed_and_have_defaults(void **state)
{
    UNUSED(state);
    struct play p;
    play_init(&p, CALL("    with: {text: 1.50, name: '${{ github.event_name }}', flag: true}\n"),
              CALLEE
              "    inputs:\n      text: {type: string}\n      name: {type: string}\n      flag: {type: boolean}\n"
              "      off: {type: boolean}\n      n: {type: number}\n      none: {type: string}\n"
              "      seven: {type: number, default: 7}\n"
              "      said: {type: string, default: '${{ vars.V }} of ${{ github.event_name }}'}\n" BODY);
    const struct gh_call *call = call_of(expand(&p, "c"), 0);
    assert_string_equal(json(&p, call->inputs),
                        "{\"text\":\"1.5\",\"name\":\"push\",\"flag\":true,\"off\":false,\"n\":0,\"none\":\"\","
                        "\"seven\":7,\"said\":\"a variable of push\"}");
    load_done(&p.l);
}

static void expressions_of_a_wrong_type_fail_the_caller(void **state)
{
    UNUSED(state);
    struct play p;
    struct str why;
    play_init(&p, NEEDS_OUT "  c:\n    needs: up\n    uses: ./b.yml\n    with: {flag: '${{ needs.up.outputs.x }}'}\n",
              CALLEE "    inputs: {flag: {type: boolean}}\n" BODY);
    p.l.plan->jobs[0]->result = RESULT_SUCCESS;
    map_set_str(&p.l.plan->jobs[0]->outputs, STR("x"), STR("true"));
    assert_int_equal(gate_of(&p, "c", &why), GATE_FAIL);
    assert_string_equal(why.p, "Unexpected value 'true'");
    assert_int_equal(p.l.plan->n_jobs, 2);
    load_done(&p.l);
}

static void secrets_are_passed_or_inherited(void **state)
{
    UNUSED(state);
    const char *callee = CALLEE "    secrets: {mine: {required: true}}\n" BODY;
    struct play p;
    play_init(&p, CALL("    secrets: {mine: '-${{ secrets.A }}-'}\n"), callee);
    assert_string_equal(json(&p, call_of(expand(&p, "c"), 0)->secrets),
                        "{\"GITHUB_TOKEN\":\"ghs\",\"mine\":\"-secret a-\"}");
    load_done(&p.l);
    play_init(&p, CALL("    secrets: inherit\n"), callee);
    assert_string_equal(json(&p, call_of(expand(&p, "c"), 0)->secrets),
                        "{\"A\":\"secret a\",\"GITHUB_TOKEN\":\"ghs\"}");
    load_done(&p.l);
    play_init(&p, "on: push\njobs:\n  c:\n    uses: ./b.yml\n",
              CALLEE BODY); /* nothing passed: nothing but the token */
    assert_string_equal(json(&p, call_of(expand(&p, "c"), 0)->secrets), "{\"GITHUB_TOKEN\":\"ghs\"}");
    load_done(&p.l);
}

/* A ./path in a called workflow lies beside it, at its own commit. */
static void calls_call_from_where_they_are(void **state)
{
    UNUSED(state);
    struct play p;
    play_init(&p, "on: push\njobs: {c: {uses: octo/far/dir/w.yml@v1}}\n", CALLEE BODY);
    expand(&p, "c");
    const struct gh_workflow *w = call_of(expand(&p, "c/x"), 0)->workflow;
    assert_string_equal(w->repo.p, "octo/far");
    assert_string_equal(w->file.p, "dir/near.yml");
    assert_string_equal(w->commit.p, "2222222222222222222222222222222222222222");
    assert_string_equal(p.l.plan->jobs[2]->id.p, "c/x/in");
    assert_string_equal(p.l.plan->jobs[2]->name.p, "c / x / in");
    load_done(&p.l);
}

static void finish(struct job *j, enum result r, const char *output)
{
    j->result = r;
    if (output)
        map_set_str(&j->outputs, STR("v"), str_from(output));
}

static void outputs_and_results_come_back(void **state)
{
    UNUSED(state);
    static const struct {
        enum result one, two, all;
    } cases[] = {
        {RESULT_SUCCESS, RESULT_SUCCESS, RESULT_SUCCESS},     {RESULT_SUCCESS, RESULT_SKIPPED, RESULT_SUCCESS},
        {RESULT_SKIPPED, RESULT_SKIPPED, RESULT_SKIPPED},     {RESULT_FAILURE, RESULT_CANCELLED, RESULT_FAILURE},
        {RESULT_CANCELLED, RESULT_SUCCESS, RESULT_CANCELLED},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct play p;
        struct leg_outcome out;
        play_init(&p, CALL(""),
                  CALLEE "    outputs:\n      v: {value: '${{ jobs.one.outputs.v }}+${{ jobs.two.result }}'}\n"
                         "      none: {value: '${{ jobs.two.outputs.v }}'}\njobs:\n  one:\n    outputs: {v: x}\n" STEPS
                         "  two:\n    outputs: {v: x}\n" STEPS);
        struct job *c = expand(&p, "c");
        finish(p.l.plan->jobs[1], cases[i].one, "1");
        finish(p.l.plan->jobs[2], cases[i].two, NULL);
        gh_driver.gather(c->legs[0], &out);
        assert_int_equal(out.conclusion, cases[i].all);
        assert_string_equal(map_get_str(&out.outputs, STR("v")).p,
                            arena_printf(p.l.a, "1+%s", result_name(cases[i].two)).p);
        assert_null(map_get_str(&out.outputs, STR("none")).p);
        load_done(&p.l);
    }
}

/* An inner job sees the jobs of its call and nothing before it; what comes after sees the call. */
static void status_functions_stay_in_the_call(void **state)
{
    UNUSED(state);
    struct play p;
    struct str why = STR("");
    play_init(&p,
              NEEDS_OUT "  c:\n    needs: up\n    if: always()\n    uses: ./b.yml\n"
                        "  ok:\n    needs: c\n" STEPS "  even:\n    needs: c\n    if: failure()\n" STEPS,
              CALLEE BODY "  next:\n    needs: in\n    if: failure()\n" STEPS);
    finish(p.l.plan->jobs[0], RESULT_FAILURE, NULL);
    struct job *c = expand(&p, "c");
    assert_int_equal(gate_of(&p, "c/in", &why), GATE_RUN);
    finish(p.l.plan->jobs[4], RESULT_SUCCESS, NULL);
    assert_int_equal(gate_of(&p, "c/next", &why), GATE_SKIP); /* `up` failed, but outside */
    c->result = RESULT_SUCCESS;
    assert_int_equal(gate_of(&p, "ok", &why), GATE_SKIP); /* an ancestor failed */
    assert_int_equal(gate_of(&p, "even", &why), GATE_RUN);
    c->legs[0]->cancelled = true;
    assert_int_equal(gate_of(&p, "c/in", &why), GATE_SKIP);
    load_done(&p.l);
}

static void a_cancelled_call_says_so(void **state)
{
    UNUSED(state);
    struct play p;
    struct str why = STR("");
    play_init(&p, CALL(""), CALLEE BODY "  last:\n    if: cancelled()\n" STEPS);
    struct job *c = expand(&p, "c");
    assert_int_equal(gate_of(&p, "c/last", &why), GATE_SKIP);
    c->legs[0]->cancelled = true;
    assert_int_equal(gate_of(&p, "c/last", &why), GATE_RUN);
    assert_int_equal(gate_of(&p, "c/in", &why), GATE_SKIP);
    assert_string_equal(why.p, "the call that it is a part of was cancelled");
    load_done(&p.l);
}

static void groups_of_both_sides(void **state)
{
    UNUSED(state);
    struct play p;
    play_init(&p, CALL("    with: {to: prod}\n    concurrency: mine\n"),
              "concurrency: {group: 'deploy-${{ inputs.to }}', cancel-in-progress: true}\n" CALLEE
              "    inputs: {to: {type: string}}\n" BODY);
    const struct leg *leg = expand(&p, "c")->legs[0];
    assert_string_equal(leg->group.p, "mine");
    assert_false(leg->cancel_in_progress);
    assert_string_equal(leg->call_group.p, "deploy-prod");
    assert_true(leg->call_cancel_in_progress);
    load_done(&p.l);
}

/* What a call is given may come of jobs that have not run: a preview leaves just what hangs on it as it is written. */
static void previews_leave_what_they_cannot_know(void **state)
{
    UNUSED(state);
    struct play p;
    struct str why = STR("");
    play_init(
        &p, NEEDS_OUT "  c:\n    needs: up\n    uses: ./b.yml\n    with: {late: '${{ needs.up.outputs.x }}', now: n}\n",
        CALLEE "    inputs: {late: {type: string}, now: {type: string}}\njobs:\n"
               "  a:\n    name: A ${{ inputs.now }}\n" STEPS "  b:\n    name: B ${{ inputs.late }}\n    if: "
               "inputs.late == 'x'\n" STEPS);
    struct plan *plan = p.l.plan;
    assert_int_equal(gh_gate(plan, plan->jobs[1], &p.l.facts, true, &why), GATE_EXPAND);
    assert_int_equal(gh_gate(plan, plan->jobs[2], &p.l.facts, true, &why), GATE_RUN);
    assert_int_equal(gh_gate(plan, plan->jobs[3], &p.l.facts, true, &why), GATE_RUN);
    assert_string_equal(plan->jobs[2]->legs[0]->name.p, "c / A n");
    assert_string_equal(plan->jobs[3]->legs[0]->name.p, "c / B ${{ inputs.late }}");
    plan_cut(plan, 2);
    assert_int_equal(plan->n_jobs, 2);
    assert_int_equal(plan->jobs[1]->n_legs, 0);
    load_done(&p.l);
}

/* `slipway ci workflow_call --input`: as act has it. */
static void a_user_may_start_it_as_a_call(void **state)
{
    UNUSED(state);
    struct load l;
    const char *text =
        CALLEE "    inputs:\n      a: {type: string, default: 'd'}\n      n: {type: number, required: true}\n"
               "      f: {type: boolean}\n" BODY;
    load_init(&l);
    l.facts.change.event = STR("workflow_call");
    load_plan(&l, text);
    assert_string_equal(load_said(&l).p, "5:7 E GH045 Input 'n' is required | give it with --input n=VALUE\n");
    load_done(&l);
    load_init(&l);
    l.facts.change.event = STR("workflow_call");
    map_set_str(&l.facts.inputs, STR("N"), STR("3"));
    map_set_str(&l.facts.inputs, STR("f"), STR("true"));
    load_plan(&l, text);
    assert_non_null(l.plan);
    assert_true(l.verdict.starts);
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    value_add_json(&b, gh_inputs_context(l.a, l.plan->model, &l.facts), VALUE_COMPACT);
    assert_string_equal(buf_cstr(&b), "{\"a\":\"d\",\"n\":3,\"f\":true}");
    load_done(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inputs_fit_what_is_declared),
        cmocka_unit_test(secrets_fit_what_is_declared),
        cmocka_unit_test(what_is_called_is_a_workflow_for_it),
        cmocka_unit_test(permissions_only_shrink),
        cmocka_unit_test(calls_end),
        cmocka_unit_test(fifty_workflows_and_not_one_more),
        cmocka_unit_test(jobs_are_added_for_each_leg),
        cmocka_unit_test(inputs_are_typed_and_have_defaults),
        cmocka_unit_test(expressions_of_a_wrong_type_fail_the_caller),
        cmocka_unit_test(secrets_are_passed_or_inherited),
        cmocka_unit_test(calls_call_from_where_they_are),
        cmocka_unit_test(outputs_and_results_come_back),
        cmocka_unit_test(status_functions_stay_in_the_call),
        cmocka_unit_test(a_cancelled_call_says_so),
        cmocka_unit_test(groups_of_both_sides),
        cmocka_unit_test(previews_leave_what_they_cannot_know),
        cmocka_unit_test(a_user_may_start_it_as_a_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
