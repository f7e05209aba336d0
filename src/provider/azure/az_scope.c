/*
 * az_scope.c - what the expressions of one file see (specification 5.3): the predefined variables, those that were
 * read already, the innermost first, and the file's own parameters.
 */
#include "core/base.h"
#include "provider/azure/template_priv.h"

void az_env_init(struct az_env *env, struct az_walk *w, const struct az_frame *frame)
{
    struct arena *a = w->x->arena;
    *env = (struct az_env){.w = w, .frame = frame};
    vec_push_in(a, &env->names, ((struct az_named){STR("parameters"), az_object(a, true)}));
    vec_push_in(a, &env->names, ((struct az_named){STR("variables"), w->x->variables}));
    az_scope_open(env);
}

static struct az_value *copy_of(struct arena *a, const struct az_value *from)
{
    struct az_value *to = az_object(a, true);
    for (size_t i = 0; from && i < from->object.n; i++)
        az_add(a, to, from->object.p[i].key, from->object.p[i].value);
    return to;
}

const struct az_value *az_scope_open(struct az_env *env)
{
    const struct az_value *outer = env->names.p[1].value;
    env->names.p[1].value = copy_of(env->w->x->arena, outer);
    return outer;
}

void az_scope_close(struct az_env *env, const struct az_value *outer)
{
    env->names.p[1].value = outer;
}

void az_scope_pair(struct az_env *env, const struct az_value *key, const struct az_value *value)
{
    struct arena *a = env->w->x->arena;
    struct az_value *variables = (struct az_value *)(uintptr_t)env->names.p[1].value;
    if (az_is_scalar(value) && key->text.n > 0)
        az_set(a, variables, key->text, az_string(a, az_scalar(a, value)));
}

void az_scope_entry(struct az_env *env, const struct az_value *entry)
{
    const struct az_value *name = az_get(entry, STR("name")), *value = az_get(entry, STR("value"));
    if (name && value && az_is_scalar(name)) {
        struct az_value key = *name;
        key.text = az_scalar(env->w->x->arena, name);
        az_scope_pair(env, &key, value);
    }
}
