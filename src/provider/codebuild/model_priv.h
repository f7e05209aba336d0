/*
 * provider/codebuild/model_priv.h - AWS CodeBuild: a buildspec, the project around it, the builds that a start makes.
 *
 * Nouns (the service's own): a buildspec is the file; a project is the AWS::CodeBuild::Project that names it, with
 * image, environment, cache, artifacts and webhook; a batch is several builds of one start; a phase is install,
 * pre_build, build or post_build; a command is one item of a phase's list. `[D]`, `[S]`, `[I]` and `[R]` are the
 * evidence grades of the specification: documented, source or API model, seen, a guess.
 *
 * Who makes what: cb_read*.c reads a buildspec to a struct cb_spec; cb_project*.c reads deploy/codebuild.yaml (or
 * [codebuild] of slipway.toml) to struct cb_project; cb_filter.c decides whether a change starts a project; cb_plan.c
 * makes plans of them (provider_codebuild); cb_gate.c makes legs; cb_driver.c and its kin run a leg.
 * Everything lives in the plan's arena and is not changed once it is made. Scalars are texts as they were written.
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
#include "report/report.h"
#include "trigger/regex.h"
#include "trigger/trigger.h"

/* ---- the buildspec ---- */

enum cb_phase_kind { CB_INSTALL, CB_PRE_BUILD, CB_BUILD, CB_POST_BUILD, CB_PHASES };
/* "install"; "INSTALL". */
const char *cb_phase_key(enum cb_phase_kind k);
const char *cb_phase_name(enum cb_phase_kind k);

enum cb_failure { CB_BY_TABLE, CB_ABORT, CB_CONTINUE, CB_RETRY };
struct cb_on_failure {
    enum cb_failure how; /* CB_BY_TABLE: not said, the transitions of the service */
    unsigned retries;    /* CB_RETRY: 0 to 100; 3 when not said */
    struct str pattern;  /* CB_RETRY: only when the failure's text matches; empty: always */
    struct span span;
};

struct cb_text {
    struct str text;
    struct span span;
};
struct cb_texts {
    struct cb_text *p;
    size_t n, cap;
};

struct cb_phase {
    bool present;
    struct span span;
    struct str run_as; /* empty: that of the buildspec */
    struct cb_on_failure on_failure;
    struct cb_texts commands, finally;
};

struct cb_runtime {
    struct str name;    /* "python" */
    struct str version; /* as written: "3.10", "3.x", "latest", "$PYTHON_VERSION" */
    struct span span;
};

/* NAME -> where its value is. */
struct cb_ref {
    struct str name;   /* of the variable */
    struct str target; /* parameter-store: the parameter's name; secrets-manager: as written */
    /* secrets-manager, taken apart: */
    struct str secret_id, json_key, stage, version_id; /* json_key empty: the whole text */
    bool secret;                                       /* secrets-manager, else parameter-store */
    struct span span;
};

/* artifacts, one of secondary-artifacts, or a report group. */
struct cb_files {
    struct str id;   /* secondary artifact or report group, as written; empty: the primary artifact */
    struct str name; /* artifacts: as written, for the shell; or empty */
    struct cb_texts files, exclude;
    struct str base_directory; /* as written: may be a pattern and may hold $VAR; or empty */
    bool discard_paths, symlinks;
    struct str s3_prefix;
    enum report_format format; /* of a report */
    struct span span;
};

struct cb_cache {
    bool present;
    struct cb_texts paths;
    struct str key; /* for the shell; empty: none */
    struct cb_texts fallback_keys;
    bool restore, save;
    struct span span;
};

/* One item of a batch, or what is the same for all of a matrix. */
struct cb_item {
    struct str identifier;
    struct str buildspec; /* empty: the one that is being read */
    struct strs depend_on;
    bool ignore_failure, debug_session;
    struct str compute_type, image, fleet, type;
    bool privileged, privileged_set;
    struct map variables; /* texts */
    struct span span;
};

enum cb_batch_kind { CB_NO_BATCH, CB_GRAPH, CB_LIST, CB_MATRIX, CB_FANOUT };
struct cb_batch {
    enum cb_batch_kind kind;
    bool fast_fail;
    struct cb_item *items; /* CB_GRAPH, CB_LIST */
    size_t n_items;
    struct cb_item fixed; /* CB_MATRIX: static; CB_FANOUT: ignore_failure */
    /* CB_MATRIX, dynamic; each empty when not said: */
    struct strs buildspecs, compute_types, images;
    struct map variables; /* NAME -> struct strs * */
    unsigned parallelism; /* CB_FANOUT: 1 to 100 */
    struct span span;
};

