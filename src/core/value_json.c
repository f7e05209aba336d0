/*
 * core/value_json.c - JSON in (by way of jansson) and out.
 *
 * Both directions walk recursively, so both have a depth limit: what is read is foreign, and what is written may have
 * been put together from several such texts.
 */
#include "core/base.h"
#include "core/num.h"
#include "core/value.h"

#include <jansson.h>
#include <math.h>

#define READ_DEPTH 100
#define WRITE_DEPTH 1000

/* ---- in ---- */

static void clean_json(void *slot)
{
    json_decref(*(json_t **)slot);
}

struct reader {
    struct arena *a;
    enum map_case fold;
    struct err *e;
};

static int read_node(struct reader *r, json_t *j, unsigned depth, struct value **ret);

static int read_array(struct reader *r, json_t *j, unsigned depth, struct value **ret)
{
    struct value *array = value_array(r->a), *item;
    for (size_t i = 0; i < json_array_size(j); i++) {
        int res = read_node(r, json_array_get(j, i), depth, &item);
        if (res < 0)
            return res;
        value_push(r->a, array, item);
    }
    *ret = array;
    return 0;
}

static int read_object(struct reader *r, json_t *j, unsigned depth, struct value **ret)
{
    struct value *object = value_object(r->a, r->fold), *item;
    for (void *at = json_object_iter(j); at; at = json_object_iter_next(j, at)) {
        int res = read_node(r, json_object_iter_value(at), depth, &item);
        if (res < 0)
            return res;
        value_set(object, str_from(json_object_iter_key(at)), item);
    }
    *ret = object;
    return 0;
}

static int read_node(struct reader *r, json_t *j, unsigned depth, struct value **ret)
{
    if (depth == READ_DEPTH)
        return err_set(r->e, EINVAL, "nested more than %d deep", READ_DEPTH);
    switch (json_typeof(j)) {
    case JSON_NULL:
        *ret = value_null();
        return 0;
    case JSON_TRUE:
    case JSON_FALSE:
        *ret = value_bool(r->a, json_is_true(j));
        return 0;
    case JSON_INTEGER:
    case JSON_REAL:
        *ret = value_number(r->a, json_number_value(j));
        return 0;
    case JSON_STRING:
        *ret = value_string(r->a, str_of(json_string_value(j), json_string_length(j)));
        return 0;
    case JSON_ARRAY:
        return read_array(r, j, depth + 1, ret);
    case JSON_OBJECT:
        return read_object(r, j, depth + 1, ret);
    }
    BUG("unknown kind of JSON value");
}

/* jansson quotes the text near the fault, newlines and all: an err is one line. */
static void one_line(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = ' ';
}

int value_from_json(struct arena *a, struct str text, enum map_case fold, struct value **ret, struct err *e)
{
    json_error_t fault = {.line = 1, .column = 1};
    if (str_trim(text).n == 0)
        return err_set(e, EINVAL, "empty input");
    /* Every number is a double, also those that would not fit an integer; a NUL may stand in a string as \u0000. */
    size_t flags = JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL;
    CLEAN(json) json_t *root = json_loadb(text.p, text.n, flags, &fault);
    if (!root) {
        one_line(fault.text);
        return err_set(e, EINVAL, "line %d, column %d: %s", fault.line, fault.column, fault.text);
    }
    struct reader r = {a, fold, e};
    return read_node(&r, root, 0, ret);
}

/* ---- out ---- */

static int add_node(struct buf *b, const struct value *v, enum value_json how, unsigned depth);

static int add_break(struct buf *b, enum value_json how, unsigned depth)
{
    if (how == VALUE_COMPACT)
        return 0;
    int r = buf_add_ch(b, '\n');
    return r < 0 ? r : buf_add_rep(b, ' ', (size_t)depth * 2);
}

static int add_array(struct buf *b, const struct value *v, enum value_json how, unsigned depth)
{
    if (v->array.n == 0)
        return buf_add(b, STR("[]"));
    for (size_t i = 0; i < v->array.n; i++) {
        buf_add_ch(b, i ? ',' : '[');
        add_break(b, how, depth + 1);
        int r = add_node(b, v->array.p[i], how, depth + 1);
        if (r < 0)
            return r;
    }
    add_break(b, how, depth);
    return buf_add_ch(b, ']');
}

static int add_object(struct buf *b, const struct value *v, enum value_json how, unsigned depth)
{
    if (v->object.n == 0)
        return buf_add(b, STR("{}"));
    for (size_t i = 0; i < v->object.n; i++) {
        const struct map_entry *at = &v->object.entries[i];
        buf_add_ch(b, i ? ',' : '{');
        add_break(b, how, depth + 1);
        buf_add_json(b, at->key);
        buf_add(b, how == VALUE_PRETTY ? STR(": ") : STR(":"));
        int r = add_node(b, at->value, how, depth + 1);
        if (r < 0)
            return r;
    }
    add_break(b, how, depth);
    return buf_add_ch(b, '}');
}

/* JSON has no word for what is not finite. */
static int add_number(struct buf *b, double x)
{
    return isfinite(x) ? num_add_g15(b, x) : buf_add(b, STR("null"));
}

static int add_node(struct buf *b, const struct value *v, enum value_json how, unsigned depth)
{
    if (b->over)
        return -E2BIG;
    if (depth == WRITE_DEPTH)
        return -ELOOP;
    switch (v->kind) {
    case VALUE_NULL:
        return buf_add(b, STR("null"));
    case VALUE_BOOL:
        return buf_add(b, v->boolean ? STR("true") : STR("false"));
    case VALUE_NUMBER:
        return add_number(b, v->number);
    case VALUE_STRING:
        return buf_add_json(b, v->string);
    case VALUE_ARRAY:
        return add_array(b, v, how, depth);
    case VALUE_OBJECT:
        return add_object(b, v, how, depth);
    }
    BUG("unknown kind of value");
}

int value_add_json(struct buf *b, const struct value *v, enum value_json how)
{
    size_t before = b->n;
    int r = add_node(b, v, how, 0);
    if (r == 0 && b->over)
        r = -E2BIG;
    if (r < 0)
        buf_cut(b, before);
    return r;
}
