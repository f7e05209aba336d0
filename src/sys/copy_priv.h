/*
 * sys/copy_priv.h - copying one entry of a folder: what tree_copy and tree_copy_listed share.
 *
 * Noun: a place is a name in an open folder. Nothing is looked up by a longer path and no link is followed.
 */
#pragma once
#include "core/base.h"

#include <sys/stat.h>

struct place {
    int dir;
    const char *name;
};

/*
 * Makes at `to` what is at `from` and described by st: a regular file, a symbolic link, a pipe or a device, with
 * mode, owner (where allowed) and times. A socket is passed over: it is dead without its process. Folders are the
 * caller's business. `to` must not exist. 0 or -errno.
 */
int copy_entry(struct place from, struct place to, const struct stat *st);
/* Mode, owner and times of st for an open file or folder. */
int copy_traits(int fd, const struct stat *st);
/* Data from the start of one regular file to the other, empty one: shared extents, else in the kernel, else by hand. */
int copy_data(int from, int to, const struct stat *st);
