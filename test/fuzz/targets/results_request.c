/* Any text as a block list, a body of Twirp, a bearer token and a signed URL: read in bounds, and never believed. */
#include "core/base.h"
#include "results/results_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_body(struct arena *a, struct str s)
{
    static const char *const names[] = {"workflow_run_backend_id", "name", "size", "restore_keys", "id_filter"};
    struct call c = {.a = a};
    uint64_t n;
    if (value_from_json(a, s, MAP_CASE, &c.in, NULL) < 0)
        return;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (in_number(&c, names[i], &n))
            MUST(in_value(&c, names[i]) != NULL && n <= INT64_MAX);
        else if (in_text(&c, names[i]).p != NULL)
            MUST(in_value(&c, names[i])->kind == VALUE_STRING);
}

static void check_doors(struct arena *a, struct str s)
{
    struct results service = {.arena = a, .url = STR("http://127.0.0.1:1/"), .key = {1, 2, 3}};
    struct http_request q = {.arena = a};
    struct who who;
    struct str kind, name;
    MUST(token_check(&service, a, arena_printf(a, "Bearer %.*s", STR_ARG(s)), &who) == -EACCES);
    if (http_target_parse(a, s, &q.path, &q.query, &q.n_query, NULL) == 0)
        MUST(blob_url_check(&service, &q, 'r', &kind, &name) == -EACCES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct str s = str_of((const char *)data, size);
    struct strs ids = {0};
    if (block_list_parse(a, s, &ids, NULL) == 0)
        for (size_t i = 0; i < ids.n; i++)
            MUST(ids.p[i].p >= s.p && ids.p[i].p + ids.p[i].n <= s.p + s.n);
    check_body(a, s);
    check_doors(a, s);
    return 0;
}
