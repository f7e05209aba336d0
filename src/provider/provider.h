/*
 * provider/provider.h - a service whose pipeline files slipway can read.
 *
 * One const struct a service, listed in providers.def. Providers never know each other; the engine knows none of them.
 */
#pragma once
#include "core/base.h"
#include "core/str.h"
#include "doc/diag.h"
#include "plan/facts.h"
#include "plan/plan.h"
#include "trigger/trigger.h"

struct provider_file {
    struct str path; /* repository-relative */
    uint32_t source; /* its number in sources */
};

struct provider {
    const char *name;         /* "github" */
    const char *title;        /* "GitHub Actions" */
    const char *const *globs; /* repository-relative, * and ** of shells; NULL-terminated: which files are its own */
    /*
     * Reads one pipeline file: every problem goes to d. Returns a plan, or NULL when d has errors. verdict tells
     * whether facts->change starts it; the plan is made either way. The plan borrows f and d->sources.
     */
    struct plan *(*read)(const struct provider_file *file, const struct facts *f, struct diags *d,
                         struct verdict *ret_verdict);
    /*
     * Files that start nothing but are a part of pipelines (action.yml), in the form of globs; `**` stands for folders
     * at any depth. Both NULL: there are none.
     */
    const char *const *part_globs;
    /* Checks one; every problem goes to d. */
    void (*check_part)(const struct provider_file *file, struct diags *d);
};

/* All providers in the order of providers.def; NULL-terminated. */
const struct provider *const *providers(void);
const struct provider *provider_find(struct str name);
