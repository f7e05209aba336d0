/* Manifests of actions: what is read, what is passed over, and every complaint in the service's words. */
#include "gh_load.h"
#include "provider/github/manifest_priv.h"

#define STEPS "runs:\n  using: composite\n  steps:\n    - {run: echo hi, shell: bash}\n"

/* What `slipway check` would say of the text. */
static void assert_manifest(const char *text, const char *expected)
{
    struct load l;
    load_init(&l);
    uint32_t file = sources_add(l.sources, STR("action.yml"), str_from(text));
    struct gh_manifest *m = gh_manifest_read(l.a, file, &l.d);
    struct str said = load_said(&l);
    assert_string_equal(arena_str(l.a, said).p, expected);
    assert_int_equal(m != NULL, l.d.errors == 0);
    load_done(&l);
}

/* The manifest, without a word about it. */
static struct gh_manifest *fine(struct load *l, const char *text)
{
    load_init(l);
    struct gh_manifest *m = gh_manifest_read(l->a, sources_add(l->sources, STR("action.yml"), str_from(text)), &l->d);
    assert_string_equal(load_said(l).p, "");
    assert_non_null(m);
    return m;
}

static void assert_str(struct str s, const char *expected)
{
    if (!str_is(s, expected))
        fail_msg("'%.*s' is not '%s'", STR_ARG(s), expected);
}

static void test_node(void **state)
{
    struct load l;
    UNUSED(state);
    struct gh_manifest *m = fine(&l, "name: Greet\n"
                                     "description: says hello\n"
                                     "author: octo\n"
                                     "branding: {icon: home, color: blue}\n"
                                     "inputs:\n"
                                     "  who to greet: {description: whom, required: true, default: you}\n"
                                     "  times: {default: 3}\n"
                                     "  where: {default: '${{ github.workspace }}', deprecationMessage: use there}\n"
                                     "  nothing: {}\n"
                                     "outputs:\n"
                                     "  time: {description: when}\n"
                                     "runs:\n"
                                     "  using: Node20\n"
                                     "  main: dist/index.js\n"
                                     "  pre: setup.js\n"
                                     "  pre-if: runner.os == 'Linux'\n"
                                     "  post: cleanup.js\n");
    assert_int_equal(m->using, GH_USING_NODE);
    assert_int_equal(m->node, 20);
    assert_str(m->name, "Greet");
    assert_str(m->main, "dist/index.js");
    assert_str(m->pre, "setup.js");
    assert_str(m->post, "cleanup.js");
    assert_true(m->pre_if.set && m->pre_if.expr && !gh_expr_has_status(m->pre_if.expr));
    assert_false(m->post_if.set);
    assert_int_equal(m->inputs.n, 4);
    assert_true(gh_manifest_input(m, STR("WHO TO greet"))->required);
    assert_str(gh_manifest_input(m, STR("times"))->def.literal, "3");
    assert_non_null(gh_manifest_input(m, STR("where"))->def.expr);
    assert_str(gh_manifest_input(m, STR("where"))->deprecated, "use there");
    assert_false(gh_manifest_input(m, STR("nothing"))->def.set);
    assert_null(gh_manifest_input(m, STR("other")));
    assert_int_equal(m->outputs.n, 1);
    load_done(&l);
}

static void test_composite(void **state)
{
    struct load l;
    UNUSED(state);
    struct gh_manifest *m = fine(&l, "inputs:\n"
                                     "  shell: {default: bash}\n"
                                     "outputs:\n"
                                     "  sum: {value: '${{ steps.add.outputs.sum }}'}\n"
                                     "runs:\n"
                                     "  using: composite\n"
                                     "  steps:\n"
                                     "    - id: add\n"
                                     "      name: Add ${{ github.action_path }}\n"
                                     "      if: always() && inputs.shell\n"
                                     "      run: echo\n"
                                     "      shell: ${{ inputs.shell }}\n"
                                     "      working-directory: sub\n"
                                     "      continue-on-error: ${{ inputs.shell == 'x' }}\n"
                                     "      env: {A: '${{ env.B }}'}\n"
                                     "    - uses: octo/other/sub@v1\n"
                                     "      with: {key: '${{ hashFiles(''*.lock'') }}'}\n"
                                     "    - {run: ls, shell: sh}\n");
    assert_int_equal(m->using, GH_USING_COMPOSITE);
    assert_int_equal(m->n_steps, 3);
    assert_non_null(m->steps[0].shell_text.expr);
    assert_str(m->steps[0].shell, "");
    assert_str(m->steps[2].shell, "sh");
    assert_str(m->steps[1].uses, "octo/other/sub@v1");
    assert_str(m->steps[0].context_name, "add");
    assert_str(m->steps[1].context_name, "__octo_other");
    assert_str(m->steps[2].context_name, "__run");
    assert_true(m->outputs.p[0].value.expr != NULL);
    load_done(&l);
}

