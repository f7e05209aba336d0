#include "core/base.h"

#include "scaffold/record.h"
#include "scaffold/scaffold.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

/* The SHA-256 of "abc" (FIPS 180-2, appendix B.1). */
#define ABC "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

struct bench {
    struct arena *a;
    struct sources *sources;
    struct diags diags;
};

static int setup(void **state)
{
    struct arena *a = arena_new();
    struct bench *b = ARENA_NEW(a, struct bench);
    b->a = a;
    b->sources = sources_new();
    diags_init(&b->diags, a, b->sources);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    sources_free(b->sources);
    arena_free(b->a);
    return 0;
}

static struct record read(struct bench *b, const char *text)
{
    struct record r;
    uint32_t file = sources_add(b->sources, STR("slipway.toml"), str_from(text));
    assert_int_equal(record_read(b->a, b->sources, file, &b->diags, &r), 0);
    return r;
}

static struct answers answers_of(struct bench *b, const struct record *r)
{
    struct answers x;
    struct err e = {0};
    if (record_answers(b->a, r, &x, &e) < 0)
        fail_msg("%s", e.text);
    return x;
}

/* The text with `services` beside those that it names, and with a file of each path, which has the text abc. */
static struct str changed(struct bench *b, const char *text, const char *services, const char *paths, struct err *e)
{
    struct record r = read(b, text);
    struct answers x = answers_of(b, &r);
    struct scaffold_file files[8];
    size_t n = 0;
    struct str list = STR(""), rest = str_from(paths), path, ret = STR_NONE;
    for (size_t i = 0; i < x.services.n; i++)
        if (!str_is(x.services.p[i], "none"))
            list = arena_printf(b->a, "%.*s,%.*s", STR_ARG(list), STR_ARG(x.services.p[i]));
    list = arena_printf(b->a, "%.*s,%s", STR_ARG(list), services);
    assert_int_equal(answers_services(b->a, list, &x.services, NULL), 0);
    while (str_next(&rest, ' ', &path))
        files[n++] = (struct scaffold_file){path, STR("abc"), 0644};
    if (record_change(b->a, &r, &x, files, n, &ret, e) < 0)
        return STR_NONE;
    return ret;
}

static void becomes(struct bench *b, const char *text, const char *services, const char *paths, const char *wanted)
{
    struct err e = {0};
    struct str got = changed(b, text, services, paths, &e);
    if (got.p == NULL)
        fail_msg("%s", e.text);
    assert_string_equal(arena_str(b->a, got).p, wanted);
}

#define HEAD "[scaffold]\ntemplate = \"python\"\n[scaffold.answers]\nname = \"demo\"\n"

static void reads_what_new_writes(void **state)
{
    struct bench *b = *state;
    struct answers x = {.name = STR("demo"), .owner = STR("mina"), .author = STR("Mina \"M\" K"), .year = 2026}, y;
    struct scaffold_file *files;
    size_t n;
    assert_int_equal(answers_pythons(b->a, STR("3.10,3.12"), &x.pythons, NULL), 0);
    assert_int_equal(answers_services(b->a, STR("azure,github"), &x.services, NULL), 0);
    assert_int_equal(answers_complete(b->a, &x, NULL), 0);
    assert_int_equal(scaffold_render(b->a, &x, &files, &n, NULL), 0);
    struct str text = STR_NONE;
    for (size_t i = 0; i < n; i++)
        if (str_is(files[i].path, "slipway.toml"))
            text = files[i].text;
    struct record r = read(b, text.p);
    assert_true(record_has_answers(&r));
    y = answers_of(b, &r);
    assert_true(str_eq(y.name, x.name) && str_eq(y.author, x.author) && str_eq(y.owner, x.owner));
    assert_int_equal(y.year, 2026);
    assert_int_equal(y.pythons.n, 2);
    assert_string_equal(y.services.p[1].p, "azure");
}

static void puts_services_and_files_where_new_would(void **state)
{
    becomes(*state,
            HEAD "services = [\"github\", \"azure\"]\n\n[files]\n\"Makefile\" = \"x\"\n\"pyproject.toml\" = \"y\"\n",
            "codebuild", "deploy/codebuild.yaml zz",
            HEAD "services = [\"github\", \"codebuild\", \"azure\"]\n\n[files]\n\"Makefile\" = \"x\"\n"
                 "\"deploy/codebuild.yaml\" = \"" ABC "\"\n\"pyproject.toml\" = \"y\"\n\"zz\" = \"" ABC "\"\n");
    becomes(*state, HEAD "services = [\"github\"]\n[files]\n\"a\" = \"x\"", "all", "b",
            HEAD
            "services = [\"github\", \"codebuild\", \"cloudbuild\", \"azure\"]\n[files]\n\"a\" = \"x\"\n\"b\" = \"" ABC
            "\"");
    becomes(*state, HEAD "services = [\"azure\"]\n[files]\n\"a\" = \"x\"\n", "github,codebuild", "b",
            HEAD "services = [\"github\", \"codebuild\", \"azure\"]\n[files]\n\"a\" = \"x\"\n\"b\" = \"" ABC "\"\n");
}

static void takes_none_and_nothing_for_no_service(void **state)
{
    becomes(*state, HEAD "services = [\"none\"]\n[files]\n\"a\" = \"x\"\n", "codebuild,azure", "b",
            HEAD "services = [\"codebuild\", \"azure\"]\n[files]\n\"a\" = \"x\"\n\"b\" = \"" ABC "\"\n");
    becomes(*state, HEAD "services = [] # none yet\n[files]\n\"a\" = \"x\"\n", "codebuild,azure", "b",
            HEAD "services = [\"codebuild\", \"azure\"] # none yet\n[files]\n\"a\" = \"x\"\n\"b\" = \"" ABC "\"\n");
}

