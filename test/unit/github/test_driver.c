/* The life of steps, what a process gets, and what its files and its end do to the job. */
#include "gh_play.h"

static void a_step_is_one_process(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    env: {A: one}\n"
                       "    steps:\n"
                       "      - run: |\n"
                       "          echo hi\n"
                       "          echo ${{ github.job }}\n"
                       "        env: {B: 'two ${{ env.A }}'}\n"
                       "        working-directory: sub\n");
    assert_true(str_is(p.room.workspace, "/home/runner/work/demo/demo"));
    play_op(&p);
    assert_int_equal(p.op.kind, OP_EXEC);
    assert_string_equal(play_argv(&p), "bash -e /home/runner/work/_temp/u3.sh");
    assert_true(str_is(play_written(&p, "u3.sh"), "echo hi\necho a\n"));
    assert_true(str_is(play_written(&p, "set_env_u2"), ""));
    assert_true(str_find(play_written(&p, "event.json"), STR("\"ref\": \"refs/heads/main\"")) >= 0);
    assert_true(str_is(p.op.cwd, "/home/runner/work/demo/demo/sub"));
    assert_int_equal(p.op.n_reads, 5);
    assert_env(&p, "A", "one");
    assert_env(&p, "B", "two one");
    assert_env(&p, "CI", "true");
    assert_env(&p, "GITHUB_ACTIONS", "true");
    assert_env(&p, "GITHUB_ACTION", "__run");
    assert_env(&p, "GITHUB_ENV", "/home/runner/work/_temp/_runner_file_commands/set_env_u2");
    assert_env(&p, "GITHUB_EVENT_PATH", "/home/runner/work/_temp/_github_workflow/event.json");
    assert_env(&p, "GITHUB_JOB", "a");
    assert_env(&p, "GITHUB_REF", "refs/heads/main");
    assert_env(&p, "GITHUB_BASE_REF", "");
    assert_env(&p, "GITHUB_REPOSITORY", "octo/demo");
    assert_env(&p, "GITHUB_TOKEN", NULL);
    assert_env(&p, "GITHUB_WORKSPACE", "/home/runner/work/demo/demo");
    assert_env(&p, "HOME", "/home/runner");
    assert_env(&p, "PATH", "/usr/bin:/bin");
    assert_env(&p, "RUNNER_OS", "Linux");
    assert_env(&p, "RUNNER_TEMP", "/home/runner/work/_temp");
    assert_env(&p, "RUNNER_TOOL_CACHE", "/opt/hostedtoolcache");
    assert_env(&p, "RUNNER_WORKSPACE", "/home/runner/work/demo");
    assert_env(&p, "RUNNER_DEBUG", NULL);
    play_say(&p, "hi");
    play_exit(&p, 0);
    assert_int_equal(play_next(&p), DRIVE_DONE);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_SUCCESS);
    assert_log(&p, NOTED "1 Run echo hi :7 $ cd sub && env B='two one' bash -e -c 'echo hi\necho a'\n"
                         "> hi\n"
                         "1 success\n");
    play_done(&p);
}

static void the_log_has_a_head(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    p.shows = true;
    play_begin(&p,
               JOB "    env: {A: 1.10}\n    steps:\n      - {name: 'Say', run: \"echo hi\\necho ho\", shell: bash}\n");
    play_rest(&p);
    assert_log(&p, NOTED "1 Say :7 $ bash --noprofile --norc -e -o pipefail -c 'echo hi\necho ho'\n"
                         "{ Say\n"
                         "| echo hi\n"
                         "| echo ho\n"
                         "| shell: /bin/bash --noprofile --norc -e -o pipefail {0}\n"
                         "| env:\n"
                         "|   A: 1.1\n"
                         "}\n"
                         "1 success\n");
    play_done(&p);
}

