/* Any bytes as the image of a step: a stand-in with a note, or a sentence; its name and tag are parts of it. */
#include "core/base.h"
#include "provider/cloudbuild/run_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct str image = str_of((const char *)data, size > 20000 ? 20000 : size), name, tag;
    struct interpreter tools[] = {{.tool = STR("python"), .version = STR("3.12.1"), .program = STR("/usr/bin/python3")},
                                  {.tool = STR("node"), .version = STR("20.11.0"), .program = STR("/usr/bin/node")}};
    struct facts f = {.machine = {.interpreters = tools, .n_interpreters = ARRAY_LEN(tools)}};
    struct gb_standin s = {0};
    struct err e = {0};
    map_init(&f.machine.programs, a, MAP_CASE);
    map_init(&f.base_env, a, MAP_CASE);
    map_set_str(&f.machine.programs, STR("git"), STR("/usr/bin/git"));
    map_set_str(&f.base_env, STR("PATH"), STR("/bin:/usr/bin"));
    gb_image_name(a, image, &name, &tag);
    MUST(tag.n <= image.n && gb_image_version(tag).n <= tag.n);
    int rc = gb_standin_find(a, image, &f, &s, &e);
    MUST(rc == 0 ? s.note.n > 0 : rc == -ENOENT && e.text[0] != '\0');
    return 0;
}
