/*
 * gh_expr_paths.c - which names an expression asks its contexts for: steps.build.outputs.x, as far as they are written;
 * all of them, or only where what they give can be a part of the expression's own value.
 */
#include "core/base.h"
#include "provider/github/expr_node_priv.h"

struct walk {
    void (*visit)(void *ctx, const struct gh_path *path);
    void *ctx;
    bool all;
};

static void walk(const struct walk *w, const struct gh_expr *x);

/* The key of an index, when it is written out: a name, or *. */
static struct str key_name(const struct gh_expr *key)
{
    if (key->kind == GH_NODE_STAR)
        return STR("*");
    bool text = key->kind == GH_NODE_LITERAL && key->value->kind == VALUE_STRING;
    return text ? key->value->string : STR_NONE;
}

/* Follows a chain of indexes down to its context and back up; false when it begins with something else. */
static bool follow(const struct walk *w, const struct gh_expr *x, struct gh_path *path)
{
    if (x->kind == GH_NODE_CONTEXT) {
        path->names[path->n++] = str_from(x->name);
        return true;
    }
    if (x->kind != GH_NODE_INDEX) {
        walk(w, x);
        return false;
    }
    const struct gh_expr *key = x->first->next;
    bool begun = follow(w, x->first, path);
    struct str name = key_name(key);
    if (!name.p)
        walk(w, key);
    if (begun && path->n < ARRAY_LEN(path->names))
        path->names[path->n++] = name;
    return begun;
}

/* Is its value true or false, whatever it is asked about? */
static bool is_answer(const struct gh_expr *x)
{
    static const char *const functions[] = {"contains", "startswith", "endswith"};
    for (size_t i = 0; x->kind == GH_NODE_CALL && i < ARRAY_LEN(functions); i++)
        if (strcmp(x->name, functions[i]) == 0)
            return true;
    return x->kind >= GH_NODE_NOT && x->kind <= GH_NODE_NE;
}

/* Bounded by the depth of trees. */
static void walk(const struct walk *w, const struct gh_expr *x)
{
    struct gh_path path = {.at = x->at, .len = x->len};
    if (!w->all && is_answer(x))
        return;
    if (x->kind == GH_NODE_INDEX || x->kind == GH_NODE_CONTEXT) {
        if (follow(w, x, &path))
            w->visit(w->ctx, &path);
        return;
    }
    for (const struct gh_expr *child = x->first; child; child = child->next)
        walk(w, child);
}

void gh_expr_paths(const struct gh_expr *e, void (*visit)(void *ctx, const struct gh_path *path), void *ctx)
{
    struct walk w = {visit, ctx, false};
    walk(&w, e);
}

void gh_expr_all_paths(const struct gh_expr *e, void (*visit)(void *ctx, const struct gh_path *path), void *ctx)
{
    struct walk w = {visit, ctx, true};
    walk(&w, e);
}
