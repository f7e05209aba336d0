#include "core/base.h"
#include "sink/report_priv.h"

#include "core/num.h"

/* Lines of a step's script that a heading shows; the file has the rest. */
#define COMMAND_LINES 30

const char *result_word(enum result r)
{
    switch (r) {
    case RESULT_NONE:
        return "unfinished";
    case RESULT_SUCCESS:
        return "passed";
    case RESULT_FAILURE:
        return "failed";
    case RESULT_CANCELLED:
        return "cancelled";
    case RESULT_SKIPPED:
        return "skipped";
    }
    BUG("result %d", (int)r);
}

enum glyph result_glyph(enum result r)
{
    switch (r) {
    case RESULT_NONE:
    case RESULT_CANCELLED:
        return GLYPH_CANCELLED;
    case RESULT_SUCCESS:
        return GLYPH_PASSED;
    case RESULT_FAILURE:
        return GLYPH_FAILED;
    case RESULT_SKIPPED:
        return GLYPH_SKIPPED;
    }
    BUG("result %d", (int)r);
}

enum tone result_tone(enum result r)
{
    switch (r) {
    case RESULT_NONE:
    case RESULT_CANCELLED:
        return TONE_WARN;
    case RESULT_SUCCESS:
        return TONE_GOOD;
    case RESULT_FAILURE:
        return TONE_BAD;
    case RESULT_SKIPPED:
        return TONE_DIM;
    }
    BUG("result %d", (int)r);
}

static void add_label(struct buf *b, const struct run_state *s, const struct job_state *j, const struct style *style)
{
    struct buf raw CLEAN(buf) = BUF(BUF_LINE);
    state_add_label(&raw, s, j);
    text_add_word(b, buf_str(&raw), style);
}

static struct str first_line(struct str text)
{
    struct str head, tail;
    str_cut(text, '\n', &head, &tail);
    return head;
}

void report_add_cause(struct buf *b, const struct step_state *st, const struct style *style)
{
    if (str_trim(st->error).n > 0)
        text_add_word(b, first_line(str_trim(st->error)), style);
    else if (st->status > 0)
        buf_printf(b, "exit status %d", st->status);
}

static void add_place(struct buf *b, struct str file, unsigned line, const struct style *style)
{
    if (file.n == 0)
        return;
    buf_add_cstr(b, "  ");
    text_add_word(b, file, style);
    if (line)
        buf_printf(b, ":%u", line);
    buf_add_ch(b, '\n');
}

/* A script of many lines is shown as one block that can be pasted but for the indent, which shells ignore. */
static void add_command(struct buf *b, struct str command, const struct style *style)
{
    struct str rest = str_trim_end(command), line;
    unsigned shown = 0;
    while (shown < COMMAND_LINES && str_next(&rest, '\n', &line)) {
        buf_add_cstr(b, shown ? "    " : "  $ ");
        tone_open(b, style, TONE_BOLD);
        text_add_line(b, line, style, false);
        tone_close(b, style, TONE_BOLD);
        buf_add_ch(b, '\n');
        shown++;
    }
    unsigned more = 0;
    while (str_next(&rest, '\n', &line))
        more++;
    if (more)
        buf_printf(b, "    (%u more lines)\n", more);
}

static void add_log(struct buf *b, const struct run_state *s, const struct job_state *j, const struct style *style)
{
    size_t at = 0;
    enum event_stream stream;
    struct str line;
    if (j->log.dropped > 0) {
        buf_printf(b, "  (%zu earlier lines are not shown", j->log.dropped);
        if (s->number > 0)
            buf_printf(b, "; slipway logs %lld has them", (long long)s->number);
        buf_add_cstr(b, ")\n");
    }
    while (log_next(&j->log, &at, &stream, &line)) {
        buf_add_cstr(b, "  ");
        tone_open(b, style, TONE_DIM);
        buf_add(b, glyph_text(style, GLYPH_BAR));
        tone_close(b, style, TONE_DIM);
        if (line.n)
            buf_add_ch(b, ' ');
        text_add_line(b, line, style, true);
        buf_add_ch(b, '\n');
    }
}

