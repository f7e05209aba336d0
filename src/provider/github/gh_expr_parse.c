/*
 * gh_expr_parse.c - tokens to a tree: operator precedence with two stacks, no recursion.
 *
 * Operators wait on one stack until one that binds less, or a closing bracket, makes them take their operands from the
 * other. `.` and `[` bind tightest and are applied to the operand before them at once. A node knows its depth, so the
 * limit is asked once, at the end, as the service does; a tree that is kept is never deeper than GH_EXPR_DEPTH.
 */
#include "core/base.h"
#include "provider/github/expr_node_priv.h"

/* An operator or an opening bracket that waits. */
struct waiting {
    enum gh_tok kind;
    enum gh_node op;      /* NOT and BINARY */
    struct gh_expr *call; /* ARGS */
    size_t at, len;       /* ARGS: of the function's name */
    size_t sign;          /* of the operator or bracket itself */
};

struct parser {
    struct arena *a;
    struct gh_lexer lexer;
    const struct gh_allow *allow;
    struct gh_expr_error *err;
    struct gh_token t, last; /* this token and the one before */
    VEC(struct gh_expr *) operands;
    VEC(struct waiting) wait;
};

/* ---- the tree ---- */

struct gh_expr *gh_expr_new(struct arena *a, enum gh_node kind)
{
    struct gh_expr *x = ARENA_NEW(a, struct gh_expr);
    x->kind = kind;
    x->depth = 1;
    return x;
}

void gh_expr_add(struct gh_expr *parent, struct gh_expr *child)
{
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    parent->n++;
    if (parent->depth <= child->depth)
        parent->depth = child->depth + 1;
}

struct gh_expr *gh_expr_literal(struct arena *a, struct value *v)
{
    struct gh_expr *x = gh_expr_new(a, GH_NODE_LITERAL);
    x->value = v;
    return x;
}

struct gh_expr *gh_expr_success(struct arena *a)
{
    struct gh_expr *x = gh_expr_new(a, GH_NODE_CALL);
    x->func = gh_func_find(STR("success"));
    x->name = x->func->name;
    return x;
}

/* A chain's operands move over; anything else is one operand. */
static void add_merged(struct gh_expr *parent, struct gh_expr *child)
{
    if (child->kind != parent->kind) {
        gh_expr_add(parent, child);
        return;
    }
    if (parent->last)
        parent->last->next = child->first;
    else
        parent->first = child->first;
    parent->last = child->last;
    parent->n += child->n;
    if (parent->depth < child->depth)
        parent->depth = child->depth;
}

struct gh_expr *gh_expr_join(struct arena *a, enum gh_node kind, struct gh_expr *left, struct gh_expr *right)
{
    struct gh_expr *x = gh_expr_new(a, kind);
    bool chain = kind == GH_NODE_AND || kind == GH_NODE_OR;
    x->at = left->at;
    x->len = right->at + right->len > left->at ? right->at + right->len - left->at : left->len;
    (chain ? add_merged : gh_expr_add)(x, left);
    (chain ? add_merged : gh_expr_add)(x, right);
    return x;
}

void gh_expr_shift(struct gh_expr *x, size_t by)
{
    x->at += by;
    for (struct gh_expr *child = x->first; child; child = child->next)
        gh_expr_shift(child, by);
}

/* A node of the token's place. */
static struct gh_expr *placed(struct gh_expr *x, const struct gh_token *t)
{
    x->at = t->at;
    x->len = t->len;
    return x;
}

/* ---- errors ---- */

static struct str token_text(const struct parser *p, const struct gh_token *t)
{
    return str_sub(p->lexer.text, t->at, t->at + t->len);
}

static int wrong(struct parser *p, const char *code, const char *what, const struct gh_token *t)
{
    struct str text = p->lexer.text, raw = token_text(p, t);
    size_t position = utf16_units(str_sub(text, 0, t->at)) + 1;
    p->err->code = code;
    p->err->at = t->at;
    p->err->len = t->len;
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    buf_printf(&b, "%s: '%.*s'. Located at position %zu within expression: %.*s", what, STR_ARG(raw), position,
               STR_ARG(text));
    /* A cut never leaves a part of a character behind. */
    size_t n = b.n < sizeof p->err->text ? b.n : sizeof p->err->text - 1;
    while (n > 0 && n < b.n && ((unsigned char)b.p[n] & 0xc0) == 0x80)
        n--;
    snprintf(p->err->text, sizeof p->err->text, "%.*s", (int)n, buf_cstr(&b));
    return -EINVAL;
}

static int too_much(struct gh_expr_error *err, struct str text, const char *what, int max)
{
    err->code = "GH006";
    err->at = 0;
    err->len = text.n;
    snprintf(err->text, sizeof err->text, "%s %d", what, max);
    return -EINVAL;
}

/* ---- names ---- */

