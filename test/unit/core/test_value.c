#include "core/base.h"
#include "core/value.h"

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

static const char *again(struct arena *a, struct str text, enum value_json how)
{
    struct value *v;
    struct err e;
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    if (value_from_json(a, text, MAP_NOCASE, &v, &e) < 0)
        return arena_cstr(a, e.text).p;
    assert_int_equal(value_add_json(&b, v, how), 0);
    return arena_str(a, buf_str(&b)).p;
}

static void what_is_read_is_written_alike(void **state)
{
    static const char *const texts[] = {
        "null",
        "true",
        "false",
        "1",
        "-0.5",
        "\"\"",
        "[]",
        "{}",
        "{\"z\":1,\"a\":[1,[2,{}]],\"\":null}",
        "\"\\u0000 \\\" \\\\ \\n \\u001f \xc3\xa9\"",
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_string_equal(again(*state, str_from(texts[i]), VALUE_COMPACT), texts[i]);
}

static void pretty_has_two_spaces_and_no_space_in_empty_ones(void **state)
{
    assert_string_equal(again(*state, STR("{\"a\":[1,{}],\"b\":{\"c\":[]}}"), VALUE_PRETTY),
                        "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": {\n    \"c\": []\n  }\n}");
}

static void numbers_are_doubles(void **state)
{
    assert_string_equal(again(*state, STR("[123456789012345, 1234567890123456789, 1e300, -0]"), VALUE_COMPACT),
                        "[123456789012345,1.23456789012346E+18,1E+300,0]");
}

static void of_two_like_keys_the_last_value_counts(void **state)
{
    assert_string_equal(again(*state, STR("{\"a\":1,\"b\":2,\"a\":3,\"B\":4}"), VALUE_COMPACT), "{\"a\":3,\"b\":4}");
}

static void faults_have_a_place(void **state)
{
    assert_string_equal(again(*state, STR(""), VALUE_COMPACT), "empty input");
    assert_string_equal(again(*state, STR(" \n "), VALUE_COMPACT), "empty input");
    assert_string_equal(again(*state, STR("[1,\n x]"), VALUE_COMPACT), "line 2, column 2: invalid token near 'x'");
    assert_string_equal(again(*state, STR("[1]]"), VALUE_COMPACT), "line 1, column 4: end of file expected near ']'");
}

static void depth_is_limited(void **state)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    buf_add_rep(&b, '[', 99);
    buf_add_rep(&b, ']', 99);
    assert_string_equal(again(*state, buf_str(&b), VALUE_COMPACT), buf_cstr(&b));
    buf_clear(&b);
    buf_add_rep(&b, '[', 101);
    buf_add_rep(&b, ']', 101);
    assert_string_equal(again(*state, buf_str(&b), VALUE_COMPACT), "nested more than 100 deep");
}

static void a_full_buffer_is_left_as_it_was(void **state)
{
    struct arena *a = *state;
    struct value *array = value_array(a);
    CLEAN(buf) struct buf b = BUF(8);
    for (int i = 0; i < 10; i++)
        value_push(a, array, value_bool(a, true));
    buf_add(&b, STR("x"));
    assert_int_equal(value_add_json(&b, array, VALUE_COMPACT), -E2BIG);
    assert_string_equal(buf_cstr(&b), "x");
}

static void members(void **state)
{
    struct arena *a = *state;
    struct value *o = value_object(a, MAP_NOCASE);
    value_set_str(a, o, "Ref", STR("main"));
    value_set(o, STR("n"), value_number(a, 1));
    assert_string_equal(value_get_str(o, "REF").p, "main");
    assert_null(value_get_str(o, "n").p);
    assert_null(value_get(o, STR("none")));
    assert_null(value_get(NULL, STR("x")));
    assert_null(value_get(value_null(), STR("x")));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_read_is_written_alike),
        TEST(pretty_has_two_spaces_and_no_space_in_empty_ones),
        TEST(numbers_are_doubles),
        TEST(of_two_like_keys_the_last_value_counts),
        TEST(faults_have_a_place),
        TEST(depth_is_limited),
        TEST(a_full_buffer_is_left_as_it_was),
        TEST(members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
