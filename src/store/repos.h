/*
 * store/repos.h - other people's repositories, by commit: what actions and called workflows are fetched into.
 *
 * Layout: ROOT/<owner>/<name>/{git/, refs/<ref, escaped>, trees/<commit>/}: a bare clone that grows by shallow fetches,
 * the commit that each ref was last seen at, and one checked-out tree for each commit that was asked for. A tree
 * appears by rename, whole or not at all, and never changes. The git program does the talking, with the user's own
 * credentials and configuration, and never asks a question. Calls block; several threads and processes may use one
 * ROOT at once (a lock for each repository).
 */
#pragma once
#include "core/base.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/str.h"

struct repos {
    struct str root; /* absolute */
    struct str base; /* "https://github.com": a clone's URL is base/owner/name; a path works as well */
    bool offline;    /* never ask: what was seen before, or -ENETUNREACH */
    /* NULL, or a descriptor: once it is readable or hung up nobody waits for an answer any more: -ECANCELED. */
    const int *stop;
};
struct repo_tree {
    struct str dir;    /* absolute; read-only by agreement */
    struct str commit; /* 40 hex digits */
    bool stale;        /* the remote was not asked, or could not be: the commit that the ref was last seen at */
    struct str why;    /* stale: why the remote could not be asked; empty when offline */
};
/*
 * The tree of repo ("owner/name") at ref: a whole commit, a tag or a branch (in this order), or a full name (refs/..).
 * A whole commit that is here costs no question to the remote. The files are those of git's archive, as the
 * service's are: without submodules, export-ignore, and the content of large files that are kept elsewhere.
 * -EINVAL: no such name can be; -ENOENT: the repository or the ref is not there; -EACCES: git has no credentials that
 * open it, if it is there; -ENETUNREACH: it could not be asked and was never seen. Texts live in a.
 */
int repos_tree(struct arena *a, const struct repos *r, struct str repo, struct str ref, struct repo_tree *ret,
               struct err *e);
