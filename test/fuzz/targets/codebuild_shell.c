/* Any bytes as what a shell's variables were, as a value that is quoted for it, and as a pattern with a path. */
#include "core/base.h"
#include "provider/codebuild/run_priv.h"
#include "provider/process.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is quoted comes back as it was. */
static void there_and_back(struct str text)
{
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(buf) struct buf dump = BUF(4 * CB_DUMP_MAX);
    struct cb_shell s = {.arena = arena_new()};
    struct str quoted = process_word(a, text);
    map_init(&s.vars, s.arena, MAP_CASE);
    buf_add_cstr(&dump, "A=");
    buf_add(&dump, quoted);
    buf_add_cstr(&dump, "\nPWD=/\n\n");
    MUST(cb_dump_read(&s, buf_str(&dump)) == 0);
    MUST(str_eq(cb_shell_get(&s, "A"), text));
    cb_shell_done(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_of((const char *)data, size);
    struct cb_shell s = {.arena = arena_new()};
    map_init(&s.vars, s.arena, MAP_CASE);
    if (cb_dump_read(&s, text) == 0)
        MUST(s.cwd.n > 0);
    cb_shell_done(&s);
    there_and_back(text);
    cb_glob_match(str_sub(text, 0, size / 2), str_from_index(text, size / 2));
    return 0;
}
