/*
 * plan/facts.h - all that a provider may know of the world: collected by cli/, read by providers, never changed.
 *
 * A provider is a pure function of its text and these facts, which is what makes plans reproducible and testable.
 * Every text lives as long as the run. Absent texts have p == NULL.
 */
#pragma once
#include "core/buf.h"
#include "core/err.h"
#include "core/map.h"
#include "core/value.h"
#include "core/vec.h"
#include "trigger/trigger.h"

/* An interpreter found on this machine. */
struct interpreter {
    struct str tool;    /* "python", "node", "go" */
    struct str version; /* "3.12.1"; prereleases as "3.15.0-rc.1" */
    struct str prefix;  /* its installation: /usr, ~/.pyenv/versions/3.12.1 */
    struct str program; /* absolute path of the executable */
    struct str origin;  /* "tool cache", "uv", "pyenv", "conda", "PATH", "system" */
    bool shared_prefix; /* the prefix holds other programs too (/usr): a private wrapper is needed */
};

/* The repository around the work tree. */
struct repo_facts {
    struct str root; /* absolute path of the work tree on this machine */
    bool is_git;
    struct str owner, name; /* of the origin's URL, else the user's name and the folder's name */
    struct str remote_url;  /* as git has it, without credentials; else empty */
    struct str default_branch;
    struct str sha; /* of HEAD, 40 zeros before the first commit */
    struct str parent_sha;
    struct str branch;                             /* of HEAD, or empty when detached */
    struct str author_name, author_email, message; /* of HEAD */
    int64_t commit_ms;                             /* its time, since 1970 */
    bool dirty;                                    /* there are uncommitted changes */
};

struct machine_facts {
    struct str os_id, os_version, os_name, os_codename; /* "debian" "12" "Debian GNU/Linux 12 (bookworm)" */
    struct str machine;                                 /* "x86_64" "aarch64" */
    struct str user, hostname;
    struct interpreter *interpreters;
    size_t n_interpreters;
    struct map
        programs; /* name -> absolute path as text, for the few that plans ask for: bash sh git node python3 pwsh */
};

/* A file of this repository, or of another at a ref, to be read while planning (a called workflow). */
struct file_query {
    struct str repo; /* "owner/name"; empty: this work tree */
    struct str ref;  /* empty with an empty repo */
    struct str path; /* repository-relative */
};

struct file_found {
    uint32_t source;               /* its number in the run's sources */
    struct str commit;             /* of another repository: 40 hex digits; of this one: empty */
    const struct sources *sources; /* the run's, for who has no diagnostics to ask */
};

/* A job as the services know it. */
struct results_job {
    struct str name;  /* unique in the run */
    struct str ref;   /* "refs/heads/topic": caches are kept for it */
    struct strs refs; /* and looked for in it, then in these */
};

/* The services that actions talk to, on loopback; url is empty when there are none. */
struct results_facts {
    struct str url; /* "http://127.0.0.1:4711/" */
    /* Adds the bearer token of one job of this run; nothing when the services cannot start, which is then told. */
    void (*token)(void *ctx, const struct results_job *job, struct buf *ret);
    void *ctx;
};

/* Where the files of other repositories come from (OP_FETCH). */
struct repos_facts {
    struct str base;   /* "https://github.com", another server or a path; empty: the usual one */
    struct strs local; /* "owner/name" or "owner/name@ref": a folder of this machine stands in its stead */
    bool offline;      /* nothing may be asked */
};

struct facts {
    struct change change;
    struct value *payload; /* github.event as given with -e, or NULL: the provider makes one up */
    struct repo_facts repo;
    struct machine_facts machine;
    struct map secrets;       /* MAP_NOCASE, texts */
    struct map vars;          /* MAP_NOCASE, texts */
    struct map env;           /* --env: into every job's env context, texts */
    struct map inputs;        /* --input, texts */
    struct map substitutions; /* --substitutions: of Cloud Build, texts; MAP_CASE */
    struct map groups;        /* --var-group: of Azure, name (MAP_NOCASE) -> struct map * of texts (MAP_NOCASE) */
    struct map secure_files;  /* --secure-file: of Azure, name (MAP_NOCASE) -> the file's bytes, a text */
    struct map tasks;         /* --task: of Azure, name (MAP_NOCASE) -> "owner/name" that read_file and OP_FETCH know */
    struct map base_env;      /* what a process of a job starts from: PATH, LANG, proxies, PIP_*; texts */
    struct str actor;         /* --actor, or empty: the payload's sender, else the repository's owner */
    uint64_t run_id, run_number;
    unsigned attempt;
    int64_t now_ms; /* wall clock when the run began */
    bool debug;     /* -v -v: step debug output */
    /*
     * Reads a file into the run's sources. -ENOENT: there is none; -ENETUNREACH: another repository could not be asked
     * and was never fetched; others as `e` says. NULL where nothing may be read (fuzzing).
     */
    int (*read_file)(void *ctx, const struct file_query *q, struct file_found *ret, struct err *e);
    /*
     * Adds the names in a folder of the work tree to ret, sorted by bytes; those of folders end with a slash. -ENOENT:
     * there is none. NULL where nothing may be read.
     */
    int (*list_files)(void *ctx, struct arena *a, struct str folder, struct strs *ret);
    void *read_ctx; /* of both */
    /*
     * The number that a counter has in this run: seed when it is new, else one more than in the last run that asked.
     * Key is the provider's own, within this project. Listing asks without counting. NULL: every counter is at its
     * seed.
     */
    int64_t (*count)(void *ctx, struct str key, int64_t seed);
    void *count_ctx;
    struct results_facts results;
    struct repos_facts repos;
    struct strs jobs;       /* --job: what was asked for by name, as written */
    struct map platforms;   /* --platform: label (MAP_NOCASE) -> "host" or an image, texts */
    bool native_never;      /* --native=never: the real actions run, not those of our own */
    struct strs not_native; /* --no-native: actions (owner/repo[/path]) that run for real */
    bool only_check;        /* files are checked, no plan is asked for: a provider's read may return NULL */
    bool obey_skip_ci;      /* a message that says [skip ci] starts nothing */
    bool skip_unknown;      /* unknown actions are skipped and counted, not refused */
    bool strict;
};
