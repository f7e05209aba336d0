#include "core/base.h"
#include "doc/diag.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

struct room {
    struct arena *arena;
    struct sources *sources;
    struct diags diags;
    struct buf out;
};

static int setup(void **state)
{
    struct room *r = mem_alloc(sizeof *r);
    r->arena = arena_new();
    r->sources = sources_new();
    r->out = BUF(BUF_LINE);
    diags_init(&r->diags, r->arena, r->sources);
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct room *r = *state;
    buf_done(&r->out);
    sources_free(r->sources);
    arena_free(r->arena);
    free(r);
    return 0;
}

static uint32_t add(struct room *r, const char *text)
{
    return sources_add(r->sources, STR("ci.yml"), str_from(text));
}

static const char *shown(struct room *r, struct span at, const char *message)
{
    diag_error(&r->diags, "GH017", at, "%s", message);
    buf_clear(&r->out);
    assert_int_equal(diag_render(&r->out, r->sources, &r->diags.p[r->diags.n - 1], false), 0);
    return buf_cstr(&r->out);
}

static void assert_place(struct room *r, struct span at, unsigned line, unsigned column)
{
    struct place place = sources_place(r->sources, at);
    assert_int_equal(place.line, line);
    assert_int_equal(place.column, column);
}

static void places_count_lines_and_code_points(void **state)
{
    struct room *r = *state;
    uint32_t f = add(r, "\xEF\xBB\xBFné: x\r\ny: z\n");
    assert_place(r, (struct span){f, 0, 0}, 1, 1);
    assert_place(r, (struct span){f, 3, 0}, 1, 1);
    assert_place(r, (struct span){f, 6, 0}, 1, 3);
    assert_place(r, (struct span){f, 14, 0}, 2, 4);
    assert_place(r, (struct span){f, 99, 0}, 3, 1);
    assert_place(r, SPAN_NONE, 0, 0);
    assert_true(str_is(sources_line(r->sources, (struct span){f, 1, 0}), "né: x"));
    assert_true(str_is(sources_line(r->sources, (struct span){f, 11, 0}), "y: z"));
    assert_true(str_is(sources_line(r->sources, (struct span){f, 99, 0}), ""));
    assert_true(str_is(sources_name(r->sources, f), "ci.yml"));
}

static void places_are_right_in_long_texts(void **state)
{
    struct room *r = *state;
    struct buf text = BUF(BUF_TEXT);
    for (int i = 0; i < 5000; i++)
        buf_add_cstr(&text, "abc\n");
    uint32_t f = sources_add(r->sources, STR("long"), buf_str(&text));
    assert_place(r, (struct span){f, 4 * 4096 - 1, 0}, 4096, 4);
    assert_place(r, (struct span){f, 4096, 0}, 1025, 1);
    assert_place(r, (struct span){f, 4095, 0}, 1024, 4);
    assert_place(r, (struct span){f, 20000, 0}, 5001, 1);
    buf_done(&text);
}

static void shows_line_and_caret(void **state)
{
    struct room *r = *state;
    uint32_t f = add(r, "on: push\njobs:\n  runs_on: x\n");
    assert_string_equal(shown(r, (struct span){f, 17, 7}, "Unexpected value 'runs_on'"),
                        "ci.yml:3:3: error: Unexpected value 'runs_on' [GH017]\n"
                        "  runs_on: x\n"
                        "  ^~~~~~~\n");
    diag_hint(&r->diags, "did you mean '%s'?", "runs-on");
    buf_clear(&r->out);
    diag_render(&r->out, r->sources, &r->diags.p[0], false);
    assert_non_null(strstr(buf_cstr(&r->out), "^~~~~~~\n  hint: did you mean 'runs-on'?\n"));
}

static void shows_spans_at_the_edges(void **state)
{
    struct room *r = *state;
    uint32_t f = add(r, "a: b\nc");
    assert_string_equal(shown(r, (struct span){f, 3, 99}, "m"), "ci.yml:1:4: error: m [GH017]\na: b\n   ^\n");
    assert_string_equal(shown(r, (struct span){f, 0, 6}, "m"), "ci.yml:1:1: error: m [GH017]\na: b\n^~~~\n");
    assert_string_equal(shown(r, (struct span){f, 6, 0}, "m"), "ci.yml:2:2: error: m [GH017]\nc\n ^\n");
    assert_string_equal(shown(r, SPAN_NONE, "m"), "error: m [GH017]\n");
    f = add(r, "");
    assert_string_equal(shown(r, (struct span){f, 0, 0}, "m"), "ci.yml:1:1: error: m [GH017]\n");
}

