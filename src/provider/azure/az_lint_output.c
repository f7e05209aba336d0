/*
 * The linter's rules on outputs (16) and on stages that are not waited for (29): `dependencies` and
 * `stageDependencies` hold what is named in dependsOn alone, in another shape for each slot, and of steps with a name.
 */
#include "core/base.h"
#include "provider/azure/az_lint_priv.h"

struct reader {
    struct az_lint *l;
    const struct az_view *v;
    bool stages_only; /* rule 29 is asked, else 16 */
};

/* ---- what sets an output ---- */

/* "variable=V;isOutput=true" on a line of a script: its V. *ret_output: isOutput is there. */
static bool set_variable(struct str line, struct str *ret_name, bool *ret_output)
{
    ssize_t at = -1;
    for (size_t i = 0; i + 23 <= line.n && at < 0; i++)
        if (line.p[i] == '#' && str_is_nocase(str_sub(line, i, i + 23), "##vso[task.setvariable "))
            at = (ssize_t)i + 23;
    ssize_t end = at < 0 ? -1 : str_find_from(line, (size_t)at, STR("]"));
    if (end < 0)
        return false;
    struct str rest = str_sub(line, (size_t)at, (size_t)end), pair, key, value;
    *ret_name = STR_NONE;
    *ret_output = false;
    while (str_next(&rest, ';', &pair)) {
        if (!str_cut(pair, '=', &key, &value))
            continue;
        if (str_is_nocase(str_trim(key), "variable"))
            *ret_name = str_trim(value);
        else if (str_is_nocase(str_trim(key), "isOutput"))
            *ret_output = str_is_nocase(str_trim(value), "true");
    }
    return ret_name->p != NULL;
}

/* Does the step's own script set that output? An empty name: any. */
static bool sets_output(const struct az_step *s, struct str name)
{
    struct str rest = az_lint_script(s, NULL), line, variable;
    bool output;
    while (str_next(&rest, '\n', &line))
        if (set_variable(line, &variable, &output) && output && (name.n == 0 || str_eq_nocase(variable, name)))
            return true;
    return false;
}

static const struct az_steps *steps_of(const struct az_job *j, size_t i)
{
    return i == 0 ? &j->steps : &j->hooks[i - 1].steps;
}

/* Does the key hold ".step." or begin with "step."? */
static bool names_step(struct str key, struct str step)
{
    for (size_t i = 0; i + step.n < key.n; i++)
        if ((i == 0 || key.p[i - 1] == '.') && key.p[i + step.n] == '.' &&
            str_eq_nocase(str_sub(key, i, i + step.n), step))
            return true;
    return false;
}

/* A step with a name that the key tells; *ret_setter: one without a name whose script sets the key's last part. */
static bool has_output(const struct az_job *j, struct str key, const struct az_step **ret_setter)
{
    struct str last = str_from_index(key, (size_t)(str_rfind_ch(key, '.') + 1));
    *ret_setter = NULL;
    for (size_t h = 0; h <= AZ_HOOKS; h++)
        for (size_t i = 0; i < steps_of(j, h)->n; i++) {
            const struct az_step *s = &steps_of(j, h)->p[i];
            if (s->name.n > 0 && names_step(key, s->name))
                return true;
            if (s->name.n == 0 && sets_output(s, last))
                *ret_setter = s;
        }
    return false;
}

static void tell_no_step(const struct reader *r, const struct az_use *u, const struct az_job *j, struct str key)
{
    const struct az_step *setter;
    if (key.n == 0 || has_output(j, key, &setter))
        return;
    if (!az_lint_warn_view(r->l, "AZ516", r->v, u->at, u->len,
                           "No step of job '%.*s' is named as in '%.*s': this is always empty", STR_ARG(j->id),
                           STR_ARG(key)))
        return;
    if (setter)
        az_hint(r->l->d, "the step that sets '%.*s' has no name: give it one with `name:`",
                STR_ARG(str_from_index(key, (size_t)(str_rfind_ch(key, '.') + 1))));
    else
        az_hint(r->l->d, "an output is called STEP.VARIABLE, after the `name:` of the step that sets it");
}

/* A leg's output has the leg's name in front: plain STEP.VARIABLE is nobody's. */
static void tell_no_leg(const struct reader *r, const struct az_use *u, const struct az_job *j, struct str key)
{
    const struct az_step *setter;
    if ((j->strategy != AZ_MATRIX && j->strategy != AZ_PARALLEL) || !has_output(j, key, &setter))
        return;
    for (size_t i = 0; i < j->steps.n; i++) {
        struct str name = j->steps.p[i].name;
        if (name.n > 0 && key.n > name.n && key.p[name.n] == '.' && str_eq_nocase(str_sub(key, 0, name.n), name) &&
            az_lint_warn_view(r->l, "AZ516", r->v, u->at, u->len,
                              "Job '%.*s' has legs, whose outputs have the leg's name in front: this is always empty",
                              STR_ARG(j->id)))
            az_hint(r->l->d, "write outputs['LEG.%.*s']", STR_ARG(key));
    }
}

