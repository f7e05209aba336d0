/*
 * gh_checkout_git.c - the git commands of actions/checkout, phase by phase, and what a ref means (specification 13.1).
 */
#include "core/base.h"
#include "provider/github/checkout_priv.h"

#include "core/vec.h"

static const struct str HEADS = {"refs/heads/", 11}, TAGS = {"refs/tags/", 10}, PULLS = {"refs/pull/", 10},
                        REFS = {"refs/", 5};

static void add(struct gh_task *t, struct strs *words, struct str word)
{
    vec_push_in(t->run->arena, words, word);
}

static void add_all(struct gh_task *t, struct strs *words, const char *const *list)
{
    for (; *list != NULL; list++)
        add(t, words, str_from(*list));
}

#define ADD(...) add_all(t, words, (const char *const[]){__VA_ARGS__, NULL})

/* ---- what a ref means ---- */

static struct str behind(struct str s, struct str prefix)
{
    return str_from_index(s, prefix.n);
}

bool gh_checkout_start(struct arena *a, struct gh_checkout *c)
{
    c->branch = STR_NONE;
    if (c->commit.n > 0) {
        c->start = c->commit;
    } else if (str_starts(c->ref, HEADS)) {
        c->branch = behind(c->ref, HEADS);
        c->start = arena_printf(a, "refs/remotes/origin/%.*s", STR_ARG(c->branch));
    } else if (str_starts(c->ref, PULLS)) {
        struct str pull = behind(c->ref, PULLS);
        c->start = arena_printf(a, "refs/remotes/pull/%.*s", STR_ARG(pull));
    } else if (str_starts(c->ref, REFS)) {
        c->start = c->ref;
    } else {
        return false;
    }
    return true;
}

static bool lists(struct str names, struct str name)
{
    struct str line;
    while (str_next(&names, '\n', &line)) {
        if (str_eq(str_trim(line), name))
            return true;
    }
    return false;
}

/* In the order of the action: a branch before a tag; of the work tree's own repository a branch of its own first. */
bool gh_checkout_choose(struct arena *a, struct gh_checkout *c, struct str names)
{
    bool full = str_starts(c->ref, REFS);
    struct str branch = !full ? c->ref : str_starts(c->ref, HEADS) ? behind(c->ref, HEADS) : STR_NONE;
    struct str candidates[] = {
        branch.n > 0 && c->way == WAY_SWITCH ? arena_printf(a, "refs/heads/%.*s", STR_ARG(branch)) : STR_NONE,
        branch.n > 0 ? arena_printf(a, "refs/remotes/origin/%.*s", STR_ARG(branch)) : STR_NONE,
        full ? c->ref : arena_printf(a, "refs/tags/%.*s", STR_ARG(c->ref))};
    for (size_t i = 0; i < ARRAY_LEN(candidates); i++) {
        if (candidates[i].n == 0 || !lists(names, candidates[i]))
            continue;
        c->start = candidates[i];
        c->branch = i < 2 ? branch : STR_NONE;
        return true;
    }
    return false;
}

/* ---- fetching ---- */

/* What to ask for, and where to put it. */
static void add_refspecs(struct gh_task *t, const struct gh_checkout *c, struct strs *words)
{
    struct arena *a = t->run->arena;
    bool all = c->depth == 0 && c->way == WAY_REMOTE;
    if (all)
        ADD("+refs/heads/*:refs/remotes/origin/*");
    if (all || c->tags)
        ADD("+refs/tags/*:refs/tags/*");
    if (c->commit.n > 0) {
        add(t, words, c->commit);
    } else if (str_starts(c->ref, HEADS)) {
        if (!all)
            add(t, words,
                arena_printf(a, "+%.*s:refs/remotes/origin/%.*s", STR_ARG(c->ref), STR_ARG(behind(c->ref, HEADS))));
    } else if (str_starts(c->ref, PULLS)) {
        add(t, words, arena_printf(a, "+%.*s:refs/remotes/pull/%.*s", STR_ARG(c->ref), STR_ARG(behind(c->ref, PULLS))));
    } else if (str_starts(c->ref, REFS)) {
        if (!all || !str_starts(c->ref, TAGS))
            add(t, words, arena_printf(a, "+%.*s:%.*s", STR_ARG(c->ref), STR_ARG(c->ref)));
    } else if (!all) {
        add(t, words, arena_printf(a, "+refs/heads/%.*s*:refs/remotes/origin/%.*s*", STR_ARG(c->ref), STR_ARG(c->ref)));
        add(t, words, arena_printf(a, "+refs/tags/%.*s*:refs/tags/%.*s*", STR_ARG(c->ref), STR_ARG(c->ref)));
    }
}

/* A filter that is given wins over the one that sparse-checkout brings. */
static void add_fetch(struct gh_task *t, const struct gh_checkout *c, struct strs *words)
{
    struct str filter = gh_input(t, "filter");
    ADD("-c", "protocol.version=2", "fetch", "--no-tags");
    if (c->way == WAY_REMOTE)
        ADD("--prune");
    ADD("--no-recurse-submodules");
    if (c->progress)
        ADD("--progress");
    if (c->way == WAY_REMOTE && filter.n > 0)
        add(t, words, arena_printf(t->run->arena, "--filter=%.*s", STR_ARG(filter)));
    else if (c->way == WAY_REMOTE && c->sparse.n > 0)
        ADD("--filter=blob:none");
    if (c->depth > 0 && c->way == WAY_REMOTE)
        add(t, words, arena_printf(t->run->arena, "--depth=%llu", (unsigned long long)c->depth));
    ADD("origin");
    add_refspecs(t, c, words);
}

