/*
 * The final table. All cells are built first, as clean text, then measured, then printed: service, job and time are
 * as wide as their widest cell; when that is too wide for the terminal the job column gives way. The reason (why it
 * was skipped, which step failed) stands behind the row when it fits and below it, wrapped, when it does not.
 */
#include "core/base.h"
#include "sink/table_priv.h"

#include "core/num.h"
#include "core/utf8.h"
#include "sink/report_priv.h"

#define JOB_COLUMNS_MIN 12
#define GAP 2

struct row {
    struct str service, job, word, time, why;
    enum tone tone;
    struct str glyph;
};

struct table {
    struct arena *arena;
    const struct style *style;
    VEC(struct row) rows;
    size_t service, job, word, time; /* widths in columns, word without its glyph */
    size_t columns;
};

static struct str clean(struct table *t, struct str raw)
{
    struct buf b CLEAN(buf) = BUF(BUF_TEXT);
    text_add_word(&b, raw, t->style);
    return arena_str(t->arena, buf_str(&b));
}

static struct str job_cell(struct table *t, const struct job_state *j)
{
    struct buf b CLEAN(buf) = BUF(BUF_TEXT);
    if (j->pipeline.n) {
        buf_add(&b, j->pipeline);
        buf_add_ch(&b, '/');
    }
    buf_add(&b, j->name);
    return clean(t, buf_str(&b));
}

static struct str why_cell(struct table *t, const struct job_state *j)
{
    struct buf b CLEAN(buf) = BUF(BUF_TEXT);
    if (j->failed.number && j->result == RESULT_FAILURE) {
        text_add_word(&b, j->failed.name, t->style);
        size_t before = b.n;
        buf_add_cstr(&b, ": ");
        report_add_cause(&b, &j->failed, t->style);
        if (b.n == before + 2)
            buf_cut(&b, before);
    } else {
        text_add_word(&b, j->why, t->style);
    }
    if (j->result == RESULT_FAILURE && job_outcome(j) == RESULT_SUCCESS)
        buf_add_cstr(&b, b.n ? " (allowed to fail)" : "allowed to fail");
    return arena_str(t->arena, buf_str(&b));
}

static struct str time_cell(struct table *t, const struct job_state *j)
{
    struct buf b CLEAN(buf) = BUF(BUF_LINE);
    if (j->phase == PHASE_DONE && j->started && j->result != RESULT_SKIPPED)
        num_add_duration(&b, j->elapsed_ns);
    return arena_str(t->arena, buf_str(&b));
}

static void add_job_row(struct table *t, const struct job_state *j)
{
    enum result r = j->phase == PHASE_DONE ? j->result : RESULT_NONE;
    bool allowed = r == RESULT_FAILURE && job_outcome(j) == RESULT_SUCCESS;
    struct row row = {.service = clean(t, j->service),
                      .job = job_cell(t, j),
                      .word = str_from(result_word(r)),
                      .time = time_cell(t, j),
                      .why = why_cell(t, j),
                      .tone = allowed ? TONE_WARN : result_tone(r),
                      .glyph = glyph_text(t->style, result_glyph(r))};
    vec_push(&t->rows, row);
}

static void add_idle_row(struct table *t, const struct pipeline_state *p)
{
    struct row row = {.service = clean(t, p->service),
                      .job = clean(t, p->name.n ? p->name : p->file),
                      .word = STR("not run"),
                      .why = clean(t, p->why),
                      .tone = TONE_DIM,
                      .glyph = glyph_text(t->style, GLYPH_SKIPPED)};
    vec_push(&t->rows, row);
}

static void widen(size_t *width, struct str cell)
{
    size_t w = utf8_width(cell);
    if (w > *width)
        *width = w;
}

static void measure(struct table *t)
{
    t->service = sizeof "SERVICE" - 1;
    t->job = sizeof "JOB" - 1;
    t->word = sizeof "RESULT" - 1;
    t->time = sizeof "TIME" - 1;
    for (size_t i = 0; i < t->rows.n; i++) {
        widen(&t->service, t->rows.p[i].service);
        widen(&t->job, t->rows.p[i].job);
        widen(&t->word, t->rows.p[i].word);
        widen(&t->time, t->rows.p[i].time);
    }
    size_t others = t->service + GAP + GAP + 2 + t->word + GAP + t->time;
    if (t->columns && others + t->job > t->columns) {
        size_t left = t->columns > others ? t->columns - others : 0;
        t->job = left > JOB_COLUMNS_MIN ? left : JOB_COLUMNS_MIN;
    }
}

