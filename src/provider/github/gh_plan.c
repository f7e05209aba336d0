/*
 * gh_plan.c - the provider itself: a workflow file becomes a plan of jobs.
 */
#include "core/base.h"
#include "core/num.h"
#include "doc/suggest.h"
#include "provider/github/manifest_priv.h"

static const char *const globs[] = {".github/workflows/*.yml", ".github/workflows/*.yaml", NULL};
static const char *const part_globs[] = {"action.yml", "action.yaml", ".github/actions/**/action.yml",
                                         ".github/actions/**/action.yaml", NULL};

/* ---- jobs ---- */

static struct str first_line(struct str text)
{
    struct str rest = text, line;
    while (str_next(&rest, '\n', &line))
        if (str_trim(line).n)
            return str_trim(line);
    return STR("");
}

struct str gh_step_title(struct arena *a, const struct gh_step *s, struct str script)
{
    switch (s->kind) {
    case GH_STEP_RUN:
        return arena_printf(a, "Run %.*s", STR_ARG(first_line(script)));
    case GH_STEP_USES:
        return arena_printf(a, "Run %.*s", STR_ARG(s->uses));
    case GH_STEP_WAIT:
        return STR("Wait");
    case GH_STEP_WAIT_ALL:
        return STR("Wait for all");
    case GH_STEP_CANCEL:
        return STR("Cancel");
    case GH_STEP_PARALLEL:
        return STR("Parallel group");
    }
    BUG("a step of kind %d", (int)s->kind);
}

static struct str step_name(struct arena *a, const struct gh_step *s)
{
    bool named = s->name.set && s->name.literal.n > 0;
    return named ? s->name.literal : gh_step_title(a, s, s->run.literal);
}

static void add_step(struct arena *a, struct job *j, struct gh_step *s)
{
    j->steps[j->n_steps++] = (struct step){.id = s->id, .name = step_name(a, s), .span = s->span, .impl = s};
}

static void add_steps(struct arena *a, struct job *j, const struct gh_job *def)
{
    size_t n = def->n_steps;
    for (size_t i = 0; i < def->n_steps; i++)
        n += def->steps[i].n_children;
    j->steps = arena_array(a, n + 1, sizeof *j->steps);
    for (size_t i = 0; i < def->n_steps; i++) {
        add_step(a, j, &def->steps[i]);
        for (size_t k = 0; k < def->steps[i].n_children; k++)
            add_step(a, j, &def->steps[i].children[k]);
    }
}

static void add_jobs(struct plan *p, struct gh_workflow *w)
{
    for (size_t i = 0; i < w->n_jobs; i++) {
        struct gh_job *def = &w->jobs[i];
        struct str name = def->name.set && def->name.literal.n ? def->name.literal : def->id;
        struct job *j = plan_add_job(p, def->id, name, def->span);
        j->impl = def;
        j->fail_fast = true;
        add_steps(p->arena, j, def);
    }
    for (size_t i = 0; i < w->n_jobs; i++) {
        struct job *j = p->jobs[i];
        const struct strs *needs = &w->jobs[i].needs;
        j->needs = arena_array(p->arena, needs->n + 1, sizeof *j->needs);
        for (size_t k = 0; k < needs->n; k++)
            j->needs[j->n_needs++] = plan_find_job(p, needs->p[k]);
    }
}

/* ---- what the facts must fit ---- */

static bool option_known(const struct gh_input *in, struct str text)
{
    for (size_t i = 0; i < in->options.n; i++)
        if (str_eq(in->options.p[i], text))
            return true;
    return false;
}

static void check_input(const struct gh_input *in, struct str given, struct diags *d)
{
    double number;
    bool good = true;
    if (!given.p && !in->def.p && in->required && !str_is(in->type, "boolean") && !str_is(in->type, "choice")) {
        diag_error(d, "GH045", in->span, "Input '%.*s' is required", STR_ARG(in->id));
        diag_hint(d, "give it with --input %.*s=VALUE", STR_ARG(in->id));
    }
    if (!given.p)
        return;
    if (str_is(in->type, "boolean"))
        good = str_is(given, "true") || str_is(given, "false");
    else if (str_is(in->type, "number"))
        good = num_parse_double(given, &number) == 0;
    else if (str_is(in->type, "choice"))
        good = option_known(in, given);
    if (good)
        return;
    diag_error(d, "GH045", in->span, "Input '%.*s' cannot be '%.*s': it is a %.*s", STR_ARG(in->id), STR_ARG(given),
               STR_ARG(in->type));
    if (str_is(in->type, "choice") && in->options.n)
        diag_hint(d, "its options begin with '%.*s'", STR_ARG(in->options.p[0]));
}

