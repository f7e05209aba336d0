/*
 * az_json.c - values as JSON (convertToJson) and back (matrices, object parameters at the command line).
 */
#include "core/base.h"
#include "core/value.h"
#include "provider/azure/value_priv.h"

#define LEVELS_MAX 1000

/* As the service's writer does it: the line ends that are no ASCII are escaped, too. */
static void add_text(struct buf *b, struct str text)
{
    CLEAN(buf) struct buf json = BUF(b->max);
    if (buf_add_json(&json, text) < 0)
        b->over = true;
    struct str s = buf_str(&json);
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (str_starts(str_from_index(s, i), STR("\xc2\x85"))) {
            buf_add(b, str_sub(s, from, i));
            buf_add_cstr(b, "\\u0085");
            from = i + 2;
        } else if (i + 2 < s.n && memcmp(s.p + i, "\xe2\x80", 2) == 0 && (s.p[i + 2] & 0xfe) == 0xa8) {
            buf_add(b, str_sub(s, from, i));
            buf_printf(b, "\\u202%d", 8 + (s.p[i + 2] & 1));
            from = i + 3;
        }
    }
    buf_add(b, str_from_index(s, from));
}

static int add_value(struct buf *b, const struct az_value *v, unsigned level, struct err *e);

static void add_line(struct buf *b, unsigned level)
{
    buf_add_ch(b, '\n');
    buf_add_rep(b, ' ', (size_t)level * 2);
}

static int add_array(struct buf *b, const struct az_value *v, unsigned level, struct err *e)
{
    int r = 0;
    buf_add_ch(b, '[');
    for (size_t i = 0; r == 0 && i < v->array.n; i++) {
        if (i > 0)
            buf_add_ch(b, ',');
        add_line(b, level + 1);
        r = add_value(b, v->array.p[i], level + 1, e);
    }
    if (v->array.n > 0)
        add_line(b, level);
    buf_add_ch(b, ']');
    return r;
}

static int add_object(struct buf *b, const struct az_value *v, unsigned level, struct err *e)
{
    int r = 0;
    buf_add_ch(b, '{');
    for (size_t i = 0; r == 0 && i < v->object.n; i++) {
        if (i > 0)
            buf_add_ch(b, ',');
        add_line(b, level + 1);
        add_text(b, v->object.p[i].key->text);
        buf_add_cstr(b, ": ");
        r = add_value(b, v->object.p[i].value, level + 1, e);
    }
    if (v->object.n > 0)
        add_line(b, level);
    buf_add_ch(b, '}');
    return r;
}

static void add_scalar(struct buf *b, const struct az_value *v)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct str text = az_scalar(a, v);
    if (v->kind == AZ_NULL)
        buf_add_cstr(b, "null");
    else if (v->kind == AZ_BOOL)
        buf_add_cstr(b, v->boolean ? "true" : "false");
    else if (v->kind == AZ_NUMBER)
        buf_add(b, text);
    else
        add_text(b, text);
}

static int add_value(struct buf *b, const struct az_value *v, unsigned level, struct err *e)
{
    if (b->over)
        return err_set(e, E2BIG, "The JSON of the value is longer than %zu bytes", b->max);
    if (level > LEVELS_MAX)
        return err_set(e, ELOOP, "The value has more than %d levels", LEVELS_MAX);
    if (v->kind == AZ_ARRAY)
        return add_array(b, v, level, e);
    if (v->kind == AZ_OBJECT)
        return add_object(b, v, level, e);
    add_scalar(b, v);
    return 0;
}

int az_add_json(struct buf *b, const struct az_value *v, struct err *e)
{
    int r = add_value(b, v, 0, e);
    if (r == 0 && b->over)
        r = err_set(e, E2BIG, "The JSON of the value is longer than %zu bytes", b->max);
    return r;
}

/* ---- back ---- */

static struct az_value *from_value(struct arena *a, const struct value *v);

static struct az_value *from_array(struct arena *a, const struct value *v)
{
    struct az_value *to = az_array(a);
    for (size_t i = 0; i < v->array.n; i++)
        az_push(a, to, from_value(a, v->array.p[i]));
    return to;
}

static struct az_value *from_object(struct arena *a, const struct value *v)
{
    struct az_value *to = az_object(a, false);
    for (size_t i = 0; i < v->object.n; i++)
        az_add(a, to, az_string(a, v->object.entries[i].key), from_value(a, v->object.entries[i].value));
    return to;
}

/* JSON is read a hundred levels deep at most. */
static struct az_value *from_value(struct arena *a, const struct value *v) /* table */
{
    switch (v->kind) {
    case VALUE_NULL:
        return az_null();
    case VALUE_BOOL:
        return az_bool(a, v->boolean);
    case VALUE_NUMBER:
        return az_number(a, v->number);
    case VALUE_STRING:
        return az_string(a, v->string);
    case VALUE_ARRAY:
        return from_array(a, v);
    case VALUE_OBJECT:
        return from_object(a, v);
    }
    BUG("unknown kind of value");
}

int az_from_json(struct arena *a, struct str text, struct az_value **ret, struct err *e)
{
    struct value *v;
    int r = value_from_json(a, text, MAP_CASE, &v, e);
    if (r == 0)
        *ret = from_value(a, v);
    return r;
}
