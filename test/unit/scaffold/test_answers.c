#include "scaffold/scaffold.h"

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

static struct str joined(struct arena *a, const struct strs *list)
{
    struct str all = STR("");
    for (size_t i = 0; i < list->n; i++)
        all = arena_printf(a, "%.*s%s%.*s", STR_ARG(all), i ? " " : "", STR_ARG(list->p[i]));
    return all;
}

static void pythons(struct arena *a, const char *list, const char *wanted)
{
    struct strs found;
    struct err e = {0};
    int r = answers_pythons(a, str_from(list), &found, &e);
    assert_string_equal(r == 0 ? joined(a, &found).p : e.text, wanted);
}

static void expands_pythons_by_minor_number(void **state)
{
    pythons(*state, "3.9-3.12", "3.9 3.10 3.11 3.12");
    pythons(*state, "3.13,3.11", "3.11 3.13");
    pythons(*state, " 3.11 , 3.9-3.10,3.10,", "3.9 3.10 3.11");
    pythons(*state, "3.14", "3.14");
}

static void refuses_pythons_with_a_sentence(void **state)
{
    pythons(*state, "", "no Python is named: write 3.12, 3.9-3.12 or 3.11,3.13");
    pythons(*state, "3.12-3.9", "the range 3.12-3.9 runs backwards");
    pythons(*state, "3.8", "Python 3.8 is too old for the tools of the project: 3.9 is the oldest offered");
    pythons(*state, "3.1", "Python 3.1 is too old for the tools of the project: 3.9 is the oldest offered");
    pythons(*state, "3.9-3.15",
            "Python 3.15 is not known to this slipway, whose data is of 2026-11-23: 3.14 is the newest");
    pythons(*state, "3.12.1", "'3.12.1' is no Python version: write 3.12, 3.9-3.12 or 3.11,3.13");
    pythons(*state, "3.012", "'3.012' is no Python version: write 3.12, 3.9-3.12 or 3.11,3.13");
    pythons(*state, "3.", "'3.' is no Python version: write 3.12, 3.9-3.12 or 3.11,3.13");
    pythons(*state, "3.99999999999", "'3.99999999999' is no Python version: write 3.12, 3.9-3.12 or 3.11,3.13");
    pythons(*state, "3.11-", "'' is no Python version: write 3.12, 3.9-3.12 or 3.11,3.13");
}

static void services(struct arena *a, const char *list, const char *wanted)
{
    struct strs found;
    struct err e = {0};
    int r = answers_services(a, str_from(list), &found, &e);
    assert_string_equal(r == 0 ? joined(a, &found).p : e.text, wanted);
}

static void reads_services(void **state)
{
    services(*state, "azure,github,azure", "github azure");
    services(*state, "all", "github codebuild cloudbuild azure");
    services(*state, "none", "none");
    services(*state, "none,azure", "'none' beside other services");
    services(*state, "codebiuld", "there is no service 'codebiuld'; did you mean 'codebuild'?");
    services(*state, "", "no service is named: github, codebuild, cloudbuild, azure, all or none");
}

static void derives_the_rest_from_the_name(void **state)
{
    struct answers x = {.name = STR("My-Data.Tool")};
    struct err e = {0};
    assert_int_equal(answers_complete(*state, &x, &e), 0);
    assert_string_equal(x.distribution.p, "my-data-tool");
    assert_string_equal(x.package.p, "my_data_tool");
    assert_string_equal(x.owner.p, "YOUR_ID");
    assert_string_equal(x.licence.p, "MIT");
    assert_string_equal(joined(*state, &x.pythons).p, "3.11 3.12 3.13 3.14");
    assert_string_equal(joined(*state, &x.services).p, "github codebuild cloudbuild azure");
    assert_false(x.branches);
}

static void completing_twice_changes_nothing(void **state)
{
    struct answers x = {.name = STR("hello")};
    struct err e = {0};
    assert_int_equal(answers_complete(*state, &x, &e), 0);
    struct answers y = x;
    assert_int_equal(answers_complete(*state, &y, &e), 0);
    assert_string_equal(joined(*state, &x.pythons).p, joined(*state, &y.pythons).p);
    assert_string_equal(joined(*state, &x.services).p, joined(*state, &y.services).p);
    assert_true(str_eq(x.package, y.package) && str_eq(x.distribution, y.distribution));
}

static void like_seed_has_its_own_names(void **state)
{
    struct answers x = {.like_seed = true};
    struct err e = {0};
    assert_int_equal(answers_complete(*state, &x, &e), 0);
    assert_true(str_is(x.name, "py-skeleton"));
    assert_true(str_is(x.distribution, "awesome-pkg"));
    assert_true(str_is(x.package, "awesome_pkg"));
    assert_string_equal(joined(*state, &x.pythons).p, "3.9 3.10 3.11 3.12");
    assert_true(x.branches);
}

