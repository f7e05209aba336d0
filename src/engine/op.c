/*
 * engine/op.c - carries out one op: a process with its two pipes, its time and its end; a view; a cache.
 *
 * An op is over when its process has ended and both pipes are at their end. A process that leaves something behind
 * which holds a pipe is waited for ORPHAN_WAIT_MS; then the step is over, and what the orphan prints is dropped. A
 * driver may say otherwise: op.orphan_wait_ns.
 */
#include "engine/engine_priv.h"

#include "sys/file.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static void timer_stop(struct op_run *o)
{
    if (o->timer_live)
        uv_timer_stop(&o->timer);
    o->timer_for = TIMER_NONE;
}

static void on_timer_closed(uv_handle_t *h)
{
    struct op_run *o = h->data;
    o->closing--;
    op_settle(o);
}

/* Frees what is left of an op once libuv has let go of its handles. */
static void op_free(struct op_run *o)
{
    struct leg_run *lr = o->leg;
    for (size_t i = 0; i < lr->ops.n; i++)
        if (lr->ops.p[i] == o) {
            vec_remove(&lr->ops, i);
            break;
        }
    op_work_free(o->work);
    free(o);
    leg_advance(lr);
}

static bool pumps_closed(const struct op_run *o)
{
    return o->pumps[0].fd < 0 && o->pumps[1].fd < 0;
}

/* What the driver asked to have back, in a. */
static void read_back(struct leg_run *lr, struct arena *a, const struct op *op, struct op_end *end)
{
    end->reads = arena_array(a, op->n_reads + 1, sizeof *end->reads);
    end->read_errors = arena_array(a, op->n_reads + 1, sizeof *end->read_errors);
    for (size_t i = 0; i < op->n_reads && lr->sandbox != NULL; i++) {
        int rc = files_read(lr, a, op->reads[i], op->read_max, &end->reads[i], NULL);
        end->read_errors[i] = rc == -ENOENT || rc == -ENOTDIR ? 0 : rc;
    }
}

/* Reads back and tells the driver how the op ended. */
static void tell_driver(struct op_run *o)
{
    struct leg_run *lr = o->leg;
    CLEAN(arena) struct arena *a = arena_new();
    o->end.token = o->op.token;
    o->end.elapsed_ns = engine_now() - o->started_ns;
    read_back(lr, a, &o->op, &o->end);
    o->over = true;
    lr->leg->job->plan->driver->exited(lr->state, &o->end);
}

void op_settle(struct op_run *o)
{
    if (!o->over && o->ended && (pumps_closed(o) || o->timer_for == TIMER_NONE)) {
        timer_stop(o);
        tell_driver(o);
        if (o->timer_live) {
            o->timer_live = false;
            o->closing++;
            uv_close((uv_handle_t *)&o->timer, on_timer_closed);
        }
        leg_advance(o->leg);
        return;
    }
    if (o->over && o->closing == 0 && pumps_closed(o) && !(o->work && o->work->busy))
        op_free(o);
}

/* ---- time ---- */

static void on_timer(uv_timer_t *t);

static void timer_set(struct op_run *o, int what, int64_t ns)
{
    o->timer_for = what == TIMER_TIMEOUT ? TIMER_TIMEOUT : what == TIMER_LADDER ? TIMER_LADDER : TIMER_ORPHAN;
    uv_update_time(&o->leg->engine->loop);
    uv_timer_start(&o->timer, on_timer, ns <= 0 ? 0 : (uint64_t)((ns + 999999) / 1000000), 0);
}

/* The next signal of the ladder; KILL behind the last, and again every second for what forks faster than it dies. */
static void ladder_step(struct op_run *o)
{
    struct leg_run *lr = o->leg;
    if (o->stage < o->op.n_ladder) {
        const struct stop_stage *st = &o->op.ladder[o->stage++];
        sandbox_signal(lr->sandbox, o->id, st->signal, NULL);
        timer_set(o, TIMER_LADDER, st->wait_ns);
        return;
    }
    sandbox_signal(lr->sandbox, o->id, SIGKILL, NULL);
    timer_set(o, TIMER_LADDER, 1000000000);
}

