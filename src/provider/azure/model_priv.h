/*
 * provider/azure/model_priv.h - Azure Pipelines: a pipeline of stages of jobs of steps, as it is after expansion.
 *
 * Nouns (the service's own): a pipeline has stages, a stage has jobs, a job has steps, each of which is a task with
 * inputs; a deployment job has hooks instead of steps, each of which is a job of its own; a leg is one combination of
 * a matrix or one slice of `parallel`.
 * Who makes what: az_load.c and az_expand*.c make one tree of the files; az_canon*.c check it against the schema and
 * give its canonical form; az_read*.c make the structs below of it; az_graph.c checks names and dependencies;
 * az_lint*.c warns; az_trigger.c says whether a change starts it; az_plan.c makes the plan (provider_azure), az_gate.c
 * judges conditions and makes legs; az_driver.c runs them (run_priv.h). All lives in the plan's arena.
 * `[S] [D] [A] [T] [L] [R] [P]` are the specification's evidence grades. Texts are as written: macros and `$[ ]` stay.
 */
#pragma once
#include "core/map.h"
#include "plan/driver.h"
#include "plan/facts.h"
#include "plan/plan.h"
#include "provider/azure/expand_priv.h"
#include "provider/provider.h"
#include "trigger/trigger.h"

/* ---- the pipeline ---- */

struct az_texts {
    struct str *p;
    size_t n, cap;
    bool set; /* it was said, be it empty */
};

struct az_variable {
    struct str name, value; /* value: as written, with macros or `$[ ]` */
    struct str group;       /* not empty: a variable group, and nothing else is set */
    bool readonly;
    const struct az_value *at; /* where the name (or the group's) stands */
    const struct az_value *value_at;
};
struct az_variables {
    struct az_variable *p;
    size_t n, cap;
};

/* A step: always a task with inputs. */
struct az_step {
    struct str name;                                        /* for outputs, or empty */
    struct str display_name;                                /* or empty */
    struct str task;                                        /* "CmdLine", a GUID, or "publisher.extension.Name" */
    struct str version;                                     /* behind the @: "2"; or empty */
    struct map inputs;                                      /* MAP_NOCASE, texts */
    struct map env;                                         /* MAP_CASE, texts */
    struct str condition;                                   /* empty: succeeded() */
    struct str continue_on_error, timeout_minutes, retries; /* as written, or empty; macros allowed */
    bool enabled;
    struct str target;         /* "host", a container, or empty */
    bool restricted;           /* target.commands */
    struct az_texts settable;  /* target.settableVariables; set and empty: none */
    const struct az_value *at; /* the step's mapping */
    const struct az_value *condition_at;
};
struct az_steps {
    struct az_step *p;
    size_t n, cap;
};

struct az_pool {
    bool set;
    struct str name, vm_image; /* macros allowed */
    struct az_texts demands;
    const struct az_value *at;
};

/* The checkout task's own id, and that of `download:`. */
#define AZ_CHECKOUT_TASK "6d15af64-176c-496d-b583-fd2ae21d4df4"
#define AZ_DOWNLOAD_TASK "30f35852-3f7e-4c0c-9a88-e127b4f97211"

enum az_strategy { AZ_SINGLE, AZ_MATRIX, AZ_PARALLEL, AZ_RUN_ONCE, AZ_ROLLING, AZ_CANARY };
enum az_hook_kind {
    AZ_PRE_DEPLOY,
    AZ_DEPLOY,
    AZ_ROUTE_TRAFFIC,
    AZ_POST_ROUTE_TRAFFIC,
    AZ_ON_SUCCESS,
    AZ_ON_FAILURE,
    AZ_HOOKS
};
/* "preDeploy" ... "on.success". */
const char *az_hook_key(enum az_hook_kind k);

struct az_hook {
    bool set;
    struct az_steps steps;
    struct az_pool pool;
    const struct az_value *at;
};

