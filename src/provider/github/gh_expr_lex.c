/*
 * gh_expr_lex.c - an expression's text as tokens.
 *
 * Whether a token may stand behind the one before it is decided here (specification 16.2), so the parser only ever sees
 * sequences that make sense, and the first wrong one is reported in the order of the text.
 */
#include "core/base.h"
#include "provider/github/expr_node_priv.h"

#include <math.h>

#define BIT(kind) (1u << (kind))
/* Where an operand or a prefix may stand. */
#define STARTS                                                                                                         \
    (BIT(GH_TOK_NONE) | BIT(GH_TOK_COMMA) | BIT(GH_TOK_GROUP) | BIT(GH_TOK_ARGS) | BIT(GH_TOK_INDEX) |                 \
     BIT(GH_TOK_NOT) | BIT(GH_TOK_BINARY))
/* What . and [ may follow. */
#define PATHS                                                                                                          \
    (BIT(GH_TOK_GROUP_END) | BIT(GH_TOK_ARGS_END) | BIT(GH_TOK_INDEX_END) | BIT(GH_TOK_STAR) | BIT(GH_TOK_PROPERTY) |  \
     BIT(GH_TOK_CONTEXT))
/* What ends an operand. */
#define ENDS (PATHS | BIT(GH_TOK_LITERAL))

static bool is_boundary(struct str s, size_t i)
{
    return str_find_ch(STR("()[],.!><=&|"), s.p[i]) >= 0 || utf16_blank(s, i);
}

bool gh_is_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || ((c < '0' || c > '9') && c != '-')))
            return false;
    }
    return s.n > 0;
}

/* The length of a run from s[at] to the next boundary; the first character is always a part of it. */
static size_t run_length(struct str s, size_t at, bool dots)
{
    size_t i = at + 1;
    while (i < s.n && (!is_boundary(s, i) || (dots && s.p[i] == '.')))
        i++;
    return i - at;
}

static void lex_number(struct gh_lexer *x, struct gh_token *t)
{
    t->len = run_length(x->text, t->at, true);
    struct str raw = str_sub(x->text, t->at, t->at + t->len);
    double d = gh_number_of(raw);
    t->kind = isnan(d) ? GH_TOK_BAD : GH_TOK_LITERAL;
    if (t->kind == GH_TOK_LITERAL)
        t->value = value_number(x->a, d);
}

/* Byte behind the closing quote of the string at `at`, or the text's length when there is none (*closed is false). */
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
static void lex_string(struct gh_lexer *x, struct gh_token *t)
{
    bool closed;
    size_t end = string_end(x->text, t->at, &closed), n = 0;
    t->len = end - t->at;
    t->kind = closed ? GH_TOK_LITERAL : GH_TOK_BAD;
    if (!closed)
        return;
    char *out = arena_alloc(x->a, t->len);
    for (size_t i = t->at + 1; i + 1 < end; i++) {
        out[n++] = x->text.p[i];
        if (x->text.p[i] == '\'')
            i++;
    }
    t->value = value_string(x->a, str_of(out, n));
}

static bool lex_keyword(struct gh_lexer *x, struct str word, struct gh_token *t)
{
    if (str_is(word, "null"))
        t->value = value_null();
    else if (str_is(word, "true") || str_is(word, "false"))
        t->value = value_bool(x->a, str_is(word, "true"));
    else if (str_is(word, "NaN"))
        t->value = value_number(x->a, (double)NAN);
    else if (str_is(word, "Infinity"))
        t->value = value_number(x->a, (double)INFINITY);
    return t->value != NULL;
}

static void lex_word(struct gh_lexer *x, struct gh_token *t)
{
    t->len = run_length(x->text, t->at, false);
    size_t next = t->at + t->len, n;
    struct str word = str_sub(x->text, t->at, next);
    while ((n = utf16_blank(x->text, next)) > 0)
        next += n;
    if (!gh_is_name(word))
        t->kind = GH_TOK_BAD;
    else if (x->last == GH_TOK_DOT)
        t->kind = GH_TOK_PROPERTY;
    else if (lex_keyword(x, word, t))
        t->kind = GH_TOK_LITERAL;
    else
        t->kind = next < x->text.n && x->text.p[next] == '(' ? GH_TOK_FUNC : GH_TOK_CONTEXT;
}

