/*
 * az_context.c - what stages and jobs see of those before them: dependencies, stageDependencies, and the contexts
 * pipeline and resources (specification 7.1, 7.3).
 *
 * Only direct dependencies are there. A stage sees stages, with the outputs of all their jobs ('Job.Step.Var'); a job
 * sees the jobs of its own stage that it depends on, and the jobs of the stages that its stage depends on.
 */
#include "core/base.h"
#include "provider/azure/plan_priv.h"

/* ---- results ---- */

enum az_result az_job_result(const struct job *j)
{
    const struct az_job_run *run = j->impl;
    if (run->result != AZ_NOT_RUN)
        return run->result;
    return az_result_of(j->result);
}

enum az_result az_stage_result(const struct az_stage_run *s)
{
    enum az_result r = AZ_NOT_RUN;
    if (s->gate == AZ_PASSED_OVER)
        return s->result;
    for (size_t i = 0; i < s->n_jobs; i++)
        r = az_result_merge(r, az_job_result(s->jobs[i]));
    return s->n_jobs == 0 ? AZ_SKIPPED : r;
}

/* What a preview takes for done is a success. */
static struct az_value *result_value(struct arena *a, enum az_result r)
{
    return az_string(a, str_from(az_result_name(r == AZ_NOT_RUN ? AZ_SUCCEEDED : r)));
}

/* ---- what comes before ---- */

static void add_unit(struct arena *a, struct az_units *u, struct str name, enum az_result r)
{
    for (size_t i = 0; i < u->n; i++)
        if (str_eq_nocase(u->p[i].name, name))
            return;
    struct az_unit one = {name, r == AZ_NOT_RUN ? AZ_SUCCEEDED : r};
    vec_push_in(a, u, one);
}

void az_stage_units(struct arena *a, const struct az_model *m, const struct az_stage_run *s, struct az_units *ret)
{
    bool *seen = arena_array(a, m->n_stages + 1, sizeof *seen);
    size_t *todo = arena_array(a, m->n_stages + 1, sizeof *todo), n = 0;
    const struct az_stage_run *at = s;
    while (true) {
        for (size_t i = 0; i < at->n_needs; i++)
            if (!seen[at->needs[i]]) {
                seen[at->needs[i]] = true;
                todo[n++] = at->needs[i];
            }
        if (n == 0)
            return;
        at = &m->stages[todo[--n]];
        add_unit(a, ret, at->stage->id, az_stage_result(at));
    }
}

/* Needs of the same stage only: those of other stages are the stage's own matter. */
static void add_needed(struct arena *a, const struct job *j, const struct az_stage_run *s, struct az_units *ret)
{
    for (size_t i = 0; i < j->n_needs; i++) {
        const struct az_job_run *need = j->needs[i]->impl;
        size_t before = ret->n;
        if (need->stage != s || need->owner)
            continue;
        add_unit(a, ret, need->job->id, az_job_result(j->needs[i]));
        if (ret->n > before)
            add_needed(a, j->needs[i], s, ret);
    }
}

void az_job_units(struct arena *a, const struct job *j, struct az_units *ret)
{
    const struct az_job_run *run = j->impl;
    add_needed(a, j, run->stage, ret);
}

/* ---- dependencies ---- */

static void set_outputs(struct arena *a, struct az_value *into, const struct job *j, struct str prefix)
{
    const struct az_job_run *run = j->impl;
    for (size_t i = 0; i < run->outputs.n; i++) {
        struct str key = run->outputs.entries[i].key;
        struct str name = prefix.n > 0 ? arena_printf(a, "%.*s.%.*s", STR_ARG(prefix), STR_ARG(key)) : key;
        az_set(a, into, name, az_string(a, map_get_str(&run->outputs, key)));
    }
}

static struct az_value *job_value(struct arena *a, const struct job *j)
{
    struct az_value *o = az_object(a, true), *outputs = az_object(a, true);
    set_outputs(a, outputs, j, STR(""));
    az_set(a, o, STR("result"), result_value(a, az_job_result(j)));
    az_set(a, o, STR("outputs"), outputs);
    return o;
}

