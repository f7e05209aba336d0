/*
 * sandbox/init/init.h - the first process of a sandbox: what its files share.
 *
 * Nouns: the box is the sandbox seen from within; a running command has the caller's id and a process id; a layer is a
 * pair of folders in scratch, upper and work of one overlay.
 * The program is single-threaded, has no C library, allocates by mmap only, and keeps all its state in one struct on
 * the stack of init_main. Functions answer 0 or a negative errno; where a text says what failed, it is in box.why.
 *
 * Mount namespaces: the first (outer) shows the host and is where sources are found; the second (inner) is the job's,
 * in which the host's root is no more mounted. Only process 1 holds a descriptor of the outer one.
 */
#pragma once
#include "sandbox/init/sys.h"
#include "sandbox/init/wire.h"

#define RUN_MAX 512      /* commands at a time */
#define TEXTS_MAX 262144 /* texts of a message */
#define PATH_BYTES 4096
#define MOUNTINFO_MAX (4u << 20)
#define COVER_DEPTH 24 /* folders above the scratch folder or a mount point */
#define COVER_MAX 4096 /* mounts that make up a root */
#define PARTS_MAX 192  /* parts of roots that a steward uses again */
#define PRINT_MAX 1024 /* entries of an upper layer at its birth that are worth comparing */
#define IDLE_MAX 4     /* stewards that wait */
#define STEWARDS_MAX (RUN_MAX + IDLE_MAX)

/* A command under way. One with a root of its own is the child of a steward (steward.c). */
struct run {
    uint64_t id;
    int pid;        /* 0: the steward has not started it yet */
    int steward;    /* 0: it is our own child */
    uint64_t early; /* signals that came before its start, as a mask */
};

struct message {
    struct wire_head head;
    char *texts[128]; /* where all of them are when they are few */
    char **all;       /* NULL-terminated */
    size_t n;
    int fds[4]; /* -1 where there is none; a memfd is the last */
    size_t n_fds;
    size_t bytes; /* as it came */
    void *map;    /* of the memfd, or NULL */
    size_t map_bytes, all_bytes;
    _Alignas(16) char inline_bytes[WIRE_INLINE];
};

/* A page that children share with process 1. */
struct shared {
    int num;       /* negative: what failed */
    uint32_t what; /* enum wire_what: where an exec failed */
    uint32_t got;
    char why[WIRE_TEXT];
};

/* What the root was made of, to make others like it: WIRE_OPEN, and what was mounted since. */
struct birth {
    uint64_t tmpfs_bytes;
    const char *home, *hostname;
    char **files; /* three texts each */
    size_t n_files;
    char **dirs;
    size_t n_dirs;
    char **memory_dirs;
    size_t n_memory_dirs;
};

struct mounted {
    struct mounted *next;
    uint32_t kind; /* enum mount_kind of sandbox.h */
    bool only_one; /* its source is a copy that no other root may see */
    uint64_t bytes;
    const char *source, *path;
    char **hide;
    size_t n_hide;
};

/* Process 1's view of one. */
struct steward {
    int pid, sock;
    unsigned n_mounted; /* what its roots are built with */
    enum { STEWARD_BUSY, STEWARD_RENEWING, STEWARD_IDLE } state;
};

/* An overlay, or a folder on disk, that one root of a steward after the other is made of (part.c). */
struct part {
    const char *path; /* in the root; NULL: free */
    enum { PART_COVER, PART_VIEW, PART_FOLDER } kind;
    unsigned place; /* of the parking tmpfs, where an overlay is mounted */
    int rc;         /* negative: it cannot be made */
    bool compared;
    const char *upper, *work; /* of a folder: itself, and "" */
    uint64_t sum;             /* of what upper held at its birth */
    unsigned entries;
};

