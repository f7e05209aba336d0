/*
 * gb_plan.c - the provider itself: a config becomes a plan for each trigger that runs it.
 *
 * Without a file that declares triggers, one on every push is taken for granted; `slipway ci workflow_dispatch` is a
 * build by hand (`gcloud builds submit`), whose substitutions must match and which knows nothing of the source.
 */
#include "core/base.h"
#include "core/path.h"
#include "provider/cloudbuild/gb_plan_priv.h"
#include "provider/cloudbuild/gb_validate_priv.h"

static const char *const globs[] = {"cloudbuild.yaml", "cloudbuild.yml", "cloudbuild.json", NULL};
static const char *const part_globs[] = {"deploy/cloudbuild-trigger*.yaml", "deploy/cloudbuild-trigger*.yml",
                                         "deploy/cloudbuild-trigger*.json", NULL};

/* ---- one plan ---- */

/* As a UUID: the same for the same run, another for every other. */
static struct str build_id(struct arena *a, const struct facts *f, struct str name)
{
    struct str seed = arena_printf(a, "%llu %u %lld %.*s", (unsigned long long)f->run_id, f->attempt,
                                   (long long)f->now_ms, STR_ARG(name));
    uint64_t x = str_hash(seed, false), y = str_hash(arena_printf(a, "%llx", (unsigned long long)x), false);
    return arena_printf(a, "%08x-%04x-4%03x-8%03x-%012llx", (unsigned)(x >> 32), (unsigned)(x >> 16 & 0xffff),
                        (unsigned)(x & 0xfff), (unsigned)(y >> 52), (unsigned long long)(y & 0xffffffffffff));
}

/* "cloudbuild" of "ci/cloudbuild.yaml". */
static struct str stem(struct str path)
{
    struct str base = path_base(path);
    return str_sub(base, 0, base.n - path_ext(base).n);
}

/* Which earlier steps a step waits for: those that it names, or all. A '-' alone waits for none. */
static void add_waits(struct plan *p, const struct gb_build *b, size_t i, struct step *step)
{
    const struct gb_texts *names = &b->steps[i].wait_for;
    step->in_graph = true;
    step->waits = arena_array(p->arena, i + 1, sizeof *step->waits);
    for (size_t k = 0; k < i; k++) {
        bool named = names->n == 0;
        for (size_t n = 0; n < names->n && !named; n++)
            named = str_eq(names->p[n].text, b->steps[k].id.text);
        if (named)
            step->waits[step->n_waits++] = k;
    }
}

static bool is_graph(const struct gb_build *b)
{
    for (size_t i = 0; i < b->n_steps; i++)
        if (b->steps[i].wait_for.n > 0)
            return true;
    return false;
}

static void add_steps(struct plan *p, struct job *j, struct gb_build *b)
{
    bool graph = is_graph(b); /* else they are a list, as anywhere */
    j->steps = arena_array(p->arena, b->n_steps + 1, sizeof *j->steps);
    for (size_t i = 0; i < b->n_steps; i++) {
        struct gb_step *s = &b->steps[i];
        struct str id = s->id.text, image = s->name.text;
        struct str name = id.n > 0 ? arena_printf(p->arena, "%.*s (%.*s)", STR_ARG(id), STR_ARG(image))
                                   : arena_printf(p->arena, "Step #%zu (%.*s)", i, STR_ARG(image));
        struct step *step = &j->steps[j->n_steps++];
        *step = (struct step){.id = id, .name = name, .span = s->span, .impl = s};
        if (graph)
            add_waits(p, b, i, step);
    }
}

/* With its account a trigger brings the rule of builds that have one. */
static void check_account(const struct gb_build *b, const struct gb_trigger *t, struct diags *d)
{
    if (t == NULL || t->service_account.n == 0 || b->service_account.text.n > 0 || gb_says_where_logs_go(b))
        return;
    diag_error(d, "GB050", t->span, "the trigger has a service account, so the build must say where its logs go");
    diag_hint(d, "add `options: {logging: CLOUD_LOGGING_ONLY}` to the config");
}

struct plan *gb_plan_make(const struct provider_file *file, const struct doc_node *root, const struct gb_trigger *t,
                          const struct facts *f, bool starts, struct diags *d)
{
    struct plan *p = plan_new(STR("cloudbuild"), file->path, &gb_driver);
    struct gb_model *m = ARENA_NEW(p->arena, struct gb_model);
    struct diags known; /* what reading says was said before */
    diags_init(&known, p->arena, d->sources);
    struct gb_build *b = gb_build_read(p->arena, root, &known);
    p->name = arena_str(p->arena, t != NULL && t->name.n > 0 ? t->name : stem(file->path));
    p->model = m;
    *m = (struct gb_model){.build = b, .trigger = t, .facts = f, .sources = d->sources};
    m->build_id = build_id(p->arena, f, p->name);
    struct gb_start start = {
        .facts = f, .trigger = t, .trigger_name = p->name, .build_id = m->build_id, .config = file->path};
    struct diags own, *to = starts ? d : &own; /* what a start would refuse is of no interest without one */
    diags_init(&own, p->arena, d->sources);
    gb_values_make(&m->values, p->arena, b, &start, to);
    gb_validate(b, &m->values, to);
    check_account(b, t, to);
    gb_substitute(b, &m->values, to);
    gb_validate_substituted(b, &m->values, to);
    struct job *j = plan_add_job(p, STR("build"), STR("build"), b->span);
    add_steps(p, j, b);
    return p;
}

