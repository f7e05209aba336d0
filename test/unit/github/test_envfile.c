#include "core/base.h"

#include "core/buf.h"
#include "provider/github/envfile_priv.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

static void add_pair(void *ctx, struct str name, struct str value)
{
    struct buf *b = ctx;
    buf_printf(b, "[%.*s|", STR_ARG(name));
    buf_add(b, value);
    buf_add_ch(b, ']');
}

static void add_folder(void *ctx, struct str folder)
{
    struct buf *b = ctx;
    buf_printf(b, "[%.*s]", STR_ARG(folder));
}

/* text -> the entries that were taken, and the sentence of the error behind them. */
static const struct {
    const char *text, *taken, *error;
} FILES[] = {
    {"", "", ""},
    {"A=1\n", "[A|1]", ""},
    {"A=1", "[A|1]", ""},
    {"\n\nA=1\n\nB=2\n", "[A|1][B|2]", ""},
    {"A=\n", "[A|]", ""},
    {"A = 1 \n", "[A | 1 ]", ""},
    {"A=1\r\n", "[A|1\r]", ""},
    {"A=x=y\n", "[A|x=y]", ""},
    {"A=1<<2\n", "[A|1<<2]", ""},
    {"A<<E\none\ntwo\nE\n", "[A|one\ntwo]", ""},
    {"A<<E\none\ntwo\nE", "[A|one\ntwo]", ""},
    {"A<<E\nE\nB=2\n", "[A|][B|2]", ""},
    {"A<<E\n\nE\n", "[A|]", ""},
    {"A<<E\n\n\nE\n", "[A|\n]", ""},
    {"A<<E\nx\n\nE\n", "[A|x\n]", ""},
    {"A<<E=F\nx\nE=F\n", "[A|x]", ""},
    {"A<< E\nx\nE\n E\n", "[A|x\nE]", ""},
    {"A<<E\nB=2\nC<<D\nE\n", "[A|B=2\nC<<D]", ""},
    {"A<<E\none\n", "", "Invalid value. Matching delimiter not found 'E'"},
    {"A<<E", "", "Invalid value. Matching delimiter not found 'E'"},
    {"A<<E\none", "", "Invalid value. EOF marker missing new line."},
    {"A<<\none\n", "", "Invalid format 'A<<'. Name must not be empty and delimiter must not be empty"},
    {"<<E\none\nE\n", "", "Invalid format '<<E'. Name must not be empty and delimiter must not be empty"},
    {"=x\n", "", "Invalid format '=x'. Name must not be empty"},
    {"foo\n", "", "Invalid format 'foo'"},
    {"A=1\nfoo\nB=2\n", "[A|1]", "Invalid format 'foo'"},
    {"\xEF\xBB\xBF"
     "A=1\n",
     "[A|1]", ""},
    {"A=1\nA=2\n", "[A|1][A|2]", ""},
    {"ghadelimiter<<ghadelimiter_1\n=\nghadelimiter_1\n", "[ghadelimiter|=]", ""},
};

static void entries_are_read_as_the_runner_reads_them(void **state)
{
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(FILES); i++) {
        CLEAN(arena) struct arena *a = arena_new();
        CLEAN(buf) struct buf b = BUF(BUF_LINE);
        struct err err = {0};
        int rc = gh_envfile_read(a, str_from(FILES[i].text), add_pair, &b, &err);
        assert_string_equal(buf_cstr(&b), FILES[i].taken);
        assert_string_equal(err.text, FILES[i].error);
        assert_int_equal(rc, FILES[i].error[0] != '\0' ? -EINVAL : 0);
    }
}

static void folders_are_lines(void **state)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    UNUSED(state);
    gh_pathfile_read(STR("/a\r\n\n/b c\n/d"), add_folder, &b);
    assert_string_equal(buf_cstr(&b), "[/a][/b c][/d]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_read_as_the_runner_reads_them),
        cmocka_unit_test(folders_are_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
