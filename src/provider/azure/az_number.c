/*
 * az_number.c - the run number: what `name` makes of the time, the change, variables and a revision (specification
 * 7.6).
 *
 * Tokens of time are in UTC. `$(Rev:r)` is put in last: it counts the runs whose number was the same but for it.
 */
#include "core/base.h"
#include "provider/azure/plan_priv.h"

#include <time.h>

#define NAME_MAX_CHARS 255

struct asking {
    struct arena *a;
    const struct az_model *m;
    const struct az_vars *vars;
    struct tm now; /* UTC */
    struct buf b;
    size_t rev_at, rev_digits; /* where the revision goes; 0 digits: there is none */
};

/* ---- time ---- */

/* A run of one letter of a .NET format: yyyy, MM, d, HH ... */
static bool add_time_part(struct asking *q, char letter, size_t n)
{
    static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                         "July",    "August",   "September", "October", "November", "December"};
    static const char *const days[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
    const struct tm *t = &q->now;
    int width = n > 1 ? 2 : 1, hour = t->tm_hour % 12 == 0 ? 12 : t->tm_hour % 12;
    if (letter == 'y')
        buf_printf(&q->b, "%0*d", n > 2 ? 4 : width, n > 2 ? t->tm_year + 1900 : t->tm_year % 100);
    else if (letter == 'M' && n > 2)
        buf_printf(&q->b, "%.*s", n == 3 ? 3 : 9, months[t->tm_mon]);
    else if (letter == 'd' && n > 2)
        buf_printf(&q->b, "%.*s", n == 3 ? 3 : 9, days[t->tm_wday]);
    else if (letter == 't')
        buf_printf(&q->b, "%.*s", width, t->tm_hour < 12 ? "AM" : "PM");
    else if (strchr("MdHhms", letter))
        buf_printf(&q->b, "%0*d", width,
                   letter == 'M'   ? t->tm_mon + 1
                   : letter == 'd' ? t->tm_mday
                   : letter == 'H' ? t->tm_hour
                   : letter == 'h' ? hour
                   : letter == 'm' ? t->tm_min
                                   : t->tm_sec);
    else if (letter == 'f')
        buf_add_rep(&q->b, '0', n < 7 ? n : 7);
    else
        return false;
    return true;
}

static void add_time(struct asking *q, struct str format)
{
    size_t i = 0;
    while (i < format.n) {
        size_t n = 1;
        while (i + n < format.n && format.p[i + n] == format.p[i])
            n++;
        if (!add_time_part(q, format.p[i], n))
            buf_add(&q->b, str_sub(format, i, i + n));
        i += n;
    }
}

/* ---- tokens ---- */

static bool add_clock_token(struct asking *q, struct str token)
{
    const struct tm *t = &q->now;
    const struct {
        const char *name;
        int value;
    } numbers[] = {{"DayOfMonth", t->tm_mday}, {"DayOfYear", t->tm_yday + 1}, {"Hours", t->tm_hour},
                   {"Minutes", t->tm_min},     {"Seconds", t->tm_sec},        {"Month", t->tm_mon + 1}};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (str_is_nocase(token, numbers[i].name)) {
            buf_printf(&q->b, "%d", numbers[i].value);
            return true;
        }
    return false;
}

static bool add_format_token(struct asking *q, struct str token)
{
    struct str name, format;
    if (!str_cut(token, ':', &name, &format))
        return false;
    if (str_is_nocase(name, "Date") || str_is_nocase(name, "Year")) {
        add_time(q, format);
        return true;
    }
    size_t r = 0;
    while (r < format.n && format.p[format.n - 1 - r] == 'r')
        r++;
    if (!str_is_nocase(name, "Rev") || r == 0 || q->rev_digits > 0)
        return false;
    buf_add(&q->b, str_sub(format, 0, format.n - r)); /* "$(Rev:.r)" */
    q->rev_at = q->b.n;
    q->rev_digits = r;
    return true;
}

