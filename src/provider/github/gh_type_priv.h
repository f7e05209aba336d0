/*
 * provider/github/gh_type_priv.h - what is known of a value before anything runs: types, and what an expression's is.
 *
 * Nouns: a type is a kind with, for objects, the members that are known and what others may be (`rest`), and for arrays
 * what their items are; GH_T_ANY is everything that is not known. A complaint is a place in an expression where the
 * types make sure that it cannot do what it was written for. To the service nearly all of that is an empty text or
 * `false`, silently; here it is a warning, and only where the types are certain.
 * Types are immutable and live in the reader's arena or are constants. Pure.
 */
#pragma once
#include "provider/github/expr_node_priv.h"

enum gh_type_kind { GH_T_ANY, GH_T_NULL, GH_T_BOOL, GH_T_NUMBER, GH_T_STRING, GH_T_ARRAY, GH_T_OBJECT };

/* Whose members they are: how a name that is missing is told. */
enum gh_type_what {
    GH_T_PLAIN,
    GH_T_STEPS,
    GH_T_NEEDS,
    GH_T_JOBS,
    GH_T_OUTPUTS,      /* of the job `owner` */
    GH_T_STEP_OUTPUTS, /* of the action `owner` */
    GH_T_INPUTS,
    GH_T_SECRETS,
    GH_T_NO_MATRIX
};

struct gh_type;
struct gh_member {
    struct str name;
    const struct gh_type *type;
};

struct gh_type {
    enum gh_type_kind kind;
    bool filtered;              /* ARRAY: it came of `.*` */
    enum gh_type_what what;     /* OBJECT */
    const struct gh_type *rest; /* ARRAY: its items; OBJECT: members that are not listed, NULL: there are none */
    const struct gh_member *members;
    size_t n;
    struct str owner;
};

/* ---- gh_type.c ---- */

extern const struct gh_type gh_type_any, gh_type_null, gh_type_bool, gh_type_number, gh_type_string;
extern const struct gh_type gh_type_texts;  /* an object whose members are all texts */
extern const struct gh_type gh_type_object; /* an object of which nothing is known */

struct gh_type *gh_type_array_of(struct arena *a, const struct gh_type *item, bool filtered);
/* An object of just these members. */
struct gh_type *gh_type_strict(struct arena *a, const struct gh_member *members, size_t n);
const struct gh_type *gh_type_of_value(struct arena *a, const struct value *v);
/* What is either of both. */
const struct gh_type *gh_type_either(struct arena *a, const struct gh_type *x, const struct gh_type *y);
/* The listed member (case folded), or NULL. */
const struct gh_type *gh_type_member(const struct gh_type *t, struct str name);
/* "a text", "an array". */
const char *gh_type_name(const struct gh_type *t);
bool gh_type_is_primitive(const struct gh_type *t); /* and known */

/* ---- gh_type_expr.c ---- */

struct gh_complaint {
    const char *code;
    size_t at, len; /* in the slot's text */
    struct str text;
    struct str word;             /* what was written, when words has what could be meant */
    const struct gh_type *words; /* an object whose members are suggestions, or NULL */
    const char *hint;            /* or NULL */
};

struct gh_typing {
    struct arena *a;
    bool action; /* it is an action's file, not a workflow's: how messages call it */
    void *ctx;
    /* The type of a context by its lower-case name; never NULL. */
    const struct gh_type *(*context)(void *ctx, const char *name);
    void (*complain)(void *ctx, const struct gh_complaint *c);
};

const struct gh_type *gh_type_of(const struct gh_typing *t, const struct gh_expr *x);

/* ---- gh_type_context.c ---- */

/* The type of a context that is the same everywhere; NULL for those that are a workflow's own. */
const struct gh_type *gh_type_context(const char *name);
/* What the action's outputs are, as far as it is known. */
const struct gh_type *gh_type_action_outputs(struct str uses);
