/*
 * engine/engine.c - the run: the loop, the scheduler's wishes, ^C, and the count at the end.
 */
#include "engine/engine_priv.h"

#include "sys/clock.h"
#include "sys/file.h"

#include <signal.h>
#include <unistd.h>

#define TICK_MS 100

int64_t engine_now(void)
{
    return clock_mono_ns();
}

void engine_emit(struct engine *e, struct event *ev)
{
    bus_emit(e->o->bus, ev);
}

/* ---- what is told of legs and jobs that do not run ---- */

static void emit_queued(struct engine *e, unsigned number, const struct job *j, const struct leg *leg)
{
    struct place at = sources_place(e->o->sources, j->span);
    engine_emit(e, &(struct event){.kind = EVENT_JOB_QUEUED,
                                   .job = number,
                                   .service = j->plan->service,
                                   .pipeline = j->plan->name,
                                   .file = at.file.n > 0 ? at.file : j->plan->file,
                                   .line = at.line,
                                   .id = leg != NULL ? leg->id : j->id,
                                   .name = leg != NULL ? leg->name : j->name,
                                   .text = leg != NULL ? leg->label : STR_NONE});
}

void engine_queue(struct engine *e, struct leg *leg)
{
    leg->number = ++e->last_number;
    emit_queued(e, leg->number, leg->job, leg);
}

static void emit_over(struct engine *e, unsigned number, enum result r, struct str why)
{
    engine_emit(e,
                &(struct event){.kind = EVENT_JOB_FINISHED, .job = number, .result = r, .conclusion = r, .text = why});
}

static void count(struct engine *e, enum result conclusion)
{
    switch (conclusion) {
    case RESULT_NONE:
        BUG("a job without a result is over");
    case RESULT_SUCCESS:
        e->tally.passed++;
        break;
    case RESULT_FAILURE:
        e->tally.failed++;
        break;
    case RESULT_CANCELLED:
        e->tally.cancelled++;
        break;
    case RESULT_SKIPPED:
        e->tally.skipped++;
        break;
    }
}

static const char *why_text(enum cancel_why why)
{
    switch (why) {
    case CANCEL_USER:
        return "interrupted";
    case CANCEL_FAIL_FAST:
        return "another job of the matrix failed";
    case CANCEL_TIMEOUT:
        return "out of time";
    case CANCEL_SUPERSEDED:
        return "a newer run of its concurrency group took its place";
    case CANCEL_QUEUE_FULL:
        return "100 wait in its concurrency group already";
    case CANCEL_DEADLOCK:
        return "its own pipeline holds its concurrency group, and would wait for it";
    }
    return "";
}

/* ---- outcomes: kept on the leg until its job settles ---- */

static void keep_outcome(struct leg *leg, const struct leg_outcome *out)
{
    struct leg_outcome *copy = arena_alloc(leg->job->plan->arena, sizeof *copy);
    *copy = *out;
    copy->nth = 0;
    for (size_t i = 0; i < leg->job->n_legs; i++)
        copy->nth += leg->job->legs[i]->outcome != NULL;
    leg->outcome = copy;
}

static void keep_plain(struct leg *leg, enum result r)
{
    struct leg_outcome out = {.result = r, .conclusion = r};
    map_init(&out.outputs, leg->job->plan->arena, MAP_NOCASE);
    keep_outcome(leg, &out);
}

/* Without a driver's own rule: the worst result wins, the last leg's outputs stay. */
static void settle_plainly(const struct leg_outcome *legs, size_t n, struct leg_outcome *ret)
{
    static const enum result worst[] = {RESULT_FAILURE, RESULT_CANCELLED, RESULT_SUCCESS, RESULT_SKIPPED};
    *ret = legs[n - 1];
    for (size_t w = 0; w < ARRAY_LEN(worst); w++)
        for (size_t i = 0; i < n; i++)
            if (legs[i].conclusion == worst[w]) {
                ret->result = ret->conclusion = worst[w];
                return;
            }
}

