/*
 * az_task_cache.c - Cache@2: a folder is put back where its key is known, and kept behind the steps (specification
 * 9.10).
 *
 * The key is resolved again in the post run, as the service does: a lock file that a step changed is kept under what it
 * is then, with a warning. An entry belongs to the branch that made it; others see those of the default branch, and a
 * pull request those of its target. Unlike there, entries of different paths do not meet.
 */
#include "core/base.h"
#include "provider/azure/files_priv.h"

#include "core/path.h"

static const struct az_input INPUTS[] = {
    {.name = "key", .kind = AZ_INPUT_TEXT, .required = true},
    {.name = "path", .kind = AZ_INPUT_TEXT, .required = true},
    {.name = "cacheHitVar", .kind = AZ_INPUT_TEXT},
    {.name = "restoreKeys", .kind = AZ_INPUT_LINES},
    {0},
};

enum { CACHE_BEGIN, CACHE_KEYS, CACHE_ASK, CACHE_END };

struct cache {
    VEC(struct az_key) keys; /* the key, then the restore keys */
    size_t next;
    struct strs paths; /* absolute */
    struct str found;  /* the fingerprint of the entry that was put back */
    struct str first;  /* the key's fingerprint in the main run */
    bool asked;
};

static void add_paths(struct az_task_run *t, struct cache *c)
{
    struct str rest = az_input(t, "path"), one, base = az_var(t->run, "System.DefaultWorkingDirectory");
    while (str_next(&rest, '|', &one)) {
        one = str_trim(one);
        if (one.n == 0)
            continue;
        if (str_find_ch(one, '*') >= 0 && c->paths.n == 0)
            az_warn(t, "Wildcards are not supported in the path of a cache: %.*s", STR_ARG(one));
        vec_push_in(t->run->arena, &c->paths, az_path_below(t->run, base.n > 0 ? base : t->run->sources, one));
    }
    if (c->paths.n == 0)
        az_fail(t, "Input required: path");
}

static void begin(struct az_task_run *t, struct cache *c)
{
    struct strs lines = {0};
    struct az_key key;
    c->next = 0;
    c->keys.n = 0;
    az_key_init(t, &key, az_input(t, "key"));
    vec_push_in(t->run->arena, &c->keys, key);
    if (!t->post)
        add_paths(t, c);
    if (!t->post)
        az_input_lines(t, "restoreKeys", &lines);
    for (size_t i = 0; i < lines.n; i++) {
        az_key_init(t, &key, lines.p[i]);
        vec_push_in(t->run->arena, &c->keys, key);
    }
    az_say(t, "Resolving key:");
}

/* ---- which branches ---- */

static void add_scope(struct az_run *r, struct op *op, struct str branch)
{
    struct str full =
        str_starts(branch, STR("refs/")) ? branch : arena_printf(r->arena, "refs/heads/%.*s", STR_ARG(branch));
    if (branch.n == 0 || str_eq(full, op->cache.scope))
        return;
    for (size_t i = 0; i < op->cache.scopes.n; i++)
        if (str_eq(op->cache.scopes.p[i], full))
            return;
    vec_push_in(r->arena, &op->cache.scopes, full);
}

/* The path without what is another in each run. */
static struct str version_of(struct az_run *r, const struct cache *c)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (size_t i = 0; i < c->paths.n; i++) {
        struct str path = c->paths.p[i];
        bool below = r->prefix.n > 0 && str_starts(path, r->prefix);
        buf_printf(&b, "%.*s|", STR_ARG(below ? str_from_index(path, r->prefix.n) : path));
    }
    return arena_str(r->arena, buf_str(&b));
}

static void cache_op(struct az_task_run *t, struct cache *c, struct op *op)
{
    struct az_run *r = t->run;
    az_op_init(t, op, t->post ? OP_SAVE : OP_RESTORE);
    op->cache.space = STR("azure");
    op->cache.scope = az_var(r, "Build.SourceBranch");
    if (op->cache.scope.n == 0)
        op->cache.scope = STR("refs/heads/main");
    op->cache.version = version_of(r, c);
    op->cache.key = c->keys.p[0].fingerprint;
    op->cache.root = r->root;
    for (size_t i = 0; i < c->paths.n; i++)
        vec_push_in(r->arena, &op->cache.paths, az_glob_escape(r->arena, c->paths.p[i]));
    if (t->post)
        return;
    for (size_t i = 1; i < c->keys.n; i++)
        vec_push_in(r->arena, &op->cache.restore_keys,
                    arena_printf(r->arena, "%.*s|", STR_ARG(c->keys.p[i].fingerprint)));
    struct str target = az_var(r, "System.PullRequest.TargetBranch");
    add_scope(r, op, target);
    add_scope(r, op, r->facts->repo.default_branch);
}

