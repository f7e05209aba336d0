#include "scaffold/scaffold.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static int setup(void **state)
{
    *state = arena_new();
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static void requires(struct arena *a, const char *specifier, const char *wanted)
{
    struct strs found;
    struct str all = STR("");
    answers_requires(a, str_from(specifier), &found);
    for (size_t i = 0; i < found.n; i++)
        all = arena_printf(a, "%.*s%s%.*s", STR_ARG(all), i ? " " : "", STR_ARG(found.p[i]));
    if (!str_is(all, wanted))
        fail_msg("%s admits: %.*s", specifier, STR_ARG(all));
}

#define ALL "3.9 3.10 3.11 3.12 3.13 3.14"

static void reads_the_relations_of_pep_440(void **state)
{
    requires(*state, ">=3.9", ALL);
    requires(*state, ">=3.12", "3.12 3.13 3.14");
    requires(*state, ">= 3.12.4", "3.12 3.13 3.14");
    requires(*state, ">3.12", "3.12 3.13 3.14");
    requires(*state, "<3.11", "3.9 3.10");
    requires(*state, "<3.11.2", "3.9 3.10 3.11");
    requires(*state, "<=3.11", "3.9 3.10");
    requires(*state, "==3.12", "3.12");
    requires(*state, "==3.12.*", "3.12");
    requires(*state, "===3.12.1", "3.12");
    requires(*state, "~=3.12", "3.12 3.13 3.14");
    requires(*state, "~=3.12.1", "3.12");
    requires(*state, "!=3.9.*,!=3.10.3,<3.12", "3.10 3.11");
    requires(*state, ">=3.10,<3.13", "3.10 3.11 3.12");
}

static void reads_other_majors(void **state)
{
    requires(*state, ">=3", ALL);
    requires(*state, "==3.*", ALL);
    requires(*state, ">=2.7", ALL);
    requires(*state, ">=3.13,<4", "3.13 3.14");
    requires(*state, ">=3.13,<4.0", "3.13 3.14");
    requires(*state, "<3", "");
    requires(*state, "~=2.7", "");
}

static void what_cannot_be_read_admits_none(void **state)
{
    static const char *const texts[] = {
        "", "3.12", "^3.12", ">=", ">=x", ">=3.12,", ">=3.12,,<4", ">=3.12 <4", ">=3.99999999999999999999"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
    requires(*state, texts[i], i == 5 ? "3.12 3.13 3.14" : "");
}

static struct answers see(struct arena *a, struct seen seen, struct answers x, const char *wanted)
{
    struct str said;
    answers_from_seen(a, &seen, &x, &said);
    assert_string_equal(said.p, wanted);
    return x;
}

static void takes_what_is_seen(void **state)
{
    struct seen seen = {STR("Widget"), STR("acme"), STR("widget-lib"), STR(">=3.12")};
    struct answers x = see(*state, seen, (struct answers){0},
                           "name Widget, owner acme, Python 3.12, 3.13, 3.14 (requires-python >=3.12)");
    assert_int_equal(answers_complete(*state, &x, NULL), 0);
    assert_true(str_is(x.name, "Widget") && str_is(x.owner, "acme"));
}

static void falls_back_where_it_does_not_fit(void **state)
{
    struct answers x =
        see(*state, (struct seen){STR("my project"), STR("gitlab.group/sub"), STR("widget"), STR("^3.9")},
            (struct answers){0}, "name widget, owner YOUR_ID (no remote tells it), Python 3.11, 3.12, 3.13, 3.14");
    assert_int_equal(answers_complete(*state, &x, NULL), 0);
    /* A module of the standard library: a name for a repository, though not for the package that `new` would write. */
    x = see(*state, (struct seen){.repository = STR("email")}, (struct answers){.owner = STR("mina")},
            "name email, owner mina, Python 3.11, 3.12, 3.13, 3.14");
    assert_int_equal(answers_complete(*state, &x, NULL), 0);
    x = see(*state, (struct seen){.repository = STR("pytest")}, (struct answers){.owner = STR("mina")},
            "name pytest, owner mina, Python 3.11, 3.12, 3.13, 3.14");
    assert_int_equal(answers_complete(*state, &x, NULL), 0);
}

static struct scaffold_file *only(struct arena *a, const char *all, const char *services, size_t *n)
{
    struct answers x = {.name = STR("demo")};
    struct strs named;
    struct scaffold_file *files;
    assert_int_equal(answers_services(a, str_from(all), &x.services, NULL), 0);
    assert_int_equal(answers_services(a, str_from(services), &named, NULL), 0);
    assert_int_equal(answers_complete(a, &x, NULL), 0);
    assert_int_equal(scaffold_render_services(a, &x, &named, &files, n, NULL), 0);
    return files;
}

static void renders_the_files_of_the_services_alone(void **state)
{
    static const char *const paths[] = {"azure-pipelines.yml", "buildspec.yml", "deploy/codebuild.yaml"};
    size_t n;
    struct scaffold_file *files = only(*state, "all", "codebuild,azure", &n);
    assert_int_equal(n, ARRAY_LEN(paths));
    for (size_t i = 0; i < n; i++)
        assert_string_equal(files[i].path.p, paths[i]);
    only(*state, "all", "github", &n);
    assert_int_equal(n, 4);
}

/* One source: what `add` prints stands in the README that `new` writes. */
static void steps_are_those_of_the_readme(void **state)
{
    static const char *const services[] = {"github", "codebuild", "cloudbuild", "azure"};
    struct answers x = {.name = STR("demo"), .owner = STR("mina")};
    struct scaffold_file *files;
    size_t n;
    struct str readme = STR_NONE;
    assert_int_equal(answers_complete(*state, &x, NULL), 0);
    assert_int_equal(scaffold_render(*state, &x, &files, &n, NULL), 0);
    for (size_t i = 0; i < n; i++)
        if (str_is(files[i].path, "README.md"))
            readme = files[i].text;
    for (size_t i = 0; i < ARRAY_LEN(services); i++) {
        struct str steps;
        assert_int_equal(scaffold_steps(*state, &x, str_from(services[i]), &steps, NULL), 0);
        assert_true(steps.n > 40 && str_find(readme, steps) >= 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_the_relations_of_pep_440, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_other_majors, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_admits_none, setup, teardown),
        cmocka_unit_test_setup_teardown(takes_what_is_seen, setup, teardown),
        cmocka_unit_test_setup_teardown(falls_back_where_it_does_not_fit, setup, teardown),
        cmocka_unit_test_setup_teardown(renders_the_files_of_the_services_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(steps_are_those_of_the_readme, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
