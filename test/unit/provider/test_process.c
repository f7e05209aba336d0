/* provider/process.h: words and variables of processes, names of machines. */
#include "core/base.h"
#include "provider/process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void words_are_quoted_when_they_must_be(void **state)
{
    CLEAN(arena) struct arena *a = arena_new();
    UNUSED(state);
    assert_string_equal(process_word(a, STR("a/b-c.py")).p, "a/b-c.py");
    assert_string_equal(process_word(a, STR("it's")).p, "'it'\\''s'");
    assert_string_equal(process_word(a, STR("''")).p, "''\\'''\\'''");
    assert_string_equal(process_word(a, STR("a b")).p, "'a b'");
    assert_string_equal(process_word(a, STR("$HOME")).p, "'$HOME'");
    assert_string_equal(process_word(a, STR("")).p, "''");
}

static void some_variables_cannot_be(void **state)
{
    CLEAN(arena) struct arena *a = arena_new();
    UNUSED(state);
    assert_string_equal(process_variable(a, STR("A"), STR("b=c")).p, "A=b=c");
    assert_true(process_can_have(STR("a.b"), STR("")));
    assert_false(process_can_have(STR(""), STR("x")));
    assert_false(process_can_have(STR("A=B"), STR("x")));
    assert_false(process_can_have(STR("A"), STR("x\0y")));
}

static void machines_have_a_short_name(void **state)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct facts f = {0};
    UNUSED(state);
    assert_true(str_is(process_machine(a, &f), "this system"));
    f.machine.os_id = STR("debian");
    assert_true(str_is(process_machine(a, &f), "Debian"));
    f.machine.os_version = STR("12");
    assert_true(str_is(process_machine(a, &f), "Debian 12"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_quoted_when_they_must_be),
        cmocka_unit_test(some_variables_cannot_be),
        cmocka_unit_test(machines_have_a_short_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
