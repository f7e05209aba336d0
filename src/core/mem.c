/*
 * core/mem.c - the checked heap, and an arena of chunks.
 *
 * An arena is a list of chunks; the newest is the one that is being filled. Chunks double from 4 KiB to 256 KiB, so
 * that a small document costs a page and a large one few calls; what is larger than half a chunk gets a chunk of its
 * own behind the newest, so that it does not waste the room that is left. Under the address sanitizer everything not
 * handed out is poisoned and each piece is followed by a gap: an overrun inside the arena is then seen as on the heap.
 */
#include "core/base.h"
#include "core/mem.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdarg.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#define ARENA_POISONED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONED 1
#endif
#endif

#ifdef ARENA_POISONED
/* Of the sanitizer's run time; declared here because its header does not come with every compiler. */
void __asan_poison_memory_region(void const volatile *p, size_t n);
void __asan_unpoison_memory_region(void const volatile *p, size_t n);
#define GAP ((size_t)16)
#define POISON(p, n) __asan_poison_memory_region((p), (n))
#define UNPOISON(p, n) __asan_unpoison_memory_region((p), (n))
#else
#define GAP ((size_t)0)
#define POISON(p, n) ((void)0)
#define UNPOISON(p, n) ((void)0)
#endif

#define CHUNK_FIRST ((size_t)4 << 10)
#define CHUNK_LAST ((size_t)256 << 10)

struct chunk {
    struct chunk *next;
    size_t used, size; /* bytes of data[] */
    alignas(max_align_t) char data[];
};

struct arena {
    struct chunk *top;
    size_t next_size; /* of the next ordinary chunk, bytes */
    size_t handed;    /* bytes asked for so far */
};

NORETURN static void mem_out(void)
{
    static const char text[] = "slipway: out of memory\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
    UNUSED(ignored);
    _exit(70);
}

static size_t mem_product(size_t count, size_t size)
{
    size_t n;
    if (__builtin_mul_overflow(count, size, &n))
        mem_out();
    return n;
}

void *mem_alloc(size_t n)
{
    void *p = calloc(1, n ? n : 1);
    if (!p)
        mem_out();
    return p;
}

void *mem_realloc(void *p, size_t n)
{
    void *q = realloc(p, n ? n : 1);
    if (!q)
        mem_out();
    return q;
}

void *mem_array(size_t count, size_t size)
{
    return mem_alloc(mem_product(count, size));
}

char *mem_dup(const char *s)
{
    return mem_dup_str(str_from(s));
}

