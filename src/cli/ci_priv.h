/*
 * cli/ci_priv.h - `slipway ci` and `slipway why` in their parts: options, facts, running.
 *
 * ci_options.c has the table; ci_facts.c turns options and the world into facts; ci_run.c composes engine, sandbox and
 * sinks; cmd_ci.c leads through them. Each function that can fail has told why and gives an exit code.
 */
#pragma once
#include "cli/pipelines.h"
#include "cli/world.h"
#include "cli/world_files.h"

#include "engine/engine.h"
#include "sys/host.h"

/* What the command line said; the table that fills it is ci_options. */
struct ci {
    struct strs jobs, matrix, secrets, secret_files, env, env_files, vars, var_files, inputs, input_files;
    struct strs local_repositories, no_native, platforms, substitutions, var_groups, secure_files, tasks;
    struct str branch, tag, base, file, event_file, event, junit, sandbox, native, actions_base, github_instance, actor,
        default_branch, artifacts;
    struct str remote_name;
    bool list, dry, graph, json, quiet, stop_first, keep_going, last_failed, strict, skip_unknown, keep, why, offline;
    bool validate, use_gitignore, man_page, skip_ci, expanded;
    unsigned parallel, verbose;
};

extern const struct option_row ci_options[];
extern const struct foreign_row ci_foreign[];

/* Everything that a run needs, collected in order. */
struct ci_run {
    struct cli *cli;
    struct ci *o;
    struct arena *a;
    struct facts facts;
    struct host_info host;
    struct str cache_dir, state_dir, db;
    struct strs services;
    struct pipelines pipelines;
    struct choice choice;
    struct world_repos *repos;
    struct world_files files;
    struct options_trace trace; /* of the options */
    struct strs notes;          /* in pairs: what, text: substituted, told in the summary */
    bool run;                   /* something will run: collect what only running needs */
};

/* Reads words, files and the repository into r->facts: 0, an exit code after a message, or -1: nothing is to be done.
 */
int ci_collect(struct ci_run *r, struct strs words);
/* Secrets, variables, inputs and platforms from options and act's files, as ci_collect. */
int ci_read_inputs(struct ci_run *r);
/* What Azure Pipelines keeps at the service, from options: groups of variables, secure files, counters. */
int ci_read_azure(struct ci_run *r);
/* --task: NAME into r->facts.tasks, and its folder as a repository into locals. */
int ci_read_tasks(struct ci_run *r, struct strs *locals);
/* Tells this in the summary of the run, as something substituted. */
void ci_note(struct ci_run *r, struct str what, struct str text);
/* Runs the plans and gives the exit code. */
int ci_run_plans(struct ci_run *r, struct plan **plans, size_t n);
