/*
 * az_schema.c - the one walk over the schema's tables: what a value may be, told in the service's words.
 *
 * A mapping's form is told by its first key; its keys are looked up in the right spelling, and in another case with a
 * warning, as files of production have them ("LOCAL", specification 2). What does not fit is told and left out, so that
 * one pass finds all. Texts that hold a macro or are a `$[ ]` have no kind yet.
 */
#include "core/base.h"
#include "doc/suggest.h"
#include "provider/azure/schema_priv.h"

struct walk {
    struct arena *arena;
    struct diags *d;
};

bool az_is_dynamic(struct str text)
{
    text = str_trim(text);
    return str_find(text, STR("$(")) >= 0 || (str_starts(text, STR("$[")) && str_ends(text, STR("]")));
}

/* ---- texts ---- */

static bool is_number(struct str text, bool percent)
{
    if (percent && str_ends(text, STR("%")))
        text.n--;
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
    return text.n > 0;
}

static bool is_name(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
            return false;
    }
    return true;
}

static bool is_word(struct str text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (str_is_nocase(text, *words))
            return true;
    return false;
}

static bool fits(const struct az_type *t, struct str text)
{
    struct str bare = str_trim(text);
    bool ignored;
    switch (t->text) {
    case AZ_TEXT:
        return true;
    case AZ_TEXT_FILLED:
        return bare.n > 0;
    case AZ_TEXT_BOOL:
        return bare.n == 0 || az_schema_bool(bare, &ignored);
    case AZ_TEXT_NUMBER:
        return bare.n == 0 || is_number(bare, false);
    case AZ_TEXT_PERCENT:
        return bare.n == 0 || is_number(bare, true);
    case AZ_TEXT_WORD:
        return bare.n == 0 || is_word(bare, t->words);
    case AZ_TEXT_NAME:
        return is_name(text);
    }
    return false;
}

/* An expression that failed, as was told: it stands for itself, and nothing is asked of it. */
static bool has_failed(const struct az_value *v)
{
    return v->failed;
}

/* Every scalar of a file is a text, whatever expressions made of it. */
static struct az_value *text_of(struct arena *a, const struct az_value *v)
{
    if (v->kind == AZ_STRING)
        return az_at(a, v, v);
    if (has_failed(v))
        return az_at(a, az_string(a, v->text), v);
    return az_at(a, az_string(a, az_scalar(a, v)), v);
}

static struct az_value *walk_text(struct walk *w, const struct az_type *t, const struct az_value *v)
{
    struct az_value *text = text_of(w->arena, v);
    if (has_failed(v) || fits(t, text->text) || az_is_dynamic(text->text))
        return text;
    az_error(w->d, "AZ305", v, "Unexpected value '%.*s'", STR_ARG(text->text));
    az_hint(w->d, "%s belongs here", t->what);
    return NULL;
}

static struct az_value *walk_scalar(struct walk *w, const struct az_type *t, const struct az_value *v)
{
    if ((t->takes & AZ_TAKES_TEXT) != 0)
        return walk_text(w, t, v);
    struct az_value *text = text_of(w->arena, v);
    if (has_failed(v) || str_trim(text->text).n == 0) /* nothing was written: as if the key were not there */
        return t->takes == AZ_TAKES_LIST ? az_at(w->arena, az_array(w->arena), v) : NULL;
    if ((t->takes & AZ_TAKES_DYNAMIC) != 0 && az_is_dynamic(text->text))
        return text;
    if ((t->takes & AZ_TAKES_LIST) != 0)
        az_error(w->d, "AZ303", v, "Unexpected value '%.*s'", STR_ARG(text->text));
    else
        az_error(w->d, "AZ303", v, "Expected a mapping");
    az_hint(w->d, "%s belongs here", t->what);
    return NULL;
}

/* ---- lists ---- */

static bool is_nothing(const struct az_value *v)
{
    return v->kind == AZ_NULL || (v->kind == AZ_STRING && v->text.n == 0) || (v->kind == AZ_OBJECT && v->object.n == 0);
}