static void pad(struct buf *b, size_t used, size_t width)
{
    buf_add_rep(b, ' ', width > used ? width - used : 0);
}

static void add_why(struct buf *b, const struct table *t, struct str why, size_t at)
{
    if (why.n == 0)
        return;
    if (t->columns == 0 || at + GAP + utf8_width(why) <= t->columns) {
        buf_add_rep(b, ' ', GAP);
        buf_add(b, why);
        return;
    }
    size_t indent = t->service + GAP + GAP;
    if (indent + JOB_COLUMNS_MIN > t->columns)
        indent = 4;
    buf_add_ch(b, '\n');
    buf_add_rep(b, ' ', indent);
    text_add_wrapped(b, why, indent, indent, t->columns);
}

/* Rows without a time (skipped ones) still give it its place when something follows. */
static void add_row(struct buf *b, const struct table *t, const struct row *r)
{
    pad(b, text_add_fit(b, r->service, t->service, t->style), t->service + GAP);
    pad(b, text_add_fit_middle(b, r->job, t->job, t->style), t->job + GAP);
    tone_open(b, t->style, r->tone);
    buf_add(b, r->glyph);
    buf_add_ch(b, ' ');
    buf_add(b, r->word);
    tone_close(b, t->style, r->tone);
    if (r->time.n || r->why.n) {
        pad(b, utf8_width(r->word), t->word + GAP);
        pad(b, utf8_width(r->time), t->time);
        buf_add(b, r->time);
    }
    size_t at = t->service + GAP + t->job + GAP + 2 + t->word + GAP + t->time;
    add_why(b, t, r->why, at);
    buf_add_ch(b, '\n');
}

static void add_head(struct buf *b, const struct table *t)
{
    tone_open(b, t->style, TONE_DIM);
    buf_printf(b, "%-*s%-*s%-*s%*s", (int)(t->service + GAP), "SERVICE", (int)(t->job + GAP), "JOB",
               (int)(2 + t->word + GAP), "RESULT", (int)t->time, "TIME");
    tone_close(b, t->style, TONE_DIM);
    buf_add_ch(b, '\n');
}

static void add_note(struct buf *b, const struct table *t, const struct note_state *n)
{
    struct buf line CLEAN(buf) = BUF(BUF_TEXT);
    text_add_word(&line, n->what, t->style);
    if (n->what.n && n->text.n)
        buf_add_cstr(&line, ": ");
    text_add_word(&line, n->text, t->style);
    if (n->count > 1)
        buf_printf(&line, " (%u times)", n->count);
    buf_add_cstr(b, "  ");
    text_add_wrapped(b, buf_str(&line), 2, 4, t->columns);
    buf_add_ch(b, '\n');
}

static void add_notes(struct buf *b, const struct table *t, const struct run_state *s)
{
    static const enum event_how hows[] = {HOW_EMULATED, HOW_SUBSTITUTED, HOW_SKIPPED};
    for (size_t h = 0; h < ARRAY_LEN(hows); h++) {
        bool any = false;
        for (size_t i = 0; i < s->notes.n; i++) {
            if (s->notes.p[i].how != hows[h])
                continue;
            if (!any) {
                tone_open(b, t->style, TONE_BOLD);
                buf_add_cstr(b, event_how_name(hows[h]));
                tone_close(b, t->style, TONE_BOLD);
                buf_add_ch(b, '\n');
            }
            any = true;
            add_note(b, t, &s->notes.p[i]);
        }
    }
    if (s->notes_left_out)
        buf_printf(b, "and %u more notes\n", s->notes_left_out);
    if (s->notes.n)
        buf_add_ch(b, '\n');
}

