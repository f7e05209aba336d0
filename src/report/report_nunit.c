/*
 * report_nunit.c - NUnit's two forms: 2 (<test-results>, which xUnit and others write too) and 3 (<test-run>).
 *
 * In both, suites are nested and a <test-case> says its result; a failure has a message and a stack trace.
 */
#include "core/base.h"
#include "report/report_priv.h"

struct nunit {
    struct report_into *to;
    struct report_case c;
    unsigned at; /* the depth of the case at hand; 0: none */
};

static const struct {
    const char *word;
    enum report_state state;
} results[] = {
    {"Success", CASE_SUCCEEDED}, {"Passed", CASE_SUCCEEDED}, {"Warning", CASE_SUCCEEDED}, {"Failure", CASE_FAILED},
    {"Failed", CASE_FAILED},     {"Error", CASE_ERROR},      {"NotRunnable", CASE_ERROR}, {"Cancelled", CASE_ERROR},
    {"Ignored", CASE_SKIPPED},   {"Skipped", CASE_SKIPPED},
};

static enum report_state state_of(struct str word)
{
    for (size_t i = 0; i < ARRAY_LEN(results); i++)
        if (str_is_nocase(word, results[i].word))
            return results[i].state;
    return CASE_UNKNOWN; /* Inconclusive, and what is newer */
}

/* 2.4 has executed and success alone; since 2.5 there is a result. */
static enum report_state state_2(const struct xml *x)
{
    if (str_is_nocase(xml_attr(x, "executed"), "false"))
        return state_of(xml_attr(x, "result")) == CASE_ERROR ? CASE_ERROR : CASE_SKIPPED;
    struct str result = xml_attr(x, "result"), success = xml_attr(x, "success");
    if (result.n == 0 && success.n)
        return str_is_nocase(success, "true") ? CASE_SUCCEEDED : CASE_FAILED;
    return state_of(result);
}

/* A label tells a failure that is none of an assertion. */
static enum report_state state_3(const struct xml *x)
{
    enum report_state state = state_of(xml_attr(x, "result"));
    struct str label = xml_attr(x, "label");
    bool error = str_is(label, "Error") || str_is(label, "Invalid") || str_is(label, "Cancelled");
    return state == CASE_FAILED && error ? CASE_ERROR : state;
}

/* "Name.Space.Class.Test(1.5)": the class ends at the last dot before the arguments. */
static void split_name(struct arena *a, struct str full, struct report_case *c)
{
    ssize_t arguments = str_find_ch(full, '(');
    struct str head = str_sub(full, 0, arguments < 0 ? full.n : (size_t)arguments);
    ssize_t dot = str_rfind_ch(head, '.');
    c->suite = arena_str(a, str_sub(full, 0, dot < 0 ? 0 : (size_t)dot));
    c->name = arena_str(a, str_from_index(full, (size_t)(dot + 1)));
}

static void open_case(struct nunit *n, const struct xml *x, bool third)
{
    struct arena *a = n->to->a;
    n->at = xml_depth(x);
    report_begin(n->to, &n->c);
    struct str class = xml_attr(x, "classname"), full = xml_attr(x, "fullname");
    split_name(a, full.n ? full : xml_attr(x, "name"), &n->c);
    if (class.n) {
        n->c.suite = arena_str(a, class);
        n->c.name = arena_str(a, xml_attr(x, "name"));
    }
    struct str seconds = xml_attr(x, "duration");
    n->c.seconds = report_seconds(seconds.n ? seconds : xml_attr(x, "time"));
    n->c.state = third ? state_3(x) : state_2(x);
}

static void open_any(struct xml *x, struct nunit *n, struct str name, bool third)
{
    if (str_is(name, "test-case") && !n->at)
        open_case(n, x, third);
    else if (n->at && xml_depth(x) == n->at + 2 && (str_is(name, "message") || str_is(name, "stack-trace")))
        xml_keep(x);
}

static void open_2(struct xml *x, void *state, struct str name)
{
    open_any(x, state, name, false);
}

static void open_3(struct xml *x, void *state, struct str name)
{
    open_any(x, state, name, true);
}

static void close(struct xml *x, void *state, struct str name)
{
    struct nunit *n = state;
    struct str text = xml_text(x);
    if (text.p && str_is(name, "message"))
        report_why(n->to, &n->c, text, STR_NONE);
    else if (text.p)
        report_why(n->to, &n->c, STR_NONE, text);
    if (n->at && n->at == xml_depth(x)) {
        report_add(n->to, &n->c);
        n->at = 0;
    }
}

int report_nunit2(struct report_into *to, struct str text, struct err *e)
{
    static const struct xml_reader how = {"NUnit 2 report", {"test-results"}, open_2, close};
    struct nunit n = {.to = to};
    return xml_read(&how, &n, text, e);
}

int report_nunit3(struct report_into *to, struct str text, struct err *e)
{
    static const struct xml_reader how = {"NUnit 3 report", {"test-run"}, open_3, close};
    struct nunit n = {.to = to};
    return xml_read(&how, &n, text, e);
}
