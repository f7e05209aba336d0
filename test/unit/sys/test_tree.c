#include "core/base.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "room.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Folders below each other: a path longer than PATH_MAX, and more of them than a walk keeps open. */
#define DEEP 200
#define STEP "one-of-many-folders-that-lie-below-each-other"

static void tie(struct room *room, const char *target, const char *name)
{
    assert_int_equal(symlink(target, in_room(room, name)), 0);
}

static const char *tied(struct room *room, const char *name)
{
    char target[256] = {0};
    assert_true(readlink(in_room(room, name), target, sizeof target - 1) >= 0);
    return arena_cstr(room->a, target).p;
}

/* A tree of `depth` folders, each in the one before; longer than PATH_MAX when depth is large. */
static void dig(struct room *room, const char *name, int depth)
{
    folder(room, name);
    CLEAN(fd) int fd = open(in_room(room, name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < depth; i++) {
        assert_int_equal(mkdirat(fd, STEP, 0755), 0);
        int next = openat(fd, STEP, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(next >= 0);
        fd_close(&fd);
        fd = next;
    }
    CLEAN(fd) int file = openat(fd, "bottom", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    assert_true(file >= 0);
}

static void remove_takes_all(void **state)
{
    struct room *room = *state;
    struct err e = {0};
    folder(room, "t/a/b");
    folder(room, "t/c");
    put(room, "t/a/x", "1");
    put(room, "t/a/b/y", "2");
    put(room, "keep", "me");
    folder(room, "outside");
    put(room, "outside/f", "safe");
    tie(room, "../outside", "t/link");
    tie(room, "../../keep", "t/a/link");
    assert_int_equal(mkfifo(in_room(room, "t/pipe"), 0600), 0);
    assert_int_equal(tree_remove(in_room(room, "t/"), &e), 0);
    assert_false(path_exists(in_room(room, "t")));
    assert_string_equal(get(room, "outside/f"), "safe");
    assert_string_equal(get(room, "keep"), "me");
    assert_int_equal(tree_remove(in_room(room, "t"), &e), 0);
}

static void remove_takes_a_link_and_not_its_target(void **state)
{
    struct room *room = *state;
    folder(room, "real");
    put(room, "real/f", "safe");
    tie(room, "real", "link");
    assert_int_equal(tree_remove(in_room(room, "link"), NULL), 0);
    assert_false(path_exists(in_room(room, "link")));
    assert_string_equal(get(room, "real/f"), "safe");
    assert_int_equal(tree_remove(in_room(room, "real/f"), NULL), 0);
    assert_false(path_exists(in_room(room, "real/f")));
}

static void remove_refuses_what_is_no_entry(void **state)
{
    struct room *room = *state;
    struct err e = {0};
    assert_int_equal(tree_remove("/", &e), -EINVAL);
    assert_int_equal(tree_remove("", &e), -EINVAL);
    assert_int_equal(tree_remove(".", &e), -EINVAL);
    assert_int_equal(tree_remove("//", &e), -EINVAL);
    assert_int_equal(tree_remove(in_room(room, ".."), &e), -EINVAL);
    assert_non_null(strstr(e.text, ".."));
}

static void remove_goes_deeper_than_paths_and_descriptors(void **state)
{
    struct room *room = *state;
    struct err e = {0};
    struct rlimit limit, small;
    dig(room, "deep", DEEP);
    getrlimit(RLIMIT_NOFILE, &limit);
    small = limit;
    small.rlim_cur = 100;
    setrlimit(RLIMIT_NOFILE, &small);
    int r = tree_remove(in_room(room, "deep"), &e);
    setrlimit(RLIMIT_NOFILE, &limit);
    assert_string_equal(e.text, "");
    assert_int_equal(r, 0);
    assert_false(path_exists(in_room(room, "deep")));
}

static void remove_takes_many(void **state)
{
    struct room *room = *state;
    for (int i = 0; i < 300; i++) {
        folder(room, arena_printf(room->a, "many/d%d/e", i).p);
        put(room, arena_printf(room->a, "many/f%d", i).p, "");
    }
    assert_int_equal(tree_remove(in_room(room, "many"), NULL), 0);
    assert_false(path_exists(in_room(room, "many")));
}

static int remove_closed(struct room *room)
{
    struct err e = {0};
    if (!become_nobody())
        return NOT_POSSIBLE;
    int r = tree_remove(in_room(room, "open/t"), &e);
    if (r < 0)
        print_error("%s\n", e.text);
    return r < 0 ? 1 : path_exists(in_room(room, "open/t")) ? 2 : 0;
}

static int remove_not_ours(struct room *room)
{
    struct err e = {0};
    if (geteuid() != 0 || !become_nobody())
        return NOT_POSSIBLE;
    int r = tree_remove(in_room(room, "foreign"), &e);
    return r == -EACCES && strstr(e.text, "/foreign/a/f': Permission denied") ? 0 : 1;
}

static void give_away(struct room *room, const char *name, mode_t mode)
{
    if (geteuid() == 0)
        assert_int_equal(chown(in_room(room, name), 65534, 65534), 0);
    assert_int_equal(chmod(in_room(room, name), mode), 0);
}

static void remove_opens_closed_folders(void **state)
{
    struct room *room = *state;
    folder(room, "open/t/a/b");
    put(room, "open/t/a/f", "");
    give_away(room, "open/t/a/b", 0);
    give_away(room, "open/t/a/f", 0);
    give_away(room, "open/t/a", 0500);
    give_away(room, "open/t", 0);
    give_away(room, "open", 0700);
    assert_int_equal(chmod(room->dir, 0755), 0);
    int r = in_child(remove_closed, room);
    if (r == NOT_POSSIBLE)
        skip();
    assert_int_equal(r, 0);
}

static void remove_says_what_it_could_not(void **state)
{
    struct room *room = *state;
    folder(room, "foreign/a");
    put(room, "foreign/a/f", "");
    assert_int_equal(chmod(room->dir, 0755), 0);
    int r = in_child(remove_not_ours, room);
    if (r == NOT_POSSIBLE)
        skip();
    assert_int_equal(r, 0);
}

static int remove_mounted(struct room *room)
{
    struct err e = {0};
    if (!mount_small(room, in_room(room, "t/a/m")))
        return NOT_POSSIBLE;
    if (file_write(in_room(room, "t/a/m/kept"), STR("safe"), 0644, &e) < 0)
        return 3;
    if (tree_remove(in_room(room, "t"), &e) != -EXDEV || !strstr(e.text, "/t/a/m'"))
        return 1;
    return path_exists(in_room(room, "t/a/m/kept")) ? 0 : 2;
}

static void remove_stays_in_its_file_system(void **state)
{
    struct room *room = *state;
    folder(room, "t/a/m");
    int r = in_child(remove_mounted, room);
    if (r == NOT_POSSIBLE)
        skip();
    assert_int_equal(r, 0);
}

static void copy_keeps_all(void **state)
{
    struct room *room = *state;
    struct err e = {0};
    struct timespec old[2] = {{1000000000, 123456789}, {1100000000, 987654321}};
    struct stat st;
    folder(room, "t/a/b");
    put(room, "t/a/x", "text");
    put(room, "t/run", "#!/bin/sh\n");
    put(room, "t/empty", "");
    chmod(in_room(room, "t/run"), 04751);
    chmod(in_room(room, "t/a/b"), 0555);
    tie(room, "../nowhere", "t/a/dangling");
    tie(room, "/etc", "t/etc");
    assert_int_equal(mkfifo(in_room(room, "t/pipe"), 0640), 0);
    assert_int_equal(utimensat(AT_FDCWD, in_room(room, "t/run"), old, 0), 0);
    assert_int_equal(utimensat(AT_FDCWD, in_room(room, "t/etc"), old, AT_SYMLINK_NOFOLLOW), 0);
    assert_int_equal(utimensat(AT_FDCWD, in_room(room, "t/a"), old, 0), 0);
    assert_int_equal(tree_copy(in_room(room, "t"), in_room(room, "u"), &e), 0);
    assert_string_equal(get(room, "u/a/x"), "text");
    assert_string_equal(get(room, "u/run"), "#!/bin/sh\n");
    assert_string_equal(get(room, "u/empty"), "");
    assert_string_equal(tied(room, "u/a/dangling"), "../nowhere");
    assert_string_equal(tied(room, "u/etc"), "/etc");
    assert_int_equal(mode_of(room, "u/run"), 04751);
    assert_int_equal(mode_of(room, "u/a/b"), 0555);
    assert_int_equal(mode_of(room, "u/pipe"), 0640);
    static const char *const dated[] = {"u/run", "u/etc", "u/a"};
    for (size_t i = 0; i < ARRAY_LEN(dated); i++) {
        assert_int_equal(lstat(in_room(room, dated[i]), &st), 0);
        assert_int_equal(st.st_mtim.tv_sec, 1100000000);
        assert_int_equal(st.st_mtim.tv_nsec, 987654321);
    }
}

static void copy_keeps_hard_links(void **state)
{
    struct room *room = *state;
    struct stat one, two, other;
    folder(room, "t/a");
    put(room, "t/a/one", "shared");
    assert_int_equal(link(in_room(room, "t/a/one"), in_room(room, "t/two")), 0);
    assert_int_equal(link(in_room(room, "t/a/one"), in_room(room, "outside")), 0);
    assert_int_equal(tree_copy(in_room(room, "t"), in_room(room, "u"), NULL), 0);
    assert_int_equal(stat(in_room(room, "u/a/one"), &one), 0);
    assert_int_equal(stat(in_room(room, "u/two"), &two), 0);
    assert_int_equal(stat(in_room(room, "outside"), &other), 0);
    assert_true(one.st_ino == two.st_ino && one.st_ino != other.st_ino);
    assert_int_equal(one.st_nlink, 2);
    assert_string_equal(get(room, "u/two"), "shared");
}

static void copy_keeps_holes_and_large_data(void **state)
{
    struct room *room = *state;
    struct stat st;
    folder(room, "t");
    {
        CLEAN(fd) int fd = open(in_room(room, "t/sparse"), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        assert_int_equal(pwrite(fd, "middle", 6, 64 << 20), 6);
        assert_int_equal(ftruncate(fd, 128 << 20), 0);
    }
    CLEAN(free) char *large = mem_alloc(1 << 20);
    for (size_t i = 0; i < 1 << 20; i++)
        large[i] = (char)(i * 2654435761u >> 13);
    assert_int_equal(file_write(in_room(room, "t/large"), str_of(large, 1 << 20), 0644, NULL), 0);
    assert_int_equal(tree_copy(in_room(room, "t"), in_room(room, "u"), NULL), 0);
    struct str text;
    assert_int_equal(file_read(room->a, in_room(room, "u/large"), 2 << 20, &text, NULL), 0);
    assert_int_equal(text.n, 1 << 20);
    assert_memory_equal(text.p, large, 1 << 20);
    CLEAN(fd) int fd = open(in_room(room, "u/sparse"), O_RDONLY | O_CLOEXEC);
    char word[6];
    assert_int_equal(pread(fd, word, 6, 64 << 20), 6);
    assert_memory_equal(word, "middle", 6);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_size, 128 << 20);
    assert_true(st.st_blocks < 4096);
}

static void copy_passes_sockets_over(void **state)
{
    struct room *room = *state;
    folder(room, "t");
    put(room, "t/f", "x");
    CLEAN(fd) int dir = open(in_room(room, "t"), O_PATH | O_DIRECTORY | O_CLOEXEC);
    CLEAN(fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(name.sun_path, sizeof name.sun_path, "/proc/self/fd/%d/socket", dir);
    assert_int_equal(bind(fd, (const struct sockaddr *)&name, sizeof name), 0);
    assert_int_equal(tree_copy(in_room(room, "t"), in_room(room, "u"), NULL), 0);
    assert_string_equal(get(room, "u/f"), "x");
    assert_false(path_exists(in_room(room, "u/socket")));
}

static void copy_takes_one_file_or_link(void **state)
{
    struct room *room = *state;
    struct err e = {0};
    put(room, "f", "x");
    tie(room, "f", "link");
    assert_int_equal(tree_copy(in_room(room, "f"), in_room(room, "g"), &e), 0);
    assert_string_equal(get(room, "g"), "x");
    assert_int_equal(tree_copy(in_room(room, "link"), in_room(room, "link2"), &e), 0);
    assert_string_equal(tied(room, "link2"), "f");
    assert_int_equal(tree_copy(in_room(room, "f"), in_room(room, "g"), &e), -EEXIST);
    assert_int_equal(tree_copy(in_room(room, "none"), in_room(room, "h"), &e), -ENOENT);
}

static void copy_refuses_what_is_there_and_itself(void **state)
{
    struct room *room = *state;
    struct err e = {0};
    folder(room, "t/a");
    folder(room, "u");
    put(room, "u/mine", "safe");
    assert_int_equal(tree_copy(in_room(room, "t"), in_room(room, "u"), &e), -EEXIST);
    assert_string_equal(get(room, "u/mine"), "safe");
    assert_int_equal(tree_copy(in_room(room, "t"), in_room(room, "t/a/b"), &e), -EINVAL);
    assert_non_null(strstr(e.text, "into itself"));
    assert_false(path_exists(in_room(room, "t/a/b")));
}

static void copy_goes_deep(void **state)
{
    struct room *room = *state;
    struct err e = {0};
    dig(room, "deep", DEEP);
    int r = tree_copy(in_room(room, "deep"), in_room(room, "copy"), &e);
    assert_string_equal(e.text, "");
    assert_int_equal(r, 0);
    int fd = open(in_room(room, "copy"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < DEEP; i++) {
        int next = openat(fd, STEP, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        fd_close(&fd);
        fd = next;
    }
    assert_int_equal(faccessat(fd, "bottom", F_OK, 0), 0);
    fd_close(&fd);
}

static int copy_unreadable(struct room *room)
{
    struct err e = {0};
    if (!become_nobody())
        return NOT_POSSIBLE;
    if (tree_copy(in_room(room, "t"), in_room(room, "u"), &e) != -EACCES)
        return 1;
    return path_exists(in_room(room, "u")) ? 2 : strstr(e.text, "/t/secret'") ? 0 : 3;
}

static void copy_removes_what_it_began(void **state)
{
    struct room *room = *state;
    folder(room, "t");
    put(room, "t/a", "x");
    put(room, "t/secret", "x");
    chmod(in_room(room, "t/secret"), 0);
    assert_int_equal(chmod(room->dir, 0777), 0);
    int r = in_child(copy_unreadable, room);
    if (r == NOT_POSSIBLE)
        skip();
    assert_int_equal(r, 0);
}

static int copy_listed(struct room *room, const char *const *names, size_t n, struct err *e)
{
    struct strs list = {0};
    for (size_t i = 0; i < n; i++)
        vec_push_in(room->a, &list, arena_cstr(room->a, names[i]));
    return tree_copy_listed(in_room(room, "t"), in_room(room, "u"), list.p, list.n, e);
}

static void merge_puts_over_what_is_there(void **state)
{
    struct room *room = *state;
    struct err e = {0};
    folder(room, "from/d/deep");
    put(room, "from/d/f", "new");
    put(room, "from/d/deep/g", "g");
    put(room, "from/was-link", "real");
    folder(room, "from/was-file");
    folder(room, "to/d");
    put(room, "to/d/f", "old");
    put(room, "to/d/own", "own");
    put(room, "to/target", "untouched");
    put(room, "to/was-file", "");
    tie(room, "target", "to/was-link");
    if (tree_merge(in_room(room, "from"), in_room(room, "to"), &e) < 0)
        fail_msg("%s", e.text);
    assert_string_equal(get(room, "to/d/f"), "new");
    assert_string_equal(get(room, "to/d/own"), "own");
    assert_string_equal(get(room, "to/d/deep/g"), "g");
    assert_string_equal(get(room, "to/was-link"), "real");
    assert_string_equal(get(room, "to/target"), "untouched");
    assert_true(path_is_dir(in_room(room, "to/was-file")));
    assert_int_equal(tree_merge(in_room(room, "from/d/f"), in_room(room, "to/d/own"), &e), 0);
    assert_string_equal(get(room, "to/d/own"), "new");
    assert_int_equal(tree_merge(in_room(room, "from/d/f"), in_room(room, "to/d"), &e), -EISDIR);
    assert_string_equal(get(room, "to/d/f"), "new");
}

static void listed_copies_only_what_is_named(void **state)
{
    struct room *room = *state;
    struct err e = {0};
    folder(room, "t/a/b");
    folder(room, "t/whole/in");
    put(room, "t/a/b/f", "1");
    put(room, "t/a/b/not", "2");
    put(room, "t/top", "3");
    put(room, "t/not", "4");
    put(room, "t/whole/x", "5");
    put(room, "t/whole/in/y", "6");
    tie(room, "top", "t/link");
    chmod(in_room(room, "t/a"), 0750);
    static const char *const names[] = {"a/b/f", "top",       "link",    "whole/x", "whole",
                                        "top",   "gone/file", "./a/b/f", "absent",  "top/below"};
    int r = copy_listed(room, names, ARRAY_LEN(names), &e);
    assert_string_equal(e.text, "");
    assert_int_equal(r, 0);
    assert_string_equal(get(room, "u/a/b/f"), "1");
    assert_string_equal(get(room, "u/top"), "3");
    assert_string_equal(get(room, "u/whole/x"), "5");
    assert_string_equal(get(room, "u/whole/in/y"), "6");
    assert_string_equal(tied(room, "u/link"), "top");
    assert_int_equal(mode_of(room, "u/a"), 0750);
    assert_false(path_exists(in_room(room, "u/not")));
    assert_false(path_exists(in_room(room, "u/a/b/not")));
    assert_false(path_exists(in_room(room, "u/gone")));
    static const char *const more[] = {"not"};
    assert_int_equal(copy_listed(room, more, 1, &e), 0);
    assert_string_equal(get(room, "u/not"), "4");
}

static void listed_never_leaves(void **state)
{
    struct room *room = *state;
    struct err e = {0};
    folder(room, "t");
    folder(room, "outside");
    put(room, "outside/f", "secret");
    tie(room, "../outside", "t/way");
    static const char *const behind[] = {"way/f"};
    assert_int_equal(copy_listed(room, behind, 1, &e), 0);
    assert_false(path_exists(in_room(room, "u/way")));
    static const char *const bad[] = {"../outside/f", "/etc/passwd", "", ".", "a/../../outside/f", "a/.."};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(copy_listed(room, &bad[i], 1, &e), -EINVAL);
    /* A link that waits in the target is not followed either. */
    folder(room, "t/sub");
    put(room, "t/sub/f", "x");
    tie(room, "../outside", "u/sub");
    static const char *const trap[] = {"sub/f"};
    assert_int_equal(copy_listed(room, trap, 1, &e), -ENOTDIR);
    assert_string_equal(get(room, "outside/f"), "secret");
}

struct seen {
    struct buf b;
    const char *skip, *stop;
};

static int see(void *ctx, struct str rel, const struct stat *st)
{
    struct seen *s = ctx;
    buf_printf(&s->b, "%.*s%s ", STR_ARG(rel), S_ISDIR(st->st_mode) ? "/" : S_ISLNK(st->st_mode) ? "@" : "");
    if (s->stop && str_is(rel, s->stop))
        return -ECANCELED;
    return s->skip && str_is(rel, s->skip);
}

static void walk_tells_in_order(void **state)
{
    struct room *room = *state;
    struct err e = {0};
    folder(room, "t/b/z");
    folder(room, "t/a");
    put(room, "t/b/y", "");
    put(room, "t/b/z/deep", "");
    put(room, "t/a.txt", "");
    put(room, "t/B", "");
    tie(room, "b", "t/link");
    struct seen s = {.b = BUF(BUF_LINE)};
    assert_int_equal(tree_walk(in_room(room, "t"), see, &s, &e), 0);
    assert_string_equal(buf_cstr(&s.b), "B a/ a.txt b/ b/y b/z/ b/z/deep link@ ");
    buf_clear(&s.b);
    s.skip = "b/z";
    assert_int_equal(tree_walk(in_room(room, "t"), see, &s, &e), 0);
    assert_string_equal(buf_cstr(&s.b), "B a/ a.txt b/ b/y b/z/ link@ ");
    buf_clear(&s.b);
    s.stop = "b/y";
    assert_int_equal(tree_walk(in_room(room, "t"), see, &s, &e), -ECANCELED);
    assert_string_equal(buf_cstr(&s.b), "B a/ a.txt b/ b/y ");
    assert_int_equal(tree_walk(in_room(room, "none"), see, &s, &e), -ENOENT);
    assert_int_equal(tree_walk(in_room(room, "t/B"), see, &s, &e), -ENOTDIR);
    buf_done(&s.b);
}

static int count(void *ctx, struct str rel, const struct stat *st)
{
    UNUSED(rel);
    UNUSED(st);
    ++*(int *)ctx;
    return 0;
}

static void walk_goes_deep(void **state)
{
    struct room *room = *state;
    int n = 0;
    dig(room, "deep", DEEP);
    assert_int_equal(tree_walk(in_room(room, "deep"), count, &n, NULL), 0);
    assert_int_equal(n, DEEP + 1);
}

static void list_is_sorted(void **state)
{
    struct room *room = *state;
    struct strs names = {0};
    struct err e = {0};
    static const char *const want[] = {".hidden", "A", "a", "a-b", "ab", "\xc3\xa4"};
    for (size_t i = ARRAY_LEN(want); i-- > 0;)
        put(room, want[i], "");
    assert_int_equal(dir_list(room->a, room->dir, &names, &e), 0);
    assert_int_equal(names.n, ARRAY_LEN(want));
    for (size_t i = 0; i < names.n; i++)
        assert_string_equal(names.p[i].p, want[i]);
    assert_int_equal(dir_list(room->a, in_room(room, "none"), &names, &e), -ENOENT);
    assert_int_equal(dir_list(room->a, in_room(room, "a"), &names, &e), -ENOTDIR);
}

#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, room_open, room_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ROOM(remove_takes_all),
        IN_ROOM(remove_takes_a_link_and_not_its_target),
        IN_ROOM(remove_refuses_what_is_no_entry),
        IN_ROOM(remove_goes_deeper_than_paths_and_descriptors),
        IN_ROOM(remove_takes_many),
        IN_ROOM(remove_opens_closed_folders),
        IN_ROOM(remove_says_what_it_could_not),
        IN_ROOM(remove_stays_in_its_file_system),
        IN_ROOM(copy_keeps_all),
        IN_ROOM(copy_keeps_hard_links),
        IN_ROOM(copy_keeps_holes_and_large_data),
        IN_ROOM(copy_passes_sockets_over),
        IN_ROOM(copy_takes_one_file_or_link),
        IN_ROOM(copy_refuses_what_is_there_and_itself),
        IN_ROOM(copy_goes_deep),
        IN_ROOM(copy_removes_what_it_began),
        IN_ROOM(merge_puts_over_what_is_there),
        IN_ROOM(listed_copies_only_what_is_named),
        IN_ROOM(listed_never_leaves),
        IN_ROOM(walk_tells_in_order),
        IN_ROOM(walk_goes_deep),
        IN_ROOM(list_is_sorted),
    };
    return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
