/*
 * provider/codebuild/cb_glob.c - the patterns of artifacts, reports and exclusions (specification 3, "Glob rules").
 *
 * `*` stays within a component, `**` stands for any number of them, none included. The service's engine is not told;
 * `?` and classes are taken as a shell has them [R]. A star goes back to the last `**` only, so that the time is the
 * product of both lengths, whatever a pattern holds.
 */
#include "core/base.h"
#include "provider/codebuild/run_priv.h"

#include "core/path.h"
#include "core/wildcard.h"

/* The component at the front of *rest, taken off it. */
static struct str take(struct str *rest)
{
    struct str one = STR("");
    str_next(rest, '/', &one);
    return one;
}

bool cb_glob_match(struct str pattern, struct str path)
{
    struct str retry_pattern = STR_NONE, retry_path = STR_NONE; /* behind the last `**`, and where it gave up */
    while (path.n > 0) {
        struct str pattern_rest = pattern, path_rest = path;
        struct str want = take(&pattern_rest), has = take(&path_rest);
        if (pattern.n > 0 && str_is(want, "**")) {
            if (pattern_rest.n == 0)
                return true;
            retry_pattern = pattern = pattern_rest;
            retry_path = path;
        } else if (pattern.n > 0 && wildcard_match(want, has)) {
            pattern = pattern_rest;
            path = path_rest;
        } else if (retry_pattern.p != NULL) {
            take(&retry_path);
            path = retry_path;
            pattern = retry_pattern;
        } else {
            return false;
        }
    }
    return pattern.n == 0 || str_is(pattern, "**");
}

bool cb_glob_is_pattern(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '*' || text.p[i] == '?' || text.p[i] == '[')
            return true;
    return false;
}

struct str cb_glob_clean(struct arena *a, struct str text)
{
    struct str clean = path_clean(a, text);
    return str_is(clean, ".") ? STR("") : clean;
}
