/*
 * sink/history_priv.h - the history's file: its schema, and SQLite with our errors.
 *
 * Nouns: a chunk is up to 64 KiB of one job's log, many lines in one row, so that a log of 100 MB is some 1,600 rows.
 * In a chunk a line is: varint(step * 4 + stream), varint(bytes), the bytes. A varint is little-endian base 128.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/str.h"
#include "event/event.h"

#include <sqlite3.h>

#define CHUNK_BYTES ((size_t)64 << 10)
#define CHUNK_LINE_MAX ((size_t)1 << 20) /* a longer line is cut */
#define CHUNK_MAX (CHUNK_BYTES + CHUNK_LINE_MAX + 32)

enum db_mode {
    DB_READ,  /* never creates, never changes; -ENOENT when absent */
    DB_WRITE, /* creates the file and its tables, or brings older tables up to date */
};

/* A newer slipway's file is refused (-EPROTO), and so is a file that is no history (-EINVAL). */
int db_open(struct str path, enum db_mode mode, sqlite3 **ret, struct err *e);
void clean_db(void *slot); /* CLEAN(db) sqlite3 *db = NULL; */
void clean_statement(void *slot);

/* Sets e from the connection's last error, "cannot WHAT: why", and returns the errno that is nearest. */
int db_fail(sqlite3 *db, const char *what, struct err *e);
/*
 * Prepares and binds: in `kinds` 'i' is an int64_t, 't' a struct str as text, 'b' a struct str as bytes. Bytes are
 * borrowed until the statement is finalized.
 */
int db_prepare(sqlite3 *db, sqlite3_stmt **ret, struct err *e, const char *sql, const char *kinds, ...);
/* A statement without rows. */
int db_run(sqlite3 *db, struct err *e, const char *sql, const char *kinds, ...);

void chunk_add(struct buf *b, unsigned step, enum event_stream stream, struct str line);
/* Takes the next line off *rest: 1, 0 at the end, -EINVAL when the bytes are no chunk. */
int chunk_next(struct str *rest, unsigned *ret_step, enum event_stream *ret_stream, struct str *ret_line);
