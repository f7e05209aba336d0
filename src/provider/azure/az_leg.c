/*
 * az_leg.c - a leg that runs steps: which machine it asks for, what it lacks here, its limits and its container
 * (specification 3.4).
 *
 * A Linux machine stands for the images of Ubuntu and for pools of one's own; what asks for another system is left out
 * by name. Containers are read and named, but steps run on this host; services are not run.
 */
#include "core/base.h"
#include "provider/azure/plan_priv.h"
#include "provider/azure/run_priv.h"

#define JOB_MINUTES 60.0
#define CANCEL_MINUTES 5.0
#define MINUTES_MAX 1e7 /* twenty years */

struct filling {
    struct arena *a;
    struct leg *leg;
    struct az_leg *impl;
    const struct az_asking *q;
    const struct facts *f;
    struct az_vars settled; /* as the agent would see them */
};

/* A text that may be evaluated or have macros. */
static int text_of(const struct filling *t, struct str written, struct str *ret, struct err *e)
{
    struct az_asking q = *t->q;
    q.vars = &t->settled;
    int rc = az_runtime_text(&q, written, ret, NULL, e);
    if (rc == 0)
        *ret = str_trim(az_macros(t->a, &t->settled, *ret, NULL));
    return rc;
}

/* ---- the machine ---- */

static bool begins_nocase(struct str s, const char *front)
{
    size_t n = strlen(front);
    return s.n >= n && str_is_nocase(str_sub(s, 0, n), front);
}

static bool is_foreign(struct str image)
{
    static const char *const fronts[] = {"windows", "win10", "macos", "mac-", "vs2", "vmware_macos"};
    for (size_t i = 0; i < ARRAY_LEN(fronts); i++)
        if (begins_nocase(image, fronts[i]))
            return true;
    return false;
}

/* `Agent.OS -equals Windows_NT`: the system that it asks for, when it is not this one; else empty. */
static struct str foreign_demand(const struct filling *t, const struct az_pool *pool)
{
    for (size_t i = 0; i < pool->demands.n; i++) {
        struct str rest = az_macros(t->a, &t->settled, pool->demands.p[i], NULL), word, words[3] = {0};
        size_t n = 0;
        while (n < 3 && str_next(&rest, ' ', &word))
            if (word.n > 0)
                words[n++] = word;
        if (n == 3 && str_is_nocase(words[0], "Agent.OS") && str_is_nocase(words[1], "-equals") &&
            !str_is_nocase(words[2], "Linux"))
            return words[2];
    }
    return STR("");
}

static void lacks(struct filling *t, struct str what)
{
    t->leg->lacks = what;
    t->leg->skip = arena_printf(t->a, "needs %.*s", STR_ARG(what));
    t->leg->lacks_help =
        arena_printf(t->a, "this machine is none; --platform %.*s=host takes it for one", STR_ARG(what));
}

static const struct az_pool *pool_of(const struct az_job_run *run)
{
    return run->hook && run->hook->pool.set ? &run->hook->pool : &run->job->pool;
}

static void find_machine(struct filling *t)
{
    const struct az_pool *pool = pool_of(t->impl->job);
    struct leg *leg = t->leg;
    struct str image = str_trim(az_macros(t->a, &t->settled, pool->vm_image, NULL));
    struct str name = str_trim(az_macros(t->a, &t->settled, pool->name, NULL));
    leg->skip = leg->lacks = leg->lacks_help = STR("");
    leg->label = image.n > 0 ? image : name;
    struct str where = leg->label.n > 0 ? map_get_str(&t->f->platforms, leg->label) : STR_NONE;
    if (str_is(where, "host"))
        return;
    struct str demand = foreign_demand(t, pool);
    if (where.n > 0) {
        leg->lacks = leg->label;
        leg->skip = arena_printf(t->a, "needs the image %.*s", STR_ARG(where));
        leg->lacks_help =
            arena_printf(t->a, "the image %.*s that --platform names; this version runs no images", STR_ARG(where));
    } else if (is_foreign(image) || (image.n == 0 && is_foreign(name))) {
        lacks(t, leg->label);
    } else if (demand.n > 0) {
        leg->skip = arena_printf(t->a, "needs an agent of %.*s", STR_ARG(demand));
        leg->lacks = demand;
        leg->lacks_help = STR("this machine runs Linux");
    }
}

/* ---- what else keeps it from running ---- */

