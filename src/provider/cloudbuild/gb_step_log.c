/*
 * gb_step_log.c - what is told of a build: the service's log lines, events of steps, notes.
 *
 * Lines of a step have the service's prefix here, too: steps run side by side, and a view names the job only. A build
 * of one step has none, as at the service.
 */
#include "core/base.h"
#include "provider/cloudbuild/run_priv.h"
#include "provider/process.h"

#include <stdarg.h>

static void emit(const struct gb_run *r, struct event *ev)
{
    r->host->emit(r->host->ctx, ev);
}

static void say(const struct gb_run *r, unsigned step, struct str text)
{
    emit(r, &(struct event){.kind = EVENT_OUTPUT, .step = step, .stream = STREAM_SLIPWAY, .text = text});
}

void gb_say(const struct gb_run *r, unsigned step, const char *fmt, ...)
{
    CLEAN(buf) struct buf b = BUF(GB_SAY_MAX);
    va_list args;
    va_start(args, fmt);
    buf_vprintf(&b, fmt, args);
    va_end(args);
    say(r, step, buf_str(&b));
}

void gb_say_in(const struct gb_task *t, const char *fmt, ...)
{
    CLEAN(buf) struct buf b = BUF(GB_SAY_MAX);
    va_list args;
    buf_add(&b, t->prefix);
    va_start(args, fmt);
    buf_vprintf(&b, fmt, args);
    va_end(args);
    say(t->run, t->number, buf_str(&b));
}

void gb_note(const struct gb_run *r, unsigned step, enum event_how how, struct str name, struct str text)
{
    emit(r, &(struct event){.kind = EVENT_NOTE, .step = step, .how = how, .name = name, .text = text});
}

void gb_complain(const struct gb_run *r, const struct gb_task *t, struct str text)
{
    struct event ev = {.kind = EVENT_ANNOTATION, .level = LEVEL_ERROR, .text = text};
    if (t != NULL) {
        ev.file = r->leg->job->plan->file;
        ev.line = t->line;
    }
    emit(r, &ev);
}

void gb_say_started(const struct gb_task *t, struct str command)
{
    emit(t->run, &(struct event){.kind = EVENT_STEP_STARTED,
                                 .step = t->number,
                                 .id = t->def->id.text,
                                 .name = t->name,
                                 .file = t->run->leg->job->plan->file,
                                 .line = t->line,
                                 .text = command});
}

static enum result result_of(enum gb_status s)
{
    switch (s) {
    case GB_SUCCESS:
        return RESULT_SUCCESS;
    case GB_FAILURE:
    case GB_TIMEOUT:
        return RESULT_FAILURE;
    case GB_CANCELLED:
    case GB_WORKING: /* the build timed out around it */
        return RESULT_CANCELLED;
    case GB_QUEUED:
    case GB_LEFT_OUT:
        return RESULT_SKIPPED;
    }
    return RESULT_NONE;
}

void gb_say_finished(const struct gb_task *t)
{
    enum result result = result_of(t->status);
    emit(t->run, &(struct event){.kind = EVENT_STEP_FINISHED,
                                 .step = t->number,
                                 .id = t->def->id.text,
                                 .name = t->name,
                                 .file = t->run->leg->job->plan->file,
                                 .line = t->line,
                                 .result = result,
                                 .conclusion = t->allowed ? RESULT_SUCCESS : result,
                                 .status = t->exit_code,
                                 .elapsed_ns = t->elapsed_ns,
                                 .text = t->error});
}

struct str gb_task_label(struct arena *a, const struct gb_task *t)
{
    if (t->def->id.text.n == 0)
        return arena_printf(a, "Step #%zu", t->index);
    return arena_printf(a, "Step #%zu - \"%.*s\"", t->index, STR_ARG(t->def->id.text));
}

const char *gb_status_name(enum gb_status s)
{
    switch (s) {
    case GB_QUEUED:
        return "QUEUED";
    case GB_WORKING:
        return "WORKING";
    case GB_SUCCESS:
        return "SUCCESS";
    case GB_FAILURE:
        return "FAILURE";
    case GB_TIMEOUT:
        return "TIMEOUT";
    case GB_CANCELLED:
        return "CANCELLED";
    case GB_LEFT_OUT:
        return "SKIPPED";
    }
    return "";
}

struct str gb_command_line(struct arena *a, const struct strs *argv)
{
    CLEAN(buf) struct buf b = BUF(GB_SAY_MAX);
    for (size_t i = 0; i < argv->n && !b.over; i++) {
        if (i > 0)
            buf_add_ch(&b, ' ');
        buf_add(&b, process_word(a, argv->p[i]));
    }
    return arena_str(a, buf_str(&b));
}
