/*
 * gb_trigger_verdict.c - would the change start the build (BuildTrigger; PushFilter, PullRequestFilter)?
 *
 * The event, then the name of the branch or tag, then who may ask for builds of pull requests, then the changed files:
 * all must let the change through. The verdict names the rule that decided, at its place.
 */
#include "core/base.h"
#include "provider/cloudbuild/gb_trigger_priv.h"

struct ask {
    struct arena *a;
    const struct gb_trigger *t;
    const struct facts *f;
    struct verdict *v;
    struct str what; /* "push to main" */
};

static bool no(struct ask *q, struct span rule, struct str why)
{
    *q->v = (struct verdict){false, why, rule};
    return false;
}

static struct span pattern_span(const struct gb_trigger *t)
{
    return t->pattern.node ? t->pattern.node->span : t->span;
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

static struct str describe(struct arena *a, const struct change *c)
{
    if (str_is(c->event, "pull_request"))
        return c->base.n ? arena_printf(a, "pull_request into %.*s", STR_ARG(c->base)) : STR("pull_request");
    if (str_is(c->event, "issue_comment"))
        return STR("a comment");
    if (!str_is(c->event, "push"))
        return arena_str(a, c->event);
    if (c->tag.n)
        return arena_printf(a, "push of tag %.*s", STR_ARG(c->tag));
    return c->branch.n ? arena_printf(a, "push to %.*s", STR_ARG(c->branch)) : STR("push");
}

/* ---- the pattern ---- */

/* An unanchored search; invertRegex turns it round. */
static bool pattern_passes(struct ask *q, struct str name)
{
    const struct gb_trigger *t = q->t;
    struct str p = t->pattern.text;
    struct regex *regex = NULL;
    struct err e = {0};
    if (p.n == 0)
        return no(q, t->span, arena_printf(q->a, "%.*s: the trigger has no pattern", STR_ARG(q->what)));
    if (regex_compile(q->a, p, REGEX_RE2, &regex, &e) < 0)
        return no(q, pattern_span(t), arena_printf(q->a, "'%.*s' is no regular expression", STR_ARG(p)));
    int found = regex_search(regex, name);
    if (found < 0)
        return no(q, pattern_span(t),
                  arena_printf(q->a, "%.*s: the search for '%.*s' takes too long", STR_ARG(q->what), STR_ARG(p)));
    const char *inverted = t->invert ? ", which invertRegex turns round" : "";
    struct str why = arena_printf(q->a, "%.*s %s '%.*s'%s", STR_ARG(q->what), found ? "matches" : "does not match",
                                  STR_ARG(p), inverted);
    if ((found == 1) == t->invert)
        return no(q, pattern_span(t), why);
    *q->v = (struct verdict){true, why, pattern_span(t)};
    return true;
}

/* ---- pull requests ---- */

static bool says_gcbrun(struct str text)
{
    return str_find(text, STR("/gcbrun")) >= 0;
}

/* May this author write to the repository? 1, 0, or -1: the payload does not say. */
static int may_write(const struct value *of)
{
    static const char *const writers[] = {"OWNER", "MEMBER", "COLLABORATOR"};
    struct str association = value_get_str(of, "author_association");
    for (size_t i = 0; i < ARRAY_LEN(writers); i++)
        if (str_is(association, writers[i]))
            return 1;
    return association.n ? 0 : -1;
}

/* An event of a pull request itself: does it need somebody's /gcbrun first? */
static bool comments_pass(struct ask *q)
{
    const struct gb_trigger *t = q->t;
    const struct value *pull = value_get(q->f->payload, STR("pull_request"));
    int writer = may_write(pull);
    switch (t->comments) {
    case GB_COMMENTS_DISABLED:
        return true;
    case GB_COMMENTS_ENABLED:
        if (writer != 0 && says_gcbrun(value_get_str(pull, "body")))
            return true;
        return no(q, t->comments_span,
                  arena_printf(q->a, "%.*s waits until somebody who may write comments /gcbrun", STR_ARG(q->what)));
    case GB_COMMENTS_EXTERNAL:
        if (writer == 0)
            return no(q, t->comments_span,
                      arena_printf(q->a, "%.*s of an outsider waits until somebody who may write comments /gcbrun",
                                   STR_ARG(q->what)));
        if (writer < 0)
            also(q, "its author is taken for one who may write");
        return true;
    }
    BUG("no such control: %d", (int)t->comments);
}

/* GitHub tells every activity; a build starts on those that bring commits. */
static bool activity_passes(struct ask *q)
{
    struct str action = q->f->change.action;
    if (action.n == 0 || str_is(action, "opened") || str_is(action, "synchronize") || str_is(action, "reopened"))
        return true;
    return no(q, q->t->span,
              arena_printf(q->a, "the activity '%.*s' of pull_request does not start it", STR_ARG(action)));
}

static bool pull_passes(struct ask *q)
{
    return activity_passes(q) && pattern_passes(q, q->f->change.base) && comments_pass(q);
}

/* A comment on a pull request: /gcbrun starts a build, whatever commentControl says. */
static bool comment_passes(struct ask *q)
{
    const struct gb_trigger *t = q->t;
    const struct value *comment = value_get(q->f->payload, STR("comment"));
    struct span rule = t->comments_span.file ? t->comments_span : t->span;
    if (!comment)
        return no(q, rule, STR("a comment starts it when it says /gcbrun (-e FILE tells which one)"));
    if (!value_get(value_get(q->f->payload, STR("issue")), STR("pull_request")))
        return no(q, rule, STR("the comment is not on a pull request"));
    if (!says_gcbrun(value_get_str(comment, "body")))
        return no(q, rule, STR("the comment does not say /gcbrun"));
    if (may_write(comment) == 0)
        return no(q, rule, STR("the comment says /gcbrun, but its author may not write"));
    q->what = STR("the comment /gcbrun");
    *q->v = (struct verdict){true, q->what, rule};
    if (q->f->change.base.n)
        return pattern_passes(q, q->f->change.base);
    also(q, "the base branch is not known and not compared");
    return true;
}

/* ---- changed files ---- */

static bool list_matches(struct ask *q, const struct gb_texts *list, struct str file, const struct gb_text **ret)
{
    struct gb_file_glob *glob;
    size_t at;
    for (size_t i = 0; i < list->n; i++)
        if (gb_file_glob_compile(q->a, list->p[i].text, &glob, &at, NULL) == 0 && gb_file_glob_match(glob, file)) {
            *ret = &list->p[i];
            return true;
        }
    return false;
}

static struct span first_span(const struct gb_texts *list, const struct gb_trigger *t)
{
    return list->n ? list->p[0].node->span : t->span;
}

/* At least one file that is not ignored; when files are included, one of those. */
static bool files_pass(struct ask *q)
{
    const struct gb_trigger *t = q->t;
    const struct change *c = &q->f->change;
    const struct gb_text *which = NULL;
    size_t left = 0;
    if (t->included.n + t->ignored.n == 0)
        return true;
    if (!c->files_known) {
        also(q, "includedFiles and ignoredFiles not applied: the changed files are not known");
        return true;
    }
    for (size_t i = 0; i < c->files.n; i++) {
        struct str file = c->files.p[i];
        if (list_matches(q, &t->ignored, file, &which))
            continue;
        left++;
        if (t->included.n && !list_matches(q, &t->included, file, &which))
            continue;
        q->v->rule = t->included.n ? which->node->span : first_span(&t->ignored, t);
        q->v->why = t->included.n ? arena_printf(q->a, "%.*s changes '%.*s', which '%.*s' includes", STR_ARG(q->what),
                                                 STR_ARG(file), STR_ARG(which->text))
                                  : arena_printf(q->a, "%.*s changes '%.*s', which 'ignoredFiles' does not name",
                                                 STR_ARG(q->what), STR_ARG(file));
        return true;
    }
    if (left == 0 && t->ignored.n)
        return no(q, first_span(&t->ignored, t),
                  arena_printf(q->a, "%.*s changes only files that 'ignoredFiles' names", STR_ARG(q->what)));
    return no(q, first_span(&t->included, t),
              arena_printf(q->a, "%.*s changes no file that 'includedFiles' names", STR_ARG(q->what)));
}

/* ---- the event ---- */

static struct str starts_on(struct arena *a, const struct gb_trigger *t)
{
    switch (t->event) {
    case GB_PUSH_BRANCH:
        return STR("starts on pushes of branches");
    case GB_PUSH_TAG:
        return STR("starts on pushes of tags");
    case GB_PULL_REQUEST:
        return STR("starts on pull requests");
    case GB_OTHER_EVENT:
        return t->other.n ? arena_printf(a, "starts on what '%.*s' sends", STR_ARG(t->other)) : STR("starts by hand");
    }
    BUG("no such event: %d", (int)t->event);
}

static bool push_passes(struct ask *q)
{
    const struct change *c = &q->f->change;
    if (c->deleted)
        return no(q, q->t->span, arena_printf(q->a, "%.*s deletes it", STR_ARG(q->what)));
    return pattern_passes(q, c->tag.n ? c->tag : c->branch);
}

static bool event_passes(struct ask *q)
{
    const struct gb_trigger *t = q->t;
    const struct change *c = &q->f->change;
    bool push = str_is(c->event, "push");
    if (push && t->event == (c->tag.n ? GB_PUSH_TAG : GB_PUSH_BRANCH))
        return push_passes(q);
    if (str_is(c->event, "pull_request") && t->event == GB_PULL_REQUEST)
        return pull_passes(q);
    if (str_is(c->event, "issue_comment") && t->event == GB_PULL_REQUEST)
        return comment_passes(q);
    struct str on = starts_on(q->a, t), event = push ? q->what : c->event;
    return no(q, pattern_span(t), arena_printf(q->a, "%.*s, not on %.*s", STR_ARG(on), STR_ARG(event)));
}

/* What is not declared is taken to build every push. */
static void undeclared(struct ask *q)
{
    const struct change *c = &q->f->change;
    if (!str_is(c->event, "push"))
        no(q, SPAN_NONE,
           arena_printf(q->a, "no trigger is declared, and one on pushes does not start on %.*s", STR_ARG(c->event)));
    else if (c->deleted)
        no(q, SPAN_NONE, arena_printf(q->a, "%.*s deletes it", STR_ARG(q->what)));
    else
        *q->v = (struct verdict){
            true,
            arena_printf(q->a, "%.*s; no trigger is declared, and one on every push is assumed", STR_ARG(q->what)),
            SPAN_NONE};
}

void gb_verdict(struct arena *a, const struct gb_trigger *t, const struct facts *f, struct verdict *ret)
{
    struct ask q = {a, t, f, ret, describe(a, &f->change)};
    *ret = (struct verdict){true, q.what, t->span};
    if (!t->declared) {
        undeclared(&q);
        return;
    }
    if (t->disabled) {
        no(&q, t->span, STR("the trigger is disabled"));
        return;
    }
    if (!event_passes(&q) || !files_pass(&q))
        return;
    if (t->filter.n)
        also(&q, "its filter is not evaluated");
    if (t->approval)
        also(&q, "at the service it waits for an approval");
}
