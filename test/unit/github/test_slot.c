#include "core/base.h"
#include "core/buf.h"
#include "provider/github/expr_priv.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

struct room {
    struct arena *arena;
    struct sources *sources;
    struct diags diags;
    struct value *contexts;
    bool success;
};

static const char *const names[] = {"github", "matrix", NULL};
static const struct gh_allow allowed = {.contexts = names, .status = true};

static int setup(void **state)
{
    static const char json[] =
        "{\"github\": {\"ref\": \"main\"}, \"matrix\": {\"n\": 5, \"on\": true, \"os\": [\"a\", 1],"
        "\"more\": {\"x\": 1, \"y\": [2]}}}";
    struct room *r = mem_alloc(sizeof *r);
    struct err e;
    r->arena = arena_new();
    r->sources = sources_new();
    r->success = true;
    diags_init(&r->diags, r->arena, r->sources);
    assert_int_equal(value_from_json(r->arena, str_from(json), MAP_NOCASE, &r->contexts, &e), 0);
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
    UNUSED(args);
    UNUSED(n);
    UNUSED(e);
    *ret = value_bool(a, strcmp(name, "always") == 0 || (strcmp(name, "success") == 0) == r->success);
    return 0;
}

static struct gh_scope scope_of(struct room *r)
{
    return (struct gh_scope){.ctx = r, .context = context, .call = call};
}

/* The value of key k in a YAML text. */
static const struct doc_node *node_of(struct room *r, const char *yaml)
{
    struct yaml_limits limits = YAML_LIMITS;
    uint32_t file = sources_add(r->sources, STR("f"), str_from(yaml));
    diags_init(&r->diags, r->arena, r->sources);
    struct doc_node *root = yaml_read(r->arena, r->sources, file, &limits, &r->diags);
    assert_non_null(root);
    assert_int_equal(r->diags.n, 0);
    return doc_get(root, "k");
}

static struct gh_text text_of(struct room *r, const char *yaml)
{
    struct gh_text t;
    gh_text_read(r->arena, node_of(r, yaml), &allowed, &r->diags, &t);
    return t;
}

static const char *string_of(struct room *r, const char *yaml)
{
    struct gh_text t = text_of(r, yaml);
    struct gh_scope s = scope_of(r);
    struct str text;
    struct err e;
    assert_int_equal(r->diags.n, 0);
    if (gh_text_string(r->arena, &t, &s, &text, &e) < 0)
        return arena_cstr(r->arena, e.text).p;
    return arena_str(r->arena, text).p;
}

static bool holds(struct room *r, const char *yaml)
{
    struct gh_scope s = scope_of(r);
    struct gh_text t;
    struct err e;
    bool ret = false;
    gh_if_read(r->arena, node_of(r, yaml), &allowed, &r->diags, &t);
    assert_int_equal(r->diags.errors, 0);
    assert_int_equal(gh_if_true(r->arena, &t, &s, &ret, &e), 0);
    return ret;
}

/* Each diagnostic as "line:column+bytes code message" on a line of its own. */
static const char *diags_of(struct room *r)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (size_t i = 0; i < r->diags.n; i++) {
        const struct diag *d = &r->diags.p[i];
        struct place at = sources_place(r->sources, d->span);
        buf_printf(&b, "%s%u:%u+%u %s %.*s", i ? "\n" : "", at.line, at.column, d->span.len, d->code,
                   STR_ARG(d->message));
    }
    return arena_str(r->arena, buf_str(&b)).p;
}

