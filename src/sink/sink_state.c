#include "core/base.h"
#include "sink/sink_state_priv.h"

void state_init(struct run_state *s)
{
    *s = (struct run_state){.arena = arena_new()};
    map_init(&s->note_index, s->arena, MAP_CASE);
}

static void forget_logs(struct job_state *j)
{
    log_done(&j->log);
    for (size_t i = 0; i < j->aside.n; i++)
        log_done(&j->aside.p[i].log);
    vec_done(&j->aside);
}

void state_done(struct run_state *s)
{
    for (size_t i = 0; i < s->jobs.n; i++)
        forget_logs(s->jobs.p[i]);
    vec_done(&s->jobs);
    vec_done(&s->pipelines);
    vec_done(&s->notes);
    vec_done(&s->artifacts);
    vec_done(&s->reports);
    arena_free(s->arena);
    s->arena = NULL;
}

/* Numbers are given in order of queueing, so the place is nearly always number - 1. */
static struct job_state *find_job(const struct run_state *s, unsigned number)
{
    if (number > 0 && number <= s->jobs.n && s->jobs.p[number - 1]->number == number)
        return s->jobs.p[number - 1];
    for (size_t i = 0; number > 0 && i < s->jobs.n; i++)
        if (s->jobs.p[i]->number == number)
            return s->jobs.p[i];
    return NULL;
}

static void note_pipeline(struct run_state *s, struct str service, struct str name, struct str file,
                          const struct event *ev)
{
    for (size_t i = 0; i < s->pipelines.n; i++)
        if (str_eq(s->pipelines.p[i].service, service) && str_eq(s->pipelines.p[i].name, name) &&
            str_eq(s->pipelines.p[i].file, file))
            return;
    struct pipeline_state p = {.service = arena_str(s->arena, service),
                               .name = arena_str(s->arena, name),
                               .file = arena_str(s->arena, file),
                               .started = true};
    if (ev->kind == EVENT_PIPELINE) {
        p.started = ev->started;
        p.why = arena_str(s->arena, ev->text);
    }
    vec_push(&s->pipelines, p);
}

static struct job_state *queue_job(struct run_state *s, const struct event *ev)
{
    struct job_state *j = find_job(s, ev->job);
    if (j || ev->job == 0)
        return j;
    j = ARENA_NEW(s->arena, struct job_state);
    j->number = ev->job;
    j->service = arena_str(s->arena, ev->service);
    j->pipeline = arena_str(s->arena, ev->pipeline);
    j->id = arena_str(s->arena, ev->id);
    j->name = arena_str(s->arena, ev->name.n ? ev->name : ev->id);
    j->file = arena_str(s->arena, ev->file);
    j->line = ev->line;
    log_init(&j->log);
    vec_push(&s->jobs, j);
    note_pipeline(s, ev->service, ev->pipeline, ev->file, ev);
    return j;
}

static bool step_open(const struct job_state *j)
{
    return j->step.number > 0 && j->step.result == RESULT_NONE;
}

static struct step_aside current(const struct job_state *j)
{
    return (struct step_aside){j->step, j->log, j->annotations, j->heading, j->headed};
}

/* The event speaks of another step that runs: it becomes the job's step. */
static void turn_to(struct job_state *j, unsigned number)
{
    size_t i = 0;
    if (number == 0 || number == j->step.number)
        return;
    while (i < j->aside.n && j->aside.p[i].step.number != number)
        i++;
    if (i == j->aside.n)
        return;
    struct step_aside next = j->aside.p[i];
    if (step_open(j)) {
        j->aside.p[i] = current(j);
    } else {
        log_done(&j->log);
        vec_remove(&j->aside, i);
    }
    j->step = next.step;
    j->log = next.log;
    j->annotations = next.annotations;
    j->heading = next.heading;
    j->headed = next.headed;
}

static void start_step(struct run_state *s, struct job_state *j, const struct event *ev)
{
    if (step_open(j)) {
        struct step_aside one = current(j);
        vec_push(&j->aside, one);
        log_init(&j->log);
    }
    j->step = (struct step_state){.number = ev->step,
                                  .line = ev->line,
                                  .name = arena_str(s->arena, ev->name),
                                  .file = arena_str(s->arena, ev->file),
                                  .command = arena_str(s->arena, ev->text),
                                  .status = -1,
                                  .started_ns = ev->at_ns};
    log_clear(&j->log);
    j->last_n = 0;
    j->annotations = 0;
    j->heading = j->headed = false;
}

