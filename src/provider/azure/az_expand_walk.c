/*
 * az_expand_walk.c - the walk: values of nodes (specification 5.2).
 *
 * Mappings and sequences are gone through in order. A directive's body adds to the mapping or list that the directive
 * stands in; a chain of if, elseif and else remembers whether one of it was taken. What holds no expression is shared,
 * not copied; where its role may hold references to templates, az_expand_settle.c looks for them.
 */
#include "core/base.h"
#include "provider/azure/template_priv.h"

enum chain { NO_CHAIN, CHAIN_OPEN, CHAIN_TAKEN };

static struct arena *arena_of(const struct az_env *env)
{
    return env->w->x->arena;
}

static struct az_value *made(struct az_env *env, enum az_kind kind, const struct az_value *at)
{
    struct az_value *v = kind == AZ_ARRAY ? az_array(arena_of(env)) : az_object(arena_of(env), false);
    return az_at(arena_of(env), v, at);
}

/* ---- directives ---- */

/* Is the body of this if, elseif or else taken? */
static bool is_taken(struct az_env *env, const struct az_member *m, enum chain *chain)
{
    if (m->how != AZ_IF && *chain == NO_CHAIN) {
        struct str word = m->how == AZ_ELSE ? STR("else") : STR("elseif");
        az_error(env->w->x->d, "AZ012", m->key,
                 "The directive '%.*s' is not supported in this context: no 'if' stands before it", STR_ARG(word));
        return false;
    }
    bool lost = m->how != AZ_IF && *chain == CHAIN_TAKEN;
    if (m->how == AZ_ELSE) {
        *chain = NO_CHAIN;
        return !lost;
    }
    if (lost)
        return false;
    const struct az_value *v = az_walk_piece(env, m->key, &m->of);
    /* after a fault neither this body nor the others are wanted */
    *chain = !v || az_truth(v) ? CHAIN_TAKEN : CHAIN_OPEN;
    return v && az_truth(v);
}

/* What a loop variable is for the i-th item. A pair is the service's own object: `.Key` and `.Value` do as well. */
static struct az_value *item_of(struct az_env *env, const struct az_value *of, size_t i)
{
    if (of->kind == AZ_ARRAY)
        return of->array.p[i];
    struct az_value *pair = az_object(arena_of(env), true);
    az_set(arena_of(env), pair, STR("key"), of->object.p[i].key);
    az_set(arena_of(env), pair, STR("value"), of->object.p[i].value);
    return pair;
}

/* What an `each` goes through; NULL: nothing. */
static const struct az_value *items_of(struct az_env *env, const struct az_member *m, size_t *ret_n)
{
    const struct az_value *of = az_walk_piece(env, m->key, &m->of);
    if (!of || of->kind == AZ_NULL || (of->kind == AZ_STRING && of->text.n == 0))
        return NULL;
    if (az_is_scalar(of)) {
        az_error_in(env->w->x->d, "AZ017", m->key, m->of.at, m->of.len,
                    "Expected a sequence or mapping. Actual value '%.*s'", STR_ARG(az_scalar(arena_of(env), of)));
        return NULL;
    }
    *ret_n = of->kind == AZ_ARRAY ? of->array.n : of->object.n;
    return of;
}

/* A mapping's or a list's directive: what its body adds to. */
struct target {
    struct az_making *object; /* NULL: a list */
    struct az_value *list;
    enum az_role role;
};

static void add_body(struct az_env *env, const struct az_member *m, const struct target *to);

static void walk_each(struct az_env *env, const struct az_member *m, const struct target *to)
{
    size_t n = 0;
    const struct az_value *of = items_of(env, m, &n);
    for (size_t i = 0; of && i < n && az_walk_may(env, m->key, 1); i++) {
        vec_push_in(arena_of(env), &env->names, ((struct az_named){m->variable, item_of(env, of, i)}));
        add_body(env, m, to);
        env->names.n--;
    }
}

