/*
 * gh_fold.c - text as expressions see it: UTF-16 units, Unicode white space and case folding.
 *
 * Texts of slipway are UTF-8. The service compares UTF-16 unit by unit after a simple 1:1 upper case; a code point
 * outside the basic plane is two units that have no case. Bytes that are not UTF-8 are units of their own.
 */
#include "core/base.h"
#include "core/fold.h"
#include "core/utf8.h"
#include "provider/github/expr_node_priv.h"

uint32_t gh_fold(uint32_t cp)
{
    return fold_upper(cp);
}

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

size_t gh_units(struct str s)
{
    size_t units = 0;
    for (size_t i = 0; i < s.n;)
        units += take(s, &i) > 0xffff ? 2 : 1;
    return units;
}

static size_t points(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; n++)
        take(s, &i);
    return n;
}

/* The first unit of a code point: what decides the order of two that differ. */
static uint32_t first_unit(uint32_t cp)
{
    return cp > 0xffff ? 0xd800u + ((cp - 0x10000) >> 10) : cp;
}

int gh_fold_cmp(struct str a, struct str b)
{
    size_t i = 0, k = 0;
    while (i < a.n && k < b.n) {
        uint32_t x = gh_fold(take(a, &i)), y = gh_fold(take(b, &k));
        if (x == y)
            continue;
        uint32_t ux = first_unit(x), uy = first_unit(y);
        if (ux == uy)
            return x < y ? -1 : 1;
        return ux < uy ? -1 : 1;
    }
    return (i < a.n) - (k < b.n);
}

bool gh_fold_starts(struct str s, struct str prefix)
{
    size_t i = 0, k = 0;
    while (k < prefix.n)
        if (i == s.n || gh_fold(take(s, &i)) != gh_fold(take(prefix, &k)))
            return false;
    return true;
}

bool gh_fold_ends(struct str s, struct str suffix)
{
    size_t have = points(s), want = points(suffix), i = 0;
    if (want > have)
        return false;
    for (size_t skip = have - want; skip > 0; skip--)
        take(s, &i);
    return gh_fold_starts(str_from_index(s, i), suffix);
}

static void add_folded(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.n;) {
        size_t start = i;
        uint32_t cp = take(s, &i);
        if (cp >= 0xdc00 && cp < 0xe000)
            buf_add(b, str_sub(s, start, i));
        else
            utf8_add(b, gh_fold(cp));
    }
}

/* Folded to UTF-8, so that memmem (which is linear) does the search: UTF-8 cannot match in the middle of a character.
 */
bool gh_fold_has(struct str s, struct str part)
{
    CLEAN(buf) struct buf all = BUF(s.n * 3 + 1), wanted = BUF(part.n * 3 + 1);
    add_folded(&all, s);
    add_folded(&wanted, part);
    return wanted.n == 0 || (all.n >= wanted.n && memmem(all.p, all.n, wanted.p, wanted.n));
}

size_t gh_space(struct str s, size_t i)
{
    static const uint16_t rare[] = {0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000};
    uint32_t cp;
    if (i < s.n && (unsigned char)s.p[i] < 0x80)
        return s.p[i] == ' ' || (s.p[i] >= 9 && s.p[i] <= 13);
    size_t n = utf8_decode(s, i, &cp);
    if (n == 0)
        return 0;
    if (cp == ' ' || (cp >= 9 && cp <= 13) || (cp >= 0x2000 && cp <= 0x200a))
        return n;
    for (size_t k = 0; k < ARRAY_LEN(rare); k++)
        if (cp == rare[k])
            return n;
    return 0;
}

struct str gh_trim(struct str s)
{
    size_t start = 0, end, n;
    while ((n = gh_space(s, start)) > 0)
        start += n;
    end = start;
    if (s.n > start && s.p[s.n - 1] > ' ') /* ASCII that is shown: nothing to trim at the end */
        return str_sub(s, start, s.n);
    for (size_t i = start; i < s.n;) {
        n = gh_space(s, i);
        i += n ? n : 1;
        if (n == 0)
            end = i;
    }
    return str_sub(s, start, end);
}

struct str gh_lower(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        p[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + 32) : s.p[i];
    return str_of(p, s.n);
}
