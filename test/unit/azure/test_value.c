/* Values: objects and their index, casts that files use, JSON back, and how faults are told. */
#include "az_room.h"

#include "doc/yaml.h"

static struct arena *a;

static int setup(void **state)
{
    UNUSED(state);
    a = arena_new();
    return 0;
}

static int teardown(void **state)
{
    UNUSED(state);
    arena_free(a);
    return 0;
}

/* A small object and a large one answer alike. */
static void objects(void **state)
{
    UNUSED(state);
    for (unsigned n = 1; n < 40; n += 13)
        for (unsigned fold = 0; fold < 2; fold++) {
            struct az_value *o = az_object(a, fold);
            for (unsigned i = 0; i < n; i++)
                az_set(a, o, arena_printf(a, "Key%u", i), az_number(a, i));
            assert_int_equal(o->object.n, n);
            struct str last = arena_printf(a, "KEY%u", n - 1);
            assert_true((az_get(o, last) != NULL) == (fold == 1));
            assert_non_null(az_get_nocase(o, last.p));
            assert_null(az_get(o, STR("Key")));
            az_set(a, o, STR("Key0"), az_bool(a, true));
            assert_int_equal(az_get(o, STR("Key0"))->kind, AZ_BOOL);
            assert_int_equal(o->object.n, n);
            az_add(a, o, az_string(a, STR("Key0")), az_null());
            assert_int_equal(az_get(o, STR("Key0"))->kind, AZ_BOOL); /* the first of two */
            assert_int_equal(o->object.n, n + 1);
        }
    assert_null(az_get(NULL, STR("x")));
    assert_null(az_get(az_null(), STR("x")));
}

static void numbers(void **state)
{
    UNUSED(state);
    static const struct {
        const char *text, *shown; /* NULL: it is no number */
    } rows[] = {
        {"1", "1"},
        {" -1.50 ", "-1.5"},
        {"+2", "2"},
        {"1,234,5.5", "12345.5"},
        {",1", NULL},
        {"1.2,3", NULL},
        {"1.", "1"},
        {".5", "0.5"},
        {".", NULL},
        {"", NULL},
        {"-", NULL},
        {"1e3", NULL},
        {"0x10", NULL},
        {"1 2", NULL},
        {"NaN", NULL},
        {"79228162514264337593543950336", NULL},
        {"0.12345678", "0.1234568"},
        {"0.00000001", "0"},
        {"-0.00000001", "0"},
        {"100", "100"},
        {"1234567890123", "1234567890123"},
        {"12345678901234567", "12345678901234568"}, /* the service would keep all digits */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double d = 0;
        bool is = az_number_read(str_from(rows[i].text), &d);
        assert_int_equal(is, rows[i].shown != NULL || strncmp(rows[i].text, "79", 2) == 0);
        if (rows[i].shown)
            assert_string_equal(az_scalar(a, az_number(a, d)).p, rows[i].shown);
    }
}

static void versions(void **state)
{
    UNUSED(state);
    static const char *const good[] = {"1.2", "1.2.3", "1.2.3.4", "0.0", "01.2"};
    static const char *const bad[] = {"", "1", "1.", "1.2.3.4.5", "1.-2", "a.b", "1.2147483648"};
    struct az_value v;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(az_version_read(str_from(good[i]), &v));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(az_version_read(str_from(bad[i]), &v));
}

static void booleans(void **state)
{
    UNUSED(state);
    bool b;
    assert_true(az_bool_read(STR("TRUE"), &b) && b);
    assert_true(az_bool_read(STR("False"), &b) && !b);
    assert_false(az_bool_read(STR("yes"), &b));
    assert_true(az_schema_bool(STR("Y"), &b) && b);
    assert_true(az_schema_bool(STR("oN"), &b) && b);
    assert_true(az_schema_bool(STR("off"), &b) && !b);
    assert_true(az_schema_bool(STR("N"), &b) && !b);
    assert_false(az_schema_bool(STR("1"), &b));
}

static void from_json(void **state)
{
    UNUSED(state);
    struct az_value *v;
    struct err e;
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    assert_int_equal(az_from_json(a, STR("{\"a\": [1, \"x\", null, true], \"A\": {}}"), &v, &e), 0);
    assert_int_equal(az_get(v, STR("a"))->array.n, 4);
    assert_int_equal(az_get(v, STR("A"))->kind, AZ_OBJECT);
    assert_int_equal(az_add_json(&b, v, &e), 0);
    assert_string_equal(buf_cstr(&b), "{\n  \"a\": [\n    1,\n    \"x\",\n    null,\n    true\n  ],\n  \"A\": {}\n}");
    assert_int_equal(az_from_json(a, STR("{"), &v, &e), -EINVAL);
}

