/*
 * doc/source.h - texts and places in them.
 *
 * Nouns: a source is one text with the name people know it by; a span is a byte range in it, 12 bytes, kept by every
 * node; a place (line and column, 1-based) is computed when something is printed.
 * Ownership: a `struct sources` owns copies of all texts, in an arena of its own; spans stay valid as long as it.
 */
#pragma once
#include "core/base.h"
#include "core/mem.h"
#include "core/str.h"

struct span {
    uint32_t file; /* 1-based source number; 0: nowhere */
    uint32_t off;  /* byte offset */
    uint32_t len;  /* bytes, may be 0 */
};
#define SPAN_NONE ((struct span){0, 0, 0})

struct place {
    struct str file;
    unsigned line, column; /* 1-based; column counts code points; 0 when nowhere */
};

struct sources;
struct sources *sources_new(void);
void sources_free(struct sources *s); /* NULL is allowed */
void clean_sources(void *slot);
/* Copies name and text in. Returns the source number. Texts past 4 GiB are a BUG: callers limit before. */
uint32_t sources_add(struct sources *s, struct str name, struct str text);
struct str sources_text(const struct sources *s, uint32_t file);
struct str sources_name(const struct sources *s, uint32_t file);
struct place sources_place(const struct sources *s, struct span span);
/* The line (without its newline) on which the span begins. */
struct str sources_line(const struct sources *s, struct span span);
