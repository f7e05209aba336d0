/*
 * az_plan_check.c - what can be told before anything runs: gates that fail, tasks that nobody knows; and templates by
 * themselves.
 */
#include "core/base.h"
#include "doc/suggest.h"
#include "provider/azure/plan_priv.h"
#include "provider/azure/run_priv.h"

/* ---- tasks ---- */

static bool is_known(const struct az_step *s, const struct facts *f)
{
    return az_task_find(s->task, s->version) || map_find(&f->tasks, s->task);
}

static void unknown_task(const struct az_step *s, struct diags *d)
{
    const char *names[128];
    size_t n = 0;
    for (const struct az_task *const *t = az_tasks(); *t && n < ARRAY_LEN(names); t++)
        names[n++] = (*t)->name;
    struct str near = suggest(s->task, names, n);
    const struct az_value *at = s->at ? az_get_nocase(s->at, "task") : NULL;
    az_error(d, "AZ600", at ? at : s->at, "The task %.*s@%.*s is not known here", STR_ARG(s->task),
             STR_ARG(s->version));
    if (near.n > 0 && !str_eq_nocase(near, s->task))
        az_hint(d, "did you mean %.*s?", STR_ARG(near));
    else
        az_hint(d, "--task %.*s=DIR runs it from a folder, --skip-unknown leaves it out", STR_ARG(s->task));
}

static void check_tasks(const struct az_steps *steps, const struct facts *f, struct diags *d)
{
    for (size_t i = 0; i < steps->n; i++)
        if (steps->p[i].enabled && !is_known(&steps->p[i], f))
            unknown_task(&steps->p[i], d);
}

/* ---- gates ---- */

static bool any_runs(const struct job *j)
{
    for (size_t i = 0; i < j->n_legs; i++)
        if (j->legs[i]->skip.n == 0)
            return true;
    return false;
}

void az_plan_check(struct plan *p, struct az_model *m, struct diags *d)
{
    const struct facts *f = m->facts;
    const struct az_value *at = NULL;
    const struct az_vars *vars;
    size_t own = p->n_jobs;
    struct err e = {0};
    struct az_turn t = {.model = m, .arena = p->arena, .preview = true, .e = &e};
    if (az_run_begin(&t, &vars) < 0) {
        az_error(d, str_starts(str_from(e.text), STR("the run number")) ? "AZ471" : "AZ470", t.at, "%s", e.text);
        return;
    }
    if (str_find(az_vars_get(vars, "Build.BuildNumber"), STR("$(")) >= 0)
        az_warning(d, "AZ471", m->pipeline->at ? az_get_nocase(m->pipeline->at, "name") : NULL,
                   "Not all of the run number is known when the run begins: '%.*s'",
                   STR_ARG(az_vars_get(vars, "Build.BuildNumber")));
    for (size_t i = 0; i < p->n_jobs; i++) { /* deployments add more while we go */
        struct job *j = p->jobs[i];
        struct str why;
        enum gate gate = az_gate_at(p, j, f, true, &why, &at);
        if (gate == GATE_FAIL)
            az_error(d, "AZ470", at, "%.*s", STR_ARG(why));
        if (gate == GATE_RUN && any_runs(j) && !f->skip_unknown) {
            const struct az_leg *leg = j->legs[0]->impl;
            check_tasks(leg->steps, f, d);
        }
    }
    plan_cut(p, own); /* the gates that count come when the needs are over */
}

/* ---- templates ---- */

/* `${{ if ... }}` and its kin are keys that are no expressions. */
static bool is_directive(struct str inner)
{
    static const char *const words[] = {"if", "elseif", "else", "each", "insert"};
    struct str word = str_trim(inner), rest;
    size_t n = 0;
    while (n < word.n && word.p[n] >= 'a' && word.p[n] <= 'z')
        n++;
    rest = str_from_index(word, n);
    word = str_sub(word, 0, n);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_is(word, words[i]))
            return !str_starts(str_trim(rest), STR("(")) || str_is(word, "if");
    return false;
}

static void check_text(struct arena *a, const struct az_value *v, bool key, struct diags *d)
{
    static const struct az_slot slot = {.what = "an expression", .any_name = true};
    size_t from = 0, open, close;
    while (az_find_expression(v->text, from, &open, &close)) {
        struct str inner = str_sub(v->text, open + 3, close - 2);
        struct az_expr *x;
        struct az_fault fault;
        if (!(key && is_directive(inner)) && az_expr_parse(a, inner, &slot, &x, &fault) < 0)
            az_error_in(d, fault.code, v, open, close - open, "%.*s", STR_ARG(az_fault_text(a, &fault, inner)));
        from = close;
    }
    if (open < v->text.n)
        az_error_in(d, "AZ101", v, open, 3, "An expression is not closed");
}

void az_part_check(struct arena *a, const struct az_value *v, struct diags *d)
{
    if (!v)
        return;
    if (v->kind == AZ_STRING)
        check_text(a, v, false, d);
    for (size_t i = 0; v->kind == AZ_ARRAY && i < v->array.n; i++)
        az_part_check(a, v->array.p[i], d);
    for (size_t i = 0; v->kind == AZ_OBJECT && i < v->object.n; i++) {
        check_text(a, v->object.p[i].key, true, d);
        az_part_check(a, v->object.p[i].value, d);
    }
}
