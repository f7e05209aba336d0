/*
 * provider/github/model_priv.h - a workflow as read: every key of specification 2, typed, with positions.
 *
 * gh_read.c makes it from the YAML tree; gh_plan.c makes the plan of it; the driver (gh_driver.c and its neighbours)
 * evaluates its slots while it runs. Read-only after reading; lives in the plan's arena.
 */
#pragma once
#include "plan/driver.h"
#include "provider/github/expr_priv.h"
#include "provider/provider.h"
#include "trigger/glob.h"

struct gh_pair {
    struct str key;      /* as written; see name */
    struct gh_text name; /* set when the key itself holds an expression: its text is the key */
    bool insert;         /* the key is ${{ insert }}: value gives a mapping, which is spliced in here */
    struct gh_text value;
    struct span span; /* of the key */
};

/* env, with, outputs, inputs of a call: pairs, or one expression for the whole mapping. */
struct gh_pairs {
    bool set;
    struct gh_pair *p;
    size_t n, cap;
    struct gh_text whole; /* set when the mapping itself is one ${{ }} */
    struct span span;
};

/*
 * Evaluates pairs in order: whole mappings, expression keys and ${{ insert }} included. add gets key and text of each;
 * it returns 0, or a negative errno (with e) which ends the walk. Problems are worded with the key in front.
 */
int gh_pairs_each(struct arena *a, const struct gh_pairs *p, const struct gh_scope *s,
                  int (*add)(void *ctx, struct str key, struct str value, struct err *e), void *ctx, struct err *e);

enum gh_step_kind { GH_STEP_RUN, GH_STEP_USES, GH_STEP_WAIT, GH_STEP_WAIT_ALL, GH_STEP_CANCEL, GH_STEP_PARALLEL };

struct gh_step {
    enum gh_step_kind kind;
    struct str id;           /* as written, or empty */
    struct str context_name; /* GITHUB_ACTION: id, or __run, __run_2, __actions_checkout (specification 7.4) */
    struct gh_text name;
    struct gh_text cond; /* if */
    struct gh_pairs env;
    struct gh_text run;
    struct str shell;          /* literal, or empty */
    struct gh_text shell_text; /* of a composite action's step: required, and may be an expression */
    struct span shell_span;
    struct gh_text workdir;
    struct str uses;
    struct gh_pairs with;
    struct gh_text continue_on_error, timeout; /* timeout: minutes */
    bool background;
    struct strs targets; /* wait, cancel: ids */
    struct gh_step *children;
    size_t n_children;
    struct span span;                /* of the whole step */
    struct span where;               /* of its run or uses value: what a failure points at */
    const struct doc_node *run_node; /* to find lines inside the script */
};

struct gh_container {
    bool set;
    const struct doc_node *node; /* checked; evaluated when the job starts */
    struct span span;
};

/* concurrency: a group by name, or {group, cancel-in-progress, queue}. */
struct gh_concurrency {
    struct gh_text group, cancel;
    bool queue_max;
};
#define GH_QUEUE_AND_CANCEL "'queue: max' and 'cancel-in-progress: true' exclude each other"

struct gh_job {
    struct str id;
    struct gh_text name;
    struct strs needs; /* as written, resolved by the plan */
    struct span *needs_spans;
    struct gh_text cond;
    const struct doc_node *runs_on; /* string, sequence or {group, labels}; checked */
    bool has_strategy;
    const struct doc_node *matrix; /* checked; NULL when absent */
    struct gh_text fail_fast, max_parallel;
    struct gh_text timeout, cancel_timeout; /* minutes */
    struct gh_text continue_on_error;
    struct gh_pairs env, outputs;
    struct str default_shell; /* defaults.run.shell when it is a literal, or empty */
    struct gh_text shell;     /* defaults.run.shell as a slot: it may be an expression (matrix.shell) */
    struct gh_text default_workdir;
    struct gh_concurrency concurrency;
    struct gh_container container;
    const struct doc_node *services; /* checked; NULL when absent */
    struct gh_text environment, environment_url;
    struct gh_step *steps;
    size_t n_steps;
    struct str uses; /* a called workflow: refused by name in this version */
    struct gh_pairs with;
    bool faulty;             /* it had errors: some of it is not known */
    struct span span;        /* of its key */
    struct span matrix_span; /* of strategy.matrix */
};

