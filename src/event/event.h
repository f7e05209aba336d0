/*
 * event/event.h - what happened, as data, and the bus that carries it.
 *
 * Everything that a run does becomes one event; every view (terminal, JSON lines, JUnit, history) is a sink of
 * events, so no two views can disagree. Texts in an event are masked already and are borrowed: a sink copies what it
 * keeps. Numbers: `job` is the 1-based number of a runnable job in this run (a leg of a matrix is a job), `step` the
 * 1-based number of a step in its job; 0 means the run or the job as a whole.
 */
#pragma once
#include "core/base.h"
#include "core/str.h"
#include "core/vec.h"

enum result { RESULT_NONE, RESULT_SUCCESS, RESULT_FAILURE, RESULT_CANCELLED, RESULT_SKIPPED };
/* "success", "failure", "cancelled", "skipped"; "" for RESULT_NONE. */
const char *result_name(enum result r);

/* X(kind, json name) */
#define EVENT_KINDS(X)                                                                                                 \
    X(EVENT_RUN_STARTED, "run_started")   /* name = the event that started it, text = the branch, number = run id */   \
    X(EVENT_PIPELINE, "pipeline")         /* a pipeline was considered: service, pipeline, file, started, text=why */  \
    X(EVENT_JOB_QUEUED, "job_queued")     /* service, pipeline, id, name, file, line: the job's number is born */      \
    X(EVENT_JOB_STARTED, "job_started")   /* text = kind of sandbox */                                                 \
    X(EVENT_JOB_FINISHED, "job_finished") /* result, text = why (when not plain success or failure), elapsed_ns */     \
    X(EVENT_STEP_STARTED, "step_started") /* name, file, line; text = the command to paste, when there is one */       \
    X(EVENT_STEP_FINISHED, "step_finished") /* result, conclusion, status, elapsed_ns, text = error */                 \
    X(EVENT_OUTPUT, "output")               /* one line of output: text, stream */                                     \
    X(EVENT_GROUP, "group")                 /* a foldable group begins: text */                                        \
    X(EVENT_GROUP_END, "group_end")                                                                                    \
    X(EVENT_ANNOTATION, "annotation") /* level, name = title, text, file, line, column, end_line, end_column */        \
    X(EVENT_SUMMARY, "summary")       /* text = Markdown that the step wrote */                                        \
    X(EVENT_REPORT, "report")     /* tests or coverage were read: name = title, text = in words, number = failed */    \
    X(EVENT_NOTE, "note")         /* how, name = what, text: where this machine differs from the service */            \
    X(EVENT_ARTIFACT, "artifact") /* the run leaves: name, text = path on this machine, number = bytes */              \
    X(EVENT_WARNING, "warning")   /* slipway itself warns: text */                                                     \
    X(EVENT_RUN_FINISHED, "run_finished") /* result, elapsed_ns, number = exit code */

enum event_kind {
#define X(kind, name) kind,
    EVENT_KINDS(X)
#undef X
};

enum event_stream { STREAM_OUT, STREAM_ERR, STREAM_SLIPWAY /* a line that slipway wrote into the log */ };
enum event_level { LEVEL_NOTICE, LEVEL_WARNING, LEVEL_ERROR, LEVEL_DEBUG };
enum event_how { HOW_EMULATED, HOW_SUBSTITUTED, HOW_SKIPPED };

struct event {
    enum event_kind kind;
    int64_t at_ns; /* since the run began, monotonic; filled in by the bus */
    unsigned job, step;
    struct str service, pipeline, id, name, text, file;
    unsigned line, column, end_line, end_column;
    enum result result;     /* of a step: before continue-on-error */
    enum result conclusion; /* of a step or job: after continue-on-error */
    int64_t elapsed_ns;
    int64_t number;
    int status; /* exit status of a step's process, or -1 */
    enum event_stream stream;
    enum event_level level;
    enum event_how how;
    bool started; /* EVENT_PIPELINE: it runs */
};

const char *event_kind_name(enum event_kind k);
const char *event_stream_name(enum event_stream s);
const char *event_level_name(enum event_level l);
const char *event_how_name(enum event_how h);

/*
 * A sink takes events. All slots are required but `tick`.
 * event: negative errno detaches the sink for the rest of the run (it is freed with the bus, not finished), and is
 * reported once as EVENT_WARNING to the others. No slot may send an event: that is a BUG.
 */
struct sink;
struct err;
struct sink_ops {
    const char *name;
    int (*event)(struct sink *s, const struct event *ev, struct err *e);
    /* May be NULL: called about ten times a second while a run lasts; now_ns counts from its begin, as at_ns. */
    void (*tick)(struct sink *s, int64_t now_ns);
    int (*finish)(struct sink *s, struct err *e); /* after the last event: flush, close the document */
    void (*free)(struct sink *s);
};
struct sink { /* embedded first in each sink's own struct */
    const struct sink_ops *ops;
};

/* The bus: gives each event its time and hands it to every sink in order of attachment. Not thread-safe, on purpose. */
struct bus;
struct bus *bus_new(int64_t (*now_ns)(void));   /* the run begins now */
void bus_attach(struct bus *b, struct sink *s); /* takes ownership */
void bus_emit(struct bus *b, struct event *ev);
void bus_tick(struct bus *b);
/*
 * Finishes every sink; the first error is returned, all are finished. An error that detached a sink counts when no
 * sink was left to be told of it. Nothing is sent after it.
 */
int bus_finish(struct bus *b, struct err *e);
void bus_free(struct bus *b); /* NULL is allowed; frees the sinks */
