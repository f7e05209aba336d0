/* The walk of a build through its phases, with scripted answers. */
#include "cb_play.h"

static void a_build_in_order(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, "version: 0.2\n"
                   "phases:\n"
                   "  post_build: {commands: [four]}\n"
                   "  install: {commands: [one]}\n"
                   "  build: {commands: [two, three]}\n");
    assert_true(str_is(p.room.home, "/root"));
    assert_true(str_is(p.room.temp, "/codebuild/output/tmp"));
    assert_true(str_ends(p.room.workspace, STR("/src/github.com/octo/demo")));
    play_run(&p, "one", 0);
    play_run(&p, "two", 0);
    play_run(&p, "three", 0);
    play_run(&p, "four", 0);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_SUCCESS);
    assert_string_equal(buf_cstr(&p.log),
                        "emulated aws/codebuild/standard:7.0: this host, Debian 12\n"
                        "1 DOWNLOAD_SOURCE :1\n"
                        "substituted python: runtime-versions names none: the image has 3.11, `python` is 3.11.7 of "
                        "this machine\n"
                        "1 success\n"
                        "2 INSTALL :4\n"
                        "2 success\n"
                        "3 BUILD :5\n"
                        "3 success\n"
                        "4 POST_BUILD :3\n"
                        "4 success\n"
                        "| phase | status | seconds | context |\n"
                        "|---|---|---|---|\n"
                        "| SUBMITTED | SUCCEEDED | 0.0 |  |\n"
                        "| QUEUED | SUCCEEDED | 0.0 |  |\n"
                        "| PROVISIONING | SUCCEEDED | 0.0 |  |\n"
                        "| DOWNLOAD_SOURCE | SUCCEEDED | 2.0 |  |\n"
                        "| INSTALL | SUCCEEDED | 1.0 |  |\n"
                        "| PRE_BUILD | SUCCEEDED | 0.0 |  |\n"
                        "| BUILD | SUCCEEDED | 2.0 |  |\n"
                        "| POST_BUILD | SUCCEEDED | 1.0 |  |\n"
                        "| UPLOAD_ARTIFACTS | SUCCEEDED | 0.0 |  |\n"
                        "| FINALIZING | SUCCEEDED | 0.0 |  |\n"
                        "| COMPLETED |  |  |  |\n");
    play_done(&p);
}

static void the_agents_lines(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    p.shows = true;
    play_begin(&p, "version: 0.2\nphases:\n  build:\n    commands: [\"one\\ntwo\"]\n");
    play_run(&p, "one\ntwo", 2);
    play_finish(&p);
    assert_told(&p, "| [Container] 2026/11/30 20:15:01.170000 Phase is DOWNLOAD_SOURCE\n");
    assert_told(&p, "| [Container] 2026/11/30 20:15:03.170000  BUILD: 1 commands\n");
    assert_told(&p, "| [Container] 2026/11/30 20:15:03.170000 Running command one\n| two\n");
    assert_told(&p, "20:15:04.170000 Command did not exit successfully one\n| two exit status 2\n");
    assert_told(&p, "Phase context status code: COMMAND_EXECUTION_ERROR Message: Error while executing command: one\n");
    assert_told(&p, "error: Error while executing command: one .... Reason: exit status 2 @buildspec.yml:4\n");
    play_done(&p);
}

static void a_command_is_a_script_of_its_own(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, "version: 0.2\nphases:\n  build:\n    commands: [first, second]\n");
    assert_true(play_command(&p));
    assert_true(str_is(p.op.argv[0], "/bin/sh"));
    assert_true(str_is(p.op.cwd, "/"));
    struct str script = play_written(&p, "script.sh"), one, two, three;
    str_next(&script, '\n', &one);
    str_next(&script, '\n', &two);
    str_next(&script, '\n', &three);
    assert_true(str_is(one, ":"));
    assert_true(str_starts(two, STR("cd /codebuild/output/src")));
    assert_true(str_is(three, "trap '{ set +x; } 2>/dev/null; { set; echo; export -p; } >|"
                              "/codebuild/output/tmp/env.dump' EXIT"));
    assert_true(str_is(script, "first\n"));
    play_end(&p, OP_EXITED, 0,
             "A='it'\"'\"'s'\nB='two\nlines'\nIFS=' \t\n'\nOLDPWD='/'\nPATH='/x'\nPPID='9'\nPWD='/sub dir'\n\n"
             "export B='two\nlines'\nexport PATH='/x'\nexport U\n");
    assert_true(play_command(&p));
    assert_env(&p, "B", "two\nlines");
    assert_env(&p, "PATH", "/x");
    assert_env(&p, "A", NULL); /* it is not exported */
    assert_env(&p, "HOME", NULL);
    assert_env(&p, "PPID", NULL);
    assert_env(&p, "CODEBUILD_BUILD_SUCCEEDING", "1"); /* always ours */
    assert_true(str_is(play_written(&p, "env.sh"), "A='it'\\''s'\n"));
    script = play_written(&p, "script.sh");
    str_next(&script, '\n', &one);
    str_next(&script, '\n', &two);
    assert_true(str_is(one, ". /codebuild/output/tmp/env.sh"));
    assert_true(str_is(two, "cd '/sub dir' || exit; OLDPWD=/"));
    play_end(&p, OP_EXITED, 0, NULL);
    play_finish(&p);
    play_done(&p);
}

