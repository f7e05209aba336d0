#include "core/base.h"
#include "core/num.h"

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#define assert_text(b, want)                                                                                           \
    do {                                                                                                               \
        assert_string_equal(buf_cstr(b), want);                                                                        \
        buf_clear(b);                                                                                                  \
    } while (0)

static void g15_prints_as_dotnet(void **state)
{
    UNUSED(state);
    static const struct {
        double x;
        const char *want;
    } cases[] = {
        {0, "0"},
        {-0.0, "0"},
        {1, "1"},
        {-1, "-1"},
        {0.1 + 0.2, "0.3"},
        {1.10, "1.1"},
        {3.10, "3.1"},
        {1000, "1000"},
        {999999999999999, "999999999999999"},
        {1e15, "1E+15"},
        {-1e15, "-1E+15"},
        {999999999999999.5, "1E+15"},
        {1345678912345678912.0, "1.34567891234568E+18"},
        {0.0001, "0.0001"},
        {0.00001, "1E-05"},
        {1e-10, "1E-10"},
        {123456.789, "123456.789"},
        {1.0 / 3, "0.333333333333333"},
        {2.0 / 3, "0.666666666666667"},
        {1e100, "1E+100"},
        {1.7976931348623157e308, "1.79769313486232E+308"},
        {5e-324, "4.94065645841247E-324"},
        {9007199254740993.0, "9.00719925474099E+15"},
    };
    CLEAN(buf) struct buf b = BUF(64);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(num_add_g15(&b, cases[i].x), 0);
        assert_text(&b, cases[i].want);
    }
    num_add_g15(&b, (double)NAN);
    assert_text(&b, "NaN");
    num_add_g15(&b, (double)INFINITY);
    assert_text(&b, "Infinity");
    num_add_g15(&b, -(double)INFINITY);
    assert_text(&b, "-Infinity");
}

static void doubles_are_read_by_the_grammar(void **state)
{
    UNUSED(state);
    static const struct {
        const char *text;
        double want;
    } good[] = {{"0", 0},          {"1", 1},      {"+1", 1},      {"-1.5", -1.5},    {".5", 0.5},
                {"5.", 5},         {"1e3", 1000}, {"1E+3", 1000}, {"1e-2", 0.01},    {"-.5e1", -5},
                {"0001.100", 1.1}, {"1e-400", 0}, {"3.10", 3.1},  {"5e-324", 5e-324}};
    static const char *const bad[] = {"",
                                      " 1",
                                      "1 ",
                                      "+",
                                      ".",
                                      "e5",
                                      "1e",
                                      "1e+",
                                      "--1",
                                      "0x1",
                                      "1_00",
                                      "1,0",
                                      "nan",
                                      "NaN",
                                      "inf",
                                      "Infinity",
                                      "1.2.3",
                                      "1e5.0",
                                      "+-1",
                                      "1f",
                                      "1d",
                                      "0b1",
                                      "0o17",
                                      ("\xc2\xa0"
                                       "1")};
    double x = 42;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_int_equal(num_parse_double(str_from(good[i].text), &x), 0);
        assert_true(x == good[i].want);
    }
    x = 42;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(num_parse_double(str_from(bad[i]), &x), -EINVAL);
    assert_int_equal(num_parse_double(STR("1\0"), &x), -EINVAL);
    assert_int_equal(num_parse_double(STR("1e400"), &x), -ERANGE);
    assert_int_equal(num_parse_double(STR("-1e400"), &x), -ERANGE);
    assert_true(x == 42);
    num_parse_double(str_of("12345", 2), &x);
    assert_true(x == 12);
    assert_int_equal(num_parse_double(STR("-0"), &x), 0);
    assert_true(x == 0 && signbit(x));
}

static void unsigned_stops_at_its_limit(void **state)
{
    UNUSED(state);
    uint64_t x = 7;
    assert_int_equal(num_parse_u64(STR("18446744073709551615"), UINT64_MAX, &x), 0);
    assert_true(x == UINT64_MAX);
    x = 7;
    assert_int_equal(num_parse_u64(STR("18446744073709551616"), UINT64_MAX, &x), -ERANGE);
    assert_int_equal(num_parse_u64(STR("99999999999999999999999999999999"), UINT64_MAX, &x), -ERANGE);
    assert_int_equal(num_parse_u64(STR("99999999999999999999999999999999x"), UINT64_MAX, &x), -EINVAL);
    assert_int_equal(num_parse_u64(STR("11"), 10, &x), -ERANGE);
    assert_int_equal(num_parse_u64(STR(""), 10, &x), -EINVAL);
    assert_int_equal(num_parse_u64(STR("+1"), 10, &x), -EINVAL);
    assert_int_equal(num_parse_u64(STR("-1"), 10, &x), -EINVAL);
    assert_int_equal(num_parse_u64(STR(" 1"), 10, &x), -EINVAL);
    assert_int_equal(x, 7);
    assert_int_equal(num_parse_u64(STR("0010"), 10, &x), 0);
    assert_int_equal(x, 10);
}

