/*
 * engine/op_artifact.c - OP_ARTIFACTS, OP_DOWNLOAD and OP_UNLINK_ARTIFACT: what a run's jobs have handed over.
 *
 * Extraction trusts no zip: an action of the job may have made it. Each file is opened by its path below the sandbox's
 * root, where links lead nowhere else, and the zip's own names never lead out of the folder (store/zip.h).
 */
#include "engine/engine_priv.h"

#include "core/path.h"
#include "store/artifact.h"
#include "store/zip.h"
#include "sys/file.h"
#include "sys/inside.h"

#include <fcntl.h>
#include <unistd.h>

struct want {
    const char *store; /* of the run that is meant */
    uint64_t id;
    struct str path; /* OP_DOWNLOAD */
    bool keep_packed;
    struct artifact *all;
    size_t n;
    struct str digest; /* OP_DOWNLOAD: of the blob as it is now */
};

/* ---- the folder of a run ---- */

/* Other runs lie beside this one. */
static const char *store_of(struct arena *a, const struct leg_run *lr, uint64_t run)
{
    struct str own = lr->engine->o->artifacts_dir;
    if (run == 0)
        return arena_str(a, own).p;
    return arena_printf(a, "%.*s/%llu", STR_ARG(path_dir(own)), (unsigned long long)run).p;
}

static struct want *want_of(struct leg_run *lr, const struct op *op, struct op_work *w)
{
    struct want *want = ARENA_NEW(w->arena, struct want);
    *want = (struct want){.store = store_of(w->arena, lr, op->artifact.run),
                          .id = op->artifact.id,
                          .path = arena_str(w->arena, op->artifact.path),
                          .keep_packed = op->artifact.keep_packed};
    w->data = want;
    return want;
}

static int list(struct op_work *w, struct err *e)
{
    struct want *want = w->data;
    return artifact_list(w->arena, want->store, &want->all, &want->n, e);
}

/* ---- listing and forgetting ---- */

static int list_done(struct op_run *o, struct err *e)
{
    struct op_work *w = o->work;
    const struct want *want = w->data;
    UNUSED(e);
    o->end.artifacts = arena_array(w->arena, want->n + 1, sizeof *o->end.artifacts);
    for (size_t i = 0; i < want->n; i++)
        o->end.artifacts[i] = (struct op_artifact){.id = want->all[i].id,
                                                   .name = want->all[i].name,
                                                   .digest = want->all[i].digest,
                                                   .size = want->all[i].size,
                                                   .raw = want->all[i].raw};
    o->end.n_artifacts = want->n;
    return 0;
}

static int unlink_run(struct op_work *w, struct err *e)
{
    const struct want *want = w->data;
    return artifact_remove(want->store, want->id, e);
}

void op_artifacts(struct leg_run *lr, const struct op *op)
{
    struct op_work *w = op_work_new(list, list_done);
    want_of(lr, op, w);
    op_work_start(lr, op, w);
}

void op_unlink_artifact(struct leg_run *lr, const struct op *op)
{
    struct op_work *w = op_work_new(unlink_run, NULL);
    want_of(lr, op, w);
    op_work_start(lr, op, w);
}

/* ---- downloading ---- */

struct putting {
    struct op_work *work;
    struct err *err;
};

/* A file of the job, new or emptied; the folders above it are made. */
static int create(const struct op_work *w, struct str path, struct err *e)
{
    CLEAN(fd) int dir = inside_make(w->fd, path_dir(path));
    if (dir < 0)
        return err_sys(e, dir, "%.*s", STR_ARG(path_dir(path)));
    int fd = inside_open(w->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOCTTY, 0644);
    return fd < 0 ? err_sys(e, fd, "%.*s", STR_ARG(path)) : fd;
}

static int put_entry(void *ctx, const struct zip_entry *entry)
{
    struct putting *p = ctx;
    const struct want *want = p->work->data;
    CLEAN(arena) struct arena *a = arena_new();
    struct str path = path_clean(a, path_join(a, want->path, entry->name));
    CLEAN(fd) int fd = entry->folder ? inside_make(p->work->fd, path) : create(p->work, path, p->err);
    if (fd < 0)
        return entry->folder ? err_sys(p->err, fd, "%.*s", STR_ARG(path)) : fd;
    int rc = entry->folder ? 0 : zip_extract(entry, fd, p->err);
    return rc < 0 ? err_wrap(p->err, "%.*s", STR_ARG(path)) : 0;
}

static int copy_blob(struct op_work *w, int blob, struct str name, struct err *e)
{
    const struct want *want = w->data;
    CLEAN(free) char *chunk = mem_alloc((size_t)256 << 10);
    if (!path_is_inner(name) || str_find_ch(name, '/') >= 0)
        return err_set(e, EINVAL, "'%.*s' cannot name a file", STR_ARG(name));
    CLEAN(fd) int fd = create(w, path_join(w->arena, want->path, name), e);
    int rc = fd < 0 ? fd : 0;
    for (off_t at = 0; rc == 0;) {
        ssize_t n = pread(blob, chunk, (size_t)256 << 10, at);
        if (n <= 0 && !(n < 0 && errno == EINTR))
            return n < 0 ? err_sys(e, errno, "the artifact cannot be read") : 0;
        rc = op_work_asked(w, e);
        if (rc == 0 && n > 0)
            rc = fd_write(fd, str_of(chunk, (size_t)n), e);
        at += n > 0 ? n : 0;
    }
    return rc;
}

static const struct artifact *wanted(const struct want *want)
{
    for (size_t i = 0; i < want->n; i++)
        if (want->all[i].id == want->id)
            return &want->all[i];
    return NULL;
}

static int download_run(struct op_work *w, struct err *e)
{
    struct want *want = w->data;
    struct putting p = {.work = w, .err = e};
    int rc = list(w, e);
    if (rc < 0)
        return rc;
    const struct artifact *one = wanted(want);
    if (one == NULL)
        return err_set(e, ENOENT, "there is no artifact %llu", (unsigned long long)want->id);
    CLEAN(fd) int blob = open(arena_str(w->arena, one->blob).p, O_RDONLY | O_CLOEXEC), dir = -1;
    if (blob < 0)
        return err_sys(e, errno, "the artifact cannot be read");
    rc = artifact_digest(w->arena, blob, &want->digest, e);
    if (rc < 0)
        return rc;
    dir = inside_make(w->fd, want->path);
    if (dir < 0)
        return err_sys(e, dir, "%.*s", STR_ARG(want->path));
    if (one->raw)
        return copy_blob(w, blob, one->name, e);
    if (want->keep_packed)
        return copy_blob(w, blob, arena_printf(w->arena, "%.*s.zip", STR_ARG(one->name)), e);
    return zip_each(blob, w->stop[0], put_entry, &p, e);
}

static int download_done(struct op_run *o, struct err *e)
{
    const struct want *want = o->work->data;
    UNUSED(e);
    o->end.matched = want->digest;
    return 0;
}

void op_download(struct leg_run *lr, const struct op *op)
{
    struct op_work *w = op_work_new(download_run, download_done);
    struct err err = {0};
    want_of(lr, op, w);
    w->fd = leg_root(lr, &err);
    if (w->fd < 0)
        op_work_refuse(lr, op, w, &err);
    else
        op_work_start(lr, op, w);
}
