/*
 * az_read_job.c - stages, jobs and deployments of the canonical tree (specification 3.3 to 3.5).
 *
 * A pool that is not said is that of the stage, else that of the root. Stages and jobs without a name are called
 * Stage1, Job1 ... by their place among those without one, past names that are taken.
 */
#include "core/base.h"
#include "core/num.h"
#include "core/vec.h"
#include "provider/azure/read_priv.h"

static const char *const hook_keys[] = {
    [AZ_PRE_DEPLOY] = "preDeploy",       [AZ_DEPLOY] = "deploy",
    [AZ_ROUTE_TRAFFIC] = "routeTraffic", [AZ_POST_ROUTE_TRAFFIC] = "postRouteTraffic",
    [AZ_ON_SUCCESS] = "on.success",      [AZ_ON_FAILURE] = "on.failure",
};

const char *az_hook_key(enum az_hook_kind k)
{
    return hook_keys[k];
}

/* ---- strategies ---- */

static void read_hook(struct az_reader *r, const struct az_value *v, const struct az_pool *pool, struct az_hook *ret)
{
    if (v == NULL || v->kind != AZ_OBJECT)
        return;
    ret->set = true;
    ret->at = v;
    az_read_pool(r, az_get(v, STR("pool")), pool, &ret->pool);
    az_read_steps(r, az_get(v, STR("steps")), &ret->steps);
}

static void read_hooks(struct az_reader *r, const struct az_value *v, struct az_job *job)
{
    const struct az_value *on = az_get(v, STR("on"));
    for (enum az_hook_kind k = AZ_PRE_DEPLOY; k <= AZ_POST_ROUTE_TRAFFIC; k++)
        read_hook(r, az_get(v, str_from(hook_keys[k])), &job->pool, &job->hooks[k]);
    read_hook(r, az_get(on, STR("success")), &job->pool, &job->hooks[AZ_ON_SUCCESS]);
    read_hook(r, az_get(on, STR("failure")), &job->pool, &job->hooks[AZ_ON_FAILURE]);
    job->max_parallel = az_member(v, "maxParallel");
    az_read_texts(r, az_get(v, STR("increments")), &job->increments);
}

static const struct {
    const char *key;
    enum az_strategy strategy;
    bool deployment;
} strategies[] = {
    {"matrix", AZ_MATRIX, false},  {"parallel", AZ_PARALLEL, false}, {"runOnce", AZ_RUN_ONCE, true},
    {"rolling", AZ_ROLLING, true}, {"canary", AZ_CANARY, true},
};

static void read_strategy(struct az_reader *r, const struct az_value *v, struct az_job *job)
{
    const char *found = NULL;
    for (size_t i = 0; v != NULL && i < ARRAY_LEN(strategies); i++) {
        const struct az_value *of = az_get(v, str_from(strategies[i].key));
        if (of == NULL)
            continue;
        if (found != NULL) {
            az_error(r->d, "AZ315", of, "A strategy has %s or %s, not both", found, strategies[i].key);
            continue;
        }
        found = strategies[i].key;
        job->strategy = strategies[i].strategy;
        if (strategies[i].deployment)
            read_hooks(r, of, job);
    }
    job->matrix = job->strategy == AZ_MATRIX ? az_get(v, STR("matrix")) : NULL;
    if (job->strategy == AZ_PARALLEL)
        job->parallel = az_member(v, "parallel");
    if (!job->deployment)
        job->max_parallel = az_member(v, "maxParallel");
}

/* ---- what a job runs on ---- */

static struct str image_of(const struct az_pipeline *p, struct str alias)
{
    for (size_t i = 0; i < p->n_containers; i++)
        if (str_eq_nocase(p->containers[i].alias, alias))
            return p->containers[i].image;
    return (struct str){"", 0};
}

