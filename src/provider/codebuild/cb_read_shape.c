/*
 * cb_read_shape.c - kinds and keys: what every part of a buildspec is made of.
 *
 * Keys are exact. The service stops at the first fault of the file, in DOWNLOAD_SOURCE; here all of them are told.
 */
#include "core/base.h"
#include "core/num.h"
#include "core/utf8.h"
#include "doc/suggest.h"
#include "provider/codebuild/read_priv.h"

#define WORDS_MAX 64
#define KEY_COLUMNS 60

static const char *kind_name(const struct doc_node *n)
{
    switch (n->kind) {
    case DOC_NULL:
        return "nothing";
    case DOC_SCALAR:
        return "a text";
    case DOC_SEQ:
        return "a list";
    case DOC_MAP:
        return "a mapping";
    }
    BUG("a node of kind %d", (int)n->kind);
}

static void wrong_kind(struct cb_reader *r, const struct doc_node *n, const char *what, const char *wanted)
{
    diag_error(r->d, "CB003", n->span, "'%s' must be %s, and is %s", what, wanted, kind_name(n));
}

/* A key may be as long as the file, and stands in every message about what is below it. */
const char *cb_below(struct cb_reader *r, const char *what, struct str key)
{
    struct str fit = utf8_fit(key, KEY_COLUMNS);
    return arena_printf(r->a, "%s%s%.*s%s", what, what[0] != '\0' ? "/" : "", STR_ARG(fit), fit.n < key.n ? "..." : "")
        .p;
}

bool cb_is_map(struct cb_reader *r, const struct doc_node *n, const char *what)
{
    if (n->kind == DOC_MAP)
        return true;
    wrong_kind(r, n, what, "a mapping");
    return false;
}

bool cb_read_text(struct cb_reader *r, const struct doc_node *n, const char *what, struct str *ret)
{
    if (n->kind == DOC_SCALAR) {
        *ret = n->text;
        return true;
    }
    wrong_kind(r, n, what, "a text");
    return false;
}

bool cb_read_bool(struct cb_reader *r, const struct doc_node *n, const char *what, bool *ret)
{
    struct str text;
    if (!cb_read_text(r, n, what, &text))
        return false;
    bool yes = str_is_nocase(text, "yes") || str_is_nocase(text, "true");
    if (!yes && !str_is_nocase(text, "no") && !str_is_nocase(text, "false")) {
        diag_error(r->d, "CB006", n->span, "'%s' is yes or no, and not '%.*s'", what, STR_ARG(text));
        return false;
    }
    *ret = yes;
    return true;
}

bool cb_read_number(struct cb_reader *r, const struct doc_node *n, const char *what, unsigned max, unsigned *ret)
{
    struct str text;
    uint64_t number;
    if (!cb_read_text(r, n, what, &text))
        return false;
    if (num_parse_u64(text, max, &number) < 0 || number == 0) {
        diag_error(r->d, "CB006", n->span, "'%s' is a number from 1 to %u, and not '%.*s'", what, max, STR_ARG(text));
        return false;
    }
    *ret = (unsigned)number;
    return true;
}

/* One text for a list: the service's own tutorials write `files: imagedefinitions.json`. */
static void take_one(struct cb_reader *r, const struct doc_node *n, const char *what, struct cb_texts *ret)
{
    struct cb_text one = {n->text, n->span};
    vec_push_in(r->a, ret, one);
    if (!str_ends(str_from(what), STR("/files")))
        cb_remark(r->d, "CB029", n->span, "'%s' is a list; one text is taken as a list of one", what);
}

bool cb_read_list(struct cb_reader *r, const struct doc_node *n, const char *what, struct cb_texts *ret)
{
    if (n->kind == DOC_SCALAR) {
        take_one(r, n, what, ret);
        return true;
    }
    if (n->kind != DOC_SEQ) {
        wrong_kind(r, n, what, "a list");
        return false;
    }
    for (size_t i = 0; i < n->seq.n; i++) {
        struct cb_text one = {.span = n->seq.p[i]->span};
        if (cb_read_text(r, n->seq.p[i], arena_printf(r->a, "%s[%zu]", what, i).p, &one.text))
            vec_push_in(r->a, ret, one);
    }
    return true;
}

