/*
 * gh_type_context.c - the contexts that are the same in every workflow, and the outputs of actions ("Contexts").
 */
#include "core/base.h"
#include "provider/github/gh_type_priv.h"

#define MEMBER(name, type)                                                                                             \
    {                                                                                                                  \
        {(name), sizeof(name) - 1}, (type)                                                                             \
    }
#define TEXT(name) MEMBER(name, &gh_type_string)
#define NUMBER(name) MEMBER(name, &gh_type_number)
#define OBJECT_OF(list)                                                                                                \
    {                                                                                                                  \
        .kind = GH_T_OBJECT, .members = (list), .n = ARRAY_LEN(list)                                                   \
    }

/* ---- github ---- */

static const struct gh_member github_members[] = {
    /* table; the most asked first */
    MEMBER("event", &gh_type_object),
    TEXT("event_name"),
    TEXT("ref"),
    TEXT("sha"),
    TEXT("repository"),
    TEXT("token"),
    TEXT("actor"),
    TEXT("workflow"),
    TEXT("workspace"),
    TEXT("run_id"),
    TEXT("ref_name"),
    TEXT("head_ref"),
    TEXT("base_ref"),
    TEXT("repository_owner"),
    TEXT("run_number"),
    TEXT("action"),
    TEXT("action_path"),
    TEXT("action_ref"),
    TEXT("action_repository"),
    TEXT("action_status"),
    TEXT("actor_id"),
    TEXT("api_url"),
    MEMBER("artifact_cache_size_limit", &gh_type_any),
    TEXT("artifacts"),
    TEXT("artifacts_list"),
    TEXT("env"),
    TEXT("event_path"),
    TEXT("graphql_url"),
    TEXT("job"),
    TEXT("output"),
    TEXT("path"),
    MEMBER("ref_protected", &gh_type_bool),
    TEXT("ref_type"),
    TEXT("repository_id"),
    TEXT("repository_owner_id"),
    TEXT("repository_visibility"),
    TEXT("repositoryUrl"),
    TEXT("retention_days"),
    TEXT("run_attempt"),
    TEXT("secret_source"),
    TEXT("server_url"),
    TEXT("state"),
    TEXT("step_summary"),
    TEXT("triggering_actor"),
    TEXT("workflow_ref"),
    TEXT("workflow_sha"),
};

/* ---- job, runner, strategy ---- */

static const struct gh_member container_members[] = {TEXT("id"), TEXT("network")};
static const struct gh_type container_type = OBJECT_OF(container_members);
static const struct gh_member service_members[] = {TEXT("id"), TEXT("network"), MEMBER("ports", &gh_type_any)};
static const struct gh_type service_type = OBJECT_OF(service_members);
static const struct gh_type services_type = {.kind = GH_T_OBJECT, .rest = &service_type};
static const struct gh_member job_members[] = {
    TEXT("status"),
    MEMBER("container", &container_type),
    MEMBER("services", &services_type),
    MEMBER("check_run_id", &gh_type_any),
    TEXT("workflow_ref"),
    TEXT("workflow_sha"),
    TEXT("workflow_repository"),
    TEXT("workflow_file_path"),
};
static const struct gh_member runner_members[] = {TEXT("os"),   TEXT("temp"),  TEXT("arch"),        TEXT("tool_cache"),
                                                  TEXT("name"), TEXT("debug"), TEXT("environment"), TEXT("workspace")};
static const struct gh_member strategy_members[] = {MEMBER("fail-fast", &gh_type_bool), NUMBER("job-index"),
                                                    NUMBER("job-total"), NUMBER("max-parallel")};

static const struct gh_type github_type = OBJECT_OF(github_members);
static const struct gh_type job_type = OBJECT_OF(job_members);
static const struct gh_type runner_type = OBJECT_OF(runner_members);
static const struct gh_type strategy_type = OBJECT_OF(strategy_members);

const struct gh_type *gh_type_context(const char *name)
{
    static const struct {
        const char *name;
        const struct gh_type *type;
    } contexts[] = {
        {"github", &github_type}, {"env", &gh_type_texts},      {"job", &job_type},          {"runner", &runner_type},
        {"vars", &gh_type_texts}, {"strategy", &strategy_type}, {"secrets", &gh_type_texts},
    };
    for (size_t i = 0; i < ARRAY_LEN(contexts); i++)
        if (strcmp(name, contexts[i].name) == 0)
            return contexts[i].type;
    return NULL;
}

/* ---- outputs of actions ---- */

#define OUTPUTS(list, action)                                                                                          \
    {                                                                                                                  \
        .kind = GH_T_OBJECT, .what = GH_T_STEP_OUTPUTS, .members = (list), .n = ARRAY_LEN(list), .owner = {            \
            (action),                                                                                                  \
            sizeof(action) - 1                                                                                         \
        }                                                                                                              \
    }

static const struct gh_member checkout_outputs[] = {TEXT("ref"), TEXT("commit")};
static const struct gh_member python_outputs[] = {TEXT("python-version"), TEXT("cache-hit"), TEXT("python-path")};
static const struct gh_member node_outputs[] = {TEXT("cache-hit"), TEXT("node-version")};
static const struct gh_member go_outputs[] = {TEXT("go-version"), TEXT("cache-hit")};
static const struct gh_member cache_outputs[] = {TEXT("cache-hit")};
static const struct gh_member restore_outputs[] = {TEXT("cache-hit"), TEXT("cache-primary-key"),
                                                   TEXT("cache-matched-key")};
static const struct gh_member upload_outputs[] = {TEXT("artifact-id"), TEXT("artifact-url"), TEXT("artifact-digest")};
static const struct gh_member download_outputs[] = {TEXT("download-path")};

static const struct gh_type outputs[] = {
    OUTPUTS(checkout_outputs, "actions/checkout"),
    OUTPUTS(python_outputs, "actions/setup-python"),
    OUTPUTS(node_outputs, "actions/setup-node"),
    OUTPUTS(go_outputs, "actions/setup-go"),
    OUTPUTS(cache_outputs, "actions/cache"),
    OUTPUTS(restore_outputs, "actions/cache/restore"),
    OUTPUTS(upload_outputs, "actions/upload-artifact"),
    OUTPUTS(download_outputs, "actions/download-artifact"),
};

const struct gh_type *gh_type_action_outputs(struct str uses)
{
    struct str name, ref;
    if (!str_cut(uses, '@', &name, &ref))
        return &gh_type_texts;
    if (str_is_nocase(name, "actions/github-script")) /* `result` is what the script returned */
        return &gh_type_object;
    for (size_t i = 0; i < ARRAY_LEN(outputs); i++)
        if (str_eq_nocase(name, outputs[i].owner))
            return &outputs[i];
    return &gh_type_texts;
}
