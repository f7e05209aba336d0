/*
 * Cache@2 as the engine sees it: keys, what is asked for, the variable that tells, and when something is kept.
 */
#include "az_play.h"

#include "provider/azure/files_priv.h"

static void segments_are_texts_or_files(void **state)
{
    static const struct {
        const char *text;
        bool path;
    } ONES[] = {{"npm", false}, {"\"a/b.c\"", false}, {"v1.", false}, {"package.json", true}, {"**/x", true},
                {"a/b", true},  {"1.0", true},        {"", false},    {"\"", false},          {"a.b,!c.d", true}};
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(ONES); i++)
        if (az_segment_is_path(str_from(ONES[i].text)) != ONES[i].path)
            fail_msg("%s: not as expected", ONES[i].text);
}

static void begin(struct play *p, const char *key)
{
    play_init(p);
    struct az_step *s = play_step(p, "Cache", "2");
    play_input(s, "key", key);
    play_input(s, "restoreKeys", "a | \"L\"\na");
    play_input(s, "path", "deps");
    play_input(s, "cacheHitVar", "HIT");
    play_var(p, "Build.SourceBranch", "refs/heads/topic");
    play_script(p, "see", "echo '$(HIT)'");
    p->facts.repo.default_branch = STR("main");
    play_begin(p);
    play_go(p);
}

static enum drive matched(struct play *p, const char *key)
{
    play_end(p, &(struct op_end){.how = OP_EXITED, .matched = str_from(key)});
    return play_go(p);
}

static void check_hit(const char *key, const char *wanted, bool kept)
{
    struct play p;
    begin(&p, "a | \"L\" | b");
    assert_int_equal(p.op.kind, OP_RESTORE);
    assert_str(p.op.cache.key, "a|\"L\"|b");
    assert_int_equal(p.op.cache.restore_keys.n, 2);
    assert_str(p.op.cache.restore_keys.p[0], "a|\"L\"|"); /* whole segments */
    assert_str(p.op.cache.restore_keys.p[1], "a|");
    assert_str(p.op.cache.scope, "refs/heads/topic");
    assert_int_equal(p.op.cache.scopes.n, 1);
    assert_str(p.op.cache.scopes.p[0], "refs/heads/main");
    assert_str(p.op.cache.paths.p[0], "/home/vsts/work/1/s/deps");
    matched(&p, key);
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    buf_printf(&b, "echo '%s'", wanted);
    assert_str(play_text(&p), buf_cstr(&b));
    assert_int_equal(play_exit(&p, 0), kept ? DRIVE_OP : DRIVE_DONE);
    if (kept) {
        assert_int_equal(p.op.kind, OP_SAVE);
        assert_str(p.op.cache.key, "a|\"L\"|b");
        assert_int_equal(matched(&p, "a|\"L\"|b"), DRIVE_DONE);
    }
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_SUCCESS);
    play_done(&p);
}

static void the_variable_tells_how_it_was_found(void **state)
{
    UNUSED(state);
    check_hit("a|\"L\"|b", "true", false);
    check_hit("a|\"L\"|c", "inexact", true);
    check_hit("", "false", true);
}

static void nothing_is_kept_of_a_failed_job(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, "a");
    matched(&p, "");
    assert_int_equal(play_exit(&p, 1), DRIVE_DONE);
    assert_non_null(strstr(buf_cstr(&p.log), "Skipping because the job status was not 'Succeeded'."));
    play_done(&p);
}

static void files_are_hashed_for_all_segments_at_once(void **state)
{
    struct play p;
    static int fine[1];
    struct op_found file = {.path = STR("x.lock"), .kind = FOUND_FILE, .size = 2};
    struct str hashes = STR("87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7  "
                            "/home/vsts/work/1/s/x.lock\0");
    UNUSED(state);
    begin(&p, "a | x.lock");
    assert_int_equal(p.op.kind, OP_FIND);
    play_end(&p, &(struct op_end){.how = OP_EXITED, .files = &file, .n_files = 1});
    play_go(&p);
    assert_int_equal(p.op.kind, OP_EXEC);
    play_end(&p, &(struct op_end){.how = OP_EXITED, .reads = &hashes, .read_errors = fine});
    play_go(&p);
    assert_int_equal(p.op.kind, OP_RESTORE);
    /* printf '\nSHA256(s/x.lock)=[2]87428F...' | sha256sum, in base64 */
    assert_str(p.op.cache.key, "a|9IqFqfIZzNhj3Zt4XVkYgHSqQGR+0WRW+lGrJyjVhq4=");
    play_done(&p);
}

static void reserved_keys_are_refused(void **state)
{
    static const char *const KEYS[] = {"*", "a | **", "'a'", "`a", "!x.y", ""};
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(KEYS); i++) {
        struct play p;
        begin(&p, KEYS[i]);
        play_finish(&p);
        assert_int_equal(p.outcome.result, RESULT_FAILURE);
        play_done(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_are_texts_or_files),     cmocka_unit_test(the_variable_tells_how_it_was_found),
        cmocka_unit_test(nothing_is_kept_of_a_failed_job), cmocka_unit_test(files_are_hashed_for_all_segments_at_once),
        cmocka_unit_test(reserved_keys_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
