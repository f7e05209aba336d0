/*
 * gh_pairs.c - evaluates env, with and outputs: pairs of texts or values, with their three kinds of expressions.
 */
#include "core/base.h"
#include "provider/github/model_priv.h"

struct walk {
    struct arena *a;
    const struct gh_scope *s;
    int (*add)(void *ctx, struct str key, struct value *v, struct err *e);
    void *ctx;
};

/* A mapping that an expression gave: its members stand in its place. */
static int splice(struct walk *w, const struct value *v, struct err *e)
{
    int rc = 0;
    if (v->kind == VALUE_NULL)
        return 0;
    if (v->kind != VALUE_OBJECT)
        return err_set(e, EINVAL, v->kind == VALUE_ARRAY ? "A sequence was not expected" : "A mapping was expected");
    for (size_t i = 0; rc == 0 && i < v->object.n; i++)
        rc = w->add(w->ctx, v->object.entries[i].key, v->object.entries[i].value, e);
    return rc;
}

static int one_pair(struct walk *w, const struct gh_pair *p, struct err *e)
{
    struct str key = p->key;
    struct value *v;
    int rc;
    if (p->insert) {
        if ((rc = gh_text_value(w->a, &p->value, w->s, &v, e)) != 0)
            return rc;
        return splice(w, v, e);
    }
    if (p->name.set && (rc = gh_text_string(w->a, &p->name, w->s, &key, e)) != 0)
        return rc;
    if ((rc = gh_text_value(w->a, &p->value, w->s, &v, e)) != 0)
        return err_wrap(e, "%.*s", STR_ARG(key));
    return w->add(w->ctx, key, v, e);
}

int gh_pairs_values(struct arena *a, const struct gh_pairs *p, const struct gh_scope *s,
                    int (*add)(void *ctx, struct str key, struct value *v, struct err *e), void *ctx, struct err *e)
{
    struct walk w = {a, s, add, ctx};
    struct value *v;
    int rc;
    if (p->whole.set) {
        if ((rc = gh_text_value(a, &p->whole, s, &v, e)) != 0)
            return rc;
        return splice(&w, v, e);
    }
    for (size_t i = 0; i < p->n; i++)
        if ((rc = one_pair(&w, &p->p[i], e)) != 0)
            return rc;
    return 0;
}

struct texts {
    struct arena *a;
    int (*add)(void *ctx, struct str key, struct str value, struct err *e);
    void *ctx;
};

static int take_text(void *ctx, struct str key, struct value *v, struct err *e)
{
    const struct texts *t = ctx;
    if (v->kind == VALUE_OBJECT || v->kind == VALUE_ARRAY)
        return err_set(e, EINVAL, "%.*s: A %s was not expected", STR_ARG(key),
                       v->kind == VALUE_ARRAY ? "sequence" : "mapping");
    return t->add(t->ctx, key, gh_to_string(t->a, v), e);
}

int gh_pairs_each(struct arena *a, const struct gh_pairs *p, const struct gh_scope *s,
                  int (*add)(void *ctx, struct str key, struct str value, struct err *e), void *ctx, struct err *e)
{
    struct texts t = {a, add, ctx};
    return gh_pairs_values(a, p, s, take_text, &t, e);
}
