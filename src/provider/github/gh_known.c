/*
 * gh_known.c - which actions cannot run here, named before anything does: those that need a container engine.
 */
#include "core/base.h"
#include "provider/github/manifest_priv.h"

enum gh_uses gh_uses_kind(struct str uses)
{
    if (str_starts(uses, STR("docker://")))
        return GH_USES_DOCKER;
    if (str_starts(uses, STR("./")) || str_starts(uses, STR(".\\")) || str_starts(uses, STR("$/")))
        return GH_USES_LOCAL;
    return GH_USES_REPOSITORY;
}

static bool needs_engine(struct arena *a, struct str uses, const struct facts *f, struct diags *d)
{
    struct gh_manifest *m = NULL;
    switch (gh_uses_kind(uses)) {
    case GH_USES_DOCKER:
        return true;
    case GH_USES_REPOSITORY: /* what it is shows when it has been fetched */
        return false;
    case GH_USES_LOCAL:
        break;
    }
    switch (gh_local_find(a, f, uses, d, &m)) {
    case GH_LOCAL_DOCKERFILE:
        return true;
    case GH_LOCAL_THERE:
        return m->using == GH_USING_DOCKER;
    case GH_LOCAL_UNKNOWN:
    case GH_LOCAL_ABSENT:
    case GH_LOCAL_BROKEN:
        return false;
    }
    return false;
}

static void check_step(struct arena *a, const struct gh_step *s, const struct facts *f, struct diags *d)
{
    if (s->kind != GH_STEP_USES || !needs_engine(a, s->uses, f, d))
        return;
    diag_error(d, "GH090", s->where, "action '%.*s' needs a container engine, which this version does not have",
               STR_ARG(s->uses));
    diag_hint(d, "--skip-unknown skips these steps and counts them");
}

void gh_check_known(struct arena *a, const struct gh_job *job, const struct facts *f, struct diags *d)
{
    for (size_t i = 0; i < job->n_steps; i++) {
        check_step(a, &job->steps[i], f, d);
        for (size_t k = 0; k < job->steps[i].n_children; k++)
            check_step(a, &job->steps[i].children[k], f, d);
    }
}
