#include "core/base.h"
#include "core/err.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/utf8.h"
#include "core/vec.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static void heap_zeroes_and_copies(void **state)
{
    UNUSED(state);
    CLEAN(free) char *p = mem_alloc(0);
    assert_non_null(p);
    CLEAN(free) int *many = mem_array(100, sizeof *many);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(many[i], 0);
    CLEAN(free) char *copy = mem_dup_str(str_of("hello", 3));
    assert_string_equal(copy, "hel");
    char *taken = TAKE(copy);
    assert_null(copy);
    free(taken);
}

/* The exit status of a child that runs `what`, with what it says on stderr in text. */
static int child_status(void (*what)(void), char *text, size_t size)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        signal(SIGABRT, SIG_DFL);
        dup2(ends[1], 2);
        what();
        _exit(0);
    }
    close(ends[1]);
    size_t have = 0;
    for (ssize_t n; have < size - 1 && (n = read(ends[0], text + have, size - 1 - have)) > 0;)
        have += (size_t)n;
    text[have] = '\0';
    close(ends[0]);
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void overflow(void)
{
    free(mem_array(SIZE_MAX / 2, 3));
}

static void arena_overflow(void)
{
    struct arena *a = arena_new();
    arena_array(a, SIZE_MAX / 16, 32);
}

static void arena_too_large(void)
{
    arena_alloc(arena_new(), SIZE_MAX - 3);
}

static void fault(void)
{
    BUG("%d is odd", 3);
}

static void out_of_memory_ends_with_70(void **state)
{
    UNUSED(state);
    char text[200];
    assert_int_equal(child_status(overflow, text, sizeof text), 70);
    assert_string_equal(text, "slipway: out of memory\n");
    assert_int_equal(child_status(arena_overflow, text, sizeof text), 70);
    assert_int_equal(child_status(arena_too_large, text, sizeof text), 70);
}

static void bug_aborts_and_says_where(void **state)
{
    UNUSED(state);
    char text[200];
    assert_int_equal(child_status(fault, text, sizeof text), 128 + SIGABRT);
    assert_non_null(strstr(text, "test_mem.c:"));
    assert_non_null(strstr(text, "3 is odd"));
}

static void arena_aligns_zeroes_and_counts(void **state)
{
    UNUSED(state);
    CLEAN(arena) struct arena *a = arena_new();
    size_t sum = 0;
    for (size_t n = 1; n < 3000; n += 7) {
        unsigned char *p = arena_alloc(a, n);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xaa, n);
        sum += n;
        struct str s = arena_str(a, STR("xyz"));
        assert_string_equal(s.p, "xyz");
        sum += 4;
    }
    assert_int_equal(arena_used(a), sum);
    unsigned char *large = arena_alloc(a, 5 << 20);
    memset(large, 1, 5 << 20);
    assert_non_null(arena_alloc(a, 0));
    arena_free(NULL);
}

static void arena_formats(void **state)
{
    UNUSED(state);
    CLEAN(arena) struct arena *a = arena_new();
    assert_string_equal(arena_printf(a, "%s-%d", "x", 5).p, "x-5");
    struct str wide = arena_printf(a, "%300s", "end");
    assert_int_equal(wide.n, 300);
    assert_string_equal(wide.p + 297, "end");
    for (int n = 254; n < 259; n++)
        assert_int_equal(strlen(arena_printf(a, "%*d", n, 1).p), n);
    assert_string_equal(arena_str(a, STR_NONE).p, "");
    assert_string_equal(arena_cstr(a, NULL).p, "");
}

static void vec_grows(void **state)
{
    UNUSED(state);
    CLEAN(arena) struct arena *a = arena_new();
    VEC(int) heap = {0};
    VEC(int) in = {0};
    for (int i = 0; i < 1000; i++) {
        vec_push(&heap, i);
        vec_push_in(a, &in, i);
    }
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(heap.p[i], i);
        assert_int_equal(in.p[i], i);
    }
    vec_remove(&heap, 0);
    vec_remove(&heap, heap.n - 1);
    assert_int_equal(heap.n, 998);
    assert_int_equal(heap.p[0], 1);
    assert_int_equal(heap.p[997], 998);
    vec_done(&heap);
    assert_null(heap.p);
}

static void map_keeps_order(void **state)
{
    UNUSED(state);
    CLEAN(arena) struct arena *a = arena_new();
    struct map m;
    map_init(&m, a, MAP_CASE);
    static int values[1000];
    for (int i = 0; i < 1000; i++) {
        char key[16];
        int n = snprintf(key, sizeof key, "k%d", i);
        assert_true(map_set(&m, str_of(key, (size_t)n), &values[i]));
    }
    for (size_t i = 0; i < 1000; i++) {
        assert_ptr_equal(m.entries[i].value, &values[i]);
        assert_ptr_equal(map_get(&m, m.entries[i].key), &values[i]);
    }
    assert_false(map_set(&m, STR("k7"), NULL));
    assert_null(map_get(&m, STR("k7")));
    assert_non_null(map_find(&m, STR("k7")));
    assert_null(map_find(&m, STR("k1000")));
    assert_null(map_find(&m, STR("K7")));
    assert_null(map_find(&m, STR("")));
}

