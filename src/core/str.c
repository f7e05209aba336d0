#include "core/base.h"
#include "core/str.h"

static unsigned char fold(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 'A' && u <= 'Z' ? (unsigned char)(u + ('a' - 'A')) : u;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_of(const char *p, size_t n)
{
    return (struct str){p, n};
}

bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_same(struct str a, const char *cstr)
{
    return str_eq(a, str_from(cstr));
}

bool str_eq_nocase(struct str a, struct str b)
{
    return a.n == b.n && str_cmp_nocase(a, b) == 0;
}

bool str_is_nocase(struct str a, const char *cstr)
{
    return str_eq_nocase(a, str_from(cstr));
}

static int cmp_size(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int r = n ? memcmp(a.p, b.p, n) : 0;
    return r ? r : cmp_size(a.n, b.n);
}

int str_cmp_nocase(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    for (size_t i = 0; i < n; i++) {
        int d = fold(a.p[i]) - fold(b.p[i]);
        if (d)
            return d;
    }
    return cmp_size(a.n, b.n);
}

bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && str_eq(str_of(s.p, prefix.n), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.n >= suffix.n && (suffix.n == 0 || memcmp(s.p + (s.n - suffix.n), suffix.p, suffix.n) == 0);
}

ssize_t str_find(struct str s, struct str needle)
{
    return str_find_from(s, 0, needle);
}

ssize_t str_find_from(struct str s, size_t from, struct str needle)
{
    if (from > s.n || needle.n > s.n - from)
        return -1;
    if (needle.n == 0)
        return (ssize_t)from;
    const char *hit = memmem(s.p + from, s.n - from, needle.p, needle.n);
    return hit ? hit - s.p : -1;
}

ssize_t str_find_ch(struct str s, char c)
{
    const char *hit = s.n ? memchr(s.p, (unsigned char)c, s.n) : NULL;
    return hit ? hit - s.p : -1;
}

ssize_t str_rfind_ch(struct str s, char c)
{
    const char *hit = s.n ? memrchr(s.p, (unsigned char)c, s.n) : NULL;
    return hit ? hit - s.p : -1;
}

struct str str_sub(struct str s, size_t from, size_t to)
{
    if (to > s.n)
        to = s.n;
    if (from > to)
        from = to;
    return str_of(s.p ? s.p + from : NULL, to - from);
}

struct str str_from_index(struct str s, size_t from)
{
    return str_sub(s, from, s.n);
}

struct str str_trim_end(struct str s)
{
    while (s.n && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

struct str str_trim(struct str s)
{
    s = str_trim_end(s);
    size_t i = 0;
    while (i < s.n && is_space(s.p[i]))
        i++;
    return str_from_index(s, i);
}

bool str_cut(struct str s, char sep, struct str *head, struct str *tail)
{
    ssize_t i = str_find_ch(s, sep);
    if (i < 0) {
        *head = s;
        *tail = STR_NONE;
        return false;
    }
    *head = str_sub(s, 0, (size_t)i);
    *tail = str_from_index(s, (size_t)i + 1);
    return true;
}

bool str_next(struct str *rest, char sep, struct str *ret_piece)
{
    if (rest->n == 0)
        return false;
    struct str all = *rest;
    str_cut(all, sep, ret_piece, rest);
    return true;
}

uint64_t str_hash(struct str s, bool nocase)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < s.n; i++) {
        h ^= nocase ? fold(s.p[i]) : (unsigned char)s.p[i];
        h *= UINT64_C(0x100000001b3);
    }
    return h;
}
