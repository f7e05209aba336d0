/*
 * az_graph_expr.c - conditions and `$[ ]` parse, against the names of their slot (specification 7.1, rules 10 to 12).
 *
 * Those of stages and jobs, and of variables at the root, are checked by the service before anything runs. Names in a
 * step's condition and in variables of stages and jobs are looked up when it gets there: an error then, a warning here.
 */
#include "core/base.h"
#include "provider/azure/graph_priv.h"

#define NAME(text)                                                                                                     \
    {                                                                                                                  \
        text, sizeof(text) - 1                                                                                         \
    }
static const struct str stage_names[] = {NAME("variables"), NAME("dependencies"), NAME("stageDependencies"),
                                         NAME("pipeline")};
static const struct str step_names[] = {NAME("variables")};
static const struct str root_names[] = {NAME("variables"), NAME("resources"), NAME("pipeline")};
static const struct str runtime_names[] = {NAME("variables"), NAME("dependencies"), NAME("stageDependencies"),
                                           NAME("pipeline"), NAME("resources")};

static const struct az_slot stage_slot = {"a stage's condition", stage_names, ARRAY_LEN(stage_names),
                                          AZ_JOB_STATUS,         false,       false};
static const struct az_slot job_slot = {"a job's condition", stage_names, ARRAY_LEN(stage_names),
                                        AZ_JOB_STATUS,       false,       false};
static const struct az_slot step_slot = {"a step's condition", step_names, ARRAY_LEN(step_names),
                                         AZ_STEP_STATUS,       false,      false};
static const struct az_slot root_slot = {
    "a variable of the pipeline", root_names, ARRAY_LEN(root_names), AZ_NO_STATUS, true, false};
static const struct az_slot runtime_slot = {"a runtime expression", runtime_names, ARRAY_LEN(runtime_names),
                                            AZ_NO_STATUS,           true,          false};

/* What people write who know other languages. */
static const struct {
    const char *text, *hint;
} mends[] = {
    {"$(", "macros are not put into expressions: write variables['name']"},
    {"${{", "`${{ }}` was to be expanded before; it is not part of an expression"},
    {"==", "there are no operators: write eq(a, b)"},
    {"!=", "there are no operators: write ne(a, b)"},
    {"&&", "there are no operators: write and(a, b)"},
    {"||", "there are no operators: write or(a, b)"},
    {">", "there are no operators: write gt(a, b)"},
    {"<", "there are no operators: write lt(a, b)"},
    {"\"", "texts have single quotes"},
    {"!", "there are no operators: write not(a)"},
    {"parameters", "parameters are there in ${{ }} only: write ${{ parameters.name }}"},
};

static void hint_expression(struct str text, struct diags *d)
{
    for (size_t i = 0; i < ARRAY_LEN(mends); i++)
        if (str_find(text, str_from(mends[i].text)) >= 0) {
            az_hint(d, "%s", mends[i].hint);
            return;
        }
}

struct check {
    const struct az_value *v; /* the scalar */
    struct str text;          /* the expression in it */
    size_t at;                /* where it begins */
    const char *code;
};

static void tell_fault(const struct check *c, const struct az_fault *f, bool error, const char *code, struct diags *d)
{
    struct str text = az_fault_text(d->arena, f, c->text);
    if (error)
        az_error_in(d, code, c->v, c->at + f->at, f->len, "%.*s", STR_ARG(text));
    else
        az_warning(d, code, c->v, "%.*s", STR_ARG(text));
    hint_expression(c->text, d);
}

/*
 * With `lenient` unknown names are no fault; `late` tells them with a warning of that code, and is NULL where
 * az_lint*.c does.
 */
static void check_syntax(const struct check *c, const struct az_slot *slot, bool lenient, const char *late,
                         struct diags *d)
{
    struct az_slot any = *slot;
    struct az_fault fault = {0};
    struct az_expr *x = NULL;
    any.any_name = lenient;
    if (az_expr_parse(d->arena, c->text, &any, &x, &fault) < 0) {
        tell_fault(c, &fault, true, c->code, d);
        return;
    }
    if (late != NULL && az_expr_parse(d->arena, c->text, slot, &x, &fault) < 0)
        tell_fault(c, &fault, false, late, d);
}

static void check_condition(const struct az_value *v, const struct az_slot *slot, bool lenient, struct diags *d)
{
    if (v == NULL || v->kind != AZ_STRING || str_trim(v->text).n == 0)
        return;
    struct check c = {v, v->text, 0, "AZ410"};
    check_syntax(&c, slot, lenient, NULL, d);
}

/* A whole `$[ ]`; another text is none, and stays as it is. */
static void check_runtime(const struct az_value *v, const struct az_slot *slot, const char *late, struct diags *d)
{
    if (v == NULL || v->kind != AZ_STRING)
        return;
    struct str trimmed = str_trim(v->text);
    if (!str_starts(trimmed, STR("$[")) || !str_ends(trimmed, STR("]")))
        return;
    struct check c = {v, str_sub(trimmed, 2, trimmed.n - 1), 0, "AZ411"};
    c.at = (size_t)(c.text.p - v->text.p);
    if (str_trim(c.text).n > 0)
        check_syntax(&c, slot, late != NULL, late, d);
}

static void check_variables(const struct az_variables *v, const struct az_slot *slot, const char *late, struct diags *d)
{
    for (size_t i = 0; i < v->n; i++)
        check_runtime(v->p[i].value_at, slot, late, d);
}

static void check_steps(const struct az_steps *steps, struct diags *d)
{
    for (size_t i = 0; i < steps->n; i++)
        check_condition(steps->p[i].condition_at, &step_slot, true, d);
}

static void check_job(const struct az_job *j, struct diags *d)
{
    static const char *const keys[] = {"continueOnError", "timeoutInMinutes", "cancelTimeoutInMinutes"};
    static const char *const strategy_keys[] = {"matrix", "parallel", "maxParallel"};
    const struct az_value *strategy = az_get(j->at, STR("strategy"));
    check_condition(j->condition_at, &job_slot, false, d);
    check_variables(&j->variables, &runtime_slot, "AZ414", d);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        check_runtime(az_get(j->at, str_from(keys[i])), &runtime_slot, "AZ414", d);
    for (size_t i = 0; i < ARRAY_LEN(strategy_keys); i++)
        check_runtime(az_get(strategy, str_from(strategy_keys[i])), &runtime_slot, "AZ414", d);
    check_runtime(az_get(az_get(j->at, STR("container")), STR("alias")), &runtime_slot, "AZ414", d);
    check_steps(&j->steps, d);
    for (size_t k = 0; k < AZ_HOOKS; k++)
        check_steps(&j->hooks[k].steps, d);
}

void az_graph_expressions(const struct az_pipeline *p, struct diags *d)
{
    check_variables(&p->variables, &root_slot, NULL, d);
    for (size_t i = 0; i < p->n_stages; i++) {
        const struct az_stage *s = &p->stages[i];
        check_condition(s->condition_at, &stage_slot, false, d);
        check_variables(&s->variables, &runtime_slot, "AZ414", d);
        for (size_t k = 0; k < s->n_jobs; k++)
            check_job(&s->jobs[k], d);
    }
}
