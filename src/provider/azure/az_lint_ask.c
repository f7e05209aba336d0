/*
 * What the linter's rules ask of the pipeline: who needs whom, what a variable may hold, what a step runs.
 */
#include "core/base.h"
#include "provider/azure/az_lint_priv.h"

static bool has_text(const struct az_texts *t, struct str text)
{
    for (size_t i = 0; i < t->n; i++)
        if (str_eq_nocase(t->p[i], text))
            return true;
    return false;
}

const struct az_stage *az_lint_stage(struct az_lint *l, struct str id)
{
    const struct az_pipeline *p = l->p;
    if (!l->stages.arena) {
        map_init(&l->stages, l->arena, MAP_NOCASE);
        for (size_t i = p->n_stages; i > 0; i--) /* the first of a name is it */
            map_set(&l->stages, p->stages[i - 1].id, &p->stages[i - 1]);
    }
    return map_get(&l->stages, id);
}

const struct az_job *az_lint_job(struct az_lint *l, const struct az_stage *s, struct str id)
{
    if (!s)
        return NULL;
    if (!l->jobs)
        l->jobs = arena_array(l->arena, l->p->n_stages, sizeof *l->jobs);
    struct map *jobs = &l->jobs[s - l->p->stages];
    if (!jobs->arena) {
        map_init(jobs, l->arena, MAP_NOCASE);
        for (size_t i = s->n_jobs; i > 0; i--)
            map_set(jobs, s->jobs[i - 1].id, &s->jobs[i - 1]);
    }
    return map_get(jobs, id);
}

bool az_lint_stage_needs(const struct az_pipeline *p, const struct az_stage *s, struct str id)
{
    size_t number = (size_t)(s - p->stages);
    if (s->depends_on.set)
        return has_text(&s->depends_on, id);
    return number > 0 && str_eq_nocase(p->stages[number - 1].id, id);
}

bool az_lint_job_needs(const struct az_job *j, struct str id)
{
    return has_text(&j->depends_on, id);
}

/* ---- values of variables ---- */

static void add_value(struct az_lint *l, struct map *lists, struct str name, struct str value)
{
    struct strs *list = map_get(lists, name);
    if (!list)
        map_set(lists, name, list = ARENA_NEW(l->arena, struct strs));
    vec_push_in(l->arena, list, value);
}

static void add_legs(struct az_lint *l, struct map *lists, const struct az_value *matrix)
{
    for (size_t i = 0; matrix && matrix->kind == AZ_OBJECT && i < matrix->object.n; i++) {
        const struct az_value *leg = matrix->object.p[i].value;
        for (size_t k = 0; leg->kind == AZ_OBJECT && k < leg->object.n; k++)
            add_value(l, lists, leg->object.p[k].key->text, az_scalar(l->arena, leg->object.p[k].value));
    }
}

/* The level's names, made anew when the walk has come to another stage or job. */
static const struct map *names_of(struct az_lint *l, enum az_lint_level level, const void *of,
                                  const struct az_variables *v, const struct az_value *matrix)
{
    struct az_lint_names *names = &l->values[level];
    if (names->of == of)
        return &names->lists;
    names->of = of;
    map_init(&names->lists, l->arena, MAP_NOCASE);
    for (size_t i = 0; i < v->n; i++)
        if (v->p[i].group.n == 0)
            add_value(l, &names->lists, v->p[i].name, v->p[i].value);
    add_legs(l, &names->lists, matrix);
    return &names->lists;
}

struct strs az_lint_values(struct az_lint *l, struct str name)
{
    const struct map *levels[AZ_LINT_LEVELS] = {names_of(l, AZ_LINT_ROOT, l->p, &l->p->variables, NULL)};
    struct strs ret = {0};
    if (l->stage)
        levels[AZ_LINT_STAGE] = names_of(l, AZ_LINT_STAGE, l->stage, &l->stage->variables, NULL);
    if (l->job)
        levels[AZ_LINT_JOB] = names_of(l, AZ_LINT_JOB, l->job, &l->job->variables, l->job->matrix);
    for (size_t i = 0; i < AZ_LINT_LEVELS; i++) {
        const struct strs *list = levels[i] ? map_get(levels[i], name) : NULL;
        for (size_t k = 0; list && k < list->n; k++)
            vec_push_in(l->arena, &ret, list->p[k]);
    }
    return ret;
}

/* ---- steps ---- */

bool az_lint_task(const struct az_step *s, const char *name)
{
    ssize_t dot = str_rfind_ch(s->task, '.');
    return str_is_nocase(s->task, name) || (dot >= 0 && str_is_nocase(str_from_index(s->task, (size_t)dot + 1), name));
}

const struct az_value *az_lint_find(const struct az_value *tree, struct str text)
{
    const struct az_value *found = NULL;
    if (!tree || text.n == 0)
        return NULL;
    if (tree->kind == AZ_STRING)
        return str_eq(tree->text, text) ? tree : NULL;
    for (size_t i = 0; tree->kind == AZ_ARRAY && i < tree->array.n && !found; i++)
        found = az_lint_find(tree->array.p[i], text);
    for (size_t i = 0; tree->kind == AZ_OBJECT && i < tree->object.n && !found; i++)
        found = az_lint_find(tree->object.p[i].value, text);
    return found;
}

const struct az_value *az_lint_input_at(const struct az_step *s, const char *name)
{
    const struct az_value *at = az_get_nocase(az_get_nocase(s->at, "inputs"), name);
    return at ? at : s->at;
}

struct str az_lint_script(const struct az_step *s, const struct az_value **ret_at)
{
    struct str kind = map_get_str(&s->inputs, STR("targetType"));
    struct str script = STR("");
    if (az_lint_task(s, "CmdLine") ||
        ((az_lint_task(s, "Bash") || az_lint_task(s, "PowerShell")) && str_is_nocase(kind, "inline")))
        script = map_get_str(&s->inputs, STR("script"));
    if (ret_at)
        *ret_at = az_lint_input_at(s, "script");
    return script.p ? script : STR("");
}

static bool windows_image(struct str image)
{
    return str_starts(image, STR("win")) || str_starts(image, STR("vs20")) || str_find(image, STR("indows")) >= 0;
}

bool az_lint_posix(const struct az_lint *l, const struct az_step *s)
{
    const struct az_pool *pool = l->hook && l->hook->pool.set ? &l->hook->pool : &l->job->pool;
    struct str image = pool->vm_image;
    if (az_lint_task(s, "PowerShell"))
        return false;
    if (az_lint_task(s, "Bash") || l->job->container.n > 0)
        return true;
    return pool->name.n == 0 && str_find(image, STR("$(")) < 0 && str_find(image, STR("$[")) < 0 &&
           !windows_image(image);
}

bool az_lint_word(struct str word, const char *const *list)
{
    for (; *list; list++)
        if (str_is_nocase(word, *list))
            return true;
    return false;
}

bool az_lint_fans_out(const struct az_job *j)
{
    if (j->strategy == AZ_PARALLEL)
        return !str_is(j->parallel, "1");
    return j->strategy == AZ_MATRIX && j->matrix && (j->matrix->kind != AZ_OBJECT || j->matrix->object.n > 1);
}
