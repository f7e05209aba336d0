/*
 * az_expand.c - from the root file to one tree (specification 1, 3.1, 5).
 *
 * The order at a root: parameters are bound, resources.repositories are read, then the variables, then the rest; what
 * it extends comes last and stands where `extends` stood.
 */
#include "core/base.h"
#include "provider/azure/template_priv.h"

/* ---- extends ---- */

static void defined_twice(struct az_env *env, const struct az_value *key)
{
    az_error(env->w->x->d, "AZ003", key, "'%.*s' is already defined", STR_ARG(key->text));
    az_hint(env->w->x->d, "the pipeline and the template that it extends both have it");
}

static void push_all(struct arena *a, struct az_value *to, const struct az_value *from)
{
    for (size_t i = 0; i < from->array.n; i++)
        az_push(a, to, from->array.p[i]);
}

/* Resources of both: their lists are put behind each other. */
static struct az_value *join_resources(struct az_env *env, const struct az_value *own, const struct az_value *other)
{
    struct arena *a = env->w->x->arena;
    if (own->kind != AZ_OBJECT || other->kind != AZ_OBJECT)
        return az_at(a, own, own);
    struct az_value *all = az_at(a, az_object(a, false), own);
    for (size_t i = 0; i < own->object.n; i++)
        az_add(a, all, own->object.p[i].key, own->object.p[i].value);
    for (size_t i = 0; i < other->object.n; i++) {
        const struct az_pair *p = &other->object.p[i];
        const struct az_value *first = az_get(own, p->key->text);
        if (first && (first->kind != AZ_ARRAY || p->value->kind != AZ_ARRAY))
            continue;
        struct az_value *list = p->value;
        if (first) {
            list = az_at(a, az_array(a), first);
            push_all(a, list, first);
            push_all(a, list, p->value);
        }
        az_set(a, all, p->key->text, list);
    }
    return all;
}

static void add_extended(struct az_env *env, struct az_value *to, const struct az_value *own,
                         const struct az_value *template)
{
    struct arena *a = env->w->x->arena;
    for (size_t i = 0; i < template->object.n; i++) {
        const struct az_pair *p = &template->object.p[i];
        const struct az_value *mine = az_get(own, p->key->text);
        if (str_is(p->key->text, "parameters"))
            continue;
        if (!mine)
            az_add(a, to, p->key, p->value);
        else if (str_is(p->key->text, "resources"))
            az_set(a, to, p->key->text, join_resources(env, mine, p->value));
        else
            defined_twice(env, p->key);
    }
}

/* The root with its template in the stead of `extends`. */
static struct az_value *extended(struct az_env *env, struct az_value *own)
{
    const struct az_value *reference = az_get(own, STR("extends"));
    struct arena *a = env->w->x->arena;
    if (!reference)
        return own;
    const struct az_value *template = az_extend(env, reference);
    struct az_value *all = az_at(a, az_object(a, false), own);
    for (size_t i = 0; i < own->object.n; i++) {
        const struct az_pair *p = &own->object.p[i];
        if (!str_is(p->key->text, "extends"))
            az_add(a, all, p->key, p->value);
    }
    if (template)
        add_extended(env, all, own, template);
    return all;
}

/* ---- a root ---- */

static const struct az_value *written(const struct az_node *root, const char *key)
{
    return root->value->kind == AZ_OBJECT ? az_get(root->value, str_from(key)) : NULL;
}

struct az_value *az_walk_root(struct az_env *env, const struct az_node *root, const struct az_value *given,
                              const struct az_value *at)
{
    if (root->value->kind != AZ_OBJECT) {
        az_error(env->w->x->d, "AZ004", root->value, "Expected a mapping: the file holds no pipeline");
        return NULL;
    }
    az_bind(env, written(root, "parameters"), given, at, env->frame->parent == NULL);
    if (env->w->stopped)
        return NULL;
    struct az_value *all = az_walk_members(env, root, AZ_ROLE_PIPELINE);
    return extended(env, all);
}

/* ---- the pipeline ---- */

bool az_is_template(const struct az_value *root)
{
    static const char *const bodies[] = {"steps", "jobs", "stages", "variables"};
    size_t n = 0;
    if (root->kind != AZ_OBJECT || !az_get(root, STR("parameters")))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
        n += az_get(root, str_from(bodies[i])) != NULL;
    return n == 1 && root->object.n == 2;
}

void az_expand_open(struct az_expansion *x, struct str path, uint32_t source)
{
    if (x->repos.n == 0)
        vec_push_in(x->arena, &x->repos, ((struct az_repo){.alias = STR("self")}));
    struct az_repo *self = ARENA_NEW(x->arena, struct az_repo);
    x->frame = ARENA_NEW(x->arena, struct az_frame);
    *self = x->repos.p[0];
    *x->frame = (struct az_frame){.path = path, .repo = self};
    x->source = az_load(x->arena, source, x->frame, x->d);
}

struct az_value *az_expand(struct az_expansion *x, struct str path, uint32_t source)
{
    struct az_walk w = {.x = x};
    struct az_env env;
    if (!x->frame)
        az_expand_open(x, path, source);
    struct az_file *file = az_file_of(&w, source, path, x->frame);
    if (!file->root)
        return NULL;
    az_env_init(&env, &w, x->frame);
    env.pipeline = true;
    struct az_value *all = az_walk_root(&env, file->root, NULL, NULL);
    x->parameters = (struct az_value *)(uintptr_t)env.names.p[0].value;
    return w.stopped ? NULL : all;
}
