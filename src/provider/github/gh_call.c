/*
 * gh_call.c - a called workflow as a part of the plan: what it is given, its jobs, and what it gives back
 * (specification 10.10, 16.17).
 */
#include "core/base.h"
#include "provider/github/model_priv.h"

/* ---- values of inputs ---- */

int gh_param_fits(struct arena *a, const struct gh_param *p, const struct value *v, struct err *e)
{
    if (v->kind == VALUE_OBJECT || v->kind == VALUE_ARRAY)
        return err_set(e, EINVAL, "A %s was not expected", v->kind == VALUE_ARRAY ? "sequence" : "mapping");
    bool flag = p->type == GH_PARAM_BOOLEAN, number = p->type == GH_PARAM_NUMBER;
    if ((!flag && !number) || v->kind == VALUE_NULL || v->kind == (flag ? VALUE_BOOL : VALUE_NUMBER))
        return 0;
    struct str text = gh_to_string(a, v);
    return err_set(e, EINVAL, "Unexpected value '%.*s'", STR_ARG(text));
}

/* The value as its type has it: a text takes everything, nothing is the type's own nothing. */
static struct value *as_declared(struct arena *a, const struct gh_param *p, struct value *v)
{
    switch (p->type) {
    case GH_PARAM_UNKNOWN:
    case GH_PARAM_STRING:
        return value_string(a, gh_to_string(a, v));
    case GH_PARAM_BOOLEAN:
        return v->kind == VALUE_BOOL ? v : value_bool(a, false);
    case GH_PARAM_NUMBER:
        return v->kind == VALUE_NUMBER ? v : value_number(a, 0);
    }
    BUG("an input of type %d", (int)p->type);
}

int gh_param_default(struct arena *a, const struct gh_param *p, struct gh_job_scope *s, struct value **ret,
                     struct err *e)
{
    struct gh_scope scope = gh_scope_of_job(s);
    struct value *v;
    int rc = gh_text_value(a, &p->value, &scope, &v, e);
    if (rc == 0)
        rc = gh_param_fits(a, p, v, e);
    if (rc < 0)
        return err_wrap(e, "the default of input %.*s", STR_ARG(p->id));
    *ret = as_declared(a, p, v);
    return 0;
}

/* ---- a call ---- */

struct making {
    const struct gh_call_query *q;
    struct arena *a;
    const struct gh_workflow *workflow;
    struct gh_call *call;
    struct span *ret_at;
};

static int take_input(void *ctx, struct str key, struct value *v, struct err *e)
{
    const struct making *m = ctx;
    const struct gh_param *p = gh_param_find(&m->workflow->call_inputs, key);
    if (!p)
        return err_set(e, EINVAL, "Invalid input, %.*s is not defined in the referenced workflow.", STR_ARG(key));
    int rc = gh_param_fits(m->a, p, v, e);
    if (rc == 0 && (v->kind != VALUE_NULL || p->type == GH_PARAM_STRING))
        value_set(m->call->inputs, p->id, as_declared(m->a, p, v));
    return rc;
}

static int take_secret(void *ctx, struct str key, struct value *v, struct err *e)
{
    const struct making *m = ctx;
    const struct gh_param *p = gh_param_find(&m->workflow->call_secrets, key);
    if (!p)
        return err_set(e, EINVAL, "Invalid secret, %.*s is not defined in the referenced workflow.", STR_ARG(key));
    if (v->kind == VALUE_OBJECT || v->kind == VALUE_ARRAY)
        return err_set(e, EINVAL, "A %s was not expected", v->kind == VALUE_ARRAY ? "sequence" : "mapping");
    value_set(m->call->secrets, p->id, value_string(m->a, gh_to_string(m->a, v)));
    return 0;
}

static bool is_unknown(const struct gh_call *c, struct str input)
{
    bool unknown = c->all_unknown;
    for (size_t i = 0; i < c->unknown.n && !unknown; i++)
        unknown = str_eq_nocase(c->unknown.p[i], input);
    return unknown;
}

struct asking {
    const struct gh_call *call;
    bool unknown;
};

static void ask_path(void *ctx, const struct gh_path *path)
{
    struct asking *q = ctx;
    if (!str_is(path->names[0], "inputs"))
        return;
    bool one = path->n > 1 && path->names[1].p && !str_is(path->names[1], "*");
    q->unknown = q->unknown || !one || is_unknown(q->call, path->names[1]);
}

