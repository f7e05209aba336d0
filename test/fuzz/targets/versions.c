/* Versions and ranges of npm, versions of Python: "version LF range"; a version equals itself, what is cleaned stays.
 */
#include "core/base.h"
#include "provider/github/docker_priv.h"
#include "provider/semver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_of((const char *)data, size), version, range;
    struct arena *a = arena_new();
    struct semver v;
    struct semver_range *r = NULL;
    struct gh_pep440 python, again;
    struct err err = {0};
    str_cut(text, '\n', &version, &range);
    bool is_version = semver_parse(version, &v) == 0;
    if (is_version)
        MUST(semver_cmp(&v, &v) == 0);
    for (int pre = 0; pre < 2; pre++) {
        if (semver_range_parse(a, range, pre == 1, &r, &err) < 0)
            MUST(err.text[0] != '\0');
        else if (is_version)
            semver_range_has(r, &v);
    }
    if (gh_pep440_parse(a, version, &python) == 0) {
        MUST(gh_pep440_parse(a, python.clean, &again) == 0);
        MUST(str_eq(python.clean, again.clean) && python.is_final == again.is_final);
    }
    arena_free(a);
    return 0;
}
