/*
 * store/cache.h - folders kept by key across runs: what actions/cache, setup-python's pip cache, CodeBuild's cache
 * paths and Azure's Cache@2 stand on.
 *
 * Layout: ROOT/space/<sha256 of scope, version>/<sha256 of key>/{key,meta.json,tree/}, and ROOT/.tmp for what is being
 * made or removed. An entry appears by rename, whole or not at all, and never changes afterwards. Readers look at tree/
 * through a copy-on-write view, so a restore costs nothing. Eviction: oldest use first, past max_bytes, only entries
 * not used for a day.
 */
#pragma once
#include "core/base.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/vec.h"

struct cache_query {
    struct str space; /* one path component that does not begin with a dot: "actions", "pip" */
    struct str scope, version, key;
    struct strs scopes;       /* tried after scope */
    struct strs restore_keys; /* prefixes, in order, newest entry first */
};
/*
 * 1: found, *ret_tree is the folder and *ret_key the entry's key (in the arena); 0: a miss. In each scope in turn: the
 * key itself, then the restore keys, each as it is before it is a prefix. The key is not tried as a prefix: where a
 * service does that, its caller puts the key before its restore keys.
 */
int cache_find(struct arena *a, const char *root, const struct cache_query *q, struct str *ret_tree,
               struct str *ret_key, struct err *e);
/* An entry that is being made: its folder is filled, then kept or dropped. */
struct cache_draft;
/*
 * Begins an entry of q's space, scope, version and key. 1: *ret, whose folder *ret_tree (absolute, empty, 0700) is for
 * the caller to fill; 0: there is one already.
 */
int cache_begin(const char *root, const struct cache_query *q, struct cache_draft **ret, const char **ret_tree,
                struct err *e);
/* Keeps it: 1, or 0 when another saver of the key was faster and its entry stays. Frees d in any case. */
int cache_keep(struct cache_draft *d, struct err *e);
void cache_drop(struct cache_draft *d); /* NULL is allowed */
/* Removes least recently used entries until at most max_bytes remain, and what a crash left. No root: 0. */
int cache_trim(const char *root, uint64_t max_bytes, struct err *e);
