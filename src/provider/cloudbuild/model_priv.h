/*
 * provider/cloudbuild/model_priv.h - Google Cloud Build: a build config, its triggers, its substitutions.
 *
 * Nouns (the service's own): a build is what one config makes; a step is one container run of it; a trigger says which
 * change starts a build, with which substitutions; a built-in is a substitution that the service sets. A build is one
 * leg here (one machine at the service), its steps are processes side by side, each in a root of its own.
 *
 * Who makes what: gb_read*.c reads a config to struct gb_build; gb_validate.c has the rules of the service in its
 * order; gb_subst*.c has the substitution grammar and the values; gb_trigger*.c read triggers and decide, gb_files.c
 * knows their globs; gb_plan.c makes plans (provider_cloudbuild); gb_image.c knows which of this machine's tools stand
 * in for an image; gb_driver.c runs. Everything lives in the plan's arena. `[D]`, `[P]`, `[S]`, `[I]`, `[R]` are the
 * specification's evidence grades.
 */
#pragma once
#include "core/map.h"
#include "core/mem.h"
#include "core/vec.h"
#include "doc/diag.h"
#include "doc/yaml.h"
#include "plan/driver.h"
#include "plan/facts.h"
#include "plan/plan.h"
#include "provider/provider.h"
#include "trigger/regex.h"
#include "trigger/trigger.h"

struct gb_text {
    struct str text;             /* as written; after gb_substitute: with its substitutions */
    const struct doc_node *node; /* where it stands; NULL: nowhere */
};
struct gb_texts {
    struct gb_text *p;
    size_t n, cap;
    bool set; /* the key is there, be it empty */
};

struct gb_volume {
    struct gb_text name, path;
    struct span span;
};
struct gb_volumes {
    struct gb_volume *p;
    size_t n, cap;
};

enum gb_tristate { GB_UNSET, GB_FALSE, GB_TRUE };

struct gb_step {
    struct gb_text name; /* the image */
    struct gb_texts args, env, secret_env, wait_for;
    struct gb_text dir, id, entrypoint, script;
    bool has_entrypoint, has_script;
    struct gb_volumes volumes;
    int64_t timeout_ns; /* 0: none */
    struct span timeout_span;
    bool allow_failure;
    unsigned char *allow_exit_codes; /* 0 to 255 each */
    size_t n_allow_exit_codes;
    enum gb_tristate automap;
    bool told; /* reading it went wrong, and was told: what seems to be missing is no error */
    struct span span;
};

/* A value that steps ask for by name (secretEnv). */
struct gb_secret {
    struct str name;    /* of the variable */
    struct str version; /* "projects/P/secrets/S/versions/V"; empty: a value that a KMS key has encrypted */
    struct str kms_key;
    size_t size;                         /* bytes of the encrypted value */
    const struct doc_node *version_node; /* NULL without a version */
    struct span span;
};

struct gb_objects { /* artifacts.objects */
    bool present;
    struct gb_text location;
    struct gb_texts paths;
    struct span span;
};

/* mavenArtifacts, goModules, pythonPackages, npmPackages: what is copied instead of sent. */
struct gb_package {
    const char *kind;          /* the key */
    struct gb_text repository; /* or repositoryName */
    struct gb_texts paths;     /* files, folders or patterns below /workspace */
    struct span span;
};

enum gb_logging {
    GB_LOGGING_UNSET,
    GB_LEGACY,
    GB_GCS_ONLY,
    GB_STACKDRIVER_ONLY,
    GB_CLOUD_LOGGING_ONLY,
    GB_LOGGING_NONE
};

struct gb_options {
    bool allow_loose; /* substitutionOption ALLOW_LOOSE */
    bool dynamic;     /* dynamicSubstitutions */
    bool automap;     /* automapSubstitutions */
    struct gb_texts env, secret_env;
    struct gb_volumes volumes;
    enum gb_logging logging;
    struct str machine_type;
    bool regional_bucket;       /* defaultLogsBucketBehavior REGIONAL_USER_OWNED_BUCKET */
    struct gb_text worker_pool; /* pool.name or workerPool: nothing here runs in one */
    struct span span, volumes_span;
};

struct gb_build {
    struct gb_step *steps;
    size_t n_steps, cap_steps;
    int64_t timeout_ns; /* 60 minutes when not said */
    struct span timeout_span;
    struct map substitutions;     /* name -> struct gb_text * */
    struct map substitution_keys; /* name -> const struct doc_node *, where the name stands */
    struct gb_texts images, artifact_images;
    struct gb_objects objects;
    struct gb_package *packages;
    size_t n_packages, cap_packages;
    struct gb_texts tags;
    struct gb_text logs_bucket, service_account;
    struct gb_options options;
    struct gb_secret *secrets;
    size_t n_secrets, cap_secrets;
    struct gb_texts kms_keys; /* kmsKeyName of each entry of `secrets` and of availableSecrets.inline, in order */
    struct gb_texts others;   /* what nothing here reads, but where the service puts substitutions */
    bool steps_told, secrets_told, objects_told; /* as gb_step.told */
    struct span span, secrets_span;
};

/*
 * Reads the tree of a config (YAML and JSON alike, camelCase and snake_case alike); every problem of shape goes to d:
 * unknown fields, wrong kinds, enums, durations. Never NULL.
 */
struct gb_build *gb_build_read(struct arena *a, const struct doc_node *root, struct diags *d);
/* "600s", "1.5s" to nanoseconds; -EINVAL with a sentence. */
int gb_duration_parse(struct str text, int64_t *ret, struct err *e);

