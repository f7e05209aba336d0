/*
 * gh_value.c - what values are to each other: truth, text, number, order ("Evaluate expressions", operators).
 */
#include "core/base.h"
#include "core/num.h"
#include "provider/github/expr_node_priv.h"

#include <math.h>

bool gh_is_primitive(const struct value *v)
{
    return v->kind != VALUE_ARRAY && v->kind != VALUE_OBJECT;
}

bool gh_truthy(const struct value *v)
{
    switch (v->kind) {
    case VALUE_NULL:
        return false;
    case VALUE_BOOL:
        return v->boolean;
    case VALUE_NUMBER:
        return fpclassify(v->number) != FP_ZERO && !isnan(v->number);
    case VALUE_STRING:
        return v->string.n > 0;
    case VALUE_ARRAY:
    case VALUE_OBJECT:
        return true;
    }
    BUG("unknown kind of value");
}

static struct str number_text(struct arena *a, double x)
{
    CLEAN(buf) struct buf b = BUF(64);
    num_add_g15(&b, x);
    return arena_str(a, buf_str(&b));
}

struct str gh_to_string(struct arena *a, const struct value *v)
{
    switch (v->kind) {
    case VALUE_NULL:
        return STR("");
    case VALUE_BOOL:
        return v->boolean ? STR("true") : STR("false");
    case VALUE_NUMBER:
        return number_text(a, v->number);
    case VALUE_STRING:
        return v->string;
    case VALUE_ARRAY:
        return STR("Array");
    case VALUE_OBJECT:
        return STR("Object");
    }
    BUG("unknown kind of value");
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

/* 0x and 0o forms are 32 bits in two's complement: 0xffffffff is -1, more bits are no number. */
static double radix_number(struct str digits, unsigned bits)
{
    uint32_t x = 0;
    for (size_t i = 0; i < digits.n; i++) {
        int d = digit_of(digits.p[i]);
        if (d >= 1 << bits || x >> (32 - bits))
            return (double)NAN;
        x = x << bits | (uint32_t)d;
    }
    return (double)(int32_t)x;
}

double gh_number_of(struct str s)
{
    double x;
    s = utf16_trim(s);
    if (s.n == 0)
        return 0;
    if (s.n > 2 && str_starts(s, STR("0x")))
        return radix_number(str_from_index(s, 2), 4);
    if (s.n > 2 && str_starts(s, STR("0o")))
        return radix_number(str_from_index(s, 2), 3);
    int r = num_parse_double(s, &x);
    if (r == 0)
        return x;
    if (r == -ERANGE || str_is(s, "Infinity") || str_is(s, "+Infinity") || str_is(s, "-Infinity"))
        return s.p[0] == '-' ? -(double)INFINITY : (double)INFINITY;
    return (double)NAN;
}

double gh_to_number(const struct value *v)
{
    switch (v->kind) {
    case VALUE_NULL:
        return 0;
    case VALUE_BOOL:
        return v->boolean ? 1 : 0;
    case VALUE_NUMBER:
        return v->number;
    case VALUE_STRING:
        return gh_number_of(v->string);
    case VALUE_ARRAY:
    case VALUE_OBJECT:
        return (double)NAN;
    }
    BUG("unknown kind of value");
}

static enum gh_order order_of(int cmp)
{
    return cmp < 0 ? GH_LESS : cmp > 0 ? GH_GREATER : GH_SAME;
}

static enum gh_order compare_numbers(double a, double b)
{
    if (isnan(a) || isnan(b))
        return GH_UNORDERED;
    return isless(a, b) ? GH_LESS : isgreater(a, b) ? GH_GREATER : GH_SAME;
}

static enum gh_order compare_same_kind(const struct value *a, const struct value *b)
{
    switch (a->kind) {
    case VALUE_NULL:
        return GH_SAME;
    case VALUE_BOOL:
        return order_of(a->boolean - b->boolean);
    case VALUE_NUMBER:
        return compare_numbers(a->number, b->number);
    case VALUE_STRING:
        return order_of(utf16_fold_cmp(a->string, b->string));
    case VALUE_ARRAY:
    case VALUE_OBJECT:
        return a == b ? GH_SAME : GH_UNORDERED;
    }
    BUG("unknown kind of value");
}

/* Two primitives of different kinds always meet as numbers: bool and null turn into one, and then the text does. */
enum gh_order gh_compare(const struct value *a, const struct value *b)
{
    if (a->kind == b->kind)
        return compare_same_kind(a, b);
    if (!gh_is_primitive(a) || !gh_is_primitive(b))
        return GH_UNORDERED;
    return compare_numbers(gh_to_number(a), gh_to_number(b));
}

bool gh_equal(const struct value *a, const struct value *b)
{
    return gh_compare(a, b) == GH_SAME;
}
