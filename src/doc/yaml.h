/*
 * doc/yaml.h - a YAML document as a tree with source positions (libyaml underneath).
 *
 * The tree keeps what was written: scalars are text with their style and tag; what a plain scalar means (is `on` a
 * bool?) is for the provider to say, as the services differ. Duplicate keys are kept, too: the provider compares
 * them by its own rule. Anchors are replayed (each alias is a deep copy, with the alias's span in alias_span) within
 * limits. Pure; the tree lives in the arena.
 */
#pragma once
#include "core/base.h"
#include "core/mem.h"
#include "doc/diag.h"
#include "doc/source.h"

enum doc_kind { DOC_NULL, DOC_SCALAR, DOC_SEQ, DOC_MAP }; /* DOC_NULL: an empty plain scalar without a tag */
enum doc_style { DOC_PLAIN, DOC_SINGLE, DOC_DOUBLE, DOC_LITERAL, DOC_FOLDED, DOC_BLOCK, DOC_FLOW };

struct doc_node;
struct doc_pair {
    struct doc_node *key; /* DOC_SCALAR or DOC_NULL; anything else was an error */
    struct doc_node *value;
};

struct doc_node {
    enum doc_kind kind;
    enum doc_style style;
    struct span span;  /* of the text as written; a block scalar's span begins at its | or > */
    struct span alias; /* where an alias stood that produced this copy (and all below it), else SPAN_NONE */
    struct str text;   /* DOC_SCALAR: the resolved text; DOC_NULL: "" */
    struct str tag;    /* explicit tag ("tag:yaml.org,2002:str"), else empty */
    struct str anchor; /* name of the anchor it carries, else empty; copies carry none */
    uint32_t line_off; /* block scalars: byte offset in the source of the first content line, else span.off */
    union {
        struct {
            struct doc_node **p;
            size_t n, cap;
        } seq;
        struct {
            struct doc_pair *p;
            size_t n, cap;
        } map;
    };
};

struct yaml_limits {
    size_t max_bytes; /* of the text; default 1 MiB */
    unsigned depth;   /* default 50 */
    size_t nodes;     /* after replaying aliases; default 50,000 */
    bool thorough;    /* by libyaml alone, for tests that compare */
    bool no_anchors;  /* anchors are an error (action.yml, Azure) */
};
/* A field that is 0 stands for its default. Depth counts mappings and sequences within each other, at most 1,000. */
#define YAML_LIMITS ((struct yaml_limits){.max_bytes = (size_t)1 << 20, .depth = 50, .nodes = 50000})

/*
 * Reads source `file`. Problems go to d (codes YAxxx, SL002); returns the root, or NULL when no tree could be made.
 * An empty document is a DOC_NULL root. A tree that is returned may have errors all the same: unknown aliases are
 * DOC_NULL, pairs whose key is no scalar are left out, documents after the first are not read.
 */
struct doc_node *yaml_read(struct arena *a, const struct sources *s, uint32_t file, const struct yaml_limits *limits,
                           struct diags *d);
/* The first value of `key` (exact), or NULL; NULL also when node is not a DOC_MAP. */
struct doc_node *doc_get(const struct doc_node *node, const char *key);
/*
 * Bytes [at, at + len) of a scalar's resolved text, as a span in the source, for errors inside `run:` and expressions;
 * at == text.n is the place behind the last byte. Escapes, folded lines and indentation are followed.
 */
struct span doc_span_in(const struct sources *s, const struct doc_node *scalar, size_t at, size_t len);