/* What a steward tells process 1. */
struct report {
    enum { REPORT_STARTED, REPORT_NOT_STARTED, REPORT_ENDED, REPORT_READY } kind;
    uint64_t id; /* of the run */
    int num;     /* the process id, the reason, what wait says, or the steward's own process id */
    uint32_t what;
    char text[WIRE_TEXT];
};

struct box {
    int signals;      /* signalfd of SIGCHLD */
    int outer, inner; /* mount namespaces */
    int reports[2];   /* stewards write to [1] */
    struct birth birth;
    struct mounted *first_mounted, *last_mounted;
    unsigned n_mounted;
    unsigned n_born; /* stewards there ever were: names of their layers */
    size_t n_stewards;
    struct steward stewards[STEWARDS_MAX];
    /* In a steward, from here to `once`. */
    struct part *parts; /* NULL: nothing is used again */
    size_t n_parts;
    char parking[PATH_BYTES]; /* where overlays wait */
    char *content;            /* scratch of part.c */
    bool parking_now;         /* overlays are being made and parked, and nothing else */
    bool once;                /* there are too many parts */
    int root;                 /* the new root, while it is being built */
    uint32_t flags, got;      /* enum wire_flags, enum wire_got */
    uint32_t process_limit;
    unsigned layers;       /* how many there are: their names begin with it */
    unsigned mounts;       /* made by cover() */
    const char *home_host; /* never shown */
    const char *hidden;    /* never shown: scratch, or the folder of all runs that it belongs to */
    bool memory_layers;    /* the root's tmpfs can hold upper layers */
    char scratch[PATH_BYTES], home_bytes[PATH_BYTES], hidden_bytes[PATH_BYTES];
    char disk[PATH_BYTES];   /* scratch/layers: where upper layers and folders lie on disk */
    char memory[PATH_BYTES]; /* disk/root/layers: where they lie in memory, while the root is being built */
    char upper[PATH_BYTES], work[PATH_BYTES]; /* the newest layer: layer_new */
    char *mountinfo;                          /* read when first needed; mapped, MOUNTINFO_MAX long */
    struct shared *shared;                    /* what a child leaves behind */
    size_t n_runs;
    struct run runs[RUN_MAX];
    char why[WIRE_TEXT];
    struct message m;
};

/* From here to the end of the file: the parts, by file. */

/* Sets why to "what path" (path may be NULL) and returns num. */
int box_fail(struct box *b, long num, const char *what, const char *path);
/* Zeroed memory, or NULL. */
void *map_new(size_t bytes);
void map_free(void *p, size_t bytes);
/* A copy of n texts that stays, NULL behind them; NULL: no memory. */
char **texts_copy(char *const *texts, size_t n);

/* message.c. receive: 1, 0 at the end (the other side is gone), or -errno. */
int message_receive(struct message *m, int fd);
/* Passes it on as it came, with its descriptors. */
long message_forward(const struct message *m, int fd);
void message_done(struct message *m);
void answer(const struct wire_answer *a, int fd);
void answer_num(struct box *b, uint32_t type, uint64_t id, long num);

/* mount.c: pieces. They leave a detached mount's descriptor, or attach one. */
long dir_make_at(int root, const char *path, uint32_t mode);
long dir_open(int root, const char *path);
int tmpfs_make(struct box *b, uint64_t bytes, uint32_t mode);
/*
 * New upper and work folders, below `where`, for what is shown at `path`; the upper gets the mode and owner of what
 * `lower` is open on.
 */
