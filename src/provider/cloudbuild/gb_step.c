/*
 * gb_step.c - one step: when it may start (waitFor), its program, its folder, what it sees of the build's root.
 *
 * A step is a process in a fresh root: /workspace, the home and its volumes are shared, all else is as this machine has
 * it and vanishes with the step (specification 10).
 */
#include "core/base.h"
#include "provider/cloudbuild/run_priv.h"

#include "core/path.h"
#include "doc/source.h"

/* ---- waitFor ---- */

static void wait_for(struct gb_task *t, struct str id)
{
    for (size_t i = 0; i < t->index; i++) {
        if (str_eq(t->run->build->steps[i].id.text, id))
            t->waits[t->n_waits++] = i;
    }
}

/* Absent or empty: all before it. "-" beside ids has no effect (cloud-build-local, waitChansForStep). */
static void read_waits(struct gb_task *t)
{
    const struct gb_texts *w = &t->def->wait_for;
    t->waits_all = w->n == 0;
    t->waits = arena_array(t->run->arena, t->index + 1, sizeof *t->waits);
    for (size_t i = 0; i < w->n && t->n_waits < t->index; i++)
        if (!str_is(w->p[i].text, "-"))
            wait_for(t, w->p[i].text);
}

static void init_task(struct gb_run *r, size_t i)
{
    const struct job *j = r->leg->job;
    struct gb_task *t = &r->tasks[i];
    *t = (struct gb_task){.run = r, .def = &r->build->steps[i], .index = i, .number = (unsigned)i + 1, .exit_code = -1};
    t->name = t->def->id.text.n > 0 ? t->def->id.text : t->def->name.text;
    if (i < j->n_steps && j->steps[i].name.n > 0)
        t->name = j->steps[i].name;
    if (r->model->sources != NULL)
        t->line = sources_place(r->model->sources, t->def->span).line;
    if (r->build->n_steps > 1) {
        struct str label = gb_task_label(r->arena, t);
        t->prefix = arena_printf(r->arena, "%.*s: ", STR_ARG(label));
    }
    t->outputs = arena_printf(r->arena, "%.*s/%zu", STR_ARG(r->outputs), i);
    read_waits(t);
}

void gb_tasks_init(struct gb_run *r)
{
    r->n_tasks = r->build->n_steps;
    r->tasks = arena_array(r->arena, r->n_tasks + 1, sizeof *r->tasks);
    for (size_t i = 0; i < r->n_tasks; i++)
        init_task(r, i);
}

bool gb_task_over(const struct gb_task *t)
{
    return t->closed;
}

/* Those that failed do not count: a step is only done when it succeeded, or was allowed not to. */
static bool is_done(const struct gb_task *t)
{
    return t->status == GB_SUCCESS || t->status == GB_LEFT_OUT || t->allowed;
}

bool gb_task_ready(const struct gb_task *t)
{
    if (t->waits_all)
        return t->run->first_open >= t->index;
    for (size_t i = 0; i < t->n_waits; i++)
        if (!is_done(&t->run->tasks[t->waits[i]]))
            return false;
    return true;
}

/* ---- what it runs ---- */

struct str gb_workdir(struct arena *a, struct str workspace, struct str dir)
{
    return path_clean(a, path_join(a, workspace, dir));
}

static struct str script_path(const struct gb_task *t)
{
    return arena_printf(t->run->arena, "%.*s/script-%zu", STR_ARG(t->run->temp), t->index);
}

static void add_args(const struct gb_task *t, struct strs *to)
{
    for (size_t i = 0; i < t->def->args.n; i++)
        vec_push_in(t->run->arena, to, t->def->args.p[i].text);
}

/* The image's program, its arguments or those that stand for none. */
static void add_image_command(const struct gb_task *t, struct strs *to)
{
    const struct gb_standin *s = &t->standin;
    struct arena *a = t->run->arena;
    if (s->entrypoint.n > 0)
        vec_push_in(a, to, s->entrypoint);
    else if (s->dash.n > 0 && t->def->args.n > 0 && str_starts(t->def->args.p[0].text, STR("-")))
        vec_push_in(a, to, s->dash);
    add_args(t, to);
    for (size_t i = 0; t->def->args.n == 0 && i < s->cmd.n; i++)
        vec_push_in(a, to, s->cmd.p[i]);
}

