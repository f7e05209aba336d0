/* provider/interpreter.h: which interpreter of a machine a version means. */
#include "core/base.h"
#include "provider/interpreter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct interpreter here[] = {
    {.tool = {"python", 6}, .version = {"3.9.18", 6}, .origin = {"pyenv", 5}},
    {.tool = {"python", 6}, .version = {"3.12.1", 6}, .origin = {"system", 6}, .shared_prefix = true},
    {.tool = {"python", 6}, .version = {"3.12.1", 6}, .origin = {"uv", 2}},
    {.tool = {"python", 6}, .version = {"3.10.13", 7}, .origin = {"pyenv", 5}},
    {.tool = {"python", 6}, .version = {"3.15.0-rc.1", 11}, .origin = {"uv", 2}},
    {.tool = {"node", 4}, .version = {"20.20.2", 7}, .origin = {"PATH", 4}},
};

static void finds(const char *tool, const char *version, const char *want)
{
    struct facts f = {.machine = {.interpreters = here, .n_interpreters = ARRAY_LEN(here)}};
    const struct interpreter *got = interpreter_find(&f, tool, str_from(version));
    assert_string_equal(got != NULL ? got->version.p : "none", want);
}

static void components_are_numbers(void **state)
{
    UNUSED(state);
    finds("python", "3.9", "3.9.18");
    finds("python", "3.1", "none");
    finds("python", "3.10", "3.10.13");
    finds("python", "3", "3.12.1");
    finds("python", "3.12.1", "3.12.1");
    finds("python", "3.12.4", "none");
    finds("python", "3.12.1.0", "none");
}

static void any_version_is_the_highest_released_one(void **state)
{
    UNUSED(state);
    finds("python", "", "3.12.1");
    finds("python", "latest", "3.12.1");
    finds("python", "3.x", "3.12.1");
    finds("python", "3.15", "none");
    finds("node", "20.x", "20.20.2");
    finds("go", "", "none");
}

static void what_is_no_version_finds_nothing(void **state)
{
    UNUSED(state);
    finds("python", "3.x.1", "none");
    finds("python", "three", "none");
    finds("python", "$PYTHON", "none");
    finds("python", "3..1", "none");
}

static void an_installation_of_its_own_is_preferred(void **state)
{
    UNUSED(state);
    struct facts f = {.machine = {.interpreters = here, .n_interpreters = ARRAY_LEN(here)}};
    assert_string_equal(interpreter_find(&f, "python", STR("3.12"))->origin.p, "uv");
}

static void versions_have_an_order(void **state)
{
    UNUSED(state);
    assert_int_equal(interpreter_version_cmp(STR("3.9"), STR("3.10")), -1);
    assert_int_equal(interpreter_version_cmp(STR("3.10"), STR("3.10.1")), -1);
    assert_int_equal(interpreter_version_cmp(STR("3.10.1"), STR("3.10.1")), 0);
    assert_int_equal(interpreter_version_cmp(STR("4"), STR("3.99.99")), 1);
}

static void the_nearest_is_the_same_or_newer(void **state)
{
    UNUSED(state);
    struct interpreter nodes[] = {{.tool = STR("node"), .version = STR("16.20.2")},
                                  {.tool = STR("node"), .version = STR("24.1.0")},
                                  {.tool = STR("python"), .version = STR("20.0.0")},
                                  {.tool = STR("node"), .version = STR("22.3.0")}};
    const struct facts f = {.machine = {.interpreters = nodes, .n_interpreters = ARRAY_LEN(nodes)}};
    assert_int_equal(interpreter_major(interpreter_nearest(&f, "node", 16)), 16);
    assert_int_equal(interpreter_major(interpreter_nearest(&f, "node", 20)), 22);
    assert_int_equal(interpreter_major(interpreter_nearest(&f, "node", 26)), 24);
    assert_null(interpreter_nearest(&f, "go", 1));
}

static void all_of_a_tool_are_listed(void **state)
{
    UNUSED(state);
    CLEAN(arena) struct arena *a = arena_new();
    struct facts f = {.machine = {.interpreters = here, .n_interpreters = ARRAY_LEN(here)}};
    assert_string_equal(interpreter_list(a, &f, "node").p, "20.20.2 (PATH)");
    assert_string_equal(interpreter_list(a, &f, "go").p, "none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(components_are_numbers),           cmocka_unit_test(any_version_is_the_highest_released_one),
        cmocka_unit_test(what_is_no_version_finds_nothing), cmocka_unit_test(an_installation_of_its_own_is_preferred),
        cmocka_unit_test(versions_have_an_order),           cmocka_unit_test(all_of_a_tool_are_listed),
        cmocka_unit_test(the_nearest_is_the_same_or_newer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
