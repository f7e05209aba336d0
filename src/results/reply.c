/*
 * results/reply.c - what calls say and are told, as JSON.
 */
#include "core/base.h"
#include "results/results_priv.h"

#include "core/num.h"

#include <stdarg.h>

#define NAME_MAX_BYTES 64

/* "restore_keys" as "restoreKeys": proto-JSON has both. */
static struct str camel(struct arena *a, const char *name)
{
    char *to = arena_alloc(a, NAME_MAX_BYTES);
    size_t n = 0;
    for (const char *p = name; *p != '\0' && n + 1 < NAME_MAX_BYTES; p++) {
        bool hump = *p == '_' && p[1] >= 'a' && p[1] <= 'z';
        if (hump)
            p++;
        to[n++] = hump ? (char)(*p - 'a' + 'A') : *p;
    }
    return str_of(to, n);
}

const struct value *in_value(const struct call *c, const char *name)
{
    const struct value *v = value_get(c->in, str_from(name));
    if (v == NULL)
        v = value_get(c->in, camel(c->a, name));
    return v;
}

struct str in_text(const struct call *c, const char *name)
{
    const struct value *v = in_value(c, name);
    return v != NULL && v->kind == VALUE_STRING ? v->string : STR_NONE;
}

bool in_number(const struct call *c, const char *name, uint64_t *ret)
{
    const struct value *v = in_value(c, name);
    if (v != NULL && v->kind == VALUE_STRING)
        return num_parse_u64(v->string, INT64_MAX, ret) == 0;
    if (v == NULL || v->kind != VALUE_NUMBER || !(v->number >= 0) || v->number > 9e15)
        return false;
    *ret = (uint64_t)v->number;
    return (double)*ret == v->number;
}

void reply_json(struct call *c, unsigned status, const struct buf *b)
{
    MUST(!b->over);
    http_reply_text(c->r, status, "application/json", arena_str(c->a, buf_str(b)));
}

void reply_error(struct call *c, unsigned status, const char *code, const char *fmt, ...)
{
    CLEAN(buf) struct buf text = BUF(BUF_LINE), b = BUF(BUF_TEXT);
    va_list args;
    va_start(args, fmt);
    buf_vprintf(&text, fmt, args);
    va_end(args);
    buf_printf(&b, "{\"code\":\"%s\",\"msg\":", code);
    buf_add_json(&b, buf_str(&text));
    buf_add_cstr(&b, ",\"message\":");
    buf_add_json(&b, buf_str(&text));
    buf_add_ch(&b, '}');
    reply_json(c, status, &b);
}

void reply_err(struct call *c, const struct err *e)
{
    bool full = e->num == -ENOSPC || e->num == -EDQUOT || e->num == -EFBIG;
    if (full)
        reply_error(c, 507, "resource_exhausted", "%s", e->text);
    else
        reply_error(c, 500, "internal", "%s", e->text);
}

void reply_untaken(struct call *c, int r, const char *what)
{
    if (r == -ENOENT)
        reply_error(c, 404, "not_found", "this job makes no such %s", what);
    else if (r == -EBUSY)
        reply_error(c, 503, "unavailable", "the %s is still written to", what);
    else
        reply_error(c, 412, "failed_precondition", "the bytes of the %s have not come", what);
}
