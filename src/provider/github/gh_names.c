/*
 * gh_names.c - names that expressions ask for and nobody gives: steps.tset, needs of another job, undeclared inputs.
 *
 * To the service such a name is an empty text, silently; here it is a warning with a suggestion. Slots are remembered
 * while they are read and judged when the whole workflow is known.
 */
#include "core/base.h"
#include "doc/suggest.h"
#include "provider/github/gh_read_priv.h"

#define WORDS_MAX 64

struct judge {
    struct gh_reader *r;
    const struct gh_ref *ref;
};

static const char *const runner_names[] = {"name",       "os",    "arch",        "temp",
                                           "tool_cache", "debug", "environment", "workspace"};
static const char *const strategy_names[] = {"fail-fast", "job-index", "job-total", "max-parallel"};
static const char *const job_names[] = {
    "status",       "container",           "services",          "check_run_id", "workflow_ref",
    "workflow_sha", "workflow_repository", "workflow_file_path"};
static const char *const github_names[] = {
    "action",
    "action_path",
    "action_ref",
    "action_repository",
    "action_status",
    "actor",
    "actor_id",
    "api_url",
    "artifacts",
    "artifacts_list",
    "base_ref",
    "env",
    "event",
    "event_name",
    "event_path",
    "graphql_url",
    "head_ref",
    "job",
    "output",
    "path",
    "ref",
    "ref_name",
    "ref_protected",
    "ref_type",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "repository_visibility",
    "repositoryUrl",
    "retention_days",
    "run_attempt",
    "run_id",
    "run_number",
    "secret_source",
    "server_url",
    "sha",
    "state",
    "step_summary",
    "token",
    "triggering_actor",
    "workflow",
    "workflow_ref",
    "workflow_sha",
    "workspace",
};
static const char *const step_names[] = {"outputs", "outcome", "conclusion"};
static const char *const need_names[] = {"outputs", "result"};

/* Where the first `depth` names of the path stand in the slot; the whole slot when they are written otherwise. */
static struct span place_of(const struct judge *j, const struct gh_path *path, size_t depth)
{
    CLEAN(buf) struct buf text = BUF(BUF_LINE);
    const struct doc_node *n = j->ref->node;
    for (size_t i = 0; i < depth; i++)
        buf_printf(&text, "%s%.*s", i ? "." : "", STR_ARG(path->names[i]));
    for (size_t at = 0; text.n && at + text.n <= n->text.n; at++)
        if (str_eq_nocase(str_sub(n->text, at, at + text.n), buf_str(&text)))
            return doc_span_in(j->r->d->sources, n, at, text.n);
    return n->span;
}

static void suggest_word(const struct judge *j, struct str word, const char *const *words, size_t n)
{
    struct str near = suggest(word, words, n);
    if (near.n && !str_eq_nocase(near, word))
        diag_hint(j->r->d, "did you mean '%.*s'?", STR_ARG(near));
}

/* names[at] must be one of the words. */
static void check_word(const struct judge *j, const struct gh_path *path, size_t at, const char *const *words, size_t n)
{
    struct str name = at < path->n ? path->names[at] : STR_NONE;
    if (!name.p || str_is(name, "*"))
        return;
    for (size_t i = 0; i < n; i++)
        if (str_is_nocase(name, words[i]))
            return;
    diag_warning(j->r->d, "GH068", place_of(j, path, at + 1), "'%.*s' has no property '%.*s'",
                 STR_ARG(path->names[at - 1]), STR_ARG(name));
    suggest_word(j, name, words, n);
}

static bool is_given(const struct gh_path *path, size_t at)
{
    return at < path->n && path->names[at].p && !str_is(path->names[at], "*");
}

/* ---- steps ---- */

static bool has_id(const struct gh_step *s, struct str id)
{
    for (size_t i = 0; i < s->n_children; i++)
        if (str_eq_nocase(s->children[i].id, id))
            return true;
    return str_eq_nocase(s->id, id);
}