int gb_task_argv(const struct gb_task *t, struct strs *ret, struct err *e)
{
    struct strs argv = {0};
    if (t->def->has_script) {
        vec_push_in(t->run->arena, &argv, script_path(t));
    } else if (t->def->entrypoint.text.n > 0) {
        vec_push_in(t->run->arena, &argv, t->def->entrypoint.text);
        add_args(t, &argv);
    } else {
        add_image_command(t, &argv);
    }
    if (argv.n == 0 || argv.p[0].n == 0)
        return err_set(e, EINVAL, "no command specified: neither args nor an entrypoint");
    *ret = argv;
    return 0;
}

/* ---- what it sees ---- */

static struct str volume_path(const struct gb_run *r, const struct gb_volume *v)
{
    return path_join(r->arena, r->volumes, v->name.text);
}

static void share(const struct gb_run *r, struct op *op, struct str from, struct str to, bool read_only)
{
    struct op_share *all = arena_array(r->arena, op->n_shares + 1, sizeof *all);
    if (op->n_shares > 0)
        memcpy(all, op->shares, op->n_shares * sizeof *all);
    all[op->n_shares++] = (struct op_share){.from = from, .to = to, .read_only = read_only};
    op->shares = all;
}

static void share_volumes(const struct gb_run *r, struct op *op, const struct gb_volumes *v)
{
    for (size_t i = 0; i < v->n; i++)
        share(r, op, volume_path(r, &v->p[i]), path_clean(r->arena, v->p[i].path.text), false);
}

static void add_shares(const struct gb_task *t, struct op *op)
{
    const struct gb_run *r = t->run;
    op->fresh_root = true;
    if (r->plain)
        return; /* one root: everything is seen as it lies */
    share(r, op, r->workspace, r->workspace, false);
    share(r, op, r->home, r->home, false);
    share(r, op, t->outputs, STR(GB_OUTPUTS), false);
    if (t->def->has_script)
        share(r, op, script_path(t), script_path(t), true);
    if (t->python != NULL && t->python->phase == GB_TOOL_SHARED)
        share(r, op, t->python->tool.location, t->python->tool.location, false);
    share_volumes(r, op, &r->build->options.volumes);
    share_volumes(r, op, &t->def->volumes);
}

/* Without a line that names its interpreter a script is one of /bin/sh. */
static void add_script(const struct gb_task *t, struct op *op)
{
    struct arena *a = t->run->arena;
    struct str text = t->def->script.text, head = STR("#!/bin/sh\n");
    if (!str_starts(text, STR("#!"))) {
        char *p = arena_alloc(a, head.n + text.n + 1);
        memcpy(p, head.p, head.n);
        if (text.n > 0)
            memcpy(p + head.n, text.p, text.n);
        text = str_of(p, head.n + text.n);
    }
    op->writes = arena_array(a, 1, sizeof *op->writes);
    op->writes[op->n_writes++] = (struct op_file){.path = script_path(t), .text = text, .mode = 0755};
}

static void take_env(struct op *op, const struct strs *env)
{
    op->env = env->p;
    op->n_env = env->n;
}

static struct str place_of(const struct gb_task *t)
{
    struct gb_run *r = t->run;
    struct str dir = t->def->dir.text;
    if (r->plain && path_is_abs(dir) && (path_under(dir, STR("/workspace")) || path_under(dir, STR("/builder"))))
        dir = arena_printf(r->arena, "%.*s%.*s", STR_ARG(r->prefix), STR_ARG(dir));
    return gb_workdir(r->arena, r->workspace, dir);
}

