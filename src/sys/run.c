/*
 * sys/run.c - one child, its two outputs, a deadline.
 *
 * The input is put into an anonymous file first, so that nothing is written while we read and no SIGPIPE can come. We
 * read until the child has ended rather than until its pipes close: a daemon that it leaves behind (git starts some)
 * may hold them open for ever.
 */
#include "core/base.h"
#include "sys/run.h"
#include "core/buf.h"
#include "core/path.h"
#include "sys/clock.h"
#include "sys/file.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUT_MAX ((size_t)16 << 20)
#define ERR_MAX ((size_t)64 << 10)
#define GRACE_MS 1000 /* between asking the child to end and killing it */
#define DRAIN_READS 256
#define NS_PER_MS 1000000

extern char **environ;

struct child {
    const struct run_spec *spec;
    const char *program; /* argv[0], or where it was found */
    pid_t pid;           /* 0 before and after its life */
    int in, out, err;    /* our ends; in is only until the start */
    int ended;           /* pidfd, or -1 where the kernel has none */
    struct buf out_text, err_text;
    int fault; /* -ETIMEDOUT, -ECANCELED or -EFBIG: why we ended it */
};

static void clean_child(void *slot)
{
    struct child *c = slot;
    if (c->pid) {
        kill(c->pid, SIGKILL);
        waitpid(c->pid, NULL, 0);
    }
    fd_close(&c->in);
    fd_close(&c->out);
    fd_close(&c->err);
    fd_close(&c->ended);
    buf_done(&c->out_text);
    buf_done(&c->err_text);
}

/* Moves a descriptor above the standard ones, which dup2 in the child would run over. */
static int above_standard(int fd)
{
    if (fd < 0 || fd > 2)
        return fd;
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    int num = errno;
    close(fd);
    errno = num;
    return moved;
}

/* A pipe whose reading end does not block; the child's end does, as programs expect. */
static int pipe_open(int *ret_read, int *ret_write)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    *ret_read = above_standard(ends[0]);
    *ret_write = above_standard(ends[1]);
    if (*ret_read < 0 || *ret_write < 0 || fcntl(*ret_read, F_SETFL, O_NONBLOCK) < 0)
        return -errno;
    return 0;
}

static int input_open(struct str input)
{
    int fd = input.n ? memfd_create("input", MFD_CLOEXEC) : open("/dev/null", O_RDONLY | O_CLOEXEC);
    fd = above_standard(fd);
    if (fd < 0)
        return -errno;
    int r = fd_write(fd, input, NULL);
    if (r == 0 && input.n && lseek(fd, 0, SEEK_SET) < 0)
        r = -errno;
    if (r < 0)
        fd_close(&fd);
    return r < 0 ? r : fd;
}

/*
 * Signals as a fresh program expects them. When we may have to end it the child leads a group of its own, so that all
 * of it can be ended; else it stays in ours, so that Ctrl-C reaches it and it may ask on the terminal. Who may be
 * stopped from elsewhere has no terminal at all, for it may run where nobody looks.
 */
static bool own_group(const struct run_spec *spec)
{
    return spec->timeout_ms > 0 || spec->stop != NULL;
}

static int attributes(posix_spawnattr_t *attr, const struct run_spec *spec)
{
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGCHLD);
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (spec->stop)
        flags |= POSIX_SPAWN_SETSID;
    else if (own_group(spec))
        flags |= POSIX_SPAWN_SETPGROUP;
    int r = posix_spawnattr_setsigmask(attr, &none);
    r = r ? r : posix_spawnattr_setsigdefault(attr, &usual);
    r = r ? r : posix_spawnattr_setpgroup(attr, 0);
    return r ? r : posix_spawnattr_setflags(attr, flags);
}

