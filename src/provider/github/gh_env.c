#include "core/base.h"
#include "provider/github/gh_run_priv.h"
#include "provider/process.h"

#include "core/buf.h"
#include "core/vec.h"

/* Members of the github context that are exported as GITHUB_<NAME> (specification 5.1). */
static const char *const GITHUB_EXPORTS[] = {
    "action",      "action_path",      "action_ref",       "action_repository",
    "actor",       "actor_id",         "triggering_actor", "api_url",
    "graphql_url", "server_url",       "base_ref",         "head_ref",
    "ref",         "ref_name",         "ref_type",         "ref_protected",
    "sha",         "event_name",       "event_path",       "job",
    "repository",  "repository_owner", "repository_id",    "repository_owner_id",
    "run_id",      "run_number",       "run_attempt",      "retention_days",
    "workflow",    "workflow_ref",     "workflow_sha",     "workspace",
};

static const char *const FILE_EXPORTS[GH_FILES] = {[GH_FILE_PATH] = "GITHUB_PATH",
                                                   [GH_FILE_ENV] = "GITHUB_ENV",
                                                   [GH_FILE_OUTPUT] = "GITHUB_OUTPUT",
                                                   [GH_FILE_STATE] = "GITHUB_STATE",
                                                   [GH_FILE_SUMMARY] = "GITHUB_STEP_SUMMARY"};

static void add_all(struct map *into, const struct map *from)
{
    for (size_t i = 0; i < from->n; i++)
        map_set(into, from->entries[i].key, from->entries[i].value);
}

static struct str upper(struct arena *a, const char *prefix, struct str name)
{
    CLEAN(buf) struct buf b = BUF(256);
    buf_add_cstr(&b, prefix);
    for (size_t i = 0; i < name.n; i++)
        buf_add_ch(&b, name.p[i] >= 'a' && name.p[i] <= 'z' ? (char)(name.p[i] - 'a' + 'A') : name.p[i]);
    return arena_str(a, buf_str(&b));
}

static void add_if_absent(struct map *m, struct str key, struct str value)
{
    if (map_find(m, key) == NULL)
        map_set_str(m, key, value);
}

static void add_github(struct gh_run *r, const struct gh_task *t, struct map *m)
{
    for (size_t i = 0; i < ARRAY_LEN(GITHUB_EXPORTS); i++) {
        struct str name = str_from(GITHUB_EXPORTS[i]);
        const struct value *v = value_get(r->github, name);
        if (v != NULL && v->kind != VALUE_NULL)
            map_set_str(m, upper(m->arena, "GITHUB_", name), gh_to_string(m->arena, v));
    }
    for (size_t i = 0; i < GH_FILES; i++) {
        if (t->files[i].n > 0)
            map_set_str(m, str_from(FILE_EXPORTS[i]), t->files[i]);
    }
    map_set_str(m, STR("GITHUB_ACTIONS"), STR("true"));
}

static void add_runner(struct gh_run *r, struct map *m)
{
    const struct map *runner = &r->runner->object;
    for (size_t i = 0; i < runner->n; i++)
        map_set_str(m, upper(m->arena, "RUNNER_", runner->entries[i].key),
                    gh_to_string(m->arena, runner->entries[i].value));
    map_set_str(m, STR("AGENT_TOOLSDIRECTORY"), r->tools);
    map_set_str(m, STR("RUNNER_TRACKING_ID"), r->tracking);
}

/* The folders of GITHUB_PATH, the newest first, in front of PATH. */
static void add_path(const struct gh_task *t, struct map *m)
{
    const struct strs *folders = &t->world->path;
    CLEAN(buf) struct buf b = BUF(BUF_LINE * 64);
    struct str path = map_get_str(m, STR("PATH"));
    if (folders->n == 0)
        return;
    for (size_t i = folders->n; i-- > 0;) {
        buf_add(&b, folders->p[i]);
        if (i > 0 || path.n > 0)
            buf_add_ch(&b, ':');
    }
    buf_add(&b, path);
    if (!b.over)
        map_set_str(m, STR("PATH"), buf_str(&b));
}

struct strs gh_env_of(struct gh_run *r, struct gh_task *t, const struct map *extra)
{
    struct map m;
    struct strs ret = {0};
    struct arena *a = gh_task_arena(t);
    gh_contexts_enter(r, t);
    map_init(&m, a, MAP_CASE);
    add_all(&m, &r->facts->base_env);
    map_set_str(&m, STR("HOME"), r->home);
    add_if_absent(&m, STR("USER"), STR("runner"));
    add_all(&m, &t->world->env);
    add_all(&m, &t->frame->env);
    add_all(&m, &t->env);
    if (extra != NULL)
        add_all(&m, extra);
    add_if_absent(&m, STR("CI"), STR("true"));
    add_github(r, t, &m);
    add_runner(r, &m);
    add_path(t, &m);
    for (size_t i = 0; i < m.n; i++) {
        const struct str *value = m.entries[i].value;
        if (process_can_have(m.entries[i].key, *value))
            vec_push_in(a, &ret, process_variable(a, m.entries[i].key, *value));
    }
    return ret;
}

struct str gh_env_get(struct gh_run *r, const struct gh_task *t, const char *name)
{
    struct str key = str_from(name);
    const struct map *layers[] = {&t->env, &t->frame->env, &t->world->env};
    for (size_t i = 0; i < ARRAY_LEN(layers); i++) {
        if (map_find(layers[i], key) != NULL)
            return map_get_str(layers[i], key);
    }
    return map_get_str(&r->facts->base_env, key);
}

void gh_env_shown(struct gh_task *t, struct map *ret)
{
    map_init(ret, gh_task_arena(t), MAP_CASE);
    add_all(ret, &t->world->env);
    add_all(ret, &t->frame->env);
    add_all(ret, &t->env);
}
