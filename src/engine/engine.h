/*
 * engine/engine.h - runs plans: which job is next, its sandbox, its processes, its output, its end.
 *
 * The engine knows no service. It asks each plan's driver what to do (plan/driver.h), does it in a sandbox
 * (sandbox/sandbox.h), masks every text, and emits events (event/event.h). One thread, one libuv loop.
 */
#pragma once
#include "core/err.h"
#include "engine/group.h"
#include "event/event.h"
#include "plan/driver.h"
#include "plan/facts.h"
#include "plan/plan.h"
#include "sandbox/sandbox.h"

struct fetch_query {
    struct str repo; /* "owner/name" */
    struct str ref;
    int stop; /* a descriptor: readable once nobody waits for the answer any more */
};
struct fetched {
    struct str dir;    /* absolute */
    struct str commit; /* 40 hex digits */
    struct str note;   /* for the summary: what is not as the service would have it; or empty */
};

struct engine_options {
    const struct facts *facts;
    struct bus *bus;
    const struct sources *sources;
    struct str runs_dir;      /* sandboxes' scratch folders, below a lock of this run */
    struct str cache_dir;     /* store/cache.h */
    struct str artifacts_dir; /* store/artifact.h: of this run; made at the first artifact */
    /*
     * The files of a repository at a ref, in a folder of this machine that stays while the run lasts (OP_FETCH); texts
     * in `a`. Called from threads of libuv's pool, for several legs at once. NULL: nothing can be fetched.
     */
    int (*fetch)(void *ctx, struct arena *a, const struct fetch_query *q, struct fetched *ret, struct err *e);
    void *fetch_ctx;
    enum sandbox_mode mode;
    struct sandbox_mount *mounts; /* tool folders and configuration of the user's home, git folders outside the tree */
    size_t n_mounts;              /* a path that begins with "~/" lies in the home that the driver chose */
    const struct op_file *files;  /* put into every overlay sandbox at its birth; their folders are made, in memory */
    size_t n_files;
    struct strs ignored; /* relative paths of the work tree that a push would not carry */
    struct str home_host;
    unsigned jobs;                    /* at a time; 0: as many as there are processors */
    const struct group_share *groups; /* engine/group.h: concurrency groups of other runs; NULL: of this one only */
    /* Which legs of a gated job run; the others are left out in silence. NULL: all. */
    bool (*leg_wanted)(void *ctx, const struct leg *leg);
    void *leg_wanted_ctx;
    /* A job that calls was gated: tells which of the jobs that this added are wanted. NULL: those of a wanted caller.
     */
    void (*jobs_added)(void *ctx, struct job *caller);
    void *jobs_added_ctx;
    bool stop_first; /* -x: the first failed job cancels the run */
    bool keep;       /* leave scratch folders of failed jobs */
    bool network;
    uint64_t max_log; /* bytes of output a job may print, 0: no limit */
};

struct engine_tally {
    unsigned passed, failed, cancelled, skipped;
    unsigned left_out; /* notes of things that could not be done here: what --strict fails on */
    bool interrupted;  /* ^C */
};

/* Runs the plans to their end. 0 when the run took place, whatever came of it; ret_tally is always written. */
int engine_run(struct plan **plans, size_t n, const struct engine_options *o, struct engine_tally *ret_tally,
               struct err *e);
