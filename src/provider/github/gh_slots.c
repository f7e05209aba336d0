/*
 * gh_slots.c - the values of keys: texts with expressions, typed slots, literals, lists and pairs.
 *
 * The rules of type are the service's (specification 1.4): a text slot takes any scalar, a boolean or number slot takes
 * that type or an expression, and a quoted "5" is no number.
 */
#include "core/base.h"
#include "core/num.h"
#include "provider/github/gh_read_priv.h"

static bool is_scalar(struct gh_reader *r, const struct doc_node *n)
{
    if (n->kind == DOC_NULL || n->kind == DOC_SCALAR)
        return true;
    gh_unexpected(r, n);
    return false;
}

static void read_scalar(struct gh_reader *r, const struct doc_node *n, enum gh_slot slot, enum gh_want want,
                        struct gh_text *ret)
{
    if (!is_scalar(r, n))
        return;
    gh_text_read(r->a, n, gh_allow(slot), r->d, ret);
    gh_note_slot(r, n, ret->expr, want);
}

void gh_read_text(struct gh_reader *r, const struct doc_node *n, enum gh_slot slot, struct gh_text *ret)
{
    read_scalar(r, n, slot, GH_WANT_TEXT, ret);
}

void gh_read_whole(struct gh_reader *r, const struct doc_node *n, enum gh_slot slot, enum gh_want want,
                   struct gh_text *ret)
{
    size_t before = r->d->errors;
    read_scalar(r, n, slot, want, ret);
    if (r->d->errors == before && !ret->expr)
        gh_unexpected(r, n);
}

void gh_read_full(struct gh_reader *r, const struct doc_node *n, enum gh_slot slot, struct gh_text *ret)
{
    size_t before = r->d->errors;
    gh_read_text(r, n, slot, ret);
    if (r->d->errors == before && !ret->expr && ret->literal.n == 0)
        gh_unexpected(r, n);
}

static void read_typed(struct gh_reader *r, const struct doc_node *n, enum gh_slot slot, enum value_kind kind,
                       struct gh_text *ret)
{
    struct gh_text t = {0};
    size_t before = r->d->errors;
    read_scalar(r, n, slot, kind == VALUE_BOOL ? GH_WANT_BOOL : GH_WANT_NUMBER, &t);
    if (r->d->errors != before)
        return;
    if (!t.expr && (!t.typed || t.typed->kind != kind))
        gh_unexpected(r, n);
    else
        *ret = t;
}

void gh_read_bool(struct gh_reader *r, const struct doc_node *n, enum gh_slot slot, struct gh_text *ret)
{
    read_typed(r, n, slot, VALUE_BOOL, ret);
}

void gh_read_number(struct gh_reader *r, const struct doc_node *n, enum gh_slot slot, struct gh_text *ret)
{
    read_typed(r, n, slot, VALUE_NUMBER, ret);
}

/* A condition with text around ${{ }}, be it white space, is a text that is never empty. */
static bool is_mixed(struct str s)
{
    bool quoted = false;
    if (str_find(s, STR("${{")) != 0)
        return str_find(s, STR("${{")) > 0;
    for (size_t i = 3; i + 1 < s.n; i++) {
        if (s.p[i] == '\'')
            quoted = !quoted;
        else if (!quoted && s.p[i] == '}' && s.p[i + 1] == '}')
            return i + 2 != s.n;
    }
    return false;
}

void gh_read_condition(struct gh_reader *r, const struct doc_node *n, enum gh_slot slot, struct gh_text *ret)
{
    size_t before = r->d->errors;
    if (!is_scalar(r, n))
        return;
    gh_if_read(r->a, n, gh_allow(slot), r->d, ret);
    bool mixed = n->kind == DOC_SCALAR && is_mixed(n->text);
    gh_note_slot(r, n, ret->expr, mixed ? GH_WANT_ANY : GH_WANT_CONDITION);
    if (r->d->errors != before || !mixed)
        return;
    diag_warning(r->d, "GH062", n->span, "Text around ${{ }} makes this condition a text, which is always true");
    if (is_mixed(str_trim(n->text)))
        diag_hint(r->d, "write the whole condition without ${{ }}, or inside of one");
    else
        diag_hint(r->d, "white space counts: end a folded text with >-, and leave none inside of quotes");
}

