/*
 * A path is walked one name at a time; the folders on the way stay open, so that ".." is a step back and not a
 * question to the file system.
 */
#include "core/base.h"
#include "sys/inside.h"

#include "core/mem.h"
#include "core/path.h"
#include "sys/file.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDERS_MAX 256
#define LINKS_MAX 40

struct way {
    int fds[FOLDERS_MAX]; /* the first is the root, borrowed */
    size_t n;
    unsigned links;
    bool make;
};

static void way_back(struct way *w, size_t n)
{
    while (w->n > n)
        fd_close(&w->fds[--w->n]);
}

static int way_walk(struct way *w, struct str path);

/* Where the link `name` of the current folder leads; -EINVAL when it is none. */
static int link_text(const struct way *w, const char *name, char text[PATH_MAX])
{
    ssize_t n = readlinkat(w->fds[w->n - 1], name, text, PATH_MAX - 1);
    if (n < 0)
        return -errno;
    text[n] = '\0';
    return 0;
}

static int name_of(struct str name, char ret[NAME_MAX + 1])
{
    if (name.n > NAME_MAX)
        return -ENAMETOOLONG;
    memcpy(ret, name.p, name.n);
    ret[name.n] = '\0';
    return 0;
}

/* One folder down, through a link when `name` is one. */
static int way_enter(struct way *w, struct str name)
{
    char text[NAME_MAX + 1];
    int r = name_of(name, text), here = w->fds[w->n - 1];
    if (r < 0 || w->n == FOLDERS_MAX)
        return -ENAMETOOLONG;
    int fd = openat(here, text, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && w->make) {
        if (mkdirat(here, text, 0755) < 0 && errno != EEXIST)
            return -errno;
        fd = openat(here, text, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    if (fd >= 0) {
        w->fds[w->n++] = fd;
        return 0;
    }
    if (errno != ENOTDIR && errno != ELOOP)
        return -errno;
    CLEAN(free) char *target = mem_alloc(PATH_MAX);
    r = link_text(w, text, target);
    if (r < 0)
        return r == -EINVAL ? -ENOTDIR : r;
    return ++w->links > LINKS_MAX ? -ELOOP : way_walk(w, str_from(target));
}

static int way_walk(struct way *w, struct str path)
{
    struct str name;
    int r = 0;
    if (path_is_abs(path))
        way_back(w, 1);
    while (r == 0 && str_next(&path, '/', &name)) {
        if (name.n == 0 || str_is(name, "."))
            continue;
        if (str_is(name, ".."))
            way_back(w, w->n > 1 ? w->n - 1 : 1);
        else
            r = way_enter(w, name);
    }
    return r;
}

/* The last name of the path, which may be a link, and the way to its folder. */
static int open_last(struct way *w, struct str path, int flags, mode_t mode)
{
    CLEAN(free) char *target = mem_alloc(PATH_MAX), *last = mem_dup_str(path);
    for (;;) {
        struct str at = str_from(last), base = path_base(at);
        bool folder = base.n == 0 || str_is(base, ".") || str_is(base, "..") || str_ends(at, STR("/"));
        char name[NAME_MAX + 1] = ".";
        int r = way_walk(w, folder ? at : str_sub(at, 0, (size_t)(base.p - at.p)));
        if (r == 0 && !folder)
            r = name_of(base, name);
        if (r < 0)
            return r;
        int fd = openat(w->fds[w->n - 1], name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
        if (fd >= 0 && (flags & O_PATH) != 0 && (flags & O_NOFOLLOW) == 0 && link_text(w, name, target) == 0) {
            fd_close(&fd); /* O_PATH opens the link itself */
            errno = ELOOP;
        }
        if (fd >= 0)
            return fd;
        r = -errno;
        if ((r != -ELOOP && r != -ENOTDIR) || (flags & O_NOFOLLOW) != 0 || link_text(w, name, target) < 0)
            return r;
        if (++w->links > LINKS_MAX)
            return -ELOOP;
        free(last);
        last = mem_dup(target);
    }
}

int inside_open(int root, struct str path, int flags, mode_t mode)
{
    struct way w = {.fds = {root}, .n = 1};
    int fd = open_last(&w, path, flags, mode);
    way_back(&w, 1);
    return fd;
}

int inside_make(int root, struct str path)
{
    struct way w = {.fds = {root}, .n = 1, .make = true};
    int r = way_walk(&w, path);
    if (r == 0) {
        r = openat(w.fds[w.n - 1], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        r = r < 0 ? -errno : r;
    }
    way_back(&w, 1);
    return r;
}
