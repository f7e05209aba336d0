/*
 * gh_text.c - slots: scalars with expressions in them ("Expressions", specification 1.5).
 *
 * A scalar is a literal, one expression (its value keeps its type) or parts that are joined to a text. An expression
 * that is only a string in quotes is its text, which is how a workflow writes a literal ${{.
 */
#include "core/base.h"
#include "provider/github/expr_node_priv.h"

#define OPEN STR("${{")
#define SURELY_SHORT                                                                                                   \
    (GH_EXPR_LENGTH / 8)             /* bytes of a scalar whose format() cannot be too long: nothing is counted        \
                                      */
#define PARTS_MAX (GH_EXPR_ARGS - 1) /* the service joins with format(), whose first argument is the format */

ssize_t gh_find_open(struct str s, size_t from)
{
    while (from + 3 <= s.n) {
        const char *dollar = memchr(s.p + from, '$', s.n - from - 2);
        if (!dollar)
            return -1;
        if (dollar[1] == '{' && dollar[2] == '{')
            return dollar - s.p;
        from = (size_t)(dollar - s.p) + 1;
    }
    return -1;
}

/* A scalar while it is compiled. */
struct slot {
    struct arena *a;
    const struct doc_node *n;
    const struct gh_allow *allow;
    struct diags *d; /* may be NULL */
    struct gh_expr *parts;
    size_t n_exprs;
    size_t units; /* of the format() call that the service would make of it */
    bool literal; /* there is literal text */
    bool bad;
};

static void fault(struct slot *s, const char *code, size_t at, size_t len, const char *text)
{
    s->bad = true;
    if (s->d)
        diag_error(s->d, code, doc_span_in(s->d->sources, s->n, at, len), "%s", text);
}

static void add_literal(struct slot *s, struct str text)
{
    if (text.n == 0)
        return;
    s->literal = true;
    if (s->n->text.n >= SURELY_SHORT)
        s->units += utf16_units(text);
    for (size_t i = 0; s->n->text.n >= SURELY_SHORT && i < text.n; i++)
        s->units += text.p[i] == '\'' || text.p[i] == '{' || text.p[i] == '}';
    gh_expr_add(s->parts, gh_expr_literal(s->a, value_string(s->a, text)));
}

/* Byte of the }} that ends the expression whose body begins at i: the first that stands in no string; -1 without. */
static ssize_t body_end(struct str s, size_t i)
{
    bool quoted = false;
    for (; i + 1 < s.n; i++) {
        if (s.p[i] == '\'')
            quoted = !quoted;
        else if (!quoted && s.p[i] == '}' && s.p[i + 1] == '}')
            return (ssize_t)i;
    }
    return -1;
}

/* insert, alone or with words behind it. */
static bool is_directive(struct str body)
{
    return str_starts(body, STR("insert")) && (body.n == 6 || utf16_blank(body, 6));
}

bool gh_is_insert(const struct doc_node *key)
{
    struct str s = utf16_trim(key->text);
    if (!str_starts(s, OPEN) || !str_ends(s, STR("}}")) || s.n < 5)
        return false;
    return str_is(utf16_trim(str_sub(s, 3, s.n - 2)), "insert");
}

static void bound_to_fail(void *ctx, size_t at, size_t len, const char *text)
{
    const struct slot *s = ctx;
    diag_warning(s->d, "GH011", doc_span_in(s->d->sources, s->n, at, len), "%s", text);
}

static void check_constants(struct slot *s, const struct gh_expr *x)
{
    if (s->d)
        gh_expr_check(s->a, x, bound_to_fail, s);
}

/* The expression between ${{ at `open` and }} at `end`. */
static void add_expression(struct slot *s, size_t open, size_t end)
{
    struct gh_expr_error err;
    struct gh_expr *x;
    struct str body = utf16_trim(str_sub(s->n->text, open + 3, end));
    size_t at = (size_t)(body.p - s->n->text.p);
    if (body.n == 0) {
        fault(s, "GH008", open, end + 2 - open, "An expression was expected");
    } else if (is_directive(body)) {
        fault(s, "GH009", at, 6,
              "The directive 'insert' is not allowed in this context. Directives are not supported for expressions "
              "that are embedded within a string. Directives are only supported when the entire value is an "
              "expression.");
    } else if (gh_expr_parse(s->a, body, s->allow, &x, &err) < 0) {
        fault(s, err.code, at + err.at, err.len, err.text);
        if (s->d)
            gh_expr_hint(s->d, &err, body, s->allow);
    } else if (x->kind == GH_NODE_LITERAL && x->value->kind == VALUE_STRING) {
        add_literal(s, x->value->string);
    } else {
        s->n_exprs++;
        s->units += s->n->text.n < SURELY_SHORT ? 0 : utf16_units(body) + (s->n_exprs > 10 ? 6 : 5);
        gh_expr_shift(x, at);
        check_constants(s, x);
        gh_expr_add(s->parts, x);
    }
}