static struct az_value *walk_list(struct walk *w, const struct az_type *t, const struct az_value *v)
{
    if ((t->takes & AZ_TAKES_LIST) == 0) {
        az_error(w->d, "AZ302", v, "A sequence was not expected");
        az_hint(w->d, "%s belongs here", t->what);
        return NULL;
    }
    struct az_value *list = az_at(w->arena, az_array(w->arena), v);
    for (size_t i = 0; i < v->array.n; i++) {
        const struct az_value *item = v->array.p[i];
        if (t->item->takes == AZ_TAKES_MAP && is_nothing(item)) {
            az_warning(w->d, "AZ314", item, "This item is empty and is left out");
            az_hint(w->d, "%s belongs here", t->item->what);
            continue;
        }
        struct az_value *made = az_schema_walk(w->arena, t->item, item, w->d);
        if (made != NULL)
            az_push(w->arena, list, made);
    }
    return list;
}

/* ---- mappings ---- */

static const struct az_key *key_at(const struct az_form *f, size_t i)
{
    return i < f->n_keys ? &f->keys[i] : &f->more[i - f->n_keys];
}

/* The number of the key, in its own spelling or in another; the number of keys when there is none. */
static size_t find_key(const struct az_form *f, struct str name, bool fold)
{
    size_t i = 0, n = f->n_keys + f->n_more;
    while (i < n && !(fold ? str_is_nocase(name, key_at(f, i)->name) : str_is(name, key_at(f, i)->name)))
        i++;
    return i;
}

#define KEYS_MAX 64
static void hint_key(struct walk *w, const struct az_type *t, const struct az_form *f, struct str name)
{
    const char *names[KEYS_MAX];
    size_t n = 0;
    for (; n < f->n_keys + f->n_more && n < KEYS_MAX; n++)
        names[n] = key_at(f, n)->name;
    struct str near = suggest(name, names, n);
    if (near.n > 0)
        az_hint(w->d, "did you mean '%.*s'?", STR_ARG(near));
    else if (f->first != NULL)
        az_hint(w->d, "%s that begins with '%s' has no such key", t->what, f->first);
    else if (t == &az_type_pipeline)
        az_hint(w->d, "the root of a pipeline has no such key");
    else
        az_hint(w->d, "%s belongs here", t->what);
}

/* What may be said of one key beside that it is there. */
static void tell_key(struct walk *w, const struct az_key *k, const struct az_value *key)
{
    if (!str_is(key->text, k->name)) {
        az_warning(w->d, "AZ307", key, "'%.*s' is written '%s'", STR_ARG(key->text), k->name);
        az_hint(w->d, "the service's keys have one spelling");
    }
    /* Canonical values that were made here stand nowhere. */
    if ((k->flags & AZ_KEY_OLD) != 0)
        az_warning(w->d, "AZ308", key, "'%s' is deprecated", k->name);
    if ((k->flags & AZ_KEY_STRANGE) != 0 && key->frame != NULL)
        az_warning(w->d, "AZ309", key, "'%s' is not in the service's schema here", k->name);
}

struct form_walk {
    const struct az_type *type;
    const struct az_form *form;
    struct az_value *ret;
    uint64_t seen; /* bit: number of the key */
};

static void walk_pair(struct walk *w, struct form_walk *fw, const struct az_pair *pair)
{
    const struct az_form *f = fw->form;
    size_t n = f->n_keys + f->n_more, i = find_key(f, pair->key->text, false);
    if (i == n)
        i = find_key(f, pair->key->text, true);
    if (i == n) {
        az_error(w->d, "AZ300", pair->key, "Unexpected value '%.*s'", STR_ARG(pair->key->text));
        hint_key(w, fw->type, f, pair->key->text);
        return;
    }
    const struct az_key *k = key_at(f, i);
    if ((fw->seen & (UINT64_C(1) << i)) != 0) {
        az_error(w->d, "AZ304", pair->key, "'%.*s' is already defined", STR_ARG(pair->key->text));
        return;
    }
    fw->seen |= UINT64_C(1) << i;
    tell_key(w, k, pair->key);
    struct az_value *made = az_schema_walk(w->arena, k->type, pair->value, w->d);
    struct az_value *key = pair->key;
    if (!str_is(key->text, k->name))
        key = az_at(w->arena, az_string(w->arena, str_from(k->name)), pair->key);
    if (made != NULL)
        az_add(w->arena, fw->ret, key, made);
}

