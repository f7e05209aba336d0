/*
 * az_gate.c - the turn of a job: does it run, and as which legs (specification 1, 7.1)?
 *
 * In the order of the service: its stage's condition, its own, its variables, its strategy, then for each leg the name,
 * machine and limits. A deployment has one leg, which calls its hooks. A preview asks the same before anything ran.
 */
#include "core/base.h"
#include "provider/azure/plan_priv.h"

struct ask {
    struct arena *a;
    struct job *job;
    struct az_job_run *run;
    struct az_model *model;
    const struct az_job *def;
    const struct facts *f;
    bool preview;
    struct az_asking q;     /* of the job's own texts */
    struct az_vars vars;    /* the job's, without a matrix */
    struct az_vars settled; /* the same, for names */
    const struct az_value *at;
    struct err e;
};

/* ---- the condition ---- */

static struct str bad_need(struct ask *k, const struct az_units *units)
{
    if (units->canceled)
        return STR("the run was cancelled");
    for (size_t i = 0; i < k->job->n_needs; i++) {
        const struct az_job_run *need = k->job->needs[i]->impl;
        enum az_result r = az_job_result(k->job->needs[i]);
        if (need->stage == k->run->stage && r != AZ_NOT_RUN && r != AZ_SUCCEEDED && r != AZ_WITH_ISSUES)
            return arena_printf(k->a, "it depends on '%.*s', which %s", STR_ARG(need->job->id),
                                r == AZ_SKIPPED    ? "was skipped"
                                : r == AZ_CANCELED ? "was canceled"
                                                   : "failed");
    }
    return STR("a job before it did not succeed");
}

static int check_condition(struct ask *k, bool *ret, struct str *ret_why)
{
    struct az_units units = {.canceled = k->job->plan->cancelled};
    struct az_asking q = k->q;
    struct az_vars seen;
    struct str condition = k->def->condition;
    k->at = k->def->condition_at ? k->def->condition_at : k->def->at;
    az_job_units(k->a, k->job, &units);
    az_vars_init(&seen, k->a);
    az_vars_copy(&seen, &k->vars);
    az_static_vars(k->model, &k->def->variables, &seen);
    q.vars = &seen;
    q.units = &units;
    int rc = az_unit_condition(&q, condition, ret, &k->e);
    if (rc < 0 || *ret)
        return rc;
    *ret_why = str_trim(condition).n > 0
                   ? arena_printf(k->a, "its condition is false: %.*s", STR_ARG(str_trim(condition)))
                   : bad_need(k, &units);
    return 0;
}

/* ---- legs ---- */

static struct str shown_name(struct ask *k, struct str own)
{
    const struct az_stage *s = k->run->stage->stage;
    if (k->model->pipeline->implicit_stage)
        return own;
    struct str stage = az_macros(k->a, &k->settled, s->display_name.n > 0 ? s->display_name : s->id, NULL);
    return arena_printf(k->a, "%.*s / %.*s", STR_ARG(stage), STR_ARG(own));
}

static bool has_task(const struct az_steps *steps, const char *task)
{
    for (size_t i = 0; i < steps->n; i++)
        if (str_is_nocase(steps->p[i].task, task))
            return true;
    return false;
}

static bool is_agentless(const struct az_job *job)
{
    return str_is_nocase(job->pool.name, "server") && job->pool.vm_image.n == 0;
}

/* Outputs of slices are found as job1, job2 ...; those of a matrix by the name of its leg. */
static struct str slice_of(struct ask *k, const struct az_combination *c)
{
    return !c ? STR("") : k->def->strategy == AZ_PARALLEL ? arena_printf(k->a, "job%.*s", STR_ARG(c->name)) : c->name;
}

static void set_leg_vars(struct ask *k, struct az_leg *impl, const struct az_combination *c,
                         const struct az_slice *slice)
{
    az_vars_init(&impl->vars, k->a);
    az_vars_copy(&impl->vars, &k->vars);
    for (size_t i = 0; c && i < c->values.n; i++)
        az_vars_set(&impl->vars, c->values.entries[i].key, map_get_str(&c->values, c->values.entries[i].key), false,
                    false);
    az_predefined_job(&impl->vars, impl, slice);
}

/* The job's display name, with what the leg's variables make of it, and the leg's name behind it. */
static struct str leg_title(struct ask *k, const struct az_leg *impl)
{
    struct az_vars settled;
    az_vars_init(&settled, k->a);
    az_vars_copy(&settled, &impl->vars);
    az_vars_settle(&settled);
    struct str name = k->def->display_name.n > 0 ? k->def->display_name : k->def->id;
    name = az_macros(k->a, &settled, name, NULL);
    return impl->name.n > 0 ? arena_printf(k->a, "%.*s %.*s", STR_ARG(name), STR_ARG(impl->name)) : name;
}

static struct leg *add_leg(struct ask *k, const struct az_combination *c, struct az_slice slice)
{
    struct az_leg *impl = ARENA_NEW(k->a, struct az_leg);
    struct str id = c ? arena_printf(k->a, "%.*s %.*s", STR_ARG(k->job->id), STR_ARG(c->name)) : k->job->id;
    *impl = (struct az_leg){.job = k->run,
                            .steps = &k->def->steps,
                            .name = c ? c->name : STR(""),
                            .slice = slice_of(k, c),
                            .continue_on_error = STR(""),
                            .container = STR("")};
    impl->implicit_checkout =
        !k->def->deployment && !is_agentless(k->def) && !has_task(&k->def->steps, AZ_CHECKOUT_TASK);
    set_leg_vars(k, impl, c, &slice);
    impl->display_name = leg_title(k, impl);
    az_predefined_job(&impl->vars, impl, &slice); /* again, with the name that they made */
    struct leg *leg = plan_add_leg(k->job, id, shown_name(k, impl->display_name));
    leg->impl = impl;
    for (size_t i = 0; c && i < c->values.n; i++)
        map_set_str(&leg->matrix, c->values.entries[i].key, map_get_str(&c->values, c->values.entries[i].key));
    return leg;
}

