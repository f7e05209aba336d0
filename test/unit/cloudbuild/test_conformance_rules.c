/*
 * The verdicts of cloud-build-local's validate_test.go (Apache License 2.0), as facts: what goes in, and whether it is
 * refused. Its functions look at one group of fields each; here each input is a whole config, so that a second reason
 * would show. Where the hosted service allows more than the old tool, its limits are asked for.
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

/* A config around n copies of an item with a comma behind each. */
static void many(const char *head, const char *item, size_t n, const char *tail, const char *codes)
{
    struct buf b = BUF(BUF_TEXT);
    buf_add_cstr(&b, head);
    for (size_t i = 0; i < n; i++)
        buf_add_cstr(&b, item);
    buf_add_cstr(&b, tail);
    assert_false(b.over);
    assert_codes(buf_cstr(&b), NULL, codes);
    buf_done(&b);
}

/* As many, with a number in each item. */
static void numbered(const char *head, const char *item, size_t n, const char *tail, const char *codes)
{
    struct buf b = BUF(BUF_TEXT);
    buf_add_cstr(&b, head);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s%zu, ", item, i);
    buf_add_cstr(&b, tail);
    assert_codes(buf_cstr(&b), NULL, codes);
    buf_done(&b);
}

#define LOOSE "options: {substitutionOption: ALLOW_LOOSE}\nsteps: [{name: foo}]\n"

static void substitutions_by_name_and_size(void **state)
{
    UNUSED(state);
    static const struct row rows[] = {
        {LOOSE "substitutions: {}\n", ""},
        {LOOSE "substitutions: {_VARIABLE_1: variable-value}\n", ""},
        {LOOSE "substitutions: {_1VARIABLE: value}\n", ""},
        {LOOSE "substitutions: {Variable: value}\n", "GB055"},
        {LOOSE "substitutions: {VAR-1: value}\n", "GB055"},
        {LOOSE "substitutions: {VARIABLE: value}\n", "GB055"},
    };
    check_rows(rows, ARRAY_LEN(rows));
    many(LOOSE "substitutions: {_VARIABLE: ", "x", 4000, "}\n", "");
    many(LOOSE "substitutions: {_VARIABLE: ", "x", 4001, "}\n", "GB056");
    many(LOOSE "substitutions: {_", "A", 99, ": value}\n", "");
    many(LOOSE "substitutions: {_", "A", 100, ": value}\n", "GB056");
    numbered(LOOSE "substitutions: {", "_A", 0, "}\n", "");
    struct buf b = BUF(BUF_TEXT);
    buf_add_cstr(&b, LOOSE "substitutions:\n");
    for (int i = 0; i < 200; i++)
        buf_printf(&b, "  _K%d: x\n", i);
    assert_codes(buf_cstr(&b), NULL, "");
    buf_add_cstr(&b, "  _MORE: x\n");
    assert_codes(buf_cstr(&b), NULL, "GB056");
    buf_done(&b);
}

static void builtins_by_flag(void **state)
{
    UNUSED(state);
    static const char *const settable[] = {"REPO_NAME",   "BRANCH_NAME", "TAG_NAME",
                                           "REVISION_ID", "COMMIT_SHA",  "SHORT_SHA"};
    for (size_t i = 0; i < ARRAY_LEN(settable); i++)
        assert_true(gb_is_overridable(str_from(settable[i])));
    assert_false(gb_is_overridable(STR("PROJECT_ID")));
    assert_false(gb_is_overridable(STR("BUILD_ID")));
}

/* Number of warnings of a loose build, or -1 when it is refused. */
static int warnings_of(const char *text)
{
    struct load l;
    load_init(&l);
    load_text(&l, str_from(text));
    load_values(&l, NULL);
    l.v.loose = true;
    size_t before = l.d.warnings; /* workerPool is deprecated */
    gb_check_keys(l.b, &l.v, &l.d);
    int n = l.d.errors > 0 ? -1 : (int)(l.d.warnings - before);
    load_done(&l);
    return n;
}

