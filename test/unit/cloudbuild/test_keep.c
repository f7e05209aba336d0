/*
 * What is kept of a build: what steps write for it (BUILDER_OUTPUT), artifacts, packages. The tables named after tests
 * of cloud-build-local (build_test.go) have its cases.
 */
#include "gb_play.h"

/* ---- BUILDER_OUTPUT ---- */

/* TestBuildOutput and TestStepOutputByStatus: kept as it is, 4096 bytes of it, also of a step that failed. */
static void test_output(void **state)
{
    static char many[5000];
    static const struct {
        const char *text;
        int status;
        const char *said;
    } CASES[] = {
        {"a\nb\n", 0, "| results.buildStepOutputs[0]: 4 bytes\n|   a\n|   b\n-1 success\n"},
        {"a", 1, "| results.buildStepOutputs[0]: 1 bytes\n|   a\n-1 failure"},
        {"", 0, "| results.buildStepOutputs[0]: 0 bytes\n-1 success\n"},
        {many, 0, "| results.buildStepOutputs[0]: 4096 bytes, the first 4096 of what $BUILDER_OUTPUT/output holds\n"},
    };
    UNUSED(state);
    memset(many, 'x', sizeof many - 1);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct play p;
        struct str read = str_from(CASES[i].text);
        play_init(&p);
        play_step(&p, U, "", "true", "");
        play_begin(&p);
        play_fetch(&p);
        assert_str(play_op(&p, 1)->reads[0], "/builder/.slipway/outputs/0/output");
        play_end_op(&p, play_op(&p, 1), &(struct op_end){.how = OP_EXITED, .status = CASES[i].status, .reads = &read});
        if (str_find(buf_str(&p.log), str_from(CASES[i].said)) < 0)
            fail_msg("%s", buf_cstr(&p.log));
        play_done(&p);
    }
}

static void test_no_output(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_step(&p, U, "", "true", "");
    play_begin(&p);
    play_fetch(&p);
    play_exit(&p, 1, 0);
    assert_true(str_find(buf_str(&p.log), STR("buildStepOutputs")) < 0);
    play_done(&p);
}

/* ---- artifacts ---- */

/* TestExtractGCSBucket, with the folders behind the bucket. */
static void test_bucket(void **state)
{
    static const struct {
        const char *location, *wanted;
    } CASES[] = {
        {"gs://bucket", "bucket"},
        {"gs://bucket/", "bucket"},
        {"gs://bucket/some/dir", "bucket/some/dir"},
        {"gs://bucket/some/dir/", "bucket/some/dir"},
        {"bucket/dir", "bucket/dir"},
        {"https://us-python.pkg.dev/p/r", "us-python.pkg.dev/p/r"},
        {"gs://../x", "../x"},
    };
    struct arena *a = arena_new();
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++)
        assert_str(gb_bucket_path(a, str_from(CASES[i].location)), CASES[i].wanted);
    arena_free(a);
}

static void test_glob(void **state)
{
    static const struct {
        const char *pattern, *path;
        bool matches;
    } CASES[] = {
        {"a.txt", "a.txt", true},        {"a.txt", "b/a.txt", false},     {"*.txt", "a.txt", true},
        {"*.txt", "b/a.txt", false},     {"*.txt", ".a.txt", false},      {".*.txt", ".a.txt", true},
        {"dist", "dist/a/b.whl", true},  {"dist/", "dist/a/b.whl", true}, {"dist/*", "dist/a/b.whl", true},
        {"dist/*", "dist/.keep", false}, {"dist", "dist/.keep", true},    {"**", "a/b/c", true},
        {"**/*.xml", "a.xml", true},     {"**/*.xml", "a/b/c.xml", true}, {"**/*.xml", ".git/c.xml", false},
        {"a/**/z", "a/z", true},         {"a/**/z", "a/b/c/z", true},     {"a/**/z", "a/b/c", false},
        {"./a.txt", "a.txt", true},      {"[ab].txt", "b.txt", true},     {"[^ab].txt", "b.txt", false},
        {"?.txt", "a.txt", true},        {"a.txt/b", "a.txt", false},     {"**/.x", "a/.x", true},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++)
        if (gb_glob_match(str_from(CASES[i].pattern), str_from(CASES[i].path)) != CASES[i].matches)
            fail_msg("%s %s", CASES[i].pattern, CASES[i].path);
}

