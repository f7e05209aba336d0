/*
 * az_graph_needs.c - dependencies of stages, or of the jobs of a stage: targets, circles, where to begin.
 *
 * Units that wait for nothing are taken away, with the waiting for them, again and again (Kahn); what is left has a
 * circle, and going from one that is left to one that it waits for must come back. Linear in what was written.
 */
#include "core/base.h"
#include "core/vec.h"
#include "doc/suggest.h"
#include "provider/azure/graph_priv.h"

struct edges {
    size_t *p; /* numbers of units that it waits for */
    size_t n, cap;
};

/* Where the text stands in dependsOn. */
static const struct az_value *place_of(const struct az_value *depends_at, struct str text)
{
    for (size_t i = 0; depends_at != NULL && depends_at->kind == AZ_ARRAY && i < depends_at->array.n; i++)
        if (depends_at->array.p[i]->text.p == text.p)
            return depends_at->array.p[i];
    return depends_at;
}

#define NAMES_MAX 100
static void tell_unknown(const struct az_units *u, const struct az_unit *unit, struct str name, struct diags *d)
{
    const char *names[NAMES_MAX];
    size_t n = 0;
    az_error(d, "AZ401", place_of(unit->depends_at, name), "%c%s '%.*s' depends on unknown %s '%.*s'",
             u->what[0] - 'a' + 'A', u->what + 1, STR_ARG(unit->id), u->what, STR_ARG(name));
    for (size_t i = 0; i < u->n && n < NAMES_MAX; i++)
        if (&u->p[i] != unit)
            names[n++] = arena_str(d->arena, u->p[i].id).p;
    struct str near = suggest(name, names, n);
    if (near.n > 0)
        az_hint(d, "did you mean '%.*s'?", STR_ARG(near));
}

/* True: a name is unknown, so that nobody knows what it waits for. */
static bool find_edges(const struct az_units *u, size_t i, struct edges *ret, struct diags *d)
{
    const struct az_unit *unit = &u->p[i];
    bool unknown = false;
    if (unit->follows)
        vec_push_in(d->arena, ret, i - 1);
    for (size_t k = 0; k < unit->depends_on->n; k++) {
        struct str name = str_trim(unit->depends_on->p[k]);
        const struct az_unit *target = map_get(&u->by_id, name);
        unknown = unknown || target == NULL;
        if (target == NULL)
            tell_unknown(u, unit, unit->depends_on->p[k], d);
        else if (target == unit)
            az_error(d, "AZ402", place_of(unit->depends_at, unit->depends_on->p[k]), "%c%s '%.*s' depends on itself",
                     u->what[0] - 'a' + 'A', u->what + 1, STR_ARG(unit->id));
        else
            vec_push_in(d->arena, ret, (size_t)(target - u->p));
    }
    return unknown;
}

/* Sets left[i] for units that are in a circle, or behind one. */
static size_t take_away(const struct az_units *u, const struct edges *waits, bool *left, struct diags *d)
{
    struct edges *behind = arena_array(d->arena, u->n, sizeof *behind);
    size_t *open = arena_array(d->arena, u->n, sizeof *open), *ready = arena_array(d->arena, u->n, sizeof *ready);
    size_t n_ready = 0, done = 0;
    for (size_t i = 0; i < u->n; i++) {
        for (size_t k = 0; k < waits[i].n; k++)
            vec_push_in(d->arena, &behind[waits[i].p[k]], i);
        open[i] = waits[i].n;
        left[i] = true;
        if (open[i] == 0)
            ready[n_ready++] = i;
    }
    for (; done < n_ready; done++) {
        size_t i = ready[done];
        left[i] = false;
        for (size_t k = 0; k < behind[i].n; k++)
            if (--open[behind[i].p[k]] == 0)
                ready[n_ready++] = behind[i].p[k];
    }
    return u->n - done;
}

static size_t next_left(const struct edges *waits, const bool *left)
{
    size_t k = 0;
    while (!left[waits->p[k]])
        k++;
    return waits->p[k];
}

static void tell_circle(const struct az_units *u, const struct edges *waits, const bool *left, struct diags *d)
{
    size_t start = 0, steps = 0;
    while (!left[start])
        start++;
    for (; steps < u->n; steps++) /* after as many steps as there are units it is in the circle */
        start = next_left(&waits[start], left);
    size_t i = start, first = start;
    do { /* and is told from where it is first in the file */
        first = i < first ? i : first;
        i = next_left(&waits[i], left);
    } while (i != start);
    i = start = first;
    CLEAN(buf) struct buf path = BUF(BUF_LINE);
    do {
        buf_printf(&path, "%.*s -> ", STR_ARG(u->p[i].id));
        i = next_left(&waits[i], left);
    } while (i != start);
    buf_printf(&path, "%.*s", STR_ARG(u->p[start].id));
    const struct az_unit *unit = &u->p[start];
    az_error(d, "AZ403", unit->depends_at != NULL ? unit->depends_at : unit->at, "%c%ss depend on each other: %s",
             u->what[0] - 'a' + 'A', u->what + 1, buf_cstr(&path));
}

void az_graph_needs(const struct az_units *u, struct diags *d)
{
    struct edges *waits = arena_array(d->arena, u->n, sizeof *waits);
    bool *left = arena_array(d->arena, u->n, sizeof *left), root = u->n == 0;
    for (size_t i = 0; i < u->n; i++) {
        bool unknown = find_edges(u, i, &waits[i], d);
        root = root || unknown || (u->p[i].depends_on->n == 0 && !u->p[i].follows);
    }
    if (take_away(u, waits, left, d) > 0)
        tell_circle(u, waits, left, d);
    if (!root)
        az_error(d, "AZ404", u->at, "%.*s must contain at least one %s with no dependencies", STR_ARG(u->where),
                 u->what);
}
