#include "core/base.h"
#include "provider/github/node_priv.h"

#include "core/path.h"
#include "core/vec.h"

#define LOCKS_MAX 3

static const struct {
    const char *name;
    const char *locks[LOCKS_MAX + 1]; /* the first that is there counts */
    const char *folder[5];            /* how it tells where its cache is */
} MANAGERS[] = {
    {"npm", {"package-lock.json", "npm-shrinkwrap.json", "yarn.lock"}, {"npm", "config", "get", "cache"}},
    {"pnpm", {"pnpm-lock.yaml"}, {"pnpm", "store", "path", "--silent"}},
    {"yarn", {"yarn.lock"}, {"yarn", "cache", "dir"}},
};
static const char *const BERRY_FOLDER[] = {"yarn", "config", "get", "cacheFolder", NULL};

static size_t manager_of(const struct gh_node_cache *c)
{
    size_t i = 0;
    while (i < ARRAY_LEN(MANAGERS) && !str_is(c->manager, MANAGERS[i].name))
        i++;
    return i;
}

/* yarn is asked in the folder of the project whose lock file was named. */
static struct str folder_of(struct gh_task *t, const struct gh_node_cache *c)
{
    struct gh_run *r = t->run;
    struct str named = gh_input(t, "cache-dependency-path");
    bool plain = str_find_ch(named, '*') < 0 && str_find_ch(named, '\n') < 0 && str_find_ch(named, '?') < 0;
    if (!str_is(c->manager, "yarn") || named.n == 0 || !plain)
        return r->workspace;
    return path_clean(r->arena, path_join(r->arena, r->workspace, path_dir(named)));
}

static bool ask(struct gh_task *t, const struct gh_node_cache *c, struct op *op, const char *const *words)
{
    struct strs argv = {0};
    for (; *words != NULL; words++)
        vec_push_in(t->run->arena, &argv, str_from(*words));
    gh_op_tool(t->run, t, op, &argv, NULL, true);
    op->cwd = folder_of(t, c);
    return true;
}

/* Hashes the lock file; false: the task has failed. */
static bool hash_lock(struct gh_task *t, size_t manager, char ret[65])
{
    struct gh_run *r = t->run;
    struct str named = gh_input(t, "cache-dependency-path");
    const char *const *locks = MANAGERS[manager].locks;
    struct err err = {0};
    int rc = 0;
    ret[0] = '\0';
    if (named.n > 0)
        rc = gh_deps_hash(r, named, ret, &err);
    for (size_t i = 0; named.n == 0 && rc == 0 && ret[0] == '\0' && locks[i] != NULL; i++)
        rc = gh_deps_hash(r, str_from(locks[i]), ret, &err);
    if (rc < 0)
        gh_fail(t, "%s", err.text);
    else if (ret[0] == '\0' && named.n > 0)
        gh_fail(t, "Some specified paths were not resolved, unable to cache dependencies.");
    else if (ret[0] == '\0')
        gh_fail(t, "Dependencies lock file is not found in %.*s. Supported file patterns: %s%s%s%s%s",
                STR_ARG(r->workspace), locks[0], locks[1] != NULL ? "," : "", locks[1] != NULL ? locks[1] : "",
                locks[1] != NULL && locks[2] != NULL ? "," : "", locks[1] != NULL && locks[2] != NULL ? locks[2] : "");
    return t->result == RESULT_NONE;
}

static bool restore(struct gh_task *t, struct gh_node_cache *c, struct op *op)
{
    struct gh_run *r = t->run;
    char hex[65];
    if (!hash_lock(t, manager_of(c), hex))
        return false;
    c->deps.what = arena_str(r->arena, c->manager).p;
    c->deps.key = arena_printf(r->arena, "node-cache-Linux-%.*s-%.*s-%s",
                               STR_ARG(gh_node_arch(r->facts->machine.machine)), STR_ARG(c->manager), hex);
    gh_set_output(t, "cache-primary-key", c->deps.key);
    gh_deps_restore_op(t, &c->deps, op);
    return true;
}

bool gh_node_cache_next(struct gh_task *t, struct gh_node_cache *c, struct op *op)
{
    static const char *const VERSION[] = {"yarn", "--version", NULL};
    size_t manager = manager_of(c);
    if (manager == ARRAY_LEN(MANAGERS)) {
        gh_fail(t, "Caching for '%.*s' is not supported", STR_ARG(c->manager));
        return false;
    }
    if (c->phase == NODE_CACHE_MANAGER && !str_is(c->manager, "yarn"))
        c->phase = NODE_CACHE_FOLDER;
    switch (c->phase) {
    case NODE_CACHE_MANAGER:
        return ask(t, c, op, VERSION);
    case NODE_CACHE_FOLDER:
        return ask(t, c, op, c->berry ? BERRY_FOLDER : MANAGERS[manager].folder);
    case NODE_CACHE_RESTORE:
        return restore(t, c, op);
    case NODE_CACHE_DONE:
        break;
    }
    return false;
}

/* What the manager answered; empty: the task has failed, in the action's words. */
static struct str answer(struct gh_task *t, const struct gh_node_cache *c, const struct op_end *end)
{
    if (end->how == OP_NOT_STARTED && end->err.num == -ENOENT)
        gh_fail(t,
                "Unable to locate executable file: %.*s. Please verify either the file path exists or the file can "
                "be found within a directory specified by the PATH environment variable. Also check the file mode "
                "to verify the file is executable.",
                STR_ARG(c->manager));
    if (!gh_ended(t, end))
        return STR_NONE;
    int status = t->status;
    t->status = -1;
    struct str said = str_trim(buf_str(&t->capture));
    if (status != 0)
        gh_fail(t, "The '%.*s' command failed with exit code: %d", STR_ARG(c->manager), status);
    else if (said.n == 0 && c->phase == NODE_CACHE_MANAGER)
        gh_fail(t, "Could not retrieve version of %.*s", STR_ARG(c->manager));
    else if (said.n == 0)
        gh_fail(t, "Could not get cache folder path for %.*s", STR_ARG(c->manager));
    return status == 0 ? said : STR_NONE;
}

void gh_node_cache_took(struct gh_task *t, struct gh_node_cache *c, const struct op_end *end)
{
    struct gh_run *r = t->run;
    struct str said;
    switch (c->phase) {
    case NODE_CACHE_MANAGER:
        said = answer(t, c, end);
        c->berry = !str_starts(said, STR("1."));
        break;
    case NODE_CACHE_FOLDER:
        said = answer(t, c, end);
        if (said.n > 0)
            vec_push_in(r->arena, &c->deps.paths,
                        path_clean(r->arena, path_join(r->arena, folder_of(t, c), arena_str(r->arena, said))));
        break;
    case NODE_CACHE_RESTORE:
        if (gh_deps_restored(t, &c->deps, end))
            gh_set_output(t, "cache-matched-key", c->deps.matched);
        break;
    case NODE_CACHE_DONE:
        return;
    }
    c->phase++;
}
