/*
 * trigger/glob.h - the filter patterns of GitHub workflows (specification 3.5, 3.6): branches, tags and paths.
 *
 * `*` any but /, `**` anything, `?` and `+` repeat the item before them, [..] one of, \ escapes, a leading ! negates.
 * Matching is whole, case-sensitive, and linear in the text for a fixed pattern (an NFA, no backtracking).
 */
#pragma once
#include "core/base.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/vec.h"

struct glob;
/* Compiles; -EINVAL with the reason in e. A leading ! is taken off and told in *ret_negated. */
int glob_compile(struct arena *a, struct str pattern, struct glob **ret, bool *ret_negated, struct err *e);
bool glob_match(const struct glob *g, struct str text);

/* An ordered list: the last pattern that matches decides; only negatives never match. Returns the deciding index or -1.
 */
struct globs {
    struct glob **p;
    bool *negated;
    struct str *text;
    size_t n;
};
bool globs_pass(const struct globs *list, struct str text, int *ret_which);
/* Does any pattern match (for *-ignore lists). */
bool globs_any(const struct globs *list, struct str text, int *ret_which);
