/*
 * gh_handlebars.c - as much of handlebars as tags and labels of images use: {{name}}, {{{name}}}, {{date 'FORMAT'}} and
 * comments. Blocks are refused by name. Dates are formatted as moment.js does, in UTC.
 */
#include "core/base.h"
#include "provider/github/docker_priv.h"

#include "core/buf.h"

#define RENDER_MAX ((size_t)1 << 20)

/* ---- dates ---- */

struct civil {
    int64_t year;
    unsigned month, day, hour, minute, second, ms; /* month, day from 1 */
    unsigned weekday, yearday;                     /* Sunday is 0; from 1 */
    int64_t epoch_ms;
};

/* Days since 1970 to a date (Howard Hinnant's algorithm, with March as the first month). */
static struct civil civil_of(int64_t epoch_ms)
{
    struct civil c = {.epoch_ms = epoch_ms};
    int64_t day_ms = ((epoch_ms % 86400000) + 86400000) % 86400000, days = (epoch_ms - day_ms) / 86400000;
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    c.day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
    c.month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
    c.year = yoe + era * 400 + (c.month <= 2);
    c.hour = (unsigned)(day_ms / 3600000);
    c.minute = (unsigned)(day_ms / 60000 % 60);
    c.second = (unsigned)(day_ms / 1000 % 60);
    c.ms = (unsigned)(day_ms % 1000);
    c.weekday = (unsigned)(((days + 4) % 7 + 7) % 7);
    bool leap = (c.year % 4 == 0 && c.year % 100 != 0) || c.year % 400 == 0;
    c.yearday = c.month > 2 ? (unsigned)doy + 60 + leap : (unsigned)doy - 305;
    return c;
}

/* ISO 8601: the week and the year that it belongs to. */
static unsigned iso_week(const struct civil *c, int64_t *ret_year)
{
    unsigned weekday = c->weekday == 0 ? 7 : c->weekday;
    struct civil thursday = civil_of(c->epoch_ms + (4 - (int64_t)weekday) * 86400000);
    *ret_year = thursday.year;
    return (thursday.yearday - 1) / 7 + 1;
}

static const char *ordinal(unsigned n)
{
    if (n / 10 % 10 == 1)
        return "th";
    return n % 10 == 1 ? "st" : n % 10 == 2 ? "nd" : n % 10 == 3 ? "rd" : "th";
}

static void add_name(struct buf *b, const char *const *names, unsigned i, size_t n)
{
    struct str name = str_from(names[i]);
    buf_add(b, n > 0 ? str_sub(name, 0, n) : name);
}

