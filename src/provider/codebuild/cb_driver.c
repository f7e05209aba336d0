/*
 * provider/codebuild/cb_driver.c - plan/driver.h for CodeBuild: one leg is one build, which walks through the stages of
 * the service (specification 4) and asks the parts of each for what is to be done.
 */
#include "core/base.h"
#include "provider/codebuild/run_priv.h"
#include "provider/process.h"

#include "core/path.h"

#define WRITES_MAX 16
#define READS_MAX 16
#define PARTS_MAX 4

/* In order; NULL ends a list. What is not listed passes at once. */
static const struct cb_part *const PARTS[CB_STAGES][PARTS_MAX + 1] = {
    [CB_DOWNLOAD_SOURCE] = {&cb_source, &cb_cache_restore, &cb_runtimes, NULL},
    [CB_STAGE_INSTALL] = {&cb_phase, NULL},
    [CB_STAGE_PRE_BUILD] = {&cb_phase, NULL},
    [CB_STAGE_BUILD] = {&cb_phase, NULL},
    [CB_STAGE_POST_BUILD] = {&cb_phase, NULL},
    [CB_UPLOAD_ARTIFACTS] = {&cb_report, &cb_artifact, NULL},
    [CB_FINALIZING] = {&cb_cache_save, NULL},
};

/* ---- begin ---- */

static struct str under(struct cb_run *r, const char *path)
{
    return arena_printf(r->arena, "%.*s%s", STR_ARG(r->prefix), path);
}

/*
 * "/codebuild/output/src<digits>/src/github.com/OWNER/REPO". The digits are the project's own and the same in each run,
 * so that what is kept of folders in it comes back to the same place.
 */
static void place_rooms(struct cb_run *r, struct leg_room *room)
{
    const struct repo_facts *repo = &r->facts->repo;
    unsigned digits = (unsigned)(str_hash(r->project->name, false) % 900000000u) + 100000000u;
    struct str owner = repo->owner.n > 0 ? repo->owner : STR("local");
    struct str name = repo->name.n > 0 ? repo->name : STR("repo");
    r->home = under(r, "/root");
    r->temp = under(r, "/codebuild/output/tmp");
    r->bin = under(r, "/codebuild/bin");
    r->src_base = arena_printf(r->arena, "%.*s/codebuild/output/src%u", STR_ARG(r->prefix), digits);
    r->src_dir =
        arena_printf(r->arena, "%.*s/src/github.com/%.*s/%.*s", STR_ARG(r->src_base), STR_ARG(owner), STR_ARG(name));
    r->script = path_join(r->arena, r->temp, STR("script.sh"));
    r->env_file = path_join(r->arena, r->temp, STR("env.sh"));
    r->dump = path_join(r->arena, r->temp, STR("env.dump"));
    room->home = r->home;
    room->workspace = r->src_dir;
    room->temp = r->temp;
    vec_push_in(r->arena, &room->dirs, r->bin);
}

static void run_init(struct cb_run *r, struct leg_room *room)
{
    const struct cb_model *model = r->leg->job->plan->model;
    char uuid[37];
    r->facts = r->host->facts;
    r->build = r->leg->impl;
    r->spec = r->build->spec;
    r->project = r->build->project;
    r->sources = model->sources;
    r->prefix = room->prefix;
    r->image = r->build->image.n > 0 ? r->build->image : r->project->image;
    r->scratch = arena_new();
    r->succeeding = true;
    r->phase.tail = BUF(2 * CB_TAIL_MAX);
    r->host->uuid(r->host->ctx, uuid);
    r->uuid = arena_cstr(r->arena, uuid);
    r->build_id = arena_printf(r->arena, "%.*s:%s", STR_ARG(r->project->name), uuid);
    place_rooms(r, room);
    cb_shell_init(r);
}

static void driver_end(void *run)
{
    struct cb_run *r = run;
    if (r == NULL)
        return;
    buf_done(&r->phase.tail);
    cb_shell_done(&r->shell);
    arena_free(r->scratch);
    arena_free(r->arena);
}

