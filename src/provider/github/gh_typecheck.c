/*
 * gh_typecheck.c - the expressions of a workflow against what is known of its contexts, when all of it was read.
 *
 * Slots are remembered while they are read. Here each is typed: steps that have not run yet, needs that a job does not
 * have, names that nobody declares, objects where a text stands. Where reading failed, less is known and less is said.
 */
#include "core/base.h"
#include "doc/suggest.h"
#include "provider/github/gh_read_priv.h"

#define WORDS_MAX 64

/* What the expressions of one job see; made at the first use. */
struct job_types {
    const struct gh_type *needs, *matrix;
    struct gh_member *steps; /* of all steps with an id, in order */
    size_t *before;          /* how many of them are over when step i begins; one more for the end of the job */
};

struct judge {
    struct gh_reader *r;
    const struct gh_ref *ref;
    struct gh_typing typing;
    struct job_types *jobs; /* by index */
    const struct gh_type *inputs, *secrets, *github, *calls;
};

struct span gh_ref_place(const struct gh_reader *r, const struct gh_ref *ref, size_t at, size_t len)
{
    if (at + len > ref->node->text.n)
        return ref->node->span;
    return doc_span_in(r->d->sources, ref->node, at, len);
}

/* ---- complaints ---- */

static void suggest_member(struct judge *j, struct str word, const struct gh_type *words)
{
    const char *list[WORDS_MAX];
    size_t n = words->n < WORDS_MAX ? words->n : WORDS_MAX;
    for (size_t i = 0; i < n; i++)
        list[i] = arena_str(j->r->a, words->members[i].name).p;
    struct str near = suggest(word, list, n);
    if (near.n && !str_eq_nocase(near, word))
        diag_hint(j->r->d, "did you mean '%.*s'?", STR_ARG(near));
}

static const struct gh_job *find_job(const struct gh_workflow *w, struct str id)
{
    for (size_t i = 0; w && i < w->n_jobs; i++)
        if (str_eq_nocase(w->jobs[i].id, id))
            return &w->jobs[i];
    return NULL;
}

static bool has_step(const struct gh_job *job, struct str id)
{
    for (size_t i = 0; job && i < job->n_steps; i++) {
        if (str_eq_nocase(job->steps[i].id, id))
            return true;
        for (size_t k = 0; k < job->steps[i].n_children; k++)
            if (str_eq_nocase(job->steps[i].children[k].id, id))
                return true;
    }
    return false;
}

static void complain(void *ctx, const struct gh_complaint *c)
{
    struct judge *j = ctx;
    struct span at = gh_ref_place(j->r, j->ref, c->at, c->len);
    bool step = c->words && c->words->what == GH_T_STEPS;
    if (step && has_step(j->ref->job, c->word))
        diag_warning(j->r->d, c->code, at, "The step '%.*s' has not run yet when this is evaluated", STR_ARG(c->word));
    else
        diag_warning(j->r->d, c->code, at, "%.*s", STR_ARG(c->text));
    if (c->words && c->words->what == GH_T_NEEDS && find_job(j->r->w, c->word))
        diag_hint(j->r->d, "add it to 'needs'");
    else if (c->words)
        suggest_member(j, c->word, c->words);
}

/* ---- contexts ---- */

static struct gh_type *object_of(struct judge *j, enum gh_type_what what, const struct gh_member *members, size_t n)
{
    struct gh_type *t = gh_type_strict(j->r->a, members, n);
    t->what = what;
    return t;
}

/* The outputs that a job declares, unless expressions name them. */
static const struct gh_type *outputs_of(struct judge *j, const struct gh_job *job)
{
    struct gh_member *members = arena_array(j->r->a, job->outputs.n + 1, sizeof *members);
    struct gh_type *t = object_of(j, GH_T_OUTPUTS, members, 0);
    t->owner = job->id;
    if (job->uses.n || job->outputs.whole.set || job->faulty)
        return &gh_type_texts;
    for (size_t i = 0; i < job->outputs.n; i++) {
        if (job->outputs.p[i].insert || job->outputs.p[i].name.set)
            return &gh_type_texts;
        members[t->n++] = (struct gh_member){job->outputs.p[i].key, &gh_type_string};
    }
    return t;
}

