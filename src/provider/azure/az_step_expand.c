/*
 * az_step_expand.c - what a step's texts are at its turn (specification 6.5, 9.1): variables within variables, macros,
 * then the agent's own environment; inputs with their defaults, trimmed; env; its numbers.
 */
#include "core/base.h"
#include "provider/azure/agent_priv.h"

#include "core/num.h"
#include "core/path.h"

#define NS_PER_MINUTE 60e9
#define MINUTES_MAX 525600 /* a year */

/* ---- texts ---- */

/* $(HOME) of what the agent itself was started with; names are told apart by case. */
static struct str agent_variable(const struct az_run *r, struct str name)
{
    if (str_is(name, "HOME"))
        return r->home;
    return map_get_str(&r->facts->base_env, name);
}

static struct str expand_agent(struct az_run *r, struct str text)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    struct str open = STR("$("), value;
    size_t from = 0;
    if (str_find(text, open) < 0)
        return text;
    while (from < text.n) {
        ssize_t at = str_find_from(text, from, open);
        ssize_t end = at < 0 ? -1 : str_find_from(text, (size_t)at, STR(")"));
        if (end < 0)
            break;
        value = agent_variable(r, str_sub(text, (size_t)at + open.n, (size_t)end));
        buf_add(&b, str_sub(text, from, (size_t)at));
        buf_add(&b, value.p != NULL ? value : STR("$"));
        from = value.p != NULL ? (size_t)end + 1 : (size_t)at + 1;
    }
    buf_add(&b, str_from_index(text, from));
    return b.over ? text : arena_str(r->arena, buf_str(&b));
}

struct str az_expand_text(struct az_run *r, struct str text)
{
    return expand_agent(r, az_macros(r->arena, &r->vars, text, NULL));
}

/* Variables as this step sees them; what is set from now on is for later ones. */
void az_step_variables(struct az_run *r)
{
    az_vars_init(&r->vars, r->arena);
    az_vars_copy(&r->vars, &az_agent(r)->raw);
    az_vars_settle(&r->vars);
    az_mask_vars(r, &r->vars);
    az_agent(r)->debug = str_is_nocase(az_vars_get(&r->vars, "System.Debug"), "true");
    az_agent(r)->decode_percents = !str_is_nocase(az_vars_get(&r->vars, "DECODE_PERCENTS"), "false");
}

/* ---- inputs and env ---- */

static void take_inputs(struct az_step_run *s)
{
    const struct map *given = &s->t.step->inputs;
    for (size_t i = 0; i < given->n; i++) {
        struct str key = given->entries[i].key, value = az_expand_text(s->t.run, map_get_str(given, key));
        map_set_str(&s->t.inputs, key, str_trim(value));
    }
}

/* By its other name, else its default. */
static void fill_input(struct az_step_run *s, const struct az_input *in)
{
    struct str name = str_from(in->name), value = map_get_str(&s->t.inputs, name);
    if (value.p == NULL && in->alias != NULL)
        value = map_get_str(&s->t.inputs, str_from(in->alias));
    if (value.p == NULL && in->fallback != NULL)
        value = str_trim(az_expand_text(s->t.run, str_from(in->fallback)));
    if (value.p != NULL)
        map_set_str(&s->t.inputs, name, value);
    if (in->required && value.n == 0)
        az_fail(&s->t, "Input required: %s", in->name);
}

void az_step_inputs(struct az_step_run *s)
{
    const struct map *env = &s->t.step->env;
    map_init(&s->t.inputs, s->t.run->arena, MAP_NOCASE);
    map_init(&s->t.env, s->t.run->arena, MAP_CASE);
    for (size_t i = 0; i < env->n; i++) {
        struct str key = env->entries[i].key;
        map_set_str(&s->t.env, key, str_trim(az_expand_text(s->t.run, map_get_str(env, key))));
    }
    take_inputs(s);
    for (const struct az_input *in = s->t.task->inputs; in != NULL && in->name != NULL; in++)
        fill_input(s, in);
}

/* ---- what it is called ---- */

struct str az_step_title(struct az_run *r, const struct az_step *step)
{
    struct str name = str_trim(az_macros(r->arena, &r->vars, step->display_name, NULL));
    if (name.n > 0)
        return name;
    if (str_is_nocase(step->task, AZ_CHECKOUT_TASK))
        return az_checkout_title(r, step);
    return az_task_title(r->arena, step);
}

/* ---- numbers ---- */

static struct str number_text(struct az_step_run *s, struct str text)
{
    return str_trim(az_expand_text(s->t.run, text));
}

void az_step_limits(struct az_step_run *s)
{
    const struct az_step *step = s->t.step;
    double minutes = 0;
    uint64_t retries = 0;
    struct str text = number_text(s, step->timeout_minutes);
    if (text.n > 0 && num_parse_double(text, &minutes) < 0)
        az_warn(&s->t, "timeoutInMinutes: '%.*s' is no number, so that the step has no limit", STR_ARG(text));
    if (minutes > 0)
        s->timeout_ns = (int64_t)((minutes < MINUTES_MAX ? minutes : MINUTES_MAX) * NS_PER_MINUTE);
    text = number_text(s, step->retries);
    if (text.n > 0 && num_parse_u64(text, UINT32_MAX, &retries) < 0)
        az_warn(&s->t, "retryCountOnTaskFailure: '%.*s' is no number, so that the step runs once", STR_ARG(text));
    s->retries = retries < AZ_RETRIES_MAX ? (unsigned)retries : AZ_RETRIES_MAX;
}

bool az_step_forgiven(struct az_step_run *s)
{
    bool ret = false;
    struct str text = number_text(s, s->t.step->continue_on_error);
    return !s->t.post && az_schema_bool(text, &ret) && ret;
}
