/*
 * sink_json: every event as one JSON object on one line. The names are an interface (docs/events.md): add, never
 * rename. A kind carries only the fields that mean something for it; an empty text or an unknown number is left out.
 */
#include "core/base.h"
#include "sink/sink.h"

#include "core/mem.h"
#include "sink/outlet_priv.h"

#define EVENTS_VERSION 1

struct json {
    struct sink sink; /* first */
    struct outlet out;
};

static void add_key(struct buf *b, const char *key)
{
    buf_printf(b, ",\"%s\":", key);
}

static void add_text(struct buf *b, const char *key, struct str text)
{
    if (text.n == 0)
        return;
    add_key(b, key);
    buf_add_json(b, text);
}

static void add_number(struct buf *b, const char *key, int64_t n)
{
    add_key(b, key);
    buf_printf(b, "%lld", (long long)n);
}

static void add_positive(struct buf *b, const char *key, int64_t n)
{
    if (n > 0)
        add_number(b, key, n);
}

static void add_bool(struct buf *b, const char *key, bool yes)
{
    add_key(b, key);
    buf_add_cstr(b, yes ? "true" : "false");
}

static void add_place(struct buf *b, const struct event *ev)
{
    add_text(b, "file", ev->file);
    add_positive(b, "line", ev->line);
}

static void add_span(struct buf *b, const struct event *ev)
{
    add_place(b, ev);
    add_positive(b, "column", ev->column);
    add_positive(b, "end_line", ev->end_line);
    add_positive(b, "end_column", ev->end_column);
}

static void add_results(struct buf *b, const struct event *ev)
{
    add_text(b, "result", str_from(result_name(ev->result)));
    if (ev->conclusion != RESULT_NONE)
        add_text(b, "conclusion", str_from(result_name(ev->conclusion)));
}

/* A line of output may be empty, and says so. */
static void add_line(struct buf *b, struct str text)
{
    add_key(b, "text");
    buf_add_json(b, text);
}

static void add_run_fields(struct buf *b, const struct event *ev)
{
    if (ev->kind == EVENT_RUN_STARTED) {
        add_number(b, "version", EVENTS_VERSION);
        add_text(b, "event", ev->name);
        add_text(b, "branch", ev->text);
        add_positive(b, "run", ev->number);
    } else {
        add_results(b, ev);
        add_number(b, "elapsed_ns", ev->elapsed_ns);
        add_number(b, "exit_code", ev->number);
    }
}

static void add_pipeline_fields(struct buf *b, const struct event *ev)
{
    add_text(b, "service", ev->service);
    add_text(b, "pipeline", ev->pipeline);
    if (ev->kind == EVENT_PIPELINE) {
        add_text(b, "file", ev->file);
        add_bool(b, "started", ev->started);
        add_text(b, "why", ev->text);
        return;
    }
    add_text(b, "id", ev->id);
    add_text(b, "name", ev->name);
    add_place(b, ev);
}

static void add_step_fields(struct buf *b, const struct event *ev)
{
    add_text(b, "name", ev->name);
    if (ev->kind == EVENT_STEP_STARTED) {
        add_place(b, ev);
        add_text(b, "command", ev->text);
        return;
    }
    add_results(b, ev);
    if (ev->result == RESULT_FAILURE) /* which may lie deeper than where it began: in an action */
        add_place(b, ev);
    if (ev->status >= 0)
        add_number(b, "status", ev->status);
    add_number(b, "elapsed_ns", ev->elapsed_ns);
    add_text(b, "error", ev->text);
}

static void add_fields(struct buf *b, const struct event *ev) /* table */
{
    switch (ev->kind) {
    case EVENT_RUN_STARTED:
    case EVENT_RUN_FINISHED:
        add_run_fields(b, ev);
        break;
    case EVENT_PIPELINE:
    case EVENT_JOB_QUEUED:
        add_pipeline_fields(b, ev);
        break;
    case EVENT_JOB_STARTED:
        add_text(b, "sandbox", ev->text);
        break;
    case EVENT_JOB_FINISHED:
        add_results(b, ev);
        add_number(b, "elapsed_ns", ev->elapsed_ns);
        add_text(b, "why", ev->text);
        break;
    case EVENT_STEP_STARTED:
    case EVENT_STEP_FINISHED:
        add_step_fields(b, ev);
        break;
    case EVENT_OUTPUT:
        add_text(b, "stream", str_from(event_stream_name(ev->stream)));
        add_line(b, ev->text);
        break;
    case EVENT_GROUP:
        add_line(b, ev->text);
        break;
    case EVENT_GROUP_END:
        break;
    case EVENT_ANNOTATION:
        add_text(b, "level", str_from(event_level_name(ev->level)));
        add_text(b, "title", ev->name);
        add_line(b, ev->text);
        add_span(b, ev);
        break;
    case EVENT_SUMMARY:
    case EVENT_WARNING:
        add_line(b, ev->text);
        break;
    case EVENT_ARTIFACT:
        add_text(b, "name", ev->name);
        add_number(b, "size", ev->number);
        add_text(b, "path", ev->text);
        break;
    case EVENT_REPORT:
        add_text(b, "name", ev->name);
        add_number(b, "failed", ev->number);
        add_line(b, ev->text);
        break;
    case EVENT_NOTE:
        add_text(b, "how", str_from(event_how_name(ev->how)));
        add_text(b, "what", ev->name);
        add_line(b, ev->text);
        break;
    }
}

static int json_event(struct sink *sink, const struct event *ev, struct err *e)
{
    struct json *j = (struct json *)sink;
    struct buf *b = &j->out.text;
    buf_printf(b, "{\"kind\":\"%s\",\"at_ns\":%lld", event_kind_name(ev->kind), (long long)ev->at_ns);
    add_positive(b, "job", ev->job);
    add_positive(b, "step", ev->step);
    add_fields(b, ev);
    buf_add_cstr(b, "}\n");
    if (ev->kind == EVENT_OUTPUT && b->n < OUTLET_GATHER)
        return 0;
    return outlet_flush(&j->out, e);
}

static void json_tick(struct sink *sink, int64_t now_ns)
{
    UNUSED(now_ns);
    outlet_flush(&((struct json *)sink)->out, NULL);
}

static int json_finish(struct sink *sink, struct err *e)
{
    return outlet_flush(&((struct json *)sink)->out, e);
}

static void json_free(struct sink *sink)
{
    struct json *j = (struct json *)sink;
    outlet_done(&j->out);
    free(j);
}

static const struct sink_ops json_ops = {
    .name = "json",
    .event = json_event,
    .tick = json_tick,
    .finish = json_finish,
    .free = json_free,
};

struct sink *sink_json_new(int fd)
{
    struct json *j = mem_alloc(sizeof *j);
    j->sink.ops = &json_ops;
    outlet_init(&j->out, fd);
    return &j->sink;
}
