/* doc/pairs.h: what --substitutions takes. */
#include "core/base.h"
#include "core/buf.h"
#include "doc/pairs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* "A=1 B=2" of what was read, or "! " and why not. */
static void reads(const char *text, const char *want)
{
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(buf) struct buf got = BUF(BUF_LINE);
    struct map m;
    struct err e = {0};
    map_init(&m, a, MAP_CASE);
    if (pairs_read(str_from(text), &m, &e) < 0)
        buf_printf(&got, "! %s", e.text);
    for (size_t i = 0; e.num == 0 && i < m.n; i++) {
        struct str value = map_get_str(&m, m.entries[i].key);
        buf_printf(&got, "%s%.*s=%.*s", i > 0 ? " " : "", STR_ARG(m.entries[i].key), STR_ARG(value));
    }
    assert_string_equal(buf_cstr(&got), want);
}

static void commas_part_pairs(void **state)
{
    UNUSED(state);
    reads("", "");
    reads("_A=1", "_A=1");
    reads("_A=1,_B=2", "_A=1 _B=2");
    reads("_A=1, _B=2 ", "_A=1 _B=2");
    reads("_A=a=b", "_A=a=b");
    reads("_A=", "_A=");
    reads("_A=1,_A=2", "_A=2");
    reads("_A=1,", "_A=1");
}

static void another_separator_is_chosen_in_front(void **state)
{
    UNUSED(state);
    reads("^;^_A=1,2;_B=3", "_A=1,2 _B=3");
    reads("^--^_A=x--_B=y,z", "_A=x _B=y,z");
}

static void what_is_no_pair_is_said(void **state)
{
    UNUSED(state);
    reads("_A", "! NAME=VALUE was expected, not '_A'");
    reads("_A=1,,_B=2", "! NAME=VALUE was expected, not ''");
    reads("=1", "! NAME=VALUE was expected, not '=1'");
    reads("^^_A=1", "^^_A=1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_part_pairs),
        cmocka_unit_test(another_separator_is_chosen_in_front),
        cmocka_unit_test(what_is_no_pair_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
