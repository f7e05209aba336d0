/*
 * sink/sink_state_priv.h - what a run looks like so far, built from its events.
 *
 * The terminal, the plain lines and JUnit each own one run_state and feed it every event before they look at it.
 * Texts are copied into the state's arena; a log is kept only for the steps that run (sink/log_priv.h), and freed when
 * their job ends. Of steps that run side by side, the one that the last event spoke of is the job's `step`.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/vec.h"
#include "event/event.h"
#include "sink/log_priv.h"

#define NOTES_MAX 500 /* distinct ones; more are only counted */

struct step_state {
    unsigned number, line;
    struct str name, file, command, error;
    enum result result, conclusion;
    int status;
    int64_t started_ns, elapsed_ns;
};

/* A step that runs, while another one beside it has the word. */
struct step_aside {
    struct step_state step;
    struct log_ring log;
    unsigned annotations;
    bool heading, headed;
};

enum phase { PHASE_QUEUED, PHASE_RUNNING, PHASE_DONE };

struct job_state {
    unsigned number, line;
    struct str service, pipeline, id, name, file, sandbox, why;
    enum phase phase;
    bool started; /* it had a sandbox; else it has no time worth showing */
    enum result result, conclusion;
    int64_t started_ns, elapsed_ns;
    struct step_state step;   /* the one that runs or ran last, or of several the one spoken of; number 0: none yet */
    struct step_state failed; /* the first that failed and was not allowed to; number 0: none */
    struct log_ring log;      /* of `step` */
    char last[240];           /* the beginning of its last line, raw */
    size_t last_n;
    unsigned annotations; /* of `step`, shown so far */
    bool heading;         /* in the first group of `step`, which repeats it: its script, its shell, its variables */
    bool headed;          /* that group has come */
    VEC(struct step_aside) aside;
};

struct pipeline_state {
    struct str service, name, file, why;
    bool started;
};

struct note_state {
    enum event_how how;
    struct str what, text;
    unsigned count;
};

struct artifact_state {
    struct str name, path;
    uint64_t size; /* bytes */
};

struct report_state {
    const struct job_state *job; /* that has read it, or NULL */
    struct str name, text;
    int64_t failed;
};

struct run_state {
    struct arena *arena;
    VEC(struct job_state *) jobs;
    VEC(struct pipeline_state) pipelines;
    VEC(struct note_state) notes;
    struct map note_index;   /* how, what and text -> index in notes + 1 */
    unsigned notes_left_out; /* past NOTES_MAX */
    VEC(struct artifact_state) artifacts;
    unsigned artifacts_left_out; /* as of notes */
    VEC(struct report_state) reports;
    unsigned reports_left_out; /* as of notes */
    int64_t number;            /* the run's id, 0 when it has none */
    bool finished;
    enum result result;
    int64_t elapsed_ns, exit_code;
};

struct run_counts {
    unsigned passed, failed, cancelled, skipped, running, queued;
};

void state_init(struct run_state *s);
void state_done(struct run_state *s);
/*
 * Takes an event in. Returns the job that it speaks of, or NULL (the run as a whole, or a number never queued).
 * The job's log still holds the step's output when EVENT_STEP_FINISHED or EVENT_JOB_FINISHED returns; the caller ends
 * its look at it with state_release.
 */
struct job_state *state_apply(struct run_state *s, const struct event *ev);
/* Frees the log of a job that is over. NULL is allowed. */
void state_release(struct job_state *j);

struct run_counts state_counts(const struct run_state *s);
/* After continue-on-error when the event said so, else the plain result. */
enum result job_outcome(const struct job_state *j);
enum result step_outcome(const struct step_state *st);
/*
 * Adds what people call the job, no longer than it must be: "test (3.9)", "CI/test (3.9)" when its service runs several
 * pipelines, "github CI/test (3.9)" or "github test (3.9)" when several services run. Not cleaned for a terminal.
 */
void state_add_label(struct buf *b, const struct run_state *s, const struct job_state *j);
