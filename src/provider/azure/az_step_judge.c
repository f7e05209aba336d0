/*
 * az_step_judge.c - conditions of steps, and how results are merged (specification 7.2, "step slot", and 7.7).
 */
#include "core/base.h"
#include "provider/azure/agent_priv.h"

/* ---- conditions ---- */

/* Status functions look at the job's status so far (Agent.JobStatus), which a cancel makes Canceled. */
static int call_status(void *ctx, struct arena *a, struct str function, struct az_value *const *args, size_t n,
                       struct az_value **ret, struct err *e)
{
    const struct az_run *r = ctx;
    bool good = r->result == AZ_SUCCEEDED || r->result == AZ_WITH_ISSUES, held;
    UNUSED(args);
    UNUSED(n);
    if (str_is_nocase(function, "always"))
        held = true;
    else if (str_is_nocase(function, "succeeded"))
        held = good;
    else if (str_is_nocase(function, "failed"))
        held = r->result == AZ_FAILED;
    else if (str_is_nocase(function, "succeededOrFailed"))
        held = good || r->result == AZ_FAILED;
    else if (str_is_nocase(function, "canceled"))
        held = r->result == AZ_CANCELED;
    else
        return err_set(e, ENOENT, "Unrecognized value: '%.*s'", STR_ARG(function));
    *ret = az_bool(a, held);
    return 0;
}

int az_condition(struct az_run *r, struct str condition, bool *ret, struct err *e)
{
    static const struct str NAMES[] = {{"variables", 9}};
    const struct az_slot slot = {.what = "a step's condition",
                                 .names = NAMES,
                                 .n_names = ARRAY_LEN(NAMES),
                                 .status = AZ_STEP_STATUS,
                                 .any_name = true};
    CLEAN(arena) struct arena *a = arena_new();
    const struct az_named variables = {NAMES[0], az_vars_value(a, &r->vars)};
    const struct az_scope scope = {.arena = a, .names = &variables, .n_names = 1, .call = call_status, .ctx = r};
    struct az_value *v = NULL;
    int rc = az_evaluate(condition, &slot, &scope, &v, e);
    if (rc < 0)
        return rc;
    *ret = az_truth(v);
    return 0;
}

/* ---- results ---- */

/* In the agent's order: what is behind Failed was said on purpose and stays. */
static unsigned rank(enum az_result r)
{
    switch (r) {
    case AZ_NOT_RUN:
    case AZ_SUCCEEDED:
        break;
    case AZ_WITH_ISSUES:
        return 1;
    case AZ_FAILED:
        return 2;
    case AZ_CANCELED:
        return 3;
    case AZ_SKIPPED:
        return 4;
    case AZ_ABANDONED:
        return 5;
    }
    return 0;
}

enum az_result az_step_merge(enum az_result now, enum az_result coming)
{
    if (now == AZ_NOT_RUN)
        return coming;
    if (rank(now) > rank(AZ_FAILED))
        return now;
    return rank(coming) >= rank(now) ? coming : now;
}

enum az_result az_result_read(struct str name)
{
    static const enum az_result ALL[] = {AZ_SUCCEEDED, AZ_WITH_ISSUES, AZ_FAILED,
                                         AZ_CANCELED,  AZ_SKIPPED,     AZ_ABANDONED};
    for (size_t i = 0; i < ARRAY_LEN(ALL); i++)
        if (str_is(name, az_result_name(ALL[i])))
            return ALL[i];
    return AZ_NOT_RUN;
}

void az_job_status(struct az_run *r, enum az_result result)
{
    r->result = result;
    az_vars_set(&az_agent(r)->raw, STR("Agent.JobStatus"), str_from(az_result_name(result)), false, true);
    az_vars_set(&r->vars, STR("Agent.JobStatus"), str_from(az_result_name(result)), false, true);
}