static void begin_push(struct play *p, const char *paths)
{
    play_init(p);
    play_step(p, U, "", "true", "");
    p->build.objects =
        (struct gb_objects){.present = true, .location = {.text = STR("gs://bucket/out")}, .paths = texts_of(p, paths)};
    play_begin(p);
    play_fetch(p);
    play_exit(p, 1, 0);
}

static void found(struct play *p)
{
    struct op_found files[] = {{STR("a.txt"), FOUND_FILE, 1, 0},
                               {STR("dist"), FOUND_FOLDER, 0, 0},
                               {STR("dist/b.whl"), FOUND_FILE, 2, 0},
                               {STR("dist/link"), FOUND_LINK, 0, 0}};
    assert_int_equal(play_op(p, 0)->kind, OP_FIND);
    play_end_op(p, play_op(p, 0), &(struct op_end){.how = OP_EXITED, .files = files, .n_files = ARRAY_LEN(files)});
}

#define PUSHED                                                                                                         \
    NOTED "+1 ubuntu $ true\n| " STANDIN                                                                               \
          "-1 success\n| PUSH\n| Artifacts will be uploaded to gs://bucket/out/ using gsutil cp\n"
#define SUM(value, name, more)                                                                                         \
    "{\"location\":\"gs://bucket/out/" name "#170000000000000" more "\",\"file_hash\":[{\"file_hash\":[{\"type\":2,"   \
    "\"value\":\"" value "\"}]}]}\n"

static void test_artifacts(void **state)
{
    struct play p;
    UNUSED(state);
    begin_push(&p, "*.txt dist");
    found(&p);
    play_go(&p);
    struct op *op = play_op(&p, 0);
    assert_string_equal(play_argv(&p, op), "md5sum -- a.txt dist/b.whl");
    CLEAN(buf) struct buf none = BUF(BUF_LINE);
    struct str first = STR("0123456789abcdef0123456789abcdef  a.txt");
    struct str second = STR("\\ffffffffffffffffffffffffffffffff  dist/b.whl");
    assert_int_equal(gb_driver.line(p.run, op->token, STREAM_OUT, first, &none), LINE_HIDE);
    assert_int_equal(gb_driver.line(p.run, op->token, STREAM_OUT, second, &none), LINE_HIDE);
    play_exit(&p, 0, 0);
    op = play_op(&p, 0);
    assert_int_equal(op->kind, OP_FILES);
    assert_str(op->writes[0].path, "/builder/.slipway/artifacts-b-1.json");
    assert_str(op->writes[0].text, SUM("QVNORlo0bXJ6ZThCSTBWbmlhdk43dz09", "a.txt", "0")
                                       SUM("Ly8vLy8vLy8vLy8vLy8vLy8vLy8vdz09", "dist/b.whl", "1"));
    play_exit(&p, 0, 0);
    op = play_op(&p, 0);
    assert_int_equal(op->kind, OP_EXPORT);
    assert_str(op->export.name, "cloudbuild/bucket/out");
    assert_int_equal(op->export.n_files, 3);
    assert_str(op->export.files[1].from, "/workspace/dist/b.whl");
    assert_str(op->export.files[1].to, "dist/b.whl");
    assert_str(op->export.files[2].to, "artifacts-b-1.json");
    play_end_op(&p, op, &(struct op_end){.how = OP_EXITED, .matched = STR("/here"), .size = 3});
    assert_int_equal(play_go(&p), DRIVE_DONE);
    play_finish(&p);
    assert_log(&p, PUSHED "| *.txt: Uploading path....\n| *.txt: 1 matching files uploaded\n"
                          "| dist: Uploading path....\n| dist: 1 matching files uploaded\n"
                          "| 2 total artifacts uploaded to gs://bucket/out/\n"
                          "| Uploading manifest artifacts-b-1.json\n"
                          "artifact gs://bucket/out/: /here, 3\n"
                          "| Artifact manifest located at gs://bucket/out/artifacts-b-1.json\n| DONE\n");
    assert_int_equal(p.outcome.result, RESULT_SUCCESS);
    play_done(&p);
}

