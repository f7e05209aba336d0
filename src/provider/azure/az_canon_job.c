/*
 * az_canon_job.c - the canonical form of stages, jobs, deployments and what they run on (specification 4.1).
 *
 * Phases are jobs, their queues pools and strategies: a file of 2018 gives the same pipeline as one of today.
 */
#include "core/base.h"
#include "provider/azure/schema_priv.h"

struct az_value *az_canon_pool(struct arena *a, const struct az_value *v)
{
    static const struct az_place places[] = {{"name", NULL}, {"vmImage", NULL}, {"demands", az_canon_texts}};
    if (v->kind == AZ_OBJECT)
        return az_canon_map(a, places, ARRAY_LEN(places), v);
    return str_trim(v->text).n == 0 ? NULL : az_canon_wrap(a, "name", v);
}

struct az_value *az_canon_container(struct arena *a, const struct az_value *v)
{
    if (v->kind == AZ_OBJECT)
        return az_at(a, v, v);
    return str_trim(v->text).n == 0 ? NULL : az_canon_wrap(a, "alias", v);
}

struct az_value *az_canon_services(struct arena *a, const struct az_value *v)
{
    struct az_value *ret = az_at(a, az_object(a, v->fold), v);
    for (size_t i = 0; i < v->object.n; i++) {
        struct az_value *made = az_canon_container(a, v->object.p[i].value);
        if (made != NULL)
            az_add(a, ret, v->object.p[i].key, made);
    }
    return ret;
}

static struct az_value *make_environment(struct arena *a, const struct az_value *v)
{
    static const struct az_place places[] = {
        {"name", NULL}, {"resourceName", NULL}, {"resourceId", NULL}, {"resourceType", NULL}, {"tags", az_canon_texts}};
    if (v->kind == AZ_OBJECT)
        return az_canon_map(a, places, ARRAY_LEN(places), v);
    return str_trim(v->text).n == 0 ? NULL : az_canon_wrap(a, "name", v);
}

/* ---- strategies ---- */

static struct az_value *make_hook(struct arena *a, const struct az_value *v)
{
    static const struct az_place places[] = {{"pool", az_canon_pool}, {"steps", az_canon_steps}};
    return az_canon_map(a, places, ARRAY_LEN(places), v);
}

static struct az_value *make_on(struct arena *a, const struct az_value *v)
{
    static const struct az_place places[] = {{"failure", make_hook}, {"success", make_hook}};
    return az_canon_map(a, places, ARRAY_LEN(places), v);
}

static struct az_value *make_hooks(struct arena *a, const struct az_value *v)
{
    static const struct az_place places[] = {
        {"increments", NULL},        {"maxParallel", NULL},           {"preDeploy", make_hook}, {"deploy", make_hook},
        {"routeTraffic", make_hook}, {"postRouteTraffic", make_hook}, {"on", make_on},
    };
    return az_canon_map(a, places, ARRAY_LEN(places), v);
}

struct az_value *az_canon_strategy(struct arena *a, const struct az_value *v)
{
    static const struct az_place places[] = {
        {"matrix", NULL},        {"parallel", NULL},      {"maxParallel", NULL},
        {"runOnce", make_hooks}, {"rolling", make_hooks}, {"canary", make_hooks},
    };
    return az_canon_map(a, places, ARRAY_LEN(places), v);
}

/* ---- jobs ---- */

static const struct az_place job_places[] = {
    {"job", NULL},
    {"deployment", NULL},
    {"displayName", NULL},
    {"dependsOn", az_canon_texts},
    {"condition", NULL},
    {"continueOnError", NULL},
    {"timeoutInMinutes", NULL},
    {"cancelTimeoutInMinutes", NULL},
    {"variables", az_canon_variables},
    {"environment", make_environment},
    {"strategy", az_canon_strategy},
    {"pool", az_canon_pool},
    {"container", az_canon_container},
    {"services", az_canon_services},
    {"workspace", NULL},
    {"uses", NULL},
    {"templateContext", NULL},
    {"steps", az_canon_steps},
};

