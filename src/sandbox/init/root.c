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
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <linux/magic.h>

/* Top folders that are never shown: private ones, and what belongs to the machine. */
static int cover_top(struct box *b, const char *path, bool large)
{
    static const char *const never[] = {"/proc", "/sys",  "/dev",        "/tmp", "/run",  "/home",
                                        "/root", "/boot", "/lost+found", "/mnt", "/media"};
    for (size_t i = 0; i < ARRAY_LEN(never); i++)
        if (text_eq(path, never[i]))
            return 0;
    return is_large(path) == large ? cover(b, path, 0) : 0;
}

static int cover_small(void *ctx, const char *path)
{
    return cover_top(ctx, path, false);
}

static int cover_large(void *ctx, const char *path)
{
    return cover_top(ctx, path, true);
}

/*
 * Half of the time goes into the overlays with layers on disk, so a second process makes these. It shares our mount
 * namespace and nothing else; what it has to say is in the shared page.
 */
static long large_start(struct box *b)
{
    long pid = sc(__NR_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid != 0)
        return pid;
    int rc = dir_each("/", cover_large, b);
    b->shared->num = rc;
    b->shared->got = b->got;
    memcpy(b->shared->why, b->why, sizeof b->why);
    for (;;)
        sc(__NR_exit_group, 0);
}