static void add_parts(struct slot *s)
{
    struct str text = s->n->text;
    size_t at = 0;
    ssize_t open;
    while ((open = gh_find_open(text, at)) >= 0) {
        add_literal(s, str_sub(text, at, (size_t)open));
        ssize_t end = body_end(text, (size_t)open + 3);
        if (end < 0) {
            struct str rest = str_from_index(text, (size_t)open);
            ssize_t line = str_find_ch(rest, '\n');
            fault(s, "GH007", (size_t)open, line < 0 ? rest.n : (size_t)line,
                  "The expression is not closed. An unescaped ${{ sequence was found, but the closing }} sequence was "
                  "not found.");
            return;
        }
        add_expression(s, (size_t)open, (size_t)end);
        at = (size_t)end + 2;
    }
    add_literal(s, str_from_index(text, at));
}

/* The texts of parts that are all literal: never longer than what they were read from. */
static struct str joined(const struct slot *s)
{
    CLEAN(buf) struct buf b = BUF(s->n->text.n);
    for (const struct gh_expr *x = s->parts->first; x; x = x->next)
        buf_add(&b, x->value->string);
    return arena_str(s->a, buf_str(&b));
}

/* What the service says of the format() call that it makes of several parts. */
static void check_parts(struct slot *s)
{
    char text[64];
    if (s->units + strlen("format('')") > GH_EXPR_LENGTH) {
        snprintf(text, sizeof text, "Exceeded max expression length %d", GH_EXPR_LENGTH);
        fault(s, "GH006", 0, s->n->text.n, text);
    } else if (s->n_exprs > PARTS_MAX) {
        fault(s, "GH005", 0, s->n->text.n, "Too many parameters supplied: 'format'");
    } else if (s->parts->depth > GH_EXPR_DEPTH) {
        snprintf(text, sizeof text, "Exceeded max expression depth %d", GH_EXPR_DEPTH);
        fault(s, "GH006", 0, s->n->text.n, text);
    }
}

static bool compile(struct arena *a, const struct doc_node *n, const struct gh_allow *allow, struct diags *d,
                    struct gh_text *t)
{
    struct slot s = {.a = a, .n = n, .allow = allow, .d = d, .parts = gh_expr_new(a, GH_NODE_CONCAT)};
    add_parts(&s);
    bool single = s.n_exprs == 1 && !s.literal;
    if (!s.bad && !single && s.n_exprs > 0)
        check_parts(&s);
    if (s.bad)
        return false;
    if (s.n_exprs == 0) {
        t->literal = joined(&s);
        t->typed = value_string(a, t->literal);
    } else {
        t->typed = NULL;
        t->expr = single ? s.parts->first : s.parts;
    }
    return true;
}

bool gh_text_try(struct arena *a, const struct doc_node *n, const struct gh_allow *allow, struct diags *d,
                 struct gh_text *ret)
{
    struct gh_text t = {.set = true, .span = n->span, .typed = value_null()};
    bool good = false;
    if (n->kind == DOC_SEQ || n->kind == DOC_MAP) {
        if (d)
            diag_error(d, "GH034", n->span, "A %s was not expected", n->kind == DOC_SEQ ? "sequence" : "mapping");
    } else {
        good = gh_scalar_try(a, n, d, &t.typed);
        t.literal = gh_to_string(a, t.typed);
        if (t.typed->kind == VALUE_STRING && gh_find_open(t.literal, 0) >= 0)
            good = compile(a, n, allow, d, &t) && good;
    }
    *ret = t;
    return good;
}

void gh_text_read(struct arena *a, const struct doc_node *n, const struct gh_allow *allow, struct diags *d,
                  struct gh_text *ret)
{
    gh_text_try(a, n, allow, d, ret);
}

/* ---- if ---- */