/* ---- all plans of a file ---- */

struct reading {
    const struct provider_file *file;
    const struct doc_node *root;
    const struct facts *f;
    struct diags *d;
    struct provider_plans *ret;
    bool any_starts;
};

static void add_plan(struct reading *r, const struct gb_trigger *t, struct verdict v)
{
    struct diags own;
    diags_init(&own, r->d->arena, r->d->sources);
    const struct doc_node *root = t != NULL && t->inline_build != NULL ? t->inline_build : r->root;
    if (root != r->root)
        gb_build_read(r->d->arena, root, &own);
    struct provider_plan made = {gb_plan_make(r->file, root, t, r->f, v.starts, &own), v};
    diags_merge(r->d, &own);
    r->any_starts = r->any_starts || v.starts;
    vec_push_in(r->d->arena, r->ret, made);
}

static bool is_default(struct str path)
{
    for (const char *const *g = globs; *g != NULL; g++)
        if (str_is(path, *g))
            return true;
    return false;
}

/* Does the trigger run this file? One that names none takes the first of the usual names. */
static bool runs(const struct reading *r, const struct gb_trigger *t)
{
    if (t->inline_build != NULL)
        return str_eq(t->file, r->file->path);
    if (t->filename.n > 0)
        return str_eq(path_clean(r->d->arena, t->filename), path_clean(r->d->arena, r->file->path));
    return t->declared ? is_default(r->file->path) : true;
}

static void add_triggered(struct reading *r)
{
    struct gb_triggers list = {0};
    gb_triggers_read(r->d->arena, r->f, r->d, &list);
    bool any = false;
    for (size_t i = 0; i < list.n; i++) {
        struct verdict v = {0};
        if (!runs(r, &list.p[i]))
            continue;
        any = true;
        gb_verdict(r->d->arena, &list.p[i], r->f, &v);
        add_plan(r, &list.p[i], v);
    }
    if (any || gb_is_trigger_file(r->file->path))
        return;
    struct gb_trigger *t = ARENA_NEW(r->d->arena, struct gb_trigger);
    struct verdict v = {0};
    map_init(&t->substitutions, r->d->arena, MAP_CASE);
    gb_verdict(r->d->arena, t, r->f, &v);
    add_plan(r, t, v);
}

/* The triggers of a file that bring their build with them; as files of triggers they are checked as parts. */
static void read_inline(struct reading *r)
{
    if (!r->f->only_check)
        add_triggered(r);
}

/* What is wrong with every start; when none is due, what might be wrong with some is of no interest. */
static void judge_alone(struct reading *r, const struct gb_build *b)
{
    struct diags own;
    diags_init(&own, r->d->arena, r->d->sources);
    gb_validate(b, NULL, &own);
    if (r->f->only_check || own.errors > 0)
        diags_merge(r->d, &own);
}

static void read_build(struct reading *r)
{
    struct yaml_limits limits = YAML_LIMITS;
    r->root = yaml_read(r->d->arena, r->d->sources, r->file->source, &limits, r->d);
    if (r->root == NULL)
        return;
    struct gb_build *b = gb_build_read(r->d->arena, r->root, r->d);
    if (!r->f->only_check && str_is(r->f->change.event, "workflow_dispatch"))
        add_plan(r, NULL, (struct verdict){.starts = true, .why = STR("by hand, as `gcloud builds submit`")});
    else if (!r->f->only_check)
        add_triggered(r);
    if (!r->any_starts)
        judge_alone(r, b);
}

static void read_config(const struct provider_file *file, const struct facts *f, struct diags *d,
                        struct provider_plans *ret)
{
    struct reading r = {.file = file, .f = f, .d = d, .ret = ret};
    size_t before = d->errors, first = ret->n;
    if (gb_is_trigger_file(file->path))
        read_inline(&r);
    else
        read_build(&r);
    for (size_t i = first; d->errors > before && i < ret->n; i++)
        plan_free(ret->p[i].plan);
    if (d->errors > before)
        ret->n = first;
}

/* cloudbuild-dev.yaml: steps at the top, each with an image. */
static bool is_config(const struct doc_node *root)
{
    const struct doc_node *steps = doc_get(root, "steps");
    return steps != NULL && steps->kind == DOC_SEQ && steps->seq.n > 0 && doc_get(steps->seq.p[0], "name") != NULL;
}

const struct provider provider_cloudbuild = {
    .name = "cloudbuild",
    .title = "Google Cloud Build",
    .globs = globs,
    .named = gb_triggers_named,
    .recognises = is_config,
    .read = read_config,
    .part_globs = part_globs,
    .part_name = "trigger",
    .check_part = gb_trigger_check,
};
