/*
 * provider/github/cache_priv.h - caches of a repository: what actions/cache and the caches of setup-* share
 * (specification 12.7, 12.8).
 *
 * An entry belongs to the repository and to a ref. A job looks in its own ref, then in the base of its pull request,
 * then in the default branch, and it writes to its own. Entries of other lists of paths do not match.
 */
#pragma once
#include "provider/github/gh_run_priv.h"

struct gh_cache_key {
    struct strs paths; /* patterns of actions/glob; gh_glob_escape makes one of a path */
    struct str key;
    struct strs restore_keys;
};

/* OP_RESTORE or OP_SAVE of it. As at the service, the key is tried as a prefix before the restore keys are. */
void gh_op_cache(struct gh_task *t, struct op *op, enum op_kind kind, const struct gh_cache_key *k);
/* The ref that the job's caches are kept for, and those where it looks as well. */
void gh_cache_refs(struct gh_run *r, struct str *ret_ref, struct strs *ret_more);
/* A pattern that matches just this path. */
struct str gh_glob_escape(struct arena *a, struct str path);
