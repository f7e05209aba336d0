/* The language itself: symbols, places of faults, casts, comparison, members (specification 6.1, 6.2, 6.4). */
#include "az_room.h"

#include "core/buf.h"

static void literals(void **state)
{
    UNUSED(state);
    static const struct az_row rows[] = {
        {"true", "Boolean True"},   {"FALSE", "Boolean False"},
        {"7", "Number 7"},          {"-7.50", "Number -7.5"},
        {".5", "Number 0.5"},       {"1.", "Number 1"},
        {"1.0", "Number 1"},        {"-0", "Number 0"},
        {"0.1", "Number 0.1"},      {"123456789012", "Number 123456789012"},
        {"1.2.3", "Version 1.2.3"}, {"1.2.3.4", "Version 1.2.3.4"},
        {"'it''s'", "String it's"}, {"''", "String "},
        {" \t 'a' \n", "String a"}, {"'\\t'", "String \\t"},
    };
    AZ_PLAY(rows);
}

static void faults(void **state)
{
    UNUSED(state);
    static const struct az_row rows[] = {
        {"", "! An expression was expected"},
        {"nothing()", "! Unrecognized value: 'nothing'. Located at position 1 within expression: 'nothing()'."},
        {" eq(y, 1)", "! Unrecognized value: 'y'. Located at position 4 within expression: 'eq(y, 1)'."},
        {"and(3 + 4)", "! Unexpected symbol: '+'. Located at position 7 within expression: 'and(3 + 4)'."},
        {"replace h(x)", "! Expected '(' to follow a function: 'replace'. Located at position 1 within expression: "
                         "'replace h(x)'."},
        {"eq(1)", "! Unexpected symbol: ')'. Located at position 5 within expression: 'eq(1)'."},
        {"eq(1,2,3)", "! Unexpected symbol: ','. Located at position 7 within expression: 'eq(1,2,3)'."},
        {"eq(1,)", "! Unexpected symbol: ')'. Located at position 6 within expression: 'eq(1,)'."},
        {"eq(1,,2)", "! Unexpected symbol: ','. Located at position 6 within expression: 'eq(1,,2)'."},
        {"eq(1, 2", "! Unclosed function: 'eq'. Located at position 1 within expression: 'eq(1, 2'."},
        {"x['a'", "! Unclosed indexer: '['. Located at position 2 within expression: 'x['a''."},
        {"x[]", "! Unexpected symbol: ']'. Located at position 3 within expression: 'x[]'."},
        {"x.", "! Expected a property name to follow the dereference operator '.': '.'. Located at position 2 within "
               "expression: 'x.'."},
        {"x.1", "! Unexpected symbol: '1'. Located at position 3 within expression: 'x.1'."},
        {"(1)", "! Unexpected symbol: '('. Located at position 1 within expression: '(1)'."},
        {"1 2", "! Unexpected symbol: '2'. Located at position 3 within expression: '1 2'."},
        {"'abc", "! Unrecognized value: ''abc'. Located at position 1 within expression: ''abc'."},
        {"\"a\"", "! Unrecognized value: '\"a\"'. Located at position 1 within expression: '\"a\"'."},
        {"1e5", "! Unrecognized value: '1e5'. Located at position 1 within expression: '1e5'."},
        {"a-b", "! Unrecognized value: 'a-b'. Located at position 1 within expression: 'a-b'."},
        {"1 'a", "! Unrecognized value: ''a'. Located at position 3 within expression: '1 'a'."},
        {"x == 'a'", "! Unexpected symbol: '=='. Located at position 3 within expression: 'x == 'a''."},
        {"x.+", "! Unexpected symbol: '+'. Located at position 3 within expression: 'x.+'."},
        {"x.'a'", "! Unexpected symbol: ''a''. Located at position 3 within expression: 'x.'a''."},
        {"x[*", "! Unclosed indexer: '['. Located at position 2 within expression: 'x[*'."},
        {"x[* 1]", "! Unexpected symbol: '1'. Located at position 5 within expression: 'x[* 1]'."},
        {"x.**", "! Unexpected symbol: '*'. Located at position 4 within expression: 'x.**'."},
        {"*", "! Unexpected symbol: '*'. Located at position 1 within expression: '*'."},
        {")", "! Unexpected symbol: ')'. Located at position 1 within expression: ')'."},
        {",", "! Unexpected symbol: ','. Located at position 1 within expression: ','."},
        {"x, x", "! Unexpected symbol: ','. Located at position 2 within expression: 'x, x'."},
        {"eq(1, x]", "! Unexpected symbol: ']'. Located at position 8 within expression: 'eq(1, x]'."},
        {"x['a')", "! Unexpected symbol: ')'. Located at position 6 within expression: 'x['a')'."},
        {"[1]", "! Unexpected symbol: '['. Located at position 1 within expression: '[1]'."},
        {"eq ( 1 , 1 ) 2", "! Unexpected symbol: '2'. Located at position 14 within expression: 'eq ( 1 , 1 ) 2'."},
        {"'a'.b", "! Unexpected symbol: '.'. Located at position 4 within expression: ''a'.b'."},
        {"succeeded()", "! Unrecognized value: 'succeeded'. Located at position 1 within expression: 'succeeded()'."},
    };
    AZ_PLAY(rows);
}

