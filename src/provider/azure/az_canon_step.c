/*
 * az_canon_step.c - the canonical form of steps: every one is a task with inputs (specification 3.6, 4.1).
 *
 * The keys that all steps have keep their names; those of the shortcut become inputs. `checkout: none` and
 * `download: none` are tasks whose condition is false, as the service has them.
 */
#include "core/base.h"
#include "provider/azure/model_priv.h"
#include "provider/azure/schema_priv.h"

/* Where a key of a shortcut goes. */
struct input {
    const char *key, *input;
};
#define INPUTS_MAX 12
struct shortcut {
    const char *key, *task;
    const char *value;    /* the input that the shortcut's own value is; NULL: none */
    const char *fixed[4]; /* inputs that it always has: name, text; ends with NULL */
    struct input inputs[INPUTS_MAX];
};

#define POWERSHELL                                                                                                     \
    {                                                                                                                  \
        {"errorActionPreference", "errorActionPreference"}, {"failOnStderr", "failOnStderr"},                          \
            {"ignoreLASTEXITCODE", "ignoreLASTEXITCODE"}, {"workingDirectory", "workingDirectory"},                    \
        {                                                                                                              \
            NULL, NULL                                                                                                 \
        }                                                                                                              \
    }
static const struct shortcut shortcuts[] = {
    {"script",
     "CmdLine@2",
     "script",
     {NULL},
     {{"failOnStderr", "failOnStderr"}, {"workingDirectory", "workingDirectory"}, {NULL, NULL}}},
    {"bash",
     "Bash@3",
     "script",
     {"targetType", "inline", NULL},
     {{"failOnStderr", "failOnStderr"}, {"workingDirectory", "workingDirectory"}, {NULL, NULL}}},
    {"pwsh", "PowerShell@2", "script", {"targetType", "inline", NULL}, POWERSHELL},
    {"powershell", "PowerShell@2", "script", {"targetType", "inline", NULL}, POWERSHELL},
    {"checkout",
     AZ_CHECKOUT_TASK "@1",
     "repository",
     {NULL},
     {{"clean", "clean"},
      {"fetchDepth", "fetchDepth"},
      {"fetchFilter", "fetchFilter"},
      {"fetchTags", "fetchTags"},
      {"lfs", "lfs"},
      {"persistCredentials", "persistCredentials"},
      {"submodules", "submodules"},
      {"path", "path"},
      {"sparseCheckoutDirectories", "sparseCheckoutDirectories"},
      {"sparseCheckoutPatterns", "sparseCheckoutPatterns"},
      {"workspaceRepo", "workspaceRepo"},
      {NULL, NULL}}},
    {"download",
     AZ_DOWNLOAD_TASK "@1",
     "alias",
     {NULL},
     {{"artifact", "artifact"}, {"patterns", "patterns"}, {"path", "path"}, {NULL, NULL}}},
    {"publish", "PublishPipelineArtifact@1", "targetPath", {NULL}, {{"artifact", "artifact"}, {NULL, NULL}}},
    {"upload", "PublishPipelineArtifact@1", "targetPath", {NULL}, {{"artifact", "artifact"}, {NULL, NULL}}},
    {"downloadBuild",
     "DownloadBuildArtifacts@1",
     NULL,
     {NULL},
     {{"artifact", "artifactName"}, {"path", "downloadPath"}, {"patterns", "itemPattern"}, {NULL, NULL}}},
    {"getPackage", "DownloadPackage@1", "alias", {NULL}, {{"path", "downloadPath"}, {NULL, NULL}}},
    {"reviewApp", "ReviewApp@0", "resourceName", {NULL}, {{NULL, NULL}}},
};

static const struct shortcut *find_shortcut(const struct az_value *step)
{
    for (size_t i = 0; i < ARRAY_LEN(shortcuts); i++)
        if (step->object.n > 0 && str_is(step->object.p[0].key->text, shortcuts[i].key))
            return &shortcuts[i];
    return NULL;
}

