/*
 * The verdicts of cloud-build-local's validate_test.go (Apache License 2.0) on steps, volumes and secrets, as facts.
 * See test_conformance_rules.c.
 */
#include "gb_load.h"

struct row {
    const char *text, *codes;
};

static void check_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_codes(rows[i].text, NULL, rows[i].codes);
}

static void many(const char *head, const char *item, size_t n, const char *tail, const char *codes)
{
    struct buf b = BUF(BUF_TEXT);
    buf_add_cstr(&b, head);
    for (size_t i = 0; i < n; i++)
        buf_add_cstr(&b, item);
    buf_add_cstr(&b, tail);
    assert_codes(buf_cstr(&b), NULL, codes);
    buf_done(&b);
}

/* ---- steps ---- */

#define P "{name: gcr.io/my-project, "
#define FULL "env: [FOO=bar, X=BAZ, BUZ=78], args: [a, b, c], dir: a/b/c, "

static void steps_and_waits(void **state)
{
    UNUSED(state);
    static const struct row rows[] = {
        {"steps: [{name: foo}]\n", ""},
        {"steps:\n- " P FULL "id: A, waitFor: ['-']}\n- " P FULL "id: B, waitFor: [A]}\n- " P FULL
         "id: C, waitFor: [B]}\n",
         ""},
        {"steps:\n- " P "id: A, waitFor: ['-']}\n- " P "waitFor: [A]}\n- " P "id: C, waitFor: [A]}\n", ""},
        {"steps:\n- " P "waitFor: ['-']}\n- " P "id: A, waitFor: ['-']}\n", ""},
        {"steps:\n- " P "id: A, waitFor: ['-']}\n- " P "id: B, waitFor: ['-']}\n- " P "waitFor: [A, B]}\n", ""},
        {"steps:\n- " P "id: A, waitFor: ['-']}\n- " P "id: B, waitFor: [C]}\n", "GB021"},
        {"steps:\n- " P "id: A, waitFor: ['-']}\n- " P "id: A}\n", "GB020"},
        {"steps:\n- " P "id: A, waitFor: [B]}\n- " P "id: B, waitFor: [A]}\n", "GB021"},
        {"steps:\n", "GB015"},
        {"steps: [{}]\n", "GB018"},
        {"steps: [{name: happy-step-timeout, timeout: 3600s}]\n", ""},
        {"steps: [{name: happy-step-timeout, timeout: 86400s}]\ntimeout: 86400s\n", ""},
        {"steps: [{name: happy, timeout: 1s}]\ntimeout: 10s\n", ""},
        {"steps: [{name: unhappy, timeout: 10s}]\ntimeout: 1s\n", "GB017"},
        {"steps: [{name: too-big, timeout: 86401s}]\n", "GB016"},
    };
    check_rows(rows, ARRAY_LEN(rows));
}

static void sizes_of_steps(void **state)
{
    UNUSED(state);
    many("steps: [{name: ", "a", 1001, "}]\n", "GB022 GB019");
    many("steps: [{name: okay, args: [", "foo=bar, ", 100, "]}]\n", "");
    many("steps: [{name: okay, args: [", "foo=bar, ", 101, "]}]\n", "GB022");
    many("steps: [", "{name: foo}, ", 300, "]\n", "");
    many("steps: [", "{name: foo}, ", 301, "]\n", "GB015");
    many("steps: [{name: okay, args: [", "a", 10000, "]}]\n", "");
    many("steps: [{name: okay, args: [", "a", 10001, "]}]\n", "GB022");
    many("steps: [{name: okay, dir: ", "a", 1000, "}]\n", "");
    many("steps: [{name: okay, dir: ", "a", 1001, "}]\n", "GB022");
}

/* ---- volumes ---- */

#define VOL(name, path) "{name: '" name "', path: '" path "'}"
#define HAS(volumes) "- {name: okay, volumes: [" volumes "]}\n"
#define ALL(volumes) "options: {volumes: [" volumes "]}\nsteps:\n"
#define ONE "- {name: foo}\n"