static int child_spawn(struct child *c, int out, int err)
{
    posix_spawn_file_actions_t acts;
    posix_spawnattr_t attr;
    int r = posix_spawn_file_actions_init(&acts);
    if (r)
        return -r;
    r = posix_spawnattr_init(&attr);
    if (r) {
        posix_spawn_file_actions_destroy(&acts);
        return -r;
    }
    r = attributes(&attr, c->spec);
    r = r ? r : posix_spawn_file_actions_adddup2(&acts, c->in, 0);
    r = r ? r : posix_spawn_file_actions_adddup2(&acts, out, 1);
    r = r ? r : posix_spawn_file_actions_adddup2(&acts, err, 2);
    if (r == 0 && c->spec->cwd)
        r = posix_spawn_file_actions_addchdir_np(&acts, c->spec->cwd);
    union {
        const char *const *in;
        char *const *out;
    } argv = {.in = c->spec->argv}, env = {.in = c->spec->env};
    MUST(c->program != NULL && argv.out != NULL);
    if (r == 0)
        r = posix_spawn(&c->pid, c->program, &acts, &attr, argv.out, env.in ? env.out : environ);
    if (r)
        c->pid = 0;
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&acts);
    return -r;
}

static int child_start(struct child *c)
{
    CLEAN(fd) int out = -1;
    CLEAN(fd) int err = -1;
    c->in = input_open(c->spec->input);
    if (c->in < 0)
        return c->in;
    int r = pipe_open(&c->out, &out);
    if (r == 0)
        r = pipe_open(&c->err, &err);
    if (r == 0)
        r = child_spawn(c, out, err);
    fd_close(&c->in);
    if (r == 0)
        c->ended = pidfd_open(c->pid, 0);
    return r;
}

static void child_signal(struct child *c, int signal)
{
    if (!own_group(c->spec) || kill(-c->pid, signal) < 0)
        kill(c->pid, signal);
}

/*
 * Takes what is in a pipe now, but no more than DRAIN_READS pieces: who writes without end must not hold us here.
 * Closes the pipe at its end. What the buffer has no room for is dropped: false then.
 */
static bool pipe_drain(int *fd, struct buf *b)
{
    char piece[4096];
    bool kept = true;
    for (int i = 0; *fd >= 0 && i < DRAIN_READS; i++) {
        ssize_t n = read(*fd, piece, sizeof piece);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            break;
        if (n <= 0) {
            fd_close(fd);
            break;
        }
        size_t room = b->max - b->n, take = (size_t)n < room ? (size_t)n : room;
        buf_add(b, str_of(piece, take));
        if (take < (size_t)n)
            kept = false;
    }
    return kept;
}

static void child_drain(struct child *c)
{
    bool kept = pipe_drain(&c->out, &c->out_text);
    pipe_drain(&c->err, &c->err_text);
    if (!kept && !c->fault) {
        c->fault = -EFBIG;
        child_signal(c, SIGKILL);
    }
}

/* Milliseconds to sleep until `deadline` (ns, 0: none), rounded up; 0 when it is over. */
static int wait_ms(int64_t deadline)
{
    if (deadline == 0)
        return -1;
    int64_t left = deadline - clock_mono_ns();
    return left <= 0 ? 0 : left / NS_PER_MS >= INT32_MAX ? INT32_MAX : (int)(left / NS_PER_MS) + 1;
}

/* The deadline is over, or nobody waits: first the child is asked to end, at the next deadline it is killed. */
static int64_t child_expire(struct child *c, int fault)
{
    bool asked = c->fault != 0;
    c->fault = asked ? c->fault : fault;
    child_signal(c, asked ? SIGKILL : SIGTERM);
    return asked ? 0 : clock_mono_ns() + (int64_t)GRACE_MS * NS_PER_MS;
}

/* Reads until the child has ended. Without a pidfd the end of both pipes must do. */
static void child_follow(struct child *c)
{
    int64_t deadline = c->spec->timeout_ms > 0 ? clock_mono_ns() + (int64_t)c->spec->timeout_ms * NS_PER_MS : 0;
    bool ended = false;
    int stop = c->spec->stop ? *c->spec->stop : -1;
    while (!ended && (c->ended >= 0 || c->out >= 0 || c->err >= 0)) {
        struct pollfd fds[4] = {{.fd = c->out, .events = POLLIN},
                                {.fd = c->err, .events = POLLIN},
                                {.fd = c->ended, .events = POLLIN},
                                {.fd = stop, .events = POLLIN}};
        int ms = wait_ms(deadline);
        if (ms == 0) {
            deadline = child_expire(c, -ETIMEDOUT);
        } else if (poll(fds, 4, ms) > 0) {
            ended = fds[2].revents != 0;
            if (fds[3].revents && !c->fault)
                deadline = child_expire(c, -ECANCELED);
            if (fds[3].revents)
                stop = -1;
        }
        child_drain(c);
    }
}

