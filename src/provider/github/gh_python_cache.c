/*
 * gh_python_cache.c - what setup-python keeps of pip, pipenv and poetry (specification 13.2): which folders, under
 * which key. Of several poetry projects the one in the workspace itself is asked.
 */
#include "core/base.h"
#include "provider/github/setup_priv.h"

#include "core/path.h"
#include "core/vec.h"

static const struct {
    const char *name;
    const char *files, *backup; /* where the dependencies stand; backup may be NULL */
} MANAGERS[] = {{"pip", "**/requirements.txt", "**/pyproject.toml"},
                {"pipenv", "**/Pipfile.lock", NULL},
                {"poetry", "**/poetry.lock", NULL}};

/* The hash over what the dependencies stand in; false: the task has failed. */
static bool hash_dependencies(struct gh_task *t, size_t manager, char ret[65])
{
    struct gh_run *r = t->run;
    struct str files = gh_input(t, "cache-dependency-path");
    const char *backup = MANAGERS[manager].backup;
    struct err err = {0};
    if (files.n == 0)
        files = str_from(MANAGERS[manager].files);
    int rc = gh_deps_hash(r, files, ret, &err);
    if (rc == 0 && ret[0] == '\0' && backup != NULL)
        rc = gh_deps_hash(r, str_from(backup), ret, &err);
    if (rc < 0)
        gh_fail(t, "%s", err.text);
    else if (ret[0] == '\0')
        gh_fail(t, "No file in %.*s matched to [%.*s%s%s], make sure you have checked out the target repository",
                STR_ARG(r->workspace), STR_ARG(files), backup != NULL ? " or " : "", backup != NULL ? backup : "");
    return t->result == RESULT_NONE;
}

static struct str os_name(const struct gh_run *r)
{
    struct str name = r->facts->machine.os_name, first, rest;
    str_cut(name, ' ', &first, &rest);
    return first.n > 0 ? first : STR("Linux");
}

/* pip's key names the system and may be found without the hash; the others' may not. */
static void make_keys(struct gh_run *r, struct gh_deps_cache *c, struct str version, size_t manager, const char *hex)
{
    const struct machine_facts *m = &r->facts->machine;
    struct str arch = gh_node_arch(m->machine), os = os_name(r), prefix;
    if (manager == 0) {
        prefix = arena_printf(r->arena, "setup-python-Linux-%.*s-%.*s-%.*s-python-%.*s-pip", STR_ARG(arch),
                              STR_ARG(m->os_version), STR_ARG(os), STR_ARG(version));
        vec_push_in(r->arena, &c->restore_keys, prefix);
    } else {
        prefix = arena_printf(r->arena, "setup-python-Linux-%.*s-python-%.*s-%s", STR_ARG(arch), STR_ARG(version),
                              manager == 1 ? "pipenv" : "poetry-v2");
    }
    c->key = arena_printf(r->arena, "%.*s-%s", STR_ARG(prefix), hex);
}

/* Where pip of this job keeps its cache: what `pip cache dir` says. */
static struct str pip_folder(struct gh_run *r, const struct gh_task *t)
{
    struct str named = gh_env_get(r, t, "PIP_CACHE_DIR"), xdg = gh_env_get(r, t, "XDG_CACHE_HOME");
    if (path_is_abs(named))
        return path_clean(r->arena, named);
    if (path_is_abs(xdg))
        return path_join(r->arena, xdg, STR("pip"));
    return path_join(r->arena, r->home, STR(".cache/pip"));
}

bool gh_poetry_op(struct gh_task *t, struct op *op)
{
    struct str words[] = {STR("sh"), STR("-c"),
                          STR("poetry config virtualenvs.path && poetry config virtualenvs.in-project")};
    if (!str_is(gh_input(t, "cache"), "poetry"))
        return false;
    gh_op_tool(t->run, t, op, &(struct strs){.p = words, .n = ARRAY_LEN(words)}, NULL, true);
    return true;
}

void gh_poetry_took(struct gh_task *t, struct gh_deps_cache *c, const struct op_end *end)
{
    struct gh_run *r = t->run;
    struct str rest, folder = STR(""), inside = STR("");
    if (!gh_ended(t, end))
        return;
    rest = buf_str(&t->capture);
    str_next(&rest, '\n', &folder);
    str_next(&rest, '\n', &inside);
    if (t->status != 0 || !path_is_abs(folder))
        gh_fail(t, "Could not get cache folder path for poetry package manager");
    else
        vec_push_in(r->arena, &c->paths, arena_str(r->arena, folder));
    if (str_is_nocase(str_trim(inside), "true"))
        vec_push_in(r->arena, &c->paths, path_join(r->arena, r->workspace, STR(".venv")));
    t->status = -1;
}

bool gh_python_cache_restore(struct gh_task *t, struct gh_deps_cache *c, struct str version, struct op *op)
{
    struct gh_run *r = t->run;
    struct str manager = gh_input(t, "cache");
    char hex[65];
    size_t i = 0;
    while (i < ARRAY_LEN(MANAGERS) && !str_is(manager, MANAGERS[i].name))
        i++;
    if (manager.n == 0)
        return false;
    if (i == ARRAY_LEN(MANAGERS)) {
        gh_fail(t, "Caching for '%.*s' is not supported", STR_ARG(manager));
        return false;
    }
    if (!hash_dependencies(t, i, hex))
        return false;
    if (i == 0)
        vec_push_in(r->arena, &c->paths, pip_folder(r, t));
    else if (i == 1)
        vec_push_in(r->arena, &c->paths, path_join(r->arena, r->home, STR(".local/share/virtualenvs")));
    c->what = MANAGERS[i].name;
    c->exact_hit = true;
    make_keys(r, c, version, i, hex);
    gh_deps_restore_op(t, c, op);
    return true;
}
