/*
 * docker/login-action, docker/setup-qemu-action and docker/setup-buildx-action (specification 13.8 to 13.10),
 * simulated: their inputs are checked, their outputs are set, and nothing is sent or started, which the summary tells.
 */
#include "core/base.h"
#include "provider/github/gh_run_priv.h"

#include "core/buf.h"
#include "provider/github/docker_priv.h"

static void no_exited(struct gh_run *r, struct gh_task *t, const struct op_end *end)
{
    UNUSED(r);
    gh_ended(t, end);
}

/* "linux/amd64": this machine as Docker names it. */
static const char *platform(const struct gh_run *r)
{
    static const struct {
        const char *machine, *platform;
    } PLATFORMS[] = {{"x86_64", "linux/amd64"},   {"aarch64", "linux/arm64"},   {"armv7l", "linux/arm/v7"},
                     {"i686", "linux/386"},       {"ppc64le", "linux/ppc64le"}, {"s390x", "linux/s390x"},
                     {"riscv64", "linux/riscv64"}};
    for (size_t i = 0; i < ARRAY_LEN(PLATFORMS); i++) {
        if (str_is(r->facts->machine.machine, PLATFORMS[i].machine))
            return PLATFORMS[i].platform;
    }
    return "linux/amd64";
}

/* ---- login ---- */

static bool is_one_of(struct str s, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (str_is(s, *words))
            return true;
    }
    return false;
}

static enum drive login_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    static const char *const ECR[] = {"auto", "true", "false", NULL};
    struct str registry = gh_input(t, "registry"), user = gh_input(t, "username"), password = gh_input(t, "password"),
               ecr = gh_input(t, "ecr"), all = gh_input(t, "registry-auth");
    UNUSED(op);
    gh_mask(r, password);
    gh_input_bool(t, "logout", true);
    if (ecr.n > 0 && !is_one_of(ecr, ECR))
        gh_fail(t, "Input does not meet specification: ecr is one of auto, true, false, not '%.*s'", STR_ARG(ecr));
    if (all.n > 0 && (registry.n > 0 || user.n > 0 || password.n > 0))
        gh_fail(t, "Cannot use registry-auth with other inputs");
    bool cloud = str_is(ecr, "true") || str_find(registry, STR(".amazonaws.com")) >= 0 ||
                 str_find(registry, STR("public.ecr.aws")) >= 0;
    if (all.n == 0 && !cloud && (user.n == 0 || password.n == 0))
        gh_fail(t, "Username and password required");
    if (t->result != RESULT_NONE)
        return DRIVE_DONE;
    gh_note_action(t, STR("simulated, nothing sent"));
    gh_say(t, "Logging into %.*s... simulated by slipway: nothing was sent",
           STR_ARG(registry.n > 0 ? registry : STR("docker.io")));
    return DRIVE_DONE;
}

const struct gh_action gh_docker_login = {.name = "docker/login-action", .next = login_next, .exited = no_exited};

/* ---- qemu ---- */

static enum drive qemu_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    struct strs asked = {0};
    struct err err = {0};
    UNUSED(op);
    gh_input_bool(t, "reset", true);
    gh_input_bool(t, "cache-image", true);
    if (gh_docker_csv(r->arena, gh_input(t, "platforms"), &asked, &err) < 0)
        gh_fail(t, "%s", err.text);
    if (t->result != RESULT_NONE)
        return DRIVE_DONE;
    gh_note_action(t, arena_printf(r->arena, "simulated, no emulator was installed: %s only", platform(r)));
    gh_set_output(t, "platforms", str_from(platform(r)));
    return DRIVE_DONE;
}

const struct gh_action gh_docker_qemu = {.name = "docker/setup-qemu-action", .next = qemu_next, .exited = no_exited};

/* ---- buildx ---- */

static enum drive buildx_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    static const char *const DRIVERS[] = {"docker", "docker-container", "kubernetes", "remote", NULL};
    static const char *const BOOLS[] = {"use", "keep-state", "cache-binary", "cleanup"};
    struct str driver = gh_input(t, "driver"), name = gh_input(t, "name"), endpoint = gh_input(t, "endpoint");
    CLEAN(buf) struct buf nodes = BUF(BUF_LINE);
    char uuid[37];
    UNUSED(op);
    for (size_t i = 0; i < ARRAY_LEN(BOOLS); i++)
        gh_input_bool(t, BOOLS[i], true);
    if (driver.n == 0)
        driver = STR("docker-container");
    if (!is_one_of(driver, DRIVERS))
        gh_fail(t, "failed to find driver \"%.*s\"", STR_ARG(driver));
    if (gh_input(t, "buildkitd-config").n > 0 && gh_input(t, "buildkitd-config-inline").n > 0)
        gh_fail(t, "buildkitd-config and buildkitd-config-inline cannot both be used");
    if (t->result != RESULT_NONE)
        return DRIVE_DONE;
    r->host->uuid(r->host->ctx, uuid);
    if (name.n == 0)
        name = str_is(driver, "docker") ? STR("default") : arena_printf(r->arena, "builder-%s", uuid);
    if (endpoint.n == 0)
        endpoint = STR("unix:///var/run/docker.sock");
    buf_add_cstr(&nodes, "[{\"name\":");
    buf_add_json(&nodes, arena_printf(r->arena, "%.*s0", STR_ARG(name)));
    buf_add_cstr(&nodes, ",\"endpoint\":");
    buf_add_json(&nodes, endpoint);
    buf_printf(&nodes, ",\"status\":\"inactive\",\"platforms\":\"%s\"}]", platform(r));
    gh_note_action(t, STR("simulated, no builder was started"));
    gh_set_output(t, "name", name);
    gh_set_output(t, "driver", driver);
    gh_set_output(t, "platforms", str_from(platform(r)));
    gh_set_output(t, "nodes", buf_str(&nodes));
    gh_set_output(t, "endpoint", endpoint);
    gh_set_output(t, "status", STR("inactive"));
    gh_set_output(t, "flags", gh_input(t, "buildkitd-flags"));
    return DRIVE_DONE;
}

const struct gh_action gh_docker_buildx = {
    .name = "docker/setup-buildx-action", .next = buildx_next, .exited = no_exited};
