/*
 * gh_check_runner.c - jobs against the machines that their labels ask for, when the whole job is known.
 */
#include "core/base.h"
#include "provider/github/gh_read_priv.h"

static bool begins(struct str s, const char *prefix)
{
    size_t n = strlen(prefix);
    return s.n >= n && str_eq_nocase(str_sub(s, 0, n), str_from(prefix));
}

enum gh_system gh_system_of(struct str label)
{
    if (begins(label, "ubuntu-") || str_is_nocase(label, "linux"))
        return GH_SYSTEM_LINUX;
    if (begins(label, "windows-") || str_is_nocase(label, "windows"))
        return GH_SYSTEM_WINDOWS;
    return begins(label, "macos-") || str_is_nocase(label, "macos") ? GH_SYSTEM_MACOS : GH_SYSTEM_ANY;
}

/* ${{ matrix.os }}: the vector of that name, when the matrix is written out. */
static const struct doc_node *vector_of(struct gh_reader *r, const struct gh_job *job, const struct doc_node *label)
{
    struct gh_text t;
    if (!job->matrix || !gh_is_dynamic(label) || !gh_text_try(r->a, label, NULL, NULL, &t) || !t.expr)
        return NULL;
    const struct gh_expr *x = t.expr;
    bool named = x->kind == GH_NODE_INDEX && x->first->kind == GH_NODE_CONTEXT &&
                 strcmp(x->first->name, "matrix") == 0 && x->last->kind == GH_NODE_LITERAL &&
                 x->last->value->kind == VALUE_STRING;
    const struct doc_node *vector = named ? doc_get(job->matrix, arena_str(r->a, x->last->value->string).p) : NULL;
    return vector && vector->kind == DOC_SEQ ? vector : NULL;
}

/* Labels of a matrix beside one that is written out: each must be of the same system. */
static void check_vector(struct gh_reader *r, const struct doc_node *vector, enum gh_system system)
{
    for (size_t i = 0; i < vector->seq.n; i++) {
        const struct doc_node *n = vector->seq.p[i];
        enum gh_system is = n->kind == DOC_SCALAR ? gh_system_of(n->text) : GH_SYSTEM_ANY;
        if (is != GH_SYSTEM_ANY && is != system)
            diag_warning(r->d, "GH065", n->span, "No machine has this label and the one that runs-on names beside it");
    }
}

/* The system that the labels written out agree on. */
static enum gh_system system_of_labels(const struct doc_node *labels)
{
    enum gh_system system = GH_SYSTEM_ANY;
    if (labels->kind == DOC_SCALAR)
        return gh_system_of(labels->text);
    for (size_t i = 0; labels->kind == DOC_SEQ && i < labels->seq.n && system == GH_SYSTEM_ANY; i++)
        if (labels->seq.p[i]->kind == DOC_SCALAR)
            system = gh_system_of(labels->seq.p[i]->text);
    return system;
}

static void check_shell(struct gh_reader *r, const struct gh_step *s, enum gh_system system)
{
    bool windows = system == GH_SYSTEM_WINDOWS;
    bool alien = windows ? str_is_nocase(s->shell, "sh")
                         : str_is_nocase(s->shell, "cmd") || str_is_nocase(s->shell, "powershell");
    if (s->shell.n && alien)
        diag_warning(r->d, "GH065", s->shell_span, "The machine of this job has no shell '%.*s'", STR_ARG(s->shell));
}

static void check_job(struct gh_reader *r, const struct gh_job *job)
{
    const struct doc_node *labels = job->runs_on;
    if (labels && labels->kind == DOC_MAP)
        labels = doc_get(labels, "labels");
    enum gh_system system = labels ? system_of_labels(labels) : GH_SYSTEM_ANY;
    if (system == GH_SYSTEM_ANY)
        return;
    for (size_t i = 0; labels->kind == DOC_SEQ && i < labels->seq.n; i++) {
        const struct doc_node *vector = vector_of(r, job, labels->seq.p[i]);
        if (vector)
            check_vector(r, vector, system);
    }
    for (size_t i = 0; i < job->n_steps && !job->container.set; i++)
        check_shell(r, &job->steps[i], system);
}

void gh_check_runners(struct gh_reader *r)
{
    for (size_t i = 0; i < r->w->n_jobs; i++)
        check_job(r, &r->w->jobs[i]);
}
