/*
 * cli/status.c - what `slipway` alone says inside a project: its pipelines and its last run. No git, no reading of
 * files.
 */
#include "cli/status.h"

#include "core/num.h"
#include "core/path.h"
#include "provider/provider.h"
#include "sink/history.h"
#include "sys/file.h"
#include "sys/host.h"

#include <fnmatch.h>
#include <unistd.h>

static size_t count_files(struct arena *a, const struct provider *pr)
{
    size_t n = 0;
    struct map seen;
    map_init(&seen, a, MAP_CASE);
    for (const char *const *g = pr->globs; *g != NULL; g++) {
        struct strs names = {0};
        struct str dir = path_dir(str_from(*g));
        if (!map_set(&seen, dir, a) || dir_list(a, arena_str(a, dir).p, &names, NULL) < 0)
            continue;
        for (size_t i = 0; i < names.n; i++)
            for (const char *const *own = pr->globs; *own != NULL; own++)
                if (fnmatch(*own, path_join(a, dir, names.p[i]).p, FNM_PATHNAME) == 0) {
                    n++;
                    break;
                }
    }
    return n;
}

static void last_run(struct cli *c, struct str here)
{
    struct history_run *runs;
    size_t n = 0;
    struct str db = path_join(c->arena, host_state_dir(c->arena), STR("history.db"));
    if (!path_exists(db.p) || history_runs(c->arena, db, here, 1, &runs, &n, NULL) < 0 || n == 0) {
        printf("; nothing has run yet\n");
        return;
    }
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    num_add_duration(&b, runs[0].elapsed_ns);
    printf("; last run %lld: %s in %s\n", (long long)runs[0].id,
           runs[0].finished ? result_name(runs[0].result) : "unfinished", buf_cstr(&b));
}

void status_print(struct cli *c)
{
    char *cwd = getcwd(NULL, 0);
    if (cwd == NULL)
        return;
    struct str here = arena_cstr(c->arena, cwd);
    free(cwd);
    size_t files = 0;
    for (const struct provider *const *pr = providers(); *pr != NULL; pr++)
        files += count_files(c->arena, *pr);
    if (files == 0)
        return;
    struct str name = path_base(here);
    printf("here:     %.*s, %zu pipeline file%s", STR_ARG(name), files, files == 1 ? "" : "s");
    last_run(c, here);
}