void gh_read_minutes(struct gh_reader *r, const struct doc_node *n, enum gh_slot slot, struct gh_text *ret)
{
    gh_read_number(r, n, slot, ret);
    if (ret->set && !ret->expr && ret->typed && !(ret->typed->number > 0)) {
        diag_warning(r->d, "GH066", n->span, "A time limit must be greater than zero; this one is not applied");
        *ret = (struct gh_text){0};
    }
}

/* A literal slot: ${{ 'x' }} folds to x and is one, any other expression is not allowed. */
static bool read_literal_text(struct gh_reader *r, const struct doc_node *n, bool full, struct gh_text *ret)
{
    struct gh_text t = {0};
    size_t before = r->d->errors;
    if (!is_scalar(r, n))
        return false;
    gh_text_read(r->a, n, gh_allow(GH_SLOT_ANY), r->d, &t);
    if (r->d->errors != before)
        return false;
    if (t.expr) {
        diag_error(r->d, "GH035", n->span, "A template expression is not allowed in this context");
        return false;
    }
    if (full && t.literal.n == 0) {
        gh_unexpected(r, n);
        return false;
    }
    *ret = t;
    return true;
}

bool gh_read_literal(struct gh_reader *r, const struct doc_node *n, bool full, struct str *ret)
{
    struct gh_text t = {0};
    if (!read_literal_text(r, n, full, &t))
        return false;
    *ret = t.literal;
    return true;
}

bool gh_read_flag(struct gh_reader *r, const struct doc_node *n, bool *ret)
{
    struct gh_text t = {0};
    if (!read_literal_text(r, n, false, &t))
        return false;
    if (!t.typed || t.typed->kind != VALUE_BOOL) {
        gh_unexpected(r, n);
        return false;
    }
    *ret = t.typed->boolean;
    return true;
}

bool gh_read_list(struct gh_reader *r, const struct doc_node *n, struct strs *ret, struct span **ret_spans)
{
    size_t count = n->kind == DOC_SEQ ? n->seq.n : 1;
    struct span *spans = arena_array(r->a, count + 1, sizeof *spans);
    bool good = true;
    ret->n = 0;
    for (size_t i = 0; i < count; i++) {
        const struct doc_node *item = n->kind == DOC_SEQ ? n->seq.p[i] : n;
        struct str text;
        if (!gh_read_literal(r, item, true, &text)) {
            good = false;
            continue;
        }
        spans[ret->n] = item->span;
        vec_push_in(r->a, ret, text);
    }
    if (ret_spans)
        *ret_spans = spans;
    return good;
}

void gh_warn_null(struct gh_reader *r, const struct doc_node *key, const struct doc_node *value)
{
    if (gh_is_null(value))
        diag_warning(r->d, "GH063", key->span, "'%.*s' is empty and has no effect", STR_ARG(key->text));
}

bool gh_warn_empty(struct gh_reader *r, const struct doc_node *n)
{
    if (n->kind != DOC_SEQ || n->seq.n)
        return false;
    diag_warning(r->d, "GH063", n->span, "The list is empty and has no effect");
    return true;
}

int gh_read_word(struct gh_reader *r, const struct doc_node *n, const char *const *words, size_t n_words)
{
    struct str text;
    if (!gh_read_literal(r, n, false, &text))
        return -1;
    for (size_t i = 0; i < n_words; i++)
        if (str_is(text, words[i]))
            return (int)i;
    gh_unexpected_of(r, n, words, n_words);
    return -1;
}

/* ---- pairs ---- */

