#include "core/base.h"

#include "core/path.h"
#include "scaffold/scaffold.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/run.h"

#include <sys/stat.h>
#include <unistd.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

struct fixture {
    struct arena *a;
    struct str root; /* an empty folder of the test's own */
    struct str dir;  /* where the project goes; absent */
    struct answers answers;
    struct scaffold_file *files;
    size_t n;
    struct err e;
    struct scaffold_report report;
};

/* Git is asked as if there were no user: what it finds in the tester's home must not matter. */
static int setup(void **state)
{
    char root[] = "/tmp/slipway-scaffold-XXXXXX";
    struct arena *a = arena_new();
    struct fixture *f = ARENA_NEW(a, struct fixture);
    f->a = a;
    f->answers.name = STR("hello");
    if (!mkdtemp(root) || answers_complete(a, &f->answers, &f->e) < 0 ||
        scaffold_render(a, &f->answers, &f->files, &f->n, &f->e) < 0)
        return -1;
    f->root = arena_cstr(a, root);
    f->dir = path_join(a, f->root, STR("hello"));
    setenv("HOME", root, 1);
    setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("EMAIL");
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    tree_remove(f->root.p, NULL);
    arena_free(f->a);
    return 0;
}

static int write_project(struct fixture *f, bool git)
{
    f->report = (struct scaffold_report){0};
    return scaffold_write(f->a, &f->answers, f->files, f->n, f->dir, git, &f->report, &f->e);
}

static void must_write(struct fixture *f, bool git)
{
    if (write_project(f, git) < 0)
        fail_msg("%s", f->e.text);
}

static const char *git(struct fixture *f, const char *const *words)
{
    const char *argv[10] = {"git", "-C", f->dir.p};
    struct str line = STR("");
    for (size_t i = 0; words[i]; i++)
        argv[3 + i] = words[i];
    if (run_line(f->a, argv, NULL, &line, &f->e) < 0)
        fail_msg("%s", f->e.text);
    return arena_str(f->a, line).p;
}

#define GIT(f, ...) git((f), (const char *const[]){__VA_ARGS__, NULL})

static struct str path_in(struct fixture *f, const char *path)
{
    return path_join(f->a, f->dir, str_from(path));
}

static void put(struct fixture *f, const char *path, const char *text)
{
    struct str full = path_in(f, path);
    assert_int_equal(dir_make(arena_str(f->a, path_dir(full)).p, 0777, NULL), 0);
    assert_int_equal(file_write(full.p, str_from(text), 0644, NULL), 0);
}

static struct str got(struct fixture *f, const char *path)
{
    struct str text = STR_NONE;
    file_read(f->a, path_in(f, path).p, BUF_TEXT, &text, NULL);
    return text;
}

static size_t entries(struct fixture *f, struct str dir)
{
    struct strs names = {0};
    assert_int_equal(dir_list(f->a, dir.p, &names, NULL), 0);
    return names.n;
}

static void writes_all_and_commits_once(void **state)
{
    struct fixture *f = *state;
    must_write(f, true);
    assert_int_equal(f->report.written, 26);
    assert_true(f->report.committed);
    assert_string_equal(GIT(f, "log", "--format=%an <%ae> %s"),
                        "slipway <slipway@localhost> feat: project scaffold with makefile/lint/test/format");
    assert_string_equal(GIT(f, "symbolic-ref", "HEAD"), "refs/heads/main");
    assert_string_equal(GIT(f, "status", "--porcelain", "--ignored"), "");
    assert_string_equal(GIT(f, "ls-files", "--stage", "load/run.sh"),
                        arena_printf(f->a, "100755 %s 0\tload/run.sh", GIT(f, "rev-parse", "HEAD:load/run.sh")).p);
    assert_int_equal(entries(f, f->root), 1);
}

