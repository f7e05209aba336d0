/*
 * gh_gate.c - the turn of a job: does it run, and as which legs?
 *
 * In the order of the service: the condition, the strategy, then for each leg its name, machine, limits and groups.
 * A job that calls a workflow has no machine and no limits: each of its legs makes the call instead (gh_call.c).
 * A preview asks the same before anything ran: needs count as succeeded, their outputs are not known, and what hangs on
 * them stays as it is written.
 */
#include "core/base.h"
#include "core/utf8.h"
#include "provider/github/expr_node_priv.h"
#include "provider/github/model_priv.h"

#define JOB_MINUTES 360.0
#define CANCEL_MINUTES 5.0
#define MINUTES_MAX 1e7 /* twenty years */
#define NAME_MAX_SHOWN 100

struct ask {
    struct arena *a;
    struct plan *plan;
    struct job *job;
    const struct gh_entry *entry;
    const struct gh_job *def;
    const struct facts *f;
    bool preview;
    bool matrix_unknown; /* a preview of a matrix that comes of other jobs */
    bool fail_fast;
    double max_parallel;  /* 0: no limit */
    struct value *matrix; /* NULL: there is none */
    struct value **legs;
    size_t n_legs;
    struct gh_job_scope js;
    struct gh_scope scope;
    struct span at;     /* of what is being evaluated, for failures */
    size_t jobs_before; /* of the plan: a call adds more */
    struct err e;
};

/* ---- what a preview cannot know ---- */

static bool expr_unknown(const struct ask *q, const struct gh_expr *x)
{
    if (!q->preview || !x)
        return false;
    return gh_expr_uses(x, "needs") || (q->matrix_unknown && gh_expr_uses(x, "matrix")) ||
           gh_call_unknown(q->entry->call, x);
}

static bool is_unknown(const void *ctx, const struct gh_expr *x)
{
    return expr_unknown(ctx, x);
}

static bool tree_unknown(const struct ask *q, const struct doc_node *n)
{
    return q->preview && gh_tree_any(q->a, n, is_unknown, q);
}

/* The slot as text; as written when a preview cannot know it. */
static int slot_string(struct ask *q, const struct gh_text *t, struct str *ret)
{
    q->at = t->span;
    if (expr_unknown(q, t->expr)) {
        *ret = t->literal;
        return 0;
    }
    return gh_text_string(q->a, t, &q->scope, ret, &q->e);
}

static int slot_bool(struct ask *q, const struct gh_text *t, bool absent, bool *ret)
{
    q->at = t->span;
    *ret = absent;
    if (expr_unknown(q, t->expr))
        return 0;
    return gh_text_bool(q->a, t, &q->scope, absent, ret, &q->e);
}

static int slot_number(struct ask *q, const struct gh_text *t, double absent, double *ret)
{
    q->at = t->span;
    *ret = absent;
    if (expr_unknown(q, t->expr))
        return 0;
    return gh_text_number(q->a, t, &q->scope, absent, ret, &q->e);
}

static int slot_minutes(struct ask *q, const struct gh_text *t, double absent, int64_t *ret)
{
    double minutes;
    int rc = slot_number(q, t, absent, &minutes);
    if (rc != 0)
        return rc;
    if (!(minutes > 0)) /* not a number, too */
        minutes = absent;
    if (minutes > MINUTES_MAX)
        minutes = MINUTES_MAX;
    *ret = (int64_t)(minutes * 60e9);
    return 0;
}

/* ---- the condition ---- */

static struct str first_bad_need(struct arena *a, const struct job *j)
{
    for (size_t i = 0; i < j->n_needs; i++) {
        enum result r = j->needs[i]->result;
        if (r != RESULT_SUCCESS && r != RESULT_NONE)
            return arena_printf(a, "needed job '%.*s' %s", STR_ARG(j->needs[i]->own_id),
                                r == RESULT_FAILURE     ? "failed"
                                : r == RESULT_CANCELLED ? "was cancelled"
                                                        : "was skipped");
    }
    if (job_cancelled(j) && !j->plan->cancelled)
        return STR("the call that it is a part of was cancelled");
    return j->plan->cancelled ? STR("the run was cancelled") : STR("a job before its needs did not succeed");
}

