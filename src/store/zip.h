/*
 * store/zip.h - zip files: what artifacts are kept as. Everything streams; a file of any size takes a few hundred KB.
 *
 * Names are UTF-8, relative, with "/" between folders. Written are regular files, as 0644 (or as zip_add_mode says)
 * with their time, past 4 GiB as zip64, and links when they are asked for. Foreign zips are read with suspicion: names
 * that lead out, links, devices, encrypted entries and more than ZIP_ENTRIES_MAX entries or ZIP_BYTES_MAX bytes are
 * errors. Not thread-safe for one handle.
 */
#pragma once
#include "core/base.h"
#include "core/err.h"
#include "core/str.h"

#define ZIP_ENTRIES_MAX 1000000
#define ZIP_BYTES_MAX ((uint64_t)256 << 30)

struct zip_writer;
/*
 * Writes to fd, from where it stands. level: 0 (stored) to 9, -1: 6. stop: a descriptor that ends the work with
 * -ECANCELED once it is readable, or -1.
 */
int zip_begin(int fd, int level, int stop, struct zip_writer **ret, struct err *e);
/* Adds a regular file, from its start. */
int zip_add(struct zip_writer *w, struct str name, int file, struct err *e);
/* The same, with permissions of its own: who may run it shows. */
int zip_add_mode(struct zip_writer *w, struct str name, int file, unsigned mode, struct err *e);
/* Adds a link as a link; target is what it says, whether something is there or not. mtime: seconds since 1970. */
int zip_add_link(struct zip_writer *w, struct str name, struct str target, int64_t mtime, struct err *e);
/* Writes the end. Frees w in any case. */
int zip_finish(struct zip_writer *w, struct err *e);
void zip_drop(struct zip_writer *w); /* NULL is allowed */

/* An entry while zip_each tells it; borrowed for the call. */
struct zip_entry {
    struct str name; /* relative and inner; of a folder without the slash at its end */
    bool folder;
    struct zip_reader *reader;
};
/*
 * Calls each(ctx, entry) for every entry; what is negative ends it and is returned, with e left to each. stop as above.
 * -EINVAL: it is no zip, or one that is not to be trusted.
 */
int zip_each(int fd, int stop, int (*each)(void *ctx, const struct zip_entry *entry), void *ctx, struct err *e);
/* Within each: writes the entry's bytes to fd. */
int zip_extract(const struct zip_entry *entry, int fd, struct err *e);
