/*
 * provider/azure/run_priv.h - one leg of a job while it runs: the state behind plan/driver.h.
 *
 * Nouns: an agent is what the service calls the program that runs a job, and what az_driver.c is here; a task is what
 * a step runs, as a small coroutine of ops, found by its name (tasks.def); a run of a task is one step under way; a
 * post task is the second half of one (Cache@2 saves there).
 * Flow: az_driver.c asks the steps in order; az_step.c judges conditions, expands inputs and env, asks the task for
 * ops, merges results, retries; az_command.c listens to the lines (`##vso[...]`). One op is under way at a time.
 * Ownership: all in run->arena, freed by the driver's end; what lives for one op only is in run->scratch, which is
 * emptied before the next one.
 */
#pragma once
#include "core/buf.h"
#include "provider/azure/model_priv.h"
#include "provider/tool.h"

#define AZ_READ_MAX ((size_t)8 << 20) /* bytes of a file that a task reads back */

struct az_run;
struct az_task_run;

/* How an input's text is taken (specification 9.1). */
enum az_input_kind { AZ_INPUT_TEXT, AZ_INPUT_BOOL, AZ_INPUT_PATH, AZ_INPUT_LINES };
struct az_input {
    const char *name;
    const char *alias; /* another name of it, or NULL */
    enum az_input_kind kind;
    const char *fallback; /* the default, macros allowed; NULL: empty */
    bool required;
};

/* A task of slipway's own. Each slot is required but `more` and `line`. */
struct az_task {
    const char *name;              /* "CmdLine" */
    const char *id;                /* its GUID, or NULL */
    const char *majors;            /* "2", "0 1" */
    const char *title;             /* "Command line", as the log says */
    const struct az_input *inputs; /* ends with a NULL name */
    /*
     * DRIVE_OP with *op filled in by az_op_*, DRIVE_WAIT never; DRIVE_DONE: the run has ended and t->result says how
     * (AZ_SUCCEEDED when nothing failed). Called again after each op's end.
     */
    enum drive (*next)(struct az_task_run *t, struct op *op);
    /* Its op has ended; az_op_good says whether well. */
    void (*exited)(struct az_task_run *t, const struct op_end *end);
    /* A line of output before it is looked at for commands. May be NULL. */
    void (*line)(struct az_task_run *t, enum event_stream stream, struct str text);
    bool post; /* it runs a second time behind all steps, with t->post set, when the job got so far as to run it */
};

struct az_task_run {
    struct az_run *run;
    const struct az_step *step;
    const struct az_task *task;
    struct map inputs; /* MAP_NOCASE: names of task->inputs (and others as written) -> texts: expanded, trimmed */
    struct map env;    /* the step's own, expanded */
    bool post;
    unsigned number;       /* of the step in events */
    enum az_result result; /* AZ_SUCCEEDED until something else is said */
    struct str error;      /* why it failed, or empty */
    int status;            /* of its process, or -1 */
    size_t stderr_bytes;   /* what it wrote there: failOnStderr */
    unsigned at;           /* the task's own place */
    void *state;           /* the task's own, in run->arena */
    struct map task_vars;  /* settaskvariable: name -> text, kept for its post run */
};

struct az_run {
    struct arena *arena, *scratch;
    struct leg *leg;
    const struct az_leg *az;
    const struct az_model *model;
    const struct host *host;
    const struct facts *facts;
    struct az_vars vars; /* as they are now */
    struct strs path;    /* prependpath, newest first */
    /* Folders, absolute in the job: _work/1 and its own (specification 7.5). */
    struct str prefix, home, work, root, sources, staging, binaries, results, temp, tools, tasks;
    enum az_result result; /* Agent.JobStatus */
    bool cancelled;
    enum cancel_why why;
    bool post;                /* post tasks are under way: what is told counts for the step that has them */
    struct az_task_run *task; /* under way, or NULL */
    size_t next_step;
    unsigned number, token; /* last used */
    struct map outputs;     /* "step.name" -> text */
    void *agent;            /* az_driver.c's own */
};

/* ---- az_task.c: what tasks ask ---- */

/* tasks.def; by name, full name (its last part) or id, and major version. NULL: there is none. */
const struct az_task *az_task_find(struct str name, struct str version);
/* All of them, NULL-terminated. */
const struct az_task *const *az_tasks(void);

