/*
 * az_compile.c - a file's values as nodes: which hold expressions, what they are, which keys are directives
 * (specification 5.1, 5.2).
 *
 * Every expression is parsed here, once, in losing branches too: a syntax error anywhere refuses the file. Names are
 * lexical: the variable of an `each` is known in its body only.
 */
#include "core/base.h"
#include "provider/azure/template_priv.h"

struct compiler {
    struct arena *arena;
    struct diags *d;
    struct strs names; /* of contexts and of the loops around */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct str az_directive_word(struct str text, struct str *ret_rest, size_t *ret_at)
{
    static const char *const words[] = {"if", "elseif", "else", "each", "insert"};
    size_t open, close, i, end;
    if (!az_find_expression(text, 0, &open, &close) || open != 0 || close != text.n)
        return STR_NONE;
    for (i = 3; i < text.n - 2 && is_blank(text.p[i]); i++)
        continue;
    for (end = i; end < text.n - 2 && !is_blank(text.p[end]); end++)
        continue;
    struct str word = str_sub(text, i, end);
    for (size_t k = 0; k < ARRAY_LEN(words); k++)
        if (str_is(word, words[k])) {
            while (end < text.n - 2 && is_blank(text.p[end]))
                end++;
            *ret_at = end;
            *ret_rest = str_trim_end(str_sub(text, end, text.n - 2));
            return word;
        }
    return STR_NONE;
}

/* Parses bytes [at, at + len) of a scalar's text. */
static struct az_piece compile_expression(struct compiler *c, const struct az_value *v, size_t at, size_t len)
{
    struct str whole = str_sub(v->text, at, at + len), text = str_trim(whole);
    if (text.n > 0)
        at += (size_t)(text.p - whole.p);
    struct az_piece piece = {.at = at, .len = text.n};
    const struct az_slot slot = {"a template expression", c->names.p, c->names.n, AZ_NO_STATUS, false, false};
    struct az_expr *expr = NULL;
    struct az_fault fault;
    if (az_expr_parse(c->arena, text, &slot, &expr, &fault) == 0) {
        piece.expr = expr;
        return piece;
    }
    struct str told = az_fault_text(c->arena, &fault, text);
    size_t length = fault.len > 0 ? fault.len : text.n - (fault.at < text.n ? fault.at : text.n);
    az_error_in(c->d, fault.code, v, at + fault.at, length, "%.*s", STR_ARG(told));
    if (fault.hint.n > 0)
        az_hint(c->d, "%.*s", STR_ARG(fault.hint));
    return piece;
}

static void refuse_unclosed(struct compiler *c, const struct az_value *v, size_t open)
{
    az_error_in(c->d, "AZ011", v, open, v->text.n - open, "The expression is not closed: '}}' is missing");
    az_hint(c->d, "close it with }}; to have ${{ in a text, write ${{ '${{' }}");
}

/* A directive where none can be. */
static bool refuse_directive(struct compiler *c, const struct az_value *v)
{
    struct str rest;
    size_t at;
    struct str word = az_directive_word(v->text, &rest, &at);
    if (!word.p)
        return false;
    az_error(c->d, "AZ012", v, "The directive '%.*s' is not allowed in this context", STR_ARG(word));
    az_hint(c->d, "a directive is the key of a mapping: put a colon behind it and its body below");
    return true;
}

static void compile_text(struct compiler *c, const struct az_value *v, struct az_template_text *ret)
{
    size_t from = 0, open, close;
    *ret = (struct az_template_text){0};
    while (az_find_expression(v->text, from, &open, &close)) {
        struct az_piece piece = compile_expression(c, v, open + 3, close - open - 5);
        piece.before = str_sub(v->text, from, open);
        ret->broken = ret->broken || !piece.expr;
        ret->alone = open == 0 && close == v->text.n;
        vec_push_in(c->arena, ret, piece);
        from = close;
    }
    if (open < v->text.n) {
        refuse_unclosed(c, v, open);
        ret->broken = true;
    }
    ret->after = str_from_index(v->text, from);
}

/* ---- keys ---- */

static void wrong_count(struct compiler *c, const struct az_value *key, struct az_member *m, struct str word,
                        unsigned expected, unsigned actual)
{
    m->how = AZ_KEY_WRONG;
    az_error(c->d, "AZ013", key,
             "Exactly %u parameter(s) were expected following the directive '%.*s'. Actual parameter count was: %u",
             expected, STR_ARG(word), actual);
}

/* How many parameters a directive has: words that are not inside of texts, brackets and parentheses. */
static unsigned count_words(struct str text)
{
    unsigned n = 0, depth = 0;
    bool quoted = false, inside = false;
    for (size_t i = 0; i < text.n; i++) {
        char ch = text.p[i];
        quoted = ch == '\'' ? !quoted : quoted;
        if (!quoted && (ch == '(' || ch == '['))
            depth++;
        if (!quoted && (ch == ')' || ch == ']') && depth > 0)
            depth--;
        bool blank = is_blank(ch) && !quoted && depth == 0;
        n += !blank && !inside;
        inside = !blank;
    }
    return n;
}

static bool is_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char ch = s.p[i];
        bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_';
        if (!letter && !(i > 0 && ch >= '0' && ch <= '9'))
            return false;
    }
    return s.n > 0;
}

/* The next word; *rest is what stands behind it, without blanks in front. */
static struct str take_word(struct str *rest)
{
    size_t end = 0;
    while (end < rest->n && !is_blank(rest->p[end]))
        end++;
    struct str word = str_sub(*rest, 0, end);
    while (end < rest->n && is_blank(rest->p[end]))
        end++;
    *rest = str_from_index(*rest, end);
    return word;
}

