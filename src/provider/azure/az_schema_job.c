/*
 * az_schema_job.c - the tables of stages, jobs, deployments and their strategies (specification 3.3 to 3.5).
 */
#include "core/base.h"
#include "provider/azure/schema_priv.h"

/* ---- strategies ---- */

static const struct az_key hook_keys[] = {{"steps", &az_type_steps, 0}, {"pool", &az_type_pool, 0}};
static const struct az_form hook_forms[] = AZ_FORMS(hook_keys);
static const struct az_type hook = AZ_MAPPING("a mapping of steps and pool", 0, hook_forms);
static const struct az_key on_keys[] = {{"failure", &hook, 0}, {"success", &hook, 0}};
static const struct az_form on_forms[] = AZ_FORMS(on_keys);
static const struct az_type on = AZ_MAPPING("a mapping of failure and success", 0, on_forms);
static const struct az_type percent = {"a number, with or without %", .takes = AZ_TAKES_TEXT, .text = AZ_TEXT_PERCENT};
static const struct az_type numbers = {"a list of numbers", .takes = AZ_TAKES_LIST, .item = &percent};

#define HOOKS                                                                                                          \
    {"preDeploy", &hook, 0}, {"deploy", &hook, AZ_KEY_REQUIRED}, {"routeTraffic", &hook, 0},                           \
        {"postRouteTraffic", &hook, 0},                                                                                \
    {                                                                                                                  \
        "on", &on, 0                                                                                                   \
    }
static const struct az_key run_once_keys[] = {HOOKS};
static const struct az_key rolling_keys[] = {HOOKS, {"maxParallel", &percent, 0}};
static const struct az_key canary_keys[] = {HOOKS, {"increments", &numbers, 0}};
static const struct az_form run_once_forms[] = AZ_FORMS(run_once_keys);
static const struct az_form rolling_forms[] = AZ_FORMS(rolling_keys);
static const struct az_form canary_forms[] = AZ_FORMS(canary_keys);
static const struct az_type run_once = AZ_MAPPING("a mapping of hooks", 0, run_once_forms);
static const struct az_type rolling = AZ_MAPPING("a mapping of hooks and maxParallel", 0, rolling_forms);
static const struct az_type canary = AZ_MAPPING("a mapping of hooks and increments", 0, canary_forms);

static const struct az_type leg = {"a mapping of variables", .takes = AZ_TAKES_MAP, .values = &az_type_text};
static const struct az_type matrix = {"a mapping of legs, or one $[ ]", .takes = AZ_TAKES_MAP | AZ_TAKES_DYNAMIC,
                                      .values = &leg};
static const struct az_key strategy_keys[] = {
    {"matrix", &matrix, 0},
    {"parallel", &az_type_number, 0},
    {"maxParallel", &az_type_number, 0},
};
static const struct az_form strategy_forms[] = AZ_FORMS(strategy_keys);
const struct az_type az_type_strategy = AZ_MAPPING("a mapping of matrix or parallel", 0, strategy_forms);

static const struct az_key deploy_strategy_keys[] = {
    {"runOnce", &run_once, 0},
    {"rolling", &rolling, 0},
    {"canary", &canary, 0},
};
static const struct az_form deploy_strategy_forms[] = AZ_FORMS(deploy_strategy_keys);
static const struct az_type deploy_strategy =
    AZ_MAPPING("a mapping of runOnce, rolling or canary", 0, deploy_strategy_forms);

/* ---- jobs ---- */

static const struct az_key environment_keys[] = {
    {"name", &az_type_filled, 0},       {"resourceName", &az_type_text, 0},  {"resourceId", &az_type_text, 0},
    {"resourceType", &az_type_text, 0}, {"tags", &az_type_text_or_texts, 0},
};
static const struct az_form environment_forms[] = AZ_FORMS(environment_keys);
static const struct az_type environment =
    AZ_MAPPING("an environment's name, or a mapping", AZ_TAKES_TEXT, environment_forms);
static const struct az_key uses_keys[] = {{"repositories", &az_type_texts, 0}, {"pools", &az_type_texts, 0}};
static const struct az_form uses_forms[] = AZ_FORMS(uses_keys);
static const struct az_type uses = AZ_MAPPING("a mapping of repositories and pools", 0, uses_forms);

static const struct az_key common[] = {
    {"displayName", &az_type_text, 0},        {"dependsOn", &az_type_text_or_texts, 0},
    {"condition", &az_type_text, 0},          {"continueOnError", &az_type_bool, 0},
    {"timeoutInMinutes", &az_type_number, 0}, {"cancelTimeoutInMinutes", &az_type_number, 0},
    {"variables", &az_type_variables, 0},     {"pool", &az_type_pool, 0},
    {"container", &az_type_job_container, 0}, {"services", &az_type_services, 0},
    {"workspace", &az_type_workspace, 0},     {"uses", &uses, 0},
    {"templateContext", &az_type_any, 0},
};
static const struct az_key job_keys[] = {
    {"job", &az_type_text, 0},
    {"strategy", &az_type_strategy, 0},
    {"steps", &az_type_steps, 0},
};
static const struct az_key deployment_keys[] = {
    {"deployment", &az_type_text, 0},
    {"environment", &environment, 0},
    {"strategy", &deploy_strategy, 0},
};