bool gh_call_unknown(const struct gh_call *c, const struct gh_expr *x)
{
    struct asking q = {.call = c};
    if (!c || !x || (!c->all_unknown && c->unknown.n == 0))
        return false;
    gh_expr_all_paths(x, ask_path, &q);
    return q.unknown;
}

/* Evaluates what the caller gives, pair by pair; what a preview cannot know is taken as it is written. */
static int take_pairs(struct making *m, const struct gh_pairs *given,
                      int (*take)(void *ctx, struct str key, struct value *v, struct err *e), struct err *e)
{
    const struct gh_call_query *q = m->q;
    struct gh_scope scope = gh_scope_of_job(q->js);
    int rc = 0;
    *m->ret_at = given->span;
    if (given->whole.set && !(q->unknown && q->unknown(q->ctx, given->whole.expr)))
        return gh_pairs_values(m->a, given, &scope, take, m, e);
    m->call->all_unknown = m->call->all_unknown || given->whole.set;
    for (size_t i = 0; rc == 0 && i < given->n; i++) {
        struct gh_pairs one = {.set = true, .p = &given->p[i], .n = 1};
        *m->ret_at = given->p[i].value.span;
        bool open = given->p[i].insert || given->p[i].name.set;
        if (!q->unknown || !q->unknown(q->ctx, given->p[i].value.expr))
            rc = gh_pairs_values(m->a, &one, &scope, take, m, e);
        else if (open)
            m->call->all_unknown = true;
        else
            vec_push_in(m->a, &m->call->unknown, given->p[i].key);
    }
    return rc;
}

static int make_inputs(struct making *m, struct err *e)
{
    const struct gh_params *declared = &m->workflow->call_inputs;
    const struct gh_job *def = m->q->from->def;
    m->call->inputs = value_object(m->a, MAP_NOCASE);
    int rc = take_pairs(m, &def->with, take_input, e);
    for (size_t i = 0; rc == 0 && i < declared->n; i++) {
        struct value *v;
        const struct gh_param *p = &declared->p[i];
        if (value_get(m->call->inputs, p->id))
            continue;
        *m->ret_at = def->uses_span;
        if (p->required && !is_unknown(m->call, p->id))
            return err_set(e, EINVAL, "Input %.*s is required, but not provided while calling.", STR_ARG(p->id));
        if ((rc = gh_param_default(m->a, p, m->q->js, &v, e)) == 0)
            value_set(m->call->inputs, p->id, v);
    }
    return rc;
}

static int make_secrets(struct making *m, struct err *e)
{
    const struct gh_job *def = m->q->from->def;
    struct gh_job_scope *js = m->q->js;
    struct value *all = js->call ? js->call->secrets : gh_secrets_context(m->a, js->facts);
    struct value *token = value_get(all, STR("GITHUB_TOKEN"));
    if (def->inherit) {
        m->call->secrets = all;
        return 0;
    }
    m->call->secrets = value_object(m->a, MAP_NOCASE);
    if (token)
        value_set(m->call->secrets, STR("GITHUB_TOKEN"), token);
    return take_pairs(m, &def->secrets, take_secret, e);
}

/* The concurrency of the called workflow as a whole. */
static int make_group(struct making *m, struct err *e)
{
    struct leg *leg = m->q->leg;
    const struct gh_concurrency *c = &m->workflow->concurrency;
    const struct gh_text *group = &c->group;
    struct gh_job_scope js = {.workflow = m->q->js->workflow, .facts = m->q->js->facts, .call = m->call};
    struct gh_scope scope = gh_scope_of_job(&js);
    int rc;
    if (!group->set || gh_call_unknown(m->call, group->expr))
        return 0;
    *m->ret_at = group->span;
    if ((rc = gh_text_string(m->a, group, &scope, &leg->call_group, e)) != 0)
        return rc;
    if (leg->call_group.n == 0)
        return err_set(e, EINVAL, "Concurrency group name cannot be empty");
    leg->call_queue_max = c->queue_max;
    return gh_text_bool(m->a, &c->cancel, &scope, false, &leg->call_cancel_in_progress, e);
}

static unsigned depth_of(const struct leg *leg)
{
    unsigned depth = 0;
    for (; leg; leg = leg->job->caller)
        depth++;
    return depth;
}

