/*
 * gh_trigger.c - would the change start the workflow ("Workflow syntax", on.<event>, filters)?
 *
 * Activity types, then the ref's filter, then the paths: all that are given must let the change through. The verdict
 * names the pattern that decided, at its place.
 */
#include "core/base.h"
#include "provider/github/model_priv.h"

struct ask {
    struct arena *a;
    const struct gh_on *on;
    const struct change *c;
    struct verdict *v;
    struct str what; /* "push to main" */
};

static bool is_pull(struct str event)
{
    return str_is(event, "pull_request") || str_is(event, "pull_request_target");
}

static bool no(struct ask *q, struct span rule, struct str why)
{
    q->v->starts = false;
    q->v->rule = rule;
    q->v->why = why;
    return false;
}

/* The ordered list passes the text; says which pattern decided. */
static bool list_passes(struct ask *q, const struct globs *list, const struct span *spans, struct span all,
                        struct str text, const char *key)
{
    int which = -1;
    struct arena *a = q->a;
    if (globs_pass(list, text, &which)) {
        q->v->rule = spans[which];
        q->v->why = arena_printf(a, "%.*s matches '%.*s'", STR_ARG(q->what), STR_ARG(list->text[which]));
        return true;
    }
    if (which >= 0)
        return no(q, spans[which],
                  arena_printf(a, "%.*s is excluded by '%.*s'", STR_ARG(q->what), STR_ARG(list->text[which])));
    return no(q, list->n ? spans[0] : all, arena_printf(a, "%.*s matches no pattern of '%s'", STR_ARG(q->what), key));
}

static bool ignore_passes(struct ask *q, const struct globs *list, const struct span *spans, struct str text,
                          const char *key)
{
    int which = -1;
    if (globs_any(list, text, &which))
        return no(q, spans[which],
                  arena_printf(q->a, "%.*s is ignored by '%.*s'", STR_ARG(q->what), STR_ARG(list->text[which])));
    q->v->rule = list->n ? spans[0] : q->on->span;
    q->v->why = arena_printf(q->a, "%.*s matches no pattern of '%s'", STR_ARG(q->what), key);
    return true;
}

/* Branch or tag of a push: a filter for the other kind alone keeps it out. */
static bool push_ref_passes(struct ask *q)
{
    const struct gh_on *on = q->on;
    bool tag = q->c->tag.n > 0;
    if (tag) {
        if (on->has_tags)
            return list_passes(q, &on->tags, on->tag_spans, on->span, q->c->tag, "tags");
        if (on->has_tags_ignore)
            return ignore_passes(q, &on->tags_ignore, on->tag_ignore_spans, q->c->tag, "tags-ignore");
        if (on->has_branches || on->has_branches_ignore)
            return no(q, on->span, arena_printf(q->a, "%.*s: only branches start it", STR_ARG(q->what)));
        return true;
    }
    if (on->has_branches)
        return list_passes(q, &on->branches, on->branch_spans, on->span, q->c->branch, "branches");
    if (on->has_branches_ignore)
        return ignore_passes(q, &on->branches_ignore, on->branch_ignore_spans, q->c->branch, "branches-ignore");
    if (on->has_tags || on->has_tags_ignore)
        return no(q, on->span, arena_printf(q->a, "%.*s: only tags start it", STR_ARG(q->what)));
    return true;
}

static bool ref_passes(struct ask *q)
{
    const struct gh_on *on = q->on;
    if (str_is(on->event, "push"))
        return push_ref_passes(q);
    struct str branch = q->c->base.n ? q->c->base : q->c->branch;
    if (on->has_branches)
        return list_passes(q, &on->branches, on->branch_spans, on->span, branch, "branches");
    if (on->has_branches_ignore)
        return ignore_passes(q, &on->branches_ignore, on->branch_ignore_spans, branch, "branches-ignore");
    return true;
}

/* One changed file that the list passes is enough. */
static bool paths_pass(struct ask *q)
{
    const struct gh_on *on = q->on;
    int which = -1;
    for (size_t i = 0; i < q->c->files.n; i++)
        if (globs_pass(&on->paths, q->c->files.p[i], &which)) {
            q->v->rule = on->path_spans[which];
            q->v->why = arena_printf(q->a, "%.*s changes '%.*s', which matches '%.*s'", STR_ARG(q->what),
                                     STR_ARG(q->c->files.p[i]), STR_ARG(on->paths.text[which]));
            return true;
        }
    return no(q, on->paths.n ? on->path_spans[0] : on->span,
              arena_printf(q->a, "%.*s changes no file that 'paths' names", STR_ARG(q->what)));
}