static void test_docker(void **state)
{
    struct load l;
    UNUSED(state);
    struct gh_manifest *m = fine(&l, "inputs: {who: {}}\n"
                                     "runs:\n"
                                     "  using: docker\n"
                                     "  image: Dockerfile\n"
                                     "  entrypoint: /main.sh\n"
                                     "  pre-entrypoint: /setup.sh\n"
                                     "  post-entrypoint: /cleanup.sh\n"
                                     "  post-if: success()\n"
                                     "  args: ['${{ inputs.who }}', '', 3]\n"
                                     "  env: {WHO: '${{ inputs.who }}'}\n");
    assert_int_equal(m->using, GH_USING_DOCKER);
    assert_str(m->image, "Dockerfile");
    assert_str(m->entrypoint, "/main.sh");
    assert_str(m->pre, "/setup.sh");
    assert_str(m->post, "/cleanup.sh");
    assert_true(gh_expr_has_status(m->post_if.expr));
    assert_int_equal(m->n_args, 3);
    assert_str(m->args[2].literal, "3");
    assert_int_equal(m->env.n, 1);
    load_done(&l);
}

static void test_using(void **state)
{
    UNUSED(state);
    assert_manifest("", "1:1 E GH030 Unexpected value ''\n");
    assert_manifest("name: x\nRuns: {}\n",
                    "1:1 E GH055 Top level 'runs:' section is required for action.yml\n"
                    "2:1 W GH064 The service ignores 'Runs' in an action | did you mean 'runs'?\n");
    assert_manifest("runs: {main: a.js}\n",
                    "1:7 E GH055 Missing 'using' value. 'using' requires 'composite', 'docker', "
                    "'node12', 'node16', 'node20' or 'node24'.\n");
    assert_manifest("runs: {using: node18, main: a.js}\n",
                    "1:15 E GH055 'using: node18' is not supported, use 'docker', 'node12', 'node16', 'node20' or "
                    "'node24' instead.\n");
    assert_manifest("runs: {using: node20, pre: a.js}\n",
                    "1:15 E GH055 You are using a JavaScript Action but there is not an entry JavaScript file provided "
                    "in action.yml.\n");
    assert_manifest("runs: {using: docker, args: []}\n",
                    "1:15 E GH055 You are using a Container Action but an image is not provided in action.yml.\n");
    assert_manifest("runs: {using: composite, main: a.js}\n",
                    "1:15 E GH055 You are using a composite action but there are no steps provided in action.yml.\n");
    assert_manifest("runs: {using: composite}\n",
                    "1:7 E GH033 There's not enough info to determine what you meant. Add one of these properties: "
                    "args, entrypoint, env, image, main, post, post-entrypoint, pre, pre-entrypoint, steps\n");
    assert_manifest("runs: {using: node20, main: a.js, steps: []}\n",
                    "1:35 E GH030 Unexpected value 'steps' | 'steps' cannot stand beside 'main'\n");
}

static void test_steps(void **state)
{
    UNUSED(state);
    assert_manifest(
        "runs:\n"
        "  using: composite\n"
        "  steps:\n"
        "    - run: echo\n"
        "    - {uses: octo/tool, with: {}}\n"
        "    - {run: echo, shell: bash, timeout-minutes: 3}\n"
        "    - {run: echo, shell: bash, background: true}\n"
        "    - {run: 'echo ${{ secrets.A }}', shell: zsh}\n"
        "    - {wait: a}\n",
        "4:7 E GH032 Required property is missing: shell\n"
        "5:14 E GH050 Expected format {org}/{repo}[/path]@ref. Actual 'octo/tool'\n"
        "6:32 E GH030 Unexpected value 'timeout-minutes'\n"
        "7:32 E GH030 Unexpected value 'background'\n"
        "8:23 E GH003 Unrecognized named-value: 'secrets'. Located at position 1 within expression: "
        "secrets.A | 'secrets' is not available here; what is: github, inputs, strategy, matrix, steps, job, "
        "runner, env\n"
        "8:45 E GH051 Invalid shell option. Shell must be a valid built-in (bash, sh, cmd, powershell, "
        "pwsh) or a format string containing '{0}'\n"
        "9:7 E GH033 There's not enough info to determine what you meant. Add one of these properties: "
        "run, shell, uses, with, working-directory\n"
        "9:8 E GH030 Unexpected value 'wait'\n");
    assert_manifest("runs:\n"
                    "  using: composite\n"
                    "  steps:\n"
                    "    - {id: a, run: echo, shell: bash}\n"
                    "    - {id: A, run: echo, shell: bash}\n",
                    "5:12 E GH037 The identifier 'A' may not be used more than once within the same scope.\n");
    assert_manifest("runs: {using: composite, steps: }\n", "1:33 E GH030 Unexpected value ''\n");
}

