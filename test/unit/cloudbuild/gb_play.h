/*
 * test/unit/cloudbuild/gb_play.h - plays the engine's part for a build: takes ops, feeds lines, tells how they ended,
 * and writes down what was told as short lines, so that a test reads like a log.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "provider/cloudbuild/run_priv.h"
#include "../provider/play_op.h"

#define PLAY_OPS 64
#define U "ubuntu"
#define NOTED                                                                                                          \
    "substituted ubuntu: the own tools of this host, Debian GNU/Linux 12 (bookworm)\n"                                 \
    "| BUILD\n"
#define STANDIN "stand-in for ubuntu: the own tools of this host, Debian GNU/Linux 12 (bookworm)\n"

struct play {
    struct arena *a;
    struct facts facts;
    struct gb_build build;
    struct gb_model model;
    struct plan *plan;
    struct leg *leg;
    struct host host;
    struct leg_room room;
    void *run;
    struct op ops[PLAY_OPS]; /* under way, in the order of their starts; token 0: over */
    size_t n_ops;
    struct buf log;
    struct strs masks;
    struct leg_outcome outcome;
};

static inline void play_emit(void *ctx, struct event *ev)
{
    struct play *p = ctx;
    switch ((int)ev->kind) {
    case EVENT_STEP_STARTED:
        buf_printf(&p->log, "+%u %.*s", ev->step, STR_ARG(ev->name));
        if (ev->text.n > 0)
            buf_printf(&p->log, " $ %.*s", STR_ARG(ev->text));
        buf_add_ch(&p->log, '\n');
        break;
    case EVENT_STEP_FINISHED:
        buf_printf(&p->log, "-%u %s", ev->step, result_name(ev->result));
        play_add_end(&p->log, ev);
        break;
    case EVENT_ANNOTATION:
        buf_printf(&p->log, "%s: %.*s\n", event_level_name(ev->level), STR_ARG(ev->text));
        break;
    case EVENT_NOTE:
        play_add_note(&p->log, ev);
        break;
    case EVENT_ARTIFACT:
        buf_printf(&p->log, "artifact %.*s: %.*s, %lld\n", STR_ARG(ev->name), STR_ARG(ev->text), (long long)ev->number);
        break;
    case EVENT_OUTPUT:
        buf_printf(&p->log, "| %.*s\n", STR_ARG(ev->text));
        break;
    default:
        buf_printf(&p->log, "%s\n", event_kind_name(ev->kind));
        break;
    }
}

static inline void play_mask(void *ctx, struct str secret)
{
    struct play *p = ctx;
    vec_push_in(p->a, &p->masks, arena_str(p->a, secret));
}

static inline void play_uuid(void *ctx, char ret[37])
{
    UNUSED(ctx);
    snprintf(ret, 37, "u");
}

/* A machine with one Python, one Node.js, git and gcc. */
static inline void play_machine(struct facts *f, struct arena *a)
{
    const struct interpreter tools[] = {
        {STR("python"), STR("3.12.1"), STR("/opt/py"), STR("/opt/py/bin/python3.12"), STR("uv"), false},
        {STR("python"), STR("3.11.2"), STR("/usr"), STR("/usr/bin/python3.11"), STR("system"), true},
        {STR("node"), STR("20.11.0"), STR("/opt/node"), STR("/opt/node/bin/node"), STR("PATH"), false},
        {STR("go"), STR("1.22.1"), STR("/usr/local/go"), STR("/usr/local/go/bin/go"), STR("PATH"), false},
    };
    map_init(&f->machine.programs, a, MAP_CASE);
    map_init(&f->base_env, a, MAP_CASE);
    map_init(&f->secrets, a, MAP_NOCASE);
    map_set_str(&f->machine.programs, STR("git"), STR("/usr/bin/git"));
    map_set_str(&f->machine.programs, STR("gcc"), STR("/usr/bin/gcc"));
    map_set_str(&f->machine.programs, STR("bash"), STR("/bin/bash"));
    map_set_str(&f->machine.programs, STR("gcloud"), STR("/home/me/sdk/bin/gcloud"));
    map_set_str(&f->base_env, STR("PATH"), STR("/usr/bin:/bin"));
    f->machine.os_name = STR("Debian GNU/Linux 12 (bookworm)");
    f->machine.interpreters = arena_array(a, ARRAY_LEN(tools), sizeof *tools);
    memcpy(f->machine.interpreters, tools, sizeof tools);
    f->machine.n_interpreters = ARRAY_LEN(tools);
}

static inline void play_init(struct play *p)
{
    *p = (struct play){.a = arena_new(), .log = BUF(BUF_TEXT)};
    play_machine(&p->facts, p->a);
    p->host = (struct host){.facts = &p->facts, .ctx = p, .emit = play_emit, .mask = play_mask, .uuid = play_uuid};
    p->build.steps = arena_array(p->a, 300, sizeof *p->build.steps);
    p->facts.now_ms = 1700000000000;
}

static inline struct gb_texts texts_of(struct play *p, const char *words)
{
    struct gb_texts ret = {0};
    struct str rest = str_from(words), word;
    while (str_next(&rest, ' ', &word))
        vec_push_in(p->a, &ret, (struct gb_text){.text = word});
    ret.set = ret.n > 0;
    return ret;
}

