/*
 * gh_type_expr.c - the type of an expression, and complaints where types make sure that it cannot mean anything.
 */
#include "core/base.h"
#include "provider/github/gh_type_priv.h"

static void complain(const struct gh_typing *t, const char *code, const struct gh_expr *at, struct str text)
{
    struct gh_complaint c = {.code = code, .at = at->at, .len = at->len, .text = text};
    t->complain(t->ctx, &c);
}

/* ---- members ---- */

static struct str missing_text(const struct gh_typing *t, const struct gh_expr *left, const struct gh_type *object,
                               struct str name)
{
    const struct gh_expr *owner = left->kind == GH_NODE_INDEX ? left->last : left;
    struct str of = STR("the object");
    if (owner->kind == GH_NODE_CONTEXT)
        of = str_from(owner->name);
    else if (owner->kind == GH_NODE_LITERAL && owner->value->kind == VALUE_STRING)
        of = owner->value->string;
    switch (object->what) {
    case GH_T_PLAIN:
        break;
    case GH_T_STEPS:
        return arena_printf(t->a, "No step of this %s has the id '%.*s'", t->action ? "action" : "job", STR_ARG(name));
    case GH_T_NEEDS:
        return arena_printf(t->a, "'%.*s' is not among the needs of this job", STR_ARG(name));
    case GH_T_JOBS:
        return arena_printf(t->a, "This workflow has no job '%.*s'", STR_ARG(name));
    case GH_T_OUTPUTS:
        return arena_printf(t->a, "The job '%.*s' has no output '%.*s'", STR_ARG(object->owner), STR_ARG(name));
    case GH_T_STEP_OUTPUTS:
        return arena_printf(t->a, "'%.*s' has no output '%.*s'", STR_ARG(object->owner), STR_ARG(name));
    case GH_T_INPUTS:
        return arena_printf(t->a, "This %s declares no input '%.*s'", t->action ? "action" : "workflow", STR_ARG(name));
    case GH_T_SECRETS:
        return arena_printf(t->a, "This workflow declares no secret '%.*s': a caller can pass it by 'inherit' only",
                            STR_ARG(name));
    case GH_T_NO_MATRIX:
        return STR("This job has no matrix");
    }
    return arena_printf(t->a, "'%.*s' has no property '%.*s'", STR_ARG(of), STR_ARG(name));
}

static void complain_missing(const struct gh_typing *t, const struct gh_expr *x, const struct gh_type *object,
                             struct str name)
{
    struct gh_complaint c = {.code = "GH068",
                             .at = x->at,
                             .len = x->len,
                             .text = missing_text(t, x->first, object, name),
                             .word = name,
                             .words = object};
    t->complain(t->ctx, &c);
}

static const struct gh_type *member(const struct gh_typing *t, const struct gh_expr *x, const struct gh_type *object,
                                    struct str name)
{
    const struct gh_type *found = gh_type_member(object, name);
    if (found)
        return found;
    if (object->rest)
        return object->rest;
    complain_missing(t, x, object, name);
    return &gh_type_any;
}

/* .name of each item; items that are no objects have none. */
static const struct gh_type *filtered_member(const struct gh_typing *t, const struct gh_expr *x,
                                             const struct gh_type *array, struct str name)
{
    if (array->rest->kind == GH_T_OBJECT)
        return gh_type_array_of(t->a, member(t, x, array->rest, name), true);
    if (array->rest->kind != GH_T_ANY)
        complain(t, "GH012", x,
                 arena_printf(t->a, "The items that .* gives are each %s and have no property '%.*s'",
                              gh_type_name(array->rest), STR_ARG(name)));
    return gh_type_array_of(t->a, &gh_type_any, true);
}

static const struct gh_type *property(const struct gh_typing *t, const struct gh_expr *x, const struct gh_type *left,
                                      struct str name)
{
    if (left->kind == GH_T_ANY)
        return left;
    if (left->kind == GH_T_OBJECT)
        return member(t, x, left, name);
    if (left->kind == GH_T_ARRAY && left->filtered)
        return filtered_member(t, x, left, name);
    complain(t, "GH012", x,
             arena_printf(t->a, "This is %s and has no property '%.*s'", gh_type_name(left), STR_ARG(name)));
    return &gh_type_any;
}

