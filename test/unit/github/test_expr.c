#include "core/base.h"
#include "core/buf.h"
#include "provider/github/expr_priv.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

/* The contexts that every expression here may name, and what status functions answer. */
#define CONTEXTS                                                                                                       \
    "{\"github\": {\"ref\": \"refs/heads/main\", \"event\": {\"commits\": [{\"id\": \"a\", \"who\": {\"n\": 1}},"      \
    "{\"id\": \"b\"}, 7], \"number\": 12}},"                                                                           \
    "\"matrix\": {\"list\": [1, \"2\", null, true], \"\\u00dc\": \"umlaut\", \"empty\": {}, \"none\": []},"            \
    "\"env\": {\"A\": \"x\"}}"

struct room {
    struct arena *arena;
    struct value *contexts;
    bool success;
    unsigned asked; /* calls of functions that the scope answers */
};

static int setup(void **state)
{
    struct room *r = mem_alloc(sizeof *r);
    struct err e;
    r->arena = arena_new();
    r->success = true;
    assert_int_equal(value_from_json(r->arena, STR(CONTEXTS), MAP_NOCASE, &r->contexts, &e), 0);
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct room *r = *state;
    arena_free(r->arena);
    free(r);
    return 0;
}

static struct value *context(void *ctx, struct arena *a, const char *name)
{
    struct room *r = ctx;
    UNUSED(a);
    return value_get(r->contexts, str_from(name));
}

static int call(void *ctx, struct arena *a, const char *name, struct value **args, size_t n, struct value **ret,
                struct err *e)
{
    struct room *r = ctx;
    r->asked++;
    if (strcmp(name, "hashfiles") == 0) {
        if (n == 1 && str_is(args[0]->string, "bad"))
            return err_set(e, EINVAL, "hashFiles: no");
        *ret = value_string(a, arena_printf(a, "%zu files", n));
    } else {
        *ret = value_bool(a, strcmp(name, "success") == 0 ? r->success : strcmp(name, "always") == 0);
    }
    return 0;
}

static struct gh_scope scope_of(struct room *r)
{
    return (struct gh_scope){.ctx = r, .context = context, .call = call};
}

/* The result as JSON, or the error's text. */
static struct str result_of(struct room *r, const char *text)
{
    struct gh_scope scope = scope_of(r);
    struct gh_expr_error wrong;
    struct gh_expr *x;
    struct value *v;
    struct err e;
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    if (gh_expr_parse(r->arena, str_from(text), NULL, &x, &wrong) < 0)
        return arena_cstr(r->arena, wrong.text);
    if (gh_expr_eval(r->arena, x, &scope, &v, &e) < 0)
        return arena_cstr(r->arena, e.text);
    assert_int_equal(value_add_json(&b, v, VALUE_COMPACT), 0);
    return arena_str(r->arena, buf_str(&b));
}

struct pair {
    const char *text, *want;
};

static void check(struct room *r, const struct pair *pairs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_string_equal(result_of(r, pairs[i].text).p, pairs[i].want);
}

static void coercions_are_the_services_own(void **state)
{
    static const struct pair pairs[] = {
        {"1 == '1'", "true"},
        {"'' == 0", "true"},
        {"null == 0", "true"},
        {"null == ''", "true"},
        {"'a' > 0", "false"},
        {"NaN == NaN", "false"},
        {"NaN != NaN", "true"},
        {"null >= null", "true"},
        {"true > false", "true"},
        {"'0xff' == 255", "true"},
        {"'0xffffffff' == -1", "true"},
        {"'0x1ffffffff' == 0", "false"},
        {"'0o17' == 15", "true"},
        {"'-0x1' == -1", "false"},
        {"'1_000' == 1000", "false"},
        {"' 1e3 ' == 1000", "true"},
        {"'+Infinity' == Infinity", "true"},
        {"matrix == 1", "false"},
        {"matrix != 1", "true"},
        {"matrix == matrix", "true"},
        {"matrix.none == matrix.none", "true"},
        {"matrix.none == fromJSON('[]')", "false"},
        {"github.ref == 'REFS/heads/MAIN'", "true"},
        {"'ΟΔΟΣ' == 'οδος'", "true"},
        {"'straße' == 'STRASSE'", "false"},
        {"'ı' == 'I' || 'İ' == 'i'", "false"},
        {"'ſ' == 's'", "false"},
        {"'😀' < 'ﬀ'", "true"}, /* by UTF-16 units, unlike code points */
    };
    check(*state, pairs, ARRAY_LEN(pairs));
}

static void operators_return_operands(void **state)
{
    static const struct pair pairs[] = {
        {"false && 'x' || 'y'", "\"y\""},
        {"true && '' || 'y'", "\"y\""},
        {"0 || null", "null"},
        {"1 && 2 && 0 && 3", "0"},
        {"!matrix.empty", "false"},
        {"!!'0'", "true"},
        {"1 < 2 == true", "true"},
        {"(1 || 0) && 2", "2"},
        {"", "null"},
        {"-.5", "-0.5"},
        {"0x10", "16"},
        {"'it''s'", "\"it's\""},
    };
    check(*state, pairs, ARRAY_LEN(pairs));
}

