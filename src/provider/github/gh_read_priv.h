/*
 * provider/github/gh_read_priv.h - how a workflow is read: tables of keys, typed slots, and the readers of each part.
 *
 * Nouns: a reader is one reading of one file; a key is an entry of a table that says what a mapping may hold and where
 * its value goes; a shape is such a table; a mapping that may have several shapes (a step that runs, a step that uses)
 * is told apart by its keys, as the service does it.
 * Every reader goes on after an error, so that one pass finds all. Nothing here leaves gh_read*.c and their neighbours.
 */
#pragma once
#include "core/base.h"
#include "provider/github/gh_type_priv.h"
#include "provider/github/manifest_priv.h"

/* What a slot can take of an expression. */
enum gh_want {
    GH_WANT_ANY,
    GH_WANT_TEXT,
    GH_WANT_BOOL,
    GH_WANT_NUMBER,
    GH_WANT_OBJECT,
    GH_WANT_ARRAY,
    GH_WANT_LABELS,   /* runs-on: a text, an array, or an object with group or labels */
    GH_WANT_CONDITION /* anything, but not always the same */
};

/* An expression that was read, to be asked for its types when the whole workflow is known. */
struct gh_ref {
    const struct doc_node *node;
    const struct gh_expr *expr;
    enum gh_want want;
    const struct gh_job *job; /* NULL outside of jobs */
    size_t step;              /* steps before this one are over when it is evaluated */
    size_t inputs;            /* of workflow_call that it sees; SIZE_MAX: all, and those of workflow_dispatch */
    bool script;              /* it is a part of a script */
};

/* Names that workflow_call declares, with their types. */
struct gh_declared {
    struct gh_member *p;
    size_t n, cap;
    bool set; /* the key is there */
};

struct gh_reader {
    struct arena *a;
    struct diags *d;
    struct gh_workflow *w;        /* NULL for a manifest */
    struct gh_manifest *m;        /* NULL for a workflow */
    struct gh_job *job;           /* the one being read, NULL outside of jobs */
    size_t step;                  /* index of the step being read; SIZE_MAX outside of steps: all are over */
    const struct doc_pair *owner; /* the key whose value is being read */
    bool script;                  /* a script is being read */
    bool in_inputs;               /* the inputs of workflow_call are being read: a default sees those before it */
    struct gh_declared call_inputs, call_secrets; /* what workflow_call declares */
    bool on_faulty;                               /* `on` had errors: what it declares is not known */
    VEC(struct gh_ref) refs;
};

/* What the value of a key is. `at` is where it goes: an offset in the struct that the shape is read into. */
enum gh_value {
    GH_V_CALL,    /* read() does it */
    GH_V_TEXT,    /* struct gh_text, any scalar */
    GH_V_FULL,    /* struct gh_text, not empty */
    GH_V_BOOL,    /* struct gh_text, true, false or an expression */
    GH_V_NUMBER,  /* struct gh_text, a number or an expression */
    GH_V_IF,      /* struct gh_text, a condition */
    GH_V_LITERAL, /* struct str, no expressions */
    GH_V_LITERAL_FULL,
    GH_V_PAIRS, /* struct gh_pairs */
    GH_V_IGNORE /* a literal text that is checked and dropped */
};

struct gh_key {
    const char *name;
    enum gh_value kind;
    enum gh_slot slot; /* what expressions may name */
    size_t at;
    void (*read)(struct gh_reader *r, const struct doc_pair *pair, void *into); /* GH_V_CALL only */
    bool required;
};

struct gh_shape {
    const struct gh_key *keys;
    size_t n;
    bool hidden; /* not offered when nobody can tell what was meant */
};
#define GH_SHAPE(table)                                                                                                \
    {                                                                                                                  \
        (table), ARRAY_LEN(table), false                                                                               \
    }
#define GH_SHAPES_MAX 8

/* ---- gh_schema.c ---- */

/* Reads a mapping by the shape that its keys select; returns its index, or -1 when it is no mapping (said to d). */
int gh_read_shapes(struct gh_reader *r, const struct doc_node *map, const struct gh_shape *shapes, size_t n,
                   void *into);