/* ---- indexes ---- */

/* All that an object holds; any member that is an object itself keeps the filter useful. */
static const struct gh_type *values_of(const struct gh_typing *t, const struct gh_expr *x, const struct gh_type *object)
{
    const struct gh_type *all = object->rest;
    bool objects = !object->rest || !gh_type_is_primitive(object->rest);
    for (size_t i = 0; i < object->n; i++) {
        all = all ? gh_type_either(t->a, all, object->members[i].type) : object->members[i].type;
        objects = objects || !gh_type_is_primitive(object->members[i].type);
    }
    if (object->n && !object->rest) {
        objects = false;
        for (size_t i = 0; i < object->n; i++)
            objects = objects || !gh_type_is_primitive(object->members[i].type);
    }
    if (!objects)
        complain(t, "GH012", x, STR("The object that .* is applied to holds no objects"));
    return gh_type_array_of(t->a, all && all->kind == GH_T_OBJECT ? all : &gh_type_any, true);
}

static const struct gh_type *star(const struct gh_typing *t, const struct gh_expr *x, const struct gh_type *left)
{
    switch (left->kind) {
    case GH_T_ANY:
        return gh_type_array_of(t->a, &gh_type_any, true);
    case GH_T_OBJECT:
        return values_of(t, x, left);
    case GH_T_ARRAY:
        return gh_type_array_of(t->a, left->filtered ? &gh_type_any : left->rest, true);
    case GH_T_NULL:
    case GH_T_BOOL:
    case GH_T_NUMBER:
    case GH_T_STRING:
        complain(t, "GH012", x, arena_printf(t->a, "This is %s and has nothing for .*", gh_type_name(left)));
        break;
    }
    return &gh_type_any;
}

static const struct gh_type *item(const struct gh_typing *t, const struct gh_expr *x, const struct gh_type *array,
                                  const struct gh_type *key)
{
    if (key->kind == GH_T_ANY || key->kind == GH_T_NUMBER)
        return array->filtered ? &gh_type_any : array->rest;
    complain(t, "GH012", x->last,
             arena_printf(t->a, "An array is indexed by numbers, and this is %s", gh_type_name(key)));
    return &gh_type_any;
}

static const struct gh_type *computed(const struct gh_typing *t, const struct gh_expr *x, const struct gh_type *left,
                                      const struct gh_type *key)
{
    switch (left->kind) {
    case GH_T_ANY:
        return left;
    case GH_T_ARRAY:
        return item(t, x, left, key);
    case GH_T_OBJECT:
        if (key->kind == GH_T_ANY || key->kind == GH_T_STRING)
            return left->n ? &gh_type_any : left->rest ? left->rest : &gh_type_any;
        complain(
            t, "GH012", x->last,
            arena_printf(t->a, "The properties of an object are named by texts, and this is %s", gh_type_name(key)));
        return &gh_type_any;
    case GH_T_NULL:
    case GH_T_BOOL:
    case GH_T_NUMBER:
    case GH_T_STRING:
        complain(t, "GH012", x, arena_printf(t->a, "This is %s and cannot be indexed", gh_type_name(left)));
        return &gh_type_any;
    }
    BUG("a type of kind %d", (int)left->kind);
}

static const struct gh_type *index_type(const struct gh_typing *t, const struct gh_expr *x)
{
    const struct gh_type *left = gh_type_of(t, x->first);
    const struct gh_expr *key = x->last;
    if (key->kind == GH_NODE_STAR)
        return star(t, x, left);
    bool name = key->kind == GH_NODE_LITERAL && key->value->kind == VALUE_STRING;
    if (name && (left->kind != GH_T_ARRAY || left->filtered))
        return property(t, x, left, key->value->string);
    return computed(t, x, left, gh_type_of(t, key));
}

