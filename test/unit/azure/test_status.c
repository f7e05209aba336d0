/* The functions of conditions between stages and jobs: the whole truth table (specification 7.2), and results. */
#include "plan_load.h"

static bool holds(const struct az_units *u, const char *function, struct az_value *const *args, size_t n)
{
    bool ret = false;
    assert_int_equal(az_status_call(u, str_from(function), args, n, &ret), 0);
    return ret;
}

/* "TFTTT": succeeded, failed, succeededOrFailed, not(canceled), always. */
static void check(const char *wanted, bool canceled, size_t n, const enum az_result *results)
{
    struct az_unit units[4];
    struct az_units u = {.p = units, .n = n, .canceled = canceled};
    const char *names[] = {"A", "B", "C", "D"};
    for (size_t i = 0; i < n; i++)
        units[i] = (struct az_unit){str_from(names[i]), results[i]};
    const bool got[] = {holds(&u, "succeeded", NULL, 0), holds(&u, "FAILED", NULL, 0),
                        holds(&u, "succeededOrFailed", NULL, 0), !holds(&u, "canceled", NULL, 0),
                        holds(&u, "Always", NULL, 0)};
    char text[6] = "";
    for (size_t i = 0; i < 5; i++)
        text[i] = got[i] ? 'T' : 'F';
    assert_string_equal(text, wanted);
}

static void test_table(void **state)
{
    UNUSED(state);
    check("TFTTT", false, 0, NULL);
    check("TFTTT", false, 2, (const enum az_result[]){AZ_SUCCEEDED, AZ_WITH_ISSUES});
    check("FFFTT", false, 1, (const enum az_result[]){AZ_SKIPPED});
    check("FFFTT", false, 2, (const enum az_result[]){AZ_SKIPPED, AZ_SKIPPED});
    check("FFTTT", false, 2, (const enum az_result[]){AZ_SUCCEEDED, AZ_SKIPPED});
    check("FTTTT", false, 1, (const enum az_result[]){AZ_FAILED});
    check("FTTTT", false, 2, (const enum az_result[]){AZ_FAILED, AZ_SKIPPED});
    check("FFFTT", false, 1, (const enum az_result[]){AZ_ABANDONED});
    check("FFFTT", false, 1, (const enum az_result[]){AZ_CANCELED});
    check("FFFFT", true, 1, (const enum az_result[]){AZ_SUCCEEDED});
    check("FFFFT", true, 0, NULL);
}

static void test_names(void **state)
{
    UNUSED(state);
    CLEAN(arena) struct arena *a = arena_new();
    struct az_unit units[] = {{STR("Build"), AZ_SUCCEEDED}, {STR("Test"), AZ_FAILED}, {STR("Lint"), AZ_SKIPPED}};
    struct az_units u = {.p = units, .n = 3};
    struct az_value *build[] = {az_string(a, STR("BUILD"))}, *test[] = {az_string(a, STR("test"))};
    struct az_value *both[] = {build[0], test[0]}, *nobody[] = {az_string(a, STR("Deploy"))};
    struct az_value *lint[] = {az_string(a, STR("Lint"))}, *some[] = {build[0], nobody[0]};
    assert_true(holds(&u, "succeeded", build, 1));
    assert_false(holds(&u, "succeeded", test, 1));
    assert_true(holds(&u, "failed", test, 1));
    assert_true(holds(&u, "failed", both, 2));
    assert_false(holds(&u, "succeeded", both, 2));
    assert_false(holds(&u, "succeededOrFailed", lint, 1));
    assert_false(holds(&u, "succeeded", nobody, 1));
    assert_false(holds(&u, "failed", nobody, 1));
    assert_false(holds(&u, "succeeded", some, 2));
    bool ret;
    assert_int_equal(az_status_call(&u, STR("counter"), NULL, 0, &ret), -ENOENT);
}

static void test_results(void **state)
{
    UNUSED(state);
    assert_int_equal(az_result_merge(AZ_SUCCEEDED, AZ_WITH_ISSUES), AZ_WITH_ISSUES);
    assert_int_equal(az_result_merge(AZ_FAILED, AZ_SUCCEEDED), AZ_FAILED);
    assert_int_equal(az_result_merge(AZ_FAILED, AZ_CANCELED), AZ_CANCELED); /* a guess, told in the docs */
    assert_int_equal(az_result_merge(AZ_CANCELED, AZ_FAILED), AZ_CANCELED);
    assert_int_equal(az_result_merge(AZ_SKIPPED, AZ_SUCCEEDED), AZ_SUCCEEDED);
    assert_int_equal(az_result_merge(AZ_SKIPPED, AZ_SKIPPED), AZ_SKIPPED);
    assert_int_equal(az_result_merge(AZ_NOT_RUN, AZ_SKIPPED), AZ_SKIPPED);
    assert_string_equal(az_result_name(AZ_WITH_ISSUES), "SucceededWithIssues");
    assert_int_equal(az_result_plain(AZ_WITH_ISSUES), RESULT_SUCCESS);
    assert_int_equal(az_result_plain(AZ_ABANDONED), RESULT_FAILURE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_table), cmocka_unit_test(test_names),
                                       cmocka_unit_test(test_results)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
