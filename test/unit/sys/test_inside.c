/* Paths below a foreign root: links stay in it, whatever they say. */
#include <setjmp.h>
#include <stdarg.h>

#include "core/base.h"
#include "sys/inside.h"

#include <cmocka.h>

#include "room.h"

static int root_of(struct room *room, const char *name)
{
    int fd = open(in_room(room, name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

/* What the file at `path` below root holds, or the error as text. */
static const char *seen(struct room *room, int root, const char *path, int flags)
{
    char text[64] = "";
    CLEAN(fd) int fd = inside_open(root, str_from(path), flags, 0644);
    if (fd < 0)
        return strerrorname_np(-fd);
    assert_true(read(fd, text, sizeof text - 1) >= 0);
    return arena_cstr(room->a, text).p;
}

static void links_stay_inside(void **state)
{
    struct room *room = *state;
    assert_int_equal(dir_make(in_room(room, "root/a/b"), 0755, NULL), 0);
    put(room, "secret", "host");
    put(room, "root/secret", "job");
    put(room, "root/a/f", "f");
    static const struct {
        const char *target, *name;
    } LINKS[] = {{"/secret", "abs"}, {"../../../../secret", "up"}, {"a", "dir"},       {"/a/../a/b/..", "odd"},
                 {"loop2", "loop1"}, {"loop1", "loop2"},           {"gone", "broken"}, {"abs", "chain"}};
    for (size_t i = 0; i < ARRAY_LEN(LINKS); i++)
        assert_int_equal(symlink(LINKS[i].target, in_room(room, arena_printf(room->a, "root/%s", LINKS[i].name).p)), 0);
    CLEAN(fd) int root = root_of(room, "root");
    static const struct {
        const char *path, *seen;
    } CASES[] = {{"/secret", "job"},       {"/abs", "job"},       {"/chain", "job"},     {"/up", "job"},
                 {"/../../secret", "job"}, {"/dir/f", "f"},       {"/odd/f", "f"},       {"/odd/../secret", "job"},
                 {"/loop1", "ELOOP"},      {"/loop1/x", "ELOOP"}, {"/broken", "ENOENT"}, {"/secret/x", "ENOTDIR"},
                 {"/nothing", "ENOENT"}};
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++)
        assert_string_equal(seen(room, root, CASES[i].path, O_RDONLY), CASES[i].seen);
    assert_string_equal(seen(room, root, "/abs", O_RDONLY | O_NOFOLLOW), "ELOOP");
    struct stat st;
    CLEAN(fd) int path = inside_open(root, STR("/dir"), O_PATH, 0);
    assert_true(path >= 0 && fstat(path, &st) == 0 && S_ISDIR(st.st_mode));
}

static void folders_are_made_inside(void **state)
{
    struct room *room = *state;
    assert_int_equal(dir_make(in_room(room, "root/a"), 0755, NULL), 0);
    assert_int_equal(symlink("/../..", in_room(room, "root/a/out")), 0);
    put(room, "root/file", "");
    CLEAN(fd) int root = root_of(room, "root");
    CLEAN(fd) int made = inside_make(root, STR("/a/out/new/x"));
    assert_true(made >= 0);
    assert_true(path_is_dir(in_room(room, "root/new/x")));
    assert_false(path_exists(in_room(room, "new")));
    assert_int_equal(inside_make(root, STR("/file/x")), -ENOTDIR);
    CLEAN(fd) int file = inside_open(root, STR("/a/out/new/made"), O_WRONLY | O_CREAT | O_EXCL, 0644);
    assert_true(file >= 0);
    assert_true(path_exists(in_room(room, "root/new/made")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(links_stay_inside, room_open, room_close),
        cmocka_unit_test_setup_teardown(folders_are_made_inside, room_open, room_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
