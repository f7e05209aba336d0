/*
 * doc/toml_priv.h - the reader of TOML, shared between its two files: toml.c has the document (tables, keys, values),
 * toml_scalar.c the scalars.
 */
#pragma once
#include "doc/toml.h"

struct toml {
    struct arena *arena;
    struct diags *diags;
    uint32_t file;
    struct str text;
    size_t i;           /* the next byte */
    struct map kinds;   /* address of an object or array -> enum made, as a pointer */
    struct map *places; /* address of a key -> struct span *; or NULL */
};

/* The next byte, or 0 at the end; NUL bytes were refused before. */
static inline char toml_peek(const struct toml *t)
{
    return t->i < t->text.n ? t->text.p[t->i] : 0;
}

static inline bool toml_at(const struct toml *t, const char *what)
{
    return str_starts(str_from_index(t->text, t->i), str_from(what));
}

/* The length of the line end at the next byte, 0 when there is none. */
size_t toml_newline(const struct toml *t);

/* Adds an error for [from, to) and returns false. */
bool toml_fail(struct toml *t, const char *code, size_t from, size_t to, const char *fmt, ...) PRINTF_LIKE(5, 6);
#ifdef __clang_analyzer__ /* clang-tidy does not look into variadic functions */
#define toml_fail(...) ((toml_fail)(__VA_ARGS__), false)
#endif

/* Reads a quoted string of any of the four kinds; false after an error. */
bool toml_string(struct toml *t, struct str *ret);
/* A basic or literal string on one line, as in keys. */
bool toml_line_string(struct toml *t, struct str *ret);
/* Reads a bool, number, date or time: what begins here and is not quoted. NULL after an error. */
struct value *toml_bare(struct toml *t);
