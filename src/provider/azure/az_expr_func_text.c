/*
 * az_expr_func_text.c - the functions that work on text (specification 6.3).
 */
#include "core/base.h"
#include "provider/azure/func_priv.h"

#include <math.h>

static int text_of(struct az_eval *ev, const struct az_value *v, struct str *ret)
{
    return az_text(ev->a, v, ret, ev->e);
}

/* The first two arguments as texts. */
static int two_texts(struct az_eval *ev, struct az_value *const *args, struct str *first, struct str *second)
{
    int r = text_of(ev, args[0], first);
    return r < 0 ? r : text_of(ev, args[1], second);
}

/* A part of a text that is there already: it costs nothing. */
static int give_text(struct az_eval *ev, struct str s, struct az_value **ret)
{
    *ret = az_string(ev->a, s);
    return 0;
}

static int ask(struct az_eval *ev, struct az_value *const *args, bool (*is)(struct str s, struct str part),
               struct az_value **ret)
{
    struct str s, part;
    int r = two_texts(ev, args, &s, &part);
    if (r == 0)
        *ret = az_bool(ev->a, is(s, part));
    return r;
}

int az_call_contains(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret)
{
    UNUSED(n);
    return ask(ev, args, utf16_fold_has, ret);
}

int az_call_starts_with(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret)
{
    UNUSED(n);
    return ask(ev, args, utf16_fold_starts, ret);
}

int az_call_ends_with(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret)
{
    UNUSED(n);
    return ask(ev, args, utf16_fold_ends, ret);
}

/* join(separator, items): what is no scalar among them counts as empty; what is no array is its own text. */
int az_call_join(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret)
{
    const struct az_value *items = args[1];
    struct str separator = STR("");
    UNUSED(n);
    if (items->kind != AZ_ARRAY)
        return give_text(ev, az_scalar(ev->a, items), ret);
    int r = items->array.n > 1 ? text_of(ev, args[0], &separator) : 0;
    if (r < 0)
        return r;
    struct buf b = az_eval_buf(ev);
    for (size_t i = 0; i < items->array.n && !b.over; i++) {
        if (i > 0)
            buf_add(&b, separator);
        buf_add(&b, az_scalar(ev->a, items->array.p[i]));
    }
    return az_take(ev, &b, ret);
}

/* split(text, delimiter): the delimiter as a whole; empty pieces stay; without a delimiter there is one piece. */
int az_call_split(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret)
{
    struct str s, delimiter;
    int r = two_texts(ev, args, &s, &delimiter);
    UNUSED(n);
    if (r < 0)
        return r;
    struct az_value *pieces = az_array(ev->a);
    size_t from = 0;
    ssize_t at;
    while (r == 0 && delimiter.n > 0 && (at = str_find_from(s, from, delimiter)) >= 0) {
        az_push(ev->a, pieces, az_string(ev->a, str_sub(s, from, (size_t)at)));
        r = az_charge(ev, sizeof(struct az_value));
        from = (size_t)at + delimiter.n;
    }
    az_push(ev->a, pieces, az_string(ev->a, str_from_index(s, from)));
    *ret = pieces;
    return r;
}

int az_call_replace(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret)
{
    struct str s, old, new = STR("");
    int r = two_texts(ev, args, &s, &old);
    UNUSED(n);
    if (r == 0)
        r = text_of(ev, args[2], &new);
    if (r < 0)
        return r;
    if (old.n == 0)
        return give_text(ev, s, ret);
    struct buf b = az_eval_buf(ev);
    size_t from = 0;
    ssize_t at;
    while (!b.over && (at = str_find_from(s, from, old)) >= 0) {
        buf_add(&b, str_sub(s, from, (size_t)at));
        buf_add(&b, new);
        from = (size_t)at + old.n;
    }
    buf_add(&b, str_from_index(s, from));
    return az_take(ev, &b, ret);
}

int az_call_trim(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret)
{
    struct str s;
    int r = text_of(ev, args[0], &s);
    UNUSED(n);
    return r < 0 ? r : give_text(ev, utf16_trim(s), ret);
}

static int mapped(struct az_eval *ev, const struct az_value *v, void (*add)(struct buf *b, struct str s),
                  struct az_value **ret)
{
    struct str s;
    int r = text_of(ev, v, &s);
    if (r < 0)
        return r;
    struct buf b = az_eval_buf(ev);
    add(&b, s);
    return az_take(ev, &b, ret);
}

int az_call_lower(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret)
{
    UNUSED(n);
    return mapped(ev, args[0], utf16_add_lower, ret);
}

int az_call_upper(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret)
{
    UNUSED(n);
    return mapped(ev, args[0], utf16_add_upper, ret);
}

int az_call_length(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret)
{
    const struct az_value *v = args[0];
    size_t length;
    UNUSED(n);
    if (v->kind == AZ_ARRAY)
        length = v->array.n;
    else if (v->kind == AZ_OBJECT)
        length = v->object.n;
    else if (v->kind == AZ_STRING)
        length = utf16_units(v->text);
    else
        return err_set(ev->e, EINVAL,
                       "Kind '%s' not supported. Only arrays, strings, dictionaries, or collections are supported for "
                       "the length function.",
                       az_kind_name(v->kind));
    *ret = az_number(ev->a, (double)length);
    return 0;
}

/* A count of characters: whole, and within 0 and max. */
static int count_of(struct az_eval *ev, const struct az_value *v, size_t max, const char *what, size_t *ret)
{
    double d = 0;
    int r = az_to_number(v, &d, ev->e);
    if (r < 0)
        return r;
    d = floor(d);
    if (d < 0 || d > (double)max)
        return err_set(ev->e, EINVAL, "substring: the %s must be 0 to %zu", what, max);
    *ret = (size_t)d;
    return 0;
}

/* substring(text, start[, length]). */
int az_call_substring(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret)
{
    struct str s;
    size_t start = 0, length = 0;
    int r = text_of(ev, args[0], &s);
    if (r < 0)
        return r;
    size_t units = utf16_units(s);
    r = count_of(ev, args[1], units, "start", &start);
    length = units - start;
    if (r == 0 && n == 3)
        r = count_of(ev, args[2], length, "length", &length);
    if (r < 0)
        return r;
    return give_text(ev, str_sub(s, utf16_offset(s, start), utf16_offset(s, start + length)), ret);
}

int az_call_to_json(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret)
{
    struct buf b = az_eval_buf(ev);
    int r = az_add_json(&b, args[0], ev->e);
    UNUSED(n);
    if (r == 0)
        return az_take(ev, &b, ret);
    buf_done(&b);
    return r;
}
