/*
 * cb_filter.c - does the change start the project ("GitHub webhook events": filter groups)?
 *
 * One group that passes is enough; in a group every filter must pass. EVENT lists names, all other patterns are
 * searched in what the webhook was told. A filter whose value nobody knows here (the changed files, the number of the
 * actor) passes, and the verdict says so. A filter that tests nothing of the event never passes, excluding or not.
 */
#include "core/base.h"
#include "provider/codebuild/project_priv.h"

enum pass { PASS_YES, PASS_NO, PASS_NEVER, PASS_OTHER_EVENT };

struct ask {
    struct arena *a;
    const struct cb_project *p;
    const struct facts *f;
    struct cb_webhook hook;
    struct str what;      /* "push to main" */
    struct buf yes, note; /* of the group at hand: what matched, what was not asked */
    bool excluded;        /* the last one in yes did not exclude it */
    struct str why;       /* it does not pass */
    struct span rule;
};

/* ---- one filter ---- */

/* Says why it does not pass. */
static enum pass no(struct ask *q, enum pass how, struct str why)
{
    q->why = why;
    return how;
}

static enum pass unknown(struct ask *q, const struct cb_filter *f, const char *what)
{
    struct str type = f->type.n ? f->type : STR("a filter");
    buf_printf(&q->note, " (%.*s not applied: %s not known)", STR_ARG(type), what);
    return PASS_YES;
}

/* "matches HEAD_REF 'main' and is not excluded by FILE_PATH '^docs/'" */
static enum pass yes(struct ask *q, const struct cb_filter *f)
{
    const char *verb = f->exclude ? " is not excluded by" : " matches";
    bool same = q->yes.n && q->excluded == f->exclude;
    buf_printf(&q->yes, "%s%s %.*s '%.*s'", q->yes.n ? " and" : "", same ? "" : verb, STR_ARG(f->type),
               STR_ARG(f->pattern));
    q->excluded = f->exclude;
    return PASS_YES;
}

/* Is the pattern found? -1 after saying why nobody can tell; that is no match. */
static int search(struct ask *q, const struct cb_filter *f, struct str text)
{
    struct regex *re;
    struct err e = {0};
    if (regex_compile(q->a, f->pattern, REGEX_COMMON, &re, &e) < 0) {
        q->why = arena_printf(q->a, "'%.*s' is no regular expression: %s", STR_ARG(f->pattern), e.text);
        return -1;
    }
    int found = regex_search(re, text);
    if (found < 0)
        q->why = arena_printf(q->a, "the search for '%.*s' took too long", STR_ARG(f->pattern));
    return found < 0 ? -1 : found;
}

static enum pass ask_text(struct ask *q, const struct cb_filter *f, struct str value)
{
    int found = search(q, f, value);
    if (found < 0)
        return PASS_NO;
    if (found != f->exclude)
        return yes(q, f);
    const char *verb = f->exclude ? "is excluded by" : "does not match";
    if (str_is(f->type, "COMMIT_MESSAGE")) /* too long to be shown */
        return no(q, PASS_NO,
                  arena_printf(q->a, "%.*s: its message %s COMMIT_MESSAGE '%.*s'", STR_ARG(q->what), verb,
                               STR_ARG(f->pattern)));
    return no(q, PASS_NO,
              arena_printf(q->a, "%.*s: %.*s '%.*s' %s '%.*s'", STR_ARG(q->what), STR_ARG(f->type), STR_ARG(value),
                           verb, STR_ARG(f->pattern)));
}

