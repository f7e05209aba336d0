/*
 * az_checkout_place.c - which repository a checkout is of, and where it goes (specification 7.5): one checkout goes to
 * `s`, each of several to `s/<name>`, one with `path` where that says, below the pipeline's workspace.
 */
#include "core/base.h"
#include "provider/azure/agent_priv.h"

#include "core/path.h"

/* ---- which ---- */

static struct str own_name(const struct az_run *r)
{
    return r->facts->repo.name.n > 0 ? r->facts->repo.name : STR("repo");
}

/* git://Project/repo@ref, github://owner/repo@ref. */
static const struct az_repo *inline_repo(struct az_run *r, struct str text)
{
    struct str name, ref;
    ssize_t at = str_find(text, STR("://"));
    if (at < 0)
        return NULL;
    struct az_repo *repo = ARENA_NEW(r->arena, struct az_repo);
    str_cut(str_from_index(text, (size_t)at + 3), '@', &name, &ref);
    repo->alias = text;
    repo->type = str_sub(text, 0, (size_t)at);
    repo->repo = name;
    repo->ref = ref;
    return repo;
}

static const struct az_repo *find_repo(struct az_run *r, struct str name)
{
    const struct az_repos *all = r->model->repos;
    for (size_t i = 0; all != NULL && i < all->n; i++)
        if (str_eq_nocase(all->p[i].alias, name))
            return &all->p[i];
    return inline_repo(r, name);
}

/* The last part, without .git. */
static struct str folder_name(struct str repo)
{
    struct str base = path_base(repo);
    return str_ends(base, STR(".git")) ? str_sub(base, 0, base.n - 4) : base;
}

/* ---- where ---- */

static bool is_checkout(const struct az_step *s)
{
    return s->enabled && str_is_nocase(s->task, AZ_CHECKOUT_TASK);
}

static size_t count_checkouts(const struct az_run *r)
{
    const struct az_steps *steps = &az_agent(r)->steps;
    size_t n = 0;
    for (size_t i = 0; i < steps->n; i++)
        n += is_checkout(&steps->p[i]);
    return n;
}

int az_checkout_place(struct az_run *r, const struct map *inputs, struct az_checkout_place *ret, struct err *e)
{
    struct az_checkout_place p = {0};
    struct str name = map_get_str(inputs, STR("repository")), path = str_trim(map_get_str(inputs, STR("path")));
    if (name.n == 0)
        name = STR("self");
    p.repo = find_repo(r, name);
    p.own = str_is_nocase(name, "self") || (p.repo != NULL && p.repo->repo.n == 0);
    if (!p.own && p.repo == NULL)
        return err_set(e, ENOENT, "No repository found by name %.*s", STR_ARG(name));
    p.name = p.own ? own_name(r) : folder_name(p.repo->repo);
    p.path = r->sources;
    if (path.n > 0)
        p.path = path_clean(r->arena, path_join(r->arena, r->root, path));
    else if (count_checkouts(r) > 1)
        p.path = path_join(r->arena, r->sources, p.name);
    if (!path_under(p.path, r->root))
        return err_set(e, EINVAL, "Input path '%.*s' should resolve to a directory under '%.*s'", STR_ARG(path),
                       STR_ARG(r->root));
    *ret = p;
    return 0;
}

struct str az_checkout_title(struct az_run *r, const struct az_step *step)
{
    struct az_checkout_place p;
    const struct repo_facts *self = &r->facts->repo;
    struct str given = map_get_str(&step->inputs, STR("repository")), name = STR(""), ref = STR("");
    struct str heads = STR("refs/heads/");
    if (az_checkout_place(r, &step->inputs, &p, NULL) < 0)
        return arena_printf(r->arena, "Checkout %.*s", STR_ARG(given));
    if (p.own) {
        name = self->owner.n > 0 ? arena_printf(r->arena, "%.*s/%.*s", STR_ARG(self->owner), STR_ARG(p.name)) : p.name;
        ref = self->branch.n > 0 ? self->branch : str_sub(self->sha, 0, 8);
    } else {
        name = p.repo->repo;
        ref = str_starts(p.repo->ref, heads) ? str_from_index(p.repo->ref, heads.n) : p.repo->ref;
    }
    return arena_printf(r->arena, "Checkout %.*s%s%.*s to %.*s", STR_ARG(name), ref.n > 0 ? "@" : "", STR_ARG(ref),
                        STR_ARG(path_rel(p.path, r->root)));
}

/* ---- what variables say of it ---- */

static void set(struct az_run *r, const char *name, struct str value)
{
    az_vars_set(&az_agent(r)->raw, str_from(name), value, false, true);
}

/*
 * Known before the first step: the sources of a lone checkout are where its path leads, those of several are `s`; the
 * working folder follows, unless one of several says that it is the workspace's repository.
 */
void az_checkout_variables(struct az_run *r)
{
    const struct az_steps *steps = &az_agent(r)->steps;
    bool alone = count_checkouts(r) == 1;
    for (size_t i = 0; i < steps->n; i++) {
        struct az_checkout_place p;
        bool workspace = false;
        if (!is_checkout(&steps->p[i]) || az_checkout_place(r, &steps->p[i].inputs, &p, NULL) < 0)
            continue;
        if (p.own)
            set(r, "Build.Repository.LocalPath", p.path);
        if (alone)
            set(r, "Build.SourcesDirectory", p.path);
        az_schema_bool(map_get_str(&steps->p[i].inputs, STR("workspaceRepo")), &workspace);
        if (alone || workspace)
            set(r, "System.DefaultWorkingDirectory", p.path);
    }
}