static enum drive run_op(struct gb_task *t, struct op *op)
{
    struct gb_run *r = t->run;
    struct strs argv, env = gb_env_of(t);
    struct err err = {0};
    if (gb_task_argv(t, &argv, &err) < 0) {
        gb_task_close(t, GB_FAILURE, arena_cstr(r->arena, err.text));
        return DRIVE_DONE;
    }
    *op = (struct op){.kind = OP_EXEC, .token = t->token = gb_token(r), .step = t->number};
    op->argv = argv.p;
    op->n_argv = argv.n;
    take_env(op, &env);
    op->cwd = place_of(t);
    op->timeout_ns = t->def->timeout_ns;
    op->reads = arena_array(r->arena, 1, sizeof *op->reads);
    op->reads[op->n_reads++] = path_join(r->arena, t->outputs, STR("output"));
    op->read_max = GB_OUTPUT_READ;
    if (t->def->has_script)
        add_script(t, op);
    add_shares(t, op);
    return DRIVE_OP;
}

/* ---- the way there ---- */

/* Docker makes the folder that a container starts in; only what is shared needs it made here, the rest dies anyway. */
static bool needs_folder(const struct gb_task *t)
{
    struct gb_run *r = t->run;
    struct str place = place_of(t);
    bool shared = path_under(place, r->workspace) || path_under(place, r->home);
    return shared && !str_eq(place, r->workspace) && !str_eq(place, r->home);
}

void gb_folders_op(struct gb_run *r, const struct strs *folders, struct op *op)
{
    struct strs env = gb_env_own(r);
    op->kind = OP_EXEC;
    op->argv = arena_array(r->arena, folders->n + 3, sizeof *op->argv);
    op->argv[op->n_argv++] = STR("mkdir");
    op->argv[op->n_argv++] = STR("-p");
    op->argv[op->n_argv++] = STR("--");
    for (size_t i = 0; i < folders->n; i++)
        op->argv[op->n_argv++] = folders->p[i];
    take_env(op, &env);
    op->cwd = STR("/");
}

static enum drive folder_op(struct gb_task *t, struct op *op)
{
    struct str place = place_of(t);
    *op = (struct op){.token = t->token = gb_token(t->run), .step = t->number};
    gb_folders_op(t->run, &(struct strs){.p = &place, .n = 1}, op);
    return DRIVE_OP;
}

/* It goes on without what the other one would have made, which its log says in front. */
static void tell_left_out(const struct gb_task *t)
{
    for (size_t i = 0; i < t->n_waits; i++) {
        const struct gb_task *other = &t->run->tasks[t->waits[i]];
        if (other->status == GB_LEFT_OUT)
            gb_say_in(t, "it waits for \"%.*s\", which was skipped: what that makes is not here",
                      STR_ARG(other->def->id.text));
    }
}

void gb_task_open(struct gb_task *t)
{
    struct gb_run *r = t->run;
    struct strs argv = {0};
    t->status = GB_WORKING;
    bool shown = !t->def->has_script && gb_task_argv(t, &argv, NULL) == 0;
    gb_say_started(t, shown ? gb_command_line(r->arena, &argv) : STR(""));
    struct str label = gb_task_label(r->arena, t);
    if (r->n_tasks > 1)
        gb_say(r, t->number, "Starting %.*s", STR_ARG(label));
    gb_say_in(t, "stand-in for %.*s: %.*s", STR_ARG(t->def->name.text), STR_ARG(t->standin.note));
    tell_left_out(t);
    gb_tool_want(t);
}

static bool tool_ready(const struct gb_python *p)
{
    return p == NULL || p->phase == GB_TOOL_READY || p->phase == GB_TOOL_SHARED;
}

enum drive gb_task_next(struct gb_task *t, struct op *op)
{
    if (t->token != 0)
        return DRIVE_WAIT;
    if (t->phase == GB_TASK_TOOL) {
        enum drive drive = t->python != NULL ? gb_tool_next(t->run, t->python, op) : DRIVE_DONE;
        if (drive != DRIVE_DONE)
            return drive;
        if (!tool_ready(t->python)) {
            gb_task_close(t, GB_FAILURE, arena_cstr(t->run->arena, t->python->tool.err.text));
            return DRIVE_DONE;
        }
        t->phase = needs_folder(t) ? GB_TASK_FOLDER : GB_TASK_RUN;
    }
    return t->phase == GB_TASK_FOLDER ? folder_op(t, op) : run_op(t, op);
}
