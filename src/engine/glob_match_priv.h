/*
 * engine/glob_match_priv.h - patterns as glob.c has read them: names, each with wildcards or as it is.
 */
#pragma once
#include "core/vec.h"

#define GLOB_SEGMENTS_MAX 128

struct glob_seg {
    struct str text;
    bool exact; /* no wildcard and no backslash means anything in it */
};

struct glob_pattern {
    bool exclude, folders_only; /* "!" in front, "/" at the end */
    struct glob_seg *seg;       /* from "/" on */
    size_t n;                   /* at most GLOB_SEGMENTS_MAX */
    struct strs root;           /* the names before the first wildcard, without backslashes */
};

enum { GLOB_FOLDER = 1, GLOB_FILE = 2 };

/*
 * As what kind of thing path (n names) matches: 0, or GLOB_ flags. *ret_partial: it, or something below it, may match.
 * implicit: all below a match matches.
 */
unsigned glob_pattern_match(const struct glob_pattern *pt, const struct str *path, size_t n, bool implicit,
                            bool *ret_partial);
