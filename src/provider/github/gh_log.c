#include "core/base.h"
#include "provider/github/gh_run_priv.h"

#include "core/buf.h"
#include "core/path.h"
#include "core/utf8.h"
#include "core/vec.h"

#include <stdarg.h>

#define SAY_MAX ((size_t)256 << 10) /* more than a line of output can be */

static void emit(const struct gh_run *r, struct event *ev)
{
    r->host->emit(r->host->ctx, ev);
}

void gh_say(const struct gh_task *t, const char *fmt, ...)
{
    CLEAN(buf) struct buf b = BUF(SAY_MAX);
    va_list args;
    va_start(args, fmt);
    buf_vprintf(&b, fmt, args);
    va_end(args);
    emit(t->run,
         &(struct event){.kind = EVENT_OUTPUT, .step = t->number, .stream = STREAM_SLIPWAY, .text = buf_str(&b)});
}

void gh_group(const struct gh_task *t, struct str title)
{
    emit(t->run, &(struct event){.kind = EVENT_GROUP, .step = t->number, .text = title});
}

void gh_group_end(const struct gh_task *t)
{
    emit(t->run, &(struct event){.kind = EVENT_GROUP_END, .step = t->number});
}

void gh_note(struct gh_run *r, unsigned step, enum event_how how, struct str name, struct str text)
{
    emit(r, &(struct event){.kind = EVENT_NOTE, .step = step, .how = how, .name = name, .text = text});
}

void gh_note_action(struct gh_task *t, struct str text)
{
    struct gh_run *r = t->run;
    struct str name = str_from(t->action->name);
    for (size_t i = 0; i < r->noted.n; i++) {
        if (str_eq(r->noted.p[i], name))
            return;
    }
    vec_push_in(r->arena, &r->noted, name);
    gh_note(r, t->number, HOW_EMULATED, name, text);
}

void gh_say_map(const struct gh_task *t, const char *title, const struct map *m)
{
    if (m->n == 0)
        return;
    gh_say(t, "%s:", title);
    for (size_t i = 0; i < m->n; i++) {
        const struct str *value = m->entries[i].value;
        struct str rest = *value, line = STR("");
        str_next(&rest, '\n', &line);
        gh_say(t, "  %.*s: %.*s", STR_ARG(m->entries[i].key), STR_ARG(line));
        while (str_next(&rest, '\n', &line))
            gh_say(t, "%.*s", STR_ARG(line));
    }
}

/* ---- annotations ---- */

static const char *level_title(enum event_level level)
{
    switch (level) {
    case LEVEL_NOTICE:
        return "Notice";
    case LEVEL_WARNING:
        return "Warning";
    case LEVEL_ERROR:
        return "Error";
    case LEVEL_DEBUG:
        return "Debug";
    }
    return "";
}

void gh_annotate(struct gh_task *t, const struct gh_annotation *n)
{
    struct gh_run *r = t->run;
    struct str file = n->file;
    if (++t->talk.annotations[n->level] > GH_ANNOTATIONS_MAX) {
        gh_say(t, "%s: %.*s", level_title(n->level), STR_ARG(n->text));
        return;
    }
    if (file.n > 0)
        file = path_rel(path_clean(r->arena, path_join(r->arena, r->workspace, file)), r->workspace);
    emit(r, &(struct event){.kind = EVENT_ANNOTATION,
                            .step = t->number,
                            .level = n->level,
                            .name = n->title,
                            .text = n->text,
                            .file = file,
                            .line = n->line,
                            .column = n->column,
                            .end_line = n->end_line,
                            .end_column = n->end_column});
}

void gh_complain(struct gh_task *t, enum event_level level, const char *fmt, ...)
{
    CLEAN(buf) struct buf b = BUF(SAY_MAX);
    va_list args;
    va_start(args, fmt);
    buf_vprintf(&b, fmt, args);
    va_end(args);
    gh_annotate(t, &(struct gh_annotation){.level = level, .text = buf_str(&b)});
}

/* ---- secrets ---- */

static void remember(struct gh_run *r, struct str piece)
{
    piece = str_trim(piece);
    if (piece.n == 0)
        return;
    for (size_t i = 0; i < r->masks.n; i++) {
        if (str_eq(r->masks.p[i], piece))
            return;
    }
    vec_push_in(r->arena, &r->masks, arena_str(r->arena, piece));
}

void gh_mask(struct gh_run *r, struct str secret)
{
    struct str rest = secret, block, line;
    if (str_trim(secret).n == 0)
        return;
    r->host->mask(r->host->ctx, secret); /* and each of its lines */
    remember(r, secret);
    while (str_next(&rest, '\n', &block)) {
        while (str_next(&block, '\r', &line))
            remember(r, line);
    }
}

bool gh_has_secret(const struct gh_run *r, struct str text)
{
    for (size_t i = 0; i < r->masks.n; i++) {
        if (str_find(text, r->masks.p[i]) >= 0)
            return true;
    }
    return false;
}
