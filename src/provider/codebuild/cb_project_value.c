/*
 * cb_project_value.c - the functions of a CloudFormation template, as far as the template itself knows the answer.
 *
 * Resolved are Ref (to parameters with a default and to pseudo parameters), Fn::Sub, Fn::Join, Fn::If with its
 * conditions, and Fn::FindInMap ("Intrinsic function reference"). Every other function, and every reference to a
 * resource, is not known before a deployment. A short form is a YAML tag on its argument, a long one a mapping with one
 * key; both lead to the same code. A parameter that is looked up (AWS::SSM::Parameter::...) has a default that is a
 * name, not the value, and {{resolve:...}} is looked up as well.
 */
#include "core/base.h"
#include "core/path.h"
#include "provider/codebuild/project_priv.h"

#define STEPS_MAX 100000u           /* functions in one template, and 64 bytes of their results count as another one */
#define TEXT_MAX ((size_t)16 << 10) /* bytes of a text that Fn::Sub or Fn::Join makes */
#define DEPTH_MAX 64u               /* conditions within each other */

struct call {
    struct str name;           /* "Ref", "Sub" */
    const struct doc_node *at; /* where it stands, for its result's place */
    const struct doc_node *argument;
};

bool cb_is_null(const struct doc_node *n)
{
    if (n->kind == DOC_NULL)
        return true;
    return n->kind == DOC_SCALAR && n->style == DOC_PLAIN && !n->tag.n &&
           (str_is(n->text, "~") || str_is_nocase(n->text, "null"));
}

bool cb_word_is(struct str text, const char *word)
{
    size_t i = 0, k = 0;
    bool small = false;
    for (size_t n = 0; n < text.n; n++)
        small = small || (text.p[n] >= 'a' && text.p[n] <= 'z');
    if (!small)
        return str_is(text, word);
    for (;;) {
        i += i < text.n && text.p[i] == '_';
        k += word[k] == '_';
        if (i >= text.n || word[k] == '\0')
            return i >= text.n && word[k] == '\0';
        if (!str_eq_nocase(str_sub(text, i, i + 1), str_of(&word[k], 1)))
            return false;
        i++;
        k++;
    }
}

struct str cb_word_of(const char *const *words, struct str text)
{
    for (size_t i = 0; words[i]; i++)
        if (cb_word_is(text, words[i]))
            return str_from(words[i]);
    return text;
}

bool cb_bool_of(struct str text, bool *ret)
{
    static const char *const yes[] = {"true", "yes", "on"}, *const no[] = {"false", "no", "off"};
    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        if (str_is_nocase(text, yes[i]) || str_is_nocase(text, no[i])) {
            *ret = str_is_nocase(text, yes[i]);
            return true;
        }
    return false;
}

void cb_template_init(struct cb_template *t, struct arena *a, const struct doc_node *root, struct str file)
{
    struct str base = path_base(file);
    *t = (struct cb_template){
        .a = a,
        .stack = str_sub(base, 0, base.n - path_ext(base).n),
        .parameters = doc_get(root, "Parameters"),
        .conditions = doc_get(root, "Conditions"),
        .mappings = doc_get(root, "Mappings"),
    };
}

/* The value of a key that is a text, not a literal. */
static const struct doc_node *member(const struct doc_node *map, struct str key)
{
    for (size_t i = 0; map && map->kind == DOC_MAP && i < map->map.n; i++)
        if (str_eq(map->map.p[i].key->text, key))
            return map->map.p[i].value;
    return NULL;
}

/* Is it a function? The argument of a short form is a copy without its tag. */
static bool as_call(struct cb_template *t, const struct doc_node *n, struct call *ret)
{
    if (t->steps > STEPS_MAX)
        return false;
    if (n->tag.n > 1 && n->tag.p[0] == '!') {
        t->steps++;
        struct doc_node *bare = ARENA_NEW(t->a, struct doc_node);
        *bare = *n;
        bare->tag = STR_NONE;
        *ret = (struct call){str_from_index(n->tag, 1), n, bare};
        return true;
    }
    if (n->kind != DOC_MAP || n->map.n != 1)
        return false;
    struct str key = n->map.p[0].key->text;
    bool plain = str_is(key, "Ref") || str_is(key, "Condition");
    if (!plain && !str_starts(key, STR("Fn::")))
        return false;
    t->steps++;
    *ret = (struct call){plain ? key : str_from_index(key, strlen("Fn::")), n, n->map.p[0].value};
    return true;
}

