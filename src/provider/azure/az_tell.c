/*
 * az_tell.c - diagnostics at values: where, and through which files that place was reached.
 */
#include "core/base.h"
#include "doc/yaml.h"
#include "provider/azure/value_priv.h"

#include <stdarg.h>

#define NOTES_MAX 8 /* a chain of a hundred templates is told by its innermost ones */

static void tell_frames(struct diags *d, const char *code, const struct az_frame *f)
{
    for (unsigned n = 0; f && f->parent && n < NOTES_MAX; f = f->parent, n++)
        diag_note(d, code, f->at,
                  n + 1 == NOTES_MAX && f->depth > 1 ? "included from here, through more files" : "included from here");
}

PRINTF_LIKE(6, 0)
static void tell(struct diags *d, enum diag_level level, const char *code, const struct az_frame *frame, struct span at,
                 const char *fmt, va_list args)
{
    char text[2 * DIAG_TEXT_MAX]; /* longer ones are cut with "..." there */
    vsnprintf(text, sizeof text, fmt, args);
    if (level == DIAG_ERROR)
        diag_error(d, code, at, "%s", text);
    else
        diag_warning(d, code, at, "%s", text);
    tell_frames(d, code, frame);
}

void az_error(struct diags *d, const char *code, const struct az_value *v, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    tell(d, DIAG_ERROR, code, v ? v->frame : NULL, v ? v->span : SPAN_NONE, fmt, args);
    va_end(args);
}

void az_warning(struct diags *d, const char *code, const struct az_value *v, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    tell(d, DIAG_WARNING, code, v ? v->frame : NULL, v ? v->span : SPAN_NONE, fmt, args);
    va_end(args);
}

/* A value whose text is no longer that of its scalar is shown as a whole. */
static struct span part_of(const struct diags *d, const struct az_value *v, size_t at, size_t len)
{
    if (!v)
        return SPAN_NONE;
    if (!v->node || v->node->kind != DOC_SCALAR || at > v->node->text.n || len > v->node->text.n - at)
        return v->span;
    if (v->kind == AZ_STRING && !str_eq(v->text, v->node->text))
        return v->span;
    return doc_span_in(d->sources, v->node, at, len);
}

void az_error_in(struct diags *d, const char *code, const struct az_value *v, size_t at, size_t len, const char *fmt,
                 ...)
{
    va_list args;
    va_start(args, fmt);
    tell(d, DIAG_ERROR, code, v ? v->frame : NULL, part_of(d, v, at, len), fmt, args);
    va_end(args);
}
