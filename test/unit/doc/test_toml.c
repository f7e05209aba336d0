#include "core/base.h"
#include "doc/toml.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

struct room {
    struct arena *arena;
    struct sources *sources;
    struct diags diags;
};

static int setup(void **state)
{
    struct room *r = mem_alloc(sizeof *r);
    r->arena = arena_new();
    r->sources = sources_new();
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct room *r = *state;
    sources_free(r->sources);
    arena_free(r->arena);
    free(r);
    return 0;
}

static struct value *read_str(struct room *r, struct str text)
{
    diags_init(&r->diags, r->arena, r->sources);
    return toml_read(r->arena, r->sources, sources_add(r->sources, STR("slipway.toml"), text), &r->diags);
}

static void assert_json(struct room *r, const char *text, const char *want)
{
    struct buf b = BUF(BUF_LINE);
    struct value *v = read_str(r, str_from(text));
    if (!v)
        fail_msg("%s: %.*s", text, STR_ARG(r->diags.p[0].message));
    assert_int_equal(r->diags.n, 0);
    assert_int_equal(value_add_json(&b, v, VALUE_COMPACT), 0);
    assert_string_equal(buf_cstr(&b), want);
    buf_done(&b);
}

/* want: "line:column code message" of the one diagnostic. */
static void assert_refused(struct room *r, struct str text, const char *want)
{
    struct buf b = BUF(BUF_LINE);
    assert_null(read_str(r, text));
    assert_int_equal(r->diags.n, 1);
    struct diag *d = &r->diags.p[0];
    struct place place = sources_place(r->sources, d->span);
    buf_printf(&b, "%u:%u %s %.*s", place.line, place.column, d->code, STR_ARG(d->message));
    assert_string_equal(buf_cstr(&b), want);
    buf_done(&b);
}

static void tables_and_keys(void **state)
{
    assert_json(*state, "", "{}");
    assert_json(*state, "\xEF\xBB\xBF# only a comment", "{}");
    assert_json(*state, "a = 1 # c\r\n\r\nb.'c d'.\"e\" = true\n", "{\"a\":1,\"b\":{\"c d\":{\"e\":true}}}");
    assert_json(*state, "[ a . b ]\nc.d = 1\nc.e = 2\n[a.f]\n[a]\ng = 3\n",
                "{\"a\":{\"b\":{\"c\":{\"d\":1,\"e\":2}},\"f\":{},\"g\":3}}");
    assert_json(*state, "[[p]]\nn=1\n[[p]]\nn=2\n[p.q]\nz=1\n[[p.r]]\n",
                "{\"p\":[{\"n\":1},{\"n\":2,\"q\":{\"z\":1},\"r\":[{}]}]}");
    assert_json(*state, "a = {x = 1, y.z = [1, 2, # c\n 3,\n], w = {}}\n",
                "{\"a\":{\"x\":1,\"y\":{\"z\":[1,2,3]},\"w\":{}}}");
    assert_json(*state,
                "[project]\nname = \"x\"\nrequires-python = \">=3.9\"\ndependencies = [\n  \"a>=1\", # why\n]\n",
                "{\"project\":{\"name\":\"x\",\"requires-python\":\">=3.9\",\"dependencies\":[\"a>=1\"]}}");
}

static void strings(void **state)
{
    assert_json(*state, "a = \"\\t\\u00e9\\U0001F600\\\\\"", "{\"a\":\"\\t\xC3\xA9\xF0\x9F\x98\x80\\\\\"}");
    assert_json(*state, "a = 'C:\\x'", "{\"a\":\"C:\\\\x\"}");
    assert_json(*state, "a = \"\"\"\n\\\n   x\\\n\n   y\n z\"\"\"", "{\"a\":\"xy\\n z\"}");
    assert_json(*state, "a = \"\"\"\"two\"\"\"\"\"", "{\"a\":\"\\\"two\\\"\\\"\"}");
    assert_json(*state, "a = '''\r\nit's\\\r\n'''", "{\"a\":\"it's\\\\\\n\"}");
}

static void numbers_bools_dates(void **state)
{
    assert_json(*state, "a = [0xdead_beef, 0o755, 0b1101, 1_000, +9, -3, 1e5, 6.25e-3]",
                "{\"a\":[3735928559,493,13,1000,9,-3,100000,0.00625]}");
    assert_json(*state, "a = [true, false]", "{\"a\":[true,false]}");
    assert_json(*state, "a = 1979-05-27 07:32:00.5-07:00\nb = 2020-02-29\nc = 07:32:00\n",
                "{\"a\":\"1979-05-27 07:32:00.5-07:00\",\"b\":\"2020-02-29\",\"c\":\"07:32:00\"}");
    struct value *v = read_str(*state, STR("a = -inf\nb = nan"));
    assert_true(value_get(v, STR("a"))->number < -1e308);
    assert_true(value_get(v, STR("b"))->number != value_get(v, STR("b"))->number);
}

