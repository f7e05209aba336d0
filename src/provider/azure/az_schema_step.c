/*
 * az_schema_step.c - the tables of steps: which keys each kind has beside those of all (specification 3.6).
 *
 * The service's generated schema has no `target` for `task:`, though its documentation does: it is a common key here.
 */
#include "core/base.h"
#include "provider/azure/schema_priv.h"

static const char *const command_words[] = {"any", "restricted", NULL};
static const struct az_type commands = {"any or restricted", .takes = AZ_TAKES_TEXT, .text = AZ_TEXT_WORD,
                                        .words = command_words};
static const struct az_key target_keys[] = {
    {"container", &az_type_text, 0},
    {"commands", &commands, 0},
    {"settableVariables", &az_type_text_or_texts, 0},
};
static const struct az_form target_forms[] = {{NULL, .keys = target_keys, .n_keys = ARRAY_LEN(target_keys)}};
static const struct az_type target = {"host, a container, or a mapping", .takes = AZ_TAKES_TEXT | AZ_TAKES_MAP,
                                      .forms = target_forms, .n_forms = ARRAY_LEN(target_forms)};
static const struct az_type inputs = {"a mapping of inputs", .takes = AZ_TAKES_MAP, .values = &az_type_text};

static const struct az_key common[] = {
    {"name", &az_type_name, 0},
    {"displayName", &az_type_text, 0},
    {"condition", &az_type_text, 0},
    {"continueOnError", &az_type_bool, 0},
    {"enabled", &az_type_bool, 0},
    {"env", &az_type_env, 0},
    {"timeoutInMinutes", &az_type_number, 0},
    {"retryCountOnTaskFailure", &az_type_number, 0},
    {"target", &target, 0},
};

static const struct az_key script[] = {
    {"script", &az_type_text, 0},
    {"failOnStderr", &az_type_bool, 0},
    {"workingDirectory", &az_type_text, 0},
};
static const struct az_key bash[] = {
    {"bash", &az_type_text, 0},
    {"failOnStderr", &az_type_bool, 0},
    {"workingDirectory", &az_type_text, 0},
};
static const char *const preference_words[] = {"default", "stop", "continue", "silentlyContinue", NULL};
static const struct az_type preference = {"default, stop, continue or silentlyContinue", .takes = AZ_TAKES_TEXT,
                                          .text = AZ_TEXT_WORD, .words = preference_words};
#define POWERSHELL                                                                                                     \
    {"errorActionPreference", &preference, 0}, {"failOnStderr", &az_type_bool, 0},                                     \
        {"ignoreLASTEXITCODE", &az_type_bool, 0},                                                                      \
    {                                                                                                                  \
        "workingDirectory", &az_type_text, 0                                                                           \
    }
static const struct az_key powershell[] = {{"powershell", &az_type_text, 0}, POWERSHELL};
static const struct az_key pwsh[] = {{"pwsh", &az_type_text, 0}, POWERSHELL};
static const struct az_key task[] = {{"task", &az_type_filled, 0}, {"inputs", &inputs, 0}};
static const struct az_key checkout[] = {
    {"checkout", &az_type_filled, 0},
    {"clean", &az_type_text, 0},
    {"fetchDepth", &az_type_text, 0},
    {"fetchFilter", &az_type_text, 0},
    {"fetchTags", &az_type_text, 0},
    {"lfs", &az_type_text, 0},
    {"persistCredentials", &az_type_text, 0},
    {"submodules", &az_type_text, 0},
    {"path", &az_type_text, 0},
    {"sparseCheckoutDirectories", &az_type_text, 0},
    {"sparseCheckoutPatterns", &az_type_text, 0},
    {"workspaceRepo", &az_type_text, 0},
};
static const struct az_key download[] = {
    {"download", &az_type_filled, 0},
    {"artifact", &az_type_text, 0},
    {"patterns", &az_type_text, 0},
    {"path", &az_type_text, AZ_KEY_STRANGE},
};
static const struct az_key publish[] = {{"publish", &az_type_text, 0}, {"artifact", &az_type_text, 0}};
static const struct az_key upload[] = {{"upload", &az_type_text, 0}, {"artifact", &az_type_text, 0}};
static const struct az_key download_build[] = {
    {"downloadBuild", &az_type_filled, 0}, {"artifact", &az_type_text, 0}, {"path", &az_type_text, 0},
    {"patterns", &az_type_text, 0},        {"inputs", &inputs, 0},
};
static const struct az_key get_package[] = {{"getPackage", &az_type_filled, 0}, {"path", &az_type_text, 0}};
static const struct az_key review_app[] = {{"reviewApp", &az_type_filled, 0}};
static const struct az_key included[] = {{"template", &az_type_filled, 0}, {"parameters", &az_type_any, 0}};

#define STEP(first, own)                                                                                               \
    {                                                                                                                  \
        first, own, common, ARRAY_LEN(own), ARRAY_LEN(common)                                                          \
    }
static const struct az_form forms[] = {
    STEP("script", script),
    STEP("bash", bash),
    STEP("pwsh", pwsh),
    STEP("powershell", powershell),
    STEP("task", task),
    STEP("checkout", checkout),
    STEP("download", download),
    STEP("publish", publish),
    STEP("downloadBuild", download_build),
    STEP("getPackage", get_package),
    STEP("reviewApp", review_app),
    STEP("upload", upload),
    {"template", .keys = included, .n_keys = ARRAY_LEN(included)},
};
const struct az_type az_type_step = {"a step", .takes = AZ_TAKES_MAP, .forms = forms, .n_forms = ARRAY_LEN(forms)};
const struct az_type az_type_steps = {"a list of steps", .takes = AZ_TAKES_LIST, .item = &az_type_step};
