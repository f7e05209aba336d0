/*
 * sink_lines: a run for pipes, files and the logs of other CI systems. One line for each thing that matters; no cursor
 * movement, colours only when asked for. Progress and results may be two descriptors; each is written in order.
 */
#include "core/base.h"
#include "sink/sink.h"

#include "core/num.h"
#include "sink/outlet_priv.h"
#include "sink/report_priv.h"
#include "sink/table_priv.h"

struct lines {
    struct sink sink; /* first */
    struct sink_look look;
    struct style style;
    struct run_state state;
    struct outlet progress, results;
    struct buf *out; /* progress.text: what everything adds to */
    bool wrote;      /* something was shown before the table */
};

static void add_label(struct lines *l, const struct job_state *j)
{
    struct buf raw CLEAN(buf) = BUF(BUF_LINE);
    state_add_label(&raw, &l->state, j);
    text_add_word(l->out, buf_str(&raw), &l->style);
}

static void add_result(struct lines *l, enum result r)
{
    tone_open(l->out, &l->style, result_tone(r));
    buf_add_cstr(l->out, result_word(r));
    tone_close(l->out, &l->style, result_tone(r));
}

static void add_reason(struct lines *l, struct str why)
{
    if (why.n) {
        buf_add_cstr(l->out, ": ");
        text_add_word(l->out, why, &l->style);
    }
}

static void run_started(struct lines *l, const struct event *ev)
{
    if (l->look.quiet)
        return;
    buf_add_cstr(l->out, "run");
    if (ev->number > 0)
        buf_printf(l->out, " %lld", (long long)ev->number);
    if (ev->name.n) {
        buf_add_cstr(l->out, ": ");
        text_add_word(l->out, ev->name, &l->style);
    }
    if (ev->text.n) {
        buf_add_cstr(l->out, " on ");
        text_add_word(l->out, ev->text, &l->style);
    }
    buf_add_ch(l->out, '\n');
}

static void pipeline(struct lines *l, const struct event *ev)
{
    if (l->look.quiet)
        return;
    text_add_word(l->out, ev->service, &l->style);
    buf_add_ch(l->out, ' ');
    text_add_word(l->out, ev->pipeline.n ? ev->pipeline : ev->file, &l->style);
    if (ev->pipeline.n && ev->file.n) {
        buf_add_cstr(l->out, " (");
        text_add_word(l->out, ev->file, &l->style);
        buf_add_ch(l->out, ')');
    }
    buf_add_cstr(l->out, ev->started ? " runs" : " is not triggered");
    add_reason(l, ev->text);
    buf_add_ch(l->out, '\n');
}

static void job_started(struct lines *l, const struct job_state *j)
{
    if (l->look.quiet)
        return;
    add_label(l, j);
    buf_add_cstr(l->out, ": started");
    if (j->sandbox.n) {
        buf_add_cstr(l->out, " (");
        text_add_word(l->out, j->sandbox, &l->style);
        buf_add_ch(l->out, ')');
    }
    buf_add_ch(l->out, '\n');
}

static void job_finished(struct lines *l, const struct job_state *j)
{
    if (job_outcome(j) == RESULT_FAILURE && j->failed.number == 0)
        report_add_failed_job(l->out, &l->state, j, &l->style);
    if (l->look.quiet && j->result != RESULT_FAILURE)
        return;
    add_label(l, j);
    buf_add_cstr(l->out, ": ");
    add_result(l, j->result);
    if (j->started && j->result != RESULT_SKIPPED) {
        buf_add_cstr(l->out, j->result == RESULT_SUCCESS ? " in " : " after ");
        num_add_duration(l->out, j->elapsed_ns);
    }
    if (j->result == RESULT_FAILURE && job_outcome(j) == RESULT_SUCCESS)
        buf_add_cstr(l->out, " (allowed to fail)");
    add_reason(l, j->why);
    buf_add_ch(l->out, '\n');
}

static void add_step(struct lines *l, const struct job_state *j)
{
    add_label(l, j);
    buf_printf(l->out, ": step %u ", j->step.number);
    text_add_word(l->out, j->step.name, &l->style);
}

static void step_started(struct lines *l, const struct job_state *j)
{
    if (l->look.quiet)
        return;
    add_step(l, j);
    buf_add_cstr(l->out, " started\n");
}

