/*
 * az_param_value.c - values as the type of a parameter has them (specification 5.4).
 */
#include "core/base.h"
#include "provider/azure/template_priv.h"

static struct arena *arena_of(const struct az_env *env)
{
    return env->w->x->arena;
}

static void refuse(struct az_env *env, const struct az_param *p, const struct az_value *v)
{
    struct diags *d = env->w->x->d;
    if (az_is_scalar(v))
        az_error(d, "AZ056", v, "The '%.*s' parameter value '%.*s' is not a valid %s.", STR_ARG(p->name),
                 STR_ARG(az_scalar(arena_of(env), v)), p->type_word);
    else
        az_error(d, "AZ056", v, "The '%.*s' parameter is not a valid %s.", STR_ARG(p->name), p->type_word);
}

/* ---- values ---- */

/* "'a', 'b'". */
static struct str listed(struct az_env *env, const struct az_value *values)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    for (size_t i = 0; i < values->array.n; i++) {
        struct str text = az_scalar(arena_of(env), values->array.p[i]);
        buf_printf(&b, "%s'%.*s'", i > 0 ? ", " : "", STR_ARG(text));
    }
    return arena_str(arena_of(env), buf_str(&b));
}

/* Is one of the allowed values the same after conversion? Numbers are compared as such. */
static bool is_listed(struct az_env *env, const struct az_param *p, const struct az_value *v)
{
    struct str text = az_scalar(arena_of(env), v);
    for (size_t i = 0; i < p->values->array.n; i++) {
        struct str allowed = az_scalar(arena_of(env), p->values->array.p[i]);
        double number;
        if (str_eq(text, allowed))
            return true;
        if (v->kind == AZ_NUMBER && az_number_read(allowed, &number) && number == v->number)
            return true;
        if (v->kind == AZ_BOOL && str_eq_nocase(text, allowed))
            return true;
    }
    return false;
}

/* v when it may be; NULL when it is none of the `values`. */
static struct az_value *allowed(struct az_env *env, const struct az_param *p, struct az_value *v,
                                const struct az_value *given)
{
    if (!v || !p->values || p->values->kind != AZ_ARRAY || is_listed(env, p, v))
        return v;
    az_error(env->w->x->d, "AZ057", given, "The '%.*s' parameter value '%.*s' is not allowed: it is one of %.*s",
             STR_ARG(p->name), STR_ARG(az_scalar(arena_of(env), v)), STR_ARG(listed(env, p->values)));
    return NULL;
}

/* ---- types ---- */

static struct az_value *as_string(struct az_env *env, const struct az_param *p, const struct az_value *v)
{
    if (!az_is_scalar(v)) {
        refuse(env, p, v);
        return NULL;
    }
    return az_at(arena_of(env), az_string(arena_of(env), az_scalar(arena_of(env), v)), v);
}

static struct az_value *as_number(struct az_env *env, const struct az_param *p, const struct az_value *v)
{
    double number;
    if (v->kind == AZ_NUMBER)
        return (struct az_value *)(uintptr_t)v;
    struct str text = az_is_scalar(v) ? az_scalar(arena_of(env), v) : STR("");
    if (text.n == 0 || !az_number_read(text, &number)) {
        refuse(env, p, v);
        return NULL;
    }
    return az_at(arena_of(env), az_number(arena_of(env), number), v);
}

static struct az_value *as_boolean(struct az_env *env, const struct az_param *p, const struct az_value *v)
{
    bool boolean;
    if (!az_is_scalar(v) || !az_bool_read(az_scalar(arena_of(env), v), &boolean)) {
        refuse(env, p, v);
        return NULL;
    }
    return az_at(arena_of(env), az_bool(arena_of(env), boolean), v);
}

static struct az_value *as_list(struct az_env *env, const struct az_param *p, const struct az_value *v)
{
    if (v->kind != AZ_ARRAY) {
        refuse(env, p, v);
        return NULL;
    }
    struct az_value *list = az_at(arena_of(env), az_array(arena_of(env)), v);
    for (size_t i = 0; i < v->array.n; i++) {
        struct az_value *item = allowed(env, p, as_string(env, p, v->array.p[i]), v->array.p[i]);
        if (item)
            az_push(arena_of(env), list, item);
    }
    return list;
}

/* ---- objects ---- */

typedef struct az_value *leaf_fn(struct az_env *env, const struct az_value *leaf);

/* A copy with every scalar made anew; what is not changed is shared. */
static struct az_value *each_leaf(struct az_env *env, const struct az_value *v, leaf_fn *leaf)
{
    struct arena *a = arena_of(env);
    if (!az_walk_may(env, v, 1) || !az_walk_down(env, v))
        return (struct az_value *)(uintptr_t)v;
    struct az_value *copy = NULL;
    if (v->kind == AZ_ARRAY) {
        copy = az_at(a, az_array(a), v);
        for (size_t i = 0; i < v->array.n; i++)
            az_push(a, copy, each_leaf(env, v->array.p[i], leaf));
    } else if (v->kind == AZ_OBJECT) {
        copy = az_at(a, az_object(a, false), v);
        for (size_t i = 0; i < v->object.n; i++)
            az_add(a, copy, v->object.p[i].key, each_leaf(env, v->object.p[i].value, leaf));
    } else
        copy = leaf(env, v);
    az_walk_up(env);
    return copy;
}

