/*
 * provider/cloudbuild/run_priv.h - one build while it runs: the state behind plan/driver.h.
 *
 * Nouns: a run is the build's state; a task is a step of it, from QUEUED to its status; a python is one version of
 * Python put in place for the steps whose image asks for it; an upload is what is kept of the workspace behind the last
 * step (artifacts.objects, and the packages for registries).
 * Flow: gb_driver.c shows the project, starts every task whose waitFor is over, and tells how the build ended;
 * gb_step.c makes the ops of one task, gb_step_end.c judges them; gb_env.c, gb_secret.c and gb_image.c say what a step
 * sees; gb_step_tool.c prepares a python; gb_artifacts.c finds, sums and exports files.
 * Steps side by side are limited by waitFor alone, as at the service, where they share one machine: steps may wait for
 * each other, so that a limit could stop a build for ever. `-j` counts builds.
 * Ownership: all in run->arena, freed by the driver's end.
 */
#pragma once
#include "core/buf.h"
#include "plan/driver.h"
#include "provider/cloudbuild/model_priv.h"
#include "provider/tool.h"

#define GB_OUTPUT_MAX ((size_t)4096)     /* bytes of BUILDER_OUTPUT/output that the service keeps */
#define GB_OUTPUT_READ ((size_t)1 << 20) /* of which that many may be there */
#define GB_SAY_MAX ((size_t)256 << 10)   /* more than a line of output can be */
#define GB_SUMS_AT_ONCE 200              /* files whose MD5 one process makes */
#define GB_OUTPUTS "/builder/outputs"    /* where steps see BUILDER_OUTPUT */
#define GB_TOOLS "/cloudbuild/tools"     /* where Pythons are put in place */

/* Of a step and of the build, in the service's words. */
enum gb_status { GB_QUEUED, GB_WORKING, GB_SUCCESS, GB_FAILURE, GB_TIMEOUT, GB_CANCELLED, GB_LEFT_OUT };
const char *gb_status_name(enum gb_status s); /* "QUEUED"; GB_LEFT_OUT is slipway's own: "SKIPPED" */

enum gb_tool_phase {
    GB_TOOL_GET,    /* made or found, by provider/tool.h */
    GB_TOOL_CLEAR,  /* made anew: it lies in the build's own root, which steps do not see, so it is taken away ... */
    GB_TOOL_SHOW,   /* ... and shown as what was kept, which they do see, each for itself */
    GB_TOOL_READY,  /* shown copy-on-write in every root */
    GB_TOOL_SHARED, /* it could not be kept: steps see it as it lies, and what they install in it stays */
    GB_TOOL_FAILED,
};

struct gb_python {
    struct tool tool;
    enum gb_tool_phase phase;
    unsigned token; /* of its op under way, else 0 */
    unsigned step;  /* whose step the first one is */
};
struct gb_pythons {
    struct gb_python **p;
    size_t n, cap;
};

enum gb_task_phase { GB_TASK_TOOL, GB_TASK_FOLDER, GB_TASK_RUN };

struct gb_run;
struct gb_task {
    struct gb_run *run;
    const struct gb_step *def;
    size_t index;    /* of the build's steps: "Step #0" */
    unsigned number; /* in events: index + 1 */
    struct str name; /* as views show it */
    unsigned line;
    size_t *waits; /* indices of the steps that it waits for ... */
    size_t n_waits;
    bool waits_all; /* ... or all before it */
    enum gb_status status;
    bool closed;  /* its status is its last */
    bool allowed; /* it failed, and the build goes on */
    enum gb_task_phase phase;
    unsigned token; /* of its op under way, else 0 */
    bool stopping;  /* another step failed: it was told to end */
    struct gb_standin standin;
    struct gb_python *python; /* NULL: its image is none of Python's */
    struct str lacks;         /* no stand-in: why; or empty */
    struct str prefix;        /* of its lines: "Step #0 - \"id\": ", or empty */
    struct str outputs;       /* its folder, in the build's root */
    struct str error;         /* the sentence of a failure */
    int exit_code;            /* -1: none */
    int64_t elapsed_ns;
};

/* What is kept behind the last step. */
struct gb_keep {
    const char *kind;    /* "objects", or the key of a package */
    struct str location; /* "gs://bucket/path/", or the repository */
    struct str folder;   /* below the run's artifacts: "cloudbuild/bucket/path" */
    const struct gb_texts *paths;
    bool manifest; /* of its files, with their sums: artifacts.objects */
};
struct gb_keeps {
    struct gb_keep *p;
    size_t n, cap;
};

struct gb_file {
    struct str path; /* relative to the workspace */
    struct str sum;  /* MD5, 32 hexadecimal digits */
};

enum gb_upload_phase { GB_UPLOAD_FIND, GB_UPLOAD_SUM, GB_UPLOAD_WRITE, GB_UPLOAD_EXPORT };

struct gb_upload {
    struct gb_keeps keeps;
    size_t at; /* of keeps */
    enum gb_upload_phase phase;
    struct op_found *found; /* all below the workspace */
    size_t n_found;
    bool listed;
    struct {
        struct gb_file *p;
        size_t n, cap;
    } files;             /* of the one at `at` */
    struct map seen;     /* their paths */
    size_t summed;       /* of files: their sums are known */
    size_t asked;        /* as many were known before the process under way */
    struct str manifest; /* its name: "artifacts-ID.json"; empty: none is made */
    unsigned token;      /* 0: nothing under way */
};

