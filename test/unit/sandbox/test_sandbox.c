/*
 * What holds in every way that a sandbox can be opened, on every machine that can go that way, as root and as another
 * user. A way that this machine cannot go is skipped, with the reason.
 */
#include "place.h"

#include "core/path.h"
#include "core/buf.h"
#include "sys/file.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct way ways[] = {
    {"overlay", SANDBOX_OVERLAY, 0},
    {"overlay with one id", SANDBOX_OVERLAY, SANDBOX_DENY_RANGE_MAP},
    {"overlay of Linux 5.11", SANDBOX_OVERLAY, SANDBOX_DENY_MOUNT_SETATTR},
    {"overlay with the host's /proc", SANDBOX_OVERLAY, SANDBOX_DENY_PROC},
    {"read-only folders", SANDBOX_OVERLAY, SANDBOX_DENY_OVERLAY},
    {"plain", SANDBOX_PLAIN, 0},
};

static void runs_and_tells_the_end(void **state)
{
    struct place *p = *state;
    place_open(p);
    assert_string_equal(place_ok(p, "echo out; echo err >&2"), "out\nerr\n");
    struct sandbox_event ev = place_sh(p, "exit 7").ev;
    assert_int_equal(ev.kind, SANDBOX_EXITED);
    assert_int_equal(ev.status, 7);
    ev = place_sh(p, "kill -TERM $$").ev;
    assert_int_equal(ev.kind, SANDBOX_SIGNALLED);
    assert_int_equal(ev.status, SIGTERM);
    place_close(p);
}

static void starts_clean(void **state)
{
    struct place *p = *state;
    signal(SIGPIPE, SIG_IGN);
    place_open(p);
    assert_string_equal(place_ok(p, "grep SigIgn /proc/self/status | tr -d '0[:space:]'"), "SigIgn:");
    assert_string_equal(place_ok(p, "grep SigBlk /proc/self/status | tr -d '0[:space:]'"), "SigBlk:");
    assert_string_equal(place_ok(p, "grep NoNewPrivs /proc/self/status | tr -d '[:space:]'"), "NoNewPrivs:1");
    assert_string_equal(place_ok(p, "set -- /dev/fd/*; echo $#"), "4\n"); /* the fourth is the folder that is listed */
    assert_string_equal(place_ok(p, "umask"), "0022\n");
    assert_string_equal(place_ok(p, "env | sort | grep -v '^PWD='"),
                        place_text(p, "HOME=%s\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n", place_path(p, "/home/job")).p);
    place_close(p);
}

static void tells_why_not_started(void **state)
{
    struct place *p = *state;
    place_open(p);
    const char *none[] = {"no-such-program", NULL}, *pwd[] = {"pwd", NULL}, *folder[] = {"/usr", NULL};
    struct sandbox_event ev = place_wait(p, place_start(p, none, "/", -1));
    assert_int_equal(ev.kind, SANDBOX_NOT_STARTED);
    assert_int_equal(ev.err.num, -ENOENT);
    assert_string_equal(ev.err.text, "no such program: no-such-program");
    ev = place_wait(p, place_start(p, pwd, "/no/such/folder", -1));
    assert_int_equal(ev.kind, SANDBOX_NOT_STARTED);
    assert_string_equal(ev.err.text, "no such folder: /no/such/folder");
    ev = place_wait(p, place_start(p, folder, "/", -1));
    assert_int_equal(ev.err.num, -EACCES);
    place_ok(p, ":");
    place_close(p);
}

static void carries_long_requests(void **state)
{
    struct place *p = *state;
    place_open(p);
    struct err e = {0};
    char *big = mem_alloc(100001);
    memset(big, 'x', 100000);
    struct str argv[] = {STR("sh"), STR("-c"), STR("test ${#1} = 100000 && test ${#V7} = 100000"), STR("sh"),
                         str_of(big, 100000)};
    struct str env[10];
    for (size_t i = 0; i < ARRAY_LEN(env); i++)
        env[i] = place_text(p, "V%zu=%s", i, big);
    CLEAN(fd) int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    struct sandbox_cmd cmd = {
        .id = 99, .argv = argv, .n_argv = 5, .env = env, .n_env = 10, .cwd = STR("/"), .stdio = {null, null, null}};
    assert_int_equal(sandbox_exec(p->sb, &cmd, &e), 0);
    struct sandbox_event ev = place_wait(p, 99);
    assert_int_equal(ev.kind, SANDBOX_EXITED); /* env has no PATH, and sh is found all the same */
    assert_int_equal(ev.status, 0);
    free(big);
    place_close(p);
}

