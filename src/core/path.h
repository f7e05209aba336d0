/*
 * core/path.h - paths as text. Nothing here asks the file system; results are in the arena.
 */
#pragma once
#include "core/base.h"
#include "core/mem.h"

struct str path_join(struct arena *a, struct str dir, struct str name); /* an absolute name wins */
/* Collapses //, . and .. as text; never climbs above / or, for a relative path, above its start ("../x" stays). */
struct str path_clean(struct arena *a, struct str path);
struct str path_base(struct str path); /* the last component, "" for "/" */
struct str path_dir(struct str path);  /* all before it, "." when there is none, "/" for "/x" */
struct str path_ext(struct str path);  /* of the last component, with its dot, or empty; ".x" has none */
bool path_is_abs(struct str path);
/* True when clean absolute `path` is `dir` or lies below it. */
bool path_under(struct str path, struct str dir);
/* path relative to dir when path_under ("." for dir itself), else path itself. */
struct str path_rel(struct str path, struct str dir);
/* True when the relative path stays inside when followed as text: not absolute, no .. above its start, no NUL. */
bool path_is_inner(struct str path);
