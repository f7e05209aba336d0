/*
 * gb_artifacts_glob.c - which files a path of artifacts takes: patterns of bash with globstar, as the service's local
 * builder expands them (gsutil.go, `find ./PATTERN -type f`). A star does not match a leading dot, `**` stands for
 * folders at any depth, and what matches a folder takes every file below it.
 */
#include "core/base.h"
#include "provider/cloudbuild/run_priv.h"

#include "core/wildcard.h"

#define DEPTH_MAX 64 /* of `**` in a pattern */

/* One name against one part of the pattern. */
static bool part_match(struct str pattern, struct str name)
{
    bool hidden = name.n > 0 && name.p[0] == '.';
    bool asked =
        pattern.n > 0 && (pattern.p[0] == '.' || (pattern.p[0] == '\\' && pattern.n > 1 && pattern.p[1] == '.'));
    return (!hidden || asked) && wildcard_match(pattern, name);
}

static bool match(struct str pattern, struct str path, int depth);

/* `**` at the head: nothing, or one folder more, unless that is hidden. */
static bool match_any(struct str rest, struct str path, int depth)
{
    struct str name, below;
    for (;;) {
        if (match(rest, path, depth + 1))
            return true;
        str_cut(path, '/', &name, &below);
        if (name.n == 0 || name.p[0] == '.')
            return false;
        path = below;
    }
}

static bool match(struct str pattern, struct str path, int depth)
{
    struct str part, name;
    while (pattern.n > 0) {
        str_cut(pattern, '/', &part, &pattern);
        if (part.n == 0 || str_is(part, "."))
            continue;
        if (str_is(part, "**"))
            return depth < DEPTH_MAX && match_any(pattern, path, depth);
        if (path.n == 0)
            return false;
        str_cut(path, '/', &name, &path);
        if (!part_match(part, name))
            return false;
    }
    return true; /* what is left of the path lies below the folder that matched */
}

bool gb_glob_match(struct str pattern, struct str path)
{
    return match(pattern, path, 0);
}
