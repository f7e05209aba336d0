/*
 * test/unit/github/gh_play.h - plays the engine's part for a GitHub leg: takes ops, feeds lines, tells how they ended,
 * and writes down what was told as short lines, so that a test reads like a log.
 */
#pragma once
#include "gh_load.h"
#include "../provider/play_op.h"

struct play {
    struct load l;
    struct host host;
    struct leg_room room;
    struct leg *leg;
    void *run;
    struct op op; /* the last one */
    struct buf log;
    struct strs masks;
    unsigned uuids;
    bool shows;           /* groups and slipway's own lines are written down, too */
    const char *hash;     /* what hashFiles answers */
    const char *hash_for; /* when its first pattern holds this; NULL: "requirements" */
    struct leg_outcome outcome;
};

static inline void play_annotation(struct play *p, const struct event *ev)
{
    buf_printf(&p->log, "%s: %.*s", event_level_name(ev->level), STR_ARG(ev->text));
    if (ev->file.n > 0)
        buf_printf(&p->log, " @%.*s:%u:%u", STR_ARG(ev->file), ev->line, ev->column);
    buf_add_ch(&p->log, '\n');
}

static inline void play_step_end(struct play *p, const struct event *ev)
{
    buf_printf(&p->log, "%u %s", ev->step, result_name(ev->result));
    if (ev->conclusion != ev->result)
        buf_printf(&p->log, " -> %s", result_name(ev->conclusion));
    if (ev->status > 0)
        buf_printf(&p->log, " (%d)", ev->status);
    if (ev->text.n > 0)
        buf_printf(&p->log, ": %.*s", STR_ARG(ev->text));
    buf_add_ch(&p->log, '\n');
}

static inline void play_emit(void *ctx, struct event *ev)
{
    struct play *p = ctx;
    switch ((int)ev->kind) {
    case EVENT_STEP_STARTED:
        buf_printf(&p->log, "%u %.*s :%u", ev->step, STR_ARG(ev->name), ev->line);
        if (ev->text.n > 0)
            buf_printf(&p->log, " $ %.*s", STR_ARG(ev->text));
        buf_add_ch(&p->log, '\n');
        break;
    case EVENT_STEP_FINISHED:
        play_step_end(p, ev);
        break;
    case EVENT_ANNOTATION:
        play_annotation(p, ev);
        break;
    case EVENT_NOTE:
        play_add_note(&p->log, ev);
        break;
    case EVENT_SUMMARY:
        buf_printf(&p->log, "summary %.*s\n", STR_ARG(ev->text));
        break;
    case EVENT_OUTPUT:
        if (p->shows)
            buf_printf(&p->log, "| %.*s\n", STR_ARG(ev->text));
        break;
    case EVENT_GROUP:
        if (p->shows)
            buf_printf(&p->log, "{ %.*s\n", STR_ARG(ev->text));
        break;
    case EVENT_GROUP_END:
        if (p->shows)
            buf_add_cstr(&p->log, "}\n");
        break;
    default:
        buf_printf(&p->log, "%s\n", event_kind_name(ev->kind));
        break;
    }
}

static inline void play_mask(void *ctx, struct str secret)
{
    struct play *p = ctx;
    vec_push_in(p->l.a, &p->masks, arena_str(p->l.a, secret));
}

static inline void play_uuid(void *ctx, char ret[37])
{
    struct play *p = ctx;
    snprintf(ret, 37, "u%u", ++p->uuids);
}

static inline int play_hash(void *ctx, struct str root, const struct strs *patterns, bool follow, char ret[65],
                            struct err *e)
{
    struct play *p = ctx;
    UNUSED(root);
    UNUSED(follow);
    UNUSED(e);
    const char *wanted = p->hash_for != NULL ? p->hash_for : "requirements";
    bool matches = patterns->n > 0 && str_find(patterns->p[0], str_from(wanted)) >= 0;
    snprintf(ret, 65, "%s", p->hash != NULL && matches ? p->hash : "");
    return 0;
}

static inline void play_init(struct play *p)
{
    *p = (struct play){.log = BUF(BUF_TEXT)};
    load_init(&p->l);
    map_set_str(&p->l.facts.machine.programs, STR("bash"), STR("/bin/bash"));
    map_set_str(&p->l.facts.machine.programs, STR("git"), STR("/usr/bin/git"));
    map_set_str(&p->l.facts.base_env, STR("PATH"), STR("/usr/bin:/bin"));
    p->l.facts.repo.is_git = true;
    p->l.facts.machine.os_id = STR("debian");
    p->l.facts.machine.os_version = STR("12");
    p->l.facts.machine.os_name = STR("Debian GNU/Linux 12 (bookworm)");
    p->host = (struct host){.facts = &p->l.facts,
                            .ctx = p,
                            .emit = play_emit,
                            .mask = play_mask,
                            .hash_files = play_hash,
                            .uuid = play_uuid};
}

