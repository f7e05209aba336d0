/*
 * gh_call_check.c - calls of workflows, checked before anything runs: what is called can be read and may be called,
 * inputs and secrets fit what it declares, its token asks for nothing that the caller does not have, and the calls end.
 *
 * The wording is the service's own. A called file is walked anew for each caller that has other permissions or another
 * depth, and never twice for the same.
 */
#include "core/base.h"
#include "doc/suggest.h"
#include "provider/github/model_priv.h"

#define WORDS_MAX 64
#define MESSAGE_MAX 500 /* characters of a message, as the service has it; lists of permissions grow long */

/* The files that are being walked, innermost first. */
struct chain {
    const struct gh_workflow *w;
    const struct chain *up;
    unsigned depth; /* 0: the started one */
};

struct check {
    struct arena *a;
    const struct gh_call_rules *rules;
    struct diags *d;
    struct map walked; /* file, depth and permissions -> itself */
};

/* One call. */
struct at {
    struct check *c;
    struct gh_workflow *from;
    const struct gh_job *job;
    const struct gh_workflow *to;
};

/* ---- inputs and secrets ---- */

/* Are there keys that only a run knows? */
static bool is_open(const struct gh_pairs *given)
{
    bool open = given->whole.set;
    for (size_t i = 0; i < given->n && !open; i++)
        open = given->p[i].insert || given->p[i].name.set;
    return open;
}

static bool is_given(const struct gh_pairs *given, struct str id)
{
    for (size_t i = 0; i < given->n; i++)
        if (str_eq_nocase(given->p[i].key, id))
            return true;
    return false;
}

static void check_required(const struct at *at, const struct gh_params *declared, const struct gh_pairs *given,
                           const char *what)
{
    struct check *c = at->c;
    for (size_t i = 0; i < declared->n && !is_open(given); i++) {
        const struct gh_param *p = &declared->p[i];
        if (!p->required || is_given(given, p->id))
            continue;
        diag_error(c->d, "GH081", at->job->uses_span, "%s %.*s is required, but not provided while calling.", what,
                   STR_ARG(p->id));
        diag_note(c->d, "GH081", p->span, "it is declared here");
    }
}

static void undefined(const struct at *at, const struct gh_params *declared, const struct gh_pair *p, const char *what)
{
    const char *words[WORDS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < declared->n && n < WORDS_MAX; i++)
        words[n++] = arena_str(at->c->a, declared->p[i].id).p;
    diag_error(at->c->d, "GH081", p->value.span, "Invalid %s, %.*s is not defined in the referenced workflow.", what,
               STR_ARG(p->key));
    struct str near = suggest(p->key, words, n);
    if (near.n)
        diag_hint(at->c->d, "did you mean '%.*s'?", STR_ARG(near));
    diag_note(at->c->d, "GH081", at->to->on_span, "what it takes is declared here");
}

static void check_inputs(const struct at *at)
{
    const struct gh_pairs *given = &at->job->with;
    struct err e = {0};
    for (size_t i = 0; i < given->n; i++) {
        const struct gh_pair *p = &given->p[i];
        const struct gh_param *param = gh_param_find(&at->to->call_inputs, p->key);
        if (p->insert || p->name.set)
            continue;
        if (!param) {
            undefined(at, &at->to->call_inputs, p, "input");
        } else if (!p->value.expr && p->value.typed && gh_param_fits(at->c->a, param, p->value.typed, &e) < 0) {
            diag_error(at->c->d, "GH081", p->value.span, "%s", e.text);
            diag_note(at->c->d, "GH081", param->span, "its type is declared here");
        }
    }
    check_required(at, &at->to->call_inputs, given, "Input");
}

static void check_secrets(const struct at *at)
{
    const struct gh_pairs *given = &at->job->secrets;
    if (at->job->inherit)
        return;
    for (size_t i = 0; i < given->n; i++)
        if (!given->p[i].insert && !given->p[i].name.set && !gh_param_find(&at->to->call_secrets, given->p[i].key))
            undefined(at, &at->to->call_secrets, &given->p[i], "secret");
    check_required(at, &at->to->call_secrets, given, "Secret");
}

/* ---- permissions ---- */

static void check_permissions(const struct at *at, const struct gh_permissions *asked,
                              const struct gh_permissions *granted, const struct gh_job *nested)
{
    CLEAN(buf) struct buf wants = BUF(BUF_LINE);
    CLEAN(buf) struct buf has = BUF(BUF_LINE);
    struct str uses = at->job->uses, who = uses;
    if (gh_permissions_within(asked, granted, &wants, &has))
        return;
    if (nested)
        who = nested->name.set && !nested->name.expr && nested->name.literal.n ? nested->name.literal : nested->id;
    struct str text = arena_printf(
        at->c->a, "Error calling workflow '%.*s'. The %s '%.*s' is requesting '%s', but is only allowed '%s'.",
        STR_ARG(uses), nested ? "nested job" : "workflow", STR_ARG(who), buf_cstr(&wants), buf_cstr(&has));
    bool cut = text.n > MESSAGE_MAX;
    diag_error(at->c->d, "GH082", at->job->span, "%.*s%s", cut ? MESSAGE_MAX : (int)text.n, text.p, cut ? "[...]" : "");
    diag_note(at->c->d, "GH082", nested ? nested->span : at->to->on_span, "it asks for them here");
}

static void check_token(const struct at *at, const struct gh_permissions *granted)
{
    check_permissions(at, &at->to->permissions, granted, NULL);
    for (size_t i = 0; i < at->to->n_jobs; i++)
        check_permissions(at, &at->to->jobs[i].permissions, granted, &at->to->jobs[i]);
}

