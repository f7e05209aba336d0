/*
 * sandbox/init/steward.c - commands in roots of their own.
 *
 * Each such command has a steward: a copy of process 1 that builds a root like the first one in a mount namespace of
 * its own, starts the command there as its child, adopts what the command leaves behind (it is a subreaper), kills that
 * when the command has ended, and tells process 1. Then it makes the next root, mostly of the same parts (part.c),
 * while another steward's command is already under way, and waits. Process 1 only forks and passes messages on, so it
 * stays responsive. One steward more than there are commands builds its root ahead; IDLE_MAX are kept when many have
 * run at a time. Those whose root lacks what was mounted since are sent away: at the end of its socket a steward takes
 * down all it has.
 *
 * A steward sees the host, so nothing that a job runs may look through its eyes. Like process 1 it is not dumpable,
 * and it has capabilities that no process of a job has; either alone makes the kernel refuse ptrace and what is like
 * it: /proc/PID/root, cwd, fd, mem, ns, map_files, pidfd_getfd, process_vm_readv. The command itself is forked behind
 * pivot_root, keeps three descriptors and loses the capabilities before the program begins; it is not dumpable until
 * then. One text is open to all: /proc/PID/mountinfo, which names the host's mounts (not what is in them) as long as a
 * steward builds, as that of process 1 does while it adds a mount.
 *
 * What is left to the job is to kill or stop a steward (one user, one process namespace). Then it hurts its own step,
 * whose first process goes with its steward, and whose layers lie there until the sandbox is closed. Commands of one
 * job are not hidden from each other: through /proc one may reach into another's root while both run.
 */
#include "sandbox/init/init.h"

#include <fcntl.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* ---- in the steward ---- */

static void report(const struct box *b, const struct report *r)
{
    while (sc(__NR_sendto, b->reports[1], r, sizeof *r, MSG_NOSIGNAL, 0, 0) == -EINTR)
        ;
}

static void report_failed(const struct box *b, int num, uint32_t what, const char *text)
{
    struct report r = {.kind = REPORT_NOT_STARTED, .id = b->m.head.id, .num = num, .what = what};
    if (!text_add(r.text, sizeof r.text, text))
        text_add(r.text, sizeof r.text, "(a very long name)");
    report(b, &r);
}