char *mem_dup_str(struct str s)
{
    if (s.n == SIZE_MAX)
        mem_out();
    char *p = mem_alloc(s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    return p;
}

struct arena *arena_new(void)
{
    struct arena *a = mem_alloc(sizeof *a);
    a->next_size = CHUNK_FIRST;
    return a;
}

#ifdef ARENA_POISONED
static struct chunk *cache_take(size_t size)
{
    UNUSED(size);
    return NULL;
}

static bool cache_put(struct chunk *c)
{
    UNUSED(c);
    return false;
}
#else
/*
 * Chunks of arenas that ended, by size, for those that begin: a program that reads a thousand small files asks the
 * kernel for the pages of one. What was handed out is zeroed on the way in, so that a chunk is as good as new.
 */
#define CACHE_SIZES 7 /* 4 KiB to 256 KiB */
#define CACHE_EACH 4  /* chunks of a size: 2 MiB in all, a thread */

static _Thread_local struct {
    struct chunk *p[CACHE_EACH];
    size_t n;
} cache[CACHE_SIZES];

/* A thread gives its chunks back when it ends, whoever began it: libuv, libmicrohttpd or we. */
static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool key_made;
static _Thread_local bool cache_used;

static void cache_drop(void *ignored)
{
    UNUSED(ignored);
    for (size_t i = 0; i < CACHE_SIZES; i++)
        while (cache[i].n > 0)
            free(cache[i].p[--cache[i].n]);
    cache_used = false;
}

static void key_make(void)
{
    key_made = pthread_key_create(&key, cache_drop) == 0;
}

/* False: nobody would give the chunks of this thread back. */
static bool cache_begin(void)
{
    if (!cache_used) {
        pthread_once(&key_once, key_make);
        cache_used = key_made && pthread_setspecific(key, cache) == 0;
    }
    return cache_used;
}

/* CACHE_SIZES: not one of the ordinary sizes. */
static size_t cache_slot(size_t size)
{
    size_t i = 0;
    while (i < CACHE_SIZES && CHUNK_FIRST << i != size)
        i++;
    return i;
}

static struct chunk *cache_take(size_t size)
{
    size_t i = cache_slot(size);
    return i < CACHE_SIZES && cache[i].n > 0 ? cache[i].p[--cache[i].n] : NULL;
}

static bool cache_put(struct chunk *c)
{
    size_t i = cache_slot(c->size);
    if (i == CACHE_SIZES || cache[i].n == CACHE_EACH || !cache_begin())
        return false;
    memset(c->data, 0, c->used);
    c->used = 0;
    c->next = NULL;
    cache[i].p[cache[i].n++] = c;
    return true;
}
#endif

static struct chunk *chunk_new(size_t size)
{
    struct chunk *c = cache_take(size);
    if (c != NULL)
        return c;
    c = mem_alloc(sizeof *c + size);
    c->size = size;
    POISON(c->data, size);
    return c;
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    for (struct chunk *c = a->top, *next; c; c = next) {
        next = c->next;
        UNPOISON(c->data, c->size);
        if (!cache_put(c))
            free(c);
    }
    free(a);
}

void clean_arena(void *slot)
{
    void *p;
    memcpy(&p, slot, sizeof p);
    arena_free(p);
}

/* A chunk that has room for n more bytes: the newest, a new ordinary one, or one of its own for a large n. */
static struct chunk *arena_chunk(struct arena *a, size_t n)
{
    if (a->top && a->top->size - a->top->used >= n)
        return a->top;
    if (n > a->next_size / 2) {
        struct chunk *own = chunk_new(n);
        if (a->top) {
            own->next = a->top->next;
            a->top->next = own;
        } else {
            a->top = own;
        }
        return own;
    }
    struct chunk *c = chunk_new(a->next_size);
    if (a->next_size < CHUNK_LAST)
        a->next_size *= 2;
    c->next = a->top;
    a->top = c;
    return c;
}

/* n bytes at a multiple of `align`, which is 1 or that of max_align_t; they are zero because chunks come of calloc. */
static void *arena_take(struct arena *a, size_t n, size_t align)
{
    if (n > SIZE_MAX / 2)
        mem_out();
    struct chunk *c = arena_chunk(a, n + GAP + align - 1);
    size_t at = (c->used + align - 1) / align * align;
    c->used = at + n + GAP;
    a->handed += n;
    UNPOISON(c->data + at, n);
    return c->data + at;
}

void *arena_alloc(struct arena *a, size_t n)
{
    return arena_take(a, n ? n : 1, alignof(max_align_t));
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    return arena_alloc(a, mem_product(count, size));
}

struct str arena_str(struct arena *a, struct str s)
{
    if (s.n == SIZE_MAX)
        mem_out();
    char *p = arena_take(a, s.n + 1, 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    return str_of(p, s.n);
}

struct str arena_cstr(struct arena *a, const char *s)
{
    return arena_str(a, str_from(s));
}

struct str arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    char small[256];
    int n = vsnprintf(small, sizeof small, fmt, args);
    va_end(args);
    if (n < 0)
        mem_out();
    char *p = arena_take(a, (size_t)n + 1, 1);
    if ((size_t)n < sizeof small)
        memcpy(p, small, (size_t)n);
    else
        vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return str_of(p, (size_t)n);
}

size_t arena_used(const struct arena *a)
{
    return a->handed;
}
