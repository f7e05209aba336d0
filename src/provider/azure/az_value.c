/*
 * az_value.c - values: made, put together, looked into.
 *
 * An object keeps the order of its file. Past INDEX_FROM members it has an index, which az_add and az_set keep, so that
 * large variable files cost one look a name.
 */
#include "core/base.h"
#include "core/vec.h"
#include "provider/azure/value_priv.h"

#define INDEX_FROM 12

struct az_value *az_null(void)
{
    static struct az_value null; /* never written to */
    return &null;
}

static struct az_value *make(struct arena *a, enum az_kind kind)
{
    struct az_value *v = ARENA_NEW(a, struct az_value);
    v->kind = kind;
    return v;
}

struct az_value *az_bool(struct arena *a, bool b)
{
    struct az_value *v = make(a, AZ_BOOL);
    v->boolean = b;
    return v;
}

struct az_value *az_number(struct arena *a, double d)
{
    struct az_value *v = make(a, AZ_NUMBER);
    v->number = d;
    return v;
}

struct az_value *az_string(struct arena *a, struct str text)
{
    struct az_value *v = make(a, AZ_STRING);
    v->text = text;
    return v;
}

struct az_value *az_array(struct arena *a)
{
    return make(a, AZ_ARRAY);
}

struct az_value *az_object(struct arena *a, bool fold)
{
    struct az_value *v = make(a, AZ_OBJECT);
    v->fold = fold;
    return v;
}

void az_push(struct arena *a, struct az_value *array, struct az_value *item)
{
    MUST(array->kind == AZ_ARRAY);
    vec_push_in(a, &array->array, item);
}

/* ---- objects ---- */

/* The index holds the place of a key's first pair, plus one. */
static void index_add(struct az_value *object, size_t i)
{
    struct str key = object->object.p[i].key->text;
    if (!map_find(object->object.index, key))
        map_set(object->object.index, key, (void *)(uintptr_t)(i + 1));
}

static void index_make(struct arena *a, struct az_value *object)
{
    object->object.index = ARENA_NEW(a, struct map);
    map_init(object->object.index, a, object->fold ? MAP_NOCASE : MAP_CASE);
    for (size_t i = 0; i < object->object.n; i++)
        index_add(object, i);
}

void az_add(struct arena *a, struct az_value *object, struct az_value *key, struct az_value *value)
{
    MUST(object->kind == AZ_OBJECT && key->kind == AZ_STRING);
    vec_push_in(a, &object->object, ((struct az_pair){key, value}));
    if (object->object.index)
        index_add(object, object->object.n - 1);
    else if (object->object.n == INDEX_FROM)
        index_make(a, object);
}

static struct az_pair *pair_of(const struct az_value *v, struct str key)
{
    if (v->object.index) {
        size_t at = (uintptr_t)map_get(v->object.index, key);
        return at ? &v->object.p[at - 1] : NULL;
    }
    for (size_t i = 0; i < v->object.n; i++) {
        struct str has = v->object.p[i].key->text;
        if (has.n == key.n && (v->fold ? str_eq_nocase(has, key) : str_eq(has, key)))
            return &v->object.p[i];
    }
    return NULL;
}

void az_set(struct arena *a, struct az_value *object, struct str key, struct az_value *value)
{
    MUST(object->kind == AZ_OBJECT);
    struct az_pair *pair = pair_of(object, key);
    if (pair)
        pair->value = value;
    else
        az_add(a, object, az_string(a, key), value);
}

struct az_value *az_get(const struct az_value *v, struct str key)
{
    if (!v || v->kind != AZ_OBJECT)
        return NULL;
    struct az_pair *pair = pair_of(v, key);
    return pair ? pair->value : NULL;
}

struct az_value *az_get_nocase(const struct az_value *v, const char *key)
{
    if (!v || v->kind != AZ_OBJECT)
        return NULL;
    if (v->fold)
        return az_get(v, str_from(key));
    for (size_t i = 0; i < v->object.n; i++)
        if (str_is_nocase(v->object.p[i].key->text, key))
            return v->object.p[i].value;
    return NULL;
}

struct az_value *az_at(struct arena *a, const struct az_value *v, const struct az_value *place)
{
    struct az_value *copy = ARENA_NEW(a, struct az_value);
    *copy = *v;
    copy->span = place->span;
    copy->frame = place->frame;
    copy->node = place->node;
    return copy;
}

const char *az_kind_name(enum az_kind k)
{
    static const char *const names[] = {
        [AZ_NULL] = "Null",       [AZ_BOOL] = "Boolean",      [AZ_NUMBER] = "Number", [AZ_STRING] = "String",
        [AZ_VERSION] = "Version", [AZ_DATETIME] = "DateTime", [AZ_ARRAY] = "Array",   [AZ_OBJECT] = "Object",
    };
    return names[k];
}
