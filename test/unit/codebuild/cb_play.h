/*
 * test/unit/codebuild/cb_play.h - plays the engine's part for a build: takes ops, tells how they ended, and writes down
 * what was told as short lines, so that a test reads like a log.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "provider/codebuild/run_priv.h"
#include "../provider/play_op.h"

extern const struct provider provider_codebuild;

struct play {
    struct arena *a;
    struct sources *sources;
    struct diags d;
    struct facts facts;
    struct provider_plans plans;
    struct host host;
    struct leg_room room;
    struct leg *leg;
    void *run;
    struct op op; /* the last one */
    struct buf log;
    struct strs masks;
    unsigned uuids;
    bool shows; /* the agent's own lines are written down, too */
    struct leg_outcome outcome;
};

static inline void play_emit(void *ctx, struct event *ev)
{
    struct play *p = ctx;
    struct buf *b = &p->log;
    switch ((int)ev->kind) {
    case EVENT_STEP_STARTED:
        buf_printf(b, "%u %.*s :%u\n", ev->step, STR_ARG(ev->name), ev->line);
        break;
    case EVENT_STEP_FINISHED:
        buf_printf(b, "%u %s%s%s%s%.*s\n", ev->step, result_name(ev->result),
                   ev->conclusion != ev->result ? " -> " : "",
                   ev->conclusion != ev->result ? result_name(ev->conclusion) : "", ev->text.n > 0 ? ": " : "",
                   STR_ARG(ev->text));
        break;
    case EVENT_ANNOTATION:
        buf_printf(b, "%s: %.*s @%.*s:%u\n", event_level_name(ev->level), STR_ARG(ev->text), STR_ARG(ev->file),
                   ev->line);
        break;
    case EVENT_NOTE:
        play_add_note(b, ev);
        break;
    case EVENT_SUMMARY:
        buf_printf(b, "%.*s", STR_ARG(ev->text));
        break;
    case EVENT_OUTPUT:
        if (p->shows)
            buf_printf(b, "| %.*s\n", STR_ARG(ev->text));
        break;
    default:
        buf_printf(b, "%s %.*s\n", event_kind_name(ev->kind), STR_ARG(ev->name));
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
    struct play *p = ctx;
    snprintf(ret, 37, "u%u", ++p->uuids);
}

static inline int play_no_file(void *ctx, const struct file_query *q, struct file_found *ret, struct err *e)
{
    UNUSED(ctx);
    UNUSED(ret);
    return err_set(e, ENOENT, "there is no %.*s", STR_ARG(q->path));
}

/* A push to main of octo/demo, on a machine with one Python. */
static inline void play_init(struct play *p)
{
    *p = (struct play){.a = arena_new(), .sources = sources_new(), .log = BUF(BUF_TEXT)};
    struct facts *f = &p->facts;
    diags_init(&p->d, p->a, p->sources);
    map_init(&f->secrets, p->a, MAP_NOCASE);
    map_init(&f->vars, p->a, MAP_NOCASE);
    map_init(&f->env, p->a, MAP_CASE);
    map_init(&f->inputs, p->a, MAP_NOCASE);
    map_init(&f->platforms, p->a, MAP_NOCASE);
    map_init(&f->substitutions, p->a, MAP_CASE);
    map_init(&f->base_env, p->a, MAP_CASE);
    map_init(&f->machine.programs, p->a, MAP_CASE);
    map_set_str(&f->machine.programs, STR("bash"), STR("/bin/bash"));
    map_set_str(&f->base_env, STR("PATH"), STR("/usr/bin:/bin"));
    map_set_str(&f->base_env, STR("CI"), STR("true"));
    f->read_file = play_no_file;
    f->repo.owner = STR("octo");
    f->repo.name = STR("demo");
    f->repo.is_git = true;
    f->repo.branch = STR("main");
    f->repo.sha = STR("1111111111111111111111111111111111111111");
    f->repo.parent_sha = STR("2222222222222222222222222222222222222222");
    f->repo.remote_url = STR("https://github.com/octo/demo.git");
    f->machine.os_id = STR("debian");
    f->machine.os_version = STR("12");
    f->machine.user = STR("mina");
    f->machine.interpreters = ARENA_NEW(p->a, struct interpreter);
    *f->machine.interpreters = (struct interpreter){.tool = STR("python"),
                                                    .version = STR("3.11.7"),
                                                    .prefix = STR("/opt/py311"),
                                                    .program = STR("/opt/py311/bin/python3.11"),
                                                    .origin = STR("pyenv")};
    f->machine.n_interpreters = 1;
    f->change.event = STR("push");
    f->change.branch = STR("main");
    f->run_number = 7;
    f->now_ms = 1796069701170;
    p->host = (struct host){.facts = f, .ctx = p, .emit = play_emit, .mask = play_mask, .uuid = play_uuid};
}

static inline void play_fail_diags(struct play *p)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (size_t i = 0; i < p->d.n; i++)
        buf_printf(&b, "%s %.*s\n", p->d.p[i].code, STR_ARG(p->d.p[i].message));
    fail_msg("%s", buf_cstr(&b));
}