static void settle(struct engine *e, struct job *j)
{
    CLEAN(free) struct leg_outcome *all = mem_array(j->n_legs, sizeof *all);
    for (size_t i = 0; i < j->n_legs; i++) {
        const struct leg_outcome *out = j->legs[i]->outcome;
        MUST(out->nth < j->n_legs); /* a leg is over once */
        all[out->nth] = *out;
    }
    struct leg_outcome out = {0};
    if (j->plan->driver->settle != NULL)
        j->plan->driver->settle(j, all, j->n_legs, &out);
    else
        settle_plainly(all, j->n_legs, &out);
    j->result = out.conclusion;
    j->outputs = out.outputs;
    sched_settled(e->sched, j);
}

/* ---- the scheduler's wishes ---- */

static void job_without_legs(struct engine *e, struct job *j, enum result r, struct str why, bool told)
{
    if (told) {
        unsigned number = ++e->last_number;
        emit_queued(e, number, j, NULL);
        emit_over(e, number, r, why);
        count(e, r);
    }
    j->result = r;
    map_init(&j->outputs, j->plan->arena, MAP_NOCASE);
    sched_gated(e->sched, j, GATE_SKIP);
    sched_settled(e->sched, j);
}

/* Keeps the legs that were asked for (--matrix, --lf). */
static void choose_legs(const struct engine_options *o, struct job *j)
{
    size_t kept = 0;
    for (size_t i = 0; i < j->n_legs; i++)
        if (o->leg_wanted == NULL || o->leg_wanted(o->leg_wanted_ctx, j->legs[i]))
            j->legs[kept++] = j->legs[i];
    j->n_legs = kept;
}

static void gate(struct engine *e, struct job *j)
{
    struct str why = STR_NONE;
    enum cancel_why cancelled;
    if (sched_turned_out(j, &cancelled)) {
        job_without_legs(e, j, RESULT_CANCELLED, str_from(why_text(cancelled)), true);
        return;
    }
    if (!j->wanted) {
        job_without_legs(e, j, RESULT_SKIPPED, why, false);
        return;
    }
    switch (j->plan->driver->gate(j->plan, j, e->o->facts, false, &why)) {
    case GATE_RUN:
        if (j->n_legs == 0) {
            job_without_legs(e, j, RESULT_SKIPPED, STR("its matrix is empty"), true);
            return;
        }
        choose_legs(e->o, j);
        if (j->n_legs == 0) {
            job_without_legs(e, j, RESULT_SKIPPED, STR_NONE, false);
            return;
        }
        sched_gated(e->sched, j, GATE_RUN);
        for (size_t i = 0; i < j->n_legs; i++)
            engine_queue(e, j->legs[i]);
        return;
    case GATE_EXPAND:
        if (e->o->jobs_added != NULL)
            e->o->jobs_added(e->o->jobs_added_ctx, j);
        sched_gated(e->sched, j, GATE_EXPAND);
        return;
    case GATE_SKIP:
        job_without_legs(e, j, RESULT_SKIPPED, why, true);
        return;
    case GATE_FAIL:
        job_without_legs(e, j, RESULT_FAILURE, why, true);
        return;
    }
}

static void start(struct engine *e, struct leg *leg)
{
    if (leg->skip.n > 0) {
        emit_over(e, leg->number, RESULT_SKIPPED, leg->skip);
        e->tally.left_out++;
        bool lacks = leg->lacks.n > 0; /* others lack the same: it is told once, by that name */
        engine_emit(e, &(struct event){.kind = EVENT_NOTE,
                                       .job = leg->number,
                                       .how = HOW_SKIPPED,
                                       .name = lacks ? leg->lacks : leg->name,
                                       .text = lacks ? leg->lacks_help : leg->skip});
        count(e, RESULT_SKIPPED);
        keep_plain(leg, RESULT_SKIPPED);
        sched_ended(e->sched, leg, false);
        return;
    }
    sched_started(e->sched, leg);
    leg_start(e, leg);
}

