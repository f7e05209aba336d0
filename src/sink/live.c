#include "core/base.h"
#include "sink/live_priv.h"

#include "core/num.h"
#include "core/utf8.h"
#include "sink/report_priv.h"
#include "sink/table_priv.h"

#define GAP 2
#define TIME_COLUMNS 6 /* "59m59s" */
#define LAST_COLUMNS_MIN 8

/* Widths in columns. 0: the column is left out, as the terminal is too narrow. */
struct layout {
    size_t columns, name, step, last;
};

void live_init(struct live *l)
{
    *l = (struct live){.text = BUF((size_t)4 << 20)};
}

void live_done(struct live *l)
{
    buf_done(&l->text);
    vec_done(&l->lines);
}

static void add_label(struct buf *b, const struct run_state *s, const struct job_state *j, const struct style *style)
{
    struct buf raw CLEAN(buf) = BUF(BUF_LINE);
    state_add_label(&raw, s, j);
    text_add_word(b, buf_str(&raw), style);
}

static size_t at_most(size_t n, size_t limit)
{
    return n < limit ? n : limit;
}

/* Names get at most 2/5 of the line and steps 3/10, but never more than their widest. */
static struct layout lay_out(struct live *l, const struct run_state *s, const struct style *style, size_t columns)
{
    struct layout lay = {.columns = columns > 1 ? columns - 1 : 1};
    struct buf b CLEAN(buf) = BUF(BUF_TEXT);
    for (size_t i = 0; i < s->jobs.n; i++) {
        const struct job_state *j = s->jobs.p[i];
        buf_clear(&b);
        add_label(&b, s, j, style);
        size_t width = utf8_width(buf_str(&b));
        lay.name = width > lay.name ? width : lay.name;
        if (j->phase != PHASE_RUNNING)
            continue;
        buf_clear(&b);
        text_add_word(&b, j->step.name, style);
        width = utf8_width(buf_str(&b));
        l->step = width > l->step ? width : l->step;
    }
    lay.name = at_most(lay.name, lay.columns * 2 / 5);
    lay.step = at_most(l->step, lay.columns * 3 / 10);
    size_t used = 2 + lay.name + GAP + TIME_COLUMNS + GAP;
    if (used + lay.step + GAP > lay.columns)
        lay.step = 0;
    used += lay.step ? lay.step + GAP : 0;
    lay.last = lay.columns >= used + LAST_COLUMNS_MIN ? lay.columns - used : 0;
    return lay;
}

static enum glyph job_glyph(const struct job_state *j)
{
    switch (j->phase) {
    case PHASE_QUEUED:
        return GLYPH_QUEUED;
    case PHASE_RUNNING:
        return GLYPH_RUNNING;
    case PHASE_DONE:
        return result_glyph(j->result);
    }
    BUG("phase %d", (int)j->phase);
}

static enum tone job_tone(const struct job_state *j)
{
    switch (j->phase) {
    case PHASE_QUEUED:
        return TONE_DIM;
    case PHASE_RUNNING:
        return TONE_WARN;
    case PHASE_DONE:
        return job_outcome(j) == RESULT_SUCCESS && j->result == RESULT_FAILURE ? TONE_WARN : result_tone(j->result);
    }
    BUG("phase %d", (int)j->phase);
}

static void add_end(struct buf *b, const struct job_state *j, const struct style *style)
{
    if (j->phase == PHASE_RUNNING) {
        text_add_word(b, str_of(j->last, j->last_n), style);
    } else if (j->phase == PHASE_DONE && j->result == RESULT_FAILURE && j->failed.number) {
        text_add_word(b, j->failed.name, style);
        buf_add_cstr(b, ": ");
        report_add_cause(b, &j->failed, style);
    } else if (j->phase == PHASE_DONE) {
        text_add_word(b, j->why, style);
    }
}

static void add_time(struct buf *b, const struct job_state *j, int64_t now_ns)
{
    if (j->phase == PHASE_RUNNING)
        num_add_duration(b, now_ns - j->started_ns);
    else if (j->phase == PHASE_DONE && j->started && j->result != RESULT_SKIPPED)
        num_add_duration(b, j->elapsed_ns);
}

static void pad(struct buf *b, size_t used, size_t width)
{
    buf_add_rep(b, ' ', width > used ? width - used : 0);
}

