/*
 * report.c - the formats by name, and what all of them do with a case.
 */
#include "core/base.h"
#include "report/report_priv.h"

#include "core/num.h"
#include "core/vec.h"

#define WORDS_MAX 300 /* bytes of a message: it is shown on a line */

static const char *const names[REPORT_FORMATS_LEN] = {
#define X(id, name) [REPORT_##id] = (name),
    REPORT_FORMATS(X)
#undef X
};

static int (*const readers[REPORT_FORMATS_LEN])(struct report_into *, struct str, struct err *) = {
    [REPORT_JUNIT] = report_junit,         [REPORT_CUCUMBER] = report_cucumber,   [REPORT_NUNIT2] = report_nunit2,
    [REPORT_NUNIT3] = report_nunit3,       [REPORT_TESTNG] = report_testng,       [REPORT_TRX] = report_trx,
    [REPORT_CLOVER] = report_clover,       [REPORT_COBERTURA] = report_cobertura, [REPORT_JACOCO] = report_jacoco,
    [REPORT_SIMPLECOV] = report_simplecov, [REPORT_XUNIT] = report_xunit,         [REPORT_CTEST] = report_ctest,
};

const char *report_format_name(enum report_format f)
{
    return names[f] ? names[f] : "";
}

bool report_format_find(struct str name, enum report_format *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (names[i] && str_is_nocase(name, names[i])) {
            *ret = (enum report_format)i;
            return true;
        }
    return false;
}

bool report_is_coverage(enum report_format f)
{
    return f >= REPORT_CLOVER && f <= REPORT_SIMPLECOV;
}

int report_read(struct arena *a, enum report_format f, struct str text, struct report *r, struct err *e)
{
    if (text.n > REPORT_MAX)
        return err_set(e, E2BIG, "the report is larger than %zu MiB", REPORT_MAX >> 20);
    /* A text that turns out to be wrong in its middle adds nothing. */
    struct report now = *r;
    struct report_into to = {a, &now, BUF(REPORT_MAX)};
    int rc = readers[f](&to, text, e);
    buf_done(&to.details);
    if (rc == 0)
        *r = now;
    return rc;
}

void report_begin(struct report_into *to, struct report_case *c)
{
    *c = (struct report_case){0};
    buf_clear(&to->details);
}

void report_add(struct report_into *to, struct report_case *c)
{
    struct report *r = to->r;
    r->count[c->state]++;
    r->seconds += c->seconds;
    if (r->n_cases < REPORT_CASES_MAX) {
        if (to->details.n)
            c->details = arena_str(to->a, buf_str(&to->details));
        if (r->n_cases == r->cap_cases)
            r->cases = vec_grow_(to->a, r->cases, r->n_cases, &r->cap_cases, sizeof *r->cases);
        r->cases[r->n_cases++] = *c;
    }
    buf_clear(&to->details);
}

/* The first line that says something, as much of it as a line of output takes. */
static struct str first_words(struct str text)
{
    struct str line = STR_NONE;
    text = str_trim(text);
    str_cut(text, '\n', &line, &text);
    line = str_trim_end(line);
    if (line.n <= WORDS_MAX)
        return line;
    size_t n = WORDS_MAX;
    while (n > 0 && ((unsigned char)line.p[n] & 0xc0) == 0x80)
        n--;
    return str_sub(line, 0, n);
}

static struct str without_outer_newlines(struct str s)
{
    while (s.n > 0 && (s.p[0] == '\n' || s.p[0] == '\r'))
        s = str_from_index(s, 1);
    return str_trim_end(s);
}

void report_why(struct report_into *to, struct report_case *c, struct str message, struct str details)
{
    if (c->message.n == 0)
        c->message = arena_str(to->a, first_words(str_trim(message).n ? message : details));
    details = without_outer_newlines(details);
    if (details.n == 0 && message.n > c->message.n)
        details = without_outer_newlines(message);
    if (details.n && to->details.n)
        buf_add_ch(&to->details, '\n');
    buf_add(&to->details, details);
}

/*
 * Writers of times ask their locale: Surefire writes "1,234.5", others "0,5". A comma before a dot, or one of several,
 * parts thousands; one alone is decimal.
 */
double report_seconds(struct str text)
{
    char digits[64];
    size_t n = 0, commas = 0;
    text = str_trim(text);
    for (size_t i = 0; i < text.n; i++)
        commas += text.p[i] == ',';
    bool decimal = commas == 1 && str_find_ch(text, '.') < 0;
    for (size_t i = 0; i < text.n && n < sizeof digits; i++)
        if (text.p[i] != ',' || decimal)
            digits[n++] = text.p[i] == ',' ? '.' : text.p[i];
    double seconds = 0;
    if (n == sizeof digits || num_parse_double(str_of(digits, n), &seconds) < 0 || seconds < 0)
        return 0;
    return seconds;
}

int report_json(struct arena *a, struct str text, struct value **ret, struct err *e)
{
    struct err why = {0};
    int rc = value_from_json(a, text, MAP_CASE, ret, &why);
    bool placed = str_starts(str_from(why.text), STR("line "));
    return rc < 0 ? err_set(e, rc, "%s%s", placed ? "" : "line 1: ", why.text) : 0;
}

uint64_t report_number(struct str text)
{
    uint64_t n = 0;
    return num_parse_u64(text, (uint64_t)1 << 53, &n) < 0 ? 0 : n;
}
