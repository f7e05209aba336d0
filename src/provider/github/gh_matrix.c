/*
 * gh_matrix.c - the matrix algorithm ("Workflow syntax", jobs.<id>.strategy.matrix, include and exclude).
 *
 * Vectors are the keys other than include and exclude, in file order; the first varies slowest. An exclude entry drops
 * the combinations whose values equal all its leaves. An include entry is split into a filter (keys that are vectors)
 * and extras: it adds its extras to every surviving combination that the filter matches, over extras of earlier
 * entries but never over a vector's value; an entry that matched none becomes a leg of its own, which later entries
 * do not extend. Equality is that of expressions: 10 equals '10', text folds case.
 *
 * A leg that is a combination holds the very values of the vectors, by pointer; that is how gh_matrix_suffix tells it
 * from a leg that an include entry made.
 */
#include "core/base.h"
#include "provider/github/model_priv.h"

#define LEGS_MAX 256
#define PRODUCT_MAX 65536 /* combinations looked at before excludes */
#define DEPTH_MAX 100     /* of values within a filter */

struct vectors {
    struct str *names;
    const struct value **items; /* arrays */
    size_t n, product;
};

static bool is_rule(struct str key)
{
    return str_is_nocase(key, "include") || str_is_nocase(key, "exclude");
}

static bool is_vector(const struct vectors *v, struct str key)
{
    for (size_t i = 0; i < v->n; i++)
        if (str_eq_nocase(v->names[i], key))
            return true;
    return false;
}

static int find_vectors(struct arena *a, const struct value *matrix, struct vectors *v, struct err *e)
{
    const struct map *m = &matrix->object;
    v->names = arena_array(a, m->n + 1, sizeof *v->names);
    v->items = arena_array(a, m->n + 1, sizeof *v->items);
    v->product = 1;
    for (size_t i = 0; i < m->n; i++) {
        const struct value *items = m->entries[i].value;
        struct str key = m->entries[i].key;
        if (is_rule(key))
            continue;
        if (items->kind != VALUE_ARRAY)
            return err_set(e, EINVAL, "Matrix vector '%.*s' is not a sequence", STR_ARG(key));
        if (items->array.n == 0)
            return err_set(e, EINVAL, "Matrix vector '%.*s' does not contain any values", STR_ARG(key));
        if (items->array.n > PRODUCT_MAX / v->product)
            return err_set(e, EINVAL, "The matrix has more than %d combinations; %d jobs are allowed", PRODUCT_MAX,
                           LEGS_MAX);
        v->product *= items->array.n;
        v->names[v->n] = key;
        v->items[v->n++] = items;
    }
    return 0;
}

/* ---- filters ---- */

static const struct value *child(const struct value *v, struct str key, size_t index, bool by_key)
{
    if (v->kind == VALUE_OBJECT && by_key) {
        const struct value *found = value_get(v, key);
        return found ? found : value_null();
    }
    if (v->kind == VALUE_ARRAY && !by_key && index < v->array.n)
        return v->array.p[index];
    return value_null();
}

/* Does every leaf of the filter equal the value in the same place? What is not there is null. */
static bool leaves_match(const struct value *filter, const struct value *v, unsigned depth)
{
    if (depth > DEPTH_MAX)
        return false;
    if (filter->kind == VALUE_OBJECT) {
        const struct map *m = &filter->object;
        for (size_t i = 0; i < m->n; i++)
            if (!leaves_match(m->entries[i].value, child(v, m->entries[i].key, 0, true), depth + 1))
                return false;
        return true;
    }
    if (filter->kind == VALUE_ARRAY) {
        for (size_t i = 0; i < filter->array.n; i++)
            if (!leaves_match(filter->array.p[i], child(v, STR_NONE, i, false), depth + 1))
                return false;
        return true;
    }
    return gh_equal(v, filter);
}

/* Matches the vector keys of an entry only. */
static bool entry_matches(const struct vectors *v, const struct value *entry, const struct value *combination)
{
    const struct map *m = &entry->object;
    for (size_t i = 0; i < m->n; i++)
        if (is_vector(v, m->entries[i].key) &&
            !leaves_match(m->entries[i].value, child(combination, m->entries[i].key, 0, true), 0))
            return false;
    return true;
}

/* The entries of include or exclude: checked to be mappings that are not empty. */
static int find_rules(const struct value *matrix, const char *name, const struct value **ret, struct err *e)
{
    const struct value *rules = value_get(matrix, str_from(name));
    bool exclude = str_is(str_from(name), "exclude");
    *ret = NULL;
    if (!rules || rules->kind == VALUE_NULL)
        return 0;
    if (rules->kind != VALUE_ARRAY)
        return err_set(e, EINVAL, "Matrix %s is not a sequence", name);
    for (size_t i = 0; i < rules->array.n; i++) {
        const struct value *entry = rules->array.p[i];
        if (entry->kind != VALUE_OBJECT)
            return err_set(e, EINVAL, "An entry of matrix %s is not a mapping", name);
        if (entry->object.n == 0)
            return err_set(e, EINVAL, "%s",
                           exclude ? "Matrix exclude filter must not be empty"
                                   : "Matrix include mapping does not contain any values");
    }
    *ret = rules;
    return 0;
}

static int check_excludes(const struct vectors *v, const struct value *excludes, struct err *e)
{
    for (size_t i = 0; excludes && i < excludes->array.n; i++) {
        const struct map *m = &excludes->array.p[i]->object;
        for (size_t k = 0; k < m->n; k++)
            if (!is_vector(v, m->entries[k].key))
                return err_set(e, EINVAL, "Matrix exclude key '%.*s' does not match any key within the matrix",
                               STR_ARG(m->entries[k].key));
    }
    return 0;
}