static void walk_directive(struct az_env *env, const struct az_member *m, enum chain *chain, const struct target *to)
{
    if (to->role == AZ_ROLE_REPOSITORIES || to->role == AZ_ROLE_TRIGGER) {
        az_error(env->w->x->d, "AZ018", m->key,
                 to->role == AZ_ROLE_TRIGGER
                     ? "A mapping was not expected: triggers take no directives"
                     : "A template expression is not allowed in this context: repositories take no directives");
        return;
    }
    if (m->how == AZ_EACH || m->how == AZ_INSERT)
        *chain = NO_CHAIN;
    if (m->how == AZ_EACH)
        walk_each(env, m, to);
    else if (m->how == AZ_INSERT || is_taken(env, m, chain))
        add_body(env, m, to);
}

/* ---- mappings ---- */

/* The key that is there already; NULL: there is none. */
static const struct az_value *seen_key(struct az_env *env, struct az_making *m, struct az_value *key)
{
    const size_t few = 16;
    struct az_value *o = m->object;
    if (o->object.n < few) {
        for (size_t i = 0; i < o->object.n; i++)
            if (str_eq_nocase(o->object.p[i].key->text, key->text))
                return o->object.p[i].key;
        return NULL;
    }
    if (!m->seen) {
        m->seen = ARENA_NEW(arena_of(env), struct map);
        map_init(m->seen, arena_of(env), MAP_NOCASE);
        for (size_t i = 0; i < o->object.n; i++)
            map_set(m->seen, o->object.p[i].key->text, o->object.p[i].key);
    }
    const struct az_value *first = map_get(m->seen, key->text);
    if (!first)
        map_set(m->seen, key->text, key);
    return first;
}

void az_add_pair(struct az_env *env, struct az_making *m, struct az_value *key, struct az_value *value)
{
    struct diags *d = env->w->x->d;
    if (!az_walk_may(env, key, 1))
        return;
    const struct az_value *first = seen_key(env, m, key);
    if (first) {
        az_error(d, "AZ003", key, "'%.*s' is already defined", STR_ARG(key->text));
        diag_note(d, "AZ003", first->span, "'%.*s' stands here first", STR_ARG(first->text));
        return;
    }
    az_add(arena_of(env), m->object, key, value);
    if (m->role == AZ_ROLE_VARIABLES)
        az_scope_pair(env, key, value);
}

/* The pairs of a value without expressions. */
static void add_pairs(struct az_env *env, const struct az_value *v, struct az_making *to)
{
    for (size_t i = 0; i < v->object.n && !env->w->stopped; i++) {
        const struct az_pair *p = &v->object.p[i];
        az_add_pair(env, to, p->key, az_settle_value(env, p->value, az_role_of(to->role, p->key->text)));
    }
}

static void add_members(struct az_env *env, const struct az_node *n, struct az_making *to);

static void expected(struct az_env *env, const struct az_node *body, const char *what)
{
    az_error(env->w->x->d, "AZ019", body->value, "Expected a %s", what);
}

/* What a node is, evaluated when it is a text. */
static const struct az_value *body_value(struct az_env *env, const struct az_node *body)
{
    return body->text && body->text->n > 0 ? az_walk_text(env, body->value, body->text) : body->value;
}

static void add_to_object(struct az_env *env, const struct az_node *body, struct az_making *to)
{
    if (body->active && body->value->kind == AZ_OBJECT) {
        add_members(env, body, to);
        return;
    }
    size_t errors = env->w->x->d->errors;
    const struct az_value *v = body_value(env, body);
    if (v->kind == AZ_OBJECT)
        add_pairs(env, v, to);
    else if (env->w->x->d->errors == errors)
        expected(env, body, "mapping");
}

/* A key that is an expression; NULL: it is none. */
static struct az_value *key_of(struct az_env *env, const struct az_member *m)
{
    size_t errors = env->w->x->d->errors;
    struct az_value *v = az_walk_text(env, m->key, &m->text);
    if (env->w->x->d->errors > errors)
        return NULL;
    if (!az_is_scalar(v)) {
        az_error(env->w->x->d, "AZ019", m->key, "Expected a scalar value");
        return NULL;
    }
    return az_at(arena_of(env), az_string(arena_of(env), az_scalar(arena_of(env), v)), m->key);
}

