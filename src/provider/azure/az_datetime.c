/*
 * az_datetime.c - moments: read, and written by .NET's custom specifiers (specification 6.3).
 */
#include "core/base.h"
#include "core/num.h"
#include "provider/azure/ast_priv.h"

#define DAY_MS ((int64_t)86400000)

struct civil {
    int64_t year;
    int month, day, hour, minute, second, ms, weekday; /* weekday: 0 is Sunday */
};

/* Days since 1970 of a date of the proleptic Gregorian calendar, with years that begin in March. */
static int64_t days_of(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static struct civil civil_of(const struct az_value *v)
{
    int64_t ms = v->datetime.ms + (int64_t)v->datetime.offset_min * 60000;
    int64_t days = ms / DAY_MS - (ms % DAY_MS < 0), rest = ms - days * DAY_MS;
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, of_era = z - era * 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;
    struct civil c = {.day = (int)(of_year - (153 * m + 2) / 5 + 1), .month = (int)(m < 10 ? m + 3 : m - 9)};
    c.year = y + era * 400 + (c.month <= 2);
    c.hour = (int)(rest / 3600000);
    c.minute = (int)(rest / 60000 % 60);
    c.second = (int)(rest / 1000 % 60);
    c.ms = (int)(rest % 1000);
    c.weekday = (int)(((days + 4) % 7 + 7) % 7);
    return c;
}

static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};
static const char *const weekdays[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

static void add_offset(struct buf *b, int offset_min, size_t n)
{
    int minutes = offset_min < 0 ? -offset_min : offset_min;
    char sign = offset_min < 0 ? '-' : '+';
    if (n == 1)
        buf_printf(b, "%c%d", sign, minutes / 60);
    else
        buf_printf(b, "%c%02d", sign, minutes / 60);
    if (n >= 3)
        buf_printf(b, ":%02d", minutes % 60);
}

static void add_name(struct buf *b, const char *name, size_t n)
{
    buf_add(b, n == 3 ? str_sub(str_from(name), 0, 3) : str_from(name));
}

static void add_number(struct buf *b, int64_t value, size_t n)
{
    buf_printf(b, "%0*lld", (int)n, (long long)value);
}

/* The first n digits of a second's fraction; F leaves out zeros at the end. */
static int add_fraction(struct buf *b, int ms, char c, size_t n)
{
    char digits[16];
    if (n > 7)
        return -EINVAL;
    snprintf(digits, sizeof digits, "%03d0000", ms);
    while (c == 'F' && n > 0 && digits[n - 1] == '0')
        n--;
    buf_add(b, str_of(digits, n));
    return 0;
}

/* n times the letter c. */
static int add_field(struct buf *b, const struct civil *t, int offset_min, char c, size_t n) /* table */
{
    size_t two = n > 2 ? 2 : n;
    switch (c) {
    case 'y':
        add_number(b, n <= 2 ? t->year % 100 : t->year, n);
        return 0;
    case 'M':
        if (n > 2)
            add_name(b, months[t->month - 1], n);
        else
            add_number(b, t->month, n);
        return 0;
    case 'd':
        if (n > 2)
            add_name(b, weekdays[t->weekday], n);
        else
            add_number(b, t->day, n);
        return 0;
    case 'H':
        add_number(b, t->hour, two);
        return 0;
    case 'h':
        add_number(b, t->hour % 12 ? t->hour % 12 : 12, two);
        return 0;
    case 'm':
        add_number(b, t->minute, two);
        return 0;
    case 's':
        add_number(b, t->second, two);
        return 0;
    case 'f':
    case 'F':
        return add_fraction(b, t->ms, c, n);
    case 't':
        buf_add(b, str_sub(t->hour < 12 ? STR("AM") : STR("PM"), 0, two));
        return 0;
    case 'z':
    case 'K':
        add_offset(b, offset_min, c == 'K' ? 3 : n);
        return 0;
    default:
        return -EINVAL;
    }
}

int az_add_datetime(struct buf *b, const struct az_value *v, struct str specifiers)
{
    struct civil t = civil_of(v);
    int r = 0;
    for (size_t i = 0, n; r == 0 && i < specifiers.n; i += n) {
        char c = specifiers.p[i];
        n = 1;
        if (c == '\\' && i + 1 < specifiers.n) {
            buf_add_ch(b, specifiers.p[i + 1]);
            n = 2;
        } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
            while (c != 'K' && i + n < specifiers.n && specifiers.p[i + n] == c)
                n++;
            r = add_field(b, &t, v->datetime.offset_min, c, n);
        } else {
            buf_add_ch(b, c);
        }
    }
    return r;
}

