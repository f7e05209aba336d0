/* .env and its kin: what act's library makes of them. */
#include "core/base.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/buf.h"
#include "doc/dotenv.h"

struct room {
    struct arena *a;
    struct map m;
    struct err e;
};

static void room_init(struct room *r)
{
    *r = (struct room){.a = arena_new()};
    map_init(&r->m, r->a, MAP_CASE);
}

static void assert_value(const struct room *r, const char *name, const char *value)
{
    struct str s = map_get_str(&r->m, str_from(name));
    if (s.p == NULL)
        fail_msg("%s is not there", name);
    assert_string_equal(arena_str(r->a, s).p, value);
}

static void read_one(const char *text, const char *name, const char *value)
{
    struct room r;
    room_init(&r);
    if (dotenv_read(str_from(text), &r.m, &r.e) < 0)
        fail_msg("%s: %s", text, r.e.text);
    assert_value(&r, name, value);
    arena_free(r.a);
}

static void refuse(const char *text, const char *why)
{
    struct room r;
    room_init(&r);
    assert_int_equal(dotenv_read(str_from(text), &r.m, &r.e), -EINVAL);
    assert_string_equal(r.e.text, why);
    arena_free(r.a);
}

static void values_end_with_their_line(void **state)
{
    UNUSED(state);
    read_one("A=1\nB=2", "A", "1");
    read_one("A=1\r\nB=2\r\n", "A", "1");
    read_one("A=", "A", "");
    read_one("  A = x y  \n", "A", "x y");
    read_one("A: yaml\n", "A", "yaml");
    read_one("export A=1\n", "A", "1");
    read_one("export=1\n", "export", "1");
    read_one("A=x=y\n", "A", "x=y");
    read_one("# A=0\n\n A.b-c=1\n", "A.b-c", "1");
    read_one("A=1\nA=2\n", "A", "2");
}

static void comments_need_a_blank(void **state)
{
    UNUSED(state);
    read_one("A=x # note\n", "A", "x");
    read_one("A=x#y\n", "A", "x#y");
    read_one("A=x # y # z\n", "A", "x # y"); /* the last one, as act's library has it */
    read_one("A=#y\n", "A", "#y");
    read_one("A=\"x # y\" # z\nB=1\n", "A", "x # y");
    read_one("A=\"x\" # z\nB=1\n", "B", "1");
}

static void quotes_span_lines(void **state)
{
    UNUSED(state);
    read_one("A='one\ntwo'\n", "A", "one\ntwo");
    read_one("A=\"one\ntwo\"\n", "A", "one\ntwo");
    read_one("A=\"one\\ntwo\\r\\t\\\\.\"\nB=1", "A", "one\ntwo\rt\\.");
    read_one("A='one\\ntwo'\n", "A", "one\\ntwo");
    read_one("A=\"a \\\"b\\\" c\"\n", "A", "a \"b\" c");
    read_one("A=''\nB=1\n", "A", "");
}

static void names_stand_for_values_before(void **state)
{
    UNUSED(state);
    read_one("A=1\nB=$A-${A}x\n", "B", "1-1x");
    read_one("A=1\nB=\"$A\"\n", "B", "1");
    read_one("A=1\nB='$A'\n", "B", "$A");
    read_one("A=1\nB=\\$A\n", "B", "$A");
    read_one("B=[$NOWHERE]\n", "B", "[]");
    read_one("B=$lower $ $\n", "B", "$lower $ $");
    setenv("DOTENV_TEST", "outside", 1);
    read_one("B=[$DOTENV_TEST]\n", "B", "[]");
}

static void faults_tell_their_line_and_no_value(void **state)
{
    UNUSED(state);
    refuse("A=1\nhunter2\n", "2: expected NAME=VALUE");
    refuse("A=1\n\nB=\"hunter2\n\n", "3: the quote is not closed");
    refuse("=x\n", "1: expected NAME=VALUE");
    refuse("A B=x\n", "1: expected NAME=VALUE");
    refuse("A", "1: expected NAME=VALUE");
    refuse("export", "1: expected NAME=VALUE");
}

/* Each line doubles the one before. */
static void values_cannot_grow_without_end(void **state)
{
    UNUSED(state);
    struct room r;
    room_init(&r);
    CLEAN(buf) struct buf b = BUF(1 << 16);
    buf_add_cstr(&b, "A=0123456789\n");
    for (int i = 0; i < 40; i++)
        buf_add_cstr(&b, "A=$A$A\n");
    assert_int_equal(dotenv_read(buf_str(&b), &r.m, &r.e), -EINVAL);
    assert_non_null(strstr(r.e.text, "too long"));
    arena_free(r.a);
}

static void yaml_is_a_mapping_of_scalars(void **state)
{
    UNUSED(state);
    struct room r;
    room_init(&r);
    assert_int_equal(dotenv_read_yaml(STR("a: 1\nb: |\n  one\n  two\nc: null\nd: 'x'\ne:\nf: true\n"), &r.m, &r.e), 0);
    assert_value(&r, "a", "1");
    assert_value(&r, "b", "one\ntwo\n");
    assert_value(&r, "c", "");
    assert_value(&r, "d", "x");
    assert_value(&r, "e", "");
    assert_value(&r, "f", "true");
    assert_int_equal(dotenv_read_yaml(STR(""), &r.m, &r.e), 0);
    assert_int_equal(dotenv_read_yaml(STR("a: 1\nb: [hunter2]\n"), &r.m, &r.e), -EINVAL);
    assert_string_equal(r.e.text, "2: expected a text as the value");
    assert_int_equal(dotenv_read_yaml(STR("- a\n"), &r.m, &r.e), -EINVAL);
    assert_int_equal(dotenv_read_yaml(STR("a: 'hunter2\n"), &r.m, &r.e), -EINVAL);
    assert_null(strstr(r.e.text, "hunter2"));
    arena_free(r.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_end_with_their_line),
        cmocka_unit_test(comments_need_a_blank),
        cmocka_unit_test(quotes_span_lines),
        cmocka_unit_test(names_stand_for_values_before),
        cmocka_unit_test(faults_tell_their_line_and_no_value),
        cmocka_unit_test(values_cannot_grow_without_end),
        cmocka_unit_test(yaml_is_a_mapping_of_scalars),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
