/*
 * az_param.c - the parameters of a file: how they are declared, and what they are bound to (specification 5.4).
 *
 * A list of {name, type, default, values} is typed and closed; a mapping of names to defaults is the older form, whose
 * scalars are texts and which takes every argument; a file without either takes none.
 */
#include "core/base.h"
#include "doc/suggest.h"
#include "provider/azure/template_priv.h"

static const struct {
    const char *name, *word;
    enum az_type type;
    enum az_shape shape;
    bool root, template;
} types[] = {
    /* table */
    {"string", "String", AZ_TYPE_STRING, AZ_SHAPE_PIPELINE, true, true},
    {"number", "Number", AZ_TYPE_NUMBER, AZ_SHAPE_PIPELINE, true, true},
    {"boolean", "Boolean", AZ_TYPE_BOOLEAN, AZ_SHAPE_PIPELINE, true, true},
    {"object", "Object", AZ_TYPE_OBJECT, AZ_SHAPE_PIPELINE, true, true},
    {"stringList", "StringList", AZ_TYPE_STRING_LIST, AZ_SHAPE_PIPELINE, true, true},
    {"step", "Step", AZ_TYPE_SHAPE, AZ_SHAPE_STEP, true, true},
    {"stepList", "StepList", AZ_TYPE_SHAPE, AZ_SHAPE_STEPS, true, true},
    {"job", "Job", AZ_TYPE_SHAPE, AZ_SHAPE_JOB, true, true},
    {"jobList", "JobList", AZ_TYPE_SHAPE, AZ_SHAPE_JOBS, true, true},
    {"deployment", "Deployment", AZ_TYPE_SHAPE, AZ_SHAPE_DEPLOYMENT, true, true},
    {"deploymentList", "DeploymentList", AZ_TYPE_SHAPE, AZ_SHAPE_DEPLOYMENTS, true, true},
    {"stage", "Stage", AZ_TYPE_SHAPE, AZ_SHAPE_STAGE, true, true},
    {"stageList", "StageList", AZ_TYPE_SHAPE, AZ_SHAPE_STAGES, true, true},
    {"container", "Container", AZ_TYPE_SHAPE, AZ_SHAPE_CONTAINER, true, true},
    {"containerList", "ContainerList", AZ_TYPE_SHAPE, AZ_SHAPE_CONTAINERS, true, true},
    {"environment", "Environment", AZ_TYPE_PICKED, AZ_SHAPE_PIPELINE, true, false},
    {"filePath", "FilePath", AZ_TYPE_PICKED, AZ_SHAPE_PIPELINE, true, false},
    {"pool", "Pool", AZ_TYPE_PICKED, AZ_SHAPE_PIPELINE, true, false},
    {"secureFile", "SecureFile", AZ_TYPE_PICKED, AZ_SHAPE_PIPELINE, true, false},
    {"serviceConnection", "ServiceConnection", AZ_TYPE_PICKED, AZ_SHAPE_PIPELINE, true, false},
    {"legacyObject", "LegacyObject", AZ_TYPE_LEGACY, AZ_SHAPE_PIPELINE, false, true},
};

/* ---- declarations ---- */

static struct az_value *parameters_of(struct az_env *env)
{
    return (struct az_value *)(uintptr_t)env->names.p[0].value;
}

static void set_parameter(struct az_env *env, struct str name, struct az_value *v)
{
    az_set(env->w->x->arena, parameters_of(env), name, v);
}

static bool read_type(struct az_env *env, const struct az_value *v, bool root, struct az_param *p)
{
    struct str name = v ? az_scalar(env->w->x->arena, v) : STR("string");
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_is(name, types[i].name) && (root ? types[i].root : types[i].template)) {
            p->type_name = types[i].name;
            p->type_word = types[i].word;
            p->type = types[i].type;
            p->shape = types[i].shape;
            return true;
        }
    az_error(env->w->x->d, "AZ050", v, "Unexpected value '%.*s'", STR_ARG(name));
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_is_nocase(name, types[i].name))
            az_hint(env->w->x->d,
                    root || types[i].template ? "types are written in this case: %s"
                                              : "a template has no parameters of type %s: take string",
                    types[i].name);
    return false;
}

static bool is_known_key(struct az_env *env, const struct az_pair *pair)
{
    static const char *const keys[] = {"name", "displayName", "type", "default", "values"};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (str_is(pair->key->text, keys[i]))
            return true;
    az_error(env->w->x->d, "AZ051", pair->key, "Unexpected value '%.*s'", STR_ARG(pair->key->text));
    return false;
}

/* One item of the list; false: there is no parameter in it, which was told. */
static bool read_param(struct az_env *env, const struct az_value *item, bool root, struct az_param *p)
{
    struct diags *d = env->w->x->d;
    *p = (struct az_param){.at = item};
    if (item->kind != AZ_OBJECT || item->object.n == 0) {
        az_error(d, "AZ019", item, "Expected a mapping: a parameter with a name");
        return false;
    }
    const struct az_value *first = item->object.p[0].key;
    if (!str_is(first->text, "name")) {
        az_error(d, "AZ051", first, "Unexpected value '%.*s'", STR_ARG(first->text));
        az_hint(d, "`name` comes first in a parameter");
        return false;
    }
    for (size_t i = 1; i < item->object.n; i++)
        is_known_key(env, &item->object.p[i]);
    p->name = az_scalar(env->w->x->arena, item->object.p[0].value);
    p->at = item->object.p[0].value;
    p->standard = az_get(item, STR("default"));
    p->values = az_get(item, STR("values"));
    if (p->name.n == 0) {
        az_error(d, "AZ052", p->at, "A value for the 'name' parameter must be provided.");
        return false;
    }
    return read_type(env, az_get(item, STR("type")), root, p);
}