/* Only shells that the service has on Linux. */
static int check_shell(const struct cb_run *r, struct err *e)
{
    struct str shell = r->spec->shell;
    if (shell.n == 0 || str_is(shell, "bash") || str_is(shell, "/bin/sh") || str_is(shell, "sh"))
        return 0;
    return err_set(e, EINVAL, "env.shell: '%.*s' is not a shell of Linux builds (bash, /bin/sh)", STR_ARG(shell));
}

static void *driver_begin(struct leg *leg, const struct host *host, struct leg_room *room, struct err *e)
{
    struct arena *a = arena_new();
    struct cb_run *r = ARENA_NEW(a, struct cb_run);
    r->arena = a;
    r->leg = leg;
    r->host = host;
    run_init(r, room);
    if (check_shell(r, e) < 0) {
        driver_end(r);
        return NULL;
    }
    return r;
}

/* ---- ops of the parts ---- */

void cb_op_init(struct cb_run *r, struct op *op, enum op_kind kind)
{
    arena_free(r->scratch); /* the last op is over: nothing of it is asked for any more */
    r->scratch = arena_new();
    *op = (struct op){.kind = kind, .token = ++r->token, .step = r->stages[r->stage].step};
    r->token_live = true;
}

void cb_op_write(struct cb_run *r, struct op *op, struct str path, struct str text, unsigned mode)
{
    if (op->writes == NULL)
        op->writes = arena_array(r->scratch, WRITES_MAX, sizeof *op->writes);
    MUST(op->n_writes < WRITES_MAX);
    op->writes[op->n_writes++] = (struct op_file){.path = path, .text = text, .mode = mode};
}

void cb_op_read(struct cb_run *r, struct op *op, struct str path, size_t max)
{
    if (op->reads == NULL)
        op->reads = arena_array(r->scratch, READS_MAX, sizeof *op->reads);
    MUST(op->n_reads < READS_MAX);
    op->reads[op->n_reads++] = path;
    op->read_max = max;
}

bool cb_op_good(struct cb_run *r, const struct op_end *end, const char *what)
{
    if (end->how == OP_EXITED && end->status == 0)
        return true;
    if (end->how == OP_NOT_STARTED)
        cb_fail(r, "CLIENT_ERROR", "%s: %s", what, end->err.text[0] != '\0' ? end->err.text : "it was not started");
    else if (end->how != OP_STOPPED)
        cb_fail(r, "CLIENT_ERROR", "%s: exit status %d", what, end->status);
    return false;
}

void cb_op_find(struct cb_run *r, struct op *op, struct str root)
{
    cb_op_init(r, op, OP_FIND);
    op->find.root = root;
    op->find.max = CB_FIND_MAX;
}

void cb_listing_take(struct cb_run *r, struct cb_listing *l, const struct op_end *end)
{
    l->known = true;
    l->n = end->how == OP_EXITED ? end->n_files : 0;
    l->p = arena_array(r->arena, l->n + 1, sizeof *l->p);
    for (size_t i = 0; i < l->n; i++) {
        l->p[i] = end->files[i];
        l->p[i].path = arena_str(r->arena, end->files[i].path);
    }
}

/* ---- the stages ---- */

const struct cb_phase *cb_stage_phase(const struct cb_run *r, enum cb_stage s)
{
    if (s < CB_STAGE_INSTALL || s > CB_STAGE_POST_BUILD)
        return NULL;
    return &r->spec->phases[s - CB_STAGE_INSTALL];
}

static bool is_phase(enum cb_stage s)
{
    return s >= CB_STAGE_INSTALL && s <= CB_STAGE_POST_BUILD;
}

/*
 * What runs after a phase that has failed (specification 4). That nothing is uploaded after INSTALL and PRE_BUILD, and
 * that ABORT leaves nothing but FINALIZING, are guesses [R].
 */
static enum cb_stage after_failure(const struct cb_run *r)
{
    const struct cb_phase *p = cb_stage_phase(r, r->stage);
    if (p == NULL)
        return CB_FINALIZING;
    switch (p->on_failure.how) {
    case CB_CONTINUE:
        return r->stage + 1;
    case CB_ABORT:
        return CB_FINALIZING;
    case CB_BY_TABLE:
    case CB_RETRY: /* the tries are used up */
        break;
    }
    return r->stage == CB_STAGE_BUILD || r->stage == CB_STAGE_POST_BUILD ? r->stage + 1 : CB_FINALIZING;
}