/* Only what a steward needs of process 1. */
static int forget(struct box *b)
{
    uint64_t all = ~0ull;
    int theirs[] = {WIRE_FD, b->signals, b->reports[0]};
    sc(__NR_rt_sigprocmask, 2 /* SIG_SETMASK */, &all, 0, sizeof all);
    message_done(&b->m);
    for (size_t i = 0; i < ARRAY_LEN(theirs); i++)
        if (theirs[i] >= 0)
            sc(__NR_close, theirs[i]);
    for (size_t i = 0; i < b->n_stewards; i++)
        sc(__NR_close, b->stewards[i].sock);
    sc(__NR_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    long p = sc(__NR_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p < 0 && p > -4096)
        return box_fail(b, p, "memory", NULL);
    b->shared = (struct shared *)p;
    return 0;
}

/* A mount namespace that is a copy of the current one; the caller's from now on. */
static int copy_mounts(struct box *b)
{
    long rc = sc(__NR_unshare, CLONE_NEWNS);
    long ns = rc < 0 ? rc : sc(__NR_openat, AT_FDCWD, "/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC, 0);
    return ns < 0 ? box_fail(b, ns, "a mount namespace", NULL) : (int)ns;
}

struct rooms {
    int shop; /* where parts of roots are kept; -1: there is none yet */
    int own;  /* of the root */
};

static int shop_fill(struct box *b)
{
    b->disk[0] = '\0';
    bool fits = text_add(b->disk, sizeof b->disk, b->scratch) && text_add(b->disk, sizeof b->disk, "/layers/own-") &&
                text_add_num(b->disk, sizeof b->disk, b->n_born);
    long rc = fits ? sc(__NR_mkdirat, AT_FDCWD, b->disk, 0755) : -ENAMETOOLONG;
    return rc < 0 && rc != -EEXIST ? box_fail(b, rc, "layers in", b->disk) : parts_open(b);
}

static int shop_open(struct box *b, struct rooms *r)
{
    long rc = sc(__NR_setns, b->outer, CLONE_NEWNS);
    if (rc < 0)
        return box_fail(b, rc, "outer namespace", NULL);
    int shop = copy_mounts(b);
    if (shop < 0)
        return shop;
    rc = shop_fill(b);
    if (rc < 0)
        sc(__NR_close, shop);
    else
        r->shop = shop;
    return (int)rc;
}

static int own_root(struct box *b, struct rooms *r)
{
    int rc = r->shop < 0 ? shop_open(b, r) : 0;
    if (rc == 0)
        rc = root_prepare(b);
    if (rc < 0)
        return rc;
    r->own = copy_mounts(b);
    return r->own < 0 ? r->own : root_again(b);
}

/* Back in the shop; nobody is left in the root, so its mounts go. */
static int own_root_leave(struct box *b, struct rooms *r)
{
    if (b->root >= 0)
        sc(__NR_close, b->root);
    b->root = -1;
    long rc = r->shop < 0 ? -EBADF : sc(__NR_setns, r->shop, CLONE_NEWNS);
    if (r->own >= 0)
        sc(__NR_close, r->own);
    r->own = -1;
    if (rc == 0)
        parts_check(b);
    return rc < 0 ? box_fail(b, rc, "a mount namespace", NULL) : 0;
}

/* share: "r" or "w", from, to. What is shared is found in the job's first root. */
static int share_show(struct box *b, int own, char *const *share)
{
    const char *from = share[1], *to = share[2];
    bool late = false, folder = true;
    long rc = sc(__NR_setns, b->inner, CLONE_NEWNS);
    long mnt = rc < 0 ? rc : share_make(b, from, share[0][0] == 'r', &folder, &late);
    rc = sc(__NR_setns, own, CLONE_NEWNS);
    if (rc < 0 || mnt < 0)
        return box_fail(b, mnt < 0 ? mnt : rc, "share of", from);
    long root = dir_open(AT_FDCWD, "/");
    long target = root < 0 ? root : target_open((int)root, to, folder);
    rc = target < 0 ? target : mount_attach((int)mnt, (int)target, late);
    if (rc == -EINVAL && target >= 0) /* a folder on a file, or the other way round */
        rc = folder ? -ENOTDIR : -EISDIR;
    if (target >= 0)
        sc(__NR_close, target);
    if (root >= 0)
        sc(__NR_close, root);
    sc(__NR_close, mnt);
    return rc < 0 ? box_fail(b, rc, "share at", to) : 0;
}

/* What wait says of the command's end. What it adopted meanwhile is reaped. */
static int wait_end(long pid)
{
    int status = 0;
    for (;;) {
        long got = sc(__NR_wait4, -1, &status, __WALL, 0);
        if (got == pid)
            return status;
        if (got == -ECHILD) /* cannot be: it is our child */
            return SIGKILL;
    }
}

/* Until there is nobody left to wait for. */
static void kill_rest(struct box *b)
{
    int self = (int)sc(__NR_getpid);
    while (sc(__NR_wait4, -1, 0, WNOHANG | __WALL, 0) != -ECHILD) {
        if (signal_descendants(b, self, SIGKILL) == 0) { /* /proc is another's, and nobody is found */
            b->once = true;                              /* who lives on may not write into the next root */
            return;
        }
        sc(__NR_wait4, -1, 0, __WALL, 0);
        while (sc(__NR_wait4, -1, 0, WNOHANG | __WALL, 0) > 0)
            ;
    }
}

/* As those who run containers do. What cannot be made is the command's to meet. */
static void cwd_make(const char *cwd)
{
    long root = dir_open(AT_FDCWD, "/");
    long dir = root < 0 ? root : target_open((int)root, cwd, true);
    if (dir >= 0)
        sc(__NR_close, dir);
    if (root >= 0)
        sc(__NR_close, root);
}

/* Runs the command of the message; it has been told how that went. */
static void run_command(struct box *b, int own)
{
    struct command c;
    struct report r = {.kind = REPORT_STARTED, .id = b->m.head.id};
    if (!command_read(b, &c)) {
        report_failed(b, EPROTO, WIRE_WHAT_OTHER, "the request");
        return;
    }
    for (size_t i = 0; i < c.n_shares; i++) {
        int rc = share_show(b, own, c.shares + 3 * i);
        if (rc < 0) {
            report_failed(b, -rc, WIRE_WHAT_OTHER, b->why);
            return;
        }
    }
    cwd_make(c.cwd);
    long pid = command_spawn(b, &c);
    if (pid < 0 || b->shared->num != 0) {
        uint32_t what = pid < 0 ? (uint32_t)WIRE_WHAT_FORK : b->shared->what;
        report_failed(b, pid < 0 ? (int)-pid : -b->shared->num, what, what == WIRE_WHAT_CWD ? c.cwd : c.argv[0]);
        return;
    }
    message_done(&b->m); /* its pipes are its own */
    r.num = (int)pid;
    report(b, &r);
    r.kind = REPORT_ENDED;
    r.num = wait_end(pid);
    kill_rest(b);
    report(b, &r);
}

/* Nothing is left of its roots but layers, and then these go. */
static void take_down(struct box *b, struct rooms *r)
{
    if (sc(__NR_setns, b->outer, CLONE_NEWNS) < 0 || r->shop < 0)
        return;
    sc(__NR_close, r->shop);
    tree_unlink(b->disk);
}

static void steward_main(struct box *b, int sock)
{
    struct rooms r = {-1, -1};
    int rc = forget(b);
    if (rc == 0)
        rc = own_root(b, &r);
    while (message_receive(&b->m, sock) > 0) {
        if (rc < 0) { /* what failed ahead of time may be possible now: a full disk, a folder that was absent */
            rc = own_root_leave(b, &r);
            rc = rc == 0 || r.shop < 0 ? own_root(b, &r) : rc;
        }
        if (rc < 0)
            report_failed(b, -rc, WIRE_WHAT_OTHER, b->why);
        else
            run_command(b, r.own);
        message_done(&b->m);
        if (rc < 0 || b->once)
            break;
        rc = own_root_leave(b, &r);
        if (rc == 0)
            rc = own_root(b, &r);
        report(b, &(struct report){.kind = REPORT_READY, .num = (int)sc(__NR_getpid)});
    }
    own_root_leave(b, &r);
    take_down(b, &r);
    for (;;)
        sc(__NR_exit_group, 0);
}

/* ---- in process 1 ---- */

int stewards_open(struct box *b)
{
    int ends[2];
    long rc = sc(__NR_socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
    if (rc < 0)
        return box_fail(b, rc, "a socket", NULL);
    b->reports[0] = ends[0];
    b->reports[1] = ends[1];
    return 0;
}

static struct steward *steward_find(struct box *b, int pid)
{
    for (size_t i = 0; i < b->n_stewards; i++)
        if (b->stewards[i].pid == pid)
            return &b->stewards[i];
    return NULL;
}

/* At the end of its socket it takes down what it has. */
static void steward_drop(struct box *b, struct steward *s)
{
    sc(__NR_close, s->sock);
    *s = b->stewards[--b->n_stewards];
}

static size_t count_state(const struct box *b, int state)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n_stewards; i++)
        n += (int)b->stewards[i].state == state;
    return n;
}

void stewards_idle_drop(struct box *b)
{
    for (size_t i = b->n_stewards; i > 0; i--)
        if (b->stewards[i - 1].state != STEWARD_BUSY)
            steward_drop(b, &b->stewards[i - 1]);
}

static long steward_new(struct box *b, struct steward **ret)
{
    int ends[2];
    if (b->n_stewards == STEWARDS_MAX)
        return -EAGAIN;
    long rc = sc(__NR_socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
    if (rc < 0)
        return rc;
    b->n_born++;
    long pid = sc(__NR_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid == 0) {
        sc(__NR_close, ends[0]);
        steward_main(b, ends[1]);
    }
    sc(__NR_close, ends[1]);
    if (pid < 0) {
        sc(__NR_close, ends[0]);
        return pid;
    }
    *ret = &b->stewards[b->n_stewards++];
    **ret = (struct steward){.pid = (int)pid, .sock = ends[0], .n_mounted = b->n_mounted, .state = STEWARD_IDLE};
    return 0;
}

/* One that waits, with the mounts that there are now; else a new one, whose first message waits for it. */
static long steward_get(struct box *b, struct steward **ret)
{
    for (size_t i = b->n_stewards; i > 0; i--) {
        struct steward *s = &b->stewards[i - 1];
        if (s->state == STEWARD_IDLE && s->n_mounted != b->n_mounted)
            steward_drop(b, s);
    }
    for (size_t i = 0; i < b->n_stewards; i++) {
        if (b->stewards[i].state == STEWARD_IDLE) {
            *ret = &b->stewards[i];
            return 0;
        }
    }
    return steward_new(b, ret);
}

void steward_start(struct box *b, struct run *r)
{
    struct steward *s = NULL;
    uint64_t id = b->m.head.id;
    if (b->flags & WIRE_PLAIN) {
        command_not_started(id, EPROTO, WIRE_WHAT_OTHER, "the request");
        return;
    }
    long rc = steward_get(b, &s);
    if (rc == 0)
        rc = message_forward(&b->m, s->sock);
    if (rc < 0) {
        command_not_started(id, (int)-rc, WIRE_WHAT_OTHER, "a process that makes a root");
        return;
    }
    s->state = STEWARD_BUSY;
    *r = (struct run){.id = id, .steward = s->pid};
    b->n_runs++;
}

static struct run *run_find(struct box *b, uint64_t id)
{
    for (size_t i = 0; i < b->n_runs; i++)
        if (b->runs[i].id == id)
            return &b->runs[i];
    return NULL;
}

static void run_started(struct box *b, struct run *r, int pid)
{
    uint64_t early = r->early;
    r->pid = pid;
    for (int sig = 1; early != 0; sig++, early >>= 1)
        if (early & 1)
            signal_run(b, r->id, sig);
    struct steward *spare; /* without one the next command takes longer */
    if (count_state(b, STEWARD_BUSY) == b->n_stewards)
        steward_new(b, &spare);
}

static void steward_ready(struct box *b, struct steward *s)
{
    s->state = STEWARD_IDLE;
    if (s->n_mounted != b->n_mounted || count_state(b, STEWARD_IDLE) > IDLE_MAX)
        steward_drop(b, s);
}

static void hear_one(struct box *b, const struct report *told)
{
    struct run *r = told->kind == REPORT_READY ? NULL : run_find(b, told->id);
    struct steward *s = steward_find(b, told->kind == REPORT_READY ? told->num : r != NULL ? r->steward : 0);
    if (s != NULL && (told->kind == REPORT_NOT_STARTED || told->kind == REPORT_ENDED))
        s->state = STEWARD_RENEWING;
    if (s != NULL && told->kind == REPORT_READY)
        steward_ready(b, s);
    if (r == NULL)
        return;
    switch (told->kind) {
    case REPORT_READY:
        break;
    case REPORT_STARTED:
        run_started(b, r, told->num);
        break;
    case REPORT_NOT_STARTED:
        *r = b->runs[--b->n_runs];
        command_not_started(told->id, told->num, told->what, told->text);
        break;
    case REPORT_ENDED:
        tell_ended(b, r, told->num);
        break;
    }
}

void stewards_hear(struct box *b)
{
    struct report told;
    while (b->reports[0] >= 0 &&
           sc(__NR_recvfrom, b->reports[0], &told, sizeof told, MSG_DONTWAIT, 0, 0) == sizeof told)
        hear_one(b, &told);
}

/* Killed before it told how its command ended: the command goes with it, and is ours then. */
static void steward_lost(struct box *b, struct run *r)
{
    int pid = r->pid;
    uint64_t id = r->id;
    r->steward = 0;
    if (pid == 0) {
        *r = b->runs[--b->n_runs];
        command_not_started(id, ECANCELED, WIRE_WHAT_OTHER, "the process that makes its root was killed");
    } else if (sc(__NR_kill, pid, 0) == -ESRCH) { /* it had ended, and nobody can say how */
        tell_ended(b, r, SIGKILL);
    } else {
        signal_run(b, id, SIGKILL);
    }
}

bool steward_ended(struct box *b, int pid)
{
    if (steward_find(b, pid) == NULL)
        return false;
    stewards_hear(b); /* what it said before its end */
    struct steward *s = steward_find(b, pid);
    if (s != NULL)
        steward_drop(b, s);
    for (size_t i = 0; i < b->n_runs; i++) {
        if (b->runs[i].steward == pid) {
            steward_lost(b, &b->runs[i]);
            break;
        }
    }
    return true;
}
