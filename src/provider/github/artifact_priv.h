/*
 * provider/github/artifact_priv.h - what upload-artifact, its merge and download-artifact share (specification 13.6,
 * 13.7). Artifacts are a run's: every job that comes later sees those of all jobs and legs before it.
 */
#pragma once
#include "provider/github/gh_run_priv.h"

/* An upload as inputs describe it. */
struct gh_upload {
    struct str name;
    struct strs paths; /* patterns, in lines */
    int level;         /* of compression */
    bool overwrite, hidden, raw;
};

/* name is valid, else the task has failed. */
bool gh_artifact_name_ok(struct gh_task *t, struct str name);
/* compression-level and retention-days of the step; what is wrong fails the task. */
void gh_upload_read(struct gh_task *t, struct gh_upload *u);
void gh_op_upload(struct gh_task *t, struct op *op, const struct gh_upload *u);
/* An upload that went well: what the log says of it, and the outputs. The op's own failures fail the task. */
void gh_uploaded(struct gh_task *t, const struct gh_upload *u, const struct op_end *end);

/* The artifacts of op_end, in the run's arena. */
struct gh_artifacts {
    struct op_artifact *p;
    size_t n, cap;
};
void gh_artifacts_take(struct gh_task *t, const struct op_end *end, struct gh_artifacts *ret);
/*
 * Leaves those whose names match: minimatch as it comes, with braces and a "!" in front. Extended patterns, "+(a|b)",
 * are not supported: the task fails with that.
 */
void gh_artifacts_filter(struct gh_task *t, struct gh_artifacts *all, struct str pattern);