/* ---- what is called ---- */

/* It could not be had: because it is not there, or because nobody could ask. */
static void not_there(const struct at *at, const struct gh_called *called)
{
    struct str uses = at->job->uses;
    bool never = at->from->facts->only_check && called->rc == -ENETUNREACH;
    switch (-called->rc) {
    case ENETUNREACH:
    case EACCES:
    case ENOTSUP:
        diag_warning(at->c->d, "GH084", at->job->uses_span, "The called workflow '%.*s' is not checked: %s",
                     STR_ARG(uses), never ? "it was never fetched" : called->e.text);
        return;
    default:
        diag_error(at->c->d, "GH080", at->job->uses_span,
                   "error parsing called workflow \"%.*s\": workflow was not found.", STR_ARG(uses));
        diag_hint(at->c->d, "%s", called->e.text);
        return;
    }
}

static const char *first_error(const struct gh_called *called)
{
    for (size_t i = 0; i < called->diags.n; i++)
        if (called->diags.p[i].level == DIAG_ERROR)
            return called->diags.p[i].message.p;
    return "it could not be read";
}

/* Is it a workflow that may be called? */
static bool check_called(const struct at *at, const struct gh_called *called)
{
    struct check *c = at->c;
    struct str uses = at->job->uses;
    if (called->rc < 0)
        not_there(at, called);
    else if (!called->workflow || called->diags.errors)
        diag_error(c->d, "GH080", at->job->uses_span, "Error from called workflow %.*s: %s", STR_ARG(uses),
                   first_error(called));
    else if (!called->workflow->callable) {
        diag_error(c->d, "GH080", at->job->uses_span,
                   "error parsing called workflow \"%.*s\": workflow is not reusable as it is missing a "
                   "`on.workflow_call` trigger",
                   STR_ARG(uses));
        diag_note(c->d, "GH080", called->workflow->on_span, "what starts it is declared here");
    } else
        return true;
    return false;
}

static void too_deep(const struct at *at, const struct chain *up, const struct gh_workflow *again)
{
    CLEAN(buf) struct buf path = BUF(BUF_LINE);
    diag_error(at->c->d, "GH083", at->job->uses_span, "Nested reusable workflow depth exceeded %u.",
               at->c->rules->depth);
    if (!again)
        return;
    buf_add(&path, again->called);
    for (const struct chain *link = up; link; link = link->up) {
        struct str before = arena_str(at->c->a, buf_str(&path));
        buf_clear(&path);
        buf_printf(&path, "%.*s -> %.*s", STR_ARG(link->w->called), STR_ARG(before));
        if (link->w == again)
            break;
    }
    diag_hint(at->c->d, "it calls itself: %s", buf_cstr(&path));
}

static const struct gh_workflow *in_chain(const struct chain *up, const struct gh_workflow *w)
{
    for (; up; up = up->up)
        if (up->w == w)
            return w;
    return NULL;
}

/* ---- the walk ---- */

static void walk(struct check *c, struct gh_workflow *w, const struct gh_permissions *granted, const struct chain *up);

/* Was this file walked at this depth, with these permissions? */
static bool is_fresh(struct check *c, const struct gh_workflow *w, const struct gh_permissions *granted, unsigned depth)
{
    struct str key = arena_printf(c->a, "%.*s %u %d ", STR_ARG(w->called), depth, granted->set);
    char *text = arena_alloc(c->a, key.n + GH_PERMISSIONS);
    memcpy(text, key.p, key.n);
    for (size_t i = 0; i < GH_PERMISSIONS; i++)
        text[key.n + i] = (char)('0' + granted->level[i]);
    return map_set(&c->walked, str_of(text, key.n + GH_PERMISSIONS), c);
}

static void check_call(struct check *c, struct gh_workflow *w, const struct gh_job *job,
                       const struct gh_permissions *granted, const struct chain *up)
{
    struct at at = {.c = c, .from = w, .job = job};
    if (up->depth == c->rules->depth) {
        too_deep(&at, up, NULL);
        return;
    }
    bool local = w->repo.n == 0 && str_starts(job->uses, STR("./"));
    if (c->rules->local_only && !local)
        return;
    struct gh_called *called = gh_library_find(w, job->uses, c->d);
    if (gh_library_files(w) > GH_CALL_FILES) {
        diag_error(c->d, "GH083", job->uses_span,
                   "A workflow may call %d distinct workflows at most, and this is one "
                   "more",
                   GH_CALL_FILES);
        return;
    }
    if (!check_called(&at, called))
        return;
    at.to = called->workflow;
    if (job->permissions.set)
        granted = &job->permissions;
    check_inputs(&at);
    check_secrets(&at);
    check_token(&at, granted);
    if (in_chain(up, at.to))
        too_deep(&at, up, at.to);
    else if (is_fresh(c, at.to, granted, up->depth))
        walk(c, called->workflow, granted, &(struct chain){at.to, up, up->depth + 1});
}

static void walk(struct check *c, struct gh_workflow *w, const struct gh_permissions *granted, const struct chain *up)
{
    if (w->permissions.set)
        granted = &w->permissions;
    for (size_t i = 0; i < w->n_jobs; i++)
        if (w->jobs[i].uses.n)
            check_call(c, w, &w->jobs[i], granted, up);
}

void gh_check_calls(struct arena *a, struct gh_workflow *w, const struct gh_call_rules *rules, struct diags *d)
{
    static const struct gh_permissions unknown;
    struct check c = {.a = a, .rules = rules, .d = d};
    struct chain first = {.w = w};
    map_init(&c.walked, a, MAP_CASE);
    walk(&c, w, rules->granted ? rules->granted : &unknown, &first);
}
