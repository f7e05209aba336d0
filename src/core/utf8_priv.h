/*
 * core/utf8_priv.h - the tables behind utf8_width: code points of two columns and of none, sorted, disjoint.
 *
 * Wide: East_Asian_Width W or F. Zero: general categories Mn, Me and Cf, the medial Hangul Jamo, variation selectors.
 * Source: Unicode Character Database, EastAsianWidth.txt and UnicodeData.txt.
 */
#pragma once
#include "core/base.h"

struct utf8_range {
    uint32_t first, last;
};

extern const struct utf8_range utf8_wide[];
extern const size_t utf8_wide_len;
extern const struct utf8_range utf8_zero[];
extern const size_t utf8_zero_len;