/* The widths add up to the columns used, so that nothing has to be measured again. */
static size_t add_job_line(struct buf *b, const struct run_state *s, const struct job_state *j,
                           const struct style *style, const struct layout *lay, int64_t now_ns)
{
    struct buf cell CLEAN(buf) = BUF(BUF_TEXT);
    tone_open(b, style, job_tone(j));
    buf_add(b, glyph_text(style, job_glyph(j)));
    tone_close(b, style, job_tone(j));
    buf_add_ch(b, ' ');
    add_label(&cell, s, j, style);
    pad(b, text_add_fit_middle(b, buf_str(&cell), lay->name, style), lay->name + GAP);
    if (lay->step) {
        buf_clear(&cell);
        if (j->phase == PHASE_RUNNING)
            text_add_word(&cell, j->step.name, style);
        else if (j->phase == PHASE_QUEUED)
            buf_add_cstr(&cell, "waiting");
        pad(b, text_add_fit(b, buf_str(&cell), lay->step, style), lay->step + GAP);
    }
    buf_clear(&cell);
    add_time(&cell, j, now_ns);
    pad(b, cell.n, TIME_COLUMNS);
    buf_add(b, buf_str(&cell));
    size_t width = 2 + lay->name + GAP + (lay->step ? lay->step + GAP : 0) + TIME_COLUMNS;
    buf_clear(&cell);
    if (lay->last)
        add_end(&cell, j, style);
    if (cell.n == 0)
        return width;
    buf_add_rep(b, ' ', GAP);
    tone_open(b, style, TONE_DIM);
    width += GAP + text_add_fit(b, buf_str(&cell), lay->last, style);
    tone_close(b, style, TONE_DIM);
    return width;
}

static void end_line(struct live *l, size_t from, size_t width)
{
    struct live_line line = {.from = from, .n = l->text.n - from, .width = width};
    vec_push(&l->lines, line);
}

static void add_counts_line(struct live *l, const struct run_state *s, const struct style *style, size_t columns,
                            int64_t now_ns)
{
    struct run_counts c = state_counts(s);
    struct style plain = *style;
    struct buf b CLEAN(buf) = BUF(BUF_LINE);
    size_t from = l->text.n;
    plain.colour = false;
    table_add_counts(&b, &c, &plain);
    buf_add_cstr(&b, "  ");
    num_add_duration(&b, now_ns);
    tone_open(&l->text, style, TONE_DIM);
    size_t width = text_add_fit(&l->text, buf_str(&b), columns > 1 ? columns - 1 : 1, style);
    tone_close(&l->text, style, TONE_DIM);
    end_line(l, from, width);
}

/* When not all fit: 0 running, 1 failed, 2 waiting, 3 over. */
static unsigned rank(const struct job_state *j)
{
    if (j->phase == PHASE_RUNNING)
        return 0;
    if (j->phase == PHASE_QUEUED)
        return 2;
    return job_outcome(j) == RESULT_FAILURE ? 1 : 3;
}

/* Marks the jobs to show: all of the best ranks while there is room, then file order again. */
static void choose(const struct run_state *s, size_t room, bool *shown)
{
    for (unsigned want = 0; want <= 3; want++)
        for (size_t i = 0; i < s->jobs.n && room > 0; i++)
            if (rank(s->jobs.p[i]) == want) {
                shown[i] = true;
                room--;
            }
}

static void add_more_line(struct live *l, const struct style *style, size_t more)
{
    size_t from = l->text.n;
    tone_open(&l->text, style, TONE_DIM);
    size_t before = l->text.n;
    buf_add(&l->text, glyph_text(style, GLYPH_CUT));
    buf_printf(&l->text, " and %zu more", more);
    size_t width = utf8_width(str_of(l->text.p + before, l->text.n - before));
    tone_close(&l->text, style, TONE_DIM);
    end_line(l, from, width);
}

void live_draw(struct live *l, const struct run_state *s, const struct style *style, size_t columns, size_t rows,
               int64_t now_ns)
{
    struct layout lay = lay_out(l, s, style, columns);
    buf_clear(&l->text);
    l->lines.n = 0;
    size_t room = rows > 1 ? rows - 1 : 1; /* the last line is for the counts */
    if (s->jobs.n > room)
        room = room > 1 ? room - 1 : 1; /* and one for what is left out */
    size_t shown_n = at_most(s->jobs.n, room);
    bool *shown = mem_array(s->jobs.n, sizeof *shown);
    choose(s, room, shown);
    for (size_t i = 0; i < s->jobs.n; i++) {
        if (!shown[i])
            continue;
        size_t from = l->text.n;
        size_t width = add_job_line(&l->text, s, s->jobs.p[i], style, &lay, now_ns);
        end_line(l, from, width);
    }
    free(shown);
    if (s->jobs.n > shown_n)
        add_more_line(l, style, s->jobs.n - shown_n);
    if (s->jobs.n)
        add_counts_line(l, s, style, columns, now_ns);
}
