/*
 * az_expr_lex.c - an expression's text as tokens; and where expressions stand in a text (specification 5.1, 6.1).
 *
 * A point begins a number where an operand may stand, and is the operator elsewhere. Numbers and words reach up to the
 * next blank or punctuation, so that what is wrong is shown as a whole: '3x', 'a-b', '=='.
 */
#include "core/base.h"
#include "provider/azure/ast_priv.h"

static bool is_boundary(struct str s, size_t i)
{
    return (s.p[i] && strchr("[](),.", s.p[i])) || utf16_blank(s, i);
}

/* Bytes from `at` to the next boundary; the first one is always a part of it. */
static size_t run_length(struct str s, size_t at, bool points)
{
    size_t i = at + 1;
    while (i < s.n && (!is_boundary(s, i) || (points && s.p[i] == '.')))
        i++;
    return i - at;
}

static bool is_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return s.n > 0;
}

static size_t count(struct str s, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == c;
    return n;
}

/* With two points or more it is a version. */
static void lex_number(struct az_lexer *x, struct az_token *t)
{
    struct az_value version;
    double number;
    t->len = run_length(x->text, t->at, true);
    struct str raw = str_sub(x->text, t->at, t->at + t->len);
    t->kind = AZ_TOK_LITERAL;
    if (count(raw, '.') > 1 && az_version_read(raw, &version)) {
        t->value = ARENA_NEW(x->a, struct az_value);
        *t->value = version;
    } else if (count(raw, '.') <= 1 && az_number_read(raw, &number)) {
        t->value = az_number(x->a, number);
    } else {
        t->kind = AZ_TOK_BAD;
    }
}

/* Byte behind the closing quote of the string at `at`, or the text's length when there is none. */
static size_t string_end(struct str s, size_t at, bool *closed)
{
    size_t i = at + 1;
    *closed = false;
    while (i < s.n && !*closed) {
        if (s.p[i] == '\'' && i + 1 < s.n && s.p[i + 1] == '\'')
            i++;
        else if (s.p[i] == '\'')
            *closed = true;
        i++;
    }
    return i;
}

/* 'it''s': two quotes are one; there are no other escapes. */
static void lex_string(struct az_lexer *x, struct az_token *t)
{
    bool closed;
    size_t end = string_end(x->text, t->at, &closed), n = 0;
    t->len = end - t->at;
    t->kind = closed ? AZ_TOK_LITERAL : AZ_TOK_BAD;
    if (!closed)
        return;
    char *out = arena_alloc(x->a, t->len);
    for (size_t i = t->at + 1; i + 1 < end; i++) {
        out[n++] = x->text.p[i];
        if (x->text.p[i] == '\'')
            i++;
    }
    t->value = az_string(x->a, str_of(out, n));
}

static void lex_word(struct az_lexer *x, struct az_token *t)
{
    bool truth;
    t->len = run_length(x->text, t->at, false);
    struct str word = str_sub(x->text, t->at, t->at + t->len);
    if (!is_name(word)) {
        t->kind = AZ_TOK_SYMBOL;
    } else if (x->last == AZ_TOK_DOT) {
        t->kind = AZ_TOK_PROPERTY;
    } else if (az_bool_read(word, &truth)) {
        t->kind = AZ_TOK_LITERAL;
        t->value = az_bool(x->a, truth);
    } else {
        t->kind = AZ_TOK_WORD;
    }
}

static bool operand_may_stand(const struct az_lexer *x)
{
    return x->last == AZ_TOK_NONE || x->last == AZ_TOK_COMMA || x->last == AZ_TOK_OPEN || x->last == AZ_TOK_INDEX;
}

static enum az_tok punctuation(const struct az_lexer *x, char c) /* table */
{
    switch (c) {
    case '(':
        return AZ_TOK_OPEN;
    case ')':
        return AZ_TOK_CLOSE;
    case '[':
        return AZ_TOK_INDEX;
    case ']':
        return AZ_TOK_INDEX_END;
    case ',':
        return AZ_TOK_COMMA;
    case '*':
        return AZ_TOK_STAR;
    case '.':
        return operand_may_stand(x) ? AZ_TOK_NONE : AZ_TOK_DOT;
    default:
        return AZ_TOK_NONE;
    }
}

static void lex_any(struct az_lexer *x, struct az_token *t)
{
    char c = x->text.p[t->at];
    t->kind = punctuation(x, c);
    t->len = 1;
    if (t->kind != AZ_TOK_NONE)
        return;
    if (c == '\'')
        lex_string(x, t);
    else if (c == '.' || c == '-' || (c >= '0' && c <= '9'))
        lex_number(x, t);
    else
        lex_word(x, t);
}

void az_lex(struct az_lexer *x, struct az_token *t)
{
    size_t n;
    while ((n = utf16_blank(x->text, x->i)) > 0)
        x->i += n;
    *t = (struct az_token){.kind = AZ_TOK_END, .at = x->i};
    if (x->i >= x->text.n)
        return;
    lex_any(x, t);
    x->i = t->at + t->len;
    x->last = t->kind;
}

/* ---- expressions in texts ---- */

/* Byte behind the `}}` that closes the expression whose inside begins at `from`, or 0. Strings may hold `}}`. */
static size_t find_close(struct str text, size_t from)
{
    bool quoted = false;
    for (size_t i = from; i < text.n; i++) {
        if (text.p[i] == '\'')
            quoted = !quoted;
        else if (!quoted && text.p[i] == '}' && i + 1 < text.n && text.p[i + 1] == '}')
            return i + 2;
    }
    return 0;
}

bool az_find_expression(struct str text, size_t from, size_t *ret_open, size_t *ret_close)
{
    ssize_t open = str_find_from(text, from, STR("${{"));
    *ret_open = open < 0 ? text.n : (size_t)open;
    *ret_close = open < 0 ? 0 : find_close(text, (size_t)open + 3);
    return *ret_close > 0;
}
