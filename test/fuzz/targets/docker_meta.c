/* docker/metadata-action: any inputs, parted by \x01; tags hold only what may stand in a tag, errors have words. */
#include "core/base.h"
#include "provider/github/docker_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = str_of((const char *)data, size), part[6] = {{NULL, 0}};
    struct arena *a = arena_new();
    struct gh_docker_meta m;
    struct err err = {0};
    for (size_t i = 0; i < ARRAY_LEN(part); i++)
        str_cut(rest, '\x01', &part[i], &rest);
    struct gh_docker_asked q = {.tags = part[0],
                                .images = part[1],
                                .flavor = part[2],
                                .labels = part[3],
                                .ref = part[4],
                                .event_name = part[5],
                                .sha = STR("0123456789"),
                                .levels = STR("manifest"),
                                .bake_target = STR("t"),
                                .short_sha = 7};
    if (size > 0 && gh_docker_meta(a, &q, &m, &err) < 0) {
        MUST(err.text[0] != '\0');
    } else if (size > 0) {
        for (size_t i = 0; i < m.tag_names.n; i++)
            for (size_t k = 0; k < m.tag_names.p[i].n; k++)
                MUST(m.tag_names.p[i].p[k] > ' ' && strchr(":/,", m.tag_names.p[i].p[k]) == NULL);
    }
    arena_free(a);
    return 0;
}
