/* Any bytes as a buildspec: read, planned for a start by hand, every job gated; every complaint is rendered. */
#include "core/base.h"
#include "provider/codebuild/model_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const struct provider provider_codebuild;

static void make_facts(struct facts *f, struct arena *a)
{
    struct map *maps[] = {&f->secrets, &f->env, &f->base_env, &f->platforms, &f->machine.programs};
    for (size_t i = 0; i < ARRAY_LEN(maps); i++)
        map_init(maps[i], a, MAP_NOCASE);
    f->repo.name = STR("r");
    f->change = (struct change){.event = STR("workflow_dispatch"), .branch = STR("main")};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(sources) struct sources *s = sources_new();
    CLEAN(buf) struct buf out = BUF(BUF_TEXT);
    struct facts f = {0};
    struct diags d;
    struct provider_plans made = {0};
    struct str why;
    diags_init(&d, a, s);
    make_facts(&f, a);
    struct provider_file file = {.path = STR("buildspec.yml"), .source = 0};
    file.source = sources_add(s, file.path, str_of((const char *)data, size));
    provider_codebuild.read(&file, &f, &d, &made);
    MUST(made.n == (d.errors ? 0 : 1));
    for (size_t i = 0; i < made.n; i++) {
        for (size_t k = 0; k < made.p[i].plan->n_jobs; k++)
            cb_driver.gate(made.p[i].plan, made.p[i].plan->jobs[k], &f, false, &why);
        plan_free(made.p[i].plan);
    }
    for (size_t i = 0; i < d.n; i++)
        MUST(diag_render(&out, s, &d.p[i], false) == 0 && diag_rule_find(str_from(d.p[i].code)));
    return 0;
}