static void test_contexts(void **state)
{
    UNUSED(state);
    assert_manifest("inputs: {a: {default: '${{ env.X }}'}}\n" STEPS,
                    "1:28 E GH003 Unrecognized named-value: 'env'. Located at position 1 within expression: env.X "
                    "| 'env' is not available here; what is: github, strategy, matrix, job, runner\n");
    assert_manifest("description: see ${{ github.ref }}\n" STEPS,
                    "1:14 E GH035 A template expression is not allowed in this context\n");
    assert_manifest("extra: [{deep: '${{ github.ref }}'}]\n" STEPS,
                    "1:1 W GH064 The service ignores 'extra' in an action\n"
                    "1:16 E GH035 A template expression is not allowed in this context\n");
    assert_manifest("runs: {using: node20, main: a.js, post-if: '${{ always() }}'}\n",
                    "1:44 E GH035 A template expression is not allowed in this context\n");
    assert_manifest("runs: {using: node20, main: a.js, post-if: 'always('}\n",
                    "1:51 E GH002 Unexpected end of expression: '('. Located at position 7 within expression: "
                    "always(\n");
    assert_manifest("runs: {using: docker, image: x, args: ['${{ github.ref }}']}\n",
                    "1:45 E GH003 Unrecognized named-value: 'github'. Located at position 1 within expression: "
                    "github.ref | 'github' is not available here; what is: inputs\n");
}

static void test_kinds(void **state)
{
    UNUSED(state);
    assert_manifest("- a\n", "1:1 E GH034 A sequence was not expected\n");
    assert_manifest("inputs:\n  a:\noutputs: [b]\nname: {}\n" STEPS, "2:5 E GH030 Unexpected value ''\n"
                                                                     "3:10 E GH034 A sequence was not expected\n"
                                                                     "4:7 E GH034 A mapping was not expected\n");
    assert_manifest("inputs: {a: {}, A: {}}\n" STEPS, "1:17 E GH031 'A' is already defined\n");
    assert_manifest("outputs: {a: {valu: 1}}\n" STEPS,
                    "1:15 E GH030 Unexpected value 'valu' | did you mean 'value'?\n");
    assert_manifest("inputs: &i {a: {}}\n" STEPS, "1:9 E YA006 anchors are not supported in this file: remove the "
                                                  "anchor 'i' | write the value out in each place where it is used\n");
}

static void test_names(void **state)
{
    UNUSED(state);
    assert_manifest("inputs: {color: {}}\n"
                    "outputs: {a: {value: '${{ steps.tset.outputs.x }}'}, b: {}}\n"
                    "runs:\n"
                    "  using: composite\n"
                    "  steps:\n"
                    "    - {id: test, shell: bash, run: 'echo ${{ inputs.colour }} ${{ matrix.os }}'}\n",
                    "2:27 W GH068 No step of this action has the id 'tset' | did you mean 'test'?\n"
                    "2:54 W GH068 The output 'b' has no value, and is always empty\n"
                    "6:46 W GH068 This action declares no input 'colour' | did you mean 'color'?\n");
}

static void test_parse(void **state)
{
    struct load l;
    struct strs errors = {0};
    UNUSED(state);
    load_init(&l);
    struct gh_manifest *m =
        gh_manifest_parse(l.a, l.sources, STR("octo/tool@v1/action.yml"),
                          STR("runs:\n  using: node20\n  man: index.js\n  main: index.js\n"), &errors);
    assert_null(m);
    assert_int_equal(errors.n, 1);
    assert_str(errors.p[0], "octo/tool@v1/action.yml (Line: 3, Col: 3): Unexpected value 'man'");
    m = gh_manifest_parse(l.a, l.sources, STR("octo/tool@v1/action.yml"), STR(STEPS), &errors);
    assert_non_null(m);
    assert_str(m->file, "octo/tool@v1/action.yml");
    load_done(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_node),  cmocka_unit_test(test_composite), cmocka_unit_test(test_docker),
        cmocka_unit_test(test_using), cmocka_unit_test(test_steps),     cmocka_unit_test(test_contexts),
        cmocka_unit_test(test_kinds), cmocka_unit_test(test_names),     cmocka_unit_test(test_parse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
