/*
 * engine/op_upload.c - OP_UPLOAD: files of a job become an artifact of the run, as actions/upload-artifact chooses and
 * packs them (github-actions specification 13.6). In a thread: globbing, packing and hashing take their time.
 */
#include "engine/engine_priv.h"

#include "core/path.h"
#include "engine/glob_priv.h"
#include "store/artifact.h"
#include "store/zip.h"
#include "sys/file.h"
#include "sys/inside.h"

#include <fcntl.h>
#include <unistd.h>

#define CHUNK ((size_t)256 << 10)

struct upload {
    const char *store;
    struct op op; /* its texts are copies */
    struct str home, job;
    struct strs files; /* absolute */
    struct str root;   /* the folder that names in the artifact are relative to */
    struct artifact_draft *draft;
    struct artifact made; /* id 0: nothing was found */
};

/* ---- which files ---- */

struct finding {
    struct op_work *work;
    struct err *err;
};

static int find_hit(void *ctx, const struct glob_hit *hit)
{
    struct finding *f = ctx;
    struct upload *u = f->work->data;
    int rc = op_work_asked(f->work, f->err);
    if (rc < 0)
        return rc;
    if (!S_ISREG(hit->st->st_mode))
        return err_set(f->err, EINVAL, "%.*s is no regular file", STR_ARG(hit->path));
    vec_push_in(f->work->arena, &u->files, arena_str(f->work->arena, hit->path));
    return 0;
}

/* The folder that all search paths have in common. */
static struct str common_folder(struct arena *a, const struct strs *roots)
{
    struct str all = roots->p[0];
    for (size_t i = 1; i < roots->n; i++)
        while (!path_under(roots->p[i], all))
            all = path_dir(all);
    return arena_str(a, all);
}

/*
 * Several search paths: what they have in common. One that is a file itself: its folder. Else the search path.
 */
static struct str root_of(struct arena *a, const struct strs *roots, const struct strs *files)
{
    if (roots->n > 1)
        return common_folder(a, roots);
    return files->n == 1 && str_eq(files->p[0], roots->p[0]) ? path_dir(roots->p[0]) : roots->p[0];
}

static int find(struct op_work *w, struct err *e)
{
    struct upload *u = w->data;
    struct glob_options o = {.who = "",
                             .root = u->op.artifact.root,
                             .home = u->home,
                             .follow = true,
                             .hidden = u->op.artifact.hidden,
                             .implicit = true};
    struct finding f = {.work = w, .err = e};
    struct glob *g = NULL;
    int rc = glob_read(w->arena, &o, u->op.artifact.patterns.p, u->op.artifact.patterns.n, &g, e);
    if (rc == 0)
        rc = glob_walk(g, w->fd, find_hit, &f, e);
    if (rc == 0 && u->files.n > 0)
        u->root = root_of(w->arena, glob_roots(g), &u->files);
    return rc;
}

/* ---- what their names may be ---- */

static const char *forbidden(struct str name)
{
    static const struct {
        char c;
        const char *words;
    } CHARS[] = {{'"', "Double quote \""}, {':', "Colon :"},    {'<', "Less than <"},     {'>', "Greater than >"},
                 {'|', "Vertical bar |"},  {'*', "Asterisk *"}, {'?', "Question mark ?"}, {'\r', "Carriage return \\r"},
                 {'\n', "Line feed \\n"}};
    for (size_t i = 0; i < ARRAY_LEN(CHARS); i++)
        if (str_find_ch(name, CHARS[i].c) >= 0)
            return CHARS[i].words;
    return NULL;
}

static int check_names(const struct upload *u, struct err *e)
{
    for (size_t i = 0; i < u->files.n; i++) {
        struct str name = path_rel(u->files.p[i], u->root);
        const char *what = forbidden(name);
        if (what != NULL)
            return err_set(e, EINVAL,
                           "The path for one of the files in artifact is not valid: /%.*s. Contains the following "
                           "character:  %s",
                           STR_ARG(name), what);
    }
    return 0;
}

/* ---- packing ---- */