struct str az_input(const struct az_task_run *t, const char *name); /* "" when empty */
bool az_input_bool(const struct az_task_run *t, const char *name);  /* 1, true, $true; other: its default */
/* Absolute: relative ones are below the default working folder. An empty one is empty. */
struct str az_input_path(const struct az_task_run *t, const char *name);
/* Its lines, trimmed, empty ones left out. */
void az_input_lines(const struct az_task_run *t, const char *name, struct strs *ret);
/* The value of a variable, STR_NONE: not set. */
struct str az_var(const struct az_run *r, const char *name);

/* The run has failed; the first reason stays, is shown as ##[error], and is what the step's end says. */
void az_fail(struct az_task_run *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A ##[warning], counted as an issue of the task; the result stays. */
void az_warn(struct az_task_run *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A line of the log. */
void az_say(struct az_task_run *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* For the summary of the run: what is not as at the service. */
void az_note(struct az_run *r, enum event_how how, struct str name, struct str text);
/* A variable for later steps; an output of a step with a name as "name.variable" when `output`. */
void az_set_variable(struct az_task_run *t, struct str name, struct str value, bool secret, bool output);
/* A folder in front of PATH for later steps. */
void az_prepend_path(struct az_run *r, struct str folder);

/* ---- what planning asks of tasks ---- */

/* Name, version and inputs of a step's task: AZ600 to AZ699. With f->skip_unknown unknown tasks are no error. */
void az_task_check(struct arena *a, const struct az_step *s, const struct facts *f, struct diags *d);
/* All steps of a pipeline. What slipway has no task for is an error only where the step surely runs here. */
void az_tasks_check(struct arena *a, const struct az_pipeline *p, const struct facts *f, struct diags *d);
/* What a list shows of a step without displayName: "script: make test", "UsePythonVersion". Macros stay. */
struct str az_task_title(struct arena *a, const struct az_step *s);
/* The script that the step has with it, trimmed: what a user can paste into a terminal; empty: none, or it makes a
 * secret. Macros stay. */
struct str az_task_script(const struct az_step *s);
/* Of --task, else az_task_find. */
const struct az_task *az_task_of(struct arena *a, const struct facts *f, struct str name, struct str version);

/*
 * Do the steps surely set up a tool of a version that this machine has not (UsePythonVersion, UseNode, NodeTool,
 * GoTool)? *ret_what is "no Python 3.13 here", *ret_help what there is. Versions with macros that stay are not known.
 */
bool az_tool_missing(struct arena *a, const struct az_steps *steps, const struct az_vars *vars, const struct facts *f,
                     struct str *ret_what, struct str *ret_help);

/* ---- ops ---- */

void az_op_init(struct az_task_run *t, struct op *op, enum op_kind kind);
/* A process with the environment of a step (specification 7.4), cwd the default working folder until it is set. */
void az_op_exec(struct az_task_run *t, struct op *op, const struct str *argv, size_t n);
void az_op_write(struct az_task_run *t, struct op *op, struct str path, struct str text, unsigned mode);
void az_op_read(struct az_task_run *t, struct op *op, struct str path, size_t max);
/* One more variable of the op's environment. */
void az_op_env(struct az_task_run *t, struct op *op, struct str name, struct str value);
/* Did the op do what it was for? A failure is told as the task's: "<what>: why". */
bool az_op_good(struct az_task_run *t, const struct op_end *end, const char *what);
/* The name of a script in the temp folder: <uuid>.sh. */
struct str az_script_path(struct az_run *r, const char *extension);

/* ---- the minimatch of file tasks (az_match.c; specification 9.8) ---- */

/* Patterns in order: `!` excludes, `#` is a comment; relative ones below root. Picks among what OP_FIND saw in root. */
struct az_patterns;
struct az_patterns *az_patterns_new(struct arena *a, struct str root, const struct strs *lines);
/* path: absolute. */
bool az_patterns_match(const struct az_patterns *p, struct str path);
/* One pattern of the flavour (`**`, `*`, `?`, classes, extglob), dot files on; match_base: a pattern without / matches
 * the last name. */
bool az_minimatch(struct str pattern, struct str path, bool match_base);