/* {outputs, result} of a job, as needs and jobs have it. */
static const struct gh_type *result_of(struct judge *j, const struct gh_job *job)
{
    struct gh_member *members = arena_array(j->r->a, 2, sizeof *members);
    members[0] = (struct gh_member){STR("outputs"), outputs_of(j, job)};
    members[1] = (struct gh_member){STR("result"), &gh_type_string};
    return gh_type_strict(j->r->a, members, 2);
}

static const struct gh_type *needs_of(struct judge *j, const struct gh_job *job)
{
    struct gh_member *members = arena_array(j->r->a, job->needs.n + 1, sizeof *members);
    struct gh_type *t = object_of(j, GH_T_NEEDS, members, job->needs.n);
    for (size_t i = 0; i < job->needs.n; i++) {
        const struct gh_job *need = find_job(j->r->w, job->needs.p[i]);
        members[i] = (struct gh_member){job->needs.p[i], need ? result_of(j, need) : &gh_type_any};
    }
    return t;
}

static const struct gh_type *jobs_of(struct judge *j)
{
    const struct gh_workflow *w = j->r->w;
    struct gh_member *members = arena_array(j->r->a, w->n_jobs + 1, sizeof *members);
    for (size_t i = 0; i < w->n_jobs; i++)
        members[i] = (struct gh_member){w->jobs[i].id, result_of(j, &w->jobs[i])};
    return object_of(j, GH_T_JOBS, members, w->n_jobs);
}

static const struct gh_type *step_of(struct judge *j, const struct gh_step *s)
{
    struct gh_member *members = arena_array(j->r->a, 3, sizeof *members);
    members[0] = (struct gh_member){STR("outputs"), s->uses.n ? gh_type_action_outputs(s->uses) : &gh_type_texts};
    members[1] = (struct gh_member){STR("outcome"), &gh_type_string};
    members[2] = (struct gh_member){STR("conclusion"), &gh_type_string};
    return gh_type_strict(j->r->a, members, 3);
}

static void find_steps(struct judge *j, const struct gh_job *job, struct job_types *t)
{
    size_t max = job->n_steps, n = 0;
    for (size_t i = 0; i < job->n_steps; i++)
        max += job->steps[i].n_children;
    t->steps = arena_array(j->r->a, max + 1, sizeof *t->steps);
    t->before = arena_array(j->r->a, job->n_steps + 1, sizeof *t->before);
    for (size_t i = 0; i < job->n_steps; i++) {
        const struct gh_step *s = &job->steps[i];
        t->before[i] = n;
        if (s->id.n)
            t->steps[n++] = (struct gh_member){s->id, step_of(j, s)};
        for (size_t k = 0; k < s->n_children; k++)
            if (s->children[k].id.n)
                t->steps[n++] = (struct gh_member){s->children[k].id, step_of(j, &s->children[k])};
    }
    t->before[job->n_steps] = n;
}

static struct job_types *types_of(struct judge *j, const struct gh_job *job)
{
    return &j->jobs[j->r->w ? job - j->r->w->jobs : 0];
}

static const struct gh_type *steps_of(struct judge *j)
{
    const struct gh_job *job = j->ref->job;
    struct job_types *t = types_of(j, job);
    if (job->faulty)
        return &gh_type_any;
    if (!t->steps)
        find_steps(j, job, t);
    return object_of(j, GH_T_STEPS, t->steps, t->before[j->ref->step < job->n_steps ? j->ref->step : job->n_steps]);
}

static const struct gh_type *action_inputs(struct judge *j)
{
    const struct gh_manifest *m = j->r->m;
    struct gh_member *members = arena_array(j->r->a, m->inputs.n + 1, sizeof *members);
    for (size_t i = 0; i < m->inputs.n; i++)
        members[i] = (struct gh_member){m->inputs.p[i].id, &gh_type_string};
    return object_of(j, GH_T_INPUTS, members, m->inputs.n);
}

