/*
 * cli/world_interpreters.c - which Pythons this machine has, without running what can be read off a path.
 *
 * Tool caches, uv, pyenv and conda write the version into a folder's name. Only what lies on PATH must be asked, and
 * its answer is kept in the cache folder with the program's size and time, so that a listing stays fast.
 */
#include "cli/world.h"

#include "core/num.h"
#include "core/path.h"
#include "sys/file.h"
#include "sys/host.h"
#include "sys/run.h"

#include <sys/stat.h>
#include <unistd.h>

struct finder {
    struct arena *arena;
    struct machine_facts *to;
    size_t cap;
    struct str home;
    struct str cache; /* path of the file of probed versions */
    struct str known; /* its text when we began */
    struct buf fresh; /* what it is to be */
    bool changed;
};

static void add(struct finder *f, const char *origin, struct str version, struct str prefix, struct str program)
{
    struct machine_facts *m = f->to;
    for (size_t i = 0; i < m->n_interpreters; i++)
        if (str_eq(m->interpreters[i].prefix, prefix) && str_eq(m->interpreters[i].version, version))
            return;
    struct {
        struct interpreter *p;
        size_t n, cap;
    } v = {m->interpreters, m->n_interpreters, f->cap};
    struct interpreter in = {.tool = STR("python"),
                             .version = arena_str(f->arena, version),
                             .prefix = arena_str(f->arena, prefix),
                             .program = arena_str(f->arena, program),
                             .origin = str_from(origin),
                             .shared_prefix = str_is(prefix, "/usr") || str_is(prefix, "/usr/local")};
    vec_push_in(f->arena, &v, in);
    m->interpreters = v.p;
    m->n_interpreters = v.n;
    f->cap = v.cap;
}

static bool is_version(struct str s)
{
    unsigned dots = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '.')
            dots++;
        else if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    }
    return dots == 2 && s.p[0] != '.' && s.p[s.n - 1] != '.';
}

static bool runs(struct arena *a, struct str prefix, struct str *ret_program)
{
    *ret_program = arena_printf(a, "%.*s/bin/python3", STR_ARG(prefix));
    return access(ret_program->p, X_OK) == 0;
}

/* Every DIR/<version>[/sub] that holds bin/python3. */
static void versions_below(struct finder *f, const char *origin, struct str dir, const char *sub, bool marked)
{
    struct strs names = {0};
    struct str program;
    if (dir_list(f->arena, arena_str(f->arena, dir).p, &names, NULL) < 0)
        return;
    for (size_t i = 0; i < names.n; i++) {
        if (!is_version(names.p[i]))
            continue;
        struct str prefix = arena_printf(f->arena, "%.*s/%.*s%s", STR_ARG(dir), STR_ARG(names.p[i]), sub);
        if (marked && !path_exists(arena_printf(f->arena, "%.*s.complete", STR_ARG(prefix)).p))
            continue;
        if (runs(f->arena, prefix, &program))
            add(f, origin, names.p[i], prefix, program);
    }
}

