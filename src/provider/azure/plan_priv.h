/*
 * provider/azure/plan_priv.h - what planning shares among its own files: units and their results, runtime expressions,
 * predefined variables, legs and hooks. Others look at model_priv.h.
 *
 * Nouns: a unit is a stage or a job that another one comes after; an asking is all that an expression which is
 * evaluated between jobs can see; a preview asks before anything ran, when results count as successes and outputs are
 * not known.
 */
#pragma once
#include "provider/azure/model_priv.h"

/* ---- az_status.c ---- */

struct az_unit {
    struct str name;
    enum az_result result;
};
/* All that come before a stage or job, direct and indirect. */
struct az_units {
    struct az_unit *p;
    size_t n, cap;
    bool canceled; /* the run is */
};
/* always, canceled, succeeded, failed, succeededOrFailed (specification 7.2). -ENOENT: another function. */
int az_status_call(const struct az_units *u, struct str function, struct az_value *const *args, size_t n, bool *ret);

/* ---- az_runtime.c ---- */

struct az_asking {
    struct arena *arena;
    const struct az_model *model;
    const struct az_vars *vars;
    const struct az_value *dependencies, *stage_dependencies; /* NULL: the slot has none */
    const struct az_units *units;                             /* NULL: no status functions */
    bool counts;                                              /* counter() is there: in variables */
    bool preview;
};
/* Is the whole text, but for blanks around it, one `$[ ]`? */
bool az_is_runtime(struct str text);
/*
 * A text that may be a `$[ ]`: evaluated, else as it is. A preview leaves what hangs on outputs as it is written and
 * sets *ret_unknown (which may be NULL). -EINVAL and others with the service's sentence.
 */
int az_runtime_text(const struct az_asking *q, struct str text, struct str *ret, bool *ret_unknown, struct err *e);
/* A condition; an empty one is succeeded(). What a preview cannot know holds. */
int az_unit_condition(const struct az_asking *q, struct str text, bool *ret, struct err *e);
/* Adds variables of a scope: first all that need no evaluation, then each `$[ ]` in the order of the file. */
int az_scope_vars(struct az_asking *q, const struct az_variables *list, struct az_vars *into,
                  const struct az_value **ret_at, struct err *e);
/* The same without `$[ ]`, which a unit's own condition cannot see. */
void az_static_vars(const struct az_model *m, const struct az_variables *list, struct az_vars *into);

/* ---- az_context.c ---- */

/* `dependencies` of a stage: St.result, St.outputs['Job.Step.Var']. */
struct az_value *az_stage_dependencies(struct arena *a, const struct az_model *m, const struct az_stage_run *s);
/* `dependencies` of a job: J.result, J.outputs['Step.Var']. */
struct az_value *az_job_dependencies(struct arena *a, const struct az_job_run *j);
/* `stageDependencies` of a job: St.J.result, St.J.outputs['Step.Var']. */
struct az_value *az_outer_dependencies(struct arena *a, const struct az_model *m, const struct az_stage_run *s);
struct az_value *az_pipeline_value(struct arena *a, const struct facts *f);
struct az_value *az_resources_value(struct arena *a, const struct az_model *m);
/* The result of a stage as it is now: its condition's, else its jobs' merged. */
enum az_result az_stage_result(const struct az_stage_run *s);
enum az_result az_job_result(const struct job *j);
/* All stages before this one, and all jobs of its stage before this one. */
void az_stage_units(struct arena *a, const struct az_model *m, const struct az_stage_run *s, struct az_units *ret);
void az_job_units(struct arena *a, const struct job *j, struct az_units *ret);

/* ---- az_predefined.c ---- */

/* Those of the whole run. */
void az_predefined_run(struct az_vars *v, const struct facts *f, struct str build_number);
/* Those of the stage and job; total is 0 for a deployment's hook. */
struct az_slice {
    unsigned position, total; /* from 1 */
    enum az_strategy strategy;
};
void az_predefined_job(struct az_vars *v, const struct az_leg *leg, const struct az_slice *slice);
/* "GitHub", "TfsGit" ... by the remote's host. */
const char *az_repository_provider(const struct facts *f);