static int check_condition(struct ask *q, bool *ret, struct str *ret_why)
{
    const struct gh_text *cond = &q->def->cond;
    q->at = cond->set ? cond->span : q->def->span;
    *ret = true;
    if (expr_unknown(q, cond->expr))
        return 0;
    int rc = gh_if_true(q->a, cond, &q->scope, ret, &q->e);
    if (rc != 0 || *ret)
        return rc;
    struct str text = str_trim(cond->literal);
    *ret_why = cond->set && text.n ? arena_printf(q->a, "its condition is false: %.*s", STR_ARG(text))
                                   : first_bad_need(q->a, q->job);
    return 0;
}

/* ---- the strategy ---- */

static int read_matrix(struct ask *q)
{
    const struct gh_job *def = q->def;
    if (!def->matrix)
        return 0;
    q->at = def->matrix_span;
    if (tree_unknown(q, def->matrix)) {
        q->matrix_unknown = true;
        return 0;
    }
    int rc = gh_tree_value(q->a, def->matrix, gh_allow(GH_SLOT_STRATEGY), &q->scope, &q->matrix, &q->e);
    return rc != 0 ? rc : gh_matrix(q->a, q->matrix, &q->legs, &q->n_legs, &q->e);
}

static int read_strategy(struct ask *q)
{
    int rc;
    q->fail_fast = true;
    if ((rc = read_matrix(q)) != 0 || (rc = slot_bool(q, &q->def->fail_fast, true, &q->fail_fast)) != 0 ||
        (rc = slot_number(q, &q->def->max_parallel, 0, &q->max_parallel)) != 0)
        return rc;
    if (!(q->max_parallel >= 1))
        q->max_parallel = 0;
    q->job->fail_fast = q->fail_fast;
    q->job->max_parallel = q->max_parallel > 1e6 ? 0 : (unsigned)q->max_parallel;
    return 0;
}

static struct value *strategy_context(const struct ask *q, size_t index, size_t total)
{
    struct value *o = value_object(q->a, MAP_NOCASE);
    value_set(o, STR("fail-fast"), value_bool(q->a, q->fail_fast));
    value_set(o, STR("job-index"), value_number(q->a, (double)index));
    value_set(o, STR("job-total"), value_number(q->a, (double)total));
    value_set(o, STR("max-parallel"), value_number(q->a, q->max_parallel > 0 ? q->max_parallel : (double)total));
    return o;
}

/* ---- legs ---- */

/* At most 100 UTF-16 units, as the service shows names; a character is never cut in two. */
static struct str cut_name(struct arena *a, struct str name)
{
    if (utf16_units(name) <= NAME_MAX_SHOWN)
        return name;
    size_t end = 0, next = 0;
    uint32_t cp;
    while (utf16_units(str_sub(name, 0, next)) <= NAME_MAX_SHOWN - 3) {
        size_t n = utf8_decode(name, next, &cp);
        end = next;
        next += n ? n : 1;
    }
    return arena_printf(a, "%.*s...", STR_ARG(str_sub(name, 0, end)));
}

static int leg_name(struct ask *q, struct str suffix, struct str *ret)
{
    struct str name = STR_NONE;
    int rc = slot_string(q, &q->def->name, &name);
    if (rc != 0)
        return rc;
    if (!q->def->name.expr || name.n == 0)
        name = arena_printf(q->a, "%.*s%.*s", STR_ARG(name.n ? name : q->def->id), STR_ARG(suffix));
    name = cut_name(q->a, name);
    if (q->job->caller)
        name = arena_printf(q->a, "%.*s / %.*s", STR_ARG(q->job->caller->name), STR_ARG(name));
    *ret = name;
    return 0;
}

/* job (3.9), and job (3.9) #2 when two combinations look the same. */
static struct str leg_id(const struct ask *q, struct str suffix)
{
    struct str id = arena_printf(q->a, "%.*s%.*s", STR_ARG(q->job->id), STR_ARG(suffix));
    struct str unique = id;
    for (unsigned n = 2;; n++) {
        bool taken = false;
        for (size_t i = 0; i < q->job->n_legs && !taken; i++)
            taken = str_eq(q->job->legs[i]->id, unique);
        if (!taken)
            return unique;
        unique = arena_printf(q->a, "%.*s #%u", STR_ARG(id), n);
    }
}

