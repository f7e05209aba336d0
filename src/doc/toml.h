/*
 * doc/toml.h - TOML 1.0 (tables, dotted keys, arrays, inline tables, all strings, numbers, bools, dates as text) as
 * values, with diagnostics that carry positions. For slipway.toml and the pyproject.toml that setup-python reads.
 */
#pragma once
#include "core/value.h"
#include "doc/diag.h"

/*
 * Reads source `file`; NULL after an error in d (codes TMxxx, SL002): reading ends with the first one. Objects keep
 * order and case. Dates and times come out as strings, as written. Numbers are doubles: integers past 2^53 lose
 * digits, those past 64 bits are errors. At most 1 MiB of text, values nested 50 deep.
 */
struct value *toml_read(struct arena *a, const struct sources *s, uint32_t file, struct diags *d);
/* The same; places is made, for toml_key_span. */
struct value *toml_read_places(struct arena *a, const struct sources *s, uint32_t file, struct diags *d,
                               struct map *places);
/* Where a key stands; key: as its table has it, not a copy. */
struct span toml_key_span(const struct map *places, struct str key);
