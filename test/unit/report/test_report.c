#include "core/base.h"
#include "core/buf.h"
#include "report/report.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static int setup(void **state)
{
    *state = arena_new();
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static const char *const state_names[] = {"ok", "failed", "error", "skipped", "unknown"};

/* A line for each case: state suite/name (seconds) file:line message; details in <>. */
static void tell(struct buf *b, const struct report *r)
{
    for (size_t i = 0; i < r->n_cases; i++) {
        const struct report_case *c = &r->cases[i];
        buf_printf(b, "%s %.*s/%.*s", state_names[c->state], STR_ARG(c->suite), STR_ARG(c->name));
        if (c->seconds > 0)
            buf_printf(b, " (%g)", c->seconds);
        if (c->file.n)
            buf_printf(b, " %.*s:%u", STR_ARG(c->file), c->line);
        if (c->message.n)
            buf_printf(b, " %.*s", STR_ARG(c->message));
        if (c->details.n)
            buf_printf(b, " <%.*s>", STR_ARG(c->details));
        buf_add_ch(b, '\n');
    }
}

static void check(struct arena *a, enum report_format f, const char *text, const char *want)
{
    struct report r = {0};
    struct err e = {0};
    if (report_read(a, f, str_from(text), &r, &e) < 0)
        fail_msg("%s", e.text);
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    tell(&b, &r);
    assert_string_equal(buf_cstr(&b), want);
    size_t count = 0;
    for (size_t i = 0; i <= CASE_UNKNOWN; i++)
        count += r.count[i];
    assert_int_equal(count, r.n_cases);
}

static void check_refused(struct arena *a, enum report_format f, struct str text, const char *want)
{
    struct report r = {.n_cases = 0};
    struct err e = {0};
    assert_int_equal(report_read(a, f, text, &r, &e), -EINVAL);
    assert_string_equal(e.text, want);
    assert_int_equal(r.n_cases + r.count[CASE_SUCCEEDED] + r.count[CASE_FAILED], 0);
}

static void formats_have_names(void **state)
{
    UNUSED(state);
    enum report_format f = REPORT_TRX;
    assert_true(report_format_find(STR("junitxml"), &f));
    assert_int_equal(f, REPORT_JUNIT);
    assert_true(report_format_find(STR("SimpleCov"), &f));
    assert_int_equal(f, REPORT_SIMPLECOV);
    assert_false(report_format_find(STR("JUNIT"), &f));
    assert_string_equal(report_format_name(REPORT_NUNIT3), "NUNIT3XML");
    assert_false(report_is_coverage(REPORT_TRX));
    assert_true(report_is_coverage(REPORT_CLOVER));
}

static void pytest_writes_junit(void **state)
{
    check(*state, REPORT_JUNIT,
          "<?xml version='1.0' encoding='utf-8'?><testsuites name='pytest tests'><testsuite name='pytest' errors='1'\n"
          " failures='2' skipped='2' tests='6' time='0.042' hostname='vm'>"
          "<testcase classname='t.test_x' name='test_ok' time='0.500' />"
          "<testcase classname='t.test_x' name='test_bad' time='0.001'><failure message='AssertionError: not &amp; "
          "equal&#10;assert 1 == 2'>def test_bad():\n&gt;  assert 1 == 2\n\nt/test_x.py:4: AssertionError</failure>"
          "</testcase>"
          "<testcase classname='t.test_x' name='test_err' time='0.000'><error message='failed on setup with "
          "&quot;RuntimeError: no&quot;'>RuntimeError</error></testcase>"
          "<testcase classname='t.test_x' name='test_skip' time='0.000'><skipped type='pytest.skip' message='later'>"
          "t/test_x.py:8: later</skipped></testcase>"
          "<testcase classname='t.test_x' name='test_xf' time='0.000'><skipped type='pytest.xfail' message='' />"
          "</testcase>"
          "<testcase classname='t.test_x.TestC' name='test_m[x\xc3\xa9]' file='t/test_x.py' line='21' time='0.000'>"
          "<properties><property name='k' value='1' /></properties><system-out>hello</system-out></testcase>"
          "</testsuite></testsuites>",
          "ok t.test_x/test_ok (0.5)\n"
          "failed t.test_x/test_bad (0.001) AssertionError: not & equal <def test_bad():\n>  assert 1 == 2\n\n"
          "t/test_x.py:4: AssertionError>\n"
          "error t.test_x/test_err failed on setup with \"RuntimeError: no\" <RuntimeError>\n"
          "skipped t.test_x/test_skip later <t/test_x.py:8: later>\n"
          "skipped t.test_x/test_xf\n"
          "ok t.test_x.TestC/test_m[x\xc3\xa9] t/test_x.py:21\n");
}

static void surefire_and_jest_write_junit(void **state)
{
    check(
        *state, REPORT_JUNIT,
        "<testsuite xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' name='com.example.AppTest' time='1,234.5'>\n"
        " <properties><property name='java.version' value='17'/></properties>\n"
        " <testcase name='slow' classname='com.example.AppTest' time='1,234.567'/>\n"
        " <testcase name='fails' classname='com.example.AppTest' time='0,25'>\n"
        "  <failure message='expected:&lt;1&gt; but was:&lt;2&gt;' type='org.junit.ComparisonFailure'><![CDATA[\n"
        "org.junit.ComparisonFailure: expected\n\tat com.example.AppTest.fails(AppTest.java:12)\n]]></failure>\n"
        "  <rerunFailure message='again'>again</rerunFailure>\n"
        "  <system-out><failure>no</failure></system-out>\n"
        " </testcase>\n"
        " <testcase name='flaky' classname='com.example.AppTest'><flakyFailure message='once'/></testcase>\n"
        " <testcase name='off' classname='com.example.AppTest'><skipped/></testcase>\n"
        "</testsuite>",
        "ok com.example.AppTest/slow (1234.57)\n"
        "failed com.example.AppTest/fails (0.25) expected:<1> but was:<2> <org.junit.ComparisonFailure: expected\n"
        "\tat com.example.AppTest.fails(AppTest.java:12)>\n"
        "ok com.example.AppTest/flaky\n"
        "skipped com.example.AppTest/off\n");
    check(
        *state, REPORT_JUNIT,
        "<testsuites name='jest tests'><testsuite name='sum' file='sum.test.js' tests='1'>"
        "<testcase classname='sum adds' name='sum adds' time='0.003'>"
        "<failure>Error: expect(received).toBe(expected)\n    at Object.&lt;anonymous&gt; (sum.test.js:4:17)</failure>"
        "</testcase></testsuite></testsuites>",
        "failed sum adds/sum adds (0.003) sum.test.js:0 Error: expect(received).toBe(expected) "
        "<Error: expect(received).toBe(expected)\n    at Object.<anonymous> (sum.test.js:4:17)>\n");
}

static void gtest_and_ctest_write_junit(void **state)
{
    check(*state, REPORT_JUNIT,
          "<testsuites tests='3' failures='1' disabled='1' name='AllTests'>\n"
          " <testsuite name='Math' tests='2' failures='1' disabled='1'>\n"
          "  <testcase name='Adds' file='math_test.cc' line='7' status='run' result='completed' classname='Math'>\n"
          "   <failure message='math_test.cc:9&#x0A;Expected equality' type=''><![CDATA[math_test.cc:9]]></failure>\n"
          "   <failure message='math_test.cc:10' type=''><![CDATA[math_test.cc:10]]></failure>\n"
          "  </testcase>\n"
          "  <testcase name='DISABLED_Divides' status='notrun' result='suppressed' time='0.' classname='Math' />\n"
          " </testsuite></testsuites>",
          "failed Math/Adds math_test.cc:7 math_test.cc:9 <math_test.cc:9\nmath_test.cc:10>\n"
          "skipped Math/DISABLED_Divides\n");
    check(*state, REPORT_JUNIT,
          "<testsuite name='Linux-c++'><testcase name='unit' classname='unit' time='1.5' status='fail'>"
          "<failure message=''/><system-out>boom</system-out></testcase>"
          "<testcase name='off' classname='off' status='disabled'/></testsuite>",
          "failed unit/unit (1.5)\nskipped off/off\n");
}

static void suites_are_nested_and_fail_themselves(void **state)
{
    check(*state, REPORT_JUNIT,
          "<testsuites><testsuite name='outer' file='o.php'><testcase name='a'/><testsuite name='inner'>"
          "<testcase name='b'/><testcase name='c' classname='C'><error/><failure message='f'/></testcase></testsuite>"
          "<testcase name='d' time='-1' line='x'/><error message='suite is broken'>why</error></testsuite>"
          "<testsuite/></testsuites>",
          "ok outer/a o.php:0\nok inner/b o.php:0\nerror C/c o.php:0 f\nok outer/d o.php:0\n"
          "error outer/outer o.php:0 suite is broken <why>\n");
    check(*state, REPORT_JUNIT, "<testsuites name='empty' tests='0'/>", "");
    check(*state, REPORT_JUNIT,
          "<testsuites><failure><testcase name='no'/><failure>in</failure></failure>"
          "<testcase name='a'><testcase name='within'/></testcase></testsuites>",
          "failed / in <in>\nok /a\n");
}

static void texts_that_are_no_report_are_refused(void **state)
{
    check_refused(*state, REPORT_JUNIT, STR(""), "line 1: no element found");
    check_refused(*state, REPORT_JUNIT, STR("{}"), "line 1: not well-formed (invalid token)");
    check_refused(*state, REPORT_JUNIT, STR("<testsuites>\n<testcase name='a'/>\n<x></testsuites>"),
                  "line 3: mismatched tag");
    check_refused(*state, REPORT_JUNIT, STR("<testsuites>\n<testcase name='a'/>"), "line 2: no element found");
    check_refused(*state, REPORT_JUNIT, STR("\n<html/>"), "line 2: <html> begins no JUnit report: <testsuites> does");
    check_refused(*state, REPORT_NUNIT3, STR("<test-results/>"),
                  "line 1: <test-results> begins no NUnit 3 report: <test-run> does");
    check_refused(*state, REPORT_JUNIT, STR("<?xml version='1.0' encoding='x-none'?><testsuites/>"),
                  "line 1: unknown encoding");
    check_refused(*state, REPORT_CUCUMBER, STR("{}"),
                  "line 1: a list of features is a Cucumber report, this is something else");
    check_refused(*state, REPORT_CUCUMBER, STR(""), "line 1: empty input");
    check_refused(*state, REPORT_CUCUMBER, STR("[\n{,}]"), "line 2, column 2: string or '}' expected near ','");
}

/* "Billion laughs", a file of this machine and a parameter entity: the first declaration ends it. */
static void entities_are_refused(void **state)
{
    check_refused(*state, REPORT_JUNIT,
                  STR("<!DOCTYPE x [<!ENTITY a 'ha'>\n<!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>\n"
                      "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'>]>\n<testsuites name='&c;'/>"),
                  "line 1: the entity 'a' is declared, which no report needs");
    check_refused(*state, REPORT_JUNIT,
                  STR("<!DOCTYPE x [\n<!ENTITY f SYSTEM 'file:///etc/passwd'>]><testsuites name='&f;'/>"),
                  "line 2: the entity 'f' is declared, which no report needs");
    check_refused(*state, REPORT_JUNIT,
                  STR("<!DOCTYPE x [<!ENTITY % p SYSTEM 'http://localhost/x'> %p;]><testsuites/>"),
                  "line 1: the entity 'p' is declared, which no report needs");
    check(*state, REPORT_JUNIT,
          "<!DOCTYPE testsuites SYSTEM 'junit.dtd'><testsuites><testcase name='&lt;'/></testsuites>", "ok /<\n");
}

static void sizes_are_bounded(void **state)
{
    CLEAN(buf) struct buf b = BUF(REPORT_MAX + 1);
    struct report r = {0};
    struct err e = {0};
    buf_add_cstr(&b, "<testsuites>");
    for (int i = 0; i < REPORT_CASES_MAX + 2; i++)
        buf_add_cstr(&b, "<testcase name='a' time='1'/>");
    buf_add_cstr(&b, "</testsuites>");
    assert_int_equal(report_read(*state, REPORT_JUNIT, buf_str(&b), &r, &e), 0);
    assert_int_equal(r.n_cases, REPORT_CASES_MAX);
    assert_int_equal(r.count[CASE_SUCCEEDED], REPORT_CASES_MAX + 2);
    assert_true(r.seconds > REPORT_CASES_MAX + 1);

    buf_clear(&b);
    buf_add_cstr(&b, "<testsuites>");
    for (int i = 0; i < 200; i++)
        buf_add_cstr(&b, "\n<testsuite>");
    check_refused(*state, REPORT_JUNIT, buf_str(&b), "line 201: elements are nested more than 200 deep");

    buf_clear(&b);
    buf_add_cstr(&b, "<testsuites><testcase name='a'><failure message='");
    buf_add_rep(&b, 'x', 299);
    buf_add_cstr(&b, "\xc3\xa9' /></testcase></testsuites>");
    r = (struct report){0};
    assert_int_equal(report_read(*state, REPORT_JUNIT, buf_str(&b), &r, &e), 0);
    assert_int_equal(r.cases[0].message.n, 299);
    assert_int_equal(r.cases[0].details.n, 301);

    buf_clear(&b);
    buf_add_rep(&b, ' ', REPORT_MAX + 1);
    assert_int_equal(report_read(*state, REPORT_JUNIT, buf_str(&b), &r, &e), -E2BIG);
    assert_string_equal(e.text, "the report is larger than 64 MiB");
}

static void files_add_up_and_bad_ones_add_nothing(void **state)
{
    struct report r = {0};
    const struct str good = STR("<testsuites><testcase name='a' time='1'/></testsuites>");
    assert_int_equal(report_read(*state, REPORT_JUNIT, good, &r, NULL), 0);
    assert_int_equal(report_read(*state, REPORT_JUNIT, STR("<testsuites><testcase name='b'/><x>"), &r, NULL), -EINVAL);
    assert_int_equal(report_read(*state, REPORT_JUNIT, good, &r, NULL), 0);
    assert_int_equal(r.n_cases, 2);
    assert_int_equal(r.count[CASE_SUCCEEDED], 2);
    assert_true(r.seconds > 1.9 && r.seconds < 2.1);
    assert_true(str_is(r.cases[1].name, "a"));
}

/* JSON with ' for ". */
static void check_cucumber(struct arena *a, const char *text, const char *want)
{
    char *json = mem_dup(text);
    for (char *c = json; *c; c++)
        if (*c == '\'')
            *c = '"';
    check(a, REPORT_CUCUMBER, json, want);
    free(json);
}

static void cucumber_scenarios_take_the_worst_of_their_steps(void **state)
{
    check_cucumber(
        *state,
        "[{'uri': 'f/login.feature', 'name': 'Login', 'keyword': 'Feature', 'elements': [\n"
        "{'type': 'scenario', 'name': 'works', 'line': 3,\n"
        " 'before': [{'result': {'status': 'passed', 'duration': 1000}}],\n"
        " 'steps': [{'name': 'a', 'result': {'status': 'passed', 'duration': 1500000000}},\n"
        "           {'name': 'b', 'result': {'status': 'passed', 'duration': 500000000}}]},\n"
        "{'type': 'scenario', 'name': 'breaks', 'line': 9,\n"
        " 'steps': [{'name': 'a', 'result': {'status': 'passed'}},\n"
        "           {'name': 'b', 'result': {'status': 'failed', 'error_message': 'not 1\\n  at x.rb:1'}},\n"
        "           {'name': 'c', 'result': {'status': 'skipped'}}]},\n"
        "{'type': 'scenario', 'name': 'new', 'line': 12,\n"
        " 'steps': [{'name': 'x', 'result': {'status': 'undefined'}},\n"
        "           {'name': 'y', 'result': {'status': 'skipped'}}]},\n"
        "{'type': 'scenario', 'name': 'later', 'steps': [{'name': 'x', 'result': {'status': 'pending'}}]},\n"
        "{'type': 'scenario', 'name': 'off',\n"
        " 'steps': [{'name': 'x', 'result': {'status': 'passed'}},\n"
        "           {'name': 'y', 'result': {'status': 'skipped'}}]},\n"
        "{'type': 'scenario', 'name': 'empty', 'steps': []},\n"
        "{'type': 'scenario', 'name': 'hook', 'steps': [{'name': 'x', 'result': {'status': 'passed'},\n"
        " 'after': [{'result': {'status': 'failed', 'error_message': 'hook broke'}}]}]},\n"
        "{'type': 'scenario', 'name': 'twice', 'steps': [{'name': 'x', 'result': {'status': 'ambiguous'}}]}\n"
        "]}, {'name': 'none'}, 7]",
        "ok Login/works (2) f/login.feature:3\n"
        "failed Login/breaks f/login.feature:9 not 1 <not 1\n  at x.rb:1>\n"
        "unknown Login/new f/login.feature:12 the step 'x' is undefined\n"
        "unknown Login/later f/login.feature:0 the step 'x' is pending\n"
        "skipped Login/off f/login.feature:0 the step 'y' is skipped\n"
        "unknown Login/empty f/login.feature:0\n"
        "failed Login/hook f/login.feature:0 hook broke <hook broke>\n"
        "failed Login/twice f/login.feature:0 the step 'x' is ambiguous\n");
}

static void cucumber_backgrounds_belong_to_the_next_scenario(void **state)
{
    check_cucumber(*state,
                   "[{'name': 'F', 'elements': [\n"
                   "{'type': 'background', 'steps': [{'name': 'b', 'result': {'status': 'failed'}}]},\n"
                   "{'type': 'scenario', 'name': 'first', 'steps': [{'name': 'x', 'result': {'status': 'skipped'}}]},\n"
                   "{'keyword': 'Background', 'steps': [{'result': {'status': 'passed', 'duration': 2000000000}}]},\n"
                   "{'type': 'scenario', 'name': 'second', 'steps': [{'name': 'x', 'result': {'status': 'passed'}}]},\n"
                   "{'type': 'scenario', 'name': 'third', 'steps': [{'name': 'no result'}]}]}]",
                   "failed F/first the step 'b' is failed\n"
                   "ok F/second (2)\n"
                   "unknown F/third the step 'no result' is undefined\n");
}

static void nunit_has_two_forms(void **state)
{
    check(*state, REPORT_NUNIT2,
          "<?xml version='1.0' standalone='no'?><test-results name='a.dll' total='5'><test-suite type='TestFixture' "
          "name='Calc'><results>\n"
          "<test-case name='Acme.Calc.Adds(1.5,2)' executed='True' result='Success' success='True' time='0.031'/>\n"
          "<test-case name='Acme.Calc.Fails' executed='True' result='Failure' success='False' time='0.1'><failure>"
          "<message><![CDATA[  Expected: 1\n  But was:  2\n]]></message><stack-trace><![CDATA[at Acme.Calc.Fails()]]>"
          "</stack-trace></failure></test-case>\n"
          "<test-case name='Acme.Calc.Throws' executed='True' result='Error' success='False'/>\n"
          "<test-case name='Acme.Calc.Off' executed='False' result='Ignored'><reason><message>later</message></reason>"
          "</test-case>\n"
          "<test-case name='Acme.Calc.Broken' executed='False' result='NotRunnable'/>\n"
          "<test-case name='Acme.Calc.Maybe' executed='True' result='Inconclusive'/>\n"
          "<test-case name='Old' executed='True' success='False'/>\n"
          "</results></test-suite></test-results>",
          "ok Acme.Calc/Adds(1.5,2) (0.031)\n"
          "failed Acme.Calc/Fails (0.1) Expected: 1 <  Expected: 1\n  But was:  2\nat Acme.Calc.Fails()>\n"
          "error Acme.Calc/Throws\nskipped Acme.Calc/Off later\nerror Acme.Calc/Broken\nunknown Acme.Calc/Maybe\n"
          "failed /Old\n");
    check(*state, REPORT_NUNIT3,
          "<test-run id='2' result='Failed'><test-suite type='Assembly' name='a.dll'><test-suite type='TestFixture'>\n"
          "<test-case id='1' name='Adds' fullname='Acme.Calc.Adds' classname='Acme.Calc' result='Passed' "
          "duration='0.25'/>\n"
          "<test-case name='Fails' fullname='Acme.Calc.Fails' result='Failed'><failure><message>no</message>"
          "<stack-trace>at x</stack-trace></failure><output>text</output></test-case>\n"
          "<test-case name='Throws' fullname='Acme.Calc.Throws' result='Failed' label='Error'/>\n"
          "<test-case name='Off' fullname='Acme.Calc.Off' result='Skipped' label='Ignored'/>\n"
          "<test-case name='Warns' fullname='Acme.Calc.Warns' result='Warning'/>\n"
          "<test-case name='Maybe' fullname='Acme.Calc.Maybe' result='Inconclusive'/>\n"
          "</test-suite></test-suite></test-run>",
          "ok Acme.Calc/Adds (0.25)\nfailed Acme.Calc/Fails no <at x>\nerror Acme.Calc/Throws\nskipped Acme.Calc/Off\n"
          "ok Acme.Calc/Warns\nunknown Acme.Calc/Maybe\n");
}

static void testng_counts_methods_that_test(void **state)
{
    check(*state, REPORT_TESTNG,
          "<testng-results ignored='0' total='3'><suite name='S'><test name='T'><class name='com.acme.CalcTest'>\n"
          "<test-method is-config='true' status='PASS' name='setUp' duration-ms='5'/>\n"
          "<test-method status='PASS' signature='adds()' name='adds' duration-ms='1500'/>\n"
          "<test-method status='FAIL' name='fails' duration-ms='2'><exception class='java.lang.AssertionError'>"
          "<message><![CDATA[expected [1]]]></message><full-stacktrace>at x</full-stacktrace></exception>"
          "</test-method>\n"
          "<test-method status='SKIP' name='skips'/>\n"
          "<test-method is-config='true' status='FAIL' name='tearDown'/>\n"
          "</class></test></suite></testng-results>",
          "ok com.acme.CalcTest/adds (1.5)\nfailed com.acme.CalcTest/fails (0.002) expected [1] <at x>\n"
          "skipped com.acme.CalcTest/skips\nerror com.acme.CalcTest/tearDown\n");
}

static void trx_names_classes_at_its_end(void **state)
{
    check(*state, REPORT_TRX,
          "<?xml version='1.0'?><TestRun xmlns='http://microsoft.com/schemas/VisualStudio/TeamTest/2010'><Results>\n"
          "<UnitTestResult testId='A' testName='Acme.Calc.Adds' outcome='Passed' duration='00:01:02.5000000'/>\n"
          "<UnitTestResult testId='b' testName='Fails' outcome='Failed'><Output><StdOut>x</StdOut><ErrorInfo>"
          "<Message>no</Message><StackTrace>at x</StackTrace></ErrorInfo></Output></UnitTestResult>\n"
          "<UnitTestResult testId='c' testName='Rows' outcome='Failed'><Output><ErrorInfo><Message>one of two</Message>"
          "</ErrorInfo></Output><InnerResults>"
          "<UnitTestResult testId='c' testName='Rows (1)' outcome='Passed'/>"
          "<UnitTestResult testId='c' testName='Rows (2)' outcome='Timeout' duration='1.00:00:00'/>"
          "</InnerResults></UnitTestResult>\n"
          "<UnitTestResult testId='d' testName='Off' outcome='NotExecuted'/>\n"
          "<UnitTestResult testId='e' testName='Maybe' outcome='Inconclusive'/>\n"
          "</Results><TestDefinitions>"
          "<UnitTest name='Adds' id='a'><TestMethod className='Acme.Calc, Acme, Version=1' name='Adds'/></UnitTest>"
          "<UnitTest name='Fails' id='b'><TestMethod className='Acme.Calc' name='Fails'/></UnitTest>"
          "</TestDefinitions></TestRun>",
          "ok Acme.Calc/Adds (62.5)\nfailed Acme.Calc/Fails no <at x>\nok /Rows (1)\nerror /Rows (2) (86400)\n"
          "skipped /Off\nunknown /Maybe\n");
}

static void check_coverage(struct arena *a, enum report_format f, const char *text, const char *want)
{
    struct report r = {0};
    struct err e = {0};
    if (report_read(a, f, str_from(text), &r, &e) < 0)
        fail_msg("%s", e.text);
    char got[200];
    snprintf(got, sizeof got, "%zu/%zu %zu/%zu", (size_t)r.lines_covered, (size_t)r.lines_total,
             (size_t)r.branches_covered, (size_t)r.branches_total);
    assert_string_equal(got, want);
}

static void coverage_in_xml_is_summed_up(void **state)
{
    check_coverage(
        *state, REPORT_CLOVER,
        "<coverage generated='1'><project timestamp='1'><package name='p'><metrics statements='9' "
        "coveredstatements='9'/></package><file name='a'><metrics statements='9' coveredstatements='9'/></file>"
        "<metrics statements='10' coveredstatements='7' conditionals='4' coveredconditionals='1'/></project>"
        "<testproject><metrics statements='99' coveredstatements='99'/></testproject></coverage>",
        "7/10 1/4");
    check_coverage(*state, REPORT_COBERTURA,
                   "<!DOCTYPE coverage SYSTEM 'http://cobertura.sourceforge.net/xml/coverage-04.dtd'>"
                   "<coverage version='7.4' lines-valid='20' lines-covered='15' line-rate='0.75' branches-covered='2' "
                   "branches-valid='6' branch-rate='0.3'><packages><package><classes><class><lines>"
                   "<line number='1' hits='1'/></lines></class></classes></package></packages></coverage>",
                   "15/20 2/6");
    check_coverage(*state, REPORT_COBERTURA,
                   "<coverage line-rate='0.5'><packages><package><classes><class><methods><method><lines>"
                   "<line number='1' hits='1'/></lines></method></methods><lines><line number='1' hits='3'/>"
                   "<line number='2' hits='0' branch='true' condition-coverage='50% (1/2)'/>"
                   "<line number='3' hits='0' branch='true' condition-coverage='odd'/></lines></class></classes>"
                   "</package></packages></coverage>",
                   "1/3 1/2");
    check_coverage(*state, REPORT_JACOCO,
                   "<!DOCTYPE report PUBLIC '-//JACOCO//DTD Report 1.1//EN' 'report.dtd'><report name='x'>"
                   "<sessioninfo id='1'/><package name='p'><counter type='LINE' missed='1' covered='2'/></package>"
                   "<counter type='INSTRUCTION' missed='5' covered='6'/><counter type='LINE' missed='1' covered='2'/>"
                   "<counter type='BRANCH' missed='3' covered='4'/></report>",
                   "2/3 4/7");
    struct report r = {0};
    struct err e = {0};
    assert_int_equal(
        report_read(*state, REPORT_COBERTURA, STR("<coverage lines-valid='1' lines-covered='2'/>"), &r, &e), -EINVAL);
    assert_string_equal(e.text, "line 1: the Cobertura report covers more than there is");
}

static void simplecov_merges_its_commands(void **state)
{
    check_coverage(*state, REPORT_SIMPLECOV,
                   "{\"RSpec\":{\"coverage\":{\"/a.rb\":{\"lines\":[1,null,0,0],\"branches\":{\"[:if, 0]\":"
                   "{\"[:then, 1]\":1,\"[:else, 2]\":0}}},\"/old.rb\":[2,0,null]},\"timestamp\":1},"
                   "\"Cucumber\":{\"coverage\":{\"/a.rb\":{\"lines\":[0,null,4,0],\"branches\":{\"[:if, 0]\":"
                   "{\"[:then, 1]\":0,\"[:else, 2]\":0}}}}}}",
                   "3/5 1/2");
    check_coverage(
        *state, REPORT_SIMPLECOV,
        "{\"meta\":{\"simplecov_version\":\"0.21\"},\"coverage\":{\"/a.rb\":{\"lines\":[1,0,\"ignored\",null],"
        "\"branches\":[{\"type\":\"then\",\"coverage\":3},{\"type\":\"else\",\"coverage\":0}]}},\"groups\":{}}",
        "1/2 1/2");
    check_refused(*state, REPORT_SIMPLECOV, STR("{\"a\":1}"),
                  "line 1: 'a' has no 'coverage', so this is no SimpleCov report");
    check_refused(*state, REPORT_SIMPLECOV, STR("[]"),
                  "line 1: a SimpleCov report is an object of commands, this is something else");
}

static void xunit_tells_tests_of_assemblies(void **state)
{
    check(*state, REPORT_XUNIT,
          "<assemblies><assembly name='a.dll'><collection><test name='N.C.Adds' type='N.C' method='Adds' time='0.5' "
          "result='Pass'/><test name='N.C.Fails' type='N.C' result='Fail'><failure exception-type='E'><message>two is "
          "three</message><stack-trace>at N.C.Fails()</stack-trace></failure></test><test name='N.C.Later' "
          "result='Skip'><reason>not yet</reason></test></collection></assembly></assemblies>",
          "ok N.C/N.C.Adds (0.5)\n"
          "failed N.C/N.C.Fails two is three <at N.C.Fails()>\n"
          "skipped /N.C.Later not yet\n");
    check_refused(*state, REPORT_XUNIT, STR("<site/>"), "line 1: <site> begins no xUnit report: <assemblies> does");
}

static void ctest_tells_tests_with_a_status(void **state)
{
    check(
        *state, REPORT_CTEST,
        "<Site><Testing><TestList><Test>./unit/a</Test></TestList><Test Status='passed'><Name>a</Name>"
        "<Path>./unit</Path><Results><NamedMeasurement type='numeric/double' name='Execution Time'><Value>1.25</Value>"
        "</NamedMeasurement><Measurement><Value>fine</Value></Measurement></Results></Test><Test Status='failed'>"
        "<Name>b</Name><Path>.</Path><Results><Measurement><Value>x is y\nno</Value></Measurement></Results></Test>"
        "<Test Status='notrun'><Name>c</Name></Test></Testing></Site>",
        "ok unit/a (1.25)\n"
        "failed /b x is y <x is y\nno>\n"
        "skipped /c\n");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(xunit_tells_tests_of_assemblies),
        TEST(ctest_tells_tests_with_a_status),
        TEST(formats_have_names),
        TEST(pytest_writes_junit),
        TEST(surefire_and_jest_write_junit),
        TEST(gtest_and_ctest_write_junit),
        TEST(suites_are_nested_and_fail_themselves),
        TEST(texts_that_are_no_report_are_refused),
        TEST(entities_are_refused),
        TEST(sizes_are_bounded),
        TEST(files_add_up_and_bad_ones_add_nothing),
        TEST(cucumber_scenarios_take_the_worst_of_their_steps),
        TEST(cucumber_backgrounds_belong_to_the_next_scenario),
        TEST(nunit_has_two_forms),
        TEST(testng_counts_methods_that_test),
        TEST(trx_names_classes_at_its_end),
        TEST(coverage_in_xml_is_summed_up),
        TEST(simplecov_merges_its_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
