/*
 * sandbox/init/signal.c - who belongs to a command, and telling them.
 *
 * A command's processes are those of its session, and all that descend from any of them. One that left the session and
 * lost its parent is ours by adoption and is no more found by the command's id; signalling everything finds it.
 */
#include "sandbox/init/init.h"

#include <fcntl.h>
#include <signal.h>

#define PROCS_MAX 65536

struct proc {
    int pid, parent, session; /* as /proc counts */
    int ours;                 /* the process id as we count */
    bool chosen;
};

struct procs {
    struct proc *p;
    size_t n;
    unsigned depth; /* where /proc is of a namespace above ours: in which column of NSpid we count, from 0 */
};

/* The fields behind the program's name, which may hold anything: the last ')' ends it. */
static bool stat_read(const char *pid, struct proc *ret)
{
    char at[48] = "/proc/", bytes[512];
    text_add(at, sizeof at, pid);
    text_add(at, sizeof at, "/stat");
    long fd = sc(__NR_openat, AT_FDCWD, at, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return false;
    long n = sc(__NR_read, fd, bytes, sizeof bytes - 1);
    sc(__NR_close, fd);
    if (n <= 0)
        return false;
    bytes[n] = '\0';
    while (n > 0 && bytes[n] != ')')
        n--;
    int fields[4] = {0};                                   /* parent, group, session, and a spare one */
    const char *p = bytes + n + (bytes[n] == ')' ? 4 : 0); /* ") S " */
    for (int i = 0; i < 3; i++) {
        while (*p >= '0' && *p <= '9')
            fields[i] = fields[i] * 10 + (*p++ - '0');
        p += *p == ' ';
    }
    ret->parent = fields[0];
    ret->session = fields[2];
    return true;
}

/* What /proc/PID/status says in NSpid: the numbers from /proc's namespace down to the process's; how many. */
static unsigned numbers_read(const char *pid, int numbers[32])
{
    char at[48] = "/proc/", bytes[2048];
    text_add(at, sizeof at, pid);
    text_add(at, sizeof at, "/status");
    long fd = sc(__NR_openat, AT_FDCWD, at, O_RDONLY | O_CLOEXEC, 0);
    long n = fd < 0 ? fd : sc(__NR_read, fd, bytes, sizeof bytes - 1);
    if (fd >= 0)
        sc(__NR_close, fd);
    bytes[n > 0 ? n : 0] = '\0';
    const char *p = bytes;
    while (*p != '\0' && !text_starts(p, "\nNSpid:"))
        p++;
    p += *p != '\0' ? text_len("\nNSpid:") : 0;
    unsigned found = 0;
    while (*p == '\t' && found < 32) {
        numbers[found] = 0;
        for (p++; *p >= '0' && *p <= '9'; p++)
            numbers[found] = numbers[found] * 10 + (*p - '0');
        found++;
    }
    return found;
}

static int add_proc(void *ctx, const char *path)
{
    struct procs *all = ctx;
    uint64_t pid;
    int numbers[32];
    const char *name = path + text_len("/proc/");
    struct proc *p = &all->p[all->n];
    if (all->n == PROCS_MAX || !text_num(name, &pid) || !stat_read(name, p))
        return 0;
    p->pid = p->ours = (int)pid;
    if (all->depth > 0)
        p->ours = numbers_read(name, numbers) > all->depth ? numbers[all->depth] : 0;
    p->chosen = false;
    all->n++;
    return 0;
}

static bool is_chosen(const struct procs *all, int pid)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->p[i].pid == pid)
            return all->p[i].chosen;
    return false;
}

/* Marks the leader, its session, and what descends from them; 0 for the leader: what descends from us. */
static size_t choose(struct procs *all, int leader, int self)
{
    size_t chosen = 0;
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < all->n; i++) {
            struct proc *p = &all->p[i];
            if (p->chosen || p->pid == self)
                continue;
            bool first = leader == 0 ? p->parent == self : p->pid == leader || p->session == leader;
            if (first || is_chosen(all, p->parent)) {
                p->chosen = more = true;
                chosen++;
            }
        }
    }
    return chosen;
}

/* Who we are in /proc's numbers. */
static int self_in_proc(void)
{
    char text[24] = "";
    uint64_t pid;
    long n = sc(__NR_readlinkat, AT_FDCWD, "/proc/self", text, sizeof text - 1);
    return n > 0 && text_num(text, &pid) ? (int)pid : (int)sc(__NR_getpid);
}

/* The process of ours that we call `pid`, in /proc's numbers; 0: there is none. Others may have its number too. */
static int find_ours(struct procs *all, int me, int pid)
{
    int found = 0;
    choose(all, 0, me);
    for (size_t i = 0; i < all->n; i++) {
        if (all->p[i].chosen && all->p[i].ours == pid)
            found = all->p[i].pid;
        all->p[i].chosen = false;
    }
    return found;
}

/* The leader, its session and what descends from them; 0: what descends from top. */
static size_t signal_tree(struct box *b, int leader, int top, int sig)
{
    struct procs all = {map_new(PROCS_MAX * sizeof(struct proc)), 0, 0};
    int self = (int)sc(__NR_getpid), me = self, numbers[32];
    if (all.p == NULL)
        return 0;
    if (!(b->flags & WIRE_PLAIN) && !(b->got & WIRE_GOT_PROC)) { /* a /proc from outside */
        me = self_in_proc();
        unsigned found = numbers_read("self", numbers);
        all.depth = found > 0 ? found - 1 : 0;
    }
    dir_each("/proc", add_proc, &all);
    if (all.depth > 0) {
        leader = leader == 0 ? 0 : find_ours(&all, me, leader);
        top = top == self ? me : find_ours(&all, me, top);
    }
    size_t n = leader != 0 || top != 0 ? choose(&all, leader, top) : 0;
    for (size_t i = 0; i < all.n; i++)
        if (all.p[i].chosen && all.p[i].ours > 0)
            sc(__NR_kill, all.p[i].ours, sig);
    map_free(all.p, PROCS_MAX * sizeof(struct proc));
    return n;
}

int signal_all(struct box *b, int sig)
{
    if (b->flags & WIRE_PLAIN) {
        signal_tree(b, 0, (int)sc(__NR_getpid), sig);
        return 0;
    }
    if (sig == SIGKILL)
        stewards_idle_drop(b); /* they are of all, too */
    long rc = sc(__NR_kill, -1, sig);
    return rc == -ESRCH ? 0 : (int)rc;
}

size_t signal_descendants(struct box *b, int pid, int sig)
{
    return signal_tree(b, 0, pid, sig);
}

static void signal_family(struct box *b, const struct run *r, int sig)
{
    int top = r->steward > 0 ? r->steward : (int)sc(__NR_getpid), leader = r->steward > 0 ? 0 : r->pid;
    size_t seen = signal_tree(b, leader, top, sig);
    if (seen == 0) /* /proc shows nothing of us */
        sc(__NR_kill, -r->pid, sig);
    if (sig == SIGKILL && seen > 1) /* what was born while we looked */
        signal_tree(b, leader, top, sig);
}

int signal_run(struct box *b, uint64_t id, int sig)
{
    for (size_t i = 0; i < b->n_runs; i++) {
        struct run *r = &b->runs[i];
        if (r->id != id)
            continue;
        if (r->pid > 0) {
            signal_family(b, r, sig);
            return 0;
        }
        r->early |= sig > 0 && sig <= 64 ? 1ull << (sig - 1) : 0;
        if (sig == SIGKILL) /* it need not begin */
            sc(__NR_kill, r->steward, sig);
        return 0;
    }
    return -ESRCH;
}