static int child_reap(struct child *c, int *ret_status)
{
    int status = 0;
    pid_t pid = c->pid;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) {
            c->pid = 0;
            return -errno;
        }
    c->pid = 0;
    *ret_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return 0;
}

static int child_fault(const struct child *c, size_t max, struct err *e)
{
    const char *name = c->spec->argv[0];
    if (c->fault == -ETIMEDOUT)
        return err_set(e, ETIMEDOUT, "'%s' did not end within %d ms", name, c->spec->timeout_ms);
    if (c->fault == -ECANCELED)
        return err_set(e, ECANCELED, "'%s' was stopped", name);
    return err_set(e, EFBIG, "'%s' printed more than %zu bytes", name, max);
}

int run_capture(struct arena *a, const struct run_spec *spec, struct run_result *ret, struct err *e)
{
    size_t max = spec->max ? spec->max : OUT_MAX;
    struct str found = str_from(spec->argv[0]);
    if (str_find_ch(found, '/') < 0 && !run_find(a, spec->argv[0], NULL, &found))
        return err_set(e, ENOENT, "there is no program '%s' on PATH", spec->argv[0]);
    CLEAN(child)
    struct child c = {.spec = spec,
                      .program = found.p,
                      .in = -1,
                      .out = -1,
                      .err = -1,
                      .ended = -1,
                      .out_text = BUF(max),
                      .err_text = BUF(ERR_MAX)};
    if (spec->cwd && !path_is_dir(spec->cwd))
        return err_set(e, ENOTDIR, "cannot run '%s': there is no folder '%s'", spec->argv[0], spec->cwd);
    int r = child_start(&c), status = 0;
    if (r < 0)
        return err_sys(e, r, "cannot run '%s'", spec->argv[0]);
    child_follow(&c);
    r = child_reap(&c, &status);
    if (c.fault)
        return child_fault(&c, max, e);
    if (r < 0)
        return err_sys(e, r, "cannot learn how '%s' ended", spec->argv[0]);
    ret->status = status;
    ret->out = arena_str(a, buf_str(&c.out_text));
    ret->err = arena_str(a, buf_str(&c.err_text));
    return 0;
}

int run_line(struct arena *a, const char *const *argv, const char *cwd, struct str *ret, struct err *e)
{
    struct run_spec spec = {.argv = argv, .cwd = cwd};
    struct run_result result;
    int r = run_capture(a, &spec, &result, e);
    if (r < 0)
        return r;
    struct str rest = str_trim(result.err), line = STR_NONE;
    str_next(&rest, '\n', &line);
    if (result.status && line.n)
        return err_set(e, EIO, "%s: %.*s", argv[0], STR_ARG(line));
    if (result.status)
        return err_set(e, EIO, "'%s' failed with status %d", argv[0], result.status);
    *ret = arena_str(a, str_trim(result.out));
    return 0;
}

static bool is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

bool run_find(struct arena *a, const char *program, const char *path_list, struct str *ret)
{
    struct str name = str_from(program), dir;
    if (str_find_ch(name, '/') >= 0) {
        struct str here = STR_NONE;
        bool relative = !path_is_abs(name);
        if (!is_program(program) || (relative && path_real(a, ".", &here, NULL) < 0))
            return false;
        *ret = relative ? path_clean(a, path_join(a, here, name)) : arena_str(a, name);
        return true;
    }
    const char *list = path_list ? path_list : getenv("PATH");
    struct str rest = str_from(list ? list : "/usr/local/bin:/usr/bin:/bin");
    while (name.n && str_next(&rest, ':', &dir)) {
        struct str path = path_join(a, dir, name);
        if (!path_is_abs(dir) || !is_program(path.p))
            continue;
        *ret = path;
        return true;
    }
    return false;
}
