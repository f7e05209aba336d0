/*
 * trigger/regex.h - the regular expressions of triggers and filters: a search in a short text (a branch, a path).
 *
 * PCRE2 underneath, held to what the services' engines have: RE2 (Cloud Build) knows no back-references and no
 * look-around, so those are errors with its meaning. Matching is bounded: what would take too long is no match, and
 * regex_search says so. Compiled patterns live in the arena and may be used by one thread at a time.
 */
#pragma once
#include "core/base.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/str.h"

struct regex;

enum regex_dialect {
    REGEX_RE2,    /* Cloud Build: no look-around, no back-references, no possessive quantifiers; (?P<n>) is a group */
    REGEX_COMMON, /* CodeBuild, whose dialect is not told: PCRE's */
};

#define REGEX_PATTERN_MAX ((size_t)16 << 10) /* bytes */

/* Compiles; -EINVAL with what is wrong and where (its byte, from 0) in e. Patterns past 16 KiB are -E2BIG. */
int regex_compile(struct arena *a, struct str pattern, enum regex_dialect dialect, struct regex **ret, struct err *e);
/* The same; on -EINVAL *ret_at is that byte, and e is only what is wrong. */
int regex_compile_at(struct arena *a, struct str pattern, enum regex_dialect dialect, struct regex **ret,
                     size_t *ret_at, struct err *e);
/* 1: it is found anywhere in text; 0: it is not; -ELOOP: the search was given up. */
int regex_search(const struct regex *r, struct str text);