static void map_removes(void **state)
{
    UNUSED(state);
    CLEAN(arena) struct arena *a = arena_new();
    for (size_t size = 1; size < 40; size++) {
        struct map m;
        map_init(&m, a, MAP_CASE);
        for (size_t i = 0; i < size; i++)
            map_set_str(&m, arena_printf(a, "%zu", i), arena_printf(a, "v%zu", i));
        for (size_t i = 0; i < size; i += 2)
            assert_true(map_remove(&m, arena_printf(a, "%zu", i)));
        assert_false(map_remove(&m, STR("0")));
        assert_int_equal(m.n, size / 2);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(map_find(&m, arena_printf(a, "%zu", i)) != NULL, i % 2);
        if (size > 3)
            assert_string_equal(m.entries[1].key.p, "3");
        assert_true(map_set(&m, STR("0"), NULL));
        assert_string_equal(m.entries[m.n - 1].key.p, "0");
    }
}

static void map_folds_and_keeps_the_first_spelling(void **state)
{
    UNUSED(state);
    CLEAN(arena) struct arena *a = arena_new();
    for (int more = 0; more < 40; more += 39) {
        struct map m;
        map_init(&m, a, MAP_NOCASE);
        for (int i = 0; i < more; i++)
            map_set(&m, arena_printf(a, "other%d", i), NULL);
        size_t at = m.n;
        map_set_str(&m, STR("Path"), STR("one"));
        map_set_str(&m, STR("PATH"), STR("two"));
        assert_int_equal(m.n, at + 1);
        assert_string_equal(m.entries[at].key.p, "Path");
        assert_true(str_is(map_get_str(&m, STR("path")), "two"));
        assert_null(map_get_str(&m, STR("nope")).p);
        map_set_str(&m, STR("empty"), STR_NONE);
        assert_non_null(map_get_str(&m, STR("EMPTY")).p);
    }
}

/* Keys whose hashes share their low 16 bits land in one chain of slots; each is still found, and only it. */
static void map_survives_collisions(void **state)
{
    UNUSED(state);
    CLEAN(arena) struct arena *a = arena_new();
    struct map m;
    map_init(&m, a, MAP_CASE);
    struct strs keys = {0};
    for (unsigned i = 0; keys.n < 60; i++) {
        char key[16];
        int n = snprintf(key, sizeof key, "%u", i);
        uint64_t h = str_hash(str_of(key, (size_t)n), false);
        if (((h ^ h >> 32) & 0x3ff) == 0x3ff)
            vec_push_in(a, &keys, arena_cstr(a, key));
    }
    for (size_t i = 0; i < keys.n; i++)
        assert_true(map_set(&m, keys.p[i], &keys.p[i]));
    for (size_t i = 0; i < keys.n; i++)
        assert_ptr_equal(map_get(&m, keys.p[i]), &keys.p[i]);
    for (size_t i = 0; i < keys.n; i += 3)
        assert_true(map_remove(&m, keys.p[i]));
    for (size_t i = 0; i < keys.n; i++)
        assert_ptr_equal(map_get(&m, keys.p[i]), i % 3 ? &keys.p[i] : NULL);
}

static void err_says_what_and_where(void **state)
{
    UNUSED(state);
    struct err e = {0};
    assert_int_equal(err_set(&e, EINVAL, "bad %s", "thing"), -EINVAL);
    assert_int_equal(e.num, -EINVAL);
    assert_string_equal(e.text, "bad thing");
    assert_int_equal(err_wrap(&e, "in %s", "file"), -EINVAL);
    assert_string_equal(e.text, "in file: bad thing");
    assert_int_equal(err_sys(&e, -ENOENT, "x"), -ENOENT);
    assert_string_equal(e.text, "x: No such file or directory");
    assert_int_equal(err_set(&e, EIO, "again: %s", e.text), -EIO);
    assert_string_equal(e.text, "again: x: No such file or directory");
    assert_int_equal(err_set(&e, EIO, "two\nlines"), -EIO);
    assert_string_equal(e.text, "two lines");
    assert_int_equal(err_set(NULL, EIO, "x"), -EIO);
    assert_int_equal(err_sys(NULL, -EIO, "x"), -EIO);
    assert_int_equal(err_wrap(NULL, "x"), -EIO);
}

static void err_cuts_between_characters(void **state)
{
    UNUSED(state);
    struct err e = {0};
    for (int pad = 480; pad < 510; pad++) {
        err_set(&e, EIO, "%*s\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", pad, "");
        assert_true(strlen(e.text) < sizeof e.text);
        assert_int_equal(utf8_invalid(str_from(e.text)), -1);
        if (pad + 9 >= (int)sizeof e.text)
            assert_true(str_ends(str_from(e.text), STR("...")));
    }
    for (int i = 0; i < 400; i++)
        assert_int_equal(err_wrap(&e, "context %d", i), -EIO);
    assert_true(str_starts(str_from(e.text), STR("context 399: context 398: ")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heap_zeroes_and_copies),
        cmocka_unit_test(out_of_memory_ends_with_70),
        cmocka_unit_test(bug_aborts_and_says_where),
        cmocka_unit_test(arena_aligns_zeroes_and_counts),
        cmocka_unit_test(arena_formats),
        cmocka_unit_test(vec_grows),
        cmocka_unit_test(map_keeps_order),
        cmocka_unit_test(map_removes),
        cmocka_unit_test(map_folds_and_keeps_the_first_spelling),
        cmocka_unit_test(map_survives_collisions),
        cmocka_unit_test(err_says_what_and_where),
        cmocka_unit_test(err_cuts_between_characters),
    };
    return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}
