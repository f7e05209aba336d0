#include "core/base.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "room.h"
#include "sys/clock.h"
#include "sys/run.h"

#include <signal.h>

/* Runs a shell script; fails the test when it could not be run. */
static struct run_result sh(struct room *room, const char *script)
{
    struct err e = {0};
    struct run_result result;
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct run_spec spec = {.argv = argv};
    if (run_capture(room->a, &spec, &result, &e) < 0)
        fail_msg("%s", e.text);
    return result;
}

static void tells_output_and_status(void **state)
{
    struct room *room = *state;
    struct run_result r = sh(room, "echo out; echo err >&2; exit 7");
    assert_int_equal(r.status, 7);
    assert_string_equal(r.out.p, "out\n");
    assert_string_equal(r.err.p, "err\n");
    assert_int_equal(sh(room, "kill -KILL $$").status, 128 + SIGKILL);
    assert_int_equal(sh(room, ":").out.n, 0);
}

static void reads_both_outputs_at_once(void **state)
{
    struct run_result r = sh(*state, "i=0; while [ $i -lt 3000 ]; do echo $i-................................; "
                                     "echo $i-................................ >&2; i=$((i+1)); done");
    assert_int_equal(r.status, 0);
    assert_true(r.out.n > 100000);
    assert_int_equal(r.err.n, 64 << 10);
    assert_true(str_ends(r.out, STR("2999-................................\n")));
}

static void gives_the_input(void **state)
{
    struct room *room = *state;
    struct run_result result;
    CLEAN(free) char *large = mem_alloc(1 << 20);
    memset(large, 'x', 1 << 20);
    const char *const argv[] = {"cat", NULL};
    struct run_spec spec = {.argv = argv, .input = str_of(large, 1 << 20)};
    assert_int_equal(run_capture(room->a, &spec, &result, NULL), 0);
    assert_int_equal(result.out.n, 1 << 20);
    /* Who does not read its input does not hurt us. */
    const char *const deaf[] = {"true", NULL};
    spec.argv = deaf;
    assert_int_equal(run_capture(room->a, &spec, &result, NULL), 0);
    assert_int_equal(result.status, 0);
    assert_string_equal(sh(room, "cat; echo end").out.p, "end\n");
}

static void works_in_cwd_with_env(void **state)
{
    struct room *room = *state;
    struct run_result result;
    struct err e = {0};
    struct str real;
    const char *const argv[] = {"sh", "-c", "pwd -P; echo \"$ONE,$HOME\"", NULL}, *const env[] = {"ONE=1", NULL};
    struct run_spec spec = {.argv = argv, .cwd = room->dir, .env = env};
    assert_int_equal(run_capture(room->a, &spec, &result, &e), 0);
    path_real(room->a, room->dir, &real, NULL);
    assert_string_equal(result.out.p, arena_printf(room->a, "%s\n1,\n", real.p).p);
    spec.cwd = in_room(room, "none");
    assert_int_equal(run_capture(room->a, &spec, &result, &e), -ENOTDIR);
    assert_non_null(strstr(e.text, "there is no folder"));
}

static void tells_that_there_is_no_program(void **state)
{
    struct room *room = *state;
    struct run_result result = {.status = 42};
    struct err e = {0};
    const char *const argv[] = {"no-such-program-here", NULL}, *const path[] = {"/no/such/program", NULL};
    struct run_spec spec = {.argv = argv};
    assert_int_equal(run_capture(room->a, &spec, &result, &e), -ENOENT);
    assert_string_equal(e.text, "there is no program 'no-such-program-here' on PATH");
    spec.argv = path;
    assert_int_equal(run_capture(room->a, &spec, &result, &e), -ENOENT);
    assert_string_equal(e.text, "cannot run '/no/such/program': No such file or directory");
    assert_int_equal(result.status, 42);
}

