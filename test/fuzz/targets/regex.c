/* The first line is an expression, the rest the text: each dialect compiles it or says why, and a search ends. */
#include "core/base.h"
#include "trigger/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void one(struct str pattern, struct str text, enum regex_dialect dialect)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct regex *r = NULL;
    struct err e = {0};
    size_t at = SIZE_MAX;
    int rc = regex_compile_at(a, pattern, dialect, &r, &at, &e);
    if (rc < 0) {
        MUST(e.text[0] && !r && (rc == -E2BIG || at <= pattern.n));
        return;
    }
    int found = regex_search(r, text);
    MUST(found == regex_search(r, text) && (found == 0 || found == 1 || found == -ELOOP));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str pattern, text;
    str_cut(str_of((const char *)data, size), '\n', &pattern, &text);
    one(pattern, str_sub(text, 0, 256), REGEX_RE2);
    one(pattern, str_sub(text, 0, 256), REGEX_COMMON);
    return 0;
}
