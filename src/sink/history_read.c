#include "core/base.h"
#include "sink/history.h"

#include "sink/history_priv.h"

/* sqlite3_step as ours: 1 a row, 0 no more. */
static int next_row(sqlite3 *db, sqlite3_stmt *st, struct err *e)
{
    int code = sqlite3_step(st);
    if (code == SQLITE_ROW)
        return 1;
    return code == SQLITE_DONE ? 0 : db_fail(db, "read the history", e);
}

static struct str text_at(struct arena *a, sqlite3_stmt *st, int column)
{
    const unsigned char *p = sqlite3_column_text(st, column);
    return arena_str(a, str_of((const char *)p, (size_t)sqlite3_column_bytes(st, column)));
}

static unsigned count_at(sqlite3_stmt *st, int column)
{
    int64_t n = sqlite3_column_int64(st, column);
    return n < 0 ? 0 : n > INT32_MAX ? INT32_MAX : (unsigned)n;
}

static enum result result_at(sqlite3_stmt *st, int column)
{
    static const enum result all[] = {RESULT_SUCCESS, RESULT_FAILURE, RESULT_CANCELLED, RESULT_SKIPPED};
    struct str name = str_of((const char *)sqlite3_column_text(st, column), (size_t)sqlite3_column_bytes(st, column));
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (str_is(name, result_name(all[i])))
            return all[i];
    return RESULT_NONE;
}

int history_next_run(struct str db_path, struct str project, int64_t *ret_id, int64_t *ret_number, struct err *e)
{
    sqlite3 *db CLEAN(db) = NULL;
    sqlite3_stmt *st CLEAN(statement) = NULL;
    int r = db_open(db_path, DB_WRITE, &db, e);
    if (r < 0)
        return r;
    r = db_prepare(db, &st, e,
                   "INSERT INTO runs (project, number) VALUES"
                   " (?1, (SELECT 1 + COALESCE(MAX(number), 0) FROM runs WHERE project = ?1))"
                   " RETURNING id, number",
                   "t", project);
    if (r < 0)
        return r;
    r = next_row(db, st, e);
    if (r <= 0)
        return r < 0 ? r : err_set(e, EIO, "cannot number the run");
    int64_t id = sqlite3_column_int64(st, 0), number = sqlite3_column_int64(st, 1);
    r = next_row(db, st, e); /* the insertion ends with the statement */
    if (r < 0)
        return r;
    *ret_id = id;
    *ret_number = number;
    return 0;
}

int history_count(struct str db_path, struct str project, struct str key, int64_t seed, int64_t *ret, struct err *e)
{
    sqlite3 *db CLEAN(db) = NULL;
    sqlite3_stmt *st CLEAN(statement) = NULL;
    int r = db_open(db_path, DB_WRITE, &db, e);
    if (r == 0)
        r = db_prepare(db, &st, e,
                       "INSERT INTO counters (project, key, value) VALUES (?, ?, ?)"
                       " ON CONFLICT (project, key) DO UPDATE SET value = value + 1 RETURNING value",
                       "tti", project, key, seed);
    if (r < 0)
        return r;
    r = next_row(db, st, e);
    if (r <= 0)
        return r < 0 ? r : err_set(e, EIO, "cannot count");
    int64_t value = sqlite3_column_int64(st, 0);
    r = next_row(db, st, e); /* it is written when the statement ends */
    if (r == 0)
        *ret = value;
    return r;
}

static struct history_run run_at(struct arena *a, sqlite3_stmt *st)
{
    return (struct history_run){
        .id = sqlite3_column_int64(st, 0),
        .number = sqlite3_column_int64(st, 1),
        .started_ms = sqlite3_column_int64(st, 2),
        .elapsed_ns = sqlite3_column_int64(st, 3),
        .project = text_at(a, st, 4),
        .event = text_at(a, st, 5),
        .branch = text_at(a, st, 6),
        .result = result_at(st, 7),
        .finished = sqlite3_column_int64(st, 8) != 0,
        .passed = count_at(st, 9),
        .failed = count_at(st, 10),
        .cancelled = count_at(st, 11),
        .skipped = count_at(st, 12),
    };
}

#define OUTCOMES(word)                                                                                                 \
    "(SELECT COUNT(*) FROM jobs WHERE jobs.run = runs.id AND"                                                          \
    " CASE conclusion WHEN '' THEN result ELSE conclusion END = '" word "')"

int history_runs(struct arena *a, struct str db_path, struct str project, unsigned limit, struct history_run **ret,
                 size_t *ret_n, struct err *e)
{
    sqlite3 *db CLEAN(db) = NULL;
    sqlite3_stmt *st CLEAN(statement) = NULL;
    VEC(struct history_run) runs = {0};
    int r = db_open(db_path, DB_READ, &db, e);
    if (r == -ENOENT) {
        *ret = NULL;
        *ret_n = 0;
        return 0;
    }
    if (r == 0)
        r = db_prepare(
            db, &st, e,
            "SELECT id, number, started_ms, elapsed_ns, project, event, branch, result, finished, " OUTCOMES(
                "success") ", " OUTCOMES("failure") ", " OUTCOMES("cancelled") ", " OUTCOMES("skipped") " FROM runs "
                                                                                                        "WHERE "
                                                                                                        "started_ms IS "
                                                                                                        "NOT NULL AND "
                                                                                                        "(?1 = '' OR "
                                                                                                        "project = ?1)"
                                                                                                        " ORDER BY id "
                                                                                                        "DESC LIMIT ?2",
            "ti", project, (int64_t)limit);
    while (r >= 0 && (r = next_row(db, st, e)) == 1)
        vec_push_in(a, &runs, run_at(a, st));
    if (r < 0)
        return r;
    *ret = runs.p;
    *ret_n = runs.n;
    return 0;
}

