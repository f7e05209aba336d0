/*
 * cb_plan.c - the provider itself: a buildspec becomes a plan for each project that runs it.
 *
 * The service looks for buildspec.yml. A buildspec.yaml is found all the same, checked, and warned of: it starts
 * nothing. A file that no project names is that of a project with the service's defaults, unless other projects are
 * declared. A declared project runs a batch when its BuildType says so; an undeclared one when the file has a batch.
 */
#include "core/base.h"
#include "core/path.h"
#include "provider/codebuild/read_priv.h"

static const char *const globs[] = {"buildspec.yml", "buildspec.yaml", NULL};
static const char *const part_globs[] = {"deploy/codebuild.yaml", "deploy/codebuild.yml", "deploy/codebuild.json",
                                         NULL};

struct planning {
    struct plan *plan;
    struct arena *a; /* the plan's */
    const struct facts *f;
    struct diags *d;
    struct cb_model *model;
    const struct cb_project *project;
    const struct cb_spec *spec;
    bool sh_is_bash;
};

/* ---- buildspecs ---- */

/* Amazon Linux has bash for its /bin/sh, Ubuntu has dash. */
static bool has_bash(struct str image)
{
    return str_find(image, STR("amazonlinux")) >= 0;
}

/* Sources only ever grow, and whoever reads files adds to them: a text within a file becomes one of its own. */
static uint32_t add_source(const struct diags *d, struct str name, struct str text)
{
    return sources_add((struct sources *)(uintptr_t)d->sources, name, text);
}

static const struct cb_spec *read_spec(struct planning *q, struct str file, uint32_t source)
{
    struct cb_spec *s = cb_spec_read(q->a, file, source, q->d);
    if (s != NULL)
        cb_lint(s, q->sh_is_bash, q->d);
    return s;
}

static const struct cb_spec *read_inline(struct planning *q, struct str text, struct str owner)
{
    struct str name = arena_printf(q->a, "%.*s (buildspec of %.*s)", STR_ARG(q->plan->file), STR_ARG(owner));
    return read_spec(q, STR("inline"), add_source(q->d, name, text));
}

/* A buildspec that a build of a batch names: a path, a text, or a place in S3 that nobody reads here (NULL). */
static const struct cb_spec *read_named(struct planning *q, struct str name, struct str owner, struct span at)
{
    struct file_query query = {.path = path_clean(q->a, name)};
    struct file_found found;
    struct err e = {0};
    if (str_find_ch(name, '\n') >= 0)
        return read_inline(q, name, owner);
    if (str_starts(name, STR("arn:")) || q->f->read_file == NULL)
        return NULL;
    if (!path_is_inner(query.path) || q->f->read_file(q->f->read_ctx, &query, &found, &e) < 0) {
        diag_error(q->d, "CB057", at, "There is no buildspec '%.*s'%s%s", STR_ARG(name), e.text[0] != '\0' ? ": " : "",
                   e.text);
        return NULL;
    }
    return read_spec(q, query.path, found.source);
}

static void need_spec(struct planning *q, struct str name, struct str owner, struct span at)
{
    if (name.n > 0 && map_find(&q->model->specs, name) == NULL)
        map_set(&q->model->specs, name, (void *)(uintptr_t)read_named(q, name, owner, at));
}

static void read_batch_specs(struct planning *q, const struct cb_batch *b)
{
    for (size_t i = 0; i < b->n_items; i++)
        need_spec(q, b->items[i].buildspec, b->items[i].identifier, b->items[i].span);
    for (size_t i = 0; i < b->buildspecs.n; i++)
        need_spec(q, b->buildspecs.p[i], STR("the matrix"), b->span);
}

/* ---- jobs ---- */

static struct str first_line(struct str text)
{
    struct str line;
    while (str_next(&text, '\n', &line))
        if (str_trim(line).n > 0)
            return str_trim(line);
    return STR("");
}

static void add_commands(struct planning *q, struct job *j, const struct cb_texts *list, const char *where)
{
    for (size_t i = 0; i < list->n; i++) {
        struct str line = first_line(list->p[i].text);
        bool more = line.n < str_trim(list->p[i].text).n;
        j->steps[j->n_steps++] =
            (struct step){.id = STR(""),
                          .name = arena_printf(q->a, "%s: %.*s%s", where, STR_ARG(line), more ? " ..." : ""),
                          .span = list->p[i].span};
    }
}