static void check_output(const struct reader *r, const struct az_use *u, const struct az_job *j, struct str key)
{
    tell_no_step(r, u, j, key);
    tell_no_leg(r, u, j, key);
}

/* ---- readers ---- */

static void need_job(const struct reader *r, const struct az_use *u, struct str id)
{
    const struct az_job *own = r->l->job;
    if (az_lint_job_needs(own, id))
        return;
    if (!az_lint_job(r->l, r->l->stage, id)) {
        if (az_lint_warn_view(r->l, "AZ516", r->v, u->at, u->len,
                              "This stage has no job '%.*s': dependencies hold jobs of the same stage", STR_ARG(id)) &&
            az_lint_stage(r->l, id))
            az_hint(r->l->d, "of another stage: stageDependencies.%.*s.JOB.outputs['STEP.VARIABLE']", STR_ARG(id));
    } else if (az_lint_warn_view(r->l, "AZ516", r->v, u->at, u->len,
                                 "Job '%.*s' is not in this job's dependsOn, so that nothing of it is seen here",
                                 STR_ARG(id))) {
        az_hint(r->l->d, "add it: dependsOn: %.*s", STR_ARG(id));
    }
}

/* dependencies.JOB.outputs['...'] in a job. */
static void job_reads_job(const struct reader *r, const struct az_use *u)
{
    if (u->n_members == 0)
        return;
    need_job(r, u, u->members[0]);
    const struct az_job *j = az_lint_job(r->l, r->l->stage, u->members[0]);
    if (j && u->n_members >= 3 && str_is_nocase(u->members[1], "outputs"))
        check_output(r, u, j, u->members[2]);
}

/* stageDependencies.STAGE.JOB.outputs['...'] in a job or in variables. */
static void job_reads_stage(const struct reader *r, const struct az_use *u)
{
    const struct az_stage *s = u->n_members > 0 ? az_lint_stage(r->l, u->members[0]) : NULL;
    if (!s || u->n_members < 2)
        return;
    if (str_is_nocase(u->members[1], "outputs")) {
        if (az_lint_warn_view(r->l, "AZ516", r->v, u->at, u->len,
                              "Outside of a stage's condition the job stands between stage and outputs: this is always "
                              "empty"))
            az_hint(r->l->d, "stageDependencies.%.*s.JOB.outputs['STEP.VARIABLE']", STR_ARG(s->id));
        return;
    }
    const struct az_job *j = az_lint_job(r->l, s, u->members[1]);
    if (!j && !str_is_nocase(u->members[1], "result"))
        az_lint_warn_view(r->l, "AZ516", r->v, u->at, u->len, "Stage '%.*s' has no job '%.*s': this is always empty",
                          STR_ARG(s->id), STR_ARG(u->members[1]));
    else if (j && u->n_members >= 4 && str_is_nocase(u->members[2], "outputs"))
        check_output(r, u, j, u->members[3]);
}

/* dependencies.STAGE.outputs['JOB.STEP.VARIABLE'] in a stage's condition; stageDependencies is the same there. */
static void stage_reads_stage(const struct reader *r, const struct az_use *u)
{
    const struct az_stage *s = u->n_members > 0 ? az_lint_stage(r->l, u->members[0]) : NULL;
    if (!s || u->n_members < 2 || str_is_nocase(u->members[1], "result"))
        return;
    if (!str_is_nocase(u->members[1], "outputs")) {
        if (az_lint_warn_view(r->l, "AZ516", r->v, u->at, u->len,
                              "In a stage's condition the job is a part of the output's name: this is always empty"))
            az_hint(r->l->d, "dependencies.%.*s.outputs['%.*s.STEP.VARIABLE']", STR_ARG(s->id), STR_ARG(u->members[1]));
        return;
    }
    struct str job, key;
    if (u->n_members < 3 || !str_cut(u->members[2], '.', &job, &key))
        return;
    const struct az_job *j = az_lint_job(r->l, s, job);
    if (!j)
        az_lint_warn_view(r->l, "AZ516", r->v, u->at, u->len, "Stage '%.*s' has no job '%.*s': this is always empty",
                          STR_ARG(s->id), STR_ARG(job));
    else
        check_output(r, u, j, key);
}

/* Rule 29, and the same of `dependencies` in a stage's condition. */
static void need_stage(const struct reader *r, const struct az_use *u, const char *code)
{
    struct str id = u->n_members > 0 ? u->members[0] : STR("");
    if (id.n == 0 || !r->l->stage || az_lint_stage_needs(r->l->p, r->l->stage, id))
        return;
    if (!az_lint_stage(r->l, id))
        az_lint_warn_view(r->l, code, r->v, u->at, u->len, "There is no stage '%.*s': this is always empty",
                          STR_ARG(id));
    else if (az_lint_warn_view(r->l, code, r->v, u->at, u->len,
                               "Stage '%.*s' is not in the dependsOn of stage '%.*s', so that nothing of it is seen "
                               "here",
                               STR_ARG(id), STR_ARG(r->l->stage->id)))
        az_hint(r->l->d, "add it to the stage: dependsOn: %.*s", STR_ARG(id));
}