static void tell_end(struct cb_run *r, const struct cb_stage_state *s, enum cb_status status)
{
    if (r->stage != CB_DOWNLOAD_SOURCE && !is_phase(r->stage) && s->step == 0)
        return;
    cb_say(r, "Phase complete: %s State: %s", cb_stage_name(r->stage).p, cb_status_name(status).p);
    cb_say(r, "Phase context status code: %.*s Message: %.*s", STR_ARG(s->code), STR_ARG(s->message));
}

/* The final status with a failure that CONTINUE passed over is not told by the service's documentation [R]. */
static void passed_over(struct cb_run *r)
{
    const struct cb_phase *p = cb_stage_phase(r, r->stage);
    r->continued = true;
    cb_annotate(
        r, LEVEL_WARNING, p->on_failure.span,
        arena_printf(r->arena,
                     "%s failed and on-failure: CONTINUE passes over it: the build counts as succeeded. Whether "
                     "CodeBuild shows it so is not verified",
                     cb_stage_name(r->stage).p));
}

static void stage_over(struct cb_run *r)
{
    struct cb_stage_state *s = &r->stages[r->stage];
    enum cb_status status = s->status == CB_FAILED ? CB_FAILED : CB_SUCCEEDED;
    enum cb_stage next = r->stage + 1;
    const struct cb_phase *p = cb_stage_phase(r, r->stage);
    tell_end(r, s, status);
    if (status == CB_FAILED) {
        r->succeeding = false;
        next = after_failure(r);
        if (p != NULL && p->on_failure.how == CB_CONTINUE)
            passed_over(r);
        else
            r->failed = true;
    }
    cb_stage_leave(r, status);
    r->stage = next;
    r->part = 0;
}

/* What was under way when the build was stopped; nothing else runs. */
static void stopped(struct cb_run *r)
{
    bool late = r->why == CANCEL_TIMEOUT;
    struct cb_stage_state *s = &r->stages[r->stage];
    if (r->stage == CB_COMPLETED)
        return;
    if (s->entered) {
        s->code = late ? STR("BUILD_TIMED_OUT") : STR("");
        s->message = late ? STR("Build has timed out") : STR("");
        s->error = late ? s->message : STR("The build was stopped");
        tell_end(r, s, late ? CB_TIMED_OUT : CB_STOPPED);
        cb_stage_leave(r, late ? CB_TIMED_OUT : CB_STOPPED);
    }
    r->stage = CB_COMPLETED;
}

static enum drive go_on(struct cb_run *r, struct op *op)
{
    while (r->stage != CB_COMPLETED) {
        struct cb_stage_state *s = &r->stages[r->stage];
        const struct cb_part *part = PARTS[r->stage][r->part];
        if (r->cancelled) {
            stopped(r);
            break;
        }
        if (!s->entered)
            cb_stage_enter(r);
        if (part == NULL || (s->status == CB_FAILED && !is_phase(r->stage))) { /* a phase has its finally */
            stage_over(r);
            continue;
        }
        enum drive d = part->next(r, op);
        if (d != DRIVE_DONE)
            return d;
        r->part++;
    }
    r->stages[CB_COMPLETED].entered = r->stages[CB_COMPLETED].left = true;
    return DRIVE_DONE;
}

static void note_machine(struct cb_run *r)
{
    r->began = true;
    r->machine = process_machine(r->arena, r->facts);
    if (r->image.n > 0)
        cb_note(r, HOW_EMULATED, r->image, arena_printf(r->arena, "this host, %.*s", STR_ARG(r->machine)));
}

static enum drive driver_next(void *run, struct op *op)
{
    struct cb_run *r = run;
    if (!r->began)
        note_machine(r);
    if (r->token_live)
        return DRIVE_WAIT;
    return go_on(r, op);
}

/* ---- while an op is under way ---- */

