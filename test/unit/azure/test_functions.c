/* Every function of the language: what it gives, and where a call is wrong (specification 6.2, 6.3). */
#include "az_room.h"

static void logic(void **state)
{
    UNUSED(state);
    static const struct az_row rows[] = {
        {"and(1, 'False')", "Boolean True"},
        {"and(true, x.none, x.empty)", "Boolean True"},
        {"AND(1, 0)", "Boolean False"},
        {"and(1, '')", "Boolean False"},
        {"and(false, gt(1, 'x'))", "Boolean False"},
        {"or(0, '', x.nil)", "Boolean False"},
        {"or(0, 1.2.3)", "Boolean True"},
        {"or(true, gt(1, 'x'))", "Boolean True"},
        {"not('')", "Boolean True"},
        {"not(pipeline.startTime)", "Boolean False"},
        {"xor(1, 0)", "Boolean True"},
        {"xor('a', 'b')", "Boolean False"},
        {"and(1)", "! Unexpected symbol: ')'. Located at position 6 within expression: 'and(1)'."},
        {"or(1)", "! Unexpected symbol: ')'. Located at position 5 within expression: 'or(1)'."},
        {"not()", "! Unexpected symbol: ')'. Located at position 5 within expression: 'not()'."},
        {"not(1, 2)", "! Unexpected symbol: ','. Located at position 6 within expression: 'not(1, 2)'."},
        {"xor(1)", "! Unexpected symbol: ')'. Located at position 6 within expression: 'xor(1)'."},
    };
    AZ_PLAY(rows);
}

/* The right one is taken as what the left one is. */
static void equality(void **state)
{
    UNUSED(state);
    static const struct az_row rows[] = {
        {"eq('ABC', 'abc')", "Boolean True"},
        {"eq('\xc3\x84', '\xc3\xa4')", "Boolean True"},
        {"eq(1, '1.0')", "Boolean True"},
        {"eq(1000, ' +1,000 ')", "Boolean True"},
        {"eq(1, 'x')", "Boolean False"},
        {"ne(1, 'x')", "Boolean True"},
        {"eq('1.0', 1)", "Boolean False"},
        {"eq(0, '')", "Boolean True"},
        {"eq(0, x.nil)", "Boolean True"},
        {"eq(1, true)", "Boolean True"},
        {"eq(true, 'false')", "Boolean True"},
        {"eq('false', false)", "Boolean True"},
        {"eq(x.nil, '')", "Boolean True"},
        {"eq(x.nil, 0)", "Boolean False"},
        {"eq('', x.nil)", "Boolean True"},
        {"eq(1.2.3, '1.2.3')", "Boolean True"},
        {"eq(1.2.0, '1.2')", "Boolean False"},
        {"eq(1.3.0, 1.3)", "Boolean False"},
        {"eq('1.2.3', 1.2.3)", "Boolean True"},
        {"eq(1.2.3, 2)", "Boolean False"},
        {"eq(1.2.3, x.nil)", "Boolean False"},
        {"eq(x.list, x.list)", "Boolean True"},
        {"eq(x.none, x.none)", "Boolean True"},
        {"eq(x.map, x.empty)", "Boolean False"},
        {"eq('Object', x.map)", "Boolean False"},
        {"eq(1, x.list)", "Boolean False"},
        {"eq(true, x.list)", "Boolean True"},
        {"eq(pipeline.startTime, '2026-03-03 12:35:06.123-01:30')", "Boolean True"},
        {"eq(pipeline.startTime, '2026-03-03T14:05:06.123Z')", "Boolean True"},
        {"eq(pipeline.startTime, 'x')", "Boolean False"},
        {"eq(1, 1, 1)", "! Unexpected symbol: ','. Located at position 8 within expression: 'eq(1, 1, 1)'."},
    };
    AZ_PLAY(rows);
}

