/*
 * gh_hook.c - scripts around every job ("Running scripts before or after a job"): "Set up runner" behind the setting up
 * and "Complete runner" behind the post steps, whatever came of the job. The service reads their names from its
 * runner's environment, of which --env is the equal here; what a workflow says of them counts for nothing.
 */
#include "core/base.h"
#include "provider/github/gh_run_priv.h"
#include "provider/process.h"

#include "provider/github/shell_priv.h"

static const struct {
    const char *variable, *title;
} HOOKS[] = {[GH_HOOK_STARTED] = {"ACTIONS_RUNNER_HOOK_JOB_STARTED", "Set up runner"},
             [GH_HOOK_COMPLETED] = {"ACTIONS_RUNNER_HOOK_JOB_COMPLETED", "Complete runner"}};

/* How the runner starts it, by the ending of its name; STR_NONE: it is none that could be started. */
static struct str command(struct arena *a, struct str path)
{
    struct str word;
    if (str_ends(path, STR(".sh"))) {
        word = process_word(a, path);
        return arena_printf(a, "exec bash --noprofile --norc -e -o pipefail %.*s", STR_ARG(word));
    }
    if (str_ends(path, STR(".ps1"))) {
        word = process_word(a, arena_printf(a, ". '%.*s'", STR_ARG(path)));
        return arena_printf(a, "exec pwsh -command %.*s", STR_ARG(word));
    }
    return STR_NONE;
}

static struct gh_text literal(struct arena *a, struct str text)
{
    return (struct gh_text){.set = true, .literal = text, .typed = value_string(a, text)};
}

void gh_hook_open(struct gh_run *r, enum gh_hook which)
{
    struct err err = {0};
    struct str path = map_get_str(&r->facts->env, str_from(HOOKS[which].variable)), paste;
    if (path.n == 0)
        return;
    struct gh_step *def = ARENA_NEW(r->arena, struct gh_step);
    *def = (struct gh_step){.kind = GH_STEP_RUN, .span = r->def->span, .shell = STR("sh")};
    def->run = literal(r->arena, command(r->arena, path));
    def->workdir = literal(r->arena, r->workspace);
    struct gh_task *t = gh_task_new(r, &r->job, def);
    t->early = true; /* it has no condition */
    t->action = &gh_script;
    t->name = str_from(HOOKS[which].title);
    if (def->run.literal.n == 0)
        gh_fail(t, "%.*s is not a valid path to a script. Make sure it ends in '.sh' or '.ps1'.", STR_ARG(path));
    else if (gh_script_prepare(r, t, &paste, &err) < 0)
        gh_fail(t, "%s", err.text);
    gh_task_open(t, STR_NONE);
}
