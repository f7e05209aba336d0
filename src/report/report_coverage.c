/*
 * report_coverage.c - coverage in XML: Clover (statements are its lines, conditionals its branches), Cobertura, JaCoCo.
 *
 * All three sum up at their top, and those sums are read. Old Cobertura has rates alone there: its lines are counted.
 */
#include "core/base.h"
#include "report/report_priv.h"

struct sums {
    uint64_t lines, lines_of, branches, branches_of;
};

struct coverage {
    struct sums sums;
    bool known;          /* the sums are those of the top */
    unsigned in_project; /* Clover: depth of <project> */
    unsigned in_methods; /* Cobertura: depth of <methods>, whose lines the class has too */
};

static int finish(struct report_into *to, const struct sums *s, const char *what, struct err *e)
{
    if (s->lines > s->lines_of || s->branches > s->branches_of)
        return err_set(e, EINVAL, "line 1: the %s covers more than there is", what);
    struct report *r = to->r;
    r->lines_covered += s->lines;
    r->lines_total += s->lines_of;
    r->branches_covered += s->branches;
    r->branches_total += s->branches_of;
    return 0;
}

static int read(const struct xml_reader *how, struct report_into *to, struct str text, struct err *e)
{
    struct coverage c = {0};
    int rc = xml_read(how, &c, text, e);
    return rc < 0 ? rc : finish(to, &c.sums, how->what, e);
}

/* ---- Clover ---- */

static void clover_metrics(struct sums *s, const struct xml *x)
{
    s->lines += report_number(xml_attr(x, "coveredstatements"));
    s->lines_of += report_number(xml_attr(x, "statements"));
    s->branches += report_number(xml_attr(x, "coveredconditionals"));
    s->branches_of += report_number(xml_attr(x, "conditionals"));
}

static void clover_open(struct xml *x, void *state, struct str name)
{
    struct coverage *c = state;
    if (str_is(name, "project") && xml_depth(x) == 2)
        c->in_project = 2;
    else if (str_is(name, "testproject") && xml_depth(x) == 2)
        c->in_project = 0;
    else if (str_is(name, "metrics") && c->in_project && xml_depth(x) == 3)
        clover_metrics(&c->sums, x);
}

int report_clover(struct report_into *to, struct str text, struct err *e)
{
    static const struct xml_reader how = {"Clover report", {"coverage"}, clover_open, NULL};
    return read(&how, to, text, e);
}

/* ---- Cobertura ---- */

/* condition-coverage="50% (1/2)" */
static void cobertura_conditions(struct sums *s, struct str text)
{
    struct str head, covered, all;
    if (!str_cut(text, '(', &head, &text) || !str_cut(text, '/', &covered, &all))
        return;
    str_cut(all, ')', &all, &head);
    s->branches += report_number(covered);
    s->branches_of += report_number(all);
}

static void cobertura_root(struct coverage *c, const struct xml *x)
{
    c->known = xml_attr(x, "lines-valid").n > 0 && xml_attr(x, "lines-covered").n > 0;
    if (!c->known)
        return;
    c->sums.lines = report_number(xml_attr(x, "lines-covered"));
    c->sums.lines_of = report_number(xml_attr(x, "lines-valid"));
    c->sums.branches = report_number(xml_attr(x, "branches-covered"));
    c->sums.branches_of = report_number(xml_attr(x, "branches-valid"));
}

static void cobertura_open(struct xml *x, void *state, struct str name)
{
    struct coverage *c = state;
    if (xml_depth(x) == 1)
        cobertura_root(c, x);
    if (c->known)
        return;
    if (str_is(name, "methods") && !c->in_methods)
        c->in_methods = xml_depth(x);
    if (!str_is(name, "line") || c->in_methods)
        return;
    c->sums.lines_of++;
    c->sums.lines += report_number(xml_attr(x, "hits")) > 0;
    if (str_is_nocase(xml_attr(x, "branch"), "true"))
        cobertura_conditions(&c->sums, xml_attr(x, "condition-coverage"));
}

static void cobertura_close(struct xml *x, void *state, struct str name)
{
    struct coverage *c = state;
    UNUSED(name);
    if (c->in_methods == xml_depth(x))
        c->in_methods = 0;
}

int report_cobertura(struct report_into *to, struct str text, struct err *e)
{
    static const struct xml_reader how = {"Cobertura report", {"coverage"}, cobertura_open, cobertura_close};
    return read(&how, to, text, e);
}

/* ---- JaCoCo ---- */

static void jacoco_open(struct xml *x, void *state, struct str name)
{
    struct coverage *c = state;
    if (!str_is(name, "counter") || xml_depth(x) != 2)
        return;
    struct str type = xml_attr(x, "type");
    uint64_t covered = report_number(xml_attr(x, "covered")), missed = report_number(xml_attr(x, "missed"));
    if (str_is(type, "LINE")) {
        c->sums.lines += covered;
        c->sums.lines_of += covered + missed;
    } else if (str_is(type, "BRANCH")) {
        c->sums.branches += covered;
        c->sums.branches_of += covered + missed;
    }
}

int report_jacoco(struct report_into *to, struct str text, struct err *e)
{
    static const struct xml_reader how = {"JaCoCo report", {"report"}, jacoco_open, NULL};
    return read(&how, to, text, e);
}
