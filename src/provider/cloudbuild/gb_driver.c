/*
 * gb_driver.c - plan/driver.h for Cloud Build: a build is one leg, whose steps are processes side by side, each in a
 * root of its own (specification 10). Which may start is waitFor's business (gb_step.c); the first failure ends all.
 */
#include "core/base.h"
#include "provider/cloudbuild/run_priv.h"

#include "core/path.h"

/* ---- begin ---- */

static struct str under(const struct gb_run *r, const char *path)
{
    return arena_printf(r->arena, "%.*s%s", STR_ARG(r->prefix), path);
}

static void volume_dirs(const struct gb_run *r, const struct gb_volumes *v, struct leg_room *room)
{
    for (size_t i = 0; i < v->n; i++)
        vec_push_in(r->arena, &room->dirs, path_join(r->arena, r->volumes, v->p[i].name.text));
}

/*
 * The service's places, and beside them what steps see elsewhere: volumes and the folder of all outputs. Each step's
 * own folder in there is made later: the fewer folders a room has, the sooner a root is made like it. Outputs lie in
 * memory: hundreds of folders on disk take long to remove, and a few kilobytes of each are all that is kept.
 */
static void place_rooms(struct gb_run *r, struct leg_room *room)
{
    r->home = under(r, "/builder/home");
    r->workspace = under(r, "/workspace");
    r->temp = under(r, "/builder/.slipway");
    r->outputs = path_join(r->arena, r->temp, STR("outputs"));
    r->volumes = under(r, "/cloudbuild/volumes");
    room->home = r->home;
    room->workspace = r->workspace;
    room->temp = r->temp;
    vec_push_in(r->arena, &room->dirs, r->outputs);
    volume_dirs(r, &r->build->options.volumes, room);
    for (size_t i = 0; i < r->build->n_steps; i++)
        volume_dirs(r, &r->build->steps[i].volumes, room);
}

/* True: some image is one of Python's. */
static bool find_standins(struct gb_run *r)
{
    bool python = false;
    for (size_t i = 0; i < r->n_tasks; i++) {
        struct gb_task *t = &r->tasks[i];
        struct err err = {0};
        if (gb_standin_find(r->arena, t->def->name.text, r->facts, &t->standin, &err) < 0)
            t->lacks = arena_cstr(r->arena, err.text);
        else
            python = python || gb_tool_is_wanted(t);
    }
    return python;
}

/* In a plain sandbox nothing can be shown at another place than it lies. */
static int check_volumes(const struct gb_run *r, struct err *e)
{
    bool any = r->build->options.volumes.n > 0;
    for (size_t i = 0; i < r->build->n_steps && !any; i++)
        any = r->build->steps[i].volumes.n > 0;
    if (!any || !r->plain)
        return 0;
    return err_set(e, ENOTSUP,
                   "volumes cannot be shown where the build wants them in a plain sandbox, whose steps see this "
                   "machine's own root");
}

static int run_init(struct gb_run *r, struct leg_room *room, struct err *e)
{
    r->facts = r->host->facts;
    r->model = r->leg->job->plan->model;
    r->build = r->model->build;
    r->prefix = room->prefix;
    r->plain = room->prefix.n > 0;
    r->status = GB_WORKING;
    place_rooms(r, room);
    gb_tasks_init(r);
    if (find_standins(r)) /* a place where an ordinary user can have one, too */
        vec_push_in(r->arena, &room->dirs, under(r, GB_TOOLS));
    return check_volumes(r, e);
}

static void driver_end(void *run)
{
    struct gb_run *r = run;
    if (r != NULL)
        arena_free(r->arena);
}

static void *driver_begin(struct leg *leg, const struct host *host, struct leg_room *room, struct err *e)
{
    struct arena *a = arena_new();
    struct gb_run *r = ARENA_NEW(a, struct gb_run);
    r->arena = a;
    r->leg = leg;
    r->host = host;
    if (run_init(r, room, e) < 0) {
        driver_end(r);
        return NULL;
    }
    return r;
}

unsigned gb_token(struct gb_run *r)
{
    return ++r->tokens;
}

/* ---- before the first step ---- */

static bool noted_before(const struct gb_run *r, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (str_eq(r->tasks[k].def->name.text, r->tasks[i].def->name.text))
            return true;
    return false;
}

