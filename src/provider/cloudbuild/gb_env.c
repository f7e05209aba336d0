/*
 * gb_env.c - the variables of a step. Later ones win: what this machine passes on, ENV of the image, substitutions
 * (automapSubstitutions), HOME and BUILDER_OUTPUT, options.env, the step's env, and secrets where nothing else has the
 * name (cloud-build-local, processEnvVars). CI is not set, as at the service.
 */
#include "core/base.h"
#include "provider/cloudbuild/run_priv.h"

#include "core/path.h"

static void add_all(struct map *into, const struct map *from)
{
    for (size_t i = 0; i < from->n; i++)
        map_set(into, from->entries[i].key, from->entries[i].value);
}

static void add_pair(struct map *m, struct str pair)
{
    struct str name, value;
    str_cut(pair, '=', &name, &value);
    map_set_str(m, name, value);
}

static void add_texts(struct map *m, const struct gb_texts *t)
{
    for (size_t i = 0; i < t->n; i++)
        add_pair(m, t->p[i].text);
}

/* A folder in front of PATH. */
static void add_path(struct arena *a, struct map *m, struct str dir)
{
    struct str path = map_get_str(m, STR("PATH"));
    map_set_str(m, STR("PATH"), path.n > 0 ? arena_printf(a, "%.*s:%.*s", STR_ARG(dir), STR_ARG(path)) : dir);
}

/* The stand-in's tool in front of what this machine has. In a plain sandbox there is no folder of an image (/go). */
static void add_image(const struct gb_task *t, struct map *m)
{
    const struct gb_standin *s = &t->standin;
    struct arena *a = t->run->arena;
    for (size_t i = 0; i < s->env.n; i++)
        if (!t->run->plain || !str_starts(s->env.p[i], STR("GOPATH=")))
            add_pair(m, s->env.p[i]);
    if (t->python != NULL)
        add_path(a, m, t->python->tool.bin);
    else if (s->tool != NULL)
        add_path(a, m, path_dir(s->tool->program));
    struct str gopath = map_get_str(m, STR("GOPATH"));
    if (s->tool != NULL && str_is(s->tool->tool, "go") && gopath.n > 0)
        add_path(a, m, path_join(a, gopath, STR("bin")));
}

static bool maps(const struct gb_task *t)
{
    switch (t->def->automap) {
    case GB_TRUE:
        return true;
    case GB_FALSE:
        return false;
    case GB_UNSET:
        break;
    }
    return t->run->build->options.automap;
}

static void add_secrets(const struct gb_run *r, struct map *m, const struct gb_texts *names)
{
    for (size_t i = 0; i < names->n; i++) {
        struct str value = map_get_str(&r->secrets, names->p[i].text);
        if (value.p != NULL && map_find(m, names->p[i].text) == NULL)
            map_set_str(m, names->p[i].text, value);
    }
}

/* What cannot stand in an environment is left out: an empty name, NUL anywhere. */
static struct strs listed(struct arena *a, const struct map *m)
{
    struct strs ret = {0};
    for (size_t i = 0; i < m->n; i++) {
        const struct str *value = m->entries[i].value;
        struct str name = m->entries[i].key;
        if (name.n == 0 || str_find_ch(name, '\0') >= 0 || str_find_ch(*value, '\0') >= 0)
            continue;
        char *p = arena_alloc(a, name.n + value->n + 2);
        memcpy(p, name.p, name.n);
        p[name.n] = '=';
        if (value->n > 0)
            memcpy(p + name.n + 1, value->p, value->n);
        vec_push_in(a, &ret, str_of(p, name.n + value->n + 1));
    }
    return ret;
}

struct strs gb_env_of(const struct gb_task *t)
{
    const struct gb_run *r = t->run;
    struct map m;
    map_init(&m, r->arena, MAP_CASE);
    add_all(&m, &r->facts->base_env);
    add_image(t, &m);
    if (maps(t))
        add_all(&m, &r->model->values.values);
    map_set_str(&m, STR("HOME"), r->home);
    map_set_str(&m, STR("BUILDER_OUTPUT"), r->plain ? t->outputs : STR(GB_OUTPUTS));
    add_texts(&m, &r->build->options.env);
    add_texts(&m, &t->def->env);
    add_secrets(r, &m, &r->build->options.secret_env);
    add_secrets(r, &m, &t->def->secret_env);
    return listed(r->arena, &m);
}

struct strs gb_env_own(const struct gb_run *r)
{
    struct map m;
    map_init(&m, r->arena, MAP_CASE);
    add_all(&m, &r->facts->base_env);
    map_set_str(&m, STR("HOME"), r->home);
    return listed(r->arena, &m);
}