static void queues_what_it_hears_meanwhile(void **state)
{
    struct place *p = *state;
    enum { N = 100 };
    const char *argv[] = {"true", NULL};
    bool seen[N + 1] = {false};
    place_open(p);
    for (int i = 0; i < N; i++)
        place_start(p, argv, "/", -1);
    const char *last[] = {"sleep", "0.1", NULL};
    uint64_t last_id = place_start(p, last, "/", -1);
    struct pollfd pfd = {.fd = sandbox_fd(p->sb), .events = POLLIN};
    for (int i = 0; i < 3; i++) { /* each answer is behind the events that came before it */
        CLEAN(fd) int fd = sandbox_openat(p->sb, STR("/tmp"), O_RDONLY | O_DIRECTORY, 0, NULL);
        assert_true(fd >= 0);
    }
    for (int left = N; left > 0; left--) {
        struct sandbox_event ev;
        struct err e = {0};
        assert_int_equal(poll(&pfd, 1, 20000), 1);
        assert_int_equal(sandbox_next(p->sb, &ev, &e), 1);
        assert_true(ev.id <= N && ev.id >= 1 && !seen[ev.id]);
        seen[ev.id] = true;
    }
    assert_int_equal(place_wait(p, last_id).kind, SANDBOX_EXITED);
    place_close(p);
}

static void opens_files(void **state)
{
    struct place *p = *state;
    struct err e = {0};
    place_open(p);
    CLEAN(fd) int fd = sandbox_openat(p->sb, STR("/home/job/new"), O_WRONLY | O_CREAT | O_EXCL, 0640, &e);
    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    assert_int_equal(write(fd, "text", 4), 4);
    assert_string_equal(place_ok(p, "cat $HOME/new; stat -c ' %a' $HOME/new"), "text 640\n");
    assert_int_equal(sandbox_openat(p->sb, STR("/home/job/none"), O_RDONLY, 0, &e), -ENOENT);
    assert_non_null(strstr(e.text, "/home/job/none"));
    CLEAN(fd) int dir = sandbox_openat(p->sb, STR("/home/job"), O_RDONLY | O_DIRECTORY, 0, &e);
    CLEAN(fd) int below = openat(dir, "new", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    assert_true(dir >= 0 && below >= 0);
    place_ok(p, "mkfifo $HOME/pipe");
    CLEAN(fd) int pipe = sandbox_openat(p->sb, STR("/home/job/pipe"), O_RDONLY, 0, &e); /* does not wait */
    assert_true(pipe >= 0);
    place_close(p);
}

static void signals_a_command_and_its_descendants(void **state)
{
    struct place *p = *state;
    int ends[2];
    place_open(p);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    const char *argv[] = {"sh", "-c", "sleep 1000 & echo on; wait", NULL};
    const char *other[] = {"sleep", "1000", NULL};
    uint64_t id = place_start(p, argv, "/", ends[1]), spared = place_start(p, other, "/", -1);
    close(ends[1]);
    char c[3];
    assert_int_equal(read(ends[0], c, sizeof c), 3);
    assert_int_equal(sandbox_signal(p->sb, id, SIGTERM, NULL), 0);
    assert_int_equal(place_wait(p, id).status, SIGTERM);
    assert_true(pipe_ends(ends[0]));
    close(ends[0]);
    assert_int_equal(sandbox_signal(p->sb, id, SIGTERM, NULL), -ESRCH);
    assert_int_equal(sandbox_signal(p->sb, 0, SIGKILL, NULL), 0);
    assert_int_equal(place_wait(p, spared).status, SIGKILL);
    place_ok(p, ":");
    place_close(p);
}

/* A process of the job that has left its session and lost its parent holds `out`. */
static void leave_daemon(struct place *p, int out)
{
    const char *argv[] = {"sh", "-c", "setsid sh -c 'setsid sleep 1000 & echo on' & wait", NULL};
    place_wait(p, place_start(p, argv, "/", out));
}

static void close_ends_everything(void **state)
{
    struct place *p = *state;
    int ends[2];
    place_open(p);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    leave_daemon(p, ends[1]);
    close(ends[1]);
    place_close(p);
    assert_true(pipe_ends(ends[0]));
    close(ends[0]);
}

static void dies_with_slipway(void **state)
{
    struct place *p = *state;
    int ends[2];
    char c[3];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t slipway = fork();
    if (slipway == 0) {
        close(ends[0]);
        place_open(p);
        leave_daemon(p, ends[1]);
        for (;;)
            pause();
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], c, sizeof c), 3);
    kill(slipway, SIGKILL);
    waitpid(slipway, NULL, 0);
    assert_true(pipe_ends(ends[0]));
    close(ends[0]);
}

