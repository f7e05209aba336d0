/*
 * provider/azure/ast_priv.h - the inside of expressions: tokens, tree, evaluation, functions, letters.
 *
 * Nouns: a node is a literal, a name or a call, with the steps behind it (`.name`, `[key]`, `.*`) as a list, so that
 * long chains cost no stack; calls and indexes that are open at once are the depth, AZ_EXPR_DEPTH at most, which bounds
 * every recursion. Only az_expr*.c, az_compare.c and az_datetime.c look in here.
 */
#pragma once
#include "core/utf16.h"
#include "provider/azure/expr_priv.h"

#define AZ_EXPR_DEPTH 50
#define AZ_EXPR_LENGTH 21000 /* units of the text */
#define AZ_EVAL_BYTES ((size_t)16 << 20)

/* ---- casting: az_cast.c ---- */

/* A value as messages show it: 'it''s', 1.5, v1.2.3, Array. */
struct str az_shown(struct arena *a, const struct az_value *v);
/* "Unable to convert from String to Number. Value: 'x'". */
int az_cannot(const struct az_value *v, enum az_kind to, struct err *e);

/* ---- comparing: az_compare.c ---- */

/* What right is as a value of left's kind decides; what cannot be converted is not equal. */
bool az_equal(struct arena *a, const struct az_value *left, const struct az_value *right);
/* <0, 0, >0 in *ret. -EINVAL: right cannot be converted. */
int az_order(struct arena *a, const struct az_value *left, const struct az_value *right, int *ret, struct err *e);

/* ---- tokens: az_expr_lex.c ---- */

enum az_tok {
    AZ_TOK_NONE, /* before the first one */
    AZ_TOK_END,
    AZ_TOK_BAD,   /* a number or text that is none */
    AZ_TOK_OPEN,  /* ( */
    AZ_TOK_CLOSE, /* ) */
    AZ_TOK_INDEX, /* [ */
    AZ_TOK_INDEX_END,
    AZ_TOK_COMMA,
    AZ_TOK_DOT,
    AZ_TOK_STAR,
    AZ_TOK_LITERAL,
    AZ_TOK_WORD,
    AZ_TOK_SYMBOL,  /* all else: '+', '==', 'a-b' */
    AZ_TOK_PROPERTY /* a word behind a dot */
};
struct az_token {
    enum az_tok kind;
    size_t at, len;
    struct az_value *value; /* of a literal */
};
struct az_lexer {
    struct arena *a;
    struct str text;
    size_t i;
    enum az_tok last;
};
/* The next token; END stays END. */
void az_lex(struct az_lexer *x, struct az_token *t);

/* ---- the tree: az_expr_parse.c ---- */

enum az_node { AZ_NODE_LITERAL, AZ_NODE_NAME, AZ_NODE_CALL };
struct az_eval;
struct az_expr;

struct az_function {
    const char *name;
    unsigned min, max;
    /* One of the two; none: the scope answers (status functions, counter). */
    int (*eager)(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret);
    int (*lazy)(struct az_eval *ev, const struct az_expr *x, struct az_value **ret);
};
/* Those that are everywhere; NULL: there is none of the name. */
const struct az_function *az_function_find(struct str name);
#define AZ_ANY_NUMBER UINT32_MAX

/* All of these. */
const struct az_function *az_functions(size_t *ret_n);

/* ---- how to mend it: az_expr_hint.c; "" when nothing is known ---- */

struct str az_symbol_hint(struct str symbol);
/* Of a name or function that the slot does not have. */
struct str az_name_hint(struct arena *a, const struct az_slot *slot, struct str word, bool function);

/* A step behind a primary expression: key, or a wildcard when it is NULL. */
struct az_member {
    struct az_expr *key;
};
struct az_expr {
    enum az_node kind;
    bool unknown;                       /* a name or function that the slot does not know, which any_name let pass */
    struct az_value *value;             /* of a literal */
    struct str name;                    /* of a name or a call, as written */
    const struct az_function *function; /* of a call; NULL when unknown */
    struct {
        struct az_expr **p;
        size_t n, cap;
    } args;
    struct {
        struct az_member *p;
        size_t n, cap;
    } members;
    size_t at, len; /* of the literal or the word, in the text */
};

/* ---- evaluation: az_expr_eval.c, az_expr_deref.c ---- */

struct az_eval {
    struct arena *a;
    const struct az_scope *scope;
    struct err *e;
    size_t used, max; /* bytes of texts and items */
};
int az_eval(struct az_eval *ev, const struct az_expr *x, struct az_value **ret);
/* As text; what is none is the service's error. */
int az_eval_text(struct az_eval *ev, const struct az_expr *x, struct str *ret);
/* v with the steps of x behind it. */
int az_eval_members(struct az_eval *ev, const struct az_expr *x, struct az_value *v, struct az_value **ret);
/* -E2BIG when the evaluation has made too much. */
int az_charge(struct az_eval *ev, size_t bytes);
/* A buffer for what may still be made; az_take makes a value of it and frees it. */
struct buf az_eval_buf(const struct az_eval *ev);
int az_take(struct az_eval *ev, struct buf *b, struct az_value **ret);

/* format() (az_expr_format.c). */
int az_call_format(struct az_eval *ev, const struct az_expr *x, struct az_value **ret);
/* Adds a moment by .NET's custom specifiers; -EINVAL: one that is not known. (az_datetime.c) */
int az_add_datetime(struct buf *b, const struct az_value *v, struct str specifiers);
/* Are these among those that format() takes? */
bool az_datetime_formats(struct str specifiers);
/* "yyyy-MM-dd HH:mm:ss+hh:mm" and its kin; false: it is no moment. */
bool az_datetime_read(struct str text, struct az_value *ret);
