/*
 * gh_scalar.c - what a scalar of a workflow means: YAML 1.2 core schema (specification 1.1).
 *
 * Only plain scalars without a tag are resolved; quoted and block scalars are text. Explicit tags are honoured, with
 * the service's own wording when they do not fit.
 */
#include "core/base.h"
#include "core/num.h"
#include "provider/github/expr_node_priv.h"

#include <math.h>

#define TAG "tag:yaml.org,2002:"

struct scalar {
    struct arena *a;
    const struct doc_node *n;
    struct diags *d;
};

static bool one_of(struct str s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_is(s, words[i]))
            return true;
    return false;
}

static struct value *as_null(struct str s)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    return one_of(s, words, ARRAY_LEN(words)) ? value_null() : NULL;
}

static struct value *as_bool(struct arena *a, struct str s)
{
    static const char *const words[] = {"true", "True", "TRUE", "false", "False", "FALSE"};
    if (!one_of(s, words, ARRAY_LEN(words)))
        return NULL;
    return value_bool(a, s.p[0] == 't' || s.p[0] == 'T');
}

static bool is_prefixed(struct str s)
{
    const char *digits = str_starts(s, STR("0x")) ? "0123456789abcdefABCDEF" : "01234567";
    if (s.n < 3 || (!str_starts(s, STR("0x")) && !str_starts(s, STR("0o"))))
        return false;
    for (size_t i = 2; i < s.n; i++)
        if (!s.p[i] || !strchr(digits, s.p[i]))
            return false;
    return true;
}

static bool is_whole(struct str s)
{
    size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+') ? 1 : 0, start = i;
    while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
        i++;
    return i > start && i == s.n;
}

/* NULL also when a prefixed number does not fit 32 bits; that is an error, not text. */
static struct value *as_int(struct arena *a, struct str s)
{
    if (!is_whole(s) && !is_prefixed(s))
        return NULL;
    double x = gh_number_of(s);
    return isnan(x) ? NULL : value_number(a, x);
}

static struct value *as_float(struct arena *a, struct str s)
{
    static const char *const infinite[] = {".inf", ".Inf", ".INF"}, *const none[] = {".nan", ".NaN", ".NAN"};
    bool minus = str_starts(s, STR("-"));
    struct str size = minus || str_starts(s, STR("+")) ? str_from_index(s, 1) : s;
    double x;
    if (one_of(size, infinite, ARRAY_LEN(infinite)))
        return value_number(a, minus ? -(double)INFINITY : (double)INFINITY);
    if (one_of(s, none, ARRAY_LEN(none)))
        return value_number(a, (double)NAN);
    int r = num_parse_double(s, &x);
    if (r == -ERANGE)
        return value_number(a, minus ? -(double)INFINITY : (double)INFINITY);
    return r == 0 ? value_number(a, x) : NULL;
}

/* The scalar with its tag and anchor, which the node's own span leaves out: there the service's sentences point. */
static struct span with_tag(const struct scalar *s)
{
    struct span span = s->n->span;
    struct str text = sources_text(s->d->sources, span.file);
    size_t start = span.off, i = span.off;
    for (;;) {
        while (i > 0 && (text.p[i - 1] == ' ' || text.p[i - 1] == '\t'))
            i--;
        while (i > 0 && !strchr(" \t\r\n", text.p[i - 1]))
            i--;
        if (i == start || (text.p[i] != '!' && text.p[i] != '&'))
            break;
        start = i;
    }
    span.len += span.off - (uint32_t)start;
    span.off = (uint32_t)start;
    return span;
}

static bool no_fit(const struct scalar *s, const char *tag)
{
    if (!s->d)
        return false;
    struct place at = sources_place(s->d->sources, with_tag(s));
    diag_error(s->d, "GH010", with_tag(s), "The value '%.*s' on line %u and column %u is invalid for the type '%s'",
               STR_ARG(s->n->text), at.line, at.column, tag);
    return false;
}

static bool no_style(const struct scalar *s)
{
    static const char *const names[] = {
        [DOC_PLAIN] = "Plain",     [DOC_SINGLE] = "SingleQuoted", [DOC_DOUBLE] = "DoubleQuoted",
        [DOC_LITERAL] = "Literal", [DOC_FOLDED] = "Folded",       [DOC_BLOCK] = "Block",
        [DOC_FLOW] = "Flow"};
    if (!s->d)
        return false;
    struct place at = sources_place(s->d->sources, with_tag(s));
    diag_error(s->d, "GH010", with_tag(s),
               "The scalar style '%s' on line %u and column %u is not valid with the tag '%.*s'", names[s->n->style],
               at.line, at.column, STR_ARG(s->n->tag));
    return false;
}

static bool read_tagged(const struct scalar *s, struct value **ret)
{
    static const char *const tags[] = {TAG "null", TAG "bool", TAG "int", TAG "float"};
    struct str text = s->n->text;
    size_t i = 0;
    if (str_is(s->n->tag, TAG "str")) {
        *ret = value_string(s->a, text);
        return true;
    }
    while (i < ARRAY_LEN(tags) && !str_is(s->n->tag, tags[i]))
        i++;
    if (i == ARRAY_LEN(tags)) {
        if (s->d)
            diag_error(s->d, "GH010", with_tag(s), "Unexpected tag '%.*s'", STR_ARG(s->n->tag));
        return false;
    }
    if (s->n->style != DOC_PLAIN)
        return no_style(s);
    struct value *v = i == 0   ? as_null(text)
                      : i == 1 ? as_bool(s->a, text)
                      : i == 2 ? as_int(s->a, text)
                               : as_float(s->a, text);
    if (!v)
        return no_fit(s, tags[i]);
    *ret = v;
    return true;
}

/* Can a plain text be anything but a string? Most begin with a letter that no word of YAML begins with. */
static bool may_be_typed(struct str text)
{
    char c = text.n ? text.p[0] : '~';
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter ? strchr("tTfFnN", c) != NULL : c != '$' && c != '/';
}

bool gh_scalar_try(struct arena *a, const struct doc_node *n, struct diags *d, struct value **ret)
{
    struct scalar s = {a, n, d};
    struct value *v = NULL;
    struct value *string = ARENA_NEW(a, struct value);
    string->kind = VALUE_STRING;
    string->string = n->text; /* which lives as long as what was read */
    *ret = string;
    if (n->tag.n)
        return read_tagged(&s, ret);
    if (n->kind == DOC_NULL)
        v = value_null();
    else if (n->style == DOC_PLAIN && may_be_typed(n->text)) {
        v = as_null(n->text);
        v = v ? v : as_bool(a, n->text);
        v = v ? v : as_int(a, n->text);
        if (!v && is_prefixed(n->text))
            return no_fit(&s, TAG "int");
        v = v ? v : as_float(a, n->text);
    }
    if (v)
        *ret = v;
    return true;
}

struct value *gh_scalar(struct arena *a, const struct doc_node *n, struct diags *d)
{
    struct value *v;
    gh_scalar_try(a, n, d, &v);
    return v;
}
