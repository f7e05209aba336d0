#include "core/base.h"
#include "core/mem.h"
#include "core/path.h"
#include "core/vec.h"
#include "store/artifact.h"
#include "sys/file.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct place {
    char dir[64], root[80];
    struct arena *arena;
    struct artifact *all;
    size_t n;
    struct err e;
};

static int place_new(void **state)
{
    struct place *p = mem_alloc(sizeof *p);
    snprintf(p->dir, sizeof p->dir, "/tmp/slipway-artifact-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    snprintf(p->root, sizeof p->root, "%s/run/7", p->dir);
    p->arena = arena_new();
    *state = p;
    return 0;
}

static int place_free(void **state)
{
    struct place *p = *state;
    tree_remove(p->dir, NULL);
    arena_free(p->arena);
    free(p);
    return 0;
}

static int keep(const char *root, const char *name, const char *text, bool overwrite, struct artifact *ret,
                struct arena *a, struct err *e)
{
    struct artifact_draft *d = NULL;
    int fd = -1;
    int r = artifact_begin(root, &d, &fd, e);
    if (r == 0)
        r = fd_write(fd, str_from(text), e);
    if (r == 0)
        r = artifact_keep(a, d, &(struct artifact){.name = str_from(name), .job = STR("build")}, overwrite, ret, e);
    if (r < 0)
        artifact_drop(d);
    return r;
}

static void must_keep(struct place *p, const char *name, const char *text)
{
    if (keep(p->root, name, text, false, NULL, p->arena, &p->e) < 0)
        fail_msg("%s", p->e.text);
}

static void list(struct place *p)
{
    if (artifact_list(p->arena, p->root, &p->all, &p->n, &p->e) < 0)
        fail_msg("%s", p->e.text);
}

static void assert_text(struct place *p, size_t i, const char *text)
{
    struct str got;
    assert_int_equal(file_read(p->arena, p->all[i].blob.p, 1 << 20, &got, &p->e), 0);
    assert_string_equal(got.p, text);
}

static size_t leftovers(struct place *p)
{
    struct strs names = {0};
    assert_int_equal(dir_list(p->arena, arena_printf(p->arena, "%s/.tmp", p->root).p, &names, &p->e), 0);
    return names.n;
}

static void a_run_without_artifacts_has_none(void **state)
{
    struct place *p = *state;
    list(p);
    assert_int_equal(p->n, 0);
    assert_false(path_exists(p->root));
    assert_int_equal(artifact_remove(p->root, 1, &p->e), -ENOENT);
}

static void what_is_kept_is_listed_whole(void **state)
{
    struct place *p = *state;
    struct artifact kept;
    assert_int_equal(keep(p->root, "a \"b\" \xc3\xa4", "abc", false, &kept, p->arena, &p->e), 0);
    must_keep(p, "empty", "");
    list(p);
    assert_int_equal(p->n, 2);
    assert_int_equal(p->all[0].id, 1);
    assert_int_equal(p->all[1].id, 2);
    assert_string_equal(p->all[0].name.p, "a \"b\" \xc3\xa4");
    assert_string_equal(p->all[0].job.p, "build");
    assert_string_equal(p->all[0].mime.p, "application/zip");
    assert_string_equal(p->all[0].digest.p, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(p->all[0].size, 3);
    assert_true(p->all[0].created_ms > 1600000000000);
    assert_text(p, 0, "abc");
    assert_int_equal(p->all[1].size, 0);
    assert_string_equal(kept.blob.p, p->all[0].blob.p);
    assert_true(str_eq(kept.digest, p->all[0].digest));
    assert_int_equal(leftovers(p), 0);
}

static void a_raw_one_keeps_its_kind(void **state)
{
    struct place *p = *state;
    struct artifact_draft *d = NULL;
    int fd = -1;
    assert_int_equal(artifact_begin(p->root, &d, &fd, &p->e), 0);
    struct artifact what = {.name = STR("a.txt"), .job = STR("j"), .raw = true, .mime = STR("text/plain")};
    assert_int_equal(artifact_keep(p->arena, d, &what, false, NULL, &p->e), 0);
    list(p);
    assert_true(p->all[0].raw);
    assert_string_equal(p->all[0].mime.p, "text/plain");
}

static void a_name_is_taken_once(void **state)
{
    struct place *p = *state;
    struct artifact_draft *d = NULL;
    int fd = -1;
    must_keep(p, "x", "first");
    assert_int_equal(artifact_begin(p->root, &d, &fd, &p->e), 0);
    struct artifact what = {.name = STR("x"), .job = STR("j")};
    assert_int_equal(fd_write(fd, STR("second"), NULL), 0);
    assert_int_equal(artifact_keep(p->arena, d, &what, false, NULL, &p->e), -EEXIST);
    list(p);
    assert_int_equal(p->n, 1);
    assert_text(p, 0, "first");
    what.name = STR("y"); /* the draft stayed */
    assert_int_equal(artifact_keep(p->arena, d, &what, false, NULL, &p->e), 0);
    list(p);
    assert_text(p, 1, "second");
}

static void a_nameless_one_is_refused(void **state)
{
    struct place *p = *state;
    assert_int_equal(keep(p->root, "", "x", false, NULL, p->arena, &p->e), -EINVAL);
    assert_int_equal(leftovers(p), 0);
}

static void numbers_are_never_used_again(void **state)
{
    struct place *p = *state;
    must_keep(p, "a", "1");
    must_keep(p, "b", "2");
    assert_int_equal(artifact_remove(p->root, 2, &p->e), 0);
    assert_int_equal(artifact_remove(p->root, 2, &p->e), -ENOENT);
    must_keep(p, "b", "3");
    assert_int_equal(keep(p->root, "a", "4", true, NULL, p->arena, &p->e), 0);
    list(p);
    assert_int_equal(p->n, 2);
    assert_int_equal(p->all[0].id, 3);
    assert_int_equal(p->all[1].id, 4);
    assert_text(p, 1, "4");
    assert_int_equal(leftovers(p), 0);
}

/* As after a kill between the two steps of replacing. */
static void of_two_of_one_name_the_later_counts(void **state)
{
    struct place *p = *state;
    must_keep(p, "a", "old");
    const char *aside = arena_printf(p->arena, "%s/aside", p->dir).p;
    const char *first = arena_printf(p->arena, "%s/1", p->root).p;
    assert_int_equal(tree_copy(first, aside, &p->e), 0);
    assert_int_equal(keep(p->root, "a", "new", true, NULL, p->arena, &p->e), 0);
    assert_int_equal(tree_copy(aside, first, &p->e), 0);
    list(p);
    assert_int_equal(p->n, 1);
    assert_text(p, 0, "new");
    assert_int_equal(artifact_remove(p->root, 1, &p->e), -ENOENT);
    assert_int_equal(artifact_remove(p->root, 2, &p->e), 0);
    list(p);
    assert_int_equal(p->n, 0);
}

static void a_broken_one_is_told(void **state)
{
    struct place *p = *state;
    must_keep(p, "a", "1");
    assert_int_equal(file_write(arena_printf(p->arena, "%s/1/meta.json", p->root).p, STR("{"), 0600, &p->e), 0);
    assert_int_equal(artifact_list(p->arena, p->root, &p->all, &p->n, &p->e), -EINVAL);
    assert_non_null(strstr(p->e.text, "/1'"));
}

/* A process that the system lets write `max` bytes a file; its exit status is what keep or the write said. */
static int keep_with_limit(struct place *p, rlim_t max, size_t bytes)
{
    pid_t child = fork();
    if (child == 0) {
        char *text = memset(mem_alloc(bytes + 1), 'x', bytes);
        text[bytes] = '\0';
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){max, max});
        _exit(-keep(p->root, "big", text, false, NULL, p->arena, &p->e));
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_full_disk_leaves_nothing(void **state)
{
    struct place *p = *state;
    must_keep(p, "a", "1");
    assert_int_equal(keep_with_limit(p, 1000, 2000), EFBIG); /* the blob does not fit */
    assert_int_equal(keep_with_limit(p, 16, 10), EFBIG);     /* what is known about it does not fit */
    assert_int_equal(keep_with_limit(p, 1, 1), EFBIG);
    list(p);
    assert_int_equal(p->n, 1);
    assert_int_equal(leftovers(p), 0);
    assert_int_equal(keep_with_limit(p, 1000, 900), 0);
}

#define WRITERS 4
#define EACH 15

static void processes_beside_each_other_keep_all(void **state)
{
    struct place *p = *state;
    pid_t children[WRITERS];
    for (int w = 0; w < WRITERS; w++) {
        children[w] = fork();
        for (int i = 0; children[w] == 0 && i < EACH; i++) {
            const char *name = arena_printf(p->arena, "%d-%d", w, i).p;
            if (keep(p->root, name, name, false, NULL, p->arena, &p->e) < 0 ||
                keep(p->root, "shared", name, true, NULL, p->arena, &p->e) < 0)
                _exit(1);
        }
        if (children[w] == 0)
            _exit(0);
    }
    for (int w = 0; w < WRITERS; w++) {
        int status = -1;
        waitpid(children[w], &status, 0);
        assert_int_equal(status, 0);
    }
    list(p);
    assert_int_equal(p->n, WRITERS * EACH + 1);
    for (size_t i = 0; i < p->n; i++)
        if (!str_is(p->all[i].name, "shared"))
            assert_text(p, i, p->all[i].name.p);
    assert_int_equal(p->all[p->n - 1].id, 2 * WRITERS * EACH); /* no number was given twice, none was lost */
}

static void *keep_some(void *arg)
{
    struct place *p = arg;
    struct arena *a CLEAN(arena) = arena_new();
    struct err e = {0};
    for (int i = 0; i < EACH; i++) {
        const char *name = arena_printf(a, "%lx-%d", (unsigned long)pthread_self(), i).p;
        if (keep(p->root, name, name, false, NULL, a, &e) < 0)
            return arg;
    }
    return NULL;
}

static void threads_beside_each_other_keep_all(void **state)
{
    struct place *p = *state;
    pthread_t threads[WRITERS];
    for (int w = 0; w < WRITERS; w++)
        assert_int_equal(pthread_create(&threads[w], NULL, keep_some, p), 0);
    for (int w = 0; w < WRITERS; w++) {
        void *failed = NULL;
        pthread_join(threads[w], &failed);
        assert_null(failed);
    }
    list(p);
    assert_int_equal(p->n, WRITERS * EACH);
}

/* Killed anywhere: the artifact is there whole, old or new, and the next one can be kept. */
static void a_kill_leaves_whole_artifacts(void **state)
{
    struct place *p = *state;
    must_keep(p, "a", "0");
    for (int round = 0; round < 30; round++) {
        int ready[2];
        assert_int_equal(pipe(ready), 0);
        pid_t child = fork();
        int begun = 0;
        while (child == 0) {
            if (keep(p->root, "a", "0", true, NULL, p->arena, &p->e) < 0)
                _exit(1);
            if (begun++ == round % 5 && write(ready[1], "x", 1) != 1)
                _exit(1);
        }
        char c;
        close(ready[1]);
        assert_int_equal(read(ready[0], &c, 1), 1);
        close(ready[0]);
        kill(child, SIGKILL);
        int status = 0;
        waitpid(child, &status, 0);
        assert_true(WIFSIGNALED(status));
        list(p);
        assert_int_equal(p->n, 1);
        assert_text(p, 0, "0");
    }
    assert_int_equal(keep(p->root, "a", "end", true, NULL, p->arena, &p->e), 0);
    list(p);
    assert_int_equal(p->n, 1);
    assert_text(p, 0, "end");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, place_new, place_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_run_without_artifacts_has_none),
        TEST(what_is_kept_is_listed_whole),
        TEST(a_raw_one_keeps_its_kind),
        TEST(a_name_is_taken_once),
        TEST(a_nameless_one_is_refused),
        TEST(numbers_are_never_used_again),
        TEST(of_two_of_one_name_the_later_counts),
        TEST(a_broken_one_is_told),
        TEST(a_full_disk_leaves_nothing),
        TEST(processes_beside_each_other_keep_all),
        TEST(threads_beside_each_other_keep_all),
        TEST(a_kill_leaves_whole_artifacts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
