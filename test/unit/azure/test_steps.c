/*
 * Steps of a job as the engine sees them: which runs, with what text, and what becomes of the job (specification 7.2,
 * "step slot", 7.7).
 */
#include "az_play.h"

static void test_in_order(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_script(&p, "one", "echo 1");
    play_script(&p, "", "echo 2");
    play_begin(&p);
    assert_str(p.room.workspace, "/home/vsts/work/1/s");
    play_go(&p);
    assert_string_equal(play_argv(&p), "bash --noprofile --norc /home/vsts/work/_temp/u.sh");
    assert_str(play_text(&p), "echo 1");
    assert_str(p.op.cwd, "/home/vsts/work/1/s");
    play_exit(&p, 0);
    assert_str(play_text(&p), "echo 2");
    assert_int_equal(play_exit(&p, 0), DRIVE_DONE);
    play_finish(&p);
    assert_log(&p, "+1 one\n-1 success\n+2 script: echo 2\n-2 success\n");
    assert_int_equal(p.outcome.result, RESULT_SUCCESS);
    assert_int_equal(p.az.result, AZ_SUCCEEDED);
    play_done(&p);
}

/* Which of four conditions hold behind a step, and what becomes of the job. */
static void check_conditions(bool fails, bool forgiven, const char *wanted, enum az_result result)
{
    static const char *const CONDITIONS[] = {
        "",         "failed()",   "succeededOrFailed()",
        "always()", "canceled()", "eq(variables['Agent.JobStatus'], 'SucceededWithIssues')"};
    struct play p;
    play_init(&p);
    struct az_step *first = play_script(&p, "first", "false");
    if (forgiven)
        first->continue_on_error = STR("true");
    for (size_t i = 0; i < ARRAY_LEN(CONDITIONS); i++)
        play_script(&p, "x", "true")->condition = str_from(CONDITIONS[i]);
    play_begin(&p);
    play_go(&p);
    play_exit(&p, fails ? 3 : 0);
    CLEAN(buf) struct buf ran = BUF(BUF_LINE);
    while (p.drive == DRIVE_OP) {
        buf_printf(&ran, " %u", p.op.step);
        play_exit(&p, 0);
    }
    play_finish(&p);
    assert_string_equal(buf_cstr(&ran), wanted);
    assert_int_equal(p.az.result, result);
    play_done(&p);
}

static void test_conditions(void **state)
{
    UNUSED(state);
    check_conditions(false, false, " 2 4 5", AZ_SUCCEEDED);
    check_conditions(true, false, " 3 4 5", AZ_FAILED);
    check_conditions(true, true, " 2 4 5 7", AZ_WITH_ISSUES);
}

static void test_condition_of_variables(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_var(&p, "Flag", "yes");
    play_script(&p, "a", "1")->condition = STR("eq(variables.flag, 'YES')");
    play_script(&p, "b", "2")->condition = STR("and(succeeded(), eq(variables['set'], 'now'))");
    play_script(&p, "c", "3")->condition = STR("eq(dependencies.a.result, 'x')");
    play_begin(&p);
    play_go(&p);
    assert_int_equal(p.op.step, 1);
    play_say(&p, "##vso[task.setvariable variable=set]now");
    play_exit(&p, 0);
    assert_int_equal(p.op.step, 2);
    play_exit(&p, 0);
    assert_int_equal(p.drive, DRIVE_DONE);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE); /* what cannot be evaluated fails */
    play_done(&p);
}

static void test_disabled(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_script(&p, "off", "1")->enabled = false;
    play_script(&p, "on", "2");
    play_begin(&p);
    play_go(&p);
    assert_str(play_text(&p), "2");
    play_rest(&p);
    assert_log(&p, "+1 on\n-1 success\n");
    play_finish(&p);
    play_done(&p);
}

static void test_failure(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_script(&p, "bad", "exit 3");
    play_script(&p, "next", "1");
    play_begin(&p);
    play_go(&p);
    assert_int_equal(play_exit(&p, 3), DRIVE_DONE);
    play_finish(&p);
    assert_log(&p, "+1 bad\n"
                   "error: Bash exited with code '3'.\n"
                   "-1 failure: Bash exited with code '3'.\n"
                   "+2 next\n"
                   "-2 skipped: Skipping step due to condition evaluation: succeeded() is False\n");
    play_done(&p);
}

