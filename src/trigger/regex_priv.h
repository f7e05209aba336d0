/*
 * trigger/regex_priv.h - between the compiler of expressions and the reader of RE2's syntax.
 */
#pragma once
#include "core/buf.h"
#include "trigger/regex.h"

#define REGEX_GROWTH 4 /* how many times longer a rewritten pattern can be: 7 bytes for the 2 of \z */

/* A pattern as PCRE2 is to have it, and where each of its bytes came from. */
struct regex_text {
    struct buf text;
    uint32_t from[REGEX_GROWTH * REGEX_PATTERN_MAX]; /* one for each byte of text */
};
/*
 * Writes a pattern of RE2 in the words of PCRE2 with the same meaning. -EINVAL: RE2 does not
 * have it; e says what, *ret_at where.
 */
int regex_from_re2(struct str pattern, struct regex_text *into, size_t *ret_at, struct err *e);
