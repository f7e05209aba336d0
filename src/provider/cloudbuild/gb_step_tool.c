/*
 * gb_step_tool.c - the Pythons of a build: one virtual environment a version, made before the first step that needs it,
 * shown copy-on-write in the root of every step: what a step installs in it is gone with the step, as in a container.
 *
 * One that is made in this run lies in the build's own root, where no step sees it. It was kept for later runs, so it
 * is taken away and shown like any other; where nothing can be kept, steps share the one that was made.
 */
#include "core/base.h"
#include "provider/cloudbuild/run_priv.h"

static struct str location_of(const struct gb_run *r, const struct interpreter *it)
{
    return arena_printf(r->arena, "%.*s" GB_TOOLS "/python-%.*s", STR_ARG(r->prefix), STR_ARG(it->version));
}

static struct gb_python *find(const struct gb_run *r, const struct interpreter *it)
{
    for (size_t i = 0; i < r->pythons.n; i++)
        if (r->pythons.p[i]->tool.found == it)
            return r->pythons.p[i];
    return NULL;
}

static struct gb_python *make(struct gb_run *r, const struct gb_task *t)
{
    struct gb_python *p = ARENA_NEW(r->arena, struct gb_python);
    struct strs env = gb_env_own(r);
    p->step = t->number;
    p->tool = (struct tool){.arena = r->arena,
                            .facts = r->facts,
                            .found = t->standin.tool,
                            .location = location_of(r, t->standin.tool),
                            .root = r->workspace,
                            .user_site = true,
                            .plain = r->plain,
                            .env = env.p,
                            .n_env = env.n};
    tool_init(&p->tool);
    vec_push_in(r->arena, &r->pythons, p);
    return p;
}

bool gb_tool_is_wanted(const struct gb_task *t)
{
    return t->standin.tool != NULL && str_is(t->standin.tool->tool, "python");
}

void gb_tool_want(struct gb_task *t)
{
    struct gb_run *r = t->run;
    if (!gb_tool_is_wanted(t))
        return;
    t->python = find(r, t->standin.tool);
    if (t->python == NULL)
        t->python = make(r, t);
}

static void clear_op(struct gb_python *p, struct op *op)
{
    struct arena *a = p->tool.arena;
    op->kind = OP_EXEC;
    op->argv = arena_array(a, 4, sizeof *op->argv);
    op->argv[op->n_argv++] = STR("rm");
    op->argv[op->n_argv++] = STR("-rf");
    op->argv[op->n_argv++] = STR("--");
    op->argv[op->n_argv++] = p->tool.location;
    op->env = (struct str *)(uintptr_t)p->tool.env; /* ops take what they do not change */
    op->n_env = p->tool.n_env;
    op->cwd = STR("/");
}

/* Made or found: what is left to do? */
static void got(struct gb_python *p, bool made)
{
    if (p->tool.phase == TOOL_FAILED)
        p->phase = GB_TOOL_FAILED;
    else if (p->tool.phase == TOOL_READY)
        p->phase = made && !p->tool.plain ? GB_TOOL_CLEAR : GB_TOOL_READY;
}

enum drive gb_tool_next(struct gb_run *r, struct gb_python *p, struct op *op)
{
    if (p->token != 0)
        return DRIVE_WAIT;
    *op = (struct op){0};
    switch (p->phase) {
    case GB_TOOL_GET:
    case GB_TOOL_SHOW:
        if (!tool_next(&p->tool, op))
            BUG("a python is neither under way nor ready");
        break;
    case GB_TOOL_CLEAR:
        clear_op(p, op);
        break;
    case GB_TOOL_READY:
    case GB_TOOL_SHARED:
    case GB_TOOL_FAILED:
        return DRIVE_DONE;
    }
    op->token = p->token = gb_token(r);
    op->step = p->step;
    return DRIVE_OP;
}

/* It is there but cannot be shown anew: what steps install in it stays, which is told. */
static void shared(struct gb_run *r, struct gb_python *p)
{
    p->phase = GB_TOOL_SHARED;
    gb_note(r, p->step, HOW_EMULATED, p->tool.location,
            STR("could not be kept, so that steps share it: what one installs, the next one sees"));
}

void gb_tool_exited(struct gb_run *r, struct gb_python *p, const struct op_end *end)
{
    bool good = end->how == OP_EXITED && end->status == 0;
    enum tool_phase before = p->tool.phase;
    p->token = 0;
    switch (p->phase) {
    case GB_TOOL_GET:
        tool_exited(&p->tool, end);
        got(p, before == TOOL_KEEP);
        if (p->phase == GB_TOOL_CLEAR && !good)
            shared(r, p);
        break;
    case GB_TOOL_CLEAR:
        tool_init(&p->tool);
        p->phase = GB_TOOL_SHOW;
        break;
    case GB_TOOL_SHOW: /* a miss makes it once more, where it lies */
        tool_exited(&p->tool, end);
        if (p->tool.phase == TOOL_FAILED)
            p->phase = GB_TOOL_FAILED;
        else if (p->tool.phase == TOOL_READY && before == TOOL_KEPT)
            p->phase = GB_TOOL_READY;
        else if (p->tool.phase == TOOL_READY)
            shared(r, p);
        break;
    case GB_TOOL_READY:
    case GB_TOOL_SHARED:
    case GB_TOOL_FAILED:
        break;
    }
}
