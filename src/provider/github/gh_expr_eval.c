/*
 * gh_expr_eval.c - a tree to a value.
 *
 * Memory is counted as the service counts it: a text costs 26 bytes and 2 a character, anything else 24. While a node
 * is worked out its operands' results count; when it turns out to be primitive they are forgotten. So a workflow that
 * is too large there is too large here. A second, larger limit holds for what really lies in the arena, which frees
 * nothing.
 */
#include "core/base.h"
#include "provider/github/expr_node_priv.h"

#define OBJECT_BYTES 24
#define TEXT_BYTES 26
#define POINTER_BYTES 8
#define ARENA_PER_BYTE 16 /* arena bytes allowed for each counted one, garbage and nodes included */

int gh_eval_full(struct gh_eval *ev)
{
    return err_set(ev->e, EINVAL, "The maximum allowed memory size was exceeded");
}

static int charge(struct gh_eval *ev, size_t bytes)
{
    if (bytes > ev->max - ev->used || arena_used(ev->a) > ev->arena_max)
        return gh_eval_full(ev);
    ev->used += bytes;
    return 0;
}

struct buf gh_eval_buf(const struct gh_eval *ev)
{
    /* A character of two counted bytes is at most three in UTF-8. */
    return BUF((ev->max - ev->used) / 2 * 3);
}

int gh_eval_take(struct gh_eval *ev, struct buf *b, struct value **ret)
{
    int r = b->over ? gh_eval_full(ev) : 0;
    if (r == 0)
        *ret = value_string(ev->a, buf_str(b));
    buf_done(b);
    return r;
}

int gh_eval_text(struct gh_eval *ev, const struct gh_expr *x, struct str *ret)
{
    struct value *v;
    int r = gh_eval(ev, x, &v);
    if (r == 0)
        *ret = gh_to_string(ev->a, v);
    return r;
}

/* ---- index ---- */

static struct value *filtered(struct gh_eval *ev)
{
    struct value *v = value_array(ev->a);
    v->filtered = true;
    return v;
}

/* A key that is no ASCII is looked for by the language's own folding, which the map does not know. */
static struct value *member_by_fold(const struct value *object, struct str key)
{
    bool ascii = true;
    for (size_t i = 0; i < key.n; i++)
        ascii = ascii && (unsigned char)key.p[i] < 0x80;
    if (ascii || object->object.fold != MAP_NOCASE)
        return NULL;
    for (size_t i = 0; i < object->object.n; i++)
        if (utf16_fold_cmp(object->object.entries[i].key, key) == 0)
            return object->object.entries[i].value;
    return NULL;
}

static struct value *member(struct gh_eval *ev, const struct value *object, const struct value *key)
{
    if (!gh_is_primitive(key))
        return NULL;
    struct str name = gh_to_string(ev->a, key);
    struct value *found = value_get(object, name);
    return found ? found : member_by_fold(object, name);
}

static struct value *item(const struct value *array, const struct value *key)
{
    double i = gh_to_number(key);
    if (!(i >= 0) || i >= (double)array->array.n)
        return NULL;
    return array->array.p[(size_t)i]; /* cut, not rounded */
}

/* What lies under key, or NULL. */
static struct value *look_up(struct gh_eval *ev, const struct value *v, const struct value *key)
{
    if (v->kind == VALUE_OBJECT)
        return member(ev, v, key);
    return v->kind == VALUE_ARRAY ? item(v, key) : NULL;
}

static int push_charged(struct gh_eval *ev, struct value *to, struct value *v)
{
    int r = charge(ev, POINTER_BYTES);
    if (r == 0)
        value_push(ev->a, to, v);
    return r;
}

static int add_children(struct gh_eval *ev, const struct value *v, struct value *to)
{
    int r = 0;
    if (v->kind == VALUE_ARRAY)
        for (size_t i = 0; r == 0 && i < v->array.n; i++)
            r = push_charged(ev, to, v->array.p[i]);
    if (v->kind == VALUE_OBJECT)
        for (size_t i = 0; r == 0 && i < v->object.n; i++)
            r = push_charged(ev, to, v->object.entries[i].value);
    return r;
}

/* x.* and x[*]: the children of x; of a filtered array, those of each of its items. */
static int eval_star(struct gh_eval *ev, const struct value *left, struct value **ret)
{
    struct value *all = filtered(ev);
    int r = 0;
    if (left->filtered)
        for (size_t i = 0; r == 0 && i < left->array.n; i++)
            r = add_children(ev, left->array.p[i], all);
    else
        r = add_children(ev, left, all);
    *ret = all;
    return r;
}

/* Of a filtered array: what each item has under key; items without it are left out. */
static int eval_each(struct gh_eval *ev, const struct value *left, const struct value *key, struct value **ret)
{
    struct value *all = filtered(ev), *v;
    int r = 0;
    for (size_t i = 0; r == 0 && i < left->array.n; i++)
        if ((v = look_up(ev, left->array.p[i], key)))
            r = push_charged(ev, all, v);
    *ret = all;
    return r;
}

static int eval_index(struct gh_eval *ev, const struct gh_expr *x, struct value **ret)
{
    struct value *left, *key;
    const struct gh_expr *at = x->first->next;
    int r = gh_eval(ev, x->first, &left);
    if (r != 0)
        return r;
    if (at->kind == GH_NODE_STAR)
        return eval_star(ev, left, ret);
    if (gh_is_primitive(left)) {
        *ret = value_null();
        return 0;
    }
    r = gh_eval(ev, at, &key);
    if (r != 0)
        return r;
    if (left->filtered)
        return eval_each(ev, left, key, ret);
    struct value *found = look_up(ev, left, key);
    if (found && found == ev->scope->watch)
        *ev->scope->watched = true;
    *ret = found ? found : value_null();
    return 0;
}

