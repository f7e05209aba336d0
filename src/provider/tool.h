/*
 * provider/tool.h - an interpreter of this machine put into a job, as if it were an installation of its own.
 *
 * On the services a Python is an installation where pip may write and nothing but the standard library is. Here it
 * becomes a virtual environment, made once, kept across runs by interpreter and place, and shown copy-on-write. With
 * user_site, `pip install --user` works in it as well, which virtual environments refuse otherwise, while packages of
 * this machine stay out of sight. Other tools (node, go ...) are used where they lie.
 *
 * A coroutine of ops: the driver calls tool_next until it is done, and tool_exited when each op has ended.
 */
#pragma once
#include "core/mem.h"
#include "core/vec.h"
#include "plan/driver.h"
#include "plan/facts.h"

enum tool_phase { TOOL_KEPT, TOOL_VENV, TOOL_READ, TOOL_TAILOR, TOOL_KEEP, TOOL_READY, TOOL_FAILED };

struct tool {
    /* The caller's: */
    struct arena *arena;
    const struct facts *facts;
    const struct interpreter *found; /* of interpreter_find */
    struct str location;             /* absolute, in the job: "/root/.pyenv/versions/3.12.1"; its folder is made */
    struct str root;                 /* the job's workspace: a base for the cache's paths */
    bool user_site;
    bool plain;            /* a plain sandbox: nothing is kept, as its paths differ in each run */
    const struct str *env; /* for making it, whole: "NAME=VALUE" */
    size_t n_env;
    /* Its own, to be read: */
    enum tool_phase phase;
    struct str bin; /* READY: the folder for PATH */
    struct err err; /* FAILED: why */
    struct str cfg; /* pyvenv.cfg, between two ops */
};

/* "Python 3.12.1 of this host (/usr/bin/python3), in a virtual environment": for the summary. */
struct str tool_words(struct arena *a, const struct interpreter *found);
/* Takes the caller's fields as they are and sets the first phase. */
void tool_init(struct tool *t);
/* True: *op (without token and step, which are the caller's) is to be started. False: READY or FAILED. */
bool tool_next(struct tool *t, struct op *op);
void tool_exited(struct tool *t, const struct op_end *end);
