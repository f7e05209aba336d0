/*
 * az_task.c - the tasks of slipway's own, and what they ask of a run: inputs, variables, the path (specification 9.1).
 */
#include "core/base.h"
#include "provider/azure/agent_priv.h"

#include "core/path.h"

/* ---- which there are ---- */

#define X(name) extern const struct az_task name;
#include "provider/azure/tasks.def"
#undef X

const struct az_task *const *az_tasks(void)
{
    static const struct az_task *const ALL[] = {
#define X(name) &(name),
#include "provider/azure/tasks.def"
#undef X
        NULL,
    };
    return ALL;
}

/* "2" of "2.198.0", among "1 2". */
static bool has_major(const struct az_task *t, struct str version)
{
    struct str major, minor, rest = str_from(t->majors), word;
    str_cut(version, '.', &major, &minor);
    if (major.n == 0)
        return true;
    while (str_next(&rest, ' ', &word))
        if (str_eq(word, major))
            return true;
    return false;
}

const struct az_task *az_task_find(struct str name, struct str version)
{
    ssize_t dot = str_rfind_ch(name, '.');
    struct str last = dot < 0 ? name : str_from_index(name, (size_t)dot + 1);
    for (const struct az_task *const *t = az_tasks(); *t != NULL; t++) {
        bool named = str_is_nocase(last, (*t)->name) || ((*t)->id != NULL && str_is_nocase(name, (*t)->id));
        if (named && has_major(*t, version))
            return *t;
    }
    return NULL;
}

/* ---- inputs ---- */

struct str az_input(const struct az_task_run *t, const char *name)
{
    struct str value = map_get_str(&t->inputs, str_from(name));
    return value.p != NULL ? value : STR("");
}

static bool agent_bool(struct str text, bool *ret)
{
    static const char *const YES[] = {"1", "true", "$true"}, *const NO[] = {"0", "false", "$false"};
    for (size_t i = 0; i < ARRAY_LEN(YES); i++) {
        if (str_is_nocase(text, YES[i]) || str_is_nocase(text, NO[i])) {
            *ret = str_is_nocase(text, YES[i]);
            return true;
        }
    }
    return false;
}

bool az_input_bool(const struct az_task_run *t, const char *name)
{
    bool ret = false;
    if (agent_bool(az_input(t, name), &ret))
        return ret;
    for (const struct az_input *in = t->task->inputs; in != NULL && in->name != NULL; in++)
        if (str_is_nocase(str_from(name), in->name) && in->fallback != NULL)
            agent_bool(str_from(in->fallback), &ret);
    return ret;
}

struct str az_input_path(const struct az_task_run *t, const char *name)
{
    struct str text = az_input(t, name), base = az_var(t->run, "System.DefaultWorkingDirectory");
    if (text.n == 0)
        return text;
    return path_clean(t->run->arena, path_join(t->run->arena, base.n > 0 ? base : t->run->sources, text));
}

void az_input_lines(const struct az_task_run *t, const char *name, struct strs *ret)
{
    struct str rest = az_input(t, name), line;
    while (str_next(&rest, '\n', &line)) {
        line = str_trim(line);
        if (line.n > 0)
            vec_push_in(t->run->arena, ret, line);
    }
}

/* ---- variables ---- */

struct str az_var(const struct az_run *r, const char *name)
{
    return az_vars_get(&r->vars, name);
}

/* What a step without a name is called in outputs: its task's name, and a number from the second one on. */
static struct str output_owner(struct az_task_run *t)
{
    if (t->step->name.n > 0)
        return t->step->name;
    unsigned n = 0;
    struct str own = str_from(t->task->name);
    for (size_t i = 0; i < t->run->next_step; i++)
        n += str_eq_nocase(az_agent(t->run)->steps.p[i].task, t->step->task) && i + 1 < t->run->next_step;
    return n > 0 ? arena_printf(t->run->arena, "%.*s%u", STR_ARG(own), n) : own;
}

void az_set_variable(struct az_task_run *t, struct str name, struct str value, bool secret, bool output)
{
    struct az_run *r = t->run;
    const struct az_var *old = az_vars_find(&az_agent(r)->raw, name);
    if (secret)
        az_mask(r, value);
    if (!output) {
        az_vars_set(&az_agent(r)->raw, name, value, secret || (old != NULL && old->secret), false);
        return;
    }
    struct str owner = output_owner(t), full = arena_printf(r->arena, "%.*s.%.*s", STR_ARG(owner), STR_ARG(name));
    map_set_str(&r->outputs, full, value);
    if (secret) /* other jobs may read it */
        az_secret_output(r, value);
    az_vars_set(&az_agent(r)->raw, full, value, secret, true);
}

void az_prepend_path(struct az_run *r, struct str folder)
{
    struct strs fresh = {0};
    vec_push_in(r->arena, &fresh, arena_str(r->arena, folder));
    for (size_t i = 0; i < r->path.n; i++)
        if (!str_eq(r->path.p[i], folder))
            vec_push_in(r->arena, &fresh, r->path.p[i]);
    r->path = fresh;
}
