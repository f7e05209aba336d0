/*
 * gb_read.c - messages by tables of keys, and the values that they hold.
 *
 * The service's tools turn YAML into JSON and JSON into a message, strictly: an unknown field is an error, and so is a
 * number or a boolean where a text belongs (YAML 1.1 decides what is one). A key with nothing behind it is not there.
 */
#include "core/base.h"
#include "core/num.h"
#include "core/utf8.h"
#include "doc/suggest.h"
#include "provider/cloudbuild/gb_read_priv.h"

#define WORDS_MAX 64

/* ---- places ---- */

static void add_place(struct buf *b, const struct gb_place *p)
{
    if (p == NULL)
        return;
    add_place(b, p->up);
    if (p->key.n > 0)
        buf_printf(b, ".%.*s", STR_ARG(utf8_fit(p->key, 40)));
    else
        buf_printf(b, "[%zu]", p->index);
}

struct str gb_place_text(const struct gb_reader *r)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    add_place(&b, r->place);
    return b.n > 0 ? arena_str(r->a, buf_str(&b)) : STR(".");
}

/* ---- kinds ---- */

bool gb_is_null(const struct doc_node *n)
{
    if (n->kind == DOC_NULL)
        return true;
    if (n->kind != DOC_SCALAR || n->style != DOC_PLAIN || n->tag.n > 0)
        return false;
    return str_is(n->text, "~") || str_is(n->text, "null") || str_is(n->text, "Null") || str_is(n->text, "NULL");
}

/* 1: true, 0: false, -1: neither. The words of YAML 1.1, which the service's readers know. */
static int bool_of(const struct doc_node *n)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on"};
    if (n->kind != DOC_SCALAR || n->style != DOC_PLAIN || n->tag.n > 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        struct str word = str_from(words[i]), tail = str_from_index(n->text, 1);
        bool same_tail = str_is(tail, words[i] + 1); /* yes and Yes */
        bool all_upper = true;
        for (size_t k = 0; k < n->text.n; k++)
            all_upper = all_upper && n->text.p[k] >= 'A' && n->text.p[k] <= 'Z';
        if (str_eq_nocase(n->text, word) && (same_tail || all_upper))
            return (int)(i & 1);
    }
    return -1;
}

/* Digits of a base with underscores between them. */
static bool is_based(struct str s, const char *prefix, const char *digits)
{
    if (!str_starts(s, str_from(prefix)) || s.n == strlen(prefix))
        return false;
    for (size_t i = strlen(prefix); i < s.n; i++)
        if (s.p[i] != '_' && strchr(digits, s.p[i]) == NULL)
            return false;
    return true;
}

