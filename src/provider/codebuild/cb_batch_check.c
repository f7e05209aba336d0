/*
 * cb_batch_check.c - the identifiers of a batch, what depends on what, and how many builds it makes.
 */
#include "core/base.h"
#include "provider/codebuild/read_priv.h"

#define BUILDS_MAX 100

/* Every identifier once, into a map from it to its item. */
static void check_identifiers(struct cb_reader *r, const struct cb_batch *b, struct map *seen)
{
    for (size_t i = 0; i < b->n_items; i++) {
        struct cb_item *it = &b->items[i];
        if (it->identifier.n == 0)
            continue;
        const struct cb_item *first = map_get(seen, it->identifier);
        if (first == NULL) {
            map_set(seen, it->identifier, it);
            continue;
        }
        diag_error(r->d, "CB053", it->span, "The identifier '%.*s' is taken", STR_ARG(it->identifier));
        diag_note(r->d, "CB053", first->span, "by this build");
    }
}

static void check_depends(struct cb_reader *r, const struct cb_batch *b, const struct map *seen)
{
    const char *names[BUILDS_MAX];
    size_t n = seen->n < BUILDS_MAX ? seen->n : BUILDS_MAX;
    for (size_t i = 0; i < n; i++)
        names[i] = arena_str(r->a, seen->entries[i].key).p;
    for (size_t i = 0; i < b->n_items; i++)
        for (size_t k = 0; k < b->items[i].depend_on.n; k++) {
            struct str id = b->items[i].depend_on.p[k];
            if (map_get(seen, id) != NULL)
                continue;
            diag_error(r->d, "CB051", b->items[i].span, "'%.*s' depends on '%.*s', which is no build of this graph",
                       STR_ARG(b->items[i].identifier), STR_ARG(id));
            cb_suggest(r, id, names, n);
        }
}

/* The items as jobs of a plan that nobody runs, as plan_cycle wants them. */
static void add_jobs(struct plan *p, const struct cb_batch *b, const struct map *seen)
{
    for (size_t i = 0; i < b->n_items; i++)
        plan_add_job(p, b->items[i].identifier, b->items[i].identifier, b->items[i].span);
    for (size_t i = 0; i < b->n_items; i++) {
        const struct strs *on = &b->items[i].depend_on;
        struct job *j = p->jobs[i];
        j->needs = arena_array(p->arena, on->n + 1, sizeof *j->needs);
        for (size_t k = 0; k < on->n; k++) {
            const struct cb_item *it = map_get(seen, on->p[k]);
            if (it != NULL)
                j->needs[j->n_needs++] = p->jobs[it - b->items];
        }
    }
}

static void check_circles(struct cb_reader *r, const struct cb_batch *b, const struct map *seen)
{
    CLEAN(buf) struct buf way = BUF(BUF_LINE);
    struct job **path;
    struct plan *p = plan_new(STR("codebuild"), STR(""), NULL);
    add_jobs(p, b, seen);
    size_t n = plan_cycle(p, p->arena, &path);
    size_t first = 0;
    for (size_t i = 1; i < n; i++)
        if (path[i]->index < path[first]->index)
            first = i;
    for (size_t i = 0; i < n; i++)
        buf_printf(&way, "%.*s -> ", STR_ARG(path[(first + i) % n]->id));
    if (n > 0)
        diag_error(r->d, "CB052", path[first]->span, "Builds depend on each other in a circle: %s%.*s", buf_cstr(&way),
                   STR_ARG(path[first]->id));
    plan_free(p);
}

/* All combinations of a matrix; what is past the limit counts as just past it. */
static size_t count_builds(const struct cb_batch *b)
{
    size_t n = b->n_items;
    if (b->kind == CB_MATRIX) {
        const struct strs *lists[] = {&b->buildspecs, &b->compute_types, &b->images};
        n = 1;
        for (size_t i = 0; i < ARRAY_LEN(lists) && n <= BUILDS_MAX; i++)
            n *= lists[i]->n > 0 ? lists[i]->n : 1;
        for (size_t i = 0; i < b->variables.n && n <= BUILDS_MAX; i++)
            n *= ((const struct strs *)b->variables.entries[i].value)->n;
    }
    return n;
}

void cb_check_batch(struct cb_reader *r)
{
    const struct cb_batch *b = &r->spec->batch;
    struct map seen;
    map_init(&seen, r->a, MAP_CASE);
    check_identifiers(r, b, &seen);
    if (b->kind == CB_GRAPH) {
        check_depends(r, b, &seen);
        check_circles(r, b, &seen);
    }
    if (count_builds(b) > BUILDS_MAX)
        diag_error(r->d, "CB054", b->span, "A batch makes at most %d builds, and this one makes more", BUILDS_MAX);
}