void op_stop(struct op_run *o, enum op_how because)
{
    if (o->over || o->ended || o->stopping)
        return;
    o->stopping = true;
    o->because = because;
    if (o->work)
        op_work_stop(o->work);
    else
        ladder_step(o);
}

static void on_timer(uv_timer_t *t)
{
    struct op_run *o = t->data;
    switch (o->timer_for) {
    case TIMER_NONE:
        break;
    case TIMER_TIMEOUT:
        op_stop(o, OP_TIMED_OUT);
        break;
    case TIMER_LADDER:
        ladder_step(o);
        break;
    case TIMER_ORPHAN:
        o->timer_for = TIMER_NONE;
        op_settle(o);
        break;
    }
}

void op_ended(struct op_run *o, enum op_how how, const struct err *why)
{
    if (o->ended)
        return;
    o->ended = true;
    o->end.how = o->stopping ? o->because : how;
    if (why)
        o->end.err = *why;
    op_settle(o);
}

void op_process_ended(struct op_run *o, const struct sandbox_event *ev)
{
    if (o->ended)
        return;
    o->ended = true;
    o->end.status = ev->status;
    switch (ev->kind) {
    case SANDBOX_EXITED:
        o->end.how = OP_EXITED;
        break;
    case SANDBOX_SIGNALLED:
        o->end.how = OP_SIGNALLED;
        break;
    case SANDBOX_NOT_STARTED:
    case SANDBOX_GONE:
        o->end.how = OP_NOT_STARTED;
        o->end.err = ev->err;
        break;
    }
    if (o->stopping)
        o->end.how = o->because;
    for (int i = 0; i < 2; i++)
        if (o->pumps[i].fd >= 0)
            pump_drain(&o->pumps[i]);
    if (!pumps_closed(o) && ev->kind != SANDBOX_NOT_STARTED)
        timer_set(o, TIMER_ORPHAN, o->op.orphan_wait_ns > 0 ? o->op.orphan_wait_ns : (int64_t)ORPHAN_WAIT_MS * 1000000);
    else
        for (int i = 0; i < 2; i++)
            pump_close(&o->pumps[i]);
    op_settle(o);
}

void op_abandon(struct op_run *o, const struct err *why)
{
    for (int i = 0; i < 2; i++)
        pump_close(&o->pumps[i]);
    if (o->work && !o->ended) {
        op_work_stop(o->work);
        op_ended(o, OP_NOT_STARTED, why);
    } else if (!o->ended)
        op_process_ended(o, &(struct sandbox_event){.kind = SANDBOX_GONE, .err = *why});
    else
        op_settle(o);
}

/* ---- processes ---- */

static int pipes_open(int ends[2][2], struct err *e)
{
    for (int i = 0; i < 2; i++)
        if (pipe2(ends[i], O_CLOEXEC) != 0)
            return err_sys(e, errno, "no pipe for the output of a process");
    return 0;
}

static int write_files(struct leg_run *lr, const struct op *op, struct err *e)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < op->n_writes; i++)
        rc = files_write(lr, &op->writes[i], e);
    return rc;
}

static int exec_in(struct leg_run *lr, struct op_run *o, int ends[2][2], struct err *e)
{
    int rc = write_files(lr, &o->op, e);
    if (rc == 0)
        rc = pipes_open(ends, e);
    if (rc < 0)
        return rc;
    CLEAN(fd) int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0)
        return err_sys(e, errno, "/dev/null");
    CLEAN(arena) struct arena *a = arena_new();
    struct sandbox_share *shares = arena_array(a, o->op.n_shares + 1, sizeof *shares);
    for (size_t i = 0; i < o->op.n_shares; i++)
        shares[i] = (struct sandbox_share){
            .from = o->op.shares[i].from, .to = o->op.shares[i].to, .read_only = o->op.shares[i].read_only};
    struct sandbox_cmd cmd = {
        .id = o->id,
        .argv = o->op.argv,
        .n_argv = o->op.n_argv,
        .env = o->op.env,
        .n_env = o->op.n_env,
        .cwd = o->op.cwd,
        .stdio = {null, ends[0][1], ends[1][1]},
        .fresh_root = o->op.fresh_root,
        .shares = shares,
        .n_shares = o->op.n_shares,
    };
    return sandbox_exec(lr->sandbox, &cmd, e);
}

