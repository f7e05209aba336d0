/* Any bytes as a template and as [codebuild]: read and judged; what is told has a place, what is read can be asked. */
#include "core/base.h"
#include "provider/codebuild/model_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
    struct sources *s;
    const char *name; /* the one file there is */
    uint32_t file;
};

static int read_file(void *ctx, const struct file_query *q, struct file_found *ret, struct err *e)
{
    const struct world *w = ctx;
    *ret = (struct file_found){w->file, STR(""), w->s};
    return str_is(q->path, w->name) ? 0 : err_set(e, ENOENT, "there is no such file");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"deploy/codebuild.yaml", "slipway.toml"};
    for (size_t k = 0; k < ARRAY_LEN(names); k++) {
        CLEAN(arena) struct arena *a = arena_new();
        CLEAN(sources) struct sources *s = sources_new();
        CLEAN(buf) struct buf out = BUF(BUF_TEXT);
        struct world w = {s, names[k], sources_add(s, str_from(names[k]), str_of((const char *)data, size))};
        struct facts f = {.read_file = read_file, .read_ctx = &w, .change = {.event = STR("push"), .branch = STR("m")}};
        struct cb_projects all;
        struct diags d;
        struct verdict v = {0};
        diags_init(&d, a, s);
        cb_projects_read(a, &f, &d, &all);
        for (size_t i = 0; i < all.n; i++, MUST(v.why.n > 0))
            cb_verdict(a, &all.p[i], &f, &v);
        for (size_t i = 0; i < d.n; i++)
            MUST(diag_render(&out, s, &d.p[i], false) == 0 && diag_rule_find(str_from(d.p[i].code)));
    }
    return 0;
}
