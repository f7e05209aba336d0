/*
 * provider/github/gh_run_priv.h - one leg of a GitHub job while it runs: the state behind plan/driver.h.
 *
 * Nouns: a run is the leg's state; a frame is a list of steps that run in order within a scope of their own: the job's,
 * or those of a composite action; a task is a step under way (pre, main or post); an action is what a task does, as a
 * small coroutine of ops (a script, actions/checkout, a composite's frame); a world is what steps change for those
 * after them; a talk is what a task's output lines have said so far.
 * Flow: gh_driver.c asks the job's frame for what is next; gh_frame.c opens its steps and goes down into the frames of
 * composites; gh_steps.c opens and closes tasks by specification 7.2, the action yields ops, gh_talk.c listens to their
 * lines, gh_files.c carries what they wrote into the world.
 * Ownership: all in run->arena, freed by the driver's end; the matchers and the buffers of open tasks are on the heap.
 */
#pragma once
#include "core/buf.h"
#include "plan/driver.h"
#include "provider/github/command_priv.h"
#include "provider/github/manifest_priv.h"
#include "provider/github/matcher_priv.h"
#include "provider/github/model_priv.h"

enum gh_file { GH_FILE_PATH, GH_FILE_ENV, GH_FILE_OUTPUT, GH_FILE_STATE, GH_FILE_SUMMARY, GH_FILES };

#define GH_FILE_MAX ((size_t)8 << 20)    /* bytes that are read back of each */
#define GH_SUMMARY_MAX ((size_t)1 << 20) /* of a step summary ("workflow commands, step isolation and limits") */
#define GH_ANNOTATIONS_MAX 10            /* of each level, of a step */
#define GH_CAPTURE_MAX ((size_t)1 << 20)
#define GH_DEPTH_MAX 9 /* of composite actions in composite actions ("CompositeActionsMaxDepth") */

struct gh_run;
struct gh_task;
struct gh_frame;