/* Parts of `queue:` and `server:` that are keys of the job itself today. */
static void move_queue(struct arena *a, struct az_value *job, const struct az_value *queue)
{
    static const char *const to_job[] = {"timeoutInMinutes", "cancelTimeoutInMinutes", "container", "workspace"};
    static const char *const to_strategy[] = {"matrix", "parallel"};
    static const char *const to_pool[] = {"name", "vmImage", "demands"};
    struct az_value *pool = az_at(a, az_object(a, false), queue), *strategy = az_at(a, az_object(a, false), queue);
    for (size_t i = 0; i < ARRAY_LEN(to_job); i++)
        if (az_get(job, str_from(to_job[i])) == NULL)
            az_canon_move(a, job, queue, to_job[i]);
    for (size_t i = 0; i < ARRAY_LEN(to_strategy); i++)
        az_canon_move(a, strategy, queue, to_strategy[i]);
    /* `parallel` beside a matrix was what maxParallel is. */
    const struct az_value *parallel = az_get(strategy, STR("parallel"));
    if (strategy->object.n == 2 && parallel != NULL)
        strategy->object.p[1].key = az_canon_text(a, "maxParallel", parallel);
    for (size_t i = 0; i < ARRAY_LEN(to_pool); i++)
        az_canon_move(a, pool, queue, to_pool[i]);
    if (pool->object.n > 0 && az_get(job, STR("pool")) == NULL)
        az_canon_add(a, job, "pool", pool);
    if (strategy->object.n > 0 && az_get(job, STR("strategy")) == NULL)
        az_canon_add(a, job, "strategy", strategy);
}

/* A phase (or a root with a queue) as a job. */
static struct az_value *from_phase(struct arena *a, const struct az_value *v)
{
    struct az_value *job = az_at(a, az_object(a, false), v);
    const struct az_value *queue = az_get(v, STR("queue")), *server = az_get(v, STR("server"));
    for (size_t i = 0; i < v->object.n; i++) {
        const struct az_pair *pair = &v->object.p[i];
        if (str_is(pair->key->text, "phase"))
            az_add(a, job, az_canon_text(a, "job", pair->key), pair->value);
        else if (pair->value != queue && pair->value != server)
            az_add(a, job, pair->key, pair->value);
    }
    if (queue != NULL && queue->kind == AZ_OBJECT)
        move_queue(a, job, queue);
    else if (queue != NULL && az_get(job, STR("pool")) == NULL)
        az_canon_add(a, job, "pool", queue);
    if (server != NULL && server->kind == AZ_OBJECT)
        move_queue(a, job, server);
    if (server != NULL && !str_is_nocase(server->text, "false") && az_get(job, STR("pool")) == NULL)
        az_canon_add(a, job, "pool", az_canon_text(a, "server", server));
    return job;
}

struct az_value *az_canon_job(struct arena *a, const struct az_value *v)
{
    if (az_get(v, STR("phase")) != NULL || az_get(v, STR("queue")) != NULL || az_get(v, STR("server")) != NULL)
        v = from_phase(a, v);
    return az_canon_map(a, job_places, ARRAY_LEN(job_places), v);
}

struct az_value *az_canon_jobs(struct arena *a, const struct az_value *v)
{
    return az_canon_list(a, az_canon_job, v);
}

/* ---- stages ---- */

struct az_value *az_canon_stage(struct arena *a, const struct az_value *v)
{
    static const struct az_place places[] = {
        {"stage", NULL},
        {"displayName", NULL},
        {"group", NULL},
        {"dependsOn", az_canon_texts},
        {"condition", NULL},
        {"trigger", NULL},
        {"isSkippable", NULL},
        {"lockBehavior", NULL},
        {"variables", az_canon_variables},
        {"pool", az_canon_pool},
        {"templateContext", NULL},
        {"jobs", az_canon_jobs},
    };
    const struct az_value *phases = az_get(v, STR("phases"));
    if (phases != NULL) {
        struct az_value *stage = az_at(a, az_object(a, false), v);
        for (size_t i = 0; i < v->object.n; i++)
            if (v->object.p[i].value != phases)
                az_add(a, stage, v->object.p[i].key, v->object.p[i].value);
        if (az_get(stage, STR("jobs")) == NULL)
            az_canon_add(a, stage, "jobs", phases);
        v = stage;
    }
    return az_canon_map(a, places, ARRAY_LEN(places), v);
}

struct az_value *az_canon_stages(struct arena *a, const struct az_value *v)
{
    return az_canon_list(a, az_canon_stage, v);
}