static void tells_when_it_is_gone(void **state)
{
    struct place *p = *state;
    struct err e = {0};
    struct sandbox_event ev;
    place_open(p);
    kill(sandbox_pid(p->sb), SIGKILL);
    assert_int_equal(place_wait(p, 1).kind, SANDBOX_GONE);
    assert_true(sandbox_next(p->sb, &ev, &e) < 0);
    assert_true(sandbox_signal(p->sb, 0, SIGTERM, &e) < 0);
    place_close(p);
}

static void keeps_what_is_asked_for(void **state)
{
    struct place *p = *state;
    place_open(p);
    place_ok(p, "echo kept > $HOME/file");
    struct sandbox *sb = p->sb;
    p->sb = NULL;
    assert_int_equal(sandbox_close(sb, true, NULL), 0);
    assert_true(path_exists(p->scratch));
}

static void shows_a_view(void **state)
{
    struct place *p = *state;
    struct str hidden[] = {STR("secret"), STR("a/b/build"), STR("none/at/all")};
    host_write(p, "tree/file", "old");
    host_write(p, "tree/secret", "s");
    host_write(p, "tree/a/b/build/x", "x");
    host_write(p, "tree/a/b/kept", "kept");
    p->spec.dirs = (struct strs){&STR("/home/job/repo"), 1, 1};
    place_open(p);
    struct err e = {0};
    struct sandbox_mount m = {.kind = MOUNT_VIEW,
                              .source = place_text(p, "%s/tree", p->dir),
                              .path = STR("/home/job/repo"),
                              .hide = {hidden, 3, 3}};
    if (sandbox_mount(p->sb, &m, &e) < 0)
        fail_msg("%s", e.text);
    const char *at = place_path(p, "/home/job/repo");
    assert_string_equal(place_ok(p, place_text(p, "cd %s; find . | sort", at).p),
                        ".\n./a\n./a/b\n./a/b/kept\n./file\n");
    place_ok(p, place_text(p, "cd %s; echo new > file; rm a/b/kept; mkdir a/b/build; touch a/b/build/y", at).p);
    assert_string_equal(place_ok(p, place_text(p, "cd %s; cat file; ls a/b/build", at).p), "new\ny\n");
    assert_string_equal(host_read(p, "tree/file"), "old");
    assert_string_equal(host_read(p, "tree/a/b/kept"), "kept");
    assert_int_equal(sandbox_mount(p->sb, &m, &e), -ENOTEMPTY);
    place_close(p);
    assert_string_equal(host_read(p, "tree/secret"), "s");
}

/* Overlayfs refuses an upper layer below its lower one; then the view is a copy, without the scratch folder in it. */
static void shows_a_view_around_itself(void **state)
{
    struct place *p = *state;
    struct err e = {0};
    host_write(p, "file", "old");
    place_open(p);
    struct sandbox_mount m = {.kind = MOUNT_VIEW, .source = str_from(p->dir), .path = STR("/home/job/all")};
    if (p->way->mode == SANDBOX_PLAIN)
        skip();
    if (sandbox_mount(p->sb, &m, &e) < 0)
        fail_msg("%s", e.text);
    assert_string_equal(place_ok(p, "cd $HOME/all; find . | sort; echo new > file"), ".\n./file\n");
    assert_string_equal(host_read(p, "file"), "old");
    place_close(p);
}