static void what_is_not_reached_is_not_evaluated(void **state)
{
    struct room *r = *state;
    static const struct pair pairs[] = {
        {"false && hashFiles('a')", "false"},          {"1 || hashFiles('a')", "1"},
        {"case(true, 1, hashFiles('a'), 2, 3)", "1"},  {"case(false, hashFiles('a'), 3)", "3"},
        {"format('{1}', hashFiles('a'), 2)", "\"2\""}, {"join(fromJSON('[1]'), hashFiles('a'))", "\"1\""},
        {"env.none[hashFiles('a')]", "null"},
    };
    check(r, pairs, ARRAY_LEN(pairs));
    assert_int_equal(r->asked, 0);
}

static void paths_and_filters(void **state)
{
    static const struct pair pairs[] = {
        {"github.event.commits[1].id", "\"b\""},
        {"GITHUB.Event['commits'][0].ID", "\"a\""},
        {"github.event.commits[true].id", "\"b\""},
        {"github.event.commits[-1]", "null"},
        {"github.event.commits[0.9].id", "\"a\""},
        {"github.event.commits[99999999999]", "null"},
        {"github.nothing.at.all", "null"},
        {"github.event.commits.*.id", "[\"a\",\"b\"]"},
        {"github.event.commits.*.who.n", "[1]"},
        {"github.event.commits.*.*", "[\"a\",{\"n\":1},\"b\"]"},
        {"github.event.commits[*].id[0]", "[]"},
        {"github.ref.*", "[]"},
        {"matrix['ü']", "\"umlaut\""},
        {"matrix[matrix]", "null"},
        {"format('{0}', github.event.commits.*.id)", "\"Array\""},
        {"contains(github.event.commits.*.id, 'B')", "true"},
        {"join(github.event.commits.*.id, '+')", "\"a+b\""},
        {"toJSON(github.event.commits.*.id)", "\"[\\n  \\\"a\\\",\\n  \\\"b\\\"\\n]\""},
    };
    check(*state, pairs, ARRAY_LEN(pairs));
}

static void functions(void **state)
{
    static const struct pair pairs[] = {
        {"contains('abc', 'B')", "true"},
        {"contains('abc', '')", "true"},
        {"contains(fromJSON('[\"1\"]'), 1)", "true"},
        {"contains('Ünïcödé', 'ÏCÖ')", "true"},
        {"contains(matrix, 'x')", "false"},
        {"startsWith('Straße', 'STRA')", "true"},
        {"startsWith(matrix, '')", "false"},
        {"endsWith('x.PY', '.py')", "true"},
        {"endsWith('éa', 'ÉA')", "true"},
        {"endsWith('a', 'ba')", "false"},
        {"format('{0} {1} {0}', 'a', 1.0)", "\"a 1 a\""},
        {"format('{{{0}}}', 'x')", "\"{x}\""},
        {"join(matrix.list)", "\"1,2,,true\""},
        {"join('x', ',')", "\"x\""},
        {"join(matrix.empty)", "\"\""},
        {"join(matrix.list, matrix)", "\"1,2,,true\""},
        {"join(matrix.list, null)", "\"12true\""},
        {"toJSON('a<b')", "\"\\\"a<b\\\"\""},
        {"toJSON(null)", "\"null\""},
        {"toJSON(matrix.none)", "\"[]\""},
        {"toJSON(fromJSON('{\"b\":{},\"a\":1e20}'))", "\"{\\n  \\\"b\\\": {},\\n  \\\"a\\\": 1E+20\\n}\""},
        {"fromJSON('[1,2]')[1]", "2"},
        {"fromJSON('{\"a\":1,\"A\":2}').a", "2"},
        {"fromJSON(' true ')", "true"},
        {"hashFiles('a', 'b')", "\"2 files\""},
        {"tojson(1) == ToJson(1)", "true"},
    };
    check(*state, pairs, ARRAY_LEN(pairs));
}

static void evaluation_errors_are_worded_as_there(void **state)
{
    static const struct pair pairs[] = {
        {"format('{0', 1)", "The following format string is invalid: {0"},
        {"format('}', 1)", "The following format string is invalid: }"},
        {"format('{}', 1)", "The following format string is invalid: {}"},
        {"format('{0:x}', 1)", "The following format string is invalid: {0:x}"},
        {"format('{1}', 1)", "The following format string references more arguments than were supplied: {1}"},
        {"format('{99999999999999999999}', 1)",
         "The following format string references more arguments than were supplied: {99999999999999999999}"},
        {"fromJSON('')", "Error parsing JSON when evaluating fromJson: empty input"},
        {"case(1, 2, 3)", "case predicate must evaluate to a boolean value"},
        {"hashFiles('bad')", "hashFiles: no"},
        {"1 && fromJSON('nul')",
         "Error parsing JSON when evaluating fromJson: line 1, column 3: invalid token near 'nul'"},
    };
    check(*state, pairs, ARRAY_LEN(pairs));
}

