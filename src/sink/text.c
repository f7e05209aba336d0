#include "core/base.h"
#include "sink/text_priv.h"

#include "core/utf8.h"

#define ESC '\033'
#define TAB_STOP 8

struct str glyph_text(const struct style *s, enum glyph g)
{
    switch (g) {
    case GLYPH_QUEUED:
        return s->utf8 ? STR("○") : STR(".");
    case GLYPH_RUNNING:
        return s->utf8 ? STR("●") : STR("*");
    case GLYPH_PASSED:
        return s->utf8 ? STR("✓") : STR("+");
    case GLYPH_FAILED:
        return s->utf8 ? STR("✗") : STR("x");
    case GLYPH_CANCELLED:
        return STR("!");
    case GLYPH_SKIPPED:
        return s->utf8 ? STR("–") : STR("-");
    case GLYPH_CUT:
        return s->utf8 ? STR("…") : STR("...");
    case GLYPH_BAR:
        return s->utf8 ? STR("│") : STR("|");
    }
    BUG("glyph %d", (int)g);
}

static const char *tone_codes(enum tone t)
{
    switch (t) {
    case TONE_PLAIN:
        return NULL;
    case TONE_GOOD:
        return "\033[32m";
    case TONE_BAD:
        return "\033[31m";
    case TONE_WARN:
        return "\033[33m";
    case TONE_DIM:
        return "\033[2m";
    case TONE_BOLD:
        return "\033[1m";
    }
    BUG("tone %d", (int)t);
}

void tone_open(struct buf *b, const struct style *s, enum tone t)
{
    if (s->colour && tone_codes(t))
        buf_add_cstr(b, tone_codes(t));
}

void tone_close(struct buf *b, const struct style *s, enum tone t)
{
    if (s->colour && tone_codes(t))
        buf_add_cstr(b, "\033[0m");
}

/* Control strings (OSC, DCS, SOS, PM, APC) run to BEL or ST; one without an end takes the rest of the line. */
static size_t end_of_control_string(struct str s, size_t i)
{
    while (i < s.n) {
        if (s.p[i] == '\a')
            return i + 1;
        if (s.p[i] == ESC && i + 1 < s.n && s.p[i + 1] == '\\')
            return i + 2;
        i++;
    }
    return i;
}