static void read_output(void *ctx, const struct az_use *u)
{
    const struct reader *r = ctx;
    bool stage_slot = r->v->slot == AZ_VIEW_STAGE;
    bool own = !u->function && str_is_nocase(u->name, "dependencies");
    bool other = !u->function && str_is_nocase(u->name, "stageDependencies");
    if (r->stages_only) {
        if (other)
            need_stage(r, u, "AZ529");
        return;
    }
    if (stage_slot && own)
        need_stage(r, u, "AZ516");
    if (stage_slot && (own || other))
        stage_reads_stage(r, u);
    else if (own && r->l->job)
        job_reads_job(r, u);
    else if (other)
        job_reads_stage(r, u);
}

static void read_view(struct az_lint *l, const struct az_view *v, bool stages_only)
{
    struct az_slot slot = {.what = "an expression", .status = AZ_JOB_STATUS, .counter = true, .any_name = true};
    struct reader r = {l, v, stages_only};
    struct az_fault fault;
    struct az_expr *x;
    if (v->slot == AZ_VIEW_STEP || v->slot == AZ_VIEW_ROOT_VARIABLE)
        return;
    if (az_expr_parse(l->arena, v->text, &slot, &x, &fault) == 0)
        az_expr_uses(x, read_output, &r);
}

void az_lint_output(struct az_lint *l, const struct az_view *v)
{
    read_view(l, v, false);
}

void az_lint_stage_outputs(struct az_lint *l, const struct az_view *v)
{
    read_view(l, v, true);
}

/* ---- $(V) of an output in its own job ---- */

static bool has_group(const struct az_lint *l)
{
    const struct az_variables *all[] = {&l->p->variables, &l->stage->variables, &l->job->variables};
    for (size_t k = 0; k < ARRAY_LEN(all); k++)
        for (size_t i = 0; i < all[k]->n; i++)
            if (all[k]->p[i].group.n > 0)
                return true;
    return false;
}

/* What the scripts of a list of steps set. */
struct set_names {
    struct map outputs; /* MAP_NOCASE: name -> the step that sets it, of those before the one that is looked at */
    struct map plain;   /* MAP_NOCASE: of all */
};

static void gather_plain(struct set_names *set, const struct az_steps *steps)
{
    for (size_t i = 0; i < steps->n; i++) {
        struct str rest = az_lint_script(&steps->p[i], NULL), line, name;
        bool output;
        while (str_next(&rest, '\n', &line))
            if (set_variable(line, &name, &output) && !output)
                map_set(&set->plain, name, set);
    }
}

static void gather_outputs(struct set_names *set, const struct az_step *s)
{
    struct str rest = az_lint_script(s, NULL), line, name;
    bool output;
    while (str_next(&rest, '\n', &line))
        if (set_variable(line, &name, &output) && output && !map_find(&set->outputs, name))
            map_set(&set->outputs, name, (void *)(uintptr_t)s);
}

/* Is it set as a plain variable by any step, or known otherwise? */
static bool plain_variable(struct az_lint *l, const struct set_names *set, struct str name)
{
    return map_find(&set->plain, name) || az_lint_values(l, name).n > 0 || map_find(&l->f->env, name) ||
           map_find(&l->f->vars, name);
}

static void read_plain(struct az_lint *l, const struct set_names *set, const struct az_step *s)
{
    const struct az_value *at;
    struct str script = az_lint_script(s, &at), macro;
    size_t from = 0, where;
    while (az_lint_macro(script, &from, &macro, &where)) {
        const struct map_entry *found = map_find(&set->outputs, macro);
        const struct az_step *setter = found ? found->value : NULL;
        if (setter && !plain_variable(l, set, macro) &&
            az_lint_warn_in(l, "AZ516", at, where, macro.n + 3,
                            "'%.*s' was set as an output: $(%.*s) is not replaced, not even in the same job",
                            STR_ARG(found->key), STR_ARG(macro)))
            az_hint(l->d, "write $(%.*s.%.*s)%s", STR_ARG(setter->name.n ? setter->name : STR("STEP")),
                    STR_ARG(found->key), setter->name.n ? "" : ", and give the step that sets it a name");
    }
}

void az_lint_plain_output(struct az_lint *l, const struct az_job *j)
{
    if (has_group(l))
        return;
    for (size_t h = 0; h <= AZ_HOOKS; h++) {
        const struct az_steps *steps = steps_of(j, h);
        struct set_names set;
        if (steps->n == 0)
            continue;
        map_init(&set.outputs, l->arena, MAP_NOCASE);
        map_init(&set.plain, l->arena, MAP_NOCASE);
        gather_plain(&set, steps);
        for (size_t i = 0; i < steps->n; i++) {
            if (set.outputs.n > 0)
                read_plain(l, &set, &steps->p[i]);
            gather_outputs(&set, &steps->p[i]);
        }
    }
}