/* What was told when the file was read (gh_call_check.c), for who comes here all the same. */
static int find_workflow(struct making *m, struct gh_workflow **ret, struct err *e)
{
    struct gh_workflow *from = m->q->from->workflow;
    struct str uses = m->q->from->def->uses;
    struct diags quiet;
    diags_init(&quiet, m->a, from->sources);
    struct gh_called *called = gh_library_find(from, uses, &quiet);
    if (called->rc < 0)
        return err_set(e, -called->rc, "error parsing called workflow \"%.*s\": %s", STR_ARG(uses), called->e.text);
    if (!called->workflow || called->diags.errors || !called->workflow->callable)
        return err_set(e, EINVAL, "error parsing called workflow \"%.*s\"", STR_ARG(uses));
    if (depth_of(m->q->leg) > GH_CALL_DEPTH)
        return err_set(e, EINVAL, "Nested reusable workflow depth exceeded %d.", GH_CALL_DEPTH);
    *ret = called->workflow;
    return 0;
}

int gh_call_make(const struct gh_call_query *q, struct span *ret_at, struct err *e)
{
    struct plan *p = q->leg->job->plan;
    struct gh_leg *impl = q->leg->impl;
    struct gh_workflow *w = NULL;
    struct making m = {.q = q, .a = p->arena, .ret_at = ret_at};
    *ret_at = q->from->def->uses_span;
    int rc = find_workflow(&m, &w, e);
    if (rc < 0)
        return rc;
    m.workflow = w;
    m.call = ARENA_NEW(m.a, struct gh_call);
    *m.call = (struct gh_call){.workflow = w};
    if ((rc = make_inputs(&m, e)) != 0 || (rc = make_secrets(&m, e)) != 0 || (rc = make_group(&m, e)) != 0)
        return rc;
    *ret_at = q->from->def->uses_span;
    if (p->n_jobs + w->n_jobs > GH_PLAN_JOBS)
        return err_set(e, EINVAL, "The workflow may not contain more than %d jobs", GH_PLAN_JOBS);
    impl->made = m.call;
    gh_add_jobs(p, w, q->leg, m.call);
    return 0;
}

/* ---- its end ---- */

static struct value *jobs_context(struct arena *a, const struct leg *leg)
{
    struct value *o = value_object(a, MAP_NOCASE);
    const struct plan *p = leg->job->plan;
    for (size_t i = 0; i < p->n_jobs; i++)
        if (p->jobs[i]->caller == leg)
            value_set(o, p->jobs[i]->own_id, gh_job_value(a, p->jobs[i]));
    return o;
}

static int take_outputs(const struct leg *leg, struct leg_outcome *ret, struct err *e)
{
    struct arena *a = leg->job->plan->arena;
    const struct gh_leg *impl = leg->impl;
    const struct gh_workflow *started = leg->job->plan->model;
    const struct gh_params *outputs = &impl->made->workflow->call_outputs;
    struct gh_job_scope js = {.workflow = started, .facts = started->facts, .call = impl->made};
    js.jobs = jobs_context(a, leg);
    struct gh_scope scope = gh_scope_of_job(&js);
    for (size_t i = 0; i < outputs->n; i++) {
        struct str text;
        int rc = gh_text_string(a, &outputs->p[i].value, &scope, &text, e);
        if (rc != 0)
            return err_wrap(e, "output %.*s", STR_ARG(outputs->p[i].id));
        if (text.n)
            map_set_str(&ret->outputs, outputs->p[i].id, text);
    }
    return 0;
}

void gh_call_gather(const struct leg *leg, struct leg_outcome *ret)
{
    const struct plan *p = leg->job->plan;
    struct err e = {0};
    *ret = (struct leg_outcome){.result = RESULT_SKIPPED};
    map_init(&ret->outputs, p->arena, MAP_NOCASE);
    for (size_t i = 0; i < p->n_jobs; i++)
        if (p->jobs[i]->caller == leg)
            ret->result = gh_worse_of_jobs(ret->result, p->jobs[i]->result);
    if (take_outputs(leg, ret, &e) != 0) {
        ret->result = RESULT_FAILURE;
        ret->why = arena_cstr(p->arena, e.text);
    }
    ret->conclusion = ret->result;
}
