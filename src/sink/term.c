/*
 * sink_term: the live view.
 *
 * The screen below the last line that was written for good is the live block. A frame is one write: cursor up to the
 * block's first row, the new lines (each cleared to its end, so that nothing flickers), clear what is left below. What
 * must stay (a failed step's log, warnings, -v output) is written over the block, which then follows below it.
 *
 * The cursor is hidden only inside a frame, and a frame is one write: however slipway ends, it leaves a visible cursor
 * on the row below the block and nothing to restore.
 *
 * A terminal that was made narrower wraps the rows of the block; the rows it takes now are computed from their widths.
 */
#include "core/base.h"
#include "sink/sink.h"

#include "sink/live_priv.h"
#include "sink/outlet_priv.h"
#include "sink/report_priv.h"
#include "sink/table_priv.h"
#include "sys/host.h"

#define FRAME_NS INT64_C(100000000) /* ten frames a second at most */
#define HIDE_CURSOR "\033[?25l"
#define SHOW_CURSOR "\033[?25h"
#define CLEAR_TO_END_OF_LINE "\033[K"
#define CLEAR_BELOW "\033[J"

struct term {
    struct sink sink; /* first */
    struct sink_look look;
    struct style style, out_style;
    struct run_state state;
    struct outlet screen, results;
    struct buf above;  /* for good, at the next frame; ends with a newline */
    struct live shown; /* what the screen shows now */
    struct live next;
    int64_t frame_ns; /* when the last frame was drawn, -1: never */
    bool is_tty;      /* its size can be asked for */
    bool over;        /* no more blocks */
    bool gap;         /* what was written for good does not end with an empty line */
    bool table_here;  /* the table goes to a terminal too */
};

static void ask_size(struct term *t)
{
    if (!t->is_tty)
        return;
    t->look.columns = term_columns(t->look.progress);
    t->look.rows = term_rows(t->look.progress);
}

/* Screen rows that the block takes at the present width. */
static size_t rows_shown(const struct term *t)
{
    size_t rows = 0, columns = t->look.columns ? t->look.columns : 1;
    for (size_t i = 0; i < t->shown.lines.n; i++) {
        size_t width = t->shown.lines.p[i].width;
        rows += width ? (width + columns - 1) / columns : 1;
    }
    return rows;
}

static void cursor_to_block(struct term *t)
{
    size_t up = rows_shown(t);
    buf_add_ch(&t->screen.text, '\r');
    if (up)
        buf_printf(&t->screen.text, "\033[%zuA", up);
}

static void add_block(struct term *t)
{
    for (size_t i = 0; i < t->next.lines.n; i++) {
        struct live_line line = t->next.lines.p[i];
        buf_add(&t->screen.text, str_of(t->next.text.p + line.from, line.n));
        buf_add_cstr(&t->screen.text, CLEAR_TO_END_OF_LINE "\n");
    }
}

/* Quiet shows no block: only what is written for good. */
static int frame(struct term *t, int64_t now_ns, struct err *e)
{
    struct buf *b = &t->screen.text;
    ask_size(t);
    t->next.lines.n = 0;
    t->next.step = t->shown.step;
    if (!t->look.quiet && !t->over)
        live_draw(&t->next, &t->state, &t->style, t->look.columns, t->look.rows > 1 ? t->look.rows - 1 : 1, now_ns);
    buf_add_cstr(b, HIDE_CURSOR);
    cursor_to_block(t);
    if (t->above.n) {
        buf_add_cstr(b, CLEAR_BELOW);
        buf_add(b, buf_str(&t->above));
        t->gap = !str_ends(buf_str(&t->above), STR("\n\n"));
        buf_clear(&t->above);
    }
    add_block(t);
    buf_add_cstr(b, CLEAR_BELOW SHOW_CURSOR);
    struct live swap = t->shown;
    t->shown = t->next;
    t->next = swap;
    t->frame_ns = now_ns;
    return outlet_flush(&t->screen, e);
}

static void summary(struct term *t, const struct job_state *j, const struct event *ev)
{
    struct str rest = ev->text, line;
    while (j && t->look.verbose && !t->look.quiet && str_next(&rest, '\n', &line)) {
        struct event one = *ev;
        one.text = line;
        report_add_output(&t->above, &t->state, j, &one, &t->style);
    }
}

static void step_finished(struct term *t, const struct job_state *j)
{
    if (j->step.result != RESULT_FAILURE || (t->look.quiet && step_outcome(&j->step) != RESULT_FAILURE))
        return;
    bool shown_already = t->look.verbose > 0 && !t->look.quiet;
    report_add_failed_step(&t->above, &t->state, j, &t->style, !shown_already);
}

