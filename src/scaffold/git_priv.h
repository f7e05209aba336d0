/*
 * scaffold/git_priv.h - the first commit of a project, by the git program.
 */
#pragma once
#include "core/base.h"
#include "core/err.h"
#include "core/mem.h"

/*
 * Makes a repository in dir with one commit of all its files on main; branches: also develop and staging. The author is
 * git's own answer, or slipway <slipway@localhost>; no hook runs, nothing is signed, no configuration is changed.
 * -ENOENT when there is no git program.
 */
int git_first_commit(struct arena *a, const char *dir, bool branches, struct err *e);
