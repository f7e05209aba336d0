/*
 * provider/azure/schema_priv.h - what may stand where: the schema as tables, and the one walk over them.
 *
 * Nouns: a type says which kinds a value may have; a form is one shape of a mapping, told by its first key where a type
 * has several ("first-key rule", specification 2); a key is a name with the type of its value. The tables are data
 * (az_schema_*.c); az_schema.c walks a value and a type together, tells what does not fit and gives back a copy with
 * what did: keys in their right spelling, scalars as texts. az_canon*.c make the canonical form of such a copy, so they
 * need not ask again what kind a value has.
 */
#pragma once
#include "provider/azure/expand_priv.h"

/* Which kinds a type takes. */
#define AZ_TAKES_TEXT 1U
#define AZ_TAKES_LIST 2U
#define AZ_TAKES_MAP 4U
#define AZ_TAKES_ANY 8U      /* whatever it is, and it stays as it is */
#define AZ_TAKES_DYNAMIC 16U /* of a list or mapping: a text that is one `$[ ]` or macro stands for it, too */

enum az_text_rule {
    AZ_TEXT,         /* any */
    AZ_TEXT_FILLED,  /* not empty */
    AZ_TEXT_BOOL,    /* true y yes on, false n no off */
    AZ_TEXT_NUMBER,  /* a whole number, not negative */
    AZ_TEXT_PERCENT, /* the same, or one with % behind it */
    AZ_TEXT_WORD,    /* one of words */
    AZ_TEXT_NAME     /* of a step: letters, digits, - and _ */
};

struct az_type;
struct az_key {
    const char *name;
    const struct az_type *type;
    unsigned flags;
};
#define AZ_KEY_REQUIRED 1U
#define AZ_KEY_OLD 2U     /* deprecated: told */
#define AZ_KEY_STRANGE 4U /* accepted though the service's schema does not list it: told */

struct az_form {
    const char *first; /* the key that comes first; NULL: any */
    const struct az_key *keys, *more;
    size_t n_keys, n_more; /* more: keys that several forms share */
};

struct az_type {
    const char *what; /* "a step": for hints */
    unsigned takes;
    enum az_text_rule text;
    const char *const *words;    /* ends with NULL */
    const struct az_type *item;  /* of a list */
    const struct az_form *forms; /* of a mapping */
    size_t n_forms;
    const struct az_type *values; /* of a mapping whose keys are free; forms is NULL then */
};

/* How tables write them: a mapping without a first key; one with it; a type of mappings; one of lists. */
#define AZ_FORMS(own)                                                                                                  \
    {                                                                                                                  \
        {                                                                                                              \
            NULL, .keys = (own), .n_keys = ARRAY_LEN(own)                                                              \
        }                                                                                                              \
    }
#define AZ_FIRST(key, own)                                                                                             \
    {                                                                                                                  \
        key, .keys = (own), .n_keys = ARRAY_LEN(own)                                                                   \
    }
#define AZ_MAPPING(text, takes_also, of)                                                                               \
    {                                                                                                                  \
        text, .takes = AZ_TAKES_MAP | (takes_also), .forms = (of), .n_forms = ARRAY_LEN(of)                            \
    }
#define AZ_LIST(text, of)                                                                                              \
    {                                                                                                                  \
        text, .takes = AZ_TAKES_LIST, .item = (of)                                                                     \
    }

/* az_schema_step.c */
extern const struct az_type az_type_step, az_type_steps;
/* az_schema_job.c */
extern const struct az_type az_type_job, az_type_jobs, az_type_deployment, az_type_deployments, az_type_stage,
    az_type_stages, az_type_strategy, az_type_queue, az_type_server, az_type_lock;
/* az_schema_container.c */
extern const struct az_type az_type_pool, az_type_job_container, az_type_services, az_type_container,
    az_type_containers, az_type_workspace;
/* az_schema_resource.c */
extern const struct az_type az_type_variables, az_type_resources, az_type_trigger, az_type_pr, az_type_schedules;
/* az_schema_root.c */
extern const struct az_type az_type_pipeline;
/* One body, and what may stand beside it. */
void az_schema_root(const struct az_value *v, struct diags *d);

/* Types that all tables use (az_schema_word.c). */
extern const struct az_type az_type_text, az_type_filled, az_type_bool, az_type_number, az_type_any, az_type_texts,
    az_type_text_or_texts, az_type_env, az_type_name;

/*
 * Checks v against t. NULL: nothing of it is left (what is wrong was told; null and '' of a list or mapping are not).
 * The copy is in the arena; parts that need no change are shared.
 */
struct az_value *az_schema_walk(struct arena *a, const struct az_type *t, const struct az_value *v, struct diags *d);

/* Is the whole text one macro or one `$[ ]`? Its type is not checked then (specification 2). */
bool az_is_dynamic(struct str text);

/* ---- canonical form (az_canon*.c): of values that were walked ---- */

/*
 * One key of a canonical mapping: how its value is made, and in which order they stand. Keys that the table does not
 * have come behind, as they are.
 */
struct az_place {
    const char *key;
    struct az_value *(*make)(struct arena *a, const struct az_value *v); /* NULL: as it is */
};
/* A new object: the pairs of v in the table's order. */
struct az_value *az_canon_map(struct arena *a, const struct az_place *places, size_t n, const struct az_value *v);
/* A list with each item made anew; a member that gives NULL is left out. */
struct az_value *az_canon_list(struct arena *a, struct az_value *(*make)(struct arena *a, const struct az_value *v),
                               const struct az_value *v);
/* A text of the service's own that stands where v does. */
struct az_value *az_canon_text(struct arena *a, const char *text, const struct az_value *v);
/* {key: v} at v's place. */
struct az_value *az_canon_wrap(struct arena *a, const char *key, const struct az_value *v);
/* Adds key: v with the key at v's place. */
void az_canon_add(struct arena *a, struct az_value *object, const char *key, const struct az_value *v);
/* Adds the pair of `key` when v has it, under its own key. */
void az_canon_move(struct arena *a, struct az_value *object, const struct az_value *v, const char *key);

struct az_value *az_canon_texts(struct arena *a, const struct az_value *v); /* a text becomes a list of one */
struct az_value *az_canon_variables(struct arena *a, const struct az_value *v);
struct az_value *az_canon_trigger(struct arena *a, const struct az_value *v);
struct az_value *az_canon_pool(struct arena *a, const struct az_value *v);
struct az_value *az_canon_container(struct arena *a, const struct az_value *v);
struct az_value *az_canon_services(struct arena *a, const struct az_value *v);
struct az_value *az_canon_step(struct arena *a, const struct az_value *v);
struct az_value *az_canon_steps(struct arena *a, const struct az_value *v);
struct az_value *az_canon_job(struct arena *a, const struct az_value *v);
struct az_value *az_canon_jobs(struct arena *a, const struct az_value *v);
struct az_value *az_canon_stage(struct arena *a, const struct az_value *v);
struct az_value *az_canon_stages(struct arena *a, const struct az_value *v);
struct az_value *az_canon_strategy(struct arena *a, const struct az_value *v);
struct az_value *az_canon_resources(struct arena *a, const struct az_value *v);
struct az_value *az_canon_pipeline(struct arena *a, const struct az_value *v);
