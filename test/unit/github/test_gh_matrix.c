#include "core/base.h"
#include "gh_load.h"

/* The legs of a matrix given as JSON: one line of JSON each, with the suffix of its name. */
static struct str legs_of(struct arena *a, const char *json)
{
    struct value *matrix, **legs;
    struct err e = {0};
    size_t n;
    CLEAN(buf) struct buf out = BUF(BUF_TEXT);
    assert_int_equal(value_from_json(a, str_from(json), MAP_NOCASE, &matrix, &e), 0);
    if (gh_matrix(a, matrix, &legs, &n, &e) != 0)
        return arena_cstr(a, e.text);
    for (size_t i = 0; i < n; i++) {
        value_add_json(&out, legs[i], VALUE_COMPACT);
        struct str suffix = gh_matrix_suffix(a, matrix, legs[i]);
        buf_printf(&out, "%.*s\n", STR_ARG(suffix));
    }
    return out.n ? arena_str(a, buf_str(&out)) : STR("");
}

static void assert_legs(const char *json, const char *expected)
{
    CLEAN(arena) struct arena *a = arena_new();
    assert_string_equal(legs_of(a, json).p, expected);
}

static void example_a(void **state)
{
    UNUSED(state);
    assert_legs("{\"fruit\":[\"apple\",\"pear\"],\"animal\":[\"cat\",\"dog\"],\"include\":[{\"color\":\"green\"},"
                "{\"color\":\"pink\",\"animal\":\"cat\"},{\"fruit\":\"apple\",\"shape\":\"circle\"},"
                "{\"fruit\":\"banana\"},{\"fruit\":\"banana\",\"animal\":\"cat\"}]}",
                "{\"fruit\":\"apple\",\"animal\":\"cat\",\"color\":\"pink\",\"shape\":\"circle\"} (apple, cat)\n"
                "{\"fruit\":\"apple\",\"animal\":\"dog\",\"color\":\"green\",\"shape\":\"circle\"} (apple, dog)\n"
                "{\"fruit\":\"pear\",\"animal\":\"cat\",\"color\":\"pink\"} (pear, cat)\n"
                "{\"fruit\":\"pear\",\"animal\":\"dog\",\"color\":\"green\"} (pear, dog)\n"
                "{\"fruit\":\"banana\"} (banana)\n"
                "{\"fruit\":\"banana\",\"animal\":\"cat\"} (banana, cat)\n");
}

static void example_b(void **state)
{
    UNUSED(state);
    assert_legs("{\"os\":[\"windows-latest\",\"ubuntu-latest\"],\"node\":[14,16,18],"
                "\"include\":[{\"os\":\"windows-latest\",\"node\":16,\"npm\":6}]}",
                "{\"os\":\"windows-latest\",\"node\":14} (windows-latest, 14)\n"
                "{\"os\":\"windows-latest\",\"node\":16,\"npm\":6} (windows-latest, 16)\n"
                "{\"os\":\"windows-latest\",\"node\":18} (windows-latest, 18)\n"
                "{\"os\":\"ubuntu-latest\",\"node\":14} (ubuntu-latest, 14)\n"
                "{\"os\":\"ubuntu-latest\",\"node\":16} (ubuntu-latest, 16)\n"
                "{\"os\":\"ubuntu-latest\",\"node\":18} (ubuntu-latest, 18)\n");
}

static void example_c(void **state)
{
    UNUSED(state);
    assert_legs("{\"os\":[\"a\",\"b\"],\"v\":[1,2],\"exclude\":[{\"os\":\"b\"}]}",
                "{\"os\":\"a\",\"v\":1} (a, 1)\n{\"os\":\"a\",\"v\":2} (a, 2)\n");
}

static void example_d(void **state)
{
    UNUSED(state);
    assert_legs("{\"include\":[{\"site\":\"prod\",\"dc\":1},{\"site\":\"test\"}]}",
                "{\"site\":\"prod\",\"dc\":1} (prod, 1)\n{\"site\":\"test\"} (test)\n");
}

static void filters_coerce_and_fold(void **state)
{
    UNUSED(state);
    assert_legs("{\"node\":[10,12],\"exclude\":[{\"node\":\"10\"}]}", "{\"node\":12} (12)\n");
    assert_legs("{\"os\":[\"Linux\",\"Mac\"],\"exclude\":[{\"os\":\"LINUX\"}]}", "{\"os\":\"Mac\"} (Mac)\n");
}

static void nested_values(void **state)
{
    UNUSED(state);
    assert_legs("{\"os\":[{\"name\":\"u\",\"v\":1},{\"name\":\"w\",\"v\":2}],\"exclude\":[{\"os\":{\"v\":2}}]}",
                "{\"os\":{\"name\":\"u\",\"v\":1}} (u, 1)\n");
}

/* An include that names an excluded combination becomes a leg of its own. */
static void include_after_exclude(void **state)
{
    UNUSED(state);
    assert_legs("{\"os\":[\"a\",\"b\"],\"exclude\":[{\"os\":\"b\"}],\"include\":[{\"os\":\"b\",\"x\":1}]}",
                "{\"os\":\"a\"} (a)\n{\"os\":\"b\",\"x\":1} (b, 1)\n");
}

static void wrong_matrices(void **state)
{
    UNUSED(state);
    assert_legs("{}", "Matrix must define at least one vector");
    assert_legs("{\"a\":[]}", "Matrix vector 'a' does not contain any values");
    assert_legs("{\"a\":[1],\"exclude\":[{\"b\":1}]}",
                "Matrix exclude key 'b' does not match any key within the matrix");
    assert_legs("{\"a\":[1],\"exclude\":[{}]}", "Matrix exclude filter must not be empty");
    assert_legs("{\"a\":[1],\"include\":[{}]}", "Matrix include mapping does not contain any values");
    assert_legs("{\"a\":[1,2,3,4,5,6,7],\"b\":[1,2,3,4,5,6,7],\"c\":[1,2,3,4,5,6,7]}",
                "The matrix makes 343 jobs; 256 are allowed");
}

static void all_excluded(void **state)
{
    UNUSED(state);
    assert_legs("{\"a\":[1],\"exclude\":[{\"a\":1}]}", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(example_a),
        cmocka_unit_test(example_b),
        cmocka_unit_test(example_c),
        cmocka_unit_test(example_d),
        cmocka_unit_test(filters_coerce_and_fold),
        cmocka_unit_test(nested_values),
        cmocka_unit_test(include_after_exclude),
        cmocka_unit_test(wrong_matrices),
        cmocka_unit_test(all_excluded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
