/*
 * Places are computed when asked for: a source keeps, for each block of 4 KiB, how many newlines stand before it, so
 * that a place costs one look into that table and a scan of one block and one line, whatever the size of the text.
 */
#include "core/base.h"
#include "doc/source.h"

#define BLOCK 4096u

struct source {
    struct str name, text;
    uint32_t *newlines; /* [i]: before byte i * BLOCK */
    size_t bom;         /* 3 when the text begins with a byte order mark, else 0 */
};

struct sources {
    struct arena *arena;
    struct source *p;
    size_t n, cap;
};

struct sources *sources_new(void)
{
    struct sources *s = mem_alloc(sizeof *s);
    s->arena = arena_new();
    return s;
}

void sources_free(struct sources *s)
{
    if (!s)
        return;
    arena_free(s->arena);
    free(s->p);
    free(s);
}

void clean_sources(void *slot)
{
    struct sources **s = slot;
    sources_free(*s);
}

static uint32_t newlines_in(const char *p, size_t n)
{
    const uint64_t low = 0x7f7f7f7f7f7f7f7fu;
    uint32_t count = 0;
    uint64_t eight;
    size_t i = 0;
    for (; i + sizeof eight <= n; i += sizeof eight) { /* a bit for each byte that is one */
        memcpy(&eight, p + i, sizeof eight);
        eight ^= 0x0a0a0a0a0a0a0a0au;
        eight = ~(((eight & low) + low) | eight | low);
        count += (uint32_t)(((eight >> 7) * 0x0101010101010101u) >> 56);
    }
    for (; i < n; i++)
        count += p[i] == '\n';
    return count;
}

static void index_newlines(struct arena *a, struct source *src)
{
    size_t blocks = src->text.n / BLOCK + 1;
    src->newlines = arena_array(a, blocks, sizeof *src->newlines);
    for (size_t i = 1; i < blocks; i++)
        src->newlines[i] = src->newlines[i - 1] + newlines_in(src->text.p + (i - 1) * BLOCK, BLOCK);
}

uint32_t sources_add(struct sources *s, struct str name, struct str text)
{
    MUST(text.n < UINT32_MAX && s->n < UINT32_MAX);
    if (s->n == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 8;
        s->p = mem_realloc(s->p, s->cap * sizeof *s->p);
    }
    struct source *src = &s->p[s->n++];
    *src = (struct source){.name = arena_str(s->arena, name), .text = arena_str(s->arena, text)};
    src->bom = str_starts(src->text, STR("\xEF\xBB\xBF")) ? 3 : 0;
    index_newlines(s->arena, src);
    return (uint32_t)s->n;
}

/* NULL for file 0, nowhere. A number that was never given out is our fault. */
static const struct source *source_of(const struct sources *s, uint32_t file)
{
    if (!file)
        return NULL;
    MUST(s && file <= s->n);
    return &s->p[file - 1];
}

struct str sources_text(const struct sources *s, uint32_t file)
{
    const struct source *src = source_of(s, file);
    return src ? src->text : STR_NONE;
}

struct str sources_name(const struct sources *s, uint32_t file)
{
    const struct source *src = source_of(s, file);
    return src ? src->name : STR_NONE;
}

/* Where the line that holds byte `off` begins; a byte order mark is not part of the first line. */
static size_t line_start(const struct source *src, size_t off)
{
    const char *newline = off ? memrchr(src->text.p, '\n', off) : NULL;
    if (newline)
        return (size_t)(newline - src->text.p) + 1;
    return src->bom;
}

static unsigned code_points(const char *p, size_t n)
{
    unsigned count = 0;
    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)p[i] & 0xC0) != 0x80;
    return count;
}

struct place sources_place(const struct sources *s, struct span span)
{
    const struct source *src = source_of(s, span.file);
    if (!src)
        return (struct place){STR_NONE, 0, 0};
    size_t off = span.off < src->text.n ? span.off : src->text.n;
    size_t block = off / BLOCK, start = line_start(src, off);
    uint32_t line = src->newlines[block] + newlines_in(src->text.p + block * BLOCK, off % BLOCK);
    unsigned column = off > start ? code_points(src->text.p + start, off - start) : 0;
    return (struct place){src->name, line + 1, column + 1};
}

struct str sources_line(const struct sources *s, struct span span)
{
    const struct source *src = source_of(s, span.file);
    if (!src)
        return STR_NONE;
    size_t off = span.off < src->text.n ? span.off : src->text.n;
    size_t start = line_start(src, off);
    size_t from = off > start ? off : start;
    const char *newline = memchr(src->text.p + from, '\n', src->text.n - from);
    size_t end = newline ? (size_t)(newline - src->text.p) : src->text.n;
    /* A line that ends in CR LF: the CR belongs to the line's end. */
    if (end > start && newline && src->text.p[end - 1] == '\r')
        end--;
    return str_of(src->text.p + start, end - start);
}
