/*
 * provider/github/checkout_priv.h - the state of actions/checkout (specification 13.1) and its git commands.
 *
 * A checkout goes one of four ways. The repository itself is shown as the work tree of this machine (WAY_OWN), and
 * switched when it is to be at another ref (WAY_SWITCH). Another repository is fetched by git as the action does it
 * (WAY_REMOTE); where slipway was told not to ask a server, or given a folder, the engine shows its files (WAY_SHOWN).
 * The phases are in the order of the action; each way has some of them.
 */
#pragma once
#include "provider/github/gh_run_priv.h"

enum gh_checkout_way { WAY_OWN, WAY_SWITCH, WAY_REMOTE, WAY_SHOWN };

enum gh_checkout_phase {
    CHECKOUT_CLEAN, /* empty the folder when earlier steps may have filled it */
    CHECKOUT_VIEW,  /* the work tree */
    CHECKOUT_SHOW,  /* the files of another repository */
    CHECKOUT_SAFE,  /* git's safe.directory */
    CHECKOUT_ADOPT, /* a .git for files that came without one */
    CHECKOUT_INIT,
    CHECKOUT_REMOTE,
    CHECKOUT_GC,
    CHECKOUT_DEFAULT, /* which branch is the default one? */
    CHECKOUT_LFS,     /* lfs: is it there? */
    CHECKOUT_LOOK,    /* is the ref among those of the work tree's repository? */
    CHECKOUT_FETCH,
    CHECKOUT_LIST, /* a ref without its kind: branch or tag? */
    CHECKOUT_LFS_FETCH,
    CHECKOUT_RESET,   /* another ref: what is not committed goes */
    CHECKOUT_REFRESH, /* of the index: the files of a copied tree are not those that it knows */
    CHECKOUT_SPARSE,
    CHECKOUT_SWITCH,
    CHECKOUT_SYNC, /* submodules */
    CHECKOUT_UPDATE,
    CHECKOUT_FOREACH,
    CHECKOUT_COMMIT, /* which commit is it? */
    CHECKOUT_DONE,
};

struct gh_checkout {
    enum gh_checkout_way way;
    struct str path, repository;
    struct str ref;    /* a branch, a tag, refs/..; empty: the default */
    struct str commit; /* a whole commit, asked for as such; else empty */
    struct str url;    /* of WAY_REMOTE */
    struct strs sparse;
    uint64_t depth; /* 0: all */
    bool has_git, safe, cone, lfs, submodules, nested, progress, tags;
    bool found;   /* CHECKOUT_LOOK: the ref is here */
    bool looking; /* the failure of the process under way means nothing */
    unsigned tries;
    struct str start;  /* what CHECKOUT_SWITCH takes: a ref, or a commit */
    struct str branch; /* the branch that it makes, or empty: detached */
    struct map env;    /* credentials and manners for git */
};

/* Reads the inputs and chooses the way; what is wrong fails the task. */
struct gh_checkout *gh_checkout_read(struct gh_run *r, struct gh_task *t);
/* Tells where this machine's way differs from the action's. */
void gh_checkout_note(struct gh_task *t, const struct gh_checkout *c);
/* A boolean as this action reads them: only `true` is true. */
bool gh_checkout_says(const struct gh_task *t, const char *name, bool absent);
/* The git command of a phase as words; false when the phase has none for this checkout. */
bool gh_checkout_words(struct gh_task *t, const struct gh_checkout *c, enum gh_checkout_phase phase,
                       struct strs *words);
/* Sets start and branch from a ref whose kind is told; false: it is not. */
bool gh_checkout_start(struct arena *a, struct gh_checkout *c);
/* As gh_checkout_start from the names that `git for-each-ref` printed; false: none of them is the ref. */
bool gh_checkout_choose(struct arena *a, struct gh_checkout *c, struct str names);
/* A fork's pull request in the base repository's context is refused: false, the task has failed. */
bool gh_checkout_safe_pr(struct gh_task *t, const struct gh_checkout *c);
