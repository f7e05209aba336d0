/*
 * engine/glob_priv.h - files of a job by pattern, as actions/glob finds them (github-actions specification 4.11).
 *
 * Nouns: a pattern is a line; its root is the part before the first wildcard; a hit is what a pattern chose.
 * Patterns apply in order, "!" takes back what earlier ones chose. "*", "?", "[]" and "\" as minimatch has them with
 * dot, nobrace and noext; "**" is any number of folders; a slash at the end means folders only; "~" is the home.
 * The walk goes down each root depth first, names in byte order. It sees the job's files from a descriptor of the
 * sandbox's "/", so links lead nowhere else, and it may run in any thread.
 */
#pragma once
#include "core/err.h"
#include "core/mem.h"
#include "core/vec.h"

#include <sys/stat.h>

struct glob_options {
    const char *who;   /* begins what is said of a pattern, "hashFiles: "; or "" */
    struct str root;   /* absolute and clean: relative patterns are below it */
    struct str home;   /* what "~" is; absolute and clean */
    struct str within; /* nothing outside of this folder is a hit; empty: everything may be */
    bool follow;       /* links are what they lead to; those that lead nowhere are passed over */
    bool hidden;       /* names that begin with a dot, too */
    bool implicit;     /* a pattern that matches a folder means all below it */
    bool folders;      /* folders are hits as well */
};

struct glob_hit {
    struct str path; /* absolute, by the way that the walk took; NUL-terminated; borrowed for the call */
    int dir;         /* its folder, and its name there */
    const char *name;
    const struct stat *st; /* with `follow`, of what a link leads to */
};

struct glob;

/* lines: one pattern or several each; blank ones and those that begin with "#" count for nothing. Lives in a. */
int glob_read(struct arena *a, const struct glob_options *o, const struct str *lines, size_t n, struct glob **ret,
              struct err *e);
/* The roots that a walk takes, in its order: absolute, none below another. */
const struct strs *glob_roots(const struct glob *g);
/* Calls each(ctx, hit) for every hit; what is negative ends the walk and is returned, with e left to each. */
int glob_walk(const struct glob *g, int root, int (*each)(void *ctx, const struct glob_hit *hit), void *ctx,
              struct err *e);
/* Opens a hit; a link is followed. -errno. */
int glob_open(int root, const struct glob_hit *hit, int flags);
