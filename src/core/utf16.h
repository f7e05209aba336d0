/*
 * core/utf16.h - text as .NET and JavaScript see it: its length in UTF-16 units, Unicode white space, and case.
 *
 * Texts of slipway are UTF-8, while services that pipelines are written for count, compare and search UTF-16. A code
 * point outside of the basic plane is two units, which have no case; a byte that is not UTF-8 is a unit of its own.
 * "Fold" is ordinal with case ignored: simple upper case (core/fold.h), unit by unit.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "core/str.h"

size_t utf16_units(struct str s);
/* The byte where the n-th unit stands; s.n when there are fewer. */
size_t utf16_offset(struct str s, size_t n);
/* Length in bytes of the white space character (Unicode) at s[i], or 0. */
size_t utf16_blank(struct str s, size_t i);
struct str utf16_trim(struct str s); /* of white space on both ends */

int utf16_fold_cmp(struct str a, struct str b); /* by units */
bool utf16_fold_eq(struct str a, struct str b);
bool utf16_fold_starts(struct str s, struct str prefix);
bool utf16_fold_ends(struct str s, struct str suffix);
bool utf16_fold_has(struct str s, struct str part);
void utf16_add_upper(struct buf *b, struct str s);
void utf16_add_lower(struct buf *b, struct str s);
