/*
 * gh_schema.c - mappings by tables of keys.
 *
 * A mapping may be meant as one of several shapes. As the service does it, every key narrows the shapes that are still
 * possible: a key that none of those knows is unexpected, and when more than one shape is left at the end, the reader
 * says which keys would tell them apart. Keys are exact; duplicates are found with case folded.
 */
#include "core/base.h"
#include "core/utf8.h"
#include "doc/suggest.h"
#include "provider/github/gh_read_priv.h"

#define WORDS_MAX 64

/* A text as messages show it: its first line, at most 100 columns. */
static struct str brief(struct arena *a, struct str s)
{
    struct str line, rest;
    bool more = str_cut(s, '\n', &line, &rest);
    struct str fit = utf8_fit(line, 100);
    if (!more && fit.n == s.n)
        return s;
    return arena_printf(a, "%.*s...", STR_ARG(fit));
}

/* An alias without an anchor is null in the tree; its error was said when the file was read. */
static bool was_said(const struct gh_reader *r, const struct doc_node *n)
{
    if (n->kind != DOC_NULL)
        return false;
    for (size_t i = 0; i < r->d->n; i++) {
        const struct diag *d = &r->d->p[i];
        if (d->level == DIAG_ERROR && d->span.len > 0 && d->span.file == n->span.file && d->span.off == n->span.off)
            return true;
    }
    return false;
}

void gh_unexpected_of(struct gh_reader *r, const struct doc_node *n, const char *const *words, size_t n_words)
{
    if (was_said(r, n))
        return;
    switch (n->kind) {
    case DOC_NULL:
    case DOC_SCALAR: {
        struct str text = brief(r->a, gh_is_null(n) ? STR("") : n->text);
        diag_error(r->d, "GH030", n->span, "Unexpected value '%.*s'", STR_ARG(text));
        struct str near = words && text.n ? suggest(n->text, words, n_words) : STR_NONE;
        if (near.n && !str_eq(near, n->text)) /* the right word in the wrong place is no help */
            diag_hint(r->d, "did you mean '%.*s'?", STR_ARG(near));
        return;
    }
    case DOC_SEQ:
        diag_error(r->d, "GH034", n->span, "A sequence was not expected");
        return;
    case DOC_MAP:
        diag_error(r->d, "GH034", n->span, "A mapping was not expected");
        return;
    }
}

void gh_unexpected(struct gh_reader *r, const struct doc_node *n)
{
    gh_unexpected_of(r, n, NULL, 0);
}

void gh_missing(struct gh_reader *r, const struct doc_node *map, const char *key)
{
    diag_error(r->d, "GH032", map->span, "Required property is missing: %s", key);
    gh_note_owner(r, map, "GH032", key);
}

void gh_note_owner(struct gh_reader *r, const struct doc_node *map, const char *code, const char *key)
{
    const struct doc_pair *owner = r->owner;
    if (owner && owner->value == map &&
        sources_place(r->d->sources, owner->key->span).line != sources_place(r->d->sources, map->span).line)
        diag_note(r->d, code, owner->key->span, "'%.*s' is what lacks '%s'", STR_ARG(owner->key->text), key);
}

bool gh_is_null(const struct doc_node *n)
{
    if (n->kind == DOC_NULL)
        return true;
    if (n->kind != DOC_SCALAR || n->style != DOC_PLAIN)
        return false;
    if (n->tag.n)
        return str_is(n->tag, "tag:yaml.org,2002:null");
    return str_is(n->text, "~") || str_is(n->text, "null") || str_is(n->text, "Null") || str_is(n->text, "NULL");
}

bool gh_is_map(struct gh_reader *r, const struct doc_node *n)
{
    if (n->kind == DOC_MAP)
        return true;
    if (!gh_is_null(n))
        gh_unexpected(r, n);
    return false;
}

bool gh_is_dynamic(const struct doc_node *n)
{
    return n->kind == DOC_SCALAR && gh_find_open(n->text, 0) >= 0;
}

static bool tree_is_dynamic(const struct doc_node *n, unsigned depth)
{
    if (depth > 200) /* deeper than any limit of the reader: never */
        return true;
    if (n->kind == DOC_SEQ) {
        for (size_t i = 0; i < n->seq.n; i++)
            if (tree_is_dynamic(n->seq.p[i], depth + 1))
                return true;
    } else if (n->kind == DOC_MAP) {
        for (size_t i = 0; i < n->map.n; i++)
            if (gh_is_dynamic(n->map.p[i].key) || tree_is_dynamic(n->map.p[i].value, depth + 1))
                return true;
    }
    return gh_is_dynamic(n);
}

