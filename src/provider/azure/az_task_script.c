/*
 * az_task_script.c - CmdLine@2, Bash@3 and ShellScript@2 (specification 9.2, 9.3): a bash for a script. Nothing is set
 * for it: no -e and no pipefail, so that the last command's status counts.
 */
#include "core/base.h"
#include "provider/azure/process_priv.h"

#include "core/path.h"

enum { SCRIPT_BEGIN, SCRIPT_CHECKED, SCRIPT_RUN, SCRIPT_DONE };

static const struct az_input CMDLINE_INPUTS[] = {
    {.name = "script", .kind = AZ_INPUT_TEXT, .required = true},
    {.name = "workingDirectory", .kind = AZ_INPUT_PATH},
    {.name = "failOnStderr", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "ignoreHostExpression", .kind = AZ_INPUT_BOOL, .fallback = "true"},
    {0},
};

static const struct az_input BASH_INPUTS[] = {
    {.name = "targetType", .kind = AZ_INPUT_TEXT, .fallback = "filePath"},
    {.name = "filePath", .kind = AZ_INPUT_PATH},
    {.name = "arguments", .kind = AZ_INPUT_TEXT},
    {.name = "script", .kind = AZ_INPUT_TEXT},
    {.name = "workingDirectory", .kind = AZ_INPUT_PATH},
    {.name = "failOnStderr", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "bashEnvValue", .kind = AZ_INPUT_TEXT},
    {0},
};

static const struct az_input SHELL_INPUTS[] = {
    {.name = "scriptPath", .kind = AZ_INPUT_PATH, .required = true},
    {.name = "args", .kind = AZ_INPUT_TEXT},
    {.name = "disableAutoCwd", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "cwd", .kind = AZ_INPUT_PATH},
    {.name = "failOnStandardError", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {0},
};

static struct az_process *begin(struct az_task_run *t, const char *stderr_input)
{
    struct az_process *p = ARENA_NEW(t->run->arena, struct az_process);
    az_process_init(t, p, "Bash");
    p->fail_on_stderr = az_input_bool(t, stderr_input);
    t->state = p;
    return p;
}

static void say_script(struct az_task_run *t, struct str text)
{
    if (!az_script_is_short(text))
        return;
    az_say(t, "Script contents:");
    az_say(t, "%.*s", STR_ARG(text));
}

static void script_file(struct az_task_run *t, struct az_process *p, struct str text)
{
    p->script = text;
    p->path = az_script_path(t->run, "sh");
}

/* ---- CmdLine ---- */

static enum drive cmdline_next(struct az_task_run *t, struct op *op)
{
    if (t->at != SCRIPT_BEGIN)
        return DRIVE_DONE;
    struct az_process *p = begin(t, "failOnStderr");
    struct str script = az_input(t, "script");
    az_process_folder(t, p, "workingDirectory");
    script_file(t, p, script);
    az_say(t, "Generating script.");
    say_script(t, script);
    az_say_ruler(t);
    az_process_word(t, p, STR("bash"));
    az_process_word(t, p, STR("--noprofile"));
    az_process_word(t, p, STR("--norc"));
    az_process_word(t, p, p->path);
    az_process_op(t, p, op);
    t->at = SCRIPT_RUN;
    return DRIVE_OP;
}

/* ---- Bash ---- */

static bool is_file_path(const struct az_task_run *t)
{
    return str_is_nocase(az_input(t, "targetType"), "filePath");
}

/* exec bash 'PATH' ARGUMENTS: the file's first line is not looked at, and arguments are bash's own to split. */
static struct str file_command(struct az_task_run *t)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    struct str path = az_input_path(t, "filePath"), arguments = az_input(t, "arguments");
    buf_add_cstr(&b, "exec bash '");
    for (size_t i = 0; i < path.n; i++) {
        if (path.p[i] == '\'')
            buf_add_cstr(&b, "'\\''");
        else
            buf_add_ch(&b, path.p[i]);
    }
    buf_printf(&b, "' %.*s", STR_ARG(arguments));
    return arena_str(t->run->arena, str_trim(buf_str(&b)));
}

static void bash_env(struct az_task_run *t, struct op *op)
{
    struct str name = STR("BASH_ENV"), value = az_input(t, "bashEnvValue"), before = map_get_str(&t->env, name);
    if (value.n == 0)
        return;
    if (before.n > 0)
        az_say(
            t,
            "The BASH_ENV environment variable has already been set to a '%.*s', the task will override it with '%.*s'",
            STR_ARG(before), STR_ARG(value));
    az_op_env(t, op, name, value);
}

