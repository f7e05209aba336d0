/*
 * provider/github/gh_run_priv.h - one leg of a GitHub job while it runs: the state behind plan/driver.h.
 *
 * Nouns: a run is the leg's state (contexts, job-wide environment, status); a task is a step under way, main or post;
 * an action is what a task does, as a small coroutine of ops (a script, actions/checkout, actions/setup-python); a talk
 * is what a task's output lines have said so far.
 * Flow: gh_driver.c picks tasks, gh_steps.c opens and closes them by specification 7.2, the action yields ops,
 * gh_talk.c listens to their lines, gh_files.c carries what they wrote into the run.
 * Ownership: all in run->arena, freed by the driver's end; the matchers alone are on the heap.
 */
#pragma once
#include "core/buf.h"
#include "plan/driver.h"
#include "provider/github/command_priv.h"
#include "provider/github/matcher_priv.h"
#include "provider/github/model_priv.h"

enum gh_file { GH_FILE_PATH, GH_FILE_ENV, GH_FILE_OUTPUT, GH_FILE_STATE, GH_FILE_SUMMARY, GH_FILES };

#define GH_FILE_MAX ((size_t)8 << 20)    /* bytes that are read back of each */
#define GH_SUMMARY_MAX ((size_t)1 << 20) /* of a step summary ("workflow commands, step isolation and limits") */
#define GH_ANNOTATIONS_MAX 10            /* of each level, of a step */
#define GH_CAPTURE_MAX ((size_t)1 << 20)

struct gh_run;
struct gh_task;

/* What a task does. Each slot is required. */
struct gh_action {
    const char *name;
    /* DRIVE_OP with *op filled in by gh_op_*, or DRIVE_DONE: the task has ended, task->result says how. */
    enum drive (*next)(struct gh_run *r, struct gh_task *t, struct op *op);
    /* An op has ended well or badly; gh_ended() sorts that out. */
    void (*exited)(struct gh_run *r, struct gh_task *t, const struct op_end *end);
};

#define GH_LATER_MAX ((size_t)4 << 20) /* bytes of a step's output that wait for its problem matchers */

struct gh_talk {
    struct str stop_token; /* commands are plain text until it comes */
    bool echo;
    struct str failed; /* a command could not be carried out: the step fails with this, though its process may not */
    bool told_output, told_state; /* the deprecation was said */
    unsigned annotations[LEVEL_DEBUG + 1];
    struct strs matchers; /* files of add-matcher, to be read once the process has ended */
    struct buf later;     /* what was printed since the first of them, in lines: matched when they are known */
};

struct gh_task {
    struct gh_run *run;
    const struct gh_step *def;
    const struct gh_action *action; /* NULL: nothing to do */
    struct gh_task *main;           /* of a post task: the one it belongs to; else NULL */
    unsigned number;                /* in events */
    unsigned token;                 /* of its op under way, else 0 */
    struct str name;
    struct str file; /* where it is written, for events */
    unsigned line;
    struct map env;     /* of the step */
    struct map state;   /* save-state */
    struct value *with; /* inputs of an action, evaluated: a folding object of strings */
    struct value *outputs;
    struct str files[GH_FILES]; /* empty: this process has none */
    double timeout_minutes;     /* as written; 0: none */
    int64_t timeout_ns, elapsed_ns;
    bool post_always;   /* post task: runs whatever came of the job; else on success */
    struct buf capture; /* standard output of an internal process */
    bool capturing;
    struct gh_talk talk;
    enum result result; /* RESULT_NONE while it goes on */
    struct str error;   /* the sentence of a failure */
    int status;         /* of its last process, -1: none */
    unsigned phase;     /* the action's own place */
    void *impl;         /* the action's own state */
};

struct gh_run {
    struct arena *arena;
    struct leg *leg;
    const struct gh_leg *planned;
    const struct gh_workflow *workflow;
    const struct gh_job *def;
    const struct host *host;
    const struct facts *facts;
    struct str prefix, home, workspace, temp, work, tools, file_commands, event_path;
    struct value *github, *runner, *steps, *needs, *inputs, *vars, *secrets, *matrix, *strategy;
    struct map env;    /* the env context: workflow, job, --env, GITHUB_ENV */
    struct strs path;  /* GITHUB_PATH, oldest first */
    struct strs masks; /* what may not be in an output of the job */
    struct gh_matchers *matchers;
    struct str tracking; /* RUNNER_TRACKING_ID */
    bool debug;
    bool began; /* the notes were given */
    bool event_written;
    struct strs noted;      /* actions whose differences were told */
    unsigned number, token; /* last used */
    struct gh_task *task;   /* under way, or NULL */
    size_t next_step;
    struct {
        struct gh_task **p;
        size_t n, cap;
    } posts;            /* a stack */
    struct strs viewed; /* paths where the work tree was shown */
    bool dirty;         /* a process of the job may have left files in the workspace */
    enum result worst;  /* of the steps so far, after continue-on-error */
    bool cancelled;
    enum cancel_why why;
};

/* ---- gh_scope.c: what expressions of a running job see (specification 4.10, 5) ---- */

/* task may be NULL: then env is the job's and the github context as the last task left it. */
struct gh_eye {
    struct gh_run *run;
    struct gh_task *task;
};
struct gh_scope gh_eye_scope(struct gh_eye *eye);
/* The job's status as steps see it: success, failure or cancelled. */
enum result gh_status(const struct gh_run *r);
/* Fills in the contexts that stay the same for the whole leg. */
void gh_contexts_init(struct gh_run *r);
/* The members of `github` that are each step's own. */
void gh_contexts_enter(struct gh_run *r, const struct gh_task *t);
/* Evaluates pairs into a map of texts. */
int gh_pairs_into(struct gh_eye *eye, const struct gh_pairs *pairs, struct map *into, struct err *e);

