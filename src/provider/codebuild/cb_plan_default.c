/* cb_plan_default.c - stands in until builds run: every leg is refused by name. */
#include "core/base.h"
#include "provider/codebuild/read_priv.h"

static void *refuse(struct leg *leg, const struct host *host, struct leg_room *room, struct err *e)
{
    UNUSED(leg);
    UNUSED(host);
    UNUSED(room);
    err_set(e, ENOSYS, "builds of CodeBuild do not run in this version");
    return NULL;
}

const struct driver cb_driver = {.service = "codebuild", .gate = cb_gate, .begin = refuse};
