/* Any bytes as an on-failure and as the name of a secret: parts of the text, or words of what is wrong. */
#include "core/base.h"
#include "provider/codebuild/model_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_secret(struct str text)
{
    struct cb_ref r = {0};
    struct err e = {0};
    if (cb_secret_parse(text, &r, &e) < 0) {
        MUST(e.text[0] != '\0');
        return;
    }
    MUST(r.secret && r.secret_id.n > 0 && str_starts(text, r.secret_id));
    MUST(r.stage.n == 0 || r.version_id.n == 0);
    MUST(r.secret_id.n + r.json_key.n + r.version_id.n <= text.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct str text = str_of((const char *)data, size);
    struct cb_on_failure f = {0};
    struct err e = {0};
    if (cb_on_failure_parse(a, text, &f, &e) < 0)
        MUST(e.text[0] != '\0' && f.how == CB_BY_TABLE);
    else
        MUST(f.how != CB_BY_TABLE && f.retries <= 100 && f.pattern.n <= size);
    read_secret(text);
    return 0;
}