/* Reads the buildspec and begins leg `n` of its last job. */
static inline void play_begin_leg(struct play *p, const char *text, size_t n)
{
    struct err err = {0};
    struct str why = STR("");
    struct provider_file file = {.path = STR("buildspec.yml"), .source = 0};
    file.source = sources_add(p->sources, file.path, str_from(text));
    provider_codebuild.read(&file, &p->facts, &p->d, &p->plans);
    if (p->plans.n == 0)
        play_fail_diags(p);
    struct plan *plan = p->plans.p[0].plan;
    struct job *j = plan->jobs[plan->n_jobs - 1];
    if (cb_driver.gate(plan, j, &p->facts, false, &why) != GATE_RUN)
        fail_msg("%.*s", STR_ARG(why));
    p->leg = j->legs[n];
    p->run = cb_driver.begin(p->leg, &p->host, &p->room, &err);
    if (p->run == NULL)
        fail_msg("%s", err.text);
}

static inline void play_begin(struct play *p, const char *text)
{
    play_begin_leg(p, text, 0);
}

static inline enum drive play_next(struct play *p)
{
    p->op = (struct op){0};
    return cb_driver.next(p->run, &p->op);
}

/* How the op ended, with what came back of its first file. */
static inline void play_end(struct play *p, enum op_how how, int status, const char *back)
{
    struct op_end end = {.token = p->op.token, .how = how, .status = status, .elapsed_ns = 1000000000};
    end.reads = arena_array(p->a, p->op.n_reads + 1, sizeof *end.reads);
    end.read_errors = arena_array(p->a, p->op.n_reads + 1, sizeof *end.read_errors);
    if (back != NULL)
        end.reads[0] = str_from(back);
    if (how == OP_NOT_STARTED)
        err_set(&end.err, ENOENT, "no such file");
    cb_driver.exited(p->run, &end);
}

static inline bool play_is_command(const struct play *p)
{
    return p->op.kind == OP_EXEC && p->op.n_argv >= 2 && str_ends(p->op.argv[p->op.n_argv - 1], STR("/script.sh"));
}

static inline struct str play_written(const struct play *p, const char *part)
{
    return play_op_written(&p->op, part);
}

/* What the user wrote of the command under way: behind the prelude of three lines. */
static inline struct str play_text(const struct play *p)
{
    struct str rest = play_written(p, "script.sh"), line;
    for (int i = 0; i < 3; i++)
        str_next(&rest, '\n', &line);
    return str_trim_end(rest);
}

/* Lets ops succeed up to the next command; false: the leg is over. */
static inline bool play_command(struct play *p)
{
    while (play_next(p) == DRIVE_OP) {
        if (play_is_command(p))
            return true;
        play_end(p, OP_EXITED, 0, NULL);
    }
    return false;
}

/* The next command, which must be this one, exits so. */
static inline void play_run(struct play *p, const char *text, int status)
{
    if (!play_command(p))
        fail_msg("no command any more, not '%s':\n%s", text, buf_cstr(&p->log));
    if (!str_is(play_text(p), text))
        fail_msg("'%.*s', not '%s'", STR_ARG(play_text(p)), text);
    play_end(p, OP_EXITED, status, NULL);
}

/* No command is left; the build is over. */
static inline void play_finish(struct play *p)
{
    if (play_command(p))
        fail_msg("'%.*s' still runs", STR_ARG(play_text(p)));
    cb_driver.finish(p->run, &p->outcome);
}

static inline void play_done(struct play *p)
{
    cb_driver.end(p->run);
    for (size_t i = 0; i < p->plans.n; i++)
        plan_free(p->plans.p[i].plan);
    buf_done(&p->log);
    sources_free(p->sources);
    arena_free(p->a);
}

static inline struct str play_env(const struct play *p, const char *name)
{
    return play_op_env(&p->op, name);
}

static inline void assert_env(const struct play *p, const char *name, const char *value)
{
    assert_named_str(name, play_env(p, name), value);
}

static inline void assert_told(const struct play *p, const char *text)
{
    if (str_find(buf_str(&p->log), str_from(text)) < 0)
        fail_msg("'%s' is not in:\n%s", text, buf_cstr(&p->log));
}

static inline void assert_not_told(const struct play *p, const char *text)
{
    if (str_find(buf_str(&p->log), str_from(text)) >= 0)
        fail_msg("'%s' is in:\n%s", text, buf_cstr(&p->log));
}
