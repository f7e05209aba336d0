/*
 * az_begin.c - the beginning of a run and of a stage: variables of their scopes, the run number, a stage's condition
 * (specification 1, 7.1, 7.4).
 *
 * Both begin at the first turn of one of their jobs. The order of precedence, lowest first: predefined, groups of
 * variables, what the start says (--var, --secret), the root, the stage, the job, the matrix.
 */
#include "core/base.h"
#include "provider/azure/plan_priv.h"

/* ---- the run ---- */

/* A number, as `name` makes it; variables within variables are looked through. */
static int number_run(struct az_model *m, struct arena *a, bool counts, struct az_vars *vars, struct err *e)
{
    struct az_vars settled;
    struct str number;
    az_vars_init(&settled, a);
    az_vars_copy(&settled, vars);
    az_vars_settle(&settled);
    int rc = az_run_number(m, a, &settled, counts, &number, e);
    if (rc < 0)
        return rc;
    m->build_number = number;
    az_vars_set(vars, STR("Build.BuildNumber"), number, false, true);
    return 0;
}

static void add_start(struct az_vars *vars, const struct facts *f)
{
    for (size_t i = 0; i < f->vars.n; i++)
        az_vars_set(vars, f->vars.entries[i].key, map_get_str(&f->vars, f->vars.entries[i].key), false, false);
    for (size_t i = 0; i < f->secrets.n; i++)
        az_vars_set(vars, f->secrets.entries[i].key, map_get_str(&f->secrets, f->secrets.entries[i].key), true, false);
}

void az_renumber(const struct az_model *m, struct az_vars *vars)
{
    if (m->build_number.n > 0)
        az_vars_set(vars, STR("Build.BuildNumber"), m->build_number, false, true);
}

static int make_run(struct az_turn *t, struct az_vars *vars)
{
    struct az_model *m = t->model;
    struct az_asking q = {.arena = t->arena, .model = m, .counts = true, .preview = t->preview};
    az_vars_init(vars, t->arena);
    az_predefined_run(vars, m->facts, STR(""));
    add_start(vars, m->facts);
    int rc = az_scope_vars(&q, &m->pipeline->variables, vars, &t->at, t->e);
    if (rc < 0)
        return rc;
    t->at = m->pipeline->at ? az_get_nocase(m->pipeline->at, "name") : NULL;
    return number_run(m, t->arena, !t->preview, vars, t->e);
}

int az_run_begin(struct az_turn *t, const struct az_vars **ret)
{
    struct az_model *m = t->model;
    *ret = m->begun ? &m->vars : m->preview;
    if (m->begun || (t->preview && m->preview))
        return 0;
    struct az_vars *vars = ARENA_NEW(t->arena, struct az_vars);
    int rc = make_run(t, vars);
    if (rc < 0)
        return rc;
    *ret = vars;
    if (t->preview) {
        m->preview = vars;
        return 0;
    }
    m->vars = *vars;
    m->begun = true;
    *ret = &m->vars;
    return 0;
}

/* ---- a stage ---- */

/* Was one of its jobs, or the stage, asked for by name? */
static bool is_named(const struct az_stage_run *s, const struct facts *f)
{
    for (size_t i = 0; i < f->jobs.n; i++) {
        struct str name = f->jobs.p[i], stage, job;
        if (str_eq_nocase(name, s->stage->id) ||
            (str_cut(name, '.', &stage, &job) && str_eq_nocase(stage, s->stage->id)))
            return true;
    }
    return false;
}

static struct str bad_stage(struct arena *a, const struct az_model *m, const struct az_stage_run *s)
{
    for (size_t i = 0; i < s->n_needs; i++) {
        const struct az_stage_run *need = &m->stages[s->needs[i]];
        enum az_result r = az_stage_result(need);
        if (r == AZ_SKIPPED)
            return arena_printf(a, "stage '%.*s' before it was skipped", STR_ARG(need->stage->id));
        if (r != AZ_NOT_RUN && r != AZ_SUCCEEDED && r != AZ_WITH_ISSUES)
            return arena_printf(a, "stage '%.*s' before it %s", STR_ARG(need->stage->id),
                                r == AZ_CANCELED ? "was canceled" : "failed");
    }
    return STR("a stage before it did not succeed");
}