static void mounts_other_things(void **state)
{
    struct place *p = *state;
    struct err e = {0};
    host_write(p, "ro/file", "ro");
    host_write(p, "rw/file", "rw");
    host_write(p, "one", "one");
    struct sandbox_mount m[] = {
        {.kind = MOUNT_RO, .source = place_text(p, "%s/ro", p->dir), .path = STR("/home/job/tools/ro")},
        {.kind = MOUNT_RW, .source = place_text(p, "%s/rw", p->dir), .path = STR("/home/job/rw")},
        {.kind = MOUNT_RO, .source = place_text(p, "%s/one", p->dir), .path = STR("/home/job/conf/one")},
        {.kind = MOUNT_TMPFS, .path = STR("/home/job/mem")},
    };
    p->spec.mounts = m;
    p->spec.n_mounts = ARRAY_LEN(m);
    place_open(p);
    assert_int_equal(
        sandbox_mount(p->sb, &(struct sandbox_mount){.kind = MOUNT_DIR, .path = STR("/home/job/disk")}, &e), 0);
    assert_string_equal(place_ok(p, "cd $HOME; cat tools/ro/file rw/file conf/one"), "rorwone");
    place_ok(p, "cd $HOME; echo changed > rw/file; touch mem/x disk/x");
    assert_string_equal(host_read(p, "rw/file"), "changed\n");
    if (p->way->mode != SANDBOX_PLAIN) {
        assert_int_not_equal(place_sh(p, "echo x > $HOME/tools/ro/file").ev.status, 0);
        assert_int_not_equal(place_sh(p, "echo x > $HOME/conf/one").ev.status, 0);
        assert_string_equal(host_read(p, "ro/file"), "ro");
    }
    struct sandbox_mount absent = {.kind = MOUNT_RO, .source = STR("/no/such/source"), .path = STR("/home/job/x")};
    assert_int_equal(sandbox_mount(p->sb, &absent, &e), -ENOENT);
    assert_non_null(strstr(e.text, "/no/such/source"));
    place_close(p);
}

/* ---- what only namespaces give ---- */

static bool overlaid(const struct place *p)
{
    return p->way->mode == SANDBOX_OVERLAY && !(p->way->deny & SANDBOX_DENY_OVERLAY);
}

static void skip_plain(const struct place *p)
{
    if (p->way->mode == SANDBOX_PLAIN)
        skip();
}

static void hides_the_home_and_the_host(void **state)
{
    struct place *p = *state;
    skip_plain(p);
    host_write(p, "home/secret", "s");
    place_open(p);
    place_ok(p, place_text(p, "test ! -e %s && test ! -e %s", p->dir, p->scratch).p);
    assert_string_equal(place_ok(p, "ls -A /tmp /home /root"), "/home:\njob\n\n/root:\n\n/tmp:\n");
    place_ok(p, "echo x > /tmp/x; echo x > $HOME/x; test -c /dev/null; echo > /dev/null; test -d /dev/shm");
    place_ok(p, "python3 -c 'import pty; pty.openpty()' || ! command -v python3");
    assert_string_equal(place_ok(p, "id -u"), "0\n");
    assert_string_equal(place_ok(p, "hostname; cat /proc/sys/kernel/hostname"), "box-1\nbox-1\n");
    if (overlaid(p))
        assert_string_equal(place_ok(p, "cat /etc/hostname"), "box-1\n");
    place_close(p);
}

static void changes_nothing_outside(void **state)
{
    struct place *p = *state;
    skip_plain(p);
    place_open(p);
    struct outcome o = place_sh(p, "touch /usr/slipway-was-here /etc/slipway-was-here /var/tmp/slipway-was-here");
    if (overlaid(p) && geteuid() == 0)
        assert_int_equal(o.ev.status, 0);
    assert_false(path_exists("/usr/slipway-was-here"));
    assert_false(path_exists("/etc/slipway-was-here"));
    assert_false(path_exists("/var/tmp/slipway-was-here"));
    place_close(p);
}

static void keeps_root_inside(void **state)
{
    struct place *p = *state;
    skip_plain(p);
    place_open(p);
    assert_int_not_equal(place_sh(p, "mount -t tmpfs none /home/job").ev.status, 0);
    assert_int_not_equal(place_sh(p, "echo 1 > /proc/sys/kernel/panic_on_oops").ev.status, 0);
    assert_int_not_equal(place_sh(p, "echo h > /proc/sysrq-trigger").ev.status, 0);
    assert_int_not_equal(
        place_sh(p, "unshare -Urmp --fork --mount-proc sh -c 'echo h > /proc/sysrq-trigger'").ev.status, 0);
    assert_int_not_equal(place_sh(p, "mknod /home/job/null c 1 3 && echo x > /home/job/null").ev.status, 0);
    assert_int_not_equal(place_sh(p, "ls /proc/1/root/ /proc/1/fd/ && cd /proc/1/root").ev.status, 0);
    place_ok(p, "kill -9 1; sleep 0.05");
    place_ok(p, "test -z \"$(ls /sys)\" || ! touch /sys/x");
    place_close(p);
}