static struct az_value *walk_form(struct walk *w, const struct az_type *t, const struct az_form *f,
                                  const struct az_value *v)
{
    struct form_walk fw = {t, f, az_at(w->arena, az_object(w->arena, v->fold), v), 0};
    for (size_t i = 0; i < v->object.n; i++)
        walk_pair(w, &fw, &v->object.p[i]);
    for (size_t i = 0; i < f->n_keys + f->n_more; i++) {
        const struct az_key *k = key_at(f, i);
        if ((k->flags & AZ_KEY_REQUIRED) == 0 || (fw.seen & (UINT64_C(1) << i)) != 0)
            continue;
        az_error(w->d, "AZ306", v, "Required property is missing: %s", k->name);
    }
    /* Without its first key it is nothing that could be named. */
    return f->first != NULL && az_get(fw.ret, str_from(f->first)) == NULL ? NULL : fw.ret;
}

static void tell_first(struct walk *w, const struct az_type *t, const struct az_value *v)
{
    const struct az_value *key = v->object.p[0].key;
    const char *names[KEYS_MAX];
    size_t n = 0;
    az_error(w->d, "AZ300", key, "Unexpected value '%.*s'", STR_ARG(key->text));
    for (size_t i = 0; i < t->n_forms && n < KEYS_MAX; i++) {
        if (t->forms[i].first == NULL)
            continue;
        names[n++] = t->forms[i].first;
        if (az_get_nocase(v, t->forms[i].first) != NULL) {
            az_hint(w->d, "'%s' must be the first key of %s", t->forms[i].first, t->what);
            return;
        }
    }
    struct str near = suggest(key->text, names, n);
    if (near.n > 0) {
        az_hint(w->d, "did you mean '%.*s'?", STR_ARG(near));
        return;
    }
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s%s", i == 0 ? "" : i + 1 == n ? " or " : ", ", names[i]);
    az_hint(w->d, "%s begins with %s", t->what, buf_cstr(&b));
}

static const struct az_form *pick_form(const struct az_type *t, const struct az_value *v)
{
    for (size_t i = 0; i < t->n_forms; i++) {
        const struct az_form *f = &t->forms[i];
        if (f->first == NULL || (v->object.n > 0 && str_is_nocase(v->object.p[0].key->text, f->first)))
            return f;
    }
    return NULL;
}

static struct az_value *walk_free(struct walk *w, const struct az_type *t, const struct az_value *v)
{
    struct az_value *ret = az_at(w->arena, az_object(w->arena, v->fold), v);
    for (size_t i = 0; i < v->object.n; i++) {
        if (str_trim(v->object.p[i].key->text).n == 0) {
            az_error(w->d, "AZ300", v->object.p[i].key, "Unexpected value ''");
            az_hint(w->d, "a name belongs here");
            continue;
        }
        struct az_value *made = az_schema_walk(w->arena, t->values, v->object.p[i].value, w->d);
        if (made != NULL)
            az_add(w->arena, ret, v->object.p[i].key, made);
    }
    return ret;
}

static struct az_value *walk_map(struct walk *w, const struct az_type *t, const struct az_value *v)
{
    if ((t->takes & AZ_TAKES_MAP) == 0) {
        az_error(w->d, "AZ301", v, "A mapping was not expected");
        az_hint(w->d, "%s belongs here", t->what);
        return NULL;
    }
    if (t->values != NULL)
        return walk_free(w, t, v);
    const struct az_form *f = pick_form(t, v);
    if (f != NULL)
        return walk_form(w, t, f, v);
    if (v->object.n > 0)
        tell_first(w, t, v);
    else
        az_error(w->d, "AZ303", v, "Expected %s", t->what);
    return NULL;
}

struct az_value *az_schema_walk(struct arena *a, const struct az_type *t, const struct az_value *v, struct diags *d)
{
    struct walk w = {a, d};
    if ((t->takes & AZ_TAKES_ANY) != 0)
        return az_at(a, v, v);
    if (v->kind == AZ_ARRAY)
        return walk_list(&w, t, v);
    if (v->kind == AZ_OBJECT)
        return walk_map(&w, t, v);
    return walk_scalar(&w, t, v);
}
