/*
 * sink/text_priv.h - foreign text made safe to show, cut to a width, coloured.
 *
 * Whatever a job prints (and whatever its file calls it) may carry escape sequences. Nothing of it reaches a terminal
 * but printable characters and, when colour is on, the sequences that only set colours (ECMA-48, SGR).
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "core/str.h"
#include "event/event.h"

/* A line longer than this is shown cut; bytes. */
#define TEXT_LINE_MAX ((size_t)64 << 10)

struct style {
    bool colour;     /* SGR sequences may be written */
    bool utf8;       /* our own glyphs may be more than ASCII */
    bool ascii_only; /* a terminal that would show other bytes as rubbish: they become '?' */
};

enum tone { TONE_PLAIN, TONE_GOOD, TONE_BAD, TONE_WARN, TONE_DIM, TONE_BOLD };

enum glyph {
    GLYPH_QUEUED,
    GLYPH_RUNNING,
    GLYPH_PASSED,
    GLYPH_FAILED,
    GLYPH_CANCELLED,
    GLYPH_SKIPPED,
    GLYPH_CUT,
    GLYPH_BAR
};
/* One column wide, but GLYPH_CUT in ASCII, which is three. */
struct str glyph_text(const struct style *s, enum glyph g);

void tone_open(struct buf *b, const struct style *s, enum tone t);
void tone_close(struct buf *b, const struct style *s, enum tone t);

/*
 * Adds one line of foreign text without escape sequences and control characters, tabs expanded to every eighth column,
 * broken bytes as U+FFFD. Of a line redrawn by carriage returns only its last state is kept. With keep_colours (and
 * style->colour) SGR sequences stay and are ended behind the line.
 */
void text_add_line(struct buf *b, struct str s, const struct style *style, bool keep_colours);
/* As text_add_line without colours, and newlines become spaces: for names and reasons. */
void text_add_word(struct buf *b, struct str s, const struct style *style);

/* Adds clean text at most `columns` wide; what is cut leaves a mark at its place. Returns the columns used. */
size_t text_add_fit(struct buf *b, struct str clean, size_t columns, const struct style *style);
/* The same, cut in the middle: the ends of names tell them apart ("test (3.9)"). */
size_t text_add_fit_middle(struct buf *b, struct str clean, size_t columns, const struct style *style);
/*
 * Adds clean text word by word; a word that would pass `columns` (0: no limit) begins a new line with `indent` spaces.
 * `at` is the column where it begins.
 */
void text_add_wrapped(struct buf *b, struct str clean, size_t at, size_t indent, size_t columns);
