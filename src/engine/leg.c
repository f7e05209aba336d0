/*
 * engine/leg.c - one leg from its sandbox to its outcome.
 */
#include "engine/engine_priv.h"

#include "core/buf.h"
#include "core/path.h"
#include "sys/clock.h"
#include "sys/file.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#define MASKED_MAX ((size_t)4 << 20)
#define ANNOTATION_MAX 4096 /* bytes that GitHub keeps of one; cut behind the mask, which knows whole secrets only */

/* ---- what a driver may ask of us ---- */

static struct str cut(struct str s, size_t max)
{
    size_t n = s.n < max ? s.n : max;
    while (n > 0 && n < s.n && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n--;
    return str_sub(s, 0, n);
}

void leg_emit(struct leg_run *lr, struct event *ev)
{
    struct event out = *ev;
    CLEAN(buf) struct buf name = BUF(BUF_LINE), file = BUF(BUF_LINE);
    out.job = lr->leg->number;
    if (ev->kind == EVENT_NOTE && ev->how == HOW_SKIPPED)
        lr->engine->tally.left_out++;
    if (mask_apply(lr->mask, ev->text, &lr->masked))
        out.text = buf_str(&lr->masked);
    if (mask_apply(lr->mask, ev->name, &name))
        out.name = buf_str(&name);
    if (ev->kind == EVENT_ANNOTATION) {
        out.text = cut(out.text, ANNOTATION_MAX);
        if (mask_apply(lr->mask, ev->file, &file)) /* a step wrote it */
            out.file = buf_str(&file);
    }
    bus_emit(lr->engine->o->bus, &out);
}

static void host_emit(void *ctx, struct event *ev)
{
    leg_emit(ctx, ev);
}

static void host_mask(void *ctx, struct str secret)
{
    struct leg_run *lr = ctx;
    mask_add(lr->mask, secret);
}

static void host_uuid(void *ctx, char ret[37])
{
    UNUSED(ctx);
    clock_uuid(ret);
}

int leg_root(struct leg_run *lr, struct err *e)
{
    int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    if (sandbox_mode_of(lr->sandbox) != SANDBOX_PLAIN)
        return sandbox_openat(lr->sandbox, STR("/"), flags, 0, e);
    int fd = open("/", flags);
    return fd < 0 ? err_sys(e, errno, "/") : fd;
}

/* ---- the end ---- */

static void leg_free(struct leg_run *lr)
{
    mask_free(lr->mask);
    buf_done(&lr->masked);
    vec_done(&lr->ops);
    arena_free(lr->arena);
    free(lr->scratch);
    free(lr);
}

/* Frees the leg when every handle is closed and every op is gone. */
static void leg_reap(struct leg_run *lr)
{
    if (lr->finishing && lr->closing == 0 && lr->ops.n == 0 && !lr->advancing)
        leg_free(lr);
}

static void on_closed(uv_handle_t *h)
{
    struct leg_run *lr = h->data;
    lr->closing--;
    leg_reap(lr);
}

static void close_handles(struct leg_run *lr)
{
    if (lr->poll_live) {
        lr->poll_live = false;
        lr->closing++;
        uv_close((uv_handle_t *)&lr->poll, on_closed);
    }
    if (lr->timer_live) {
        lr->timer_live = false;
        lr->closing++;
        uv_close((uv_handle_t *)&lr->timer, on_closed);
    }
}

struct closing {
    uv_work_t work;
    struct engine *engine;
    struct sandbox *sandbox;
    unsigned number; /* of the job */
    bool keep;
    int rc;
    struct err err;
};

/* In a thread of libuv's: touches nothing but its own sandbox. */
static void close_work(uv_work_t *w)
{
    struct closing *c = w->data;
    c->rc = sandbox_close(c->sandbox, c->keep, &c->err);
}

static void close_done(uv_work_t *w, int status)
{
    UNUSED(status);
    struct closing *c = w->data;
    if (c->rc < 0)
        engine_emit(c->engine, &(struct event){.kind = EVENT_WARNING, .job = c->number, .text = str_from(c->err.text)});
    free(c);
}

void leg_close_sandbox(struct engine *e, struct sandbox *sb, unsigned number, bool keep)
{
    if (sb == NULL)
        return;
    struct closing *c = mem_alloc(sizeof *c);
    *c = (struct closing){.engine = e, .sandbox = sb, .number = number, .keep = keep};
    c->work.data = c;
    int rc = uv_queue_work(&e->loop, &c->work, close_work, close_done);
    MUST(rc == 0);
}

/* Tells the outcome and takes the sandbox down. The memory goes when libuv has closed what was open. */
static void leg_over(struct leg_run *lr)
{
    struct engine *en = lr->engine;
    lr->finishing = true;
    close_handles(lr);
    for (size_t i = 0; i < lr->ops.n; i++) /* only orphans' pipes are left */
        for (int k = 0; k < 2; k++)
            pump_close(&lr->ops.p[i]->pumps[k]);
    files_done(lr);
    leg_close_sandbox(en, TAKE(lr->sandbox), lr->leg->number, en->o->keep && lr->outcome.result == RESULT_FAILURE);
    leg_emit(lr, &(struct event){.kind = EVENT_JOB_FINISHED,
                                 .result = lr->outcome.result,
                                 .conclusion = lr->outcome.conclusion,
                                 .text = lr->outcome.why,
                                 .elapsed_ns = engine_now() - lr->started_ns});
    engine_leg_over(en, lr);
}

static void leg_finish(struct leg_run *lr)
{
    const struct driver *d = lr->leg->job->plan->driver;
    d->finish(lr->state, &lr->outcome);
    d->end(TAKE(lr->state));
    leg_over(lr);
}

/* It never began: the reason is the world's. */
static void leg_fail(struct leg_run *lr, const struct err *why)
{
    const struct driver *d = lr->leg->job->plan->driver;
    d->end(TAKE(lr->state));
    lr->outcome = (struct leg_outcome){.result = RESULT_FAILURE,
                                       .conclusion = RESULT_FAILURE,
                                       .why = arena_cstr(lr->leg->job->plan->arena, why->text)};
    map_init(&lr->outcome.outputs, lr->leg->job->plan->arena, MAP_NOCASE);
    leg_over(lr);
}

/* ---- going on ---- */

static bool any_under_way(const struct leg_run *lr)
{
    for (size_t i = 0; i < lr->ops.n; i++)
        if (!lr->ops.p[i]->over)
            return true;
    return false;
}

void leg_advance(struct leg_run *lr)
{
    if (lr->finishing) {
        leg_reap(lr);
        return;
    }
    if (lr->advancing)
        return;
    lr->advancing = true;
    const struct driver *d = lr->leg->job->plan->driver;
    for (;;) {
        if (lr->forced) {
            if (any_under_way(lr))
                break;
            leg_finish(lr);
            break;
        }
        struct op op = {0};
        enum drive drive = d->next(lr->state, &op);
        if (drive == DRIVE_OP) {
            op_start(lr, &op);
            continue;
        }
        if (drive == DRIVE_DONE) {
            leg_finish(lr);
            break;
        }
        if (!any_under_way(lr))
            BUG("driver %s waits, but nothing is under way", d->service);
        break;
    }
    lr->advancing = false;
    leg_reap(lr);
}

static void on_sandbox(uv_poll_t *h, int status, int events)
{
    UNUSED(status);
    UNUSED(events);
    struct leg_run *lr = h->data;
    struct sandbox_event ev = {0};
    struct err err = {0};
    while (lr->sandbox != NULL && !lr->finishing) {
        int rc = sandbox_next(lr->sandbox, &ev, &err);
        if (rc == 0)
            return;
        if (rc < 0)
            ev = (struct sandbox_event){.kind = SANDBOX_GONE, .err = err};
        if (ev.kind == SANDBOX_GONE) {
            leg_force(lr, ev.err.text[0] != '\0' ? ev.err.text : "the sandbox's first process is gone");
            return;
        }
        for (size_t i = 0; i < lr->ops.n; i++)
            if (lr->ops.p[i]->id == ev.id) {
                op_process_ended(lr->ops.p[i], &ev);
                break;
            }
        if (lr->finishing)
            return;
    }
}

/* ---- cancelling ---- */

static void on_timer(uv_timer_t *t)
{
    struct leg_run *lr = t->data;
    if (lr->cancelled) {
        leg_force(lr, "it did not end in time after it was cancelled");
        return;
    }
    lr->timed_out = true;
    leg_cancel_run(lr, CANCEL_TIMEOUT);
}

static void timer_set(struct leg_run *lr, int64_t ns)
{
    uv_update_time(&lr->engine->loop);
    if (ns > 0)
        uv_timer_start(&lr->timer, on_timer, (uint64_t)((ns + 999999) / 1000000), 0);
    else
        uv_timer_stop(&lr->timer);
}

void leg_cancel_run(struct leg_run *lr, enum cancel_why why)
{
    if (lr->finishing || lr->state == NULL)
        return;
    const struct driver *d = lr->leg->job->plan->driver;
    lr->cancelled = true;
    lr->why = why;
    d->cancel(lr->state, why);
    timer_set(lr, lr->leg->cancel_timeout_ns);
    for (size_t i = 0; i < lr->ops.n; i++)
        if (!lr->ops.p[i]->over && !d->spares(lr->state, lr->ops.p[i]->op.token))
            op_stop(lr->ops.p[i], OP_STOPPED);
}

void leg_force(struct leg_run *lr, const char *why)
{
    if (lr->finishing || lr->forced)
        return;
    lr->forced = true;
    struct err err = {0};
    err_set(&err, ECANCELED, "%s", why);
    sandbox_signal(lr->sandbox, 0, SIGKILL, NULL);
    lr->advancing = true; /* ops end one by one; the leg goes on once */
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < lr->ops.n && !again; i++)
            if (!lr->ops.p[i]->over) {
                op_abandon(lr->ops.p[i], &err);
                again = true;
            }
    }
    lr->advancing = false;
    leg_advance(lr);
}

