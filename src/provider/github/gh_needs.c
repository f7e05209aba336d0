/*
 * gh_needs.c - the graph of jobs: every need exists, nothing needs itself in a circle, something can start.
 *
 * The walk for circles is depth-first with a stack of its own (a file may hold thousands of jobs). Each edge that leads
 * back to a job on the path is reported once, at the need that makes it.
 */
#include "core/base.h"
#include "doc/suggest.h"
#include "provider/github/gh_read_priv.h"

#define NOWHERE SIZE_MAX

static size_t find_job(const struct gh_workflow *w, struct str id)
{
    for (size_t i = 0; i < w->n_jobs; i++)
        if (str_eq_nocase(w->jobs[i].id, id))
            return i;
    return NOWHERE;
}

static void unknown_need(struct gh_reader *r, const struct gh_job *j, size_t at)
{
    const char **words = arena_array(r->a, r->w->n_jobs, sizeof *words);
    size_t n = 0;
    for (size_t i = 0; i < r->w->n_jobs; i++)
        if (&r->w->jobs[i] != j)
            words[n++] = arena_str(r->a, r->w->jobs[i].id).p;
    diag_error(r->d, "GH038", j->needs_spans[at], "Job '%.*s' depends on unknown job '%.*s'.", STR_ARG(j->id),
               STR_ARG(j->needs.p[at]));
    struct str near = suggest(j->needs.p[at], words, n);
    if (near.n)
        diag_hint(r->d, "did you mean '%.*s'?", STR_ARG(near));
}

enum visit { VISIT_NEW, VISIT_OPEN, VISIT_DONE };

struct frame {
    size_t job, next; /* the next of its needs to follow */
};

static void walk(struct gh_reader *r, size_t start, enum visit *seen, struct frame *stack)
{
    size_t depth = 0;
    stack[depth++] = (struct frame){start, 0};
    seen[start] = VISIT_OPEN;
    while (depth) {
        struct frame *f = &stack[depth - 1];
        const struct gh_job *j = &r->w->jobs[f->job];
        if (f->next == j->needs.n) {
            seen[f->job] = VISIT_DONE;
            depth--;
            continue;
        }
        size_t at = f->next++;
        size_t need = find_job(r->w, j->needs.p[at]);
        if (need == NOWHERE || seen[need] == VISIT_DONE)
            continue;
        if (seen[need] == VISIT_OPEN) {
            diag_error(r->d, "GH039", j->needs_spans[at],
                       "Job '%.*s' depends on job '%.*s' which creates a cycle in the dependency graph.",
                       STR_ARG(j->id), STR_ARG(r->w->jobs[need].id));
            continue;
        }
        seen[need] = VISIT_OPEN;
        stack[depth++] = (struct frame){need, 0};
    }
}

void gh_check_needs(struct gh_reader *r, const struct doc_node *jobs)
{
    size_t n = r->w->n_jobs, roots = 0;
    if (jobs->kind != DOC_MAP)
        return;
    for (size_t i = 0; i < n; i++) {
        const struct gh_job *j = &r->w->jobs[i];
        roots += j->needs.n == 0;
        for (size_t k = 0; k < j->needs.n; k++)
            if (find_job(r->w, j->needs.p[k]) == NOWHERE)
                unknown_need(r, j, k);
    }
    if (roots == 0)
        diag_error(r->d, "GH040", jobs->span, "The workflow must contain at least one job with no dependencies.");
    enum visit *seen = arena_array(r->a, n + 1, sizeof *seen);
    struct frame *stack = arena_array(r->a, n + 1, sizeof *stack);
    for (size_t i = 0; i < n; i++)
        if (seen[i] == VISIT_NEW)
            walk(r, i, seen, stack);
}
