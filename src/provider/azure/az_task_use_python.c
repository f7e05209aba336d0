/*
 * az_task_use_python.c - UsePythonVersion@0 (specification 9.6) with a Python of this machine, made an installation of
 * its own below the tools folder, where the service's tool cache has it.
 */
#include "core/base.h"
#include "provider/azure/process_priv.h"

enum { PYTHON_FIND, PYTHON_TOOL, PYTHON_DONE };

static const struct az_input INPUTS[] = {
    {.name = "versionSpec", .kind = AZ_INPUT_TEXT, .fallback = "3.x", .required = true},
    {.name = "disableDownloadFromRegistry", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "allowUnstable", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "githubToken", .kind = AZ_INPUT_TEXT},
    {.name = "addToPath", .kind = AZ_INPUT_BOOL, .fallback = "true"},
    {.name = "architecture", .kind = AZ_INPUT_TEXT, .fallback = "x64"},
    {0},
};

/* The task's default is x64 on any machine; an architecture counts only when the author has named one. */
static struct str asked_architecture(const struct az_task_run *t)
{
    bool said = map_get_str(&t->step->inputs, STR("architecture")).n > 0;
    return said ? az_input(t, "architecture") : az_architecture(t->run->facts);
}

static void not_found(struct az_task_run *t, struct str spec, struct str architecture)
{
    struct str list = interpreter_list(t->run->arena, t->run->facts, "python");
    az_say(t, "Python on this machine: %.*s", STR_ARG(list));
    az_fail(t, "Version spec %.*s for architecture %.*s did not match any version in Agent.ToolsDirectory.",
            STR_ARG(spec), STR_ARG(architecture));
}

/* x.y.z and more. */
static bool is_exact(struct str spec)
{
    unsigned parts = 0;
    struct str piece;
    while (str_next(&spec, '.', &piece))
        parts++;
    return parts >= 3;
}

static void begin_tool(struct az_task_run *t, const struct interpreter *found)
{
    struct az_run *r = t->run;
    struct tool *tool = ARENA_NEW(r->arena, struct tool);
    struct str architecture = az_architecture(r->facts);
    *tool = (struct tool){.arena = r->arena, .facts = r->facts, .found = found, .root = r->sources, .user_site = true};
    tool->plain = r->prefix.n > 0;
    tool->location = arena_printf(r->arena, "%.*s/Python/%.*s/%.*s", STR_ARG(r->tools), STR_ARG(found->version),
                                  STR_ARG(architecture));
    tool_init(tool);
    t->state = tool;
    t->at = PYTHON_TOOL;
}

static void find(struct az_task_run *t)
{
    struct az_run *r = t->run;
    struct str spec = az_input(t, "versionSpec"), architecture = asked_architecture(t);
    const struct interpreter *found = NULL;
    struct err err = {0};
    t->at = PYTHON_DONE;
    if (is_exact(spec))
        az_warn(t, "An exact version is not recommended: the service's images replace patch versions without notice.");
    int rc = az_python_find(r->arena, r->facts, spec, &found, &err);
    if (rc == 0 && str_eq_nocase(architecture, az_architecture(r->facts)))
        begin_tool(t, found);
    else if (rc == -ENOSYS || rc == -EINVAL)
        az_fail(t, "%s", err.text);
    else
        not_found(t, spec, architecture);
}

static void ready(struct az_task_run *t, const struct tool *tool)
{
    struct az_run *r = t->run;
    struct str name = arena_printf(r->arena, "UsePythonVersion %.*s", STR_ARG(az_input(t, "versionSpec")));
    az_say(t, "Found tool in cache: Python %.*s %.*s", STR_ARG(tool->found->version),
           STR_ARG(az_architecture(r->facts)));
    az_set_variable(t, STR("pythonLocation"), tool->location, false, true);
    if (az_input_bool(t, "addToPath")) {
        az_prepend_path(r, tool->location);
        az_prepend_path(r, tool->bin);
    }
    az_note(r, HOW_SUBSTITUTED, name, tool_words(r->arena, tool->found));
}

/* An op of the tool's, with the environment of a step. */
static void tool_op(struct az_task_run *t, struct op *op, const struct op *made)
{
    if (made->kind == OP_EXEC) {
        az_op_exec(t, op, made->argv, made->n_argv);
        op->cwd = made->cwd;
        return;
    }
    az_op_init(t, op, made->kind);
    unsigned token = op->token, step = op->step;
    *op = *made;
    op->token = token;
    op->step = step;
}

static enum drive use_python_next(struct az_task_run *t, struct op *op)
{
    struct op made = {0};
    if (t->at == PYTHON_FIND)
        find(t);
    if (t->at != PYTHON_TOOL)
        return DRIVE_DONE;
    struct tool *tool = t->state;
    if (tool_next(tool, &made)) {
        tool_op(t, op, &made);
        return DRIVE_OP;
    }
    t->at = PYTHON_DONE;
    if (tool->phase == TOOL_FAILED)
        az_fail(t, "%s", tool->err.text);
    else
        ready(t, tool);
    return DRIVE_DONE;
}

static void use_python_exited(struct az_task_run *t, const struct op_end *end)
{
    tool_exited(t->state, end);
}

const struct az_task az_task_use_python = {.name = "UsePythonVersion",
                                           .id = "33c63b11-352b-45a2-ba1b-54cb568a29ca",
                                           .majors = "0",
                                           .title = "Use Python version",
                                           .inputs = INPUTS,
                                           .next = use_python_next,
                                           .exited = use_python_exited};
