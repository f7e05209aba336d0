/*
 * sandbox/sweep.c - removing what sandboxes leave on disk.
 */
#include "sandbox/sandbox_priv.h"

#include "core/path.h"
#include "sys/file.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Inside a user namespace with the ids that the job had, root may remove what any of them owns. */
static int remove_as_root(const char *path, struct err *e)
{
    struct sandbox sb = {.pid = -1, .sock = -1, .ready = -1};
    struct idmap map;
    struct wire_answer a;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return err_sys(e, errno, "a socket for removing %s", path);
    CLEAN(fd) int ours = ends[0];
    CLEAN(fd) int theirs = ends[1];
    sb.sock = ours;
    int rc = init_spawn(&(struct spawn_spec){.namespaces = CLONE_NEWUSER, .sock = theirs}, &sb.pid, e);
    fd_close(&theirs);
    if (rc < 0)
        return rc;
    rc = idmap_write(sb.pid, 0, &map, e);
    CLEAN(buf) struct buf b = BUF(WIRE_INLINE);
    wire_begin(&b, &(struct wire_head){.type = WIRE_REMOVE});
    wire_text(&b, str_from(path));
    if (rc == 0)
        rc = wire_send(&sb, &b, NULL, 0, e);
    if (rc == 0)
        rc = wire_await(&sb, &a, NULL, e);
    if (rc == 0)
        rc = a.num == 0 ? 0 : err_sys(e, a.num, "cannot remove %s", path);
    fd_close(&ours); /* an init that still waits ends at this */
    while (waitpid(sb.pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return rc;
}

int scratch_remove(const char *path, struct err *e)
{
    struct err why = {0};
    int rc = tree_remove(path, &why);
    if ((rc == -EACCES || rc == -EPERM) && geteuid() != 0)
        return remove_as_root(path, e);
    return rc < 0 ? err_set(e, rc, "%s", why.text) : 0;
}

/* True when nobody holds the run's lock; the lock is taken while it is removed, so that two sweeps do not meet. */
static bool abandoned(struct arena *a, struct str run, int *ret_fd)
{
    struct str lock = path_join(a, run, STR("lock"));
    return path_is_dir(run.p) && path_exists(lock.p) && file_lock(lock.p, false, ret_fd, NULL) == 0;
}

int sandbox_sweep(const char *runs_dir, struct err *e)
{
    struct arena *a CLEAN(arena) = arena_new();
    struct strs names = {0};
    struct err why = {0};
    int swept = 0;
    if (!path_is_dir(runs_dir))
        return 0;
    int rc = dir_list(a, runs_dir, &names, e);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < names.n; i++) {
        struct str run = path_join(a, arena_cstr(a, runs_dir), names.p[i]);
        CLEAN(fd) int fd = -1;
        if (!abandoned(a, run, &fd))
            continue;
        rc = scratch_remove(run.p, &why);
        if (rc < 0)
            err_set(e, rc, "%s", why.text);
        else
            swept++;
    }
    cgroup_sweep();
    return rc < 0 && swept == 0 ? rc : swept;
}
