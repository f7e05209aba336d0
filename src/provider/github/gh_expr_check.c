/*
 * gh_expr_check.c - what a call with a constant argument is bound to fail with, said before anything runs.
 */
#include "core/base.h"
#include "provider/github/expr_node_priv.h"

static const struct gh_expr *constant_text(const struct gh_expr *call)
{
    const struct gh_expr *x = call->first;
    return x && x->kind == GH_NODE_LITERAL && x->value->kind == VALUE_STRING ? x : NULL;
}

static int check_call(struct arena *a, const struct gh_expr *call, struct err *e)
{
    const struct gh_expr *text = constant_text(call);
    struct value *ignored;
    bool format = strcmp(call->name, "format") == 0;
    if (!text || (!format && strcmp(call->name, "fromjson") != 0))
        return 0;
    if (format)
        return gh_format_check(text->value->string, call->n - 1, NULL, e);
    int r = value_from_json(a, text->value->string, MAP_NOCASE, &ignored, e);
    return r < 0 ? err_wrap(e, "Error parsing JSON when evaluating fromJson") : 0;
}

void gh_expr_check(struct arena *a, const struct gh_expr *x,
                   void (*found)(void *ctx, size_t at, size_t len, const char *text), void *ctx)
{
    struct err e = {0};
    if (x->kind == GH_NODE_CALL && check_call(a, x, &e) < 0)
        found(ctx, x->first->at, x->first->len, e.text);
    for (const struct gh_expr *at = x->first; at; at = at->next)
        gh_expr_check(a, at, found, ctx);
}
