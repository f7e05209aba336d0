/*
 * core/num.h - numbers from text and back. Every reader takes the whole text: no leading space, no rest.
 * Errors: -EINVAL when it is not a number, -ERANGE when it is past the limit; *ret is written on success only.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "core/str.h"

int num_parse_u64(struct str s, uint64_t max, uint64_t *ret);            /* digits only */
int num_parse_i64(struct str s, int64_t min, int64_t max, int64_t *ret); /* an optional sign, digits */
int num_parse_size(struct str s, uint64_t *ret);                         /* 10, 10k, 10KiB, 2M, 1G: bytes, base 1024 */
/*
 * Decimal or exponent form, optional sign: [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?  Locale-free. -ERANGE
 * when it is too large for a finite double; what is too small reads as 0.
 */
int num_parse_double(struct str s, double *ret);
/* .NET "G15" (github-actions specification 16.1): NaN, Infinity, -0 as 0, 1E+15, 1E-05. */
int num_add_g15(struct buf *b, double x);
/* Durations for people: 0.4s, 12s, 1m12s, 2h03m. ns may be 0; negative prints as 0s. */
int num_add_duration(struct buf *b, int64_t ns);
/* Sizes for people, binary: 512 B, 1.5 KiB, 20 MiB. */
int num_add_size(struct buf *b, uint64_t bytes);
/* ISO 8601 in UTC, with milliseconds: 2026-11-23T10:20:30.123Z. */
int num_add_time(struct buf *b, int64_t epoch_ms);
