/*
 * az_task_coverage.c - PublishCodeCoverageResults@2 and @1: how many lines and branches tests have seen (specification
 * 9.9). What kind a file is shows in the file: Cobertura, JaCoCo, Clover and SimpleCov are read, whatever its name.
 */
#include "core/base.h"
#include "provider/azure/files_priv.h"

#include "report/report.h"

static const struct az_input INPUTS[] = {
    {.name = "codeCoverageTool", .kind = AZ_INPUT_TEXT, .fallback = "JaCoCo"},
    {.name = "summaryFileLocation", .kind = AZ_INPUT_LINES, .required = true},
    {.name = "pathToSources", .kind = AZ_INPUT_PATH},
    {.name = "reportDirectory", .kind = AZ_INPUT_PATH},
    {.name = "additionalCodeCoverageFiles", .kind = AZ_INPUT_LINES},
    {.name = "failIfCoverageEmpty", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "publishRunAttachments", .kind = AZ_INPUT_BOOL, .fallback = "true"},
    {0},
};

enum { COVERAGE_BEGIN, COVERAGE_READ, COVERAGE_END };

struct coverage {
    struct az_reading reading;
    struct report report;
    size_t n_read;
};

static void take(struct az_task_run *t, struct str name, struct str text)
{
    static const enum report_format FORMATS[] = {REPORT_COBERTURA, REPORT_JACOCO, REPORT_CLOVER, REPORT_SIMPLECOV};
    struct coverage *c = t->state;
    for (size_t i = 0; text.p != NULL && i < ARRAY_LEN(FORMATS); i++) {
        struct err err = {0};
        if (report_read(t->run->arena, FORMATS[i], text, &c->report, &err) < 0)
            continue;
        c->n_read++;
        az_say(t, "Reading code coverage summary '%.*s'", STR_ARG(name));
        return;
    }
    az_warn(t, "%.*s is none of the coverage files that are read here: Cobertura, JaCoCo, Clover, SimpleCov",
            STR_ARG(name));
}

static void begin(struct az_task_run *t)
{
    struct coverage *c = t->state = ARENA_NEW(t->run->arena, struct coverage);
    struct str base = az_var(t->run, "System.DefaultWorkingDirectory");
    struct strs lines = {0};
    c->reading.take = take;
    az_input_lines(t, "summaryFileLocation", &lines);
    if (lines.n == 0)
        az_fail(t, "Input required: summaryFileLocation");
    az_reading_init(t, &c->reading, base.n > 0 ? base : t->run->sources, &lines);
}

static double percent(uint64_t part, uint64_t all)
{
    return all > 0 ? 100.0 * (double)part / (double)all : 0;
}

static void tell(struct az_task_run *t, const struct report *r)
{
    struct arena *a = t->run->arena;
    struct str line =
        arena_printf(a, "coverage: lines %.1f %% (%llu of %llu)", percent(r->lines_covered, r->lines_total),
                     (unsigned long long)r->lines_covered, (unsigned long long)r->lines_total);
    if (r->branches_total > 0)
        line = arena_printf(a, "%.*s, branches %.1f %% (%llu of %llu)", STR_ARG(line),
                            percent(r->branches_covered, r->branches_total), (unsigned long long)r->branches_covered,
                            (unsigned long long)r->branches_total);
    az_summary(t, arena_printf(a, "%.*s\n", STR_ARG(line)));
    az_tell_report(t, STR("coverage"), r, true);
}

static void finish(struct az_task_run *t, const struct coverage *c)
{
    bool fails = az_input_bool(t, "failIfCoverageEmpty");
    if (c->n_read > 0)
        tell(t, &c->report);
    if (c->n_read > 0 && (c->report.lines_total > 0 || !fails))
        return;
    const char *why = c->n_read > 0 ? "No code coverage results were found to publish."
                                    : "No code coverage files match the summary file location.";
    if (fails)
        az_fail(t, "%s", why);
    else
        az_warn(t, "%s", why);
}

static enum drive next(struct az_task_run *t, struct op *op)
{
    if (t->at == COVERAGE_BEGIN) {
        begin(t);
        t->at = COVERAGE_READ;
    }
    struct coverage *c = t->state;
    if (t->at == COVERAGE_END || t->error.n > 0)
        return DRIVE_DONE;
    if (az_reading_next(t, &c->reading, op))
        return DRIVE_OP;
    t->at = COVERAGE_END;
    if (t->error.n == 0)
        finish(t, c);
    return DRIVE_DONE;
}

static void exited(struct az_task_run *t, const struct op_end *end)
{
    struct coverage *c = t->state;
    az_reading_exited(t, &c->reading, end);
}

const struct az_task az_task_publish_coverage = {.name = "PublishCodeCoverageResults",
                                                 .id = "2a7ebc54-c13e-490e-81a5-d7561ab7cd97",
                                                 .majors = "1 2",
                                                 .title = "Publish code coverage results",
                                                 .inputs = INPUTS,
                                                 .next = next,
                                                 .exited = exited};
