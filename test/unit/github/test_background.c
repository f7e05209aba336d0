/* Steps side by side: background, wait, wait-all, cancel, parallel (specification 7.9). */
#include "gh_play.h"

/* The next op, kept while others are under way. */
static struct op take(struct play *p)
{
    return *play_op(p);
}

static void ends(struct play *p, const struct op *op, int status)
{
    p->op = *op;
    play_exit(p, status);
}

static void ends_with(struct play *p, const struct op *op, const char *file, const char *text)
{
    p->op = *op;
    play_exit_file(p, 0, file, text);
}

static void says(struct play *p, const struct op *op, const char *line)
{
    p->op = *op;
    play_say(p, line);
}

static void the_next_step_does_not_wait(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    steps:\n"
                       "      - {id: bg, background: true, run: serve}\n"
                       "      - run: use\n"
                       "      - {id: w, wait: bg}\n"
                       "      - run: last\n");
    struct op bg = take(&p), use = take(&p);
    assert_int_equal(play_next(&p), DRIVE_WAIT);
    assert_true(bg.token != use.token);
    assert_int_equal(bg.step, 1);
    assert_int_equal(use.step, 2);
    says(&p, &bg, "from bg");
    says(&p, &use, "from use");
    ends(&p, &use, 0);
    assert_int_equal(play_next(&p), DRIVE_WAIT);
    ends(&p, &bg, 0);
    play_rest(&p);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_SUCCESS);
    assert_log(&p, NOTED "1 Run serve :6 $ serve\n"
                         "2 Run use :7 $ use\n"
                         "> from bg\n"
                         "> from use\n"
                         "2 success\n"
                         "3 Wait :8\n"
                         "1 success\n"
                         "3 success\n"
                         "4 Run last :9 $ last\n"
                         "4 success\n");
    play_done(&p);
}

/* What it wrote shows behind the wait, in the contexts and in the environment; not before. */
static void effects_wait_for_the_wait(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    env: {A: old, B: old}\n"
                       "    steps:\n"
                       "      - {id: bg, background: true, run: write}\n"
                       "      - run: \"echo ${{ env.A }}/${{ steps.bg.outputs.o }}/${{ steps.bg.outcome }}\"\n"
                       "      - wait: [bg]\n"
                       "      - run: \"echo ${{ env.A }}/${{ steps.bg.outputs.o }}/${{ steps.bg.outcome }}\"\n");
    struct op bg = take(&p);
    const char *files[] = {"/tools\n", "A=new\nNODE_OPTIONS=x\n", "o=out\n", NULL, NULL};
    p.op = bg;
    play_end(&p, OP_EXITED, 0, files);
    struct op use = take(&p);
    assert_true(str_is(play_written(&p, ".sh"), "echo old//"));
    assert_env(&p, "A", "old");
    assert_env(&p, "PATH", "/usr/bin:/bin");
    ends_with(&p, &use, "set_env", "B=front\n");
    struct op last = take(&p);
    assert_true(str_is(play_written(&p, ".sh"), "echo new/out/success"));
    assert_env(&p, "A", "new");
    assert_env(&p, "B", "front"); /* what the front wrote meanwhile stays */
    assert_env(&p, "PATH", "/tools:/usr/bin:/bin");
    ends(&p, &last, 0);
    assert_int_equal(play_next(&p), DRIVE_DONE);
    play_done(&p);
}

static void a_failure_shows_where_it_is_waited_for(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    steps:\n"
                       "      - {id: bg, background: true, run: breaks}\n"
                       "      - run: one\n"
                       "      - {wait: bg, continue-on-error: true}\n"
                       "      - run: two\n");
    struct op bg = take(&p), one = take(&p);
    ends(&p, &bg, 2);
    assert_int_equal(play_next(&p), DRIVE_WAIT);
    ends(&p, &one, 0);
    play_rest(&p);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE); /* whatever the wait forgave */
    assert_log(&p, NOTED "1 Run breaks :6 $ breaks\n"
                         "2 Run one :7 $ one\n"
                         "1 failure (2): Process completed with exit code 2.\n"
                         "2 success\n"
                         "3 Wait :8\n"
                         "3 failure -> success: 'Run breaks' failed: Process completed with exit code 2.\n"
                         "4 Run two :9 $ two\n"
                         "4 success\n");
    play_done(&p);
}

