/*
 * gh_read_strategy.c - strategy: the matrix as far as it is known before the run, fail-fast and max-parallel.
 *
 * What is written out is checked here, with places; what comes of expressions is checked again by gh_matrix when the
 * job's turn has come.
 */
#include "core/base.h"
#include "provider/github/gh_read_priv.h"

#define TWICE_MAX 256 /* values of a vector that are compared with each other: a matrix has no more legs */

static bool same_scalar(const struct doc_node *x, const struct doc_node *y)
{
    return x->kind == DOC_SCALAR && y->kind == DOC_SCALAR && str_eq(x->text, y->text) &&
           (x->style == DOC_PLAIN) == (y->style == DOC_PLAIN);
}

static bool is_rule_key(struct str key)
{
    return str_is(key, "include") || str_is(key, "exclude");
}

static void warn_numbers(struct gh_reader *r, const struct doc_node *n, unsigned depth)
{
    if (depth > 3)
        return;
    if (n->kind == DOC_SEQ)
        for (size_t i = 0; i < n->seq.n; i++)
            warn_numbers(r, n->seq.p[i], depth + 1);
    else if (n->kind == DOC_MAP)
        for (size_t i = 0; i < n->map.n; i++)
            warn_numbers(r, n->map.p[i].value, depth + 1);
    else
        gh_warn_number(r, n);
}

/* A value that stands twice makes two legs that are alike. */
static void warn_twice(struct gh_reader *r, const struct doc_node *vector, struct str key)
{
    for (size_t i = 1; i < vector->seq.n && i < TWICE_MAX; i++)
        for (size_t k = 0; k < i; k++)
            if (same_scalar(vector->seq.p[i], vector->seq.p[k])) {
                diag_warning(r->d, "GH063", vector->seq.p[i]->span, "'%.*s' stands twice in the matrix vector '%.*s'",
                             STR_ARG(vector->seq.p[i]->text), STR_ARG(key));
                break;
            }
}

static void check_vector(struct gh_reader *r, const struct doc_pair *at)
{
    const struct doc_node *n = at->value;
    if (gh_is_dynamic(n))
        return;
    if (n->kind != DOC_SEQ)
        gh_unexpected(r, n);
    else if (n->seq.n == 0)
        diag_error(r->d, "GH046", n->span, "Matrix vector '%.*s' does not contain any values", STR_ARG(at->key->text));
    else
        warn_twice(r, n, at->key->text);
}

/* Is there a vector of this name? Names that are expressions may be any. */
static bool has_vector(const struct doc_node *matrix, struct str name)
{
    for (size_t i = 0; i < matrix->map.n; i++) {
        const struct doc_node *key = matrix->map.p[i].key;
        if (gh_is_dynamic(key) || (!is_rule_key(key->text) && str_eq_nocase(key->text, name)))
            return true;
    }
    return false;
}

static void check_exclude_keys(struct gh_reader *r, const struct doc_node *matrix, const struct doc_node *entry)
{
    for (size_t i = 0; i < entry->map.n; i++) {
        const struct doc_node *key = entry->map.p[i].key;
        if (!gh_is_dynamic(key) && !has_vector(matrix, key->text))
            diag_error(r->d, "GH046", key->span, "Matrix exclude key '%.*s' does not match any key within the matrix",
                       STR_ARG(key->text));
    }
}

static void check_rules(struct gh_reader *r, const struct doc_node *matrix, const struct doc_node *rules, bool exclude)
{
    if (gh_is_dynamic(rules) || gh_is_null(rules))
        return;
    if (rules->kind != DOC_SEQ) {
        gh_unexpected(r, rules);
        return;
    }
    gh_warn_empty(r, rules);
    for (size_t i = 0; i < rules->seq.n; i++) {
        const struct doc_node *entry = rules->seq.p[i];
        if (gh_is_dynamic(entry))
            continue;
        if (entry->kind != DOC_MAP)
            gh_unexpected(r, entry);
        else if (entry->map.n == 0)
            diag_error(r->d, "GH046", entry->span,
                       exclude ? "Matrix exclude filter must not be empty"
                               : "Matrix include mapping does not contain any values");
        else if (exclude)
            check_exclude_keys(r, matrix, entry);
    }
}

static struct value *no_context(void *ctx, struct arena *a, const char *name)
{
    UNUSED(ctx);
    UNUSED(a);
    UNUSED(name);
    return NULL;
}

static const struct gh_scope nothing = {.context = no_context};

/* Does no expression of it ask for a context? */
static bool is_constant(struct gh_reader *r, const struct doc_node *n)
{
    static const char *const contexts[] = {"github", "needs", "vars", "inputs"};
    for (size_t i = 0; i < ARRAY_LEN(contexts); i++)
        if (gh_tree_uses(r->a, n, contexts[i]))
            return false;
    return true;
}

/* The value of a part of the matrix that has no expressions; NULL when it has, or is wrong. */
static struct value *known_value(struct gh_reader *r, const struct doc_node *n)
{
    struct value *v;
    if (gh_tree_is_dynamic(n) || gh_tree_value(r->a, n, gh_allow(GH_SLOT_STRATEGY), NULL, &v, NULL) != 0)
        return NULL;
    return v;
}

