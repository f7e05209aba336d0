/*
 * sandbox/idmap.c - which user ids there are inside.
 *
 * A real root keeps all ids that he has himself. Another user is root inside, and with /etc/subuid, /etc/subgid and
 * their set-user-id helpers has 65535 more; without them he is alone, and the kernel wants setgroups denied.
 */
#include "sandbox/sandbox_priv.h"

#include "core/num.h"
#include "sys/file.h"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAP_BYTES 4096 /* the kernel takes one write of less than a page */
#define SUBID_BYTES ((size_t)1 << 20)

struct subids {
    uint64_t start, count;
};

static int map_put(pid_t pid, const char *file, struct str text, struct err *e)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    CLEAN(fd) int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text.p, text.n) < 0)
        return err_sys(e, errno, "%s of the user namespace", file);
    return 0;
}

/* The next number of a line of columns that are set off by spaces. */
static bool column(struct str *line, uint64_t *ret)
{
    struct str word;
    *line = str_trim(*line);
    str_cut(*line, ' ', &word, line);
    return num_parse_u64(word, UINT32_MAX, ret) == 0;
}

/* Our own map's ids, each as itself. */
static int map_same(pid_t pid, const char *file, struct err *e)
{
    char bytes[MAP_BYTES], path[64];
    CLEAN(buf) struct buf out = BUF(MAP_BYTES - 1);
    snprintf(path, sizeof path, "/proc/self/%s", file);
    CLEAN(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);
    if (n < 0)
        return err_sys(e, errno, "%s", path);
    struct str rest = str_of(bytes, (size_t)n), line;
    while (str_next(&rest, '\n', &line)) {
        uint64_t first, outside, count;
        if (column(&line, &first) && column(&line, &outside) && column(&line, &count))
            buf_printf(&out, "%llu %llu %llu\n", (unsigned long long)first, (unsigned long long)first,
                       (unsigned long long)count);
    }
    return map_put(pid, file, buf_str(&out), e);
}

static int map_single(pid_t pid, const char *file, unsigned id, struct err *e)
{
    char text[32];
    snprintf(text, sizeof text, "0 %u 1", id);
    return map_put(pid, file, str_from(text), e);
}

/* The first range that the file gives to the user, by name or number. */
static bool subids_find(const char *file, struct str user, unsigned uid, struct subids *ret)
{
    struct arena *a = arena_new();
    struct str text, line, name, rest, start, count;
    char number[16];
    bool found = false;
    snprintf(number, sizeof number, "%u", uid);
    if (file_read(a, file, SUBID_BYTES, &text, NULL) == 0)
        while (!found && str_next(&text, '\n', &line))
            found = str_cut(line, ':', &name, &rest) && (str_eq(name, user) || str_is(name, number)) &&
                    str_cut(rest, ':', &start, &count) && num_parse_u64(start, UINT32_MAX, &ret->start) == 0 &&
                    num_parse_u64(str_trim(count), UINT32_MAX, &ret->count) == 0 && ret->count > 0;
    arena_free(a);
    return found;
}

static int helper_start(const char *program, pid_t pid, unsigned id, const struct subids *s, pid_t *ret)
{
    char texts[5][16];
    uint64_t numbers[] = {(uint64_t)pid, 0, id, s->start, s->count > 65535 ? 65535 : s->count};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        snprintf(texts[i], sizeof texts[i], "%llu", (unsigned long long)numbers[i]);
    char name[16], one[] = "1";
    snprintf(name, sizeof name, "%s", program);
    char *argv[] = {name, texts[0], texts[1], texts[2], one, one, texts[3], texts[4], NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&actions, 0, 1);
    posix_spawn_file_actions_adddup2(&actions, 0, 2);
    int num = posix_spawnp(ret, program, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return -num;
}

static bool helper_ended_well(pid_t pid)
{
    int status = -1;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Both helpers at once: each takes a millisecond, most of it spent in starting. */
static void map_by_helpers(pid_t pid, const struct subids s[2], bool ret_done[2], char why[200])
{
    static const char *const programs[] = {"newuidmap", "newgidmap"};
    unsigned ids[] = {geteuid(), getegid()};
    pid_t helpers[2] = {-1, -1};
    for (int i = 0; i < 2; i++) {
        ret_done[i] = false;
        if (helper_start(programs[i], pid, ids[i], &s[i], &helpers[i]) < 0) {
            helpers[i] = -1;
            snprintf(why, 200, "%s cannot be started: install the package uidmap", programs[i]);
        }
    }
    for (int i = 0; i < 2; i++) {
        if (helpers[i] < 0)
            continue;
        ret_done[i] = helper_ended_well(helpers[i]);
        if (!ret_done[i])
            snprintf(why, 200, "%s refuses: is it set-user-id root?", programs[i]);
    }
}

static int map_user(pid_t pid, unsigned deny, struct idmap *m, struct err *e)
{
    struct subids s[2];
    bool done[2] = {false, false};
    char bytes[4096];
    struct passwd pw, *who = NULL;
    unsigned uid = geteuid();
    getpwuid_r(uid, &pw, bytes, sizeof bytes, &who);
    struct str name = who != NULL ? str_from(who->pw_name) : STR("?");
    if (deny & SANDBOX_DENY_RANGE_MAP)
        snprintf(m->why, sizeof m->why, "denied");
    else if (!subids_find("/etc/subuid", name, uid, &s[0]) || !subids_find("/etc/subgid", name, uid, &s[1]))
        snprintf(m->why, sizeof m->why, "/etc/subuid and /etc/subgid have no line for %.*s", STR_ARG(name));
    else
        map_by_helpers(pid, s, done, m->why);
    m->range = done[0] && done[1];
    int rc = done[1] ? 0 : map_put(pid, "setgroups", STR("deny"), e);
    if (rc == 0 && !done[0])
        rc = map_single(pid, "uid_map", uid, e);
    if (rc == 0 && !done[1])
        rc = map_single(pid, "gid_map", getegid(), e);
    return rc;
}

int idmap_write(pid_t pid, unsigned deny, struct idmap *ret, struct err *e)
{
    struct idmap m = {.real_root = geteuid() == 0};
    int rc = -EPERM;
    if (m.real_root && !(deny & SANDBOX_DENY_RANGE_MAP)) {
        rc = map_same(pid, "uid_map", NULL);
        if (rc == 0)
            rc = map_same(pid, "gid_map", e);
        m.range = rc == 0;
    }
    if (!m.range)
        rc = map_user(pid, m.real_root ? deny | SANDBOX_DENY_RANGE_MAP : deny, &m, e);
    if (rc == 0)
        *ret = m;
    return rc;
}
