#include "core/base.h"
#include "provider/github/shell_priv.h"

#include "core/buf.h"
#include "core/path.h"
#include "core/vec.h"

#define PWSH_BEFORE "$ErrorActionPreference = 'stop'\n"
#define PWSH_AFTER "\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }"
#define SCRIPT_MAX ((size_t)4 << 20)

struct known {
    const char *word;
    const char *format; /* behind the program's name; quotes group */
    const char *ext, *before, *after;
};

/* "workflow syntax, jobs.<job_id>.steps[*].shell"; the first is what an unset shell means. */
static const struct known KNOWN[] = {
    {"bash", "--noprofile --norc -e -o pipefail {0}", ".sh", "", ""},
    {"sh", "-e {0}", ".sh", "", ""},
    {"python", "{0}", ".py", "", ""},
    {"pwsh", "-command \". '{0}'\"", ".ps1", PWSH_BEFORE, PWSH_AFTER},
    {"powershell", "-command \". '{0}'\"", ".ps1", PWSH_BEFORE, PWSH_AFTER},
    {"cmd", "/D /E:ON /V:OFF /S /C \"CALL \"{0}\"\"", ".cmd", "@echo off\n", ""},
};

static const struct known *known_find(struct str word)
{
    for (size_t i = 0; i < ARRAY_LEN(KNOWN); i++) {
        if (str_is_nocase(word, KNOWN[i].word))
            return &KNOWN[i];
    }
    return NULL;
}

/* One argument with {0} filled in; {{ and }} are single braces. */
static struct str fill(struct arena *a, struct str arg, struct str path)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE * 4);
    for (size_t i = 0; i < arg.n; i++) {
        struct str rest = str_from_index(arg, i);
        if (str_starts(rest, STR("{0}"))) {
            buf_add(&b, path);
            i += 2;
        } else {
            buf_add_ch(&b, arg.p[i]);
            if (str_starts(rest, STR("{{")) || str_starts(rest, STR("}}")))
                i++;
        }
    }
    return arena_str(a, buf_str(&b));
}

/* Splits on spaces; double quotes group and vanish, \" is a quote. Single quotes mean nothing here. */
static bool next_arg(struct str *rest, struct buf *word)
{
    size_t i = 0;
    bool quoted = false, any = false;
    buf_clear(word);
    while (i < rest->n && rest->p[i] == ' ')
        i++;
    for (; i < rest->n && (quoted || rest->p[i] != ' '); i++) {
        any = true;
        if (rest->p[i] == '"') {
            quoted = !quoted;
            continue;
        }
        if (rest->p[i] == '\\' && i + 1 < rest->n && rest->p[i + 1] == '"')
            i++;
        buf_add_ch(word, rest->p[i]);
    }
    *rest = str_from_index(*rest, i);
    return any;
}

static void make_argv(struct arena *a, struct str program, struct str format, struct gh_shell *ret)
{
    struct strs argv = {0};
    CLEAN(buf) struct buf word = BUF(BUF_LINE);
    vec_push_in(a, &argv, program);
    while (next_arg(&format, &word))
        vec_push_in(a, &argv, fill(a, buf_str(&word), ret->path));
    ret->argv = argv.p;
    ret->n_argv = argv.n;
}

static void make(struct arena *a, const struct gh_shell_ask *ask, struct str program, struct str format,
                 struct gh_shell *ret)
{
    const struct known *k = known_find(path_base(program));
    CLEAN(buf) struct buf text = BUF(SCRIPT_MAX);
    buf_add_cstr(&text, k != NULL ? k->before : "");
    buf_add(&text, ask->script);
    buf_add_cstr(&text, k != NULL ? k->after : "");
    ret->text = arena_str(a, buf_str(&text));
    ret->path = arena_printf(a, "%.*s%s", STR_ARG(ask->stem), k != NULL ? k->ext : "");
    ret->shown = arena_printf(a, "%.*s %.*s", STR_ARG(program), STR_ARG(format));
    make_argv(a, program, format, ret);
}

int gh_shell_make(struct arena *a, const struct gh_shell_ask *ask, struct gh_shell *ret, struct err *e)
{
    struct str shell = str_trim(ask->shell), word, rest;
    if (shell.n == 0) {
        make(a, ask, ask->have_bash ? STR("bash") : STR("sh"), STR("-e {0}"), ret);
        return 0;
    }
    bool custom = str_cut(shell, ' ', &word, &rest);
    const struct known *k = known_find(word);
    if (!custom && k != NULL) {
        /* powershell is only found on Windows machines; elsewhere the runner starts pwsh. */
        struct str program = str_from(k->word);
        make(a, ask, str_is(program, "powershell") ? STR("pwsh") : program, str_from(k->format), ret);
        return 0;
    }
    if (str_find(shell, STR("{0}")) < 0)
        return err_set(e, EINVAL,
                       "Invalid shell option. Shell must be a valid built-in (bash, sh, cmd, powershell, pwsh) or a "
                       "format string containing '{0}'");
    make(a, ask, word, rest, ret);
    return 0;
}
