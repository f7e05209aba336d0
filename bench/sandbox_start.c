/*
 * bench/sandbox_start.c - how long a sandbox takes: open, run `true`, hear its exit, close; and how long one command
 * takes in a sandbox that is open. Beside it, in the same run and interleaved, fork and exec of `true`.
 *
 * usage: sandbox_start FOLDER [ROUNDS] [overlay|plain]      medians in milliseconds
 */
#include "core/base.h"

#include "sandbox/sandbox.h"
#include "sys/clock.h"
#include "sys/file.h"

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

static int one_round(const char *dir, enum sandbox_mode mode, int null, int64_t t[FIGURES], struct err *e)
{
    struct sandbox *sb;
    char path[4096];
    snprintf(path, sizeof path, "%s/bench", dir);
    mkdir(path, 0755);
    struct sandbox_spec spec = {
        .mode = mode, .scratch = str_from(path), .hostname = STR("bench"), .home = STR("/home/bench"), .network = true};
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

int main(int argc, char **argv)
{
    static int64_t t[FIGURES][ROUNDS_MAX];
    static const char *const names[] = {"fork+exec true",   "open",       "first true", "close",
                                        "open + true told", "second true"};
    int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 101;
    enum sandbox_mode mode = argc > 3 && strcmp(argv[3], "plain") == 0 ? SANDBOX_PLAIN : SANDBOX_OVERLAY;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    struct err e = {0};
    if (argc < 2 || rounds < 1 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: sandbox_start FOLDER [ROUNDS] [overlay|plain]\n");
        return 2;
    }
    for (int i = 0; i < rounds; i++) {
        int64_t one[FIGURES], t0 = clock_mono_ns();
        fork_true();
        int64_t forked = clock_mono_ns() - t0;
        if (one_round(argv[1], mode, null, one, &e) < 0) {
            fprintf(stderr, "%s\n", e.text);
            return 1;
        }
        one[FORK] = forked;
        for (int k = 0; k < FIGURES; k++)
            t[k][i] = one[k];
    }
    for (int k = 0; k < FIGURES; k++) {
        qsort(t[k], (size_t)rounds, sizeof t[k][0], compare);
        printf("%-18s %7.3f ms\n", names[k], (double)t[k][rounds / 2] / 1e6);
    }
    return 0;
}
