/*
 * az_expr_format.c - format('{0} {{braces}} {1:yyyy}', ...) (specification 6.3).
 *
 * An argument is evaluated when its place is reached, and once; one that no place names never is.
 */
#include "core/base.h"
#include "core/num.h"
#include "provider/azure/ast_priv.h"

struct formatting {
    struct az_eval *ev;
    const struct az_expr *x;
    struct str format;
    struct az_value **args; /* NULL until it is asked for; [0] is the format itself */
    struct buf b;
};

static int invalid(struct formatting *f)
{
    return err_set(f->ev->e, EINVAL, "The following format string is invalid: %.*s", STR_ARG(f->format));
}

static int argument(struct formatting *f, size_t i, struct az_value **ret)
{
    int r = f->args[i] ? 0 : az_eval(f->ev, f->x->args.p[i], &f->args[i]);
    *ret = f->args[i];
    return r;
}

static int add_argument(struct formatting *f, size_t i, struct str specifiers)
{
    struct az_value *v = NULL;
    struct str text = STR("");
    int r = argument(f, i, &v);
    if (r == 0)
        r = az_text(f->ev->a, v, &text, f->ev->e);
    if (r < 0)
        return r;
    if (specifiers.n == 0)
        buf_add(&f->b, text);
    else if (v->kind != AZ_DATETIME || !az_datetime_formats(specifiers) || az_add_datetime(&f->b, v, specifiers) < 0)
        return err_set(f->ev->e, EINVAL, "The format specifiers '%.*s' are not valid for objects of type '%s'",
                       STR_ARG(specifiers), az_kind_name(v->kind));
    return 0;
}

/* What is behind the colon, up to the brace that closes; two are one of the text. */
static bool take_specifiers(struct formatting *f, size_t *i, struct str *ret)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    struct str s = f->format;
    for (; *i < s.n; ++*i) {
        bool twice = *i + 1 < s.n && s.p[*i + 1] == '}';
        if (s.p[*i] == '}' && !twice)
            break;
        *i += s.p[*i] == '}';
        buf_add_ch(&b, s.p[*i]);
    }
    *ret = arena_str(f->ev->a, buf_str(&b));
    return *i < s.n;
}

/* The inside of the braces that open before *i: an index, and specifiers. */
static int add_place(struct formatting *f, size_t *i)
{
    size_t start = *i, end = start;
    uint64_t n;
    struct str specifiers = STR("");
    while (end < f->format.n && f->format.p[end] >= '0' && f->format.p[end] <= '9')
        end++;
    if (num_parse_u64(str_sub(f->format, start, end), UINT8_MAX, &n) < 0 || end == f->format.n)
        return invalid(f);
    if (f->format.p[end] == ':') {
        end++;
        if (!take_specifiers(f, &end, &specifiers))
            return invalid(f);
    }
    if (f->format.p[end] != '}')
        return invalid(f);
    *i = end + 1;
    if (n + 1 >= f->x->args.n)
        return err_set(f->ev->e, EINVAL,
                       "The following format string references more arguments than were supplied: %.*s",
                       STR_ARG(f->format));
    return add_argument(f, (size_t)n + 1, specifiers);
}

static int format(struct formatting *f)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < f->format.n && !f->b.over;) {
        char c = f->format.p[i++];
        bool twice = i < f->format.n && f->format.p[i] == c;
        if (c != '{' && c != '}') {
            buf_add_ch(&f->b, c);
        } else if (twice) {
            buf_add_ch(&f->b, c);
            i++;
        } else {
            r = c == '{' ? add_place(f, &i) : invalid(f);
        }
    }
    return r;
}

int az_call_format(struct az_eval *ev, const struct az_expr *x, struct az_value **ret)
{
    struct formatting f = {.ev = ev, .x = x};
    int r = az_eval_text(ev, x->args.p[0], &f.format);
    if (r < 0)
        return r;
    f.args = arena_array(ev->a, x->args.n, sizeof *f.args);
    f.b = az_eval_buf(ev);
    r = format(&f);
    if (r == 0)
        return az_take(ev, &f.b, ret);
    buf_done(&f.b);
    return r;
}
