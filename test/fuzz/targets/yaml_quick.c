/* Any bytes as YAML: what the quick reader does not give up on, it reads as libyaml does. */
#include "core/base.h"
#include "doc/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(const struct doc_node *x, const struct doc_node *y)
{
    MUST(x->kind == y->kind && x->style == y->style && x->line_off == y->line_off);
    MUST(x->span.off == y->span.off && x->span.len == y->span.len);
    MUST(str_eq(x->text, y->text) && str_eq(x->tag, y->tag) && str_eq(x->anchor, y->anchor));
    if (x->kind == DOC_SEQ) {
        MUST(x->seq.n == y->seq.n);
        for (size_t i = 0; i < x->seq.n; i++)
            compare(x->seq.p[i], y->seq.p[i]);
    } else if (x->kind == DOC_MAP) {
        MUST(x->map.n == y->map.n);
        for (size_t i = 0; i < x->map.n; i++) {
            compare(x->map.p[i].key, y->map.p[i].key);
            compare(x->map.p[i].value, y->map.p[i].value);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(sources) struct sources *s = sources_new();
    struct diags quick, whole;
    struct yaml_limits limits = {.nodes = 2000}, thorough = {.nodes = 2000, .thorough = true};
    diags_init(&quick, a, s);
    diags_init(&whole, a, s);
    uint32_t file = sources_add(s, STR("fuzz.yml"), str_of((const char *)data, size));
    struct doc_node *x = yaml_read(a, s, file, &limits, &quick), *y = yaml_read(a, s, file, &thorough, &whole);
    MUST((x == NULL) == (y == NULL) && quick.n == whole.n);
    if (x && whole.n == 0)
        compare(x, y);
    return 0;
}
