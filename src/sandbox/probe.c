/*
 * sandbox/probe.c - what this machine can do, found by doing it.
 */
#include "sandbox/sandbox_priv.h"

#include "sys/file.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void why_set(char why[200], const struct err *e)
{
    snprintf(why, 200, "%.199s", e->text);
}

/* A user namespace alone, and which ids it can have. */
static bool try_ids(struct sandbox_caps *c)
{
    struct err e = {0};
    struct idmap map = {0};
    pid_t pid;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        snprintf(c->why_userns, sizeof c->why_userns, "no socket");
        return false;
    }
    CLEAN(fd) int ours = ends[0];
    CLEAN(fd) int theirs = ends[1];
    int rc = init_spawn(&(struct spawn_spec){.namespaces = CLONE_NEWUSER, .sock = theirs}, &pid, &e);
    fd_close(&theirs);
    if (rc == 0) {
        rc = idmap_write(pid, 0, &map, &e);
        fd_close(&ours); /* the init ends at this */
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    if (rc < 0) {
        why_set(c->why_userns, &e);
        return false;
    }
    c->range_map = map.range;
    snprintf(c->why_range_map, sizeof c->why_range_map, "%s", map.why);
    return true;
}

static bool limit_is_kept(const struct sandbox *sb)
{
    struct rlimit r;
    /* RLIMIT_NPROC does not bind a real root; for others it counts by user namespace since Linux 5.14. */
    return sb->cgroup != NULL || (geteuid() != 0 && getrlimit(RLIMIT_NPROC, &r) == 0);
}

void sandbox_probe(const char *scratch, struct sandbox_caps *ret)
{
    struct sandbox_caps c = {.best = SANDBOX_PLAIN};
    struct err e = {0};
    char path[4096];
    c.userns = try_ids(&c);
    if (!c.userns) {
        snprintf(c.why_overlay, sizeof c.why_overlay, "there are no user namespaces");
        snprintf(c.why_range_map, sizeof c.why_range_map, "there are no user namespaces");
        *ret = c;
        return;
    }
    snprintf(path, sizeof path, "%s/probe-XXXXXX", scratch);
    if (mkdtemp(path) == NULL) {
        snprintf(c.why_overlay, sizeof c.why_overlay, "nothing can be written to %.150s", scratch);
        *ret = c;
        return;
    }
    struct sandbox_spec spec = {.mode = SANDBOX_OVERLAY, .scratch = str_from(path), .hostname = STR("probe")};
    struct sandbox *sb = NULL;
    if (sandbox_open(&spec, &sb, &e) == 0) {
        c.overlay = true;
        c.best = SANDBOX_OVERLAY;
        c.pids_limit = limit_is_kept(sb);
        sandbox_close(sb, false, NULL);
    } else {
        why_set(c.why_overlay, &e);
        scratch_remove(path, NULL);
    }
    *ret = c;
}