static void failures_skip_what_needs_success(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p,
               JOB "    steps:\n"
                   "      - {id: one, run: 'false', continue-on-error: true}\n"
                   "      - run: 'exit 3'\n"
                   "      - run: echo no\n"
                   "      - {if: failure(), run: echo failed}\n"
                   "      - {if: \"always() && steps.one.outcome == 'failure' && steps.one.conclusion == 'success'\","
                   " run: echo always}\n"
                   "      - {if: cancelled(), run: echo cancelled}\n");
    play_op(&p);
    play_exit(&p, 1);
    play_op(&p);
    play_exit(&p, 3);
    play_rest(&p);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    assert_log(&p, NOTED "1 Run false :6 $ false\n"
                         "1 failure -> success (1): Process completed with exit code 1.\n"
                         "2 Run exit 3 :7 $ exit 3\n"
                         "2 failure (3): Process completed with exit code 3.\n"
                         "3 Run echo no :8\n"
                         "3 skipped\n"
                         "4 Run echo failed :9 $ echo failed\n"
                         "4 success\n"
                         "5 Run echo always :10 $ echo always\n"
                         "5 success\n"
                         "6 Run echo cancelled :11\n"
                         "6 skipped\n");
    play_done(&p);
}

static void ends_other_than_an_exit(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    steps:\n"
                       "      - {run: sleep 100, timeout-minutes: 0.5, continue-on-error: true}\n"
                       "      - {run: 'kill $$', continue-on-error: true}\n"
                       "      - {run: 'true', working-directory: nowhere, continue-on-error: true}\n"
                       "      - {run: 'true', if: \"always() && fromJSON('x')\"}\n");
    play_op(&p);
    assert_int_equal(p.op.timeout_ns, 30000000000);
    assert_int_equal(p.op.n_ladder, 2);
    assert_int_equal(p.op.ladder[0].wait_ns, 7500000000);
    play_end(&p, OP_TIMED_OUT, 0, NULL);
    play_op(&p);
    play_end(&p, OP_SIGNALLED, 15, NULL);
    play_op(&p);
    play_end(&p, OP_NOT_STARTED, 0, NULL);
    play_rest(&p);
    buf_cut(&p.log, (size_t)str_find(buf_str(&p.log), STR("if: ")) + 4);
    assert_log(&p,
               NOTED "1 Run sleep 100 :6 $ sleep 100\n"
                     "1 failure -> success: The action 'Run sleep 100' has timed out after 0.5 minutes.\n"
                     "2 Run kill $$ :7 $ kill $$\n"
                     "2 failure -> success (143): Process completed with exit code 143.\n"
                     "3 Run true :8 $ cd nowhere && true\n"
                     "3 failure -> success: An error occurred trying to start process 'bash' with working directory "
                     "'/home/runner/work/demo/demo/nowhere'. no such file\n"
                     "4 Run true :9\n"
                     "4 failure: if: ");
    play_done(&p);
}

static void files_carry_into_later_steps(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    outputs: {v: '${{ steps.s.outputs.KEY }}', none: ''}\n"
                       "    steps:\n"
                       "      - {id: s, run: one}\n"
                       "      - {run: 'two ${{ steps.s.outputs.key }} ${{ env.X }} ${{ steps.none.outputs.y }}.'}\n"
                       "      - run: three\n");
    play_op(&p);
    const char *files[] = {"/a\n/b\n", "X=1\nGITHUB_SHA=nope\nY<<E\nl1\nl2\nE\n", "key=v\r\n", "s=1\n", "# Hi\n"};
    play_end(&p, OP_EXITED, 0, files);
    play_op(&p);
    assert_true(str_is(play_written(&p, ".sh"), "two v\r 1 ."));
    assert_env(&p, "PATH", "/b:/a:/usr/bin:/bin");
    assert_env(&p, "X", "1");
    assert_env(&p, "Y", "l1\nl2");
    assert_env(&p, "GITHUB_SHA", "1111111111111111111111111111111111111111");
    play_exit_file(&p, 0, "add_path", "/a\n");
    play_op(&p);
    assert_env(&p, "PATH", "/a:/b:/usr/bin:/bin");
    play_exit(&p, 0);
    play_rest(&p);
    play_finish(&p);
    assert_true(str_is(map_get_str(&p.outcome.outputs, STR("v")), "v\r"));
    assert_null(map_get_str(&p.outcome.outputs, STR("none")).p);
    assert_true(str_find(buf_str(&p.log), STR("summary # Hi\n")) >= 0);
    play_done(&p);
}