static void a_failing_wait_fails_what_follows(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    steps:\n"
                       "      - {id: a, background: true, run: breaks}\n"
                       "      - {id: b, background: true, run: works}\n"
                       "      - wait-all:\n"
                       "      - run: no\n"
                       "      - wait-all:\n"
                       "      - {run: cleanup, if: failure()}\n");
    struct op a = take(&p), b = take(&p);
    assert_int_equal(play_next(&p), DRIVE_WAIT);
    ends(&p, &b, 0);
    ends(&p, &a, 1);
    struct op cleanup = take(&p);
    assert_true(str_is(play_written(&p, ".sh"), "cleanup"));
    ends(&p, &cleanup, 0);
    play_rest(&p);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    play_done(&p);
}

/* Those that nobody waited for are waited for before post steps, and count. */
static void the_rest_is_waited_for(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    steps:\n      - {name: Serve, background: true, run: serve}\n      - run: one\n");
    struct op bg = take(&p), one = take(&p);
    ends(&p, &one, 0);
    assert_int_equal(play_next(&p), DRIVE_WAIT);
    ends(&p, &bg, 3);
    play_rest(&p);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    assert_log(&p, NOTED "1 Serve :6 $ serve\n"
                         "2 Run one :7 $ one\n"
                         "2 success\n"
                         "3 Wait for all :3\n"
                         "1 failure (3): Process completed with exit code 3.\n"
                         "3 failure: 'Serve' failed: Process completed with exit code 3.\n");
    play_done(&p);
}

static void cancel_stops_it_and_nothing_is_wrong(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    p.shows = true;
    play_begin(&p, JOB "    steps:\n"
                       "      - {id: bg, background: true, run: serve}\n"
                       "      - {cancel: bg}\n"
                       "      - run: echo ${{ steps.bg.outcome }}\n");
    struct op bg = take(&p), stop = take(&p);
    assert_int_equal(stop.kind, OP_STOP);
    assert_int_equal(stop.target, bg.token);
    ends(&p, &stop, 0);
    assert_int_equal(play_next(&p), DRIVE_WAIT);
    p.op = bg;
    play_end(&p, OP_STOPPED, 0, NULL);
    struct op last = take(&p);
    assert_true(str_is(play_written(&p, ".sh"), "echo cancelled"));
    ends(&p, &last, 0);
    play_rest(&p);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_SUCCESS);
    assert_log(&p, NOTED "1 Run serve :6 $ serve\n{ Run serve\n| serve\n| shell: /bin/bash -e {0}\n}\n"
                         "2 Cancel :7\n"
                         "| Cancelling background step(s): Run serve\n"
                         "1 cancelled: The operation was canceled.\n"
                         "| Finished cancelling background step(s).\n"
                         "|   Run serve: cancelled\n"
                         "2 success\n"
                         "3 Run echo cancelled :8 $ echo cancelled\n"
                         "{ Run echo cancelled\n| echo cancelled\n| shell: /bin/bash -e {0}\n}\n"
                         "3 success\n");
    play_done(&p);
}

static void cancel_of_what_is_over_does_nothing(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    steps:\n"
                       "      - {id: bg, background: true, run: quick}\n"
                       "      - run: one\n"
                       "      - {cancel: bg}\n");
    struct op bg = take(&p), one = take(&p);
    ends(&p, &bg, 1);
    ends(&p, &one, 0);
    play_rest(&p);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE); /* it had failed by itself */
    play_done(&p);
}

