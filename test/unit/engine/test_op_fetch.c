/* OP_FETCH beside the loop: what the job sees, and every way in which it can end early. */
#include "core/base.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "../sys/room.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>

#define SHOWN "/home/runner/work/_actions/o/r/v1"

/* One run with one job, which fetches and then maybe looks at what is there. */
struct trial {
    struct room *room;
    struct str tree; /* what fetch answers */
    struct str note;
    int64_t timeout_ns;   /* of the op */
    bool look;            /* run cat on its file afterwards */
    bool cancelled;       /* the driver's */
    unsigned at;          /* the driver's place */
    enum op_how how, cat; /* how the ops ended */
    char err[500], matched[50], line[100], noted[200];
    atomic_bool told; /* exited() of the fetch has been called */
    bool saw_stop;
    struct engine_tally tally;
};

/* ---- a driver of two ops ---- */

/* Of the trial under way. */
static struct plan *the_plan;
static struct str prefix, workspace;

static enum gate gate(struct plan *p, struct job *j, const struct facts *f, bool preview, struct str *ret_why)
{
    UNUSED(p);
    UNUSED(f);
    UNUSED(preview);
    UNUSED(ret_why);
    plan_add_leg(j, STR("a"), STR("a"));
    return GATE_RUN;
}

static void *begin(struct leg *leg, const struct host *host, struct leg_room *room, struct err *e)
{
    struct arena *a = leg->job->plan->arena;
    UNUSED(host);
    UNUSED(e);
    room->home = arena_printf(a, "%.*s/home/runner", STR_ARG(room->prefix));
    room->workspace = arena_printf(a, "%.*s/home/runner/work/r/r", STR_ARG(room->prefix));
    room->temp = arena_printf(a, "%.*s/home/runner/work/_temp", STR_ARG(room->prefix));
    prefix = room->prefix;
    workspace = room->workspace;
    return leg->job->plan->model;
}

static enum drive next(void *run, struct op *op)
{
    struct trial *t = run;
    struct arena *a = the_plan->arena;
    struct str path = arena_printf(a, "%.*s" SHOWN, STR_ARG(prefix));
    unsigned at = t->at++;
    if (at == 0) {
        op->kind = OP_FETCH;
        op->token = 1;
        op->timeout_ns = t->timeout_ns;
        op->fetch.repo = arena_cstr(a, "o/r");
        op->fetch.ref = arena_cstr(a, "v1");
        op->fetch.path = path;
        return DRIVE_OP;
    }
    if (!atomic_load(&t->told)) {
        t->at--;
        return DRIVE_WAIT;
    }
    if (at == 1 && t->look) {
        op->kind = OP_EXEC;
        op->token = 2;
        op->argv = arena_array(a, 3, sizeof *op->argv);
        op->argv[0] = STR("cat");
        op->argv[1] = arena_printf(a, "%.*s/action.yml", STR_ARG(path));
        op->n_argv = 2;
        op->env = arena_array(a, 1, sizeof *op->env);
        op->env[0] = STR("PATH=/usr/bin:/bin");
        op->n_env = 1;
        op->cwd = workspace;
        return DRIVE_OP;
    }
    if (at == 2 && t->look && t->cat == OP_NOT_STARTED) {
        t->at--;
        return DRIVE_WAIT;
    }
    return DRIVE_DONE;
}

static enum line_verdict line(void *run, unsigned token, enum event_stream stream, struct str text,
                              struct buf *replacement)
{
    struct trial *t = run;
    UNUSED(token);
    UNUSED(stream);
    UNUSED(replacement);
    snprintf(t->line, sizeof t->line, "%.*s", STR_ARG(text));
    return LINE_SHOW;
}

static void exited(void *run, const struct op_end *end)
{
    struct trial *t = run;
    if (end->token == 2) {
        t->cat = end->how;
        return;
    }
    t->how = end->how;
    snprintf(t->err, sizeof t->err, "%s", end->err.text);
    snprintf(t->matched, sizeof t->matched, "%.*s", STR_ARG(end->matched));
    atomic_store(&t->told, true);
}