/* ! = < > & |: the longest operator, else all up to the next boundary is wrong. */
static void lex_operator(struct gh_lexer *x, struct gh_token *t)
{
    static const struct {
        const char *text;
        enum gh_node op;
    } operators[] = {{"!=", GH_NODE_NE}, {"==", GH_NODE_EQ},  {"<=", GH_NODE_LE},
                     {">=", GH_NODE_GE}, {"&&", GH_NODE_AND}, {"||", GH_NODE_OR},
                     {"<", GH_NODE_LT},  {">", GH_NODE_GT},   {"!", GH_NODE_NOT}};
    struct str rest = str_from_index(x->text, t->at);
    for (size_t i = 0; i < ARRAY_LEN(operators); i++) {
        if (!str_starts(rest, str_from(operators[i].text)))
            continue;
        t->op = operators[i].op;
        t->kind = t->op == GH_NODE_NOT ? GH_TOK_NOT : GH_TOK_BINARY;
        t->len = strlen(operators[i].text);
        return;
    }
    t->kind = GH_TOK_BAD;
    t->len = run_length(x->text, t->at, false);
}

static enum gh_tok top(const struct gh_lexer *x)
{
    return x->open.n ? x->open.p[x->open.n - 1] : GH_TOK_NONE;
}

/* What the punctuation is, or GH_TOK_NONE. */
static enum gh_tok punctuation(const struct gh_lexer *x, char c) /* table */
{
    switch (c) {
    case '(':
        return x->last == GH_TOK_FUNC ? GH_TOK_ARGS : GH_TOK_GROUP;
    case ')':
        return top(x) == GH_TOK_ARGS ? GH_TOK_ARGS_END : GH_TOK_GROUP_END;
    case '[':
        return GH_TOK_INDEX;
    case ']':
        return GH_TOK_INDEX_END;
    case ',':
        return GH_TOK_COMMA;
    case '*':
        return GH_TOK_STAR;
    case '.':
        return BIT(x->last) & STARTS ? GH_TOK_NONE : GH_TOK_DOT; /* .5 is a number where an operand may stand */
    default:
        return GH_TOK_NONE;
    }
}

static void lex_any(struct gh_lexer *x, struct gh_token *t)
{
    char c = x->text.p[t->at];
    t->kind = punctuation(x, c);
    t->len = 1;
    if (t->kind != GH_TOK_NONE)
        return;
    if (c == '\'')
        lex_string(x, t);
    else if (c == '.' || c == '-' || c == '+' || (c >= '0' && c <= '9'))
        lex_number(x, t);
    else if (c && strchr("!=<>&|", c))
        lex_operator(x, t);
    else
        lex_word(x, t);
}

/* Which tokens may stand before one of this kind. */
static unsigned before(enum gh_tok kind) /* table */
{
    switch (kind) {
    case GH_TOK_NONE:
    case GH_TOK_END:
    case GH_TOK_BAD:
        return 0;
    case GH_TOK_GROUP:
    case GH_TOK_NOT:
    case GH_TOK_LITERAL:
    case GH_TOK_CONTEXT:
    case GH_TOK_FUNC:
        return STARTS;
    case GH_TOK_ARGS:
        return BIT(GH_TOK_FUNC);
    case GH_TOK_ARGS_END:
        return ENDS | BIT(GH_TOK_ARGS);
    case GH_TOK_GROUP_END:
    case GH_TOK_INDEX_END:
    case GH_TOK_COMMA:
    case GH_TOK_BINARY:
        return ENDS;
    case GH_TOK_INDEX:
    case GH_TOK_DOT:
        return PATHS;
    case GH_TOK_STAR:
        return BIT(GH_TOK_INDEX) | BIT(GH_TOK_DOT);
    case GH_TOK_PROPERTY:
        return BIT(GH_TOK_DOT);
    }
    BUG("unknown kind of token");
}

/* Keeps account of ( and [; false when the token closes or separates what is not open. */
static bool nests(struct gh_lexer *x, enum gh_tok kind)
{
    enum gh_tok wants = kind == GH_TOK_GROUP_END                          ? GH_TOK_GROUP
                        : kind == GH_TOK_INDEX_END                        ? GH_TOK_INDEX
                        : kind == GH_TOK_ARGS_END || kind == GH_TOK_COMMA ? GH_TOK_ARGS
                                                                          : GH_TOK_NONE;
    if (kind == GH_TOK_GROUP || kind == GH_TOK_INDEX || kind == GH_TOK_ARGS)
        vec_push_in(x->a, &x->open, kind);
    if (wants == GH_TOK_NONE)
        return true;
    if (top(x) != wants)
        return false;
    if (kind != GH_TOK_COMMA)
        x->open.n--;
    return true;
}

void gh_lex(struct gh_lexer *x, struct gh_token *ret)
{
    struct gh_token t = {.kind = GH_TOK_END};
    size_t n;
    while ((n = utf16_blank(x->text, x->at)) > 0)
        x->at += n;
    t.at = x->at;
    if (x->at < x->text.n) {
        lex_any(x, &t);
        if (!(before(t.kind) & BIT(x->last)) || !nests(x, t.kind))
            t.kind = GH_TOK_BAD;
        x->at += t.len;
        x->last = t.kind;
    }
    *ret = t;
}
