#include "core/base.h"
#include "play.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>

static const char table_text[] = "SERVICE  JOB             RESULT     TIME\n"
                                 "github   CI/lint         ✓ passed   1.4s\n"
                                 "github   CI/test (3.9)   ✗ failed    11s  Run tests: exit status 1\n"
                                 "github   CI/test (3.14)  – skipped        no Python 3.14 here\n"
                                 "github   Load            – not run        branches: staging\n"
                                 "\n"
                                 "emulated\n"
                                 "  actions/checkout@v4: the work tree, copied\n"
                                 "substituted\n"
                                 "  ubuntu-24.04: this host, Debian 12 (2 times)\n"
                                 "skipped\n"
                                 "  python 3.14: none found, skipped\n"
                                 "\n"
                                 "1 passed, 1 failed, 1 skipped in 12s\n";

static char *lines_of(const struct event *events, size_t n, struct sink_look look, char **ret_table)
{
    int out = scratch_fd(), progress = scratch_fd();
    look.out = out;
    look.progress = progress;
    struct sink *s = sink_lines_new(&look);
    play(s, events, n);
    end_play(s);
    char *text = written(progress);
    if (ret_table)
        *ret_table = written(out);
    close(out);
    close(progress);
    return text;
}

/* Two steps of a job at once: each keeps its own lines, its own place and its own command. */
static void steps_side_by_side(void **state)
{
    UNUSED(state);
    const struct event events[] = {
        {.kind = EVENT_JOB_QUEUED, .job = 1, .service = STR("github"), .pipeline = STR("CI"), .name = STR("a")},
        {.kind = EVENT_JOB_STARTED, .job = 1},
        {.kind = EVENT_STEP_STARTED, .job = 1, .step = 1, .name = STR("Bg"), .file = STR("ci.yml"), .line = 6},
        {.kind = EVENT_OUTPUT, .job = 1, .step = 1, .text = STR("bg 1")},
        {.kind = EVENT_STEP_STARTED, .job = 1, .step = 2, .name = STR("Front"), .file = STR("ci.yml"), .line = 7},
        {.kind = EVENT_OUTPUT, .job = 1, .step = 2, .text = STR("front 1")},
        {.kind = EVENT_OUTPUT, .job = 1, .step = 1, .text = STR("bg 2")},
        {.kind = EVENT_OUTPUT, .job = 1, .step = 2, .text = STR("front 2")},
        {.kind = EVENT_STEP_FINISHED, .job = 1, .step = 2, .result = RESULT_SUCCESS},
        {.kind = EVENT_STEP_STARTED, .job = 1, .step = 3, .name = STR("Last"), .file = STR("ci.yml"), .line = 8},
        {.kind = EVENT_OUTPUT, .job = 1, .step = 3, .text = STR("last 1")},
        {.kind = EVENT_STEP_FINISHED,
         .job = 1,
         .step = 1,
         .file = STR("act/action.yml"),
         .line = 3,
         .result = RESULT_FAILURE,
         .text = STR("it broke")},
        {.kind = EVENT_STEP_FINISHED, .job = 1, .step = 3, .result = RESULT_FAILURE, .text = STR("so did it")},
    };
    char *text = lines_of(events, ARRAY_LEN(events), (struct sink_look){.utf8 = true, .columns = 80}, NULL);
    assert_string_equal(text, "a: started\n"
                              "a: step 1 Bg started\n"
                              "a: step 2 Front started\n"
                              "a: step 2 Front passed in 0s\n"
                              "a: step 3 Last started\n"
                              "\n"
                              "✗ a, step 1 Bg failed after 0s: it broke\n"
                              "  act/action.yml:3\n"
                              "  │ bg 1\n"
                              "  │ bg 2\n"
                              "\n"
                              "\n"
                              "✗ a, step 3 Last failed after 0s: so did it\n"
                              "  ci.yml:8\n"
                              "  │ last 1\n"
                              "\n"
                              "\n");
    free(text);
}