static enum drive bash_run(struct az_task_run *t, struct op *op)
{
    struct az_process *p = begin(t, "failOnStderr");
    struct str text = is_file_path(t) ? file_command(t) : az_input(t, "script");
    az_process_folder(t, p, "workingDirectory");
    script_file(t, p, text);
    az_say(t, "Generating script.");
    if (is_file_path(t))
        az_say(t, "Formatted command: %.*s", STR_ARG(text));
    else
        say_script(t, text);
    az_say_ruler(t);
    az_process_word(t, p, STR("bash"));
    az_process_word(t, p, p->path);
    az_process_op(t, p, op);
    bash_env(t, op);
    t->at = SCRIPT_RUN;
    return DRIVE_OP;
}

static enum drive bash_next(struct az_task_run *t, struct op *op)
{
    if (t->at == SCRIPT_BEGIN && is_file_path(t)) {
        struct str path = az_input_path(t, "filePath");
        if (az_input(t, "filePath").n == 0) {
            az_fail(t, "Input required: filePath");
            return DRIVE_DONE;
        }
        az_op_read(t, op, path, AZ_READ_MAX);
        return DRIVE_OP;
    }
    if (t->at == SCRIPT_BEGIN || t->at == SCRIPT_CHECKED)
        return bash_run(t, op);
    return DRIVE_DONE;
}

static void checked(struct az_task_run *t, const struct op_end *end, const char *input, const char *sentence,
                    const char *rest)
{
    struct str path = az_input_path(t, input);
    t->at = SCRIPT_CHECKED;
    if (az_process_is_file(end))
        return;
    az_fail(t, "%s%.*s%s", sentence, STR_ARG(path), rest);
    t->at = SCRIPT_DONE;
}

static void process_exited(struct az_task_run *t, const struct op_end *end)
{
    t->at = SCRIPT_DONE;
    az_process_ended(t, t->state, end);
}

static void bash_exited(struct az_task_run *t, const struct op_end *end)
{
    if (t->at == SCRIPT_RUN)
        process_exited(t, end);
    else
        checked(t, end, "filePath", "Invalid file path '", "'.");
}

/* ---- ShellScript ---- */

static enum drive shell_run(struct az_task_run *t, struct op *op)
{
    struct az_process *p = begin(t, "failOnStandardError");
    struct str path = az_input_path(t, "scriptPath");
    p->exited = "Bash failed with error: The process '/bin/bash' failed with exit code ";
    p->exited_end = "";
    p->wrote = "Bash failed with error: The process '/bin/bash' failed because one or more lines were written to the "
               "STDERR stream";
    az_process_folder(t, p, "cwd");
    if (az_input(t, "cwd").n == 0 && !az_input_bool(t, "disableAutoCwd"))
        p->cwd = path_dir(path);
    az_process_word(t, p, STR("bash"));
    az_process_word(t, p, path);
    az_process_line_words(t, p, az_input(t, "args"));
    az_process_op(t, p, op);
    t->at = SCRIPT_RUN;
    return DRIVE_OP;
}

static enum drive shell_next(struct az_task_run *t, struct op *op)
{
    if (t->at == SCRIPT_BEGIN) {
        az_op_read(t, op, az_input_path(t, "scriptPath"), AZ_READ_MAX);
        return DRIVE_OP;
    }
    return t->at == SCRIPT_CHECKED ? shell_run(t, op) : DRIVE_DONE;
}

static void shell_exited(struct az_task_run *t, const struct op_end *end)
{
    if (t->at == SCRIPT_RUN)
        process_exited(t, end);
    else
        checked(t, end, "scriptPath", "Bash failed with error: Not found scriptPath: ", "");
}

const struct az_task az_task_cmdline = {.name = "CmdLine",
                                        .id = "d9bafed4-0b18-4f58-968d-86655b4d2ce9",
                                        .majors = "2",
                                        .title = "Command line",
                                        .inputs = CMDLINE_INPUTS,
                                        .next = cmdline_next,
                                        .exited = process_exited,
                                        .line = az_process_line};
const struct az_task az_task_bash = {.name = "Bash",
                                     .id = "6c731c3c-3c68-459a-a5c9-bde6e6595b5b",
                                     .majors = "3",
                                     .title = "Bash",
                                     .inputs = BASH_INPUTS,
                                     .next = bash_next,
                                     .exited = bash_exited,
                                     .line = az_process_line};
const struct az_task az_task_shell_script = {.name = "ShellScript",
                                             .id = "6c731c3c-3c68-459a-a5c9-bde6e6595b5b",
                                             .majors = "2",
                                             .title = "Shell script",
                                             .inputs = SHELL_INPUTS,
                                             .next = shell_next,
                                             .exited = shell_exited,
                                             .line = az_process_line};
