/*
 * gh_job_scope.c - what the expressions of a job may ask before it starts: contexts and status functions.
 *
 * success() and failure() look at all jobs that the job needs, directly or through others: a skipped ancestor two
 * steps away makes success() false ("Evaluate expressions", status check functions).
 */
#include "core/base.h"
#include "provider/github/model_priv.h"

struct value_maker {
    const char *name;
    struct value *(*make)(struct gh_job_scope *s, struct arena *a);
};

static struct value *make_github(struct gh_job_scope *s, struct arena *a)
{
    if (!s->github)
        s->github = gh_github_context(a, s->workflow, s->facts);
    return s->github;
}

static struct value *make_inputs(struct gh_job_scope *s, struct arena *a)
{
    if (s->call)
        return s->call->inputs;
    if (!s->inputs && !s->no_inputs)
        s->inputs = gh_inputs_context(a, s->workflow, s->facts);
    return s->inputs;
}

static struct value *make_vars(struct gh_job_scope *s, struct arena *a)
{
    return gh_vars_context(a, s->facts);
}

static struct value *make_secrets(struct gh_job_scope *s, struct arena *a)
{
    return s->call ? s->call->secrets : gh_secrets_context(a, s->facts);
}

static struct value *make_needs(struct gh_job_scope *s, struct arena *a)
{
    if (!s->job)
        return NULL;
    struct value *o = gh_needs_context(a, s->job);
    for (size_t i = 0; s->preview && i < s->job->n_needs; i++)
        if (s->job->needs[i]->result == RESULT_NONE)
            value_set_str(a, value_get(o, s->job->needs[i]->own_id), "result", STR("success"));
    return o;
}

static struct value *make_jobs(struct gh_job_scope *s, struct arena *a)
{
    UNUSED(a);
    return s->jobs;
}

static struct value *make_strategy(struct gh_job_scope *s, struct arena *a)
{
    UNUSED(a);
    return s->leg ? s->leg->strategy : NULL;
}

static struct value *make_matrix(struct gh_job_scope *s, struct arena *a)
{
    UNUSED(a);
    return s->leg ? s->leg->matrix : NULL;
}

static struct value *job_context(void *ctx, struct arena *a, const char *name)
{
    static const struct value_maker makers[] = {
        {"github", make_github}, {"inputs", make_inputs},     {"vars", make_vars},     {"secrets", make_secrets},
        {"needs", make_needs},   {"strategy", make_strategy}, {"matrix", make_matrix}, {"jobs", make_jobs},
    };
    for (size_t i = 0; i < ARRAY_LEN(makers); i++)
        if (strcmp(makers[i].name, name) == 0)
            return makers[i].make(ctx, a);
    return NULL;
}

/* ---- status functions ---- */

struct jobs {
    const struct job **p;
    size_t n, cap;
};

static bool holds(const struct jobs *list, const struct job *j)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->p[i] == j)
            return true;
    return false;
}

/* All jobs that j needs, directly or through others. */
static struct jobs ancestors(struct arena *a, const struct job *j)
{
    struct jobs list = {0};
    for (size_t i = 0; i < j->n_needs; i++)
        if (!holds(&list, j->needs[i]))
            vec_push_in(a, &list, j->needs[i]);
    for (size_t k = 0; k < list.n; k++) {
        const struct job *up = list.p[k];
        for (size_t i = 0; i < up->n_needs; i++)
            if (!holds(&list, up->needs[i]))
                vec_push_in(a, &list, up->needs[i]);
    }
    return list;
}

/* Of a preview: jobs that are not over are taken to succeed; one that is over is sure to be skipped. */
static void forget_open(struct jobs *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->n; i++)
        if (list->p[i]->result != RESULT_NONE)
            list->p[kept++] = list->p[i];
    list->n = kept;
}

/* Only the jobs that the arguments name; without arguments, all. */
static bool is_asked(struct arena *a, const struct job *j, struct value **args, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_nocase(gh_to_string(a, args[i]), j->own_id))
            return true;
    return n == 0;
}

static bool all_succeeded(struct arena *a, const struct jobs *list, struct value **args, size_t n)
{
    for (size_t i = 0; i < list->n; i++)
        if (is_asked(a, list->p[i], args, n) && list->p[i]->result != RESULT_SUCCESS)
            return false;
    return true;
}

static bool any_failed(struct arena *a, const struct jobs *list, struct value **args, size_t n)
{
    for (size_t i = 0; i < list->n; i++)
        if (is_asked(a, list->p[i], args, n) && list->p[i]->result == RESULT_FAILURE)
            return true;
    return false;
}

static int job_call(void *ctx, struct arena *a, const char *name, struct value **args, size_t n, struct value **ret,
                    struct err *e)
{
    struct gh_job_scope *s = ctx;
    struct jobs list = {0};
    bool answer;
    if (!s->job)
        return err_set(e, EINVAL, "'%s' has no meaning here", name);
    list = ancestors(a, s->job);
    if (s->preview)
        forget_open(&list);
    if (strcmp(name, "always") == 0)
        answer = true;
    else if (strcmp(name, "success") == 0)
        answer = all_succeeded(a, &list, args, n) && !job_cancelled(s->job);
    else if (strcmp(name, "failure") == 0)
        answer = any_failed(a, &list, args, n);
    else if (strcmp(name, "cancelled") == 0)
        answer = job_cancelled(s->job);
    else
        return err_set(e, EINVAL, "The function '%s' is not available before a job starts", name);
    *ret = value_bool(a, answer);
    return 0;
}

struct gh_scope gh_scope_of_job(struct gh_job_scope *s)
{
    return (struct gh_scope){.ctx = s, .context = job_context, .call = job_call};
}
