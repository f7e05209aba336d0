/*
 * engine/glob_match.c - one path against one pattern, both cut into names.
 */
#include "core/base.h"
#include "engine/glob_match_priv.h"

#include "core/wildcard.h"

static bool is_deep(const struct glob_pattern *pt, size_t k)
{
    return !pt->seg[k].exact && str_is(pt->seg[k].text, "**");
}

static bool seg_match(const struct glob_seg *seg, struct str name)
{
    return seg->exact ? str_eq(seg->text, name) : wildcard_match(seg->text, name);
}

/* Where in the pattern one may be before name n, given where one may be before name n - 1. False: nowhere. */
static bool advance(const struct glob_pattern *pt, struct str name, bool at[GLOB_SEGMENTS_MAX + 1])
{
    bool next[GLOB_SEGMENTS_MAX + 1] = {false}, any = false;
    for (size_t k = 0; k < pt->n; k++) {
        if (!at[k])
            continue;
        if (is_deep(pt, k))
            next[k] = any = true;
        else if (seg_match(&pt->seg[k], name))
            next[k + 1] = any = true;
    }
    for (size_t k = 0; k < pt->n; k++)
        if (next[k] && is_deep(pt, k))
            next[k + 1] = true;
    memcpy(at, next, sizeof next);
    return any;
}

/* A table over the pattern's places instead of recursion, so that "**" costs no more than anything else. */
unsigned glob_pattern_match(const struct glob_pattern *pt, const struct str *path, size_t n, bool implicit,
                            bool *ret_partial)
{
    bool at[GLOB_SEGMENTS_MAX + 1] = {true};
    *ret_partial = false;
    for (size_t k = 0; k < pt->n && is_deep(pt, k); k++)
        at[k + 1] = true;
    for (size_t i = 0; i < n; i++) {
        if (implicit && at[pt->n]) { /* a folder above matches, and so does all below it */
            *ret_partial = true;
            return GLOB_FOLDER | GLOB_FILE;
        }
        if (!advance(pt, path[i], at))
            return 0;
    }
    *ret_partial = true;
    if (!at[pt->n])
        return 0;
    return pt->folders_only ? GLOB_FOLDER : GLOB_FOLDER | GLOB_FILE;
}