/* What separates them takes a backslash, but blanks. */
bool az_datetime_formats(struct str specifiers)
{
    static const char *const known[] = {"yyyy", "yy",   "M",     "MM",     "d",       "dd",  "H",
                                        "HH",   "m",    "mm",    "s",      "ss",      "f",   "ff",
                                        "fff",  "ffff", "fffff", "ffffff", "fffffff", "zzz", "K"};
    for (size_t i = 0, n; i < specifiers.n; i += n) {
        char c = specifiers.p[i];
        bool ok = c == ' ';
        n = 1;
        while (i + n < specifiers.n && specifiers.p[i + n] == c)
            n++;
        if (c == '\\') {
            n = 2;
            ok = i + 1 < specifiers.n;
        }
        for (size_t k = 0; !ok && k < ARRAY_LEN(known); k++)
            ok = str_is(str_sub(specifiers, i, i + n), known[k]);
        if (!ok)
            return false;
    }
    return true;
}

/* ---- reading ---- */

/* n digits off the front. */
static bool take_digits(struct str *s, size_t n, int max, int *ret)
{
    uint64_t value;
    if (s->n < n || num_parse_u64(str_sub(*s, 0, n), (uint64_t)max, &value) < 0)
        return false;
    *ret = (int)value;
    *s = str_from_index(*s, n);
    return true;
}

static bool take_char(struct str *s, const char *any)
{
    if (s->n == 0 || !s->p[0] || !strchr(any, s->p[0]))
        return false;
    *s = str_from_index(*s, 1);
    return true;
}

static bool take_date(struct str *s, struct civil *t)
{
    int year;
    bool ok = take_digits(s, 4, 9999, &year) && take_char(s, "-/") && take_digits(s, 2, 12, &t->month) &&
              take_char(s, "-/") && take_digits(s, 2, 31, &t->day);
    t->year = ok ? year : 0;
    return ok && t->month > 0 && t->day > 0;
}

static bool take_time(struct str *s, struct civil *t)
{
    if (!take_digits(s, 2, 23, &t->hour) || !take_char(s, ":") || !take_digits(s, 2, 59, &t->minute))
        return false;
    if (take_char(s, ":") && !take_digits(s, 2, 59, &t->second))
        return false;
    int digit, scale = 100;
    if (take_char(s, "."))
        for (; take_digits(s, 1, 9, &digit); scale /= 10)
            t->ms += digit * scale;
    return true;
}

static bool take_offset(struct str *s, int *ret)
{
    bool minus = s->n > 0 && s->p[0] == '-';
    int hours, minutes = 0;
    if (take_char(s, "Z"))
        return true;
    if (!take_char(s, "+-") || !take_digits(s, 2, 14, &hours))
        return false;
    if (take_char(s, ":") && !take_digits(s, 2, 59, &minutes))
        return false;
    *ret = (hours * 60 + minutes) * (minus ? -1 : 1);
    return true;
}

bool az_datetime_read(struct str text, struct az_value *ret)
{
    struct str s = str_trim(text);
    struct civil t = {0};
    int offset = 0;
    if (!take_date(&s, &t))
        return false;
    if (take_char(&s, " T") && !take_time(&s, &t))
        return false;
    s = str_trim(s);
    if (s.n > 0 && (!take_offset(&s, &offset) || s.n > 0))
        return false;
    int64_t seconds = ((days_of(t.year, t.month, t.day) * 24 + t.hour) * 60 + t.minute - offset) * 60 + t.second;
    *ret = (struct az_value){.kind = AZ_DATETIME};
    ret->datetime.ms = seconds * 1000 + t.ms;
    ret->datetime.offset_min = offset;
    return true;
}
