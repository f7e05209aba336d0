/*
 * provider/github/node_priv.h - the cache of npm, yarn or pnpm as setup-node keeps it (specification 13.3): the
 * manager is asked for its folder, the lock file is hashed, what was kept is restored.
 */
#pragma once
#include "provider/github/setup_priv.h"

enum gh_node_cache_phase {
    NODE_CACHE_MANAGER, /* yarn: which generation? */
    NODE_CACHE_FOLDER,
    NODE_CACHE_RESTORE,
    NODE_CACHE_DONE,
};

struct gh_node_cache {
    struct str manager; /* "npm", "yarn", "pnpm" as asked for; filled in by the caller */
    enum gh_node_cache_phase phase;
    bool berry; /* yarn 2 and later */
    struct gh_deps_cache deps;
};

/* True and *op; false when it is over or the task has failed. */
bool gh_node_cache_next(struct gh_task *t, struct gh_node_cache *c, struct op *op);
void gh_node_cache_took(struct gh_task *t, struct gh_node_cache *c, const struct op_end *end);
