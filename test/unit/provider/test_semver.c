#include "core/base.h"

#include "provider/semver.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

struct range_case {
    const char *range, *version;
    bool has, prerelease;
};

static const struct range_case RANGES[] = {
    {"3.12", "3.12.0", true, false},
    {"3.12", "3.12.11", true, false},
    {"3.12", "3.13.0", false, false},
    {"3.12", "3.12.0-rc.1", false, false},
    {"3", "3.9.1", true, false},
    {"3.x", "3.14.0", true, false},
    {"3.x", "4.0.0", false, false},
    {"3.X.x", "3.1.2", true, false},
    {"*", "3.1.2", true, false},
    {"", "3.1.2", true, false},
    {"*", "3.1.2-rc.1", false, false},
    {"3.1", "3.10.0", false, false},
    {"3.12.4", "3.12.4", true, false},
    {"=v3.12.4", "3.12.4", true, false},
    {"v3.12.4", "3.12.5", false, false},
    {">=3.9 <3.12", "3.11.9", true, false},
    {">=3.9 <3.12", "3.12.0", false, false},
    {">= 3.9 < 3.12", "3.9.0", true, false},
    {">3.9", "3.9.20", false, false},
    {">3.9", "3.10.0", true, false},
    {">3", "4.0.0", true, false},
    {">3", "3.14.0", false, false},
    {"<=3.9", "3.9.20", true, false},
    {"<=3.9", "3.10.0", false, false},
    {"<3.9", "3.8.20", true, false},
    {"<3.9", "3.9.0-rc.1", false, true},
    {"<*", "0.0.0", false, false},
    {"~3.9.2", "3.9.20", true, false},
    {"~3.9.2", "3.9.1", false, false},
    {"~3.9.2", "3.10.0", false, false},
    {"~3.9", "3.9.0", true, false},
    {"~3", "3.14.0", true, false},
    {"~3", "4.0.0", false, false},
    {"~> 3.9", "3.9.4", true, false},
    {"^3.9.1", "3.14.0", true, false},
    {"^3.9.1", "3.9.0", false, false},
    {"^3.9.1", "4.0.0", false, false},
    {"^0.2.3", "0.2.9", true, false},
    {"^0.2.3", "0.3.0", false, false},
    {"^0.0.3", "0.0.3", true, false},
    {"^0.0.3", "0.0.4", false, false},
    {"^0.0", "0.0.9", true, false},
    {"^0.0", "0.1.0", false, false},
    {"^0", "0.9.0", true, false},
    {"~9", "9.0.0-rc.1", true, true},
    {"~9", "9.0.0-rc.1", false, false},
    {"~1.2.3-beta.2", "1.2.3-beta.4", true, false},
    {"~1.2.3-beta.2", "1.2.4-beta.2", false, false},
    {"3.8 - 3.10", "3.10.99", true, false},
    {"3.8 - 3.10", "3.11.0", false, false},
    {"3.8.2 - 3.10.1", "3.10.1", true, false},
    {"3.8.2 - 3.10.1", "3.10.2", false, false},
    {"3.8 || 3.10", "3.10.2", true, false},
    {"3.8||3.10", "3.8.2", true, false},
    {"3.8 || 3.10", "3.9.2", false, false},
    {"~3.15.0-0", "3.15.0-rc.1", true, true},
    {"~3.15.0-0", "3.15.0-alpha.2", true, false},
    {"~3.15.0-0", "3.15.1-alpha.2", false, false},
    {"~3.15.0-0", "3.15.1-alpha.2", true, true},
    {"3.15", "3.15.0-rc.1", true, true},
    {">=3.15.0-beta.2", "3.15.0-rc.1", true, false},
    {">=3.15.0-beta.2", "3.15.0-beta.10", true, false},
    {">=3.15.0-beta.2", "3.15.0-alpha.9", false, false},
    {">=3.15.0-beta.2", "3.16.0-rc.1", false, false},
};

static void ranges_hold_what_npm_says(void **state)
{
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(RANGES); i++) {
        const struct range_case *c = &RANGES[i];
        CLEAN(arena) struct arena *a = arena_new();
        struct semver_range *range = NULL;
        struct semver v;
        if (semver_range_parse(a, str_from(c->range), c->prerelease, &range, NULL) != 0)
            fail_msg("'%s' is not read", c->range);
        assert_int_equal(semver_parse(str_from(c->version), &v), 0);
        if (semver_range_has(range, &v) != c->has)
            fail_msg("'%s' %s %s", c->range, c->has ? "must hold" : "must not hold", c->version);
    }
}

static void what_is_no_range_is_refused(void **state)
{
    static const char *const BAD[] = {"abc", "3.13t",   "3.x.y.z", "!=3.9",   "1.2.3.4", "3..9",     ">=",      "^",
                                      "^a",  "3.9 - b", "1.2.3-",  "1.2.3 <", "01.2",    "1.2.3-01", "1.2.3 -2"};
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        CLEAN(arena) struct arena *a = arena_new();
        struct semver_range *range = NULL;
        struct err err = {0};
        if (semver_range_parse(a, str_from(BAD[i]), false, &range, &err) != -EINVAL || err.text[0] == '\0')
            fail_msg("'%s' is taken for a range", BAD[i]);
    }
}

static void versions_are_ordered(void **state)
{
    static const char *const ORDER[] = {"3.8.0",       "3.12.0-alpha.1", "3.12.0-alpha.2", "3.12.0-beta.1",
                                        "3.12.0-rc.1", "3.12.0-rc.1.1",  "3.12.0-rc.10",   "3.12.0-rc.x",
                                        "3.12.0",      "3.12.1",         "3.100.0",        "4.0.0"};
    UNUSED(state);
    for (size_t i = 0; i + 1 < ARRAY_LEN(ORDER); i++) {
        struct semver a, b;
        assert_int_equal(semver_parse(str_from(ORDER[i]), &a), 0);
        assert_int_equal(semver_parse(str_from(ORDER[i + 1]), &b), 0);
        assert_true(semver_cmp(&a, &b) < 0);
        assert_true(semver_cmp(&b, &a) > 0);
        assert_int_equal(semver_cmp(&a, &a), 0);
    }
}

static void a_version_is_whole(void **state)
{
    struct semver v;
    UNUSED(state);
    assert_int_equal(semver_parse(STR(" v3.12.1+local "), &v), 0);
    assert_int_equal(v.part[1], 12);
    assert_int_equal(v.pre.n, 0);
    assert_int_equal(semver_parse(STR("3.12"), &v), -EINVAL);
    assert_int_equal(semver_parse(STR("03.12.1"), &v), -EINVAL);
    assert_int_equal(semver_parse(STR("3.12.1-rc.01"), &v), -EINVAL);
    assert_int_equal(semver_parse(STR("3.12.x"), &v), -EINVAL);
    assert_int_equal(semver_parse(STR(""), &v), -EINVAL);
    assert_int_equal(semver_parse(STR("99999999999999999999.1.1"), &v), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_hold_what_npm_says),
        cmocka_unit_test(what_is_no_range_is_refused),
        cmocka_unit_test(versions_are_ordered),
        cmocka_unit_test(a_version_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
