/*
 * One diagnostic for people: where and what, the source line, a caret under it, the hint.
 *
 * The excerpt is a window of at most WINDOW columns around the caret. Everything here touches a bounded number of
 * bytes of the line, since a line may be as long as the file. Bytes that a terminal would obey (escapes, other
 * controls, marks that turn the direction of writing) are shown as U+FFFD.
 */
#include "core/base.h"
#include "doc/diag.h"

#include "core/utf8.h"

#define WINDOW 200u       /* columns */
#define WINDOW_BYTES 1200 /* of one window: characters of no width must not make it long */
#define BEFORE 60u        /* columns before the caret when the window does not begin with the line */
#define BEFORE_BYTES 400u
#define TAB 4u

struct glyph {
    size_t bytes; /* of the source */
    size_t width; /* columns */
    struct str shown;
};

/* Would a terminal or an editor obey it, rather than show it? */
static bool is_control(uint32_t cp)
{
    return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x61c || cp == 0x200e || cp == 0x200f ||
           (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff;
}

static struct glyph glyph_at(struct str line, size_t i, size_t column)
{
    uint32_t cp = 0;
    if (line.p[i] >= ' ' && line.p[i] < 0x7f)
        return (struct glyph){1, 1, str_of(line.p + i, 1)};
    size_t n = utf8_decode(line, i, &cp);
    if (n && cp == '\t')
        return (struct glyph){1, TAB - column % TAB, str_sub(STR("    "), column % TAB, TAB)};
    if (!n || is_control(cp))
        return (struct glyph){n ? n : 1, 1, STR("\xEF\xBF\xBD")};
    struct str shown = str_sub(line, i, i + n);
    return (struct glyph){n, utf8_width(shown), shown};
}

/* What of the line is shown: bytes [from, to). */
struct window {
    size_t from, to;
};

static size_t window_end(struct str line, size_t from)
{
    size_t i = from, column = 0;
    while (i < line.n && i - from < WINDOW_BYTES) {
        struct glyph g = glyph_at(line, i, column);
        if (column + g.width > WINDOW)
            break;
        i += g.bytes;
        column += g.width;
    }
    return i;
}

static struct window window_around(struct str line, size_t at)
{
    size_t end = window_end(line, 0);
    if (end == line.n)
        return (struct window){0, line.n};
    size_t from = at, columns = 0;
    while (from > 0 && columns < BEFORE && at - from < BEFORE_BYTES) {
        from--;
        while (from > 0 && ((unsigned char)line.p[from] & 0xC0) == 0x80 && at - from < BEFORE_BYTES)
            from--;
        columns += glyph_at(line, from, 0).width;
    }
    return (struct window){from, window_end(line, from)};
}

static const char *level_colour(enum diag_level level)
{
    switch (level) {
    case DIAG_ERROR:
        return "\x1b[1;31m";
    case DIAG_WARNING:
        return "\x1b[1;35m";
    case DIAG_NOTE:
        return "\x1b[1;36m";
    }
    BUG("no such level: %d", (int)level);
}

/* Text of ours that may quote the user's: controls are written as escapes. */
static void add_text(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.n;) {
        uint32_t cp = 0;
        size_t plain = utf8_plain(text, i);
        buf_add(out, str_sub(text, i, i + plain));
        i += plain;
        if (i == text.n)
            return;
        size_t n = utf8_decode(text, i, &cp);
        if (!n)
            buf_add_cstr(out, "\xEF\xBF\xBD");
        else if (cp == '\n' || cp == '\t' || cp == '\r')
            buf_printf(out, "\\%c", cp == '\n' ? 'n' : cp == '\t' ? 't' : 'r');
        else if (is_control(cp))
            buf_printf(out, cp < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned)cp);
        else
            buf_add(out, str_sub(text, i, i + n));
        i += n ? n : 1;
    }
}

static void add_head(struct buf *out, const struct sources *s, const struct diag *d, bool colour)
{
    struct place place = sources_place(s, d->span);
    if (d->span.file) {
        buf_add_cstr(out, colour ? "\x1b[1m" : "");
        add_text(out, place.file);
        buf_printf(out, ":%u:%u:%s ", place.line, place.column, colour ? "\x1b[0m" : "");
    }
    buf_printf(out, "%s%s:%s ", colour ? level_colour(d->level) : "", diag_level_name(d->level),
               colour ? "\x1b[0m" : "");
    add_text(out, d->message);
    buf_printf(out, " [%s]\n", d->code);
}

/* Shows the window; tells at which column byte `at` stands and how many columns [at, to) takes. */
static void add_line(struct buf *out, struct str line, struct window w, size_t at, size_t to, size_t ret[2])
{
    const char *dots = w.from ? "..." : "";
    buf_add_cstr(out, dots);
    size_t column = strlen(dots), start = 0, end = 0;
    bool started = false;
    for (size_t i = w.from; i < w.to;) {
        struct glyph g = glyph_at(line, i, column);
        if (!started && i + g.bytes > at) {
            start = column;
            started = true;
        }
        buf_add(out, g.shown);
        column += g.width;
        if (i < to)
            end = column;
        i += g.bytes;
    }
    buf_add_cstr(out, w.to < line.n ? "...\n" : "\n");
    if (!started)
        start = column;
    ret[0] = start;
    ret[1] = end > start ? end - start : 0;
}

static void add_excerpt(struct buf *out, const struct sources *s, const struct diag *d, bool colour)
{
    struct str text = sources_text(s, d->span.file), line = sources_line(s, d->span);
    size_t begin = (size_t)(line.p - text.p);
    size_t at = d->span.off > begin ? d->span.off - begin : 0;
    at = at < line.n ? at : line.n;
    size_t to = at + d->span.len < line.n ? at + d->span.len : line.n;
    size_t mark[2];
    add_line(out, line, window_around(line, at), at, to, mark);
    buf_add_rep(out, ' ', mark[0]);
    buf_add_cstr(out, colour ? level_colour(d->level) : "");
    buf_add_ch(out, '^');
    if (d->span.len > 1 && mark[1] > 1)
        buf_add_rep(out, '~', mark[1] - 1);
    buf_add_cstr(out, colour ? "\x1b[0m\n" : "\n");
}

int diag_render(struct buf *out, const struct sources *s, const struct diag *d, bool colour)
{
    add_head(out, s, d, colour);
    if (d->span.file && sources_text(s, d->span.file).n)
        add_excerpt(out, s, d, colour);
    if (d->hint.n) {
        buf_add_cstr(out, "  hint: ");
        add_text(out, d->hint);
        buf_add_ch(out, '\n');
    }
    return out->over ? -E2BIG : 0;
}
