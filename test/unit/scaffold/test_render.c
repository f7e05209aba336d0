#include "core/base.h"

#include "core/num.h"
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

struct project {
    struct scaffold_file *p;
    size_t n;
};

static struct project render(struct arena *a, struct answers x)
{
    struct project project = {0};
    struct err e = {0};
    if (answers_complete(a, &x, &e) < 0 || scaffold_render(a, &x, &project.p, &project.n, &e) < 0)
        fail_msg("%s", e.text);
    return project;
}

static struct project render_with(struct arena *a, struct answers x, const char *pythons, const char *services)
{
    assert_int_equal(answers_pythons(a, str_from(pythons), &x.pythons, NULL), 0);
    assert_int_equal(answers_services(a, str_from(services), &x.services, NULL), 0);
    return render(a, x);
}

/* The file's text; STR_NONE when there is no such file. */
static struct str text_of(struct project project, const char *path)
{
    for (size_t i = 0; i < project.n; i++)
        if (str_is(project.p[i].path, path))
            return project.p[i].text;
    return STR_NONE;
}

static void has(struct project project, const char *path, const char *part)
{
    struct str text = text_of(project, path);
    if (text.p == NULL || str_find(text, str_from(part)) < 0)
        fail_msg("%s does not contain: %s\n%.*s", path, part, STR_ARG(text));
}

static void lacks(struct project project, const char *path, const char *part)
{
    struct str text = text_of(project, path);
    if (text.p && str_find(text, str_from(part)) >= 0)
        fail_msg("%s contains: %s", path, part);
}

static void the_default_has_26_files(void **state)
{
    static const char *const paths[] = {".dockerignore",
                                        ".github/dependabot.yml",
                                        ".github/workflows/ci.yml",
                                        ".github/workflows/image.yml",
                                        ".github/workflows/load.yml",
                                        ".gitignore",
                                        "Dockerfile",
                                        "LICENSE",
                                        "Makefile",
                                        "README.md",
                                        "azure-pipelines.yml",
                                        "buildspec.yml",
                                        "cloudbuild.yaml",
                                        "deploy/cloudbuild-trigger.yaml",
                                        "deploy/codebuild.yaml",
                                        "load/locustfile.py",
                                        "load/run.sh",
                                        "load/thresholds.json",
                                        "pyproject.toml",
                                        "requirements-dev.txt",
                                        "slipway.toml",
                                        "src/hello/__init__.py",
                                        "src/hello/app.py",
                                        "src/hello/py.typed",
                                        "tests/test_add.py",
                                        "tests/test_app.py"};
    struct project project = render(*state, (struct answers){.name = STR("hello")});
    assert_int_equal(project.n, ARRAY_LEN(paths));
    for (size_t i = 0; i < project.n; i++) {
        assert_string_equal(project.p[i].path.p, paths[i]);
        assert_int_equal(project.p[i].mode, str_is(project.p[i].path, "load/run.sh") ? 0755 : 0644);
    }
}

static void the_default_tests_living_pythons(void **state)
{
    struct project project = render(*state, (struct answers){.name = STR("hello")});
    has(project, ".github/workflows/ci.yml", "python-version: [\"3.11\", \"3.12\", \"3.13\", \"3.14\"]");
    has(project, ".github/workflows/ci.yml", "runs-on: ubuntu-24.04");
    has(project, "pyproject.toml", "requires-python = \">=3.11\"");
    has(project, "pyproject.toml", "target-version = \"py311\"");
    has(project, "pyproject.toml", "load = [\"locust>=2.30\"]");
    has(project, "Dockerfile", "ARG PYTHON_VERSION=3.14");
    has(project, "cloudbuild.yaml", "PATH=/deps/venv/bin:$$PATH make USE_VENV=0 typecheck");
    has(project, "deploy/codebuild.yaml", "aws/codebuild/standard:8.0");
    has(project, "requirements-dev.txt", "mypy>=1.19\n");
    has(project, "azure-pipelines.yml", "    py314: {python.version: '3.14'}\n");
}

static void the_seed_keeps_its_own_and_loses_its_faults(void **state)
{
    struct project project = render(*state, (struct answers){.like_seed = true});
    has(project, ".github/workflows/ci.yml", "python-version: [\"3.9\", \"3.10\", \"3.11\", \"3.12\"]");
    has(project, ".github/workflows/ci.yml", "branches: [main, develop, staging]");
    has(project, ".github/workflows/ci.yml", "has no Python 3.9");
    has(project, "pyproject.toml", "name = \"awesome-pkg\"");
    has(project, "pyproject.toml", "target-version = \"py39\"");
    has(project, "pyproject.toml", "pythonpath = [\"src\"]");
    has(project, "requirements-dev.txt", "mypy>=1.19,<2\n");
    has(project, "requirements-dev.txt", "pytest>=8,<9\n");
    has(project, "deploy/codebuild.yaml", "aws/codebuild/standard:7.0");
    has(project, "deploy/codebuild.yaml", "Name: py-skeleton-ci\n");
    has(project, "deploy/codebuild.yaml", "{Type: HEAD_REF, Pattern: \"^refs/heads/(main|develop|staging)$\"}");
    has(project, "src/awesome_pkg/__init__.py", "def add(a: int, b: int) -> int:");
    has(project, ".github/workflows/load.yml", "python-version: \"3.12\"");
    has(project, "buildspec.yml", "PYTHON_VERSION: [\"3.9\", \"3.10\", \"3.11\", \"3.12\"]");
    lacks(project, "cloudbuild.yaml", "-lc");
    lacks(project, "buildspec.yml", "artifacts");
}