static void add_member(struct az_env *env, const struct az_member *m, struct az_making *to)
{
    struct az_value *key = m->how == AZ_KEY ? (struct az_value *)(uintptr_t)m->key : key_of(env, m);
    if (key)
        az_add_pair(env, to, key, az_walk_node(env, m->value, az_role_of(to->role, key->text)));
}

/* What later expressions of a mapping need, wherever in it that stands: evaluated first. */
struct early {
    struct az_value *resources, *variables;
};

static struct az_value **early_of(enum az_role role, const struct az_member *m, struct early *e)
{
    bool scoped = role == AZ_ROLE_PIPELINE || role == AZ_ROLE_STAGE || role == AZ_ROLE_JOB;
    if (m->how != AZ_KEY || !scoped)
        return NULL;
    if (role == AZ_ROLE_PIPELINE && str_is(m->key->text, "resources"))
        return &e->resources;
    return str_is(m->key->text, "variables") ? &e->variables : NULL;
}

static void walk_early(struct az_env *env, const struct az_node *n, enum az_role role, struct early *e)
{
    for (size_t i = 0; i < n->value->object.n; i++)
        if (early_of(role, &n->members[i], e) == &e->resources)
            e->resources = az_walk_node(env, n->members[i].value, AZ_ROLE_RESOURCES);
    if (e->resources && env->pipeline)
        az_read_repositories(env, e->resources);
    for (size_t i = 0; i < n->value->object.n; i++)
        if (early_of(role, &n->members[i], e) == &e->variables)
            e->variables = az_walk_node(env, n->members[i].value, AZ_ROLE_VARIABLES);
}

static void add_members(struct az_env *env, const struct az_node *n, struct az_making *to)
{
    enum chain chain = NO_CHAIN;
    const struct target target = {.object = to, .role = to->role};
    struct early early = {0};
    walk_early(env, n, to->role, &early);
    for (size_t i = 0; i < n->value->object.n && !env->w->stopped; i++) {
        const struct az_member *m = &n->members[i];
        struct az_value **before = early_of(to->role, m, &early);
        if (before && *before)
            az_add_pair(env, to, (struct az_value *)(uintptr_t)m->key, *before);
        else if (m->how == AZ_KEY || m->how == AZ_KEY_EXPRESSION)
            add_member(env, m, to);
        else if (m->how != AZ_KEY_WRONG)
            walk_directive(env, m, &chain, &target);
    }
}

struct az_value *az_walk_members(struct az_env *env, const struct az_node *n, enum az_role role)
{
    struct az_making m = {.object = made(env, AZ_OBJECT, n->value), .role = role};
    add_members(env, n, &m);
    return m.object;
}

/* Stages and jobs have variables of their own. */
static struct az_value *walk_object(struct az_env *env, const struct az_node *n, enum az_role role)
{
    bool scope = n->scopes && (role == AZ_ROLE_STAGE || role == AZ_ROLE_JOB);
    const struct az_value *outer = scope ? az_scope_open(env) : NULL;
    struct az_value *v = az_walk_members(env, n, role);
    if (scope)
        az_scope_close(env, outer);
    return v;
}

/* ---- lists ---- */

static void add_items(struct az_env *env, const struct az_node *n, const struct target *to);

/* The items of a list without expressions, or one item. */
static void add_value(struct az_env *env, const struct az_value *v, const struct target *to)
{
    if (v->kind != AZ_ARRAY) {
        az_push_item(env, to->list, az_settle_value(env, v, az_role_item(to->role)), to->role);
        return;
    }
    for (size_t i = 0; i < v->array.n && !env->w->stopped; i++)
        az_push_item(env, to->list, az_settle_value(env, v->array.p[i], az_role_item(to->role)), to->role);
}

