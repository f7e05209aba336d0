/*
 * az_task_tests.c - PublishTestResults@2 (and @1): what test programs wrote, read and told (specification 9.9).
 *
 * Each file is a run of tests of its own unless they are merged. A run is a line of the summary; a failed test is an
 * error of the step, which fails only when failTaskOnFailedTests says so.
 */
#include "core/base.h"
#include "provider/azure/files_priv.h"

#include "core/path.h"
#include "report/report.h"

#define CASES_SHOWN 50       /* failed ones that become annotations; the others are counted */
#define MESSAGE_MAX 500      /* bytes of a failure in one */
#define MERGE_THRESHOLD 100u /* so many files are merged in any case */

static const struct az_input INPUTS[] = {
    {.name = "testRunner", .alias = "testResultsFormat", .kind = AZ_INPUT_TEXT, .fallback = "JUnit", .required = true},
    {.name = "testResultsFiles", .kind = AZ_INPUT_LINES, .fallback = "**/TEST-*.xml", .required = true},
    {.name = "searchFolder", .kind = AZ_INPUT_PATH, .fallback = "$(System.DefaultWorkingDirectory)"},
    {.name = "mergeTestResults", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "failTaskOnFailedTests", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "failTaskOnFailureToPublishResults", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "failTaskOnMissingResultsFile", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "testRunTitle", .kind = AZ_INPUT_TEXT},
    {.name = "platform", .alias = "buildPlatform", .kind = AZ_INPUT_TEXT},
    {.name = "configuration", .alias = "buildConfiguration", .kind = AZ_INPUT_TEXT},
    {.name = "publishRunAttachments", .kind = AZ_INPUT_BOOL, .fallback = "true"},
    {0},
};

static const struct {
    const char *name;
    enum report_format first, second; /* the second is tried when the text is none of the first */
} FORMATS[] = {{"JUnit", REPORT_JUNIT, REPORT_JUNIT},
               {"NUnit", REPORT_NUNIT3, REPORT_NUNIT2},
               {"VSTest", REPORT_TRX, REPORT_TRX},
               {"XUnit", REPORT_XUNIT, REPORT_XUNIT},
               {"CTest", REPORT_CTEST, REPORT_CTEST}};

enum { TESTS_BEGIN, TESTS_READ, TESTS_END };

struct tests {
    struct az_reading reading;
    size_t format; /* of FORMATS */
    bool merge;
    struct report all; /* of the files that are merged */
    size_t n_runs, n_failed, shown, unread;
};

/* ---- telling ---- */

static void tell_case(struct az_task_run *t, const struct report_case *c)
{
    struct arena *a = t->run->arena;
    struct str message = str_trim(str_sub(c->message.n > 0 ? c->message : c->details, 0, MESSAGE_MAX));
    struct event ev = {.kind = EVENT_ANNOTATION, .step = t->number, .level = LEVEL_ERROR};
    ev.name = c->suite.n > 0 ? arena_printf(a, "%.*s %.*s", STR_ARG(c->suite), STR_ARG(c->name)) : c->name;
    ev.text = message.n > 0 ? message : STR("failed");
    ev.file = c->file;
    ev.line = c->line;
    t->run->host->emit(t->run->host->ctx, &ev);
}

static void tell_cases(struct az_task_run *t, struct tests *s, const struct report *r)
{
    for (size_t i = 0; i < r->n_cases; i++) {
        const struct report_case *c = &r->cases[i];
        if ((c->state == CASE_FAILED || c->state == CASE_ERROR) && s->shown++ < CASES_SHOWN)
            tell_case(t, c);
    }
}

/* "unit", "unit_2" of several; without a title the format and the build's number. */
static struct str title_of(struct az_task_run *t, const struct tests *s)
{
    struct arena *a = t->run->arena;
    struct str title = az_input(t, "testRunTitle"), build = az_var(t->run, "Build.BuildId");
    if (title.n == 0)
        return arena_printf(a, "%s_TestResults_%.*s_%zu", FORMATS[s->format].name, STR_ARG(build), s->n_runs);
    return s->merge || s->reading.search.found.n < 2 ? title : arena_printf(a, "%.*s_%zu", STR_ARG(title), s->n_runs);
}

