/*
 * az_graph.c - names of stages, jobs, steps and variables (specification 4, rules 7 and 8).
 */
#include "core/base.h"
#include "provider/azure/graph_priv.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_identifier(struct str id)
{
    for (size_t i = 0; i < id.n; i++)
        if (!is_letter(id.p[i]) && id.p[i] != '_' && (i == 0 || !is_digit(id.p[i])))
            return false;
    return id.n > 0;
}

/* The same with what does not fit made _, and none in front of a digit. */
static void hint_identifier(struct str id, struct diags *d)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    if (is_digit(id.p[0]))
        buf_add_ch(&b, '_');
    for (size_t i = 0; i < id.n; i++)
        buf_add_ch(&b, is_letter(id.p[i]) || is_digit(id.p[i]) ? id.p[i] : '_');
    az_hint(d, "write '%s'", buf_cstr(&b));
}

/* ---- stages and jobs ---- */

static void check_names(struct az_units *u, struct diags *d)
{
    map_init(&u->by_id, d->arena, MAP_NOCASE);
    for (size_t i = 0; i < u->n; i++) {
        struct az_unit *unit = &u->p[i];
        if (!is_identifier(unit->id)) {
            az_error(d, "AZ405", unit->at, "The %s name '%.*s' is not valid: letters, digits and _, no digit in front",
                     u->what, STR_ARG(unit->id));
            hint_identifier(unit->id, d);
        }
        const struct az_unit *same = map_get(&u->by_id, unit->id);
        if (same == NULL) {
            map_set(&u->by_id, unit->id, unit);
            continue;
        }
        az_error(d, "AZ400", unit->at, "The %s name '%.*s' appears more than once", u->what, STR_ARG(unit->id));
        if (same->at != NULL)
            diag_note(d, "AZ400", same->at->span, "here it is first");
    }
}

static void check_stages(const struct az_pipeline *p, struct diags *d)
{
    struct az_units u = {.what = "stage", .where = STR("The pipeline"), .at = p->at, .n = p->n_stages};
    u.p = arena_array(d->arena, p->n_stages, sizeof *u.p);
    for (size_t i = 0; i < p->n_stages; i++) {
        const struct az_stage *s = &p->stages[i];
        u.p[i] = (struct az_unit){s->id, s->id_at, &s->depends_on, s->depends_at, i > 0 && !s->depends_on.set};
    }
    check_names(&u, d);
    az_graph_needs(&u, d);
}

static void check_jobs(const struct az_stage *s, bool implicit, struct diags *d)
{
    struct az_units u = {.what = "job", .at = s->id_at, .n = s->n_jobs};
    u.where = implicit ? STR("The pipeline") : arena_printf(d->arena, "Stage %.*s", STR_ARG(s->id));
    u.p = arena_array(d->arena, s->n_jobs, sizeof *u.p);
    for (size_t i = 0; i < s->n_jobs; i++) {
        const struct az_job *j = &s->jobs[i];
        u.p[i] = (struct az_unit){j->id, j->id_at, &j->depends_on, j->depends_at, false};
    }
    check_names(&u, d);
    az_graph_needs(&u, d);
}

/* ---- steps, variables ---- */

static void check_steps(const struct az_steps *steps, struct diags *d)
{
    struct map seen;
    map_init(&seen, d->arena, MAP_NOCASE);
    for (size_t i = 0; i < steps->n; i++) {
        const struct az_step *s = &steps->p[i];
        if (s->name.n == 0)
            continue;
        const struct az_value *at = az_get(s->at, STR("name")), *first = map_get(&seen, s->name);
        if (first == NULL) {
            map_set(&seen, s->name, az_get(s->at, STR("name")));
            continue;
        }
        az_error(d, "AZ400", at, "The step name '%.*s' appears more than once", STR_ARG(s->name));
        diag_note(d, "AZ400", first->span, "here it is first");
    }
}

/* What the service sets and no file may (specification 7.4). system.debug is the user's. */
static const char *const system_names[] = {
    "AccessToken",
    "CollectionId",
    "CollectionUri",
    "Culture",
    "DefaultWorkingDirectory",
    "DefinitionId",
    "DefinitionName",
    "HostType",
    "JobAttempt",
    "JobDisplayName",
    "JobId",
    "JobIdentifier",
    "JobName",
    "JobPositionInPhase",
    "ParallelExecutionType",
    "PhaseAttempt",
    "PhaseDisplayName",
    "PhaseName",
    "PlanId",
    "ServerType",
    "StageAttempt",
    "StageDisplayName",
    "StageId",
    "StageName",
    "TeamFoundationCollectionUri",
    "TeamProject",
    "TeamProjectId",
    "TimelineId",
    "TotalJobsInPhase",
    "ArtifactsDirectory",
    "WorkFolder",
    "IsTriggeringRepository",
    "OidcRequestUri",
};

static bool is_system(struct str name)
{
    if (!str_eq_nocase(str_sub(name, 0, 7), STR("system.")))
        return false;
    struct str rest = str_from_index(name, 7);
    for (size_t i = 0; i < ARRAY_LEN(system_names); i++)
        if (str_is_nocase(rest, system_names[i]))
            return true;
    return str_eq_nocase(str_sub(rest, 0, 12), STR("PullRequest."));
}

static void check_variables(const struct az_variables *v, struct diags *d)
{
    for (size_t i = 0; i < v->n; i++)
        if (is_system(v->p[i].name))
            az_error(d, "AZ408", v->p[i].at, "Cannot override system variable '%.*s'", STR_ARG(v->p[i].name));
}

static void check_job(const struct az_job *j, struct diags *d)
{
    if (j->deployment && str_is_nocase(j->id, "deploy")) {
        az_error(d, "AZ407", j->id_at, "'%.*s' is reserved: a deployment is called something else", STR_ARG(j->id));
        az_hint(d, "its hook is called so, and outputs would be mistaken");
    }
    check_variables(&j->variables, d);
    check_steps(&j->steps, d);
    for (size_t k = 0; k < AZ_HOOKS; k++)
        check_steps(&j->hooks[k].steps, d);
}

void az_graph_check(const struct az_pipeline *p, struct diags *d)
{
    check_variables(&p->variables, d);
    check_stages(p, d);
    for (size_t i = 0; i < p->n_stages; i++) {
        const struct az_stage *s = &p->stages[i];
        check_variables(&s->variables, d);
        check_jobs(s, p->implicit_stage, d);
        for (size_t k = 0; k < s->n_jobs; k++)
            check_job(&s->jobs[k], d);
    }
    az_graph_expressions(p, d);
}