/* What a list shows: every command behind the phase that it belongs to. */
static void add_steps(struct planning *q, struct job *j, const struct cb_spec *s)
{
    size_t n = s->n_runtimes;
    for (size_t i = 0; i < CB_PHASES; i++)
        n += s->phases[i].commands.n + s->phases[i].finally.n;
    j->steps = arena_array(q->a, n + 1, sizeof *j->steps);
    for (size_t i = 0; i < s->n_runtimes; i++)
        j->steps[j->n_steps++] =
            (struct step){.id = STR(""),
                          .name = arena_printf(q->a, "runtime: %.*s %.*s", STR_ARG(s->runtimes[i].name),
                                               STR_ARG(s->runtimes[i].version)),
                          .span = s->runtimes[i].span};
    for (unsigned i = 0; i < CB_PHASES; i++) {
        const char *key = cb_phase_key((enum cb_phase_kind)i);
        add_commands(q, j, &s->phases[i].commands, key);
        add_commands(q, j, &s->phases[i].finally, arena_printf(q->a, "%s (finally)", key).p);
    }
}

static struct cb_build *add_build(struct planning *q, struct str id, struct str name, struct span span)
{
    struct job *j = plan_add_job(q->plan, id, name, span);
    struct cb_build *b = ARENA_NEW(q->a, struct cb_build);
    *b = (struct cb_build){.project = q->project,
                           .spec = q->spec,
                           .identifier = STR(""),
                           .image = q->project->image,
                           .compute_type = q->project->compute_type,
                           .privileged = q->project->privileged,
                           .shards = 1};
    map_init(&b->variables, q->a, MAP_CASE);
    j->impl = b;
    return b;
}

static void set_item(struct planning *q, struct cb_build *b, const struct cb_item *it)
{
    b->ignore_failure = it->ignore_failure;
    b->variables = it->variables;
    if (it->buildspec.n > 0)
        b->spec = map_get(&q->model->specs, it->buildspec);
    if (it->image.n > 0)
        b->image = it->image;
    if (it->compute_type.n > 0)
        b->compute_type = it->compute_type;
    if (it->privileged_set)
        b->privileged = it->privileged;
}

static void add_items(struct planning *q, const struct cb_batch *batch)
{
    for (size_t i = 0; i < batch->n_items; i++) {
        const struct cb_item *it = &batch->items[i];
        struct cb_build *b = add_build(q, it->identifier, it->identifier, it->span);
        b->batch = batch;
        b->item = it;
        b->identifier = it->identifier;
        set_item(q, b, it);
    }
    for (size_t i = 0; i < batch->n_items; i++) {
        const struct strs *on = &batch->items[i].depend_on;
        struct job *j = q->plan->jobs[i];
        j->needs = arena_array(q->a, on->n + 1, sizeof *j->needs);
        for (size_t k = 0; k < on->n; k++)
            for (size_t m = 0; m < batch->n_items; m++)
                if (str_eq(batch->items[m].identifier, on->p[k]))
                    j->needs[j->n_needs++] = q->plan->jobs[m];
    }
}

static void add_jobs(struct planning *q, bool batched)
{
    const struct cb_batch *batch = &q->spec->batch;
    if (batched && (batch->kind == CB_GRAPH || batch->kind == CB_LIST)) {
        add_items(q, batch);
    } else {
        struct cb_build *b = add_build(q, STR("build"), STR("build"), q->spec->span);
        if (batched) {
            b->batch = batch;
            set_item(q, b, &batch->fixed);
        }
    }
    q->plan->fail_fast = batched && batch->fast_fail;
    for (size_t i = 0; i < q->plan->n_jobs; i++) {
        struct job *j = q->plan->jobs[i];
        const struct cb_build *b = j->impl;
        if (b->spec != NULL)
            add_steps(q, j, b->spec);
    }
}

/* ---- a plan ---- */

static void add_words(struct planning *q, struct verdict *v, const char *words)
{
    v->why = arena_printf(q->d->arena, "%.*s; %s", STR_ARG(v->why), words);
}

static void judge(struct planning *q, bool batched, struct verdict *ret)
{
    cb_verdict(q->d->arena, q->project, q->f, ret);
    if (q->spec->batch.kind != CB_NO_BATCH && !batched)
        add_words(q, ret, "its batch is ignored, as the project's BuildType is BUILD");
}

static void fill_plan(struct planning *q, struct verdict *ret)
{
    bool batched = q->spec->batch.kind != CB_NO_BATCH && (q->project->batch || !q->project->declared);
    cb_check_together(q->project, q->spec, q->d);
    if (q->spec->batch.kind != CB_NO_BATCH)
        read_batch_specs(q, &q->spec->batch);
    q->model->spec = q->spec;
    q->model->by_hand = cb_event(&q->f->change, q->f->payload).n == 0;
    if (q->d->errors > 0 || q->f->only_check)
        return;
    add_jobs(q, batched);
    judge(q, batched, ret);
}

/* Whose plan it is: a project of those that are declared, or (SIZE_MAX) one with defaults. */
static const struct cb_project *project_at(struct planning *q, size_t at)
{
    struct cb_projects all = {0};
    struct cb_project *p = ARENA_NEW(q->a, struct cb_project);
    cb_projects_read(q->a, q->f, NULL, &all);
    if (at != SIZE_MAX) {
        MUST(at < all.n);
        return &all.p[at];
    }
    cb_project_default(q->a, q->f, p);
    p->undeclared_in = all.empty;
    return p;
}

