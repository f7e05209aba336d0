/*
 * cb_gate_image.c - which images this machine can stand for.
 *
 * A Linux machine stands for the service's own Linux images of its architecture. Windows, macOS, GPUs, Lambda and
 * images of others are left out by name, unless --platform IMAGE=host takes this machine for one.
 */
#include "core/base.h"
#include "provider/codebuild/read_priv.h"

/* What the environment type or the image's name asks for; NULL: an ordinary Linux of either architecture. */
static const char *special(struct str image, struct str type)
{
    static const struct {
        const char *in_type, *in_image, *what;
    } kinds[] = {
        {"WINDOWS", "/windows-", "Windows"},
        {"MAC_", "/macos-", "macOS"},
        {"GPU", NULL, "a GPU"},
        {"LAMBDA", "-lambda", "Lambda compute"},
    };
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_find(type, str_from(kinds[i].in_type)) >= 0 ||
            (kinds[i].in_image != NULL && str_find(image, str_from(kinds[i].in_image)) >= 0))
            return kinds[i].what;
    return NULL;
}

static bool is_arm(struct str image, struct str type)
{
    return str_starts(type, STR("ARM_")) || str_find(image, STR("aarch64")) >= 0;
}

static void lack(struct arena *a, struct leg *leg, struct str image, const char *what, const char *help)
{
    leg->lacks = str_from(what);
    leg->skip = arena_printf(a, "needs %s", what);
    leg->lacks_help = arena_printf(a, "%s; --platform %.*s=host takes this machine for it", help, STR_ARG(image));
}

void cb_gate_image(struct arena *a, const struct facts *f, struct str image, struct str type, struct leg *leg)
{
    struct str where = map_get_str(&f->platforms, image);
    const char *kind = special(image, type);
    if (str_is(where, "host"))
        return;
    if (where.n > 0)
        lack(a, leg, image, arena_printf(a, "the image %.*s", STR_ARG(where)).p,
             "--platform names it, and this version runs no images");
    else if (kind != NULL)
        lack(a, leg, image, kind, "this machine has none");
    else if (is_arm(image, type) && !str_is(f->machine.machine, "aarch64"))
        lack(a, leg, image, "an ARM machine", arena_printf(a, "this one is %.*s", STR_ARG(f->machine.machine)).p);
    else if (!cb_image_is_managed(image))
        lack(a, leg, image, arena_printf(a, "the image %.*s", STR_ARG(image)).p, "this version runs no images");
}