static void asks_git_for_the_author(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(file_write(path_join(f->a, f->root, STR(".gitconfig")).p,
                                STR("[user]\nname = Mina\nemail = mina@example.org\n[commit]\ngpgSign = true\n"), 0644,
                                NULL),
                     0);
    must_write(f, true);
    assert_string_equal(GIT(f, "log", "--format=%an <%ae> %cn"), "Mina <mina@example.org> Mina");
    struct answers x = {.name = STR("x")};
    answers_from_host(f->a, &x);
    assert_true(str_is(x.author, "Mina"));
    assert_in_range(x.year, 2024, 2999);
}

static void runs_no_hook_of_the_user(void **state)
{
    struct fixture *f = *state;
    struct str hook = path_join(f->a, f->root, STR("template/hooks/pre-commit"));
    assert_int_equal(dir_make(path_join(f->a, f->root, STR("template/hooks")).p, 0777, NULL), 0);
    assert_int_equal(file_write(hook.p, STR("#!/bin/sh\nexit 1\n"), 0755, NULL), 0);
    struct str config = arena_printf(f->a, "[init]\ntemplateDir = %s/template\n", f->root.p);
    assert_int_equal(file_write(path_join(f->a, f->root, STR(".gitconfig")).p, config, 0644, NULL), 0);
    must_write(f, true);
    assert_true(path_exists(path_in(f, ".git/hooks/pre-commit").p));
}

static void makes_branches_on_request(void **state)
{
    struct fixture *f = *state;
    f->answers.branches = true;
    must_write(f, true);
    assert_string_equal(GIT(f, "rev-parse", "--verify", "develop"), GIT(f, "rev-parse", "--verify", "main"));
    assert_string_equal(GIT(f, "rev-parse", "--verify", "staging"), GIT(f, "rev-parse", "--verify", "main"));
}

static void a_foreign_repository_is_not_touched(void **state)
{
    struct fixture *f = *state;
    setenv("GIT_DIR", path_join(f->a, f->root, STR("elsewhere.git")).p, 1);
    int r = write_project(f, true);
    unsetenv("GIT_DIR");
    assert_int_equal(r, 0);
    assert_true(path_is_dir(path_in(f, ".git").p));
    assert_int_equal(entries(f, f->root), 1);
}

static void without_git_the_files_are_written(void **state)
{
    struct fixture *f = *state;
    const char *path = getenv("PATH");
    char *kept = mem_dup(path ? path : "");
    setenv("PATH", f->root.p, 1);
    int r = write_project(f, true);
    setenv("PATH", kept, 1);
    free(kept);
    assert_int_equal(r, 0);
    assert_false(f->report.committed);
    assert_int_equal(f->report.written, 26);
    assert_true(f->report.note.n > 0);
}

