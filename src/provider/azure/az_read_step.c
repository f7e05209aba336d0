/*
 * az_read_step.c - steps of the canonical tree: each a task with inputs (specification 3.6).
 */
#include "core/base.h"
#include "core/num.h"
#include "core/vec.h"
#include "provider/azure/read_priv.h"

static void read_map(struct arena *a, const struct az_value *v, enum map_case fold, struct map *ret)
{
    map_init(ret, a, fold);
    for (size_t i = 0; v != NULL && v->kind == AZ_OBJECT && i < v->object.n; i++)
        map_set_str(ret, v->object.p[i].key->text, az_scalar(a, v->object.p[i].value));
}

static void read_target(struct az_reader *r, const struct az_value *v, struct az_step *ret)
{
    if (v == NULL || v->kind != AZ_OBJECT)
        return;
    ret->target = az_member(v, "container");
    ret->restricted = str_is_nocase(az_member(v, "commands"), "restricted");
    az_read_texts(r, az_get(v, STR("settableVariables")), &ret->settable);
    if (ret->settable.n == 1 && str_is_nocase(ret->settable.p[0], "none"))
        ret->settable.n = 0;
}

#define RETRIES_MAX 10
static void check_step(struct az_reader *r, const struct az_value *v, const struct az_step *step)
{
    uint64_t retries = 0;
    if (step->version.n == 0) {
        az_warning(r->d, "AZ318", az_get(v, STR("task")), "task '%.*s' has no version", STR_ARG(step->task));
        az_hint(r->d, "the service wants its major version, as in Bash@3");
    }
    if (num_parse_u64(str_trim(step->retries), UINT32_MAX, &retries) == 0 && retries > RETRIES_MAX)
        az_warning(r->d, "AZ320", az_get(v, STR("retryCountOnTaskFailure")), "a task is tried again %d times at most",
                   RETRIES_MAX);
}

static void read_step(struct az_reader *r, const struct az_value *v, struct az_step *ret)
{
    *ret = (struct az_step){.at = v, .enabled = az_member_bool(v, "enabled", true)};
    str_cut(az_member(v, "task"), '@', &ret->task, &ret->version);
    ret->name = az_member(v, "name");
    ret->display_name = az_member(v, "displayName");
    ret->condition_at = az_get(v, STR("condition"));
    ret->condition = str_trim(az_member(v, "condition"));
    ret->continue_on_error = az_member(v, "continueOnError");
    ret->timeout_minutes = az_member(v, "timeoutInMinutes");
    ret->retries = az_member(v, "retryCountOnTaskFailure");
    read_map(r->arena, az_get(v, STR("inputs")), MAP_NOCASE, &ret->inputs);
    read_map(r->arena, az_get(v, STR("env")), MAP_CASE, &ret->env);
    read_target(r, az_get(v, STR("target")), ret);
    check_step(r, v, ret);
}

/* `checkout: none` means none at all. */
static void check_checkouts(struct az_reader *r, const struct az_steps *steps)
{
    const struct az_step *none = NULL, *other = NULL;
    for (size_t i = 0; i < steps->n; i++) {
        const struct az_step *s = &steps->p[i];
        if (!str_is_nocase(s->task, AZ_CHECKOUT_TASK))
            continue;
        if (str_is_nocase(map_get_str(&s->inputs, STR("repository")), "none"))
            none = s;
        else
            other = s;
    }
    if (none == NULL || other == NULL)
        return;
    az_error(r->d, "AZ316", none->at, "checkout: none stands beside another checkout");
    az_hint(r->d, "leave one of them out");
}

void az_read_steps(struct az_reader *r, const struct az_value *list, struct az_steps *ret)
{
    for (size_t i = 0; list != NULL && list->kind == AZ_ARRAY && i < list->array.n; i++) {
        const struct az_value *v = list->array.p[i];
        if (az_member(v, "task").n == 0) /* an include that was not followed, which was told */
            continue;
        struct az_step step;
        read_step(r, v, &step);
        vec_push_in(r->arena, ret, step);
    }
    check_checkouts(r, ret);
}
