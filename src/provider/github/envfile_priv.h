/*
 * provider/github/envfile_priv.h - the files that a step writes to speak to its job (specification 8): GITHUB_ENV,
 * GITHUB_OUTPUT and GITHUB_STATE hold names and values, GITHUB_PATH a folder on each line.
 *
 * Pure. What was read before a bad line has been handed over already, as the service does.
 */
#pragma once
#include "core/err.h"
#include "core/mem.h"

/*
 * Calls take for each entry in order; texts lie in `text` or the arena. 0, or -EINVAL with the service's own sentence
 * in e at the first bad line.
 */
int gh_envfile_read(struct arena *a, struct str text, void (*take)(void *ctx, struct str name, struct str value),
                    void *ctx, struct err *e);
/* Calls take for each line that is not empty; CR LF and CR end a line as LF does. */
void gh_pathfile_read(struct str text, void (*take)(void *ctx, struct str folder), void *ctx);
