#include "core/base.h"
#include "provider/github/cache_priv.h"

#include "core/buf.h"
#include "core/vec.h"

static struct str scope_of(struct gh_run *r, struct str ref)
{
    return arena_printf(r->arena, "%.*s %.*s", STR_ARG(value_get_str(r->github, "repository")), STR_ARG(ref));
}

void gh_cache_refs(struct gh_run *r, struct str *ret_ref, struct strs *ret_more)
{
    struct str branches[] = {value_get_str(r->github, "base_ref"), r->facts->repo.default_branch};
    *ret_ref = value_get_str(r->github, "ref");
    *ret_more = (struct strs){0};
    for (size_t i = 0; i < ARRAY_LEN(branches); i++)
        if (branches[i].n > 0)
            vec_push_in(r->arena, ret_more, arena_printf(r->arena, "refs/heads/%.*s", STR_ARG(branches[i])));
}

static void add_scopes(struct gh_run *r, struct op *op)
{
    struct strs more;
    gh_cache_refs(r, &op->cache.scope, &more);
    op->cache.scope = scope_of(r, op->cache.scope);
    for (size_t i = 0; i < more.n; i++)
        vec_push_in(r->arena, &op->cache.scopes, scope_of(r, more.p[i]));
}

void gh_op_cache(struct gh_task *t, struct op *op, enum op_kind kind, const struct gh_cache_key *k)
{
    struct gh_run *r = t->run;
    CLEAN(buf) struct buf version = BUF(BUF_TEXT);
    gh_op_other(r, t, op, kind);
    op->cache.space = STR("github");
    add_scopes(r, op);
    for (size_t i = 0; i < k->paths.n; i++) { /* a plain sandbox's prefix is another one in each run */
        struct str path = k->paths.p[i];
        bool below = r->prefix.n > 0 && str_starts(path, r->prefix);
        path = below ? str_from_index(path, r->prefix.n) : path;
        buf_printf(&version, "%.*s|", STR_ARG(path));
    }
    buf_add_cstr(&version, "1.0");
    op->cache.version = arena_str(r->arena, buf_str(&version));
    op->cache.key = k->key;
    vec_push_in(r->arena, &op->cache.restore_keys, k->key);
    for (size_t i = 0; i < k->restore_keys.n; i++)
        vec_push_in(r->arena, &op->cache.restore_keys, k->restore_keys.p[i]);
    op->cache.paths = k->paths;
    op->cache.root = r->workspace;
}

struct str gh_glob_escape(struct arena *a, struct str path)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (size_t i = 0; i < path.n; i++) {
        if (strchr("*?[\\", path.p[i]) != NULL && path.p[i] != '\0')
            buf_add_ch(&b, '\\');
        buf_add_ch(&b, path.p[i]);
    }
    return arena_str(a, buf_str(&b));
}
