/* Any bytes as a file of names and values: read, or one complaint that begins with a line. */
#include "core/base.h"
#include "doc/dotenv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct str text = str_of((const char *)data, size);
    for (int yaml = 0; yaml < 2; yaml++) {
        struct map m;
        struct err e = {0};
        map_init(&m, a, MAP_CASE);
        int rc = yaml ? dotenv_read_yaml(text, &m, &e) : dotenv_read(text, &m, &e);
        MUST(rc == 0 || (rc == -EINVAL && e.text[0] >= '1' && e.text[0] <= '9'));
        for (size_t i = 0; i < m.n; i++)
            MUST(map_get_str(&m, m.entries[i].key).p != NULL);
    }
    return 0;
}
