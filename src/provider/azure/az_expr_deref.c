/*
 * az_expr_deref.c - members, indexes and wildcards (specification 6.4).
 */
#include "core/base.h"
#include "provider/azure/ast_priv.h"

#include <math.h>

/* What lies under key, or NULL: nothing does. */
static struct az_value *look_up(struct az_eval *ev, const struct az_value *v, const struct az_value *key)
{
    double i;
    if (v->kind == AZ_OBJECT)
        return az_is_scalar(key) ? az_get(v, az_scalar(ev->a, key)) : NULL;
    if (v->kind != AZ_ARRAY || az_to_number(key, &i, NULL) < 0)
        return NULL;
    i = floor(i);
    return i >= 0 && i < (double)v->array.n ? v->array.p[(size_t)i] : NULL;
}

static int push(struct az_eval *ev, struct az_value *to, struct az_value *item)
{
    int r = az_charge(ev, sizeof item);
    if (r == 0)
        az_push(ev->a, to, item);
    return r;
}

static int add_children(struct az_eval *ev, const struct az_value *v, struct az_value *to)
{
    int r = 0;
    if (v->kind == AZ_ARRAY)
        for (size_t i = 0; r == 0 && i < v->array.n; i++)
            r = push(ev, to, v->array.p[i]);
    if (v->kind == AZ_OBJECT)
        for (size_t i = 0; r == 0 && i < v->object.n; i++)
            r = push(ev, to, v->object.p[i].value);
    return r;
}

static struct az_value *spread(struct az_eval *ev)
{
    struct az_value *all = az_array(ev->a);
    all->spread = true;
    return all;
}

/* x.* and x[*]: the children of x; behind another wildcard, those of each of its items. */
static int all_of(struct az_eval *ev, const struct az_value *v, struct az_value **ret)
{
    struct az_value *all = spread(ev);
    int r = 0;
    if (v->spread)
        for (size_t i = 0; r == 0 && i < v->array.n; i++)
            r = add_children(ev, v->array.p[i], all);
    else
        r = add_children(ev, v, all);
    *ret = all;
    return r;
}

/* Behind a wildcard: what each item has under key; items without it are left out. */
static int each_of(struct az_eval *ev, const struct az_value *v, const struct az_value *key, struct az_value **ret)
{
    struct az_value *all = spread(ev), *found;
    int r = 0;
    for (size_t i = 0; r == 0 && i < v->array.n; i++)
        if ((found = look_up(ev, v->array.p[i], key)))
            r = push(ev, all, found);
    *ret = all;
    return r;
}

/* parameters.x of one that is not declared: null would hide a slip of the pen. */
static int missing(struct az_eval *ev, const struct az_expr *x, size_t i, const struct az_value *key)
{
    bool parameters = x->kind == AZ_NODE_NAME && i == 0 && str_is_nocase(x->name, "parameters");
    struct str name = az_scalar(ev->a, key);
    if (parameters && ev->scope->strict_parameters)
        return err_set(ev->e, EINVAL, "Key not found '%.*s'", STR_ARG(name));
    return 0;
}

static int one_of(struct az_eval *ev, const struct az_expr *x, size_t i, struct az_value **v)
{
    struct az_value *key = NULL, *found;
    int r = az_eval(ev, x->members.p[i].key, &key);
    if (r < 0)
        return r;
    if ((*v)->spread)
        return each_of(ev, *v, key, v);
    found = look_up(ev, *v, key);
    if (!found)
        r = missing(ev, x, i, key);
    *v = found ? found : az_null();
    return r;
}

int az_eval_members(struct az_eval *ev, const struct az_expr *x, struct az_value *v, struct az_value **ret)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < x->members.n; i++)
        r = x->members.p[i].key ? one_of(ev, x, i, &v) : all_of(ev, v, &v);
    if (r == 0)
        *ret = v;
    return r;
}
