/*
 * Test results and coverage as the engine sees them: files are found, read one by one, and told.
 */
#include "az_play.h"

static const char JUNIT[] = "<testsuite><testcase classname='C' name='a' time='1'/><testcase classname='C' name='b'>"
                            "<failure message='no'/></testcase></testsuite>";
static const char XUNIT[] = "<assemblies><assembly><collection><test type='C' name='a' result='Pass'/></collection>"
                            "</assembly></assemblies>";
static const char CTEST[] = "<Site><Testing><Test Status='passed'><Name>a</Name></Test></Testing></Site>";
static const char NUNIT2[] = "<test-results><test-case name='C.a' result='Success'/></test-results>";
static const char TRX[] = "<TestRun><Results><UnitTestResult testName='a' outcome='Passed'/></Results></TestRun>";

static void read_with(struct play *p, const char *text)
{
    static int fine[1];
    struct str all = str_from(text);
    assert_int_equal(p->op.kind, OP_FILES);
    play_end(p, &(struct op_end){.how = OP_EXITED, .reads = &all, .read_errors = fine});
    play_go(p);
}

static struct az_step *begin(struct play *p, size_t n, const char *name, const char *value)
{
    struct op_found files[] = {{.path = STR("TEST-1.xml")}, {.path = STR("d/TEST-2.xml")}, {.path = STR("x.xml")}};
    play_init(p);
    struct az_step *s = play_step(p, "PublishTestResults", "2");
    play_input(s, "testRunTitle", "unit");
    play_input(s, name, value);
    play_begin(p);
    play_go(p);
    assert_int_equal(p->op.kind, OP_FIND);
    play_end(p, &(struct op_end){.how = OP_EXITED, .files = files, .n_files = n});
    play_go(p);
    return s;
}

static void each_file_is_a_run(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, 3, "testRunner", "JUnit");
    assert_str(p.op.reads[0], "/home/vsts/work/1/s/TEST-1.xml");
    read_with(&p, JUNIT);
    read_with(&p, JUNIT);
    play_finish(&p);
    assert_log(&p, "+1 PublishTestResults\n"
                   "summary tests unit_1: FAILED, 1 passed, 1 failed, 0 skipped, 1.000 s\n\n"
                   "report unit_1 (1 failed): 1 passed, 1 failed in 1.00s\n"
                   "error: C b: no\n"
                   "summary tests unit_2: FAILED, 1 passed, 1 failed, 0 skipped, 1.000 s\n\n"
                   "report unit_2 (1 failed): 1 passed, 1 failed in 1.00s\n"
                   "error: C b: no\n"
                   "-1 success\n");
    play_done(&p);
}

static void merged_files_are_one_run(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, 3, "mergeTestResults", "true");
    read_with(&p, JUNIT);
    read_with(&p, "<oops/>");
    play_finish(&p);
    assert_log(&p, "+1 PublishTestResults\n"
                   "warning: Failed to read /home/vsts/work/1/s/d/TEST-2.xml. Error: line 1: <oops> begins no JUnit "
                   "report: <testsuites> does\n"
                   "summary tests unit: FAILED, 1 passed, 1 failed, 0 skipped, 1.000 s\n\n"
                   "report unit (1 failed): 1 passed, 1 failed in 1.00s\n"
                   "error: C b: no\n"
                   "-1 success\n");
    play_done(&p);
}

static void every_format_has_a_reader(void **state)
{
    static const struct {
        const char *format, *text;
    } ALL[] = {{"XUnit", XUNIT}, {"CTest", CTEST}, {"NUnit", NUNIT2}, {"VSTest", TRX}, {"junit", JUNIT}};
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(ALL); i++) {
        struct play p;
        begin(&p, 1, "testResultsFormat", ALL[i].format);
        read_with(&p, ALL[i].text);
        if (strstr(buf_cstr(&p.log), ", 1 passed,") == NULL)
            fail_msg("%s: %s", ALL[i].format, buf_cstr(&p.log));
        play_done(&p);
    }
}

/* Of coverage, nothing has failed; a file without a line is no report. */
static void coverage_is_a_report(void **state)
{
    static const char COVERED[] = "<coverage lines-valid='4' lines-covered='3'><packages/></coverage>";
    static const char NOTHING[] = "<coverage lines-valid='0' lines-covered='0'><packages/></coverage>";
    struct op_found files[] = {{.path = STR("c.xml")}};
    UNUSED(state);
    for (int i = 0; i < 2; i++) {
        struct play p;
        play_init(&p);
        play_input(play_step(&p, "PublishCodeCoverageResults", "2"), "summaryFileLocation", "*.xml");
        play_begin(&p);
        play_go(&p);
        play_end(&p, &(struct op_end){.how = OP_EXITED, .files = files, .n_files = 1});
        play_go(&p);
        read_with(&p, i == 0 ? COVERED : NOTHING);
        play_finish(&p);
        bool told = strstr(buf_cstr(&p.log), "report coverage (0 failed): lines 75.0% (3 of 4)\n") != NULL;
        if (told != (i == 0) || (i == 1 && strstr(buf_cstr(&p.log), "\nreport ") != NULL))
            fail_msg("%s", buf_cstr(&p.log));
        play_done(&p);
    }
}

static void no_file_is_a_warning_or_a_failure(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, 0, "failTaskOnMissingResultsFile", "false");
    assert_log(&p, "+1 PublishTestResults\nwarning: No test result files matching **/TEST-*.xml were found.\n"
                   "-1 success\n");
    play_done(&p);
    begin(&p, 0, "failTaskOnMissingResultsFile", "true");
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    play_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_file_is_a_run),
        cmocka_unit_test(merged_files_are_one_run),
        cmocka_unit_test(every_format_has_a_reader),
        cmocka_unit_test(coverage_is_a_report),
        cmocka_unit_test(no_file_is_a_warning_or_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