/* ---- the beginning ---- */

static int open_sandbox(struct leg_run *lr, struct err *e)
{
    const struct engine_options *o = lr->engine->o;
    CLEAN(buf) struct buf host = BUF(256);
    struct strs memory = {0}, dirs = {0};
    vec_push_in(lr->arena, &memory, lr->room.temp);
    struct sandbox_file *files = arena_array(lr->arena, o->n_files, sizeof *files);
    for (size_t i = 0; i < o->n_files; i++)
        files[i] = (struct sandbox_file){.path = o->files[i].path,
                                         .text = o->files[i].text,
                                         .mode = o->files[i].mode != 0 ? o->files[i].mode : 0644};
    struct sandbox_mount *mounts = arena_array(lr->arena, o->n_mounts, sizeof *mounts);
    for (size_t i = 0; i < o->n_mounts; i++) {
        mounts[i] = o->mounts[i];
        if (str_starts(mounts[i].path, STR("~/")))
            mounts[i].path = path_join(lr->arena, lr->room.home, str_from_index(mounts[i].path, 2));
    }
    for (size_t i = 0; i < lr->room.dirs.n; i++)
        if (path_under(lr->room.dirs.p[i], lr->room.temp))
            vec_push_in(lr->arena, &memory, lr->room.dirs.p[i]);
        else
            vec_push_in(lr->arena, &dirs, lr->room.dirs.p[i]);
    vec_push_in(lr->arena, &dirs, lr->room.workspace);
    buf_printf(&host, "slipway-%u", lr->leg->number);
    struct sandbox_spec spec = {
        .mode = o->mode,
        .scratch = str_from(lr->scratch),
        .hostname = buf_str(&host),
        .mounts = mounts,
        .n_mounts = o->n_mounts,
        .home_host = o->home_host,
        .home = lr->room.home,
        .dirs = dirs,
        .memory_dirs = memory,
        .files = files, /* what every job finds in its sandbox, e.g. a sudo for those who are root already */
        .n_files = o->n_files,
        .network = o->network,
    };
    int rc = dir_make(lr->scratch, 0755, e);
    if (rc == 0)
        rc = sandbox_open(&spec, &lr->sandbox, e);
    return rc == 0 ? 0 : err_wrap(e, "sandbox of %.*s", STR_ARG(lr->leg->name));
}

