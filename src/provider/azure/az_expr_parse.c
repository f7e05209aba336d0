/*
 * az_expr_parse.c - tokens to a tree, in one pass without recursion (specification 6.1).
 *
 * Calls and indexes that are open wait on a stack. What may stand where follows from the token before; how many
 * arguments a function takes is checked at its commas and its bracket, which are then what is unexpected.
 */
#include "core/base.h"
#include "core/vec.h"
#include "provider/azure/ast_priv.h"

/* What is open: a call (member is SIZE_MAX), or an index, which is a member of expr. */
struct open {
    struct az_expr *expr;
    size_t member;
    struct az_token at; /* the function's name, or the bracket */
};
struct parser {
    struct arena *a;
    struct az_lexer lexer;
    struct az_token t, last;
    const struct az_slot *slot;
    struct az_fault *fault;
    struct az_expr *root;
    struct {
        struct open *p;
        size_t n, cap;
    } open;
};

/* ---- faults ---- */

static int wrong(struct parser *p, const char *code, const char *what, const struct az_token *t)
{
    struct str symbol = str_sub(p->lexer.text, t->at, t->at + t->len);
    p->fault->code = code;
    p->fault->text = arena_printf(p->a, "%s: '%.*s'", what, STR_ARG(symbol));
    p->fault->at = t->at;
    p->fault->len = t->len;
    p->fault->hint = az_symbol_hint(symbol);
    p->fault->whole = false;
    return -EINVAL;
}

static int wrong_whole(struct parser *p, const char *code, struct str text)
{
    *p->fault = (struct az_fault){.text = text, .at = 0, .len = p->lexer.text.n, .whole = true, .code = code};
    return -EINVAL;
}

static int unknown(struct parser *p, bool function)
{
    int r = wrong(p, function ? "AZ110" : "AZ109", "Unrecognized value", &p->t);
    p->fault->hint = az_name_hint(p->a, p->slot, str_sub(p->lexer.text, p->t.at, p->t.at + p->t.len), function);
    return r;
}

static int unexpected(struct parser *p)
{
    return wrong(p, "AZ102", "Unexpected symbol", &p->t);
}

/* ---- the tree ---- */

static struct open *top(struct parser *p)
{
    return p->open.n ? &p->open.p[p->open.n - 1] : NULL;
}

static bool is_call(const struct open *o)
{
    return o && o->member == SIZE_MAX;
}

/* An operand may stand at the beginning and behind ( [ and the comma. */
static bool operand_may_stand(const struct parser *p)
{
    return p->last.kind == AZ_TOK_NONE || p->last.kind == AZ_TOK_OPEN || p->last.kind == AZ_TOK_COMMA ||
           p->last.kind == AZ_TOK_INDEX;
}

/* What . and [ may follow: all but a literal. */
static bool can_be_followed(const struct parser *p)
{
    return p->last.kind == AZ_TOK_CLOSE || p->last.kind == AZ_TOK_INDEX_END || p->last.kind == AZ_TOK_STAR ||
           p->last.kind == AZ_TOK_PROPERTY || p->last.kind == AZ_TOK_WORD;
}

/* The expression that a `.` or `[` behind it belongs to. */
static struct az_expr *operand(struct parser *p)
{
    struct open *o = top(p);
    if (!o)
        return p->root;
    return is_call(o) ? o->expr->args.p[o->expr->args.n - 1] : o->expr->members.p[o->member].key;
}

static struct az_expr *add_operand(struct parser *p, enum az_node kind)
{
    struct az_expr *x = ARENA_NEW(p->a, struct az_expr);
    x->kind = kind;
    x->at = p->t.at;
    x->len = p->t.len;
    struct open *o = top(p);
    if (!o)
        p->root = x;
    else if (is_call(o))
        vec_push_in(p->a, &o->expr->args, x);
    else
        o->expr->members.p[o->member].key = x;
    return x;
}

/* ---- names ---- */

static bool slot_has(const struct az_slot *slot, struct str name)
{
    for (size_t i = 0; i < slot->n_names; i++)
        if (str_eq_nocase(slot->names[i], name))
            return true;
    return false;
}

/* Those that the scope answers, where the slot has them. */
static const struct az_function *slot_function(const struct az_slot *slot, struct str name)
{
    static const struct az_function counter = {.name = "counter", .min = 0, .max = 2};
    static const struct az_function states[] = {
        {.name = "always"}, {.name = "canceled"},          {.name = "succeeded"},
        {.name = "failed"}, {.name = "succeededOrFailed"},
    };
    static const struct az_function named[] = {
        {.name = "succeeded", .max = AZ_ANY_NUMBER},
        {.name = "failed", .max = AZ_ANY_NUMBER},
        {.name = "succeededOrFailed", .max = AZ_ANY_NUMBER},
    };
    if (slot->counter && str_is_nocase(name, counter.name))
        return &counter;
    for (size_t i = 0; slot->status == AZ_JOB_STATUS && i < ARRAY_LEN(named); i++)
        if (str_is_nocase(name, named[i].name))
            return &named[i];
    for (size_t i = 0; slot->status != AZ_NO_STATUS && i < ARRAY_LEN(states); i++)
        if (str_is_nocase(name, states[i].name))
            return &states[i];
    return NULL;
}

