/*
 * provider/azure/agent_priv.h - the agent's own nouns, which tasks do not see (specification 7.5, 7.7, 8).
 *
 * Nouns: a step run is one step on its way (its condition, its tries, what commands said of it); a later is what a
 * logging command asked for that needs an op: it is carried out when the process that printed it has ended, in order;
 * a post is the second half of a task, kept until all steps are over.
 * Flow of one step: open (names, condition) -> try (expand, run the task) -> laters -> judge -> delay and try again,
 * or close. az_driver.c picks the step, az_step.c lives its life, az_step_*.c hold the parts of it.
 */
#pragma once
#include "provider/azure/run_priv.h"

#define AZ_LINE_MAX ((size_t)256 << 10) /* of a line that the agent writes */
#define AZ_ISSUES_MAX 10                /* annotations of a step, for each level ("logissue") */
#define AZ_RETRIES_MAX 10               /* retryCountOnTaskFailure */

enum az_later_kind {
    AZ_LATER_SUMMARY, /* read a file of Markdown */
    AZ_LATER_ATTACH,  /* leave a file on this machine */
    AZ_LATER_TASK,    /* run a task of slipway's own */
};
struct az_later {
    enum az_later_kind kind;
    struct str name;   /* of the attachment, or of the task */
    struct str path;   /* absolute, in the job */
    struct str line;   /* the command, for what is said when it fails */
    struct map inputs; /* of the task */
};

enum az_phase {
    AZ_PHASE_TRY,   /* the task is asked */
    AZ_PHASE_JUDGE, /* its task has ended: results are merged */
    AZ_PHASE_DELAY, /* it waits for the next try */
    AZ_PHASE_OVER
};

/* What the op under way is for. */
enum az_under { AZ_UNDER_NOTHING, AZ_UNDER_TASK, AZ_UNDER_LATER, AZ_UNDER_DELAY };

struct az_step_run {
    struct az_task_run t;
    enum az_phase phase;
    struct str name;            /* as shown */
    struct str condition;       /* never empty */
    bool started;               /* an op of its task was started */
    bool limits_op;             /* the limit of the op under way is what is left of the step's own */
    bool timed_out, stopped;    /* its time was over; the job was cancelled and it did not hold */
    bool spared;                /* the job was cancelled, and its condition holds all the same */
    enum az_result completed;   /* of task.complete and commands that failed; AZ_NOT_RUN: none */
    enum az_result result;      /* judged */
    enum az_result conclusion;  /* and behind continueOnError */
    int64_t timeout_ns;         /* 0: none */
    int64_t elapsed_ns;         /* of its ops, over all tries */
    int64_t try_ns;             /* of this try */
    unsigned retries, tries;    /* allowed, and begun */
    size_t issues[LEVEL_DEBUG]; /* annotations so far */
    VEC(struct az_later) laters;
    size_t next_later;
    struct az_step_run *sub; /* the task of a later, while it runs */
};

struct az_agent {
    struct az_step_run *step;        /* on its way, or NULL */
    enum az_under under;             /* what r->token is for */
    struct az_vars raw;              /* as set: az_run.vars is this, settled before each step */
    struct az_steps steps;           /* with what is implied */
    VEC(struct az_step_run *) posts; /* pushed by main runs; taken from the end */
    struct strs env;                 /* of the op that is being made */
    struct strs masks;               /* secrets: for the outputs */
    struct strs shown;               /* folders of checkouts so far */
    bool began, debug;
    bool banner;          /* its group is open */
    bool decode_percents; /* DECODE_PERCENTS: %AZP25 is a percent sign */
    unsigned attachments;
};

static inline struct az_agent *az_agent(const struct az_run *r)
{
    return r->agent;
}
static inline struct az_step_run *az_step_of(struct az_task_run *t)
{
    return (struct az_step_run *)t; /* its first member */
}

/* ---- az_step.c: the life of a step ---- */

/* NULL: it was skipped or could not begin, and is over already. */
struct az_step_run *az_step_open(struct az_run *r, const struct az_step *step);
struct az_step_run *az_post_open(struct az_run *r, struct az_step_run *main);
/* DRIVE_OP, or DRIVE_DONE: it is closed. */
enum drive az_step_next(struct az_run *r, struct az_step_run *s, struct op *op);
void az_step_exited(struct az_run *r, struct az_step_run *s, const struct op_end *end);
/* Empties run->scratch: a new op is about to be made. */
void az_scratch(struct az_run *r);
/* The engine gave it up. */
void az_step_abandon(struct az_run *r, struct az_step_run *s);

