/*
 * sys/descent_priv.h - the way down into a tree of folders, and back.
 *
 * Noun: a descent is the stack of folders from a root to where a walk stands. A tree may be deeper than a process has
 * descriptors and its paths longer than PATH_MAX, so only the deepest folders are open; one that was closed is opened
 * again through ".." of its child and must then still be the same folder (device and inode), else the tree was moved
 * under us and the walk ends with -ESTALE. No path is ever looked up whole and no symbolic link is followed, so
 * nobody can lead the walk out of the tree.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/vec.h"

#include <sys/stat.h>

struct level {
    int fd;    /* -1 while closed */
    dev_t dev; /* with ino: who it must be when it is opened again */
    ino_t ino;
    size_t path;       /* length of the path up to here: what descent_leave cuts it to */
    struct strs names; /* what the walk still means to look at here; of the arena below */
    size_t next;       /* the next of names */
    unsigned again;    /* how often the last of names was to be looked at once more */
    struct arena *arena;
};

struct descent {
    VEC(struct level) levels;
    struct buf path;  /* relative to the root; "" there */
    const char *root; /* for messages; borrowed */
};

#define DESCENT_PATH_MAX ((size_t)16 << 20)

/* Takes over root_fd, an open folder, also when it fails; clean_descent is due in either case. */
int descent_start(struct descent *d, const char *root, int root_fd);
void clean_descent(void *d);
/* Enters a folder of the current one; -errno of openat, -ENAMETOOLONG past DESCENT_PATH_MAX. */
int descent_enter(struct descent *d, struct str name);
/* Goes back to the parent, of which descent_here is then the descriptor. Not at the root. */
int descent_leave(struct descent *d);
/* The current folder's descriptor and level. */
int descent_here(const struct descent *d);
struct level *descent_level(struct descent *d);

/* "cannot VERB 'ROOT/PATH/NAME': reason"; name may be empty. Returns -num. */
int descent_fail(const struct descent *d, struct err *e, int num, const char *verb, struct str name);

/* Opens a folder to read it, without following a link at its end. */
int folder_open_at(int dir, const char *name);
/*
 * Adds the names in an open folder, sorted by bytes, without . and ..; the descriptor stays open and is read from the
 * start. -E2BIG past 64 MiB of names.
 */
int folder_names(struct arena *a, int fd, struct strs *ret);
