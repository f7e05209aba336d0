/*
 * regex.c - expressions compiled and searched with PCRE2.
 *
 * Text is UTF-8, and bytes that are none match nothing, as in RE2 (its syntax page: a class and `.` stand for code
 * points), while all around them is still searched. \d, \w, \s and \b are ASCII, as there.
 *
 * PCRE2 goes back and tries again, so a pattern can take exponential time. Its limit counts the steps from one starting
 * point in the text: the budget of a search is therefore divided by the number of those.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "core/base.h"
#include "trigger/regex_priv.h"

#include <pcre2.h>

#define STEPS_MAX 20000000u /* of a whole search: some tenths of a second */
#define STEPS_LEAST 100u    /* from one starting point, however many there are */
#define MEMORY_MAX 8192u    /* KiB, while searching */

struct regex {
    pcre2_code *code;
    pcre2_match_context *limits;
};

static void *take_from_arena(size_t n, void *arena)
{
    return arena_alloc(arena, n);
}

static void leave_to_arena(void *p, void *arena)
{
    UNUSED(p), UNUSED(arena);
}

static void *take(size_t n, void *ctx)
{
    UNUSED(ctx);
    return mem_alloc(n);
}

static void give_back(void *p, void *ctx)
{
    UNUSED(ctx);
    free(p);
}

static int compile(struct arena *a, struct str pattern, uint32_t options, struct regex **ret, size_t *ret_at,
                   struct err *e)
{
    pcre2_general_context *memory = pcre2_general_context_create(take_from_arena, leave_to_arena, a);
    pcre2_compile_context *how = pcre2_compile_context_create(memory);
    pcre2_set_newline(how, PCRE2_NEWLINE_LF);
    struct regex *r = ARENA_NEW(a, struct regex);
    int fault;
    options |= PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
    r->code = pcre2_compile((PCRE2_SPTR)(pattern.p ? pattern.p : ""), pattern.n, options, &fault, ret_at, how);
    if (!r->code) {
        char text[256] = "";
        pcre2_get_error_message(fault, (PCRE2_UCHAR *)text, sizeof text);
        return err_set(e, EINVAL, "%s", text);
    }
    r->limits = pcre2_match_context_create(memory);
    pcre2_set_heap_limit(r->limits, MEMORY_MAX);
    *ret = r;
    return 0;
}

static int compile_re2(struct arena *a, struct str pattern, struct regex **ret, size_t *ret_at, struct err *e)
{
    CLEAN(free) struct regex_text *into = mem_alloc(sizeof *into);
    into->text = BUF(REGEX_GROWTH * pattern.n);
    int rc = regex_from_re2(pattern, into, ret_at, e);
    if (rc == 0) {
        size_t at = 0;
        rc = compile(a, buf_str(&into->text), PCRE2_DOLLAR_ENDONLY, ret, &at, e);
        if (rc < 0)
            *ret_at = at < into->text.n ? into->from[at] : pattern.n;
    }
    buf_done(&into->text);
    return rc;
}

int regex_compile_at(struct arena *a, struct str pattern, enum regex_dialect dialect, struct regex **ret,
                     size_t *ret_at, struct err *e)
{
    if (pattern.n > REGEX_PATTERN_MAX)
        return err_set(e, E2BIG, "the expression is longer than %zu bytes", REGEX_PATTERN_MAX);
    switch (dialect) {
    case REGEX_RE2:
        return compile_re2(a, pattern, ret, ret_at, e);
    case REGEX_COMMON:
        return compile(a, pattern, 0, ret, ret_at, e);
    }
    BUG("no such dialect: %d", (int)dialect);
}

int regex_compile(struct arena *a, struct str pattern, enum regex_dialect dialect, struct regex **ret, struct err *e)
{
    struct err why = {0};
    size_t at = 0;
    int rc = regex_compile_at(a, pattern, dialect, ret, &at, &why);
    if (rc == -EINVAL)
        return err_set(e, EINVAL, "%s (at byte %zu)", why.text, at);
    return rc < 0 ? err_set(e, rc, "%s", why.text) : 0;
}

static uint32_t steps_for(struct str text)
{
    size_t starts = text.n < STEPS_MAX ? text.n + 1 : STEPS_MAX;
    uint32_t steps = (uint32_t)(STEPS_MAX / starts);
    return steps > STEPS_LEAST ? steps : STEPS_LEAST;
}

int regex_search(const struct regex *r, struct str text)
{
    pcre2_general_context *memory = pcre2_general_context_create(take, give_back, NULL);
    pcre2_match_data *found = pcre2_match_data_create(1, memory);
    pcre2_set_match_limit(r->limits, steps_for(text));
    int rc = pcre2_match(r->code, (PCRE2_SPTR)(text.p ? text.p : ""), text.n, 0, 0, found, r->limits);
    pcre2_match_data_free(found);
    pcre2_general_context_free(memory);
    if (rc == PCRE2_ERROR_NOMATCH)
        return 0;
    return rc >= 0 ? 1 : -ELOOP;
}