struct az_value *az_stage_dependencies(struct arena *a, const struct az_model *m, const struct az_stage_run *s)
{
    struct az_value *all = az_object(a, true);
    for (size_t i = 0; i < s->n_needs; i++) {
        const struct az_stage_run *need = &m->stages[s->needs[i]];
        struct az_value *o = az_object(a, true), *outputs = az_object(a, true);
        for (size_t k = 0; k < need->n_jobs; k++) {
            const struct az_job_run *run = need->jobs[k]->impl;
            set_outputs(a, outputs, need->jobs[k], run->job->id);
        }
        az_set(a, o, STR("result"), result_value(a, az_stage_result(need)));
        az_set(a, o, STR("outputs"), outputs);
        az_set(a, all, need->stage->id, o);
    }
    return all;
}

struct az_value *az_job_dependencies(struct arena *a, const struct az_job_run *j)
{
    struct az_value *all = az_object(a, true);
    const struct az_texts *names = &j->job->depends_on;
    for (size_t i = 0; i < j->stage->n_jobs; i++) {
        const struct az_job_run *other = j->stage->jobs[i]->impl;
        for (size_t k = 0; k < names->n; k++)
            if (str_eq_nocase(str_trim(names->p[k]), other->job->id))
                az_set(a, all, other->job->id, job_value(a, j->stage->jobs[i]));
    }
    return all;
}

struct az_value *az_outer_dependencies(struct arena *a, const struct az_model *m, const struct az_stage_run *s)
{
    struct az_value *all = az_object(a, true);
    for (size_t i = 0; i < s->n_needs; i++) {
        const struct az_stage_run *need = &m->stages[s->needs[i]];
        struct az_value *jobs = az_object(a, true);
        for (size_t k = 0; k < need->n_jobs; k++) {
            const struct az_job_run *run = need->jobs[k]->impl;
            az_set(a, jobs, run->job->id, job_value(a, need->jobs[k]));
        }
        az_set(a, all, need->stage->id, jobs);
    }
    return all;
}

/* ---- the run ---- */

struct az_value *az_pipeline_value(struct arena *a, const struct facts *f)
{
    struct az_value *o = az_object(a, true), *start = ARENA_NEW(a, struct az_value);
    *start = (struct az_value){.kind = AZ_DATETIME, .datetime = {.ms = f->now_ms, .offset_min = 0}};
    az_set(a, o, STR("startTime"), start);
    return o;
}

static void set_text(struct arena *a, struct az_value *o, struct str key, struct str text)
{
    az_set(a, o, key, az_string(a, text));
}

struct az_value *az_resources_value(struct arena *a, const struct az_model *m)
{
    struct az_value *o = az_object(a, true), *repositories = az_object(a, true);
    const struct facts *f = m->facts;
    for (size_t i = 0; m->repos && i < m->repos->n; i++) {
        const struct az_repo *r = &m->repos->p[i];
        bool self = r->repo.n == 0;
        struct az_value *one = az_object(a, true);
        struct str name = self ? arena_printf(a, "%.*s/%.*s", STR_ARG(f->repo.owner), STR_ARG(f->repo.name)) : r->repo;
        set_text(a, one, STR("name"), name);
        set_text(a, one, STR("id"), name);
        set_text(a, one, STR("type"), self ? str_from(az_repository_provider(f)) : r->type);
        set_text(a, one, STR("ref"), self ? az_vars_get(&m->vars, "Build.SourceBranch") : r->ref);
        set_text(a, one, STR("url"), self ? f->repo.remote_url : STR(""));
        set_text(a, one, STR("version"), self ? f->repo.sha : STR(""));
        az_set(a, repositories, r->alias, one);
    }
    az_set(a, o, STR("repositories"), repositories);
    return o;
}
