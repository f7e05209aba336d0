/*
 * provider/codebuild/project_priv.h - how a project's declaration is read: a CloudFormation template, or a table.
 *
 * Nouns: a template is deploy/codebuild.yaml; a function is one of CloudFormation's (Ref, Fn::Sub ...), in its long
 * form
 * ({Ref: x}) or its short one (!Ref x); a value is resolved when no function is left in it. What only a deployment
 * would tell (an attribute of a resource, a parameter without default) is not known here, and counts as absent.
 * A shape is what CodeBuild allows in one object of the project; shapes are tables.
 * Ownership: trees and texts are in the reader's arena. Nothing here opens a file: facts->read_file does.
 */
#pragma once
#include "provider/codebuild/model_priv.h"

/* ---- functions of a template (cb_project_value.c) ---- */

struct cb_template {
    struct arena *a;
    struct str stack; /* AWS::StackName */
    const struct doc_node *parameters, *conditions, *mappings;
    unsigned steps, depth; /* functions resolved so far, conditions under way: bounded, as these may name each other */
};

void cb_template_init(struct cb_template *t, struct arena *a, const struct doc_node *root, struct str file);
/* The value without functions at its top, or NULL: absent or not known here. NULL gives NULL. */
const struct doc_node *cb_resolve(struct cb_template *t, const struct doc_node *n);
/* As a text; false when it is none or not known. */
bool cb_resolve_text(struct cb_template *t, const struct doc_node *n, struct str *ret);
/* What a condition of the template says: 1, 0, or -1: not known here. */
int cb_condition(struct cb_template *t, struct str name);
/* null, ~ or nothing at all. */
bool cb_is_null(const struct doc_node *n);
/* Is it the word, or as templates of the first years have it: linuxContainer for LINUX_CONTAINER? */
bool cb_word_is(struct str text, const char *word);
/* The word of the NULL-terminated list that it is, else the text itself. */
struct str cb_word_of(const char *const *words, struct str text);
/* "true", "yes" ..., as YAML 1.1 has them; false when it is no boolean. */
bool cb_bool_of(struct str text, bool *ret);

/* ---- shapes (cb_project_shape.c has the tables, cb_project_check.c obeys them) ---- */

enum cb_kind {
    CB_TEXT,
    CB_WORD, /* one of words */
    CB_BOOL,
    CB_NUMBER, /* min to max */
    CB_TEXTS,
    CB_WORDS,
    CB_OBJECT,
    CB_OBJECTS, /* a list of them, at most max when that is not 0 */
    CB_GROUPS   /* FilterGroups: a list of lists of objects */
};

struct cb_shape;
struct cb_property {
    const char *name;
    enum cb_kind kind;
    bool required;
    const char *const *words;
    unsigned min, max;
    const struct cb_shape *shape;
};
struct cb_shape {
    const char *name; /* as messages call it: "Source" */
    const struct cb_property *p;
    size_t n;
};
extern const struct cb_shape cb_shape_project;
extern const char *const cb_source_types[], *const cb_container_types[]; /* NULL-terminated */

/* Tells d what is wrong with the properties of one project; owner is where missing ones are told. */
void cb_shape_check(struct cb_template *t, const struct doc_node *properties, struct span owner, struct diags *d);

/* ---- projects ---- */

#define CB_BUILDSPEC "buildspec.yml"
#define CB_TABLE_FILE "slipway.toml"

struct cb_project_reader {
    struct arena *a;
    const struct facts *f;
    struct diags *d; /* never NULL */
    struct cb_projects *ret;
};

/* deploy/codebuild.yaml and its kin, already in the sources. */
void cb_template_read(struct cb_project_reader *r, struct str file, uint32_t source);
/* One project of it. */
void cb_project_fill(struct cb_template *t, const struct doc_node *properties, struct cb_project *ret);
/* Rules that hold between its properties. */
void cb_project_rules(struct cb_project_reader *r, struct cb_template *t, const struct doc_node *properties,
                      const struct cb_project *p);
/* [codebuild] of slipway.toml; nothing when there is none. */
void cb_table_read(struct cb_project_reader *r, uint32_t source);
/* What is not said has the service's value. */
struct cb_project cb_project_usual(void);
/* BuildSpec as a project has it, into p. */
void cb_project_set_buildspec(struct arena *a, struct str text, struct cb_project *p);
/* Rules for the name, the buildspec and the filters, whoever declares them. */
void cb_name_check(struct cb_project_reader *r, struct str name, struct span at);
void cb_buildspec_check(struct cb_project_reader *r, const struct cb_project *p, struct span at);
void cb_filters_check(struct cb_project_reader *r, const struct cb_project *p);
/* A fault that only keeps a project from ever starting: an error of a check, a warning of a run. */
void cb_never(struct cb_project_reader *r, const char *code, struct span at, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* The texts of an EVENT pattern, trimmed, in a. */
void cb_event_names(struct arena *a, struct str pattern, struct strs *ret);

/* ---- events (cb_event.c) ---- */

/* All of them: "PUSH" ... */
extern const char *const cb_events[];
extern const size_t cb_n_events;
/* The types of filters: "EVENT" ...; NULL-terminated. */
extern const char *const cb_filter_types[];
/* Does a filter of this type test anything of this event? enterprise: GitHub Enterprise Server tells less. */
bool cb_filter_applies(struct str type, struct str event, bool enterprise);

/* What the service would be told of the change; absent texts have p == NULL. */
struct cb_webhook {
    struct str event;    /* "PUSH", or empty: no event of CodeBuild's */
    struct str head_ref; /* "refs/heads/main" */
    struct str base_ref; /* of a pull request */
    struct str actor_id; /* digits; absent: not known */
    struct str message;  /* of the head commit */
    struct str tag;      /* of a release */
    struct str release;  /* its name; absent: not known */
    struct str workflow; /* of a queued job; absent: not known */
    bool fork;           /* the payload says that a pull request comes from one */
};
void cb_webhook_of(struct arena *a, const struct facts *f, struct cb_webhook *ret);