static void a_wrong_file_fails_the_step(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    steps:\n      - run: one\n      - {if: always(), run: two}\n");
    play_op(&p);
    const char *files[] = {"", "A=1\nfoo\nB=2\nNODE_OPTIONS=x\n", "", "", ""};
    play_end(&p, OP_EXITED, 0, files);
    play_op(&p);
    assert_env(&p, "A", "1");
    assert_env(&p, "B", NULL);
    play_exit_file(&p, 0, "set_env", "node_options=x\nC=1\n");
    play_rest(&p);
    assert_log(&p, NOTED "1 Run one :6 $ one\n"
                         "error: Unable to process file command 'env' successfully.\n"
                         "error: Invalid format 'foo'\n"
                         "1 failure: Unable to process file command 'env' successfully: Invalid format 'foo'\n"
                         "2 Run two :7 $ two\n"
                         "error: Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.\n"
                         "2 success\n");
    play_done(&p);
}

static void commands_are_obeyed(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    p.shows = true;
    play_begin(&p, JOB "    steps:\n      - {id: s, name: x, run: ''}\n      - run: echo ${{ steps.s.outputs.o }}\n");
    play_op(&p);
    buf_clear(&p.log);
    play_say(&p, "::group::Build");
    play_say(&p, "::endgroup::");
    play_say(&p, "::error file=/home/runner/work/demo/demo/a.py,line=3,col=2::oops%0Aagain");
    play_say(&p, "x ##[warning]careful");
    play_say(&p, "::debug::quiet");
    play_say(&p, "::add-mask::hunter22");
    play_say(&p, "::add-mask:: ");
    play_say(&p, "::set-output name=o::hunter22");
    play_say(&p, "::stop-commands::pause-it");
    play_say(&p, "::error::not seen");
    play_say(&p, "::pause-it::");
    play_say(&p, "::echo::on");
    play_say(&p, "::save-state name=a::b");
    play_say(&p, "::unknown::x");
    play_exit(&p, 0);
    assert_log(&p, "{ Build\n}\n"
                   "error: oops\nagain @a.py:3:2\n"
                   "warning: careful\n"
                   "> ::add-mask::***\n"
                   "warning: Can't add secret mask for empty string in ##[add-mask] command.\n"
                   "warning: The `set-output` command is deprecated and will be disabled soon. Please upgrade to using "
                   "Environment Files. For more information see: https://github.blog/changelog/2022-10-11-github-"
                   "actions-deprecating-save-state-and-set-output-commands/\n"
                   "> ::stop-commands::pause-it\n"
                   "> ::error::not seen\n"
                   "> ::pause-it::\n"
                   "warning: The `save-state` command is deprecated and will be disabled soon. Please upgrade to using "
                   "Environment Files. For more information see: https://github.blog/changelog/2022-10-11-github-"
                   "actions-deprecating-save-state-and-set-output-commands/\n"
                   "> ::save-state name=a::b\n"
                   "> ::unknown::x\n");
    play_op(&p);
    assert_true(str_is(play_written(&p, ".sh"), "echo hunter22"));
    assert_int_equal(p.masks.n, 2); /* the secret and the token */
    assert_true(str_is(p.masks.p[1], "pause-it"));
    play_exit(&p, 0);
    play_done(&p);
}

static void forbidden_commands_fail_the_step(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    steps:\n      - run: one\n"
                       "      - {if: always(), run: two, env: {ACTIONS_ALLOW_UNSECURE_COMMANDS: 'true'}}\n"
                       "      - {if: always(), run: 'three'}\n");
    play_op(&p);
    play_say(&p, "::set-env name=A::1");
    play_say(&p, "::stop-commands::debug");
    play_exit(&p, 0);
    play_op(&p);
    assert_env(&p, "A", NULL);
    play_say(&p, "::set-env name=A::2");
    play_say(&p, "::add-path::/x");
    play_exit(&p, 0);
    play_op(&p);
    assert_env(&p, "A", "2");
    assert_env(&p, "PATH", "/x:/usr/bin:/bin");
    play_exit(&p, 0);
    play_rest(&p);
    assert_true(str_find(buf_str(&p.log), STR("error: Unable to process command '::set-env name=A::1' successfully.\n"
                                              "error: The `set-env` command is disabled.")) >= 0);
    assert_true(str_find(buf_str(&p.log), STR("1 failure: The `set-env` command is disabled.")) >= 0);
    assert_true(str_find(buf_str(&p.log), STR("2 success")) >= 0);
    play_done(&p);
}