static void members(void **state)
{
    UNUSED(state);
    static const struct az_row rows[] = {
        {"x.s", "String Text"},
        {"X.s", "String Text"},
        {"x.S", "Null "},
        {"x['Key']", "String upper"},
        {"x.key", "String lower"},
        {"x.missing.more.still", "Null "},
        {"x[1]", "String one"},
        {"x[true]", "String yes"},
        {"x[1.5]", "String half"},
        {"x.list[0]", "Number 1"},
        {"x.list['1']", "String two"},
        {"x.list[1.9]", "String two"},
        {"x.list[x.nil]", "Number 1"},
        {"x.list[-1]", "Null "},
        {"x.list[-0.5]", "Null "},
        {"x.list[4]", "Null "},
        {"x.list['a']", "Null "},
        {"x.list.*", "Array [1,\"two\",null,true]"},
        {"x.map.*.v", "Array [1,2]"},
        {"x.map[*].v", "Array [1,2]"},
        {"x.people.*.name", "Array [\"Ann\",\"\"]"},
        {"x.people.*.pets.*.kind", "Array [\"cat\",\"dog\"]"},
        {"x.people.*.pets[0].kind", "Array [\"cat\"]"},
        {"x.s.*", "Array []"},
        {"variables.BUILD", "Null "},
        {"variables['build.reason']", "String Manual"},
        {"parameters.known.key", "String lower"},
        {"split('a,b', ',')[1]", "String b"},
    };
    AZ_PLAY(rows);
}

static void deep(void **state)
{
    UNUSED(state);
    struct az_room r;
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    az_room_init(&r);
    buf_add_cstr(&b, "x");
    for (unsigned i = 0; i < 5000; i++)
        buf_add_cstr(&b, ".map");
    assert_true(str_is(az_room_shown(&r, buf_cstr(&b)), "Null "));
    buf_add_rep(&b, 'x', 1000);
    assert_true(str_is(az_room_shown(&r, buf_cstr(&b)), "! Exceeded max expression length 21000"));
    for (unsigned levels = 49; levels <= 50; levels++) {
        buf_clear(&b);
        for (unsigned i = 0; i < levels; i++)
            buf_add_cstr(&b, "not(");
        buf_add_cstr(&b, "1");
        buf_add_rep(&b, ')', levels);
        struct str shown = az_room_shown(&r, buf_cstr(&b));
        assert_true(str_is(shown, levels == 49 ? "Boolean False" : "! Exceeded max expression depth 50"));
    }
    az_room_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals),
        cmocka_unit_test(faults),
        cmocka_unit_test(members),
        cmocka_unit_test(deep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
