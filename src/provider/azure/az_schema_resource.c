/*
 * az_schema_resource.c - the tables of triggers, variables and resources (specification 3.2, 3.7).
 */
#include "core/base.h"
#include "provider/azure/schema_priv.h"

/* ---- triggers ---- */

static const struct az_key filter_keys[] = {{"include", &az_type_texts, 0}, {"exclude", &az_type_texts, 0}};
static const struct az_form filter_forms[] = AZ_FORMS(filter_keys);
static const struct az_type filter = {"a mapping of include and exclude, or a list",
                                      .takes = AZ_TAKES_MAP | AZ_TAKES_LIST, .item = &az_type_text,
                                      .forms = filter_forms, .n_forms = ARRAY_LEN(filter_forms)};
static const char *const none_words[] = {"none", NULL};
/* `enabled` is how the service's own output says none, and how the canonical form does. */
static const struct az_key trigger_keys[] = {
    {"batch", &az_type_bool, 0},
    {"branches", &filter, 0},
    {"paths", &filter, 0},
    {"tags", &filter, 0},
    {"enabled", &az_type_bool, AZ_KEY_STRANGE},
};
static const struct az_form trigger_forms[] = AZ_FORMS(trigger_keys);
const struct az_type az_type_trigger = {"none, a list of branches, or a mapping",
                                        .takes = AZ_TAKES_TEXT | AZ_TAKES_LIST | AZ_TAKES_MAP,
                                        .text = AZ_TEXT_WORD,
                                        .words = none_words,
                                        .item = &az_type_text,
                                        .forms = trigger_forms,
                                        .n_forms = ARRAY_LEN(trigger_forms)};
static const struct az_key pr_keys[] = {
    {"autoCancel", &az_type_bool, 0},
    {"branches", &filter, 0},
    {"paths", &filter, 0},
    {"drafts", &az_type_bool, 0},
    {"enabled", &az_type_bool, AZ_KEY_STRANGE},
};
static const struct az_form pr_forms[] = AZ_FORMS(pr_keys);
const struct az_type az_type_pr = {"none, a list of branches, or a mapping",
                                   .takes = AZ_TAKES_TEXT | AZ_TAKES_LIST | AZ_TAKES_MAP,
                                   .text = AZ_TEXT_WORD,
                                   .words = none_words,
                                   .item = &az_type_text,
                                   .forms = pr_forms,
                                   .n_forms = ARRAY_LEN(pr_forms)};
static const struct az_key schedule_keys[] = {
    {"cron", &az_type_filled, 0}, {"displayName", &az_type_text, 0}, {"branches", &filter, 0},
    {"batch", &az_type_bool, 0},  {"always", &az_type_bool, 0},
};
static const struct az_form schedule_forms[] = {AZ_FIRST("cron", schedule_keys)};
static const struct az_type schedule = AZ_MAPPING("a schedule", 0, schedule_forms);
const struct az_type az_type_schedules = {"a list of schedules, or none", .takes = AZ_TAKES_LIST | AZ_TAKES_TEXT,
                                          .text = AZ_TEXT_WORD, .words = none_words, .item = &schedule};

/* ---- variables ---- */

static const struct az_key variable_keys[] = {
    {"name", &az_type_filled, 0}, {"value", &az_type_text, 0}, {"readonly", &az_type_bool, 0}};
static const struct az_key group_keys[] = {{"group", &az_type_filled, 0}};
static const struct az_key included[] = {{"template", &az_type_filled, 0}, {"parameters", &az_type_any, 0}};
static const struct az_form variable_forms[] = {AZ_FIRST("name", variable_keys), AZ_FIRST("group", group_keys),
                                                AZ_FIRST("template", included)};
static const struct az_type variable = AZ_MAPPING("a variable", 0, variable_forms);
const struct az_type az_type_variables = {"a mapping or a list of variables", .takes = AZ_TAKES_MAP | AZ_TAKES_LIST,
                                          .item = &variable, .values = &az_type_text};

/* ---- resources ---- */

static const struct az_key repository_keys[] = {
    {"repository", &az_type_filled, 0},
    {"type", &az_type_text, 0},
    {"name", &az_type_text, 0},
    {"ref", &az_type_text, 0},
    {"endpoint", &az_type_text, 0},
    {"connection", &az_type_text, 0},
    {"trigger", &az_type_trigger, 0},
    {"clean", &az_type_text, 0},
    {"fetchDepth", &az_type_text, 0},
    {"fetchFilter", &az_type_text, 0},
    {"fetchTags", &az_type_text, 0},
    {"lfs", &az_type_text, 0},
    {"persistCredentials", &az_type_text, 0},
    {"submodules", &az_type_text, 0},
};
static const struct az_form repository_forms[] = {AZ_FIRST("repository", repository_keys)};
static const struct az_type repository = AZ_MAPPING("a repository", 0, repository_forms);