/* A step: an image, an id or "", args and waitFor as words. */
static inline struct gb_step *play_step(struct play *p, const char *image, const char *id, const char *args,
                                        const char *waits)
{
    struct gb_step *s = &p->build.steps[p->build.n_steps++];
    *s = (struct gb_step){.name = {.text = str_from(image)}, .id = {.text = str_from(id)}};
    s->args = texts_of(p, args);
    s->wait_for = texts_of(p, waits);
    return s;
}

static inline void play_begin(struct play *p)
{
    static const struct gb_trigger trigger = {.declared = true};
    struct err err = {0};
    p->model.build = &p->build;
    p->model.facts = &p->facts;
    p->model.build_id = STR("b-1");
    if (p->model.trigger == NULL)
        p->model.trigger = &trigger;
    if (p->model.values.values.arena == NULL)
        map_init(&p->model.values.values, p->a, MAP_CASE);
    p->plan = plan_new(STR("cloudbuild"), STR("cloudbuild.yaml"), &gb_driver);
    p->plan->model = &p->model;
    struct job *j = plan_add_job(p->plan, STR("build"), STR("build"), (struct span){0});
    p->leg = plan_add_leg(j, STR("build"), STR("build"));
    p->run = gb_driver.begin(p->leg, &p->host, &p->room, &err);
    if (p->run == NULL)
        buf_printf(&p->log, "%s\n", err.text);
}

/* Takes ops until the driver waits or is done. OP_STOP ends its target at once. */
static inline enum drive play_go(struct play *p);

static inline void play_end_op(struct play *p, struct op *op, const struct op_end *how)
{
    struct op_end end = *how;
    static int no_errors[4] = {0};
    end.token = op->token;
    op->token = 0;
    if (end.reads == NULL)
        end.reads = arena_array(p->a, op->n_reads + 1, sizeof *end.reads);
    end.read_errors = no_errors;
    gb_driver.exited(p->run, &end);
}

static inline struct op *play_token(struct play *p, unsigned token)
{
    for (size_t i = 0; i < p->n_ops; i++)
        if (p->ops[i].token == token)
            return &p->ops[i];
    BUG("no op has the token %u", token);
}

static inline enum drive play_go(struct play *p)
{
    for (;;) {
        struct op op = {0};
        enum drive drive = gb_driver.next(p->run, &op);
        if (drive != DRIVE_OP)
            return drive;
        if (op.kind == OP_STOP) {
            struct op_end over = {.token = op.token};
            buf_printf(&p->log, "stop %u\n", play_token(p, op.target)->step);
            play_end_op(p, play_token(p, op.target), &(struct op_end){.how = OP_STOPPED});
            gb_driver.exited(p->run, &over);
            continue;
        }
        assert_true(p->n_ops < PLAY_OPS);
        p->ops[p->n_ops++] = op;
    }
}

/* The op under way of a step's number; 0: of the build itself. */
static inline struct op *play_op(struct play *p, unsigned step)
{
    for (size_t i = 0; i < p->n_ops; i++)
        if (p->ops[i].token != 0 && p->ops[i].step == step)
            return &p->ops[i];
    fail_msg("step %u has nothing under way:\n%s", step, buf_cstr(&p->log));
    BUG("fail_msg returned");
}

static inline bool play_runs(const struct play *p, unsigned step)
{
    for (size_t i = 0; i < p->n_ops; i++)
        if (p->ops[i].token != 0 && p->ops[i].step == step)
            return true;
    return false;
}

/* Shows the project: the steps may begin. */
static inline enum drive play_fetch(struct play *p)
{
    play_go(p);
    assert_int_equal(play_op(p, 0)->kind, OP_EXEC);
    assert_true(str_is(play_op(p, 0)->argv[3], "/builder/.slipway/outputs/0"));
    play_end_op(p, play_op(p, 0), &(struct op_end){.how = OP_EXITED});
    play_go(p);
    struct op *op = play_op(p, 0);
    assert_int_equal(op->kind, OP_VIEW);
    assert_true(str_is(op->view_path, "/workspace"));
    play_end_op(p, op, &(struct op_end){.how = OP_EXITED});
    return play_go(p);
}

static inline enum drive play_exit(struct play *p, unsigned step, int status)
{
    play_end_op(p, play_op(p, step), &(struct op_end){.how = OP_EXITED, .status = status, .elapsed_ns = 1000});
    return play_go(p);
}

static inline void play_finish(struct play *p)
{
    gb_driver.finish(p->run, &p->outcome);
}

static inline void play_done(struct play *p)
{
    gb_driver.end(p->run);
    plan_free(p->plan);
    buf_done(&p->log);
    arena_free(p->a);
}

static inline struct str play_env(const struct op *op, const char *name)
{
    return play_op_env(op, name);
}

static inline const char *play_argv(struct play *p, const struct op *op)
{
    return play_op_argv(p->a, op);
}

static inline struct str play_share(const struct op *op, const char *to)
{
    for (size_t i = 0; i < op->n_shares; i++)
        if (str_is(op->shares[i].to, to))
            return op->shares[i].from;
    return STR_NONE;
}

/* The log without what every build says at its head. */
static inline void assert_log(struct play *p, const char *wanted)
{
    static const char *const heads[] = {"| starting build \"b-1\"\n", "| \n", "| FETCHSOURCE\n"};
    struct str log = buf_str(&p->log);
    for (size_t i = 0; i < ARRAY_LEN(heads); i++)
        if (str_starts(log, str_from(heads[i])))
            log = str_from_index(log, strlen(heads[i]));
    assert_string_equal(log.p, wanted);
}