static void reading_errors_say_where(void **state)
{
    static const struct pair pairs[] = {
        {"\"x\"", "Unexpected symbol: '\"x\"'. Located at position 1 within expression: \"x\""},
        {"'ü' =", "Unexpected symbol: '='. Located at position 5 within expression: 'ü' ="},
        {"'😀' 2", "Unexpected symbol: '2'. Located at position 6 within expression: '😀' 2"},
        {"true(1)", "Unexpected symbol: '('. Located at position 5 within expression: true(1)"},
        {"format('a',)", "Unexpected symbol: ')'. Located at position 12 within expression: format('a',)"},
        {"env[1,2]", "Unexpected symbol: ','. Located at position 6 within expression: env[1,2]"},
        {"env.5", "Unexpected symbol: '5'. Located at position 5 within expression: env.5"},
        {"env.", "Unexpected end of expression: '.'. Located at position 4 within expression: env."},
        {"!", "Unexpected end of expression: '!'. Located at position 1 within expression: !"},
        {"f(", "Unrecognized function: 'f'. Located at position 1 within expression: f("},
        {"toJSON()", "Too few parameters supplied: 'toJSON'. Located at position 1 within expression: toJSON()"},
        {"1 || always(1)",
         "Too many parameters supplied: 'always'. Located at position 6 within expression: 1 || always(1)"},
    };
    check(*state, pairs, ARRAY_LEN(pairs));
}

static void slots_allow_what_they_allow(void **state)
{
    struct room *r = *state;
    static const char *const contexts[] = {"github", NULL};
    struct gh_allow plain = {.contexts = contexts}, cond = {.contexts = contexts, .status = true};
    struct gh_expr_error wrong;
    struct gh_expr *x;
    assert_int_equal(gh_expr_parse(r->arena, STR("GitHub.ref"), &plain, &x, &wrong), 0);
    assert_true(gh_expr_uses(x, "github"));
    assert_false(gh_expr_uses(x, "ref"));
    assert_int_equal(gh_expr_parse(r->arena, STR("1 || env.A"), &plain, &x, &wrong), -EINVAL);
    assert_string_equal(wrong.code, "GH003");
    assert_int_equal(wrong.at, 5);
    assert_int_equal(wrong.len, 3);
    assert_int_equal(gh_expr_parse(r->arena, STR("always()"), &plain, &x, &wrong), -EINVAL);
    assert_string_equal(wrong.code, "GH004");
    assert_int_equal(gh_expr_parse(r->arena, STR("contains('x', success())"), &cond, &x, &wrong), 0);
    assert_true(gh_expr_has_status(x));
    assert_int_equal(gh_expr_parse(r->arena, STR("success('a')"), &cond, &x, &wrong), -EINVAL);
    assert_int_equal(gh_expr_parse(r->arena, STR("hashFiles('a')"), &cond, &x, &wrong), -EINVAL);
}

/* Deep brackets, long chains and long texts end in an answer, never in a crash or a quadratic wait. */
static void large_expressions(void **state)
{
    struct room *r = *state;
    CLEAN(buf) struct buf deep = BUF(BUF_TEXT), chain = BUF(BUF_TEXT), nested = BUF(BUF_TEXT), longer = BUF(BUF_TEXT);
    buf_add_rep(&deep, '(', 10000);
    buf_add_ch(&deep, '1');
    buf_add_rep(&deep, ')', 10000);
    assert_string_equal(result_of(r, buf_cstr(&deep)).p, "1");
    for (int i = 0; i < 5000; i++)
        buf_add(&chain, STR("1&&"));
    buf_add_ch(&chain, '2');
    assert_string_equal(result_of(r, buf_cstr(&chain)).p, "2");
    for (int i = 0; i < 4000; i++)
        buf_add(&nested, STR("1&&("));
    buf_add_ch(&nested, '3');
    buf_add_rep(&nested, ')', 4000);
    assert_string_equal(result_of(r, buf_cstr(&nested)).p, "3");
    buf_add_rep(&longer, ' ', 21001);
    assert_string_equal(result_of(r, buf_cstr(&longer)).p, "Exceeded max expression length 21000");
}

static void memory_is_limited(void **state)
{
    struct room *r = *state;
    static const char twice[] = "format('{0}{0}{0}{0}{0}{0}{0}{0}', ";
    CLEAN(buf) struct buf text = BUF(BUF_TEXT);
    for (int i = 0; i < 10; i++)
        buf_add_cstr(&text, twice);
    buf_add(&text, STR("'abcdefgh'"));
    buf_add_rep(&text, ')', 10);
    assert_string_equal(result_of(r, buf_cstr(&text)).p, "The maximum allowed memory size was exceeded");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(coercions_are_the_services_own),
        TEST(operators_return_operands),
        TEST(what_is_not_reached_is_not_evaluated),
        TEST(paths_and_filters),
        TEST(functions),
        TEST(evaluation_errors_are_worded_as_there),
        TEST(reading_errors_say_where),
        TEST(slots_allow_what_they_allow),
        TEST(large_expressions),
        TEST(memory_is_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