struct op_run *op_run_new(struct leg_run *lr, const struct op *op)
{
    struct op_run *o = mem_alloc(sizeof *o);
    *o = (struct op_run){.leg = lr, .op = *op, .id = ++lr->next_id, .started_ns = engine_now()};
    o->pumps[0].fd = o->pumps[1].fd = -1;
    vec_push(&lr->ops, o);
    uv_timer_init(&lr->engine->loop, &o->timer);
    o->timer.data = o;
    o->timer_live = true;
    return o;
}

void op_limit(struct op_run *o)
{
    if (o->op.timeout_ns > 0)
        timer_set(o, TIMER_TIMEOUT, o->op.timeout_ns);
}

static void start_exec(struct leg_run *lr, const struct op *op)
{
    struct op_run *o = op_run_new(lr, op);
    int ends[2][2] = {{-1, -1}, {-1, -1}};
    struct err err = {0};
    int rc = exec_in(lr, o, ends, &err);
    fd_close(&ends[0][1]);
    fd_close(&ends[1][1]);
    if (rc < 0) {
        fd_close(&ends[0][0]);
        fd_close(&ends[1][0]);
        op_process_ended(o, &(struct sandbox_event){.kind = SANDBOX_NOT_STARTED, .err = err});
        return;
    }
    pump_open(&o->pumps[0], o, STREAM_OUT, ends[0][0]);
    pump_open(&o->pumps[1], o, STREAM_ERR, ends[1][0]);
    op_limit(o);
}

/* ---- the project ---- */

static int do_view(struct leg_run *lr, const struct op *op, struct err *e)
{
    const struct engine_options *o = lr->engine->o;
    struct strs hide = {0};
    for (size_t i = 0; i < o->ignored.n; i++)
        vec_push_in(lr->arena, &hide, o->ignored.p[i]);
    for (size_t i = 0; i < op->view_hide.n; i++)
        vec_push_in(lr->arena, &hide, op->view_hide.p[i]);
    struct sandbox_mount m = {.kind = MOUNT_VIEW, .source = o->facts->repo.root, .path = op->view_path, .hide = hide};
    files_done(lr); /* folders below the view are others from now on */
    return sandbox_mount(lr->sandbox, &m, e);
}

/* Another op of the leg goes by its own ladder. One that is over already is no mistake: it may have just ended. */
static void do_stop(struct leg_run *lr, unsigned target)
{
    for (size_t i = 0; i < lr->ops.n; i++) {
        if (!lr->ops.p[i]->over && lr->ops.p[i]->op.token == target) {
            op_stop(lr->ops.p[i], OP_STOPPED);
            return;
        }
    }
}

void op_start(struct leg_run *lr, const struct op *op)
{
    CLEAN(arena) struct arena *scratch = arena_new();
    int64_t began = engine_now();
    struct op_end end = {.token = op->token, .how = OP_EXITED};
    int rc = 0;
    switch (op->kind) {
    case OP_EXEC:
        start_exec(lr, op);
        return;
    case OP_FETCH:
        op_fetch(lr, op);
        return;
    case OP_RESTORE:
        op_restore(lr, op);
        return;
    case OP_SAVE:
        op_save(lr, op);
        return;
    case OP_UPLOAD:
        op_upload(lr, op);
        return;
    case OP_DOWNLOAD:
        op_download(lr, op);
        return;
    case OP_ARTIFACTS:
        op_artifacts(lr, op);
        return;
    case OP_UNLINK_ARTIFACT:
        op_unlink_artifact(lr, op);
        return;
    case OP_FIND:
        op_find(lr, op);
        return;
    case OP_EXPORT:
        op_export(lr, op);
        return;
    case OP_FILES:
        rc = write_files(lr, op, &end.err);
        if (rc == 0)
            read_back(lr, scratch, op, &end);
        break;
    case OP_STOP:
        do_stop(lr, op->target);
        break;
    case OP_VIEW:
        rc = do_view(lr, op, &end.err);
        break;
    }
    if (rc < 0)
        end.how = OP_NOT_STARTED;
    end.elapsed_ns = engine_now() - began;
    lr->leg->job->plan->driver->exited(lr->state, &end);
}
