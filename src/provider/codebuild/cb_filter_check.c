/*
 * cb_filter_check.c - filter groups that the service refuses, and those that can never let anything start.
 */
#include "core/base.h"
#include "doc/suggest.h"
#include "provider/codebuild/project_priv.h"

/* A set of events, as bits in the order of cb_events. */
#define ALL_EVENTS ((1u << cb_n_events) - 1)

static unsigned bit_of(struct str event)
{
    for (size_t i = 0; i < cb_n_events; i++)
        if (str_is(event, cb_events[i]))
            return 1u << i;
    return 0;
}

/* The events that an EVENT filter names; names that are none are told. */
static unsigned check_event(struct cb_project_reader *r, const struct cb_filter *f)
{
    struct strs names = {0};
    unsigned set = 0;
    cb_event_names(r->a, f->pattern, &names);
    for (size_t i = 0; i < names.n; i++) {
        unsigned bit = bit_of(names.p[i]);
        set |= bit;
        if (bit)
            continue;
        diag_error(r->d, "CB081", f->pattern_span, "There is no event '%.*s'", STR_ARG(names.p[i]));
        struct str near = suggest(names.p[i], cb_events, cb_n_events);
        if (near.n)
            diag_hint(r->d, "did you mean '%.*s'?", STR_ARG(near));
        set = ALL_EVENTS; /* whatever was meant is not judged further */
    }
    if (names.n == 0)
        diag_error(r->d, "CB081", f->pattern_span, "EVENT names no event");
    return f->exclude && set != ALL_EVENTS ? ALL_EVENTS & ~set : set;
}

static void check_pattern(struct cb_project_reader *r, const struct cb_filter *f)
{
    struct regex *re;
    struct err e = {0};
    if (regex_compile(r->a, f->pattern, REGEX_COMMON, &re, &e) < 0)
        diag_error(r->d, "CB082", f->pattern_span, "'%.*s' is no regular expression: %s", STR_ARG(f->pattern), e.text);
}

/* Does the filter test something of the events of its group? */
static void check_applies(struct cb_project_reader *r, const struct cb_filter *f, unsigned events, bool enterprise)
{
    unsigned none = 0;
    const char *first = NULL;
    for (size_t i = 0; i < cb_n_events; i++)
        if ((events & (1u << i)) && !cb_filter_applies(f->type, str_from(cb_events[i]), enterprise)) {
            none |= 1u << i;
            first = first ? first : cb_events[i];
        }
    if (!first || events == ALL_EVENTS)
        return;
    if (str_is(f->type, "BASE_REF") && (none & bit_of(STR("PUSH"))))
        cb_never(r, "CB083", f->span, "BASE_REF never matches PUSH; use HEAD_REF");
    else if (none == events)
        cb_never(r, "CB084", f->span, "%.*s never matches %s", STR_ARG(f->type), first);
    else
        diag_warning(r->d, "CB084", f->span, "%.*s never matches %s", STR_ARG(f->type), first);
}

static void check_group(struct cb_project_reader *r, const struct cb_filter_group *g, bool enterprise)
{
    unsigned events = ALL_EVENTS;
    bool any = false, hidden = false;
    for (size_t i = 0; i < g->n; i++) {
        const struct cb_filter *f = &g->p[i];
        hidden = hidden || f->type.n == 0;
        if (!str_is(f->type, "EVENT"))
            continue;
        any = true;
        if (f->pattern.p)
            events &= check_event(r, f);
    }
    if (!any && !hidden)
        diag_error(r->d, "CB080", g->span, "A filter group needs a filter of type EVENT");
    for (size_t i = 0; i < g->n; i++) {
        const struct cb_filter *f = &g->p[i];
        if (f->type.n == 0 || str_is(f->type, "EVENT"))
            continue;
        if (f->pattern.p)
            check_pattern(r, f);
        check_applies(r, f, events, enterprise);
    }
}

void cb_filters_check(struct cb_project_reader *r, const struct cb_project *p)
{
    for (size_t i = 0; i < p->n_groups; i++)
        check_group(r, &p->groups[i], str_is(p->source_type, "GITHUB_ENTERPRISE"));
}
