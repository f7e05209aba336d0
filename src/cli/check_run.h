/*
 * cli/check_run.h - many files checked, each in memory of its own, on all processors; what is said of them in order.
 *
 * A file that several others refer to (a local action, a called workflow) is read with each of them; what is said of it
 * is shown once.
 */
#pragma once
#include "cli/pipelines.h"
#include "cli/world_repos.h"

struct check_run {
    const struct facts *facts; /* read_file is set for each file */
    struct pipeline_files files;
    struct world_repos *repos; /* that asks nobody; NULL: no other repository is looked into */
    bool json;                 /* diagnostics as JSON lines, to out; else as people read them */
    bool colour;
    FILE *out;
    /* filled in: */
    size_t n_files, errors, warnings;
};

void check_run(struct check_run *r);
