#include "core/base.h"
#include "cli/world.h"

#include "core/num.h"
#include "core/path.h"
#include "core/vec.h"
#include "sys/file.h"

#define RUNS_KEPT 20 /* the last ones; downloads may ask for them */

struct str world_artifacts(struct arena *a, struct str state_dir, uint64_t run_id)
{
    struct str all = path_join(a, state_dir, STR("artifacts"));
    struct strs names = {0};
    if (path_is_dir(all.p))
        dir_list(a, all.p, &names, NULL);
    for (size_t i = 0; i < names.n; i++) {
        uint64_t id = 0;
        bool old = num_parse_u64(names.p[i], UINT64_MAX, &id) == 0 && id + RUNS_KEPT <= run_id;
        if (old || id == run_id) /* of an earlier history */
            tree_remove(path_join(a, all, names.p[i]).p, NULL);
    }
    return arena_printf(a, "%.*s/%llu", STR_ARG(all), (unsigned long long)run_id);
}
