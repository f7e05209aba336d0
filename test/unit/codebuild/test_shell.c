/* What a shell's dump says, and which files a pattern means. */
#include "cb_play.h"

static void assert_dump(const char *dump, const char *name, const char *text, bool exported)
{
    struct cb_shell s = {.arena = arena_new()};
    map_init(&s.vars, s.arena, MAP_CASE);
    if (cb_dump_read(&s, str_from(dump)) < 0)
        fail_msg("the dump is refused:\n%s", dump);
    const struct cb_value *v = map_get(&s.vars, str_from(name));
    if (text == NULL) {
        assert_null(v);
    } else {
        assert_non_null(v);
        assert_int_equal(v->text.n, strlen(text));
        assert_memory_equal(v->text.p, text, v->text.n);
        assert_int_equal(v->exported, exported);
    }
    cb_shell_done(&s);
}

static void values(void **state)
{
    UNUSED(state);
    assert_dump("A='b c'\nPWD='/'\n\n", "A", "b c", false);
    assert_dump("A=bare\nPWD=/\n\nexport A=\"bare\"\n", "A", "bare", true);
    assert_dump("A=\nPWD=/\n\nexport A=''\n", "A", "", true);
    assert_dump("A='it'\\''s'\nPWD=/\n\n", "A", "it's", false);
    assert_dump("A='it'\"'\"'s'\nPWD=/\n\n", "A", "it's", false);
    assert_dump("A=$'\\001\\t\\n\\'\\\\\\303\\251'\nPWD=/\n\n", "A", "\001\t\n'\\\303\251", false);
    assert_dump("A=\"\\$x \\`y\\` \\\"q\\\" \\\\ \\n\"\nPWD=/\n\n", "A", "$x `y` \"q\" \\ \\n", false);
    assert_dump("A='x\n\nexport B=1\n'\nPWD=/\n\n", "A", "x\n\nexport B=1\n", false);
    assert_dump("A='x\n\nexport B=1\n'\nPWD=/\n\nexport A='x\n\nexport B=1\n'\n", "B", NULL, false);
    assert_dump("A=([0]=\"a\" [1]=\"b\nc\")\nB=1\nPWD=/\n\n", "A", NULL, false);
    assert_dump("A=([0]=\"a\" [1]=\"b\nc\")\nB=1\nPWD=/\n\n", "B", "1", false);
    assert_dump("PPID='1'\nPWD='/'\nSECONDS='5'\n\n", "SECONDS", "5", false); /* dash knows no such variable */
    assert_dump("BASH=/bin/bash\nPWD=/\nSECONDS=5\n\n", "SECONDS", NULL, false);
    assert_dump("BASH=b\nBASH_ENV=x\nBASH_VERSION='5'\nPWD=/\n\nexport BASH_ENV=x\n", "BASH_ENV", "x", true);
    assert_dump("BASH=/bin/bash\nPWD=/\nSHLVL=1\n\nexport SHLVL=\"1\"\n", "SHLVL", NULL, false);
    assert_dump("PWD=/\nTERM=xterm\n\nexport TERM=xterm\n", "TERM", "xterm", true);
    assert_dump("PWD=/\n\nexport U\n", "U", NULL, false); /* exported without a value */
}

static void damage_changes_nothing(void **state)
{
    static const char *const cases[] = {"",
                                        "A",
                                        "A=1",
                                        "A='1\n",
                                        "A=\"1\n",
                                        "=1\n\n",
                                        "1=2\n\n",
                                        "A=1\n\n",
                                        "PWD=/\n\nA=1\n",
                                        "PWD=/\n\nexport A='\n",
                                        "A=$'\\",
                                        "PWD=/\n\nexport A"};
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct cb_shell s = {.arena = arena_new()};
        map_init(&s.vars, s.arena, MAP_CASE);
        cb_shell_set(&s, STR("KEPT"), STR("yes"), true);
        if (cb_dump_read(&s, str_from(cases[i])) == 0)
            fail_msg("'%s' is taken", cases[i]);
        assert_true(str_is(cb_shell_get(&s, "KEPT"), "yes"));
        cb_shell_done(&s);
    }
}

static void globs(void **state)
{
    static const struct {
        const char *pattern, *path;
        bool matches;
    } cases[] = {
        {"a.txt", "a.txt", true},
        {"a.txt", "b/a.txt", false},
        {"*", "a", true},
        {"*", "a/b", false},
        {"*.txt", ".txt", true},
        {"sub/*", "sub/a", true},
        {"sub/*", "sub/a/b", false},
        {"sub/**/*", "sub/a", true},
        {"sub/**/*", "sub/a/b/c", true},
        {"sub/**/*", "sub", false},
        {"**/*", ".hidden/x", true},
        {"**/.*", "a/.b", true},
        {"**/.*", "a/b", false},
        {"**", "a/b", true},
        {"a/**", "a", true},
        {"**/x/**/y", "x/x/a/y", true},
        {"**/x/**/y", "a/y", false},
        {"**/b/c", "b/b/c", true},
        {"**/b/c", "b/c/b", false},
        {"*/f.txt", "sub/f.txt", true},
        {"a?c/[x-z]", "abc/y", true},
        {"a", "a/b", false},
        {"a/b", "a", false},
        {"", "a", false},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (cb_glob_match(str_from(cases[i].pattern), str_from(cases[i].path)) != cases[i].matches)
            fail_msg("%s and %s", cases[i].pattern, cases[i].path);
}

/* Many stars against a long path that never matches: the time is bounded. */
static void globs_do_not_explode(void **state)
{
    CLEAN(buf) struct buf pattern = BUF(BUF_LINE), path = BUF(BUF_LINE);
    UNUSED(state);
    for (int i = 0; i < 200; i++) {
        buf_add_cstr(&pattern, "**/a*a*/");
        buf_add_cstr(&path, "aaaaaaaa/");
    }
    buf_add_cstr(&pattern, "z");
    buf_add_cstr(&path, "y");
    assert_false(cb_glob_match(buf_str(&pattern), buf_str(&path)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(damage_changes_nothing),
        cmocka_unit_test(globs),
        cmocka_unit_test(globs_do_not_explode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
