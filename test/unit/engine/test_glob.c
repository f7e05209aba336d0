/* Which files patterns choose, in which order (github-actions specification 4.11). */
#include <setjmp.h>
#include <stdarg.h>

#include "core/base.h"
#include "engine/glob_priv.h"

#include <cmocka.h>

#include "../sys/room.h"
#include "core/buf.h"

struct seen {
    struct buf b;
    size_t skip; /* bytes of "/job/ws/" */
};

static int tell(void *ctx, const struct glob_hit *hit)
{
    struct seen *s = ctx;
    struct str path = hit->path;
    if (str_starts(path, STR("/job/ws")))
        path = str_from_index(path, path.n > 7 ? 8 : 7);
    buf_printf(&s->b, "%s%.*s%s", s->b.n > 0 ? " " : "", STR_ARG(path), S_ISDIR(hit->st->st_mode) ? "/" : "");
    return 0;
}

/* The hits of patterns in /job/ws of the room, or what is wrong. */
static const char *hits(struct room *room, struct glob_options o, const char *patterns)
{
    struct seen s = {.b = BUF(BUF_LINE)};
    struct err e = {0};
    struct glob *g = NULL;
    struct str lines = str_from(patterns);
    o.who = "";
    o.root = STR("/job/ws");
    o.home = STR("/job/home");
    CLEAN(fd) int root = open(room->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = glob_read(room->a, &o, &lines, 1, &g, &e);
    if (rc == 0)
        rc = glob_walk(g, root, tell, &s, &e);
    const char *ret = rc < 0 ? arena_cstr(room->a, e.text).p : arena_str(room->a, buf_str(&s.b)).p;
    buf_done(&s.b);
    return ret;
}

static const struct glob_options HASH = {.hidden = true, .implicit = true, .within = {"/job/ws", 7}};
static const struct glob_options UPLOAD = {.follow = true, .implicit = true};
static const struct glob_options CACHE = {.follow = true, .hidden = true, .folders = true};

static void fill(struct room *room)
{
    static const char *const FILES[] = {"job/ws/a.txt",   "job/ws/b.md",     "job/ws/d/a.txt", "job/ws/d/e/c.txt",
                                        "job/ws/d/.h",    "job/ws/.k/x.txt", "job/ws/w[1]",    "job/ws/w1",
                                        "job/home/c/big", "job/other.txt",   "job/ws/z/q"};
    for (size_t i = 0; i < ARRAY_LEN(FILES); i++) {
        struct str dir = arena_str(room->a, path_dir(str_from(FILES[i])));
        assert_int_equal(dir_make(in_room(room, dir.p), 0755, NULL), 0);
        put(room, FILES[i], "text");
    }
    assert_int_equal(symlink("d", in_room(room, "job/ws/link")), 0);
    assert_int_equal(symlink("../..", in_room(room, "job/ws/d/e/up")), 0);
    assert_int_equal(symlink("/job/other.txt", in_room(room, "job/ws/out")), 0);
    assert_int_equal(symlink("nowhere", in_room(room, "job/ws/broken")), 0);
}

static void patterns_as_hash_files_takes_them(void **state)
{
    struct room *room = *state;
    static const struct {
        const char *patterns, *hits;
    } CASES[] = {
        {"a.txt", "a.txt"},
        {"./a.txt", "a.txt"},
        {"d", "d/.h d/a.txt d/e/c.txt d/e/up"},
        {"d/", "d/.h d/a.txt d/e/c.txt d/e/up"},
        {"d/*", "d/.h d/a.txt d/e/c.txt d/e/up"},
        {"d/**", "d/.h d/a.txt d/e/c.txt d/e/up"},
        {"a.txt/", ""},
        {"*.txt", "a.txt"},
        {"**/*.txt", ".k/x.txt a.txt d/a.txt d/e/c.txt"},
        {"**/*.txt\n!d", ".k/x.txt a.txt"},
        {"**/*.txt\n!**/a.txt\nd/a.txt", ".k/x.txt d/a.txt d/e/c.txt"},
        {"!!a.txt", "a.txt"},
        {"# a comment\n\n  a.txt  ", "a.txt"},
        {"d/a.txt\na.txt", "d/a.txt a.txt"},
        {"d/e\nd", "d/.h d/a.txt d/e/c.txt d/e/up"},
        {"[ab].*", "a.txt b.md"},
        {"[!a].*", "b.md"},
        {"?.md", "b.md"},
        {"w[1]", "w1"},
        {"w\\[1\\]", "w[1]"},
        {"w[[]*", "w[1]"},
        {"link", "link"}, /* a link is not entered, but told */
        {"**/up", "d/e/up"},
        {"/job/ws/a.txt", "a.txt"},
        {"/job/other.txt", ""},
        {"/job/**/b.md", "b.md"},
        {"~/c", ""},
        {"nothing/**", ""},
        {"!a.txt", ""},
        {"", ""},
        {"d/../a.txt", "Invalid pattern 'd/../a.txt'. Relative pathing '.' and '..' is not allowed."},
        {"d/./a.txt", "Invalid pattern 'd/./a.txt'. Relative pathing '.' and '..' is not allowed."},
        {"!", "pattern cannot be empty"},
    };
    fill(room);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++)
        if (strcmp(hits(room, HASH, CASES[i].patterns), CASES[i].hits) != 0)
            fail_msg("%s: %s, not %s", CASES[i].patterns, hits(room, HASH, CASES[i].patterns), CASES[i].hits);
}

