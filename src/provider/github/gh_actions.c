/*
 * gh_actions.c - the form of `uses:`, and which actions slipway has, or will have, of its own.
 */
#include "core/base.h"
#include "provider/github/model_priv.h"

static const struct {
    const char *name;
    enum gh_native native;
} NATIVE[] = {
    {"actions/checkout", GH_NATIVE_CHECKOUT},
    {"actions/setup-python", GH_NATIVE_SETUP_PYTHON},
    {"actions/cache", GH_NATIVE_LATER},
    {"actions/cache/restore", GH_NATIVE_LATER},
    {"actions/cache/save", GH_NATIVE_LATER},
    {"actions/upload-artifact", GH_NATIVE_LATER},
    {"actions/download-artifact", GH_NATIVE_LATER},
    {"actions/setup-node", GH_NATIVE_LATER},
    {"actions/setup-go", GH_NATIVE_LATER},
    {"actions/github-script", GH_NATIVE_LATER},
    {"docker/login-action", GH_NATIVE_LATER},
    {"docker/setup-qemu-action", GH_NATIVE_LATER},
    {"docker/setup-buildx-action", GH_NATIVE_LATER},
    {"docker/metadata-action", GH_NATIVE_LATER},
    {"docker/build-push-action", GH_NATIVE_LATER},
};

static int bad_format(struct str uses, struct err *e)
{
    return err_set(e, EINVAL, "Expected format {org}/{repo}[/path]@ref. Actual '%.*s'", STR_ARG(uses));
}

/* owner/repo with both parts there. */
static bool names_repository(struct str name)
{
    struct str owner, rest, repo, path;
    if (!str_cut(name, '/', &owner, &rest))
        return false;
    str_cut(rest, '/', &repo, &path);
    return owner.n > 0 && repo.n > 0;
}

int gh_uses_parse(struct str uses, struct str *ret_name, struct str *ret_ref, struct err *e)
{
    struct str name, ref;
    if (str_starts(uses, STR("./")) || str_starts(uses, STR(".\\")) || str_starts(uses, STR("$/")) ||
        str_starts(uses, STR("docker://"))) {
        *ret_name = uses;
        *ret_ref = STR_NONE;
        return 0;
    }
    if (!str_cut(uses, '@', &name, &ref) || ref.n == 0 || str_find_ch(ref, '@') >= 0 || !names_repository(name))
        return bad_format(uses, e);
    *ret_name = name;
    *ret_ref = ref;
    return 0;
}

struct str gh_job_later(struct arena *a, const struct gh_job *job)
{
    for (size_t i = 0; i < job->n_steps; i++) {
        struct str name, ref;
        if (job->steps[i].kind == GH_STEP_USES && gh_uses_parse(job->steps[i].uses, &name, &ref, NULL) == 0 &&
            gh_native_find(name) == GH_NATIVE_LATER)
            return arena_printf(a, "uses %.*s, which this version does not run yet", STR_ARG(name));
    }
    return STR_NONE;
}

enum gh_native gh_native_find(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(NATIVE); i++) {
        if (str_is_nocase(name, NATIVE[i].name))
            return NATIVE[i].native;
    }
    return GH_NATIVE_NONE;
}
