/*
 * provider/github/setup_priv.h - pip's cache as setup-python keeps it (specification 13.2, "cache pip").
 */
#pragma once
#include "provider/github/gh_run_priv.h"

struct gh_pip_cache {
    struct str path; /* of pip's cache in the job */
    struct str key;  /* the primary key */
    struct strs restore_keys;
    struct str matched; /* the key that was restored, or empty */
};

/* `cache:` of the step: true and *op when a cache is to be restored. A wrong input fails the task. */
bool gh_pip_cache_restore(struct gh_run *r, struct gh_task *t, struct gh_pip_cache *c, struct str version,
                          struct op *op);
/* What came of it: outputs, and the post task that saves. */
void gh_pip_cache_restored(struct gh_task *t, struct gh_pip_cache *c, const struct op_end *end);
