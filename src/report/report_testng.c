/*
 * report_testng.c - TestNG's results: suites, tests, classes, methods. A method that configures (@BeforeMethod) is no
 * case, as in TestNG's own sums, unless it failed: what it should have prepared is then skipped because of it.
 */
#include "core/base.h"
#include "report/report_priv.h"

struct testng {
    struct report_into *to;
    struct str class;
    struct report_case c;
    unsigned at; /* the depth of the method at hand; 0: none */
};

static enum report_state state_of(struct str status, bool configures)
{
    if (str_is_nocase(status, "PASS") || str_is_nocase(status, "SUCCESS_PERCENTAGE_FAILURE"))
        return CASE_SUCCEEDED;
    if (str_is_nocase(status, "FAIL"))
        return configures ? CASE_ERROR : CASE_FAILED;
    return str_is_nocase(status, "SKIP") ? CASE_SKIPPED : CASE_UNKNOWN;
}

static void open_method(struct testng *t, const struct xml *x)
{
    bool configures = str_is(xml_attr(x, "is-config"), "true");
    enum report_state state = state_of(xml_attr(x, "status"), configures);
    if (configures && state != CASE_ERROR)
        return;
    t->at = xml_depth(x);
    report_begin(t->to, &t->c);
    t->c.suite = t->class;
    t->c.name = arena_str(t->to->a, xml_attr(x, "name"));
    t->c.seconds = (double)report_number(xml_attr(x, "duration-ms")) / 1000;
    t->c.state = state;
}

static void open(struct xml *x, void *state, struct str name)
{
    struct testng *t = state;
    if (str_is(name, "class"))
        t->class = arena_str(t->to->a, xml_attr(x, "name"));
    else if (str_is(name, "test-method") && !t->at)
        open_method(t, x);
    else if (t->at && xml_depth(x) == t->at + 2 && (str_is(name, "message") || str_is(name, "full-stacktrace")))
        xml_keep(x);
}

static void close(struct xml *x, void *state, struct str name)
{
    struct testng *t = state;
    struct str text = xml_text(x);
    if (text.p && str_is(name, "message"))
        report_why(t->to, &t->c, text, STR_NONE);
    else if (text.p)
        report_why(t->to, &t->c, STR_NONE, text);
    if (t->at && t->at == xml_depth(x)) {
        report_add(t->to, &t->c);
        t->at = 0;
    }
}

int report_testng(struct report_into *to, struct str text, struct err *e)
{
    static const struct xml_reader how = {"TestNG report", {"testng-results"}, open, close};
    struct testng t = {.to = to};
    return xml_read(&how, &t, text, e);
}
