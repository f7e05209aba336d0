/*
 * Commands with roots of their own, in every way that an overlay sandbox can be opened, as root and as another user.
 */
#include "place.h"

#include "core/path.h"
#include "core/buf.h"
#include "sys/clock.h"
#include "sys/file.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

static struct way ways[] = {
    {"overlay", SANDBOX_OVERLAY, 0},
    {"overlay with one id", SANDBOX_OVERLAY, SANDBOX_DENY_RANGE_MAP},
    {"overlay of Linux 5.11", SANDBOX_OVERLAY, SANDBOX_DENY_MOUNT_SETATTR},
    {"overlay with the host's /proc", SANDBOX_OVERLAY, SANDBOX_DENY_PROC},
    {"read-only folders", SANDBOX_OVERLAY, SANDBOX_DENY_OVERLAY},
    {"plain", SANDBOX_PLAIN, 0},
};

static void skip_unless_own(const struct place *p)
{
    if (p->way->mode == SANDBOX_PLAIN)
        skip();
}

static void skip_without_overlay(const struct place *p)
{
    skip_unless_own(p);
    if (p->way->deny & SANDBOX_DENY_OVERLAY)
        skip();
}

static void open_fresh(struct place *p)
{
    place_open(p);
    place_fresh(p);
}

/* What lies on disk of roots of their own. */
struct layers {
    size_t stewards; /* that are there, with what they use again */
    size_t written;  /* files named "x" and "shut" */
};

static int count_one(void *ctx, struct str rel, const struct stat *st)
{
    struct layers *l = ctx;
    struct str base = path_base(rel);
    UNUSED(st);
    l->stewards += str_starts(rel, STR("own-")) && str_find_ch(rel, '/') < 0;
    l->written += str_is(base, "x") || str_is(base, "shut");
    return str_starts(base, STR("work")) ? 1 : 0; /* of overlays: another user may not look into it */
}

/* Folders come and go meanwhile: a walk that fails says that there is something. */
static struct layers count_layers(struct place *p)
{
    struct layers l = {0};
    if (tree_walk(place_text(p, "%s/layers", p->scratch).p, count_one, &l, NULL) < 0)
        l.written++;
    return l;
}

/* ---- what is seen ---- */

static void writes_vanish(void **state)
{
    struct place *p = *state;
    skip_unless_own(p);
    open_fresh(p);
    place_ok(p, "echo x > /tmp/a; echo x > $HOME/a; echo x > /run/a; echo x > /dev/shm/a; mkdir /top; echo x > /top/a");
    place_ok(p, "test ! -e /tmp/a && test ! -e $HOME/a && test ! -e /run/a && test ! -e /dev/shm/a && test ! -e /top");
    place_ok(p, "echo x > /tmp/b");
    place_first(p, "test ! -e /tmp/a && test ! -e $HOME/a && test ! -e /tmp/b && echo x > /tmp/first && cd $HOME");
    place_ok(p, "test ! -e /tmp/first");
    place_close(p);
}

static void system_is_copy_on_write(void **state)
{
    struct place *p = *state;
    skip_without_overlay(p);
    if (geteuid() != 0) /* /usr is nobody's */
        skip();
    open_fresh(p);
    place_ok(p, "echo x > /usr/bin/slipway-mark; echo x > /etc/slipway-mark; rm /etc/passwd");
    place_ok(p, "test ! -e /usr/bin/slipway-mark && test ! -e /etc/slipway-mark && test -e /etc/passwd");
    place_first(p, "test ! -e /usr/bin/slipway-mark && test ! -e /etc/slipway-mark && test -e /etc/passwd");
    assert_false(path_exists("/usr/bin/slipway-mark"));
    place_close(p);
}

