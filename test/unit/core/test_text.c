#include "core/base.h"
#include "core/buf.h"
#include "core/path.h"
#include "core/str.h"
#include "core/utf8.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#define assert_str(s, want)                                                                                            \
    do {                                                                                                               \
        struct str got_ = (s);                                                                                         \
        assert_int_equal(got_.n, sizeof(want) - 1);                                                                    \
        assert_memory_equal(got_.n ? got_.p : "", want, sizeof(want) - 1);                                             \
    } while (0)

static void str_compares(void **state)
{
    UNUSED(state);
    assert_true(str_eq(STR_NONE, STR("")));
    assert_true(str_is(STR("a"), "a"));
    assert_false(str_is(STR("a\0"), "a"));
    assert_true(str_eq_nocase(STR("HeLLo"), STR("hEllO")));
    assert_false(str_eq_nocase(STR("\xc3\x84"), STR("\xc3\xa4")));
    assert_false(str_eq_nocase(STR("[a"), STR("{a")));
    assert_true(str_cmp(STR("a"), STR("ab")) < 0);
    assert_true(str_cmp(STR("\xff"), STR("a")) > 0);
    assert_true(str_cmp_nocase(STR("B"), STR("a")) > 0);
    assert_true(str_cmp_nocase(STR_NONE, STR("")) == 0);
    assert_true(str_starts(STR("abc"), STR("")));
    assert_true(str_starts(STR("abc"), STR("ab")));
    assert_false(str_starts(STR("a"), STR("ab")));
    assert_true(str_ends(STR("abc"), STR("bc")));
    assert_false(str_ends(STR("c"), STR("bc")));
    assert_true(str_hash(STR("ABC"), true) == str_hash(STR("abc"), true));
    assert_true(str_hash(STR("ABC"), false) != str_hash(STR("abc"), false));
    assert_true(str_hash(STR("a"), false) == UINT64_C(0xaf63dc4c8601ec8c));
}

static void str_finds(void **state)
{
    UNUSED(state);
    assert_int_equal(str_find(STR("hello"), STR("l")), 2);
    assert_int_equal(str_find_from(STR("hello"), 3, STR("l")), 3);
    assert_int_equal(str_find_from(STR("hello"), 4, STR("l")), -1);
    assert_int_equal(str_find_from(STR("hello"), 9, STR("")), -1);
    assert_int_equal(str_find_from(STR("hello"), 5, STR("")), 5);
    assert_int_equal(str_find(STR_NONE, STR("")), 0);
    assert_int_equal(str_find(STR_NONE, STR("a")), -1);
    assert_int_equal(str_find(STR("a\0b"), STR("\0b")), 1);
    assert_int_equal(str_find_ch(STR("a\xff"), '\xff'), 1);
    assert_int_equal(str_rfind_ch(STR("a/b/c"), '/'), 3);
    assert_int_equal(str_rfind_ch(STR_NONE, '/'), -1);
}

static void str_takes_parts(void **state)
{
    UNUSED(state);
    assert_str(str_sub(STR("hello"), 1, 3), "el");
    assert_str(str_sub(STR("hello"), 3, 99), "lo");
    assert_str(str_sub(STR("hello"), 9, 2), "");
    assert_str(str_sub(STR_NONE, 1, 2), "");
    assert_str(str_from_index(STR("hello"), 4), "o");
    assert_str(str_trim(STR(" \t\r\n\v\fa b\n")), "a b");
    assert_str(str_trim(STR(" \n ")), "");
    assert_str(str_trim_end(STR(" a ")), " a");
}

static void str_splits(void **state)
{
    UNUSED(state);
    struct str head, tail, rest, piece;
    assert_true(str_cut(STR("a=b=c"), '=', &head, &tail));
    assert_str(head, "a");
    assert_str(tail, "b=c");
    assert_true(str_cut(STR("a="), '=', &head, &tail));
    assert_non_null(tail.p);
    assert_false(str_cut(STR("abc"), '=', &head, &tail));
    assert_str(head, "abc");
    assert_null(tail.p);

    rest = STR("a\n\nb\n");
    assert_true(str_next(&rest, '\n', &piece));
    assert_str(piece, "a");
    assert_true(str_next(&rest, '\n', &piece));
    assert_str(piece, "");
    assert_true(str_next(&rest, '\n', &piece));
    assert_str(piece, "b");
    assert_false(str_next(&rest, '\n', &piece));

    rest = STR("\n");
    assert_true(str_next(&rest, '\n', &piece));
    assert_str(piece, "");
    assert_false(str_next(&rest, '\n', &piece));
    rest = STR_NONE;
    assert_false(str_next(&rest, '\n', &piece));
}