static const struct doc_node *text_node(struct cb_template *t, const struct doc_node *at, struct str text)
{
    struct doc_node *n = ARENA_NEW(t->a, struct doc_node);
    *n = (struct doc_node){.kind = DOC_SCALAR, .style = DOC_DOUBLE, .span = at->span, .alias = at->alias};
    n->text = arena_str(t->a, text);
    t->steps += (unsigned)(text.n / 64);
    n->line_off = at->span.off;
    return n;
}

/* ---- Ref ---- */

static bool pseudo(const struct cb_template *t, struct str name, struct str *ret)
{
    static const struct {
        const char *name, *value;
    } known[] = {
        {"AWS::Region", "us-east-1"},
        {"AWS::AccountId", "123456789012"},
        {"AWS::Partition", "aws"},
        {"AWS::URLSuffix", "amazonaws.com"},
    };
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_is(name, known[i].name)) {
            *ret = str_from(known[i].value);
            return true;
        }
    *ret = t->stack;
    return str_is(name, "AWS::StackName");
}

static bool reference(struct cb_template *t, struct str name, struct str *ret)
{
    if (pseudo(t, name, ret))
        return true;
    const struct doc_node *parameter = member(t->parameters, name), *type = doc_get(parameter, "Type");
    const struct doc_node *otherwise = doc_get(parameter, "Default");
    if (!otherwise || otherwise->kind != DOC_SCALAR || (type && str_starts(type->text, STR("AWS::SSM::"))))
        return false;
    *ret = otherwise->text;
    return true;
}

static bool is_list(const struct cb_template *t, struct str name)
{
    const struct doc_node *type = doc_get(member(t->parameters, name), "Type");
    return type && (str_is(type->text, "CommaDelimitedList") || str_starts(type->text, STR("List<")));
}

static const struct doc_node *ref(struct cb_template *t, const struct call *c)
{
    struct str text, item;
    if (c->argument->kind != DOC_SCALAR || !reference(t, c->argument->text, &text))
        return NULL;
    if (!is_list(t, c->argument->text))
        return text_node(t, c->at, text);
    struct doc_node *list = ARENA_NEW(t->a, struct doc_node);
    *list = (struct doc_node){.kind = DOC_SEQ, .style = DOC_FLOW, .span = c->at->span, .alias = c->at->alias};
    while (str_next(&text, ',', &item))
        vec_push_in(t->a, &list->seq, (struct doc_node *)(uintptr_t)text_node(t, c->at, str_trim(item)));
    return list;
}

/* ---- Fn::Sub, Fn::Join ---- */

/* ${Name}: of the function's own variables, else as Ref; ${Resource.Attribute} is not known. */
static bool variable(struct cb_template *t, const struct doc_node *own, struct str name, struct str *ret)
{
    const struct doc_node *mine = member(own, name);
    return mine ? cb_resolve_text(t, mine, ret) : reference(t, name, ret);
}

static bool substitute(struct cb_template *t, struct str text, const struct doc_node *own, struct buf *out)
{
    for (size_t i = 0; i < text.n;) {
        ssize_t open = str_find_from(text, i, STR("${"));
        ssize_t close = open < 0 ? -1 : str_find_from(text, (size_t)open, STR("}"));
        if (close < 0)
            return buf_add(out, str_from_index(text, i)) == 0;
        struct str name = str_trim(str_sub(text, (size_t)open + 2, (size_t)close)), value;
        buf_add(out, str_sub(text, i, (size_t)open));
        i = (size_t)close + 1;
        if (str_starts(name, STR("!"))) /* ${!Literal} stays, without its mark */
            buf_printf(out, "${%.*s}", STR_ARG(str_from_index(name, 1)));
        else if (!variable(t, own, name, &value))
            return false;
        else
            buf_add(out, value);
    }
    return true;
}

static const struct doc_node *sub(struct cb_template *t, const struct call *c)
{
    const struct doc_node *text = c->argument, *own = NULL;
    CLEAN(buf) struct buf out = BUF(TEXT_MAX);
    if (text->kind == DOC_SEQ && text->seq.n == 2) {
        own = text->seq.p[1];
        text = text->seq.p[0];
    }
    if (text->kind != DOC_SCALAR || !substitute(t, text->text, own, &out) || out.over)
        return NULL;
    return text_node(t, c->at, buf_str(&out));
}

