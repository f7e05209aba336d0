/*
 * az_expand_settle.c - values that hold no expression any more: references to templates in them are followed, and
 * variables become visible. What nothing is done to is returned as it is.
 */
#include "core/base.h"
#include "provider/azure/template_priv.h"

static bool is_hook(struct str key)
{
    static const char *const keys[] = {"runOnce",      "rolling",          "canary", "preDeploy", "deploy",
                                       "routeTraffic", "postRouteTraffic", "on",     "success",   "failure"};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (str_is(key, keys[i]))
            return true;
    return false;
}

static enum az_role role_in_pipeline(struct str key)
{
    static const struct {
        const char *key;
        enum az_role role;
    } roles[] = {
        {"stages", AZ_ROLE_STAGES},   {"jobs", AZ_ROLE_JOBS},           {"phases", AZ_ROLE_JOBS},
        {"steps", AZ_ROLE_STEPS},     {"variables", AZ_ROLE_VARIABLES}, {"resources", AZ_ROLE_RESOURCES},
        {"trigger", AZ_ROLE_TRIGGER}, {"pr", AZ_ROLE_TRIGGER},          {"parameters", AZ_ROLE_PARAMETERS},
    };
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        if (str_is(key, roles[i].key))
            return roles[i].role;
    return AZ_DATA;
}

enum az_role az_role_of(enum az_role parent, struct str key)
{
    switch (parent) {
    case AZ_ROLE_PIPELINE:
        return role_in_pipeline(key);
    case AZ_ROLE_STAGE:
        if (str_is(key, "variables"))
            return AZ_ROLE_VARIABLES;
        return str_is(key, "jobs") || str_is(key, "phases") ? AZ_ROLE_JOBS : AZ_DATA;
    case AZ_ROLE_JOB:
        if (str_is(key, "variables"))
            return AZ_ROLE_VARIABLES;
        if (str_is(key, "strategy"))
            return AZ_ROLE_STRATEGY;
        return str_is(key, "steps") ? AZ_ROLE_STEPS : AZ_DATA;
    case AZ_ROLE_STRATEGY:
        if (is_hook(key))
            return AZ_ROLE_STRATEGY;
        return str_is(key, "steps") ? AZ_ROLE_STEPS : AZ_DATA;
    case AZ_ROLE_RESOURCES:
        return str_is(key, "repositories") ? AZ_ROLE_REPOSITORIES : AZ_DATA;
    case AZ_ROLE_TRIGGER:
        return AZ_ROLE_TRIGGER;
    case AZ_DATA:
    case AZ_ROLE_STAGES:
    case AZ_ROLE_JOBS:
    case AZ_ROLE_STEPS:
    case AZ_ROLE_VARIABLES:
    case AZ_ROLE_REPOSITORIES:
    case AZ_ROLE_PARAMETERS:
        return AZ_DATA;
    }
    BUG("no such role: %d", (int)parent);
}

enum az_role az_role_item(enum az_role list)
{
    if (list == AZ_ROLE_STAGES)
        return AZ_ROLE_STAGE;
    if (list == AZ_ROLE_JOBS)
        return AZ_ROLE_JOB;
    return list == AZ_ROLE_TRIGGER ? AZ_ROLE_TRIGGER : AZ_DATA;
}

static bool takes_templates(enum az_role list)
{
    return list == AZ_ROLE_STAGES || list == AZ_ROLE_JOBS || list == AZ_ROLE_STEPS || list == AZ_ROLE_VARIABLES;
}

static bool is_reference(const struct az_value *item, enum az_role list)
{
    return takes_templates(list) && item->kind == AZ_OBJECT && item->object.n > 0 &&
           str_is(item->object.p[0].key->text, "template");
}

void az_push_item(struct az_env *env, struct az_value *list, struct az_value *item, enum az_role role)
{
    if (is_reference(item, role)) {
        az_include(env, item, role, list);
        return;
    }
    if (!az_walk_may(env, item, 1))
        return;
    if (role == AZ_ROLE_VARIABLES)
        az_scope_entry(env, item);
    az_push(env->w->x->arena, list, item);
}

static struct az_value *settle_list(struct az_env *env, struct az_value *v, enum az_role role)
{
    struct arena *a = env->w->x->arena;
    struct az_value *copy = NULL;
    for (size_t i = 0; i < v->array.n && !env->w->stopped; i++) {
        struct az_value *item = v->array.p[i], *settled = item;
        if (!is_reference(item, role))
            settled = az_settle_value(env, item, az_role_item(role));
        if (!copy && (settled != item || is_reference(item, role))) {
            copy = az_at(a, az_array(a), v);
            for (size_t k = 0; k < i; k++)
                az_push(a, copy, v->array.p[k]);
        }
        if (copy)
            az_push_item(env, copy, settled, role);
        else if (role == AZ_ROLE_VARIABLES)
            az_scope_entry(env, item);
    }
    return copy ? copy : v;
}

static struct az_value *settle_object(struct az_env *env, struct az_value *v, enum az_role role)
{
    struct arena *a = env->w->x->arena;
    struct az_value *copy = NULL;
    for (size_t i = 0; i < v->object.n && !env->w->stopped; i++) {
        struct az_pair p = v->object.p[i];
        struct az_value *settled = az_settle_value(env, p.value, az_role_of(role, p.key->text));
        if (!copy && settled != p.value) {
            copy = az_at(a, az_object(a, false), v);
            for (size_t k = 0; k < i; k++)
                az_add(a, copy, v->object.p[k].key, v->object.p[k].value);
        }
        if (copy)
            az_add(a, copy, p.key, settled);
        if (role == AZ_ROLE_VARIABLES)
            az_scope_pair(env, p.key, settled);
    }
    return copy ? copy : v;
}

struct az_value *az_settle_value(struct az_env *env, const struct az_value *value, enum az_role role)
{
    struct az_value *v = (struct az_value *)(uintptr_t)value;
    if (role == AZ_DATA || az_is_scalar(v) || role == AZ_ROLE_PARAMETERS || !az_walk_down(env, v))
        return v;
    v = v->kind == AZ_ARRAY ? settle_list(env, v, role) : settle_object(env, v, role);
    az_walk_up(env);
    return v;
}
