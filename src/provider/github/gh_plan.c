/*
 * gh_plan.c - the provider itself: a workflow file becomes a plan of jobs.
 */
#include "core/base.h"
#include "core/num.h"
#include "doc/suggest.h"
#include "provider/github/expr_node_priv.h"
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

static void add_job(struct plan *p, struct gh_workflow *w, struct gh_job *def, struct leg *caller,
                    const struct gh_call *call)
{
    struct gh_entry *entry = ARENA_NEW(p->arena, struct gh_entry);
    struct str name = def->name.set && def->name.literal.n ? def->name.literal : def->id;
    struct job *j =
        caller ? plan_add_called(caller, def->id, name, def->span) : plan_add_job(p, def->id, name, def->span);
    *entry = (struct gh_entry){.workflow = w, .def = def, .call = call};
    j->impl = entry;
    j->fail_fast = true;
    j->calls = def->uses.n > 0;
    j->target = def->uses;
    add_steps(p->arena, j, def);
}

/* Of the jobs from number `first` on, the one with this id. */
static struct job *find_own(const struct plan *p, size_t first, struct str id)
{
    for (size_t i = first; i < p->n_jobs; i++)
        if (str_eq_nocase(p->jobs[i]->own_id, id))
            return p->jobs[i];
    BUG("a need that no job has was refused when the file was read");
}

