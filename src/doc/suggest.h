/* doc/suggest.h - "did you mean": the nearest of the allowed words, or nothing when none is near. */
#pragma once
#include "core/base.h"
#include "core/str.h"

/*
 * Damerau-Levenshtein distance (swapped neighbours cost 1), ASCII case folded, capped at `cap` + 1. Texts longer than
 * SUGGEST_MAX bytes are taken as far apart unless they are equal.
 */
#define SUGGEST_MAX 64
unsigned suggest_distance(struct str a, struct str b, unsigned cap);
/* The nearest of words[0..n) within a third of the word's length (at least 1, at most 3); STR_NONE when none. */
struct str suggest(struct str word, const char *const *words, size_t n);
