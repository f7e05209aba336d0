/* cb_plan_default.c - stands in until projects are read: no project file, every push starts the build. */
#include "core/base.h"
#include "provider/codebuild/read_priv.h"

void cb_projects_read(struct arena *a, const struct facts *f, struct diags *d, struct cb_projects *ret)
{
    UNUSED(a);
    UNUSED(f);
    UNUSED(d);
    *ret = (struct cb_projects){.file = STR("")};
}

void cb_project_default(struct arena *a, const struct facts *f, struct cb_project *ret)
{
    *ret = (struct cb_project){.name = arena_str(a, f->repo.name),
                               .buildspec = STR(""),
                               .source_type = STR("GITHUB"),
                               .image = STR("aws/codebuild/standard:7.0"),
                               .type = STR("LINUX_CONTAINER"),
                               .compute_type = STR("BUILD_GENERAL1_SMALL"),
                               .artifacts = CB_TO_S3,
                               .webhook = true,
                               .timeout_min = 60,
                               .queued_timeout_min = 480};
}

void cb_project_check(const struct provider_file *file, const struct facts *f, struct diags *d)
{
    UNUSED(file);
    UNUSED(f);
    UNUSED(d);
}

void cb_projects_named(struct arena *a, const struct facts *f, struct strs *ret)
{
    UNUSED(a);
    UNUSED(f);
    UNUSED(ret);
}

void cb_verdict(struct arena *a, const struct cb_project *p, const struct facts *f, struct verdict *ret)
{
    UNUSED(p);
    *ret = (struct verdict){.starts = true,
                            .why = arena_printf(a, "no project file here: taken as a webhook on every push (%.*s)",
                                                STR_ARG(f->change.event))};
}

struct str cb_event(const struct change *c, const struct value *payload)
{
    UNUSED(payload);
    return str_is(c->event, "push") ? STR("PUSH") : STR("");
}
