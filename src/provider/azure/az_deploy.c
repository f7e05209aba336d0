/*
 * az_deploy.c - deployment jobs: a job whose leg calls its hooks, each a job of its own (specification 3.5).
 *
 * preDeploy, deploy, routeTraffic and postRouteTraffic come one after another, each when all before it succeeded; then
 * on.success, or on.failure. A rolling deployment has one target here; a canary goes through the middle hooks once for
 * each increment.
 */
#include "core/base.h"
#include "provider/azure/plan_priv.h"

/* ---- the jobs of a deployment ---- */

struct adding {
    struct leg *leg;
    const struct az_job_run *owner;
    VEC(struct job *) list; /* so far, in order */
};

static void add_steps(struct arena *a, struct job *j, const struct az_steps *steps)
{
    j->steps = arena_array(a, steps->n + 1, sizeof *j->steps);
    for (size_t i = 0; i < steps->n; i++)
        j->steps[j->n_steps++] = az_plan_step(a, &steps->p[i]);
}

static void add_hook(struct adding *all, enum az_hook_kind kind, struct str increment)
{
    const struct az_job *job = all->owner->job;
    const struct az_hook *hook = &job->hooks[kind];
    struct plan *p = all->leg->job->plan;
    struct az_job_run *run;
    if (!hook->set)
        return;
    struct str id = increment.n > 0 ? arena_printf(p->arena, "%s_%.*s", az_hook_key(kind), STR_ARG(increment))
                                    : str_from(az_hook_key(kind));
    struct job *j = plan_add_called(all->leg, id, id, hook->at ? hook->at->span : job->at->span);
    run = ARENA_NEW(p->arena, struct az_job_run);
    *run = (struct az_job_run){.model = all->owner->model,
                               .stage = all->owner->stage,
                               .job = job,
                               .hook = hook,
                               .hook_kind = kind,
                               .increment = increment,
                               .owner = all->leg->job};
    map_init(&run->outputs, p->arena, MAP_NOCASE);
    j->impl = run;
    add_steps(p->arena, j, &hook->steps);
    j->needs = arena_array(p->arena, all->list.n + 1, sizeof *j->needs);
    for (size_t i = 0; i < all->list.n;
         i++) /* on.success and on.failure exclude each other, and need what is before both */
        if (kind != AZ_ON_FAILURE || ((struct az_job_run *)all->list.p[i]->impl)->hook_kind != AZ_ON_SUCCESS)
            j->needs[j->n_needs++] = all->list.p[i];
    vec_push_in(p->arena, &all->list, j);
}

static void add_round(struct adding *all, struct str increment)
{
    static const enum az_hook_kind kinds[] = {AZ_DEPLOY, AZ_ROUTE_TRAFFIC, AZ_POST_ROUTE_TRAFFIC};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        add_hook(all, kinds[i], increment);
}

void az_add_hooks(struct leg *leg)
{
    const struct az_job_run *owner = leg->job->impl;
    struct adding all = {.leg = leg, .owner = owner};
    const struct az_texts *increments = &owner->job->increments;
    add_hook(&all, AZ_PRE_DEPLOY, STR(""));
    for (size_t i = 0; owner->job->strategy == AZ_CANARY && i < increments->n; i++)
        add_round(&all, increments->p[i]);
    if (owner->job->strategy != AZ_CANARY || increments->n == 0)
        add_round(&all, STR(""));
    add_hook(&all, AZ_ON_SUCCESS, STR(""));
    add_hook(&all, AZ_ON_FAILURE, STR(""));
}

/* ---- the turn of a hook ---- */

/* Before continueOnError, which is the deployment's and speaks to the jobs behind it. */
static bool has_failed(const struct job *hook)
{
    for (size_t i = 0; i < hook->n_legs; i++)
        if (hook->legs[i]->outcome && hook->legs[i]->outcome->result == RESULT_FAILURE)
            return true;
    return false;
}

static bool all_good(const struct job *j, const struct job **ret_bad)
{
    for (size_t i = 0; i < j->n_needs; i++) {
        enum az_result r = has_failed(j->needs[i]) ? AZ_FAILED : az_job_result(j->needs[i]);
        if (r != AZ_NOT_RUN && r != AZ_SUCCEEDED && r != AZ_WITH_ISSUES) {
            *ret_bad = j->needs[i];
            return false;
        }
    }
    return true;
}

static enum gate pass_over(struct job *j, struct str why, struct str *ret_why)
{
    struct az_job_run *run = j->impl;
    run->result = AZ_SKIPPED;
    *ret_why = why;
    return GATE_SKIP;
}

