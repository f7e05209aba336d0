/*
 * gh_composite.c - composite actions (specification 10.6): a frame of steps that sees the action's inputs and its own
 * steps, in the environment of the step that uses it. The service shows them as one step with a group for each of
 * theirs; so does slipway, and tells the place of what failed in them.
 */
#include "core/base.h"
#include "provider/github/gh_run_priv.h"

/* What failed first in it, of what was not forgiven. */
struct composite {
    struct gh_task *failed; /* NULL: nothing yet */
};

void gh_composite_frame(struct gh_run *r, struct gh_task *t)
{
    const struct gh_manifest *m = t->got->manifest;
    struct gh_frame *f = ARENA_NEW(r->arena, struct gh_frame);
    const struct map *layers[] = {&t->frame->env, &t->env};
    gh_frame_init(r, f, t);
    f->steps = m->steps;
    f->n_steps = m->n_steps;
    f->sources = m->sources;
    f->file = m->file;
    f->inputs = t->with;
    f->got = t->got;
    for (size_t i = 0; i < ARRAY_LEN(layers); i++) {
        for (size_t k = 0; k < layers[i]->n; k++)
            map_set(&f->env, layers[i]->entries[k].key, layers[i]->entries[k].value);
    }
    t->inner = f;
}

static void begin(struct gh_run *r, struct gh_task *t)
{
    const struct gh_frame *early = t->before != NULL ? t->before->inner : NULL;
    t->impl = ARENA_NEW(r->arena, struct composite);
    gh_composite_frame(r, t);
    if (early != NULL)
        t->inner->early = early->early;
}

void gh_composite_closed(struct gh_task *owner, struct gh_task *t)
{
    struct composite *c = owner->impl;
    if (t->result != RESULT_FAILURE)
        return;
    if (t->inner == NULL) /* a composite action in it has told already what failed */
        gh_annotate(t,
                    &(struct gh_annotation){.level = LEVEL_ERROR, .text = t->error, .file = t->file, .line = t->line});
    if (t->conclusion == RESULT_FAILURE && c->failed == NULL)
        c->failed = t;
}

/* Outputs are mapped whatever came of the steps. */
static void map_outputs(struct gh_run *r, struct gh_task *t)
{
    const struct gh_manifest *m = t->got->manifest;
    struct gh_task *inside = ARENA_NEW(r->arena, struct gh_task);
    *inside = (struct gh_task){.run = r, .frame = t->inner, .world = t->inner->world, .def = t->def, .got = t->got};
    map_init(&inside->env, r->arena, MAP_CASE);
    inside->arena = gh_task_arena(t);
    struct gh_eye eye = {r, inside};
    struct gh_scope scope = gh_eye_scope(&eye);
    for (size_t i = 0; i < m->outputs.n; i++) {
        const struct gh_action_output *o = &m->outputs.p[i];
        struct str text = STR_NONE;
        struct err err = {0};
        if (gh_text_string(r->arena, &o->value, &scope, &text, &err) < 0) {
            gh_fail(t, "outputs.%.*s: %s", STR_ARG(o->id), err.text);
            continue;
        }
        value_set(t->outputs, o->id, value_string(r->arena, text.p != NULL ? text : STR("")));
    }
}

static void conclude(struct gh_task *t)
{
    const struct composite *c = t->impl;
    const struct gh_task *failed = c->failed;
    if (failed != NULL) {
        t->status = failed->status;
        gh_fail(t, "%.*s: %.*s", STR_ARG(failed->name), STR_ARG(failed->error));
        t->file = failed->file;
        t->line = failed->line;
    } else if (t->result == RESULT_NONE && (t->stopped || t->inner->worst == RESULT_CANCELLED)) {
        t->result = RESULT_CANCELLED;
        t->error = STR("The operation was canceled.");
    }
}

static enum drive composite_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    if (t->inner == NULL)
        begin(r, t);
    enum drive drive = gh_frame_next(r, t->inner, op);
    if (drive != DRIVE_DONE)
        return drive;
    map_outputs(r, t);
    conclude(t);
    return DRIVE_DONE;
}

/* Its ops are those of its steps. */
static void composite_exited(struct gh_run *r, struct gh_task *t, const struct op_end *end)
{
    UNUSED(r);
    gh_ended(t, end);
}

const struct gh_action gh_composite = {.name = "composite", .next = composite_next, .exited = composite_exited};
