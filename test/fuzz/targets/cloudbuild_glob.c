/* The first line as a pattern of artifacts, those behind it as paths: what it takes below a folder it takes deeper. */
#include "core/base.h"
#include "core/path.h"
#include "provider/cloudbuild/run_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct str rest = str_of((const char *)data, size > 20000 ? 20000 : size), pattern, path;
    if (!str_next(&rest, '\n', &pattern))
        return 0;
    MUST(gb_glob_match(STR("**"), STR("a/b")) && !gb_glob_match(STR("*"), STR(".a")));
    for (int n = 0; n < 50 && str_next(&rest, '\n', &path); n++) {
        bool taken = gb_glob_match(pattern, path);
        /* no path holds NUL, at which what printf makes of one ends */
        if (taken && path.n > 0 && !str_ends(path, STR("/")) && str_find_ch(path, '\0') < 0)
            MUST(gb_glob_match(pattern, arena_printf(a, "%.*s/below", STR_ARG(path))));
    }
    return 0;
}
