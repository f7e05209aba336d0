/*
 * provider/azure/process_priv.h - what tasks share that run programs: a script in the temp folder, one process, the
 * sentence that tells its exit.
 *
 * A task embeds struct az_process first in its state, so that its lines are counted without being asked for. Texts of
 * sentences are those of the service's own tasks.
 */
#pragma once
#include "provider/azure/run_priv.h"
#include "provider/interpreter.h"

#define AZ_STDERR_LINES 10 /* that are told when failOnStderr fails a task */

struct az_process {
    const char *name;                /* "Bash", as sentences have it */
    const char *exited, *exited_end; /* around the code: "Bash exited with code '", "'." */
    const char *wrote;               /* "Bash wrote one or more lines to the standard error stream." */
    struct str *argv;                /* in the run's arena */
    size_t n;
    struct str script, path; /* written in front of it; path empty: nothing */
    struct str cwd;          /* absolute */
    const char *cwd_input;   /* the input that cwd came of */
    bool fail_on_stderr;
    struct strs errors; /* the first lines of standard error */
    size_t n_errors;    /* all of them */
};

/* The sentences of CmdLine, Bash and PowerShell. */
void az_process_init(struct az_task_run *t, struct az_process *p, const char *name);
/* workingDirectory (or cwd, as `input` says) of the task; the default one when it is empty. */
void az_process_folder(struct az_task_run *t, struct az_process *p, const char *input);
/* One more word of the command. */
void az_process_word(struct az_task_run *t, struct az_process *p, struct str word);
/* Words of `line` as the service's tasks split it: blanks part, double quotes hold, a backslash guards a quote. */
void az_process_line_words(struct az_task_run *t, struct az_process *p, struct str line);
void az_process_op(struct az_task_run *t, struct az_process *p, struct op *op);
/* A slot `line` of tasks whose state begins with struct az_process. */
void az_process_line(struct az_task_run *t, enum event_stream stream, struct str text);
/* It has ended: t fails with the sentence for its exit, or for what it wrote to standard error. */
void az_process_ended(struct az_task_run *t, struct az_process *p, const struct op_end *end);
/* Did an op that read a file to see whether it is there see one? A large one is. */
bool az_process_is_file(const struct op_end *end);
/* A script's text of one line is shown, unless it has a command for the agent. */
bool az_script_is_short(struct str text);
/* The line between what a task says and what its command does. */
void az_say_ruler(struct az_task_run *t);
/* The program of this machine, or empty. */
struct str az_program(const struct az_run *r, const char *name);

/* ---- which interpreter of this machine a version means (az_versions.c) ---- */

/*
 * 0 and *ret; -ENOENT: there is none here; -ENOSYS: a kind that slipway does not look for (pypy); -EINVAL: no version.
 * Go's own are exact at the service ("1.21" is 1.21.0); here the newest of that line stands in.
 */
int az_python_find(struct arena *a, const struct facts *f, struct str spec, const struct interpreter **ret,
                   struct err *e);
int az_node_find(struct arena *a, const struct facts *f, struct str spec, const struct interpreter **ret,
                 struct err *e);
int az_go_find(struct arena *a, const struct facts *f, struct str spec, const struct interpreter **ret, struct err *e);
/* "x64", "arm64", "x86", "arm": the service's name of this machine's processor. */
struct str az_architecture(const struct facts *f);
