/*
 * az_later.c - what logging commands asked for and only an op can do, in order, when the process has ended: a summary
 * is read, a file is left on this machine, a task of slipway's own makes an artifact or reads a report.
 */
#include "core/base.h"
#include "provider/azure/agent_priv.h"

#include "core/path.h"

/* ---- a task for a command ---- */

/* It has the step's number, so that all it says is the step's. */
static struct az_step_run *sub_task(struct az_step_run *s, const struct az_later *l)
{
    struct az_run *r = s->t.run;
    struct az_step *step = ARENA_NEW(r->arena, struct az_step);
    struct az_step_run *sub = ARENA_NEW(r->arena, struct az_step_run);
    step->task = l->name;
    step->enabled = true;
    step->inputs = l->inputs;
    map_init(&step->env, r->arena, MAP_CASE);
    sub->t.run = r;
    sub->t.step = step;
    sub->t.number = s->t.number;
    sub->t.status = -1;
    sub->t.result = AZ_SUCCEEDED;
    sub->t.task = az_task_find(l->name, STR(""));
    sub->name = s->name;
    sub->condition = s->condition;
    map_init(&sub->t.task_vars, r->arena, MAP_NOCASE);
    return sub;
}

/* True: op is its next one. False: it is over, and its failure is the step's. */
static bool sub_op(struct az_step_run *s, const struct az_later *l, struct op *op)
{
    if (s->sub == NULL) {
        s->sub = sub_task(s, l);
        if (s->sub->t.task == NULL) {
            az_command_failed(s, l->line, "slipway has no task that does this");
            s->sub = NULL;
            return false;
        }
        az_step_inputs(s->sub);
    }
    *op = (struct op){0};
    if (s->sub->t.result != AZ_FAILED && s->sub->t.task->next(&s->sub->t, op) == DRIVE_OP)
        return true;
    if (s->sub->t.result == AZ_FAILED) {
        s->completed = az_step_merge(s->completed, AZ_FAILED);
        if (s->t.error.n == 0)
            s->t.error = s->sub->t.error;
    }
    s->sub = NULL;
    return false;
}

/* ---- ops ---- */

static void attach_op(struct az_step_run *s, const struct az_later *l, struct op *op)
{
    struct az_run *r = s->t.run;
    struct op_exported *file = ARENA_NEW(r->scratch, struct op_exported);
    az_op_init(&s->t, op, OP_EXPORT);
    *file = (struct op_exported){l->path, l->name};
    op->export.name = arena_printf(r->scratch, "attachments/%u-%u", s->t.number, ++az_agent(r)->attachments);
    op->export.files = file;
    op->export.n_files = 1;
}

bool az_later_op(struct az_step_run *s, struct op *op)
{
    while (s->next_later < s->laters.n && !s->stopped) {
        const struct az_later *l = &s->laters.p[s->next_later];
        az_scratch(s->t.run);
        *op = (struct op){0};
        switch (l->kind) {
        case AZ_LATER_SUMMARY:
            az_op_read(&s->t, op, l->path, AZ_READ_MAX);
            return true;
        case AZ_LATER_ATTACH:
            attach_op(s, l, op);
            return true;
        case AZ_LATER_TASK:
            if (sub_op(s, l, op))
                return true;
            s->next_later++;
            break;
        }
    }
    return false;
}

/* ---- what came of them ---- */

static void take_summary(struct az_step_run *s, const struct az_later *l, const struct op_end *end)
{
    if (end->reads == NULL || end->reads[0].p == NULL) {
        az_command_failed(s, l->line,
                          "Cannot upload task attachment file, attachment file location is not specified or "
                          "attachment file does not exist on disk.");
        return;
    }
    az_emit(s->t.run, &(struct event){.kind = EVENT_SUMMARY, .step = s->t.number, .text = end->reads[0]});
}

static void take_attachment(struct az_step_run *s, const struct az_later *l, const struct op_end *end)
{
    if (end->how != OP_EXITED) {
        az_command_failed(s, l->line, end->err.text);
        return;
    }
    az_emit(s->t.run, &(struct event){.kind = EVENT_ARTIFACT,
                                      .step = s->t.number,
                                      .name = l->name,
                                      .text = end->matched,
                                      .number = (int64_t)end->size});
}

void az_later_exited(struct az_step_run *s, const struct op_end *end)
{
    const struct az_later *l = &s->laters.p[s->next_later];
    if (end->how == OP_STOPPED) {
        s->stopped = true;
        return;
    }
    switch (l->kind) {
    case AZ_LATER_SUMMARY:
        take_summary(s, l, end);
        break;
    case AZ_LATER_ATTACH:
        take_attachment(s, l, end);
        break;
    case AZ_LATER_TASK:
        s->sub->t.task->exited(&s->sub->t, end);
        return; /* it may have more to do */
    }
    s->next_later++;
}
