#include "core/base.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "room.h"

#include <signal.h>
#include <sys/resource.h>

static void write_then_read(void **state)
{
    struct room *room = *state;
    put(room, "a", "one");
    assert_string_equal(get(room, "a"), "one");
    put(room, "a", "two");
    assert_string_equal(get(room, "a"), "two");
    put(room, "empty", "");
    assert_string_equal(get(room, "empty"), "");
    struct strs names = {0};
    assert_int_equal(dir_list(room->a, room->dir, &names, NULL), 0);
    assert_int_equal(names.n, 2);
    assert_string_equal(names.p[0].p, "a");
    assert_string_equal(names.p[1].p, "empty");
}

static void write_minds_the_umask(void **state)
{
    struct room *room = *state;
    mode_t old = umask(027);
    put(room, "a", "x");
    umask(old);
    assert_int_equal(mode_of(room, "a"), 0640);
    assert_int_equal(file_write(in_room(room, "run"), STR("#!"), 0755, NULL), 0);
    assert_int_equal(mode_of(room, "run"), 0755 & ~old);
}

static void write_replaces_a_link(void **state)
{
    struct room *room = *state;
    put(room, "target", "kept");
    assert_int_equal(symlink("target", in_room(room, "link")), 0);
    put(room, "link", "new");
    assert_string_equal(get(room, "target"), "kept");
    assert_string_equal(get(room, "link"), "new");
}

static void write_names_what_failed(void **state)
{
    struct room *room = *state;
    struct err e = {0};
    const char *path = in_room(room, "no/such");
    assert_int_equal(file_write(path, STR("x"), 0644, &e), -ENOENT);
    assert_non_null(strstr(e.text, path));
    folder(room, "dir");
    assert_int_equal(file_write(in_room(room, "dir"), STR("x"), 0644, &e), -EISDIR);
    struct strs names = {0};
    dir_list(room->a, room->dir, &names, NULL);
    assert_int_equal(names.n, 1);
}

/* 300 KB do not fit: the error says so, the old text stays and nothing is left beside it. */
static int fill_disk(struct room *room)
{
    if (!mount_small(room, room->dir))
        return NOT_POSSIBLE;
    static char large[300000];
    memset(large, 'x', sizeof large);
    struct err e = {0};
    struct str text = STR_NONE;
    if (file_write(in_room(room, "a"), STR("old"), 0644, &e) < 0)
        return 4;
    if (file_write(in_room(room, "a"), str_of(large, sizeof large), 0644, &e) != -ENOSPC)
        return 1;
    file_read(room->a, in_room(room, "a"), 10, &text, NULL);
    if (!strstr(e.text, "No space left") || !str_is(text, "old"))
        return 2;
    struct strs names = {0};
    dir_list(room->a, room->dir, &names, NULL);
    return names.n == 1 ? 0 : 3;
}

static void write_reports_a_full_disk(void **state)
{
    struct err e = {0};
    int r = in_child(fill_disk, *state);
    CLEAN(fd) int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    if (full >= 0) {
        assert_int_equal(fd_write(full, STR("x"), &e), -ENOSPC);
        assert_string_equal(e.text, "cannot write: No space left on device");
    }
    if (r == NOT_POSSIBLE)
        skip();
    assert_int_equal(r, 0);
}

static int pass_the_limit(struct room *room)
{
    struct rlimit limit = {1000, 1000};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    static char large[5000];
    if (file_write(in_room(room, "a"), str_of(large, sizeof large), 0644, NULL) != -EFBIG)
        return 1;
    struct strs names = {0};
    dir_list(room->a, room->dir, &names, NULL);
    return names.n ? 2 : 0;
}

static void write_leaves_nothing_behind(void **state)
{
    assert_int_equal(in_child(pass_the_limit, *state), 0);
}

static void read_keeps_its_ceiling(void **state)
{
    struct room *room = *state;
    struct str text = STR("untouched");
    struct err e = {0};
    put(room, "ten", "0123456789");
    assert_int_equal(file_read(room->a, in_room(room, "ten"), 9, &text, &e), -EFBIG);
    assert_true(str_is(text, "untouched"));
    assert_non_null(strstr(e.text, "larger than 9 bytes"));
    assert_int_equal(file_read(room->a, in_room(room, "ten"), 10, &text, &e), 0);
    assert_int_equal(text.n, 10);
    assert_int_equal(file_read(room->a, in_room(room, "ten"), SIZE_MAX, &text, &e), 0);
    /* A file of /proc says that its size is 0. */
    assert_int_equal(file_read(room->a, "/proc/self/status", 10, &text, &e), -EFBIG);
    assert_int_equal(file_read(room->a, "/proc/self/status", BUF_TEXT, &text, &e), 0);
    assert_true(str_starts(text, STR("Name:")));
}