/* One changed file that no pattern ignores is enough. */
static bool paths_ignore_pass(struct ask *q)
{
    const struct gh_on *on = q->on;
    int which;
    for (size_t i = 0; i < q->c->files.n; i++)
        if (!globs_any(&on->paths_ignore, q->c->files.p[i], &which)) {
            q->v->rule = on->path_ignore_spans[0];
            q->v->why = arena_printf(q->a, "%.*s changes '%.*s', which 'paths-ignore' does not name", STR_ARG(q->what),
                                     STR_ARG(q->c->files.p[i]));
            return true;
        }
    if (q->c->files.n == 0) /* nothing changed: nothing is ignored either */
        return true;
    return no(q, on->path_ignore_spans[0],
              arena_printf(q->a, "%.*s changes only files that 'paths-ignore' names", STR_ARG(q->what)));
}

static bool files_pass(struct ask *q)
{
    bool asked = q->on->has_paths || q->on->has_paths_ignore;
    if (!asked || (str_is(q->on->event, "push") && q->c->tag.n))
        return true;
    if (!q->c->files_known) {
        q->v->why =
            arena_printf(q->a, "%.*s (path filters not applied: the changed files are not known)", STR_ARG(q->v->why));
        return true;
    }
    return q->on->has_paths ? paths_pass(q) : paths_ignore_pass(q);
}

static bool in_list(const struct str *p, size_t n, struct str text)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(p[i], text))
            return true;
    return false;
}

/* Without types, pull requests start on three activities and other events on all. An unknown activity passes. */
static bool types_pass(struct ask *q)
{
    const struct str pulls[] = {STR("opened"), STR("synchronize"), STR("reopened")};
    const struct gh_on *on = q->on;
    struct str action = q->c->action;
    if (action.n == 0)
        return true;
    if (on->types.n ? in_list(on->types.p, on->types.n, action)
                    : !is_pull(on->event) || in_list(pulls, ARRAY_LEN(pulls), action))
        return true;
    return no(q, on->span,
              arena_printf(q->a, "the activity '%.*s' of %.*s does not start it", STR_ARG(action), STR_ARG(on->event)));
}

/* workflow_run: its list names workflows, as they are. */
static bool workflows_pass(struct ask *q)
{
    const struct strs *names = &q->on->workflows;
    struct str after = q->c->after;
    if (names->n == 0 || in_list(names->p, names->n, after))
        return true;
    if (after.n)
        return no(q, q->on->span, arena_printf(q->a, "'workflows' does not name '%.*s', which ran", STR_ARG(after)));
    q->v->why = arena_printf(q->a, "%.*s (workflows not compared: which one ran is not known)", STR_ARG(q->v->why));
    return true;
}

static struct str describe(struct arena *a, const struct change *c)
{
    if ((is_pull(c->event) || str_is(c->event, "merge_group")) && c->base.n)
        return arena_printf(a, "%.*s into %.*s", STR_ARG(c->event), STR_ARG(c->base));
    if (!str_is(c->event, "push"))
        return arena_str(a, c->event);
    if (c->tag.n)
        return arena_printf(a, "push of tag %.*s", STR_ARG(c->tag));
    return c->branch.n ? arena_printf(a, "push to %.*s", STR_ARG(c->branch)) : STR("push");
}

static struct str other_events(struct arena *a, const struct gh_workflow *w, struct str event)
{
    CLEAN(buf) struct buf list = BUF(BUF_LINE);
    for (size_t i = 0; i < w->n_on; i++)
        buf_printf(&list, "%s%.*s", i ? ", " : "", STR_ARG(w->on[i].event));
    return arena_printf(a, "starts on %s, not on %.*s", buf_cstr(&list), STR_ARG(event));
}

void gh_verdict(struct arena *a, const struct gh_workflow *w, const struct change *c, struct verdict *ret)
{
    const struct gh_on *on = NULL;
    for (size_t i = 0; i < w->n_on && !on; i++)
        if (str_eq(w->on[i].event, c->event))
            on = &w->on[i];
    if (!on) {
        *ret = (struct verdict){false, other_events(a, w, c->event), w->on_span};
        return;
    }
    *ret = (struct verdict){true, STR(""), on->span};
    struct ask q = {a, on, c, ret, describe(a, c)};
    ret->why = q.what;
    if (str_is(c->event, "push") && c->deleted) {
        no(&q, on->span, arena_printf(a, "%.*s deletes it", STR_ARG(q.what)));
        return;
    }
    if (types_pass(&q) && ref_passes(&q) && workflows_pass(&q))
        files_pass(&q);
}
