#include "core/base.h"
#include "core/buf.h"
#include "trigger/regex.h"

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

static int search(struct arena *a, const char *pattern, enum regex_dialect dialect, struct str text)
{
    struct regex *r = NULL;
    struct err e = {0};
    if (regex_compile(a, str_from(pattern), dialect, &r, &e) < 0)
        fail_msg("'%s': %s", pattern, e.text);
    return regex_search(r, text);
}

struct vector {
    const char *pattern, *yes[8], *no[8];
};

static void check(struct arena *a, const struct vector *v, size_t n, enum regex_dialect dialect)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < 8 && v[i].yes[k]; k++)
            if (search(a, v[i].pattern, dialect, str_from(v[i].yes[k])) != 1)
                fail_msg("'%s' must be found in '%s'", v[i].pattern, v[i].yes[k]);
        for (size_t k = 0; k < 8 && v[i].no[k]; k++)
            if (search(a, v[i].pattern, dialect, str_from(v[i].no[k])) != 0)
                fail_msg("'%s' must not be found in '%s'", v[i].pattern, v[i].no[k]);
    }
}

static void a_pattern_is_found_anywhere(void **state)
{
    static const struct vector v[] = {
        {"foo", {"foo", "foobar", "barfoo", "a/foo/b"}, {"fo", "Foo", ""}},
        {"^main$", {"main"}, {"maine", "domain", "main\n", "\nmain"}},
        {"", {"", "x"}, {NULL}},
        {".*", {"", "main"}, {NULL}},
        {"^(main|release/.*)$", {"main", "release/1", "release/"}, {"mainx", "xrelease/1"}},
        {"v[0-9]+\\.[0-9]+", {"v1.2", "av10.20"}, {"v1", "v1x2"}},
        {"^v(\\d+)$", {"v1", "v10"}, {"v", "v\xd9\xa1"}}, /* an Arabic digit: \d is ASCII */
        {"\\w\\b", {"a", "\xc3\xa9 a"}, {"\xc3\xa9"}},
        {"^.$", {"a", "\xc3\xa9"}, {"ab", "\n"}},
    };
    check(*state, v, ARRAY_LEN(v), REGEX_RE2);
    check(*state, v, 1, REGEX_COMMON);
}

static void what_re2_has_is_known(void **state)
{
    static const struct vector v[] = {
        {"(?i)main", {"MAIN", "Main"}, {"man"}},
        {"a(?i:b)c", {"aBc", "abc"}, {"ABc", "abC"}},
        {"(?P<n>a+)b", {"aab"}, {"b"}},
        {"(?<n>a+)b", {"aab"}, {"b"}},
        {"(?:a|b)+c", {"abac"}, {"c"}},
        {"a\\z", {"ba"}, {"ab", "a\n"}},
        {"(?m)a\\z", {"ba"}, {"a\nb"}},
        {"a\\z|b", {"a", "bc"}, {"ac"}},
        {"\\Aa", {"ab"}, {"ba"}},
        {"(?m)^b$", {"a\nb\nc", "b"}, {"ab"}},
        {"(?s)a.b", {"a\nb"}, {"ab"}},
        {"a.b", {"axb"}, {"a\nb"}},
        {"(?U)a+b", {"aab"}, {"b"}},
        {"^\\pL+$", {"\xc3\xa9t\xc3\xa9"}, {"a1"}},
        {"^\\p{Greek}$", {"\xce\xb1"}, {"a"}},
        {"^\\P{Greek}\\p{^Lu}$", {"aa"}, {"\xce\xb1"}},
        {"^[[:alpha:]_]+$", {"ab_"}, {"a1"}},
        {"^[[:^digit:]]$", {"a"}, {"1"}},
        {"^[\\w-.]+$", {"a-b.c_1"}, {"a/b", "a+b"}},
        {"^[\\d-]+$", {"1-2"}, {"a"}},
        {"^[]a]+$", {"]a"}, {"b"}},
        {"^[^]a]+$", {"b["}, {"a", "]"}},
        {"^[[.]$", {"[", "."}, {"]"}},
        {"\\Qa.b*\\Ec", {"a.b*c"}, {"axbbc"}},
        {"\\x41\\x{e9}", {"A\xc3\xa9"}, {"A"}},
        {"\\101\\0102", {"A\b2"}, {"AB"}},
        {"\\v", {"\v"}, {"\n", "\r", "v"}},
        {"[\\v]", {"\v"}, {"\n"}},
        {"a{2}$", {"aa"}, {"a"}},
        {"^a{2,3}?$", {"aa", "aaa"}, {"a", "aaaa"}},
        {"^a{,2}$", {"a{,2}"}, {"a", "aa"}},
        {"^a{x}{$", {"a{x}{"}, {"a"}},
        {"a*?b+?c\?\?", {"b"}, {"a"}},
        {"\\_\\-\\/\\#", {"_-/#"}, {"_"}},
        {"a # b", {"a # b"}, {"a"}},
        {"a||b", {"", "a"}, {NULL}},
    };
    check(*state, v, ARRAY_LEN(v), REGEX_RE2);
}

