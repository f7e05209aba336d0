/*
 * az_plan.c - the provider itself: an azure-pipelines.yml becomes a plan.
 *
 * The file and all that it includes become one tree, the tree its canonical form, that a pipeline of stages, jobs and
 * steps; names and dependencies are checked, and what is rarely meant is told. A template is a part of others: it is
 * checked as far as it can be by itself and starts nothing, unless it is what was asked for.
 */
#include "core/base.h"
#include "core/path.h"
#include "provider/azure/plan_priv.h"
#include "provider/azure/run_priv.h"

static const char *const globs[] = {"azure-pipelines.yml",
                                    "azure-pipelines.yaml",
                                    ".azure-pipelines.yml",
                                    ".azure-pipelines.yaml",
                                    ".azure-pipelines/*.yml",
                                    ".azure-pipelines/*.yaml",
                                    NULL};

struct reading {
    const struct provider_file *file;
    const struct facts *f;
    struct diags *d; /* the file's own */
    struct plan *plan;
    struct az_expansion *x;
    struct az_pipeline *pipeline;
};

/* ---- the model ---- */

static struct az_model *make_model(const struct reading *r, const struct az_value *canonical)
{
    struct arena *a = r->plan->arena;
    struct az_model *m = ARENA_NEW(a, struct az_model);
    *m = (struct az_model){.pipeline = r->pipeline,
                           .facts = r->f,
                           .sources = r->d->sources,
                           .file = r->plan->file,
                           .expanded = canonical,
                           .repos = &r->x->repos};
    az_vars_init(&m->vars, a);
    az_add_jobs(r->plan, m);
    return m;
}

/* "CI": the file's own name, without its end. */
static struct str name_of(struct arena *a, struct str path)
{
    struct str base = path_base(path), end = path_ext(base);
    return arena_str(a, str_sub(base, 0, base.n - end.n));
}

static void told_groups(const struct az_variables *list, const struct facts *f, struct map *told, struct diags *d)
{
    for (size_t i = 0; i < list->n; i++) {
        struct str group = list->p[i].group;
        if (group.n == 0 || map_find(&f->groups, group) || !map_set(told, group, told))
            continue;
        az_warning(d, "AZ460", list->p[i].at, "The variable group '%.*s' is not known here: its variables are not set",
                   STR_ARG(group));
        az_hint(d, "--var-group %.*s=FILE gives it", STR_ARG(group));
    }
}

/* Groups that nobody gave, each once. */
static void check_groups(const struct reading *r)
{
    const struct az_pipeline *p = r->pipeline;
    struct map told;
    map_init(&told, r->plan->arena, MAP_NOCASE);
    told_groups(&p->variables, r->f, &told, r->d);
    for (size_t i = 0; i < p->n_stages; i++) {
        told_groups(&p->stages[i].variables, r->f, &told, r->d);
        for (size_t k = 0; k < p->stages[i].n_jobs; k++)
            told_groups(&p->stages[i].jobs[k].variables, r->f, &told, r->d);
    }
}

/* ---- reading ---- */

/* Reads the file; without a tree r->x->source is NULL, which was told. */
static void load(struct reading *r)
{
    struct arena *a = r->plan->arena;
    r->x = ARENA_NEW(a, struct az_expansion);
    *r->x = (struct az_expansion){.arena = a, .facts = r->f, .d = r->d};
    az_expand_open(r->x, r->file->path, r->file->source);
}

static bool is_part(const struct reading *r)
{
    bool in_folder = str_find_ch(r->file->path, '/') >= 0;
    return r->x->source && in_folder && !r->file->named && az_is_template(r->x->source);
}

static struct az_value *expand(struct reading *r)
{
    struct arena *a = r->plan->arena;
    r->x->variables = az_predefined(a, r->f);
    struct az_value *tree = az_expand(r->x, r->file->path, r->file->source);
    if (!tree)
        return NULL;
    struct az_value *canonical = az_canonical(a, AZ_SHAPE_PIPELINE, tree, r->d);
    r->pipeline = az_pipeline_read(a, canonical, &r->x->repos, r->d);
    return canonical;
}

