/*
 * sink/history.h - reading what the history sink wrote.
 *
 * Nouns: a run has an id, unique in the file (what `slipway logs RUN` takes), and a number, counted in its project.
 * A file that does not exist is an empty history. Errors: -ENOENT no such run, -EPROTO written by a newer slipway,
 * -EINVAL no history at all, -EBUSY locked by another process for five seconds. Texts are in the caller's arena.
 */
#pragma once
#include "core/err.h"
#include "core/mem.h"
#include "core/vec.h"
#include "event/event.h"

/*
 * Reserves the next run's id and number for this project; creates the file when absent (its folder must exist). Ids
 * grow by one for each run. A run that is reserved and never begun is not listed.
 */
int history_next_run(struct str db_path, struct str project, int64_t *ret_id, int64_t *ret_number, struct err *e);

/*
 * Counts: *ret is seed when the project has no counter of this name yet, else one more than the last time. The file is
 * created when absent.
 */
int history_count(struct str db_path, struct str project, struct str key, int64_t seed, int64_t *ret, struct err *e);

struct history_run {
    int64_t id, number, started_ms, elapsed_ns;
    struct str project, event, branch;
    enum result result;                          /* RESULT_NONE while it is not finished */
    unsigned passed, failed, cancelled, skipped; /* jobs that are over, after continue-on-error */
    bool finished;                               /* false: it goes on, or slipway ended before the run did */
};
struct history_job {
    unsigned number, line;
    struct str service, pipeline, id, name, file, why;
    enum result result, conclusion; /* as in EVENT_JOB_FINISHED; RESULT_NONE: not over */
    int64_t elapsed_ns;
};
/* Newest first, at most limit; project empty: of all projects. */
int history_runs(struct arena *a, struct str db_path, struct str project, unsigned limit, struct history_run **ret,
                 size_t *ret_n, struct err *e);
/* In order of their numbers. */
int history_jobs(struct arena *a, struct str db_path, int64_t run, struct history_job **ret, size_t *ret_n,
                 struct err *e);
/*
 * Calls each for every log line of a run (job 0: all jobs, one after the other), in order; the line is borrowed. A
 * group is a line "##[group]NAME" of STREAM_SLIPWAY, its end "##[endgroup]". each returns 0 to go on; anything else
 * stops, and a negative value is returned. A run that goes on is shown as it was up to a second ago.
 */
int history_log(struct str db_path, int64_t run, unsigned job,
                int (*each)(void *ctx, unsigned job, unsigned step, enum event_stream stream, struct str line),
                void *ctx, struct err *e);
/* Removes the logs of the oldest runs until at most max_bytes of logs remain; the runs themselves stay listed. */
int history_trim(struct str db_path, uint64_t max_bytes, struct err *e);