/* Parts of a root are used again when nobody has changed them: any change counts, and how it was made does not. */
static void small_changes_vanish(void **state)
{
    struct place *p = *state;
    static const char look[] =
        "stat -c '%n %a %u %g %s' / /tmp /run /dev /dev/shm /etc /opt /var /var/tmp $HOME /root "
        "/etc/hostname /run/slipway/bin/tool | sed 's/ [0-9]*$//'; cat /etc/hosts /etc/hostname; "
        "ls -A / /tmp /dev /run $HOME /etc /opt /var /run/slipway/bin; /run/slipway/bin/tool";
    static const char *const changes[] = {
        "chmod 700 /tmp",
        "chmod 711 $HOME; chmod 711 /root",
        "touch -d @1 /etc/hosts; tr a-z A-Z < /etc/hosts > /run/h; cat /run/h > /etc/hosts",
        "mv /etc/hostname /etc/h && cp /etc/h /etc/hostname && rm /etc/h",
        "rm /etc/hostname",
        "chmod 700 /etc /var",
        "mkdir /var/x && rmdir /var/x; chmod 700 /opt",
        "rm -rf /var/lib/dpkg /etc/passwd",
        "echo x > /dev/shm/x; rm /dev/fd; chmod 700 /dev",
        "echo 'echo other' >> /run/slipway/bin/tool",
        "mkfifo /tmp/p; ln -s /etc /tmp/l; mkdir -p -m 0 /tmp/d; ln /etc/hosts /etc/hosts2"};
    struct sandbox_file file = {STR("/run/slipway/bin/tool"), STR("#!/bin/sh\necho tool\n"), 0755};
    skip_unless_own(p);
    p->spec.files = &file;
    p->spec.n_files = 1;
    place_open(p);
    const char *first = place_ok(p, look);
    place_fresh(p);
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        place_sh(p, changes[i]); /* what another user may not do fails */
        for (int k = 0; k < 2; k++)
            if (strcmp(place_ok(p, look), first) != 0)
                fail_msg("seen: %s", changes[i]);
    }
    assert_string_equal(place_first(p, look), first);
    place_close(p);
}

static void is_born_like_the_first(void **state)
{
    struct place *p = *state;
    struct str dirs[] = {STR("/work"), STR("/opt/tools/x")}, memory[] = {STR("/home/job/fast"), STR("/run/memory")};
    struct sandbox_file files[] = {{STR("/run/slipway/bin/tool"), STR("#!/bin/sh\necho tool\n"), 0755},
                                   {STR("/run/slipway/note"), STR(""), 0600}};
    skip_unless_own(p);
    p->spec.dirs = (struct strs){dirs, p->way->deny & SANDBOX_DENY_OVERLAY ? 1 : 2, 2};
    p->spec.memory_dirs = (struct strs){memory, 2, 2};
    p->spec.files = files;
    p->spec.n_files = 2;
    place_open(p);
    static const char look[] = "hostname; cat /etc/hostname; grep box-1 /etc/hosts; ls -ld / /tmp /run /run/lock /root "
                               "$HOME $HOME/fast /run/memory /work /dev/shm /run/slipway/* /usr /etc | "
                               "sed 's/[A-Z][a-z][a-z] .*[0-9] / /'; ls / /dev /run; /run/slipway/bin/tool; id; "
                               "grep -E 'Cap|NoNew|Sig[BIC]|Seccomp:' /proc/self/status; umask; pwd; set -- /dev/fd/*; "
                               "echo $#; awk '{print $5, $6, $9}' /proc/self/mountinfo | grep -v ' /sys/' | sort";
    const char *first = place_ok(p, look);
    place_fresh(p);
    for (int i = 0; i < 3; i++)
        assert_string_equal(place_ok(p, look), first);
    place_close(p);
}

static void shares_persist(void **state)
{
    struct place *p = *state;
    skip_unless_own(p);
    place_open(p);
    place_first(p, "mkdir -p /tmp/shared/sub && echo file > /tmp/one && echo b > /tmp/shared/before");
    place_fresh(p);
    place_share(p, "/tmp/shared", "/workspace", false);
    place_share(p, "/tmp/one", "/deep/er/one", false);
    place_ok(p, "cat /workspace/before && echo new > /workspace/sub/new && echo more >> /deep/er/one");
    assert_string_equal(place_first(p, "cat /tmp/shared/sub/new /tmp/one"), "new\nfile\nmore\n");
    assert_string_equal(place_ok(p, "cat /workspace/sub/new /deep/er/one && test ! -e /tmp/shared"),
                        "new\nfile\nmore\n");
    place_close(p);
}

static void shares_can_be_read_only(void **state)
{
    struct place *p = *state;
    skip_unless_own(p);
    place_open(p);
    place_first(p, "mkdir /tmp/shared && echo x > /tmp/shared/x && echo y > /tmp/y");
    place_fresh(p);
    place_share(p, "/tmp/shared", "/ro", true);
    place_share(p, "/tmp/y", "/y", true);
    place_share(p, "/tmp/shared", "/rw", false);
    place_ok(p, "cat /ro/x /y; ! echo z > /ro/z && ! echo z > /ro/x && ! rm /ro/x && ! echo z > /y && echo z > /rw/z");
    assert_string_equal(place_first(p, "cd /tmp/shared && echo * && cat x"), "x z\nx\n");
    place_close(p);
}