static void tabs_and_wide_characters_keep_the_caret_in_place(void **state)
{
    struct room *r = *state;
    uint32_t f = add(r, "\ta\t漢字: é!\n");
    assert_string_equal(shown(r, (struct span){f, 3, 6}, "m"), "ci.yml:1:4: error: m [GH017]\n"
                                                               "    a   漢字: é!\n"
                                                               "        ^~~~\n");
    assert_string_equal(shown(r, (struct span){f, 13, 1}, "m"), "ci.yml:1:9: error: m [GH017]\n"
                                                                "    a   漢字: é!\n"
                                                                "               ^\n");
}

static void controls_never_reach_the_terminal(void **state)
{
    struct room *r = *state;
    uint32_t f = add(r, "x: \"\x1b[31m\" \xE2\x80\xAE \xff!");
    const char *text = shown(r, (struct span){f, 14, 1}, "bad\x1b[2J\nvalue \xE2\x80\xAE");
    assert_null(strchr(text, 0x1b));
    assert_string_equal(text, "ci.yml:1:13: error: bad\\x1b[2J\\nvalue \\u202e [GH017]\n"
                              "x: \"\xEF\xBF\xBD[31m\" \xEF\xBF\xBD \xEF\xBF\xBD!\n"
                              "            ^\n");
}

static void colour_is_on_request(void **state)
{
    struct room *r = *state;
    uint32_t f = add(r, "a: b\n");
    diag_warning(&r->diags, "GH001", (struct span){f, 3, 1}, "odd");
    diag_render(&r->out, r->sources, &r->diags.p[0], true);
    assert_string_equal(buf_cstr(&r->out), "\x1b[1mci.yml:1:4:\x1b[0m \x1b[1;35mwarning:\x1b[0m odd [GH001]\n"
                                           "a: b\n"
                                           "   \x1b[1;35m^\x1b[0m\n");
    buf_clear(&r->out);
    diag_error(&r->diags, "GH001", (struct span){f, 3, 1}, "bad");
    diag_render(&r->out, r->sources, &r->diags.p[1], true);
    assert_non_null(strstr(buf_cstr(&r->out), "\x1b[1;31merror:\x1b[0m bad"));
}

static void long_lines_are_shown_around_the_caret(void **state)
{
    struct room *r = *state;
    struct buf text = BUF((size_t)200 << 20);
    buf_add_rep(&text, 'a', (size_t)50 << 20);
    buf_add_cstr(&text, "HERE");
    buf_add_rep(&text, 'b', (size_t)50 << 20);
    uint32_t f = sources_add(r->sources, STR("big"), buf_str(&text));
    const char *out = shown(r, (struct span){f, 50 << 20, 4}, "m");
    assert_true(strlen(out) < 600);
    const char *line = strchr(out, '\n') + 1, *caret = strchr(line, '^'), *end = strchr(line, '\n');
    assert_memory_equal(line, "...aaa", 6);
    assert_memory_equal(end - 6, "bbb...", 6);
    assert_int_equal(strstr(line, "HERE") - line, caret - (end + 1));
    assert_memory_equal(caret, "^~~~\n", 5);
    out = shown(r, (struct span){f, 2, 1}, "m");
    assert_non_null(strstr(out, "\naaaaaa"));
    buf_done(&text);
}

static void a_line_of_combining_marks_stays_short(void **state)
{
    struct room *r = *state;
    struct buf text = BUF(BUF_TEXT);
    for (int i = 0; i < 100000; i++)
        buf_add_cstr(&text, "\xCC\x81");
    uint32_t f = sources_add(r->sources, STR("marks"), buf_str(&text));
    assert_true(strlen(shown(r, (struct span){f, 100000, 2}, "m")) < 3000);
    buf_done(&text);
}

static void warnings_do_not_crowd_out_errors(void **state)
{
    struct room *r = *state;
    for (int i = 0; i < 150; i++)
        diag_warning(&r->diags, "GH001", SPAN_NONE, "w%d", i);
    diag_hint(&r->diags, "for nobody");
    assert_int_equal(r->diags.p[DIAG_MAX - 1].hint.n, 0);
    diag_error(&r->diags, "GH002", SPAN_NONE, "the error");
    diag_hint(&r->diags, "for the error");
    assert_int_equal(r->diags.n, DIAG_MAX + 1);
    assert_int_equal(r->diags.warnings, 150);
    assert_int_equal(r->diags.errors, 1);
    assert_int_equal(r->diags.dropped, 50);
    assert_true(str_is(r->diags.p[DIAG_MAX].hint, "for the error"));
}

