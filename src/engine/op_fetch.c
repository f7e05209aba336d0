/*
 * engine/op_fetch.c - OP_FETCH: another repository's files, asked for beside the loop, shown copy-on-write.
 */
#include "engine/engine_priv.h"

struct fetch {
    const struct engine_options *options; /* its fetch may be called from any thread */
    struct fetch_query query;
    struct fetched got;
};

static int fetch_run(struct op_work *w, struct err *e)
{
    struct fetch *f = w->data;
    f->query.stop = w->stop[0];
    if (f->options->fetch == NULL)
        return err_set(e, ENOTSUP, "no repository can be fetched here");
    return f->options->fetch(f->options->fetch_ctx, w->arena, &f->query, &f->got, e);
}

static int fetch_done(struct op_run *o, struct err *e)
{
    struct leg_run *lr = o->leg;
    const struct fetch *f = o->work->data;
    struct sandbox_mount m = {.kind = MOUNT_VIEW, .source = f->got.dir, .path = o->op.fetch.path};
    files_done(lr); /* folders below the view are others from now on */
    int rc = sandbox_mount(lr->sandbox, &m, e);
    if (rc < 0)
        return err_wrap(e, "%.*s@%.*s", STR_ARG(f->query.repo), STR_ARG(f->query.ref));
    o->end.matched = f->got.commit;
    if (f->got.note.n > 0)
        leg_emit(lr, &(struct event){.kind = EVENT_NOTE,
                                     .step = o->op.step,
                                     .how = HOW_SUBSTITUTED,
                                     .name = arena_printf(o->work->arena, "%.*s@%.*s", STR_ARG(f->query.repo),
                                                          STR_ARG(f->query.ref)),
                                     .text = f->got.note});
    return 0;
}

void op_fetch(struct leg_run *lr, const struct op *op)
{
    struct op_work *w = op_work_new(fetch_run, fetch_done);
    struct fetch *f = ARENA_NEW(w->arena, struct fetch);
    f->options = lr->engine->o;
    f->query =
        (struct fetch_query){.repo = arena_str(w->arena, op->fetch.repo), .ref = arena_str(w->arena, op->fetch.ref)};
    w->data = f;
    op_work_start(lr, op, w);
}