/* ---- comparisons ---- */

static bool comparable(const struct gh_type *x, const struct gh_type *y)
{
    bool whole_x = x->kind == GH_T_ARRAY || x->kind == GH_T_OBJECT;
    bool whole_y = y->kind == GH_T_ARRAY || y->kind == GH_T_OBJECT;
    if (x->kind == GH_T_ANY || y->kind == GH_T_ANY || x->kind == GH_T_NULL || y->kind == GH_T_NULL)
        return true;
    if (!whole_x && !whole_y)
        return true;
    if (x->kind != y->kind)
        return false;
    return x->kind == GH_T_OBJECT || comparable(x->rest, y->rest);
}

static bool ordered(const struct gh_type *t)
{
    return t->kind == GH_T_ANY || t->kind == GH_T_NUMBER || t->kind == GH_T_STRING;
}

static const struct gh_type *comparison(const struct gh_typing *t, const struct gh_expr *x)
{
    const struct gh_type *left = gh_type_of(t, x->first), *right = gh_type_of(t, x->last);
    bool equality = x->kind == GH_NODE_EQ || x->kind == GH_NODE_NE;
    if (equality && !comparable(left, right))
        complain(t, "GH012", x,
                 arena_printf(t->a, "This compares %s with %s, which are never equal", gh_type_name(left),
                              gh_type_name(right)));
    else if (!equality && (!ordered(left) || !ordered(right)))
        complain(t, "GH012", x,
                 arena_printf(t->a, "This puts %s in an order with %s", gh_type_name(left), gh_type_name(right)));
    return &gh_type_bool;
}

/* ---- functions ---- */

static bool is_call(const struct gh_expr *x, const char *name)
{
    return strcmp(x->func->name, name) == 0;
}

/* An object or array where a function wants a text: it takes nothing of it. */
static void want_text(const struct gh_typing *t, const struct gh_expr *call, const struct gh_expr *arg,
                      const struct gh_type *type)
{
    if (type->kind == GH_T_ARRAY || type->kind == GH_T_OBJECT)
        complain(t, "GH012", arg,
                 arena_printf(t->a, "%s() wants a text here, and this is %s", call->func->shown, gh_type_name(type)));
}

static void want_texts(const struct gh_typing *t, const struct gh_expr *call, const struct gh_type **types, size_t from)
{
    size_t i = 0;
    for (const struct gh_expr *arg = call->first; arg; arg = arg->next, i++)
        if (i >= from)
            want_text(t, call, arg, types[i]);
}

static void check_contains(const struct gh_typing *t, const struct gh_expr *call, const struct gh_type **types)
{
    if (types[0]->kind == GH_T_OBJECT)
        complain(t, "GH012", call->first, STR("contains() looks into arrays and texts, and this is an object"));
    else if (gh_type_is_primitive(types[0]))
        want_texts(t, call, types, 1);
}

/* Arguments of format() that its format does not name. */
static void check_format(const struct gh_typing *t, const struct gh_expr *call)
{
    bool named[GH_EXPR_ARGS] = {false};
    const struct gh_expr *format = call->first;
    MUST(format); /* it has one parameter at least */
    if (format->kind != GH_NODE_LITERAL || format->value->kind != VALUE_STRING ||
        gh_format_check(format->value->string, call->n - 1, named, NULL) < 0)
        return;
    size_t i = 0;
    for (const struct gh_expr *arg = format->next; arg; arg = arg->next, i++)
        if (!named[i])
            complain(t, "GH014", arg, arena_printf(t->a, "The format does not use this argument: it has no {%zu}", i));
}

static const struct gh_type *case_type(const struct gh_typing *t, const struct gh_expr *call,
                                       const struct gh_type **types)
{
    const struct gh_type *all = types[call->n - 1];
    size_t i = 0;
    for (const struct gh_expr *arg = call->first; arg && arg->next; arg = arg->next, i++) {
        if (i % 2 == 1)
            all = gh_type_either(t->a, all, types[i]);
        else if (types[i]->kind != GH_T_BOOL && types[i]->kind != GH_T_ANY)
            complain(t, "GH012", arg,
                     arena_printf(t->a, "case() wants a boolean here, and this is %s", gh_type_name(types[i])));
    }
    return all;
}

