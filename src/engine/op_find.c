/*
 * engine/op_find.c - OP_FIND: what lies below a folder of the job, for drivers with patterns of their own.
 *
 * In a thread, through a descriptor of the job's root: the way to the folder is resolved inside of it, and below the
 * folder no link is followed. What is neither file, folder nor link (a pipe, a socket, a device) is not told.
 */
#include "engine/engine_priv.h"

#include "sys/file.h"
#include "sys/inside.h"

#include <fcntl.h>
#include <sys/stat.h>

#define FIND_MAX 100000

struct find {
    struct str root;
    size_t max;
    struct strs skip;
    VEC(struct op_found) files;
    struct op_work *work; /* while it runs, with the error that comes of it */
    struct err *err;
};

static bool is_skipped(const struct find *f, struct str path)
{
    ssize_t slash = str_rfind_ch(path, '/');
    struct str name = str_from_index(path, (size_t)(slash + 1));
    for (size_t i = 0; i < f->skip.n; i++)
        if (str_eq(f->skip.p[i], name))
            return true;
    return false;
}

static int found_one(void *ctx, struct str path, const struct stat *st)
{
    struct find *f = ctx;
    struct op_found one = {.kind = FOUND_FILE,
                           .mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec};
    int rc = op_work_asked(f->work, f->err);
    if (rc < 0)
        return rc;
    if (S_ISDIR(st->st_mode))
        one.kind = FOUND_FOLDER;
    else if (S_ISLNK(st->st_mode))
        one.kind = FOUND_LINK;
    else if (S_ISREG(st->st_mode))
        one.size = (uint64_t)st->st_size;
    else
        return 0;
    if (f->files.n == f->max)
        return err_set(f->err, E2BIG, "more than %zu files and folders lie below %.*s", f->max, STR_ARG(f->root));
    one.path = arena_str(f->work->arena, path);
    vec_push_in(f->work->arena, &f->files, one);
    return one.kind == FOUND_FOLDER && is_skipped(f, path) ? 1 : 0;
}

/* The walk goes by names, in which "a.b" comes behind all that is in "a"; in paths a dot comes before a slash. */
static int by_path(const void *a, const void *b)
{
    const struct op_found *x = a, *y = b;
    return str_cmp(x->path, y->path);
}

static int find_run(struct op_work *w, struct err *e)
{
    struct find *f = w->data;
    int dir = inside_open(w->fd, f->root, O_RDONLY | O_DIRECTORY, 0);
    if (dir < 0)
        return err_sys(e, dir, "%.*s", STR_ARG(f->root));
    f->work = w;
    f->err = e;
    int rc = tree_walk_fd(dir, arena_str(w->arena, f->root).p, found_one, f, e);
    if (rc == 0 && f->files.n > 1)
        qsort(f->files.p, f->files.n, sizeof *f->files.p, by_path);
    return rc;
}

static int find_done(struct op_run *o, struct err *e)
{
    const struct find *f = o->work->data;
    UNUSED(e);
    o->end.files = f->files.p;
    o->end.n_files = f->files.n;
    return 0;
}

void op_find(struct leg_run *lr, const struct op *op)
{
    struct op_work *w = op_work_new(find_run, find_done);
    struct find *f = ARENA_NEW(w->arena, struct find);
    struct err err = {0};
    *f = (struct find){.root = arena_str(w->arena, op->find.root), .max = op->find.max > 0 ? op->find.max : FIND_MAX};
    for (size_t i = 0; i < op->find.skip.n; i++)
        vec_push_in(w->arena, &f->skip, arena_str(w->arena, op->find.skip.p[i]));
    w->data = f;
    w->fd = leg_root(lr, &err);
    if (w->fd < 0)
        op_work_refuse(lr, op, w, &err);
    else
        op_work_start(lr, op, w);
}