static void fill(struct reading *r, const struct az_value *canonical, struct verdict *verdict)
{
    const struct facts *f = r->f;
    struct plan *p = r->plan;
    az_graph_check(r->pipeline, r->d);
    az_tasks_check(r->plan->arena, r->pipeline, f, r->d);
    az_trigger_check(r->pipeline, r->d);
    az_lint(r->pipeline, r->x->source, f, r->d);
    if (r->d->errors > 0 || f->only_check)
        return;
    p->model = make_model(r, canonical);
    az_verdict(r->d->arena, r->pipeline, f, verdict);
    if (verdict->starts) {
        check_groups(r);
        az_plan_check(p, p->model, r->d);
    }
}

static void read_pipeline(const struct provider_file *file, const struct facts *f, struct diags *d,
                          struct provider_plans *ret)
{
    struct diags own;
    struct provider_plan made = {.plan = plan_new(STR("azure"), file->path, &az_driver)};
    struct reading r = {.file = file, .f = f, .d = &own, .plan = made.plan};
    diags_init(&own, d->arena, d->sources);
    made.plan->name = name_of(made.plan->arena, file->path);
    load(&r);
    bool part = is_part(&r);
    struct az_value *canonical = part ? NULL : expand(&r);
    if (part) { /* what is wrong with its YAML is told where it is included */
        diags_init(&own, d->arena, d->sources);
        az_part_check(made.plan->arena, r.x->source, &own);
    }
    if (canonical)
        fill(&r, canonical, &made.verdict);
    diags_merge(d, &own);
    if (canonical && own.errors == 0 && !f->only_check)
        vec_push_in(d->arena, ret, made);
    else
        plan_free(made.plan);
}

/* Has the list items of the service's own: what one does, what it is called by, or a directive? */
static bool has_items(const struct doc_node *list, const char *const *words, size_t n)
{
    if (list == NULL || list->kind != DOC_SEQ || list->seq.n == 0 || list->seq.p[0]->kind != DOC_MAP)
        return false;
    const struct doc_node *first = list->seq.p[0];
    for (size_t i = 0; i < n; i++)
        if (doc_get(first, words[i]) != NULL)
            return true;
    return first->map.n > 0 && str_starts(first->map.p[0].key->text, STR("${{"));
}

/* A part of pipelines, of any name: its list of stages, jobs or steps is written as no other service has it. */
static bool is_list_of_azure(const struct doc_node *root)
{
    static const char *const stages[] = {"stage", "template"};
    static const char *const jobs[] = {"job", "deployment", "template"};
    static const char *const steps[] = {"bash", "script", "pwsh", "powershell", "task", "checkout", "template"};
    return has_items(doc_get(root, "stages"), stages, ARRAY_LEN(stages)) ||
           has_items(doc_get(root, "jobs"), jobs, ARRAY_LEN(jobs)) ||
           has_items(doc_get(root, "steps"), steps, ARRAY_LEN(steps));
}

/* A pipeline of another name, by its keys, or a template. */
static bool is_pipeline(const struct doc_node *root)
{
    static const char *const bodies[] = {"stages", "jobs", "steps", "extends"};
    static const char *const others[] = {"trigger", "pr", "pool", "schedules", "resources", "variables"};
    bool body = false, other = false;
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
        body = body || doc_get(root, bodies[i]) != NULL;
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        other = other || doc_get(root, others[i]) != NULL;
    return doc_get(root, "on") == NULL && ((body && other) || is_list_of_azure(root));
}

const struct provider provider_azure = {
    .name = "azure",
    .title = "Azure Pipelines",
    .globs = globs,
    .recognises = is_pipeline,
    .read = read_pipeline,
    .print = az_print_plan,
};
