/* The first line as a pattern of file tasks, those behind it as paths: each ends, and a text matches itself. */
#include "core/base.h"
#include "core/path.h"
#include "provider/azure/files_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct str rest = str_of((const char *)data, size > 4000 ? 4000 : size), path;
    struct strs lines = {0};
    if (!str_next(&rest, '\n', &path))
        return 0;
    vec_push_in(a, &lines, path);
    vec_push_in(a, &lines, STR("!**/no"));
    struct az_patterns *p = az_patterns_new(a, STR("/w/s"), &lines);
    struct strs roots = {0};
    az_patterns_roots(p, &roots);
    for (int n = 0; n < 8 && str_next(&rest, '\n', &path); n++) {
        bool same = az_minimatch(path, path, false), below = az_patterns_match(p, path_join(a, STR("/w/s"), path));
        MUST(same || str_find_ch(path, '*') >= 0 || str_find_ch(path, '/') >= 0 || path.n > 200);
        MUST(!below || !str_ends(path, STR("/no")));
        az_minimatch(lines.p[0], path, true);
    }
    return 0;
}
