#include "core/base.h"
#include "core/buf.h"
#include "trigger/glob.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static int setup(void **state)
{
    *state = arena_new();
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static bool match(struct arena *a, const char *pattern, struct str text)
{
    struct glob *g = NULL;
    bool negated = false;
    struct err e = {0};
    if (glob_compile(a, str_from(pattern), &g, &negated, &e) < 0)
        fail_msg("'%s': %s", pattern, e.text);
    return glob_match(g, text) != negated;
}

struct vector {
    const char *pattern, *yes[8], *no[8];
};

static void check(struct arena *a, const struct vector *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < 8 && v[i].yes[k]; k++)
            if (!match(a, v[i].pattern, str_from(v[i].yes[k])))
                fail_msg("'%s' must match '%s'", v[i].pattern, v[i].yes[k]);
        for (size_t k = 0; k < 8 && v[i].no[k]; k++)
            if (match(a, v[i].pattern, str_from(v[i].no[k])))
                fail_msg("'%s' must not match '%s'", v[i].pattern, v[i].no[k]);
    }
}

/* Of the cheat sheet of the workflow syntax's documentation. */
static void branches_match(void **state)
{
    static const struct vector v[] = {
        {"feature/*", {"feature/my-branch", "feature/"}, {"feature/beta-a/my-branch", "feature", "xfeature/a"}},
        {"feature/**", {"feature/beta-a/my-branch", "feature/a", "feature/"}, {"feature"}},
        {"main", {"main"}, {"Main", "main2", "amain", ""}},
        {"releases/mona-the-octocat", {"releases/mona-the-octocat"}, {"releases/mona"}},
        {"*", {"main", "releases", ""}, {"all/the/branches"}},
        {"**", {"all/the/branches", "every/tag", ""}, {NULL}},
        {"*feature", {"mona-feature", "feature", "ver-10-feature"}, {"a/feature"}},
        {"v2*", {"v2", "v2.0", "v2.9"}, {"v1", "v2/x"}},
        {"v[12].[0-9]+.[0-9]+", {"v1.10.1", "v2.0.0"}, {"v3.0.0", "v1..1", "v1.0", "v1.0.x", "v1a0a0"}},
        {"releases/**-alpha", {"releases/10-alpha", "releases/beta/3-alpha"}, {"releases/10"}},
        {"a.b", {"a.b"}, {"axb"}},
    };
    check(*state, v, ARRAY_LEN(v));
}

static void paths_match(void **state)
{
    static const struct vector v[] = {
        {"*.jsx?", {"page.js", "page.jsx"}, {"page.jsxx", "page.jx", "a/page.js"}},
        {"**.js", {"index.js", "js/index.js", "src/js/app.js"}, {"index.jsx"}},
        {"docs/*", {"docs/README.md"}, {"docs/a/b.md"}},
        {"docs/**", {"docs/README.md", "docs/mona/octocat.txt"}, {"docs2/x"}},
        {"docs/**/*.md", {"docs/README.md", "docs/mona/hello.md", "docs/a/b/markdown.md"}, {"docs/x.txt", "docs.md"}},
        {"**/docs/**", {"docs/hello.md", "dir/docs/my.txt", "space/docs/plan/s.doc"}, {"mydocs/x", "docs"}},
        {"**/README.md", {"README.md", "js/README.md", "a/b/README.md"}, {"xREADME.md"}},
        {"**/*src/**", {"a/src/app.js", "my-src/code/js/app.js"}, {"src"}},
        {"**/*-post.md", {"my-post.md", "path/their-post.md"}, {"post.md"}},
        {"**/migrate-*.sql", {"migrate-10909.sql", "db/sept/migrate-v1.sql"}, {"migrate.sql"}},
        {"a/**/b", {"a/b", "a/x/b", "a/x/y/b"}, {"a/xb", "ab", "a//b"}},
        {"**/**/x", {"x", "a/x", "a/b/x"}, {"ax"}},
    };
    check(*state, v, ARRAY_LEN(v));
}

static void repeats_apply_to_the_item_before(void **state)
{
    static const struct vector v[] = {
        {"?a", {"?a"}, {"a", "xa"}},
        {"+a", {"+a"}, {"a"}},
        {"!?a", {"a"}, {"?a"}},
        {"ab+", {"ab", "abbb"}, {"a", "abab"}},
        {"ab?c", {"ac", "abc"}, {"abbc"}},
        {"[0-9]?x", {"x", "5x"}, {"55x"}},
        {"c++", {"c", "ccc"}, {"", "c++"}},
        {"c\\+\\+", {"c++"}, {"c", "cc"}},
        {"a*?b", {"ab", "axxb"}, {"a/b"}},
        {"a*+b", {"ab", "axxb"}, {"a/b"}},
        {"a/**/?b", {"a/b", "a/x/b"}, {"ab"}},
        {"é?x+", {"éx", "xx"}, {"ééx"}},
        {"a?+b", {"b", "aab"}, {"xb"}},
        {"a??", {"", "a"}, {"aa"}},
    };
    check(*state, v, ARRAY_LEN(v));
}