static void pcre_is_the_common_dialect(void **state)
{
    static const struct vector v[] = {
        {"^(?!refs/heads/main$)", {"refs/heads/topic", "x"}, {"refs/heads/main"}},
        {"(a)\\1", {"aa"}, {"ab"}},
        {"(?<=v)\\d", {"v1"}, {"1"}},
        {"^refs/heads/main$", {"refs/heads/main"}, {"refs/heads/maine"}},
    };
    check(*state, v, ARRAY_LEN(v), REGEX_COMMON);
}

/* RE2 lets `.` and classes stand for code points; what is none is passed over by no item. */
static void bytes_that_are_not_utf8_match_nothing(void **state)
{
    assert_int_equal(search(*state, "main", REGEX_RE2, STR("\xff/main")), 1);
    assert_int_equal(search(*state, "main", REGEX_RE2, STR("main\xff")), 1);
    assert_int_equal(search(*state, "a.b", REGEX_RE2,
                            STR("a\xff"
                                "b")),
                     0);
    assert_int_equal(search(*state, "a[^x]b", REGEX_RE2,
                            STR("a\xff"
                                "b")),
                     0);
    assert_int_equal(search(*state, "^b$", REGEX_RE2,
                            STR("\xff"
                                "b")),
                     0);
    assert_int_equal(search(*state, "^a$", REGEX_RE2, STR("a\xff")), 0);
    assert_int_equal(search(*state, "a\\z", REGEX_RE2, STR("a\xff")), 0);
    assert_int_equal(search(*state, "", REGEX_RE2, STR_NONE), 1);
}

static void assert_refused(struct arena *a, const char *pattern, size_t at, const char *want)
{
    struct regex *r = NULL;
    struct err e = {0};
    size_t got = 9999;
    if (regex_compile_at(a, str_from(pattern), REGEX_RE2, &r, &got, &e) != -EINVAL)
        fail_msg("'%s' is not refused", pattern);
    assert_string_equal(e.text, want);
    assert_int_equal(got, at);
    assert_null(r);
}

static void what_re2_has_not_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *pattern;
        size_t at;
        const char *want;
    } v[] = {
        {"ab(?=c)", 2, "'(?=' is look-ahead, which RE2 does not have"},
        {"^(?!main$)", 1, "'(?!' is look-ahead, which RE2 does not have"},
        {"(?<=a)b", 0, "'(?<=' is look-behind, which RE2 does not have"},
        {"(?<!a)b", 0, "'(?<!' is look-behind, which RE2 does not have"},
        {"x(?>a)", 1, "'(?>' is an atomic group, which RE2 does not have"},
        {"(a)\\1", 3, "'\\1' is a back-reference, which RE2 does not have"},
        {"(?P<n>a)(?P=n)", 8, "'(?P=' is a back-reference, which RE2 does not have"},
        {"(?<n>a)\\k<n>", 7, "'\\k' is not known to RE2"},
        {"a(?R)?", 1, "'(?R' is a recursion, which RE2 does not have"},
        {"(a)(?1)", 3, "'(?1' is a recursion, which RE2 does not have"},
        {"(a)(?-1)", 3, "'(?1' is a recursion, which RE2 does not have"},
        {"(?(1)a|b)", 0, "'(?(' is a condition, which RE2 does not have"},
        {"a(?C1)", 1, "'(?C' is a callout, which RE2 does not have"},
        {"(?|a|b)", 0, "'(?|' is a branch reset, which RE2 does not have"},
        {"a(?#x)", 1, "'(?#' is a comment, which RE2 does not have"},
        {"(*UCP)a", 0, "'(*' is a verb, which RE2 does not have"},
        {"(?x)a", 2, "'(?' is followed by i, m, s, U, :, P<name> or <name> in RE2"},
        {"a*+", 2, "a '+' behind a repetition makes it possessive, which RE2 does not have"},
        {"a{2}+", 4, "a '+' behind a repetition makes it possessive, which RE2 does not have"},
        {"a**", 2, "the repetition '*' follows a repetition"},
        {"a+{2}", 2, "the repetition '{2}' follows a repetition"},
        {"a{1001}", 1, "RE2 repeats at most 1000 times"},
        {"a{99999999999999999999}", 1, "RE2 repeats at most 1000 times"},
        {"a\\Kb", 1, "'\\K' is not known to RE2"},
        {"\\Z", 0, "'\\Z' is not known to RE2"},
        {"\\R\\X", 0, "'\\R' is not known to RE2"},
        {"[\\b]", 1, "'\\b' is not known to RE2 within brackets"},
        {"a\\C", 1, "'\\C' (one byte of a character) is not done here"},
        {"\\8", 0, "'\\8' is not known to RE2"},
        {"\\x4", 0, "'\\x' wants two hexadecimal digits"},
        {"\\x{}", 0, "'\\x{' wants hexadecimal digits and a '}'"},
        {"\\p{Xan}", 0, "'Xan' is no property that RE2 has"},
        {"\\p{L", 0, "'\\p{' is not closed"},
        {"ab\\", 2, "a '\\' at the end escapes nothing"},
        {"a[b", 1, "the '[' is not closed"},
        {"a\xff", 1, "the expression is not UTF-8"},
        {"*a", 0, "quantifier does not follow a repeatable item"},
        {"\\v*a)", 4, "unmatched closing parenthesis"}, /* the place is told of what was written */
        {"a(b", 3, "missing closing parenthesis"},
        {"[z-a]", 3, "range out of order in character class"},
    };
    for (size_t i = 0; i < ARRAY_LEN(v); i++)
        assert_refused(*state, v[i].pattern, v[i].at, v[i].want);
}