/* ---- running ---- */

/* Why nothing is kept, or NULL. */
static const char *not_kept(const struct az_task_run *t, const struct cache *c)
{
    if (t->run->result != AZ_SUCCEEDED)
        return "Skipping because the job status was not 'Succeeded'.";
    return c == NULL || !c->asked ? "Skipping because restore step did not run." : NULL;
}

static bool resolve(struct az_task_run *t, struct cache *c, struct op *op)
{
    for (; c->next < c->keys.n && t->error.n == 0; c->next++) {
        if (az_key_next(t, &c->keys.p[c->next], op))
            return true;
    }
    return false;
}

static bool before_ask(struct az_task_run *t, struct cache *c)
{
    struct str key = c->keys.p[0].fingerprint;
    t->at = CACHE_ASK;
    if (!t->post) {
        c->first = key;
        return true;
    }
    if (str_eq(c->found, key)) {
        az_say(t, "Cache with fingerprint `%.*s` already exists.", STR_ARG(key));
        return false;
    }
    if (!str_eq(c->first, key))
        az_warn(t,
                "The given cache key has changed in its resolved value between restore and save steps; original key: "
                "%.*s, modified key: %.*s",
                STR_ARG(c->first), STR_ARG(key));
    return true;
}

static enum drive next(struct az_task_run *t, struct op *op)
{
    struct cache *c = t->state;
    if (t->at == CACHE_BEGIN) {
        const char *why = t->post ? not_kept(t, c) : NULL;
        t->at = CACHE_KEYS;
        if (why != NULL) {
            az_say(t, "%s", why);
            t->at = CACHE_END;
            return DRIVE_DONE;
        }
        if (c == NULL)
            c = t->state = ARENA_NEW(t->run->arena, struct cache);
        begin(t, c);
    }
    if (t->error.n > 0 || t->at == CACHE_END)
        return DRIVE_DONE;
    if (resolve(t, c, op))
        return DRIVE_OP;
    if (t->error.n > 0 || !before_ask(t, c)) {
        t->at = CACHE_END;
        return DRIVE_DONE;
    }
    cache_op(t, c, op);
    return DRIVE_OP;
}

static void restored(struct az_task_run *t, struct cache *c, const struct op_end *end)
{
    struct str variable = az_input(t, "cacheHitVar"), key = c->keys.p[0].fingerprint;
    const char *hit = "false";
    if (!az_op_good(t, end, "The cache"))
        return;
    c->asked = true;
    c->found = arena_str(t->run->arena, end->matched);
    if (c->found.n > 0) {
        hit = str_eq(c->found, key) ? "true" : "inexact";
        az_say(t, "Cache restored: entry found at fingerprint: `%.*s`", STR_ARG(c->found));
    } else {
        az_say(t, "There is a cache miss.");
    }
    if (variable.n > 0)
        az_set_variable(t, variable, str_from(hit), false, false);
}

/* As at the service, what cannot be kept does not fail the job's work: it is said. */
static void saved(struct az_task_run *t, const struct op_end *end)
{
    int num = end->err.num < 0 ? -end->err.num : end->err.num;
    if (end->how == OP_NOT_STARTED && num == ENOENT)
        az_fail(t, "The path of the cache does not exist: %.*s", STR_ARG(az_input(t, "path")));
    else if (az_op_good(t, end, "The cache") && end->matched.n > 0)
        az_say(t, "Saved item.");
    else if (t->error.n == 0)
        az_say(t, "A cache with this fingerprint already exists.");
}

static void exited(struct az_task_run *t, const struct op_end *end)
{
    struct cache *c = t->state;
    if (t->at == CACHE_KEYS) {
        az_key_exited(t, &c->keys.p[c->next], end);
        return;
    }
    t->at = CACHE_END;
    if (t->post)
        saved(t, end);
    else
        restored(t, c, end);
}

const struct az_task az_task_cache = {.name = "Cache",
                                      .id = "d53ccab4-555e-4494-9d06-11db043fb4a9",
                                      .majors = "2",
                                      .title = "Cache",
                                      .inputs = INPUTS,
                                      .next = next,
                                      .exited = exited,
                                      .post = true};
