/*
 * sandbox/sandbox.h - a copy-on-write root for a job, with many processes in it.
 *
 * The job sees this machine's own programs and files, may change all of them, and changes nothing: the root is made of
 * overlays, /tmp, /home and /dev are private, the user's home is hidden but for named tool folders. Process 1 is a
 * small init (src/sandbox/init, embedded in our binary and started from sealed memory); it starts processes on request,
 * reaps, forwards signals, and dies with slipway: kill -9 of slipway leaves nothing running. Where namespaces are
 * refused the mode is `plain`: the job sees and may change the host as its user may; the paths of the spec lie below
 * scratch/root, a view is a copy, RO and RW mounts are links, and a reaper ends what the job started. Ownership:
 * sandbox_open gives a handle; sandbox_close ends every process in it and removes its scratch folder. Not thread-safe;
 * the calls block for less than a few milliseconds (a view in a plain sandbox as long as its copy takes), but
 * sandbox_exec never waits for the process. The thread that opens a sandbox must outlive it: it dies with that thread.
 *
 * Inside, the user is 0. What root may do there depends on who slipway is: a real root changes /usr and installs
 * packages (in the upper layer); for another user the host's files stay those of nobody, so that /usr is as good as
 * read-only, while his own files (the work tree, home) are root's.
 * Overlays: a folder of the lower layer cannot be renamed (EXDEV; mv and Python's shutil copy instead), as in
 * containers.
 */
#pragma once
#include "core/base.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/vec.h"

#include <sys/types.h>

enum sandbox_mode { SANDBOX_AUTO, SANDBOX_OVERLAY, SANDBOX_PLAIN };
const char *sandbox_mode_name(enum sandbox_mode m); /* "auto" "overlay" "plain" */

/* What this machine can do, each with the reason when it cannot; found by trying. */
struct sandbox_caps {
    bool userns, overlay, range_map; /* range_map: newuidmap works, or we are root: several user ids inside */
    bool pids_limit;                 /* a fork bomb can be held */
    char why_userns[200], why_overlay[200], why_range_map[200];
    enum sandbox_mode best; /* OVERLAY or PLAIN */
};
/*
 * Opens a small sandbox and closes it: about 3 ms, so ask once and keep the answer.
 * scratch: an existing folder on the file system where sandboxes will lie; nothing stays in it.
 */
void sandbox_probe(const char *scratch, struct sandbox_caps *ret);

enum mount_kind {
    MOUNT_VIEW,  /* copy-on-write view of host folder `source` */
    MOUNT_RO,    /* `source` (file or folder) read-only */
    MOUNT_RW,    /* `source` itself, writable: the job changes the host's folder */
    MOUNT_TMPFS, /* empty, in memory */
    MOUNT_DIR,   /* empty, on disk in the scratch folder */
};

struct sandbox_mount {
    enum mount_kind kind;
    struct str source; /* absolute, on the host */
    struct str path;   /* absolute, in the sandbox; created when absent */
    struct strs hide;  /* MOUNT_VIEW: relative paths that are not to be seen (ignored files) */
};

/* For tests: what this machine is to be denied, to see what happens elsewhere. */
enum sandbox_deny {
    SANDBOX_DENY_USERNS = 1,
    SANDBOX_DENY_RANGE_MAP = 2,     /* one user id only */
    SANDBOX_DENY_OVERLAY = 4,       /* overlayfs refuses every folder */
    SANDBOX_DENY_MOUNT_SETATTR = 8, /* Linux 5.11 */
    SANDBOX_DENY_PROC = 16,         /* a /proc of one's own, as inside some containers */
};

/* A small text that every root of the sandbox has from its birth, in a folder in memory. */
struct sandbox_file {
    struct str path, text;
    unsigned mode;
};

struct sandbox_spec {
    enum sandbox_mode mode; /* AUTO: overlay, and plain where that cannot be opened */
    unsigned deny;          /* enum sandbox_deny; 0 but in tests */
    struct str scratch;     /* an empty existing folder of the host, owned by the sandbox from now on */
    struct str hostname;
    struct sandbox_mount *mounts; /* in order, after the root and the private folders stand */
    size_t n_mounts;
    struct str home_host;             /* the user's home on the host: hidden */
    struct str home;                  /* home in the sandbox, created */
    struct strs dirs;                 /* further folders to create, on disk */
    struct strs memory_dirs;          /* further folders to create, on tmpfs */
    const struct sandbox_file *files; /* overlay only */
    size_t n_files;                   /* at most 65535, as dirs */
    bool network;                     /* false: only a loopback of its own */
    unsigned max_processes;           /* 0: 4096 */
    uint64_t max_memory_tmpfs;        /* size of each tmpfs, bytes; 0: 512 MiB */
};

