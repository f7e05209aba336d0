/*
 * cb_project_shape.c - the properties of AWS::CodeBuild::Project, as tables (its resource type reference).
 *
 * Required is what the resource type requires, whatever the values; what depends on other values is in
 * cb_project_rules.
 */
#include "core/base.h"
#include "provider/codebuild/project_priv.h"

#define TEXT(n)                                                                                                        \
    {                                                                                                                  \
        .name = (n), .kind = CB_TEXT                                                                                   \
    }
#define FLAG(n)                                                                                                        \
    {                                                                                                                  \
        .name = (n), .kind = CB_BOOL                                                                                   \
    }
#define WORD(n, w)                                                                                                     \
    {                                                                                                                  \
        .name = (n), .kind = CB_WORD, .words = (w)                                                                     \
    }
#define NUMBER(n, lo, hi)                                                                                              \
    {                                                                                                                  \
        .name = (n), .kind = CB_NUMBER, .min = (lo), .max = (hi)                                                       \
    }
#define TEXTS(n)                                                                                                       \
    {                                                                                                                  \
        .name = (n), .kind = CB_TEXTS                                                                                  \
    }
#define OBJECT(n, s)                                                                                                   \
    {                                                                                                                  \
        .name = (n), .kind = CB_OBJECT, .shape = &(s)                                                                  \
    }
#define OBJECTS(n, s, most)                                                                                            \
    {                                                                                                                  \
        .name = (n), .kind = CB_OBJECTS, .max = (most), .shape = &(s)                                                  \
    }
#define NEEDS_TEXT(n)                                                                                                  \
    {                                                                                                                  \
        .name = (n), .kind = CB_TEXT, .required = true                                                                 \
    }
#define NEEDS_FLAG(n)                                                                                                  \
    {                                                                                                                  \
        .name = (n), .kind = CB_BOOL, .required = true                                                                 \
    }
#define NEEDS_WORD(n, w)                                                                                               \
    {                                                                                                                  \
        .name = (n), .kind = CB_WORD, .required = true, .words = (w)                                                   \
    }
#define NEEDS_OBJECT(n, s)                                                                                             \
    {                                                                                                                  \
        .name = (n), .kind = CB_OBJECT, .required = true, .shape = &(s)                                                \
    }
#define SHAPE(id, title, properties)                                                                                   \
    static const struct cb_shape id = {.name = (title), .p = (properties), .n = ARRAY_LEN(properties)}

#define NO_LIMIT 0x7fffffffu
#define SECONDARY_MAX 12u /* sources, artifacts */

/* ---- words ---- */

const char *const cb_source_types[] = {"CODECOMMIT",          "CODEPIPELINE", "GITHUB", "GITHUB_ENTERPRISE", "GITLAB",
                                       "GITLAB_SELF_MANAGED", "BITBUCKET",    "S3",     "NO_SOURCE",         NULL};
static const char *const auth_types[] = {"OAUTH", "CODECONNECTIONS", "SECRETS_MANAGER", NULL};
static const char *const artifact_types[] = {"CODEPIPELINE", "S3", "NO_ARTIFACTS", NULL};
static const char *const packagings[] = {"NONE", "ZIP", NULL};
static const char *const namespaces[] = {"NONE", "BUILD_ID", NULL};
const char *const cb_container_types[] = {"LINUX_CONTAINER",
                                          "LINUX_GPU_CONTAINER",
                                          "ARM_CONTAINER",
                                          "WINDOWS_CONTAINER",
                                          "WINDOWS_SERVER_2019_CONTAINER",
                                          "WINDOWS_SERVER_2022_CONTAINER",
                                          "LINUX_EC2",
                                          "ARM_EC2",
                                          "WINDOWS_EC2",
                                          "LINUX_LAMBDA_CONTAINER",
                                          "ARM_LAMBDA_CONTAINER",
                                          "MAC_ARM",
                                          NULL};
static const char *const compute_types[] = {"BUILD_GENERAL1_SMALL",
                                            "BUILD_GENERAL1_MEDIUM",
                                            "BUILD_GENERAL1_LARGE",
                                            "BUILD_GENERAL1_XLARGE",
                                            "BUILD_GENERAL1_2XLARGE",
                                            "BUILD_LAMBDA_1GB",
                                            "BUILD_LAMBDA_2GB",
                                            "BUILD_LAMBDA_4GB",
                                            "BUILD_LAMBDA_8GB",
                                            "BUILD_LAMBDA_10GB",
                                            "ATTRIBUTE_BASED_COMPUTE",
                                            "CUSTOM_INSTANCE_TYPE",
                                            NULL};
