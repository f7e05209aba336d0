#include "core/base.h"
#include "core/mem.h"
#include "store/cache.h"
#include "sys/file.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct place {
    char dir[64], root[80], tree[80];
    struct arena *arena;
    struct err e;
};

static int place_new(void **state)
{
    struct place *p = mem_alloc(sizeof *p);
    snprintf(p->dir, sizeof p->dir, "/tmp/slipway-cache-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    snprintf(p->root, sizeof p->root, "%s/cache", p->dir);
    snprintf(p->tree, sizeof p->tree, "%s/tree", p->dir);
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

static struct cache_query query(const char *key)
{
    return (struct cache_query){
        .space = STR("actions"), .scope = STR("refs/heads/main"), .version = STR("v1"), .key = str_from(key)};
}

static const char *in(struct place *p, const char *dir, const char *name)
{
    return arena_printf(p->arena, "%s/%s", dir, name).p;
}

/* Keeps a copy of the folder `tree`: 1, 0 when there is one already, or what is wrong. */
static int keep_copy(struct place *p, const struct cache_query *q, struct err *e)
{
    struct cache_draft *d = NULL;
    const char *tree = NULL;
    int r = cache_begin(p->root, q, &d, &tree, e);
    if (r <= 0)
        return r;
    rmdir(tree);
    r = tree_copy(p->tree, tree, e);
    if (r == 0)
        return cache_keep(d, e);
    cache_drop(d);
    return r;
}

/* Saves a folder with the one file `word` that says what it is. */
static void save_as(struct place *p, const struct cache_query *q, const char *word)
{
    tree_remove(p->tree, NULL);
    assert_int_equal(dir_make(p->tree, 0755, &p->e), 0);
    assert_int_equal(file_write(in(p, p->tree, "word"), str_from(word), 0644, &p->e), 0);
    if (keep_copy(p, q, &p->e) < 0)
        fail_msg("%s", p->e.text);
}

static void assert_finds(struct place *p, const struct cache_query *q, const char *key, const char *word)
{
    struct str tree = STR_NONE, found = STR_NONE, text;
    assert_int_equal(cache_find(p->arena, p->root, q, &tree, &found, &p->e), 1);
    assert_string_equal(found.p, key);
    assert_int_equal(file_read(p->arena, in(p, tree.p, "word"), 100, &text, &p->e), 0);
    assert_string_equal(text.p, word);
}

static void assert_misses(struct place *p, const struct cache_query *q)
{
    struct str tree = STR_NONE, found = STR_NONE;
    assert_int_equal(cache_find(p->arena, p->root, q, &tree, &found, &p->e), 0);
    assert_null(tree.p);
}

static void a_saved_folder_is_found_by_its_key(void **state)
{
    struct place *p = *state;
    struct cache_query q = query("linux-pip-abc"), other = query("linux-pip-abd");
    assert_misses(p, &q);
    save_as(p, &q, "first");
    assert_finds(p, &q, "linux-pip-abc", "first");
    assert_misses(p, &other);
    other = q;
    other.version = STR("v2");
    assert_misses(p, &other);
    other = q;
    other.scope = STR("refs/heads/topic");
    assert_misses(p, &other);
    other = q;
    other.space = STR("pip");
    assert_misses(p, &other);
}

static void an_entry_never_changes(void **state)
{
    struct place *p = *state;
    struct cache_query q = query("k");
    save_as(p, &q, "first");
    save_as(p, &q, "second");
    assert_finds(p, &q, "k", "first");
    assert_int_equal(file_write(in(p, p->tree, "word"), STR("the source changed"), 0644, &p->e), 0);
    assert_finds(p, &q, "k", "first");
}

static void scope_and_version_are_kept_apart(void **state)
{
    struct place *p = *state;
    struct cache_query q = query("k"), other = query("k");
    q.scope = STR("ab");
    q.version = STR("c");
    other.scope = STR("a");
    other.version = STR("bc");
    save_as(p, &q, "first");
    assert_misses(p, &other);
}

/* Creation times are in milliseconds; two savings in one would have no order. */
static void wait_a_millisecond(void)
{
    struct timespec from, now;
    clock_gettime(CLOCK_REALTIME, &from);
    do
        clock_gettime(CLOCK_REALTIME, &now);
    while (now.tv_sec == from.tv_sec && now.tv_nsec - from.tv_nsec < 2000000);
}

static void restore_keys_are_prefixes_newest_first(void **state)
{
    struct place *p = *state;
    struct cache_query one = query("linux-pip-1"), two = query("linux-pip-2"), npm = query("linux-npm-1");
    save_as(p, &two, "older");
    wait_a_millisecond();
    save_as(p, &one, "newer");
    wait_a_millisecond();
    save_as(p, &npm, "npm");
    struct str keys[] = {STR("windows-"), STR("linux-pip-"), STR("linux-")};
    struct cache_query q = query("linux-pip-3");
    assert_misses(p, &q);
    q.restore_keys = (struct strs){.p = keys, .n = 3};
    assert_finds(p, &q, "linux-pip-1", "newer");
    q.key = STR("linux-pip-2");
    assert_finds(p, &q, "linux-pip-2", "older");
    q.key = STR("x");
    q.restore_keys.n = 1;
    assert_misses(p, &q);
}

static void other_scopes_come_after_the_own(void **state)
{
    struct place *p = *state;
    struct cache_query own = query("k-1"), main_one = query("k-2");
    struct str scopes[] = {STR("refs/heads/main")}, keys[] = {STR("k-")};
    save_as(p, &main_one, "of main");
    own.scope = STR("refs/heads/topic");
    struct cache_query q = own;
    q.key = STR("k-2");
    assert_misses(p, &q);
    q.scopes = (struct strs){.p = scopes, .n = 1};
    assert_finds(p, &q, "k-2", "of main");
    save_as(p, &own, "of topic");
    q.restore_keys = (struct strs){.p = keys, .n = 1};
    assert_finds(p, &q, "k-1", "of topic");
}

static void many_savers_leave_one_whole_entry(void **state)
{
    struct place *p = *state;
    struct cache_query q = query("k");
    pid_t pids[8];
    assert_int_equal(dir_make(p->tree, 0755, &p->e), 0);
    for (int i = 0; i < 200; i++) {
        char name[20];
        snprintf(name, sizeof name, "file%d", i);
        assert_int_equal(file_write(in(p, p->tree, name), STR("text"), 0644, &p->e), 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] == 0)
            _exit(keep_copy(p, &q, NULL) >= 0 ? 0 : 1);
    }
    for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
        int status = 1;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    struct str tree, found;
    struct strs names = {0};
    assert_int_equal(cache_find(p->arena, p->root, &q, &tree, &found, &p->e), 1);
    assert_int_equal(dir_list(p->arena, tree.p, &names, &p->e), 0);
    assert_int_equal(names.n, 200);
    names = (struct strs){0};
    assert_int_equal(dir_list(p->arena, in(p, p->root, ".tmp"), &names, &p->e), 0);
    assert_int_equal(names.n, 0);
}

static void a_broken_entry_is_a_miss_and_is_replaced(void **state)
{
    struct place *p = *state;
    struct cache_query q = query("k");
    struct str tree, found;
    save_as(p, &q, "first");
    assert_int_equal(cache_find(p->arena, p->root, &q, &tree, &found, &p->e), 1);
    assert_int_equal(tree_remove(tree.p, &p->e), 0);
    assert_misses(p, &q);
    save_as(p, &q, "second");
    assert_finds(p, &q, "k", "second");
}

static void set_last_use(struct place *p, const struct cache_query *q, int hours_ago)
{
    struct str tree, found;
    assert_int_equal(cache_find(p->arena, p->root, q, &tree, &found, &p->e), 1);
    struct timespec times[2];
    clock_gettime(CLOCK_REALTIME, &times[0]);
    times[0].tv_sec -= (time_t)hours_ago * 3600;
    times[1] = times[0];
    assert_int_equal(utimensat(AT_FDCWD, in(p, tree.p, "../key"), times, 0), 0);
}

static void trimming_takes_the_least_recently_used(void **state)
{
    struct place *p = *state;
    struct cache_query a = query("a"), b = query("b"), c = query("c");
    save_as(p, &a, "a");
    save_as(p, &b, "b");
    save_as(p, &c, "c");
    assert_int_equal(cache_trim(p->root, 0, &p->e), 0); /* all were used today */
    set_last_use(p, &a, 100);
    set_last_use(p, &b, 200);
    set_last_use(p, &c, 300);
    assert_int_equal(cache_trim(p->root, UINT64_MAX, &p->e), 0);
    assert_finds(p, &c, "c", "c"); /* used just now: it is the youngest now */
    assert_int_equal(cache_trim(p->root, 1, &p->e), 0);
    assert_misses(p, &a);
    assert_misses(p, &b);
    assert_finds(p, &c, "c", "c");
}

static void trimming_takes_what_a_crash_left(void **state)
{
    struct place *p = *state;
    struct cache_query q = query("k");
    assert_int_equal(cache_trim(p->root, 0, &p->e), 0); /* no cache yet */
    save_as(p, &q, "k");
    const char *young = in(p, p->root, ".tmp/young"), *old = in(p, p->root, ".tmp/old");
    assert_int_equal(dir_make(young, 0700, &p->e), 0);
    assert_int_equal(dir_make(in(p, old, "tree/x"), 0700, &p->e), 0);
    struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    assert_int_equal(utimensat(AT_FDCWD, old, times, 0), 0);
    assert_int_equal(cache_trim(p->root, UINT64_MAX, &p->e), 0);
    assert_true(path_exists(young));
    assert_false(path_exists(old));
    assert_finds(p, &q, "k", "k");
}

static void a_restore_key_prefers_itself(void **state)
{
    struct place *p = *state;
    struct cache_query q = query("a-1");
    struct str keys[] = {STR("a-1")};
    save_as(p, &q, "exact");
    q.key = STR("a-1-newer");
    save_as(p, &q, "newer");
    q.key = STR("a-2");
    q.restore_keys = (struct strs){.p = keys, .n = 1};
    assert_finds(p, &q, "a-1", "exact");
}

static void a_dropped_draft_leaves_nothing(void **state)
{
    struct place *p = *state;
    struct cache_query q = query("k");
    struct cache_draft *d = NULL;
    const char *tree = NULL;
    struct strs names = {0};
    assert_int_equal(cache_begin(p->root, &q, &d, &tree, &p->e), 1);
    assert_int_equal(file_write(in(p, tree, "word"), STR("half"), 0644, &p->e), 0);
    assert_misses(p, &q);
    cache_drop(d);
    assert_misses(p, &q);
    assert_int_equal(dir_list(p->arena, in(p, p->root, ".tmp"), &names, &p->e), 0);
    assert_int_equal(names.n, 0);
    save_as(p, &q, "whole");
    assert_int_equal(cache_begin(p->root, &q, &d, &tree, &p->e), 0);
}

static void foreign_names_stay_inside(void **state)
{
    struct place *p = *state;
    struct str tree, found;
    static const char *const bad[] = {"", "..", "a/b", ".tmp", "/etc"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct cache_query q = query("k");
        q.space = str_from(bad[i]);
        assert_int_equal(cache_find(p->arena, p->root, &q, &tree, &found, &p->e), -EINVAL);
    }
    struct cache_query q = query("../../x");
    save_as(p, &q, "word");
    assert_finds(p, &q, "../../x", "word");
    q.key = STR("");
    assert_int_equal(keep_copy(p, &q, &p->e), -EINVAL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, place_new, place_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_saved_folder_is_found_by_its_key),
        TEST(an_entry_never_changes),
        TEST(scope_and_version_are_kept_apart),
        TEST(restore_keys_are_prefixes_newest_first),
        TEST(other_scopes_come_after_the_own),
        TEST(many_savers_leave_one_whole_entry),
        TEST(a_broken_entry_is_a_miss_and_is_replaced),
        TEST(trimming_takes_the_least_recently_used),
        TEST(trimming_takes_what_a_crash_left),
        TEST(foreign_names_stay_inside),
        TEST(a_restore_key_prefers_itself),
        TEST(a_dropped_draft_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
