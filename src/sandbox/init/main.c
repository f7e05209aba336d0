/*
 * sandbox/init/main.c - the first process of a sandbox: opens it, then serves slipway and reaps, until either is gone.
 *
 * As process 1 of its own namespace its end is the end of all. In a plain sandbox it is a reaper that adopts what its
 * children leave behind and kills them before it goes. It asks for nothing by name and reads no environment.
 */
#include "sandbox/init/init.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/mman.h>
#include <linux/openat2.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#if defined(__x86_64__)
#define AUDIT_ARCH_HERE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define AUDIT_ARCH_HERE AUDIT_ARCH_AARCH64
#endif

/*
 * With one user id mapped, chown to another answers EINVAL, and dpkg gives up. A filter that answers success and does
 * nothing lets it go on; all files stay root's.
 */
static long pretend_ids(void)
{
#ifdef AUDIT_ARCH_HERE
    static const unsigned calls[] = {
#ifdef __NR_chown
        __NR_chown,     __NR_lchown,
#endif
        __NR_fchown,    __NR_fchownat,  __NR_setgroups, __NR_setuid,   __NR_setgid,
        __NR_setresuid, __NR_setresgid, __NR_setreuid,  __NR_setregid,
    };
    enum { N = ARRAY_LEN(calls) };
    struct sock_filter f[N + 6];
    size_t n = 0;
    f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_HERE, 0, N + 1);
    f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < N; i++)
        f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i], (uint8_t)(N - i), 0);
    f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 0);
    struct sock_fprog program = {(unsigned short)n, f};
    return sc(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
#else
    return 0;
#endif
}

/* ---- opening ---- */

static bool slipway_is_there(void)
{
    struct pollfd p = {WIRE_FD, POLLIN, 0};
    struct timespec now = {0, 0};
    return sc(__NR_ppoll, &p, 1, &now, 0, 8) >= 0 && !(p.revents & (POLLHUP | POLLERR));
}

