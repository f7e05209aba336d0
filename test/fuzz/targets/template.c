/* Any bytes as a template, with one answer of each kind: it renders or refuses, within its bounds. */
#include "core/base.h"

#include "scaffold/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *a = arena_new();
    CLEAN(buf) struct buf out = BUF((size_t)64 << 10);
    struct str items[] = {STR("3.9"), STR("3.10"), STR("\"")};
    struct strs list = {items, ARRAY_LEN(items), ARRAY_LEN(items)}, none = {0};
    struct template_vars vars;
    struct err e = {0};
    template_vars_init(&vars, a);
    template_text(&vars, "t", STR("text"));
    template_text(&vars, "e", STR(""));
    template_flag(&vars, "f", true);
    template_list(&vars, "l", &list);
    template_list(&vars, "n", &none);
    struct str text = str_of((const char *)data, n);
    int r = template_render(STR("fuzz"), text, &vars, &out, &e);
    MUST(r == 0 || (e.num == r && e.text[0]));
    MUST(out.n <= out.max);
    arena_free(a);
    return 0;
}
