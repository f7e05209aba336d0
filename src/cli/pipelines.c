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
        if (fnmatch(path_base(str_from(*g)).p, arena_str(a, path_base(path)).p, 0) == 0)
            return !claims(pr, a, path);
    return false;
}

/* ---- finding ---- */

struct find {
    struct arena *a;
    struct str root;
    const struct facts *facts;
    struct pipeline_files *files;
};

static void found(const struct find *w, const struct provider *pr, struct str path)
{
    struct pipeline_file file = {.provider = pr, .path = path, .part = is_part(pr, w->a, path)};
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

static bool is_found(const struct pipeline_files *files, const struct provider *pr, struct str path)
{
    for (size_t i = 0; i < files->n; i++)
        if (files->p[i].provider == pr && str_eq(files->p[i].path, path))
            return true;
    return false;
}

/* What others name, and no glob has found yet. */
static void find_by_name(const struct find *w, const struct provider *pr)
{
    struct strs named = {0};
    if (pr->named == NULL || w->facts->read_file == NULL)
        return;
    pr->named(w->a, w->facts, &named);
    for (size_t i = 0; i < named.n; i++)
        if (!is_found(w->files, pr, named.p[i])) {
            struct pipeline_file file = {.provider = pr, .path = named.p[i]};
            vec_push_in(w->a, w->files, file);
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
    find_by_name(w, pr);
}

/* Does the file, wherever it lies, have a name that the provider looks for? "ci/cloudbuild.yaml" */
static bool knows_name(const struct provider *pr, struct arena *a, struct str path)
{
    const char *base = arena_str(a, path_base(path)).p;
    for (const char *const *g = pr->globs; *g != NULL; g++) {
        struct str name = path_base(str_from(*g));
        if (name.p[0] != '*' && fnmatch(name.p, base, 0) == 0)
            return true;
    }
    return false;
}

/* By what is in it; NULL: nobody knows it, or it cannot be read. */
static const struct provider *recognised(const struct find *w, struct str path)
{
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(sources) struct sources *sources = sources_new();
    const struct provider *const *all = providers(), *found = NULL;
    struct yaml_limits limits = YAML_LIMITS;
    struct diags quiet;
    struct str text;
    diags_init(&quiet, a, sources);
    if (file_read(a, path_join(a, w->root, path).p, limits.max_bytes, &text, NULL) < 0)
        return NULL;
    const struct doc_node *root = yaml_read(a, sources, sources_add(sources, path, text), &limits, &quiet);
    for (size_t i = 0; root != NULL && root->kind == DOC_MAP && all[i] != NULL && found == NULL; i++)
        if (all[i]->recognises(root))
            found = all[i];
    return found;
}

/*
 * Whose a file is that was named: the service's that was asked for, else the one's that claims it, that looks for its
 * name, that another file sends there or that knows its shape, else the first one's.
 */
static const struct provider *provider_of(const struct find *w, struct strs services, struct str path)
{
    const struct provider *const *all = providers(), *by_shape;
    if (services.n == 1)
        return provider_find(services.p[0]);
    for (size_t i = 0; all[i] != NULL; i++)
        if (claims(all[i], w->a, path) || is_part(all[i], w->a, path))
            return all[i];
    for (size_t i = 0; all[i] != NULL; i++)
        if (knows_name(all[i], w->a, path))
            return all[i];
    for (size_t i = 0; all[i] != NULL; i++) {
        struct strs named = {0};
        if (all[i]->named != NULL && w->facts->read_file != NULL)
            all[i]->named(w->a, w->facts, &named);
        for (size_t k = 0; k < named.n; k++)
            if (str_eq(named.p[k], path))
                return all[i];
    }
    by_shape = recognised(w, path);
    return by_shape != NULL ? by_shape : all[0];
}

/* -W FILE: a file or a folder, relative to the current folder. */
static int find_named(const struct find *w, struct strs services, struct str file, struct err *e)
{
    struct str real;
    int rc = path_real(w->a, arena_str(w->a, file).p, &real, e);
    if (rc < 0)
        return rc;
    struct str rel = path_rel(real, w->root);
    if (path_is_dir(real.p)) {
        struct strs names = {0};
        bool here = rel.n == 0 || str_is(rel, ".");
        rc = dir_list(w->a, real.p, &names, e);
        for (size_t i = 0; i < names.n && rc == 0; i++)
            if (str_ends(names.p[i], STR(".yml")) || str_ends(names.p[i], STR(".yaml"))) {
                struct str path = here ? names.p[i] : path_join(w->a, rel, names.p[i]);
                found(w, provider_of(w, services, path), path);
            }
        return rc;
    }
    found(w, provider_of(w, services, rel), rel);
    w->files->p[w->files->n - 1].named = true;
    return 0;
}

int pipelines_find(struct arena *a, const struct facts *f, struct strs services, struct str file,
                   struct pipeline_files *ret, struct err *e)
{
    struct find w = {a, f->repo.root, f, ret};
    if (file.n > 0)
        return find_named(&w, services, file, e);
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

/* Its number in the sources: the same as when others ask for it, unless it lies outside of the work tree. */
static int read_source(struct arena *a, const struct facts *f, struct str path, struct pipelines *p, uint32_t *ret,
                       struct err *e)
{
    struct file_query q = {.path = path_clean(a, path)};
    struct file_found there;
    struct str text;
    if (path_is_inner(q.path) && f->read_file(f->read_ctx, &q, &there, NULL) == 0) {
        *ret = there.source;
        return 0;
    }
    int rc = file_read(a, path_join(a, f->repo.root, path).p, FILE_MAX_BYTES, &text, e);
    if (rc == 0)
        *ret = sources_add(p->sources, path, text);
    return rc;
}

void pipelines_read_file(struct arena *a, const struct facts *f, const struct pipeline_file *found, struct pipelines *p)
{
    struct err err = {0};
    struct provider_plans made = {0};
    struct provider_file file = {.path = found->path, .named = found->named};
    if (read_source(a, f, found->path, p, &file.source, &err) < 0) {
        uint32_t empty = sources_add(p->sources, found->path, STR_NONE);
        diag_error(&p->diags, "SL001", (struct span){empty, 0, 0}, "%s", err.text);
        return;
    }
    if (found->part) {
        found->provider->check_part(&file, f, &p->diags);
        return;
    }
    found->provider->read(&file, f, &p->diags, &made);
    for (size_t i = 0; i < made.n; i++) {
        struct pipeline item = {found->provider, found->path, made.p[i].plan, made.p[i].verdict};
        vec_push_in(a, p, item);
    }
    p->n_files++;
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
    int rc = pipelines_find(c->arena, f, services, file, &files, e);
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

/* DIR/NA*ME: the files of one folder. */
static void list_parts(struct part_walk *w, struct str root, struct str glob)
{
    struct strs names = {0};
    w->dir = path_dir(glob);
    dir_list(w->a, path_join(w->a, root, w->dir).p, &names, NULL);
    for (size_t i = 0; i < names.n; i++) {
        struct str path = path_join(w->a, w->dir, names.p[i]);
        if (fnmatch(w->name.p, names.p[i].p, 0) == 0 && !path_is_dir(path_join(w->a, root, path).p))
            vec_push_in(w->a, &w->found, path);
    }
}

/* The files of one glob: a path, one with stars in its name, or DIR/...any folders.../NAME. */
static struct strs parts_of(struct arena *a, struct str root, struct str glob)
{
    struct part_walk w = {.a = a, .name = arena_str(a, path_base(glob))};
    ssize_t at = str_find(glob, STR("/**/"));
    if (at < 0 && str_find_ch(w.name, '*') >= 0) {
        list_parts(&w, root, glob);
        return w.found;
    }
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
                struct pipeline_file part = {.provider = *pr, .path = found.p[i], .part = true};
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

/*
 * A job of the plan's own, by its id, or of "Build.Test" by that of its stage, "Build", or without it, "Test"; or as
 * lists show it: "Build / Test".
 */
static bool is_own_named(const struct job *j, struct str id)
{
    struct str stage, own;
    if (str_eq_nocase(j->id, id) || str_eq_nocase(j->name, id))
        return true;
    return str_cut(j->id, '.', &stage, &own) && (str_eq_nocase(stage, id) || str_eq_nocase(own, id));
}

/* Is the job the one that --job names? Of a caller with a matrix: in any leg of it, or in the one that is named. */
static bool is_named(const struct job *j, struct str id)
{
    MUST(j != NULL);
    if (j->caller == NULL)
        return is_own_named(j, id);
    if (id.n <= j->own_id.n || id.p[id.n - j->own_id.n - 1] != '/' ||
        !str_eq_nocase(str_from_index(id, id.n - j->own_id.n), j->own_id))
        return false;
    struct str head = str_sub(id, 0, id.n - j->own_id.n - 1);
    return str_eq_nocase(head, j->caller->id) || is_named(j->caller->job, head);
}

/* Does it name a job of the calls that this one makes? */
static bool is_around(const struct job *j, struct str id)
{
    for (size_t i = 0; i < id.n; i++) {
        struct str head = str_sub(id, 0, i), own = j->own_id, leg;
        if (id.p[i] != '/')
            continue;
        if (is_named(j, head))
            return true;
        /* "build (x64)/test": no leg is known before the job is gated, so its id is enough */
        if (j->caller == NULL && str_cut(head, ' ', &own, &leg) && str_eq_nocase(own, j->id))
            return true;
    }
    return false;
}

/* Did it fail in the last run: the job itself, one of its legs, or a job of its call? */
static bool is_job_of(struct str failed, const struct job *j)
{
    return str_starts(failed, j->id) && (failed.n == j->id.n || failed.p[j->id.n] == ' ' || failed.p[j->id.n] == '/');
}

static bool is_of_plan(const struct history_job *h, const struct plan *p)
{
    return str_eq(h->service, p->service) && str_eq(h->pipeline, p->name);
}

static bool has_failed(const struct choice *ch, const struct job *j)
{
    for (size_t i = 0; i < ch->n_failed; i++)
        if (is_of_plan(&ch->failed[i], j->plan) && is_job_of(ch->failed[i].id, j))
            return true;
    return false;
}

/* Asked for by itself, or because a job of its calls is. */
static bool is_asked(const struct choice *ch, const struct job *j)
{
    for (size_t i = 0; i < ch->jobs.n; i++)
        if (is_named(j, ch->jobs.p[i]) || is_around(j, ch->jobs.p[i]))
            return true;
    return ch->last_failed && has_failed(ch, j);
}

/* Were single jobs of its call asked for, and not all of it? */
static bool is_split(const struct choice *ch, const struct job *caller)
{
    bool inside = ch->last_failed && has_failed(ch, caller);
    for (size_t i = 0; i < ch->jobs.n; i++) {
        for (const struct job *j = caller; j != NULL; j = j->caller != NULL ? j->caller->job : NULL)
            if (is_named(j, ch->jobs.p[i]))
                return false;
        inside = inside || is_around(caller, ch->jobs.p[i]);
    }
    for (size_t i = 0; i < ch->n_failed; i++)
        if (is_of_plan(&ch->failed[i], caller->plan) && str_eq(ch->failed[i].id, caller->id))
            return false; /* it failed before it had any */
    for (size_t i = 0; i < caller->plan->n_jobs; i++) {
        const struct job *j = caller->plan->jobs[i];
        for (size_t k = 0; k < j->n_needs; k++)
            if (j->wanted && j->needs[k] == caller)
                return false; /* another job needs all of it */
    }
    return inside;
}

/* "build/test": as --job takes it, whatever the legs of the callers. */
static struct str path_of(const struct job *j)
{
    if (j->caller == NULL)
        return j->id;
    struct str head = path_of(j->caller->job);
    return arena_printf(j->plan->arena, "%.*s/%.*s", STR_ARG(head), STR_ARG(j->own_id));
}

static int unknown_job(const struct pipelines *p, struct str id, struct err *e)
{
    const char *names[256];
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; k < p->p[i].plan->n_jobs && n < ARRAY_LEN(names); k++)
            names[n++] = path_of(p->p[i].plan->jobs[k]).p;
    struct str near = suggest(id, names, n);
    if (near.n > 0)
        return err_set(e, ENOENT, "there is no job '%.*s'; did you mean '%.*s'?", STR_ARG(id), STR_ARG(near));
    return err_set(e, ENOENT, "there is no job '%.*s'; `slipway ci -l` lists them", STR_ARG(id));
}

/* Adds the jobs of all calls that can be known before the run; false: a caller does not say what it would add. */
static bool preview_calls(struct plan *p, const struct facts *f)
{
    bool known = true;
    struct str why;
    for (size_t i = 0; i < p->n_jobs; i++)
        if (p->jobs[i]->calls && p->driver->gate(p, p->jobs[i], f, true, &why) != GATE_EXPAND)
            known = false;
    return known;
}

/* Is there a job of this name, or may there be one? */
static bool is_somewhere(struct plan *p, const struct facts *f, struct str id)
{
    size_t own = p->n_jobs;
    bool found = false, around = false, known = true;
    for (size_t i = 0; i < own; i++) {
        found = found || is_named(p->jobs[i], id);
        around = around || (p->jobs[i]->calls && is_around(p->jobs[i], id));
    }
    if (found || !around)
        return found;
    known = preview_calls(p, f);
    for (size_t i = own; i < p->n_jobs; i++)
        found = found || is_named(p->jobs[i], id);
    return found || !known;
}

int choice_apply(const struct choice *ch, const struct facts *f, struct pipelines *p, struct err *e)
{
    bool all = ch->jobs.n == 0 && !ch->last_failed;
    for (size_t i = 0; i < ch->jobs.n; i++) {
        bool found = false;
        for (size_t k = 0; k < p->n; k++)
            found = found || (is_somewhere(p->p[k].plan, f, ch->jobs.p[i]));
        if (!found)
            return unknown_job(p, ch->jobs.p[i], e);
    }
    for (size_t i = 0; i < p->n; i++) {
        struct plan *plan = p->p[i].plan;
        size_t own = 0;
        while (own < plan->n_jobs && plan->jobs[own]->caller == NULL)
            own++;
        plan_cut(plan, own); /* what was previewed for its names */
        for (size_t k = 0; k < own; k++)
            plan->jobs[k]->wanted = all;
        for (size_t k = 0; k < own; k++)
            if (is_asked(ch, plan->jobs[k]))
                want(plan->jobs[k]);
    }
    return 0;
}

/* What the matrix of the leg, or of a call around it, has for the key; STR_NONE: nothing. */
static struct str matrix_value(const struct leg *leg, struct str key)
{
    struct str has = STR_NONE;
    for (; leg != NULL && has.p == NULL; leg = leg->job->caller)
        has = map_get_str(&leg->matrix, key);
    return has;
}

/* Every key that was named must match one of the values named for it, where the leg has it at all (as with act). */
static bool matrix_wanted(const struct choice *ch, const struct leg *leg)
{
    for (size_t i = 0; i < ch->matrix.n; i++) {
        struct str key, value, other_key, other;
        str_cut(ch->matrix.p[i], ':', &key, &value);
        struct str has = matrix_value(leg, key);
        if (has.p == NULL)
            continue;
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
    if (!ch->last_failed || leg->job->calls || !has_failed(ch, leg->job))
        return true; /* a job that did not fail comes along because others need it; of a call, its jobs decide */
    for (size_t i = 0; i < ch->n_failed; i++)
        if (str_eq(ch->failed[i].id, leg->id) && is_of_plan(&ch->failed[i], leg->job->plan))
            return true;
    return false;
}

void choice_added(void *ctx, struct job *caller)
{
    const struct choice *ch = ctx;
    struct plan *p = caller->plan;
    bool split = is_split(ch, caller);
    for (size_t i = 0; i < p->n_jobs; i++)
        if (p->jobs[i]->caller != NULL && p->jobs[i]->caller->job == caller)
            p->jobs[i]->wanted = caller->wanted && !split && choice_leg(ctx, p->jobs[i]->caller);
    for (size_t i = 0; i < p->n_jobs && split; i++) {
        struct job *j = p->jobs[i];
        if (j->caller != NULL && j->caller->job == caller && is_asked(ch, j) && choice_leg(ctx, j->caller))
            want(j);
    }
}
