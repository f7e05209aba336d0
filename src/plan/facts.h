/*
 * plan/facts.h - all that a provider may know of the world: collected by cli/, read by providers, never changed.
 *
 * A provider is a pure function of its text and these facts, which is what makes plans reproducible and testable.
 * Every text lives as long as the run. Absent texts have p == NULL.
 */
#pragma once
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

struct facts {
    struct change change;
    struct value *payload; /* github.event as given with -e, or NULL: the provider makes one up */
    struct repo_facts repo;
    struct machine_facts machine;
    struct map secrets;  /* MAP_NOCASE, texts */
    struct map vars;     /* MAP_NOCASE, texts */
    struct map env;      /* --env: into every job's env context, texts */
    struct map inputs;   /* --input, texts */
    struct map base_env; /* what a process of a job starts from: PATH, LANG, proxies, PIP_*; texts */
    uint64_t run_id, run_number;
    unsigned attempt;
    int64_t now_ms;    /* wall clock when the run began */
    bool debug;        /* -v -v: step debug output */
    bool skip_unknown; /* unknown actions are skipped and counted, not refused */
    bool strict;
};
