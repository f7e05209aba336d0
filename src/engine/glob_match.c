/*
 * engine/glob_match.c - one path against one pattern, both cut into names.
 */
#include "core/base.h"
#include "engine/glob_match_priv.h"

/* One character of a class at p[*i], which a backslash may hide. */
static char class_char(struct str pat, size_t *i)
{
    if (pat.p[*i] == '\\' && *i + 1 < pat.n)
        ++*i;
    return pat.p[(*i)++];
}

/* [abc], [a-z], [!a]; *len is its length with brackets, 0 when it is not closed (then [ is itself). */
static bool class_match(struct str pat, char c, size_t *len)
{
    size_t i = 1;
    bool negate = pat.n > 1 && (pat.p[1] == '!' || pat.p[1] == '^'), hit = false;
    i += negate ? 1 : 0;
    for (bool first = true; i < pat.n && (first || pat.p[i] != ']'); first = false) {
        unsigned char lo = (unsigned char)class_char(pat, &i), hi = lo;
        if (i + 1 < pat.n && pat.p[i] == '-' && pat.p[i + 1] != ']') {
            i++;
            hi = (unsigned char)class_char(pat, &i);
        }
        hit = hit || ((unsigned char)c >= lo && (unsigned char)c <= hi);
    }
    *len = i < pat.n ? i + 1 : 0;
    return hit != negate;
}

/* The pattern's next item against one character; *len is the item's length. */
static bool item_match(struct str pat, char c, size_t *len)
{
    *len = 1;
    if (pat.p[0] == '?')
        return true;
    if (pat.p[0] == '\\' && pat.n > 1) {
        *len = 2;
        return pat.p[1] == c;
    }
    if (pat.p[0] == '[') {
        bool ok = class_match(pat, c, len);
        if (*len > 0)
            return ok;
        *len = 1;
    }
    return pat.p[0] == c;
}

/* Iterative, with a single point to come back to (the last star). */
bool glob_name_match(struct str pat, struct str name)
{
    size_t p = 0, i = 0, star = SIZE_MAX, mark = 0;
    while (i < name.n) {
        size_t len = 0;
        if (p < pat.n && pat.p[p] == '*') {
            star = p++;
            mark = i;
        } else if (p < pat.n && item_match(str_from_index(pat, p), name.p[i], &len)) {
            p += len;
            i++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            i = ++mark;
        } else {
            return false;
        }
    }
    while (p < pat.n && pat.p[p] == '*')
        p++;
    return p == pat.n;
}

static bool is_deep(const struct glob_pattern *pt, size_t k)
{
    return !pt->seg[k].exact && str_is(pt->seg[k].text, "**");
}

static bool seg_match(const struct glob_seg *seg, struct str name)
{
    return seg->exact ? str_eq(seg->text, name) : glob_name_match(seg->text, name);
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
