/*
 * The linter: one table of rules, and a walk over stages, jobs, steps and their expressions that asks each of them.
 */
#include "core/base.h"
#include "provider/azure/az_lint_priv.h"

#include <stdarg.h>

const struct az_lint_rule az_lint_rules[] = {
    {.number = 8, .job = az_lint_leg_names},
    {.number = 10, .view = az_lint_step_names},
    {.number = 12, .view = az_lint_macro_condition, .job = az_lint_macro_matrix, .pipeline = az_lint_macro_places},
    {.number = 13, .pipeline = az_lint_partial_root, .stage = az_lint_partial_stage, .job = az_lint_partial_job},
    {.number = 14, .stage = az_lint_status_stage, .job = az_lint_status_job, .step = az_lint_status_step},
    {.number = 15, .stage = az_lint_skipped_stage, .job = az_lint_skipped_job},
    {.number = 16, .view = az_lint_output, .job = az_lint_plain_output},
    {.number = 17, .step = az_lint_secret},
    {.number = 18, .step = az_lint_lost_status},
    {.number = 19, .step = az_lint_agent_env},
    {.number = 22, .step = az_lint_noisy, .job = az_lint_shallow, .view = az_lint_words},
    {.number = 23, .pipeline = az_lint_patterns},
    {.number = 24, .view = az_lint_bare},
    {.number = 25, .view = az_lint_versions},
    {.number = 26, .pipeline = az_lint_old_keys},
    {.number = 27, .pipeline = az_lint_no_pool, .job = az_lint_image},
    {.number = 28, .pipeline = az_lint_artifacts},
    {.number = 29, .pipeline = az_lint_templates, .view = az_lint_stage_outputs},
    {.number = 30, .job = az_lint_timeout},
    {0},
};

/* ---- telling ---- */

static PRINTF_LIKE(4, 0) bool tell(struct az_lint *l, const char *code, const struct az_value *at, const char *fmt,
                                   va_list args)
{
    char text[DIAG_TEXT_MAX];
    struct span s = at ? at->span : SPAN_NONE;
    struct str key = arena_printf(l->arena, "%s %u %u", code, s.file, s.off);
    if (!map_set(&l->told, key, l))
        return false;
    vsnprintf(text, sizeof text, fmt, args);
    az_warning(l->d, code, at, "%s", text);
    return true;
}

bool az_lint_warn(struct az_lint *l, const char *code, const struct az_value *at, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    bool told = tell(l, code, at, fmt, args);
    va_end(args);
    return told;
}

/* The part as a value of its own; what expressions have made of the text stands where the expression does. */
static struct az_value part_of(const struct az_lint *l, const struct az_value *at, size_t from, size_t len)
{
    struct az_value part = *at;
    if (at->kind != AZ_STRING || !at->node || at->node->kind != DOC_SCALAR || !str_eq(at->node->text, at->text))
        return part;
    part.span = doc_span_in(l->d->sources, at->node, from, len);
    part.node = NULL;
    return part;
}

bool az_lint_warn_in(struct az_lint *l, const char *code, const struct az_value *at, size_t from, size_t len,
                     const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    struct az_value part = at ? part_of(l, at, from, len) : (struct az_value){0};
    bool told = tell(l, code, at ? &part : NULL, fmt, args);
    va_end(args);
    return told;
}

bool az_lint_warn_view(struct az_lint *l, const char *code, const struct az_view *v, size_t from, size_t len,
                       const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    struct az_value part = v->inside ? part_of(l, v->at, v->shift + from, len) : *v->at;
    bool told = tell(l, code, &part, fmt, args);
    va_end(args);
    return told;
}

/* ---- views ---- */

static void see(struct az_lint *l, struct az_view view)
{
    for (const struct az_lint_rule *r = az_lint_rules; r->number; r++)
        if (r->view)
            r->view(l, &view);
}

static void see_condition(struct az_lint *l, enum az_view_slot slot, struct str text, const struct az_value *at,
                          const struct az_value *owner)
{
    ssize_t shift = at ? str_find(at->text, text) : -1;
    if (text.n > 0)
        see(l, (struct az_view){slot, text, at ? at : owner, shift < 0 ? 0 : (size_t)shift, shift >= 0});
}

