/*
 * cli/man.h - the manual page, made of the same tables as `slipway help`.
 */
#pragma once
#include "cli/cli.h"

/* slipway(1) as roff. */
void man_print(FILE *to);