static void keys_of_templates(void **state)
{
    UNUSED(state);
    static const struct {
        const char *text;
        int warnings;
    } rows[] = {
        {"steps: [{name: $_FOO}]\nsubstitutions: {_FOO: Bar}\n", 0},
        {"steps: [{name: $$FOO}]\n", 0},
        {"steps: [{name: $_FOO}]\nsubstitutions: {}\n", 1},
        {"steps: [{name: Baz}]\nsubstitutions: {_FOO: Bar}\n", 1},
        {"steps: [{name: $_BAZ}]\nsubstitutions: {_FOO: Bar}\n", 2},
        {"steps: [{name: $FOO}]\nsubstitutions: {}\n", -1},
        {"artifacts: {objects: {location: 'gs://some-bucket/$_FOO', paths: [$_FOO]}}\nsubstitutions: {_FOO: Bar}\n", 0},
        {"options: {env: [$_FOO]}\nsubstitutions: {_FOO: Bar}\n", 0},
        {"options: {workerPool: $_FOO}\nsubstitutions: {_FOO: Bar}\n", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(warnings_of(rows[i].text), rows[i].warnings);
}

static void whole_builds(void **state)
{
    UNUSED(state);
    static const struct row rows[] = {
        {"steps:\n- {name: gcr.io/my-project/my-builder, args: [gcr.io/some/image/tag]}\n"
         "- {name: gcr.io/my-project/my-builder, args: [gcr.io/some/image/tag2]}\n"
         "images: [gcr.io/some/image/tag, gcr.io/some/image/tag2]\n",
         ""},
        {"steps: [{name: foo}]\n", ""},
        {"steps: [{name: test, dir: /a/b/c}]\n", ""},
        {"steps: [{name: test, dir: ../b/c}]\n", ""},
        {"steps: [{name: test, dir: a/../b/../../c}]\n", ""},
        {"steps: [{name: test, id: '-'}]\n", "GB020"},
        {"tags: [check-buildsteps-failure]\n", "GB015"},
        {"{}\n", "GB015"},
        {"steps: [{name: foo, env: [foobar]}]\n", "GB023"},
        {"options: {env: [foobar]}\n", "GB015 GB023"},
        {"steps: [{name: foo, env: [foo=bar]}]\n", ""},
        {"steps: [{name: foo}]\ntimeout: 86400s\n", ""},
        {"steps: [{name: foo}]\ntimeout: 86401s\n", "GB016"},
    };
    check_rows(rows, ARRAY_LEN(rows));
    many("steps: [{name: okay}]\nimages: [", "foo, ", 100, "]\n", "");
    many("steps: [{name: okay}]\nimages: [", "foo, ", 101, "]\n", "GB045");
}

#define LOCAL "steps: [{name: foo, env: ["
#define GLOBAL "steps: [{name: foo}]\noptions: {env: ["

static void variables(void **state)
{
    UNUSED(state);
    assert_codes(GLOBAL "foobar]}\n", NULL, "GB023");
    assert_codes(LOCAL "foobar]}]\n", NULL, "GB023");
    many(LOCAL, "foo=bar, ", 100, "]}]\n", "");
    many(LOCAL "a=", "b", 65534, "]}]\n", "");
    many(GLOBAL "a=", "b", 65534, "]}\n", "");
    many(GLOBAL, "foo=bar, ", 100, "]}\n", "");
    many(GLOBAL, "foo=bar, ", 101, "]}\n", "GB022");
    many(GLOBAL "a=", "b", 65536, "]}\n", "GB022");
    many(LOCAL, "foo=bar, ", 101, "]}]\n", "GB022");
    many(LOCAL "a=", "b", 65536, "]}]\n", "GB022");
}

#define OBJECTS "steps: [{name: foo}]\nartifacts: {objects: {"

static void names_after_substitution(void **state)
{
    UNUSED(state);
    static const struct row rows[] = {
        {"steps: [{name: foo}]\n", ""},
        {"steps: [{name: foo}]\nimages: [foo]\n", ""},
        {OBJECTS "location: gs://some-bucket, paths: [doesnotmatter]}}\n", ""},
        {OBJECTS "location: gs://some-bucket/, paths: [doesnotmatter]}}\n", ""},
        {OBJECTS "location: some-bucket, paths: [doesnotmatter]}}\n", "GB046"},
        {OBJECTS "location: some-bucket/, paths: [doesnotmatter]}}\n", "GB046"},
        {"steps: [{name: 'gcr.io/:broken'}]\n", "GB019"},
        {"steps: [{name: foo}]\nimages: ['gcr.io/:broken']\n", "GB019"},
    };
    check_rows(rows, ARRAY_LEN(rows));
}

static void artifacts(void **state)
{
    UNUSED(state);
    static const struct row rows[] = {
        {"steps: [{name: foo}]\nimages: [hello, world]\n", ""},
        {"steps: [{name: foo}]\nartifacts: {images: [hello, world]}\n", ""},
        {"steps: [{name: foo}]\nimages: [goodbye, world]\nartifacts: {images: [hello, world]}\n", "GB044"},
        {"steps: [{name: foo}]\nimages: [hello, world]\nartifacts: {images: [hello, world]}\n", ""},
        {OBJECTS "paths: [doesnotmatter]}}\n", "GB046"},
        {OBJECTS "location: gs://some-bucket/}}\n", "GB047"},
        {OBJECTS "location: gs://some-bucket/, paths: [twins.xml, twins.xml]}}\n", "GB047"},
        {OBJECTS "location: gs://some-bucket/, paths: [twins.xml, '-n twins.xml']}}\n", "GB047"},
    };
    check_rows(rows, ARRAY_LEN(rows));
    many("steps: [{name: foo}]\nimages: [", "foo, ", 101, "]\n", "GB045");
    many("steps: [{name: foo}]\nimages: [", "a", 1001, "]\n", "GB045 GB019");
    numbered(OBJECTS "location: gs://some-bucket/, paths: [", "p", 100, "]}}\n", "");
    numbered(OBJECTS "location: gs://some-bucket/, paths: [", "p", 101, "]}}\n", "GB047");
}

#define ZEROS "deadb33fdeadb33fdeadb33fdeadb33fdeadb33fdeadb33fdeadb33fdeadb33f"

static const char *const good_names[] = {
    "gcr.o/works/folder:tag",
    "subdomain.gcr.io/works/folder/folder",
    "gcr.io/works:tag",
    "gcr.io/works/folder:tag",
    "gcr.io/works/folder:Tag",
    "ubuntu",
    "ubuntu:latest",
    "gcr.io/cloud-builders/docker@sha256:" ZEROS,
    "gcr.io/cloud-builders/docker:tag@sha256:" ZEROS,
};
static const char *const bad_names[] = {
    "",
    "gcr.io/z",
    "gcr.io/cloud-builders/docker@sha256:",
    "gcr.io/cloud-builders/docker@sha56:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "gcr.io/cloud-builders/docker@sha56:blah",
    "gcr.io/cloud-builders/docker:tag@sha56:blah",
    "ubuntu::latest",
    "gcr.io/:broken",
    "gcr.io/project/Broken",
    "gcr.io/cloud-builders/docker@sha256:blah",
    "UBUNTU:latest",
};

static void names_of_images(void **state)
{
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(good_names); i++)
        assert_null(gb_image_fault(str_from(good_names[i])));
    for (size_t i = 0; i < ARRAY_LEN(bad_names); i++)
        assert_non_null(gb_image_fault(str_from(bad_names[i])));
}

/* As names_of_images, in both places where configs have them. */
static void names_in_configs(void **state)
{
    UNUSED(state);
    char text[300];
    for (size_t i = 0; i < ARRAY_LEN(good_names); i++) {
        snprintf(text, sizeof text, "steps: [{name: '%s'}]\nimages: ['%s']\n", good_names[i], good_names[i]);
        assert_codes(text, NULL, "");
    }
    for (size_t i = 0; i < ARRAY_LEN(bad_names); i++) {
        snprintf(text, sizeof text, "steps: [{name: '%s'}]\n", bad_names[i]);
        assert_codes(text, NULL, bad_names[i][0] == '\0' ? "GB018" : "GB019");
        snprintf(text, sizeof text, "steps: [{name: foo}]\nimages: ['%s']\n", bad_names[i]);
        assert_codes(text, NULL, "GB019");
    }
}

#define TAGS "steps: [{name: foo}]\ntags: ["

static void tags(void **state)
{
    UNUSED(state);
    static const struct row rows[] = {
        {TAGS "]\n", ""},        {TAGS "ABCabc-._]\n", ""},
        {TAGS "_]\n", ""},       {TAGS "'%']\n", "GB048"},
        {TAGS "'']\n", ""},      {TAGS "a, '', b, '', '', '', c, '']\n", ""},
        {TAGS "a, a, a]\n", ""}, {TAGS "a, '', b, c, '', b, d, a, '', e, b, a]\n", ""},
    };
    check_rows(rows, ARRAY_LEN(rows));
    many(TAGS, "x", 128, "]\n", "");
    many(TAGS, "x", 129, "]\n", "GB048");
    many(TAGS, "x, ", 65, "]\n", "GB048");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(substitutions_by_name_and_size),
        cmocka_unit_test(builtins_by_flag),
        cmocka_unit_test(keys_of_templates),
        cmocka_unit_test(whole_builds),
        cmocka_unit_test(variables),
        cmocka_unit_test(names_after_substitution),
        cmocka_unit_test(artifacts),
        cmocka_unit_test(names_of_images),
        cmocka_unit_test(names_in_configs),
        cmocka_unit_test(tags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
