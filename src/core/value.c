#include "core/base.h"
#include "core/value.h"

struct value *value_null(void)
{
    /* Never written to: a null holds nothing that could be set. */
    static struct value shared = {.kind = VALUE_NULL};
    return &shared;
}

static struct value *value_new(struct arena *a, enum value_kind kind)
{
    struct value *v = ARENA_NEW(a, struct value);
    v->kind = kind;
    return v;
}

struct value *value_bool(struct arena *a, bool b)
{
    struct value *v = value_new(a, VALUE_BOOL);
    v->boolean = b;
    return v;
}

struct value *value_number(struct arena *a, double d)
{
    struct value *v = value_new(a, VALUE_NUMBER);
    v->number = d;
    return v;
}

struct value *value_string(struct arena *a, struct str s)
{
    struct value *v = value_new(a, VALUE_STRING);
    v->string = arena_str(a, s);
    return v;
}

struct value *value_array(struct arena *a)
{
    return value_new(a, VALUE_ARRAY);
}

struct value *value_object(struct arena *a, enum map_case fold)
{
    struct value *v = value_new(a, VALUE_OBJECT);
    map_init(&v->object, a, fold);
    return v;
}

void value_push(struct arena *a, struct value *array, struct value *item)
{
    MUST(array->kind == VALUE_ARRAY);
    vec_push_in(a, &array->array, item);
}

void value_set(struct value *object, struct str key, struct value *item)
{
    MUST(object->kind == VALUE_OBJECT);
    map_set(&object->object, key, item);
}

void value_set_str(struct arena *a, struct value *object, const char *key, struct str text)
{
    value_set(object, str_from(key), value_string(a, text));
}

struct value *value_get(const struct value *v, struct str key)
{
    return v && v->kind == VALUE_OBJECT ? map_get(&v->object, key) : NULL;
}

struct str value_get_str(const struct value *v, const char *key)
{
    const struct value *member = value_get(v, str_from(key));
    return member && member->kind == VALUE_STRING ? member->string : STR_NONE;
}
