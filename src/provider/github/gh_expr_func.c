/*
 * gh_expr_func.c - the functions of the language ("Evaluate expressions", functions).
 *
 * Status functions and hashFiles() are only declared here: the scope answers for them.
 */
#include "core/base.h"
#include "core/num.h"
#include "provider/github/expr_node_priv.h"

/* ---- contains, startsWith, endsWith ---- */

static bool has_item(const struct value *array, const struct value *wanted)
{
    for (size_t i = 0; i < array->array.n; i++)
        if (gh_equal(wanted, array->array.p[i]))
            return true;
    return false;
}

static int eval_contains(struct gh_eval *ev, const struct gh_expr *call, struct value **ret)
{
    struct value *all, *wanted;
    bool found = false;
    int r = gh_eval(ev, call->first, &all);
    if (r == 0)
        r = gh_eval(ev, call->last, &wanted);
    if (r != 0)
        return r;
    if (all->kind == VALUE_ARRAY)
        found = has_item(all, wanted);
    else if (gh_is_primitive(all) && gh_is_primitive(wanted))
        found = utf16_fold_has(gh_to_string(ev->a, all), gh_to_string(ev->a, wanted));
    *ret = value_bool(ev->a, found);
    return 0;
}

static int eval_ends(struct gh_eval *ev, const struct gh_expr *call, bool (*test)(struct str s, struct str part),
                     struct value **ret)
{
    struct value *s, *part;
    bool found = false;
    int r = gh_eval(ev, call->first, &s);
    if (r == 0)
        r = gh_eval(ev, call->last, &part);
    if (r != 0)
        return r;
    if (gh_is_primitive(s) && gh_is_primitive(part))
        found = test(gh_to_string(ev->a, s), gh_to_string(ev->a, part));
    *ret = value_bool(ev->a, found);
    return 0;
}

static int eval_starts_with(struct gh_eval *ev, const struct gh_expr *call, struct value **ret)
{
    return eval_ends(ev, call, utf16_fold_starts, ret);
}

static int eval_ends_with(struct gh_eval *ev, const struct gh_expr *call, struct value **ret)
{
    return eval_ends(ev, call, utf16_fold_ends, ret);
}

/* ---- format ---- */

enum piece { PIECE_END, PIECE_TEXT, PIECE_ARG, PIECE_BAD, PIECE_FAR };

/* Reads {N} at s[*i], behind its brace. Arguments past n_args are PIECE_FAR. */
static enum piece read_arg(struct str s, size_t *i, size_t n_args, size_t *ret_arg)
{
    size_t start = *i, end = start;
    uint64_t arg;
    while (end < s.n && s.p[end] >= '0' && s.p[end] <= '9')
        end++;
    if (end == start || end == s.n || s.p[end] != '}')
        return PIECE_BAD;
    *i = end + 1;
    if (num_parse_u64(str_sub(s, start, end), GH_EXPR_ARGS, &arg) < 0 || arg >= n_args)
        return PIECE_FAR;
    *ret_arg = (size_t)arg;
    return PIECE_ARG;
}

/* The next piece of a format at *i: plain text (a doubled brace is a piece of one) or the number of an argument. */
static enum piece next_piece(struct str s, size_t *i, size_t n_args, struct str *ret_text, size_t *ret_arg)
{
    size_t start = *i, end = start;
    if (start == s.n)
        return PIECE_END;
    while (end < s.n && s.p[end] != '{' && s.p[end] != '}')
        end++;
    if (end > start) {
        *ret_text = str_sub(s, start, end);
        *i = end;
        return PIECE_TEXT;
    }
    if (end + 1 < s.n && s.p[end + 1] == s.p[end]) {
        *ret_text = str_sub(s, start, end + 1);
        *i = end + 2;
        return PIECE_TEXT;
    }
    *i = end + 1;
    return s.p[end] == '}' ? PIECE_BAD : read_arg(s, i, n_args, ret_arg);
}

/* The whole format is looked at before any argument is evaluated. */
int gh_format_check(struct str format, size_t n_args, bool *named, struct err *e)
{
    size_t i = 0, arg;
    struct str text;
    for (;;)
        switch (next_piece(format, &i, n_args, &text, &arg)) {
        case PIECE_END:
            return 0;
        case PIECE_TEXT:
            break;
        case PIECE_ARG:
            if (named)
                named[arg] = true;
            break;
        case PIECE_BAD:
            return err_set(e, EINVAL, "The following format string is invalid: %.*s", STR_ARG(format));
        case PIECE_FAR:
            return err_set(e, EINVAL, "The following format string references more arguments than were supplied: %.*s",
                           STR_ARG(format));
        }
}

/* Each argument is evaluated at most once, and only when the format names it. */
struct format_arg {
    const struct gh_expr *expr;
    bool known;
    struct str text;
};

static int add_arg(struct gh_eval *ev, struct format_arg *arg, struct buf *b)
{
    int r = arg->known ? 0 : gh_eval_text(ev, arg->expr, &arg->text);
    if (r < 0)
        return r;
    arg->known = true;
    buf_add(b, arg->text);
    return 0;
}

