/* A folder of its own for each test, made before and removed after it. */
#pragma once
#include "core/mem.h"
#include "core/path.h"
#include "core/vec.h"
#include "sys/file.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct room {
    struct arena *a;
    const char *dir;
};

static inline int room_open(void **state)
{
    const char *base = getenv("TMPDIR");
    struct room *room = mem_alloc(sizeof *room);
    room->a = arena_new();
    char *dir = mem_dup(arena_printf(room->a, "%s/slipway-test-XXXXXX", base ? base : "/tmp").p);
    if (!mkdtemp(dir))
        return -1;
    room->dir = arena_cstr(room->a, dir).p;
    free(dir);
    *state = room;
    return 0;
}

static inline int room_close(void **state)
{
    struct room *room = *state;
    struct err e = {0};
    int r = tree_remove(room->dir, &e);
    if (r < 0)
        print_error("%s\n", e.text);
    arena_free(room->a);
    free(room);
    return r;
}

/* The path of something in the room. */
static inline const char *in_room(struct room *room, const char *name)
{
    return path_join(room->a, str_from(room->dir), str_from(name)).p;
}

static inline void put(struct room *room, const char *name, const char *text)
{
    struct err e = {0};
    if (file_write(in_room(room, name), str_from(text), 0644, &e) < 0)
        fail_msg("%s", e.text);
}

static inline const char *get(struct room *room, const char *name)
{
    struct err e = {0};
    struct str text;
    if (file_read(room->a, in_room(room, name), BUF_TEXT, &text, &e) < 0)
        fail_msg("%s", e.text);
    return text.p;
}

static inline void folder(struct room *room, const char *name)
{
    struct err e = {0};
    if (dir_make(in_room(room, name), 0755, &e) < 0)
        fail_msg("%s", e.text);
}

static inline mode_t mode_of(struct room *room, const char *name)
{
    struct stat st;
    assert_int_equal(lstat(in_room(room, name), &st), 0);
    return st.st_mode & 07777;
}

/*
 * Runs `what` in a child and returns its result, 0..255: for what must not change this process. No assert in there, and
 * neither put nor get: a failed one would go on with the next test in the child.
 */
static inline int in_child(int (*what)(struct room *room), struct room *room)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        _exit(what(room));
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

/* Gives root's powers away when there are any: permissions count then. */
static inline bool become_nobody(void)
{
    return geteuid() != 0 || (setgid(65534) == 0 && setuid(65534) == 0);
}

static inline bool write_proc(const char *path, struct str text)
{
    CLEAN(fd) int fd = open(path, O_WRONLY | O_CLOEXEC);
    return fd >= 0 && fd_write(fd, text, NULL) == 0;
}

/* Mounts of our own, where a small tmpfs lies on `path`; without root in a user namespace where we stay who we are. */
static inline bool mount_small(struct room *room, const char *path)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();
    if (unshare(CLONE_NEWNS | (uid ? CLONE_NEWUSER : 0)) < 0)
        return false;
    if (uid && !(write_proc("/proc/self/setgroups", STR("deny")) &&
                 write_proc("/proc/self/uid_map", arena_printf(room->a, "%u %u 1", uid, uid)) &&
                 write_proc("/proc/self/gid_map", arena_printf(room->a, "%u %u 1", gid, gid))))
        return false;
    return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && mount("none", path, "tmpfs", 0, "size=64k") == 0;
}
#define NOT_POSSIBLE 77