static void definitions_are_once(void **state)
{
    static const char *const cases[][2] = {
        {"a = 1\nb = 2\na = 3\n", "3:1 TM002 'a' is already defined"},
        {"[a]\n[b]\n[a]\n", "3:2 TM002 'a' is already defined"},
        {"a.b = 1\na.b.c = 2\n", "2:3 TM002 'b' is already defined"},
        {"a = {b = 1}\n[a.c]\n", "2:2 TM002 'a' is already defined"},
        {"a = {b.c = 1}\na.b.d = 2\n", "2:1 TM002 'a' is already defined"},
        {"a = []\n[[a]]\n", "2:3 TM002 'a' is already defined"},
        {"[[a]]\n[a]\n", "2:2 TM002 'a' is already defined"},
        {"[a.b]\n[a]\nb.c = 1\n", "3:1 TM002 'b' is already defined"},
        {"[a]\nb.c = 1\n[a.b]\n", "3:4 TM002 'b' is already defined"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_refused(*state, str_from(cases[i][0]), cases[i][1]);
    assert_json(*state, "[a.b.c]\nz = 1\n[a]\nb.x = 2\n", "{\"a\":{\"b\":{\"c\":{\"z\":1},\"x\":2}}}");
}

static void mistakes_have_places(void **state)
{
    static const char *const cases[][2] = {
        {"a = x\n", "1:5 TM001 'x' is no bool, no date and no number of 64 bits"},
        {"é = 1\n", "1:1 TM001 a key was expected here"},
        {"a\n", "1:2 TM001 a '=' was expected behind the key"},
        {"a =\n", "1:4 TM001 a value was expected here"},
        {"a = 1 b = 2\n", "1:7 TM001 the end of the line was expected here"},
        {"x = 'é\n", "1:5 TM001 this quote is not closed on its line"},
        {"x = \"\"\"é\n", "1:5 TM001 these quotes are never closed"},
        {"x = [1,\n 2\n", "1:5 TM001 this '[' is never closed"},
        {"x = [1 2]\n", "1:8 TM001 a ',' or the closing ']' was expected here"},
        {"x = {a = 1\n}\n", "1:11 TM001 a ',' or the closing '}' was expected here, on the same line"},
        {"[a\n", "1:3 TM001 the closing ']' was expected here"},
        {"[[a]\n", "1:4 TM001 the closing ']]' was expected here"},
        {"a = \"\\x41\"\n", "1:6 TM001 this is no escape that TOML knows"},
        {"a = \"\\ud800\"\n", "1:6 TM001 U+D800 is no character"},
        {"a = 2021-02-29\n", "1:5 TM001 '2021-02-29' is no bool, no date and no number of 64 bits"},
        {"a = 9223372036854775808\n", "1:5 TM001 '9223372036854775808' is no bool, no date and no number of 64 bits"},
        {"a = 01\n", "1:5 TM001 '01' is no bool, no date and no number of 64 bits"},
        {"a = 1 # \x01\n", "1:9 TM001 a control character must not stand in a comment"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_refused(*state, str_from(cases[i][0]), cases[i][1]);
    assert_refused(*state, STR("a = 1\nb = '\xff'"), "2:6 SL002 the file is not UTF-8: byte 0xff does not belong here");
    assert_refused(*state, STR("a = 1\0"), "1:6 SL002 the file has a NUL byte here: it is not a text file");
}

static void depth_and_size_are_limited(void **state)
{
    struct buf b = BUF(BUF_TEXT);
    buf_add_cstr(&b, "a = ");
    buf_add_rep(&b, '[', 100000);
    assert_refused(*state, buf_str(&b), "1:55 TM003 values are nested more than 50 deep");
    buf_clear(&b);
    for (int i = 0; i < 30000; i++)
        buf_add_cstr(&b, "a={");
    assert_null(read_str(*state, buf_str(&b)));
    buf_clear(&b);
    for (int i = 0; i < 60; i++)
        buf_add_cstr(&b, "a.");
    assert_refused(*state, buf_str(&b), "1:101 TM003 a key has at most 50 parts");
    buf_clear(&b);
    buf_add_rep(&b, '\n', ((size_t)1 << 20) + 1);
    assert_refused(*state, buf_str(&b), "1:1 TM003 the file has 1048577 bytes; at most 1048576 are read");
    buf_done(&b);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tables_and_keys),      TEST(strings),
        TEST(numbers_bools_dates),  TEST(definitions_are_once),
        TEST(mistakes_have_places), TEST(depth_and_size_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