/* ---- substitutions ---- */

/* Where values come from: built-ins of this start, the config's, the trigger's, --substitutions (the last ones win). */
struct gb_values {
    struct arena *arena;
    struct map values;           /* name (no $) -> text */
    bool loose;                  /* ALLOW_LOOSE, or started by a trigger */
    bool dynamic;                /* values may refer to others, with bash-like expansions */
    const struct value *payload; /* $(body.x.y); NULL: none */
};
bool gb_is_builtin(struct str name);
/*
 * One field of a build: $NAME, ${NAME}, $$. Unknown names are "" (gb_check_keys has told them). A result past 64 KiB is
 * -E2BIG; e has a sentence. ${NAME:-x} and its kin belong to values (gb_values_resolve) and stay in fields: they are a
 * shell's.
 */
int gb_substitute_text(const struct gb_values *v, struct str text, struct str *ret, struct err *e);
/* Calls each(ctx, name, offset, length) for every name that the text uses, escapes left out; "$$" is none. */
void gb_each_key(struct str text, void (*each)(void *ctx, struct str name, size_t at, size_t len), void *ctx);
/* Resolves values that refer to each other (dynamic): ${NAME}, ${NAME:-x} and its kin; cycles and bad expansions go to
 * d at the places in `build`. */
void gb_values_resolve(struct gb_values *v, const struct gb_build *build, struct diags *d);
/* Puts values into every text of the build that the service substitutes (not script, id, waitFor, timeouts). */
void gb_substitute(struct gb_build *build, const struct gb_values *v, struct diags *d);

/* ---- the rules ---- */

/*
 * Everything that can be told before substitution, in the service's order (cloud-build-local validate.go); v has the
 * values of this start, or NULL for a check of the file alone, which tells what is wrong with every start.
 */
void gb_validate(const struct gb_build *build, const struct gb_values *v, struct diags *d);
/* What can only be told afterwards: image names, tags. v: the values that were put in. */
void gb_validate_substituted(const struct gb_build *build, const struct gb_values *v, struct diags *d);

/* ---- triggers ---- */

enum gb_trigger_event { GB_PUSH_BRANCH, GB_PUSH_TAG, GB_PULL_REQUEST, GB_OTHER_EVENT };
struct gb_trigger {
    bool declared; /* false: nothing in the work tree; every push of a branch or tag is taken as one */
    struct str name, description, file; /* file: the trigger's own */
    bool disabled;
    struct str filename;                 /* repository-relative config; empty: autodetect, or inline */
    const struct doc_node *inline_build; /* `build:`, or NULL */
    enum gb_trigger_event event;
    struct gb_text pattern; /* branch, tag, or base branch of pull requests */
    bool invert;
    enum { GB_COMMENTS_DISABLED, GB_COMMENTS_ENABLED, GB_COMMENTS_EXTERNAL } comments;
    struct span comments_span;
    struct gb_texts included, ignored;
    struct str filter;        /* CEL, or empty: not evaluated, which is told */
    struct map substitutions; /* texts */
    struct str service_account;
    bool approval;
    struct str other; /* GB_OTHER_EVENT: "pubsubConfig", "webhookConfig" ... */
    struct span span;
};
struct gb_triggers {
    struct gb_trigger *p;
    size_t n, cap;
};
/* deploy/cloudbuild-trigger*.yaml (.yml, .json), each a trigger or a list of them. d may be NULL. */
void gb_triggers_read(struct arena *a, const struct facts *f, struct diags *d, struct gb_triggers *ret);
/* Is it, by its path, one of these? */
bool gb_is_trigger_file(struct str path);
void gb_trigger_check(const struct provider_file *file, const struct facts *f, struct diags *d);
/* provider->named: configs that triggers name; the trigger's own file when it has its build with it. */
void gb_triggers_named(struct arena *a, const struct facts *f, struct strs *ret);
void gb_verdict(struct arena *a, const struct gb_trigger *t, const struct facts *f, struct verdict *ret);

/* ---- the plan ---- */

/* What a plan's model is; one job with one leg, whose steps are the build's. */
struct gb_model {
    const struct gb_build *build;     /* substituted */
    const struct gb_trigger *trigger; /* NULL: started by hand */
    struct gb_values values;
    const struct facts *facts;
    const struct sources *sources; /* where spans lie; NULL: places are not told */
    struct str build_id;           /* a UUID of this run; deterministic while listing */
};

enum gate gb_gate(struct plan *p, struct job *j, const struct facts *f, bool preview, struct str *ret_why);
extern const struct driver gb_driver;

/* ---- images ---- */

/* What runs instead of an image that this machine does not have as one. */
struct gb_standin {
    const struct interpreter *tool; /* python, node, go; or NULL */
    struct str entrypoint;          /* a program of this machine, or empty: the image has none */
    struct strs cmd;                /* the image's CMD: what runs without args */
    struct str dash;                /* what an entrypoint script puts before args that begin with a dash; or empty */
    struct strs env;                /* ENV of the image: "NAME=VALUE" */
    struct str note;                /* for the summary: "git of this host (/usr/bin/git)" */
    bool shell_only;                /* busybox and its kin: the host's own */
};
/*
 * 0: *ret; -ENOENT: no stand-in, with a sentence (no such image in the table, no such version here). Pure: programs and
 * interpreters come from the facts.
 */
int gb_standin_find(struct arena *a, struct str image, const struct facts *f, struct gb_standin *ret, struct err *e);
