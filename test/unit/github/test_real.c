/* Actions that are no native ones: what is got, and what a process of theirs is given (specification 10). */
#include "gh_play.h"

#include "provider/github/gh_run_priv.h"

/* The files of a folder are asked for: the first of them is this manifest, or there is none. */
static void reads(struct play *p, const char *manifest)
{
    const char *files[] = {manifest, NULL, NULL, NULL};
    struct op_end end = {.token = p->op.token, .how = OP_EXITED};
    struct str texts[8] = {{0}};
    int errors[8] = {0};
    assert_int_equal(p->op.kind, OP_FILES);
    for (size_t i = 0; i < p->op.n_reads; i++)
        texts[i] = i < ARRAY_LEN(files) && files[i] != NULL ? str_from(files[i]) : STR_NONE;
    end.reads = texts;
    end.read_errors = errors;
    gh_driver.exited(p->run, &end);
}

static void with_node(struct play *p, const char *version)
{
    static struct interpreter node[1];
    node[0] = (struct interpreter){.tool = STR("node"),
                                   .version = str_from(version),
                                   .program = STR("/opt/node/bin/node"),
                                   .prefix = STR("/opt/node")};
    p->l.facts.machine.interpreters = node;
    p->l.facts.machine.n_interpreters = 1;
}

static void take_token(void *ctx, const struct results_job *job, struct buf *ret)
{
    UNUSED(ctx);
    buf_printf(ret, "token-of-%.*s-on-%.*s", STR_ARG(job->name), STR_ARG(job->ref));
}

#define JS                                                                                                             \
    "name: js\ninputs:\n  my in-put: {default: '${{ github.job }}'}\n  old: {deprecationMessage: use new}\n"           \
    "  new: {default: n}\nruns: {using: node20, main: dist/main.js, post: post.js}\n"

static void what_node_is_given(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    with_node(&p, "22.1.0");
    p.l.facts.results.url = STR("http://127.0.0.1:1/");
    p.l.facts.results.token = take_token;
    play_begin(&p, JOB "    steps:\n      - {id: j, uses: ./js, with: {old: x, odd: z}, env: {E: e}}\n"
                       "      - run: echo ${{ steps.j.outputs.o }}\n");
    play_op(&p);
    assert_true(str_is(p.op.reads[0], "/home/runner/work/demo/demo/js/action.yml"));
    assert_true(str_is(p.op.reads[1], "/home/runner/work/demo/demo/js/action.yaml"));
    reads(&p, JS);
    play_op(&p);
    assert_string_equal(play_argv(&p), "/opt/node/bin/node /home/runner/work/demo/demo/js/dist/main.js");
    assert_true(str_is(p.op.cwd, "/home/runner/work/demo/demo"));
    assert_env(&p, "INPUT_MY_IN-PUT", "a");
    assert_env(&p, "INPUT_OLD", "x");
    assert_env(&p, "INPUT_NEW", "n");
    assert_env(&p, "INPUT_ODD", "z");
    assert_env(&p, "E", "e");
    assert_env(&p, "GITHUB_ACTION", "j");
    assert_env(&p, "GITHUB_ACTION_PATH", NULL);
    assert_env(&p, "GITHUB_ACTION_REPOSITORY", "");
    assert_env(&p, "ACTIONS_RUNTIME_URL", "http://127.0.0.1:1/");
    assert_env(&p, "ACTIONS_RESULTS_URL", "http://127.0.0.1:1/");
    assert_env(&p, "ACTIONS_RUNTIME_TOKEN", "token-of-0-on-refs/heads/main");
    assert_env(&p, "ACTIONS_CACHE_SERVICE_V2", "True");
    assert_int_equal(p.op.n_reads, GH_FILES);
    const char *files[] = {NULL, NULL, "o=out\n", "s=kept\n", NULL};
    play_end(&p, OP_EXITED, 0, files);
    play_op(&p);
    assert_true(str_is(play_written(&p, ".sh"), "echo out"));
    assert_env(&p, "INPUT_OLD", NULL);
    assert_env(&p, "ACTIONS_RUNTIME_TOKEN", NULL); /* scripts are not told */
    play_exit(&p, 0);
    play_op(&p);
    assert_string_equal(play_argv(&p), "/opt/node/bin/node /home/runner/work/demo/demo/js/post.js");
    assert_env(&p, "STATE_s", "kept");
    assert_env(&p, "INPUT_OLD", "x");
    assert_env(&p, "E", "e");
    play_exit(&p, 0);
    assert_int_equal(play_next(&p), DRIVE_DONE);
    assert_log(&p, NOTED "1 Run ./js :6\n"
                         "warning: Unexpected input(s) 'odd', valid inputs are ['my in-put', 'old', 'new']\n"
                         "warning: Input 'old' has been deprecated with message: use new\n"
                         "substituted node20: node 22.1.0 of this host\n"
                         "1 success\n"
                         "2 Run echo out :7 $ echo out\n"
                         "2 success\n"
                         "3 Post Run ./js :6\n"
                         "3 success\n");
    play_done(&p);
}