static void shows_a_run(void **state)
{
    UNUSED(state);
    char *table = NULL;
    char *text = lines_of(one_of_each, ARRAY_LEN(one_of_each), (struct sink_look){.utf8 = true, .columns = 80}, &table);
    assert_string_equal(text, "run 12: push on main\n"
                              "github CI (.github/workflows/ci.yml) runs: push on main\n"
                              "github Load (.github/workflows/load.yml) is not triggered: branches: staging\n"
                              "lint: started (overlay)\n"
                              "test (3.9): started (overlay)\n"
                              "lint: step 1 Lint started\n"
                              "lint: warning: src/app.py:3:80: E501: line too long\n"
                              "test (3.9): step 1 Run tests started\n"
                              "lint: step 1 Lint passed in 1.3s\n"
                              "lint: passed in 1.4s\n"
                              "\n"
                              "✗ test (3.9), step 1 Run tests failed after 11s: exit status 1\n"
                              "  .github/workflows/ci.yml:38\n"
                              "  $ set -e\n"
                              "    pytest -q\n"
                              "  │ F       [100%]\n"
                              "  │\n"
                              "  │ E  assert 4 == 5\n"
                              "\n"
                              "test (3.9): step 2 Upload skipped\n"
                              "test (3.9): failed after 11s\n"
                              "test (3.14): skipped: no Python 3.14 here\n"
                              "slipway: warning: the disk is nearly full\n"
                              "\n");
    assert_string_equal(table, table_text);
    free(text);
    free(table);
}

static void quiet_shows_failures_only(void **state)
{
    UNUSED(state);
    char *text = lines_of(one_of_each, ARRAY_LEN(one_of_each), (struct sink_look){.utf8 = true, .quiet = true}, NULL);
    assert_string_equal(text, "\n"
                              "✗ test (3.9), step 1 Run tests failed after 11s: exit status 1\n"
                              "  .github/workflows/ci.yml:38\n"
                              "  $ set -e\n"
                              "    pytest -q\n"
                              "  │ F       [100%]\n"
                              "  │\n"
                              "  │ E  assert 4 == 5\n"
                              "\n"
                              "test (3.9): failed after 11s\n"
                              "slipway: warning: the disk is nearly full\n"
                              "\n");
    free(text);
}

static void verbose_shows_all_output_once(void **state)
{
    UNUSED(state);
    struct sink_look look = {.utf8 = true, .colour = true, .verbose = 1};
    char *text = lines_of(one_of_each, ARRAY_LEN(one_of_each), look, NULL);
    assert_non_null(strstr(text, "\033[2mlint │\033[0m \033[32mall\033[0m clean\033[0m\n"));
    char *first = strstr(text, "E  assert 4 == 5");
    assert_non_null(first);
    assert_null(strstr(first + 1, "E  assert 4 == 5"));
    assert_null(strstr(text, "\033[2J"));
    free(text);
}

static void ascii_has_no_other_bytes(void **state)
{
    UNUSED(state);
    char *table = NULL;
    char *text = lines_of(one_of_each, ARRAY_LEN(one_of_each), (struct sink_look){.columns = 80}, &table);
    for (const char *p = text; *p; p++)
        assert_true((unsigned char)*p < 0x7f && (unsigned char)*p != 033);
    assert_non_null(strstr(text, "\nx test (3.9), step 1 Run tests failed"));
    assert_non_null(strstr(table, "github   CI/lint         + passed   1.4s\n"));
    free(text);
    free(table);
}

static void long_logs_lose_their_beginning_and_say_so(void **state)
{
    UNUSED(state);
    int fd = scratch_fd();
    struct sink *s = sink_lines_new(&(struct sink_look){.out = fd, .progress = fd});
    play(s, one_of_each, 15);
    for (int i = 0; i < 5000; i++) {
        char line[40];
        int n = snprintf(line, sizeof line, "line %d", i);
        struct event ev = {.kind = EVENT_OUTPUT, .job = 2, .step = 1, .text = str_of(line, (size_t)n)};
        play(s, &ev, 1);
    }
    struct event ev = {.kind = EVENT_STEP_FINISHED, .job = 2, .step = 1, .result = RESULT_FAILURE, .status = 2};
    play(s, &ev, 1);
    end_play(s);
    char *text = written(fd);
    assert_non_null(strstr(text, "  (3000 earlier lines are not shown; slipway logs 12 has them)\n  | line 3000\n"));
    assert_non_null(strstr(text, "  | line 4999\n"));
    assert_null(strstr(text, "line 2999"));
    assert_non_null(strstr(text, "\nunfinished: 2 running, 1 waiting\n"));
    free(text);
    close(fd);
}

static void a_job_that_fails_without_a_step_says_why(void **state)
{
    UNUSED(state);
    static const struct event events[] = {
        {.kind = EVENT_JOB_QUEUED,
         .job = 1,
         .service = T("azure"),
         .pipeline = T("P"),
         .name = T("a"),
         .file = T("azure-pipelines.yml"),
         .line = 4},
        {.kind = EVENT_JOB_FINISHED, .job = 1, .result = RESULT_FAILURE, .text = T("no sandbox: \033]0;x\abad")},
    };
    char *text = lines_of(events, ARRAY_LEN(events), (struct sink_look){0}, NULL);
    assert_string_equal(text, "x a failed: no sandbox: bad\n"
                              "  azure-pipelines.yml:4\n"
                              "\n"
                              "a: failed: no sandbox: bad\n"
                              "\n");
    free(text);
}