void gh_add_jobs(struct plan *p, struct gh_workflow *w, struct leg *caller, const struct gh_call *call)
{
    size_t first = p->n_jobs;
    for (size_t i = 0; i < w->n_jobs; i++)
        add_job(p, w, &w->jobs[i], caller, call);
    for (size_t i = 0; i < w->n_jobs; i++) {
        struct job *j = p->jobs[first + i];
        const struct strs *needs = &w->jobs[i].needs;
        j->needs = arena_array(p->arena, needs->n + 1, sizeof *j->needs);
        for (size_t k = 0; k < needs->n; k++)
            j->needs[j->n_needs++] = find_own(p, first, needs->p[k]);
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

/* As check_input, of a workflow that is started as if it were called. */
static void check_param(struct arena *a, const struct gh_workflow *w, const struct gh_param *p, const struct facts *f,
                        struct diags *d)
{
    static const char *const types[] = {[GH_PARAM_UNKNOWN] = "string",
                                        [GH_PARAM_STRING] = "string",
                                        [GH_PARAM_BOOLEAN] = "boolean",
                                        [GH_PARAM_NUMBER] = "number"};
    struct gh_job_scope js = {.workflow = w, .facts = f, .no_inputs = true};
    struct gh_input in = {.id = p->id, .type = str_from(types[p->type]), .required = p->required, .span = p->span};
    struct str given = map_get_str(&f->inputs, p->id);
    struct value *v;
    struct err e = {0};
    check_input(&in, given, d);
    if (!given.p && !p->required && gh_param_default(a, p, &js, &v, &e) < 0)
        diag_error(d, "GH045", p->value.span, "%s", e.text);
}

static void unknown_input(struct str key, const char *const *names, size_t n, struct span at, struct diags *d)
{
    for (size_t i = 0; i < n; i++)
        if (str_is_nocase(key, names[i]))
            return;
    diag_warning(d, "GH045", at, "This workflow has no input '%.*s'", STR_ARG(key));
    struct str near = suggest(key, names, n);
    if (near.n)
        diag_hint(d, "did you mean '%.*s'?", STR_ARG(near));
}

/* What --input gave against what workflow_dispatch, or workflow_call, declares. */
static void check_inputs(struct arena *a, const struct gh_workflow *w, const struct facts *f, struct span at,
                         struct diags *d)
{
    bool called = str_is(f->change.event, "workflow_call");
    if (!called && !str_is(f->change.event, "workflow_dispatch"))
        return;
    size_t n = called ? w->call_inputs.n : w->n_inputs;
    const char **names = arena_array(a, n + 1, sizeof *names);
    for (size_t i = 0; i < n; i++) {
        names[i] = arena_str(a, called ? w->call_inputs.p[i].id : w->inputs[i].id).p;
        if (called)
            check_param(a, w, &w->call_inputs.p[i], f, d);
        else
            check_input(&w->inputs[i], map_get_str(&f->inputs, w->inputs[i].id), d);
    }
    for (size_t i = 0; i < f->inputs.n; i++)
        unknown_input(f->inputs.entries[i].key, names, n, at, d);
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
    else if (utf16_units(p->group) > 400)
        diag_error(d, "GH047", w->concurrency.group.span, "Concurrency group name must be less than 400 characters");
    else if (w->concurrency.queue_max && p->cancel_in_progress)
        diag_error(d, "GH047", w->concurrency.cancel.span, GH_QUEUE_AND_CANCEL);
    p->queue_max = w->concurrency.queue_max;
}

static bool any_runs(const struct job *j)
{
    for (size_t i = 0; i < j->n_legs; i++)
        if (j->legs[i]->skip.n == 0)
            return true;
    return false;
}

/* What the gates of a plan that starts would say now: failures are errors, and unknown actions of legs that run. */
static void check_legs(struct plan *p, const struct facts *f, struct diags *d)
{
    size_t own = p->n_jobs;
    for (size_t i = 0; i < p->n_jobs; i++) { /* calls add more while we go */
        struct job *j = p->jobs[i];
        const struct gh_entry *entry = j->impl;
        struct str why = STR("");
        struct span at = j->span;
        enum gate gate = gh_gate_at(p, j, f, true, &why, &at);
        if (gate == GATE_FAIL)
            diag_error(d, "GH067", at, "%.*s", STR_ARG(why));
        if (gate == GATE_RUN && any_runs(j) && !f->skip_unknown)
            gh_check_known(p->arena, entry->def, f, d);
    }
    plan_cut(p, own); /* the gates that count come when the needs are over */
}

/* The files that it is about: local actions, and called workflows, which nobody fetches for what does not start. */
static void check_others(struct plan *p, struct gh_workflow *w, const struct facts *f, bool starts, struct diags *d)
{
    struct gh_call_rules rules = {.local_only = !starts, .depth = GH_CALL_DEPTH};
    gh_check_local(p->arena, w, f, d);
    gh_check_calls(p->arena, w, &rules, d);
}

static void fill_plan(struct plan *p, struct gh_workflow *w, const struct facts *f, const struct verdict *v,
                      struct diags *d)
{
    gh_add_jobs(p, w, NULL, NULL);
    if (!v->starts)
        return;
    find_group(p, w, f, d);
    check_inputs(p->arena, w, f, v->rule, d);
    if (d->errors == 0)
        check_legs(p, f, d);
}

static struct plan *read_plan(const struct provider_file *file, const struct facts *f, struct diags *d,
                              struct verdict *ret_verdict)
{
    struct yaml_limits limits = YAML_LIMITS;
    struct plan *p = plan_new(STR("github"), file->path, &gh_driver);
    struct doc_node *root = yaml_read(p->arena, d->sources, file->source, &limits, d);
    *ret_verdict = (struct verdict){.starts = true, .why = STR("its text cannot be read")};
    if (!root)
        return p;
    struct gh_workflow *w = gh_workflow_try(p->arena, root, file->path, d);
    w->facts = f;
    w->library = gh_library_new(p->arena, w, f);
    p->model = w;
    p->name = w->name;
    if (!f->only_check) { /* what an event would make of it is a run's question */
        gh_verdict(d->arena, w, &f->change, ret_verdict);
        gh_skip_ci(d->arena, f, ret_verdict);
    }
    if (d->errors == 0)
        check_others(p, w, f, ret_verdict->starts, d);
    if (d->errors == 0 && !f->only_check)
        fill_plan(p, w, f, ret_verdict, d);
    return p;
}

/* A file that others call may have been read before: what was told of it then is not told again. */
static void read_workflow(const struct provider_file *file, const struct facts *f, struct diags *d,
                          struct provider_plans *ret)
{
    struct diags own;
    struct provider_plan made;
    diags_init(&own, d->arena, d->sources);
    made.plan = read_plan(file, f, &own, &made.verdict);
    diags_merge(d, &own);
    if (own.errors == 0 && !f->only_check)
        vec_push_in(d->arena, ret, made);
    else
        plan_free(made.plan);
}

/* action.yml: a part of workflows, or of other repositories' ones. */
static void check_action(const struct provider_file *file, const struct facts *f, struct diags *d)
{
    UNUSED(f);
    CLEAN(arena) struct arena *a = arena_new();
    gh_manifest_read(a, file->source, d);
}

static bool is_workflow(const struct doc_node *root)
{
    return doc_get(root, "jobs") != NULL && doc_get(root, "on") != NULL;
}

const struct provider provider_github = {
    .name = "github",
    .title = "GitHub Actions",
    .globs = globs,
    .recognises = is_workflow,
    .read = read_workflow,
    .part_globs = part_globs,
    .part_name = "action",
    .check_part = check_action,
};
