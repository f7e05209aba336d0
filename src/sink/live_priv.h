/*
 * sink/live_priv.h - the live block of the terminal view as text: one line a job and a line of counts.
 *
 * Pure: no cursor, no descriptor, so that it can be tested and measured. sink/term.c puts it on the screen.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "core/vec.h"
#include "sink/sink_state_priv.h"
#include "sink/text_priv.h"

struct live_line {
    size_t from, n; /* bytes in the text */
    size_t width;   /* columns, at most columns - 1 */
};

struct live {
    struct buf text; /* all lines, without newlines */
    VEC(struct live_line) lines;
    size_t step; /* widest name of a step so far, columns: the columns behind it must not move to and fro */
};

void live_init(struct live *l);
void live_done(struct live *l);
/*
 * Draws the run as it is at now_ns (since the run began). At most `rows` lines, at least one job and the counts; what
 * does not fit is counted in a line "... and N more". Jobs that run come first then, and after them those that failed.
 */
void live_draw(struct live *l, const struct run_state *s, const struct style *style, size_t columns, size_t rows,
               int64_t now_ns);