static struct az_value *text_leaf(struct az_env *env, const struct az_value *v)
{
    if (v->kind == AZ_STRING && !v->plain)
        return (struct az_value *)(uintptr_t)v;
    return az_at(arena_of(env), az_string(arena_of(env), az_scalar(arena_of(env), v)), v);
}

/* Plain scalars are numbers and booleans in objects; null is an empty text. */
static struct az_value *typed_leaf(struct az_env *env, const struct az_value *v)
{
    double number;
    bool boolean;
    if (v->kind == AZ_NULL)
        return text_leaf(env, v);
    if (v->kind != AZ_STRING || !v->plain)
        return (struct az_value *)(uintptr_t)v;
    if (az_bool_read(v->text, &boolean))
        return az_at(arena_of(env), az_bool(arena_of(env), boolean), v);
    if (az_plain_number(v->text, &number))
        return az_at(arena_of(env), az_number(arena_of(env), number), v);
    return (struct az_value *)(uintptr_t)v;
}

static struct az_value *same_leaf(struct az_env *env, const struct az_value *v)
{
    UNUSED(env);
    return (struct az_value *)(uintptr_t)v;
}

bool az_plain_number(struct str text, double *ret)
{
    size_t i = text.n > 0 && text.p[0] == '-', digits = 0, points = 0;
    for (; i < text.n; i++) {
        bool digit = text.p[i] >= '0' && text.p[i] <= '9';
        digits += digit;
        points += text.p[i] == '.';
        if (!digit && text.p[i] != '.')
            return false;
    }
    return digits > 0 && points <= 1 && az_number_read(text, ret);
}

struct az_value *az_as_texts(struct az_env *env, const struct az_value *v)
{
    return v->kind == AZ_NULL ? (struct az_value *)(uintptr_t)v : each_leaf(env, v, text_leaf);
}

static struct az_value *as_object(struct az_env *env, const struct az_value *v)
{
    return v->kind == AZ_NULL ? (struct az_value *)(uintptr_t)v : each_leaf(env, v, typed_leaf);
}

/* ---- what the schema knows ---- */

static enum az_role role_of(enum az_shape shape)
{
    switch (shape) {
    case AZ_SHAPE_STEPS:
        return AZ_ROLE_STEPS;
    case AZ_SHAPE_JOB:
    case AZ_SHAPE_DEPLOYMENT:
        return AZ_ROLE_JOB;
    case AZ_SHAPE_JOBS:
    case AZ_SHAPE_DEPLOYMENTS:
        return AZ_ROLE_JOBS;
    case AZ_SHAPE_STAGE:
        return AZ_ROLE_STAGE;
    case AZ_SHAPE_STAGES:
        return AZ_ROLE_STAGES;
    case AZ_SHAPE_PIPELINE:
    case AZ_SHAPE_STEP:
    case AZ_SHAPE_CONTAINER:
    case AZ_SHAPE_CONTAINERS:
    case AZ_SHAPE_VARIABLES:
        break;
    }
    return AZ_DATA;
}

static bool is_list_shape(enum az_shape s)
{
    return s == AZ_SHAPE_STEPS || s == AZ_SHAPE_JOBS || s == AZ_SHAPE_STAGES || s == AZ_SHAPE_DEPLOYMENTS ||
           s == AZ_SHAPE_CONTAINERS;
}

/* Steps, jobs, stages: in their canonical form, with the templates that they name. */
static struct az_value *as_shape(struct az_env *env, const struct az_param *p, const struct az_value *v)
{
    struct diags *d = env->w->x->d;
    size_t errors = d->errors;
    if (v->kind == AZ_NULL)
        return is_list_shape(p->shape) ? az_at(arena_of(env), az_array(arena_of(env)), v) : az_null();
    bool kind = is_list_shape(p->shape) ? v->kind == AZ_ARRAY : v->kind == AZ_OBJECT;
    if (!kind) {
        refuse(env, p, v);
        return NULL;
    }
    const struct az_value *whole = az_settle_value(env, v, role_of(p->shape));
    if (env->w->stopped)
        return NULL;
    struct az_value *canonical = az_canonical(arena_of(env), p->shape, whole, d);
    if (d->errors == errors)
        return each_leaf(env, canonical, same_leaf);
    refuse(env, p, v);
    return NULL;
}