static int add_format(struct gh_eval *ev, struct str format, struct format_arg *args, size_t n_args, struct buf *b)
{
    size_t i = 0, arg = 0;
    struct str text = STR_NONE;
    int r = 0;
    while (r == 0 && !b->over) {
        enum piece piece = next_piece(format, &i, n_args, &text, &arg);
        if (piece == PIECE_END)
            break;
        if (piece == PIECE_TEXT)
            buf_add(b, text);
        else
            r = add_arg(ev, &args[arg], b);
    }
    return r;
}

static int eval_format(struct gh_eval *ev, const struct gh_expr *call, struct value **ret)
{
    struct str format;
    size_t n_args = call->n - 1, n = 0;
    int r = gh_eval_text(ev, call->first, &format);
    if (r == 0)
        r = gh_format_check(format, n_args, NULL, ev->e);
    if (r < 0)
        return r;
    struct format_arg *args = arena_array(ev->a, n_args + 1, sizeof *args);
    for (const struct gh_expr *x = call->first->next; x; x = x->next)
        args[n++].expr = x;
    struct buf b = gh_eval_buf(ev);
    r = add_format(ev, format, args, n_args, &b);
    if (r < 0) {
        buf_done(&b);
        return r;
    }
    return gh_eval_take(ev, &b, ret);
}

/* ---- join ---- */

static int eval_join(struct gh_eval *ev, const struct gh_expr *call, struct value **ret)
{
    struct value *all, *between;
    struct str sep = STR(",");
    int r = gh_eval(ev, call->first, &all);
    if (r < 0)
        return r;
    if (all->kind != VALUE_ARRAY) {
        *ret = value_string(ev->a, gh_is_primitive(all) ? gh_to_string(ev->a, all) : STR(""));
        return 0;
    }
    if (call->n > 1 && all->array.n > 1) {
        r = gh_eval(ev, call->last, &between);
        if (r < 0)
            return r;
        if (gh_is_primitive(between))
            sep = gh_to_string(ev->a, between);
    }
    struct buf b = gh_eval_buf(ev);
    for (size_t i = 0; i < all->array.n && !b.over; i++) {
        if (i)
            buf_add(&b, sep);
        buf_add(&b, gh_to_string(ev->a, all->array.p[i]));
    }
    return gh_eval_take(ev, &b, ret);
}

/* ---- JSON ---- */

static int eval_to_json(struct gh_eval *ev, const struct gh_expr *call, struct value **ret)
{
    struct value *v;
    int r = gh_eval(ev, call->first, &v);
    if (r < 0)
        return r;
    struct buf b = gh_eval_buf(ev);
    if (value_add_json(&b, v, VALUE_PRETTY) < 0)
        b.over = true;
    return gh_eval_take(ev, &b, ret);
}

static int eval_from_json(struct gh_eval *ev, const struct gh_expr *call, struct value **ret)
{
    struct str text;
    int r = gh_eval_text(ev, call->first, &text);
    if (r < 0)
        return r;
    r = value_from_json(ev->a, text, MAP_NOCASE, ret, ev->e);
    return r < 0 ? err_wrap(ev->e, "Error parsing JSON when evaluating fromJson") : 0;
}

/* ---- case ---- */

/* case(p1, v1, p2, v2, .., default): the value of the first predicate that holds; the rest is not evaluated. */
static int eval_case(struct gh_eval *ev, const struct gh_expr *call, struct value **ret)
{
    const struct gh_expr *x = call->first;
    for (; x->next; x = x->next->next) {
        struct value *holds;
        int r = gh_eval(ev, x, &holds);
        if (r < 0)
            return r;
        if (holds->kind != VALUE_BOOL)
            return err_set(ev->e, EINVAL, "case predicate must evaluate to a boolean value");
        if (holds->boolean)
            return gh_eval(ev, x->next, ret);
    }
    return gh_eval(ev, x, ret);
}

/* ---- the table ---- */

static const struct gh_func funcs[] = {
    {"always", "always", 0, 0, false, GH_FUNC_STATUS, NULL},
    {"cancelled", "cancelled", 0, 0, false, GH_FUNC_STATUS, NULL},
    {"case", "case", 3, GH_EXPR_ARGS, true, GH_FUNC_ANY, eval_case},
    {"contains", "contains", 2, 2, false, GH_FUNC_ANY, eval_contains},
    {"endswith", "endsWith", 2, 2, false, GH_FUNC_ANY, eval_ends_with},
    {"failure", "failure", 0, GH_EXPR_ARGS, false, GH_FUNC_STATUS, NULL},
    {"format", "format", 1, GH_EXPR_ARGS, false, GH_FUNC_ANY, eval_format},
    {"fromjson", "fromJSON", 1, 1, false, GH_FUNC_ANY, eval_from_json},
    {"hashfiles", "hashFiles", 1, GH_EXPR_ARGS, false, GH_FUNC_FILES, NULL},
    {"join", "join", 1, 2, false, GH_FUNC_ANY, eval_join},
    {"startswith", "startsWith", 2, 2, false, GH_FUNC_ANY, eval_starts_with},
    {"success", "success", 0, GH_EXPR_ARGS, false, GH_FUNC_STATUS, NULL},
    {"tojson", "toJSON", 1, 1, false, GH_FUNC_ANY, eval_to_json},
};

const struct gh_func *gh_func_find(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(funcs); i++)
        if (str_is_nocase(name, funcs[i].name))
            return &funcs[i];
    return NULL;
}

const struct gh_func *gh_funcs(size_t *ret_n)
{
    *ret_n = ARRAY_LEN(funcs);
    return funcs;
}