/* Tells what stands in for each image, once; what has none is refused, or left out where that was asked. */
static size_t tell_standins(struct gb_run *r)
{
    size_t missing = 0;
    for (size_t i = 0; i < r->n_tasks; i++) {
        struct gb_task *t = &r->tasks[i];
        struct str image = t->def->name.text;
        if (t->lacks.n == 0 && !noted_before(r, i))
            gb_note(r, 0, HOW_SUBSTITUTED, image, t->standin.note);
        if (t->lacks.n == 0 || r->facts->skip_unknown)
            continue;
        struct str label = gb_task_label(r->arena, t);
        gb_complain(r, t,
                    arena_printf(r->arena, "%.*s: %.*s: %.*s (--skip-unknown leaves the step out)", STR_ARG(label),
                                 STR_ARG(image), STR_ARG(t->lacks)));
        missing++;
    }
    return missing;
}

/* A build by hand gets what was uploaded, no clone. */
static bool hides_git(const struct gb_run *r)
{
    return r->model->trigger == NULL && r->facts->repo.is_git;
}

static bool has_gcloudignore(const struct gb_run *r)
{
    const struct file_query q = {.path = STR(".gcloudignore")};
    struct file_found found;
    return r->facts->read_file != NULL && r->facts->read_file(r->facts->read_ctx, &q, &found, NULL) == 0;
}

static void note_places(const struct gb_run *r)
{
    if (r->plain)
        gb_note(
            r, 0, HOW_EMULATED, STR("steps"),
            STR("one root for all of them, this machine's own: what a step changes outside of the workspace stays"));
    if (hides_git(r))
        gb_note(r, 0, HOW_EMULATED, STR(".git"),
                STR("is not in /workspace: `gcloud builds submit` is taken not to upload it (a guess)"));
    if (r->model->trigger == NULL && has_gcloudignore(r))
        gb_note(
            r, 0, HOW_EMULATED, STR(".gcloudignore"),
            STR("is not read: files that it names, which `gcloud builds submit` would not upload, are in /workspace"));
}

/* What makes the build fail before its first step; r->error says what. */
static void prepare(struct gb_run *r)
{
    gb_say(r, 0, "starting build \"%.*s\"", STR_ARG(r->model->build_id));
    gb_say(r, 0, "%s", "");
    gb_say(r, 0, "FETCHSOURCE");
    size_t secrets = gb_secrets_find(r), images = tell_standins(r);
    if (secrets > 0)
        r->error = arena_printf(r->arena, "%zu of its secrets %s no value: -s NAME=VALUE gives one", secrets,
                                secrets == 1 ? "has" : "have");
    else if (images > 0)
        r->error = arena_printf(r->arena, "%zu of its steps %s an image that nothing here stands in for", images,
                                images == 1 ? "has" : "have");
    if (r->error.n > 0)
        r->status = GB_FAILURE;
    note_places(r);
}

static enum drive make_folders(struct gb_run *r, struct op *op)
{
    struct strs folders = {0};
    for (size_t i = 0; i < r->n_tasks; i++)
        vec_push_in(r->arena, &folders, r->tasks[i].outputs);
    *op = (struct op){.token = r->token = gb_token(r)};
    gb_folders_op(r, &folders, op);
    r->phase = GB_PHASE_FOLDERS;
    return DRIVE_OP;
}

static enum drive fetch(struct gb_run *r, struct op *op)
{
    *op = (struct op){.kind = OP_VIEW, .token = r->token = gb_token(r), .view_path = r->workspace};
    if (hides_git(r))
        vec_push_in(r->arena, &op->view_hide, STR(".git"));
    r->phase = GB_PHASE_FETCH;
    return DRIVE_OP;
}

/* One of the two is over; without either no step can run. */
static void prepared(struct gb_run *r, const struct op_end *end)
{
    bool good = end->how == OP_EXITED && end->status == 0;
    r->token = 0;
    if (good && r->phase == GB_PHASE_FETCH)
        gb_say(r, 0, "BUILD");
    if (r->phase == GB_PHASE_FETCH || !good)
        r->phase = GB_PHASE_STEPS;
    if (good || r->status != GB_WORKING)
        return;
    r->status = GB_FAILURE;
    r->error = arena_printf(r->arena, "the workspace cannot be made: %s",
                            end->how == OP_NOT_STARTED ? end->err.text : "mkdir failed");
}

/* ---- steps ---- */

/* The step has no image here and none is asked for: those behind it go on as if it had been done. */
static void leave_out(struct gb_run *r, struct gb_task *t)
{
    struct str image = t->def->name.text;
    gb_say_in(t, "skipped: %.*s: %.*s", STR_ARG(image), STR_ARG(t->lacks));
    gb_note(r, t->number, HOW_SKIPPED, image, t->lacks);
    gb_task_close(t, GB_LEFT_OUT, t->lacks);
}

