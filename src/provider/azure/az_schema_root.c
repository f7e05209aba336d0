/*
 * az_schema_root.c - the tables of a pipeline's root (specification 3.1).
 */
#include "core/base.h"
#include "provider/azure/schema_priv.h"

static const struct az_key extends_keys[] = {{"template", &az_type_filled, 0}, {"parameters", &az_type_any, 0}};
static const struct az_form extends_forms[] = {{NULL, .keys = extends_keys, .n_keys = ARRAY_LEN(extends_keys)}};
static const struct az_type extends = {"a mapping of template and parameters", .takes = AZ_TAKES_MAP,
                                       .forms = extends_forms, .n_forms = ARRAY_LEN(extends_forms)};

static const struct az_key keys[] = {
    {"name", &az_type_text, 0},
    {"appendCommitMessageToRunName", &az_type_bool, 0},
    {"parameters", &az_type_any, 0},
    {"trigger", &az_type_trigger, 0},
    {"pr", &az_type_pr, 0},
    {"schedules", &az_type_schedules, 0},
    {"resources", &az_type_resources, 0},
    {"variables", &az_type_variables, 0},
    {"lockBehavior", &az_type_lock, 0},
    {"pool", &az_type_pool, 0},
    {"stages", &az_type_stages, 0},
    {"jobs", &az_type_jobs, 0},
    {"phases", &az_type_jobs, 0},
    {"extends", &extends, 0},
    {"steps", &az_type_steps, 0},
    /* Of the one job that a root of steps is: az_schema_root.c tells what has no steps beside it. */
    {"strategy", &az_type_strategy, 0},
    {"continueOnError", &az_type_bool, 0},
    {"container", &az_type_job_container, 0},
    {"services", &az_type_services, 0},
    {"workspace", &az_type_workspace, 0},
    {"timeoutInMinutes", &az_type_number, AZ_KEY_STRANGE},
    {"cancelTimeoutInMinutes", &az_type_number, AZ_KEY_STRANGE},
    {"queue", &az_type_queue, 0},
    {"server", &az_type_server, AZ_KEY_OLD},
};
static const struct az_form forms[] = {{NULL, .keys = keys, .n_keys = ARRAY_LEN(keys)}};
const struct az_type az_type_pipeline = {"a pipeline", .takes = AZ_TAKES_MAP, .forms = forms,
                                         .n_forms = ARRAY_LEN(forms)};

/* Keys that are a pipeline's body; the first that is there counts. */
static const char *const bodies[] = {"stages", "extends", "jobs", "phases", "steps"};
/* Keys that only a root of steps may have. */
static const char *const of_steps[] = {
    "strategy",         "continueOnError",        "container", "services", "workspace",
    "timeoutInMinutes", "cancelTimeoutInMinutes", "queue",     "server"};

static bool is_one_of(struct str key, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_is_nocase(key, words[i]))
            return true;
    return false;
}

void az_schema_root(const struct az_value *v, struct diags *d)
{
    const struct az_value *body = NULL;
    if (v->kind != AZ_OBJECT)
        return;
    for (size_t i = 0; i < v->object.n; i++) {
        const struct az_value *key = v->object.p[i].key;
        if (!is_one_of(key->text, bodies, ARRAY_LEN(bodies)))
            continue;
        if (body != NULL) {
            az_error(d, "AZ310", key, "Unexpected value '%.*s'", STR_ARG(key->text));
            az_hint(d, "a pipeline has one body, and '%.*s' is there already", STR_ARG(body->text));
        }
        body = body != NULL ? body : key;
    }
    if (body == NULL) {
        az_error(d, "AZ311", v, "The pipeline has none of stages, jobs, steps and extends");
        return;
    }
    for (size_t i = 0; i < v->object.n && !str_is_nocase(body->text, "steps"); i++) {
        const struct az_value *key = v->object.p[i].key;
        if (!is_one_of(key->text, of_steps, ARRAY_LEN(of_steps)))
            continue;
        az_error(d, "AZ312", key, "Unexpected value '%.*s'", STR_ARG(key->text));
        az_hint(d, "at the root it goes with steps, not with %.*s", STR_ARG(body->text));
    }
}
