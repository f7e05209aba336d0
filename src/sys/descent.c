#include "core/base.h"
#include "sys/descent_priv.h"
#include "sys/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

/* Descriptors that one walk holds at a time; two walks side by side stay far below the usual limit of 1024. */
#define OPEN_MAX_LEVELS 64
#define NAMES_MAX ((size_t)64 << 20)

int folder_open_at(int dir, const char *name)
{
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int level_push(struct descent *d, int fd)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    struct level level = {.fd = fd, .dev = st.st_dev, .ino = st.st_ino, .path = d->path.n, .arena = arena_new()};
    vec_push(&d->levels, level);
    if (d->levels.n > OPEN_MAX_LEVELS)
        fd_close(&d->levels.p[d->levels.n - OPEN_MAX_LEVELS - 1].fd);
    return 0;
}

int descent_start(struct descent *d, const char *root, int root_fd)
{
    *d = (struct descent){.path = BUF(DESCENT_PATH_MAX), .root = root};
    int r = level_push(d, root_fd);
    if (r < 0)
        fd_close(&root_fd);
    return r;
}

void clean_descent(void *slot)
{
    struct descent *d = slot;
    for (size_t i = 0; i < d->levels.n; i++) {
        fd_close(&d->levels.p[i].fd);
        arena_free(d->levels.p[i].arena);
    }
    vec_done(&d->levels);
    buf_done(&d->path);
}

int descent_enter(struct descent *d, struct str name)
{
    size_t before = d->path.n;
    if ((before && buf_add_ch(&d->path, '/') < 0) || buf_add(&d->path, name) < 0) {
        buf_cut(&d->path, before);
        return -ENAMETOOLONG;
    }
    int fd = folder_open_at(descent_here(d), name.p);
    int r = fd < 0 ? fd : level_push(d, fd);
    if (r < 0) {
        fd_close(&fd);
        buf_cut(&d->path, before);
    }
    return r;
}

/* Opens the parent of the deepest folder again, if it was closed. */
static int parent_open(struct descent *d)
{
    struct level *child = &d->levels.p[d->levels.n - 1], *parent = child - 1;
    if (parent->fd >= 0)
        return 0;
    CLEAN(fd) int fd = folder_open_at(child->fd, "..");
    struct stat st;
    if (fd < 0)
        return fd;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (st.st_dev != parent->dev || st.st_ino != parent->ino)
        return -ESTALE;
    parent->fd = fd;
    fd = -1;
    return 0;
}

int descent_leave(struct descent *d)
{
    MUST(d->levels.n > 1);
    int r = parent_open(d);
    if (r < 0)
        return r;
    struct level *child = descent_level(d);
    fd_close(&child->fd);
    arena_free(child->arena);
    d->levels.n--;
    buf_cut(&d->path, descent_level(d)->path);
    return 0;
}

int descent_here(const struct descent *d)
{
    return d->levels.p[d->levels.n - 1].fd;
}

struct level *descent_level(struct descent *d)
{
    return &d->levels.p[d->levels.n - 1];
}

int descent_fail(const struct descent *d, struct err *e, int num, const char *verb, struct str name)
{
    struct str at = buf_str(&d->path);
    return err_sys(e, num, "cannot %s '%s%s%.*s%s%.*s'", verb, d->root, at.n ? "/" : "", STR_ARG(at), name.n ? "/" : "",
                   STR_ARG(name));
}

static int by_bytes(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

int folder_names(struct arena *a, int fd, struct strs *ret)
{
    /* fdopendir takes its descriptor over, and a dup would share the position: so the folder is opened once more. */
    int again = folder_open_at(fd, ".");
    DIR *dir = again < 0 ? NULL : fdopendir(again);
    if (!dir) {
        int num = again < 0 ? -again : errno;
        fd_close(&again);
        return -num;
    }
    struct strs names = {0};
    size_t total = 0;
    int r = 0;
    const struct dirent *entry;
    while (errno = 0, (entry = readdir(dir)) != NULL) {
        struct str name = str_from(entry->d_name);
        if (str_is(name, ".") || str_is(name, ".."))
            continue;
        total += name.n + 1 + sizeof name;
        if (total > NAMES_MAX) {
            r = -E2BIG;
            break;
        }
        vec_push_in(a, &names, arena_str(a, name));
    }
    if (!entry && errno)
        r = -errno;
    closedir(dir);
    if (r == 0 && names.n)
        qsort(names.p, names.n, sizeof *names.p, by_bytes);
    if (r == 0)
        *ret = names;
    return r;
}
