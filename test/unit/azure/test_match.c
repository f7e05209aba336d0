/*
 * The patterns of file tasks: what minimatch takes as the tasks call it.
 */
#include "core/base.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "provider/azure/files_priv.h"

struct one {
    const char *pattern, *path;
    bool matches;
};

static const struct one ones[] = {
    {"*", "a", true},
    {"*", ".a", true}, /* dot files are names as any other */
    {"*", "a/b", false},
    {"a*c", "abc", true},
    {"a*c", "ac", true},
    {"a*c", "ab", false},
    {"?", "a", true},
    {"?", "\xc3\xa4", true}, /* one character, two bytes */
    {"?", "ab", false},
    {"a?c", "abc", true},
    {"**", "a", true},
    {"**", "a/b/c", true},
    {"a/**", "a", false},
    {"a/**", "a/b", true},
    {"a/**", "a/.b/c", true},
    {"a/**/b", "a/b", true},
    {"a/**/b", "a/x/y/b", true},
    {"a/**/b", "a/x/y/c", false},
    {"**/b", "b", true},
    {"**/b/**", "x/b/y", true},
    {"**/b/**", "x/b", false},
    {"a**", "abc", true}, /* two stars beside text are one */
    {"a**", "a/b", false},
    {"**/*.txt", "x/y.txt", true},
    {"**/*.txt", "y.txt", true},
    {"**/*.txt", "y.TXT", false},
    {"./a", "a", true},
    {"a//b", "a/b", true},
    {"[abc]", "b", true},
    {"[abc]", "d", false},
    {"[!abc]", "d", true},
    {"[^abc]", "a", false},
    {"[a-c]x", "bx", true},
    {"[]a]", "]", true},
    {"[[:digit:]]", "7", true},
    {"[[:digit:]]", "x", false},
    {"[a", "[a", true}, /* without an end it is text */
    {"\\*", "*", true},
    {"\\*", "a", false},
    {"{a,b}", "a", false}, /* no braces */
    {"{a,b}", "{a,b}", true},
    {"@(a|b)", "a", true},
    {"@(a|b)", "ab", false},
    {"?(a)b", "b", true},
    {"?(a)b", "ab", true},
    {"?(a)b", "aab", false},
    {"*(a|b)c", "ababc", true},
    {"*(a|b)c", "c", true},
    {"+(a|b)c", "c", false},
    {"+(a|b)c", "abc", true},
    {"!(a|b)", "c", true},
    {"!(a|b)", "a", false},
    {"!(a|b)", "ab", true},
    {"!(a).js", "b.js", true},
    {"!(a).js", "a.js", false},
    {"*.!(js)", "x.css", true},
    {"*.!(js)", "x.js", false},
    {"@(a|@(b|c))d", "cd", true},
    {"@(a", "@(a", true},
    {"/x/*", "/x/y", true},
    {"/x/*", "x/y", false},
    {"x y\n'\"", "x y\n'\"", true},
};

static void one_pattern_and_one_path(void **state)
{
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(ones); i++) {
        const struct one *o = &ones[i];
        if (az_minimatch(str_from(o->pattern), str_from(o->path), false) != o->matches)
            fail_msg("%s and %s: not as expected", o->pattern, o->path);
    }
}

static void a_pattern_without_a_slash_is_of_the_last_name(void **state)
{
    UNUSED(state);
    assert_true(az_minimatch(STR("*.txt"), STR("a/b/c.txt"), true));
    assert_false(az_minimatch(STR("*.txt"), STR("a/b/c.txt"), false));
    assert_false(az_minimatch(STR("a/*.txt"), STR("x/a/c.txt"), true));
}

static struct az_patterns *lines_of(struct arena *a, const char *text, unsigned flags)
{
    struct strs lines = {0};
    struct str rest = str_from(text), line;
    while (str_next(&rest, '\n', &line))
        vec_push_in(a, &lines, line);
    return az_patterns_with(a, STR("/w/s"), &lines, flags);
}