/* ---- legs ---- */

struct legs {
    struct value **p;
    size_t n, cap;
};

static struct value *combination(struct arena *a, const struct vectors *v, size_t i)
{
    struct value *leg = value_object(a, MAP_NOCASE);
    size_t block = v->product;
    for (size_t k = 0; k < v->n; k++) {
        block /= v->items[k]->array.n;
        value_set(leg, v->names[k], v->items[k]->array.p[(i / block) % v->items[k]->array.n]);
    }
    return leg;
}

static bool excluded(const struct vectors *v, const struct value *excludes, const struct value *leg)
{
    for (size_t i = 0; excludes && i < excludes->array.n; i++)
        if (entry_matches(v, excludes->array.p[i], leg))
            return true;
    return false;
}

/* Adds the extras of an entry to all combinations that it matches; a leg of its own when there is none. */
static void apply_include(struct arena *a, const struct vectors *v, const struct value *entry, struct legs *legs,
                          size_t combinations)
{
    const struct map *m = &entry->object;
    bool applied = false;
    for (size_t i = 0; i < combinations; i++) {
        if (!entry_matches(v, entry, legs->p[i]))
            continue;
        applied = true;
        for (size_t k = 0; k < m->n; k++)
            if (!is_vector(v, m->entries[k].key))
                value_set(legs->p[i], m->entries[k].key, m->entries[k].value);
    }
    if (applied)
        return;
    struct value *leg = value_object(a, MAP_NOCASE);
    for (size_t pass = 0; pass < 2; pass++) /* filters, then extras */
        for (size_t k = 0; k < m->n; k++)
            if (is_vector(v, m->entries[k].key) == (pass == 0))
                value_set(leg, m->entries[k].key, m->entries[k].value);
    vec_push_in(a, legs, leg);
}

int gh_matrix(struct arena *a, const struct value *matrix, struct value ***ret, size_t *ret_n, struct err *e)
{
    struct vectors v = {0};
    struct legs legs = {0};
    const struct value *includes, *excludes;
    int rc;
    if (matrix->kind != VALUE_OBJECT)
        return err_set(e, EINVAL, "Matrix is not a mapping");
    if ((rc = find_vectors(a, matrix, &v, e)) != 0 || (rc = find_rules(matrix, "include", &includes, e)) != 0 ||
        (rc = find_rules(matrix, "exclude", &excludes, e)) != 0 || (rc = check_excludes(&v, excludes, e)) != 0)
        return rc;
    if (v.n == 0 && (!includes || includes->array.n == 0))
        return err_set(e, EINVAL, "Matrix must define at least one vector");
    for (size_t i = 0; v.n && i < v.product; i++) {
        struct value *leg = combination(a, &v, i);
        if (!excluded(&v, excludes, leg))
            vec_push_in(a, &legs, leg);
    }
    size_t combinations = legs.n;
    for (size_t i = 0; includes && i < includes->array.n; i++)
        apply_include(a, &v, includes->array.p[i], &legs, combinations);
    if (legs.n > LEGS_MAX)
        return err_set(e, EINVAL, "The matrix makes %zu jobs; %d are allowed", legs.n, LEGS_MAX);
    *ret = legs.p;
    *ret_n = legs.n;
    return 0;
}

/* ---- display names ---- */

/* Is the value one that the matrix's vector of that name holds? */
static bool from_vector(const struct value *matrix, struct str key, const struct value *v)
{
    const struct value *items = is_rule(key) ? NULL : value_get(matrix, key);
    if (!items || items->kind != VALUE_ARRAY)
        return false;
    for (size_t i = 0; i < items->array.n; i++)
        if (items->array.p[i] == v)
            return true;
    return false;
}

static void add_leaves(struct arena *a, const struct value *v, struct buf *out, unsigned depth)
{
    if (depth > DEPTH_MAX)
        return;
    switch (v->kind) {
    case VALUE_NULL:
        return;
    case VALUE_ARRAY:
        for (size_t i = 0; i < v->array.n; i++)
            add_leaves(a, v->array.p[i], out, depth + 1);
        return;
    case VALUE_OBJECT:
        for (size_t i = 0; i < v->object.n; i++)
            add_leaves(a, v->object.entries[i].value, out, depth + 1);
        return;
    case VALUE_BOOL:
    case VALUE_NUMBER:
    case VALUE_STRING: {
        struct str text = gh_to_string(a, v);
        if (text.n) {
            buf_add_cstr(out, out->n ? ", " : "");
            buf_add(out, text);
        }
        return;
    }
    }
}

struct str gh_matrix_suffix(struct arena *a, const struct value *matrix, const struct value *leg)
{
    CLEAN(buf) struct buf out = BUF(BUF_LINE);
    const struct map *m;
    bool combined = false;
    if (!leg || leg->kind != VALUE_OBJECT || !matrix || matrix->kind != VALUE_OBJECT)
        return STR("");
    m = &leg->object;
    for (size_t i = 0; i < m->n; i++)
        combined = combined || from_vector(matrix, m->entries[i].key, m->entries[i].value);
    for (size_t i = 0; i < m->n; i++)
        if (!combined || from_vector(matrix, m->entries[i].key, m->entries[i].value))
            add_leaves(a, m->entries[i].value, &out, 0);
    return out.n ? arena_printf(a, " (%s)", buf_cstr(&out)) : STR("");
}