static const struct gh_type *json_type(const struct gh_typing *t, const struct gh_expr *call)
{
    struct value *v;
    const struct gh_expr *text = call->first;
    MUST(text);
    if (text->kind != GH_NODE_LITERAL || text->value->kind != VALUE_STRING ||
        value_from_json(t->a, text->value->string, MAP_NOCASE, &v, NULL) < 0)
        return &gh_type_any;
    return gh_type_of_value(t->a, v);
}

static const struct gh_type *call_type(const struct gh_typing *t, const struct gh_expr *x)
{
    const struct gh_type *types[GH_EXPR_ARGS] = {0};
    size_t n = 0;
    for (const struct gh_expr *arg = x->first; arg; arg = arg->next)
        types[n++] = gh_type_of(t, arg);
    if (n == 0) /* success() and its kin */
        return &gh_type_bool;
    if (is_call(x, "case"))
        return case_type(t, x, types);
    if (is_call(x, "contains")) {
        check_contains(t, x, types);
        return &gh_type_bool;
    }
    if (is_call(x, "join") || is_call(x, "format") || is_call(x, "tojson") || is_call(x, "hashfiles")) {
        if (is_call(x, "format"))
            check_format(t, x);
        if (is_call(x, "join") && types[0]->kind == GH_T_OBJECT)
            complain(t, "GH012", x->first, STR("join() wants an array here, and this is an object"));
        if (!is_call(x, "tojson"))
            want_texts(t, x, types, is_call(x, "hashfiles") ? 0 : is_call(x, "join") ? 1 : x->n);
        return &gh_type_string;
    }
    if (is_call(x, "fromjson")) {
        want_texts(t, x, types, 0);
        return json_type(t, x);
    }
    want_texts(t, x, types, 0); /* startsWith and endsWith; the others take none */
    return &gh_type_bool;
}

/* ---- all ---- */

/* Which operand `&&` or `||` gives is not known: the last, or one that was no true (false) value before it. */
static const struct gh_type *chain_type(const struct gh_typing *t, const struct gh_expr *x)
{
    const struct gh_type *all = NULL;
    for (const struct gh_expr *one = x->first; one; one = one->next) {
        const struct gh_type *type = gh_type_of(t, one);
        bool whole = type->kind == GH_T_OBJECT || type->kind == GH_T_ARRAY; /* always true */
        if (one->next && whole && x->kind == GH_NODE_AND)
            continue;
        all = all ? gh_type_either(t->a, all, type) : type;
    }
    return all ? all : &gh_type_any;
}

const struct gh_type *gh_type_of(const struct gh_typing *t, const struct gh_expr *x)
{
    switch (x->kind) {
    case GH_NODE_LITERAL:
        return gh_type_of_value(t->a, x->value);
    case GH_NODE_CONTEXT:
        return t->context(t->ctx, x->name);
    case GH_NODE_STAR:
        return &gh_type_any;
    case GH_NODE_INDEX:
        return index_type(t, x);
    case GH_NODE_NOT:
        gh_type_of(t, x->first);
        return &gh_type_bool;
    case GH_NODE_LT:
    case GH_NODE_LE:
    case GH_NODE_GT:
    case GH_NODE_GE:
    case GH_NODE_EQ:
    case GH_NODE_NE:
        return comparison(t, x);
    case GH_NODE_AND:
    case GH_NODE_OR:
        return chain_type(t, x);
    case GH_NODE_CALL:
        return call_type(t, x);
    case GH_NODE_CONCAT:
        for (const struct gh_expr *part = x->first; part; part = part->next)
            gh_type_of(t, part);
        return &gh_type_string;
    }
    BUG("an expression of kind %d", (int)x->kind);
}