static int add_legs(struct ask *k)
{
    struct az_combinations all;
    unsigned n;
    k->at = k->def->at;
    int rc = az_combinations(&k->q, k->def, &all, &k->e);
    if (rc == 0)
        rc = az_max_parallel(&k->q, k->def, &k->job->max_parallel, &k->e);
    bool one = !all.set || all.unknown;
    n = one ? 1 : (unsigned)all.n;
    for (unsigned i = 0; rc == 0 && i < n; i++) {
        struct az_slice slice = {.position = i + 1, .total = n, .strategy = k->def->strategy};
        struct leg *leg = add_leg(k, one ? NULL : &all.p[i], slice);
        struct az_leg *impl = leg->impl;
        struct az_asking q = k->q;
        q.vars = &impl->vars;
        rc = az_fill_leg(leg, &q, k->f, &k->e);
    }
    return rc;
}

/* A deployment's leg runs nothing itself. */
static int add_deployment(struct ask *k)
{
    struct az_slice none = {.strategy = k->def->strategy};
    struct leg *leg = add_leg(k, NULL, none);
    struct az_leg *impl = leg->impl;
    struct az_asking q = k->q;
    q.vars = &impl->vars;
    k->at = k->def->at;
    int rc = az_fill_leg(leg, &q, k->f, &k->e);
    leg->skip = leg->lacks = leg->lacks_help = STR(""); /* each hook has a machine of its own */
    if (rc == 0)
        az_add_hooks(leg);
    return rc;
}

/* ---- the gate ---- */

static enum gate failed(struct ask *k, size_t jobs_before, struct str *ret_why, const struct az_value **ret_at)
{
    *ret_why = arena_cstr(k->a, k->e.text);
    *ret_at = k->at ? k->at : k->def->at;
    k->job->legs = NULL;
    k->job->n_legs = 0;
    k->job->plan->n_jobs = jobs_before;
    if (!k->preview)
        k->run->result = AZ_ABANDONED;
    return GATE_FAIL;
}

static enum gate skipped(struct ask *k)
{
    if (!k->preview)
        k->run->result = AZ_SKIPPED;
    return GATE_SKIP;
}

/* The job's variables, and what its texts can see. */
static void look_around(struct ask *k, const struct az_vars *stage)
{
    az_vars_init(&k->vars, k->a);
    az_vars_copy(&k->vars, stage);
    az_renumber(k->model, &k->vars);
    k->q = (struct az_asking){.arena = k->a, .model = k->model, .vars = &k->vars, .preview = k->preview};
    k->q.dependencies = az_job_dependencies(k->a, k->run);
    k->q.stage_dependencies = az_outer_dependencies(k->a, k->model, k->run->stage);
}

static int make_vars(struct ask *k)
{
    struct az_asking q = k->q;
    q.counts = true;
    int rc = az_scope_vars(&q, &k->def->variables, &k->vars, &k->at, &k->e);
    az_vars_init(&k->settled, k->a);
    az_vars_copy(&k->settled, &k->vars);
    az_vars_settle(&k->settled);
    return rc;
}

static enum gate judge(struct ask *k, struct str *ret_why, const struct az_value **ret_at)
{
    const struct az_vars *stage;
    size_t before = k->job->plan->n_jobs;
    bool runs = true;
    struct az_turn t = {.model = k->model, .arena = k->a, .preview = k->preview, .e = &k->e};
    int rc = az_stage_begin(&t, k->run->stage, &runs, &stage);
    k->at = t.at ? t.at : k->def->at;
    if (rc < 0)
        return failed(k, before, ret_why, ret_at);
    if (!runs) {
        *ret_why = t.why;
        return skipped(k);
    }
    look_around(k, stage);
    if (check_condition(k, &runs, ret_why) < 0)
        return failed(k, before, ret_why, ret_at);
    if (!runs)
        return skipped(k);
    if (make_vars(k) < 0 || (k->def->deployment ? add_deployment(k) : add_legs(k)) < 0)
        return failed(k, before, ret_why, ret_at);
    if (k->job->n_legs == 0) {
        *ret_why = STR("its matrix is empty");
        return skipped(k);
    }
    return k->def->deployment ? GATE_EXPAND : GATE_RUN;
}

enum gate az_gate_at(struct plan *p, struct job *j, const struct facts *f, bool preview, struct str *ret_why,
                     const struct az_value **ret_at)
{
    struct az_job_run *run = j->impl;
    struct ask k = {
        .a = p->arena, .job = j, .run = run, .model = run->model, .def = run->job, .f = f, .preview = preview};
    j->legs = NULL;
    j->n_legs = 0;
    *ret_at = run->job->at;
    *ret_why = STR("");
    return run->owner ? az_hook_gate(j, f, preview, ret_why) : judge(&k, ret_why, ret_at);
}

enum gate az_gate(struct plan *p, struct job *j, const struct facts *f, bool preview, struct str *ret_why)
{
    const struct az_value *at;
    return az_gate_at(p, j, f, preview, ret_why, &at);
}