static void variables(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    map_set_str(&p.facts.env, STR("C"), STR("start"));
    play_begin(&p, "version: 0.2\n"
                   "env: {variables: {A: '$HOME', C: spec, PATH: '$PATH:/x'}}\n"
                   "phases: {build: {commands: [x]}}\n");
    assert_true(play_command(&p));
    assert_env(&p, "A", "$HOME");
    assert_env(&p, "C", "start");
    assert_env(&p, "CI", NULL);
    assert_env(&p, "HOME", "/root");
    assert_env(&p, "PATH", "/opt/py311/bin:/codebuild/bin:$PATH:/x");
    assert_env(&p, "AWS_REGION", "us-east-1");
    assert_env(&p, "CODEBUILD_BUILD_ARN", "arn:aws:codebuild:us-east-1:000000000000:build/demo:u1");
    assert_env(&p, "CODEBUILD_BUILD_ID", "demo:u1");
    assert_env(&p, "CODEBUILD_BUILD_IMAGE", "aws/codebuild/standard:7.0");
    assert_env(&p, "CODEBUILD_BUILD_NUMBER", "7");
    assert_env(&p, "CODEBUILD_CI", "true");
    assert_env(&p, "CODEBUILD_INITIATOR", "GitHub-Hookshot/1111111");
    assert_env(&p, "CODEBUILD_LAST_EXIT", "0");
    assert_env(&p, "CODEBUILD_PUBLIC_BUILD_URL", NULL);
    assert_env(&p, "CODEBUILD_RESOLVED_SOURCE_VERSION", "1111111111111111111111111111111111111111");
    assert_env(&p, "CODEBUILD_SOURCE_REPO_URL", "https://github.com/octo/demo.git");
    assert_env(&p, "CODEBUILD_START_TIME", "1796069701170");
    assert_env(&p, "CODEBUILD_WEBHOOK_BASE_REF", NULL);
    assert_env(&p, "CODEBUILD_WEBHOOK_EVENT", "PUSH");
    assert_env(&p, "CODEBUILD_WEBHOOK_HEAD_REF", "refs/heads/main");
    assert_env(&p, "CODEBUILD_WEBHOOK_PREV_COMMIT", "2222222222222222222222222222222222222222");
    assert_env(&p, "CODEBUILD_WEBHOOK_TRIGGER", "branch/main");
    play_end(&p, OP_EXITED, 0, NULL);
    play_finish(&p);
    play_done(&p);
}

static void a_pull_request(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    p.facts.change = (struct change){
        .event = STR("pull_request"), .action = STR("opened"), .branch = STR("topic"), .base = STR("main")};
    value_from_json(p.a, STR("{\"pull_request\":{\"number\":12},\"sender\":{\"id\":583231}}"), MAP_CASE,
                    &p.facts.payload, NULL);
    play_begin(&p, "version: 0.2\nphases: {build: {commands: [x]}}\n");
    assert_true(play_command(&p));
    assert_env(&p, "CODEBUILD_SOURCE_VERSION", "pr/12");
    assert_env(&p, "CODEBUILD_WEBHOOK_TRIGGER", "pr/12");
    assert_env(&p, "CODEBUILD_WEBHOOK_EVENT", "PULL_REQUEST_CREATED");
    assert_env(&p, "CODEBUILD_WEBHOOK_BASE_REF", "refs/heads/main");
    assert_env(&p, "CODEBUILD_WEBHOOK_HEAD_REF", "refs/heads/topic");
    assert_env(&p, "CODEBUILD_WEBHOOK_PREV_COMMIT", NULL);
    assert_env(&p, "CODEBUILD_WEBHOOK_ACTOR_ACCOUNT_ID", "583231");
    play_end(&p, OP_EXITED, 0, NULL);
    play_finish(&p);
    play_done(&p);
}

