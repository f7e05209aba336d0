/*
 * az_schema_container.c - the tables of what jobs run on: pools, containers, services, workspaces (specification 3.4).
 */
#include "core/base.h"
#include "provider/azure/schema_priv.h"

static const struct az_key pool_keys[] = {
    {"name", &az_type_text, 0},
    {"vmImage", &az_type_text, 0},
    {"demands", &az_type_text_or_texts, 0},
    /* Files of production have these, and the service takes them. */
    {"queue", &az_type_text, AZ_KEY_STRANGE},
    {"image", &az_type_text, AZ_KEY_STRANGE},
    {"os", &az_type_text, AZ_KEY_STRANGE},
};
static const struct az_form pool_forms[] = AZ_FORMS(pool_keys);
const struct az_type az_type_pool = AZ_MAPPING("a pool's name, or a mapping", AZ_TAKES_TEXT, pool_forms);

static const struct az_key read_only_keys[] = {
    {"work", &az_type_bool, 0},
    {"externals", &az_type_bool, 0},
    {"tools", &az_type_bool, 0},
    {"tasks", &az_type_bool, 0},
};
static const struct az_form read_only_forms[] = AZ_FORMS(read_only_keys);
static const struct az_type read_only = AZ_MAPPING("a mapping of work, externals, tools and tasks", 0, read_only_forms);

#define CONTAINER                                                                                                      \
    {"endpoint", &az_type_text, 0}, {"env", &az_type_env, 0}, {"mapDockerSocket", &az_type_bool, 0},                   \
        {"options", &az_type_text, 0}, {"ports", &az_type_texts, 0}, {"volumes", &az_type_texts, 0},                   \
        {"mountReadOnly", &read_only, 0},                                                                              \
    {                                                                                                                  \
        "localImage", &az_type_bool, 0                                                                                 \
    }
static const struct az_key alias_keys[] = {{"alias", &az_type_text, 0}};
static const struct az_key inline_keys[] = {{"image", &az_type_filled, AZ_KEY_REQUIRED}, CONTAINER};
static const struct az_form container_forms[] = {
    {"alias", .keys = alias_keys, .n_keys = ARRAY_LEN(alias_keys)},
    {NULL, .keys = inline_keys, .n_keys = ARRAY_LEN(inline_keys)},
};
const struct az_type az_type_job_container = AZ_MAPPING("a container or its image", AZ_TAKES_TEXT, container_forms);
const struct az_type az_type_services = {"a mapping of names to containers", .takes = AZ_TAKES_MAP,
                                         .values = &az_type_job_container};

static const struct az_key image_trigger_keys[] = {{"enabled", &az_type_bool, 0}, {"tags", &az_type_any, 0}};
static const struct az_form image_trigger_forms[] = AZ_FORMS(image_trigger_keys);
static const struct az_type image_trigger = AZ_MAPPING("none, true, or a mapping", AZ_TAKES_TEXT, image_trigger_forms);

/* One of resources.containers: it has an image, or is of a registry (type: ACR), which az_read*.c asks for. */
static const struct az_key resource_keys[] = {
    {"container", &az_type_filled, 0}, {"image", &az_type_filled, 0},           CONTAINER,
    {"type", &az_type_text, 0},        {"azureSubscription", &az_type_text, 0}, {"resourceGroup", &az_type_text, 0},
    {"registry", &az_type_text, 0},    {"repository", &az_type_text, 0},        {"trigger", &image_trigger, 0},
};
static const struct az_form resource_forms[] = {
    {"container", .keys = resource_keys, .n_keys = ARRAY_LEN(resource_keys)}};
const struct az_type az_type_container = AZ_MAPPING("a container", 0, resource_forms);
const struct az_type az_type_containers = {"a list of containers", .takes = AZ_TAKES_LIST, .item = &az_type_container};

static const char *const clean_words[] = {"outputs", "resources", "all", NULL};
static const struct az_type clean = {"outputs, resources or all", .takes = AZ_TAKES_TEXT, .text = AZ_TEXT_WORD,
                                     .words = clean_words};
static const struct az_key workspace_keys[] = {{"clean", &clean, 0}};
static const struct az_form workspace_forms[] = AZ_FORMS(workspace_keys);
const struct az_type az_type_workspace = AZ_MAPPING("a mapping with clean", 0, workspace_forms);
