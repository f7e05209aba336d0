/*
 * cli/pipelines.c - finds and reads pipeline files, and keeps what was chosen of them.
 */
#include "cli/pipelines.h"

#include "core/path.h"
#include "doc/suggest.h"
#include "plan/driver.h"
#include "sys/file.h"

#include <fnmatch.h>

/* Past this no service reads a file; the provider's own limit is lower and has its own message. */
#define FILE_MAX_BYTES ((size_t)256 << 20)

/* Does the repository-relative path belong to the provider? */
static bool claims(const struct provider *pr, struct arena *a, struct str path)
{
    for (const char *const *g = pr->globs; *g != NULL; g++)
        if (fnmatch(*g, arena_str(a, path).p, FNM_PATHNAME) == 0)
            return true;
    return false;
}

/* Is it, by its name, a part of pipelines rather than one? */
static bool is_part(const struct provider *pr, struct arena *a, struct str path)
{
    for (const char *const *g = pr->part_globs; g != NULL && *g != NULL; g++)
        if (str_eq(path_base(str_from(*g)), path_base(path)))
            return !claims(pr, a, path);
    return false;
}

/* ---- finding ---- */

struct find {
    struct arena *a;
    struct str root;
    struct pipeline_files *files;
};

static void found(const struct find *w, const struct provider *pr, struct str path)
{
    struct pipeline_file file = {pr, path, is_part(pr, w->a, path)};
    vec_push_in(w->a, w->files, file);
}

static void find_in(const struct find *w, const struct provider *pr, struct str dir)
{
    struct strs names = {0};
    struct str full = path_join(w->a, w->root, dir);
    if (dir_list(w->a, full.p, &names, NULL) < 0)
        return;
    for (size_t i = 0; i < names.n; i++) {
        struct str path = str_is(dir, ".") ? names.p[i] : path_join(w->a, dir, names.p[i]);
        if (claims(pr, w->a, path) && !path_is_dir(path_join(w->a, w->root, path).p))
            found(w, pr, path);
    }
}

/* All globs of a provider, each folder once. */
static void find_all(const struct find *w, const struct provider *pr)
{
    struct map seen;
    map_init(&seen, w->a, MAP_CASE);
    for (const char *const *g = pr->globs; *g != NULL; g++) {
        struct str dir = path_dir(str_from(*g));
        if (map_set(&seen, dir, w->files))
            find_in(w, pr, dir);
    }
}

/* -W FILE: a file or a folder, relative to the current folder; the provider is the one that claims it, else the first.
 */
static int find_named(const struct find *w, struct str file, struct err *e)
{
    struct str real;
    int rc = path_real(w->a, arena_str(w->a, file).p, &real, e);
    if (rc < 0)
        return rc;
    struct str rel = path_rel(real, w->root);
    const struct provider *const *all = providers();
    const struct provider *pr = all[0];
    MUST(pr != NULL);
    if (path_is_dir(real.p)) {
        struct strs names = {0};
        bool here = rel.n == 0 || str_is(rel, ".");
        rc = dir_list(w->a, real.p, &names, e);
        for (size_t i = 0; i < names.n && rc == 0; i++)
            if (str_ends(names.p[i], STR(".yml")) || str_ends(names.p[i], STR(".yaml")))
                found(w, pr, here ? names.p[i] : path_join(w->a, rel, names.p[i]));
        return rc;
    }
    for (size_t i = 0; all[i] != NULL; i++)
        if (claims(all[i], w->a, rel))
            pr = all[i];
    found(w, pr, rel);
    return 0;
}

int pipelines_find(struct arena *a, struct str root, struct strs services, struct str file, struct pipeline_files *ret,
                   struct err *e)
{
    struct find w = {a, root, ret};
    if (file.n > 0)
        return find_named(&w, file, e);
    for (const struct provider *const *pr = providers(); *pr != NULL; pr++) {
        bool asked = services.n == 0;
        for (size_t i = 0; i < services.n; i++)
            asked = asked || str_is(services.p[i], (*pr)->name);
        if (asked)
            find_all(&w, *pr);
    }
    return 0;
}

/* ---- reading ---- */

void pipelines_read_file(struct arena *a, const struct facts *f, const struct pipeline_file *found, struct pipelines *p)
{
    struct str text;
    struct err err = {0};
    struct pipeline item = {.provider = found->provider, .path = found->path};
    if (file_read(a, path_join(a, f->repo.root, found->path).p, FILE_MAX_BYTES, &text, &err) < 0) {
        uint32_t empty = sources_add(p->sources, found->path, STR_NONE);
        diag_error(&p->diags, "SL001", (struct span){empty, 0, 0}, "%s", err.text);
        return;
    }
    struct provider_file file = {.path = found->path, .source = sources_add(p->sources, found->path, text)};
    if (found->part) {
        found->provider->check_part(&file, &p->diags);
        p->n_parts++;
        return;
    }
    item.plan = found->provider->read(&file, f, &p->diags, &item.verdict);
    vec_push_in(a, p, item);
}

void pipelines_init(struct arena *a, struct pipelines *ret)
{
    *ret = (struct pipelines){.sources = sources_new()};
    diags_init(&ret->diags, a, ret->sources);
}

int pipelines_read(struct cli *c, const struct facts *f, struct strs services, struct str file, struct pipelines *ret,
                   struct err *e)
{
    struct pipeline_files files = {0};
    pipelines_init(c->arena, ret);
    int rc = pipelines_find(c->arena, f->repo.root, services, file, &files, e);
    for (size_t i = 0; rc == 0 && i < files.n; i++)
        pipelines_read_file(c->arena, f, &files.p[i], ret);
    return rc;
}

