/*
 * az_task_package.c - tasks that are one command of a program on PATH (specification 9.12): Npm@1, Go@0, CMake@1. What
 * they do beside that command is refused by name where it was asked for.
 */
#include "core/base.h"
#include "provider/azure/process_priv.h"

static const struct az_input NPM_INPUTS[] = {
    {.name = "command", .kind = AZ_INPUT_TEXT, .fallback = "install", .required = true},
    {.name = "workingDir", .kind = AZ_INPUT_PATH},
    {.name = "verbose", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "customCommand", .kind = AZ_INPUT_TEXT},
    {.name = "customRegistry", .kind = AZ_INPUT_TEXT, .fallback = "useNpmrc"},
    {.name = "customFeed", .kind = AZ_INPUT_TEXT},
    {.name = "customEndpoint", .kind = AZ_INPUT_TEXT},
    {.name = "publishRegistry", .kind = AZ_INPUT_TEXT},
    {.name = "publishFeed", .kind = AZ_INPUT_TEXT},
    {.name = "publishPackageMetadata", .kind = AZ_INPUT_BOOL},
    {.name = "publishEndpoint", .kind = AZ_INPUT_TEXT},
    {0},
};
static const struct az_input GO_INPUTS[] = {
    {.name = "command", .kind = AZ_INPUT_TEXT, .fallback = "get", .required = true},
    {.name = "customCommand", .kind = AZ_INPUT_TEXT},
    {.name = "arguments", .kind = AZ_INPUT_TEXT},
    {.name = "workingDirectory", .kind = AZ_INPUT_PATH},
    {0},
};
static const struct az_input CMAKE_INPUTS[] = {
    {.name = "cwd", .alias = "workingDirectory", .kind = AZ_INPUT_PATH, .fallback = "build"},
    {.name = "cmakeArgs", .kind = AZ_INPUT_TEXT},
    {.name = "runInsideShell", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {0},
};

static struct az_process *process_new(struct az_task_run *t, const char *program, const char *failed)
{
    struct az_process *p = ARENA_NEW(t->run->arena, struct az_process);
    az_process_init(t, p, program);
    p->exited = failed;
    p->exited_end = "";
    az_process_word(t, p, str_from(program));
    t->state = p;
    return p;
}

static enum drive started(struct az_task_run *t, struct op *op)
{
    struct az_process *p = t->state;
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (size_t i = 0; i < p->n; i++)
        buf_printf(&b, "%s%.*s", i > 0 ? " " : "", STR_ARG(p->argv[i]));
    az_say(t, "[command]%.*s", STR_ARG(buf_str(&b)));
    az_process_op(t, p, op);
    t->at = 1;
    return DRIVE_OP;
}

static void package_exited(struct az_task_run *t, const struct op_end *end)
{
    az_process_ended(t, t->state, end);
}

/* ---- Npm ---- */

static bool npm_can(struct az_task_run *t, struct str command)
{
    if (str_is_nocase(command, "publish"))
        az_fail(t, "Npm@1 publish: a registry is asked through a service connection, and there is none here");
    else if (str_is_nocase(az_input(t, "customRegistry"), "useFeed"))
        az_fail(t, "Npm@1 with useFeed: the feeds of Azure Artifacts are not here");
    else if (az_input(t, "customEndpoint").n > 0)
        az_note(t->run, HOW_SUBSTITUTED, STR("Npm@1 customEndpoint"),
                STR("there are no service connections here: npm asks with the machine's own credentials"));
    return t->result != AZ_FAILED;
}

static enum drive npm_next(struct az_task_run *t, struct op *op)
{
    struct str command = az_input(t, "command");
    bool custom = str_is_nocase(command, "custom");
    if (t->at != 0 || !npm_can(t, command))
        return DRIVE_DONE;
    struct az_process *p = process_new(t, "npm", "Npm failed with return code: ");
    az_process_folder(t, p, "workingDir");
    if (custom)
        az_process_line_words(t, p, az_input(t, "customCommand"));
    else if (str_is_nocase(command, "install") || str_is_nocase(command, "ci"))
        az_process_word(t, p, command);
    else
        az_fail(t, "Unknown command: %.*s", STR_ARG(command));
    if (t->result == AZ_FAILED)
        return DRIVE_DONE;
    if (az_input_bool(t, "verbose") && !custom)
        az_process_word(t, p, STR("--verbose"));
    return started(t, op);
}

/* ---- Go ---- */

static enum drive go_next(struct az_task_run *t, struct op *op)
{
    struct str command = az_input(t, "command");
    if (t->at != 0)
        return DRIVE_DONE;
    struct az_process *p =
        process_new(t, "go", "The Go task failed with an error: the process 'go' failed with exit code ");
    az_process_folder(t, p, "workingDirectory");
    if (str_is_nocase(command, "custom"))
        az_process_line_words(t, p, az_input(t, "customCommand"));
    else
        az_process_word(t, p, command);
    az_process_line_words(t, p, az_input(t, "arguments"));
    return started(t, op);
}

/* ---- CMake ---- */

/* Its folder is made: `build` by default. With runInsideShell the arguments are the shell's to split. */
static enum drive cmake_next(struct az_task_run *t, struct op *op)
{
    struct str arguments = az_input(t, "cmakeArgs");
    if (t->at != 0)
        return DRIVE_DONE;
    struct az_process *p = process_new(t, "sh", "CMake failed with error: the process 'cmake' failed with exit code ");
    struct str folder = az_input_path(t, "cwd");
    az_process_word(t, p, STR("-c"));
    if (az_input_bool(t, "runInsideShell")) {
        az_process_word(
            t, p, arena_printf(t->run->arena, "mkdir -p \"$0\" && cd \"$0\" && exec cmake %.*s", STR_ARG(arguments)));
        az_process_word(t, p, folder);
    } else {
        az_process_word(t, p, STR("mkdir -p \"$0\" && cd \"$0\" && exec cmake \"$@\""));
        az_process_word(t, p, folder);
        az_process_line_words(t, p, arguments);
    }
    az_say(t, "[command]cmake %.*s", STR_ARG(arguments));
    az_process_op(t, p, op);
    t->at = 1;
    return DRIVE_OP;
}

const struct az_task az_task_npm = {.name = "Npm",
                                    .id = "fe47e961-9fa8-4106-8639-368c022d43ad",
                                    .majors = "1",
                                    .title = "npm",
                                    .inputs = NPM_INPUTS,
                                    .next = npm_next,
                                    .exited = package_exited,
                                    .line = az_process_line};
const struct az_task az_task_go = {.name = "Go",
                                   .id = "34b37fdd-bbf7-4ef1-b37c-9652ca7bb355",
                                   .majors = "0",
                                   .title = "Go",
                                   .inputs = GO_INPUTS,
                                   .next = go_next,
                                   .exited = package_exited,
                                   .line = az_process_line};
const struct az_task az_task_cmake = {.name = "CMake",
                                      .id = "7d831c3c-3c68-459a-a5c9-bde6e659596c",
                                      .majors = "1",
                                      .title = "CMake",
                                      .inputs = CMAKE_INPUTS,
                                      .next = cmake_next,
                                      .exited = package_exited,
                                      .line = az_process_line};
