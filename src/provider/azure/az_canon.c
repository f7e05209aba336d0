/*
 * az_canon.c - from an expanded value to its canonical form: the schema's walk, then the form by its shape.
 *
 * The form of a whole pipeline is one of stages, whatever its root was (specification 3.1, 4.1). Doing it again changes
 * nothing, which templates rely on: a list of steps that was bound to a parameter is canonical already.
 */
#include "core/base.h"
#include "provider/azure/schema_priv.h"

/* ---- variables, triggers, resources ---- */

struct az_value *az_canon_variables(struct arena *a, const struct az_value *v)
{
    static const struct az_place places[] = {{"name", NULL}, {"value", NULL}, {"readonly", NULL}};
    struct az_value *list = az_at(a, az_array(a), v);
    list->node = NULL;
    for (size_t i = 0; v->kind == AZ_ARRAY && i < v->array.n; i++)
        az_push(a, list, az_canon_map(a, places, ARRAY_LEN(places), v->array.p[i]));
    for (size_t i = 0; v->kind == AZ_OBJECT && i < v->object.n; i++) {
        const struct az_pair *pair = &v->object.p[i];
        struct az_value *entry = az_canon_wrap(a, "name", pair->key);
        az_canon_add(a, entry, "value", pair->value);
        az_push(a, list, entry);
    }
    return list;
}

/* A list of patterns is what `include` is. */
static struct az_value *make_filter(struct arena *a, const struct az_value *v)
{
    return v->kind == AZ_ARRAY ? az_canon_wrap(a, "include", v) : az_at(a, v, v);
}

struct az_value *az_canon_trigger(struct arena *a, const struct az_value *v)
{
    static const struct az_place places[] = {
        {"enabled", NULL},         {"batch", NULL},        {"autoCancel", NULL},  {"drafts", NULL},
        {"branches", make_filter}, {"paths", make_filter}, {"tags", make_filter},
    };
    if (v->kind == AZ_OBJECT)
        return az_canon_map(a, places, ARRAY_LEN(places), v);
    if (v->kind == AZ_ARRAY)
        return az_canon_wrap(a, "branches", make_filter(a, v));
    if (!str_is_nocase(str_trim(v->text), "none")) /* a macro, which means nothing here; az_lint*.c tells it */
        return NULL;
    return az_canon_wrap(a, "enabled", az_canon_text(a, "false", v));
}

static struct az_value *make_schedule(struct arena *a, const struct az_value *v)
{
    static const struct az_place places[] = {
        {"cron", NULL}, {"displayName", NULL}, {"branches", make_filter}, {"batch", NULL}, {"always", NULL}};
    return az_canon_map(a, places, ARRAY_LEN(places), v);
}

static struct az_value *make_schedules(struct arena *a, const struct az_value *v)
{
    return v->kind == AZ_ARRAY ? az_canon_list(a, make_schedule, v) : NULL;
}

/* The triggers of repositories are as the pipeline's own. */
static struct az_value *make_repository(struct arena *a, const struct az_value *v)
{
    static const struct az_place places[] = {{"repository", NULL}, {"type", NULL},     {"name", NULL},
                                             {"ref", NULL},        {"endpoint", NULL}, {"trigger", az_canon_trigger}};
    return az_canon_map(a, places, ARRAY_LEN(places), v);
}

static struct az_value *make_repositories(struct arena *a, const struct az_value *v)
{
    return az_canon_list(a, make_repository, v);
}

struct az_value *az_canon_resources(struct arena *a, const struct az_value *v)
{
    static const struct az_place places[] = {
        {"pipelines", NULL},  {"builds", NULL},   {"repositories", make_repositories},
        {"containers", NULL}, {"packages", NULL}, {"webhooks", NULL}};
    return v->kind == AZ_OBJECT ? az_canon_map(a, places, ARRAY_LEN(places), v) : az_at(a, v, v);
}

/* ---- the root ---- */

/* Keys of a root of steps that are its one job's. */
static const char *const job_keys[] = {"strategy", "continueOnError", "timeoutInMinutes", "cancelTimeoutInMinutes",
                                       "pool",     "container",       "services",         "workspace",
                                       "queue",    "server"};

static bool is_job_key(struct str key)
{
    for (size_t i = 0; i < ARRAY_LEN(job_keys); i++)
        if (str_is(key, job_keys[i]))
            return true;
    return false;
}

static struct az_value *list_of(struct arena *a, const struct az_value *item)
{
    struct az_value *list = az_at(a, az_array(a), item);
    list->node = NULL;
    az_push(a, list, az_at(a, item, item));
    return list;
}

