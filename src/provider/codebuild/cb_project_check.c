/*
 * cb_project_check.c - does the tree of a project have the shape that CodeBuild allows? Every fault is told, in one
 * pass. What a function of the template hides is not judged.
 */
#include "core/base.h"
#include "core/num.h"
#include "doc/suggest.h"
#include "provider/codebuild/project_priv.h"

#define KEYS_MAX 64

struct check {
    struct cb_template *t;
    struct diags *d;
    const struct cb_property *p; /* whose value it is */
};

static void check_object(struct check *c, const struct cb_shape *shape, const struct doc_node *n, struct span owner);

static const char *kind_words(enum cb_kind kind)
{
    switch (kind) {
    case CB_TEXT:
    case CB_WORD:
        return "a text";
    case CB_BOOL:
        return "true or false";
    case CB_NUMBER:
        return "a number";
    case CB_TEXTS:
    case CB_WORDS:
        return "a list of texts";
    case CB_OBJECT:
        return "an object";
    case CB_OBJECTS:
        return "a list of objects";
    case CB_GROUPS:
        return "a list of filter groups, each a list of filters";
    }
    return "";
}

static void wrong_kind(const struct check *c, const struct doc_node *n)
{
    diag_error(c->d, "CB062", n->span, "'%s' must be %s", c->p->name, kind_words(c->p->kind));
    if (c->p->kind == CB_GROUPS)
        diag_hint(c->d, "a group begins with `- -`: `- - {Type: EVENT, Pattern: PUSH}`");
}

static size_t count_words(const char *const *words)
{
    size_t n = 0;
    while (words[n])
        n++;
    return n;
}

static void check_word(const struct check *c, const struct doc_node *n)
{
    size_t n_words = count_words(c->p->words);
    struct str known = cb_word_of(c->p->words, n->text);
    for (size_t i = 0; i < n_words; i++)
        if (str_is(known, c->p->words[i])) {
            if (!str_eq(known, n->text))
                diag_warning(c->d, "CB063", n->span, "'%.*s' is written %.*s", STR_ARG(n->text), STR_ARG(known));
            return;
        }
    diag_error(c->d, "CB063", n->span, "'%.*s' is no value of '%s'", STR_ARG(n->text), c->p->name);
    struct str near = suggest(n->text, c->p->words, n_words);
    CLEAN(buf) struct buf all = BUF(BUF_LINE);
    for (size_t i = 0; i < n_words; i++)
        buf_printf(&all, "%s%s", i ? ", " : "", c->p->words[i]);
    if (near.n)
        diag_hint(c->d, "did you mean '%.*s'?", STR_ARG(near));
    else
        diag_hint(c->d, "one of %s", buf_cstr(&all));
}

static void check_number(const struct check *c, const struct doc_node *n)
{
    uint64_t number;
    int rc = num_parse_u64(n->text, UINT64_MAX, &number);
    if (rc == -EINVAL)
        wrong_kind(c, n);
    else if (rc < 0 || number < c->p->min || number > c->p->max)
        diag_error(c->d, "CB064", n->span, "'%s' must be %u to %u, not %.*s", c->p->name, c->p->min, c->p->max,
                   STR_ARG(n->text));
}

/* One scalar of a property, itself or an item of its list. */
static void check_scalar(const struct check *c, const struct doc_node *n)
{
    bool flag;
    if (n->kind != DOC_SCALAR || cb_is_null(n)) {
        wrong_kind(c, n);
        return;
    }
    switch (c->p->kind) {
    case CB_WORD:
    case CB_WORDS:
        check_word(c, n);
        return;
    case CB_BOOL:
        if (!cb_bool_of(n->text, &flag))
            wrong_kind(c, n);
        return;
    case CB_NUMBER:
        check_number(c, n);
        return;
    case CB_TEXT:
    case CB_TEXTS:
    case CB_OBJECT:
    case CB_OBJECTS:
    case CB_GROUPS:
        return;
    }
}

