#include "core/base.h"

#include "core/buf.h"
#include "provider/github/command_priv.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

/* kind, properties and data of a command as one line; "-" for plain output. */
static void shown(struct buf *b, const char *line, const char *resume)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct gh_command c;
    if (!gh_command_parse(a, str_from(line), str_from(resume), &c)) {
        buf_add_cstr(b, "-");
        return;
    }
    buf_printf(b, "%d", (int)c.kind);
    for (size_t i = 0; i < c.n_props; i++)
        buf_printf(b, " %.*s=%.*s", STR_ARG(c.props[i].key), STR_ARG(c.props[i].value));
    buf_printf(b, " [%.*s]", STR_ARG(c.data));
}

static const struct {
    const char *line;
    int kind; /* -1: plain output */
    const char *rest;
} LINES[] = {
    {"::debug::hello", GH_CMD_DEBUG, " [hello]"},
    {"  \t::debug::hello", GH_CMD_DEBUG, " [hello]"},
    {"::DEBUG::hello", GH_CMD_DEBUG, " [hello]"},
    {"x ::debug::hello", -1, ""},
    {"::debug:hello", -1, ""},
    {"::nothing::hello", -1, ""},
    {"::debug", -1, ""},
    {"::debug ::hello", GH_CMD_DEBUG, " [hello]"},
    {"::set-output name=a::100%25", GH_CMD_SET_OUTPUT, " name=a [100%]"},
    {"::set-output name=a::x::y", GH_CMD_SET_OUTPUT, " name=a [x::y]"},
    {"::set-output name=a,b=c::%0Ax%0D", GH_CMD_SET_OUTPUT, " name=a b=c [\nx\r]"},
    {"::error file=a%3Ab.py,line=1,title=x%2Cy %25::oops", GH_CMD_ERROR, " file=a:b.py line=1 title=x,y % [oops]"},
    {"::error file=,line=1,=x,nope::oops", GH_CMD_ERROR, " line=1 [oops]"},
    {"::error   file=a, line=1  ::oops", GH_CMD_ERROR, " file=a  line=1 [oops]"},
    {"::error file=a=b::oops", GH_CMD_ERROR, " file=a=b [oops]"},
    {"::error::a%2Cb%3A", GH_CMD_ERROR, " [a%2Cb%3A]"},
    {"::warning::", GH_CMD_WARNING, " []"},
    {"::group::Build", GH_CMD_GROUP, " [Build]"},
    {"::endgroup::", GH_CMD_ENDGROUP, " []"},
    {"##[group]Build", GH_CMD_GROUP, " [Build]"},
    {"before ##[error]after", GH_CMD_ERROR, " [after]"},
    {"##[error file=a;line=3%3B]x%5Dy%3B", GH_CMD_ERROR, " file=a line=3; [x]y;]"},
    {"##[nothing]x", -1, ""},
    {"##[error", -1, ""},
    {"::nothing::##[error]x", GH_CMD_ERROR, " [x]"},
    {"::add-mask::%250A", GH_CMD_ADD_MASK, " [%0A]"},
    {"::echo::on", GH_CMD_ECHO, " [on]"},
    {"::TOKEN::", -1, ""},
    {"", -1, ""},
};

static void lines_become_commands(void **state)
{
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(LINES); i++) {
        CLEAN(buf) struct buf got = BUF(BUF_LINE), want = BUF(BUF_LINE);
        shown(&got, LINES[i].line, NULL);
        if (LINES[i].kind < 0)
            buf_add_cstr(&want, "-");
        else
            buf_printf(&want, "%d%s", LINES[i].kind, LINES[i].rest);
        assert_string_equal(buf_cstr(&got), buf_cstr(&want));
    }
}

static void the_token_of_stop_commands_is_found_in_both_forms(void **state)
{
    static const char *const FORMS[] = {"::Pause-1::", "::pAUSE-1::", "##[pause-1]"};
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(FORMS); i++) {
        CLEAN(arena) struct arena *a = arena_new();
        struct gh_command c;
        assert_true(gh_command_parse(a, str_from(FORMS[i]), STR("pause-1"), &c));
        assert_int_equal(c.kind, GH_CMD_RESUME);
    }
}

static const struct {
    const char *line;
    unsigned at, col, end, end_col;
} PLACES[] = {
    {"::error line=3,col=4,endLine=3,endColumn=9::x", 3, 4, 3, 9},
    {"::error endLine=3::x", 3, 0, 3, 0},
    {"::error line=2,endColumn=5::x", 2, 5, 0, 5},
    {"::error col=5::x", 0, 0, 0, 0},
    {"::error line=2,col=5,endLine=4::x", 2, 0, 4, 0},
    {"::error line=5,endLine=4::x", 0, 0, 0, 0},
    {"::error line=5,col=9,endColumn=4::x", 5, 0, 0, 0},
    {"::error line=x::x", 0, 0, 0, 0},
    {"::error LINE=7::x", 7, 0, 0, 0},
};

static void places_are_mended(void **state)
{
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(PLACES); i++) {
        CLEAN(arena) struct arena *a = arena_new();
        struct gh_command c;
        struct gh_annotation n;
        assert_true(gh_command_parse(a, str_from(PLACES[i].line), STR_NONE, &c));
        gh_annotation_of(&c, &n);
        assert_int_equal(n.level, LEVEL_ERROR);
        assert_int_equal(n.line, PLACES[i].at);
        assert_int_equal(n.column, PLACES[i].col);
        assert_int_equal(n.end_line, PLACES[i].end);
        assert_int_equal(n.end_column, PLACES[i].end_col);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_become_commands),
        cmocka_unit_test(the_token_of_stop_commands_is_found_in_both_forms),
        cmocka_unit_test(places_are_mended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