static void order(void **state)
{
    UNUSED(state);
    static const struct az_row rows[] = {
        {"gt(2, '1')", "Boolean True"},
        {"gt(1.10, 1.9)", "Boolean False"},
        {"ge(2, 2)", "Boolean True"},
        {"lt('a', 'B')", "Boolean True"},
        {"lt('10', 9)", "Boolean True"},
        {"le('a', 'A')", "Boolean True"},
        {"lt(false, 'false')", "Boolean True"},
        {"gt(1.0.0, 0.9.9.9)", "Boolean True"},
        {"lt(1.2.3, '1.10')", "Boolean True"},
        {"gt(1.2.0.0, '1.2')", "Boolean True"},
        {"lt(x.nil, 1)", "Boolean True"},
        {"gt(pipeline.startTime, '2026-01-01')", "Boolean True"},
        {"gt(1, 'x')", "! Unable to convert from String to Number. Value: 'x'"},
        {"gt(1, 'it''s')", "! Unable to convert from String to Number. Value: 'it''s'"},
        {"lt(1, 1.2.3)", "! Unable to convert from Version to Number. Value: v1.2.3"},
        {"lt(x.list, 1)", "! Unable to convert from Array to Number. Value: Array"},
        {"ge('a', x.map)", "! Unable to convert from Object to String. Value: Object"},
        {"le(1.2.3, 2)", "! Unable to convert from Number to Version. Value: 2"},
        {"lt(1.2.3, x.nil)", "! Unable to convert from Null to Version. Value: Null"},
        {"lt(pipeline.startTime, 'soon')", "! Unable to convert from String to DateTime. Value: 'soon'"},
    };
    AZ_PLAY(rows);
}

static void membership(void **state)
{
    UNUSED(state);
    static const struct az_row rows[] = {
        {"in('B', 'a', 'b')", "Boolean True"},
        {"in(1, '1', gt(1, 'x'))", "Boolean True"},
        {"in('c', 'a', 'b')", "Boolean False"},
        {"notIn('c', 'a')", "Boolean True"},
        {"notin('A', 'a')", "Boolean False"},
        {"in(1)", "! Unexpected symbol: ')'. Located at position 5 within expression: 'in(1)'."},
        {"notIn(1)", "! Unexpected symbol: ')'. Located at position 8 within expression: 'notIn(1)'."},
        {"contains('Hello', 'ELL')", "Boolean True"},
        {"contains('abc', '')", "Boolean True"},
        {"contains(123, 2)", "Boolean True"},
        {"contains(true, 'ru')", "Boolean True"},
        {"contains(x.list, 1)", "! Unable to convert from Array to String. Value: Array"},
        {"containsValue(x.list, '1')", "Boolean True"},
        {"containsValue(x.list, 'TWO')", "Boolean True"},
        {"containsValue(x.map.a, 2)", "Boolean True"},
        {"containsValue(x.map.a, 3)", "Boolean False"},
        {"containsValue('two', 'two')", "Boolean False"},
        {"startsWith('Hello', 'HE')", "Boolean True"},
        {"startsWith('He', 'Hello')", "Boolean False"},
        {"endsWith('\xc3\x9c"
         "BER', '\xc3\xbc"
         "ber')",
         "Boolean True"},
        {"endsWith('a', '')", "Boolean True"},
        {"startsWith(x.map, 'a')", "! Unable to convert from Object to String. Value: Object"},
        {"contains('a')", "! Unexpected symbol: ')'. Located at position 13 within expression: 'contains('a')'."},
    };
    AZ_PLAY(rows);
}

static void choice(void **state)
{
    UNUSED(state);
    static const struct az_row rows[] = {
        {"coalesce('', x.nil, 'b')", "String b"},
        {"coalesce('', false)", "Boolean False"},
        {"coalesce(x.nil, 0, 1)", "Number 0"},
        {"coalesce('a', gt(1, 'x'))", "String a"},
        {"coalesce('', x.nil)", "String "},
        {"coalesce('', x.map).a.v", "Number 2"},
        {"coalesce(1)", "! Unexpected symbol: ')'. Located at position 11 within expression: 'coalesce(1)'."},
        {"iif(eq(1, 1), 'a', 'b')", "String a"},
        {"iif('', 'a', x.map).a.v", "Number 2"},
        {"iif(true, 'a', gt(1, 'x'))", "! Unable to convert from String to Number. Value: 'x'"},
        {"iif(true, 1)", "! Unexpected symbol: ')'. Located at position 12 within expression: 'iif(true, 1)'."},
    };
    AZ_PLAY(rows);
}