/* Python 3.12: 12 passed in 0.42s (azure Job py312) */
static void add_reports(struct buf *b, const struct table *t, const struct run_state *s)
{
    if (s->reports.n > 0) {
        tone_open(b, t->style, TONE_BOLD);
        buf_add_cstr(b, "reports\n");
        tone_close(b, t->style, TONE_BOLD);
    }
    for (size_t i = 0; i < s->reports.n; i++) {
        const struct report_state *r = &s->reports.p[i];
        struct buf line CLEAN(buf) = BUF(BUF_TEXT), label CLEAN(buf) = BUF(BUF_LINE);
        text_add_word(&line, r->name, t->style);
        buf_add_cstr(&line, ": ");
        text_add_word(&line, r->text, t->style);
        if (r->job != NULL) {
            state_add_label(&label, s, r->job);
            buf_add_cstr(&line, " (");
            text_add_word(&line, buf_str(&label), t->style);
            buf_add_ch(&line, ')');
        }
        buf_add_cstr(b, "  ");
        tone_open(b, t->style, r->failed > 0 ? TONE_BAD : TONE_PLAIN);
        text_add_wrapped(b, buf_str(&line), 2, 4, t->columns);
        tone_close(b, t->style, r->failed > 0 ? TONE_BAD : TONE_PLAIN);
        buf_add_ch(b, '\n');
    }
    if (s->reports_left_out > 0)
        buf_printf(b, "and %u more reports\n", s->reports_left_out);
    if (s->reports.n > 0)
        buf_add_ch(b, '\n');
}

/* artifact coverage (1.5 KiB): /home/mina/.local/state/slipway/artifacts/12/1/blob */
static void add_artifacts(struct buf *b, const struct table *t, const struct run_state *s)
{
    for (size_t i = 0; i < s->artifacts.n; i++) {
        const struct artifact_state *a = &s->artifacts.p[i];
        buf_add_cstr(b, "artifact ");
        text_add_word(b, a->name, t->style);
        buf_add_cstr(b, " (");
        num_add_size(b, a->size);
        buf_add_cstr(b, "): ");
        text_add_word(b, a->path, t->style);
        buf_add_ch(b, '\n');
    }
    if (s->artifacts_left_out > 0)
        buf_printf(b, "and %u more artifacts\n", s->artifacts_left_out);
    if (s->artifacts.n > 0)
        buf_add_ch(b, '\n');
}

static void add_count(struct buf *b, unsigned n, const char *word, enum tone tone, const struct style *style, bool *any)
{
    if (n == 0)
        return;
    if (*any)
        buf_add_cstr(b, ", ");
    *any = true;
    tone_open(b, style, tone);
    buf_printf(b, "%u %s", n, word);
    tone_close(b, style, tone);
}

void table_add_counts(struct buf *b, const struct run_counts *c, const struct style *style)
{
    bool any = false;
    add_count(b, c->passed, "passed", TONE_GOOD, style, &any);
    add_count(b, c->failed, "failed", TONE_BAD, style, &any);
    add_count(b, c->cancelled, "cancelled", TONE_WARN, style, &any);
    add_count(b, c->skipped, "skipped", TONE_PLAIN, style, &any);
    add_count(b, c->running, "running", TONE_PLAIN, style, &any);
    add_count(b, c->queued, "waiting", TONE_PLAIN, style, &any);
    if (!any)
        buf_add_cstr(b, "no job ran");
}

static void add_summary(struct buf *b, const struct table *t, const struct run_state *s)
{
    struct run_counts c = state_counts(s);
    if (s->finished && s->exit_code == 130)
        buf_add_cstr(b, "interrupted: ");
    else if (!s->finished)
        buf_add_cstr(b, "unfinished: ");
    table_add_counts(b, &c, t->style);
    if (s->finished) {
        buf_add_cstr(b, " in ");
        num_add_duration(b, s->elapsed_ns);
    }
    if (s->finished && s->exit_code == 4)
        buf_add_cstr(b, "; something was skipped, and --strict does not allow it");
    buf_add_ch(b, '\n');
}

void table_add(struct buf *b, const struct run_state *s, const struct style *style, unsigned columns, bool brief)
{
    struct table t = {.arena = arena_new(), .style = style, .columns = columns};
    for (size_t i = 0; i < s->jobs.n; i++)
        add_job_row(&t, s->jobs.p[i]);
    for (size_t i = 0; !brief && i < s->pipelines.n; i++)
        if (!s->pipelines.p[i].started)
            add_idle_row(&t, &s->pipelines.p[i]);
    measure(&t);
    if (t.rows.n)
        add_head(b, &t);
    for (size_t i = 0; i < t.rows.n; i++)
        add_row(b, &t, &t.rows.p[i]);
    if (t.rows.n)
        buf_add_ch(b, '\n');
    add_reports(b, &t, s);
    add_notes(b, &t, s);
    add_artifacts(b, &t, s);
    add_summary(b, &t, s);
    vec_done(&t.rows);
    arena_free(t.arena);
}
