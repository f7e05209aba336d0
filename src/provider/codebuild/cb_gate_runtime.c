/*
 * cb_gate_runtime.c - the variables of a build before it runs, and the interpreters that its runtimes ask for.
 */
#include "core/base.h"
#include "provider/codebuild/read_priv.h"
#include "provider/interpreter.h"

static void take_all(struct map *to, const struct map *from)
{
    for (size_t i = 0; i < from->n; i++)
        map_set_str(to, from->entries[i].key, map_get_str(from, from->entries[i].key));
}

void cb_variables(struct arena *a, const struct cb_build *b, const struct facts *f, struct map *ret)
{
    map_init(ret, a, MAP_CASE);
    take_all(ret, &b->spec->variables);
    for (size_t i = 0; i < b->project->n_vars; i++)
        if (b->project->vars[i].type == CB_PLAINTEXT)
            map_set_str(ret, b->project->vars[i].name, b->project->vars[i].value);
    take_all(ret, &b->variables);
    take_all(ret, &f->env);
}

static bool is_name_char(char c, bool first)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    return letter || (!first && c >= '0' && c <= '9');
}

bool cb_fill_in(struct arena *a, struct str text, const struct map *vars, struct str *ret)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    for (size_t i = 0; i < text.n;) {
        if (text.p[i] != '$') {
            buf_add_ch(&b, text.p[i++]);
            continue;
        }
        size_t from = i + 1, to;
        bool braces = from < text.n && text.p[from] == '{';
        from += braces;
        for (to = from; to < text.n && is_name_char(text.p[to], to == from); to++)
            ;
        struct str value = map_get_str(vars, str_sub(text, from, to));
        if (value.p == NULL || (braces && (to >= text.n || text.p[to] != '}')))
            return false;
        buf_add(&b, value);
        i = to + braces;
    }
    *ret = arena_str(a, buf_str(&b));
    return !b.over;
}

void cb_runtime_find(struct arena *a, const struct facts *f, const struct cb_runtime *rt, const struct map *vars,
                     struct cb_runtime_found *ret)
{
    const struct cb_runtime_tool *tool = cb_runtime_tool(rt->name);
    *ret = (struct cb_runtime_found){.version = rt->version};
    ret->known = cb_fill_in(a, rt->version, vars, &ret->version) && ret->version.n > 0;
    if (tool == NULL)
        return;
    ret->tool = tool->tool;
    ret->title = tool->title;
    if (ret->known && tool->tool != NULL)
        ret->found = interpreter_find(f, tool->tool, ret->version);
}

static int by_version(const void *a, const void *b)
{
    return interpreter_version_cmp(*(const struct str *)a, *(const struct str *)b);
}

struct str cb_versions_here(struct arena *a, const struct facts *f, const char *tool)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    struct strs found = {0};
    for (size_t i = 0; i < f->machine.n_interpreters; i++)
        if (str_is(f->machine.interpreters[i].tool, tool))
            vec_push_in(a, &found, f->machine.interpreters[i].version);
    if (found.n > 1)
        qsort(found.p, found.n, sizeof *found.p, by_version);
    for (size_t i = 0; i < found.n; i++)
        if (i == 0 || !str_eq(found.p[i], found.p[i - 1]))
            buf_printf(&b, "%s%.*s", i > 0 ? ", " : "", STR_ARG(found.p[i]));
    return found.n > 0 ? arena_str(a, buf_str(&b)) : STR("none");
}