static struct az_value *converted(struct az_env *env, const struct az_param *p, const struct az_value *v)
{
    switch (p->type) {
    case AZ_TYPE_STRING:
    case AZ_TYPE_PICKED:
        return allowed(env, p, as_string(env, p, v), v);
    case AZ_TYPE_NUMBER:
        return allowed(env, p, as_number(env, p, v), v);
    case AZ_TYPE_BOOLEAN:
        return allowed(env, p, as_boolean(env, p, v), v);
    case AZ_TYPE_OBJECT:
        return as_object(env, v);
    case AZ_TYPE_STRING_LIST:
        return as_list(env, p, v);
    case AZ_TYPE_LEGACY:
        return az_as_texts(env, v);
    case AZ_TYPE_SHAPE:
        return as_shape(env, p, v);
    }
    BUG("no such type: %d", (int)p->type);
}

/* ---- defaults and queue-time values ---- */

/* The text of `${{ 'x' }}`, the one expression that a default may be. */
static bool is_literal(struct az_env *env, const struct az_value *v, struct az_value **ret)
{
    size_t open, close;
    const struct az_slot slot = {"a default", NULL, 0, AZ_NO_STATUS, false, false};
    const struct az_scope scope = {.arena = arena_of(env)};
    struct err e;
    if (!az_find_expression(v->text, 0, &open, &close) || open != 0 || close != v->text.n)
        return false;
    struct str inner = str_trim(str_sub(v->text, 3, close - 2));
    bool literal = inner.n >= 2 && inner.p[0] == '\'' && inner.p[inner.n - 1] == '\'';
    if (!literal || az_evaluate(inner, &slot, &scope, ret, &e) < 0)
        return false;
    *ret = az_at(arena_of(env), *ret, v);
    (*ret)->plain = false;
    return true;
}

static struct az_value *default_leaf(struct az_env *env, const struct az_value *v)
{
    struct az_value *literal;
    if (v->kind != AZ_STRING || str_find(v->text, STR("${{")) < 0)
        return (struct az_value *)(uintptr_t)v;
    if (is_literal(env, v, &literal))
        return literal;
    az_error(env->w->x->d, "AZ058", v, "A template expression is not allowed in this context");
    az_hint(env->w->x->d, "defaults are known before anything is evaluated");
    return az_at(arena_of(env), az_null(), v);
}

static bool has_expressions(const struct az_value *v)
{
    bool found = false;
    if (v->kind == AZ_STRING)
        return str_find(v->text, STR("${{")) >= 0;
    for (size_t i = 0; v->kind == AZ_ARRAY && i < v->array.n && !found; i++)
        found = has_expressions(v->array.p[i]);
    for (size_t i = 0; v->kind == AZ_OBJECT && i < v->object.n && !found; i++)
        found = has_expressions(v->object.p[i].key) || has_expressions(v->object.p[i].value);
    return found;
}

const struct az_value *az_param_default(struct az_env *env, const struct az_value *written)
{
    return has_expressions(written) ? each_leaf(env, written, default_leaf) : written;
}

struct az_value *az_param_value(struct az_env *env, const struct az_param *p, const struct az_value *given)
{
    if (given == p->standard)
        given = az_param_default(env, given);
    return converted(env, p, given);
}

/* Of the parameter's own place, as what was typed has none in the files. */
static struct az_value *replaced(struct az_env *env, const struct az_value *v, const struct az_value *at)
{
    struct arena *a = arena_of(env);
    struct az_value *copy = az_at(a, v, at);
    if (v->kind == AZ_ARRAY) {
        copy->array.p = NULL, copy->array.n = copy->array.cap = 0;
        for (size_t i = 0; i < v->array.n; i++)
            az_push(a, copy, replaced(env, v->array.p[i], at));
    } else if (v->kind == AZ_OBJECT) {
        copy->object.p = NULL, copy->object.index = NULL, copy->object.n = copy->object.cap = 0;
        for (size_t i = 0; i < v->object.n; i++)
            az_add(a, copy, az_at(a, v->object.p[i].key, at), replaced(env, v->object.p[i].value, at));
    }
    return copy;
}

/* YAML, of which JSON is a part. NULL: it is none, which was told. */
static const struct az_value *parsed(struct az_env *env, const struct az_param *p, struct str text)
{
    CLEAN(sources) struct sources *s = sources_new();
    struct diags d;
    diags_init(&d, arena_of(env), s);
    uint32_t source = sources_add(s, STR("--input"), text);
    const struct az_value *v = az_load(arena_of(env), source, NULL, &d);
    if (v && d.errors == 0)
        return replaced(env, v, p->at);
    az_error(env->w->x->d, "AZ059", p->at,
             "The value that was given for the '%.*s' parameter is neither JSON nor YAML: %.*s", STR_ARG(p->name),
             STR_ARG(d.n > 0 ? d.p[0].message : STR("")));
    return NULL;
}

const struct az_value *az_queued(struct az_env *env, const struct az_param *p)
{
    struct str text = map_get_str(&env->w->x->facts->inputs, p->name);
    if (!text.p)
        return NULL;
    if (p->type == AZ_TYPE_STRING || p->type == AZ_TYPE_NUMBER || p->type == AZ_TYPE_BOOLEAN ||
        p->type == AZ_TYPE_PICKED)
        return az_at(arena_of(env), az_string(arena_of(env), text), p->at);
    return parsed(env, p, text);
}
