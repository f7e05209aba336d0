#include "core/base.h"
#include "plan_load.h"

#define PHASES "phases: {build: {commands: [make]}}\n"

static void load(struct plan_load *l, struct plan_file *files, const char *text)
{
    plan_load_init(l);
    l->files = files;
    plan_load_read(l, text);
    assert_string_equal(plan_said(l), "");
    assert_non_null(l->plan);
}

static const struct cb_build *build_of(const struct plan_load *l, size_t job, size_t leg)
{
    return l->plan->jobs[job]->legs[leg]->impl;
}

static void test_single(void **state)
{
    struct plan_load l;
    UNUSED(state);
    load(&l, NULL, "version: 0.2\n" PHASES);
    assert_true(str_is(l.plan->name, "demo") && l.plan->n_jobs == 1);
    assert_true(str_is(l.plan->jobs[0]->id, "build"));
    assert_string_equal(plan_legs(&l, 0, true), "build aws/codebuild/standard:7.0\n");
    assert_true(l.plan->jobs[0]->legs[0]->timeout_ns == (int64_t)3600 * 1000000000);
    assert_true(build_of(&l, 0, 0)->batch == NULL && build_of(&l, 0, 0)->identifier.n == 0);
    assert_true(((const struct cb_model *)l.plan->model)->by_hand);
    plan_load_done(&l);
}

static void test_matrix(void **state)
{
    struct plan_file files[] = {{"a.yml", "version: 0.2\n" PHASES, 0}, {"b.yml", "version: 0.2\n" PHASES, 0}, {0}};
    struct plan_load l;
    UNUSED(state);
    load(&l, files,
         "version: 0.2\n"
         "batch:\n"
         "  build-matrix:\n"
         "    static: {ignore-failure: true, env: {privileged-mode: yes}}\n"
         "    dynamic: {buildspec: [a.yml, b.yml], env: {variables: {V: ['1', '2', '3']}}}\n");
    assert_string_equal(plan_legs(&l, 0, false), "build (a.yml, 1) aws/codebuild/standard:7.0\n"
                                                 "build (a.yml, 2) aws/codebuild/standard:7.0\n"
                                                 "build (a.yml, 3) aws/codebuild/standard:7.0\n"
                                                 "build (b.yml, 1) aws/codebuild/standard:7.0\n"
                                                 "build (b.yml, 2) aws/codebuild/standard:7.0\n"
                                                 "build (b.yml, 3) aws/codebuild/standard:7.0\n");
    const struct cb_build *b = build_of(&l, 0, 4);
    assert_true(str_is(b->spec->file, "b.yml") && str_is(map_get_str(&b->variables, STR("V")), "2"));
    assert_true(b->ignore_failure && b->privileged && str_is(b->identifier, "build_matrix_5"));
    assert_true(str_is(map_get_str(&l.plan->jobs[0]->legs[4]->matrix, STR("buildspec")), "b.yml"));
    plan_load_done(&l);
}

static void test_matrix_images(void **state)
{
    struct plan_load l;
    UNUSED(state);
    load(&l, NULL,
         "version: 0.2\n"
         "batch:\n"
         "  build-matrix:\n"
         "    dynamic:\n"
         "      env:\n"
         "        compute-type: [BUILD_GENERAL1_SMALL]\n"
         "        image: ['aws/codebuild/standard:8.0', 'aws/codebuild/macos-arm-base:14', 'x/y:1']\n"
         "        variables: {V: [a, a]}\n" PHASES);
    assert_string_equal(plan_legs(&l, 0, false),
                        "build (BUILD_GENERAL1_SMALL, aws/codebuild/standard:8.0, a) aws/codebuild/standard:8.0\n"
                        "build (BUILD_GENERAL1_SMALL, aws/codebuild/standard:8.0, a) #2 aws/codebuild/standard:8.0\n"
                        "build (BUILD_GENERAL1_SMALL, aws/codebuild/macos-arm-base:14, a) "
                        "aws/codebuild/macos-arm-base:14 (needs macOS)\n"
                        "build (BUILD_GENERAL1_SMALL, aws/codebuild/macos-arm-base:14, a) #4 "
                        "aws/codebuild/macos-arm-base:14 (needs macOS)\n"
                        "build (BUILD_GENERAL1_SMALL, x/y:1, a) x/y:1 (needs the image x/y:1)\n"
                        "build (BUILD_GENERAL1_SMALL, x/y:1, a) #6 x/y:1 (needs the image x/y:1)\n");
    plan_load_done(&l);
}

