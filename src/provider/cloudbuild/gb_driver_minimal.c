/* gb_driver_minimal.c - stands for gb_driver.c until that is there: it lists, and refuses to run. */
#include "core/base.h"
#include "provider/cloudbuild/model_priv.h"

static void *begin(struct leg *leg, const struct host *host, struct leg_room *room, struct err *e)
{
    UNUSED(leg);
    UNUSED(host);
    UNUSED(room);
    err_set(e, ENOSYS, "builds of Cloud Build do not run in this version");
    return NULL;
}

const struct driver gb_driver = {.service = "cloudbuild", .gate = gb_gate, .begin = begin};
