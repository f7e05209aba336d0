/*
 * core/str.h - borrowed text: a pointer and a length, never owned, not NUL-terminated.
 *
 * Bytes live as long as whoever owns them says (an arena, a buf, a literal). An empty str may have p == NULL; a str
 * whose p is NULL means "absent" only where a field's comment says so.
 */
#pragma once
#include "core/base.h"

#include <string.h>

struct str {
    const char *p;
    size_t n;
};

#define STR(lit) ((struct str){"" lit, sizeof(lit) - 1})
#define STR_NONE ((struct str){NULL, 0})
/* The two arguments of a format's %.*s. */
#define STR_ARG(s) (int)((s).n > 0x7fffffff ? 0x7fffffff : (s).n), ((s).p ? (s).p : "")

/* NULL gives STR_NONE. */
static inline struct str str_from(const char *cstr)
{
    return cstr ? (struct str){cstr, strlen(cstr)} : STR_NONE;
}
struct str str_of(const char *p, size_t n);
bool str_eq(struct str a, struct str b);
bool str_same(struct str a, const char *cstr); /* what str_is asks last */
/* Tables of words are walked with it: most differ in their first byte. */
static inline bool str_is(struct str a, const char *cstr)
{
    if (cstr && a.p && a.n > 0 && a.p[0] != cstr[0])
        return false;
    return str_same(a, cstr);
}
bool str_eq_nocase(struct str a, struct str b); /* ASCII letters only */
bool str_is_nocase(struct str a, const char *cstr);
int str_cmp(struct str a, struct str b);        /* byte order, as memcmp then length */
int str_cmp_nocase(struct str a, struct str b); /* ASCII folding */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Index of the first occurrence, or -1. str_find_from starts at byte `from`. */
ssize_t str_find(struct str s, struct str needle);
ssize_t str_find_from(struct str s, size_t from, struct str needle);
ssize_t str_find_ch(struct str s, char c);
ssize_t str_rfind_ch(struct str s, char c);
/* The part [from, to); both are clamped to the length. */
struct str str_sub(struct str s, size_t from, size_t to);
struct str str_from_index(struct str s, size_t from);
struct str str_trim(struct str s); /* ASCII white space on both ends */
struct str str_trim_end(struct str s);
/*
 * Splits at the first `sep`: true and *head, *tail without the separator; false when there is none, then *head is all
 * of s and *tail is empty with p == NULL. The idiom: while (str_next(&rest, '\n', &line)) ...
 */
bool str_cut(struct str s, char sep, struct str *head, struct str *tail);
/* Takes the next piece off *rest; false when nothing is left. "a\n" yields "a" only; "\n" yields "". */
bool str_next(struct str *rest, char sep, struct str *ret_piece);
/* FNV-1a, folded to lower case ASCII when nocase. */
uint64_t str_hash(struct str s, bool nocase);
