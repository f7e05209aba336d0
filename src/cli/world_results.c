#include "core/base.h"
#include "cli/world_results.h"

#include "results/results.h"
#include "store/artifact.h"

static void warn(struct bus *bus, const char *what, const struct err *e)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    buf_printf(&b, "%s: %s", what, e->text);
    bus_emit(bus, &(struct event){.kind = EVENT_WARNING, .text = buf_str(&b)});
}

static void add_token(void *ctx, const struct results_job *job, struct buf *ret)
{
    struct world_results *w = ctx;
    struct results_grant grant = {.job = job->name, .ref = job->ref, .refs = job->refs};
    struct err err = {0};
    if (w->failed || results_token(w->service, &grant, ret, &err) == 0)
        return;
    buf_clear(ret);
    w->failed = true; /* said once */
    warn(w->bus, "actions have no service for artifacts and caches", &err);
}

int world_results_open(struct world_results *w, const struct facts *f, struct str artifacts_dir, struct str cache_dir,
                       struct results_facts *ret, struct err *e)
{
    struct arena *a CLEAN(arena) = arena_new();
    struct results_options o = {
        .artifacts = artifacts_dir,
        .caches = cache_dir,
        .repo = arena_printf(a, "%.*s/%.*s", STR_ARG(f->repo.owner), STR_ARG(f->repo.name)),
    };
    *w = (struct world_results){0};
    int r = results_open(&o, &w->service, e);
    if (r == 0)
        *ret = (struct results_facts){.url = results_url(w->service), .token = add_token, .ctx = w};
    return r;
}

void world_results_close(struct world_results *w)
{
    results_close(w->service);
    w->service = NULL;
}

void world_results_tell(struct arena *a, struct str artifacts_dir, struct bus *bus)
{
    struct artifact *all = NULL;
    struct err err = {0};
    size_t n = 0;
    if (artifact_list(a, arena_str(a, artifacts_dir).p, &all, &n, &err) < 0)
        warn(bus, "the artifacts of this run cannot be listed", &err);
    for (size_t i = 0; i < n; i++)
        bus_emit(bus,
                 &(struct event){
                     .kind = EVENT_ARTIFACT, .name = all[i].name, .text = all[i].blob, .number = (int64_t)all[i].size});
}
