/*
 * plan/driver.h - the contract between a provider, who knows what should happen next, and the engine, who makes it so.
 *
 * A driver is a coroutine in disguise. For each leg the engine calls begin once, then next again and again: the
 * driver answers with an op (run this process, show the project here, restore that cache), the engine carries it out,
 * feeds line() with every line of output, and exited() with how it ended. Ops run side by side when the driver starts
 * another before the first has ended; ops that are no processes may be over, exited() and all, before they are started.
 * The driver keeps its place (pre, main, post, finally) in a struct of its own. The engine keeps processes, time,
 * limits, masking and cancellation.
 *
 * A driver is pure: it reads facts, writes ops, and tells what happened through host->emit. It opens no file and
 * starts no process; files of a job travel in ops as texts (`writes` before, `reads` after).
 * Lifetimes: all that a driver puts into an op lives until that op's exited(); all texts in op_end live until
 * exited() returns. Every slot is required unless its comment says otherwise.
 */
#pragma once
#include "core/err.h"
#include "plan/facts.h"
#include "plan/plan.h"

/* What the engine offers a driver while a leg runs. */
struct host {
    const struct facts *facts;
    void *ctx;
    /* Tells what happened; job and time are filled in, texts are masked. The event is borrowed for the call. */
    void (*emit)(void *ctx, struct event *ev);
    /* From now on this text never shows. Empty texts are ignored. */
    void (*mask)(void *ctx, struct str secret);
    /*
     * SHA-256 over files of the job's workspace that match the patterns (github-actions specification 4.11), as
     * lower-case hex into ret (65 bytes); "" when nothing matches. root: absolute path in the job. follow: links to
     * folders are entered. May be NULL in previews: the expression is then not evaluated.
     */
    int (*hash_files)(void *ctx, struct str root, const struct strs *patterns, bool follow, char ret[65],
                      struct err *e);
    /* A fresh version 4 UUID. Deterministic in tests. */
    void (*uuid)(void *ctx, char ret[37]);
};

enum gate { GATE_RUN, GATE_SKIP, GATE_FAIL, GATE_EXPAND };

/*
 * Where a leg lives. All paths are absolute and inside the sandbox; the engine creates the folders, private and empty.
 * prefix comes filled in: every path that the driver makes up begins with it. It is empty, but for `plain` sandboxes,
 * whose jobs see this machine's own root and get a folder of it as theirs.
 */
struct leg_room {
    struct str prefix;
    struct str home;      /* the user's home: "/home/runner" */
    struct str workspace; /* where the project will be shown: "/home/runner/work/repo/repo" */
    struct str temp;      /* on memory when possible; for scripts and small files */
    struct strs dirs;     /* further folders to create */
};

enum op_kind {
    OP_EXEC,      /* run argv */
    OP_FILES,     /* write `writes`, read `reads`; no process */
    OP_VIEW,      /* show the project's work tree, copy-on-write, at view_path (which must be empty or absent) */
    OP_FETCH,     /* show the files of another repository, copy-on-write, at fetch.path; op_end.matched is the commit */
    OP_RESTORE,   /* put back what was kept; op_end.matched says which key, empty: a miss */
    OP_SAVE,      /* keep cache.paths under cache.key; matched is the key, or empty: it was there already. -ENOENT: no
                     path is there */
    OP_UPLOAD,    /* make an artifact of files of the job; op_end.artifacts is it, or none: no file was found */
    OP_DOWNLOAD,  /* unpack the artifact artifact.id below artifact.path; op_end.matched is its digest as it is now */
    OP_ARTIFACTS, /* op_end.artifacts: those of this run, in order of their making */
    OP_UNLINK_ARTIFACT, /* forget the artifact artifact.id */
    OP_STOP,            /* stop the op under way whose token is `target`, by its own ladder; it ends as OP_STOPPED */
    OP_FIND,            /* op_end.files: what lies below find.root, for a driver with patterns of its own */
    OP_EXPORT, /* leave files of the job on this machine, below the run's own folder; op_end.matched is where */
};

/* A folder or file of the leg's root that a process in a root of its own sees, at a path of its own. */
struct op_share {
    struct str from; /* absolute, in the leg's root; it exists */
    struct str to;   /* absolute, in the process's root; created */
    bool read_only;
};

/* What OP_FIND saw. Pipes, sockets and devices are not told. */
struct op_found {
    struct str path; /* relative to find.root, as it lies there: links are told, not followed */
    enum { FOUND_FILE, FOUND_FOLDER, FOUND_LINK } kind;
    uint64_t size;    /* bytes of a file */
    int64_t mtime_ns; /* since 1970 */
};

/* A file that OP_EXPORT leaves on this machine. */
struct op_exported {
    struct str from; /* absolute, in the job; a link is followed inside of it, unless export.links keeps it */
    struct str to;   /* relative and inner, with / between folders */
};

