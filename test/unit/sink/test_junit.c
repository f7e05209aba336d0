#include "core/base.h"
#include "play.h"
#include "sys/file.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

static char *junit_of(const struct event *events, size_t n)
{
    char dir[] = "/tmp/slipway-junit-XXXXXX", path[64];
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/report.xml", dir);
    struct sink *s = sink_junit_new(str_from(path));
    play(s, events, n);
    assert_false(path_exists(path)); /* it appears whole, at the end */
    end_play(s);
    struct arena *a = arena_new();
    struct str text;
    struct err e = {0};
    assert_int_equal(file_read(a, path, BUF_TEXT, &text, &e), 0);
    char *copy = mem_dup_str(text);
    arena_free(a);
    assert_int_equal(tree_remove(dir, &e), 0);
    return copy;
}

static void a_suite_per_pipeline_and_a_case_per_job(void **state)
{
    UNUSED(state);
    char *text = junit_of(one_of_each, ARRAY_LEN(one_of_each));
    assert_string_equal(
        text,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites name=\"slipway\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\" time=\"12.400\">\n"
        "  <testsuite name=\"github CI\" file=\".github/workflows/ci.yml\" tests=\"3\" failures=\"1\" errors=\"0\" "
        "skipped=\"1\" time=\"13.290\">\n"
        "    <testcase name=\"lint\" classname=\"github.CI\" file=\".github/workflows/ci.yml\" line=\"10\" "
        "time=\"1.400\"/>\n"
        "    <testcase name=\"test (3.9)\" classname=\"github.CI\" file=\".github/workflows/ci.yml\" line=\"20\" "
        "time=\"11.890\">\n"
        "      <failure type=\"failure\" message=\"step 1 Run tests failed: exit status 1\">"
        ".github/workflows/ci.yml:38\n"
        "$ set -e\n"
        "pytest -q\n"
        "F       [100%]\n"
        "\n"
        "E  assert 4 == 5\n"
        "</failure>\n"
        "    </testcase>\n"
        "    <testcase name=\"test (3.14)\" classname=\"github.CI\" file=\".github/workflows/ci.yml\" line=\"20\" "
        "time=\"0.000\">\n"
        "      <skipped message=\"no Python 3.14 here\"/>\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        "</testsuites>\n");
    free(text);
}

static void what_xml_cannot_hold_is_left_out(void **state)
{
    UNUSED(state);
    static const struct event events[] = {
        {.kind = EVENT_JOB_QUEUED,
         .job = 1,
         .service = T("github"),
         .pipeline = T("C & I"),
         .name = T("a <\"b\"> \001\nc")},
        {.kind = EVENT_JOB_STARTED, .job = 1},
        {.kind = EVENT_STEP_STARTED, .job = 1, .step = 1, .name = T("s"), .text = T("cat <<X\n\013]]>\nX")},
        {.kind = EVENT_OUTPUT, .job = 1, .step = 1, .text = T("\033[1mbold\033[0m \xff & \xef\xbf\xbf end")},
        {.kind = EVENT_STEP_FINISHED,
         .job = 1,
         .step = 1,
         .result = RESULT_FAILURE,
         .status = -1,
         .text = T("it's\nbad")},
        {.kind = EVENT_JOB_FINISHED, .job = 1, .result = RESULT_FAILURE},
    };
    char *text = junit_of(events, ARRAY_LEN(events));
    assert_non_null(strstr(text, "<testcase name=\"a &lt;&quot;b&quot;&gt;  c\" classname=\"github.C &amp; I\""));
    assert_non_null(strstr(text, "message=\"step 1 s failed: it's\">"));
    assert_non_null(strstr(text, "$ cat &lt;&lt;X\n]]&gt;\nX\nbold \xef\xbf\xbd &amp;  end\n</failure>"));
    free(text);
}

static void the_end_of_a_long_log_is_kept(void **state)
{
    UNUSED(state);
    struct event *events = mem_array(3004, sizeof *events);
    events[0] = (struct event){.kind = EVENT_JOB_QUEUED, .job = 1, .name = STR("a")};
    events[1] = (struct event){.kind = EVENT_STEP_STARTED, .job = 1, .step = 1, .name = STR("s")};
    for (size_t i = 0; i < 3000; i++)
        events[2 + i] = (struct event){.kind = EVENT_OUTPUT,
                                       .job = 1,
                                       .step = 1,
                                       .text = STR("0123456789012345678901234567890123456789012345678")};
    events[3001].text = STR("the last line");
    events[3002] = (struct event){.kind = EVENT_STEP_FINISHED, .job = 1, .step = 1, .result = RESULT_FAILURE};
    events[3003] = (struct event){.kind = EVENT_JOB_FINISHED, .job = 1, .result = RESULT_FAILURE};
    char *text = junit_of(events, 3004);
    assert_non_null(strstr(text, "\nthe last line\n</failure>"));
    assert_in_range(strlen(text), 60000, 70000);
    free(text);
    free(events);
}

static void a_folder_that_is_not_there_is_an_error(void **state)
{
    UNUSED(state);
    struct sink *s = sink_junit_new(STR("/nonexistent/report.xml"));
    struct err e = {0};
    assert_true(s->ops->finish(s, &e) < 0);
    assert_non_null(strstr(e.text, "/nonexistent/report.xml"));
    s->ops->free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_suite_per_pipeline_and_a_case_per_job),
        cmocka_unit_test(what_xml_cannot_hold_is_left_out),
        cmocka_unit_test(the_end_of_a_long_log_is_kept),
        cmocka_unit_test(a_folder_that_is_not_there_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
