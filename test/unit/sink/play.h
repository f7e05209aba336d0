/*
 * test/unit/sink/play.h - a run played to a sink: events as data, and what the sink wrote as text.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "core/mem.h"
#include "event/event.h"
#include "sink/sink.h"

#include <sys/mman.h>
#include <unistd.h>

#define MS INT64_C(1000000)
#define S (1000 * MS)
#define T(x)                                                                                                           \
    {                                                                                                                  \
        "" x, sizeof(x) - 1                                                                                            \
    } /* a struct str where only a constant may stand */

static inline int scratch_fd(void)
{
    int fd = memfd_create("sink", MFD_CLOEXEC);
    MUST(fd >= 0);
    return fd;
}

/* All that was written to a scratch_fd so far; freed by the caller. */
static inline char *written(int fd)
{
    off_t n = lseek(fd, 0, SEEK_END);
    MUST(n >= 0);
    char *text = mem_alloc((size_t)n + 1);
    MUST(pread(fd, text, (size_t)n, 0) == n);
    return text;
}

static inline void play(struct sink *s, const struct event *events, size_t n)
{
    struct err e = {0};
    for (size_t i = 0; i < n; i++)
        if (s->ops->event(s, &events[i], &e) < 0)
            BUG("event %zu: %s", i, e.text);
}

static inline void end_play(struct sink *s)
{
    struct err e = {0};
    if (s->ops->finish(s, &e) < 0)
        BUG("finish: %s", e.text);
    s->ops->free(s);
}

static const struct event one_of_each[] = {
    {.kind = EVENT_RUN_STARTED, .name = T("push"), .text = T("main"), .number = 12},
    {.kind = EVENT_PIPELINE,
     .service = T("github"),
     .pipeline = T("CI"),
     .file = T(".github/workflows/ci.yml"),
     .text = T("push on main"),
     .started = true},
    {.kind = EVENT_PIPELINE,
     .service = T("github"),
     .pipeline = T("Load"),
     .file = T(".github/workflows/load.yml"),
     .text = T("branches: staging")},
    {.kind = EVENT_JOB_QUEUED,
     .job = 1,
     .service = T("github"),
     .pipeline = T("CI"),
     .id = T("lint"),
     .name = T("lint"),
     .file = T(".github/workflows/ci.yml"),
     .line = 10},
    {.kind = EVENT_JOB_QUEUED,
     .job = 2,
     .service = T("github"),
     .pipeline = T("CI"),
     .id = T("test (3.9)"),
     .name = T("test (3.9)"),
     .file = T(".github/workflows/ci.yml"),
     .line = 20},
    {.kind = EVENT_JOB_QUEUED,
     .job = 3,
     .service = T("github"),
     .pipeline = T("CI"),
     .id = T("test (3.14)"),
     .name = T("test (3.14)"),
     .file = T(".github/workflows/ci.yml"),
     .line = 20},
    {.kind = EVENT_NOTE,
     .job = 1,
     .how = HOW_SUBSTITUTED,
     .name = T("ubuntu-24.04"),
     .text = T("this host, Debian 12")},
    {.kind = EVENT_NOTE,
     .job = 2,
     .how = HOW_SUBSTITUTED,
     .name = T("ubuntu-24.04"),
     .text = T("this host, Debian 12")},
    {.kind = EVENT_JOB_STARTED, .at_ns = 100 * MS, .job = 1, .text = T("overlay")},
    {.kind = EVENT_JOB_STARTED, .at_ns = 110 * MS, .job = 2, .text = T("overlay")},
    {.kind = EVENT_STEP_STARTED,
     .at_ns = 120 * MS,
     .job = 1,
     .step = 1,
     .name = T("Lint"),
     .file = T(".github/workflows/ci.yml"),
     .line = 14,
     .text = T("make lint")},
    {.kind = EVENT_NOTE,
     .at_ns = 125 * MS,
     .job = 1,
     .step = 1,
     .how = HOW_EMULATED,
     .name = T("actions/checkout@v4"),
     .text = T("the work tree, copied")},
    {.kind = EVENT_OUTPUT, .at_ns = 130 * MS, .job = 1, .step = 1, .text = T("\033[32mall\033[0m clean\033[2J")},
    {.kind = EVENT_ANNOTATION,
     .at_ns = 131 * MS,
     .job = 1,
     .step = 1,
     .level = LEVEL_WARNING,
     .name = T("E501"),
     .text = T("line too long"),
     .file = T("src/app.py"),
     .line = 3,
     .column = 80},
    {.kind = EVENT_STEP_STARTED,
     .at_ns = 140 * MS,
     .job = 2,
     .step = 1,
     .name = T("Run tests"),
     .file = T(".github/workflows/ci.yml"),
     .line = 38,
     .text = T("set -e\npytest -q\n")},
    {.kind = EVENT_OUTPUT, .at_ns = 1 * S, .job = 2, .step = 1, .text = T("F\t[100%]")},
    {.kind = EVENT_OUTPUT, .at_ns = 1 * S, .job = 2, .step = 1, .stream = STREAM_ERR, .text = T("")},
    {.kind = EVENT_OUTPUT, .at_ns = 1 * S, .job = 2, .step = 1, .text = T("E  assert 4 == 5")},
    {.kind = EVENT_STEP_FINISHED,
     .at_ns = 1500 * MS,
     .job = 1,
     .step = 1,
     .result = RESULT_SUCCESS,
     .conclusion = RESULT_SUCCESS,
     .elapsed_ns = 1380 * MS},
    {.kind = EVENT_JOB_FINISHED, .at_ns = 1500 * MS, .job = 1, .result = RESULT_SUCCESS, .elapsed_ns = 1400 * MS},
    {.kind = EVENT_STEP_FINISHED,
     .at_ns = 12 * S,
     .job = 2,
     .step = 1,
     .result = RESULT_FAILURE,
     .conclusion = RESULT_FAILURE,
     .status = 1,
     .elapsed_ns = 11860 * MS},
    {.kind = EVENT_STEP_FINISHED,
     .at_ns = 12 * S,
     .job = 2,
     .step = 2,
     .name = T("Upload"),
     .result = RESULT_SKIPPED,
     .conclusion = RESULT_SKIPPED,
     .status = -1},
    {.kind = EVENT_JOB_FINISHED, .at_ns = 12 * S, .job = 2, .result = RESULT_FAILURE, .elapsed_ns = 11890 * MS},
    {.kind = EVENT_NOTE,
     .at_ns = 12 * S,
     .job = 3,
     .how = HOW_SKIPPED,
     .name = T("python 3.14"),
     .text = T("none found, skipped")},
    {.kind = EVENT_JOB_FINISHED, .at_ns = 12 * S, .job = 3, .result = RESULT_SKIPPED, .text = T("no Python 3.14 here")},
    {.kind = EVENT_WARNING, .at_ns = 12 * S, .text = T("the disk is nearly full")},
    {.kind = EVENT_RUN_FINISHED, .at_ns = 12400 * MS, .result = RESULT_FAILURE, .elapsed_ns = 12400 * MS, .number = 1},
};