/* The build is decided: what runs is told to end, what waits does not begin. */
static enum drive stop_steps(struct gb_run *r, struct op *op)
{
    bool under_way = false;
    for (size_t i = r->first_open; i < r->n_tasks; i++) {
        struct gb_task *t = &r->tasks[i];
        if (t->status == GB_WORKING && !t->closed && t->token == 0)
            gb_task_close(t, GB_CANCELLED, gb_why_cancelled(r));
        under_way = under_way || t->token != 0;
        if (t->token == 0 || t->stopping || r->cancelled)
            continue; /* after a cancel the engine ends them */
        t->stopping = true;
        *op = (struct op){.kind = OP_STOP, .token = gb_token(r), .step = t->number, .target = t->token};
        return DRIVE_OP;
    }
    for (size_t i = 0; i < r->pythons.n; i++)
        under_way = under_way || r->pythons.p[i]->token != 0;
    return under_way ? DRIVE_WAIT : DRIVE_DONE;
}

/* One step further: DRIVE_OP, or nothing of the task can start now. */
static enum drive advance(struct gb_run *r, struct gb_task *t, struct op *op)
{
    if (t->closed)
        return DRIVE_DONE;
    if (t->status == GB_QUEUED) {
        if (!gb_task_ready(t))
            return DRIVE_WAIT;
        if (t->lacks.n > 0) {
            leave_out(r, t);
            return DRIVE_DONE;
        }
        gb_task_open(t);
    }
    return gb_task_next(t, op);
}

static enum drive next_step(struct gb_run *r, struct op *op)
{
    for (size_t i = r->first_open; i < r->n_tasks && r->status == GB_WORKING; i++)
        if (advance(r, &r->tasks[i], op) == DRIVE_OP)
            return DRIVE_OP;
    if (r->status != GB_WORKING)
        return stop_steps(r, op);
    return r->first_open < r->n_tasks ? DRIVE_WAIT : DRIVE_DONE;
}

/* ---- behind the last step ---- */

static void leave_images(const struct gb_run *r)
{
    const struct gb_texts *lists[] = {&r->build->images, &r->build->artifact_images};
    for (size_t k = 0; k < ARRAY_LEN(lists); k++) {
        for (size_t i = 0; i < lists[k]->n && (k == 0 || r->build->images.n == 0); i++)
            gb_note(r, 0, HOW_SKIPPED, arena_printf(r->arena, "images: %.*s", STR_ARG(lists[k]->p[i].text)),
                    STR("is pushed by the image room, which this version does not have"));
    }
}

static void push(struct gb_run *r)
{
    r->phase = GB_PHASE_PUSH;
    gb_say(r, 0, "PUSH");
    leave_images(r);
    gb_upload_init(r);
}

static enum drive driver_next(void *run, struct op *op)
{
    struct gb_run *r = run;
    enum drive drive = DRIVE_DONE;
    if (r->phase == GB_PHASE_BEGIN) {
        prepare(r);
        if (r->status == GB_WORKING)
            return make_folders(r, op);
        r->phase = GB_PHASE_DONE;
    }
    if (r->token != 0)
        return DRIVE_WAIT;
    if (r->phase == GB_PHASE_FOLDERS)
        return r->status == GB_WORKING ? fetch(r, op) : DRIVE_DONE;
    if (r->phase == GB_PHASE_STEPS) {
        drive = next_step(r, op);
        if (drive != DRIVE_DONE)
            return drive;
        if (r->status == GB_WORKING)
            push(r);
    }
    if (r->phase == GB_PHASE_PUSH) {
        drive = gb_upload_next(r, op);
        if (drive != DRIVE_DONE)
            return drive;
    }
    r->phase = GB_PHASE_DONE;
    return DRIVE_DONE;
}

/* ---- while ops are under way ---- */

static struct gb_task *task_of(const struct gb_run *r, unsigned token)
{
    for (size_t i = r->first_open; i < r->n_tasks; i++)
        if (r->tasks[i].token == token)
            return &r->tasks[i];
    return NULL;
}

static struct gb_python *python_of(const struct gb_run *r, unsigned token)
{
    for (size_t i = 0; i < r->pythons.n; i++)
        if (r->pythons.p[i]->token == token)
            return r->pythons.p[i];
    return NULL;
}

static enum line_verdict driver_line(void *run, unsigned token, enum event_stream stream, struct str text,
                                     struct buf *replacement)
{
    struct gb_run *r = run;
    const struct gb_task *t = task_of(r, token);
    UNUSED(stream);
    if (r->upload.token != 0 && token == r->upload.token) {
        gb_upload_line(r, text);
        return LINE_HIDE;
    }
    if (t == NULL || t->prefix.n == 0)
        return LINE_SHOW;
    buf_add(replacement, t->prefix);
    buf_add(replacement, text);
    return replacement->over ? LINE_SHOW : LINE_REPLACED;
}

