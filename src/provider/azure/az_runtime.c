/*
 * az_runtime.c - expressions between jobs: `$[ ]` in the texts of stages and jobs, and their conditions (specification
 * 1, 7.1).
 */
#include "core/base.h"
#include "provider/azure/plan_priv.h"

#define NAMES_MAX 5

bool az_is_runtime(struct str text)
{
    struct str s = str_trim(text);
    return str_starts(s, STR("$[")) && str_ends(s, STR("]"));
}

static struct str inner(struct str text)
{
    struct str s = str_trim(text);
    return str_trim(str_sub(s, 2, s.n - 1));
}

/* ---- what can be seen ---- */

struct sight {
    struct str names[NAMES_MAX];
    struct az_named values[NAMES_MAX];
    size_t n;
};

static void see(struct sight *s, struct str name, const struct az_value *v)
{
    if (!v)
        return;
    s->names[s->n] = name;
    s->values[s->n++] = (struct az_named){name, v};
}

static void look(const struct az_asking *q, struct sight *s)
{
    struct arena *a = q->arena;
    s->n = 0;
    see(s, STR("variables"), az_vars_value(a, q->vars));
    see(s, STR("pipeline"), az_pipeline_value(a, q->model->facts));
    see(s, STR("dependencies"), q->dependencies);
    see(s, STR("stageDependencies"), q->stage_dependencies);
    if (!q->units)
        see(s, STR("resources"), az_resources_value(a, q->model));
}

/* counter(prefix, seed): a number of its own for each prefix, kept from run to run. */
static int call_counter(const struct az_asking *q, struct az_value *const *args, size_t n, struct az_value **ret,
                        struct err *e)
{
    const struct facts *f = q->model->facts;
    struct str prefix = STR("");
    double seed = 0;
    int rc = n > 0 ? az_text(q->arena, args[0], &prefix, e) : 0;
    if (rc == 0 && n > 1)
        rc = az_to_number(args[1], &seed, e);
    if (rc < 0)
        return rc;
    int64_t at = seed > -1e15 && seed < 1e15 ? (int64_t)seed : 0;
    if (f->count && !q->preview) {
        struct str key = arena_printf(q->arena, "azure counter %.*s %.*s", STR_ARG(q->model->file), STR_ARG(prefix));
        at = f->count(f->count_ctx, key, at);
    }
    *ret = az_number(q->arena, (double)at);
    return 0;
}

static int call(void *ctx, struct arena *a, struct str function, struct az_value *const *args, size_t n,
                struct az_value **ret, struct err *e)
{
    const struct az_asking *q = ctx;
    bool holds;
    if (q->counts && str_is_nocase(function, "counter"))
        return call_counter(q, args, n, ret, e);
    int rc = q->units ? az_status_call(q->units, function, args, n, &holds) : -ENOENT;
    if (rc == 0)
        *ret = az_bool(a, holds);
    return rc;
}

/* ---- evaluating ---- */

static void ask_use(void *ctx, const struct az_use *use)
{
    bool *unknown = ctx;
    if (!use->function && (str_is_nocase(use->name, "dependencies") || str_is_nocase(use->name, "stageDependencies")))
        *unknown = true;
}

/* A preview does not know what hangs on other jobs; *ret is then not set. */
static int evaluate(const struct az_asking *q, struct str text, struct az_value **ret, bool *ret_unknown, struct err *e)
{
    struct sight sight;
    struct az_expr *x;
    struct az_fault fault;
    look(q, &sight);
    struct az_slot slot = {.what = "an expression",
                           .names = sight.names,
                           .n_names = sight.n,
                           .status = q->units ? AZ_JOB_STATUS : AZ_NO_STATUS,
                           .counter = q->counts};
    struct az_scope scope = {.arena = q->arena, .names = sight.values, .n_names = sight.n, .call = call};
    union {
        const struct az_asking *in;
        void *out;
    } ctx = {.in = q}; /* call() changes nothing of it */
    scope.ctx = ctx.out;
    if (az_expr_parse(q->arena, text, &slot, &x, &fault) < 0)
        return err_set(e, EINVAL, "%.*s", STR_ARG(az_fault_text(q->arena, &fault, text)));
    *ret_unknown = false;
    if (q->preview)
        az_expr_uses(x, ask_use, ret_unknown);
    return *ret_unknown ? 0 : az_expr_eval(x, &scope, ret, e);
}

int az_runtime_text(const struct az_asking *q, struct str text, struct str *ret, bool *ret_unknown, struct err *e)
{
    struct az_value *v;
    bool unknown = false;
    *ret = text;
    if (!az_is_runtime(text))
        return 0;
    int rc = evaluate(q, inner(text), &v, &unknown, e);
    if (unknown && ret_unknown)
        *ret_unknown = true;
    return rc < 0 || unknown ? rc : az_text(q->arena, v, ret, e);
}

int az_unit_condition(const struct az_asking *q, struct str text, bool *ret, struct err *e)
{
    struct az_value *v;
    bool unknown;
    struct str condition = str_trim(text).n > 0 ? str_trim(text) : STR("succeeded()");
    int rc = evaluate(q, condition, &v, &unknown, e);
    if (rc == 0)
        *ret = unknown || az_truth(v);
    return rc;
}

/* ---- variables of a scope ---- */

static void add_group(const struct facts *f, struct str group, struct az_vars *into)
{
    const struct map *entries = map_get(&f->groups, group);
    for (size_t i = 0; entries && i < entries->n; i++)
        az_vars_set_weak(into, entries->entries[i].key, map_get_str(entries, entries->entries[i].key));
}

void az_static_vars(const struct az_model *m, const struct az_variables *list, struct az_vars *into)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct az_variable *v = &list->p[i];
        if (v->group.n > 0)
            add_group(m->facts, v->group, into);
        else if (!az_is_runtime(v->value))
            az_vars_set(into, v->name, v->value, false, v->readonly);
    }
}

int az_scope_vars(struct az_asking *q, const struct az_variables *list, struct az_vars *into,
                  const struct az_value **ret_at, struct err *e)
{
    az_static_vars(q->model, list, into);
    q->vars = into;
    for (size_t i = 0; i < list->n; i++) {
        const struct az_variable *v = &list->p[i];
        struct str value;
        if (v->group.n > 0 || !az_is_runtime(v->value))
            continue;
        int rc = az_runtime_text(q, v->value, &value, NULL, e);
        if (rc < 0) {
            *ret_at = v->at;
            return err_wrap(e, "variable %.*s", STR_ARG(v->name));
        }
        az_vars_set(into, v->name, value, false, v->readonly);
    }
    return 0;
}
