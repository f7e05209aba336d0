/*
 * provider/azure/az_lint_priv.h - what is legal and rarely meant: the warnings of specification 10.
 *
 * Nouns: a rule has the specification's number n and the code AZ5nn; a view is one run-time expression (a condition, or
 * a `$[ ]`) with the slot that it stands in; a call is a function with its arguments, as they are written.
 * A rule looks at whatever its slots in the table say; az_lint.c walks. A warning that is wrong for a pipeline which
 * works is a bug: in doubt a rule is silent. Nothing is told twice at one place, however often a template is used.
 */
#pragma once
#include "provider/azure/model_priv.h"

/* Whose variables they are, outer ones first. */
enum az_lint_level { AZ_LINT_ROOT, AZ_LINT_STAGE, AZ_LINT_JOB, AZ_LINT_LEVELS };
/* What a level gives its variables. */
struct az_lint_names {
    const void *of;   /* the pipeline, stage or job that it was made for; NULL: none */
    struct map lists; /* MAP_NOCASE: name -> struct strs * */
};

struct az_lint {
    struct arena *arena;
    const struct az_pipeline *p;
    const struct az_value *root; /* the root file's tree, as it was written */
    const struct facts *f;
    struct diags *d;
    struct map told;              /* MAP_CASE: "AZ516 3 120" */
    const struct az_stage *stage; /* under way, each NULL outside of one */
    const struct az_job *job;
    const struct az_hook *hook;
    const struct az_steps *steps; /* the job's or the hook's */
    size_t step;                  /* number in them */
    struct map known_secrets;     /* MAP_CASE: names in the environment -> secrets of the start and the service */
    struct map secrets;           /* the same, of those that steps before it set */
    struct az_lint_names values[AZ_LINT_LEVELS];
    struct map *jobs;  /* by stage, MAP_NOCASE: id -> struct az_job *; not made yet: no arena */
    struct map stages; /* MAP_NOCASE: id -> struct az_stage * */
};

enum az_view_slot {
    AZ_VIEW_STAGE,          /* a stage's condition */
    AZ_VIEW_JOB,            /* a job's condition */
    AZ_VIEW_STEP,           /* a step's */
    AZ_VIEW_ROOT_VARIABLE,  /* `$[ ]` of the root's variables */
    AZ_VIEW_STAGE_VARIABLE, /* of a stage's */
    AZ_VIEW_JOB_VALUE,      /* of a job's variables, matrix, container and so on */
};
struct az_view {
    enum az_view_slot slot;
    struct str text;           /* the expression alone */
    const struct az_value *at; /* where it stands, or near */
    size_t shift;              /* of text in at's, when `inside` */
    bool inside;               /* at's text holds it: places in it can be told */
};
static inline bool az_view_condition(const struct az_view *v)
{
    return v->slot <= AZ_VIEW_STEP;
}

/* Each slot may be NULL. */
struct az_lint_rule {
    unsigned number; /* of the specification */
    void (*pipeline)(struct az_lint *l);
    void (*stage)(struct az_lint *l, const struct az_stage *s);
    void (*job)(struct az_lint *l, const struct az_job *j);
    void (*step)(struct az_lint *l, const struct az_step *s);
    void (*view)(struct az_lint *l, const struct az_view *v);
};
/* The table of them, in the order of their numbers; ends with number 0. */
extern const struct az_lint_rule az_lint_rules[];

/* ---- telling: false, when that was told there before; a hint may follow what was told ---- */

