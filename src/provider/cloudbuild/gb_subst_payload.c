/*
 * gb_subst_payload.c - $(body.message.data): values of a trigger that come from the event's payload.
 *
 * The first word is the payload's own name (body, push, pull_request, issue_comment, csr); behind it stand members,
 * with dots or in brackets, and indexes. Elsewhere than in values of triggers $(...) is the shell's.
 */
#include "core/base.h"
#include "core/num.h"
#include "core/utf8.h"
#include "provider/cloudbuild/gb_subst_priv.h"

static const char *const roots[] = {"body", "push", "pull_request", "issue_comment", "csr"};

/* Bytes of "$(root..." at the text's beginning up to its bracket, the path in *ret; 0: it is none. */
static size_t binding_at(struct str text, struct str *ret)
{
    ssize_t close = str_find_ch(text, ')');
    if (!str_starts(text, STR("$(")) || close < 0)
        return 0;
    struct str path = str_sub(text, 2, (size_t)close);
    for (size_t i = 0; i < ARRAY_LEN(roots); i++) {
        struct str root = str_from(roots[i]);
        if (str_starts(path, root) && (path.n == root.n || path.p[root.n] == '.' || path.p[root.n] == '[')) {
            *ret = str_from_index(path, root.n);
            return (size_t)close + 1;
        }
    }
    return 0;
}

bool gb_has_binding(struct str text)
{
    struct str path;
    for (ssize_t at = 0; (at = str_find_from(text, (size_t)at, STR("$("))) >= 0; at++)
        if (binding_at(str_from_index(text, (size_t)at), &path) > 0)
            return true;
    return false;
}

static const struct value *item(const struct value *v, struct str index)
{
    uint64_t i;
    if (v == NULL || v->kind != VALUE_ARRAY || num_parse_u64(index, SIZE_MAX, &i) < 0 || i >= v->array.n)
        return NULL;
    return v->array.p[i];
}

/* Takes one step of the path off it: .name, [0] or ['name']. */
static const struct value *step(const struct value *v, struct str *path)
{
    struct str p = *path;
    if (p.p[0] == '.') {
        size_t end = 1;
        while (end < p.n && p.p[end] != '.' && p.p[end] != '[')
            end++;
        *path = str_from_index(p, end);
        return value_get(v, str_sub(p, 1, end));
    }
    ssize_t close = str_find_ch(p, ']');
    if (p.p[0] != '[' || close < 2)
        return NULL;
    struct str inside = str_sub(p, 1, (size_t)close);
    *path = str_from_index(p, (size_t)close + 1);
    if (inside.n >= 2 && (inside.p[0] == '\'' || inside.p[0] == '"') && inside.p[inside.n - 1] == inside.p[0])
        return value_get(v, str_sub(inside, 1, inside.n - 1));
    return item(v, inside);
}

static void add_value(struct buf *b, const struct value *v)
{
    switch (v->kind) {
    case VALUE_STRING:
        buf_add(b, v->string);
        return;
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_NUMBER:
    case VALUE_ARRAY:
    case VALUE_OBJECT:
        value_add_json(b, v, VALUE_COMPACT);
        return;
    }
}

int gb_bind_payload(struct arena *a, const struct value *payload, struct str text, struct str *ret, struct err *e)
{
    CLEAN(buf) struct buf b = BUF(GB_TEXT_MAX);
    for (size_t i = 0; i < text.n;) {
        struct str path, rest;
        const struct value *v = payload;
        size_t n = text.p[i] == '$' ? binding_at(str_from_index(text, i), &path) : 0;
        if (n == 0) {
            buf_add_ch(&b, text.p[i++]);
            continue;
        }
        struct str whole = str_sub(text, i, i + n);
        if (payload == NULL)
            return err_set(e, EINVAL, "%.*s needs the payload of an event: give it with -e FILE",
                           STR_ARG(utf8_fit(whole, 60)));
        for (rest = path; rest.n > 0 && v != NULL;)
            v = step(v, &rest);
        if (v == NULL)
            return err_set(e, EINVAL, "the payload has no %.*s", STR_ARG(utf8_fit(whole, 60)));
        add_value(&b, v);
        i += n;
    }
    if (b.over)
        return err_set(e, E2BIG, "what it takes from the payload is longer than 64 KiB");
    *ret = arena_str(a, buf_str(&b));
    return 0;
}
