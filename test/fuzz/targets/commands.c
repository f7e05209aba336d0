/* Workflow commands: whatever a step prints is read without harm, and a fixed-up place makes sense. */
#include "core/base.h"
#include "provider/github/command_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = str_of((const char *)data, size), line;
    while (str_next(&rest, '\n', &line)) {
        struct arena *a = arena_new();
        struct gh_command c;
        struct gh_annotation n;
        bool maybe = gh_command_maybe(line);
        if (gh_command_parse(a, line, STR("token"), &c)) {
            MUST(maybe);
            MUST(c.n_props <= GH_COMMAND_PROPS && c.data.n <= line.n);
            gh_annotation_of(&c, &n);
            MUST(n.end_line == 0 || n.end_line >= n.line);
            MUST(n.end_column == 0 || n.end_column >= n.column);
            MUST(n.line != 0 || n.end_line == 0);
        }
        arena_free(a);
    }
    return 0;
}
