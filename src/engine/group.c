#include "core/base.h"
#include "engine/group.h"

struct group {
    struct str name;
    struct member *holder;
    VEC(struct member *) members; /* in order of arrival, the holder and those turned out among them */
};

static struct group *find(const struct groups *gs, struct str name)
{
    for (size_t i = 0; i < gs->list.n; i++)
        if (str_eq_nocase(gs->list.p[i]->name, name))
            return gs->list.p[i];
    return NULL;
}

static void mark(struct member *m, enum cancel_why why)
{
    if (m->told)
        return;
    m->told = m->cancel = true;
    m->why = why;
}

static void turn_out(struct member *m, enum cancel_why why)
{
    m->out = true;
    mark(m, why);
}

static size_t waiting(const struct group *g)
{
    size_t n = 0;
    for (size_t i = 0; i < g->members.n; i++)
        n += g->members.p[i] != g->holder && !g->members.p[i]->out;
    return n;
}

static void enter_behind(struct group *g, struct member *m, const struct group_entry *entry)
{
    if (entry->queue_max && waiting(g) >= GROUP_QUEUE) {
        turn_out(m, CANCEL_QUEUE_FULL);
        return;
    }
    for (size_t i = 0; i < g->members.n && !entry->queue_max; i++)
        if (g->members.p[i] != g->holder && !g->members.p[i]->out)
            turn_out(g->members.p[i], CANCEL_SUPERSEDED);
    if (entry->cancel_holder)
        mark(g->holder, CANCEL_SUPERSEDED);
}

static bool ask(const struct groups *gs, struct member *m)
{
    bool news = false;
    if (m->ticket == NULL || m->told)
        return false;
    switch (gs->share->ask(gs->share->ctx, m->ticket)) {
    case GROUP_WAITS:
        break;
    case GROUP_HOLDS:
        news = !m->granted;
        m->granted = true;
        break;
    case GROUP_OUT:
        news = true;
        if (group_holds(m))
            mark(m, CANCEL_SUPERSEDED);
        else
            turn_out(m, CANCEL_SUPERSEDED);
        break;
    }
    return news;
}

void group_enter(struct groups *gs, struct member *m, const struct group_entry *entry)
{
    struct group *g = find(gs, entry->name);
    if (g == NULL) {
        g = mem_alloc(sizeof *g);
        g->name = entry->name;
        vec_push(&gs->list, g);
    }
    m->group = g;
    if (g->holder == NULL)
        g->holder = m;
    else
        enter_behind(g, m, entry);
    vec_push(&g->members, m);
    if (gs->share == NULL || m->out)
        return;
    m->ticket = gs->share->enter(gs->share->ctx, entry);
    ask(gs, m);
}

static void give_back(const struct groups *gs, struct member *m)
{
    if (m->ticket != NULL)
        gs->share->leave(gs->share->ctx, m->ticket);
    m->ticket = NULL;
    m->group = NULL;
}

void group_leave(struct groups *gs, struct member *m)
{
    struct group *g = m->group;
    if (g == NULL)
        return;
    give_back(gs, m);
    for (size_t i = 0; i < g->members.n; i++)
        if (g->members.p[i] == m) {
            vec_remove(&g->members, i);
            break;
        }
    if (g->holder != m)
        return;
    g->holder = NULL;
    for (size_t i = 0; i < g->members.n && g->holder == NULL; i++)
        if (!g->members.p[i]->out)
            g->holder = g->members.p[i];
}

bool group_holds(const struct member *m)
{
    return m->group == NULL || (m->group->holder == m && (m->ticket == NULL || m->granted));
}

bool group_has(const struct groups *gs, struct str name, const struct member *m)
{
    const struct group *g = find(gs, name);
    return g != NULL && m->group == g;
}

bool groups_poll(struct groups *gs)
{
    bool news = false;
    for (size_t i = 0; i < gs->list.n; i++)
        for (size_t k = 0; k < gs->list.p[i]->members.n; k++)
            news |= ask(gs, gs->list.p[i]->members.p[k]);
    return news;
}

bool groups_wait(const struct groups *gs)
{
    for (size_t i = 0; i < gs->list.n; i++) {
        const struct member *m = gs->list.p[i]->holder;
        if (m != NULL && !group_holds(m))
            return true;
    }
    return false;
}

struct member *groups_marked(struct groups *gs)
{
    for (size_t i = 0; i < gs->list.n; i++)
        for (size_t k = 0; k < gs->list.p[i]->members.n; k++)
            if (gs->list.p[i]->members.p[k]->cancel) {
                gs->list.p[i]->members.p[k]->cancel = false;
                return gs->list.p[i]->members.p[k];
            }
    return NULL;
}

void groups_done(struct groups *gs)
{
    for (size_t i = 0; i < gs->list.n; i++) {
        struct group *g = gs->list.p[i];
        for (size_t k = 0; k < g->members.n; k++)
            give_back(gs, g->members.p[k]);
        vec_done(&g->members);
        free(g);
    }
    vec_done(&gs->list);
}
