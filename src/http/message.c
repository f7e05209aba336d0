/*
 * http/message.c - the parts of a message: target, ranges, replies.
 */
#include "core/base.h"
#include "http/http.h"

#include "core/num.h"
#include "core/vec.h"

/* ---- the target ---- */

static int hex_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int decode(struct arena *a, struct str s, struct str *ret)
{
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '%') {
            int high = i + 2 < s.n ? hex_of(s.p[i + 1]) : -1, low = i + 2 < s.n ? hex_of(s.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return -EINVAL;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (c == '\0')
            return -EINVAL;
        p[n++] = c;
    }
    *ret = str_of(p, n);
    return 0;
}

int http_target_parse(struct arena *a, struct str target, struct str *ret_path, struct http_pair **ret_query,
                      size_t *ret_n, struct err *e)
{
    VEC(struct http_pair) pairs = {0};
    struct str path, rest, piece;
    str_cut(target, '?', &path, &rest);
    if (!str_starts(path, STR("/")) || decode(a, path, &path) < 0)
        return err_set(e, EINVAL, "this is no path of a request");
    while (str_next(&rest, '&', &piece)) {
        struct http_pair pair;
        str_cut(piece, '=', &pair.name, &pair.value);
        if (decode(a, pair.name, &pair.name) < 0 || decode(a, pair.value, &pair.value) < 0)
            return err_set(e, EINVAL, "the query of a request is broken");
        if (piece.n > 0)
            vec_push_in(a, &pairs, pair);
    }
    *ret_path = path;
    *ret_query = pairs.p;
    *ret_n = pairs.n;
    return 0;
}

int http_escape(struct buf *b, struct str s)
{
    int r = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     (c != '\0' && strchr("-._~", c) != NULL);
        r = plain ? buf_add_ch(b, c) : buf_printf(b, "%%%02X", (unsigned)(unsigned char)c);
    }
    return r < 0 || b->over ? -E2BIG : 0;
}

/* ---- ranges ---- */

static bool number(struct str s, uint64_t *ret)
{
    return num_parse_u64(s, INT64_MAX, ret) == 0;
}

enum http_range_how http_range_parse(struct str header, uint64_t size, struct http_range *ret)
{
    struct str unit, spec, first, last;
    uint64_t from = 0, to = 0;
    if (!str_cut(header, '=', &unit, &spec) || !str_is_nocase(str_trim(unit), "bytes"))
        return HTTP_RANGE_NONE;
    if (!str_cut(str_trim(spec), '-', &first, &last))
        return HTTP_RANGE_NONE;
    if (first.n == 0) { /* the last so many bytes */
        if (!number(last, &to))
            return HTTP_RANGE_NONE;
        if (to == 0 || size == 0)
            return HTTP_RANGE_OUTSIDE;
        *ret = to < size ? (struct http_range){size - to, to} : (struct http_range){0, size};
        return HTTP_RANGE_ONE;
    }
    if (!number(first, &from) || (last.n > 0 && (!number(last, &to) || to < from)))
        return HTTP_RANGE_NONE;
    if (from >= size)
        return HTTP_RANGE_OUTSIDE;
    if (last.n == 0 || to >= size)
        to = size - 1;
    *ret = (struct http_range){from, to - from + 1};
    return HTTP_RANGE_ONE;
}

int http_content_range_parse(struct str header, struct http_range *ret)
{
    struct str unit, spec, range, total, first, last;
    uint64_t from = 0, to = 0, all = 0;
    if (!str_cut(str_trim(header), ' ', &unit, &spec) || !str_is_nocase(unit, "bytes") ||
        !str_cut(spec, '/', &range, &total) || !str_cut(range, '-', &first, &last))
        return -EINVAL;
    if (!number(first, &from) || !number(last, &to) || to < from)
        return -EINVAL;
    if (!str_is(total, "*") && (!number(total, &all) || to >= all))
        return -EINVAL;
    *ret = (struct http_range){from, to - from + 1};
    return 0;
}

/* ---- requests and replies ---- */

struct str http_header(const struct http_request *q, const char *name)
{
    return map_get_str(&q->headers, str_from(name));
}

struct str http_query(const struct http_request *q, const char *name)
{
    for (size_t i = 0; i < q->n_query; i++)
        if (str_is(q->query[i].name, name))
            return q->query[i].value;
    return STR_NONE;
}

uint64_t http_length(const struct http_request *q)
{
    uint64_t n = 0;
    if (http_header(q, "Transfer-Encoding").p != NULL)
        return HTTP_CHUNKED;
    struct str text = http_header(q, "Content-Length");
    return text.p != NULL && num_parse_u64(str_trim(text), HTTP_CHUNKED - 1, &n) < 0 ? HTTP_CHUNKED : n;
}

void http_reply_header(struct http_reply *r, const char *name, struct str value)
{
    MUST(r->n_headers < HTTP_HEADERS_MAX);
    r->headers[r->n_headers++] = (struct http_pair){str_from(name), value};
}

void http_reply_text(struct http_reply *r, unsigned status, const char *type, struct str body)
{
    *r = (struct http_reply){.status = status, .body = body, .fd = -1};
    if (type != NULL)
        http_reply_header(r, "Content-Type", str_from(type));
}

void http_reply_file(struct http_reply *r, int fd, uint64_t size, struct str type)
{
    *r = (struct http_reply){.status = 200, .fd = fd, .file_size = size};
    http_reply_header(r, "Content-Type", type);
}
