/*
 * az_task_other.c - tasks that cannot do their work here, and say so: by name, with the reason, counted. None of them
 * answers success for something that was not done, but those that had nothing to do.
 */
#include "core/base.h"
#include "provider/azure/known_priv.h"

/* Any input is right: what is not done has no use for them. */
const struct az_input az_any_inputs[] = {{0}};

#define NEEDS_AZURE "it works on an Azure subscription through a service connection, and there is none here"
#define NEEDS_CONNECTION "it works on another service through a connection or a key of it, and there is none here"
#define NEEDS_DOCKER "it asks a Docker daemon, and jobs have none here"
#define NEEDS_SERVICE "it is work of the service itself, and there is no service here"
#define NEEDS_DOWNLOAD "it downloads a program, and programs of this machine are used as they lie"

#define REFUSED(id, name, majors, old, why) {name, majors, old, AZ_KNOWN_REFUSED, why},
#define LEFT_OUT(id, name, majors, old, why) {name, majors, old, AZ_KNOWN_LEFT_OUT, why},
#define NOTHING(id, name, majors, old, why) {name, majors, old, AZ_KNOWN_NOTHING, why},
#define WINDOWS(id, name, majors, old, why) {name, majors, old, AZ_KNOWN_WINDOWS, why},
#define MAC(id, name, majors, old, why) {name, majors, old, AZ_KNOWN_MAC, why},
static const struct az_known KNOWN[] = {
#include "provider/azure/az_task_known.def"
};
#undef REFUSED
#undef LEFT_OUT
#undef NOTHING
#undef WINDOWS
#undef MAC

const struct az_known *az_known_all(size_t *ret_n)
{
    *ret_n = ARRAY_LEN(KNOWN);
    return KNOWN;
}

const struct az_known *az_known_find(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(KNOWN); i++)
        if (str_is_nocase(name, KNOWN[i].name))
            return &KNOWN[i];
    return NULL;
}

static enum drive other_next(struct az_task_run *t, struct op *op)
{
    const struct az_known *k = az_known_find(str_from(t->task->name));
    struct str name = arena_printf(t->run->arena, "%s@%.*s", k->name, STR_ARG(t->step->version));
    UNUSED(op);
    switch (k->how) {
    case AZ_KNOWN_LEFT_OUT:
        az_say(t, "%.*s is left out: %s", STR_ARG(name), k->why);
        az_note(t->run, HOW_SKIPPED, name, str_from(k->why));
        t->result = AZ_SKIPPED;
        break;
    case AZ_KNOWN_NOTHING:
        az_say(t, "%.*s: %s", STR_ARG(name), k->why);
        az_note(t->run, HOW_EMULATED, name, str_from(k->why));
        break;
    case AZ_KNOWN_WINDOWS:
    case AZ_KNOWN_MAC:
        az_fail(t,
                "The current operating system is not capable of running this task. That typically means the task was "
                "written for %s only.",
                k->how == AZ_KNOWN_MAC ? "macOS" : "Windows");
        break;
    case AZ_KNOWN_REFUSED:
        BUG("%s is refused while planning", k->name);
    }
    return DRIVE_DONE;
}

static void other_exited(struct az_task_run *t, const struct op_end *end)
{
    UNUSED(t);
    UNUSED(end);
}

#define OTHER(ident, text, numbers)                                                                                    \
    const struct az_task az_task_other_##ident = {.name = (text),                                                      \
                                                  .majors = (numbers),                                                 \
                                                  .title = (text),                                                     \
                                                  .inputs = az_any_inputs,                                             \
                                                  .next = other_next,                                                  \
                                                  .exited = other_exited};
#define REFUSED(id, name, majors, old, why)
#define LEFT_OUT(id, name, majors, old, why) OTHER(id, name, majors)
#define NOTHING(id, name, majors, old, why) OTHER(id, name, majors)
#define WINDOWS(id, name, majors, old, why) OTHER(id, name, majors)
#define MAC(id, name, majors, old, why) OTHER(id, name, majors)
#include "provider/azure/az_task_known.def"
