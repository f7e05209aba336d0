/*
 * gh_allow.c - which contexts and functions an expression may name, by place ("Contexts reference", availability).
 */
#include "core/base.h"
#include "provider/github/model_priv.h"

#define JOB "github", "needs", "strategy", "matrix", "vars", "inputs"
#define RUNNING "github", "needs", "strategy", "matrix", "job", "runner", "env", "vars", "steps", "inputs"

static const char *const root[] = {"github", "inputs", "vars", NULL};
static const char *const root_env[] = {"github", "secrets", "inputs", "vars", NULL};
static const char *const call_output[] = {"github", "jobs", "vars", "inputs", NULL};
static const char *const before_legs[] = {"github", "needs", "vars", "inputs", NULL};
static const char *const job_key[] = {JOB, NULL};
static const char *const credentials[] = {JOB, "env", "secrets", NULL};
static const char *const container_env[] = {JOB, "job", "runner", "env", "secrets", NULL};
static const char *const defaults[] = {JOB, "env", NULL};
static const char *const job_secrets[] = {JOB, "secrets", NULL};
static const char *const running[] = {RUNNING, NULL};
static const char *const running_secrets[] = {RUNNING, "secrets", NULL};
static const char *const action_default[] = {"github", "strategy", "matrix", "job", "runner", NULL};
static const char *const action_step[] = {"github", "inputs", "strategy", "matrix", "steps",
                                          "job",    "runner", "env",      NULL};
static const char *const action_docker[] = {"inputs", NULL};

const struct gh_allow *gh_allow(enum gh_slot slot) /* table */
{
    static const struct gh_allow allow[] = {
        [GH_SLOT_RUN_NAME] = {root, false, false, false},
        [GH_SLOT_ROOT_ENV] = {root_env, false, false, false},
        [GH_SLOT_JOB_IF] = {before_legs, true, true, false},
        [GH_SLOT_STRATEGY] = {before_legs, false, false, false},
        [GH_SLOT_JOB_KEY] = {job_key, false, false, false},
        [GH_SLOT_CREDENTIALS] = {credentials, false, false, false},
        [GH_SLOT_CONTAINER_ENV] = {container_env, false, false, false},
        [GH_SLOT_DEFAULTS] = {defaults, false, false, false},
        [GH_SLOT_JOB_ENV] = {job_secrets, false, false, false},
        [GH_SLOT_JOB_SECRETS] = {job_secrets, false, false, false},
        [GH_SLOT_ENVIRONMENT_URL] = {running, false, false, false},
        [GH_SLOT_JOB_OUTPUTS] = {running_secrets, false, false, false},
        [GH_SLOT_STEP_IF] = {running, true, false, true},
        [GH_SLOT_STEP] = {running_secrets, false, false, true},
        [GH_SLOT_CALL_DEFAULT] = {root, false, false, false},
        [GH_SLOT_CALL_OUTPUT] = {call_output, false, false, false},
        [GH_SLOT_SNAPSHOT_IF] = {job_key, false, false, false},
        [GH_SLOT_ACTION_STEP] = {action_step, false, false, true},
        [GH_SLOT_ACTION_IF] = {action_step, true, false, true},
        [GH_SLOT_ACTION_OUTPUT] = {action_step, false, false, false},
        [GH_SLOT_ACTION_DEFAULT] = {action_default, false, false, true},
        [GH_SLOT_ACTION_DOCKER] = {action_docker, false, false, false},
        [GH_SLOT_ACTION_HOOK_IF] = {running_secrets, true, false, true},
        [GH_SLOT_ANY] = {NULL, true, true, true},
    };
    MUST((size_t)slot < ARRAY_LEN(allow));
    return &allow[slot];
}
