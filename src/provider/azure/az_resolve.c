/*
 * az_resolve.c - where a reference to a template leads (specification 5.5), and the repositories that it may name.
 */
#include "core/base.h"
#include "core/path.h"
#include "provider/azure/template_priv.h"

static const struct az_repo *repo_of(const struct az_repos *repos, struct str alias)
{
    for (size_t i = 0; i < repos->n; i++)
        if (str_eq_nocase(repos->p[i].alias, alias))
            return &repos->p[i];
    return NULL;
}

/* With slashes only, as the service reads both. */
static struct str slashed(struct arena *a, struct str path)
{
    struct str copy = arena_str(a, path);
    char *p = (char *)(uintptr_t)copy.p;
    for (size_t i = 0; i < copy.n; i++)
        if (p[i] == '\\')
            p[i] = '/';
    return copy;
}

int az_resolve(struct arena *a, const struct az_repos *repos, const struct az_frame *from, struct str reference,
               const struct az_repo **ret_repo, struct str *ret_path, struct err *e)
{
    struct str path, alias;
    str_cut(reference, '@', &path, &alias);
    const struct az_repo *repo = alias.n > 0 ? repo_of(repos, alias) : from->repo;
    if (!repo)
        return err_set(e, EINVAL, "No repository found by name %.*s", STR_ARG(alias));
    struct str full = slashed(a, path);
    bool rooted = str_starts(full, STR("/")), same = str_eq_nocase(repo->alias, from->repo->alias);
    while (str_starts(full, STR("/")))
        full = str_from_index(full, 1);
    if (!rooted && same)
        full = path_join(a, path_dir(from->path), full);
    full = path_clean(a, full);
    if (path.n == 0 || str_is(full, ".") || !path_is_inner(full))
        return err_set(e, EINVAL, "The file path '%.*s' is invalid", STR_ARG(path));
    *ret_repo = repo;
    *ret_path = full;
    return 0;
}

/* ---- resources.repositories ---- */

static struct str text_of(struct az_env *env, const struct az_value *entry, const char *key)
{
    const struct az_value *v = az_get(entry, str_from(key));
    return v && az_is_scalar(v) ? az_scalar(env->w->x->arena, v) : STR("");
}

/* "project/repository" of Azure Repos, "owner/repository" of the others; of the same project without a slash. */
static struct str name_of(struct az_env *env, const struct az_value *entry)
{
    struct az_expansion *x = env->w->x;
    struct str name = str_trim(text_of(env, entry, "name"));
    if (name.n == 0 || str_find_ch(name, '/') >= 0 || x->facts->repo.owner.n == 0)
        return name;
    return arena_printf(x->arena, "%.*s/%.*s", STR_ARG(x->facts->repo.owner), STR_ARG(name));
}

static void read_repository(struct az_env *env, const struct az_value *entry)
{
    struct az_expansion *x = env->w->x;
    struct az_repo repo = {.alias = text_of(env, entry, "repository"), .span = entry->span};
    if (repo.alias.n == 0)
        return;
    if (repo_of(&x->repos, repo.alias)) {
        const struct az_value *at = az_get(entry, STR("repository"));
        if (!str_is_nocase(repo.alias, "self"))
            az_error(x->d, "AZ040", at, "The repository '%.*s' is declared more than once", STR_ARG(repo.alias));
        return;
    }
    struct str type = text_of(env, entry, "type"), ref = str_trim(text_of(env, entry, "ref"));
    repo.type = type.n > 0 ? type : STR("git");
    repo.repo = name_of(env, entry);
    repo.ref = ref.n > 0 ? ref : STR("refs/heads/main");
    vec_push_in(x->arena, &x->repos, repo);
}

bool az_repo_has_address(const struct facts *f, const struct az_repo *repo)
{
    struct str local, at;
    if (repo->repo.n == 0 || str_is_nocase(repo->type, "github") || f->repos.base.n > 0)
        return true;
    for (size_t i = 0; i < f->repos.local.n; i++) {
        str_cut(f->repos.local.p[i], '@', &local, &at);
        if (str_eq_nocase(local, repo->repo))
            return true;
    }
    return false;
}

void az_read_repositories(struct az_env *env, const struct az_value *resources)
{
    const struct az_value *list = az_get(resources, STR("repositories"));
    for (size_t i = 0; list && list->kind == AZ_ARRAY && i < list->array.n; i++)
        if (list->array.p[i]->kind == AZ_OBJECT)
            read_repository(env, list->array.p[i]);
}