/* ---- az_step_judge.c: conditions and results ---- */

/* Does the condition hold now? A negative errno with the service's sentence in e. */
int az_condition(struct az_run *r, struct str condition, bool *ret, struct err *e);
/* The worse result of one step, as the agent merges them: what is behind Failed stays. */
enum az_result az_step_merge(enum az_result now, enum az_result coming);
/* "Succeeded" and the like, exactly; AZ_NOT_RUN: none. */
enum az_result az_result_read(struct str name);
void az_job_status(struct az_run *r, enum az_result result);

/* ---- az_step_expand.c: inputs, env and numbers of a step ---- */

/* Macros, then the agent's own environment (specification 6.5). */
struct str az_expand_text(struct az_run *r, struct str text);
void az_step_variables(struct az_run *r);
void az_step_inputs(struct az_step_run *s);
struct str az_step_title(struct az_run *r, const struct az_step *step);
/* `timeoutInMinutes`, `retryCountOnTaskFailure`, `continueOnError`. */
void az_step_limits(struct az_step_run *s);
bool az_step_forgiven(struct az_step_run *s);

/* ---- az_checkout_place.c ---- */

struct az_checkout_place {
    const struct az_repo *repo; /* another repository; of the own one it may be NULL */
    bool own;                   /* the work tree of this machine */
    struct str name, path;      /* path: absolute */
};
/* inputs: of the checkout task. -ENOENT: no such repository, -EINVAL: its path leaves the workspace. */
int az_checkout_place(struct az_run *r, const struct map *inputs, struct az_checkout_place *ret, struct err *e);
struct str az_checkout_title(struct az_run *r, const struct az_step *step);
/* Places that follow from the job's checkouts, before its first step. */
void az_checkout_variables(struct az_run *r);

/* ---- az_env.c ---- */

/* Whole, "NAME=VALUE", of a step's process. */
struct strs az_env_of(struct az_task_run *t, struct arena *a);

/* ---- az_mask.c ---- */

/* Is user:password@ of an address in a line? The line without the password is then in `into`. */
bool az_hide_passwords(struct str text, struct buf *into);
void az_mask(struct az_run *r, struct str secret);
/* Every secret that the job begins with. */
void az_mask_vars(struct az_run *r, const struct az_vars *v);
/* What one job gives to others as a secret output is hidden in theirs. */
void az_secret_output(struct az_run *r, struct str secret);
void az_secret_inputs(struct az_run *r);

/* ---- az_command*.c: what lines of output say ---- */

struct az_property {
    struct str key, value;
};
#define AZ_PROPERTIES 32
struct az_command {
    struct str area, event;
    struct az_property props[AZ_PROPERTIES];
    size_t n_props;
    struct str data;
};
enum az_parsed { AZ_NO_COMMAND, AZ_BAD_COMMAND, AZ_COMMAND };
/* Texts are in a. decode: `%AZP25` is a percent sign. AZ_BAD_COMMAND: it says ##vso and is none. */
enum az_parsed az_command_parse(struct arena *a, struct str line, bool decode, struct az_command *ret);
/* STR_NONE: absent. */
struct str az_command_prop(const struct az_command *c, const char *key);
/* One line of a step's output. */
enum line_verdict az_command_line(struct az_step_run *s, struct str text, struct buf *replacement);
/* The command's handler failed, at once or later: two errors, and the step fails. */
void az_command_failed(struct az_step_run *s, struct str line, const char *why);
/* The op of the next later, and what came of it. */
bool az_later_op(struct az_step_run *s, struct op *op);
void az_later_exited(struct az_step_run *s, const struct op_end *end);

/* ---- az_log.c ---- */

void az_emit(const struct az_run *r, struct event *ev);
void az_banner(struct az_task_run *t);
void az_banner_end(struct az_task_run *t); /* behind what the task said before its first op */
/* An issue of the step: an annotation; more than AZ_ISSUES_MAX of a level are lines of the log. */
void az_issue(struct az_step_run *s, const struct event *issue);
void az_error_line(struct az_step_run *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
