/*
 * sandbox/sandbox.h - a copy-on-write root for a job, with many processes in it.
 *
 * The job sees this machine's own programs and files, may change all of them, and changes nothing: the root is made of
 * overlays, /tmp, /home and /dev are private, the user's home is hidden but for named tool folders. Process 1 is a small
 * init (src/sandbox/init, embedded in our binary and started from sealed memory); it starts processes on request, reaps,
 * forwards signals, and dies with slipway: kill -9 of slipway leaves nothing running.
 * Where namespaces are refused the mode is `plain`: a copied tree and a process group.
 * Ownership: sandbox_open gives a handle; sandbox_close ends every process in it and removes its scratch folder.
 * Not thread-safe; the calls block for less than a few milliseconds, but sandbox_exec never waits for the process.
 */
#pragma once
#include "core/base.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/vec.h"

enum sandbox_mode { SANDBOX_AUTO, SANDBOX_OVERLAY, SANDBOX_PLAIN };
const char *sandbox_mode_name(enum sandbox_mode m); /* "auto" "overlay" "plain" */

/* What this machine can do, each with the reason when it cannot; found by trying, once, and remembered. */
struct sandbox_caps {
    bool userns, overlay, range_map; /* range_map: newuidmap works, or we are root: several user ids inside */
    bool pids_limit;                 /* a fork bomb can be held */
    char why_userns[200], why_overlay[200], why_range_map[200];
    enum sandbox_mode best;
};
/* scratch: an existing folder on the file system where sandboxes will lie. */
const struct sandbox_caps *sandbox_probe(const char *scratch);

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

struct sandbox_spec {
    enum sandbox_mode mode;
    struct str scratch;  /* an empty existing folder of the host, owned by the sandbox from now on */
    struct str hostname;
    struct sandbox_mount *mounts; /* in order, after the root and the private folders stand */
    size_t n_mounts;
    struct str home_host; /* the user's home on the host: hidden */
    struct str home;      /* home in the sandbox, created */
    struct strs dirs;     /* further folders to create, on disk */
    struct strs memory_dirs; /* further folders to create, on tmpfs */
    bool network;         /* false: only a loopback of its own */
    unsigned max_processes; /* 0: 4096 */
    uint64_t max_memory_tmpfs; /* size of each tmpfs, bytes; 0: 512 MiB */
};

struct sandbox;

int sandbox_open(const struct sandbox_spec *spec, struct sandbox **ret, struct err *e);
enum sandbox_mode sandbox_mode_of(const struct sandbox *sb);
/* Becomes readable when sandbox_next has something. */
int sandbox_fd(const struct sandbox *sb);
/* Host's process id of process 1 (plain: of the slipway process). For tests. */
pid_t sandbox_pid(const struct sandbox *sb);

struct sandbox_cmd {
    uint64_t id; /* the caller's, unique in this sandbox while it runs */
    const struct str *argv;
    size_t n_argv;
    const struct str *env;
    size_t n_env;
    struct str cwd;
    int stdio[3]; /* descriptors to become 0, 1, 2; borrowed: the caller closes its own */
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
/* Adds a mount while it runs. A MOUNT_VIEW on a folder that is not empty is -ENOTEMPTY. */
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
