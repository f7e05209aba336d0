/*
 * sink/history.h - reading what the history sink wrote.
 */
#pragma once
#include "core/err.h"
#include "core/mem.h"
#include "core/vec.h"
#include "event/event.h"

/* The next run's id and number for this project; creates the file when absent. Ids grow by one for each run. */
int history_next_run(struct str db_path, struct str project, int64_t *ret_id, int64_t *ret_number, struct err *e);

struct history_run {
    int64_t id, started_ms, elapsed_ns;
    struct str project, event, branch;
    enum result result;
    unsigned passed, failed, cancelled, skipped;
    bool finished; /* false: slipway ended before the run did */
};
struct history_job {
    unsigned number;
    struct str service, pipeline, id, name;
    enum result result;
    int64_t elapsed_ns;
};
/* Newest first, at most limit; project empty: of all projects. */
int history_runs(struct arena *a, struct str db_path, struct str project, unsigned limit, struct history_run **ret,
                 size_t *ret_n, struct err *e);
int history_jobs(struct arena *a, struct str db_path, int64_t run, struct history_job **ret, size_t *ret_n,
                 struct err *e);
/* Calls each for every log line of a run (job 0: all jobs), in order. */
int history_log(struct str db_path, int64_t run, unsigned job,
                int (*each)(void *ctx, unsigned job, unsigned step, enum event_stream stream, struct str line),
                void *ctx, struct err *e);