static void ends_who_prints_too_much(void **state)
{
    struct room *room = *state;
    struct run_result result;
    struct err e = {0};
    const char *const argv[] = {"sh", "-c", "while :; do echo xxxxxxxxxxxxxxxx; done", NULL};
    struct run_spec spec = {.argv = argv, .max = 1000};
    assert_int_equal(run_capture(room->a, &spec, &result, &e), -EFBIG);
    assert_string_equal(e.text, "'sh' printed more than 1000 bytes");
    const char *const exact[] = {"printf", "%s", "0123456789", NULL};
    spec.argv = exact;
    spec.max = 10;
    assert_int_equal(run_capture(room->a, &spec, &result, &e), 0);
    assert_int_equal(result.out.n, 10);
}

static int timed(struct room *room, const char *script, int timeout_ms, struct err *e)
{
    struct run_result result;
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct run_spec spec = {.argv = argv, .timeout_ms = timeout_ms};
    return run_capture(room->a, &spec, &result, e);
}

/* Also with a child of its own in the pipe, and also when it does not care for TERM. */
static void ends_who_takes_too_long(void **state)
{
    struct room *room = *state;
    struct err e = {0};
    int64_t start = clock_mono_ns();
    assert_int_equal(timed(room, "sleep 100 | cat", 50, &e), -ETIMEDOUT);
    assert_string_equal(e.text, "'sh' did not end within 50 ms");
    assert_int_equal(timed(room, "trap '' TERM; while :; do sleep 100; done", 50, &e), -ETIMEDOUT);
    assert_true(clock_mono_ns() - start < INT64_C(30000000000));
    assert_int_equal(timed(room, "exit 0", 60000, &e), 0);
}

/* A daemon that keeps the pipes open does not keep us; it ends when the test's fifo has a reader. */
/* Also who does not hear TERM. */
static void ends_whom_nobody_waits_for(void **state)
{
    struct room *room = *state;
    struct err e = {0};
    struct run_result result;
    const char *script = "trap '' TERM; while :; do sleep 60; done";
    const char *const argv[] = {"sh", "-c", script, NULL};
    int gone[2];
    assert_int_equal(pipe2(gone, O_CLOEXEC), 0);
    struct run_spec spec = {.argv = argv, .stop = &gone[0]};
    fd_close(&gone[1]);
    int64_t since = clock_mono_ns();
    assert_int_equal(run_capture(room->a, &spec, &result, &e), -ECANCELED);
    assert_string_equal(e.text, "'sh' was stopped");
    assert_true(clock_mono_ns() - since < 20 * (int64_t)1000000000);
    fd_close(&gone[0]);
    /* Who ends by himself is not disturbed. */
    assert_int_equal(pipe2(gone, O_CLOEXEC), 0);
    const char *const good[] = {"true", NULL};
    spec.argv = good;
    assert_int_equal(run_capture(room->a, &spec, &result, &e), 0);
    fd_close(&gone[0]);
    fd_close(&gone[1]);
}

static void does_not_wait_for_daemons(void **state)
{
    struct room *room = *state;
    assert_int_equal(mkfifo(in_room(room, "gate"), 0600), 0);
    const char *script = arena_printf(room->a, "(echo x > %s) & echo done", in_room(room, "gate")).p;
    assert_string_equal(sh(room, script).out.p, "done\n");
    CLEAN(fd) int fd = open(in_room(room, "gate"), O_RDONLY | O_CLOEXEC);
    char word[2];
    assert_int_equal(read(fd, word, 2), 2);
}

/* The child sees usual signals although we block some and ignore SIGPIPE. */
static void starts_with_usual_signals(void **state)
{
    struct room *room = *state;
    sigset_t all, before;
    sigfillset(&all);
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_BLOCK, &all, &before);
    struct run_result r = sh(room, "grep -E '^Sig(Blk|Ign)' /proc/self/status");
    sigprocmask(SIG_SETMASK, &before, NULL);
    signal(SIGPIPE, SIG_DFL);
    struct str rest = r.out, line = STR_NONE, blocked = STR_NONE, ignored = STR_NONE;
    assert_true(str_next(&rest, '\n', &line) && str_cut(line, '\t', &line, &blocked));
    assert_true(str_next(&rest, '\n', &line) && str_cut(line, '\t', &line, &ignored));
    assert_string_equal(arena_str(room->a, blocked).p, "0000000000000000");
    assert_int_equal(strtoull(arena_str(room->a, ignored).p, NULL, 16) & 1u << (SIGPIPE - 1), 0);
}