/* Is the key the directive ${{ insert }}? */
static bool is_insert(const struct doc_node *key)
{
    struct str s = str_trim(key->text);
    if (!str_starts(s, STR("${{")) || !str_ends(s, STR("}}")) || s.n < 5)
        return false;
    return str_is(str_trim(str_sub(s, 3, s.n - 2)), "insert");
}

static void read_pair(struct gh_reader *r, const struct doc_pair *at, enum gh_slot slot, struct gh_pairs *ret)
{
    struct gh_pair p = {.key = at->key->text, .span = at->key->span};
    p.insert = is_insert(at->key);
    if (p.insert && at->value->kind == DOC_MAP) {
        for (size_t i = 0; i < at->value->map.n; i++)
            if (at->value->map.p[i].value->kind != DOC_MAP) /* one level: a literal mapping is spliced at once */
                read_pair(r, &at->value->map.p[i], slot, ret);
            else
                gh_unexpected(r, at->value->map.p[i].value);
        return;
    }
    if (!p.insert && gh_is_dynamic(at->key))
        gh_read_text(r, at->key, slot, &p.name);
    if (p.insert)
        gh_read_whole(r, at->value, slot, GH_WANT_OBJECT, &p.value);
    else
        gh_read_text(r, at->value, slot, &p.value);
    vec_push_in(r->a, ret, p);
}

void gh_read_pairs(struct gh_reader *r, const struct doc_node *n, enum gh_slot slot, struct gh_pairs *ret)
{
    struct map seen;
    if (gh_is_null(n))
        return;
    ret->span = n->span;
    if (n->kind == DOC_SCALAR) {
        gh_read_whole(r, n, slot, GH_WANT_OBJECT, &ret->whole);
        ret->set = ret->whole.expr != NULL;
        return;
    }
    if (!gh_is_map(r, n))
        return;
    ret->set = true;
    map_init(&seen, r->a, MAP_NOCASE);
    for (size_t i = 0; i < n->map.n; i++) {
        const struct doc_node *key = n->map.p[i].key;
        if (str_is(key->text, "<<") && key->style == DOC_PLAIN) {
            gh_unexpected(r, key);
            diag_hint(r->d, "merge keys are not supported, anchors and aliases are");
        } else if (key->text.n == 0) {
            gh_unexpected(r, key);
        } else if (gh_fresh_key(r, &seen, key)) {
            read_pair(r, &n->map.p[i], slot, ret);
        }
    }
}

void gh_check_env_names(struct gh_reader *r, const struct gh_pairs *env)
{
    for (size_t i = 0; env && i < env->n; i++) {
        struct str key = env->p[i].key;
        bool bad = str_find_ch(key, '=') >= 0 || str_find_ch(key, ' ') >= 0 || str_find_ch(key, '&') >= 0;
        if (bad && !env->p[i].insert && !env->p[i].name.set)
            diag_warning(r->d, "GH071", env->p[i].span, "'%.*s' is no name that a variable can have", STR_ARG(key));
    }
}

/* 3.10 is the number 3.1 wherever it becomes text. */
void gh_warn_number(struct gh_reader *r, const struct doc_node *n)
{
    struct diags quiet;
    if (n->kind != DOC_SCALAR || n->style != DOC_PLAIN || n->tag.n || str_find_ch(n->text, '.') < 0)
        return;
    diags_init(&quiet, r->a, r->d->sources);
    struct value *v = gh_scalar(r->a, n, &quiet);
    if (quiet.errors || !v || v->kind != VALUE_NUMBER)
        return;
    struct str shown = gh_to_string(r->a, v);
    if (str_eq(shown, n->text))
        return;
    diag_warning(r->d, "GH060", n->span, "%.*s is a number and becomes the text %.*s", STR_ARG(n->text),
                 STR_ARG(shown));
    diag_hint(r->d, "quote it: '%.*s'", STR_ARG(n->text));
}