/* Their nodes are the host's, and a real root inside owns them. */
static void leaves_devices_alone(void **state)
{
    struct place *p = *state;
    struct stat before, after;
    skip_plain(p);
    if (p->way->deny & SANDBOX_DENY_MOUNT_SETATTR)
        skip();
    place_open(p);
    assert_int_equal(stat("/dev/full", &before), 0);
    assert_int_not_equal(place_sh(p, "chmod 640 /dev/full").ev.status, 0);
    assert_int_equal(stat("/dev/full", &after), 0);
    assert_int_equal(after.st_mode, before.st_mode);
    place_ok(p, "echo x > /dev/null; test \"$(head -c 3 /dev/zero | wc -c)\" -eq 3");
    place_close(p);
}

/* Either there are other ids, or chown says so. */
static void lets_installers_change_owners(void **state)
{
    struct place *p = *state;
    skip_plain(p);
    place_open(p);
    place_ok(p, "cd $HOME; touch f; chown 7:7 f && chown -h 7:7 f");
    place_ok(p, "mkdir $HOME/d; touch $HOME/d/f; chown -R 33:33 $HOME/d; chmod 700 $HOME/d");
    place_close(p);
}

static void gives_a_network_of_its_own(void **state)
{
    struct place *p = *state;
    skip_plain(p);
    p->spec.network = false;
    place_open(p);
    assert_string_equal(place_ok(p, "grep -c : /proc/net/dev || :"),
                        p->way->deny & SANDBOX_DENY_PROC ? place_ok(p, "grep -c : /proc/net/dev") : "1\n");
    place_ok(p, "grep -q 127.0.0.1 /proc/self/net/fib_trie");
    place_close(p);
}

static void limits_processes(void **state)
{
    struct place *p = *state;
    skip_plain(p);
    struct sandbox_caps caps;
    sandbox_probe(p->dir, &caps);
    if (!caps.pids_limit) {
        print_message("no limit of processes on this machine\n");
        skip();
    }
    p->spec.max_processes = 50;
    place_open(p);
    struct outcome o = place_sh(p, "i=0; while [ $i -lt 200 ]; do sleep 1000 >/dev/null 2>&1 & i=$((i+1)); done");
    assert_non_null(strstr(o.out.p, "fork"));
    const char *argv[] = {"true", NULL};
    struct sandbox_event ev = place_wait(p, place_start(p, argv, "/", -1));
    if (ev.kind == SANDBOX_NOT_STARTED)
        assert_int_equal(ev.err.num, -EAGAIN);
    assert_int_equal(sandbox_signal(p->sb, 0, SIGKILL, NULL), 0);
    place_close(p);
}

/* The scratch folder below a folder that is shown: what is beside it is shown one by one, but for other runs. */
static void lives_below_a_shown_folder(void **state)
{
    struct place *p = *state;
    struct err e = {0};
    skip_plain(p);
    char dir[] = "/var/tmp/slipway-test-XXXXXX";
    assert_non_null(mkdtemp(dir));
    chmod(dir, 0755);
    p->spec.scratch = place_text(p, "%s/runs/1/job", dir);
    assert_int_equal(dir_make(p->spec.scratch.p, 0755, &e), 0);
    assert_int_equal(file_write(place_text(p, "%s/runs/1/lock", dir).p, STR(""), 0644, &e), 0);
    assert_int_equal(file_write(place_text(p, "%s/beside", dir).p, STR("seen"), 0644, &e), 0);
    place_open(p);
    place_ok(p, "test -d /var/lib/dpkg || test ! -d /var/lib");
    place_ok(p, place_text(p, "test ! -e %s/runs && cat %s/beside", dir, dir).p);
    assert_int_not_equal(place_sh(p, place_text(p, "echo x > %s/beside", dir).p).ev.status, 0);
    struct sandbox *sb = p->sb;
    p->sb = NULL;
    assert_int_equal(sandbox_close(sb, false, &e), 0);
    assert_false(path_exists(p->spec.scratch.p));
    assert_int_equal(tree_remove(dir, &e), 0);
}

/* ---- the rest ---- */

static void falls_back_to_plain(void **state)
{
    struct place *p = *state;
    struct err e = {0};
    p->spec.mode = SANDBOX_OVERLAY;
    p->spec.deny = SANDBOX_DENY_USERNS;
    assert_int_equal(sandbox_open(&p->spec, &p->sb, &e), -EPERM);
    assert_non_null(strstr(e.text, "user namespaces"));
    p->spec.mode = SANDBOX_AUTO;
    assert_int_equal(sandbox_open(&p->spec, &p->sb, &e), 0);
    assert_int_equal(sandbox_mode_of(p->sb), SANDBOX_PLAIN);
    place_ok(p, "cd $HOME && pwd");
    place_close(p);
}

