/*
 * az_trigger.c - would the change start the pipeline (specification 3.2)?
 *
 * A push is for `trigger`, a pull request for `pr`, a schedule for `schedules`; a start by hand asks nothing. What is
 * absent is on every branch. The branch (or tag) must be included and not excluded, and at least one changed file,
 * where paths are said. The verdict names the pattern that decided, at its place.
 */
#include "core/base.h"
#include "provider/azure/plan_priv.h"

struct ask {
    struct arena *a;
    const struct az_pipeline *p;
    const struct facts *f;
    const struct az_trigger *t; /* trigger or pr */
    const char *key;            /* "trigger" */
    struct verdict *v;
    struct str what; /* "push to main" */
};

static struct span span_of(const struct az_value *at)
{
    return at ? at->span : SPAN_NONE;
}

static bool no(struct ask *q, struct span rule, struct str why)
{
    *q->v = (struct verdict){false, why, rule};
    return false;
}

static bool yes(struct ask *q, struct span rule, struct str why)
{
    *q->v = (struct verdict){true, why, rule};
    return true;
}

/* Says more behind what was said. */
static void also(struct ask *q, const char *more)
{
    struct str why = q->v->why;
    if (str_ends(why, STR(")")))
        q->v->why = arena_printf(q->a, "%.*s; %s)", STR_ARG(str_sub(why, 0, why.n - 1)), more);
    else
        q->v->why = arena_printf(q->a, "%.*s (%s)", STR_ARG(why), more);
}

/* ---- where a pattern stands ---- */

/* The item number i of include or exclude; a list by itself is one of includes. */
static struct span item_span(const struct az_filter *filter, const char *list, size_t i)
{
    const struct az_value *at = filter->at;
    const struct az_value *items = at && at->kind == AZ_OBJECT ? az_get_nocase(at, list) : at;
    if (items && items->kind == AZ_ARRAY && i < items->array.n)
        return items->array.p[i]->span;
    return items ? items->span : span_of(at);
}

/* ---- branches and tags ---- */

/* A branch's pattern, with or without refs/heads/; one of refs/tags/ is of tags only. */
static bool ref_matches(struct str pattern, bool tag, struct str name)
{
    struct str kind = tag ? STR("refs/tags/") : STR("refs/heads/");
    if (str_starts(pattern, kind))
        return az_pattern_matches(str_from_index(pattern, kind.n), name);
    return !str_starts(pattern, STR("refs/")) && az_pattern_matches(pattern, name);
}

static int find_ref(const struct az_texts *list, bool tag, bool whole_only, struct str name)
{
    for (size_t i = 0; i < list->n; i++)
        if ((!whole_only || str_starts(list->p[i], STR("refs/tags/"))) && ref_matches(list->p[i], tag, name))
            return (int)i;
    return -1;
}

/* whole_only: only patterns that begin with refs/tags/ count (a tag against the list of branches). */
static bool filter_passes(struct ask *q, const struct az_filter *filter, bool tag, bool whole_only, struct str name)
{
    int out = find_ref(&filter->exclude, tag, whole_only, name);
    int in = find_ref(&filter->include, tag, whole_only, name);
    struct span all = filter->set ? span_of(filter->at) : span_of(q->t ? q->t->at : NULL);
    if (out >= 0)
        return no(q, item_span(filter, "exclude", (size_t)out),
                  arena_printf(q->a, "%.*s is excluded by '%.*s'", STR_ARG(q->what), STR_ARG(filter->exclude.p[out])));
    if (in >= 0)
        return yes(q, item_span(filter, "include", (size_t)in),
                   arena_printf(q->a, "%.*s matches '%.*s'", STR_ARG(q->what), STR_ARG(filter->include.p[in])));
    if (filter->include.n == 0 && !whole_only)
        return yes(q, all,
                   filter->exclude.n > 0 ? arena_printf(q->a, "%.*s matches no pattern of 'exclude'", STR_ARG(q->what))
                                         : q->what);
    return no(q, item_span(filter, "include", 0),
              arena_printf(q->a, "%.*s matches no pattern of '%s'", STR_ARG(q->what), tag ? "tags" : "branches"));
}

static bool tag_passes(struct ask *q)
{
    const struct az_trigger *t = q->t;
    struct str name = q->f->change.tag;
    bool in_branches = false;
    for (size_t i = 0; i < t->branches.include.n; i++)
        in_branches = in_branches || str_starts(t->branches.include.p[i], STR("refs/tags/"));
    if (t->tags.set && (!in_branches || find_ref(&t->tags.include, true, false, name) >= 0))
        return filter_passes(q, &t->tags, true, false, name);
    if (in_branches)
        return filter_passes(q, &t->branches, true, true, name);
    return no(q, span_of(t->at), arena_printf(q->a, "%.*s: only branches start it", STR_ARG(q->what)));
}

