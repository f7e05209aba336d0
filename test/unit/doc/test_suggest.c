#include "core/base.h"
#include "doc/suggest.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static void distances(void **state)
{
    UNUSED(state);
    assert_int_equal(suggest_distance(STR("steps"), STR("steps"), 3), 0);
    assert_int_equal(suggest_distance(STR("STEPS"), STR("steps"), 3), 0);
    assert_int_equal(suggest_distance(STR("stpes"), STR("steps"), 3), 1);
    assert_int_equal(suggest_distance(STR("step"), STR("steps"), 3), 1);
    assert_int_equal(suggest_distance(STR("stepps"), STR("steps"), 3), 1);
    assert_int_equal(suggest_distance(STR("kitten"), STR("sitting"), 3), 3);
    assert_int_equal(suggest_distance(STR("kitten"), STR("sitting"), 2), 3);
    assert_int_equal(suggest_distance(STR("abcdef"), STR("ghijkl"), 2), 3);
    assert_int_equal(suggest_distance(STR(""), STR("ab"), 3), 2);
    assert_int_equal(suggest_distance(STR("ba"), STR("ab"), 1), 1);
    assert_int_equal(suggest_distance(STR("badc"), STR("abcd"), 2), 2);
}

static void long_texts_are_far_apart(void **state)
{
    UNUSED(state);
    char a[1000], b[1000];
    memset(a, 'a', sizeof a);
    memset(b, 'a', sizeof b);
    assert_int_equal(suggest_distance(str_of(a, 1000), str_of(b, 1000), 3), 0);
    b[500] = 'b';
    assert_int_equal(suggest_distance(str_of(a, 1000), str_of(b, 1000), 3), 4);
    assert_int_equal(suggest_distance(str_of(a, 64), str_of(b + 437, 64), 3), 1);
}

static void the_nearest_word_is_found(void **state)
{
    UNUSED(state);
    const char *const words[] = {"name", "needs", "runs-on", "steps", "strategy", "if", "env"};
    size_t n = ARRAY_LEN(words);
    assert_true(str_is(suggest(STR("runs_on"), words, n), "runs-on"));
    assert_true(str_is(suggest(STR("Runs-On"), words, n), "runs-on"));
    assert_true(str_is(suggest(STR("runson"), words, n), "runs-on"));
    assert_true(str_is(suggest(STR("stratgey"), words, n), "strategy"));
    assert_true(str_is(suggest(STR("need"), words, n), "needs"));
    assert_true(str_is(suggest(STR("fi"), words, n), "if"));
    assert_null(suggest(STR("container"), words, n).p);
    assert_null(suggest(STR(""), words, n).p);
    assert_null(suggest(STR("x"), words, 0).p);
    const char *const near[] = {"abcx", "abcd"};
    assert_true(str_is(suggest(STR("abce"), near, 2), "abcx"));
    assert_true(str_is(suggest(STR("abcd"), near, 2), "abcd"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances),
        cmocka_unit_test(long_texts_are_far_apart),
        cmocka_unit_test(the_nearest_word_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
