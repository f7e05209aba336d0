/*
 * sys/file.h - files and trees. Every descriptor is close-on-exec at birth.
 *
 * Errors name the path. Sizes are bytes. Nothing here follows a symbolic link when it removes or copies a tree.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"

void clean_fd(void *fd); /* CLEAN(fd) int fd = -1; closes when >= 0 */
void fd_close(int *fd);  /* closes and sets -1; -1 is allowed */

/* Reads a whole regular file; -EFBIG past max, -EISDIR for a folder, -EINVAL for a device or a pipe. */
int file_read(struct arena *a, const char *path, size_t max, struct str *ret, struct err *e);
int file_read_at(struct arena *a, int dir, const char *path, size_t max, struct str *ret, struct err *e);
/*
 * Writes a new or existing file whole (a temporary beside it, then rename): readers see the old text or the new one,
 * and on an error the old one stays. mode is masked by umask. A symbolic link at `path` is replaced, not followed.
 */
int file_write(const char *path, struct str text, mode_t mode, struct err *e);
/* Creates dir and fails with -EEXIST never; parents too. */
int dir_make(const char *path, mode_t mode, struct err *e);
bool path_exists(const char *path); /* a dangling link exists */
bool path_is_dir(const char *path); /* or a link to one */
/* Absolute, links resolved. */
int path_real(struct arena *a, const char *path, struct str *ret, struct err *e);
/*
 * Removes the tree below `path` and path itself; absent is success. Folders without permission are opened up first
 * (overlayfs leaves mode 0 work folders). Never crosses into another file system.
 */
int tree_remove(const char *path, struct err *e);
/*
 * Copies a tree (or one file): modes, times, links and holes kept, owners where allowed; data by reflink where the
 * file system can. Sockets are passed over, extended attributes are not copied. `to` must not exist; on an error it is
 * removed again. -EINVAL when `to` lies in `from`.
 */
int tree_copy(const char *from, const char *to, struct err *e);
/*
 * As tree_copy, but `to` may exist: folders grow together, whatever else is in the way is replaced (a folder that is
 * in the way of a file is not: -EISDIR). On an error what was copied stays.
 */
int tree_merge(const char *from, const char *to, struct err *e);
/*
 * Copies only the named relative paths (regular files, links, folders as a whole) with the folders above them. `to`
 * may exist. A path that is absent, or lies behind a link, is passed over (git lists deleted files too), one named
 * twice is copied once; one that leaves `from` is -EINVAL.
 */
int tree_copy_listed(const char *from, const char *to, const struct str *paths, size_t n, struct err *e);
/*
 * Calls each(ctx, relative path, struct stat) for everything below dir in byte order, folders before what is in them;
 * each returns 0 to go on, 1 not to enter this folder, negative to stop: that is then returned, and e is left to each.
 * Links are told, not followed, save `dir` itself.
 */
struct stat;
int tree_walk(const char *dir, int (*each)(void *ctx, struct str rel, const struct stat *st), void *ctx, struct err *e);
/* The same for an open folder, which it takes over; `name` is what messages call it. */
int tree_walk_fd(int fd, const char *name, int (*each)(void *ctx, struct str rel, const struct stat *st), void *ctx,
                 struct err *e);

/* The names of a folder's entries, sorted by bytes, without . and .. */
struct strs;
int dir_list(struct arena *a, const char *path, struct strs *ret, struct err *e);

/* Writes all n bytes, over EINTR and short writes. */
int fd_write(int fd, struct str s, struct err *e);
/* As fd_write, at a byte of a regular file; the descriptor's own place does not move. */
int fd_write_at(int fd, struct str s, uint64_t at, struct err *e);
/* A new file in the folder dir that has no name, read and written: the descriptor, or -errno. It goes with its last
 * descriptor. */
int file_nameless(const char *dir, struct err *e);
/* A lock on a file, held while the descriptor is open. wait false: -EWOULDBLOCK when another process holds it. */
int file_lock(const char *path, bool wait, int *ret_fd, struct err *e);
/* Free bytes where `path` lies. */
int disk_free(const char *path, uint64_t *ret_bytes, struct err *e);
