/*
 * cb_gate.c - the turn of a build: do the builds that it depends on allow it, and as which legs does it run?
 *
 * A matrix has a leg for each combination, the last list varying fastest; a fanout one for each shard. What the
 * service calls the builds of either is not documented: here they are build_matrix_1, build_fanout_1 and so on.
 */
#include "core/base.h"
#include "provider/codebuild/read_priv.h"

struct ask {
    struct arena *a;
    struct job *job;
    const struct facts *f;
    const struct cb_model *model;
    const struct cb_build *build; /* the job's */
};

/* ---- what is missing here ---- */

/* The first runtime that this machine surely lacks makes the leg one that cannot run; --skip-unknown does without. */
static void check_runtimes(const struct ask *q, struct leg *leg, const struct cb_build *b, const struct map *vars)
{
    if (!cb_image_is_managed(b->image) || q->f->skip_unknown)
        return;
    for (size_t i = 0; i < b->spec->n_runtimes && leg->skip.n == 0; i++) {
        struct cb_runtime_found rt;
        cb_runtime_find(q->a, q->f, &b->spec->runtimes[i], vars, &rt);
        if (rt.tool == NULL || !rt.known || rt.found != NULL)
            continue;
        struct str there = cb_versions_here(q->a, q->f, rt.tool);
        leg->skip = arena_printf(q->a, "no %s %.*s here: found %.*s", rt.title, STR_ARG(rt.version), STR_ARG(there));
    }
}

static void check_shell(struct leg *leg, const struct cb_spec *s)
{
    if (leg->skip.n > 0 || !str_ends(s->shell, STR(".exe")))
        return;
    leg->skip = STR("its shell is one of Windows");
    leg->lacks = STR("Windows");
    leg->lacks_help = STR("this machine runs Linux");
}

static struct str type_of(const struct cb_build *b)
{
    const struct cb_item *it = b->item != NULL ? b->item : b->batch != NULL ? &b->batch->fixed : NULL;
    return it != NULL && it->type.n > 0 ? it->type : b->project->type;
}

/* ---- legs ---- */

static struct cb_build *copy_build(const struct ask *q)
{
    struct cb_build *b = ARENA_NEW(q->a, struct cb_build);
    *b = *q->build;
    map_init(&b->variables, q->a, MAP_CASE);
    for (size_t i = 0; i < q->build->variables.n; i++)
        map_set_str(&b->variables, q->build->variables.entries[i].key,
                    map_get_str(&q->build->variables, q->build->variables.entries[i].key));
    return b;
}

static void fill_leg(const struct ask *q, struct leg *leg, struct cb_build *b)
{
    struct map vars;
    leg->impl = b;
    leg->label = b->image;
    leg->timeout_ns = (int64_t)b->project->timeout_min * 60 * 1000000000;
    leg->skip = leg->lacks = leg->lacks_help = STR("");
    if (b->spec == NULL) {
        leg->skip = STR("its buildspec cannot be read from here");
        return;
    }
    cb_variables(q->a, b, q->f, &vars);
    if (cb_fill_in(q->a, b->image, &vars, &b->image)) /* "$LINUX_IMAGE" of the project */
        leg->label = b->image;
    cb_gate_image(q->a, q->f, b->image, type_of(b), leg);
    check_shell(leg, b->spec);
    if (leg->skip.n == 0)
        check_runtimes(q, leg, b, &vars);
}

static void add_single(const struct ask *q)
{
    struct leg *leg = plan_add_leg(q->job, q->job->id, q->job->name);
    fill_leg(q, leg, copy_build(q));
}

static void add_shards(const struct ask *q)
{
    unsigned n = q->build->batch->parallelism;
    for (unsigned i = 0; i < n; i++) {
        struct str id = arena_printf(q->a, "%.*s (%u/%u)", STR_ARG(q->job->id), i + 1, n);
        struct cb_build *b = copy_build(q);
        struct leg *leg = plan_add_leg(q->job, id, id);
        b->shard = i;
        b->shards = n;
        b->identifier = arena_printf(q->a, "build_fanout_%u", i + 1);
        fill_leg(q, leg, b);
    }
}

/* ---- the matrix ---- */

enum axis_kind { AXIS_BUILDSPEC, AXIS_COMPUTE, AXIS_IMAGE, AXIS_VARIABLE };
struct axis {
    enum axis_kind kind;
    struct str key; /* in leg->matrix; the variable's name */
    const struct strs *values;
};
struct axes {
    struct axis *p;
    size_t n, cap;
};

static void add_axis(const struct ask *q, struct axes *axes, enum axis_kind kind, struct str key,
                     const struct strs *values)
{
    struct axis one = {kind, key, values};
    if (values->n > 0)
        vec_push_in(q->a, axes, one);
}

static struct axes axes_of(const struct ask *q, const struct cb_batch *b)
{
    struct axes axes = {0};
    add_axis(q, &axes, AXIS_BUILDSPEC, STR("buildspec"), &b->buildspecs);
    add_axis(q, &axes, AXIS_COMPUTE, STR("compute-type"), &b->compute_types);
    add_axis(q, &axes, AXIS_IMAGE, STR("image"), &b->images);
    for (size_t i = 0; i < b->variables.n; i++)
        add_axis(q, &axes, AXIS_VARIABLE, b->variables.entries[i].key, b->variables.entries[i].value);
    return axes;
}

