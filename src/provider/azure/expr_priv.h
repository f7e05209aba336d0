/*
 * provider/azure/expr_priv.h - the expression language (specification 6): `${{ }}`, `$[ ]` and conditions.
 *
 * An expression is parsed once, against the names of the slot where it stands, and evaluated as often as needed.
 * Errors are the service's own sentences without "Located at ...", which az_fault_text puts behind them.
 */
#pragma once
#include "provider/azure/value_priv.h"

/* Which functions a slot has beside those that are everywhere. */
enum az_status {
    AZ_NO_STATUS,
    AZ_STEP_STATUS, /* always canceled succeeded failed succeededOrFailed, all without arguments */
    AZ_JOB_STATUS   /* succeeded, failed and succeededOrFailed take names */
};
struct az_slot {
    const char *what;        /* "a step's condition": for messages of ours */
    const struct str *names; /* contexts and loop variables, found in any case */
    size_t n_names;
    enum az_status status;
    bool counter;  /* counter() is there */
    bool any_name; /* unknown contexts and functions parse; they fail when they are evaluated (a step's condition) */
};

/* What is wrong with an expression. */
struct az_fault {
    struct str text;  /* "Unrecognized value: 'x'" */
    size_t at, len;   /* in the text that was parsed: which symbol */
    bool whole;       /* it is about the whole expression, and has no position */
    const char *code; /* AZ101 to AZ111 */
};
/* The code of what az_expr_eval says. */
#define AZ_EVAL_CODE "AZ100"

struct az_expr;
/* Parses text (blanks around it are allowed). -EINVAL: *fault. Depth 50 at most. */
int az_expr_parse(struct arena *a, struct str text, const struct az_slot *slot, struct az_expr **ret,
                  struct az_fault *fault);
/* "Unrecognized value: 'x'. Located at position 4 within expression: 'eq(x, 1)'." */
struct str az_fault_text(struct arena *a, const struct az_fault *f, struct str expression);
/* Calls each for every name that the expression uses, with its first members that are known: variables.x, x['a.b']. */
struct az_use {
    struct str name; /* "variables", or the function's */
    bool function;
    const struct str *members; /* literal ones, up to the first that is not */
    size_t n_members;
    size_t n_args;                          /* of a function */
    const struct az_value *const *literals; /* of a function: NULL where an argument is no literal */
    size_t at, len;                         /* in the text */
};
void az_expr_uses(const struct az_expr *x, void (*each)(void *ctx, const struct az_use *use), void *ctx);

struct az_named {
    struct str name;
    const struct az_value *value;
};
struct az_scope {
    struct arena *arena;          /* of results */
    const struct az_named *names; /* the last one of a name counts */
    size_t n_names;
    /*
     * counter and status functions. -ENOENT: this scope has no such function. Arguments are evaluated. May be NULL.
     */
    int (*call)(void *ctx, struct arena *a, struct str function, struct az_value *const *args, size_t n,
                struct az_value **ret, struct err *e);
    /* A parameter that is not declared: an error at compile time ("Key not found 'x'"), null elsewhere. */
    bool strict_parameters;
    void *ctx;
    size_t max_bytes; /* of all texts that an evaluation makes; 0: 16 MiB. More is -E2BIG */
};
/* Negative errno with the service's sentence in e. */
int az_expr_eval(const struct az_expr *x, const struct az_scope *scope, struct az_value **ret, struct err *e);
/* Parses and evaluates in one. */
int az_evaluate(struct str text, const struct az_slot *slot, const struct az_scope *scope, struct az_value **ret,
                struct err *e);

/* ---- expressions in texts (specification 5.1) ---- */

/*
 * Finds the next `${{ ... }}` from byte `from` on: *ret_open is the `$`, *ret_close the byte behind `}}`. False: there
 * is none; *ret_open is then text.n, or, when one is open and never closed, the place of that one.
 */
bool az_find_expression(struct str text, size_t from, size_t *ret_open, size_t *ret_close);