/* What a task does. Each slot is required. */
struct gh_action {
    const char *name;
    /*
     * DRIVE_OP with *op filled in by gh_op_*; DRIVE_WAIT: other tasks must go on first; DRIVE_DONE: the task has ended,
     * task->result says how.
     */
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

/* An action that is no native one, where it lies in the job (gh_got.c). */
struct gh_got {
    struct str label;      /* as `uses` has it */
    struct str dir;        /* absolute; its folder */
    struct str root;       /* of the files that it came with: what $/ means in it */
    struct str file_dir;   /* its folder as messages call it */
    struct str repository; /* "owner/name", or empty: of the workspace */
    struct str ref;
    bool local;                   /* nothing is fetched */
    bool shows_own;               /* root is a view of the project, to be shown first */
    bool container;               /* it needs a container engine */
    bool missing;                 /* its repository cannot be had */
    struct gh_manifest *manifest; /* NULL: not read yet, or error says why */
    unsigned height;              /* 1 + the levels of actions below it; 0: not counted yet */
    bool has_pre;                 /* it, or one below it, runs something before the main steps; told with height */
    struct str error;             /* why it cannot be used */
};

/* Actions to be got, in order; more may come while that is done. */
struct gh_errand {
    struct gh_got **p;
    size_t n, cap, at;
};

/* The pre task of a step, or what stands for a composite action of whose steps one has a pre task. */
struct gh_early {
    struct gh_task *task;
    struct gh_early *next;
};

/* One thing that a background step did to its world. */
struct gh_change {
    bool is_path;
    struct str name, value; /* a folder of PATH has a value only */
};

/*
 * What steps change for those after them. The job has one; each background step has one of its own, a copy, whose
 * changes are made again in the job's where the step is waited for.
 */
struct gh_world {
    struct map env;       /* the env context but for steps' own: workflow, job, --env, GITHUB_ENV */
    struct value *values; /* the same as an object */
    struct strs path;     /* GITHUB_PATH, oldest first */
    unsigned version;     /* counts the changes of env */
    bool notes;           /* changes are written down */
    struct {
        struct gh_change *p;
        size_t n, cap;
    } changes;
};

struct gh_tasks {
    struct gh_task **p;
    size_t n, cap;
};

struct gh_frame {
    struct gh_task *owner; /* of a composite action; NULL: the job */
    const struct gh_step *steps;
    size_t n_steps, next;
    const struct sources *sources; /* of the steps */
    struct str file;               /* where they are written */
    struct value *context;         /* steps.* */
    struct value *inputs;
    struct map env; /* what the owner and those around it have in env: wins over the world's */
    struct gh_world *world;
    const struct gh_got *got; /* the composite action, NULL for the job */
    enum result worst;        /* of its steps so far, after continue-on-error */
    struct gh_tasks tasks;    /* under way: `front`, and those in the background */
    struct gh_task *front;    /* the steps behind it wait for it; may be NULL */
    struct gh_early *early;   /* of its steps: what ran before the main steps of the job */
    unsigned depth;           /* 0: the job */
};

struct gh_task {
    struct gh_run *run;
    struct arena *arena;    /* of what goes with its closing: gh_task_arena */
    struct gh_frame *frame; /* whose scope it sees */
    struct gh_world *world; /* the frame's, or its own in the background */
    struct gh_frame *inner; /* its steps, when it is a composite action */
    struct gh_got *got;     /* the action that it runs, when that is no native one */
    const struct gh_step *def;
    const struct gh_action *action; /* NULL: nothing to do */
    struct gh_task *main;           /* of a post task: the one it belongs to; else NULL */
    struct gh_task *post;           /* its post task, when that is of a JavaScript action */
    struct gh_task *before;         /* what ran, or stands, for the same step before the main steps; or NULL */
    const struct gh_text *hook_if;  /* of a pre or post task of an action that says so; else NULL */
    bool early;                     /* a pre task */
    bool background;
    bool covered;      /* in the background: somebody waited for it */
    bool stopped;      /* it is to end: nothing new is started in it */
    bool cancelled;    /* by a cancel step: its end as such counts for nothing */
    unsigned number;   /* in events; that of the owner in a composite action */
    unsigned token;    /* of its op under way, else 0 */
    unsigned stopping; /* the token that an OP_STOP was sent for */
    struct str name;
    struct str file; /* where it is written, for events */
    unsigned line;
    struct map env;       /* of the step */
    struct value *values; /* the env context that it sees; made when asked for */
    unsigned values_of;   /* the version of the world that it was made of */
    size_t values_n;      /* and how many of env */
    struct map state;     /* save-state */
    struct value *with;   /* inputs of an action, evaluated: a folding object of strings */
    struct value *outputs;
    struct str files[GH_FILES]; /* empty: this process has none */
    double timeout_minutes;     /* as written; 0: none */
    int64_t timeout_ns, elapsed_ns;
    bool post_always;   /* post task of a native action: runs whatever came of the job; else on success */
    struct buf capture; /* standard output of an internal process */
    bool capturing;
    struct gh_talk talk;
    enum result result;     /* RESULT_NONE while it goes on */
    enum result conclusion; /* after continue-on-error; RESULT_NONE until it is closed */
    struct str error;       /* the sentence of a failure */
    int status;             /* of its last process, -1: none */
    unsigned phase;         /* the action's own place */
    void *impl;             /* the action's own state */
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
    struct value *github, *runner, *needs, *inputs, *vars, *secrets, *matrix, *strategy;
    const struct value *no_token;  /* what stands for the token when there is none, else NULL */
    bool token_missed;             /* somebody asked for it */
    const struct gh_task *entered; /* whose members `github` has */
    struct gh_frame job;
    struct gh_world world;
    struct gh_tasks heaps; /* that have had an arena of their own */
    struct strs masks;     /* what may not be in an output of the job */
    struct gh_matchers *matchers;
    struct str tracking; /* RUNNER_TRACKING_ID */
    bool debug;
    bool began; /* the notes were given */
    bool event_written;
    struct strs noted;         /* actions whose differences were told */
    unsigned number, token;    /* last used */
    struct sources *sources;   /* texts of manifests; NULL: none yet */
    VEC(struct gh_got *) gots; /* of repositories */
    struct strs shown;         /* folders where repositories are shown */
    bool set_up;               /* the actions were got */
    bool started, completed;   /* the hooks were called */
    struct gh_tasks pres;      /* in order */
    size_t next_pre;
    struct gh_tasks background; /* all that were ever opened */
    bool waited;                /* main steps and those in the background are over */
    struct gh_tasks posts;      /* a stack */
    struct strs viewed;         /* paths where the work tree was shown */
    bool dirty;                 /* a process of the job may have left files in the workspace */
    bool cancelled;
    enum cancel_why why;
};

/* ---- gh_scope.c: what expressions of a running job see (specification 4.10, 5) ---- */

/* task may be NULL: then it is the job itself that looks. */
struct gh_eye {
    struct gh_run *run;
    struct gh_task *task;
};
struct gh_scope gh_eye_scope(struct gh_eye *eye);
/* The job's status as steps see it: success, failure or cancelled. */
enum result gh_status(const struct gh_run *r);
/* Fills in the contexts that stay the same for the whole leg. */
void gh_contexts_init(struct gh_run *r);
/* Gives `github` the members that are the task's own (NULL: the job's), unless it has them already. */
void gh_contexts_enter(struct gh_run *r, const struct gh_task *t);
/* Evaluates pairs into a map of texts. */
int gh_pairs_into(struct gh_eye *eye, const struct gh_pairs *pairs, struct map *into, struct err *e);

/* ---- gh_env.c: what a process gets (specification 7.8, 11.1) ---- */

/* Whole, "NAME=VALUE", in the task's arena. extra: more variables that win over all but GITHUB_* and RUNNER_*; may be
 * NULL. */
struct strs gh_env_of(struct gh_run *r, struct gh_task *t, const struct map *extra);
/* What NAME is for a process of the task, or STR_NONE. */
struct str gh_env_get(struct gh_run *r, const struct gh_task *t, const char *name);
/* What the log shows of it: the env context, in the task's arena. */
void gh_env_shown(struct gh_task *t, struct map *ret);

/* ---- gh_ops.c: ops of a task ---- */

/* A process; argv is NULL-terminated by count n. Its cwd is the workspace unless the caller changes it. */
void gh_op_exec(struct gh_run *r, struct gh_task *t, struct op *op, const struct str *argv, size_t n);
/* As gh_op_exec, of a process of ours: more variables, and its standard output goes to t->capture when `capture`. */
void gh_op_tool(struct gh_run *r, struct gh_task *t, struct op *op, const struct strs *argv, const struct map *extra,
                bool capture);
/* As gh_op_exec, of an action's process: extra are more variables. */
void gh_op_action(struct gh_run *r, struct gh_task *t, struct op *op, const struct strs *argv, const struct map *extra);
/* The task's five files: written empty, read back. */
void gh_op_files(struct gh_run *r, struct gh_task *t, struct op *op);
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

/* ---- gh_frame.c: steps in order, and several at once (specification 16.11) ---- */

void gh_world_init(struct gh_run *r, struct gh_world *w);
/* Sets a variable of the world, whatever its name. */
void gh_world_set(struct gh_run *r, struct gh_world *w, struct str name, struct str value);
void gh_frame_init(struct gh_run *r, struct gh_frame *f, struct gh_task *owner);
/* The next op of the frame's tasks; opens and closes them. DRIVE_DONE: all its steps are over. */
enum drive gh_frame_next(struct gh_run *r, struct gh_frame *f, struct op *op);
/* The frame in whose list the task is: the job's for pre and post tasks of all. */
struct gh_frame *gh_task_home(struct gh_task *t);
/* The task of the frame, or of those below, whose op it is; NULL: none. */
struct gh_task *gh_task_find(struct gh_frame *f, unsigned token);
/* Nothing new is started in the task, nor below it. */
void gh_task_stop(struct gh_task *t);
/* The job was cancelled: stops what no longer holds. */
void gh_frame_cancelled(struct gh_frame *f);
/* Closes all that is under way, from the inside out: the engine gave up on it. */
void gh_frame_abandon(struct gh_frame *f);
/* Frees what is on the heap. */
void gh_frame_done(struct gh_frame *f);

/* ---- gh_setup_job.c, gh_got.c: actions that are no native ones ---- */

/* Opens "Set up job" when the job names such actions. */
void gh_setup_open(struct gh_run *r);
/* What owner/repo[/path]@ref names, got or not; the same each time. NULL: the form is wrong. */
struct gh_got *gh_got_remote(struct gh_run *r, struct str uses);
/* The same of a step; NULL, too, when it uses none, or a native one. */
struct gh_got *gh_got_of(struct gh_run *r, const struct gh_step *def);
/* "./x" or "$/x" in a step of the frame; not got yet. */
struct gh_got *gh_got_local(struct gh_run *r, const struct gh_frame *f, struct str uses);
void gh_errand_add(struct gh_run *r, struct gh_errand *errand, struct gh_got *g);
/* Adds the actions of repositories that the steps name and that are no native ones. */
void gh_errand_steps(struct gh_run *r, struct gh_errand *errand, const struct gh_step *steps, size_t n);
/* DRIVE_OP, or DRIVE_DONE: each has its manifest, or its error. */
enum drive gh_errand_next(struct gh_run *r, struct gh_task *t, struct op *op, struct gh_errand *errand);
/* False: the op was stopped or ran out of time, and the task has its result. */
bool gh_errand_exited(struct gh_run *r, struct gh_task *t, const struct op_end *end, struct gh_errand *errand);

/* ---- gh_hook.c: scripts around every job ---- */

enum gh_hook { GH_HOOK_STARTED, GH_HOOK_COMPLETED };
/* Opens the task of it, if there is one. */
void gh_hook_open(struct gh_run *r, enum gh_hook which);

/* ---- gh_background.c: background, wait, cancel, parallel (specification 7.9) ---- */

extern const struct gh_action gh_wait, gh_wait_all, gh_cancel;
/* Gives the task a world of its own. */
void gh_background_begin(struct gh_task *t);
/* May it go on, or are too many before it? */
bool gh_background_may(const struct gh_task *t);
/* Opens the steps of a parallel group and the task that waits for them. */
void gh_parallel_open(struct gh_run *r, struct gh_frame *f, const struct gh_step *def);
/* At the end of the main steps: opens a task that waits for the rest, if there is a rest; else adds up their results.
 */
void gh_background_end(struct gh_run *r);

/* ---- gh_steps.c: the life of a step (specification 7.2) ---- */

/* What is allocated in it lives until the task is closed: variables of processes and the like, once a step. */
struct arena *gh_task_arena(struct gh_task *t);
/* A task of a step, not opened yet. */
struct gh_task *gh_task_new(struct gh_run *r, struct gh_frame *f, const struct gh_step *def);
/*
 * Opens a main step of the frame: the front one, unless it runs in the background. When it was over at once (skipped,
 * or it could not be evaluated) it is closed already.
 */
struct gh_task *gh_step_open(struct gh_run *r, struct gh_frame *f, const struct gh_step *def, bool background);
void gh_post_open(struct gh_run *r, struct gh_task *post);
void gh_pre_open(struct gh_run *r, struct gh_task *pre);
/* The post task belongs to this main task from now on, no longer to its pre task. */
void gh_post_adopt(struct gh_task *post, struct gh_task *main);
/* Evaluates the env and the inputs of its step. */
void gh_task_evaluate(struct gh_task *t);
/* Puts a task into its home's list and announces it; closes it at once when it is settled. */
void gh_task_open(struct gh_task *t, struct str paste);
/* Closes the task: continue-on-error, outcome, conclusion, its frame's status, the event. */
void gh_task_close(struct gh_task *t);
/* Tells steps.<id>. */
void gh_task_publish(struct gh_task *t);
enum result gh_worse(enum result a, enum result b);
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
/* The head of an action's log: its inputs and the env. */
void gh_say_inputs(struct gh_task *t);
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
/* A name and a value for the environment of later steps; false when it may not be set. */
bool gh_set_env(struct gh_task *t, struct str name, struct str value);
void gh_add_path(struct gh_task *t, struct str folder);
void gh_path_add(struct gh_run *r, struct gh_world *w, struct str folder);

/* ---- the actions ---- */

extern const struct gh_action gh_setup;                                  /* gh_setup_job.c */
extern const struct gh_action gh_script;                                 /* gh_script.c */
extern const struct gh_action gh_checkout;                               /* gh_checkout.c */
extern const struct gh_action gh_setup_python;                           /* gh_setup_python.c */
extern const struct gh_action gh_setup_node, gh_setup_go;                /* gh_setup_node.c, gh_setup_go.c */
extern const struct gh_action gh_cache, gh_cache_restore, gh_cache_save; /* gh_cache.c */
extern const struct gh_action gh_upload_artifact;                        /* gh_upload.c */
extern const struct gh_action gh_merge_artifacts;                        /* gh_merge.c */
extern const struct gh_action gh_download_artifact;                      /* gh_download.c */
extern const struct gh_action gh_real;                                   /* gh_real.c: whatever a manifest says */
extern const struct gh_action gh_composite;                              /* gh_composite.c */
extern const struct gh_action gh_javascript;                             /* gh_javascript.c */

/* Warns of inputs that the action's manifest does not have, and adds the defaults of those not given (gh_real.c). */
void gh_real_inputs(struct gh_task *t);
/* The step needs a container engine: it fails, or is skipped and counted (gh_real.c). */
void gh_refuse_container(struct gh_task *t);
/* Gives the task the frame of its composite action. */
void gh_composite_frame(struct gh_run *r, struct gh_task *t);
/* A step of the composite action has been closed. */
void gh_composite_closed(struct gh_task *owner, struct gh_task *t);
/* A process with the five files has ended: exit status, files and commands settle the task's result. */
void gh_process_ended(struct gh_task *t, const struct op_end *end, struct str program, struct str cwd);

extern const struct gh_action gh_docker_metadata;                                /* gh_docker_metadata.c */
extern const struct gh_action gh_docker_login, gh_docker_qemu, gh_docker_buildx; /* gh_docker_setup.c */

/* Evaluates the script, its shell and its folder; *ret_paste is a command line that does the same (or empty). */
int gh_script_prepare(struct gh_run *r, struct gh_task *t, struct str *ret_paste, struct err *e);
/* Its head in the log: script, shell, env. */
void gh_script_say(struct gh_task *t);
/* The text of a script step as evaluated by gh_script_prepare, or as written. */
struct str gh_script_text(const struct gh_task *t);