/* Adds what the token at s stands for; returns its length, 0 when it is none. */
static size_t add_token(struct buf *b, const struct civil *c, struct str s)
{
    /* table */
    static const char *const MONTHS[] = {"January", "February", "March",     "April",   "May",      "June",
                                         "July",    "August",   "September", "October", "November", "December"};
    static const char *const DAYS[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
    static const char *const TOKENS[] = {"YYYY", "YY", "Y",    "MMMM", "MMM", "MM",   "Mo",  "M",  "DDDD", "DDD", "DD",
                                         "Do",   "D",  "dddd", "ddd",  "dd",  "d",    "E",   "HH", "H",    "hh",  "h",
                                         "kk",   "k",  "mm",   "m",    "ss",  "s",    "SSS", "SS", "S",    "A",   "a",
                                         "ZZ",   "Z",  "X",    "x",    "Q",   "GGGG", "WW",  "W"};
    unsigned hour = c->hour % 12 == 0 ? 12 : c->hour % 12;
    int64_t year = c->year;
    unsigned week = iso_week(c, &year);
    size_t i = 0;
    while (i < ARRAY_LEN(TOKENS) && !str_starts(s, str_from(TOKENS[i])))
        i++;
    if (i == ARRAY_LEN(TOKENS))
        return 0;
    struct str t = str_from(TOKENS[i]);
    if (str_is(t, "YYYY"))
        buf_printf(b, "%04lld", (long long)c->year);
    else if (str_is(t, "YY"))
        buf_printf(b, "%02lld", (long long)(c->year % 100));
    else if (str_is(t, "Y"))
        buf_printf(b, "%lld", (long long)c->year);
    else if (str_is(t, "MMMM") || str_is(t, "MMM"))
        add_name(b, MONTHS, c->month - 1, t.n == 3 ? 3 : 0);
    else if (str_is(t, "Mo"))
        buf_printf(b, "%u%s", c->month, ordinal(c->month));
    else if (t.p[0] == 'M')
        buf_printf(b, t.n == 2 ? "%02u" : "%u", c->month);
    else if (str_is(t, "DDDD"))
        buf_printf(b, "%03u", c->yearday);
    else if (str_is(t, "DDD"))
        buf_printf(b, "%u", c->yearday);
    else if (str_is(t, "Do"))
        buf_printf(b, "%u%s", c->day, ordinal(c->day));
    else if (t.p[0] == 'D')
        buf_printf(b, t.n == 2 ? "%02u" : "%u", c->day);
    else if (t.p[0] == 'd' && t.n > 1)
        add_name(b, DAYS, c->weekday, t.n == 4 ? 0 : t.n);
    else if (t.p[0] == 'd')
        buf_printf(b, "%u", c->weekday);
    else if (t.p[0] == 'E')
        buf_printf(b, "%u", c->weekday == 0 ? 7 : c->weekday);
    else if (t.p[0] == 'H')
        buf_printf(b, t.n == 2 ? "%02u" : "%u", c->hour);
    else if (t.p[0] == 'h')
        buf_printf(b, t.n == 2 ? "%02u" : "%u", hour);
    else if (t.p[0] == 'k')
        buf_printf(b, t.n == 2 ? "%02u" : "%u", c->hour == 0 ? 24 : c->hour);
    else if (t.p[0] == 'm')
        buf_printf(b, t.n == 2 ? "%02u" : "%u", c->minute);
    else if (t.p[0] == 's')
        buf_printf(b, t.n == 2 ? "%02u" : "%u", c->second);
    else if (t.p[0] == 'S')
        buf_printf(b, "%0*u", (int)t.n, t.n == 3 ? c->ms : t.n == 2 ? c->ms / 10 : c->ms / 100);
    else if (t.p[0] == 'A' || t.p[0] == 'a')
        buf_add_cstr(b, t.p[0] == 'A' ? (c->hour < 12 ? "AM" : "PM") : (c->hour < 12 ? "am" : "pm"));
    else if (t.p[0] == 'Z')
        buf_add_cstr(b, t.n == 2 ? "+0000" : "+00:00");
    else if (t.p[0] == 'X' || t.p[0] == 'x')
        buf_printf(b, "%lld", (long long)(t.p[0] == 'x' ? c->epoch_ms : c->epoch_ms / 1000));
    else if (t.p[0] == 'Q')
        buf_printf(b, "%u", (c->month + 2) / 3);
    else if (t.p[0] == 'G')
        buf_printf(b, "%04lld", (long long)year);
    else
        buf_printf(b, t.n == 2 ? "%02u" : "%u", week);
    return t.n;
}

struct str gh_moment(struct arena *a, int64_t epoch_ms, struct str format)
{
    CLEAN(buf) struct buf b = BUF(RENDER_MAX);
    struct civil c = civil_of(epoch_ms);
    for (size_t i = 0; i < format.n;) {
        struct str rest = str_from_index(format, i);
        ssize_t close = rest.p[0] == '[' ? str_find_ch(rest, ']') : -1;
        if (close > 0) {
            buf_add(&b, str_sub(rest, 1, (size_t)close));
            i += (size_t)close + 1;
            continue;
        }
        size_t n = add_token(&b, &c, rest);
        if (n == 0)
            buf_add_ch(&b, rest.p[0]);
        i += n > 0 ? n : 1;
    }
    return arena_str(a, buf_str(&b));
}

/* ---- expressions ---- */

/* Two curly braces escape what HTML would read; three do not. */
static void add_escaped(struct buf *b, struct str s)
{
    static const struct {
        char c;
        const char *text;
    } ESCAPES[] = {{'&', "&amp;"},   {'<', "&lt;"},   {'>', "&gt;"},  {'"', "&quot;"},
                   {'\'', "&#x27;"}, {'`', "&#x60;"}, {'=', "&#x3D;"}};
    for (size_t i = 0; i < s.n; i++) {
        size_t k = 0;
        while (k < ARRAY_LEN(ESCAPES) && ESCAPES[k].c != s.p[i])
            k++;
        if (k < ARRAY_LEN(ESCAPES))
            buf_add_cstr(b, ESCAPES[k].text);
        else
            buf_add_ch(b, s.p[i]);
    }
}

/* A quoted text off *rest; false: there is none. */
static bool take_quoted(struct str *rest, struct str *ret)
{
    *rest = str_trim(*rest);
    if (rest->n < 2 || (rest->p[0] != '\'' && rest->p[0] != '"'))
        return false;
    struct str tail = str_from_index(*rest, 1);
    ssize_t close = str_find_ch(tail, rest->p[0]);
    if (close < 0)
        return false;
    *ret = str_sub(tail, 0, (size_t)close);
    *rest = str_trim(str_from_index(tail, (size_t)close + 1));
    return true;
}

/* What stands behind `date`: 'FORMAT' tz='ZONE'. */
static int render_date(struct arena *a, struct str rest, int64_t ms, struct str *ret, struct err *e)
{
    struct str format = STR("YYYY-MM-DDTHH:mm:ssZ"), key, zone = STR("UTC");
    take_quoted(&rest, &format);
    while (rest.n > 0) {
        if (!str_cut(rest, '=', &key, &rest) || !take_quoted(&rest, &zone))
            return err_set(e, EINVAL, "Parse error in a date: 'FORMAT' and tz='ZONE' were expected");
        if (!str_is(str_trim(key), "tz"))
            return err_set(e, EINVAL, "Unknown %.*s attribute", STR_ARG(str_trim(key)));
    }
    if (!str_is_nocase(zone, "UTC") && !str_is_nocase(zone, "Etc/UTC") && !str_is_nocase(zone, "GMT"))
        return err_set(e, ENOSYS, "the time zone '%.*s' is not supported by slipway: dates are in UTC", STR_ARG(zone));
    *ret = gh_moment(a, ms, format);
    return 0;
}

static int render(struct arena *a, struct str inner, const struct gh_handlebars *h, struct str *ret, struct err *e)
{
    inner = str_trim(inner);
    size_t i = 0;
    while (i < inner.n && inner.p[i] != ' ')
        i++;
    struct str name = str_sub(inner, 0, i), rest = str_trim(str_from_index(inner, i));
    if (name.n == 0)
        return err_set(e, EINVAL, "Parse error: an expression was expected between {{ and }}");
    if (strchr("#/^>&*", name.p[0]) != NULL)
        return err_set(e, ENOSYS, "handlebars' {{%.*s}} is not supported by slipway", STR_ARG(inner));
    if (str_is(name, "date"))
        return render_date(a, rest, h->date_ms, ret, e);
    if (str_is(name, "commit_date"))
        return render_date(a, rest, h->commit_ms, ret, e);
    if (rest.n > 0)
        return err_set(e, EINVAL, "Missing helper: \"%.*s\"", STR_ARG(name));
    *ret = map_get_str(&h->names, name);
    return 0;
}

int gh_handlebars(struct arena *a, struct str text, const struct gh_handlebars *h, struct str *ret, struct err *e)
{
    CLEAN(buf) struct buf b = BUF(RENDER_MAX);
    struct str rest = text;
    for (;;) {
        ssize_t open = str_find(rest, STR("{{"));
        if (open < 0)
            break;
        buf_add(&b, str_sub(rest, 0, (size_t)open));
        rest = str_from_index(rest, (size_t)open + 2);
        bool raw = rest.n > 0 && rest.p[0] == '{', comment = rest.n > 0 && rest.p[0] == '!';
        ssize_t close = str_find(rest, raw ? STR("}}}") : STR("}}"));
        if (close < 0)
            return err_set(e, EINVAL, "Parse error: '}}' was expected in '%.*s'", STR_ARG(text));
        struct str value = STR_NONE;
        int rc = comment ? 0 : render(a, str_sub(rest, raw ? 1 : 0, (size_t)close), h, &value, e);
        if (rc < 0)
            return rc;
        if (raw)
            buf_add(&b, value);
        else
            add_escaped(&b, value);
        rest = str_from_index(rest, (size_t)close + (raw ? 3 : 2));
    }
    buf_add(&b, rest);
    if (b.over)
        return err_set(e, E2BIG, "a template of more than 1 MiB");
    *ret = arena_str(a, buf_str(&b));
    return 0;
}

bool gh_handlebars_is(struct str text, const char *name)
{
    if (!str_starts(text, STR("{{")) || !str_ends(text, STR("}}")) || text.n < 4)
        return false;
    struct str inner = str_sub(text, 2, text.n - 2);
    if (str_starts(inner, STR("{")) && str_ends(inner, STR("}")))
        inner = str_sub(inner, 1, inner.n - 1);
    return str_is(str_trim(inner), name);
}
