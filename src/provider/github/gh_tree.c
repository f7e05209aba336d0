/*
 * gh_tree.c - whole YAML subtrees with expressions anywhere in them: a matrix, a container, services.
 */
#include "core/base.h"
#include "provider/github/expr_node_priv.h"

#define TREE_DEPTH 200 /* documents are limited to less; this bounds the recursion whatever the reader says */
#define TREE_BYTES ((size_t)64 << 20) /* arena bytes that one tree's evaluation may take */

/* ---- check ---- */

struct check {
    struct arena *a;
    const struct gh_allow *allow;
    struct diags *d;
    const struct gh_tree_visitor *v;
};

static void check(const struct check *c, const struct doc_node *n, unsigned depth);

static void check_scalar(const struct check *c, const struct doc_node *n)
{
    struct gh_text t;
    if (gh_text_try(c->a, n, c->allow, c->d, &t) && t.expr)
        c->v->found(c->v->ctx, n, t.expr);
}

static void check_key(const struct check *c, const struct doc_node *key, struct map *seen)
{
    struct gh_text t;
    if (gh_is_insert(key) || !gh_text_try(c->a, key, c->allow, c->d, &t))
        return;
    if (t.expr) {
        c->v->found(c->v->ctx, key, t.expr);
        return;
    }
    if (map_find(seen, t.literal))
        diag_error(c->d, "GH031", key->span, "'%.*s' is already defined", STR_ARG(t.literal));
    map_set(seen, t.literal, seen);
}

static void check(const struct check *c, const struct doc_node *n, unsigned depth)
{
    struct map seen;
    if (depth == TREE_DEPTH) {
        diag_error(c->d, "GH006", n->span, "Maximum object depth exceeded");
        return;
    }
    switch (n->kind) {
    case DOC_NULL:
    case DOC_SCALAR:
        check_scalar(c, n);
        return;
    case DOC_SEQ:
        for (size_t i = 0; i < n->seq.n; i++)
            check(c, n->seq.p[i], depth + 1);
        return;
    case DOC_MAP:
        map_init(&seen, c->a, MAP_NOCASE);
        for (size_t i = 0; i < n->map.n; i++) {
            check_key(c, n->map.p[i].key, &seen);
            check(c, n->map.p[i].value, depth + 1);
        }
        return;
    }
    BUG("unknown kind of node");
}

void gh_tree_visit(struct arena *a, const struct doc_node *n, const struct gh_allow *allow, struct diags *d,
                   const struct gh_tree_visitor *v)
{
    check(&(struct check){a, allow, d, v}, n, 0);
}

static void found_nothing(void *ctx, const struct doc_node *n, const struct gh_expr *x)
{
    UNUSED(ctx);
    UNUSED(n);
    UNUSED(x);
}

void gh_tree_check(struct arena *a, const struct doc_node *n, const struct gh_allow *allow, struct diags *d)
{
    struct gh_tree_visitor v = {found_nothing, NULL};
    gh_tree_visit(a, n, allow, d, &v);
}

/* ---- evaluate ---- */

struct tree {
    struct arena *a;
    const struct gh_allow *allow;
    const struct gh_scope *scope;
    struct err *e;
    size_t arena_max;
};

static int tree_value(struct tree *t, const struct doc_node *n, unsigned depth, struct value **ret);

static int scalar_value(struct tree *t, const struct doc_node *n, struct value **ret)
{
    struct gh_text text;
    if (!gh_text_try(t->a, n, t->allow, NULL, &text))
        return err_set(t->e, EINVAL, "Unexpected value '%.*s'", STR_ARG(n->text));
    return gh_text_value(t->a, &text, t->scope, ret, t->e);
}

static int add_member(struct tree *t, struct value *object, struct str key, struct value *v)
{
    if (map_find(&object->object, key))
        return err_set(t->e, EINVAL, "'%.*s' is already defined", STR_ARG(key));
    value_set(object, key, v);
    return 0;
}

/* ${{ insert }}: the members of the value, which must be a mapping, become members of this one. */
static int splice(struct tree *t, const struct value *v, struct value *object)
{
    int r = 0;
    if (v->kind == VALUE_ARRAY)
        return err_set(t->e, EINVAL, "A sequence was not expected");
    if (v->kind != VALUE_OBJECT) {
        struct str text = gh_to_string(t->a, v);
        return err_set(t->e, EINVAL, "Unexpected value '%.*s'", STR_ARG(text));
    }
    for (size_t i = 0; r == 0 && i < v->object.n; i++)
        r = add_member(t, object, v->object.entries[i].key, v->object.entries[i].value);
    return r;
}