static void driver_exited(void *run, const struct op_end *end)
{
    struct gb_run *r = run;
    struct gb_task *t = task_of(r, end->token);
    struct gb_python *p = python_of(r, end->token);
    if (t != NULL) {
        gb_task_exited(t, end);
    } else if (p != NULL) {
        gb_tool_exited(r, p, end);
    } else if (r->upload.token != 0 && end->token == r->upload.token) {
        gb_upload_exited(r, end);
    } else if (r->token != 0 && end->token == r->token) {
        prepared(r, end);
    }
}

static void driver_cancel(void *run, enum cancel_why why)
{
    struct gb_run *r = run;
    if (r->cancelled)
        return;
    r->cancelled = true;
    r->why = why;
    if (r->status != GB_WORKING)
        return; /* it has failed already */
    r->status = why == CANCEL_TIMEOUT ? GB_TIMEOUT : GB_CANCELLED;
    r->error = why == CANCEL_TIMEOUT ? STR("context deadline exceeded") : STR("context canceled");
}

static bool driver_spares(void *run, unsigned token)
{
    UNUSED(run);
    UNUSED(token);
    return false; /* nothing of a build runs on after a cancel */
}

/* ---- finish ---- */

static struct str why_queued(const struct gb_run *r, const struct gb_task *t)
{
    for (size_t i = 0; i < t->n_waits; i++) {
        const struct gb_task *other = &r->tasks[t->waits[i]];
        if (other->status != GB_SUCCESS && other->status != GB_LEFT_OUT && !other->allowed)
            return arena_printf(r->arena, "QUEUED: never started, as it waits for \"%.*s\", which is %s",
                                STR_ARG(other->def->id.text), gb_status_name(other->status));
    }
    return arena_printf(r->arena, "QUEUED: never started, as the build is %s", gb_status_name(r->status));
}

/* What is open now was never started, or given up by the engine. */
static void close_tasks(struct gb_run *r)
{
    for (size_t i = 0; i < r->n_tasks; i++) {
        struct gb_task *t = &r->tasks[i];
        if (t->closed)
            continue;
        if (t->status == GB_QUEUED)
            gb_task_close(t, GB_QUEUED, why_queued(r, t));
        else
            gb_task_close(t, GB_CANCELLED, gb_why_cancelled(r));
    }
}

static void say_status(const struct gb_run *r)
{
    switch (r->status) {
    case GB_SUCCESS:
        gb_say(r, 0, "DONE");
        return;
    case GB_TIMEOUT:
    case GB_CANCELLED:
        gb_say(r, 0, "%s", gb_status_name(r->status));
        break;
    case GB_QUEUED:
    case GB_WORKING:
    case GB_FAILURE:
    case GB_LEFT_OUT:
        gb_say(r, 0, "ERROR");
        break;
    }
    gb_say(r, 0, "ERROR: %.*s", STR_ARG(r->error));
}

/* Does a step say already why the build failed? */
static bool a_step_failed(const struct gb_run *r)
{
    for (size_t i = 0; i < r->n_tasks; i++)
        if ((r->tasks[i].status == GB_FAILURE && !r->tasks[i].allowed) || r->tasks[i].status == GB_TIMEOUT)
            return true;
    return false;
}

static void driver_finish(void *run, struct leg_outcome *ret)
{
    struct gb_run *r = run;
    *ret = (struct leg_outcome){0};
    map_init(&ret->outputs, r->leg->job->plan->arena, MAP_CASE);
    if (r->status == GB_WORKING) /* the engine gives up only on what it cancelled */
        r->status = r->phase == GB_PHASE_DONE ? GB_SUCCESS : GB_FAILURE;
    close_tasks(r);
    say_status(r);
    ret->result = r->status == GB_SUCCESS     ? RESULT_SUCCESS
                  : r->status == GB_CANCELLED ? RESULT_CANCELLED
                                              : RESULT_FAILURE;
    if (r->status == GB_TIMEOUT || r->status == GB_CANCELLED)
        ret->why = str_from(gb_status_name(r->status));
    else if (r->status == GB_FAILURE && !a_step_failed(r)) /* it never began, or what it made cannot be kept */
        ret->why = arena_str(r->leg->job->plan->arena, r->error);
    ret->conclusion = ret->result;
}

const struct driver gb_driver = {
    .service = "cloudbuild",
    .gate = gb_gate,
    .begin = driver_begin,
    .next = driver_next,
    .line = driver_line,
    .exited = driver_exited,
    .cancel = driver_cancel,
    .spares = driver_spares,
    .finish = driver_finish,
    .end = driver_end,
};
