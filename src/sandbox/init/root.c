/*
 * sandbox/init/root.c - the root that a job sees, from nothing to pivot_root.
 *
 * One tmpfs is the root; on it lie the host's folders (cover.c), /run, /dev and the memory folders as plain folders,
 * and on disk, in scratch, /tmp, home and the folders that the caller named: a wheel unpacked in /tmp can be large.
 */
#include "sandbox/init/init.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* Top folders that are never shown: private ones, and what belongs to the machine. */
static int cover_top(void *ctx, const char *path)
{
    static const char *const never[] = {"/proc", "/sys",  "/dev",        "/tmp", "/run",  "/home",
                                        "/root", "/boot", "/lost+found", "/mnt", "/media"};
    for (size_t i = 0; i < ARRAY_LEN(never); i++)
        if (text_eq(path, never[i]))
            return 0;
    return cover(ctx, path, 0);
}

static int try(struct box *b, long rc, const char *what, const char *path)
{
    return rc < 0 ? box_fail(b, rc, what, path) : 0;
}

/* ---- /proc, /sys, /dev ---- */

static int proc_mount(struct box *b)
{
    long fs = sc(__NR_fsopen, "proc", FSOPEN_CLOEXEC);
    long mnt = b->flags & WIRE_NO_PROC ? -EPERM : fs;
    if (fs >= 0) {
        if (mnt >= 0)
            mnt = sc(__NR_fsconfig, fs, FSCONFIG_CMD_CREATE, 0, 0, 0);
        if (mnt >= 0)
            mnt = sc(__NR_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
        sc(__NR_close, fs);
    }
    if (mnt < 0) /* an outer container masks parts of its own: then a new one is refused */
        return try(b, bind_at(b, "/proc", "/proc", BIND_RO), "mount", "/proc");
    long rc = put_at(b, (int)mnt, "/proc");
    b->got |= rc == 0 ? WIRE_GOT_PROC : 0;
    /* A real root owns these on the host, namespaces or not: core_pattern would be a way out. */
    static const char *const masked[] = {"sys", "sysrq-trigger", "irq", "bus", "fs"};
    for (size_t i = 0; i < ARRAY_LEN(masked) && rc == 0 && (b->flags & WIRE_REAL_ROOT); i++) {
        bool late;
        char at[32] = "/proc/";
        text_add(at, sizeof at, masked[i]);
        long copy = bind_make(b, (int)mnt, masked[i], BIND_RO, &late);
        long target = copy < 0 ? copy : dir_open(b->root, at);
        if (copy != -ENOENT)
            rc = target < 0 ? target : mount_attach((int)copy, (int)target, late);
        if (target >= 0)
            sc(__NR_close, target);
        if (copy >= 0)
            sc(__NR_close, copy);
    }
    sc(__NR_close, mnt);
    return try(b, rc, "mount", "/proc");
}

static int sys_mount(struct box *b)
{
    long rc = bind_at(b, "/sys", "/sys", BIND_RO);
    /* Where it cannot be made read-only, the job gets none. */
    return rc == -ENOSYS || rc == -ENOENT ? try(b, dir_make_at(b->root, "/sys", 0555), "folder", "/sys")
                                          : try(b, rc, "mount", "/sys");
}

static int pts_mount(struct box *b)
{
    static const char *const options[][2] = {{"ptmxmode", "0666"}, {"mode", "0620"}};
    long fs = sc(__NR_fsopen, "devpts", FSOPEN_CLOEXEC);
    if (fs < 0)
        return try(b, fs, "mount", "/dev/pts");
    long rc = sc(__NR_fsconfig, fs, FSCONFIG_SET_FLAG, "newinstance", 0, 0);
    for (size_t i = 0; i < ARRAY_LEN(options) && rc == 0; i++)
        rc = sc(__NR_fsconfig, fs, FSCONFIG_SET_STRING, options[i][0], options[i][1], 0);
    if (rc == 0)
        rc = sc(__NR_fsconfig, fs, FSCONFIG_CMD_CREATE, 0, 0, 0);
    if (rc == 0)
        rc = sc(__NR_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
    sc(__NR_close, fs);
    if (rc < 0)
        return try(b, rc, "mount", "/dev/pts");
    int mnt = (int)rc;
    rc = put_at(b, mnt, "/dev/pts");
    sc(__NR_close, mnt);
    return try(b, rc, "mount", "/dev/pts");
}

static int dev_make(struct box *b)
{
    static const char *const devices[] = {"/dev/null",   "/dev/zero",    "/dev/full",
                                          "/dev/random", "/dev/urandom", "/dev/tty"};
    static const char *const links[][2] = {{"pts/ptmx", "dev/ptmx"},
                                           {"/proc/self/fd", "dev/fd"},
                                           {"/proc/self/fd/0", "dev/stdin"},
                                           {"/proc/self/fd/1", "dev/stdout"},
                                           {"/proc/self/fd/2", "dev/stderr"}};
    int rc = 0;
    for (size_t i = 0; i < ARRAY_LEN(devices) && rc == 0; i++)
        rc = try(b, bind_at(b, devices[i], devices[i], BIND_DEVICE), "device", devices[i]);
    for (size_t i = 0; i < ARRAY_LEN(links) && rc == 0; i++)
        rc = try(b, sc(__NR_symlinkat, links[i][0], b->root, links[i][1]), "link", links[i][1]);
    if (rc == 0)
        rc = try(b, sc(__NR_mkdirat, b->root, "dev/shm", 0755), "folder", "/dev/shm");
    if (rc == 0)
        rc = try(b, sc(__NR_fchmodat, b->root, "dev/shm", 01777), "folder", "/dev/shm");
    return rc == 0 ? pts_mount(b) : rc;
}

/* ---- private folders ---- */

/* A new folder of scratch at `path` of the root. */
static int disk_dir(struct box *b, const char *path, uint32_t mode)
{
    long mnt = disk_make(b, path, mode);
    if (mnt < 0)
        return box_fail(b, mnt, "folder", path);
    long rc = put_at(b, (int)mnt, path);
    sc(__NR_close, mnt);
    return try(b, rc, "folder", path);
}

static int private_dirs(struct box *b)
{
    const struct message *m = &b->m;
    int rc = try(b, dir_make_at(b->root, "/run/lock", 0755), "folder", "/run/lock");
    if (rc == 0)
        rc = try(b, sc(__NR_fchmodat, b->root, "run/lock", 01777), "folder", "/run/lock");
    if (rc == 0)
        rc = try(b, dir_make_at(b->root, "/root", 0700), "folder", "/root");
    if (rc == 0)
        rc = try(b, dir_make_at(b->root, "/home", 0755), "folder", "/home");
    if (rc == 0)
        rc = disk_dir(b, "/tmp", 01777);
    if (rc == 0 && m->all[2][0] == '/')
        rc = disk_dir(b, m->all[2], 0755);
    for (size_t i = 4; i < m->n && rc == 0; i++)
        rc = i < 4 + (size_t)m->head.b ? disk_dir(b, m->all[i], 0755)
                                       : try(b, dir_make_at(b->root, m->all[i], 0755), "folder", m->all[i]);
    return rc;
}

/* ---- names ---- */

/* Copies a small file of the host to `path` of the root and puts `more` behind it. An absent one is none. */
static long file_copy(struct box *b, const char *from, const char *path, const char *more)
{
    char bytes[16384];
    long in = sc(__NR_openat, AT_FDCWD, from, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
    long n = in < 0 ? 0 : sc(__NR_read, in, bytes, sizeof bytes - 512);
    if (in >= 0)
        sc(__NR_close, in);
    if (n < 0)
        return n;
    bytes[n] = '\0';
    text_add(bytes, sizeof bytes, more);
    long out = sc(__NR_openat, b->root, path + 1, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (out < 0)
        return out;
    long rc = sc(__NR_write, out, bytes, text_len(bytes));
    sc(__NR_close, out);
    return rc < 0 ? rc : 0;
}

/* /etc/resolv.conf is often a link into /run, which is private: then the file is put where the link leads. */
static int resolver(struct box *b)
{
    char at[PATH_BYTES], to[PATH_BYTES];
    long fd = sc(__NR_openat, AT_FDCWD, "/etc/resolv.conf", O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
    if (fd < 0)
        return 0; /* a host without names gives a job without names */
    at[0] = '\0';
    text_add(at, sizeof at, "/proc/self/fd/");
    text_add_num(at, sizeof at, (uint64_t)fd);
    long n = sc(__NR_readlinkat, AT_FDCWD, at, to, sizeof to - 1);
    sc(__NR_close, fd);
    if (n <= 0)
        return 0;
    to[n] = '\0';
    if (!text_under(to, "/run"))
        return 0;
    at[0] = '\0';
    text_add(at, sizeof at, to);
    while (n > 1 && at[n - 1] != '/')
        n--;
    at[n - 1] = '\0';
    long rc = dir_make_at(b->root, at, 0755);
    if (rc == 0)
        rc = file_copy(b, "/etc/resolv.conf", to, "");
    return try(b, rc, "resolver configuration", to);
}

/* The names of this machine, over the host's files where there are some. */
static int names(struct box *b, const char *host)
{
    static const char *const files[] = {"hostname", "hosts"};
    char more[512] = "";
    long rc = sc(__NR_sethostname, host, text_len(host));
    for (size_t i = 0; i < ARRAY_LEN(files) && rc == 0; i++) {
        char path[32] = "/run/.", etc[32] = "/etc/";
        struct statx st;
        bool late;
        text_add(path, sizeof path, files[i]);
        text_add(etc, sizeof etc, files[i]);
        more[0] = '\0';
        text_add(more, sizeof more, i == 0 ? host : "\n127.0.1.1 ");
        text_add(more, sizeof more, i == 0 ? "" : host);
        text_add(more, sizeof more, "\n");
        if (sc(__NR_statx, AT_FDCWD, etc, 0, STATX_TYPE, &st) < 0)
            continue;
        rc = file_copy(b, i == 0 ? "/dev/null" : etc, path, more);
        long mnt = rc < 0 ? rc : bind_make(b, b->root, path + 1, BIND_RW, &late);
        long target = mnt < 0 ? mnt : dir_open(b->root, etc);
        rc = target < 0 ? target : mount_attach((int)mnt, (int)target, false);
        if (target >= 0)
            sc(__NR_close, target);
        if (mnt >= 0)
            sc(__NR_close, mnt);
        if (rc == 0)
            rc = sc(__NR_unlinkat, b->root, path + 1, 0);
    }
    return try(b, rc, "host name", host);
}

static int loopback_up(struct box *b)
{
    struct ifreq r = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    long fd = sc(__NR_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    long rc = fd < 0 ? fd : sc(__NR_ioctl, fd, SIOCSIFFLAGS, &r);
    if (fd >= 0)
        sc(__NR_close, fd);
    return try(b, rc, "loopback", NULL);
}

/* ---- the whole ---- */

static int root_begin(struct box *b)
{
    char at[PATH_BYTES] = "";
    long rc = sc(__NR_mount, 0, "/", 0, MS_REC | MS_PRIVATE, 0);
    if (rc < 0)
        return box_fail(b, rc, "private mounts", NULL);
    b->outer = (int)sc(__NR_openat, AT_FDCWD, "/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC, 0);
    if (b->outer < 0)
        return box_fail(b, b->outer, "/proc/self/ns/mnt", NULL);
    rc = sc(__NR_unshare, CLONE_NEWNS);
    if (rc < 0)
        return box_fail(b, rc, "mount namespace", NULL);
    b->inner = (int)sc(__NR_openat, AT_FDCWD, "/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC, 0);
    if (b->inner < 0)
        return box_fail(b, b->inner, "/proc/self/ns/mnt", NULL);
    if (!text_add(at, sizeof at, b->scratch) || !text_add(at, sizeof at, "/root"))
        return box_fail(b, -ENAMETOOLONG, b->scratch, NULL);
    rc = sc(__NR_mkdirat, AT_FDCWD, at, 0755);
    int mnt = rc < 0 ? (int)rc : tmpfs_make(b, b->m.head.id, 0755);
    if (mnt < 0)
        return box_fail(b, mnt, "root", at);
    long target = sc(__NR_openat, AT_FDCWD, at, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    rc = target < 0 ? target : mount_attach(mnt, (int)target, false);
    if (target >= 0)
        sc(__NR_close, target);
    b->root = mnt;
    return try(b, rc, "root", at);
}

static int root_enter(struct box *b)
{
    long rc = sc(__NR_fchdir, b->root);
    if (rc == 0)
        rc = sc(__NR_pivot_root, ".", ".");
    if (rc == 0)
        rc = sc(__NR_umount2, ".", 2 /* MNT_DETACH */);
    if (rc == 0)
        rc = sc(__NR_chdir, "/");
    sc(__NR_close, b->root);
    b->root = -1;
    return try(b, rc, "pivot_root", NULL);
}

int root_build(struct box *b)
{
    int rc = root_begin(b);
    if (rc == 0)
        rc = dir_each("/", cover_top, b);
    if (rc == 0)
        rc = proc_mount(b);
    if (rc == 0)
        rc = sys_mount(b);
    if (rc == 0)
        rc = dev_make(b);
    if (rc == 0)
        rc = private_dirs(b);
    if (rc == 0)
        rc = resolver(b);
    if (rc == 0)
        rc = names(b, b->m.all[3]);
    if (rc == 0 && (b->flags & WIRE_NETWORK_OWN))
        rc = loopback_up(b);
    map_free(b->mountinfo, MOUNTINFO_MAX);
    b->mountinfo = NULL;
    return rc == 0 ? root_enter(b) : rc;
}
