/*
 * gh_actions.c - the form of `uses:`, and which actions slipway has, or will have, of its own.
 */
#include "core/base.h"
#include "provider/github/gh_run_priv.h"

/* In the order of specification 13. An action that has none yet is skipped by name (docs/roadmap.md). */
static const struct gh_native NATIVE[] = {
    {"actions/checkout", &gh_checkout},
    {"actions/setup-python", &gh_setup_python},
    {"actions/setup-node", &gh_setup_node},
    {"actions/setup-go", &gh_setup_go},
    {"actions/cache", &gh_cache},
    {"actions/cache/restore", &gh_cache_restore},
    {"actions/cache/save", &gh_cache_save},
    {"actions/upload-artifact", &gh_upload_artifact},
    {"actions/upload-artifact/merge", &gh_merge_artifacts},
    {"actions/download-artifact", &gh_download_artifact},
    {"docker/login-action", &gh_docker_login},
    {"docker/setup-qemu-action", &gh_docker_qemu},
    {"docker/setup-buildx-action", &gh_docker_buildx},
    {"docker/metadata-action", &gh_docker_metadata},
    {"docker/build-push-action", NULL},
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

struct str gh_uses_repository(struct str name)
{
    struct str owner, rest, repo, path;
    if (!str_cut(name, '/', &owner, &rest) || !str_cut(rest, '/', &repo, &path))
        return name;
    return str_sub(name, 0, owner.n + 1 + repo.n);
}

struct str gh_job_later(struct arena *a, const struct facts *f, const struct gh_job *job)
{
    for (size_t i = 0; i < job->n_steps; i++) {
        struct str name, ref;
        if (job->steps[i].kind != GH_STEP_USES || gh_uses_parse(job->steps[i].uses, &name, &ref, NULL) < 0)
            continue;
        const struct gh_native *native = gh_native_for(f, name);
        if (native != NULL && native->action == NULL)
            return arena_printf(a, "uses %.*s, which this version does not run yet", STR_ARG(name));
    }
    return STR_NONE;
}

const struct gh_native *gh_native_for(const struct facts *f, struct str name)
{
    if (f->native_never)
        return NULL;
    for (size_t i = 0; i < f->not_native.n; i++) {
        if (str_eq_nocase(f->not_native.p[i], name))
            return NULL;
    }
    return gh_native_find(name);
}

const struct gh_native *gh_native_find(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(NATIVE); i++) {
        if (str_is_nocase(name, NATIVE[i].name))
            return &NATIVE[i];
    }
    return NULL;
}
