#include "core/base.h"
#include "core/buf.h"
#include "core/mem.h"
#include "core/utf8.h"

void buf_done(struct buf *b)
{
    free(b->p);
    *b = BUF(b->max);
}

void clean_buf(void *b)
{
    buf_done(b);
}

void buf_clear(struct buf *b)
{
    b->over = false;
    buf_cut(b, 0);
}

char *buf_room(struct buf *b, size_t n)
{
    MUST(b->max < SIZE_MAX);
    if (n > b->max - b->n) {
        b->over = true;
        return NULL;
    }
    size_t need = b->n + n + 1;
    if (need > b->cap) {
        size_t cap = b->cap + b->cap / 2;
        if (cap < need)
            cap = need < 32 ? 32 : need;
        if (cap > b->max + 1)
            cap = b->max + 1;
        b->p = mem_realloc(b->p, cap);
        b->cap = cap;
        b->p[b->n] = '\0';
    }
    return b->p + b->n;
}

void buf_grew(struct buf *b, size_t n)
{
    if (n == 0)
        return;
    MUST(b->cap > b->n && n <= b->cap - b->n - 1);
    b->n += n;
    b->p[b->n] = '\0';
}

int buf_add(struct buf *b, struct str s)
{
    /* The text may be a part of this very buffer, which moves when it grows. */
    uintptr_t at = (uintptr_t)s.p, start = (uintptr_t)b->p;
    bool own = s.n && b->p && at >= start && at <= start + b->n;
    char *to = buf_room(b, s.n);
    if (!to)
        return -E2BIG;
    if (s.n)
        memcpy(to, own ? b->p + (at - start) : s.p, s.n);
    buf_grew(b, s.n);
    return 0;
}

int buf_add_cstr(struct buf *b, const char *s)
{
    return buf_add(b, str_from(s));
}

int buf_add_ch(struct buf *b, char c)
{
    return buf_add_rep(b, c, 1);
}

int buf_add_rep(struct buf *b, char c, size_t times)
{
    char *to = buf_room(b, times);
    if (!to)
        return -E2BIG;
    memset(to, (unsigned char)c, times);
    buf_grew(b, times);
    return 0;
}

int buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int r = buf_vprintf(b, fmt, args);
    va_end(args);
    return r;
}

int buf_vprintf(struct buf *b, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    char small[256];
    int n = vsnprintf(small, sizeof small, fmt, args), r = -EINVAL;
    if (n >= 0 && (size_t)n < sizeof small) {
        r = buf_add(b, str_of(small, (size_t)n));
    } else if (n >= 0) {
        char *to = buf_room(b, (size_t)n);
        r = to ? 0 : -E2BIG;
        if (to) {
            vsnprintf(to, (size_t)n + 1, fmt, again);
            buf_grew(b, (size_t)n);
        }
    }
    va_end(again);
    return r;
}

void buf_drop(struct buf *b, size_t n)
{
    if (n == 0)
        return;
    MUST(n <= b->n);
    b->n -= n;
    memmove(b->p, b->p + n, b->n + 1);
}

void buf_cut(struct buf *b, size_t n)
{
    if (n < b->n)
        b->n = n;
    if (b->p)
        b->p[b->n] = '\0';
}

struct str buf_str(const struct buf *b)
{
    return str_of(buf_cstr(b), b->n);
}

const char *buf_cstr(const struct buf *b)
{
    return b->p ? b->p : "";
}

static int add_json_control(struct buf *b, unsigned char c)
{
    static const char shorts[] = "\bb\ff\nn\rr\tt\"\"\\\\";
    for (size_t i = 0; i + 1 < sizeof shorts; i += 2)
        if ((unsigned char)shorts[i] == c)
            return buf_add(b, str_of((const char[]){'\\', shorts[i + 1]}, 2));
    return buf_printf(b, "\\u%04x", c);
}

int buf_add_json(struct buf *b, struct str s)
{
    size_t before = b->n, i = 0;
    int r = buf_add_ch(b, '"');
    while (r == 0 && i < s.n) {
        size_t plain = i;
        while (plain < s.n && (unsigned char)s.p[plain] >= 0x20 && s.p[plain] != '"' && s.p[plain] != '\\')
            plain++;
        if (plain > i)
            r = utf8_add_clean(b, str_sub(s, i, plain));
        else
            r = add_json_control(b, (unsigned char)s.p[plain++]);
        i = plain;
    }
    if (r == 0)
        r = buf_add_ch(b, '"');
    if (r < 0)
        buf_cut(b, before);
    return r;
}

int buf_add_base64(struct buf *b, struct str s)
{
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t before = b->n;
    int r = 0;
    for (size_t i = 0; r == 0 && i < s.n; i += 3) {
        uint32_t v = 0;
        for (size_t k = 0; k < 3; k++)
            v = v << 8 | (i + k < s.n ? (unsigned char)s.p[i + k] : 0);
        for (size_t k = 0; r == 0 && k < 4; k++)
            r = buf_add_ch(b, i + k > s.n ? '=' : DIGITS[v >> (18 - 6 * k) & 63]);
    }
    if (r < 0)
        buf_cut(b, before);
    return r;
}