/* Reads the workflow and begins the first leg of its last job (its needs count as over, as set by the test before). */
static inline void play_begin(struct play *p, const char *text)
{
    struct err err = {0};
    struct str why = STR("");
    load_plan(&p->l, text);
    if (p->l.plan == NULL)
        fail_msg("%s", load_said(&p->l).p);
    struct job *j = p->l.plan->jobs[p->l.plan->n_jobs - 1];
    for (size_t i = 0; i < j->n_needs; i++)
        j->needs[i]->result = RESULT_SUCCESS;
    if (gh_driver.gate(p->l.plan, j, &p->l.facts, false, &why) != GATE_RUN)
        fail_msg("%.*s", STR_ARG(why));
    p->leg = j->legs[0];
    p->run = gh_driver.begin(p->leg, &p->host, &p->room, &err);
    if (p->run == NULL)
        fail_msg("%s", err.text);
}

static inline enum drive play_next(struct play *p)
{
    p->op = (struct op){0};
    return gh_driver.next(p->run, &p->op);
}

/* The next op, which must be there. */
static inline struct op *play_op(struct play *p)
{
    if (play_next(p) != DRIVE_OP)
        fail_msg("no op any more:\n%s", buf_cstr(&p->log));
    return &p->op;
}

/* A line of output; what is shown of it is written down. */
static inline void play_say(struct play *p, const char *line)
{
    CLEAN(buf) struct buf other = BUF(BUF_LINE);
    switch (gh_driver.line(p->run, p->op.token, STREAM_OUT, str_from(line), &other)) {
    case LINE_SHOW:
        buf_printf(&p->log, "> %s\n", line);
        break;
    case LINE_REPLACED:
        buf_printf(&p->log, "> %s\n", buf_cstr(&other));
        break;
    case LINE_HIDE:
        break;
    }
}

/* How the op ended, with the texts of the files it was to read back (NULL: empty files). */
static inline void play_end(struct play *p, enum op_how how, int status, const char *const *files)
{
    struct op_end end = {.token = p->op.token, .how = how, .status = status, .elapsed_ns = 1000};
    end.reads = arena_array(p->l.a, p->op.n_reads + 1, sizeof *end.reads);
    end.read_errors = arena_array(p->l.a, p->op.n_reads + 1, sizeof *end.read_errors);
    for (size_t i = 0; i < p->op.n_reads; i++)
        end.reads[i] = files != NULL && files[i] != NULL ? str_from(files[i]) : STR("");
    if (how == OP_NOT_STARTED)
        err_set(&end.err, ENOENT, "no such file");
    gh_driver.exited(p->run, &end);
}

static inline void play_exit(struct play *p, int status)
{
    play_end(p, OP_EXITED, status, NULL);
}

/* Which of the five files, in their order in op.reads, begins like this? */
static inline void play_exit_file(struct play *p, int status, const char *which, const char *text)
{
    const char *files[8] = {NULL};
    for (size_t i = 0; i < p->op.n_reads; i++) {
        if (str_find(p->op.reads[i], str_from(which)) >= 0)
            files[i] = text;
    }
    play_end(p, OP_EXITED, status, files);
}

/* Everything from here on succeeds. */
static inline void play_rest(struct play *p)
{
    while (play_next(p) == DRIVE_OP)
        play_exit(p, 0);
}

static inline void play_finish(struct play *p)
{
    gh_driver.finish(p->run, &p->outcome);
}

static inline void play_done(struct play *p)
{
    gh_driver.end(p->run);
    buf_done(&p->log);
    load_done(&p->l);
}

static inline struct str play_env(const struct play *p, const char *name)
{
    return play_op_env(&p->op, name);
}

static inline void assert_env(const struct play *p, const char *name, const char *value)
{
    assert_named_str(name, play_env(p, name), value);
}

/* argv joined by spaces. */
static inline const char *play_argv(const struct play *p)
{
    return play_op_argv(p->l.a, &p->op);
}

static inline struct str play_written(const struct play *p, const char *part)
{
    return play_op_written(&p->op, part);
}

#define assert_log(p, text) assert_string_equal(buf_cstr(&(p)->log), text)
#define JOB "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n"
#define NOTED "emulated ubuntu-latest: this host, Debian 12\n"