static void test_artifacts_missing(void **state)
{
    struct play p;
    UNUSED(state);
    begin_push(&p, "*.jar");
    found(&p);
    assert_int_equal(play_go(&p), DRIVE_DONE);
    play_finish(&p);
    assert_log(&p,
               PUSHED "| *.jar: Uploading path....\n| ERROR\n| ERROR: could not upload *.jar to gs://bucket/out/; err "
                      "= no files match glob string \"*.jar\"\n");
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    play_done(&p);
}

static void test_artifacts_outside(void **state)
{
    struct play p;
    UNUSED(state);
    begin_push(&p, "a.txt");
    play_done(&p);
    play_init(&p);
    play_step(&p, U, "", "true", "");
    p.build.objects = (struct gb_objects){
        .present = true, .location = {.text = STR("gs://b/../../../..")}, .paths = texts_of(&p, "a.txt")};
    play_begin(&p);
    play_fetch(&p);
    assert_int_equal(play_exit(&p, 1, 0), DRIVE_DONE);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    play_done(&p);
}

/* Sums that do not come end the build instead of asking again for ever. */
static void test_artifacts_no_sums(void **state)
{
    struct play p;
    UNUSED(state);
    begin_push(&p, "a.txt");
    found(&p);
    play_go(&p);
    assert_int_equal(play_exit(&p, 0, 0), DRIVE_DONE);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    play_done(&p);
}

static void test_packages(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_step(&p, U, "", "true", "");
    struct gb_package py = {.kind = "pythonPackages",
                            .repository = {.text = STR("https://us-python.pkg.dev/p/r")},
                            .paths = texts_of(&p, "dist/*")};
    struct gb_package both[] = {py, py};
    p.build.packages = both;
    p.build.n_packages = ARRAY_LEN(both);
    play_begin(&p);
    play_fetch(&p);
    play_exit(&p, 1, 0);
    found(&p);
    play_go(&p);
    struct op *op = play_op(&p, 0);
    assert_int_equal(op->kind, OP_EXPORT);
    assert_str(op->export.name, "cloudbuild/pythonPackages/us-python.pkg.dev/p/r");
    assert_int_equal(op->export.n_files, 1);
    play_end_op(&p, op, &(struct op_end){.how = OP_EXITED});
    play_go(&p);
    assert_str(play_op(&p, 0)->export.name, "cloudbuild/pythonPackages/us-python.pkg.dev/p/r-1");
    play_done(&p);
}

/* What a pattern of many `**` costs grows with the path, not with its powers. */
static void test_glob_cost(void **state)
{
    CLEAN(buf) struct buf pattern = BUF(BUF_LINE), path = BUF(BUF_LINE);
    UNUSED(state);
    for (int i = 0; i < 200; i++) {
        buf_add_cstr(&pattern, "**/a/");
        buf_add_cstr(&path, "a/a/");
    }
    buf_add_cstr(&pattern, "b");
    buf_add_cstr(&path, "c");
    assert_false(gb_glob_match(buf_str(&pattern), buf_str(&path)));
    buf_cut(&path, path.n - 1);
    buf_add_cstr(&path, "b");
    assert_true(gb_glob_match(buf_str(&pattern), buf_str(&path)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_output),
        cmocka_unit_test(test_no_output),
        cmocka_unit_test(test_bucket),
        cmocka_unit_test(test_glob),
        cmocka_unit_test(test_glob_cost),
        cmocka_unit_test(test_artifacts),
        cmocka_unit_test(test_artifacts_missing),
        cmocka_unit_test(test_artifacts_outside),
        cmocka_unit_test(test_artifacts_no_sums),
        cmocka_unit_test(test_packages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