static void head_is_detached(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, "version: 0.2\nphases: {build: {commands: [x]}}\n");
    assert_int_equal(play_next(&p), DRIVE_OP);
    assert_int_equal(p.op.kind, OP_VIEW);
    play_end(&p, OP_EXITED, 0, NULL);
    assert_int_equal(play_next(&p), DRIVE_OP);
    assert_true(str_find(play_written(&p, "/root/.gitconfig"), STR("directory = \"/codebuild/output/src")) > 0);
    play_end(&p, OP_EXITED, 0, "ref: refs/heads/main\n");
    assert_int_equal(play_next(&p), DRIVE_OP);
    assert_true(str_is(play_written(&p, ".git/HEAD"), "1111111111111111111111111111111111111111\n"));
    play_end(&p, OP_EXITED, 0, NULL);
    play_run(&p, "x", 0);
    play_finish(&p);
    play_done(&p);
}

static void secrets(void **state)
{
    static const char spec[] = "version: 0.2\n"
                               "env:\n"
                               "  parameter-store: {KEY: /app/key}\n"
                               "  secrets-manager: {WORD: 'prod/db:password', RAW: 'prod/db:password'}\n"
                               "phases: {build: {commands: [x]}}\n";
    struct play p;
    UNUSED(state);
    play_init(&p);
    map_set_str(&p.facts.secrets, STR("/app/key"), STR("sesame"));
    map_set_str(&p.facts.secrets, STR("prod/db"), STR("{\"password\":\"of the id\"}"));
    map_set_str(&p.facts.secrets, STR("RAW"), STR("bare"));
    play_begin(&p, spec);
    assert_true(play_command(&p));
    assert_env(&p, "KEY", "sesame");
    assert_env(&p, "WORD", "of the id");
    assert_env(&p, "RAW", "bare");
    assert_int_equal(p.masks.n, 3);
    play_end(&p, OP_EXITED, 0, NULL);
    play_finish(&p);
    play_done(&p);

    play_init(&p); /* none of them is there */
    play_begin(&p, spec);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    assert_told(&p, "1 failure: Parameter Store parameter '/app/key' of variable KEY is not known here: give it with "
                    "-s KEY=VALUE\n");
    assert_told(&p, "| DOWNLOAD_SOURCE | FAILED | 0.0 | CLIENT_ERROR: ");
    assert_told(&p, "| FINALIZING | SUCCEEDED");
    assert_not_told(&p, "INSTALL");
    play_done(&p);
}

static void a_list_with_a_session(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, "version: 0.2\n"
                   "batch:\n"
                   "  build-list:\n"
                   "    - {identifier: a}\n"
                   "    - {identifier: b, debug-session: yes, env: {fleet: quick}}\n"
                   "phases: {build: {commands: [x]}}\n");
    play_run(&p, "x", 0);
    assert_told(&p, "emulated debug-session: there is no session, and no breakpoint holds the build\n");
    assert_told(&p, "emulated fleet quick: this machine\n");
    assert_not_told(&p, "skipped");
    play_finish(&p);
    play_done(&p);
}

/* ---- failing ---- */

static void what_follows_a_failure(void **state)
{
    static const struct {
        const char *phase, *on_failure;
        const char *then[3]; /* the commands that still run */
        enum result result;
    } cases[] = {
        {"install", "", {"fin"}, RESULT_FAILURE},
        {"install", "on-failure: CONTINUE, ", {"fin", "b", "c"}, RESULT_SUCCESS},
        {"build", "", {"fin", "c"}, RESULT_FAILURE},
        {"build", "on-failure: ABORT, ", {"fin"}, RESULT_FAILURE},
        {"build", "on-failure: CONTINUE, ", {"fin", "c"}, RESULT_SUCCESS},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct play p;
        play_init(&p);
        bool install = strcmp(cases[i].phase, "install") == 0;
        struct str text =
            arena_printf(p.a,
                         "version: 0.2\nphases:\n  %s: {%scommands: [bad, never], finally: [fin]}\n%s  post_build: "
                         "{commands: [c]}\n",
                         cases[i].phase, cases[i].on_failure, install ? "  build: {commands: [b]}\n" : "");
        play_begin(&p, text.p);
        play_run(&p, "bad", 1);
        for (size_t k = 0; k < 3 && cases[i].then[k] != NULL; k++) {
            assert_true(play_command(&p));
            assert_true(str_is(play_text(&p), cases[i].then[k]));
            assert_env(&p, "CODEBUILD_BUILD_SUCCEEDING", "0");
            assert_env(&p, "CODEBUILD_LAST_EXIT", k == 0 ? "1" : "0");
            play_end(&p, OP_EXITED, 0, NULL);
        }
        play_finish(&p);
        assert_int_equal(p.outcome.result, cases[i].result);
        if (cases[i].result == RESULT_SUCCESS)
            assert_told(&p, "is not verified");
        play_done(&p);
    }
}