/* What stays on the screen; the rest is the block's. */
static void keep(struct term *t, struct job_state *j, const struct event *ev) /* table */
{
    switch (ev->kind) {
    case EVENT_STEP_FINISHED:
        if (j)
            step_finished(t, j);
        break;
    case EVENT_JOB_FINISHED:
        if (j && job_outcome(j) == RESULT_FAILURE && j->failed.number == 0)
            report_add_failed_job(&t->above, &t->state, j, &t->style);
        break;
    case EVENT_OUTPUT:
    case EVENT_GROUP:
        if (j && t->look.verbose && !t->look.quiet)
            report_add_output(&t->above, &t->state, j, ev, &t->style);
        break;
    case EVENT_ANNOTATION:
        if (!t->look.quiet)
            report_add_annotation(&t->above, &t->state, j, ev, &t->style, t->look.verbose);
        break;
    case EVENT_SUMMARY:
        summary(t, j, ev);
        break;
    case EVENT_WARNING:
        report_add_warning(&t->above, ev, &t->style);
        break;
    case EVENT_RUN_STARTED:
    case EVENT_PIPELINE:
    case EVENT_JOB_QUEUED:
    case EVENT_JOB_STARTED:
    case EVENT_STEP_STARTED:
    case EVENT_GROUP_END:
    case EVENT_NOTE:
    case EVENT_ARTIFACT:
    case EVENT_REPORT:
    case EVENT_RUN_FINISHED:
        break;
    }
}

/* Annotations come in crowds, so they wait for the tick like output does; a failed step's log does not wait. */
static int term_event(struct sink *sink, const struct event *ev, struct err *e)
{
    struct term *t = (struct term *)sink;
    struct job_state *j = state_apply(&t->state, ev);
    keep(t, j, ev);
    if (ev->kind == EVENT_JOB_FINISHED)
        state_release(j);
    bool waits = ev->kind == EVENT_OUTPUT || ev->kind == EVENT_GROUP || ev->kind == EVENT_ANNOTATION;
    if (t->above.n && (!waits || t->above.n >= OUTLET_GATHER))
        return frame(t, ev->at_ns, e);
    if (t->screen.broken.num && e)
        *e = t->screen.broken;
    return t->screen.broken.num;
}

static void term_tick(struct sink *sink, int64_t now_ns)
{
    struct term *t = (struct term *)sink;
    if (t->frame_ns >= 0 && now_ns - t->frame_ns < FRAME_NS)
        return;
    if (t->state.jobs.n == 0 && t->above.n == 0)
        return;
    if (t->look.quiet && t->above.n == 0)
        return;
    frame(t, now_ns, NULL);
}

/* The block goes, the table comes. */
static int term_finish(struct sink *sink, struct err *e)
{
    struct term *t = (struct term *)sink;
    t->over = true;
    if (!t->table_here) {
        struct run_counts c = state_counts(&t->state);
        table_add_counts(&t->above, &c, &t->style);
        buf_add_ch(&t->above, '\n');
    }
    if (t->frame_ns >= 0 || t->above.n) {
        int r = frame(t, t->frame_ns, e);
        if (r < 0)
            return r;
    }
    if (t->table_here && t->gap)
        buf_add_ch(&t->results.text, '\n');
    table_add(&t->results.text, &t->state, &t->out_style, t->table_here ? t->look.columns : 0, t->look.quiet);
    return outlet_flush(&t->results, e);
}

static void term_free(struct sink *sink)
{
    struct term *t = (struct term *)sink;
    state_done(&t->state);
    outlet_done(&t->screen);
    outlet_done(&t->results);
    buf_done(&t->above);
    live_done(&t->shown);
    live_done(&t->next);
    free(t);
}

static const struct sink_ops term_ops = {
    .name = "terminal",
    .event = term_event,
    .tick = term_tick,
    .finish = term_finish,
    .free = term_free,
};

struct sink *sink_term_new(const struct sink_look *look)
{
    struct term *t = mem_alloc(sizeof *t);
    t->sink.ops = &term_ops;
    t->look = *look;
    t->is_tty = term_is_tty(look->progress);
    t->table_here = look->out == look->progress || term_is_tty(look->out);
    t->style = (struct style){.colour = look->colour, .utf8 = look->utf8, .ascii_only = !look->utf8};
    t->out_style = t->style;
    t->out_style.colour = look->colour && t->table_here;
    outlet_init(&t->screen, look->progress);
    outlet_init(&t->results, look->out);
    t->above = BUF((size_t)32 << 20);
    live_init(&t->shown);
    live_init(&t->next);
    t->frame_ns = -1;
    state_init(&t->state);
    return &t->sink;
}
