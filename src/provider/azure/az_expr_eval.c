/*
 * az_expr_eval.c - a tree to a value.
 *
 * Texts and lists that an evaluation makes are counted (scope->max_bytes): what doubles itself again and again ends as
 * an error, not as a full machine. Recursion is bounded by the tree's depth.
 */
#include "core/base.h"
#include "provider/azure/ast_priv.h"

int az_charge(struct az_eval *ev, size_t bytes)
{
    if (bytes > ev->max - ev->used)
        return err_set(ev->e, E2BIG, "The expression makes more than %zu bytes", ev->max);
    ev->used += bytes;
    return 0;
}

struct buf az_eval_buf(const struct az_eval *ev)
{
    return BUF(ev->max - ev->used);
}

int az_take(struct az_eval *ev, struct buf *b, struct az_value **ret)
{
    int r = az_charge(ev, b->over ? SIZE_MAX : b->n);
    if (r == 0)
        *ret = az_string(ev->a, arena_str(ev->a, buf_str(b)));
    buf_done(b);
    return r;
}

int az_eval_text(struct az_eval *ev, const struct az_expr *x, struct str *ret)
{
    struct az_value *v = NULL;
    int r = az_eval(ev, x, &v);
    return r < 0 ? r : az_text(ev->a, v, ret, ev->e);
}

/* The last one of a name counts: inner loops hide what is around them. */
static int eval_name(struct az_eval *ev, const struct az_expr *x, struct az_value **ret)
{
    const struct az_scope *s = ev->scope;
    for (size_t i = s->n_names; i-- > 0;) {
        if (!str_eq_nocase(s->names[i].name, x->name))
            continue;
        *ret = (struct az_value *)(uintptr_t)s->names[i].value; /* shared: nobody writes to it */
        return 0;
    }
    if (x->unknown)
        return err_set(ev->e, EINVAL, "Unrecognized value: '%.*s'", STR_ARG(x->name));
    *ret = az_null();
    return 0;
}

static int eval_args(struct az_eval *ev, const struct az_expr *x, struct az_value **args)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < x->args.n; i++)
        r = az_eval(ev, x->args.p[i], &args[i]);
    return r;
}

/* By its own name: what the file spells `Succeeded` is asked for as "succeeded". */
static int ask_scope(struct az_eval *ev, const struct az_expr *x, struct az_value **args, struct az_value **ret)
{
    const struct az_scope *s = ev->scope;
    struct str name = x->function ? str_from(x->function->name) : x->name;
    int r = s->call ? s->call(s->ctx, ev->a, name, args, x->args.n, ret, ev->e) : -ENOENT;
    if (r == -ENOENT)
        r = err_set(ev->e, EINVAL, "Unrecognized value: '%.*s'", STR_ARG(x->name));
    return r;
}

static int eval_call(struct az_eval *ev, const struct az_expr *x, struct az_value **ret)
{
    if (x->function && x->function->lazy)
        return x->function->lazy(ev, x, ret);
    struct az_value **args = arena_array(ev->a, x->args.n + 1, sizeof *args);
    int r = eval_args(ev, x, args);
    if (r < 0)
        return r;
    if (x->function && x->function->eager)
        return x->function->eager(ev, args, x->args.n, ret);
    return ask_scope(ev, x, args, ret);
}

int az_eval(struct az_eval *ev, const struct az_expr *x, struct az_value **ret)
{
    struct az_value *v = x->value;
    int r = 0;
    if (x->kind == AZ_NODE_NAME)
        r = eval_name(ev, x, &v);
    else if (x->kind == AZ_NODE_CALL)
        r = eval_call(ev, x, &v);
    if (r == 0 && x->members.n)
        r = az_eval_members(ev, x, v, &v);
    if (r == 0)
        *ret = v;
    return r;
}

int az_expr_eval(const struct az_expr *x, const struct az_scope *scope, struct az_value **ret, struct err *e)
{
    struct az_eval ev = {.a = scope->arena, .scope = scope, .e = e};
    ev.max = scope->max_bytes ? scope->max_bytes : AZ_EVAL_BYTES;
    return az_eval(&ev, x, ret);
}

int az_evaluate(struct str text, const struct az_slot *slot, const struct az_scope *scope, struct az_value **ret,
                struct err *e)
{
    struct az_fault fault;
    struct az_expr *x;
    int r = az_expr_parse(scope->arena, text, slot, &x, &fault);
    if (r < 0) {
        struct str why = az_fault_text(scope->arena, &fault, text);
        return err_set(e, EINVAL, "%.*s", STR_ARG(why));
    }
    return az_expr_eval(x, scope, ret, e);
}