static void read_refuses_what_is_no_file(void **state)
{
    struct room *room = *state;
    struct str text;
    struct err e = {0};
    assert_int_equal(file_read(room->a, room->dir, 10, &text, &e), -EISDIR);
    assert_int_equal(mkfifo(in_room(room, "pipe"), 0600), 0);
    assert_int_equal(file_read(room->a, in_room(room, "pipe"), 10, &text, &e), -EINVAL);
    assert_int_equal(file_read(room->a, "/dev/zero", 10, &text, &e), -EINVAL);
    assert_int_equal(file_read(room->a, in_room(room, "none"), 10, &text, &e), -ENOENT);
    assert_non_null(strstr(e.text, "none"));
}

static void read_at_starts_in_its_folder(void **state)
{
    struct room *room = *state;
    struct str text;
    put(room, "a", "here");
    CLEAN(fd) int dir = open(room->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(file_read_at(room->a, dir, "a", 10, &text, NULL), 0);
    assert_true(str_is(text, "here"));
}

static void folders_are_made_with_their_parents(void **state)
{
    struct room *room = *state;
    struct err e = {0};
    assert_int_equal(dir_make(in_room(room, "a/b//c/"), 0700, &e), 0);
    assert_true(path_is_dir(in_room(room, "a/b/c")));
    assert_int_equal(dir_make(in_room(room, "a/b/c"), 0700, &e), 0);
    assert_int_equal(dir_make("/", 0700, &e), 0);
    put(room, "file", "");
    assert_int_equal(dir_make(in_room(room, "file"), 0700, &e), -ENOTDIR);
    assert_int_equal(dir_make(in_room(room, "file/x"), 0700, &e), -ENOTDIR);
    assert_non_null(strstr(e.text, "file/x"));
}

static void paths_are_told(void **state)
{
    struct room *room = *state;
    put(room, "file", "");
    assert_int_equal(symlink("nowhere", in_room(room, "dangling")), 0);
    assert_int_equal(symlink(".", in_room(room, "here")), 0);
    assert_true(path_exists(in_room(room, "file")));
    assert_true(path_exists(in_room(room, "dangling")));
    assert_false(path_exists(in_room(room, "none")));
    assert_false(path_is_dir(in_room(room, "file")));
    assert_true(path_is_dir(in_room(room, "here")));
    struct str real, want;
    struct err e = {0};
    assert_int_equal(path_real(room->a, in_room(room, "here/./file"), &real, &e), 0);
    assert_int_equal(path_real(room->a, room->dir, &want, &e), 0);
    assert_true(str_eq(path_dir(real), want));
    assert_int_equal(path_real(room->a, in_room(room, "dangling"), &real, &e), -ENOENT);
}

static int try_lock(struct room *room)
{
    int fd = -1;
    struct err e = {0};
    int r = file_lock(in_room(room, "lock"), false, &fd, &e);
    return r == -EWOULDBLOCK && strstr(e.text, "locked by another process") ? 1 : r == 0 ? 0 : 2;
}

static void lock_keeps_others_out(void **state)
{
    struct room *room = *state;
    CLEAN(fd) int fd = -1;
    int second = -1;
    assert_int_equal(file_lock(in_room(room, "lock"), true, &fd, NULL), 0);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(file_lock(in_room(room, "lock"), false, &second, NULL), -EWOULDBLOCK);
    assert_int_equal(second, -1);
    assert_int_equal(in_child(try_lock, room), 1);
    fd_close(&fd);
    assert_int_equal(in_child(try_lock, room), 0);
}

static void write_goes_on_when_a_pipe_is_full(void **state)
{
    UNUSED(state);
    int ends[2];
    assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        char piece[999];
        size_t total = 0;
        close(ends[1]);
        fcntl(ends[0], F_SETFL, 0);
        for (ssize_t n; (n = read(ends[0], piece, sizeof piece)) > 0;)
            total += (size_t)n;
        _exit(total == 300000 ? 0 : 1);
    }
    fd_close(&ends[0]);
    CLEAN(free) char *large = mem_alloc(300000);
    assert_int_equal(fd_write(ends[1], str_of(large, 300000), NULL), 0);
    fd_close(&ends[1]);
    int status = 0;
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
    fd_close(&ends[1]);
}

static void disks_have_room(void **state)
{
    struct room *room = *state;
    uint64_t bytes = 0;
    struct err e = {0};
    assert_int_equal(disk_free(room->dir, &bytes, &e), 0);
    assert_true(bytes > 0);
    assert_int_equal(disk_free(in_room(room, "none"), &bytes, &e), -ENOENT);
}

#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, room_open, room_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ROOM(write_then_read),
        IN_ROOM(write_minds_the_umask),
        IN_ROOM(write_replaces_a_link),
        IN_ROOM(write_names_what_failed),
        IN_ROOM(write_reports_a_full_disk),
        IN_ROOM(write_leaves_nothing_behind),
        IN_ROOM(read_keeps_its_ceiling),
        IN_ROOM(read_refuses_what_is_no_file),
        IN_ROOM(read_at_starts_in_its_folder),
        IN_ROOM(folders_are_made_with_their_parents),
        IN_ROOM(paths_are_told),
        IN_ROOM(lock_keeps_others_out),
        IN_ROOM(write_goes_on_when_a_pipe_is_full),
        IN_ROOM(disks_have_room),
    };
    return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
