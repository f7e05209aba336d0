/*
 * scaffold/pythons_priv.h - the Pythons of eol.def.
 */
#pragma once
#include "core/base.h"
#include "core/str.h"

#define PYTHON_MINORS 64u /* no minor number reaches it */

/* The minor number of "3.N", or 0 when it is not offered. */
unsigned python_minor(struct str python);
/* The day its security fixes end, "2027-10-31", or empty. */
struct str python_end(struct str python);
