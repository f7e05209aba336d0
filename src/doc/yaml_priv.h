/*
 * doc/yaml_priv.h - what the reader of YAML shares between its files: places of libyaml's marks, and its complaints
 * in words.
 */
#pragma once
#include "doc/yaml.h"

#include <yaml.h>

/*
 * libyaml's marks count code points; spans count bytes. A cursor walks from the last mark to the next one, which is
 * near, as marks come almost in order.
 */
struct yaml_cursor {
    struct str text; /* without the byte order mark */
    size_t bom;      /* bytes in front of text in the source */
    size_t chars, bytes;
};

/* The offset in the source of the code point `index`. */
size_t yaml_offset(struct yaml_cursor *c, size_t index);

/*
 * The tree of a text without a byte order mark, read without libyaml; NULL when it holds anything unusual or wrong,
 * which is nothing to complain of.
 */
struct doc_node *yaml_quick(struct arena *a, uint32_t file, struct str text, const struct yaml_limits *limits);

/* Says why the parser gave up, as YA001. */
void yaml_fault(const yaml_parser_t *parser, struct yaml_cursor *c, const struct sources *s, uint32_t file,
                struct diags *d);
