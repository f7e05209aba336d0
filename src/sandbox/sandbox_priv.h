/*
 * sandbox/sandbox_priv.h - what the files of this room share: the handle, and the talk with the init.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/vec.h"
#include "sandbox/init/wire.h"
#include "sandbox/sandbox.h"

struct idmap {
    bool range;     /* several ids inside */
    bool real_root; /* 0 inside is 0 outside */
    char why[200];  /* why there is no range */
};
struct sandbox {
    enum sandbox_mode mode;
    struct arena *arena;
    struct str scratch; /* links resolved */
    struct str root;    /* plain: scratch/root */
    char *cgroup;       /* the folder that limits processes, or NULL */
    struct idmap map;   /* overlay: the user ids inside */
    uint64_t tmpfs_bytes;
    pid_t pid; /* of the init */
    int sock;  /* to the init */
    int poll;  /* epoll of sock and ready: what the caller watches */
    int ready; /* eventfd: something is in the queue */
    bool gone, gone_told;
    VEC(struct sandbox_event) queue; /* what came while an answer was awaited */
    size_t queue_first;
};

/* ---- sandbox.c ---- */

/* sandbox_open in one mode; flags: WIRE_PROBE or 0. */
int sandbox_open_as(const struct sandbox_spec *spec, enum sandbox_mode mode, unsigned flags, struct sandbox **ret,
                    struct err *e);

/* ---- spawn.c ---- */

struct spawn_spec {
    unsigned long namespaces; /* CLONE_NEW..., or 0 */
    int sock;                 /* becomes WIRE_FD */
};
/* Starts the embedded init; with namespaces it keeps every capability of its new user namespace. */
int init_spawn(const struct spawn_spec *s, pid_t *ret_pid, struct err *e);

/* ---- idmap.c ---- */

/* Writes the maps of the user namespace of pid: a range where there may be one, else one id. */
int idmap_write(pid_t pid, unsigned deny, struct idmap *ret, struct err *e);

/* ---- wire.c ---- */

void wire_begin(struct buf *b, const struct wire_head *head);
/* Counts itself in the head. A text with a NUL is dropped and remembered: wire_send answers -EINVAL. */
void wire_text(struct buf *b, struct str s);
int wire_send(struct sandbox *sb, struct buf *b, const int *fds, size_t n, struct err *e);
/* Waits for DONE, READY or FAILED; events that come before it are queued. ret_fd may be NULL. */
int wire_await(struct sandbox *sb, struct wire_answer *ret, int *ret_fd, struct err *e);
/* 1 when an event was queued, 0 when none is there. */
int wire_drain(struct sandbox *sb, struct err *e);
/* The error that an answer tells, as -errno. */
int wire_error(const struct wire_answer *a, struct err *e);

/* ---- cgroup.c ---- */

/*
 * A new group for at most `limit` processes, pid among them or soon: returns its tasks file, to be written by who joins
 * it, or -1. *ret_path is NULL when there is no group, else heap.
 */
int cgroup_new(pid_t pid, unsigned limit, char **ret_path);
void cgroup_remove(const char *path);
/* Removes the groups that killed slipways left. */
void cgroup_sweep(void);

/* ---- plain.c ---- */

int plain_open(struct sandbox *sb, const struct sandbox_spec *spec, struct err *e);
int plain_mount(struct sandbox *sb, const struct sandbox_mount *m, struct err *e);
int plain_openat(struct sandbox *sb, struct str path, int flags, mode_t mode, struct err *e);
/* Copies `from` to `to`, which must not exist, without the hidden paths. */
int copy_without(struct arena *a, const char *from, const char *to, const struct strs *hide, struct err *e);

/* ---- sweep.c ---- */

/* Removes a tree in which other ids than ours may own files. */
int scratch_remove(const char *path, struct err *e);
