/*
 * core/mem.h - memory: the checked heap and the arena.
 *
 * Nouns: an arena is a lifetime (a parsed document with its plan, one run of a job). What is allocated from it lives
 * until arena_free and is never freed alone. The heap functions never return NULL: out of memory ends the program
 * with one line on stderr and exit status 70, as no caller could do better.
 * Ownership: arena_new gives an arena to its caller; everything allocated in it is borrowed from it.
 */
#pragma once
#include "core/base.h"
#include "core/str.h"

void *mem_alloc(size_t n);                  /* n bytes, zeroed; n may be 0 */
void *mem_realloc(void *p, size_t n);       /* as realloc; new bytes are not zeroed */
void *mem_array(size_t count, size_t size); /* zeroed, refuses count * size overflow */
char *mem_dup(const char *s);               /* NUL-terminated copy */
char *mem_dup_str(struct str s);            /* NUL-terminated copy of borrowed bytes */

struct arena;

/* A new empty arena; never NULL. */
struct arena *arena_new(void);
/* Frees the arena and all that was allocated in it. NULL is allowed. */
void arena_free(struct arena *a);
void clean_arena(void *slot);
/* n zeroed bytes, aligned for any type. */
void *arena_alloc(struct arena *a, size_t n);
/* As arena_alloc(count * size); refuses overflow. */
void *arena_array(struct arena *a, size_t count, size_t size);
/* A copy that is also NUL-terminated (the NUL is not counted); p is never NULL, also for STR_NONE. */
struct str arena_str(struct arena *a, struct str s);
struct str arena_cstr(struct arena *a, const char *s);
struct str arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Bytes handed out so far: what tests and limits ask. */
size_t arena_used(const struct arena *a);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
