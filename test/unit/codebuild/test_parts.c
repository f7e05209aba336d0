/* What a build asks of the engine for artifacts, reports and caches, with scripted answers. */
#include "cb_play.h"

struct entry {
    const char *path;
    int kind;
};

/* The next op that is no command, which must be of this kind. */
static void next_op(struct play *p, enum op_kind kind)
{
    while (play_next(p) == DRIVE_OP) {
        if (p->op.kind == kind)
            return;
        play_end(p, OP_EXITED, 0, NULL);
    }
    fail_msg("no op of kind %d:\n%s", (int)kind, buf_cstr(&p->log));
}

/* OP_FIND has seen these. */
static void found(struct play *p, const struct entry *entries, size_t n)
{
    struct op_end end = {.token = p->op.token, .how = OP_EXITED, .n_files = n};
    end.files = arena_array(p->a, n + 1, sizeof *end.files);
    for (size_t i = 0; i < n; i++) {
        end.files[i].path = str_from(entries[i].path);
        end.files[i].size = strlen(entries[i].path);
        switch (entries[i].kind) {
        case 'd':
            end.files[i].kind = FOUND_FOLDER;
            break;
        case 'l':
            end.files[i].kind = FOUND_LINK;
            break;
        default:
            break;
        }
    }
    cb_driver.exited(p->run, &end);
}

static void matched(struct play *p, const char *key)
{
    struct op_end end = {.token = p->op.token, .how = OP_EXITED, .matched = str_from(key), .size = 42};
    cb_driver.exited(p->run, &end);
}

/* "from -> to" lines of the export, without the workspace in front. */
static const char *exports(const struct play *p)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    for (size_t i = 0; i < p->op.export.n_files; i++) {
        struct str from = p->op.export.files[i].from;
        if (str_starts(from, p->room.workspace))
            from = str_from_index(from, p->room.workspace.n + 1);
        buf_printf(&b, "%.*s -> %.*s\n", STR_ARG(from), STR_ARG(p->op.export.files[i].to));
    }
    return arena_str(p->a, buf_str(&b)).p;
}

static const struct entry OUT[] = {{"a.txt", 'f'}, {"b", 'd'},    {"b/a.txt", 'f'}, {"b/c.log", 'f'},
                                   {"link", 'l'},  {"v-1", 'd'},  {"v-1/sub", 'd'}, {"v-1/sub/f", 'f'},
                                   {"v-2", 'd'},   {"v-2/f", 'f'}};

#define BUILD "version: 0.2\nphases: {build: {commands: [a]}}\n"

static void files_of_an_artifact(void **state)
{
    static const struct {
        const char *artifacts, *exports;
    } cases[] = {
        {"{files: ['**/*.txt']}", "a.txt -> a.txt\nb/a.txt -> b/a.txt\n"},
        {"{files: ['**/*.txt'], discard-paths: yes}", "b/a.txt -> a.txt\n"}, /* the last of one name */
        {"{files: ['b/*', a.txt, a.txt], exclude-paths: ['**/*.log']}", "b/a.txt -> b/a.txt\na.txt -> a.txt\n"},
        {"{files: ['**/*'], base-directory: 'v-*'}", "v-1/sub/f -> sub/f\nv-2/f -> f\n"},
        {"{files: [./b//a.txt]}", "b/a.txt -> b/a.txt\n"},
        {"{files: [$CODEBUILD_SRC_DIR/a.txt]}", "a.txt -> a.txt\n"},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct play p;
        play_init(&p);
        play_begin(&p, arena_printf(p.a, BUILD "artifacts: %s\n", cases[i].artifacts).p);
        next_op(&p, OP_FIND);
        assert_true(str_eq(p.op.find.root, p.room.workspace));
        found(&p, OUT, ARRAY_LEN(OUT));
        next_op(&p, OP_EXPORT);
        assert_string_equal(exports(&p), cases[i].exports);
        assert_true(str_is(p.op.export.name, "codebuild/demo/artifacts"));
        matched(&p, "/state/x");
        play_finish(&p);
        assert_int_equal(p.outcome.result, RESULT_SUCCESS);
        assert_told(&p, "artifact codebuild/demo/artifacts\n");
        play_done(&p);
    }
}

static void links_that_lead_to_files(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, BUILD "artifacts: {files: [a.txt, link]}\n");
    next_op(&p, OP_FIND);
    found(&p, OUT, ARRAY_LEN(OUT));
    next_op(&p, OP_EXEC); /* which of the links are files? */
    assert_true(str_ends(play_written(&p, "links"), STR("/link\n")));
    play_end(&p, OP_EXITED, 0, play_written(&p, "links").p);
    next_op(&p, OP_EXPORT);
    assert_string_equal(exports(&p), "a.txt -> a.txt\nlink -> link\n");
    matched(&p, "/state/x");
    play_finish(&p);
    play_done(&p);
}

