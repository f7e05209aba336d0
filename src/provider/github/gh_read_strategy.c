/*
 * gh_read_strategy.c - strategy: the matrix as far as it is known before the run, fail-fast and max-parallel.
 *
 * What is written out is checked here, with places; what comes of expressions is checked again by gh_matrix when the
 * job's turn has come.
 */
#include "core/base.h"
#include "provider/github/gh_read_priv.h"

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

static void check_vector(struct gh_reader *r, const struct doc_pair *at)
{
    const struct doc_node *n = at->value;
    if (gh_is_dynamic(n))
        return;
    if (n->kind != DOC_SEQ)
        gh_unexpected(r, n);
    else if (n->seq.n == 0)
        diag_error(r->d, "GH046", n->span, "Matrix vector '%.*s' does not contain any values", STR_ARG(at->key->text));
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

/* Does an exclude value drop no item of its vector? Asked of gh_matrix itself, with a matrix of that vector alone. */
static bool excludes_nothing(struct gh_reader *r, struct str key, const struct value *vector, struct value *filter)
{
    struct value *matrix = value_object(r->a, MAP_NOCASE), *entry = value_object(r->a, MAP_NOCASE);
    struct value *excludes = value_array(r->a), **legs;
    size_t n;
    struct value *copy = ARENA_NEW(r->a, struct value);
    *copy = *vector;
    value_set(entry, key, filter);
    value_push(r->a, excludes, entry);
    value_set(matrix, key, copy);
    value_set(matrix, STR("exclude"), excludes);
    return gh_matrix(r->a, matrix, &legs, &n, NULL) == 0 && n == vector->array.n;
}

static void warn_excludes(struct gh_reader *r, const struct doc_node *n, const struct value *matrix)
{
    const struct doc_node *rules = doc_get(n, "exclude");
    const struct value *excludes = value_get(matrix, STR("exclude"));
    for (size_t i = 0; rules && rules->kind == DOC_SEQ && i < rules->seq.n; i++) {
        const struct doc_node *entry = rules->seq.p[i];
        for (size_t k = 0; k < entry->map.n; k++) {
            struct str key = entry->map.p[k].key->text;
            const struct value *vector = value_get(matrix, key);
            struct value *filter = value_get(excludes->array.p[i], key);
            if (vector && filter && excludes_nothing(r, key, vector, filter))
                diag_warning(r->d, "GH063", entry->map.p[k].value->span,
                             "No value of the matrix vector '%.*s' matches this: nothing is excluded", STR_ARG(key));
        }
    }
}

/* A matrix without any expression is known now: its size, and what gh_matrix finds wrong with it as a whole. */
static void check_whole(struct gh_reader *r, const struct doc_node *n)
{
    struct value *matrix, **legs;
    struct err e = {0};
    size_t count;
    if (gh_tree_is_dynamic(n) || gh_tree_value(r->a, n, gh_allow(GH_SLOT_STRATEGY), NULL, &matrix, &e) != 0)
        return;
    if (gh_matrix(r->a, matrix, &legs, &count, &e) != 0)
        diag_error(r->d, "GH046", n->span, "%s", e.text);
    else
        warn_excludes(r, n, matrix);
}

static void read_matrix(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_job *j = into;
    const struct doc_node *n = at->value;
    size_t before = r->d->errors;
    j->matrix = n;
    j->matrix_span = n->span;
    gh_tree_check(r->a, n, gh_allow(GH_SLOT_STRATEGY), r->d);
    if (gh_is_dynamic(n))
        return;
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
    if (r->d->errors == before)
        check_whole(r, n);
}

void gh_read_strategy(struct gh_reader *r, const struct doc_node *n, struct gh_job *j)
{
    static const struct gh_key keys[] = {
        {"matrix", GH_V_CALL, GH_SLOT_STRATEGY, 0, read_matrix, false},
        {"fail-fast", GH_V_BOOL, GH_SLOT_STRATEGY, offsetof(struct gh_job, fail_fast), NULL, false},
        {"max-parallel", GH_V_NUMBER, GH_SLOT_STRATEGY, offsetof(struct gh_job, max_parallel), NULL, false},
    };
    if (!gh_is_map(r, n))
        return;
    j->has_strategy = true;
    gh_read_keys(r, n, keys, ARRAY_LEN(keys), j);
}