static void cancel(void *run, enum cancel_why why)
{
    struct trial *t = run;
    UNUSED(why);
    t->cancelled = true;
}

static bool spares(void *run, unsigned token)
{
    UNUSED(run);
    UNUSED(token);
    return false;
}

static void finish(void *run, struct leg_outcome *ret)
{
    struct trial *t = run;
    *ret = (struct leg_outcome){.result = t->how == OP_EXITED ? RESULT_SUCCESS : RESULT_FAILURE};
    ret->conclusion = ret->result;
    map_init(&ret->outputs, the_plan->arena, MAP_NOCASE);
}

static void end(void *run)
{
    UNUSED(run);
}

static const struct driver driver = {.service = "test",
                                     .gate = gate,
                                     .begin = begin,
                                     .next = next,
                                     .line = line,
                                     .exited = exited,
                                     .cancel = cancel,
                                     .spares = spares,
                                     .finish = finish,
                                     .end = end};

/* ---- a sink that keeps the note ---- */

struct keeper {
    struct sink sink;
    struct trial *t;
};

static int keep(struct sink *s, const struct event *ev, struct err *e)
{
    struct trial *t = ((struct keeper *)s)->t;
    UNUSED(e);
    if (ev->kind == EVENT_NOTE && ev->how == HOW_SUBSTITUTED)
        snprintf(t->noted, sizeof t->noted, "%.*s: %.*s", STR_ARG(ev->name), STR_ARG(ev->text));
    return 0;
}

static int kept(struct sink *s, struct err *e)
{
    UNUSED(s);
    UNUSED(e);
    return 0;
}

static void keeper_free(struct sink *s)
{
    free(s);
}

static const struct sink_ops keeper_ops = {.name = "keeper", .event = keep, .finish = kept, .free = keeper_free};

/* ---- the run ---- */

static void run(struct trial *t, int (*fetch)(void *ctx, struct arena *a, const struct fetch_query *q,
                                              struct fetched *ret, struct err *e))
{
    struct facts facts = {.run_id = 7, .repo.root = str_from(t->room->dir)};
    struct keeper *k = mem_alloc(sizeof *k);
    struct sandbox_caps caps;
    struct err err = {0};
    struct bus *bus = bus_new(clock_mono_ns);
    *k = (struct keeper){{&keeper_ops}, t};
    bus_attach(bus, &k->sink);
    folder(t->room, "run");
    sandbox_probe(in_room(t->room, "run"), &caps);
    the_plan = plan_new(STR("test"), STR("ci.yml"), &driver);
    the_plan->model = t;
    plan_add_job(the_plan, STR("a"), STR("a"), SPAN_NONE);
    CLEAN(sources) struct sources *sources = sources_new();
    t->how = t->cat = OP_NOT_STARTED;
    struct engine_options o = {.facts = &facts,
                               .bus = bus,
                               .sources = sources,
                               .runs_dir = str_from(in_room(t->room, "run")),
                               .cache_dir = str_from(in_room(t->room, "cache")),
                               .home_host = STR("/nonexistent"),
                               .fetch = fetch,
                               .fetch_ctx = t,
                               .jobs = 1,
                               .mode = caps.best};
    if (engine_run(&the_plan, 1, &o, &t->tally, &err) != 0)
        fail_msg("%s", err.text);
    bus_finish(bus, NULL);
    bus_free(bus);
    plan_free(the_plan);
}

static int answer(void *ctx, struct arena *a, const struct fetch_query *q, struct fetched *ret, struct err *e)
{
    struct trial *t = ctx;
    UNUSED(e);
    MUST(str_is(q->repo, "o/r") && str_is(q->ref, "v1"));
    *ret = (struct fetched){t->tree, arena_cstr(a, "0123456789012345678901234567890123456789"), t->note};
    return 0;
}

