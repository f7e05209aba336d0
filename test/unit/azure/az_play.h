/*
 * test/unit/azure/az_play.h - plays the engine's part for one leg of a job: takes ops, feeds lines, tells how they
 * ended, and writes down what was told as short lines, so that a test reads like a log.
 *
 *   play_init(&p); play_script(&p, "echo hi"); play_begin(&p);
 *   play_go(&p);                      the first op is p.op
 *   play_say(&p, "##vso[...]");       a line of its output
 *   play_exit(&p, 0);                 it ended; the next op, if any, is p.op
 *   play_finish(&p); assert_log(...); play_done(&p);
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "provider/azure/agent_priv.h"
#include "../provider/play_op.h"

struct play {
    struct arena *a;
    struct facts facts;
    struct az_model model;
    struct az_repos repos;
    struct az_job_run job;
    struct az_steps steps;
    struct az_leg az;
    struct plan *plan;
    struct leg *leg;
    struct host host;
    struct leg_room room;
    void *run;
    struct op op;     /* under way; token 0: none */
    enum drive drive; /* what next() answered last */
    struct buf log;
    struct strs masks;
    bool banner; /* its group is open: it is shown as lines of slipway's own are */
    struct leg_outcome outcome;
};

static inline void play_emit(void *ctx, struct event *ev)
{
    struct play *p = ctx;
    bool banner = ev->kind == EVENT_GROUP && str_starts(ev->text, STR("Task  "));
    if (banner || (ev->kind == EVENT_GROUP_END && p->banner)) {
        p->banner = banner;
        if (banner)
            buf_printf(&p->log, "| %.*s\n", STR_ARG(ev->text));
        return;
    }
    switch ((int)ev->kind) {
    case EVENT_STEP_STARTED:
        buf_printf(&p->log, "+%u %.*s\n", ev->step, STR_ARG(ev->name));
        break;
    case EVENT_STEP_FINISHED:
        buf_printf(&p->log, "-%u %s", ev->step, result_name(ev->result));
        play_add_end(&p->log, ev);
        break;
    case EVENT_ANNOTATION:
        buf_printf(&p->log, "%s: ", event_level_name(ev->level));
        if (ev->file.n > 0)
            buf_printf(&p->log, "%.*s(%u,%u): ", STR_ARG(ev->file), ev->line, ev->column);
        if (ev->name.n > 0)
            buf_printf(&p->log, "%.*s: ", STR_ARG(ev->name));
        buf_printf(&p->log, "%.*s\n", STR_ARG(ev->text));
        break;
    case EVENT_NOTE:
        play_add_note(&p->log, ev);
        break;
    case EVENT_SUMMARY:
    case EVENT_GROUP:
        buf_printf(&p->log, "%s %.*s\n", event_kind_name(ev->kind), STR_ARG(ev->text));
        break;
    case EVENT_REPORT:
        buf_printf(&p->log, "report %.*s (%d failed): %.*s\n", STR_ARG(ev->name), (int)ev->number, STR_ARG(ev->text));
        break;
    case EVENT_ARTIFACT:
        buf_printf(&p->log, "artifact %.*s: %.*s\n", STR_ARG(ev->name), STR_ARG(ev->text));
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

static inline void play_init(struct play *p)
{
    *p = (struct play){.a = arena_new(), .log = BUF(BUF_TEXT)};
    struct facts *f = &p->facts;
    map_init(&f->machine.programs, p->a, MAP_CASE);
    map_init(&f->base_env, p->a, MAP_CASE);
    map_init(&f->secrets, p->a, MAP_NOCASE);
    map_init(&f->vars, p->a, MAP_NOCASE);
    map_init(&f->env, p->a, MAP_CASE);
    map_init(&f->tasks, p->a, MAP_NOCASE);
    map_set_str(&f->machine.programs, STR("git"), STR("/usr/bin/git"));
    map_set_str(&f->machine.programs, STR("bash"), STR("/bin/bash"));
    map_set_str(&f->base_env, STR("PATH"), STR("/usr/bin:/bin"));
    map_set_str(&f->base_env, STR("LANG"), STR("C.UTF-8"));
    f->machine.os_name = STR("Debian GNU/Linux 12 (bookworm)");
    f->machine.machine = STR("x86_64");
    f->machine.hostname = STR("box");
    f->repo = (struct repo_facts){.root = STR("/repo"),
                                  .is_git = true,
                                  .owner = STR("me"),
                                  .name = STR("proj"),
                                  .branch = STR("main"),
                                  .sha = STR("0123456789012345678901234567890123456789")};
    f->now_ms = 1700000000000;
    p->host = (struct host){.facts = f, .ctx = p, .emit = play_emit, .mask = play_mask, .uuid = play_uuid};
    p->steps.p = arena_array(p->a, 64, sizeof *p->steps.p);
    p->steps.cap = 64;
    p->model.facts = f;
    p->model.repos = &p->repos;
    p->job.model = &p->model;
    p->az.job = &p->job;
    p->az.steps = &p->steps;
    p->az.display_name = STR("Job");
    az_vars_init(&p->az.vars, p->a);
}

/* A step of a task, enabled, without inputs. */
static inline struct az_step *play_step(struct play *p, const char *task, const char *version)
{
    MUST(p->steps.n < p->steps.cap);
    struct az_step *s = &p->steps.p[p->steps.n++];
    *s = (struct az_step){.task = str_from(task), .version = str_from(version), .enabled = true};
    map_init(&s->inputs, p->a, MAP_NOCASE);
    map_init(&s->env, p->a, MAP_CASE);
    return s;
}

static inline void play_input(struct az_step *s, const char *name, const char *value)
{
    map_set_str(&s->inputs, str_from(name), str_from(value));
}

/* `script: text`, called so. */
static inline struct az_step *play_script(struct play *p, const char *name, const char *text)
{
    struct az_step *s = play_step(p, "CmdLine", "2");
    play_input(s, "script", text);
    s->display_name = str_from(name);
    return s;
}

static inline void play_var(struct play *p, const char *name, const char *value)
{
    az_vars_set(&p->az.vars, str_from(name), str_from(value), false, false);
}

static inline void play_begin(struct play *p)
{
    struct err err = {0};
    p->plan = plan_new(STR("azure"), STR("azure-pipelines.yml"), &az_driver);
    p->plan->model = &p->model;
    struct job *j = plan_add_job(p->plan, STR("Job"), STR("Job"), (struct span){0});
    j->impl = &p->job;
    p->leg = plan_add_leg(j, STR("Job"), STR("Job"));
    p->leg->impl = &p->az;
    p->run = az_driver.begin(p->leg, &p->host, &p->room, &err);
    if (p->run == NULL)
        fail_msg("%s", err.text);
}

static inline enum drive play_go(struct play *p)
{
    struct op op = {0};
    p->drive = az_driver.next(p->run, &op);
    if (p->drive == DRIVE_OP)
        p->op = op;
    return p->drive;
}

static inline void play_end(struct play *p, const struct op_end *how)
{
    struct op_end end = *how;
    static int no_errors[16] = {0};
    MUST(p->op.token != 0);
    end.token = p->op.token;
    if (end.reads == NULL)
        end.reads = arena_array(p->a, p->op.n_reads + 1, sizeof *end.reads);
    if (end.read_errors == NULL)
        end.read_errors = no_errors;
    p->op = (struct op){0};
    az_driver.exited(p->run, &end);
}

static inline enum drive play_exit(struct play *p, int status)
{
    play_end(p, &(struct op_end){.how = OP_EXITED, .status = status, .elapsed_ns = 1000});
    return play_go(p);
}

/* A line of the op's output; what is shown of it goes to the log. */
static inline void play_line(struct play *p, enum event_stream stream, const char *text)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    switch (az_driver.line(p->run, p->op.token, stream, str_from(text), &b)) {
    case LINE_SHOW:
        buf_printf(&p->log, "  %s\n", text);
        break;
    case LINE_REPLACED:
        buf_printf(&p->log, "  %s\n", buf_cstr(&b));
        break;
    case LINE_HIDE:
        break;
    }
}

static inline void play_say(struct play *p, const char *text)
{
    play_line(p, STREAM_OUT, text);
}

/* Runs all that is left, each op well. */
static inline void play_rest(struct play *p)
{
    while (p->drive == DRIVE_OP)
        play_exit(p, 0);
}

static inline void play_finish(struct play *p)
{
    az_driver.finish(p->run, &p->outcome);
}

static inline void play_done(struct play *p)
{
    az_driver.end(p->run);
    plan_free(p->plan);
    buf_done(&p->log);
    arena_free(p->a);
}

/* The script that the op under way runs. */
static inline struct str play_text(const struct play *p)
{
    return p->op.n_writes > 0 ? p->op.writes[0].text : STR_NONE;
}

static inline struct str play_env(const struct op *op, const char *name)
{
    return play_op_env(op, name);
}

static inline const char *play_argv(struct play *p)
{
    return play_op_argv(p->a, &p->op);
}

/* The log without lines of slipway's own (banners, scripts as they are shown). */
static inline void assert_log(struct play *p, const char *wanted)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    struct str rest = buf_str(&p->log), line;
    while (str_next(&rest, '\n', &line))
        if (!str_starts(line, STR("| ")) && !str_is(line, "|"))
            buf_printf(&b, "%.*s\n", STR_ARG(line));
    assert_string_equal(buf_cstr(&b), wanted);
    buf_clear(&p->log);
}