/* Reads the file as project number `at` runs it; what is wrong goes to d, a plan that may run to ret. */
static void plan_for(const struct provider_file *file, const struct facts *f, size_t at, struct diags *d,
                     struct provider_plan *ret)
{
    struct plan *p = plan_new(STR("codebuild"), file->path, &cb_driver);
    struct planning q = {.plan = p, .a = p->arena, .f = f, .d = d, .model = ARENA_NEW(p->arena, struct cb_model)};
    q.project = project_at(&q, at);
    q.sh_is_bash = has_bash(q.project->image);
    q.model->project = q.project;
    q.model->facts = f;
    q.model->sources = d->sources;
    map_init(&q.model->specs, q.a, MAP_CASE);
    p->model = q.model;
    p->name = q.project->name;
    *ret = (struct provider_plan){.plan = p, .verdict = {.starts = true, .why = STR("its text cannot be read")}};
    q.spec = q.project->inline_text ? read_inline(&q, q.project->buildspec, p->name)
                                    : read_spec(&q, file->path, file->source);
    if (q.spec != NULL)
        fill_plan(&q, &ret->verdict);
}

/* ---- the provider ---- */

static bool runs_file(struct arena *a, const struct cb_projects *all, const struct cb_project *p, struct str path)
{
    if (p->inline_text)
        return str_eq(all->file, path);
    return str_eq(p->buildspec.n > 0 ? path_clean(a, p->buildspec) : STR("buildspec.yml"), path);
}

static bool is_template(const struct cb_projects *all, struct str path)
{
    return all->file.n > 0 && str_eq(all->file, path);
}

/* A file that no project names: what its name and the projects around it make of it. */
static void judge_unnamed(const struct provider_file *file, const struct cb_projects *all, struct diags *d,
                          struct verdict *v)
{
    if (str_is(file->path, "buildspec.yaml")) {
        diag_warning(d, "CB007", (struct span){file->source, 0, 0},
                     "The service looks for buildspec.yml, and not for buildspec.yaml");
        diag_hint(d, "rename it, or name it as the project's BuildSpec");
        *v = (struct verdict){.starts = false, .why = STR("the service looks for buildspec.yml")};
    } else if (all->n > 0 && str_is(file->path, "buildspec.yml")) {
        *v = (struct verdict){.starts = false,
                              .why = arena_printf(d->arena, "no project of %.*s names it", STR_ARG(all->file))};
    }
}

static void take(struct diags *all, struct diags *own, struct provider_plan made, const struct facts *f,
                 struct provider_plans *ret)
{
    bool good = own->errors == 0 && !f->only_check;
    diags_merge(all, own);
    if (good)
        vec_push_in(all->arena, ret, made);
    else
        plan_free(made.plan);
}

/* A file may be read for several buildspecs, and what is wrong with it is told once. */
static void read_projects(struct arena *a, const struct facts *f, struct diags *d, struct cb_projects *ret)
{
    struct diags own;
    diags_init(&own, d->arena, d->sources);
    cb_projects_read(a, f, &own, ret);
    diags_merge(d, &own);
}

static void read_buildspec(const struct provider_file *file, const struct facts *f, struct diags *d,
                           struct provider_plans *ret)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct cb_projects all = {0};
    struct provider_plan made;
    struct diags own;
    size_t errors = d->errors, n = 0;
    read_projects(a, f, d, &all);
    if (d->errors > errors)
        return;
    for (size_t i = 0; i < all.n; i++) {
        if (!runs_file(a, &all, &all.p[i], file->path))
            continue;
        diags_init(&own, d->arena, d->sources);
        plan_for(file, f, i, &own, &made);
        take(d, &own, made, f, ret);
        n++;
    }
    if (n > 0 || is_template(&all, file->path))
        return;
    diags_init(&own, d->arena, d->sources);
    plan_for(file, f, SIZE_MAX, &own, &made);
    judge_unnamed(file, &all, &own, &made.verdict);
    take(d, &own, made, f, ret);
}

/* buildspec-test.yml: where a project is not asked, its keys tell. */
static bool is_buildspec(const struct doc_node *root)
{
    return doc_get(root, "version") != NULL && (doc_get(root, "phases") != NULL || doc_get(root, "batch") != NULL);
}

const struct provider provider_codebuild = {
    .name = "codebuild",
    .title = "AWS CodeBuild",
    .globs = globs,
    .named = cb_projects_named,
    .recognises = is_buildspec,
    .read = read_buildspec,
    .part_globs = part_globs,
    .part_name = "project",
    .check_part = cb_project_check,
};
