/*
 * provider/github/semver_priv.h - versions and ranges as npm reads them (specification 14): what setup-python's
 * `python-version` means.
 *
 * Nouns: a version is M.m.p with an optional prerelease; a range is a set of comparators joined by spaces (and) and
 * `||` (or). Pure; a range lives in the arena that parse was given.
 */
#pragma once
#include "core/err.h"
#include "core/mem.h"

struct gh_version {
    uint64_t part[3]; /* major, minor, patch */
    struct str pre;   /* "rc.1", borrowed from the text; empty: a release */
};

/* A whole version; a leading `v` or `=` and a build part are passed over. -EINVAL when it is none. */
int gh_version_parse(struct str s, struct gh_version *ret);
/* Negative, 0 or positive: numeric parts first, then the prerelease (none is the greatest). */
int gh_version_cmp(const struct gh_version *a, const struct gh_version *b);

struct gh_range;
/* prerelease: prereleases are taken like any version (npm's includePrerelease). -EINVAL and e when it is no range. */
int gh_range_parse(struct arena *a, struct str s, bool prerelease, struct gh_range **ret, struct err *e);
bool gh_range_has(const struct gh_range *r, const struct gh_version *v);