/* Would YAML 1.1 make a number of it? */
static bool is_number(struct str s)
{
    static const char *const special[] = {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"};
    double d;
    if (s.n > 0 && (s.p[0] == '-' || s.p[0] == '+'))
        s = str_from_index(s, 1);
    for (size_t i = 0; i < ARRAY_LEN(special); i++)
        if (str_is(s, special[i]))
            return true;
    if (is_based(s, "0x", "0123456789abcdefABCDEF") || is_based(s, "0b", "01"))
        return true;
    if (s.n > 0 && s.p[0] >= '0' && s.p[0] <= '9' && is_based(s, "", "0123456789"))
        return true;
    return s.n > 0 && (s.p[0] == '.' || (s.p[0] >= '0' && s.p[0] <= '9')) && num_parse_double(s, &d) != -EINVAL;
}

const char *gb_kind_name(const struct doc_node *n)
{
    switch (n->kind) {
    case DOC_NULL:
        return "nothing";
    case DOC_SEQ:
        return "a list";
    case DOC_MAP:
        return "a mapping";
    case DOC_SCALAR:
        break;
    }
    if (gb_is_null(n))
        return "nothing";
    if (n->style != DOC_PLAIN || n->tag.n > 0)
        return "a text";
    return bool_of(n) >= 0 ? "a boolean" : is_number(n->text) ? "a number" : "a text";
}

static bool is_text(const struct doc_node *n)
{
    return n->kind == DOC_SCALAR && strcmp(gb_kind_name(n), "a text") == 0;
}

/* ---- values ---- */

static void wrong_kind(const struct gb_reader *r, const struct doc_node *n, const char *wanted)
{
    struct str where = gb_place_text(r);
    diag_error(r->d, "GB002", n->span, "%.*s is %s, and must be %s", STR_ARG(where), gb_kind_name(n), wanted);
}

int gb_read_text(struct gb_reader *r, const struct doc_node *n, struct gb_text *ret)
{
    if (is_text(n)) {
        *ret = (struct gb_text){n->text, n};
        return 0;
    }
    if (n->kind != DOC_SCALAR || gb_is_null(n)) {
        wrong_kind(r, n, "a text");
        return -1;
    }
    struct str where = gb_place_text(r);
    diag_error(r->d, "GB003", n->span, "%.*s is %s, and must be a text", STR_ARG(where), gb_kind_name(n));
    diag_hint(r->d, "put it into quotes: '%.*s'", STR_ARG(n->text));
    return -1;
}

static void add_text(struct gb_reader *r, const struct doc_node *n, struct gb_texts *ret)
{
    struct gb_text text;
    if (gb_read_text(r, n, &text) == 0)
        vec_push_in(r->a, ret, text);
}

/* KEY: value in the place of a list of KEY=VALUE: what the configs of other services have. */
static void told_env_mapping(struct gb_reader *r, const struct doc_node *n)
{
    struct str where = gb_place_text(r);
    diag_error(r->d, "GB008", n->span, "%.*s is a mapping, and must be a list of KEY=VALUE texts", STR_ARG(where));
    if (n->map.n > 0 && n->map.p[0].value->kind == DOC_SCALAR)
        diag_hint(r->d, "write `- '%.*s=%.*s'`", STR_ARG(n->map.p[0].key->text), STR_ARG(n->map.p[0].value->text));
}

void gb_read_texts(struct gb_reader *r, const struct doc_node *n, struct gb_texts *ret)
{
    const struct gb_place *up = r->place;
    ret->set = true;
    if (n->kind == DOC_MAP && up != NULL && str_is(up->key, "env")) {
        told_env_mapping(r, n);
    } else if (n->kind == DOC_SEQ) {
        for (size_t i = 0; i < n->seq.n; i++) {
            struct gb_place item = {.up = up, .index = i};
            r->place = &item;
            add_text(r, n->seq.p[i], ret);
        }
        r->place = up;
    } else if (n->kind == DOC_SCALAR && is_text(n)) {
        struct str where = gb_place_text(r);
        add_text(r, n, ret);
        diag_warning(r->d, "GB007", n->span, "%.*s is a list: this text is taken for a list of one", STR_ARG(where));
        diag_hint(r->d, "write ['%.*s']", STR_ARG(utf8_fit(n->text, 60)));
    } else {
        wrong_kind(r, n, "a list of texts");
    }
}

static int read_bool(struct gb_reader *r, const struct doc_node *n)
{
    int is = bool_of(n);
    if (is < 0)
        wrong_kind(r, n, "true or false");
    return is;
}

static void read_duration(struct gb_reader *r, const struct gb_key *k, const struct doc_node *n, char *into)
{
    struct str where = gb_place_text(r);
    struct err e = {0};
    int64_t ns = 0;
    uint64_t seconds;
    if (k->span_at != 0)
        *(struct span *)(void *)(into + k->span_at) = n->span;
    if (n->kind != DOC_SCALAR) {
        wrong_kind(r, n, "a duration as in 600s");
        return;
    }
    if (gb_duration_parse(n->text, &ns, &e) == 0) {
        *(int64_t *)(void *)(into + k->at) = ns;
        return;
    }
    diag_error(r->d, "GB006", n->span, "%.*s: %s", STR_ARG(where), e.text);
    if (num_parse_u64(n->text, UINT32_MAX, &seconds) == 0)
        diag_hint(r->d, "write %llus", (unsigned long long)seconds);
    else if (str_ends(n->text, STR("m")) && num_parse_u64(str_sub(n->text, 0, n->text.n - 1), 10000, &seconds) == 0)
        diag_hint(r->d, "write %llus", (unsigned long long)seconds * 60);
    else if (str_ends(n->text, STR("h")) && num_parse_u64(str_sub(n->text, 0, n->text.n - 1), 24, &seconds) == 0)
        diag_hint(r->d, "write %llus", (unsigned long long)seconds * 3600);
}

/* The word that is nearest, else all of them. */
static void hint_word(struct gb_reader *r, struct str text, const char *const *words, size_t n_words)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    struct str near = suggest(text, words, n_words);
    if (near.n > 0) {
        diag_hint(r->d, "did you mean '%.*s'?", STR_ARG(near));
        return;
    }
    for (size_t i = 0; i < n_words; i++)
        buf_printf(&b, "%s%s", i == 0 ? "" : i + 1 == n_words ? " or " : ", ", words[i]);
    diag_hint(r->d, "it is %s", buf_cstr(&b));
}

