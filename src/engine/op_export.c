/*
 * engine/op_export.c - OP_EXPORT: files of the job are left on this machine, as a folder or as one zip file.
 *
 * They lie in the folder that holds the run's artifacts (store/artifact.h), below names that its numbered folders and
 * its own dotted files cannot have. A draft is made in its .tmp and put in place by a rename under its lock, so that
 * what is there is whole. Paths of the job are resolved inside of its root. Links stay links in a zip only, where they
 * are but texts: in a folder they would show what lies on this machine.
 */
#include "engine/engine_priv.h"

#include "core/num.h"
#include "core/path.h"
#include "store/zip.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/inside.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK ((size_t)256 << 10)

struct export
{
    struct str store, name;
    struct op_exported *files; /* their names are clean */
    size_t n_files;
    bool zip, links;
    struct str draft; /* in the store; becomes `path` */
    int dir;          /* of a folder's draft */
    struct str path;
    uint64_t size;
    char *chunk;
};

/* ---- names ---- */

static int check_name(struct arena *a, struct str *name, const char *what, struct err *e)
{
    if (!path_is_inner(*name))
        return err_set(e, EINVAL, "'%.*s' cannot name %s: it leads out", STR_ARG(*name), what);
    *name = path_clean(a, *name);
    if (name->n == 0 || str_is(*name, "."))
        return err_set(e, EINVAL, "%s needs a name", what);
    return 0;
}

/* The store's own entries are numbers and begin with dots. */
static int check_first(struct str name, struct err *e)
{
    struct str first = name, rest;
    uint64_t n;
    str_cut(name, '/', &first, &rest);
    if (first.p[0] == '.' || num_parse_u64(first, UINT64_MAX, &n) == 0)
        return err_set(e, EINVAL, "'%.*s' cannot name an export: the store uses such names", STR_ARG(name));
    return 0;
}

static int check(struct op_work *w, struct err *e)
{
    struct export *x = w->data;
    struct map seen;
    map_init(&seen, w->arena, MAP_CASE);
    int rc = check_name(w->arena, &x->name, "an export", e);
    if (rc == 0)
        rc = check_first(x->name, e);
    for (size_t i = 0; i < x->n_files && rc == 0; i++) {
        struct op_exported *f = &x->files[i];
        rc = check_name(w->arena, &f->to, "an exported file", e);
        if (rc == 0 && !path_is_abs(f->from))
            rc = err_set(e, EINVAL, "'%.*s' is no absolute path", STR_ARG(f->from));
        if (rc == 0 && map_find(&seen, f->to) != NULL)
            rc = err_set(e, EINVAL, "two files are to be left as '%.*s'", STR_ARG(f->to));
        if (rc == 0)
            map_set(&seen, f->to, f);
    }
    return rc;
}

static int check_free(const struct export *x, struct err *e)
{
    return path_exists(x->path.p) ? err_set(e, EEXIST, "'%.*s' is there already", STR_ARG(x->name)) : 0;
}

/* ---- one file ---- */

