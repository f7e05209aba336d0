/*
 * az_log.c - what the agent says: lines of the log, issues, notes (specification 8). Steps begin and end as events, so
 * that `##[section]Starting` and its rulers are left to the views.
 */
#include "core/base.h"
#include "provider/azure/agent_priv.h"

#include <stdarg.h>

void az_emit(const struct az_run *r, struct event *ev)
{
    r->host->emit(r->host->ctx, ev);
}

static void say_lines(struct az_task_run *t, struct str text)
{
    struct str rest = text, line;
    while (str_next(&rest, '\n', &line)) /* a script may have several lines; an event is one */
        az_emit(t->run,
                &(struct event){
                    .kind = EVENT_OUTPUT, .step = t->number, .stream = STREAM_SLIPWAY, .text = str_trim_end(line)});
}

void az_say(struct az_task_run *t, const char *fmt, ...)
{
    CLEAN(buf) struct buf b = BUF(AZ_LINE_MAX);
    va_list args;
    va_start(args, fmt);
    buf_vprintf(&b, fmt, args);
    va_end(args);
    if (b.n == 0)
        buf_add_ch(&b, '\n');
    say_lines(t, buf_str(&b));
}

/* One group, which views of a failed step leave out: it repeats what they show of it. */
void az_banner(struct az_task_run *t)
{
    struct str version = t->step->version;
    az_emit(t->run, &(struct event){.kind = EVENT_GROUP,
                                    .step = t->number,
                                    .text = arena_printf(t->run->arena, "Task         : %s", t->task->title)});
    az_agent(t->run)->banner = true;
    az_say(t, "Name         : %s%s%.*s", t->task->name, version.n > 0 ? "@" : "", STR_ARG(version));
}

void az_banner_end(struct az_task_run *t)
{
    if (az_agent(t->run)->banner)
        az_emit(t->run, &(struct event){.kind = EVENT_GROUP_END, .step = t->number});
    az_agent(t->run)->banner = false;
}

static const char *level_mark(enum event_level level)
{
    switch (level) {
    case LEVEL_ERROR:
        return "##[error]";
    case LEVEL_WARNING:
        return "##[warning]";
    case LEVEL_NOTICE:
    case LEVEL_DEBUG:
        break;
    }
    return "##[debug]";
}

void az_issue(struct az_step_run *s, const struct event *issue)
{
    struct event ev = *issue;
    if (issue->level < ARRAY_LEN(s->issues) && ++s->issues[issue->level] > AZ_ISSUES_MAX) {
        az_say(&s->t, "%s%.*s", level_mark(issue->level), STR_ARG(issue->text));
        return;
    }
    ev.kind = EVENT_ANNOTATION;
    ev.step = s->t.number;
    az_emit(s->t.run, &ev);
}

void az_error_line(struct az_step_run *s, const char *fmt, ...)
{
    CLEAN(buf) struct buf b = BUF(AZ_LINE_MAX);
    va_list args;
    va_start(args, fmt);
    buf_vprintf(&b, fmt, args);
    va_end(args);
    az_issue(s, &(struct event){.level = LEVEL_ERROR, .text = buf_str(&b)});
}

void az_fail(struct az_task_run *t, const char *fmt, ...)
{
    CLEAN(buf) struct buf b = BUF(AZ_LINE_MAX);
    va_list args;
    va_start(args, fmt);
    buf_vprintf(&b, fmt, args);
    va_end(args);
    t->result = az_step_merge(t->result, AZ_FAILED);
    if (t->error.n == 0)
        t->error = arena_str(t->run->arena, buf_str(&b));
    az_issue(az_step_of(t), &(struct event){.level = LEVEL_ERROR, .text = buf_str(&b)});
}

void az_warn(struct az_task_run *t, const char *fmt, ...)
{
    CLEAN(buf) struct buf b = BUF(AZ_LINE_MAX);
    va_list args;
    va_start(args, fmt);
    buf_vprintf(&b, fmt, args);
    va_end(args);
    az_issue(az_step_of(t), &(struct event){.level = LEVEL_WARNING, .text = buf_str(&b)});
}

void az_note(struct az_run *r, enum event_how how, struct str name, struct str text)
{
    unsigned step = r->task != NULL ? r->task->number : 0;
    az_emit(r, &(struct event){.kind = EVENT_NOTE, .step = step, .how = how, .name = name, .text = text});
}