static void leaks_no_descriptor(void **state)
{
    struct room *room = *state;
    struct strs before = {0}, after = {0};
    assert_int_equal(dir_list(room->a, "/proc/self/fd", &before, NULL), 0);
    put(room, "f", "");
    CLEAN(fd) int ours = -1;
    assert_int_equal(file_lock(in_room(room, "f"), true, &ours, NULL), 0);
    const char *script = "ls /proc/$$/fd | while read n; do [ $n -lt 3 ] || readlink /proc/$$/fd/$n; done; :";
    assert_null(strstr(sh(room, script).out.p, room->dir));
    sh(room, "exit 1");
    fd_close(&ours);
    assert_int_equal(dir_list(room->a, "/proc/self/fd", &after, NULL), 0);
    assert_int_equal(before.n, after.n);
}

static int without_standard_descriptors(struct room *room)
{
    struct run_result result;
    const char *const argv[] = {"sh", "-c", "cat; echo out; echo err >&2", NULL};
    struct run_spec spec = {.argv = argv, .input = STR("in ")};
    close(0);
    close(1);
    close(2);
    if (run_capture(room->a, &spec, &result, NULL) < 0)
        return 1;
    return str_is(result.out, "in out\n") && str_is(result.err, "err\n") ? 0 : 2;
}

static void works_without_standard_descriptors(void **state)
{
    assert_int_equal(in_child(without_standard_descriptors, *state), 0);
}

static void line_trims_or_tells(void **state)
{
    struct room *room = *state;
    struct str line = STR("untouched");
    struct err e = {0};
    const char *const good[] = {"printf", " a b \n\n", NULL}, *const quiet[] = {"false", NULL},
                      *const loud[] = {"sh", "-c", "echo; echo first >&2; echo second >&2; exit 3", NULL};
    assert_int_equal(run_line(room->a, quiet, NULL, &line, &e), -EIO);
    assert_string_equal(e.text, "'false' failed with status 1");
    assert_int_equal(run_line(room->a, loud, NULL, &line, &e), -EIO);
    assert_string_equal(e.text, "sh: first");
    assert_true(str_is(line, "untouched"));
    assert_int_equal(run_line(room->a, good, NULL, &line, &e), 0);
    assert_string_equal(line.p, "a b");
}

static void find_looks_along_the_list(void **state)
{
    struct room *room = *state;
    struct str found = STR("untouched");
    folder(room, "one");
    folder(room, "two/tool");
    folder(room, "three");
    put(room, "one/tool", "");
    put(room, "three/tool", "");
    chmod(in_room(room, "three/tool"), 0755);
    const char *list = arena_printf(room->a, ":rel:%s/one:%s/two:%s/three", room->dir, room->dir, room->dir).p;
    assert_true(run_find(room->a, "tool", list, &found));
    assert_string_equal(found.p, in_room(room, "three/tool"));
    assert_false(run_find(room->a, "tool", "", &found));
    assert_false(run_find(room->a, "", list, &found));
    assert_false(run_find(room->a, "nope", list, &found));
    assert_true(run_find(room->a, "sh", NULL, &found));
    assert_true(path_is_abs(found));
    assert_true(run_find(room->a, in_room(room, "three/tool"), NULL, &found));
    assert_false(run_find(room->a, in_room(room, "one/tool"), NULL, &found));
}

#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, room_open, room_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ROOM(tells_output_and_status),
        IN_ROOM(reads_both_outputs_at_once),
        IN_ROOM(gives_the_input),
        IN_ROOM(works_in_cwd_with_env),
        IN_ROOM(tells_that_there_is_no_program),
        IN_ROOM(ends_who_prints_too_much),
        IN_ROOM(ends_who_takes_too_long),
        IN_ROOM(ends_whom_nobody_waits_for),
        IN_ROOM(does_not_wait_for_daemons),
        IN_ROOM(starts_with_usual_signals),
        IN_ROOM(leaks_no_descriptor),
        IN_ROOM(works_without_standard_descriptors),
        IN_ROOM(line_trims_or_tells),
        IN_ROOM(find_looks_along_the_list),
    };
    return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
