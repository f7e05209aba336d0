/*
 * cli/pipelines.h - the pipeline files of a work tree, found, read and judged.
 */
#pragma once
#include "cli/cli.h"
#include "plan/facts.h"
#include "plan/plan.h"
#include "provider/provider.h"
#include "sink/history.h"

struct pipeline {
    const struct provider *provider;
    struct str path; /* repository-relative */
    struct plan *plan;
    struct verdict verdict;
};

struct pipelines {
    struct pipeline *p;
    size_t n, cap;
    struct sources *sources;
    struct diags diags;
    size_t n_files; /* pipeline files that were read: one may make several plans, or none */
};

/* A file of a pipeline, or a part of pipelines (action.yml), that was found and not read yet. */
struct pipeline_file {
    const struct provider *provider;
    struct str path; /* repository-relative */
    bool part;
    bool named; /* by -W, itself */
};

struct pipeline_files {
    struct pipeline_file *p;
    size_t n, cap;
};

/*
 * Every pipeline file of the work tree of the services asked for (none: all); file: only this file or folder. Added to
 * ret. f tells root and how files are read. 0, or -errno in e when a file that was named cannot be found.
 */
int pipelines_find(struct arena *a, const struct facts *f, struct strs services, struct str file,
                   struct pipeline_files *ret, struct err *e);
/* The parts below root: actions that workflows of this repository use, or that other repositories do. */
void pipelines_find_parts(struct arena *a, struct str root, struct pipeline_files *ret);

void pipelines_init(struct arena *a, struct pipelines *ret);
/* Reads one more file; what is wrong with it goes to p->diags. Its plan is kept in p, and the rest in the arena. */
void pipelines_read_file(struct arena *a, const struct facts *f, const struct pipeline_file *file, struct pipelines *p);
/*
 * Reads what pipelines_find finds. 0, or -errno in e when a file that was named cannot be read; faults in the files are
 * diagnostics.
 */
int pipelines_read(struct cli *c, const struct facts *f, struct strs services, struct str file, struct pipelines *ret,
                   struct err *e);
void pipelines_done(struct pipelines *p);

/* What a run is restricted to. */
struct choice {
    struct strs jobs;           /* --job: ids, "caller/inner" for one of a call; their needs come along */
    struct strs matrix;         /* --matrix: key:value; values of one key are alternatives */
    bool last_failed;           /* --lf */
    struct history_job *failed; /* of the last run, when last_failed */
    size_t n_failed;
};
/* Marks job->wanted in every plan. -ENOENT when a job id is nowhere. */
int choice_apply(const struct choice *ch, const struct facts *f, struct pipelines *p, struct err *e);
/* engine_options.jobs_added: marks job->wanted of the jobs that a call added; ctx is a struct choice. */
void choice_added(void *ctx, struct job *caller);
/* engine_options.leg_wanted; ctx is a struct choice. */
bool choice_leg(void *ctx, const struct leg *leg);

/* `-l`, `-n` and `-g`: what would run, on stdout. steps: with every step (dry run). */
void list_plans(struct cli *c, const struct pipelines *p, const struct facts *f, const struct choice *ch, bool steps);
void list_graph(struct cli *c, const struct pipelines *p, const struct facts *f, const struct choice *ch);
/* The same as one JSON object. */
void list_json(struct cli *c, const struct pipelines *p, const struct facts *f, const struct choice *ch);
/* `slipway why`: every file, whether it starts, and by which rule. */
/* The pipelines as they are when they are expanded, each behind its path when there are several. An exit code. */
int list_expanded(struct cli *c, const struct pipelines *p);
void list_why(struct cli *c, const struct pipelines *p);