static void matrix_texts(const struct ask *q, struct leg *leg, const struct value *matrix)
{
    if (!matrix || matrix->kind != VALUE_OBJECT)
        return;
    for (size_t i = 0; i < matrix->object.n; i++) {
        const struct value *v = matrix->object.entries[i].value;
        CLEAN(buf) struct buf json = BUF(BUF_LINE);
        struct str text;
        if (v->kind == VALUE_OBJECT || v->kind == VALUE_ARRAY) {
            value_add_json(&json, v, VALUE_COMPACT);
            text = arena_str(q->a, buf_str(&json));
        } else {
            text = gh_to_string(q->a, v);
        }
        map_set_str(&leg->matrix, matrix->object.entries[i].key, text);
    }
}

static int leg_label(struct ask *q, struct leg *leg)
{
    struct value *v;
    q->at = q->def->runs_on->span;
    if (tree_unknown(q, q->def->runs_on)) {
        leg->label = q->def->runs_on->kind == DOC_SCALAR ? q->def->runs_on->text : STR("${{ ... }}");
        return 0;
    }
    struct gh_machine m;
    int rc = gh_tree_value(q->a, q->def->runs_on, gh_allow(GH_SLOT_JOB_KEY), &q->scope, &v, &q->e);
    rc = rc != 0 ? rc : gh_label(q->a, v, q->f, &m, &q->e);
    if (rc != 0)
        return rc;
    leg->label = m.label;
    leg->skip = m.skip;
    leg->lacks = m.lacks;
    leg->lacks_help = m.help;
    ((struct gh_leg *)leg->impl)->mapped = m.mapped;
    return 0;
}

/* The image that a container or service asks for; empty: none. */
static int image_of(struct ask *q, const struct doc_node *n, struct str *ret)
{
    const struct doc_node *image = n->kind == DOC_MAP ? doc_get(n, "image") : n;
    struct value *v;
    *ret = STR("");
    if (!image)
        return 0;
    q->at = image->span;
    if (tree_unknown(q, image)) {
        *ret = image->text;
        return 0;
    }
    int rc = gh_tree_value(q->a, image, gh_allow(GH_SLOT_JOB_KEY), &q->scope, &v, &q->e);
    if (rc == 0)
        *ret = v->kind == VALUE_OBJECT ? value_get_str(v, "image") : gh_to_string(q->a, v);
    return rc;
}

static struct str needs_engine(struct arena *a, const char *what, struct str image)
{
    return arena_printf(a, "needs a container engine, which this version does not have: %s %.*s", what, STR_ARG(image));
}

/* Containers are read and checked, but not run by this version. */
static int leg_skip(struct ask *q, struct leg *leg)
{
    const struct gh_job *def = q->def;
    struct str image = STR("");
    int rc = 0;
    if (def->container.set && (rc = image_of(q, def->container.node, &image)) == 0 && image.n)
        leg->skip = needs_engine(q->a, "container", image);
    if (rc == 0 && !leg->skip.n && !q->f->skip_unknown)
        leg->skip = gh_job_later(q->a, q->f, def);
    const struct doc_node *s = def->services;
    for (size_t i = 0; rc == 0 && !leg->skip.n && s && s->kind == DOC_MAP && i < s->map.n; i++)
        if ((rc = image_of(q, s->map.p[i].value, &image)) == 0 && image.n)
            leg->skip = needs_engine(q->a, "service", image);
    if (rc == 0 && !leg->skip.n && s && s->kind == DOC_SCALAR)
        leg->skip = needs_engine(q->a, "services", s->text);
    return rc;
}

static int leg_group(struct ask *q, struct leg *leg)
{
    const struct gh_text *group = &q->def->concurrency.group;
    int rc = slot_string(q, group, &leg->group);
    if (rc != 0 || !group->set)
        return rc;
    if (leg->group.n == 0)
        return err_set(&q->e, EINVAL, "Concurrency group name cannot be empty");
    if (utf16_units(leg->group) > 400)
        return err_set(&q->e, EINVAL, "Concurrency group name must be less than 400 characters");
    leg->queue_max = q->def->concurrency.queue_max;
    rc = slot_bool(q, &q->def->concurrency.cancel, false, &leg->cancel_in_progress);
    if (rc == 0 && leg->queue_max && leg->cancel_in_progress)
        return err_set(&q->e, EINVAL, GH_QUEUE_AND_CANCEL);
    return rc;
}

