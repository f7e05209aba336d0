/*
 * doc/toml.h - TOML 1.0 (tables, dotted keys, arrays, inline tables, all strings, numbers, bools, dates as text) as
 * values, with diagnostics that carry positions. For slipway.toml and the pyproject.toml that setup-python reads.
 */
#pragma once
#include "core/value.h"
#include "doc/diag.h"

/* Reads source `file`; NULL after an error in d. Objects keep order and case. Dates come out as strings. */
struct value *toml_read(struct arena *a, const struct sources *s, uint32_t file, struct diags *d);
