/*
 * core/buf.h - owned, growing text with a ceiling given at birth.
 *
 * Invariants: p is NUL-terminated whenever anything was ever added; n excludes the NUL; n never exceeds max. An
 * addition that would pass max adds nothing, sets `over` and returns -E2BIG; `over` stays until buf_clear, so a
 * caller may build a whole message and ask once at the end.
 * Life cycle: struct buf b = BUF(4096); ... buf_done(&b). CLEAN(buf) calls buf_done at scope end.
 */
#pragma once
#include "core/base.h"
#include "core/str.h"

#include <stdarg.h>

struct buf {
    char *p;
    size_t n, cap, max; /* bytes used, allocated, allowed */
    bool over;          /* something did not fit */
};

#define BUF(ceiling) ((struct buf){.max = (ceiling)})
#define BUF_LINE ((size_t)16 << 10) /* a message, a path list */
#define BUF_TEXT ((size_t)16 << 20) /* a document */

void buf_done(struct buf *b); /* frees; b may be used again with the same max */
void clean_buf(void *b);
void buf_clear(struct buf *b); /* empties, keeps the memory */
int buf_add(struct buf *b, struct str s);
int buf_add_cstr(struct buf *b, const char *s);
int buf_add_ch(struct buf *b, char c);
int buf_add_rep(struct buf *b, char c, size_t times);
int buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
int buf_vprintf(struct buf *b, const char *fmt, va_list args) PRINTF_LIKE(2, 0);
/* Makes room for n more bytes and returns where they go; NULL past max. Follow with buf_grew. */
char *buf_room(struct buf *b, size_t n);
void buf_grew(struct buf *b, size_t n);
/* Drops the first n bytes. */
void buf_drop(struct buf *b, size_t n);
/* Keeps the first n bytes. */
void buf_cut(struct buf *b, size_t n);
struct str buf_str(const struct buf *b);   /* borrowed until the next change */
const char *buf_cstr(const struct buf *b); /* never NULL */
/* Adds s as a JSON string with its quotes: control characters, quote and backslash escaped, invalid UTF-8 replaced. */
int buf_add_json(struct buf *b, struct str s);
/* Adds the base64 of s, padded, without line breaks ("RFC 4648", 4). */
int buf_add_base64(struct buf *b, struct str s);