static bool branch_passes(struct ask *q, struct str name)
{
    const struct az_trigger *t = q->t;
    if (t->tags.set && !t->branches.set && !t->paths.set)
        return no(q, span_of(t->at), arena_printf(q->a, "%.*s: only tags start it", STR_ARG(q->what)));
    return filter_passes(q, &t->branches, false, false, name);
}

/* ---- changed files ---- */

/* The deepest pattern that covers the file; -1: none. */
static int deepest(const struct az_texts *list, struct str file, unsigned *ret_depth)
{
    int best = -1;
    unsigned depth;
    *ret_depth = 0;
    for (size_t i = 0; i < list->n; i++)
        if (az_path_matches(list->p[i], file, &depth) && (best < 0 || depth > *ret_depth)) {
            best = (int)i;
            *ret_depth = depth;
        }
    return best;
}

/* Between an inclusion and an exclusion the deeper one wins, else the exclusion. */
static bool file_counts(const struct az_filter *paths, struct str file, int *ret_include)
{
    unsigned in_depth, out_depth;
    int in = deepest(&paths->include, file, &in_depth), out = deepest(&paths->exclude, file, &out_depth);
    *ret_include = in;
    if (in < 0 && paths->include.n > 0)
        return false;
    return out < 0 || (in >= 0 && in_depth > out_depth);
}

static bool paths_pass(struct ask *q)
{
    const struct az_filter *paths = &q->t->paths;
    const struct change *c = &q->f->change;
    if (!paths->set || c->tag.n > 0)
        return true;
    if (!c->files_known) {
        also(q, "path filters not applied: the changed files are not known");
        return true;
    }
    for (size_t i = 0; i < c->files.n; i++) {
        struct str file = c->files.p[i];
        int in;
        if (!file_counts(paths, file, &in))
            continue;
        if (in < 0)
            return yes(q, item_span(paths, "exclude", 0),
                       arena_printf(q->a, "%.*s changes '%.*s', which 'paths' does not exclude", STR_ARG(q->what),
                                    STR_ARG(file)));
        return yes(q, item_span(paths, "include", (size_t)in),
                   arena_printf(q->a, "%.*s changes '%.*s', which matches '%.*s'", STR_ARG(q->what), STR_ARG(file),
                                STR_ARG(paths->include.p[in])));
    }
    if (paths->include.n == 0)
        return no(q, item_span(paths, "exclude", 0),
                  arena_printf(q->a, "%.*s changes only files that 'paths' excludes", STR_ARG(q->what)));
    return no(q, item_span(paths, "include", 0),
              arena_printf(q->a, "%.*s changes no file that 'paths' includes", STR_ARG(q->what)));
}

/* ---- the events ---- */

static bool is_off(struct ask *q)
{
    if (q->t->how == AZ_TRIGGER_NONE)
        return !no(q, span_of(q->t->at),
                   arena_printf(q->a, "'%s: none': %.*s does not start it", q->key, STR_ARG(q->what)));
    return false;
}

static void push(struct ask *q)
{
    const struct change *c = &q->f->change;
    q->t = &q->p->trigger;
    q->key = "trigger";
    if (is_off(q))
        return;
    if (c->deleted)
        no(q, span_of(q->t->at), arena_printf(q->a, "%.*s deletes it", STR_ARG(q->what)));
    else if (q->t->how == AZ_TRIGGER_ABSENT && c->tag.n > 0)
        no(q, SPAN_NONE, arena_printf(q->a, "%.*s: no 'trigger' names tags", STR_ARG(q->what)));
    else if (q->t->how == AZ_TRIGGER_ABSENT)
        yes(q, SPAN_NONE, arena_printf(q->a, "%.*s: without 'trigger' every branch starts it", STR_ARG(q->what)));
    else if ((c->tag.n > 0 ? tag_passes(q) : branch_passes(q, c->branch)) && paths_pass(q) && q->t->batch)
        also(q, "with 'batch' the service waits until the run before has ended");
}

static bool is_draft(const struct facts *f)
{
    const struct value *draft = value_get(value_get(f->payload, STR("pull_request")), STR("draft"));
    return draft && draft->kind == VALUE_BOOL && draft->boolean;
}

/* At Azure Repos a policy of the branch starts pull requests, and `pr` is not looked at. */
static bool by_policy(struct ask *q)
{
    if (strcmp(az_repository_provider(q->f), "TfsGit") != 0)
        return false;
    return yes(q, span_of(q->t->at),
               arena_printf(q->a, "%.*s (at Azure Repos a branch policy decides, which is taken to be there)",
                            STR_ARG(q->what)));
}

