/*
 * provider/github/manifest_priv.h - an action's manifest, action.yml, as read (specification 10.3).
 *
 * Nouns: a manifest says what an action is called, what it takes and gives, and what runs: JavaScript, steps
 * (composite), or a container. What it leaves out is filled in by the rules of the service where a field says so.
 * Read-only after reading; lives in the arena that it was read into, and borrows the sources that hold its text.
 */
#pragma once
#include "core/vec.h"
#include "provider/github/model_priv.h"

enum gh_using { GH_USING_NODE, GH_USING_COMPOSITE, GH_USING_DOCKER };

/* Names of a manifest in an action's folder, in order of their precedence; NULL ends them. */
extern const char *const gh_manifest_names[];
/* What makes a folder without a manifest a container action, in the same way. */
extern const char *const gh_dockerfile_names[];

struct gh_action_input {
    struct str id;         /* as written; compared without regard to case */
    struct gh_text def;    /* unset: the empty text */
    bool required;         /* told by `slipway check`; the service never enforces it */
    struct str deprecated; /* the message when it is passed, or empty */
    struct span span;      /* of its id */
};

struct gh_action_output {
    struct str id;
    struct gh_text value; /* composite; unset elsewhere */
    struct span span;
};

struct gh_manifest {
    struct str file; /* as messages call it */
    struct str name; /* or empty */
    enum gh_using using;
    unsigned node;   /* GH_USING_NODE: the major version that it asks for: 12, 16, 20, 24 */
    struct str main; /* GH_USING_NODE: relative to the action's folder, as pre and post */
    /* Relative paths of JavaScript, or a container's pre-entrypoint and post-entrypoint; empty: none. */
    struct str pre, post;
    struct gh_text pre_if, post_if; /* conditions without an implied success(); unset: always() */
    VEC(struct gh_action_input) inputs;
    VEC(struct gh_action_output) outputs;
    /*
     * GH_USING_COMPOSITE: GH_STEP_RUN and GH_STEP_USES only, without timeouts, in the background never. `shell_text`
     * holds the shell of a script, which may be an expression; `shell` is the same when it is a literal.
     */
    struct gh_step *steps;
    size_t n_steps;
    /* GH_USING_DOCKER */
    struct str image, entrypoint;
    struct gh_text *args;
    size_t n_args;
    struct gh_pairs env;
    const struct sources *sources;
};

/* Reads and checks source number `file`; problems go to d (YAxxx, GHxxx). NULL when there were errors. */
struct gh_manifest *gh_manifest_read(struct arena *a, uint32_t file, struct diags *d);
/*
 * As gh_manifest_read, of a text that came while a job runs. s keeps a copy of it and must live as long as the
 * manifest; name is what messages call it ("octo/tool@v1/action.yml"). After errors NULL, and *ret_errors (in a) are at
 * most 10 sentences in the service's words: "octo/tool@v1/action.yml (Line: 3, Col: 5): Unexpected value 'man'".
 */
struct gh_manifest *gh_manifest_parse(struct arena *a, struct sources *s, struct str name, struct str text,
                                      struct strs *ret_errors);
/* The input of that name, or NULL. */
const struct gh_action_input *gh_manifest_input(const struct gh_manifest *m, struct str id);

/* ---- actions of the work tree, before anything runs (gh_local.c) ---- */

enum gh_local {
    GH_LOCAL_UNKNOWN,    /* nobody can look: no facts->read_file, or a place outside of the work tree */
    GH_LOCAL_ABSENT,     /* nothing is there; a step may bring it */
    GH_LOCAL_DOCKERFILE, /* no manifest, but a Dockerfile: a container action */
    GH_LOCAL_BROKEN,     /* what is wrong with the manifest is in d */
    GH_LOCAL_THERE       /* *ret is its manifest */
};
/* What `uses` of kind GH_USES_LOCAL names now. Problems of the manifest go to d, once. */
enum gh_local gh_local_find(struct arena *a, const struct facts *f, struct str uses, struct diags *d,
                            struct gh_manifest **ret);
/* Warns of local actions that are not there and of inputs that they do not have, or miss. */
void gh_check_local(struct arena *a, const struct gh_workflow *w, const struct facts *f, struct diags *d);
