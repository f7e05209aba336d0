/*
 * az_canon_map.c - the few moves that all of the canonical form is made of: pairs in the service's order, wrapped
 * texts.
 *
 * What is made here stands where the thing stood that it was made of, so that an error in it has a place.
 */
#include "core/base.h"
#include "provider/azure/schema_priv.h"

struct az_value *az_canon_text(struct arena *a, const char *text, const struct az_value *v)
{
    struct az_value *made = az_at(a, az_string(a, str_from(text)), v);
    made->node = NULL;  /* the scalar there has another text */
    made->plain = true; /* as the service writes its own words */
    return made;
}

void az_canon_add(struct arena *a, struct az_value *object, const char *key, const struct az_value *v)
{
    az_add(a, object, az_canon_text(a, key, v), az_at(a, v, v));
}

struct az_value *az_canon_wrap(struct arena *a, const char *key, const struct az_value *v)
{
    struct az_value *object = az_at(a, az_object(a, false), v);
    object->node = NULL;
    az_canon_add(a, object, key, v);
    return object;
}

static const struct az_pair *find_pair(const struct az_value *v, const char *key)
{
    for (size_t i = 0; i < v->object.n; i++)
        if (str_is(v->object.p[i].key->text, key))
            return &v->object.p[i];
    return NULL;
}

void az_canon_move(struct arena *a, struct az_value *object, const struct az_value *v, const char *key)
{
    const struct az_pair *pair = find_pair(v, key);
    if (pair != NULL)
        az_add(a, object, pair->key, pair->value);
}

static bool has_place(const struct az_place *places, size_t n, struct str key)
{
    for (size_t i = 0; i < n; i++)
        if (str_is(key, places[i].key))
            return true;
    return false;
}

struct az_value *az_canon_map(struct arena *a, const struct az_place *places, size_t n, const struct az_value *v)
{
    struct az_value *ret = az_at(a, az_object(a, v->fold), v);
    for (size_t i = 0; i < n; i++) {
        const struct az_pair *pair = find_pair(v, places[i].key);
        if (pair == NULL)
            continue;
        struct az_value *made = places[i].make != NULL ? places[i].make(a, pair->value) : pair->value;
        if (made != NULL)
            az_add(a, ret, pair->key, made);
    }
    for (size_t i = 0; i < v->object.n; i++)
        if (!has_place(places, n, v->object.p[i].key->text))
            az_add(a, ret, v->object.p[i].key, v->object.p[i].value);
    return ret;
}

struct az_value *az_canon_list(struct arena *a, struct az_value *(*make)(struct arena *a, const struct az_value *v),
                               const struct az_value *v)
{
    struct az_value *list = az_at(a, az_array(a), v);
    for (size_t i = 0; i < v->array.n; i++) {
        struct az_value *made = make(a, v->array.p[i]);
        if (made != NULL)
            az_push(a, list, made);
    }
    return list;
}

struct az_value *az_canon_texts(struct arena *a, const struct az_value *v)
{
    if (v->kind == AZ_ARRAY)
        return az_at(a, v, v);
    struct az_value *list = az_at(a, az_array(a), v);
    list->node = NULL;
    if (str_trim(v->text).n > 0)
        az_push(a, list, az_at(a, v, v));
    return list;
}
