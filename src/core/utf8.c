#include "core/base.h"
#include "core/utf8.h"
#include "core/utf8_priv.h"

size_t utf8_decode(struct str s, size_t i, uint32_t *ret_cp)
{
    if (i >= s.n)
        return 0;
    const unsigned char *p = (const unsigned char *)s.p + i;
    size_t left = s.n - i;
    if (p[0] < 0x80) {
        *ret_cp = p[0];
        return 1;
    }
    size_t n = p[0] >= 0xc2 && p[0] <= 0xdf ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4 : 0;
    if (n == 0 || n > left)
        return 0;
    uint32_t cp = p[0] & (0x7fu >> n);
    for (size_t k = 1; k < n; k++) {
        if ((p[k] & 0xc0) != 0x80)
            return 0;
        cp = cp << 6 | (p[k] & 0x3fu);
    }
    bool surrogate = cp >= 0xd800 && cp <= 0xdfff;
    if ((n == 3 && cp < 0x800) || (n == 4 && cp < 0x10000) || cp > 0x10ffff || surrogate)
        return 0;
    *ret_cp = cp;
    return n;
}

static ssize_t utf8_invalid_from(struct str s, size_t i)
{
    uint32_t cp;
    uint64_t eight;
    while (i < s.n) {
        while (i + sizeof eight <= s.n) { /* ASCII, eight bytes at a time */
            memcpy(&eight, s.p + i, sizeof eight);
            if (eight & 0x8080808080808080u)
                break;
            i += sizeof eight;
        }
        if (i == s.n)
            break;
        size_t n = utf8_decode(s, i, &cp);
        if (n == 0)
            return (ssize_t)i;
        i += n;
    }
    return -1;
}

ssize_t utf8_invalid(struct str s)
{
    return utf8_invalid_from(s, 0);
}

int utf8_add(struct buf *b, uint32_t cp)
{
    if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
        cp = 0xfffd;
    char p[4];
    if (cp < 0x80)
        return buf_add_ch(b, (char)cp);
    size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (size_t k = n; k-- > 1; cp >>= 6)
        p[k] = (char)(0x80 | (cp & 0x3f));
    p[0] = (char)((0xf00u >> n & 0xf0u) | cp);
    return buf_add(b, str_of(p, n));
}

int utf8_add_clean(struct buf *b, struct str s)
{
    size_t before = b->n, i = 0;
    int r = 0;
    while (r == 0 && i < s.n) {
        ssize_t bad = utf8_invalid_from(s, i);
        size_t end = bad < 0 ? s.n : (size_t)bad;
        r = buf_add(b, str_sub(s, i, end));
        if (r == 0 && bad >= 0)
            r = utf8_add(b, 0xfffd);
        i = end + (bad >= 0);
    }
    if (r < 0)
        buf_cut(b, before);
    return r;
}

static bool in_ranges(const struct utf8_range *ranges, size_t n, uint32_t cp)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (cp > ranges[mid].last)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < n && cp >= ranges[lo].first;
}

static size_t cp_width(uint32_t cp)
{
    if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
        return 0;
    if (cp < 0x300)
        return cp == 0xad ? 0 : 1;
    if (in_ranges(utf8_zero, utf8_zero_len, cp))
        return 0;
    return in_ranges(utf8_wide, utf8_wide_len, cp) ? 2 : 1;
}

/* The columns of what stands at s[i], and its length; an invalid byte is shown as U+FFFD, one column. */
static size_t width_at(struct str s, size_t i, size_t *length)
{
    uint32_t cp = 0xfffd;
    size_t n = utf8_decode(s, i, &cp);
    *length = n ? n : 1;
    return n ? cp_width(cp) : 1;
}

size_t utf8_width(struct str s)
{
    size_t width = 0, length;
    for (size_t i = 0; i < s.n; i += length)
        width += width_at(s, i, &length);
    return width;
}

struct str utf8_fit(struct str s, size_t columns)
{
    size_t i = 0, width = 0, length;
    for (; i < s.n; i += length) {
        width += width_at(s, i, &length);
        if (width > columns)
            break;
    }
    return str_sub(s, 0, i);
}
