#include "core/base.h"
#include "provider/github/setup_priv.h"

#include "core/path.h"
#include "core/vec.h"

#define DEFAULT_FILES "**/requirements.txt"
#define BACKUP_FILES "**/pyproject.toml"

/* The hash over what the dependencies stand in; false: the task has failed. */
static bool hash_dependencies(struct gh_run *r, struct gh_task *t, char ret[65])
{
    struct str files = gh_input(t, "cache-dependency-path");
    struct err err = {0};
    if (files.n == 0)
        files = STR(DEFAULT_FILES);
    int rc = gh_deps_hash(r, files, ret, &err);
    if (rc == 0 && ret[0] == '\0')
        rc = gh_deps_hash(r, STR(BACKUP_FILES), ret, &err);
    if (rc < 0)
        gh_fail(t, "%s", err.text);
    else if (ret[0] == '\0')
        gh_fail(t,
                "No file in %.*s matched to [%.*s or " BACKUP_FILES
                "], make sure you have checked out the target repository",
                STR_ARG(r->workspace), STR_ARG(files));
    return t->result == RESULT_NONE;
}

static struct str os_name(const struct gh_run *r)
{
    struct str name = r->facts->machine.os_name, first, rest;
    str_cut(name, ' ', &first, &rest);
    return first.n > 0 ? first : STR("Linux");
}

static void make_keys(struct gh_run *r, struct gh_deps_cache *c, struct str version, const char *hex)
{
    const struct machine_facts *m = &r->facts->machine;
    struct str arch = gh_node_arch(m->machine), os = os_name(r);
    struct str prefix = arena_printf(r->arena, "setup-python-Linux-%.*s-%.*s-%.*s-python-%.*s-pip", STR_ARG(arch),
                                     STR_ARG(m->os_version), STR_ARG(os), STR_ARG(version));
    c->key = arena_printf(r->arena, "%.*s-%s", STR_ARG(prefix), hex);
    vec_push_in(r->arena, &c->restore_keys, prefix);
}

/* Where pip of this job keeps its cache: what `pip cache dir` says. */
static struct str cache_folder(struct gh_run *r, const struct gh_task *t)
{
    struct str named = gh_env_get(r, t, "PIP_CACHE_DIR"), xdg = gh_env_get(r, t, "XDG_CACHE_HOME");
    if (path_is_abs(named))
        return path_clean(r->arena, named);
    if (path_is_abs(xdg))
        return path_join(r->arena, xdg, STR("pip"));
    return path_join(r->arena, r->home, STR(".cache/pip"));
}

bool gh_pip_cache_restore(struct gh_run *r, struct gh_task *t, struct gh_deps_cache *c, struct str version,
                          struct op *op)
{
    struct str manager = gh_input(t, "cache");
    char hex[65];
    if (manager.n == 0)
        return false;
    if (str_is(manager, "pipenv") || str_is(manager, "poetry")) {
        gh_note(r, t->number, HOW_SKIPPED, arena_printf(r->arena, "setup-python, cache: %.*s", STR_ARG(manager)),
                STR("not kept by slipway"));
        return false;
    }
    if (!str_is(manager, "pip")) {
        gh_fail(t, "Caching for '%.*s' is not supported", STR_ARG(manager));
        return false;
    }
    if (!hash_dependencies(r, t, hex))
        return false;
    vec_push_in(r->arena, &c->paths, cache_folder(r, t));
    c->what = "pip";
    c->exact_hit = true;
    make_keys(r, c, version, hex);
    gh_deps_restore_op(t, c, op);
    return true;
}
