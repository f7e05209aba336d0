/*
 * provider/github/setup_priv.h - what the actions that set a tool up share (specification 13.2 to 13.4): interpreters
 * of this machine, version files, the cache of dependencies.
 *
 * A tool's own rules are in files of its name: gh_python.c, gh_node_find.c, gh_go_find.c decide which interpreter a
 * spec means; gh_*_file.c read version files; gh_setup_*.c are the actions. Pure, but for the cache's ops.
 */
#pragma once
#include "provider/github/gh_run_priv.h"
#include "provider/interpreter.h"
#include "provider/semver.h"

/* ---- interpreters (gh_tools.c) ---- */

/* Node's name of the processor: x64, arm64, ia32, arm. */
struct str gh_node_arch(struct str machine);
/* Is the architecture that an input names this machine's? Empty: it is. */
bool gh_arch_is_here(const struct facts *f, struct str wanted);
/* Lines, trimmed, without the empty ones. */
void gh_split_lines(struct arena *a, struct str text, struct strs *ret);
/* The version of the first line of a .tool-versions that names the tool ("nodejs 20.1.0"), without `v`; or empty. */
struct str gh_tool_versions_get(struct str text, const char *tool);
/* A TOML text as a value; NULL when it is none. */
struct value *gh_toml(struct arena *a, struct str name, struct str text);
/* The member at the path of keys, or NULL. keys: NULL-terminated. */
struct value *gh_value_at(struct value *v, const char *const *keys);

/* ---- which one a spec means ---- */

/*
 * 0 and *ret; -ENOENT: none here; -ENOSYS: a kind that slipway does not have, named in e; -EINVAL: no version at all.
 * ret_spec: what the action's own sentence says of it (aliases are resolved by then); may be NULL.
 */
int gh_node_find(struct arena *a, const struct facts *f, struct str spec, const struct interpreter **ret,
                 struct str *ret_spec, struct err *e);
int gh_go_find(struct arena *a, const struct facts *f, struct str spec, const struct interpreter **ret,
               struct str *ret_spec, struct err *e);
/* Is it an alias that only the network could settle (latest, an lts line)? Then how it was settled here, else empty. */
struct str gh_node_alias_note(struct arena *a, const struct facts *f, struct str spec);

/* What a version file says, by the rules of setup-node. */
struct gh_node_file {
    struct str version; /* empty: none was found */
    struct str extends; /* volta: the file that says it, relative to this one; or empty */
};
void gh_node_file_read(struct arena *a, struct str text, struct gh_node_file *ret);
/* What a version file says by the rules of setup-go; local_toolchain: the toolchain line does not count. */
struct str gh_go_file_read(struct str name, struct str text, bool local_toolchain);
/* Does package.json ask for npm (packageManager, devEngines)? */
bool gh_node_wants_npm(struct arena *a, struct str text);

/* ---- the cache of dependencies (gh_deps_cache.c) ---- */

struct gh_deps_cache {
    const char *what;  /* "pip": in "pip cache is not found"; NULL: "Cache is not found" */
    bool exact_hit;    /* the output cache-hit is true for the primary key only; else for any */
    struct strs paths; /* absolute folders in the job */
    struct str key;    /* the primary key */
    struct strs restore_keys;
    struct str matched; /* the key that was restored, or empty */
};

/* The hash over the files that the patterns (lines) match, "" for none. */
int gh_deps_hash(struct gh_run *r, struct str patterns, char ret[65], struct err *e);
void gh_deps_restore_op(struct gh_task *t, const struct gh_deps_cache *c, struct op *op);
/* What came of the restore: the output cache-hit, and the post task that saves. False: the task is over. */
bool gh_deps_restored(struct gh_task *t, struct gh_deps_cache *c, const struct op_end *end);

/* ---- pip, pipenv, poetry (gh_python_cache.c) ---- */

/* `cache: poetry`: true and *op, which asks where its environments are. */
bool gh_poetry_op(struct gh_task *t, struct op *op);
void gh_poetry_took(struct gh_task *t, struct gh_deps_cache *c, const struct op_end *end);
/* `cache:` of the step: true and *op when a cache is to be restored. A wrong input fails the task. */
bool gh_python_cache_restore(struct gh_task *t, struct gh_deps_cache *c, struct str version, struct op *op);