bool gh_read_keys(struct gh_reader *r, const struct doc_node *map, const struct gh_key *keys, size_t n, void *into);
/* "Unexpected value 'x'", "A sequence was not expected", "A mapping was not expected". */
void gh_unexpected(struct gh_reader *r, const struct doc_node *n);
/* As gh_unexpected, with "did you mean" from words. */
void gh_unexpected_of(struct gh_reader *r, const struct doc_node *n, const char *const *words, size_t n_words);
void gh_missing(struct gh_reader *r, const struct doc_node *map, const char *key);
/* Points at the key whose mapping lacks something, when it stands on another line. */
void gh_note_owner(struct gh_reader *r, const struct doc_node *map, const char *code, const char *key);
/* A loose mapping's keys: true when new; else "'X' is already defined". seen is MAP_NOCASE. */
bool gh_fresh_key(struct gh_reader *r, struct map *seen, const struct doc_node *key);
/* Is the id well formed? Else says so. `node` is where it stands. */
bool gh_check_id(struct gh_reader *r, struct str id, const struct doc_node *node);
/* A mapping that may be absent: true for a map, false for null (silently) and for anything else (said to d). */
bool gh_is_map(struct gh_reader *r, const struct doc_node *n);
/* Is it a plain null: nothing, ~, null? */
bool gh_is_null(const struct doc_node *n);
/* One of a group of problems that are told by warnings: an empty value has no effect. */
void gh_warn_null(struct gh_reader *r, const struct doc_node *key, const struct doc_node *value);
/* Does the node's text hold ${{ ? */
bool gh_is_dynamic(const struct doc_node *n);
/* Does any scalar below the node hold ${{ ? */
bool gh_tree_is_dynamic(const struct doc_node *n);

/* ---- gh_slots.c ---- */

void gh_read_text(struct gh_reader *r, const struct doc_node *n, enum gh_slot slot, struct gh_text *ret);
void gh_read_full(struct gh_reader *r, const struct doc_node *n, enum gh_slot slot, struct gh_text *ret);
/* A whole mapping or sequence by one expression; anything else is unexpected. */
void gh_read_whole(struct gh_reader *r, const struct doc_node *n, enum gh_slot slot, enum gh_want want,
                   struct gh_text *ret);
void gh_read_bool(struct gh_reader *r, const struct doc_node *n, enum gh_slot slot, struct gh_text *ret);
void gh_read_number(struct gh_reader *r, const struct doc_node *n, enum gh_slot slot, struct gh_text *ret);
/* `if`; warns of text around ${{ }}, white space too, which makes a condition always true. */
void gh_read_condition(struct gh_reader *r, const struct doc_node *n, enum gh_slot slot, struct gh_text *ret);
/* A time limit in minutes: zero and less are warned of and left out. */
void gh_read_minutes(struct gh_reader *r, const struct doc_node *n, enum gh_slot slot, struct gh_text *ret);
/* A literal: "A template expression is not allowed in this context". False after an error; *ret is then empty. */
bool gh_read_literal(struct gh_reader *r, const struct doc_node *n, bool full, struct str *ret);
/* A literal true or false. */
bool gh_read_flag(struct gh_reader *r, const struct doc_node *n, bool *ret);
/* One text or a sequence of texts, all literal and not empty; spans (may be NULL) gets a place for each. */
bool gh_read_list(struct gh_reader *r, const struct doc_node *n, struct strs *ret, struct span **ret_spans);
/* Is it an empty sequence where one has no effect? Then it is warned of. */
bool gh_warn_empty(struct gh_reader *r, const struct doc_node *n);
/* One of the words, exactly; returns its index or -1 after an error. */
int gh_read_word(struct gh_reader *r, const struct doc_node *n, const char *const *words, size_t n_words);
void gh_read_pairs(struct gh_reader *r, const struct doc_node *n, enum gh_slot slot, struct gh_pairs *ret);
/* Warns of a filter pattern that can never match a branch or tag (path: a file). gh_pattern.c */
void gh_check_pattern(struct gh_reader *r, struct str pattern, struct span at, bool path);
/* Warns of names that no process can have a variable of. */
void gh_check_env_names(struct gh_reader *r, const struct gh_pairs *env);
/* Warns where a plain number loses digits as text: python-version: 3.10 (specification 1.4). */
void gh_warn_number(struct gh_reader *r, const struct doc_node *n);

/* ---- the parts ---- */

enum gh_system { GH_SYSTEM_ANY, GH_SYSTEM_LINUX, GH_SYSTEM_WINDOWS, GH_SYSTEM_MACOS };
/* What machines a label asks for. gh_check_runner.c */
enum gh_system gh_system_of(struct str label);

