#include "core/base.h"

#include "core/buf.h"
#include "provider/github/model_priv.h"
#include "provider/github/shell_priv.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

static const struct {
    const char *shell;
    bool bash;
    const char *argv; /* joined with | */
    const char *path;
} SHELLS[] = {
    {"", true, "bash|-e|/t/s.sh", "/t/s.sh"},
    {"", false, "sh|-e|/t/s.sh", "/t/s.sh"},
    {"bash", false, "bash|--noprofile|--norc|-e|-o|pipefail|/t/s.sh", "/t/s.sh"},
    {"BASH", true, "bash|--noprofile|--norc|-e|-o|pipefail|/t/s.sh", "/t/s.sh"},
    {"sh", true, "sh|-e|/t/s.sh", "/t/s.sh"},
    {"python", true, "python|/t/s.py", "/t/s.py"},
    {"pwsh", true, "pwsh|-command|. '/t/s.ps1'", "/t/s.ps1"},
    {"powershell", true, "pwsh|-command|. '/t/s.ps1'", "/t/s.ps1"},
    {"bash -x {0}", true, "bash|-x|/t/s.sh", "/t/s.sh"},
    {"python3 -X dev {0}", true, "python3|-X|dev|/t/s", "/t/s"},
    {"perl {0}", true, "perl|/t/s", "/t/s"},
    {"/usr/bin/bash -c \". {0}\" 'a b'", true, "/usr/bin/bash|-c|. /t/s.sh|'a|b'", "/t/s.sh"},
    {"env A={{x}} sh {0}", true, "env|A={x}|sh|/t/s", "/t/s"},
};

static void shells_become_processes(void **state)
{
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(SHELLS); i++) {
        CLEAN(arena) struct arena *a = arena_new();
        CLEAN(buf) struct buf b = BUF(BUF_LINE);
        struct gh_shell_ask ask = {.shell = str_from(SHELLS[i].shell),
                                   .have_bash = SHELLS[i].bash,
                                   .stem = STR("/t/s"),
                                   .script = STR("echo 1")};
        struct gh_shell sh;
        assert_int_equal(gh_shell_make(a, &ask, &sh, NULL), 0);
        for (size_t k = 0; k < sh.n_argv; k++)
            buf_printf(&b, "%s%.*s", k > 0 ? "|" : "", STR_ARG(sh.argv[k]));
        assert_string_equal(buf_cstr(&b), SHELLS[i].argv);
        assert_true(str_is(sh.path, SHELLS[i].path));
    }
}

static void scripts_are_left_alone_but_for_pwsh(void **state)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct gh_shell_ask ask = {.stem = STR("/t/s"), .script = STR("echo 1\r\n")};
    struct gh_shell sh;
    UNUSED(state);
    assert_int_equal(gh_shell_make(a, &ask, &sh, NULL), 0);
    assert_true(str_is(sh.text, "echo 1\r\n"));
    ask.shell = STR("pwsh");
    assert_int_equal(gh_shell_make(a, &ask, &sh, NULL), 0);
    assert_true(str_starts(sh.text, STR("$ErrorActionPreference = 'stop'\n")));
    assert_true(str_ends(sh.text, STR("{ exit $LASTEXITCODE }")));
}

static void a_word_that_is_no_shell_is_refused(void **state)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct gh_shell_ask ask = {.shell = STR("fish"), .stem = STR("/t/s"), .script = STR("x")};
    struct gh_shell sh;
    struct err err = {0};
    UNUSED(state);
    assert_int_equal(gh_shell_make(a, &ask, &sh, &err), -EINVAL);
    assert_string_equal(err.text, "Invalid shell option. Shell must be a valid built-in (bash, sh, cmd, powershell, "
                                  "pwsh) or a format string containing '{0}'");
}

static void uses_is_split(void **state)
{
    static const char *const BAD[] = {"checkout@v4", "actions/checkout", "actions/checkout@", "a/b@c@d", "/b@c", ""};
    struct str name, ref;
    struct err err = {0};
    UNUSED(state);
    assert_int_equal(gh_uses_parse(STR("actions/cache/save@v4"), &name, &ref, &err), 0);
    assert_true(str_is(name, "actions/cache/save"));
    assert_true(str_is(ref, "v4"));
    assert_int_equal(gh_uses_parse(STR("./x"), &name, &ref, &err), 0);
    assert_int_equal(ref.n, 0);
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++)
        assert_int_equal(gh_uses_parse(str_from(BAD[i]), &name, &ref, &err), -EINVAL);
    gh_uses_parse(STR("a/b"), &name, &ref, &err);
    assert_string_equal(err.text, "Expected format {org}/{repo}[/path]@ref. Actual 'a/b'");
    assert_string_equal(gh_native_find(STR("Actions/Checkout"))->name, "actions/checkout");
    assert_non_null(gh_native_find(STR("actions/cache")));
    assert_null(gh_native_find(STR("acme/cache")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shells_become_processes),
        cmocka_unit_test(scripts_are_left_alone_but_for_pwsh),
        cmocka_unit_test(a_word_that_is_no_shell_is_refused),
        cmocka_unit_test(uses_is_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
