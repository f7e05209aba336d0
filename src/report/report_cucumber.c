/*
 * report_cucumber.c - Cucumber's JSON: features with elements (backgrounds and scenarios) with steps and hooks.
 *
 * A scenario is a case; its state is the worst of its steps and hooks, those of the background before it included:
 * failed, then undefined and pending (unknown), then skipped, then passed. Durations are nanoseconds.
 */
#include "core/base.h"
#include "report/report_priv.h"

/* Of a scenario so far. */
struct outcome {
    unsigned rank; /* 0: nothing ran */
    double nanoseconds;
    struct str step, error; /* of the first step that made it so bad */
    const char *status;
};

struct status {
    const char *word;
    unsigned rank;
    enum report_state state;
};

static const struct status statuses[] = {
    {"unknown", 0, CASE_UNKNOWN},   {"passed", 1, CASE_SUCCEEDED}, {"skipped", 2, CASE_SKIPPED},
    {"undefined", 3, CASE_UNKNOWN}, {"pending", 3, CASE_UNKNOWN},  {"ambiguous", 4, CASE_FAILED},
    {"failed", 4, CASE_FAILED},
};

static const struct status *find_status(struct str word)
{
    for (size_t i = 1; i < ARRAY_LEN(statuses); i++)
        if (str_is_nocase(word, statuses[i].word))
            return &statuses[i];
    return &statuses[3]; /* a step without a result was not defined, or its writer is newer than this list */
}

static size_t list_len(const struct value *v)
{
    return v && v->kind == VALUE_ARRAY ? v->array.n : 0;
}

static double number(const struct value *v)
{
    return v && v->kind == VALUE_NUMBER && v->number > 0 ? v->number : 0;
}

static void add_result(struct outcome *o, const struct value *item)
{
    const struct value *result = value_get(item, STR("result"));
    const struct status *status = find_status(value_get_str(result, "status"));
    o->nanoseconds += number(value_get(result, STR("duration")));
    if (status->rank <= o->rank)
        return;
    o->rank = status->rank;
    o->status = status->word;
    o->step = value_get_str(item, "name");
    o->error = value_get_str(result, "error_message");
}

static void add_results(struct outcome *o, const struct value *list)
{
    for (size_t i = 0; i < list_len(list); i++) {
        const struct value *item = list->array.p[i];
        add_result(o, item);
        add_results(o, value_get(item, STR("before"))); /* hooks of one step */
        add_results(o, value_get(item, STR("after")));
    }
}

static void add_element(struct outcome *o, const struct value *element)
{
    add_results(o, value_get(element, STR("before")));
    add_results(o, value_get(element, STR("steps")));
    add_results(o, value_get(element, STR("after")));
}

static enum report_state state_of(const struct outcome *o)
{
    return o->rank ? find_status(str_from(o->status))->state : CASE_UNKNOWN;
}

static void add_scenario(struct report_into *to, const struct value *feature, const struct value *scenario,
                         const struct outcome *o)
{
    struct arena *a = to->a;
    double line = number(value_get(scenario, STR("line")));
    struct report_case c;
    report_begin(to, &c);
    c = (struct report_case){
        .suite = arena_str(a, value_get_str(feature, "name")),
        .name = arena_str(a, value_get_str(scenario, "name")),
        .file = arena_str(a, value_get_str(feature, "uri")),
        .line = line < 1e9 ? (unsigned)line : 0,
        .state = state_of(o),
        .seconds = o->nanoseconds / 1e9,
    };
    if (o->rank > 1) {
        struct str step = o->step.n ? arena_printf(a, "the step '%.*s' is %s", STR_ARG(o->step), o->status) : STR_NONE;
        report_why(to, &c, o->error.n ? o->error : step, o->error);
    }
    report_add(to, &c);
}

static void read_feature(struct report_into *to, const struct value *feature)
{
    const struct value *elements = value_get(feature, STR("elements"));
    struct outcome before = {0};
    for (size_t i = 0; i < list_len(elements); i++) {
        const struct value *element = elements->array.p[i];
        struct str type = value_get_str(element, "type"), keyword = value_get_str(element, "keyword");
        bool background = type.n ? str_is(type, "background") : str_is(keyword, "Background");
        struct outcome o = background ? (struct outcome){0} : before;
        add_element(&o, element);
        before = background ? o : (struct outcome){0};
        if (!background)
            add_scenario(to, feature, element, &o);
    }
}

int report_cucumber(struct report_into *to, struct str text, struct err *e)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct value *features;
    int rc = report_json(a, text, &features, e);
    if (rc < 0)
        return rc;
    if (features->kind != VALUE_ARRAY)
        return err_set(e, EINVAL, "line 1: a list of features is a Cucumber report, this is something else");
    for (size_t i = 0; i < features->array.n; i++)
        read_feature(to, features->array.p[i]);
    return 0;
}
