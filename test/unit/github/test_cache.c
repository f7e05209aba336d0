/* actions/cache, cache/restore and cache/save: what they ask of the engine, and what they say. */
#include "gh_play.h"

#include "provider/github/gh_run_priv.h"

#define CACHE(action, with) JOB "    steps:\n      - id: c\n        uses: " action "\n        with:\n" with
#define P "          path: node_modules\n"
#define K "          key: k-1\n"

static void begin(struct play *p, const char *text)
{
    play_init(p);
    p->shows = true;
    play_begin(p, text);
}

static void hit(struct play *p, const char *matched)
{
    struct op_end end = {.token = p->op.token, .how = OP_EXITED, .matched = str_from(matched)};
    gh_driver.exited(p->run, &end);
}

static bool said(const struct play *p, const char *text)
{
    return str_find(buf_str(&p->log), str_from(text)) >= 0;
}

#define assert_told(p, text)                                                                                           \
    do {                                                                                                               \
        if (!said(p, text))                                                                                            \
            fail_msg("'%s' is not in\n%s", text, buf_cstr(&(p)->log));                                                 \
    } while (0)

static void what_is_asked_for(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p,
          CACHE("actions/cache@v4", "          path: |\n            ~/.cache\n            !  x\n\n            d/*\n" K
                                    "          restore-keys: |\n            k-\n            j-\n"));
    play_op(&p);
    assert_int_equal(p.op.kind, OP_RESTORE);
    assert_int_equal(p.op.cache.paths.n, 3);
    assert_true(str_is(p.op.cache.paths.p[0], "~/.cache"));
    assert_true(str_is(p.op.cache.paths.p[1], "!x"));
    assert_true(str_is(p.op.cache.paths.p[2], "d/*"));
    assert_true(str_is(p.op.cache.version, "~/.cache|!x|d/*|1.0"));
    assert_true(str_is(p.op.cache.root, "/home/runner/work/demo/demo"));
    assert_true(str_is(p.op.cache.scope, "octo/demo refs/heads/main"));
    assert_true(str_is(p.op.cache.scopes.p[0], "octo/demo refs/heads/main"));
    assert_true(str_is(p.op.cache.key, "k-1"));
    assert_int_equal(p.op.cache.restore_keys.n, 3);
    assert_true(str_is(p.op.cache.restore_keys.p[0], "k-1"));
    assert_true(str_is(p.op.cache.restore_keys.p[2], "j-"));
    assert_false(p.op.cache.look_only);
    play_done(&p);
}

/* The output cache-hit as an expression, for each way to hit or miss, and what the post task does. */
static void hits_and_misses(void **state)
{
    static const struct {
        const char *matched, *says, *output, *post;
    } CASES[] = {
        {"k-1", "| Cache restored from key: k-1\n", "[true]",
         "| Cache hit occurred on the primary key k-1, not saving cache.\n"},
        {"K-1", "| Cache restored from key: K-1\n", "[true]",
         "| Cache hit occurred on the primary key k-1, not saving cache.\n"},
        {"k-0", "| Cache restored from key: k-0\n", "[false]", "| Cache saved with key: k-1\n"},
        {"", "| Cache not found for input keys: k-1, k-\n", "[]", "| Cache saved with key: k-1\n"},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct play p;
        begin(&p, CACHE("actions/cache@v4",
                        P K "          restore-keys: k-\n") "      - run: echo [${{ steps.c.outputs.cache-hit }}]\n");
        play_op(&p);
        hit(&p, CASES[i].matched);
        assert_told(&p, CASES[i].says);
        play_op(&p);
        assert_true(str_ends(play_written(&p, ".sh"), str_from(CASES[i].output)));
        play_exit(&p, 0);
        if (str_find(str_from(CASES[i].post), STR("saved")) >= 0) {
            play_op(&p);
            assert_int_equal(p.op.kind, OP_SAVE);
            assert_true(str_is(p.op.cache.key, "k-1"));
            hit(&p, "k-1");
        }
        assert_int_equal(play_next(&p), DRIVE_DONE);
        assert_told(&p, "Post Run actions/cache@v4");
        assert_told(&p, CASES[i].post);
        play_done(&p);
    }
}

static void nothing_is_saved_after_a_failure(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, CACHE("actions/cache@v4", P K) "      - run: 'false'\n");
    play_op(&p);
    hit(&p, "");
    play_op(&p);
    play_exit(&p, 1);
    assert_int_equal(play_next(&p), DRIVE_DONE);
    assert_told(&p, "3 skipped");
    play_done(&p);
}

static void a_miss_may_fail(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, CACHE("actions/cache/restore@v4", P K "          fail-on-cache-miss: true\n"));
    play_op(&p);
    hit(&p, "");
    assert_int_equal(play_next(&p), DRIVE_DONE);
    assert_told(&p, "1 failure: Failed to restore cache entry. Exiting as fail-on-cache-miss is set. Input key: k-1");
    play_done(&p);
}