static void finish_step(struct run_state *s, struct job_state *j, const struct event *ev)
{
    if (ev->step != j->step.number) /* a skipped step never starts */
        start_step(s, j,
                   &(struct event){
                       .step = ev->step, .name = ev->name, .file = ev->file, .line = ev->line, .at_ns = ev->at_ns});
    j->step.result = ev->result;
    j->step.conclusion = ev->conclusion;
    j->step.status = ev->status;
    j->step.elapsed_ns = ev->elapsed_ns;
    j->step.error = arena_str(s->arena, ev->text);
    if (ev->line > 0 && (ev->line != j->step.line || !str_eq(ev->file, j->step.file))) { /* it failed inside of it */
        j->step.line = ev->line;
        j->step.file = arena_str(s->arena, ev->file);
    }
    if (step_outcome(&j->step) == RESULT_FAILURE && j->failed.number == 0)
        j->failed = j->step;
}

static void keep_output(struct job_state *j, enum event_stream stream, struct str line)
{
    if (j->heading && stream == STREAM_SLIPWAY)
        return; /* a failed step is shown with its file, its line and its command already */
    log_add(&j->log, stream, line);
    if (str_trim(line).n == 0)
        return;
    /* Progress bars redraw a line with carriage returns: only the last state is worth a look. */
    line = str_trim_end(line);
    line = str_from_index(line, (size_t)(str_rfind_ch(line, '\r') + 1));
    j->last_n = line.n < sizeof j->last ? line.n : sizeof j->last;
    memcpy(j->last, line.p, j->last_n);
}

static void finish_job(struct run_state *s, struct job_state *j, const struct event *ev)
{
    j->phase = PHASE_DONE;
    j->result = ev->result;
    j->conclusion = ev->conclusion;
    j->elapsed_ns = ev->elapsed_ns;
    j->why = arena_str(s->arena, ev->text);
}

static void keep_note(struct run_state *s, const struct event *ev)
{
    struct buf key = BUF(BUF_TEXT);
    buf_printf(&key, "%d", (int)ev->how);
    buf_add_ch(&key, '\0');
    buf_add(&key, ev->name);
    buf_add_ch(&key, '\0');
    buf_add(&key, ev->text);
    size_t index = (size_t)(uintptr_t)map_get(&s->note_index, buf_str(&key));
    if (index > 0) {
        s->notes.p[index - 1].count++;
    } else if (s->notes.n >= NOTES_MAX) {
        s->notes_left_out++;
    } else {
        struct note_state n = {
            .how = ev->how, .what = arena_str(s->arena, ev->name), .text = arena_str(s->arena, ev->text), .count = 1};
        vec_push(&s->notes, n);
        map_set(&s->note_index, buf_str(&key), (void *)(uintptr_t)s->notes.n);
    }
    buf_done(&key);
}

static void keep_artifact(struct run_state *s, const struct event *ev)
{
    struct artifact_state a = {
        .name = arena_str(s->arena, ev->name), .path = arena_str(s->arena, ev->text), .size = (uint64_t)ev->number};
    if (s->artifacts.n < NOTES_MAX)
        vec_push(&s->artifacts, a);
    else
        s->artifacts_left_out++;
}

static void keep_report(struct run_state *s, const struct event *ev)
{
    struct report_state r = {.job = find_job(s, ev->job),
                             .name = arena_str(s->arena, ev->name),
                             .text = arena_str(s->arena, ev->text),
                             .failed = ev->number};
    if (s->reports.n < NOTES_MAX)
        vec_push(&s->reports, r);
    else
        s->reports_left_out++;
}