/* cpython-3.12.4-linux-x86_64-gnu */
static void uv_pythons(struct finder *f)
{
    const char *set = getenv("UV_PYTHON_INSTALL_DIR");
    struct str dir =
        set != NULL && set[0] != '\0' ? str_from(set) : path_join(f->arena, f->home, STR(".local/share/uv/python"));
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
        if (is_version(version) && runs(f->arena, prefix, &program))
            add(f, "uv", version, prefix, program);
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
        if (is_version(version) && runs(f->arena, prefix, &program))
            add(f, "conda", version, prefix, program);
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

/* ---- what must be asked ---- */

/* "program TAB size:time TAB version TAB prefix" */
static bool known(struct finder *f, struct str program, struct str stamp, struct str *version, struct str *prefix)
{
    struct str rest = f->known, line;
    while (str_next(&rest, '\n', &line)) {
        struct str name, when, tail;
        if (str_cut(line, '\t', &name, &tail) && str_eq(name, program) && str_cut(tail, '\t', &when, &tail) &&
            str_eq(when, stamp) && str_cut(tail, '\t', version, prefix))
            return true;
    }
    return false;
}

static bool ask(struct finder *f, struct str program, struct str *version, struct str *prefix)
{
    static const char question[] = "import sys;v=sys.version_info;"
                                   "print('%d.%d.%d%s' % (v[0],v[1],v[2],'' if v[3]=='final' else '-%s.%d' % "
                                   "({'candidate':'rc'}.get(v[3],v[3]),v[4])));print(sys.base_prefix)";
    struct str out;
    const char *const argv[] = {program.p, "-I", "-S", "-c", question, NULL};
    f->changed = true;
    if (run_line(f->arena, argv, "/", &out, NULL) < 0)
        return false;
    str_cut(out, '\n', version, prefix);
    *prefix = str_trim(*prefix);
    return version->n > 0 && prefix->n > 0;
}

static void path_python(struct finder *f, struct str program)
{
    struct stat st;
    char real[4096];
    if (realpath(program.p, real) == NULL || stat(real, &st) != 0 || access(real, X_OK) != 0)
        return;
    struct str stamp = arena_printf(f->arena, "%lld:%lld", (long long)st.st_size, (long long)st.st_mtime), version,
               prefix;
    if (!known(f, program, stamp, &version, &prefix) && !ask(f, program, &version, &prefix))
        return;
    buf_printf(&f->fresh, "%.*s\t%.*s\t%.*s\t%.*s\n", STR_ARG(program), STR_ARG(stamp), STR_ARG(version),
               STR_ARG(prefix));
    add(f, "PATH", version, prefix, program);
}

/* python3.N of every folder on PATH and of the system's own; shims of version managers are not programs. */
static void path_pythons(struct finder *f)
{
    const char *path = getenv("PATH");
    struct str rest = arena_printf(f->arena, "%s:/usr/local/bin:/usr/bin", path != NULL ? path : ""), dir;
    struct map seen;
    map_init(&seen, f->arena, MAP_CASE);
    while (str_next(&rest, ':', &dir)) {
        if (!path_is_abs(dir) || str_ends(dir, STR("/shims")) || !map_set(&seen, dir, f))
            continue;
        for (unsigned minor = 7; minor < 30; minor++) {
            struct str program = arena_printf(f->arena, "%.*s/python3.%u", STR_ARG(dir), minor);
            if (access(program.p, X_OK) == 0)
                path_python(f, program);
        }
    }
}

void world_interpreters(struct arena *a, struct str cache_dir, struct str home, struct machine_facts *ret)
{
    CLEAN(buf) struct buf fresh = BUF((size_t)1 << 20);
    struct finder f = {.arena = a, .to = ret, .home = home, .cache = path_join(a, cache_dir, STR("interpreters"))};
    file_read(a, f.cache.p, (size_t)1 << 20, &f.known, NULL);
    f.fresh = fresh;
    const char *tools = getenv("RUNNER_TOOL_CACHE"), *pyenv = getenv("PYENV_ROOT");
    struct str cache = tools != NULL && tools[0] != '\0' ? str_from(tools) : STR("/opt/hostedtoolcache");
    versions_below(&f, "tool cache", path_join(a, cache, STR("Python")), "/x64", true);
    uv_pythons(&f);
    struct str root = pyenv != NULL && pyenv[0] != '\0' ? str_from(pyenv) : path_join(a, home, STR(".pyenv"));
    versions_below(&f, "pyenv", path_join(a, root, STR("versions")), "", false);
    conda_pythons(&f);
    path_pythons(&f);
    if (f.changed && dir_make(arena_str(a, cache_dir).p, 0755, NULL) == 0)
        file_write(f.cache.p, buf_str(&f.fresh), 0644, NULL); /* only a cache: failing costs time, nothing else */
    fresh = f.fresh;
}