/* ---- binding ---- */

/* Arguments by name, in any case: the first of a name is it. */
static void gather_given(struct arena *a, const struct az_value *given, struct map *ret)
{
    map_init(ret, a, MAP_NOCASE);
    for (size_t i = 0; given && i < given->object.n; i++)
        if (!map_find(ret, given->object.p[i].key->text))
            map_set(ret, given->object.p[i].key->text, given->object.p[i].value);
}

static void bind_param(struct az_env *env, const struct az_param *p, const struct map *given, bool root)
{
    const struct az_value *v = root ? az_queued(env, p) : map_get(given, p->name);
    struct az_value *standard = p->standard ? az_param_value(env, p, p->standard) : NULL;
    struct az_value *bound = v ? az_param_value(env, p, v) : standard;
    bool list =
        p->type == AZ_TYPE_STRING_LIST || (p->type == AZ_TYPE_SHAPE && str_ends(str_from(p->type_name), STR("List")));
    if (!bound) /* which was told: nothing more is to be found in it */
        bound = list ? az_array(env->w->x->arena) : az_null();
    set_parameter(env, p->name, bound);
}

static void tell_unset(struct az_env *env, const struct az_param *p, const struct az_value *at, bool root)
{
    struct diags *d = env->w->x->d;
    az_error(d, "AZ053", root ? p->at : at, "A value for the '%.*s' parameter must be provided.", STR_ARG(p->name));
    if (root)
        az_hint(d, "--input %.*s=VALUE sets it, and `default:` gives it one", STR_ARG(p->name));
    else
        diag_note(d, "AZ053", p->at->span, "'%.*s' is declared here, without a default", STR_ARG(p->name));
}

static bool is_given(struct az_env *env, const struct az_param *p, const struct map *given, bool root)
{
    if (p->standard)
        return true;
    return root ? map_get_str(&env->w->x->facts->inputs, p->name).p != NULL : map_get(given, p->name) != NULL;
}

static void tell_unexpected(struct az_env *env, const struct az_value *given)
{
    const struct az_value *bound = parameters_of(env);
    for (size_t i = 0; given && i < given->object.n; i++) {
        const struct az_value *key = given->object.p[i].key;
        if (az_get(bound, key->text))
            continue;
        az_error(env->w->x->d, "AZ054", key, "Unexpected parameter '%.*s'", STR_ARG(key->text));
    }
}

/*
 * What is given when the pipeline is queued may be meant for another service's pipeline: only a name that is nearly
 * that of a parameter is told.
 */
static void tell_mistyped(struct az_env *env, const struct az_value *declared)
{
    struct az_expansion *x = env->w->x;
    const struct az_value *bound = parameters_of(env);
    const char **names = arena_array(x->arena, bound->object.n + 1, sizeof *names);
    for (size_t i = 0; i < bound->object.n; i++)
        names[i] = arena_str(x->arena, bound->object.p[i].key->text).p;
    for (size_t i = 0; i < x->facts->inputs.n; i++) {
        struct str given = x->facts->inputs.entries[i].key;
        struct str near = az_get(bound, given) ? STR_NONE : suggest(given, names, bound->object.n);
        if (!near.p)
            continue;
        az_warning(x->d, "AZ060", declared, "The pipeline has no parameter '%.*s', which is given", STR_ARG(given));
        az_hint(x->d, "did you mean '%.*s'?", STR_ARG(near));
    }
}

/* A typed list: every parameter gets a value, and nothing else is passed. */
static void bind_list(struct az_env *env, const struct az_value *declared, const struct az_value *given,
                      const struct az_value *at, bool root)
{
    struct map by_name;
    gather_given(env->w->x->arena, given, &by_name);
    env->strict = true;
    for (size_t i = 0; i < declared->array.n && !env->w->stopped; i++) {
        struct az_param p = {0};
        if (!az_walk_may(env, declared->array.p[i], 1) || !read_param(env, declared->array.p[i], root, &p)) {
            if (p.name.n > 0) /* it is there, of whatever type */
                set_parameter(env, p.name, az_null());
            continue;
        }
        if (az_get(parameters_of(env), p.name)) {
            az_error(env->w->x->d, "AZ055", p.at, "The parameter '%.*s' is declared more than once", STR_ARG(p.name));
            continue;
        }
        if (!is_given(env, &p, &by_name, root))
            tell_unset(env, &p, at, root);
        bind_param(env, &p, &by_name, root);
    }
    if (root)
        tell_mistyped(env, declared);
    else
        tell_unexpected(env, given);
}

/* The older form of templates: defaults by name; every argument is taken. */
static void bind_mapping(struct az_env *env, const struct az_value *declared, const struct az_value *given)
{
    for (size_t i = 0; i < declared->object.n; i++) {
        const struct az_pair *p = &declared->object.p[i];
        set_parameter(env, p->key->text, az_as_texts(env, az_param_default(env, p->value)));
    }
    for (size_t i = 0; given && i < given->object.n; i++) {
        const struct az_pair *p = &given->object.p[i];
        set_parameter(env, p->key->text, az_as_texts(env, p->value));
    }
}

void az_bind(struct az_env *env, const struct az_value *declared, const struct az_value *given,
             const struct az_value *at, bool root)
{
    if (!declared || (az_is_scalar(declared) && az_scalar(env->w->x->arena, declared).n == 0))
        return;
    if (declared->kind == AZ_ARRAY)
        bind_list(env, declared, given, at, root);
    else if (declared->kind == AZ_OBJECT)
        bind_mapping(env, declared, given);
    else
        az_error(env->w->x->d, "AZ019", declared, "Expected a sequence");
}
