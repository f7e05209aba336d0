#include "core/base.h"
#include "cli/world_groups.h"

#include "core/path.h"
#include "event/event.h"
#include "store/groups.h"

static void warn(struct world_groups *w, struct str text)
{
    bus_emit(w->bus, &(struct event){.kind = EVENT_WARNING, .text = text});
}

static void *enter(void *ctx, const struct group_entry *entry)
{
    struct world_groups *w = ctx;
    struct ticket *t = NULL;
    struct str before;
    struct err err = {0};
    struct ticket_spec spec = {.group = entry->name,
                               .who = w->who,
                               .cancel_holder = entry->cancel_holder,
                               .queue = entry->queue_max,
                               .queue_max = GROUP_QUEUE};
    if (ticket_enter(w->arena, w->dir, &spec, &t, &before, &err) < 0) {
        if (!w->failed)
            warn(w, arena_printf(w->arena, "concurrency groups are not shared with other runs: %s", err.text));
        w->failed = true;
        return NULL;
    }
    if (before.n > 0 && !str_eq(before, w->who))
        warn(w, arena_printf(w->arena, "%.*s waits: %.*s holds the concurrency group '%.*s'", STR_ARG(entry->who),
                             STR_ARG(before), STR_ARG(entry->name)));
    return t;
}

static enum group_answer ask(void *ctx, void *ticket)
{
    UNUSED(ctx);
    switch (ticket_ask(ticket)) {
    case TICKET_WAITS:
        break;
    case TICKET_HOLDS:
        return GROUP_HOLDS;
    case TICKET_OFF:
        return GROUP_OUT;
    }
    return GROUP_WAITS;
}

static void leave(void *ctx, void *ticket)
{
    UNUSED(ctx);
    ticket_leave(ticket);
}

void world_groups_init(struct world_groups *w, struct arena *a, struct str state_dir, const struct facts *f)
{
    struct str of = f->repo.remote_url.n > 0 ? f->repo.remote_url : f->repo.root;
    *w = (struct world_groups){.share = {w, enter, ask, leave}, .arena = a};
    w->dir = arena_printf(a, "%.*s/groups/%016llx", STR_ARG(state_dir), (unsigned long long)str_hash(of, false));
    w->who = arena_printf(a, "run %llu in %.*s", (unsigned long long)f->run_id, STR_ARG(f->repo.root));
}