static const struct az_key event_keys[] = {{"enabled", &az_type_bool, 0},
                                           {"branches", &filter, 0},
                                           {"stages", &az_type_texts, 0},
                                           {"tags", &az_type_texts, 0}};
static const struct az_form event_forms[] = AZ_FORMS(event_keys);
static const struct az_type event = AZ_MAPPING("none, true, or a mapping", AZ_TAKES_TEXT, event_forms);
static const struct az_key pipeline_keys[] = {
    {"pipeline", &az_type_filled, 0}, {"project", &az_type_text, 0},    {"source", &az_type_text, 0},
    {"version", &az_type_text, 0},    {"branch", &az_type_text, 0},     {"tags", &az_type_texts, 0},
    {"trigger", &event, 0},           {"connection", &az_type_text, 0},
};
static const struct az_form pipeline_forms[] = {AZ_FIRST("pipeline", pipeline_keys)};
static const struct az_type pipeline = AZ_MAPPING("a pipeline resource", 0, pipeline_forms);

static const struct az_key build_keys[] = {
    {"build", &az_type_filled, 0}, {"type", &az_type_text, 0},    {"connection", &az_type_text, 0},
    {"source", &az_type_text, 0},  {"version", &az_type_text, 0}, {"branch", &az_type_text, 0},
    {"trigger", &event, 0},
};
static const struct az_form build_forms[] = {AZ_FIRST("build", build_keys)};
static const struct az_type build = AZ_MAPPING("a build", 0, build_forms);
static const struct az_key package_keys[] = {
    {"package", &az_type_filled, 0}, {"type", &az_type_text, 0},    {"connection", &az_type_text, 0},
    {"name", &az_type_text, 0},      {"version", &az_type_text, 0}, {"tag", &az_type_text, 0},
    {"trigger", &event, 0},
};
static const struct az_form package_forms[] = {AZ_FIRST("package", package_keys)};
static const struct az_type package = AZ_MAPPING("a package", 0, package_forms);

static const struct az_key hook_filter_keys[] = {{"path", &az_type_filled, 0}, {"value", &az_type_text, 0}};
static const struct az_form hook_filter_forms[] = {AZ_FIRST("path", hook_filter_keys)};
static const struct az_type hook_filter = AZ_MAPPING("a filter of path and value", 0, hook_filter_forms);
static const struct az_type hook_filters = AZ_LIST("a list of filters", &hook_filter);
static const struct az_key webhook_keys[] = {
    {"webhook", &az_type_filled, 0},
    {"connection", &az_type_text, 0},
    {"type", &az_type_text, 0},
    {"filters", &hook_filters, 0},
};
static const struct az_form webhook_forms[] = {AZ_FIRST("webhook", webhook_keys)};
static const struct az_type webhook = AZ_MAPPING("a webhook", 0, webhook_forms);

static const struct az_type repositories = AZ_LIST("a list of repositories", &repository);
static const struct az_type pipelines = AZ_LIST("a list of pipelines", &pipeline);
static const struct az_type builds = AZ_LIST("a list of builds", &build);
static const struct az_type packages = AZ_LIST("a list of packages", &package);
static const struct az_type webhooks = AZ_LIST("a list of webhooks", &webhook);

static const struct az_key resources_keys[] = {
    {"repositories", &repositories, 0}, {"containers", &az_type_containers, 0},
    {"pipelines", &pipelines, 0},       {"builds", &builds, 0},
    {"packages", &packages, 0},         {"webhooks", &webhooks, 0},
};
static const struct az_form resources_forms[] = AZ_FORMS(resources_keys);
/* The old list says how self is checked out. */
static const struct az_key old_keys[] = {
    {"repo", &az_type_filled, AZ_KEY_OLD}, {"clean", &az_type_text, 0},
    {"fetchDepth", &az_type_text, 0},      {"lfs", &az_type_text, 0},
    {"submodules", &az_type_text, 0},      {"persistCredentials", &az_type_text, 0},
    {"fetchTags", &az_type_text, 0},
};
static const struct az_form old_forms[] = {AZ_FIRST("repo", old_keys)};
static const struct az_type old = AZ_MAPPING("a repository", 0, old_forms);
const struct az_type az_type_resources = {"a mapping of resources", .takes = AZ_TAKES_MAP | AZ_TAKES_LIST, .item = &old,
                                          .forms = resources_forms, .n_forms = ARRAY_LEN(resources_forms)};
