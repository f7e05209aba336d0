#include "core/base.h"
#include "provider/github/gh_run_priv.h"

#include "core/buf.h"

#include <signal.h>
#include <stdarg.h>

#define WRITES_MAX 16 /* files of one op: event.json, a script, the five of file commands */

/* "workflow cancellation reference": SIGINT, 7.5 s, SIGTERM, 2.5 s, then the process tree is killed. */
static const struct stop_stage LADDER[] = {{SIGINT, 7500000000}, {SIGTERM, 2500000000}};

static void op_init(struct gh_run *r, struct gh_task *t, struct op *op, enum op_kind kind)
{
    *op = (struct op){.kind = kind, .token = ++r->token, .step = t->number};
    t->token = op->token;
    for (struct gh_task *x = t; x != NULL; x = gh_task_home(x)->owner) {
        int64_t left = x->timeout_ns > x->elapsed_ns ? x->timeout_ns - x->elapsed_ns : 1;
        if (x->timeout_ns > 0 && (op->timeout_ns == 0 || left < op->timeout_ns))
            op->timeout_ns = left;
    }
}

/* The time that ran out was the step's own, or that of a composite action around it: then no more of it starts. */
static void timed_out(struct gh_task *t)
{
    struct gh_task *late = t, *outer = t;
    while ((outer = gh_task_home(outer)->owner) != NULL) {
        if (outer->timeout_ns > 0 && outer->elapsed_ns >= outer->timeout_ns)
            late = outer;
    }
    if (late != t)
        gh_task_stop(late);
    gh_fail(late, "The action '%.*s' has timed out after %g minutes.", STR_ARG(late->name), late->timeout_minutes);
    gh_fail(t, "%.*s", STR_ARG(late->error));
}

void gh_op_write(struct gh_run *r, struct op *op, struct str path, struct str text)
{
    if (op->writes == NULL)
        op->writes = arena_array(r->arena, WRITES_MAX, sizeof *op->writes);
    MUST(op->n_writes < WRITES_MAX);
    op->writes[op->n_writes++] = (struct op_file){.path = path, .text = text};
}

/* The event's payload goes with the first process that could read it. */
static void write_event(struct gh_run *r, struct op *op)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT * 4);
    const struct value *event = value_get(r->github, STR("event"));
    if (r->event_written)
        return;
    r->event_written = true;
    if (event == NULL || value_add_json(&b, event, VALUE_PRETTY) < 0)
        return;
    gh_op_write(r, op, r->event_path, arena_str(r->arena, buf_str(&b)));
}

static void exec(struct gh_run *r, struct gh_task *t, struct op *op, const struct strs *argv, const struct map *extra)
{
    struct strs env = gh_env_of(r, t, extra);
    op_init(r, t, op, OP_EXEC);
    op->argv = arena_array(r->arena, argv->n, sizeof *op->argv);
    for (size_t i = 0; i < argv->n; i++)
        op->argv[i] = argv->p[i];
    op->n_argv = argv->n;
    op->env = env.p;
    op->n_env = env.n;
    op->cwd = r->workspace;
    op->ladder = LADDER;
    op->n_ladder = ARRAY_LEN(LADDER);
    op->read_max = GH_FILE_MAX;
    write_event(r, op);
}

void gh_op_action(struct gh_run *r, struct gh_task *t, struct op *op, const struct strs *argv, const struct map *extra)
{
    t->capturing = false;
    exec(r, t, op, argv, extra);
    r->dirty = true;
}

void gh_op_files(struct gh_run *r, struct gh_task *t, struct op *op)
{
    for (size_t i = 0; i < GH_FILES; i++)
        gh_op_write(r, op, t->files[i], STR(""));
    op->reads = t->files;
    op->n_reads = GH_FILES;
}

void gh_op_exec(struct gh_run *r, struct gh_task *t, struct op *op, const struct str *argv, size_t n)
{
    struct strs list = {0};
    for (size_t i = 0; i < n; i++)
        vec_push_in(r->arena, &list, argv[i]);
    gh_op_action(r, t, op, &list, NULL);
}

void gh_op_tool(struct gh_run *r, struct gh_task *t, struct op *op, const struct strs *argv, const struct map *extra,
                bool capture)
{
    buf_clear(&t->capture);
    t->capturing = capture;
    exec(r, t, op, argv, extra);
}

void gh_op_other(struct gh_run *r, struct gh_task *t, struct op *op, enum op_kind kind)
{
    t->capturing = false;
    op_init(r, t, op, kind);
}

void gh_op_read(struct gh_run *r, struct gh_task *t, struct op *op, const struct strs *files)
{
    gh_op_other(r, t, op, OP_FILES);
    op->reads = arena_array(r->arena, files->n, sizeof *op->reads);
    for (size_t i = 0; i < files->n; i++)
        op->reads[i] = files->p[i];
    op->n_reads = files->n;
    op->read_max = GH_FILE_MAX;
}

bool gh_ended(struct gh_task *t, const struct op_end *end)
{
    switch (end->how) {
    case OP_EXITED:
    case OP_SIGNALLED:
        t->status = gh_exit_status(end);
        return true;
    case OP_TIMED_OUT:
        timed_out(t);
        return false;
    case OP_STOPPED:
        break;
    case OP_NOT_STARTED:
        if (!t->run->cancelled) {
            gh_fail(t, "%s", end->err.text[0] != '\0' ? end->err.text : "it could not be started");
            return false;
        }
        break;
    }
    t->result = RESULT_CANCELLED;
    t->error = STR("The operation was canceled.");
    return false;
}

int gh_exit_status(const struct op_end *end)
{
    return end->how == OP_SIGNALLED ? 128 + end->status : end->status;
}

void gh_fail(struct gh_task *t, const char *fmt, ...)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    va_list args;
    if (t->result != RESULT_NONE)
        return;
    va_start(args, fmt);
    buf_vprintf(&b, fmt, args);
    va_end(args);
    t->result = RESULT_FAILURE;
    t->error = arena_str(t->run->arena, buf_str(&b));
}