static void restore_tells_both_keys(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p,
          CACHE("actions/cache/restore@v4", P K
                "          restore-keys: k-\n          lookup-only: true\n") "      - run: echo ${{ "
                                                                             "steps.c.outputs.cache-primary-key }} ${{ "
                                                                             "steps.c.outputs.cache-matched-key }}\n");
    play_op(&p);
    assert_true(p.op.cache.look_only);
    hit(&p, "k-0");
    assert_told(&p, "| Cache found and can be restored from key: k-0\n");
    play_op(&p);
    assert_true(str_ends(play_written(&p, ".sh"), STR("echo k-1 k-0")));
    play_exit(&p, 0);
    assert_int_equal(play_next(&p), DRIVE_DONE);
    assert_false(said(&p, "Post"));
    play_done(&p);
}

static void inputs_are_checked(void **state)
{
    static const struct {
        const char *with, *says;
    } CASES[] = {
        {P, "1 failure: Input required and not supplied: key"},
        {K, "1 failure: Input required and not supplied: path"},
        {P "          key: a,b\n", "1 failure: Key Validation Error: a,b cannot contain commas."},
        {P K "          restore-keys: |\n            x\n            c,d\n",
         "1 failure: Key Validation Error: c,d cannot contain commas."},
        {P "          key: ${{ format('{0}{0}{0}{0}{0}{0}{0}{0}{0}', "
           "'0123456789012345678901234567890123456789012345678901234567890123') }}\n",
         "cannot be larger than 512 characters."},
        {P K "          restore-keys: \"1\\n2\\n3\\n4\\n5\\n6\\n7\\n8\\n9\\n0\"\n",
         "1 failure: Key Validation Error: Keys are limited to a maximum of 10."},
        {P K "          lookup-only: perhaps\n",
         "1 failure: Input does not meet YAML 1.2 \"Core Schema\" specification: lookup-only."},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct play p;
        CLEAN(buf) struct buf text = BUF(BUF_LINE);
        buf_printf(&text, CACHE("actions/cache@v4", "%s"), CASES[i].with);
        begin(&p, buf_cstr(&text));
        assert_int_equal(play_next(&p), DRIVE_DONE);
        assert_told(&p, CASES[i].says);
        play_done(&p);
    }
}

static void trouble_fails_nothing(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, CACHE("actions/cache@v4", P K "          save-always: true\n"));
    play_op(&p);
    assert_told(&p, "warning: Input 'save-always' has been deprecated with message: save-always does not work");
    play_end(&p, OP_NOT_STARTED, 0, NULL);
    assert_told(&p, "warning: Failed to restore: no such file\n| Cache not found for input keys: k-1\n");
    play_op(&p);
    assert_int_equal(p.op.kind, OP_SAVE);
    play_end(&p, OP_NOT_STARTED, 0, NULL);
    assert_told(&p, "| [warning]Path Validation Error: Path(s) specified in the action for caching do(es) not exist");
    assert_int_equal(play_next(&p), DRIVE_DONE);
    assert_told(&p, "2 success");
    play_done(&p);
}

static void save_says_when_it_did_not(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, CACHE("actions/cache/save@v4", P K));
    play_op(&p);
    assert_int_equal(p.op.kind, OP_SAVE);
    hit(&p, "");
    assert_told(&p, "| Failed to save: Unable to reserve cache with key k-1, another job may be creating this cache.\n"
                    "warning: Cache save failed.\n");
    assert_int_equal(play_next(&p), DRIVE_DONE);
    assert_told(&p, "1 success");
    play_done(&p);
    begin(&p, CACHE("actions/cache/save@v4", P));
    assert_int_equal(play_next(&p), DRIVE_DONE);
    assert_told(&p, "| [warning]Key is not specified.\nwarning: Cache save failed.\n");
    play_done(&p);
}

static void events_without_a_ref_have_no_caches(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, CACHE("actions/cache@v4", P K));
    struct gh_run *r = p.run;
    value_set_str(r->arena, r->github, "ref", STR(""));
    assert_int_equal(play_next(&p), DRIVE_DONE);
    assert_told(&p,
                "| [warning]Event Validation Error: The event type push is not supported because it's not tied to a "
                "branch or tag ref.");
    play_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_asked_for),
        cmocka_unit_test(hits_and_misses),
        cmocka_unit_test(nothing_is_saved_after_a_failure),
        cmocka_unit_test(a_miss_may_fail),
        cmocka_unit_test(restore_tells_both_keys),
        cmocka_unit_test(inputs_are_checked),
        cmocka_unit_test(trouble_fails_nothing),
        cmocka_unit_test(save_says_when_it_did_not),
        cmocka_unit_test(events_without_a_ref_have_no_caches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