static void shares_show_what_is_mounted(void **state)
{
    struct place *p = *state;
    struct err e = {0};
    host_write(p, "tree/file", "of the host\n");
    skip_without_overlay(p);
    place_open(p);
    struct sandbox_mount view = {
        .kind = MOUNT_VIEW, .source = place_text(p, "%s/tree", p->dir), .path = STR("/tmp/w/v")};
    if (sandbox_mount(p->sb, &view, &e) < 0)
        fail_msg("%s", e.text);
    place_fresh(p);
    place_share(p, "/tmp/w", "/w", false);
    place_ok(p, "echo step > /w/v/file");
    assert_string_equal(place_ok(p, "cat /w/v/file /tmp/w/v/file"), "step\nof the host\n");
    assert_string_equal(host_read(p, "tree/file"), "of the host\n");
    place_close(p);
}

static void views_are_anew(void **state)
{
    struct place *p = *state;
    struct err e = {0};
    struct str hide[] = {STR("secret"), STR("sub/hidden")};
    host_write(p, "tree/file", "host\n");
    host_write(p, "tree/secret", "no\n");
    host_write(p, "tree/sub/hidden", "no\n");
    host_write(p, "tree/sub/seen", "yes\n");
    host_write(p, "config", "conf\n");
    skip_without_overlay(p);
    open_fresh(p);
    struct sandbox_mount m[] = {
        {.kind = MOUNT_VIEW, .source = place_text(p, "%s/tree", p->dir), .path = STR("/v"), .hide = {hide, 2, 2}},
        {.kind = MOUNT_RO, .source = place_text(p, "%s/config", p->dir), .path = STR("/home/job/config")},
        {.kind = MOUNT_TMPFS, .path = STR("/memory")},
        {.kind = MOUNT_DIR, .path = STR("/disk")}};
    place_ok(p, "test ! -e /v");
    for (size_t i = 0; i < ARRAY_LEN(m); i++)
        if (sandbox_mount(p->sb, &m[i], &e) < 0)
            fail_msg("%s", e.text);
    static const char look[] =
        "cat /v/file /v/sub/seen $HOME/config; ls -A /v /v/sub /memory /disk; ! echo x > $HOME/config";
    const char *seen = place_first(p, look);
    assert_non_null(strstr(seen, "conf\n"));
    assert_null(strstr(seen, "secret"));
    assert_string_equal(place_ok(p, look), seen);
    place_ok(p, "rm /v/file; rm -r /v/sub; echo x > /v/new; echo x > /memory/x; echo x > /disk/x");
    assert_string_equal(place_ok(p, look), seen);
    place_first(p, "rm /v/file");
    assert_string_equal(place_ok(p, look), seen);
    assert_string_equal(host_read(p, "tree/file"), "host\n");
    place_close(p);
}

static void views_around_themselves_are_anew(void **state)
{
    struct place *p = *state;
    struct err e = {0};
    host_write(p, "file", "host\n");
    skip_without_overlay(p);
    open_fresh(p);
    struct sandbox_mount m = {.kind = MOUNT_VIEW, .source = place_text(p, "%s", p->dir), .path = STR("/v")};
    if (sandbox_mount(p->sb, &m, &e) < 0)
        fail_msg("%s", e.text);
    place_ok(p, "cat /v/file && echo x > /v/file && echo x > /v/new");
    assert_string_equal(place_ok(p, "cat /v/file; ls /v"), "host\nfile\n");
    assert_string_equal(place_first(p, "cat /v/file; ls /v"), "host\nfile\n");
    place_close(p);
}

