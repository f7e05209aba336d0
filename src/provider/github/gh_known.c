/*
 * gh_known.c - which actions a step may use: those that are built in. All others are named before anything runs.
 */
#include "core/base.h"
#include "provider/github/model_priv.h"

enum gh_uses gh_uses_kind(struct str uses)
{
    if (str_starts(uses, STR("docker://")))
        return GH_USES_DOCKER;
    if (str_starts(uses, STR("./")) || str_starts(uses, STR(".\\")) || str_starts(uses, STR("$/")))
        return GH_USES_LOCAL;
    return GH_USES_REPOSITORY;
}

static void check_step(const struct gh_step *s, struct diags *d)
{
    struct str name, ref;
    struct err e = {0};
    if (s->kind != GH_STEP_USES)
        return;
    switch (gh_uses_kind(s->uses)) {
    case GH_USES_DOCKER:
        diag_error(d, "GH090", s->where, "action '%.*s' needs a container engine, which this version does not have",
                   STR_ARG(s->uses));
        break;
    case GH_USES_LOCAL:
        diag_error(d, "GH090", s->where, "action '%.*s' is a local one, which this version does not run",
                   STR_ARG(s->uses));
        break;
    case GH_USES_REPOSITORY:
        if (gh_uses_parse(s->uses, &name, &ref, &e) != 0 || gh_native_find(name) != NULL)
            return;
        diag_error(d, "GH090", s->where, "action '%.*s' is not known here", STR_ARG(name));
        break;
    }
    diag_hint(d, "--skip-unknown skips these steps and counts them");
}

void gh_check_known(const struct gh_job *job, struct diags *d)
{
    for (size_t i = 0; i < job->n_steps; i++) {
        check_step(&job->steps[i], d);
        for (size_t k = 0; k < job->steps[i].n_children; k++)
            check_step(&job->steps[i].children[k], d);
    }
}
