/*
 * az_plan_jobs.c - stages of jobs become one graph of jobs.
 *
 * A job needs the jobs of its stage that it depends on, and all jobs of the stages that its stage depends on; a stage
 * without jobs passes on what it depends on itself.
 */
#include "core/base.h"
#include "core/path.h"
#include "provider/azure/plan_priv.h"
#include "provider/azure/run_priv.h"

/* ---- steps ---- */

struct step az_plan_step(struct arena *a, const struct az_step *s)
{
    struct str name = s->display_name.n > 0 ? s->display_name : az_task_title(a, s);
    return (struct step){.id = s->name, .name = name, .span = s->at ? s->at->span : SPAN_NONE};
}

/* ---- jobs ---- */

static struct job *add_job(struct plan *p, struct az_model *m, struct az_stage_run *s, const struct az_job *def)
{
    struct az_job_run *run = ARENA_NEW(p->arena, struct az_job_run);
    const struct az_stage *stage = s->stage;
    struct str id = def->id, name = def->display_name.n > 0 ? def->display_name : def->id;
    if (!m->pipeline->implicit_stage) {
        struct str shown = stage->display_name.n > 0 ? stage->display_name : stage->id;
        id = arena_printf(p->arena, "%.*s.%.*s", STR_ARG(stage->id), STR_ARG(id));
        name = arena_printf(p->arena, "%.*s / %.*s", STR_ARG(shown), STR_ARG(name));
    }
    struct job *j = plan_add_job(p, id, name, def->at ? def->at->span : SPAN_NONE);
    *run = (struct az_job_run){.model = m, .stage = s, .job = def};
    map_init(&run->outputs, p->arena, MAP_NOCASE);
    j->impl = run;
    j->calls = def->deployment;
    if (def->deployment)
        j->target =
            arena_printf(p->arena, "its hooks%s%.*s", def->environment.n > 0 ? ", in " : "", STR_ARG(def->environment));
    j->steps = arena_array(p->arena, def->steps.n + 1, sizeof *j->steps);
    for (size_t i = 0; i < def->steps.n; i++)
        if (def->steps.p[i].enabled)
            j->steps[j->n_steps++] = az_plan_step(p->arena, &def->steps.p[i]);
    return j;
}

/* ---- who needs whom ---- */

/* Numbers of what is named, plus one. */
static void add_number(struct map *numbers, struct str id, size_t i)
{
    map_set(numbers, id, (void *)(uintptr_t)(i + 1));
}

static size_t number_of(const struct map *numbers, struct str id)
{
    size_t number = (uintptr_t)map_get(numbers, id);
    if (number == 0)
        BUG("a name that is not there was refused when names were checked");
    return number - 1;
}

static void link_stage(struct arena *a, struct az_model *m, size_t at, const struct map *numbers)
{
    const struct az_stage *stage = m->stages[at].stage;
    size_t *needs = arena_array(a, stage->depends_on.n + 1, sizeof *needs), n = 0;
    if (!stage->depends_on.set && at > 0)
        needs[n++] = at - 1;
    for (size_t i = 0; i < stage->depends_on.n; i++)
        needs[n++] = number_of(numbers, str_trim(stage->depends_on.p[i]));
    m->stages[at].needs = needs;
    m->stages[at].n_needs = n;
}

struct jobs {
    struct job **p;
    size_t n, cap;
};

/* All jobs of the stages before this one; those without jobs are looked through. seen: by stage. */
static void jobs_before(struct arena *a, const struct az_model *m, const struct az_stage_run *s, bool *seen,
                        struct jobs *ret)
{
    for (size_t i = 0; i < s->n_needs; i++) {
        const struct az_stage_run *need = &m->stages[s->needs[i]];
        if (seen[s->needs[i]])
            continue;
        seen[s->needs[i]] = true;
        for (size_t k = 0; k < need->n_jobs; k++)
            vec_push_in(a, ret, need->jobs[k]);
        if (need->n_jobs == 0)
            jobs_before(a, m, need, seen, ret);
    }
}

static int by_number(const void *a, const void *b)
{
    const size_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The jobs of the stage that one depends on go behind those of the stages before, in the file's order, each once. */
static void add_needs(struct arena *a, const struct az_stage_run *s, const struct az_texts *names,
                      const struct map *numbers, struct job *j)
{
    size_t *found = arena_array(a, names->n, sizeof *found);
    for (size_t i = 0; i < names->n; i++)
        found[i] = number_of(numbers, str_trim(names->p[i]));
    qsort(found, names->n, sizeof *found, by_number);
    for (size_t i = 0; i < names->n; i++)
        if (i == 0 || found[i] != found[i - 1])
            j->needs[j->n_needs++] = s->jobs[found[i]];
}

static void link_jobs(struct arena *a, struct az_model *m, struct az_stage_run *s, bool *seen)
{
    struct jobs before = {0};
    struct map numbers;
    jobs_before(a, m, s, seen, &before);
    map_init(&numbers, a, MAP_NOCASE);
    for (size_t i = 0; i < s->n_jobs; i++)
        add_number(&numbers, s->stage->jobs[i].id, i);
    for (size_t i = 0; i < s->n_jobs; i++) {
        struct job *j = s->jobs[i];
        const struct az_job_run *run = j->impl;
        const struct az_texts *names = &run->job->depends_on;
        j->needs = before.p; /* which many share */
        j->n_needs = before.n;
        if (names->n == 0)
            continue;
        j->needs = arena_array(a, before.n + names->n, sizeof *j->needs);
        for (size_t k = 0; k < before.n; k++)
            j->needs[k] = before.p[k];
        add_needs(a, s, names, &numbers, j);
    }
}

void az_add_jobs(struct plan *p, struct az_model *m)
{
    const struct az_pipeline *pipeline = m->pipeline;
    struct map numbers;
    m->stages = arena_array(p->arena, pipeline->n_stages + 1, sizeof *m->stages);
    m->n_stages = pipeline->n_stages;
    map_init(&numbers, p->arena, MAP_NOCASE);
    for (size_t i = 0; i < m->n_stages; i++) {
        struct az_stage_run *s = &m->stages[i];
        s->stage = &pipeline->stages[i];
        s->jobs = arena_array(p->arena, s->stage->n_jobs + 1, sizeof(struct job *));
        for (size_t k = 0; k < s->stage->n_jobs; k++)
            s->jobs[s->n_jobs++] = add_job(p, m, s, &s->stage->jobs[k]);
        add_number(&numbers, s->stage->id, i);
    }
    for (size_t i = 0; i < m->n_stages; i++)
        link_stage(p->arena, m, i, &numbers);
    for (size_t i = 0; i < m->n_stages; i++)
        link_jobs(p->arena, m, &m->stages[i], arena_array(p->arena, m->n_stages + 1, sizeof(bool)));
}