/* Each sees its own, while both are there. */
static void two_do_not_see_each_other(void **state)
{
    struct place *p = *state;
    int ends[2];
    char c[8];
    skip_unless_own(p);
    place_open(p);
    place_first(p, "mkdir /tmp/meet && mkfifo /tmp/meet/a /tmp/meet/b");
    place_fresh(p);
    place_share(p, "/tmp/meet", "/meet", false);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    const char *a[] = {"sh", "-c", "echo a > /tmp/x; echo > /meet/a; read l < /meet/b; cat /tmp/x", NULL};
    const char *b[] = {"sh", "-c", "read l < /meet/a; test ! -e /tmp/x; e=$?; echo b > /tmp/x; echo > /meet/b; exit $e",
                       NULL};
    uint64_t ids[] = {place_start(p, a, "/", ends[1]), place_start(p, b, "/", -1)};
    close(ends[1]);
    struct sandbox_event ev = place_wait(p, ids[0]);
    assert_int_equal(ev.status, 0);
    assert_int_equal(read(ends[0], c, sizeof c), 2);
    assert_int_equal(c[0], 'a');
    close(ends[0]);
    place_ok(p, "test ! -e /tmp/x");
    place_close(p);
}

/* ---- how it ends ---- */

static void tells_the_end(void **state)
{
    struct place *p = *state;
    open_fresh(p);
    assert_string_equal(place_ok(p, "echo out; echo err >&2"), "out\nerr\n");
    struct sandbox_event ev = place_sh(p, "exit 7").ev;
    assert_int_equal(ev.kind, SANDBOX_EXITED);
    assert_int_equal(ev.status, 7);
    ev = place_sh(p, "kill -TERM $$").ev;
    assert_int_equal(ev.kind, SANDBOX_SIGNALLED);
    assert_int_equal(ev.status, SIGTERM);
    place_close(p);
}

/* Past 32 KB a request travels in memory that is passed on. */
static void carries_long_requests(void **state)
{
    struct place *p = *state;
    char *big = mem_alloc(100001);
    memset(big, 'x', 100000);
    open_fresh(p);
    for (int i = 0; i < 3; i++)
        assert_string_equal(place_ok(p, place_text(p, "x=%s; echo ${#x}", big).p), "100000\n");
    free(big);
    place_close(p);
}

/* Where a command starts is made, in its own root only; what a link says is followed inside of it. */
static void makes_the_folder_it_starts_in(void **state)
{
    struct place *p = *state;
    const char *const pwd[] = {"pwd", NULL};
    open_fresh(p);
    skip_unless_own(p);
    for (int i = 0; i < 2; i++) {
        struct sandbox_event ev = place_wait(p, place_start(p, pwd, "/srv/none/of/it", -1));
        assert_int_equal(ev.kind, SANDBOX_EXITED);
        assert_int_equal(ev.status, 0);
        place_ok(p, "test ! -e /srv/none");
    }
    place_close(p);
}

static void tells_why_not_started(void **state)
{
    struct place *p = *state;
    struct err e = {0};
    skip_unless_own(p);
    host_write(p, "tree/file", "x");
    open_fresh(p);
    const char *none[] = {"no-such-program", NULL}, *pwd[] = {"pwd", NULL};
    for (int i = 0; i < 2; i++) {
        struct sandbox_event ev = place_wait(p, place_start(p, none, "/", -1));
        assert_int_equal(ev.kind, SANDBOX_NOT_STARTED);
        assert_int_equal(ev.err.num, -ENOENT);
        assert_string_equal(ev.err.text, "no such program: no-such-program");
        ev = place_wait(p, place_start(p, pwd, "/proc/none", -1));
        assert_string_equal(ev.err.text, "no such folder: /proc/none");
    }
    place_share(p, "/no/such", "/x", false);
    struct sandbox_event ev = place_wait(p, place_start(p, pwd, "/", -1));
    assert_int_equal(ev.kind, SANDBOX_NOT_STARTED);
    assert_int_equal(ev.err.num, -ENOENT);
    assert_string_equal(ev.err.text, "share of /no/such: No such file or directory");
    p->n_shares = 0;
    place_share(p, "/tmp", "/etc/passwd", false);
    ev = place_wait(p, place_start(p, pwd, "/", -1));
    assert_string_equal(ev.err.text, "share at /etc/passwd: Not a directory");
    p->n_shares = 0;
    place_ok(p, ":");
    struct sandbox_mount ro = {.kind = MOUNT_RO, .source = place_text(p, "%s/tree", p->dir), .path = STR("/ro")};
    assert_int_equal(sandbox_mount(p->sb, &ro, &e), 0);
    assert_int_equal(tree_remove(arena_str(p->a, ro.source).p, &e), 0);
    ev = place_wait(p, place_start(p, pwd, "/", -1)); /* its source is gone */
    assert_int_equal(ev.kind, SANDBOX_NOT_STARTED);
    assert_non_null(strstr(ev.err.text, "/tree: No such file or directory"));
    place_first(p, ":");
    place_close(p);
}

