#include "core/base.h"
#include "core/wildcard.h"

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
bool wildcard_match(struct str pat, struct str name)
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
