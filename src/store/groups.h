/*
 * store/groups.h - concurrency groups that the runs of several processes share.
 *
 * A folder of a repository holds a ticket file for each member of any group, named by the group's digest and a number
 * that tells the order of arrival. Its owner keeps a lock on it: a ticket that can be locked is of a process that is no
 * more, and is removed by the next one to look. The first byte tells whether the ticket was called off. Every look at
 * the folder is under one lock of its own, held for microseconds.
 */
#pragma once
#include "core/err.h"
#include "core/mem.h"

struct ticket; /* heap; closed by ticket_leave */

struct ticket_spec {
    struct str group;   /* the name; ASCII case is folded */
    struct str who;     /* a line that others are shown: "run 12" */
    bool cancel_holder; /* calls the holder off */
    bool queue;         /* does not call off those that wait */
    unsigned queue_max; /* more that wait than this: called off at birth */
};

enum ticket_state { TICKET_WAITS, TICKET_HOLDS, TICKET_OFF };

/* dir is made. ret_before: `who` of the first in line, in `a`, or empty. -errno: the folder cannot be used. */
int ticket_enter(struct arena *a, struct str dir, const struct ticket_spec *spec, struct ticket **ret,
                 struct str *ret_before, struct err *e);
/* What became of it. One that cannot find out waits on. */
enum ticket_state ticket_ask(struct ticket *t);
void ticket_leave(struct ticket *t); /* NULL is allowed */
