/*
 * sandbox/sandbox.c - the handle: opening, asking, hearing, closing.
 */
#include "sandbox/sandbox_priv.h"

#include "core/path.h"
#include "sys/file.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFAULT_PROCESSES 4096
#define DEFAULT_TMPFS ((uint64_t)512 << 20)
#define NAMESPACES (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS)

const char *sandbox_mode_name(enum sandbox_mode m)
{
    switch (m) {
    case SANDBOX_AUTO:
        return "auto";
    case SANDBOX_OVERLAY:
        return "overlay";
    case SANDBOX_PLAIN:
        return "plain";
    }
    BUG("mode %d", (int)m);
}

/* ---- opening ---- */

static struct sandbox *handle_new(const struct sandbox_spec *spec)
{
    struct sandbox *sb = mem_alloc(sizeof *sb);
    *sb = (struct sandbox){.mode = spec->mode, .pid = -1, .sock = -1, .poll = -1, .ready = -1, .arena = arena_new()};
    sb->tmpfs_bytes = spec->max_memory_tmpfs > 0 ? spec->max_memory_tmpfs : DEFAULT_TMPFS;
    return sb;
}

static void init_kill(struct sandbox *sb)
{
    if (sb->pid <= 0)
        return;
    kill(sb->pid, SIGKILL);
    while (waitpid(sb->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    sb->pid = -1;
}

static void handle_free(struct sandbox *sb)
{
    init_kill(sb);
    cgroup_remove(sb->cgroup);
    free(sb->cgroup);
    fd_close(&sb->poll);
    fd_close(&sb->ready);
    fd_close(&sb->sock);
    vec_done(&sb->queue);
    arena_free(sb->arena);
    free(sb);
}

static int watch(struct sandbox *sb, struct err *e)
{
    struct epoll_event in = {.events = EPOLLIN};
    sb->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    sb->poll = epoll_create1(EPOLL_CLOEXEC);
    if (sb->ready < 0 || sb->poll < 0 || epoll_ctl(sb->poll, EPOLL_CTL_ADD, sb->ready, &in) != 0 ||
        epoll_ctl(sb->poll, EPOLL_CTL_ADD, sb->sock, &in) != 0)
        return err_sys(e, errno, "descriptors for the sandbox");
    return 0;
}

static int start_init(struct sandbox *sb, unsigned long namespaces, struct err *e)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return err_sys(e, errno, "a socket for the sandbox");
    sb->sock = ends[0];
    CLEAN(fd) int theirs = ends[1];
    int rc = init_spawn(&(struct spawn_spec){.namespaces = namespaces, .sock = theirs}, &sb->pid, e);
    return rc < 0 ? rc : watch(sb, e);
}

/* Of a run that sandbox_sweep would know, the folder of all runs: its jobs do not see each other. Else scratch. */
static struct str hidden_with(struct arena *a, struct str scratch)
{
    struct str run = path_dir(scratch), runs = path_dir(run);
    return runs.n > 1 && path_exists(path_join(a, run, STR("lock")).p) ? runs : scratch;
}

/* While the init builds the root. It joins before it sees the first command, as messages keep their order. */
static int send_limit(struct sandbox *sb, unsigned limit, struct err *e)
{
    CLEAN(fd) int tasks = cgroup_new(sb->pid, limit, &sb->cgroup);
    CLEAN(buf) struct buf b = BUF(WIRE_INLINE);
    wire_begin(&b, &(struct wire_head){.type = WIRE_LIMIT});
    return tasks >= 0 ? wire_send(sb, &b, &tasks, 1, e) : 0;
}

static void wire_file(struct buf *b, const struct sandbox_file *f)
{
    char mode[16];
    snprintf(mode, sizeof mode, "%u", f->mode);
    wire_text(b, f->path);
    wire_text(b, str_from(mode));
    wire_text(b, f->text);
}

static int ask_open(struct sandbox *sb, const struct sandbox_spec *spec, unsigned flags, struct err *e)
{
    unsigned limit = spec->max_processes > 0 ? spec->max_processes : DEFAULT_PROCESSES;
    CLEAN(buf) struct buf b = BUF(WIRE_MAX);
    struct wire_head head = {.type = WIRE_OPEN, .flags = flags, .id = sb->tmpfs_bytes, .a = limit};
    bool overlay = !(flags & WIRE_PLAIN);
    if (spec->dirs.n > UINT16_MAX || spec->n_files > UINT16_MAX)
        return err_set(e, E2BIG, "more folders or files than a sandbox is born with");
    head.b = (uint32_t)(overlay ? spec->dirs.n | spec->n_files << 16 : 0);
    wire_begin(&b, &head);
    wire_text(&b, sb->scratch);
    wire_text(&b, spec->home_host);
    wire_text(&b, spec->home);
    wire_text(&b, spec->hostname.n > 0 ? spec->hostname : STR("slipway"));
    wire_text(&b, hidden_with(sb->arena, sb->scratch));
    for (size_t i = 0; overlay && i < spec->n_files; i++)
        wire_file(&b, &spec->files[i]);
    for (size_t i = 0; overlay && i < spec->dirs.n; i++)
        wire_text(&b, spec->dirs.p[i]);
    for (size_t i = 0; overlay && i < spec->memory_dirs.n; i++)
        wire_text(&b, spec->memory_dirs.p[i]);
    int rc = wire_send(sb, &b, NULL, 0, e);
    if (rc == 0 && overlay)
        rc = send_limit(sb, limit, e);
    struct wire_answer a;
    if (rc == 0)
        rc = wire_await(sb, &a, NULL, e);
    if (rc == 0 && a.type != WIRE_READY)
        rc = a.num != 0 ? wire_error(&a, e) : err_set(e, EPROTO, "the sandbox's init answers something else");
    if (rc == 0 && overlay && !(flags & WIRE_NO_OVERLAY) && !(a.flags & WIRE_GOT_OVERLAY))
        rc = err_set(e, EOPNOTSUPP, "no overlay can be mounted on the file system of %.*s", STR_ARG(sb->scratch));
    return rc;
}

static unsigned deny_flags(unsigned deny)
{
    return (deny & SANDBOX_DENY_OVERLAY ? WIRE_NO_OVERLAY : 0u) |
           (deny & SANDBOX_DENY_MOUNT_SETATTR ? WIRE_NO_SETATTR : 0u) | (deny & SANDBOX_DENY_PROC ? WIRE_NO_PROC : 0u);
}

/* Names the knob where the kernel or the administrator forbids user namespaces. */
static int explain_userns(struct err *e)
{
    static const struct {
        const char *file, *wrong;
    } knobs[] = {{"/proc/sys/kernel/unprivileged_userns_clone", "0"},
                 {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"},
                 {"/proc/sys/user/max_user_namespaces", "0"}};
    if (e == NULL)
        return -EPERM;
    for (size_t i = 0; i < ARRAY_LEN(knobs); i++) {
        char c[4] = "";
        CLEAN(fd) int fd = open(knobs[i].file, O_RDONLY | O_CLOEXEC);
        if (fd >= 0 && read(fd, c, 2) > 0 && c[0] == knobs[i].wrong[0] && (c[1] == '\n' || c[1] == '\0'))
            return err_set(e, e->num, "%s (%s is %s)", e->text, knobs[i].file, knobs[i].wrong);
    }
    return e->num;
}

static int overlay_open(struct sandbox *sb, const struct sandbox_spec *spec, unsigned flags, struct err *e)
{
    unsigned long own_network = spec->network ? 0 : CLONE_NEWNET;
    struct err why = {0};
    int rc = spec->deny & SANDBOX_DENY_USERNS ? err_set(&why, EPERM, "user namespaces are denied")
                                              : start_init(sb, (unsigned long)NAMESPACES | own_network, &why);
    if (rc == 0)
        rc = idmap_write(sb->pid, spec->deny, &sb->map, &why);
    if (rc < 0) {
        explain_userns(&why);
        return err_set(e, why.num, "%s", why.text);
    }
    flags |= deny_flags(spec->deny) | (sb->map.range ? 0u : WIRE_SINGLE_ID) |
             (sb->map.real_root ? WIRE_REAL_ROOT : 0u) | (spec->network ? 0u : WIRE_NETWORK_OWN);
    rc = ask_open(sb, spec, flags, e);
    for (size_t i = 0; i < spec->n_mounts && rc == 0; i++)
        rc = sandbox_mount(sb, &spec->mounts[i], e);
    return rc;
}

static int reaper_open(struct sandbox *sb, const struct sandbox_spec *spec, struct err *e)
{
    int rc = start_init(sb, 0, e);
    if (rc == 0)
        rc = ask_open(sb, spec, WIRE_PLAIN, e);
    return rc == 0 ? plain_open(sb, spec, e) : rc;
}

int sandbox_open_as(const struct sandbox_spec *spec, enum sandbox_mode mode, unsigned flags, struct sandbox **ret,
                    struct err *e)
{
    struct sandbox *sb = handle_new(spec);
    sb->mode = mode;
    CLEAN(free) char *path = mem_dup_str(spec->scratch);
    int rc = path_real(sb->arena, path, &sb->scratch, e);
    if (rc == 0 && !path_is_dir(path))
        rc = err_set(e, ENOTDIR, "scratch folder %s", path);
    if (rc == 0)
        rc = mode == SANDBOX_PLAIN ? reaper_open(sb, spec, e) : overlay_open(sb, spec, flags, e);
    if (rc < 0)
        handle_free(sb);
    else
        *ret = sb;
    return rc;
}

/* What a failed attempt left in the scratch folder, so that another may begin. */
static int scratch_empty(const struct sandbox_spec *spec, struct err *e)
{
    CLEAN(free) char *path = mem_dup_str(spec->scratch);
    int rc = scratch_remove(path, e);
    return rc < 0 ? rc : dir_make(path, 0755, e);
}

int sandbox_open(const struct sandbox_spec *spec, struct sandbox **ret, struct err *e)
{
    struct err why = {0};
    switch (spec->mode) {
    case SANDBOX_PLAIN:
        return sandbox_open_as(spec, SANDBOX_PLAIN, 0, ret, e);
    case SANDBOX_OVERLAY:
        return sandbox_open_as(spec, SANDBOX_OVERLAY, 0, ret, e);
    case SANDBOX_AUTO:
        break;
    }
    if (sandbox_open_as(spec, SANDBOX_OVERLAY, 0, ret, &why) == 0)
        return 0;
    int rc = scratch_empty(spec, e);
    return rc < 0 ? rc : sandbox_open_as(spec, SANDBOX_PLAIN, 0, ret, e);
}

/* ---- asking ---- */

enum sandbox_mode sandbox_mode_of(const struct sandbox *sb)
{
    return sb->mode;
}

struct str sandbox_path(const struct sandbox *sb, struct arena *a, struct str path)
{
    if (sb->mode != SANDBOX_PLAIN || path_under(path, sb->root))
        return path;
    return arena_printf(a, "%.*s%s%.*s", STR_ARG(sb->root), path_is_abs(path) ? "" : "/", STR_ARG(path));
}

int sandbox_fd(const struct sandbox *sb)
{
    return sb->poll;
}

pid_t sandbox_pid(const struct sandbox *sb)
{
    return sb->pid;
}

static int check_shares(const struct sandbox *sb, const struct sandbox_cmd *cmd, struct err *e)
{
    for (size_t i = 0; i < cmd->n_shares; i++) {
        const struct sandbox_share *s = &cmd->shares[i];
        if (!path_is_abs(s->from) || !path_is_abs(s->to))
            return err_set(e, EINVAL, "a share needs absolute paths");
        if (sb->mode == SANDBOX_PLAIN && !str_eq(s->from, s->to))
            return err_set(e, ENOTSUP, "a plain sandbox has one root only: %.*s cannot be shown at %.*s",
                           STR_ARG(s->from), STR_ARG(s->to));
    }
    return 0;
}

int sandbox_exec(struct sandbox *sb, const struct sandbox_cmd *cmd, struct err *e)
{
    if (cmd->n_argv == 0)
        return err_set(e, EINVAL, "a command without a program");
    struct wire_head head = {.type = WIRE_EXEC, .id = cmd->id, .a = (uint32_t)cmd->n_argv};
    int rc = cmd->fresh_root ? check_shares(sb, cmd, e) : 0;
    if (rc < 0)
        return rc;
    if (cmd->fresh_root && sb->mode != SANDBOX_PLAIN) {
        head.flags = WIRE_OWN_ROOT;
        head.b = (uint32_t)cmd->n_shares;
    }
    CLEAN(buf) struct buf b = BUF(WIRE_MAX);
    struct arena *a CLEAN(arena) = arena_new();
    struct str cwd = cmd->cwd.n > 0 ? sandbox_path(sb, a, cmd->cwd) : STR("/");
    if (sb->mode == SANDBOX_PLAIN && !path_is_dir(arena_str(a, cwd).p)) /* the host's own, then */
        cwd = cmd->cwd;
    wire_begin(&b, &head);
    for (size_t i = 0; i < head.b; i++) {
        wire_text(&b, cmd->shares[i].read_only ? STR("r") : STR("w"));
        wire_text(&b, cmd->shares[i].from);
        wire_text(&b, cmd->shares[i].to);
    }
    wire_text(&b, cwd);
    for (size_t i = 0; i < cmd->n_argv; i++)
        wire_text(&b, cmd->argv[i]);
    for (size_t i = 0; i < cmd->n_env; i++)
        wire_text(&b, cmd->env[i]);
    return wire_send(sb, &b, cmd->stdio, 3, e);
}

static int ask(struct sandbox *sb, struct buf *b, int *ret_fd, struct err *e)
{
    struct wire_answer a;
    int rc = wire_send(sb, b, NULL, 0, e);
    if (rc == 0)
        rc = wire_await(sb, &a, ret_fd, e);
    return rc == 0 ? wire_error(&a, e) : rc;
}

int sandbox_signal(struct sandbox *sb, uint64_t id, int signal, struct err *e)
{
    CLEAN(buf) struct buf b = BUF(WIRE_INLINE);
    wire_begin(&b, &(struct wire_head){.type = WIRE_SIGNAL, .id = id, .a = (uint32_t)signal});
    return ask(sb, &b, NULL, e);
}

static int mount_ask(struct sandbox *sb, const struct sandbox_mount *m, bool only_one, struct err *e)
{
    struct wire_head head = {.type = WIRE_MOUNT, .id = sb->tmpfs_bytes, .a = (uint32_t)m->kind, .b = only_one};
    CLEAN(buf) struct buf b = BUF(WIRE_MAX);
    wire_begin(&b, &head);
    wire_text(&b, m->source);
    wire_text(&b, m->path);
    for (size_t i = 0; m->kind == MOUNT_VIEW && i < m->hide.n; i++)
        wire_text(&b, m->hide.p[i]);
    return ask(sb, &b, NULL, e);
}

/* Where overlayfs does not take this folder (its file system, a mount or an upper layer below it): a copy, mounted. */
static int view_by_copy(struct sandbox *sb, const struct sandbox_mount *m, struct err *e)
{
    struct arena *a CLEAN(arena) = arena_new();
    CLEAN(free) char *name = mem_dup_str(arena_printf(a, "%.*s/copy-XXXXXX", STR_ARG(sb->scratch)));
    struct strs hide = {0};
    for (size_t i = 0; i < m->hide.n; i++)
        vec_push_in(a, &hide, m->hide.p[i]);
    if (path_under(sb->scratch, m->source) && !str_eq(sb->scratch, m->source)) /* or the copy would hold itself */
        vec_push_in(a, &hide, path_rel(sb->scratch, m->source));
    if (mkdtemp(name) == NULL)
        return err_sys(e, errno, "a folder for a copy");
    struct str tree = arena_printf(a, "%s/tree", name);
    int rc = copy_without(a, arena_str(a, m->source).p, tree.p, &hide, e);
    if (rc < 0)
        return rc;
    struct sandbox_mount view = {
        .kind = MOUNT_VIEW, .source = tree, .path = m->path}; /* other roots see the same copy */
    rc = mount_ask(sb, &view, false, NULL);
    if (rc == 0)
        return 0;
    view.kind = MOUNT_RW;
    return mount_ask(sb, &view, true, e);
}

int sandbox_mount(struct sandbox *sb, const struct sandbox_mount *m, struct err *e)
{
    struct err why = {0};
    if (!path_is_abs(m->path) ||
        ((m->kind == MOUNT_VIEW || m->kind == MOUNT_RO || m->kind == MOUNT_RW) && !path_is_abs(m->source)))
        return err_set(e, EINVAL, "a mount needs absolute paths");
    if (sb->mode == SANDBOX_PLAIN)
        return plain_mount(sb, m, e);
    bool around = m->kind == MOUNT_VIEW && path_under(sb->scratch, m->source); /* refused as late as at a look-up */
    int rc = around ? -ELOOP : mount_ask(sb, m, false, &why);
    if (m->kind == MOUNT_VIEW && (rc == -EOPNOTSUPP || rc == -ELOOP || rc == -EINVAL))
        rc = view_by_copy(sb, m, &why);
    return rc < 0 ? err_set(e, rc, "mount of %.*s: %s", STR_ARG(m->path), why.text) : 0;
}

int sandbox_openat(struct sandbox *sb, struct str path, int flags, mode_t mode, struct err *e)
{
    CLEAN(buf) struct buf b = BUF(WIRE_INLINE);
    CLEAN(fd) int fd = -1;
    if (sb->mode == SANDBOX_PLAIN)
        return plain_openat(sb, path, flags, mode, e);
    wire_begin(&b, &(struct wire_head){.type = WIRE_OPENAT, .a = (uint32_t)flags, .b = (uint32_t)mode});
    wire_text(&b, path);
    struct wire_answer a = {0};
    int rc = wire_send(sb, &b, NULL, 0, e);
    if (rc == 0)
        rc = wire_await(sb, &a, &fd, e);
    if (rc < 0)
        return rc;
    if (a.num != 0 || fd < 0)
        return err_sys(e, a.num != 0 ? a.num : EPROTO, "%.*s", STR_ARG(path));
    int ret = fd;
    fd = -1;
    return ret;
}

/* ---- hearing ---- */

static bool queue_take(struct sandbox *sb, struct sandbox_event *ret)
{
    if (sb->queue_first == sb->queue.n)
        return false;
    *ret = sb->queue.p[sb->queue_first++];
    if (sb->queue_first == sb->queue.n) {
        eventfd_t count;
        eventfd_read(sb->ready, &count);
        sb->queue.n = sb->queue_first = 0;
    }
    return true;
}

int sandbox_next(struct sandbox *sb, struct sandbox_event *ret, struct err *e)
{
    struct err why = {0};
    if (queue_take(sb, ret))
        return 1;
    while (!sb->gone) {
        int rc = wire_drain(sb, &why);
        if (rc == 0)
            return 0;
        if (rc < 0 && !sb->gone)
            return err_set(e, rc, "%s", why.text);
        if (queue_take(sb, ret))
            return 1;
    }
    if (sb->gone_told)
        return err_set(e, EPIPE, "the sandbox is gone");
    sb->gone_told = true;
    *ret = (struct sandbox_event){.kind = SANDBOX_GONE};
    err_set(&ret->err, EPIPE, "the first process of the sandbox has ended");
    return 1;
}

/* ---- closing ---- */

/* A reaper must find and kill what it adopted before it goes; it ends by itself, or by a signal when it does not. */
static void reaper_end(struct sandbox *sb)
{
    CLEAN(buf) struct buf b = BUF(WIRE_INLINE);
    struct wire_answer a;
    wire_begin(&b, &(struct wire_head){.type = WIRE_END});
    if (wire_send(sb, &b, NULL, 0, NULL) == 0)
        while (wire_await(sb, &a, NULL, NULL) == 0)
            ;
}

int sandbox_close(struct sandbox *sb, bool keep, struct err *e)
{
    if (sb == NULL)
        return 0;
    if (sb->mode == SANDBOX_PLAIN && sb->pid > 0)
        reaper_end(sb);
    init_kill(sb);
    CLEAN(free) char *scratch = mem_dup_str(sb->scratch);
    handle_free(sb);
    return keep ? 0 : scratch_remove(scratch, e);
}
