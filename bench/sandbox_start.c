/*
 * bench/sandbox_start.c - how long a sandbox takes: open, run `true`, hear its exit, close; and how long one command
 * takes in a sandbox that is open. Beside it, in the same run and interleaved, fork and exec of `true`.
 *
 * usage: bench_sandbox_start [ROUNDS [overlay|plain]]
 * First line: median of open to `true` told, median of fork and exec, both in ms. Then the parts. Its folder lies where
 * jobs have theirs, in the state folder.
 */
#include "core/base.h"

#include "sandbox/sandbox.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/host.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS_MAX 1000

enum figure { FORK, OPEN, EXEC, CLOSE, WHOLE, SECOND, FIGURES };

static int compare(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void fork_true(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/true", "true", (char *)NULL);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
}

static int run_true(struct sandbox *sb, uint64_t id, int null, struct err *e)
{
    struct str argv[] = {STR("true")}, env[] = {STR("PATH=/usr/bin:/bin")};
    struct sandbox_cmd cmd = {
        .id = id, .argv = argv, .n_argv = 1, .env = env, .n_env = 1, .cwd = STR("/"), .stdio = {null, null, null}};
    struct sandbox_event ev;
    int rc = sandbox_exec(sb, &cmd, e);
    while (rc == 0) {
        struct pollfd p = {.fd = sandbox_fd(sb), .events = POLLIN};
        poll(&p, 1, -1);
        rc = sandbox_next(sb, &ev, e);
    }
    if (rc > 0 && (ev.kind != SANDBOX_EXITED || ev.status != 0))
        return err_set(e, EIO, "true fails: %s", ev.err.text);
    return rc > 0 ? 0 : rc;
}

static int one_round(struct str path, struct str home, enum sandbox_mode mode, int64_t t[FIGURES], struct err *e)
{
    struct sandbox *sb;
    CLEAN(fd) int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    struct sandbox_spec spec = {.mode = mode,
                                .scratch = path,
                                .hostname = STR("bench"),
                                .home_host = home,
                                .home = STR("/home/bench"),
                                .network = true};
    if (mkdir(path.p, 0755) != 0)
        return err_sys(e, errno, "%s", path.p);
    int64_t t0 = clock_mono_ns();
    int rc = sandbox_open(&spec, &sb, e);
    if (rc < 0)
        return rc;
    int64_t t1 = clock_mono_ns();
    rc = run_true(sb, 1, null, e);
    int64_t t2 = clock_mono_ns();
    if (rc == 0)
        rc = run_true(sb, 2, null, e);
    int64_t t3 = clock_mono_ns();
    int closed = sandbox_close(sb, false, rc == 0 ? e : NULL);
    t[OPEN] = t1 - t0, t[EXEC] = t2 - t1, t[WHOLE] = t2 - t0, t[SECOND] = t3 - t2, t[CLOSE] = clock_mono_ns() - t3;
    return rc < 0 ? rc : closed;
}

static int all_rounds(int rounds, enum sandbox_mode mode, struct err *e)
{
    static int64_t t[FIGURES][ROUNDS_MAX];
    static const char *const names[] = {"fork+exec", "open", "first true", "close", "open to told", "second true"};
    struct arena *a CLEAN(arena) = arena_new();
    struct host_info host;
    host_read(a, &host);
    struct str state = host_state_dir(a), dir = arena_printf(a, "%.*s/bench-%d", STR_ARG(state), (int)getpid());
    int rc = dir_make(dir.p, 0755, e);
    for (int i = 0; i < rounds && rc == 0; i++) {
        int64_t one[FIGURES], t0 = clock_mono_ns();
        fork_true();
        int64_t forked = clock_mono_ns() - t0;
        rc = one_round(arena_printf(a, "%s/%d", dir.p, i), host.home, mode, one, e);
        one[FORK] = forked;
        for (int k = 0; k < FIGURES && rc == 0; k++)
            t[k][i] = one[k];
    }
    tree_remove(dir.p, NULL);
    if (rc < 0)
        return rc;
    for (int k = 0; k < FIGURES; k++)
        qsort(t[k], (size_t)rounds, sizeof t[k][0], compare);
    printf("%.3f %.3f\n", (double)t[WHOLE][rounds / 2] / 1e6, (double)t[FORK][rounds / 2] / 1e6);
    for (int k = 0; k < FIGURES; k++)
        printf("%-12s %7.3f ms\n", names[k], (double)t[k][rounds / 2] / 1e6);
    return 0;
}

int main(int argc, char **argv)
{
    struct err e = {0};
    int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 101;
    enum sandbox_mode mode = argc > 2 && strcmp(argv[2], "plain") == 0 ? SANDBOX_PLAIN : SANDBOX_OVERLAY;
    if (rounds < 1 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: bench_sandbox_start [ROUNDS [overlay|plain]]\n");
        return 2;
    }
    if (all_rounds(rounds, mode, &e) < 0) {
        fprintf(stderr, "%s\n", e.text);
        return 1;
    }
    return 0;
}
