/*
 * core/utf16.c - see utf16.h.
 */
#include "core/base.h"
#include "core/fold.h"
#include "core/utf16.h"
#include "core/utf8.h"

/* The code point at s[*i], which moves on; a byte that is not UTF-8 reads as U+DC00 plus the byte. */
static uint32_t take(struct str s, size_t *i)
{
    uint32_t cp;
    size_t n = utf8_decode(s, *i, &cp);
    if (n == 0)
        cp = 0xdc00u + (unsigned char)s.p[*i];
    *i += n ? n : 1;
    return cp;
}

size_t utf16_units(struct str s)
{
    size_t units = 0;
    for (size_t i = 0; i < s.n;)
        units += take(s, &i) > 0xffff ? 2 : 1;
    return units;
}

size_t utf16_offset(struct str s, size_t n)
{
    size_t units = 0, i = 0;
    while (i < s.n && units < n)
        units += take(s, &i) > 0xffff ? 2 : 1;
    return i;
}

size_t utf16_blank(struct str s, size_t i)
{
    static const uint16_t rare[] = {0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000};
    uint32_t cp;
    if (i >= s.n)
        return 0;
    if ((unsigned char)s.p[i] < 0x80)
        return s.p[i] == ' ' || (s.p[i] >= 9 && s.p[i] <= 13);
    size_t n = utf8_decode(s, i, &cp);
    if (n > 0 && cp >= 0x2000 && cp <= 0x200a)
        return n;
    for (size_t k = 0; n > 0 && k < ARRAY_LEN(rare); k++)
        if (cp == rare[k])
            return n;
    return 0;
}

struct str utf16_trim(struct str s)
{
    size_t start = 0, end, n;
    while ((n = utf16_blank(s, start)) > 0)
        start += n;
    end = start;
    if (s.n > start && s.p[s.n - 1] > ' ') /* ASCII that is shown: nothing to trim at the end */
        return str_sub(s, start, s.n);
    for (size_t i = start; i < s.n;) {
        n = utf16_blank(s, i);
        i += n ? n : 1;
        if (n == 0)
            end = i;
    }
    return str_sub(s, start, end);
}

/* ---- case ---- */

/* The first unit of a code point: what decides the order of two that differ. */
static uint32_t first_unit(uint32_t cp)
{
    return cp > 0xffff ? 0xd800u + ((cp - 0x10000) >> 10) : cp;
}

int utf16_fold_cmp(struct str a, struct str b)
{
    size_t i = 0, k = 0;
    while (i < a.n && k < b.n) {
        uint32_t x = fold_upper(take(a, &i)), y = fold_upper(take(b, &k));
        if (x == y)
            continue;
        uint32_t ux = first_unit(x), uy = first_unit(y);
        if (ux == uy)
            return x < y ? -1 : 1;
        return ux < uy ? -1 : 1;
    }
    return (i < a.n) - (k < b.n);
}

bool utf16_fold_eq(struct str a, struct str b)
{
    return str_eq_nocase(a, b) || utf16_fold_cmp(a, b) == 0;
}

bool utf16_fold_starts(struct str s, struct str prefix)
{
    size_t i = 0, k = 0;
    while (k < prefix.n)
        if (i == s.n || fold_upper(take(s, &i)) != fold_upper(take(prefix, &k)))
            return false;
    return true;
}

bool utf16_fold_ends(struct str s, struct str suffix)
{
    size_t have = utf16_units(s), want = utf16_units(suffix);
    return want <= have && utf16_fold_starts(str_from_index(s, utf16_offset(s, have - want)), suffix);
}

static void add_mapped(struct buf *b, struct str s, uint32_t (*map)(uint32_t cp))
{
    for (size_t i = 0; i < s.n && !b->over;) {
        size_t start = i;
        uint32_t cp = take(s, &i);
        if (cp >= 0xdc00 && cp < 0xe000)
            buf_add(b, str_sub(s, start, i));
        else
            utf8_add(b, map(cp));
    }
}

/* Folded to UTF-8, so that memmem (which is linear) does the search: UTF-8 cannot match in the middle of a character.
 */
bool utf16_fold_has(struct str s, struct str part)
{
    CLEAN(buf) struct buf all = BUF(s.n * 3 + 1), wanted = BUF(part.n * 3 + 1);
    add_mapped(&all, s, fold_upper);
    add_mapped(&wanted, part, fold_upper);
    return wanted.n == 0 || (all.n >= wanted.n && memmem(all.p, all.n, wanted.p, wanted.n));
}

void utf16_add_upper(struct buf *b, struct str s)
{
    add_mapped(b, s, fold_upper);
}

void utf16_add_lower(struct buf *b, struct str s)
{
    add_mapped(b, s, fold_lower);
}