/* One changed file that matches is a match. */
static enum pass ask_files(struct ask *q, const struct cb_filter *f)
{
    const struct strs *files = &q->f->change.files;
    if (!q->f->change.files_known)
        return unknown(q, f, "the changed files are");
    for (size_t i = 0; i < files->n; i++) {
        int found = search(q, f, files->p[i]);
        if (found < 0)
            return PASS_NO;
        if (found && !f->exclude)
            return yes(q, f);
        if (found)
            return no(q, PASS_NO,
                      arena_printf(q->a, "%.*s changes '%.*s', which FILE_PATH '%.*s' excludes", STR_ARG(q->what),
                                   STR_ARG(files->p[i]), STR_ARG(f->pattern)));
    }
    if (f->exclude)
        return yes(q, f);
    return no(q, PASS_NO,
              arena_printf(q->a, "%.*s changes no file that FILE_PATH '%.*s' matches", STR_ARG(q->what),
                           STR_ARG(f->pattern)));
}

/* The filters whose value is one text. */
static struct str value_of(const struct ask *q, struct str type, const char **ret_what)
{
    const struct cb_webhook *h = &q->hook;
    const struct {
        const char *type;
        struct str value;
        const char *what;
    } values[] = {
        {"HEAD_REF", h->head_ref, "the branch is"},
        {"BASE_REF", h->base_ref, "the target branch is"},
        {"COMMIT_MESSAGE", h->message, "the message is"},
        {"ACTOR_ACCOUNT_ID", h->actor_id, "the account number of the actor is"},
        {"TAG_NAME", h->tag, "the release's tag is"},
        {"RELEASE_NAME", h->release, "the release's name is"},
        {"WORKFLOW_NAME", h->workflow, "the workflow's name is"},
        {"REPOSITORY_NAME", q->f->repo.name, "the repository is"},
        {"ORGANIZATION_NAME", q->f->repo.owner, "the owner is"},
    };
    *ret_what = "its kind is";
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        if (str_is(type, values[i].type)) {
            *ret_what = values[i].what;
            return values[i].value;
        }
    return STR_NONE;
}

static enum pass ask_filter(struct ask *q, const struct cb_filter *f)
{
    const char *what;
    struct str event = q->hook.event;
    if (f->type.n == 0)
        return unknown(q, f, "what it says is");
    if (!cb_filter_applies(f->type, event, str_is(q->p->source_type, "GITHUB_ENTERPRISE")))
        return no(q, PASS_NEVER,
                  arena_printf(q->a, "%.*s never matches %.*s%s", STR_ARG(f->type), STR_ARG(event),
                               str_is(f->type, "BASE_REF") && str_is(event, "PUSH") ? "; use HEAD_REF" : ""));
    if (!f->pattern.p)
        return unknown(q, f, "its pattern is");
    if (str_is(f->type, "FILE_PATH"))
        return ask_files(q, f);
    struct str value = value_of(q, f->type, &what);
    return value.p ? ask_text(q, f, value) : unknown(q, f, what);
}

/* ---- one group ---- */

void cb_event_names(struct arena *a, struct str pattern, struct strs *ret)
{
    struct str name;
    while (str_next(&pattern, ',', &name))
        if (str_trim(name).n)
            vec_push_in(a, ret, str_trim(name));
}

static bool names_event(struct ask *q, const struct cb_filter *f, size_t *ret_n)
{
    struct strs names = {0};
    cb_event_names(q->a, f->pattern, &names);
    *ret_n = names.n;
    for (size_t i = 0; i < names.n; i++)
        if (str_eq(names.p[i], q->hook.event))
            return !f->exclude;
    return f->exclude;
}

/* A group that says no event at all is refused by the service; it starts nothing here either. */
static enum pass ask_event(struct ask *q, const struct cb_filter_group *g, bool *ret_only)
{
    bool any = false;
    *ret_only = true;
    for (size_t i = 0; i < g->n; i++) {
        const struct cb_filter *f = &g->p[i];
        size_t n = 0;
        any = any || f->type.n == 0; /* it may be one */
        if (!str_is(f->type, "EVENT"))
            continue;
        any = true;
        q->rule = f->span;
        if (!f->pattern.p)
            unknown(q, f, "its pattern is");
        else if (!names_event(q, f, &n))
            return PASS_OTHER_EVENT;
        *ret_only = *ret_only && n == 1 && !f->exclude;
    }
    return any ? PASS_YES : PASS_OTHER_EVENT;
}

