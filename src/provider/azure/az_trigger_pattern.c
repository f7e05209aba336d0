/*
 * az_trigger_pattern.c - patterns of triggers, and cron lines (specification 3.2).
 */
#include "core/base.h"
#include "core/num.h"
#include "provider/azure/plan_priv.h"

/* ---- matching ---- */

bool az_pattern_matches(struct str pattern, struct str name)
{
    size_t p = 0, n = 0, star = SIZE_MAX, resume = 0;
    while (n < name.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            resume = n;
        } else if (p < pattern.n && (pattern.p[p] == '?' || pattern.p[p] == name.p[n])) {
            p++;
            n++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            n = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

bool az_path_matches(struct str pattern, struct str path, unsigned *ret_depth)
{
    struct str rest = pattern;
    while (str_ends(rest, STR("/")))
        rest = str_sub(rest, 0, rest.n - 1);
    *ret_depth = rest.n == 0 || str_is(rest, "*") ? 0 : 1;
    for (size_t i = 0; i < rest.n; i++)
        *ret_depth += rest.p[i] == '/' && !str_is(str_from_index(rest, i), "/*");
    if (rest.n == 0)
        return pattern.n > 0;
    if (az_pattern_matches(rest, path))
        return true;
    for (size_t i = 0; i < path.n; i++)
        if (path.p[i] == '/' && az_pattern_matches(rest, str_sub(path, 0, i)))
            return true;
    return false;
}

/* ---- cron ---- */

struct cron_field {
    const char *name;
    unsigned min, max;
    const char *const *words; /* names for values from min on, or NULL */
    size_t n_words;
};

static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                     "jul", "aug", "sep", "oct", "nov", "dec"};
static const char *const days[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
static const struct cron_field fields[] = {
    {"minute", 0, 59, NULL, 0},
    {"hour", 0, 23, NULL, 0},
    {"day of the month", 1, 31, NULL, 0},
    {"month", 1, 12, months, ARRAY_LEN(months)},
    {"day of the week", 0, 6, days, ARRAY_LEN(days)},
};

static bool cron_number(const struct cron_field *f, struct str s, unsigned *ret)
{
    uint64_t x;
    for (size_t i = 0; i < f->n_words; i++)
        if (s.n >= 3 && str_eq_nocase(str_sub(s, 0, 3), str_from(f->words[i]))) {
            *ret = f->min + (unsigned)i;
            return true;
        }
    if (num_parse_u64(s, f->max, &x) < 0 || x < f->min)
        return false;
    *ret = (unsigned)x;
    return true;
}

/* *, *\/5, 3, 3-7, 3-7/2 */
static bool cron_part(const struct cron_field *f, struct str part)
{
    struct str range, step, from_text, to_text;
    unsigned from, to;
    uint64_t n = 1;
    if (str_cut(part, '/', &range, &step) && (num_parse_u64(step, f->max, &n) < 0 || n == 0))
        return false;
    if (str_is(range, "*"))
        return true;
    bool two = str_cut(range, '-', &from_text, &to_text);
    if (!cron_number(f, from_text, &from))
        return false;
    return !two || (cron_number(f, to_text, &to) && from <= to);
}

static bool cron_field(const struct cron_field *f, struct str text)
{
    struct str rest = text, part;
    if (str_ends(text, STR(",")))
        return false;
    while (str_next(&rest, ',', &part))
        if (!cron_part(f, part))
            return false;
    return true;
}

int az_cron_check(struct str text, struct err *e)
{
    struct str rest = str_trim(text), word;
    size_t n = 0;
    while (str_next(&rest, ' ', &word)) {
        if (word.n == 0)
            continue;
        if (n < ARRAY_LEN(fields) && !cron_field(&fields[n], word))
            return err_set(e, EINVAL, "'%.*s' is no %s", STR_ARG(word), fields[n].name);
        n++;
    }
    if (n != ARRAY_LEN(fields))
        return err_set(e, EINVAL, "it needs five fields and has %zu", n);
    return 0;
}

/* ---- what cannot be right ---- */

void az_trigger_check(const struct az_pipeline *p, struct diags *d)
{
    for (size_t i = 0; i < p->n_schedules; i++) {
        const struct az_schedule *s = &p->schedules[i];
        struct err e = {0};
        if (az_cron_check(s->cron, &e) < 0) {
            const struct az_value *at = s->at ? az_get_nocase(s->at, "cron") : NULL;
            az_error(d, "AZ450", at ? at : s->at, "'%.*s' is no cron line: %s", STR_ARG(s->cron), e.text);
        }
    }
}