static void retry(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, "version: 0.2\nphases: {build: {on-failure: RETRY-2-time.?out, commands: [a, b], finally: [f]}}\n");
    play_run(&p, "a", 0);
    assert_true(play_command(&p));
    CLEAN(buf) struct buf other = BUF(BUF_LINE);
    cb_driver.line(p.run, p.op.token, STREAM_OUT, STR("connection timeout"), &other);
    play_end(&p, OP_EXITED, 1, NULL);
    play_run(&p, "a", 0);
    play_run(&p, "b", 1); /* the output of another try does not count */
    play_run(&p, "f", 0);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    play_done(&p);
}

static void ends_other_than_an_exit(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p,
               "version: 0.2\nphases: {build: {on-failure: CONTINUE, commands: [a]}, post_build: {commands: [b]}}\n");
    assert_true(play_command(&p));
    play_end(&p, OP_SIGNALLED, 9, NULL);
    assert_true(play_command(&p));
    play_end(&p, OP_NOT_STARTED, 0, NULL);
    play_finish(&p);
    assert_told(&p, "Error while executing command: a. Reason: exit status 137");
    assert_told(&p, "Error while executing command: b. Reason: no such file");
    play_done(&p);
}

static void stopped_and_timed_out(void **state)
{
    static const struct {
        enum cancel_why why;
        enum result result;
        const char *row;
    } cases[] = {
        {CANCEL_USER, RESULT_CANCELLED, "| BUILD | STOPPED | 1.0 |  |"},
        {CANCEL_FAIL_FAST, RESULT_CANCELLED, "| BUILD | STOPPED | 1.0 |  |"},
        {CANCEL_TIMEOUT, RESULT_FAILURE, "| BUILD | TIMED_OUT | 1.0 | BUILD_TIMED_OUT: Build has timed out |"}};
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct play p;
        play_init(&p);
        play_begin(&p, "version: 0.2\nphases: {build: {commands: [a], finally: [f]}, post_build: {commands: [b]}}\n");
        assert_true(play_command(&p));
        cb_driver.cancel(p.run, cases[i].why);
        assert_false(cb_driver.spares(p.run, p.op.token));
        assert_int_equal(cb_driver.next(p.run, &(struct op){0}), DRIVE_WAIT);
        play_end(&p, OP_STOPPED, 0, NULL);
        play_finish(&p); /* nothing else runs */
        assert_int_equal(p.outcome.result, cases[i].result);
        assert_told(&p, cases[i].row);
        assert_not_told(&p, "POST_BUILD");
        play_done(&p);
    }
}

static void no_source_no_build(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, "version: 0.2\nphases: {build: {commands: [a]}}\n");
    assert_int_equal(play_next(&p), DRIVE_OP);
    play_end(&p, OP_NOT_STARTED, 0, NULL);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    assert_told(&p, "1 failure: the source: no such file\n");
    play_done(&p);
}

/* ---- shells, versions, batches ---- */

static void bash(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, "version: 0.2\nenv: {shell: bash}\nphases: {build: {commands: [a, b]}}\n");
    assert_true(play_command(&p));
    assert_true(str_is(p.op.argv[0], "/bin/bash"));
    assert_true(str_find(play_written(&p, "script.sh"), STR("{ set -o posix; set; echo; export -p; }")) > 0);
    play_end(&p, OP_EXITED, 0,
             "ARR=([0]=\"x y\" "
             "[1]=\"new\nline\")\nBASH=/bin/bash\nBASH_VERSION='5'\nC=plain\nD=$'a'\nPWD=/w\nTERM=dumb\nUID=0\n\n"
             "export C=\"pl\\\"ain\"\nexport E=$'tab\\there'\n");
    assert_true(play_command(&p));
    assert_env(&p, "C", "plain");
    assert_true(str_is(play_written(&p, "env.sh"), "D=a\nTERM=dumb\n"));
    play_end(&p, OP_EXITED, 0, NULL);
    play_finish(&p);
    play_done(&p);
}

static void version_0_1(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, "version: 0.1\nphases: {build: {commands: [a, b]}}\n");
    assert_true(play_command(&p));
    play_end(&p, OP_EXITED, 0, "A=1\nPWD=/elsewhere\n\nexport A=1\n");
    assert_true(play_command(&p));
    assert_env(&p, "A", NULL);
    assert_true(str_find(play_written(&p, "script.sh"), STR("/elsewhere")) < 0);
    play_end(&p, OP_EXITED, 0, NULL);
    play_finish(&p);
    play_done(&p);
}

