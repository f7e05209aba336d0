/*
 * core/fold.h - upper and lower case of a code point: simple 1:1 mappings of the basic plane, without a language.
 *
 * What .NET calls invariant: no letter outside ASCII becomes one of ASCII by upper case, and what has no single
 * counterpart (U+00DF, U+0130) stays. Tables are made by tools/fold_table.py.
 */
#pragma once
#include "core/base.h"

uint32_t fold_upper(uint32_t cp);
uint32_t fold_lower(uint32_t cp);