void gh_read_on(struct gh_reader *r, const struct doc_node *on);                              /* gh_read_on.c */
void gh_read_dispatch(struct gh_reader *r, struct span event, const struct doc_node *config); /* gh_read_inputs.c */
void gh_read_call(struct gh_reader *r, const struct doc_node *config);                        /* gh_read_inputs.c */
void gh_read_schedule(struct gh_reader *r, const struct doc_node *config);                    /* gh_cron.c */
void gh_read_jobs(struct gh_reader *r, const struct doc_node *jobs);                          /* gh_read_job.c */
void gh_check_needs(struct gh_reader *r, const struct doc_node *jobs);                        /* gh_needs.c */
void gh_read_strategy(struct gh_reader *r, const struct doc_node *n, struct gh_job *j);       /* gh_read_strategy.c */
void gh_read_runs_on(struct gh_reader *r, const struct doc_node *n, struct gh_job *j);        /* gh_read_runner.c */
void gh_read_container(struct gh_reader *r, const struct doc_node *n, struct gh_job *j);      /* gh_read_runner.c */
void gh_read_services(struct gh_reader *r, const struct doc_node *n, struct gh_job *j);       /* gh_read_runner.c */
void gh_read_steps(struct gh_reader *r, const struct doc_node *n, struct gh_job *j);          /* gh_read_step.c */
/* Steps of a composite action; j stands for it where names are judged, and gets them. */
void gh_read_composite(struct gh_reader *r, const struct doc_node *n, struct gh_job *j); /* gh_read_step.c */
/* Remembers an expression (NULL: none) for gh_check_types. gh_typecheck.c */
void gh_note_slot(struct gh_reader *r, const struct doc_node *n, const struct gh_expr *x, enum gh_want want);
/* Checks a whole tree (gh_tree_check) and notes what its expressions are; its top must be `want`. gh_typecheck.c */
void gh_note_tree(struct gh_reader *r, const struct doc_node *n, enum gh_slot slot, enum gh_want want);
/* Warns of names that nobody gives and of values that cannot do what they stand for. gh_typecheck.c */
void gh_check_types(struct gh_reader *r);
/* The type of the matrix context of a job (NULL: no matrix). gh_type_matrix.c */
const struct gh_type *gh_type_of_matrix(const struct gh_typing *t, const struct doc_node *matrix);
/* Warns of text of strangers that becomes a part of the script. gh_untrusted.c */
void gh_check_untrusted(struct gh_reader *r, const struct gh_ref *ref);
/* Warns of labels, also of a matrix, that no machine has together, and of shells that the machine lacks. */
void gh_check_runners(struct gh_reader *r); /* gh_check_runner.c */
/* Bytes of the slot's text as a place of the file. */
struct span gh_ref_place(const struct gh_reader *r, const struct gh_ref *ref, size_t at, size_t len);
void gh_check_with(struct gh_reader *r); /* gh_with.c: warns of inputs that an action does not have */
void gh_read_permissions(struct gh_reader *r, const struct doc_node *n,
                         struct gh_permissions *ret); /* gh_permissions.c */
void gh_read_concurrency(struct gh_reader *r, const struct doc_node *n, enum gh_slot slot,
                         struct gh_concurrency *ret); /* gh_read.c */
/* Is a literal shell one that can run (specification 7.5)? Else says so. */
void gh_check_shell(struct gh_reader *r, struct str shell, const struct doc_node *n); /* gh_read_step.c */

/* Names of time zones, sorted. gh_timezones.c */
const char *const *gh_timezones(size_t *ret_n);

/* ---- gh_events.c: what the service knows of each event ---- */

enum gh_filter {
    GH_F_TYPES = 1,
    GH_F_BRANCHES = 2,
    GH_F_TAGS = 4,
    GH_F_PATHS = 8,
    GH_F_WORKFLOWS = 16,
    GH_F_VERSIONS = 32, /* names, versions */
    GH_F_ANY_TYPE = 64  /* types are the user's own words */
};
struct gh_event {
    const char *name;
    unsigned filters;         /* of enum gh_filter */
    const char *const *types; /* NULL-terminated, or NULL */
};
const struct gh_event *gh_event_find(struct str name);
/* Names of all events, for suggestions. */
const char *const *gh_event_names(size_t *ret_n);
