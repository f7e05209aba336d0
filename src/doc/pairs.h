/*
 * doc/pairs.h - names and values on one line of a command, as gcloud takes them: "_A=one,_B=two".
 *
 * A pair ends at a comma, its name at the first =; blanks around a pair do not count. Where values hold commas another
 * separator may be chosen in front: "^;^_A=1,2;_B=3" (gcloud topic escaping).
 */
#pragma once
#include "core/err.h"
#include "core/map.h"

/* Adds texts (copied) to `into`; later ones win. Empty text: nothing. -EINVAL with a sentence. */
int pairs_read(struct str text, struct map *into, struct err *e);
