/*
 * sink/report_priv.h - the paragraphs that the terminal and the plain lines have in common.
 *
 * Everything is added to a buf, each line ended with a newline; nothing is written here. `name` arguments are what
 * state_add_label gives.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "event/event.h"
#include "sink/sink_state_priv.h"
#include "sink/text_priv.h"

const char *result_word(enum result r); /* "passed", "failed", "cancelled", "skipped", "unfinished" */
enum glyph result_glyph(enum result r);
enum tone result_tone(enum result r);

/* "exit status 2" or the error's first line; nothing when neither is known. */
void report_add_cause(struct buf *b, const struct step_state *st, const struct style *style);
/*
 * A failed step: which job and step, where in which file, the command to paste, and the log (with_log false: it was
 * shown already).
 */
void report_add_failed_step(struct buf *b, const struct run_state *s, const struct job_state *j,
                            const struct style *style, bool with_log);
/* A job that failed though none of its steps did, or before the first. */
void report_add_failed_job(struct buf *b, const struct run_state *s, const struct job_state *j,
                           const struct style *style);

/* Annotations and warnings of a step are shown as they come, this many at most; the service does the same. */
#define ANNOTATIONS_SHOWN 10
/* Adds nothing when the level is not worth it at this verbosity. j may be NULL. */
void report_add_annotation(struct buf *b, const struct run_state *s, struct job_state *j, const struct event *ev,
                           const struct style *style, unsigned verbose);
void report_add_warning(struct buf *b, const struct event *ev, const struct style *style);
/* "test (3.9) | text" */
void report_add_output(struct buf *b, const struct run_state *s, const struct job_state *j, const struct event *ev,
                       const struct style *style);
