/* upload-artifact, its merge and download-artifact: what they ask of the engine, and what they say. */
#include "gh_play.h"

#define USES(action, with) JOB "    steps:\n      - {id: s, uses: " action ", with: {" with "}}\n"
#define UPLOAD(with) USES("actions/upload-artifact@v4", with)
#define MERGE(with) USES("actions/upload-artifact/merge@v4", with)
#define DOWNLOAD(with) USES("actions/download-artifact@v4", with)

static void begin(struct play *p, const char *text)
{
    play_init(p);
    p->shows = true;
    play_begin(p, text);
}

#define assert_told(p, text)                                                                                           \
    do {                                                                                                               \
        if (str_find(buf_str(&(p)->log), str_from(text)) < 0)                                                          \
            fail_msg("'%s' is not in\n%s", text, buf_cstr(&(p)->log));                                                 \
    } while (0)

static struct op_artifact ALL[] = {
    {.id = 1, .name = {"part-1", 6}, .digest = {"aa", 2}, .size = 11},
    {.id = 2, .name = {"part-2", 6}, .digest = {"bb", 2}, .size = 22},
    {.id = 4, .name = {"other", 5}, .digest = {"cc", 2}, .size = 33},
    {.id = 5, .name = {".dot", 4}, .digest = {"dd", 2}, .size = 44},
};

static void tell(struct play *p, size_t n, const char *matched)
{
    struct op_end end = {
        .token = p->op.token, .how = OP_EXITED, .artifacts = ALL, .n_artifacts = n, .matched = str_from(matched)};
    gh_driver.exited(p->run, &end);
}

static void an_upload(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, UPLOAD("name: n, path: \"a\\nb/**\\n\", compression-level: 0, overwrite: true, include-hidden-files: true"
                     ", retention-days: 5") "      - run: echo ${{ steps.s.outputs.artifact-id }} ${{ "
                                            "steps.s.outputs.artifact-digest }} "
                                            "${{ steps.s.outputs.artifact-url }}\n");
    play_op(&p);
    assert_int_equal(p.op.kind, OP_UPLOAD);
    assert_true(str_is(p.op.artifact.name, "n"));
    assert_true(str_is(p.op.artifact.patterns.p[0], "a\nb/**"));
    assert_true(str_is(p.op.artifact.root, "/home/runner/work/demo/demo"));
    assert_true(p.op.artifact.level == 0 && p.op.artifact.overwrite && p.op.artifact.hidden && !p.op.artifact.raw);
    tell(&p, 1, "");
    play_op(&p);
    assert_true(str_find(play_written(&p, ".sh"), STR("echo 1 aa https://github.com/octo/demo/actions/runs/")) >= 0);
    play_exit(&p, 0);
    play_rest(&p);
    assert_told(&p, "emulated actions/upload-artifact: retention-days is ignored");
    assert_told(&p, "| SHA256 digest of uploaded artifact zip is aa\n");
    play_done(&p);
}

static void uploads_that_are_refused(void **state)
{
    static const struct {
        const char *text, *says;
    } CASES[] = {
        {UPLOAD("name: n"), "1 failure: Input required and not supplied: path"},
        {UPLOAD("path: x, name: 'a:b'"), "Contains the following character:  Colon :"},
        {UPLOAD("path: x, name: 'a\\b'"), "Contains the following character:  Backslash \\"},
        {UPLOAD("path: x, compression-level: 10"), "Invalid compression-level. Valid values are 0-9"},
        {UPLOAD("path: x, compression-level: high"), "1 failure: Invalid compression-level\n"},
        {UPLOAD("path: x, retention-days: long"), "1 failure: Invalid retention-days"},
        {UPLOAD("path: x, overwrite: maybe"), "YAML 1.2 \"Core Schema\" specification: overwrite."},
        {DOWNLOAD("digest-mismatch: x"), "Invalid value for 'digest-mismatch': 'x'."},
        {DOWNLOAD("name: a, github-token: t, repository: x"), "Invalid repository: 'x'. Must be in format owner/repo"},
        {DOWNLOAD("name: a, github-token: t, run-id: x"), "Invalid run-id: 'x'"},
        {MERGE("name: 'a/b'"), "Contains the following character:  Forward slash /"},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct play p;
        begin(&p, CASES[i].text);
        assert_int_equal(play_next(&p), DRIVE_DONE);
        assert_told(&p, CASES[i].says);
        play_done(&p);
    }
}

/* The ids that are downloaded, each with its folder. */
static const char *downloads(struct play *p, const char *text)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    begin(p, text);
    play_op(p);
    assert_int_equal(p->op.kind, OP_ARTIFACTS);
    tell(p, ARRAY_LEN(ALL), "");
    while (play_next(p) == DRIVE_OP) {
        assert_int_equal(p->op.kind, OP_DOWNLOAD);
        size_t i = p->op.artifact.id < 4 ? p->op.artifact.id - 1 : p->op.artifact.id - 2;
        buf_printf(&b, "%llu:%.*s ", (unsigned long long)p->op.artifact.id, STR_ARG(p->op.artifact.path));
        tell(p, 0, ALL[i].digest.p);
    }
    return arena_str(p->l.a, buf_str(&b)).p;
}