static void check_steps(const struct judge *j, const struct gh_path *path)
{
    const char *words[WORDS_MAX];
    const struct gh_job *job = j->ref->job;
    size_t n = 0, found = SIZE_MAX;
    if (!job || !is_given(path, 1))
        return;
    for (size_t i = 0; i < job->n_steps; i++) {
        if (found == SIZE_MAX && has_id(&job->steps[i], path->names[1]))
            found = i;
        if (job->steps[i].id.n && i < j->ref->step && n < WORDS_MAX)
            words[n++] = arena_str(j->r->a, job->steps[i].id).p;
    }
    if (found == SIZE_MAX)
        diag_warning(j->r->d, "GH068", place_of(j, path, 2), "No step of this %s has the id '%.*s'",
                     j->r->m ? "action" : "job", STR_ARG(path->names[1]));
    else if (found >= j->ref->step)
        diag_warning(j->r->d, "GH068", place_of(j, path, 2), "The step '%.*s' has not run yet when this is evaluated",
                     STR_ARG(path->names[1]));
    if (found >= j->ref->step)
        suggest_word(j, path->names[1], words, n);
    else
        check_word(j, path, 2, step_names, ARRAY_LEN(step_names));
}

/* ---- needs ---- */

static const struct gh_job *job_of(const struct gh_workflow *w, struct str id)
{
    for (size_t i = 0; i < w->n_jobs; i++)
        if (str_eq_nocase(w->jobs[i].id, id))
            return &w->jobs[i];
    return NULL;
}

/* The outputs that a job declares, unless expressions name them. */
static void check_job_output(const struct judge *j, const struct gh_path *path, const struct gh_job *job, size_t at)
{
    const char *words[WORDS_MAX];
    size_t n = 0;
    if (!is_given(path, at) || job->uses.n || job->outputs.whole.set)
        return;
    for (size_t i = 0; i < job->outputs.n; i++) {
        if (job->outputs.p[i].insert || job->outputs.p[i].name.set ||
            str_eq_nocase(job->outputs.p[i].key, path->names[at]))
            return;
        if (n < WORDS_MAX)
            words[n++] = arena_str(j->r->a, job->outputs.p[i].key).p;
    }
    diag_warning(j->r->d, "GH068", place_of(j, path, at + 1), "The job '%.*s' has no output '%.*s'", STR_ARG(job->id),
                 STR_ARG(path->names[at]));
    suggest_word(j, path->names[at], words, n);
}

static void check_needs(const struct judge *j, const struct gh_path *path)
{
    const struct gh_job *job = j->ref->job;
    const struct gh_job *need = is_given(path, 1) ? job_of(j->r->w, path->names[1]) : NULL;
    const char *words[WORDS_MAX];
    if (!job || !is_given(path, 1))
        return;
    for (size_t i = 0; i < job->needs.n; i++) {
        if (i < WORDS_MAX)
            words[i] = arena_str(j->r->a, job->needs.p[i]).p;
        if (!need || !str_eq_nocase(job->needs.p[i], need->id))
            continue;
        check_word(j, path, 2, need_names, ARRAY_LEN(need_names));
        if (path->n > 3 && str_is_nocase(path->names[2], "outputs"))
            check_job_output(j, path, need, 3);
        return;
    }
    diag_warning(j->r->d, "GH068", place_of(j, path, 2), "'%.*s' is not among the needs of this job",
                 STR_ARG(path->names[1]));
    if (need)
        diag_hint(j->r->d, "add it to 'needs'");
    else
        suggest_word(j, path->names[1], words, job->needs.n < WORDS_MAX ? job->needs.n : WORDS_MAX);
}