/* Nothing of the template language may be left, and each text file ends in one newline. */
static void check_whole(struct project project)
{
    for (size_t i = 0; i < project.n; i++) {
        struct scaffold_file file = project.p[i];
        lacks(project, file.path.p, "@{");
        lacks(project, file.path.p, "\n@if");
        lacks(project, file.path.p, "\n@end");
        lacks(project, file.path.p, "\n@for");
        lacks(project, file.path.p, "\r");
        lacks(project, file.path.p, " \n");
        if (file.text.n > 0 && (!str_ends(file.text, STR("\n")) || str_ends(file.text, STR("\n\n"))))
            fail_msg("%s does not end in one newline", file.path.p);
    }
}

static void every_combination_of_services_renders(void **state)
{
    static const char *const names[] = {"github", "codebuild", "cloudbuild", "azure"};
    static const char *const files[] = {".github/workflows/ci.yml", "buildspec.yml", "cloudbuild.yaml",
                                        "azure-pipelines.yml"};
    static const char *const words[] = {"badge.svg", "AWS CodeBuild", "Google Cloud Build", "az pipelines"};
    for (unsigned set = 0; set < 16; set++) {
        CLEAN(buf) struct buf list = BUF(BUF_LINE);
        for (unsigned i = 0; i < 4; i++)
            if (set >> i & 1)
                buf_printf(&list, "%s,", names[i]);
        struct project project =
            render_with(*state, (struct answers){.name = STR("hello")}, "3.9-3.14", set ? buf_cstr(&list) : "none");
        check_whole(project);
        assert_int_equal(project.n, 17 + (set & 1 ? 4 : 0) + (set & 2 ? 2 : 0) + (set & 4 ? 2 : 0) + (set & 8 ? 1 : 0));
        for (unsigned i = 0; i < 4; i++) {
            assert_int_equal(text_of(project, files[i]).p != NULL, set >> i & 1);
            (set >> i & 1 ? has : lacks)(project, "README.md", words[i]);
        }
    }
}

static void every_choice_of_pythons_renders(void **state)
{
    for (unsigned from = 9; from <= 14; from++)
        for (unsigned to = from; to <= 14; to++) {
            CLEAN(buf) struct buf list = BUF(BUF_LINE);
            buf_printf(&list, "3.%u-3.%u", from, to);
            check_whole(render_with(*state, (struct answers){.name = STR("hello")}, buf_cstr(&list), "all"));
        }
}

static void no_licence_leaves_no_trace(void **state)
{
    struct project project = render(*state, (struct answers){.name = STR("hello"), .licence = STR("none")});
    assert_int_equal(project.n, 25);
    assert_null(text_of(project, "LICENSE").p);
    lacks(project, "pyproject.toml", "LICENSE");
    lacks(project, "Dockerfile", "LICENSE");
    lacks(project, ".dockerignore", "LICENSE");
    check_whole(project);
}

static void the_licence_names_year_and_author(void **state)
{
    struct answers x = {.name = STR("hello"), .author = STR("Mina \"M\" Kim"), .year = 2026};
    struct project project = render(*state, x);
    has(project, "LICENSE", "Copyright (c) 2026 Mina \"M\" Kim\n");
    has(project, "pyproject.toml", "authors = [{name = \"Mina \\\"M\\\" Kim\"}]\n");
    has(render(*state, (struct answers){.name = STR("hello")}), "LICENSE", "Copyright (c) the authors of hello\n");
}

static void images_are_lower_case(void **state)
{
    struct project project = render(*state, (struct answers){.name = STR("My.Tool"), .owner = STR("Some-Org")});
    has(project, "Makefile", "IMAGE    ?= ghcr.io/some-org/my.tool\n");
    has(project, "README.md", "https://github.com/Some-Org/My.Tool.git");
    has(project, "deploy/codebuild.yaml", "Name: my-tool-ci\n");
}

static void two_renders_are_equal(void **state)
{
    struct answers x = {.name = STR("hello"), .author = STR("A"), .year = 2026};
    struct project one = render(*state, x), two = render(*state, x);
    assert_int_equal(one.n, two.n);
    for (size_t i = 0; i < one.n; i++)
        assert_true(str_eq(one.p[i].path, two.p[i].path) && str_eq(one.p[i].text, two.p[i].text));
}

static void the_record_hashes_every_other_file(void **state)
{
    struct project project = render(*state, (struct answers){.name = STR("hello")});
    for (size_t i = 0; i < project.n; i++) {
        struct str line = arena_printf(*state, "\n\"%s\" = \"sha256:", project.p[i].path.p);
        (str_is(project.p[i].path, "slipway.toml") ? lacks : has)(project, "slipway.toml", line.p);
    }
    /* The hash of nothing is known by heart. */
    has(project, "slipway.toml",
        "\"src/hello/py.typed\" = \"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"\n");
    has(project, "slipway.toml", "version = \"" SLIPWAY_VERSION "\"\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_default_has_26_files, setup, teardown),
        cmocka_unit_test_setup_teardown(the_default_tests_living_pythons, setup, teardown),
        cmocka_unit_test_setup_teardown(the_seed_keeps_its_own_and_loses_its_faults, setup, teardown),
        cmocka_unit_test_setup_teardown(every_combination_of_services_renders, setup, teardown),
        cmocka_unit_test_setup_teardown(every_choice_of_pythons_renders, setup, teardown),
        cmocka_unit_test_setup_teardown(no_licence_leaves_no_trace, setup, teardown),
        cmocka_unit_test_setup_teardown(the_licence_names_year_and_author, setup, teardown),
        cmocka_unit_test_setup_teardown(images_are_lower_case, setup, teardown),
        cmocka_unit_test_setup_teardown(two_renders_are_equal, setup, teardown),
        cmocka_unit_test_setup_teardown(the_record_hashes_every_other_file, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
