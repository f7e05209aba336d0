/*
 * engine/engine_priv.h - the engine's own nouns: the run, a leg that runs, an op under way, a stream of output.
 *
 * Ownership: struct engine owns its leg_runs, a leg_run its sandbox, mask and op_runs, an op_run its pipes. libuv
 * handles are embedded and closed before their owner is freed: op_run and leg_run count the handles that are closing.
 */
#pragma once
#include "core/mem.h"
#include "core/vec.h"
#include "engine/engine.h"
#include "engine/mask.h"
#include "engine/sched.h"

#include <uv.h>

/* A piece of output without a newline longer than this is shown in parts. */
#define LINE_MAX_BYTES ((size_t)64 << 10)
/* How long an orphan may hold a pipe open after its step's process has ended (the official runner's limit). */
#define ORPHAN_WAIT_MS 5000

struct engine;
struct leg_run;
struct op_run;

/* One of the two pipes of a process. */
struct pump {
    uv_poll_t poll;
    struct op_run *op;
    enum event_stream stream;
    int fd;       /* -1: closed */
    bool polling; /* the handle is live and must be closed */
    struct buf line;
};

/*
 * What a thread of libuv's pool does for an op that is no process. The thread touches nothing but this and what `data`
 * holds, which are copies: when the op is abandoned the driver's texts go, and the thread may still be at it.
 */
struct op_work {
    uv_work_t req;
    struct op_run *op;
    struct arena *arena;                          /* its own; freed with the op */
    void *data;                                   /* of the kind of op */
    int fd;                                       /* one that it needs; closed with it, -1: none */
    int stop[2];                                  /* [0] becomes readable once nobody waits for the work any more */
    int (*run)(struct op_work *w, struct err *e); /* in the thread */
    /* On the loop, when run went well and the op still counts: the rest, and op->end. May be NULL. */
    int (*done)(struct op_run *o, struct err *e);
    bool busy;
    int rc;
    struct err err;
};

struct op_run {
    struct leg_run *leg;
    struct op op;         /* texts are the driver's until exited() */
    uint64_t id;          /* in the sandbox */
    struct op_work *work; /* of an op that is no process */
    struct pump pumps[2];
    uv_timer_t timer; /* its timeout, then the stages of the ladder, then the orphan wait */
    bool timer_live;
    enum { TIMER_NONE, TIMER_TIMEOUT, TIMER_LADDER, TIMER_ORPHAN } timer_for;
    size_t stage;        /* of the ladder: the next signal */
    bool stopping;       /* the ladder runs */
    enum op_how because; /* OP_TIMED_OUT or OP_STOPPED while stopping */
    bool ended;          /* the process is over; its output may not be */
    struct op_end end;
    int64_t started_ns;
    unsigned closing; /* libuv handles that are still to close */
    bool over;        /* exited() was told */
};

/* A folder of the sandbox that is kept open, so that small files cost no round trip. */
struct dir_slot {
    struct str path; /* owned */
    int fd;
};

struct leg_run {
    struct engine *engine;
    struct leg *leg;
    void *state; /* the driver's */
    struct host host;
    struct leg_room room;
    struct arena *arena;
    struct sandbox *sandbox;
    struct mask *mask;
    char *scratch;
    uv_poll_t poll;
    uv_timer_t timer; /* job timeout, then cancel timeout */
    bool poll_live, timer_live, advancing;
    VEC(struct op_run *) ops;
    struct dir_slot dirs[8];
    size_t n_dirs, next_dir;
    int64_t started_ns;
    uint64_t next_id, log_bytes;
    bool cancelled, timed_out, forced, log_full, finishing;
    enum cancel_why why;
    unsigned closing;
    struct buf masked; /* scratch of leg_emit */
    struct leg_outcome outcome;
};

struct engine {
    const struct engine_options *o;
    uv_loop_t loop;
    uv_signal_t sigint, sigterm, sighup;
    uv_timer_t tick;
    struct sched *sched;
    struct plan **plans;
    size_t n_plans;
    VEC(struct leg_run *) legs; /* running */
    unsigned last_number;
    struct engine_tally tally;
    unsigned interrupts;
    int lock_fd;
    char *run_dir; /* runs_dir/<run id>, locked */
    bool stepping;
};

