/* Any bytes as a file of triggers: problems with places, and a verdict in words for every event. */
#include "core/base.h"
#include "provider/cloudbuild/model_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_file(void *ctx, const struct file_query *q, struct file_found *ret, struct err *e)
{
    *ret = (struct file_found){.source = 1, .sources = ctx};
    return gb_is_trigger_file(q->path) ? 0 : err_set(e, ENOENT, "there is none");
}

static int list_files(void *ctx, struct arena *a, struct str folder, struct strs *ret)
{
    vec_push_in(a, ret, STR("cloudbuild-trigger.yaml"));
    return ctx && folder.n ? 0 : -ENOENT;
}
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const events[] = {"push", "pull_request", "issue_comment", "schedule"};
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(sources) struct sources *s = sources_new();
    uint32_t source = sources_add(s, STR("t"), str_of((const char *)data, size));
    struct provider_file file = {.path = STR("deploy/cloudbuild-trigger.yaml"), .source = source};
    struct facts f = {.read_file = read_file, .list_files = list_files, .read_ctx = s};
    struct gb_triggers list;
    struct diags d;
    diags_init(&d, a, s);
    gb_trigger_check(&file, &f, &d);
    gb_triggers_read(a, &f, &d, &list);
    f.change = (struct change){.branch = STR("main"), .base = STR("1.x"), .files_known = size % 2 == 0};
    vec_push_in(a, &f.change.files, STR("src/a"));
    for (size_t i = 0; i < list.n * ARRAY_LEN(events) && i < 200; i++) {
        struct verdict v = {0};
        f.change.event = str_from(events[i % 4]);
        gb_verdict(a, &list.p[i / 4], &f, &v);
        MUST(v.why.n > 0 && v.rule.file == 1 && v.rule.off + v.rule.len <= size);
    }
    return 0;
}
