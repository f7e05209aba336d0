/*
 * plan/plan.h - what would run: pipelines of jobs of legs of steps.
 *
 * Nouns: a plan is one pipeline file, read by one provider for one event; a job is a node of its graph; a leg is what
 * runs in a sandbox of its own: a job without a matrix has one leg, with a matrix one for each combination.
 * A job may call another pipeline: then each of its legs stands for a whole graph of jobs, which are added to the same
 * plan when the caller's turn comes, and which need nobody outside of their call.
 * Ownership: everything is in plan->arena and freed by plan_free; the engine fills in result, outputs and state.
 * The plan knows nothing of YAML: `impl` and `model` belong to the provider and only its driver looks behind them.
 */
#pragma once
#include "core/map.h"
#include "core/mem.h"
#include "core/vec.h"
#include "doc/diag.h"
#include "doc/source.h"
#include "event/event.h"

struct driver;
struct leg_outcome;
struct plan;

/* A step as a list shows it; the driver may run more (pre and post parts) or fewer. */
struct step {
    struct str id;   /* as written, or empty */
    struct str name; /* as shown before anything was evaluated */
    struct span span;
    /* Where the steps of a job are a graph: the numbers (from 0) of those that it waits for, for -g and -n. */
    bool in_graph;
    size_t *waits;
    size_t n_waits;
    void *impl;
};

struct job;
struct leg {
    struct job *job;
    struct str id;     /* unique in its plan: "test", "test (3.9)" */
    struct str name;   /* as people see it */
    struct str label;  /* the machine that it asks for: "ubuntu-24.04", "aws/codebuild/standard:7.0" */
    struct map matrix; /* key -> text, of this leg; empty without a matrix. For --matrix and for views */
    unsigned index, total;
    struct str group;            /* concurrency group, or empty */
    bool cancel_in_progress;     /* it cancels the one of its group that runs */
    bool queue_max;              /* it waits behind others that wait, instead of turning them out */
    int64_t timeout_ns;          /* of the whole job; 0: none */
    int64_t cancel_timeout_ns;   /* what a cancelled job still gets for its always() steps */
    struct str skip;             /* not empty: cannot run here, and why; counted as skipped ("no Python 3.9 here") */
    struct str lacks;            /* skip: what it lacks, when other legs lack the same ("macos-14"); may be empty */
    struct str lacks_help;       /* what the summary says of it, once; empty with it */
    unsigned number;             /* the engine's: job number in events, 0 before it is queued */
    struct leg_outcome *outcome; /* the engine's: NULL until it is over */
    /* Of a leg that calls: the concurrency group of the pipeline that it calls, or empty; beside its own. */
    struct str call_group;
    bool call_cancel_in_progress, call_queue_max;
    bool cancelled; /* the engine's, of a leg that calls: its jobs are cancelled */
    void *impl;
};

struct job {
    struct plan *plan;
    unsigned index;     /* in plan->jobs, set by plan_add_job */
    struct str id;      /* unique in its plan: "test", "build/test", "build (x64)/test" */
    struct str own_id;  /* as written in its file: "test" */
    struct str name;    /* as shown before evaluation */
    struct leg *caller; /* the leg that calls the pipeline which it is a part of; NULL: it is the plan's own */
    bool calls;         /* it calls a pipeline: its legs run nothing themselves */
    struct str target;  /* of a job that calls: what, as written; else empty */
    struct span span;
    struct job **needs; /* direct, of the same plan */
    size_t n_needs;
    struct step *steps;
    size_t n_steps;
    struct leg **legs; /* filled by driver->gate */
    size_t n_legs;
    bool fail_fast;
    unsigned max_parallel; /* legs at a time, 0: no limit */
    bool wanted;           /* false: left out by --job or --lf; it counts as skipped */
    bool keep_going;       /* -k: fail_fast is not obeyed */
    /* The engine's, read by gates of later jobs and by expressions: */
    enum result result; /* for dependants: after continue-on-error; RESULT_NONE while it is not over */
    struct map outputs; /* texts */
    void *sched;        /* the scheduler's own */
    void *impl;
};

struct plan {
    struct arena *arena;
    struct str service;                 /* "github", "codebuild", "cloudbuild", "azure" */
    struct str name;                    /* of the pipeline: "CI" */
    struct str file;                    /* repository-relative */
    struct str group;                   /* concurrency of the whole pipeline, or empty */
    bool cancel_in_progress, queue_max; /* as of a leg */
    bool fail_fast;                     /* a leg that fails stops all jobs, unless its own keeps going */
    struct job **jobs;                  /* in file order */
    size_t n_jobs, cap_jobs;
    const struct driver *driver;
    void *model;
    bool cancelled; /* the engine's: the run was cancelled; what cancelled() asks */
};

/* A new plan with an arena of its own (service and file are copied in). */
struct plan *plan_new(struct str service, struct str file, const struct driver *driver);
void plan_free(struct plan *p); /* NULL is allowed */
/* Adds a job, wanted; id and name are copied. needs and steps are filled in by the caller, in plan->arena. */
struct job *plan_add_job(struct plan *p, struct str id, struct str name, struct span span);
/* Adds a leg to a job and numbers index (from 0, in order) and total of all its legs anew. id and name are copied. */
struct leg *plan_add_leg(struct job *j, struct str id, struct str name);
/* As plan_add_job, of the pipeline that the leg calls: id and name get the caller's in front; wanted as the caller. */
struct job *plan_add_called(struct leg *caller, struct str id, struct str name, struct span span);
/* Forgets the jobs from number n on, and the legs of those before them: what a preview added. */
void plan_cut(struct plan *p, size_t n);
struct job *plan_find_job(const struct plan *p, struct str id); /* ASCII case folded, as every service does; or NULL */
/* What cancelled() asks: was the run cancelled, or a call around the job? */
bool job_cancelled(const struct job *j);
/*
 * Finds a cycle in needs; fills path with its jobs in order (in the arena; each needs the next one, the last the
 * first) and returns its length, 0 when there is none. A job that needs itself is a cycle of length 1. Used by
 * providers to word their own error.
 */
size_t plan_cycle(const struct plan *p, struct arena *a, struct job ***ret_path);