static void signed_reaches_both_ends(void **state)
{
    UNUSED(state);
    int64_t x = 7;
    assert_int_equal(num_parse_i64(STR("-9223372036854775808"), INT64_MIN, INT64_MAX, &x), 0);
    assert_true(x == INT64_MIN);
    assert_int_equal(num_parse_i64(STR("9223372036854775807"), INT64_MIN, INT64_MAX, &x), 0);
    assert_true(x == INT64_MAX);
    assert_int_equal(num_parse_i64(STR("+9223372036854775808"), INT64_MIN, INT64_MAX, &x), -ERANGE);
    assert_int_equal(num_parse_i64(STR("-9223372036854775809"), INT64_MIN, INT64_MAX, &x), -ERANGE);
    assert_int_equal(num_parse_i64(STR("-0"), 0, 5, &x), 0);
    assert_true(x == 0);
    assert_int_equal(num_parse_i64(STR("-3"), -2, 5, &x), -ERANGE);
    assert_int_equal(num_parse_i64(STR("-"), -2, 5, &x), -EINVAL);
    assert_int_equal(num_parse_i64(STR("--1"), -2, 5, &x), -EINVAL);
    assert_true(x == 0);
}

static void sizes_are_binary(void **state)
{
    UNUSED(state);
    static const struct {
        const char *text;
        uint64_t want;
    } good[] = {{"0", 0},
                {"10", 10},
                {"10B", 10},
                {"10k", 10240},
                {"10K", 10240},
                {"10KiB", 10240},
                {"10kb", 10240},
                {"2M", 2 << 20},
                {"1G", 1 << 30},
                {"1TiB", UINT64_C(1) << 40},
                {"16777215T", UINT64_C(16777215) << 40}};
    static const char *const bad[] = {"", "k", "1.5G", "1 k", "1x", "1ki", "1kk", "-1k", "1KiBs", "B"};
    uint64_t x = 3;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_int_equal(num_parse_size(str_from(good[i].text), &x), 0);
        assert_true(x == good[i].want);
    }
    x = 3;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(num_parse_size(str_from(bad[i]), &x), -EINVAL);
    assert_int_equal(num_parse_size(STR("16777216T"), &x), -ERANGE);
    assert_true(x == 3);
}

static void durations_read_well(void **state)
{
    UNUSED(state);
    static const struct {
        int64_t ns;
        const char *want;
    } cases[] = {{-5, "0s"},
                 {0, "0s"},
                 {400000000, "0.4s"},
                 {9999999999, "9.9s"},
                 {12000000000, "12s"},
                 {59999999999, "59s"},
                 {60000000000, "1m00s"},
                 {72000000000, "1m12s"},
                 {7380000000000, "2h03m"},
                 {3599999999999, "59m59s"},
                 {INT64_MAX, "2562047h47m"}};
    CLEAN(buf) struct buf b = BUF(64);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        num_add_duration(&b, cases[i].ns);
        assert_text(&b, cases[i].want);
    }
}

static void sizes_read_well(void **state)
{
    UNUSED(state);
    static const struct {
        uint64_t bytes;
        const char *want;
    } cases[] = {{0, "0 B"},        {512, "512 B"},        {1023, "1023 B"},     {1024, "1 KiB"},
                 {1536, "1.5 KiB"}, {1048575, "1023 KiB"}, {20 << 20, "20 MiB"}, {UINT64_MAX, "15 EiB"}};
    CLEAN(buf) struct buf b = BUF(64);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        num_add_size(&b, cases[i].bytes);
        assert_text(&b, cases[i].want);
    }
}

static void times_are_iso(void **state)
{
    UNUSED(state);
    static const struct {
        int64_t ms;
        const char *want;
    } cases[] = {{0, "1970-01-01T00:00:00.000Z"},
                 {-1, "1969-12-31T23:59:59.999Z"},
                 {951782400000, "2000-02-29T00:00:00.000Z"},
                 {951868800000, "2000-03-01T00:00:00.000Z"},
                 {1795429230123, "2026-11-23T10:20:30.123Z"},
                 {4107542399999, "2100-02-28T23:59:59.999Z"},
                 {4107542400000, "2100-03-01T00:00:00.000Z"},
                 {-62135596800000, "0001-01-01T00:00:00.000Z"},
                 {253402300799999, "9999-12-31T23:59:59.999Z"}};
    CLEAN(buf) struct buf b = BUF(64);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        num_add_time(&b, cases[i].ms);
        assert_text(&b, cases[i].want);
    }
    assert_int_equal(num_add_time(&b, INT64_MAX), 0);
    assert_int_equal(num_add_time(&b, INT64_MIN), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(g15_prints_as_dotnet),
        cmocka_unit_test(doubles_are_read_by_the_grammar),
        cmocka_unit_test(unsigned_stops_at_its_limit),
        cmocka_unit_test(signed_reaches_both_ends),
        cmocka_unit_test(sizes_are_binary),
        cmocka_unit_test(durations_read_well),
        cmocka_unit_test(sizes_read_well),
        cmocka_unit_test(times_are_iso),
    };
    return cmocka_run_group_tests_name("num", tests, NULL, NULL);
}