/* The delays are those of the agent: (n+1) squared seconds; each try has its inputs and env anew. */
static void test_retries(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_script(&p, "flaky", "x")->retries = STR("2");
    play_begin(&p);
    play_go(&p);
    play_exit(&p, 1);
    assert_string_equal(play_argv(&p), "sleep 4");
    play_exit(&p, 0);
    assert_str(play_text(&p), "x");
    play_exit(&p, 1);
    assert_string_equal(play_argv(&p), "sleep 9");
    play_exit(&p, 0);
    assert_int_equal(play_exit(&p, 0), DRIVE_DONE);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_SUCCESS);
    play_done(&p);
}

static void test_retries_end(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_script(&p, "bad", "x")->retries = STR("1");
    play_begin(&p);
    play_go(&p);
    play_exit(&p, 1);
    play_exit(&p, 0);
    assert_int_equal(play_exit(&p, 1), DRIVE_DONE);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    play_done(&p);
}

static void test_timeout(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    struct az_step *s = play_script(&p, "slow", "sleep 99");
    s->timeout_minutes = STR("$(limit)");
    s->retries = STR("3");
    play_var(&p, "limit", "2");
    play_begin(&p);
    play_go(&p);
    assert_int_equal(p.op.timeout_ns, 120 * 1000000000LL);
    play_end(&p, &(struct op_end){.how = OP_TIMED_OUT, .elapsed_ns = 120 * 1000000000LL - 1000000});
    assert_int_equal(play_go(&p), DRIVE_DONE); /* no other try */
    play_finish(&p);
    assert_log(&p, "+1 slow\nerror: The task has timed out.\n-1 failure: The task has timed out.\n");
    play_done(&p);
}

/* The step under way is asked for its condition again, those behind it at their turn. */
static void test_cancel(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_script(&p, "one", "1");
    play_script(&p, "two", "2");
    play_script(&p, "three", "3")->condition = STR("always()");
    play_script(&p, "four", "4")->condition = STR("failed()");
    play_script(&p, "five", "5")->condition = STR("canceled()");
    play_begin(&p);
    play_go(&p);
    az_driver.cancel(p.run, CANCEL_USER);
    assert_false(az_driver.spares(p.run, p.op.token));
    play_end(&p, &(struct op_end){.how = OP_STOPPED});
    play_go(&p);
    assert_int_equal(p.op.step, 3);
    assert_str(play_env(&p.op, "AGENT_JOBSTATUS"), "Canceled");
    play_exit(&p, 0);
    assert_int_equal(p.op.step, 5);
    play_exit(&p, 0);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_CANCELLED);
    assert_int_equal(p.az.result, AZ_CANCELED);
    play_done(&p);
}

static void test_cancel_spares(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_script(&p, "one", "1")->condition = STR("always()");
    play_begin(&p);
    play_go(&p);
    az_driver.cancel(p.run, CANCEL_USER);
    assert_true(az_driver.spares(p.run, p.op.token));
    play_exit(&p, 0);
    play_finish(&p);
    assert_log(&p, "+1 one\n-1 success\n");
    assert_int_equal(p.outcome.result, RESULT_CANCELLED);
    play_done(&p);
}

static void test_job_forgiven(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    p.az.continue_on_error = STR("true");
    play_script(&p, "bad", "x");
    play_begin(&p);
    play_go(&p);
    play_exit(&p, 1);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    assert_int_equal(p.outcome.conclusion, RESULT_SUCCESS);
    assert_int_equal(p.az.result, AZ_WITH_ISSUES);
    play_done(&p);
}

static void test_unknown_task(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_step(&p, "ms.vss.NoSuchTask", "1");
    play_begin(&p);
    play_go(&p);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    play_done(&p);
    play_init(&p);
    p.facts.skip_unknown = true;
    play_step(&p, "NoSuchTask", "1");
    play_begin(&p);
    play_go(&p);
    play_finish(&p);
    assert_log(&p, "+1 NoSuchTask\n"
                   "skipped NoSuchTask@1: not known to slipway: the step was left out\n"
                   "-1 skipped: NoSuchTask@1 is not known to slipway\n");
    play_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_order),
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_condition_of_variables),
        cmocka_unit_test(test_disabled),
        cmocka_unit_test(test_failure),
        cmocka_unit_test(test_retries),
        cmocka_unit_test(test_retries_end),
        cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_cancel_spares),
        cmocka_unit_test(test_job_forgiven),
        cmocka_unit_test(test_unknown_task),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