/* An artifact of the run, as the store keeps it. */
struct op_artifact {
    uint64_t id;       /* from 1, unique in the run */
    struct str name;   /* unique in the run */
    struct str digest; /* SHA-256 of what is kept, lower-case hex */
    uint64_t size;     /* bytes of what is kept */
    size_t n_files;    /* OP_UPLOAD only */
    bool raw;          /* kept as the one file that it is; else a zip */
};

struct op_file {
    struct str path; /* absolute, inside the sandbox; its folder exists */
    struct str text;
    unsigned mode; /* 0644 when 0 */
};

/* When a process must go: signals in order, each with the time until the next; KILL follows the last. */
struct stop_stage {
    int signal;
    int64_t wait_ns;
};

struct op {
    enum op_kind kind;
    unsigned token; /* the driver's own number, unique among the leg's ops that are under way */
    unsigned step;  /* event number of the step it belongs to, 0: the job itself */
    /* OP_EXEC */
    struct str *argv; /* argv[0] is looked up on the PATH of env, inside the sandbox, unless it holds a slash */
    size_t n_argv;
    struct str *env; /* whole: "NAME=VALUE" */
    size_t n_env;
    struct str cwd;
    struct op_file *writes; /* written before the process starts */
    size_t n_writes;
    struct str *reads; /* read when it has ended; missing files come back absent */
    size_t n_reads;
    size_t read_max;    /* bytes for each of them; more is -EFBIG in op_end.read_errors */
    int64_t timeout_ns; /* 0: none */
    /*
     * What the process leaves behind may hold its pipes for so long; then the op is over. What it prints later still
     * comes through line(), with the token of the op. 0: the engine's own limit, and later lines are dropped.
     */
    int64_t orphan_wait_ns;
    const struct stop_stage *ladder;
    size_t n_ladder;
    /* OP_VIEW */
    struct str view_path;
    struct strs view_hide; /* relative, inner paths of the work tree that are not to be seen, beside the engine's own */
    /* OP_RESTORE, OP_SAVE */
    struct {
        struct str space; /* what kind of cache: "github" */
        struct str scope; /* the branch it belongs to; restore looks in `scope`, then in `scopes` */
        struct strs scopes;
        struct str version; /* entries of other versions do not match */
        struct str key;
        struct strs restore_keys; /* prefixes, tried in order after key */
        /*
         * What is kept: files and folders, absolute or below `root`, with wildcards of actions/glob ("!" excludes).
         * They come back to the same places; a folder outside of root that is not there or empty is shown
         * copy-on-write, all else is written.
         */
        struct strs paths;
        struct str root;
        bool look_only; /* OP_RESTORE: only ask whether it is there */
    } cache;
    /* OP_FETCH */
    struct {
        struct str repo; /* "owner/name" */
        struct str ref;  /* a branch, a tag or a whole commit */
        struct str path; /* absolute, inside the sandbox; made by the engine */
    } fetch;
    /* OP_UPLOAD, OP_DOWNLOAD, OP_UNLINK_ARTIFACT */
    struct {
        uint64_t id;
        struct str name;
        struct strs patterns; /* OP_UPLOAD: of actions/glob, relative ones below root; links are followed */
        struct str root;
        bool hidden;     /* take files and folders whose names begin with a dot */
        bool any_names;  /* OP_UPLOAD: names of files may hold what GitHub's artifacts refuse (quotes, colons, newlines)
                          */
        bool overwrite;  /* an artifact of that name is replaced; else -EEXIST */
        bool raw;        /* exactly one file, kept as it is, under its own name; -E2BIG: there are more */
        int level;       /* of compression, 0 to 9; -1: the usual */
        struct str path; /* OP_DOWNLOAD: absolute, made when absent */
        bool keep_packed; /* OP_DOWNLOAD: the zip itself, as <name>.zip */
        uint64_t run;     /* OP_DOWNLOAD, OP_ARTIFACTS: of another run of this machine; 0: this one */
    } artifact;
    unsigned target; /* OP_STOP */
    /*
     * OP_EXEC: the process gets a root of its own, as the leg's was born, with the views added since (each
     * copy-on-write anew) and without anything that other processes wrote, but for `shares`. cwd and argv are paths in
     * it; a cwd that is not there is made; writes and reads are still paths of the leg. What it leaves running is
     * killed when it ends, and the root is taken down behind it. In a `plain` sandbox there is only one root: shares
     * whose `to` is not `from` are -ENOTSUP then, the rest is obeyed (no share is read-only there).
     */
    bool fresh_root;
    const struct op_share *shares;
    size_t n_shares;
    /* OP_FIND */
    struct {
        struct str root;  /* absolute, in the job; -ENOENT when it is not there */
        size_t max;       /* of entries; more is -E2BIG. 0: 100,000 */
        struct strs skip; /* names of folders that are not entered (".git"); they are told all the same */
    } find;
    /* OP_EXPORT */
    struct {
        /* Relative and inner: the folder, or the zip file, below the run's artifacts. Its first name is no number and
         * has no dot in front. -EEXIST: it is there already. */
        struct str name;
        struct op_exported *files;
        size_t n_files;
        bool zip;   /* one zip file instead of a folder */
        bool links; /* of a zip: links stay links, wherever they lead; in a folder they are always followed */
    } export;
};

