/* Any bytes as an expression: in a strict slot and in one of any names; parsed, asked for its uses, evaluated, told. */
#include "core/base.h"
#include "provider/azure/expr_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void see(void *ctx, const struct az_use *use)
{
    MUST(use->at + use->len <= *(size_t *)ctx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char json[] =
        "{\"a\": [{\"b\": 1}, {\"b\": \"\xc3\xbc\"}, 3], \"t\": true, \"n\": null, \"o\": {\"k\": []}}";
    static const struct str names[] = {{"x", 1}, {"parameters", 10}};
    CLEAN(arena) struct arena *a = arena_new();
    struct str text = str_of((const char *)data, size);
    struct az_value *v = NULL, *start = ARENA_NEW(a, struct az_value), *ret;
    struct err e;
    MUST(az_from_json(a, str_from(json), &v, &e) == 0);
    *start = (struct az_value){.kind = AZ_DATETIME};
    az_set(a, v, STR("when"), start);
    const struct az_named values[] = {{names[0], v}, {names[1], v}};
    struct az_scope scope = {.arena = a, .names = values, .n_names = 2, .strict_parameters = true, .max_bytes = 100000};
    for (unsigned any = 0; any < 2; any++) {
        struct az_slot slot = {
            .names = names, .n_names = 2, .status = any ? AZ_STEP_STATUS : AZ_NO_STATUS, .any_name = any};
        struct az_fault fault;
        struct az_expr *x;
        if (az_expr_parse(a, text, &slot, &x, &fault) < 0) {
            MUST(fault.code && fault.at <= size && fault.len <= size - fault.at && az_fault_text(a, &fault, text).n);
            continue;
        }
        az_expr_uses(x, see, &size);
        if (az_expr_eval(x, &scope, &ret, &e) == 0)
            MUST(ret->kind <= AZ_OBJECT && (az_truth(ret) || az_is_scalar(ret)));
    }
    return 0;
}
