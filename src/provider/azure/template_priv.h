/*
 * provider/azure/template_priv.h - the inside of the expansion: what az_compile.c, az_expand*.c, az_param*.c,
 * az_template.c and az_scope.c know of each other (specification 5).
 *
 * Nouns: a file is compiled once to nodes, with every expression parsed against the names that are known at its place;
 * a walk makes values of nodes in an environment (parameters, variables, loop variables) and shares what holds no
 * expression; a role is what a list or a mapping stands for, which tells where `template:` is a reference.
 */
#pragma once
#include "provider/azure/expand_priv.h"

#define AZ_MAX_DEPTH 1000 /* of nodes within nodes, through all files: "Maximum object depth exceeded" */
#define AZ_FILE_DEPTH 100 /* of one file's mappings and sequences */
#define AZ_FILE_BYTES ((size_t)10 << 20)
#define AZ_MAX_WORK ((size_t)256 << 20) /* that all evaluations together may take */

/* ---- nodes ---- */

/* One `${{ }}` of a text, behind the `before` bytes of plain text. */
struct az_piece {
    struct str before;
    size_t at, len;             /* of the expression between its braces, in the scalar's text */
    const struct az_expr *expr; /* NULL: it is wrong, which was told */
};
/* A scalar with expressions. */
struct az_template_text {
    struct az_piece *p;
    size_t n, cap;
    struct str after;
    bool alone;  /* it is one expression and nothing else: the result keeps its type */
    bool broken; /* something in it is wrong, which was told */
};

enum az_directive { AZ_KEY, AZ_KEY_EXPRESSION, AZ_IF, AZ_ELSEIF, AZ_ELSE, AZ_EACH, AZ_INSERT, AZ_KEY_WRONG };

struct az_node;
struct az_member {
    const struct az_value *key;
    enum az_directive how;
    struct az_template_text text; /* AZ_KEY_EXPRESSION */
    struct az_piece of;           /* AZ_IF, AZ_ELSEIF: the condition; AZ_EACH: what it goes through */
    struct str variable;          /* AZ_EACH */
    struct az_node *value;
};
struct az_node {
    const struct az_value *value;  /* as it is written */
    bool active;                   /* there are expressions at or below it */
    bool refers;                   /* there is a key `template` at or below it */
    bool scopes;                   /* there is a key `variables` at or below it */
    struct az_template_text *text; /* of an active scalar */
    struct az_node **items;        /* of an active array: value->array.n */
    struct az_member *members;     /* of an active object: value->object.n */
};

/* A file, read and compiled once. */
struct az_file {
    uint32_t source;
    struct str path, alias; /* its place: the repository's alias */
    struct az_node *root;   /* NULL: there is no tree, which was told */
};

/* ---- a walk ---- */

enum az_role {
    AZ_DATA,
    AZ_ROLE_PIPELINE, /* a root */
    AZ_ROLE_STAGES,
    AZ_ROLE_STAGE,
    AZ_ROLE_JOBS,
    AZ_ROLE_JOB,
    AZ_ROLE_STRATEGY,
    AZ_ROLE_STEPS,
    AZ_ROLE_VARIABLES,
    AZ_ROLE_RESOURCES,
    AZ_ROLE_REPOSITORIES, /* takes no directives */
    AZ_ROLE_TRIGGER,      /* takes none either */
    AZ_ROLE_PARAMETERS    /* stays as it is */
};
/* The role of the value of a key. */
enum az_role az_role_of(enum az_role parent, struct str key);
/* The role of a list's items. */
enum az_role az_role_item(enum az_role list);

struct az_walk {
    struct az_expansion *x;
    struct az_file **files;
    size_t n_files, cap_files;
    unsigned depth;
    size_t work;  /* bytes that evaluations took */
    bool stopped; /* a limit was passed, which was told: nothing more is made */
};

struct az_names {
    struct az_named *p;
    size_t n, cap;
};
/* What the expressions of one file see. names[0] are the parameters, names[1] the variables, then loop variables. */
struct az_env {
    struct az_walk *w;
    const struct az_frame *frame;
    struct az_names names;
    bool strict;   /* the file has typed parameters */
    bool pipeline; /* it is the root, or extended by it: its repositories are known by their aliases */
};

/* Compiles a file's tree. Every expression is parsed; faults are told. Never NULL. */
struct az_node *az_compile(struct arena *a, const struct az_value *root, struct diags *d);
/* The word of a directive that a key is, whole: "if", "each"; empty: it is none. */
struct str az_directive_word(struct str text, struct str *ret_rest, size_t *ret_at);

