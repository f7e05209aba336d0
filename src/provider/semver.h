/*
 * provider/semver.h - versions and ranges as npm reads them: what the services' setups of Python, Node.js and Go mean
 * by a version (github-actions specification 14, azure-pipelines specification 9.6, 9.7).
 *
 * Nouns: a version is M.m.p with an optional prerelease; a range is a set of comparators joined by spaces (and) and
 * `||` (or). Pure; a range lives in the arena that parse was given.
 */
#pragma once
#include "core/err.h"
#include "core/mem.h"

struct semver {
    uint64_t part[3]; /* major, minor, patch */
    struct str pre;   /* "rc.1", borrowed from the text; empty: a release */
};

/* A whole version; a leading `v` or `=` and a build part are passed over. -EINVAL when it is none. */
int semver_parse(struct str s, struct semver *ret);
/* Negative, 0 or positive: numeric parts first, then the prerelease (none is the greatest). */
int semver_cmp(const struct semver *a, const struct semver *b);

struct semver_range;
/* prerelease: prereleases are taken like any version (npm's includePrerelease). -EINVAL and e when it is no range. */
int semver_range_parse(struct arena *a, struct str s, bool prerelease, struct semver_range **ret, struct err *e);
bool semver_range_has(const struct semver_range *r, const struct semver *v);