int gb_read_word(struct gb_reader *r, const struct doc_node *n, const char *const *words, size_t n_words)
{
    struct str where = gb_place_text(r);
    uint64_t number;
    if (n->kind != DOC_SCALAR) {
        wrong_kind(r, n, "a word");
        return -1;
    }
    for (size_t i = 0; i < n_words; i++)
        if (str_is(n->text, words[i]))
            return (int)i;
    if (num_parse_u64(n->text, n_words - 1, &number) == 0) /* the API takes an enum's numbers, too */
        return (int)number;
    diag_error(r->d, "GB005", n->span, "%.*s cannot be '%.*s'", STR_ARG(where), STR_ARG(utf8_fit(n->text, 60)));
    hint_word(r, n->text, words, n_words);
    return -1;
}

int64_t gb_read_number(struct gb_reader *r, const struct doc_node *n, int64_t max)
{
    struct str where = gb_place_text(r);
    int64_t number;
    if (n->kind != DOC_SCALAR) {
        wrong_kind(r, n, "a whole number");
        return -1;
    }
    int rc = num_parse_i64(n->text, INT64_MIN, INT64_MAX, &number);
    if (rc == 0 && number >= 0 && number <= max)
        return number;
    if (rc == -EINVAL)
        diag_error(r->d, "GB002", n->span, "%.*s is '%.*s', and must be a whole number", STR_ARG(where),
                   STR_ARG(utf8_fit(n->text, 60)));
    else
        diag_error(r->d, "GB013", n->span, "%.*s is %.*s; 0 to %lld are allowed", STR_ARG(where), STR_ARG(n->text),
                   (long long)max);
    return -1;
}

/* ---- messages ---- */

/* Is the text the key's name, in camelCase or in snake_case? */
static bool is_key(struct str text, const char *name)
{
    size_t i = 0;
    if (str_is(text, name))
        return true;
    for (const char *c = name; *c != '\0'; c++) {
        if (*c >= 'A' && *c <= 'Z') {
            if (i + 1 >= text.n || text.p[i] != '_' || text.p[i + 1] != *c + 32)
                return false;
            i += 2;
        } else if (i >= text.n || text.p[i++] != *c) {
            return false;
        }
    }
    return i == text.n;
}

static const struct gb_key *find_key(struct str text, const struct gb_key *keys, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_key(text, keys[i].name))
            return &keys[i];
    return NULL;
}

static void unknown_key(struct gb_reader *r, const struct doc_node *key, const struct gb_key *keys, size_t n)
{
    const char *words[WORDS_MAX];
    struct gb_place here = {.up = r->place, .key = key->text};
    struct gb_reader at = *r;
    at.place = &here;
    struct str where = gb_place_text(&at);
    MUST(n <= WORDS_MAX);
    for (size_t i = 0; i < n; i++)
        words[i] = keys[i].name;
    diag_error(r->d, "GB001", key->span, "there is no field %.*s", STR_ARG(where));
    struct str near = suggest(key->text, words, n);
    if (near.n > 0)
        diag_hint(r->d, "did you mean '%.*s'?", STR_ARG(near));
    else if (r->place == NULL && (str_is(key->text, "env") || str_is(key->text, "volumes")))
        diag_hint(r->d, "for all steps it stands below 'options'");
}

static void read_list(struct gb_reader *r, const struct gb_key *k, const struct doc_node *n, void *into)
{
    const struct gb_place *up = r->place;
    if (n->kind != DOC_SEQ) {
        wrong_kind(r, n, "a list");
        return;
    }
    for (size_t i = 0; i < n->seq.n; i++) {
        struct gb_place item = {.up = up, .index = i};
        r->place = &item;
        r->key = NULL;
        k->read(r, n->seq.p[i], into);
    }
    r->place = up;
}

static void read_other(struct gb_reader *r, const struct doc_node *n)
{
    struct gb_text text;
    if (gb_read_text(r, n, &text) == 0)
        vec_push_in(r->a, &r->b->others, text);
}

static void read_value(struct gb_reader *r, const struct gb_key *k, const struct doc_node *n, char *into)
{
    struct str where;
    int is;
    switch (k->kind) {
    case GB_V_TEXT:
        gb_read_text(r, n, (struct gb_text *)(void *)(into + k->at));
        return;
    case GB_V_TEXTS:
        gb_read_texts(r, n, (struct gb_texts *)(void *)(into + k->at));
        return;
    case GB_V_BOOL:
        *(bool *)(void *)(into + k->at) = read_bool(r, n) == 1;
        return;
    case GB_V_TRISTATE:
        is = read_bool(r, n);
        *(enum gb_tristate *)(void *)(into + k->at) = is < 0 ? GB_UNSET : is ? GB_TRUE : GB_FALSE;
        return;
    case GB_V_DURATION:
        read_duration(r, k, n, into);
        return;
    case GB_V_CALL:
        k->read(r, n, into + k->at);
        return;
    case GB_V_LIST:
        read_list(r, k, n, into + k->at);
        return;
    case GB_V_OTHER:
        read_other(r, n);
        return;
    case GB_V_IGNORED:
        return;
    case GB_V_OUTPUT:
        where = gb_place_text(r);
        diag_warning(r->d, "GB010", r->key->span, "%.*s is set by the service: what stands here is ignored",
                     STR_ARG(where));
        return;
    }
}