/* Evaluates a node as `role`. Never NULL. */
struct az_value *az_walk_node(struct az_env *env, const struct az_node *n, enum az_role role);
/* Does what a role asks for in a value without expressions: references to templates. Never NULL. */
struct az_value *az_settle_value(struct az_env *env, const struct az_value *v, enum az_role role);
/* Adds an item to a list of the role; a reference to a template adds what that holds. */
void az_push_item(struct az_env *env, struct az_value *list, struct az_value *item, enum az_role role);
/* Evaluates a root's members, all but its `extends`. */
struct az_value *az_walk_members(struct az_env *env, const struct az_node *n, enum az_role role);
/* Evaluates a text with expressions. */
struct az_value *az_walk_text(struct az_env *env, const struct az_value *at, const struct az_template_text *t);
/* One expression of a scalar; NULL after a fault, which was told. */
struct az_value *az_walk_piece(struct az_env *env, const struct az_value *at, const struct az_piece *p);
/* An object that is being made, with a table of its keys when they are many. */
struct az_making {
    struct az_value *object;
    struct map *seen;
    enum az_role role;
};
/* Adds a pair; a key that is there already, in any case, is told and left out. */
void az_add_pair(struct az_env *env, struct az_making *m, struct az_value *key, struct az_value *value);
/* Counts n nodes more; false: a limit is passed, which was told. */
bool az_walk_may(struct az_env *env, const struct az_value *at, size_t n);
/* One level deeper, with az_walk_up behind it; false: too deep, which was told. */
bool az_walk_down(struct az_env *env, const struct az_value *at);
void az_walk_up(struct az_env *env);

/* ---- variables ---- */

/* A new environment of a file: no variables but the predefined ones. */
void az_env_init(struct az_env *env, struct az_walk *w, const struct az_frame *frame);
/* A scope of its own for what follows; az_scope_close gives the outer one back. */
const struct az_value *az_scope_open(struct az_env *env);
void az_scope_close(struct az_env *env, const struct az_value *outer);
/* Variables of an entry, {name, value}, or of a mapping's pair become visible. */
void az_scope_pair(struct az_env *env, const struct az_value *key, const struct az_value *value);
void az_scope_entry(struct az_env *env, const struct az_value *entry);

/* ---- parameters ---- */

/*
 * Binds a file's parameters: declared is its `parameters:` (or NULL), given what is passed (or NULL: the root's come
 * from facts->inputs). Sets env->names[0] and env->strict.
 */
void az_bind(struct az_env *env, const struct az_value *declared, const struct az_value *given,
             const struct az_value *at, bool root);

enum az_type {
    AZ_TYPE_STRING,
    AZ_TYPE_NUMBER,
    AZ_TYPE_BOOLEAN,
    AZ_TYPE_OBJECT,
    AZ_TYPE_STRING_LIST,
    AZ_TYPE_LEGACY,
    AZ_TYPE_PICKED, /* environment, filePath, pool, secureFile, serviceConnection */
    AZ_TYPE_SHAPE   /* what the schema checks */
};
struct az_param {
    struct str name;
    const char *type_name; /* "stepList" */
    const char *type_word; /* "StepList": as messages have it */
    enum az_type type;
    enum az_shape shape;
    const struct az_value *standard, *values; /* `default` and `values`, or NULL */
    const struct az_value *at;
};
/* The value as its type has it; NULL: it is none, which was told. */
struct az_value *az_param_value(struct az_env *env, const struct az_param *p, const struct az_value *given);
/* A default as it is written, with the one kind of expression that it may hold. */
const struct az_value *az_param_default(struct az_env *env, const struct az_value *written);
/* The root's parameter as it is given when the pipeline is queued; NULL: it is not. */
const struct az_value *az_queued(struct az_env *env, const struct az_param *p);
/* -1.50: what a plain scalar in an object is a number for. */
bool az_plain_number(struct str text, double *ret);
/* Every scalar below v as text. */
struct az_value *az_as_texts(struct az_env *env, const struct az_value *v);

/* ---- templates ---- */

/* Adds what the template of a reference ({template, parameters}) holds to list, as items of `role`. */
void az_include(struct az_env *env, const struct az_value *reference, enum az_role role, struct az_value *list);
/* The root of a template that is extended, walked; NULL: there is none. */
struct az_value *az_extend(struct az_env *env, const struct az_value *reference);
/* The file of a source that was read by others (the root). */
struct az_file *az_file_of(struct az_walk *w, uint32_t source, struct str path, const struct az_frame *frame);
/* Walks a pipeline's root, of the pipeline itself or of a template that it extends. */
struct az_value *az_walk_root(struct az_env *env, const struct az_node *root, const struct az_value *given,
                              const struct az_value *at);
/* Reads resources.repositories. */
void az_read_repositories(struct az_env *env, const struct az_value *resources);
