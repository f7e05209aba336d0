/*
 * provider/cloudbuild/gb_read_priv.h - how a build config is read: tables of keys and a path to where the reader is.
 *
 * Nouns: a key is an entry of a table that says what a message may hold and where its value goes; a message is a
 * mapping that such a table describes (the service's word: configs are its API's messages). Keys are known in camelCase
 * and in snake_case, which are one key. The place is the chain of keys and indexes above a value: ".steps[0].args[2]".
 * Every reader goes on after an error, so that one pass finds all. Nothing here leaves gb_read*.c.
 */
#pragma once
#include "core/base.h"
#include "provider/cloudbuild/model_priv.h"

struct gb_place {
    const struct gb_place *up; /* NULL: the root */
    struct str key;            /* empty: index counts */
    size_t index;
};

struct gb_reader {
    struct arena *a;
    struct diags *d;
    struct gb_build *b;
    const struct gb_place *place; /* of the value being read; NULL at the root */
    const struct doc_node *key;   /* the key of that value; NULL for items */
};

/* What the value of a key is; `at` is where it goes: an offset in the struct that the message is read into. */
enum gb_value {
    GB_V_TEXT,     /* struct gb_text */
    GB_V_TEXTS,    /* struct gb_texts */
    GB_V_BOOL,     /* bool */
    GB_V_TRISTATE, /* enum gb_tristate */
    GB_V_DURATION, /* int64_t, nanoseconds; its span goes to gb_key.span_at when that is not 0 */
    GB_V_CALL,     /* read() does it */
    GB_V_LIST,     /* read() does it, for each item of a list of messages */
    GB_V_OTHER,    /* a text with substitutions that nothing here reads */
    GB_V_IGNORED,  /* anything: the service has it, and it means nothing here */
    GB_V_OUTPUT    /* the service sets it */
};

struct gb_key {
    const char *name; /* camelCase */
    enum gb_value kind;
    size_t at, span_at;
    void (*read)(struct gb_reader *r, const struct doc_node *value, void *into);
};

/*
 * Reads a mapping by a table: unknown and doubled keys are told, merge keys (`<<`) are followed. False when it is no
 * mapping, which is told unless it is null.
 */
bool gb_read_message(struct gb_reader *r, const struct doc_node *node, const struct gb_key *keys, size_t n, void *into);
/* Nothing, ~ or null: a key that might as well not be there. */
bool gb_is_null(const struct doc_node *n);
/* A text; -1 and a diagnostic for anything else, numbers and booleans without quotes included. */
int gb_read_text(struct gb_reader *r, const struct doc_node *n, struct gb_text *ret);
/* A list of texts; a single text is one of them, with a warning. */
void gb_read_texts(struct gb_reader *r, const struct doc_node *n, struct gb_texts *ret);
/* One of the words; its index, or -1 and a diagnostic. `first` is the number of the first word (enums count). */
int gb_read_word(struct gb_reader *r, const struct doc_node *n, const char *const *words, size_t n_words);
/* A whole number, with or without quotes; -1 and a diagnostic when it is none or outside of 0 to max. */
int64_t gb_read_number(struct gb_reader *r, const struct doc_node *n, int64_t max);
/* Calls item(r, value, into) for each pair of a mapping whose keys are free, with r->key set. */
void gb_read_pairs(struct gb_reader *r, const struct doc_node *node,
                   void (*item)(struct gb_reader *r, const struct doc_node *value, void *into), void *into);
/* ".steps[0].args" of what is being read; "." at the root. */
struct str gb_place_text(const struct gb_reader *r);
/* "a mapping", "a list", "a number" ... */
const char *gb_kind_name(const struct doc_node *n);

/* ---- the messages ---- */

void gb_read_step(struct gb_reader *r, const struct doc_node *value, void *into);      /* gb_read_step.c */
void gb_read_volume(struct gb_reader *r, const struct doc_node *value, void *into);    /* into: struct gb_volumes */
void gb_read_options(struct gb_reader *r, const struct doc_node *value, void *into);   /* gb_read_options.c */
void gb_read_artifacts(struct gb_reader *r, const struct doc_node *value, void *into); /* gb_read_artifacts.c */
void gb_read_available(struct gb_reader *r, const struct doc_node *value, void *into); /* gb_read_secrets.c */
void gb_read_secret(struct gb_reader *r, const struct doc_node *value, void *into);    /* into: struct gb_build */
