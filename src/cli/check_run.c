/*
 * cli/check_run.c - the files of a check, shared out among threads.
 *
 * A thread takes the next file that nobody has, reads it in an arena that ends with it, and keeps the lines that are to
 * be shown; the main thread shows them in the order of the files. Readers share nothing but the facts, which are const.
 */
#include "core/base.h"
#include "cli/check_run.h"

#include "cli/world_files.h"

#include "sys/host.h"

#include <pthread.h>
#include <stdatomic.h>

#define THREADS_MAX 16u
#define OUT_EACH ((size_t)1 << 16) /* bytes that are written at once: standard error has no buffer of its own */
#define FILES_A_THREAD 32u         /* fewer are read faster than a thread starts */

/* One diagnostic, rendered. */
struct said {
    struct str text;
    enum diag_level level;
};

struct checked {
    struct said *p;
    size_t n, cap;
    size_t dropped;
};

struct pool {
    const struct check_run *run;
    struct checked *results; /* of each file; their parts are in the arenas of the threads */
    atomic_size_t next;
};

struct worker {
    struct pool *pool;
    struct arena *arena; /* what is to be shown */
    pthread_t thread;
    bool started;
};

static void keep(struct worker *w, const struct pipelines *p, struct checked *ret)
{
    const struct check_run *run = w->pool->run;
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    ret->dropped = p->diags.dropped;
    for (size_t i = 0; i < p->diags.n; i++) {
        const struct diag *d = &p->diags.p[i];
        buf_clear(&b);
        if (run->json) {
            diag_json(&b, p->sources, d);
            buf_add_ch(&b, '\n');
        } else {
            diag_render(&b, p->sources, d, run->colour);
        }
        struct said one = {arena_str(w->arena, buf_str(&b)), d->level};
        vec_push_in(w->arena, ret, one);
    }
}

static void check_file(struct worker *w, size_t i)
{
    const struct check_run *run = w->pool->run;
    CLEAN(arena) struct arena *a = arena_new();
    struct facts f = *run->facts;
    struct pipelines p;
    struct world_files read;
    pipelines_init(a, &p);
    world_files_init(&read, a, f.repo.root, &p.sources, run->repos);
    f.read_file = world_files_read;
    f.list_files = world_files_list;
    f.read_ctx = &read;
    pipelines_read_file(a, &f, &run->files.p[i], &p);
    diags_sort(&p.diags);
    keep(w, &p, &w->pool->results[i]);
    pipelines_done(&p);
}

static void *work(void *ctx)
{
    struct worker *w = ctx;
    struct pool *pool = w->pool;
    size_t i;
    MUST(pool);
    while ((i = atomic_fetch_add(&pool->next, 1)) < pool->run->files.n)
        check_file(w, i);
    return NULL;
}

static size_t threads_for(struct arena *a, size_t n_files)
{
    struct host_info host;
    size_t wanted = n_files / FILES_A_THREAD;
    if (wanted < 2)
        return 1;
    host_read(a, &host);
    size_t most = host.cpus < THREADS_MAX ? host.cpus : THREADS_MAX;
    return wanted < most ? wanted : most;
}

/*
 * Shown once, however many files led to it: an action or a called workflow is read with each file that uses it, and by
 * itself. A note goes with what it belongs to.
 */
static bool is_new(struct map *shown, const struct said *s, bool last)
{
    return s->level == DIAG_NOTE ? last : map_set(shown, s->text, NULL);
}

static void put(FILE *to, struct buf *b)
{
    fwrite(buf_cstr(b), 1, b->n, to);
    buf_clear(b);
}

static void show(struct check_run *r, struct arena *a, const struct checked *results)
{
    struct map shown;
    CLEAN(buf) struct buf out = BUF(2 * OUT_EACH + BUF_TEXT);
    map_init(&shown, a, MAP_CASE);
    for (size_t i = 0; i < r->files.n; i++) {
        r->n_files += !r->files.p[i].part;
        bool new = true;
        for (size_t k = 0; k < results[i].n; k++) {
            const struct said *s = &results[i].p[k];
            new = is_new(&shown, s, new);
            if (!new)
                continue;
            r->errors += s->level == DIAG_ERROR;
            r->warnings += s->level == DIAG_WARNING;
            buf_add(&out, s->text);
            if (out.n > OUT_EACH)
                put(r->out, &out);
        }
        if (results[i].dropped > 0 && !r->json)
            buf_printf(&out, "%.*s: and %zu more\n", STR_ARG(r->files.p[i].path), results[i].dropped);
    }
    put(r->out, &out);
}

void check_run(struct check_run *r)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct pool pool = {.run = r, .results = arena_array(a, r->files.n + 1, sizeof *pool.results)};
    size_t n = threads_for(a, r->files.n);
    struct worker workers[THREADS_MAX] = {{0}};
    for (size_t i = 0; i < n; i++)
        workers[i] = (struct worker){.pool = &pool, .arena = arena_new()};
    for (size_t i = 1; i < n; i++) /* a thread that cannot be had leaves its share to the others */
        workers[i].started = pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
    work(&workers[0]);
    for (size_t i = 1; i < n; i++)
        if (workers[i].started)
            pthread_join(workers[i].thread, NULL);
    show(r, a, pool.results);
    for (size_t i = 0; i < n; i++)
        arena_free(workers[i].arena);
}