/* on.<event>: its filters. */
struct gh_on {
    struct str event;
    struct span span;
    struct strs types;
    bool has_branches, has_branches_ignore, has_tags, has_tags_ignore, has_paths, has_paths_ignore;
    struct globs branches, branches_ignore, tags, tags_ignore, paths, paths_ignore;
    struct span *branch_spans, *branch_ignore_spans, *tag_spans, *tag_ignore_spans, *path_spans, *path_ignore_spans;
    const struct doc_node *node; /* inputs, schedule ... */
};

struct gh_input {
    struct str id, type, def; /* type: string boolean number choice environment; def.p NULL: none */
    bool required;
    struct strs options;
    struct span span;
};

struct gh_workflow {
    struct str file; /* repository-relative */
    struct str name; /* name, else the file */
    struct gh_text run_name;
    struct gh_on *on;
    size_t n_on, cap_on;
    struct span on_span;     /* of the value of `on` */
    struct gh_input *inputs; /* of workflow_dispatch */
    size_t n_inputs, cap_inputs;
    struct gh_pairs env;
    struct str default_shell;
    struct gh_text default_workdir;
    struct gh_concurrency concurrency;
    struct gh_job *jobs;
    size_t n_jobs, cap_jobs;
    const struct facts *facts;
    const struct sources *sources;
};

/* Reads and checks a whole workflow; problems to d (GHxxx). NULL when there were errors. */
struct gh_workflow *gh_workflow_read(struct arena *a, const struct doc_node *root, struct str file, struct diags *d);
/* As gh_workflow_read, but what could be read comes back even when there were errors: enough for gh_verdict. */
struct gh_workflow *gh_workflow_try(struct arena *a, const struct doc_node *root, struct str file, struct diags *d);
/* Would the change start it (specification 3)? */
void gh_verdict(struct arena *a, const struct gh_workflow *w, const struct change *c, struct verdict *ret);

/* The allowed contexts of each slot (specification 2.12). */
enum gh_slot {
    GH_SLOT_RUN_NAME,
    GH_SLOT_ROOT_ENV,
    GH_SLOT_JOB_IF,
    GH_SLOT_STRATEGY,
    GH_SLOT_JOB_KEY,
    GH_SLOT_CREDENTIALS,
    GH_SLOT_CONTAINER_ENV,
    GH_SLOT_DEFAULTS,
    GH_SLOT_JOB_ENV,
    GH_SLOT_JOB_SECRETS,
    GH_SLOT_ENVIRONMENT_URL,
    GH_SLOT_JOB_OUTPUTS,
    GH_SLOT_STEP_IF,
    GH_SLOT_STEP,
    GH_SLOT_CALL_DEFAULT,
    GH_SLOT_CALL_OUTPUT,
    GH_SLOT_SNAPSHOT_IF,
    GH_SLOT_ACTION_STEP,    /* keys of a composite action's steps */
    GH_SLOT_ACTION_IF,      /* their conditions */
    GH_SLOT_ACTION_OUTPUT,  /* values of its outputs */
    GH_SLOT_ACTION_DEFAULT, /* of an input */
    GH_SLOT_ACTION_DOCKER,  /* args and env of a container action */
    GH_SLOT_ACTION_HOOK_IF, /* pre-if, post-if */
    GH_SLOT_ANY
};
const struct gh_allow *gh_allow(enum gh_slot slot);

/* One call of a reusable workflow (gh_call.c): what its jobs see where the started workflow's see the event's. */
struct gh_call {
    struct gh_workflow *workflow; /* the called one */
    struct job *caller;
    struct gh_call *outer; /* the call that the caller itself is in, or NULL */
    struct value *inputs;  /* an object, typed as declared */
    struct value *secrets; /* an object: those passed, or all of the caller's */
    struct str prefix;     /* of names: "caller / " */
    unsigned depth;        /* from 1 */
};

/* ---- of a leg that is planned (gh_plan.c makes it, the driver uses it): leg->impl ---- */
struct gh_leg {
    struct gh_workflow *workflow; /* the one that the job is written in */
    struct gh_job *def;
    const struct gh_call *call; /* NULL: the job is of the started workflow */
    struct value *matrix;       /* object, or value_null() */
    struct value *strategy;     /* object of specification 5.6 */
    bool continue_on_error;
    bool mapped; /* --platform takes this host for its machine */
};

/* The matrix algorithm (specification 6.1): legs as objects, in order. -EINVAL with GitHub's wording in e. */
int gh_matrix(struct arena *a, const struct value *matrix, struct value ***ret, size_t *ret_n, struct err *e);
/* Display suffix of a leg, " (3.9, x)" or empty, by specification 6.3. */
struct str gh_matrix_suffix(struct arena *a, const struct value *matrix, const struct value *leg);

/* ---- where a job asks to run (gh_label.c) ---- */