static void volumes(void **state)
{
    UNUSED(state);
    static const struct row rows[] = {
        {"steps:\n" HAS(VOL("myvol", "/foo")) HAS(VOL("myvol", "/foo")), ""},
        {"steps:\n" HAS(VOL("myvol", "/foo")) HAS(VOL("myvol", "/foo")) HAS(VOL("myvol", "/foo")), ""},
        {"steps:\n" HAS(VOL("myvol", "/foo")), "GB034"},
        {"steps:\n" HAS(VOL("myvol", "/foo")) HAS(VOL("othervol", "/foo")) HAS(VOL("othervol", "/foo")), "GB034"},
        {"steps:\n" HAS(VOL("@#()*$@)(*$@", "/foo")) HAS(VOL("@#()*$@)(*$@", "/foo")), "GB030"},
        {"steps:\n" HAS(VOL("myvol", ")(!*!)($*@#")) HAS(VOL("myvol", "/foo")), "GB031"},
        {"steps:\n" HAS(VOL("myvol", "/workspace")) HAS(VOL("myvol", "/foo")), "GB031"},
        {"steps:\n" HAS(VOL("myvol", "/cloudbuild/foo")) HAS(VOL("myvol", "/foo")), "GB031"},
        {"steps:\n" HAS(VOL("myvol", "/absolute")) HAS(VOL("myvol", "relative")), "GB031"},
        {"steps:\n" HAS(VOL("myvol", "/foo") ", " VOL("myvol", "/bar"))
             HAS(VOL("myvol", "/foo") ", " VOL("othervol", "/bar")) HAS(VOL("othervol", "/x")),
         "GB032"},
        {"steps:\n" HAS(VOL("myvol", "/foo") ", " VOL("othervol", "/foo"))
             HAS(VOL("myvol", "/foo") ", " VOL("othervol", "/bar")),
         "GB032"},
        {ALL(VOL("myvol", "/foo")) ONE ONE, ""},
        {ALL(VOL("myvol", "/foo")) ONE, "GB035"},
        {"options: {volumes: [" VOL("myvol", "/foo") "]}\n", "GB015"},
        {ALL(VOL("myvol", "/foo") ", " VOL("othervol", "/foo")) ONE ONE, "GB032"},
        {ALL(VOL("myvol", "/foo") ", " VOL("myvol", "/bar")) ONE ONE, "GB032"},
        {ALL(VOL("myvol", "relative")) ONE ONE, "GB031"},
        {ALL(VOL("myvol", ")(!*!)($*@#")) ONE ONE, "GB031"},
        {ALL(VOL("@#()*$@)(*$@", "/foo")) ONE ONE, "GB030"},
        {ALL(VOL("myvol", "/workspace")) ONE ONE, "GB031"},
        {ALL(VOL("myvol", "/cloudbuild/foo")) ONE ONE, "GB031"},
        {ALL(VOL("myvol", "/foo")) HAS(VOL("myothervol", "/foo")) HAS(VOL("myothervol", "/foo")), "GB033"},
        {ALL(VOL("myvol", "/foo")) HAS(VOL("myvol", "/bar")) HAS(VOL("myvol", "/bar")), "GB033"},
    };
    check_rows(rows, ARRAY_LEN(rows));
}

/* Where the old tool compares paths as they are written, which it should not. */
static void paths_of_volumes_are_cleaned(void **state)
{
    UNUSED(state);
    static const struct row rows[] = {
        {ALL(VOL("myvol", "/foo/")) HAS(VOL("other", "/foo")) HAS(VOL("other", "/foo")), "GB033"},
        {"steps:\n" HAS(VOL("myvol", "/workspace/../workspace/")) HAS(VOL("myvol", "/foo")), "GB031"},
        {"steps:\n" HAS(VOL("v", "/foo")) HAS(VOL("v", "/foo")), "GB030"},
        {"steps:\n" HAS(VOL("v1", "/foo")) HAS(VOL("v1", "/bar")), ""},
    };
    check_rows(rows, ARRAY_LEN(rows));
}

