/*
 * provider/github/expr_priv.h - the expression language of GitHub Actions (specification 4): `${{ }}` and `if:`.
 *
 * Nouns: an expression is a parsed tree; a gh_text is a scalar slot of a workflow (a literal, or an expression that
 * format()s literal parts and expressions together); a scope answers for contexts and functions while evaluating.
 * Pure. Trees and values live in the arena that parse or eval was given.
 */
#pragma once
#include "core/err.h"
#include "core/mem.h"
#include "core/value.h"
#include "doc/diag.h"
#include "doc/yaml.h"

struct gh_expr;

/* What a slot may use (specification 2.12). Names are lower case; NULL lists mean: everything, for tests. */
struct gh_allow {
    const char *const *contexts; /* NULL-terminated */
    bool status;                 /* success failure always cancelled */
    bool status_args;            /* success('job') with arguments (job-level if) */
    bool hash_files;
};

struct gh_expr_error {
    char text[1000];  /* GitHub's own wording, position included: "Unrecognized named-value: 'x'. Located at ..." */
    const char *code; /* of doc/codes/ */
    size_t at, len;   /* byte range in the expression text, for the caret */
};

/*
 * Parses one expression (without ${{ }}). 0, or -EINVAL and *err. allow may be NULL: any name. No text at all is null.
 */
int gh_expr_parse(struct arena *a, struct str text, const struct gh_allow *allow, struct gh_expr **ret,
                  struct gh_expr_error *err);
/* Does it call success, failure, cancelled or always anywhere (specification 16.4)? */
bool gh_expr_has_status(const struct gh_expr *e);
/* Does it name the context (lower case) anywhere? "needs" tells whether a matrix can be known before the run. */
bool gh_expr_uses(const struct gh_expr *e, const char *context);

/*
 * A chain of names that an expression asks a context for: needs.build.outputs.x. names[0] is the context, lower case;
 * a wildcard is "*", an index that is computed has p == NULL.
 */
struct gh_path {
    struct str names[8];
    size_t n;
    size_t at, len; /* bytes in the slot's text */
};
/*
 * Every such chain that can be a part of the expression's value, the longest of each, inner ones of computed indexes as
 * well. What is only compared, or looked into by contains() and its kin, is not.
 */
void gh_expr_paths(const struct gh_expr *e, void (*visit)(void *ctx, const struct gh_path *path), void *ctx);
/* As gh_expr_paths, of everything that the expression asks for. */
void gh_expr_all_paths(const struct gh_expr *e, void (*visit)(void *ctx, const struct gh_path *path), void *ctx);

struct gh_scope {
    void *ctx;
    /* The value of a context, NULL when it is not there (null). name is lower case. Required. */
    struct value *(*context)(void *ctx, struct arena *a, const char *name);
    /*
     * success, failure, cancelled, always and hashFiles (name in lower case). Negative errno and e on error. May be
     * NULL: these functions are then errors.
     */
    int (*call)(void *ctx, struct arena *a, const char *name, struct value **args, size_t n, struct value **ret,
                struct err *e);
    const struct value *watch; /* *watched is set when an expression asks for this very value; or NULL */
    bool *watched;
    size_t max_bytes; /* of an evaluation's values, 2 a character; 0: 10 MiB, as the service allows in workflows */
};

/* Evaluates. 0, or -EINVAL with GitHub's wording in e; *ret is written on success only. */
int gh_expr_eval(struct arena *a, const struct gh_expr *x, const struct gh_scope *scope, struct value **ret,
                 struct err *e);

/* Specification 4.3, 4.5, 4.6. */
bool gh_truthy(const struct value *v);
bool gh_equal(const struct value *a, const struct value *b);
struct str gh_to_string(struct arena *a, const struct value *v); /* "Array" and "Object" for those */
double gh_to_number(const struct value *v);

/* ---- slots ---- */

struct gh_text {
    bool set;             /* the key was there */
    struct gh_expr *expr; /* NULL: a literal */
    struct str literal;   /* as text, coerced by specification 1.4; for an expression: the text as written */
    struct value *typed;  /* of a literal: its YAML type (bool, number, string, null) */
    struct span span;
};

/* Where the next ${{ stands from byte `from` on, or -1. */
ssize_t gh_find_open(struct str s, size_t from);

/* What a plain scalar means in YAML 1.2 core (specification 1.1). Problems (bad tag) go to d. */
struct value *gh_scalar(struct arena *a, const struct doc_node *n, struct diags *d);

/*
 * Compiles a scalar node to a slot: literal, single expression (typed), or mixed (format). Problems go to d as GHxxx at
 * the expression's place inside the scalar; the slot is then a literal of its own text.
 */
void gh_text_read(struct arena *a, const struct doc_node *n, const struct gh_allow *allow, struct diags *d,
                  struct gh_text *ret);
/* As gh_text_read for `if:`: the text is an expression with or without ${{ }}; no status function means success() &&
 * (..). */
void gh_if_read(struct arena *a, const struct doc_node *n, const struct gh_allow *allow, struct diags *d,
                struct gh_text *ret);
/* As gh_if_read, and no status function means none: pre-if and post-if of actions. */
void gh_hook_if_read(struct arena *a, const struct doc_node *n, const struct gh_allow *allow, struct diags *d,
                     struct gh_text *ret);
/* Typed result of a slot. An unset slot is null. */
int gh_text_value(struct arena *a, const struct gh_text *t, const struct gh_scope *s, struct value **ret,
                  struct err *e);
/* As text; arrays and objects are errors ("A mapping was not expected"). An unset slot gives STR_NONE. */
int gh_text_string(struct arena *a, const struct gh_text *t, const struct gh_scope *s, struct str *ret, struct err *e);
int gh_text_bool(struct arena *a, const struct gh_text *t, const struct gh_scope *s, bool absent, bool *ret,
                 struct err *e);
int gh_text_number(struct arena *a, const struct gh_text *t, const struct gh_scope *s, double absent, double *ret,
                   struct err *e);
/* The condition: an unset slot is success(). */
int gh_if_true(struct arena *a, const struct gh_text *t, const struct gh_scope *s, bool *ret, struct err *e);

/*
 * A whole YAML subtree with expressions anywhere (matrix, with, env given as one expression): checked when read,
 * evaluated to a value; `${{ insert }}` keys are spliced.
 */
void gh_tree_check(struct arena *a, const struct doc_node *n, const struct gh_allow *allow, struct diags *d);
/* As gh_tree_check; found gets the expression of every scalar (and key) that has one. */
struct gh_tree_visitor {
    void (*found)(void *ctx, const struct doc_node *n, const struct gh_expr *x);
    void *ctx;
};
void gh_tree_visit(struct arena *a, const struct doc_node *n, const struct gh_allow *allow, struct diags *d,
                   const struct gh_tree_visitor *v);
int gh_tree_value(struct arena *a, const struct doc_node *n, const struct gh_allow *allow, const struct gh_scope *s,
                  struct value **ret, struct err *e);
bool gh_tree_uses(struct arena *a, const struct doc_node *n, const char *context);
/* Is there an expression of that kind anywhere in it? */
bool gh_tree_any(struct arena *a, const struct doc_node *n, bool (*is)(const void *ctx, const struct gh_expr *x),
                 const void *ctx);