enum gb_phase { GB_PHASE_BEGIN, GB_PHASE_FOLDERS, GB_PHASE_FETCH, GB_PHASE_STEPS, GB_PHASE_PUSH, GB_PHASE_DONE };

struct gb_run {
    struct arena *arena;
    struct leg *leg;
    const struct host *host;
    const struct facts *facts;
    const struct gb_model *model;
    const struct gb_build *build;
    struct str prefix, home, workspace, temp, volumes, outputs;
    bool plain;
    struct gb_task *tasks;
    size_t n_tasks, first_open; /* all tasks before it are over */
    struct gb_pythons pythons;
    struct map secrets; /* variable -> text */
    struct gb_upload upload;
    unsigned tokens; /* given out so far */
    unsigned token;  /* of the run's own op under way, else 0 */
    enum gb_phase phase;
    enum gb_status status; /* of the build; GB_WORKING until it is decided */
    struct str error;      /* "build step 7 \"img\" failed: ..." */
    bool cancelled;
    enum cancel_why why;
};

unsigned gb_token(struct gb_run *r);

/* ---- gb_step_log.c: what is told ---- */

/* A line of the build's own log; step 0: the build itself. */
void gb_say(const struct gb_run *r, unsigned step, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* A line in a step, with its prefix. */
void gb_say_in(const struct gb_task *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
void gb_note(const struct gb_run *r, unsigned step, enum event_how how, struct str name, struct str text);
/* An error at a step's place, which fails the build. */
void gb_complain(const struct gb_run *r, const struct gb_task *t, struct str text);
void gb_say_started(const struct gb_task *t, struct str command);
void gb_say_finished(const struct gb_task *t);
/* "Step #0 - \"id\"" */
struct str gb_task_label(struct arena *a, const struct gb_task *t);
/* argv as a line that a shell would take. */
struct str gb_command_line(struct arena *a, const struct strs *argv);

/* ---- gb_step.c ---- */

/* An op that makes folders in the build's own root. */
void gb_folders_op(struct gb_run *r, const struct strs *folders, struct op *op);
/* Reads waitFor of all steps. */
void gb_tasks_init(struct gb_run *r);
bool gb_task_ready(const struct gb_task *t);
bool gb_task_over(const struct gb_task *t);
/* From QUEUED to WORKING; tells so. */
void gb_task_open(struct gb_task *t);
/* A WORKING task: its next op, DRIVE_WAIT, or DRIVE_DONE: it is over without one. */
enum drive gb_task_next(struct gb_task *t, struct op *op);
/* The folder that a step works in (specification 10); dir empty: the workspace. */
struct str gb_workdir(struct arena *a, struct str workspace, struct str dir);
/* The program and its arguments; -EINVAL: the image has no program, and none is named. */
int gb_task_argv(const struct gb_task *t, struct strs *ret, struct err *e);

/* ---- gb_step_end.c ---- */

void gb_task_exited(struct gb_task *t, const struct op_end *end);
/* The task is over with this status; error is the sentence, or empty. */
void gb_task_close(struct gb_task *t, enum gb_status status, struct str error);

/* What ended it before its time; empty: the build was cancelled, which its result says. */
struct str gb_why_cancelled(const struct gb_run *r);

/* ---- gb_step_tool.c ---- */

bool gb_tool_is_wanted(const struct gb_task *t);
void gb_tool_want(struct gb_task *t);
/* DRIVE_DONE: ready or failed (python->phase says which). */
enum drive gb_tool_next(struct gb_run *r, struct gb_python *p, struct op *op);
void gb_tool_exited(struct gb_run *r, struct gb_python *p, const struct op_end *end);

/* ---- gb_env.c, gb_secret.c ---- */

struct strs gb_env_of(const struct gb_task *t);
/* What processes of slipway's own get: base_env and the build's home. */
struct strs gb_env_own(const struct gb_run *r);
/* Values for every secret that the build defines, masked; those that are missing are told, and counted. */
size_t gb_secrets_find(struct gb_run *r);

/* ---- gb_image.c ---- */

/* "docker.io/library/python:3.12-slim@sha256:..." to "python" and "3.12-slim". */
void gb_image_name(struct arena *a, struct str image, struct str *ret_name, struct str *ret_tag);
struct str gb_image_version(struct str tag);

/* ---- gb_artifacts.c, gb_artifacts_glob.c ---- */

void gb_upload_init(struct gb_run *r);
/* DRIVE_DONE: all is kept, or the build failed. */
enum drive gb_upload_next(struct gb_run *r, struct op *op);
void gb_upload_exited(struct gb_run *r, const struct op_end *end);
/* A line of the process that makes sums. */
void gb_upload_line(struct gb_run *r, struct str line);
/* "gs://bucket/a/b/" to "bucket/a/b". */
struct str gb_bucket_path(struct arena *a, struct str location);
/*
 * Does a pattern of artifacts take the file (both relative)? As bash with globstar, and then everything below a folder
 * that matched: what the service's local builder does.
 */
bool gb_glob_match(struct str pattern, struct str path);
