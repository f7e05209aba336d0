/* Any text as a target, a Range and a Content-Range: what is accepted lies inside, and escapes come back. */
#include "core/base.h"
#include "http/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_ranges(struct str s)
{
    struct http_range r;
    for (uint64_t of = 0; of < 3000; of = of * 3 + 1)
        if (http_range_parse(s, of, &r) == HTTP_RANGE_ONE)
            MUST(r.n > 0 && r.n <= of && r.from <= of - r.n);
    if (http_content_range_parse(s, &r) == 0)
        MUST(r.n > 0 && r.from + r.n > r.from);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    struct str s = str_of((const char *)data, size), path, again;
    struct http_pair *query;
    size_t n;
    check_ranges(s);
    if (http_target_parse(a, s, &path, &query, &n, NULL) < 0)
        return 0;
    MUST(path.n > 0 && path.p[0] == '/' && memchr(path.p, 0, path.n) == NULL);
    for (size_t i = 0; i < n; i++)
        MUST(query[i].name.n + query[i].value.n < size);
    buf_add_ch(&b, '/');
    MUST(http_escape(&b, path) == 0);
    MUST(http_target_parse(a, buf_str(&b), &again, &query, &n, NULL) == 0);
    MUST(n == 0 && str_eq(str_from_index(again, 1), path));
    return 0;
}
