/*
 * gb_artifacts_glob.c - which files a path of artifacts takes: patterns of bash with globstar, as the service's local
 * builder expands them (gsutil.go, `find ./PATTERN -type f`). A star does not match a leading dot, `**` stands for
 * folders at any depth, and what matches a folder takes every file below it.
 */
#include "core/base.h"
#include "provider/cloudbuild/run_priv.h"

#include "core/wildcard.h"

/* One name against one part of the pattern. */
static bool part_match(struct str pattern, struct str name)
{
    bool hidden = name.n > 0 && name.p[0] == '.';
    bool asked =
        pattern.n > 0 && (pattern.p[0] == '.' || (pattern.p[0] == '\\' && pattern.n > 1 && pattern.p[1] == '.'));
    return (!hidden || asked) && wildcard_match(pattern, name);
}

/* What is left of both; the head of the pattern is neither empty nor ".". */
struct glob_place {
    struct str pattern, path;
};

static void skip_nothing(struct str *pattern)
{
    struct str part, rest;
    while (pattern->n > 0) {
        str_cut(*pattern, '/', &part, &rest);
        if (part.n > 0 && !str_is(part, "."))
            return;
        *pattern = rest;
    }
}

/* The last `**` takes one folder more, unless that is hidden. */
static bool widen(struct glob_place *star)
{
    struct str name;
    str_cut(star->path, '/', &name, &star->path);
    return name.n > 0 && name.p[0] != '.';
}

/*
 * Only the last `**` is ever widened: one before it can do no better than to end as early as it may, and none passes
 * what is hidden. What is left of the path when the pattern is at its end lies below the folder that matched.
 */
bool gb_glob_match(struct str pattern, struct str path)
{
    struct glob_place at = {pattern, path}, star = {STR_NONE, STR_NONE};
    struct str part, rest, name, below;
    bool wide = false;
    for (skip_nothing(&at.pattern); at.pattern.n > 0; skip_nothing(&at.pattern)) {
        str_cut(at.pattern, '/', &part, &rest);
        str_cut(at.path, '/', &name, &below);
        if (str_is(part, "**") && at.path.n > 0) {
            wide = true;
            at.pattern = rest;
            star = at;
        } else if (at.path.n > 0 && part_match(part, name)) {
            at = (struct glob_place){rest, below};
        } else if (wide && widen(&star)) {
            at = star;
        } else {
            return false;
        }
    }
    return true;
}