bool gh_tree_is_dynamic(const struct doc_node *n)
{
    return tree_is_dynamic(n, 0);
}

bool gh_fresh_key(struct gh_reader *r, struct map *seen, const struct doc_node *key)
{
    if (map_set(seen, key->text, NULL))
        return true;
    struct str text = brief(r->a, key->text);
    diag_error(r->d, "GH031", key->span, "'%.*s' is already defined", STR_ARG(text));
    return false;
}

static bool id_char(char c, bool first)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    return letter || (!first && ((c >= '0' && c <= '9') || c == '-'));
}

bool gh_check_id(struct gh_reader *r, struct str id, const struct doc_node *node)
{
    bool good = id.n > 0 && id.n < 100;
    for (size_t i = 0; good && i < id.n; i++)
        good = id_char(id.p[i], i == 0);
    struct str text = brief(r->a, id);
    if (!good) {
        diag_error(r->d, "GH036", node->span,
                   "The identifier '%.*s' is invalid. IDs may only contain alphanumeric characters, '_', and '-'. IDs "
                   "must start with a letter or '_' and must be less than 100 characters.",
                   STR_ARG(text));
        return false;
    }
    if (str_starts(id, STR("__"))) {
        diag_error(r->d, "GH036", node->span, "The identifier '%.*s' is invalid. IDs starting with '__' are reserved.",
                   STR_ARG(text));
        return false;
    }
    return true;
}

/* ---- shapes ---- */

static const struct gh_key *shape_key(const struct gh_shape *s, struct str name)
{
    for (size_t i = 0; i < s->n; i++)
        if (str_is(name, s->keys[i].name))
            return &s->keys[i];
    return NULL;
}

static unsigned shapes_with(const struct gh_shape *shapes, size_t n, unsigned among, struct str name)
{
    unsigned hits = 0;
    for (size_t i = 0; i < n; i++)
        if ((among & (1u << i)) && shape_key(&shapes[i], name))
            hits |= 1u << i;
    return hits;
}

/* All keys of the shapes that are still possible. */
static size_t shape_words(const struct gh_shape *shapes, size_t n, unsigned left, const char **words)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; (left & (1u << i)) && k < shapes[i].n && count < WORDS_MAX; k++)
            words[count++] = shapes[i].keys[k].name;
    return count;
}

/* The key that decided what the mapping is, when it stands elsewhere. */
static void note_decider(struct gh_reader *r, const struct doc_node *key, const struct doc_node *decider)
{
    if (sources_place(r->d->sources, decider->span).line != sources_place(r->d->sources, key->span).line)
        diag_note(r->d, "GH030", decider->span, "'%.*s' stands here", STR_ARG(decider->text));
}

/* `decider` is an accepted key that belongs only to shapes without `key`, or NULL. */
static void unexpected_key(struct gh_reader *r, const struct doc_node *key, const struct gh_shape *shapes, size_t n,
                           unsigned left, const struct doc_node *decider)
{
    const char *words[WORDS_MAX];
    bool elsewhere = shapes_with(shapes, n, ~0u, key->text) != 0;
    size_t count = shape_words(shapes, n, left, words);
    if (gh_is_dynamic(key)) {
        diag_error(r->d, "GH035", key->span, "A template expression is not allowed in this context");
        return;
    }
    gh_unexpected_of(r, key, elsewhere ? NULL : words, count);
    if (elsewhere && decider) {
        diag_hint(r->d, "'%.*s' cannot stand beside '%.*s'", STR_ARG(key->text), STR_ARG(decider->text));
        note_decider(r, key, decider);
    } else if (str_is(key->text, "<<"))
        diag_hint(r->d, "merge keys are not supported, anchors and aliases are");
}