static void formats(void **state)
{
    UNUSED(state);
    static const struct az_row rows[] = {
        {"format('plain')", "String plain"},
        {"format('{1}-{0}-{1}', 'a', true)", "String True-a-True"},
        {"format('{{{0}}}', 1.50)", "String {1.5}"},
        {"format('{0}', x.nil)", "String "},
        {"format('{0}', 1.2.3)", "String 1.2.3"},
        {"format('a', gt(1, 'x'))", "String a"},
        {"format('{1}', 'a')", "! The following format string references more arguments than were supplied: {1}"},
        {"format('{0', 'a')", "! The following format string is invalid: {0"},
        {"format('{}', 'a')", "! The following format string is invalid: {}"},
        {"format('}', 'a')", "! The following format string is invalid: }"},
        {"format('{a}', 'a')", "! The following format string is invalid: {a}"},
        {"format('{256}', 'a')", "! The following format string is invalid: {256}"},
        {"format('{0}', x.map)", "! Unable to convert from Object to String. Value: Object"},
        {"format('{0:x}', 'a')", "! The format specifiers 'x' are not valid for objects of type 'String'"},
        {"format()", "! Unexpected symbol: ')'. Located at position 8 within expression: 'format()'."},
    };
    AZ_PLAY(rows);
}

static void moments(void **state)
{
    UNUSED(state);
    static const struct az_row rows[] = {
        {"pipeline.startTime", "DateTime 2026-03-03 12:35:06-01:30"},
        {"format('{0:yyyyMMdd}', pipeline.startTime)", "String 20260303"},
        {"format('{0:yyyy}.{0:M}.{0:d}', pipeline.startTime)", "String 2026.3.3"},
        {"format('{0:yy MM dd HH mm ss}', pipeline.startTime)", "String 26 03 03 12 35 06"},
        {"format('{0:H}:{0:m}:{0:s}', pipeline.startTime)", "String 12:35:6"},
        {"format('{0:f ff fff ffff fffff ffffff fffffff}', pipeline.startTime)",
         "String 1 12 123 1230 12300 123000 1230000"},
        {"format('{0:zzz K}', pipeline.startTime)", "String -01:30 -01:30"},
        {"format('{0:yyyy\\-MM\\T}}}', pipeline.startTime)",
         "! The format specifiers 'yyyy\\-MM\\T}' are not valid for objects of type 'DateTime'"},
        {"format('{0:yyyy\\-MM\\T}', pipeline.startTime)", "String 2026-03T"},
        {"format('{0:yyyy-MM}', pipeline.startTime)",
         "! The format specifiers 'yyyy-MM' are not valid for objects of type 'DateTime'"},
        {"format('{0:hh}', pipeline.startTime)",
         "! The format specifiers 'hh' are not valid for objects of type 'DateTime'"},
        {"format('{0}', pipeline.startTime)", "String 2026-03-03 12:35:06-01:30"},
    };
    AZ_PLAY(rows);
}

static void lists(void **state)
{
    UNUSED(state);
    static const struct az_row rows[] = {
        {"join(',', x.list)", "String 1,two,,True"},
        {"join('; ', split('a b', ' '))", "String a; b"},
        {"join(',', x.none)", "String "},
        {"join(',', x.people)", "String ,,,none"},
        {"join(',', 'text')", "String text"},
        {"join(',', x.map)", "String "},
        {"join(x.map, x.list)", "! Unable to convert from Object to String. Value: Object"},
        {"split('a,,b', ',')", "Array [\"a\",\"\",\"b\"]"},
        {"split('a--b-c', '--')", "Array [\"a\",\"b-c\"]"},
        {"split('abc', '')", "Array [\"abc\"]"},
        {"split('', ',')", "Array [\"\"]"},
        {"split(x.map, ',')", "! Unable to convert from Object to String. Value: Object"},
        {"length('\xc3\xa4\xf0\x9f\x98\x80')", "Number 3"},
        {"length(x.list)", "Number 4"},
        {"length(x.map)", "Number 2"},
        {"length('')", "Number 0"},
        {"length(5)", "! Kind 'Number' not supported. Only arrays, strings, dictionaries, or collections are supported "
                      "for the length function."},
        {"length()", "! Unexpected symbol: ')'. Located at position 8 within expression: 'length()'."},
    };
    AZ_PLAY(rows);
}