static void no_node_here(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    steps:\n      - uses: ./js\n");
    play_op(&p);
    reads(&p, JS);
    play_rest(&p);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    assert_non_null(
        strstr(buf_cstr(&p.log), "1 failure: ./js is a JavaScript action for node20, and this machine has no node\n"));
    play_done(&p);
}

#define COMPOSITE                                                                                                      \
    "inputs: {x: {default: '0.1'}}\noutputs: {o: {value: '${{ steps.one.outputs.v }}-${{ inputs.x }}'}}\n"             \
    "runs:\n  using: composite\n  steps:\n"                                                                            \
    "    - {id: one, run: one, shell: bash}\n"                                                                         \
    "    - {run: two, shell: bash, if: \"steps.one.outcome == 'success'\", working-directory: w}\n"                    \
    "    - {run: broken, shell: bash, if: failure()}\n"

static void a_composite_takes_turns(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    p.shows = true;
    play_begin(&p, JOB "    defaults: {run: {shell: sh, working-directory: elsewhere}}\n"
                       "    steps:\n      - {id: c, name: Comp, uses: ./c, env: {E: outer}}\n"
                       "      - run: echo ${{ steps.c.outputs.o }} ${{ steps.one }}\n");
    play_op(&p);
    reads(&p, COMPOSITE);
    play_op(&p);
    assert_int_equal(p.op.step, 1);
    assert_true(str_is(p.op.cwd, "/home/runner/work/demo/demo")); /* defaults are the job's own */
    assert_env(&p, "E", "outer");
    assert_env(&p, "GITHUB_ACTION_PATH", "/home/runner/work/demo/demo/c");
    assert_env(&p, "INPUT_X", NULL);
    play_exit_file(&p, 0, "set_output", "v=1\n");
    play_op(&p);
    assert_true(str_is(p.op.cwd, "/home/runner/work/demo/demo/w"));
    play_say(&p, "inside");
    play_exit(&p, 3);
    play_op(&p); /* broken: failure() is the action's */
    play_exit(&p, 0);
    assert_int_equal(play_next(&p), DRIVE_DONE);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    const char *log = strstr(buf_cstr(&p.log), "{ Run two");
    assert_non_null(log);
    assert_string_equal(log,
                        "{ Run two\n| two\n| shell: /bin/bash --noprofile --norc -e -o pipefail {0}\n| env:\n"
                        "|   E: outer\n}\n"
                        "> inside\n"
                        "error: Process completed with exit code 3. @c/action.yml:7:0\n"
                        "{ Run broken\n| broken\n| shell: /bin/bash --noprofile --norc -e -o pipefail {0}\n| env:\n"
                        "|   E: outer\n}\n"
                        "1 failure (3): Run two: Process completed with exit code 3.\n"
                        "2 Run echo ${{ steps.c.outputs.o }} ${{ steps.one }} :8\n"
                        "2 skipped\n");
    play_done(&p);
}