static void a_fanout_and_its_shards(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin_leg(&p,
                   "version: 0.2\nbatch: {build-fanout: {parallelism: 3, ignore-failure: true}}\nphases: {build: "
                   "{commands: [a]}}\n",
                   1);
    assert_true(play_command(&p));
    assert_env(&p, "SLIPWAY_SHARD", "1");
    assert_env(&p, "SLIPWAY_SHARDS", "3");
    assert_env(&p, "CODEBUILD_BATCH_BUILD_IDENTIFIER", "build_fanout_2");
    play_end(&p, OP_EXITED, 1, NULL);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    assert_int_equal(p.outcome.conclusion, RESULT_SUCCESS);
    play_done(&p);
}

static void exported_variables(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, "version: 0.2\nenv: {exported-variables: [TAG, NONE]}\nphases: {build: {commands: [a]}}\n");
    assert_true(play_command(&p));
    play_end(&p, OP_EXITED, 0, "PWD=/w\nTAG=v|1\n\nexport TAG=v1\n");
    play_finish(&p);
    assert_true(str_is(map_get_str(&p.outcome.outputs, STR("TAG")), "v|1"));
    assert_int_equal(p.outcome.outputs.n, 1);
    assert_told(&p, "| TAG | v\\|1 |\n| NONE |  |\n");
    play_done(&p);
}

static void runtimes(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, "version: 0.2\n"
                   "env: {variables: {V: '3.11'}}\n"
                   "phases: {install: {runtime-versions: {python: $V, java: corretto17}, commands: [a]}}\n");
    bool asked = false;
    while (play_next(&p) == DRIVE_OP && !play_is_command(&p)) {
        asked = asked || (p.op.kind == OP_EXEC && p.op.n_argv == 4 && str_is(p.op.argv[3], "java"));
        play_end(&p, OP_EXITED, 0, NULL);
    }
    assert_true(asked);
    assert_true(str_starts(play_env(&p, "PATH"), STR("/root/.pyenv/versions/3.11.7/bin:/codebuild/bin:")));
    assert_told(
        &p,
        "substituted python 3.11: Python 3.11.7 of this host (/opt/py311/bin/python3.11), in a virtual environment\n");
    assert_told(&p, "substituted java corretto17: `java` of this machine, whatever its version\n");
    play_end(&p, OP_EXITED, 0, NULL);
    play_finish(&p);
    play_done(&p);
}

static void a_runtime_that_is_not_here(void **state)
{
    for (int skip = 0; skip < 2; skip++) {
        struct play p;
        UNUSED(state);
        play_init(&p);
        p.facts.skip_unknown = skip;
        play_begin(&p, "version: 0.2\nphases: {install: {runtime-versions: {ruby: 3.2}, commands: [a]}}\n");
        while (play_next(&p) == DRIVE_OP && !play_is_command(&p))
            play_end(&p, OP_EXITED, p.op.kind == OP_EXEC, NULL);
        if (skip) {
            assert_true(play_is_command(&p));
            assert_told(&p, "skipped ruby 3.2: this machine has no such ruby\n");
            play_end(&p, OP_EXITED, 0, NULL);
        }
        play_finish(&p);
        assert_int_equal(p.outcome.result, skip ? RESULT_SUCCESS : RESULT_FAILURE);
        if (!skip)
            assert_told(&p, "YAML_FILE_ERROR: runtime ruby 3.2: this machine has no such ruby");
        play_done(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_build_in_order),
        cmocka_unit_test(the_agents_lines),
        cmocka_unit_test(a_command_is_a_script_of_its_own),
        cmocka_unit_test(variables),
        cmocka_unit_test(a_pull_request),
        cmocka_unit_test(head_is_detached),
        cmocka_unit_test(secrets),
        cmocka_unit_test(a_list_with_a_session),
        cmocka_unit_test(what_follows_a_failure),
        cmocka_unit_test(retry),
        cmocka_unit_test(ends_other_than_an_exit),
        cmocka_unit_test(stopped_and_timed_out),
        cmocka_unit_test(no_source_no_build),
        cmocka_unit_test(bash),
        cmocka_unit_test(version_0_1),
        cmocka_unit_test(a_fanout_and_its_shards),
        cmocka_unit_test(exported_variables),
        cmocka_unit_test(runtimes),
        cmocka_unit_test(a_runtime_that_is_not_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
