/*
 * test/unit/provider/play_op.h - what every provider's play asks of the ops that a driver gives: argv, environment and
 * files, as a test compares them; and an engine's answers that are the same for all.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "plan/driver.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

/* STR_NONE: the op does not set it. */
static inline struct str play_op_env(const struct op *op, const char *name)
{
    for (size_t i = 0; i < op->n_env; i++) {
        struct str key, value;
        str_cut(op->env[i], '=', &key, &value);
        if (str_is(key, name))
            return value;
    }
    return STR_NONE;
}

/* argv joined by spaces. */
static inline const char *play_op_argv(struct arena *a, const struct op *op)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    for (size_t i = 0; i < op->n_argv; i++)
        buf_printf(&b, "%s%.*s", i > 0 ? " " : "", STR_ARG(op->argv[i]));
    return arena_str(a, buf_str(&b)).p;
}

/* The first file whose path holds the part, or STR_NONE. */
static inline struct str play_op_written(const struct op *op, const char *part)
{
    for (size_t i = 0; i < op->n_writes; i++)
        if (str_find(op->writes[i].path, str_from(part)) >= 0)
            return op->writes[i].text;
    return STR_NONE;
}

/* NULL: absent. `name` says what it is that should be so. */
static inline void assert_named_str(const char *name, struct str got, const char *wanted)
{
    if (wanted == NULL ? got.p != NULL : !str_is(got, wanted))
        fail_msg("%s is '%.*s', not '%s'", name, STR_ARG(got), wanted != NULL ? wanted : "(absent)");
}

static inline void assert_str(struct str got, const char *wanted)
{
    assert_named_str("it", got, wanted);
}

/* " -> success: why", of a step that is over, and the line's end. */
static inline void play_add_end(struct buf *log, const struct event *ev)
{
    if (ev->conclusion != ev->result)
        buf_printf(log, " -> %s", result_name(ev->conclusion));
    if (ev->text.n > 0)
        buf_printf(log, ": %.*s", STR_ARG(ev->text));
    buf_add_ch(log, '\n');
}

static inline void play_add_note(struct buf *log, const struct event *ev)
{
    buf_printf(log, "%s %.*s: %.*s\n", event_how_name(ev->how), STR_ARG(ev->name), STR_ARG(ev->text));
}