static void signals_reach_descendants(void **state)
{
    struct place *p = *state;
    int ends[2];
    open_fresh(p);
    for (int round = 0; round < 3; round++) {
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        const char *argv[] = {"sh", "-c", "sleep 1000 & echo on; wait", NULL}, *other[] = {"sleep", "1000", NULL};
        uint64_t id = place_start(p, argv, "/", ends[1]), spared = place_start(p, other, "/", -1);
        close(ends[1]);
        char c[3];
        assert_int_equal(read(ends[0], c, sizeof c), 3);
        assert_int_equal(sandbox_signal(p->sb, id, SIGTERM, NULL), 0);
        struct sandbox_event ev = place_wait(p, id);
        assert_int_equal(ev.kind, SANDBOX_SIGNALLED);
        assert_int_equal(ev.status, SIGTERM);
        assert_true(pipe_ends(ends[0]));
        close(ends[0]);
        assert_int_equal(sandbox_signal(p->sb, id, SIGTERM, NULL), -ESRCH);
        assert_int_equal(sandbox_signal(p->sb, spared, SIGKILL, NULL), 0);
        ev = place_wait(p, spared); /* maybe before it was started */
        assert_true(ev.kind == SANDBOX_NOT_STARTED || (ev.kind == SANDBOX_SIGNALLED && ev.status == SIGKILL));
    }
    place_close(p);
}

/* Whatever comes first, the signal or the start: it ends by it. */
static void early_signals_are_kept(void **state)
{
    struct place *p = *state;
    const char *argv[] = {"sleep", "1000", NULL};
    skip_unless_own(p);
    open_fresh(p);
    for (int i = 0; i < 10; i++) {
        uint64_t id = place_start(p, argv, "/", -1);
        assert_int_equal(sandbox_signal(p->sb, id, i % 2 ? SIGINT : SIGTERM, NULL), 0);
        struct sandbox_event ev = place_wait(p, id);
        assert_int_equal(ev.kind, SANDBOX_SIGNALLED);
        assert_int_equal(ev.status, i % 2 ? SIGINT : SIGTERM);
        id = place_start(p, argv, "/", -1);
        assert_int_equal(sandbox_signal(p->sb, id, SIGKILL, NULL), 0);
        ev = place_wait(p, id);
        assert_true(ev.kind == SANDBOX_NOT_STARTED || (ev.kind == SANDBOX_SIGNALLED && ev.status == SIGKILL));
    }
    place_ok(p, ":");
    place_close(p);
}

/* Others too, whose parents have gone and that lead sessions of their own. */
static void leftovers_die(void **state)
{
    struct place *p = *state;
    int ends[2];
    skip_unless_own(p);
    open_fresh(p);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        const char *argv[] = {"sh", "-c",
                              "setsid sh -c 'setsid sleep 1000 & sleep 1000 & :' & sleep 1000 & "
                              "until test $(ps -o comm= | grep -c sleep) = 3; do :; done; trap '' TERM",
                              NULL};
        if (p->way->deny & SANDBOX_DENY_PROC)
            argv[2] = "setsid sh -c 'setsid sleep 1000 & sleep 1000 & :' & sleep 1000 & sleep 0.2";
        uint64_t id = place_start(p, argv, "/", ends[1]);
        close(ends[1]);
        assert_int_equal(place_wait(p, id).kind, SANDBOX_EXITED);
        assert_true(pipe_ends(ends[0]));
        close(ends[0]);
    }
    place_close(p);
}

/* The limit is the job's, and what a command has filled it with goes with the command. */
static void fork_bombs_end(void **state)
{
    struct place *p = *state;
    struct sandbox_caps caps;
    skip_unless_own(p);
    sandbox_probe(p->dir, &caps);
    if (!caps.pids_limit)
        skip();
    p->spec.max_processes = 60;
    open_fresh(p);
    for (int i = 0; i < 2; i++) {
        struct outcome o = place_sh(p, "i=0; while [ $i -lt 200 ]; do setsid sleep 1000 & i=$((i+1)); done");
        assert_non_null(strstr(o.out.p, "fork"));
        assert_int_not_equal(o.ev.kind, SANDBOX_NOT_STARTED);
    }
    place_ok(p, "true | true");
    place_close(p);
}