static void compile_each(struct compiler *c, const struct az_value *key, struct str text, struct az_member *m)
{
    struct str rest = text, name = take_word(&rest), in = take_word(&rest);
    m->how = AZ_EACH;
    if (rest.n == 0) {
        wrong_count(c, key, m, STR("each"), 3, count_words(text));
        return;
    }
    size_t at = (size_t)(rest.p - key->text.p);
    if (!is_name(name) || !str_is(in, "in")) {
        m->how = AZ_KEY_WRONG;
        az_error(c->d, "AZ014", key, "'each' is written as `each NAME in EXPRESSION`, not '%.*s'", STR_ARG(text));
        return;
    }
    for (size_t i = 0; i < c->names.n; i++)
        if (str_eq_nocase(c->names.p[i], name)) {
            m->how = AZ_KEY_WRONG;
            az_error(c->d, "AZ015", key, "The identifier '%.*s' has already been defined within the current scope",
                     STR_ARG(name));
            return;
        }
    m->variable = name;
    m->of = compile_expression(c, key, at, rest.n);
}

static void compile_condition(struct compiler *c, const struct az_value *key, struct str word, struct str rest,
                              struct az_member *m)
{
    m->how = str_is(word, "if") ? AZ_IF : AZ_ELSEIF;
    if (rest.n == 0)
        wrong_count(c, key, m, word, 1, 0);
    else
        m->of = compile_expression(c, key, (size_t)(rest.p - key->text.p), rest.n);
}

static void compile_key(struct compiler *c, const struct az_value *key, struct az_member *m)
{
    struct str rest;
    size_t at;
    m->key = key;
    if (str_find(key->text, STR("${{")) < 0)
        return;
    struct str word = az_directive_word(key->text, &rest, &at);
    if (!word.p) {
        compile_text(c, key, &m->text);
        m->how = m->text.broken ? AZ_KEY_WRONG : AZ_KEY_EXPRESSION;
        return;
    }
    if (str_is(word, "each"))
        compile_each(c, key, rest, m);
    else if (str_is(word, "if") || str_is(word, "elseif"))
        compile_condition(c, key, word, rest, m);
    else if (rest.n > 0)
        wrong_count(c, key, m, word, 0, count_words(rest));
    else
        m->how = str_is(word, "else") ? AZ_ELSE : AZ_INSERT;
}

/* ---- nodes ---- */

static struct az_node *compile_node(struct compiler *c, const struct az_value *v);

static void join(struct az_node *to, const struct az_node *from)
{
    to->active = to->active || from->active;
    to->refers = to->refers || from->refers;
    to->scopes = to->scopes || from->scopes;
}

static void compile_array(struct compiler *c, struct az_node *n)
{
    n->items = arena_array(c->arena, n->value->array.n + 1, sizeof *n->items);
    for (size_t i = 0; i < n->value->array.n; i++) {
        n->items[i] = compile_node(c, n->value->array.p[i]);
        join(n, n->items[i]);
    }
}

static void compile_member(struct compiler *c, const struct az_pair *pair, struct az_member *m)
{
    compile_key(c, pair->key, m);
    bool loop = m->how == AZ_EACH;
    if (loop)
        vec_push_in(c->arena, &c->names, m->variable);
    m->value = compile_node(c, pair->value);
    if (loop)
        c->names.n--;
}

static void compile_object(struct compiler *c, struct az_node *n)
{
    n->members = arena_array(c->arena, n->value->object.n + 1, sizeof *n->members);
    for (size_t i = 0; i < n->value->object.n; i++) {
        struct az_member *m = &n->members[i];
        compile_member(c, &n->value->object.p[i], m);
        join(n, m->value);
        n->active = n->active || m->how != AZ_KEY;
        n->refers = n->refers || str_is(m->key->text, "template");
        n->scopes = n->scopes || str_is(m->key->text, "variables");
    }
}

static struct az_node *compile_node(struct compiler *c, const struct az_value *v)
{
    struct az_node *n = ARENA_NEW(c->arena, struct az_node);
    n->value = v;
    if (v->kind == AZ_ARRAY)
        compile_array(c, n);
    else if (v->kind == AZ_OBJECT)
        compile_object(c, n);
    else if (str_find(v->text, STR("${{")) >= 0) {
        n->active = true;
        n->text = ARENA_NEW(c->arena, struct az_template_text);
        n->text->broken = refuse_directive(c, v);
        if (!n->text->broken)
            compile_text(c, v, n->text);
    }
    return n;
}

/* The root's `parameters:` stay as they are: az_param.c says what may stand in them. */
static struct az_node *compile_root(struct compiler *c, const struct az_value *root)
{
    struct az_node *n = ARENA_NEW(c->arena, struct az_node);
    n->value = root;
    n->members = arena_array(c->arena, root->object.n + 1, sizeof *n->members);
    n->active = true;
    for (size_t i = 0; i < root->object.n; i++) {
        struct az_member *m = &n->members[i];
        if (!str_is(root->object.p[i].key->text, "parameters")) {
            compile_member(c, &root->object.p[i], m);
            join(n, m->value);
            continue;
        }
        m->key = root->object.p[i].key;
        m->value = ARENA_NEW(c->arena, struct az_node);
        m->value->value = root->object.p[i].value;
    }
    return n;
}

struct az_node *az_compile(struct arena *a, const struct az_value *root, struct diags *d)
{
    struct compiler c = {.arena = a, .d = d};
    vec_push_in(a, &c.names, STR("parameters"));
    vec_push_in(a, &c.names, STR("variables"));
    return root->kind == AZ_OBJECT ? compile_root(&c, root) : compile_node(&c, root);
}