static int leg_begin(struct leg_run *lr, struct err *e)
{
    struct engine *en = lr->engine;
    const struct driver *d = lr->leg->job->plan->driver;
    if (en->o->mode == SANDBOX_PLAIN)
        lr->room.prefix = arena_printf(lr->arena, "%s/root", lr->scratch);
    lr->state = d->begin(lr->leg, &lr->host, &lr->room, e);
    if (lr->state == NULL)
        return e->num != 0 ? e->num : err_set(e, EINVAL, "the job cannot be begun");
    int rc = open_sandbox(lr, e);
    if (rc < 0)
        return rc;
    rc = uv_poll_init(&en->loop, &lr->poll, sandbox_fd(lr->sandbox));
    if (rc != 0)
        return err_set(e, -rc, "cannot watch the sandbox: %s", uv_strerror(rc));
    lr->poll.data = lr;
    lr->poll_live = true;
    uv_poll_start(&lr->poll, UV_READABLE, on_sandbox);
    return 0;
}

void leg_start(struct engine *e, struct leg *leg)
{
    struct leg_run *lr = mem_alloc(sizeof *lr);
    *lr = (struct leg_run){.engine = e,
                           .leg = leg,
                           .arena = arena_new(),
                           .mask = mask_new(),
                           .masked = BUF(MASKED_MAX),
                           .started_ns = engine_now()};
    lr->host = (struct host){.facts = e->o->facts,
                             .ctx = lr,
                             .emit = host_emit,
                             .mask = host_mask,
                             .hash_files = leg_hash_files,
                             .uuid = host_uuid};
    lr->scratch = mem_dup(arena_printf(lr->arena, "%s/job-%u", e->run_dir, leg->number).p);
    vec_push(&e->legs, lr);
    uv_timer_init(&e->loop, &lr->timer);
    lr->timer.data = lr;
    lr->timer_live = true;
    leg_emit(lr, &(struct event){.kind = EVENT_JOB_STARTED, .text = str_from(sandbox_mode_name(e->o->mode))});
    struct err err = {0};
    if (leg_begin(lr, &err) < 0) {
        leg_fail(lr, &err);
        leg_reap(lr);
        return;
    }
    timer_set(lr, leg->timeout_ns);
    leg_advance(lr);
}
