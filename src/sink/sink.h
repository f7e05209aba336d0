/*
 * sink/sink.h - the views of a run: a live terminal, plain lines, JSON lines, JUnit, history.
 *
 * Each constructor returns a sink for bus_attach, which takes ownership. Sinks write to descriptors or files they are
 * given; they decide nothing about the run. An error detaches the sink; the run goes on.
 */
#pragma once
#include "core/err.h"
#include "core/str.h"
#include "event/event.h"

struct sink_look {
    int out;      /* results: the final table */
    int progress; /* everything while the run lasts */
    bool colour;
    bool utf8; /* the locale shows UTF-8; else glyphs are ASCII */
    unsigned columns, rows;
    bool quiet;       /* only failures and the final table */
    unsigned verbose; /* 1: all output of all steps; 2: debug lines as well */
};

/* A line per job with its running step, elapsed time and last output, redrawn in place; failed steps' logs whole. */
struct sink *sink_term_new(const struct sink_look *look);
/* For pipes and files: a line per event that matters, no escape codes, the same final table. */
struct sink *sink_lines_new(const struct sink_look *look);
/* JSON lines on fd, every event, stable names (docs/events.md). */
struct sink *sink_json_new(int fd);
/* One JUnit XML file, written at the end. */
struct sink *sink_junit_new(struct str path);

/* History: one SQLite file in the state folder, with the runs, their jobs, steps, notes and logs. */
struct sink *sink_history_new(struct str db_path, int64_t run_id, int64_t now_ms, struct str project, struct err *e);
