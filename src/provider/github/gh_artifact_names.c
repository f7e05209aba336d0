/*
 * gh_artifact_names.c - names of artifacts: which are valid, and which a pattern of minimatch means.
 */
#include "core/base.h"
#include "provider/github/artifact_priv.h"

#include "core/num.h"
#include "core/vec.h"
#include "core/wildcard.h"

#define ALTERNATIVES_MAX 1000

bool gh_artifact_name_ok(struct gh_task *t, struct str name)
{
    static const struct {
        char c;
        const char *words;
    } CHARS[] = {
        {'"', "Double quote \""}, {':', "Colon :"},       {'<', "Less than <"},     {'>', "Greater than >"},
        {'|', "Vertical bar |"},  {'*', "Asterisk *"},    {'?', "Question mark ?"}, {'\r', "Carriage return \\r"},
        {'\n', "Line feed \\n"},  {'\\', "Backslash \\"}, {'/', "Forward slash /"}};
    for (size_t i = 0; i < ARRAY_LEN(CHARS); i++)
        if (str_find_ch(name, CHARS[i].c) >= 0) {
            gh_fail(t, "The artifact name is not valid: %.*s. Contains the following character:  %s", STR_ARG(name),
                    CHARS[i].words);
            return false;
        }
    return true;
}

/* ---- braces ---- */

/* The brace that closes the one at text.p[open], or 0; *ret_parts: there is a comma or a ".." at its own level. */
static size_t brace_end(struct str text, size_t open, bool *ret_parts)
{
    size_t depth = 0;
    *ret_parts = false;
    for (size_t i = open; i < text.n; i++) {
        char c = text.p[i];
        if (c == '\\')
            i++;
        else if (c == '{')
            depth++;
        else if (c == '}' && --depth == 0)
            return i;
        else if (depth == 1 && (c == ',' || (c == '.' && i + 1 < text.n && text.p[i + 1] == '.')))
            *ret_parts = true;
    }
    return 0;
}

static int expand(struct arena *a, struct str text, struct strs *ret);

static int expand_with(struct arena *a, struct str text, size_t open, size_t close, struct str part, struct strs *ret)
{
    return expand(a,
                  arena_printf(a, "%.*s%.*s%.*s", STR_ARG(str_sub(text, 0, open)), STR_ARG(part),
                               STR_ARG(str_from_index(text, close + 1))),
                  ret);
}

/* {1..3}; false: it is no range. */
static bool expand_range(struct arena *a, struct str text, size_t open, size_t close, struct strs *ret, int *ret_rc)
{
    struct str inner = str_sub(text, open + 1, close);
    ssize_t dots = str_find(inner, STR(".."));
    int64_t from, to;
    if (dots < 0 || num_parse_i64(str_sub(inner, 0, (size_t)dots), -9999, 9999, &from) < 0 ||
        num_parse_i64(str_from_index(inner, (size_t)dots + 2), -9999, 9999, &to) < 0)
        return false;
    *ret_rc = 0;
    for (int64_t i = from; *ret_rc == 0; i += from <= to ? 1 : -1) {
        *ret_rc = expand_with(a, text, open, close, arena_printf(a, "%lld", (long long)i), ret);
        if (i == to)
            break;
    }
    return true;
}

static int expand_list(struct arena *a, struct str text, size_t open, size_t close, struct strs *ret)
{
    size_t depth = 0, begin = open + 1;
    int rc = 0;
    for (size_t i = open + 1; i <= close && rc == 0; i++) {
        char c = text.p[i];
        if (c == '\\' && i + 1 < close)
            i++;
        else if (c == '{')
            depth++;
        else if (c == '}' && i < close)
            depth--;
        else if (i == close || (c == ',' && depth == 0)) {
            rc = expand_with(a, text, open, close, str_sub(text, begin, i), ret);
            begin = i + 1;
        }
    }
    return rc;
}

/* All alternatives of the text's braces. -E2BIG past ALTERNATIVES_MAX. */
static int expand(struct arena *a, struct str text, struct strs *ret)
{
    if (ret->n >= ALTERNATIVES_MAX)
        return -E2BIG;
    for (size_t i = 0; i < text.n; i++) {
        bool parts;
        int rc = 0;
        if (text.p[i] == '\\') {
            i++;
            continue;
        }
        size_t close = text.p[i] == '{' ? brace_end(text, i, &parts) : 0;
        if (close == 0 || !parts)
            continue;
        return expand_range(a, text, i, close, ret, &rc) ? rc : expand_list(a, text, i, close, ret);
    }
    vec_push_in(a, ret, text);
    return 0;
}

/* ---- matching ---- */

static bool is_extended(struct str pattern)
{
    for (size_t i = 0; i + 1 < pattern.n; i++)
        if (strchr("?*+@!", pattern.p[i]) != NULL && pattern.p[i] != '\0' && pattern.p[i + 1] == '(')
            return true;
    return false;
}

/* A name that begins with a dot is meant by a pattern that does, too. */
static bool one_matches(struct str pattern, struct str name)
{
    bool dot = str_starts(name, STR("."));
    return (!dot || str_starts(pattern, STR("."))) && wildcard_match(pattern, name);
}

static bool any_matches(const struct strs *patterns, struct str name)
{
    for (size_t i = 0; i < patterns->n; i++)
        if (one_matches(patterns->p[i], name))
            return true;
    return false;
}

void gh_artifacts_filter(struct gh_task *t, struct gh_artifacts *all, struct str pattern)
{
    struct strs patterns = {0};
    struct gh_artifacts in = *all;
    bool comment = str_starts(pattern, STR("#")), negate = false;
    if (is_extended(pattern)) {
        gh_fail(t, "slipway does not know extended patterns in 'pattern': %.*s", STR_ARG(pattern));
        return;
    }
    for (; str_starts(pattern, STR("!")); negate = !negate)
        pattern = str_from_index(pattern, 1);
    if (expand(t->run->arena, pattern, &patterns) < 0) {
        gh_fail(t, "'pattern' has more than %d alternatives", ALTERNATIVES_MAX);
        return;
    }
    all->n = 0;
    for (size_t i = 0; i < in.n; i++)
        if (!comment && any_matches(&patterns, in.p[i].name) != negate)
            all->p[all->n++] = in.p[i];
}

void gh_artifacts_take(struct gh_task *t, const struct op_end *end, struct gh_artifacts *ret)
{
    struct arena *a = t->run->arena;
    for (size_t i = 0; i < end->n_artifacts; i++) {
        struct op_artifact one = end->artifacts[i];
        one.name = arena_str(a, one.name);
        one.digest = arena_str(a, one.digest);
        vec_push_in(a, ret, one);
    }
}
