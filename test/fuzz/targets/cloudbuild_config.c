/* Any bytes as a build config: read, judged, planned for a push and by hand, gated; every complaint is rendered. */
#include "core/base.h"
#include "provider/cloudbuild/model_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const struct provider provider_cloudbuild;

static void start(struct arena *a, const struct sources *s, const struct provider_file *file, const char *event)
{
    struct facts f = {.change = {.event = str_from(event), .branch = STR("main")}};
    struct map *maps[] = {&f.substitutions, &f.base_env, &f.machine.programs};
    CLEAN(buf) struct buf out = BUF((size_t)64 << 20);
    struct provider_plans made = {0};
    struct diags d;
    struct str why;
    diags_init(&d, a, s);
    for (size_t i = 0; i < ARRAY_LEN(maps); i++)
        map_init(maps[i], a, MAP_CASE);
    f.only_check = event[0] == '\0';
    provider_cloudbuild.read(file, &f, &d, &made);
    MUST(made.n || d.errors || f.only_check);
    for (size_t i = 0; i < made.n; plan_free(made.p[i++].plan))
        made.p[i].plan->driver->gate(made.p[i].plan, made.p[i].plan->jobs[0], &f, true, &why);
    for (size_t i = 0; i < d.n; i++)
        MUST(diag_render(&out, s, &d.p[i], false) == 0 && diag_rule_find(str_from(d.p[i].code)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const events[] = {"", "push", "workflow_dispatch"};
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(sources) struct sources *s = sources_new();
    struct provider_file file = {.path = STR("cloudbuild.yaml"), .source = 0};
    file.source = sources_add(s, file.path, str_of((const char *)data, size));
    for (size_t i = 0; i < ARRAY_LEN(events); i++)
        start(a, s, &file, events[i]);
    return 0;
}