static void test_graph(void **state)
{
    struct plan_load l;
    UNUSED(state);
    load(&l, NULL,
         "version: 0.2\n"
         "batch:\n"
         "  fast-fail: true\n"
         "  build-graph:\n"
         "    - {identifier: a, env: {variables: {A: x}, compute-type: BUILD_GENERAL1_LARGE}}\n"
         "    - {identifier: b, depend-on: [a], ignore-failure: yes}\n"
         "    - {identifier: c}\n" PHASES);
    struct job **jobs = l.plan->jobs;
    assert_true(l.plan->n_jobs == 3 && jobs[1]->n_needs == 1 && jobs[1]->needs[0] == jobs[0]);
    assert_string_equal(plan_legs(&l, 1, true), "b aws/codebuild/standard:7.0\n");
    assert_true(build_of(&l, 1, 0)->ignore_failure && str_is(build_of(&l, 1, 0)->identifier, "b"));
    assert_string_equal(plan_legs(&l, 0, false), "a aws/codebuild/standard:7.0\n");
    assert_true(str_is(map_get_str(&build_of(&l, 0, 0)->variables, STR("A")), "x"));
    assert_true(str_is(build_of(&l, 0, 0)->compute_type, "BUILD_GENERAL1_LARGE"));
    jobs[0]->result = RESULT_FAILURE;
    assert_string_equal(plan_legs(&l, 1, false), "it depends on 'a', which failed");
    assert_string_equal(plan_legs(&l, 2, false), "'a' failed, and fast-fail stops the batch");
    jobs[2]->keep_going = true;
    assert_string_equal(plan_legs(&l, 2, false), "c aws/codebuild/standard:7.0\n");
    jobs[2]->keep_going = false;
    jobs[0]->result = RESULT_SKIPPED;
    assert_string_equal(plan_legs(&l, 1, false), "it depends on 'a', which was skipped");
    assert_string_equal(plan_legs(&l, 2, false), "c aws/codebuild/standard:7.0\n");
    plan_load_done(&l);
}

static void test_fanout(void **state)
{
    struct plan_load l;
    UNUSED(state);
    load(&l, NULL, "version: 0.2\nbatch: {build-fanout: {parallelism: 2, ignore-failure: true}}\n" PHASES);
    assert_string_equal(plan_legs(&l, 0, false), "build (1/2) aws/codebuild/standard:7.0\n"
                                                 "build (2/2) aws/codebuild/standard:7.0\n");
    assert_true(build_of(&l, 0, 1)->shard == 1 && build_of(&l, 0, 1)->shards == 2);
    assert_true(build_of(&l, 0, 1)->ignore_failure && str_is(build_of(&l, 0, 1)->identifier, "build_fanout_2"));
    plan_load_done(&l);
}

/* ---- runtimes ---- */

static void assert_runtimes(const char *env, const char *runtimes, const char *legs)
{
    struct plan_load l;
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    buf_printf(&b, "version: 0.2\n%sphases:\n  install: {runtime-versions: {%s}}\n", env, runtimes);
    load(&l, NULL, buf_cstr(&b));
    assert_string_equal(plan_legs(&l, 0, false), legs);
    plan_load_done(&l);
}

#define RUNS "build aws/codebuild/standard:7.0\n"

static void test_runtimes(void **state)
{
    UNUSED(state);
    assert_runtimes("", "python: 3.12", RUNS);
    assert_runtimes("", "python: 3.x, nodejs: latest", RUNS);
    assert_runtimes("", "java: corretto17, ruby: 3.3", RUNS); /* nothing can be told */
    assert_runtimes("env: {variables: {P: '3.9'}}\n", "python: $P", RUNS);
    assert_runtimes("env: {variables: {P: '9'}}\n", "python: '3.${P}'", RUNS);
    assert_runtimes("", "python: $UNKNOWN", RUNS); /* the driver tells */
    assert_runtimes("", "python: 3.1", "build aws/codebuild/standard:7.0 (no Python 3.1 here: found 3.9.18, 3.12.1)\n");
    assert_runtimes("", "python: 3.12.4",
                    "build aws/codebuild/standard:7.0 (no Python 3.12.4 here: found 3.9.18, 3.12.1)\n");
    assert_runtimes("env: {variables: {N: '22'}}\n", "nodejs: $N",
                    "build aws/codebuild/standard:7.0 (no Node.js 22 here: found 20.1.0)\n");
    assert_runtimes("", "golang: 1.22", "build aws/codebuild/standard:7.0 (no Go 1.22 here: found none)\n");
}

static void test_runtime_of_a_leg(void **state)
{
    struct plan_load l;
    UNUSED(state);
    load(&l, NULL,
         "version: 0.2\n"
         "env: {variables: {P: '3.12'}}\n"
         "batch: {build-matrix: {dynamic: {env: {variables: {P: ['3.9', '3.10']}}}}}\n"
         "phases: {install: {runtime-versions: {python: $P}}}\n");
    assert_string_equal(plan_legs(&l, 0, false), "build (3.9) aws/codebuild/standard:7.0\n"
                                                 "build (3.10) aws/codebuild/standard:7.0 (no Python 3.10 here: found "
                                                 "3.9.18, 3.12.1)\n");
    l.facts.skip_unknown = true;
    assert_string_equal(plan_legs(&l, 0, false), "build (3.9) aws/codebuild/standard:7.0\n"
                                                 "build (3.10) aws/codebuild/standard:7.0\n");
    l.facts.skip_unknown = false;
    map_set_str(&l.facts.env, STR("P"), STR("3.12")); /* --env wins */
    assert_string_equal(plan_legs(&l, 0, false), "build (3.9) aws/codebuild/standard:7.0\n"
                                                 "build (3.10) aws/codebuild/standard:7.0\n");
    plan_load_done(&l);
}