/* A value that is nothing but `$[ ... ]`. */
static void see_value(struct az_lint *l, enum az_view_slot slot, struct str text, const struct az_value *at)
{
    struct str whole = str_trim(text);
    if (!str_starts(whole, STR("$[")) || !str_ends(whole, STR("]")) || !at)
        return;
    struct str inner = str_sub(whole, 2, whole.n - 1);
    ssize_t shift = at->kind == AZ_STRING ? str_find(at->text, whole) : -1;
    see(l, (struct az_view){slot, inner, at, shift < 0 ? 0 : (size_t)shift + 2, shift >= 0});
}

static void see_variables(struct az_lint *l, enum az_view_slot slot, const struct az_variables *v)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct az_value *at = v->p[i].value_at;
        see_value(l, slot, v->p[i].value, at ? at : v->p[i].at);
    }
}

/* ---- the walk ---- */

static void walk_steps(struct az_lint *l, const struct az_steps *steps)
{
    l->steps = steps;
    map_init(&l->secrets, l->arena, MAP_CASE);
    for (l->step = 0; l->step < steps->n; l->step++) {
        const struct az_step *s = &steps->p[l->step];
        for (const struct az_lint_rule *r = az_lint_rules; r->number; r++)
            if (r->step)
                r->step(l, s);
        see_condition(l, AZ_VIEW_STEP, s->condition, s->condition_at, s->at);
    }
    l->steps = NULL;
}

static void walk_job(struct az_lint *l, const struct az_job *j)
{
    const struct str fields[] = {j->continue_on_error, j->timeout_minutes, j->cancel_timeout_minutes,
                                 j->container,         j->parallel,        j->max_parallel};
    l->job = j;
    for (const struct az_lint_rule *r = az_lint_rules; r->number; r++)
        if (r->job)
            r->job(l, j);
    see_condition(l, AZ_VIEW_JOB, j->condition, j->condition_at, j->at);
    see_variables(l, AZ_VIEW_JOB_VALUE, &j->variables);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (str_starts(str_trim(fields[i]), STR("$[")))
            see_value(l, AZ_VIEW_JOB_VALUE, fields[i], az_lint_find(j->at, fields[i]));
    if (j->matrix && j->matrix->kind == AZ_STRING)
        see_value(l, AZ_VIEW_JOB_VALUE, j->matrix->text, j->matrix);
    walk_steps(l, &j->steps);
    for (size_t i = 0; i < AZ_HOOKS; i++)
        if (j->hooks[i].set) {
            l->hook = &j->hooks[i];
            walk_steps(l, &j->hooks[i].steps);
            l->hook = NULL;
        }
    l->job = NULL;
}

static void walk_stage(struct az_lint *l, const struct az_stage *s)
{
    l->stage = s;
    for (const struct az_lint_rule *r = az_lint_rules; r->number; r++)
        if (r->stage)
            r->stage(l, s);
    see_condition(l, AZ_VIEW_STAGE, s->condition, s->condition_at, s->at);
    see_variables(l, AZ_VIEW_STAGE_VARIABLE, &s->variables);
    for (size_t i = 0; i < s->n_jobs; i++)
        walk_job(l, &s->jobs[i]);
    l->stage = NULL;
}

void az_lint(const struct az_pipeline *p, const struct az_value *source_root, const struct facts *f, struct diags *d)
{
    struct az_lint l = {.arena = d->arena, .p = p, .root = source_root, .f = f, .d = d};
    map_init(&l.told, l.arena, MAP_CASE);
    az_lint_known_secrets(&l);
    for (const struct az_lint_rule *r = az_lint_rules; r->number; r++)
        if (r->pipeline)
            r->pipeline(&l);
    see_variables(&l, AZ_VIEW_ROOT_VARIABLE, &p->variables);
    for (size_t i = 0; i < p->n_stages; i++)
        walk_stage(&l, &p->stages[i]);
}