bool az_lint_warn(struct az_lint *l, const char *code, const struct az_value *at, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
/* At a part of the text of a scalar; at all of it, when that is not what is written there. */
bool az_lint_warn_in(struct az_lint *l, const char *code, const struct az_value *at, size_t from, size_t len,
                     const char *fmt, ...) PRINTF_LIKE(6, 7);
/* At a part of a view's expression. */
bool az_lint_warn_view(struct az_lint *l, const char *code, const struct az_view *v, size_t from, size_t len,
                       const char *fmt, ...) PRINTF_LIKE(6, 7);

/* ---- asking (az_lint_ask.c) ---- */

/* The stage runs behind that one, as said or by order. */
bool az_lint_stage_needs(const struct az_pipeline *p, const struct az_stage *s, struct str id);
bool az_lint_job_needs(const struct az_job *j, struct str id);
const struct az_stage *az_lint_stage(struct az_lint *l, struct str id);
const struct az_job *az_lint_job(struct az_lint *l, const struct az_stage *s, struct str id);
/* All that the YAML gives a variable where the walk is: the root's, the stage's, the job's and each leg's value. */
struct strs az_lint_values(struct az_lint *l, struct str name);
/* Is the step a task of that name, in any case, with or without its publisher? */
bool az_lint_task(const struct az_step *s, const char *name);
/* The inline script of a step, else empty; *ret_at is where it is written (or the step), may be NULL. */
struct str az_lint_script(const struct az_step *s, const struct az_value **ret_at);
/* The first scalar of that text in a tree, or NULL. */
const struct az_value *az_lint_find(const struct az_value *tree, struct str text);
/* Where an input is written, or the step. */
const struct az_value *az_lint_input_at(const struct az_step *s, const char *name);
/* Does a shell that is like sh run it? Not on Windows, and not where the pool does not tell. */
bool az_lint_posix(const struct az_lint *l, const struct az_step *s);
/* Is the word one of the list's, in any case? The list ends with NULL. */
bool az_lint_word(struct str word, const char *const *list);
/* The job's matrix or slices make more than one leg, as far as can be known. */
bool az_lint_fans_out(const struct az_job *j);

/* ---- texts (az_lint_text.c) ---- */

/* The next `$(name)` from *from on, which moves behind it; *ret_at is the `$`. */
bool az_lint_macro(struct str text, size_t *from, struct str *ret_name, size_t *ret_at);
#define AZ_LINT_ARGS 8
#define AZ_LINT_TEXT_MAX 20000 /* bytes of an expression that is looked at */
struct az_lint_call {
    struct str name;
    size_t at, open, close; /* of the name, its `(` and its `)` */
    struct str args[AZ_LINT_ARGS];
    size_t n_args;
};
/* The next function call of an expression from *from on, outer ones first; *from moves behind its `(`. */
bool az_lint_next_call(struct str text, size_t *from, struct az_lint_call *ret);
bool az_lint_calls(struct str text, const char *const *names);
/* "x" of `variables.x` and `variables['x']`, when that is all that the operand is; else STR_NONE. */
struct str az_lint_bare_variable(struct str operand);
/* The word stands alone in a script: no letter, digit, `_` or `-` beside it. From byte `from` on; -1: nowhere. */
ssize_t az_lint_find_word(struct str text, size_t from, struct str word);

/* ---- rules, by file ---- */

void az_lint_leg_names(struct az_lint *l, const struct az_job *j);        /* 8 */
void az_lint_step_names(struct az_lint *l, const struct az_view *v);      /* 10 */
void az_lint_macro_condition(struct az_lint *l, const struct az_view *v); /* 12 */
void az_lint_macro_matrix(struct az_lint *l, const struct az_job *j);     /* 12 */
void az_lint_macro_places(struct az_lint *l);                             /* 12 */
void az_lint_partial_root(struct az_lint *l);                             /* 13 */
void az_lint_partial_stage(struct az_lint *l, const struct az_stage *s);  /* 13 */
void az_lint_partial_job(struct az_lint *l, const struct az_job *j);      /* 13 */
void az_lint_status_stage(struct az_lint *l, const struct az_stage *s);   /* 14, 15 */
void az_lint_status_job(struct az_lint *l, const struct az_job *j);       /* 14, 15 */
void az_lint_status_step(struct az_lint *l, const struct az_step *s);     /* 14 */
void az_lint_skipped_stage(struct az_lint *l, const struct az_stage *s);  /* 15 */
void az_lint_skipped_job(struct az_lint *l, const struct az_job *j);      /* 15 */
void az_lint_output(struct az_lint *l, const struct az_view *v);          /* 16 */
void az_lint_plain_output(struct az_lint *l, const struct az_job *j);     /* 16 */
void az_lint_known_secrets(struct az_lint *l);                            /* 17: once, before all */
void az_lint_secret(struct az_lint *l, const struct az_step *s);          /* 17 */
void az_lint_lost_status(struct az_lint *l, const struct az_step *s);     /* 18 */
void az_lint_agent_env(struct az_lint *l, const struct az_step *s);       /* 19 */
void az_lint_noisy(struct az_lint *l, const struct az_step *s);           /* 22 */
void az_lint_shallow(struct az_lint *l, const struct az_job *j);          /* 22 */
void az_lint_words(struct az_lint *l, const struct az_view *v);           /* 22 */
void az_lint_bare(struct az_lint *l, const struct az_view *v);            /* 24 */
void az_lint_versions(struct az_lint *l, const struct az_view *v);        /* 25 */
void az_lint_patterns(struct az_lint *l);                                 /* 23 */
void az_lint_old_keys(struct az_lint *l);                                 /* 26 */
void az_lint_no_pool(struct az_lint *l);                                  /* 27 */
void az_lint_image(struct az_lint *l, const struct az_job *j);            /* 27 */
void az_lint_artifacts(struct az_lint *l);                                /* 28 */
void az_lint_templates(struct az_lint *l);                                /* 29 */
void az_lint_stage_outputs(struct az_lint *l, const struct az_view *v);   /* 29 */
void az_lint_timeout(struct az_lint *l, const struct az_job *j);          /* 30 */