/* A file of the job, open for reading. A pipe is not waited for. */
static int source_open(const struct op_work *w, struct str path, struct stat *st, struct err *e)
{
    CLEAN(fd) int fd = inside_open(w->fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (fd == -ENXIO) /* a socket, or a device without a driver */
        return err_set(e, EINVAL, "%.*s is no regular file", STR_ARG(path));
    if (fd < 0 || fstat(fd, st) != 0)
        return err_sys(e, fd < 0 ? fd : errno, "%.*s", STR_ARG(path));
    if (!S_ISREG(st->st_mode))
        return err_set(e, EINVAL, "%.*s is no regular file", STR_ARG(path));
    int ret = fd;
    fd = -1;
    return ret;
}

/* The folder of `to` in the draft; it is made, and no link is gone through. */
static int folder_open(const struct export *x, struct str to, struct err *e)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct str rest = path_dir(to), name;
    int dir = openat(x->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (dir >= 0 && str_next(&rest, '/', &name)) {
        if (str_is(name, "."))
            continue;
        const char *text = arena_str(a, name).p;
        CLEAN(fd) int above = dir;
        if (mkdirat(above, text, 0755) != 0 && errno != EEXIST)
            return err_sys(e, errno, "%.*s", STR_ARG(to));
        dir = openat(above, text, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    return dir < 0 ? err_sys(e, errno, "%.*s", STR_ARG(to)) : dir;
}

static int copy_bytes(struct op_work *w, int from, int to, struct err *e)
{
    struct export *x = w->data;
    for (;;) {
        int rc = op_work_asked(w, e);
        if (rc < 0)
            return rc;
        ssize_t n = read(from, x->chunk, CHUNK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? err_sys(e, errno, "cannot read it") : 0;
        rc = fd_write(to, str_of(x->chunk, (size_t)n), e);
        if (rc < 0)
            return rc;
        x->size += (uint64_t)n;
    }
}

static mode_t mode_of(const struct stat *st)
{
    return st->st_mode & 0111 ? 0755 : 0644;
}

static int put_file(struct op_work *w, const struct op_exported *f, int dir, struct err *e)
{
    struct stat st;
    CLEAN(free) char *base = mem_dup_str(path_base(f->to));
    CLEAN(fd) int from = source_open(w, f->from, &st, e);
    if (from < 0)
        return from;
    CLEAN(fd) int to = openat(dir, base, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode_of(&st));
    if (to < 0)
        return err_sys(e, errno, "%.*s", STR_ARG(f->to));
    int rc = copy_bytes(w, from, to, e);
    if (rc < 0)
        return err_wrap(e, "%.*s", STR_ARG(f->from));
    struct timespec times[2] = {st.st_mtim, st.st_mtim};
    return futimens(to, times) == 0 ? 0 : err_sys(e, errno, "%.*s", STR_ARG(f->to));
}

/* ---- the two forms ---- */

static int make_folder(struct op_work *w, struct err *e)
{
    struct export *x = w->data;
    int rc = dir_make(x->draft.p, 0755, e);
    if (rc < 0)
        return rc;
    CLEAN(fd) int top = open(x->draft.p, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (top < 0)
        return err_sys(e, errno, "%s", x->draft.p);
    x->dir = top;
    for (size_t i = 0; i < x->n_files && rc == 0; i++) {
        const struct op_exported *f = &x->files[i];
        CLEAN(fd) int dir = folder_open(x, f->to, e);
        rc = dir < 0 ? dir : 0;
        if (rc == 0)
            rc = put_file(w, f, dir, e);
        rc = rc < 0 ? rc : op_work_asked(w, e);
    }
    return rc;
}

/* 1: it is a link, and is kept as one. 0: it is none. */
static int pack_link(const struct op_work *w, struct zip_writer *zip, const struct op_exported *f, struct err *e)
{
    char text[PATH_MAX];
    struct stat st;
    CLEAN(fd) int fd = inside_open(w->fd, f->from, O_PATH | O_NOFOLLOW, 0);
    if (fd < 0 || fstat(fd, &st) != 0)
        return err_sys(e, fd < 0 ? fd : errno, "%.*s", STR_ARG(f->from));
    if (!S_ISLNK(st.st_mode))
        return 0;
    ssize_t n = readlinkat(fd, "", text, sizeof text);
    if (n < 0)
        return err_sys(e, errno, "%.*s", STR_ARG(f->from));
    int rc = zip_add_link(zip, f->to, str_of(text, (size_t)n), st.st_mtim.tv_sec, e);
    return rc < 0 ? err_wrap(e, "%.*s", STR_ARG(f->from)) : 1;
}

static int fill_zip(struct op_work *w, struct zip_writer *zip, struct err *e)
{
    const struct export *x = w->data;
    for (size_t i = 0; i < x->n_files; i++) {
        const struct op_exported *f = &x->files[i];
        struct stat st;
        int kept = x->links ? pack_link(w, zip, f, e) : 0;
        if (kept < 0)
            return kept;
        if (kept > 0)
            continue;
        CLEAN(fd) int from = source_open(w, f->from, &st, e);
        if (from < 0)
            return from;
        if (zip_add_mode(zip, f->to, from, mode_of(&st), e) < 0)
            return err_wrap(e, "%.*s", STR_ARG(f->from));
    }
    return 0;
}

static int make_zip(struct op_work *w, struct err *e)
{
    struct export *x = w->data;
    struct zip_writer *zip = NULL;
    struct stat st;
    CLEAN(fd) int fd = open(x->draft.p, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return err_sys(e, errno, "%s", x->draft.p);
    int rc = zip_begin(fd, -1, w->stop[0], &zip, e);
    if (rc < 0)
        return rc;
    rc = fill_zip(w, zip, e);
    if (rc < 0) {
        zip_drop(zip);
        return rc;
    }
    rc = zip_finish(zip, e);
    if (rc == 0 && fstat(fd, &st) != 0)
        rc = err_sys(e, errno, "%s", x->draft.p);
    if (rc == 0)
        x->size = (uint64_t)st.st_size;
    return rc;
}

/* Under the store's lock, as a rename would replace a file and an empty folder. */
static int put_in_place(struct arena *a, const struct export *x, struct err *e)
{
    CLEAN(fd) int held = -1;
    int rc = file_lock(path_join(a, x->store, STR(".lock")).p, true, &held, e);
    if (rc == 0)
        rc = check_free(x, e);
    if (rc == 0)
        rc = dir_make(arena_str(a, path_dir(x->path)).p, 0755, e);
    if (rc == 0 && rename(x->draft.p, x->path.p) != 0)
        rc = err_sys(e, errno, "'%.*s'", STR_ARG(x->name));
    return rc;
}

static int export_run(struct op_work *w, struct err *e)
{
    struct export *x = w->data;
    char id[37];
    int rc = check(w, e);
    if (rc < 0)
        return rc;
    clock_uuid(id);
    struct str tmp = path_join(w->arena, x->store, STR(".tmp"));
    x->draft = path_join(w->arena, tmp, str_from(id));
    x->path = path_join(w->arena, x->store, x->name);
    rc = check_free(x, e);
    if (rc == 0)
        rc = dir_make(tmp.p, 0700, e);
    if (rc < 0)
        return rc;
    x->chunk = arena_alloc(w->arena, CHUNK);
    rc = x->zip ? make_zip(w, e) : make_folder(w, e);
    if (rc == 0)
        rc = put_in_place(w->arena, x, e);
    if (rc < 0)
        tree_remove(x->draft.p, NULL);
    return rc;
}

static int export_done(struct op_run *o, struct err *e)
{
    const struct export *x = o->work->data;
    UNUSED(e);
    o->end.matched = x->path;
    o->end.size = x->size;
    return 0;
}

void op_export(struct leg_run *lr, const struct op *op)
{
    struct op_work *w = op_work_new(export_run, export_done);
    struct export *x = ARENA_NEW(w->arena, struct export);
    struct err err = {0};
    *x = (struct export){.store = arena_str(w->arena, lr->engine->o->artifacts_dir),
                         .name = arena_str(w->arena, op->export.name),
                         .files = arena_array(w->arena, op->export.n_files + 1, sizeof *x->files),
                         .n_files = op->export.n_files,
                         .zip = op->export.zip,
                         .links = op->export.links};
    for (size_t i = 0; i < x->n_files; i++)
        x->files[i] = (struct op_exported){.from = arena_str(w->arena, op->export.files[i].from),
                                           .to = arena_str(w->arena, op->export.files[i].to)};
    w->data = x;
    w->fd = leg_root(lr, &err);
    if (w->fd < 0)
        op_work_refuse(lr, op, w, &err);
    else
        op_work_start(lr, op, w);
}