static void drop(struct engine *e, struct leg *leg, enum cancel_why why)
{
    const struct plan *p = leg->job->plan;
    const char *own = why == CANCEL_FAIL_FAST && p->fail_fast ? p->driver->failed_fast : NULL;
    if (why == CANCEL_FAIL_FAST && own == NULL && leg->total < 2)
        own = "another job failed"; /* -x: it has no matrix */
    keep_plain(leg, RESULT_CANCELLED);
    if (leg->job->calls)
        return; /* its jobs are told one by one */
    emit_over(e, leg->number, RESULT_CANCELLED, str_from(own != NULL ? own : why_text(why)));
    count(e, RESULT_CANCELLED);
}

/* A leg that calls is no job to people: what is told and counted are the jobs of its call. */
static void gather(struct engine *e, struct leg *leg)
{
    struct leg_outcome out = {0};
    leg->job->plan->driver->gather(leg, &out);
    keep_outcome(leg, &out);
    if (out.why.n > 0) {
        CLEAN(buf) struct buf text = BUF(BUF_LINE);
        buf_printf(&text, "%.*s: %.*s", STR_ARG(leg->name), STR_ARG(out.why));
        engine_emit(e, &(struct event){.kind = EVENT_WARNING, .text = buf_str(&text)});
    }
    sched_ended(e->sched, leg, out.conclusion == RESULT_FAILURE);
}

static void cancel(struct engine *e, struct leg *leg, enum cancel_why why)
{
    for (size_t i = 0; i < e->legs.n; i++)
        if (e->legs.p[i]->leg == leg) {
            leg_cancel_run(e->legs.p[i], why);
            return;
        }
}

void engine_leg_over(struct engine *e, struct leg_run *lr)
{
    for (size_t i = 0; i < e->legs.n; i++)
        if (e->legs.p[i] == lr) {
            vec_remove(&e->legs, i);
            break;
        }
    count(e, lr->outcome.conclusion);
    keep_outcome(lr->leg, &lr->outcome);
    bool failed = lr->outcome.conclusion == RESULT_FAILURE;
    sched_ended(e->sched, lr->leg, failed);
    if (failed && e->o->stop_first)
        sched_cancel_all(e->sched, CANCEL_FAIL_FAST);
    engine_step(e);
}

void engine_step(struct engine *e)
{
    if (e->stepping)
        return; /* the loop below is already at it, further up the stack */
    e->stepping = true;
    struct job *j = NULL;
    struct leg *leg = NULL;
    enum cancel_why why = CANCEL_USER;
    for (bool more = true; more;) {
        switch (sched_next(e->sched, &j, &leg, &why)) {
        case SCHED_GATE:
            gate(e, j);
            break;
        case SCHED_START:
            start(e, leg);
            break;
        case SCHED_GATHER:
            gather(e, leg);
            break;
        case SCHED_SETTLE:
            settle(e, j);
            break;
        case SCHED_CANCEL:
            cancel(e, leg, why);
            break;
        case SCHED_DROP:
            drop(e, leg, why);
            break;
        case SCHED_WAIT:
        case SCHED_DONE:
            more = false;
            break;
        }
    }
    if (sched_waits(e->sched))
        uv_ref((uv_handle_t *)&e->tick); /* asks until other runs are over */
    else
        uv_unref((uv_handle_t *)&e->tick);
    e->stepping = false;
}

/* ---- signals ---- */