/* The byte behind the word and the blanks behind it. */
static bool bracket_follows(const struct parser *p)
{
    size_t i = p->t.at + p->t.len, n;
    while ((n = utf16_blank(p->lexer.text, i)) > 0)
        i += n;
    return i < p->lexer.text.n && p->lexer.text.p[i] == '(';
}

static int push_call(struct parser *p, struct str name, const struct az_function *function)
{
    struct az_expr *x = add_operand(p, AZ_NODE_CALL);
    struct open o = {.expr = x, .member = SIZE_MAX, .at = p->t};
    x->name = name;
    x->function = function;
    x->unknown = !function;
    vec_push_in(p->a, &p->open, o);
    p->last = p->t;
    az_lex(&p->lexer, &p->t);
    if (p->t.kind != AZ_TOK_OPEN)
        return wrong(p, "AZ103", "Expected '(' to follow a function", &o.at);
    return 0;
}

/* A function's name is one everywhere, also where a loop variable is called so. */
static int push_word(struct parser *p)
{
    struct str name = str_sub(p->lexer.text, p->t.at, p->t.at + p->t.len);
    const struct az_function *function = az_function_find(name);
    if (!operand_may_stand(p))
        return unexpected(p);
    if (function)
        return push_call(p, name, function);
    bool known = slot_has(p->slot, name);
    if (!known && (function = slot_function(p->slot, name)))
        return push_call(p, name, function);
    if (!known && p->slot->any_name && bracket_follows(p))
        return push_call(p, name, NULL);
    if (!known && !p->slot->any_name)
        return unknown(p, bracket_follows(p));
    struct az_expr *x = add_operand(p, AZ_NODE_NAME);
    x->name = name;
    x->unknown = !known;
    return 0;
}

/* ---- punctuation ---- */

static unsigned max_args(const struct az_expr *x)
{
    return x->function ? x->function->max : AZ_ANY_NUMBER;
}

static int push_comma(struct parser *p)
{
    struct open *o = top(p);
    if (!is_call(o) || operand_may_stand(p) || o->expr->args.n >= max_args(o->expr))
        return unexpected(p);
    return 0;
}

static int push_close(struct parser *p)
{
    struct open *o = top(p);
    if (!is_call(o) || p->last.kind == AZ_TOK_COMMA || p->last.kind == AZ_TOK_INDEX)
        return unexpected(p);
    size_t n = o->expr->args.n;
    if ((o->expr->function && n < o->expr->function->min) || n > max_args(o->expr))
        return unexpected(p);
    p->open.n--;
    return 0;
}

static int push_index(struct parser *p)
{
    if (!can_be_followed(p))
        return unexpected(p);
    struct az_expr *x = operand(p);
    vec_push_in(p->a, &x->members, ((struct az_member){NULL}));
    vec_push_in(p->a, &p->open, ((struct open){x, x->members.n - 1, p->t}));
    return 0;
}

static int push_index_end(struct parser *p)
{
    struct open *o = top(p);
    if (!o || is_call(o) || operand_may_stand(p))
        return unexpected(p);
    p->open.n--;
    return 0;
}

static int push_dot(struct parser *p)
{
    struct az_token dot = p->t;
    if (!can_be_followed(p))
        return unexpected(p);
    struct az_expr *x = operand(p), *key = NULL;
    p->last = p->t;
    az_lex(&p->lexer, &p->t);
    if (p->t.kind == AZ_TOK_END)
        return wrong(p, "AZ106", "Expected a property name to follow the dereference operator '.'", &dot);
    if (p->t.kind != AZ_TOK_PROPERTY && p->t.kind != AZ_TOK_STAR)
        return unexpected(p);
    if (p->t.kind == AZ_TOK_PROPERTY) {
        key = ARENA_NEW(p->a, struct az_expr);
        key->at = p->t.at;
        key->len = p->t.len;
        key->value = az_string(p->a, str_sub(p->lexer.text, p->t.at, p->t.at + p->t.len));
    }
    vec_push_in(p->a, &x->members, ((struct az_member){key}));
    return 0;
}

/* `[*]`: the member that its bracket made has no key, which is a wildcard; the star's own end must follow. */
static int push_star(struct parser *p)
{
    if (p->last.kind != AZ_TOK_INDEX)
        return unexpected(p);
    p->last = p->t;
    az_lex(&p->lexer, &p->t);
    if (p->t.kind == AZ_TOK_END)
        return 0;
    return p->t.kind == AZ_TOK_INDEX_END ? push_index_end(p) : unexpected(p);
}