static void names_and_secondary_ones(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    p.shows = true;
    play_begin(&p, BUILD
               "artifacts:\n"
               "  files: [a.txt]\n"
               "  name: app/$(date)\n"
               "  secondary-artifacts: {docs: {files: ['*'], base-directory: b}, bad: {files: [x], name: ../up}}\n");
    assert_true(play_command(&p));
    play_end(&p, OP_EXITED, 0, NULL);
    assert_true(play_command(&p)); /* the shell evaluates the name */
    assert_true(str_is(play_text(&p), "printf %s \"app/$(date)\" >/codebuild/output/tmp/eval.0 || exit"));
    struct op_end end = {.token = p.op.token, .how = OP_EXITED};
    end.reads = arena_array(p.a, p.op.n_reads, sizeof *end.reads);
    end.read_errors = arena_array(p.a, p.op.n_reads, sizeof *end.read_errors);
    end.reads[1] = STR("app/monday");
    cb_driver.exited(p.run, &end);
    next_op(&p, OP_FIND);
    found(&p, OUT, ARRAY_LEN(OUT));
    next_op(&p, OP_EXPORT);
    assert_true(str_is(p.op.export.name, "codebuild/demo/app/monday"));
    matched(&p, "/state/x");
    next_op(&p, OP_FIND);
    assert_true(str_ends(p.op.find.root, STR("/octo/demo/b")));
    found(&p, (const struct entry[]){{"a.txt", 'f'}}, 1);
    next_op(&p, OP_EXPORT);
    assert_true(str_is(p.op.export.name, "codebuild/demo/docs"));
    matched(&p, "/state/y");
    next_op(&p, OP_FIND);
    found(&p, OUT, ARRAY_LEN(OUT));
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    assert_told(&p, "| UPLOAD_ARTIFACTS | FAILED | 0.0 | CLIENT_ERROR: '../up' cannot name an artifact |");
    play_done(&p);
}

static void nothing_matches(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    p.shows = true;
    play_begin(&p, BUILD "artifacts: {files: [b, nothing]}\n");
    next_op(&p, OP_FIND);
    found(&p, OUT, ARRAY_LEN(OUT));
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    assert_told(&p, "Skipping invalid file path b\n"); /* a bare folder is not its contents */
    assert_told(&p, "CLIENT_ERROR: no matching artifact paths found");
    play_done(&p);
}

static void reports(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, BUILD "reports: {unit: {files: ['*.xml']}, cover: {files: ['c.xml'], file-format: CoberturaXml}}\n");
    next_op(&p, OP_FIND);
    found(&p, (const struct entry[]){{"a.xml", 'f'}, {"b.xml", 'f'}}, 2);
    next_op(&p, OP_FILES);
    play_end(&p, OP_EXITED, 0,
             "<testsuite><testcase classname='c' name='n' time='1.5'><failure message='no'/></testcase></testsuite>");
    next_op(&p, OP_FILES);
    play_end(&p, OP_EXITED, 0, "not xml");
    next_op(&p, OP_FIND);
    found(&p, (const struct entry[]){{"c.xml", 'f'}}, 1);
    next_op(&p, OP_FILES);
    play_end(&p, OP_EXITED, 0, "<coverage lines-covered='3' lines-valid='4'/>");
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_SUCCESS); /* a failing report does not fail the build */
    assert_told(&p, "warning: report demo-unit: b.xml: ");
    assert_told(&p, "error: no @:0\n");
    assert_told(&p, "warning: report demo-unit: FAILED, 0 passed, 1 failed, 0 skipped, 1.500 s @buildspec.yml:");
    assert_told(&p, "notice: report demo-cover: lines 75.0 % (3 of 4) @buildspec.yml:");
    assert_told(&p, "report demo-unit: FAILED, 0 passed, 1 failed, 0 skipped, 1.500 s\n");
    assert_told(&p, "report demo-cover: lines 75.0 % (3 of 4)\n");
    play_done(&p);
}

/* ---- caches ---- */

/* The op could not be carried out. */
static void in_trouble(struct play *p, int num, const char *why)
{
    struct op_end end = {.token = p->op.token, .how = OP_NOT_STARTED};
    err_set(&end.err, num, "%s", why);
    cb_driver.exited(p->run, &end);
}