/* What completing says about x, which stays as it was when it is refused. */
static void refused(struct arena *a, struct answers x, const char *part)
{
    struct err e = {0};
    struct answers before = x;
    assert_int_equal(answers_complete(a, &x, &e), -EINVAL);
    if (!strstr(e.text, part))
        fail_msg("'%s' does not say '%s'", e.text, part);
    assert_memory_equal(&before, &x, sizeof x);
}

static void refuses_names(void **state)
{
    struct arena *a = *state;
    static const char *const bad[] = {"-x",      "x-",   "a b",  "a/b",         "..",
                                      ".hidden", "a..b", "a._b", "caf\xc3\xa9", "a___b"};
    refused(a, (struct answers){0}, "a project needs a name");
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        refused(a, (struct answers){.name = str_from(bad[i])}, "cannot name a repository");
    refused(a, (struct answers){.name = STR("a123456789a123456789a123456789a123456789a123456789a123456789a")},
            "longer than 60");
    refused(a, (struct answers){.name = STR("x"), .owner = STR("a--b")}, "no repository owner");
    refused(a, (struct answers){.name = STR("x"), .owner = STR("a/b")}, "no repository owner");
}

static void refuses_package_names(void **state)
{
    struct arena *a = *state;
    refused(a, (struct answers){.name = STR("json")}, "standard library");
    refused(a, (struct answers){.name = STR("string")}, "standard library");
    refused(a, (struct answers){.name = STR("lambda")}, "Python language");
    refused(a, (struct answers){.name = STR("3d-print")}, "no import name");
    refused(a, (struct answers){.name = STR("x"), .package = STR("Abc")}, "no import name");
    refused(a, (struct answers){.name = STR("x"), .package = STR("_io")}, "no import name");
    refused(a, (struct answers){.name = STR("tests")}, "tools or tests");
    refused(a, (struct answers){.name = STR("Ruff")}, "take the place of the tool");
    refused(a, (struct answers){.name = STR("x"), .distribution = STR("a b")}, "PEP 508");
    refused(a, (struct answers){.name = STR("x"), .distribution = STR("-a")}, "PEP 508");
    struct answers ok = {.name = STR("3d-print"), .package = STR("print3d")};
    assert_int_equal(answers_complete(a, &ok, NULL), 0);
}

static void refuses_licences_and_texts(void **state)
{
    struct arena *a = *state;
    refused(a, (struct answers){.name = STR("x"), .licence = STR("apache-2.0")},
            "Apache-2.0 is not part of slipway yet");
    refused(a, (struct answers){.name = STR("x"), .licence = STR("WTF")}, "there is no licence 'WTF'");
    refused(a, (struct answers){.name = STR("x"), .author = STR("a\nb")}, "the author has a control character");
    refused(a, (struct answers){.name = STR("x"), .description = STR("\xff")}, "the description is not UTF-8");
    refused(a, (struct answers){.name = STR("x"), .year = -1}, "no year");
    struct strs pythons = {0};
    vec_push_in(a, &pythons, STR("2.7"));
    refused(a, (struct answers){.name = STR("x"), .pythons = pythons}, "'2.7' is no Python version");
}

static void notes_name_the_dead(void **state)
{
    struct answers x = {.like_seed = true};
    struct strs notes;
    assert_int_equal(answers_complete(*state, &x, NULL), 0);
    answers_notes(*state, &x, STR("2026-11-23"), &notes);
    assert_int_equal(notes.n, 3);
    assert_string_equal(notes.p[0].p, "Python 3.9 has had no security fixes since 2025-10-31");
    assert_string_equal(notes.p[1].p, "Python 3.10 has had no security fixes since 2026-10-31");
    struct answers y = {.name = STR("x")};
    assert_int_equal(answers_complete(*state, &y, NULL), 0);
    answers_notes(*state, &y, str_from(answers_data_date()), &notes);
    assert_int_equal(notes.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(expands_pythons_by_minor_number, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_pythons_with_a_sentence, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_services, setup, teardown),
        cmocka_unit_test_setup_teardown(derives_the_rest_from_the_name, setup, teardown),
        cmocka_unit_test_setup_teardown(completing_twice_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(like_seed_has_its_own_names, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_names, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_package_names, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_licences_and_texts, setup, teardown),
        cmocka_unit_test_setup_teardown(notes_name_the_dead, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
