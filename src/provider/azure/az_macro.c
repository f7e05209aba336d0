/*
 * az_macro.c - `$(name)`: in texts, and in the values of variables before a step (specification 6.5).
 *
 * A text is gone through once, left to right: what is between `$(` and the first `)` is a name, and what a name stands
 * for is not looked at again. Variables within variables are put in depth first; one that leads back to itself stays
 * as it is written, and so does what is nested too deeply or grows too large.
 */
#include "core/base.h"
#include "provider/azure/model_priv.h"

#define DEPTH_MAX 50
#define VALUE_MAX ((size_t)4 << 20) /* bytes of one value with all that it stands for */
#define WORK_MAX 100000             /* values that are put in while all are settled */

/* The next macro from byte `from` on: its name and its end. False: there is none. */
static bool next_macro(struct str text, size_t from, size_t *ret_at, struct str *ret_name)
{
    ssize_t open = str_find_from(text, from, STR("$("));
    if (open < 0)
        return false;
    ssize_t close = str_find_from(text, (size_t)open + 2, STR(")"));
    if (close < 0)
        return false;
    *ret_at = (size_t)open;
    *ret_name = str_sub(text, (size_t)open + 2, (size_t)close);
    return true;
}

struct str az_macros(struct arena *a, const struct az_vars *v, struct str text, bool *ret_secret)
{
    size_t from = 0, copied = 0, at;
    struct str name;
    CLEAN(buf) struct buf b = BUF(VALUE_MAX + text.n);
    bool found = false;
    while (next_macro(text, from, &at, &name)) {
        const struct az_var *x = az_vars_find(v, name);
        if (!x || b.n + x->value.n > VALUE_MAX) {
            from = at + 1;
            continue;
        }
        buf_add(&b, str_sub(text, copied, at));
        buf_add(&b, x->value);
        from = copied = at + name.n + 3;
        found = true;
        if (ret_secret && x->secret)
            *ret_secret = true;
    }
    if (!found)
        return text;
    buf_add(&b, str_from_index(text, copied));
    return arena_str(a, buf_str(&b));
}

/* ---- variables within variables ---- */

struct settling {
    const struct az_vars *vars; /* as they are written */
    struct arena *a;
    const struct az_var *stack[DEPTH_MAX]; /* whose values are being made */
    size_t depth, work;
};

static bool under_way(const struct settling *s, const struct az_var *x)
{
    for (size_t i = 0; i < s->depth; i++)
        if (s->stack[i] == x)
            return true;
    return false;
}

static struct str settle_value(struct settling *s, const struct az_var *x, bool *secret);

/* What the macro at the name stands for; false: it stays. */
static bool settle_name(struct settling *s, struct str name, bool *secret, struct str *ret)
{
    const struct az_var *x = az_vars_find(s->vars, name);
    if (!x || under_way(s, x) || s->depth == DEPTH_MAX || ++s->work > WORK_MAX)
        return false;
    *secret = *secret || x->secret;
    *ret = settle_value(s, x, secret);
    return true;
}

static struct str settle_value(struct settling *s, const struct az_var *x, bool *secret)
{
    size_t from = 0, copied = 0, at;
    struct str name, value, text = x->value;
    if (str_find(text, STR("$(")) < 0)
        return text;
    CLEAN(buf) struct buf b = BUF(VALUE_MAX + text.n);
    s->stack[s->depth++] = x;
    while (next_macro(text, from, &at, &name)) {
        if (!settle_name(s, name, secret, &value) || b.n + value.n > VALUE_MAX) {
            from = at + 1;
            continue;
        }
        buf_add(&b, str_sub(text, copied, at));
        buf_add(&b, value);
        from = copied = at + name.n + 3;
    }
    s->depth--;
    buf_add(&b, str_from_index(text, copied));
    return arena_str(s->a, buf_str(&b));
}

void az_vars_settle(struct az_vars *v)
{
    struct settling s = {.vars = v, .a = v->arena};
    struct str *values = arena_array(v->arena, v->map.n + 1, sizeof *values);
    bool *secrets = arena_array(v->arena, v->map.n + 1, sizeof *secrets);
    for (size_t i = 0; i < v->map.n; i++)
        values[i] = settle_value(&s, v->map.entries[i].value, &secrets[i]);
    for (size_t i = 0; i < v->map.n; i++) {
        struct az_var *x = v->map.entries[i].value;
        x->value = values[i];
        x->secret = x->secret || secrets[i];
    }
}