/* The time of the outer step is that of all its steps; when it is over, no more of them start. */
static void a_composite_runs_out_of_time(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    steps:\n      - {name: Comp, uses: ./c, timeout-minutes: 1, continue-on-error: true}\n"
                       "      - run: next\n");
    play_op(&p);
    reads(&p, "runs: {using: composite, steps: [{run: a, shell: sh}, {run: b, shell: sh}, {run: c, shell: sh, if: "
              "always()}]}");
    play_op(&p);
    assert_int_equal(p.op.timeout_ns, 60000000000);
    struct op_end end = {.token = p.op.token, .how = OP_EXITED, .elapsed_ns = 59000000000};
    gh_driver.exited(p.run, &end);
    play_op(&p);
    assert_int_equal(p.op.timeout_ns, 1000000000);
    end = (struct op_end){.token = p.op.token, .how = OP_TIMED_OUT, .elapsed_ns = 1000000000};
    gh_driver.exited(p.run, &end);
    play_op(&p);
    assert_true(str_is(play_written(&p, ".sh"), "next"));
    play_exit(&p, 0);
    assert_int_equal(play_next(&p), DRIVE_DONE);
    assert_non_null(strstr(buf_cstr(&p.log), "1 failure -> success: The action 'Comp' has timed out after 1 minutes."));
    play_done(&p);
}

/* Cancelling a job: a step whose own condition holds stays, and so do those of its steps that hold. */
static void a_cancelled_composite(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    steps:\n      - {uses: ./c, if: always()}\n      - {uses: ./d}\n");
    play_op(&p);
    reads(&p, "runs: {using: composite, steps: [{run: a, shell: sh}, {run: b, shell: sh}, {run: c, shell: sh, if: "
              "cancelled()}]}");
    play_op(&p);
    gh_driver.cancel(p.run, CANCEL_USER);
    assert_false(gh_driver.spares(p.run, p.op.token));
    play_end(&p, OP_STOPPED, 0, NULL);
    play_op(&p);
    assert_true(str_is(play_written(&p, ".sh"), "c"));
    assert_true(gh_driver.spares(p.run, p.op.token));
    play_exit(&p, 0);
    assert_int_equal(play_next(&p), DRIVE_DONE);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_CANCELLED);
    play_done(&p);
}

static void the_set_up_gets_each_once(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    steps:\n      - uses: octo/a/sub@v1\n      - uses: actions/checkout@v4\n"
                       "      - uses: octo/a@v1\n      - {uses: octo/a@v1, if: false}\n");
    play_op(&p);
    assert_int_equal(p.op.kind, OP_FETCH);
    assert_int_equal(p.op.step, 1);
    assert_true(str_is(p.op.fetch.repo, "octo/a"));
    assert_true(str_is(p.op.fetch.ref, "v1"));
    assert_true(str_is(p.op.fetch.path, "/home/runner/work/_actions/octo/a/v1"));
    play_exit(&p, 0);
    play_op(&p);
    assert_true(str_is(p.op.reads[0], "/home/runner/work/_actions/octo/a/v1/sub/action.yml"));
    reads(&p, "runs: {using: composite, steps: [{uses: octo/b@v2}, {uses: actions/checkout@v4}]}");
    play_op(&p); /* the root of the same repository: nothing is fetched again */
    assert_true(str_is(p.op.reads[0], "/home/runner/work/_actions/octo/a/v1/action.yml"));
    reads(&p, "runs: {using: composite, steps: [{run: x, shell: sh}]}");
    play_op(&p);
    assert_int_equal(p.op.kind, OP_FETCH);
    assert_true(str_is(p.op.fetch.repo, "octo/b"));
    play_end(&p, OP_NOT_STARTED, 0, NULL);
    assert_int_equal(play_next(&p), DRIVE_DONE);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    assert_log(&p, NOTED "1 Set up job :3\n"
                         "1 failure: Unable to resolve action `octo/b@v2`: no such file\n");
    play_done(&p);
}