static const struct doc_node *join(struct cb_template *t, const struct call *c)
{
    const struct doc_node *args = c->argument;
    struct str between, item;
    CLEAN(buf) struct buf out = BUF(TEXT_MAX);
    if (args->kind != DOC_SEQ || args->seq.n != 2 || !cb_resolve_text(t, args->seq.p[0], &between))
        return NULL;
    const struct doc_node *list = cb_resolve(t, args->seq.p[1]);
    if (!list || list->kind != DOC_SEQ)
        return NULL;
    for (size_t i = 0; i < list->seq.n; i++) {
        if (!cb_resolve_text(t, list->seq.p[i], &item))
            return NULL;
        buf_add(&out, i ? between : STR(""));
        buf_add(&out, item);
    }
    return out.over ? NULL : text_node(t, c->at, buf_str(&out));
}

/* ---- Fn::FindInMap, conditions ---- */

static const struct doc_node *find_in_map(struct cb_template *t, const struct call *c)
{
    const struct doc_node *at = t->mappings;
    struct str key;
    if (c->argument->kind != DOC_SEQ || c->argument->seq.n != 3)
        return NULL;
    for (size_t i = 0; i < 3; i++) {
        if (!cb_resolve_text(t, c->argument->seq.p[i], &key))
            return NULL;
        at = member(at, key);
    }
    return at;
}

static int truth(struct cb_template *t, const struct doc_node *n);

static int all_of(struct cb_template *t, const struct doc_node *list, bool and)
{
    int known = and; /* true of nothing for And, false for Or */
    for (size_t i = 0; list->kind == DOC_SEQ && i < list->seq.n; i++) {
        int one = truth(t, list->seq.p[i]);
        if (one == !and)
            return one;
        known = one < 0 ? -1 : known;
    }
    return known;
}

static int equals(struct cb_template *t, const struct doc_node *pair)
{
    struct str left, right;
    if (pair->kind != DOC_SEQ || pair->seq.n != 2 || !cb_resolve_text(t, pair->seq.p[0], &left) ||
        !cb_resolve_text(t, pair->seq.p[1], &right))
        return -1;
    return str_eq(left, right);
}

static int truth(struct cb_template *t, const struct doc_node *n)
{
    struct call c;
    if (t->depth >= DEPTH_MAX || !as_call(t, n, &c))
        return -1;
    if (str_is(c.name, "Condition"))
        return c.argument->kind == DOC_SCALAR ? cb_condition(t, c.argument->text) : -1;
    if (str_is(c.name, "Equals"))
        return equals(t, c.argument);
    if (str_is(c.name, "And") || str_is(c.name, "Or"))
        return all_of(t, c.argument, str_is(c.name, "And"));
    if (!str_is(c.name, "Not") || c.argument->kind != DOC_SEQ || c.argument->seq.n != 1)
        return -1;
    int one = truth(t, c.argument->seq.p[0]);
    return one < 0 ? -1 : !one;
}

int cb_condition(struct cb_template *t, struct str name)
{
    const struct doc_node *n = member(t->conditions, name);
    t->depth++;
    int says = n ? truth(t, n) : -1;
    t->depth--;
    return says;
}

static const struct doc_node *choose(struct cb_template *t, const struct call *c)
{
    const struct doc_node *args = c->argument;
    if (args->kind != DOC_SEQ || args->seq.n != 3 || args->seq.p[0]->kind != DOC_SCALAR)
        return NULL;
    int says = cb_condition(t, args->seq.p[0]->text);
    return says < 0 ? NULL : cb_resolve(t, args->seq.p[says ? 1 : 2]);
}

/* ---- all of them ---- */

const struct doc_node *cb_resolve(struct cb_template *t, const struct doc_node *n)
{
    struct call c;
    if (!n || t->steps > STEPS_MAX)
        return NULL;
    if (!as_call(t, n, &c)) {
        bool looked_up = n->kind == DOC_SCALAR && str_find(n->text, STR("{{resolve:")) >= 0;
        return looked_up ? NULL : n;
    }
    if (str_is(c.name, "Ref"))
        return ref(t, &c);
    if (str_is(c.name, "Sub"))
        return sub(t, &c);
    if (str_is(c.name, "Join"))
        return join(t, &c);
    if (str_is(c.name, "If"))
        return choose(t, &c);
    if (str_is(c.name, "FindInMap"))
        return find_in_map(t, &c);
    return NULL;
}

bool cb_resolve_text(struct cb_template *t, const struct doc_node *n, struct str *ret)
{
    const struct doc_node *v = cb_resolve(t, n);
    if (!v || v->kind != DOC_SCALAR)
        return false;
    *ret = v->text;
    return true;
}
