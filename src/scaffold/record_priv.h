/*
 * scaffold/record_priv.h - a line of slipway.toml's table [files].
 */
#pragma once
#include "scaffold/scaffold.h"

/* "path" = "sha256:..." without a line end. */
int record_line(struct arena *a, const struct scaffold_file *file, struct str *ret, struct err *e);