/* Actions that lead back to themselves, and chains of more than ten: known before anything runs. */
static void too_deep(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    steps:\n      - uses: octo/a@v1\n");
    for (int i = 0; i < 2; i++) {
        play_op(&p);
        assert_int_equal(p.op.kind, OP_FETCH);
        play_exit(&p, 0);
        play_op(&p);
        reads(&p, i == 0 ? "runs: {using: composite, steps: [{uses: octo/b@v1}, {uses: octo/b@v1}]}"
                         : "runs: {using: composite, steps: [{uses: octo/a@v1}, {uses: octo/a@v1}]}");
    }
    assert_int_equal(play_next(&p), DRIVE_DONE);
    assert_log(&p, NOTED "1 Set up job :3\n1 failure: Composite action depth exceeded max depth 9\n");
    play_done(&p);
    for (int deep = 10; deep <= 11; deep++) {
        CLEAN(buf) struct buf b = BUF(BUF_LINE);
        play_init(&p);
        play_begin(&p, JOB "    steps:\n      - uses: octo/a@v1\n");
        for (int i = 1; i <= deep; i++) {
            play_op(&p);
            play_exit(&p, 0);
            play_op(&p);
            buf_clear(&b);
            buf_printf(&b, "runs: {using: composite, steps: [{%s: octo/a%d@v1%s}]}", i < deep ? "uses" : "run", i,
                       i < deep ? "" : ", shell: sh");
            reads(&p, arena_str(p.l.a, buf_str(&b)).p);
        }
        assert_int_equal(play_next(&p), deep == 10 ? DRIVE_OP : DRIVE_DONE);
        play_done(&p);
    }
}

static void what_leads_out_is_refused(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    steps:\n      - uses: octo/a/../../../etc@v1\n      - uses: octo/a@../../..\n");
    assert_int_equal(play_next(&p), DRIVE_DONE);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    assert_non_null(strstr(buf_cstr(&p.log), "leads out of its repository"));
    play_done(&p);
}

/* In the background, too; and it ends at once when its frame is cancelled. */
static void a_composite_in_the_background(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    steps:\n      - {id: c, uses: ./c, background: true}\n      - run: front\n"
                       "      - cancel: c\n      - run: echo ${{ env.A }}\n");
    play_op(&p);
    reads(&p, "runs: {using: composite, steps: [{run: a, shell: sh}, {run: 'echo ${{ env.A }}', shell: sh}]}");
    play_op(&p);
    struct op a = p.op;
    play_op(&p);
    struct op front = p.op;
    p.op = a;
    play_exit_file(&p, 0, "set_env", "A=1\n");
    play_op(&p);
    struct op b = p.op;
    assert_true(str_is(play_written(&p, ".sh"), "echo 1"));
    p.op = front;
    play_exit(&p, 0);
    play_op(&p);
    assert_int_equal(p.op.kind, OP_STOP);
    assert_int_equal(p.op.target, b.token);
    play_exit(&p, 0);
    assert_int_equal(play_next(&p), DRIVE_WAIT);
    p.op = b;
    play_end(&p, OP_STOPPED, 0, NULL);
    play_op(&p);
    assert_true(str_is(play_written(&p, ".sh"), "echo 1"));
    play_exit(&p, 0);
    play_rest(&p);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_SUCCESS);
    play_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_node_is_given),
        cmocka_unit_test(no_node_here),
        cmocka_unit_test(a_composite_takes_turns),
        cmocka_unit_test(a_composite_runs_out_of_time),
        cmocka_unit_test(a_cancelled_composite),
        cmocka_unit_test(the_set_up_gets_each_once),
        cmocka_unit_test(too_deep),
        cmocka_unit_test(what_leads_out_is_refused),
        cmocka_unit_test(a_composite_in_the_background),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
