/* Any bytes as a workflow: read, judged for a push and planned; every complaint is rendered. */
#include "core/base.h"
#include "provider/github/model_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const struct provider provider_github;

static void make_facts(struct facts *f, struct arena *a)
{
    struct map *maps[] = {&f->secrets, &f->vars, &f->env, &f->inputs, &f->base_env, &f->machine.programs};
    for (size_t i = 0; i < ARRAY_LEN(maps); i++)
        map_init(maps[i], a, MAP_NOCASE);
    f->repo.owner = STR("o");
    f->repo.name = STR("r");
    f->change.branch = STR("main");
    f->change.event = STR("push");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(sources) struct sources *s = sources_new();
    CLEAN(buf) struct buf out = BUF(BUF_TEXT);
    struct facts f = {0};
    struct diags d;
    struct provider_plans made = {0};
    diags_init(&d, a, s);
    make_facts(&f, a);
    struct provider_file file = {.path = STR("ci.yml"), .source = 0};
    file.source = sources_add(s, STR("ci.yml"), str_of((const char *)data, size));
    provider_github.read(&file, &f, &d, &made);
    MUST(made.n || d.errors);
    for (size_t i = 0; i < made.n; i++)
        plan_free(made.p[i].plan);
    for (size_t i = 0; i < d.n; i++)
        MUST(diag_render(&out, s, &d.p[i], false) == 0 && diag_rule_find(str_from(d.p[i].code)));
    return 0;
}
