/* The first line is a pattern, the rest the text. A pattern matches when it and one that adds a `?` item do. */
#include "core/base.h"
#include "core/buf.h"
#include "trigger/glob.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct str pattern, text;
    struct glob *g, *wider;
    bool negated;
    struct err e = {0};
    str_cut(str_of((const char *)data, size), '\n', &pattern, &text);
    text = str_sub(text, 0, 4096);
    if (glob_compile(a, pattern, &g, &negated, &e) < 0) {
        MUST(e.num < 0 && e.text[0]);
        return 0;
    }
    bool matches = glob_match(g, text);
    CLEAN(buf) struct buf more = BUF(BUF_LINE);
    if (buf_add(&more, pattern) == 0 && buf_add_cstr(&more, "[a-z]?") == 0 &&
        glob_compile(a, buf_str(&more), &wider, &negated, NULL) == 0)
        MUST(!matches || glob_match(wider, text));
    return 0;
}
