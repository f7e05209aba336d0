/*
 * sandbox/probe.c - what this machine can do, found by doing it.
 */
#include "sandbox/sandbox_priv.h"

#include "sys/file.h"

#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void why_set(char why[200], const struct err *e)
{
    snprintf(why, 200, "%.199s", e->text);
}

/* Where no sandbox can be opened: is it the user namespace alone that fails? */
static bool try_userns(struct sandbox_caps *c)
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
    if (rc < 0)
        why_set(c->why_userns, &e);
    return rc == 0;
}

static void tell_good(struct sandbox_caps *c, const struct sandbox *sb)
{
    c->userns = c->overlay = true;
    c->best = SANDBOX_OVERLAY;
    c->range_map = sb->map.range;
    snprintf(c->why_range_map, sizeof c->why_range_map, "%s", sb->map.range ? "" : sb->map.why);
    /* RLIMIT_NPROC does not bind a real root; for others it counts by user namespace since Linux 5.14. */
    c->pids_limit = sb->cgroup != NULL || geteuid() != 0;
}

static void tell_bad(struct sandbox_caps *c, const struct err *e)
{
    why_set(c->why_overlay, e);
    c->userns = try_userns(c);
    if (!c->userns)
        snprintf(c->why_overlay, sizeof c->why_overlay, "there are no user namespaces");
    snprintf(c->why_range_map, sizeof c->why_range_map, "no sandbox can be opened");
}

void sandbox_probe(const char *scratch, struct sandbox_caps *ret)
{
    struct sandbox_caps c = {.best = SANDBOX_PLAIN};
    struct err e = {0};
    struct sandbox *sb = NULL;
    char path[4096];
    snprintf(path, sizeof path, "%s/probe-XXXXXX", scratch);
    if (mkdtemp(path) == NULL) {
        err_sys(&e, errno, "%.150s", scratch);
        tell_bad(&c, &e);
        *ret = c;
        return;
    }
    struct sandbox_spec spec = {
        .mode = SANDBOX_OVERLAY, .scratch = str_from(path), .hostname = STR("probe"), .network = true};
    if (sandbox_open_as(&spec, SANDBOX_OVERLAY, WIRE_PROBE, &sb, &e) == 0) {
        tell_good(&c, sb);
        sandbox_close(sb, false, NULL);
    } else {
        tell_bad(&c, &e);
        scratch_remove(path, NULL);
    }
    *ret = c;
}