/* What people did to the file stays: comments, quotes, lines, other tables, line ends. */
static void leaves_what_people_wrote(void **state)
{
    becomes(*state,
            "# mine\n" HEAD "services = [\n  'github', # \"azure\" soon, or [x]\n]\n[ci]\nworkers = 2\n[files]\n"
            "# of slipway\n\"a\" = \"x\" # kept\n\n[other]\nb = 1\n",
            "azure", "b",
            "# mine\n" HEAD
            "services = [\n  'github', \"azure\", # \"azure\" soon, or [x]\n]\n[ci]\nworkers = 2\n[files]\n"
            "# of slipway\n\"a\" = \"x\" # kept\n\"b\" = \"" ABC "\"\n\n[other]\nb = 1\n");
    becomes(
        *state, "[scaffold.answers]\r\nname = \"demo\"\r\nservices = [\"github\"]\r\n[files]\r\n\"a\" = \"x\"\r\n",
        "azure", "b",
        "[scaffold.answers]\r\nname = \"demo\"\r\nservices = [\"github\", \"azure\"]\r\n[files]\r\n\"a\" = \"x\"\r\n"
        "\"b\" = \"" ABC "\"\r\n");
}

static void makes_a_table_of_files_where_there_is_none(void **state)
{
    becomes(*state, HEAD "services = [\"github\"]\n", "azure", "a b",
            HEAD "services = [\"github\", \"azure\"]\n\n[files]\n\"a\" = \"" ABC "\"\n\"b\" = \"" ABC "\"\n");
    becomes(*state, HEAD "services = [\"github\"]", "azure", "a",
            HEAD "services = [\"github\", \"azure\"]\n\n[files]\n\"a\" = \"" ABC "\"");
    becomes(*state, HEAD "services = [\"github\"]\n[files]\n[ci]\nworkers = 1\n", "azure", "a",
            HEAD "services = [\"github\", \"azure\"]\n[files]\n\"a\" = \"" ABC "\"\n[ci]\nworkers = 1\n");
}

static void replaces_an_old_hash_and_leaves_a_true_one(void **state)
{
    becomes(*state, HEAD "services = [\"azure\"]\n[files]\n\"a\" = 'sha256:00' # old\n", "azure", "a",
            HEAD "services = [\"azure\"]\n[files]\n\"a\" = \"" ABC "\" # old\n");
    becomes(*state, HEAD "services = [\"azure\"]\n[files]\n\"a\" = \"" ABC "\"\n", "azure", "a",
            HEAD "services = [\"azure\"]\n[files]\n\"a\" = \"" ABC "\"\n");
}

static void refuses_a_form_that_it_cannot_change(void **state)
{
    static const char *const texts[] = {
        "files = {\"a\" = \"x\"}\n" HEAD "services = [\"github\"]\n",
        "files = 1\n" HEAD "services = [\"github\"]\n",
        HEAD "services = [\"\"\"github\"\"\"]\n[files]\n\"a\" = \"x\"\n",
        "scaffold.answers = {name = \"demo\", services = [\"github\"]}\nfiles.a = \"x\"\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct err e = {0};
        struct str got = changed(*state, texts[i], "azure", "b", &e);
        if (got.p == NULL)
            assert_non_null(strstr(e.text, "by hand"));
        else
            assert_true(str_find(got, STR("\"azure\"")) >= 0 && str_find(got, STR(ABC)) >= 0);
    }
}

static void answers_that_are_none_are_told(void **state)
{
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {HEAD "owner = 3\n", "'owner' of [scaffold.answers] is text in quotes"},
        {HEAD "pythons = \"3.12\"\n", "'pythons' of [scaffold.answers] is a list of texts in quotes"},
        {HEAD "services = [1]\n", "'services' of [scaffold.answers] is a list of texts in quotes"},
        {HEAD "services = [\"jenkins\"]\n", "there is no service 'jenkins'"},
        {"[scaffold]\ntemplate = \"rust\"\n[scaffold.answers]\nname = \"x\"\n", "template 'rust'"},
        {"[scaffold.answers]\nowner = \"x\"\n", "needs a name"},
    };
    struct bench *b = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct record r = read(b, cases[i].text);
        struct answers x;
        struct err e = {0};
        assert_int_equal(record_answers(b->a, &r, &x, &e), -EINVAL);
        if (strstr(e.text, cases[i].wanted) == NULL)
            fail_msg("%s\nlacks: %s", e.text, cases[i].wanted);
    }
    struct record settings = read(b, "[ci]\nworkers = 2\n[scaffold]\nanswers = 1\n");
    assert_false(record_has_answers(&settings));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_what_new_writes, setup, teardown),
        cmocka_unit_test_setup_teardown(puts_services_and_files_where_new_would, setup, teardown),
        cmocka_unit_test_setup_teardown(takes_none_and_nothing_for_no_service, setup, teardown),
        cmocka_unit_test_setup_teardown(leaves_what_people_wrote, setup, teardown),
        cmocka_unit_test_setup_teardown(makes_a_table_of_files_where_there_is_none, setup, teardown),
        cmocka_unit_test_setup_teardown(replaces_an_old_hash_and_leaves_a_true_one, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_a_form_that_it_cannot_change, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_that_are_none_are_told, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
