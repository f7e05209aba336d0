/* Any bytes as YAML: read within limits, every scalar's text traced back, every complaint rendered. */
#include "core/base.h"
#include "doc/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void visit(const struct sources *s, const struct doc_node *node)
{
    size_t size = sources_text(s, node->span.file).n;
    MUST((size_t)node->span.off + node->span.len <= size && node->line_off <= size);
    for (size_t i = 0; node->kind == DOC_SCALAR && i <= node->text.n; i += 1 + node->text.n / 8) {
        struct span at = doc_span_in(s, node, i, 3);
        MUST((size_t)at.off + at.len <= size);
    }
    for (size_t i = 0; node->kind == DOC_SEQ && i < node->seq.n; i++)
        visit(s, node->seq.p[i]);
    for (size_t i = 0; node->kind == DOC_MAP && i < node->map.n; i++) {
        visit(s, node->map.p[i].key);
        visit(s, node->map.p[i].value);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(sources) struct sources *s = sources_new();
    CLEAN(buf) struct buf out = BUF(BUF_TEXT);
    struct diags d;
    diags_init(&d, a, s);
    uint32_t file = sources_add(s, STR("fuzz.yml"), str_of((const char *)data, size));
    struct doc_node *root = yaml_read(a, s, file, &(struct yaml_limits){.nodes = 2000}, &d);
    MUST(root || d.errors);
    if (root)
        visit(s, root);
    for (size_t i = 0; i < d.n; i++)
        MUST(diag_render(&out, s, &d.p[i], i % 2) == 0 && diag_json(&out, s, &d.p[i]) == 0);
    return 0;
}
