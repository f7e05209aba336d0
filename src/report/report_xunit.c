/*
 * report_xunit.c - xUnit.net's second form: <assemblies> of collections of <test>s, each with its result, the message
 * and the stack trace of a failure, or the reason of a skip.
 */
#include "core/base.h"
#include "report/report_priv.h"

struct xunit {
    struct report_into *to;
    struct report_case c;
    unsigned at; /* the depth of the test at hand; 0: none */
};

static enum report_state state_of(struct str result)
{
    if (str_is_nocase(result, "Pass"))
        return CASE_SUCCEEDED;
    if (str_is_nocase(result, "Fail"))
        return CASE_FAILED;
    return str_is_nocase(result, "Skip") || str_is_nocase(result, "NotRun") ? CASE_SKIPPED : CASE_UNKNOWN;
}

static void open_test(struct xunit *u, const struct xml *x)
{
    struct arena *a = u->to->a;
    struct str method = xml_attr(x, "method"), type = xml_attr(x, "type"), name = xml_attr(x, "name");
    u->at = xml_depth(x);
    report_begin(u->to, &u->c);
    u->c.suite = arena_str(a, type);
    u->c.name = arena_str(a, name.n > 0 ? name : method);
    u->c.file = arena_str(a, xml_attr(x, "source-file"));
    u->c.line = (unsigned)report_number(xml_attr(x, "source-line"));
    u->c.seconds = report_seconds(xml_attr(x, "time"));
    u->c.state = state_of(xml_attr(x, "result"));
}

static void open(struct xml *x, void *state, struct str name)
{
    struct xunit *u = state;
    if (str_is(name, "test") && !u->at)
        open_test(u, x);
    else if (u->at && (str_is(name, "message") || str_is(name, "stack-trace") || str_is(name, "reason")))
        xml_keep(x);
}

static void close(struct xml *x, void *state, struct str name)
{
    struct xunit *u = state;
    struct str text = xml_text(x);
    if (text.p && str_is(name, "stack-trace"))
        report_why(u->to, &u->c, STR_NONE, text);
    else if (text.p)
        report_why(u->to, &u->c, text, STR_NONE);
    if (u->at && u->at == xml_depth(x)) {
        report_add(u->to, &u->c);
        u->at = 0;
    }
}

int report_xunit(struct report_into *to, struct str text, struct err *e)
{
    static const struct xml_reader how = {"xUnit report", {"assemblies", "assembly"}, open, close};
    struct xunit u = {.to = to};
    return xml_read(&how, &u, text, e);
}