static enum line_verdict driver_line(void *run, unsigned token, enum event_stream stream, struct str text,
                                     struct buf *replacement)
{
    struct cb_run *r = run;
    struct buf *tail = &r->phase.tail;
    UNUSED(stream);
    UNUSED(replacement);
    cb_hide_keys(r, text); /* the engine masks the line behind us */
    if (token != r->token || r->phase.pattern == NULL)
        return LINE_SHOW;
    if (tail->n + text.n + 1 > tail->max)
        buf_drop(tail, tail->n > CB_TAIL_MAX ? tail->n - CB_TAIL_MAX : 0);
    text = text.n > CB_TAIL_MAX ? str_from_index(text, text.n - CB_TAIL_MAX) : text;
    if (buf_add(tail, text) == 0)
        buf_add_ch(tail, '\n');
    return LINE_SHOW;
}

static void driver_exited(void *run, const struct op_end *end)
{
    struct cb_run *r = run;
    if (end->token != r->token || !r->token_live)
        return;
    r->token_live = false;
    r->elapsed_ns += end->elapsed_ns;
    if (!r->cancelled)
        PARTS[r->stage][r->part]->exited(r, end);
}

static void driver_cancel(void *run, enum cancel_why why)
{
    struct cb_run *r = run;
    if (!r->cancelled)
        r->why = why;
    r->cancelled = true;
}

/* A build that is stopped stops at once: no finally, no post_build. */
static bool driver_spares(void *run, unsigned token)
{
    UNUSED(run);
    UNUSED(token);
    return false;
}

/* ---- finish ---- */

static struct str why_of(const struct cb_run *r, struct arena *a)
{
    switch (r->why) {
    case CANCEL_TIMEOUT:
        return arena_printf(a, "the build timed out after %g minutes (TIMED_OUT)", (double)r->leg->timeout_ns / 60e9);
    case CANCEL_FAIL_FAST:
        return r->leg->job->plan->fail_fast ? str_from(cb_driver.failed_fast) : STR("another build failed");
    case CANCEL_SUPERSEDED:
        return STR("a newer run of its concurrency group took its place");
    case CANCEL_USER:
    case CANCEL_QUEUE_FULL:
    case CANCEL_DEADLOCK:
        break;
    }
    return STR("");
}

/* exported-variables: "no AWS_* names and no project-level" secrets. */
bool cb_is_exported(const struct cb_run *r, struct str name)
{
    if (str_starts(name, STR("AWS_")))
        return false;
    for (size_t i = 0; i < r->project->n_vars; i++)
        if (r->project->vars[i].type != CB_PLAINTEXT && str_eq(r->project->vars[i].name, name))
            return false;
    return true;
}

/* "final values taken after post_build". */
static void export_vars(const struct cb_run *r, struct leg_outcome *ret)
{
    map_init(&ret->outputs, r->leg->job->plan->arena, MAP_CASE);
    for (size_t i = 0; i < r->spec->exported.n; i++) {
        const struct cb_value *v = map_get(&r->shell.vars, r->spec->exported.p[i]);
        if (v != NULL && cb_is_exported(r, r->spec->exported.p[i]))
            map_set_str(&ret->outputs, r->spec->exported.p[i], v->text);
    }
}

static void driver_finish(void *run, struct leg_outcome *ret)
{
    struct cb_run *r = run;
    *ret = (struct leg_outcome){0};
    if (r->cancelled)
        stopped(r); /* the engine gave up on what was under way */
    export_vars(r, ret);
    cb_summary(r);
    ret->result = r->failed || r->stage != CB_COMPLETED ? RESULT_FAILURE : RESULT_SUCCESS;
    if (r->cancelled) {
        ret->why = why_of(r, r->leg->job->plan->arena);
        if (r->why == CANCEL_TIMEOUT)
            ret->result = RESULT_FAILURE;
        else if (ret->result == RESULT_SUCCESS)
            ret->result = RESULT_CANCELLED;
    }
    ret->conclusion = ret->result;
    if (ret->result == RESULT_FAILURE && r->build->ignore_failure)
        ret->conclusion = RESULT_SUCCESS;
}

const struct driver cb_driver = {
    .service = "codebuild",
    .failed_fast = "another build of its batch failed (fast-fail)",
    .gate = cb_gate,
    .begin = driver_begin,
    .next = driver_next,
    .line = driver_line,
    .exited = driver_exited,
    .cancel = driver_cancel,
    .spares = driver_spares,
    .finish = driver_finish,
    .end = driver_end,
};
