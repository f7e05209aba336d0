/*
 * sink/log_priv.h - the last part of a step's output, so that a failed step can be shown without keeping every log.
 *
 * A ring of lines with two ceilings; the oldest go first and are counted. Text is kept as it came and made safe only
 * when it is shown, as nearly all of it never is.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "core/str.h"
#include "event/event.h"

#define LOG_LINES 2000
#define LOG_BYTES ((size_t)512 << 10)
#define LOG_LINE_MAX ((size_t)32 << 10) /* of one line; the rest is cut */

struct log_ring {
    struct buf bytes; /* records: length, stream, text */
    size_t head;      /* where the first record that counts begins */
    size_t lines;
    size_t dropped; /* lines that went */
};

void log_init(struct log_ring *l);
void log_done(struct log_ring *l);
void log_clear(struct log_ring *l); /* keeps the memory: the next step begins */
void log_add(struct log_ring *l, enum event_stream stream, struct str line);

/* Iterate: size_t at = 0; while (log_next(l, &at, &stream, &line)) ... The line is borrowed until log_add. */
bool log_next(const struct log_ring *l, size_t *at, enum event_stream *ret_stream, struct str *ret_line);