/* ---- phases ---- */

static void add_list(struct gh_task *t, const struct gh_checkout *c, struct strs *words)
{
    struct arena *a = t->run->arena;
    bool full = str_starts(c->ref, REFS);
    struct str branch = str_starts(c->ref, HEADS) ? behind(c->ref, HEADS) : c->ref;
    ADD("for-each-ref", "--format=%(refname)");
    if (full)
        add(t, words, c->ref);
    else
        add(t, words, arena_printf(a, "refs/tags/%.*s", STR_ARG(c->ref)));
    if (!full || str_starts(c->ref, HEADS)) {
        add(t, words, arena_printf(a, "refs/heads/%.*s", STR_ARG(branch)));
        add(t, words, arena_printf(a, "refs/remotes/origin/%.*s", STR_ARG(branch)));
    }
}

static void add_sparse(struct gh_task *t, const struct gh_checkout *c, struct strs *words)
{
    ADD("sparse-checkout", "set", c->cone ? "--cone" : "--no-cone");
    for (size_t i = 0; i < c->sparse.n; i++)
        add(t, words, c->sparse.p[i]);
}

static void add_switch(struct gh_task *t, const struct gh_checkout *c, struct strs *words)
{
    ADD("checkout");
    if (c->progress)
        ADD("--progress");
    ADD("--force");
    if (c->branch.n > 0) {
        ADD("-B");
        add(t, words, c->branch);
    }
    add(t, words, c->start);
}

static void add_update(struct gh_task *t, const struct gh_checkout *c, struct strs *words)
{
    ADD("-c", "protocol.version=2", "submodule", "update", "--init");
    if (c->way != WAY_OWN) /* what is not committed in them stays */
        ADD("--force");
    if (c->depth > 0)
        add(t, words, arena_printf(t->run->arena, "--depth=%llu", (unsigned long long)c->depth));
    if (c->nested)
        ADD("--recursive");
}

/* One of the few phases that are about what is asked of a server. */
static bool server_words(struct gh_task *t, const struct gh_checkout *c, enum gh_checkout_phase phase,
                         struct strs *words)
{
    if (phase == CHECKOUT_REMOTE) {
        ADD("remote", "add", "origin");
        add(t, words, c->url);
        return true;
    }
    if (phase == CHECKOUT_DEFAULT) {
        ADD("ls-remote", "--quiet", "--exit-code", "--symref", "origin", "HEAD");
        return c->ref.n == 0 && c->commit.n == 0;
    }
    if (phase == CHECKOUT_LFS_FETCH) {
        ADD("lfs", "fetch", "origin");
        add(t, words, c->start);
        return c->lfs && c->sparse.n == 0;
    }
    add_fetch(t, c, words);
    return !(c->way == WAY_SWITCH && c->found);
}

bool gh_checkout_words(struct gh_task *t, const struct gh_checkout *c, enum gh_checkout_phase phase, struct strs *words)
{
    /* table */
    bool unqualified = c->commit.n == 0 && !str_starts(c->ref, REFS);
    ADD("git");
    if (phase == CHECKOUT_SAFE) {
        ADD("config", "--global", "--add", "safe.directory");
        add(t, words, c->path);
        return c->safe;
    }
    if (phase == CHECKOUT_INIT) {
        ADD("-c", "init.defaultBranch=main", "init");
        add(t, words, c->path);
        return true;
    }
    ADD("-C");
    add(t, words, c->path);
    switch (phase) {
    case CHECKOUT_REMOTE:
    case CHECKOUT_DEFAULT:
    case CHECKOUT_FETCH:
    case CHECKOUT_LFS_FETCH:
        return server_words(t, c, phase, words);
    case CHECKOUT_GC:
        ADD("config", "--local", "gc.auto", "0");
        return true;
    case CHECKOUT_LFS:
        ADD("lfs", "install", "--local");
        return c->lfs;
    case CHECKOUT_LOOK:
        if (c->commit.n > 0) {
            ADD("cat-file", "-e");
            add(t, words, arena_printf(t->run->arena, "%.*s^{commit}", STR_ARG(c->commit)));
        } else {
            add_list(t, c, words);
        }
        return true;
    case CHECKOUT_LIST:
        add_list(t, c, words);
        return c->way == WAY_SWITCH ? !c->found && c->commit.n == 0 && !str_starts(c->ref, PULLS) : unqualified;
    case CHECKOUT_RESET:
        ADD("reset", "--hard", "HEAD");
        return true;
    case CHECKOUT_REFRESH:
        ADD("update-index", "-q", "--refresh");
        return c->sparse.n > 0;
    case CHECKOUT_SPARSE:
        add_sparse(t, c, words);
        return c->sparse.n > 0;
    case CHECKOUT_SWITCH:
        add_switch(t, c, words);
        return true;
    case CHECKOUT_SYNC:
        ADD("submodule", "sync");
        if (c->nested)
            ADD("--recursive");
        return c->submodules;
    case CHECKOUT_UPDATE:
        add_update(t, c, words);
        return c->submodules;
    case CHECKOUT_FOREACH:
        ADD("submodule", "foreach");
        if (c->nested)
            ADD("--recursive");
        ADD("git config --local gc.auto 0");
        return c->submodules;
    case CHECKOUT_COMMIT:
        ADD("log", "-1", "--format=%H");
        return true;
    case CHECKOUT_CLEAN:
    case CHECKOUT_VIEW:
    case CHECKOUT_SHOW:
    case CHECKOUT_SAFE:
    case CHECKOUT_ADOPT:
    case CHECKOUT_INIT:
    case CHECKOUT_DONE:
        break;
    }
    return false;
}