static int open_file(const struct op_work *w, struct str path, struct err *e)
{
    int fd = inside_open(w->fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    return fd < 0 ? err_sys(e, fd, "%.*s", STR_ARG(path)) : fd;
}

static int pack(struct op_work *w, int fd, struct err *e)
{
    const struct upload *u = w->data;
    struct zip_writer *zip = NULL;
    int rc = zip_begin(fd, u->op.artifact.level, w->stop[0], &zip, e);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < u->files.n && rc == 0; i++) {
        CLEAN(fd) int file = open_file(w, u->files.p[i], e);
        rc = file < 0 ? file : zip_add(zip, path_rel(u->files.p[i], u->root), file, e);
        if (rc < 0 && file >= 0)
            rc = err_wrap(e, "%.*s", STR_ARG(u->files.p[i]));
    }
    if (rc == 0)
        return zip_finish(zip, e);
    zip_drop(zip);
    return rc;
}

static int copy_raw(struct op_work *w, int fd, struct err *e)
{
    const struct upload *u = w->data;
    CLEAN(free) char *chunk = mem_alloc(CHUNK);
    CLEAN(fd) int file = open_file(w, u->files.p[0], e);
    int rc = file < 0 ? file : 0;
    while (rc == 0) {
        ssize_t n = read(file, chunk, CHUNK);
        if (n <= 0 && !(n < 0 && errno == EINTR))
            return n < 0 ? err_sys(e, errno, "%.*s", STR_ARG(u->files.p[0])) : 0;
        rc = op_work_asked(w, e);
        if (rc == 0 && n > 0)
            rc = fd_write(fd, str_of(chunk, (size_t)n), e);
    }
    return rc;
}

static int keep(struct op_work *w, struct err *e)
{
    struct upload *u = w->data;
    bool raw = u->op.artifact.raw;
    int fd = -1;
    int rc = artifact_begin(u->store, &u->draft, &fd, e);
    if (rc < 0)
        return rc;
    struct artifact what = {.name = raw ? path_base(u->files.p[0]) : u->op.artifact.name,
                            .job = u->job,
                            .raw = raw,
                            .mime = raw ? STR("application/octet-stream") : STR("application/zip")};
    rc = raw ? copy_raw(w, fd, e) : pack(w, fd, e);
    if (rc == 0)
        rc = artifact_keep(w->arena, u->draft, &what, u->op.artifact.overwrite, &u->made, e);
    if (rc < 0)
        artifact_drop(u->draft);
    return rc;
}

static int upload_run(struct op_work *w, struct err *e)
{
    struct upload *u = w->data;
    int rc = find(w, e);
    if (rc < 0 || u->files.n == 0)
        return rc;
    if (u->op.artifact.raw && u->files.n > 1)
        return err_set(e, E2BIG, "%zu files were found", u->files.n);
    rc = u->op.artifact.any_names ? 0 : check_names(u, e);
    return rc < 0 ? rc : keep(w, e);
}

static int upload_done(struct op_run *o, struct err *e)
{
    struct op_work *w = o->work;
    const struct upload *u = w->data;
    UNUSED(e);
    if (u->made.id == 0)
        return 0;
    struct op_artifact *told = ARENA_NEW(w->arena, struct op_artifact);
    *told = (struct op_artifact){.id = u->made.id,
                                 .name = u->made.name,
                                 .digest = u->made.digest,
                                 .size = u->made.size,
                                 .n_files = u->files.n,
                                 .raw = u->made.raw};
    o->end.artifacts = told;
    o->end.n_artifacts = 1;
    o->end.found = u->root;
    return 0;
}

void op_upload(struct leg_run *lr, const struct op *op)
{
    struct op_work *w = op_work_new(upload_run, upload_done);
    struct upload *u = ARENA_NEW(w->arena, struct upload);
    struct err err = {0};
    *u = (struct upload){.store = arena_str(w->arena, lr->engine->o->artifacts_dir).p,
                         .op = *op,
                         .home = arena_str(w->arena, lr->room.home),
                         .job = arena_printf(w->arena, "%u", lr->leg->number)};
    u->op.artifact.name = arena_str(w->arena, op->artifact.name);
    u->op.artifact.root = arena_str(w->arena, op->artifact.root);
    u->op.artifact.patterns = (struct strs){0};
    for (size_t i = 0; i < op->artifact.patterns.n; i++)
        vec_push_in(w->arena, &u->op.artifact.patterns, arena_str(w->arena, op->artifact.patterns.p[i]));
    w->data = u;
    w->fd = leg_root(lr, &err);
    if (w->fd < 0)
        op_work_refuse(lr, op, w, &err);
    else
        op_work_start(lr, op, w);
}