static void take_value(const struct ask *q, struct cb_build *b, const struct axis *axis, struct str value)
{
    switch (axis->kind) {
    case AXIS_BUILDSPEC:
        b->spec = map_get(&q->model->specs, value);
        return;
    case AXIS_COMPUTE:
        b->compute_type = value;
        return;
    case AXIS_IMAGE:
        b->image = value;
        return;
    case AXIS_VARIABLE:
        map_set_str(&b->variables, axis->key, value);
        return;
    }
}

/* The values of combination number `at`: its digits, with as many symbols at each place as the axis has values. */
static void values_of(const struct axes *axes, size_t at, struct str *ret)
{
    for (size_t i = axes->n; i-- > 0;) {
        ret[i] = axes->p[i].values->p[at % axes->p[i].values->n];
        at /= axes->p[i].values->n;
    }
}

static struct str suffix_of(struct arena *a, const struct str *values, size_t n)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    for (size_t i = 0; i < n; i++) {
        struct str line, rest;
        bool more = str_cut(values[i], '\n', &line, &rest); /* a buildspec may be a text */
        buf_printf(&b, "%s%.*s%s", i > 0 ? ", " : "", STR_ARG(line), more ? "..." : "");
    }
    return arena_str(a, buf_str(&b));
}

static bool is_taken(const struct job *j, struct str id)
{
    for (size_t i = 0; i < j->n_legs; i++)
        if (str_eq(j->legs[i]->id, id))
            return true;
    return false;
}

static void add_combination(const struct ask *q, const struct axes *axes, size_t at)
{
    struct str *values = arena_array(q->a, axes->n + 1, sizeof *values);
    struct cb_build *b = copy_build(q);
    values_of(axes, at, values);
    struct str suffix = suffix_of(q->a, values, axes->n);
    struct str id = arena_printf(q->a, "%.*s (%.*s)", STR_ARG(q->job->id), STR_ARG(suffix));
    if (is_taken(q->job, id)) /* a value that a list has twice */
        id = arena_printf(q->a, "%.*s #%zu", STR_ARG(id), at + 1);
    struct leg *leg = plan_add_leg(q->job, id, id);
    b->identifier = arena_printf(q->a, "build_matrix_%zu", at + 1);
    for (size_t i = 0; i < axes->n; i++) {
        take_value(q, b, &axes->p[i], values[i]);
        map_set_str(&leg->matrix, axes->p[i].key, values[i]);
    }
    fill_leg(q, leg, b);
}

static void add_matrix(const struct ask *q)
{
    struct axes axes = axes_of(q, q->build->batch);
    size_t total = 1;
    for (size_t i = 0; i < axes.n; i++) /* cb_check_batch has bounded it */
        total *= axes.p[i].values->n;
    for (size_t at = 0; at < total; at++)
        add_combination(q, &axes, at);
}

/* ---- the gate ---- */

static struct str bad_need(struct arena *a, const struct job *j)
{
    for (size_t i = 0; i < j->n_needs; i++) {
        enum result r = j->needs[i]->result;
        if (r != RESULT_SUCCESS && r != RESULT_NONE)
            return arena_printf(a, "it depends on '%.*s', which %s", STR_ARG(j->needs[i]->id),
                                r == RESULT_FAILURE     ? "failed"
                                : r == RESULT_CANCELLED ? "was stopped"
                                                        : "was skipped");
    }
    return STR_NONE;
}

/* fast-fail: a build that failed keeps those that have not started from starting, unless -k was said. */
static struct str failed_fast(struct arena *a, const struct job *j, const struct cb_build *b)
{
    const struct plan *p = j->plan;
    for (size_t i = 0; b->batch != NULL && b->batch->fast_fail && i < p->n_jobs; i++)
        if (p->jobs[i]->result == RESULT_FAILURE && !j->keep_going)
            return arena_printf(a, "'%.*s' failed, and fast-fail stops the batch", STR_ARG(p->jobs[i]->id));
    return STR_NONE;
}

enum gate cb_gate(struct plan *p, struct job *j, const struct facts *f, bool preview, struct str *ret_why)
{
    struct ask q = {.a = p->arena, .job = j, .f = f, .model = p->model, .build = j->impl};
    UNUSED(preview);
    j->legs = NULL;
    j->n_legs = 0;
    *ret_why = bad_need(q.a, j);
    if (ret_why->n == 0)
        *ret_why = failed_fast(q.a, j, q.build);
    if (ret_why->n > 0)
        return GATE_SKIP;
    if (p->cancelled) {
        *ret_why = STR("the run was cancelled");
        return GATE_SKIP;
    }
    if (q.build->batch != NULL && q.build->batch->kind == CB_MATRIX)
        add_matrix(&q);
    else if (q.build->batch != NULL && q.build->batch->kind == CB_FANOUT)
        add_shards(&q);
    else
        add_single(&q);
    return GATE_RUN;
}