/* ---- parts ---- */

struct part_walk {
    struct arena *a;
    struct str dir, name;
    struct strs found;
};

static int see_part(void *ctx, struct str rel, const struct stat *st)
{
    struct part_walk *w = ctx;
    UNUSED(st);
    if (str_eq(path_base(rel), w->name))
        vec_push_in(w->a, &w->found, path_join(w->a, w->dir, rel));
    return 0;
}

/* The files of one glob: a path, or DIR/...any folders.../NAME. */
static struct strs parts_of(struct arena *a, struct str root, struct str glob)
{
    struct part_walk w = {.a = a, .name = path_base(glob)};
    ssize_t at = str_find(glob, STR("/**/"));
    if (at < 0) {
        if (path_exists(path_join(a, root, glob).p))
            vec_push_in(a, &w.found, glob);
        return w.found;
    }
    w.dir = str_sub(glob, 0, (size_t)at);
    struct str full = path_join(a, root, w.dir);
    if (path_is_dir(full.p))
        tree_walk(full.p, see_part, &w, NULL);
    return w.found;
}

void pipelines_find_parts(struct arena *a, struct str root, struct pipeline_files *ret)
{
    for (const struct provider *const *pr = providers(); *pr != NULL; pr++)
        for (const char *const *g = (*pr)->part_globs; g != NULL && *g != NULL; g++) {
            struct strs found = parts_of(a, root, str_from(*g));
            for (size_t i = 0; i < found.n; i++) {
                struct pipeline_file part = {*pr, found.p[i], true};
                vec_push_in(a, ret, part);
            }
        }
}

void pipelines_done(struct pipelines *p)
{
    for (size_t i = 0; i < p->n; i++)
        plan_free(p->p[i].plan);
    sources_free(p->sources);
    *p = (struct pipelines){0};
}

/* ---- choices ---- */

static void want(struct job *j)
{
    if (j->wanted)
        return;
    j->wanted = true;
    for (size_t i = 0; i < j->n_needs; i++)
        want(j->needs[i]);
}

static void want_failed(const struct choice *ch, struct plan *p)
{
    for (size_t i = 0; i < ch->n_failed; i++) {
        const struct history_job *h = &ch->failed[i];
        if (!str_eq(h->service, p->service) || !str_eq(h->pipeline, p->name))
            continue;
        struct str id, rest;
        str_cut(h->id, ' ', &id, &rest); /* "test (3.9)": the job is test */
        struct job *j = plan_find_job(p, id);
        if (j != NULL)
            want(j);
    }
}

static int unknown_job(const struct pipelines *p, struct str id, struct err *e)
{
    const char *names[256];
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; p->p[i].plan != NULL && k < p->p[i].plan->n_jobs && n < ARRAY_LEN(names); k++)
            names[n++] = p->p[i].plan->jobs[k]->id.p;
    struct str near = suggest(id, names, n);
    if (near.n > 0)
        return err_set(e, ENOENT, "there is no job '%.*s'; did you mean '%.*s'?", STR_ARG(id), STR_ARG(near));
    return err_set(e, ENOENT, "there is no job '%.*s'; `slipway ci -l` lists them", STR_ARG(id));
}

int choice_apply(const struct choice *ch, struct pipelines *p, struct err *e)
{
    bool all = ch->jobs.n == 0 && !ch->last_failed;
    for (size_t i = 0; i < p->n; i++) {
        struct plan *plan = p->p[i].plan;
        for (size_t k = 0; plan != NULL && k < plan->n_jobs; k++)
            plan->jobs[k]->wanted = all;
        if (plan != NULL && ch->last_failed)
            want_failed(ch, plan);
    }
    for (size_t i = 0; i < ch->jobs.n; i++) {
        bool found = false;
        for (size_t k = 0; k < p->n; k++) {
            struct job *j = p->p[k].plan != NULL ? plan_find_job(p->p[k].plan, ch->jobs.p[i]) : NULL;
            found = found || j != NULL;
            if (j != NULL)
                want(j);
        }
        if (!found)
            return unknown_job(p, ch->jobs.p[i], e);
    }
    return 0;
}

/* Every key that was named must match one of the values named for it. */
static bool matrix_wanted(const struct choice *ch, const struct leg *leg)
{
    for (size_t i = 0; i < ch->matrix.n; i++) {
        struct str key, value, other_key, other;
        str_cut(ch->matrix.p[i], ':', &key, &value);
        struct str has = map_get_str(&leg->matrix, key);
        if (has.p == NULL)
            return false;
        bool any = false;
        for (size_t k = 0; k < ch->matrix.n && !any; k++)
            any = str_cut(ch->matrix.p[k], ':', &other_key, &other) && str_eq(other_key, key) && str_eq(other, has);
        if (!any)
            return false;
    }
    return true;
}

bool choice_leg(void *ctx, const struct leg *leg)
{
    const struct choice *ch = ctx;
    if (ch->matrix.n > 0 && !matrix_wanted(ch, leg))
        return false;
    if (!ch->last_failed)
        return true;
    const struct plan *p = leg->job->plan;
    for (size_t i = 0; i < ch->n_failed; i++)
        if (str_eq(ch->failed[i].id, leg->id) && str_eq(ch->failed[i].service, p->service) &&
            str_eq(ch->failed[i].pipeline, p->name))
            return true;
    return false;
}
