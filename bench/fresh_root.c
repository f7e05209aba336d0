/*
 * bench/fresh_root.c - how long a command in a root of its own takes, beside one in the root that all share.
 *
 * usage: bench_fresh_root [ROUNDS]
 * Each round runs a chain of each kind, one command behind the other, in one sandbox: `true` in a root of its own;
 * the same with a workspace, a home and a volume shared, as a build step has them; and `bash -c :` in the first root
 * with three small files written before and three read behind it, which is what a step of a GitHub job is. First line:
 * medians of the second and the third kind and their ratio. Then the figures; "an answer meanwhile" is how long another
 * request (opening a folder) waits right behind a start, and the last one is what removing takes: closing the sandbox
 * behind all of them.
 */
#include "core/base.h"

#include "sandbox/sandbox.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/host.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHAIN 20
#define ROUNDS_MAX 500

enum figure { FRESH, SHARED, STEP, ANSWER, FIGURES };
static const char *const names[] = {"true in its own root", "with three shares", "bash and six files",
                                    "an answer meanwhile"};

struct bench {
    struct arena *arena;
    struct sandbox *sb;
    uint64_t next_id;
    int null;
    int64_t t[FIGURES][ROUNDS_MAX * CHAIN];
    size_t n[FIGURES];
};

static int compare(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int run(struct bench *b, const struct sandbox_cmd *what, int64_t *ret_answer, struct err *e)
{
    struct str env[] = {STR("PATH=/usr/bin:/bin")};
    struct sandbox_cmd cmd = *what;
    struct sandbox_event ev = {0};
    cmd.id = ++b->next_id;
    cmd.env = env;
    cmd.n_env = 1;
    cmd.cwd = STR("/");
    for (int i = 0; i < 3; i++)
        cmd.stdio[i] = b->null;
    int rc = sandbox_exec(b->sb, &cmd, e);
    int64_t asked = clock_mono_ns();
    if (rc == 0 && ret_answer != NULL) {
        CLEAN(fd) int fd = sandbox_openat(b->sb, STR("/"), O_PATH | O_DIRECTORY, 0, e);
        rc = fd < 0 ? fd : 0;
        *ret_answer = clock_mono_ns() - asked;
    }
    while (rc == 0) {
        struct pollfd p = {.fd = sandbox_fd(b->sb), .events = POLLIN};
        poll(&p, 1, -1);
        rc = sandbox_next(b->sb, &ev, e);
    }
    if (rc > 0 && (ev.kind != SANDBOX_EXITED || ev.status != 0))
        return err_set(e, EIO, "it fails: %s", ev.err.text);
    return rc > 0 ? 0 : rc;
}

static int run_fresh(struct bench *b, bool shared, int64_t *ret_answer, struct err *e)
{
    struct str argv[] = {STR("true")};
    struct sandbox_share shares[] = {{STR("/job/tree"), STR("/workspace"), false},
                                     {STR("/home/bench"), STR("/builder/home"), false},
                                     {STR("/job/volume"), STR("/cache"), true}};
    struct sandbox_cmd cmd = {
        .argv = argv, .n_argv = 1, .fresh_root = true, .shares = shares, .n_shares = shared ? ARRAY_LEN(shares) : 0};
    return run(b, &cmd, ret_answer, e);
}

static int move_files(int dir, bool write, struct err *e)
{
    struct arena *a CLEAN(arena) = arena_new();
    for (int i = 0; i < 3; i++) {
        const char *name = arena_printf(a, "file-%d", i).p;
        char bytes[64];
        CLEAN(fd)
        int fd = openat(dir, name, write ? O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC : O_RDONLY | O_CLOEXEC, 0644);
        if (fd < 0 || (write ? pwrite(fd, "NAME=value\n", 11, 0) : read(fd, bytes, sizeof bytes)) < 0)
            return err_sys(e, errno, "%s", name);
    }
    return 0;
}

static int run_step(struct bench *b, int dir, struct err *e)
{
    struct str argv[] = {STR("bash"), STR("-c"), STR(":")};
    struct sandbox_cmd cmd = {.argv = argv, .n_argv = 3};
    int rc = move_files(dir, true, e);
    if (rc == 0)
        rc = run(b, &cmd, NULL, e);
    return rc == 0 ? move_files(dir, false, e) : rc;
}

static int chain(struct bench *b, enum figure what, int dir, struct err *e)
{
    int rc = 0;
    for (int i = 0; i < CHAIN && rc == 0; i++) {
        int64_t answer = 0, t0 = clock_mono_ns();
        rc = what == STEP ? run_step(b, dir, e) : run_fresh(b, what == SHARED, what == ANSWER ? &answer : NULL, e);
        b->t[what][b->n[what]++] = what == ANSWER ? answer : clock_mono_ns() - t0;
    }
    return rc;
}

static int all_rounds(struct bench *b, int rounds, struct err *e)
{
    CLEAN(fd) int dir = sandbox_openat(b->sb, STR("/job/files"), O_RDONLY | O_DIRECTORY, 0, e);
    int rc = dir < 0 ? dir : run_fresh(b, false, NULL, e);
    for (int i = 0; i < rounds && rc == 0; i++)
        for (int what = 0; what < FIGURES && rc == 0; what++)
            rc = chain(b, (enum figure)what, dir, e);
    return rc;
}

static void tell(struct bench *b, int64_t closing)
{
    double ms[FIGURES];
    for (int what = 0; what < FIGURES; what++) {
        qsort(b->t[what], b->n[what], sizeof b->t[what][0], compare);
        ms[what] = (double)b->t[what][b->n[what] / 2] / 1e6;
    }
    printf("%.3f %.3f %.2f\n", ms[SHARED], ms[STEP], ms[SHARED] / ms[STEP]);
    for (int what = 0; what < FIGURES; what++)
        printf("%-22s %7.3f ms, 90 %% within %7.3f\n", names[what], ms[what],
               (double)b->t[what][b->n[what] * 9 / 10] / 1e6);
    printf("%-22s %7.3f ms\n", "close", (double)closing / 1e6);
}

static int bench(struct bench *b, int rounds, struct err *e)
{
    struct host_info host;
    host_read(b->arena, &host);
    struct str dir = arena_printf(b->arena, "%.*s/bench-%d", STR_ARG(host_state_dir(b->arena)), (int)getpid());
    struct str dirs[] = {STR("/job/tree"), STR("/job/volume")}, memory[] = {STR("/job/files")};
    struct sandbox_spec spec = {.mode = SANDBOX_OVERLAY,
                                .scratch = dir,
                                .hostname = STR("bench"),
                                .home_host = host.home,
                                .home = STR("/home/bench"),
                                .dirs = {dirs, 2, 2},
                                .memory_dirs = {memory, 1, 1},
                                .network = true};
    int rc = dir_make(dir.p, 0755, e);
    if (rc == 0)
        rc = sandbox_open(&spec, &b->sb, e);
    if (rc < 0)
        return rc;
    rc = all_rounds(b, rounds, e);
    int64_t t0 = clock_mono_ns();
    int closed = sandbox_close(b->sb, false, rc == 0 ? e : NULL);
    if (rc == 0 && closed == 0)
        tell(b, clock_mono_ns() - t0);
    return rc < 0 ? rc : closed;
}

int main(int argc, char **argv)
{
    static struct bench b;
    struct err e = {0};
    int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 20;
    if (rounds < 1 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: bench_fresh_root [ROUNDS]\n");
        return 2;
    }
    b.arena = arena_new();
    b.null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int rc = bench(&b, rounds, &e);
    if (rc < 0)
        fprintf(stderr, "%s\n", e.text);
    fd_close(&b.null);
    arena_free(b.arena);
    return rc < 0 ? 1 : 0;
}