int layer_new(struct box *b, int lower, const char *where, const char *path);
/* The overlay of the newest layer over the folder that `lower` is open on, which becomes the working folder. */
int overlay_make(struct box *b, int lower);
/* An empty folder on disk for `path`, as a detached mount. */
long disk_make(struct box *b, const char *path, uint32_t mode);
enum bind_how { BIND_RW, BIND_RO, BIND_DEVICE };
/* A copy of the mount at dir/path with what is mounted below it. late: mount_attach has to make it read-only. */
long bind_make(struct box *b, int dir, const char *path, enum bind_how how, bool *ret_late);
/* A copy of what is mounted at `from` and below, for another root. */
long share_make(struct box *b, const char *from, bool read_only, bool *ret_folder, bool *ret_late);
long mount_attach(int mnt, int target, bool late);
/* The host's `source` (file or folder) at `path` of the new root, which is created. */
long bind_at(struct box *b, const char *source, const char *path, enum bind_how how);
/* A detached mount at the folder `path` of the new root, which is created. */
long put_at(struct box *b, int mnt, const char *path);
/* Opens path below root as a mount target, creating it as a folder or an empty file. */
long target_open(int root, const char *path, bool folder);

/* root.c */
int root_build(struct box *b);
/*
 * Other roots like the first, with the mounts that were added since. Upper layers and folders lie in b->disk, which
 * exists. First, in a namespace that stays: parts that are missing are made. Then, in a copy of it: the root.
 */
int root_prepare(struct box *b);
int root_again(struct box *b);
/* names.c: what /etc says of this machine and of its resolver. */
int names_fill(struct box *b, const char *path);
int resolver_show(struct box *b);
/* cover.c: shows the host's folder `path` in the new root, copy-on-write where that can be. */
int cover(struct box *b, const char *path, unsigned depth);
/* Is something mounted below path (not on it)? */
bool mounts_below(struct box *b, const char *path);
/* Top folders where installers put much. */
bool is_large(const char *path);
/* each(ctx, path of the entry) for all in a folder until one answers other than 0, which is returned. */
int dir_each(const char *path, int (*each)(void *ctx, const char *path), void *ctx);
/* part.c */
int parts_open(struct box *b);
struct part *part_find(struct box *b, uint32_t kind, const char *path);
/* NULL: there are too many. */
struct part *part_new(struct box *b, uint32_t kind, const char *path);
/* Takes over the overlay of the newest layer, or why there is none. */
long part_keep(struct box *b, struct part *p, long mnt);
/* A descriptor of the mount that waits, to be moved. */
long part_take(struct box *b, const struct part *p);
/* Upper and work folder ("": none), of which the first is remembered as it is. */
int part_born(struct box *b, struct part *p, const char *upper, const char *work);
/* Drops those that a command has changed. */
void parts_check(struct box *b);

/* view.c: a mount while the job runs; and all of these anew, in a root that is being built. */
int view_mount(struct box *b);
int views_again(struct box *b);
/* Makes the overlays that are missing among the parts. */
int views_park(struct box *b);

/* exec.c */
struct command {
    char **shares; /* three texts each */
    size_t n_shares;
    const char *cwd;
    char **argv, **env;
};
/* The command that the box's message asks for; false: it asks wrongly. */
bool command_read(struct box *b, struct command *ret);
/* Its process id, or -errno; b->shared->num and ->what say why it has not become the program. */
long command_spawn(struct box *b, const struct command *c);
void command_start(struct box *b);
void command_not_started(uint64_t id, int num, uint32_t what, const char *name);

/* steward.c */
int stewards_open(struct box *b);
/* The box's message, whose command is to run in a root of its own. */
void steward_start(struct box *b, struct run *r);
/* Those that wait for a command go. */
void stewards_idle_drop(struct box *b);
/* Takes what stewards have reported. */
void stewards_hear(struct box *b);
/* Is it a steward's end? Then what it left undone is done. */
bool steward_ended(struct box *b, int pid);

/* main.c */
void tell_ended(struct box *b, struct run *r, int status);

/* signal.c: 0 or -ESRCH. */
int signal_all(struct box *b, int sig);
int signal_run(struct box *b, uint64_t id, int sig);
/* All that descend from the process, without itself. */
size_t signal_descendants(struct box *b, int pid, int sig);

/* remove.c: the tree below path, and path. Unlike slipway it may, with the ids that the job had. */
long tree_unlink(const char *path);