static bool context_allowed(const struct gh_allow *allow, const char *name)
{
    if (!allow || !allow->contexts)
        return true;
    for (size_t i = 0; allow->contexts[i]; i++)
        if (strcmp(allow->contexts[i], name) == 0)
            return true;
    return false;
}

static bool func_allowed(const struct gh_allow *allow, const struct gh_func *f)
{
    if (!allow || f->where == GH_FUNC_ANY)
        return true;
    return f->where == GH_FUNC_STATUS ? allow->status : allow->hash_files;
}

static unsigned func_max(const struct gh_allow *allow, const struct gh_func *f)
{
    return f->where == GH_FUNC_STATUS && allow && !allow->status_args ? 0 : f->max;
}

/* ASCII alone. */
static struct str lower(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        p[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + 32) : s.p[i];
    return str_of(p, s.n);
}

static int push_context(struct parser *p)
{
    struct gh_expr *x = gh_expr_new(p->a, GH_NODE_CONTEXT);
    x->name = lower(p->a, token_text(p, &p->t)).p;
    if (!context_allowed(p->allow, x->name))
        return wrong(p, "GH003", "Unrecognized named-value", &p->t);
    vec_push_in(p->a, &p->operands, placed(x, &p->t));
    return 0;
}

/* The call's node is made now; its arguments follow when its bracket is open. */
static int push_call(struct parser *p)
{
    struct gh_expr *x = gh_expr_new(p->a, GH_NODE_CALL);
    x->func = gh_func_find(token_text(p, &p->t));
    if (!x->func || !func_allowed(p->allow, x->func))
        return wrong(p, "GH004", "Unrecognized function", &p->t);
    x->name = x->func->name;
    vec_push_in(p->a, &p->operands, placed(x, &p->t));
    return 0;
}

/* ---- stacks ---- */

static struct gh_expr *pop(struct parser *p)
{
    MUST(p->operands.n > 0);
    return p->operands.p[--p->operands.n];
}

static unsigned precedence(enum gh_node op) /* table */
{
    switch (op) {
    case GH_NODE_OR:
        return 1;
    case GH_NODE_AND:
        return 2;
    case GH_NODE_EQ:
    case GH_NODE_NE:
        return 3;
    case GH_NODE_LT:
    case GH_NODE_LE:
    case GH_NODE_GT:
    case GH_NODE_GE:
        return 4;
    case GH_NODE_NOT:
        return 5;
    case GH_NODE_LITERAL:
    case GH_NODE_CONTEXT:
    case GH_NODE_STAR:
    case GH_NODE_INDEX:
    case GH_NODE_CALL:
    case GH_NODE_CONCAT:
        break;
    }
    BUG("not an operator");
}

/* Applies the waiting operators that bind at least as tightly as `least`, down to the innermost open bracket. */
static void apply(struct parser *p, unsigned least)
{
    while (p->wait.n) {
        struct waiting w = p->wait.p[p->wait.n - 1];
        if ((w.kind != GH_TOK_NOT && w.kind != GH_TOK_BINARY) || precedence(w.op) < least)
            return;
        p->wait.n--;
        struct gh_expr *right = pop(p), *x;
        if (w.kind == GH_TOK_NOT) {
            x = gh_expr_new(p->a, GH_NODE_NOT);
            x->at = w.sign;
            x->len = right->at + right->len - w.sign;
            gh_expr_add(x, right);
        } else {
            x = gh_expr_join(p->a, w.op, pop(p), right);
        }
        vec_push_in(p->a, &p->operands, x);
    }
}

/* Indexes the operand on top with key. */
static void apply_index(struct parser *p, struct gh_expr *key)
{
    struct gh_expr *left = pop(p);
    vec_push_in(p->a, &p->operands, gh_expr_join(p->a, GH_NODE_INDEX, left, key));
}

/* The argument on top of the operands becomes the call's. */
static void take_argument(struct parser *p)
{
    apply(p, 0);
    struct gh_expr *argument = pop(p);
    gh_expr_add(p->wait.p[p->wait.n - 1].call, argument);
}

static int close_call(struct parser *p)
{
    if (p->last.kind != GH_TOK_ARGS)
        take_argument(p);
    struct waiting w = p->wait.p[--p->wait.n];
    struct gh_token name = {.at = w.at, .len = w.len};
    const struct gh_func *f = w.call->func;
    w.call->len = p->t.at + p->t.len - w.call->at;
    if (w.call->n < f->min)
        return wrong(p, "GH005", "Too few parameters supplied", &name);
    if (w.call->n > func_max(p->allow, f))
        return wrong(p, "GH005", "Too many parameters supplied", &name);
    if (f->odd && w.call->n % 2 == 0)
        return wrong(p, "GH005", "Even number of parameters supplied, requires an odd number of parameters", &name);
    return 0;
}