/* ---- engine.c ---- */
int64_t engine_now(void);
/* Asks the scheduler what is next until it has nothing. */
void engine_step(struct engine *e);
/* Emits an event about a leg that is not running (skipped, dropped) or about the run. */
void engine_emit(struct engine *e, struct event *ev);
void engine_leg_over(struct engine *e, struct leg_run *lr);
/* Numbers a leg and tells that it is queued. */
void engine_queue(struct engine *e, struct leg *leg);

/* ---- leg.c ---- */
void leg_start(struct engine *e, struct leg *leg);
void leg_cancel_run(struct leg_run *lr, enum cancel_why why);
/* Ends everything in it now. */
void leg_force(struct leg_run *lr, const char *why);
/* Takes a sandbox down beside the loop, as removing what a job wrote may take a second. Takes it over. */
void leg_close_sandbox(struct engine *e, struct sandbox *sb, unsigned number, bool keep);
/* Goes on: asks the driver for the next op until one is under way. */
void leg_advance(struct leg_run *lr);
/* Masks and emits. */
void leg_emit(struct leg_run *lr, struct event *ev);

/*
 * A descriptor of "/" as the job's processes see it, for sys/inside.h: paths of it may be opened in any thread. In a
 * plain sandbox that is this machine's own.
 */
int leg_root(struct leg_run *lr, struct err *e);

/* ---- op.c ---- */
void op_start(struct leg_run *lr, const struct op *op);
/* An op under way, listed in its leg. */
struct op_run *op_run_new(struct leg_run *lr, const struct op *op);
/* Starts the clock of its time limit. */
void op_limit(struct op_run *o);
/* What it did is done: how, and why not; op_settle tells the driver. */
void op_ended(struct op_run *o, enum op_how how, const struct err *why);
/* A process of the sandbox ended. */
void op_process_ended(struct op_run *o, const struct sandbox_event *ev);
void op_stop(struct op_run *o, enum op_how because);
/* Tells the driver and frees the op when its process and pipes are done. */
void op_settle(struct op_run *o);
/* The sandbox is gone: whatever was under way has ended. */
void op_abandon(struct op_run *o, const struct err *why);

/* ---- op_work.c ---- */
/* run and done of struct op_work; data is the caller's to fill in, in ->arena. */
struct op_work *op_work_new(int (*run)(struct op_work *w, struct err *e), int (*done)(struct op_run *o, struct err *e));
/* Starts it as `op`, with the op's time limit. Takes w over. */
void op_work_start(struct leg_run *lr, const struct op *op, struct op_work *w);
/* Ends it before it has begun. Takes w over. */
void op_work_refuse(struct leg_run *lr, const struct op *op, struct op_work *w, const struct err *why);
/* In the thread: -ECANCELED once nobody waits for it any more, else 0. */
int op_work_asked(const struct op_work *w, struct err *e);
/* Nobody waits for it any more. */
void op_work_stop(struct op_work *w);
void op_work_free(struct op_work *w); /* NULL is allowed */

/* ---- op_fetch.c ---- */
void op_fetch(struct leg_run *lr, const struct op *op);

/* ---- op_cache.c ---- */
void op_restore(struct leg_run *lr, const struct op *op);
void op_save(struct leg_run *lr, const struct op *op);

/* ---- op_upload.c, op_artifact.c ---- */
void op_upload(struct leg_run *lr, const struct op *op);
void op_artifacts(struct leg_run *lr, const struct op *op);
void op_download(struct leg_run *lr, const struct op *op);
void op_unlink_artifact(struct leg_run *lr, const struct op *op);

/* ---- op_find.c, op_export.c ---- */
void op_find(struct leg_run *lr, const struct op *op);
void op_export(struct leg_run *lr, const struct op *op);

/* ---- pump.c ---- */
int pump_open(struct pump *p, struct op_run *o, enum event_stream stream, int fd);
void pump_close(struct pump *p);
/* Reads what is there; closes at the end of file. */
void pump_drain(struct pump *p);

/* ---- files.c ---- */
/* Writes and reads a job's small files through kept folder descriptors. */
int files_write(struct leg_run *lr, const struct op_file *f, struct err *e);
int files_read(struct leg_run *lr, struct arena *a, struct str path, size_t max, struct str *ret, struct err *e);
void files_done(struct leg_run *lr);

/* ---- hash.c ---- */
int leg_hash_files(void *ctx, struct str root, const struct strs *patterns, bool follow, char ret[65], struct err *e);
