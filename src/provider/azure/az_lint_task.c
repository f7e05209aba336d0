/*
 * The linter's rules on keys of old (26), where az_task_check.c knows the tasks of old, and on artifacts of one name
 * (28).
 */
#include "core/base.h"
#include "provider/azure/az_lint_priv.h"

/* ---- 26 ---- */

static void old_key(struct az_lint *l, const struct az_value *object, const char *key, const char *instead)
{
    for (size_t i = 0; object->kind == AZ_OBJECT && i < object->object.n; i++)
        if (str_is(object->object.p[i].key->text, key) &&
            az_lint_warn(l, "AZ526", object->object.p[i].key, "'%s' is a key of old", key))
            az_hint(l->d, "write %s", instead);
}

/* `upload` is a key of steps alone, and steps are in lists. */
static void old_steps(struct az_lint *l, const struct az_value *v, unsigned depth)
{
    if (depth > AZ_MAX_NESTING)
        return;
    for (size_t i = 0; v->kind == AZ_ARRAY && i < v->array.n; i++) {
        const struct az_value *item = v->array.p[i];
        if (item->kind == AZ_OBJECT && item->object.n > 0 && str_is(item->object.p[0].key->text, "upload"))
            old_key(l, item, "upload", "publish");
        old_steps(l, item, depth + 1);
    }
    for (size_t i = 0; v->kind == AZ_OBJECT && i < v->object.n; i++)
        old_steps(l, v->object.p[i].value, depth + 1);
}

void az_lint_old_keys(struct az_lint *l)
{
    if (!l->root || l->root->kind != AZ_OBJECT)
        return;
    old_key(l, l->root, "phases", "jobs");
    old_key(l, l->root, "queue", "pool");
    const struct az_value *phases = az_get_nocase(l->root, "phases");
    for (size_t i = 0; phases && phases->kind == AZ_ARRAY && i < phases->array.n; i++) {
        old_key(l, phases->array.p[i], "phase", "job");
        old_key(l, phases->array.p[i], "queue", "pool");
    }
    old_steps(l, l->root, 0);
}

/* ---- 28 ---- */

/* The name under which a step publishes for the whole run, when it is a constant; else empty. */
static struct str constant_artifact(const struct az_step *s, const struct az_value **ret_at)
{
    static const char *const inputs[] = {"artifact", "artifactName"};
    if (!az_lint_task(s, "PublishPipelineArtifact") || !s->enabled)
        return STR("");
    for (size_t i = 0; i < ARRAY_LEN(inputs); i++) {
        struct str name = map_get_str(&s->inputs, str_from(inputs[i]));
        if (name.n == 0)
            continue;
        *ret_at = az_lint_input_at(s, inputs[i]);
        return str_find(name, STR("$(")) >= 0 ? STR("") : str_trim(name);
    }
    return STR("");
}

static void legs_publish(struct az_lint *l, const struct az_job *j, const struct az_value *at, struct str name)
{
    if (az_lint_warn(l, "AZ528", at, "Each leg of '%.*s' publishes '%.*s': the second one fails, as the name is taken",
                     STR_ARG(j->id), STR_ARG(name)))
        az_hint(l->d, "put a variable of the leg into it: %.*s-$(System.JobName)", STR_ARG(name));
}

struct published {
    struct map names; /* MAP_NOCASE: name -> the step that is sure to publish it */
};

static void check_steps(struct az_lint *l, struct published *seen, const struct az_job *j, const struct az_steps *steps)
{
    for (size_t i = 0; i < steps->n; i++) {
        const struct az_value *at = NULL;
        const struct az_step *s = &steps->p[i];
        struct str name = constant_artifact(s, &at);
        if (name.n == 0)
            continue;
        /* a condition may well let one leg, or one of two steps, publish */
        if (s->condition.n > 0 && !str_is(str_trim(s->condition), "always()") &&
            !str_is(str_trim(s->condition), "succeededOrFailed()"))
            continue;
        if (az_lint_fans_out(j))
            legs_publish(l, j, at, name);
        else if (j->condition.n > 0 || j->deployment)
            continue;
        else if (!map_set(&seen->names, name, (void *)(uintptr_t)s) &&
                 az_lint_warn(l, "AZ528", at, "'%.*s' is published a second time: that fails, as the name is taken",
                              STR_ARG(name)))
            az_hint(l->d, "give each its own name, or publish both at once");
    }
}

void az_lint_artifacts(struct az_lint *l)
{
    struct published seen;
    map_init(&seen.names, l->arena, MAP_NOCASE);
    for (size_t i = 0; i < l->p->n_stages; i++)
        for (size_t k = 0; k < l->p->stages[i].n_jobs; k++)
            if (l->p->stages[i].condition.n == 0)
                check_steps(l, &seen, &l->p->stages[i].jobs[k], &l->p->stages[i].jobs[k].steps);
}