static int push(struct parser *p) /* table */
{
    switch (p->t.kind) {
    case AZ_TOK_SYMBOL:
        return operand_may_stand(p) ? wrong(p, "AZ101", "Unrecognized value", &p->t) : unexpected(p);
    case AZ_TOK_BAD:
        return wrong(p, "AZ101", "Unrecognized value", &p->t);
    case AZ_TOK_LITERAL:
        if (!operand_may_stand(p))
            return unexpected(p);
        add_operand(p, AZ_NODE_LITERAL)->value = p->t.value;
        return 0;
    case AZ_TOK_WORD:
        return push_word(p);
    case AZ_TOK_CLOSE:
        return push_close(p);
    case AZ_TOK_INDEX:
        return push_index(p);
    case AZ_TOK_INDEX_END:
        return push_index_end(p);
    case AZ_TOK_COMMA:
        return push_comma(p);
    case AZ_TOK_DOT:
        return push_dot(p);
    case AZ_TOK_STAR:
        return push_star(p);
    case AZ_TOK_NONE:
    case AZ_TOK_END:
    case AZ_TOK_OPEN:     /* there is no grouping */
    case AZ_TOK_PROPERTY: /* push_dot takes it */
        return unexpected(p);
    }
    BUG("unknown kind of token");
}

static int finish(struct parser *p)
{
    struct open *o = top(p);
    if (o && is_call(o))
        return wrong(p, "AZ104", "Unclosed function", &o->at);
    if (o)
        return wrong(p, "AZ105", "Unclosed indexer", &o->at);
    if (!p->root)
        return wrong_whole(p, "AZ107", STR("An expression was expected"));
    return 0;
}

int az_expr_parse(struct arena *a, struct str text, const struct az_slot *slot, struct az_expr **ret,
                  struct az_fault *fault)
{
    struct parser p = {.a = a, .lexer = {.a = a, .text = text}, .slot = slot, .fault = fault};
    if (text.n > AZ_EXPR_LENGTH && utf16_units(text) > AZ_EXPR_LENGTH)
        return wrong_whole(&p, "AZ111", arena_printf(a, "Exceeded max expression length %d", AZ_EXPR_LENGTH));
    for (az_lex(&p.lexer, &p.t); p.t.kind != AZ_TOK_END; az_lex(&p.lexer, &p.t)) {
        int r = push(&p);
        if (r < 0)
            return r;
        if (p.open.n >= AZ_EXPR_DEPTH)
            return wrong_whole(&p, "AZ108", arena_printf(a, "Exceeded max expression depth %d", AZ_EXPR_DEPTH));
        p.last = p.t;
        if (p.t.kind == AZ_TOK_END)
            break;
    }
    int r = finish(&p);
    if (r == 0)
        *ret = p.root;
    return r;
}

struct str az_fault_text(struct arena *a, const struct az_fault *f, struct str expression)
{
    struct str shown = utf16_trim(expression);
    if (f->whole)
        return arena_printf(a, "%.*s", STR_ARG(f->text));
    size_t before = expression.n && shown.n ? (size_t)(shown.p - expression.p) : 0;
    size_t at = f->at > before ? f->at - before : 0;
    return arena_printf(a, "%.*s. Located at position %zu within expression: '%.*s'.", STR_ARG(f->text),
                        utf16_units(str_sub(shown, 0, at)) + 1, STR_ARG(shown));
}

/* ---- questions ---- */

struct visit {
    void (*each)(void *ctx, const struct az_use *use);
    void *ctx;
};

static void use_members(const struct az_expr *x, struct str *members, size_t *ret_n)
{
    size_t n = 0;
    while (n < x->members.n && n < 8) {
        const struct az_expr *key = x->members.p[n].key;
        if (!key || key->kind != AZ_NODE_LITERAL || key->members.n || key->value->kind != AZ_STRING)
            break;
        members[n++] = key->value->text;
    }
    *ret_n = n;
}

static void visit_node(const struct az_expr *x, const struct visit *v)
{
    struct str members[8];
    CLEAN(free) const struct az_value **literals = mem_array(x->args.n, sizeof(struct az_value *));
    struct az_use use = {.name = x->name, .function = x->kind == AZ_NODE_CALL, .members = members};
    use.at = x->at;
    use.len = x->len;
    use.literals = literals;
    use.n_args = x->args.n;
    use_members(x, members, &use.n_members);
    for (size_t i = 0; i < use.n_args; i++)
        if (x->args.p[i]->kind == AZ_NODE_LITERAL && x->args.p[i]->members.n == 0)
            literals[i] = x->args.p[i]->value;
    if (x->kind != AZ_NODE_LITERAL)
        v->each(v->ctx, &use);
    for (size_t i = 0; i < x->args.n; i++)
        visit_node(x->args.p[i], v);
    for (size_t i = 0; i < x->members.n; i++)
        if (x->members.p[i].key)
            visit_node(x->members.p[i].key, v);
}

void az_expr_uses(const struct az_expr *x, void (*each)(void *ctx, const struct az_use *use), void *ctx)
{
    struct visit v = {each, ctx};
    visit_node(x, &v);
}
