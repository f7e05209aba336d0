/*
 * report_junit.c - JUnit's XML, which nobody has written down: as Surefire, pytest, Jest, GoogleTest and CTest write
 * it.
 *
 * <testsuites> or <testsuite>, suites within suites, <testcase> with any number of <failure>, <error>, <skipped>. What
 * the attributes of a suite sum up is not read: the cases are counted.
 */
#include "core/base.h"
#include "report/report_priv.h"

struct suite {
    struct str name, file;
};

struct junit {
    struct report_into *to;
    struct suite suites[XML_DEPTH_MAX + 1]; /* by depth; an element that is no suite has its parent's */
    struct report_case c;
    unsigned at;        /* the depth of the case at hand; 0: none */
    struct str message; /* of the failure at hand */
};

/* GoogleTest and CTest say in the case itself that it did not run. */
static bool did_not_run(const struct xml *x)
{
    static const char *const words[] = {"notrun", "disabled", "skipped", "ignored", "suppressed"};
    struct str status = xml_attr(x, "status"), result = xml_attr(x, "result");
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_is_nocase(status, words[i]) || str_is_nocase(result, words[i]))
            return true;
    return false;
}

static void open_case(struct junit *j, const struct xml *x, const struct suite *suite)
{
    struct arena *a = j->to->a;
    struct str class = xml_attr(x, "classname"), file = xml_attr(x, "file");
    j->at = xml_depth(x);
    report_begin(j->to, &j->c);
    j->c = (struct report_case){
        .suite = class.n ? arena_str(a, class) : suite->name,
        .name = arena_str(a, xml_attr(x, "name")),
        .file = file.n ? arena_str(a, file) : suite->file,
        .line = (unsigned)(report_number(xml_attr(x, "line")) & 0x7fffffff),
        .seconds = report_seconds(xml_attr(x, "time")),
        .state = did_not_run(x) ? CASE_SKIPPED : CASE_SUCCEEDED,
    };
}

/* A failure outside of any case is one itself, named like its suite. */
static void open_outcome(struct junit *j, struct xml *x, const struct suite *suite, enum report_state state)
{
    if (!j->at) {
        if (state == CASE_SKIPPED)
            return;
        j->at = xml_depth(x);
        report_begin(j->to, &j->c);
        j->c = (struct report_case){.suite = suite->name, .name = suite->name, .file = suite->file};
    }
    bool worse = state == CASE_ERROR || (state == CASE_FAILED && j->c.state != CASE_ERROR) ||
                 (state == CASE_SKIPPED && j->c.state == CASE_SUCCEEDED);
    if (worse)
        j->c.state = state;
    j->message = arena_str(j->to->a, xml_attr(x, "message"));
    xml_keep(x);
}

static bool outcome(struct str name, enum report_state *ret)
{
    if (str_is(name, "failure"))
        *ret = CASE_FAILED;
    else if (str_is(name, "error"))
        *ret = CASE_ERROR;
    else if (str_is(name, "skipped"))
        *ret = CASE_SKIPPED;
    else
        return false;
    return true;
}

static void open(struct xml *x, void *state, struct str name)
{
    struct junit *j = state;
    unsigned depth = xml_depth(x);
    struct suite *suite = &j->suites[depth];
    enum report_state what;
    *suite = j->suites[depth - 1];
    bool direct = j->at ? depth == j->at + 1 : true;
    if (str_is(name, "testsuite") && !j->at) {
        struct str title = xml_attr(x, "name"), file = xml_attr(x, "file");
        suite->name = title.n ? arena_str(j->to->a, title) : suite->name;
        suite->file = file.n ? arena_str(j->to->a, file) : suite->file;
    } else if (str_is(name, "testcase") && !j->at) {
        open_case(j, x, suite);
    } else if (direct && outcome(name, &what)) {
        open_outcome(j, x, suite, what);
    }
}

static void close(struct xml *x, void *state, struct str name)
{
    struct junit *j = state;
    enum report_state what;
    if (outcome(name, &what) && xml_text(x).p)
        report_why(j->to, &j->c, j->message, xml_text(x));
    if (j->at && j->at == xml_depth(x)) {
        report_add(j->to, &j->c);
        j->at = 0;
    }
}

int report_junit(struct report_into *to, struct str text, struct err *e)
{
    static const struct xml_reader how = {"JUnit report", {"testsuites", "testsuite"}, open, close};
    CLEAN(free) struct junit *j = mem_alloc(sizeof *j);
    j->to = to;
    return xml_read(&how, j, text, e);
}