struct az_job {
    struct str id; /* "Job1" when it has none */
    struct str display_name;
    bool deployment;
    struct az_texts depends_on;
    struct str condition;
    struct str continue_on_error, timeout_minutes, cancel_timeout_minutes; /* as written, or empty; `$[ ]` allowed */
    struct az_variables variables;
    struct az_pool pool;        /* its own, else its stage's, else the root's */
    struct str container;       /* alias, image, macro or `$[ ]`; or empty */
    struct str container_image; /* of an inline one or of resources.containers; or empty */
    bool services;              /* it has some */
    struct str clean;           /* workspace.clean: "outputs", "resources", "all" or empty */
    enum az_strategy strategy;
    const struct az_value *matrix;     /* AZ_MATRIX: an object of objects, or a string with `$[ ]` */
    struct str parallel, max_parallel; /* as written, or empty */
    struct az_texts increments;        /* AZ_CANARY */
    struct az_hook hooks[AZ_HOOKS];
    struct str environment, resource; /* of a deployment */
    struct az_steps steps;
    const struct az_value *at, *id_at, *condition_at, *depends_at;
};

struct az_stage {
    struct str id; /* "__default" of a pipeline without stages; "Stage1" when it has none */
    struct str display_name;
    struct az_texts depends_on; /* not set: the stage before it in the file */
    struct str condition;
    struct az_variables variables;
    bool manual; /* trigger: manual */
    struct az_job *jobs;
    size_t n_jobs, cap_jobs;
    const struct az_value *at, *id_at, *condition_at, *depends_at;
};

struct az_filter {
    bool set;
    struct az_texts include, exclude;
    const struct az_value *at;
};
struct az_trigger {
    enum { AZ_TRIGGER_ABSENT, AZ_TRIGGER_NONE, AZ_TRIGGER_SET } how;
    struct az_filter branches, tags, paths;
    bool batch;     /* trigger */
    bool no_drafts; /* pr: drafts: false */
    const struct az_value *at;
};
struct az_schedule {
    struct str cron, display_name;
    struct az_filter branches;
    bool always;
    const struct az_value *at;
};

struct az_container {
    struct str alias, image;
    const struct az_value *at;
};
struct az_pipeline_resource {
    struct str alias, source, project;
    const struct az_value *at;
};

struct az_pipeline {
    struct str name; /* the run number's format, or empty */
    struct az_trigger trigger, pr;
    struct az_schedule *schedules;
    size_t n_schedules, cap_schedules;
    struct az_variables variables;
    struct az_stage *stages;
    size_t n_stages, cap_stages;
    bool implicit_stage; /* the root is of jobs or steps */
    struct az_pool pool;
    struct az_container *containers;
    size_t n_containers, cap_containers;
    struct az_pipeline_resource *pipelines;
    size_t n_pipelines, cap_pipelines;
    const struct az_repos *repos;
    const struct az_value *at;
};

/* Makes the structs of a canonical tree; never NULL. What is wrong that the schema does not know goes to d. */
struct az_pipeline *az_pipeline_read(struct arena *a, const struct az_value *canonical, const struct az_repos *repos,
                                     struct diags *d);
/* Names, dependencies, cycles; syntax of conditions and `$[ ]` (specification 4, rules 7, 8, 10). */
void az_graph_check(const struct az_pipeline *p, struct diags *d);
/* The warnings of specification 10; source_root is the root file's tree as it was written. */
void az_lint(const struct az_pipeline *p, const struct az_value *source_root, const struct facts *f, struct diags *d);

/* ---- variables ---- */

struct az_var {
    struct str name, value;
    bool secret, readonly;
    bool weak; /* of a variable group: all that the file or the start says wins */
};
/* Variables by name, in any case; the first definition's case stays. */
struct az_vars {
    struct arena *arena;
    struct map map; /* MAP_NOCASE: name -> struct az_var * */
};
void az_vars_init(struct az_vars *v, struct arena *a);
void az_vars_copy(struct az_vars *to, const struct az_vars *from);
void az_vars_set(struct az_vars *v, struct str name, struct str value, bool secret, bool readonly);
const struct az_var *az_vars_find(const struct az_vars *v, struct str name);
struct str az_vars_get(const struct az_vars *v, const char *name); /* STR_NONE: not set */
/* `$(name)` in text, once, left to right (specification 6.5); unknown ones stay. *ret_secret: a secret was put in; may
 * be NULL. */
struct str az_macros(struct arena *a, const struct az_vars *v, struct str text, bool *ret_secret);
/* Variables within variables, recursively, before a step (depth 50; cycles stay as they are). */
void az_vars_settle(struct az_vars *v);
/* As the `variables` context of expressions. */
struct az_value *az_vars_value(struct arena *a, const struct az_vars *v);
/* BUILD_SOURCEBRANCH of Build.SourceBranch. */
struct str az_env_name(struct arena *a, struct str name);

/* An entry of a group: it replaces nothing but what another group gave. */
void az_vars_set_weak(struct az_vars *v, struct str name, struct str value);

