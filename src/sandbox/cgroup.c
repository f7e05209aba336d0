/*
 * sandbox/cgroup.c - holding a fork bomb as real root, whom RLIMIT_NPROC does not bind.
 *
 * A group of the pids controller for each sandbox, of version 1 or 2. Joining is done by the init itself, for one that
 * moves only itself need not wait for the whole machine (a write of its id by us takes the threadgroup lock: 10 ms).
 * Version 2 has no file for that, so there we write the id, while the init builds the root. All of this is best
 * effort: who may not make groups gets none. An empty group of a killed slipway is removed by the next sweep.
 */
#include "sandbox/sandbox_priv.h"

#include "core/num.h"
#include "core/path.h"
#include "sys/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define V1_ROOT "/sys/fs/cgroup/pids"
#define V2_ROOT "/sys/fs/cgroup"
#define NAME "slipway-"

/* Our group in the pids hierarchy of version 1; false when there is none. */
static bool v1_parent(struct arena *a, struct str *ret)
{
    struct str text, line;
    if (!path_is_dir(V1_ROOT) || file_read(a, "/proc/self/cgroup", BUF_LINE, &text, NULL) < 0)
        return false;
    while (str_next(&text, '\n', &line)) {
        ssize_t at = str_find(line, STR(":pids:"));
        if (at >= 0) {
            *ret = arena_printf(a, V1_ROOT "%.*s", STR_ARG(str_from_index(line, (size_t)at + 6)));
            return true;
        }
    }
    return false;
}

/* Version 2: below the top, as a group that has processes itself may not limit others. */
static bool v2_parent(struct arena *a, struct str *ret)
{
    struct str text, word;
    if (file_read(a, V2_ROOT "/cgroup.subtree_control", BUF_LINE, &text, NULL) < 0)
        return false;
    text = str_trim(text);
    while (str_next(&text, ' ', &word))
        if (str_is(word, "pids")) {
            *ret = STR(V2_ROOT);
            return true;
        }
    return false;
}

static int text_put(const char *dir, const char *file, uint64_t n)
{
    char path[512], text[24];
    snprintf(path, sizeof path, "%s/%s", dir, file);
    int len = snprintf(text, sizeof text, "%llu", (unsigned long long)n);
    CLEAN(fd) int fd = open(path, O_WRONLY | O_CLOEXEC);
    return fd < 0 || write(fd, text, (size_t)len) < 0 ? -errno : 0;
}

static char *group_make(struct arena *a, struct str parent, unsigned limit)
{
    static const int tries = 100;
    for (int i = 0; i < tries; i++) {
        struct str path = arena_printf(a, "%.*s/" NAME "%d-%d", STR_ARG(parent), (int)getpid(), i);
        if (mkdir(path.p, 0755) != 0) {
            if (errno != EEXIST)
                return NULL;
            continue;
        }
        if (text_put(path.p, "pids.max", (uint64_t)limit + 1) == 0) /* and the init */
            return mem_dup_str(path);
        rmdir(path.p);
        return NULL;
    }
    return NULL;
}

int cgroup_new(pid_t pid, unsigned limit, char **ret_path)
{
    struct arena *a CLEAN(arena) = arena_new();
    struct str parent;
    *ret_path = NULL;
    if (geteuid() != 0)
        return -1;
    if (v1_parent(a, &parent)) {
        CLEAN(free) char *path = group_make(a, parent, limit);
        int fd = path == NULL ? -1 : open(arena_printf(a, "%s/tasks", path).p, O_WRONLY | O_CLOEXEC);
        if (fd >= 0)
            *ret_path = TAKE(path);
        else if (path != NULL)
            rmdir(path);
        return fd;
    }
    if (v2_parent(a, &parent)) {
        CLEAN(free) char *path = group_make(a, parent, limit);
        if (path != NULL && text_put(path, "cgroup.procs", (uint64_t)pid) == 0)
            *ret_path = TAKE(path);
        else if (path != NULL)
            rmdir(path);
    }
    return -1;
}

void cgroup_remove(const char *path)
{
    if (path == NULL)
        return;
    for (int i = 0; i < 100 && rmdir(path) != 0 && errno == EBUSY; i++) { /* the dead leave a moment later */
        struct timespec ms = {.tv_nsec = 1000000};
        nanosleep(&ms, NULL);
    }
}

void cgroup_sweep(void)
{
    struct arena *a CLEAN(arena) = arena_new();
    struct str parent;
    struct strs names = {0};
    if (geteuid() != 0 || (!v1_parent(a, &parent) && !v2_parent(a, &parent)) ||
        dir_list(a, arena_str(a, parent).p, &names, NULL) < 0)
        return;
    for (size_t i = 0; i < names.n; i++) {
        struct str rest = str_from_index(names.p[i], sizeof NAME - 1), pid, serial;
        uint64_t n;
        if (!str_starts(names.p[i], STR(NAME)) || !str_cut(rest, '-', &pid, &serial) ||
            num_parse_u64(pid, INT32_MAX, &n) != 0 ||
            path_exists(arena_printf(a, "/proc/%llu", (unsigned long long)n).p))
            continue;
        rmdir(arena_printf(a, "%.*s/%.*s", STR_ARG(parent), STR_ARG(names.p[i])).p); /* refused while it is in use */
    }
}