/* ---- operators ---- */

static int eval_compare(struct gh_eval *ev, const struct gh_expr *x, struct value **ret)
{
    /* By the order of the two: a set of the enum's values as bits. */
    static const unsigned holds[] = {
        [GH_NODE_LT] = 1u << GH_LESS,    [GH_NODE_LE] = 1u << GH_LESS | 1u << GH_SAME,
        [GH_NODE_GT] = 1u << GH_GREATER, [GH_NODE_GE] = 1u << GH_GREATER | 1u << GH_SAME,
        [GH_NODE_EQ] = 1u << GH_SAME,    [GH_NODE_NE] = 1u << GH_LESS | 1u << GH_GREATER | 1u << GH_UNORDERED,
    };
    struct value *a, *b;
    int r = gh_eval(ev, x->first, &a);
    if (r == 0)
        r = gh_eval(ev, x->last, &b);
    if (r == 0)
        *ret = value_bool(ev->a, holds[x->kind] >> gh_compare(a, b) & 1);
    return r;
}

/* && stops at the first falsy operand, || at the first truthy one; that operand is the result. */
static int eval_chain(struct gh_eval *ev, const struct gh_expr *x, struct value **ret)
{
    struct value *v = NULL;
    for (const struct gh_expr *at = x->first; at; at = at->next) {
        int r = gh_eval(ev, at, &v);
        if (r < 0)
            return r;
        if (gh_truthy(v) == (x->kind == GH_NODE_OR))
            break;
    }
    *ret = v;
    return 0;
}

static int eval_not(struct gh_eval *ev, const struct gh_expr *x, struct value **ret)
{
    struct value *v;
    int r = gh_eval(ev, x->first, &v);
    if (r == 0)
        *ret = value_bool(ev->a, !gh_truthy(v));
    return r;
}

static int eval_concat(struct gh_eval *ev, const struct gh_expr *x, struct value **ret)
{
    struct buf b = gh_eval_buf(ev);
    struct str part;
    for (const struct gh_expr *at = x->first; at; at = at->next) {
        int r = gh_eval_text(ev, at, &part);
        if (r != 0) {
            buf_done(&b);
            return r;
        }
        buf_add(&b, part);
    }
    return gh_eval_take(ev, &b, ret);
}

/* ---- calls ---- */

static int eval_call(struct gh_eval *ev, const struct gh_expr *x, struct value **ret)
{
    if (x->func->eval)
        return x->func->eval(ev, x, ret);
    if (!ev->scope->call)
        return err_set(ev->e, EINVAL, "Unrecognized function: '%s'", x->func->shown);
    struct value **args = arena_array(ev->a, x->n + 1, sizeof *args);
    size_t n = 0;
    for (const struct gh_expr *at = x->first; at; at = at->next) {
        int r = gh_eval(ev, at, &args[n++]);
        if (r < 0)
            return r;
    }
    return ev->scope->call(ev->scope->ctx, ev->a, x->name, args, n, ret, ev->e);
}

static int eval_node(struct gh_eval *ev, const struct gh_expr *x, struct value **ret) /* table */
{
    switch (x->kind) {
    case GH_NODE_LITERAL:
        *ret = x->value;
        return 0;
    case GH_NODE_CONTEXT:
        *ret = ev->scope->context(ev->scope->ctx, ev->a, x->name);
        if (!*ret)
            *ret = value_null();
        return 0;
    case GH_NODE_STAR:
        *ret = value_string(ev->a, STR("*"));
        return 0;
    case GH_NODE_INDEX:
        return eval_index(ev, x, ret);
    case GH_NODE_NOT:
        return eval_not(ev, x, ret);
    case GH_NODE_LT:
    case GH_NODE_LE:
    case GH_NODE_GT:
    case GH_NODE_GE:
    case GH_NODE_EQ:
    case GH_NODE_NE:
        return eval_compare(ev, x, ret);
    case GH_NODE_AND:
    case GH_NODE_OR:
        return eval_chain(ev, x, ret);
    case GH_NODE_CALL:
        return eval_call(ev, x, ret);
    case GH_NODE_CONCAT:
        return eval_concat(ev, x, ret);
    }
    BUG("unknown kind of node");
}

int gh_eval(struct gh_eval *ev, const struct gh_expr *x, struct value **ret)
{
    size_t before = ev->used;
    struct value *v;
    int r = eval_node(ev, x, &v);
    if (r != 0)
        return r;
    MUST(v != NULL); /* a chain has operands */
    if (gh_is_primitive(v))
        ev->used = before;
    r = charge(ev, v->kind == VALUE_STRING ? TEXT_BYTES + 2 * utf16_units(v->string) : OBJECT_BYTES);
    if (r == 0)
        *ret = v;
    return r;
}

int gh_expr_eval(struct arena *a, const struct gh_expr *x, const struct gh_scope *scope, struct value **ret,
                 struct err *e)
{
    size_t max = scope->max_bytes ? scope->max_bytes : GH_EXPR_MEMORY;
    struct gh_eval ev = {.a = a, .scope = scope, .e = e, .max = max};
    ev.arena_max = arena_used(a) + max * ARENA_PER_BYTE;
    int r = gh_eval(&ev, x, ret);
    return r < 0 ? -EINVAL : 0;
}
