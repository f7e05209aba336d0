/*
 * store/artifact.h - the artifacts of one run: files that jobs hand to other jobs and to people.
 *
 * Layout: ROOT/<id>/{meta.json,blob}; ROOT is a run's own folder and need not exist before the first artifact. An
 * artifact appears by rename, whole or not at all, under a number that is never used again. The blob is a zip, or with
 * `raw` the one file as it is. Several threads and processes may use one ROOT at once: a lock file orders them.
 */
#pragma once
#include "core/base.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/str.h"

struct artifact {
    uint64_t id; /* from 1 */
    struct str name;
    struct str job;    /* who made it: unique in the run */
    struct str digest; /* SHA-256 of the blob, lower-case hex */
    uint64_t size;     /* of the blob, bytes */
    int64_t created_ms;
    bool raw;
    struct str mime; /* "application/zip"; of a raw one as its maker said */
    struct str blob; /* absolute path */
};

/* One that is being made; it is written through its file, then kept or dropped. */
struct artifact_draft;
/* fd of the draft's file, open for reading and writing. */
int artifact_begin(const char *root, struct artifact_draft **ret, int *ret_fd, struct err *e);
/*
 * Keeps it: size and digest are computed here. -EEXIST: the name is taken and overwrite is false (the draft stays).
 * Frees the draft when 0. *ret may be NULL; its texts live in a.
 */
int artifact_keep(struct arena *a, struct artifact_draft *d, const struct artifact *what, bool overwrite,
                  struct artifact *ret, struct err *e);
void artifact_drop(struct artifact_draft *d); /* NULL is allowed */
/* In order of their numbers; none when there is no ROOT. */
int artifact_list(struct arena *a, const char *root, struct artifact **ret, size_t *ret_n, struct err *e);
/* SHA-256 of a blob as it is now, to hold against the digest. */
int artifact_digest(struct arena *a, int fd, struct str *ret, struct err *e);
/* -ENOENT when there is none. */
int artifact_remove(const char *root, uint64_t id, struct err *e);