/* ---- gh_env.c: what a process gets (specification 7.8, 11.1) ---- */

/* Whole, "NAME=VALUE", in the run's arena. extra: more variables that win over all but GITHUB_* and RUNNER_*; may be
 * NULL. */
struct strs gh_env_of(struct gh_run *r, const struct gh_task *t, const struct map *extra);
/* What NAME is for a process of the task, or STR_NONE. */
struct str gh_env_get(struct gh_run *r, const struct gh_task *t, const char *name);

/* ---- gh_ops.c: ops of a task ---- */

/* A process; argv is NULL-terminated by count n. Its cwd is the workspace unless the caller changes it. */
void gh_op_exec(struct gh_run *r, struct gh_task *t, struct op *op, const struct str *argv, size_t n);
/* As gh_op_exec, of a process of ours: more variables, and its standard output goes to t->capture when `capture`. */
void gh_op_tool(struct gh_run *r, struct gh_task *t, struct op *op, const struct strs *argv, const struct map *extra,
                bool capture);
/* One more file to write before an op_exec's process starts. */
void gh_op_write(struct gh_run *r, struct op *op, struct str path, struct str text);
/* Reads files: an op that does nothing else. */
void gh_op_read(struct gh_run *r, struct gh_task *t, struct op *op, const struct strs *files);
/* An op that is no process. */
void gh_op_other(struct gh_run *r, struct gh_task *t, struct op *op, enum op_kind kind);
/*
 * How an op ended, told to the task: stopped, timed out and not started settle its result. True: it exited, and
 * *end->status is for the caller to judge.
 */
bool gh_ended(struct gh_task *t, const struct op_end *end);
/* The exit status as a shell tells it: 128 + signal. */
int gh_exit_status(const struct op_end *end);
/* The task has failed with this sentence. The first one stays. */
void gh_fail(struct gh_task *t, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* ---- gh_steps.c: the life of a step (specification 7.2) ---- */

/* Opens the next main step; r->task is it, or NULL when it was over at once (skipped, or it could not be evaluated). */
void gh_step_open(struct gh_run *r, const struct gh_step *def);
void gh_post_open(struct gh_run *r, struct gh_task *post);
/* Closes the task: continue-on-error, outcome, conclusion, the job's status, the event. */
void gh_task_close(struct gh_task *t);
/* Registers a post task of t, run LIFO after all main steps. */
struct gh_task *gh_post_push(struct gh_task *t, const struct gh_action *action);
/* Does the condition of the task hold now? 0 and *ret, or an error of its expression. */
int gh_task_holds(struct gh_task *t, bool *ret, struct err *e);
/* with.<name> trimmed, or empty. */
struct str gh_input(const struct gh_task *t, const char *name);
/* A boolean input as actions read it; anything else but true and false fails the task. */
bool gh_input_bool(struct gh_task *t, const char *name, bool absent);
void gh_set_output(struct gh_task *t, const char *name, struct str value);

/* ---- gh_log.c: what the job says ---- */

void gh_say(const struct gh_task *t, const char *fmt, ...) PRINTF_LIKE(2, 3); /* a line of the log, by slipway */
void gh_group(const struct gh_task *t, struct str title);
void gh_group_end(const struct gh_task *t);
/* Says once a job where an action of ours differs from the service's. */
void gh_note_action(struct gh_task *t, struct str text);
void gh_note(struct gh_run *r, unsigned step, enum event_how how, struct str name, struct str text);
/* An annotation of the step, counted; past the limit it is a line of the log. n->file may lie in the workspace. */
void gh_annotate(struct gh_task *t, const struct gh_annotation *n);
void gh_complain(struct gh_task *t, enum event_level level, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* `env:` and the like: a title and its pairs. */
void gh_say_map(const struct gh_task *t, const char *title, const struct map *m);
void gh_mask(struct gh_run *r, struct str secret);
bool gh_has_secret(const struct gh_run *r, struct str text);

/* ---- gh_talk.c: lines of output ---- */

enum line_verdict gh_talk_line(struct gh_task *t, enum event_stream stream, struct str text, struct buf *replacement);
/* Reads the files of add-matcher that have come back; files without text are told as errors. */
void gh_talk_matchers(struct gh_task *t, const struct op_end *end);

/* ---- gh_files.c: file commands (specification 8) ---- */

/* Names five fresh files for the task's process. */
void gh_files_name(struct gh_run *r, struct gh_task *t);
/* Carries what came back into the run; false: a file was wrong, and the task has failed. texts and errors as op_end's.
 */
bool gh_files_take(struct gh_task *t, const struct str *texts, const int *errors);
/* A name and a value for the job's environment; false when it may not be set. */
bool gh_set_env(struct gh_task *t, struct str name, struct str value);
void gh_add_path(struct gh_run *r, struct str folder);

/* ---- the actions ---- */

extern const struct gh_action gh_script;       /* gh_script.c */
extern const struct gh_action gh_checkout;     /* gh_checkout.c */
extern const struct gh_action gh_setup_python; /* gh_setup_python.c */

/* Evaluates the script, its shell and its folder; *ret_paste is a command line that does the same (or empty). */
int gh_script_prepare(struct gh_run *r, struct gh_task *t, struct str *ret_paste, struct err *e);
/* Its head in the log: script, shell, env. */
void gh_script_say(struct gh_task *t);
/* The text of a script step as evaluated by gh_script_prepare, or as written. */
struct str gh_script_text(const struct gh_task *t);