/* Does an exclude value drop no item of its vector? Asked of gh_matrix itself, with a matrix of that vector alone. */
static bool excludes_nothing(struct gh_reader *r, struct str key, struct value *vector, struct value *filter)
{
    struct value *matrix = value_object(r->a, MAP_NOCASE), *entry = value_object(r->a, MAP_NOCASE);
    struct value *excludes = value_array(r->a), **legs;
    size_t n, items = vector->array.n;
    value_set(entry, key, filter);
    value_push(r->a, excludes, entry);
    value_set(matrix, key, vector);
    value_set(matrix, STR("exclude"), excludes);
    return gh_matrix(r->a, matrix, &legs, &n, NULL) == 0 && n == items;
}

static void warn_exclude(struct gh_reader *r, const struct doc_node *matrix, const struct doc_pair *filter)
{
    for (size_t i = 0; i < matrix->map.n; i++) {
        const struct doc_pair *vector = &matrix->map.p[i];
        if (is_rule_key(vector->key->text) || !str_eq_nocase(vector->key->text, filter->key->text))
            continue;
        struct value *items = known_value(r, vector->value), *value = known_value(r, filter->value);
        if (items && value && items->kind == VALUE_ARRAY && items->array.n &&
            excludes_nothing(r, filter->key->text, items, value))
            diag_warning(r->d, "GH063", filter->value->span,
                         "No value of the matrix vector '%.*s' matches this: nothing is excluded",
                         STR_ARG(filter->key->text));
    }
}

static void warn_excludes(struct gh_reader *r, const struct doc_node *matrix)
{
    const struct doc_node *rules = doc_get(matrix, "exclude");
    for (size_t i = 0; rules && rules->kind == DOC_SEQ && i < rules->seq.n; i++) {
        const struct doc_node *entry = rules->seq.p[i];
        for (size_t k = 0; entry->kind == DOC_MAP && k < entry->map.n; k++)
            warn_exclude(r, matrix, &entry->map.p[k]);
    }
}

/* A matrix without any context is known now: its size, and what gh_matrix finds wrong with it as a whole. */
static void check_whole(struct gh_reader *r, const struct doc_node *n)
{
    struct value *matrix, **legs;
    struct err e = {0};
    size_t count;
    bool dynamic = gh_tree_is_dynamic(n);
    if ((dynamic && !is_constant(r, n)) ||
        gh_tree_value(r->a, n, gh_allow(GH_SLOT_STRATEGY), &nothing, &matrix, &e) != 0)
        return;
    if (gh_matrix(r->a, matrix, &legs, &count, &e) == 0)
        return;
    if (dynamic)
        diag_warning(r->d, "GH011", n->span, "%s", e.text);
    else
        diag_error(r->d, "GH046", n->span, "%s", e.text);
}

static void read_matrix(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_job *j = into;
    const struct doc_node *n = at->value;
    size_t before = r->d->errors;
    j->matrix = n;
    j->matrix_span = n->span;
    gh_note_tree(r, n, GH_SLOT_STRATEGY, GH_WANT_OBJECT);
    if (gh_is_dynamic(n)) {
        if (r->d->errors == before)
            check_whole(r, n);
        return;
    }
    if (n->kind != DOC_MAP) {
        gh_unexpected(r, n);
        return;
    }
    warn_numbers(r, n, 0);
    for (size_t i = 0; i < n->map.n; i++) {
        const struct doc_pair *pair = &n->map.p[i];
        if (gh_is_dynamic(pair->key))
            continue;
        if (is_rule_key(pair->key->text))
            check_rules(r, n, pair->value, str_is(pair->key->text, "exclude"));
        else
            check_vector(r, pair);
    }
    warn_excludes(r, n);
    if (r->d->errors == before)
        check_whole(r, n);
}

/* A number of legs at a time: whole, and one at least. */
static void read_max_parallel(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_job *j = into;
    gh_read_number(r, at->value, GH_SLOT_STRATEGY, &j->max_parallel);
    double n = j->max_parallel.set && j->max_parallel.typed ? j->max_parallel.typed->number : 1;
    if (!j->max_parallel.expr && (n < 1 || (n < 1e9 && (double)(long)n < n)))
        diag_warning(r->d, "GH066", at->value->span, "max-parallel is a whole number greater than zero");
}

void gh_read_strategy(struct gh_reader *r, const struct doc_node *n, struct gh_job *j)
{
    static const struct gh_key keys[] = {
        {"matrix", GH_V_CALL, GH_SLOT_STRATEGY, 0, read_matrix, false},
        {"fail-fast", GH_V_BOOL, GH_SLOT_STRATEGY, offsetof(struct gh_job, fail_fast), NULL, false},
        {"max-parallel", GH_V_CALL, GH_SLOT_STRATEGY, 0, read_max_parallel, false},
    };
    if (!gh_is_map(r, n))
        return;
    j->has_strategy = true;
    gh_read_keys(r, n, keys, ARRAY_LEN(keys), j);
}