static void only_ten_annotations_of_a_level_are_kept(void **state)
{
    struct play p;
    size_t n = 0;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    steps:\n      - run: one\n");
    play_op(&p);
    for (int i = 0; i < 15; i++)
        play_say(&p, "::notice::n");
    play_exit(&p, 0);
    for (ssize_t at = 0; (at = str_find_from(buf_str(&p.log), (size_t)at, STR("notice: n"))) >= 0; at++)
        n++;
    assert_int_equal(n, 10);
    play_done(&p);
}

static void matchers_come_of_files(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    steps:\n      - run: one\n      - run: two\n      - run: three\n");
    play_op(&p);
    play_say(&p, "src/a.py:1: before");
    play_say(&p, "::add-matcher::.github/m.json");
    play_say(&p, "src/a.py:2: behind");
    play_exit(&p, 0);
    play_op(&p);
    assert_int_equal(p.op.kind, OP_FILES);
    assert_true(str_is(p.op.reads[0], "/home/runner/work/demo/demo/.github/m.json"));
    const char *files[] = {"{\"problemMatcher\":[{\"owner\":\"o\",\"pattern\":[{\"regexp\":\"^(.*):(\\\\d+): (.*)$\","
                           "\"file\":1,\"line\":2,\"message\":3}]}]}"};
    play_end(&p, OP_EXITED, 0, files);
    play_op(&p);
    play_say(&p, "src/a.py:7: bad");
    play_say(&p, "/usr/lib/a.py:7: elsewhere");
    play_say(&p, "::remove-matcher owner=o::");
    play_say(&p, "src/a.py:7: bad");
    play_say(&p, "::add-matcher::none.json");
    play_exit(&p, 0);
    play_op(&p);
    const char *missing[] = {NULL};
    struct op_end end = {.token = p.op.token, .how = OP_EXITED, .reads = &(struct str){0}, .read_errors = &(int){0}};
    UNUSED(missing);
    gh_driver.exited(p.run, &end);
    play_rest(&p);
    assert_log(&p, NOTED "1 Run one :6 $ one\n"
                         "> src/a.py:1: before\n"
                         "> src/a.py:2: behind\n"
                         "error: behind @src/a.py:2:0\n"
                         "1 success\n"
                         "2 Run two :7 $ two\n"
                         "error: bad @src/a.py:7:0\n"
                         "> src/a.py:7: bad\n"
                         "error: elsewhere\n"
                         "> /usr/lib/a.py:7: elsewhere\n"
                         "> src/a.py:7: bad\n"
                         "error: Unable to process command '::add-matcher::none.json' successfully.\n"
                         "error: Could not find file '/home/runner/work/demo/demo/none.json'\n"
                         "2 failure: Could not find file '/home/runner/work/demo/demo/none.json'\n"
                         "3 Run three :8\n"
                         "3 skipped\n");
    play_done(&p);
}

static void cancelling_spares_what_always_runs(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    steps:\n"
                       "      - run: one\n"
                       "      - run: two\n"
                       "      - {if: always(), run: three}\n"
                       "      - {if: cancelled(), run: four}\n");
    play_op(&p);
    gh_driver.cancel(p.run, CANCEL_USER);
    assert_false(gh_driver.spares(p.run, p.op.token));
    play_end(&p, OP_STOPPED, 2, NULL);
    play_op(&p);
    assert_true(gh_driver.spares(p.run, p.op.token));
    play_exit(&p, 0);
    play_rest(&p);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_CANCELLED);
    assert_int_equal(p.outcome.conclusion, RESULT_CANCELLED);
    assert_log(&p, NOTED "1 Run one :6 $ one\n"
                         "1 cancelled: The operation was canceled.\n"
                         "2 Run two :7\n"
                         "2 skipped\n"
                         "3 Run three :8 $ three\n"
                         "3 success\n"
                         "4 Run four :9 $ four\n"
                         "4 success\n");
    play_done(&p);
}