static void check_inputs(struct arena *a, const struct gh_workflow *w, const struct facts *f, struct span at,
                         struct diags *d)
{
    const char **names = arena_array(a, w->n_inputs + 1, sizeof *names);
    for (size_t i = 0; i < w->n_inputs; i++) {
        names[i] = arena_str(a, w->inputs[i].id).p;
        check_input(&w->inputs[i], map_get_str(&f->inputs, w->inputs[i].id), d);
    }
    for (size_t i = 0; i < f->inputs.n; i++) {
        struct str key = f->inputs.entries[i].key;
        bool known = false;
        for (size_t k = 0; k < w->n_inputs && !known; k++)
            known = str_eq_nocase(w->inputs[k].id, key);
        if (known)
            continue;
        diag_warning(d, "GH045", at, "This workflow has no input '%.*s'", STR_ARG(key));
        struct str near = suggest(key, names, w->n_inputs);
        if (near.n)
            diag_hint(d, "did you mean '%.*s'?", STR_ARG(near));
    }
}

/* The concurrency of the workflow: known before any job. */
static void find_group(struct plan *p, struct gh_workflow *w, const struct facts *f, struct diags *d)
{
    struct gh_job_scope js = {.workflow = w, .facts = f};
    struct gh_scope scope = gh_scope_of_job(&js);
    struct err e = {0};
    if (!w->concurrency.group.set)
        return;
    if (gh_text_string(p->arena, &w->concurrency.group, &scope, &p->group, &e) != 0 ||
        gh_text_bool(p->arena, &w->concurrency.cancel, &scope, false, &p->cancel_in_progress, &e) != 0)
        diag_error(d, "GH047", w->concurrency.group.span, "%s", e.text);
    else if (p->group.n == 0)
        diag_error(d, "GH047", w->concurrency.group.span, "Concurrency group name cannot be empty");
    else if (p->group.n > 400)
        diag_error(d, "GH047", w->concurrency.group.span, "Concurrency group name must be less than 400 characters");
    else if (w->concurrency.queue_max && p->cancel_in_progress)
        diag_error(d, "GH047", w->concurrency.cancel.span, GH_QUEUE_AND_CANCEL);
    p->queue_max = w->concurrency.queue_max;
}

/* What the gates of a plan that starts would say now: failures are errors, and unknown actions of legs that run. */
static void check_legs(struct plan *p, const struct facts *f, struct diags *d)
{
    for (size_t i = 0; i < p->n_jobs; i++) {
        struct job *j = p->jobs[i];
        struct str why = STR("");
        struct span at = j->span;
        bool runs = false;
        enum gate gate = gh_gate_at(p, j, f, true, &why, &at);
        for (size_t k = 0; gate == GATE_RUN && k < j->n_legs; k++)
            runs = runs || j->legs[k]->skip.n == 0;
        if (gate == GATE_FAIL)
            diag_error(d, "GH067", at, "%.*s", STR_ARG(why));
        if (runs && !f->skip_unknown)
            gh_check_known(p->arena, j->impl, f, d);
        j->legs = NULL; /* the gate that counts comes when the needs are over */
        j->n_legs = 0;
    }
}

static struct plan *read_workflow(const struct provider_file *file, const struct facts *f, struct diags *d,
                                  struct verdict *ret_verdict)
{
    struct yaml_limits limits = YAML_LIMITS;
    size_t before = d->errors;
    struct plan *p = plan_new(STR("github"), file->path, &gh_driver);
    struct doc_node *root = yaml_read(p->arena, d->sources, file->source, &limits, d);
    *ret_verdict = (struct verdict){.starts = true, .why = STR("its text cannot be read")};
    if (!root) {
        plan_free(p);
        return NULL;
    }
    struct gh_workflow *w = gh_workflow_try(p->arena, root, file->path, d);
    w->facts = f;
    if (d->errors == before)
        gh_check_local(p->arena, w, f, d);
    if (f->only_check) { /* what an event would make of it is a run's question */
        plan_free(p);
        return NULL;
    }
    gh_verdict(d->arena, w, &f->change, ret_verdict);
    p->model = w;
    p->name = w->name;
    if (d->errors == before) {
        add_jobs(p, w);
        if (ret_verdict->starts)
            find_group(p, w, f, d);
        if (ret_verdict->starts && str_is(f->change.event, "workflow_dispatch"))
            check_inputs(p->arena, w, f, ret_verdict->rule, d);
        if (ret_verdict->starts)
            check_legs(p, f, d);
    }
    if (d->errors == before)
        return p;
    plan_free(p);
    return NULL;
}

/* action.yml: a part of workflows, or of other repositories' ones. */
static void check_action(const struct provider_file *file, struct diags *d)
{
    CLEAN(arena) struct arena *a = arena_new();
    gh_manifest_read(a, file->source, d);
}

const struct provider provider_github = {
    .name = "github",
    .title = "GitHub Actions",
    .globs = globs,
    .read = read_workflow,
    .part_globs = part_globs,
    .check_part = check_action,
};