/* The rest of a leg that runs steps. */
static int fill_leg(struct ask *q, struct leg *leg, struct gh_leg *impl)
{
    int rc;
    if ((rc = leg_label(q, leg)) != 0 || (rc = leg_skip(q, leg)) != 0 ||
        (rc = slot_minutes(q, &q->def->timeout, JOB_MINUTES, &leg->timeout_ns)) != 0 ||
        (rc = slot_minutes(q, &q->def->cancel_timeout, CANCEL_MINUTES, &leg->cancel_timeout_ns)) != 0)
        return rc;
    rc = slot_bool(q, &q->def->continue_on_error, false, &impl->continue_on_error);
    if (rc == 0)
        rc = slot_string(q, &q->def->environment, &impl->environment);
    if (rc == 0 && !leg->skip.n && !q->matrix_unknown)
        leg->skip = gh_leg_missing(q->a, q->def, &q->scope, q->f);
    return rc;
}

/* A preview goes on where a called workflow cannot be had: the run's own gate is what fails. */
static int call_leg(struct ask *q, struct leg *leg)
{
    struct gh_call_query call = {.leg = leg, .from = q->entry, .js = &q->js, .ctx = q};
    if (q->preview)
        call.unknown = is_unknown;
    int rc = gh_call_make(&call, &q->at, &q->e);
    bool absent = rc == -ENETUNREACH || rc == -EACCES || rc == -ENOTSUP;
    return q->preview && absent ? 0 : rc;
}

static int add_leg(struct ask *q, size_t index, size_t total, struct value *matrix)
{
    struct gh_leg *impl = ARENA_NEW(q->a, struct gh_leg);
    struct str suffix = matrix ? gh_matrix_suffix(q->a, q->matrix, matrix) : STR("");
    struct str name;
    int rc;
    *impl =
        (struct gh_leg){.workflow = q->entry->workflow, .def = q->entry->def, .call = q->entry->call, .matrix = matrix};
    if (!matrix)
        impl->matrix = value_null();
    impl->strategy = strategy_context(q, index, total);
    q->js.leg = impl;
    if ((rc = leg_name(q, suffix, &name)) != 0)
        return rc;
    struct leg *leg = plan_add_leg(q->job, leg_id(q, suffix), name);
    leg->impl = impl;
    matrix_texts(q, leg, matrix);
    if ((rc = leg_group(q, leg)) != 0)
        return rc;
    return q->job->calls ? call_leg(q, leg) : fill_leg(q, leg, impl);
}

static int add_legs(struct ask *q)
{
    int rc = 0;
    if (!q->matrix)
        return add_leg(q, 0, 1, NULL);
    for (size_t i = 0; rc == 0 && i < q->n_legs; i++)
        rc = add_leg(q, i, q->n_legs, q->legs[i]);
    return rc;
}

static enum gate failed(struct ask *q, struct str *ret_why, struct span *ret_at)
{
    *ret_why = arena_cstr(q->a, q->e.text);
    *ret_at = q->at.file ? q->at : q->def->span;
    q->job->legs = NULL;
    q->job->n_legs = 0;
    q->plan->n_jobs = q->jobs_before;
    return GATE_FAIL;
}

enum gate gh_gate_at(struct plan *p, struct job *j, const struct facts *f, bool preview, struct str *ret_why,
                     struct span *ret_at)
{
    const struct gh_entry *entry = j->impl;
    bool runs;
    struct ask q = {.a = p->arena, .plan = p, .job = j, .entry = entry, .def = entry->def, .f = f, .preview = preview};
    q.jobs_before = p->n_jobs;
    q.js = (struct gh_job_scope){.workflow = p->model, .call = entry->call, .facts = f, .job = j, .preview = preview};
    q.scope = gh_scope_of_job(&q.js);
    j->legs = NULL;
    j->n_legs = 0;
    if (check_condition(&q, &runs, ret_why) != 0)
        return failed(&q, ret_why, ret_at);
    if (!runs)
        return GATE_SKIP;
    if (read_strategy(&q) != 0 || add_legs(&q) != 0)
        return failed(&q, ret_why, ret_at);
    if (j->n_legs == 0) {
        *ret_why = STR("its matrix is empty");
        return GATE_SKIP;
    }
    return j->calls ? GATE_EXPAND : GATE_RUN;
}

enum gate gh_gate(struct plan *p, struct job *j, const struct facts *f, bool preview, struct str *ret_why)
{
    struct span at;
    return gh_gate_at(p, j, f, preview, ret_why, &at);
}
