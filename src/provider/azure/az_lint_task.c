/*
 * The linter's rules on tasks: those that are deprecated (26); artifacts of one name (28).
 */
#include "core/base.h"
#include "provider/azure/az_lint_priv.h"

/* ---- 26 ---- */

/* Tasks that say themselves that they are deprecated, by major version (empty: all), and what to take instead. */
static const struct {
    const char *name, *majors, *instead;
} old_tasks[] = {
    {"PublishCodeCoverageResults", "1", "PublishCodeCoverageResults@2"},
    {"PublishTestResults", "1", "PublishTestResults@2"},
    {"CopyFiles", "1", "CopyFiles@2"},
    {"CondaEnvironment", "", "a script that calls conda"},
    {"DotNetCoreInstaller", "", "UseDotNet@2"},
    {"DotNetCoreCLI", "0 1", "DotNetCoreCLI@2"},
    {"NuGetInstaller", "", "NuGetCommand@2"},
    {"NuGetRestore", "", "NuGetCommand@2"},
    {"NuGetPackager", "", "NuGetCommand@2"},
    {"NuGetPublisher", "", "NuGetCommand@2"},
    {"NuGet", "0", "NuGetCommand@2"},
    {"Npm", "0", "Npm@1"},
    {"PyPIPublisher", "", "TwineAuthenticate@1 and a script that calls twine"},
    {"VSTest", "1", "VSTest@2"},
    {"AppCenterDistribute", "", "a script: App Center is closed"},
    {"AppCenterTest", "", "a script: App Center is closed"},
    {"XamarinTestCloud", "", "another service: Xamarin Test Cloud is closed"},
    {"XamarinComponentRestore", "", "NuGetCommand@2"},
    {"QuickPerfTest", "", "Azure Load Testing"},
    {"CloudLoadTest", "", "Azure Load Testing"},
    {"ApacheJMeterLoadTest", "", "Azure Load Testing"},
    {"RunVisualStudioTestsusingTestAgent", "", "VSTest@2"},
    {"DeployVisualStudioTestAgent", "", "VSTest@2"},
    {"PowerShell", "1", "PowerShell@2"},
    {"CmdLine", "1", "CmdLine@2"},
};

void az_lint_old_task(struct az_lint *l, const struct az_step *s)
{
    for (size_t i = 0; i < ARRAY_LEN(old_tasks); i++) {
        struct str major;
        str_cut(s->version, '.', &major, &(struct str){0});
        bool version = old_tasks[i].majors[0] == '\0' ||
                       (major.n > 0 && az_lint_find_word(str_from(old_tasks[i].majors), 0, major) >= 0);
        const struct az_value *at = az_get_nocase(s->at, "task");
        if (az_lint_task(s, old_tasks[i].name) && version &&
            az_lint_warn(l, "AZ526", at ? at : s->at, "%.*s@%.*s is deprecated", STR_ARG(s->task), STR_ARG(s->version)))
            diag_hint(l->d, "take %s", old_tasks[i].instead);
    }
}

/* ---- 28 ---- */

/* The name under which a step publishes for the whole run, when it is a constant; else empty. */
static struct str constant_artifact(const struct az_step *s, const struct az_value **ret_at)
{
    static const char *const inputs[] = {"artifact", "artifactName"};
    if (!az_lint_task(s, "PublishPipelineArtifact") || !s->enabled)
        return STR("");
    for (size_t i = 0; i < ARRAY_LEN(inputs); i++) {
        struct str name = map_get_str(&s->inputs, str_from(inputs[i]));
        if (name.n == 0)
            continue;
        *ret_at = az_lint_input_at(s, inputs[i]);
        return str_find(name, STR("$(")) >= 0 ? STR("") : str_trim(name);
    }
    return STR("");
}

static void legs_publish(struct az_lint *l, const struct az_job *j, const struct az_value *at, struct str name)
{
    if (az_lint_warn(l, "AZ528", at, "Each leg of '%.*s' publishes '%.*s': the second one fails, as the name is taken",
                     STR_ARG(j->id), STR_ARG(name)))
        diag_hint(l->d, "put a variable of the leg into it: %.*s-$(System.JobName)", STR_ARG(name));
}

struct published {
    struct map names; /* MAP_NOCASE: name -> the step that is sure to publish it */
};

static void check_steps(struct az_lint *l, struct published *seen, const struct az_job *j, const struct az_steps *steps)
{
    for (size_t i = 0; i < steps->n; i++) {
        const struct az_value *at = NULL;
        const struct az_step *s = &steps->p[i];
        struct str name = constant_artifact(s, &at);
        if (name.n == 0)
            continue;
        /* a condition may well let one leg, or one of two steps, publish */
        if (s->condition.n > 0 && !str_is(str_trim(s->condition), "always()") &&
            !str_is(str_trim(s->condition), "succeededOrFailed()"))
            continue;
        if (az_lint_fans_out(j))
            legs_publish(l, j, at, name);
        else if (j->condition.n > 0 || j->deployment)
            continue;
        else if (!map_set(&seen->names, name, (void *)(uintptr_t)s) &&
                 az_lint_warn(l, "AZ528", at, "'%.*s' is published a second time: that fails, as the name is taken",
                              STR_ARG(name)))
            diag_hint(l->d, "give each its own name, or publish both at once");
    }
}

void az_lint_artifacts(struct az_lint *l)
{
    struct published seen;
    map_init(&seen.names, l->arena, MAP_NOCASE);
    for (size_t i = 0; i < l->p->n_stages; i++)
        for (size_t k = 0; k < l->p->stages[i].n_jobs; k++)
            if (l->p->stages[i].condition.n == 0)
                check_steps(l, &seen, &l->p->stages[i].jobs[k], &l->p->stages[i].jobs[k].steps);
}