static bool add_token(struct asking *q, struct str token)
{
    static const struct {
        const char *name, *variable;
    } aliases[] = {{"BuildDefinitionName", "Build.DefinitionName"},
                   {"BuildID", "Build.BuildId"},
                   {"SourceBranchName", "Build.SourceBranchName"},
                   {"TeamProject", "System.TeamProject"}};
    if (add_clock_token(q, token) || add_format_token(q, token))
        return true;
    const struct az_var *x = az_vars_find(q->vars, token);
    for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
        if (str_is_nocase(token, aliases[i].name))
            x = az_vars_find(q->vars, str_from(aliases[i].variable));
    if (!x)
        return false;
    buf_add(&q->b, x->value);
    return true;
}

/* What nobody knows stays as it is written, which is told when the pipeline is read. */
static void add_all(struct asking *q, struct str name)
{
    size_t at = 0;
    while (at < name.n) {
        ssize_t open = str_find_from(name, at, STR("$("));
        ssize_t close = open < 0 ? -1 : str_find_from(name, (size_t)open, STR(")"));
        if (close < 0)
            break;
        buf_add(&q->b, str_sub(name, at, (size_t)open));
        struct str token = str_sub(name, (size_t)open + 2, (size_t)close);
        if (!add_token(q, token))
            buf_add(&q->b, str_sub(name, (size_t)open, (size_t)close + 1));
        at = (size_t)close + 1;
    }
    buf_add(&q->b, str_from_index(name, at));
}

/* ---- the whole ---- */

static struct str with_revision(struct asking *q, bool counts)
{
    struct str text = arena_str(q->a, buf_str(&q->b));
    int64_t n = 1;
    if (q->rev_digits == 0)
        return text;
    struct str front = str_sub(text, 0, q->rev_at), back = str_from_index(text, q->rev_at);
    const struct facts *f = q->m->facts;
    if (counts && f->count) {
        struct str key =
            arena_printf(q->a, "azure revision %.*s %.*s|%.*s", STR_ARG(q->m->file), STR_ARG(front), STR_ARG(back));
        n = f->count(f->count_ctx, key, 1);
    }
    return arena_printf(q->a, "%.*s%0*lld%.*s", STR_ARG(front), (int)(q->rev_digits < 20 ? q->rev_digits : 20),
                        (long long)n, STR_ARG(back));
}

static int check(struct str number, struct err *e)
{
    for (size_t i = 0; i < number.n; i++)
        if (strchr("\":<>\\|?@*", number.p[i]))
            return err_set(e, EINVAL, "the run number '%.*s' must not contain '%c'", STR_ARG(number), number.p[i]);
    if (str_ends(number, STR(".")))
        return err_set(e, EINVAL, "the run number '%.*s' must not end with a full stop", STR_ARG(number));
    if (number.n > NAME_MAX_CHARS)
        return err_set(e, EINVAL, "the run number has more than %d characters", NAME_MAX_CHARS);
    return 0;
}

/* Those of a branch's name. */
static struct str without_slashes(struct arena *a, struct str number)
{
    char *p = arena_alloc(a, number.n + 1);
    for (size_t i = 0; i < number.n; i++)
        p[i] = (char)(number.p[i] == '/' ? '_' : number.p[i]);
    return (struct str){p, number.n};
}

int az_run_number(const struct az_model *m, struct arena *a, const struct az_vars *vars, bool counts, struct str *ret,
                  struct err *e)
{
    struct asking q = {.a = a, .m = m, .vars = vars, .b = BUF(BUF_TEXT)};
    struct str name = m->pipeline->name;
    time_t seconds = (time_t)(m->facts->now_ms / 1000);
    gmtime_r(&seconds, &q.now);
    add_all(&q, name.n > 0 ? name : STR("$(Date:yyyyMMdd).$(Rev:r)"));
    struct str number = with_revision(&q, counts);
    buf_done(&q.b);
    number = without_slashes(a, number);
    int rc = check(number, e);
    if (rc == 0)
        *ret = number;
    return rc;
}
