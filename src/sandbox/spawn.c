/*
 * sandbox/spawn.c - from slipway to the init of a new sandbox, in one clone and one exec.
 *
 * Setting up namespaces in a program that may have threads is a trap: so nothing is set up here. The child shares our
 * memory until it has become the init (CLONE_VFORK), makes system calls only, and the init, single-threaded from birth
 * and without a C library, does the rest. The init is executed from a sealed memfd, so there is no file to replace.
 *
 * Its user namespace has no ids mapped yet while it is executed, and the kernel takes every capability from a program
 * of an unknown user; ambient ones stay.
 */
#include "sandbox/sandbox_priv.h"

#include "sandbox/init_image_priv.h"
#include "sys/file.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif
#define INIT_FD 4 /* behind WIRE_FD */
#define STACK_BYTES 32768

/* The thread sanitizer's clone takes the child for a fork with memory of its own, and stops looking at the parent. */
#ifdef __SANITIZE_THREAD__
int __clone(int (*child)(void *), void *stack, int flags, void *arg, ...); /* the C library's own name for it */
#define CLONE __clone
#else
#define CLONE clone
#endif

struct launch {
    int sock, image;
    bool namespaces;
    int num; /* of what failed, 0 when the init runs */
};

static int image_open(struct err *e)
{
    static const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    CLEAN(fd) int fd = memfd_create("slipway-init", flags | MFD_EXEC);
    if (fd < 0 && errno == EINVAL) /* Linux before 6.3 does not know it, and does without */
        fd = memfd_create("slipway-init", flags);
    if (fd < 0)
        return err_sys(e, errno, "memory for the sandbox's init");
    int rc = fd_write(fd, init_image(), e);
    if (rc < 0)
        return rc;
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
        return err_sys(e, errno, "sealing the sandbox's init");
    int ret = fd;
    fd = -1;
    return ret;
}

/* From here to the exec: system calls without the library's bookkeeping, which is our parent's. */
static long keep_capabilities(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct all[2] = {{~0u, ~0u, ~0u}, {~0u, ~0u, ~0u}};
    if (syscall(SYS_capset, &head, all) != 0)
        return -1;
    for (int cap = 0; cap < 64; cap++)
        if (syscall(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) != 0)
            return cap > 0 && errno == EINVAL ? 0 : -1;
    return 0;
}

__attribute__((no_sanitize("address", "undefined", "thread"))) static int launch_child(void *arg)
{
    struct launch *l = arg;
    static char *const none[] = {NULL};
    /* High numbers first, so that neither lands on the other's place. */
    int sock = (int)syscall(SYS_fcntl, l->sock, F_DUPFD_CLOEXEC, 64);
    int image = (int)syscall(SYS_fcntl, l->image, F_DUPFD_CLOEXEC, 64);
    if (sock < 0 || image < 0 || syscall(SYS_dup3, sock, WIRE_FD, 0) < 0 ||
        syscall(SYS_dup3, image, INIT_FD, O_CLOEXEC) < 0 || (l->namespaces && keep_capabilities() != 0)) {
        l->num = errno;
        syscall(SYS_exit_group, 127);
    }
    for (int fd = 0; fd < WIRE_FD; fd++)
        syscall(SYS_close, fd);
    syscall(SYS_close_range, INIT_FD + 1, ~0u, 0); /* all of ours are close-on-exec besides */
    syscall(SYS_execveat, INIT_FD, "", none, none, AT_EMPTY_PATH);
    l->num = errno;
    syscall(SYS_exit_group, 127);
    return 127;
}

static int launch(struct launch *l, unsigned long namespaces, pid_t *ret_pid, struct err *e)
{
    _Alignas(16) char stack[STACK_BYTES];
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* no handler of ours may run in the child */
    pid_t pid = CLONE(launch_child, stack + sizeof stack, (int)namespaces | CLONE_VM | CLONE_VFORK | SIGCHLD, l);
    int num = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (pid < 0)
        return err_sys(e, num, namespaces != 0 ? "a user namespace" : "a process for the sandbox");
    if (l->num != 0) {
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
        return err_sys(e, l->num, "the sandbox's init does not start");
    }
    *ret_pid = pid;
    return 0;
}

int init_spawn(const struct spawn_spec *s, pid_t *ret_pid, struct err *e)
{
    CLEAN(fd) int image = image_open(e);
    if (image < 0)
        return image;
    struct launch l = {.sock = s->sock, .image = image, .namespaces = s->namespaces != 0};
    return launch(&l, s->namespaces, ret_pid, e);
}
