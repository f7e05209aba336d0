/* Any bytes as an action.yml: read, every complaint rendered; as a job would read it, with its sentences bounded. */
#include "core/base.h"
#include "core/vec.h"
#include "provider/github/manifest_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const struct gh_manifest *m)
{
    MUST(m->using == GH_USING_COMPOSITE || m->n_steps == 0);
    MUST(m->using != GH_USING_NODE || m->main.n);
    MUST(m->using != GH_USING_DOCKER || m->image.n);
    for (size_t i = 0; i < m->n_steps; i++)
        MUST(m->steps[i].kind == GH_STEP_RUN ? m->steps[i].shell_text.set : m->steps[i].uses.n > 0);
    for (size_t i = 0; i < m->inputs.n; i++)
        MUST(gh_manifest_input(m, m->inputs.p[i].id) == &m->inputs.p[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(sources) struct sources *s = sources_new();
    CLEAN(buf) struct buf out = BUF(BUF_TEXT);
    struct str text = str_of((const char *)data, size);
    struct strs errors = {0};
    struct diags d;
    diags_init(&d, a, s);
    struct gh_manifest *m = gh_manifest_read(a, sources_add(s, STR("action.yml"), text), &d);
    MUST(m || d.errors);
    if (m)
        look(m);
    for (size_t i = 0; i < d.n; i++)
        MUST(diag_render(&out, s, &d.p[i], false) == 0 && diag_rule_find(str_from(d.p[i].code)));
    struct gh_manifest *again = gh_manifest_parse(a, s, STR("o/r@v1/action.yml"), text, &errors);
    MUST(!again == !m && (m || (errors.n > 0 && errors.n <= 10)));
    for (size_t i = 0; i < errors.n; i++)
        MUST(errors.p[i].n <= 500);
    return 0;
}
