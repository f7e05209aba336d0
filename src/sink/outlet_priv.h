/*
 * sink/outlet_priv.h - text on its way to a descriptor that somebody else owns.
 *
 * Text is gathered in `text` and written whole. A write that failed stays failed: ticks cannot report an error, so the
 * next event or finish does, and nothing is written behind a hole.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "core/err.h"

/* Output of steps is gathered up to this many bytes between ticks. */
#define OUTLET_GATHER ((size_t)64 << 10)

struct outlet {
    int fd; /* borrowed */
    struct buf text;
    struct err broken; /* num 0: all is well */
};

void outlet_init(struct outlet *o, int fd);
void outlet_done(struct outlet *o);
int outlet_flush(struct outlet *o, struct err *e);
