/*
 * test/unit/sink/vt.h - a terminal small enough to trust: what a person would see after these bytes.
 *
 * Knows CR, LF (as a tty in its usual mode sends it: to the first column), cursor up, clearing, colours (ignored),
 * showing and hiding the cursor, wrapping and scrolling. Anything else is a test failure: the view must not send it.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "core/utf8.h"

#define VT_ROWS 60
#define VT_COLUMNS 160

struct vt {
    unsigned rows, columns, y, x;
    bool hidden;
    char cell[VT_ROWS][VT_COLUMNS][8]; /* UTF-8 of what stands there; "" blank or the right half of a wide one */
};

static inline void vt_line_feed(struct vt *v)
{
    if (v->y + 1 < v->rows) {
        v->y++;
        return;
    }
    memmove(v->cell[0], v->cell[1], sizeof v->cell[0] * (v->rows - 1));
    memset(v->cell[v->rows - 1], 0, sizeof v->cell[0]);
}

static inline void vt_clear_line(struct vt *v, unsigned y, unsigned from)
{
    for (unsigned x = from; x < v->columns; x++)
        memset(v->cell[y][x], 0, sizeof v->cell[y][x]);
}

static inline void vt_csi(struct vt *v, struct str params, char final)
{
    unsigned n = 0;
    for (size_t i = 0; i < params.n; i++)
        if (params.p[i] >= '0' && params.p[i] <= '9')
            n = n * 10 + (unsigned)(params.p[i] - '0');
    if (final == 'm')
        return;
    if (final == 'A') {
        v->y -= n < v->y ? n : v->y;
    } else if (final == 'K' && params.n == 0) {
        vt_clear_line(v, v->y, v->x);
    } else if (final == 'J' && params.n == 0) {
        vt_clear_line(v, v->y, v->x);
        for (unsigned y = v->y + 1; y < v->rows; y++)
            vt_clear_line(v, y, 0);
    } else if (str_is(params, "?25") && (final == 'l' || final == 'h')) {
        v->hidden = final == 'l';
    } else {
        BUG("the view sent CSI %.*s%c", STR_ARG(params), final);
    }
}

static inline void vt_put(struct vt *v, struct str one)
{
    unsigned width = (unsigned)utf8_width(one);
    MUST(one.n < sizeof v->cell[0][0]);
    if (v->x + width > v->columns) {
        v->x = 0;
        vt_line_feed(v);
    }
    memset(v->cell[v->y][v->x], 0, sizeof v->cell[0][0]);
    memcpy(v->cell[v->y][v->x], one.p, one.n);
    v->x += width;
}

static inline void vt_feed(struct vt *v, struct str s)
{
    for (size_t i = 0; i < s.n;) {
        if (s.p[i] == '\033') {
            MUST(i + 1 < s.n && s.p[i + 1] == '[');
            size_t end = i + 2;
            while (end < s.n && (s.p[end] < 0x40 || s.p[end] > 0x7e))
                end++;
            vt_csi(v, str_sub(s, i + 2, end), s.p[end]);
            i = end + 1;
        } else if (s.p[i] == '\r' || s.p[i] == '\n') {
            v->x = 0;
            if (s.p[i++] == '\n')
                vt_line_feed(v);
        } else {
            uint32_t cp;
            size_t n = utf8_decode(s, i, &cp);
            if (n == 0 || cp < 0x20 || cp == 0x7f)
                BUG("the view sent the byte %02x", (unsigned char)s.p[i]);
            vt_put(v, str_sub(s, i, i + n));
            i += n;
        }
    }
}

/* The screen as lines without trailing blanks, without the empty rows at its end; freed with buf_done. */
static inline struct buf vt_text(const struct vt *v)
{
    struct buf b = BUF(BUF_TEXT);
    size_t kept = 0;
    for (unsigned y = 0; y < v->rows; y++) {
        for (unsigned x = 0; x < v->columns; x++) {
            const char *cell = v->cell[y][x];
            buf_add_cstr(&b, cell[0] ? cell : " ");
            if (cell[0])
                x += (unsigned)utf8_width(str_from(cell)) - 1;
        }
        while (b.n > 0 && b.p[b.n - 1] == ' ')
            buf_cut(&b, b.n - 1);
        if (b.n > 0 && b.p[b.n - 1] != '\n')
            kept = b.n + 1;
        buf_add_ch(&b, '\n');
    }
    buf_cut(&b, kept);
    return b;
}
