/*
 * From a byte of a scalar's text back to the source.
 *
 * A walker goes through the source and the resolved text in step: what is the same in both is passed byte by byte;
 * what the YAML rules take away or change (indentation, folded line ends, escapes) is passed as a piece. When the two
 * do not agree, the walker stops, and the place is that where it stopped: near, if not exact.
 */
#include "core/base.h"
#include "doc/yaml.h"

#include "core/utf8.h"

struct walker {
    struct str src, text; /* the scalar as written, without quotes and header; as resolved */
    enum doc_style style;
    size_t s, t;     /* where it is in both */
    size_t indent;   /* block scalars: of every line */
    size_t from, to; /* in src: the piece that gave byte t - 1 */
};

static bool is_block(enum doc_style style)
{
    return style == DOC_LITERAL || style == DOC_FOLDED;
}

static size_t spaces_at(struct str s, size_t i)
{
    size_t n = 0;
    while (i + n < s.n && s.p[i + n] == ' ')
        n++;
    return n;
}

static size_t break_at(struct str s, size_t i)
{
    if (i < s.n && s.p[i] == '\n')
        return 1;
    if (i < s.n && s.p[i] == '\r')
        return i + 1 < s.n && s.p[i + 1] == '\n' ? 2 : 1;
    return 0;
}

/* The indentation of a block scalar: by how much its first line with content is further in than the resolved text. */
static size_t block_indent(struct str src, struct str text)
{
    size_t i = 0, lead = spaces_at(text, 0);
    while (lead + 1 < text.n && break_at(text, lead))
        lead += 1 + spaces_at(text, lead + 1);
    size_t line = lead;
    while (line > 0 && text.p[line - 1] != '\n')
        line--;
    while (i < src.n) {
        size_t spaces = spaces_at(src, i), end = break_at(src, i + spaces);
        if (!end)
            return spaces > lead - line ? spaces - (lead - line) : 0;
        i += spaces + end;
    }
    return 0;
}

/* Takes n bytes of the source for m bytes of the text. */
static bool take(struct walker *w, size_t n, size_t m)
{
    w->from = w->s;
    w->s += n;
    w->to = w->s;
    w->t += m;
    return true;
}

static void skip_indent(struct walker *w)
{
    size_t spaces = spaces_at(w->src, w->s);
    w->s += spaces < w->indent ? spaces : w->indent;
}

/* At the end of a line of a literal block: the text has a newline, too. */
static bool step_literal_break(struct walker *w)
{
    if (w->text.p[w->t] != '\n')
        return false;
    take(w, break_at(w->src, w->s), 1);
    skip_indent(w);
    return true;
}

/*
 * At the end of a line that folds: a space or some newlines stand for it and for the blank lines behind it. Each
 * newline of the text counts as this piece, since which of them is which makes no difference to people.
 */
static bool step_fold(struct walker *w)
{
    size_t i = w->s, m = 0;
    for (size_t n = break_at(w->src, i); n; n = break_at(w->src, i)) {
        i += n;
        size_t blank = 0;
        while (i + blank < w->src.n && (w->src.p[i + blank] == ' ' || w->src.p[i + blank] == '\t'))
            blank++;
        if (!is_block(w->style) || break_at(w->src, i + blank) || i + blank == w->src.n) {
            i += blank;
            continue;
        }
        size_t spaces = spaces_at(w->src, i);
        i += spaces < w->indent ? spaces : w->indent;
    }
    if (w->text.p[w->t] == ' ')
        m = 1;
    else
        while (w->t + m < w->text.n && w->text.p[w->t + m] == '\n')
            m++;
    return m ? take(w, i - w->s, m) : false;
}

/* White space that runs up to a line's end folds away with it, in all but block scalars. */
static size_t blank_before_break(const struct walker *w)
{
    size_t i = w->s;
    while (i < w->src.n && (w->src.p[i] == ' ' || w->src.p[i] == '\t'))
        i++;
    return break_at(w->src, i) ? i - w->s : 0;
}

/* An escape of a double-quoted scalar: how many bytes it takes, and how many it gave. */
static bool step_escape(struct walker *w)
{
    char c = w->s + 1 < w->src.n ? w->src.p[w->s + 1] : 0;
    size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    size_t end = break_at(w->src, w->s + 1);
    if (end) {
        /* An escaped line end joins the lines: it gives nothing. */
        w->s += 1 + end;
        while (w->s < w->src.n && (w->src.p[w->s] == ' ' || w->src.p[w->s] == '\t'))
            w->s++;
        return true;
    }
    uint32_t cp;
    size_t gave = utf8_decode(w->text, w->t, &cp);
    if (!c || !gave)
        return false;
    return take(w, 2 + digits, gave);
}

/* One step of both; false when they do not agree. */
static bool step(struct walker *w)
{
    if (w->s >= w->src.n)
        return false;
    if (break_at(w->src, w->s))
        return w->style == DOC_LITERAL ? step_literal_break(w) : step_fold(w);
    size_t blank = is_block(w->style) ? 0 : blank_before_break(w);
    if (blank) {
        w->s += blank;
        return step_fold(w);
    }
    if (w->style == DOC_DOUBLE && w->src.p[w->s] == '\\')
        return step_escape(w);
    if (w->src.p[w->s] != w->text.p[w->t])
        return false;
    return take(w, w->style == DOC_SINGLE && w->src.p[w->s] == '\'' ? 2 : 1, 1);
}

/* Walks until the piece that gives byte `at` has been taken; at == text.n: to behind the last one. */
static void walk_to(struct walker *w, size_t at)
{
    while (w->t <= at && w->t < w->text.n)
        if (!step(w)) {
            w->from = w->to = w->s;
            return;
        }
    if (w->t <= at)
        w->from = w->to;
}

static struct walker walker_of(struct str source, const struct doc_node *scalar)
{
    struct walker w = {.text = scalar->text, .style = scalar->style};
    size_t from = scalar->span.off, to = from + scalar->span.len;
    if (is_block(scalar->style)) {
        /* To the end of the source: the lines behind the content do no harm, as the text ends before them. */
        w.src = str_sub(source, scalar->line_off, source.n);
        w.indent = block_indent(w.src, w.text);
        skip_indent(&w);
        return w;
    }
    size_t quote = scalar->style == DOC_SINGLE || scalar->style == DOC_DOUBLE ? 1 : 0;
    w.src = str_sub(source, from + quote, to > quote ? to - quote : 0);
    return w;
}

struct span doc_span_in(const struct sources *s, const struct doc_node *scalar, size_t at, size_t len)
{
    struct str source = sources_text(s, scalar->span.file);
    if (!scalar->span.file || scalar->kind != DOC_SCALAR)
        return scalar->span;
    struct walker w = walker_of(source, scalar);
    size_t base = (size_t)(w.src.p - source.p);
    at = at < w.text.n ? at : w.text.n;
    len = len < w.text.n - at ? len : w.text.n - at;
    walk_to(&w, at);
    size_t from = base + w.from, to = from;
    if (len) {
        walk_to(&w, at + len - 1);
        to = base + w.to;
    }
    return (struct span){scalar->span.file, (uint32_t)from, (uint32_t)(to > from ? to - from : 0)};
}
