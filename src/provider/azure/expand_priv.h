/*
 * provider/azure/expand_priv.h - from files to one tree without templates and `${{ }}` (specification 1 to 3, 5).
 *
 * az_load.c reads YAML to values (duplicate keys, anchors); az_expand*.c walk the tree: directives, expressions,
 * templates, parameters; az_print.c writes a tree as YAML. Bounded: files, nesting, nodes, bytes (AZ_MAX_*).
 */
#pragma once
#include "plan/facts.h"
#include "provider/azure/expr_priv.h"

#define AZ_MAX_FILES 100                /* included files ("template limits") */
#define AZ_MAX_NESTING 100              /* levels of them */
#define AZ_MAX_NODES 500000             /* of the expanded tree, and of loops */
#define AZ_MAX_BYTES ((size_t)20 << 20) /* of texts that expressions make */

struct az_repos {
    struct az_repo *p;
    size_t n, cap;
};

struct az_expansion {
    struct arena *arena;
    const struct facts *facts;
    struct diags *d;
    /* What `${{ variables.x }}` sees before the file's own: an object with `fold` (az_predefined). */
    struct az_value *variables;
    /* Filled in: */
    struct az_repos repos;       /* the root's resources.repositories; the first one is self */
    struct az_value *parameters; /* the root's, as they are bound */
    struct az_frame *frame;      /* the root's */
    struct az_value *source;     /* the root file's tree, as it was written; NULL: there is none, which was told */
    struct str *files;           /* every file that was read, as people know it */
    size_t n_files, cap_files;
    size_t n_nodes, n_bytes;
};

/*
 * Reads one file's text to a tree: rules 1 and 2 of specification 10. NULL: there is no tree (what is wrong was told).
 * An empty file is AZ_NULL. frame may be that of a file by itself.
 */
struct az_value *az_load(struct arena *a, uint32_t source, const struct az_frame *frame, struct diags *d);

/* Reads the file that is to be expanded: what az_expand does first, for who looks at it as it was written. */
void az_expand_open(struct az_expansion *x, struct str path, uint32_t source);
/*
 * Expands the file. NULL: nothing can be said of it. With errors in d the tree is good for further checks only.
 * `parameters:` stays in the tree, as the service's own output has it.
 */
struct az_value *az_expand(struct az_expansion *x, struct str path, uint32_t source);
/* Is the file a template (its own root is no pipeline: only parameters beside one of steps, jobs, stages, variables)?
 */
bool az_is_template(const struct az_value *root);

/*
 * Where a reference leads (specification 5.5, "path resolution"): the repository and the path in it. -EINVAL with the
 * service's sentence: escaping the root, an unknown alias.
 */
int az_resolve(struct arena *a, const struct az_repos *repos, const struct az_frame *from, struct str reference,
               const struct az_repo **ret_repo, struct str *ret_path, struct err *e);

/*
 * Is it known where the repository is? One that is not at GitHub has an address only when --actions-base names its
 * server, or when --local-repository has a folder in its stead.
 */
bool az_repo_has_address(const struct facts *f, const struct az_repo *repo);

/* Writes the tree as YAML that the service would read back to the same. -E2BIG when b is full. */
int az_print(struct buf *b, const struct az_value *root);

/* ---- schema (az_schema*.c, az_canon*.c) ---- */

/* What a value is taken as: types of parameters, and the root. */
enum az_shape {
    AZ_SHAPE_PIPELINE,
    AZ_SHAPE_STEP,
    AZ_SHAPE_STEPS,
    AZ_SHAPE_JOB,
    AZ_SHAPE_JOBS,
    AZ_SHAPE_STAGE,
    AZ_SHAPE_STAGES,
    AZ_SHAPE_DEPLOYMENT,
    AZ_SHAPE_DEPLOYMENTS,
    AZ_SHAPE_CONTAINER,
    AZ_SHAPE_CONTAINERS,
    AZ_SHAPE_VARIABLES
};
/*
 * Checks an expanded value against the schema and gives its canonical form (specification 3, 4.1): shortcuts become
 * tasks with inputs, texts become the mappings that they stand for, roots of steps and jobs become stages. Idempotent.
 * Every problem goes to d; never NULL, and what was wrong is left out of the result.
 */
struct az_value *az_canonical(struct arena *a, enum az_shape shape, const struct az_value *v, struct diags *d);