static int add_pair(struct tree *t, const struct doc_pair *pair, unsigned depth, struct value *object)
{
    struct gh_text name;
    struct value *v;
    struct str key;
    int r = tree_value(t, pair->value, depth + 1, &v);
    if (r != 0)
        return r;
    if (gh_is_insert(pair->key))
        return splice(t, v, object);
    if (!gh_text_try(t->a, pair->key, t->allow, NULL, &name))
        return err_set(t->e, EINVAL, "Unexpected value '%.*s'", STR_ARG(pair->key->text));
    r = gh_text_string(t->a, &name, t->scope, &key, t->e);
    return r < 0 ? r : add_member(t, object, key, v);
}

static int seq_value(struct tree *t, const struct doc_node *n, unsigned depth, struct value **ret)
{
    struct value *array = value_array(t->a), *v;
    for (size_t i = 0; i < n->seq.n; i++) {
        int r = tree_value(t, n->seq.p[i], depth + 1, &v);
        if (r != 0)
            return r;
        /* An expression that gives a sequence is not an item: its items are (TemplateUnraveler of the runner). */
        bool items = n->seq.p[i]->kind == DOC_SCALAR && v->kind == VALUE_ARRAY;
        for (size_t k = 0; items && k < v->array.n; k++)
            value_push(t->a, array, v->array.p[k]);
        if (!items)
            value_push(t->a, array, v);
    }
    *ret = array;
    return 0;
}

static int map_value(struct tree *t, const struct doc_node *n, unsigned depth, struct value **ret)
{
    struct value *object = value_object(t->a, MAP_NOCASE);
    for (size_t i = 0; i < n->map.n; i++) {
        int r = add_pair(t, &n->map.p[i], depth, object);
        if (r < 0)
            return r;
    }
    *ret = object;
    return 0;
}

static int tree_value(struct tree *t, const struct doc_node *n, unsigned depth, struct value **ret)
{
    if (depth == TREE_DEPTH)
        return err_set(t->e, EINVAL, "Maximum object depth exceeded");
    if (arena_used(t->a) > t->arena_max)
        return err_set(t->e, EINVAL, "Maximum object size exceeded");
    switch (n->kind) {
    case DOC_NULL:
    case DOC_SCALAR:
        return scalar_value(t, n, ret);
    case DOC_SEQ:
        return seq_value(t, n, depth, ret);
    case DOC_MAP:
        return map_value(t, n, depth, ret);
    }
    BUG("unknown kind of node");
}

int gh_tree_value(struct arena *a, const struct doc_node *n, const struct gh_allow *allow, const struct gh_scope *s,
                  struct value **ret, struct err *e)
{
    struct tree t = {a, allow, s, e, arena_used(a) + TREE_BYTES};
    return tree_value(&t, n, 0, ret);
}

/* ---- questions ---- */

struct any {
    struct arena *a;
    bool (*is)(const void *ctx, const struct gh_expr *x);
    const void *ctx;
};

static bool scalar_is(const struct any *q, const struct doc_node *n)
{
    struct gh_text t;
    return gh_text_try(q->a, n, NULL, NULL, &t) && t.expr && q->is(q->ctx, t.expr);
}

static bool any(const struct any *q, const struct doc_node *n, unsigned depth)
{
    if (depth == TREE_DEPTH)
        return false;
    switch (n->kind) {
    case DOC_NULL:
    case DOC_SCALAR:
        return scalar_is(q, n);
    case DOC_SEQ:
        for (size_t i = 0; i < n->seq.n; i++)
            if (any(q, n->seq.p[i], depth + 1))
                return true;
        return false;
    case DOC_MAP:
        for (size_t i = 0; i < n->map.n; i++)
            if (scalar_is(q, n->map.p[i].key) || any(q, n->map.p[i].value, depth + 1))
                return true;
        return false;
    }
    BUG("unknown kind of node");
}

static bool names_context(const void *ctx, const struct gh_expr *x)
{
    return gh_expr_uses(x, ctx);
}

bool gh_tree_uses(struct arena *a, const struct doc_node *n, const char *context)
{
    return gh_tree_any(a, n, names_context, context);
}

bool gh_tree_any(struct arena *a, const struct doc_node *n, bool (*is)(const void *ctx, const struct gh_expr *x),
                 const void *ctx)
{
    return any(&(struct any){a, is, ctx}, n, 0);
}