static const char *const pull_types[] = {"CODEBUILD", "SERVICE_ROLE", NULL};
static const char *const credential_providers[] = {"SECRETS_MANAGER", NULL};
static const char *const variable_types[] = {"PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER", NULL};
static const char *const cache_types[] = {"NO_CACHE", "S3", "LOCAL", NULL};
static const char *const cache_modes[] = {"LOCAL_SOURCE_CACHE", "LOCAL_DOCKER_LAYER_CACHE", "LOCAL_CUSTOM_CACHE", NULL};
static const char *const log_states[] = {"ENABLED", "DISABLED", NULL};
static const char *const build_types[] = {"BUILD", "BUILD_BATCH", "RUNNER_BUILDKITE_BUILD", NULL};
static const char *const approvals[] = {"DISABLED", "ALL_PULL_REQUESTS", "FORK_PULL_REQUESTS", NULL};
static const char *const report_modes[] = {"REPORT_INDIVIDUAL_BUILDS", "REPORT_AGGREGATED_BATCH", NULL};
static const char *const visibilities[] = {"PRIVATE", "PUBLIC_READ", NULL};
static const char *const file_systems[] = {"EFS", NULL};

/* ---- objects ---- */

static const struct cb_property auth[] = {NEEDS_WORD("Type", auth_types), TEXT("Resource")};
SHAPE(shape_auth, "Auth", auth);

static const struct cb_property status_config[] = {TEXT("Context"), TEXT("TargetUrl")};
SHAPE(shape_status_config, "BuildStatusConfig", status_config);

static const struct cb_property submodules[] = {NEEDS_FLAG("FetchSubmodules")};
SHAPE(shape_submodules, "GitSubmodulesConfig", submodules);

static const struct cb_property source[] = {
    NEEDS_WORD("Type", cb_source_types),
    TEXT("Location"),
    TEXT("BuildSpec"),
    NUMBER("GitCloneDepth", 0, NO_LIMIT),
    OBJECT("GitSubmodulesConfig", shape_submodules),
    FLAG("ReportBuildStatus"),
    OBJECT("BuildStatusConfig", shape_status_config),
    OBJECT("Auth", shape_auth),
    FLAG("InsecureSsl"),
    TEXT("SourceIdentifier"),
};
SHAPE(shape_source, "Source", source);

static const struct cb_property artifacts[] = {
    NEEDS_WORD("Type", artifact_types),
    TEXT("ArtifactIdentifier"),
    TEXT("Location"),
    TEXT("Path"),
    TEXT("Name"),
    WORD("NamespaceType", namespaces),
    WORD("Packaging", packagings),
    FLAG("OverrideArtifactName"),
    FLAG("EncryptionDisabled"),
};
SHAPE(shape_artifacts, "Artifacts", artifacts);

static const struct cb_property variable[] = {
    NEEDS_TEXT("Name"),
    NEEDS_TEXT("Value"),
    WORD("Type", variable_types),
};
SHAPE(shape_variable, "EnvironmentVariables", variable);

static const struct cb_property fleet[] = {TEXT("FleetArn")};
SHAPE(shape_fleet, "Fleet", fleet);

static const struct cb_property credential[] = {
    NEEDS_TEXT("Credential"),
    NEEDS_WORD("CredentialProvider", credential_providers),
};
SHAPE(shape_credential, "RegistryCredential", credential);

static const struct cb_property docker_server[] = {NEEDS_WORD("ComputeType", compute_types), TEXTS("SecurityGroupIds")};
SHAPE(shape_docker_server, "DockerServer", docker_server);

static const struct cb_property environment[] = {
    NEEDS_WORD("Type", cb_container_types),
    NEEDS_TEXT("Image"),
    NEEDS_WORD("ComputeType", compute_types),
    FLAG("PrivilegedMode"),
    OBJECTS("EnvironmentVariables", shape_variable, 0),
    WORD("ImagePullCredentialsType", pull_types),
    OBJECT("RegistryCredential", shape_credential),
    OBJECT("Fleet", shape_fleet),
    OBJECT("DockerServer", shape_docker_server),
    TEXT("HostKernel"),
    TEXT("Certificate"),
};
SHAPE(shape_environment, "Environment", environment);

static const struct cb_property cache[] = {
    NEEDS_WORD("Type", cache_types),
    TEXT("Location"),
    TEXT("CacheNamespace"),
    {.name = "Modes", .kind = CB_WORDS, .words = cache_modes},
};
SHAPE(shape_cache, "Cache", cache);

static const struct cb_property cloudwatch[] = {
    NEEDS_WORD("Status", log_states),
    TEXT("GroupName"),
    TEXT("StreamName"),
};
SHAPE(shape_cloudwatch, "CloudWatchLogs", cloudwatch);