#define WS "/home/runner/work/demo/demo"

static void what_is_downloaded_where(void **state)
{
    static const struct {
        const char *text, *downloads;
    } CASES[] = {
        {DOWNLOAD("name: part-2"), "2:" WS " "},
        {DOWNLOAD("name: part-2, path: d/../e"), "2:" WS "/e "},
        {DOWNLOAD("name: part-2, path: ~/x"), "2:/home/runner/x "},
        {DOWNLOAD("name: part-2, path: /opt/x"), "2:/opt/x "},
        {DOWNLOAD(""), "1:" WS "/part-1 2:" WS "/part-2 4:" WS "/other 5:" WS "/.dot "},
        {DOWNLOAD("pattern: part-*"), "1:" WS "/part-1 2:" WS "/part-2 "},
        {DOWNLOAD("pattern: part-*, merge-multiple: true, path: d"), "1:" WS "/d 2:" WS "/d "},
        {DOWNLOAD("pattern: '*'"), "1:" WS "/part-1 2:" WS "/part-2 4:" WS "/other "},
        {DOWNLOAD("pattern: '.*'"), "5:" WS "/.dot "},
        {DOWNLOAD("pattern: '{part-{2..3},o*}'"), "2:" WS "/part-2 4:" WS "/other "},
        {DOWNLOAD("pattern: '!part-*'"), "4:" WS "/other 5:" WS "/.dot "},
        {DOWNLOAD("pattern: '#part-1'"), ""},
        {DOWNLOAD("pattern: 'part-[!1]'"), "2:" WS "/part-2 "},
        {DOWNLOAD("artifact-ids: '4'"), "4:" WS " "},
        {DOWNLOAD("artifact-ids: '4, 1,,9'"), "1:" WS "/part-1 4:" WS "/other "},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct play p;
        const char *got = downloads(&p, CASES[i].text);
        if (strcmp(got, CASES[i].downloads) != 0)
            fail_msg("%s\n%s, not %s", CASES[i].text, got, CASES[i].downloads);
        assert_told(&p, "1 success");
        if (i + 1 == ARRAY_LEN(CASES))
            assert_told(&p, "warning: Could not find the following artifact IDs: 9\n");
        play_done(&p);
    }
}

static void too_many_alternatives(void **state)
{
    struct play p;
    UNUSED(state);
    downloads(&p, DOWNLOAD("pattern: '{0..9}{0..9}{0..9}{0..9}'"));
    assert_told(&p, "1 failure: 'pattern' has more than 1000 alternatives");
    play_done(&p);
}

static void a_merge(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, MERGE("pattern: part-*, separate-directories: true, delete-merged: true"));
    play_op(&p);
    assert_int_equal(p.op.kind, OP_ARTIFACTS);
    tell(&p, ARRAY_LEN(ALL), "");
    for (size_t i = 0; i < 2; i++) {
        play_op(&p);
        assert_true(p.op.kind == OP_DOWNLOAD && p.op.artifact.id == i + 1);
        assert_true(str_starts(p.op.artifact.path, STR("/home/runner/work/_merge_")));
        assert_true(str_ends(p.op.artifact.path, i == 0 ? STR("/part-1") : STR("/part-2")));
        tell(&p, 0, "");
    }
    play_op(&p);
    assert_int_equal(p.op.kind, OP_UPLOAD);
    assert_true(str_is(p.op.artifact.name, "merged-artifacts"));
    assert_true(str_starts(p.op.artifact.patterns.p[0], STR("/home/runner/work/_merge_")));
    tell(&p, 1, "");
    for (size_t i = 0; i < 2; i++) {
        play_op(&p);
        assert_true(p.op.kind == OP_UNLINK_ARTIFACT && p.op.artifact.id == i + 1);
        tell(&p, 0, "");
    }
    play_op(&p);
    assert_true(str_starts(str_from(play_argv(&p)), STR("rm -rf -- /home/runner/work/_merge_")));
    play_exit(&p, 0);
    assert_int_equal(play_next(&p), DRIVE_DONE);
    assert_told(&p, "1 success");
    play_done(&p);
}

static void merges_that_fail(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, MERGE("pattern: part-*"));
    play_op(&p);
    tell(&p, ARRAY_LEN(ALL), "");
    play_op(&p);
    play_end(&p, OP_NOT_STARTED, 0, NULL);
    assert_int_equal(play_next(&p), DRIVE_DONE);
    assert_told(&p, "1 failure: no such file");
    play_done(&p);
    begin(&p, MERGE("pattern: none-*"));
    play_op(&p);
    tell(&p, ARRAY_LEN(ALL), "");
    assert_int_equal(play_next(&p), DRIVE_DONE);
    assert_told(&p, "1 failure: No artifacts found matching pattern 'none-*'");
    play_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_upload),
        cmocka_unit_test(uploads_that_are_refused),
        cmocka_unit_test(what_is_downloaded_where),
        cmocka_unit_test(too_many_alternatives),
        cmocka_unit_test(a_merge),
        cmocka_unit_test(merges_that_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
