#include "core/base.h"

#include "core/path.h"
#include "scaffold/scaffold.h"
#include "sys/file.h"
#include "sys/run.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

struct fixture {
    struct arena *a;
    struct str dir;
    struct buf out;
    struct err e;
};

static int setup(void **state)
{
    char dir[] = "/tmp/slipway-diff-XXXXXX";
    struct arena *a = arena_new();
    struct fixture *f = ARENA_NEW(a, struct fixture);
    if (!mkdtemp(dir))
        return -1;
    f->a = a;
    f->dir = arena_cstr(a, dir);
    f->out = BUF(BUF_TEXT);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    tree_remove(f->dir.p, NULL);
    buf_done(&f->out);
    arena_free(f->a);
    return 0;
}

static void put(struct fixture *f, const char *path, struct str text)
{
    assert_int_equal(file_write(path_join(f->a, f->dir, str_from(path)).p, text, 0644, NULL), 0);
}

static const char *diff(struct fixture *f, struct scaffold_file file)
{
    buf_clear(&f->out);
    if (scaffold_diff(f->a, &file, 1, f->dir, &f->out, &f->e) < 0)
        fail_msg("%s", f->e.text);
    return buf_cstr(&f->out);
}

static struct scaffold_file file_of(const char *path, struct str text)
{
    return (struct scaffold_file){.path = str_from(path), .text = text, .mode = 0644};
}

static void equal_files_say_nothing(void **state)
{
    struct fixture *f = *state;
    put(f, "a", STR("1\n2\n"));
    assert_string_equal(diff(f, file_of("a", STR("1\n2\n"))), "");
}

static void a_missing_file_is_new(void **state)
{
    struct fixture *f = *state;
    struct scaffold_file file = file_of("b/run.sh", STR("1\n2\n"));
    file.mode = 0755;
    assert_string_equal(diff(f, file), "diff --git a/b/run.sh b/b/run.sh\nnew file mode 100755\n--- /dev/null\n"
                                       "+++ b/b/run.sh\n@@ -0,0 +1,2 @@\n+1\n+2\n");
    assert_string_equal(diff(f, file_of("e", STR(""))), "diff --git a/e b/e\nnew file mode 100644\n");
}

static void shows_hunks_with_context(void **state)
{
    struct fixture *f = *state;
    put(f, "a", STR("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n"));
    assert_string_equal(diff(f, file_of("a", STR("1\n2\n3\n4\nV\n6\n7\n8\n9\n10\n11\n12\n13\n15\nX"))),
                        "diff --git a/a b/a\n--- a/a\n+++ b/a\n"
                        "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+V\n 6\n 7\n 8\n"
                        "@@ -11,5 +11,5 @@\n 11\n 12\n 13\n-14\n 15\n+X\n\\ No newline at end of file\n");
}

static void near_changes_share_a_hunk(void **state)
{
    struct fixture *f = *state;
    put(f, "a", STR("1\n2\n3\n4\n5\n6\n7\n8\n"));
    assert_string_equal(diff(f, file_of("a", STR("x\n2\n3\n4\n5\n6\n7\ny\n"))),
                        "diff --git a/a b/a\n--- a/a\n+++ b/a\n"
                        "@@ -1,8 +1,8 @@\n-1\n+x\n 2\n 3\n 4\n 5\n 6\n 7\n-8\n+y\n");
}

static void foreign_things_are_named(void **state)
{
    struct fixture *f = *state;
    put(f, "bin", STR("a\0b"));
    assert_int_equal(dir_make(path_join(f->a, f->dir, STR("dir")).p, 0777, NULL), 0);
    assert_string_equal(diff(f, file_of("bin", STR("x\n"))), "Binary file differs: bin\n");
    assert_string_equal(diff(f, file_of("dir", STR("x\n"))), "Only a regular file can be compared: dir\n");
}

static struct str numbered(struct arena *a, uint32_t seed, size_t lines)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (size_t i = 0; i < lines; i++) {
        seed = seed * 1664525 + 1013904223;
        buf_printf(&b, "%u\n", seed >> 29);
    }
    return arena_str(a, buf_str(&b));
}

/* Whatever the two texts are: applying the difference to the old one gives the new one. */
static void git_can_apply_it(void **state)
{
    struct fixture *f = *state;
    for (uint32_t seed = 1; seed <= 30; seed++) {
        struct str old = numbered(f->a, seed, seed * 3 % 41), new = numbered(f->a, seed * 7, seed * 5 % 37), after;
        put(f, "a", old);
        if (str_eq(old, new))
            continue;
        diff(f, file_of("a", new));
        const char *const argv[] = {"git", "apply", "--unsafe-paths", "-", NULL};
        struct run_spec spec = {.argv = argv, .cwd = f->dir.p, .input = buf_str(&f->out)};
        struct run_result result;
        assert_int_equal(run_capture(f->a, &spec, &result, &f->e), 0);
        if (result.status != 0)
            fail_msg("%.*s\n%s", STR_ARG(result.err), buf_cstr(&f->out));
        if (new.n > 0) {
            assert_int_equal(file_read(f->a, path_join(f->a, f->dir, STR("a")).p, BUF_TEXT, &after, NULL), 0);
            assert_true(str_eq(after, new));
        }
    }
}

static void large_middles_are_replaced_whole(void **state)
{
    struct fixture *f = *state;
    put(f, "a", numbered(f->a, 1, 3000));
    diff(f, file_of("a", numbered(f->a, 2, 3000)));
    assert_true(str_starts(buf_str(&f->out), STR("diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,3000 +1,3000 @@\n")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(equal_files_say_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_file_is_new, setup, teardown),
        cmocka_unit_test_setup_teardown(shows_hunks_with_context, setup, teardown),
        cmocka_unit_test_setup_teardown(near_changes_share_a_hunk, setup, teardown),
        cmocka_unit_test_setup_teardown(foreign_things_are_named, setup, teardown),
        cmocka_unit_test_setup_teardown(git_can_apply_it, setup, teardown),
        cmocka_unit_test_setup_teardown(large_middles_are_replaced_whole, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
