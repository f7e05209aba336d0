/*
 * az_expr_func.c - the table of functions, and those that decide: logic, comparison, choice (specification 6.3).
 */
#include "core/base.h"
#include "provider/azure/ast_priv.h"
#include "provider/azure/func_priv.h"

static int give(struct az_eval *ev, bool b, struct az_value **ret)
{
    *ret = az_bool(ev->a, b);
    return 0;
}

/* ---- logic: arguments behind the one that decides are not looked at ---- */

static int until(struct az_eval *ev, const struct az_expr *x, bool stop, struct az_value **ret)
{
    struct az_value *v = NULL;
    for (size_t i = 0; i < x->args.n; i++) {
        int r = az_eval(ev, x->args.p[i], &v);
        if (r < 0)
            return r;
        if (az_truth(v) == stop)
            return give(ev, stop, ret);
    }
    return give(ev, !stop, ret);
}

static int call_and(struct az_eval *ev, const struct az_expr *x, struct az_value **ret)
{
    return until(ev, x, false, ret);
}

static int call_or(struct az_eval *ev, const struct az_expr *x, struct az_value **ret)
{
    return until(ev, x, true, ret);
}

static int call_not(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret)
{
    UNUSED(n);
    return give(ev, !az_truth(args[0]), ret);
}

static int call_xor(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret)
{
    UNUSED(n);
    return give(ev, az_truth(args[0]) != az_truth(args[1]), ret);
}

/* ---- comparison ---- */

static int call_eq(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret)
{
    UNUSED(n);
    return give(ev, az_equal(ev->a, args[0], args[1]), ret);
}

static int call_ne(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret)
{
    UNUSED(n);
    return give(ev, !az_equal(ev->a, args[0], args[1]), ret);
}

static int order_of(struct az_eval *ev, struct az_value *const *args, int *ret)
{
    return az_order(ev->a, args[0], args[1], ret, ev->e);
}

static int call_lt(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret)
{
    int order, r = order_of(ev, args, &order);
    UNUSED(n);
    return r < 0 ? r : give(ev, order < 0, ret);
}

static int call_le(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret)
{
    int order, r = order_of(ev, args, &order);
    UNUSED(n);
    return r < 0 ? r : give(ev, order <= 0, ret);
}

static int call_gt(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret)
{
    int order, r = order_of(ev, args, &order);
    UNUSED(n);
    return r < 0 ? r : give(ev, order > 0, ret);
}

static int call_ge(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret)
{
    int order, r = order_of(ev, args, &order);
    UNUSED(n);
    return r < 0 ? r : give(ev, order >= 0, ret);
}

/* Is the first argument one of the others? The first match ends the search. */
static int is_in(struct az_eval *ev, const struct az_expr *x, bool *ret)
{
    struct az_value *left = NULL, *right = NULL;
    int r = az_eval(ev, x->args.p[0], &left);
    *ret = false;
    for (size_t i = 1; r == 0 && !*ret && i < x->args.n; i++) {
        r = az_eval(ev, x->args.p[i], &right);
        *ret = r == 0 && az_equal(ev->a, left, right);
    }
    return r;
}

static int call_in(struct az_eval *ev, const struct az_expr *x, struct az_value **ret)
{
    bool found;
    int r = is_in(ev, x, &found);
    return r < 0 ? r : give(ev, found, ret);
}

static int call_not_in(struct az_eval *ev, const struct az_expr *x, struct az_value **ret)
{
    bool found;
    int r = is_in(ev, x, &found);
    return r < 0 ? r : give(ev, !found, ret);
}

/* The value that is looked for says as what the others are taken. */
static int call_contains_value(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret)
{
    const struct az_value *all = args[0];
    bool found = false;
    UNUSED(n);
    if (all->kind == AZ_ARRAY)
        for (size_t i = 0; !found && i < all->array.n; i++)
            found = az_equal(ev->a, args[1], all->array.p[i]);
    if (all->kind == AZ_OBJECT)
        for (size_t i = 0; !found && i < all->object.n; i++)
            found = az_equal(ev->a, args[1], all->object.p[i].value);
    return give(ev, found, ret);
}

/* ---- choice ---- */

/* The first one that is neither null nor an empty text; false and 0 are values. */
static int call_coalesce(struct az_eval *ev, const struct az_expr *x, struct az_value **ret)
{
    struct az_value *v = NULL;
    for (size_t i = 0; i < x->args.n; i++) {
        int r = az_eval(ev, x->args.p[i], &v);
        if (r < 0)
            return r;
        if (v->kind == AZ_NULL || (v->kind == AZ_STRING && v->text.n == 0))
            continue;
        *ret = v;
        return 0;
    }
    *ret = az_string(ev->a, STR(""));
    return 0;
}

/* Both branches are evaluated, as at the service: an error in the one that is not taken counts. */
static int call_iif(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret)
{
    UNUSED(ev);
    UNUSED(n);
    *ret = az_truth(args[0]) ? args[1] : args[2];
    return 0;
}

/* ---- the table ---- */

static const struct az_function functions[] = {
    {"and", 2, AZ_ANY_NUMBER, NULL, call_and},
    {"coalesce", 2, AZ_ANY_NUMBER, NULL, call_coalesce},
    {"contains", 2, 2, az_call_contains, NULL},
    {"containsValue", 2, 2, call_contains_value, NULL},
    {"convertToJson", 1, 1, az_call_to_json, NULL},
    {"endsWith", 2, 2, az_call_ends_with, NULL},
    {"eq", 2, 2, call_eq, NULL},
    {"format", 1, 255, NULL, az_call_format},
    {"ge", 2, 2, call_ge, NULL},
    {"gt", 2, 2, call_gt, NULL},
    {"iif", 3, 3, call_iif, NULL},
    {"in", 2, AZ_ANY_NUMBER, NULL, call_in},
    {"join", 2, 2, az_call_join, NULL},
    {"le", 2, 2, call_le, NULL},
    {"length", 1, 1, az_call_length, NULL},
    {"lower", 1, 1, az_call_lower, NULL},
    {"lt", 2, 2, call_lt, NULL},
    {"ne", 2, 2, call_ne, NULL},
    {"not", 1, 1, call_not, NULL},
    {"notIn", 2, AZ_ANY_NUMBER, NULL, call_not_in},
    {"or", 2, AZ_ANY_NUMBER, NULL, call_or},
    {"replace", 3, 3, az_call_replace, NULL},
    {"split", 2, 2, az_call_split, NULL},
    {"startsWith", 2, 2, az_call_starts_with, NULL},
    {"substring", 2, 3, az_call_substring, NULL},
    {"trim", 1, 1, az_call_trim, NULL},
    {"upper", 1, 1, az_call_upper, NULL},
    {"xor", 2, 2, call_xor, NULL},
};

const struct az_function *az_function_find(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(functions); i++)
        if (str_is_nocase(name, functions[i].name))
            return &functions[i];
    return NULL;
}
