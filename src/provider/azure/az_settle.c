/*
 * az_settle.c - the result of a job from those of its legs, in the service's own words beside the engine's, and its
 * outputs as other jobs find them (specification 7.3, 7.7).
 */
#include "core/base.h"
#include "provider/azure/plan_priv.h"

static enum az_result leg_result(const struct leg *leg)
{
    const struct az_leg *impl = leg->impl;
    if (impl->result != AZ_NOT_RUN || !leg->outcome)
        return impl->result;
    return az_result_of(leg->outcome->conclusion);
}

/* 'step.var', or 'leg.step.var' where there are several. */
static void take_outputs(struct arena *a, const struct leg *leg, struct map *into)
{
    const struct az_leg *impl = leg->impl;
    for (size_t i = 0; i < impl->outputs.n; i++) {
        struct str key = impl->outputs.entries[i].key, value = map_get_str(&impl->outputs, key);
        if (impl->slice.n > 0)
            key = arena_printf(a, "%.*s.%.*s", STR_ARG(impl->slice), STR_ARG(key));
        map_set_str(into, key, value);
    }
}

/* Of what is shown the worst counts; what did not run says nothing. */
static enum result worse(enum result a, enum result b)
{
    static const enum result order[] = {RESULT_CANCELLED, RESULT_FAILURE, RESULT_SUCCESS, RESULT_SKIPPED};
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        if (a == order[i] || b == order[i])
            return order[i];
    return RESULT_NONE;
}

void az_settle(struct job *j, const struct leg_outcome *legs, size_t n, struct leg_outcome *ret)
{
    struct az_job_run *run = j->impl;
    struct arena *a = j->plan->arena;
    struct leg_outcome out = {.result = RESULT_SKIPPED};
    enum az_result merged = AZ_SKIPPED;
    map_init(&out.outputs, a, MAP_NOCASE);
    for (size_t i = 0; i < n; i++) {
        out.result = worse(out.result, legs[i].result);
        if (out.why.n == 0 && legs[i].result == out.result)
            out.why = legs[i].why;
    }
    for (size_t i = 0; i < j->n_legs; i++) {
        merged = az_result_merge(merged, leg_result(j->legs[i]));
        take_outputs(a, j->legs[i], &out.outputs);
    }
    run->result = merged;
    run->outputs = out.outputs;
    out.conclusion = az_result_plain(merged);
    *ret = out;
}