static void sweeps_what_is_left(void **state)
{
    struct place *p = *state;
    struct err e = {0};
    CLEAN(fd) int lock = -1;
    host_write(p, "runs/old/lock", "");
    host_write(p, "runs/old/job-1/layers/file", "x");
    host_write(p, "runs/live/lock", "");
    host_write(p, "runs/strange/file", "");
    assert_int_equal(file_lock(place_text(p, "%s/runs/live/lock", p->dir).p, false, &lock, &e), 0);
    assert_int_equal(sandbox_sweep(place_text(p, "%s/runs", p->dir).p, &e), 1);
    assert_false(path_exists(place_text(p, "%s/runs/old", p->dir).p));
    assert_true(path_exists(place_text(p, "%s/runs/live/lock", p->dir).p));
    assert_true(path_exists(place_text(p, "%s/runs/strange/file", p->dir).p));
    assert_int_equal(sandbox_sweep(place_text(p, "%s/no-runs", p->dir).p, &e), 0);
}

static void probes(void **state)
{
    struct place *p = *state;
    struct sandbox_caps c;
    sandbox_probe(p->dir, &c);
    print_message("userns %d (%s), overlay %d (%s), range map %d (%s), limit of processes %d, best %s\n", c.userns,
                  c.why_userns, c.overlay, c.why_overlay, c.range_map, c.why_range_map, c.pids_limit,
                  sandbox_mode_name(c.best));
    assert_true(c.overlay ? c.why_overlay[0] == '\0' : c.why_overlay[0] != '\0');
    assert_true(c.best == (c.overlay ? SANDBOX_OVERLAY : SANDBOX_PLAIN));
    assert_true(path_exists(p->scratch));
}

/* ---- the table ---- */

#define TEST(f)                                                                                                        \
    {                                                                                                                  \
#f, f                                                                                                          \
    }
static const struct {
    const char *name;
    void (*run)(void **state);
} tests[] = {
    TEST(runs_and_tells_the_end),
    TEST(starts_clean),
    TEST(tells_why_not_started),
    TEST(carries_long_requests),
    TEST(queues_what_it_hears_meanwhile),
    TEST(opens_files),
    TEST(signals_a_command_and_its_descendants),
    TEST(close_ends_everything),
    TEST(dies_with_slipway),
    TEST(tells_when_it_is_gone),
    TEST(keeps_what_is_asked_for),
    TEST(shows_a_view),
    TEST(shows_a_view_around_itself),
    TEST(mounts_other_things),
    TEST(hides_the_home_and_the_host),
    TEST(changes_nothing_outside),
    TEST(keeps_root_inside),
    TEST(leaves_devices_alone),
    TEST(lets_installers_change_owners),
    TEST(gives_a_network_of_its_own),
    TEST(limits_processes),
    TEST(lives_below_a_shown_folder),
};

static bool can_go(const struct way *w, const struct sandbox_caps *caps)
{
    if (w->mode == SANDBOX_PLAIN || (caps->userns && (caps->overlay || w->deny & SANDBOX_DENY_OVERLAY)))
        return true;
    print_message("SKIPPED: %s: %s\n", w->name, caps->userns ? caps->why_overlay : caps->why_userns);
    return false;
}

int main(void)
{
    struct CMUnitTest all[ARRAY_LEN(ways) * ARRAY_LEN(tests) + 3];
    struct arena *a = arena_new();
    struct sandbox_caps caps;
    size_t n = 0;
    sandbox_probe("/tmp", &caps);
    for (size_t w = 0; w < ARRAY_LEN(ways); w++)
        for (size_t t = 0; can_go(&ways[w], &caps) && t < ARRAY_LEN(tests); t++)
            all[n++] = (struct CMUnitTest){arena_printf(a, "%s: %s", ways[w].name, tests[t].name).p, tests[t].run,
                                           place_setup, place_teardown, &ways[w]};
    struct way *plain = &ways[ARRAY_LEN(ways) - 1];
    all[n++] = (struct CMUnitTest){"falls_back_to_plain", falls_back_to_plain, place_setup, place_teardown, plain};
    all[n++] = (struct CMUnitTest){"sweeps_what_is_left", sweeps_what_is_left, place_setup, place_teardown, plain};
    all[n++] = (struct CMUnitTest){"probes", probes, place_setup, place_teardown, plain};
    int failed = _cmocka_run_group_tests("sandbox", all, n, NULL, NULL);
    arena_free(a);
    return failed;
}