/* ---- mappings ---- */

struct pairs {
    struct arena *a;
    VEC(struct doc_pair) list;
};

static bool has_key(const struct pairs *p, struct str key)
{
    for (size_t i = 0; i < p->list.n; i++)
        if (str_eq(p->list.p[i].key->text, key))
            return true;
    return false;
}

static bool is_merge(const struct doc_node *key)
{
    return key->style == DOC_PLAIN && str_is(key->text, "<<");
}

/* `<<: *other`: the pairs of another mapping, or of several, whose keys are not here. Chains end at a depth. */
static void add_merged(struct pairs *p, const struct doc_node *from, unsigned depth)
{
    if (depth > 8)
        return;
    if (from->kind == DOC_SEQ)
        for (size_t i = 0; i < from->seq.n; i++)
            add_merged(p, from->seq.p[i], depth + 1);
    if (from->kind != DOC_MAP)
        return;
    for (size_t i = 0; i < from->map.n; i++) {
        if (is_merge(from->map.p[i].key))
            add_merged(p, from->map.p[i].value, depth + 1);
        else if (!has_key(p, from->map.p[i].key->text))
            vec_push_in(p->a, &p->list, from->map.p[i]);
    }
}

/* The pairs of a mapping with those that it merges in. Doubled keys stay doubled. */
static struct pairs pairs_of(struct gb_reader *r, const struct doc_node *n)
{
    struct pairs p = {.a = r->a};
    for (size_t i = 0; i < n->map.n; i++)
        if (!is_merge(n->map.p[i].key))
            vec_push_in(r->a, &p.list, n->map.p[i]);
    for (size_t i = 0; i < n->map.n; i++)
        if (is_merge(n->map.p[i].key))
            add_merged(&p, n->map.p[i].value, 0);
    return p;
}

static void doubled(struct gb_reader *r, const struct doc_node *key, const struct doc_node *first)
{
    struct str where = gb_place_text(r);
    diag_error(r->d, "GB004", key->span, "%.*s is given twice", STR_ARG(where));
    diag_note(r->d, "GB004", first->span, "it stands here, too");
}

bool gb_read_message(struct gb_reader *r, const struct doc_node *node, const struct gb_key *keys, size_t n, void *into)
{
    const struct gb_place *up = r->place;
    const struct doc_node *seen[WORDS_MAX] = {NULL};
    if (node->kind != DOC_MAP) {
        if (!gb_is_null(node))
            wrong_kind(r, node, "a mapping");
        return false;
    }
    struct pairs p = pairs_of(r, node);
    for (size_t i = 0; i < p.list.n; i++) {
        const struct doc_pair *pair = &p.list.p[i];
        const struct gb_key *k = find_key(pair->key->text, keys, n);
        if (k == NULL) {
            unknown_key(r, pair->key, keys, n);
            continue;
        }
        struct gb_place here = {.up = up, .key = str_from(k->name)};
        r->place = &here;
        r->key = pair->key;
        if (seen[k - keys] != NULL)
            doubled(r, pair->key, seen[k - keys]);
        else if (!gb_is_null(pair->value))
            read_value(r, k, pair->value, into);
        seen[k - keys] = pair->key;
        r->place = up;
    }
    return true;
}

void gb_read_pairs(struct gb_reader *r, const struct doc_node *node,
                   void (*item)(struct gb_reader *r, const struct doc_node *value, void *into), void *into)
{
    const struct gb_place *up = r->place;
    struct map seen;
    if (node->kind != DOC_MAP) {
        wrong_kind(r, node, "a mapping");
        return;
    }
    map_init(&seen, r->a, MAP_CASE);
    struct pairs p = pairs_of(r, node);
    for (size_t i = 0; i < p.list.n; i++) {
        const struct doc_node *key = p.list.p[i].key, *first = map_get(&seen, key->text);
        struct gb_place here = {.up = up, .key = key->text};
        r->place = &here;
        r->key = key;
        if (first != NULL)
            doubled(r, key, first);
        else
            item(r, p.list.p[i].value, into);
        map_set(&seen, key->text, (void *)(uintptr_t)key);
        r->place = up;
    }
}