bool cb_read_strs(struct cb_reader *r, const struct doc_node *n, const char *what, struct strs *ret)
{
    struct cb_texts list = {0};
    bool good = cb_read_list(r, n, what, &list);
    for (size_t i = 0; i < list.n; i++)
        vec_push_in(r->a, ret, list.p[i].text);
    return good;
}

void cb_read_pairs(struct cb_reader *r, const struct doc_node *n, const char *what, struct map *ret)
{
    struct map seen;
    if (n->kind == DOC_NULL || !cb_is_map(r, n, what))
        return;
    map_init(&seen, r->a, MAP_CASE);
    for (size_t i = 0; i < n->map.n; i++) {
        const struct doc_pair *p = &n->map.p[i];
        struct str text = STR("");
        bool good = p->value->kind == DOC_NULL || cb_read_text(r, p->value, cb_below(r, what, p->key->text), &text);
        if (cb_fresh_key(r, &seen, p->key) && good)
            map_set_str(ret, p->key->text, text);
    }
}

bool cb_fresh_key(struct cb_reader *r, struct map *seen, const struct doc_node *key)
{
    const struct doc_node *first = map_get(seen, key->text);
    if (first == NULL) {
        map_set(seen, key->text, (void *)(uintptr_t)key);
        return true;
    }
    diag_error(r->d, "CB004", key->span, "'%.*s' stands here twice", STR_ARG(key->text));
    diag_note(r->d, "CB004", first->span, "the first one");
    return false;
}

void cb_suggest(struct cb_reader *r, struct str word, const char *const *words, size_t n)
{
    struct str near = suggest(word, words, n);
    if (near.n > 0)
        diag_hint(r->d, "did you mean '%.*s'?", STR_ARG(near));
}

void cb_missing(struct cb_reader *r, struct span at, const char *what, const char *key)
{
    diag_error(r->d, "CB005", at, "'%s' lacks '%s', which is required", what, key);
}

void cb_remark(struct diags *d, const char *code, struct span at, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    buf_vprintf(&b, fmt, args);
    va_end(args);
    size_t before = d->n;
    diag_note(d, code, at, "%s", buf_cstr(&b));
    if (d->n > before)
        d->p[before].order = at;
}

static void unknown_key(struct cb_reader *r, const struct doc_node *key, const char *what, const struct cb_key *keys,
                        size_t n)
{
    const char *words[WORDS_MAX];
    MUST(n <= WORDS_MAX);
    for (size_t i = 0; i < n; i++)
        words[i] = keys[i].name;
    diag_warning(r->d, "CB002", key->span, "'%s' is no key of a buildspec; it is not used",
                 cb_below(r, what, key->text));
    if (what[0] == '\0' && cb_is_phase(key->text))
        diag_hint(r->d, "phases stand below 'phases', two spaces further in");
    else if (what[0] == '\0' && str_is(key->text, "environment_variables"))
        diag_hint(r->d, "version 0.2 has 'env' with 'variables' in its stead");
    else if (str_is(key->text, "<<"))
        diag_hint(r->d, "whether the service merges mappings is not told: write the keys out");
    else
        cb_suggest(r, key->text, words, n);
}

void cb_read_keys(struct cb_reader *r, const struct doc_node *map, const char *what, const struct cb_key *keys,
                  size_t n, void *into)
{
    struct map seen;
    map_init(&seen, r->a, MAP_CASE);
    for (size_t i = 0; i < map->map.n; i++) {
        const struct doc_pair *p = &map->map.p[i];
        size_t k = 0;
        while (k < n && !str_is(p->key->text, keys[k].name))
            k++;
        if (!cb_fresh_key(r, &seen, p->key))
            continue;
        if (k == n)
            unknown_key(r, p->key, what, keys, n);
        else if (keys[k].read != NULL)
            keys[k].read(r, p, cb_below(r, what, p->key->text), into);
    }
}
