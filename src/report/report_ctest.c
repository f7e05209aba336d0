/*
 * report_ctest.c - what CTest writes: <Site> with <Testing>, in it a <Test> with a status, its name, measurements and
 * the output of the program. (<TestList> names them all once more: those have no status.)
 */
#include "core/base.h"
#include "report/report_priv.h"

struct ctest {
    struct report_into *to;
    struct report_case c;
    unsigned at;  /* the depth of the test at hand; 0: none */
    bool is_time; /* the measurement at hand is the time */
    bool is_log;
};

static void open(struct xml *x, void *state, struct str name)
{
    struct ctest *t = state;
    struct str status = xml_attr(x, "Status");
    if (str_is(name, "Test") && !t->at && status.n > 0) {
        t->at = xml_depth(x);
        report_begin(t->to, &t->c);
        t->c.state = str_is_nocase(status, "passed")   ? CASE_SUCCEEDED
                     : str_is_nocase(status, "failed") ? CASE_FAILED
                     : str_is_nocase(status, "notrun") ? CASE_SKIPPED
                                                       : CASE_UNKNOWN;
        return;
    }
    if (!t->at)
        return;
    if (str_is(name, "NamedMeasurement") || str_is(name, "Measurement")) {
        t->is_time = str_is(xml_attr(x, "name"), "Execution Time");
        t->is_log = str_is(name, "Measurement");
    }
    bool named = (str_is(name, "Name") || str_is(name, "Path")) && xml_depth(x) == t->at + 1;
    if (named || (str_is(name, "Value") && (t->is_time || t->is_log)))
        xml_keep(x);
}

/* "./unit" is below the folder of the build, "." is that folder. */
static struct str suite_of(struct str path)
{
    if (str_is(path, "."))
        return STR("");
    return str_starts(path, STR("./")) ? str_from_index(path, 2) : path;
}

static void close(struct xml *x, void *state, struct str name)
{
    struct ctest *t = state;
    struct str text = xml_text(x);
    if (text.p && str_is(name, "Name"))
        t->c.name = arena_str(t->to->a, text);
    else if (text.p && str_is(name, "Path"))
        t->c.suite = arena_str(t->to->a, suite_of(text));
    else if (text.p && t->is_time)
        t->c.seconds = report_seconds(text);
    else if (text.p && t->c.state == CASE_FAILED)
        report_why(t->to, &t->c, STR_NONE, text);
    if (t->at && t->at == xml_depth(x)) {
        report_add(t->to, &t->c);
        t->at = 0;
    }
}

int report_ctest(struct report_into *to, struct str text, struct err *e)
{
    static const struct xml_reader how = {"CTest report", {"Site"}, open, close};
    struct ctest t = {.to = to};
    return xml_read(&how, &t, text, e);
}