static void buf_keeps_its_ceiling(void **state)
{
    UNUSED(state);
    CLEAN(buf) struct buf b = BUF(8);
    assert_string_equal(buf_cstr(&b), "");
    assert_int_equal(buf_add_cstr(&b, "12345"), 0);
    assert_int_equal(buf_add_cstr(&b, "6789"), -E2BIG);
    assert_true(b.over);
    assert_string_equal(buf_cstr(&b), "12345");
    assert_int_equal(buf_printf(&b, "%d", 6789), -E2BIG);
    assert_int_equal(buf_add_json(&b, STR("ab")), -E2BIG);
    assert_int_equal(utf8_add_clean(&b, STR("a\xff"
                                            "bcd")),
                     -E2BIG);
    assert_string_equal(buf_cstr(&b), "12345");
    assert_int_equal(buf_add_cstr(&b, "678"), 0);
    assert_true(b.over);
    assert_null(buf_room(&b, 1));
    assert_non_null(buf_room(&b, 0));
    assert_int_equal(buf_add(&b, str_of("", SIZE_MAX)), -E2BIG);
    buf_clear(&b);
    assert_false(b.over);
    assert_int_equal(buf_add_rep(&b, 'x', 8), 0);
    assert_string_equal(buf_cstr(&b), "xxxxxxxx");
    struct buf none = {0};
    assert_int_equal(buf_add_ch(&none, 'x'), -E2BIG);
    assert_int_equal(buf_add(&none, STR("")), 0);
    buf_done(&none);
}

static void buf_grows_and_shrinks(void **state)
{
    UNUSED(state);
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (int i = 0; i < 2000; i++)
        assert_int_equal(buf_printf(&b, "%d,", i % 10), 0);
    assert_int_equal(b.n, 4000);
    buf_drop(&b, 3990);
    assert_string_equal(buf_cstr(&b), "5,6,7,8,9,");
    buf_cut(&b, 3);
    assert_string_equal(buf_cstr(&b), "5,6");
    for (int i = 0; i < 10; i++)
        buf_add(&b, buf_str(&b));
    assert_int_equal(b.n, 3072);
    assert_memory_equal(b.p + 3069, "5,6", 4);
    buf_clear(&b);
    buf_printf(&b, "%*s|", 5000, "x");
    assert_int_equal(b.n, 5001);
    char *to = buf_room(&b, 3);
    memcpy(to, "abc", 3);
    buf_grew(&b, 3);
    assert_string_equal(buf_cstr(&b) + 4999, "x|abc");
}

static void buf_writes_json(void **state)
{
    UNUSED(state);
    CLEAN(buf) struct buf b = BUF(256);
    assert_int_equal(buf_add_json(&b, STR("a\"b\\c\n\r\t\b\f\x01\x1f\x7f/\xc3\xa4\xff\xed\xa0\x80 \0")), 0);
    assert_string_equal(buf_cstr(&b), "\"a\\\"b\\\\c\\n\\r\\t\\b\\f\\u0001\\u001f\x7f/\xc3\xa4\xef\xbf\xbd\xef\xbf\xbd"
                                      "\xef\xbf\xbd\xef\xbf\xbd \\u0000\"");
    buf_clear(&b);
    buf_add_json(&b, STR_NONE);
    assert_string_equal(buf_cstr(&b), "\"\"");
}