static enum pass ask_group(struct ask *q, const struct cb_filter_group *g)
{
    bool only; /* the group is for this event alone */
    buf_clear(&q->yes);
    buf_clear(&q->note);
    q->rule = g->span;
    enum pass pass = ask_event(q, g, &only);
    for (size_t i = 0; pass == PASS_YES && i < g->n; i++) {
        if (str_is(g->p[i].type, "EVENT"))
            continue;
        q->rule = g->p[i].span;
        pass = ask_filter(q, &g->p[i]);
    }
    if (pass == PASS_NEVER)
        q->why = only ? arena_printf(q->a, "never starts: %.*s", STR_ARG(q->why))
                      : arena_printf(q->a, "never starts on %.*s: %.*s", STR_ARG(q->hook.event), STR_ARG(q->why));
    if (pass == PASS_YES && q->yes.n == 0)
        buf_printf(&q->yes, ": EVENT names %.*s", STR_ARG(q->hook.event));
    return pass;
}

/* ---- all groups ---- */

/* "starts on PULL_REQUEST_CREATED, RELEASED, not on PUSH" */
static struct str other_events(const struct ask *q)
{
    struct map seen;
    CLEAN(buf) struct buf list = BUF(BUF_LINE);
    map_init(&seen, q->a, MAP_CASE);
    for (size_t i = 0; i < q->p->n_groups; i++)
        for (size_t k = 0; k < q->p->groups[i].n; k++) {
            const struct cb_filter *f = &q->p->groups[i].p[k];
            struct strs names = {0};
            if (str_is(f->type, "EVENT") && !f->exclude)
                cb_event_names(q->a, f->pattern, &names);
            for (size_t n = 0; n < names.n; n++)
                if (map_set(&seen, names.p[n], NULL))
                    buf_printf(&list, "%s%.*s", list.n ? ", " : "", STR_ARG(names.p[n]));
        }
    return arena_printf(q->a, "starts on %s, not on %.*s", list.n ? buf_cstr(&list) : "no event",
                        STR_ARG(q->hook.event));
}

static void ask_groups(struct ask *q, struct verdict *ret)
{
    enum pass best = PASS_OTHER_EVENT;
    *ret = (struct verdict){false, STR(""), q->p->webhook_span};
    for (size_t i = 0; i < q->p->n_groups; i++) {
        enum pass pass = ask_group(q, &q->p->groups[i]);
        if (i == 0)
            ret->rule = q->rule;
        if (pass == PASS_YES) {
            struct str why = arena_printf(q->a, "%.*s%s%s", STR_ARG(q->what), buf_cstr(&q->yes), buf_cstr(&q->note));
            *ret = (struct verdict){true, why, q->rule};
            return;
        }
        if (pass < best) { /* what came nearest to a start says most */
            best = pass;
            *ret = (struct verdict){false, q->why, q->rule};
        }
    }
    if (best == PASS_OTHER_EVENT)
        ret->why = other_events(q);
}

static struct str describe(struct arena *a, const struct change *c, struct str event)
{
    if (str_starts(event, STR("PULL_REQUEST_")) && c->base.n)
        return arena_printf(a, "%.*s into %.*s", STR_ARG(event), STR_ARG(c->base));
    if (!str_is(event, "PUSH"))
        return event;
    if (c->tag.n)
        return arena_printf(a, "push of tag %.*s", STR_ARG(c->tag));
    return c->branch.n ? arena_printf(a, "push to %.*s", STR_ARG(c->branch)) : STR("push");
}