static void fills_an_empty_folder_in_place(void **state)
{
    struct fixture *f = *state;
    struct stat before, after;
    assert_int_equal(dir_make(f->dir.p, 0777, NULL), 0);
    assert_int_equal(stat(f->dir.p, &before), 0);
    must_write(f, true);
    assert_int_equal(stat(f->dir.p, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(f->report.written, 26);
    assert_string_equal(GIT(f, "status", "--porcelain", "--ignored"), "");
}

static void makes_the_parents(void **state)
{
    struct fixture *f = *state;
    f->dir = path_join(f->a, f->root, STR("a/b/hello"));
    must_write(f, false);
    assert_int_equal(f->report.written, 26);
    assert_false(path_exists(path_in(f, ".git").p));
}

static void a_second_time_all_is_the_same(void **state)
{
    struct fixture *f = *state;
    must_write(f, true);
    must_write(f, true);
    assert_int_equal(f->report.written, 0);
    assert_int_equal(f->report.same, 26);
    assert_string_equal(GIT(f, "rev-list", "--count", "HEAD"), "1");
    assert_int_equal(entries(f, f->root), 1);
}

static void a_conflict_writes_nothing(void **state)
{
    struct fixture *f = *state;
    put(f, "Makefile", "all:\n");
    put(f, "src/hello/app.py", "print()\n");
    put(f, "mine.txt", "mine\n");
    assert_int_equal(write_project(f, true), -EEXIST);
    assert_string_equal(f->e.text,
                        "hello has files with other content, nothing is written: Makefile, src/hello/app.py");
    assert_int_equal(f->report.different, 2);
    assert_int_equal(f->report.conflicts.n, 2);
    assert_int_equal(f->report.written, 0);
    assert_true(str_is(f->report.conflicts.p[1], "src/hello/app.py"));
    assert_true(str_is(got(f, "Makefile"), "all:\n"));
    assert_int_equal(entries(f, f->dir), 3);
}

static void adds_what_is_missing_beside_foreign_files(void **state)
{
    struct fixture *f = *state;
    put(f, "mine.txt", "mine\n");
    put(f, "src/other.py", "\n");
    must_write(f, true);
    assert_int_equal(f->report.written, 26);
    assert_false(f->report.committed);
    assert_true(str_is(got(f, "mine.txt"), "mine\n"));
    assert_true(got(f, "src/hello/app.py").n > 0);
    assert_false(path_exists(path_in(f, ".git").p));
    assert_int_equal(unlink(path_in(f, "Makefile").p), 0);
    must_write(f, true);
    assert_int_equal(f->report.written, 1);
    assert_int_equal(f->report.same, 25);
}

static void links_lead_nowhere(void **state)
{
    struct fixture *f = *state;
    struct str outside = path_join(f->a, f->root, STR("outside"));
    assert_int_equal(dir_make(outside.p, 0777, NULL), 0);
    put(f, "mine.txt", "mine\n");
    assert_int_equal(symlink(outside.p, path_in(f, "src").p), 0);
    assert_int_equal(write_project(f, false), -EEXIST);
    assert_int_equal(entries(f, outside), 0);
}

static void a_file_in_the_way_is_named(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(file_write(f->dir.p, STR("x"), 0644, NULL), 0);
    assert_int_equal(write_project(f, false), -ENOTDIR);
    assert_string_equal(f->e.text, arena_printf(f->a, "%s exists and is no folder", f->dir.p).p);
}

static void paths_stay_inside(void **state)
{
    struct fixture *f = *state;
    struct scaffold_file file = {.path = STR("../evil"), .text = STR("x"), .mode = 0644};
    f->files = &file;
    f->n = 1;
    assert_int_equal(write_project(f, false), -EINVAL);
    assert_int_equal(entries(f, f->root), 0);
}

static void rendering_and_writing_is_quick(void **state)
{
    struct fixture *f = *state;
    int64_t best = INT64_MAX;
    for (int i = 0; i < 5; i++) {
        int64_t start = clock_mono_ns();
        assert_int_equal(scaffold_render(f->a, &f->answers, &f->files, &f->n, &f->e), 0);
        must_write(f, false);
        int64_t took = clock_mono_ns() - start;
        best = took < best ? took : best;
        assert_int_equal(tree_remove(f->dir.p, NULL), 0);
    }
    print_message("rendered and written in %lld us\n", (long long)(best / 1000));
    assert_in_range(best, 1, 200 * 1000 * 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_all_and_commits_once, setup, teardown),
        cmocka_unit_test_setup_teardown(asks_git_for_the_author, setup, teardown),
        cmocka_unit_test_setup_teardown(runs_no_hook_of_the_user, setup, teardown),
        cmocka_unit_test_setup_teardown(makes_branches_on_request, setup, teardown),
        cmocka_unit_test_setup_teardown(a_foreign_repository_is_not_touched, setup, teardown),
        cmocka_unit_test_setup_teardown(without_git_the_files_are_written, setup, teardown),
        cmocka_unit_test_setup_teardown(fills_an_empty_folder_in_place, setup, teardown),
        cmocka_unit_test_setup_teardown(makes_the_parents, setup, teardown),
        cmocka_unit_test_setup_teardown(a_second_time_all_is_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(a_conflict_writes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(adds_what_is_missing_beside_foreign_files, setup, teardown),
        cmocka_unit_test_setup_teardown(links_lead_nowhere, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_in_the_way_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(paths_stay_inside, setup, teardown),
        cmocka_unit_test_setup_teardown(rendering_and_writing_is_quick, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
