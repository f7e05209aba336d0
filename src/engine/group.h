/*
 * engine/group.h - concurrency groups: who holds one, who waits for it, who was turned out.
 *
 * A group has one holder; behind it one member waits, or up to GROUP_QUEUE where newcomers queue. A newcomer that does
 * not queue turns out all that wait. Groups are shared with other runs when the caller lends a group_share: a member
 * then holds its group only when the share grants it as well. Nothing here knows jobs: a member that must go is marked,
 * and the scheduler takes the mark up. Rules: "Control the concurrency of workflows and jobs", queue.
 */
#pragma once
#include "core/base.h"
#include "core/str.h"
#include "core/vec.h"
#include "plan/driver.h"

#define GROUP_QUEUE 100 /* members that wait where newcomers queue; one more is turned out itself */

struct group_entry {
    struct str name;    /* of the group; ASCII case is folded */
    struct str who;     /* what people call the newcomer */
    bool cancel_holder; /* cancel-in-progress */
    bool queue_max;     /* queue: max */
};

enum group_answer { GROUP_WAITS, GROUP_HOLDS, GROUP_OUT /* another run's newcomer took its place */ };

/* Groups as other runs see them; every slot required. */
struct group_share {
    void *ctx;
    /* A newcomer of this run: its ticket, or NULL when groups cannot be shared (told by the callee). */
    void *(*enter)(void *ctx, const struct group_entry *entry);
    enum group_answer (*ask)(void *ctx, void *ticket);
    void (*leave)(void *ctx, void *ticket);
};

struct group;
struct member {
    struct group *group; /* NULL: in none */
    void *ticket;        /* of the share, or NULL */
    bool granted;        /* by the share */
    bool out;            /* turned out before it held the group */
    bool cancel;         /* it must go, for `why`: marked by groups, cleared by the scheduler */
    bool told;           /* it was marked before: once is enough */
    enum cancel_why why;
};

struct groups {
    VEC(struct group *) list;
    const struct group_share *share; /* or NULL */
};

void groups_done(struct groups *gs); /* whoever is still in one leaves it */
/* m stays where it is until it leaves. It and others may be marked. */
void group_enter(struct groups *gs, struct member *m, const struct group_entry *entry);
void group_leave(struct groups *gs, struct member *m); /* in none: nothing */
bool group_holds(const struct member *m);              /* or is in none */
/* Is m in the group of this name, holding it or waiting? */
bool group_has(const struct groups *gs, struct str name, const struct member *m);
/* Asks the share about every member; true when an answer is new. */
bool groups_poll(struct groups *gs);
/* Does one wait for another run? Then nothing of this run will tell when it is over. */
bool groups_wait(const struct groups *gs);
/* The next marked member, its mark taken off; NULL: none. */
struct member *groups_marked(struct groups *gs);
