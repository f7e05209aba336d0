/*
 * sink_history: every event but the single lines into SQLite.
 *
 * Several slipways may write to one file at a time, so the write lock must be held for moments only. Events and chunks
 * of logs are therefore gathered in memory and written in one short transaction: when a job ends, once a second while
 * something happens, and when 4 MiB are waiting. The last chunk of each log is written too, unfinished, and replaced
 * later: who reads sees the log as it was a second ago, and a crash loses no more than that.
 */
#include "core/base.h"
#include "sink/sink.h"

#include "core/mem.h"
#include "core/vec.h"
#include "sink/history.h"
#include "sink/history_priv.h"

#define WAIT_NS INT64_C(1000000000)
#define WAITING_BYTES_MAX ((size_t)4 << 20)
#define WAITING_EVENTS_MAX 2000

struct job_log {
    unsigned job;
    int64_t seq; /* of the chunk in `bytes` */
    struct buf bytes;
    bool dirty; /* not written as it is now */
};

struct chunk {
    unsigned job;
    int64_t seq;
    struct buf bytes;
};

struct history {
    struct sink sink; /* first */
    sqlite3 *db;
    int64_t run;
    struct arena *arena; /* of the waiting events */
    VEC(struct event) events;
    VEC(struct job_log) logs; /* of jobs that run */
    VEC(struct chunk) chunks; /* full ones that wait */
    size_t waiting;           /* bytes of events and chunks */
    int64_t written_ns;       /* when the last transaction was */
    struct err broken;
};