/* ---- secrets ---- */

#define KEY "projects/p/locations/global/keyRings/r/cryptoKeys/k"
#define SECRET(key, values) "- {kmsKeyName: '" KEY key "', secretEnv: {" values "}}\n"
#define MINE "secrets:\n" SECRET("", "MY_SECRET: aHVudGVyMg==")
#define USES "steps: [{name: foo, secretEnv: [MY_SECRET]}]\n"

static void secrets(void **state)
{
    UNUSED(state);
    static const struct row rows[] = {
        {"steps: [{name: foo}]\n", ""},
        {USES MINE, ""},
        {"steps: [{name: foo}]\n" MINE, "GB037"},
        {USES, "GB036"},
        {USES MINE SECRET("-2", "MY_SECRET: aHVudGVyMw=="), "GB038"},
        {"steps: [{name: foo}]\nsecrets:\n- {kmsKeyName: '" KEY "'}\n", "GB039"},
        {"steps: [{name: foo, secretEnv: [MY_SECRET, OTHER]}]\n" MINE SECRET("", "OTHER: aHVudGVyMw=="), "GB038"},
        {"steps: [{name: foo, secretEnv: [MY_SECRET, MY_SECRET]}]\n" MINE, "GB040"},
        {"steps: [{name: foo, env: [MY_SECRET=awesome], secretEnv: [MY_SECRET]}]\n" MINE, "GB041"},
        {"options: {secretEnv: [MY_SECRET]}\nsteps: [{name: foo}]\n", "GB036"},
        {"options: {secretEnv: [MY_SECRET]}\nsteps: [{name: foo}]\n" MINE, ""},
        {"options: {env: [MY_SECRET=awesome]}\n" USES MINE, "GB041"},
        {"options: {secretEnv: [MY_SECRET]}\nsteps: [{name: foo, env: [MY_SECRET=awesome]}]\n" MINE, "GB041"},
        {"options: {env: [MY_SECRET=awesome], secretEnv: [MY_SECRET]}\nsteps: [{name: foo}]\n" MINE, "GB041"},
        {"options: {secretEnv: [MY_SECRET, MY_SECRET]}\nsteps: [{name: foo}]\n" MINE, "GB040"},
        {"steps: [{name: foo, env: [MY_SECRET=awesome]}, {name: foo, secretEnv: [MY_SECRET]}]\n" MINE, ""},
        {"options: {secretEnv: [MY_SECRET]}\n" USES MINE, "GB040"},
    };
    check_rows(rows, ARRAY_LEN(rows));
}

/* n secrets of one key, all asked for by one step. */
static void secrets_of_number(size_t n, const char *codes)
{
    struct buf b = BUF(BUF_TEXT);
    buf_add_cstr(&b, "steps:\n- name: foo\n  secretEnv: [");
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "MY_SECRET_%zu, ", i);
    buf_add_cstr(&b, "]\nsecrets:\n- kmsKeyName: '" KEY "'\n  secretEnv:\n");
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "    MY_SECRET_%zu: aHVudGVyMg==\n", i);
    assert_codes(buf_cstr(&b), NULL, codes);
    buf_done(&b);
}

static void sizes_of_secrets(void **state)
{
    UNUSED(state);
    secrets_of_number(100, "");
    secrets_of_number(101, "GB042");
    many(USES "secrets:\n- {kmsKeyName: '" KEY "', secretEnv: {MY_SECRET: ", "YWFh", 21845, "YQ==}}\n", "");
    many(USES "secrets:\n- {kmsKeyName: '" KEY "', secretEnv: {MY_SECRET: ", "YWFh", 21846, "}}\n", "GB042");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_and_waits), cmocka_unit_test(sizes_of_steps),
        cmocka_unit_test(volumes),         cmocka_unit_test(paths_of_volumes_are_cleaned),
        cmocka_unit_test(secrets),         cmocka_unit_test(sizes_of_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