/* jobs.<id>.outputs.<name>, in the outputs of a called workflow. */
static void check_jobs(const struct judge *j, const struct gh_path *path)
{
    const struct gh_job *job = is_given(path, 1) ? job_of(j->r->w, path->names[1]) : NULL;
    if (!is_given(path, 1))
        return;
    if (!job)
        diag_warning(j->r->d, "GH068", place_of(j, path, 2), "This workflow has no job '%.*s'",
                     STR_ARG(path->names[1]));
    else if (path->n > 3 && str_is_nocase(path->names[2], "outputs"))
        check_job_output(j, path, job, 3);
}

/* ---- inputs, matrix ---- */

/* Inputs of the workflow, those that a call gives among them, or of the action. */
static size_t input_words(const struct judge *j, bool called, const char **words)
{
    const struct gh_workflow *w = j->r->w;
    const struct gh_manifest *m = j->r->m;
    const struct strs *call = &j->r->call_inputs;
    size_t n = 0;
    for (size_t i = 0; m && i < m->inputs.n && n < WORDS_MAX; i++)
        words[n++] = arena_str(j->r->a, m->inputs.p[i].id).p;
    for (size_t i = 0; w && i < w->n_inputs && n < WORDS_MAX; i++)
        words[n++] = arena_str(j->r->a, w->inputs[i].id).p;
    for (size_t i = 0; called && i < call->n && n < WORDS_MAX; i++)
        words[n++] = arena_str(j->r->a, call->p[i]).p;
    return n;
}

static void check_inputs(const struct judge *j, const struct gh_path *path, size_t at)
{
    const char *words[WORDS_MAX];
    if (!is_given(path, at))
        return;
    size_t n = input_words(j, at == 1, words);
    for (size_t i = 0; i < n; i++)
        if (str_is_nocase(path->names[at], words[i]))
            return;
    if (n == WORDS_MAX)
        return;
    diag_warning(j->r->d, "GH068", place_of(j, path, at + 1), "This %s declares no input '%.*s'",
                 j->r->m ? "action" : "workflow", STR_ARG(path->names[at]));
    suggest_word(j, path->names[at], words, n);
}

/* The keys that legs of a written-out matrix have; false when expressions decide. */
static bool matrix_words(const struct judge *j, const struct doc_node *m, const char **words, size_t *n)
{
    if (m->kind != DOC_MAP)
        return false;
    for (size_t i = 0; i < m->map.n; i++) {
        const struct doc_node *key = m->map.p[i].key, *v = m->map.p[i].value;
        bool include = str_is(key->text, "include");
        if (gh_is_dynamic(key) || *n == WORDS_MAX || (include && gh_is_dynamic(v)))
            return false;
        if (!include && !str_is(key->text, "exclude"))
            words[(*n)++] = arena_str(j->r->a, key->text).p;
        for (size_t k = 0; include && v->kind == DOC_SEQ && k < v->seq.n; k++) {
            const struct doc_node *entry = v->seq.p[k];
            if (entry->kind != DOC_MAP)
                return false;
            for (size_t x = 0; x < entry->map.n; x++) {
                if (gh_is_dynamic(entry->map.p[x].key) || *n == WORDS_MAX)
                    return false;
                words[(*n)++] = arena_str(j->r->a, entry->map.p[x].key->text).p;
            }
        }
    }
    return true;
}

static void check_matrix(const struct judge *j, const struct gh_path *path)
{
    const char *words[WORDS_MAX];
    const struct gh_job *job = j->ref->job;
    size_t n = 0;
    if (!job || j->r->m || !is_given(path, 1)) /* an action sees the matrix of whoever uses it */
        return;
    if (!job->matrix)
        diag_warning(j->r->d, "GH068", place_of(j, path, 2), "This job has no matrix");
    else if (matrix_words(j, job->matrix, words, &n))
        check_word(j, path, 1, words, n);
}

/* ---- text of strangers in scripts ---- */

