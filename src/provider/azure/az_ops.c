/*
 * az_ops.c - ops of tasks. All that goes into one lives in run->scratch, until the next is made.
 */
#include "core/base.h"
#include "provider/azure/agent_priv.h"

#include "core/path.h"
#include "provider/process.h"

#include <signal.h>

/* The agent's own: SIGINT, 7.5 s, SIGTERM, 2.5 s, then the process tree is killed. */
static const struct stop_stage LADDER[] = {{SIGINT, 7500000000}, {SIGTERM, 2500000000}};

void az_op_init(struct az_task_run *t, struct op *op, enum op_kind kind)
{
    *op = (struct op){.kind = kind, .token = ++t->run->token, .step = t->number};
    op->ladder = LADDER;
    op->n_ladder = ARRAY_LEN(LADDER);
    op->read_max = AZ_READ_MAX;
}

static void add_env(struct az_run *r, struct op *op, struct str variable)
{
    struct strs *env = &az_agent(r)->env;
    vec_push_in(r->scratch, env, variable);
    op->env = env->p;
    op->n_env = env->n;
}

void az_op_exec(struct az_task_run *t, struct op *op, const struct str *argv, size_t n)
{
    struct az_run *r = t->run;
    struct str folder = az_var(r, "System.DefaultWorkingDirectory");
    az_op_init(t, op, OP_EXEC);
    az_agent(r)->env = az_env_of(t, r->scratch);
    op->env = az_agent(r)->env.p;
    op->n_env = az_agent(r)->env.n;
    op->argv = arena_array(r->scratch, n, sizeof *op->argv);
    for (size_t i = 0; i < n; i++)
        op->argv[i] = argv[i];
    op->n_argv = n;
    op->cwd = folder.n > 0 ? folder : r->sources;
}

void az_op_write(struct az_task_run *t, struct op *op, struct str path, struct str text, unsigned mode)
{
    if (op->token == 0)
        az_op_init(t, op, OP_FILES);
    struct op_file *all = arena_array(t->run->scratch, op->n_writes + 1, sizeof *all);
    for (size_t i = 0; i < op->n_writes; i++)
        all[i] = op->writes[i];
    all[op->n_writes++] = (struct op_file){.path = path, .text = text, .mode = mode};
    op->writes = all;
}

void az_op_read(struct az_task_run *t, struct op *op, struct str path, size_t max)
{
    if (op->token == 0)
        az_op_init(t, op, OP_FILES);
    struct str *all = arena_array(t->run->scratch, op->n_reads + 1, sizeof *all);
    for (size_t i = 0; i < op->n_reads; i++)
        all[i] = op->reads[i];
    all[op->n_reads++] = path;
    op->reads = all;
    op->read_max = max;
}

/* One that is there is replaced. */
void az_op_env(struct az_task_run *t, struct op *op, struct str name, struct str value)
{
    struct str variable = process_variable(t->run->scratch, name, value);
    if (!process_can_have(name, value))
        return;
    for (size_t i = 0; i < op->n_env; i++) {
        struct str key, rest;
        str_cut(op->env[i], '=', &key, &rest);
        if (str_eq(key, name)) {
            op->env[i] = variable;
            return;
        }
    }
    add_env(t->run, op, variable);
}

static bool exec_good(struct az_task_run *t, const struct op_end *end, const char *what)
{
    t->status = end->how == OP_SIGNALLED ? 128 + end->status : end->status;
    if (t->status != 0)
        az_fail(t, "%s exited with code '%d'.", what, t->status);
    return t->status == 0;
}

bool az_op_good(struct az_task_run *t, const struct op_end *end, const char *what)
{
    const struct az_step_run *s = az_step_of(t);
    switch (end->how) {
    case OP_EXITED:
    case OP_SIGNALLED:
        return exec_good(t, end, what);
    case OP_TIMED_OUT:
        if (!s->timed_out) /* a limit of the task's own */
            az_fail(t, "%s: its time is over", what);
        return false;
    case OP_STOPPED:
        return false; /* the agent says so */
    case OP_NOT_STARTED:
        break;
    }
    az_fail(t, "%s: %s", what, end->err.text[0] != '\0' ? end->err.text : "it could not be started");
    return false;
}

struct str az_script_path(struct az_run *r, const char *extension)
{
    char uuid[37];
    r->host->uuid(r->host->ctx, uuid);
    return arena_printf(r->arena, "%.*s/%s.%s", STR_ARG(r->temp), uuid, extension);
}
