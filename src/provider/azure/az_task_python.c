/*
 * az_task_python.c - PythonScript@0 (specification 9.5): a Python for a file of the project or a script of the step.
 */
#include "core/base.h"
#include "provider/azure/process_priv.h"

enum { PYTHON_BEGIN, PYTHON_CHECKED, PYTHON_RUN, PYTHON_DONE };

static const struct az_input INPUTS[] = {
    {.name = "scriptSource", .alias = "targetType", .kind = AZ_INPUT_TEXT, .fallback = "filePath", .required = true},
    {.name = "scriptPath", .alias = "filePath", .kind = AZ_INPUT_PATH},
    {.name = "script", .kind = AZ_INPUT_TEXT},
    {.name = "arguments", .kind = AZ_INPUT_TEXT},
    {.name = "pythonInterpreter", .kind = AZ_INPUT_TEXT},
    {.name = "workingDirectory", .kind = AZ_INPUT_PATH},
    {.name = "failOnStderr", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {0},
};

static bool is_file(const struct az_task_run *t)
{
    return str_is_nocase(az_input(t, "scriptSource"), "filePath");
}

static void begin(struct az_task_run *t, struct az_process *p)
{
    struct str script = az_input(t, "script"), path = az_input_path(t, "scriptPath");
    if (!is_file(t)) {
        if (az_script_is_short(script))
            az_say(t, "%.*s", STR_ARG(script));
        p->script = script;
        p->path = path = az_script_path(t->run, "py");
    }
    az_process_word(t, p, path);
    az_process_line_words(t, p, az_input(t, "arguments"));
}

static enum drive run(struct az_task_run *t, struct op *op)
{
    struct az_process *p = ARENA_NEW(t->run->arena, struct az_process);
    struct str python = az_input(t, "pythonInterpreter");
    if (python.n == 0)
        python = STR("python");
    az_process_init(t, p, "Python");
    p->exited = arena_printf(t->run->arena, "The process '%.*s' failed with exit code ", STR_ARG(python)).p;
    p->exited_end = "";
    p->wrote = arena_printf(t->run->arena,
                            "The process '%.*s' failed because one or more lines were written to the STDERR stream",
                            STR_ARG(python))
                   .p;
    p->fail_on_stderr = az_input_bool(t, "failOnStderr");
    az_process_folder(t, p, "workingDirectory");
    az_process_word(t, p, python);
    begin(t, p);
    az_process_op(t, p, op);
    t->state = p;
    t->at = PYTHON_RUN;
    return DRIVE_OP;
}

static enum drive python_next(struct az_task_run *t, struct op *op)
{
    const char *needed = is_file(t) ? "scriptPath" : "script";
    if (t->at == PYTHON_BEGIN && az_input(t, needed).n == 0) {
        az_fail(t, "The `%s` parameter is required", needed);
        return DRIVE_DONE;
    }
    if (t->at == PYTHON_BEGIN && is_file(t)) {
        az_op_read(t, op, az_input_path(t, "scriptPath"), AZ_READ_MAX);
        return DRIVE_OP;
    }
    return t->at == PYTHON_BEGIN || t->at == PYTHON_CHECKED ? run(t, op) : DRIVE_DONE;
}

static void python_exited(struct az_task_run *t, const struct op_end *end)
{
    struct str path = az_input_path(t, "scriptPath");
    if (t->at == PYTHON_RUN) {
        t->at = PYTHON_DONE;
        az_process_ended(t, t->state, end);
        return;
    }
    t->at = az_process_is_file(end) ? PYTHON_CHECKED : PYTHON_DONE;
    if (t->at == PYTHON_DONE)
        az_fail(t, "The given path was not to a file: '%.*s'.", STR_ARG(path));
}

const struct az_task az_task_python_script = {.name = "PythonScript",
                                              .id = "6392f95f-7e76-4a18-b3c7-7f078d2f7700",
                                              .majors = "0",
                                              .title = "Python script",
                                              .inputs = INPUTS,
                                              .next = python_next,
                                              .exited = python_exited,
                                              .line = az_process_line};
