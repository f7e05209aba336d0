/* What of a secret may still show: nothing, in any of the encodings that tools print by accident. */
#include "core/base.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "engine/mask.h"

static void expect(struct mask *m, const char *text, const char *shown)
{
    CLEAN(buf) struct buf out = BUF(BUF_TEXT);
    bool hit = mask_apply(m, str_from(text), &out);
    assert_string_equal(hit ? buf_cstr(&out) : text, shown);
}

static void forms_of_a_secret(void **state)
{
    UNUSED(state);
    struct mask *m = mask_new();
    mask_add(m, STR("pa\"ss&word"));
    expect(m, "x pa\"ss&word y", "x *** y");
    expect(m, "json pa\\\"ss&word", "json ***");
    expect(m, "uri pa%22ss%26word", "uri ***");
    expect(m, "xml pa&quot;ss&amp;word", "xml ***");
    expect(m, "b64 cGEic3Mmd29yZA==", "b64 ***");
    expect(m, "b64 behind one byte eHBhInNzJndvcmQ=, two eHhwYSJzcyZ3b3Jk", "b64 behind one byte eHBh***, two eHhw***");
    expect(m, "powershell pa`\"ss&word", "powershell ***");
    expect(m, "its parts: pa\"ss& word", "its parts: *** word");
    expect(m, "password", "password");
    mask_free(m);
}

static void parts_that_powershell_shows(void **state)
{
    UNUSED(state);
    struct mask *m = mask_new();
    mask_add(m, STR("secret-one&secret-two&secret-three"));
    mask_add(m, STR("first&+Xsecond&third"));
    mask_add(m, STR("a&b"));
    expect(m, "secret-one&secret-two& and secret-three", "*** and ***");
    expect(m, "secret-one& alone", "secret-one& alone");
    expect(m, "first&+ X second&third", "*** X ***");
    expect(m, "a& b", "a& b");
    mask_free(m);
}

static void every_encoding_of_the_runner(void **state)
{
    UNUSED(state);
    struct mask *m = mask_new();
    mask_add(m, STR("\"it's <one>\\two\""));
    expect(m, "it's <one>\\two", "***");
    expect(m, "\"it''s <one>\\two\"", "***");
    expect(m, "\\\"it's <one>\\\\two\\\"", "***");
    expect(m, "\\\"it's <one>\\two\\\"", "***");
    expect(m, "&quot;it&apos;s &lt;one&gt;\\two&quot;", "***");
    expect(m, "%22it%27s%20%3Cone%3E%5Ctwo%22", "***");
    mask_free(m);
}

static void lines_of_a_secret_are_secrets(void **state)
{
    UNUSED(state);
    struct mask *m = mask_new();
    mask_add(m, STR("  first line\n\n  second line \n"));
    expect(m, "the second line shows", "the *** shows");
    expect(m, "line", "line");
    mask_add(m, STR("old one\rof a Mac"));
    expect(m, "an old one / of a Mac", "an *** / ***");
    mask_free(m);
}

static void overlaps_become_one(void **state)
{
    UNUSED(state);
    struct mask *m = mask_new();
    mask_add(m, STR("abcd"));
    mask_add(m, STR("cdef"));
    expect(m, "1abcdef2", "1***2");
    expect(m, "abcdabcd", "***");
    expect(m, "abcd abcd", "*** ***");
    expect(m, "xabc", "xabc");
    mask_free(m);
}

static void long_lines_are_cut_beside_secrets(void **state)
{
    UNUSED(state);
    struct mask *m = mask_new();
    assert_int_equal(mask_cut(m, STR("0123456789"), 4), 4);
    assert_int_equal(mask_reach(m), 0);
    mask_add(m, STR("abcd"));
    mask_add(m, STR("cdef"));
    assert_true(mask_reach(m) >= 4);
    assert_int_equal(mask_cut(m, STR("0abcd56789"), 3), 1);
    assert_int_equal(mask_cut(m, STR("0abcd56789"), 5), 5);
    assert_int_equal(mask_cut(m, STR("0abcd56789"), 1), 1);
    assert_int_equal(mask_cut(m, STR("0abcdef789"), 6), 1); /* overlapping ones are one */
    assert_int_equal(mask_cut(m, STR("abcdef6789"), 3), 6);
    assert_int_equal(mask_cut(m, STR("abcdabcd89"), 6), 4);
    mask_free(m);
}

static void empty_secrets_hide_nothing(void **state)
{
    UNUSED(state);
    struct mask *m = mask_new();
    mask_add(m, STR(""));
    mask_add(m, STR(" \n "));
    expect(m, "all of it", "all of it");
    mask_add(m, STR("z"));
    expect(m, "jazz", "ja***");
    mask_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_of_a_secret),           cmocka_unit_test(every_encoding_of_the_runner),
        cmocka_unit_test(parts_that_powershell_shows), cmocka_unit_test(lines_of_a_secret_are_secrets),
        cmocka_unit_test(overlaps_become_one),         cmocka_unit_test(long_lines_are_cut_beside_secrets),
        cmocka_unit_test(empty_secrets_hide_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
