/*
 * provider/provider.h - a service whose pipeline files slipway can read.
 *
 * One const struct a service, listed in providers.def. Providers never know each other; the engine knows none of them.
 */
#pragma once
#include "core/base.h"
#include "core/str.h"
#include "doc/diag.h"
#include "doc/yaml.h"
#include "plan/facts.h"
#include "plan/plan.h"
#include "trigger/trigger.h"

struct provider_file {
    struct str path; /* repository-relative */
    uint32_t source; /* its number in sources */
    bool named;      /* it was asked for by its own name: what may be a part of others is run by itself */
};

/* What one file makes: a plan for each project or trigger that runs it, and whether facts->change starts that one. */
struct provider_plan {
    struct plan *plan;
    struct verdict verdict;
};
struct provider_plans {
    struct provider_plan *p;
    size_t n, cap;
};

struct provider {
    const char *name;         /* "github" */
    const char *title;        /* "GitHub Actions" */
    const char *const *globs; /* repository-relative, * and ** of shells; NULL-terminated: which files are its own */
    /*
     * Pipeline files that globs do not tell, because another file of the work tree names them (the buildspec of a
     * CodeBuild project); repository-relative, in a. What is not there is left out. May be NULL: there are none.
     */
    void (*named)(struct arena *a, const struct facts *f, struct strs *ret);
    /* Has a file whose name says nothing the shape of its pipelines: the keys at its top? root is a DOC_MAP. */
    bool (*recognises)(const struct doc_node *root);
    /*
     * Reads one pipeline file: every problem goes to d. Adds its plans to ret (whose array lives in d->arena), none
     * when d has errors or f->only_check is set. A verdict tells whether facts->change starts its plan; plans are made
     * either way. They are the caller's, and borrow f and d->sources.
     */
    void (*read)(const struct provider_file *file, const struct facts *f, struct diags *d, struct provider_plans *ret);
    /*
     * Files that start nothing but are a part of pipelines (action.yml), in the form of globs; `**` stands for folders
     * at any depth. All three NULL: there are none.
     */
    const char *const *part_globs;
    const char *part_name; /* "action": what one is called */
    /* Checks one; every problem goes to d. */
    void (*check_part)(const struct provider_file *file, const struct facts *f, struct diags *d);
    /*
     * Adds the pipeline of a plan as a file says it once templates and expressions are gone. -E2BIG when b is full.
     * May be NULL: the service has none to expand.
     */
    int (*print)(const struct plan *p, struct buf *b);
};

/* All providers in the order of providers.def; NULL-terminated. */
const struct provider *const *providers(void);
const struct provider *provider_find(struct str name);
