/* Any bytes as a pipeline without templates: canonical, read, joined; the canonical form of that is the same again. */
#include "core/base.h"
#include "provider/azure/model_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct az_repo self = {.alias = {"self", 4}};
    static const struct az_frame frame = {.path = {"a.yml", 5}, .repo = &self};
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(sources) struct sources *s = sources_new();
    CLEAN(buf) struct buf one = BUF(BUF_TEXT), two = BUF(BUF_TEXT);
    struct diags d, none;
    diags_init(&d, a, s);
    diags_init(&none, a, s);
    uint32_t source = sources_add(s, STR("a.yml"), str_of((const char *)data, size));
    const struct az_value *v = az_load(a, source, &frame, &d);
    if (!v || v->kind != AZ_OBJECT) /* an empty file has no canonical form */
        return 0;
    const struct az_value *canonical = az_canonical(a, AZ_SHAPE_PIPELINE, v, &d);
    size_t errors = d.errors;
    const struct az_pipeline *p = az_pipeline_read(a, canonical, NULL, &d);
    az_graph_check(p, &d);
    const struct az_value *again = az_canonical(a, AZ_SHAPE_PIPELINE, canonical, &none);
    MUST(errors > 0 || none.errors == 0);
    if (az_print(&one, canonical) < 0 || az_print(&two, again) < 0)
        return 0;
    MUST(errors > 0 || str_eq(buf_str(&one), buf_str(&two)));
    for (size_t i = 0; i < d.n; i++)
        MUST(d.p[i].span.off + d.p[i].span.len <= size);
    return 0;
}
