/*
 * core/utf8.h - UTF-8: validation, decoding, repair, and how wide a terminal shows it.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "core/str.h"

/* Decodes at s[i]; returns its length 1..4 and the code point, or 0 when the bytes are not UTF-8 (surrogates too). */
size_t utf8_decode(struct str s, size_t i, uint32_t *ret_cp);
/* How many bytes of printable ASCII (space to ~) stand at s[i]: what needs no second look. */
static inline size_t utf8_plain(struct str s, size_t i)
{
    size_t end = i;
    while (end < s.n && s.p[end] >= ' ' && s.p[end] < 0x7f)
        end++;
    return end - i;
}
/* Byte offset of the first invalid sequence, or -1. */
ssize_t utf8_invalid(struct str s);
int utf8_add(struct buf *b, uint32_t cp);
/* Adds s with every invalid byte as U+FFFD. */
int utf8_add_clean(struct buf *b, struct str s);
/* Columns on a terminal: wide East Asian counts 2, combining 0. Control characters count 0, an invalid byte 1. */
size_t utf8_width(struct str s);
/* The longest prefix of s no wider than `columns`. */
struct str utf8_fit(struct str s, size_t columns);