/* An event is written as it comes out of the queue; its texts are in the arena. */
static int write_job(struct history *h, const struct event *ev, struct err *e)
{
    int64_t run = h->run, job = ev->job;
    if (ev->kind == EVENT_JOB_QUEUED)
        return db_run(h->db, e,
                      "INSERT OR REPLACE INTO jobs (run, number, service, pipeline, id, name, file, line)"
                      " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                      "iittttti", run, job, ev->service, ev->pipeline, ev->id, ev->name, ev->file, (int64_t)ev->line);
    if (ev->kind == EVENT_JOB_STARTED)
        return db_run(h->db, e, "UPDATE jobs SET sandbox = ?, started_ns = ? WHERE run = ? AND number = ?", "tiii",
                      ev->text, ev->at_ns, run, job);
    return db_run(h->db, e,
                  "UPDATE jobs SET result = ?, conclusion = ?, why = ?, elapsed_ns = ?"
                  " WHERE run = ? AND number = ?",
                  "tttiii", str_from(result_name(ev->result)), str_from(result_name(ev->conclusion)), ev->text,
                  ev->elapsed_ns, run, job);
}

static int write_step(struct history *h, const struct event *ev, struct err *e)
{
    int64_t run = h->run, job = ev->job, step = ev->step;
    if (ev->kind == EVENT_STEP_STARTED)
        return db_run(h->db, e,
                      "INSERT OR REPLACE INTO steps (run, job, number, name, file, line, command, started_ns)"
                      " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                      "iiittiti", run, job, step, ev->name, ev->file, (int64_t)ev->line, ev->text, ev->at_ns);
    /* A skipped step never started. */
    return db_run(
        h->db, e,
        "INSERT INTO steps (run, job, number, name, file, line, result, conclusion, status, elapsed_ns, error)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run, job, number) DO UPDATE SET"
        " result = excluded.result, conclusion = excluded.conclusion, status = excluded.status,"
        " elapsed_ns = excluded.elapsed_ns, error = excluded.error,"
        " file = CASE WHEN excluded.line > 0 THEN excluded.file ELSE file END,"
        " line = CASE WHEN excluded.line > 0 THEN excluded.line ELSE line END",
        "iiittittiit", run, job, step, ev->name, ev->file, (int64_t)ev->line, str_from(result_name(ev->result)),
        str_from(result_name(ev->conclusion)), (int64_t)ev->status, ev->elapsed_ns, ev->text);
}

static int write_run(struct history *h, const struct event *ev, struct err *e)
{
    if (ev->kind == EVENT_RUN_STARTED)
        return db_run(h->db, e, "UPDATE runs SET event = ?, branch = ? WHERE id = ?", "tti", ev->name, ev->text,
                      h->run);
    return db_run(h->db, e, "UPDATE runs SET result = ?, elapsed_ns = ?, exit_code = ?, finished = 1 WHERE id = ?",
                  "tiii", str_from(result_name(ev->result)), ev->elapsed_ns, ev->number, h->run);
}

static int write_remark(struct history *h, const struct event *ev, struct err *e)
{
    int64_t run = h->run, job = ev->job, step = ev->step;
    if (ev->kind == EVENT_NOTE)
        return db_run(h->db, e, "INSERT INTO notes (run, job, step, how, what, text) VALUES (?, ?, ?, ?, ?, ?)",
                      "iiittt", run, job, step, str_from(event_how_name(ev->how)), ev->name, ev->text);
    if (ev->kind == EVENT_SUMMARY)
        return db_run(h->db, e, "INSERT INTO summaries (run, job, step, text) VALUES (?, ?, ?, ?)", "iiit", run, job,
                      step, ev->text);
    if (ev->kind == EVENT_WARNING)
        return db_run(h->db, e, "INSERT INTO warnings (run, text) VALUES (?, ?)", "it", run, ev->text);
    return db_run(h->db, e,
                  "INSERT INTO annotations (run, job, step, level, title, text, file, line, col, end_line,"
                  " end_col) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                  "iiittttiiii", run, job, step, str_from(event_level_name(ev->level)), ev->name, ev->text, ev->file,
                  (int64_t)ev->line, (int64_t)ev->column, (int64_t)ev->end_line, (int64_t)ev->end_column);
}

static int write_event(struct history *h, const struct event *ev, struct err *e) /* table */
{
    switch (ev->kind) {
    case EVENT_RUN_STARTED:
    case EVENT_RUN_FINISHED:
        return write_run(h, ev, e);
    case EVENT_PIPELINE:
        return db_run(h->db, e,
                      "INSERT INTO pipelines (run, service, name, file, started, why)"
                      " VALUES (?, ?, ?, ?, ?, ?)",
                      "itttit", h->run, ev->service, ev->pipeline, ev->file, (int64_t)ev->started, ev->text);
    case EVENT_JOB_QUEUED:
    case EVENT_JOB_STARTED:
    case EVENT_JOB_FINISHED:
        return write_job(h, ev, e);
    case EVENT_STEP_STARTED:
    case EVENT_STEP_FINISHED:
        return write_step(h, ev, e);
    case EVENT_NOTE:
    case EVENT_SUMMARY:
    case EVENT_WARNING:
    case EVENT_ANNOTATION:
        return write_remark(h, ev, e);
    case EVENT_OUTPUT:
    case EVENT_GROUP:
    case EVENT_GROUP_END:
    case EVENT_REPORT:   /* its summary is the record */
    case EVENT_ARTIFACT: /* the files are the record */
        return 0;
    }
    BUG("event %d", (int)ev->kind);
}

static int write_chunk(struct history *h, unsigned job, int64_t seq, const struct buf *bytes, struct err *e)
{
    return db_run(h->db, e, "INSERT OR REPLACE INTO logs (run, job, seq, bytes) VALUES (?, ?, ?, ?)", "iiib", h->run,
                  (int64_t)job, seq, buf_str(bytes));
}

static int write_waiting(struct history *h, struct err *e)
{
    int r = db_run(h->db, e, "BEGIN IMMEDIATE", "");
    if (r < 0)
        return r;
    for (size_t i = 0; r == 0 && i < h->events.n; i++)
        r = write_event(h, &h->events.p[i], e);
    for (size_t i = 0; r == 0 && i < h->chunks.n; i++)
        r = write_chunk(h, h->chunks.p[i].job, h->chunks.p[i].seq, &h->chunks.p[i].bytes, e);
    for (size_t i = 0; r == 0 && i < h->logs.n; i++)
        if (h->logs.p[i].dirty)
            r = write_chunk(h, h->logs.p[i].job, h->logs.p[i].seq, &h->logs.p[i].bytes, e);
    if (r == 0)
        return db_run(h->db, e, "COMMIT", "");
    sqlite3_exec(h->db, "ROLLBACK", NULL, NULL, NULL);
    return r;
}

static void forget_waiting(struct history *h)
{
    for (size_t i = 0; i < h->chunks.n; i++)
        buf_done(&h->chunks.p[i].bytes);
    for (size_t i = 0; i < h->logs.n; i++)
        h->logs.p[i].dirty = false;
    h->chunks.n = h->events.n = h->waiting = 0;
    arena_free(h->arena);
    h->arena = arena_new();
}

static bool anything_waits(const struct history *h)
{
    for (size_t i = 0; i < h->logs.n; i++)
        if (h->logs.p[i].dirty)
            return true;
    return h->events.n > 0 || h->chunks.n > 0;
}

/* After a failure nothing more is written: the sink is about to be detached. */
static int flush(struct history *h, int64_t now_ns, struct err *e)
{
    h->written_ns = now_ns;
    if (h->broken.num == 0 && anything_waits(h)) {
        write_waiting(h, &h->broken);
        forget_waiting(h);
    }
    if (h->broken.num && e)
        *e = h->broken;
    return h->broken.num;
}

static struct job_log *log_of(struct history *h, unsigned job)
{
    for (size_t i = 0; i < h->logs.n; i++)
        if (h->logs.p[i].job == job)
            return &h->logs.p[i];
    struct job_log fresh = {.job = job, .bytes = BUF(CHUNK_MAX)};
    vec_push(&h->logs, fresh);
    return &h->logs.p[h->logs.n - 1];
}

static void add_line(struct history *h, const struct event *ev, enum event_stream stream, struct str line)
{
    struct job_log *l = log_of(h, ev->job);
    chunk_add(&l->bytes, ev->step, stream, line);
    l->dirty = true;
    if (l->bytes.n < CHUNK_BYTES)
        return;
    struct chunk full = {.job = l->job, .seq = l->seq++, .bytes = l->bytes};
    vec_push(&h->chunks, full);
    h->waiting += full.bytes.n;
    l->bytes = BUF(CHUNK_MAX);
    l->dirty = false;
}

static void add_group(struct history *h, const struct event *ev)
{
    struct buf line CLEAN(buf) = BUF(CHUNK_LINE_MAX);
    buf_add_cstr(&line, "##[group]");
    buf_add(&line, str_sub(ev->text, 0, CHUNK_LINE_MAX / 2));
    add_line(h, ev, STREAM_SLIPWAY, buf_str(&line));
}

static void add_event(struct history *h, const struct event *ev)
{
    struct event copy = *ev;
    struct str *texts[] = {&copy.service, &copy.pipeline, &copy.id, &copy.name, &copy.text, &copy.file};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        h->waiting += texts[i]->n;
        *texts[i] = arena_str(h->arena, *texts[i]);
    }
    vec_push(&h->events, copy);
}

static void close_log(struct history *h, unsigned job)
{
    for (size_t i = 0; i < h->logs.n; i++)
        if (h->logs.p[i].job == job) {
            buf_done(&h->logs.p[i].bytes);
            vec_remove(&h->logs, i);
            return;
        }
}

static int history_event(struct sink *sink, const struct event *ev, struct err *e)
{
    struct history *h = (struct history *)sink;
    if (ev->kind == EVENT_OUTPUT)
        add_line(h, ev, ev->stream, ev->text);
    else if (ev->kind == EVENT_GROUP)
        add_group(h, ev);
    else if (ev->kind == EVENT_GROUP_END)
        add_line(h, ev, STREAM_SLIPWAY, STR("##[endgroup]"));
    else
        add_event(h, ev);
    bool due = ev->kind == EVENT_JOB_FINISHED || ev->kind == EVENT_RUN_FINISHED ||
               ev->at_ns - h->written_ns >= WAIT_NS || h->waiting >= WAITING_BYTES_MAX ||
               h->events.n >= WAITING_EVENTS_MAX || h->broken.num;
    int r = due ? flush(h, ev->at_ns, e) : 0;
    if (ev->kind == EVENT_JOB_FINISHED)
        close_log(h, ev->job);
    return r;
}

static void history_tick(struct sink *sink, int64_t now_ns)
{
    struct history *h = (struct history *)sink;
    if (now_ns - h->written_ns >= WAIT_NS)
        flush(h, now_ns, NULL);
}

static int history_finish(struct sink *sink, struct err *e)
{
    struct history *h = (struct history *)sink;
    return flush(h, h->written_ns, e);
}

static void history_free(struct sink *sink)
{
    struct history *h = (struct history *)sink;
    forget_waiting(h);
    for (size_t i = 0; i < h->logs.n; i++)
        buf_done(&h->logs.p[i].bytes);
    vec_done(&h->logs);
    vec_done(&h->chunks);
    vec_done(&h->events);
    arena_free(h->arena);
    sqlite3_close(h->db);
    free(h);
}

static const struct sink_ops history_ops = {
    .name = "history",
    .event = history_event,
    .tick = history_tick,
    .finish = history_finish,
    .free = history_free,
};

struct sink *sink_history_new(struct str db_path, int64_t run_id, int64_t now_ms, struct str project, struct err *e)
{
    sqlite3 *db CLEAN(db) = NULL;
    if (db_open(db_path, DB_WRITE, &db, e) < 0)
        return NULL;
    int r = db_run(db, e,
                   "INSERT INTO runs (id, project, number, started_ms) VALUES"
                   " (?1, ?2, (SELECT 1 + COALESCE(MAX(number), 0) FROM runs WHERE project = ?2), ?3)"
                   " ON CONFLICT (id) DO UPDATE SET started_ms = excluded.started_ms",
                   "iti", run_id, project, now_ms);
    if (r < 0)
        return NULL;
    struct history *h = mem_alloc(sizeof *h);
    h->sink.ops = &history_ops;
    h->db = TAKE(db);
    h->run = run_id;
    h->arena = arena_new();
    return &h->sink;
}