static void lines_are_obeyed_in_their_order(void **state)
{
    UNUSED(state);
    CLEAN(arena) struct arena *a = arena_new();
    struct az_patterns *p = lines_of(a, "# all texts\n**/*.txt\n  !**/no*.txt \n**/not.txt\n\n!!x.bin", 0);
    assert_true(az_patterns_match(p, STR("/w/s/a.txt")));
    assert_true(az_patterns_match(p, STR("/w/s/d/e/a.txt")));
    assert_false(az_patterns_match(p, STR("/w/s/none.txt")));
    assert_true(az_patterns_match(p, STR("/w/s/not.txt")));
    assert_true(az_patterns_match(p, STR("/w/s/x.bin")));
    assert_false(az_patterns_match(p, STR("/w/s/y.bin")));
    assert_false(az_patterns_match(p, STR("/w/other/a.txt")));
    assert_false(az_patterns_any(lines_of(a, "#x\n!y", 0)));
    assert_true(az_patterns_match(lines_of(a, "*.o", AZ_MATCH_BASE), STR("/w/s/d/a.o")));
    assert_false(az_patterns_match(lines_of(a, "", 0), STR("/w/s/d/a.o")));
}

static void options_of_tasks_change_the_flavour(void **state)
{
    UNUSED(state);
    CLEAN(arena) struct arena *a = arena_new();
    struct az_patterns *p = lines_of(a, "**/*\n.x/*", AZ_MATCH_NO_DOTS);
    assert_true(az_patterns_match(p, STR("/w/s/a/b")));
    assert_false(az_patterns_match(p, STR("/w/s/.a")));
    assert_false(az_patterns_match(p, STR("/w/s/.git/config")));
    assert_true(az_patterns_match(p, STR("/w/s/.x/y")));
    assert_false(az_patterns_match(p, STR("/w/s/.x/.y")));
    p = lines_of(a, "*.{zip,t{ar,gz}}\n{x}", AZ_MATCH_BRACES);
    assert_true(az_patterns_match(p, STR("/w/s/a.zip")));
    assert_true(az_patterns_match(p, STR("/w/s/a.tgz")));
    assert_true(az_patterns_match(p, STR("/w/s/{x}")));
    assert_false(az_patterns_match(p, STR("/w/s/a.t{ar")));
    p = lines_of(a, "*\n!a", AZ_MATCH_LITERAL_MARKS);
    assert_true(az_patterns_match(p, STR("/w/s/a")));
}

static void roots_are_the_folders_in_front_of_patterns(void **state)
{
    UNUSED(state);
    CLEAN(arena) struct arena *a = arena_new();
    struct strs roots = {0};
    az_patterns_roots(lines_of(a, "/w/a/x/**/*.xml\n../TestResults/*.trx\nd/e*/f\n!/z/**\n/w/a/x/y/*", 0), &roots);
    assert_int_equal(roots.n, 3);
    assert_true(str_is(roots.p[0], "/w/a/x"));
    assert_true(str_is(roots.p[1], "/w/TestResults"));
    assert_true(str_is(roots.p[2], "/w/s/d"));
}

/* Groups in groups under repetition: the worst that a pattern can ask for ends, and matches nothing. */
static void the_worst_patterns_end(void **state)
{
    UNUSED(state);
    static const char *const worst[] = {"+(+(+(+(+(a|aa)|a)|a)|a)|a)b", "!(!(!(!(!(a*)*)*)*)*)*b",
                                        "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", "*(*(*(a)*(a))*(*(a)*(a)))b"};
    char name[250];
    memset(name, 'a', sizeof name);
    for (size_t i = 0; i < ARRAY_LEN(worst); i++)
        assert_false(az_minimatch(str_from(worst[i]), str_of(name, sizeof name), false));
    assert_true(az_minimatch(STR("+(+(+(a)))"), str_of(name, sizeof name), false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_pattern_and_one_path),
        cmocka_unit_test(a_pattern_without_a_slash_is_of_the_last_name),
        cmocka_unit_test(lines_are_obeyed_in_their_order),
        cmocka_unit_test(options_of_tasks_change_the_flavour),
        cmocka_unit_test(roots_are_the_folders_in_front_of_patterns),
        cmocka_unit_test(the_worst_patterns_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