static void add_heading(struct buf *b, const struct run_state *s, const struct job_state *j, const struct style *style)
{
    const struct step_state *st = &j->step;
    bool allowed = step_outcome(st) == RESULT_SUCCESS;
    tone_open(b, style, allowed ? TONE_WARN : TONE_BAD);
    buf_add(b, glyph_text(style, GLYPH_FAILED));
    buf_add_ch(b, ' ');
    add_label(b, s, j, style);
    buf_printf(b, ", step %u ", st->number);
    text_add_word(b, st->name, style);
    buf_add_cstr(b, " failed");
    tone_close(b, style, allowed ? TONE_WARN : TONE_BAD);
    buf_add_cstr(b, " after ");
    num_add_duration(b, st->elapsed_ns);
    size_t before = b->n;
    buf_add_cstr(b, ": ");
    report_add_cause(b, st, style);
    if (b->n == before + 2)
        buf_cut(b, before);
    if (allowed)
        buf_add_cstr(b, " (forgiven: the job goes on)");
    buf_add_ch(b, '\n');
}

void report_add_failed_step(struct buf *b, const struct run_state *s, const struct job_state *j,
                            const struct style *style, bool with_log)
{
    const struct step_state *st = &j->step;
    add_heading(b, s, j, style);
    add_place(b, st->file.n ? st->file : j->file, st->file.n || st->line ? st->line : j->line, style);
    add_command(b, st->command, style);
    if (with_log)
        add_log(b, s, j, style);
    buf_add_ch(b, '\n');
}

void report_add_failed_job(struct buf *b, const struct run_state *s, const struct job_state *j,
                           const struct style *style)
{
    tone_open(b, style, TONE_BAD);
    buf_add(b, glyph_text(style, GLYPH_FAILED));
    buf_add_ch(b, ' ');
    add_label(b, s, j, style);
    buf_add_cstr(b, " failed");
    tone_close(b, style, TONE_BAD);
    if (j->why.n) {
        buf_add_cstr(b, ": ");
        text_add_word(b, j->why, style);
    }
    buf_add_ch(b, '\n');
    add_place(b, j->file, j->line, style);
    add_log(b, s, j, style);
    buf_add_ch(b, '\n');
}

static bool level_shown(enum event_level level, unsigned verbose)
{
    switch (level) {
    case LEVEL_ERROR:
    case LEVEL_WARNING:
        return true;
    case LEVEL_NOTICE:
        return verbose >= 1;
    case LEVEL_DEBUG:
        return verbose >= 2;
    }
    BUG("level %d", (int)level);
}

static void add_annotation_place(struct buf *b, const struct event *ev, const struct style *style)
{
    if (ev->file.n == 0)
        return;
    text_add_word(b, ev->file, style);
    if (ev->line)
        buf_printf(b, ":%u", ev->line);
    if (ev->line && ev->column)
        buf_printf(b, ":%u", ev->column);
    buf_add_cstr(b, ": ");
}

void report_add_annotation(struct buf *b, const struct run_state *s, struct job_state *j, const struct event *ev,
                           const struct style *style, unsigned verbose)
{
    if (!level_shown(ev->level, verbose) || (j && j->annotations > ANNOTATIONS_SHOWN))
        return;
    enum tone tone = ev->level == LEVEL_ERROR ? TONE_BAD : ev->level == LEVEL_WARNING ? TONE_WARN : TONE_PLAIN;
    if (j) {
        add_label(b, s, j, style);
        buf_add_cstr(b, ": ");
    }
    if (j && ++j->annotations > ANNOTATIONS_SHOWN) {
        buf_add_cstr(b, "more annotations of this step are not shown\n");
        return;
    }
    tone_open(b, style, tone);
    buf_add_cstr(b, event_level_name(ev->level));
    tone_close(b, style, tone);
    buf_add_cstr(b, ": ");
    add_annotation_place(b, ev, style);
    if (ev->name.n) {
        text_add_word(b, ev->name, style);
        buf_add_cstr(b, ": ");
    }
    text_add_word(b, ev->text, style);
    buf_add_ch(b, '\n');
}

void report_add_warning(struct buf *b, const struct event *ev, const struct style *style)
{
    tone_open(b, style, TONE_WARN);
    buf_add_cstr(b, "slipway: warning:");
    tone_close(b, style, TONE_WARN);
    buf_add_ch(b, ' ');
    text_add_word(b, ev->text, style);
    buf_add_ch(b, '\n');
}

void report_add_output(struct buf *b, const struct run_state *s, const struct job_state *j, const struct event *ev,
                       const struct style *style)
{
    tone_open(b, style, TONE_DIM);
    add_label(b, s, j, style);
    buf_add_ch(b, ' ');
    buf_add(b, glyph_text(style, GLYPH_BAR));
    tone_close(b, style, TONE_DIM);
    if (ev->text.n)
        buf_add_ch(b, ' ');
    text_add_line(b, ev->text, style, true);
    buf_add_ch(b, '\n');
}
