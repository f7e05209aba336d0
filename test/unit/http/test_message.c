#include "core/base.h"
#include "core/mem.h"
#include "http/http.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

struct parsed {
    struct str path;
    struct http_pair *query;
    size_t n;
};

static int parse(struct arena *a, const char *target, struct parsed *ret)
{
    return http_target_parse(a, str_from(target), &ret->path, &ret->query, &ret->n, NULL);
}

static void targets_are_decoded(void **state)
{
    struct arena *a CLEAN(arena) = arena_new();
    struct parsed t;
    UNUSED(state);
    assert_int_equal(parse(a, "/a%20b/%c3%A4+?sig=a%2Bb%3D%3d&comp=block&&flag&=x&k=a=b", &t), 0);
    assert_string_equal(t.path.p, "/a b/\xc3\xa4+");
    assert_int_equal(t.n, 5);
    assert_true(str_is(t.query[0].name, "sig") && str_is(t.query[0].value, "a+b=="));
    assert_true(str_is(t.query[2].name, "flag") && t.query[2].value.n == 0);
    assert_true(str_is(t.query[3].name, "") && str_is(t.query[3].value, "x"));
    assert_true(str_is(t.query[4].value, "a=b"));
    assert_int_equal(parse(a, "/", &t), 0);
    assert_int_equal(t.n, 0);
    assert_int_equal(parse(a, "/%2e%2e/x?", &t), 0); /* paths are not walked here */
    assert_true(str_is(t.path, "/../x"));
}

static void broken_targets_are_refused(void **state)
{
    static const char *const bad[] = {"", "x", "*", "http://h/x", "/%", "/%4", "/%zz", "/%00", "/?a=%", "/?%g0=1"};
    struct arena *a CLEAN(arena) = arena_new();
    struct parsed t;
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(parse(a, bad[i], &t), -EINVAL);
}

static void escapes_come_back(void **state)
{
    struct arena *a CLEAN(arena) = arena_new();
    CLEAN(buf) struct buf b = BUF(100);
    struct parsed t;
    UNUSED(state);
    buf_add_cstr(&b, "/");
    assert_int_equal(http_escape(&b, STR("a b/\xc3\xa4?&=%~_-.")), 0);
    assert_string_equal(buf_cstr(&b), "/a%20b%2F%C3%A4%3F%26%3D%25~_-.");
    assert_int_equal(parse(a, buf_cstr(&b), &t), 0);
    assert_string_equal(t.path.p, "/a b/\xc3\xa4?&=%~_-.");
    b.max = 40;
    assert_int_equal(http_escape(&b, STR("123456789 123456789")), -E2BIG);
}

static void assert_range(const char *header, uint64_t size, uint64_t from, uint64_t n)
{
    struct http_range got = {0};
    assert_int_equal(http_range_parse(str_from(header), size, &got), HTTP_RANGE_ONE);
    assert_int_equal(got.from, from);
    assert_int_equal(got.n, n);
}

static void ranges_are_cut_to_the_file(void **state)
{
    static const char *const whole[] = {"",           "bytes",         "lines=0-1", "bytes=",      "bytes=-",
                                        "bytes=2-1",  "bytes=0-1,3-4", "bytes=a-b", "bytes=0x1-2", "bytes=-1-2",
                                        "bytes=1-2-3"};
    struct http_range got;
    UNUSED(state);
    assert_range("bytes=0-0", 10, 0, 1);
    assert_range("bytes=2-5", 10, 2, 4);
    assert_range("Bytes=2-", 10, 2, 8);
    assert_range("bytes=2-99", 10, 2, 8);
    assert_range("bytes=-3", 10, 7, 3);
    assert_range("bytes=-99", 10, 0, 10);
    for (size_t i = 0; i < ARRAY_LEN(whole); i++)
        assert_int_equal(http_range_parse(str_from(whole[i]), 10, &got), HTTP_RANGE_NONE);
    assert_int_equal(http_range_parse(STR("bytes=10-"), 10, &got), HTTP_RANGE_OUTSIDE);
    assert_int_equal(http_range_parse(STR("bytes=-0"), 10, &got), HTTP_RANGE_OUTSIDE);
    assert_int_equal(http_range_parse(STR("bytes=0-"), 0, &got), HTTP_RANGE_OUTSIDE);
    assert_int_equal(http_range_parse(STR("bytes=0-99999999999999999999"), 10, &got), HTTP_RANGE_NONE);
}

static void content_ranges_say_where_a_chunk_goes(void **state)
{
    static const char *const bad[] = {"",
                                      "bytes",
                                      "bytes 0-9",
                                      "bytes 5-4/*",
                                      "bytes 0-9/9",
                                      "bytes */9",
                                      "lines 0-1/*",
                                      "bytes -1/*",
                                      "bytes 0-/*",
                                      "bytes 0-1/x",
                                      "bytes 0-18446744073709551615/*"};
    struct http_range got = {0};
    UNUSED(state);
    assert_int_equal(http_content_range_parse(STR("bytes 0-9/*"), &got), 0);
    assert_int_equal(got.n, 10);
    assert_int_equal(http_content_range_parse(STR("bytes 33554432-33554440/33554441"), &got), 0);
    assert_int_equal(got.from, 33554432);
    assert_int_equal(got.n, 9);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(http_content_range_parse(str_from(bad[i]), &got), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_are_decoded),
        cmocka_unit_test(broken_targets_are_refused),
        cmocka_unit_test(escapes_come_back),
        cmocka_unit_test(ranges_are_cut_to_the_file),
        cmocka_unit_test(content_ranges_say_where_a_chunk_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