static int refuse(void *ctx, struct arena *a, const struct fetch_query *q, struct fetched *ret, struct err *e)
{
    UNUSED(ctx);
    UNUSED(a);
    UNUSED(ret);
    return err_set(e, ENETUNREACH, "cannot reach %.*s", STR_ARG(q->repo));
}

static bool wait_stop(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 20000) == 1;
}

static int hang(void *ctx, struct arena *a, const struct fetch_query *q, struct fetched *ret, struct err *e)
{
    struct trial *t = ctx;
    UNUSED(a);
    UNUSED(ret);
    t->saw_stop = wait_stop(q->stop);
    return err_set(e, ECANCELED, "stopped");
}

static int interrupt(void *ctx, struct arena *a, const struct fetch_query *q, struct fetched *ret, struct err *e)
{
    kill(getpid(), SIGINT);
    return hang(ctx, a, q, ret, e);
}

/* Killed by a second ^C; comes back with an answer long after its job is over. */
static int stubborn(void *ctx, struct arena *a, const struct fetch_query *q, struct fetched *ret, struct err *e)
{
    struct trial *t = ctx;
    kill(getpid(), SIGINT);
    t->saw_stop = wait_stop(q->stop);
    MUST(!atomic_load(&t->told)); /* stopped is not abandoned */
    kill(getpid(), SIGINT);
    while (!atomic_load(&t->told))
        sched_yield();
    return answer(ctx, a, q, ret, e);
}

static void test_shown(void **state)
{
    struct room *room = *state;
    folder(room, "tree");
    put(room, "tree/action.yml", "name: it\n");
    struct trial t = {
        .room = room, .tree = str_from(in_room(room, "tree")), .note = STR("a local folder"), .look = true};
    run(&t, answer);
    assert_string_equal(t.err, "");
    assert_int_equal(t.how, OP_EXITED);
    assert_string_equal(t.matched, "0123456789012345678901234567890123456789");
    assert_string_equal(t.line, "name: it");
    assert_string_equal(t.noted, "o/r@v1: a local folder");
    assert_int_equal(t.tally.passed, 1);
}

static void test_refused(void **state)
{
    struct trial t = {.room = *state};
    run(&t, refuse);
    assert_int_equal(t.how, OP_NOT_STARTED);
    assert_string_equal(t.err, "cannot reach o/r");
}

static void test_no_fetch(void **state)
{
    struct trial t = {.room = *state};
    run(&t, NULL);
    assert_int_equal(t.how, OP_NOT_STARTED);
    assert_string_equal(t.err, "no repository can be fetched here");
}

static void test_no_tree(void **state)
{
    struct trial t = {.room = *state, .tree = STR("/nonexistent/tree")};
    run(&t, answer);
    assert_int_equal(t.how, OP_NOT_STARTED);
    assert_non_null(strstr(t.err, "o/r@v1: "));
}

static void test_timeout(void **state)
{
    struct trial t = {.room = *state, .timeout_ns = 30000000};
    run(&t, hang);
    assert_int_equal(t.how, OP_TIMED_OUT);
    assert_true(t.saw_stop);
}

static void test_interrupted(void **state)
{
    struct trial t = {.room = *state};
    run(&t, interrupt);
    assert_int_equal(t.how, OP_STOPPED);
    assert_true(t.saw_stop && t.cancelled && t.tally.interrupted);
}

static void test_abandoned(void **state)
{
    struct trial t = {.room = *state, .tree = str_from(((struct room *)*state)->dir)};
    run(&t, stubborn);
    assert_true(t.saw_stop && t.cancelled);
    assert_int_equal(t.how, OP_STOPPED);
    assert_string_equal(t.matched, "");
}

#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, room_open, room_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ROOM(test_shown),   IN_ROOM(test_refused),     IN_ROOM(test_no_fetch),  IN_ROOM(test_no_tree),
        IN_ROOM(test_timeout), IN_ROOM(test_interrupted), IN_ROOM(test_abandoned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
