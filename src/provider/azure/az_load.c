/*
 * az_load.c - the YAML of a pipeline as values (specification 2): texts with their places, no anchors, no second
 * document, no key twice.
 */
#include "core/base.h"
#include "doc/yaml.h"
#include "provider/azure/template_priv.h"

struct loader {
    struct arena *arena;
    const struct az_frame *frame;
    struct diags *d;
};

static struct az_value *new_value(struct loader *l, const struct doc_node *n, enum az_kind kind)
{
    struct az_value *v = ARENA_NEW(l->arena, struct az_value);
    v->kind = kind;
    v->span = n->alias.file ? n->alias : n->span;
    v->frame = l->frame;
    v->node = n;
    return v;
}

static struct az_value *load_scalar(struct loader *l, const struct doc_node *n)
{
    struct az_value *v = new_value(l, n, AZ_STRING);
    v->text = n->text.p ? n->text : STR("");
    v->plain = n->kind == DOC_SCALAR && n->style == DOC_PLAIN && n->tag.n == 0;
    return v;
}

/* Is it known what a key will be? Those with expressions are compared when they were evaluated. */
static bool is_literal(struct str key)
{
    return str_find(key, STR("${{")) < 0;
}

/* The first key of this name, in any case; NULL: there is none. */
static const struct az_value *earlier(const struct az_value *object, struct str name)
{
    for (size_t i = 0; i < object->object.n; i++)
        if (str_eq_nocase(object->object.p[i].key->text, name))
            return object->object.p[i].key;
    return NULL;
}

static const struct az_value *earlier_key(struct map *seen, const struct az_value *object, struct az_value *key)
{
    if (!seen)
        return earlier(object, key->text);
    const struct az_value *first = map_get(seen, key->text);
    if (!first)
        map_set(seen, key->text, key);
    return first;
}

static bool may_add(struct loader *l, struct map *seen, const struct az_value *object, struct az_value *key)
{
    if (!is_literal(key->text))
        return true;
    if (key->plain && str_is(key->text, "<<")) {
        az_error(l->d, "AZ002", key, "Merge keys are not supported: '<<' merges nothing into this mapping");
        az_hint(l->d, "write the keys out, or pass them to a template as an object");
        return false;
    }
    const struct az_value *first = earlier_key(seen, object, key);
    if (!first)
        return true;
    az_error(l->d, "AZ003", key, "'%.*s' is already defined", STR_ARG(key->text));
    diag_note(l->d, "AZ003", first->span, "'%.*s' stands here first", STR_ARG(first->text));
    return false;
}

static struct az_value *load_value(struct loader *l, const struct doc_node *n);

/* Mappings longer than this look their keys up in a table. */
#define LINEAR 16

static struct az_value *load_map(struct loader *l, const struct doc_node *n)
{
    struct az_value *v = new_value(l, n, AZ_OBJECT);
    struct map seen;
    if (n->map.n > LINEAR)
        map_init(&seen, l->arena, MAP_NOCASE);
    for (size_t i = 0; i < n->map.n; i++) {
        struct az_value *key = load_scalar(l, n->map.p[i].key);
        struct az_value *value = load_value(l, n->map.p[i].value);
        if (may_add(l, n->map.n > LINEAR ? &seen : NULL, v, key))
            az_add(l->arena, v, key, value);
    }
    return v;
}

static struct az_value *load_value(struct loader *l, const struct doc_node *n)
{
    switch (n->kind) {
    case DOC_NULL: {
        struct az_value *v = new_value(l, n, AZ_NULL);
        v->text = STR("");
        return v;
    }
    case DOC_SCALAR: {
        struct az_value *v = load_scalar(l, n);
        if (v->plain &&
            (str_is(v->text, "~") || str_is(v->text, "null") || str_is(v->text, "Null") || str_is(v->text, "NULL")))
            v->kind = AZ_NULL;
        return v;
    }
    case DOC_SEQ: {
        struct az_value *v = new_value(l, n, AZ_ARRAY);
        for (size_t i = 0; i < n->seq.n; i++)
            az_push(l->arena, v, load_value(l, n->seq.p[i]));
        return v;
    }
    case DOC_MAP:
        return load_map(l, n);
    }
    BUG("no such kind: %d", (int)n->kind);
}

struct az_value *az_load(struct arena *a, uint32_t source, const struct az_frame *frame, struct diags *d)
{
    static const struct yaml_limits limits = {
        .max_bytes = AZ_FILE_BYTES, .depth = AZ_FILE_DEPTH, .nodes = AZ_MAX_NODES, .no_anchors = true};
    const struct doc_node *root = yaml_read(a, d->sources, source, &limits, d);
    struct loader l = {a, frame, d};
    return root ? load_value(&l, root) : NULL;
}