static void labels_name_the_service_when_there_are_two(void **state)
{
    UNUSED(state);
    static const struct event events[] = {
        {.kind = EVENT_JOB_QUEUED, .job = 1, .service = T("github"), .pipeline = T("CI"), .name = T("test")},
        {.kind = EVENT_JOB_QUEUED, .job = 2, .service = T("azure"), .pipeline = T("P"), .name = T("test")},
        {.kind = EVENT_JOB_STARTED, .job = 1},
        {.kind = EVENT_JOB_STARTED, .job = 2},
    };
    char *text = lines_of(events, ARRAY_LEN(events), (struct sink_look){0}, NULL);
    assert_string_equal(text, "github test: started\nazure test: started\n\n");
    free(text);
}

static void allowed_failures_are_told_apart(void **state)
{
    UNUSED(state);
    static const struct event events[] = {
        {.kind = EVENT_JOB_QUEUED, .job = 1, .service = T("github"), .pipeline = T("CI"), .name = T("a")},
        {.kind = EVENT_JOB_STARTED, .job = 1},
        {.kind = EVENT_STEP_STARTED, .job = 1, .step = 1, .name = T("try")},
        {.kind = EVENT_STEP_FINISHED,
         .job = 1,
         .step = 1,
         .result = RESULT_FAILURE,
         .conclusion = RESULT_SUCCESS,
         .status = 3,
         .elapsed_ns = S},
        {.kind = EVENT_JOB_FINISHED, .job = 1, .result = RESULT_FAILURE, .conclusion = RESULT_SUCCESS, .elapsed_ns = S},
        {.kind = EVENT_RUN_FINISHED, .result = RESULT_SUCCESS, .elapsed_ns = S},
    };
    char *table = NULL;
    char *text = lines_of(events, ARRAY_LEN(events), (struct sink_look){0}, &table);
    assert_non_null(strstr(text, "x a, step 1 try failed after 1.0s: exit status 3 (forgiven: the job goes on)"));
    assert_non_null(strstr(table, "x failed  1.0s  allowed to fail\n"));
    assert_non_null(strstr(table, "1 passed in 1.0s\n"));
    free(text);
    free(table);
}

static void reports_stand_below_the_jobs(void **state)
{
    UNUSED(state);
    const struct event events[] = {
        {.kind = EVENT_JOB_QUEUED, .job = 1, .service = STR("azure"), .pipeline = STR("CI"), .name = STR("py39")},
        {.kind = EVENT_REPORT, .job = 1, .name = STR("unit"), .text = STR("1 passed, 1 failed in 0.10s"), .number = 1},
        {.kind = EVENT_REPORT, .job = 1, .name = STR("cover\033[2J"), .text = STR("lines 50.0% (1 of 2)")},
    };
    char *table;
    free(lines_of(events, ARRAY_LEN(events), (struct sink_look){.utf8 = true}, &table));
    assert_non_null(strstr(table, "\n\nreports\n"
                                  "  unit: 1 passed, 1 failed in 0.10s (py39)\n"));
    assert_non_null(strstr(table, "lines 50.0% (1 of 2) (py39)\n\n"));
    assert_null(strchr(table, '\033'));
    free(table);
}

static void a_full_disk_is_an_error(void **state)
{
    UNUSED(state);
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(full >= 0);
    struct sink *s = sink_lines_new(&(struct sink_look){.out = full, .progress = full});
    struct err e = {0};
    assert_true(s->ops->event(s, &one_of_each[0], &e) < 0);
    assert_true(e.num < 0 && e.text[0]);
    s->ops->free(s);
    close(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_a_run),
        cmocka_unit_test(steps_side_by_side),
        cmocka_unit_test(quiet_shows_failures_only),
        cmocka_unit_test(verbose_shows_all_output_once),
        cmocka_unit_test(ascii_has_no_other_bytes),
        cmocka_unit_test(long_logs_lose_their_beginning_and_say_so),
        cmocka_unit_test(a_job_that_fails_without_a_step_says_why),
        cmocka_unit_test(labels_name_the_service_when_there_are_two),
        cmocka_unit_test(allowed_failures_are_told_apart),
        cmocka_unit_test(reports_stand_below_the_jobs),
        cmocka_unit_test(a_full_disk_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