static int become(struct box *b)
{
    uint64_t child = 1ull << (SIGCHLD - 1);
    if (!(b->flags & WIRE_PLAIN)) {
        long rc = sc(__NR_setresgid, 0, 0, 0);
        if (rc == 0)
            rc = sc(__NR_setresuid, 0, 0, 0);
        if (rc < 0)
            return box_fail(b, rc, "user 0 of the namespace", NULL);
        if (!(b->flags & WIRE_SINGLE_ID))
            sc(__NR_setgroups, 0, 0);
        sc(__NR_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
        sc(__NR_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    } else {
        sc(__NR_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    }
    if (!slipway_is_there())
        sc(__NR_exit_group, 0);
    sc(__NR_rt_sigprocmask, SIG_SETMASK, &child, 0, sizeof child);
    b->signals = (int)sc(__NR_signalfd4, -1, &child, sizeof child, SFD_CLOEXEC | SFD_NONBLOCK);
    return b->signals < 0 ? box_fail(b, b->signals, "signalfd", NULL) : 0;
}

static int keep_birth(struct box *b)
{
    const struct message *m = &b->m;
    size_t n_dirs = m->head.b & 0xffff, n_files = m->head.b >> 16, first = 5 + 3 * n_files;
    if (m->n < first + n_dirs || m->head.type != WIRE_OPEN)
        return box_fail(b, -EPROTO, "request", NULL);
    char **all = texts_copy(m->all, m->n);
    if (all == NULL)
        return box_fail(b, -ENOMEM, "memory", NULL);
    b->birth = (struct birth){.tmpfs_bytes = m->head.id,
                              .home = all[2],
                              .hostname = all[3],
                              .files = all + 5,
                              .n_files = n_files,
                              .dirs = all + first,
                              .n_dirs = n_dirs,
                              .memory_dirs = all + first + n_dirs,
                              .n_memory_dirs = m->n - first - n_dirs};
    return 0;
}

static int keep_texts(struct box *b)
{
    const struct message *m = &b->m;
    int rc = keep_birth(b);
    if (rc < 0)
        return rc;
    b->flags = m->head.flags;
    b->process_limit = m->head.a;
    if (!text_add(b->scratch, sizeof b->scratch, m->all[0]) ||
        !text_add(b->home_bytes, sizeof b->home_bytes, m->all[1]) ||
        !text_add(b->hidden_bytes, sizeof b->hidden_bytes, m->all[4]))
        return box_fail(b, -ENAMETOOLONG, "scratch folder", NULL);
    b->home_host = b->home_bytes;
    b->hidden = b->hidden_bytes;
    long p = sc(__NR_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p < 0 && p > -4096)
        return box_fail(b, p, "memory", NULL);
    b->shared = (struct shared *)p;
    return 0;
}

static int open_box(struct box *b)
{
    int rc = keep_texts(b);
    if (rc == 0)
        rc = become(b);
    if (rc == 0 && !(b->flags & WIRE_PLAIN))
        rc = root_build(b);
    if (rc == 0 && !(b->flags & WIRE_PLAIN))
        rc = stewards_open(b);
    if (rc == 0 && (b->flags & WIRE_SINGLE_ID)) {
        long set = pretend_ids();
        rc = set < 0 ? box_fail(b, set, "system call filter", NULL) : 0;
    }
    return rc;
}

/* ---- serving ---- */

void tell_ended(struct box *b, struct run *r, int status)
{
    struct wire_answer a = {.id = r->id};
    a.type = WIFEXITED(status) ? WIRE_EXITED : WIRE_SIGNALLED;
    a.num = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
    *r = b->runs[--b->n_runs];
    answer(&a, -1);
}

static void one_ended(struct box *b, int pid, int status)
{
    for (size_t i = 0; i < b->n_runs; i++) {
        if (b->runs[i].pid == pid) {
            tell_ended(b, &b->runs[i], status);
            return;
        }
    }
}

static void reap(struct box *b)
{
    struct signalfd_siginfo info;
    while (sc(__NR_read, b->signals, &info, sizeof info) > 0)
        ;
    for (;;) {
        int status;
        long pid = sc(__NR_wait4, -1, &status, WNOHANG | __WALL, 0);
        if (pid <= 0)
            return;
        if (!steward_ended(b, (int)pid))
            one_ended(b, (int)pid, status);
    }
}

/* A pipe that somebody put there must not stop us, so every open is one that does not wait. */
static void open_path(struct box *b)
{
    const struct message *m = &b->m;
    struct open_how how = {.flags = m->head.a | O_NONBLOCK | O_CLOEXEC | O_NOCTTY,
                           .mode = m->head.a & (O_CREAT | O_TMPFILE) ? m->head.b & 07777 : 0,
                           .resolve = RESOLVE_NO_MAGICLINKS};
    if (m->head.a & O_PATH)
        how.flags = m->head.a | O_CLOEXEC;
    struct wire_answer a = {.type = WIRE_DONE};
    long fd = m->n == 1 ? sc(__NR_openat2, AT_FDCWD, m->all[0], &how, sizeof how) : -EPROTO;
    if (fd >= 0 && !(m->head.a & (O_NONBLOCK | O_PATH)))
        sc(__NR_fcntl, fd, F_SETFL, m->head.a & (O_APPEND | O_DIRECT | O_NOATIME));
    a.num = fd < 0 ? (int32_t)-fd : 0;
    answer(&a, fd < 0 ? -1 : (int)fd);
    if (fd >= 0)
        sc(__NR_close, fd);
}

static void end_all(struct box *b)
{
    if (b->flags & WIRE_PLAIN)
        for (int round = 0; round < 1000; round++) { /* until there is nobody left to wait for */
            signal_all(b, SIGKILL);
            if (sc(__NR_wait4, -1, 0, __WALL, 0) == -ECHILD)
                break;
            while (sc(__NR_wait4, -1, 0, WNOHANG | __WALL, 0) > 0)
                ;
        }
    sc(__NR_exit_group, 0);
}

static void serve(struct box *b)
{
    b->why[0] = '\0';
    switch (b->m.head.type) {
    case WIRE_LIMIT: /* one that is not granted is not missed */
        sc(__NR_write, b->m.fds[0], "0", 1);
        break;
    case WIRE_EXEC:
        if (!(b->flags & WIRE_PROBE)) /* there the host is visible */
            command_start(b);
        break;
    case WIRE_SIGNAL:
        answer_num(b, WIRE_DONE, 0,
                   b->m.head.id == 0 ? signal_all(b, (int)b->m.head.a) : signal_run(b, b->m.head.id, (int)b->m.head.a));
        break;
    case WIRE_MOUNT:
        answer_num(b, WIRE_DONE, 0, view_mount(b));
        break;
    case WIRE_OPENAT:
        open_path(b);
        break;
    case WIRE_END:
        end_all(b);
        break;
    default:
        answer_num(b, WIRE_DONE, 0, box_fail(b, -EPROTO, "request", NULL));
    }
}

static int loop(struct box *b)
{
    struct pollfd p[3] = {{WIRE_FD, POLLIN, 0}, {b->signals, POLLIN, 0}, {b->reports[0], POLLIN, 0}};
    for (;;) {
        long n = sc(__NR_ppoll, p, 3, 0, 0, 8);
        if (n < 0 && n != -EINTR)
            return 1;
        if (p[2].revents != 0)
            stewards_hear(b);
        if (p[1].revents != 0)
            reap(b);
        if (p[0].revents == 0)
            continue;
        int rc = message_receive(&b->m, WIRE_FD);
        if (rc == -EAGAIN)
            continue;
        if (rc == 0 || rc == -ECONNRESET)
            end_all(b); /* slipway is gone */
        if (rc > 0)
            serve(b);
        else
            answer_num(b, WIRE_DONE, 0, box_fail(b, rc, "request", NULL));
        message_done(&b->m);
    }
}

/* ---- the start ---- */

/* Signals that slipway ignores would be ignored by every command; 0, 1 and 2 must not be what is passed to us. */
static void clean_start(void)
{
    struct {
        void *handler;
        unsigned long flags;
        void *restorer;
        uint64_t mask;
    } standard = {0};
    for (int sig = 1; sig <= 64; sig++)
        sc(__NR_rt_sigaction, sig, &standard, 0, sizeof standard.mask);
    sc(__NR_setsid);
    sc(__NR_umask, 022);
    for (int i = 0; i < 3; i++)
        sc(__NR_openat, AT_FDCWD, "/dev/null", O_RDWR, 0);
}

static int remove_tree(struct box *b)
{
    sc(__NR_setresgid, 0, 0, 0);
    sc(__NR_setresuid, 0, 0, 0);
    answer_num(b, WIRE_DONE, 0, b->m.n == 1 ? tree_unlink(b->m.all[0]) : -EPROTO);
    return 0;
}

int init_main(void)
{
    struct box *b = map_new(sizeof *b);
    if (b == NULL)
        return 1;
    b->outer = b->inner = b->root = b->signals = b->reports[0] = b->reports[1] = -1;
    clean_start();
    if (message_receive(&b->m, WIRE_FD) <= 0)
        return 1;
    if (b->m.head.type == WIRE_REMOVE)
        return remove_tree(b);
    int rc = open_box(b);
    message_done(&b->m);
    if (rc < 0) {
        answer_num(b, WIRE_FAILED, 0, rc);
        return 1;
    }
    answer(&(struct wire_answer){.type = WIRE_READY, .flags = b->got}, -1);
    return loop(b);
}