struct cb_spec {
    struct str file; /* as shown; "inline" for the text of a project */
    uint32_t source;
    unsigned version; /* 1: 0.1, 2: 0.2 */
    struct str run_as;
    struct str shell;     /* env.shell, or empty: /bin/sh */
    struct map variables; /* texts */
    struct cb_ref *refs;
    size_t n_refs;
    struct strs exported; /* exported-variables */
    bool git_credential_helper;
    bool proxied; /* proxy: one of its keys is yes */
    struct cb_batch batch;
    struct cb_phase phases[CB_PHASES];
    size_t n_phases; /* found in the file */
    struct cb_runtime *runtimes;
    size_t n_runtimes;
    struct cb_files *reports;
    size_t n_reports;
    bool has_artifacts;
    struct cb_files artifacts; /* the primary one */
    struct cb_files *secondary;
    size_t n_secondary;
    struct cb_cache cache;
    struct span span;
};

/*
 * Reads a buildspec; every problem goes to d. Returns what could be read, or NULL when there is no tree at all; with
 * errors in d it is only good for further checks.
 */
struct cb_spec *cb_spec_read(struct arena *a, struct str file, uint32_t source, struct diags *d);
/* The first command that calls the program, or NULL. */
const struct cb_text *cb_spec_calls(const struct cb_spec *s, const char *program);
/* RETRY-2-timeout.*, in any case; -EINVAL with a sentence. */
int cb_on_failure_parse(struct arena *a, struct str text, struct cb_on_failure *ret, struct err *e);
/* secret-id[:json-key[:stage[:version-id]]], ARNs too, into ret's parts; -EINVAL with a sentence. */
int cb_secret_parse(struct str text, struct cb_ref *ret, struct err *e);

/* ---- the project ---- */

enum cb_var_type { CB_PLAINTEXT, CB_PARAMETER_STORE, CB_SECRETS_MANAGER };
struct cb_var {
    struct str name, value;
    enum cb_var_type type;
    struct span span;
};

struct cb_filter {
    struct str type;    /* "EVENT", "HEAD_REF" ...; empty: not known before a deployment */
    struct str pattern; /* EVENT: names with commas; else a regular expression; p == NULL: not known */
    bool exclude;       /* ExcludeMatchedPattern */
    struct span span, pattern_span;
};
struct cb_filter_group {
    struct cb_filter *p;
    size_t n, cap;
    struct span span;
};

enum cb_cache_type { CB_CACHE_NONE, CB_CACHE_S3, CB_CACHE_LOCAL };
enum cb_artifacts_type { CB_NO_ARTIFACTS, CB_TO_S3, CB_TO_PIPELINE };

/*
 * A project without a file of its own (nothing names this buildspec) has declared false, and the service's defaults:
 * its name is the repository's, every push and pull request starts it, artifacts are kept when the buildspec has some.
 */
struct cb_project {
    bool declared;
    struct str logical_id; /* in the template, or empty */
    struct str name;
    struct str buildspec; /* repository-relative path; empty: buildspec.yml; inline_text: the text itself */
    bool inline_text;
    struct str source_type; /* "GITHUB", "NO_SOURCE" ... */
    struct str source_location;
    struct str source_version;     /* what a start by hand builds; or empty */
    struct strs secondary_sources; /* their identifiers */
    unsigned clone_depth;          /* 0: full */
    bool submodules;
    struct str image; /* "aws/codebuild/standard:7.0" */
    struct str type;  /* "LINUX_CONTAINER" */
    struct str compute_type, fleet;
    bool privileged;
    struct cb_var *vars; /* environment variables */
    size_t n_vars;
    enum cb_cache_type cache;
    bool cache_custom, cache_source, cache_layers; /* modes of a LOCAL one */
    struct str cache_namespace;                    /* of an S3 one, or empty */
    enum cb_artifacts_type artifacts;
    bool artifacts_zip, artifacts_override_name,
        artifacts_build_id; /* Packaging ZIP, OverrideArtifactName, NamespaceType */
    struct str artifacts_name;
    struct strs secondary_artifacts; /* identifiers; declared ones only */
    bool webhook;
    bool batch; /* BuildType BUILD_BATCH */
    bool combine_artifacts;
    struct cb_filter_group *groups;
    size_t n_groups;
    struct str comment_approval;              /* RequiresCommentApproval: "ALL_PULL_REQUESTS" ...; or empty */
    unsigned timeout_min, queued_timeout_min; /* 60 and 480 when not said */
    struct str visibility;
    struct str undeclared_in; /* not declared: the template that names no project, or empty */
    struct span span;         /* of the project */
    struct span webhook_span; /* of Triggers, or SPAN_NONE */
    uint32_t source;          /* of the file that declares it */
};

