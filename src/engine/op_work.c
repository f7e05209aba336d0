/*
 * engine/op_work.c - ops that are no processes and take their time: in a thread of libuv's pool, beside the loop.
 *
 * The op is under way like any other: it can run out of time, be stopped and be abandoned. Stopping closes one end of a
 * pipe whose other end the work watches; what does not watch is waited for. An abandoned op is over for its driver at
 * once, but it is listed until the thread has come back, so that neither its memory nor the loop goes before.
 */
#include "engine/engine_priv.h"

#include "sys/file.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

static void work_run(uv_work_t *req)
{
    struct op_work *w = req->data;
    w->rc = w->run(w, &w->err);
}

/* On the loop: the thread is back, or never began because it was stopped in the queue. */
static void work_after(uv_work_t *req, int status)
{
    struct op_work *w = req->data;
    struct op_run *o = w->op;
    w->busy = false;
    if (status == UV_ECANCELED)
        w->rc = err_set(&w->err, ECANCELED, "it was stopped");
    if (w->rc == 0 && !o->ended && !o->stopping && w->done)
        w->rc = w->done(o, &w->err);
    if (o->ended)
        op_settle(o);
    else
        op_ended(o, w->rc < 0 ? OP_NOT_STARTED : OP_EXITED, &w->err);
}

struct op_work *op_work_new(int (*run)(struct op_work *w, struct err *e), int (*done)(struct op_run *o, struct err *e))
{
    struct op_work *w = mem_alloc(sizeof *w);
    *w = (struct op_work){.arena = arena_new(), .fd = -1, .stop = {-1, -1}, .run = run, .done = done};
    w->req.data = w;
    return w;
}

void op_work_free(struct op_work *w)
{
    if (w == NULL)
        return;
    fd_close(&w->fd);
    fd_close(&w->stop[0]);
    fd_close(&w->stop[1]);
    arena_free(w->arena);
    free(w);
}

void op_work_refuse(struct leg_run *lr, const struct op *op, struct op_work *w, const struct err *why)
{
    struct op_run *o = op_run_new(lr, op);
    o->work = w;
    w->op = o;
    op_ended(o, OP_NOT_STARTED, why);
}

void op_work_start(struct leg_run *lr, const struct op *op, struct op_work *w)
{
    struct op_run *o = op_run_new(lr, op);
    struct err err = {0};
    o->work = w;
    w->op = o;
    if (pipe2(w->stop, O_CLOEXEC) != 0) {
        err_sys(&err, errno, "no pipe to stop it with");
        op_ended(o, OP_NOT_STARTED, &err);
        return;
    }
    int rc = uv_queue_work(&lr->engine->loop, &w->req, work_run, work_after);
    MUST(rc == 0);
    w->busy = true;
    op_limit(o);
}

int op_work_asked(const struct op_work *w, struct err *e)
{
    struct pollfd p = {.fd = w->stop[0], .events = POLLIN};
    return poll(&p, 1, 0) > 0 ? err_set(e, ECANCELED, "it was stopped") : 0;
}

void op_work_stop(struct op_work *w)
{
    fd_close(&w->stop[1]);
    if (w->busy)
        uv_cancel((uv_req_t *)&w->req);
}
