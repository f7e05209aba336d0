#include "core/base.h"

#include "provider/github/matcher_priv.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

#define ONE(owner, rest) "{\"problemMatcher\":[{\"owner\":\"" owner "\"," rest "}]}"
#define GCC                                                                                                            \
    ONE("gcc", "\"pattern\":[{\"regexp\":\"^(.+):(\\\\d+):(\\\\d+): (\\\\w+): (.*)$\",\"file\":1,\"line\":2,"          \
               "\"column\":3,\"severity\":4,\"message\":5}]")
#define ESLINT                                                                                                         \
    ONE("eslint", "\"pattern\":[{\"regexp\":\"^([^\\\\s].*)$\",\"file\":1},"                                           \
                  "{\"regexp\":\"^\\\\s+(\\\\d+):(\\\\d+)\\\\s+(error|warning)\\\\s+(.*)$\",\"line\":1,\"column\":2,"  \
                  "\"severity\":3,\"message\":4,\"loop\":true}]")

static struct gh_matchers *with(const char *json)
{
    struct gh_matchers *m = gh_matchers_new();
    struct err err = {0};
    if (gh_matchers_add(m, STR("/f"), str_from(json), &err) != 0)
        fail_msg("%s", err.text);
    return m;
}

static void one_line_is_a_problem(void **state)
{
    struct gh_matchers *m = with(GCC);
    struct gh_finding f;
    UNUSED(state);
    assert_true(gh_matchers_line(m, 1, STR("\x1b[1msrc/a.c:12:5:\x1b[0m warning: unused x"), &f));
    assert_int_equal(f.level, LEVEL_WARNING);
    assert_true(str_is(f.file, "src/a.c"));
    assert_int_equal(f.line, 12);
    assert_int_equal(f.column, 5);
    assert_true(str_is(f.text, "unused x"));
    assert_false(gh_matchers_line(m, 1, STR("src/a.c:12:5: remark: x"), &f)); /* no severity that exists */
    assert_false(gh_matchers_line(m, 1, STR("all is well"), &f));
    gh_matchers_free(m);
}

static void lines_that_follow_each_other_are_one_problem(void **state)
{
    struct gh_matchers *m = with(ESLINT);
    struct gh_finding f;
    UNUSED(state);
    assert_false(gh_matchers_line(m, 1, STR("test.js"), &f));
    assert_true(gh_matchers_line(m, 1, STR("  1:0   error  Missing \"use strict\""), &f));
    assert_true(str_is(f.file, "test.js"));
    assert_true(gh_matchers_line(m, 1, STR("  5:10  warning  'addOne' is defined"), &f));
    assert_true(str_is(f.file, "test.js"));
    assert_int_equal(f.line, 5);
    assert_false(gh_matchers_line(m, 1, STR(""), &f));
    assert_false(gh_matchers_line(m, 1, STR("  5:10  warning  not after a gap"), &f));
    gh_matchers_free(m);
}

static void steps_side_by_side_do_not_mix(void **state)
{
    struct gh_matchers *m = with(ESLINT);
    struct gh_finding f;
    UNUSED(state);
    assert_false(gh_matchers_line(m, 1, STR("one.js"), &f));
    assert_false(gh_matchers_line(m, 2, STR("two.js"), &f));
    assert_true(gh_matchers_line(m, 1, STR("  1:0   error  first"), &f));
    assert_true(str_is(f.file, "one.js"));
    assert_true(gh_matchers_line(m, 2, STR("  1:0   error  second"), &f));
    assert_true(str_is(f.file, "two.js"));
    gh_matchers_forget(m, 2);
    assert_false(gh_matchers_line(m, 2, STR("  2:0   error  of a step that is over"), &f));
    assert_true(gh_matchers_line(m, 1, STR("  2:0   error  of one that goes on"), &f));
    gh_matchers_free(m);
}

static void the_newest_wins_and_owners_replace(void **state)
{
    struct gh_matchers *m =
        with(ONE("a", "\"severity\":\"notice\",\"pattern\":[{\"regexp\":\"(x.*)\",\"message\":1}]"));
    struct gh_finding f;
    UNUSED(state);
    assert_int_equal(
        gh_matchers_add(m, STR("/g"), STR(ONE("b", "\"pattern\":[{\"regexp\":\"(x)\",\"message\":1}]")), NULL), 0);
    assert_true(gh_matchers_line(m, 1, STR("xyz"), &f));
    assert_true(str_is(f.text, "x"));
    assert_true(gh_matchers_remove(m, STR("B")));
    assert_true(gh_matchers_line(m, 1, STR("xyz"), &f));
    assert_true(str_is(f.text, "xyz"));
    assert_int_equal(f.level, LEVEL_NOTICE);
    gh_matchers_remove_file(m, STR("/f"));
    assert_false(gh_matchers_any(m));
    gh_matchers_free(m);
}

static void wrong_files_add_nothing(void **state)
{
    static const char *const BAD[] = {
        "",
        "{}",
        "{\"problemMatcher\":[{}]}",
        ONE("a", "\"pattern\":[]"),
        ONE("a", "\"pattern\":[{\"regexp\":\"(\",\"message\":1}]"),
        ONE("a", "\"pattern\":[{\"regexp\":\"x\"}]"),
        ONE("a", "\"pattern\":[{\"regexp\":\"x\",\"message\":-1}]"),
        ONE("a", "\"pattern\":[{\"regexp\":\"x\",\"message\":1,\"loop\":true}]"),
        ONE("a", "\"pattern\":[{\"regexp\":\"x\",\"message\":1},{\"regexp\":\"x\",\"message\":1}]"),
        ONE("a", "\"severity\":\"fatal\",\"pattern\":[{\"regexp\":\"x\",\"message\":1}]"),
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        struct gh_matchers *m = gh_matchers_new();
        struct err err = {0};
        assert_int_equal(gh_matchers_add(m, STR("/f"), str_from(BAD[i]), &err), -EINVAL);
        assert_true(err.text[0] != '\0');
        assert_false(gh_matchers_any(m));
        gh_matchers_free(m);
    }
}

static void a_pattern_that_runs_away_is_turned_off(void **state)
{
    struct gh_matchers *m = with(ONE("a", "\"pattern\":[{\"regexp\":\"^(a+)+$\",\"message\":1}]"));
    struct gh_finding f;
    UNUSED(state);
    for (int i = 0; i < 3; i++)
        assert_false(
            gh_matchers_line(m, 1, STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"), &f));
    assert_false(gh_matchers_line(m, 1, STR("aaa"), &f));
    gh_matchers_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_line_is_a_problem),         cmocka_unit_test(lines_that_follow_each_other_are_one_problem),
        cmocka_unit_test(steps_side_by_side_do_not_mix), cmocka_unit_test(the_newest_wins_and_owners_replace),
        cmocka_unit_test(wrong_files_add_nothing),       cmocka_unit_test(a_pattern_that_runs_away_is_turned_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
