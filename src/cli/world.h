/*
 * cli/world.h - collects the facts: the repository, the machine, the inputs of the command line.
 *
 * The only place where the world becomes data (plan/facts.h). Each collector fills its own part and reports what it
 * cannot read; texts live in the arena that it was given.
 */
#pragma once
#include "cli/cli.h"
#include "plan/facts.h"
#include "sandbox/sandbox.h"

/* The folder of the work tree around the current folder, or that folder itself; git is not asked. */
int world_root(struct arena *a, struct str *ret, struct err *e);
/*
 * The work tree around the current folder; a folder without git is one as well (is_git false). remote: the one that
 * names the repository; empty: origin.
 */
int world_repo(struct arena *a, struct str remote, struct repo_facts *ret, struct err *e);
/* The paths that a push of this work tree would change, uncommitted ones included; files_known false without git. */
int world_changed_files(struct arena *a, const struct repo_facts *r, struct str base, struct change *c, struct err *e);
/* Does the work tree hold anything that no commit has: changed files, new ones that git does not ignore? */
bool world_dirty(struct arena *a, const struct repo_facts *r);
/* Paths (files, or whole folders) of the work tree that git ignores: what a push would not carry. */
int world_ignored(struct arena *a, const struct repo_facts *r, struct strs *ret, struct err *e);

/* This machine, with its interpreters; probed versions are remembered in cache_dir. */
void world_machine(struct arena *a, struct str cache_dir, struct machine_facts *ret);
void world_interpreters(struct arena *a, struct str cache_dir, struct str home, struct machine_facts *ret);
/* A folder of the sandbox that comes first on PATH. */
#define WORLD_SHIMS "/run/slipway/bin"
/* What every process of a job starts from: PATH, language, proxies, package indexes; never the user's other variables.
 */
void world_base_env(struct arena *a, struct str home, struct map *ret);
/* The folders and files of the home that jobs may see, and interpreters that lie where a sandbox shows nothing. */
void world_home_mounts(struct arena *a, struct str home, const struct facts *f, struct sandbox_mount **ret,
                       size_t *ret_n);

/* What NAME without =VALUE means. */
enum world_bare {
    BARE_REFUSED,
    BARE_EMPTY, /* the environment variable's value, else nothing */
    BARE_ASKED  /* the environment variable's value, else asked for at the terminal */
};
/* NAME=VALUE or NAME. -EINVAL with a sentence, -EINTR when the question was interrupted. what: "--secret", "--env". */
int world_pair(struct map *into, struct str text, enum world_bare bare, const char *what, struct err *e);
/*
 * A file of names and values: doc/dotenv.h, as YAML when it is called so. private_file: refused when others may read
 * it.
 */
int world_pairs_file(struct arena *a, struct map *into, const char *path, bool private_file, struct err *e);
/* The first name that no secret or variable of the service has; -EINVAL with a sentence that begins with `what`. */
int world_check_names(const struct map *m, const char *what, struct err *e);

/*
 * Where the artifacts of a run go: a folder that is not there yet, in the state folder or in the one that was chosen
 * (empty: none). What an earlier history left under the same number is removed, and from the state folder the artifacts
 * of all but the last 20 runs.
 */
struct str world_artifacts(struct arena *a, struct str state_dir, struct str chosen, uint64_t run_id);
