#include "core/base.h"

#include "scaffold/template.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

struct fixture {
    struct arena *a;
    struct template_vars vars;
    struct strs pythons, none;
};

static int setup(void **state)
{
    struct arena *a = arena_new();
    struct fixture *f = ARENA_NEW(a, struct fixture);
    f->a = a;
    vec_push_in(a, &f->pythons, STR("3.9"));
    vec_push_in(a, &f->pythons, STR("3.10"));
    template_vars_init(&f->vars, a);
    template_text(&f->vars, "name", STR("hello"));
    template_text(&f->vars, "empty", STR(""));
    template_text(&f->vars, "said", STR("a \"b\" \\c"));
    template_flag(&f->vars, "yes", true);
    template_flag(&f->vars, "no", false);
    template_list(&f->vars, "pythons", &f->pythons);
    template_list(&f->vars, "none", &f->none);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    arena_free(f->a);
    return 0;
}

/* The rendered text, or the refusal. */
static void renders(void **state, const char *text, const char *wanted)
{
    struct fixture *f = *state;
    CLEAN(buf) struct buf out = BUF(BUF_LINE);
    struct err e = {0};
    int r = template_render(STR("t"), str_from(text), &f->vars, &out, &e);
    assert_string_equal(r == 0 ? buf_cstr(&out) : e.text, wanted);
}

static void inserts(void **state)
{
    renders(state, "", "");
    renders(state, "a @{name}b@{name}\n",
            "a hellob"
            "hello\n");
    renders(state, "no end of line @{name}", "no end of line hello");
    renders(state, "@{pythons} @{yes}", "3.9, 3.10 true");
    renders(state, "[@{pythons|quoted}]", "[\"3.9\", \"3.10\"]");
    renders(state, "py@{pythons|digits}", "py39, 310");
    renders(state, "@{said|quoted}", "\"a \\\"b\\\" \\\\c\"");
    renders(state, "[@{none|quoted}@{empty}]", "[]");
}

static void leaves_other_languages_alone(void **state)
{
    static const char *const text = "${{ github.ref }} $$PATH $(x) ${X} @v7 a@b {{version}} %{x} `$(BIN)/@`\n"
                                    "@events.quitting.add_listener\n\t@echo $@\n@pytest.fixture\n@ if\n@\n";
    renders(state, text, text);
    renders(state, "@@{name} @{name}", "@{name} hello");
}

static void chooses(void **state)
{
    renders(state, "@if yes\na\n@else\nb\n@end\nc\n", "a\nc\n");
    renders(state, "@if no\na\n@else\nb\n@end\nc\n", "b\nc\n");
    renders(state, "@if !no\na\n@end\n", "a\n");
    renders(state, "@if empty\na\n@end\n@if name\nb\n@end\n@if none\nc\n@end\n@if pythons\nd\n@end\n", "b\nd\n");
    renders(state, "@if no\n@if yes\na\n@else\nb\n@end\n@else\nc\n@end\n", "c\n");
    renders(state, "@if yes\n@if no\na\n@else\nb\n@end\n@else\nc\n@end", "b\n");
}

static void repeats(void **state)
{
    renders(state, "@for p in pythons\npy@{p|digits}: '@{p}'\n@end\n.", "py39: '3.9'\npy310: '3.10'\n.");
    renders(state, "@for p in none\nx\n@end\n.", ".");
    renders(state, "@for p in pythons\n@for q in pythons\n@{p}/@{q}\n@end\n@end\n",
            "3.9/3.9\n3.9/3.10\n3.10/3.9\n3.10/3.10\n");
    renders(state, "@if no\n@for p in pythons\nx\n@end\n@end\n.", ".");
    renders(state, "@for name in pythons\n@{name}\n@end\n@{name}\n", "3.9\n3.10\nhello\n");
}

static void refuses_with_the_line(void **state)
{
    renders(state, "a\n@{nme}\n", "t:2: there is no answer named 'nme'; did you mean 'name'?");
    renders(state, "@{}\n", "t:1: there is no answer named ''");
    renders(state, "x\n\n@{name\n}", "t:3: '@{' without its '}'");
    renders(state, "@{name|upper}", "t:1: there is no filter named 'upper': quoted and digits exist");
    renders(state, "@if yes\nx\n", "t:1: this block has no '@end'");
    renders(state, "@end\n", "t:1: '@end' without an '@if' or '@for' before it");
    renders(state, "@else\n", "t:1: '@else' without an '@if' of its own");
    renders(state, "@if yes\n@else\n@else\n@end\n", "t:3: '@else' without an '@if' of its own");
    renders(state, "@for p in pythons\n@else\n@end\n", "t:2: '@else' without an '@if' of its own");
    renders(state, "@if qqqqqqq\n@end\n", "t:1: there is no answer named 'qqqqqqq'");
    renders(state, "@for p of pythons\n@end\n", "t:1: a loop reads '@for x in list'");
    renders(state, "@for p in name\n@end\n", "t:1: 'name' is no list");
    renders(state, "@if yes\n@endif\n", "t:2: '@endif' is no command: @if, @else, @for and @end are");
}

static void bounds_depth_and_size(void **state)
{
    struct fixture *f = *state;
    renders(state, "@if yes\n@if yes\n@if yes\n@if yes\n@if yes\n@if yes\n@if yes\n@if yes\n@if yes\n",
            "t:9: more than 8 blocks inside one another");
    CLEAN(buf) struct buf out = BUF(8);
    struct err e = {0};
    assert_int_equal(template_render(STR("t"), STR("@{name}\n@{name}\n"), &f->vars, &out, &e), -E2BIG);
    assert_string_equal(e.text, "t:2: the rendered text is too long");
}

static void bounds_loops(void **state)
{
    struct fixture *f = *state;
    struct strs many = {0};
    for (int i = 0; i < 400; i++)
        vec_push_in(f->a, &many, STR("x"));
    template_list(&f->vars, "many", &many);
    renders(state, "@for p in many\n@for q in many\n@end\n@end\n", "t:2: the rendered text is too long");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(inserts, setup, teardown),
        cmocka_unit_test_setup_teardown(leaves_other_languages_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(chooses, setup, teardown),
        cmocka_unit_test_setup_teardown(repeats, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_with_the_line, setup, teardown),
        cmocka_unit_test_setup_teardown(bounds_depth_and_size, setup, teardown),
        cmocka_unit_test_setup_teardown(bounds_loops, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