static void texts(void **state)
{
    UNUSED(state);
    static const struct az_row rows[] = {
        {"replace('aXa', 'x', 'y')", "String aXa"},
        {"replace('aaa', 'a', 'bb')", "String bbbbbb"},
        {"replace('a', '', 'b')", "String a"},
        {"replace('it''s', '''', '')", "String its"},
        {"replace('a', 'a')",
         "! Unexpected symbol: ')'. Located at position 17 within expression: 'replace('a', 'a')'."},
        {"trim(' \xc2\xa0"
         "a b\xe2\x80\x83')",
         "String a b"},
        {"trim(5)", "String 5"},
        {"lower('A\xc3\x84\xce\xa3\xc4\xb0')", "String a\xc3\xa4\xcf\x83\xc4\xb0"},
        {"upper('a\xc3\xa4\xc3\x9f\xc4\xb1')", "String A\xc3\x84\xc3\x9f\xc4\xb1"},
        {"upper(x.list)", "! Unable to convert from Array to String. Value: Array"},
        {"substring('Hello small World', 6, 5)", "String small"},
        {"substring('Hello', 1)", "String ello"},
        {"substring('\xf0\x9f\x98\x80"
         "b', 2)",
         "String b"},
        {"substring('abc', 3)", "String "},
        {"substring('abc', 4)", "! substring: the start must be 0 to 3"},
        {"substring('abc', 1, 3)", "! substring: the length must be 0 to 2"},
        {"substring('abc', -1)", "! substring: the start must be 0 to 3"},
        {"substring('abc')", "! Unexpected symbol: ')'. Located at position 16 within expression: 'substring('abc')'."},
    };
    AZ_PLAY(rows);
}

static void json(void **state)
{
    UNUSED(state);
    static const struct az_row rows[] = {
        {"convertToJson('a\"b')", "String \"a\\\"b\""},
        {"convertToJson('a\xe2\x80\xa8"
         "b\xc2\x85')",
         "String \"a\\u2028b\\u0085\""},
        {"convertToJson(1.50)", "String 1.5"},
        {"convertToJson(true)", "String true"},
        {"convertToJson(x.nil)", "String null"},
        {"convertToJson(1.2.3)", "String \"1.2.3\""},
        {"convertToJson(x.none)", "String []"},
        {"convertToJson(x.empty)", "String {}"},
        {"convertToJson(x.map)", "String {\n  \"b\": {\n    \"v\": 1\n  },\n  \"a\": {\n    \"v\": 2\n  }\n}"},
        {"convertToJson(x.list)", "String [\n  1,\n  \"two\",\n  null,\n  true\n]"},
    };
    AZ_PLAY(rows);
}

/* ---- what the scope answers ---- */

static int answer(void *ctx, struct arena *a, struct str function, struct az_value *const *args, size_t n,
                  struct az_value **ret, struct err *e)
{
    UNUSED(ctx);
    UNUSED(e);
    if (str_is(function, "mystery"))
        return -ENOENT;
    struct str first = n ? az_scalar(a, args[0]) : STR("-");
    *ret = az_string(a, arena_printf(a, "%.*s %zu %.*s", STR_ARG(function), n, STR_ARG(first)));
    return 0;
}

static void play_slot(struct az_room *r, const struct az_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct str shown = az_room_shown(r, rows[i].text);
        if (!str_is(shown, rows[i].shown))
            print_error("%s\n  is   %.*s\n", rows[i].text, STR_ARG(shown));
        assert_true(str_is(shown, rows[i].shown));
    }
}

