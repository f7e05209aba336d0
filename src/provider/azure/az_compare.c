/*
 * az_compare.c - is one value another, and which is less (specification 6.2): the left one's kind decides.
 */
#include "core/base.h"
#include "provider/azure/ast_priv.h"

static bool to_version(struct arena *a, const struct az_value *v, struct az_value *ret)
{
    if (v->kind == AZ_VERSION) {
        *ret = *v;
        return true;
    }
    return (v->kind == AZ_STRING || v->kind == AZ_NUMBER) && az_version_read(az_scalar(a, v), ret);
}

static bool to_datetime(const struct az_value *v, struct az_value *ret)
{
    if (v->kind == AZ_DATETIME) {
        *ret = *v;
        return true;
    }
    return v->kind == AZ_STRING && az_datetime_read(v->text, ret);
}

static int cmp_numbers(double a, double b)
{
    return (a > b) - (a < b);
}

/* A part that is missing comes before 0. */
static int cmp_versions(const struct az_value *a, const struct az_value *b)
{
    for (unsigned i = 0; i < AZ_VERSION_PARTS; i++) {
        int32_t x = i < a->version.n ? a->version.part[i] : -1, y = i < b->version.n ? b->version.part[i] : -1;
        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

static int cmp_datetimes(const struct az_value *a, const struct az_value *b)
{
    return (a->datetime.ms > b->datetime.ms) - (a->datetime.ms < b->datetime.ms);
}

static bool same_container(const struct az_value *a, const struct az_value *b)
{
    if (a == b || a->kind != b->kind)
        return a == b;
    if (a->kind == AZ_ARRAY)
        return a->array.p && a->array.p == b->array.p; /* a copy that is said to stand elsewhere (az_at) */
    return a->object.p && a->object.p == b->object.p;
}

bool az_equal(struct arena *a, const struct az_value *left, const struct az_value *right) /* table */
{
    struct az_value v;
    double d;
    switch (left->kind) {
    case AZ_NULL:
        return right->kind == AZ_NULL || (right->kind == AZ_STRING && right->text.n == 0);
    case AZ_BOOL:
        return left->boolean == az_truth(right);
    case AZ_NUMBER:
        return az_to_number(right, &d, NULL) == 0 && cmp_numbers(left->number, d) == 0;
    case AZ_STRING:
        return az_is_scalar(right) && utf16_fold_eq(left->text, az_scalar(a, right));
    case AZ_VERSION:
        return to_version(a, right, &v) && cmp_versions(left, &v) == 0;
    case AZ_DATETIME:
        return to_datetime(right, &v) && cmp_datetimes(left, &v) == 0;
    case AZ_ARRAY:
    case AZ_OBJECT:
        return same_container(left, right);
    }
    BUG("unknown kind of value");
}

/* ---- order ---- */

static int order_numbers(const struct az_value *left, const struct az_value *right, int *ret, struct err *e)
{
    double x, y;
    int r = az_to_number(left, &x, e);
    if (r == 0)
        r = az_to_number(right, &y, e);
    if (r == 0)
        *ret = cmp_numbers(x, y);
    return r;
}

static int order_strings(struct arena *a, const struct az_value *left, const struct az_value *right, int *ret,
                         struct err *e)
{
    struct str text;
    int r = az_text(a, right, &text, e);
    if (r == 0)
        *ret = utf16_fold_cmp(left->text, text);
    return r;
}

int az_order(struct arena *a, const struct az_value *left, const struct az_value *right, int *ret,
             struct err *e) /* table */
{
    struct az_value v;
    switch (left->kind) {
    case AZ_BOOL:
        *ret = left->boolean - az_truth(right);
        return 0;
    case AZ_STRING:
        return order_strings(a, left, right, ret, e);
    case AZ_VERSION:
        if (!to_version(a, right, &v))
            return az_cannot(right, AZ_VERSION, e);
        *ret = cmp_versions(left, &v);
        return 0;
    case AZ_DATETIME:
        if (!to_datetime(right, &v))
            return az_cannot(right, AZ_DATETIME, e);
        *ret = cmp_datetimes(left, &v);
        return 0;
    case AZ_NULL:
    case AZ_NUMBER:
    case AZ_ARRAY:
    case AZ_OBJECT:
        return order_numbers(left, right, ret, e);
    }
    BUG("unknown kind of value");
}
