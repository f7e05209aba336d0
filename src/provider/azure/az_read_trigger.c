/*
 * az_read_trigger.c - trigger, pr and schedules of the canonical tree (specification 3.2).
 */
#include "core/base.h"
#include "core/vec.h"
#include "provider/azure/read_priv.h"

static void read_filter(struct az_reader *r, const struct az_value *v, struct az_filter *ret)
{
    if (v == NULL || v->kind != AZ_OBJECT)
        return;
    ret->set = true;
    ret->at = v;
    az_read_texts(r, az_get(v, STR("include")), &ret->include);
    az_read_texts(r, az_get(v, STR("exclude")), &ret->exclude);
}

void az_read_trigger(struct az_reader *r, const struct az_value *v, struct az_trigger *ret)
{
    if (v == NULL || v->kind != AZ_OBJECT)
        return;
    ret->at = v;
    ret->how = az_member_bool(v, "enabled", true) ? AZ_TRIGGER_SET : AZ_TRIGGER_NONE;
    ret->batch = az_member_bool(v, "batch", false);
    ret->no_drafts = !az_member_bool(v, "drafts", true);
    read_filter(r, az_get(v, STR("branches")), &ret->branches);
    read_filter(r, az_get(v, STR("tags")), &ret->tags);
    read_filter(r, az_get(v, STR("paths")), &ret->paths);
}

void az_read_schedules(struct az_reader *r, const struct az_value *list)
{
    struct az_pipeline *p = r->pipeline;
    for (size_t i = 0; list != NULL && list->kind == AZ_ARRAY && i < list->array.n; i++) {
        const struct az_value *v = list->array.p[i];
        struct az_schedule s = {.cron = az_member(v, "cron"), .display_name = az_member(v, "displayName"), .at = v};
        s.always = az_member_bool(v, "always", false);
        read_filter(r, az_get(v, STR("branches")), &s.branches);
        if (p->n_schedules == p->cap_schedules)
            p->schedules = vec_grow_(r->arena, p->schedules, p->n_schedules, &p->cap_schedules, sizeof s);
        p->schedules[p->n_schedules++] = s;
    }
}