/* A pull request that the service builds only after somebody has said so. */
static void note_approval(const struct ask *q, struct verdict *ret)
{
    struct str policy = q->p->comment_approval;
    bool waits = str_is(policy, "ALL_PULL_REQUESTS") || (str_is(policy, "FORK_PULL_REQUESTS") && q->hook.fork);
    if (ret->starts && waits && str_starts(q->hook.event, STR("PULL_REQUEST_")))
        ret->why = arena_printf(q->a, "%.*s (the service waits for a comment of approval: %.*s)", STR_ARG(ret->why),
                                STR_ARG(policy));
}

static struct verdict undeclared(const struct ask *q)
{
    struct str file = q->p->undeclared_in, event = q->hook.event;
    struct str where = file.n > 0 ? arena_printf(q->a, "no project in %.*s", STR_ARG(file))
                                  : STR("no project file here (deploy/codebuild.yaml)");
    struct str taken = arena_printf(q->a, "%.*s: taken as a webhook on every push and pull request", STR_ARG(where));
    if (str_is(event, "PUSH") || str_starts(event, STR("PULL_REQUEST_")))
        return (struct verdict){true, taken, SPAN_NONE};
    return (struct verdict){false, arena_printf(q->a, "%.*s, and %.*s is neither", STR_ARG(taken), STR_ARG(event)),
                            SPAN_NONE};
}

static struct verdict no_webhook(const struct ask *q)
{
    bool place = q->p->webhook_span.file != 0;
    struct str why =
        arena_printf(q->a, "the project '%.*s' has no webhook (%s), so %.*s starts nothing", STR_ARG(q->p->name),
                     place ? "no 'Webhook: true'" : "no Triggers", STR_ARG(q->hook.event));
    return (struct verdict){false, why, place ? q->p->webhook_span : q->p->span};
}

static struct verdict no_groups(const struct ask *q)
{
    struct str event = q->hook.event;
    bool starts = str_is(event, "PUSH") || str_starts(event, STR("PULL_REQUEST_"));
    struct str why = arena_printf(q->a, "%.*s: without filter groups every push and pull request starts it%s",
                                  STR_ARG(q->what), starts ? "" : ", and nothing else");
    return (struct verdict){starts, why, q->p->webhook_span};
}

/* The change is no event of CodeBuild's. */
static struct verdict no_event(struct arena *a, const struct change *c, struct span at)
{
    if (str_is(c->event, "workflow_dispatch") || str_is(c->event, "manual"))
        return (struct verdict){true, STR("started by hand: no webhook is asked"), at};
    if (c->action.n)
        return (struct verdict){false,
                                arena_printf(a, "CodeBuild's webhook has no event for the activity '%.*s' of %.*s",
                                             STR_ARG(c->action), STR_ARG(c->event)),
                                at};
    return (struct verdict){false, arena_printf(a, "CodeBuild's webhook has no event for %.*s", STR_ARG(c->event)), at};
}

void cb_verdict(struct arena *a, const struct cb_project *p, const struct facts *f, struct verdict *ret)
{
    const struct change *c = &f->change;
    struct ask q = {.a = a, .p = p, .f = f, .yes = BUF(BUF_LINE), .note = BUF(BUF_LINE)};
    cb_webhook_of(a, f, &q.hook);
    q.what = describe(a, c, q.hook.event);
    struct span at = p->webhook_span.file ? p->webhook_span : p->span;
    if (q.hook.event.n == 0)
        *ret = no_event(a, c, at);
    else if (!p->declared)
        *ret = undeclared(&q);
    else if (!p->webhook)
        *ret = no_webhook(&q);
    else if (p->n_groups == 0)
        *ret = no_groups(&q);
    else
        ask_groups(&q, ret);
    if (ret->starts && c->deleted && str_is(q.hook.event, "PUSH"))
        *ret = (struct verdict){false, arena_printf(a, "%.*s deletes it", STR_ARG(q.what)), ret->rule};
    note_approval(&q, ret);
    buf_done(&q.yes);
    buf_done(&q.note);
}
