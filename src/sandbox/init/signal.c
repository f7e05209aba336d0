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
    int pid, parent, session;
    bool chosen;
};

struct procs {
    struct proc *p;
    size_t n;
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

static int add_proc(void *ctx, const char *path)
{
    struct procs *all = ctx;
    uint64_t pid;
    const char *name = path + text_len("/proc/");
    if (all->n < PROCS_MAX && text_num(name, &pid) && stat_read(name, &all->p[all->n])) {
        all->p[all->n].pid = (int)pid;
        all->p[all->n++].chosen = false;
    }
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

static size_t signal_tree(int leader, int self, int sig)
{
    struct procs all = {map_new(PROCS_MAX * sizeof(struct proc)), 0};
    if (all.p == NULL)
        return 0;
    dir_each("/proc", add_proc, &all);
    size_t n = choose(&all, leader, self);
    for (size_t i = 0; i < all.n; i++)
        if (all.p[i].chosen)
            sc(__NR_kill, all.p[i].pid, sig);
    map_free(all.p, PROCS_MAX * sizeof(struct proc));
    return n;
}

int signal_all(struct box *b, int sig)
{
    if (b->flags & WIRE_PLAIN) {
        signal_tree(0, (int)sc(__NR_getpid), sig);
        return 0;
    }
    if (sig == SIGKILL)
        steward_spare_drop(b); /* it is one of all */
    long rc = sc(__NR_kill, -1, sig);
    return rc == -ESRCH ? 0 : (int)rc;
}

size_t signal_descendants(struct box *b, int pid, int sig)
{
    return b->got & WIRE_GOT_PROC ? signal_tree(0, pid, sig) : 0;
}

static void signal_family(struct box *b, const struct run *r, int sig)
{
    int self = r->steward > 0 ? r->steward : (int)sc(__NR_getpid), leader = r->steward > 0 ? 0 : r->pid;
    if (!(b->flags & WIRE_PLAIN) && !(b->got & WIRE_GOT_PROC)) { /* that /proc has other numbers */
        sc(__NR_kill, -r->pid, sig);
        return;
    }
    size_t seen = signal_tree(leader, self, sig);
    if (sig == SIGKILL && seen > 1) /* what was born while we looked */
        signal_tree(leader, self, sig);
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
