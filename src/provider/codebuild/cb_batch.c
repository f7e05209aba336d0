/*
 * cb_batch.c - batch: several builds of one start, as a graph, a list, a matrix or shards of one set of tests.
 */
#include "core/base.h"
#include "provider/codebuild/read_priv.h"

#define PARALLELISM_MAX 100

/* ---- env of an item ---- */

static void read_compute(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_item *it = into;
    cb_read_text(r, at->value, what, &it->compute_type);
}

static void read_fleet(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_item *it = into;
    cb_read_text(r, at->value, what, &it->fleet);
}

static void read_image(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_item *it = into;
    cb_read_text(r, at->value, what, &it->image);
}

static void read_item_type(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_item *it = into;
    cb_read_text(r, at->value, what, &it->type);
}

static void read_privileged(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_item *it = into;
    it->privileged_set = cb_read_bool(r, at->value, what, &it->privileged);
}

static void read_item_variables(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_item *it = into;
    cb_read_pairs(r, at->value, what, &it->variables);
    cb_check_variables(r, at->value);
}

static void read_item_env(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    static const struct cb_key keys[] = {
        {"compute-type", read_compute},       {"fleet", read_fleet},    {"image", read_image},
        {"privileged-mode", read_privileged}, {"type", read_item_type}, {"variables", read_item_variables},
    };
    struct cb_item *it = into;
    if (at->value->kind == DOC_NULL || !cb_is_map(r, at->value, what))
        return;
    cb_read_keys(r, at->value, what, keys, ARRAY_LEN(keys), it);
    if (it->compute_type.n > 0 && it->fleet.n > 0)
        diag_error(r->d, "CB055", at->key->span, "'%s' names a compute-type and a fleet; only one of them may be there",
                   what);
}

/* ---- build-graph and build-list ---- */

static void read_identifier(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_item *it = into;
    if (cb_read_text(r, at->value, what, &it->identifier))
        it->span = at->value->span;
}

static void read_buildspec(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_item *it = into;
    cb_read_text(r, at->value, what, &it->buildspec);
}

static void read_debug(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_item *it = into;
    cb_read_bool(r, at->value, what, &it->debug_session);
}

static void read_depend(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_item *it = into;
    if (at->value->kind != DOC_NULL)
        cb_read_strs(r, at->value, what, &it->depend_on);
}

static void read_ignore(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_item *it = into;
    cb_read_bool(r, at->value, what, &it->ignore_failure);
}

/* In a list nothing waits for anything. */
static void refuse_depend(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    UNUSED(into);
    UNUSED(what);
    diag_warning(r->d, "CB002", at->key->span,
                 "'depend-on' belongs to a build-graph; the builds of a list do not wait");
    diag_hint(r->d, "write 'build-graph' for 'build-list'");
}

static const struct cb_key graph_keys[] = {
    {"identifier", read_identifier}, {"buildspec", read_buildspec}, {"debug-session", read_debug},
    {"depend-on", read_depend},      {"env", read_item_env},        {"ignore-failure", read_ignore},
};
static const struct cb_key list_keys[] = {
    {"identifier", read_identifier}, {"buildspec", read_buildspec}, {"debug-session", read_debug},
    {"depend-on", refuse_depend},    {"env", read_item_env},        {"ignore-failure", read_ignore},
};

static void item_init(struct cb_reader *r, struct cb_item *it, struct span at)
{
    it->span = at;
    map_init(&it->variables, r->a, MAP_CASE);
}

static void read_items(struct cb_reader *r, const struct doc_pair *at, const char *what, const struct cb_key *keys,
                       struct cb_batch *b)
{
    const struct doc_node *n = at->value;
    if (n->kind != DOC_SEQ || n->seq.n == 0) {
        diag_error(r->d, "CB003", n->kind == DOC_NULL ? at->key->span : n->span, "'%s' is a list of builds", what);
        return;
    }
    b->items = arena_array(r->a, n->seq.n + 1, sizeof *b->items);
    for (size_t i = 0; i < n->seq.n; i++) {
        const char *here = arena_printf(r->a, "%s[%zu]", what, i).p;
        struct cb_item *it = &b->items[b->n_items];
        if (!cb_is_map(r, n->seq.p[i], here))
            continue;
        item_init(r, it, n->seq.p[i]->span);
        cb_read_keys(r, n->seq.p[i], here, keys, ARRAY_LEN(graph_keys), it);
        b->n_items++;
        if (doc_get(n->seq.p[i], "identifier") == NULL)
            cb_missing(r, (struct span){it->span.file, it->span.off, 0}, here, "identifier");
    }
}

/* ---- build-matrix ---- */

static void read_vector(struct cb_reader *r, const struct doc_node *n, const char *what, struct strs *ret)
{
    if (cb_read_strs(r, n, what, ret) && n->kind == DOC_SEQ && n->seq.n == 0)
        diag_error(r->d, "CB056", n->span, "'%s' has no values, so that there is nothing to build", what);
}

static void read_buildspecs(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_batch *b = into;
    read_vector(r, at->value, what, &b->buildspecs);
}

static void read_computes(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_batch *b = into;
    read_vector(r, at->value, what, &b->compute_types);
}

static void read_images(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_batch *b = into;
    read_vector(r, at->value, what, &b->images);
}