/* Inputs of workflow_dispatch, with their types or, as the payload has them, as texts; then those of workflow_call. */
static const struct gh_type *inputs_of(struct judge *j, bool payload)
{
    const struct gh_workflow *w = j->r->w;
    const struct gh_declared *call = &j->r->call_inputs;
    struct gh_member *members = arena_array(j->r->a, w->n_inputs + call->n + 1, sizeof *members);
    struct gh_type dispatch = {.kind = GH_T_OBJECT, .what = GH_T_INPUTS, .members = members};
    for (size_t i = 0; i < w->n_inputs; i++) {
        struct str type = w->inputs[i].type;
        bool flag = !payload && str_is(type, "boolean"), number = !payload && str_is(type, "number");
        members[dispatch.n++] = (struct gh_member){w->inputs[i].id, !type.p  ? &gh_type_any
                                                                    : flag   ? &gh_type_bool
                                                                    : number ? &gh_type_number
                                                                             : &gh_type_string};
    }
    struct gh_type *all = object_of(j, GH_T_INPUTS, members, dispatch.n);
    if (j->r->on_faulty)
        all->rest = &gh_type_any;
    if (payload || call->n == 0)
        return all;
    struct gh_type called = {.kind = GH_T_OBJECT, .what = GH_T_INPUTS, .members = call->p, .n = call->n};
    return gh_type_either(j->r->a, all, &called);
}

static const struct gh_type *secrets_of(struct judge *j)
{
    static const char *const always[] = {"GITHUB_TOKEN", "ACTIONS_STEP_DEBUG", "ACTIONS_RUNNER_DEBUG"};
    const struct gh_declared *call = &j->r->call_secrets;
    if (!call->set || j->r->on_faulty || j->r->w->n_on > 1) /* another event has all of the repository's */
        return &gh_type_texts;
    struct gh_member *members = arena_array(j->r->a, call->n + ARRAY_LEN(always), sizeof *members);
    for (size_t i = 0; i < call->n; i++)
        members[i] = call->p[i];
    for (size_t i = 0; i < ARRAY_LEN(always); i++)
        members[call->n + i] = (struct gh_member){str_from(always[i]), &gh_type_string};
    return object_of(j, GH_T_SECRETS, members, call->n + ARRAY_LEN(always));
}

static bool starts_on(const struct gh_workflow *w, const char *event)
{
    for (size_t i = 0; w && i < w->n_on; i++)
        if (str_is(w->on[i].event, event))
            return true;
    return false;
}

/* github with event.inputs, where the event may be workflow_dispatch: else it may be a caller's. */
static const struct gh_type *github_of(struct judge *j)
{
    const struct gh_type *plain = gh_type_context("github");
    if (!starts_on(j->r->w, "workflow_dispatch"))
        return plain;
    struct gh_member *members = arena_array(j->r->a, plain->n, sizeof *members);
    struct gh_member *inputs = arena_array(j->r->a, 1, sizeof *inputs);
    struct gh_type *event = gh_type_strict(j->r->a, inputs, 1);
    inputs[0] = (struct gh_member){STR("inputs"), inputs_of(j, true)};
    event->rest = &gh_type_any;
    memcpy(members, plain->members, plain->n * sizeof *members);
    for (size_t i = 0; i < plain->n; i++)
        if (str_is(members[i].name, "event"))
            members[i].type = event;
    return gh_type_strict(j->r->a, members, plain->n);
}

static const struct gh_type *once(const struct gh_type **slot, struct judge *j,
                                  const struct gh_type *(*make)(struct judge *j))
{
    if (!*slot)
        *slot = make(j);
    return *slot;
}

static const struct gh_type *all_inputs(struct judge *j)
{
    return j->r->m ? action_inputs(j) : inputs_of(j, false);
}

/* What the default of an input sees: the inputs above it. */
static const struct gh_type *inputs_before(struct judge *j)
{
    return object_of(j, GH_T_INPUTS, j->r->call_inputs.p, j->ref->inputs);
}

static void ignore(void *ctx, const struct gh_complaint *c)
{
    UNUSED(ctx);
    UNUSED(c);
}

