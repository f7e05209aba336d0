#include "core/base.h"
#include "provider/github/python_priv.h"

#include "core/path.h"
#include "doc/toml.h"
#include "provider/github/semver_priv.h"

static void push(struct arena *a, struct strs *ret, struct str spec)
{
    spec = str_trim(spec);
    if (spec.n > 0)
        vec_push_in(a, ret, arena_str(a, spec));
}

static struct value *read_toml(struct arena *a, struct str name, struct str text)
{
    CLEAN(sources) struct sources *s = sources_new();
    struct diags d;
    diags_init(&d, a, s);
    return toml_read(a, s, sources_add(s, name, text), &d);
}

static struct value *path_get(struct value *v, const char *const *keys)
{
    for (; *keys != NULL && v != NULL; keys++)
        v = value_get(v, str_from(*keys));
    return v;
}

/* A PEP 440 list becomes a range: the commas go. What is no range is dropped, as the action does. */
static void push_requirement(struct arena *a, struct strs *ret, const struct value *v)
{
    struct gh_range *range;
    if (v == NULL || v->kind != VALUE_STRING)
        return;
    struct str spec = arena_str(a, v->string);
    char *p = arena_alloc(a, spec.n + 1);
    for (size_t i = 0; i < spec.n; i++)
        p[i] = spec.p[i] == ',' ? ' ' : spec.p[i];
    spec = str_of(p, spec.n);
    if (gh_range_parse(a, spec, false, &range, NULL) == 0)
        push(a, ret, spec);
}

static void read_pyproject(struct arena *a, struct str name, struct str text, struct strs *ret)
{
    static const char *const PROJECT[] = {"project", "requires-python", NULL};
    static const char *const POETRY[] = {"tool", "poetry", "dependencies", "python", NULL};
    struct value *root = read_toml(a, name, text);
    bool project = value_get(root, STR("project")) != NULL;
    push_requirement(a, ret, path_get(root, project ? PROJECT : POETRY));
}

static void read_pipfile(struct arena *a, struct str name, struct str text, struct strs *ret)
{
    static const char *const FULL[] = {"requires", "python_full_version", NULL};
    static const char *const SHORT[] = {"requires", "python_version", NULL};
    struct value *root = read_toml(a, name, text), *v = path_get(root, FULL);
    if (v == NULL)
        v = path_get(root, SHORT);
    if (v != NULL && v->kind == VALUE_STRING)
        push(a, ret, v->string);
}

/* "python 3.12.1", "python v3.12": the first line that names python. */
static void read_tool_versions(struct arena *a, struct str text, struct strs *ret)
{
    struct str line, tool, version;
    while (str_next(&text, '\n', &line)) {
        line = str_trim(line);
        size_t i = 0;
        while (i < line.n && line.p[i] != ' ' && line.p[i] != '\t')
            i++;
        tool = str_sub(line, 0, i);
        version = str_trim(str_from_index(line, i));
        if (!str_is(tool, "python"))
            continue;
        if (str_starts(version, STR("v")))
            version = str_from_index(version, 1);
        push(a, ret, version);
        return;
    }
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
        read_tool_versions(a, text, ret);
    else if (str_find(base, STR("Pipfile")) >= 0)
        read_pipfile(a, base, text, ret);
    else
        read_list(a, text, ret);
}