static void utf8_refuses_what_is_not(void **state)
{
    UNUSED(state);
    static const char *const bad[] = {
        "\x80",         "\xc0\x80",     "\xc1\xbf",         "\xe0\x80\x80",     "\xe0\x9f\xbf",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
        "\xff",         "\xc3",         "\xe2\x82",         "\xf0\x9f\x98",     "\xc3(",
        "\xe2(\xa1"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(utf8_invalid(str_from(bad[i])), 0);
    assert_int_equal(utf8_invalid(STR("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf")), -1);
    assert_int_equal(utf8_invalid(STR("ab\xff")), 2);
    uint32_t cp = 0;
    assert_int_equal(utf8_decode(STR("x\xf0\x9f\x98\x80"), 1, &cp), 4);
    assert_int_equal(cp, 0x1f600);
    assert_int_equal(utf8_decode(STR("x"), 1, &cp), 0);
}

static void utf8_round_trips(void **state)
{
    UNUSED(state);
    CLEAN(buf) struct buf b = BUF(16);
    for (uint32_t cp = 0; cp <= 0x10ffff; cp++) {
        if (cp >= 0xd800 && cp <= 0xdfff)
            continue;
        uint32_t back = 1;
        buf_clear(&b);
        if (utf8_add(&b, cp) != 0 || utf8_decode(buf_str(&b), 0, &back) != b.n || back != cp)
            fail_msg("U+%04X came back as U+%04X", (unsigned)cp, (unsigned)back);
    }
    buf_clear(&b);
    utf8_add(&b, 0xd800);
    assert_string_equal(buf_cstr(&b), "\xef\xbf\xbd");
}

static void utf8_measures_columns(void **state)
{
    UNUSED(state);
    assert_int_equal(utf8_width(STR("hello")), 5);
    assert_int_equal(utf8_width(STR("\t\n\x1b\x7f\xc2\x85")), 0);
    assert_int_equal(utf8_width(STR("e\xcc\x81")), 1);                 /* e and a combining acute */
    assert_int_equal(utf8_width(STR("\xe6\x97\xa5\xe6\x9c\xac")), 4);  /* two ideographs */
    assert_int_equal(utf8_width(STR("\xf0\x9f\x98\x80")), 2);          /* a face */
    assert_int_equal(utf8_width(STR("\xe2\x9c\x93 \xe2\x94\x82")), 3); /* check mark, box drawing */
    assert_int_equal(utf8_width(STR("\xe2\x80\x8b\xef\xb8\x8f")), 0);  /* zero width space, selector 16 */
    assert_int_equal(utf8_width(STR("\xff\xfe")), 2);
    assert_str(utf8_fit(STR("\xe6\x97\xa5\xe6\x9c\xac"), 3), "\xe6\x97\xa5");
    assert_str(utf8_fit(STR("e\xcc\x81x"), 1), "e\xcc\x81");
    assert_str(utf8_fit(STR("abc"), 0), "");
    assert_str(utf8_fit(STR("abc"), 9), "abc");
}

static void paths_join_and_clean(void **state)
{
    UNUSED(state);
    CLEAN(arena) struct arena *a = arena_new();
    assert_string_equal(path_join(a, STR("a"), STR("b")).p, "a/b");
    assert_string_equal(path_join(a, STR("a/"), STR("b")).p, "a/b");
    assert_string_equal(path_join(a, STR("a"), STR("/b")).p, "/b");
    assert_string_equal(path_join(a, STR("/"), STR("b")).p, "/b");
    assert_string_equal(path_join(a, STR(""), STR("b")).p, "b");
    assert_string_equal(path_join(a, STR("a"), STR("")).p, "a");
    static const char *const cases[][2] = {
        {"", "."},          {".", "."},         {"/", "/"},           {"//", "/"},         {"a//b/", "a/b"},
        {"./a/./b", "a/b"}, {"a/..", "."},      {"a/../..", ".."},    {"../x", "../x"},    {"../../x/..", "../.."},
        {"/..", "/"},       {"/../a", "/a"},    {"/a/../../b", "/b"}, {"a/b/../c", "a/c"}, {"/a/b/..", "/a"},
        {"..a/b", "..a/b"}, {"a/b/../..", "."}, {"/a/..", "/"},       {"...", "..."}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(path_clean(a, str_from(cases[i][0])).p, cases[i][1]);
}

static void paths_come_apart(void **state)
{
    UNUSED(state);
    assert_str(path_base(STR("/a/b")), "b");
    assert_str(path_base(STR("/")), "");
    assert_str(path_base(STR("a/")), "a");
    assert_str(path_base(STR("")), "");
    assert_str(path_dir(STR("a")), ".");
    assert_str(path_dir(STR("/x")), "/");
    assert_str(path_dir(STR("/")), "/");
    assert_str(path_dir(STR("a//b")), "a");
    assert_str(path_dir(STR("//b")), "/");
    assert_str(path_dir(STR("a/b/")), "a");
    assert_str(path_ext(STR("a.b/c.tar.gz")), ".gz");
    assert_str(path_ext(STR("a.b/c")), "");
    assert_str(path_ext(STR(".bashrc")), "");
    assert_str(path_ext(STR("..")), "");
}

static void paths_know_their_place(void **state)
{
    UNUSED(state);
    assert_true(path_under(STR("/a/b"), STR("/a")));
    assert_true(path_under(STR("/a"), STR("/a")));
    assert_true(path_under(STR("/a"), STR("/")));
    assert_true(path_under(STR("/a/b"), STR("/a/")));
    assert_false(path_under(STR("/ab"), STR("/a")));
    assert_false(path_under(STR("/"), STR("/a")));
    assert_false(path_under(STR("/a"), STR("")));
    assert_str(path_rel(STR("/a/b/c"), STR("/a")), "b/c");
    assert_str(path_rel(STR("/a"), STR("/")), "a");
    assert_str(path_rel(STR("/a"), STR("/a")), ".");
    assert_str(path_rel(STR("/ab"), STR("/a")), "/ab");
    assert_true(path_is_inner(STR("a/../b")));
    assert_true(path_is_inner(STR("a/b/../..")));
    assert_true(path_is_inner(STR(".")));
    assert_true(path_is_inner(STR("..a")));
    assert_false(path_is_inner(STR("")));
    assert_false(path_is_inner(STR("..")));
    assert_false(path_is_inner(STR("a/../../b")));
    assert_false(path_is_inner(STR("./..//a")));
    assert_false(path_is_inner(STR("/a")));
    assert_false(path_is_inner(STR("a\0b")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(str_compares),           cmocka_unit_test(str_finds),
        cmocka_unit_test(str_takes_parts),        cmocka_unit_test(str_splits),
        cmocka_unit_test(buf_keeps_its_ceiling),  cmocka_unit_test(buf_grows_and_shrinks),
        cmocka_unit_test(buf_writes_json),        cmocka_unit_test(utf8_refuses_what_is_not),
        cmocka_unit_test(utf8_round_trips),       cmocka_unit_test(utf8_measures_columns),
        cmocka_unit_test(paths_join_and_clean),   cmocka_unit_test(paths_come_apart),
        cmocka_unit_test(paths_know_their_place),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