static void read_container(const struct az_reader *r, const struct az_value *v, struct az_job *job)
{
    if (v == NULL || v->kind != AZ_OBJECT)
        return;
    job->container = az_member(v, "alias");
    job->container_image = job->container.n > 0 ? image_of(r->pipeline, job->container) : az_member(v, "image");
    if (job->container.n == 0)
        job->container = job->container_image;
}

/* `name.resource` in one text; {name, resourceName} are the same. */
static void read_environment(const struct az_value *v, struct az_job *job)
{
    job->environment = az_member(v, "name");
    job->resource = az_member(v, "resourceName");
    if (job->resource.n == 0)
        str_cut(az_member(v, "name"), '.', &job->environment, &job->resource);
}

static void check_deployment(struct az_reader *r, const struct az_value *v, const struct az_job *job)
{
    const struct az_value *strategy = az_get(v, STR("strategy"));
    if (job->environment.n == 0)
        az_error(r->d, "AZ317", job->id_at, "The deployment has no environment");
    /* One whose only key is another was told by the schema. */
    if (strategy == NULL || (job->strategy == AZ_SINGLE && r->d->errors == 0))
        az_error(r->d, "AZ317", job->id_at, "The deployment has no strategy");
}

#define CANCEL_MAX 35790
static void check_cancel_timeout(struct az_reader *r, const struct az_value *v, const struct az_job *job)
{
    uint64_t minutes = 1;
    if (num_parse_u64(str_trim(job->cancel_timeout_minutes), UINT32_MAX, &minutes) == 0 &&
        (minutes < 1 || minutes > CANCEL_MAX))
        az_warning(r->d, "AZ320", az_get(v, STR("cancelTimeoutInMinutes")), "cancelTimeoutInMinutes is 1 to %d",
                   CANCEL_MAX);
}

/* With errors there may have been something that was left out. */
static void tell_empty(struct az_reader *r, const struct az_value *at, const char *text)
{
    if (r->d->errors == 0)
        az_warning(r->d, "AZ313", at, "%s", text);
}

static void check_job(struct az_reader *r, const struct az_value *v, const struct az_job *job)
{
    const struct az_value *steps = az_get(v, STR("steps"));
    check_cancel_timeout(r, v, job);
    if (job->deployment)
        check_deployment(r, v, job);
    else if (steps == NULL || steps->array.n == 0)
        tell_empty(r, job->id_at, "The job has no steps and is skipped");
}

static void read_job(struct az_reader *r, const struct az_value *v, const struct az_pool *pool, struct az_job *ret)
{
    const struct az_value *services = az_get(v, STR("services"));
    ret->at = v;
    ret->deployment = az_get(v, STR("deployment")) != NULL;
    ret->id_at = az_get(v, ret->deployment ? STR("deployment") : STR("job"));
    ret->id = str_trim(az_member(v, ret->deployment ? "deployment" : "job"));
    ret->display_name = az_member(v, "displayName");
    ret->depends_at = az_get(v, STR("dependsOn"));
    az_read_texts(r, ret->depends_at, &ret->depends_on);
    ret->condition_at = az_get(v, STR("condition"));
    ret->condition = str_trim(az_member(v, "condition"));
    ret->continue_on_error = az_member(v, "continueOnError");
    ret->timeout_minutes = az_member(v, "timeoutInMinutes");
    ret->cancel_timeout_minutes = az_member(v, "cancelTimeoutInMinutes");
    az_read_variables(r, az_get(v, STR("variables")), &ret->variables);
    az_read_pool(r, az_get(v, STR("pool")), pool, &ret->pool);
    read_container(r, az_get(v, STR("container")), ret);
    ret->services = services != NULL && services->kind == AZ_OBJECT && services->object.n > 0;
    ret->clean = az_member(az_get(v, STR("workspace")), "clean");
    read_environment(az_get(v, STR("environment")), ret);
    read_strategy(r, az_get(v, STR("strategy")), ret);
    az_read_steps(r, az_get(v, STR("steps")), &ret->steps);
    check_job(r, v, ret);
}

/* ---- names ---- */