static void stewards_can_be_killed(void **state)
{
    struct place *p = *state;
    skip_unless_own(p);
    if (p->way->deny & SANDBOX_DENY_PROC)
        skip();
    open_fresh(p);
    struct outcome o = place_sh(p, "kill -KILL $PPID; sleep 1000");
    assert_true(o.ev.kind == SANDBOX_NOT_STARTED /* it had not yet told */ ||
                (o.ev.kind == SANDBOX_SIGNALLED && o.ev.status == SIGKILL));
    place_ok(p, ":");
    place_ok(p, "test $PPID != 1 && kill -TERM $PPID && kill -INT $PPID"); /* those it does not hear */
    assert_int_equal(sandbox_signal(p->sb, 0, SIGKILL, NULL), 0);          /* the spare one too */
    place_ok(p, ":");
    place_close(p);
}

static void leaves_no_layers(void **state)
{
    struct place *p = *state;
    const char *argv[] = {"sh", "-c", "echo x > /tmp/x; mkdir -m 0 $HOME/shut; :", NULL};
    skip_unless_own(p);
    open_fresh(p);
    int starts = p->way->deny == 0 ? 200 : 20;
    for (int i = 0; i < starts; i++) {
        struct sandbox_event ev = place_wait(p, place_start(p, argv, "/", -1));
        if (ev.kind != SANDBOX_EXITED || ev.status != 0)
            fail_msg("%d: %s", i, ev.err.text);
    }
    struct layers left = {0, 1};
    for (int64_t until = clock_mono_ns() + (int64_t)20 * 1000000000; left.written > 0 && clock_mono_ns() < until;)
        left = count_layers(p);
    assert_int_equal(left.written, 0);
    assert_true(left.stewards <= 5);
    place_close(p);
}

static void many_at_a_time(void **state)
{
    struct place *p = *state;
    enum { N = 20 };
    const char *argv[] = {"sh", "-c", "test ! -e /tmp/x && echo x > /tmp/x && sleep 0.1", NULL};
    uint64_t ids[N];
    skip_unless_own(p);
    open_fresh(p);
    for (int i = 0; i < N; i++)
        ids[i] = place_start(p, argv, "/", -1);
    for (int left = N; left > 0;) {
        struct sandbox_event ev;
        struct err e = {0};
        struct pollfd pfd = {.fd = sandbox_fd(p->sb), .events = POLLIN};
        assert_int_equal(poll(&pfd, 1, 20000), 1);
        if (sandbox_next(p->sb, &ev, &e) != 1)
            continue;
        assert_true(ev.id >= ids[0] && ev.id <= ids[N - 1]);
        if (ev.kind != SANDBOX_EXITED || ev.status != 0)
            fail_msg("%d %s", ev.status, ev.err.text);
        left--;
    }
    place_close(p);
}

/* ---- what is not seen ---- */

static void shows_nothing_of_the_host(void **state)
{
    struct place *p = *state;
    host_write(p, "home/key", "private");
    skip_unless_own(p);
    open_fresh(p);
    place_ok(p, place_text(p, "test ! -e %s && test ! -e %s && test ! -e /tmp/home", p->dir, p->scratch).p);
    place_ok(p, place_text(p, "! awk '{print $5}' /proc/self/mountinfo | grep -F %s", p->dir).p);
    /* The outer mounts are the host's; none is mounted twice over /. */
    assert_string_equal(place_ok(p, "awk '$5 == \"/\"' /proc/self/mountinfo | wc -l"), "1\n");
    place_close(p);
}

/* No process of the job looks through the eyes of process 1, of a steward at work, or of one that waits. */
static void nobody_looks_through_a_steward(void **state)
{
    struct place *p = *state;
    skip_unless_own(p);
    if (p->way->deny & SANDBOX_DENY_PROC)
        skip();
    open_fresh(p);
    static const char look[] = "for i in $(seq 200); do for d in /proc/[0-9]*; do "
                               "case $(cat $d/comm 2>/dev/null) in *sh|sleep|cat|seq|ls|true|'') continue;; esac; "
                               "for f in root cwd exe fd/0 fd/3 fd/4 fd/5 fd/6 fd/7 fd/8 ns/mnt ns/user; do "
                               "if readlink $d/$f >/dev/null 2>&1; then echo $d/$f; cat $d/comm; exit 1; fi; done; "
                               "if ls $d/root/ $d/cwd/ 2>/dev/null | grep -q .; then echo $d; exit 1; fi; "
                               "if cat $d/environ $d/maps $d/mem 2>/dev/null | grep -q .; then echo $d; exit 1; fi; "
                               "done; done";
    const char *argv[] = {"sh", "-c", look, NULL};
    uint64_t looking = place_start(p, argv, "/", STDERR_FILENO);
    for (int i = 0; i < 20; i++)
        place_ok(p, ":");
    assert_int_equal(place_sh(p, "true").ev.status, 0);
    assert_int_equal(sandbox_signal(p->sb, looking, SIGKILL, NULL), 0);
    place_close(p);
}

