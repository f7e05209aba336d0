#include "core/base.h"
#include "core/num.h"
#include "core/mem.h"

#include <math.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

int num_parse_u64(struct str s, uint64_t max, uint64_t *ret)
{
    uint64_t x = 0;
    bool over = false;
    if (s.n == 0)
        return -EINVAL;
    for (size_t i = 0; i < s.n; i++) {
        if (!is_digit(s.p[i]))
            return -EINVAL;
        over = over || __builtin_mul_overflow(x, 10, &x) || __builtin_add_overflow(x, (uint64_t)(s.p[i] - '0'), &x);
    }
    if (over || x > max)
        return -ERANGE;
    *ret = x;
    return 0;
}

int num_parse_i64(struct str s, int64_t min, int64_t max, int64_t *ret)
{
    bool minus = s.n && s.p[0] == '-';
    if (minus || (s.n && s.p[0] == '+'))
        s = str_from_index(s, 1);
    uint64_t size;
    int r = num_parse_u64(s, minus ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX, &size);
    if (r < 0)
        return r;
    /* Minus size by way of ~ so that INT64_MIN is reached without overflow. */
    int64_t x = minus && size ? -(int64_t)(size - 1) - 1 : (int64_t)size;
    if (x < min || x > max)
        return -ERANGE;
    *ret = x;
    return 0;
}

/* The power of two that a unit stands for, or -1: "", B, k, K, KB, KiB ... T, TB, TiB; all are binary. */
static int unit_shift(struct str unit)
{
    static const char letters[] = "kmgt";
    if (unit.n == 0 || str_is_nocase(unit, "b"))
        return 0;
    struct str rest = str_from_index(unit, 1);
    if (rest.n && !str_is_nocase(rest, "b") && !str_is_nocase(rest, "ib"))
        return -1;
    for (int i = 0; letters[i]; i++)
        if (str_eq_nocase(str_sub(unit, 0, 1), str_of(&letters[i], 1)))
            return 10 * (i + 1);
    return -1;
}

int num_parse_size(struct str s, uint64_t *ret)
{
    size_t digits = 0;
    while (digits < s.n && is_digit(s.p[digits]))
        digits++;
    int shift = unit_shift(str_from_index(s, digits));
    if (shift < 0)
        return -EINVAL;
    uint64_t x;
    int r = num_parse_u64(str_sub(s, 0, digits), UINT64_MAX >> shift, &x);
    if (r == 0)
        *ret = x << shift;
    return r;
}

static size_t skip_digits(struct str s, size_t i)
{
    while (i < s.n && is_digit(s.p[i]))
        i++;
    return i;
}

static size_t skip_sign(struct str s, size_t i)
{
    return i < s.n && (s.p[i] == '+' || s.p[i] == '-') ? i + 1 : i;
}

static bool is_double(struct str s)
{
    size_t start = skip_sign(s, 0), i = skip_digits(s, start);
    size_t digits = i - start;
    if (i < s.n && s.p[i] == '.') {
        size_t end = skip_digits(s, i + 1);
        digits += end - (i + 1);
        i = end;
    }
    if (digits == 0)
        return false;
    if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
        size_t power = skip_sign(s, i + 1);
        i = skip_digits(s, power);
        if (i == power)
            return false;
    }
    return i == s.n;
}

int num_parse_double(struct str s, double *ret)
{
    if (!is_double(s))
        return -EINVAL;
    /* strtod wants a NUL behind the text. It reads "." as the point because slipway never calls setlocale. */
    CLEAN(free) char *text = mem_dup_str(s);
    double x = strtod(text, NULL);
    if (isinf(x))
        return -ERANGE;
    *ret = x;
    return 0;
}

int num_add_g15(struct buf *b, double x)
{
    if (isnan(x))
        return buf_add(b, STR("NaN"));
    if (isinf(x))
        return buf_add(b, x > 0 ? STR("Infinity") : STR("-Infinity"));
    return fpclassify(x) == FP_ZERO ? buf_add_ch(b, '0') : buf_printf(b, "%.15G", x);
}

int num_add_duration(struct buf *b, int64_t ns)
{
    if (ns <= 0)
        return buf_add(b, STR("0s"));
    int64_t tenths = ns / 100000000, s = tenths / 10;
    if (s < 10)
        return buf_printf(b, "%d.%ds", (int)s, (int)(tenths % 10));
    if (s < 60)
        return buf_printf(b, "%ds", (int)s);
    if (s < 3600)
        return buf_printf(b, "%dm%02ds", (int)(s / 60), (int)(s % 60));
    return buf_printf(b, "%lldh%02dm", (long long)(s / 3600), (int)(s / 60 % 60));
}

int num_add_size(struct buf *b, uint64_t bytes)
{
    static const char letters[] = "KMGTPE";
    if (bytes < 1024)
        return buf_printf(b, "%d B", (int)bytes);
    size_t unit = 0;
    while (unit + 2 < sizeof letters && bytes >> (10 * (unit + 2)))
        unit++;
    unsigned shift = 10 * ((unsigned)unit + 1);
    unsigned whole = (unsigned)(bytes >> shift);
    unsigned tenth = (unsigned)(((bytes & ((UINT64_C(1) << shift) - 1)) * 10) >> shift);
    if (whole < 10 && tenth)
        return buf_printf(b, "%u.%u %ciB", whole, tenth, letters[unit]);
    return buf_printf(b, "%u %ciB", whole, letters[unit]);
}

/*
 * Year, month and day of a day number since 1970-01-01 in the proleptic Gregorian calendar, for any int64 of
 * milliseconds. Years are counted from 0000-03-01, so that the leap day is the last of its year; 400 years are one
 * era of 146097 days.
 */
static void civil_from_days(int64_t days, int64_t *year, int *month, int *day)
{
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;                                      /* day of era, 0..146096 */
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365; /* year of era, 0..399 */
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);               /* from 1 March, 0..365 */
    int64_t mp = (5 * doy + 2) / 153;                                    /* 0 is March */
    *day = (int)(doy - (153 * mp + 2) / 5) + 1;
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = yoe + era * 400 + (*month <= 2);
}

int num_add_time(struct buf *b, int64_t epoch_ms)
{
    const int64_t day_ms = 86400000;
    int64_t days = epoch_ms / day_ms, ms = epoch_ms % day_ms, year;
    if (ms < 0) {
        ms += day_ms;
        days--;
    }
    int month, day, s = (int)(ms / 1000);
    civil_from_days(days, &year, &month, &day);
    return buf_printf(b, "%04lld-%02d-%02dT%02d:%02d:%02d.%03dZ", (long long)year, month, day, s / 3600, s / 60 % 60,
                      s % 60, (int)(ms % 1000));
}
