#include "core/base.h"
#include "provider/github/python_priv.h"

#include "core/path.h"
#include "provider/github/setup_priv.h"

static void push(struct arena *a, struct strs *ret, struct str spec)
{
    spec = str_trim(spec);
    if (spec.n > 0)
        vec_push_in(a, ret, arena_str(a, spec));
}

/* A PEP 440 list becomes a range: the commas go. What is no range is dropped, as the action does. */
static void push_requirement(struct arena *a, struct strs *ret, const struct value *v)
{
    struct semver_range *range;
    if (v == NULL || v->kind != VALUE_STRING)
        return;
    struct str spec = arena_str(a, v->string);
    char *p = arena_alloc(a, spec.n + 1);
    for (size_t i = 0; i < spec.n; i++)
        p[i] = spec.p[i] == ',' ? ' ' : spec.p[i];
    spec = str_of(p, spec.n);
    if (semver_range_parse(a, spec, false, &range, NULL) == 0)
        push(a, ret, spec);
}

static void read_pyproject(struct arena *a, struct str name, struct str text, struct strs *ret)
{
    static const char *const PROJECT[] = {"project", "requires-python", NULL};
    static const char *const POETRY[] = {"tool", "poetry", "dependencies", "python", NULL};
    struct value *root = gh_toml(a, name, text);
    bool project = value_get(root, STR("project")) != NULL;
    push_requirement(a, ret, gh_value_at(root, project ? PROJECT : POETRY));
}

static void read_pipfile(struct arena *a, struct str name, struct str text, struct strs *ret)
{
    static const char *const FULL[] = {"requires", "python_full_version", NULL};
    static const char *const SHORT[] = {"requires", "python_version", NULL};
    struct value *root = gh_toml(a, name, text), *v = gh_value_at(root, FULL);
    if (v == NULL)
        v = gh_value_at(root, SHORT);
    if (v != NULL && v->kind == VALUE_STRING)
        push(a, ret, v->string);
}

/* Every line that is no comment; "3.12.1/envs/app" is pyenv's way to name an environment. */
static void read_list(struct arena *a, struct str text, struct strs *ret)
{
    struct str line, version, rest;
    while (str_next(&text, '\n', &line)) {
        line = str_trim(line);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        str_cut(line, '/', &version, &rest);
        push(a, ret, version);
    }
}

void gh_python_file_read(struct arena *a, struct str name, struct str text, struct strs *ret)
{
    struct str base = path_base(name);
    if (str_ends(base, STR(".toml")))
        read_pyproject(a, base, text, ret);
    else if (str_find(base, STR(".tool-versions")) >= 0)
        push(a, ret, gh_tool_versions_get(text, "python"));
    else if (str_find(base, STR("Pipfile")) >= 0)
        read_pipfile(a, base, text, ret);
    else
        read_list(a, text, ret);
}
