/* Any bytes as an expression, as a slot of a workflow and as a condition: read, asked, evaluated with little memory. */
#include "core/base.h"
#include "provider/github/expr_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct value *context(void *ctx, struct arena *a, const char *name)
{
    UNUSED(a);
    return value_get(ctx, str_from(name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char json[] =
        "{\"github\": {\"ref\": \"refs/heads/main\", \"list\": [{\"a\": 1}, {\"a\": \"\xc3\xbc\"}, 3],"
        "\"t\": true, \"n\": null, \"x\": -1.5e300}, \"a\": [[1, 2], []], \"b\": \"b\"}";
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(sources) struct sources *s = sources_new();
    struct gh_scope scope = {.context = context, .max_bytes = 200000};
    struct str text = str_of((const char *)data, size), shown;
    struct gh_expr_error wrong;
    struct gh_text slot, cond;
    struct gh_expr *x;
    struct value *v = NULL;
    struct diags d;
    struct err e;
    bool holds;
    diags_init(&d, a, s);
    MUST(value_from_json(a, str_from(json), MAP_NOCASE, &v, &e) == 0);
    scope.ctx = v;
    if (gh_expr_parse(a, text, NULL, &x, &wrong) < 0)
        MUST(wrong.code && wrong.at <= size && wrong.len <= size - wrong.at);
    else if (!gh_expr_has_status(x) && gh_expr_eval(a, x, &scope, &v, &e) == 0)
        MUST(gh_equal(v, v) == (v->kind != VALUE_NUMBER || v->number >= 0 || v->number < 0));
    struct doc_node n = {.kind = DOC_SCALAR, .style = DOC_LITERAL, .text = text};
    n.span = (struct span){sources_add(s, STR("fuzz"), text), 0, (uint32_t)size};
    gh_text_read(a, &n, NULL, &d, &slot);
    gh_if_read(a, &n, NULL, &d, &cond);
    MUST(d.errors || gh_text_string(a, &slot, &scope, &shown, &e) <= 0);
    MUST(d.errors || gh_if_true(a, &cond, &scope, &holds, &e) <= 0);
    return 0;
}