static void a_state_by_path(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, BUILD "cache: {paths: ['/root/.cache/pip/**/*', node_modules]}\n");
    next_op(&p, OP_RESTORE);
    assert_true(str_is(p.op.cache.space, "codebuild"));
    assert_true(str_is(p.op.cache.scope, "demo"));
    assert_true(str_is(p.op.cache.version, "/root/.cache/pip"));
    assert_true(str_is(p.op.cache.restore_keys.p[0], "state-"));
    assert_true(str_is(p.op.cache.paths.p[0], "/root/.cache/pip"));
    matched(&p, "");
    next_op(&p, OP_RESTORE);
    assert_true(str_ends(p.op.cache.paths.p[0], STR("/octo/demo/node_modules")));
    matched(&p, "state-1");
    next_op(&p, OP_FIND);
    assert_true(str_is(p.op.find.root, "/root/.cache/pip"));
    found(&p, OUT, ARRAY_LEN(OUT));
    next_op(&p, OP_SAVE);
    struct str first = arena_str(p.a, p.op.cache.key);
    assert_true(str_starts(first, STR("state-")));
    matched(&p, first.p);
    next_op(&p, OP_FIND);
    found(&p, OUT, ARRAY_LEN(OUT) - 1);
    next_op(&p, OP_SAVE);
    assert_true(str_starts(p.op.cache.key, STR("state-")));
    assert_false(str_eq(p.op.cache.key, first));
    matched(&p, "");
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_SUCCESS);
    play_done(&p);
}

/* No room on the disk, or a store that cannot be read: the build goes on, and says so. */
static void a_cache_in_trouble(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, BUILD "cache: {key: k-1, paths: [a]}\n");
    next_op(&p, OP_RESTORE);
    in_trouble(&p, EIO, "it cannot be read");
    next_op(&p, OP_SAVE);
    in_trouble(&p, ENOSPC, "no room");
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_SUCCESS);
    assert_told(&p, "warning: the cache k-1 cannot be restored: it cannot be read @buildspec.yml:");
    assert_told(&p, "warning: the cache k-1 cannot be saved: no room @buildspec.yml:");
    play_done(&p);

    play_init(&p);
    play_begin(&p, BUILD "cache: {key: k-1, paths: [a]}\n");
    next_op(&p, OP_RESTORE);
    matched(&p, "");
    next_op(&p, OP_SAVE);
    in_trouble(&p, ENOENT, "no path is there");
    play_finish(&p);
    assert_not_told(&p, "warning: the cache");
    play_done(&p);
}

static void by_key(void **state)
{
    for (int hit = 0; hit < 2; hit++) {
        struct play p;
        UNUSED(state);
        play_init(&p);
        play_begin(&p, BUILD "cache: {key: k-1, fallback-keys: [k-, j-], paths: ['a/*', b]}\n");
        next_op(&p, OP_RESTORE);
        assert_true(str_is(p.op.cache.key, "k-1"));
        assert_int_equal(p.op.cache.restore_keys.n, 2);
        assert_int_equal(p.op.cache.paths.n, 2);
        matched(&p, hit ? "k-1" : "k-0");
        if (!hit) { /* the entry of the very key is never changed */
            next_op(&p, OP_SAVE);
            assert_true(str_is(p.op.cache.key, "k-1"));
            assert_int_equal(p.op.cache.restore_keys.n, 0);
            matched(&p, "k-1");
        } else {
            play_run(&p, "a", 0);
        }
        play_finish(&p);
        assert_int_equal(p.outcome.result, RESULT_SUCCESS);
        play_done(&p);
    }
}

static void only_one_way(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, BUILD "cache: {action: save, paths: [b]}\n");
    next_op(&p, OP_FIND);
    found(&p, OUT, 1);
    next_op(&p, OP_SAVE);
    matched(&p, "");
    play_finish(&p);
    play_done(&p);
    play_init(&p);
    play_begin(&p, BUILD "cache: {action: restore, paths: [b]}\n");
    next_op(&p, OP_RESTORE);
    matched(&p, "");
    while (play_next(&p) == DRIVE_OP) {
        assert_int_not_equal(p.op.kind, OP_SAVE);
        play_end(&p, OP_EXITED, 0, NULL);
    }
    play_finish(&p);
    play_done(&p);
}

/* A key that cannot be evaluated keeps nothing, and says so. */
static void a_bad_key(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, BUILD "cache: {key: 'k-$(false)', paths: [b]}\n");
    assert_true(play_command(&p));
    play_end(&p, OP_EXITED, 2, NULL);
    play_run(&p, "a", 0);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_SUCCESS);
    assert_told(&p, "warning: cache.key cannot be evaluated, nothing is kept: the shell ended with exit status 2");
    play_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_an_artifact),
        cmocka_unit_test(links_that_lead_to_files),
        cmocka_unit_test(names_and_secondary_ones),
        cmocka_unit_test(nothing_matches),
        cmocka_unit_test(reports),
        cmocka_unit_test(a_state_by_path),
        cmocka_unit_test(by_key),
        cmocka_unit_test(a_cache_in_trouble),
        cmocka_unit_test(only_one_way),
        cmocka_unit_test(a_bad_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