/* The stage's condition: with the pipeline's variables, and the stage's as far as they need no evaluation. */
static int judge_stage(struct az_model *m, struct az_stage_run *s, struct az_asking *q, bool *ret, struct str *ret_why,
                       struct err *e)
{
    struct az_units units = {.canceled = s->n_jobs > 0 && s->jobs[0]->plan->cancelled};
    struct az_vars seen;
    struct str condition = s->stage->condition;
    az_stage_units(q->arena, m, s, &units);
    az_vars_init(&seen, q->arena);
    az_vars_copy(&seen, q->vars);
    az_static_vars(m, &s->stage->variables, &seen);
    struct az_asking own = *q;
    own.vars = &seen;
    own.units = &units;
    int rc = az_unit_condition(&own, condition, ret, e);
    if (rc < 0 || *ret)
        return rc;
    if (str_trim(condition).n > 0)
        *ret_why = arena_printf(q->arena, "the condition of stage '%.*s' is false: %.*s", STR_ARG(s->stage->id),
                                STR_ARG(str_trim(condition)));
    else
        *ret_why = units.canceled ? STR("the run was cancelled") : bad_stage(q->arena, m, s);
    return 0;
}

/* In `vars`, the run's variables so far; they become the stage's. */
static int make_stage(struct az_turn *t, struct az_stage_run *s, struct az_asking *q, struct az_vars *vars,
                      bool *ret_runs)
{
    t->at = s->stage->condition_at ? s->stage->condition_at : s->stage->at;
    *ret_runs = true;
    if (s->stage->manual && !is_named(s, t->model->facts)) {
        *ret_runs = false;
        t->why =
            arena_printf(t->arena, "stage '%.*s' waits to be started by hand: --job names it", STR_ARG(s->stage->id));
        return 0;
    }
    int rc = judge_stage(t->model, s, q, ret_runs, &t->why, t->e);
    struct az_asking jobs = *q; /* its variables are those of its jobs, and see other stages as jobs do */
    jobs.counts = true;
    jobs.stage_dependencies = az_outer_dependencies(t->arena, t->model, s);
    return rc < 0 || !*ret_runs ? rc : az_scope_vars(&jobs, &s->stage->variables, vars, &t->at, t->e);
}

static void keep_stage(const struct az_turn *t, struct az_stage_run *s, int rc, bool runs, struct az_vars *vars)
{
    if (t->preview) {
        s->preview = rc == 0 && runs ? vars : NULL;
        return;
    }
    s->gate = rc == 0 && runs ? AZ_RUNS : AZ_PASSED_OVER;
    s->result = rc < 0 ? AZ_ABANDONED : runs ? AZ_NOT_RUN : AZ_SKIPPED;
    s->why = rc < 0 ? arena_cstr(t->arena, t->e->text) : t->why;
    s->vars = *vars;
}

static int begin_stage(struct az_turn *t, struct az_stage_run *s, bool *ret_runs, const struct az_vars **ret)
{
    const struct az_vars *run;
    int rc = az_run_begin(t, &run);
    if (rc < 0)
        return rc;
    struct az_vars *vars = ARENA_NEW(t->arena, struct az_vars);
    az_vars_init(vars, t->arena);
    az_vars_copy(vars, run);
    az_renumber(t->model, vars);
    struct az_value *before = az_stage_dependencies(t->arena, t->model, s);
    struct az_asking q = {.arena = t->arena,
                          .model = t->model,
                          .vars = vars,
                          .dependencies = before,
                          .stage_dependencies = before,
                          .preview = t->preview};
    *ret = vars;
    rc = make_stage(t, s, &q, vars, ret_runs);
    keep_stage(t, s, rc, *ret_runs, vars);
    return rc;
}

int az_stage_begin(struct az_turn *t, struct az_stage_run *s, bool *ret_runs, const struct az_vars **ret)
{
    if (s->gate == AZ_UNDECIDED && !(t->preview && s->preview))
        return begin_stage(t, s, ret_runs, ret);
    if (s->gate == AZ_PASSED_OVER && s->result == AZ_ABANDONED)
        return err_set(t->e, EINVAL, "%.*s", STR_ARG(s->why));
    *ret = s->gate == AZ_UNDECIDED ? s->preview : &s->vars;
    *ret_runs = s->gate != AZ_PASSED_OVER;
    t->why = s->why;
    return 0;
}
