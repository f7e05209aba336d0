/* Any bytes as TOML: a value that can be written as JSON, or exactly one complaint. */
#include "core/base.h"
#include "doc/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(sources) struct sources *s = sources_new();
    CLEAN(buf) struct buf out = BUF((size_t)64 << 20);
    struct diags d;
    diags_init(&d, a, s);
    struct value *v = toml_read(a, s, sources_add(s, STR("fuzz.toml"), str_of((const char *)data, size)), &d);
    MUST(d.errors == (v ? 0u : 1u));
    if (v)
        value_add_json(&out, v, VALUE_PRETTY);
    else
        MUST(diag_render(&out, s, &d.p[0], false) == 0);
    return 0;
}
