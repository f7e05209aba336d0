/* Lines of any bytes as values _A, _B, _C ... of each other, dynamically, and as a field; nothing grows past its end.
 */
#include "core/base.h"
#include "provider/cloudbuild/gb_subst_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(sources) struct sources *s = sources_new();
    struct str rest = str_of((const char *)data, size > 20000 ? 20000 : size), text = rest, line, got;
    struct gb_values v = {.arena = a, .dynamic = true};
    struct gb_build b = {0};
    struct err e = {0};
    struct value *payload;
    struct diags d;
    char name[] = "_A";
    diags_init(&d, a, s);
    map_init(&v.values, a, MAP_CASE);
    map_init(&b.substitutions, a, MAP_CASE);
    map_set_str(&v.values, STR("BRANCH_NAME"), STR("feature/x-1"));
    for (; str_next(&rest, '\n', &line) && name[1] <= 'Z'; name[1]++)
        map_set_str(&v.values, str_from(name), line);
    gb_values_resolve(&v, &b, &d);
    for (size_t i = 0; i < v.values.n && d.errors == 0; i++)
        MUST(((const struct str *)v.values.entries[i].value)->n <= GB_VALUE_MAX);
    MUST(value_from_json(a, STR("{\"a\": [1, {\"b\": null}]}"), MAP_CASE, &payload, NULL) == 0);
    gb_bind_payload(a, payload, text, &got, &e);
    MUST(gb_substitute_text(&v, text, &got, &e) == 0 || e.num == -E2BIG);
    return 0;
}
