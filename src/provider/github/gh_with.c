/*
 * gh_with.c - which inputs the actions have that slipway knows. The service warns of others and goes on (action.yml,
 * inputs); so does slipway, at the place where they stand.
 */
#include "core/base.h"
#include "doc/suggest.h"
#include "provider/github/gh_read_priv.h"

#define INPUTS_MAX 40

/* table */
static const struct {
    const char *name;
    const char *inputs[INPUTS_MAX]; /* NULL ends them */
} actions[] = {
    {"actions/checkout",
     {"repository",
      "ref",
      "token",
      "ssh-key",
      "ssh-known-hosts",
      "ssh-strict",
      "ssh-user",
      "persist-credentials",
      "path",
      "clean",
      "filter",
      "sparse-checkout",
      "sparse-checkout-cone-mode",
      "fetch-depth",
      "fetch-tags",
      "show-progress",
      "lfs",
      "submodules",
      "set-safe-directory",
      "github-server-url",
      "allow-unsafe-pr-checkout"}},
    {"actions/setup-python",
     {"python-version", "python-version-file", "cache", "architecture", "check-latest", "token",
      "cache-dependency-path", "update-environment", "allow-prereleases", "freethreaded", "pip-version",
      "pip-install"}},
    {"actions/cache",
     {"path", "key", "restore-keys", "upload-chunk-size", "enableCrossOsArchive", "fail-on-cache-miss", "lookup-only",
      "save-always"}},
    {"actions/cache/restore",
     {"path", "key", "restore-keys", "enableCrossOsArchive", "fail-on-cache-miss", "lookup-only"}},
    {"actions/cache/save", {"path", "key", "upload-chunk-size", "enableCrossOsArchive"}},
    {"actions/upload-artifact",
     {"name", "path", "if-no-files-found", "retention-days", "compression-level", "overwrite", "include-hidden-files",
      "archive"}},
    {"actions/upload-artifact/merge",
     {"name", "pattern", "separate-directories", "delete-merged", "retention-days", "compression-level",
      "include-hidden-files"}},
    {"actions/download-artifact",
     {"name", "artifact-ids", "path", "pattern", "merge-multiple", "github-token", "repository", "run-id",
      "skip-decompress", "digest-mismatch"}},
    {"actions/setup-node",
     {"always-auth", "node-version", "node-version-file", "architecture", "check-latest", "registry-url", "scope",
      "token", "cache", "package-manager-cache", "cache-dependency-path", "mirror", "mirror-token"}},
    {"actions/setup-go",
     {"go-version", "go-version-file", "check-latest", "token", "cache", "cache-dependency-path", "architecture",
      "go-download-base-url"}},
    {"docker/login-action", {"registry", "username", "password", "scope", "ecr", "logout", "registry-auth"}},
    {"docker/setup-qemu-action", {"image", "platforms", "reset", "cache-image"}},
    {"docker/setup-buildx-action",
     {"version", "name", "driver", "driver-opts", "buildkitd-flags", "buildkitd-config", "buildkitd-config-inline",
      "use", "endpoint", "platforms", "append", "keep-state", "cache-binary", "cleanup", "install", "config",
      "config-inline"}},
    {"docker/metadata-action",
     {"context", "images", "tags", "flavor", "labels", "annotations", "sep-tags", "sep-labels", "sep-annotations",
      "bake-target", "github-token"}},
    {"docker/build-push-action",
     {"add-hosts",  "allow",    "annotations", "attests",          "build-args",  "build-contexts", "builder",
      "cache-from", "cache-to", "call",        "cgroup-parent",    "context",     "file",           "labels",
      "load",       "network",  "no-cache",    "no-cache-filters", "outputs",     "platforms",      "provenance",
      "pull",       "push",     "sbom",        "secrets",          "secret-envs", "secret-files",   "shm-size",
      "ssh",        "tags",     "target",      "ulimit",           "github-token"}},
};

static bool listed(const char *const *inputs, size_t n, struct str key)
{
    for (size_t i = 0; i < n; i++)
        if (str_is_nocase(key, inputs[i]))
            return true;
    return false;
}

static void check_inputs(struct gh_reader *r, const struct gh_step *s, struct str action, const char *const *inputs)
{
    size_t n = 0;
    while (n < INPUTS_MAX && inputs[n] != NULL)
        n++;
    for (size_t i = 0; i < s->with.n; i++) {
        const struct gh_pair *p = &s->with.p[i];
        if (p->insert || p->name.set || listed(inputs, n, p->key))
            continue;
        diag_warning(r->d, "GH064", p->span, "Unexpected input '%.*s': %.*s has none of that name", STR_ARG(p->key),
                     STR_ARG(action));
        struct str near = suggest(p->key, inputs, n);
        if (near.n)
            diag_hint(r->d, "did you mean '%.*s'?", STR_ARG(near));
    }
}

static void check_step(struct gh_reader *r, const struct gh_step *s)
{
    struct str name, ref;
    if (s->kind != GH_STEP_USES || gh_uses_parse(s->uses, &name, &ref, NULL) != 0)
        return;
    for (size_t i = 0; i < ARRAY_LEN(actions); i++)
        if (str_is_nocase(name, actions[i].name))
            check_inputs(r, s, name, actions[i].inputs);
}

void gh_check_with(struct gh_reader *r)
{
    for (size_t i = 0; i < r->w->n_jobs; i++) {
        const struct gh_job *job = &r->w->jobs[i];
        for (size_t k = 0; k < job->n_steps; k++) {
            check_step(r, &job->steps[k]);
            for (size_t c = 0; c < job->steps[k].n_children; c++)
                check_step(r, &job->steps[k].children[c]);
        }
    }
}
