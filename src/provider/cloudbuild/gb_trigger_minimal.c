/* gb_trigger_minimal.c - stands for gb_trigger.c until that is there: no trigger is declared. */
#include "core/base.h"
#include "provider/cloudbuild/model_priv.h"

void gb_triggers_read(struct arena *a, const struct facts *f, struct diags *d, struct gb_triggers *ret)
{
    UNUSED(a);
    UNUSED(f);
    UNUSED(d);
    *ret = (struct gb_triggers){0};
}

void gb_trigger_check(const struct provider_file *file, const struct facts *f, struct diags *d)
{
    UNUSED(f);
    diag_error(d, "GB011", (struct span){file->source, 0, 0}, "triggers are not read by this version");
}

void gb_triggers_named(struct arena *a, const struct facts *f, struct strs *ret)
{
    UNUSED(a);
    UNUSED(f);
    UNUSED(ret);
}

void gb_verdict(struct arena *a, const struct gb_trigger *t, const struct facts *f, struct verdict *ret)
{
    UNUSED(a);
    UNUSED(t);
    ret->starts = str_is(f->change.event, "push");
    ret->why = ret->starts
                   ? STR("no trigger file here (deploy/cloudbuild-trigger.yaml): taken as a trigger on every push")
                   : STR("no trigger file here (deploy/cloudbuild-trigger.yaml): only pushes start it");
}