static void check_member(struct check *c, const struct doc_node *n)
{
    if (n->kind == DOC_MAP)
        check_object(c, c->p->shape, n, n->span);
    else
        wrong_kind(c, n);
}

/* Each item that is known, by the rule. */
static void check_items(struct check *c, const struct doc_node *list,
                        void (*rule)(struct check *, const struct doc_node *))
{
    if (list->kind != DOC_SEQ) {
        wrong_kind(c, list);
        return;
    }
    const struct cb_property *of = c->p;
    for (size_t i = 0; i < list->seq.n; i++) {
        const struct doc_node *item = cb_resolve(c->t, list->seq.p[i]);
        c->p = of;
        if (item)
            rule(c, item);
    }
    c->p = of;
}

static void check_text_item(struct check *c, const struct doc_node *n)
{
    check_scalar(c, n);
}

static void check_group(struct check *c, const struct doc_node *n)
{
    check_items(c, n, check_member);
}

static void check_value(struct check *c, const struct doc_node *n)
{
    switch (c->p->kind) {
    case CB_TEXT:
    case CB_WORD:
    case CB_BOOL:
    case CB_NUMBER:
        check_scalar(c, n);
        return;
    case CB_TEXTS:
    case CB_WORDS:
        check_items(c, n, check_text_item);
        return;
    case CB_OBJECT:
        check_member(c, n);
        return;
    case CB_OBJECTS:
        check_items(c, n, check_member);
        if (c->p->max && n->kind == DOC_SEQ && n->seq.n > c->p->max)
            diag_error(c->d, "CB064", n->span, "'%s' has at most %u items, not %zu", c->p->name, c->p->max, n->seq.n);
        return;
    case CB_GROUPS:
        check_items(c, n, check_group);
        return;
    }
}

static const struct cb_property *property_of(const struct cb_shape *shape, struct str name)
{
    for (size_t i = 0; i < shape->n; i++)
        if (str_is(name, shape->p[i].name))
            return &shape->p[i];
    return NULL;
}

static void unknown(const struct check *c, const struct cb_shape *shape, const struct doc_node *key)
{
    const char *names[KEYS_MAX];
    for (size_t i = 0; i < shape->n && i < KEYS_MAX; i++)
        names[i] = shape->p[i].name;
    diag_warning(c->d, "CB060", key->span, "'%.*s' is no property of '%s'", STR_ARG(key->text), shape->name);
    struct str near = suggest(key->text, names, shape->n < KEYS_MAX ? shape->n : KEYS_MAX);
    if (near.n)
        diag_hint(c->d, "did you mean '%.*s'?", STR_ARG(near));
}

static void check_object(struct check *c, const struct cb_shape *shape, const struct doc_node *n, struct span owner)
{
    struct map seen;
    bool whole = true; /* Fn::Transform and its like add members that nobody sees here */
    map_init(&seen, c->t->a, MAP_CASE);
    for (size_t i = 0; i < n->map.n; i++) {
        const struct doc_node *key = n->map.p[i].key, *v = cb_resolve(c->t, n->map.p[i].value);
        const struct cb_property *p = property_of(shape, key->text);
        if (!map_set(&seen, key->text, NULL))
            diag_warning(c->d, "CB061", key->span, "'%.*s' stands here twice; the first one counts",
                         STR_ARG(key->text));
        else if (str_starts(key->text, STR("Fn::")))
            whole = false;
        else if (!p)
            unknown(c, shape, key);
        if (!p || !v)
            continue;
        c->p = p;
        check_value(c, v);
    }
    for (size_t i = 0; whole && i < shape->n; i++)
        if (shape->p[i].required && !map_find(&seen, str_from(shape->p[i].name)))
            diag_error(c->d, "CB065", owner, "'%s' lacks '%s'", shape->name, shape->p[i].name);
}

void cb_shape_check(struct cb_template *t, const struct doc_node *properties, struct span owner, struct diags *d)
{
    struct check c = {t, d, NULL};
    check_object(&c, &cb_shape_project, properties, owner);
}