/* The predefined variables that `${{ }}` can read, as an object with fold (specification 7.4, the ticked ones). */
struct az_value *az_predefined(struct arena *a, const struct facts *f);

/* ---- the plan ---- */

enum az_result { AZ_NOT_RUN, AZ_SUCCEEDED, AZ_WITH_ISSUES, AZ_SKIPPED, AZ_FAILED, AZ_CANCELED, AZ_ABANDONED };
/* "Succeeded", "SucceededWithIssues" ... */
const char *az_result_name(enum az_result r);
/* The worse of two results of parts of one whole (specification 7.7). */
enum az_result az_result_merge(enum az_result a, enum az_result b);
enum result az_result_plain(enum az_result r); /* as the engine has it */
enum az_result az_result_of(enum result r);    /* and back */

struct az_model;

/* A stage while the pipeline runs. */
struct az_stage_run {
    const struct az_stage *stage;
    const size_t *needs; /* direct ones, numbers in model->stages */
    size_t n_needs;
    enum { AZ_UNDECIDED, AZ_RUNS, AZ_PASSED_OVER } gate; /* its condition, judged at the first gate of its jobs */
    enum az_result result;                               /* AZ_SKIPPED or AZ_ABANDONED: by its condition */
    struct str why;                                      /* of AZ_PASSED_OVER */
    struct az_vars vars;     /* root's and the stage's, with `$[ ]` evaluated; when it runs */
    struct az_vars *preview; /* the same while nothing ran; NULL: not asked for yet */
    struct job **jobs;       /* of the plan */
    size_t n_jobs;
};

/* job->impl of every job of the plan. */
struct az_job_run {
    struct az_model *model;
    struct az_stage_run *stage;
    const struct az_job *job;
    const struct az_hook *hook; /* a called job: one hook of a deployment; NULL else */
    enum az_hook_kind hook_kind;
    struct str increment;  /* of a canary, or empty */
    struct job *owner;     /* a called job: the deployment */
    enum az_result result; /* set by settle (or by the gate, when it does not run) */
    struct map outputs;    /* "step.name", "leg.step.name", "hook.step.name" -> text */
};

/* leg->impl: all that the driver needs to know. */
struct az_leg {
    const struct az_job_run *job;
    const struct az_steps *steps; /* the job's or the hook's */
    struct str name;              /* of the leg: "py39", "2"; empty: the only one */
    struct az_vars vars;          /* predefined, root, stage, job and matrix: what the job starts with, as written */
    struct str container;         /* the image that it would run in, evaluated; or empty */
    struct str slice;             /* what outputs of other jobs call the leg: "py39", "job2"; or empty */
    struct str continue_on_error; /* evaluated: "true", "false" or empty */
    struct str display_name;      /* Agent.JobName */
    bool implicit_checkout;       /* no step of its own is a checkout, and it is no deployment */
    bool implicit_download;       /* the deploy hook of a deployment without a download step */
    enum az_result result;        /* the driver's, when it is over: behind continue_on_error */
    struct map outputs;           /* the driver's: "step.name" -> text, in the plan's arena */
};

struct az_model {
    struct strs secrets; /* secret outputs of jobs that are over (the driver's) */
    const struct az_pipeline *pipeline;
    const struct facts *facts;
    const struct sources *sources;
    struct str file; /* of the pipeline: counters are its own */
    struct az_stage_run *stages;
    size_t n_stages;
    struct az_vars vars;             /* predefined and the root's, with `$[ ]` evaluated once */
    bool begun;                      /* vars and build_number are there: a job had its turn */
    struct az_vars *preview;         /* vars while nothing ran; NULL: not asked for yet */
    struct str build_number;         /* of name: */
    const struct az_value *expanded; /* the canonical tree, for --expanded */
    const struct az_repos *repos;
};

/* The provider's print: model->expanded. */
int az_print_plan(const struct plan *p, struct buf *b);
enum gate az_gate(struct plan *p, struct job *j, const struct facts *f, bool preview, struct str *ret_why);
void az_settle(struct job *j, const struct leg_outcome *legs, size_t n, struct leg_outcome *ret);
void az_gather(const struct leg *leg, struct leg_outcome *ret);
/* Does f->change start the pipeline, and which rule says so? */
void az_verdict(struct arena *a, const struct az_pipeline *p, const struct facts *f, struct verdict *ret);
extern const struct driver az_driver;
