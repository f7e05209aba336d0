#include "core/base.h"
#include "sink/history_priv.h"

#include "core/mem.h"

#define BUSY_MS 5000
#define APPLICATION_ID 0x736c6970 /* "slip" */

/* Each string brings user_version from its index to the next. Never change one that was released: add another. */
static const char *const migrations[] = {
    "CREATE TABLE runs ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, project TEXT NOT NULL, number INTEGER NOT NULL,"
    " event TEXT NOT NULL DEFAULT '', branch TEXT NOT NULL DEFAULT '', started_ms INTEGER,"
    " elapsed_ns INTEGER NOT NULL DEFAULT 0, result TEXT NOT NULL DEFAULT '', exit_code INTEGER,"
    " finished INTEGER NOT NULL DEFAULT 0, UNIQUE (project, number));"
    "CREATE TABLE pipelines ("
    " run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, service TEXT NOT NULL, name TEXT NOT NULL,"
    " file TEXT NOT NULL, started INTEGER NOT NULL, why TEXT NOT NULL);"
    "CREATE INDEX pipelines_run ON pipelines (run);"
    "CREATE TABLE jobs ("
    " run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, number INTEGER NOT NULL, service TEXT NOT NULL,"
    " pipeline TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL,"
    " sandbox TEXT NOT NULL DEFAULT '', started_ns INTEGER, elapsed_ns INTEGER NOT NULL DEFAULT 0,"
    " result TEXT NOT NULL DEFAULT '', conclusion TEXT NOT NULL DEFAULT '', why TEXT NOT NULL DEFAULT '',"
    " PRIMARY KEY (run, number)) WITHOUT ROWID;"
    "CREATE TABLE steps ("
    " run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, job INTEGER NOT NULL, number INTEGER NOT NULL,"
    " name TEXT NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL, command TEXT NOT NULL DEFAULT '',"
    " started_ns INTEGER, elapsed_ns INTEGER NOT NULL DEFAULT 0, result TEXT NOT NULL DEFAULT '',"
    " conclusion TEXT NOT NULL DEFAULT '', status INTEGER, error TEXT NOT NULL DEFAULT '',"
    " PRIMARY KEY (run, job, number)) WITHOUT ROWID;"
    "CREATE TABLE notes ("
    " run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, job INTEGER NOT NULL, step INTEGER NOT NULL,"
    " how TEXT NOT NULL, what TEXT NOT NULL, text TEXT NOT NULL);"
    "CREATE INDEX notes_run ON notes (run);"
    "CREATE TABLE annotations ("
    " run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, job INTEGER NOT NULL, step INTEGER NOT NULL,"
    " level TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL,"
    " col INTEGER NOT NULL, end_line INTEGER NOT NULL, end_col INTEGER NOT NULL);"
    "CREATE INDEX annotations_run ON annotations (run);"
    "CREATE TABLE summaries ("
    " run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, job INTEGER NOT NULL, step INTEGER NOT NULL,"
    " text TEXT NOT NULL);"
    "CREATE INDEX summaries_run ON summaries (run);"
    "CREATE TABLE warnings (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, text TEXT NOT NULL);"
    "CREATE INDEX warnings_run ON warnings (run);"
    "CREATE TABLE logs ("
    " run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, job INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " bytes BLOB NOT NULL);"
    "CREATE UNIQUE INDEX logs_run ON logs (run, job, seq);",
    "CREATE TABLE counters ("
    " project TEXT NOT NULL, key TEXT NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (project, key)) WITHOUT ROWID;",
};

static int nearest_errno(int code) /* table */
{
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return EBUSY;
    case SQLITE_FULL:
        return ENOSPC;
    case SQLITE_READONLY:
        return EROFS;
    case SQLITE_PERM:
        return EACCES;
    case SQLITE_CANTOPEN:
        return ENOENT;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return EINVAL;
    case SQLITE_TOOBIG:
        return E2BIG;
    }
    return EIO;
}

int db_fail(sqlite3 *db, const char *what, struct err *e)
{
    return err_set(e, nearest_errno(sqlite3_errcode(db)), "cannot %s: %s", what, sqlite3_errmsg(db));
}

void clean_db(void *slot)
{
    sqlite3_close(*(sqlite3 **)slot);
}

void clean_statement(void *slot)
{
    sqlite3_finalize(*(sqlite3_stmt **)slot);
}

/* A NULL pointer would bind SQL's NULL, and every text column is NOT NULL. */
static int bind_one(sqlite3_stmt *st, int at, char kind, va_list *args)
{
    if (kind == 'i')
        return sqlite3_bind_int64(st, at, va_arg(*args, int64_t));
    struct str s = va_arg(*args, struct str);
    const char *p = s.p ? s.p : "";
    if (kind == 'b')
        return sqlite3_bind_blob64(st, at, p, s.n, SQLITE_STATIC);
    MUST(kind == 't');
    return sqlite3_bind_text64(st, at, p, s.n, SQLITE_STATIC, SQLITE_UTF8);
}

static int prepare_args(sqlite3 *db, sqlite3_stmt **ret, struct err *e, const char *sql, const char *kinds,
                        va_list *args)
{
    sqlite3_stmt *st CLEAN(statement) = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
        return db_fail(db, "use the history", e);
    for (int i = 0; kinds[i]; i++)
        if (bind_one(st, i + 1, kinds[i], args) != SQLITE_OK)
            return db_fail(db, "use the history", e);
    *ret = TAKE(st);
    return 0;
}

int db_prepare(sqlite3 *db, sqlite3_stmt **ret, struct err *e, const char *sql, const char *kinds, ...)
{
    va_list args;
    va_start(args, kinds);
    int r = prepare_args(db, ret, e, sql, kinds, &args);
    va_end(args);
    return r;
}