static void on_signal(uv_signal_t *h, int signum)
{
    struct engine *e = h->data;
    e->tally.interrupted = true;
    if (e->interrupts++ == 0) {
        CLEAN(buf) struct buf text = BUF(BUF_LINE);
        buf_printf(&text, "%s: ending %zu job%s; once more kills them", signum == SIGINT ? "interrupted" : "terminated",
                   e->legs.n, e->legs.n == 1 ? "" : "s");
        engine_emit(e, &(struct event){.kind = EVENT_WARNING, .text = buf_str(&text)});
        sched_cancel_all(e->sched, CANCEL_USER);
        engine_step(e);
        return;
    }
    while (e->legs.n > 0) {
        size_t before = e->legs.n;
        leg_force(e->legs.p[0], "killed");
        if (e->legs.n >= before)
            return;
    }
}

static void on_tick(uv_timer_t *t)
{
    struct engine *e = t->data;
    bus_tick(e->o->bus);
    if (sched_poll(e->sched))
        engine_step(e);
}

/* Signal and tick handles do not keep the loop alive: only running legs do. */
static int handles_open(struct engine *e, struct err *err)
{
    int rc = uv_loop_init(&e->loop);
    if (rc != 0)
        return err_set(err, -rc, "no event loop: %s", uv_strerror(rc));
    uv_signal_t *signals[] = {&e->sigint, &e->sigterm, &e->sighup};
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        uv_signal_init(&e->loop, signals[i]);
        signals[i]->data = e;
        uv_signal_start(signals[i], on_signal, numbers[i]);
        uv_unref((uv_handle_t *)signals[i]);
    }
    uv_timer_init(&e->loop, &e->tick);
    e->tick.data = e;
    uv_timer_start(&e->tick, on_tick, TICK_MS, TICK_MS);
    uv_unref((uv_handle_t *)&e->tick);
    return 0;
}

static void handles_close(struct engine *e)
{
    uv_close((uv_handle_t *)&e->sigint, NULL);
    uv_close((uv_handle_t *)&e->sigterm, NULL);
    uv_close((uv_handle_t *)&e->sighup, NULL);
    uv_close((uv_handle_t *)&e->tick, NULL);
    uv_run(&e->loop, UV_RUN_DEFAULT);
    int rc = uv_loop_close(&e->loop);
    MUST(rc == 0);
}

/* ---- the run's folder ---- */

static int run_dir_open(struct engine *e, struct err *err)
{
    const struct engine_options *o = e->o;
    CLEAN(buf) struct buf b = BUF(4096);
    buf_printf(&b, "%.*s/%llu-%d", STR_ARG(o->runs_dir), (unsigned long long)o->facts->run_id, (int)getpid());
    e->run_dir = mem_dup(buf_cstr(&b));
    int rc = dir_make(e->run_dir, 0755, err);
    if (rc < 0)
        return rc;
    buf_add_cstr(&b, "/lock");
    return file_lock(buf_cstr(&b), false, &e->lock_fd, err);
}

int engine_run(struct plan **plans, size_t n, const struct engine_options *o, struct engine_tally *ret_tally,
               struct err *e)
{
    struct engine en = {.o = o, .plans = plans, .n_plans = n, .lock_fd = -1};
    *ret_tally = (struct engine_tally){0};
    int rc = run_dir_open(&en, e);
    if (rc == 0)
        rc = handles_open(&en, e);
    if (rc < 0) {
        free(en.run_dir);
        fd_close(&en.lock_fd);
        return rc;
    }
    en.sched = sched_new(plans, n, o->jobs, o->groups);
    engine_step(&en);
    uv_run(&en.loop, UV_RUN_DEFAULT);
    struct job *j;
    struct leg *leg;
    enum cancel_why why;
    if (sched_next(en.sched, &j, &leg, &why) != SCHED_DONE)
        BUG("nothing runs, but not everything is over");
    sched_free(en.sched);
    handles_close(&en);
    vec_done(&en.legs);
    *ret_tally = en.tally;
    if (!o->keep)
        rc = tree_remove(en.run_dir, e);
    free(en.run_dir);
    fd_close(&en.lock_fd);
    return rc;
}