static void links_are_followed_once(void **state)
{
    struct room *room = *state;
    fill(room);
    assert_string_equal(hits(room, UPLOAD, "link"), "link/a.txt link/e/c.txt link/e/up/a.txt link/e/up/b.md "
                                                    "link/e/up/out link/e/up/w1 link/e/up/w[1] link/e/up/z/q");
    assert_string_equal(hits(room, UPLOAD, "out\nbroken"), "out");
    assert_string_equal(hits(room, UPLOAD, "d"), "d/a.txt d/e/c.txt d/e/up/a.txt d/e/up/b.md d/e/up/out d/e/up/w1 "
                                                 "d/e/up/w[1] d/e/up/z/q");
}

static void hidden_names_are_left_out(void **state)
{
    struct room *room = *state;
    fill(room);
    assert_string_equal(hits(room, UPLOAD, "."),
                        "a.txt b.md d/a.txt d/e/c.txt link/a.txt link/e/c.txt out w1 w[1] z/q");
    assert_string_equal(hits(room, UPLOAD, ".k"), "");
    assert_string_equal(hits(room, UPLOAD, ".k/x.txt"), ".k/x.txt");
    assert_string_equal(hits(room, UPLOAD, "d/.h\nz"), "z/q");
}

static void folders_are_hits_for_caches(void **state)
{
    struct room *room = *state;
    fill(room);
    assert_string_equal(hits(room, CACHE, "~/c\nd\nnothing"), "/job/home/c/ d/");
    assert_string_equal(hits(room, CACHE, "d/*"), "d/.h d/a.txt d/e/");
    assert_string_equal(hits(room, CACHE, "d/*\n!d/e"), "d/.h d/a.txt");
    assert_string_equal(hits(room, CACHE, "z/**"), "z/ z/q");
    assert_string_equal(hits(room, CACHE, "*.txt/"), "");
    assert_string_equal(hits(room, CACHE, "z*/"), "z/");
}

static void deep_trees_are_said_plainly(void **state)
{
    struct room *room = *state;
    CLEAN(fd) int at = -1;
    assert_int_equal(dir_make(in_room(room, "job/ws"), 0755, NULL), 0);
    at = open(in_room(room, "job/ws"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < 250; i++) {
        assert_int_equal(mkdirat(at, "d", 0755), 0);
        int next = openat(at, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(next >= 0);
        fd_close(&at);
        at = next;
    }
    assert_true(strstr(hits(room, HASH, "**/x"), "nested too deeply (more than 200)") != NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(patterns_as_hash_files_takes_them, room_open, room_close),
        cmocka_unit_test_setup_teardown(links_are_followed_once, room_open, room_close),
        cmocka_unit_test_setup_teardown(hidden_names_are_left_out, room_open, room_close),
        cmocka_unit_test_setup_teardown(folders_are_hits_for_caches, room_open, room_close),
        cmocka_unit_test_setup_teardown(deep_trees_are_said_plainly, room_open, room_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