/* ---- images ---- */

static void assert_image(const char *image, const char *type, const char *machine, const char *skip)
{
    struct plan_load l;
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    buf_printf(&b, "version: 0.2\nbatch: {build-list: [{identifier: a, env: {image: '%s', type: %s}}]}\n" PHASES, image,
               type);
    load(&l, NULL, buf_cstr(&b));
    l.facts.machine.machine = str_from(machine);
    plan_legs(&l, 0, false);
    const struct leg *leg = l.plan->jobs[0]->legs[0];
    assert_true(str_is(leg->skip, skip));
    assert_true(leg->skip.n == 0 || (leg->lacks.n > 0 && leg->lacks_help.n > 0));
    map_set_str(&l.facts.platforms, str_from(image), STR("host"));
    plan_legs(&l, 0, false);
    assert_int_equal(l.plan->jobs[0]->legs[0]->skip.n, 0);
    plan_load_done(&l);
}

static void test_images(void **state)
{
    const char *x86 = "x86_64", *arm = "aarch64";
    UNUSED(state);
    assert_image("aws/codebuild/standard:7.0", "LINUX_CONTAINER", x86, "");
    assert_image("public.ecr.aws/codebuild/amazonlinux-x86_64-standard:5.0", "LINUX_CONTAINER", x86, "");
    assert_image("aws/codebuild/amazonlinux-aarch64-standard:3.0", "ARM_CONTAINER", x86, "needs an ARM machine");
    assert_image("aws/codebuild/amazonlinux-aarch64-standard:3.0", "ARM_CONTAINER", arm, "");
    assert_image("aws/codebuild/standard:7.0", "LINUX_GPU_CONTAINER", x86, "needs a GPU");
    assert_image("aws/codebuild/amazonlinux-x86_64-lambda-standard:python3.12", "LINUX_LAMBDA_CONTAINER", x86,
                 "needs Lambda compute");
    assert_image("aws/codebuild/windows-base:2022-1.0", "LINUX_CONTAINER", x86, "needs Windows");
    assert_image("aws/codebuild/macos-arm-base:14", "MAC_ARM", arm, "needs macOS");
    assert_image("python:3.12", "LINUX_CONTAINER", x86, "needs the image python:3.12");
}

static void test_image_of_a_variable(void **state)
{
    struct plan_load l;
    UNUSED(state);
    load(
        &l, NULL,
        "version: 0.2\n"
        "env: {variables: {IMAGE: 'aws/codebuild/standard:8.0'}}\n"
        "batch: {build-list: [{identifier: a, env: {image: $IMAGE}}, {identifier: b, env: {image: $OTHER}}]}\n" PHASES);
    assert_string_equal(plan_legs(&l, 0, false), "a aws/codebuild/standard:8.0\n");
    assert_string_equal(plan_legs(&l, 1, false), "b $OTHER (needs the image $OTHER)\n");
    plan_load_done(&l);
}

/* ---- a build's own buildspec ---- */

static void test_buildspecs(void **state)
{
    struct plan_file files[] = {{"ci/a.yml", "version: 0.2\nenv: {shell: powershell.exe}\n" PHASES, 0}, {0}, {0}};
    struct plan_load l;
    UNUSED(state);
    load(&l, files,
         "version: 0.2\n"
         "batch:\n"
         "  build-list:\n"
         "    - {identifier: a, buildspec: ./ci/a.yml}\n"
         "    - {identifier: b, buildspec: 'arn:aws:s3:::bucket/b.yml'}\n");
    assert_string_equal(plan_legs(&l, 0, false), "a aws/codebuild/standard:7.0 (its shell is one of Windows)\n");
    assert_string_equal(plan_legs(&l, 1, false),
                        "b aws/codebuild/standard:7.0 (its buildspec cannot be read from here)\n");
    plan_load_done(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single),
        cmocka_unit_test(test_matrix),
        cmocka_unit_test(test_matrix_images),
        cmocka_unit_test(test_graph),
        cmocka_unit_test(test_fanout),
        cmocka_unit_test(test_runtimes),
        cmocka_unit_test(test_runtime_of_a_leg),
        cmocka_unit_test(test_images),
        cmocka_unit_test(test_image_of_a_variable),
        cmocka_unit_test(test_buildspecs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
