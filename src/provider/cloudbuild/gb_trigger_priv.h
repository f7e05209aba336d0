/*
 * provider/cloudbuild/gb_trigger_priv.h - what the files about triggers share: their file globs, and a trigger as it is
 * being read. Nothing here leaves gb_trigger*.c and gb_files.c.
 */
#pragma once
#include "core/base.h"
#include "provider/cloudbuild/gb_read_priv.h"

/* ---- includedFiles, ignoredFiles ---- */

#define GB_GLOB_MAX 1024 /* bytes of a pattern */

struct gb_file_glob;
/*
 * Go's filepath.Match with `**` for any folders. -EINVAL with what is wrong in e and its byte in *ret_at; such a
 * pattern matches nothing at the service.
 */
int gb_file_glob_compile(struct arena *a, struct str pattern, struct gb_file_glob **ret, size_t *ret_at, struct err *e);
/* Matches the path as a whole; in time that is linear in its length. */
bool gb_file_glob_match(const struct gb_file_glob *g, struct str path);

/* ---- reading ---- */

struct gb_draft {
    struct gb_trigger t;
    const struct facts *facts;
    struct gb_text name, description, filename, filter, service_account;
    struct gb_text repository; /* of gitFileSource */
    struct gb_texts tags;
    bool autodetect;
    bool told; /* reading it went wrong, and was told: what seems to be missing is no fault */
    /* The first key of each group whose keys exclude each other; NULL: none came. */
    const struct doc_node *what, *source, *event, *ref;
    const struct doc_node *elsewhere; /* gitFileSource */
};
/* Reads one trigger (its mapping); every problem goes to r->d. */
void gb_trigger_read(struct gb_reader *r, const struct doc_node *node, struct gb_draft *draft);
/* The rules that need the whole trigger. */
void gb_trigger_rules(struct gb_reader *r, struct gb_draft *draft);
