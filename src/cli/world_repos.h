/*
 * cli/world_repos.h - where the files of other repositories come from: a folder that the user names in their stead
 * (--local-repository), else store/repos.h.
 *
 * Each repo@ref is asked for once in a run, so that all jobs see one commit of it, or fail alike. Every call may come
 * from any thread.
 */
#pragma once
#include "core/vec.h"
#include "engine/engine.h"

struct world_repos;
struct world_repos_spec {
    struct str cache_dir; /* below which they are kept */
    struct str base;      /* "https://github.com", another server or a path; empty: the first */
    struct strs local;    /* OWNER/NAME[@REF]=DIR; REF may be *, any */
    bool offline;
};

/* Texts are copied; folders are checked: -EINVAL with a sentence. */
int world_repos_open(const struct world_repos_spec *spec, struct world_repos **ret, struct err *e);
void world_repos_free(struct world_repos *w); /* NULL is allowed */
/* The repositories that folders stand in for: "owner/name", or "owner/name@ref". */
void world_repos_locals(const struct world_repos *w, struct arena *a, struct strs *ret);
/* struct engine_options' fetch; ctx is the world_repos. q->stop may be -1. A note is given with the first answer only.
 */
int world_repos_fetch(void *ctx, struct arena *a, const struct fetch_query *q, struct fetched *ret, struct err *e);
