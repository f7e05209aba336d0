/*
 * az_vars.c - variables by name, in any case: setting, asking, and their forms in expressions and environments
 * (specification 7.4).
 */
#include "core/base.h"
#include "provider/azure/model_priv.h"

void az_vars_init(struct az_vars *v, struct arena *a)
{
    v->arena = a;
    map_init(&v->map, a, MAP_NOCASE);
}

/* Texts are shared: an arena that is copied from lives longer than the one that is copied to. */
void az_vars_copy(struct az_vars *to, const struct az_vars *from)
{
    struct az_var *copies = arena_array(to->arena, from->map.n + 1, sizeof *copies);
    for (size_t i = 0; i < from->map.n; i++) {
        const struct az_var *old = from->map.entries[i].value;
        struct az_var *copy = map_get(&to->map, old->name);
        struct str name = copy ? copy->name : old->name;
        if (!copy)
            map_set(&to->map, name, copy = &copies[i]);
        *copy = *old;
        copy->name = name;
    }
}

static struct az_var *make(struct az_vars *v, struct str name)
{
    struct az_var *x = map_get(&v->map, name);
    if (!x) {
        x = ARENA_NEW(v->arena, struct az_var);
        x->name = arena_str(v->arena, name);
        map_set(&v->map, x->name, x);
    }
    return x;
}

void az_vars_set(struct az_vars *v, struct str name, struct str value, bool secret, bool readonly)
{
    struct az_var *x = make(v, name);
    *x = (struct az_var){x->name, arena_str(v->arena, value), secret, readonly, false};
}

void az_vars_set_weak(struct az_vars *v, struct str name, struct str value)
{
    const struct az_var *old = az_vars_find(v, name);
    if (old && !old->weak)
        return;
    struct az_var *x = make(v, name);
    *x = (struct az_var){x->name, arena_str(v->arena, value), false, false, true};
}

const struct az_var *az_vars_find(const struct az_vars *v, struct str name)
{
    return map_get(&v->map, name);
}

struct str az_vars_get(const struct az_vars *v, const char *name)
{
    const struct az_var *x = az_vars_find(v, str_from(name));
    return x ? x->value : STR_NONE;
}

struct az_value *az_vars_value(struct arena *a, const struct az_vars *v)
{
    struct az_value *o = az_object(a, true);
    for (size_t i = 0; i < v->map.n; i++) {
        const struct az_var *x = v->map.entries[i].value;
        az_set(a, o, x->name, az_string(a, x->value));
    }
    return o;
}

struct str az_env_name(struct arena *a, struct str name)
{
    char *p = arena_alloc(a, name.n + 1);
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        p[i] = c == '.' || c == ' ' ? '_' : c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    return (struct str){p, name.n};
}