static void add_to_list(struct az_env *env, const struct az_node *body, const struct target *to)
{
    if (body->active && body->value->kind == AZ_ARRAY)
        add_items(env, body, to);
    else if (body->active && body->value->kind == AZ_OBJECT)
        az_push_item(env, to->list, walk_object(env, body, az_role_item(to->role)), to->role);
    else {
        size_t errors = env->w->x->d->errors;
        const struct az_value *v = body_value(env, body);
        if (!az_is_scalar(v))
            add_value(env, v, to);
        else if (env->w->x->d->errors == errors)
            expected(env, body, "sequence or mapping");
    }
}

static void add_body(struct az_env *env, const struct az_member *m, const struct target *to)
{
    if (!az_walk_down(env, m->key))
        return;
    if (to->object)
        add_to_object(env, m->value, to->object);
    else
        add_to_list(env, m->value, to);
    az_walk_up(env);
}

/*
 * An item that is a directive and nothing else adds to the list. A mapping below `each` is no body of items: all of its
 * rounds make one item, as `${{ each pair in step }}` copies a step; so does that of `insert`.
 */
static const struct az_member *directive_of(const struct az_node *item)
{
    if (!item->active || item->value->kind != AZ_OBJECT || item->value->object.n != 1)
        return NULL;
    const struct az_member *m = &item->members[0];
    if (m->how == AZ_EACH)
        return m->value->value->kind != AZ_OBJECT ? m : NULL;
    return m->how == AZ_IF || m->how == AZ_ELSEIF || m->how == AZ_ELSE ? m : NULL;
}

/* An item that one each or insert makes. */
static bool is_whole(const struct az_node *item)
{
    return item->active && item->value->kind == AZ_OBJECT && item->value->object.n == 1 &&
           (item->members[0].how == AZ_EACH || item->members[0].how == AZ_INSERT);
}

/* An item whose expression is wrong is left out, as that was told. */
static void add_text_item(struct az_env *env, const struct az_node *item, const struct target *to)
{
    size_t errors = env->w->x->d->errors;
    if (item->text->broken)
        return;
    const struct az_value *v = az_walk_text(env, item->value, item->text);
    if (env->w->x->d->errors == errors)
        add_value(env, v, to);
}

static void add_item(struct az_env *env, const struct az_node *item, const struct target *to)
{
    if (item->text) {
        add_text_item(env, item, to);
        return;
    }
    struct az_value *v = az_walk_node(env, item, az_role_item(to->role));
    bool nothing = v->kind == AZ_OBJECT && v->object.n == 0 && item->value->object.n > 0;
    if (!nothing) /* what its directives left of it */
        az_push_item(env, to->list, v, to->role);
}

static void add_items(struct az_env *env, const struct az_node *n, const struct target *to)
{
    enum chain chain = NO_CHAIN;
    for (size_t i = 0; i < n->value->array.n && !env->w->stopped; i++) {
        const struct az_node *item = n->items[i];
        const struct az_member *m = directive_of(item);
        if (m) {
            walk_directive(env, m, &chain, to);
            continue;
        }
        if (is_whole(item))
            chain = NO_CHAIN;
        add_item(env, item, to);
    }
}

static struct az_value *walk_list(struct az_env *env, const struct az_node *n, enum az_role role)
{
    const struct target to = {.list = made(env, AZ_ARRAY, n->value), .role = role};
    add_items(env, n, &to);
    return to.list;
}

/* ---- nodes ---- */

struct az_value *az_walk_node(struct az_env *env, const struct az_node *n, enum az_role role)
{
    struct az_value *written = (struct az_value *)(uintptr_t)n->value, *v = written;
    if (role == AZ_ROLE_PARAMETERS || !az_walk_may(env, n->value, 1) || !az_walk_down(env, n->value))
        return written;
    if (!n->active)
        v = n->refers || role == AZ_ROLE_VARIABLES ? az_settle_value(env, written, role) : written;
    else if (n->text)
        v = n->text->n > 0 ? az_settle_value(env, az_walk_text(env, written, n->text), role) : written;
    else
        v = written->kind == AZ_ARRAY ? walk_list(env, n, role) : walk_object(env, n, role);
    az_walk_up(env);
    return v;
}
