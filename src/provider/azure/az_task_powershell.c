/*
 * az_task_powershell.c - PowerShell@2 (specification 9.4): pwsh of this machine, when there is one, for a script with
 * preferences in front and the exit status of its last program behind.
 */
#include "core/base.h"
#include "provider/azure/process_priv.h"

enum { POWERSHELL_BEGIN, POWERSHELL_CHECKED, POWERSHELL_RUN, POWERSHELL_DONE };

static const struct az_input INPUTS[] = {
    {.name = "targetType", .kind = AZ_INPUT_TEXT, .fallback = "filePath"},
    {.name = "filePath", .kind = AZ_INPUT_PATH},
    {.name = "arguments", .kind = AZ_INPUT_TEXT},
    {.name = "script", .kind = AZ_INPUT_TEXT},
    {.name = "errorActionPreference", .kind = AZ_INPUT_TEXT, .fallback = "stop"},
    {.name = "warningPreference", .kind = AZ_INPUT_TEXT, .fallback = "default"},
    {.name = "informationPreference", .kind = AZ_INPUT_TEXT, .fallback = "default"},
    {.name = "verbosePreference", .kind = AZ_INPUT_TEXT, .fallback = "default"},
    {.name = "debugPreference", .kind = AZ_INPUT_TEXT, .fallback = "default"},
    {.name = "progressPreference", .kind = AZ_INPUT_TEXT, .fallback = "silentlyContinue"},
    {.name = "failOnStderr", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "showWarnings", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "ignoreLASTEXITCODE", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "pwsh", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "workingDirectory", .kind = AZ_INPUT_PATH},
    {.name = "runScriptInSeparateScope", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {0},
};

static const struct {
    const char *input, *variable;
} PREFERENCES[] = {
    {"errorActionPreference", "ErrorActionPreference"},
    {"warningPreference", "WarningPreference"},
    {"informationPreference", "InformationPreference"},
    {"verbosePreference", "VerbosePreference"},
    {"debugPreference", "DebugPreference"},
    {"progressPreference", "ProgressPreference"},
};

static bool is_file(const struct az_task_run *t)
{
    return str_is_nocase(az_input(t, "targetType"), "filePath");
}

/* 'text' as PowerShell quotes: quotes within are doubled. */
static void add_quoted(struct buf *b, struct str text)
{
    buf_add_ch(b, '\'');
    for (size_t i = 0; i < text.n; i++)
        buf_add_cstr(b, text.p[i] == '\'' ? "''" : (char[]){text.p[i], '\0'});
    buf_add_ch(b, '\'');
}

static bool is_preference(struct str value)
{
    static const char *const VALUES[] = {"stop", "continue", "silentlyContinue", "default"};
    for (size_t i = 0; i < ARRAY_LEN(VALUES); i++)
        if (str_is_nocase(value, VALUES[i]))
            return true;
    return false;
}

static void add_preferences(struct az_task_run *t, struct buf *b)
{
    for (size_t i = 0; i < ARRAY_LEN(PREFERENCES); i++) {
        struct str value = az_input(t, PREFERENCES[i].input);
        if (!is_preference(value))
            az_fail(t,
                    "Invalid action preference for %s: '%.*s'. The value must be one of: 'Default', 'Stop', "
                    "'Continue', 'SilentlyContinue'",
                    PREFERENCES[i].variable, STR_ARG(value));
        else if (!str_is_nocase(value, "default"))
            buf_printf(b, "$%s = '%.*s'\n", PREFERENCES[i].variable, STR_ARG(value));
    }
}

static void add_body(struct az_task_run *t, struct buf *b)
{
    struct str path = az_input_path(t, "filePath"), arguments = az_input(t, "arguments"),
               script = az_input(t, "script");
    size_t from = b->n;
    if (!is_file(t)) {
        buf_printf(b, "%.*s\n", STR_ARG(script));
        return;
    }
    buf_add_cstr(b, az_input_bool(t, "runScriptInSeparateScope") ? "& " : ". ");
    add_quoted(b, path);
    if (arguments.n > 0)
        buf_printf(b, " %.*s", STR_ARG(arguments));
    az_say(t, "Formatted command: %.*s", STR_ARG(str_from_index(buf_str(b), from)));
    buf_add_ch(b, '\n');
}

/* The whole file, with the mark of UTF-8 that PowerShell looks for. */
static struct str script_of(struct az_task_run *t)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    buf_add_cstr(&b, "\xef\xbb\xbf");
    add_preferences(t, &b);
    add_body(t, &b);
    if (!az_input_bool(t, "ignoreLASTEXITCODE"))
        buf_add_cstr(&b, "\nif (Test-Path -LiteralPath variable:\\LASTEXITCODE) { exit $LASTEXITCODE }\n");
    return arena_str(t->run->arena, buf_str(&b));
}

