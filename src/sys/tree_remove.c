/*
 * sys/tree_remove.c - removing a tree that may fight back.
 *
 * In each folder everything that is no folder is unlinked while the folder is read, and the names of its folders are
 * kept; then those are entered one by one and removed on the way back. Folders that lack permissions get them first.
 * A folder that is not empty when it should be (somebody still writes) is swept again, a few times.
 */
#include "core/base.h"
#include "sys/descent_priv.h"
#include "core/buf.h"
#include "core/path.h"
#include "sys/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SWEEPS_MAX 8
#define OWNER_ALL ((mode_t)0700)

struct removal {
    struct descent d;
    dev_t dev; /* of the root: folders of another device are mount points */
    struct err *e;
};

static int removal_fail(const struct removal *m, int num, struct str name)
{
    return descent_fail(&m->d, m->e, num, "remove", name);
}

/* Removes one entry of the current folder, or keeps its name when it is a folder. */
static int sweep_entry(struct removal *m, const struct dirent *entry)
{
    struct level *here = descent_level(&m->d);
    struct str name = str_from(entry->d_name);
    if (str_is(name, ".") || str_is(name, ".."))
        return 0;
    int r = entry->d_type == DT_DIR ? -EISDIR : unlinkat(here->fd, name.p, 0) < 0 ? -errno : 0;
    if (r == 0 || r == -ENOENT)
        return 0;
    /* POSIX has EPERM for a folder where Linux has EISDIR. */
    struct stat st;
    if (r != -EISDIR && (fstatat(here->fd, name.p, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode)))
        return removal_fail(m, r, name);
    vec_push_in(here->arena, &here->names, arena_str(here->arena, name));
    return 0;
}

static int sweep(struct removal *m)
{
    struct level *here = descent_level(&m->d);
    int fd = folder_open_at(here->fd, ".");
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        int num = fd < 0 ? -fd : errno;
        fd_close(&fd);
        return removal_fail(m, num, STR_NONE);
    }
    here->names.n = here->next = 0;
    int r = 0;
    const struct dirent *entry = NULL;
    while (r == 0 && (errno = 0, entry = readdir(dir)) != NULL)
        r = sweep_entry(m, entry);
    if (r == 0 && errno)
        r = removal_fail(m, errno, STR_NONE);
    closedir(dir);
    return r;
}

/* Owner permissions for the folder that was just entered; where they are refused, the sweep will tell. */
static int open_up(struct removal *m)
{
    struct stat st;
    int fd = descent_here(&m->d);
    if (fstat(fd, &st) < 0)
        return removal_fail(m, errno, STR_NONE);
    if (m->d.levels.n == 1)
        m->dev = st.st_dev;
    if (st.st_dev != m->dev)
        return removal_fail(m, EXDEV, STR_NONE);
    if ((st.st_mode & OWNER_ALL) != OWNER_ALL)
        fchmod(fd, (st.st_mode & 07777) | OWNER_ALL);
    return 0;
}

static int removal_enter(struct removal *m, struct str name)
{
    int r = descent_enter(&m->d, name);
    if (r == -EACCES && fchmodat(descent_here(&m->d), name.p, OWNER_ALL, AT_SYMLINK_NOFOLLOW) == 0)
        r = descent_enter(&m->d, name);
    if (r == -ENOENT)
        return 0;
    if (r < 0)
        return removal_fail(m, r, name);
    r = open_up(m);
    return r < 0 ? r : sweep(m);
}

/* Goes back to the parent and removes the folder that was left, which is the last of names that was taken. */
static int removal_leave(struct removal *m)
{
    int r = descent_leave(&m->d);
    if (r < 0)
        return removal_fail(m, r, STR_NONE);
    struct level *here = descent_level(&m->d);
    struct str name = here->names.p[here->next - 1];
    if (unlinkat(here->fd, name.p, AT_REMOVEDIR) == 0 || errno == ENOENT) {
        here->again = 0;
        return 0;
    }
    if ((errno != ENOTEMPTY && errno != EEXIST) || here->again++ == SWEEPS_MAX)
        return removal_fail(m, errno, name);
    here->next--;
    return 0;
}

static int removal_run(struct removal *m)
{
    int r = open_up(m);
    if (r == 0)
        r = sweep(m);
    while (r == 0) {
        struct level *here = descent_level(&m->d);
        if (here->next < here->names.n)
            r = removal_enter(m, here->names.p[here->next++]);
        else if (m->d.levels.n > 1)
            r = removal_leave(m);
        else
            break;
    }
    return r;
}

/* Empties the folder `root`. */
static int empty_folder(const char *root, struct err *e)
{
    struct removal m = {.e = e};
    int fd = folder_open_at(AT_FDCWD, root);
    if (fd == -EACCES && fchmodat(AT_FDCWD, root, OWNER_ALL, AT_SYMLINK_NOFOLLOW) == 0)
        fd = folder_open_at(AT_FDCWD, root);
    if (fd < 0)
        return fd == -ENOENT ? 0 : err_sys(e, fd, "cannot remove '%s'", root);
    int r = descent_start(&m.d, root, fd);
    r = r < 0 ? removal_fail(&m, r, STR_NONE) : removal_run(&m);
    clean_descent(&m.d);
    return r;
}

int tree_remove(const char *path, struct err *e)
{
    CLEAN(free) char *root = mem_dup(path);
    for (size_t n = strlen(root); n > 1 && root[n - 1] == '/'; n--)
        root[n - 1] = '\0';
    struct str name = path_base(str_from(root));
    if (name.n == 0 || str_is(name, ".") || str_is(name, ".."))
        return err_set(e, EINVAL, "cannot remove '%s': it does not name an entry of a folder", path);
    struct stat st;
    if (lstat(root, &st) < 0)
        return errno == ENOENT ? 0 : err_sys(e, errno, "cannot remove '%s'", path);
    if (!S_ISDIR(st.st_mode))
        return unlink(root) < 0 && errno != ENOENT ? err_sys(e, errno, "cannot remove '%s'", path) : 0;
    for (int i = 0;; i++) {
        int r = empty_folder(root, e);
        if (r < 0)
            return r;
        if (rmdir(root) == 0 || errno == ENOENT)
            return 0;
        if ((errno != ENOTEMPTY && errno != EEXIST) || i == SWEEPS_MAX)
            return err_sys(e, errno, "cannot remove '%s'", path);
    }
}