static void name_jobs(struct az_reader *r, struct az_stage *s)
{
    struct map taken;
    unsigned number = 1;
    map_init(&taken, r->arena, MAP_NOCASE);
    for (size_t i = 0; i < s->n_jobs; i++)
        map_set(&taken, s->jobs[i].id, s);
    for (size_t i = 0; i < s->n_jobs; i++) {
        while (s->jobs[i].id.n == 0) {
            struct str id = arena_printf(r->arena, "Job%u", number++);
            if (map_find(&taken, id) == NULL)
                s->jobs[i].id = id;
        }
    }
}

static void name_stages(struct az_reader *r)
{
    struct az_pipeline *p = r->pipeline;
    struct map taken;
    unsigned number = 1;
    map_init(&taken, r->arena, MAP_NOCASE);
    for (size_t i = 0; i < p->n_stages; i++)
        map_set(&taken, p->stages[i].id, p);
    for (size_t i = 0; i < p->n_stages; i++) {
        while (p->stages[i].id.n == 0) {
            struct str id = arena_printf(r->arena, "Stage%u", number++);
            if (map_find(&taken, id) == NULL)
                p->stages[i].id = id;
        }
    }
}

/* ---- stages ---- */

void az_read_jobs(struct az_reader *r, const struct az_value *list, const struct az_pool *pool, struct az_stage *stage)
{
    for (size_t i = 0; list != NULL && list->kind == AZ_ARRAY && i < list->array.n; i++) {
        const struct az_value *v = list->array.p[i];
        if (az_get(v, STR("job")) == NULL && az_get(v, STR("deployment")) == NULL)
            continue;
        struct az_job job = {0};
        read_job(r, v, pool, &job);
        if (stage->n_jobs == stage->cap_jobs)
            stage->jobs = vec_grow_(r->arena, stage->jobs, stage->n_jobs, &stage->cap_jobs, sizeof job);
        stage->jobs[stage->n_jobs++] = job;
    }
    name_jobs(r, stage);
}

static void read_stage(struct az_reader *r, const struct az_value *v, struct az_stage *ret)
{
    const struct az_value *jobs = az_get(v, STR("jobs"));
    struct az_pool pool;
    ret->at = v;
    ret->id_at = az_get(v, STR("stage"));
    ret->id = str_trim(az_member(v, "stage"));
    ret->display_name = az_member(v, "displayName");
    ret->depends_at = az_get(v, STR("dependsOn"));
    az_read_texts(r, ret->depends_at, &ret->depends_on);
    ret->condition_at = az_get(v, STR("condition"));
    ret->condition = str_trim(az_member(v, "condition"));
    ret->manual = str_is_nocase(az_member(v, "trigger"), "manual");
    az_read_variables(r, az_get(v, STR("variables")), &ret->variables);
    az_read_pool(r, az_get(v, STR("pool")), &r->pipeline->pool, &pool);
    az_read_jobs(r, jobs, &pool, ret);
    if (jobs == NULL || jobs->array.n == 0)
        tell_empty(r, ret->id_at, "The stage has no jobs and is skipped");
}

void az_read_stages(struct az_reader *r, const struct az_value *list)
{
    struct az_pipeline *p = r->pipeline;
    for (size_t i = 0; list != NULL && list->kind == AZ_ARRAY && i < list->array.n; i++) {
        const struct az_value *v = list->array.p[i];
        if (az_get(v, STR("stage")) == NULL)
            continue;
        struct az_stage stage = {0};
        read_stage(r, v, &stage);
        if (p->n_stages == p->cap_stages)
            p->stages = vec_grow_(r->arena, p->stages, p->n_stages, &p->cap_stages, sizeof stage);
        p->stages[p->n_stages++] = stage;
    }
    p->implicit_stage = p->n_stages == 1 && str_is(p->stages[0].id, "__default");
    name_stages(r);
    if (list != NULL && list->kind == AZ_ARRAY && list->array.n == 0)
        tell_empty(r, list, "The pipeline has no stages: nothing runs");
}
