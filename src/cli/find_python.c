/*
 * cli/find_python.c - the Pythons of this machine: tool cache, uv, pyenv, conda, PATH.
 */
#include "cli/finder_priv.h"

#include "core/path.h"
#include "sys/file.h"

#include <unistd.h>

static bool runs(struct arena *a, struct str prefix, struct str *ret_program)
{
    *ret_program = arena_printf(a, "%.*s/bin/python3", STR_ARG(prefix));
    return access(ret_program->p, X_OK) == 0;
}

/* cpython-3.12.4-linux-x86_64-gnu */
static void uv_pythons(struct finder *f)
{
    struct str dir = finder_root(f, "UV_PYTHON_INSTALL_DIR", ".local/share/uv/python");
    struct strs names = {0};
    struct str program;
    if (dir_list(f->arena, arena_str(f->arena, dir).p, &names, NULL) < 0)
        return;
    for (size_t i = 0; i < names.n; i++) {
        struct str kind, version, rest;
        if (!str_cut(names.p[i], '-', &kind, &rest) || !str_is(kind, "cpython"))
            continue;
        str_cut(rest, '-', &version, &rest);
        struct str prefix = path_join(f->arena, dir, names.p[i]);
        if (finder_is_version(version) && runs(f->arena, prefix, &program))
            finder_add(f, "uv", version, prefix, program);
    }
}

/* conda-meta/python-3.12.4-hab00c5b_0.json */
static void conda_prefix(struct finder *f, struct str prefix)
{
    struct strs names = {0};
    struct str program;
    if (dir_list(f->arena, path_join(f->arena, prefix, STR("conda-meta")).p, &names, NULL) < 0)
        return;
    for (size_t i = 0; i < names.n; i++) {
        struct str version, rest;
        if (!str_starts(names.p[i], STR("python-")))
            continue;
        str_cut(str_from_index(names.p[i], 7), '-', &version, &rest);
        if (finder_is_version(version) && runs(f->arena, prefix, &program))
            finder_add(f, "conda", version, prefix, program);
    }
}

static void conda_pythons(struct finder *f)
{
    static const char *const roots[] = {"miniconda3", "anaconda3",  "miniforge3",
                                        "mambaforge", "/opt/conda", "/opt/miniconda3"};
    for (size_t i = 0; i < ARRAY_LEN(roots); i++) {
        struct str root = path_join(f->arena, f->home, str_from(roots[i]));
        struct strs envs = {0};
        conda_prefix(f, root);
        struct str dir = path_join(f->arena, root, STR("envs"));
        if (dir_list(f->arena, dir.p, &envs, NULL) == 0)
            for (size_t k = 0; k < envs.n; k++)
                conda_prefix(f, path_join(f->arena, dir, envs.p[k]));
    }
}

static void path_python(struct finder *f, struct str program)
{
    static const char script[] = "import sys;v=sys.version_info;"
                                 "print('%d.%d.%d%s' % (v[0],v[1],v[2],'' if v[3]=='final' else '-%s.%d' % "
                                 "({'candidate':'rc'}.get(v[3],v[3]),v[4])));print(sys.base_prefix)";
    static const char *const argv[] = {"-I", "-S", "-c", script, NULL};
    static const struct finder_question question = {argv};
    struct str version, prefix;
    if (finder_ask(f, program, &question, &version, &prefix))
        finder_add(f, "PATH", version, prefix, program);
}

static void path_pythons(struct finder *f, struct str dir)
{
    for (unsigned minor = 7; minor < 30; minor++) {
        struct str program = arena_printf(f->arena, "%.*s/python3.%u", STR_ARG(dir), minor);
        if (access(program.p, X_OK) == 0)
            path_python(f, program);
    }
}

void find_pythons(struct finder *f)
{
    finder_tool_cache(f, "Python", "/bin/python3");
    uv_pythons(f);
    finder_versions(
        f, &(struct finder_place){.origin = "pyenv",
                                  .dir = path_join(f->arena, finder_root(f, "PYENV_ROOT", ".pyenv"), STR("versions")),
                                  .mark = "",
                                  .sub = "",
                                  .program = "/bin/python3"});
    conda_pythons(f);
    finder_path(f, path_pythons);
}