static void a_complaint_names_the_byte(void **state)
{
    struct regex *r = NULL;
    struct err e = {0};
    assert_int_equal(regex_compile(*state, STR("ab(?=c)"), REGEX_RE2, &r, &e), -EINVAL);
    assert_string_equal(e.text, "'(?=' is look-ahead, which RE2 does not have (at byte 2)");
    assert_int_equal(regex_compile(*state, STR("a)"), REGEX_COMMON, &r, &e), -EINVAL);
    assert_string_equal(e.text, "unmatched closing parenthesis (at byte 1)");
    assert_int_equal(regex_compile(*state, STR("a\\C"), REGEX_COMMON, &r, NULL), -EINVAL);
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    buf_add_rep(&b, 'a', REGEX_PATTERN_MAX);
    assert_int_equal(regex_compile(*state, buf_str(&b), REGEX_RE2, &r, &e), 0);
    buf_clear(&b);
    buf_add_rep(&b, '{', REGEX_PATTERN_MAX);
    assert_int_equal(regex_compile(*state, buf_str(&b), REGEX_RE2, &r, &e), 0);
    buf_add_ch(&b, 'a');
    assert_int_equal(regex_compile(*state, buf_str(&b), REGEX_RE2, &r, &e), -E2BIG);
    assert_string_equal(e.text, "the expression is longer than 16384 bytes");
}

/* Patterns that go back exponentially often; the test's time limit is the assertion. */
static void a_search_is_bounded(void **state)
{
    CLEAN(buf) struct buf text = BUF(BUF_TEXT);
    buf_add_rep(&text, 'a', 64);
    buf_add_ch(&text, '!');
    assert_int_equal(search(*state, "^(a+)+$", REGEX_RE2, buf_str(&text)), -ELOOP);
    assert_int_equal(search(*state, "(a|aa)+$", REGEX_RE2, buf_str(&text)), -ELOOP);
    assert_int_equal(search(*state, "^(a|b|ab|aa)*[cd]", REGEX_COMMON, buf_str(&text)), -ELOOP);
    assert_int_equal(search(*state, "^(?:(a+)(?1)?)+[bc]$", REGEX_COMMON, buf_str(&text)), -ELOOP);
    buf_clear(&text);
    buf_add_rep(&text, 'a', (size_t)1 << 20);
    assert_int_equal(search(*state, "(a+)+[bc]", REGEX_RE2, buf_str(&text)), -ELOOP);
    assert_int_equal(search(*state, "a$", REGEX_RE2, buf_str(&text)), 1);
    assert_int_equal(search(*state, "^a+$", REGEX_RE2, buf_str(&text)), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_pattern_is_found_anywhere),
        TEST(what_re2_has_is_known),
        TEST(pcre_is_the_common_dialect),
        TEST(bytes_that_are_not_utf8_match_nothing),
        TEST(what_re2_has_not_is_refused_with_its_place),
        TEST(a_complaint_names_the_byte),
        TEST(a_search_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
