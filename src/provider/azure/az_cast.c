/*
 * az_cast.c - what a value is as another kind (specification 6.2).
 */
#include "core/base.h"
#include "core/num.h"
#include "core/utf8.h"
#include "provider/azure/ast_priv.h"

#include <math.h>

#define DECIMALS 7
#define DECIMAL_MAX 79228162514264337593543950335.0 /* what the service's numbers hold */

/* ---- reading ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Blanks around it, a sign, digits with commas anywhere behind the first one, a point; no exponent. */
bool az_number_read(struct str text, double *ret)
{
    char plain[400];
    size_t n = 0, digits = 0;
    bool point = false;
    struct str s = str_trim(text);
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool sign = i == 0 && (c == '-' || c == '+');
        if (c == ',' && digits > 0 && !point)
            continue;
        if ((!sign && !is_digit(c) && (c != '.' || point)) || n + 1 == sizeof plain)
            return false;
        digits += is_digit(c);
        point = point || c == '.';
        plain[n++] = c;
    }
    double d;
    if (digits == 0 || num_parse_double(str_of(plain, n), &d) < 0 || fabs(d) > DECIMAL_MAX)
        return false;
    *ret = d == 0 ? 0 : d; /* there is no negative zero */
    return true;
}

bool az_version_read(struct str text, struct az_value *ret)
{
    struct az_value v = {.kind = AZ_VERSION};
    struct str rest = text, part;
    bool more = true;
    while (more) {
        int64_t n;
        more = str_cut(rest, '.', &part, &rest);
        part = str_trim(part);
        if (v.version.n == AZ_VERSION_PARTS || num_parse_i64(part, 0, INT32_MAX, &n) < 0)
            return false;
        v.version.part[v.version.n++] = (int32_t)n;
    }
    if (v.version.n < 2)
        return false;
    *ret = v;
    return true;
}

bool az_bool_read(struct str text, bool *ret)
{
    bool yes = str_is_nocase(text, "true");
    if (!yes && !str_is_nocase(text, "false"))
        return false;
    *ret = yes;
    return true;
}

bool az_schema_bool(struct str text, bool *ret)
{
    static const char *const words[] = {"true", "y", "yes", "on", "false", "n", "no", "off"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (!str_is_nocase(text, words[i]))
            continue;
        *ret = i < ARRAY_LEN(words) / 2;
        return true;
    }
    return false;
}

/* ---- casting ---- */

bool az_truth(const struct az_value *v) /* table */
{
    switch (v->kind) {
    case AZ_NULL:
        return false;
    case AZ_BOOL:
        return v->boolean;
    case AZ_NUMBER:
        return v->number < 0 || v->number > 0;
    case AZ_STRING:
        return v->text.n > 0;
    case AZ_VERSION:
    case AZ_DATETIME:
    case AZ_ARRAY:
    case AZ_OBJECT:
        return true;
    }
    BUG("unknown kind of value");
}

/* Seven decimals at most, none that says nothing, never an exponent. */
static struct str number_text(struct arena *a, double d)
{
    char out[400];
    snprintf(out, sizeof out, "%.*f", DECIMALS, d);
    struct str s = str_from(out);
    while (s.p[s.n - 1] == '0')
        s.n--;
    s.n -= s.p[s.n - 1] == '.';
    return arena_str(a, str_is(s, "-0") ? STR("0") : s);
}

static struct str version_text(struct arena *a, const struct az_value *v)
{
    CLEAN(buf) struct buf b = BUF(64);
    for (unsigned i = 0; i < v->version.n; i++)
        buf_printf(&b, "%s%d", i ? "." : "", v->version.part[i]);
    return arena_str(a, buf_str(&b));
}

static struct str datetime_text(struct arena *a, const struct az_value *v)
{
    CLEAN(buf) struct buf b = BUF(64);
    az_add_datetime(&b, v, STR("yyyy-MM-dd HH:mm:sszzz"));
    return arena_str(a, buf_str(&b));
}

int az_text(struct arena *a, const struct az_value *v, struct str *ret, struct err *e) /* table */
{
    switch (v->kind) {
    case AZ_NULL:
        *ret = STR("");
        return 0;
    case AZ_BOOL:
        *ret = v->boolean ? STR("True") : STR("False");
        return 0;
    case AZ_NUMBER:
        *ret = number_text(a, v->number);
        return 0;
    case AZ_STRING:
        *ret = v->text;
        return 0;
    case AZ_VERSION:
        *ret = version_text(a, v);
        return 0;
    case AZ_DATETIME:
        *ret = datetime_text(a, v);
        return 0;
    case AZ_ARRAY:
    case AZ_OBJECT:
        return az_cannot(v, AZ_STRING, e);
    }
    BUG("unknown kind of value");
}

struct str az_scalar(struct arena *a, const struct az_value *v)
{
    struct str text;
    return v && az_text(a, v, &text, NULL) == 0 ? text : STR("");
}

struct str az_shown(struct arena *a, const struct az_value *v)
{
    if (!az_is_scalar(v) || v->kind == AZ_NULL)
        return str_from(az_kind_name(v->kind));
    struct str text = az_scalar(a, v);
    if (v->kind == AZ_VERSION)
        return arena_printf(a, "v%.*s", STR_ARG(text));
    if (v->kind == AZ_DATETIME)
        return arena_printf(a, "(DateTime)%.*s", STR_ARG(text));
    if (v->kind != AZ_STRING)
        return text;
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    buf_add_ch(&b, '\'');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\'')
            buf_add_ch(&b, '\'');
        buf_add_ch(&b, text.p[i]);
    }
    buf_add_ch(&b, '\'');
    return arena_str(a, buf_str(&b));
}

int az_cannot(const struct az_value *v, enum az_kind to, struct err *e)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct str shown = az_shown(a, v);
    return err_set(e, EINVAL, "Unable to convert from %s to %s. Value: %.*s", az_kind_name(v->kind), az_kind_name(to),
                   STR_ARG(shown));
}

int az_to_number(const struct az_value *v, double *ret, struct err *e) /* table */
{
    switch (v->kind) {
    case AZ_NULL:
        *ret = 0;
        return 0;
    case AZ_BOOL:
        *ret = v->boolean ? 1 : 0;
        return 0;
    case AZ_NUMBER:
        *ret = v->number;
        return 0;
    case AZ_STRING:
        if (v->text.n == 0)
            *ret = 0;
        else if (!az_number_read(v->text, ret))
            return az_cannot(v, AZ_NUMBER, e);
        return 0;
    case AZ_VERSION:
    case AZ_DATETIME:
    case AZ_ARRAY:
    case AZ_OBJECT:
        return az_cannot(v, AZ_NUMBER, e);
    }
    BUG("unknown kind of value");
}
