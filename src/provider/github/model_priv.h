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
 * Evaluates pairs in order: whole mappings, expression keys and ${{ insert }} included. add gets each key with its
 * value; it returns 0, or a negative errno (with e) which ends the walk. Problems are worded with the key in front.
 */
int gh_pairs_values(struct arena *a, const struct gh_pairs *p, const struct gh_scope *s,
                    int (*add)(void *ctx, struct str key, struct value *v, struct err *e), void *ctx, struct err *e);
/* As gh_pairs_values, of texts. */
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

/* What a token may do, in the order of gh_permissions.c. */
#define GH_PERMISSIONS 20
enum gh_level { GH_LEVEL_NONE, GH_LEVEL_READ, GH_LEVEL_WRITE };
struct gh_permissions {
    bool set; /* else: what the one around it has, or the repository's own setting, which nobody here knows */
    unsigned char level[GH_PERMISSIONS]; /* enum gh_level; what is not named is none */
};
/* False: asked goes beyond given; the texts then say where ("actions: write, checks: read"). */
bool gh_permissions_within(const struct gh_permissions *asked, const struct gh_permissions *given,
                           struct buf *ret_asked, struct buf *ret_given);

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
    struct str uses; /* a called workflow, as written; else empty */
    struct span uses_span;
    struct gh_pairs with, secrets; /* of a call */
    bool inherit;                  /* secrets: inherit */
    struct gh_permissions permissions;
    bool faulty;             /* it had errors: some of it is not known */
    struct span span;        /* of its key */
    struct span matrix_span; /* of strategy.matrix */
};