static void read_vectors(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_batch *b = into;
    struct map seen;
    if (at->value->kind == DOC_NULL || !cb_is_map(r, at->value, what))
        return;
    map_init(&seen, r->a, MAP_CASE);
    for (size_t i = 0; i < at->value->map.n; i++) {
        const struct doc_pair *p = &at->value->map.p[i];
        struct strs *values = ARENA_NEW(r->a, struct strs);
        if (!cb_fresh_key(r, &seen, p->key))
            continue;
        read_vector(r, p->value, cb_below(r, what, p->key->text), values);
        if (values->n > 0)
            map_set(&b->variables, p->key->text, values);
    }
    cb_check_variables(r, at->value);
}

static void read_dynamic_env(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    static const struct cb_key keys[] = {
        {"compute-type", read_computes}, {"image", read_images}, {"variables", read_vectors}};
    if (at->value->kind != DOC_NULL && cb_is_map(r, at->value, what))
        cb_read_keys(r, at->value, what, keys, ARRAY_LEN(keys), into);
}

static void read_dynamic(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    static const struct cb_key keys[] = {{"buildspec", read_buildspecs}, {"env", read_dynamic_env}};
    if (at->value->kind != DOC_NULL && cb_is_map(r, at->value, what))
        cb_read_keys(r, at->value, what, keys, ARRAY_LEN(keys), into);
}

static void read_static(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    static const struct cb_key keys[] = {{"ignore-failure", read_ignore}, {"env", read_item_env}};
    struct cb_batch *b = into;
    if (at->value->kind != DOC_NULL && cb_is_map(r, at->value, what))
        cb_read_keys(r, at->value, what, keys, ARRAY_LEN(keys), &b->fixed);
}

static void read_matrix(struct cb_reader *r, const struct doc_pair *at, const char *what, struct cb_batch *b)
{
    static const struct cb_key keys[] = {{"static", read_static}, {"dynamic", read_dynamic}};
    if (!cb_is_map(r, at->value, what))
        return;
    size_t before = r->d->errors;
    cb_read_keys(r, at->value, what, keys, ARRAY_LEN(keys), b);
    if (r->d->errors == before && b->buildspecs.n + b->compute_types.n + b->images.n + b->variables.n == 0)
        diag_error(r->d, "CB056", at->key->span, "'%s' varies nothing: 'dynamic' names no lists", what);
}

/* ---- build-fanout ---- */

static void read_parallelism(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_batch *b = into;
    cb_read_number(r, at->value, what, PARALLELISM_MAX, &b->parallelism);
}

static void read_fanout_ignore(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_batch *b = into;
    cb_read_bool(r, at->value, what, &b->fixed.ignore_failure);
}

static void read_fanout(struct cb_reader *r, const struct doc_pair *at, const char *what, struct cb_batch *b)
{
    static const struct cb_key keys[] = {{"parallelism", read_parallelism}, {"ignore-failure", read_fanout_ignore}};
    if (!cb_is_map(r, at->value, what))
        return;
    cb_read_keys(r, at->value, what, keys, ARRAY_LEN(keys), b);
    if (doc_get(at->value, "parallelism") == NULL)
        cb_missing(r, at->key->span, what, "parallelism");
}

/* ---- batch ---- */

static void read_fast_fail(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_batch *b = into;
    cb_read_bool(r, at->value, what, &b->fast_fail);
}

static void read_form(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_batch *b = into;
    if (b->kind != CB_NO_BATCH) {
        diag_error(r->d, "CB050", at->key->span, "A batch has one form only, and '%.*s' is the second one",
                   STR_ARG(at->key->text));
        diag_note(r->d, "CB050", b->span, "the first one");
        return;
    }
    b->span = at->key->span;
    if (str_is(at->key->text, "build-graph")) {
        b->kind = CB_GRAPH;
        read_items(r, at, what, graph_keys, b);
    } else if (str_is(at->key->text, "build-list")) {
        b->kind = CB_LIST;
        read_items(r, at, what, list_keys, b);
    } else if (str_is(at->key->text, "build-matrix")) {
        b->kind = CB_MATRIX;
        read_matrix(r, at, what, b);
    } else {
        b->kind = CB_FANOUT;
        read_fanout(r, at, what, b);
    }
}

void cb_read_batch(struct cb_reader *r, const struct doc_pair *at, const char *what, void *spec)
{
    static const struct cb_key keys[] = {{"fast-fail", read_fast_fail},
                                         {"build-graph", read_form},
                                         {"build-list", read_form},
                                         {"build-matrix", read_form},
                                         {"build-fanout", read_form}};
    struct cb_batch *b = &((struct cb_spec *)spec)->batch;
    if (at->value->kind == DOC_NULL || !cb_is_map(r, at->value, what))
        return;
    map_init(&b->variables, r->a, MAP_CASE);
    item_init(r, &b->fixed, at->key->span);
    cb_read_keys(r, at->value, what, keys, ARRAY_LEN(keys), b);
    if (b->kind != CB_NO_BATCH)
        return;
    diag_error(r->d, "CB050", at->key->span, "'batch' says no form of a batch");
    diag_hint(r->d, "write build-graph, build-list, build-matrix or build-fanout below it");
}
