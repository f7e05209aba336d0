#include "core/base.h"
#include "doc/diag.h"

#include "core/utf8.h"

#include <stdarg.h>

const char *diag_level_name(enum diag_level level)
{
    switch (level) {
    case DIAG_ERROR:
        return "error";
    case DIAG_WARNING:
        return "warning";
    case DIAG_NOTE:
        return "note";
    }
    BUG("no such level: %d", (int)level);
}

void diags_init(struct diags *d, struct arena *a, const struct sources *s)
{
    *d = (struct diags){.arena = a, .sources = s};
}

/* Formats into the arena. What is longer than DIAG_TEXT_MAX is cut at a character's end. */
static struct str text_in(struct arena *a, const char *fmt, va_list args) PRINTF_LIKE(2, 0);

static struct str text_in(struct arena *a, const char *fmt, va_list args)
{
    char text[DIAG_TEXT_MAX + 1];
    int length = vsnprintf(text, sizeof text, fmt, args);
    MUST(length >= 0);
    if ((size_t)length < sizeof text)
        return arena_str(a, str_of(text, (size_t)length));
    size_t n = DIAG_TEXT_MAX - 3;
    while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80)
        n--;
    return arena_printf(a, "%.*s...", (int)n, text);
}

/* Errors and the others are limited apart, so that a flood of warnings never hides the error that ended the run. */
static bool has_room(const struct diags *d, enum diag_level level)
{
    size_t same = 0;
    for (size_t i = 0; i < d->n; i++)
        same += (d->p[i].level == DIAG_ERROR) == (level == DIAG_ERROR);
    return same < DIAG_MAX;
}

static void push(struct diags *d, struct diag new)
{
    d->errors += new.level == DIAG_ERROR;
    d->warnings += new.level == DIAG_WARNING;
    d->last_dropped = !has_room(d, new.level);
    if (d->last_dropped) {
        d->dropped++;
        return;
    }
    if (d->n == d->cap) {
        size_t cap = d->cap ? d->cap * 2 : 8;
        struct diag *p = arena_array(d->arena, cap, sizeof *p);
        if (d->n)
            memcpy(p, d->p, d->n * sizeof *p);
        d->p = p;
        d->cap = cap;
    }
    d->p[d->n++] = new;
}

static void add(struct diags *d, struct diag new, const char *fmt, va_list args) PRINTF_LIKE(3, 0);

static void add(struct diags *d, struct diag new, const char *fmt, va_list args)
{
    new.message = text_in(d->arena, fmt, args);
    if (new.level != DIAG_NOTE || d->n == 0)
        new.order = new.span;
    else
        new.order = d->p[d->n - 1].order;
    push(d, new);
}

void diag_error(struct diags *d, const char *code, struct span at, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add(d, (struct diag){.level = DIAG_ERROR, .code = code, .span = at}, fmt, args);
    va_end(args);
}

void diag_warning(struct diags *d, const char *code, struct span at, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add(d, (struct diag){.level = DIAG_WARNING, .code = code, .span = at}, fmt, args);
    va_end(args);
}

void diag_note(struct diags *d, const char *code, struct span at, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    if (!d->last_dropped)
        add(d, (struct diag){.level = DIAG_NOTE, .code = code, .span = at}, fmt, args);
    va_end(args);
}

void diag_hint(struct diags *d, const char *fmt, ...)
{
    if (d->last_dropped || !d->n)
        return;
    va_list args;
    va_start(args, fmt);
    d->p[d->n - 1].hint = text_in(d->arena, fmt, args);
    va_end(args);
}

static bool is_same(const struct diag *a, const struct diag *b)
{
    return a->level == b->level && a->span.file == b->span.file && a->span.off == b->span.off &&
           a->order.file == b->order.file && a->order.off == b->order.off && strcmp(a->code, b->code) == 0 &&
           str_eq(a->message, b->message);
}

void diags_merge(struct diags *d, const struct diags *from)
{
    size_t before = d->n;
    for (size_t i = 0; i < from->n; i++) {
        struct diag new = from->p[i];
        bool there = false;
        for (size_t k = 0; k < before && !there; k++)
            there = is_same(&d->p[k], &new);
        if (there)
            continue;
        new.message = arena_str(d->arena, new.message);
        new.hint = arena_str(d->arena, new.hint);
        push(d, new);
    }
    d->dropped += from->dropped;
}

static bool stands_after(const struct diag *a, const struct diag *b)
{
    if (a->order.file != b->order.file)
        return a->order.file > b->order.file;
    return a->order.off > b->order.off;
}

/* By insertion: there are 200 at most, and equals keep their order. */
void diags_sort(struct diags *d)
{
    for (size_t i = 1; i < d->n; i++) {
        struct diag one = d->p[i];
        size_t at = i;
        for (; at > 0 && stands_after(&d->p[at - 1], &one); at--)
            d->p[at] = d->p[at - 1];
        d->p[at] = one;
    }
}

static unsigned end_column(const struct sources *s, const struct diag *d)
{
    struct str text = sources_text(s, d->span.file), line = sources_line(s, d->span);
    size_t line_end = (size_t)(line.p - text.p) + line.n;
    size_t end = (size_t)d->span.off + d->span.len;
    if (end > line_end)
        end = line_end > d->span.off ? line_end : d->span.off;
    return sources_place(s, (struct span){d->span.file, (uint32_t)end, 0}).column;
}

int diag_json(struct buf *out, const struct sources *s, const struct diag *d)
{
    struct place place = sources_place(s, d->span);
    buf_printf(out, "{\"level\":\"%s\",\"code\":\"%s\",\"file\":", diag_level_name(d->level), d->code);
    if (d->span.file)
        buf_add_json(out, place.file);
    else
        buf_add_cstr(out, "null");
    buf_printf(out, ",\"line\":%u,\"column\":%u,\"end_column\":%u,\"message\":", place.line, place.column,
               d->span.file ? end_column(s, d) : 0);
    buf_add_json(out, d->message);
    buf_add_cstr(out, ",\"hint\":");
    buf_add_json(out, d->hint);
    buf_add_cstr(out, "}");
    return out->over ? -E2BIG : 0;
}

static const struct diag_rule rules[] = {
#define X(code, title, ...) RULE(#code, title, __VA_ARGS__, UNSAID)
#define RULE(code, title, text, evidence, ...) {code, title, text, EVIDENCE_##evidence},
#include "doc/codes_sorted.def"
#undef X
#undef RULE
};

const char *diag_evidence_words(enum diag_evidence e)
{
    switch (e) {
    case EVIDENCE_UNSAID:
        break;
    case EVIDENCE_DOCUMENTED:
        return "the service's own documentation or API model";
    case EVIDENCE_SOURCE:
        return "the source code of the service's own tools";
    case EVIDENCE_SEEN:
        return "seen in the logs of real builds or in issue threads";
    case EVIDENCE_GUESS:
        return "a guess: nobody has verified that the service does so";
    }
    return "";
}

const struct diag_rule *diag_rules(size_t *ret_n)
{
    *ret_n = ARRAY_LEN(rules);
    return rules;
}

const struct diag_rule *diag_rule_find(struct str code)
{
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (str_is_nocase(code, rules[i].code))
            return &rules[i];
    return NULL;
}
