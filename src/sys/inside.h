/*
 * sys/inside.h - paths as they are seen from a root that is not ours.
 *
 * `root` is a descriptor of the folder that counts as "/". Links are resolved below it, absolute ones too, and ".."
 * stays at it, so that nothing that a job made leads out. No call changes the working folder: any thread may ask.
 */
#pragma once
#include "core/base.h"
#include "core/str.h"

/*
 * Opens an absolute path; a new descriptor, close-on-exec, or -errno. A link at the end is followed unless flags hold
 * O_NOFOLLOW. O_CREAT takes mode. -ELOOP past 40 links, -ENAMETOOLONG past 256 folders.
 */
int inside_open(int root, struct str path, int flags, mode_t mode);
/* Opens a folder (O_RDONLY); it and those above it are made, 0755, where they are absent. */
int inside_make(int root, struct str path);
