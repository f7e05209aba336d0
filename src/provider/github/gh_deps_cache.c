/*
 * gh_deps_cache.c - the cache of dependencies that setup-python, setup-node and setup-go keep: restored in main, saved
 * by a post task when the job went well and the primary key was not there.
 */
#include "core/base.h"
#include "provider/github/setup_priv.h"

#include "core/vec.h"
#include "provider/github/cache_priv.h"

int gh_deps_hash(struct gh_run *r, struct str patterns, char ret[65], struct err *e)
{
    struct strs list = {0};
    struct str line;
    while (str_next(&patterns, '\n', &line)) {
        line = str_trim(line);
        if (line.n > 0 && line.p[0] != '#')
            vec_push_in(r->arena, &list, line);
    }
    ret[0] = '\0';
    if (r->host->hash_files == NULL)
        return err_set(e, ENOSYS, "files cannot be hashed here");
    return r->host->hash_files(r->host->ctx, r->workspace, &list, false, ret, e);
}

static void cache_op(struct gh_task *t, struct op *op, enum op_kind kind, const struct gh_deps_cache *c)
{
    struct gh_cache_key k = {.key = c->key, .restore_keys = c->restore_keys};
    for (size_t i = 0; i < c->paths.n; i++)
        vec_push_in(t->run->arena, &k.paths, gh_glob_escape(t->run->arena, c->paths.p[i]));
    gh_op_cache(t, op, kind, &k);
}

void gh_deps_restore_op(struct gh_task *t, const struct gh_deps_cache *c, struct op *op)
{
    cache_op(t, op, OP_RESTORE, c);
}

/* ---- post: save ---- */

enum phase { PHASE_SAVE, PHASE_DONE };

static enum drive save_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    const struct gh_deps_cache *c = t->impl;
    UNUSED(r);
    if (t->phase == PHASE_DONE)
        return DRIVE_DONE;
    if (str_eq_nocase(c->matched, c->key)) {
        gh_say(t, "Cache hit occurred on the primary key %.*s, not saving cache.", STR_ARG(c->key));
        return DRIVE_DONE;
    }
    cache_op(t, op, OP_SAVE, c);
    return DRIVE_OP;
}

/* A cache that cannot be saved fails nothing. */
static void save_exited(struct gh_run *r, struct gh_task *t, const struct op_end *end)
{
    const struct gh_deps_cache *c = t->impl;
    UNUSED(r);
    t->phase = PHASE_DONE;
    if (end->how == OP_EXITED && end->matched.n == 0)
        gh_say(t, "Unable to reserve cache with key %.*s, another job may be creating this cache.", STR_ARG(c->key));
    else if (end->how == OP_EXITED)
        gh_say(t, "Cache saved with the key: %.*s", STR_ARG(c->key));
    else if (end->how == OP_NOT_STARTED && end->err.num == -ENOENT)
        gh_say(t, "There is nothing to keep: '%.*s' does not exist", STR_ARG(c->paths.p[0]));
    else if (end->how == OP_NOT_STARTED)
        gh_complain(t, LEVEL_WARNING, "The cache %.*s was not saved: %s", STR_ARG(c->paths.p[0]), end->err.text);
    else
        gh_ended(t, end);
}

static const struct gh_action gh_deps_save = {.name = "setup-*, cache", .next = save_next, .exited = save_exited};

bool gh_deps_restored(struct gh_task *t, struct gh_deps_cache *c, const struct op_end *end)
{
    if (end->how == OP_NOT_STARTED)
        gh_complain(t, LEVEL_WARNING, "The cache could not be restored: %s", end->err.text);
    else if (!gh_ended(t, end))
        return false;
    t->status = -1;
    if (end->how == OP_EXITED && end->matched.n > 0)
        c->matched = arena_str(t->run->arena, end->matched);
    if (c->matched.n > 0)
        gh_say(t, "Cache restored from key: %.*s", STR_ARG(c->matched));
    else
        gh_say(t, "%s%s is not found", c->what != NULL ? c->what : "Cache", c->what != NULL ? " cache" : "");
    bool hit = c->exact_hit ? str_eq_nocase(c->matched, c->key) : c->matched.n > 0;
    gh_set_output(t, "cache-hit", hit ? STR("true") : STR("false"));
    struct gh_task *post = gh_post_push(t, &gh_deps_save);
    post->impl = c;
    return true;
}