static const struct cb_property s3_logs[] = {
    NEEDS_WORD("Status", log_states),
    TEXT("Location"),
    FLAG("EncryptionDisabled"),
};
SHAPE(shape_s3_logs, "S3Logs", s3_logs);

static const struct cb_property logs[] = {
    OBJECT("CloudWatchLogs", shape_cloudwatch),
    OBJECT("S3Logs", shape_s3_logs),
};
SHAPE(shape_logs, "LogsConfig", logs);

static const struct cb_property filter[] = {
    NEEDS_WORD("Type", cb_filter_types),
    NEEDS_TEXT("Pattern"),
    FLAG("ExcludeMatchedPattern"),
};
SHAPE(shape_filter, "FilterGroups", filter);

static const struct cb_property approval[] = {
    NEEDS_WORD("RequiresCommentApproval", approvals),
    TEXTS("ApproverRoles"),
};
SHAPE(shape_approval, "PullRequestBuildPolicy", approval);

static const struct cb_property scope[] = {NEEDS_TEXT("Name"), TEXT("Domain"), TEXT("Scope")};
SHAPE(shape_scope, "ScopeConfiguration", scope);

static const struct cb_property triggers[] = {
    FLAG("Webhook"),
    WORD("BuildType", build_types),
    {.name = "FilterGroups", .kind = CB_GROUPS, .shape = &shape_filter},
    OBJECT("PullRequestBuildPolicy", shape_approval),
    OBJECT("ScopeConfiguration", shape_scope),
};
SHAPE(shape_triggers, "Triggers", triggers);

static const struct cb_property restrictions[] = {
    {.name = "ComputeTypesAllowed", .kind = CB_WORDS, .words = compute_types},
    NUMBER("MaximumBuildsAllowed", 1, 100),
};
SHAPE(shape_restrictions, "Restrictions", restrictions);

static const struct cb_property batch[] = {
    TEXT("ServiceRole"),
    NUMBER("TimeoutInMins", 5, 2160),
    FLAG("CombineArtifacts"),
    WORD("BatchReportMode", report_modes),
    OBJECT("Restrictions", shape_restrictions),
};
SHAPE(shape_batch, "BuildBatchConfig", batch);

static const struct cb_property file_system[] = {
    NEEDS_WORD("Type", file_systems), NEEDS_TEXT("Identifier"), NEEDS_TEXT("Location"),
    NEEDS_TEXT("MountPoint"),         TEXT("MountOptions"),
};
SHAPE(shape_file_system, "FileSystemLocations", file_system);

static const struct cb_property source_version[] = {NEEDS_TEXT("SourceIdentifier"), TEXT("SourceVersion")};
SHAPE(shape_source_version, "SecondarySourceVersions", source_version);

static const struct cb_property vpc[] = {TEXT("VpcId"), TEXTS("Subnets"), TEXTS("SecurityGroupIds")};
SHAPE(shape_vpc, "VpcConfig", vpc);

static const struct cb_property tag[] = {NEEDS_TEXT("Key"), NEEDS_TEXT("Value")};
SHAPE(shape_tag, "Tags", tag);

static const struct cb_property project[] = {
    TEXT("Name"),
    TEXT("Description"),
    NEEDS_TEXT("ServiceRole"),
    NEEDS_OBJECT("Source", shape_source),
    OBJECTS("SecondarySources", shape_source, SECONDARY_MAX),
    TEXT("SourceVersion"),
    OBJECTS("SecondarySourceVersions", shape_source_version, SECONDARY_MAX),
    NEEDS_OBJECT("Artifacts", shape_artifacts),
    OBJECTS("SecondaryArtifacts", shape_artifacts, SECONDARY_MAX),
    NEEDS_OBJECT("Environment", shape_environment),
    OBJECT("Cache", shape_cache),
    OBJECT("LogsConfig", shape_logs),
    OBJECT("Triggers", shape_triggers),
    OBJECT("BuildBatchConfig", shape_batch),
    NUMBER("TimeoutInMinutes", 5, 2160),
    NUMBER("QueuedTimeoutInMinutes", 5, 480),
    NUMBER("ConcurrentBuildLimit", 1, NO_LIMIT),
    NUMBER("AutoRetryLimit", 0, NO_LIMIT),
    FLAG("BadgeEnabled"),
    TEXT("EncryptionKey"),
    OBJECTS("FileSystemLocations", shape_file_system, 0),
    TEXT("ResourceAccessRole"),
    OBJECTS("Tags", shape_tag, 0),
    WORD("Visibility", visibilities),
    OBJECT("VpcConfig", shape_vpc),
};
const struct cb_shape cb_shape_project = {.name = "AWS::CodeBuild::Project", .p = project, .n = ARRAY_LEN(project)};
