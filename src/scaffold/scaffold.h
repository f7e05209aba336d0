/*
 * scaffold/scaffold.h - writes a new project with all its pipelines, and adds pipelines to one that stands.
 *
 * Templates are files in src/scaffold/assets, embedded in the binary; the substitution language is tiny: @{name}
 * inserts an answer, lines `@if name`, `@if !name`, `@else`, `@end` choose, `@for x in list` ... `@end` repeats
 * (template.h). No hooks, no code. A project is written whole or not at all: into a folder beside its place, then
 * renamed. Bytes are deterministic: the same answers give the same files on every machine and day.
 */
#pragma once
#include "core/buf.h"
#include "core/err.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/vec.h"
#include "doc/diag.h"

struct answers {
    struct str name;                       /* folder and repository: py-skeleton */
    struct str distribution;               /* PEP 508 name: awesome-pkg */
    struct str package;                    /* import name: awesome_pkg */
    struct str description, author, owner; /* author may stay empty; owner of the repository: YOUR_ID when unknown */
    struct str licence;                    /* MIT or none */
    struct strs pythons;                   /* "3.9", "3.10", ... ascending */
    struct strs services;                  /* github codebuild cloudbuild azure; the one word none for no service */
    bool like_seed; /* other defaults: the names, Pythons and branches of the page this program grew from */
    bool branches;  /* branches develop and staging beside main; like_seed sets it */
    int64_t year;   /* of the copyright; 0: left out */
};

/*
 * Fills what is empty with defaults derived from the name, and checks all. -EINVAL with a sentence when an answer is
 * not allowed. Pure: completing twice changes nothing.
 */
int answers_complete(struct arena *a, struct answers *x, struct err *e);
/* "3.9-3.12", "3.11,3.13": expanded by minor number, ascending, each once. */
int answers_pythons(struct arena *a, struct str list, struct strs *ret, struct err *e);
/* "github,azure", "all", "none": in the order of struct answers, each once. */
int answers_services(struct arena *a, struct str list, struct strs *ret, struct err *e);
/* What only this machine knows, where the answer is empty: the author by `git config user.name`, the year by the clock.
 */
void answers_from_host(struct arena *a, struct answers *x);
/* Remarks for people, e.g. on each Python that is past its end of life on `today` ("2026-11-23"). */
void answers_notes(struct arena *a, const struct answers *x, struct str today, struct strs *ret);
/* The day up to which slipway knows the Pythons: "2026-11-23". */
const char *answers_data_date(void);

/* A project that slipway did not write, as far as it can be seen. */
struct seen {
    struct str repository; /* its name, of the remote or of the folder */
    struct str owner;      /* of the remote; empty: there is none */
    struct str name;       /* pyproject.toml, project.name; empty: not there */
    struct str requires;   /* pyproject.toml, project.requires-python; the same */
};
/*
 * Fills what is empty in x with what is seen and fits the rules for answers. ret_said: what was taken from where, in a
 * few words for people. Pure.
 */
void answers_from_seen(struct arena *a, const struct seen *seen, struct answers *x, struct str *ret_said);
/*
 * The Pythons that slipway offers and that a version specifier (PEP 440) admits in some patch release, ascending; none
 * when it admits none or cannot be read.
 */
void answers_requires(struct arena *a, struct str specifier, struct strs *ret);

struct scaffold_file {
    struct str path; /* relative */
    struct str text;
    unsigned mode; /* 0644 or 0755 */
};
/* Renders every file, sorted by path. Pure. The answers must be complete. */
int scaffold_render(struct arena *a, const struct answers *x, struct scaffold_file **ret, size_t *ret_n, struct err *e);
/*
 * The files of these services alone, as scaffold_render would write them: x->services must name them. slipway.toml is
 * not among them (record.h).
 */
int scaffold_render_services(struct arena *a, const struct answers *x, const struct strs *services,
                             struct scaffold_file **ret, size_t *ret_n, struct err *e);
/* What people do once so that the service runs the files, as the project's README says it. service: one of x. Pure. */
int scaffold_steps(struct arena *a, const struct answers *x, struct str service, struct str *ret, struct err *e);

struct scaffold_report {
    size_t written, same, different;
    struct strs conflicts; /* paths that exist with other content: nothing was written then */
    bool committed;        /* a repository with its first commit was made */
    struct str note;       /* why not, though asked for; else empty */
};
/*
 * Writes the files to dir and makes a git repository with the first commit. An absent dir is created, its parents too;
 * an empty one is filled. One that has something in it gets the files it lacks and no repository; when a file is there
 * with other content, nothing is written and -EEXIST returned with the list in ret->conflicts: the only error that
 * fills *ret.
 */
int scaffold_write(struct arena *a, const struct answers *x, const struct scaffold_file *files, size_t n,
                   struct str dir, bool git, struct scaffold_report *ret, struct err *e);
/*
 * What scaffold_write would find in dir, which exists: fills same, different and conflicts, and missing[0..n) for each
 * file. Nothing is written.
 */
int scaffold_survey(struct arena *a, const struct scaffold_file *files, size_t n, struct str dir, bool *missing,
                    struct scaffold_report *ret, struct err *e);
/* A unified diff of what is in dir against what would be written, into out. Nothing is written; no difference, no text.
 */
int scaffold_diff(struct arena *a, const struct scaffold_file *files, size_t n, struct str dir, struct buf *out,
                  struct err *e);