/* CSI: parameters 0x30-0x3f, intermediates 0x20-0x2f, one final byte 0x40-0x7e (ECMA-48, 5.4). */
static size_t end_of_csi(struct str s, size_t i, bool *ret_colours)
{
    bool plain = true;
    for (; i < s.n && s.p[i] >= 0x20 && s.p[i] <= 0x3f; i++)
        if (!(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != ';' && s.p[i] != ':')
            plain = false;
    if (i < s.n && s.p[i] >= 0x40 && s.p[i] <= 0x7e) {
        *ret_colours = plain && s.p[i] == 'm';
        return i + 1;
    }
    return i;
}

/* s[i] is ESC: the offset behind the sequence. *ret_colours: it is one that only sets colours. */
static size_t end_of_escape(struct str s, size_t i, bool *ret_colours)
{
    *ret_colours = false;
    if (++i >= s.n)
        return i;
    switch (s.p[i]) {
    case '[':
        return end_of_csi(s, i + 1, ret_colours);
    case ']':
    case 'P':
    case 'X':
    case '^':
    case '_':
        return end_of_control_string(s, i + 1);
    }
    while (i < s.n && s.p[i] >= 0x20 && s.p[i] <= 0x2f)
        i++;
    return i < s.n && s.p[i] >= 0x30 && s.p[i] <= 0x7e ? i + 1 : i;
}

/* C1 controls act as escape sequences on some terminals; the bidirectional overrides reorder what is around them. */
static bool is_hidden(uint32_t cp)
{
    return (cp >= 0x80 && cp <= 0x9f) || (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) ||
           cp == 0x200e || cp == 0x200f;
}

struct cleaning {
    struct buf *out;
    const struct style *style;
    size_t column;
    bool keep_colours, coloured;
};

static size_t clean_wide(struct cleaning *c, struct str s, size_t i)
{
    uint32_t cp = 0;
    size_t len = utf8_decode(s, i, &cp);
    struct str one = len ? str_sub(s, i, i + len) : STR("\xef\xbf\xbd");
    if (len && is_hidden(cp))
        return i + len;
    if (c->style->ascii_only)
        one = STR("?");
    buf_add(c->out, one);
    c->column += utf8_width(one);
    return i + (len ? len : 1);
}

static size_t clean_control(struct cleaning *c, struct str s, size_t i)
{
    bool colours = false;
    size_t end = i + 1;
    if (s.p[i] == '\t') {
        size_t spaces = TAB_STOP - c->column % TAB_STOP;
        buf_add_rep(c->out, ' ', spaces);
        c->column += spaces;
    } else if (s.p[i] == '\n') {
        buf_add_ch(c->out, ' ');
        c->column++;
    } else if (s.p[i] == ESC) {
        end = end_of_escape(s, i, &colours);
        if (colours && c->keep_colours) {
            buf_add(c->out, str_sub(s, i, end));
            c->coloured = true;
        }
    }
    return end;
}

static size_t clean_plain(struct cleaning *c, struct str s, size_t i)
{
    size_t from = i;
    while (i < s.n && s.p[i] >= 0x20 && s.p[i] < 0x7f)
        i++;
    buf_add(c->out, str_sub(s, from, i));
    c->column += i - from;
    return i;
}

static void clean_part(struct cleaning *c, struct str s)
{
    for (size_t i = 0; i < s.n;) {
        unsigned char ch = (unsigned char)s.p[i];
        if (ch >= 0x80)
            i = clean_wide(c, s, i);
        else if (ch < 0x20 || ch == 0x7f)
            i = clean_control(c, s, i);
        else
            i = clean_plain(c, s, i);
    }
    if (c->coloured)
        buf_add_cstr(c->out, "\033[0m");
}

void text_add_line(struct buf *b, struct str s, const struct style *style, bool keep_colours)
{
    while (s.n > 0 && (s.p[s.n - 1] == '\r' || s.p[s.n - 1] == '\n'))
        s.n--;
    ssize_t redrawn = str_rfind_ch(s, '\r');
    if (redrawn >= 0)
        s = str_from_index(s, (size_t)redrawn + 1);
    size_t more = s.n > TEXT_LINE_MAX ? s.n - TEXT_LINE_MAX : 0;
    struct cleaning c = {.out = b, .style = style, .keep_colours = keep_colours && style->colour};
    clean_part(&c, str_sub(s, 0, TEXT_LINE_MAX));
    if (more)
        buf_printf(b, " [%zu more bytes]", more);
}

void text_add_word(struct buf *b, struct str s, const struct style *style)
{
    struct cleaning c = {.out = b, .style = style};
    clean_part(&c, str_sub(str_trim(s), 0, TEXT_LINE_MAX));
}

size_t text_add_fit(struct buf *b, struct str clean, size_t columns, const struct style *style)
{
    size_t width = utf8_width(clean);
    if (width <= columns) {
        buf_add(b, clean);
        return width;
    }
    struct str cut = glyph_text(style, GLYPH_CUT);
    size_t cut_width = utf8_width(cut);
    if (columns < cut_width)
        return 0;
    struct str head = utf8_fit(clean, columns - cut_width);
    buf_add(b, head);
    buf_add(b, cut);
    return utf8_width(head) + cut_width;
}

/* The longest suffix of s no wider than `columns`. */
static struct str fit_end(struct str s, size_t columns)
{
    size_t i = s.n, used = 0;
    while (i > 0) {
        size_t at = i - 1;
        while (at > 0 && ((unsigned char)s.p[at] & 0xc0) == 0x80)
            at--;
        used += utf8_width(str_sub(s, at, i));
        if (used > columns)
            break;
        i = at;
    }
    return str_from_index(s, i);
}

size_t text_add_fit_middle(struct buf *b, struct str clean, size_t columns, const struct style *style)
{
    struct str cut = glyph_text(style, GLYPH_CUT);
    size_t cut_width = utf8_width(cut), width = utf8_width(clean);
    if (width <= columns || columns < cut_width + 4)
        return text_add_fit(b, clean, columns, style);
    size_t room = columns - cut_width;
    struct str tail = fit_end(clean, room / 2), head = utf8_fit(clean, room - utf8_width(tail));
    buf_add(b, head);
    buf_add(b, cut);
    buf_add(b, tail);
    return utf8_width(head) + cut_width + utf8_width(tail);
}

void text_add_wrapped(struct buf *b, struct str clean, size_t at, size_t indent, size_t columns)
{
    struct str rest = clean, word;
    bool first = true;
    while (str_next(&rest, ' ', &word)) {
        size_t width = utf8_width(word);
        if (!first && columns && at + 1 + width > columns) {
            buf_add_ch(b, '\n');
            buf_add_rep(b, ' ', indent);
            at = indent;
        } else if (!first) {
            buf_add_ch(b, ' ');
            at++;
        }
        buf_add(b, word);
        at += width;
        first = false;
    }
}