static const struct gh_type *job_context(struct judge *j, const char *name)
{
    const struct gh_job *job = j->ref->job;
    if (!job)
        return &gh_type_any;
    struct job_types *t = types_of(j, job);
    if (strcmp(name, "steps") == 0)
        return steps_of(j);
    if (strcmp(name, "needs") == 0 && !j->r->m) {
        if (!t->needs)
            t->needs = needs_of(j, job);
        return t->needs;
    }
    if (strcmp(name, "matrix") == 0 && !j->r->m) { /* an action sees the matrix of whoever uses it */
        if (!t->matrix) {                          /* what is wrong inside of it is said where it stands */
            t->matrix = &gh_type_any;
            struct gh_typing quiet = j->typing;
            quiet.complain = ignore;
            t->matrix = gh_type_of_matrix(&quiet, job->matrix);
        }
        return t->matrix;
    }
    return &gh_type_any;
}

static const struct gh_type *context(void *ctx, const char *name)
{
    struct judge *j = ctx;
    if (strcmp(name, "github") == 0)
        return once(&j->github, j, github_of);
    if (strcmp(name, "inputs") == 0)
        return j->ref->inputs == SIZE_MAX ? once(&j->inputs, j, all_inputs) : inputs_before(j);
    if (strcmp(name, "secrets") == 0)
        return once(&j->secrets, j, secrets_of);
    if (strcmp(name, "jobs") == 0)
        return once(&j->calls, j, jobs_of);
    const struct gh_type *fixed = gh_type_context(name);
    return fixed ? fixed : job_context(j, name);
}

/* ---- slots ---- */

static void wrong_kind(struct judge *j, const struct gh_expr *x, const char *wanted, const struct gh_type *t)
{
    diag_warning(j->r->d, "GH012", gh_ref_place(j->r, j->ref, x->at, x->len), "This must be %s, and is %s", wanted,
                 gh_type_name(t));
}

/* Parts of a text: `Object` and `Array` are what is left of those, and nothing of null. */
static void check_part(struct judge *j, const struct gh_expr *x, const struct gh_type *t)
{
    if (t->kind != GH_T_NULL && t->kind != GH_T_ARRAY && t->kind != GH_T_OBJECT)
        return;
    struct span at = gh_ref_place(j->r, j->ref, x->at, x->len);
    if (t->kind == GH_T_NULL)
        diag_warning(j->r->d, "GH013", at, "This is null, which is an empty text");
    else
        diag_warning(j->r->d, "GH013", at, "This is %s and no text", gh_type_name(t));
    if (t->kind == GH_T_ARRAY)
        diag_hint(j->r->d, "join() or toJSON() make a text of it");
    else if (t->kind == GH_T_OBJECT)
        diag_hint(j->r->d, "toJSON() makes a text of it");
}

static bool is_labels(const struct gh_type *t)
{
    if (t->kind == GH_T_OBJECT)
        return t->rest || gh_type_member(t, STR("group")) || gh_type_member(t, STR("labels"));
    return t->kind == GH_T_STRING || t->kind == GH_T_ARRAY;
}

static void check_want(struct judge *j, const struct gh_expr *x, const struct gh_type *t)
{
    if (t->kind == GH_T_ANY)
        return;
    switch (j->ref->want) {
    case GH_WANT_ANY:
    case GH_WANT_CONDITION:
        return;
    case GH_WANT_TEXT:
        check_part(j, x, t);
        return;
    case GH_WANT_BOOL:
        if (t->kind != GH_T_BOOL)
            wrong_kind(j, x, "a boolean", t);
        return;
    case GH_WANT_NUMBER:
        if (t->kind != GH_T_NUMBER)
            wrong_kind(j, x, "a number", t);
        return;
    case GH_WANT_OBJECT:
        if (t->kind != GH_T_OBJECT)
            wrong_kind(j, x, "an object", t);
        return;
    case GH_WANT_ARRAY:
        if (t->kind != GH_T_ARRAY)
            wrong_kind(j, x, "an array", t);
        return;
    case GH_WANT_LABELS:
        if (!is_labels(t))
            wrong_kind(j, x, "a text, an array, or an object with group or labels", t);
        return;
    }
}