enum op_how {
    OP_EXITED,     /* status is the exit status; other kinds: done */
    OP_SIGNALLED,  /* status is the signal */
    OP_TIMED_OUT,  /* its own timeout */
    OP_STOPPED,    /* the engine stopped it because the job was cancelled */
    OP_NOT_STARTED /* err says why: no such program, no such folder, disk full */
};

struct op_end {
    unsigned token;
    enum op_how how;
    int status;
    struct err err;
    struct str *reads;  /* as many as op.n_reads; p == NULL: missing */
    int *read_errors;   /* 0 or -errno each */
    struct str matched; /* OP_RESTORE, OP_SAVE: the key, or empty. OP_FETCH: the commit. OP_DOWNLOAD: the digest.
                           OP_EXPORT: the absolute path of the folder or zip file on this machine */
    struct str found;   /* OP_UPLOAD: the folder that names in the artifact are relative to */
    struct op_artifact *artifacts;
    size_t n_artifacts;
    struct op_found *files; /* OP_FIND: sorted by path, bytewise; folders before what is in them */
    size_t n_files;
    uint64_t size; /* OP_EXPORT: bytes left on this machine */
    int64_t elapsed_ns;
};

enum drive {
    DRIVE_OP,   /* *op is to be started; next() is called again at once, and may start another beside it */
    DRIVE_WAIT, /* nothing to start before something under way ends */
    DRIVE_DONE  /* the leg is over: finish() follows */
};

enum line_verdict { LINE_SHOW, LINE_HIDE, LINE_REPLACED };

enum cancel_why {
    CANCEL_USER,
    CANCEL_FAIL_FAST,
    CANCEL_TIMEOUT,
    CANCEL_SUPERSEDED, /* a newcomer of its concurrency group */
    CANCEL_QUEUE_FULL, /* too many wait in its concurrency group */
    CANCEL_DEADLOCK    /* a pipeline around it holds its concurrency group */
};

struct leg_outcome {
    enum result result;     /* as shown */
    enum result conclusion; /* for dependants and for the run: after continue-on-error */
    struct map outputs;     /* texts, in the plan's arena; may be empty */
    struct str why;         /* more than the result says, or empty */
    unsigned nth;           /* the engine's: legs of its job that were over before it */
};

struct driver {
    const char *service;
    const char *failed_fast; /* plan->fail_fast: why a leg ends when another failed; NULL: the engine's words */
    /*
     * All needs of the job are over (job->needs[i]->result): does it run? GATE_RUN fills job->legs (none: the job is
     * skipped), GATE_SKIP and GATE_FAIL say why in *ret_why. GATE_EXPAND: the job calls a pipeline; job->legs are
     * filled, and the jobs of each were added to the plan (plan_add_called). With preview true, needs are assumed to
     * have succeeded and what cannot be known yet is left as written: for -l, -n and -g (plan_cut forgets what it
     * added). Called at most once without preview.
     */
    enum gate (*gate)(struct plan *p, struct job *j, const struct facts *f, bool preview, struct str *ret_why);
    /* Starts a leg. room is filled in. Returns the driver's state for it; an error is reported in e, NULL returned. */
    void *(*begin)(struct leg *leg, const struct host *host, struct leg_room *room, struct err *e);
    enum drive (*next)(void *run, struct op *op);
    /* A line of output without its newline, valid UTF-8, at most 64 KiB. LINE_REPLACED: *replacement is shown instead.
     */
    enum line_verdict (*line)(void *run, unsigned token, enum event_stream stream, struct str text,
                              struct buf *replacement);
    void (*exited)(void *run, const struct op_end *end);
    /* The job is cancelled from now on; next() goes on with what runs nevertheless. May come at any time, and again. */
    void (*cancel)(void *run, enum cancel_why why);
    /* After cancel: must the op under way be left alone? (its step's condition still holds) */
    bool (*spares)(void *run, unsigned token);
    void (*finish)(void *run, struct leg_outcome *ret);
    void (*end)(void *run); /* frees the state; NULL is allowed */
    /* All jobs of a leg that calls are over: its outcome. May be NULL where gate never answers GATE_EXPAND. */
    void (*gather)(const struct leg *leg, struct leg_outcome *ret);
    /* All legs of the job are over: merges their outcomes, which are in the order of the ends. May be NULL: worst
     * result wins, outputs of the last. */
    void (*settle)(struct job *j, const struct leg_outcome *legs, size_t n, struct leg_outcome *ret);
};
