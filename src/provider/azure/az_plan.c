/*
 * az_plan.c - the provider itself: an azure-pipelines.yml becomes a plan.
 */
#include "core/base.h"
#include "provider/azure/model_priv.h"

static const char *const globs[] = {"azure-pipelines.yml", "azure-pipelines.yaml", ".azure-pipelines.yml",
                                    ".azure-pipelines.yaml", NULL};

static void read_pipeline(const struct provider_file *file, const struct facts *f, struct diags *d,
                          struct provider_plans *ret)
{
    (void)f;
    (void)ret;
    diag_error(d, "AZ001", (struct span){file->source, 0, 0}, "Pipelines of Azure are not read by this version");
}

/* A pipeline of another name, by its keys: a template has none that start anything, and is one with parameters only. */
static bool is_pipeline(const struct doc_node *root)
{
    static const char *const bodies[] = {"stages", "jobs", "steps", "extends"};
    static const char *const others[] = {"trigger", "pr", "pool", "schedules", "resources", "variables"};
    bool body = false, other = false;
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
        body = body || doc_get(root, bodies[i]) != NULL;
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        other = other || doc_get(root, others[i]) != NULL;
    return body && other && doc_get(root, "on") == NULL;
}

const struct provider provider_azure = {
    .name = "azure",
    .title = "Azure Pipelines",
    .globs = globs,
    .recognises = is_pipeline,
    .read = read_pipeline,
};