static void finding(void **state)
{
    UNUSED(state);
    static const struct {
        const char *text;
        size_t from, open, close; /* close 0: there is none */
    } rows[] = {
        {"plain", 0, 5, 0},
        {"a ${{ b }} c", 0, 2, 10},
        {"${{ '}}' }}", 0, 0, 11},
        {"${{ 'it''s }}' }}", 0, 0, 17},
        {"${{ a }}${{ b }}", 8, 8, 16},
        {"a ${{ b", 0, 2, 0},
        {"${{ ' }}", 0, 0, 0},
        {"$${{a}}", 0, 1, 7},
        {"${{a}}}", 0, 0, 6},
        {"$[ a ] {{ b }}", 0, 14, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t open, close;
        bool found = az_find_expression(str_from(rows[i].text), rows[i].from, &open, &close);
        assert_int_equal(found, rows[i].close > 0);
        assert_int_equal(open, rows[i].open);
        if (found)
            assert_int_equal(close, rows[i].close);
    }
}

/* A fault in a template says where, to the character, and who included it. */
static void telling(void **state)
{
    UNUSED(state);
    CLEAN(sources) struct sources *s = sources_new();
    struct diags d;
    diags_init(&d, a, s);
    uint32_t root = sources_add(s, STR("root.yml"), STR("- template: t.yml\n"));
    uint32_t file = sources_add(s, STR("t.yml"), STR("- script: \"a\\tb ${{ x }}\"\n"));
    struct az_frame outer = {.path = STR("root.yml")};
    struct az_frame inner = {.parent = &outer, .at = {root, 12, 5}, .path = STR("t.yml"), .depth = 1};
    struct yaml_limits limits = YAML_LIMITS;
    struct doc_node *n = doc_get(yaml_read(a, s, file, &limits, &d)->seq.p[0], "script");
    struct az_value *v = az_string(a, n->text);
    v->span = n->span;
    v->frame = &inner;
    v->node = n;
    az_error_in(&d, "AZ109", v, 8, 1, "Unrecognized value: '%s'", "x");
    assert_int_equal(d.n, 2);
    struct place p = sources_place(s, d.p[0].span);
    assert_int_equal(p.line, 1);
    assert_int_equal(p.column, 21);
    assert_int_equal(d.p[0].span.len, 1);
    assert_string_equal(d.p[1].message.p, "included from here");
    assert_int_equal(d.p[1].level, DIAG_NOTE);
    assert_int_equal(d.p[1].span.off, 12);
    az_warning(&d, "AZ109", NULL, "nowhere");
    assert_int_equal(d.p[2].span.file, 0);
}

struct seen {
    char text[400];
};

static void see(void *ctx, const struct az_use *use)
{
    struct seen *s = ctx;
    size_t n = strlen(s->text);
    n += (size_t)snprintf(s->text + n, sizeof s->text - n, "%.*s", STR_ARG(use->name));
    for (size_t i = 0; i < use->n_members; i++)
        n += (size_t)snprintf(s->text + n, sizeof s->text - n, ".%.*s", STR_ARG(use->members[i]));
    for (size_t i = 0; i < use->n_args; i++)
        n += (size_t)snprintf(s->text + n, sizeof s->text - n, "(%s)", use->literals[i] ? "literal" : "other");
    snprintf(s->text + n, sizeof s->text - n, " @%zu ", use->at);
}

static void uses(void **state)
{
    UNUSED(state);
    struct az_room r;
    struct az_expr *x;
    struct az_fault fault;
    struct seen seen = {""};
    az_room_init(&r);
    r.slot.status = AZ_JOB_STATUS;
    struct str text = STR("and(failed('A', x.b), eq(variables['a.b'].c[x.d].e, 1))");
    assert_int_equal(az_expr_parse(r.arena, text, &r.slot, &x, &fault), 0);
    az_expr_uses(x, see, &seen);
    assert_string_equal(seen.text, "and(other)(other) @0 failed(literal)(other) @4 x.b @16 eq(other)(literal) @22 "
                                   "variables.a.b.c @25 x.d @44 ");
    az_room_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects),   cmocka_unit_test(numbers), cmocka_unit_test(versions), cmocka_unit_test(booleans),
        cmocka_unit_test(from_json), cmocka_unit_test(finding), cmocka_unit_test(telling),  cmocka_unit_test(uses),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
