/*
 * scaffold/record.h - slipway.toml, the record of a project that slipway wrote: its answers, and the hash of each file
 * as it was written. Pure: texts in, texts out.
 *
 * People edit it, and it holds their settings too: a change touches the words that it must and leaves the rest, with
 * comments and order, as it is.
 */
#pragma once
#include "core/err.h"
#include "core/map.h"
#include "core/value.h"
#include "doc/diag.h"
#include "scaffold/scaffold.h"

struct record {
    struct str text;
    const struct value *root;
    struct map places; /* of keys: doc/toml.h */
};

/* Reads source `file`. -EINVAL when it is no TOML: d has the fault. The record borrows the text of the sources. */
int record_read(struct arena *a, const struct sources *s, uint32_t file, struct diags *d, struct record *ret);
/* Whether it has [scaffold.answers]: a slipway.toml may hold settings alone. */
bool record_has_answers(const struct record *r);
/*
 * The answers, completed and checked: what is missing is taken as `new` takes it. -EINVAL with a sentence when one is
 * not as slipway writes it, or when the project was made from a template that this slipway does not have.
 */
int record_answers(struct arena *a, const struct record *r, struct answers *ret, struct err *e);
/*
 * The record's text with the services of x and the hashes of these files; equal to r->text when it tells them already.
 * -EINVAL when it is written in a form in which its words cannot be found: then a person has to change it.
 */
int record_change(struct arena *a, const struct record *r, const struct answers *x, const struct scaffold_file *files,
                  size_t n, struct str *ret, struct err *e);