struct sandbox;

int sandbox_open(const struct sandbox_spec *spec, struct sandbox **ret, struct err *e);
enum sandbox_mode sandbox_mode_of(const struct sandbox *sb);
/*
 * Where the job sees what the spec calls `path`: there, in an overlay; below scratch/root in a plain sandbox, as its
 * processes see the host's root. Paths below scratch/root stay as they are. In the arena, or path itself.
 */
struct str sandbox_path(const struct sandbox *sb, struct arena *a, struct str path);
/* Becomes readable when sandbox_next has something. */
int sandbox_fd(const struct sandbox *sb);
/* Host's process id of process 1 (plain: of the process that adopts and reaps). For tests. */
pid_t sandbox_pid(const struct sandbox *sb);

/* Part of the sandbox's root that a command in a root of its own sees. */
struct sandbox_share {
    struct str from; /* absolute, in the sandbox; a file or folder with all that is mounted below it */
    struct str to;   /* absolute, in the command's root; created */
    bool read_only;
};

struct sandbox_cmd {
    uint64_t id; /* the caller's, unique in this sandbox while it runs */
    const struct str *argv;
    size_t n_argv;
    const struct str *env;
    size_t n_env;
    struct str cwd;
    int stdio[3]; /* descriptors to become 0, 1, 2; borrowed: the caller closes its own */
    /*
     * The command gets a root of its own: as the sandbox's was opened, with the mounts that were added since, views
     * copy-on-write anew, and without what others wrote but for `shares`. What the command leaves running is killed
     * when it ends, before its end is told; what it wrote is removed behind it. argv and cwd are paths of that root;
     * a cwd that is not there is made. A plain sandbox has one root only: a share is -ENOTSUP there unless `to` is
     * `from`.
     */
    bool fresh_root;
    const struct sandbox_share *shares;
    size_t n_shares;
};
/* Asks for a process. Not starting (no program, no folder) is told by sandbox_next, not here. */
int sandbox_exec(struct sandbox *sb, const struct sandbox_cmd *cmd, struct err *e);

enum sandbox_event_kind { SANDBOX_EXITED, SANDBOX_SIGNALLED, SANDBOX_NOT_STARTED, SANDBOX_GONE };
struct sandbox_event {
    enum sandbox_event_kind kind;
    uint64_t id;
    int status;     /* exit status or signal */
    struct err err; /* NOT_STARTED and GONE: why */
};
/* 1 and an event, 0 when there is none now, negative when the sandbox is broken. SANDBOX_GONE: process 1 ended. */
int sandbox_next(struct sandbox *sb, struct sandbox_event *ret, struct err *e);

/* Signals the process and all its descendants; id 0: every process in the sandbox but process 1. */
int sandbox_signal(struct sandbox *sb, uint64_t id, int signal, struct err *e);
/*
 * Adds a mount while it runs. A MOUNT_VIEW on a folder that is not empty is -ENOTEMPTY. Descriptors and working folders
 * that were opened below path before still show what was there.
 */
int sandbox_mount(struct sandbox *sb, const struct sandbox_mount *m, struct err *e);
/*
 * Opens a path inside the sandbox and returns a descriptor of ours (close-on-exec). Links are resolved inside.
 * O_CREAT takes mode. A descriptor of a folder serves openat; walk below it with O_NOFOLLOW.
 */
int sandbox_openat(struct sandbox *sb, struct str path, int flags, mode_t mode, struct err *e);
/* Ends everything in it, waits for it, removes the scratch folder unless keep. Frees sb. NULL is allowed. */
int sandbox_close(struct sandbox *sb, bool keep, struct err *e);

/* Removes what a killed slipway left below runs_dir: folders whose `lock` file nobody holds. Returns how many. */
int sandbox_sweep(const char *runs_dir, struct err *e);