static void plain_scalars_have_types_and_become_text(void **state)
{
    struct room *r = *state;
    static const struct {
        const char *yaml, *want;
    } cases[] = {
        {"k: 3.10", "3.1"},
        {"k: '3.10'", "3.10"},
        {"k: >-\n  3.10", "3.10"},
        {"k: 1e3", "1000"},
        {"k: 0x10", "16"},
        {"k: 0o17", "15"},
        {"k: +12", "12"},
        {"k: -0", "0"},
        {"k: .5", "0.5"},
        {"k: 5.", "5"},
        {"k: True", "true"},
        {"k: yes", "yes"},
        {"k: on", "on"},
        {"k: ~", ""},
        {"k: Null", ""},
        {"k:", ""},
        {"k: 1_000", "1_000"},
        {"k: 1:30", "1:30"},
        {"k: 2001-01-01", "2001-01-01"},
        {"k: .", "."},
        {"k: .inf", "Infinity"},
        {"k: -.INF", "-Infinity"},
        {"k: .NaN", "NaN"},
        {"k: +.nan", "+.nan"},
        {"k: !!str 3.10", "3.10"},
        {"k: !!float 3", "3"},
        {"k: !!int 0xff", "255"},
        {"k: !!bool TRUE", "true"},
        {"k: 0b11", "0b11"},
        {"k: '0x10'", "0x10"},
        {"k: 1345678912345678912", "1.34567891234568E+18"},
        {"k: 0xffffffff", "-1"},
        {"k: nan", "nan"},
        {"k: 08", "8"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(string_of(r, cases[i].yaml), cases[i].want);
}

static void tags_that_do_not_fit_are_refused(void **state)
{
    struct room *r = *state;
    text_of(r, "k: !!int test");
    assert_string_equal(r->diags.p[0].code, "GH010");
    assert_string_equal(r->diags.p[0].message.p,
                        "The value 'test' on line 1 and column 4 is invalid for the type 'tag:yaml.org,2002:int'");
    text_of(r, "k: !!int '1'");
    assert_string_equal(r->diags.p[0].message.p,
                        "The scalar style 'SingleQuoted' on line 1 and column 4 is not valid with the tag "
                        "'tag:yaml.org,2002:int'");
    text_of(r, "k: !x");
    assert_string_equal(r->diags.p[0].message.p, "Unexpected tag '!x'");
    text_of(r, "k: 0x1ffffffff");
    assert_string_equal(r->diags.p[0].code, "GH010");
}

static void expressions_in_scalars(void **state)
{
    struct room *r = *state;
    static const struct {
        const char *yaml, *want;
    } cases[] = {
        {"k: ${{ github.ref }}", "main"},
        {"k: a ${{ github.ref }}-${{ matrix.n }} z", "a main-5 z"},
        {"k: ${{ matrix.n }}${{ matrix.on }}", "5true"},
        {"k: \"it's {0} {{${{ 1 }}}}\"", "it's {0} {{1}}"},
        {"k: ${{ 'a }} b' }}", "a }} b"},
        {"k: ${{ '${{ x }}' }}", "${{ x }}"},
        {"k: ${{ 'it''s' }} ok", "it's ok"},
        {"k: |\n  one ${{ matrix.n }}\n  two\n", "one 5\ntwo\n"},
        {"k: ${{ matrix.os }}", "A sequence was not expected"},
        {"k: ${{ matrix.more }}", "A mapping was not expected"},
        {"k: x${{ matrix.os }}", "xArray"},
        {"k: ${{ matrix.absent }}", ""},
        {"k: $ {{ x }}", "$ {{ x }}"},
        {"k: a }} b", "a }} b"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(string_of(r, cases[i].yaml), cases[i].want);
}

static void a_lone_expression_keeps_its_type(void **state)
{
    struct room *r = *state;
    struct gh_scope s = scope_of(r);
    struct gh_text t = text_of(r, "k: ${{ matrix.os }}");
    struct value *v;
    struct err e;
    assert_int_equal(gh_text_value(r->arena, &t, &s, &v, &e), 0);
    assert_int_equal(v->kind, VALUE_ARRAY);
    t = text_of(r, "k: ${{ 'x' }}");
    assert_null(t.expr);
    assert_int_equal(t.typed->kind, VALUE_STRING);
    t = text_of(r, "k: ${{ 5 }}");
    assert_non_null(t.expr);
}

static void typed_slots(void **state)
{
    struct room *r = *state;
    struct gh_scope s = scope_of(r);
    struct gh_text t = text_of(r, "k: ${{ fromJSON('5') }}"), unset = {0};
    double x = 0;
    bool b = false;
    struct err e;
    assert_int_equal(gh_text_number(r->arena, &t, &s, 1, &x, &e), 0);
    assert_true(x > 4.9 && x < 5.1);
    assert_int_equal(gh_text_number(r->arena, &unset, &s, 360, &x, &e), 0);
    assert_true(x > 359.9);
    t = text_of(r, "k: ${{ '5' }}");
    assert_int_equal(gh_text_number(r->arena, &t, &s, 1, &x, &e), -EINVAL);
    assert_string_equal(e.text, "Unexpected value '5'");
    t = text_of(r, "k: ${{ matrix.on }}");
    assert_int_equal(gh_text_bool(r->arena, &t, &s, false, &b, &e), 0);
    assert_true(b);
    t = text_of(r, "k: ${{ matrix.absent }}");
    assert_int_equal(gh_text_bool(r->arena, &t, &s, false, &b, &e), -EINVAL);
    assert_string_equal(e.text, "Unexpected value ''");
    t = text_of(r, "k: ${{ matrix.os }}");
    assert_int_equal(gh_text_bool(r->arena, &t, &s, false, &b, &e), -EINVAL);
    assert_string_equal(e.text, "A sequence was not expected");
}

static void errors_point_into_the_scalar(void **state)
{
    struct room *r = *state;
    text_of(r, "k: echo ${{ env.X }} ${{ }} ${{ 'x");
    assert_string_equal(
        diags_of(r), "1:13+3 GH003 Unrecognized named-value: 'env'. Located at position 1 within expression: env.X\n"
                     "1:22+6 GH008 An expression was expected\n"
                     "1:29+6 GH007 The expression is not closed. An unescaped ${{ sequence was found, but the closing "
                     "}} sequence was not found.");
    text_of(r, "k: |\n  one\n  two ${{ matrix.n = 5 }}\n");
    assert_string_equal(diags_of(r), "3:20+1 GH001 Unexpected symbol: '='. Located at position 10 within expression: "
                                     "matrix.n = 5");
    text_of(r, "k: \"\\t${{ nope() }}\"");
    assert_string_equal(diags_of(r), "1:11+4 GH004 Unrecognized function: 'nope'. Located at position 1 within "
                                     "expression: nope()");
    text_of(r, "k: ${{ insert }}");
    assert_string_equal(r->diags.p[0].code, "GH009");
    text_of(r, "k: [1]");
    assert_string_equal(diags_of(r), "1:4+3 GH034 A sequence was not expected");
}

static void constants_that_must_fail_are_warned_of(void **state)
{
    struct room *r = *state;
    struct gh_text t;
    text_of(r, "k: a ${{ matrix.n && fromJSON('[1') }}");
    assert_string_equal(diags_of(r), "1:31+4 GH011 Error parsing JSON when evaluating fromJson: line 1, column 2: ']' "
                                     "expected near end of file");
    assert_int_equal(r->diags.errors, 0);
    gh_if_read(r->arena, node_of(r, "k: format('{1}', 1) == '1'"), &allowed, &r->diags, &t);
    assert_string_equal(diags_of(r), "1:11+5 GH011 The following format string references more arguments than were "
                                     "supplied: {1}");
    text_of(r, "k: ${{ format('{0}', fromJSON('[1]')) }}");
    assert_int_equal(r->diags.n, 0);
}

static void hints_name_what_would_do(void **state)
{
    struct room *r = *state;
    text_of(r, "k: ${{ secrets.X }}");
    assert_string_equal(r->diags.p[0].hint.p, "'secrets' is not available here; what is: github, matrix");
    text_of(r, "k: ${{ githb.ref }}");
    assert_string_equal(r->diags.p[0].hint.p, "did you mean 'github'?");
    text_of(r, "k: ${{ startWith('a', 'b') }}");
    assert_string_equal(r->diags.p[0].hint.p, "did you mean 'startsWith'?");
    text_of(r, "k: ${{ hashFiles('a') }}");
    assert_string_equal(r->diags.p[0].hint.p, "hashFiles() may be used in steps only");
    text_of(r, "k: ${{ \"a\" }}");
    assert_string_equal(r->diags.p[0].hint.p, "text is written in single quotes");
}

static void too_long_with_the_text_around(void **state)
{
    struct room *r = *state;
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    buf_add(&b, STR("k: '${{ 1 }}"));
    buf_add_rep(&b, 'x', 21000);
    buf_add_ch(&b, '\'');
    text_of(r, buf_cstr(&b));
    assert_string_equal(r->diags.p[0].message.p, "Exceeded max expression length 21000");
    buf_clear(&b);
    buf_add(&b, STR("k: '"));
    buf_add_rep(&b, 'x', 30000); /* a text alone may be as long as it likes */
    buf_add_ch(&b, '\'');
    text_of(r, buf_cstr(&b));
    assert_int_equal(r->diags.n, 0);
}

static void conditions(void **state)
{
    struct room *r = *state;
    struct gh_scope s = scope_of(r);
    struct gh_text unset = {0};
    struct err e;
    bool b = false;
    assert_true(holds(r, "k: github.ref == 'MAIN'"));
    assert_true(holds(r, "k: ${{ github.ref == 'MAIN' }}"));
    assert_false(holds(r, "k: false"));
    assert_false(holds(r, "k: 0"));
    assert_true(holds(r, "k:"));
    assert_true(holds(r, "k: ''"));
    assert_false(holds(r, "k: failure()"));
    assert_true(holds(r, "k: ${{ github.ref }} == 'other'")); /* text, so always true */
    assert_int_equal(gh_if_true(r->arena, &unset, &s, &b, &e), 0);
    assert_true(b);
    r->success = false;
    assert_false(holds(r, "k: true"));
    assert_false(holds(r, "k:"));
    assert_true(holds(r, "k: always()"));
    assert_true(holds(r, "k: github.ref && failure()"));
    assert_false(holds(r, "k: true || 'failure()'"));
    assert_int_equal(gh_if_true(r->arena, &unset, &s, &b, &e), 0);
    assert_false(b);
}

static void a_wrong_condition_is_shown_where_it_is_wrong(void **state)
{
    struct room *r = *state;
    struct gh_text t;
    gh_if_read(r->arena, node_of(r, "k: github.ref == \"x\""), &allowed, &r->diags, &t);
    assert_string_equal(diags_of(r), "1:18+3 GH001 Unexpected symbol: '\"x\"'. Located at position 15 within "
                                     "expression: github.ref == \"x\"");
}

static void trees(void **state)
{
    struct room *r = *state;
    struct gh_scope s = scope_of(r);
    struct value *v;
    struct err e;
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    const struct doc_node *n = node_of(r, "k:\n  a: [1, '2', '${{ matrix.n }}', ~]\n  b: [x, '${{ matrix.os }}', ['${{ "
                                          "matrix.os }}']]\n  ${{ insert }}: ${{ matrix.more }}\n"
                                          "  p${{ matrix.n }}: {os: '${{ matrix.os }}'}\n");
    gh_tree_check(r->arena, n, &allowed, &r->diags);
    assert_int_equal(r->diags.n, 0);
    assert_true(gh_tree_uses(r->arena, n, "matrix"));
    assert_false(gh_tree_uses(r->arena, n, "github"));
    assert_int_equal(gh_tree_value(r->arena, n, &allowed, &s, &v, &e), 0);
    value_add_json(&b, v, VALUE_COMPACT);
    assert_string_equal(
        buf_cstr(&b),
        "{\"a\":[1,\"2\",5,null],\"b\":[\"x\",\"a\",1,[\"a\",1]],\"x\":1,\"y\":[2],\"p5\":{\"os\":[\"a\",1]}}");
}

static void trees_that_are_wrong(void **state)
{
    struct room *r = *state;
    struct gh_scope s = scope_of(r);
    struct value *v;
    struct err e;
    const struct doc_node *n = node_of(r, "k: {a: 1, A: '${{ x }}'}");
    gh_tree_check(r->arena, n, &allowed, &r->diags);
    assert_string_equal(diags_of(r), "1:11+1 GH031 'A' is already defined\n"
                                     "1:19+1 GH003 Unrecognized named-value: 'x'. Located at position 1 within "
                                     "expression: x");
    n = node_of(r, "k: {X: 1, '${{ insert }}': '${{ matrix.more }}'}");
    assert_int_equal(gh_tree_value(r->arena, n, &allowed, &s, &v, &e), -EINVAL);
    assert_string_equal(e.text, "'x' is already defined");
    n = node_of(r, "k: {'${{ insert }}': '${{ matrix.os }}'}");
    assert_int_equal(gh_tree_value(r->arena, n, &allowed, &s, &v, &e), -EINVAL);
    assert_string_equal(e.text, "A sequence was not expected");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(plain_scalars_have_types_and_become_text),
        TEST(tags_that_do_not_fit_are_refused),
        TEST(expressions_in_scalars),
        TEST(a_lone_expression_keeps_its_type),
        TEST(typed_slots),
        TEST(errors_point_into_the_scalar),
        TEST(constants_that_must_fail_are_warned_of),
        TEST(hints_name_what_would_do),
        TEST(too_long_with_the_text_around),
        TEST(conditions),
        TEST(a_wrong_condition_is_shown_where_it_is_wrong),
        TEST(trees),
        TEST(trees_that_are_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