/* An alias of resources.builds leads to another server, "current" to this run. */
static void add_build(struct arena *a, struct az_value *inputs, const struct az_value *alias)
{
    bool current = str_is_nocase(alias->text, "current");
    az_canon_add(a, inputs, "buildType", az_canon_text(a, current ? "current" : "specific", alias));
    if (!current)
        az_canon_add(a, inputs, "definition", alias);
}

static struct az_value *make_inputs(struct arena *a, const struct shortcut *s, const struct az_value *step)
{
    const struct az_value *own = step->object.p[0].value;
    struct az_value *inputs = az_at(a, az_object(a, false), own);
    inputs->node = NULL;
    for (size_t i = 0; i + 1 < ARRAY_LEN(s->fixed) && s->fixed[i] != NULL; i += 2)
        az_canon_add(a, inputs, s->fixed[i], az_canon_text(a, s->fixed[i + 1], own));
    if (s->value != NULL)
        az_canon_add(a, inputs, s->value, own);
    if (str_is(str_from(s->key), "downloadBuild"))
        add_build(a, inputs, own);
    if (str_is(str_from(s->key), "pwsh"))
        az_canon_add(a, inputs, "pwsh", az_canon_text(a, "true", own));
    for (const struct input *in = s->inputs; in->key != NULL; in++) {
        const struct az_value *v = az_get(step, str_from(in->key));
        if (v != NULL)
            az_canon_add(a, inputs, in->input, v);
    }
    const struct az_value *more = az_get(step, STR("inputs"));
    for (size_t i = 0; more != NULL && i < more->object.n; i++)
        if (az_get_nocase(inputs, more->object.p[i].key->text.p) == NULL)
            az_add(a, inputs, more->object.p[i].key, more->object.p[i].value);
    return inputs;
}

static struct az_value *make_target(struct arena *a, const struct az_value *v)
{
    static const struct az_place places[] = {
        {"container", NULL}, {"commands", NULL}, {"settableVariables", az_canon_texts}};
    if (v->kind == AZ_OBJECT)
        return az_canon_map(a, places, ARRAY_LEN(places), v);
    return str_trim(v->text).n == 0 ? NULL : az_canon_wrap(a, "container", v);
}

static const struct az_place step_places[] = {
    {"task", NULL},
    {"name", NULL},
    {"displayName", NULL},
    {"condition", NULL},
    {"continueOnError", NULL},
    {"enabled", NULL},
    {"timeoutInMinutes", NULL},
    {"retryCountOnTaskFailure", NULL},
    {"target", make_target},
    {"env", NULL},
    {"inputs", NULL},
};

static bool is_step_key(struct str key)
{
    for (size_t i = 1; i + 1 < ARRAY_LEN(step_places); i++)
        if (str_is(key, step_places[i].key))
            return true;
    return false;
}

static struct az_value *lower(struct arena *a, const struct shortcut *s, const struct az_value *step)
{
    const struct az_pair *first = &step->object.p[0];
    struct az_value *made = az_at(a, az_object(a, false), step);
    az_add(a, made, az_canon_text(a, "task", first->key), az_canon_text(a, s->task, first->key));
    bool left_out = (str_is(str_from(s->key), "checkout") || str_is(str_from(s->key), "download")) &&
                    str_is_nocase(str_trim(first->value->text), "none");
    if (left_out)
        az_canon_add(a, made, "condition", az_canon_text(a, "false", first->value));
    for (size_t i = 1; i < step->object.n; i++)
        if (is_step_key(step->object.p[i].key->text) && !(left_out && str_is(step->object.p[i].key->text, "condition")))
            az_add(a, made, step->object.p[i].key, step->object.p[i].value);
    struct az_value *inputs = make_inputs(a, s, step);
    if (inputs->object.n > 0)
        az_canon_add(a, made, "inputs", inputs);
    return made;
}

struct az_value *az_canon_step(struct arena *a, const struct az_value *v)
{
    const struct shortcut *s = find_shortcut(v);
    if (s != NULL)
        v = lower(a, s, v);
    return az_canon_map(a, step_places, ARRAY_LEN(step_places), v);
}

struct az_value *az_canon_steps(struct arena *a, const struct az_value *v)
{
    return az_canon_list(a, az_canon_step, v);
}