static void close_index(struct parser *p)
{
    apply(p, 0);
    p->wait.n--;
    struct gh_expr *key = pop(p);
    apply_index(p, key);
    struct gh_expr *index = p->operands.p[p->operands.n - 1];
    index->len = p->t.at + p->t.len - index->at;
}

static void push_waiting(struct parser *p)
{
    struct waiting w = {.kind = p->t.kind, .op = p->t.op, .at = p->last.at, .len = p->last.len, .sign = p->t.at};
    if (p->t.kind == GH_TOK_ARGS)
        w.call = p->operands.p[p->operands.n - 1];
    if (p->t.kind == GH_TOK_BINARY)
        apply(p, precedence(p->t.op));
    vec_push_in(p->a, &p->wait, w);
}

/* A name or * behind a dot is applied at once; a * in brackets waits for its ]. */
static void push_star(struct parser *p)
{
    struct gh_expr *star = placed(gh_expr_new(p->a, GH_NODE_STAR), &p->t);
    if (p->last.kind == GH_TOK_DOT)
        apply_index(p, star);
    else
        vec_push_in(p->a, &p->operands, star);
}

static void push_literal(struct parser *p)
{
    vec_push_in(p->a, &p->operands, placed(gh_expr_literal(p->a, p->t.value), &p->t));
}

static int push(struct parser *p) /* table */
{
    switch (p->t.kind) {
    case GH_TOK_NONE:
    case GH_TOK_END:
    case GH_TOK_BAD:
        return wrong(p, "GH001", "Unexpected symbol", &p->t);
    case GH_TOK_GROUP:
    case GH_TOK_ARGS:
    case GH_TOK_INDEX:
    case GH_TOK_NOT:
    case GH_TOK_BINARY:
        push_waiting(p);
        return 0;
    case GH_TOK_GROUP_END:
        apply(p, 0);
        p->wait.n--;
        return 0;
    case GH_TOK_ARGS_END:
        return close_call(p);
    case GH_TOK_INDEX_END:
        close_index(p);
        return 0;
    case GH_TOK_COMMA:
        take_argument(p);
        return 0;
    case GH_TOK_DOT:
        return 0;
    case GH_TOK_STAR:
        push_star(p);
        return 0;
    case GH_TOK_LITERAL:
        push_literal(p);
        return 0;
    case GH_TOK_PROPERTY:
        apply_index(p, placed(gh_expr_literal(p->a, value_string(p->a, token_text(p, &p->t))), &p->t));
        return 0;
    case GH_TOK_CONTEXT:
        return push_context(p);
    case GH_TOK_FUNC:
        return push_call(p);
    }
    BUG("unknown kind of token");
}

static bool ends_early(const struct parser *p)
{
    enum gh_tok k = p->last.kind;
    return p->lexer.open.n || k == GH_TOK_DOT || k == GH_TOK_NOT || k == GH_TOK_BINARY || k == GH_TOK_FUNC;
}

int gh_expr_parse(struct arena *a, struct str text, const struct gh_allow *allow, struct gh_expr **ret,
                  struct gh_expr_error *err)
{
    struct parser p = {.a = a, .lexer = {.a = a, .text = text}, .allow = allow, .err = err};
    if (text.n > GH_EXPR_LENGTH && utf16_units(text) > GH_EXPR_LENGTH)
        return too_much(err, text, "Exceeded max expression length", GH_EXPR_LENGTH);
    for (gh_lex(&p.lexer, &p.t); p.t.kind != GH_TOK_END; gh_lex(&p.lexer, &p.t)) {
        int r = push(&p);
        if (r < 0)
            return r;
        p.last = p.t;
    }
    if (p.last.kind == GH_TOK_NONE) {
        *ret = gh_expr_literal(a, value_null());
        return 0;
    }
    if (ends_early(&p))
        return wrong(&p, "GH002", "Unexpected end of expression", &p.last);
    apply(&p, 0);
    struct gh_expr *root = pop(&p);
    MUST(p.operands.n == 0);
    if (root->depth > GH_EXPR_DEPTH)
        return too_much(err, text, "Exceeded max expression depth", GH_EXPR_DEPTH);
    *ret = root;
    return 0;
}

/* ---- questions ---- */

bool gh_expr_has_status(const struct gh_expr *e)
{
    if (e->kind == GH_NODE_CALL && e->func->where == GH_FUNC_STATUS)
        return true;
    for (const struct gh_expr *x = e->first; x; x = x->next)
        if (gh_expr_has_status(x))
            return true;
    return false;
}

bool gh_expr_uses(const struct gh_expr *e, const char *context)
{
    if (e->kind == GH_NODE_CONTEXT && strcmp(e->name, context) == 0)
        return true;
    for (const struct gh_expr *x = e->first; x; x = x->next)
        if (gh_expr_uses(x, context))
            return true;
    return false;
}
