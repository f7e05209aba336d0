/*
 * The bus hands each event to every sink before the next one. A sink that fails is detached, and the others are told
 * once; when there is nobody left to tell, the error is kept for bus_finish.
 */
#include "core/base.h"
#include "event/event.h"

#include "core/err.h"

struct seat {
    struct sink *sink;
    bool detached, unreported;
    struct err err; /* why it was detached */
};

struct bus {
    int64_t (*now_ns)(void);
    int64_t began_ns;
    VEC(struct seat) seats;
    bool busy; /* a sink is being called */
    bool finished;
    struct err lost; /* of the first sink that failed with no other left to say so */
};

struct bus *bus_new(int64_t (*now_ns)(void))
{
    struct bus *b = mem_alloc(sizeof *b);
    b->now_ns = now_ns;
    b->began_ns = now_ns();
    return b;
}

void bus_attach(struct bus *b, struct sink *s)
{
    MUST(!b->busy && !b->finished);
    MUST(s->ops->name && s->ops->event && s->ops->finish && s->ops->free);
    struct seat seat = {.sink = s};
    vec_push(&b->seats, seat);
}

static void hand_out(struct bus *b, const struct event *ev)
{
    b->busy = true;
    for (size_t i = 0; i < b->seats.n; i++) {
        struct seat *seat = &b->seats.p[i];
        if (seat->detached)
            continue;
        struct err e = {0};
        int rc = seat->sink->ops->event(seat->sink, ev, &e);
        if (rc >= 0)
            continue;
        if (!e.num)
            err_sys(&e, -rc, "cannot write");
        seat->err = e;
        seat->detached = seat->unreported = true;
    }
    b->busy = false;
}

static bool anyone_left(const struct bus *b)
{
    for (size_t i = 0; i < b->seats.n; i++)
        if (!b->seats.p[i].detached)
            return true;
    return false;
}

/* Tells the remaining sinks of one that was detached; false when all were told. */
static bool report_one(struct bus *b, int64_t at_ns)
{
    for (size_t i = 0; i < b->seats.n; i++) {
        struct seat *seat = &b->seats.p[i];
        if (!seat->unreported)
            continue;
        seat->unreported = false;
        if (!anyone_left(b)) {
            if (!b->lost.num) {
                b->lost = seat->err;
                err_wrap(&b->lost, "%s", seat->sink->ops->name);
            }
            return true;
        }
        char text[sizeof seat->err.text + 200];
        int n = snprintf(text, sizeof text, "%.100s stopped taking part: %s", seat->sink->ops->name, seat->err.text);
        hand_out(b,
                 &(struct event){.kind = EVENT_WARNING, .at_ns = at_ns, .status = -1, .text = str_of(text, (size_t)n)});
        return true;
    }
    return false;
}

void bus_emit(struct bus *b, struct event *ev)
{
    if (b->busy)
        BUG("a sink sent the event %s while it was being called", event_kind_name(ev->kind));
    MUST(!b->finished);
    ev->at_ns = b->now_ns() - b->began_ns;
    hand_out(b, ev);
    /* Ends: each turn takes one report away, and a report can detach no more sinks than there are. */
    while (report_one(b, ev->at_ns))
        ;
}

void bus_tick(struct bus *b)
{
    MUST(!b->busy && !b->finished);
    int64_t now_ns = b->now_ns() - b->began_ns;
    b->busy = true;
    for (size_t i = 0; i < b->seats.n; i++) {
        struct seat *seat = &b->seats.p[i];
        if (!seat->detached && seat->sink->ops->tick)
            seat->sink->ops->tick(seat->sink, now_ns);
    }
    b->busy = false;
}

int bus_finish(struct bus *b, struct err *e)
{
    MUST(!b->busy && !b->finished);
    struct err first = b->lost;
    b->busy = true;
    for (size_t i = 0; i < b->seats.n; i++) {
        struct seat *seat = &b->seats.p[i];
        struct err one = {0};
        int rc = seat->detached ? 0 : seat->sink->ops->finish(seat->sink, &one);
        if (rc >= 0 || first.num)
            continue;
        if (!one.num)
            err_sys(&one, -rc, "cannot finish");
        first = one;
        err_wrap(&first, "%s", seat->sink->ops->name);
    }
    b->busy = false;
    b->finished = true;
    if (first.num && e)
        *e = first;
    return first.num;
}

void bus_free(struct bus *b)
{
    if (!b)
        return;
    for (size_t i = 0; i < b->seats.n; i++)
        b->seats.p[i].sink->ops->free(b->seats.p[i].sink);
    vec_done(&b->seats);
    free(b);
}
