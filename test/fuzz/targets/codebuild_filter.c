/* Filters, one a line: [!]TYPE PATTERN, groups parted by empty lines; a branch first. Every verdict has its words. */
#include "core/base.h"
#include "provider/codebuild/model_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const events[] = {"push", "pull_request", "release", "workflow_job", "schedule"};
    CLEAN(arena) struct arena *a = arena_new();
    struct str rest = str_of((const char *)data, size), line;
    struct cb_filter_group groups[16] = {{0}};
    struct cb_project p = {.declared = true, .webhook = true, .groups = groups, .n_groups = 1};
    struct facts f = {.repo = {.name = STR("r"), .owner = STR("o")}};
    if (!str_next(&rest, '\n', &f.change.branch))
        return 0;
    f.change.base = f.change.branch;
    f.change.files = (struct strs){&f.change.branch, 1, 1};
    while (str_next(&rest, '\n', &line)) {
        struct cb_filter one = {.exclude = str_starts(line, STR("!"))};
        str_cut(str_from_index(line, one.exclude), ' ', &one.type, &one.pattern);
        if (line.n == 0 && p.n_groups < ARRAY_LEN(groups))
            p.n_groups++;
        else
            vec_push_in(a, &groups[p.n_groups - 1], one);
    }
    for (size_t i = 0; i < 2 * ARRAY_LEN(events); i++) {
        struct verdict v;
        f.change.event = str_from(events[i / 2]);
        f.change.files_known = i % 2;
        cb_verdict(a, &p, &f, &v);
        MUST(v.why.n > 0);
        MUST(!v.starts || cb_event(&f.change, NULL).n > 0);
    }
    return 0;
}