/* Phases: what jobs were once called, with queues and servers instead of pools. */
static const struct az_type phase_matrix = {"a mapping of legs", .takes = AZ_TAKES_MAP | AZ_TAKES_DYNAMIC,
                                            .values = &leg};
static const struct az_key queue_keys[] = {
    {"name", &az_type_text, 0},
    {"demands", &az_type_text_or_texts, 0},
    {"vmImage", &az_type_text, 0},
    {"timeoutInMinutes", &az_type_number, 0},
    {"cancelTimeoutInMinutes", &az_type_number, 0},
    {"parallel", &az_type_number, 0},
    {"matrix", &phase_matrix, 0},
    {"container", &az_type_job_container, 0},
    {"workspace", &az_type_workspace, 0},
};
static const struct az_form queue_forms[] = AZ_FORMS(queue_keys);
const struct az_type az_type_queue = AZ_MAPPING("a queue's name, or a mapping", AZ_TAKES_TEXT, queue_forms);
static const struct az_key server_keys[] = {
    {"timeoutInMinutes", &az_type_number, 0},
    {"cancelTimeoutInMinutes", &az_type_number, 0},
    {"parallel", &az_type_number, 0},
    {"matrix", &phase_matrix, 0},
};
static const struct az_form server_forms[] = AZ_FORMS(server_keys);
const struct az_type az_type_server = AZ_MAPPING("true, or a mapping", AZ_TAKES_TEXT, server_forms);
static const struct az_key phase_keys[] = {
    {"phase", &az_type_text, 0},        {"queue", &az_type_queue, 0}, {"server", &az_type_server, 0},
    {"strategy", &az_type_strategy, 0}, {"steps", &az_type_steps, 0},
};

static const struct az_key included[] = {{"template", &az_type_filled, 0}, {"parameters", &az_type_any, 0}};
#define JOB(first, own)                                                                                                \
    {                                                                                                                  \
        first, own, common, ARRAY_LEN(own), ARRAY_LEN(common)                                                          \
    }
#define INCLUDED                                                                                                       \
    {                                                                                                                  \
        "template", .keys = included, .n_keys = ARRAY_LEN(included)                                                    \
    }
static const struct az_form job_forms[] = {
    JOB("job", job_keys),
    JOB("deployment", deployment_keys),
    INCLUDED,
    JOB("phase", phase_keys),
};
const struct az_type az_type_job = AZ_MAPPING("a job", 0, job_forms);
const struct az_type az_type_jobs = {"a list of jobs", .takes = AZ_TAKES_LIST, .item = &az_type_job};
static const struct az_form deployment_forms[] = {JOB("deployment", deployment_keys), INCLUDED};
const struct az_type az_type_deployment = AZ_MAPPING("a deployment", 0, deployment_forms);
const struct az_type az_type_deployments = {"a list of deployments", .takes = AZ_TAKES_LIST,
                                            .item = &az_type_deployment};

/* ---- stages ---- */

static const char *const stage_trigger_words[] = {"manual", "automatic", NULL};
static const struct az_type stage_trigger = {"manual or automatic", .takes = AZ_TAKES_TEXT, .text = AZ_TEXT_WORD,
                                             .words = stage_trigger_words};
static const char *const lock_words[] = {"sequential", "runLatest", NULL};
const struct az_type az_type_lock = {"sequential or runLatest", .takes = AZ_TAKES_TEXT, .text = AZ_TEXT_WORD,
                                     .words = lock_words};
static const struct az_key stage_keys[] = {
    {"stage", &az_type_text, 0},
    {"displayName", &az_type_text, 0},
    {"group", &az_type_text, 0},
    {"pool", &az_type_pool, 0},
    {"dependsOn", &az_type_text_or_texts, 0},
    {"condition", &az_type_text, 0},
    {"variables", &az_type_variables, 0},
    {"jobs", &az_type_jobs, 0},
    {"phases", &az_type_jobs, 0},
    {"lockBehavior", &az_type_lock, 0},
    {"trigger", &stage_trigger, 0},
    {"isSkippable", &az_type_bool, 0},
    {"templateContext", &az_type_any, 0},
    {"checks", &az_type_any, 0},
};
static const struct az_form stage_forms[] = {
    {"stage", .keys = stage_keys, .n_keys = ARRAY_LEN(stage_keys)},
    INCLUDED,
};
const struct az_type az_type_stage = AZ_MAPPING("a stage", 0, stage_forms);
const struct az_type az_type_stages = {"a list of stages", .takes = AZ_TAKES_LIST, .item = &az_type_stage};
