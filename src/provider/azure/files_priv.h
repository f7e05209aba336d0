/*
 * provider/azure/files_priv.h - what the tasks for files, artifacts, caches and reports share.
 *
 * Nouns: a search looks for all that lies below some folders, links to folders followed, and keeps what patterns pick;
 * a batch is one shell script over many names, which travel in a file of their own, each ended by a NUL.
 * Both are small coroutines within a task: *_next fills in the next op or says that it is done, *_exited takes its end.
 */
#pragma once
#include "provider/azure/run_priv.h"

/* ---- patterns, beside run_priv.h (az_match.c) ---- */

/* As az_patterns_new; match_base: a pattern without / is of the last name. */
struct az_patterns *az_patterns_base(struct arena *a, struct str root, const struct strs *lines, bool match_base);
/* Is there one that includes? */
bool az_patterns_any(const struct az_patterns *p);
/* Adds the absolute folders in which something could be, none below another. */
void az_patterns_roots(const struct az_patterns *p, struct strs *ret);