static void apply_to_run(struct run_state *s, const struct event *ev)
{
    if (ev->kind == EVENT_RUN_STARTED) {
        s->number = ev->number;
    } else if (ev->kind == EVENT_PIPELINE) {
        note_pipeline(s, ev->service, ev->pipeline, ev->file, ev);
    } else if (ev->kind == EVENT_NOTE) {
        keep_note(s, ev);
    } else if (ev->kind == EVENT_ARTIFACT) {
        keep_artifact(s, ev);
    } else if (ev->kind == EVENT_REPORT) {
        keep_report(s, ev);
    } else if (ev->kind == EVENT_RUN_FINISHED) {
        s->finished = true;
        s->result = ev->result;
        s->elapsed_ns = ev->elapsed_ns;
        s->exit_code = ev->number;
    }
}

static void apply_to_job(struct run_state *s, struct job_state *j, const struct event *ev) /* table */
{
    turn_to(j, ev->step);
    switch (ev->kind) {
    case EVENT_JOB_STARTED:
        j->phase = PHASE_RUNNING;
        j->started = true;
        j->started_ns = ev->at_ns;
        j->sandbox = arena_str(s->arena, ev->text);
        break;
    case EVENT_JOB_FINISHED:
        finish_job(s, j, ev);
        break;
    case EVENT_STEP_STARTED:
        start_step(s, j, ev);
        break;
    case EVENT_STEP_FINISHED:
        finish_step(s, j, ev);
        break;
    case EVENT_OUTPUT:
        keep_output(j, ev->stream, ev->text);
        break;
    case EVENT_GROUP:
        j->heading = !j->headed;
        j->headed = true;
        if (!j->heading)
            log_add(&j->log, STREAM_SLIPWAY, ev->text);
        break;
    case EVENT_GROUP_END:
        j->heading = false;
        break;
    case EVENT_RUN_STARTED:
    case EVENT_PIPELINE:
    case EVENT_JOB_QUEUED:
    case EVENT_ANNOTATION:
    case EVENT_SUMMARY:
    case EVENT_NOTE:
    case EVENT_ARTIFACT:
    case EVENT_REPORT:
    case EVENT_WARNING:
    case EVENT_RUN_FINISHED:
        break;
    }
}

struct job_state *state_apply(struct run_state *s, const struct event *ev)
{
    if (ev->kind == EVENT_JOB_QUEUED)
        return queue_job(s, ev);
    apply_to_run(s, ev);
    struct job_state *j = find_job(s, ev->job);
    if (j)
        apply_to_job(s, j, ev);
    return j;
}

void state_release(struct job_state *j)
{
    if (!j || j->phase != PHASE_DONE)
        return;
    forget_logs(j);
    log_init(&j->log);
}

enum result job_outcome(const struct job_state *j)
{
    return j->conclusion != RESULT_NONE ? j->conclusion : j->result;
}

enum result step_outcome(const struct step_state *st)
{
    return st->conclusion != RESULT_NONE ? st->conclusion : st->result;
}

static void count_job(struct run_counts *c, const struct job_state *j)
{
    if (j->phase == PHASE_QUEUED) {
        c->queued++;
        return;
    }
    if (j->phase == PHASE_RUNNING) {
        c->running++;
        return;
    }
    switch (job_outcome(j)) {
    case RESULT_SUCCESS:
        c->passed++;
        break;
    case RESULT_FAILURE:
    case RESULT_NONE: /* over without a result is nothing to be proud of */
        c->failed++;
        break;
    case RESULT_CANCELLED:
        c->cancelled++;
        break;
    case RESULT_SKIPPED:
        c->skipped++;
        break;
    }
}

struct run_counts state_counts(const struct run_state *s)
{
    struct run_counts c = {0};
    for (size_t i = 0; i < s->jobs.n; i++)
        count_job(&c, s->jobs.p[i]);
    return c;
}

void state_add_label(struct buf *b, const struct run_state *s, const struct job_state *j)
{
    bool services = false, pipelines = false;
    for (size_t i = 0; i < s->pipelines.n; i++) {
        const struct pipeline_state *p = &s->pipelines.p[i];
        bool same = str_eq(p->service, j->service);
        services |= p->started && !same;
        pipelines |= p->started && same && !str_eq(p->name, j->pipeline);
    }
    if (services)
        buf_printf(b, "%.*s ", STR_ARG(j->service));
    if (pipelines)
        buf_printf(b, "%.*s/", STR_ARG(j->pipeline));
    buf_add(b, j->name);
}