static enum drive run(struct az_task_run *t, struct op *op)
{
    struct az_process *p = ARENA_NEW(t->run->arena, struct az_process);
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    static const char *const WORDS[] = {"pwsh", "-NoLogo", "-NoProfile", "-NonInteractive", "-Command"};
    az_process_init(t, p, "PowerShell");
    t->state = p;
    t->at = POWERSHELL_RUN;
    az_say(t, "Generating script.");
    p->fail_on_stderr = az_input_bool(t, "failOnStderr");
    p->path = az_script_path(t->run, "ps1");
    p->script = script_of(t);
    if (t->result == AZ_FAILED)
        return DRIVE_DONE;
    az_say_ruler(t);
    az_process_folder(t, p, "workingDirectory");
    for (size_t i = 0; i < ARRAY_LEN(WORDS); i++)
        az_process_word(t, p, str_from(WORDS[i]));
    buf_add_cstr(&b, az_input_bool(t, "runScriptInSeparateScope") ? "& " : ". ");
    add_quoted(&b, p->path);
    az_process_word(t, p, arena_str(t->run->arena, buf_str(&b)));
    az_process_op(t, p, op);
    return DRIVE_OP;
}

static bool is_script_name(struct str path)
{
    return path.n > 4 && str_is_nocase(str_from_index(path, path.n - 4), ".ps1");
}

static enum drive begin(struct az_task_run *t, struct op *op)
{
    struct str kind = az_input(t, "targetType"), path = az_input_path(t, "filePath");
    if (az_program(t->run, "pwsh").n == 0)
        az_fail(t, "Unable to locate executable file: 'pwsh'. PowerShell is not on this machine");
    else if (!is_file(t) && !str_is_nocase(kind, "inline"))
        az_fail(t, "Invalid target type '%.*s'. The value must be one of: 'filepath' or 'inline'", STR_ARG(kind));
    else if (is_file(t) && !is_script_name(path))
        az_fail(t, "Invalid file path '%.*s'. A path to a .ps1 file is required.", STR_ARG(path));
    if (t->result == AZ_FAILED)
        return DRIVE_DONE;
    if (!is_file(t))
        return run(t, op);
    az_op_read(t, op, path, AZ_READ_MAX);
    return DRIVE_OP;
}

static enum drive powershell_next(struct az_task_run *t, struct op *op)
{
    if (t->at == POWERSHELL_BEGIN)
        return begin(t, op);
    return t->at == POWERSHELL_CHECKED ? run(t, op) : DRIVE_DONE;
}

static void powershell_exited(struct az_task_run *t, const struct op_end *end)
{
    struct str path = az_input_path(t, "filePath");
    if (t->at == POWERSHELL_RUN) {
        t->at = POWERSHELL_DONE;
        az_process_ended(t, t->state, end);
        return;
    }
    t->at = az_process_is_file(end) ? POWERSHELL_CHECKED : POWERSHELL_DONE;
    if (t->at == POWERSHELL_DONE)
        az_fail(t, "Invalid file path '%.*s'. A path to a .ps1 file is required.", STR_ARG(path));
}

const struct az_task az_task_powershell = {.name = "PowerShell",
                                           .id = "e213ff0f-5d5c-4791-802d-52ea3e7be1f1",
                                           .majors = "2",
                                           .title = "PowerShell",
                                           .inputs = INPUTS,
                                           .next = powershell_next,
                                           .exited = powershell_exited,
                                           .line = az_process_line};
