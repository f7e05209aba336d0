/* The files of GITHUB_ENV and its kin: every entry is part of the text, names are not empty, errors have words. */
#include "core/base.h"
#include "provider/github/envfile_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_pair(void *ctx, struct str name, struct str value)
{
    size_t *sum = ctx;
    MUST(name.n > 0 && str_find_ch(name, '\n') < 0);
    *sum += name.n + value.n;
}

static void take_folder(void *ctx, struct str folder)
{
    size_t *sum = ctx;
    MUST(folder.n > 0 && str_find_ch(folder, '\n') < 0 && str_find_ch(folder, '\r') < 0);
    *sum += folder.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_of((const char *)data, size);
    struct arena *a = arena_new();
    struct err err = {0};
    size_t sum = 0;
    if (gh_envfile_read(a, text, take_pair, &sum, &err) < 0)
        MUST(err.text[0] != '\0');
    MUST(sum <= size);
    sum = 0;
    gh_pathfile_read(text, take_folder, &sum);
    MUST(sum <= size);
    arena_free(a);
    return 0;
}
