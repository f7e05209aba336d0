/*
 * gh_type_matrix.c - the type of the matrix context, from a matrix as it is written.
 */
#include "core/base.h"
#include "provider/github/gh_read_priv.h"

#define DEPTH_MAX 200

static const struct gh_type *of_scalar(const struct gh_typing *t, const struct doc_node *n)
{
    struct gh_text text;
    if (!gh_text_try(t->a, n, NULL, NULL, &text))
        return &gh_type_any;
    if (text.expr)
        return gh_type_of(t, text.expr);
    return text.typed ? gh_type_of_value(t->a, text.typed) : &gh_type_any;
}

static const struct gh_type *of_node(const struct gh_typing *t, const struct doc_node *n, unsigned depth);

static const struct gh_type *of_items(const struct gh_typing *t, const struct doc_node *seq, unsigned depth)
{
    const struct gh_type *all = NULL;
    for (size_t i = 0; i < seq->seq.n; i++) {
        const struct gh_type *one = of_node(t, seq->seq.p[i], depth + 1);
        all = all ? gh_type_either(t->a, all, one) : one;
    }
    return all ? all : &gh_type_any;
}

static const struct gh_type *of_map(const struct gh_typing *t, const struct doc_node *n, unsigned depth)
{
    struct gh_member *members = arena_array(t->a, n->map.n + 1, sizeof *members);
    struct gh_type *object = gh_type_strict(t->a, members, 0);
    for (size_t i = 0; i < n->map.n; i++) {
        if (gh_is_dynamic(n->map.p[i].key))
            object->rest = &gh_type_any;
        else
            members[object->n++] = (struct gh_member){n->map.p[i].key->text, of_node(t, n->map.p[i].value, depth + 1)};
    }
    return object;
}

static const struct gh_type *of_node(const struct gh_typing *t, const struct doc_node *n, unsigned depth)
{
    if (depth > DEPTH_MAX)
        return &gh_type_any;
    switch (n->kind) {
    case DOC_NULL:
    case DOC_SCALAR:
        return of_scalar(t, n);
    case DOC_SEQ:
        return gh_type_array_of(t->a, of_items(t, n, depth), false);
    case DOC_MAP:
        return of_map(t, n, depth);
    }
    BUG("a node of kind %d", (int)n->kind);
}

/* What each leg gets of a vector, or of an include: an item, when it is an array. */
static const struct gh_type *item_of(const struct gh_type *t)
{
    return t->kind == GH_T_ARRAY ? t->rest : &gh_type_any;
}

/* A leg: a member for each vector, and what includes add. */
static const struct gh_type *leg_of(const struct gh_typing *t, const struct gh_type *matrix)
{
    struct gh_member *members = arena_array(t->a, matrix->n + 1, sizeof *members);
    struct gh_type *leg = gh_type_strict(t->a, members, 0);
    const struct gh_type *include = NULL;
    leg->rest = matrix->rest;
    for (size_t i = 0; i < matrix->n; i++) {
        const struct gh_member *m = &matrix->members[i];
        if (str_is_nocase(m->name, "include"))
            include = m->type;
        else if (!str_is_nocase(m->name, "exclude"))
            members[leg->n++] = (struct gh_member){m->name, item_of(m->type)};
    }
    if (!include || (include->kind == GH_T_ARRAY && include->rest->kind == GH_T_NULL))
        return leg;
    include = item_of(include);
    if (include->kind == GH_T_OBJECT)
        return gh_type_either(t->a, leg, include);
    leg->rest = &gh_type_any;
    return leg;
}

const struct gh_type *gh_type_of_matrix(const struct gh_typing *t, const struct doc_node *matrix)
{
    static const struct gh_type none = {.kind = GH_T_OBJECT, .what = GH_T_NO_MATRIX};
    if (!matrix)
        return &none;
    const struct gh_type *written = of_node(t, matrix, 0);
    return written->kind == GH_T_OBJECT ? leg_of(t, written) : &gh_type_object;
}