/* Has it no name and no function whose value a run decides? The success() that every condition gets stands nowhere. */
static bool is_constant(const struct gh_expr *x)
{
    if (x->kind == GH_NODE_CONTEXT || (x->kind == GH_NODE_CALL && !x->func->eval && x->len))
        return false;
    for (const struct gh_expr *child = x->first; child; child = child->next)
        if (!is_constant(child))
            return false;
    return true;
}

static int call_success(void *ctx, struct arena *a, const char *name, struct value **args, size_t n, struct value **ret,
                        struct err *e)
{
    UNUSED(ctx);
    UNUSED(name);
    UNUSED(args);
    UNUSED(n);
    UNUSED(e);
    *ret = value_bool(a, true);
    return 0;
}

static void check_condition(struct judge *j, const struct gh_expr *x)
{
    struct gh_scope scope = {.call = call_success};
    struct value *v;
    bool only_success = x->kind == GH_NODE_CALL && x->len == 0;
    if (only_success || !is_constant(x) || gh_expr_eval(j->r->a, x, &scope, &v, NULL) < 0)
        return;
    if (gh_truthy(v))
        diag_warning(j->r->d, "GH072", j->ref->node->span, "The condition is always true: it changes nothing");
    else
        diag_warning(j->r->d, "GH072", j->ref->node->span, "The condition is always false: this never runs");
}

/* Parts of a text are typed one by one: each must be something that a text can take. */
static void check_ref(struct judge *j)
{
    const struct gh_expr *x = j->ref->expr;
    if (j->ref->want == GH_WANT_CONDITION)
        check_condition(j, x);
    if (j->ref->script)
        gh_check_untrusted(j->r, j->ref);
    if (x->kind != GH_NODE_CONCAT) {
        check_want(j, x, gh_type_of(&j->typing, x));
        return;
    }
    for (const struct gh_expr *part = x->first; part; part = part->next) {
        const struct gh_type *t = gh_type_of(&j->typing, part);
        if (part->kind != GH_NODE_LITERAL || part->len) /* written as ${{ }} */
            check_part(j, part, t);
    }
    if (j->ref->want > GH_WANT_TEXT && j->ref->want != GH_WANT_CONDITION)
        check_want(j, x, &gh_type_string);
}

/* ---- the whole ---- */

void gh_note_slot(struct gh_reader *r, const struct doc_node *n, const struct gh_expr *x, enum gh_want want)
{
    struct gh_ref ref = {.node = n, .expr = x, .want = want, .job = r->job, .script = r->script};
    ref.step = r->job ? r->step : 0;
    ref.inputs = r->in_inputs ? r->call_inputs.n : SIZE_MAX;
    if (x)
        vec_push_in(r->a, &r->refs, ref);
}

struct noter {
    struct gh_reader *r;
    const struct doc_node *top;
    enum gh_want want;
};

static void note_scalar(void *ctx, const struct doc_node *n, const struct gh_expr *x)
{
    const struct noter *note = ctx;
    gh_note_slot(note->r, n, x, n == note->top ? note->want : GH_WANT_ANY);
}

void gh_note_tree(struct gh_reader *r, const struct doc_node *n, enum gh_slot slot, enum gh_want want)
{
    struct noter note = {r, n, want};
    struct gh_tree_visitor v = {note_scalar, &note};
    gh_tree_visit(r->a, n, gh_allow(slot), r->d, &v);
}

void gh_check_types(struct gh_reader *r)
{
    struct judge j = {.r = r, .typing = {.a = r->a, .ctx = &j, .context = context, .complain = complain}};
    j.typing.action = r->m != NULL;
    j.jobs = arena_array(r->a, r->w ? r->w->n_jobs + 1 : 1, sizeof *j.jobs);
    for (size_t i = 0; i < r->refs.n; i++) {
        j.ref = &r->refs.p[i];
        check_ref(&j);
    }
}
