/*
 * sandbox/init/exec.c - starting one command.
 *
 * The child is a copy (CLONE_VFORK: we wait until it has become the program or has said why not, in a page shared with
 * us). It leads a session of its own, keeps three descriptors, has default signals and the few capabilities that
 * package managers need, and can never gain any.
 */
#include "sandbox/init/init.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/resource.h>

/*
 * What apt, pip, make and their kind use in a root of their own; none of it reaches beyond the user namespace. Without
 * NET_RAW in the bounding set a ping with file capabilities would not even start; on the host's network it still gets
 * no raw socket.
 */
static const uint64_t kept_caps = 1ull << CAP_CHOWN | 1ull << CAP_DAC_OVERRIDE | 1ull << CAP_FSETID |
                                  1ull << CAP_FOWNER | 1ull << CAP_SETGID | 1ull << CAP_SETUID | 1ull << CAP_SETFCAP |
                                  1ull << CAP_SETPCAP | 1ull << CAP_NET_BIND_SERVICE | 1ull << CAP_NET_RAW |
                                  1ull << CAP_SYS_CHROOT | 1ull << CAP_KILL;

static long caps_drop(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{(uint32_t)kept_caps, (uint32_t)kept_caps, 0},
                                             {(uint32_t)(kept_caps >> 32), (uint32_t)(kept_caps >> 32), 0}};
    long rc = sc(__NR_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    for (int cap = 0; cap < 64; cap++)
        if (!(kept_caps >> cap & 1) && sc(__NR_prctl, PR_CAPBSET_DROP, cap, 0, 0, 0) == -EINVAL)
            break; /* beyond the last one of this kernel */
    return rc < 0 ? rc : sc(__NR_capset, &head, data);
}

static const char *path_of(char *const *env)
{
    const char *found = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    for (; *env != NULL; env++)
        if (text_starts(*env, "PATH="))
            found = *env + 5;
    return found;
}

/* As execvp, but that the PATH of env counts and a file without a header is not given to a shell. */
static long exec_search(char *const *argv, char *const *env)
{
    char at[PATH_BYTES];
    const char *name = argv[0];
    for (const char *p = name; *p != '\0'; p++)
        if (*p == '/')
            return sc(__NR_execve, name, argv, env);
    if (*name == '\0')
        return -ENOENT;
    long worst = -ENOENT;
    for (const char *p = path_of(env); p != NULL;) {
        size_t n = 0;
        while (p[n] != '\0' && p[n] != ':')
            n++;
        if (n + text_len(name) + 3 < sizeof at) {
            memcpy(at, n == 0 ? "." : p, n == 0 ? 1 : n);
            at[n == 0 ? 1 : n] = '\0';
            text_add(at, sizeof at, "/");
            text_add(at, sizeof at, name);
            long rc = sc(__NR_execve, at, argv, env);
            if (rc != -ENOENT && rc != -ENOTDIR && rc != -EACCES)
                return rc;
            if (rc == -EACCES)
                worst = rc;
        }
        p = p[n] == '\0' ? NULL : p + n + 1;
    }
    return worst;
}

static void stdio_set(const struct message *m)
{
    for (int i = 0; i < 3; i++)
        sc(__NR_dup3, m->fds[i], i, 0); /* what we got is 5 or higher, so never the same */
    sc(__NR_close_range, 3, ~0u, 0);    /* and all of it is close-on-exec besides */
}

/* Only returns when it failed. */
static void child(struct box *b, const struct command *c)
{
    uint64_t none = 0;
    /* Of a steward that is killed the command does not stay behind; as ours it may not notice when we go first. */
    int with_parent = b->m.head.flags & WIRE_OWN_ROOT ? SIGKILL : 0;
    b->shared->what = WIRE_WHAT_OTHER;
    sc(__NR_setsid);
    sc(__NR_rt_sigprocmask, 2 /* SIG_SETMASK */, &none, 0, sizeof none);
    stdio_set(&b->m);
    if (b->process_limit > 0) {
        struct rlimit r = {b->process_limit, b->process_limit};
        sc(__NR_prlimit64, 0, RLIMIT_NPROC, &r, 0); /* a lower one of the user stays */
    }
    long rc = sc(__NR_prctl, PR_SET_PDEATHSIG, with_parent, 0, 0, 0);
    if (rc == 0 && !(b->flags & WIRE_PLAIN))
        rc = caps_drop();
    if (rc == 0)
        rc = sc(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (rc == 0) {
        b->shared->what = WIRE_WHAT_CWD;
        rc = sc(__NR_chdir, c->cwd);
    }
    if (rc == 0) {
        b->shared->what = WIRE_WHAT_PROGRAM;
        rc = exec_search(c->argv, c->env);
    }
    b->shared->num = (int)rc;
    sc(__NR_exit_group, 127);
}

void command_not_started(uint64_t id, int num, uint32_t what, const char *name)
{
    struct wire_answer a = {.type = WIRE_NOT_STARTED, .id = id, .num = num, .what = what};
    if (!text_add(a.text, sizeof a.text, name))
        text_add(a.text, sizeof a.text, "(a very long name)");
    answer(&a, -1);
}

bool command_read(struct box *b, struct command *ret)
{
    struct message *m = &b->m;
    size_t n_argv = m->head.a, n_shares = m->head.flags & WIRE_OWN_ROOT ? m->head.b : 0;
    if (n_argv == 0 || n_argv > m->n || n_shares > m->n || m->n < 3 * n_shares + 1 + n_argv || m->n_fds < 3)
        return false;
    /* cwd, argv, env lie one behind the other; argv moves down by one, over cwd's slot, to get its NULL. */
    char **all = m->all + 3 * n_shares;
    *ret =
        (struct command){.shares = m->all, .n_shares = n_shares, .cwd = all[0], .argv = all, .env = all + n_argv + 1};
    for (size_t i = 0; i < n_argv; i++)
        all[i] = all[i + 1];
    all[n_argv] = NULL;
    return true;
}

long command_spawn(struct box *b, const struct command *c)
{
    *b->shared = (struct shared){0};
    long pid = sc(__NR_clone, SIGCHLD | CLONE_VFORK, 0, 0, 0, 0);
    if (pid == 0)
        child(b, c);
    return pid;
}

static void start_here(struct box *b, struct run *r)
{
    struct command c;
    uint64_t id = b->m.head.id;
    if (!command_read(b, &c)) {
        command_not_started(id, EPROTO, WIRE_WHAT_OTHER, "the request");
        return;
    }
    long pid = command_spawn(b, &c);
    if (pid < 0) {
        command_not_started(id, (int)-pid, WIRE_WHAT_FORK, c.argv[0]);
        return;
    }
    if (b->shared->num != 0) {
        sc(__NR_wait4, pid, 0, 0, 0);
        command_not_started(id, -b->shared->num, b->shared->what, b->shared->what == WIRE_WHAT_CWD ? c.cwd : c.argv[0]);
        return;
    }
    *r = (struct run){.id = id, .pid = (int)pid};
    b->n_runs++;
}

void command_start(struct box *b)
{
    bool own_root = b->m.head.flags & WIRE_OWN_ROOT;
    if (b->n_runs == RUN_MAX)
        command_not_started(b->m.head.id, EAGAIN, WIRE_WHAT_FORK, "more commands at a time");
    else if (own_root)
        steward_start(b, &b->runs[b->n_runs]);
    else
        start_here(b, &b->runs[b->n_runs]);
}