static void tell_run(struct az_task_run *t, struct tests *s, const struct report *r)
{
    size_t failed = r->count[CASE_FAILED] + r->count[CASE_ERROR];
    s->n_runs++;
    s->n_failed += failed;
    struct str title = title_of(t, s);
    struct str line = arena_printf(t->run->arena, "tests %.*s: %s, %zu passed, %zu failed, %zu skipped, %.3f s",
                                   STR_ARG(title), failed > 0 ? "FAILED" : "PASSED", r->count[CASE_SUCCEEDED], failed,
                                   r->count[CASE_SKIPPED], r->seconds);
    az_summary(t, arena_printf(t->run->arena, "%.*s\n", STR_ARG(line)));
    az_tell_report(t, title, r, false);
    tell_cases(t, s, r);
}

/* ---- reading ---- */

static void take(struct az_task_run *t, struct str name, struct str text)
{
    struct tests *s = t->state;
    struct err err = {0};
    struct report one = {0}, *into = s->merge ? &s->all : &one;
    if (text.p == NULL)
        err_set(&err, EIO, "it cannot be read");
    else if (report_read(t->run->arena, FORMATS[s->format].first, text, into, &err) < 0 &&
             FORMATS[s->format].second != FORMATS[s->format].first) {
        err = (struct err){0};
        report_read(t->run->arena, FORMATS[s->format].second, text, into, &err);
    }
    if (err.num != 0) {
        s->unread++;
        az_warn(t, "Failed to read %.*s. Error: %s", STR_ARG(name), err.text);
    } else if (!s->merge) {
        tell_run(t, s, &one);
    }
}

static void begin(struct az_task_run *t)
{
    struct tests *s = t->state = ARENA_NEW(t->run->arena, struct tests);
    struct str runner = az_input(t, "testRunner"), root = az_input_path(t, "searchFolder");
    struct strs lines = {0};
    while (s->format < ARRAY_LEN(FORMATS) && !str_is_nocase(runner, FORMATS[s->format].name))
        s->format++;
    if (s->format == ARRAY_LEN(FORMATS))
        az_fail(t, "testResultsFormat cannot be %.*s: it is JUnit, NUnit, VSTest, XUnit or CTest", STR_ARG(runner));
    s->merge = az_input_bool(t, "mergeTestResults");
    s->reading.take = take;
    az_input_lines(t, "testResultsFiles", &lines);
    az_reading_init(t, &s->reading, root.n > 0 ? root : t->run->sources, &lines);
}

static void nothing_found(struct az_task_run *t)
{
    struct strs lines = {0};
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    az_input_lines(t, "testResultsFiles", &lines);
    for (size_t i = 0; i < lines.n; i++)
        buf_printf(&b, "%s%.*s", i > 0 ? "," : "", STR_ARG(lines.p[i]));
    if (az_input_bool(t, "failTaskOnMissingResultsFile"))
        az_fail(t, "No test result files matching '%s' were found.", buf_cstr(&b));
    else
        az_warn(t, "No test result files matching %s were found.", buf_cstr(&b));
}

static void finish(struct az_task_run *t, struct tests *s)
{
    if (s->reading.search.found.n == 0) {
        nothing_found(t);
        return;
    }
    if (s->merge && s->unread < s->reading.search.found.n)
        tell_run(t, s, &s->all);
    if (s->shown > CASES_SHOWN)
        az_say(t, "%zu more failed tests are in the results", s->shown - CASES_SHOWN);
    if (s->unread > 0 && az_input_bool(t, "failTaskOnFailureToPublishResults"))
        az_fail(t, "%zu of the test result files could not be read", s->unread);
    if (s->n_failed > 0 && az_input_bool(t, "failTaskOnFailedTests"))
        az_fail(t, "There are one or more test failures detected in result files. Detailed summary of published test "
                   "results can be viewed in the Tests tab.");
}

static enum drive next(struct az_task_run *t, struct op *op)
{
    if (t->at == TESTS_BEGIN) {
        begin(t);
        t->at = TESTS_READ;
    }
    struct tests *s = t->state;
    if (t->at == TESTS_END || t->error.n > 0)
        return DRIVE_DONE;
    if (az_reading_next(t, &s->reading, op)) {
        s->merge = s->merge || s->reading.search.found.n > MERGE_THRESHOLD;
        return DRIVE_OP;
    }
    t->at = TESTS_END;
    if (t->error.n == 0)
        finish(t, s);
    return DRIVE_DONE;
}

static void exited(struct az_task_run *t, const struct op_end *end)
{
    struct tests *s = t->state;
    az_reading_exited(t, &s->reading, end);
}

const struct az_task az_task_publish_tests = {.name = "PublishTestResults",
                                              .id = "0b0f01ed-7dde-43ff-9cbb-e48954daf9b1",
                                              .majors = "1 2",
                                              .title = "Publish Test Results",
                                              .inputs = INPUTS,
                                              .next = next,
                                              .exited = exited};