/* The projects that this work tree declares: deploy/codebuild.yaml (.yml, .json), else [codebuild] of slipway.toml. */
struct cb_projects {
    struct cb_project *p;
    size_t n, cap;
    struct str file;  /* that declares them, or empty */
    struct str empty; /* a template that declares none, or empty */
};
/*
 * Reads them through f->read_file; every problem goes to d, which may be NULL (then nothing is told). quiet files are
 * told in their own check (check_part); a run tells them too.
 */
void cb_projects_read(struct arena *a, const struct facts *f, struct diags *d, struct cb_projects *ret);
/* What there is when nothing is declared. */
void cb_project_default(struct arena *a, const struct facts *f, struct cb_project *ret);
/* A template file by itself, for `slipway check`. */
void cb_project_check(const struct provider_file *file, const struct facts *f, struct diags *d);
/* provider->named: buildspecs that projects name. */
void cb_projects_named(struct arena *a, const struct facts *f, struct strs *ret);

/* Does f->change start the project, and which filter of which group said so? Texts are in a. */
void cb_verdict(struct arena *a, const struct cb_project *p, const struct facts *f, struct verdict *ret);
/* "PUSH", "PULL_REQUEST_UPDATED" ...; empty: the change is no event of CodeBuild's (a manual start). */
struct str cb_event(const struct change *c, const struct value *payload);

/* ---- the plan ---- */

/* One build: job->impl of a plan's jobs; leg->impl is one with the matrix filled in. */
struct cb_build {
    const struct cb_project *project;
    const struct cb_spec *spec;   /* its own, when an item of a batch names another one */
    const struct cb_batch *batch; /* NULL: no batch */
    const struct cb_item *item;   /* of a graph or list, or NULL */
    struct str identifier;        /* of the batch, or empty */
    struct map variables;         /* of the item or of the leg's combination, texts: they override the project's */
    struct str image, compute_type;
    bool privileged, ignore_failure;
    unsigned shard, shards; /* CB_FANOUT: from 0 */
};

/* What a plan's model is. */
struct cb_model {
    const struct cb_project *project;
    const struct cb_spec *spec;
    const struct facts *facts;
    const struct sources *sources; /* what spans count in: for places in events */
    bool by_hand;                  /* no event: a start by hand, without CODEBUILD_WEBHOOK_* */
    struct map specs;              /* buildspec, as builds of a batch name it -> struct cb_spec * */
};

/* Which interpreter of this machine stands in for a runtime of the buildspec. */
struct cb_runtime_found {
    const char *tool;                /* "python", "node", "go"; NULL: of others nothing is known */
    const char *title;               /* "Python"; NULL: the service has no such runtime */
    struct str version;              /* with variables filled in */
    bool known;                      /* false: a variable of it is not known yet */
    const struct interpreter *found; /* NULL: there is none, or nothing is known */
};
/* vars: name -> text, as the build sees them (cb_variables). */
void cb_runtime_find(struct arena *a, const struct facts *f, const struct cb_runtime *rt, const struct map *vars,
                     struct cb_runtime_found *ret);
/* Literal variables of a build by precedence: buildspec, project, batch, --env; references are left out. */
void cb_variables(struct arena *a, const struct cb_build *b, const struct facts *f, struct map *ret);
/* The maintained images have runtimes of the service's own; in others runtime-versions only warn. */
bool cb_image_is_managed(struct str image);

enum gate cb_gate(struct plan *p, struct job *j, const struct facts *f, bool preview, struct str *ret_why);
extern const struct driver cb_driver;
