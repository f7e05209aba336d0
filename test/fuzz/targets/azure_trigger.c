/* Any bytes as a pipeline: problems with places, verdicts for every event, and each job's turn in a preview. */
#include "core/base.h"
#include "plan/driver.h"
#include "provider/azure/plan_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const struct provider provider_azure;

static void gate_all(struct plan *p, const struct facts *f)
{
    struct str why;
    for (size_t i = 0; i < p->n_jobs && i < 100; i++)
        p->driver->gate(p, p->jobs[i], f, true, &why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const events[] = {"push", "pull_request", "schedule", "workflow_dispatch"};
    CLEAN(arena) struct arena *a = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(events); i++) {
        CLEAN(sources) struct sources *s = sources_new();
        struct provider_file file = {.path = STR("azure-pipelines.yml")};
        struct facts f = {.now_ms = 1767366245000};
        struct provider_plans made = {0};
        struct diags d;
        file.source = sources_add(s, file.path, str_of((const char *)data, size));
        f.change = (struct change){.event = str_from(events[i]), .branch = STR("main"), .base = STR("1.x")};
        f.change.files_known = size % 2 == 0;
        vec_push_in(a, &f.change.files, STR("src/a"));
        diags_init(&d, a, s);
        provider_azure.read(&file, &f, &d, &made);
        for (size_t k = 0; k < made.n; k++) {
            MUST(made.p[k].verdict.why.n > 0 && made.p[k].verdict.rule.off <= size);
            gate_all(made.p[k].plan, &f);
            plan_free(made.p[k].plan);
        }
    }
    return 0;
}
