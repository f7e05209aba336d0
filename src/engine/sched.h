/*
 * engine/sched.h - which leg may start now. Pure: no clock, no descriptor, no process.
 *
 * States: a job waits for its needs, is gated once, then its legs are ready in order; a leg is ready, running or over.
 * A leg of a job that calls is never started: its jobs, which the gate added to the plan, take their turns instead, and
 * the leg is gathered when they are over.
 * Limits: `slots` legs at a time in all, max_parallel of one job, one per concurrency group. The caller tells what
 * happened (sched_started, sched_ended) and asks what is next (sched_next) until it says SCHED_WAIT.
 */
#pragma once
#include "core/base.h"
#include "engine/group.h"
#include "plan/driver.h"
#include "plan/plan.h"

struct sched;

enum sched_act {
    SCHED_GATE,   /* *job is to be gated: then call sched_gated */
    SCHED_START,  /* *leg may start: then call sched_started (or sched_ended at once when it cannot) */
    SCHED_GATHER, /* all jobs of *leg, which calls, are over: then call sched_ended */
    SCHED_SETTLE, /* all legs of *job are over: then call sched_settled */
    SCHED_CANCEL, /* *leg is running and must be cancelled (why in *why): it will end through sched_ended */
    SCHED_DROP,   /* *leg will never start (why in *why): report it; it counts as ended */
    SCHED_WAIT,   /* for for something to end */
    SCHED_DONE    /* everything is over */
};

/* share: concurrency groups of other runs (engine/group.h), or NULL. */
struct sched *sched_new(struct plan **plans, size_t n, unsigned slots, const struct group_share *share);
void sched_free(struct sched *s); /* NULL is allowed */
enum sched_act sched_next(struct sched *s, struct job **job, struct leg **leg, enum cancel_why *why);
/* The gate's answer, after which the plan may have more jobs. Without legs it counts as skipped. */
void sched_gated(struct sched *s, struct job *j, enum gate g);
void sched_started(struct sched *s, struct leg *leg);
/* failed: it counts against fail-fast (a failure that continue-on-error does not forgive). */
void sched_ended(struct sched *s, struct leg *leg, bool failed);
void sched_settled(struct sched *s, struct job *j);
/*
 * The plan never held its concurrency group, or a call around the job was dropped: the job is cancelled, whatever its
 * gate says.
 */
bool sched_turned_out(const struct job *job, enum cancel_why *ret_why);
/* Asks after the groups of other runs, about ten times a second; true when sched_next may have something new. */
bool sched_poll(struct sched *s);
/* Something waits for other runs: only sched_poll will tell when that is over. */
bool sched_waits(const struct sched *s);
/* Cancels everything that is not over; jobs that were not gated yet are still gated (always() ones run). */
void sched_cancel_all(struct sched *s, enum cancel_why why);
