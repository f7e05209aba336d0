/*
 * az_env.c - the whole environment of a step's process (specification 7.4): what the agent was started with, the
 * step's own `env`, then every public variable, which wins over a like-named entry of env; secrets are left out.
 */
#include "core/base.h"
#include "provider/azure/agent_priv.h"

#include "provider/process.h"

static void add_all(struct map *into, const struct map *from)
{
    for (size_t i = 0; i < from->n; i++)
        map_set(into, from->entries[i].key, from->entries[i].value);
}

static void add_if_absent(struct map *m, const char *key, const char *value)
{
    if (map_find(m, str_from(key)) == NULL)
        map_set_str(m, str_from(key), str_from(value));
}

static void add_variables(struct az_run *r, struct map *m)
{
    for (size_t i = 0; i < r->vars.map.n; i++) {
        const struct az_var *v = r->vars.map.entries[i].value;
        if (!v->secret)
            map_set_str(m, az_env_name(m->arena, v->name), str_trim(v->value));
    }
    map_set_str(m, STR("agent.jobstatus"), str_from(az_result_name(r->result)));
}

static void add_task_variables(struct az_task_run *t, struct map *m)
{
    for (size_t i = 0; i < t->task_vars.n; i++) {
        struct str key = t->task_vars.entries[i].key, name = az_env_name(m->arena, key);
        map_set_str(m, arena_printf(m->arena, "VSTS_TASKVARIABLE_%.*s", STR_ARG(name)),
                    map_get_str(&t->task_vars, key));
    }
}

/* The folders of prependpath, the newest first, in front of PATH. */
static void add_path(const struct az_run *r, struct map *m)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE * 64);
    struct str path = map_get_str(m, STR("PATH"));
    if (r->path.n == 0)
        return;
    for (size_t i = 0; i < r->path.n; i++) {
        buf_add(&b, r->path.p[i]);
        if (i + 1 < r->path.n || path.n > 0)
            buf_add_ch(&b, ':');
    }
    buf_add(&b, path);
    if (!b.over)
        map_set_str(m, STR("PATH"), buf_str(&b));
}

struct strs az_env_of(struct az_task_run *t, struct arena *a)
{
    struct az_run *r = t->run;
    struct strs ret = {0};
    struct map m;
    map_init(&m, a, MAP_CASE);
    add_all(&m, &r->facts->base_env);
    map_set_str(&m, STR("HOME"), r->home);
    add_if_absent(&m, "USER", "vsts");
    add_all(&m, &r->facts->env);
    add_all(&m, &t->env);
    add_variables(r, &m);
    add_task_variables(t, &m);
    add_if_absent(&m, "TF_BUILD", "True");
    add_if_absent(&m, "GIT_TERMINAL_PROMPT", "0");
    add_path(r, &m);
    for (size_t i = 0; i < m.n; i++) {
        const struct str *value = m.entries[i].value;
        if (process_can_have(m.entries[i].key, *value))
            vec_push_in(a, &ret, process_variable(a, m.entries[i].key, *value));
    }
    return ret;
}
