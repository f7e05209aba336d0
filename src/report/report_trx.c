/*
 * report_trx.c - Visual Studio's TRX: results first, and only behind them the definitions that name their classes.
 *
 * A data-driven test has a result for each row within its own (InnerResults): the rows are the cases.
 */
#include "core/base.h"
#include "report/report_priv.h"

#include "core/map.h"
#include "core/vec.h"

struct trx {
    struct report_into *to;
    struct map definitions; /* id of a test -> its class */
    struct str defined;     /* the id of the definition at hand */
    struct report_case c;
    struct str test;     /* its id */
    unsigned at;         /* the depth of the result at hand; 0: none */
    size_t first;        /* case of this file */
    VEC(struct str) ids; /* of the kept cases of this file, in their order */
};

static const struct {
    const char *word;
    enum report_state state;
} outcomes[] = {
    {"Passed", CASE_SUCCEEDED},    {"Completed", CASE_SUCCEEDED}, {"Warning", CASE_SUCCEEDED},
    {"Failed", CASE_FAILED},       {"Error", CASE_ERROR},         {"Timeout", CASE_ERROR},
    {"Aborted", CASE_ERROR},       {"Disconnected", CASE_ERROR},  {"PassedButRunAborted", CASE_ERROR},
    {"NotExecuted", CASE_SKIPPED}, {"NotRunnable", CASE_SKIPPED}, {"Blocked", CASE_SKIPPED},
};

/* Without an outcome, or with Inconclusive, Pending, InProgress: not known. */
static enum report_state state_of(struct str word)
{
    for (size_t i = 0; i < ARRAY_LEN(outcomes); i++)
        if (str_is_nocase(word, outcomes[i].word))
            return outcomes[i].state;
    return CASE_UNKNOWN;
}

/* "00:01:02.5", with "3." of days before it. */
static double duration(struct str text)
{
    struct str hours, minutes, rest, days = STR_NONE;
    if (!str_cut(text, ':', &hours, &rest) || !str_cut(rest, ':', &minutes, &rest))
        return 0;
    struct str of_day;
    if (str_cut(hours, '.', &days, &of_day))
        hours = of_day;
    else
        days = STR_NONE;
    double whole = (double)report_number(days) * 24 + (double)report_number(hours);
    return (whole * 60 + (double)report_number(minutes)) * 60 + report_seconds(rest);
}

static void open_result(struct trx *t, const struct xml *x)
{
    struct arena *a = t->to->a;
    t->at = xml_depth(x);
    report_begin(t->to, &t->c);
    t->c.name = arena_str(a, xml_attr(x, "testName"));
    t->c.seconds = duration(xml_attr(x, "duration"));
    t->c.state = state_of(xml_attr(x, "outcome"));
    t->test = arena_str(a, xml_attr(x, "testId"));
}

/* className="Name.Space.Class, Assembly, Version=..." */
static void open_method(struct trx *t, const struct xml *x)
{
    struct str class, rest;
    str_cut(xml_attr(x, "className"), ',', &class, &rest);
    if (t->defined.n)
        map_set_str(&t->definitions, t->defined, class);
}

static void open(struct xml *x, void *state, struct str name)
{
    struct trx *t = state;
    if (str_ends(name, STR("TestResult")))
        open_result(t, x); /* within one: the outer one is no case */
    else if (str_is(name, "UnitTest"))
        t->defined = arena_str(t->to->a, xml_attr(x, "id"));
    else if (str_is(name, "TestMethod"))
        open_method(t, x);
    else if (t->at && xml_depth(x) == t->at + 3 && (str_is(name, "Message") || str_is(name, "StackTrace")))
        xml_keep(x);
}

static void close(struct xml *x, void *state, struct str name)
{
    struct trx *t = state;
    struct str text = xml_text(x);
    if (text.p && str_is(name, "Message"))
        report_why(t->to, &t->c, text, STR_NONE);
    else if (text.p)
        report_why(t->to, &t->c, STR_NONE, text);
    if (!t->at || t->at != xml_depth(x))
        return;
    report_add(t->to, &t->c);
    if (t->first + t->ids.n < t->to->r->n_cases)
        vec_push_in(t->to->a, &t->ids, t->test);
    t->at = 0;
}

/* xUnit names a test with its class in front, MSTest does not. */
static void name_suites(struct trx *t)
{
    for (size_t i = 0; i < t->ids.n; i++) {
        struct report_case *c = &t->to->r->cases[t->first + i];
        c->suite = map_get_str(&t->definitions, t->ids.p[i]);
        if (c->suite.n && str_starts(c->name, c->suite) && c->name.n > c->suite.n + 1 && c->name.p[c->suite.n] == '.')
            c->name = str_from_index(c->name, c->suite.n + 1);
    }
}

int report_trx(struct report_into *to, struct str text, struct err *e)
{
    static const struct xml_reader how = {"TRX report", {"TestRun"}, open, close};
    struct trx t = {.to = to, .first = to->r->n_cases};
    map_init(&t.definitions, to->a, MAP_NOCASE);
    int rc = xml_read(&how, &t, text, e);
    if (rc == 0)
        name_suites(&t);
    return rc;
}
