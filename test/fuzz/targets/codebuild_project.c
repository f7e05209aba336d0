/* Any bytes as a template and as [codebuild]: read and judged; what is told has a place, what is read can be asked. */
#include "core/base.h"
#include "provider/codebuild/model_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
    struct sources *s;
    const char *name; /* the one file there is */
    struct str text;
    uint32_t file;
};

static int read_file(void *ctx, const struct file_query *q, struct file_found *ret, struct err *e)
{
    struct world *w = ctx;
    if (!str_is(q->path, w->name))
        return err_set(e, ENOENT, "there is no such file");
    w->file = w->file ? w->file : sources_add(w->s, q->path, w->text);
    *ret = (struct file_found){w->file, STR(""), w->s};
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEAN(buf) struct buf out = BUF(BUF_TEXT);
    static const char *const names[] = {"deploy/codebuild.yaml", "slipway.toml"};
    for (size_t k = 0; k < ARRAY_LEN(names); k++) {
        CLEAN(arena) struct arena *a = arena_new();
        CLEAN(sources) struct sources *s = sources_new();
        struct world w = {s, names[k], str_of((const char *)data, size), 0};
        struct facts f = {.read_file = read_file, .read_ctx = &w, .change = {.event = STR("push"), .branch = STR("m")}};
        struct cb_projects all;
        struct diags d;
        struct verdict v;
        diags_init(&d, a, s);
        cb_projects_read(a, &f, &d, &all);
        for (size_t i = 0; i < all.n; i++) {
            cb_verdict(a, &all.p[i], &f, &v);
            MUST(v.why.n > 0 && all.p[i].declared && all.p[i].name.n > 0);
        }
        for (size_t i = 0; i < d.n; i++)
            MUST(diag_render(&out, s, &d.p[i], false) == 0 && diag_rule_find(str_from(d.p[i].code)));
        buf_clear(&out);
    }
    return 0;
}
