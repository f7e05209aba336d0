/*
 * report/report.h - what test programs and coverage tools wrote, as numbers and findings.
 *
 * Nouns: a report is one file in one of the formats that build services read; a case is one test in it. Pure: texts in,
 * structs out, all in the caller's arena; XML without entities of its own making and without the network (expat).
 * Errors: -EINVAL with a sentence that names the line, when a text is not in its format; -E2BIG past REPORT_MAX bytes.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/str.h"

#define REPORT_MAX ((size_t)64 << 20)
#define REPORT_CASES_MAX 100000

/*
 * X(ID, name) - the names are CodeBuild's, compared without regard to case; NULL: it knows of no such format. Azure's
 * names are in its provider.
 */
#define REPORT_FORMATS(X)                                                                                              \
    X(JUNIT, "JUNITXML")                                                                                               \
    X(CUCUMBER, "CUCUMBERJSON")                                                                                        \
    X(NUNIT2, "NUNITXML")                                                                                              \
    X(NUNIT3, "NUNIT3XML")                                                                                             \
    X(TESTNG, "TESTNGXML")                                                                                             \
    X(TRX, "VISUALSTUDIOTRX")                                                                                          \
    X(CLOVER, "CLOVERXML")                                                                                             \
    X(COBERTURA, "COBERTURAXML")                                                                                       \
    X(JACOCO, "JACOCOXML")                                                                                             \
    X(SIMPLECOV, "SIMPLECOV")                                                                                          \
    X(XUNIT, NULL)                                                                                                     \
    X(CTEST, NULL)

enum report_format {
#define X(id, name) REPORT_##id,
    REPORT_FORMATS(X)
#undef X
        REPORT_FORMATS_LEN
};
/* The name above, "" when it has none. */
const char *report_format_name(enum report_format f);
/* By that name; false: there is no such format. */
bool report_format_find(struct str name, enum report_format *ret);
/* Does it tell coverage rather than tests? */
bool report_is_coverage(enum report_format f);

enum report_state { CASE_SUCCEEDED, CASE_FAILED, CASE_ERROR, CASE_SKIPPED, CASE_UNKNOWN };

struct report_case {
    struct str suite, name; /* class or feature; test or scenario */
    enum report_state state;
    struct str message; /* of a failure, an error or a skip: its first words; or empty */
    struct str details; /* the whole text of it (a traceback); or empty */
    struct str file;    /* as the report has it, or empty */
    unsigned line;      /* 0: not told */
    double seconds;     /* 0: not told */
};

struct report {
    struct report_case *cases;
    size_t n_cases, cap_cases;
    size_t count[CASE_UNKNOWN + 1]; /* by state */
    double seconds;                 /* of all cases */
    /* coverage: */
    uint64_t lines_covered, lines_total, branches_covered, branches_total;
};

/* "12 passed, 1 failed, 2 skipped in 0.42s"; of coverage "lines 91.2% (114 of 125), branches 80.0% (8 of 10)". */
void report_add_words(struct buf *b, const struct report *r, bool coverage);
/* Adds what the text tells to r, which begins zeroed; several files make one report. */
int report_read(struct arena *a, enum report_format f, struct str text, struct report *r, struct err *e);
