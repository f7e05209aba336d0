/*
 * provider/azure/files_priv.h - what the tasks for files, artifacts, caches and reports share.
 *
 * Nouns: a search looks for all that lies below some folders, links to folders followed, and keeps what patterns pick;
 * a batch is one shell script over many names, which travel in a file of their own, each ended by a NUL.
 * Both are small coroutines within a task: *_next fills in the next op or says that it is done, *_exited takes its end.
 */
#pragma once
#include "provider/azure/run_priv.h"

/* ---- patterns, beside run_priv.h (az_match.c) ---- */

enum {
    AZ_MATCH_BASE = 1,          /* a pattern without / is of the last name */
    AZ_MATCH_NO_DOTS = 2,       /* only a dot matches the dot in front of a name */
    AZ_MATCH_BRACES = 4,        /* {a,b} are two patterns */
    AZ_MATCH_LITERAL_MARKS = 8, /* `!` and `#` in front are text */
};
/* As az_patterns_new, as tasks call it that bring options of their own. */
struct az_patterns *az_patterns_with(struct arena *a, struct str root, const struct strs *lines, unsigned flags);
/* Is there one that includes? */
bool az_patterns_any(const struct az_patterns *p);
/* Adds the absolute folders in which something could be, none below another. */
void az_patterns_roots(const struct az_patterns *p, struct strs *ret);

/* ---- searches (az_files.c) ---- */

struct az_found {
    struct str path; /* absolute */
    bool folder;
    bool broken; /* a link that leads nowhere */
    uint64_t size;
};

struct az_search {
    struct strs roots;                  /* absolute folders; those that are not there hold nothing */
    const struct az_patterns *patterns; /* NULL: all */
    bool no_follow;                     /* links are neither entered nor resolved: each is a file */
    bool folders;                       /* folders are kept, too */
    /* Its own: */
    VEC(struct az_found) found; /* in the order of the bytes of their paths, root by root */
    size_t next;                /* of roots */
    struct str listing;         /* the file that find(1) writes, while it follows links */
    bool missing;               /* a root was not there */
    bool failed;                /* the task's failure is said */
};
/* True: *op is to be started. False: it is over. */
bool az_search_next(struct az_task_run *t, struct az_search *s, struct op *op);
void az_search_exited(struct az_task_run *t, struct az_search *s, const struct op_end *end);

/* ---- batches (az_files.c) ---- */

#define AZ_ARGS_MAX 12
/* Texts with a NUL behind each, for xargs -0. */
struct az_names {
    struct buf text;
    size_t n;
};
void az_names_add(struct az_names *n, struct str name);
/* An op that runs the script by sh, with args as $1 ...; $LIST is a file of the names, taken from `names` (NULL: none).
 */
void az_batch(struct az_task_run *t, struct op *op, const char *script, const struct str *args, size_t n_args,
              struct az_names *names);
/* The script has ended: true when with status 0. Else the task fails with `what`. */
bool az_batch_good(struct az_task_run *t, const struct op_end *end, const char *what);
/* A new path in the temp folder. */
struct str az_temp_path(struct az_run *r, const char *ending);
/* Of actions/glob: the path and nothing else. */
struct str az_glob_escape(struct arena *a, struct str path);
/* Absolute: relative ones are below `base`. */
struct str az_path_below(struct az_run *r, struct str base, struct str path);

/* ---- artifacts (az_upload.c, az_download.c) ---- */

struct az_ignored {
    struct str pattern; /* of minimatch, relative to the folder */
    bool keep;          /* a line with `!` */
};
struct az_ignore {
    struct az_ignored *p;
    size_t n, cap;
};

/* One file or folder becomes an artifact. */
struct az_upload {
    struct str name, path; /* path: absolute */
    bool merge;            /* a build artifact: more files under a name that is taken */
    /* Its own, to be read: */
    bool made;      /* false at the end: it failed, or there was no file */
    size_t n_files; /* in it */
    /* Its own: */
    unsigned at, part;
    struct strs patterns;
    struct az_search search;
    bool has_ignore;
    struct az_ignore ignore;
};
/* True: *op is to be started. False: it is over; the task has failed if it failed. */
bool az_upload_next(struct az_task_run *t, struct az_upload *u, struct op *op);
void az_upload_exited(struct az_task_run *t, struct az_upload *u, const struct op_end *end);

/* No `" : < > | * ? / \` and no control characters. */
bool az_artifact_name_ok(struct str name);
/* Of System.JobIdentifier: what an artifact without a name is called. */
struct str az_artifact_default(struct az_run *r);
/* "drop", "drop (part 2)" ... */
struct str az_artifact_part(struct arena *a, struct str name, unsigned part);

/* Artifacts come to a folder. */
struct az_download {
    struct str name;     /* empty: all */
    struct str path;     /* absolute */
    struct strs lines;   /* patterns; none, or `**`: all files */
    bool in_folders;     /* each below a folder of its name, also the one that was asked for */
    bool with_name;      /* patterns begin with the artifact's name; so they do where all are asked for */
    uint64_t run;        /* of this machine; 0: this one */
    bool may_be_missing; /* none at all is no failure */
    /* Its own, to be read: */
    struct strs got; /* names of what came */
    /* Its own: */
    unsigned at;
    VEC(struct op_artifact) all;
    size_t next;
    struct str temp;
    struct az_search search;
};
bool az_download_next(struct az_task_run *t, struct az_download *d, struct op *op);
void az_download_exited(struct az_task_run *t, struct az_download *d, const struct op_end *end);

/* ---- keys of caches (az_cache_key.c) ---- */

struct az_segment {
    struct str text;
    bool files; /* not a text, but patterns of files */
    struct az_search search;
};
struct az_key {
    struct str text;
    struct str fingerprint; /* at the end: its segments, resolved, with | between them */
    VEC(struct az_segment) segments;
    size_t next;
    struct str hashes; /* the file that sha256sum writes */
    unsigned at;
};
/* Is a segment patterns of files, rather than a text? */
bool az_segment_is_path(struct str segment);
void az_key_init(struct az_task_run *t, struct az_key *k, struct str text);
bool az_key_next(struct az_task_run *t, struct az_key *k, struct op *op);
void az_key_exited(struct az_task_run *t, struct az_key *k, const struct op_end *end);

/* ---- reports (az_reports.c) ---- */

/* Files that patterns pick, read one after the other. */
struct az_reading {
    struct az_search search;
    size_t next; /* of search.found */
    /* Takes it; text is borrowed for the call. */
    void (*take)(struct az_task_run *t, struct str name, struct str text);
};
void az_reading_init(struct az_task_run *t, struct az_reading *r, struct str root, const struct strs *lines);
bool az_reading_next(struct az_task_run *t, struct az_reading *r, struct op *op);
void az_reading_exited(struct az_task_run *t, struct az_reading *r, const struct op_end *end);
/* Markdown for the summary of the run. */
void az_summary(struct az_task_run *t, struct str markdown);
/* One report in words, for the summary that views make; nothing when there is nothing in it. */
struct report;
void az_tell_report(struct az_task_run *t, struct str name, const struct report *r, bool coverage);