static void slots(void **state)
{
    UNUSED(state);
    static const struct az_row steps[] = {
        {"SUCCEEDED()", "String succeeded 0 -"},
        {"succeededOrFailed()", "String succeededOrFailed 0 -"},
        {"failed('A')", "! Unexpected symbol: ')'. Located at position 11 within expression: 'failed('A')'."},
        {"counter()", "! Unrecognized value: 'counter'. Located at position 1 within expression: 'counter()'."},
    };
    static const struct az_row jobs[] = {
        {"failed('A', 'B')", "String failed 2 A"},
        {"always()", "String always 0 -"},
        {"canceled(1)", "! Unexpected symbol: ')'. Located at position 11 within expression: 'canceled(1)'."},
        {"always", "! Expected '(' to follow a function: 'always'. Located at position 1 within expression: 'always'."},
    };
    static const struct az_row counters[] = {
        {"Counter('a', 5)", "String counter 2 a"},
        {"counter(1, 2, 3)", "! Unexpected symbol: ','. Located at position 13 within expression: 'counter(1, 2, 3)'."},
        {"failed()", "! Unrecognized value: 'failed'. Located at position 1 within expression: 'failed()'."},
    };
    static const struct az_row any[] = {
        {"mystery(1)", "! Unrecognized value: 'mystery'"},
        {"other(1, 2)", "String other 2 1"},
        {"parameter.a", "! Unrecognized value: 'parameter'"},
        {"eq(1)", "! Unexpected symbol: ')'. Located at position 5 within expression: 'eq(1)'."},
        {"a == b", "! Unexpected symbol: '=='. Located at position 3 within expression: 'a == b'."},
    };
    struct az_room r;
    az_room_init(&r);
    r.scope.call = answer;
    r.slot.status = AZ_STEP_STATUS;
    play_slot(&r, steps, ARRAY_LEN(steps));
    r.slot.status = AZ_JOB_STATUS;
    play_slot(&r, jobs, ARRAY_LEN(jobs));
    r.slot.status = AZ_NO_STATUS;
    r.slot.counter = true;
    play_slot(&r, counters, ARRAY_LEN(counters));
    r.slot.any_name = true;
    play_slot(&r, any, ARRAY_LEN(any));
    az_room_done(&r);
}

/* A parameter that nobody declared; below the first level, and elsewhere, what is missing is null. */
static void strictness(void **state)
{
    UNUSED(state);
    static const struct az_row rows[] = {
        {"parameters.other", "! Key not found 'other'"},
        {"parameters['other']", "! Key not found 'other'"},
        {"parameters.known.other", "Null "},
        {"variables.other", "Null "},
    };
    struct az_room r;
    az_room_init(&r);
    assert_true(str_is(az_room_shown(&r, "parameters.other"), "Null "));
    r.scope.strict_parameters = true;
    play_slot(&r, rows, ARRAY_LEN(rows));
    az_room_done(&r);
}

/* What doubles itself ends as an error. */
static void limits(void **state)
{
    UNUSED(state);
    static const struct az_row rows[] = {
        {"replace('aaaaaaaaaa', 'a', 'aaaaaaaaaa')", "! The expression makes more than 60 bytes"},
        {"split('a,b,c,d,e', ',')", "! The expression makes more than 60 bytes"},
        {"x.map.*.*.*", "Array []"},
        {"convertToJson(x.people)", "! The JSON of the value is longer than 60 bytes"},
        {"upper('a')", "String A"},
    };
    struct az_room r;
    az_room_init(&r);
    r.scope.max_bytes = 60;
    play_slot(&r, rows, ARRAY_LEN(rows));
    az_room_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logic),  cmocka_unit_test(equality), cmocka_unit_test(order),   cmocka_unit_test(membership),
        cmocka_unit_test(choice), cmocka_unit_test(formats),  cmocka_unit_test(moments), cmocka_unit_test(lists),
        cmocka_unit_test(texts),  cmocka_unit_test(json),     cmocka_unit_test(slots),   cmocka_unit_test(strictness),
        cmocka_unit_test(limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