static bool waits_before(const struct job *j, struct str *ret_why)
{
    const struct az_job_run *run = j->impl;
    const struct job *bad = NULL;
    bool good = all_good(j, &bad);
    struct arena *a = j->plan->arena;
    if (job_cancelled(j)) {
        *ret_why = STR("the run was cancelled");
        return true;
    }
    if (run->hook_kind == AZ_ON_FAILURE && good)
        *ret_why = STR("no hook failed");
    else if (run->hook_kind != AZ_ON_FAILURE && !good)
        *ret_why = arena_printf(a, "hook '%.*s' did not succeed", STR_ARG(bad->own_id));
    else
        return false;
    return true;
}

/* What the deployment knows, and the hook's own predefined variables. */
static void hook_vars(const struct job *j, struct az_leg *impl)
{
    const struct az_leg *owner = j->caller->impl;
    struct az_slice slice = {.strategy = impl->job->job->strategy};
    az_vars_init(&impl->vars, j->plan->arena);
    az_vars_copy(&impl->vars, &owner->vars);
    az_renumber(impl->job->model, &impl->vars);
    az_predefined_job(&impl->vars, impl, &slice);
    az_vars_settle(&impl->vars);
}

static bool has_download(const struct az_steps *steps)
{
    for (size_t i = 0; i < steps->n; i++)
        if (str_eq_nocase(steps->p[i].task, STR(AZ_DOWNLOAD_TASK)))
            return true;
    return false;
}

enum gate az_hook_gate(struct job *j, const struct facts *f, bool preview, struct str *ret_why)
{
    struct az_job_run *run = j->impl;
    struct arena *a = j->plan->arena;
    const struct az_leg *owner = j->caller->impl;
    struct err e = {0};
    struct str why;
    if (!preview && waits_before(j, &why))
        return pass_over(j, why, ret_why);
    struct leg *leg = plan_add_leg(j, j->id, j->name);
    struct az_leg *impl = ARENA_NEW(a, struct az_leg);
    *impl = (struct az_leg){.job = run,
                            .steps = &run->hook->steps,
                            .display_name = owner->display_name,
                            .continue_on_error = STR(""),
                            .implicit_download = run->hook_kind == AZ_DEPLOY && !has_download(&run->hook->steps)};
    leg->impl = impl;
    hook_vars(j, impl);
    struct az_asking q = {.arena = a, .model = run->model, .vars = &impl->vars, .preview = preview};
    if (az_fill_leg(leg, &q, f, &e) < 0) {
        run->result = preview ? AZ_NOT_RUN : AZ_ABANDONED;
        *ret_why = arena_cstr(a, e.text);
        return GATE_FAIL;
    }
    return GATE_RUN;
}

/* ---- the end ---- */

/* 'deploy.step.var', 'Job.step.var', and with a resource 'Deploy_resource.step.var' (specification 7.3). */
static void take_outputs(struct arena *a, const struct job *hook, struct map *into)
{
    const struct az_job_run *run = hook->impl;
    for (size_t i = 0; i < run->outputs.n; i++) {
        struct str key = run->outputs.entries[i].key, value = map_get_str(&run->outputs, key);
        map_set_str(into, arena_printf(a, "%.*s.%.*s", STR_ARG(hook->own_id), STR_ARG(key)), value);
        map_set_str(into, arena_printf(a, "%.*s.%.*s", STR_ARG(run->job->id), STR_ARG(key)), value);
        if (run->job->resource.n > 0)
            map_set_str(
                into,
                arena_printf(a, "%.*s_%.*s.%.*s", STR_ARG(hook->own_id), STR_ARG(run->job->resource), STR_ARG(key)),
                value);
    }
}

void az_gather(const struct leg *leg, struct leg_outcome *ret)
{
    const struct plan *p = leg->job->plan;
    struct az_leg *impl = leg->impl;
    *ret = (struct leg_outcome){.result = RESULT_SKIPPED};
    map_init(&ret->outputs, p->arena, MAP_NOCASE);
    impl->result = AZ_SKIPPED;
    for (size_t i = 0; i < p->n_jobs; i++)
        if (p->jobs[i]->caller == leg) {
            impl->result = az_result_merge(impl->result, az_job_result(p->jobs[i]));
            take_outputs(p->arena, p->jobs[i], &ret->outputs);
        }
    impl->outputs = ret->outputs;
    ret->result = az_result_plain(impl->result);
    if (impl->result == AZ_FAILED && str_is_nocase(impl->continue_on_error, "true"))
        impl->result = AZ_WITH_ISSUES;
    ret->conclusion = az_result_plain(impl->result);
}