/* ---- az_number.c ---- */

/*
 * The run number that `name` makes (specification 7.6): macros, then `$(Rev:r)`, counted when `counts`. -EINVAL: what
 * it makes cannot be one.
 */
int az_run_number(const struct az_model *m, struct arena *a, const struct az_vars *vars, bool counts, struct str *ret,
                  struct err *e);

/* ---- az_matrix.c ---- */

struct az_combination {
    struct str name;   /* "py39"; "2" of a slice */
    struct map values; /* texts */
};
struct az_combinations {
    struct az_combination *p;
    size_t n, cap;
    bool set;     /* there is a strategy of that kind */
    bool unknown; /* a preview cannot know them */
};
#define AZ_MAX_LEGS 1000
/* The legs that strategy: makes; none set: one leg without a name. */
int az_combinations(const struct az_asking *q, const struct az_job *job, struct az_combinations *ret, struct err *e);
/* maxParallel; 0: no limit. */
int az_max_parallel(const struct az_asking *q, const struct az_job *job, unsigned *ret, struct err *e);

/* ---- az_deploy.c ---- */

/* Adds the hooks of a deployment as called jobs of its leg, one after another. */
void az_add_hooks(struct leg *leg);
/* The turn of a hook. */
enum gate az_hook_gate(struct job *j, const struct facts *f, bool preview, struct str *ret_why);

/* ---- az_plan_jobs.c ---- */

/* A step as lists show it. */
struct step az_plan_step(struct arena *a, const struct az_step *s);
/* All jobs of all stages, and which needs which. */
void az_add_jobs(struct plan *p, struct az_model *m);

/* ---- az_plan_check.c ---- */

/* What the gates of a pipeline that starts would say now, and tasks that nobody knows, of legs that run. */
void az_plan_check(struct plan *p, struct az_model *m, struct diags *d);
/* A template by itself: the syntax of its expressions. */
void az_part_check(struct arena *a, const struct az_value *root, struct diags *d);

/* ---- az_begin.c ---- */

/* One turn: what it is about, and what went wrong. */
struct az_turn {
    struct az_model *model;
    struct arena *arena;
    bool preview;
    const struct az_value *at; /* set: where what failed stands; or NULL */
    struct str why;            /* set: of a stage that does not run */
    struct err *e;
};
/*
 * The run's own variables and number, made at the first turn of a job; a preview has others, in which nothing is
 * counted. Negative: why, in t->e and t->at.
 */
int az_run_begin(struct az_turn *t, const struct az_vars **ret);
/* The number of the build as it is now: a step of an earlier job may have given another. */
void az_renumber(const struct az_model *m, struct az_vars *vars);
/*
 * The stage's condition and variables, judged at the first turn of one of its jobs. *ret: they are in it when it runs;
 * else *ret_runs is false and t->why says why. Negative: it cannot be judged.
 */
int az_stage_begin(struct az_turn *t, struct az_stage_run *s, bool *ret_runs, const struct az_vars **ret);

/* ---- az_leg.c ---- */

/* The machine, limits and container of a leg that runs steps; its variables are there already. */
int az_fill_leg(struct leg *leg, const struct az_asking *q, const struct facts *f, struct err *e);

/* ---- az_gate.c ---- */

/* As az_gate, with the place of what failed. */
enum gate az_gate_at(struct plan *p, struct job *j, const struct facts *f, bool preview, struct str *ret_why,
                     const struct az_value **ret_at);

/* ---- az_trigger_pattern.c ---- */

/* Cron lines that are none; patterns are az_lint's. */
void az_trigger_check(const struct az_pipeline *p, struct diags *d);
/* A branch, tag or path against a pattern: * is any run of characters, ? is one (specification 3.2). */
bool az_pattern_matches(struct str pattern, struct str name);
/* Does the path, or a folder around it, match? *ret_depth: how many folders deep the pattern is. */
bool az_path_matches(struct str pattern, struct str path, unsigned *ret_depth);
/* -EINVAL: which field of the cron line is none. */
int az_cron_check(struct str text, struct err *e);