static bool activity_passes(struct ask *q)
{
    struct str action = q->f->change.action;
    if (action.n == 0 || str_is(action, "opened") || str_is(action, "synchronize") || str_is(action, "reopened") ||
        str_is(action, "ready_for_review"))
        return true;
    return no(q, span_of(q->t->at),
              arena_printf(q->a, "the activity '%.*s' of pull_request does not start it", STR_ARG(action)));
}

static void pull(struct ask *q)
{
    q->t = &q->p->pr;
    q->key = "pr";
    if (by_policy(q) || is_off(q) || !activity_passes(q))
        return;
    if (q->t->no_drafts && is_draft(q->f))
        no(q, span_of(q->t->at), arena_printf(q->a, "%.*s is a draft", STR_ARG(q->what)));
    else if (q->t->how == AZ_TRIGGER_ABSENT)
        yes(q, SPAN_NONE, arena_printf(q->a, "%.*s: without 'pr' every target starts it", STR_ARG(q->what)));
    else if (branch_passes(q, q->f->change.base))
        paths_pass(q);
}

static void schedule(struct ask *q)
{
    const struct az_pipeline *p = q->p;
    struct str branch = q->f->change.branch;
    if (p->n_schedules == 0) {
        no(q, SPAN_NONE, STR("it has no 'schedules'"));
        return;
    }
    for (size_t i = 0; i < p->n_schedules; i++) {
        const struct az_schedule *s = &p->schedules[i];
        struct str title = s->display_name.n > 0 ? arena_printf(q->a, " (%.*s)", STR_ARG(s->display_name)) : STR("");
        q->what =
            arena_printf(q->a, "the schedule '%.*s'%.*s on %.*s", STR_ARG(s->cron), STR_ARG(title), STR_ARG(branch));
        q->t = NULL;
        if (filter_passes(q, &s->branches, false, false, branch)) {
            if (!s->always)
                also(q, "the service waits for a change since the last such run");
            return;
        }
    }
}

static struct str describe(struct arena *a, const struct change *c)
{
    if (str_is(c->event, "pull_request") && c->base.n > 0)
        return arena_printf(a, "pull_request into %.*s", STR_ARG(c->base));
    if (!str_is(c->event, "push"))
        return arena_str(a, c->event);
    if (c->tag.n > 0)
        return arena_printf(a, "push of tag %.*s", STR_ARG(c->tag));
    return c->branch.n > 0 ? arena_printf(a, "push to %.*s", STR_ARG(c->branch)) : STR("push");
}

/* ---- messages that ask for no run ---- */

static struct str skip_word(struct str message)
{
    static const char *const words[] = {"[skip ci]",
                                        "[ci skip]",
                                        "skip-checks: true",
                                        "skip-checks:true",
                                        "[skip azurepipelines]",
                                        "[azurepipelines skip]",
                                        "[skip azpipelines]",
                                        "[azpipelines skip]",
                                        "[skip azp]",
                                        "[azp skip]",
                                        "***NO_CI***"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_find(message, str_from(words[i])) >= 0)
            return str_from(words[i]);
    return STR("");
}

static void obey_message(struct ask *q)
{
    struct str word = q->v->starts ? skip_word(q->f->repo.message) : STR("");
    if (word.n == 0)
        return;
    q->v->starts = !q->f->obey_skip_ci;
    if (q->v->starts)
        q->v->why = arena_printf(q->a, "%.*s; the service would skip it, as the commit's message says %.*s (--skip-ci)",
                                 STR_ARG(q->v->why), STR_ARG(word));
    else
        q->v->why = arena_printf(q->a, "the commit's message says %.*s", STR_ARG(word));
}

void az_verdict(struct arena *a, const struct az_pipeline *p, const struct facts *f, struct verdict *ret)
{
    struct str event = f->change.event;
    struct ask q = {.a = a, .p = p, .f = f, .v = ret, .what = describe(a, &f->change)};
    if (str_is(event, "push")) {
        push(&q);
        obey_message(&q);
    } else if (str_is(event, "pull_request")) {
        pull(&q);
    } else if (str_is(event, "schedule")) {
        schedule(&q);
    } else if (str_is(event, "workflow_dispatch")) {
        yes(&q, SPAN_NONE, STR("a start by hand"));
    } else {
        no(&q, SPAN_NONE,
           arena_printf(a, "starts on push, pull_request, schedule and by hand, not on %.*s", STR_ARG(event)));
    }
}
