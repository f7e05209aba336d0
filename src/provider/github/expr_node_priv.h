/*
 * provider/github/expr_node_priv.h - the inside of expressions: tokens, tree, evaluation, functions and case folding.
 *
 * Only gh_expr_*.c, gh_value.c, gh_scalar.c, gh_text.c and gh_tree.c look in here; everyone else sees
 * expr_priv.h. A tree is at most GH_EXPR_DEPTH deep (a slot's own wrapping adds two), which is what bounds every
 * recursion over it.
 */
#pragma once
#include "core/utf16.h"
#include "provider/github/expr_priv.h"

#define GH_EXPR_DEPTH 50        /* levels of a tree, the leaf counted */
#define GH_EXPR_LENGTH 21000    /* UTF-16 units of an expression's text */
#define GH_EXPR_ARGS 255        /* arguments of a call */
#define GH_EXPR_MEMORY 10485760 /* bytes of an evaluation's values, as the service counts them; gh_scope.max_bytes */

/* ---- values: gh_value.c ---- */

enum gh_order { GH_UNORDERED, GH_LESS, GH_SAME, GH_GREATER };
/* Specification 4.5. Arrays and objects are the same as themselves and unordered with all else, as NaN is. */
enum gh_order gh_compare(const struct value *a, const struct value *b);
bool gh_is_primitive(const struct value *v);
/* The number that a text is (specification 16.1): "" is 0, what is none is NaN. */
double gh_number_of(struct str s);

/* ---- the tree ---- */

enum gh_node {
    GH_NODE_LITERAL,
    GH_NODE_CONTEXT,
    GH_NODE_STAR, /* only as the key of an index */
    GH_NODE_INDEX,
    GH_NODE_NOT,
    GH_NODE_LT,
    GH_NODE_LE,
    GH_NODE_GT,
    GH_NODE_GE,
    GH_NODE_EQ,
    GH_NODE_NE,
    GH_NODE_AND,
    GH_NODE_OR,
    GH_NODE_CALL,
    GH_NODE_CONCAT /* a slot of several parts: what the service writes as format('..{0}..', x) */
};

struct gh_func;

struct gh_expr {
    enum gh_node kind;
    unsigned depth;               /* 1 for a leaf */
    struct value *value;          /* LITERAL */
    const char *name;             /* CONTEXT and CALL: lower case */
    const struct gh_func *func;   /* CALL */
    struct gh_expr *first, *last; /* operands, by next: joining two lists is O(1), which flattening needs */
    struct gh_expr *next;
    size_t n;       /* operands */
    size_t at, len; /* bytes in the expression's text, or in the slot's once it is read; parentheses left out */
};

struct gh_expr *gh_expr_new(struct arena *a, enum gh_node kind);
void gh_expr_add(struct gh_expr *parent, struct gh_expr *child);
struct gh_expr *gh_expr_literal(struct arena *a, struct value *v);
/* success() */
struct gh_expr *gh_expr_success(struct arena *a);
/* Joins two operands with && or ||; operands of the same operator are merged into one chain. */
struct gh_expr *gh_expr_join(struct arena *a, enum gh_node kind, struct gh_expr *left, struct gh_expr *right);

/* Moves the places of a tree to the right. */
void gh_expr_shift(struct gh_expr *x, size_t by);

/* ---- tokens: gh_expr_lex.c ---- */

enum gh_tok {
    GH_TOK_NONE, /* before the first */
    GH_TOK_END,
    GH_TOK_BAD,
    GH_TOK_GROUP, /* ( of a group */
    GH_TOK_GROUP_END,
    GH_TOK_ARGS, /* ( of a call */
    GH_TOK_ARGS_END,
    GH_TOK_INDEX, /* [ */
    GH_TOK_INDEX_END,
    GH_TOK_COMMA,
    GH_TOK_DOT,
    GH_TOK_STAR,
    GH_TOK_NOT,
    GH_TOK_BINARY,
    GH_TOK_LITERAL,
    GH_TOK_PROPERTY,
    GH_TOK_CONTEXT,
    GH_TOK_FUNC
};

struct gh_token {
    enum gh_tok kind;
    enum gh_node op;     /* BINARY */
    size_t at, len;      /* bytes */
    struct value *value; /* LITERAL */
};

struct gh_lexer {
    struct arena *a;
    struct str text;
    size_t at;             /* next byte */
    enum gh_tok last;      /* kind of the token before */
    VEC(enum gh_tok) open; /* unclosed ( and [ */
};

/*
 * The next token. GH_TOK_BAD: characters that are no token, or a token that may not stand where it does; nothing may be
 * asked after it.
 */
void gh_lex(struct gh_lexer *x, struct gh_token *ret);
bool gh_is_name(struct str s); /* [A-Za-z_][A-Za-z0-9_-]* */

/* ---- evaluation: gh_expr_eval.c ---- */

struct gh_eval {
    struct arena *a;
    const struct gh_scope *scope;
    struct err *e;
    size_t used, max; /* bytes by the service's measure: 2 a character */
    size_t arena_max; /* bytes that the arena may hold when it ends: garbage counts here, too */
};

int gh_eval(struct gh_eval *ev, const struct gh_expr *x, struct value **ret);
/* Evaluates to text. */
int gh_eval_text(struct gh_eval *ev, const struct gh_expr *x, struct str *ret);
/* An empty buffer that holds no more than the evaluation may still use. */
struct buf gh_eval_buf(const struct gh_eval *ev);
/* The text in b as a value; b is freed. */
int gh_eval_take(struct gh_eval *ev, struct buf *b, struct value **ret);
int gh_eval_full(struct gh_eval *ev); /* "The maximum allowed memory size was exceeded" */

/* ---- functions: gh_expr_func.c ---- */

struct gh_func {
    const char *name;  /* lower case */
    const char *shown; /* as the documentation writes it */
    unsigned min, max; /* arguments */
    bool odd;          /* an odd number of them */
    enum { GH_FUNC_ANY, GH_FUNC_STATUS, GH_FUNC_FILES } where;
    /* NULL: the scope answers for it. Evaluates its arguments itself, as some do so lazily. */
    int (*eval)(struct gh_eval *ev, const struct gh_expr *call, struct value **ret);
};

/*
 * Is it a format for n arguments? -EINVAL and the service's sentence when not. named[i] (may be NULL) is set for the
 * arguments that it uses.
 */
int gh_format_check(struct str format, size_t n_args, bool *named, struct err *e);
/*
 * Calls found for every call in the tree that is bound to fail because of its constant first argument, which stands at
 * byte `at` of the expression.
 */
void gh_expr_check(struct arena *a, const struct gh_expr *x,
                   void (*found)(void *ctx, size_t at, size_t len, const char *text), void *ctx);

const struct gh_func *gh_func_find(struct str name);
const struct gh_func *gh_funcs(size_t *ret_n);

/* ---- slots: gh_text.c ---- */

/* As gh_text_read; false after a problem. d may be NULL: then problems are only counted so. */
bool gh_text_try(struct arena *a, const struct doc_node *n, const struct gh_allow *allow, struct diags *d,
                 struct gh_text *ret);
/* Is the key the directive ${{ insert }}? */
bool gh_is_insert(const struct doc_node *key);
/* As gh_scalar; false after a problem, *ret is then the text as a string. d may be NULL. */
bool gh_scalar_try(struct arena *a, const struct doc_node *n, struct diags *d, struct value **ret);
/* Adds a hint to the diagnostic just added: what would have been right in place of name. */
void gh_expr_hint(struct diags *d, const struct gh_expr_error *err, struct str text, const struct gh_allow *allow);