static struct az_value *stages_of_jobs(struct arena *a, const struct az_value *jobs)
{
    struct az_value *stage = az_canon_wrap(a, "stage", az_canon_text(a, "__default", jobs));
    az_canon_add(a, stage, "jobs", jobs);
    return list_of(a, stage);
}

static struct az_value *stages_of_steps(struct arena *a, const struct az_value *root, const struct az_value *steps)
{
    struct az_value *job = az_canon_wrap(a, "job", az_canon_text(a, "Job", steps));
    for (size_t i = 0; i < ARRAY_LEN(job_keys); i++)
        az_canon_move(a, job, root, job_keys[i]);
    az_canon_add(a, job, "steps", steps);
    return stages_of_jobs(a, list_of(a, job));
}

static bool is_body(struct str key)
{
    return str_is(key, "stages") || str_is(key, "jobs") || str_is(key, "phases") || str_is(key, "steps");
}

/* The root with one body, `stages`. */
static struct az_value *with_stages(struct arena *a, const struct az_value *v)
{
    const struct az_value *steps = az_get(v, STR("steps")), *jobs = az_get(v, STR("jobs"));
    if (az_get(v, STR("stages")) != NULL)
        return az_at(a, v, v);
    if (jobs == NULL)
        jobs = az_get(v, STR("phases"));
    struct az_value *ret = az_at(a, az_object(a, false), v), *stages = NULL;
    if (jobs != NULL)
        stages = stages_of_jobs(a, jobs);
    else if (steps != NULL)
        stages = stages_of_steps(a, v, steps);
    for (size_t i = 0; i < v->object.n; i++) {
        struct str key = v->object.p[i].key->text;
        if (!is_body(key) && !(jobs == NULL && steps != NULL && is_job_key(key)))
            az_add(a, ret, v->object.p[i].key, v->object.p[i].value);
    }
    if (stages != NULL)
        az_canon_add(a, ret, "stages", stages);
    return ret;
}

struct az_value *az_canon_pipeline(struct arena *a, const struct az_value *v)
{
    static const struct az_place places[] = {
        {"name", NULL},
        {"appendCommitMessageToRunName", NULL},
        {"parameters", NULL},
        {"trigger", az_canon_trigger},
        {"pr", az_canon_trigger},
        {"schedules", make_schedules},
        {"resources", az_canon_resources},
        {"variables", az_canon_variables},
        {"lockBehavior", NULL},
        {"pool", az_canon_pool},
        {"extends", NULL},
        {"stages", az_canon_stages},
    };
    return az_canon_map(a, places, ARRAY_LEN(places), with_stages(a, v));
}

/* ---- by shape ---- */

static struct az_value *keep(struct arena *a, const struct az_value *v)
{
    return az_at(a, v, v);
}

/* What a shape is checked as, and made of. */
static const struct {
    const struct az_type *type;
    struct az_value *(*make)(struct arena *a, const struct az_value *v);
    bool list;
} shapes[] = {
    [AZ_SHAPE_PIPELINE] = {&az_type_pipeline, az_canon_pipeline, false},
    [AZ_SHAPE_STEP] = {&az_type_step, az_canon_step, false},
    [AZ_SHAPE_STEPS] = {&az_type_steps, az_canon_steps, true},
    [AZ_SHAPE_JOB] = {&az_type_job, az_canon_job, false},
    [AZ_SHAPE_JOBS] = {&az_type_jobs, az_canon_jobs, true},
    [AZ_SHAPE_STAGE] = {&az_type_stage, az_canon_stage, false},
    [AZ_SHAPE_STAGES] = {&az_type_stages, az_canon_stages, true},
    [AZ_SHAPE_DEPLOYMENT] = {&az_type_deployment, az_canon_job, false},
    [AZ_SHAPE_DEPLOYMENTS] = {&az_type_deployments, az_canon_jobs, true},
    [AZ_SHAPE_CONTAINER] = {&az_type_container, keep, false},
    [AZ_SHAPE_CONTAINERS] = {&az_type_containers, keep, true},
    [AZ_SHAPE_VARIABLES] = {&az_type_variables, az_canon_variables, true},
};

struct az_value *az_canonical(struct arena *a, enum az_shape shape, const struct az_value *v, struct diags *d)
{
    struct az_value *checked = az_schema_walk(a, shapes[shape].type, v, d);
    if (shape == AZ_SHAPE_PIPELINE)
        az_schema_root(v, d);
    if (checked != NULL)
        return shapes[shape].make(a, checked);
    return az_at(a, shapes[shape].list ? az_array(a) : az_object(a, false), v);
}
