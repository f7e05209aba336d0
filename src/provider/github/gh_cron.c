/*
 * gh_cron.c - on.schedule: POSIX cron lines of five fields, checked but never waited for by a single run.
 */
#include "core/base.h"
#include "core/num.h"
#include "doc/suggest.h"
#include "provider/github/gh_read_priv.h"

struct cron_field {
    const char *name;
    unsigned min, max;
    const char *const *words; /* names for values from `min` on, or NULL */
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
    {"day of the week", 0, 7, days, ARRAY_LEN(days)},
};

static bool cron_number(const struct cron_field *f, struct str s, unsigned *ret)
{
    uint64_t x;
    for (size_t i = 0; i < f->n_words; i++)
        if (str_is_nocase(s, f->words[i])) {
            *ret = f->min + (unsigned)i;
            return true;
        }
    if (num_parse_u64(s, f->max, &x) != 0 || x < f->min)
        return false;
    *ret = (unsigned)x;
    return true;
}

/* One part of a list: *, *\/5, 3, 3-7, 3-7/2, 3/5. Adds its values to the set. */
static bool cron_part(const struct cron_field *f, struct str part, uint64_t *set)
{
    struct str range, step_text, from_text, to_text;
    unsigned from = f->min, to = f->max;
    uint64_t step = 1;
    bool stepped = str_cut(part, '/', &range, &step_text);
    if (stepped && (num_parse_u64(step_text, f->max, &step) != 0 || step == 0))
        return false;
    if (!str_is(range, "*")) {
        bool span = str_cut(range, '-', &from_text, &to_text);
        if (!cron_number(f, from_text, &from))
            return false;
        if (span && !cron_number(f, to_text, &to))
            return false;
        if (!span && !stepped)
            to = from;
    }
    if (from > to)
        return false;
    for (uint64_t x = from; x <= to; x += step)
        *set |= (uint64_t)1 << x;
    return true;
}

static bool cron_field(const struct cron_field *f, struct str text, uint64_t *set)
{
    struct str rest = text, part;
    if (text.n == 0 || text.p[text.n - 1] == ',')
        return false;
    while (str_next(&rest, ',', &part))
        if (!cron_part(f, part, set))
            return false;
    return true;
}

/* The shortest time between two starts within an hour, in minutes; 60 when there is one start. */
static unsigned shortest_gap(uint64_t minutes, bool every_hour)
{
    unsigned gap = 60, first = 60, last = 60;
    for (unsigned m = 0; m < 60; m++) {
        if (!(minutes & ((uint64_t)1 << m)))
            continue;
        if (last < 60 && m - last < gap)
            gap = m - last;
        if (first == 60)
            first = m;
        last = m;
    }
    if (every_hour && first < 60 && first + 60 - last < gap)
        gap = first + 60 - last;
    return gap;
}

static void check_cron(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct str text, rest, word;
    uint64_t sets[ARRAY_LEN(fields)] = {0};
    size_t n = 0;
    UNUSED(into);
    if (!gh_read_literal(r, at->value, true, &text))
        return;
    rest = text;
    while (str_next(&rest, ' ', &word)) {
        if (word.n == 0)
            continue;
        if (n < ARRAY_LEN(fields) && !cron_field(&fields[n], word, &sets[n])) {
            diag_error(r->d, "GH043", at->value->span, "Invalid cron expression '%.*s': '%.*s' is no %s", STR_ARG(text),
                       STR_ARG(word), fields[n].name);
            return;
        }
        n++;
    }
    if (n != ARRAY_LEN(fields)) {
        diag_error(r->d, "GH043", at->value->span, "Invalid cron expression '%.*s': it needs five fields",
                   STR_ARG(text));
        return;
    }
    if (shortest_gap(sets[0], sets[1] == ((uint64_t)1 << 24) - 1) < 5)
        diag_warning(r->d, "GH063", at->value->span, "The shortest interval of a schedule is once every 5 minutes");
}

static void check_timezone(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct str text;
    size_t n;
    const char *const *zones = gh_timezones(&n);
    UNUSED(into);
    if (!gh_read_literal(r, at->value, true, &text))
        return;
    if (str_is(text, "UTC")) {
        diag_warning(r->d, "GH063", at->value->span, "Schedules are in UTC anyway");
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (str_is(text, zones[i]))
            return;
    diag_warning(r->d, "GH073", at->value->span, "There is no time zone '%.*s'", STR_ARG(text));
    struct str near = suggest(text, zones, n);
    if (near.n)
        diag_hint(r->d, "did you mean '%.*s'?", STR_ARG(near));
}

void gh_read_schedule(struct gh_reader *r, const struct doc_node *config)
{
    static const struct gh_key keys[] = {
        {"cron", GH_V_CALL, GH_SLOT_ANY, 0, check_cron, true},
        {"timezone", GH_V_CALL, GH_SLOT_ANY, 0, check_timezone, false},
    };
    if (config->kind != DOC_SEQ) {
        gh_unexpected(r, config);
        return;
    }
    if (config->seq.n == 0)
        diag_warning(r->d, "GH063", config->span, "'schedule' without a cron line never starts");
    for (size_t i = 0; i < config->seq.n; i++)
        gh_read_keys(r, config->seq.p[i], keys, ARRAY_LEN(keys), NULL);
}
