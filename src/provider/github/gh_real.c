/*
 * gh_real.c - a step that uses an action which is no native one: gets it when that has not been done, settles its
 * inputs, and goes on as what the action's manifest says that it is.
 */
#include "core/base.h"
#include "provider/github/gh_run_priv.h"

#include "core/buf.h"
#include "core/vec.h"

/* ---- inputs ---- */

static void warn_unexpected(struct gh_task *t)
{
    const struct gh_manifest *m = t->got->manifest;
    CLEAN(buf) struct buf wrong = BUF(BUF_LINE), right = BUF(BUF_LINE);
    for (size_t i = 0; i < t->with->object.n; i++) {
        struct str key = t->with->object.entries[i].key;
        if (gh_manifest_input(m, key) == NULL)
            buf_printf(&wrong, "%s'%.*s'", wrong.n > 0 ? ", " : "", STR_ARG(key));
    }
    if (wrong.n == 0)
        return;
    for (size_t i = 0; i < m->inputs.n; i++)
        buf_printf(&right, "%s'%.*s'", i > 0 ? ", " : "", STR_ARG(m->inputs.p[i].id));
    gh_complain(t, LEVEL_WARNING, "Unexpected input(s) %s, valid inputs are [%s]", buf_cstr(&wrong), buf_cstr(&right));
}

/* What was not given gets its default, which may ask for the step's contexts; else it is the empty text. */
static void add_defaults(struct gh_task *t)
{
    const struct gh_manifest *m = t->got->manifest;
    struct gh_eye eye = {t->run, t};
    struct gh_scope scope = gh_eye_scope(&eye);
    for (size_t i = 0; i < m->inputs.n; i++) {
        const struct gh_action_input *in = &m->inputs.p[i];
        struct str text = STR_NONE;
        struct err err = {0};
        if (map_find(&t->with->object, in->id) != NULL) {
            if (in->deprecated.n > 0 && !t->early && t->main == NULL)
                gh_complain(t, LEVEL_WARNING, "Input '%.*s' has been deprecated with message: %.*s", STR_ARG(in->id),
                            STR_ARG(in->deprecated));
            continue;
        }
        if (gh_text_string(t->run->arena, &in->def, &scope, &text, &err) < 0) {
            gh_fail(t, "inputs.%.*s.default: %s", STR_ARG(in->id), err.text);
            return;
        }
        value_set(t->with, in->id, value_string(t->run->arena, text.p != NULL ? text : STR("")));
    }
}

void gh_real_inputs(struct gh_task *t)
{
    if (!t->early)
        warn_unexpected(t);
    add_defaults(t);
}

/* ---- what it is ---- */

static void refuse(struct gh_task *t, const char *why)
{
    struct gh_run *r = t->run;
    if (!r->facts->skip_unknown) {
        gh_fail(t, "%s", why);
        return;
    }
    gh_note(r, t->number, HOW_SKIPPED, t->def->uses, str_from(why));
    t->result = RESULT_SKIPPED;
    t->error = arena_cstr(r->arena, why);
}

void gh_refuse_container(struct gh_task *t)
{
    struct str why = arena_printf(t->run->arena, "'%.*s' needs a container engine, which this version does not have",
                                  STR_ARG(t->def->uses));
    refuse(t, why.p);
}

/* Its manifest is known, or why there is none: what runs from here on. */
static void become(struct gh_run *r, struct gh_task *t)
{
    const struct gh_got *g = t->got;
    UNUSED(r);
    t->phase = 0;
    t->impl = NULL;
    if (g->error.n > 0 && g->missing)
        refuse(t, g->error.p);
    else if (g->error.n > 0)
        gh_fail(t, "%.*s", STR_ARG(g->error));
    else if (g->container)
        gh_refuse_container(t);
    if (t->result != RESULT_NONE)
        return;
    gh_real_inputs(t);
    gh_say_inputs(t);
    t->action = g->manifest->using == GH_USING_NODE ? &gh_javascript : &gh_composite;
    if (g->local && g->manifest->using == GH_USING_NODE && g->manifest->pre.n > 0)
        gh_complain(t, LEVEL_WARNING, "`pre` execution is not supported for local action from '%.*s'",
                    STR_ARG(g->label));
}

static enum drive real_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    struct gh_errand *errand = t->impl;
    if (t->frame->depth > GH_DEPTH_MAX) {
        gh_fail(t, "Composite action depth exceeded max depth %d", GH_DEPTH_MAX);
        return DRIVE_DONE;
    }
    if (errand == NULL) {
        errand = t->impl = ARENA_NEW(r->arena, struct gh_errand);
        gh_errand_add(r, errand, t->got);
    }
    if (gh_errand_next(r, t, op, errand) == DRIVE_OP)
        return DRIVE_OP;
    become(r, t);
    return t->result == RESULT_NONE ? t->action->next(r, t, op) : DRIVE_DONE;
}

static void real_exited(struct gh_run *r, struct gh_task *t, const struct op_end *end)
{
    gh_errand_exited(r, t, end, t->impl);
}

const struct gh_action gh_real = {.name = "uses", .next = real_next, .exited = real_exited};