static bool parse_condition(struct arena *a, const struct doc_node *n, const struct gh_allow *allow, struct diags *d,
                            struct gh_text *t)
{
    struct gh_expr_error err;
    if (utf16_trim(t->literal).n == 0) {
        t->expr = gh_expr_success(a);
        return true;
    }
    /* The condition ${{ 'x' }} is the text x, which stands nowhere by itself. */
    bool written = str_eq(t->literal, n->text);
    if (gh_expr_parse(a, t->literal, allow, &t->expr, &err) == 0) {
        struct slot s = {.a = a, .n = n, .d = written ? d : NULL};
        check_constants(&s, t->expr);
        return true;
    }
    diag_error(d, err.code, written ? doc_span_in(d->sources, n, err.at, err.len) : n->span, "%s", err.text);
    gh_expr_hint(d, &err, t->literal, allow);
    return false;
}

static bool read_condition(struct arena *a, const struct doc_node *n, const struct gh_allow *allow, struct diags *d,
                           struct gh_text *t)
{
    bool good = gh_text_try(a, n, allow, d, t);
    if (good && !t->expr)
        good = parse_condition(a, n, allow, d, t);
    return good;
}

void gh_if_read(struct arena *a, const struct doc_node *n, const struct gh_allow *allow, struct diags *d,
                struct gh_text *ret)
{
    struct gh_text t;
    if (read_condition(a, n, allow, d, &t) && !gh_expr_has_status(t.expr))
        t.expr = gh_expr_join(a, GH_NODE_AND, gh_expr_success(a), t.expr);
    *ret = t;
}

void gh_hook_if_read(struct arena *a, const struct doc_node *n, const struct gh_allow *allow, struct diags *d,
                     struct gh_text *ret)
{
    struct gh_text t;
    read_condition(a, n, allow, d, &t);
    *ret = t;
}

/* ---- evaluation ---- */

int gh_text_value(struct arena *a, const struct gh_text *t, const struct gh_scope *s, struct value **ret, struct err *e)
{
    if (t->set && t->expr)
        return gh_expr_eval(a, t->expr, s, ret, e);
    *ret = t->set && t->typed ? t->typed : value_null();
    return 0;
}

/* The service's sentence for a value that its slot cannot take. */
static int unexpected(struct arena *a, const struct value *v, struct err *e)
{
    if (v->kind == VALUE_ARRAY || v->kind == VALUE_OBJECT)
        return err_set(e, EINVAL, "A %s was not expected", v->kind == VALUE_ARRAY ? "sequence" : "mapping");
    struct str text = gh_to_string(a, v);
    return err_set(e, EINVAL, "Unexpected value '%.*s'", STR_ARG(text));
}

int gh_text_string(struct arena *a, const struct gh_text *t, const struct gh_scope *s, struct str *ret, struct err *e)
{
    struct value *v;
    if (!t->set) {
        *ret = STR_NONE;
        return 0;
    }
    int r = gh_text_value(a, t, s, &v, e);
    if (r < 0)
        return r;
    if (!gh_is_primitive(v))
        return unexpected(a, v, e);
    *ret = gh_to_string(a, v);
    return 0;
}

/* A value of the kind that the slot wants; NULL when the slot is not set or is a literal null. */
static int typed_value(struct arena *a, const struct gh_text *t, const struct gh_scope *s, enum value_kind kind,
                       struct value **ret, struct err *e)
{
    struct value *v;
    int r = gh_text_value(a, t, s, &v, e);
    if (r < 0)
        return r;
    if (v->kind == VALUE_NULL && !(t->set && t->expr))
        v = NULL;
    else if (v->kind != kind)
        return unexpected(a, v, e);
    *ret = v;
    return 0;
}

int gh_text_bool(struct arena *a, const struct gh_text *t, const struct gh_scope *s, bool absent, bool *ret,
                 struct err *e)
{
    struct value *v = NULL;
    int r = typed_value(a, t, s, VALUE_BOOL, &v, e);
    if (r == 0)
        *ret = v ? v->boolean : absent;
    return r;
}

int gh_text_number(struct arena *a, const struct gh_text *t, const struct gh_scope *s, double absent, double *ret,
                   struct err *e)
{
    struct value *v = NULL;
    int r = typed_value(a, t, s, VALUE_NUMBER, &v, e);
    if (r == 0)
        *ret = v ? v->number : absent;
    return r;
}

int gh_if_true(struct arena *a, const struct gh_text *t, const struct gh_scope *s, bool *ret, struct err *e)
{
    struct value *v;
    const struct gh_expr *x = t->set ? t->expr : gh_expr_success(a);
    if (!x)
        return err_set(e, EINVAL, "the condition '%.*s' could not be read", STR_ARG(t->literal));
    int r = gh_expr_eval(a, x, s, &v, e);
    if (r == 0)
        *ret = gh_truthy(v);
    return r;
}