static int by_word(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names the keys that only one of the possible shapes has: any of them would tell. */
static void not_enough(struct gh_reader *r, const struct doc_node *map, const struct gh_shape *shapes, size_t n,
                       unsigned left)
{
    const char *words[WORDS_MAX];
    unsigned open = 0;
    for (size_t i = 0; i < n; i++)
        if ((left & (1u << i)) && !shapes[i].hidden)
            open |= 1u << i;
    size_t all = shape_words(shapes, n, open, words), kept = 0;
    for (size_t i = 0; i < all; i++) {
        unsigned hits = shapes_with(shapes, n, open, str_from(words[i]));
        if ((hits & (hits - 1)) == 0)
            words[kept++] = words[i];
    }
    qsort(words, kept, sizeof *words, by_word);
    CLEAN(buf) struct buf list = BUF(BUF_LINE);
    for (size_t i = 0; i < kept; i++)
        buf_printf(&list, "%s%s", i ? ", " : "", words[i]);
    diag_error(r->d, "GH033", map->span,
               "There's not enough info to determine what you meant. Add one of these properties: %s", buf_cstr(&list));
}

static void check_required(struct gh_reader *r, const struct doc_node *map, const struct gh_shape *s, const bool *use)
{
    for (size_t k = 0; k < s->n; k++) {
        bool found = !s->keys[k].required;
        for (size_t i = 0; !found && i < map->map.n; i++)
            found = use[i] && str_is(map->map.p[i].key->text, s->keys[k].name);
        if (!found)
            gh_missing(r, map, s->keys[k].name);
    }
}

static void store(struct gh_reader *r, const struct gh_key *k, const struct doc_pair *pair, void *into)
{
    void *to = into ? (char *)into + k->at : NULL; /* some shapes are only checked */
    struct str text;
    switch (k->kind) {
    case GH_V_CALL:
        k->read(r, pair, into);
        return;
    case GH_V_TEXT:
        gh_read_text(r, pair->value, k->slot, to);
        return;
    case GH_V_FULL:
        gh_read_full(r, pair->value, k->slot, to);
        return;
    case GH_V_BOOL:
        gh_read_bool(r, pair->value, k->slot, to);
        return;
    case GH_V_NUMBER:
        gh_read_number(r, pair->value, k->slot, to);
        return;
    case GH_V_IF:
        gh_read_condition(r, pair->value, k->slot, to);
        return;
    case GH_V_LITERAL:
        gh_read_literal(r, pair->value, false, to);
        return;
    case GH_V_LITERAL_FULL:
        gh_read_literal(r, pair->value, true, to);
        return;
    case GH_V_PAIRS:
        gh_read_pairs(r, pair->value, k->slot, to);
        if (strcmp(k->name, "env") == 0)
            gh_check_env_names(r, to);
        return;
    case GH_V_IGNORE:
        gh_read_literal(r, pair->value, false, &text);
        return;
    }
}

/* Was the key of pair `at`, spelled alike, taken before? */
static bool is_used(const struct doc_node *map, const bool *use, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (use[i] && str_eq(map->map.p[i].key->text, map->map.p[at].key->text))
            return true;
    return false;
}

/* Narrows the shapes key by key; use[i] tells which pairs are to be read. Returns the shapes that are left. */
static unsigned narrow(struct gh_reader *r, const struct doc_node *map, const struct gh_shape *shapes, size_t n,
                       bool *use)
{
    unsigned left = (1u << n) - 1;
    const struct doc_node *decider = NULL;
    struct map seen;
    map_init(&seen, r->a, MAP_NOCASE);
    for (size_t i = 0; i < map->map.n; i++) {
        const struct doc_node *key = map->map.p[i].key;
        unsigned hits = shapes_with(shapes, n, left, key->text);
        bool fresh = gh_fresh_key(r, &seen, key);
        if (!fresh && (!hits || is_used(map, use, i))) /* RUN, then run: the second is still worth reading */
            continue;
        if (!hits) {
            unexpected_key(r, key, shapes, n, left, decider);
            continue;
        }
        if (hits != left)
            decider = key;
        left = hits;
        use[i] = true;
    }
    return left;
}

int gh_read_shapes(struct gh_reader *r, const struct doc_node *map, const struct gh_shape *shapes, size_t n, void *into)
{
    MUST(n > 0 && n <= GH_SHAPES_MAX);
    if (map->kind != DOC_MAP) {
        gh_unexpected(r, map);
        return -1;
    }
    bool *use = arena_array(r->a, map->map.n + 1, sizeof *use);
    unsigned left = narrow(r, map, shapes, n, use);
    int chosen = __builtin_ctz(left);
    if (left & (left - 1))
        not_enough(r, map, shapes, n, left);
    else
        check_required(r, map, &shapes[chosen], use);
    const struct doc_pair *owner = r->owner;
    for (size_t i = 0; i < map->map.n; i++)
        if (use[i]) {
            r->owner = &map->map.p[i];
            store(r, shape_key(&shapes[chosen], map->map.p[i].key->text), &map->map.p[i], into);
        }
    r->owner = owner;
    return chosen;
}

bool gh_read_keys(struct gh_reader *r, const struct doc_node *map, const struct gh_key *keys, size_t n, void *into)
{
    struct gh_shape shape = {keys, n, false};
    return gh_read_shapes(r, map, &shape, 1, into) == 0;
}