/* ---- plain ---- */

static void plain_has_one_root(void **state)
{
    struct place *p = *state;
    struct err e = {0};
    if (p->way->mode != SANDBOX_PLAIN)
        skip();
    open_fresh(p);
    struct str argv[] = {STR("true")}, env[] = {STR("PATH=/usr/bin:/bin")};
    struct sandbox_share same = {STR("/tmp"), STR("/tmp"), false}, other = {STR("/tmp"), STR("/workspace"), false};
    CLEAN(fd) int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    struct sandbox_cmd cmd = {.id = 1,
                              .argv = argv,
                              .n_argv = 1,
                              .env = env,
                              .n_env = 1,
                              .stdio = {null, null, null},
                              .fresh_root = true,
                              .shares = &other,
                              .n_shares = 1};
    assert_int_equal(sandbox_exec(p->sb, &cmd, &e), -ENOTSUP);
    assert_string_equal(e.text, "a plain sandbox has one root only: /tmp cannot be shown at /workspace");
    cmd.shares = &same;
    assert_int_equal(sandbox_exec(p->sb, &cmd, &e), 0);
    assert_int_equal(place_wait(p, 1).kind, SANDBOX_EXITED);
    place_close(p);
}

#define TEST(f)                                                                                                        \
    {                                                                                                                  \
#f, f                                                                                                          \
    }
static const struct {
    const char *name;
    void (*run)(void **state);
} tests[] = {
    TEST(writes_vanish),
    TEST(system_is_copy_on_write),
    TEST(is_born_like_the_first),
    TEST(small_changes_vanish),
    TEST(shares_persist),
    TEST(shares_can_be_read_only),
    TEST(shares_show_what_is_mounted),
    TEST(views_are_anew),
    TEST(views_around_themselves_are_anew),
    TEST(two_do_not_see_each_other),
    TEST(tells_the_end),
    TEST(carries_long_requests),
    TEST(makes_the_folder_it_starts_in),
    TEST(tells_why_not_started),
    TEST(signals_reach_descendants),
    TEST(early_signals_are_kept),
    TEST(leftovers_die),
    TEST(fork_bombs_end),
    TEST(stewards_can_be_killed),
    TEST(leaves_no_layers),
    TEST(many_at_a_time),
    TEST(shows_nothing_of_the_host),
    TEST(nobody_looks_through_a_steward),
    TEST(plain_has_one_root),
};

static bool can_go(const struct way *w, const struct sandbox_caps *caps)
{
    if (w->mode == SANDBOX_PLAIN || (caps->userns && (caps->overlay || w->deny & SANDBOX_DENY_OVERLAY)))
        return true;
    print_message("SKIPPED: %s: %s\n", w->name, caps->userns ? caps->why_overlay : caps->why_userns);
    return false;
}

/* usage: test_sandbox_own_root [WHICH]: a pattern of names, as "*: leftovers_die" */
int main(int argc, char **argv)
{
    struct CMUnitTest all[ARRAY_LEN(ways) * ARRAY_LEN(tests)];
    struct arena *a = arena_new();
    struct sandbox_caps caps;
    size_t n = 0;
    sandbox_probe("/tmp", &caps);
    for (size_t w = 0; w < ARRAY_LEN(ways); w++)
        for (size_t t = 0; can_go(&ways[w], &caps) && t < ARRAY_LEN(tests); t++)
            all[n++] = (struct CMUnitTest){arena_printf(a, "%s: %s", ways[w].name, tests[t].name).p, tests[t].run,
                                           place_setup, place_teardown, &ways[w]};
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    int failed = _cmocka_run_group_tests("sandbox_own_root", all, n, NULL, NULL);
    arena_free(a);
    return failed;
}