static int large_end(struct box *b, long pid)
{
    if (pid < 0)
        return box_fail(b, pid, "a second process", NULL);
    sc(__NR_wait4, pid, 0, 0, 0);
    b->got |= b->shared->got;
    if (b->shared->num < 0)
        memcpy(b->why, b->shared->why, sizeof b->why);
    return b->shared->num;
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
    static const char *const masked[] = {"sys", "sysrq-trigger", "irq", "bus", "fs", "acpi", "scsi"};
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

/*
 * A device is shown on an empty file of our own; no path is looked up twice. The mount is read-only, as its node is the
 * host's: a real root inside could change its mode and owner there. Reading and writing the device is not affected.
 * Kernels that lack the call (before Linux 5.12) show it as it is.
 */
static long device_show(const struct box *b, int dev, const char *name)
{
    struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC};
    char at[32] = "/dev/";
    text_add(at, sizeof at, name);
    long target = sc(__NR_openat, dev, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    if (target < 0)
        return target;
    long mnt = sc(__NR_open_tree, AT_FDCWD, at, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (mnt >= 0 && !(b->flags & WIRE_NO_SETATTR))
        sc(__NR_mount_setattr, mnt, "", AT_EMPTY_PATH, &attr, sizeof attr);
    long rc = mnt < 0 ? mnt : mount_attach((int)mnt, (int)target, false);
    if (mnt >= 0)
        sc(__NR_close, mnt);
    sc(__NR_close, target);
    return rc;
}

static int dev_make(struct box *b)
{
    static const char *const devices[] = {"null", "zero", "full", "random", "urandom", "tty"};
    static const char *const links[][2] = {{"pts/ptmx", "ptmx"},
                                           {"/proc/self/fd", "fd"},
                                           {"/proc/self/fd/0", "stdin"},
                                           {"/proc/self/fd/1", "stdout"},
                                           {"/proc/self/fd/2", "stderr"}};
    long rc = sc(__NR_mkdirat, b->root, "dev", 0755);
    long dev = rc < 0 ? rc : sc(__NR_openat, b->root, "dev", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (dev < 0)
        return box_fail(b, dev, "folder", "/dev");
    rc = 0;
    for (size_t i = 0; i < ARRAY_LEN(devices) && rc == 0; i++)
        rc = try(b, device_show(b, (int)dev, devices[i]), "device", devices[i]);
    for (size_t i = 0; i < ARRAY_LEN(links) && rc == 0; i++)
        rc = try(b, sc(__NR_symlinkat, links[i][0], dev, links[i][1]), "link", links[i][1]);
    if (rc == 0)
        rc = sc(__NR_mkdirat, dev, "shm", 0755);
    if (rc == 0)
        rc = try(b, sc(__NR_fchmodat, dev, "shm", 01777), "folder", "/dev/shm");
    sc(__NR_close, dev);
    return rc == 0 ? pts_mount(b) : (int)rc;
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

/* A folder in memory. What lies below one on disk (home) needs a tmpfs of its own, once for all that lie in it. */
static int memory_dir(struct box *b, const char *path)
{
    struct statfs fs = {0};
    int rc = try(b, dir_make_at(b->root, path, 0755), "folder", path);
    if (rc < 0)
        return rc;
    long dir = sc(__NR_openat, b->root, path + 1, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    long kind = dir < 0 ? dir : sc(__NR_fstatfs, dir, &fs);
    if (dir >= 0)
        sc(__NR_close, dir);
    if (kind < 0)
        return box_fail(b, kind, "folder", path);
    if (fs.f_type == TMPFS_MAGIC)
        return 0;
    int mnt = tmpfs_make(b, b->birth.tmpfs_bytes, 0755);
    if (mnt < 0)
        return mnt;
    long put = put_at(b, mnt, path);
    sc(__NR_close, mnt);
    return try(b, put, "folder", path);
}

/* A small file that every root has, in a folder in memory. */
static int file_put(struct box *b, const char *path, const char *mode, const char *text)
{
    char dir[PATH_BYTES] = "";
    uint64_t bits = 0;
    if (!text_add(dir, sizeof dir, path) || !text_num(mode, &bits))
        return box_fail(b, -EPROTO, "file", path);
    size_t n = text_len(dir);
    while (n > 1 && dir[n - 1] != '/')
        n--;
    dir[n > 1 ? n - 1 : 1] = '\0';
    int rc = memory_dir(b, dir);
    if (rc < 0)
        return rc;
    long at = sc(__NR_openat, b->root, path + 1, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
    long out = at < 0 ? at : 0;
    for (size_t len = text_len(text), done = 0; out >= 0 && done < len; done += (size_t)out)
        out = sc(__NR_write, at, text + done, len - done);
    if (out >= 0)
        out = sc(__NR_fchmod, at, bits & 07777);
    if (at >= 0)
        sc(__NR_close, at);
    return try(b, out, "file", path);
}

static int private_dirs(struct box *b)
{
    const struct birth *birth = &b->birth;
    int rc = try(b, dir_make_at(b->root, "/run/lock", 0755), "folder", "/run/lock");
    if (rc == 0)
        rc = try(b, sc(__NR_fchmodat, b->root, "run/lock", 01777), "folder", "/run/lock");
    if (rc == 0)
        rc = try(b, dir_make_at(b->root, "/root", 0700), "folder", "/root");
    if (rc == 0)
        rc = try(b, dir_make_at(b->root, "/home", 0755), "folder", "/home");
    if (rc == 0)
        rc = disk_dir(b, "/tmp", 01777);
    if (rc == 0 && birth->home[0] == '/')
        rc = disk_dir(b, birth->home, 0755);
    for (size_t i = 0; i < birth->n_dirs && rc == 0; i++)
        rc = disk_dir(b, birth->dirs[i], 0755);
    for (size_t i = 0; i < birth->n_memory_dirs && rc == 0; i++)
        rc = memory_dir(b, birth->memory_dirs[i]);
    for (size_t i = 0; i < birth->n_files && rc == 0; i++)
        rc = file_put(b, birth->files[3 * i], birth->files[3 * i + 1], birth->files[3 * i + 2]);
    return rc;
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

/*
 * The tmpfs has two folders: `top` becomes the root, and in `layers` lie small upper layers, where it can have the
 * attributes that they need (Linux 6.6). The job sees the first alone: pivot_root leaves the rest behind.
 */
static long root_split(struct box *b, int mnt)
{
    bool late;
    long rc = sc(__NR_mkdirat, mnt, "layers", 0700);
    b->memory_layers = rc == 0 && sc(__NR_setxattr, b->memory, "user.slipway", "1", 1, 0) == 0;
    if (rc == 0)
        rc = sc(__NR_mkdirat, mnt, "top", 0755);
    long top = rc < 0 ? rc : bind_make(b, mnt, "top", BIND_DEVICE, &late);
    if (top < 0)
        return top;
    long target = sc(__NR_openat, mnt, "top", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    rc = target < 0 ? target : mount_attach((int)top, (int)target, false);
    if (target >= 0)
        sc(__NR_close, target);
    b->root = (int)top;
    return rc;
}

static long mount_on(int mnt, const char *at)
{
    long target = sc(__NR_openat, AT_FDCWD, at, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    long rc = target < 0 ? target : mount_attach(mnt, (int)target, false);
    if (target >= 0)
        sc(__NR_close, target);
    return rc;
}

static int root_mount(struct box *b)
{
    char at[PATH_BYTES] = "";
    b->memory[0] = '\0';
    long rc = text_add(at, sizeof at, b->disk) && text_add(at, sizeof at, "/root") &&
                      text_add(b->memory, sizeof b->memory, at) && text_add(b->memory, sizeof b->memory, "/layers")
                  ? sc(__NR_mkdirat, AT_FDCWD, at, 0755)
                  : -ENAMETOOLONG;
    int mnt = rc < 0 ? (int)rc : tmpfs_make(b, b->birth.tmpfs_bytes, 0755);
    if (mnt < 0)
        return box_fail(b, mnt, "root in", b->scratch);
    rc = mount_on(mnt, at);
    if (rc == 0)
        rc = root_split(b, mnt);
    sc(__NR_close, mnt);
    return try(b, rc, "root in", b->scratch);
}

static int root_begin(struct box *b)
{
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
    rc = text_add(b->disk, sizeof b->disk, b->scratch) && text_add(b->disk, sizeof b->disk, "/layers")
             ? sc(__NR_mkdirat, AT_FDCWD, b->disk, 0755)
             : -ENAMETOOLONG;
    return rc < 0 ? box_fail(b, rc, "layers in", b->scratch) : root_mount(b);
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

static int small_parts(struct box *b)
{
    int rc = dir_each("/", cover_small, b);
    if (rc == 0)
        rc = proc_mount(b);
    if (rc == 0)
        rc = sys_mount(b);
    return rc == 0 ? dev_make(b) : rc;
}

/* Of a steward: a tmpfs for small upper layers and for what waits, which stays. */
static int parking_mount(struct box *b)
{
    if (b->parking[0] != '\0')
        return 0;
    long rc = text_add(b->parking, sizeof b->parking, b->disk) && text_add(b->parking, sizeof b->parking, "/parking")
                  ? sc(__NR_mkdirat, AT_FDCWD, b->parking, 0700)
                  : -ENAMETOOLONG;
    int mnt = rc < 0 && rc != -EEXIST ? (int)rc : tmpfs_make(b, b->birth.tmpfs_bytes, 0755);
    rc = mnt < 0 ? mnt : mount_on(mnt, b->parking);
    if (mnt >= 0)
        sc(__NR_close, mnt);
    b->memory[0] = '\0';
    if (rc == 0)
        rc = text_add(b->memory, sizeof b->memory, b->parking) && text_add(b->memory, sizeof b->memory, "/layers")
                 ? sc(__NR_mkdirat, AT_FDCWD, b->memory, 0700)
                 : -ENAMETOOLONG;
    b->memory_layers = rc == 0 && sc(__NR_setxattr, b->memory, "user.slipway", "1", 1, 0) == 0;
    if (rc < 0)
        b->parking[0] = '\0'; /* another time, perhaps */
    return try(b, rc, "parking in", b->disk);
}

static void mountinfo_drop(struct box *b)
{
    map_free(b->mountinfo, MOUNTINFO_MAX);
    b->mountinfo = NULL;
}

int root_prepare(struct box *b)
{
    b->mounts = 0;
    int rc = parking_mount(b);
    b->parking_now = true;
    if (rc == 0)
        rc = dir_each("/", cover_small, b);
    if (rc == 0)
        rc = dir_each("/", cover_large, b);
    if (rc == 0)
        rc = views_park(b);
    b->parking_now = false;
    mountinfo_drop(b);
    return rc;
}

/* Nothing but the root lies in this tmpfs. */
static int top_mount(struct box *b)
{
    char at[PATH_BYTES] = "";
    long rc = text_add(at, sizeof at, b->disk) && text_add(at, sizeof at, "/root")
                  ? sc(__NR_mkdirat, AT_FDCWD, at, 0755)
                  : -ENAMETOOLONG;
    int mnt = rc < 0 && rc != -EEXIST ? (int)rc : tmpfs_make(b, b->birth.tmpfs_bytes, 0755);
    if (mnt < 0)
        return box_fail(b, mnt, "root in", b->disk);
    rc = mount_on(mnt, at);
    b->root = mnt;
    return try(b, rc, "root in", b->disk);
}

int root_again(struct box *b)
{
    b->mounts = 0;
    int rc = top_mount(b);
    if (rc == 0)
        rc = small_parts(b);
    if (rc == 0)
        rc = dir_each("/", cover_large, b);
    if (rc == 0)
        rc = private_dirs(b);
    if (rc == 0)
        rc = resolver_show(b);
    if (rc == 0)
        rc = views_again(b);
    mountinfo_drop(b);
    return rc == 0 ? root_enter(b) : rc;
}

int root_build(struct box *b)
{
    int rc = root_begin(b);
    if (rc < 0)
        return rc;
    if (b->flags & WIRE_PROBE) {
        rc = cover(b, "/usr", 0);
        return rc == 0 ? proc_mount(b) : rc;
    }
    b->shared->num = -EIO; /* until it says otherwise */
    long second = large_start(b);
    rc = small_parts(b);
    int large = large_end(b, second); /* private folders may lie below a large one: /opt/hostedtoolcache */
    rc = rc == 0 ? large : rc;
    if (rc == 0)
        rc = private_dirs(b);
    if (rc == 0)
        rc = resolver_show(b);
    if (rc == 0)
        rc = try(b, sc(__NR_sethostname, b->birth.hostname, text_len(b->birth.hostname)), "host name",
                 b->birth.hostname);
    if (rc == 0 && (b->flags & WIRE_NETWORK_OWN))
        rc = loopback_up(b);
    mountinfo_drop(b);
    return rc == 0 ? root_enter(b) : rc;
}