static void step_finished(struct lines *l, const struct job_state *j)
{
    const struct step_state *st = &j->step;
    if (st->result == RESULT_FAILURE && (!l->look.quiet || step_outcome(st) == RESULT_FAILURE)) {
        bool shown_already = l->look.verbose > 0;
        buf_add_ch(l->out, '\n');
        report_add_failed_step(l->out, &l->state, j, &l->style, !shown_already);
        return;
    }
    if (l->look.quiet)
        return;
    add_step(l, j);
    buf_add_ch(l->out, ' ');
    add_result(l, st->result);
    if (st->result != RESULT_SKIPPED) {
        buf_add_cstr(l->out, " in ");
        num_add_duration(l->out, st->elapsed_ns);
    }
    add_reason(l, st->error);
    buf_add_ch(l->out, '\n');
}

/* A step's Markdown summary, line by line: the service shows it on the run's page. */
static void summary(struct lines *l, const struct job_state *j, const struct event *ev)
{
    struct str rest = ev->text, line;
    if (l->look.quiet || l->look.verbose == 0 || !j)
        return;
    while (str_next(&rest, '\n', &line)) {
        struct event one = *ev;
        one.text = line;
        report_add_output(l->out, &l->state, j, &one, &l->style);
    }
}

static void show(struct lines *l, struct job_state *j, const struct event *ev) /* table */
{
    switch (ev->kind) {
    case EVENT_RUN_STARTED:
        run_started(l, ev);
        break;
    case EVENT_PIPELINE:
        pipeline(l, ev);
        break;
    case EVENT_JOB_STARTED:
        if (j)
            job_started(l, j);
        break;
    case EVENT_JOB_FINISHED:
        if (j)
            job_finished(l, j);
        break;
    case EVENT_STEP_STARTED:
        if (j)
            step_started(l, j);
        break;
    case EVENT_STEP_FINISHED:
        if (j)
            step_finished(l, j);
        break;
    case EVENT_OUTPUT:
    case EVENT_GROUP:
        if (j && l->look.verbose && !l->look.quiet)
            report_add_output(l->out, &l->state, j, ev, &l->style);
        break;
    case EVENT_ANNOTATION:
        if (!l->look.quiet)
            report_add_annotation(l->out, &l->state, j, ev, &l->style, l->look.verbose);
        break;
    case EVENT_SUMMARY:
        summary(l, j, ev);
        break;
    case EVENT_WARNING:
        report_add_warning(l->out, ev, &l->style);
        break;
    case EVENT_JOB_QUEUED:
    case EVENT_GROUP_END:
    case EVENT_NOTE:
    case EVENT_ARTIFACT:
    case EVENT_REPORT:
    case EVENT_RUN_FINISHED:
        break;
    }
}

static int lines_event(struct sink *sink, const struct event *ev, struct err *e)
{
    struct lines *l = (struct lines *)sink;
    struct job_state *j = state_apply(&l->state, ev);
    show(l, j, ev);
    if (ev->kind == EVENT_JOB_FINISHED)
        state_release(j);
    l->wrote |= l->out->n > 0;
    if (ev->kind == EVENT_OUTPUT && l->out->n < OUTLET_GATHER)
        return 0;
    return outlet_flush(&l->progress, e);
}

static void lines_tick(struct sink *sink, int64_t now_ns)
{
    UNUSED(now_ns);
    outlet_flush(&((struct lines *)sink)->progress, NULL);
}

static int lines_finish(struct sink *sink, struct err *e)
{
    struct lines *l = (struct lines *)sink;
    if (l->wrote)
        buf_add_ch(l->out, '\n');
    int r = outlet_flush(&l->progress, e);
    if (r < 0)
        return r;
    table_add(&l->results.text, &l->state, &l->style, 0, l->look.quiet);
    return outlet_flush(&l->results, e);
}

static void lines_free(struct sink *sink)
{
    struct lines *l = (struct lines *)sink;
    state_done(&l->state);
    outlet_done(&l->progress);
    outlet_done(&l->results);
    free(l);
}

static const struct sink_ops lines_ops = {
    .name = "lines",
    .event = lines_event,
    .tick = lines_tick,
    .finish = lines_finish,
    .free = lines_free,
};

struct sink *sink_lines_new(const struct sink_look *look)
{
    struct lines *l = mem_alloc(sizeof *l);
    l->sink.ops = &lines_ops;
    l->look = *look;
    l->style = (struct style){.colour = look->colour, .utf8 = look->utf8};
    outlet_init(&l->progress, look->progress);
    outlet_init(&l->results, look->out);
    l->out = &l->progress.text;
    state_init(&l->state);
    return &l->sink;
}
