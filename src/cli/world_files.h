/*
 * cli/world_files.h - struct facts' read_file and list_files: files that planning asks for, of the work tree or of
 * other repositories.
 *
 * Each file is read once and has one number in the sources, so that what is said of it is said once.
 */
#pragma once
#include "cli/world_repos.h"
#include "plan/facts.h"

struct world_files {
    struct arena *arena;
    struct str root;           /* of the work tree, absolute */
    struct sources **sources;  /* where they are read into, when the first is asked for */
    struct world_repos *repos; /* NULL: other repositories are not asked */
    struct map seen;           /* name -> source number */
    struct map notes;          /* "owner/name@ref" -> text: what is not as the service would have it, for the summary */
};

void world_files_init(struct world_files *w, struct arena *a, struct str root, struct sources **sources,
                      struct world_repos *repos);
/* facts->read_file; ctx is the world_files. */
int world_files_read(void *ctx, const struct file_query *q, struct file_found *ret, struct err *e);
/* facts->list_files; ctx is the world_files. */
int world_files_list(void *ctx, struct arena *a, struct str folder, struct strs *ret);