/* `pool: server`: only a wait can be done without an agent. */
static void check_agentless(struct filling *t)
{
    const struct az_pool *pool = pool_of(t->impl->job);
    if (!str_is_nocase(pool->name, "server") || pool->vm_image.n > 0)
        return;
    for (size_t i = 0; i < t->impl->steps->n; i++) {
        const struct az_step *s = &t->impl->steps->p[i];
        if (s->enabled && !str_is_nocase(s->task, "Delay")) {
            t->leg->skip = arena_printf(t->a, "an agentless job (pool: server) can only wait here, and has %.*s@%.*s",
                                        STR_ARG(s->task), STR_ARG(s->version));
            return;
        }
    }
}

static void check_tools(struct filling *t)
{
    struct str what = STR(""), help = STR("");
    if (t->leg->skip.n > 0 || t->f->skip_unknown)
        return;
    if (az_tool_missing(t->a, t->impl->steps, &t->settled, t->f, &what, &help))
        t->leg->skip = help.n > 0 ? arena_printf(t->a, "%.*s: %.*s", STR_ARG(what), STR_ARG(help)) : what;
}

static int find_container(struct filling *t, struct err *e)
{
    const struct az_job *job = t->impl->job->job;
    struct str name;
    int rc = text_of(t, job->container, &name, e);
    if (rc < 0)
        return err_wrap(e, "container");
    t->impl->container = name;
    const struct az_pipeline *p = t->impl->job->model->pipeline;
    for (size_t i = 0; i < p->n_containers; i++)
        if (str_eq_nocase(p->containers[i].alias, name))
            t->impl->container = az_macros(t->a, &t->settled, p->containers[i].image, NULL);
    if (name.n > 0 && str_eq(name, job->container) && job->container_image.n > 0)
        t->impl->container = az_macros(t->a, &t->settled, job->container_image, NULL);
    if (job->services && t->leg->skip.n == 0)
        t->leg->skip = STR("needs a container engine, which this version does not have: services");
    return 0;
}

/* ---- limits ---- */

static int minutes_of(struct filling *t, struct str written, const char *what, double absent, int64_t *ret,
                      struct err *e)
{
    struct str text;
    double minutes = absent;
    bool unknown = false;
    int rc = text_of(t, written, &text, e);
    unknown = rc == 0 && (az_is_runtime(text) || str_starts(text, STR("$("))) && t->q->preview;
    if (rc < 0)
        return err_wrap(e, "%s", what);
    if (text.n > 0 && !unknown && (!az_number_read(text, &minutes) || minutes < 0))
        return err_set(e, EINVAL, "%s: '%.*s' is no number of minutes", what, STR_ARG(text));
    *ret = (int64_t)((minutes > MINUTES_MAX ? MINUTES_MAX : minutes) * 60e9);
    return 0;
}

static int find_limits(struct filling *t, struct err *e)
{
    const struct az_job *job = t->impl->job->job;
    int rc = minutes_of(t, job->timeout_minutes, "timeoutInMinutes", JOB_MINUTES, &t->leg->timeout_ns, e);
    if (rc == 0)
        rc = minutes_of(t, job->cancel_timeout_minutes, "cancelTimeoutInMinutes", CANCEL_MINUTES,
                        &t->leg->cancel_timeout_ns, e);
    return rc;
}

static int find_forgiving(struct filling *t, struct err *e)
{
    struct str text;
    bool forgives = false;
    int rc = text_of(t, t->impl->job->job->continue_on_error, &text, e);
    if (rc < 0)
        return err_wrap(e, "continueOnError");
    if (text.n > 0 && !az_schema_bool(text, &forgives) && !t->q->preview)
        return err_set(e, EINVAL, "continueOnError: '%.*s' is no boolean", STR_ARG(text));
    t->impl->continue_on_error = text.n == 0 ? STR("") : forgives ? STR("true") : STR("false");
    return 0;
}

int az_fill_leg(struct leg *leg, const struct az_asking *q, const struct facts *f, struct err *e)
{
    struct filling t = {.a = q->arena, .leg = leg, .impl = leg->impl, .q = q, .f = f};
    int rc;
    az_vars_init(&t.settled, t.a);
    az_vars_copy(&t.settled, &t.impl->vars);
    az_vars_settle(&t.settled);
    find_machine(&t);
    if ((rc = find_container(&t, e)) < 0 || (rc = find_limits(&t, e)) < 0 || (rc = find_forgiving(&t, e)) < 0)
        return rc;
    if (leg->skip.n == 0)
        check_agentless(&t);
    check_tools(&t);
    return 0;
}
