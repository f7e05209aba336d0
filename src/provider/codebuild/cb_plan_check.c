/*
 * cb_plan_check.c - a buildspec and the project that runs it: what one says and the other takes no notice of.
 *
 * Only declared projects are looked at: of others nobody knows what stands in the console.
 */
#include "core/base.h"
#include "provider/codebuild/read_priv.h"

static void note_project(const struct cb_project *p, const char *code, struct diags *d)
{
    if (p->span.file != 0)
        diag_note(d, code, p->span, "the project '%.*s'", STR_ARG(p->name));
}

static void check_batch(const struct cb_project *p, const struct cb_spec *s, struct diags *d)
{
    if (!p->batch || s->batch.kind != CB_NO_BATCH)
        return;
    diag_error(d, "CB058", (struct span){s->span.file, s->span.off, 0},
               "The project '%.*s' makes batch builds, and this buildspec has no batch", STR_ARG(p->name));
    note_project(p, "CB058", d);
}

static void check_cache(const struct cb_project *p, const struct cb_spec *s, struct diags *d)
{
    if (s->cache.present && p->cache == CB_CACHE_NONE) {
        diag_warning(d, "CB047", s->cache.span, "The project '%.*s' has no cache: these paths are not kept",
                     STR_ARG(p->name));
        note_project(p, "CB047", d);
    } else if (!s->cache.present && p->cache == CB_CACHE_LOCAL && p->cache_custom) {
        diag_warning(d, "CB047", p->span, "The project '%.*s' has a custom cache, and its buildspec names no paths",
                     STR_ARG(p->name));
    }
}

static void check_artifacts(const struct cb_project *p, const struct cb_spec *s, struct diags *d)
{
    if (s->has_artifacts && p->artifacts == CB_NO_ARTIFACTS)
        cb_remark(d, "CB048", s->artifacts.span, "the project '%.*s' has NO_ARTIFACTS: these are not looked at",
                  STR_ARG(p->name));
    for (size_t i = 0; i < s->n_secondary && p->artifacts != CB_NO_ARTIFACTS; i++) {
        bool known = false;
        for (size_t k = 0; k < p->secondary_artifacts.n && !known; k++)
            known = str_eq(p->secondary_artifacts.p[k], s->secondary[i].id);
        if (known)
            continue;
        diag_warning(d, "CB049", s->secondary[i].span, "The project '%.*s' has no secondary artifact '%.*s'",
                     STR_ARG(p->name), STR_ARG(s->secondary[i].id));
        note_project(p, "CB049", d);
    }
}

const struct cb_text *cb_spec_calls(const struct cb_spec *s, const char *program)
{
    for (size_t i = 0; i < CB_PHASES; i++)
        for (size_t k = 0; k < s->phases[i].commands.n; k++)
            if (cb_calls(s->phases[i].commands.p[k].text, program))
                return &s->phases[i].commands.p[k];
    return NULL;
}

static void check_docker(const struct cb_project *p, const struct cb_spec *s, struct diags *d)
{
    const struct cb_text *call = cb_spec_calls(s, "docker");
    if (call == NULL || p->privileged || s->batch.kind != CB_NO_BATCH)
        return;
    diag_warning(d, "CB027", call->span, "The project '%.*s' is not privileged: there is no Docker daemon",
                 STR_ARG(p->name));
    diag_hint(d, "set PrivilegedMode: true");
    note_project(p, "CB027", d);
}

void cb_check_together(const struct cb_project *p, const struct cb_spec *s, struct diags *d)
{
    if (!p->declared)
        return;
    check_batch(p, s, d);
    check_cache(p, s, d);
    check_artifacts(p, s, d);
    check_docker(p, s, d);
}
