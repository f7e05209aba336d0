/* Any bytes as a pipeline that may include itself (a.yml) and its second half (b.yml): expanded, printed, read back. */
#include "core/base.h"
#include "provider/azure/expand_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t numbers[2];

static int read_either(void *ctx, const struct file_query *q, struct file_found *ret, struct err *e)
{
    *ret = (struct file_found){.source = numbers[str_is(q->path, "b.yml")], .sources = ctx};
    return str_is(q->path, "a.yml") || str_is(q->path, "b.yml") ? 0 : err_set(e, ENOENT, "there is none");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(sources) struct sources *s = sources_new();
    CLEAN(buf) struct buf out = BUF((size_t)64 << 20);
    struct facts f = {
        .read_file = read_either, .read_ctx = s, .repo.owner = STR("octo"), .repos.base = STR("/srv/git")};
    struct str text = str_of((const char *)data, size > 20000 ? 20000 : size), half = STR("\n====\n");
    ssize_t at = str_find(text, half);
    struct diags d, again;
    diags_init(&d, a, s);
    diags_init(&again, a, s);
    map_init(&f.inputs, a, MAP_NOCASE);
    map_set_str(&f.inputs, STR("queued"), STR("[1, {a: b}]"));
    numbers[0] = sources_add(s, STR("a.yml"), at < 0 ? text : str_sub(text, 0, (size_t)at + 1));
    numbers[1] = sources_add(s, STR("b.yml"), at < 0 ? STR("") : str_from_index(text, (size_t)at + half.n));
    struct az_expansion x = {.arena = a, .facts = &f, .d = &d, .variables = az_object(a, true)};
    const struct az_value *v = az_expand(&x, STR("a.yml"), numbers[0]);
    MUST(v || d.errors > 0);
    for (size_t i = 0; i < d.n; i++)
        MUST(diag_render(&out, s, &d.p[i], false) == 0 && diag_rule_find(str_from(d.p[i].code)));
    buf_clear(&out);
    if (v && d.errors == 0 && az_print(&out, v) == 0 && out.n < AZ_MAX_BYTES / 4)
        MUST(az_load(a, sources_add(s, STR("out"), buf_str(&out)), NULL, &again));
    return 0;
}
