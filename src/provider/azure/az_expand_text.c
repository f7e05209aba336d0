/*
 * az_expand_text.c - values of texts with expressions (specification 5.1), and the limits of all that is made.
 */
#include "core/base.h"
#include "provider/azure/template_priv.h"

/* The value as errors show it: in the file that is expanded now, which may have been read for an earlier use. */
static struct az_value placed(const struct az_env *env, const struct az_value *v)
{
    struct az_value here = *v;
    if (here.frame && here.frame != env->frame && str_eq(here.frame->path, env->frame->path))
        here.frame = env->frame;
    return here;
}

static void stop(struct az_env *env)
{
    env->w->stopped = true;
}

bool az_walk_may(struct az_env *env, const struct az_value *at, size_t n)
{
    struct az_expansion *x = env->w->x;
    if (env->w->stopped)
        return false;
    x->n_nodes += n;
    if (x->n_nodes <= AZ_MAX_NODES)
        return true;
    struct az_value here = placed(env, at);
    az_error(x->d, "AZ020", &here, "The expanded pipeline would have more than %d values", AZ_MAX_NODES);
    stop(env);
    return false;
}

bool az_walk_down(struct az_env *env, const struct az_value *at)
{
    if (env->w->stopped)
        return false;
    if (++env->w->depth <= AZ_MAX_DEPTH)
        return true;
    env->w->depth--;
    diag_error(env->w->x->d, "AZ021", at->span, "Maximum object depth exceeded: more than %d values within each other",
               AZ_MAX_DEPTH);
    stop(env);
    return false;
}

void az_walk_up(struct az_env *env)
{
    env->w->depth--;
}

/* Counts what expressions make; false: too much. */
static bool may_make(struct az_env *env, const struct az_value *at, size_t text, size_t work)
{
    struct az_expansion *x = env->w->x;
    x->n_bytes += text;
    env->w->work += work;
    if (x->n_bytes <= AZ_MAX_BYTES && env->w->work <= AZ_MAX_WORK)
        return true;
    struct az_value here = placed(env, at);
    az_error(x->d, "AZ020", &here, "The expressions of the pipeline make more than %zu MiB",
             (x->n_bytes > AZ_MAX_BYTES ? AZ_MAX_BYTES : AZ_MAX_WORK) >> 20);
    stop(env);
    return false;
}

struct az_value *az_walk_piece(struct az_env *env, const struct az_value *at, const struct az_piece *p)
{
    struct az_expansion *x = env->w->x;
    if (!p->expr || env->w->stopped)
        return NULL;
    const struct az_scope scope = {.arena = x->arena,
                                   .names = env->names.p,
                                   .n_names = env->names.n,
                                   .strict_parameters = env->strict,
                                   .max_bytes = AZ_MAX_BYTES};
    struct az_value *v = NULL;
    struct err e = {0};
    size_t before = arena_used(x->arena);
    int r = az_expr_eval(p->expr, &scope, &v, &e);
    if (!may_make(env, at, 0, arena_used(x->arena) - before + 64))
        return NULL;
    if (r == 0)
        return v;
    struct az_value here = placed(env, at);
    az_error_in(x->d, AZ_EVAL_CODE, &here, p->at, p->len, "%s", e.text);
    return NULL;
}

/* Of an expression that stands alone: arrays and objects are shared, a scalar stands where the expression does. */
static struct az_value *alone(struct az_env *env, const struct az_value *at, const struct az_piece *p)
{
    struct az_value *v = az_walk_piece(env, at, p);
    if (!v) {
        v = az_at(env->w->x->arena, az_null(), at);
        v->text = at->text;
        v->failed = true;
        return v;
    }
    if (!az_is_scalar(v))
        return v;
    v = az_at(env->w->x->arena, v, at);
    v->plain = false;
    return v;
}

static void add_piece(struct az_env *env, struct buf *b, const struct az_value *at, const struct az_piece *p)
{
    struct arena *a = env->w->x->arena;
    struct err e = {0};
    struct str text = STR("");
    buf_add(b, p->before);
    const struct az_value *v = az_walk_piece(env, at, p);
    if (v && az_text(a, v, &text, &e) < 0) {
        struct az_value here = placed(env, at);
        az_error_in(env->w->x->d, AZ_EVAL_CODE, &here, p->at, p->len, "%s", e.text);
        return;
    }
    buf_add(b, text);
}

struct az_value *az_walk_text(struct az_env *env, const struct az_value *at, const struct az_template_text *t)
{
    struct arena *a = env->w->x->arena;
    if (t->alone)
        return alone(env, at, &t->p[0]);
    CLEAN(buf) struct buf b = BUF(AZ_MAX_BYTES);
    for (size_t i = 0; i < t->n; i++)
        add_piece(env, &b, at, &t->p[i]);
    buf_add(&b, t->after);
    may_make(env, at, b.over ? AZ_MAX_BYTES : b.n, 0);
    return az_at(a, az_string(a, arena_str(a, buf_str(&b))), at);
}
