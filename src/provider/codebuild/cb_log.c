/*
 * provider/codebuild/cb_log.c - what a build says: the agent's log lines, steps, annotations, the phase table.
 */
#include "core/base.h"
#include "provider/codebuild/run_priv.h"

#include "core/num.h"

#include <stdarg.h>

static void emit(const struct cb_run *r, struct event *ev)
{
    r->host->emit(r->host->ctx, ev);
}

static unsigned step_of(const struct cb_run *r)
{
    return r->stages[r->stage].left ? 0 : r->stages[r->stage].step;
}

/* ---- lines ---- */

static void say_text(struct cb_run *r, struct str text)
{
    emit(r, &(struct event){.kind = EVENT_OUTPUT, .step = step_of(r), .stream = STREAM_SLIPWAY, .text = text});
}

/* "2026/11/30 20:15:01.170732" of now; the agent has six digits of a second. */
static void add_time(const struct cb_run *r, struct buf *b)
{
    CLEAN(buf) struct buf iso = BUF(64);
    int64_t ms = r->facts->now_ms + r->elapsed_ns / 1000000;
    num_add_time(&iso, ms);
    for (size_t i = 0; i < iso.n && iso.p[i] != 'Z'; i++)
        buf_add_ch(b, iso.p[i] == '-' ? '/' : iso.p[i] == 'T' ? ' ' : iso.p[i]);
    buf_printf(b, "%03d", (int)(r->elapsed_ns / 1000 % 1000));
}

void cb_say(struct cb_run *r, const char *fmt, ...)
{
    CLEAN(buf) struct buf b = BUF(CB_LINE_MAX);
    va_list args;
    buf_add_cstr(&b, "[Container] ");
    add_time(r, &b);
    buf_add_ch(&b, ' ');
    va_start(args, fmt);
    buf_vprintf(&b, fmt, args);
    va_end(args);
    struct str rest = buf_str(&b), line;
    while (str_next(&rest, '\n', &line)) /* a command may have several lines; an event is one */
        say_text(r, line);
}

void cb_plain(struct cb_run *r, const char *fmt, ...)
{
    CLEAN(buf) struct buf b = BUF(CB_LINE_MAX);
    va_list args;
    va_start(args, fmt);
    buf_vprintf(&b, fmt, args);
    va_end(args);
    say_text(r, buf_str(&b));
}

void cb_note(struct cb_run *r, enum event_how how, struct str name, struct str text)
{
    emit(r, &(struct event){.kind = EVENT_NOTE, .step = step_of(r), .how = how, .name = name, .text = text});
}

void cb_annotate(struct cb_run *r, enum event_level level, struct span where, struct str text)
{
    struct event ev = {.kind = EVENT_ANNOTATION, .step = step_of(r), .level = level, .text = text};
    struct place at = sources_place(r->sources, where);
    if (at.line > 0) {
        ev.file = at.file;
        ev.line = at.line;
        ev.column = at.column;
    }
    emit(r, &ev);
}

/* ---- the stages ---- */

struct str cb_stage_name(enum cb_stage s)
{
    static const char *const NAMES[CB_STAGES] = {
        [CB_SUBMITTED] = "SUBMITTED",
        [CB_QUEUED] = "QUEUED",
        [CB_PROVISIONING] = "PROVISIONING",
        [CB_DOWNLOAD_SOURCE] = "DOWNLOAD_SOURCE",
        [CB_STAGE_INSTALL] = "INSTALL",
        [CB_STAGE_PRE_BUILD] = "PRE_BUILD",
        [CB_STAGE_BUILD] = "BUILD",
        [CB_STAGE_POST_BUILD] = "POST_BUILD",
        [CB_UPLOAD_ARTIFACTS] = "UPLOAD_ARTIFACTS",
        [CB_FINALIZING] = "FINALIZING",
        [CB_COMPLETED] = "COMPLETED",
    };
    return s < CB_STAGES ? str_from(NAMES[s]) : STR("");
}

struct str cb_status_name(enum cb_status s)
{
    switch (s) {
    case CB_NOT_RUN:
        break;
    case CB_SUCCEEDED:
        return STR("SUCCEEDED");
    case CB_FAILED:
        return STR("FAILED");
    case CB_FAULT:
        return STR("FAULT");
    case CB_TIMED_OUT:
        return STR("TIMED_OUT");
    case CB_STOPPED:
        return STR("STOPPED");
    }
    return STR("");
}

void cb_fail(struct cb_run *r, const char *code, const char *fmt, ...)
{
    struct cb_stage_state *s = &r->stages[r->stage];
    CLEAN(buf) struct buf b = BUF(CB_LINE_MAX);
    va_list args;
    if (s->status == CB_FAILED)
        return;
    va_start(args, fmt);
    buf_vprintf(&b, fmt, args);
    va_end(args);
    s->status = CB_FAILED;
    s->code = str_from(code);
    s->message = arena_str(r->arena, buf_str(&b));
    s->error = s->message;
}