static int open_run(struct str db_path, int64_t run, sqlite3 **ret, struct err *e)
{
    sqlite3 *db CLEAN(db) = NULL;
    sqlite3_stmt *st CLEAN(statement) = NULL;
    int r = db_open(db_path, DB_READ, &db, e);
    if (r == -ENOENT)
        return err_set(e, ENOENT, "there is no run %lld: nothing ran here yet", (long long)run);
    if (r == 0)
        r = db_prepare(db, &st, e, "SELECT 1 FROM runs WHERE id = ? AND started_ms IS NOT NULL", "i", run);
    if (r == 0)
        r = next_row(db, st, e);
    if (r < 0)
        return r;
    if (r == 0)
        return err_set(e, ENOENT, "there is no run %lld", (long long)run);
    *ret = TAKE(db);
    return 0;
}

static struct history_job job_at(struct arena *a, sqlite3_stmt *st)
{
    return (struct history_job){
        .number = count_at(st, 0),
        .service = text_at(a, st, 1),
        .pipeline = text_at(a, st, 2),
        .id = text_at(a, st, 3),
        .name = text_at(a, st, 4),
        .file = text_at(a, st, 5),
        .line = count_at(st, 6),
        .result = result_at(st, 7),
        .conclusion = result_at(st, 8),
        .why = text_at(a, st, 9),
        .elapsed_ns = sqlite3_column_int64(st, 10),
    };
}

int history_jobs(struct arena *a, struct str db_path, int64_t run, struct history_job **ret, size_t *ret_n,
                 struct err *e)
{
    sqlite3 *db CLEAN(db) = NULL;
    sqlite3_stmt *st CLEAN(statement) = NULL;
    VEC(struct history_job) jobs = {0};
    int r = open_run(db_path, run, &db, e);
    if (r == 0)
        r = db_prepare(db, &st, e,
                       "SELECT number, service, pipeline, id, name, file, line, result, conclusion, why, elapsed_ns"
                       " FROM jobs WHERE run = ? ORDER BY number",
                       "i", run);
    while (r >= 0 && (r = next_row(db, st, e)) == 1)
        vec_push_in(a, &jobs, job_at(a, st));
    if (r < 0)
        return r;
    *ret = jobs.p;
    *ret_n = jobs.n;
    return 0;
}

struct reader {
    int (*each)(void *ctx, unsigned job, unsigned step, enum event_stream stream, struct str line);
    void *ctx;
};

static int read_chunk(const struct reader *reader, unsigned job, struct str bytes, struct err *e)
{
    unsigned step = 0;
    enum event_stream stream = STREAM_OUT;
    struct str line;
    int r;
    while ((r = chunk_next(&bytes, &step, &stream, &line)) == 1) {
        r = reader->each(reader->ctx, job, step, stream, line);
        if (r != 0)
            return r;
    }
    return r < 0 ? err_set(e, EINVAL, "the log of job %u is damaged", job) : 0;
}

int history_log(struct str db_path, int64_t run, unsigned job,
                int (*each)(void *ctx, unsigned job, unsigned step, enum event_stream stream, struct str line),
                void *ctx, struct err *e)
{
    sqlite3 *db CLEAN(db) = NULL;
    sqlite3_stmt *st CLEAN(statement) = NULL;
    struct reader reader = {.each = each, .ctx = ctx};
    int r = open_run(db_path, run, &db, e);
    if (r == 0)
        r = db_prepare(db, &st, e,
                       "SELECT job, bytes FROM logs WHERE run = ?1 AND (?2 = 0 OR job = ?2)"
                       " ORDER BY job, seq",
                       "ii", run, (int64_t)job);
    if (r < 0)
        return r;
    while ((r = next_row(db, st, e)) == 1) {
        const void *p = sqlite3_column_blob(st, 1);
        size_t n = (size_t)sqlite3_column_bytes(st, 1);
        r = read_chunk(&reader, count_at(st, 0), str_of((const char *)p, n), e);
        if (r != 0)
            return r < 0 ? r : 0;
    }
    return r;
}

int history_trim(struct str db_path, uint64_t max_bytes, struct err *e)
{
    sqlite3 *db CLEAN(db) = NULL;
    int64_t limit = max_bytes > INT64_MAX ? INT64_MAX : (int64_t)max_bytes;
    int r = db_open(db_path, DB_WRITE, &db, e);
    if (r == 0)
        r = db_run(db, e,
                   "DELETE FROM logs WHERE run IN (SELECT run FROM (SELECT run,"
                   " SUM(SUM(LENGTH(bytes))) OVER (ORDER BY run DESC) AS total FROM logs GROUP BY run)"
                   " WHERE total > ?)",
                   "i", limit);
    if (r == 0 && sqlite3_exec(db, "PRAGMA incremental_vacuum", NULL, NULL, NULL) != SQLITE_OK)
        r = db_fail(db, "shrink the history", e);
    return r;
}