int db_run(sqlite3 *db, struct err *e, const char *sql, const char *kinds, ...)
{
    sqlite3_stmt *st CLEAN(statement) = NULL;
    va_list args;
    va_start(args, kinds);
    int r = prepare_args(db, &st, e, sql, kinds, &args);
    va_end(args);
    if (r < 0)
        return r;
    int code = sqlite3_step(st);
    return code == SQLITE_DONE || code == SQLITE_ROW ? 0 : db_fail(db, "write to the history", e);
}

static int pragma(sqlite3 *db, const char *sql, int64_t *ret, struct err *e)
{
    sqlite3_stmt *st CLEAN(statement) = NULL;
    int r = db_prepare(db, &st, e, sql, "");
    if (r < 0)
        return r;
    if (sqlite3_step(st) != SQLITE_ROW)
        return db_fail(db, "read the history", e);
    *ret = sqlite3_column_int64(st, 0);
    return 0;
}

static int execute(sqlite3 *db, const char *sql, struct err *e)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : db_fail(db, "write to the history", e);
}

static int check_version(sqlite3 *db, struct str path, int64_t *ret, struct err *e)
{
    int64_t version = 0, id = 0;
    int r = pragma(db, "PRAGMA user_version", &version, e);
    if (r == 0)
        r = pragma(db, "PRAGMA application_id", &id, e);
    if (r < 0)
        return err_wrap(e, "%.*s", STR_ARG(path));
    if (version > 0 && id != APPLICATION_ID)
        return err_set(e, EINVAL, "%.*s is a database, but not a history of slipway", STR_ARG(path));
    if (version > (int64_t)ARRAY_LEN(migrations))
        return err_set(e, EPROTO, "%.*s was written by a newer slipway", STR_ARG(path));
    *ret = version;
    return 0;
}

/* Under the write lock, so that two new processes do not both create the tables. */
static int migrate(sqlite3 *db, struct str path, struct err *e)
{
    int64_t version = 0;
    int r = check_version(db, path, &version, e);
    if (r < 0 || version == (int64_t)ARRAY_LEN(migrations))
        return r;
    r = execute(db, "BEGIN IMMEDIATE", e);
    if (r == 0)
        r = check_version(db, path, &version, e);
    for (size_t i = (size_t)version; r == 0 && i < ARRAY_LEN(migrations); i++)
        r = execute(db, migrations[i], e);
    char sql[100];
    snprintf(sql, sizeof sql, "PRAGMA user_version = %zu; PRAGMA application_id = %d", ARRAY_LEN(migrations),
             APPLICATION_ID);
    if (r == 0)
        r = execute(db, sql, e);
    if (r == 0)
        return execute(db, "COMMIT", e);
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return r;
}

static int set_up(sqlite3 *db, struct str path, enum db_mode mode, struct err *e)
{
    int64_t version = 0;
    sqlite3_busy_timeout(db, BUSY_MS);
    if (mode == DB_READ) {
        int r = check_version(db, path, &version, e);
        return r < 0 || version > 0 ? r : err_set(e, ENOENT, "%.*s is empty", STR_ARG(path));
    }
    int r = check_version(db, path, &version, e); /* before a foreign file is touched */
    if (r == 0)
        r = execute(db,
                    "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA "
                    "foreign_keys = ON",
                    e);
    return r == 0 ? migrate(db, path, e) : r;
}

int db_open(struct str path, enum db_mode mode, sqlite3 **ret, struct err *e)
{
    sqlite3 *db CLEAN(db) = NULL;
    char *file CLEAN(free) = mem_dup_str(path);
    int flags = mode == DB_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    if (sqlite3_open_v2(file, &db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return err_set(e, nearest_errno(sqlite3_errcode(db)), "cannot open %s: %s", file, sqlite3_errmsg(db));
    sqlite3_extended_result_codes(db, 1);
    int r = set_up(db, path, mode, e);
    if (r < 0)
        return r;
    *ret = TAKE(db);
    return 0;
}

static void add_varint(struct buf *b, uint64_t n)
{
    for (; n >= 0x80; n >>= 7)
        buf_add_ch(b, (char)(n | 0x80));
    buf_add_ch(b, (char)n);
}

static int take_varint(struct str *rest, uint64_t *ret)
{
    uint64_t n = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
        if (rest->n == 0)
            return -EINVAL;
        unsigned char byte = (unsigned char)rest->p[0];
        *rest = str_from_index(*rest, 1);
        n |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            *ret = n;
            return 0;
        }
    }
    return -EINVAL;
}

void chunk_add(struct buf *b, unsigned step, enum event_stream stream, struct str line)
{
    line = str_sub(line, 0, CHUNK_LINE_MAX);
    add_varint(b, (uint64_t)step * 4 + (uint64_t)stream);
    add_varint(b, line.n);
    buf_add(b, line);
    MUST(!b->over);
}

int chunk_next(struct str *rest, unsigned *ret_step, enum event_stream *ret_stream, struct str *ret_line)
{
    uint64_t head = 0, len = 0;
    if (rest->n == 0)
        return 0;
    if (take_varint(rest, &head) < 0 || take_varint(rest, &len) < 0 || len > rest->n || (head & 3) > STREAM_SLIPWAY ||
        head / 4 > UINT32_MAX)
        return -EINVAL;
    *ret_step = (unsigned)(head / 4);
    *ret_stream = (enum event_stream)(head & 3);
    *ret_line = str_sub(*rest, 0, len);
    *rest = str_from_index(*rest, len);
    return 1;
}