struct gh_machine {
    struct str label; /* "self-hosted, linux", "group big" */
    bool mapped;      /* --platform takes this host for it */
    /* Not empty when it is none of this host: why, which labels (the summary names them once), and what helps. */
    struct str skip, lacks, help;
};
/*
 * The machine of an evaluated runs-on: a text, texts, or {group, labels}. -EINVAL with the service's wording in e.
 */
int gh_label(struct arena *a, const struct value *runs_on, const struct facts *f, struct gh_machine *ret,
             struct err *e);

/* ---- contexts (gh_context.c) ---- */

/* github.* as it is before a job starts; the driver adds the per-step members. */
struct value *gh_github_context(struct arena *a, const struct gh_workflow *w, const struct facts *f);
/* github.event: the payload given, or one made up from the facts (specification 5.1). */
struct value *gh_event_payload(struct arena *a, const struct facts *f);
struct value *gh_needs_context(struct arena *a, const struct job *j);
/* inputs: workflow_dispatch values typed by the workflow's declarations; null for other events. */
struct value *gh_inputs_context(struct arena *a, const struct gh_workflow *w, const struct facts *f);
struct value *gh_vars_context(struct arena *a, const struct facts *f);
struct value *gh_secrets_context(struct arena *a, const struct facts *f);

/* A scope for job-level slots: github needs vars inputs (+ strategy matrix when leg is not NULL), job status functions.
 */
struct gh_job_scope {
    const struct gh_workflow *workflow;
    const struct facts *facts;
    const struct job *job;
    const struct gh_leg *leg;      /* may be NULL */
    bool preview;                  /* needs are taken as succeeded */
    struct value *github, *inputs; /* made at the first use, in the arena of that evaluation */
};
struct gh_scope gh_scope_of_job(struct gh_job_scope *s);

/* plan/driver.h's gate for GitHub (gh_gate.c). */
enum gate gh_gate(struct plan *p, struct job *j, const struct facts *f, bool preview, struct str *ret_why);
/* As gh_gate; GATE_FAIL tells the place of what is wrong. */
enum gate gh_gate_at(struct plan *p, struct job *j, const struct facts *f, bool preview, struct str *ret_why,
                     struct span *ret_at);
/* plan/driver.h's settle (specification 6.7), gh_settle.c. */
void gh_settle(struct job *j, const struct leg_outcome *legs, size_t n, struct leg_outcome *ret);
/* The driver itself (gh_driver.c). */
extern const struct driver gh_driver;

/* ---- actions known natively (gh_actions.c): what `uses:` may name ---- */
struct gh_action;
struct gh_native {
    const char *name;
    const struct gh_action *action; /* NULL: known by name, not done yet: the job is skipped by name and counted */
};
/* What a step's `uses:` names: an action of a repository, a folder of this one (./x, $/x), or an image. */
enum gh_uses { GH_USES_REPOSITORY, GH_USES_LOCAL, GH_USES_DOCKER };
enum gh_uses gh_uses_kind(struct str uses); /* gh_known.c */
/* GH090 for every step of the job whose action cannot run here: it needs a container engine (gh_known.c). */
void gh_check_known(struct arena *a, const struct gh_job *job, const struct facts *f, struct diags *d);
/* uses as written; *ret_name is owner/repo[/path] without the ref. -EINVAL: the format is wrong (message in e). */
int gh_uses_parse(struct str uses, struct str *ret_name, struct str *ret_ref, struct err *e);
struct str gh_uses_repository(struct str name);          /* owner/repo of owner/repo[/path] */
const struct gh_native *gh_native_find(struct str name); /* owner/repo[/path], any case; NULL: none */
/* As gh_native_find; NULL, too, when the user asked for the real one. */
const struct gh_native *gh_native_for(const struct facts *f, struct str name);
/* Why a job is left out: the first of its actions that is not done yet, in words; empty when there is none. */
struct str gh_job_later(struct arena *a, const struct facts *f, const struct gh_job *job);
/* What a step without a name is called ("Run pytest", from the first line of its script); in the arena. */
struct str gh_step_title(struct arena *a, const struct gh_step *s, struct str script);
/*
 * Can this leg run here? Empty, or why not ("no Python 3.9 here"), for leg->skip: asked by gate when a setup-python
 * step's version is known from the matrix and literals (gh_setup_python.c). `scope` answers for job-level contexts of
 * the leg (gh_scope_of_job with leg set). The text lives in the arena.
 */
struct str gh_leg_missing(struct arena *a, const struct gh_job *job, const struct gh_scope *scope,
                          const struct facts *f);