static void a_job_past_its_time_has_failed(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    timeout-minutes: 2\n    continue-on-error: true\n    steps:\n      - run: one\n");
    play_op(&p);
    gh_driver.cancel(p.run, CANCEL_TIMEOUT);
    play_end(&p, OP_STOPPED, 2, NULL);
    play_rest(&p);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    assert_int_equal(p.outcome.conclusion, RESULT_SUCCESS);
    assert_true(str_is(p.outcome.why,
                       "The job running on runner slipway has exceeded the maximum execution time of 2 minutes."));
    play_done(&p);
}

static void secrets_stay_out_of_outputs(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    map_set_str(&p.l.facts.secrets, STR("PW"), STR("hunter22"));
    play_begin(&p, JOB "    outputs: {good: fine, bad: 'x${{ steps.s.outputs.pw }}'}\n"
                       "    steps:\n      - {id: s, run: 'echo ${{ secrets.pw }}'}\n");
    assert_true(p.masks.n > 0 && str_is(p.masks.p[0], "hunter22"));
    play_op(&p);
    assert_true(str_is(play_written(&p, ".sh"), "echo hunter22"));
    play_exit_file(&p, 0, "set_output", "pw=hunter22\n");
    play_rest(&p);
    play_finish(&p);
    assert_true(str_is(map_get_str(&p.outcome.outputs, STR("good")), "fine"));
    assert_null(map_get_str(&p.outcome.outputs, STR("bad")).p);
    assert_true(str_find(buf_str(&p.log), STR("warning: Skip output 'bad' since it may contain secret.")) >= 0);
    play_done(&p);
}

static void unknown_actions_are_skipped_by_name(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    p.l.facts.skip_unknown = true;
    play_begin(&p, JOB "    steps:\n      - {id: u, uses: docker/build-push-action@v6, with: {push: true}}\n"
                       "      - run: echo ${{ steps.u.outcome }}\n");
    play_op(&p);
    assert_true(str_is(play_written(&p, ".sh"), "echo skipped"));
    play_exit(&p, 0);
    play_rest(&p);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_SUCCESS);
    buf_cut(&p.log, (size_t)str_find(buf_str(&p.log), STR("2 Run")));
    assert_log(&p, NOTED "skipped docker/build-push-action@v6: not known to slipway: the step was left out\n"
                         "1 Run docker/build-push-action@v6 :6\n"
                         "1 skipped: docker/build-push-action@v6 is not known to slipway\n");
    play_done(&p);
}

static void an_engine_that_gives_up_leaves_no_step_open(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    steps:\n      - run: one\n      - run: two\n");
    play_op(&p);
    play_end(&p, OP_NOT_STARTED, 0, NULL);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    assert_true(str_find(buf_str(&p.log), STR("1 failure: An error occurred")) >= 0);
    play_done(&p);
}

static void plain_sandboxes_get_a_prefix(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    p.room.prefix = STR("/scratch/root");
    play_begin(&p, JOB "    steps:\n      - run: one\n");
    play_op(&p);
    assert_env(&p, "HOME", "/scratch/root/home/runner");
    assert_env(&p, "RUNNER_TOOL_CACHE", "/scratch/root/opt/hostedtoolcache");
    assert_true(str_starts(p.op.writes[0].path, STR("/scratch/root/home/runner/work/_temp/")));
    play_exit(&p, 0);
    play_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_is_one_process),
        cmocka_unit_test(the_log_has_a_head),
        cmocka_unit_test(failures_skip_what_needs_success),
        cmocka_unit_test(ends_other_than_an_exit),
        cmocka_unit_test(files_carry_into_later_steps),
        cmocka_unit_test(a_wrong_file_fails_the_step),
        cmocka_unit_test(commands_are_obeyed),
        cmocka_unit_test(forbidden_commands_fail_the_step),
        cmocka_unit_test(only_ten_annotations_of_a_level_are_kept),
        cmocka_unit_test(matchers_come_of_files),
        cmocka_unit_test(cancelling_spares_what_always_runs),
        cmocka_unit_test(a_job_past_its_time_has_failed),
        cmocka_unit_test(secrets_stay_out_of_outputs),
        cmocka_unit_test(unknown_actions_are_skipped_by_name),
        cmocka_unit_test(an_engine_that_gives_up_leaves_no_step_open),
        cmocka_unit_test(plain_sandboxes_get_a_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