/* What the author of an issue, a comment or a pull request decides; * is any name. */
static const char *const untrusted[] = {
    "github.event.issue.title",
    "github.event.issue.body",
    "github.event.pull_request.title",
    "github.event.pull_request.body",
    "github.event.comment.body",
    "github.event.review.body",
    "github.event.review_comment.body",
    "github.event.pages.*.page_name",
    "github.event.discussion.title",
    "github.event.discussion.body",
    "github.event.head_commit.message",
    "github.event.head_commit.author.email",
    "github.event.head_commit.author.name",
    "github.event.commits.*.message",
    "github.event.commits.*.author.email",
    "github.event.commits.*.author.name",
    "github.event.pull_request.head.ref",
    "github.event.pull_request.head.label",
    "github.event.pull_request.head.repo.default_branch",
    "github.head_ref",
};

static bool path_is(const struct gh_path *path, struct str pattern)
{
    struct str rest = pattern, name;
    size_t i = 0;
    while (str_next(&rest, '.', &name)) {
        if (i == path->n)
            return false;
        bool same = path->names[i].p && str_eq_nocase(path->names[i], name);
        if (!same && !str_is(name, "*"))
            return false;
        i++;
    }
    return i == path->n;
}

static void check_untrusted(const struct judge *j, const struct gh_path *path)
{
    for (size_t i = 0; i < ARRAY_LEN(untrusted); i++) {
        if (!path_is(path, str_from(untrusted[i])))
            continue;
        diag_warning(j->r->d, "GH069", place_of(j, path, path->n),
                     "'%s' is text of strangers, and becomes a part of this script", untrusted[i]);
        diag_hint(j->r->d, "hand it over in 'env' and use the variable in double quotes");
        return;
    }
}

static bool starts_on(const struct gh_workflow *w, const char *event)
{
    for (size_t i = 0; i < w->n_on; i++)
        if (str_is(w->on[i].event, event))
            return true;
    return false;
}

static void check_github(const struct judge *j, const struct gh_path *path)
{
    bool inputs = path->n > 3 && path->names[1].p && str_is_nocase(path->names[1], "event") && path->names[2].p &&
                  str_is_nocase(path->names[2], "inputs");
    check_word(j, path, 1, github_names, ARRAY_LEN(github_names));
    if (inputs && j->r->w && starts_on(j->r->w, "workflow_dispatch")) /* else the event may be a caller's */
        check_inputs(j, path, 3);
}

static void visit(void *ctx, const struct gh_path *path)
{
    const struct judge *j = ctx;
    struct str context = path->names[0];
    if (j->ref->script)
        check_untrusted(j, path);
    if (str_is(context, "steps"))
        check_steps(j, path);
    else if (str_is(context, "needs"))
        check_needs(j, path);
    else if (str_is(context, "jobs"))
        check_jobs(j, path);
    else if (str_is(context, "inputs"))
        check_inputs(j, path, 1);
    else if (str_is(context, "matrix"))
        check_matrix(j, path);
    else if (str_is(context, "runner"))
        check_word(j, path, 1, runner_names, ARRAY_LEN(runner_names));
    else if (str_is(context, "strategy"))
        check_word(j, path, 1, strategy_names, ARRAY_LEN(strategy_names));
    else if (str_is(context, "job"))
        check_word(j, path, 1, job_names, ARRAY_LEN(job_names));
    else if (str_is(context, "github"))
        check_github(j, path);
}

void gh_note_names(struct gh_reader *r, const struct doc_node *n, const struct gh_expr *x)
{
    struct gh_ref ref = {.node = n, .expr = x, .job = r->job, .step = r->job ? r->step : 0, .script = r->script};
    if (x)
        vec_push_in(r->a, &r->refs, ref);
}

void gh_check_names(struct gh_reader *r)
{
    for (size_t i = 0; i < r->refs.n; i++) {
        struct judge j = {r, &r->refs.p[i]};
        gh_expr_paths(r->refs.p[i].expr, visit, &j);
    }
}
