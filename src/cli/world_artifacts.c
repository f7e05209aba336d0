#include "core/base.h"
#include "cli/world.h"

#include "core/num.h"
#include "core/path.h"
#include "core/vec.h"
#include "sys/file.h"

#include <limits.h>
#include <unistd.h>

#define RUNS_KEPT 20 /* the last ones; downloads may ask for them */

/* Ours to remove: a folder of store/artifact.h, or one where a job has left files (OP_EXPORT). */
static void remove_earlier(struct arena *a, struct str dir)
{
    if (path_exists(path_join(a, dir, STR(".next")).p) || path_exists(path_join(a, dir, STR(".tmp")).p))
        tree_remove(dir.p, NULL);
}

struct str world_artifacts(struct arena *a, struct str state_dir, struct str chosen, uint64_t run_id)
{
    if (chosen.n > 0) {
        char here[PATH_MAX];
        struct str base = path_clean(a, path_join(a, str_from(getcwd(here, sizeof here)), chosen));
        struct str dir = arena_printf(a, "%.*s/%llu", STR_ARG(base), (unsigned long long)run_id);
        remove_earlier(a, dir);
        return dir;
    }
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