static void characters_are_literal_or_escaped(void **state)
{
    static const struct vector v[] = {
        {"\\*", {"*"}, {"a", ""}},
        {"\\!x", {"!x"}, {"x"}},
        {"\\[a]", {"[a]"}, {"a"}},
        {"a!", {"a!"}, {"a"}},
        {"a]b-c", {"a]b-c"}, {"a"}},
        {"(a|b){2}^$", {"(a|b){2}^$"}, {"aa"}},
        {"[a-cX]", {"a", "b", "c", "X"}, {"d", "x", "ab", "-"}},
        {"[abc][0-9]", {"a0", "c9"}, {"d0", "a"}},
    };
    check(*state, v, ARRAY_LEN(v));
    assert_true(match(*state, "a*\xff", STR("a\xc3\xff")));
    assert_false(match(*state, "a\xff", STR("a\xfe")));
    assert_true(match(*state, "*", STR("a\nb\0c")));
}

static void assert_refused(struct arena *a, const char *pattern, const char *want)
{
    struct glob *g = NULL;
    bool negated;
    struct err e = {0};
    assert_int_equal(glob_compile(a, str_from(pattern), &g, &negated, &e), -EINVAL);
    assert_string_equal(e.text, want);
    assert_null(g);
}

static void bad_patterns_are_refused_with_the_reason(void **state)
{
    assert_refused(*state, "", "the pattern is empty");
    assert_refused(*state, "!", "nothing follows the '!'");
    assert_refused(*state, "ab[c", "the '[' at character 3 is not closed");
    assert_refused(*state, "a[]", "the '[]' at character 2 is empty");
    assert_refused(*state, "a\\", "a '\\' at the end of a pattern escapes nothing");
    assert_refused(*state, "[z-a]", "'z-a' is no range: ranges lie inside a-z, A-Z or 0-9");
    assert_refused(*state, "[A-z]", "'A-z' is no range: ranges lie inside a-z, A-Z or 0-9");
    assert_refused(*state, "[!a]", "'[!a]' may only hold letters, digits and ranges of them");
    assert_refused(*state, "[a-]", "'[a-]' may only hold letters, digits and ranges of them");
    struct buf b = BUF(BUF_LINE);
    buf_add_rep(&b, 'a', 1025);
    assert_refused(*state, buf_cstr(&b), "the pattern is longer than 1024 bytes");
    buf_done(&b);
}

/* Patterns that make backtracking matchers hang. */
static void matching_is_linear(void **state)
{
    struct buf pattern = BUF(BUF_LINE), text = BUF(BUF_TEXT);
    for (int i = 0; i < 100; i++)
        buf_add_cstr(&pattern, "**a?+");
    buf_add_rep(&text, 'a', 20000);
    buf_add_ch(&text, 'b');
    buf_add_ch(&pattern, 'c');
    assert_false(match(*state, buf_cstr(&pattern), buf_str(&text)));
    buf_clear(&pattern);
    buf_add_ch(&pattern, 'a');
    buf_add_rep(&pattern, '?', 1000);
    assert_true(match(*state, buf_cstr(&pattern), STR("")));
    assert_true(match(*state, buf_cstr(&pattern), STR("a")));
    assert_false(match(*state, buf_cstr(&pattern), STR("aa")));
    buf_done(&pattern);
    buf_done(&text);
}

static struct globs list_of(struct arena *a, const char *const *patterns, size_t n)
{
    struct globs list = {.n = n};
    list.p = arena_array(a, n, sizeof(struct glob *));
    list.negated = arena_array(a, n, sizeof(bool));
    list.text = arena_array(a, n, sizeof(struct str));
    for (size_t i = 0; i < n; i++) {
        list.text[i] = str_from(patterns[i]);
        assert_int_equal(glob_compile(a, list.text[i], &list.p[i], &list.negated[i], NULL), 0);
    }
    return list;
}

static void the_last_pattern_that_matches_decides(void **state)
{
    const char *const readme[] = {"*.md", "!README.md", "README*"};
    struct globs list = list_of(*state, readme, 3);
    int which = 7;
    assert_true(globs_pass(&list, STR("hello.md"), &which));
    assert_int_equal(which, 0);
    assert_true(globs_pass(&list, STR("README.md"), &which));
    assert_int_equal(which, 2);
    assert_false(globs_pass(&list, STR("docs/hello.md"), &which));
    assert_int_equal(which, -1);
    const char *const releases[] = {"releases/**", "!releases/**-alpha"};
    list = list_of(*state, releases, 2);
    assert_true(globs_pass(&list, STR("releases/10"), &which));
    assert_false(globs_pass(&list, STR("releases/10-alpha"), &which));
    assert_int_equal(which, 1);
}

static void only_negatives_never_match(void **state)
{
    const char *const patterns[] = {"!a", "!b"};
    struct globs list = list_of(*state, patterns, 2);
    int which;
    assert_false(globs_pass(&list, STR("c"), &which));
    assert_int_equal(which, -1);
    assert_false(globs_pass(&list, STR("b"), &which));
    assert_int_equal(which, 1);
}

static void ignore_lists_take_any(void **state)
{
    const char *const patterns[] = {"docs/**", "*.md"};
    struct globs list = list_of(*state, patterns, 2);
    int which;
    assert_true(globs_any(&list, STR("x.md"), &which));
    assert_int_equal(which, 1);
    assert_true(globs_any(&list, STR("docs/x.md"), &which));
    assert_int_equal(which, 0);
    assert_false(globs_any(&list, STR("src/x"), &which));
    assert_int_equal(which, -1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(branches_match),
        TEST(paths_match),
        TEST(repeats_apply_to_the_item_before),
        TEST(characters_are_literal_or_escaped),
        TEST(bad_patterns_are_refused_with_the_reason),
        TEST(matching_is_linear),
        TEST(the_last_pattern_that_matches_decides),
        TEST(only_negatives_never_match),
        TEST(ignore_lists_take_any),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
