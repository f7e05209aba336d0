/*
 * The search for a cycle goes depth first along needs, with a stack of its own: a chain of needs may be as long as
 * the plan. A job is new, on the path, or done; a need that is on the path closes a cycle, and the path from there on
 * is the cycle.
 */
#include "core/base.h"
#include "plan/plan.h"

enum mark { MARK_NEW, MARK_ON_PATH, MARK_DONE };

struct node {
    struct job *job;
    enum mark mark;
    size_t next_need;
};

struct walk {
    struct node *nodes; /* by the job's index */
    size_t n;
    struct node **path;
    size_t depth;
};

static struct node *node_of(const struct walk *w, const struct job *j)
{
    MUST(j->index < w->n && w->nodes[j->index].job == j); /* needs are of the same plan */
    return &w->nodes[j->index];
}

static void enter(struct walk *w, struct node *node)
{
    node->mark = MARK_ON_PATH;
    w->path[w->depth++] = node;
}

/* Walks all that can be reached from the path's first job. Returns the node that closes a cycle, or NULL. */
static struct node *walk_from(struct walk *w, struct node *first)
{
    enter(w, first);
    while (w->depth) {
        struct node *top = w->path[w->depth - 1];
        if (top->next_need == top->job->n_needs) {
            top->mark = MARK_DONE;
            w->depth--;
            continue;
        }
        struct node *need = node_of(w, top->job->needs[top->next_need++]);
        if (need->mark == MARK_ON_PATH)
            return need;
        if (need->mark == MARK_NEW)
            enter(w, need);
    }
    return NULL;
}

static size_t keep_path(const struct walk *w, const struct node *start, struct arena *a, struct job ***ret_path)
{
    size_t from = 0;
    while (w->path[from] != start)
        from++;
    size_t n = w->depth - from;
    *ret_path = arena_array(a, n, sizeof(struct job *));
    for (size_t i = 0; i < n; i++)
        (*ret_path)[i] = w->path[from + i]->job;
    return n;
}

size_t plan_cycle(const struct plan *p, struct arena *a, struct job ***ret_path)
{
    CLEAN(free) struct node *nodes = mem_array(p->n_jobs, sizeof *nodes);
    CLEAN(free) struct node **path = mem_array(p->n_jobs, sizeof(struct node *));
    struct walk w = {.nodes = nodes, .n = p->n_jobs, .path = path};
    for (size_t i = 0; i < p->n_jobs; i++)
        nodes[i].job = p->jobs[i];
    /* In file order, so that the same file always gives the same path. */
    for (size_t i = 0; i < p->n_jobs; i++) {
        struct node *node = node_of(&w, p->jobs[i]);
        struct node *closes = node->mark == MARK_NEW ? walk_from(&w, node) : NULL;
        if (closes)
            return keep_path(&w, closes, a, ret_path);
    }
    return 0;
}
