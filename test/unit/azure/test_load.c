/* The YAML that pipelines are read from: specification 2. */
#include "az_place.h"

static void test_refused(void **state)
{
    static const struct az_case cases[] = {
        {"anchors",
         {"a.yml", "a: &x 1\n"},
         "a.yml:1:4: anchors are not supported in this file: remove the anchor 'x'\n"},
        {"aliases",
         {"a.yml", "a: &x 1\nb: *x\n"},
         "a.yml:1:4: anchors are not supported in this file: remove the anchor 'x'\n"},
        {"merge keys",
         {"a.yml", "a:\n  <<: {b: c}\n"},
         "a.yml:2:3: Merge keys are not supported: '<<' merges nothing into this mapping\n"},
        {"a second document", {"a.yml", "a: 1\n---\nb: 1\n"}, "a.yml:2:1: a second YAML document begins here\n"},
        {"duplicates", {"a.yml", "env:\n  A: 1\n  b: 2\n  a: 3\n"}, "a.yml:4:3: 'a' is already defined\n"},
        {"a list", {"a.yml", "- a\n"}, "a.yml:1:1: Expected a mapping: the file holds no pipeline\n"},
        {"nothing", {"a.yml", "# nothing\n"}, "a.yml:2:1: Expected a mapping: the file holds no pipeline\n"},
    };
    (void)state;
    AZ_CASES(cases);
}

static void test_taken(void **state)
{
    static const struct az_case cases[] = {
        {"marks of a document", {"a.yml", "---\na: 1\n...\n"}, "a: 1\n"},
        {"spellings",
         {"a.yml", "a: 007\nb: True\nc: 1.0\nd:\ne: ~\nf: on\ng: 'null'\n"},
         "a: 007\nb: True\nc: 1.0\nd:\ne:\nf: on\ng: 'null'\n"},
    };
    (void)state;
    AZ_CASES(cases);
}

static void test_many_keys(void **state)
{
    struct az_place p;
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    static const char *const files[] = {"none", "", NULL};
    (void)state;
    az_place_init(&p, files);
    for (unsigned i = 0; i < 40; i++)
        buf_printf(&b, "key%u: x\n", i);
    buf_add_cstr(&b, "KEY39: x\n");
    map_set_str(&p.files, STR("a.yml"), buf_str(&b));
    assert_true(str_is(az_place_shown(&p, "a.yml"), "a.yml:41:1: 'KEY39' is already defined\n"));
    assert_int_equal(sources_place(p.sources, p.d.p[1].span).line, 40);
    az_place_done(&p);
}

static void test_places(void **state)
{
    static const char *const files[] = {"a.yml", "a:\n  b: |\n    text\n  c: [1]\n", NULL};
    struct az_place p;
    struct az_frame frame = {.path = STR("a.yml")};
    (void)state;
    az_place_init(&p, files);
    struct az_value *v = az_load(p.arena, sources_add(p.sources, STR("a.yml"), str_from(files[1])), &frame, &p.d);
    const struct az_value *a = az_get(v, STR("a")), *b = az_get(a, STR("b")), *c = az_get(a, STR("c"));
    assert_true(str_is(b->text, "text\n") && b->frame == &frame && !b->plain);
    assert_int_equal(sources_place(p.sources, c->array.p[0]->span).column, 7);
    assert_true(c->array.p[0]->plain);
    az_place_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_taken),
        cmocka_unit_test(test_many_keys),
        cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