static void a_parallel_group_runs_together(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    steps:\n"
                       "      - parallel:\n"
                       "          - {id: x, run: lint}\n"
                       "          - {id: y, run: unit}\n"
                       "          - {run: never, if: failure()}\n"
                       "      - run: echo ${{ steps.y.outputs.v }}\n");
    struct op x = take(&p), y = take(&p);
    assert_int_equal(play_next(&p), DRIVE_WAIT);
    ends_with(&p, &y, "set_output", "v=7\n");
    ends(&p, &x, 0);
    take(&p);
    assert_true(str_is(play_written(&p, ".sh"), "echo 7"));
    play_exit(&p, 0);
    play_rest(&p);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_SUCCESS);
    assert_log(&p, NOTED "1 Run lint :7 $ lint\n"
                         "2 Run unit :8 $ unit\n"
                         "3 Run never :9\n"
                         "3 skipped\n"
                         "4 Parallel group :6\n"
                         "1 success\n"
                         "2 success\n"
                         "4 success\n"
                         "5 Run echo 7 :10 $ echo 7\n"
                         "5 success\n");
    play_done(&p);
}

static void at_most_ten_at_once(void **state)
{
    struct play p;
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    UNUSED(state);
    play_init(&p);
    buf_add_cstr(&b, JOB "    steps:\n");
    for (int i = 0; i < 12; i++)
        buf_printf(&b, "      - {background: true, run: bg%d}\n", i);
    play_begin(&p, buf_cstr(&b));
    struct op ops[12];
    for (int i = 0; i < 10; i++)
        ops[i] = take(&p);
    assert_int_equal(play_next(&p), DRIVE_WAIT);
    ends(&p, &ops[4], 0);
    ops[10] = take(&p);
    assert_true(str_is(play_written(&p, ".sh"), "bg10"));
    assert_int_equal(play_next(&p), DRIVE_WAIT);
    ends(&p, &ops[10], 0);
    ops[11] = take(&p);
    assert_int_equal(play_next(&p), DRIVE_WAIT);
    for (int i = 0; i < 12; i++)
        if (i != 4 && i != 10)
            ends(&p, &ops[i], 0);
    assert_int_equal(play_next(&p), DRIVE_DONE);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_SUCCESS);
    play_done(&p);
}

/* A cancelled job ends its background steps, whatever their condition; the front one stays when its own holds. */
static void a_cancelled_job(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    steps:\n"
                       "      - {background: true, if: always(), run: serve}\n"
                       "      - {run: front, if: always()}\n");
    struct op bg = take(&p), front = take(&p);
    gh_driver.cancel(p.run, CANCEL_USER);
    assert_false(gh_driver.spares(p.run, bg.token));
    assert_true(gh_driver.spares(p.run, front.token));
    p.op = bg;
    play_end(&p, OP_STOPPED, 0, NULL);
    ends(&p, &front, 0);
    play_rest(&p);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_CANCELLED);
    play_done(&p);
}

/* The engine gives up on everything: nothing is left open, nothing leaks. */
static void the_engine_gives_up(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, JOB "    steps:\n"
                       "      - {background: true, run: serve}\n"
                       "      - {run: front}\n");
    take(&p);
    take(&p);
    gh_driver.cancel(p.run, CANCEL_USER);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_CANCELLED);
    play_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_step_does_not_wait),
        cmocka_unit_test(effects_wait_for_the_wait),
        cmocka_unit_test(a_failure_shows_where_it_is_waited_for),
        cmocka_unit_test(a_failing_wait_fails_what_follows),
        cmocka_unit_test(the_rest_is_waited_for),
        cmocka_unit_test(cancel_stops_it_and_nothing_is_wrong),
        cmocka_unit_test(cancel_of_what_is_over_does_nothing),
        cmocka_unit_test(a_parallel_group_runs_together),
        cmocka_unit_test(at_most_ten_at_once),
        cmocka_unit_test(a_cancelled_job),
        cmocka_unit_test(the_engine_gives_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
