/*
 * gh_type.c - types of values: what they are of constants, and of either of two.
 */
#include "core/base.h"
#include "provider/github/gh_type_priv.h"

#define DEPTH_MAX 100

const struct gh_type gh_type_any = {.kind = GH_T_ANY}, gh_type_null = {.kind = GH_T_NULL},
                     gh_type_bool = {.kind = GH_T_BOOL}, gh_type_number = {.kind = GH_T_NUMBER},
                     gh_type_string = {.kind = GH_T_STRING};
const struct gh_type gh_type_texts = {.kind = GH_T_OBJECT, .rest = &gh_type_string};
const struct gh_type gh_type_object = {.kind = GH_T_OBJECT, .rest = &gh_type_any};

struct gh_type *gh_type_array_of(struct arena *a, const struct gh_type *item, bool filtered)
{
    struct gh_type *t = ARENA_NEW(a, struct gh_type);
    *t = (struct gh_type){.kind = GH_T_ARRAY, .filtered = filtered, .rest = item};
    return t;
}

struct gh_type *gh_type_strict(struct arena *a, const struct gh_member *members, size_t n)
{
    struct gh_type *t = ARENA_NEW(a, struct gh_type);
    *t = (struct gh_type){.kind = GH_T_OBJECT, .members = members, .n = n};
    return t;
}

const struct gh_type *gh_type_member(const struct gh_type *t, struct str name)
{
    for (size_t i = 0; i < t->n; i++)
        if (str_eq_nocase(t->members[i].name, name))
            return t->members[i].type;
    return NULL;
}

const char *gh_type_name(const struct gh_type *t)
{
    switch (t->kind) {
    case GH_T_ANY:
        return "some value";
    case GH_T_NULL:
        return "null";
    case GH_T_BOOL:
        return "a boolean";
    case GH_T_NUMBER:
        return "a number";
    case GH_T_STRING:
        return "a text";
    case GH_T_ARRAY:
        return "an array";
    case GH_T_OBJECT:
        return "an object";
    }
    BUG("a type of kind %d", (int)t->kind);
}

bool gh_type_is_primitive(const struct gh_type *t)
{
    return t->kind != GH_T_ANY && t->kind != GH_T_ARRAY && t->kind != GH_T_OBJECT;
}

/* ---- of values ---- */

static const struct gh_type *of_value(struct arena *a, const struct value *v, unsigned depth);

static const struct gh_type *of_array(struct arena *a, const struct value *v, unsigned depth)
{
    const struct gh_type *item = NULL;
    for (size_t i = 0; i < v->array.n; i++) {
        const struct gh_type *one = of_value(a, v->array.p[i], depth + 1);
        item = item ? gh_type_either(a, item, one) : one;
    }
    return gh_type_array_of(a, item ? item : &gh_type_any, false);
}

static const struct gh_type *of_object(struct arena *a, const struct value *v, unsigned depth)
{
    struct gh_member *members = arena_array(a, v->object.n + 1, sizeof *members);
    for (size_t i = 0; i < v->object.n; i++)
        members[i] = (struct gh_member){v->object.entries[i].key, of_value(a, v->object.entries[i].value, depth + 1)};
    return gh_type_strict(a, members, v->object.n);
}

static const struct gh_type *of_value(struct arena *a, const struct value *v, unsigned depth)
{
    if (depth > DEPTH_MAX)
        return &gh_type_any;
    switch (v->kind) {
    case VALUE_NULL:
        return &gh_type_null;
    case VALUE_BOOL:
        return &gh_type_bool;
    case VALUE_NUMBER:
        return &gh_type_number;
    case VALUE_STRING:
        return &gh_type_string;
    case VALUE_ARRAY:
        return of_array(a, v, depth);
    case VALUE_OBJECT:
        return of_object(a, v, depth);
    }
    BUG("a value of kind %d", (int)v->kind);
}

const struct gh_type *gh_type_of_value(struct arena *a, const struct value *v)
{
    return of_value(a, v, 0);
}

/* ---- of either ---- */

static const struct gh_type *either(struct arena *a, const struct gh_type *x, const struct gh_type *y, unsigned depth);

/* Members that only one has may be missing, which an expression that asks for them knows how to bear. */
static const struct gh_type *either_object(struct arena *a, const struct gh_type *x, const struct gh_type *y,
                                           unsigned depth)
{
    struct gh_member *members = arena_array(a, x->n + y->n + 1, sizeof *members);
    size_t n = 0;
    for (size_t i = 0; i < x->n; i++) {
        const struct gh_type *other = gh_type_member(y, x->members[i].name);
        const struct gh_type *mine = x->members[i].type;
        members[n++] = (struct gh_member){x->members[i].name, other ? either(a, mine, other, depth + 1) : mine};
    }
    for (size_t i = 0; i < y->n; i++)
        if (!gh_type_member(x, y->members[i].name))
            members[n++] = y->members[i];
    struct gh_type *t = gh_type_strict(a, members, n);
    t->what = x->what;
    t->owner = x->owner;
    if (x->rest && y->rest)
        t->rest = either(a, x->rest, y->rest, depth + 1);
    else
        t->rest = x->rest ? x->rest : y->rest;
    return t;
}

static const struct gh_type *either(struct arena *a, const struct gh_type *x, const struct gh_type *y, unsigned depth)
{
    if (x == y)
        return x;
    if (depth > DEPTH_MAX || x->kind != y->kind || x->kind == GH_T_ANY)
        return &gh_type_any;
    if (x->kind == GH_T_ARRAY)
        return gh_type_array_of(a, either(a, x->rest, y->rest, depth + 1), x->filtered && y->filtered);
    return x->kind == GH_T_OBJECT ? either_object(a, x, y, depth) : x;
}

const struct gh_type *gh_type_either(struct arena *a, const struct gh_type *x, const struct gh_type *y)
{
    return either(a, x, y, 0);
}