/* on.<event>: its filters. */
struct gh_on {
    struct str event;
    struct span span;
    struct strs types;
    struct strs workflows; /* workflow_run: names; none: any */
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

/* What a called workflow takes and gives: on.workflow_call. */
enum gh_param_type { GH_PARAM_UNKNOWN, GH_PARAM_STRING, GH_PARAM_BOOLEAN, GH_PARAM_NUMBER };
struct gh_param {
    struct str id;
    enum gh_param_type type; /* of an input */
    bool required;
    struct gh_text value; /* the default of an input, or the value of an output */
    struct span span;     /* of its id */
};
struct gh_params {
    struct gh_param *p;
    size_t n, cap;
};
const struct gh_param *gh_param_find(const struct gh_params *list, struct str id); /* case folded; or NULL */

struct gh_library;
struct gh_workflow {
    struct str file; /* repository-relative */
    struct str name; /* name, else the file */
    /* Of a workflow of another repository: "owner/name", the ref that was asked for, its commit. Else empty. */
    struct str repo, ref, commit;
    struct str called; /* as messages call it: the file, or owner/name/file@ref */
    bool callable;     /* it names workflow_call among its events */
    struct gh_params call_inputs, call_secrets, call_outputs;
    struct gh_permissions permissions;
    struct gh_library *library; /* the workflows that it calls, and those that they call */
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
/* Takes [skip ci] and its kin in the commit's message into the verdict: with facts->obey_skip_ci it starts nothing. */
void gh_skip_ci(struct arena *a, const struct facts *f, struct verdict *v);

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
    struct value *inputs;         /* an object, typed as declared */
    struct value *secrets;        /* an object: those passed, or all of the caller's */
    /* Of a preview: inputs that hang on what has not run yet, or all of them. */
    struct strs unknown;
    bool all_unknown;
};

/* ---- of a job of the plan: job->impl ---- */
struct gh_entry {
    struct gh_workflow *workflow; /* the one that it is written in */
    struct gh_job *def;
    const struct gh_call *call; /* NULL: it is of the started workflow */
};

/* ---- of a leg that is planned (gh_plan.c makes it, the driver uses it): leg->impl ---- */
struct gh_leg {
    struct gh_workflow *workflow; /* the one that the job is written in */
    struct gh_job *def;
    const struct gh_call *call; /* NULL: the job is of the started workflow */
    const struct gh_call *made; /* of a leg that calls: its call */
    struct value *matrix;       /* object, or value_null() */
    struct value *strategy;     /* object of specification 5.6 */
    struct str environment;     /* the name of it, or empty */
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
struct value *gh_job_value(struct arena *a, const struct job *j); /* needs.<id> and jobs.<id>: result, outputs */
/* inputs: those of --input, typed as workflow_dispatch or workflow_call declares them; null for other events. */
struct value *gh_inputs_context(struct arena *a, const struct gh_workflow *w, const struct facts *f);
struct value *gh_vars_context(struct arena *a, const struct facts *f);
struct value *gh_secrets_context(struct arena *a, const struct facts *f);

/* A scope for job-level slots: github needs vars inputs (+ strategy matrix when leg is not NULL), job status functions.
 */
struct gh_job_scope {
    const struct gh_workflow *workflow; /* the started one */
    const struct gh_call *call;         /* the call that the job is in, or NULL */
    const struct facts *facts;
    const struct job *job;
    const struct gh_leg *leg;      /* may be NULL */
    struct value *jobs;            /* of a call that is over, for its outputs; else NULL */
    bool no_inputs;                /* there are none: they are being made */
    bool preview;                  /* needs are taken as succeeded */
    struct value *github, *inputs; /* made at the first use, in the arena of that evaluation */
};
struct gh_scope gh_scope_of_job(struct gh_job_scope *s);

/* ---- called workflows: gh_library.c reads, gh_call_check.c checks, gh_call.c calls (specification 10.10) ---- */

#define GH_CALL_DEPTH 9    /* workflows below the started one: ten levels in all ("Reuse workflows", limitations) */
#define GH_CALL_FILES 50   /* distinct ones that a workflow and those that it calls may call */
#define GH_PLAN_JOBS 10000 /* of a plan with all that it calls: a bound of this machine, not the service's */

/* A workflow that something calls. */
struct gh_called {
    struct str name;              /* as messages call it: as uses has it, or the file */
    struct gh_workflow *workflow; /* NULL: it could not be read */
    int rc;                       /* negative errno: why it could not be had, in e */
    struct err e;
    struct diags diags; /* what is wrong with it */
};
/* What `uses` of a job of w names; read once. *d gets what is wrong with it the first time. Never NULL. */
struct gh_called *gh_library_find(struct gh_workflow *w, struct str uses, struct diags *d);
size_t gh_library_files(const struct gh_workflow *w); /* how many distinct ones were found so far */

struct gh_call_rules {
    bool local_only;                      /* other repositories are not asked */
    unsigned depth;                       /* GH_CALL_DEPTH */
    const struct gh_permissions *granted; /* what a token may by itself; may be unset */
};
struct gh_library *gh_library_new(struct arena *a, struct gh_workflow *started, const struct facts *f);
/* Everything about the calls of w that is known before an event, and of those that it calls. */
void gh_check_calls(struct arena *a, struct gh_workflow *w, const struct gh_call_rules *rules, struct diags *d);
/* A literal cannot be the value of the input: the service's sentence in e. */
int gh_param_fits(struct arena *a, const struct gh_param *p, const struct value *v, struct err *e);
/* The default of an input that is not given: what it says, or '', false, 0. */
int gh_param_default(struct arena *a, const struct gh_param *p, struct gh_job_scope *s, struct value **ret,
                     struct err *e);
/* What a call is made of. */
struct gh_call_query {
    struct leg *leg; /* its impl is set, but for `made` */
    const struct gh_entry *from;
    struct gh_job_scope *js; /* what the caller's `with` sees; its leg is set */
    /* A preview cannot know it: the text is taken as written. NULL: it is no preview. */
    bool (*unknown)(const void *ctx, const struct gh_expr *x);
    const void *ctx;
};
/* Makes the call of a leg and adds its jobs to the plan. 0, or -errno with a sentence; *ret_at: what it is about. */
int gh_call_make(const struct gh_call_query *q, struct span *ret_at, struct err *e);
/* Of a preview: does the expression ask for an input that is not known yet? c may be NULL. */
bool gh_call_unknown(const struct gh_call *c, const struct gh_expr *x);
/* plan/driver.h's gather. */
void gh_call_gather(const struct leg *leg, struct leg_outcome *ret);
/* Adds the jobs of a workflow to the plan: of the call that the leg makes, or (NULL) the plan's own (gh_plan.c). */
void gh_add_jobs(struct plan *p, struct gh_workflow *w, struct leg *caller, const struct gh_call *call);

/* plan/driver.h's gate for GitHub (gh_gate.c). */
enum gate gh_gate(struct plan *p, struct job *j, const struct facts *f, bool preview, struct str *ret_why);
/* As gh_gate; GATE_FAIL tells the place of what is wrong. */
enum gate gh_gate_at(struct plan *p, struct job *j, const struct facts *f, bool preview, struct str *ret_why,
                     struct span *ret_at);
/* Of two jobs, or legs: failure outweighs cancellation, which outweighs success; only together are they skipped. */
enum result gh_worse_of_jobs(enum result a, enum result b);
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