/* Only what does something here is a step. */
static bool is_step(const struct cb_run *r, enum cb_stage s)
{
    const struct cb_phase *p = cb_stage_phase(r, s);
    if (p != NULL)
        return p->commands.n + p->finally.n > 0;
    return s == CB_DOWNLOAD_SOURCE || (s == CB_UPLOAD_ARTIFACTS && cb_upload_wanted(r)) ||
           (s == CB_FINALIZING && cb_cache_wanted(r) && r->spec->cache.save);
}

void cb_stage_enter(struct cb_run *r)
{
    struct cb_stage_state *s = &r->stages[r->stage];
    const struct cb_phase *p = cb_stage_phase(r, r->stage);
    s->entered = true;
    s->ns = r->elapsed_ns;
    if (!is_step(r, r->stage))
        return;
    s->step = ++r->number;
    struct event ev = {.kind = EVENT_STEP_STARTED, .step = s->step, .name = cb_stage_name(r->stage)};
    struct place at = sources_place(r->sources, p != NULL ? p->span : r->spec->span);
    ev.file = r->spec->file;
    ev.line = at.line;
    ev.text = p != NULL ? cb_phase_paste(r, p) : STR("");
    emit(r, &ev);
}

static enum result result_of(enum cb_status s)
{
    switch (s) {
    case CB_NOT_RUN:
        return RESULT_SKIPPED;
    case CB_SUCCEEDED:
        return RESULT_SUCCESS;
    case CB_FAILED:
    case CB_FAULT:
    case CB_TIMED_OUT:
        return RESULT_FAILURE;
    case CB_STOPPED:
        return RESULT_CANCELLED;
    }
    return RESULT_FAILURE;
}

/* The conclusion of a failed phase that CONTINUE passes over is a success. */
void cb_stage_leave(struct cb_run *r, enum cb_status status)
{
    struct cb_stage_state *s = &r->stages[r->stage];
    const struct cb_phase *p = cb_stage_phase(r, r->stage);
    bool passed = p != NULL && p->on_failure.how == CB_CONTINUE && status == CB_FAILED;
    s->status = status;
    s->ns = r->elapsed_ns - s->ns;
    if (s->step > 0) {
        enum result result = result_of(status);
        bool ran = p != NULL && status == CB_SUCCEEDED;
        emit(r, &(struct event){.kind = EVENT_STEP_FINISHED,
                                .step = s->step,
                                .result = result,
                                .conclusion = passed ? RESULT_SUCCESS : result,
                                .status = ran                  ? 0
                                          : s->exit_status > 0 ? s->exit_status
                                                               : -1,
                                .elapsed_ns = s->ns,
                                .text = s->error});
    }
    s->left = true;
}

/* ---- the phase table ---- */

/* As a cell of a Markdown table: one line, no bars of its own. */
static void add_cell(struct buf *b, struct str text)
{
    struct str rest = text, line = STR("");
    str_next(&rest, '\n', &line);
    for (size_t i = 0; i < line.n; i++) {
        if (line.p[i] == '|')
            buf_add_ch(b, '\\');
        buf_add_ch(b, line.p[i]);
    }
    if (rest.n > 0)
        buf_add_cstr(b, " ...");
}

static void add_row(struct buf *b, const struct cb_run *r, enum cb_stage stage)
{
    const struct cb_stage_state *s = &r->stages[stage];
    buf_printf(b, "| %s | %.*s | ", cb_stage_name(stage).p, STR_ARG(cb_status_name(s->status)));
    if (stage != CB_COMPLETED) /* it "carries neither status nor duration" */
        buf_printf(b, "%.1f", (double)s->ns / 1e9);
    buf_add_cstr(b, " | ");
    if (s->code.n > 0) {
        buf_printf(b, "%.*s: ", STR_ARG(s->code));
        add_cell(b, s->message);
    }
    buf_add_cstr(b, " |\n");
}

void cb_emit_summary(struct cb_run *r, struct str markdown)
{
    emit(r, &(struct event){.kind = EVENT_SUMMARY, .step = step_of(r), .text = markdown});
}

static void add_exported(struct buf *b, const struct cb_run *r)
{
    bool any = false;
    for (size_t i = 0; i < r->spec->exported.n; i++) {
        if (!cb_is_exported(r, r->spec->exported.p[i]))
            continue;
        struct str value = cb_shell_get(&r->shell, r->spec->exported.p[i].p);
        if (!any)
            buf_add_cstr(b, "\n| exported variable | value |\n|---|---|\n");
        any = true;
        buf_printf(b, "| %.*s | ", STR_ARG(r->spec->exported.p[i]));
        add_cell(b, value);
        buf_add_cstr(b, " |\n");
    }
}

void cb_summary(struct cb_run *r)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    buf_add_cstr(&b, "| phase | status | seconds | context |\n|---|---|---|---|\n");
    for (enum cb_stage s = CB_SUBMITTED; s < CB_STAGES; s++)
        if (r->stages[s].left)
            add_row(&b, r, s);
    add_exported(&b, r);
    cb_emit_summary(r, buf_str(&b));
}