static void long_messages_are_cut_between_characters(void **state)
{
    struct room *r = *state;
    char text[3001];
    for (size_t i = 0; i < 3000; i += 3)
        memcpy(text + i, "\xE6\xBC\xA2", 3);
    text[3000] = 0;
    diag_error(&r->diags, "GH001", SPAN_NONE, "x%s", text);
    struct str message = r->diags.p[0].message;
    assert_true(message.n <= DIAG_TEXT_MAX);
    assert_true(str_ends(message, STR("\xE6\xBC\xA2...")));
}

static void sorting_keeps_equals_in_order(void **state)
{
    struct room *r = *state;
    uint32_t f = add(r, "0123456789"), g = add(r, "0123456789");
    diag_error(&r->diags, "GH001", (struct span){g, 1, 0}, "e");
    diag_error(&r->diags, "GH001", (struct span){f, 5, 0}, "c");
    diag_error(&r->diags, "GH001", (struct span){f, 5, 9}, "d");
    diag_error(&r->diags, "GH001", (struct span){f, 2, 0}, "b");
    diag_error(&r->diags, "GH001", SPAN_NONE, "a");
    diags_sort(&r->diags);
    for (size_t i = 0; i < r->diags.n; i++)
        assert_int_equal(r->diags.p[i].message.p[0], 'a' + (int)i);
}

static void json_has_all_fields(void **state)
{
    struct room *r = *state;
    uint32_t f = add(r, "é: \"x\"\nb: 1\n");
    diag_error(&r->diags, "GH017", (struct span){f, 4, 99}, "no \"x\"");
    diag_hint(&r->diags, "say y");
    assert_int_equal(diag_json(&r->out, r->sources, &r->diags.p[0]), 0);
    assert_string_equal(buf_cstr(&r->out),
                        "{\"level\":\"error\",\"code\":\"GH017\",\"file\":\"ci.yml\",\"line\":1,\"column\":4,"
                        "\"end_column\":7,\"message\":\"no \\\"x\\\"\",\"hint\":\"say y\"}");
    buf_clear(&r->out);
    diag_warning(&r->diags, "SL001", SPAN_NONE, "gone");
    diag_json(&r->out, r->sources, &r->diags.p[1]);
    assert_string_equal(buf_cstr(&r->out), "{\"level\":\"warning\",\"code\":\"SL001\",\"file\":null,\"line\":0,"
                                           "\"column\":0,\"end_column\":0,\"message\":\"gone\",\"hint\":\"\"}");
}

static void rules_are_found_and_sorted(void **state)
{
    UNUSED(state);
    size_t n;
    const struct diag_rule *rules = diag_rules(&n);
    assert_true(n >= 7);
    for (size_t i = 1; i < n; i++)
        assert_true(strcmp(rules[i - 1].code, rules[i].code) < 0);
    for (size_t i = 0; i < n; i++) /* `slipway explain` shows what it means by an example */
        assert_non_null(strstr(rules[i].text, "Example: "));
    assert_string_equal(diag_rule_find(STR("YA003"))->title, "unknown anchor");
    assert_string_equal(diag_rule_find(STR("ya003"))->code, "YA003");
    assert_null(diag_rule_find(STR("YA999")));
    assert_null(diag_rule_find(STR("")));
}

static void a_full_buffer_is_told(void **state)
{
    struct room *r = *state;
    struct buf small = BUF(20);
    diag_error(&r->diags, "GH001", SPAN_NONE, "a message that does not fit");
    assert_int_equal(diag_render(&small, r->sources, &r->diags.p[0], false), -E2BIG);
    assert_int_equal(diag_json(&small, r->sources, &r->diags.p[0]), -E2BIG);
    buf_done(&small);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(places_count_lines_and_code_points),
        TEST(places_are_right_in_long_texts),
        TEST(shows_line_and_caret),
        TEST(shows_spans_at_the_edges),
        TEST(tabs_and_wide_characters_keep_the_caret_in_place),
        TEST(controls_never_reach_the_terminal),
        TEST(colour_is_on_request),
        TEST(long_lines_are_shown_around_the_caret),
        TEST(a_line_of_combining_marks_stays_short),
        TEST(warnings_do_not_crowd_out_errors),
        TEST(long_messages_are_cut_between_characters),
        TEST(sorting_keeps_equals_in_order),
        TEST(json_has_all_fields),
        TEST(rules_are_found_and_sorted),
        TEST(a_full_buffer_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
