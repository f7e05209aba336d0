/* The writer of YAML: how it looks, and that every text is read back as it was. */
#include "az_place.h"

static bool same(struct arena *a, const struct az_value *x, const struct az_value *y)
{
    bool equal = x->kind == y->kind || (az_is_scalar(x) && az_is_scalar(y));
    if (az_is_scalar(x))
        return equal && str_eq(az_scalar(a, x), az_scalar(a, y));
    if (!equal || (x->kind == AZ_ARRAY ? x->array.n != y->array.n : x->object.n != y->object.n))
        return false;
    for (size_t i = 0; i < (x->kind == AZ_ARRAY ? x->array.n : x->object.n); i++) {
        if (x->kind == AZ_ARRAY && !same(a, x->array.p[i], y->array.p[i]))
            return false;
        if (x->kind == AZ_OBJECT && !(str_eq(x->object.p[i].key->text, y->object.p[i].key->text) &&
                                      same(a, x->object.p[i].value, y->object.p[i].value)))
            return false;
    }
    return true;
}

static void check(struct arena *a, const struct az_value *v)
{
    CLEAN(sources) struct sources *s = sources_new();
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    struct diags d;
    diags_init(&d, a, s);
    assert_int_equal(az_print(&b, v), 0);
    const struct az_value *back = az_load(a, sources_add(s, STR("out"), buf_str(&b)), NULL, &d);
    if (!back || d.errors > 0 || !same(a, v, back))
        fail_msg("not read back (%s):\n%s", d.n > 0 ? d.p[0].message.p : "", buf_cstr(&b));
}

static const char *const texts[] = {
    "a",
    "",
    " ",
    " a",
    "a ",
    "a: b",
    "a:b",
    "a:",
    ":",
    "- a",
    "-a",
    "-",
    "?",
    "? a",
    "#a",
    "a #b",
    "a#b",
    "'",
    "\"",
    "it's",
    "say \"x\"",
    "[a]",
    "{a}",
    "a, b",
    "*a",
    "&a",
    "!a",
    "|",
    ">",
    "%a",
    "@a",
    "`a",
    "---",
    "--- a",
    "...",
    "null",
    "~",
    "True",
    "no",
    "1",
    "-1.5",
    "0x1",
    "1e3",
    "<<",
    "=",
    "a\nb",
    "a\nb\n",
    "a\nb\n\n",
    "\na",
    "\n",
    "\n\n",
    " a\nb",
    "\ta\nb",
    "a\n b\n\tc",
    "a\n\n\nb",
    "a\r\nb",
    "a\n ",
    "a\n \n",
    "  \na",
    "\t",
    "a\tb",
    "\x01",
    "caf\xc3\xa9",
    "\xc2\x85",
    "\xe2\x80\xa8",
    "\xf0\x9f\x98\x80 x",
    "\xef\xbb\xbf",
    "${{ a }}",
    "$(a)",
    "$[ a ]",
    "a\\b",
    "a\n#b",
    "#a\nb",
    "- a\n- b\n",
    "a: b\nc: d",
};

static void test_round_trip(void **state)
{
    CLEAN(arena) struct arena *a = arena_new();
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct az_value *text = az_string(a, str_from(texts[i])), *list = az_array(a), *object = az_object(a, false);
        struct az_value *inner = az_array(a), *deep = az_object(a, false);
        az_push(a, list, text);
        az_push(a, list, text);
        az_push(a, inner, list);
        az_push(a, inner, az_array(a));
        az_push(a, inner, object);
        az_set(a, object, str_from(texts[i]), text);
        az_set(a, object, STR("list"), list);
        az_set(a, deep, STR("object"), object);
        az_set(a, deep, STR("inner"), inner);
        az_set(a, deep, STR("none"), az_object(a, false));
        az_set(a, deep, STR("last"), text);
        const struct az_value *all[] = {text, list, object, inner, deep};
        for (size_t k = 0; k < ARRAY_LEN(all); k++)
            check(a, all[k]);
    }
}

static void test_long_key(void **state)
{
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(buf) struct buf key = BUF(BUF_TEXT);
    struct az_value *o = az_object(a, false), *outer = az_object(a, false);
    (void)state;
    buf_add_rep(&key, 'k', 3000);
    az_set(a, o, buf_str(&key), az_string(a, STR("v")));
    az_set(a, outer, STR("o"), o);
    check(a, outer);
}

static void test_looks(void **state)
{
    static const struct az_case cases[] = {
        {"a pipeline",
         {"a.yml", "{steps: [{script: \"a\\nb\\n\", env: {A: \"1\", B: 1}, displayName: 'it''s: x'}, {x: [[a, b], "
                   "[]]}], y: {}}"},
         "steps:\n- script: |\n    a\n    b\n  env:\n    A: '1'\n    B: 1\n  displayName: 'it''s: x'\n- x:\n  - - a\n  "
         "  - b\n  - []\ny: {}\n"},
    };
    (void)state;
    AZ_CASES(cases);
}

static void test_full(void **state)
{
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(buf) struct buf b = BUF(4);
    struct az_value *v = az_array(a);
    (void)state;
    az_push(a, v, az_string(a, STR("a longer text")));
    assert_int_equal(az_print(&b, v), -E2BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_long_key),
        cmocka_unit_test(test_looks),
        cmocka_unit_test(test_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
