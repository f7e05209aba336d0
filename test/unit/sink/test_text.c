#include "core/base.h"
#include "core/utf8.h"
#include "sink/log_priv.h"
#include "sink/text_priv.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

static const struct style plain = {.utf8 = true}, coloured = {.utf8 = true, .colour = true},
                          ascii = {.ascii_only = true};

static void assert_shown(struct str raw, const struct style *style, const char *expected)
{
    struct buf b = BUF(BUF_TEXT);
    text_add_line(&b, raw, style, true);
    assert_string_equal(buf_cstr(&b), expected);
    buf_done(&b);
}

static void nothing_moves_the_cursor(void **state)
{
    UNUSED(state);
    static const struct {
        const char *raw, *shown;
    } cases[] = {
        {"a\033[2Jb\033[10;20Hc\033[?25ld\033[1Ae", "abcde"},
        {"a\033]0;title\ab\033]8;;http://x\033\\c", "abc"},
        {"a\033Pdcs\033\\b\033_apc\ac\033^pm\033\\d\033Xsos\033\\e", "abcde"},
        {"a\033cb\0337c\033(Bd\033=e\033M", "abcde"},
        {"a\033]0;never ended", "a"},
        {"a\033[12;", "a"},
        {"a\033", "a"},
        {"a\033[\033[31mb", "ab"},
        {"bell\a back\b\b del\177 vt\v ff\f end", "bell back del vt ff end"},
        {"c1 \xc2\x9b"
         "2J \xc2\x9d end",
         "c1 2J  end"},
        {"over\xe2\x80\xaeride\xe2\x81\xa6 end", "override end"},
        {"bad \xff\xc3( end", "bad \xef\xbf\xbd\xef\xbf\xbd( end"},
        {"  1%\r 50%\r100%", "100%"},
        {"done\r\n", "done"},
        {"\tx\tyy\tz", "        x       yy      z"},
        {"가\tx", "가      x"},
        {"\033[31mred\033[0m", "red"},
        {"", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_shown(str_from(cases[i].raw), &plain, cases[i].shown);
}

static void colours_stay_when_asked_for_and_end_with_the_line(void **state)
{
    UNUSED(state);
    assert_shown(STR("\033[1;38:5:1mred\033[2K"), &coloured, "\033[1;38:5:1mred\033[0m");
    assert_shown(STR("\033[>4;2mno\033[?1m colour"), &coloured, "no colour");
    assert_shown(STR("plain"), &coloured, "plain");
    struct buf b = BUF(BUF_TEXT);
    text_add_word(&b, STR(" two\nlines \033[31mred "), &coloured);
    assert_string_equal(buf_cstr(&b), "two lines red");
    buf_done(&b);
}

static void ascii_terminals_get_ascii(void **state)
{
    UNUSED(state);
    assert_shown(STR("caf\xc3\xa9 가 \xff"), &ascii, "caf? ? ?");
}

static void endless_lines_are_cut(void **state)
{
    UNUSED(state);
    char *raw = mem_alloc(TEXT_LINE_MAX + 11);
    memset(raw, 'x', TEXT_LINE_MAX + 10);
    struct buf b = BUF(BUF_TEXT);
    text_add_line(&b, str_from(raw), &plain, false);
    assert_true(str_ends(buf_str(&b), STR("xxx [10 more bytes]")));
    buf_done(&b);
    free(raw);
}

static void assert_fit(struct str text, size_t columns, bool middle, const char *expected)
{
    struct buf b = BUF(BUF_TEXT);
    size_t used = middle ? text_add_fit_middle(&b, text, columns, &plain) : text_add_fit(&b, text, columns, &plain);
    assert_string_equal(buf_cstr(&b), expected);
    assert_int_equal(used, utf8_width(buf_str(&b)));
    assert_true(used <= columns);
    buf_done(&b);
}

static void text_fits_its_columns(void **state)
{
    UNUSED(state);
    assert_fit(STR("short"), 5, false, "short");
    assert_fit(STR("too long"), 5, false, "too …");
    assert_fit(STR("가나다라"), 6, false, "가나…");
    assert_fit(STR("가나다라"), 0, false, "");
    assert_fit(STR("integration tests (3.12)"), 15, true, "integra… (3.12)");
    assert_fit(STR("가나다라마바사"), 8, true, "가나…사");
    assert_fit(STR("abcdef"), 3, true, "ab…");
}

static void wrapped_lines_hang(void **state)
{
    UNUSED(state);
    struct buf b = BUF(BUF_TEXT);
    text_add_wrapped(&b, STR("the quick brown fox jumps"), 2, 4, 14);
    assert_string_equal(buf_cstr(&b), "the quick\n    brown fox\n    jumps");
    buf_clear(&b);
    text_add_wrapped(&b, STR("a-word-that-is-too-long b"), 0, 2, 10);
    assert_string_equal(buf_cstr(&b), "a-word-that-is-too-long\n  b");
    buf_clear(&b);
    text_add_wrapped(&b, STR("no limit  at all"), 0, 2, 0);
    assert_string_equal(buf_cstr(&b), "no limit  at all");
    buf_done(&b);
}

static void the_ring_keeps_the_end(void **state)
{
    UNUSED(state);
    struct log_ring l;
    char line[1000];
    memset(line, 'x', sizeof line);
    log_init(&l);
    for (unsigned i = 0; i < 10000; i++) {
        int n = snprintf(line, 11, "%010u", i);
        line[n] = 'x';
        log_add(&l, STREAM_ERR, str_of(line, sizeof line));
    }
    size_t at = 0, seen = 0;
    enum event_stream stream = STREAM_OUT;
    struct str got = STR_NONE;
    while (log_next(&l, &at, &stream, &got))
        seen++;
    assert_int_equal(seen, l.lines);
    assert_int_equal(l.lines + l.dropped, 10000);
    assert_true(seen * sizeof line <= LOG_BYTES && (seen + 2) * (sizeof line + 8) > LOG_BYTES);
    assert_true(l.bytes.cap < 3 * LOG_BYTES);
    assert_int_equal(stream, STREAM_ERR);
    assert_true(str_starts(got, STR("0000009999x")));
    log_clear(&l);
    at = 0;
    assert_false(log_next(&l, &at, &stream, &got));
    log_done(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_moves_the_cursor),
        cmocka_unit_test(colours_stay_when_asked_for_and_end_with_the_line),
        cmocka_unit_test(ascii_terminals_get_ascii),
        cmocka_unit_test(endless_lines_are_cut),
        cmocka_unit_test(text_fits_its_columns),
        cmocka_unit_test(wrapped_lines_hang),
        cmocka_unit_test(the_ring_keeps_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
